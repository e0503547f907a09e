/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/states.h"

#include "base/i18n.h"
#include "run/words.h"

enum theme_role role_task(enum task_state s)
{
	static const enum theme_role roles[TASK_STATE_COUNT] = {
#define X(id, word, symbol, role, rank) [TASK_##id] = role,
	    TASK_WORDS(X)
#undef X
	};
	return roles[s];
}

enum theme_role role_job(enum job_state s)
{
	static const enum theme_role roles[JOB_STATE_COUNT] = {
#define X(id, word, symbol, role) [JOB_##id] = role,
	    JOB_WORDS(X)
#undef X
	};
	return roles[s];
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
	    [LINE_PLAIN] = ROLE_TEXT,          [LINE_GOOD] = ROLE_OK,
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

void cell_job(struct cell *out, enum job_state s, bool running)
{
	bool works = s == JOB_CHECKING || s == JOB_RUNNING || s == JOB_CANCELLING;
	bool left = works && !running;
	str_printf(&out->text, "%c %s", left ? '?' : mark_job(s),
		   left ? _("no process") : word_job(s));
	out->role = left ? ROLE_STATE_UNKNOWN : role_job(s);
	out->label = true;
}

void cell_superseded(struct cell *out)
{
	str_printf(&out->text, "%c %s", mark_job(JOB_CANCELLED), _("superseded"));
	out->role = role_job(JOB_CANCELLED);
	out->label = true;
}

void cell_asks(struct cell *out)
{
	str_printf(&out->text, "%c %s", mark_job(JOB_HELD), _("asks you"));
	out->role = ROLE_STATE_HELD;
	out->label = true;
}

void cell_result(struct cell *out, const char *result)
{
	str_printf(&out->text, "%c %s", mark_result(result), word_result(result));
	out->role = role_result(result);
	out->label = true;
}
