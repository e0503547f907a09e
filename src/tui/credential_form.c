/* SPDX-License-Identifier: ISC */
/* A new credential. No field for a secret: those are never stored. */
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
};

struct credential_form {
	struct form form;
};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct credential_form *s = state;
	struct credentials have = {0};
	(void)argument;
	if (desk_credentials(a->store, &have, e) != 0)
		return -1;
	bool first = !credentials_find(&have, FIRST_NAME);
	credentials_release(&have);
	for (size_t i = 0; i < LEN(fields); i++)
		form_add(&s->form, &fields[i], NULL);
	form_set(&s->form, "name", first ? FIRST_NAME : "");
	return 0;
}

static void close_form(struct app *a, void *state)
{
	struct credential_form *s = state;
	(void)a;
	form_release(&s->form);
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
	return 0;
}

/* Takes *k. */
static int store(struct app *a, struct credential *k, struct err *e)
{
	struct credentials list = {0};
	int rc = desk_credentials(a->store, &list, e);
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

static void save(struct app *a, void *state)
{
	struct credential_form *s = state;
	struct err e = {0};
	struct credential k = {.name = xstrdup(form_value(&s->form, "name")),
			       .user = xstrdup(form_value(&s->form, "user")),
			       .method = method_of(&s->form),
			       .added = app_wall(a)};
	char *name = xstrdup(k.name);
	form_mistake(&s->form, "from", NULL);
	if (form_check(&s->form, &e) != 0) {
		credential_release(&k);
	} else if (take_from(&s->form, &k, &e) != 0) {
		form_mistake(&s->form, "from", said_err(&e).text);
		credential_release(&k);
	} else if (store(a, &k, &e) == 0) {
		app_back(a);
		app_say(a, ROLE_OK, _("Credential %s is there; Enter tests it on a device"), name);
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
    .title = N_("New credential"),
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
