/* SPDX-License-Identifier: ISC */
/* How to log in: the credentials, without their secrets. */
#include "config.h"

#include "tui/app.h"
#include "tui/credential.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/desk.h"
#include "run/login.h"

#include <inttypes.h>
#include <stdlib.h>

struct credentials_state {
	struct store *store; /* borrowed */
	struct credentials have;
	struct inventory *inventory; /* NULL: none yet */
	struct list list;
};

enum { COLUMN_NAME, COLUMN_USER, COLUMN_METHOD, COLUMN_FROM, COLUMN_REFUSED, COLUMN_USED };

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 10, 24, 0, false},
    [COLUMN_USER] = {N_("USER"), 8, 20, 0, false},
    [COLUMN_METHOD] = {N_("METHOD"), 8, 10, 0, false},
    [COLUMN_FROM] = {NC_("a secret", "FROM"), 16, 0, 2, false},
    [COLUMN_REFUSED] = {N_("REFUSED"), 7, 8, 1, true},
    [COLUMN_USED] = {N_("DEVICES"), 7, 8, 1, true},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct credentials_state *s = ctx;
	return s->have.n;
}

static const struct credential *credential(const void *ctx, size_t row)
{
	const struct credentials_state *s = ctx;
	return &s->have.v[row];
}

static const char *id(const void *ctx, size_t row)
{
	return credential(ctx, row)->name;
}

static size_t users(const struct credentials_state *s, const char *name)
{
	return s->inventory ? inventory_credential_users(s->inventory, name) : 0;
}

/* Of a command only the program: an argument may be a secret that does not belong there. */
static const char *from(const struct credential *k)
{
	return k->key ? k->key : k->command ? k->command[0] : k->systemd ? k->systemd : "-";
}

/* Since it was accepted last: an account may be locked by it. */
static void put_refused(const struct credentials_state *s, const char *name, struct cell *out)
{
	int64_t n = login_refused(s->store, name);
	if (n > 0)
		str_printf(&out->text, "%" PRId64, n);
	out->role = n > 0 ? ROLE_WARNING : ROLE_TEXT;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct credential *k = credential(ctx, row);
	switch (column) {
	case COLUMN_NAME:
		str_puts(&out->text, k->name);
		break;
	case COLUMN_USER:
		str_puts(&out->text, k->user);
		break;
	case COLUMN_METHOD:
		str_puts(&out->text, credential_methods[k->method]);
		break;
	case COLUMN_FROM:
		str_puts(&out->text, from(k));
		break;
	case COLUMN_REFUSED:
		put_refused(ctx, k->name, out);
		break;
	default:
		str_printf(&out->text, "%zu", users(ctx, k->name));
		break;
	}
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

/* --- life ------------------------------------------------------------------------------------- */

static int load(struct app *a, struct credentials_state *s, struct err *e)
{
	struct err none = {0};
	struct credentials fresh = {0};
	if (desk_credentials(a->store, &fresh, e) != 0) {
		credentials_release(&fresh);
		return -1;
	}
	credentials_release(&s->have);
	s->have = fresh;
	inventory_free(s->inventory);
	s->inventory = desk_inventory(a->store, &none); /* there may be none yet */
	return 0;
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct credentials_state *s = state;
	(void)argument;
	s->store = a->store;
	if (load(a, s, e) != 0)
		return -1;
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_credentials(struct app *a, void *state)
{
	struct credentials_state *s = state;
	(void)a;
	list_release(&s->list);
	credentials_release(&s->have);
	inventory_free(s->inventory);
}

static void again(struct app *a, void *state)
{
	struct credentials_state *s = state;
	struct err e = {0};
	if (load(a, s, &e) != 0)
		app_fail(a, &e);
	list_refresh(&s->list);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct credentials_state *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct credentials_state *s = state;
	(void)a;
	if (s->have.n)
		list_draw(&s->list, c);
	else
		(void)canvas_wrap(c, 1, 1, c->w - 2, 4, ROLE_WARNING,
				  _("There is no credential yet. Devices use the one named "
				    "\"default\" unless the inventory names another: a adds it."));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct credentials_state *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct credentials_state *s = state;
	return s->list.filtering;
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool any(const struct app *a, const void *state, struct err *why)
{
	const struct credentials_state *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no credential here")), false;
}

static void add(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_credential_form, NULL);
}

static void edit(struct app *a, void *state)
{
	struct credentials_state *s = state;
	app_open(a, &screen_credential_form, credential(s, list_row(&s->list))->name);
}

static void try_it(struct app *a, void *state)
{
	struct credentials_state *s = state;
	app_open(a, &screen_credential_try, credential(s, list_row(&s->list))->name);
}

static bool can_try(const struct app *a, const void *state, struct err *why)
{
	const struct credentials_state *s = state;
	if (!any(a, state, why))
		return false;
	if (s->inventory && s->inventory->devices.n)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no device yet: import an inventory first")),
	       false;
}

static void remove_it(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	struct credentials list = {0};
	(void)text;
	if (choice != 0)
		return;
	int rc = desk_credentials(a->store, &list, &e) == 0 &&
			 credentials_remove(&list, ctx, &e) == 0 &&
			 desk_credentials_save(a->store, &list, &e) == 0
		     ? 0
		     : -1;
	credentials_release(&list);
	const struct open_screen *s = &a->stack.v[a->stack.n - 1];
	if (s->kind == &screen_credentials)
		again(a, s->state);
	if (rc == 0)
		app_say(a, ROLE_OK, _("Credential %s is deleted"), (const char *)ctx);
	else
		app_fail(a, &e);
}

static void ask_remove(struct app *a, void *state)
{
	struct credentials_state *s = state;
	const char *name = credential(s, list_row(&s->list))->name;
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Delete the credential?")),
			   .text = xasprintf(ngettext("%s: %zu device of the inventory uses it; without it nobody "
						"can log in to it. Jobs that run keep it.",
						"%s: %zu devices of the inventory use it; without it "
						"nobody can log in to them. Jobs that run keep it.",
						users(s, name)),
					     name, users(s, name)),
			   .choices = {_("Delete"), _("Cancel")},
			   .n_choices = 2,
			   .at = 1,
			   .role = ROLE_WARNING,
			   .answer = remove_it,
			   .ctx = xstrdup(name),
			   .free_ctx = free});
}

static const struct key_action actions[] = {
    {"test", "Enter t", N_("Test"), N_("Log in to one device with it, once"), try_it, can_try},
    {"add", "a", N_("Add"), N_("A new credential"), add, NULL},
    {"edit", "e", N_("Edit"), N_("Change the credential"), edit, any},
    {"delete", "d Del", N_("Delete"), N_("Delete the credential"), ask_remove, any},
    {0},
};

const struct screen screen_credentials = {
    .name = "credentials",
    .title = N_("Credentials"),
    .about = N_("How to log in to the devices. Passwords and passphrases are asked for when they "
		"are needed and are never written anywhere."),
    .size = sizeof(struct credentials_state),
    .actions = actions,
    .open = open,
    .close = close_credentials,
    .again = again,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
