/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"
#include "run/login.h"

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

static int test_on(struct cli *c, struct inventory *inv, const struct credentials *list)
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
	int rc = add_secret(c, k, known);
	if (rc == 0)
		rc = login_test(c->store, inv, d, k, NULL, NULL, &c->e);
	keyring_free(k);
	return rc;
}

static int credential_test(struct cli *c)
{
	struct credentials list = {0};
	if (!cli_option(c, "--on"))
		return cli_bad(c, "--on DEVICE is missing");
	struct inventory *inv = cli_inventory(c);
	int rc = inv && cli_credentials(c, &list) == 0 ? test_on(c, inv, &list) : -1;
	if (rc == 0 && c->json)
		put_json(json_object_new("login"), false);
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
