/* SPDX-License-Identifier: ISC */
/* Users, passwords, keys and sudo: read from the files of the device, as the real ones are. */
#include "config.h"

#include "lab/device.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of a colon-separated file by its first field; "" when there is none. New. */
static char *entry(const struct device *dev, const char *path, const char *user)
{
	const char *at = vfs_text(&dev->vfs, path);
	size_t n = strlen(user);
	while (*at) {
		size_t line = strcspn(at, "\n");
		if (line > n && strncmp(at, user, n) == 0 && at[n] == ':')
			return xstrndup(at, line);
		at += line + (at[line] == '\n');
	}
	return xstrdup("");
}

/* Field i (from 0) of a line; new. */
static char *field(const char *line, int i)
{
	while (i-- > 0 && *line) {
		line += strcspn(line, ":");
		line += *line == ':';
	}
	return xstrndup(line, strcspn(line, ":"));
}

static char *entry_field(const struct device *dev, const char *path, const char *user, int i)
{
	char *line = entry(dev, path, user), *text = field(line, i);
	free(line);
	return text;
}

/* Looks like crypt(3)'s SHA-512 form, but is one plain SHA-256: the lab only compares them. */
char *account_hash(const char *password)
{
	unsigned char sum[EVP_MAX_MD_SIZE], text[4 * EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (EVP_Digest(password, strlen(password), sum, &n, EVP_sha256(), NULL) != 1)
		return xstrdup("!");
	(void)EVP_EncodeBlock(text, sum, (int)n);
	return xasprintf("$6$hitlesslab$%s", (char *)text);
}

int account_uid(const struct device *dev, const char *user)
{
	char *text = entry_field(dev, "/etc/passwd", user, 2);
	int uid = *text ? atoi(text) : strcmp(user, "root") == 0 ? 0 : -1;
	free(text);
	return uid;
}

char *account_home(const struct device *dev, const char *user)
{
	char *home = entry_field(dev, "/etc/passwd", user, 5);
	if (*home)
		return home;
	free(home);
	return xstrdup("/");
}

bool account_password_ok(const struct device *dev, const char *user, const char *password)
{
	char *stored = entry_field(dev, "/etc/shadow", user, 1), *given = account_hash(password);
	bool ok = *stored && strcmp(stored, given) == 0;
	free(stored);
	free(given);
	return ok;
}

bool account_set(struct device *dev, const char *user, const char *hash, long last_change)
{
	char *line = entry(dev, "/etc/shadow", user);
	if (!*line) {
		free(line);
		return false;
	}
	char *old_hash = field(line, 1), *old_change = field(line, 2), change[24];
	(void)snprintf(change, sizeof(change), "%ld", last_change);
	const char *text = vfs_text(&dev->vfs, "/etc/shadow"), *at = strstr(text, line);
	struct str out = {0};
	str_add(&out, text, (size_t)(at - text));
	str_printf(&out, "%s:%s:%s:0:99999:7:::", user, hash ? hash : old_hash,
		   last_change < 0 ? old_change : change);
	str_puts(&out, at + strlen(line));
	struct node *n =
	    vfs_put_text(&dev->vfs, "/etc/shadow", str_text(&out), 0640, dev->lab->now);
	n->uid = 0;
	str_release(&out);
	free(old_change);
	free(old_hash);
	free(line);
	return true;
}

/* Is the user named in this line of sudoers ("cumulus ALL=..." or "%sudo ALL=...")? */
static bool sudoers_names(const struct device *dev, const char *line, const char *user)
{
	size_t n = strcspn(line, " \t");
	if (line[0] != '%')
		return strlen(user) == n && strncmp(line, user, n) == 0;
	char *group = xstrndup(line + 1, n - 1);
	char *members = entry_field(dev, "/etc/group", group, 3);
	char *padded = xasprintf(",%s,", members), *wanted = xasprintf(",%s,", user);
	bool in = strstr(padded, wanted) != NULL;
	free(wanted);
	free(padded);
	free(members);
	free(group);
	return in;
}

/* The last line that matches wins, as in sudoers(5). */
static void sudoers_read(const struct device *dev, const char *text, const char *user, bool *may,
			 bool *needs_password)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = xstrndup(text, n);
		char *at = line + strspn(line, " \t");
		if (*at && *at != '#' && *at != '@' && strstr(at, "ALL=") &&
		    sudoers_names(dev, at, user)) {
			*may = true;
			*needs_password = strstr(at, "NOPASSWD") == NULL;
		}
		free(line);
		text += n + (text[n] == '\n');
	}
}

bool account_sudo(const struct device *dev, const char *user, bool *needs_password)
{
	bool may = strcmp(user, "root") == 0;
	*needs_password = false;
	if (may)
		return true;
	sudoers_read(dev, vfs_text(&dev->vfs, "/etc/sudoers"), user, &may, needs_password);
	size_t at = 0;
	for (struct node *n; (n = vfs_entry(&dev->vfs, "/etc/sudoers.d", &at));)
		if (!n->dir)
			sudoers_read(dev, vfs_text(&dev->vfs, n->path), user, &may, needs_password);
	return may;
}

/* --- the front door's logins ------------------------------------------------------------------ */
static bool refused(struct device *dev, const char *user, const char *how)
{
	lab_log(dev->lab, dev, "login-refused", "%s by %s", user, how);
	return false;
}

static bool may_log_in(struct device *dev, const char *user)
{
	if (dev->phase != PHASE_UP && dev->phase != PHASE_STOPPING)
		return false;
	return account_uid(dev, user) >= 0;
}

bool lab_login_password(struct lab *lab, size_t device, const char *user, const char *password)
{
	struct device *dev = lab->devices.v[device];
	if (!may_log_in(dev, user) || strcmp(user, "root") == 0 ||
	    fault_fire(dev, "wrong-password") || !account_password_ok(dev, user, password))
		return refused(dev, user, "password");
	lab_log(lab, dev, "login", "%s by password", user);
	return true;
}

bool lab_login_key(struct lab *lab, size_t device, const char *user, const char *base64, bool probe)
{
	struct device *dev = lab->devices.v[device];
	bool barred = probe ? fault_on(dev, "wrong-password") : fault_fire(dev, "wrong-password");
	char *home = account_home(dev, user), *path = xasprintf("%s/.ssh/authorized_keys", home);
	const char *text = vfs_text(&dev->vfs, path);
	struct node *n = vfs_get(&dev->vfs, path);
	/* StrictModes: a file that others may write is not trusted */
	bool ok = may_log_in(dev, user) && !barred && n && !(n->mode & 0022) && *base64 &&
		  strstr(text, base64);
	free(path);
	free(home);
	if (!ok)
		return refused(dev, user, "key");
	if (!probe)
		lab_log(lab, dev, "login", "%s by key", user);
	return true;
}

bool lab_login_expired(struct lab *lab, size_t device, const char *user)
{
	char *change = entry_field(lab->devices.v[device], "/etc/shadow", user, 2);
	bool expired = strcmp(change, "0") == 0;
	free(change);
	return expired;
}

bool lab_change_password(struct lab *lab, size_t device, const char *user, const char *old,
			 const char *new_password)
{
	struct device *dev = lab->devices.v[device];
	if (!account_password_ok(dev, user, old) || strlen(new_password) < 6 ||
	    strcmp(old, new_password) == 0)
		return false;
	char *hash = account_hash(new_password);
	bool ok = account_set(dev, user, hash, 18600);
	free(hash);
	lab_log(lab, dev, "password-changed", "%s", user);
	return ok;
}
