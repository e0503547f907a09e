/* SPDX-License-Identifier: ISC */
/*
 * fixture DIR [DESK]: a state directory as people have it after some days, for tests of the screens: the
 * reference fabric in the inventory, images, a credential, and a job in every state there is, each
 * one played by the real runner over the lab's model. The same to the byte in every run, but for the
 * name of the directory itself. Another DESK: "cloud", with jobs that go component by component;
 * "cluster", with firewalls in pairs; "clos", with a fabric that is drained device by device.
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

struct story;

struct desk { /* what is upgraded there, and how */
	const char *name, *procedure, *user;
	const char *fabric, *platform;
	bool cloud;          /* there are no images */
	bool reboots_itself; /* the devices among themselves */
	const struct story *stories;
	size_t n;
};

struct story { /* one job */
	const char *name, *from, *to;
	int64_t minutes;          /* before now it begins */
	const char *devices;      /* NULL: all */
	const char *roleless;     /* these have no role in the job; NULL: every one has its own */
	const char *before[5];    /* faults that are there at the pre-checks */
	const char *ready[5];     /* faults that come later */
	bool start;
	const char *retry;        /* this device once, when it has failed */
	const char *back;         /* this one goes back when all is over */
	bool go_on;               /* until the job is over */
	const char *parameter;    /* "name=value" */
	size_t until;             /* so many are done and one copies: its process is killed; 0: not */
	const char *at;           /* or somebody is in this state */
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
    {.name = "asked",
     .from = "2.1.0",
     .to = "2.1.1",
     .minutes = 40,
     .start = true},
};

static const struct story cluster_stories[] = {
    {.name = "fwplan", .from = "22.4R3-S2.11", .to = "23.4R2-S3.9", .minutes = 900},
    {.name = "fwstuck", /* a secondary that never gets in step: two versions */
     .from = "22.4R3-S2.11",
     .to = "23.4R2-S3.9",
     .minutes = 500,
     .devices = "fw1*",
     .ready = {"fw1-node1:cold-sync-stuck"},
     .start = true},
    {.name = "fwback",
     .from = "22.4R3-S2.11",
     .to = "23.4R2-S3.9",
     .minutes = 300,
     .devices = "fw2*",
     .ready = {"fw2-node0:issu-failover-fails"},
     .start = true,
     .back = "fw2-node0"},
    {.name = "fwlive",
     .from = "22.4R3-S2.11",
     .to = "23.4R2-S3.9",
     .minutes = 60,
     .start = true,
     .at = "peer syncs"},
};

static const struct story clos_stories[] = {
    {.name = "dcplan", .from = "21.4R3-S5.4", .to = "23.4R2-S3.9", .minutes = 900},
    {.name = "dcill",
     .from = "21.4R3-S5.4",
     .to = "23.4R2-S3.9",
     .minutes = 600,
     .before = {"leaf3:cpu-busy=59", "leaf4:lacp-down=ae2"}},
    {.name = "dcforced",
     .from = "21.4R3-S5.4",
     .to = "23.4R2-S3.9",
     .minutes = 500,
     .before = {"leaf3:cpu-busy=59"},
     .parameter = "health-abort=no"},
    {.name = "dclive",
     .from = "21.4R3-S5.4",
     .to = "23.4R2-S3.9",
     .minutes = 60,
     .start = true,
     .at = "Maintenance Mode Activated"},
};

static const struct desk desks[] = {
    {"switches", "cumulus-linux", "cumulus", "reference", NULL, false, false, stories, LEN(stories)},
    {"cloud", "microcloud", "ubuntu", "microcloud", "microcloud", true, false, cloud_stories,
     LEN(cloud_stories)},
    {"cluster", "junos-issu", "admin", "srx-pairs", "srx1500", false, true, cluster_stories,
     LEN(cluster_stories)},
    {"clos", "junos-hitless", "admin", "junos-clos", "qfx", false, false, clos_stories,
     LEN(clos_stories)},
};

struct play {
	const struct desk *desk;
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
	if ((!p->story->until && !p->story->at) || p->killed || !v)
		return;
	jobview_counts(v, counts);
	for (size_t i = 0; i < v->tasks.n; i++)
		copies |= p->story->at ? str_eq(v->tasks.v[i].word, p->story->at)
				       : half_copied(&v->tasks.v[i]);
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
					 .user = (char *)p->desk->user,
					 .method = CREDENTIAL_AGENT,
					 .added = NOW - 4000 * MINUTE};
	struct credentials list = {0};
	struct credential c = {0};
	struct inventory *inv = runner_view(s->runner)->job->inventory;
	bool switches = p->desk == desks;
	if (switches)
		inventory_role_by_rules(inv, inventory_find(inv, "fw2")); /* there is none */
	int rc = desk_inventory_save(s->store, inv, e);
	credential_copy(&c, &given);
	if (rc == 0)
		rc = credentials_add(&list, &c, e);
	if (rc == 0)
		rc = desk_credentials_save(s->store, &list, e);
	if (rc == 0 && switches)
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
	bool first = p->story == p->desk->stories;
	if (!s->problem[0] && first && write_desk(s, &e) != 0)
		sim_broken(s, "%s", e.text);
	if (s->problem[0] || !p->story->start)
		return;
	add_faults(s, p->story->ready);
	(void)sim_command(s, "start", NULL, NULL);
	bool killed = p->story->until || p->story->at;
	(void)(killed ? runner_run(s->runner, &e) : sim_run(s));
	if (killed && !p->killed)
		sim_broken(s, "it was not killed in the middle: %s", e.text);
	if (!s->problem[0] && p->story->go_on)
		go_on(s, p->story);
	if (!s->problem[0] && p->story->back) {
		(void)sim_command(s, "rollback", p->story->back, NULL);
		(void)sim_run(s);
	}
}

static int tell_story(const struct desk *desk, const struct story *story, const char *dir,
		      const char *procedure)
{
	struct play p = {.desk = desk, .story = story};
	struct sim_options o = {.fabric = desk->fabric,
				.platform = desk->platform,
				.no_image = desk->cloud,
				.no_old_image = desk->cloud,
				.reboots_itself = desk->reboots_itself,
				.parameters = {story->parameter},
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

static const struct desk *desk_named(const char *name)
{
	for (size_t i = 0; i < LEN(desks); i++)
		if (strcmp(desks[i].name, name) == 0)
			return &desks[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct str procedure = {0};
	struct err e = {0};
	const char *top = getenv("top_srcdir");
	const struct desk *desk = argc > 2 ? desk_named(argv[2]) : desks;
	if (argc < 2 || argc > 3 || !desk) {
		fprintf(stderr, "fixture: which directory, and which desk?\n");
		return 1;
	}
	char *path =
	    xasprintf("%s/src/procedures/%s.json", top ? top : TOP_SRCDIR, desk->procedure);
	int rc = path_read(path, (size_t)4 << 20, &procedure, &e);
	if (rc != 0)
		fprintf(stderr, "fixture: %s\n", e.text);
	for (size_t i = 0; i < desk->n && rc == 0; i++)
		rc = tell_story(desk, &desk->stories[i], argv[1], str_text(&procedure));
	str_release(&procedure);
	free(path);
	return rc == 0 ? 0 : 1;
}
