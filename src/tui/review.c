/* SPDX-License-Identifier: ISC */
/* Step 2 of the wizard: the chosen devices once more, and their roles. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"
#include "tui/select_rows.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/roles.h"

#include <stdlib.h>
#include <string.h>

struct review {
	struct inventory *inventory;
	struct credentials credentials;
	struct known_devices known;
	struct procedure *procedure; /* for the names of roles; NULL: none, no_procedure says why */
	struct err no_procedure;
	VEC(size_t) devices;         /* chosen, in the order of the inventory */
	struct list list;
	int64_t most; /* devices of a job; 0: any number */
	char *typed; /* a role that nobody has yet, until it is said whether it is meant */
};

enum {
	COLUMN_NAME,
	COLUMN_ROLE,
	COLUMN_SOURCE,
	COLUMN_ADDRESS,
	COLUMN_CREDENTIAL,
	COLUMN_GROUP,
	COLUMN_RESULT
};

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 8, 32, 0, false},
    [COLUMN_ROLE] = {N_("ROLE"), 10, 20, 0, false},
    [COLUMN_SOURCE] = {NC_("a role", "FROM"), 7, 24, 3, false},
    [COLUMN_ADDRESS] = {N_("ADDRESS"), 9, 39, 1, false},
    [COLUMN_CREDENTIAL] = {N_("LOGIN"), 14, 32, 0, false},
    [COLUMN_GROUP] = {N_("GROUP"), 11, 24, 2, false},
    [COLUMN_RESULT] = {N_("LAST TIME"), 13, 32, 4, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct review *s = ctx;
	return s->devices.n;
}

static const struct device *device(const struct review *s, size_t row)
{
	return &s->inventory->devices.v[s->devices.v[row]];
}

static void put_address(const struct device *d, struct cell *out)
{
	cell_name(out, d->address);
	if (d->port != 22)
		str_printf(&out->text, ":%d", d->port);
}

static bool is_known(const struct review *s, size_t device, const char *role)
{
	return role_is_known(s->inventory, &device, 1, role, &s->procedure, s->procedure ? 1 : 0);
}

static void put_role(const struct review *s, size_t device, struct cell *out)
{
	const char *role = s->inventory->devices.v[device].role;
	bool odd = !role || !is_known(s, device, role);
	str_printf(&out->text, "%s%s", role && odd ? "! " : "", role ? role : _("! no role"));
	if (odd)
		out->role = ROLE_WARNING;
}

static void put_credential(const struct review *s, const struct device *d, struct cell *out)
{
	const struct credential *k = credentials_find(&s->credentials, d->credential);
	if (k)
		str_printf(&out->text, "%s (%s)", k->name, k->user);
	else
		str_printf(&out->text, _("! %s: missing"), d->credential);
	out->whole = NAME_WHOLE;
	if (!k)
		out->role = ROLE_ERROR;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct review *s = ctx;
	const struct device *d = device(s, row);
	const struct group *g = inventory_group(s->inventory, s->devices.v[row]);
	if (column == COLUMN_NAME)
		cell_name(out, d->name);
	else if (column == COLUMN_ROLE)
		put_role(s, s->devices.v[row], out);
	else if (column == COLUMN_SOURCE)
		role_source(s->inventory, s->devices.v[row], &out->text);
	else if (column == COLUMN_RESULT)
		select_put_result(known_device(&s->known, d->name), out);
	else if (column == COLUMN_ADDRESS)
		put_address(d, out);
	else if (column == COLUMN_CREDENTIAL)
		put_credential(s, d, out);
	else
		str_puts(&out->text, g ? g->name : "-");
}

static const char *id(const void *ctx, size_t row)
{
	return device(ctx, row)->name;
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

static void take_devices(const struct app *a, struct review *s)
{
	s->devices.n = 0;
	for (size_t i = 0; i < s->inventory->devices.n; i++)
		if (draft_has(a->draft, s->inventory->devices.v[i].name))
			VEC_PUSH(&s->devices, i);
}

/* --- life ------------------------------------------------------------------------------------- */

static int read_desk(struct app *a, struct review *s, struct err *e)
{
	struct inventory *inv = desk_inventory(a->store, e);
	if (!inv)
		return -1;
	inventory_free(s->inventory);
	s->inventory = inv;
	credentials_release(&s->credentials);
	s->credentials = (struct credentials){0};
	take_devices(a, s);
	s->most = desk_setting(a->store, DESK_DEVICES, DESK_DEVICES_MOST);
	known_devices_release(&s->known);
	if (store_history_last(a->store, &s->known, e) != 0)
		return -1;
	procedure_free(s->procedure);
	s->procedure = draft_procedure(a->draft, inv, &s->no_procedure);
	return desk_credentials(a->store, &s->credentials, e);
}

static void close_review(struct app *a, void *state)
{
	struct review *s = state;
	(void)a;
	list_release(&s->list);
	VEC_RELEASE(&s->devices);
	known_devices_release(&s->known);
	credentials_release(&s->credentials);
	procedure_free(s->procedure);
	inventory_free(s->inventory);
	free(s->typed);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct review *s = state;
	(void)argument;
	if (read_desk(a, s, e) != 0) {
		close_review(a, s);
		return -1;
	}
	list_init(&s->list, columns, LEN(columns), &rows, s);
	wizard_at(a, screen_review.name);
	return 0;
}

static void again(struct app *a, void *state)
{
	struct review *s = state;
	struct err e = {0};
	if (read_desk(a, s, &e) != 0)
		app_fail(a, &e);
	list_refresh(&s->list);
	wizard_at(a, screen_review.name);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct review *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct review *s = state;
	(void)a;
	list_draw(&s->list, c);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct review *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct review *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct review *s = state;
	size_t without = 0;
	(void)a;
	for (size_t i = 0; i < s->devices.n; i++)
		without += !device(s, i)->role;
	if (!select_too_many(s->most, s->devices.n, out))
		str_printf(out, ngettext("%zu selected", "%zu selected", s->devices.n),
			   s->devices.n);
	if (without)
		str_printf(out, _(", %zu without a role"), without);
}

/* --- roles ------------------------------------------------------------------------------------ */

static bool here(const struct app *a, const void *state, struct err *why)
{
	const struct review *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no device here")), false;
}

/* Into the inventory file: the role belongs to the device, not to this job. */
static void set_role(struct app *a, struct review *s, const char *role)
{
	size_t row = list_row(&s->list);
	struct err e = {0};
	if (row == (size_t)-1)
		return;
	if (inventory_set(s->inventory, s->devices.v[row], "role", role, &e) != 0 ||
	    desk_inventory_save(a->store, s->inventory, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	if (role)
		app_say(a, ROLE_INFO, _("%s: role %s, kept in the inventory"), device(s, row)->name,
			role);
	else
		app_say(a, ROLE_INFO, _("%s: no role, kept in the inventory"),
			device(s, row)->name);
	list_refresh(&s->list);
}

/* None, then those of the procedure, then none again. */
static void next_role(struct app *a, void *state)
{
	struct review *s = state;
	const char *now = device(s, list_row(&s->list))->role;
	char **roles = s->procedure->roles;
	size_t i = 0;
	while (now && roles[i] && strcmp(roles[i], now) != 0)
		i++;
	set_role(a, s, !now ? roles[0] : roles[i] ? roles[i + 1] : NULL);
}

static bool has_roles(const struct app *a, const void *state, struct err *why)
{
	const struct review *s = state;
	if (!here(a, state, why))
		return false;
	if (!s->procedure)
		return err_text(why, s->no_procedure.kind, s->no_procedure.text), false;
	if (s->procedure->roles && s->procedure->roles[0])
		return true;
	return err_set(why, ERR_REFUSED, _("the procedure names no roles; e types one")), false;
}

static char *names_of_roles(const struct review *s)
{
	struct str names = {0};
	for (size_t i = 0; s->procedure && s->procedure->roles && s->procedure->roles[i]; i++)
		str_printf(&names, "%s%s", i ? ", " : "", s->procedure->roles[i]);
	str_puts(&names, names.len ? "" : "-");
	return str_take(&names);
}

static void meant(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct review *s = ctx;
	(void)text;
	if (choice == 0)
		set_role(a, s, s->typed);
	else
		app_say(a, ROLE_WARNING, _("The role is not set: nothing is changed"));
}

/* One that nobody knows would become a stage of its own: most often it is a slip of the fingers. */
static void ask_whether_meant(struct app *a, struct review *s, const char *role)
{
	char *names = names_of_roles(s);
	free(s->typed);
	s->typed = xstrdup(role);
	dialog_open(a, (struct dialog){.title = xstrdup(_("A new role")),
				       .text = xasprintf(_("No other device has the role \"%s\"; the "
							   "procedure knows: %s\nIt becomes a stage "
							   "of its own, without an order."),
							 role, names),
				       .choices = {_("Set"), _("Cancel")},
				       .n_choices = 2,
				       .at = 1,
				       .role = ROLE_WARNING,
				       .answer = meant,
				       .ctx = s});
	free(names);
}

static void take_role(struct app *a, struct review *s, const char *role)
{
	size_t row = list_row(&s->list);
	if (row == (size_t)-1)
		return;
	if (role && !is_known(s, s->devices.v[row], role))
		ask_whether_meant(a, s, role);
	else
		set_role(a, s, role);
}

static void role_typed(struct app *a, void *ctx, size_t choice, const char *text)
{
	if (choice == 0 && !*text)
		app_say(a, ROLE_WARNING, _("No role was typed: nothing is changed"));
	else if (choice < 2)
		take_role(a, ctx, choice == 0 ? text : NULL);
}

static void type_role(struct app *a, void *state)
{
	struct review *s = state;
	const struct device *d = device(s, list_row(&s->list));
	if (*a->argument) {
		take_role(a, s, str_eq(a->argument, "-") ? NULL : a->argument);
		return;
	}
	char *names = names_of_roles(s);
	dialog_open(a, (struct dialog){.title = xasprintf(_("Role of %s"), d->name),
				       .text = xasprintf(_("Now: %s\nThe procedure knows: %s"),
							 d->role ? d->role : "-", names),
				       .choices = {_("Set"), _("No role"), _("Cancel")},
				       .n_choices = 3,
				       .field = true,
				       .answer = role_typed,
				       .ctx = s});
	free(names);
}

/* --- the others ------------------------------------------------------------------------------- */

static void take_out(struct app *a, void *state)
{
	struct review *s = state;
	char *name = xstrdup(device(s, list_row(&s->list))->name);
	draft_set(a->draft, name, false);
	take_devices(a, s);
	list_refresh(&s->list);
	app_say(a, ROLE_INFO, _("%s: taken out of the job"), name);
	wizard_save(a);
	free(name);
}

static bool can_go_on(const struct app *a, const void *state, struct err *why)
{
	const struct review *s = state;
	if (a->draft->devices.n)
		return desk_check_most(s->most, a->draft->devices.n, why) == 0;
	return err_set(why, ERR_REFUSED, _("no device is left; go back and select some")), false;
}

static void next(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_name, NULL);
}

static const struct key_action actions[] = {
    {"next", "Enter Right", N_("Next"), N_("Go on with these devices"), next, can_go_on},
    {"remove", "Del d", N_("Remove"), N_("Take the device out of the job"), take_out, here},
    {"cycle", "o", N_("Next role"), N_("Give the device the next role of the procedure, or none"),
     next_role, has_roles},
    {"role", "e", N_("Role"), N_("Type a role for the device, or clear it; also :role NAME"),
     type_role, here},
    WIZARD_LEAVE,
    {0},
};

const struct screen screen_review = {
    .name = "review",
    .title = N_("Review devices"),
    .about = N_("Check that these are the devices, and that each has its role: roles make the "
		"order of the upgrade. Devices without a role come last."),
    .step = 2,
    .size = sizeof(struct review),
    .actions = actions,
    .open = open,
    .close = close_review,
    .again = again,
    .fit = fit,
    .draw = draw,
    .list = SCREEN_LIST(struct review, list),
    .key = key,
    .typing = typing,
    .status = status,
};
