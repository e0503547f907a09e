/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/devices.h"

#include "base/path.h"
#include "model/values.h"
#include "transport/ssh.h"

#include <stdlib.h>

char **devices_known_hosts(struct store *s)
{
	const char *home = getenv("HOME");
	char **files = xcalloc(4, sizeof(*files));
	size_t n = 0;
	files[n++] = store_path(s, "known_hosts");
	if (home && *home)
		files[n++] = path_join(home, ".ssh/known_hosts");
	files[n] = xstrdup("/etc/ssh/ssh_known_hosts");
	return files;
}

struct transport *devices_connect(struct store *s, const struct inventory *inv,
				  struct keyring *keyring, int at_once, struct err *e)
{
	struct tr_endpoint *list = xcalloc(inv->devices.n + 1, sizeof(*list));
	for (size_t i = 0; i < inv->devices.n; i++) {
		struct device *d = &inv->devices.v[i];
		list[i] = (struct tr_endpoint){.name = d->name,
					       .address = d->address,
					       .port = d->port,
					       .credential = d->credential};
	}
	char **files = devices_known_hosts(s);
	struct ssh_options o = {
	    .endpoints = list, .n = inv->devices.n, .keyring = keyring, .known_hosts = files,
	    .threads = at_once};
	struct transport *t = ssh_transport_new(&o, e);
	strings_free(files);
	free(list);
	return t;
}
