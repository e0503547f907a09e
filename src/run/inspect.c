/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/inspect.h"

#include "base/i18n.h"
#include "model/json.h"
#include "model/values.h"
#include "run/topology.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* text and advice are taken. */
static void find(struct findings *f, bool error, const char *device, const char *code, char *text,
		 char *advice)
{
	VEC_PUSH(f, ((struct finding){error, xstrdup(device), code, text, advice}));
	f->errors += error;
}

/* --- the file --------------------------------------------------------------------------------- */

struct keyed { /* something that should be there once */
	char *key;
	size_t device;
};
struct keys {
	struct keyed *v;
	size_t n, cap;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int d = strcmp(x->key, y->key);
	return d ? d : (x->device > y->device) - (x->device < y->device);
}

static void keys_sort(struct keys *k)
{
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), by_key);
}

static void keys_release(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->v[i].key);
	VEC_RELEASE(k);
}

static bool same_key(const struct keys *k, size_t i)
{
	return i > 0 && strcmp(k->v[i - 1].key, k->v[i].key) == 0;
}

static void check_serials(const struct inventory *inv, struct findings *out)
{
	struct keys all = {0};
	for (size_t i = 0; i < inv->devices.n; i++)
		if (inv->devices.v[i].serial)
			VEC_PUSH(&all, ((struct keyed){xstrdup(inv->devices.v[i].serial), i}));
	keys_sort(&all);
	for (size_t i = 1; i < all.n; i++)
		if (same_key(&all, i))
			find(out, true, inv->devices.v[all.v[i].device].name, "serial-twice",
			     xasprintf(_("it has the serial number %s, and so has %s"),
				       all.v[i].key, inv->devices.v[all.v[i - 1].device].name),
			     xstrdup(_("one of the two is the same box under another name: take it "
				       "out, or correct its serial number")));
	keys_release(&all);
}

static void add_port(struct keys *all, const struct inventory *inv, size_t device, const char *port)
{
	if (port)
		VEC_PUSH(all, ((struct keyed){xasprintf("%s:%s", inv->devices.v[device].name, port),
					      device}));
}

static void check_ports(const struct inventory *inv, struct findings *out)
{
	struct keys all = {0};
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		add_port(&all, inv, l->a, l->a_port);
		add_port(&all, inv, l->b, l->b_port);
	}
	keys_sort(&all);
	for (size_t i = 1; i < all.n; i++)
		if (same_key(&all, i))
			find(
			    out, true, inv->devices.v[all.v[i].device].name, "port-twice",
			    xasprintf(_("two links end at %s"), all.v[i].key),
			    xstrdup(_("a port has one cable: 'hitless inventory learn' shows which "
				      "one is there")));
	keys_release(&all);
}

static void check_groups(const struct inventory *inv, struct findings *out)
{
	for (size_t i = 0; i < inv->groups.n; i++) {
		const struct group *g = &inv->groups.v[i];
		const struct device *first = &inv->devices.v[g->members.v[0]];
		for (size_t k = 1; k < g->members.n; k++) {
			const struct device *d = &inv->devices.v[g->members.v[k]];
			if (str_eq(d->role, first->role) && str_eq(d->platform, first->platform))
				continue;
			find(
			    out, false, d->name, "group-mixed",
			    xasprintf(_("it and %s are in the group %s and have different roles or "
					"platforms"),
				      first->name, g->name),
			    xstrdup(_("members of a group are upgraded in different stages then; "
				      "give them the same role if that is not meant")));
		}
	}
}

static void check_links(const struct inventory *inv, struct findings *out)
{
	bool *linked = xcalloc(inv->devices.n + 1, sizeof(*linked));
	for (size_t i = 0; i < inv->links.n; i++)
		linked[inv->links.v[i].a] = linked[inv->links.v[i].b] = true;
	for (size_t i = 0; inv->links.n && i < inv->devices.n; i++)
		if (!linked[i])
			find(out, false, inv->devices.v[i].name, "no-link",
			     xstrdup(_("it has no link, while others have")),
			     xstrdup(_("the plan cannot prove that it keeps a path: 'hitless "
				       "inventory learn' finds its links")));
	free(linked);
}

static void check_roles(const struct inventory *inv, const struct procedures *list,
			struct findings *out)
{
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct procedure *p = procedures_of(list, d->platform);
		char **role = p ? p->roles : NULL;
		if (d->anchor)
			continue;
		if (!p) {
			find(out, true, d->name, "platform-unknown",
			     xasprintf(_("no procedure knows its platform \"%s\""), d->platform),
			     xstrdup(_("'hitless procedure list' shows what is known; 'hitless "
				       "inventory set' corrects it")));
			continue;
		}
		while (d->role && role && *role && strcmp(*role, d->role) != 0)
			role++;
		if (!d->role)
			find(
			    out, false, d->name, "no-role", xstrdup(_("it has no role")),
			    xstrdup(_("it is upgraded last: 'hitless inventory set' or a role rule "
				      "gives it one")));
		else if (role && !*role)
			find(
			    out, false, d->name, "role-unknown",
			    xasprintf(_("the procedure has no stage for its role \"%s\""), d->role),
			    xstrdup(
				_("it is upgraded last: give it a role of the procedure, or name "
				  "the role in --order")));
	}
}

static void check_rules(const struct inventory *inv, struct findings *out)
{
	for (size_t i = 0; i < inv->rules.n; i++) {
		size_t n = 0;
		for (size_t k = 0; k < inv->devices.n && !n; k++)
			n += inventory_rule_matches(&inv->rules.v[i], &inv->devices.v[k]);
		if (!n)
			find(out, false, NULL, "rule-idle",
			     xasprintf(_("the role rule \"%s\" matches no device"),
				       inv->rules.v[i].match),
			     xstrdup(_("'hitless inventory role-rule del' removes it")));
	}
}

void inspect_file(const struct inventory *inv, const struct procedures *list, struct findings *out)
{
	check_roles(inv, list, out);
	check_serials(inv, out);
	check_groups(inv, out);
	check_ports(inv, out);
	check_links(inv, out);
	check_rules(inv, out);
}

/* --- the network ------------------------------------------------------------------------------ */

static const struct {
	const char *code, *advice;
} away[] = {
    [PORTRAIT_NO_ANSWER] = {"unreachable", N_("check address, cable and power; if it is gone for "
					      "good: 'hitless inventory decommission'")},
    [PORTRAIT_REFUSED] = {"login-refused",
			  N_("correct the credential; it was tried once, and on no "
			     "other device after that")},
    [PORTRAIT_NOT_TRIED] = {"login-not-tried",
			    N_("'hitless credential test' on one device, then again")},
    [PORTRAIT_HOST_KEY] = {"host-key", N_("'hitless host-key scan' shows its key")},
    [PORTRAIT_STRANGER] = {"os-not-supported",
			   N_("take it out, or give it the platform that it has")},
    [PORTRAIT_SILENT] = {"silent", N_("look at its load and its console, then once more")},
};

static void check_state(const struct inventory *inv, const struct portrait *p, struct findings *out)
{
	if (p->state == PORTRAIT_DONE || p->state == PORTRAIT_NONE)
		return;
	out->unreachable++;
	find(out, true, inv->devices.v[p->device].name, away[p->state].code, xstrdup(p->why.text),
	     xstrdup(_(away[p->state].advice)));
	out->errors--; /* counted as unreachable: nothing contradicts anything */
}

static void check_kept(const struct device *d, const char *field, const char *kept,
		       const char *said, const char *code, const char *advice, struct findings *out)
{
	if (!kept || !said || !*said || strcasecmp(kept, said) == 0)
		return;
	find(out, true, d->name, code,
	     xasprintf(_("the inventory says %s %s, the device says %s"), field, kept, said),
	     xstrdup(_(advice)));
}

static void check_facts(const struct inventory *inv, const struct portrait *p, struct findings *out)
{
	const struct device *d = &inv->devices.v[p->device];
	if (p->state != PORTRAIT_DONE)
		return;
	check_kept(
	    d, "name", d->name, values_get(&p->facts, "hostname"), "name-differs",
	    N_("this may be another box than the one that is meant: find out before anything "
	       "else; then correct the name here or there"),
	    out);
	check_kept(
	    d, "serial", d->serial, values_get(&p->facts, p->procedure->serial_facts),
	    "serial-differs",
	    N_("the box was replaced, or the address is another one's; 'hitless inventory set "
	       "DEVICE serial' takes the new one over"),
	    out);
	check_kept(
	    d, "model", d->model, values_get(&p->facts, "model"), "model-differs",
	    N_("the box was replaced; 'hitless inventory set DEVICE model' takes the new one "
	       "over"),
	    out);
}

/* Two entries that lead to the same box would let both members of a pair be worked on at once. */
static void check_same_box(const struct inventory *inv, const struct portraits *portraits,
			   struct findings *out)
{
	struct keys all = {0};
	for (size_t i = 0; i < portraits->n; i++) {
		const struct portrait *p = &portraits->v[i];
		const char *serial = p->state == PORTRAIT_DONE && p->procedure->serial_facts
					 ? values_get(&p->facts, p->procedure->serial_facts)
					 : NULL;
		if (serial && *serial)
			VEC_PUSH(&all, ((struct keyed){xstrdup(serial), p->device}));
	}
	keys_sort(&all);
	for (size_t i = 1; i < all.n; i++)
		if (same_key(&all, i))
			find(out, true, inv->devices.v[all.v[i].device].name, "same-box",
			     xasprintf(_("it and %s say that they have the serial number %s"),
				       inv->devices.v[all.v[i - 1].device].name, all.v[i].key),
			     xstrdup(_("both addresses lead to one box: take one of the two out")));
	keys_release(&all);
}

static void check_topology(const struct inventory *inv, const struct portraits *portraits,
			   struct findings *out)
{
	static const char *const codes[CHANGE_OFS][CHANGE_KINDS] = {
	    [CHANGE_OF_LINK] = {"link-not-in-file", "link-differs", "link-not-seen"},
	    [CHANGE_OF_GROUP] = {"group-not-in-file", "group-differs", "group-not-seen"}};
	static const char *const words[CHANGE_OFS][CHANGE_KINDS] = {
	    [CHANGE_OF_LINK] = {N_("the devices see a link that is not in the file: %s %s"),
				N_("a link is another one: %s %s"),
				N_("a link of the file is seen by neither end: %s %s")},
	    [CHANGE_OF_GROUP] = {
		N_("the devices say that they are a group that is not in the file: %s (%s)"),
		N_("a group has other members: %s (%s)"),
		N_("no member of a group of the file says that it is in one: %s (%s)")}};
	struct inventory_changes changes;
	struct str notes = {0};
	struct inventory *next = topology_learn(inv, portraits, true, &notes, NULL);
	inventory_compare(inv, next, &changes);
	for (size_t i = 0; i < changes.n; i++) {
		const struct inventory_change *c = &changes.v[i];
		if (!codes[c->of][c->kind])
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		find(out, true, NULL, codes[c->of][c->kind],
		     xasprintf(_(words[c->of][c->kind]), c->name, c->detail),
		     xstrdup(
			 _("look at the cable; 'hitless inventory learn --apply' takes over what "
			   "the devices see")));
#pragma GCC diagnostic pop
	}
	for (const char *at = str_text(&notes); *at;) {
		size_t n = strcspn(at, "\n");
		find(out, false, NULL, "topology", xstrndup(at, n),
		     xstrdup(_("look at both ends")));
		at += n + (at[n] == '\n');
	}
	inventory_changes_release(&changes);
	inventory_free(next);
	str_release(&notes);
}

void inspect_network(const struct inventory *inv, const struct portraits *portraits,
		     struct findings *out)
{
	for (size_t i = 0; i < portraits->n; i++)
		check_state(inv, &portraits->v[i], out);
	for (size_t i = 0; i < portraits->n; i++)
		check_facts(inv, &portraits->v[i], out);
	check_same_box(inv, portraits, out);
	check_topology(inv, portraits, out);
}

/* --- showing ---------------------------------------------------------------------------------- */

cJSON *findings_json(const struct findings *f)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *at = &f->v[i];
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "severity", at->error ? "error" : "warning");
		json_put_text(o, "device", at->device);
		json_put_text(o, "code", at->code);
		json_put_text(o, "text", at->text);
		json_put_text(o, "advice", at->advice);
		json_append(list, o);
	}
	return list;
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].device);
		free(f->v[i].text);
		free(f->v[i].advice);
	}
	VEC_RELEASE(f);
	*f = (struct findings){0};
}
