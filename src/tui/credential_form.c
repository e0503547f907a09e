/* SPDX-License-Identifier: ISC */
/* A credential, new or changed. No field for a secret: those are never stored. */
#include "config.h"

#include "tui/app.h"
#include "model/phrases.h"
#include "tui/credential.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_NAME "default" /* what devices use unless the inventory says otherwise */

static const struct parameter fields[] = {
    {.name = (char *)"name",
     .title = (char *)N_("Name"),
     .help = (char *)N_("Devices use \"default\" unless the inventory names another."),
     .type = PARAMETER_TEXT},
    {.name = (char *)"user",
     .title = (char *)N_("User"),
     .help = (char *)N_("Login name on the devices."),
     .type = PARAMETER_TEXT},
    {.name = (char *)"method",
     .title = (char *)N_("Method"),
     .help = (char *)N_("agent: SSH agent. key: a private key file. password: asked for once. "
			"command: a program prints it. systemd: a file of the service."),
     .type = PARAMETER_CHOICE,
     .fallback = (char *)"agent",
     .choices = (char **)(uintptr_t)credential_methods},
    {.name = (char *)"from",
     .title = (char *)N_("From"),
     .help = (char *)N_("key: the file (^O picks it). command: path and arguments. systemd: the "
			"name. Else empty."),
     .type = PARAMETER_TEXT},
    {.name = (char *)"otherwise",
     .title = (char *)N_("Otherwise"),
     .help =
	 (char *)N_("Another credential of the same user, tried when a device refuses this one. "
		    "Empty: none."),
     .type = PARAMETER_TEXT},
};

enum { FIELD_NAME, FIELD_USER, FIELD_METHOD, FIELD_FROM, FIELD_OTHERWISE };

struct credential_form {
	struct form form;
	char *old; /* name of the one that is changed; NULL: a new one */
	bool done; /* nothing is to be kept */
};

/* --- life ------------------------------------------------------------------------------------- */

static char *join(char *const *words)
{
	struct str text = {0};
	for (; words && *words; words++)
		str_printf(&text, "%s%s", text.len ? " " : "", *words);
	return str_take(&text);
}

static void fill(struct credential_form *s, const struct credential *k)
{
	char *from = k->key ? xstrdup(k->key) : k->systemd ? xstrdup(k->systemd) : join(k->command);
	form_set(&s->form, "name", k->name);
	form_set(&s->form, "user", k->user);
	form_set(&s->form, "method", credential_methods[k->method]);
	form_set(&s->form, "from", from);
	form_set(&s->form, "otherwise", k->otherwise ? k->otherwise : "");
	s->form.at = FIELD_USER;
	free(from);
}

static char *kept_name(const char *field)
{
	return xasprintf("credential.%s", field);
}

/* What was typed for a new one, and not saved, is there again. */
static void take_kept(const struct app *a, struct credential_form *s)
{
	for (size_t i = 0; i < LEN(fields); i++) {
		char *name = kept_name(fields[i].name);
		const char *value = values_get(&a->kept, name);
		if (value)
			form_set(&s->form, fields[i].name, value);
		free(name);
	}
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct credential_form *s = state;
	struct credentials have = {0};
	if (desk_credentials(a->store, &have, e) != 0)
		return -1;
	for (size_t i = 0; i < LEN(fields); i++)
		form_add(&s->form, &fields[i], NULL);
	const struct credential *k = argument ? credentials_find(&have, argument) : NULL;
	form_set(&s->form, "name", credentials_find(&have, FIRST_NAME) ? "" : FIRST_NAME);
	if (k) {
		s->old = xstrdup(k->name);
		fill(s, k);
	} else {
		take_kept(a, s);
	}
	credentials_release(&have);
	return 0;
}

static void close_form(struct app *a, void *state)
{
	struct credential_form *s = state;
	for (size_t i = 0; !s->old && i < LEN(fields); i++) {
		char *name = kept_name(fields[i].name);
		if (s->done)
			values_set(&a->kept, name, NULL);
		else
			values_set(&a->kept, name, form_value(&s->form, fields[i].name));
		free(name);
	}
	form_release(&s->form);
	free(s->old);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct credential_form *s = state;
	(void)a;
	form_fit(&s->form, height, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct credential_form *s = state;
	struct canvas inner = canvas_part(c, 0, 1, -1, c->w - 2);
	(void)a;
	form_draw(&s->form, &inner);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct credential_form *s = state;
	(void)a;
	return form_key(&s->form, k, NULL);
}

static bool typing(const void *state)
{
	const struct credential_form *s = state;
	return fields[s->form.at].type == PARAMETER_TEXT;
}

/* --- saving ----------------------------------------------------------------------------------- */

static enum credential_method method_of(const struct form *f)
{
	int i = 0;
	while (i < CREDENTIAL_METHODS - 1 &&
	       !str_eq(credential_methods[i], form_value(f, "method")))
		i++;
	return (enum credential_method)i;
}

static char **words(const char *text)
{
	size_t n;
	char **parts = str_split(text, " ", &n), **list = xcalloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = xstrdup(parts[i]);
	free(parts);
	return list;
}

static int take_from(const struct form *f, struct credential *k, struct err *e)
{
	const char *from = form_value(f, "from");
	bool needed = k->method == CREDENTIAL_KEY || k->method == CREDENTIAL_COMMAND ||
		      k->method == CREDENTIAL_SYSTEMD;
	if (needed != (*from != '\0'))
		return err_set(e, ERR_INPUT,
			       needed ? _("%s: say where from") : _("%s needs nothing here"),
			       credential_methods[k->method]);
	if (k->method == CREDENTIAL_KEY && !path_exists(from))
		return err_set(e, ERR_INPUT, _("there is no key file %s"), from);
	if (k->method == CREDENTIAL_KEY)
		k->key = xstrdup(from);
	else if (k->method == CREDENTIAL_COMMAND)
		k->command = words(from);
	else if (k->method == CREDENTIAL_SYSTEMD)
		k->systemd = xstrdup(from);
	return secrets_check(k, e);
}

/* Takes *k. The place of the old one is taken by it. */
static int store(struct app *a, const char *old, struct credential *k, struct err *e)
{
	struct credentials list = {0};
	int rc = desk_credentials(a->store, &list, e);
	if (rc == 0 && old)
		rc = credentials_remove(&list, old, e);
	if (rc != 0)
		credential_release(k);
	else
		rc = credentials_add(&list, k, e) == 0 &&
			     desk_credentials_save(a->store, &list, e) == 0
			 ? 0
			 : -1;
	credentials_release(&list);
	return rc;
}

/* The field that is wrong gets the mark and the cursor. */
static int mistake(struct credential_form *s, size_t field, struct err *e)
{
	form_mistake(&s->form, fields[field].name, e->text);
	s->form.at = field;
	return -1;
}

static int check(struct credential_form *s, struct credential *k, struct err *e)
{
	for (size_t i = 0; i < LEN(fields); i++)
		form_mistake(&s->form, fields[i].name, NULL);
	if (form_check(&s->form, e) != 0)
		return -1;
	if (!path_is_name(k->name)) {
		err_set(e, ERR_INPUT, _("a name is needed: letters, digits and . _ - + @ ~"));
		return mistake(s, FIELD_NAME, e);
	}
	if (!credential_user_valid(k->user)) {
		err_set(e, ERR_INPUT, _("a user is needed: letters, digits and . _ -"));
		return mistake(s, FIELD_USER, e);
	}
	return take_from(&s->form, k, e) == 0 ? 0 : mistake(s, FIELD_FROM, e);
}

static void save(struct app *a, void *state)
{
	struct credential_form *s = state;
	struct err e = {0};
	const char *otherwise = form_value(&s->form, "otherwise");
	struct credential k = {.name = xstrdup(form_value(&s->form, "name")),
			       .user = xstrdup(form_value(&s->form, "user")),
			       .method = method_of(&s->form),
			       .otherwise = *otherwise ? xstrdup(otherwise) : NULL,
			       .added = app_wall(a)};
	char *name = xstrdup(k.name);
	if (check(s, &k, &e) != 0) {
		credential_release(&k);
	} else if (store(a, s->old, &k, &e) == 0) {
		s->done = true;
		app_back(a);
		app_say(a, ROLE_OK, _("Credential %s is there; Enter tests it on a device"), name);
	} else {
		(void)mistake(s,
			      strstr(e.text, "goes on") || strstr(e.text, "itself")
				  ? FIELD_OTHERWISE
				  : FIELD_NAME,
			      &e);
	}
	if (e.kind != ERR_NONE)
		app_fail(a, &e);
	free(name);
}

static void take_key(struct app *a, const char *path)
{
	const struct open_screen *top = &a->stack.v[a->stack.n - 1];
	struct credential_form *s = top->state;
	if (top->kind != &screen_credential_form)
		return;
	form_set(&s->form, "method", credential_methods[CREDENTIAL_KEY]);
	form_set(&s->form, "from", path);
	app_changed(a);
}

static void pick_key(struct app *a, void *state)
{
	static const struct file_argument wish = {.title = N_("Private key"), .pick = take_key};
	(void)state;
	app_open(a, &screen_files, &wish);
}

static const struct key_action actions[] = {
    {"save", "Enter ^S", N_("Save"), N_("Keep the credential"), save, NULL},
    {"pick", "^O", N_("Key file"), N_("Pick the private key from a list of files"), pick_key, NULL},
    {0},
};

const struct screen screen_credential_form = {
    .name = "credential",
    .title = N_("Credential"),
    .about = N_("How to log in to devices. Secrets are never stored."),
    .size = sizeof(struct credential_form),
    .actions = actions,
    .open = open,
    .close = close_form,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
