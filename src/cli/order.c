/* SPDX-License-Identifier: ISC */
/* pause, cancel, resume, retry, skip, rollback, ask, answer, waive: orders for a job, by its journal. */
#include "config.h"

#include "cli/runner.h"

#include "model/json.h"
#include "run/create.h"
#include "run/gone.h"
#include "run/order.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define TAKEN_WITHIN_MS 30000 /* it looks each second */
#define TAKEN_LOOK_MS   50

/* The order is queued; a job that nobody runs gets a process, and we follow it. */
static int follow_order(struct cli *c, const char *id, const struct job *j, int64_t number)
{
	struct watcher *w = secrets_collect(c, j) == 0 ? watcher_new(c, id) : NULL;
	if (!w || watcher_catch_up(w) != 0) {
		watcher_free(w);
		return cli_fail(c);
	}
	w->order = number;
	int rc = watcher_until(w, WATCH_ENDED);
	if (rc == 0) {
		put_summary(c, watcher_view(w), id);
		rc = end_status(c, watcher_view(w), id);
	}
	watcher_free(w);
	return rc;
}

/* The failed devices that the order leaves as they are; empty: none, or it is another order. */
static cJSON *passed_over(const struct jobview *v, const struct order_words *w)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; str_eq(w->verb, "resume") && i < v->tasks.n; i++)
		if (order_passes_failed(v, &v->tasks.v[i]))
			json_append(list, cJSON_CreateString(
						  jobview_device(v, v->tasks.v[i].device)));
	return list;
}

static void put_order(const struct jobview *v, const struct order_words *w)
{
	cJSON *object = json_object_new("order");
	json_put_text(object, "job", v->job->name);
	json_put_text(object, "verb", w->verb);
	if (str_eq(w->verb, "resume"))
		json_put(object, "passed_over", passed_over(v, w));
	put_json(object, false);
}

/* Nobody is asked here as on the screen, so it is said. */
static void say_passed_over(struct cli *c, const struct jobview *v, const struct order_words *w)
{
	cJSON *list = passed_over(v, w);
	struct str names = {0};
	const cJSON *at;
	cJSON_ArrayForEach(at, list)
	{
		str_printf(&names, "%s%s", names.len ? ", " : "", at->valuestring);
	}
	if (names.len)
		remark(c,
		       _("Failed and passed over, left as now: %s. The others begin at once."),
		       str_text(&names));
	str_release(&names);
	cJSON_Delete(list);
}

/* In JSON, before the records that follow. */
static void put_passed_over(struct cli *c, const struct jobview *v, const struct order_words *w)
{
	cJSON *list = passed_over(v, w);
	if (c->json && cJSON_GetArraySize(list) > 0)
		put_order(v, w);
	cJSON_Delete(list);
}

/* Has the process of the job the order? No: it ended without having seen it. One that does not say so
 * in time has it before it, and takes it when it can. */
static bool is_taken(struct cli *c, const char *id, int64_t number)
{
	struct clock *clock = clock_real();
	struct err e = {0};
	struct follow *f = follow_new(c->store, id, &e);
	int64_t until = clock->now(clock) + TAKEN_WITHIN_MS;
	bool running = true, taken = !f;
	while (running && !taken && clock->now(clock) < until) {
		running = follow_running(f); /* asked before reading: its last words are read */
		taken = follow_update(f, NULL, NULL, &e) < 0 ||
			follow_view(f)->last_command >= number;
		if (running && !taken)
			(void)clock->wait(clock, NULL, 0, clock->now(clock) + TAKEN_LOOK_MS);
	}
	follow_free(f);
	return taken || running;
}

/* Is there a process that carries the order out? That of a job that is over is about to end. */
static bool is_told(struct cli *c, const char *id, const struct jobview *v, int64_t number)
{
	return !job_state_final(v->state) && is_taken(c, id, number);
}

static int say_queued(struct cli *c, const struct jobview *v, const struct order_words *w)
{
	if (c->json)
		put_order(v, w);
	tell(c, _("%s: told the process of job %s; 'hitless attach' shows what it does"), w->verb,
	     v->job->name);
	return EXIT_DONE;
}

/* Before it is done: the order names one thing, and all of the job begins to move. */
static void say_what_else(struct cli *c, const struct jobview *v, const struct order_words *w,
			  bool running)
{
	size_t waiting, midway;
	char *back = order_goes_back(v, w);
	if (back)
		remark(c, "%s", back);
	free(back);
	if (!order_moves_others(v, w, running, &waiting, &midway))
		return;
	if (running)
		remark(c, _("The job goes on with it (waiting to begin: %zu)."), waiting);
	else
		remark(c, _("No process works on this job now. One is started, and it goes on with the "
			    "whole job (waiting: %zu, in the middle: %zu)."),
		       waiting, midway);
}

static int give(struct cli *c, const struct order_words *w)
{
	char *id = cli_job(c, c->args[0]);
	struct jobview *v = id ? create_view(c->store, id, &c->e) : NULL;
	int rc = -1;
	if (v) {
		bool running = store_job_running(c->store, id);
		struct err unread = {0};
		if (order_possible(v, w, &c->e) == 0 &&
		    gone_check(c->store, v, w->verb, w->target, &unread, &c->e) == 0) {
			say_what_else(c, v, w, running);
			say_passed_over(c, v, w);
		}
		if (unread.kind != ERR_NONE)
			remark(c, _("warning: %s"), unread.text);
		int64_t number = order_queue(c->store, id, v, w, &c->e);
		if (number >= 0 && running && is_told(c, id, v, number)) {
			rc = say_queued(c, v, w);
		} else if (number >= 0) {
			put_passed_over(c, v, w);
			rc = follow_order(c, id, v->job, number);
		}
	}
	jobview_free(v);
	free(id);
	return rc < 0 ? cli_fail(c) : rc;
}

static int give_verb(struct cli *c)
{
	struct order_words w = {.verb = c->verb->name, .target = c->n_args > 1 ? c->args[1] : NULL};
	return give(c, &w);
}

static int give_retry(struct cli *c)
{
	struct str lines = {0};
	const char *pair;
	size_t at = 0;
	while ((pair = cli_next(c, "--set", &at)))
		str_printf(&lines, "%s%s", lines.len ? "\n" : "", pair);
	struct order_words w = {.verb = "retry",
				.target = c->n_args > 1 ? c->args[1] : NULL,
				.text = lines.len ? str_text(&lines) : NULL};
	int rc = give(c, &w);
	str_release(&lines);
	return rc;
}

static int give_answer(struct cli *c)
{
	struct order_words w = {.verb = "answer", .target = c->args[1], .text = c->args[2]};
	return give(c, &w);
}

static int give_waive(struct cli *c)
{
	struct order_words w = {.verb = "waive",
				.check = c->args[1],
				.target = cli_option(c, "--device"),
				.text = cli_option(c, "--reason")};
	if (!w.text || !*w.text)
		return cli_bad(c, "--reason TEXT is missing: it is kept in the journal");
	return give(c, &w);
}

/* A job that was interrupted goes on by itself once a process has it: there is nothing to order. */
static int resume_interrupted(struct cli *c, const char *id, const struct jobview *v)
{
	if (v->state == JOB_READY || job_state_final(v->state))
		return cli_bad(c, "the job is %-s: there is nothing to resume",
			       job_state_name(v->state));
	if (store_job_running(c->store, id))
		remark(c, _("The job runs already; following it."));
	return follow_order(c, id, v->job, 0);
}

/* Held for an answer, and nobody works on it: a process takes the job, and waits on. */
static bool waits_alone(struct cli *c, const char *id, const struct jobview *v)
{
	struct order_words resume = {.verb = "resume"};
	return v->state == JOB_HELD && order_possible(v, &resume, NULL) != 0 &&
	       !store_job_running(c->store, id);
}

static int give_resume(struct cli *c)
{
	char *id = cli_job(c, c->args[0]);
	struct jobview *v = id ? create_view(c->store, id, &c->e) : NULL;
	int rc;
	if (!v)
		rc = cli_fail(c);
	else if ((v->state == JOB_PAUSED || v->state == JOB_HELD) && !waits_alone(c, id, v))
		rc = give_verb(c);
	else
		rc = resume_interrupted(c, id, v);
	jobview_free(v);
	free(id);
	return rc;
}

int order_discard(struct cli *c)
{
	struct order_words w = {.verb = "discard", .target = c->n_args > 1 ? c->args[1] : NULL};
	return give(c, &w);
}

const struct option order_options[] = {
    {"--password-stdin", NULL, N_("read the password from standard input"), false},
    {"--verbose", NULL, N_("show every step"), false},
    {0},
};

static const struct option retry_options[] = {
    {"--set", "PARAM=VALUE", N_("from now on, where no plan depends on it (health parameters)"), true},
    {"--password-stdin", NULL, N_("read the password from standard input"), false},
    {"--verbose", NULL, N_("show every step"), false},
    {0},
};

static const struct option waive_options[] = {
    {"--device", "DEVICE", N_("only for this device"), false},
    {"--reason", "TEXT", N_("why; kept in the journal"), false},
    {"--password-stdin", NULL, N_("read the password from standard input"), false},
    {0},
};

const struct verb verbs_order[] = {
    {"resume", "JOB", N_("go on with a job that was interrupted, paused or held"), order_options, 1,
     1, .run = give_resume,
     .more = N_("After kill -9 or a power loss the job continues where its journal ends: what was\n"
		"sent and not answered is looked at on the device first. A held job goes on with\n"
		"its next devices; failed ones stay as they are ('hitless retry').")},
    {"pause", "JOB", N_("start no further device; those under way go on"), order_options, 1, 1,
     .run = give_verb},
    {"cancel", "JOB", N_("end the job; devices past the point of no return go on"), order_options,
     1, 1, .run = give_verb},
    {"retry", "JOB [DEVICE]", N_("try a failed device again (all of them)"), retry_options, 1, 2,
     .run = give_retry},
    {"skip", "JOB DEVICE", N_("leave a device out, or leave a failed one as it is"), order_options,
     2, 2, .run = give_verb},
    {"rollback", "JOB DEVICE", N_("bring a device back to its old version"), order_options, 2, 2,
     .run = give_verb},
    {"ask", "JOB DEVICE", N_("ask a device now what is waited for, and be asked how it goes on"),
     order_options, 2, 2, .run = give_verb,
     .more = N_("A step that waits (for a reboot, for an upgrade whose session was lost) ends by itself\n"
		"or at its limit, which 'hitless show' tells. This looks at once: what the device says\n"
		"is kept ('hitless show JOB --device DEVICE'), and when it is not over a question is\n"
		"put: wait on, or take it as failed. An upgrade of a whole cluster is looked at over a\n"
		"second session; its own stays open.")},
    {"answer", "JOB ID TEXT", N_("answer an open question of the job"), order_options, 3, 3,
     .run = give_answer},
    {"waive", "JOB CHECK", N_("go on in spite of a failed check that may be waived"), waive_options,
     2, 2, .run = give_waive},
    {0},
};
