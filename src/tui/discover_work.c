/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/discover.h"
#include "tui/secret_ask.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

void search_free(void *search)
{
	struct search *s = search;
	if (!s)
		return;
	keyring_free(s->keyring);
	discovery_release(&s->found);
	procedures_free(&s->list);
	targets_release(&s->targets);
	free(s->dir);
	free(s->range);
	free(s->credential);
	free(s);
}

/* --- in the thread ---------------------------------------------------------------------------- */

static int progress(void *ctx, size_t done, size_t total)
{
	return work_progress(ctx, (int64_t)done, (int64_t)total);
}

static int run(struct work *w, void *ctx, struct err *e)
{
	static const struct pace pace = {.per_second = PACE_PER_SECOND, .patience_ms = 5000};
	struct search *s = *(struct search **)ctx;
	struct store *store = store_open(s->dir, clock_real(), e);
	int rc = store ? 0 : -1;
	if (rc == 0 && s->asking)
		rc = discover_ask(store, &s->found, s->keyring, s->credential, s->again, &s->list,
				  &pace, progress, w, e);
	else if (rc == 0)
		rc = discover_scan(store, &s->targets, &pace, progress, w, &s->found, e);
	store_close(store);
	return rc;
}

static void holder_free(void *ctx)
{
	struct search **holder = ctx;
	search_free(*holder);
	free(holder);
}

/* --- from step to step ------------------------------------------------------------------------ */

static void done(struct app *a, void *ctx, int rc, const struct err *e);

static const struct work_kind scanning = {N_("Asking for host keys"), run, done, holder_free};
static const struct work_kind asking = {N_("Asking the devices"), run, done, holder_free};

static void begin(struct app *a, struct search *s)
{
	struct search **holder = xcalloc(1, sizeof(struct search *));
	struct err e = {0};
	*holder = s;
	if (work_start(a, s->asking ? &asking : &scanning, holder, &e) != 0)
		app_fail(a, &e);
}

static void log_in(struct app *a, void *ctx)
{
	struct search *s = ctx;
	struct err e = {0};
	s->asking = true;
	s->keyring = secrets_keyring(a->store, a->secrets, &e);
	if (s->keyring) {
		begin(a, s);
	} else {
		app_fail(a, &e);
		discover_show(a, s);
	}
}

static void show(struct app *a, void *ctx)
{
	discover_show(a, ctx);
}

/* Whoever does not give the password still sees who is there. */
static void collect_secrets(struct app *a, struct search *s)
{
	struct inventory *inv = inventory_new();
	if (!s->found.count[FOUND_WAITING]) {
		inventory_free(inv);
		discover_show(a, s);
		return;
	}
	VEC_ADD(&inv->devices)->credential = xstrdup(s->credential);
	secrets_ask(a, (struct secret_need){.inventory = inv,
					    .devices = xcalloc(1, sizeof(size_t)),
					    .n = 1,
					    .then = log_in,
					    .without = show,
					    .ctx = s,
					    .free_ctx = search_free});
}

static void approved(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct search *shell = ctx, *s = xcalloc(1, sizeof(*s));
	struct err e = {0};
	(void)text;
	*s = *shell;
	*shell = (struct search){0}; /* the dialog keeps the empty shell */
	if (choice == 0 && discover_accept(a->store, &s->found, &e) != 0)
		app_fail(a, &e);
	collect_secrets(a, s);
}

static char *new_keys(const struct search *s)
{
	struct str text = {0};
	str_printf(&text,
		   _("Compare these with what you know of your devices. Only keys of hosts "
		     "that were never seen are added (%zu).\n\n"),
		   s->found.count[FOUND_NEW_KEY]);
	for (size_t i = 0; i < s->found.n; i++)
		if (s->found.v[i].class == FOUND_NEW_KEY)
			str_printf(&text, "%-15s %s\n", s->found.v[i].address,
				   s->found.v[i].fingerprint);
	return str_take(&text);
}

static void done(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct search **holder = ctx, *s = *holder;
	*holder = NULL; /* it goes on from hand to hand */
	if (rc != 0)
		app_fail(a, e);
	if (s->found
		.count[FOUND_REFUSED]) /* not a second time by itself: the next one is asked for */
		secrets_forget(a->secrets, s->credential);
	if (rc != 0 || s->asking)
		discover_show(a, s);
	else if (!s->found.count[FOUND_NEW_KEY])
		collect_secrets(a, s);
	else
		dialog_open(a, (struct dialog){.title = xstrdup(_("New host keys")),
					       .text = new_keys(s),
					       .choices = {_("Accept all"), _("Not now")},
					       .n_choices = 2,
					       .at = 1,
					       .role = ROLE_WARNING,
					       .answer = approved,
					       .ctx = s,
					       .free_ctx = search_free});
}

/* "192.0.2.0/24 port 2222" */
static int read_range(struct search *s, struct err *e)
{
	const char *word = strstr(s->range, " port ");
	char *range = xstrndup(s->range, word ? (size_t)(word - s->range) : strlen(s->range)), *end;
	long port = word ? strtol(word + strlen(" port "), &end, 10) : 22;
	int rc = 0;
	if (word && (*end || port < 1 || port > 65535))
		rc = err_set(e, ERR_INPUT, _("port: expected a number from 1 to 65535"));
	if (rc == 0)
		rc = targets_add(&s->targets, range, (int)port, e);
	free(range);
	return rc;
}

void search_start(struct app *a, struct search *s)
{
	struct err e = {0};
	s->dir = xstrdup(store_dir(a->store));
	if (read_range(s, &e) != 0 || procedures_all(NULL, &s->list, &e) != 0) {
		app_fail(a, &e);
		search_free(s);
		return;
	}
	targets_unique(&s->targets);
	begin(a, s);
}
