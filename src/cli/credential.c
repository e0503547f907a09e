/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/credential.h"

#include "base/path.h"
#include "model/json.h"
#include "run/login.h"
#include "run/secrets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- add -------------------------------------------------------------------------------------- */

static char *absolute(const char *path)
{
	char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
	char *out = cwd ? path_join(cwd, path) : xstrdup(path);
	free(cwd);
	return out;
}

static char **command_words(struct cli *c)
{
	VEC(char *) list = {0};
	size_t at = 0;
	const char *word;
	while ((word = cli_next(c, "--command", &at)))
		VEC_PUSH(&list, xstrdup(word));
	VEC_PUSH(&list, NULL);
	return list.v;
}

static int read_source(struct cli *c, struct credential *out)
{
	if (out->method == CREDENTIAL_KEY)
		out->key = absolute(cli_option(c, "--key"));
	if (out->method == CREDENTIAL_COMMAND)
		out->command = command_words(c);
	if (out->method == CREDENTIAL_SYSTEMD)
		out->systemd = xstrdup(cli_option(c, "--systemd"));
	if (out->key && !path_exists(out->key))
		return err_set(&c->e, ERR_INPUT, _("there is no key file %s"), out->key);
	return secrets_check(out, &c->e);
}

/* The one way to log in that was given: 1; 0: none; -1: several. */
static int read_method(struct cli *c, enum credential_method *out)
{
	static const char *const options[CREDENTIAL_METHODS] = {[CREDENTIAL_AGENT] = "--agent",
								[CREDENTIAL_KEY] = "--key",
								[CREDENTIAL_PASSWORD] =
								    "--password",
								[CREDENTIAL_COMMAND] = "--command",
								[CREDENTIAL_SYSTEMD] = "--systemd"};
	int found = 0;
	for (int i = 0; i < CREDENTIAL_METHODS; i++)
		if (cli_flag(c, options[i])) {
			*out = (enum credential_method)i;
			found++;
		}
	return found > 1 ? -1 : found;
}

static int say_methods(struct cli *c)
{
	return err_set(&c->e, ERR_INPUT,
		       _("give one of --agent, --key FILE, --password, "
			 "--command ARGV... or --systemd NAME"));
}

int credential_store(struct cli *c, struct credential *fresh, bool replace)
{
	struct credentials list;
	if (cli_credentials(c, &list) != 0) {
		credential_release(fresh);
		return -1;
	}
	if (replace && credentials_find(&list, fresh->name))
		(void)credentials_remove(&list, fresh->name, &c->e); /* it was just found */
	int rc = credentials_add(&list, fresh, &c->e) == 0 &&
			 desk_credentials_save(c->store, &list, &c->e) == 0
		     ? 0
		     : -1;
	credentials_release(&list);
	return rc;
}

static int add(struct cli *c)
{
	struct credential fresh = {.name = xstrdup(c->args[0]),
				   .added = clock_real()->wall(clock_real())};
	const char *user = cli_option(c, "--user");
	fresh.user = xstrdup(user);
	fresh.otherwise = xstrdup(cli_option(c, "--otherwise"));
	int rc = 0;
	if (!user)
		rc = err_set(&c->e, ERR_INPUT, "--user USER is missing");
	else if (read_method(c, &fresh.method) != 1)
		rc = say_methods(c);
	if (rc != 0 || read_source(c, &fresh) != 0) {
		credential_release(&fresh);
		return cli_fail(c);
	}
	bool command = fresh.method == CREDENTIAL_COMMAND;
	if (credential_store(c, &fresh, false) != 0)
		return cli_fail(c);
	if (c->json)
		put_json(json_object_new("credential"), false);
	tell(c,
	     command
		 ? _("credential %s added; its command is stored as typed, what it prints is not")
		 : _("credential %s added; nothing secret is stored"),
	     c->args[0]);
	return EXIT_DONE;
}

/* --- set ------------------------------------------------------------------------------------ */

/* Only what was given changes; another method takes the source of the old one away. */
static int change(struct cli *c, const struct credential *old, struct credential *fresh)
{
	const char *user = cli_option(c, "--user"), *otherwise = cli_option(c, "--otherwise");
	int given;
	credential_copy(fresh, old);
	if (user) {
		free(fresh->user);
		fresh->user = xstrdup(user);
	}
	if (otherwise) {
		free(fresh->otherwise);
		fresh->otherwise = str_eq(otherwise, "-") ? NULL : xstrdup(otherwise);
	}
	given = read_method(c, &fresh->method);
	if (given < 0)
		return say_methods(c);
	if (!given && !user && !otherwise)
		return err_set(&c->e, ERR_INPUT, _("say what is to be another"));
	if (given == 0)
		return 0;
	free(fresh->key), free(fresh->systemd), strings_free(fresh->command);
	fresh->key = fresh->systemd = NULL;
	fresh->command = NULL;
	return read_source(c, fresh);
}

static int set(struct cli *c)
{
	struct credentials list;
	struct credential fresh = {0};
	if (cli_credentials(c, &list) != 0)
		return cli_fail(c);
	const struct credential *old = credentials_find(&list, c->args[0]);
	int rc = old ? change(c, old, &fresh)
		     : err_set(&c->e, ERR_INPUT, _("there is no credential \"%s\""), c->args[0]);
	credentials_release(&list);
	bool command = fresh.method == CREDENTIAL_COMMAND;
	if (rc != 0)
		credential_release(&fresh);
	if (rc != 0 || credential_store(c, &fresh, true) != 0)
		return cli_fail(c);
	if (c->json)
		put_json(json_object_new("credential"), false);
	tell(c,
	     command
		 ? _("credential %s changed; its command is stored as typed, what it prints is not")
		 : _("credential %s changed; nothing secret is stored"),
	     c->args[0]);
	return EXIT_DONE;
}

/* --- list, del -------------------------------------------------------------------------------- */

static void put_row(struct cli *c, struct table *t, const struct credential *k)
{
	char added[32];
	char *refused = login_refusals(c->store, k->name);
	clock_local(k->added, added);
	table_cell(t, k->name);
	table_cell(t, k->user);
	table_cell(t, credential_methods[k->method]);
	/* of a command only the program: an argument may be a secret that does not belong there */
	table_cell(t, k->key ? k->key : k->command ? k->command[0] : k->systemd);
	table_cell(t, k->otherwise);
	table_cell(t, refused);
	table_cell(t, added);
	free(refused);
}

static int list(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"), N_("USER"), N_("METHOD"),
					     NC_("a secret", "FROM"),
					     N_("OTHERWISE"), N_("REFUSED"), N_("ADDED")};
	struct credentials found;
	struct table t;
	if (cli_credentials(c, &found) != 0)
		return cli_fail(c);
	cJSON *rows = c->json ? cJSON_CreateArray() : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < found.n; i++) {
		if (!c->json) {
			put_row(c, &t, &found.v[i]);
			continue;
		}
		cJSON *o = credential_to_json(&found.v[i]);
		cJSON_DeleteItemFromObjectCaseSensitive(o, "command");
		json_put_number(o, "refused", login_refused(c->store, found.v[i].name));
		json_append(rows, o);
	}
	if (c->json)
		put_list(rows, "credentials");
	else
		table_print(&t, stdout);
	credentials_release(&found);
	return EXIT_DONE;
}

/* False: devices of the inventory log in with it, and nobody said that this does not matter. */
static bool may_go(struct cli *c)
{
	struct err none = {0};
	struct inventory *inv = desk_inventory(c->store, &none); /* without one nobody uses it */
	size_t n = inv ? inventory_credential_users(inv, c->args[0]) : 0;
	inventory_free(inv);
	if (!n || cli_flag(c, "--yes"))
		return true;
	return err_set(&c->e, ERR_REFUSED,
		       ngettext("%zu device of the inventory uses credential %s; 'hitless inventory set' "
				"gives it another one, --yes deletes it all the same",
				"%zu devices of the inventory use credential %s; 'hitless inventory set' "
				"gives them another one, --yes deletes it all the same",
				n),
		       n, c->args[0]),
	       false;
}

static int del(struct cli *c)
{
	struct credentials found;
	if (cli_credentials(c, &found) != 0)
		return cli_fail(c);
	int rc = may_go(c) && credentials_remove(&found, c->args[0], &c->e) == 0 &&
			 desk_credentials_save(c->store, &found, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE)
		tell(c, _("credential %s deleted"), c->args[0]);
	credentials_release(&found);
	return rc;
}

#define HOW_OPTIONS                                                                                \
	{"--user", "USER", N_("login name"), false},                                               \
	    {"--agent", NULL, N_("use the SSH agent"), false},                                     \
	    {"--key", "FILE", N_("private key file (its passphrase is asked for)"), false},        \
	    {"--password", NULL,                                                                   \
	     N_("password: asked for once, or --password-stdin of the other verbs"), false},       \
	    {"--systemd", "NAME", N_("password in $CREDENTIALS_DIRECTORY/NAME"), false},           \
	{                                                                                          \
		"--command", "ARGV...",                                                            \
		    N_("password printed by a program; takes all words that follow"), true         \
	}

static const struct option del_options[] = {
    {"--yes", NULL, N_("delete it although devices use it"), false},
    {0},
};

static const struct option add_options[] = {
    {"--otherwise", "NAME", N_("credential of the same user to try when a device refuses it"),
     false},
    HOW_OPTIONS,
    {0},
};

static const struct option set_options[] = {
    {"--otherwise", "NAME",
     N_("credential of the same user to try when a device refuses it (-: none)"), false},
    HOW_OPTIONS,
    {0},
};

const struct verb verbs_credential[] = {
    {"credential add", "NAME", N_("say how to log in; secrets are never stored"), add_options, 1, 1,
     .run = add},
    {"credential set", "NAME", N_("change how to log in; only what is given"), set_options, 1, 1,
     .run = set},
    {"credential list", "", N_("list the credentials"), NULL, 0, 0, .run = list},
    {"credential del", "NAME", N_("delete a credential"), del_options, 1, 1,
     .run = del},
    {0},
};
