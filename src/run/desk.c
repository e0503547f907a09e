/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/desk.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/decommission.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

struct inventory *desk_inventory(struct store *s, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	struct inventory *inv = NULL;
	if (!path_exists(path))
		err_set(
		    e, ERR_INPUT,
		    "there is no inventory yet (%s); 'hitless inventory import FILE' brings one "
		    "in",
		    path);
	else
		inv = inventory_load(path, e);
	if (inv)
		decommissioned_tell(s, inv);
	free(path);
	return inv;
}

int desk_inventory_save(struct store *s, const struct inventory *inv, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	int rc = inventory_save(inv, path, e);
	free(path);
	return rc;
}

int desk_credentials(struct store *s, struct credentials *out, struct err *e)
{
	char *path = store_path(s, "credentials.json");
	int rc = credentials_load(out, path, e);
	if (rc == 0 && credentials_check(out, e) != 0)
		rc = err_at(e, "%s", path);
	free(path);
	return rc;
}

int desk_credentials_save(struct store *s, const struct credentials *list, struct err *e)
{
	char *path = store_path(s, "credentials.json");
	int rc = credentials_check(list, e) == 0 ? credentials_save(list, path, e) : -1;
	free(path);
	return rc;
}

char *desk_who(void)
{
	const struct passwd *pw = getpwuid(geteuid());
	/* plain environment, so only what it claims */
	const char *from = getenv("SUDO_USER");
	if (!pw)
		return xasprintf("uid %u", (unsigned)geteuid());
	if (from && path_is_name(from) && strcmp(from, pw->pw_name) != 0)
		return xasprintf("%s (sudo, claimed %s)", pw->pw_name, from);
	return xstrdup(pw->pw_name);
}

/* Who logged in on a terminal came from somewhere: the system's list of logins says it, and what the
 * environment claims is only asked when that does not. */
static char *login_from(const char *line)
{
	struct utmpx wanted = {.ut_type = USER_PROCESS};
	const char *claimed = getenv("SSH_CONNECTION");
	size_t n = strlen(line) < sizeof(wanted.ut_line) ? strlen(line) : sizeof(wanted.ut_line);
	memcpy(wanted.ut_line, line, n);
	setutxent();
	const struct utmpx *found = getutxline(&wanted);
	char *host = found && found->ut_host[0]
			 ? xstrndup(found->ut_host, strnlen(found->ut_host, sizeof(found->ut_host)))
			 : NULL;
	endutxent();
	if (!host && claimed && *claimed)
		host = xasprintf("%.*s (claimed)", (int)strcspn(claimed, " "), claimed);
	return host;
}

char *desk_login(void)
{
	char tty[256];
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (ttyname_r(fd, tty, sizeof(tty)) != 0)
			continue;
		const char *line = str_starts(tty, "/dev/") ? tty + strlen("/dev/") : tty;
		char *from = login_from(line);
		char *login = from ? xasprintf("%s from %s", line, from) : xstrdup(line);
		free(from);
		return login;
	}
	return xstrdup("no terminal");
}

int64_t desk_setting(struct store *s, const char *name, int64_t fallback)
{
	char *text = store_setting(s, name), *end;
	int64_t n = fallback;
	if (text) {
		long long value = strtoll(text, &end, 10);
		if (*text && !*end && value >= 0)
			n = value;
	}
	free(text);
	return n;
}

int desk_check_size(struct store *s, size_t devices, struct err *e)
{
	return desk_check_most(desk_setting(s, DESK_DEVICES, DESK_DEVICES_MOST), devices, e);
}

int desk_check_most(int64_t most, size_t devices, struct err *e)
{
	if (most == 0 || devices <= (size_t)most)
		return 0;
	return err_set(e, ERR_INPUT,
		       _("%zu devices are chosen, a job may have %lld; choose fewer, or 'hitless "
			 "setting set device-limit N' (0: any number)"),
		       devices, (long long)most);
}
