/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/locks.h"

#include <stdlib.h>

char *locks_address(const struct device *d)
{
	char *one = inventory_address(d->address), *text; /* however it is written */
	text = xasprintf("address %s:%d", one, d->port);
	free(one);
	return text;
}

int locks_take(struct store *s, const char *job, const struct jobview *v, struct err *e)
{
	VEC(char *) identities = {0};
	VEC(char *) names = {0};
	const char *fact = v->procedure->serial_facts;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const struct device *d = &v->job->inventory->devices.v[t->device];
		const char *serial = fact ? values_get(&t->facts, fact) : NULL;
		VEC_PUSH(&identities, locks_address(d));
		VEC_PUSH(&names, d->name);
		if (!serial || !*serial)
			continue;
		VEC_PUSH(&identities, xasprintf("serial %s", serial));
		VEC_PUSH(&names, d->name);
	}
	int rc = store_lock_devices(s, job, identities.v, names.v, identities.n, e);
	for (size_t i = 0; i < identities.n; i++)
		free(identities.v[i]);
	VEC_RELEASE(&identities);
	VEC_RELEASE(&names);
	return rc;
}
