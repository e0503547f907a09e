/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/states.h"

#include "run/words.h"

enum theme_role role_task(enum task_state s)
{
	static const enum theme_role roles[TASK_STATE_COUNT] = {
	    [TASK_PENDING] = ROLE_STATE_PENDING,       [TASK_RUNNING] = ROLE_STATE_RUNNING,
	    [TASK_HELD] = ROLE_STATE_HELD,	       [TASK_UNDOING] = ROLE_STATE_RUNNING,
	    [TASK_ROLLING_BACK] = ROLE_STATE_RUNNING,  [TASK_DONE] = ROLE_STATE_DONE,
	    [TASK_FAILED] = ROLE_STATE_FAILED,	       [TASK_ROLLED_BACK] = ROLE_STATE_ROLLEDBACK,
	    [TASK_SKIPPED] = ROLE_STATE_SKIPPED,       [TASK_CANCELLED] = ROLE_STATE_SKIPPED,
	};
	return s < TASK_STATE_COUNT ? roles[s] : ROLE_STATE_UNKNOWN;
}

enum theme_role role_job(enum job_state s)
{
	static const enum theme_role roles[JOB_STATE_COUNT] = {
	    [JOB_NEW] = ROLE_STATE_PENDING,	     [JOB_CHECKING] = ROLE_STATE_RUNNING,
	    [JOB_REFUSED] = ROLE_STATE_FAILED,	     [JOB_READY] = ROLE_STATE_PENDING,
	    [JOB_RUNNING] = ROLE_STATE_RUNNING,	     [JOB_PAUSED] = ROLE_STATE_HELD,
	    [JOB_HELD] = ROLE_STATE_HELD,	     [JOB_CANCELLING] = ROLE_STATE_RUNNING,
	    [JOB_DONE] = ROLE_STATE_DONE,	     [JOB_FAILED] = ROLE_STATE_FAILED,
	    [JOB_CANCELLED] = ROLE_STATE_SKIPPED,
	};
	return s < JOB_STATE_COUNT ? roles[s] : ROLE_STATE_UNKNOWN;
}

enum theme_role role_result(const char *result)
{
	if (!result)
		return ROLE_STATE_RUNNING;
	return str_eq(result, "done")      ? ROLE_STATE_DONE
	       : str_eq(result, "failed")  ? ROLE_STATE_FAILED
	       : str_eq(result, "skipped") ? ROLE_STATE_SKIPPED
					   : ROLE_STATE_UNKNOWN;
}

enum theme_role role_line(enum line_kind kind)
{
	static const enum theme_role roles[] = {
	    [LINE_PLAIN] = ROLE_TEXT,	       [LINE_GOOD] = ROLE_OK,
	    [LINE_WARNING] = ROLE_WARNING,     [LINE_BAD] = ROLE_ERROR,
	    [LINE_QUESTION] = ROLE_STATE_HELD,
	};
	return (unsigned)kind < LEN(roles) ? roles[kind] : ROLE_TEXT;
}

void cell_task(struct cell *out, enum task_state s)
{
	str_printf(&out->text, "%c %s", mark_task(s), word_task(s));
	out->role = role_task(s);
	out->label = true;
}

void cell_result(struct cell *out, const char *result)
{
	str_printf(&out->text, "%c %s", mark_result(result), word_result(result));
	out->role = role_result(result);
	out->label = true;
}
