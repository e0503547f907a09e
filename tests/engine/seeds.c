/* SPDX-License-Identifier: ISC */
/*
 * seeds: whole jobs on the reference fabric, many times, under a virtual clock: faults of lines and
 * boxes, crashes of the program around every kind of journal write, an operator who does what comes
 * to mind; and every rule checked all the time (watch.c, switchmodel.c). The seed alone decides.
 *
 *   seeds [--seeds COUNT] [--seed N] [--mutant N | --mutants] [--calm]
 *
 * Without arguments: all mutants, then $SEEDS jobs (200). BED_TRACE=1 shows every request, and
 * BED_EXPLAIN=1 where a broken job stands. --mutants breaks each rule on purpose: all have to be
 * found.
 */
#include "config.h"

#include "tests/engine/bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WILD_ROUNDS  12
#define ROUNDS       160
#define HOURS_MOST   400
#define MUTANT_SEEDS 300

struct operator_ {
	uint64_t random;
	bool wild, calm;
	int rounds, retries, rechecks;
	int64_t last_question, asked_again;
};

struct totals {
	long runs, crashes, done, failed, rolled_back, left_out, hours, questions, commands;
	long ends[JOB_STATE_COUNT];
};

static uint64_t draw(struct operator_ *o)
{
	o->random = o->random * 6364136223846793005u + 1442695040888963407u;
	return o->random >> 33;
}

static bool chance(struct operator_ *o, unsigned in_1000)
{
	return draw(o) % 1000 < in_1000;
}

/* --- what goes wrong ---------------------------------------------------------------------- */

static void make_ill(struct bed *b, struct operator_ *o)
{
	for (size_t i = 0; i < b->switches.box.n; i++) {
		struct illness *x = &b->switches.box.v[i].ill;
		x->install_fails = chance(o, 25);
		x->boots_old = chance(o, 25);
		x->never_returns = chance(o, 20);
		x->stays_broken = chance(o, 20);
		x->traffic_stuck = chance(o, 15);
		x->key_changed = chance(o, 5);
		x->login_refused = chance(o, 6);
		if (chance(o, 15))
			b->switches.box.v[i].serial += 5000;
	}
}

static void make_noise(struct bed *b, struct operator_ *o)
{
	static const int weight[FAULTS] = {
	    [FAULT_NOT_SENT] = 40, [FAULT_LOST_BEFORE] = 20, [FAULT_LOST_AFTER] = 20,
	    [FAULT_TIMEOUT] = 8,   [FAULT_HANG] = 8,         [FAULT_SLOW] = 20,
	    [FAULT_HOSTKEY] = 1,   [FAULT_GARBAGE] = 8,      [FAULT_ERROR] = 8,
	    [FAULT_FLOOD] = 1,     [FAULT_CORRUPT] = 10,     [FAULT_FULL] = 4,
	    [FAULT_CUT] = 10};
	int level = (int)(draw(o) % 4);
	for (int i = 0; i < FAULTS; i++)
		b->switches.rate[i] = weight[i] * level;
	b->switches.rate[FAULT_AUTH] = chance(o, 100) ? 6 : 0;
}

static void plan_crash(struct bed *b, struct operator_ *o)
{
	b->crash_at = 0;
	b->appends = 0;
	b->stop_at = NEVER;
	if (!o->wild || !chance(o, 650))
		return;
	if (chance(o, 250)) {
		b->stop_at = b->ms + (int64_t)(draw(o) % 2000000);
		return;
	}
	b->crash_at = (int)(1 + draw(o) % 350);
	b->crash_before = draw(o) % 2;
}

/* --- the operator ------------------------------------------------------------------------- */

static const char *any_device(struct bed *b, struct operator_ *o)
{
	return b->switches.box.v[draw(o) % b->switches.box.n].name;
}

/* At any moment, and not always with a reason. */
static void whim(struct bed *b)
{
	struct operator_ *o = b->ctx;
	static const char *const verbs[] = {"pause", "resume", "resume", "resume",   "retry",
					    "skip",  "cancel", "retry",  "rollback", "answer"};
	if (!o->wild || !b->runner || !chance(o, 3))
		return;
	const char *verb = verbs[draw(o) % LEN(verbs)];
	if (!bed_view(b)->started || (strcmp(verb, "cancel") == 0 && !chance(o, 300)))
		return;
	bool all = strcmp(verb, "retry") == 0 && chance(o, 500);
	bool none = strlen(verb) < 7 && (verb[0] == 'p' || strcmp(verb, "resume") == 0);
	bed_command(b, verb, all || none || verb[0] == 'c' ? NULL : any_device(b, o), "fail");
}

enum truth { NOT_DONE, IS_DONE, NOBODY_KNOWS };

static enum truth look(struct bed *b, const struct question_view *q)
{
	const struct task_view *t = jobview_task((struct jobview *)bed_view(b), q->device);
	const struct box *x = &b->switches.box.v[q->device];
	switches_tick(&b->switches, b->ms);
	if (strcmp(q->kind, "unknown-outcome") != 0 || !t->step)
		return NOBODY_KNOWS;
	if (strcmp(t->step, "drain") == 0)
		return x->drained ? IS_DONE : NOT_DONE;
	if (strcmp(t->step, "install") == 0 && !x->install[0])
		return NOT_DONE;
	if (strcmp(t->step, "reboot") != 0 || x->shutdown_at != NEVER)
		return NOBODY_KNOWS;
	const char *before = values_get(&t->captures, "boot_before");
	return before && atoi(before + 1) != x->boot ? IS_DONE : NOT_DONE;
}

static const char *choose(struct bed *b, struct operator_ *o, const struct question_view *q)
{
	enum truth truth = look(b, q);
	bool may_wait = strstr(q->choices, "wait") != NULL;
	o->asked_again = q->id == o->last_question ? o->asked_again + 1 : 0;
	o->last_question = q->id;
	if (strcmp(q->kind, "confirm") == 0)
		return chance(o, 900) ? "go" : "fail";
	if (truth == IS_DONE && chance(o, 700))
		return "done";
	if (truth == NOT_DONE && chance(o, 500))
		return "retry";
	if (may_wait && chance(o, 800))
		return "wait";
	return strcmp(q->kind, "drift") == 0 && chance(o, 300) ? "retry" : "fail";
}

static bool skip_one(struct bed *b, bool pending)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		bool failed = t->state == TASK_FAILED || t->state == TASK_ROLLED_BACK;
		if (pending ? t->state == TASK_PENDING : failed && !t->released)
			return bed_command(b, "skip", jobview_device(v, t->device), NULL) == 0;
	}
	return false;
}

static bool held(struct bed *b, struct operator_ *o)
{
	bool late = o->rounds > ROUNDS / 2;
	switch (late ? 4 + draw(o) % 3 : draw(o) % 7) {
	case 0:
	case 1:
	case 2:
		if (o->retries++ < 12)
			return bed_command(b, "retry", NULL, NULL) == 0;
		return bed_command(b, "resume", NULL, NULL) == 0;
	case 3:
		return bed_command(b, "rollback", any_device(b, o), NULL) == 0;
	case 4:
		return bed_command(b, "resume", NULL, NULL) == 0;
	case 5:
		return skip_one(b, false) || skip_one(b, true);
	default:
		return skip_one(b, true) || skip_one(b, false) ||
		       bed_command(b, "resume", NULL, NULL) == 0;
	}
}

/* The job waits: do something about it. False: nothing can be done. */
static bool operate(struct bed *b, struct operator_ *o, struct totals *t)
{
	const struct jobview *v = bed_view(b);
	const struct question_view *q = bed_question(b);
	if (q) {
		t->questions++;
		return bed_answer(b, choose(b, o, q)) == 0;
	}
	switch (v->state) {
	case JOB_READY:
		make_ill(b, o);
		if (o->calm)
			switches_heal(&b->switches, b->ms);
		return bed_command(b, "start", NULL, NULL) == 0;
	case JOB_REFUSED:
		return o->rechecks++ < 3 && bed_command(b, "recheck", NULL, NULL) == 0;
	case JOB_PAUSED:
		return bed_command(b, "resume", NULL, NULL) == 0;
	case JOB_HELD:
		return held(b, o);
	default:
		return false;
	}
}

/* --- one run ------------------------------------------------------------------------------ */

static void same_views(struct bed *b)
{
	if (!b->runner || b->problem[0])
		return;
	struct jobview *fresh = bed_fold(b, false);
	char *live = bed_dump(bed_view(b)), *told = bed_dump(fresh);
	size_t i = 0;
	while (live[i] && live[i] == told[i])
		i++;
	size_t from = i > 60 ? i - 60 : 0;
	if (strcmp(live, told) != 0)
		bed_broken(b, "the view is not what the journal says: \"%.120s\" and \"%.120s\"",
			   live + from, told + from);
	free(live);
	free(told);
	jobview_free(fresh);
}

static bool can_hang(struct bed *b)
{
	const struct jobview *v = bed_view(b);
	return bed_question(b) || v->state == JOB_PAUSED || v->state == JOB_HELD ||
	       v->state == JOB_READY || v->state == JOB_REFUSED;
}

static void rounds(struct bed *b, struct operator_ *o, struct totals *t)
{
	for (; o->rounds < ROUNDS && !b->problem[0]; o->rounds++) {
		if (o->rounds == WILD_ROUNDS) {
			o->wild = false;
			switches_heal(&b->switches, b->ms);
		}
		plan_crash(b, o);
		enum runner_end end = bed_run(b);
		if (end == RUNNER_BROKEN)
			return;
		if (end == RUNNER_FINAL && !(o->wild && chance(o, 300)))
			return;
		if (end == RUNNER_STOPPED && b->stuck && !can_hang(b))
			bed_broken(b, "nothing is under way and the job is %s",
				   job_state_name(bed_view(b)->state));
		if (end == RUNNER_STOPPED && !b->stuck) {
			bed_kill(b);
			continue;
		}
		if (end == RUNNER_FINAL)
			bed_command(b, chance(o, 500) ? "retry" : "rollback", any_device(b, o),
				    NULL);
		else if (!operate(b, o, t))
			return;
	}
}

static void choose_options(struct bed_options *o, struct operator_ *op)
{
	static const char *const parameters[] = {"snapshots=no", "rollback=no", "tidy=no",
						 "ask=yes"};
	size_t n = 0;
	for (size_t i = 0; i < LEN(parameters); i++)
		if (chance(op, i == 0 ? 600 : 250))
			o->parameters[n++] = parameters[i];
	unsigned policy = (unsigned)(draw(op) % 6);
	o->on_failure = policy < 4    ? ON_FAILURE_HOLD
			: policy == 4 ? ON_FAILURE_STOP
				      : ON_FAILURE_GO_ON;
	o->batch_size = (int64_t)(draw(op) % 5);
	o->role_limit = chance(op, 200) ? 1 : 0;
	o->canary = chance(op, 200);
	o->few_checks = chance(op, 900);
}

static void count(struct bed *b, struct totals *t)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->tasks.n; i++) {
		enum task_state s = v->tasks.v[i].state;
		t->done += s == TASK_DONE;
		t->failed += s == TASK_FAILED;
		t->rolled_back += s == TASK_ROLLED_BACK;
		t->left_out += s == TASK_SKIPPED || s == TASK_CANCELLED || s == TASK_PENDING;
		t->commands += b->switches.box.v[v->tasks.v[i].device].commands;
	}
	t->ends[v->state]++;
	t->crashes += b->crashes;
	t->hours += (long)(b->ms / 3600000);
	t->runs++;
}

/* 0: every rule was kept. */
static int play(uint64_t seed, enum mutant mutant, bool calm, bool quiet, struct totals *t)
{
	struct bed b;
	struct operator_ op = {
	    .random = seed * 0x9e3779b97f4a7c15u + 1, .wild = !calm, .calm = calm};
	struct bed_options o = {.seed = seed, .mutant = mutant};
	for (int i = 0; i < 4; i++)
		(void)draw(&op);
	if (!calm)
		choose_options(&o, &op);
	if (bed_open(&b, &o) == 0) {
		b.ctx = &op;
		b.on_wait = whim;
		if (!calm)
			make_noise(&b, &op);
		rounds(&b, &op, t);
		if (!b.problem[0])
			watch_end(&b);
		if (!b.problem[0] && b.ms > (int64_t)HOURS_MOST * 3600000)
			bed_broken(&b, "it took %d hours", (int)(b.ms / 3600000));
		if (seed % 8 == 0 || mutant)
			same_views(&b);
		if (!b.problem[0])
			count(&b, t);
	}
	if (b.problem[0] && !quiet) {
		printf("seed=%" PRIu64 " mutant=%d: %s\n", seed, (int)mutant, b.problem);
		if (getenv("BED_EXPLAIN"))
			bed_explain(&b);
	}
	int bad = b.problem[0] != '\0';
	bed_close(&b);
	return bad;
}

static int mutants(uint64_t first)
{
	int missed = 0;
	for (int m = 1; m < MUTANTS; m++) {
		struct totals t = {0};
		uint64_t seed = first;
		while (seed < first + MUTANT_SEEDS && !play(seed, (enum mutant)m, false, true, &t))
			seed++;
		bool found = seed < first + MUTANT_SEEDS;
		printf("mutant %d: ", m);
		if (found)
			play(seed, (enum mutant)m, false, false, &t);
		else
			printf("NOT FOUND in %d seeds\n", MUTANT_SEEDS);
		missed += !found;
	}
	return missed;
}

static void report(const struct totals *t, double seconds)
{
	printf("%ld jobs in %.1f s (%.0f/s): %ld switches upgraded, %ld failed, %ld rolled back, "
	       "%ld left out;\n%ld crashes, %ld questions, %ld commands, %ld virtual hours; jobs:",
	       t->runs, seconds, seconds > 0 ? (double)t->runs / seconds : 0, t->done, t->failed,
	       t->rolled_back, t->left_out, t->crashes, t->questions, t->commands, t->hours);
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		if (t->ends[i])
			printf(" %ld %s", t->ends[i], job_state_name((enum job_state)i));
	printf("\n");
}

static double seconds_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1;
	const char *many = getenv("SEEDS");
	long seeds = many ? atol(many) : 200;
	int mutant = 0, bad = 0;
	bool calm = false, all_mutants = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--calm") == 0)
			calm = true;
		else if (strcmp(argv[i], "--mutants") == 0)
			all_mutants = true;
		else if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
			seeds = atol(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--mutant") == 0)
			mutant = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[++i], NULL, 10), seeds = 1;
		else
			return fprintf(stderr, "seeds: what is %s?\n", argv[i]), 2;
	}
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0); /* kept files come and go by the thousand */
	if (all_mutants || argc == 1)
		bad = mutants(seed);
	if (all_mutants)
		return bad ? 1 : 0;
	struct totals t = {0};
	double start = seconds_now();
	for (long i = 0; i < seeds && bad < 10; i++, seed++)
		bad += play(seed, (enum mutant)mutant, calm, false, &t);
	report(&t, seconds_now() - start);
	return bad ? 1 : 0;
}
