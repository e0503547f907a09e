/* SPDX-License-Identifier: ISC */
/* The rehearsed job from its pre-checks to its end: who would have had to decide is answered here,
 * and who kills its process is this file. */
#include "config.h"

#include "cli/rehearse.h"

#include "base/path.h"
#include "model/json.h"
#include "run/order.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS    5     /* real; simulated time does not wait for us */
#define OUTAGE_MS  60000 /* simulated: how long nobody notices that the jump host is gone */
#define STARTS_MAX 10

static const struct jobview *view(const struct rehearse *r)
{
	return follow_view(r->follow);
}

/* --- the time line ---------------------------------------------------------------------------- */

static cJSON *entry(struct rehearse *r, cJSON *list, int64_t wall, const char *device)
{
	cJSON *o = cJSON_CreateObject();
	json_put_number(o, "at_ms", wall - r->start);
	json_put_text(o, "device", device);
	json_append(list, o);
	return o;
}

static void put_line(void *ctx, const struct job_line *line)
{
	struct rehearse *r = ctx;
	cJSON *o = entry(r, r->timeline, line->wall, line->device);
	json_put_text(o, "what", line->what);
	json_put_text(o, "text", line->text ? line->text : "");
	json_put_flag(o, "important",
		      !line->device || line->kind == LINE_BAD || line->kind == LINE_QUESTION);
}

static void own_line(struct rehearse *r, const char *text)
{
	struct job_line line = {.wall = view(r)->last, .kind = LINE_WARNING, .text = text};
	put_line(r, &line);
}

/* A phase at which the process is to be killed begins on some device. */
static bool kills_at(struct rehearse *r, const struct record *record)
{
	const char *phase = json_text(record->data, "phase");
	for (size_t i = 0; record->kind == RECORD_INTENT && r->kills[i]; i++) {
		if (r->kills[i][0] == '\n' || /* has happened */
		    (r->kills[i][0] && (!phase || strcasecmp(phase, r->kills[i]) != 0)) ||
		    (!r->kills[i][0] && !json_flag(record->data, "changes")))
			continue;
		free(r->kills[i]);
		r->kills[i] = xstrdup("\n");
		return true;
	}
	return false;
}

static void see(void *ctx, const struct jobview *v, const struct record *record)
{
	struct rehearse *r = ctx;
	if (record->kind != RECORD_COMMAND) /* ours: they are under holds */
		lines_record(&r->lines, v, record);
	r->kill_now |= kills_at(r, record);
}

/* --- its process ------------------------------------------------------------------------------ */

static void reap(struct rehearse *r)
{
	if (r->pid > 0 && waitpid(r->pid, NULL, WNOHANG) == r->pid)
		r->pid = 0;
}

static int start(struct rehearse *r)
{
	if (r->starts++ >= STARTS_MAX)
		return err_set(&r->c->e, ERR_SYSTEM,
			       _("the process of the rehearsed job ended %d times in the middle of "
				 "its work; %s/hitless.log may say why (--dir keeps it)"),
			       STARTS_MAX, r->state);
	return start_job(r->own.store, r->id, NULL, 0, true, &r->pid, &r->c->e);
}

/* As if the jump host died; time goes on for the devices until somebody resumes. */
static int kill_process(struct rehearse *r)
{
	struct pace *p = pace_sit(r->clock, &r->c->e);
	if (!p)
		return -1;
	int rc = 0;
	r->kill_now = false;
	if (r->pid > 0 && (kill(r->pid, SIGKILL) != 0 || waitpid(r->pid, NULL, 0) < 0))
		rc = err_sys(&r->c->e, "cannot end process %ld", (long)r->pid);
	r->pid = 0;
	own_line(r, _("the job's process is killed (kill -9), resumed a minute later"));
	struct clock *clock = pace_clock(p);
	int64_t until = pace_now(p) + OUTAGE_MS;
	while (rc == 0 && pace_now(p) < until)
		if (clock->wait(clock, NULL, 0, until) < 0)
			rc = err_sys(&r->c->e, "cannot wait");
	if (rc == 0)
		rc = start(r);
	pace_close(p); /* time stood still until the new process sat down */
	return rc;
}

void rehearse_stop(struct rehearse *r)
{
	/* nothing of it is kept, so it need not leave in an orderly way */
	if (r->pid > 0 && (kill(r->pid, SIGKILL) == 0 || errno == ESRCH))
		(void)waitpid(r->pid, NULL, 0);
	r->pid = 0;
	follow_free(r->follow);
	r->follow = NULL;
	lines_release(&r->lines);
}

/* --- who would have been asked ---------------------------------------------------------------- */

static int give(struct rehearse *r, const struct order_words *w)
{
	r->order = order_queue(r->own.store, r->id, view(r), w, &r->c->e);
	return r->order < 0 ? -1 : 0;
}

static bool has_choice(const char *choices, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = choices; at && *at; at = strchr(at, '|') ? strchr(at, '|') + 1 : "")
		if (strncmp(at, word, n) == 0 && (at[n] == '|' || at[n] == '\0'))
			return true;
	return false;
}

/* "retry" once where that is wished, else what leaves the device alone, else the first. */
static char *choose(struct rehearse *r, const char *choices)
{
	bool again = str_eq(cli_option(r->c, "--on-hold"), "retry") && !r->retried;
	if (again && has_choice(choices, "retry")) {
		r->retried = true;
		return xstrdup("retry");
	}
	if (has_choice(choices, "fail"))
		return xstrdup("fail");
	return xstrndup(choices, strcspn(choices, "|"));
}

static bool stops(const struct rehearse *r)
{
	return str_eq(cli_option(r->c, "--on-hold"), "stop");
}

static void put_hold(struct rehearse *r, const char *device, const char *kind, const char *text,
		     const char *answer)
{
	cJSON *o = entry(r, r->holds, view(r)->last, device);
	json_put_text(o, "kind", kind);
	json_put_text(o, "text", text);
	json_put_text(o, "answer", answer);
	if (!answer)
		json_put_text(r->out, "stopped", text);
}

/* 1: a question was answered. */
static int answer_question(struct rehearse *r)
{
	const struct jobview *v = view(r);
	const struct question_view *q = jobview_next_question(v, 0);
	if (!q)
		return 0;
	const char *device = q->device == NO_DEVICE ? NULL : jobview_device(v, q->device);
	char *answer = stops(r) ? NULL : choose(r, q->choices);
	char number[32];
	(void)snprintf(number, sizeof(number), "%" PRId64, q->id);
	put_hold(r, device, q->kind, q->text, answer);
	struct order_words w = {.verb = "answer", .target = number, .text = answer};
	int rc = answer ? give(r, &w) : 0;
	free(answer);
	return rc < 0 ? -1 : 1;
}

/* It waits for somebody. */
static int decide(struct rehearse *r)
{
	const struct jobview *v = view(r);
	int rc = answer_question(r);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	const char *why = v->reason ? v->reason : job_state_name(v->state);
	bool again = str_eq(cli_option(r->c, "--on-hold"), "retry") && !r->retried;
	bool vain = str_eq(r->last_hold, why); /* it would hold for the same again and again */
	const char *verb = stops(r) || vain ? NULL : again ? "retry" : "resume";
	put_hold(r, NULL, NULL, why, verb);
	free(r->last_hold);
	r->last_hold = xstrdup(why);
	r->retried |= again;
	struct order_words w = {.verb = verb};
	return verb ? give(r, &w) : 0;
}

/* --- following -------------------------------------------------------------------------------- */

static bool active(const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (task_state_active(v->tasks.v[i].state) && v->tasks.v[i].state != TASK_HELD)
			return true;
	return false;
}

/* What is to be done now that nobody is at work: 1: nothing, it is over. */
static int look(struct rehearse *r)
{
	const struct jobview *v = view(r);
	if (!v->job || (r->order && v->last_command < r->order))
		return 0;
	r->order = 0;
	if (job_state_final(v->state) || v->state == JOB_REFUSED || json_text(r->out, "stopped"))
		return 1;
	if (v->state == JOB_READY) {
		struct order_words w = {.verb = "start"};
		return give(r, &w);
	}
	/* the job goes on when its window opens */
	if (active(v) || (v->until && !jobview_next_question(v, 0)))
		return 0;
	if (v->state == JOB_HELD || v->state == JOB_PAUSED || jobview_next_question(v, 0))
		return decide(r);
	return 0;
}

static int wait_a_little(struct rehearse *r)
{
	struct pollfd p = {.fd = r->signals, .events = POLLIN};
	int ready = poll(&p, 1, r->kills[0] ? 1 : LOOK_MS);
	return ready > 0 ? EXIT_INTERRUPTED : 0;
}

/* 0: it is over. */
static int follow_to_end(struct rehearse *r)
{
	for (;;) {
		bool running = follow_running(r->follow);
		if (follow_update(r->follow, see, r, &r->c->e) < 0)
			return -1;
		reap(r);
		if (r->kill_now && running && kill_process(r) != 0)
			return -1;
		int rc = look(r);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		rc = running ? wait_a_little(r) : start(r);
		if (rc != 0)
			return rc;
	}
}

/* --- the way back ----------------------------------------------------------------------------- */

/* Order it for those of the list that are done, at most `most`: how many; 0: e says why none can. */
static int order_back(struct rehearse *r, const size_t *devices, size_t n, int most, struct err *e)
{
	const struct jobview *v = view(r);
	int given = 0;
	for (size_t i = 0; i < n && given < most; i++) {
		const struct task_view *t = jobview_task((struct jobview *)v, devices[i]);
		struct order_words w = {.verb = "rollback",
					.target = jobview_device(v, devices[i])};
		if (!t || t->state != TASK_DONE || order_possible(v, &w, e) != 0)
			continue;
		if (give(r, &w) != 0)
			return -1;
		given++;
	}
	return given;
}

/* Who failed and runs, but would have its partner wait: left as it is, as the operator would. One that
 * may be down is not: its partner does not go down in a rehearsal either. */
static int release_failed(struct rehearse *r)
{
	for (size_t i = 0; i < view(r)->tasks.n; i++) {
		const struct task_view *t = &view(r)->tasks.v[i];
		const struct inventory *inv = view(r)->job->inventory;
		struct order_words w = {.verb = "skip", .target = jobview_device(view(r), t->device)};
		struct err why = {0};
		if (!task_view_failed(t) || t->released || t->committed || t->open.n ||
		    !inventory_group(inv, t->device) ||
		    order_possible(view(r), &w, &why) != 0)
			continue;
		char *text = xasprintf(_("%s failed and is left as it is (skip), so that others of its "
					 "redundancy group may go back"),
				       w.target);
		own_line(r, text);
		free(text);
		int rc = give(r, &w) != 0 ? -1 : follow_to_end(r);
		if (rc != 0 || json_text(r->out, "stopped"))
			return rc;
	}
	return 0;
}

static size_t gone_back(const struct jobview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < v->tasks.n; i++)
		n += v->tasks.v[i].state == TASK_ROLLED_BACK && v->tasks.v[i].by_order;
	return n;
}

/* The last batch goes back first, and one after the other: one device, or all of them. */
static int go_back_by_batches(struct rehearse *r, bool all, struct err *why)
{
	const struct plan *p = view(r)->plan;
	bool any = false;
	for (size_t s = p ? p->stages.n : 0; s-- > 0;) {
		const struct plan_stage *stage = &p->stages.v[s];
		for (size_t b = stage->batches.n; b-- > 0;) {
			const struct plan_batch *batch = &stage->batches.v[b];
			int n = order_back(r, batch->devices.v, batch->devices.n,
					   all ? (int)batch->devices.n : 1, why);
			any |= n > 0;
			int rc = n > 0 ? follow_to_end(r) : n;
			if (rc != 0 || (!all && gone_back(view(r))) ||
			    json_text(r->out, "stopped"))
				return rc;
		}
	}
	if (!any && why->text[0])
		own_line(r, why->text);
	return 0;
}

static int measure_back(struct rehearse *r, bool all, const char *why)
{
	struct rehearsal_input in = {.view = view(r), .start = r->start, .plan = r->plan};
	rehearsal_rollback(&in, all, why, r->out);
	return 0;
}

static int go_back(struct rehearse *r)
{
	const char *how = cli_option(r->c, "--rollback");
	bool all = str_eq(how, "all");
	struct err why = {0};
	if (str_eq(how, "none"))
		return measure_back(r, false, _("not asked for (--rollback none)"));
	if (json_text(r->out, "stopped") || !view(r)->started)
		return measure_back(r, false, NULL);
	own_line(r, all ? _("now the way back: all devices that were upgraded")
			: _("now the way back: one device"));
	int rc = release_failed(r);
	if (rc == 0 && !json_text(r->out, "stopped"))
		rc = go_back_by_batches(r, all, &why);
	return rc ? rc : measure_back(r, all, why.text[0] ? why.text : NULL);
}

int rehearse_play(struct rehearse *r)
{
	r->lines.put = put_line;
	r->lines.ctx = r;
	r->follow = follow_new(r->own.store, r->id, &r->c->e);
	if (!r->follow || start(r) != 0)
		return -1;
	int rc = follow_to_end(r);
	char *log = path_join(r->lab, "lab.log");
	struct rehearsal_input in = {
	    .view = view(r), .lab_log = log, .start = r->start, .plan = r->plan};
	if (rc == 0)
		rc = rehearsal_job(&in, r->out, &r->c->e);
	if (rc == 0)
		rc = go_back(r);
	if (rc == 0)
		rc = rehearsal_faults(&in, r->faults, r->out, &r->c->e);
	free(log);
	return rc;
}
