/* SPDX-License-Identifier: ISC */
/* snap: what is installed, what the store has, and what snapd is doing. */
#include "config.h"

#include "lab/snap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_MS = 86400000 };

const char *snap_time(int64_t ms, char *text, size_t size)
{
	time_t t = (time_t)(1604000000 + ms / 1000);
	struct tm tm;
	text[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

/* As people say it: "today at 20:15 UTC". */
static const char *spoken(int64_t ms, int64_t now, char *text, size_t size)
{
	time_t t = (time_t)(1604000000 + ms / 1000);
	long long days = (1604000000 + now / 1000) / 86400 - (long long)t / 86400;
	struct tm tm;
	char hour[16] = "";
	if (gmtime_r(&t, &tm))
		(void)strftime(hour, sizeof(hour), "%H:%M UTC", &tm);
	if (days < 1)
		(void)snprintf(text, size, "today at %s", hour);
	else if (days == 1)
		(void)snprintf(text, size, "yesterday at %s", hour);
	else
		(void)snprintf(text, size, "%lld days ago, at %s", days, hour);
	return text;
}

static const char *when(int64_t ms, int64_t now, bool absolute, char *text, size_t size)
{
	if (ms < 0)
		return "-";
	return absolute ? snap_time(ms, text, size) : spoken(ms, now, text, size);
}

/* --- list --------------------------------------------------------------------------------- */
static bool is_held(const struct snap *s, int64_t now)
{
	return s->held && (s->hold_until < 0 || s->hold_until > now);
}

static void list_row(struct lab_table *t, const struct sh *sh, int id, bool old)
{
	const struct snap *s = &sh->dev->member->snaps[id];
	const struct snap_rev *rev = old ? s->old : s->rev;
	bool held = is_held(s, sh->lab->now);
	lab_table_add(t, "%s", snap_names[id]);
	lab_table_add(t, "%s", rev->version);
	lab_table_add(t, "%d", rev->rev);
	lab_table_add(t, "%s", s->tracking);
	lab_table_add(t, "canonical✓");
	lab_table_add(t, "%s%s", old ? "disabled," : "",
		      s->cohort && held ? "in-cohort,held"
		      : s->cohort       ? "in-cohort"
		      : held            ? "held"
					: "-");
}

static void base_row(struct lab_table *t, const char *name, const char *version, const char *rev,
		     const char *notes)
{
	lab_table_add(t, "%s", name);
	lab_table_add(t, "%s", version);
	lab_table_add(t, "%s", rev);
	lab_table_add(t, "latest/stable");
	lab_table_add(t, "canonical✓");
	lab_table_add(t, "%s", notes);
}

static bool wanted(int argc, char **argv, const char *name)
{
	bool any = false;
	for (int i = 2; i < argc; i++) {
		any |= argv[i][0] != '-';
		if (str_eq(argv[i], name))
			return true;
	}
	return !any;
}

int snap_list(struct sh *sh, int argc, char **argv)
{
	static const char *const head[] = {"Name",     "Version",   "Rev",
					   "Tracking", "Publisher", "Notes"};
	static const int sorted[] = {SNAP_LXD, SNAP_CEPH, SNAP_CLOUD, SNAP_OVN};
	struct lab_table t = {.columns = LEN(head)};
	bool all = false;
	for (int i = 2; i < argc; i++)
		all |= str_eq(argv[i], "--all");
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	if (wanted(argc, argv, "core24"))
		base_row(&t, "core24", "20250526", "1006", "base");
	for (size_t i = 0; i < LEN(sorted); i++) {
		const struct snap *s = &sh->dev->member->snaps[sorted[i]];
		if (!wanted(argc, argv, snap_names[sorted[i]]))
			continue;
		if (all && s->old)
			list_row(&t, sh, sorted[i], true);
		list_row(&t, sh, sorted[i], false);
	}
	if (wanted(argc, argv, "snapd"))
		base_row(&t, "snapd", "2.70", "24792", "snapd");
	if (t.cells.n == t.columns) {
		struct blob *nowhere = blob_new();
		lab_table_print(&t, TABLE_TABS, nowhere);
		blob_unref(nowhere);
		return say(sh, 1, "error: no matching snaps installed");
	}
	lab_table_print(&t, TABLE_TABS, sh->out);
	return 0;
}

int snap_list_updates(struct sh *sh)
{
	struct member *m = sh->dev->member;
	static const char *const head[] = {"Name", "Version", "Rev", "Size", "Publisher", "Notes"};
	struct lab_table t = {.columns = LEN(head)};
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (int i = 0; i < SNAPS; i++) {
		const struct snap *s = &m->snaps[i];
		const struct snap_rev *to =
		    store_offers(m, (enum snap_id)i, s->tracking, s->cohort);
		if (!to || to == s->rev)
			continue;
		lab_table_add(&t, "%s", snap_names[i]);
		lab_table_add(&t, "%s", to->version);
		lab_table_add(&t, "%d", to->rev);
		lab_table_add(&t, "%dMB", to->megabytes);
		lab_table_add(&t, "canonical✓");
		lab_table_add(&t, "%s", s->held ? "held" : "-");
	}
	if (t.cells.n == t.columns)
		blob_puts(sh->err, "All snaps up to date.\n");
	struct blob *to = t.cells.n > t.columns ? blob_ref(sh->out) : blob_new();
	lab_table_print(&t, TABLE_TABS, to);
	blob_unref(to);
	return 0;
}

/* --- info --------------------------------------------------------------------------------- */
static const struct {
	const char *summary, *commands, *services, *id;
} about[SNAPS] = {
    {"Simple clustered Ceph deployment", "  - microceph.ceph\n  - microceph\n",
     "  microceph.daemon: simple, enabled, active\n  microceph.mon: simple, enabled, active\n"
     "  microceph.osd: simple, enabled, active\n",
     "pZZkKWlBVDaXQlrGHyQkWXdSxQCpd7ko"},
    {"Simple clustered OVN deployment", "  - microovn\n  - microovn.ovn-appctl\n",
     "  microovn.daemon: simple, enabled, active\n  microovn.chassis: simple, enabled, active\n",
     "yOQNNXyqhbIoRCOZWZSjtqbTWKzyYsdu"},
    {"LXD - container and VM manager", "  - lxc\n  - lxd\n",
     "  lxd.daemon: simple, enabled, active\n", "J60k4JY0HppjwOjW8dZdYc8obXKxujRu"},
    {"Easy cloud setup", "  - microcloud\n", "  microcloud.daemon: simple, enabled, active\n",
     "2n6ZRoSmAXoBGWzFLUEpJpnAMdyDDAwD"},
};

static void info_channels(struct sh *sh, enum snap_id id)
{
	struct member *m = sh->dev->member;
	const char *channel;
	blob_puts(sh->out, "channels:\n");
	for (size_t i = 0; (channel = store_channel(id, i)); i++) {
		const struct snap_rev *rev = store_offers(m, id, channel, m->snaps[id].cohort);
		char *label = xasprintf("%s:", channel);
		int track = (int)strcspn(channel, "/");
		blob_printf(sh->out, "  %-18s%s %s (%d) %dMB -\n", label, rev->version, rev->date,
			    rev->rev, rev->megabytes);
		blob_printf(sh->out, "  %.*s/candidate: ↑\n  %.*s/beta: ↑\n  %.*s/edge: ↑\n", track,
			    channel, track, channel, track, channel);
		free(label);
	}
}

int snap_info(struct sh *sh, int argc, char **argv)
{
	int id = argc > 2 ? snap_find(argv[argc - 1]) : -1;
	char text[48];
	if (id < 0)
		return say(sh, 1, "error: no snap found for \"%s\"",
			   argc > 2 ? argv[argc - 1] : "");
	bool store = !fault_on(sh->dev, "store-unreachable");
	if (!proc_sleep(sh->proc, store ? 900 : 20000))
		return 137;
	const struct snap *s = &sh->dev->member->snaps[id];
	blob_printf(
	    sh->out,
	    "name:      %s\nsummary:   %s\npublisher: Canonical✓\nstore-url: "
	    "https://snapcraft.io/%s\nlicense:   AGPL-3.0\ndescription: |\n  %s.\ncommands:\n%s"
	    "services:\n%ssnap-id:      %s\ntracking:     %s\nrefresh-date: %s\n",
	    snap_names[id], about[id].summary, snap_names[id], about[id].summary,
	    about[id].commands, about[id].services, about[id].id, s->tracking,
	    spoken(s->refreshed, sh->lab->now, text, sizeof(text)));
	if (is_held(s, sh->lab->now))
		blob_printf(sh->out, "hold:         %s\n",
			    s->hold_until < 0 ? "forever"
					      : snap_time(s->hold_until, text, sizeof(text)));
	if (store)
		info_channels(sh, (enum snap_id)id);
	blob_printf(sh->out, "installed:          %s (%d) %dMB %s\n", s->rev->version, s->rev->rev,
		    s->rev->megabytes, s->held ? "held" : "-");
	if (!store)
		(void)say(sh, 0, "WARNING: unable to contact snap store");
	return 0;
}

/* --- changes ------------------------------------------------------------------------------ */
struct change *snap_change_of(struct sh *sh, const char *number)
{
	const struct member *m = sh->dev->member;
	bool digits = *number && !number[strspn(number, "0123456789")];
	if (str_starts(number, "--last=") && m->changes.n) { /* --last=refresh */
		for (size_t i = m->changes.n; i--;)
			if (str_starts(m->changes.v[i]->kind, number + 7) ||
			    str_starts(m->changes.v[i]->kind, "auto-"))
				return m->changes.v[i];
		return NULL;
	}
	return digits ? snapd_change(m, atoi(number)) : NULL;
}

static bool option(int argc, char **argv, const char *name)
{
	for (int i = 2; i < argc; i++)
		if (str_eq(argv[i], name))
			return true;
	return false;
}

static const char *operand(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (argv[i][0] != '-' || str_starts(argv[i], "--last="))
			return argv[i];
	return "";
}

/* snap changes [SNAP] */
int snap_changes(struct sh *sh, int argc, char **argv)
{
	const struct member *m = sh->dev->member;
	static const char *const head[] = {"ID", "Status", "Spawn", "Ready", "Summary"};
	struct lab_table t = {.columns = LEN(head)};
	const char *of = operand(argc, argv);
	bool absolute = option(argc, argv, "--abs-time");
	char a[48], b[48];
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < m->changes.n; i++) {
		const struct change *c = m->changes.v[i];
		if (*of && !str_eq(of, snap_names[c->snap]))
			continue;
		lab_table_add(&t, "%d", c->id);
		lab_table_add(&t, "%s", snapd_status(c));
		lab_table_add(&t, "%s", when(c->spawn, sh->lab->now, absolute, a, sizeof(a)));
		lab_table_add(&t, "%s", when(c->ready, sh->lab->now, absolute, b, sizeof(b)));
		lab_table_add(&t, "%s", c->summary);
	}
	if (t.cells.n == t.columns) {
		for (size_t i = 0; i < t.cells.n; i++)
			free(t.cells.v[i]);
		VEC_RELEASE(&t.cells);
		return say(sh, *of ? 1 : 0,
			   *of ? "error: no changes found for \"%s\"" : "error: no changes%s",
			   *of ? of : " found");
	}
	lab_table_print(&t, TABLE_TABS, sh->out);
	blob_puts(sh->out, "\n");
	return 0;
}

static void task_row(struct lab_table *t, const struct sh *sh, const struct change *c,
		     const struct task *task, bool absolute)
{
	char a[48], b[48], *summary = snap_task_summary(c, task);
	int64_t span = task->until - task->began, now = sh->lab->now;
	lab_table_add(t, "%s", snap_task_state(task->state));
	lab_table_add(t, "%s", when(task->spawn, now, absolute, a, sizeof(a)));
	lab_table_add(t, "%s", when(task->ready, now, absolute, b, sizeof(b)));
	if (task->state == TASK_DOING && str_starts(summary, "Download") && span > 0 &&
	    now < task->until)
		lab_table_add(t, "%s (%.2f%%)", summary,
			      (double)(now - task->began) * 100 / (double)span);
	else
		lab_table_add(t, "%s", summary);
	free(summary);
}

/* snap tasks ID */
int snap_tasks(struct sh *sh, int argc, char **argv)
{
	static const char *const head[] = {"Status", "Spawn", "Ready", "Summary"};
	struct lab_table t = {.columns = LEN(head)};
	const char *id = operand(argc, argv);
	const struct change *c = snap_change_of(sh, id);
	bool absolute = option(argc, argv, "--abs-time");
	char text[48];
	if (!c)
		return say(sh, 1, "error: cannot find change with id \"%s\"", id);
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < c->tasks.n; i++)
		task_row(&t, sh, c, &c->tasks.v[i], absolute);
	lab_table_print(&t, TABLE_TABS, sh->out);
	for (size_t i = 0; i < c->tasks.n; i++) {
		const struct task *task = &c->tasks.v[i];
		if (!task->log)
			continue;
		char *summary = snap_task_summary(c, task);
		blob_printf(sh->out,
			    "\n...................................................................."
			    "..\n%s\n\n"
			    "%s %s\n",
			    summary, snap_time(task->ready, text, sizeof(text)), task->log);
		free(summary);
	}
	blob_puts(sh->out, "\n");
	return 0;
}

/* --- services, version -------------------------------------------------------------------- */
int snap_services(struct sh *sh, int argc, char **argv)
{
	static const char *const daemons[][4] = {{"daemon", "mon", "mgr", "osd"},
						 {"daemon", "chassis", "switch", NULL},
						 {"daemon", NULL},
						 {"daemon", NULL}};
	static const char *const head[] = {"Service", "Startup", "Current", "Notes"};
	struct lab_table t = {.columns = LEN(head)};
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (int s = 0; s < SNAPS; s++) {
		const struct snap *snap = &sh->dev->member->snaps[s];
		if (!wanted(argc, argv, snap_names[s]))
			continue;
		for (size_t k = 0; k < 4 && daemons[s][k]; k++) {
			lab_table_add(&t, "%s.%s", snap_names[s], daemons[s][k]);
			lab_table_add(&t, "enabled");
			lab_table_add(&t, snap->started && !snap->failed ? "active" : "inactive");
			lab_table_add(&t, "-");
		}
	}
	lab_table_print(&t, TABLE_TABS, sh->out);
	return 0;
}

int snap_version(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_printf(sh->out, "snap    2.70\nsnapd   2.70\nseries  16\nubuntu  24.04\nkernel  %s\n",
		    sh->dev->release->kernel);
	return 0;
}
