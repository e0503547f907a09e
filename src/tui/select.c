/* SPDX-License-Identifier: ISC */
/* Step 1 of the wizard: which devices. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/desk.h"

#include <stdlib.h>

struct select {
	struct inventory *inventory;
	struct draft *draft;
	struct list list;
};

enum { COLUMN_NAME, COLUMN_ADDRESS, COLUMN_ROLE, COLUMN_GROUP };

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 8, 24, 0, false},
    [COLUMN_ADDRESS] = {N_("ADDRESS"), 9, 39, 3, false},
    [COLUMN_ROLE] = {N_("ROLE"), 6, 16, 0, false},
    [COLUMN_GROUP] = {N_("GROUP"), 6, 24, 2, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct select *s = ctx;
	return s->inventory ? s->inventory->devices.n : 0;
}

static const struct device *device(const void *ctx, size_t row)
{
	const struct select *s = ctx;
	return &s->inventory->devices.v[row];
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct select *s = ctx;
	const struct device *d = device(ctx, row);
	const struct group *g = inventory_group(s->inventory, row);
	switch (column) {
	case COLUMN_NAME:
		str_puts(&out->text, d->name);
		break;
	case COLUMN_ADDRESS:
		str_puts(&out->text, d->address);
		break;
	case COLUMN_ROLE:
		str_puts(&out->text, d->role ? d->role : "-");
		out->role = d->role ? ROLE_TEXT : ROLE_WARNING;
		break;
	default:
		str_puts(&out->text, g ? g->name : "-");
		break;
	}
}

static const char *id(const void *ctx, size_t row)
{
	return device(ctx, row)->name;
}

static bool marked(const void *ctx, size_t row)
{
	const struct select *s = ctx;
	return draft_has(s->draft, device(ctx, row)->name);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .marked = marked};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct select *s = state;
	(void)argument;
	s->inventory = desk_inventory(a->store, e);
	if (!s->inventory)
		return -1;
	s->draft = a->draft;
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_select(struct app *a, void *state)
{
	struct select *s = state;
	(void)a;
	list_release(&s->list);
	inventory_free(s->inventory);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct select *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct select *s = state;
	(void)a;
	list_draw(&s->list, c);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct select *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct select *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct select *s = state;
	str_printf(out, _("%zu of %zu selected"), a->draft->devices.n, s->inventory->devices.n);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void save(struct app *a)
{
	struct err e = {0};
	if (draft_save(a->draft, &e) != 0)
		app_fail(a, &e);
}

static void toggle(struct app *a, void *state)
{
	struct select *s = state;
	size_t row = list_row(&s->list);
	if (row == (size_t)-1)
		return;
	const char *name = device(s, row)->name;
	draft_set(a->draft, name, !draft_has(a->draft, name));
	(void)list_key(&s->list, K_DOWN);
	save(a);
}

/* How the mark of a shown row changes. */
static void mark_shown(struct app *a, struct select *s, bool (*wanted)(bool now))
{
	for (size_t i = 0; i < s->list.rows.n; i++) {
		const char *name = device(s, s->list.rows.v[i])->name;
		draft_set(a->draft, name, wanted(draft_has(a->draft, name)));
	}
	save(a);
}

static bool yes(bool now)
{
	(void)now;
	return true;
}

static bool other(bool now)
{
	return !now;
}

static void all(struct app *a, void *state)
{
	mark_shown(a, state, yes);
}

static void invert(struct app *a, void *state)
{
	mark_shown(a, state, other);
}

static void none(struct app *a, void *state)
{
	(void)state;
	while (a->draft->devices.n)
		draft_set(a->draft, a->draft->devices.v[0], false);
	save(a);
}

static bool any(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->draft->devices.n)
		return true;
	return err_set(why, ERR_REFUSED, _("select a device first (Space)")), false;
}

static void next(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_review, NULL);
}

static const struct key_action actions[] = {
    {"next", "Enter Right", N_("Next"), N_("Go on with the selected devices"), next, any},
    {"select", "Space", N_("Select"), N_("Select the device, or take it out"), toggle, NULL},
    {"all", "a", N_("All"), N_("Select all devices that the filter shows"), all, NULL},
    {"none", "u", N_("None"), N_("Select no device at all"), none, any},
    {"invert", "*", N_("Invert"), N_("Select those shown that were not, and the other way round"),
     invert, NULL},
    {0},
};

const struct screen screen_select = {
    .name = "select",
    .title = N_("Select devices"),
    .about = N_("Choose the devices to upgrade. What is not selected is not touched."),
    .step = 1,
    .size = sizeof(struct select),
    .actions = actions,
    .open = open,
    .close = close_select,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
