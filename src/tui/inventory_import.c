/* SPDX-License-Identifier: ISC */
/* A file in any format: what it would change is shown first, then merged or put in place of all. */
#include "config.h"

#include "tui/inventory_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "run/import.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define LINES_SHOWN 200

struct asking { /* what the dialog is about */
	struct import_plan merge, replace;
	bool both; /* they are different: the operator chooses */
};

static void free_asking(void *ctx)
{
	struct asking *q = ctx;
	import_plan_release(&q->merge);
	import_plan_release(&q->replace);
	free(q);
}

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct asking *q = ctx;
	struct err e = {0};
	const struct import_plan *p = choice == 0 ? &q->merge : &q->replace;
	(void)text;
	if (choice > (q->both ? 1 : 0))
		return;
	if (import_apply(a->store, p, &e) != 0) {
		app_fail(a, &e);
	} else {
		size_t n = p->next->devices.n;
		app_say(a, ROLE_OK,
			ngettext("%zu device in the inventory now",
				 "%zu devices in the inventory now", n),
			n);
	}
	inventory_refresh(a);
}

void inventory_put_changes(struct str *out, const struct inventory_changes *list)
{
	static const char marks[CHANGE_KINDS] = {'+', '~', '-'};
	for (size_t i = 0; i < list->n && i < LINES_SHOWN; i++) {
		const struct inventory_change *at = &list->v[i];
		str_printf(out, "%c %s%s%s\n", marks[at->kind], at->name, *at->detail ? "  " : "",
			   at->detail);
	}
	if (list->n > LINES_SHOWN)
		str_printf(out, _("... and %zu more\n"), list->n - LINES_SHOWN);
	if (!list->n)
		str_printf(out, "%s\n", _("nothing changes"));
}

static bool is_kept(const struct inventory_changes *list, const struct inventory_change *c)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].kind == c->kind && list->v[i].of == c->of &&
		    strcmp(list->v[i].name, c->name) == 0)
			return true;
	return false;
}

/* What only a replacement does. */
static void put_more(struct str *out, const struct asking *q)
{
	size_t n = 0;
	str_printf(out, "\n%s\n", _("Replace does this besides:"));
	for (size_t i = 0; i < q->replace.changes.n && n < LINES_SHOWN; i++) {
		const struct inventory_change *at = &q->replace.changes.v[i];
		if (is_kept(&q->merge.changes, at))
			continue;
		str_printf(out, "%c %s\n", at->kind == CHANGE_REMOVED ? '-' : '~', at->name);
		n++;
	}
}

/* What it comes to is told before what it is in detail. */
static void put_count(struct str *out, const char *choice, const struct inventory_changes *c)
{
	const size_t *n = c->count[CHANGE_OF_DEVICE];
	str_printf(out, _("%s: %zu devices new, %zu changed, %zu removed\n"), choice,
		   n[CHANGE_ADDED], n[CHANGE_CHANGED], n[CHANGE_REMOVED]);
}

static char *what_changes(const char *path, struct asking *q)
{
	struct str out = {0}, summary = {0};
	char *counts = word_inventory(q->merge.next);
	put_count(&out, q->both ? _("Merge") : _("Import"), &q->merge.changes);
	if (q->both)
		put_count(&out, _("Replace"), &q->replace.changes);
	str_printf(&out, q->both ? _("%s (%s), merged: %s afterwards.\n\n")
				 : _("%s (%s): %s afterwards.\n\n"),
		   path, q->merge.format->name, counts);
	free(counts);
	inventory_put_changes(&out, &q->merge.changes);
	import_summary(&q->merge, &summary);
	if (summary.len)
		str_printf(&out, "\n%s\n", str_text(&summary));
	str_release(&summary);
	if (q->merge.notes.len)
		str_printf(&out, "\n%s", str_text(&q->merge.notes));
	if (q->both)
		put_more(&out, q);
	return str_take(&out);
}

static void ask(struct app *a, const char *path, struct asking *q)
{
	struct dialog d = {.title = xstrdup(_("Import the inventory?")),
			   .text = what_changes(path, q),
			   .role = q->merge.now ? ROLE_WARNING : ROLE_DIALOG_BORDER,
			   .answer = answered,
			   .ctx = q,
			   .free_ctx = free_asking};
	d.choices[d.n_choices++] = q->both ? _("Merge") : _("Import");
	if (q->both)
		d.choices[d.n_choices++] = _("Replace");
	d.choices[d.n_choices++] = _("Cancel");
	d.at = q->merge.now ? d.n_choices - 1 : 0;
	dialog_open(a, d);
}

static void picked(struct app *a, const char *path)
{
	struct asking *q = xcalloc(1, sizeof(*q));
	struct err e = {0};
	struct import_wish w = {.path = path, .how = IMPORT_MERGE};
	int rc = import_prepare(a->store, &w, &q->merge, &e);
	w.how = IMPORT_REPLACE;
	if (rc == 0)
		rc = import_prepare(a->store, &w, &q->replace, &e);
	if (rc == 0) {
		q->both = q->replace.changes.n != q->merge.changes.n;
		ask(a, path, q);
		return;
	}
	char *text = xasprintf(_("%s\nNothing was changed."), e.text);
	dialog_tell(a, ROLE_ERROR, _("The inventory was not imported"), text);
	free(text);
	free_asking(q);
}

void inventory_import(struct app *a, void *state)
{
	static const struct file_argument wish = {.title = N_("Inventory file"), .pick = picked};
	(void)state;
	app_open(a, &screen_files, &wish);
}
