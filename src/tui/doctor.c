/* SPDX-License-Identifier: ISC */
/* What would stop a job on this machine: the checks of the doctor, looked at in the background. */
#include "config.h"

#include "tui/app_parts.h"
#include "tui/screens.h"
#include "tui/tui.h"

#include "base/i18n.h"
#include "run/doctor.h"

#include <stdlib.h>

struct doctor_state {
	struct doctor_findings have;
	struct list list;
	bool looked; /* an answer is there */
};

enum { COLUMN_LEVEL, COLUMN_CHECK, COLUMN_FOUND };

static const struct column columns[] = {
    [COLUMN_LEVEL] = {N_("STATE"), 8, 10, 0, false},
    [COLUMN_CHECK] = {N_("CHECK"), 12, 24, 0, false},
    [COLUMN_FOUND] = {N_("FOUND"), 20, 0, 0, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static const enum theme_role roles[DOCTOR_LEVELS] = {ROLE_OK, ROLE_WARNING, ROLE_ERROR};

static size_t count(const void *ctx)
{
	const struct doctor_state *s = ctx;
	return s->have.n;
}

static const struct doctor_finding *finding(const void *ctx, size_t row)
{
	const struct doctor_state *s = ctx;
	return &s->have.v[row];
}

static const char *id(const void *ctx, size_t row)
{
	return finding(ctx, row)->id;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct doctor_finding *f = finding(ctx, row);
	out->role = column == COLUMN_LEVEL ? roles[f->level] : ROLE_TEXT;
	str_puts(&out->text, column == COLUMN_LEVEL   ? doctor_level_word(f->level)
			     : column == COLUMN_CHECK ? _(f->title)
						      : str_text(&f->evidence));
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct doctor_state *s = ctx;
	if (column == COLUMN_LEVEL)
		return (int)finding(ctx, b)->level - (int)finding(ctx, a)->level;
	return list_compare_text(&s->list, a, b, column);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .compare = compare};

/* --- looking ---------------------------------------------------------------------------------- */

struct look {
	char *dir;
	struct doctor_terminal terminal;
	struct doctor_findings found;
};

static void look_free(void *ctx)
{
	struct look *l = ctx;
	doctor_release(&l->found);
	free(l->dir);
	free(l);
}

static int look(struct work *w, void *ctx, struct err *e)
{
	struct look *l = ctx;
	struct err why = {0};
	struct store *store = store_open(l->dir, clock_real(), &why);
	const struct doctor_options o = {
	    .state = l->dir, .store = store, .error = &why, .terminal = &l->terminal};
	(void)w, (void)e;
	doctor_examine(&o, false, &l->found);
	store_close(store);
	return 0;
}

static void looked(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct look *l = ctx;
	const struct open_screen *top = &a->stack.v[a->stack.n - 1];
	struct doctor_state *s = top->state;
	(void)rc, (void)e;
	if (top->kind != &screen_doctor)
		return;
	doctor_release(&s->have);
	s->have = l->found;
	l->found = (struct doctor_findings){0};
	s->looked = true;
	list_refresh(&s->list);
	app_changed(a);
}

static const struct work_kind looking = {N_("Looking"), look, looked, look_free};

static int begin(struct app *a, struct err *e)
{
	struct look *l = xcalloc(1, sizeof(*l));
	l->dir = xstrdup(store_dir(a->store));
	tui_terminal(&l->terminal);
	return work_start(a, &looking, l, e);
}

/* --- life ------------------------------------------------------------------------------------- */

void show_doctor(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_doctor, NULL);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct doctor_state *s = state;
	(void)argument;
	list_init(&s->list, columns, LEN(columns), &rows, s);
	if (begin(a, e) == 0)
		return 0;
	list_release(&s->list);
	return -1;
}

static void close_doctor(struct app *a, void *state)
{
	struct doctor_state *s = state;
	(void)a;
	list_release(&s->list);
	doctor_release(&s->have);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct doctor_state *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct doctor_state *s = state;
	(void)a;
	if (s->looked)
		list_draw(&s->list, c);
	else
		(void)canvas_label(c, 1, 1, c->w - 2, ROLE_DIM, _("Looking at this machine ..."));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct doctor_state *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct doctor_state *s = state;
	return s->list.filtering;
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool any(const struct app *a, const void *state, struct err *why)
{
	const struct doctor_state *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is nothing here yet")), false;
}

static void show(struct app *a, void *state)
{
	struct doctor_state *s = state;
	const struct doctor_finding *f = finding(s, list_row(&s->list));
	const struct text_part parts[] = {
	    {roles[f->level], 0, doctor_level_word(f->level)},
	    {ROLE_TEXT, 2, str_text(&f->evidence)},
	    {ROLE_HEADER, 0, f->action.len ? _("What to do") : NULL},
	    {ROLE_TEXT, 2, f->action.len ? str_text(&f->action) : NULL},
	};
	app_open(a, &screen_text, &(struct text_argument){_(f->title), parts, LEN(parts)});
}

static void again(struct app *a, void *state)
{
	struct err e = {0};
	(void)state;
	if (begin(a, &e) != 0)
		app_fail(a, &e);
}

static const struct key_action actions[] = {
    {"show", "Enter", N_("Show"), N_("All of what was found, and what to do"), show, any},
    {"again", "r", N_("Again"), N_("Look once more"), again, NULL},
    {0},
};

const struct screen screen_doctor = {
    .name = "doctor",
    .title = N_("Doctor"),
    .about = N_("What would stop a job on this machine. The quick part is looked at before every "
		"job."),
    .size = sizeof(struct doctor_state),
    .actions = actions,
    .open = open,
    .close = close_doctor,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
