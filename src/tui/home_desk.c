/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/home_desk.h"

#include "tui/app_parts.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AGAIN_MS 2000 /* a job that runs writes all the time */

void home_desk_release(struct home_desk *h)
{
	for (size_t i = 0; i < LEN(h->lines); i++)
		str_release(&h->lines[i]);
}

struct tally { /* how many of each version; borrowed texts */
	struct tally_row {
		const char *version;
		size_t n;
	} rows[8];
	size_t n, rest;
};

static void count_version(struct tally *t, const char *version)
{
	size_t i = 0;
	while (i < t->n && strcmp(t->rows[i].version, version) != 0)
		i++;
	if (i == LEN(t->rows)) {
		t->rest++;
		return;
	}
	if (i == t->n)
		t->rows[t->n++] = (struct tally_row){version, 0};
	t->rows[i].n++;
}

static int by_version(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;
	return strverscmp(x->version, y->version);
}

static void put_tally(struct tally *t, struct str *out)
{
	qsort(t->rows, t->n, sizeof(t->rows[0]), by_version);
	for (size_t i = 0; i < t->n; i++)
		str_printf(out, "   %s: %zu", t->rows[i].version, t->rows[i].n);
	if (t->rest)
		str_printf(out, _("   others: %zu"), t->rest);
}

static void tell_devices(struct home_desk *h, const struct inventory *inv,
			 const struct known_devices *known)
{
	struct tally t = {.n = 0};
	size_t total = 0, unknown = 0, lost = 0;
	for (size_t i = 0; inv && i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct known_device *k = known_device(known, d->name);
		if (d->anchor)
			continue;
		total++;
		if (k && k->version)
			count_version(&t, k->version);
		else if (k && (k->asked || k->ended))
			lost++; /* its last upgrade left it with nobody knows which */
		else
			unknown++;
	}
	str_clear(&h->lines[0]);
	str_printf(&h->lines[0], _("Devices: %zu"), total);
	put_tally(&t, &h->lines[0]);
	if (lost)
		str_printf(&h->lines[0], _("   version not known: %zu"), lost);
	if (unknown)
		str_printf(&h->lines[0], _("   not asked yet: %zu"), unknown);
}

/* Is there a device that is upgraded with a file of the operator's? One of which nobody knows how it
 * is upgraded may be. */
static bool need_image(struct app *a, const struct inventory *inv)
{
	struct procedures list = {0};
	struct err e = {0};
	bool found = !inv || !inv->devices.n;
	if (!found && procedures_all(NULL, &list, &e) != 0) {
		app_fail(a, &e);
		found = true;
	}
	for (size_t i = 0; !found && i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct procedure *p = procedures_of(&list, d->platform);
		found = !d->anchor && (!p || procedure_needs_image(p));
	}
	procedures_free(&list);
	return found;
}

static void look_at_devices(struct app *a, struct home_desk *h)
{
	struct known_devices known = {0};
	struct err e = {0};
	char *path = store_path(a->store, "inventory.json");
	struct inventory *inv = path_exists(path) ? desk_inventory(a->store, &e) : NULL;
	if (store_history_last(a->store, &known, &e) != 0 || e.kind != ERR_NONE)
		app_fail(a, &e);
	h->needs_image = !h->images && need_image(a, inv);
	h->inventory = inv && inv->devices.n;
	tell_devices(h, inv, &known);
	known_devices_release(&known);
	inventory_free(inv);
	free(path);
}

static void look_at_images(struct app *a, struct home_desk *h)
{
	struct images list = {0};
	struct tally t = {.n = 0};
	struct err e = {0};
	if (store_images(a->store, &list, &e) != 0)
		app_fail(a, &e);
	h->images = 0;
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.v[i].kind, "os")) {
			count_version(&t, list.v[i].version);
			h->images++;
		}
	str_clear(&h->lines[1]);
	str_printf(&h->lines[1], _("Images: %zu"), list.n);
	put_tally(&t, &h->lines[1]);
	h->packages = list.n - h->images;
	if (h->packages)
		str_printf(&h->lines[1], _("   packages: %zu"), h->packages);
	char *version = list.n ? store_default(a->store, list.v[0].platform) : NULL;
	if (version)
		str_printf(&h->lines[1], _("   default: %s"), version);
	free(version);
	images_release(&list);
}

static void look_at_credentials(struct app *a, struct home_desk *h)
{
	struct credentials list = {0};
	struct err e = {0};
	if (desk_credentials(a->store, &list, &e) != 0)
		app_fail(a, &e);
	h->credentials = list.n;
	str_clear(&h->lines[2]);
	str_printf(&h->lines[2], _("Credentials: %zu"), list.n);
	for (size_t i = 0; i < list.n; i++)
		str_printf(&h->lines[2], "   %s (%s)", list.v[i].name, list.v[i].user);
	credentials_release(&list);
}

/* --- when ------------------------------------------------------------------------------------- */

static const char *const files[HOME_DESK_FILES] = {"inventory.json", "credentials.json"};

static void mark_files(struct app *a, struct home_desk_mark out[HOME_DESK_FILES])
{
	for (size_t i = 0; i < HOME_DESK_FILES; i++) {
		struct stat st;
		char *path = store_path(a->store, files[i]);
		bool there = stat(path, &st) == 0;
		out[i] = (struct home_desk_mark){0};
		if (there)
			out[i] = (struct home_desk_mark){st.st_ino, st.st_size, st.st_mtim};
		free(path);
	}
}

static bool same_files(const struct home_desk_mark *a, const struct home_desk_mark *b)
{
	for (size_t i = 0; i < HOME_DESK_FILES; i++)
		if (a[i].file != b[i].file || a[i].size != b[i].size ||
		    a[i].written.tv_sec != b[i].written.tv_sec ||
		    a[i].written.tv_nsec != b[i].written.tv_nsec)
			return false;
	return true;
}

void home_desk_look(struct app *a, struct home_desk *h)
{
	mark_files(a, h->marks);
	h->version = store_version(a->store);
	h->looked = a->clock->now(a->clock);
	look_at_images(a, h);
	look_at_devices(a, h);
	look_at_credentials(a, h);
}

bool home_desk_tick(struct app *a, struct home_desk *h)
{
	struct home_desk_mark now[HOME_DESK_FILES];
	mark_files(a, now);
	bool later = a->clock->now(a->clock) - h->looked >= AGAIN_MS;
	if (same_files(now, h->marks) && !(later && store_version(a->store) != h->version))
		return false;
	struct str before = {0}, after = {0};
	for (size_t i = 0; i < LEN(h->lines); i++)
		str_printf(&before, "%s\n", str_text(&h->lines[i]));
	home_desk_look(a, h);
	for (size_t i = 0; i < LEN(h->lines); i++)
		str_printf(&after, "%s\n", str_text(&h->lines[i]));
	bool other = !str_eq(str_text(&before), str_text(&after));
	str_release(&before);
	str_release(&after);
	return other;
}
