/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/runner.h"

#include "transport/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void secrets_free(struct secrets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->own.n; i++)
		secret_free(s->own.v[i]);
	for (size_t i = 0; i < s->names.n; i++)
		free(s->names.v[i]);
	VEC_RELEASE(&s->own);
	VEC_RELEASE(&s->names);
	VEC_RELEASE(&s->list);
	free(s);
}

static bool asked_before(const struct job *j, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(j->inventory->devices.v[j->devices.v[k]].credential,
			   j->inventory->devices.v[j->devices.v[i]].credential))
			return true;
	return false;
}

static struct secret *ask(struct cli *c, const struct credential *known)
{
	if (cli_flag(c, "--password-stdin"))
		return secret_read_line(STDIN_FILENO, &c->e);
	if (!c->in_tty) {
		err_set(&c->e, ERR_INPUT,
			_("credential \"%s\" needs a password: give --password-stdin (one line a "
			  "credential), or a credential that needs none ('hitless credential add "
			  "--help')"),
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

/* A key file tells only when it is read whether it has a passphrase. */
static bool wants(struct keyring *k, const struct credential *known)
{
	struct err e = {0};
	if (known->method == CREDENTIAL_KEY && keyring_prepare(k, known->name, &e) != 0 &&
	    !keyring_wants_secret(k, known->name))
		return false; /* unreadable: the pre-checks say it for each device */
	return keyring_wants_secret(k, known->name);
}

/* ERR_INPUT when somebody has to be asked and there is neither a terminal nor --password-stdin. */
static int collect(struct cli *c, const struct job *j, struct keyring *k, struct secrets *out)
{
	for (size_t i = 0; i < j->devices.n; i++) {
		const char *name = j->inventory->devices.v[j->devices.v[i]].credential;
		const struct credential *known = keyring_find(k, name);
		if (!known || asked_before(j, i) || !wants(k, known))
			continue;
		struct secret *s = ask(c, known);
		if (!s)
			return -1;
		VEC_PUSH(&out->own, s);
		VEC_PUSH(&out->names, xstrdup(name));
		VEC_PUSH(&out->list,
			 ((struct spawn_secret){.credential = out->names.v[out->names.n - 1],
						.secret = s}));
	}
	return 0;
}

/* Once a program: a second process of the same job gets what was typed for the first one. */
int secrets_collect(struct cli *c, const struct job *j)
{
	struct credentials list;
	if (c->secrets)
		return 0;
	if (cli_credentials(c, &list) != 0)
		return -1;
	struct secrets *fresh = xcalloc(1, sizeof(*fresh));
	struct keyring *k = keyring_new(&list);
	int rc = collect(c, j, k, fresh);
	keyring_free(k);
	credentials_release(&list);
	if (rc == 0)
		c->secrets = fresh;
	else
		secrets_free(fresh);
	return rc;
}

bool runner_linger(const struct cli *c)
{
	return c->in_tty && c->out_tty;
}

int runner_start(struct cli *c, const char *id, const struct job *j, bool linger, int *pid)
{
	int number = 0;
	if (secrets_collect(c, j) != 0)
		return -1;
	struct spawn_options o = {
	    .state_dir = store_dir(c->store),
	    .job = id,
	    .secrets = c->secrets->list.v,
	    .n_secrets = c->secrets->list.n,
	    .linger = linger,
	    .job_limit = cli_setting(c, "job-limit", 5),
	};
	int rc = spawn_runner(&o, &number, &c->e);
	if (pid)
		*pid = number;
	return rc;
}
