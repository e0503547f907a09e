/* SPDX-License-Identifier: ISC */
/* The devices are asked in the background: for contradictions with the inventory, or for their
 * links and redundancy groups. */
#include "config.h"

#include "tui/inventory_parts.h"
#include "tui/secret_ask.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/inspect.h"
#include "run/learn.h"
#include "run/topology.h"

#include <stdlib.h>
#include <string.h>

struct question {
	char *dir;
	bool learn; /* else: contradictions */
	struct keyring *keyring;
	struct inventory *inventory, *next;
	size_t *devices, n;
	struct procedures list;
	struct portraits portraits;
	struct findings findings;
	struct inventory_changes changes;
	struct str notes;
};

static void question_free(void *ctx)
{
	struct question *q = ctx;
	if (!q)
		return;
	keyring_free(q->keyring);
	findings_release(&q->findings);
	inventory_changes_release(&q->changes);
	portraits_release(&q->portraits);
	procedures_free(&q->list);
	inventory_free(q->inventory);
	inventory_free(q->next);
	str_release(&q->notes);
	free(q->devices);
	free(q->dir);
	free(q);
}

/* --- in the thread ---------------------------------------------------------------------------- */

static int progress(void *ctx, size_t done, size_t total)
{
	return work_progress(ctx, (int64_t)done, (int64_t)total);
}

static int run(struct work *w, void *ctx, struct err *e)
{
	struct question *q = *(struct question **)ctx;
	struct store *store = store_open(q->dir, clock_real(), e);
	int rc = store ? procedures_all(NULL, &q->list, e) : -1;
	if (rc == 0)
		rc = portraits_take(store, q->inventory, q->devices, q->n, q->keyring, &q->list,
				    true, NULL, progress, w, &q->portraits, e);
	if (store)
		learn_from_portraits(store, q->inventory, &q->portraits);
	if (rc == 0 && q->learn) {
		q->next = topology_learn(q->inventory, &q->portraits, true, &q->notes, NULL);
		inventory_compare(q->inventory, q->next, &q->changes);
	} else if (rc == 0) {
		inspect_file(q->inventory, &q->list, &q->findings);
		inspect_network(q->inventory, &q->portraits, &q->findings);
	}
	store_close(store);
	return rc;
}

/* --- the result ------------------------------------------------------------------------------- */

static void taken_over(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct question *q = ctx;
	struct err e = {0};
	(void)text;
	if (choice != 0)
		return;
	if (desk_inventory_save(a->store, q->next, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_OK, _("The links and groups are those that the devices see"));
	inventory_refresh(a);
}

static void put_away(struct str *out, const struct question *q)
{
	for (size_t i = 0; i < q->portraits.n; i++) {
		const struct portrait *p = &q->portraits.v[i];
		if (p->state != PORTRAIT_DONE)
			str_printf(out, _("! %s was not asked: %s\n"),
				   q->inventory->devices.v[p->device].name, p->why.text);
	}
}

static void show_learnt(struct app *a, struct question *q)
{
	struct str text = {0};
	bool any = q->changes.n > 0;
	inventory_put_changes(&text, &q->changes);
	put_away(&text, q);
	str_puts(&text, str_text(&q->notes));
	struct dialog d = {.title = xstrdup(_("What the devices see")),
			   .text = str_take(&text),
			   .role = any ? ROLE_WARNING : ROLE_DIALOG_BORDER,
			   .answer = any ? taken_over : NULL,
			   .ctx = q,
			   .free_ctx = question_free};
	if (any)
		d.choices[d.n_choices++] = _("Take over");
	d.choices[d.n_choices++] = any ? _("Not now") : _("Close");
	d.at = d.n_choices - 1;
	dialog_open(a, d);
}

static void show_findings(struct app *a, struct question *q)
{
	struct str text = {0};
	for (size_t i = 0; i < q->findings.n; i++) {
		const struct finding *f = &q->findings.v[i];
		str_printf(&text, "%c %s%s%s\n  -> %s\n", f->error ? '!' : '~',
			   f->device ? f->device : "", f->device ? ": " : "", f->text, f->advice);
	}
	if (!q->findings.n)
		str_puts(&text, _("File and network say the same."));
	dialog_tell(a,
		    q->findings.errors ? ROLE_ERROR
		    : q->findings.n    ? ROLE_WARNING
				       : ROLE_OK,
		    _("Contradictions"), str_text(&text));
	str_release(&text);
	question_free(q);
}

/* A secret that was refused is asked for the next time. */
static void forget_refused(struct app *a, const struct question *q)
{
	for (size_t i = 0; i < q->portraits.n; i++)
		if (q->portraits.v[i].state == PORTRAIT_REFUSED)
			secrets_forget(
			    a->secrets,
			    q->inventory->devices.v[q->portraits.v[i].device].credential);
}

static void done(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct question **holder = ctx, *q = *holder;
	forget_refused(a, q);
	if (rc != 0) {
		app_fail(a, e);
		return;
	}
	*holder = NULL; /* the dialog has it now */
	if (q->learn)
		show_learnt(a, q);
	else
		show_findings(a, q);
}

static void holder_free(void *ctx)
{
	struct question **holder = ctx;
	question_free(*holder);
	free(holder);
}

static const struct work_kind asking = {N_("Asking the devices"), run, done, holder_free};

/* --- beginning -------------------------------------------------------------------------------- */

static void begin(struct app *a, void *ctx)
{
	struct question *q = ctx, **holder = xcalloc(1, sizeof(struct question *));
	struct err e = {0};
	*holder = q;
	q->keyring = secrets_keyring(a->store, a->secrets, &e);
	if (!q->keyring || work_start(a, &asking, holder, &e) != 0) {
		if (!q->keyring)
			holder_free(holder);
		app_fail(a, &e);
	}
}

static void ask(struct app *a, bool learn)
{
	struct err e = {0};
	struct question *q = xcalloc(1, sizeof(*q));
	q->inventory = desk_inventory(a->store, &e);
	if (!q->inventory) {
		app_fail(a, &e);
		question_free(q);
		return;
	}
	q->dir = xstrdup(store_dir(a->store));
	q->learn = learn;
	q->devices = xcalloc(q->inventory->devices.n + 1, sizeof(*q->devices));
	for (size_t i = 0; i < q->inventory->devices.n; i++)
		if (!q->inventory->devices.v[i].anchor)
			q->devices[q->n++] = i;
	size_t *copy = xcalloc(q->n + 1, sizeof(*copy));
	memcpy(copy, q->devices, q->n * sizeof(*copy));
	secrets_ask(a, (struct secret_need){.inventory = inventory_copy(q->inventory),
					    .devices = copy,
					    .n = q->n,
					    .then = begin,
					    .ctx = q,
					    .free_ctx = question_free});
}

void inventory_check(struct app *a, void *state)
{
	(void)state;
	ask(a, false);
}

void inventory_learn(struct app *a, void *state)
{
	(void)state;
	ask(a, true);
}
