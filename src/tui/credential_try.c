/* SPDX-License-Identifier: ISC */
/* A device to test a credential on, and the login in the background. */
#include "config.h"

#include "tui/app.h"
#include "model/phrases.h"
#include "tui/credential.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/login.h"
#include "run/spawn.h"

#include <stdlib.h>
#include <string.h>

struct choice {
	char *credential;
	struct inventory *inventory;
	struct list list;
};

enum { COLUMN_NAME, COLUMN_ADDRESS, COLUMN_ROLE, COLUMN_CREDENTIAL };

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 8, 40, 0, false},
    [COLUMN_ADDRESS] = {N_("ADDRESS"), 9, 39, 0, false},
    [COLUMN_ROLE] = {N_("ROLE"), 6, 16, 1, false},
    [COLUMN_CREDENTIAL] = {N_("CREDENTIAL"), 10, 24, 0, false},
};

static size_t count(const void *ctx)
{
	const struct choice *s = ctx;
	return s->inventory->devices.n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct choice *s = ctx;
	const struct device *d = &s->inventory->devices.v[row];
	const char *const texts[] = {d->name, d->address, d->role ? d->role : "-", d->credential};
	cell_name(out, texts[column]);
}

static const char *id(const void *ctx, size_t row)
{
	const struct choice *s = ctx;
	return s->inventory->devices.v[row].name;
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

/* --- the login -------------------------------------------------------------------------------- */

struct trial {
	char *dir, *credential, *device;
	struct secret *secret; /* NULL: none is needed, or it gets itself */
	char *of;  /* the credential that the secret is for: this one, or one behind it */
	char *how; /* "spare: password": what the device accepted */
	bool typed;            /* just now: it is kept when it was right */
};

static void trial_free(void *ctx)
{
	struct trial *t = ctx;
	if (!t)
		return;
	secret_free(t->secret);
	free(t->dir);
	free(t->of);
	free(t->how);
	free(t->credential);
	free(t->device);
	free(t);
}

static int unwanted(void *ctx)
{
	return work_progress(ctx, 0, 0);
}

static struct secret *copy_secret(const struct secret *s, struct err *e)
{
	const char *text = secret_text(s);
	return secret_new(text, strlen(text), e);
}

/* Which of those on the way was accepted, and by which method. New, NULL: none. */
static char *accepted(struct keyring *k, const char *name)
{
	for (const struct credential *c = keyring_find(k, name); c;
	     c = keyring_find(k, c->otherwise)) {
		char *how = keyring_accepted(k, c->name);
		char *text = how ? xasprintf("%s: %s", c->name, how) : NULL;
		free(how);
		if (text)
			return text;
	}
	return NULL;
}

static int log_in(struct work *w, struct trial *t, struct store *store,
		  const struct credentials *list, struct err *e)
{
	struct inventory *inv = desk_inventory(store, e);
	struct keyring *k = keyring_new(list);
	struct secret *own = t->secret ? copy_secret(t->secret, e) : NULL;
	size_t d = inv ? inventory_find(inv, t->device) : NO_DEVICE;
	int rc = inv && (own || !t->secret) ? 0 : -1;
	if (own)
		keyring_set_secret(k, t->of, own);
	if (rc == 0 && d == NO_DEVICE)
		rc = err_set(e, ERR_INPUT, _("there is no device \"%s\""), t->device);
	if (rc == 0)
		rc = inventory_set(inv, d, "credential", t->credential, e);
	if (rc == 0) {
		rc = login_test(store, inv, d, k, unwanted, w, e);
		login_remember(store, k, list);
		t->how = accepted(k, t->credential);
	}
	keyring_free(k);
	inventory_free(inv);
	return rc;
}

static int run(struct work *w, void *ctx, struct err *e)
{
	struct trial *t = ctx;
	struct credentials list = {0};
	struct store *store = store_open(t->dir, clock_real(), e);
	int rc = store && desk_credentials(store, &list, e) == 0 ? log_in(w, t, store, &list, e)
								  : -1;
	credentials_release(&list);
	store_close(store);
	return rc;
}

static void done(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct trial *t = ctx;
	if (rc != 0) {
		char *title = xasprintf(_("No login to %s"), t->device);
		dialog_tell(a, ROLE_ERROR, title, said_err(e).text);
		free(title);
		return;
	}
	app_say(a, ROLE_OK, _("%s: login with credential %s works (%s)"), t->device, t->credential,
		t->how ? t->how : "-");
	if (t->typed)
		secrets_add(a->secrets, t->of, t->secret);
	if (t->typed)
		t->secret = NULL;
}

static const struct work_kind work = {N_("Logging in"), run, done, trial_free};

static void begin(struct app *a, struct trial *t)
{
	struct err e = {0};
	if (work_start(a, &work, t, &e) != 0)
		app_fail(a, &e);
}

/* --- its secret ------------------------------------------------------------------------------- */

static void take_secret(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct trial *asked = ctx, *t;
	struct err e = {0};
	if (choice != 0)
		return;
	asked->secret = secret_new(text, strlen(text), &e);
	if (!asked->secret) {
		app_fail(a, &e);
		return;
	}
	t = xcalloc(1, sizeof(*t));
	*t = *asked; /* what is in it goes to the work, the dialog keeps the empty shell */
	*asked = (struct trial){0};
	t->typed = true;
	begin(a, t);
}

static void ask_secret(struct app *a, struct trial *t, const struct credential *k)
{
	bool key = k->method == CREDENTIAL_KEY;
	dialog_open(a, (struct dialog){
			   .title = xstrdup(key ? _("Passphrase") : _("Password")),
			   .text = xasprintf(_("Credential %s, user %s, for a login to %s. It is "
					       "kept in memory only, and only when it is right."),
					     k->name, k->user, t->device),
			   .choices = {_("Log in"), _("Cancel")},
			   .n_choices = 2,
			   .field = true,
			   .secret = true,
			   .answer = take_secret,
			   .ctx = t,
			   .free_ctx = trial_free});
}

/* One that was typed before and worked, or that a job was given. */
static int known_secret(const struct app *a, struct trial *t, struct err *e)
{
	size_t n;
	const struct spawn_secret *list = secrets_list(a->secrets, &n);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].credential, t->credential)) {
			t->secret = copy_secret(list[i].secret, e);
			return t->secret ? 0 : -1;
		}
	return 0;
}

static void try_on(struct app *a, void *state)
{
	struct choice *s = state;
	struct err e = {0};
	struct credential asked = {0};
	bool missing = false;
	size_t d = list_row(&s->list);
	struct trial *t = xcalloc(1, sizeof(*t));
	t->dir = xstrdup(store_dir(a->store));
	t->credential = xstrdup(s->credential);
	t->of = xstrdup(s->credential);
	t->device = xstrdup(s->inventory->devices.v[d].name);
	if (inventory_set(s->inventory, d, "credential", s->credential, &e) != 0 ||
	    known_secret(a, t, &e) != 0 ||
	    secrets_missing(a->store, a->secrets, s->inventory, &d, 1, &asked, &missing, &e) != 0) {
		app_fail(a, &e);
		trial_free(t);
	} else if (missing) {
		free(t->of);
		t->of = xstrdup(asked.name);
		ask_secret(a, t, &asked);
	} else {
		begin(a, t);
	}
	credential_release(&asked);
}

static bool can_try(const struct app *a, const void *state, struct err *why)
{
	const struct choice *s = state;
	if (a->work)
		return err_set(why, ERR_REFUSED, _("wait until the login is through")), false;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no device here")), false;
}

static void stop(struct app *a, void *state)
{
	(void)state;
	work_stop(a->work);
}

static bool working(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("nothing is going on")), false;
}

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct choice *s = state;
	s->inventory = desk_inventory(a->store, e);
	if (!s->inventory)
		return -1;
	s->credential = xstrdup(argument);
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_choice(struct app *a, void *state)
{
	struct choice *s = state;
	(void)a;
	list_release(&s->list);
	inventory_free(s->inventory);
	free(s->credential);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct choice *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct choice *s = state;
	(void)a;
	list_draw(&s->list, c);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct choice *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct choice *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct choice *s = state;
	(void)a;
	str_puts(out, s->credential);
}

static const struct key_action actions[] = {
    {"test", "Enter t", N_("Log in"), N_("Log in to this device, run nothing, leave"), try_on,
     can_try},
    {"stop", "X", N_("Stop"), N_("Give the login up"), stop, working},
    {0},
};

const struct screen screen_credential_try = {
    .name = "credential-test",
    .title = N_("Test a credential"),
    .about = N_("Choose a device to log in to with the credential, whatever the inventory names "
		"for it."),
    .size = sizeof(struct choice),
    .actions = actions,
    .open = open,
    .close = close_choice,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
