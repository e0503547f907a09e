/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"
#include "run/login.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add_secret(struct cli *c, struct keyring *k, const struct credential *known)
{
	struct secret *s;
	if (keyring_prepare(k, known->name, &c->e) != 0 && !keyring_wants_secret(k, known->name))
		return -1;
	if (!keyring_wants_secret(k, known->name))
		return 0;
	if (cli_flag(c, "--password-stdin")) {
		s = secret_read_line(STDIN_FILENO, &c->e);
	} else if (c->in_tty) {
		char *prompt =
		    xasprintf(_("Secret of credential %s (user %s): "), known->name, known->user);
		s = secret_prompt(prompt, &c->e);
		free(prompt);
	} else {
		return err_set(&c->e, ERR_INPUT,
			       "give --password-stdin: standard input is no "
			       "terminal");
	}
	if (s)
		keyring_set_secret(k, known->name, s);
	return s ? 0 : -1;
}

/* The secrets of all that may be tried. */
static int add_secrets(struct cli *c, struct keyring *k, const struct credential *known)
{
	for (; known; known = keyring_find(k, known->otherwise))
		if (add_secret(c, k, known) != 0)
			return -1;
	return 0;
}

/* One row for each credential on the way: which was accepted, and how; which was refused. */
static cJSON *tried(struct cli *c, struct keyring *k, const struct credential *known)
{
	cJSON *rows = cJSON_CreateArray();
	for (; known; known = keyring_find(k, known->otherwise)) {
		cJSON *o = cJSON_CreateObject();
		char *last, *how = keyring_accepted(k, known->name);
		size_t refused = keyring_refusals(k, known->name, &last);
		int64_t all = login_refused(c->store, known->name);
		json_put_text(o, "credential", known->name);
		json_put_text(o, "user", known->user);
		json_put_text(o, "method", credential_methods[known->method]);
		json_put_text(o, "outcome", how ? "accepted" : refused ? "refused" : "not tried");
		json_put_text(o, "accepted_by", how);
		json_put_number(o, "refused", all);
		tell(c, _("  %s (%s, %s): %s%s%s"), known->name, known->user,
		     credential_methods[known->method],
		     how       ? _("accepted")
		     : refused ? _("refused")
			       : _("not tried"),
		     how ? ": " : "", how ? how : "");
		char *warning = how ? NULL : login_warning(c->store, known->name);
		if (warning)
			remark(c, "%s", warning);
		free(warning);
		json_append(rows, o);
		free(last);
		free(how);
	}
	return rows;
}

static int test_on(struct cli *c, struct inventory *inv, const struct credentials *list,
		   cJSON **rows)
{
	const char *name = c->args[0], *device = cli_option(c, "--on");
	const struct credential *known = credentials_find(list, name);
	size_t d = inventory_find(inv, device);
	if (!known)
		return err_set(&c->e, ERR_INPUT, "there is no credential \"%s\"", name);
	if (d == NO_DEVICE)
		return err_set(&c->e, ERR_INPUT, "there is no device \"%s\"", device);
	if (inventory_set(inv, d, "credential", name, &c->e) != 0)
		return -1;
	struct keyring *k = keyring_new(list);
	int rc = add_secrets(c, k, known);
	if (rc == 0) {
		rc = login_test(c->store, inv, d, k, NULL, NULL, &c->e);
		login_remember(c->store, k, list);
		tell(c, "%s@%s (%s:%d)", known->user, device, inv->devices.v[d].address,
		     inv->devices.v[d].port);
		*rows = tried(c, k, known);
	}
	keyring_free(k);
	return rc;
}

static int credential_test(struct cli *c)
{
	struct credentials list = {0};
	cJSON *rows = NULL;
	if (!cli_option(c, "--on"))
		return cli_bad(c, "--on DEVICE is missing");
	struct inventory *inv = cli_inventory(c);
	int rc = inv && cli_credentials(c, &list) == 0 ? test_on(c, inv, &list, &rows) : -1;
	if (c->json && rows) {
		cJSON *o = json_object_new("login");
		json_put_flag(o, "works", rc == 0);
		json_put_text(o, "device", cli_option(c, "--on"));
		json_put(o, "tried", rows);
		put_json(o, false);
	} else {
		cJSON_Delete(rows);
	}
	if (rc == 0)
		tell(c, _("%s: login with credential %s works"), cli_option(c, "--on"), c->args[0]);
	credentials_release(&list);
	inventory_free(inv);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static const struct option test_options[] = {
    {"--on", "DEVICE", N_("device to log in to"), false},
    {"--password-stdin", NULL, N_("read the password from standard input"), false},
    {0},
};

const struct verb verbs_credential_test[] = {
    {"credential test", "NAME", N_("log in to one device, once"), test_options, 1, 1,
     .run = credential_test},
    {0},
};
