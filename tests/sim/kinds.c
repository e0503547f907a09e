/* SPDX-License-Identifier: ISC */
/*
 * kinds: images are staged and, some days later, activated, verified and taken back, as jobs of
 * their own over the same simulated switches, with faults of the line and crashes of the program.
 * Whatever happens: a job that only stages or verifies sends nothing that disturbs, and one that
 * activates copies no new image. The seed alone decides everything.
 *
 *   kinds [--seed N] [--seeds COUNT]
 */
#include "config.h"

#include "tests/sim/world.h"

#include "base/path.h"
#include "run/before.h"
#include "run/create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 40
#define OLD    "4.1.1"
#define NEW    "4.2.0"
#define IMAGE  "/var/tmp/cumulus-linux-" NEW "-vx-amd64.bin"

static uint64_t next(uint64_t *random)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return *random >> 33;
}

static uint64_t crash_random;

static void plan_crash(int crashes)
{
	if (crashes < 6 && next(&crash_random) % 3)
		sim_crash_at((int)(1 + next(&crash_random) % 250), next(&crash_random) % 2);
	else
		sim_crash_at(0, false);
}

/* --- rules ------------------------------------------------------------------------------------ */

/* Traffic is moved, an interface goes, the system is another one or starts again. */
static const char *const disturbing[] = {
    "onie-install",
    "onie-select -i",
    "ip link set",
    "clagctl priority",
    "bgp graceful-shutdown",
    "systemctl reboot",
    "sudo reboot",
    "apt-get",
    "ifreload",
    "systemctl restart",
    "-xpzf",
    "hostnamectl set",
};

struct rules {
	const char *kind;
	long disturbed, copied, rebooted;
};

static bool sends(const char *command, const char *const *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(command, marks[i]))
			return true;
	return false;
}

static void saw(struct sim *s, const char *device, const char *event, const char *detail)
{
	struct rules *r = s->o.ctx;
	bool quiet = str_eq(r->kind, "stage") || str_eq(r->kind, "verify");
	if (strcmp(event, "reboot") == 0) {
		r->rebooted++;
		if (quiet)
			sim_broken(s, "%s: %s was rebooted (%s)", r->kind, device, detail);
	}
	if (strcmp(event, "command") != 0)
		return;
	if (sends(detail, disturbing, LEN(disturbing))) {
		r->disturbed++;
		if (quiet)
			sim_broken(s, "%s: sent to %s: %.200s", r->kind, device, detail);
	}
	if (strstr(detail, "cat >>") && strstr(detail, NEW)) {
		r->copied++;
		if (!str_eq(r->kind, "stage"))
			sim_broken(s, "%s: copied to %s: %.200s", r->kind, device, detail);
	}
}

static int only_stage(struct sim *s, struct job *j, struct err *e)
{
	(void)s, (void)e;
	j->kind = xstrdup("stage");
	j->batch_size = 8;
	return 0;
}

/* --- one job ---------------------------------------------------------------------------------- */

static bool operate(struct sim *s, uint64_t *random)
{
	const struct jobview *v = runner_view(s->runner);
	if (v->state == JOB_READY)
		return sim_command(s, "start", NULL, NULL) == 0;
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		const struct task_view *t = jobview_task((struct jobview *)(uintptr_t)v, q->device);
		char id[24];
		if (q->answer || !t || t->state != TASK_HELD)
			continue;
		snprintf(id, sizeof(id), "%lld", (long long)q->id);
		return sim_command(s, "answer", id, strstr(q->choices, "wait") ? "wait" : "fail") ==
		       0;
	}
	if (v->state == JOB_REFUSED)
		return sim_command(s, "recheck", NULL, NULL) == 0;
	return sim_command(s, next(random) % 3 ? "retry" : "resume", NULL, NULL) == 0;
}

/* True: it came to an end. */
static bool play(struct sim *s, uint64_t *random, bool faults)
{
	for (int round = 0; round < ROUNDS && !s->problem[0]; round++) {
		if (faults)
			plan_crash(s->crashes);
		if (round == ROUNDS / 2)
			s->o.faults = (struct labway_faults){0};
		enum runner_end end = sim_run(s);
		if (end == RUNNER_FINAL || end == RUNNER_BROKEN)
			break;
		if (runner_view(s->runner)->state == JOB_REFUSED && round > 6)
			return false;
		if (!operate(s, random))
			sim_broken(s, "the operator can do nothing");
	}
	if (!s->problem[0] && !job_state_final(runner_view(s->runner)->state))
		sim_broken(s, "it does not end: %s", job_state_name(runner_view(s->runner)->state));
	return !s->problem[0];
}

static size_t done(const struct sim *s)
{
	size_t n[TASK_STATE_COUNT];
	jobview_counts(runner_view(s->runner), n);
	return n[TASK_DONE];
}

static void check_versions(struct sim *s, const char *version)
{
	const struct jobview *v = runner_view(s->runner);
	for (size_t i = 0; i < v->tasks.n; i++) {
		struct lab_info info;
		lab_info(s->lab, v->tasks.v[i].device, &info);
		if (v->tasks.v[i].state == TASK_DONE && strcmp(info.version, version) != 0)
			sim_broken(s, "%s is done and runs %s", info.name, info.version);
	}
}

/* Every device that is done has the whole image, and the journal knows that it is there. */
static void check_staged(struct sim *s)
{
	const struct jobview *v = runner_view(s->runner);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		struct str text = {0};
		struct err e = {0};
		int there = lab_file_get(s->lab, t->device, IMAGE, &text, &e);
		if (t->state == TASK_DONE && (there != 0 || t->open.n != 1))
			sim_broken(s, "%s is staged: file %d, %zu changes known",
				   jobview_device(v, t->device), there, t->open.n);
		if (t->state != TASK_DONE && t->open.n == 0 && there == 0)
			sim_broken(s, "%s keeps a file that nobody knows",
				   jobview_device(v, t->device));
		str_release(&text);
	}
}

/* --- one after the other ---------------------------------------------------------------------- */

static struct job *next_job(struct sim *s, const struct jobview *before, const char *name,
			    const char *kind, struct err *e)
{
	cJSON *tree = job_to_json(before->job);
	struct job *j = job_from_json(tree, "job", e);
	cJSON_Delete(tree);
	if (!j)
		return NULL;
	free(j->name);
	free(j->kind);
	j->name = xstrdup(name);
	j->kind = xstrdup(kind);
	j->devices.n = 0;
	if (before_preset(j, before, e) != 0 ||
	    before_take(j, before->procedure, before, s->job, e) != 0 ||
	    create_check(j, before->procedure, e) != 0) {
		job_free(j);
		return NULL;
	}
	return j;
}

/* The job that runs next goes on with the one that just ended. */
static bool follow(struct sim *s, struct rules *r, const char *kind)
{
	struct err e = {0};
	const struct jobview *v = runner_view(s->runner);
	sim_crash_at(0, false);
	struct job *j = next_job(s, v, kind, kind, &e);
	char *id = NULL;
	bool again;
	if (!j || create_job(s->store, j, v->procedure, NULL, &id, &again, &e) != 0)
		sim_broken(s, "%s: %s", kind, e.text);
	job_free(j);
	sim_stop(s);
	free(s->job);
	s->job = id;
	s->crashes = 0;
	*r = (struct rules){.kind = kind};
	return !s->problem[0];
}

/* Somebody changes what was staged on one of the devices: the job is refused, and says where. */
static bool drift(struct sim *s, struct rules *r, uint64_t *random, bool faults)
{
	struct err e = {0};
	size_t victim = next(random) % lab_count(s->lab);
	if (jobview_task((struct jobview *)(uintptr_t)runner_view(s->runner), victim)->state !=
	    TASK_DONE)
		return true;
	if (lab_file_put(s->lab, victim, IMAGE, "another", 7, &e) != 0)
		sim_broken(s, "%s", e.text);
	if (!follow(s, r, "activate"))
		return false;
	(void)play(s, random, faults);
	const struct jobview *v = runner_view(s->runner);
	bool named = false;
	for (size_t i = 0; i < v->checks.n; i++)
		named |= v->checks.v[i].device == victim &&
			 str_eq(v->checks.v[i].status, "failed") &&
			 str_eq(v->checks.v[i].check, "staged-image");
	if (!s->problem[0] && (v->state != JOB_REFUSED || !named || r->rebooted))
		sim_broken(s, "a changed file was not caught: %s", job_state_name(v->state));
	return !s->problem[0];
}

static bool sequence(struct sim *s, struct rules *r, uint64_t *random, bool faults)
{
	if (!play(s, random, faults))
		return false;
	check_staged(s);
	if (!s->problem[0] && r->copied == 0)
		sim_broken(s, "nothing was copied");
	if (next(random) % 4 == 0)
		return done(s) > 0 && drift(s, r, random, faults);
	if (done(s) == 0 || !follow(s, r, "activate") || !play(s, random, faults))
		return false;
	check_versions(s, NEW);
	if (done(s) == 0)
		return false;
	if (!s->problem[0] && r->rebooted == 0)
		sim_broken(s, "done, and nothing was rebooted");
	const char *kind = next(random) % 2 ? "verify" : "rollback";
	if (!follow(s, r, kind) || !play(s, random, faults))
		return false;
	check_versions(s, str_eq(kind, "verify") ? NEW : OLD);
	return !s->problem[0];
}

static char *procedure_text(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/cumulus-linux.json", top ? top : ".");
	struct str text = {0};
	struct err e = {0};
	if (path_read(path, (size_t)4 << 20, &text, &e) != 0) {
		fprintf(stderr, "kinds: %s\n", e.text);
		exit(99);
	}
	free(path);
	return str_take(&text);
}

int main(int argc, char **argv)
{
	struct rules r;
	struct sim_options o = {.fabric = "small",
				.seed = 1,
				.from = OLD,
				.to = NEW,
				.prepare = only_stage,
				.image_bytes = 20000,
				.saw = saw,
				.ctx = &r};
	long seeds = 40, whole = 0, bad = 0;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			o.seed = strtoull(argv[i + 1], NULL, 10), seeds = 1;
		else if (strcmp(argv[i], "--seeds") == 0)
			seeds = atol(argv[i + 1]);
	}
	char *text = procedure_text();
	o.procedure = text;
	for (long i = 0; i < seeds && bad < 5; i++, o.seed++) {
		struct sim s;
		uint64_t random = o.seed * 0x2545f4914f6cdd1du;
		int level = (int)(o.seed % 4); /* 1 of 4 without any fault: it must be whole */
		r = (struct rules){.kind = "stage"};
		crash_random = o.seed * 31 + 7;
		o.faults = (struct labway_faults){level * 10, level * 5, level * 5, level * 5};
		if (sim_open(&s, &o) == 0) {
			s.after_crash = level ? plan_crash : NULL;
			bool all = sequence(&s, &r, &random, level > 0);
			whole += all;
			if (!level && !all && !s.problem[0])
				sim_broken(&s, "%s: it did not come to its end without a fault",
					   r.kind);
		}
		if (s.problem[0]) {
			printf("seed %llu: %s\n", (unsigned long long)o.seed, s.problem);
			sim_explain(&s);
			bad++;
		}
		sim_close(&s);
	}
	printf("%ld sequences, %ld of them whole\n", seeds, whole);
	free(text);
	return bad || whole * 2 < seeds;
}
