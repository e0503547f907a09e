/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/order.h"

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

#include "engine/engine.h"
#include "model/json.h"
#include "model/unit.h"
#include "run/desk.h"
#include "run/gone.h"

#include <stdlib.h>

static cJSON *command_json(const struct order_words *w)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "verb", w->verb);
	json_put_text(object, "target", w->target);
	json_put_text(object, "text", w->text);
	json_put_text(object, "check", w->check);
	return object;
}

/* Whether it may be given does not depend on it; a screen asks that for each of its keys. */
static void sign(cJSON *command)
{
	char *who = desk_who(), *login = desk_login();
	json_put_text(command, "who", who);
	json_put_text(command, "login", login);
	free(who);
	free(login);
}

int order_possible(const struct jobview *v, const struct order_words *w, struct err *e)
{
	cJSON *command = command_json(w);
	int rc = engine_command_check(v, command, e);
	cJSON_Delete(command);
	return rc;
}

/* It names one thing; "pause" and "resume" say by their names what becomes of the job. */
static bool is_for_one(const struct order_words *w)
{
	static const char *const verbs[] = {"retry", "rollback", "skip", "answer", "ask"};
	for (size_t i = 0; i < LEN(verbs); i++)
		if (str_eq(w->verb, verbs[i]))
			return true;
	return false;
}

bool order_leaves_question(const struct jobview *v, const struct order_words *w)
{
	const struct question_view *q = jobview_open_question(v, NO_DEVICE);
	size_t own = w->target ? inventory_find(v->job->inventory, w->target) : NO_DEVICE;
	return str_eq(w->verb, "skip") && q &&
	       jobview_left(v, jobview_asked(v, q), jobview_task((struct jobview *)v, own)) > 0;
}

/* Is the version that this job brings what was last seen on the device? */
static bool is_new(const struct jobview *v, const struct task_view *t)
{
	const char *fact = v->procedure->from_fact;
	const char *seen = fact ? values_get(&t->captures, fact) : NULL;
	return seen && procedure_same_version(v->procedure, seen, job_version(v->job, t->device));
}

static char *stays_new(const struct jobview *v, size_t device)
{
	const struct task_view *t = jobview_task((struct jobview *)v, device);
	char *parts = t ? jobview_turns_stay(v, t) : NULL;
	char *text = !parts ? NULL
			    : xasprintf(_("Past its point of no return, left as it is on %s: %s."),
					jobview_device(v, device), parts);
	free(parts);
	return text;
}

char *order_goes_back(const struct jobview *v, const struct order_words *w)
{
	size_t own = w->target ? inventory_find(v->job->inventory, w->target) : NO_DEVICE;
	if (!str_eq(w->verb, "rollback") || own == NO_DEVICE || !v->procedure)
		return NULL;
	const struct group *unit = unit_of(v->procedure, v->job->inventory, own);
	const struct task_view *newer = NULL;
	size_t n = 0;
	for (size_t i = 0; unit && i < unit->members.n; i++) {
		const struct task_view *t =
			jobview_task((struct jobview *)v, unit->members.v[i]);
		if (t && is_new(v, t))
			newer = t, n++;
	}
	if (!unit)
		return stays_new(v, own);
	if (n == 1)
		return xasprintf(_("%s has the new version: it is rolled back and reboots, alone."),
				 jobview_device(v, newer->device));
	return xasprintf(_("Which node of %s has the new version is looked at first: that one is "
			   "rolled back and reboots, never both."),
			 unit->name);
}

/* Does the job begin devices after it? */
static bool goes_on(const struct jobview *v, const struct order_words *w)
{
	if (order_leaves_question(v, w))
		return false;
	if (str_eq(w->verb, "retry") || str_eq(w->verb, "rollback"))
		return true;
	if (str_eq(w->verb, "skip") || str_eq(w->verb, "answer"))
		return v->state == JOB_HELD || v->state == JOB_RUNNING;
	if (str_eq(w->verb, "ask"))
		return v->state == JOB_RUNNING;
	return false;
}

bool order_passes_failed(const struct jobview *v, const struct task_view *t)
{
	return (v->state == JOB_HELD || v->state == JOB_PAUSED) && task_view_failed(t) &&
	       !t->acknowledged && !t->released;
}

bool order_moves_others(const struct jobview *v, const struct order_words *w, bool running,
			size_t *waiting, size_t *midway)
{
	const struct question_view *q =
		str_eq(w->verb, "answer") && w->target
			? jobview_question(v, strtoll(w->target, NULL, 10))
			: NULL;
	size_t own = q           ? q->device
		     : w->target ? inventory_find(v->job->inventory, w->target)
				 : NO_DEVICE;
	bool begin = goes_on(v, w) && !(running && v->state == JOB_RUNNING);
	*waiting = *midway = 0;
	if (!is_for_one(w) || (q && q->device == NO_DEVICE))
		return false;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (t->device == own)
			continue;
		*waiting += begin && t->state == TASK_PENDING;
		*midway += !running && task_state_active(t->state) && t->state != TASK_HELD;
	}
	return *waiting + *midway > 0;
}

int64_t order_queue(struct store *s, const char *id, const struct jobview *v,
		    const struct order_words *w, struct err *e)
{
	cJSON *command = command_json(w);
	int64_t number = -1;
	sign(command);
	if (engine_command_check(v, command, e) == 0 &&
	    gone_check(s, v, w->verb, w->target, NULL, e) == 0)
		number = store_command(s, id, command, e);
	cJSON_Delete(command);
	return number;
}
