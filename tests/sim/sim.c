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

static void plan_crash(uint64_t *random)
{
	if (next(random) % 3)
		sim_crash_at((int)(1 + next(random) % 600), next(random) % 2);
}

/* What an operator does when the job waits: answers, retries, goes on, gives up. */
static bool operate(struct sim *s, uint64_t *random, struct totals *t)
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
		bool unsure = strstr(q->choices, "wait") != NULL;
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
	if (sim_open(&s, o) == 0) {
		for (int round = 0; round < OPERATOR_ROUNDS && !s.problem[0]; round++) {
			if (faults)
				plan_crash(&random);
			/* after a while the world heals: then everything has to come to an end */
			if (round == OPERATOR_ROUNDS / 2)
				s.o.faults = (struct labway_faults){0};
			enum runner_end end = sim_run(&s);
			if (end == RUNNER_FINAL || end == RUNNER_BROKEN)
				break;
			if (!operate(&s, &random, t))
				sim_broken(&s, "the operator can do nothing");
		}
		if (!s.problem[0])
			sim_check_end(&s);
		if (!s.problem[0])
			count(&s, t);
	}
	if (s.problem[0])
		printf("seed %llu: %s\n", (unsigned long long)o->seed, s.problem);
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
		o.faults = (struct labway_faults){level * 20, level * 10, level * 10, level * 10};
		bad += play(&o, faults, &t);
	}
	printf("%ld jobs, %ld devices upgraded, %ld failed, %ld left out; %ld crashes, %ld "
	       "questions, %ld operator decisions; %.0f virtual hours\n",
	       t.runs, t.upgraded, t.failed, t.cancelled, t.crashes, t.questions, t.retries,
	       (double)t.virtual_ms / 3.6e6);
	free(text);
	return bad ? 1 : 0;
}
