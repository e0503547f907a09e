/* SPDX-License-Identifier: ISC */
/* Who answers? The addresses are walked through in pieces: those where nobody is cost no memory. */
#include "config.h"

#include "run/discover_parts.h"

#include "base/i18n.h"
#include "model/inventory_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 4096 /* addresses at one time */

struct known { /* what the inventory has at an address */
	char *key;
	const char *name;
};

struct walk {
	struct discovery *out;
	struct known *known;
	size_t n_known;
	const struct pace *pace;
	const struct knocker *knocker;
	int (*progress)(void *ctx, size_t done, size_t total);
	void *ctx;
	size_t before, now; /* addresses done: before this piece, and in it */
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->key, ((const struct known *)b)->key);
}

static char *key_of(const char *address, int port)
{
	char *plain = inventory_address(address), *key = xasprintf("%s %d", plain, port);
	free(plain);
	return key;
}

static void know(struct walk *w, const struct inventory *inv)
{
	w->known = xcalloc(inv->devices.n + 1, sizeof(*w->known));
	w->n_known = inv->devices.n;
	for (size_t i = 0; i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		w->known[i] = (struct known){key_of(d->address, d->port), d->name};
	}
	if (w->n_known)
		qsort(w->known, w->n_known, sizeof(*w->known), by_key);
}

static void mark_known(const struct walk *w, struct found *f)
{
	struct known wanted = {key_of(f->address, f->port), NULL}, *k = NULL;
	if (w->n_known)
		k = bsearch(&wanted, w->known, w->n_known, sizeof(*w->known), by_key);
	if (k) {
		f->name = xstrdup(k->name);
		found_set(w->out, f, FOUND_KNOWN, NULL);
	}
	free(wanted.key);
}

static void take_contact(struct discovery *d, struct found *f, const struct contact *k)
{
	if (k->e.kind == ERR_CANCELLED)
		return; /* still waiting */
	if (k->e.kind != ERR_NONE && k->line) { /* it answered; whether its key is known is not */
		f->line = xstrdup(k->line);
		f->why = xstrdup(k->e.text);
		return;
	}
	if (k->e.kind != ERR_NONE) {
		found_set(d, f, FOUND_NO_ANSWER, k->e.text);
		return;
	}
	snprintf(f->fingerprint, sizeof(f->fingerprint), "%s", k->fingerprint);
	f->line = xstrdup(k->line);
	if (k->verdict == KNOWN_NOT)
		found_set(d, f, FOUND_NEW_KEY, NULL);
	else if (k->verdict != KNOWN_OK)
		found_set(d, f, FOUND_OTHER_KEY,
			  k->verdict == KNOWN_CHANGED ? _("it shows another key than the known one")
			  : k->verdict == KNOWN_REVOKED ? _("its key is revoked")
							: _("only a certificate authority is known "
							    "for it"));
}

static int count(void *ctx, size_t done, size_t total)
{
	struct walk *w = ctx;
	(void)total;
	w->now = done;
	return w->progress ? w->progress(w->ctx, w->before + done, w->out->addresses) : 0;
}

/* The next ones, as rows that wait; how many of them are to be asked. */
static size_t fill(struct walk *w, const struct targets *targets, struct targets_at *at,
		   size_t *which)
{
	struct discovery *d = w->out;
	struct one_target one;
	size_t n = 0;
	for (size_t i = 0; i < PIECE && targets_next(targets, at, &one); i++) {
		struct found *f = VEC_ADD(d);
		f->address = xstrdup(one.address);
		f->port = one.port;
		f->wanted = xstrdup(one.name);
		f->alone = one.alone;
		mark_known(w, f);
		if (f->class == FOUND_WAITING)
			which[n++] = d->n - 1;
	}
	return n;
}

/* Rows of those where nobody answers or was asked are kept up to a number; all are counted. */
static void thin_out(struct discovery *d, size_t from)
{
	size_t kept = from;
	for (size_t i = from; i < d->n; i++) {
		struct found *f = &d->v[i];
		bool silent = f->class == FOUND_NO_ANSWER && !found_is_row(f);
		bool unasked = f->class == FOUND_WAITING && !f->line && !f->wanted;
		if (unasked && !d->next)
			d->next = xstrdup(f->address);
		if (unasked || (silent && d->silent >= FOUND_SILENT_MOST)) {
			found_release(f);
		} else {
			d->silent += silent;
			d->v[kept++] = *f;
		}
	}
	d->n = kept;
}

static int knock_all(struct walk *w, const size_t *which, size_t n, struct err *e)
{
	struct discovery *d = w->out;
	struct inventory *inv = discover_addresses(d, which, n, "");
	struct contacts list = {0};
	size_t *numbers = xcalloc(n + 1, sizeof(*numbers));
	for (size_t i = 0; i < n; i++)
		numbers[i] = i;
	w->now = 0;
	int rc = w->knocker->knock(w->knocker->ctx, inv, numbers, n, w->pace, count, w, &list, e);
	for (size_t i = 0; i < list.n; i++)
		take_contact(d, &d->v[which[i]], &list.v[i]);
	contacts_release(&list);
	inventory_free(inv);
	free(numbers);
	return rc;
}

int discover_walk(const struct knocker *knocker, const struct inventory *inv,
		  const struct targets *targets, const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct discovery *out, struct err *e)
{
	*out = (struct discovery){.addresses = (size_t)targets_count(targets)};
	out->count[FOUND_WAITING] = out->addresses;
	struct walk w = {
	    .out = out, .pace = pace, .knocker = knocker, .progress = progress, .ctx = ctx};
	struct targets_at at = {0};
	size_t *which = xcalloc(PIECE, sizeof(*which)), from;
	int rc = 0;
	know(&w, inv);
	while (rc == 0 && w.before < out->addresses) {
		from = out->n;
		size_t n = fill(&w, targets, &at, which), all = out->n - from;
		rc = n ? knock_all(&w, which, n, e) : 0;
		thin_out(out, from);
		w.before += all;
	}
	struct one_target one;
	if (rc != 0 && !out->next && targets_next(targets, &at, &one)) /* between two pieces */
		out->next = xstrdup(one.address);
	if (rc != 0 && e->kind == ERR_CANCELLED)
		rc = err_set(e, ERR_CANCELLED, _("stopped after %zu of %zu addresses"),
			     out->addresses - out->count[FOUND_WAITING], out->addresses);
	for (size_t i = 0; i < w.n_known; i++)
		free(w.known[i].key);
	free(w.known);
	free(which);
	return rc;
}

static int knock(void *ctx, const struct inventory *inv, const size_t *devices, size_t n,
		 const struct pace *pace, int (*progress)(void *ctx, size_t done, size_t total),
		 void *progress_ctx, struct contacts *out, struct err *e)
{
	return contacts_scan(ctx, inv, devices, n, pace, progress, progress_ctx, out, e);
}

int discover_scan(struct store *s, const struct targets *targets, const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct discovery *out, struct err *e)
{
	const struct knocker real = {knock, s};
	struct inventory *inv = discover_known(s, e);
	*out = (struct discovery){0};
	int rc = inv ? discover_walk(&real, inv, targets, pace, progress, ctx, out, e) : -1;
	inventory_free(inv);
	return rc;
}
