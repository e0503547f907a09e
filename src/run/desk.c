/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/desk.h"

#include "base/i18n.h"
#include "base/path.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct inventory *desk_inventory(struct store *s, struct err *e)
{
	char *path = store_path(s, "inventory.json");
	struct inventory *inv = NULL;
	if (!path_exists(path))
		err_set(
		    e, ERR_INPUT,
		    _("there is no inventory yet (%s); 'hitless inventory import FILE' brings one "
		      "in"),
		    path);
	else
		inv = inventory_load(path, e);
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

int desk_inventory_import(struct store *s, const char *path, size_t *devices, struct err *e)
{
	struct inventory *inv = inventory_load(path, e);
	int rc = inv ? desk_inventory_save(s, inv, e) : -1;
	if (rc == 0 && devices)
		*devices = inv->devices.n;
	inventory_free(inv);
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
