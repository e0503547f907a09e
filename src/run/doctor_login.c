/* SPDX-License-Identifier: ISC */
/* The doctor's checks of how devices are logged in to: credentials and known_hosts. Nobody is asked
 * for a password, no command is run, no device is reached. */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/path.h"
#include "run/devices.h"
#include "run/login.h"
#include "transport/keyring.h"
#include "transport/known_hosts.h"
#include "transport/ssh.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFUSALS_MANY 3

/* --- credentials ------------------------------------------------------------------------------ */

static void judge_agent(const struct credential *c, struct doctor_finding *f)
{
	struct err e = {0};
	int keys = ssh_agent_keys(&e);
	if (keys < 0)
		doctor_found(f, DOCTOR_ERROR, xasprintf("%s: %s", c->name, e.text),
			     xstrdup(_("start one and add the key: eval $(ssh-agent); ssh-add")));
	else
		doctor_found(f, DOCTOR_OK,
			     xasprintf(ngettext("%s: the agent holds %d key",
						"%s: the agent holds %d keys", (unsigned)keys),
				       c->name, keys),
			     NULL);
}

static void judge_key_file(const struct credential *c, struct keyring *k, struct doctor_finding *f)
{
	struct stat st;
	struct err e = {0};
	if (stat(c->key, &st) != 0 || access(c->key, R_OK) != 0) {
		doctor_found(f, DOCTOR_ERROR,
			     xasprintf("%s: %s: %s", c->name, c->key, strerror(errno)),
			     xstrdup(_("correct the path or its permissions")));
		return;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("%s: others can use the key %s"), c->name, c->key),
			     xasprintf("chmod go= %s", c->key));
	if (keyring_prepare(k, c->name, &e) != 0 && !keyring_wants_secret(k, c->name))
		doctor_found(f, DOCTOR_ERROR, xasprintf("%s: %s", c->name, e.text),
			     xstrdup(_("name the private key")));
	else
		doctor_found(f, DOCTOR_OK, xasprintf("%s: %s", c->name, c->key), NULL);
}

static void judge_program(const struct credential *c, struct doctor_finding *f)
{
	struct stat st;
	const char *path = c->command[0];
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		doctor_found(f, DOCTOR_ERROR, xasprintf(_("%s: cannot run %s"), c->name, path),
			     xstrdup(_("install it, or correct the credential")));
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) || (st.st_uid != 0 && st.st_uid != geteuid()))
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("%s: others can replace %s"), c->name, path),
			     xasprintf("chmod go-w %s", path));
	else
		doctor_found(f, DOCTOR_OK, xasprintf("%s: %s", c->name, path), NULL);
}

static void judge_credential(const struct credential *c, struct keyring *k,
			     struct doctor_finding *f)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	switch (c->method) {
	case CREDENTIAL_AGENT:
		judge_agent(c, f);
		break;
	case CREDENTIAL_KEY:
		judge_key_file(c, k, f);
		break;
	case CREDENTIAL_COMMAND:
		judge_program(c, f);
		break;
	case CREDENTIAL_SYSTEMD:
		if (!dir)
			doctor_found(f, DOCTOR_WARNING,
				     xasprintf(_("%s: no systemd credentials here"), c->name),
				     xstrdup(_("start the job in the service that has them")));
		break;
	default:
		doctor_found(f, DOCTOR_OK, xasprintf(_("%s: asked for"), c->name), NULL);
		break;
	}
}

/* Many devices lock an account after three to five wrong logins. */
static void judge_refusals(const struct doctor *d, const char *name, struct doctor_finding *f)
{
	int64_t n = d->o->store ? login_refused(d->o->store, name) : 0;
	if (n >= REFUSALS_MANY)
		doctor_found(
		    f, DOCTOR_WARNING,
		    xasprintf(_("%s was refused %" PRId64 " times since it worked last"), name, n),
		    xasprintf(_("see that the account is not locked, then 'hitless credential "
				"test %s --on DEVICE'"),
			      name));
}

/* Devices that name one that is not there. */
static void judge_devices(const struct doctor *d, struct doctor_finding *f)
{
	size_t lost = 0;
	const char *first = NULL, *name = NULL;
	for (size_t i = 0; d->inventory && i < d->inventory->devices.n; i++) {
		const struct device *x = &d->inventory->devices.v[i];
		if (x->anchor || credentials_find(&d->credentials, x->credential))
			continue;
		if (!lost++)
			first = x->name, name = x->credential;
	}
	if (lost)
		doctor_found(
		    f, DOCTOR_ERROR,
		    xasprintf(ngettext("%zu device (%s) has the credential \"%s\", which is "
				       "not there",
				       "%zu devices (%s, ...) have the credential \"%s\", "
				       "which is not there",
				       lost),
			      lost, first, name),
		    xasprintf("hitless credential add %s", name));
}

void doctor_credentials(const struct doctor *d, struct doctor_finding *f)
{
	struct keyring *k = keyring_new(&d->credentials);
	for (size_t i = 0; i < d->credentials.n; i++) {
		judge_credential(&d->credentials.v[i], k, f);
		judge_refusals(d, d->credentials.v[i].name, f);
	}
	judge_devices(d, f);
	if (!d->credentials.n)
		doctor_found(f, DOCTOR_OK, xstrdup(_("none yet")), NULL);
	keyring_free(k);
}

/* --- known hosts ------------------------------------------------------------------------------ */

static void see_line(void *ctx, const char *path, size_t line, enum known_line kind)
{
	if (kind == KNOWN_LINE_AUTHORITY)
		doctor_found(ctx, DOCTOR_WARNING,
			     xasprintf(_("%s:%zu names a certificate authority, which is not used"),
				       path, line),
			     xstrdup(_("accept the keys of its hosts ('hitless host-key scan')")));
	else
		doctor_found(ctx, DOCTOR_WARNING, xasprintf(_("%s:%zu cannot be read"), path, line),
			     xstrdup(_("correct or remove the line (ssh-keygen -R HOST)")));
}

static void judge_known(const char *path, struct doctor_finding *f)
{
	struct stat st;
	struct err e = {0};
	if (stat(path, &st) != 0)
		return;
	if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & (S_IWGRP | S_IWOTH)))
		doctor_found(
		    f, DOCTOR_ERROR, xasprintf(_("others can write to %s"), path),
		    xasprintf("chown %u %s; chmod go-w %s", (unsigned)geteuid(), path, path));
	if (known_hosts_lines(path, see_line, f, &e) != 0)
		doctor_found(f, DOCTOR_ERROR, xstrdup(e.text),
			     xstrdup(_("correct its permissions")));
	else
		doctor_found(f, DOCTOR_OK, xstrdup(path), NULL);
}

void doctor_host_keys(const struct doctor *d, struct doctor_finding *f)
{
	if (d->o->store) {
		char **files = devices_known_hosts(d->o->store);
		for (size_t i = 0; files[i]; i++)
			judge_known(files[i], f);
		strings_free(files);
	}
	if (!f->evidence.len)
		doctor_found(f, DOCTOR_OK, xstrdup(_("none yet")), NULL);
}
