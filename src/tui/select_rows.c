/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/select_rows.h"

#include "tui/states.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/roles.h"

#include <string.h>

const struct column select_columns[SELECT_COLUMNS] = {
    [SELECT_NAME] = {N_("NAME"), 8, 32, 0, false},
    [SELECT_ADDRESS] = {N_("ADDRESS"), 9, 39, 1, false},
    [SELECT_ROLE] = {N_("ROLE"), 6, 16, 0, false},
    [SELECT_VERSION] = {N_("VERSION"), 7, 16, 0, false},
    [SELECT_GROUP] = {N_("GROUP"), 11, 24, 2, false},
    [SELECT_RESULT] = {N_("LAST TIME"), 13, 32, 3, false},
    [SELECT_SOURCE] = {N_("ROLE FROM"), 9, 24, 4, false},
};

static size_t count(const void *ctx)
{
	const struct choice_of_devices *c = ctx;
	return c->inventory ? c->inventory->devices.n : 0;
}

static const struct device *device(const void *ctx, size_t row)
{
	const struct choice_of_devices *c = ctx;
	return &c->inventory->devices.v[row];
}

/* "Reboot", or "Reboot, Rollback": each in the reader's words. */
static void put_phases(const char *names, struct str *out)
{
	char *copy = xstrdup(names), *rest = NULL;
	for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		one += strspn(one, " ");
		str_printf(out, "%s%s", one == copy ? " (" : ", ", translated(one));
	}
	str_puts(out, ")");
	free(copy);
}

void select_put_result(const struct known_device *k, struct cell *out)
{
	int state = k && k->result ? task_state_find(k->result) : -1;
	if (state >= 0)
		cell_task(out, (enum task_state)state);
	else
		str_puts(&out->text, "-");
	if (state >= 0 && k->failed_phase)
		put_phases(k->failed_phase, &out->text);
}

static void put_role(const struct device *d, struct cell *out)
{
	str_puts(&out->text, d->role ? d->role : "-");
	if (!d->role)
		out->role = ROLE_WARNING;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct choice_of_devices *c = ctx;
	const struct device *d = device(ctx, row);
	const struct group *g = inventory_group(c->inventory, row);
	const struct known_device *k = known_device(&c->known, d->name);
	if (column == SELECT_NAME)
		cell_name(out, d->name);
	else if (column == SELECT_ADDRESS)
		cell_name(out, d->address);
	else if (column == SELECT_ROLE)
		put_role(d, out);
	else if (column == SELECT_VERSION)
		str_puts(&out->text, k && k->version ? k->version : "?");
	else if (column == SELECT_GROUP)
		str_puts(&out->text, g ? g->name : "-");
	else if (column == SELECT_SOURCE)
		role_source(c->inventory, row, &out->text);
	else if (d->anchor)
		str_puts(&out->text, _("anchor: stays"));
	else
		select_put_result(k, out);
	if (d->anchor)
		out->role = ROLE_DIM;
}

static const char *id(const void *ctx, size_t row)
{
	return device(ctx, row)->name;
}

static bool marked(const void *ctx, size_t row)
{
	const struct choice_of_devices *c = ctx;
	return draft_has(c->draft, device(ctx, row)->name);
}

const struct list_rows select_rows = {.count = count, .cell = cell, .id = id, .marked = marked};

bool select_peers_left(const struct choice_of_devices *c, size_t row, struct str *out)
{
	const struct group *g = inventory_group(c->inventory, row);
	bool any = false;
	for (size_t i = 0; g && i < g->members.n; i++) {
		const struct device *d = device(c, g->members.v[i]);
		if (g->members.v[i] == row || d->anchor || draft_has(c->draft, d->name))
			continue;
		str_printf(out, "%s%s", any ? ", " : "", d->name);
		any = true;
	}
	return any;
}

bool select_too_many(int64_t most, size_t n, struct str *out)
{
	if (desk_check_most(most, n, NULL) == 0)
		return false;
	str_printf(out, _("! %zu selected, a job may have %lld"), n, (long long)most);
	return true;
}

static size_t with_role(const struct inventory *inv, const char *role, size_t below)
{
	size_t n = 0;
	for (size_t i = 0; i < below; i++)
		n += !inv->devices.v[i].anchor && str_eq(inv->devices.v[i].role, role);
	return n;
}

void select_role_counts(const struct inventory *inv, struct str *out)
{
	for (size_t i = 0; i < inv->devices.n; i++) {
		const char *role = inv->devices.v[i].role;
		if (inv->devices.v[i].anchor || with_role(inv, role, i))
			continue;
		str_printf(out, "%s%s (%zu)", out->len ? ", " : "", role ? role : "-",
			   with_role(inv, role, inv->devices.n));
	}
}
