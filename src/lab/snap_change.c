/* SPDX-License-Identifier: ISC */
/* Changes of snapd as others see them. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

const char *snap_task_state(enum task_state s)
{
	static const char *const names[TASK_STATES] = {"Do",      "Doing",  "Done", "Abort", "Undo",
						       "Undoing", "Undone", "Hold", "Error"};
	return names[s];
}

/* Of all that its tasks are, the first of these. */
const char *snapd_status(const struct change *c)
{
	static const enum task_state order[] = {TASK_ABORT,  TASK_UNDOING, TASK_UNDO,
						TASK_DOING,  TASK_DO,      TASK_ERROR,
						TASK_UNDONE, TASK_DONE,    TASK_HOLD};
	for (size_t i = 0; i < LEN(order); i++)
		for (size_t k = 0; k < c->tasks.n; k++)
			if (c->tasks.v[k].state == order[i])
				return snap_task_state(order[i]);
	return "Hold";
}

char *snapd_why(const struct change *c)
{
	struct str out = {0};
	str_puts(&out, "cannot perform the following tasks:");
	for (size_t i = 0; i < c->tasks.n; i++) {
		const struct task *t = &c->tasks.v[i];
		if (t->state != TASK_ERROR)
			continue;
		char *what = snap_task_summary(c, t);
		const char *why = t->log ? strstr(t->log, "ERROR ") : NULL;
		str_printf(&out, "\n- %s (%s)", what, why ? why + 6 : "internal error");
		free(what);
	}
	return str_take(&out);
}

struct change *snapd_change(const struct member *m, int id)
{
	for (size_t i = 0; i < m->changes.n; i++)
		if (m->changes.v[i]->id == id)
			return m->changes.v[i];
	return NULL;
}

struct change *snapd_busy(const struct member *m, enum snap_id snap)
{
	for (size_t i = 0; i < m->changes.n; i++)
		if (m->changes.v[i]->snap == snap && m->changes.v[i]->ready < 0)
			return m->changes.v[i];
	return NULL;
}

bool snapd_lets_run(struct sh *sh, enum snap_id snap)
{
	while (sh->dev->member->snaps[snap].unlinked)
		if (!proc_sleep(sh->proc, 500))
			return false;
	return true;
}
