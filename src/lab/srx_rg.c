/* SPDX-License-Identifier: ISC */
/* Redundancy groups: who is primary, who may be, and what the box says of it. */
#include "config.h"

#include "lab/srx.h"

#include <stdlib.h>
#include <string.h>

/* Lab milliseconds. RG0 waits long before a node that was primary may be it again. */
enum { HOLD_MS = 30000, RG0_HOLD_MS = 300000, RGX_HOLD_MS = 1000, PREEMPT_MS = 5000 };
enum { SYNC_MS = 120000, INELIGIBLE_MS = 180000 };

const char *const rg_state_names[] = {"lost",    "hold",       "secondary", "secondary-hold",
				      "primary", "ineligible", "disabled"};

static bool up(const struct cluster *c, int n)
{
	return device_up(c->node[n]);
}

/* --- what the box says ------------------------------------------------------------------------ */
bool cluster_synced(const struct cluster *c, int n)
{
	if (c->stuck[n])
		return false;
	if (!up(c, !n))
		return true; /* nobody to be in step with */
	bool same = str_eq(c->node[0]->version, c->node[1]->version);
	return c->lab->now >= c->sync_at[n] && (same || c->window[n]);
}

/* The fault of a node, for all its groups or for the one that it names. */
static bool of_group(const struct cluster *c, int g, int n, const char *name)
{
	struct fault *f = fault_get(c->node[n], name, false);
	return f && fault_on(c->node[n], name) && (!f->arg || atoi(f->arg) == g);
}

const char *rg_monitors(const struct cluster *c, int g, int n)
{
	if (g > 0 && !cluster_synced(c, n))
		return "CS";
	if (g > 0 && fault_on(c->node[n], "fabric-link-down"))
		return "FL";
	return of_group(c, g, n, "rg-priority-zero") ? "IF" : "None";
}

/* Since when the nodes do not hear each other; -1: they do. */
static int64_t control_cut(const struct cluster *c)
{
	for (int n = 0; n < 2; n++)
		if (fault_on(c->node[n], "control-link-down"))
			return fault_get(c->node[n], "control-link-down", false)->armed_at;
	return -1;
}

enum rg_state rg_shown(const struct cluster *c, int g, int n)
{
	if (!up(c, n))
		return RG_LOST;
	if (of_group(c, g, n, "node-disabled"))
		return RG_DISABLED;
	if (of_group(c, g, n, "rg-ineligible"))
		return RG_INELIGIBLE;
	if (c->rg[g].state[n] != RG_PRIMARY && up(c, !n) && control_cut(c) >= 0)
		return c->lab->now - control_cut(c) < INELIGIBLE_MS ? RG_INELIGIBLE : RG_DISABLED;
	return c->rg[g].state[n];
}

int rg_priority(const struct cluster *c, int g, int n)
{
	if (rg_shown(c, g, n) == RG_LOST || strcmp(rg_monitors(c, g, n), "None") != 0)
		return 0;
	return c->rg[g].manual == n ? 255 : c->rg[g].priority[n];
}

int cluster_primary(const struct cluster *c, int g)
{
	for (int n = 0; n < 2; n++)
		if (c->rg[g].exists && c->rg[g].state[n] == RG_PRIMARY && up(c, n))
			return n;
	return -1;
}

bool cluster_forwards(const struct device *dev)
{
	for (int g = 1; g < SRX_RGS; g++)
		if (dev->cluster->rg[g].exists &&
		    dev->cluster->rg[g].state[dev->node] == RG_PRIMARY)
			return service_active(dev, SERVICE_SWITCHD);
	return false;
}

/* --- changes ---------------------------------------------------------------------------------- */
static void enter(struct cluster *c, int g, int n, enum rg_state to, const char *reason)
{
	struct rg *rg = &c->rg[g];
	if (rg->n_history[n] == SRX_HISTORY) {
		memmove(rg->history[n], rg->history[n] + 1,
			(SRX_HISTORY - 1) * sizeof(rg->history[n][0]));
		rg->n_history[n]--;
	}
	rg->history[n][rg->n_history[n]++] =
	    (struct rg_change){c->lab->now, rg->state[n], to, reason};
	rg->state[n] = to;
	rg->until[n] = -1;
	c->lab->dirty = true;
}

/* What it knows of the sessions of its peer is of use only after a sync. */
static bool has_sessions(const struct cluster *c, int n)
{
	bool same = str_eq(c->node[0]->version, c->node[1]->version);
	return !c->in_band && !c->stuck[n] && c->lab->now >= c->sync_at[n] &&
	       (same || c->window[n]);
}

void rg_move(struct cluster *c, int g, int to, const char *reason)
{
	struct rg *rg = &c->rg[g];
	int from = !to;
	bool known = up(c, from);
	if (g > 0 && !has_sessions(c, to))
		sessions_begin(c, c->lab->now);
	lab_log(c->lab, c->node[to], "failover", "%s redundancy-group %d to node%d: %s", c->name, g,
		to, reason);
	enter(c, g, from, known ? RG_SECONDARY_HOLD : RG_LOST, reason);
	if (known)
		rg->until[from] = c->lab->now + (g ? RGX_HOLD_MS : RG0_HOLD_MS);
	enter(c, g, to, RG_PRIMARY, reason);
	rg->failovers++;
	rg->preempt_at = -1;
}

void rg_join(struct cluster *c, int n, bool at_once)
{
	c->sync_at[n] = at_once ? 0 : c->node[n]->services[SERVICE_SWITCHD].since + SYNC_MS;
	c->stuck[n] = !at_once && fault_fire(c->node[n], "cold-sync-stuck");
	for (int g = 0; g < SRX_RGS; g++) {
		struct rg *rg = &c->rg[g];
		int best = rg->priority[1] > rg->priority[0];
		if (at_once) {
			rg->state[n] = n == best ? RG_PRIMARY : RG_SECONDARY;
			rg->failovers = 1;
			continue;
		}
		enter(c, g, n, RG_HOLD, "Node came up");
		rg->until[n] = c->lab->now + HOLD_MS;
		if (rg->manual == n)
			rg->manual = -1; /* it forgets with its memory */
	}
}

static bool may_be(const struct cluster *c, int g, int n)
{
	enum rg_state s = rg_shown(c, g, n);
	return s == RG_PRIMARY || s == RG_SECONDARY || s == RG_SECONDARY_HOLD;
}

/* The hold after a boot is over. */
static void decide(struct cluster *c, int g, int n)
{
	struct rg *rg = &c->rg[g];
	enum rg_state peer = rg->state[!n];
	int better = rg->priority[!n] - rg->priority[n];
	if (peer == RG_PRIMARY || (peer == RG_HOLD && (better > 0 || (better == 0 && n == 1))))
		enter(c, g, n, RG_SECONDARY, "Hold timer expired");
	else
		enter(c, g, n, RG_PRIMARY,
		      peer == RG_LOST ? "Only node present" : "Better priority");
}

static bool wants_back(struct cluster *c, int g, int n)
{
	struct rg *rg = &c->rg[g];
	if (g == 0 || rg->manual >= 0 || c->window[0] || c->window[1] || !may_be(c, g, n))
		return false;
	int mine = rg_priority(c, g, n), theirs = rg_priority(c, g, !n);
	return mine > theirs && (rg->preempt || theirs == 0);
}

static void step(struct cluster *c, int g, int n)
{
	struct rg *rg = &c->rg[g];
	int64_t now = c->lab->now;
	bool due = rg->until[n] >= 0 && rg->until[n] <= now;
	if (!up(c, n)) {
		if (rg->state[n] != RG_LOST)
			enter(c, g, n, RG_LOST, "Node is gone");
	} else if (rg->state[n] == RG_HOLD && due) {
		decide(c, g, n);
	} else if (rg->state[n] == RG_SECONDARY_HOLD && due) {
		enter(c, g, n, RG_SECONDARY, "Ready to become secondary");
	}
	bool second = rg->state[n] == RG_SECONDARY || rg->state[n] == RG_SECONDARY_HOLD;
	if (second && rg->state[!n] == RG_LOST) {
		rg_move(c, g, n, "Remote node is lost");
	} else if (second && rg->state[!n] == RG_PRIMARY) {
		if (!wants_back(c, g, n))
			rg->preempt_at = -1;
		else if (rg->preempt_at < 0)
			rg->preempt_at = now + PREEMPT_MS;
		else if (rg->preempt_at <= now)
			rg_move(c, g, n, "Preempt");
	}
}

void cluster_update(struct cluster *c)
{
	for (int g = 0; g < SRX_RGS; g++) {
		for (int i = 0; c->rg[g].exists && i < 4; i++) /* each may change the other */
			step(c, g, i & 1);
		if (c->rg[g].preempt_at <= c->lab->now)
			c->rg[g].preempt_at = -1;
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return b < 0 ? a : a < 0 || b < a ? b : a;
}

int64_t cluster_next(const struct cluster *c)
{
	int64_t next = -1;
	for (int n = 0; n < 2; n++)
		if (up(c, n) && c->sync_at[n] > c->lab->now)
			next = sooner(next, c->sync_at[n]);
	for (int g = 0; g < SRX_RGS; g++) {
		const struct rg *rg = &c->rg[g];
		if (!rg->exists)
			continue;
		next = sooner(next, rg->preempt_at);
		for (int n = 0; n < 2; n++)
			if (up(c, n))
				next = sooner(next, rg->until[n]);
	}
	return next;
}
