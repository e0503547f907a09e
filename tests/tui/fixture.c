/* SPDX-License-Identifier: ISC */
/*
 * fixture DIR [cloud]: a state directory as people have it after some days, for tests of the screens: the
 * reference fabric in the inventory, images, a credential, and a job in every state there is, each
 * one played by the real runner over the lab's model. The same to the byte in every run, but for the
 * name of the directory itself. "cloud": another desk, with jobs that go component by component.
 */
#include "config.h"

#include "tests/sim/world.h"

#include "base/path.h"
#include "run/desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define NOW    INT64_C(1795226640000) /* 2026-11-21 02:04:00 UTC, as tests/tui/drive has it */
#define ROUNDS 20
#define COPY_MS 180000
#define IMAGE_BYTES 400000

struct story { /* one job */
	bool cloud;    /* of the other desk */
	const char *name, *from, *to;
	int64_t minutes;          /* before now it begins */
	const char *devices;      /* NULL: all */
	const char *roleless;     /* these have no role in the job; NULL: every one has its own */
	const char *before[5];    /* faults that are there at the pre-checks */
	const char *ready[5];     /* faults that come later */
	bool start;
	const char *retry;        /* this device once, when it has failed */
	bool go_on;               /* until the job is over */
	size_t until;             /* so many are done and one copies: its process is killed; 0: not */
};

static const struct story stories[] = {
    {.name = "done",
     .from = "4.0.1",
     .to = "4.1.1",
     .minutes = 3120,
     .ready = {"leaf01:routes-fewer=3", "leaf01:lldp-lost=swp51",
	       "leaf03:service-missing=ntp@mgmt@post-install"},
     .start = true,
     .go_on = true},
    {.name = "mixed",
     .from = "4.1.1",
     .to = "4.2.0",
     .minutes = 1560,
     .ready = {"spine01:upload-cut=40%x5", "leaf02:install-failsx9", "border01:boots-old-image"},
     .start = true,
     .retry = "spine01",
     .go_on = true},
    {.name = "holed", /* the devices are done, and nobody can say that all is as before */
     .from = "4.1.1",
     .to = "4.2.0",
     .minutes = 600,
     .devices = "leaf03",
     .ready = {"leaf03:fails=bridge fdb@post-install"},
     .start = true,
     .go_on = true},
    {.name = "refused",
     .from = "4.1.1",
     .to = "4.2.0",
     .minutes = 300,
     .before = {"leaf02:disk-full", "leaf04:mlag-backup-ip", "spine02:sudo-password",
		"fw1:service-missing=ntp"}},
    {.name = "ready", .from = "4.1.1", .to = "4.2.0", .minutes = 200},
    {.name = "roleless", .from = "4.1.1", .to = "4.2.0", .minutes = 195, .roleless = "*"},
    {.name = "partly", .from = "4.1.1", .to = "4.2.0", .minutes = 190, .roleless = "spine*,fw*"},
    {.name = "held",
     .from = "4.1.1",
     .to = "4.2.0",
     .minutes = 90,
     .devices = "spine04,leaf04,fw1",
     .ready = {"leaf04:hangs=getentx9"},
     .start = true},
    {.name = "running",
     .from = "4.1.1",
     .to = "4.2.0",
     .minutes = 15,
     .devices = "spine01,spine02,spine03,leaf01,leaf02,border*,fw2",
     .start = true,
     .until = 1},
};

static const struct story cloud_stories[] = {
    {.cloud = true,
     .name = "asked",
     .from = "2.1.0",
     .to = "2.1.1",
     .minutes = 40,
     .start = true},
};

struct play {
	const struct story *story;
	bool killed;
};

static int take_roles(struct inventory *inv, const char *devices, struct err *e)
{
	size_t *list = NULL, n = 0;
	if (inventory_select(inv, devices, &list, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		free(inv->devices.v[list[i]].role);
		inv->devices.v[list[i]].role = NULL;
	}
	free(list);
	return 0;
}

static int choose(struct sim *s, struct job *j, struct err *e)
{
	const struct play *p = s->o.ctx;
	size_t *list = NULL, n = 0;
	if (p->story->roleless && take_roles(j->inventory, p->story->roleless, e) != 0)
		return -1;
	if (!p->story->devices)
		return 0;
	if (inventory_select(j->inventory, p->story->devices, &list, &n, e) != 0)
		return -1;
	j->devices.n = 0;
	for (size_t i = 0; i < n; i++)
		VEC_PUSH(&j->devices, list[i]);
	free(list);
	return 0;
}

static bool half_copied(const struct task_view *t)
{
	return t->state == TASK_RUNNING && t->intended && t->total > 0 && t->done * 2 > t->total &&
	       t->done < t->total;
}

/* The process ends in the middle: some are done, an image is on its way to another one. */
static void kill_in_the_middle(struct sim *s)
{
	struct play *p = s->o.ctx;
	const struct jobview *v = s->runner ? runner_view(s->runner) : NULL;
	size_t counts[TASK_STATE_COUNT];
	bool copies = false;
	if (!p->story->until || p->killed || !v)
		return;
	jobview_counts(v, counts);
	for (size_t i = 0; i < v->tasks.n; i++)
		copies |= half_copied(&v->tasks.v[i]);
	if (counts[TASK_DONE] < p->story->until || !copies)
		return;
	p->killed = true;
	sim_crash_at(1, false);
}

/* --- what is on the desk ---------------------------------------------------------------------- */

static int write_desk(struct sim *s, struct err *e)
{
	const struct play *p = s->o.ctx;
	const struct credential given = {.name = (char *)"default",
					 .user = (char *)(p->story->cloud ? "ubuntu" : "cumulus"),
					 .method = CREDENTIAL_AGENT,
					 .added = NOW - 4000 * MINUTE};
	struct credentials list = {0};
	struct credential c = {0};
	struct inventory *inv = runner_view(s->runner)->job->inventory;
	if (!p->story->cloud)
		inventory_role_by_rules(inv, inventory_find(inv, "fw2")); /* there is none */
	int rc = desk_inventory_save(s->store, inv, e);
	credential_copy(&c, &given);
	if (rc == 0)
		rc = credentials_add(&list, &c, e);
	if (rc == 0)
		rc = desk_credentials_save(s->store, &list, e);
	if (rc == 0 && !p->story->cloud)
		rc = store_set_default(s->store, "cumulus-linux", "4.2.0", e);
	credential_release(&c);
	credentials_release(&list);
	return rc;
}

/* --- jobs ------------------------------------------------------------------------------------- */

static bool failed(const struct jobview *v, const char *device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].state == TASK_FAILED &&
		    strcmp(jobview_device(v, v->tasks.v[i].device), device) == 0)
			return true;
	return false;
}

static void go_on(struct sim *s, const struct story *story)
{
	bool retried = false;
	for (int i = 0; i < ROUNDS && !s->problem[0]; i++) {
		const struct jobview *v = runner_view(s->runner);
		if (job_state_final(v->state))
			return;
		bool again = story->retry && !retried && failed(v, story->retry);
		retried |= again;
		(void)sim_command(s, again ? "retry" : "resume", again ? story->retry : NULL, NULL);
		(void)sim_run(s);
	}
	sim_broken(s, "it never came to an end");
}

static void tell(struct sim *s)
{
	const struct jobview *v = runner_view(s->runner);
	printf("%s: %s", s->o.name, job_state_name(v->state));
	for (size_t i = 0; i < v->tasks.n; i++)
		printf(" %s=%s", jobview_device(v, v->tasks.v[i].device),
		       task_state_name(v->tasks.v[i].state));
	printf("\n");
}

static void add_faults(struct sim *s, const char *const *list)
{
	struct err e = {0};
	for (size_t i = 0; list[i] && !s->problem[0]; i++)
		if (lab_fault_add(s->lab, list[i], &e) != 0)
			sim_broken(s, "%s", e.text);
}

static void act(struct sim *s, struct play *p)
{
	struct err e = {0};
	(void)sim_run(s);
	bool first = p->story == stories || p->story == cloud_stories;
	if (!s->problem[0] && first && write_desk(s, &e) != 0)
		sim_broken(s, "%s", e.text);
	if (s->problem[0] || !p->story->start)
		return;
	add_faults(s, p->story->ready);
	(void)sim_command(s, "start", NULL, NULL);
	(void)(p->story->until ? runner_run(s->runner, &e) : sim_run(s));
	if (p->story->until && !p->killed)
		sim_broken(s, "it was not killed in the middle: %s", e.text);
	if (!s->problem[0] && p->story->go_on)
		go_on(s, p->story);
}

static int tell_story(const struct story *story, const char *dir, const char *procedure)
{
	struct play p = {.story = story};
	struct sim_options o = {.fabric = story->cloud ? "microcloud" : "reference",
				.platform = story->cloud ? "microcloud" : NULL,
				.no_image = story->cloud,
				.no_old_image = story->cloud,
				.seed = 5,
				.procedure = procedure,
				.from = story->from,
				.to = story->to,
				.name = story->name,
				.operator = "anna",
				.lab_faults = story->before,
				.state_dir = dir,
				.wall = NOW - story->minutes * MINUTE,
				.copy_ms = COPY_MS,
				.image_bytes = IMAGE_BYTES,
				.prepare = choose,
				.waits = kill_in_the_middle,
				.ctx = &p};
	struct sim s;
	if (sim_open(&s, &o) == 0)
		act(&s, &p);
	if (s.problem[0])
		fprintf(stderr, "fixture: %s: %s\n", story->name, s.problem);
	if (getenv("SIM_EXPLAIN"))
		sim_explain(&s);
	if (s.runner)
		tell(&s);
	int rc = s.problem[0] ? -1 : 0;
	sim_close(&s);
	return rc;
}

int main(int argc, char **argv)
{
	struct str procedure = {0};
	struct err e = {0};
	const char *top = getenv("top_srcdir");
	bool cloud = argc == 3 && strcmp(argv[2], "cloud") == 0;
	char *path = xasprintf("%s/src/procedures/%s.json", top ? top : TOP_SRCDIR,
			       cloud ? "microcloud" : "cumulus-linux");
	int rc = argc == 2 || cloud ? path_read(path, (size_t)4 << 20, &procedure, &e) : -1;
	if (rc != 0)
		fprintf(stderr, "fixture: %s\n", argc >= 2 ? e.text : "which directory?");
	for (size_t i = 0; i < (cloud ? LEN(cloud_stories) : LEN(stories)) && rc == 0; i++)
		rc = tell_story(cloud ? &cloud_stories[i] : &stories[i], argv[1],
				str_text(&procedure));
	str_release(&procedure);
	free(path);
	return rc == 0 ? 0 : 1;
}
