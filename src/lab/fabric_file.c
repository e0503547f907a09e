/* SPDX-License-Identifier: ISC */
/* A fabric from a description. */
#include "config.h"

#include "lab/fabric.h"
#include "lab/srx.h"

#include "base/path.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20, MOST_DEVICES = 2000, MOST_HOSTS = 16, FIRST_FREE = 60,
       MOST_MEMBERS = 200 };

struct reading {
	struct lab *lab;
	const char *path;
	struct err *e;
	int clusters; /* of two nodes, so far */
};

static const char *text_of(const cJSON *o, const char *name)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(o, name);
	return cJSON_IsString(at) && *at->valuestring ? at->valuestring : NULL;
}

static bool good_name(const char *name)
{
	return name && path_is_name(name) && strlen(name) < 64 && !strchr(name, ':');
}

/* --- devices ---------------------------------------------------------------------------------- */

/* The hardware that is meant; NULL: e. */
static const struct platform *hardware_of(struct reading *r, const cJSON *o)
{
	const char *platform = text_of(o, "platform"), *model = text_of(o, "model");
	const struct platform *usual = platform_find(r->lab->options.platform);
	const char *system = platform ? platform : usual->system->name;
	const char *name = text_of(o, "name");
	const struct platform *found = platform || model ? platform_of(system, model) : usual;
	if (!platform_of(system, NULL))
		err_set(r->e, ERR_INPUT, "%s: %s: the lab does not simulate the platform \"%s\"",
			r->path, name, system);
	else if (!found)
		err_set(r->e, ERR_INPUT, "%s: %s: model \"%s\": not one that the lab has of %s",
			r->path, name, model ? model : "", system);
	return found;
}

static int check_device(struct reading *r, const cJSON *o, int i)
{
	const char *name = text_of(o, "name"), *version = text_of(o, "version");
	if (!good_name(name))
		return err_set(r->e, ERR_INPUT, "%s: devices[%d]: a name is missing or bad",
			       r->path, i);
	if (lab_find(r->lab, name) >= 0)
		return err_set(r->e, ERR_INPUT, "%s: devices[%d]: a second \"%s\"", r->path, i,
			       name);
	if (version && !lab_version_ok(version))
		return err_set(r->e, ERR_INPUT, "%s: %s: version \"%s\": expected x.y.z", r->path,
			       name, version);
	return 0;
}

static void port_text(const struct device *dev, int number, char text[16])
{
	(void)snprintf(text, 16, "%s%d", dev->platform->system->port, number);
}

static void add_hosts(struct lab *lab, int device, int n)
{
	struct device *dev = lab->devices.v[device];
	char port[16];
	for (int h = 0, at = 1; h < n; at++) {
		port_text(dev, at, port);
		if (port_find(dev, port) >= 0)
			continue;
		int made = port_add(dev, port, PORT_SWP); /* which may move them all */
		dev->ports.v[made].host = true;
		h++;
	}
}

static const char *usual_version(const struct platform *hardware)
{
	return fabric_defaults_of(hardware->system->name)->from_version;
}

/* As one text; NULL: there are none. */
static const char *tags_of(struct reading *r, const cJSON *o)
{
	const cJSON *tag;
	struct str words = {0};
	cJSON_ArrayForEach(tag, cJSON_GetObjectItemCaseSensitive(o, "tags"))
		if (cJSON_IsString(tag))
			str_printf(&words, "%s%s", words.len ? " " : "", tag->valuestring);
	const char *text = words.len ? lab_intern(r->lab, str_text(&words)) : NULL;
	str_release(&words);
	return text;
}

static int read_devices(struct reading *r, const cJSON *list)
{
	int i = 0;
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		const char *role = text_of(o, "role"), *version = text_of(o, "version");
		const struct platform *hardware = NULL;
		if (check_device(r, o, i) != 0 || !(hardware = hardware_of(r, o)))
			return -1;
		if (i >= MOST_DEVICES)
			return err_set(r->e, ERR_INPUT, "%s: more than %d devices", r->path,
				       MOST_DEVICES);
		int at = fabric_add(r->lab, text_of(o, "name"), role ? role : "", 1 + i / 250,
				    1 + i % 250);
		struct device *dev = r->lab->devices.v[at];
		dev->platform = hardware;
		dev->tags = tags_of(r, o);
		dev->scenery = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "scenery"));
		dev->version = xstrdup(version ? version : usual_version(hardware));
		i++;
	}
	return i ? 0 : err_set(r->e, ERR_INPUT, "%s: no devices", r->path);
}

/* Behind the links, whose ports have names already. */
static int read_hosts(struct reading *r, const cJSON *list)
{
	int i = 0;
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, "hosts");
		if (n && (!cJSON_IsNumber(n) || n->valueint < 0 || n->valueint > MOST_HOSTS))
			return err_set(r->e, ERR_INPUT, "%s: devices[%d].hosts: not in 0..%d",
				       r->path, i, MOST_HOSTS);
		if (n)
			add_hosts(r->lab, i, n->valueint);
		i++;
	}
	return 0;
}

/* --- links ------------------------------------------------------------------------------------ */

static int free_port(struct device *dev)
{
	char name[16];
	for (int n = FIRST_FREE;; n++) {
		port_text(dev, n, name);
		if (port_find(dev, name) < 0)
			return port_add(dev, name, PORT_SWP);
	}
}

/* A name as the system gives them, "swp51s1". */
static bool port_good(const struct device *dev, const char *name)
{
	const char *prefix = dev->platform->system->port;
	return str_starts(name, prefix) && strlen(name) < sizeof(dev->ports.v->name) &&
	       !name[strlen(prefix) + strspn(name + strlen(prefix), "0123456789s")];
}

/* The device at the end of a link, and what its port is to be called ("": nothing is said). */
static int read_end(struct reading *r, const cJSON *o, int i, const char **port)
{
	const char *text = cJSON_IsString(o) ? o->valuestring : "";
	size_t n = strcspn(text, ":");
	char *name = xstrndup(text, n);
	int at = lab_find(r->lab, name);
	free(name);
	*port = text[n] ? text + n + 1 : "";
	if (at < 0)
		return err_set(r->e, ERR_INPUT, "%s: links[%d]: no device for \"%s\"", r->path, i,
			       text);
	return at;
}

/* A port that is not in use; -1: e. */
static int take_port(struct reading *r, int at, const char *wanted, int i)
{
	struct device *dev = r->lab->devices.v[at];
	if (!port_good(dev, wanted))
		return free_port(dev);
	if (port_find(dev, wanted) >= 0)
		return err_set(r->e, ERR_INPUT, "%s: links[%d]: %s:%s has a cable already", r->path,
			       i, dev->name, wanted);
	return port_add(dev, wanted, PORT_SWP);
}

/* Systems that are no part of a fabric have no cables: theirs are passed over. */
static int add_link(struct reading *r, const cJSON *o, int i)
{
	const char *a_port, *b_port;
	int a = read_end(r, cJSON_GetArrayItem(o, 0), i, &a_port);
	int b = a < 0 ? -1 : read_end(r, cJSON_GetArrayItem(o, 1), i, &b_port);
	if (b < 0)
		return -1;
	struct device *x = r->lab->devices.v[a], *y = r->lab->devices.v[b];
	if (a == b)
		return err_set(r->e, ERR_INPUT, "%s: links[%d]: both ends are %s", r->path, i,
			       x->name);
	if (!x->platform->system->cables || !y->platform->system->cables)
		return 0;
	int from = take_port(r, a, a_port, i), to = from < 0 ? -1 : take_port(r, b, b_port, i);
	if (to < 0)
		return -1;
	fabric_cable(r->lab, a, from, b, to);
	return 0;
}

static int read_links(struct reading *r, const cJSON *list)
{
	int i = 0;
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		if (cJSON_GetArraySize(o) != 2)
			return err_set(r->e, ERR_INPUT, "%s: links[%d]: two ends expected", r->path,
				       i);
		if (add_link(r, o, i) != 0)
			return -1;
		i++;
	}
	return 0;
}

/* --- groups ------------------------------------------------------------------------------------ */

static bool linked(const struct lab *lab, int a, int b)
{
	for (size_t i = 0; i < lab->links.n; i++)
		if ((lab->links.v[i].a == a && lab->links.v[i].b == b) ||
		    (lab->links.v[i].a == b && lab->links.v[i].b == a))
			return true;
	return false;
}

struct members {
	int at[MOST_MEMBERS];
	int n;
};

/* Two with the same hosts: an MLAG pair has cables between them. */
static void make_pair(struct reading *r, const char *name, const struct members *m)
{
	int a = m->at[0], b = m->at[1];
	struct device *x = r->lab->devices.v[a], *y = r->lab->devices.v[b];
	bool cables = str_eq(x->platform->system->group, "mlag") && !linked(r->lab, a, b);
	x->peer = b;
	y->peer = a;
	x->group = xstrdup(name);
	y->group = xstrdup(name);
	for (int i = 0; cables && i < 2; i++)
		fabric_cable(r->lab, a, free_port(x), b, free_port(y));
}

/* The lower MAC is the primary. */
static void choose_primary(struct lab *lab, const char *name, const int at[2])
{
	struct device *a = lab->devices.v[at[0]], *b = lab->devices.v[at[1]];
	char mac[sizeof(a->mac)];
	bool first = strcmp(a->mac, b->mac) < 0;
	if (!name || str_eq(name, first ? a->name : b->name))
		return;
	memcpy(mac, a->mac, sizeof(mac));
	memcpy(a->mac, b->mac, sizeof(mac));
	memcpy(b->mac, mac, sizeof(mac));
}

static void make_mlag(struct reading *r, const char *name, const cJSON *o, const struct members *m)
{
	make_pair(r, name, m);
	choose_primary(r->lab, text_of(o, "primary"), m->at);
}

static void make_esi(struct reading *r, const char *name, const cJSON *o, const struct members *m)
{
	(void)o;
	make_pair(r, name, m);
}

static void make_nodes(struct reading *r, const char *name, const cJSON *o, const struct members *m)
{
	(void)o;
	srx_pair(r->lab, m->at[0], m->at[1], ++r->clusters, name);
}

static void make_cluster(struct reading *r, const char *name, const cJSON *o,
			 const struct members *m)
{
	(void)o;
	for (int i = 0; i < m->n; i++)
		r->lab->devices.v[m->at[i]]->group = xstrdup(name);
}

/* What the members of a group are to each other, by the system that they run. */
static const struct kind {
	const char *system; /* NULL: any other */
	void (*make)(struct reading *r, const char *name, const cJSON *o, const struct members *m);
} kinds[] = {
    {"cumulus-linux", make_mlag},
    {"junos", make_esi},
    {"junos-srx", make_nodes},
    {NULL, make_cluster},
};

static const struct kind *kind_of(const struct device *dev)
{
	const struct kind *k = kinds;
	while (k->system && !str_eq(k->system, dev->platform->system->name))
		k++;
	return k;
}

/* The members, all of one system and each in this group only. */
static int read_members(struct reading *r, const char *name, const cJSON *list, struct members *m)
{
	const cJSON *member;
	m->n = 0;
	cJSON_ArrayForEach(member, list)
	{
		int at = cJSON_IsString(member) ? lab_find(r->lab, member->valuestring) : -1;
		if (at < 0 || m->n == MOST_MEMBERS)
			return err_set(r->e, ERR_INPUT, "%s: group %s: members[%d]: no device",
				       r->path, name, m->n);
		const struct device *dev = r->lab->devices.v[at];
		if (dev->group)
			return err_set(r->e, ERR_INPUT, "%s: group %s: %s is in a group already",
				       r->path, name, dev->name);
		if (m->n && !str_eq(dev->platform->system->name,
				    r->lab->devices.v[m->at[0]]->platform->system->name))
			return err_set(r->e, ERR_INPUT, "%s: group %s: %s runs another system",
				       r->path, name, dev->name);
		m->at[m->n++] = at;
	}
	return 0;
}

static int read_group(struct reading *r, const cJSON *o)
{
	const char *name = text_of(o, "name");
	struct members m;
	if (!good_name(name))
		return err_set(r->e, ERR_INPUT, "%s: groups: a name is missing or bad", r->path);
	if (read_members(r, name, cJSON_GetObjectItemCaseSensitive(o, "members"), &m) != 0)
		return -1;
	const struct device *first = m.n ? r->lab->devices.v[m.at[0]] : NULL;
	if (!first || (first->platform->system->pair && (m.n != 2 || m.at[0] == m.at[1])))
		return err_set(r->e, ERR_INPUT, "%s: group %s: %s expected", r->path, name,
			       first ? "two members" : "members");
	kind_of(first)->make(r, name, o, &m);
	return 0;
}

static int read_groups(struct reading *r, const cJSON *list)
{
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
		if (read_group(r, o) != 0)
			return -1;
	for (size_t i = 0; i < r->lab->devices.n; i++) {
		const struct device *dev = r->lab->devices.v[i];
		if (dev->platform->system == &srx_system && !dev->group)
			return err_set(r->e, ERR_INPUT, "%s: %s is a node of no group", r->path,
				       dev->name);
	}
	return 0;
}

/* A member that is a version; *out stays when it is not there. */
static int read_version(struct reading *r, const cJSON *root, const char *name, const char **out)
{
	const char *version = text_of(root, name);
	if (version && !lab_version_ok(version))
		return err_set(r->e, ERR_INPUT, "%s: %s \"%s\": expected x.y.z", r->path, name,
			       version);
	*out = version ? lab_intern(r->lab, version) : *out;
	return 0;
}

int fabric_read(struct lab *lab, const char *path, struct err *e)
{
	struct reading r = {lab, path, e, 0};
	struct str text = {0};
	if (path_read(path, FILE_LIMIT, &text, e) != 0)
		return -1;
	cJSON *root = cJSON_Parse(str_text(&text));
	str_release(&text);
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
	const cJSON *devices = cJSON_GetObjectItemCaseSensitive(root, "devices");
	int rc = 0;
	if (!cJSON_IsNumber(format) || format->valueint != 1 || !cJSON_IsArray(devices))
		rc = err_set(e, ERR_INPUT, "%s: no fabric: JSON with \"format\": 1 and \"devices\"",
			     path);
	rc = rc ? rc : read_version(&r, root, "version", &lab->options.from_version);
	rc = rc ? rc : read_version(&r, root, "to", &lab->options.to_version);
	rc = rc ? rc : read_devices(&r, devices);
	rc = rc ? rc : read_links(&r, cJSON_GetObjectItemCaseSensitive(root, "links"));
	rc = rc ? rc : read_groups(&r, cJSON_GetObjectItemCaseSensitive(root, "groups"));
	rc = rc ? rc : read_hosts(&r, devices);
	cJSON_Delete(root);
	return rc;
}
