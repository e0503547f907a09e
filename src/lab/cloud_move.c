/* SPDX-License-Identifier: ISC */
/* Instances of a MicroCloud: where they run, and how they leave a member and come back. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/show.h"

#include <stdlib.h>
#include <string.h>

enum { LIVE_MS = 9000, COLD_MS = 14000 };

static struct instance *instance_find(struct cloud *c, const char *name)
{
	for (size_t i = 0; i < c->instances.n; i++)
		if (str_eq(c->instances.v[i].name, name))
			return &c->instances.v[i];
	return NULL;
}

int lxd_exec(struct sh *sh, const char *name, int n, const char *const *words)
{
	const struct instance *in = instance_find(sh->dev->member->cloud, name);
	if (!in)
		return say(sh, 1, "Error: Instance not found");
	if (!in->running)
		return say(sh, 1, "Error: Instance is not running");
	if (n == 2 && str_eq(words[0], "cat") &&
	    str_eq(words[1], "/proc/sys/kernel/random/boot_id"))
		blob_printf(sh->out, "%08llx-5d1c-4b6e-9a70-%012llx\n",
			    (unsigned long long)(in->boot >> 32),
			    (unsigned long long)(in->boot & 0xffffffffffULL));
	else if (!(n == 1 && str_eq(words[0], "true")))
		return say(sh, 127, "Error: Command not found");
	return 0;
}

/* --- moving ------------------------------------------------------------------------------- */
static bool confirmed(struct sh *sh, const char *verb, const char *name, bool skip)
{
	struct str line = {0};
	char c;
	if (skip)
		return true;
	blob_printf(sh->out,
		    "Are you sure you want to %s cluster member \"%s\"? (yes/no) [default=no]: ",
		    verb, name);
	while (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &c, 1)) {
		sh->in->at++;
		if (c == '\n')
			break;
		str_putc(&line, c);
	}
	bool yes = str_eq(str_text(&line), "yes") || str_eq(str_text(&line), "y");
	str_release(&line);
	blob_puts(sh->out, "\n");
	return yes || say(sh, 0, "Error: User aborted operation");
}

/* Where it goes: the member with the fewest instances that takes some; -1. */
static int target(const struct cloud *c, int from)
{
	int best = -1;
	size_t least = (size_t)-1;
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		size_t n = 0;
		if ((int)i == from || m->evacuated || m->evacuating || !member_runs(m, SNAP_LXD))
			continue;
		for (size_t k = 0; k < c->instances.n; k++)
			n += c->instances.v[k].at == (int)i;
		if (n < least) {
			least = n;
			best = (int)i;
		}
	}
	return best;
}

/* A virtual machine that is prepared for it goes on running; another instance is stopped on the
 * way. */
static bool move_one(struct sh *sh, size_t which, int to, bool stop_only)
{
	struct cloud *c = sh->dev->member->cloud;
	struct instance *in = &c->instances.v[which];
	bool live = in->live && !stop_only;
	const char *where = c->members.v[to]->dev->name;
	if (!live && in->running)
		lab_log(sh->lab, NULL, "instance-down", "%s", in->name);
	in->running = live && in->running;
	in->moving = true;
	bool there = proc_sleep(sh->proc, live ? LIVE_MS : COLD_MS);
	in = &c->instances.v[which];
	in->moving = false;
	if (!there)
		return false;
	if (stop_only)
		return true;
	in->at = to;
	in->running = true;
	if (!live)
		in->boot++;
	lab_log(sh->lab, NULL, live ? "instance-migrated" : "instance-up", "%s on %s", in->name,
		where);
	return true;
}

/* Why it cannot be moved away now: new; NULL: it can. With live-migrate nothing is ever stopped. */
static char *refuse_move(struct member *m, const struct instance *in, bool live_only, bool last)
{
	if (live_only && in->running && !in->live)
		return xasprintf(
		    "Failed to migrate instance \"%s\" in project \"default\": %s", in->name,
		    in->vm ? "Stateful start requires migration.stateful to be set to true"
			   : "Live migration is supported for virtual machines only");
	if (last && fault_fire(m->dev, "evacuate-fails"))
		return xasprintf("Failed to migrate instance \"%s\" in project \"default\": "
				 "Migration failed",
				 in->name);
	return NULL;
}

/* NULL: all are gone from it. Otherwise why not, new: those before it have gone. */
static char *move_away(struct sh *sh, struct member *m, bool stop_only, bool live_only)
{
	struct cloud *c = m->cloud;
	size_t left = 0;
	char *why;
	for (size_t i = 0; i < c->instances.n; i++)
		left += c->instances.v[i].at == m->number;
	for (size_t i = 0; i < c->instances.n; i++) {
		if (c->instances.v[i].at != m->number)
			continue;
		if ((why = refuse_move(m, &c->instances.v[i], live_only, --left == 0)))
			return why;
		if (stop_only && !c->instances.v[i].running)
			continue;
		int to = stop_only ? m->number : target(c, m->number);
		if (to < 0)
			return xasprintf("Failed to find a target member for instance \"%s\"",
					 c->instances.v[i].name);
		if (c->instances.v[i].origin < 0 && !stop_only)
			c->instances.v[i].origin = m->number;
		if (!move_one(sh, i, to, stop_only))
			return xstrdup("Operation was cancelled");
	}
	return NULL;
}

static char *move_back(struct sh *sh, struct member *m, bool skip)
{
	struct cloud *c = m->cloud;
	if (fault_fire(m->dev, "restore-fails")) {
		m->evacuated = true;
		return xstrdup("Cannot create volume, already exists on migration target storage");
	}
	for (size_t i = 0; i < c->instances.n && !skip; i++) {
		const struct instance *in = &c->instances.v[i];
		bool stopped = in->home == m->number && in->at == m->number && !in->running;
		if ((in->origin == m->number || stopped) && !move_one(sh, i, m->number, false))
			return xstrdup("Operation was cancelled");
		if (c->instances.v[i].origin == m->number)
			c->instances.v[i].origin = -1;
	}
	return NULL;
}

int lxd_move(struct sh *sh, const char *name, const char *where)
{
	struct instance *in = instance_find(sh->dev->member->cloud, name);
	struct member *to = lxd_member(sh->dev->member->cloud, where);
	if (!in || !to)
		return say(sh, 1, "Error: %s not found", in ? "Cluster member" : "Instance");
	if (in->running && !in->live)
		return say(sh, 1, "Error: Instance must be stopped to be moved statelessly");
	if (!lxd_may_change(sh))
		return 1;
	return move_one(sh, (size_t)(in - sh->dev->member->cloud->instances.v), to->number, false)
		   ? 0
		   : 137;
}

void lxd_all_live(struct member *m, bool are)
{
	for (size_t i = 0; i < m->cloud->instances.n; i++) {
		struct instance *in = &m->cloud->instances.v[i];
		if (in->home == m->number && in->name[0] == 'w') /* the others are from the start */
			in->vm = in->live = are;
	}
}

/* An operation of the daemon, not of the client that has asked for it: it goes on without one.
 * lxd-operation evacuate|restore [ACTION], on the member itself. */
static int run_operation(struct sh *sh, int argc, char **argv)
{
	struct member *m = sh->dev->member;
	const char *action = argc > 2 ? argv[2] : "";
	bool away = argc > 1 && str_eq(argv[1], "evacuate");
	char *why = away ? move_away(sh, m, str_eq(action, "stop"), str_eq(action, "live-migrate"))
			 : move_back(sh, m, str_eq(action, "skip"));
	if (away)
		m->evacuated = !why;
	m->evacuating = m->restoring = false;
	free(m->move_error);
	m->move_error = why;
	lab_log(sh->lab, m->dev, away ? "evacuate-end" : "restore-end", "%s %s", m->dev->name,
		why ? why : "done");
	return why != NULL;
}

/* Start it and wait for it, as a client does. */
static int operate(struct sh *sh, struct member *m, const char *what, const char *action)
{
	char why[160], *line = xasprintf("lxd-operation %s %s", what, action ? action : "");
	struct ast *tree = ast_parse(line, why);
	struct sh there = *sh;
	there.dev = m->dev;
	m->evacuating = str_eq(what, "evacuate");
	m->restoring = !m->evacuating;
	proc_resume(proc_background(&there, tree));
	ast_free(tree);
	free(line);
	while (m->evacuating || m->restoring)
		if (!proc_sleep(sh->proc, 500))
			return 137;
	return m->move_error
		   ? say(sh, 1, "Error: Failed updating cluster member state: %s", m->move_error)
		   : 0;
}

const struct command lxd_operations_commands[] = {
    {.name = "lxd-operation", .run = run_operation, .path = "/snap/lxd/current/bin"},
    {0},
};

void lxd_evacuated(struct member *m)
{
	struct cloud *c = m->cloud;
	m->evacuated = true;
	for (size_t i = 0; i < c->instances.n; i++) {
		int to = c->instances.v[i].at == m->number ? target(c, m->number) : -1;
		if (to < 0)
			continue;
		c->instances.v[i].at = to;
		c->instances.v[i].origin = m->number;
	}
}

static int refuse_evacuate(struct sh *sh, const struct member *m, bool force)
{
	const struct cloud *c = m->cloud;
	size_t up = 0;
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *other = c->members.v[i];
		if (other->evacuating)
			return say(sh, 1,
				   "Error: Cannot evacuate \"%s\" while another cluster member "
				   "evacuation is in progress",
				   m->dev->name);
		if (i < cloud_voters(c))
			up += other != m && !other->evacuated && member_runs(other, SNAP_LXD);
	}
	if (m->evacuated)
		return say(sh, 1, "Error: Cluster member is already evacuated");
	if (!member_runs(m, SNAP_LXD))
		return say(sh, 1, "Error: Cannot evacuate offline cluster member");
	if (lxd_is_6(m) && !force && up <= cloud_voters(c) / 2)
		return say(sh, 1, "Error: Insufficient online voters to maintain quorum");
	return 0;
}

int lxd_evacuate(struct sh *sh, const char *name, const char *action, bool force, bool yes)
{
	struct member *m = lxd_member(sh->dev->member->cloud, name);
	if (!m)
		return say(sh, 1, "Error: Cluster member \"%s\" not found", name);
	if (!confirmed(sh, "evacuate", name, lxd_is_6(m) ? yes : force))
		return 1;
	if (!lxd_may_change(sh) || refuse_evacuate(sh, m, force))
		return 1;
	lab_log(sh->lab, m->dev, "evacuate-begin", "%s", name);
	if (action)
		lab_log(sh->lab, m->dev, "evacuate-action", "%s", action);
	judge_moves(m);
	blob_printf(sh->out, "Evacuating cluster member: %s\n", name);
	return operate(sh, m, "evacuate", action);
}

int lxd_restore(struct sh *sh, const char *name, const char *action, bool force, bool yes)
{
	struct member *m = lxd_member(sh->dev->member->cloud, name);
	if (!m)
		return say(sh, 1, "Error: Cluster member \"%s\" not found", name);
	(void)yes;
	if (!confirmed(sh, "restore", name, force))
		return 1;
	if (!lxd_may_change(sh))
		return 1;
	if (!m->evacuated)
		return say(sh, 1, "Error: Cluster member not evacuated");
	lab_log(sh->lab, m->dev, "restore-begin", "%s", name);
	judge_moves(m);
	m->evacuated = false;
	return operate(sh, m, "restore", action);
}

/* --- healing ------------------------------------------------------------------------------ */
/* A member that only seems to be gone goes on running them: then there are two. */
static void heal(struct cloud *c, struct member *m)
{
	for (size_t i = 0; i < c->instances.n; i++) {
		struct instance *in = &c->instances.v[i];
		int to = in->at == m->number ? target(c, m->number) : -1;
		if (to < 0)
			continue;
		if (m->dev->phase == PHASE_UP && in->running)
			lab_log(m->dev->lab, m->dev, "violation", "instance-doubled %s", in->name);
		lab_log(m->dev->lab, c->members.v[to]->dev, "healed", "%s", in->name);
		in->at = to;
		in->running = true;
		in->lost = false;
		in->boot++;
	}
}

void lxd_heal(struct cloud *c)
{
	for (size_t i = 0; i < c->members.n; i++) {
		struct member *m = c->members.v[i];
		int64_t now = m->dev->lab->now;
		if (member_runs(m, SNAP_LXD))
			m->lxd_gone_since = -1;
		else if (m->lxd_gone_since < 0)
			m->lxd_gone_since = now;
		if (m->lxd_gone_since >= 0 && c->healing && cloud_quorum(c, SNAP_LXD) &&
		    now >= m->lxd_gone_since + c->healing * INT64_C(1000))
			heal(c, m);
	}
}

int64_t lxd_heals(const struct cloud *c)
{
	int64_t next = -1;
	for (size_t i = 0; c->healing && i < c->members.n; i++) {
		int64_t since = c->members.v[i]->lxd_gone_since;
		int64_t at = since < 0 ? -1 : since + c->healing * INT64_C(1000);
		if (at > c->members.v[i]->dev->lab->now && (next < 0 || at < next))
			next = at;
	}
	return next;
}
