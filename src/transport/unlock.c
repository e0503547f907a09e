/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/unlock.h"

#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <stdlib.h>
#include <unistd.h>

/* libssh asks only when the file is encrypted: that is all we want to know. */
static int note_passphrase(const char *prompt, char *buf, size_t len, int echo, int verify,
			   void *asked)
{
	(void)prompt, (void)buf, (void)len, (void)echo, (void)verify;
	*(bool *)asked = true;
	return -1;
}

static int load_key(const struct credential *c, const struct secret *passphrase, ssh_key *key,
		    bool *encrypted, struct err *e)
{
	const char *text = passphrase ? secret_text(passphrase) : NULL;
	*encrypted = false;
	if (!c->key || access(c->key, R_OK) != 0)
		return err_sys(e, "cannot read the key %s of credential %s", c->key ? c->key : "?",
			       c->name);
	int rc = ssh_pki_import_privkey_file(c->key, text, text ? NULL : note_passphrase, encrypted,
					     key);
	if (rc == SSH_OK)
		return 0;
	*key = NULL;
	if (passphrase)
		return err_set(e, ERR_AUTH, "the passphrase of credential %s does not open %s",
			       c->name, c->key);
	if (*encrypted)
		return err_set(e, ERR_AUTH, "the key %s of credential %s needs its passphrase",
			       c->key, c->name);
	return err_set(e, ERR_AUTH, "%s of credential %s is not a private key", c->key, c->name);
}

static struct secret *read_systemd(const struct credential *c, struct err *e)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	if (!dir || !c->systemd || !path_is_name(c->systemd)) {
		err_set(e, ERR_AUTH, "credential %s: %-s", c->name,
			dir ? M_("its systemd name is not a file name")
			    : M_("this process was started without systemd credentials"));
		return NULL;
	}
	char *path = path_join(dir, c->systemd);
	struct secret *s = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		err_sys(e, "credential %s: cannot read %s", c->name, path);
	} else {
		s = secret_read_line(fd, e);
		close(fd);
	}
	free(path);
	return s;
}

int unlock_fetch(const struct credential *c, const struct secret *given, struct secret **s,
		 struct ssh_key_struct **key, bool *encrypted, struct err *e)
{
	switch (c->method) {
	case CREDENTIAL_AGENT: /* asked every time: it saves a useless connection */
		return getenv("SSH_AUTH_SOCK")
			   ? 0
			   : err_set(e, ERR_AUTH,
				     "there is no SSH agent (SSH_AUTH_SOCK is not set)");
	case CREDENTIAL_KEY:
		return load_key(c, given, key, encrypted, e);
	case CREDENTIAL_PASSWORD:
		return given
			   ? 0
			   : err_set(e, ERR_AUTH, "the password of credential %s is not known",
				     c->name);
	case CREDENTIAL_COMMAND:
		*s = secret_command(c->command, e);
		return *s ? 0 : err_at(e, M_("credential %s"), c->name);
	case CREDENTIAL_SYSTEMD:
		*s = read_systemd(c, e);
		return *s ? 0 : -1;
	case CREDENTIAL_METHODS:
		break;
	}
	return err_set(e, ERR_AUTH, "credential %s has no usable method", c->name);
}
