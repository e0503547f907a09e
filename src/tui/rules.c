/* SPDX-License-Identifier: ISC */
/* Rules that give roles: the first one that matches a device without a role of its own. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

struct rules {
	struct inventory *inventory;
	struct list list;
};

enum { COLUMN_MATCH, COLUMN_ROLE, COLUMN_MATCHES, COLUMN_DECIDES };

static const struct column columns[] = {
    [COLUMN_MATCH] = {N_("MATCH"), 12, 40, 0, false},
    [COLUMN_ROLE] = {N_("ROLE"), 8, 20, 0, false},
    [COLUMN_MATCHES] = {N_("MATCHES"), 7, 8, 1, true},
    [COLUMN_DECIDES] = {N_("DECIDES"), 7, 8, 0, true},
};

static size_t count(const void *ctx)
{
	const struct rules *s = ctx;
	return s->inventory->rules.n;
}

static size_t matches(const struct inventory *inv, size_t rule)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		n += inventory_rule_matches(&inv->rules.v[rule], &inv->devices.v[i]);
	return n;
}

static size_t decides(const struct inventory *inv, size_t rule)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		n += inv->devices.v[i].role_by == ROLE_BY_RULE &&
		     inv->devices.v[i].role_rule == rule;
	return n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct rules *s = ctx;
	const struct role_rule *r = &s->inventory->rules.v[row];
	if (column == COLUMN_MATCH)
		str_puts(&out->text, r->match);
	else if (column == COLUMN_ROLE)
		str_puts(&out->text, r->role ? r->role : "-");
	else
		str_printf(&out->text, "%zu",
			   column == COLUMN_MATCHES ? matches(s->inventory, row)
						    : decides(s->inventory, row));
}

static const char *id(const void *ctx, size_t row)
{
	const struct rules *s = ctx;
	return s->inventory->rules.v[row].match;
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct rules *s = state;
	(void)argument;
	s->inventory = desk_inventory(a->store, e);
	if (!s->inventory)
		return -1;
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_rules(struct app *a, void *state)
{
	struct rules *s = state;
	(void)a;
	list_release(&s->list);
	inventory_free(s->inventory);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct rules *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct rules *s = state;
	(void)a;
	list_draw(&s->list, c);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct rules *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct rules *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct rules *s = state;
	size_t own = 0;
	(void)a;
	for (size_t i = 0; i < s->inventory->devices.n; i++)
		own += s->inventory->devices.v[i].role_by != ROLE_BY_RULE &&
		       s->inventory->devices.v[i].role;
	str_printf(out,
		   ngettext("%zu device has a role of its own",
			    "%zu devices have a role of their own", own),
		   own);
}

/* --- changing --------------------------------------------------------------------------------- */

static void keep(struct app *a, struct rules *s)
{
	struct err e = {0};
	if (desk_inventory_save(a->store, s->inventory, &e) != 0)
		app_fail(a, &e);
	list_refresh(&s->list);
}

/* "leaf* leaf": the last word is the role. */
static void add_rule(struct app *a, struct rules *s, const char *text)
{
	struct err e = {0};
	size_t n, row = list_row(&s->list);
	char **words = str_split(text, " \t", &n);
	size_t at = row == (size_t)-1 ? s->inventory->rules.n : row + 1;
	if (n != 2)
		err_set(&e, ERR_INPUT, _("expected what it matches and a role: leaf* leaf"));
	else if (inventory_rule_add(s->inventory, at, words[0],
				    strcmp(words[1], "-") == 0 ? NULL : words[1], &e) == 0) {
		keep(a, s);
		list_select(&s->list, words[0]);
	}
	if (e.kind != ERR_NONE)
		app_fail(a, &e);
	free(words);
}

static void typed(struct app *a, void *ctx, size_t choice, const char *text)
{
	if (choice == 0)
		add_rule(a, ctx, text);
}

static void add(struct app *a, void *state)
{
	if (*a->argument) {
		add_rule(a, state, a->argument);
		return;
	}
	dialog_open(a,
		    (struct dialog){
			.title = xstrdup(_("New role rule")),
			.text = xstrdup(_("What it matches, and the role (- for none): a name with "
					  "wildcards (leaf*), a tag (#rack1) or a pattern "
					  "(~^leaf\\d+$). It goes behind the rule under the "
					  "cursor.")),
			.choices = {_("Add"), _("Cancel")},
			.n_choices = 2,
			.field = true,
			.answer = typed,
			.ctx = state});
}

static bool here(const struct app *a, const void *state, struct err *why)
{
	const struct rules *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no rule here")), false;
}

static void take_out(struct app *a, void *state)
{
	struct rules *s = state;
	inventory_rule_remove(s->inventory, list_row(&s->list));
	keep(a, s);
}

static bool has_above(const struct app *a, const void *state, struct err *why)
{
	const struct rules *s = state;
	if (!here(a, state, why))
		return false;
	if (list_row(&s->list) > 0)
		return true;
	return err_set(why, ERR_REFUSED, _("it is the first one")), false;
}

static void move_up(struct app *a, void *state)
{
	struct rules *s = state;
	struct err e = {0};
	size_t row = list_row(&s->list);
	char *match = xstrdup(s->inventory->rules.v[row].match);
	char *role = xstrdup(s->inventory->rules.v[row].role);
	inventory_rule_remove(s->inventory, row);
	if (inventory_rule_add(s->inventory, row - 1, match, role, &e) != 0)
		app_fail(a, &e);
	else
		keep(a, s);
	free(match);
	free(role);
}

static const struct key_action actions[] = {
    {"add", "a", N_("Add"), N_("A new rule behind this one; also :add leaf* leaf"), add, NULL},
    {"remove", "Del d", N_("Remove"), N_("Take the rule away"), take_out, here},
    {"up", "u", N_("Move up"), N_("Let it be asked before the one above it"), move_up, has_above},
    {0},
};

const struct screen screen_rules = {
    .name = "rules",
    .title = N_("Role rules"),
    .about = N_("A rule gives a role to the devices that match it and have none of their own, "
		"neither by hand nor from a file. The first one that matches counts."),
    .size = sizeof(struct rules),
    .actions = actions,
    .open = open,
    .close = close_rules,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
