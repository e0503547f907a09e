/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/discover_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "model/import.h"
#include "model/inventory_parts.h"
#include "model/json.h"
#include "model/values.h"
#include "run/decommission.h"
#include "run/desk.h"
#include "run/login.h"
#include "run/portrait.h"
#include "run/refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const found_names[FOUND_KINDS] = {
#define X(name, word, text) [FOUND_##name] = word,
    FOUND_CLASSES(X)
#undef X
};

const char *found_word(enum found_class c)
{
	static const char *const words[FOUND_KINDS] = {
#define X(name, word, text) [FOUND_##name] = text,
	    FOUND_CLASSES(X)
#undef X
	};
	return _(words[c]);
}

static void put(char **to, const char *text)
{
	char *copy = xstrdup(text);
	free(*to);
	*to = copy;
}

void found_set(struct discovery *d, struct found *f, enum found_class class, const char *why)
{
	d->count[f->class]--;
	f->class = class;
	d->count[class]++;
	put(&f->why, why);
}

struct inventory *discover_addresses(const struct discovery *d, const size_t *which, size_t n,
				     const char *credential)
{
	struct inventory *inv = inventory_new();
	for (size_t i = 0; i < n; i++) {
		const struct found *f = &d->v[which[i]];
		struct device *device = VEC_ADD(&inv->devices);
		device->name = f->port == 22 ? xstrdup(f->address)
					     : xasprintf("%s port %d", f->address, f->port);
		device->address = xstrdup(f->address);
		device->port = f->port;
		device->platform = xstrdup("");
		device->credential = xstrdup(credential);
	}
	return inv;
}

struct inventory *discover_known(struct store *s, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	bool there = path_exists(path);
	free(path);
	return there ? desk_inventory(s, e) : inventory_new();
}

int discover_accept(struct store *s, struct discovery *d, struct err *e)
{
	struct contacts list = {0};
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].class == FOUND_NEW_KEY)
			VEC_PUSH(&list, ((struct contact){.line = xstrdup(d->v[i].line),
							  .verdict = KNOWN_NOT}));
	int rc = list.n ? contacts_accept(s, &list, e) : 0;
	for (size_t i = 0; rc == 0 && i < d->n; i++)
		if (d->v[i].class == FOUND_NEW_KEY)
			found_set(d, &d->v[i], FOUND_WAITING, NULL);
	contacts_release(&list);
	return rc;
}

/* --- what they are ---------------------------------------------------------------------------- */

static void take_facts(struct found *f, const struct portrait *p)
{
	const struct procedure *q = p->procedure;
	f->platform = q->platforms[0];
	put(&f->name, values_get(&p->facts, "hostname"));
	put(&f->model, values_get(&p->facts, "model"));
	put(&f->version, values_get(&p->facts, q->from_fact));
	put(&f->serial, q->serial_facts ? values_get(&p->facts, q->serial_facts) : NULL);
	values_copy(&f->facts, &p->facts);
}

static void take_portrait(struct discovery *d, struct found *f, const struct portrait *p,
			  const char *credential)
{
	static const enum found_class of[] = {
	    [PORTRAIT_NONE] = FOUND_WAITING,        [PORTRAIT_DONE] = FOUND_DEVICE,
	    [PORTRAIT_NO_ANSWER] = FOUND_NO_ANSWER, [PORTRAIT_REFUSED] = FOUND_REFUSED,
	    [PORTRAIT_NOT_TRIED] = FOUND_NOT_TRIED, [PORTRAIT_HOST_KEY] = FOUND_OTHER_KEY,
	    [PORTRAIT_STRANGER] = FOUND_STRANGER,   [PORTRAIT_SILENT] = FOUND_NO_ANSWER};
	if (p->state == PORTRAIT_NONE)
		return;
	put(&f->credential, credential);
	if (p->state == PORTRAIT_DONE)
		take_facts(f, p);
	found_set(d, f, of[p->state], p->state == PORTRAIT_DONE ? NULL : p->why.text);
}

/* The same box at another address, or one that went out of service. */
static void recognise(struct store *s, struct discovery *d, const struct inventory *inv)
{
	struct known_devices known = {0};
	struct err none = {0};
	char **retired = NULL;
	(void)store_history_last(s, &known, &none); /* without it nobody is recognised by serial */
	(void)decommissioned(s, &retired, &none);
	for (size_t i = 0; i < d->n; i++) {
		struct found *f = &d->v[i];
		if (f->class != FOUND_DEVICE || !f->serial || !*f->serial)
			continue;
		for (size_t k = 0; k < inv->devices.n; k++) {
			const struct device *at = &inv->devices.v[k];
			const struct known_device *last = known_device(&known, at->name);
			const char *serial = at->serial ? at->serial
					     : last     ? values_get(&last->facts, "serial")
							: NULL;
			if (!str_eq(serial, f->serial))
				continue;
			char *why = xasprintf(_("it has the serial number of %s (%s)"), at->name,
					      at->address);
			found_set(d, f, FOUND_KNOWN, why);
			free(why);
			break;
		}
		for (char **name = retired; f->class == FOUND_DEVICE && name && *name; name++)
			if (str_eq(*name, f->name))
				found_set(d, f, FOUND_RETIRED,
					  _("'hitless inventory recommission' brings it back"));
	}
	strings_free(retired);
	known_devices_release(&known);
}

/* Who did not show a key (the search was stopped before) is not asked. */
static bool is_left(const struct found *f)
{
	return (f->class == FOUND_WAITING && f->line) || f->class == FOUND_REFUSED ||
	       f->class == FOUND_NOT_TRIED;
}

static size_t *to_ask(const struct discovery *d, size_t *n)
{
	size_t *list = xcalloc(d->n + 1, sizeof(*list));
	*n = 0;
	for (size_t i = 0; i < d->n; i++)
		if (is_left(&d->v[i]))
			list[(*n)++] = i;
	return list;
}

bool discover_some_left(const struct discovery *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (is_left(&d->v[i]))
			return true;
	return false;
}

/* Nobody was asked: an earlier search was, and that is what counts. */
static void take_earlier(struct discovery *d, struct found *f, struct keyring *k, const char *name,
			 const char *credential)
{
	char *why = f->class == FOUND_NOT_TRIED ? xstrdup(f->why) : NULL;
	if (why && keyring_said(k, credential, name) == KEYRING_REFUSED)
		found_set(d, f, FOUND_REFUSED, why);
	free(why);
}

int discover_ask(struct store *s, struct discovery *d, struct keyring *k, const char *credential,
		 bool again, const struct procedures *list, const struct pace *pace,
		 int (*progress)(void *ctx, size_t done, size_t total), void *ctx, struct err *e)
{
	struct inventory *inv, *there;
	struct portraits portraits;
	struct credentials credentials = {0};
	size_t n;
	if (desk_credentials(s, &credentials, e) != 0 || !(there = discover_known(s, e))) {
		credentials_release(&credentials);
		return -1;
	}
	size_t *which = to_ask(d, &n), *numbers = xcalloc(n + 1, sizeof(*numbers));
	for (size_t i = 0; i < n; i++)
		numbers[i] = i;
	inv = discover_addresses(d, which, n, credential);
	d->before = again ? 0 : refused_before(s, k, inv, credential);
	size_t *seen = login_seen(k, &credentials); /* what was refused before is not counted twice */
	int rc =
	    portraits_take(s, inv, numbers, n, k, list, false, pace, progress, ctx, &portraits, e);
	login_remember_since(s, k, &credentials, seen);
	refused_remember(s, k, inv, credential);
	for (size_t i = 0; i < portraits.n; i++) {
		take_portrait(d, &d->v[which[i]], &portraits.v[i], credential);
		take_earlier(d, &d->v[which[i]], k, inv->devices.v[i].name, credential);
	}
	portraits_release(&portraits);
	recognise(s, d, there);
	inventory_free(inv);
	inventory_free(there);
	free(numbers);
	free(which);
	free(seen);
	credentials_release(&credentials);
	return rc;
}

/* --- into the inventory ----------------------------------------------------------------------- */

/* What a file calls it goes before what it calls itself. */
static const char *name_for(const struct found *f)
{
	return f->wanted ? f->wanted : f->name;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(name_for(*(const struct found *const *)a),
		      name_for(*(const struct found *const *)b));
}

static void note_left_out(const struct found *f, const char *why, struct str *notes)
{
	str_printf(notes, _("%s is left out: %s\n"), f->address, why);
}

/* Two boxes that call themselves the same, or a name that is taken: a person has to say which. */
static bool name_is_good(const struct found *f, const struct found *other,
			 const struct inventory_index *known, struct str *notes)
{
	struct err why = {0};
	char *text = NULL;
	const char *name = name_for(f);
	if (inventory_check_name(name, &why) != 0)
		text = xstrdup(why.text);
	else if (other && strcmp(name_for(other), name) == 0)
		text = xasprintf(_("it calls itself %s, and so does %s"), name, other->address);
	else if (known && inventory_index_find(known, name) != NO_DEVICE)
		text =
		    xasprintf(_("it calls itself %s, and the inventory has a device of this name "
				"at another address"),
			      name);
	else if (!str_eq(name, f->name))
		str_printf(notes,
			   _("%s calls itself %s, the file calls it %s: that is its name now\n"),
			   f->address, f->name, name);
	if (text)
		note_left_out(f, text, notes);
	free(text);
	return !text;
}

static void add_device(struct inventory *inv, const struct found *f)
{
	struct device *d = VEC_ADD(&inv->devices);
	d->name = xstrdup(name_for(f));
	d->address = xstrdup(f->address);
	d->port = f->port;
	d->platform = xstrdup(f->platform);
	d->credential = xstrdup(f->credential);
	d->serial = f->serial && *f->serial ? xstrdup(f->serial) : NULL;
	d->model = f->model && *f->model ? xstrdup(f->model) : NULL;
}

static const struct found **found_devices(const struct discovery *d, size_t *n)
{
	const struct found **list = xcalloc(d->n + 2, sizeof(*list));
	*n = 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].class == FOUND_DEVICE && d->v[i].name)
			list[(*n)++] = &d->v[i];
	if (*n)
		qsort(list, *n, sizeof(*list), by_name);
	return list;
}

struct inventory *discover_add(const struct discovery *d, const struct inventory *now,
			       struct str *notes, struct err *e)
{
	struct inventory *next = now ? inventory_copy(now) : inventory_new();
	struct inventory_index *known = now ? inventory_index_new(now) : NULL;
	size_t n, added = 0;
	const struct found **list = found_devices(d, &n);
	for (size_t i = 0; i < n; i++) {
		const struct found *other =
		    i > 0 && strcmp(name_for(list[i - 1]), name_for(list[i])) == 0 ? list[i - 1]
										   : list[i + 1];
		if (!name_is_good(list[i], other, known, notes))
			continue;
		add_device(next, list[i]);
		added++;
	}
	free(list);
	inventory_index_free(known);
	struct inventory *good = NULL;
	if (added) { /* the rules give roles, and everything is checked as a file would be */
		cJSON *root = inventory_to_json(next);
		good = inventory_from_json(root, "inventory.json", e);
		cJSON_Delete(root);
	} else {
		err_set(e, ERR_INPUT, _("there is no new device to add"));
	}
	inventory_free(next);
	return good;
}

void discover_remember(struct store *s, const struct discovery *d, const struct inventory *inv)
{
	struct known_devices list = {0};
	struct err none = {0};
	for (size_t i = 0; i < d->n; i++) {
		const struct found *f = &d->v[i];
		if (f->class == FOUND_DEVICE && f->name &&
		    inventory_find(inv, name_for(f)) != NO_DEVICE)
			VEC_PUSH(&list, ((struct known_device){.device = (char *)name_for(f),
							       .version = f->version,
							       .facts = f->facts}));
	}
	(void)store_facts_set(s, list.v, list.n, &none); /* losing it is no harm */
	VEC_RELEASE(&list);
}

/* --- showing ---------------------------------------------------------------------------------- */

bool found_is_row(const struct found *f)
{
	return f->class != FOUND_NO_ANSWER || f->wanted || f->alone || f->line;
}

const struct found *discover_refused(const struct discovery *d, const struct found **next)
{
	const struct found *refused = NULL;
	*next = NULL;
	for (size_t i = 0; i < d->n; i++) {
		const struct found *f = &d->v[i];
		if (f->class == FOUND_REFUSED)
			refused = f;
		else if (f->class == FOUND_NOT_TRIED && refused && !*next)
			*next = f;
	}
	return refused;
}

cJSON *discovery_json(const struct discovery *d, bool all)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < d->n; i++) {
		const struct found *f = &d->v[i];
		if (!all && !found_is_row(f))
			continue;
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "address", f->address);
		json_put_number(o, "port", f->port);
		json_put_text(o, "class", found_names[f->class]);
		json_put_text(o, "wanted", f->wanted);
		json_put_text(o, "name", f->name);
		json_put_text(o, "platform", f->platform);
		json_put_text(o, "version", f->version);
		json_put_text(o, "serial", f->serial);
		json_put_text(o, "model", f->model);
		json_put_text(o, "credential", f->credential);
		json_put_text(o, "fingerprint", *f->fingerprint ? f->fingerprint : NULL);
		json_put_text(o, "why", f->why);
		json_append(list, o);
	}
	return list;
}

void found_release(struct found *f)
{
	free(f->address);
	free(f->wanted);
	free(f->name);
	free(f->version);
	free(f->serial);
	free(f->model);
	free(f->credential);
	free(f->line);
	free(f->why);
	values_release(&f->facts);
}

void discovery_release(struct discovery *d)
{
	for (size_t i = 0; i < d->n; i++)
		found_release(&d->v[i]);
	free(d->next);
	VEC_RELEASE(d);
	*d = (struct discovery){0};
}
