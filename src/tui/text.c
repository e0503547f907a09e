/* SPDX-License-Identifier: ISC */
/* Something to read: evidence of a check, a proof sheet. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"

#include <stdlib.h>

struct text {
	char *title;
	struct pager pager;
};

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct text *t = state;
	const struct text_argument *what = argument;
	(void)a;
	if (!what)
		return err_set(e, ERR_REFUSED, _("there is nothing to read here"));
	t->title = xstrdup(what->title);
	for (size_t i = 0; i < what->n; i++)
		if (what->parts[i].text)
			pager_add(&t->pager, what->parts[i].role, what->parts[i].indent,
				  what->parts[i].text);
	return 0;
}

static void close_text(struct app *a, void *state)
{
	struct text *t = state;
	(void)a;
	pager_release(&t->pager);
	free(t->title);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct text *t = state;
	(void)a;
	pager_fit(&t->pager, height - 2, width - 2);
}

/* The title is data ("leaf01: free space"), so it stands in the body, not in the frame. */
static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct text *t = state;
	struct canvas inner = canvas_part(c, 2, 1, -1, c->w - 2);
	(void)a;
	(void)canvas_text(c, 0, 1, c->w - 2, ROLE_HEADER, t->title ? t->title : "");
	canvas_line(c, 1, ROLE_BORDER);
	pager_draw(&t->pager, &inner);
	if (!t->pager.searching)
		canvas_cursor(c, 0, 1);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct text *t = state;
	(void)a;
	return pager_key(&t->pager, k);
}

static bool typing(const void *state)
{
	const struct text *t = state;
	return t->pager.searching;
}

static void done(struct app *a, void *state)
{
	(void)state;
	app_back(a);
}

static const struct key_action actions[] = {
    {"done", "Enter", NC_("a text", "Done"), N_("Enough read: back to the screen before"), done, NULL},
    {0},
};

const struct screen screen_text = {
    .name = "text",
    .title = N_("Read"),
    .about = N_("Text to read in full: what was sent to a device, what came back, what it means."),
    .size = sizeof(struct text),
    .actions = actions,
    .open = open,
    .close = close_text,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
