/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/secret_ask.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

struct waiting {
	struct secret_need need;
	char *credential; /* that is asked for now */
};

static void waiting_free(void *ctx)
{
	struct waiting *w = ctx;
	if (w->need.ctx && w->need.free_ctx)
		w->need.free_ctx(w->need.ctx);
	inventory_free(w->need.inventory);
	free(w->need.devices);
	free(w->credential);
	free(w);
}

static void next(struct app *a, struct waiting *w);

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct waiting *shell = ctx, *w;
	struct err e = {0};
	struct secret *s = choice == 0 ? secret_new(text, strlen(text), &e) : NULL;
	if (choice == 0 && !s)
		app_fail(a, &e);
	if (!s) {
		void *own = shell->need.ctx;
		if (!shell->need.without)
			return;
		shell->need.ctx = NULL;
		shell->need.without(a, own);
		return;
	}
	secrets_add(a->secrets, shell->credential, s);
	w = xcalloc(1, sizeof(*w));
	w->need = shell->need; /* the dialog keeps the empty shell */
	shell->need = (struct secret_need){0};
	next(a, w);
}

static void ask(struct app *a, struct waiting *w, const struct credential *k)
{
	bool key = k->method == CREDENTIAL_KEY;
	free(w->credential);
	w->credential = xstrdup(k->name);
	dialog_open(a, (struct dialog){.title = xstrdup(key ? _("Passphrase") : _("Password")),
				       .text = xasprintf(_("Credential %s, user %s. It is kept in "
							   "memory only."),
							 k->name, k->user),
				       .choices = {_("Log in"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .secret = true,
				       .answer = answered,
				       .ctx = w,
				       .free_ctx = waiting_free});
}

static void next(struct app *a, struct waiting *w)
{
	struct credential k = {0};
	struct err e = {0};
	bool missing = false;
	if (secrets_missing(a->store, a->secrets, w->need.inventory, w->need.devices, w->need.n, &k,
			    &missing, &e) != 0) {
		app_fail(a, &e);
		waiting_free(w);
	} else if (missing) {
		ask(a, w, &k);
	} else {
		void *ctx = w->need.ctx;
		w->need.ctx = NULL;
		w->need.then(a, ctx);
		waiting_free(w);
	}
	credential_release(&k);
}

void secrets_ask(struct app *a, struct secret_need need)
{
	struct waiting *w = xcalloc(1, sizeof(*w));
	w->need = need;
	next(a, w);
}
