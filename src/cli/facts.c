/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/facts.h"

#include "run/create.h"

int known_facts_load(struct cli *c, struct known_facts *k)
{
	struct job_rows rows = {0};
	*k = (struct known_facts){{0}};
	if (!cli_store(c) || store_jobs(c->store, &rows, &c->e) != 0)
		return -1;
	for (size_t i = rows.n; i-- > 0;) {
		struct err why = {0};
		struct jobview *v = create_view(c->store, rows.v[i].id, &why);
		if (v) /* a job that cannot be read has nothing to tell */
			VEC_PUSH(&k->views, v);
	}
	job_rows_release(&rows);
	return 0;
}

void known_facts_release(struct known_facts *k)
{
	for (size_t i = 0; i < k->views.n; i++)
		jobview_free(k->views.v[i]);
	VEC_RELEASE(&k->views);
}

const struct values *known_facts_of(const struct known_facts *k, const char *device,
				    const struct jobview **v)
{
	for (size_t i = 0; i < k->views.n; i++) {
		size_t d = inventory_find(k->views.v[i]->job->inventory, device);
		const struct task_view *t = d == NO_DEVICE ? NULL : jobview_task(k->views.v[i], d);
		*v = k->views.v[i];
		if (t && t->facts.n)
			return &t->facts;
	}
	return NULL;
}
