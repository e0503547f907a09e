/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/runner.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/engine.h"
#include "run/learn.h"
#include "run/locks.h"
#include "run/machine.h"
#include "run/planning.h"
#include "run/second.h"
#include "run/world.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMANDS_EVERY_MS 1000 /* look for commands even if the wake-up was lost */
#define INPUT_LIMIT ((size_t)256 * 1024 * 1024)

struct runner {
	struct runner_options o;
	char *job;
	struct owner *owner;
	struct jobview *view;
	struct run_world *world;
	struct engine *engine;
	struct transport *transport;
	struct door *door;                  /* NULL: this job is nobody's business */
	VEC(struct tr_reply *) own_replies; /* made here: a request that could not even be submitted */
	int64_t commands_at;
	int64_t ahead; /* of the clock: the journal's last record may be later than the clock is */
	bool broken, went;
	bool login_refused; /* since the job was started: what this process knows to log in is wrong */
};

/* --- opening ------------------------------------------------------------------------------------------ */

static int fold(void *ctx, const struct record *r, struct err *e)
{
	struct runner *x = ctx;
	return jobview_apply(x->view, r, e);
}

static int64_t wall(struct runner *r)
{
	return r->o.clock->wall(r->o.clock) + r->ahead;
}

/* Time in one journal never goes back: a clock that was put back, or a faster one before us. */
static void catch_up(struct runner *r)
{
	int64_t behind = r->view->last - wall(r);
	r->ahead = behind > 0 ? behind : 0;
}

static int64_t now(struct runner *r)
{
	return r->o.clock->now(r->o.clock);
}

static int append(struct runner *r, struct record **list, size_t n, struct err *e)
{
	return store_append(r->o.store, r->job, owner_epoch(r->owner), list, n, e);
}

/* A record of the runner's own: made durable and folded at once. Takes x. */
static int put_record(struct runner *r, struct record *x, struct err *e)
{
	x->wall = wall(r);
	int rc = append(r, &x, 1, e);
	if (rc == 0)
		rc = jobview_apply(r->view, x, e);
	record_free(x);
	return rc;
}

static int record_owner(struct runner *r, struct err *e)
{
	struct record *x = record_new(RECORD_OWNER, NULL, NULL);
	char *host = machine_name(), *machine = machine_id(r->o.machine);
	const struct passwd *who = getpwuid(getuid()); /* the environment may say anything */
	char number[32];
	snprintf(number, sizeof(number), "uid %ld", (long)getuid());
	record_number(x, "pid", getpid());
	record_text(x, "host", host);
	record_text(x, "machine", machine);
	free(host), free(machine);
	record_text(x, "user", who ? who->pw_name : number);
	record_number(x, "epoch", owner_epoch(r->owner));
	record_flag(x, "resumed", r->view->started > 0);
	return put_record(r, x, e);
}

static int make_dirs(struct runner *r, struct err *e)
{
	for (size_t i = 0; i < r->view->tasks.n; i++) {
		const char *device = jobview_device(r->view, r->view->tasks.v[i].device);
		char *dir = store_job_dir(r->o.store, r->job, device, e);
		if (!dir)
			return -1;
		free(dir);
	}
	return 0;
}

static int open_parts(struct runner *r, struct err *e)
{
	r->owner = store_own(r->o.store, r->job, e);
	if (!r->owner || store_read(r->o.store, r->job, 0, 0, fold, r, e) != 0)
		return -1;
	if (!r->view->job)
		return err_set(e, ERR_CORRUPT, "the journal of this job is empty");
	catch_up(r);
	if (!r->o.any_machine && machine_is_ours(r->view, r->o.machine, e) != 0)
		return -1;
	if (record_owner(r, e) != 0 || make_dirs(r, e) != 0)
		return -1;
	r->door = r->o.on_machine ? door_new() : NULL;
	bool unfinished = r->view->started && !job_state_final(r->view->state);
	if (unfinished && r->door &&
	    locks_take(r->o.store, r->job, r->view, r->door, r->o.job_limit, e) != 0)
		return -1;
	if (job_state_final(r->view->state)) /* left behind when the one before was killed */
		locks_give_back(r->o.store, r->job, NULL);
	r->world = run_world_new(r->o.store, r->job, r->view, r->door, r->o.job_limit, r->o.user,
				 r->o.ctx, e);
	if (!r->world)
		return -1;
	r->engine = engine_new(r->view, run_world_get(r->world));
	r->transport = r->o.connect(r->o.ctx, r->view, e);
	return r->transport ? 0 : -1;
}

struct runner *runner_open(const struct runner_options *o, struct err *e)
{
	struct runner *r = xcalloc(1, sizeof(*r));
	r->o = *o;
	r->job = xstrdup(o->job);
	r->view = jobview_new();
	if (open_parts(r, e) != 0) {
		runner_close(r);
		return NULL;
	}
	log_line("run", "job %s (%s): opened, state %s", r->job, r->view->job->name,
	         job_state_name(r->view->state));
	return r;
}

void runner_close(struct runner *r)
{
	if (!r)
		return;
	if (r->transport)
		r->transport->ops->free(r->transport);
	engine_free(r->engine);
	run_world_free(r->world);
	jobview_free(r->view);
	for (size_t i = 0; i < r->own_replies.n; i++)
		tr_reply_free(r->own_replies.v[i]);
	VEC_RELEASE(&r->own_replies);
	door_free(r->door);
	if (r->owner)
		owner_free(r->owner);
	free(r->job);
	free(r);
}

const struct jobview *runner_view(const struct runner *r)
{
	return r->view;
}

/* --- effects ------------------------------------------------------------------------------------------ */

static void refuse_request(struct runner *r, struct tr_request *q, const struct err *why)
{
	struct tr_reply *reply = tr_reply_new(q, TR_NOT_SENT);
	reply->e = *why;
	VEC_PUSH(&r->own_replies, reply);
	tr_request_free(q);
}

static void submit(struct runner *r, struct tr_request *q)
{
	struct err e = {0};
	if (q->input_file && path_read(q->input_file, INPUT_LIMIT, &q->input, &e) != 0)
		refuse_request(r, q, &e);
	else
		r->transport->ops->submit(r->transport, q);
}

static int step(struct runner *r, struct event *ev, struct err *e);

static int make_plan(struct runner *r, struct err *e)
{
	struct err why = {0};
	struct event ev = {.kind = EVENT_PLANNED, .e = &why};
	if (locks_look(r->o.store, r->job, r->view, r->door, &why) == 0)
		ev.plan = planning_make(r->o.store, r->view, run_world_get(r->world)->images,
					wall(r), &why);
	return step(r, &ev, e);
}

/* What the journal's last records mean for what is kept beside it. */
static void after_record(struct runner *r, const struct record *x)
{
	if (x->kind == RECORD_TASK && x->device)
		learn_from_task(r->o.store, r->view, r->job, x->device);
	if (x->kind == RECORD_STATE &&
	    (r->view->state == JOB_READY || r->view->state == JOB_REFUSED))
		learn_from_checks(r->o.store, r->view);
	if (x->kind == RECORD_STATE && job_state_final(r->view->state))
		locks_give_back(r->o.store, r->job, r->door);
}

/* Consecutive records are one durable transaction; *i ends behind them. */
static int carry_records(struct runner *r, struct effects *x, size_t *i, struct err *e)
{
	VEC(struct record *) list = {0};
	for (; *i < x->list.n && x->list.v[*i].kind == EFFECT_RECORD; (*i)++)
		VEC_PUSH(&list, x->list.v[*i].record);
	int rc = append(r, list.v, list.n, e);
	for (size_t k = 0; rc == 0 && k < list.n; k++) {
		if (list.v[k]->seq > r->view->seq)
			r->view->seq = list.v[k]->seq;
		after_record(r, list.v[k]);
	}
	VEC_RELEASE(&list);
	return rc;
}

static int carry(struct runner *r, struct effects *x, struct err *e)
{
	for (size_t i = 0; i < x->list.n;) {
		struct effect *f = &x->list.v[i];
		if (f->kind == EFFECT_RECORD) {
			if (carry_records(r, x, &i, e) != 0)
				return -1;
			continue;
		}
		if (f->kind == EFFECT_REQUEST) {
			submit(r, f->request);
			f->request = NULL;
		} else if (f->kind == EFFECT_CANCEL) {
			r->transport->ops->cancel(r->transport, f->device);
		} else if (f->kind == EFFECT_PLAN && make_plan(r, e) != 0) {
			return -1;
		}
		i++;
	}
	return 0;
}

static int step(struct runner *r, struct event *ev, struct err *e)
{
	struct effects x = {0};
	ev->now = now(r);
	ev->wall = wall(r);
	int rc = engine_step(r->engine, ev, &x, e);
	/* also after a broken invariant: what was decided before it is true */
	if (carry(r, &x, e) != 0)
		rc = -1;
	effects_clear(&x);
	if (rc != 0)
		r->broken = true;
	return rc;
}

/* --- the loop ------------------------------------------------------------------------------------------- */

static struct tr_reply *next_reply(struct runner *r)
{
	if (r->own_replies.n) {
		struct tr_reply *reply = r->own_replies.v[0];
		VEC_REMOVE(&r->own_replies, 0);
		return reply;
	}
	return r->transport->ops->next(r->transport);
}

/* A login that worked does not any more: it is told once, with the credential, so that whoever typed its
 * password forgets it. */
static int see_login(struct runner *r, const struct tr_reply *reply, struct err *e)
{
	const struct inventory *inv = r->view->job->inventory;
	if (reply->e.kind != ERR_AUTH || r->login_refused || !r->view->started ||
	    reply->device >= inv->devices.n)
		return 0;
	const struct device *d = &inv->devices.v[reply->device];
	char *text = xasprintf("%s: the login was refused (credential %s)", d->name, d->credential);
	struct record *x = record_new(RECORD_NOTE, d->name, NULL);
	record_text(x, "text", text);
	record_text(x, "level", "warning");
	record_text(x, "refused", d->credential);
	r->login_refused = true;
	free(text);
	return put_record(r, x, e);
}

static int take_replies(struct runner *r, struct err *e)
{
	struct tr_reply *reply;
	int rc = 0;
	while (rc == 0 && (reply = next_reply(r))) {
		struct event ev = {.kind = EVENT_REPLY, .reply = reply};
		rc = see_login(r, reply, e);
		if (rc == 0)
			rc = step(r, &ev, e);
		tr_reply_free(reply);
	}
	return rc;
}

/* Said where everybody sees it who follows the job. */
static void note_taken_over(struct runner *r, char *left)
{
	struct err e = {0};
	struct record *x = record_new(RECORD_NOTE, NULL, NULL);
	char *text = xasprintf(M_("locks of jobs that are over, but whose process was killed before "
				  "it gave them back, are taken over: %s"),
			       left);
	record_text(x, "text", text);
	if (put_record(r, x, &e) != 0) /* the next record says it, too */
		log_line("run", "job %s: %s", r->job, e.text);
	free(text);
	free(left);
}

/* The devices are ours, or no other job's work may be endangered by ours: else say why not. */
static int take_devices(struct runner *r, struct err *why)
{
	bool fresh = r->view->state == JOB_READY;
	char *left = locks_left(r->o.store, r->job, r->view);
	if (locks_take(r->o.store, r->job, r->view, r->door, r->o.job_limit, why) != 0) {
		free(left);
		return -1;
	}
	if (left)
		note_taken_over(r, left);
	if (run_world_beside_others(r->world, r->o.store, r->view, why) == 0)
		return 0;
	if (fresh)
		locks_give_back(r->o.store, r->job, r->door);
	return -1;
}

static int take_command(void *ctx, const cJSON *command, struct err *e)
{
	struct runner *r = ctx;
	struct event ev = {.kind = EVENT_COMMAND, .command = command};
	struct err why = {0};
	const char *verb = json_text(command, "verb");
	bool starts = verb && (strcmp(verb, "start") == 0 || strcmp(verb, "retry") == 0 ||
			       strcmp(verb, "rollback") == 0 || strcmp(verb, "discard") == 0);
	if (run_world_order(r->world, r->o.store, r->view, command, &why) != 0 ||
	    (starts && take_devices(r, &why) != 0)) {
		struct record *x = record_new(RECORD_COMMAND, NULL, NULL);
		record_text(record_text(x, "verb", verb), "refused", why.text);
		record_text(x, "target", json_text(command, "target"));
		record_text(x, "who", json_text(command, "who"));
		record_text(x, "kind", err_kind_name(why.kind));
		record_number(x, "command_id", json_number(command, "command_id", 0));
		return put_record(r, x, e);
	}
	/* what was added since, perhaps because it was missing */
	if ((starts || (verb && strcmp(verb, "recheck") == 0)) &&
	    run_world_images(r->world, r->o.store, &why) != 0)
		log_line("run", "job %s: the list of images is the old one: %s", r->job, why.text);
	return step(r, &ev, e);
}

static int take_commands(struct runner *r, struct err *e)
{
	owner_wake_clear(r->owner);
	r->commands_at = r->o.only_woken ? INT64_MAX : now(r) + COMMANDS_EVERY_MS;
	if (store_still_there(r->o.store, e) != 0)
		return -1;
	return store_commands(r->o.store, r->job, take_command, r, e);
}

/* Somebody says that he is the second person: the answer, NULL is yes. */
static char *judge_person(void *ctx, const struct door_person *p)
{
	struct runner *r = ctx;
	struct err e = {0};
	cJSON *order = second_order(r->view, p, &e);
	int rc = order ? engine_command_check(r->view, order, &e) : -1;
	if (rc == 0) {
		struct event ev = {.kind = EVENT_COMMAND, .command = order};
		rc = step(r, &ev, &e);
	} else {
		log_line("run", "job %s: not confirmed by uid %lld: %s", r->job, (long long)p->uid,
			 e.text);
	}
	cJSON_Delete(order);
	return rc == 0 ? NULL : xstrdup(e.text);
}

static void look_at_door(struct runner *r)
{
	struct err e = {0};
	const struct jobview *v = r->view;
	if (!r->door)
		return;
	if (door_listen(r->door, v->job->name, second_wanted(v) ? v->words : NULL, &e) != 0)
		log_line("run", "job %s: %s", r->job, e.text);
	door_work(r->door, judge_person, r);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

/* Wait for a reply, a command, a signal or time. True: told to leave. */
static bool wait_for_something(struct runner *r)
{
	struct pollfd fds[] = {
	    {.fd = r->transport->ops->fd(r->transport), .events = POLLIN},
	    {.fd = owner_wake_fd(r->owner), .events = POLLIN},
	    {.fd = door_fd(r->door), .events = POLLIN},
	    {.fd = r->o.stop_fd, .events = POLLIN},
	};
	int64_t until = sooner(engine_deadline(r->engine), r->o.due ? r->o.due(r->o.ctx) : -1);
	if (!r->o.due && !r->o.only_woken)
		until = sooner(until, r->commands_at);
	if (r->own_replies.n)
		return false;
	int ready = r->o.clock->wait(r->o.clock, fds, LEN(fds), until);
	if (ready > 0 && (fds[1].revents & POLLIN))
		r->commands_at = 0;
	return ready > 0 && r->o.stop_fd >= 0 && (fds[3].revents & (POLLIN | POLLHUP));
}

/* Who orders a pause, or leaves a device out, of a job that nobody runs must not see the next devices
 * begin first. */
static int set_out(struct runner *r, struct err *e)
{
	struct event go = {.kind = EVENT_GO, .more = true}, tick = {.kind = EVENT_TICK};
	r->went = true;
	if (step(r, &go, e) != 0 || take_commands(r, e) != 0)
		return -1;
	return step(r, &tick, e);
}

static int turn(struct runner *r, struct err *e)
{
	if (!r->went && set_out(r, e) != 0)
		return -1;
	if (take_replies(r, e) != 0)
		return -1;
	look_at_door(r);
	if (r->broken)
		return -1;
	if (now(r) >= r->commands_at && take_commands(r, e) != 0)
		return -1;
	int64_t deadline = engine_deadline(r->engine);
	if (deadline >= 0 && deadline <= now(r)) {
		struct event tick = {.kind = EVENT_TICK};
		return step(r, &tick, e);
	}
	return 0;
}

static bool waits(struct runner *r)
{
	enum job_state s = r->view->state;
	/* a job that is being cancelled is only idle when a device waits for an answer */
	return engine_idle(r->engine) && !r->own_replies.n && s != JOB_RUNNING &&
	       s != JOB_CHECKING && !job_state_final(s);
}

enum runner_end runner_run(struct runner *r, struct err *e)
{
	while (!r->broken) {
		if (turn(r, e) != 0)
			break;
		bool idle = engine_idle(r->engine) && !r->own_replies.n;
		if (idle && job_state_final(r->view->state) && r->view->state != JOB_REFUSED)
			return RUNNER_FINAL;
		/* even when it is to stay: what is put right now may be the credential, and whoever
		 * checks again has a process that knows it */
		if (idle && r->view->state == JOB_REFUSED)
			return RUNNER_WAITS;
		/* who goes on later starts a process that is told another password */
		if (waits(r) && (!r->o.linger || r->login_refused))
			return RUNNER_WAITS;
		if (wait_for_something(r))
			return RUNNER_STOPPED;
	}
	log_line("run", "job %s: stopped: %s", r->job, e ? e->text : "");
	return RUNNER_BROKEN;
}
