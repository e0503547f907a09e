/* SPDX-License-Identifier: ISC */
/*
 * Devices of NetBox: the answer of /api/dcim/devices/ (a page with "results"), or a list of such
 * devices. A member may be an object ("role": {"slug": "leaf"}), as newer and older versions and
 * "brief" answers have it, or the slug alone. Only active devices with a name and a primary
 * address.
 */
#include "config.h"

#include "model/import_parts.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MOST 128 /* what is longer is no name there either, and is not repeated */

static const cJSON *rows_of(const cJSON *root)
{
	const cJSON *rows =
	    cJSON_IsArray(root) ? root : cJSON_GetObjectItemCaseSensitive(root, "results");
	return cJSON_IsArray(rows) ? rows : NULL;
}

static bool looks(const char *text, size_t n, const cJSON *root)
{
	static const char *const telling[] = {"device_type", "device_role", "primary_ip4",
					      "primary_ip"};
	const cJSON *rows = rows_of(root), *first = cJSON_GetArrayItem(rows, 0);
	(void)text, (void)n;
	if (rows && !first)
		return cJSON_IsObject(root) && cJSON_GetObjectItemCaseSensitive(root, "count");
	for (size_t i = 0; first && i < LEN(telling); i++)
		if (cJSON_GetObjectItemCaseSensitive(first, telling[i]))
			return true;
	return false;
}

/* The slug (value, name, address) of a member, or the member itself when it is a text. */
static const char *word_of(const cJSON *row, const char *key, const char *const *parts)
{
	const cJSON *at = cJSON_GetObjectItemCaseSensitive(row, key);
	if (cJSON_IsString(at))
		return at->valuestring;
	for (; *parts; parts++)
		if (json_text(at, *parts))
			return json_text(at, *parts);
	return NULL;
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *first_of(const cJSON *row, const char *const *keys, const char *const *parts)
{
	for (; *keys; keys++) {
		const char *text = word_of(row, *keys, parts);
		if (text && *text)
			return text;
	}
	return NULL;
}

/* A name where there is no slug ("Leaf Switch"), as the slug would be. */
static char *slug_of(const char *name)
{
	char *text = xstrdup(name);
	for (char *at = text; at && *at; at++)
		*at = *at == ' ' ? '-' : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	return text;
}

static int set_slug(const struct import_device *d, const char *field, const char *name, char **to,
		    struct err *e)
{
	char *slug = slug_of(name);
	int rc = slug && *slug ? import_text(d, field, slug, to, e) : 0;
	free(slug);
	return rc;
}

static int set_text(const struct import_device *d, const char *field, const char *text, char **to,
		    struct err *e)
{
	return text && *text ? import_text(d, field, text, to, e) : 0;
}

/* Without the mask. */
static int set_address(struct import_device *d, const char *text, struct err *e)
{
	char *bare = xstrndup(text, strcspn(text, "/"));
	int rc = import_text(d, "address", bare, &d->address, e);
	free(bare);
	return rc;
}

static void set_tags(struct import_device *d, const cJSON *row)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(row, "tags"), *at;
	if (!cJSON_IsArray(list))
		return;
	d->tags = xcalloc(1, sizeof(*d->tags));
	cJSON_ArrayForEach(at, list)
	{
		const char *tag = cJSON_IsString(at)      ? at->valuestring
				  : json_text(at, "slug") ? json_text(at, "slug")
							  : json_text(at, "name");
		if (tag)
			import_tag(d, tag);
	}
}

static int add_device(struct import *in, const cJSON *row, const char *name, const char *address,
		      const struct import_words *words, const char *place, struct err *e)
{
	const char *const *slug = PARTS("slug", "name");
	const char *system = word_of(row, "platform", slug);
	struct err why = {0};
	struct import_device *d = import_device_any(in, name, place, e);
	if (!d)
		return -1;
	const char *known = system ? import_platform(words, system) : NULL;
	/* what is wrong counts only for devices that are taken: who is left out may be anything */
	if (set_address(d, address, &why) < 0 ||
	    set_slug(d, "role", first_of(row, PARTS("role", "device_role"), slug), &d->role, &why) <
		0 ||
	    set_text(d, "site", word_of(row, "site", slug), &d->site, &why) < 0 ||
	    set_text(d, "serial", json_text(row, "serial"), &d->serial, &why) < 0)
		import_wrong(d, &why);
	if (set_slug(d, "platform", known ? known : system, &d->platform, &why) < 0)
		import_wrong(d, &why);
	/* whatever has no system in there may as well be a power strip */
	d->mentioned = !d->platform;
	set_tags(d, row);
	return 0;
}

static void import_left_status(struct import *in, const char *status)
{
	char *text = xstrndup(status, 32);
	import_left_add(&in->left, LEFT_INACTIVE, text_has_control(text, "") ? "?" : text);
	free(text);
}

static int read_row(struct import *in, const cJSON *row, size_t i, const char *file,
		    const struct import_words *words, struct err *e)
{
	const char *name = json_text(row, "name");
	const char *status = word_of(row, "status", PARTS("value", "label"));
	const char *address =
	    first_of(row, PARTS("primary_ip4", "primary_ip6", "primary_ip"), PARTS("address"));
	char *place = xasprintf("%s: results[%zu]", file, i);
	int rc = 0;
	if (!cJSON_IsObject(row)) {
		rc = err_set(e, ERR_INPUT, "%s: expected a device", place);
	} else if (!name || !*name) {
		import_note(in, "results[%zu] is left out: it has no name", i);
		import_left_add(&in->left, LEFT_NAMELESS, NULL);
	} else if (text_has_control(name, "") || strlen(name) > NAME_MOST) {
		import_note(in, "results[%zu] is left out: its name is not one short line", i);
		import_left_add(&in->left, LEFT_NAMELESS, NULL);
	} else if (status && strcasecmp(status, "active") != 0) {
		import_note(in, "%s is left out: its status is %.32s", name, status);
		import_left_status(in, status);
	} else if (!address) {
		import_note(in, "%s is left out: it has no primary address", name);
		import_left_add(&in->left, LEFT_ADDRESSLESS, NULL);
	} else {
		rc = add_device(in, row, name, address, words, place, e);
	}
	free(place);
	return rc;
}

static int read(const char *text, size_t n, const cJSON *root, const char *file,
		const struct import_words *words, struct import *in, struct err *e)
{
	const cJSON *rows = rows_of(root), *row;
	size_t i = 0;
	(void)text, (void)n;
	if (!rows)
		return err_set(e, ERR_INPUT, "%s: expected a list of devices (\"results\")", file);
	if (json_text(root, "next"))
		import_note(in, "this is one page of several: export with limit=0 for all devices");
	cJSON_ArrayForEach(row, rows) if (read_row(in, row, i++, file, words, e) < 0) return -1;
	return 0;
}

const struct import_format import_netbox = {"netbox", "devices of NetBox", looks, read};
