/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/states.h"

#include "base/i18n.h"

static const struct state_word jobs[JOB_STATE_COUNT] = {
    [JOB_NEW] = {N_("new"), '.', ROLE_STATE_PENDING},
    [JOB_CHECKING] = {N_("checking"), '>', ROLE_STATE_RUNNING},
    [JOB_REFUSED] = {N_("refused"), '!', ROLE_STATE_FAILED},
    [JOB_READY] = {N_("ready"), '.', ROLE_STATE_PENDING},
    [JOB_RUNNING] = {N_("running"), '>', ROLE_STATE_RUNNING},
    [JOB_PAUSED] = {N_("paused"), '=', ROLE_STATE_HELD},
    [JOB_HELD] = {N_("held"), '=', ROLE_STATE_HELD},
    [JOB_CANCELLING] = {N_("cancelling"), '>', ROLE_STATE_RUNNING},
    [JOB_DONE] = {N_("done"), '+', ROLE_STATE_DONE},
    [JOB_FAILED] = {N_("failed"), '!', ROLE_STATE_FAILED},
    [JOB_CANCELLED] = {N_("cancelled"), '-', ROLE_STATE_SKIPPED},
};

static const struct state_word interrupted = {N_("interrupted"), '?', ROLE_STATE_UNKNOWN};

static const struct state_word tasks[TASK_STATE_COUNT] = {
    [TASK_PENDING] = {N_("pending"), '.', ROLE_STATE_PENDING},
    [TASK_RUNNING] = {N_("running"), '>', ROLE_STATE_RUNNING},
    [TASK_HELD] = {N_("held"), '=', ROLE_STATE_HELD},
    [TASK_UNDOING] = {N_("undoing"), '>', ROLE_STATE_RUNNING},
    [TASK_ROLLING_BACK] = {N_("rolling back"), '>', ROLE_STATE_RUNNING},
    [TASK_DONE] = {N_("done"), '+', ROLE_STATE_DONE},
    [TASK_FAILED] = {N_("failed"), '!', ROLE_STATE_FAILED},
    [TASK_ROLLED_BACK] = {N_("rolled back"), '<', ROLE_STATE_ROLLEDBACK},
    [TASK_SKIPPED] = {N_("skipped"), '-', ROLE_STATE_SKIPPED},
    [TASK_CANCELLED] = {N_("cancelled"), '-', ROLE_STATE_SKIPPED},
};

const struct state_word *job_word(enum job_state s, bool running)
{
	bool moves = s == JOB_CHECKING || s == JOB_RUNNING || s == JOB_CANCELLING;
	return moves && !running ? &interrupted : &jobs[s];
}

const struct state_word *task_word(enum task_state s)
{
	return &tasks[s];
}

const struct state_word *task_word_of(const char *name)
{
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (str_eq(task_state_name((enum task_state)i), name))
			return &tasks[i];
	return NULL;
}

void state_cell(const struct state_word *w, struct cell *out)
{
	str_printf(&out->text, "%c %s", w->symbol, _(w->word));
	out->role = w->role;
}
