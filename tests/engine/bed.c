/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/engine/bed.h"

#include "base/path.h"
#include "model/json.h"
#include "tests/engine/copyway.h"
#include "transport/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CRASHES_MAX 400
#define START_MS    600000

static struct bed *now_open;

void bed_broken(struct bed *b, const char *fmt, ...)
{
	if (b->problem[0])
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(b->problem, sizeof(b->problem), fmt, ap);
	va_end(ap);
}

int64_t bed_now(struct bed *b)
{
	return b->ms;
}

/* --- the journal, with crashes ------------------------------------------------------------ */

int __real_store_append(struct store *s, const char *job, int64_t epoch, struct record **r,
			size_t n, struct err *e);
int __wrap_store_append(struct store *s, const char *job, int64_t epoch, struct record **r,
			size_t n, struct err *e);

static bool is_lost(const struct record *r)
{
	enum mutant m = now_open->o.mutant;
	return (m == MUTANT_INTENT_LOST && r->kind == RECORD_INTENT &&
		json_flag(r->data, "changes")) ||
	       (m == MUTANT_OUTCOME_LOST && r->kind == RECORD_OUTCOME);
}

static int append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
		  struct err *e)
{
	VEC(struct record *) kept = {0};
	for (size_t i = 0; i < n; i++) {
		if (now_open->o.mutant == MUTANT_JOURNAL_DIFFERS && r[i]->kind == RECORD_INTENT)
			record_text(r[i], "word", "somewhere else");
		if (!is_lost(r[i]))
			VEC_PUSH(&kept, r[i]);
	}
	int rc = kept.n ? __real_store_append(s, job, epoch, kept.v, kept.n, e) : 0;
	VEC_RELEASE(&kept);
	return rc;
}

int __wrap_store_append(struct store *s, const char *job, int64_t epoch, struct record **r,
			size_t n, struct err *e)
{
	struct bed *b = now_open;
	if (!b || !b->runner)
		return __real_store_append(s, job, epoch, r, n, e);
	bool now = ++b->appends == b->crash_at;
	if (now && b->crash_before)
		return err_set(e, ERR_CANCELLED, "simulated crash before a record");
	int rc = append(s, job, epoch, r, n, e);
	bool task = false;
	for (size_t i = 0; i < n; i++)
		task |= r[i]->kind == RECORD_TASK || r[i]->kind == RECORD_BEGIN;
	if (rc == 0 && task)
		watch_journal(b);
	return now && rc == 0 ? err_set(e, ERR_CANCELLED, "simulated crash after a record") : rc;
}

/* --- time --------------------------------------------------------------------------------- */

static int64_t clock_now(struct clock *c)
{
	return ((struct bed *)c)->ms;
}

static int64_t clock_wall(struct clock *c)
{
	struct bed *b = (struct bed *)c;
	return WALL_BASE + b->ms + b->shift;
}

static int clock_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	struct bed *b = (struct bed *)c;
	bool leave = b->problem[0] || b->ms >= b->stop_at;
	int64_t before = b->ms;
	if (b->on_wait)
		b->on_wait(b);
	leave |= b->leave;
	if (before != b->ms)
		return 0; /* somebody ordered something: it is seen before time goes on */
	if (until >= 0 && until > b->ms)
		b->ms = until;
	else if (until < 0)
		leave = b->stuck = true;
	if (leave && n)
		fds[n - 1].revents = POLLIN;
	return leave;
}

/* --- the way to the switches -------------------------------------------------------------- */

static int64_t answer(void *ctx, const struct tr_request *r, struct tr_reply *reply, int64_t now)
{
	struct bed *b = ctx;
	if (b->o.mutant == MUTANT_REBOOT_TWICE && r->command && str_starts(r->command, "reboot")) {
		struct tr_reply *first = tr_reply_new(r, TR_DONE);
		switches_answer(&b->switches, r, first, now);
		tr_reply_free(first);
	}
	int64_t delay = switches_answer(&b->switches, r, reply, now);
	if (b->endless && r->command && str_starts(r->command, b->endless)) {
		((struct tr_request *)(uintptr_t)r)->timeout_ms = 0;
		return -1;
	}
	if (r->kind == TR_PUT && b->o.copy_ms && delay >= 0)
		return b->o.copy_ms;
	return delay;
}

static bool breaker(void *ctx, size_t device)
{
	(void)device;
	return ((struct bed *)ctx)->refused[0];
}

static void refused(void *ctx, size_t device)
{
	struct bed *b = ctx;
	(void)device;
	b->refusals++;
	if (b->refused[1])
		bed_broken(b, "a refused credential was tried again");
	b->refused[0] = b->o.mutant != MUTANT_NO_BREAKER;
	b->refused[1] = true;
}

static void arrives(void *ctx, const struct tr_request *r, bool writes)
{
	struct bed *b = ctx;
	b->watch[r->device].sent++;
	if (writes)
		watch_write(b, r);
}

static void violated(void *ctx, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bed_broken(ctx, "a switch saw: %s", text);
}

static struct transport *connect_way(void *ctx, const struct jobview *v, struct err *e)
{
	struct bed *b = ctx;
	(void)v, (void)e;
	memset(b->refused, 0, sizeof(b->refused));
	b->way = script_transport_new(&b->clock, answer, b);
	if (b->o.copy_ms)
		b->way = copyway_new(b->way, &b->clock, b->o.copy_ms);
	return b->way;
}

static const char *user_of(void *ctx, const struct device *d)
{
	(void)ctx, (void)d;
	return "tester";
}

static int64_t due(void *ctx)
{
	struct bed *b = ctx;
	int64_t at = b->o.copy_ms ? copyway_due(b->way) : script_transport_due(b->way);
	if (b->o.mutant == MUTANT_REPLY_LOST && bed_view(b)->started)
		return -1;
	return at;
}

/* --- running ------------------------------------------------------------------------------ */

static bool start(struct bed *b)
{
	struct err e = {0};
	struct runner_options o = {.store = b->store,
				   .clock = &b->clock,
				   .job = b->job,
				   .connect = connect_way,
				   .user = user_of,
				   .due = due,
				   .ctx = b,
				   .machine = b->machine,
				   .any_machine = b->any_machine,
				   .linger = b->linger,
				   .job_limit = 5,
				   .stop_fd = 0}; /* never looked at: the clock says when */
	b->runner = runner_open(&o, &e);
	if (!b->runner)
		bed_broken(b, "cannot open the job: %s", e.text);
	return b->runner != NULL;
}

void bed_kill(struct bed *b)
{
	runner_close(b->runner);
	b->runner = NULL;
	b->crashes++;
}

static bool crashed(struct bed *b, const struct err *e)
{
	if (e->kind != ERR_CANCELLED)
		bed_broken(b, "the runner stopped: %s", e->text);
	b->crash_at = 0;
	bed_kill(b);
	if (b->crashes > CRASHES_MAX)
		bed_broken(b, "it starts again and again");
	return !b->problem[0];
}

enum runner_end bed_run(struct bed *b)
{
	struct err e = {0};
	enum runner_end end = RUNNER_BROKEN;
	b->stuck = false;
	while (!b->problem[0]) {
		if (!b->runner && !start(b))
			return RUNNER_BROKEN;
		end = runner_run(b->runner, &e);
		watch_journal(b);
		if (b->leave)
			bed_kill(b);
		b->leave = false;
		if (end != RUNNER_BROKEN || !crashed(b, &e))
			break;
		e = (struct err){0};
	}
	return b->problem[0] ? RUNNER_BROKEN : end;
}

static int queue(struct bed *b, cJSON *c)
{
	struct err e = {0};
	cJSON_AddStringToObject(c, "who", "tester");
	int64_t n = store_command(b->store, b->job, c, &e);
	cJSON_Delete(c);
	b->ms += 1000; /* the runner looks for commands once a second */
	return n < 0 ? -1 : 0;
}

int bed_command(struct bed *b, const char *verb, const char *target, const char *text)
{
	cJSON *c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "verb", verb);
	if (target)
		cJSON_AddStringToObject(c, "target", target);
	if (text)
		cJSON_AddStringToObject(c, "text", text);
	return queue(b, c);
}

int bed_waive(struct bed *b, const char *check, const char *reason)
{
	cJSON *c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "verb", "waive");
	cJSON_AddStringToObject(c, "check", check);
	cJSON_AddStringToObject(c, "text", reason);
	return queue(b, c);
}

const struct jobview *bed_view(struct bed *b)
{
	return runner_view(b->runner);
}

const struct task_view *bed_task(struct bed *b, const char *device)
{
	const struct jobview *v = bed_view(b);
	return jobview_task((struct jobview *)v, inventory_find(v->job->inventory, device));
}

const struct question_view *bed_question(struct bed *b)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct task_view *t =
		    jobview_task((struct jobview *)v, v->questions.v[i].device);
		bool of_job = v->questions.v[i].device == NO_DEVICE && v->state == JOB_HELD;
		if (!v->questions.v[i].answer && (of_job || (t && t->state == TASK_HELD)))
			return &v->questions.v[i];
	}
	return NULL;
}

int bed_answer(struct bed *b, const char *text)
{
	char id[24];
	const struct question_view *q = bed_question(b);
	if (!q)
		return -1;
	snprintf(id, sizeof(id), "%lld", (long long)q->id);
	return bed_command(b, "answer", id, text);
}

/* --- open and close ----------------------------------------------------------------------- */

int bed_add_image(struct bed *b, const char *version, struct err *e)
{
	char path[] = "/tmp/hitless-bed-XXXXXX", name[64];
	int fd = mkstemp(path);
	if (fd < 0)
		return err_sys(e, "mkstemp");
	snprintf(name, sizeof(name), "test-%s.bin", version);
	bool good = write(fd, name, strlen(name)) > 0;
	close(fd);
	struct image image = {.kind = xstrdup("os"),
			      .name = xstrdup(name),
			      .version = xstrdup(version),
			      .platform = xstrdup("test")};
	bool known;
	int rc = good ? store_image_add(b->store, path, &image, &known, NULL, NULL, e) : -1;
	image_release(&image);
	unlink(path);
	return rc;
}

static int open_parts(struct bed *b, struct err *e)
{
	b->inventory = bed_inventory(&b->o, true);
	if (!b->inventory)
		return -1;
	struct switches *s = &b->switches;
	switches_init(s, b->inventory, BED_FROM);
	*s = (struct switches){.inventory = b->inventory, .box = {s->box.v, s->box.n, s->box.cap}};
	s->random = b->o.seed * 2862933555777941757u + 3037000493u;
	s->mutant = b->o.mutant;
	snprintf(s->target, sizeof(s->target), "%s", BED_TO);
	s->breaker = breaker;
	s->refused = refused;
	s->arrives = arrives;
	s->violated = violated;
	s->ctx = b;
	s->trace = getenv("BED_TRACE") != NULL;
	b->store = store_open(":memory:", &b->clock, e);
	if (!b->store || (!b->o.no_image && bed_add_image(b, BED_TO, e) != 0) ||
	    (!b->o.no_restore_image && bed_add_image(b, BED_FROM, e) != 0))
		return -1;
	return bed_make_job(b, e);
}

int bed_open(struct bed *b, const struct bed_options *o)
{
	struct err e = {0};
	memset(b, 0, sizeof(*b));
	b->o = *o;
	b->clock = (struct clock){.now = clock_now, .wall = clock_wall, .wait = clock_wait};
	b->ms = START_MS;
	b->stop_at = NEVER;
	now_open = b;
	int rc = open_parts(b, &e);
	if (rc == 0)
		watch_init(b);
	else
		bed_broken(b, "cannot begin: %s", e.text);
	return rc;
}

void bed_close(struct bed *b)
{
	runner_close(b->runner);
	if (b->store)
		store_close(b->store);
	watch_release(b);
	switches_release(&b->switches);
	inventory_free(b->inventory);
	free(b->job);
	now_open = NULL;
}
