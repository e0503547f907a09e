/* SPDX-License-Identifier: ISC */
/*
 * sim: whole upgrades, thousands of times, under a virtual clock, with faults of the line and crashes
 * of the program at any moment, and the hard rules of the engine checked at every step. The seed
 * alone decides everything: `sim --seed N` plays it again, SIM_TRACE=1 shows what the lab saw.
 *
 *   sim [--fabric reference] [--seed N] [--seeds COUNT] [--no-faults]
 */
#include "config.h"

#include "tests/sim/world.h"

#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERATOR_ROUNDS 40

struct totals {
	long runs, crashes, questions, retries, upgraded, failed, cancelled;
	int64_t virtual_ms;
};

static uint64_t next(uint64_t *random)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return *random >> 33;
}

static uint64_t crash_random;

/* After a crash the next one is already on its way, until there were enough of them. */
static void plan_crash(int crashes)
{
	if (crashes < 12 && next(&crash_random) % 4)
		sim_crash_at((int)(1 + next(&crash_random) % 400), next(&crash_random) % 2);
	else
		sim_crash_at(0, false);
}

/* Something may be wrong with the devices, too. */
static const char *const troubles[] = {
    "install-fails",      "boots-old-image",     "never-returns",      "ztp-fails",
    "drops-during=tar",   "drops-before=tar",    "drops-during=onie",  "upload-cut=50%",
    "hangs=clagctl",      "bgp-stays-down",      "garbage",            "service-missing=ntp",
    "backup-file-missing", "cut-at-connect",     "drops-during=reboot", "drops-before=reboot",
    "install-hangs",      "no-drain",            "slow=3",             "mlag-stays-down",
};

struct trouble {
	char text[4][64];
	const char *list[5];
};

static void find_trouble(struct trouble *x, uint64_t *random)
{
	static const char *const devices[] = {"spine01", "spine02", "leaf01",   "leaf02",
	                                      "leaf03",  "leaf04",  "border01", "fw1"};
	size_t n = next(random) % 2 ? next(random) % 4 : 0;
	memset(x, 0, sizeof(*x));
	for (size_t i = 0; i < n; i++) {
		snprintf(x->text[i], sizeof(x->text[i]), "%s:%s", devices[next(random) % 8],
		         troubles[next(random) % LEN(troubles)]);
		x->list[i] = x->text[i];
	}
}

/* What an operator does when the job waits: answers, retries, goes on, gives up. */
static bool operate(struct sim *s, uint64_t *random, struct totals *t, int round)
{
	const struct jobview *v = runner_view(s->runner);
	if (v->state == JOB_READY)
		return sim_command(s, "start", NULL, NULL) == 0;
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		const struct task_view *task = jobview_task((struct jobview *)v, q->device);
		char id[24];
		if (q->answer || !task || task->state != TASK_HELD)
			continue;
		snprintf(id, sizeof(id), "%lld", (long long)q->id);
		t->questions++;
		bool unsure = strstr(q->choices, "wait") != NULL && round < OPERATOR_ROUNDS / 4;
		return sim_command(s, "answer", id, unsure ? "wait" : "fail") == 0;
	}
	if (v->state == JOB_REFUSED)
		return sim_command(s, "recheck", NULL, NULL) == 0;
	t->retries++;
	switch (next(random) % 8) {
	case 0:
		return sim_command(s, "cancel", NULL, NULL) == 0;
	case 1:
	case 2:
		return sim_command(s, "resume", NULL, NULL) == 0;
	default:
		return sim_command(s, "retry", NULL, NULL) == 0;
	}
}

static void count(struct sim *s, struct totals *t)
{
	const struct jobview *v = runner_view(s->runner);
	for (size_t i = 0; i < v->tasks.n; i++) {
		enum task_state state = v->tasks.v[i].state;
		t->upgraded += state == TASK_DONE;
		t->failed += state == TASK_FAILED || state == TASK_ROLLED_BACK;
		t->cancelled += state == TASK_CANCELLED || state == TASK_SKIPPED;
	}
	t->crashes += s->crashes;
	t->virtual_ms += s->clock.ms;
	t->runs++;
}

static int play(const struct sim_options *o, bool faults, struct totals *t)
{
	struct sim s;
	uint64_t random = o->seed ^ 0x9e3779b97f4a7c15u;
	crash_random = o->seed * 31 + 7;
	if (sim_open(&s, o) == 0) {
		s.after_crash = faults ? plan_crash : NULL;
		for (int round = 0; round < OPERATOR_ROUNDS && !s.problem[0]; round++) {
			if (faults)
				plan_crash(s.crashes);
			/* after a while the world heals: then everything has to come to an end */
			if (round == OPERATOR_ROUNDS / 2)
				s.o.faults = (struct labway_faults){0};
			enum runner_end end = sim_run(&s);
			if (end == RUNNER_FINAL || end == RUNNER_BROKEN)
				break;
			if (runner_view(s.runner)->state == JOB_REFUSED && round > 4)
				break; /* the pre-checks hold it up: as they should */
			if (!operate(&s, &random, t, round))
				sim_broken(&s, "the operator can do nothing");
		}
		if (!s.problem[0])
			sim_check_end(&s);
		if (!s.problem[0])
			count(&s, t);
	}
	if (s.problem[0])
		printf("seed %llu: %s\n", (unsigned long long)o->seed, s.problem);
	if (s.problem[0] || getenv("SIM_EXPLAIN"))
		sim_explain(&s);
	int bad = s.problem[0] != 0;
	sim_close(&s);
	return bad;
}

static char *procedure_text(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/cumulus-linux.json", top ? top : ".");
	struct str text = {0};
	struct err e = {0};
	if (path_read(path, (size_t)4 << 20, &text, &e) != 0) {
		fprintf(stderr, "sim: %s\n", e.text);
		exit(99);
	}
	free(path);
	return str_take(&text);
}

int main(int argc, char **argv)
{
	struct sim_options o = {.fabric = "reference", .seed = 1, .from = "4.1.1", .to = "4.2.0"};
	long seeds = 1;
	bool faults = true;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--no-faults") == 0)
			faults = false;
		else if (i + 1 < argc && strcmp(argv[i], "--fabric") == 0)
			o.fabric = argv[++i];
		else if (i + 1 < argc && strcmp(argv[i], "--size") == 0)
			o.size = atoi(argv[++i]);
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			o.seed = strtoull(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
			seeds = atol(argv[++i]);
		else
			return fprintf(stderr, "sim: what is %s?\n", argv[i]), 2;
	}
	char *text = procedure_text();
	struct totals t = {0};
	int bad = 0;
	o.procedure = text;
	for (long i = 0; i < seeds && bad < 5; i++, o.seed++) {
		uint64_t random = o.seed * 0x2545f4914f6cdd1du;
		int level = faults ? (int)(next(&random) % 4) : 0;
		struct trouble trouble = {0};
		o.faults = (struct labway_faults){level * 20, level * 10, level * 10, level * 10};
		if (faults && strcmp(o.fabric, "reference") == 0)
			find_trouble(&trouble, &random);
		o.lab_faults = trouble.list;
		bad += play(&o, faults, &t);
		if (getenv("SIM_EXPLAIN"))
			for (int k = 0; trouble.list[k]; k++)
				fprintf(stderr, "  with %s\n", trouble.list[k]);
	}
	printf("%ld jobs, %ld devices upgraded, %ld failed, %ld left out; %ld crashes, %ld "
	       "questions, %ld operator decisions; %.0f virtual hours\n",
	       t.runs, t.upgraded, t.failed, t.cancelled, t.crashes, t.questions, t.retries,
	       (double)t.virtual_ms / 3.6e6);
	free(text);
	return bad ? 1 : 0;
}
