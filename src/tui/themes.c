/* SPDX-License-Identifier: ISC */
/* Themes: the list, switched while one looks. */
#include "config.h"

#include "tui/app_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/themes.h"

#include <stdlib.h>

#define THEME_SETTING "theme"
#define THEME_FIRST   "dark"

int app_theme(struct app *a, const char *name, struct err *e)
{
	struct theme theme;
	char *wanted = name ? xstrdup(name) : store_setting(a->store, THEME_SETTING);
	int rc = themes_load(wanted ? wanted : THEME_FIRST, &theme, e);
	term_theme(a->term, &theme);
	free(a->theme);
	a->theme = xstrdup(theme.name);
	free(wanted);
	app_changed(a);
	return rc;
}

static void choose(struct app *a, const char *name)
{
	struct err e = {0};
	if (app_theme(a, name, &e) != 0 ||
	    store_setting_set(a->store, THEME_SETTING, name, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_INFO, _("Theme: %s"), name);
}

void show_themes(struct app *a, void *state)
{
	(void)state;
	if (*a->argument)
		choose(a, a->argument);
	else
		app_open(a, &screen_themes, NULL);
}

/* --- the screen ------------------------------------------------------------------------------- */

struct themes {
	struct theme_files files;
	VEC(char *) broken; /* of each file: what is wrong with it; NULL: nothing */
	struct list list;
	char *before; /* what Esc goes back to */
};

static const struct column columns[] = {
    {N_("THEME"), 12, 24, 0, false},
    {N_("STATE"), 9, 12, 0, false},
    {N_("FILE"), 20, 0, 0, false},
};

static size_t count(const void *ctx)
{
	const struct themes *t = ctx;
	return t->files.list.n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct themes *t = ctx;
	const struct theme_file *f = &t->files.list.v[row];
	bool broken = t->broken.v[row] != NULL;
	if (column == 1) {
		str_puts(&out->text, broken ? _("! broken") : _("+ good"));
		out->label = true;
		out->role = broken ? ROLE_ERROR : ROLE_OK;
	} else {
		/* what is wrong begins with file and line */
		str_puts(&out->text, column == 0 ? f->name : broken ? t->broken.v[row] : f->path);
	}
}

static const char *id(const void *ctx, size_t row)
{
	const struct themes *t = ctx;
	return t->files.list.v[row].name;
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

/* A theme that cannot be used is known before one looks at it. */
static void judge(struct themes *t)
{
	struct theme theme;
	for (size_t i = 0; i < t->files.list.n; i++) {
		struct err e = {0};
		bool good = themes_load(t->files.list.v[i].name, &theme, &e) == 0;
		VEC_PUSH(&t->broken, good ? NULL : said_new(e.text));
	}
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct themes *t = state;
	(void)argument;
	if (themes_list(&t->files, e) != 0)
		return -1;
	judge(t);
	t->before = xstrdup(a->theme);
	list_init(&t->list, columns, LEN(columns), &rows, t);
	list_select(&t->list, a->theme);
	return 0;
}

static void close_themes(struct app *a, void *state)
{
	struct themes *t = state;
	struct err e = {0};
	if (t->before && !str_eq(t->before, a->theme) && app_theme(a, t->before, &e) != 0)
		app_fail(a, &e);
	free(t->before);
	for (size_t i = 0; i < t->broken.n; i++)
		free(t->broken.v[i]);
	VEC_RELEASE(&t->broken);
	list_release(&t->list);
	themes_release(&t->files);
}

/* The colours change with the cursor: a theme is judged by looking at it. */
static bool key(struct app *a, void *state, keycode k)
{
	struct themes *t = state;
	struct err e = {0};
	if (!list_key(&t->list, k))
		return false;
	if (t->list.at_id && !str_eq(t->list.at_id, a->theme) &&
	    app_theme(a, t->list.at_id, &e) != 0)
		app_fail(a, &e);
	return true;
}

static void keep(struct app *a, void *state)
{
	struct themes *t = state;
	if (!t->list.at_id)
		return;
	char *name = xstrdup(t->list.at_id);
	free(t->before);
	t->before = NULL;
	app_back(a);
	choose(a, name);
	free(name);
}

static const struct key_action actions[] = {
    {"keep", "Enter", N_("Keep"), N_("Keep these colours, also for the next time"), keep, NULL},
    {0},
};

const struct screen screen_themes = {
    .name = "themes",
    .title = N_("Themes"),
    .about = N_("Colours for every kind of terminal and eye. Files of your own go to "
		"~/.config/hitless/themes."),
    .size = sizeof(struct themes),
    .actions = actions,
    .open = open,
    .close = close_themes,
    .key = key,
    .list = SCREEN_LIST(struct themes, list),
};
