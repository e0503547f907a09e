/* SPDX-License-Identifier: ISC */
/* Step 1 of the wizard: which devices. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"
#include "tui/select_rows.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "model/unit.h"
#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>

struct select {
	struct choice_of_devices devices;
	struct procedures procedures; /* they know who is upgraded as one */
	struct list list;
	int64_t most; /* devices of a job; 0: any number */
};

static const struct device *device(const struct select *s, size_t row)
{
	return &s->devices.inventory->devices.v[row];
}

/* --- life ------------------------------------------------------------------------------------- */

/* What was chosen once and cannot be any more: said, and taken out. */
static void drop_strangers(struct app *a, const struct inventory *inv)
{
	struct str gone = {0};
	for (size_t i = a->draft->devices.n; i-- > 0;) {
		char *name = a->draft->devices.v[i];
		size_t at = inventory_find(inv, name);
		if (at != NO_DEVICE && !inv->devices.v[at].anchor)
			continue;
		str_printf(&gone, "%s%s", gone.len ? ", " : "", name);
		draft_set(a->draft, name, false);
	}
	if (gone.len)
		app_say(a, ROLE_WARNING, _("Taken out, no device to upgrade any more: %s"),
			str_text(&gone));
	str_release(&gone);
}

/* Another shell may allow more in between. */
static void read_most(struct app *a, struct select *s)
{
	s->most = desk_setting(a->store, DESK_DEVICES, DESK_DEVICES_MOST);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct select *s = state;
	(void)argument;
	s->devices.inventory = desk_inventory(a->store, e);
	if (!s->devices.inventory)
		return -1;
	if (procedures_all(NULL, &s->procedures, e) != 0 ||
	    store_history_last(a->store, &s->devices.known, e) != 0) {
		known_devices_release(&s->devices.known);
		procedures_free(&s->procedures);
		inventory_free(s->devices.inventory);
		return -1;
	}
	s->devices.draft = a->draft;
	read_most(a, s);
	drop_strangers(a, s->devices.inventory);
	list_init(&s->list, select_columns, SELECT_COLUMNS, &select_rows, &s->devices);
	wizard_at(a, screen_select.name);
	return 0;
}

static void close_select(struct app *a, void *state)
{
	struct select *s = state;
	(void)a;
	list_release(&s->list);
	known_devices_release(&s->devices.known);
	procedures_free(&s->procedures);
	inventory_free(s->devices.inventory);
}

/* Roles may be others now. */
static void again(struct app *a, void *state)
{
	struct select *s = state;
	struct err e = {0};
	struct inventory *inv = desk_inventory(a->store, &e);
	if (inv) {
		inventory_free(s->devices.inventory);
		s->devices.inventory = inv;
		drop_strangers(a, inv);
	} else {
		app_fail(a, &e);
	}
	read_most(a, s);
	list_refresh(&s->list);
	wizard_at(a, screen_select.name);
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
	size_t total = 0, n = a->draft->devices.n;
	for (size_t i = 0; i < s->devices.inventory->devices.n; i++)
		total += !device(s, i)->anchor;
	if (!select_too_many(s->most, n, out))
		str_printf(out, ngettext("%zu of %zu selected", "%zu of %zu selected", n), n,
			   total);
}

/* --- one device, one group -------------------------------------------------------------------- */

/* Who is upgraded as one with the device; NULL: it stands for itself. */
static const struct group *unit(const struct select *s, size_t row)
{
	const struct procedure *p = procedures_of(&s->procedures, device(s, row)->platform);
	return p ? unit_of(p, s->devices.inventory, row) : NULL;
}

/* All of a unit, or none of it. */
static void set_row(struct app *a, struct select *s, size_t row, bool chosen)
{
	const struct group *u = unit(s, row);
	if (!device(s, row)->anchor)
		draft_set(a->draft, device(s, row)->name, chosen);
	for (size_t i = 0; u && i < u->members.n; i++)
		draft_set(a->draft, device(s, u->members.v[i])->name, chosen);
}

static void tell_unit(struct app *a, const struct group *u, bool chosen)
{
	app_say(a, ROLE_INFO,
		chosen ? _("Group %s is upgraded as one: selected")
		       : _("Group %s is upgraded as one: taken out"),
		u->name);
}

static void tell_peers(struct app *a, const struct select *s, size_t row)
{
	struct str peers = {0};
	if (select_peers_left(&s->devices, row, &peers))
		app_say(a, ROLE_INFO, _("%s is in group %s; not selected: %s (p: the whole group)"),
			device(s, row)->name, inventory_group(s->devices.inventory, row)->name,
			str_text(&peers));
	str_release(&peers);
}

static void toggle(struct app *a, void *state)
{
	struct select *s = state;
	size_t row = list_row(&s->list);
	bool chosen = !draft_has(a->draft, device(s, row)->name);
	set_row(a, s, row, chosen);
	wizard_hush(a);
	if (unit(s, row))
		tell_unit(a, unit(s, row), chosen);
	else if (chosen)
		tell_peers(a, s, row);
	(void)list_key(&s->list, K_DOWN);
	wizard_save(a);
}

static bool can_toggle(const struct app *a, const void *state, struct err *why)
{
	const struct select *s = state;
	size_t row = list_row(&s->list);
	(void)a;
	if (row == (size_t)-1)
		return err_set(why, ERR_REFUSED, _("there is no device here")), false;
	if (!device(s, row)->anchor)
		return true;
	return err_set(why, ERR_REFUSED,
		       _("%s is an anchor: it is not upgraded, it has to keep its paths"),
		       device(s, row)->name),
	       false;
}

/* All of the group; when they all are selected, none of it. */
static void group(struct app *a, void *state)
{
	struct select *s = state;
	size_t row = list_row(&s->list);
	const struct group *g = inventory_group(s->devices.inventory, row);
	struct str left = {0};
	bool chosen = select_peers_left(&s->devices, row, &left) ||
		      !draft_has(a->draft, device(s, row)->name);
	for (size_t i = 0; i < g->members.n; i++)
		set_row(a, s, g->members.v[i], chosen);
	app_say(a, ROLE_INFO, chosen ? _("Group %s: selected") : _("Group %s: taken out"), g->name);
	str_release(&left);
	wizard_save(a);
}

static bool has_group(const struct app *a, const void *state, struct err *why)
{
	const struct select *s = state;
	size_t row = list_row(&s->list);
	(void)a;
	if (row != (size_t)-1 && inventory_group(s->devices.inventory, row))
		return true;
	return err_set(why, ERR_REFUSED, _("this device is in no redundancy group")), false;
}

/* --- by role ---------------------------------------------------------------------------------- */

static void mark_role(struct app *a, struct select *s, const char *role, bool chosen)
{
	const char *wanted = str_eq(role, "-") ? NULL : role;
	size_t n = 0;
	for (size_t i = 0; i < s->devices.inventory->devices.n; i++)
		if (!device(s, i)->anchor && str_eq(device(s, i)->role, wanted)) {
			set_row(a, s, i, chosen);
			n++;
		}
	if (n)
		app_say(a, ROLE_INFO,
			chosen ? ngettext("Role %s: %zu selected", "Role %s: %zu selected", n)
			       : ngettext("Role %s: %zu taken out", "Role %s: %zu taken out", n),
			role, n);
	else
		app_say(a, ROLE_WARNING, _("No device has the role \"%s\""), role);
	wizard_save(a);
}

static void role_chosen(struct app *a, void *ctx, size_t choice, const char *text)
{
	if (choice < 2)
		mark_role(a, ctx, text, choice == 0);
}

static void role(struct app *a, void *state)
{
	struct select *s = state;
	struct str roles = {0};
	if (*a->argument) {
		mark_role(a, s, a->argument, true);
		return;
	}
	select_role_counts(s->devices.inventory, &roles);
	dialog_open(a, (struct dialog){.title = xstrdup(_("Select by role")),
				       .text = xasprintf(_("Roles: %s\nType one; \"-\" is for "
							   "devices without a role."),
							 str_text(&roles)),
				       .choices = {_("Select"), _("Take out"), _("Cancel")},
				       .n_choices = 3,
				       .field = true,
				       .answer = role_chosen,
				       .ctx = s});
	str_release(&roles);
}

/* --- many ------------------------------------------------------------------------------------- */

/* How the mark of a shown row changes. */
static void mark_shown(struct app *a, struct select *s, bool (*wanted)(bool now))
{
	for (size_t i = 0; i < s->list.rows.n; i++) {
		size_t row = s->list.rows.v[i];
		set_row(a, s, row, wanted(draft_has(a->draft, device(s, row)->name)));
	}
	wizard_hush(a);
	wizard_save(a);
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
	wizard_save(a);
}

static bool any(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->draft->devices.n)
		return true;
	return err_set(why, ERR_REFUSED, _("select a device first (Space)")), false;
}

static bool can_go_on(const struct app *a, const void *state, struct err *why)
{
	const struct select *s = state;
	return any(a, s, why) && desk_check_most(s->most, a->draft->devices.n, why) == 0;
}

static void next(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_review, NULL);
}

static const struct key_action actions[] = {
    {"next", "Enter Right", N_("Next"), N_("Go on with the selected devices"), next, can_go_on},
    {"select", "Space", N_("Select"), N_("Select the device, or take it out"), toggle, can_toggle},
    {"all", "a", N_("All"), N_("Select all devices that the filter shows"), all, NULL},
    {"none", "u", N_("None"), N_("Select no device at all"), none, any},
    {"invert", "*", N_("Invert"), N_("Select those shown that were not, and the other way round"),
     invert, NULL},
    {"group", "p", N_("Group"), N_("Select the whole redundancy group of the device"), group,
     has_group},
    {"role", "o", N_("Role"), N_("Select all devices of a role; also :role NAME"), role, NULL},
    WIZARD_LEAVE,
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
    .again = again,
    .fit = fit,
    .draw = draw,
    .list = SCREEN_LIST(struct select, list),
    .key = key,
    .typing = typing,
    .status = status,
};
