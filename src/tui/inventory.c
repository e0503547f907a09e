/* SPDX-License-Identifier: ISC */
/* The devices as a whole: where the inventory is, what is in it, and another file in its place. */
#include "config.h"

#include "tui/app.h"
#include "model/phrases.h"
#include "tui/inventory_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "run/desk.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

struct inventory_state {
	struct inventory *inventory; /* NULL: none yet */
	struct pager pager;
};

/* --- counting --------------------------------------------------------------------------------- */

struct tally {
	const char *name;
	size_t n;
};
struct tallies {
	VEC(struct tally) list;
};

static void count(struct tallies *t, const char *name)
{
	size_t i = 0;
	while (i < t->list.n && !str_eq(t->list.v[i].name, name))
		i++;
	if (i == t->list.n)
		VEC_PUSH(&t->list, ((struct tally){.name = name}));
	t->list.v[i].n++;
}

static int by_name(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static void put_tallies(struct pager *p, const char *title, struct tallies *t)
{
	pager_addf(p, ROLE_TITLE, 0, "\n%s", title);
	if (t->list.n)
		qsort(t->list.v, t->list.n, sizeof(*t->list.v), by_name);
	for (size_t i = 0; i < t->list.n; i++)
		pager_addf(p, ROLE_TEXT, 2, "%-*s %6zu",
			   utf8_field(t->list.v[i].name, 24), t->list.v[i].name, t->list.v[i].n);
	VEC_RELEASE(&t->list);
}

static const char *source_name(const struct device *d)
{
	return d->anchor                         ? _("(anchor)")
	       : d->role_by == ROLE_BY_HAND ? _("by hand")
	       : d->role_by == ROLE_BY_RULE ? _("by rule")
	       : d->role                         ? _("from a file")
						 : _("(no role)");
}

static const char *role_name(const struct device *d)
{
	return d->anchor ? _("(anchor)") : d->role ? d->role : _("(no role)");
}

static void put_counts(struct pager *p, const struct inventory *inv)
{
	struct tallies roles = {0}, sources = {0}, platforms = {0}, credentials = {0};
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		count(&roles, role_name(d));
		count(&sources, source_name(d));
		count(&platforms, d->platform ? d->platform : "-");
		count(&credentials, d->credential);
	}
	put_tallies(p, _("By role"), &roles);
	put_tallies(p, _("Roles are"), &sources);
	put_tallies(p, _("By platform"), &platforms);
	put_tallies(p, _("By credential"), &credentials);
	pager_addf(p, ROLE_TITLE, 0, "\n%s", _("Redundancy groups"));
	for (size_t i = 0; i < inv->groups.n; i++)
		pager_addf(p, ROLE_TEXT, 2, "%-*s %6zu  %s",
			   utf8_field(inv->groups.v[i].name, 24), inv->groups.v[i].name,
			   inv->groups.v[i].members.n, inv->groups.v[i].kind);
}

/* --- life ------------------------------------------------------------------------------------- */

static void load(struct app *a, struct inventory_state *s)
{
	struct err e = {0};
	char *path = store_path(a->store, "inventory.json");
	inventory_free(s->inventory);
	s->inventory = desk_inventory(a->store, &e);
	pager_clear(&s->pager);
	pager_add(&s->pager, ROLE_TEXT, 0, path);
	if (s->inventory) {
		char *counts = word_inventory(s->inventory);
		pager_add(&s->pager, ROLE_TEXT, 0, counts);
		free(counts);
		put_counts(&s->pager, s->inventory);
	} else {
		pager_addf(&s->pager, ROLE_WARNING, 0, "\n%s\n", said_err(&e).text);
		pager_add(&s->pager, ROLE_TEXT, 0,
			  _("Press i to pick an inventory file, d to search devices."));
	}
	free(path);
}

void inventory_refresh(struct app *a)
{
	const struct open_screen *top = &a->stack.v[a->stack.n - 1];
	if (top->kind == &screen_inventory)
		load(a, top->state);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	(void)argument, (void)e;
	load(a, state);
	return 0;
}

static void close_inventory(struct app *a, void *state)
{
	struct inventory_state *s = state;
	(void)a;
	pager_release(&s->pager);
	inventory_free(s->inventory);
}

static void again(struct app *a, void *state)
{
	load(a, state);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct inventory_state *s = state;
	(void)a;
	pager_fit(&s->pager, height, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct inventory_state *s = state;
	struct canvas inner = canvas_part(c, 0, 1, -1, c->w - 2);
	(void)a;
	pager_draw(&s->pager, &inner);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct inventory_state *s = state;
	(void)a;
	return pager_key(&s->pager, k);
}

static bool typing(const void *state)
{
	const struct inventory_state *s = state;
	return s->pager.searching;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct inventory_state *s = state;
	size_t n = s->inventory ? s->inventory->devices.n : 0;
	(void)a;
	str_printf(out, ngettext("%zu device", "%zu devices", n), n);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void discover(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_discover, NULL);
}

static void rules(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_rules, NULL);
}

static bool there(const struct app *a, const void *state, struct err *why)
{
	const struct inventory_state *s = state;
	(void)a;
	if (s->inventory)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no inventory yet")), false;
}

static bool can_ask(const struct app *a, const void *state, struct err *why)
{
	if (!there(a, state, why))
		return false;
	if (!a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("wait until it is through")), false;
}

static void stop(struct app *a, void *state)
{
	(void)state;
	work_stop(a->work);
}

static bool working(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("nothing is going on")), false;
}

static const struct key_action actions[] = {
    {"import", "i Enter", N_("Import"),
     N_("Take in an inventory of ours or of another tool; first shows what changes"),
     inventory_import, NULL},
    {"discover", "d", N_("Discover"), N_("Search devices in a range of addresses"), discover, NULL},
    {"learn", "e", N_("Learn"), N_("Links and groups as the devices see them"), inventory_learn,
     can_ask},
    {"check", "c", N_("Check"), N_("Contradictions between the inventory and the network"),
     inventory_check, can_ask},
    {"rules", "r", N_("Role rules"), N_("Give roles to many devices by their names"), rules, there},
    {"decommission", "x", N_("Decommission"),
     N_("Take a device out of service; also :decommission NAME"), inventory_decommission, there},
    {"recommission", "b", N_("Bring back"), N_("Bring a decommissioned device back"),
     inventory_recommission, there},
    {"stop", "X", N_("Stop"), N_("End what goes on in the background"), stop, working},
    {0},
};

const struct screen screen_inventory = {
    .name = "inventory",
    .title = N_("Inventory"),
    .about = N_("The devices, their redundancy groups and links. Jobs that were made keep the "
		"inventory they were made with."),
    .size = sizeof(struct inventory_state),
    .actions = actions,
    .open = open,
    .close = close_inventory,
    .again = again,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
