/* SPDX-License-Identifier: ISC */
/* What is no part of a job's view, because it is over: who decided what from where, when it was held,
 * what was asked, what was changed for a time and when it was taken back. */
#include "config.h"

#include "run/report_parts.h"

#include "base/clock.h"
#include "model/json.h"

struct trail {
	const struct jobview *v;
	int64_t last; /* what came after it is not in the view either */
	cJSON *decisions, *states, *questions, *changes;
	char *who, *login; /* of the last command */
};

static cJSON *entry(const struct record *r, const char *time_name)
{
	char time[32];
	cJSON *o = cJSON_CreateObject();
	clock_iso(r->wall, time);
	json_put_text(o, time_name, time);
	json_put_text(o, "device", r->device);
	return o;
}

static void copy(cJSON *o, const struct record *r, const char *const *names)
{
	for (size_t i = 0; names[i]; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(r->data, names[i]);
		if (value)
			json_put(o, names[i], cJSON_Duplicate(value, true));
	}
}

/* --- decisions -------------------------------------------------------------------------------- */

/* An order is two records: the command with the login, and what it did. */
static void put_login(struct trail *t, cJSON *o, const struct record *r)
{
	const char *who = json_text(r->data, "who");
	if (r->kind == RECORD_COMMAND) {
		free(t->who);
		free(t->login);
		t->who = xstrdup(who);
		t->login = xstrdup(json_text(r->data, "login"));
	} else if (r->kind != RECORD_OWNER && str_eq(who, t->who)) {
		json_put_text(o, "login", t->login);
	}
}

static void on_decision(struct trail *t, const struct record *r)
{
	static const char *const copied[] = {"verb",   "target", "text",   "who",     "login",
					     "refused", "check",  "reason", "id",      "answer",
					     "user",   "host",   "pid",    "resumed", "words",
					     "uid",    NULL};
	cJSON *o = entry(r, "time");
	json_put_text(o, "kind", record_kind_name(r->kind));
	copy(o, r, copied);
	put_login(t, o, r);
	json_append(t->decisions, o);
}

/* --- states ----------------------------------------------------------------------------------- */

static void on_state(struct trail *t, const struct record *r)
{
	static const char *const copied[] = {"state", "reason", NULL};
	cJSON *o = entry(r, "time");
	copy(o, r, copied);
	json_append(t->states, o);
}

/* --- questions -------------------------------------------------------------------------------- */

static void on_question(struct trail *t, const struct record *r)
{
	static const char *const copied[] = {"id", "kind", "text", "choices", NULL};
	cJSON *o = entry(r, "asked");
	copy(o, r, copied);
	json_append(t->questions, o);
}

static void on_answer(struct trail *t, const struct record *r)
{
	static const char *const copied[] = {"answer", "who", NULL};
	cJSON *o;
	char time[32];
	on_decision(t, r);
	clock_iso(r->wall, time);
	cJSON_ArrayForEach(o, t->questions)
	{
		if (json_number(o, "id", 0) != json_number(r->data, "id", -1) ||
		    json_text(o, "answer"))
			continue;
		copy(o, r, copied);
		json_put_text(o, "answered", time);
	}
}

/* --- changes ---------------------------------------------------------------------------------- */

static void close_changes(struct trail *t, const struct record *r)
{
	const char *step = json_text(r->data, "closes");
	bool resets = json_flag(r->data, "resets");
	cJSON *o;
	char time[32];
	clock_iso(r->wall, time);
	cJSON_ArrayForEach(o, t->changes)
	{
		bool reboot = resets && json_flag(o, "until_reboot");
		if (json_text(o, "closed") || !str_eq(json_text(o, "device"), r->device) ||
		    !(reboot || (step && str_eq(step, json_text(o, "step")))))
			continue;
		json_put_text(o, "closed", time);
		json_put_text(o, "how", reboot ? "reboot" : "undone");
	}
}

static void on_outcome(struct trail *t, const struct record *r)
{
	const char *opens = json_text(r->data, "opens");
	close_changes(t, r);
	if (!opens)
		return;
	const struct step *step = procedure_step(t->v->procedure, opens);
	cJSON *o = entry(r, "opened");
	json_put_text(o, "step", opens);
	json_put_text(o, "title", step ? step->title : NULL);
	json_put_text(o, "undo", step && step->undo ? step->undo->title : NULL);
	json_put_flag(o, "until_reboot", json_flag(r->data, "until_reboot"));
	json_append(t->changes, o);
}

/* --- all -------------------------------------------------------------------------------------- */

static void (*const on[RECORD_KIND_COUNT])(struct trail *t, const struct record *r) = {
    [RECORD_COMMAND] = on_decision, [RECORD_WAIVE] = on_decision, [RECORD_OWNER] = on_decision,
    [RECORD_ANSWER] = on_answer,    [RECORD_STATE] = on_state,    [RECORD_TASK] = on_state,
    [RECORD_CONFIRM] = on_decision, [RECORD_QUESTION] = on_question, [RECORD_OUTCOME] = on_outcome,
};

static int see(void *ctx, const struct record *r, struct err *e)
{
	struct trail *t = ctx;
	(void)e;
	if (r->seq > t->last)
		return 1;
	if (on[r->kind])
		on[r->kind](t, r);
	return 0;
}

int trail_put(cJSON *report, struct store *s, const struct jobview *v, const char *id,
	      struct err *e)
{
	struct trail t = {.v = v, .last = v->seq};
	const struct {
		const char *name;
		cJSON **list;
	} lists[] = {{"decisions", &t.decisions},
		     {"states", &t.states},
		     {"questions", &t.questions},
		     {"changes", &t.changes}};
	for (size_t i = 0; i < LEN(lists); i++)
		json_put(report, lists[i].name, *lists[i].list = cJSON_CreateArray());
	int rc = store_read(s, id, 0, 0, see, &t, e);
	free(t.who);
	free(t.login);
	return rc;
}
