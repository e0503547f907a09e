/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/decommission.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/import.h"
#include "model/json.h"
#include "model/values.h"
#include "run/create.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

/* --- the file --------------------------------------------------------------------------------- */

cJSON *decommissioned_list(struct store *s, struct err *e)
{
	char *path = store_path(s, "decommissioned.json");
	cJSON *list = NULL, *root = NULL;
	if (!path_exists(path)) {
		list = cJSON_CreateArray();
	} else if ((root = json_load(path, e))) {
		list = cJSON_DetachItemFromObjectCaseSensitive(root, "devices");
		if (!cJSON_IsArray(list)) {
			cJSON_Delete(list);
			list = NULL;
			err_set(e, ERR_CORRUPT, _("%s: there is no list of devices in it"), path);
		}
	}
	cJSON_Delete(root);
	free(path);
	return list;
}

static int save(struct store *s, cJSON *list, struct err *e)
{
	char *path = store_path(s, "decommissioned.json");
	cJSON *root = cJSON_CreateObject();
	json_put_number(root, "format", 1);
	json_put(root, "devices", list);
	char *text = json_print(root, true);
	int rc = path_write(path, text, strlen(text), e);
	free(text);
	cJSON_Delete(root);
	free(path);
	return rc;
}

static const char *name_of(const cJSON *entry)
{
	return json_text(cJSON_GetObjectItemCaseSensitive(entry, "device"), "name");
}

static int find(const cJSON *list, const char *device)
{
	for (int i = 0; i < cJSON_GetArraySize(list); i++)
		if (str_eq(name_of(cJSON_GetArrayItem(list, i)), device))
			return i;
	return -1;
}

char *decommissioned_text(const cJSON *entry, const char *name)
{
	const char *by = json_text(entry, "by"), *reason = json_text(entry, "reason");
	char when[32];
	clock_local(json_number(entry, "at", 0), when);
	if (reason)
		return xasprintf(M_("%s was decommissioned (%s, by %s: %s); 'hitless inventory "
				    "recommission %s' brings it back"),
				 name, when, by ? by : "?", reason, name);
	return xasprintf(M_("%s was decommissioned (%s, by %s); 'hitless inventory recommission "
			    "%s' brings it back"),
			 name, when, by ? by : "?", name);
}

void decommissioned_tell(struct store *s, struct inventory *inv)
{
	struct err none = {0};
	cJSON *list = decommissioned_list(s, &none), *at;
	cJSON_ArrayForEach(at, list)
	{
		const char *name = name_of(at);
		if (name)
			VEC_PUSH(&inv->retired,
				 ((struct retired){xstrdup(name), decommissioned_text(at, name)}));
	}
	cJSON_Delete(list);
}

int decommissioned(struct store *s, char ***names, struct err *e)
{
	cJSON *list = decommissioned_list(s, e), *at;
	size_t n = 0;
	*names = NULL;
	if (!list)
		return -1;
	*names = xcalloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(**names));
	cJSON_ArrayForEach(at, list) if (name_of(at))(*names)[n++] = xstrdup(name_of(at));
	cJSON_Delete(list);
	return 0;
}

/* --- out -------------------------------------------------------------------------------------- */

static bool has_task(struct jobview *v, const char *device)
{
	size_t d = inventory_find(v->job->inventory, device);
	return d != NO_DEVICE && jobview_task(v, d);
}

/* Jobs that only looked (pre-checks, a plan) stop nobody. */
static int check_jobs(struct store *s, const char *device, struct err *e)
{
	struct job_rows rows = {0};
	int rc = store_jobs(s, &rows, e);
	for (size_t i = 0; rc == 0 && i < rows.n; i++) {
		if (rows.v[i].finished)
			continue;
		struct jobview *v = create_view(s, rows.v[i].id, e);
		if (!v)
			rc = -1;
		else if (v->started && !job_state_final(v->state) && has_task(v, device))
			rc = err_set(e, ERR_LOCKED,
				     _("%s is in the job \"%s\", which is not over; when it is, or "
				       "after 'hitless cancel', the device can be decommissioned"),
				     device, rows.v[i].name);
		jobview_free(v);
	}
	job_rows_release(&rows);
	return rc;
}

static bool names_device(const cJSON *ends, const char *device)
{
	const cJSON *end;
	size_t n = strlen(device);
	cJSON_ArrayForEach(end, ends)
	{
		const char *text = cJSON_GetStringValue(end);
		if (text && strncmp(text, device, n) == 0 && (!text[n] || text[n] == ':'))
			return true;
	}
	return false;
}

/* What the inventory says of the device, out of its JSON: the next three. */
static void detach_device(cJSON *root, const char *device, cJSON *entry)
{
	cJSON *devices = cJSON_GetObjectItemCaseSensitive(root, "devices");
	for (int i = cJSON_GetArraySize(devices); i-- > 0;)
		if (str_eq(json_text(cJSON_GetArrayItem(devices, i), "name"), device))
			json_put(entry, "device", cJSON_DetachItemFromArray(devices, i));
}

static void detach_groups(cJSON *root, const char *device, cJSON *entry, struct str *loss)
{
	cJSON *groups = cJSON_GetObjectItemCaseSensitive(root, "groups");
	cJSON *kept = cJSON_CreateArray();
	for (int i = cJSON_GetArraySize(groups); i-- > 0;) {
		cJSON *group = cJSON_GetArrayItem(groups, i);
		cJSON *members = cJSON_GetObjectItemCaseSensitive(group, "members");
		int at = cJSON_GetArraySize(members);
		while (at-- > 0 && !str_eq(cJSON_GetArrayItem(members, at)->valuestring, device))
			;
		if (at < 0)
			continue;
		json_append(kept, cJSON_Duplicate(group, true));
		cJSON_DeleteItemFromArray(members, at);
		if (cJSON_GetArraySize(members) >= 2)
			continue;
		str_printf(loss, _("the redundancy group %s is none any more\n"),
			   json_text(group, "name"));
		cJSON_DeleteItemFromArray(groups, i);
	}
	json_put(entry, "groups", kept);
}

static void detach_links(cJSON *root, const char *device, cJSON *entry, struct str *loss)
{
	cJSON *links = cJSON_GetObjectItemCaseSensitive(root, "links");
	cJSON *kept = cJSON_CreateArray();
	size_t n = 0;
	for (int i = cJSON_GetArraySize(links); i-- > 0;)
		if (names_device(cJSON_GetArrayItem(links, i), device)) {
			json_append(kept, cJSON_DetachItemFromArray(links, i));
			n++;
		}
	if (n)
		str_printf(loss, ngettext("%zu link goes with it\n", "%zu links go with it\n", n),
			   n);
	json_put(entry, "links", kept);
}

static cJSON *make_entry(const char *reason)
{
	struct clock *clock = clock_real();
	cJSON *entry = cJSON_CreateObject();
	char *who = desk_who();
	json_put_number(entry, "at", clock->wall(clock));
	json_put_text(entry, "by", who);
	json_put_text(entry, "reason", reason);
	free(who);
	return entry;
}

/* What is kept is written first: a crash in between leaves the device in both, and in service. */
static int take_out(struct store *s, cJSON *root, const char *device, const char *reason,
		    struct str *loss, struct err *e)
{
	cJSON *list = decommissioned_list(s, e);
	if (!list)
		return -1;
	cJSON *entry = make_entry(reason);
	detach_device(root, device, entry);
	detach_groups(root, device, entry, loss);
	detach_links(root, device, entry, loss);
	int old = find(list, device);
	if (old >= 0)
		cJSON_DeleteItemFromArray(list, old);
	json_append(list, entry);
	struct inventory *next = NULL;
	if (!cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(root, "devices"))) {
		cJSON_Delete(list);
		return err_set(e, ERR_REFUSED,
			       _("%s is the only device: an inventory without any is none"),
			       device);
	}
	next = inventory_from_json(root, "inventory.json", e);
	int rc = next ? save(s, list, e) : (cJSON_Delete(list), -1);
	if (rc == 0)
		rc = desk_inventory_save(s, next, e);
	inventory_free(next);
	return rc;
}

int decommission(struct store *s, const char *device, const char *reason, struct str *loss,
		 struct err *e)
{
	struct inventory *inv = desk_inventory(s, e);
	struct str lost = {0};
	size_t *chosen = NULL, n = 0;
	if (!inv)
		return -1;
	int rc = inventory_select(inv, device, &chosen, &n, e);
	if (rc == 0 && (n != 1 || strcmp(inv->devices.v[chosen[0]].name, device) != 0))
		rc = err_set(e, ERR_INPUT, _("name one device, not \"%s\""), device);
	if (rc == 0 && reason && (strlen(reason) > 200 || text_has_control(reason, "")))
		rc = err_set(e, ERR_INPUT, _("the reason: expected one line of at most 200 bytes"));
	if (rc == 0)
		rc = check_jobs(s, device, e);
	if (rc == 0) {
		cJSON *root = inventory_to_json(inv);
		rc = take_out(s, root, device, reason, &lost, e);
		cJSON_Delete(root);
	}
	if (rc == 0 && loss)
		str_puts(loss, str_text(&lost));
	str_release(&lost);
	free(chosen);
	inventory_free(inv);
	return rc;
}

/* --- back ------------------------------------------------------------------------------------- */

static bool group_has(const cJSON *group, const char *name)
{
	const cJSON *at;
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(group, "members"))
	{
		if (str_eq(cJSON_GetStringValue(at), name))
			return true;
	}
	return false;
}

/* Into the group as it is now, or the group as it was with those members that are there. */
static void put_group(cJSON *groups, const cJSON *was, const char *device,
		      const struct inventory *inv)
{
	cJSON *group, *member, *fresh;
	cJSON_ArrayForEach(group, groups)
	{
		if (!str_eq(json_text(group, "name"), json_text(was, "name")))
			continue;
		if (!group_has(group, device))
			json_append(cJSON_GetObjectItemCaseSensitive(group, "members"),
				    cJSON_CreateString(device));
		return;
	}
	cJSON *members = cJSON_CreateArray();
	cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(was, "members"))
	{
		const char *name = cJSON_GetStringValue(member);
		if (name && (strcmp(name, device) == 0 || inventory_find(inv, name) != NO_DEVICE))
			json_append(members, cJSON_CreateString(name));
	}
	if (cJSON_GetArraySize(members) < 2) {
		cJSON_Delete(members);
		return;
	}
	fresh = cJSON_CreateObject();
	json_put_text(fresh, "name", json_text(was, "name"));
	json_put_text(fresh, "kind", json_text(was, "kind"));
	json_put(fresh, "members", members);
	json_append(groups, fresh);
}

static bool ends_there(const cJSON *ends, const char *device, const struct inventory *inv)
{
	const cJSON *end;
	cJSON_ArrayForEach(end, ends)
	{
		const char *text = cJSON_GetStringValue(end);
		char *name = text ? xstrndup(text, strcspn(text, ":")) : NULL;
		bool there =
		    name && (strcmp(name, device) == 0 || inventory_find(inv, name) != NO_DEVICE);
		free(name);
		if (!there)
			return false;
	}
	return true;
}

static void attach(cJSON *root, const cJSON *entry, const char *device, const struct inventory *inv)
{
	const cJSON *at;
	json_append(cJSON_GetObjectItemCaseSensitive(root, "devices"),
		    cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(entry, "device"), true));
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(entry, "groups"))
	    put_group(cJSON_GetObjectItemCaseSensitive(root, "groups"), at, device, inv);
	cJSON_ArrayForEach(at, cJSON_GetObjectItemCaseSensitive(entry, "links"))
	{
		if (ends_there(at, device, inv))
			json_append(cJSON_GetObjectItemCaseSensitive(root, "links"),
				    cJSON_Duplicate(at, true));
	}
}

int recommission(struct store *s, const char *device, struct err *e)
{
	struct inventory *inv = desk_inventory(s, e);
	cJSON *list = inv ? decommissioned_list(s, e) : NULL;
	struct inventory *next = NULL;
	int at = list ? find(list, device) : -1, rc = -1;
	if (list && at < 0)
		err_set(e, ERR_INPUT, _("no device \"%s\" was decommissioned"), device);
	if (at >= 0 && inventory_find(inv, device) != NO_DEVICE) {
		at = -1;
		err_set(e, ERR_INPUT, _("there is a device %s in the inventory already"), device);
	}
	if (at >= 0) {
		cJSON *root = inventory_to_json(inv);
		attach(root, cJSON_GetArrayItem(list, at), device, inv);
		next = inventory_from_json(root, "inventory.json", e);
		cJSON_Delete(root);
	}
	if (next && desk_inventory_save(s, next, e) == 0) {
		cJSON_DeleteItemFromArray(list, at);
		rc = save(s, list, e);
		list = NULL;
	}
	cJSON_Delete(list);
	inventory_free(next);
	inventory_free(inv);
	return rc;
}
