/* SPDX-License-Identifier: ISC */
/*
 * What `ansible-inventory --list` prints. Hosts are those of _meta.hostvars and of all groups.
 *
 *   ansible_host, ansible_port, ansible_user   address, port, user (as Ansible has them)
 *   hitless_role, hitless_platform, hitless_site, hitless_credential   said outright
 *   a group with the name of a role, or its plural   the role; the nearest such group counts
 *   a group "site_X"                            the site X
 *   every other group but "all" and "ungrouped" a tag
 *   ansible_network_os                          the platform, when a procedure knows the name;
 *                                               another system is left out (import_merge)
 *
 * Hosts with a local connection are no devices. Where the file names the systems of some, a host
 * without one is most likely none of them (a server): it is taken only when it is known already, or
 * when a platform is named for it. Nothing else of the variables is read.
 */
#include "config.h"

#include "model/import_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

struct numbers {
	size_t *v;
	size_t n, cap;
};

struct ansible_group {
	const char *name;
	struct numbers parents; /* groups that have it as a child */
	size_t seen;            /* number of the host that was led here, from 1 */
	size_t depth;
};

struct host {
	const char *name;
	struct numbers groups;
};

struct reading {
	const cJSON *root, *vars;
	const char *file;
	const struct import_words *words;
	VEC(struct ansible_group) groups; /* sorted by name */
	VEC(struct host) hosts;           /* sorted by name, none twice */
	struct import *in;
	struct err *e;
};

static bool is_group(const cJSON *o)
{
	return cJSON_IsObject(o) &&
	       (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(o, "hosts")) ||
		cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(o, "children")));
}

static bool looks(const char *text, size_t n, const cJSON *root)
{
	const cJSON *at;
	(void)text, (void)n;
	if (!cJSON_IsObject(root))
		return false;
	if (cJSON_GetObjectItemCaseSensitive(root, "_meta"))
		return true;
	cJSON_ArrayForEach(at, root) if (is_group(at)) return true;
	return false;
}

/* --- variables -------------------------------------------------------------------------------- */

/* Text or number of the first of these variables that is there; *out is new or NULL. */
static int variable(const struct reading *r, const struct import_device *d, const cJSON *vars,
		    const char *const *names, char **out)
{
	*out = NULL;
	for (; *names; names++) {
		const cJSON *at = cJSON_GetObjectItemCaseSensitive(vars, *names);
		if (!at || cJSON_IsNull(at))
			continue;
		if (!cJSON_IsString(at) && !cJSON_IsNumber(at))
			return err_set(r->e, ERR_INPUT, "%s: %s: expected a text", d->place,
				       *names);
		*out = json_leaf(at);
		if (text_has_control(*out, "") || strstr(*out, "{{")) {
			free(*out);
			*out = NULL;
			return err_set(r->e, ERR_INPUT,
				       "%s: %s: expected a plain text (a template is not resolved "
				       "here)",
				       d->place, *names);
		}
		return 0;
	}
	return 0;
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static int text_of(const struct reading *r, const struct import_device *d, const cJSON *vars,
		   const char *const *names, const char *field, char **to)
{
	char *text;
	if (variable(r, d, vars, names, &text) < 0)
		return -1;
	int rc = text && *text ? import_text(d, field, text, to, r->e) : 0;
	free(text);
	return rc;
}

static int port_of(const struct reading *r, struct import_device *d, const cJSON *vars)
{
	char *text;
	if (variable(r, d, vars, NAMES("ansible_port", "ansible_ssh_port"), &text) < 0)
		return -1;
	if (text)
		d->port = import_port(d, text, r->e);
	free(text);
	return d->port < 0 ? -1 : 0;
}

/* "vendor.system.system" is the collection's way to say "system". */
static int system_of(const struct reading *r, struct import_device *d, const cJSON *vars)
{
	char *text;
	if (text_of(r, d, vars, NAMES("hitless_platform"), "platform", &d->platform) < 0 ||
	    variable(r, d, vars, NAMES("ansible_network_os"), &text) < 0)
		return -1;
	const char *dot = text ? strrchr(text, '.') : NULL, *last = dot ? dot + 1 : text;
	int rc = 0;
	if (text && *text && !d->platform) {
		const char *known = import_platform(r->words, text);
		known = known ? known : import_platform(r->words, last);
		rc = import_text(d, "platform", known ? known : last, &d->platform, r->e);
	}
	free(text);
	return rc;
}

static int read_vars(const struct reading *r, struct import_device *d, const cJSON *vars)
{
	if (text_of(r, d, vars, NAMES("ansible_host", "ansible_ssh_host"), "address", &d->address) <
		0 ||
	    text_of(r, d, vars, NAMES("hitless_role"), "role", &d->role) < 0 ||
	    text_of(r, d, vars, NAMES("hitless_site"), "site", &d->site) < 0 ||
	    text_of(r, d, vars, NAMES("hitless_credential"), "credential", &d->credential) < 0 ||
	    port_of(r, d, vars) < 0 || system_of(r, d, vars) < 0)
		return -1;
	return variable(r, d, vars, NAMES("ansible_user", "ansible_ssh_user"), &d->user);
}

/* --- groups ----------------------------------------------------------------------------------- */

/* The role that a group of this name gives: the name itself, or the role of which it is the plural.
 */
static const char *role_of(const struct import_words *words, const char *group)
{
	size_t n = strlen(group);
	for (size_t i = 0; words->roles && words->roles[i]; i++) {
		const char *role = words->roles[i];
		size_t k = strlen(role);
		if (strcmp(group, role) == 0 ||
		    (strncmp(group, role, k) == 0 &&
		     (strcmp(group + k, "s") == 0 || strcmp(group + k, "es") == 0)))
			return role;
		if (k > 1 && role[k - 1] == 'f' && n == k + 2 && /* leaf, leaves */
		    strncmp(group, role, k - 1) == 0 && strcmp(group + k - 1, "ves") == 0)
			return role;
	}
	return NULL;
}

struct search {
	const char *role;
	size_t depth;
	const char *other; /* a second role at the same depth */
};

static void note_group(const struct reading *r, struct import_device *d,
		       const struct ansible_group *g, struct search *s)
{
	const char *role = role_of(r->words, g->name);
	if (str_eq(g->name, "all") || str_eq(g->name, "ungrouped"))
		return;
	if (role && (!s->role || g->depth < s->depth))
		*s = (struct search){role, g->depth, NULL};
	else if (role && g->depth == s->depth && strcmp(role, s->role) != 0)
		s->other = role;
	else if (!role && !str_starts(g->name, "site_"))
		import_tag(d, g->name);
	else if (!role && !d->site && g->name[strlen("site_")])
		d->site = xstrdup(g->name + strlen("site_"));
}

static void enter(struct reading *r, const struct numbers *groups, size_t host, size_t depth,
		  struct numbers *queue)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct ansible_group *g = &r->groups.v[groups->v[i]];
		if (g->seen == host + 1)
			continue;
		g->seen = host + 1;
		g->depth = depth;
		VEC_PUSH(queue, groups->v[i]);
	}
}

/* From the groups that hold the host to those above them, nearest first, each once. */
static int read_groups(struct reading *r, struct import_device *d, size_t host)
{
	struct numbers queue = {0};
	struct search s = {0};
	enter(r, &r->hosts.v[host].groups, host, 0, &queue);
	for (size_t i = 0; i < queue.n; i++) {
		const struct ansible_group *g = &r->groups.v[queue.v[i]];
		note_group(r, d, g, &s);
		enter(r, &g->parents, host, g->depth + 1, &queue);
	}
	VEC_RELEASE(&queue);
	if (d->role || !s.role)
		return 0;
	if (s.other)
		return err_set(
		    r->e, ERR_INPUT,
		    "%s: it is in groups of two roles, %s and %s: say which it is with the "
		    "variable hitless_role",
		    d->place, s.role, s.other);
	d->role = xstrdup(s.role);
	return 0;
}

/* --- hosts ------------------------------------------------------------------------------------ */

static int by_host(const void *a, const void *b)
{
	return strcmp(((const struct host *)a)->name, ((const struct host *)b)->name);
}

static int by_group(const void *a, const void *b)
{
	return strcmp(((const struct ansible_group *)a)->name,
		      ((const struct ansible_group *)b)->name);
}

static int add_names(struct reading *r)
{
	const cJSON *at, *host;
	cJSON_ArrayForEach(at, r->vars) VEC_PUSH(&r->hosts, ((struct host){.name = at->string}));
	cJSON_ArrayForEach(at, r->root)
	{
		if (str_eq(at->string, "_meta"))
			continue;
		VEC_PUSH(&r->groups, ((struct ansible_group){.name = at->string}));
		cJSON_ArrayForEach(host, cJSON_GetObjectItemCaseSensitive(at, "hosts"))
		{
			const char *name = cJSON_GetStringValue(host);
			if (!name)
				return err_set(r->e, ERR_INPUT,
					       "%s: %s.hosts: expected names of hosts", r->file,
					       at->string);
			VEC_PUSH(&r->hosts, ((struct host){.name = name}));
		}
	}
	return 0;
}

static void sort_names(struct reading *r)
{
	size_t n = 0;
	if (r->hosts.n)
		qsort(r->hosts.v, r->hosts.n, sizeof(*r->hosts.v), by_host);
	for (size_t i = 0; i < r->hosts.n; i++)
		if (n == 0 || strcmp(r->hosts.v[n - 1].name, r->hosts.v[i].name) != 0)
			r->hosts.v[n++] = r->hosts.v[i];
	r->hosts.n = n;
	if (r->groups.n)
		qsort(r->groups.v, r->groups.n, sizeof(*r->groups.v), by_group);
}

/* Who is in which group; a child that is no group of the file has no one. */
static void tie(struct reading *r)
{
	const cJSON *at, *name;
	if (!r->groups.n)
		return;
	cJSON_ArrayForEach(at, r->root)
	{
		struct ansible_group *g = bsearch(&(struct ansible_group){.name = at->string},
						  r->groups.v, r->groups.n, sizeof(*g), by_group);
		if (!g)
			continue;
		size_t number = (size_t)(g - r->groups.v);
		cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(at, "hosts"))
		{
			struct host *h = bsearch(&(struct host){.name = name->valuestring},
						 r->hosts.v, r->hosts.n, sizeof(*h), by_host);
			VEC_PUSH(&h->groups, number);
		}
		cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(at, "children"))
		{
			const char *text = cJSON_GetStringValue(name);
			struct ansible_group *child =
			    text ? bsearch(&(struct ansible_group){.name = text}, r->groups.v,
					   r->groups.n, sizeof(*child), by_group)
				 : NULL;
			if (child)
				VEC_PUSH(&child->parents, number);
		}
	}
}

static int add_host(struct reading *r, size_t host)
{
	const char *name = r->hosts.v[host].name;
	const cJSON *vars = cJSON_GetObjectItemCaseSensitive(r->vars, name);
	if (str_eq(json_text(vars, "ansible_connection"), "local")) {
		import_note(r->in, "%s is left out: its connection is local", name);
		import_left_add(&r->in->left, LEFT_LOCAL, NULL);
		return 0;
	}
	char *place = xasprintf("%s: host \"%.64s\"", r->file, name);
	struct import_device *d = import_device_any(r->in, name, place, r->e);
	free(place);
	return d && read_vars(r, d, vars) == 0 ? read_groups(r, d, host) : -1;
}

static void mark_unsaid(struct import *in)
{
	bool some = false;
	for (size_t i = 0; i < in->devices.n; i++)
		some |= in->devices.v[i].platform != NULL;
	for (size_t i = 0; i < in->devices.n; i++)
		in->devices.v[i].mentioned = some && !in->devices.v[i].platform;
}

static int read(const char *text, size_t n, const cJSON *root, const char *file,
		const struct import_words *words, struct import *in, struct err *e)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(root, "_meta");
	struct reading r = {.root = root,
			    .vars = cJSON_GetObjectItemCaseSensitive(meta, "hostvars"),
			    .file = file,
			    .words = words,
			    .in = in,
			    .e = e};
	(void)text, (void)n;
	if (!cJSON_IsObject(root))
		return err_set(e, ERR_INPUT, "%s: expected what ansible-inventory --list prints",
			       file);
	int rc = add_names(&r);
	if (rc == 0) {
		sort_names(&r);
		tie(&r);
	}
	for (size_t i = 0; rc == 0 && i < r.hosts.n; i++)
		rc = add_host(&r, i);
	if (rc == 0)
		mark_unsaid(in);
	for (size_t i = 0; i < r.hosts.n; i++)
		VEC_RELEASE(&r.hosts.v[i].groups);
	for (size_t i = 0; i < r.groups.n; i++)
		VEC_RELEASE(&r.groups.v[i].parents);
	VEC_RELEASE(&r.hosts);
	VEC_RELEASE(&r.groups);
	return rc;
}

const struct import_format import_ansible = {"ansible", "ansible-inventory --list", looks, read};
