/* SPDX-License-Identifier: ISC */
/*
 * crash: the `small` fabric is upgraded once for every journal write, and at that write the program
 * ends: right after the record became durable, and right before. A new one goes on from the journal.
 * Every time: all six switches end on the new version with one reboot each, no step is skipped, and
 * the journal holds one outcome for every step that an undisturbed run has.
 *
 *   crash [--from N] [--to N] [--every K]
 */
#include "config.h"

#include "tests/sim/world.h"

#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *procedure_text(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/cumulus-linux.json", top ? top : ".");
	struct str text = {0};
	struct err e = {0};
	if (path_read(path, (size_t)4 << 20, &text, &e) != 0) {
		fprintf(stderr, "crash: %s\n", e.text);
		exit(99);
	}
	free(path);
	return str_take(&text);
}

/* Steps done per device in the upgrade pass, in order, each once: "gate claim ...". */
static char *steps_done(const struct task_view *t)
{
	struct str out = {0};
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (s->pass == PASS_UPGRADE && s->result &&
		    (strcmp(s->result, "done") == 0 || strcmp(s->result, "skipped") == 0))
			str_printf(&out, "%s ", s->step);
	}
	return str_take(&out);
}

static void compare_with(struct sim *s, char **expected)
{
	const struct jobview *v = runner_view(s->runner);
	if (v->state != JOB_DONE)
		sim_broken(s, "the job ended as %s: %s", job_state_name(v->state),
		           v->reason ? v->reason : "");
	for (size_t i = 0; i < v->tasks.n; i++) {
		char *done = steps_done(&v->tasks.v[i]);
		const char *name = jobview_device(v, v->tasks.v[i].device);
		if (s->reboots[v->tasks.v[i].device] != 1)
			sim_broken(s, "%s rebooted %d times", name,
			           s->reboots[v->tasks.v[i].device]);
		if (expected[i] && strcmp(expected[i], done) != 0)
			sim_broken(s, "%s did other steps:\n  %s\ninstead of\n  %s", name, done,
			           expected[i]);
		if (expected[i])
			free(done);
		else
			expected[i] = done;
	}
}

/* One upgrade that ends at write n (0: never). Gives the number of writes, -1 on a broken rule. */
static int play(const char *procedure, int n, bool before, char **expected)
{
	struct sim_options o = {.fabric = "small",
	                        .seed = 7,
	                        .procedure = procedure,
	                        .from = "4.1.1",
	                        .to = "4.2.0",
	                        .parameters = {"snapshots=no"}};
	struct sim s;
	int writes = -1;
	if (sim_open(&s, &o) == 0) {
		sim_crash_at(n, before);
		if (sim_run(&s) == RUNNER_WAITS && sim_command(&s, "start", NULL, NULL) == 0)
			(void)sim_run(&s);
		writes = sim_appends();
		if (!s.problem[0] && s.runner)
			sim_check_end(&s);
		if (!s.problem[0] && s.runner)
			compare_with(&s, expected);
	}
	if (s.problem[0]) {
		printf("ended %s write %d: %s\n", before ? "before" : "after", n, s.problem);
		sim_explain(&s);
		writes = -1;
	}
	sim_close(&s);
	return writes;
}

int main(int argc, char **argv)
{
	char *procedure = procedure_text(), *expected[SIM_DEVICES] = {0};
	int from = 1, every = 1, to = play(procedure, 0, false, expected), bad = 0, played = 0;
	int writes = to;
	for (int i = 1; i + 1 < argc; i += 2) {
		int value = atoi(argv[i + 1]);
		from = strcmp(argv[i], "--from") == 0 ? value : from;
		to = strcmp(argv[i], "--to") == 0 ? value : to;
		every = strcmp(argv[i], "--every") == 0 ? value : every;
	}
	for (int n = from; n <= to && bad < 3; n += every)
		for (int before = 0; before < 2; before++, played++)
			bad += play(procedure, n, before != 0, expected) < 0;
	printf("%d journal writes in an undisturbed upgrade; ended and resumed %d times, %d bad\n",
	       writes, played, bad);
	for (int i = 0; i < SIM_DEVICES; i++)
		free(expected[i]);
	free(procedure);
	return bad || writes < 0 ? 1 : 0;
}
