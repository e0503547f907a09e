/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/import.h"

#include "model/import_parts.h"
#include "model/inventory_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_SAID 8 /* of devices, in a note */

struct merge {
	const struct inventory *now; /* NULL: none yet */
	const struct import *in;
	const struct merge_options *o;
	struct inventory *next;
	struct inventory_index *old, *new;
	struct import_left *left;
	struct str *notes;
	struct err *e;
};

static void note(const struct merge *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void note(const struct merge *m, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(m->notes, fmt, ap);
	str_putc(m->notes, '\n');
	va_end(ap);
}

static size_t old_number(const struct merge *m, const char *name)
{
	return m->now ? inventory_index_find(m->old, name) : NO_DEVICE;
}

/* --- devices ---------------------------------------------------------------------------------- */

static void put(char **to, const char *text)
{
	char *copy = xstrdup(text);
	free(*to);
	*to = copy;
}

/* A whole inventory that takes the place of ours gives every field, also by silence. */
static bool gives_all(const struct merge *m)
{
	return m->in->whole && m->o->replace;
}

/* A field that the file does not give stays. */
static void put_given(const struct merge *m, char **to, const char *text)
{
	if (text || gives_all(m))
		put(to, text);
}

static void set_role(const struct merge *m, struct device *d, const struct import_device *from)
{
	if (d->role_by == ROLE_BY_HAND) {
		if (from->role && !str_eq(from->role, d->role))
			note(m, "%s keeps the role %s that was set by hand; the file says %s",
			     d->name, d->role ? d->role : "-", from->role);
		return;
	}
	if (from->role || gives_all(m))
		role_set(d, from->role, ROLE_FROM_FILE);
}

static bool is_known(const struct merge *m, const char *platform)
{
	return !m->o->known || strings_have(m->o->known, platform);
}

static void set_fields(const struct merge *m, struct device *d, const struct import_device *from)
{
	put_given(m, &d->site, from->site);
	put_given(m, &d->serial, from->serial);
	put_given(m, &d->model, from->model);
	if (from->address || gives_all(m))
		put(&d->address, from->address ? from->address : d->name);
	if (from->platform)
		put(&d->platform, from->platform);
	if (from->credential || gives_all(m))
		put(&d->credential, from->credential ? from->credential : "default");
	if (from->port || gives_all(m))
		d->port = from->port ? from->port : 22;
	if (from->tags || gives_all(m)) {
		strings_free(d->tags);
		d->tags = strings_copy(from->tags);
	}
	if (from->anchor_given || gives_all(m))
		d->anchor = from->anchor;
	set_role(m, d, from);
}

static int add_new(const struct merge *m, const struct import_device *from)
{
	const char *platform = from->platform ? from->platform : m->o->platform;
	if (!platform)
		return err_set(m->e, ERR_INPUT,
			       "%s: %s: the file does not say what it is: name it with --platform",
			       from->place, from->name);
	struct device *d = VEC_ADD(&m->next->devices);
	d->name = xstrdup(from->name);
	d->address = xstrdup(from->name);
	d->port = 22;
	d->platform = xstrdup(platform);
	d->credential = xstrdup("default");
	set_fields(m, d, from);
	return 0;
}

/* Said, and left out. */
static bool is_left_out(const struct merge *m, const struct import_device *from)
{
	bool known = old_number(m, from->name) != NO_DEVICE;
	enum import_cause cause;
	if (strings_have(m->o->retired, from->name)) {
		cause = LEFT_RETIRED;
		note(m,
		     "%s is left out: it was decommissioned ('hitless inventory recommission %s' "
		     "brings it back)",
		     from->name, from->name);
	} else if (!m->in->whole && from->platform && !is_known(m, from->platform)) {
		cause = LEFT_PLATFORM;
		note(m, "%s is left out: no procedure knows its platform \"%s\"", from->name,
		     from->platform);
	} else if (from->mentioned && !known && !m->o->platform_named) {
		cause = LEFT_UNSAID;
		note(m,
		     "%s is left out: the file does not say what it is (--platform P takes it for "
		     "one of P)",
		     from->name);
	} else {
		return false;
	}
	import_left_add(m->left, cause, from->platform);
	return true;
}

/* Whoever names a platform for a file that names some takes servers for switches with it. */
static void note_taken(const struct merge *m)
{
	struct str names = {0};
	size_t said = 0, taken = 0;
	for (size_t i = 0; i < m->in->devices.n; i++) {
		const struct import_device *d = &m->in->devices.v[i];
		said += d->platform != NULL;
		if (d->platform || !d->mentioned || old_number(m, d->name) != NO_DEVICE ||
		    strings_have(m->o->retired, d->name))
			continue;
		if (taken++ < NAMES_SAID)
			str_printf(&names, "%s%s", names.len ? ", " : "", d->name);
	}
	if (taken > NAMES_SAID)
		str_puts(&names, ", ...");
	if (m->o->platform_named && said && taken)
		note(m,
		     "the file does not say what %zu of its devices are, and they are taken for %s: "
		     "%s; take out those that are none ('hitless inventory decommission DEVICE')",
		     taken, m->o->platform, str_text(&names));
	str_release(&names);
}

static int check_wrong(const struct merge *m, const struct import_device *from)
{
	return from->wrong ? err_set(m->e, ERR_INPUT,
				     "%s; correct it where the file comes from, or take this device "
				     "out of the file",
				     from->wrong)
			   : 0;
}

/* Nothing of the file is taken, and there is nothing else. */
static int check_any(const struct merge *m, const char *file)
{
	struct str why = {0};
	size_t mentioned = 0;
	if (m->next->devices.n || !m->in->devices.n)
		return 0;
	for (size_t i = 0; i < m->in->devices.n; i++)
		mentioned += m->in->devices.v[i].mentioned;
	if (mentioned == m->left->of && !m->o->platform_named)
		return err_set(m->e, ERR_INPUT,
			       "%s: the file does not say what its devices are, and the inventory "
			       "has none yet: name it with --platform",
			       file);
	import_left_text(m->left, &why);
	err_set(m->e, ERR_INPUT, "%s: all %zu of its devices are left out: %s", file, m->left->of,
		str_text(&why));
	str_release(&why);
	return -1;
}

/* A whole inventory names the platform of every device: one that nobody knows is a mistake. Anchors
 * are not upgraded: they may be of any kind. */
static int check_platforms(const struct merge *m, const char *file)
{
	for (size_t i = 0; m->in->whole && m->o->known && i < m->in->devices.n; i++) {
		const struct import_device *d = &m->in->devices.v[i];
		if (d->anchor || strings_have(m->o->known, d->platform))
			continue;
		struct str list = {0};
		for (char *const *k = m->o->known; *k; k++)
			str_printf(&list, "%s%s", list.len ? ", " : "", *k);
		err_set(m->e, ERR_INPUT,
			"%s: %s.platform: no procedure knows the platform \"%s\" of %s; known "
			"are: %s",
			file, d->place, d->platform, d->name, str_text(&list));
		str_release(&list);
		return -1;
	}
	return 0;
}

static const struct import_device **by_old_number(const struct merge *m)
{
	size_t n = m->now ? m->now->devices.n : 0;
	const struct import_device **list = xcalloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < m->in->devices.n; i++) {
		size_t old = old_number(m, m->in->devices.v[i].name);
		if (old != NO_DEVICE)
			list[old] = &m->in->devices.v[i];
	}
	return list;
}

/* Those that there are first, in their order; then the new ones in the order of the file. */
static int merge_devices(const struct merge *m)
{
	const struct import_device **known = by_old_number(m);
	int rc = 0;
	for (size_t i = 0; rc == 0 && m->now && i < m->now->devices.n; i++) {
		const struct import_device *from = known[i];
		bool out = from && is_left_out(m, from);
		rc = from && !out ? check_wrong(m, from) : 0;
		if (!from && m->o->replace)
			continue;
		struct device *d = VEC_ADD(&m->next->devices);
		device_copy(d, &m->now->devices.v[i]);
		if (from && !out)
			set_fields(m, d, from);
	}
	for (size_t i = 0; rc == 0 && i < m->in->devices.n; i++) {
		const struct import_device *from = &m->in->devices.v[i];
		if (old_number(m, from->name) == NO_DEVICE && !is_left_out(m, from) &&
		    (rc = check_wrong(m, from)) == 0)
			rc = add_new(m, from);
	}
	free(known);
	return rc;
}

/* --- groups ----------------------------------------------------------------------------------- */

static bool same_members(const struct group *a, const struct group *b)
{
	size_t same = 0;
	for (size_t i = 0; i < a->members.n; i++)
		for (size_t k = 0; k < b->members.n; k++)
			same += a->members.v[i] == b->members.v[k];
	return same == a->members.n && same == b->members.n;
}

/* Takes the group: in place of one of the same name, or behind the others; one with fewer than two
 * members is none any more. */
static void put_group(const struct merge *m, struct group *g)
{
	struct group *same = NULL;
	bool known = false;
	for (size_t i = 0; i < m->next->groups.n; i++) {
		struct group *at = &m->next->groups.v[i];
		if (strcmp(at->name, g->name) == 0)
			same = at;
		known |= str_eq(at->kind, g->kind) && same_members(at, g);
	}
	if (g->members.n < 2 || (known && !same)) {
		free(g->name);
		free(g->kind);
		VEC_RELEASE(&g->members);
	} else if (same) {
		free(same->name);
		free(same->kind);
		VEC_RELEASE(&same->members);
		*same = *g;
	} else {
		VEC_PUSH(&m->next->groups, *g);
	}
}

static void add_member(const struct merge *m, struct group *g, const char *name)
{
	size_t d = inventory_index_find(m->new, name);
	if (d != NO_DEVICE)
		VEC_PUSH(&g->members, d);
}

static void merge_groups(const struct merge *m)
{
	bool keep = m->now && !(m->o->replace && m->in->has_groups);
	for (size_t i = 0; keep && i < m->now->groups.n; i++) {
		const struct group *from = &m->now->groups.v[i];
		struct group g = {xstrdup(from->name), xstrdup(from->kind), {0}};
		for (size_t k = 0; k < from->members.n; k++)
			add_member(m, &g, m->now->devices.v[from->members.v[k]].name);
		put_group(m, &g);
	}
	for (size_t i = 0; i < m->in->groups.n; i++) {
		const struct import_group *from = &m->in->groups.v[i];
		struct group g = {xstrdup(from->name), xstrdup(from->kind), {0}};
		for (char **name = from->members; *name; name++)
			add_member(m, &g, *name);
		put_group(m, &g);
	}
}

/* --- links ------------------------------------------------------------------------------------ */

struct end { /* a port that a link of the file is at, and its other end */
	size_t device;
	const char *port;
};

static int by_end(const void *a, const void *b)
{
	const struct end *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return strcmp(x->port, y->port);
}

struct ends {
	struct end *v;
	size_t n, cap;
};

static void add_end(const struct merge *m, struct ends *list, const struct import_end *from)
{
	size_t d = inventory_index_find(m->new, from->device);
	if (d != NO_DEVICE && from->port)
		VEC_PUSH(list, ((struct end){d, from->port}));
}

/* The ports at which the file has a link. */
static void ends_of_file(const struct merge *m, struct ends *list)
{
	for (size_t i = 0; i < m->in->links.n; i++) {
		add_end(m, list, &m->in->links.v[i].a);
		add_end(m, list, &m->in->links.v[i].b);
	}
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_end);
}

static bool is_taken(const struct ends *list, size_t device, const char *port)
{
	return port && list->n &&
	       bsearch(&(struct end){device, port}, list->v, list->n, sizeof(*list->v), by_end);
}

static void keep_links(const struct merge *m, const struct ends *taken)
{
	for (size_t i = 0; i < m->now->links.n; i++) {
		const struct link *l = &m->now->links.v[i];
		size_t a = inventory_index_find(m->new, m->now->devices.v[l->a].name);
		size_t b = inventory_index_find(m->new, m->now->devices.v[l->b].name);
		if (a == NO_DEVICE || b == NO_DEVICE || is_taken(taken, a, l->a_port) ||
		    is_taken(taken, b, l->b_port))
			continue;
		VEC_PUSH(&m->next->links,
			 ((struct link){a, b, xstrdup(l->a_port), xstrdup(l->b_port)}));
	}
}

static void merge_links(const struct merge *m)
{
	struct ends taken = {0};
	size_t left = 0;
	ends_of_file(m, &taken);
	if (m->now && !(m->o->replace && m->in->has_links))
		keep_links(m, &taken);
	for (size_t i = 0; i < m->in->links.n; i++) {
		const struct import_link *l = &m->in->links.v[i];
		size_t a = inventory_index_find(m->new, l->a.device);
		size_t b = inventory_index_find(m->new, l->b.device);
		left += a == NO_DEVICE || b == NO_DEVICE;
		if (a != NO_DEVICE && b != NO_DEVICE)
			VEC_PUSH(&m->next->links,
				 ((struct link){a, b, xstrdup(l->a.port), xstrdup(l->b.port)}));
	}
	if (left)
		note(m, "%zu links are left out: an end of theirs is not in the inventory", left);
	import_drop_doubles(m->next);
	import_crowded(m->next, m->notes);
	VEC_RELEASE(&taken);
}

/* --- rules ------------------------------------------------------------------------------------ */

static int merge_rules(const struct merge *m)
{
	if (m->now && !(m->o->replace && m->in->has_rules))
		rules_copy(m->next, m->now);
	for (size_t i = 0; i < m->in->rules.n; i++) {
		const struct role_rule *r = &m->in->rules.v[i];
		size_t at = 0;
		while (at < m->next->rules.n && strcmp(m->next->rules.v[at].match, r->match) != 0)
			at++;
		if (at < m->next->rules.n)
			inventory_rule_remove(m->next, at);
		if (inventory_rule_add(m->next, at, r->match, r->role, m->e) < 0)
			return -1;
	}
	rules_apply(m->next);
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* It has to be one that could be loaded: the same checks. */
static struct inventory *checked(struct inventory *next, const char *file, struct err *e)
{
	char *name = xasprintf("%s, put into the inventory", file);
	cJSON *tree = inventory_to_json(next);
	struct inventory *good = inventory_from_json(tree, name, e);
	cJSON_Delete(tree);
	free(name);
	inventory_free(next);
	return good;
}

struct inventory *import_merge(const struct inventory *now, const struct import *in,
			       const struct merge_options *o, const char *file, struct str *notes,
			       struct err *e)
{
	struct import_left own = {0};
	struct merge m = {.now = now, .in = in, .o = o, .notes = notes, .e = e};
	m.left = o->left ? o->left : &own;
	import_left_copy(m.left, &in->left);
	m.next = inventory_new();
	m.old = now ? inventory_index_new(now) : NULL;
	for (size_t i = 0; i < in->notes.n; i++)
		note(&m, "%s", in->notes.v[i]);
	int rc = check_platforms(&m, file);
	if (rc == 0)
		rc = merge_devices(&m);
	if (rc == 0)
		rc = check_any(&m, file);
	if (rc == 0) {
		note_taken(&m);
		m.new = inventory_index_new(m.next);
		merge_groups(&m);
		merge_links(&m);
		rc = merge_rules(&m);
	}
	inventory_index_free(m.old);
	inventory_index_free(m.new);
	import_left_release(&own);
	if (rc == 0)
		return checked(m.next, file, e);
	inventory_free(m.next);
	return NULL;
}
