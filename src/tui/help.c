/* SPDX-License-Identifier: ISC */
/* The help of the screen below: what it is for, and every action from the same tables as the keys. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <string.h>

struct help {
	struct pager pager;
};

/* For lists and texts, which have keys of their own. */
static const char *const widgets[][2] = {
    {N_("Up Down j k"), N_("move")},
    {N_("PgUp PgDn ^B ^F"), N_("a page")},
    {N_("Home End g G"), N_("first, last")},
    {N_("/"), N_("filter a list (pattern, any column), search a text; Esc drops it")},
    {N_("< > R"), N_("sort a list by another column, reverse")},
};

static const char *const fields[][2] = {
    {N_("Tab S-Tab Down Up"), N_("another field")},
    {N_("PgDn PgUp"), N_("some fields on or back")},
    {N_("Space Left Right"), N_("another choice of the field")},
    {N_("^A ^E ^U ^K ^W"), N_("begin, end; delete all before, behind, a word")},
};

#define KEYS_COLUMN 28 /* keys and the word of a command */

static void put_action(struct pager *p, const struct key_action *k)
{
	pager_addf(p, ROLE_TEXT, 2, "%-16s :%-*s %s", k->keys ? k->keys : "", KEYS_COLUMN - 18,
		   k->word, _(k->help));
	pager_hang(p, KEYS_COLUMN + 1);
}

static void put_widget(struct pager *p, const char *keys, const char *help)
{
	pager_addf(p, ROLE_TEXT, 2, "%-*s %s", utf8_field(keys, KEYS_COLUMN), keys, help);
	pager_hang(p, KEYS_COLUMN + 1);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct help *h = state;
	const struct key_action *k;
	const struct screen *below = a->stack.v[a->stack.n - 1].kind;
	(void)argument, (void)e;
	if (below->about)
		pager_add(&h->pager, ROLE_TEXT, 0, _(below->about));
	pager_add(&h->pager, ROLE_TITLE, 0, _("\nKeys, and the same as a command"));
	for (size_t i = 0; (k = app_actions(a, &i));)
		put_action(&h->pager, k);
	pager_add(&h->pager, ROLE_TITLE, 0, _("\nIn lists and texts"));
	for (size_t i = 0; i < LEN(widgets); i++)
		put_widget(&h->pager, _(widgets[i][0]), _(widgets[i][1]));
	pager_add(&h->pager, ROLE_TITLE, 0, _("\nIn forms"));
	for (size_t i = 0; i < LEN(fields); i++)
		put_widget(&h->pager, _(fields[i][0]), _(fields[i][1]));
	return 0;
}

static void close_help(struct app *a, void *state)
{
	struct help *h = state;
	(void)a;
	pager_release(&h->pager);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct help *h = state;
	(void)a;
	pager_fit(&h->pager, height, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct help *h = state;
	struct canvas inner = canvas_part(c, 0, 1, -1, c->w - 2);
	(void)a;
	pager_draw(&h->pager, &inner);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct help *h = state;
	(void)a;
	return pager_key(&h->pager, k);
}

static bool typing(const void *state)
{
	const struct help *h = state;
	return h->pager.searching;
}

const struct screen screen_help = {
    .name = "help",
    .title = N_("Help"),
    .size = sizeof(struct help),
    .open = open,
    .close = close_help,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
