/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/machine.h"

#include "base/path.h"
#include "base/str.h"
#include "model/digest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_FILE "/etc/machine-id"

char *machine_name(void)
{
	char host[256] = "";
	if (gethostname(host, sizeof(host) - 1) != 0 || !host[0])
		return xstrdup("?");
	return xstrdup(host);
}

/* The id itself is not for journals and reports (machine-id(5)). */
static char *hashed(const char *id, size_t n)
{
	char hex[DIGEST_HEX];
	char *text = xasprintf("hitless %.*s", (int)n, id);
	digest_bytes(text, strlen(text), hex);
	free(text);
	return xstrndup(hex, 32);
}

char *machine_id(const char *given)
{
	struct str text = {0};
	char *id = NULL;
	if (given)
		return xstrdup(given);
	if (path_read(ID_FILE, 4096, &text, NULL) == 0) {
		size_t n = strcspn(str_text(&text), " \t\r\n");
		id = n ? hashed(str_text(&text), n) : NULL;
	}
	str_release(&text);
	return id;
}

int machine_is_ours(const struct jobview *v, const char *given, struct err *e)
{
	char *name = machine_name(), *id = machine_id(given);
	bool ours = !v->owner || (id && v->machine ? str_eq(id, v->machine)
	                                           : !v->host || str_eq(name, v->host));
	int rc = 0;
	if (!ours)
		rc = err_set(e, ERR_LOCKED,
		             "the job was run on %s, and this is %s: what keeps two processes from "
		             "one job does not reach from there to here; go on with it on %s, or, "
		             "when nothing of it runs there any more, allow it here with 'hitless "
		             "setting set any-machine 1'",
		             v->host ? v->host : "another machine", name,
		             v->host ? v->host : "that machine");
	free(name), free(id);
	return rc;
}
