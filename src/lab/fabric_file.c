/* SPDX-License-Identifier: ISC */
/* A fabric from a description. */
#include "config.h"

#include "lab/fabric.h"

#include "base/path.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLATFORM "cumulus-linux"
enum { FILE_LIMIT = 64 << 20, MOST_DEVICES = 2000, MOST_HOSTS = 16, FIRST_FREE = 60 };

struct reading {
	struct lab *lab;
	const char *path;
	struct err *e;
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

static int check_device(struct reading *r, const cJSON *o, int i)
{
	const char *name = text_of(o, "name"), *platform = text_of(o, "platform");
	const char *model = text_of(o, "model"), *version = text_of(o, "version");
	if (!good_name(name))
		return err_set(r->e, ERR_INPUT, "%s: devices[%d]: a name is missing or bad",
			       r->path, i);
	if (lab_find(r->lab, name) >= 0)
		return err_set(r->e, ERR_INPUT, "%s: devices[%d]: a second \"%s\"", r->path, i,
			       name);
	if (platform && strcmp(platform, PLATFORM) != 0)
		return err_set(r->e, ERR_INPUT,
			       "%s: %s: the lab does not simulate the platform \"%s\", only "
			       "%s",
			       r->path, name, platform, PLATFORM);
	if (model && !platform_find(model))
		return err_set(r->e, ERR_INPUT,
			       "%s: %s: model \"%s\": not one of vx, broadcom, mellanox", r->path,
			       name, model);
	if (version && !lab_version_ok(version))
		return err_set(r->e, ERR_INPUT, "%s: %s: version \"%s\": expected x.y.z", r->path,
			       name, version);
	return 0;
}

static void add_hosts(struct lab *lab, int device, int n)
{
	struct device *dev = lab->devices.v[device];
	char port[16];
	for (int h = 0, at = 1; h < n; at++) {
		(void)snprintf(port, sizeof(port), "swp%d", at);
		if (port_find(dev, port) >= 0)
			continue;
		dev->ports.v[port_add(dev, port, PORT_SWP)].host = true;
		h++;
	}
}

static int read_devices(struct reading *r, const cJSON *list)
{
	int i = 0;
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		const char *role = text_of(o, "role"), *model = text_of(o, "model");
		const char *version = text_of(o, "version");
		if (check_device(r, o, i) != 0)
			return -1;
		if (i >= MOST_DEVICES)
			return err_set(r->e, ERR_INPUT, "%s: more than %d devices", r->path,
				       MOST_DEVICES);
		int at = fabric_add(r->lab, text_of(o, "name"), role ? role : "", 1 + i / 250,
				    1 + i % 250);
		struct device *dev = r->lab->devices.v[at];
		if (model)
			dev->platform = platform_find(model);
		dev->version = version ? xstrdup(version) : NULL;
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
		(void)snprintf(name, sizeof(name), "swp%d", n);
		if (port_find(dev, name) < 0)
			return port_add(dev, name, PORT_SWP);
	}
}

/* The end of a link: a device and a port that is not in use; -1: e. */
static int read_end(struct reading *r, const cJSON *o, int i, int *port)
{
	const char *text = cJSON_IsString(o) ? o->valuestring : "";
	size_t n = strcspn(text, ":");
	char *name = xstrndup(text, n);
	const char *wanted = text[n] ? text + n + 1 : "";
	int at = lab_find(r->lab, name);
	free(name);
	if (at < 0)
		return err_set(r->e, ERR_INPUT, "%s: links[%d]: no device for \"%s\"", r->path, i,
			       text);
	struct device *dev = r->lab->devices.v[at];
	bool good = str_starts(wanted, "swp") && strlen(wanted) < sizeof(dev->ports.v->name) &&
		    !wanted[3 + strspn(wanted + 3, "0123456789s")];
	int there = good ? port_find(dev, wanted) : -1;
	if (there >= 0)
		return err_set(r->e, ERR_INPUT, "%s: links[%d]: %s has a cable already", r->path, i,
			       text);
	*port = good ? port_add(dev, wanted, PORT_SWP) : free_port(dev);
	return at;
}

static int read_links(struct reading *r, const cJSON *list)
{
	int i = 0;
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		int a_port = -1, b_port = -1, a, b;
		if (cJSON_GetArraySize(o) != 2)
			return err_set(r->e, ERR_INPUT, "%s: links[%d]: two ends expected", r->path,
				       i);
		a = read_end(r, cJSON_GetArrayItem(o, 0), i, &a_port);
		b = a < 0 ? -1 : read_end(r, cJSON_GetArrayItem(o, 1), i, &b_port);
		if (b < 0)
			return -1;
		if (a == b)
			return err_set(r->e, ERR_INPUT, "%s: links[%d]: both ends are %s", r->path,
				       i, r->lab->devices.v[a]->name);
		fabric_cable(r->lab, a, a_port, b, b_port);
		i++;
	}
	return 0;
}

/* --- pairs ------------------------------------------------------------------------------------ */

static bool linked(const struct lab *lab, int a, int b)
{
	for (size_t i = 0; i < lab->links.n; i++)
		if ((lab->links.v[i].a == a && lab->links.v[i].b == b) ||
		    (lab->links.v[i].a == b && lab->links.v[i].b == a))
			return true;
	return false;
}

static int make_pair(struct reading *r, const char *name, int a, int b)
{
	struct device *x = r->lab->devices.v[a], *y = r->lab->devices.v[b];
	if (a == b || x->peer >= 0 || y->peer >= 0)
		return err_set(r->e, ERR_INPUT, "%s: group %s: a device is in one pair only",
			       r->path, name);
	x->peer = b;
	y->peer = a;
	x->group = xstrdup(name);
	y->group = xstrdup(name);
	for (int i = 0, n = linked(r->lab, a, b) ? 0 : 2; i < n; i++)
		fabric_cable(r->lab, a, free_port(x), b, free_port(y));
	return 0;
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

static int read_groups(struct reading *r, const cJSON *list)
{
	const cJSON *o;
	cJSON_ArrayForEach(o, list)
	{
		const cJSON *m = cJSON_GetObjectItemCaseSensitive(o, "members");
		const char *name = text_of(o, "name");
		int at[2] = {-1, -1};
		for (int i = 0; i < 2 && cJSON_GetArraySize(m) == 2; i++) {
			const cJSON *member = cJSON_GetArrayItem(m, i);
			at[i] = cJSON_IsString(member) ? lab_find(r->lab, member->valuestring) : -1;
		}
		if (!good_name(name) || at[0] < 0 || at[1] < 0)
			return err_set(r->e, ERR_INPUT,
				       "%s: group \"%s\": a name and two members that are devices "
				       "expected",
				       r->path, name ? name : "");
		if (make_pair(r, name, at[0], at[1]) != 0)
			return -1;
		choose_primary(r->lab, text_of(o, "primary"), at);
	}
	return 0;
}

int fabric_read(struct lab *lab, const char *path, struct err *e)
{
	struct reading r = {lab, path, e};
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
	rc = rc ? rc : read_devices(&r, devices);
	rc = rc ? rc : read_links(&r, cJSON_GetObjectItemCaseSensitive(root, "links"));
	rc = rc ? rc : read_groups(&r, cJSON_GetObjectItemCaseSensitive(root, "groups"));
	rc = rc ? rc : read_hosts(&r, devices);
	cJSON_Delete(root);
	return rc;
}
