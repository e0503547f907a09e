/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/runner.h"

#include <stdlib.h>
#include <unistd.h>

static struct secret *ask(struct cli *c, const struct credential *known)
{
	if (cli_flag(c, "--password-stdin"))
		return secret_read_line(STDIN_FILENO, &c->e);
	if (!c->in_tty) {
		err_set(&c->e, ERR_INPUT,
			"credential \"%s\" needs a password: give --password-stdin (one line a "
			"credential), or a credential that needs none ('hitless credential add "
			"--help')",
			known->name);
		return NULL;
	}
	char *prompt = xasprintf(known->method == CREDENTIAL_KEY
				     ? _("Passphrase of the key of credential %s (user %s): ")
				     : _("Password of credential %s (user %s): "),
				 known->name, known->user);
	struct secret *s = secret_prompt(prompt, &c->e);
	free(prompt);
	return s;
}

/* Once a program: a second process of the same job gets what was typed for the first one. ERR_INPUT
 * when somebody has to be asked and there is neither a terminal nor --password-stdin. */
int secrets_collect_for(struct cli *c, const struct inventory *inv, const size_t *devices,
			size_t n)
{
	struct credential known;
	bool missing = false;
	int rc;
	if (c->secrets)
		return 0;
	struct secrets *fresh = secrets_new();
	while ((rc = secrets_missing(c->store, fresh, inv, devices, n, &known, &missing,
				     &c->e)) == 0 &&
	       missing) {
		struct secret *s = ask(c, &known);
		if (s)
			secrets_add(fresh, known.name, s);
		credential_release(&known);
		if (!s) {
			rc = -1;
			break;
		}
	}
	if (rc == 0)
		c->secrets = fresh;
	else
		secrets_free(fresh);
	return rc;
}

int secrets_collect(struct cli *c, const struct job *j)
{
	return secrets_collect_for(c, j->inventory, j->devices.v, j->devices.n);
}

bool runner_linger(const struct cli *c)
{
	return c->in_tty && c->out_tty;
}

int runner_start(struct cli *c, const char *id, const struct job *j, bool linger, int *pid)
{
	if (secrets_collect(c, j) != 0 || start_prepare(c->store, j->devices.n, NULL, &c->e) != 0)
		return -1;
	return start_job(c->store, id, c->secrets, 0, linger, pid, &c->e);
}
