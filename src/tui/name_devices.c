/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/name_devices.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/targets.h"

#include <stdlib.h>

const struct column name_columns[NAME_COLUMNS] = {
    [NAME_DEVICE] = {N_("NAME"), 8, 24, 0, false},
    [NAME_FROM] = {N_("FROM"), 7, 16, 0, false},
    [NAME_TO] = {N_("TO"), 7, 16, 0, false},
    [NAME_NEEDED] = {N_("WHAT IS MISSING"), 24, 0, 0, false},
};

static const struct {
	char symbol;
	const char *word; /* N_(); NULL: the reason says it */
	enum theme_role role;
} looks[] = {
    [FORECAST_READY] = {'+', N_("nothing"), ROLE_OK},
    [FORECAST_ASK] = {'?', NULL, ROLE_STATE_UNKNOWN},
    [FORECAST_SAME] = {'-', NULL, ROLE_STATE_SKIPPED},
    [FORECAST_PATH] = {'!', NULL, ROLE_ERROR},
    [FORECAST_MISSING] = {'!', NULL, ROLE_ERROR},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct name_devices *n = ctx;
	return n->list.n;
}

static const struct device *device(const struct name_devices *n, size_t row)
{
	return &n->inventory->devices.v[n->list.v[row].device];
}

static const char *id(const void *ctx, size_t row)
{
	return device(ctx, row)->name;
}

static void put_needed(const struct name_device *d, struct cell *out)
{
	const char *word = looks[d->forecast].word;
	if (d->image && d->forecast == FORECAST_READY)
		word = d->image->label;
	else
		word = word ? _(word) : d->why;
	str_printf(&out->text, "%c %s", looks[d->forecast].symbol, word);
	out->role = looks[d->forecast].role;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct name_devices *n = ctx;
	const struct device *d = device(n, row);
	const struct known_device *k = known_device(&n->known, d->name);
	if (column == NAME_DEVICE)
		str_puts(&out->text, d->name);
	else if (column == NAME_FROM)
		str_puts(&out->text, k && k->version ? k->version : "?");
	else if (column == NAME_TO)
		str_puts(&out->text, n->list.v[row].version ? n->list.v[row].version : "-");
	else
		put_needed(&n->list.v[row], out);
}

const struct list_rows name_rows = {.count = count, .cell = cell, .id = id};

/* --- life ------------------------------------------------------------------------------------- */

static void clear(struct name_devices *n)
{
	for (size_t i = 0; i < n->list.n; i++) {
		free(n->list.v[i].why);
		free(n->list.v[i].version);
	}
	VEC_RELEASE(&n->list);
	known_devices_release(&n->known);
	images_release(&n->images);
	credentials_release(&n->credentials);
	n->credentials = (struct credentials){0};
	n->images = (struct images){0};
}

void name_devices_release(struct name_devices *n)
{
	clear(n);
	inventory_free(n->inventory);
	*n = (struct name_devices){0};
}

int name_devices_read(struct name_devices *n, const struct draft *d, struct store *s, struct err *e)
{
	struct inventory *inv = desk_inventory(s, e);
	if (!inv)
		return -1;
	clear(n);
	inventory_free(n->inventory);
	n->inventory = inv;
	for (size_t i = 0; i < inv->devices.n; i++)
		if (draft_has(d, inv->devices.v[i].name))
			VEC_PUSH(&n->list, ((struct name_device){.device = i,
								 .forecast = FORECAST_ASK,
								 .why = xstrdup("")}));
	if (store_history_last(s, &n->known, e) != 0 || store_images(s, &n->images, e) != 0)
		return -1;
	return desk_credentials(s, &n->credentials, e);
}

static const struct image *image_of(const struct name_devices *n, const struct draft *d, size_t row)
{
	const char *id = values_get(&d->images, device(n, row)->name);
	for (size_t i = 0; id && i < n->images.n; i++)
		if (str_eq(n->images.v[i].id, id))
			return &n->images.v[i];
	return NULL;
}

char *name_devices_misfit(const struct name_devices *n, size_t row, const struct image *i,
			  const struct procedure *p)
{
	const struct device *d = device(n, row);
	struct values facts = {0};
	targets_facts(p, d, known_device(&n->known, d->name), &facts);
	char *why = targets_misfit(i, p, &facts);
	values_release(&facts);
	return why;
}

static void judge_one(struct name_devices *n, size_t row, struct forecast_input *in,
		      const struct procedure *p)
{
	struct name_device *x = &n->list.v[row];
	const struct device *dev = device(n, row);
	struct str why = {0};
	char *misfit = x->image ? name_devices_misfit(n, row, x->image, p) : NULL;
	in->platform = dev->platform;
	x->forecast = FORECAST_ASK;
	if (misfit) {
		x->forecast = FORECAST_MISSING;
		str_puts(&why, misfit);
	} else if (in->version && in->method) {
		x->forecast = forecast_device(in, known_device(&n->known, dev->name), &why);
	} else {
		str_puts(&why, _("choose a version"));
	}
	free(misfit);
	free(x->why);
	x->why = str_take(&why);
}

void name_devices_judge(struct name_devices *n, const struct draft *d, const struct procedure *p)
{
	struct forecast_input in = {.procedure = p,
				    .method = procedure_method(p, d->method),
				    .parameters = &d->parameters,
				    .images = &n->images};
	for (size_t i = 0; i < n->list.n; i++) {
		struct name_device *x = &n->list.v[i];
		x->image = image_of(n, d, i);
		in.version = x->image     ? x->image->version
			     : d->version ? targets_meant(&n->images, p, d->version)
					  : NULL;
		draft_text(&x->version, in.version);
		judge_one(n, i, &in, p);
	}
}

/* --- in words --------------------------------------------------------------------------------- */

void name_devices_count(const struct name_devices *n, struct str *out)
{
	size_t ready = 0, ask = 0, bad = 0;
	for (size_t i = 0; i < n->list.n; i++) {
		enum forecast x = n->list.v[i].forecast;
		ready += x == FORECAST_READY || x == FORECAST_SAME;
		ask += x == FORECAST_ASK;
		bad += x == FORECAST_PATH || x == FORECAST_MISSING;
	}
	str_printf(out, ngettext("%zu ready", "%zu ready", ready), ready);
	if (ask)
		str_printf(out, _(", %zu to be asked"), ask);
	if (bad)
		str_printf(out, ngettext(", %zu lacks something", ", %zu lack something", bad),
			   bad);
}

char *name_devices_lacking(const struct name_devices *n)
{
	for (size_t i = 0; i < n->list.n; i++) {
		const struct name_device *x = &n->list.v[i];
		if (x->forecast == FORECAST_PATH || x->forecast == FORECAST_MISSING)
			return xasprintf("%s: %s", device(n, i)->name, x->why);
	}
	return NULL;
}

static const char *const methods[CREDENTIAL_METHODS] = {
    [CREDENTIAL_AGENT] = N_("SSH agent"),
    [CREDENTIAL_KEY] = N_("SSH key"),
    [CREDENTIAL_PASSWORD] = N_("password, asked for at the start"),
    [CREDENTIAL_COMMAND] = N_("password from a command"),
    [CREDENTIAL_SYSTEMD] = N_("password from systemd"),
};

static bool said_before(const struct name_devices *n, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (str_eq(device(n, i)->credential, device(n, row)->credential))
			return true;
	return false;
}

void name_devices_logins(const struct name_devices *n, struct str *out)
{
	for (size_t i = 0; i < n->list.n; i++) {
		const char *name = device(n, i)->credential;
		const struct credential *k = credentials_find(&n->credentials, name);
		if (said_before(n, i))
			continue;
		str_puts(out, out->len ? "; " : "");
		if (k)
			str_printf(out, _("%s: user %s, %s"), name, k->user, _(methods[k->method]));
		else
			str_printf(out, _("%s: missing!"), name);
		if (k && k->key)
			str_printf(out, " %s", k->key);
	}
}
