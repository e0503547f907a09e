/* SPDX-License-Identifier: ISC */
/*
 * What the lab itself holds against whoever upgrades a MicroCloud: events named "violation".
 *
 *   quorum-lost, storage-inactive   nobody can write any more ("outage" with fewer than 3 members)
 *   two-members-out                 at the same time: down, evacuated, or without their daemons
 *   instance-lost, instance-doubled it ran on a member that went down, or runs in two places
 *   two-moves                       instances of two members on their way at once
 *   out-of-order                    microceph, microovn, lxd, microcloud; one done, then the next
 *   not-serial, not-healthy         a member is begun before the one before it is well again
 *   path, downgrade                 a revision that there is no way to
 *   election-timer                  OVN's databases are converted with a short one
 *   noout-left                      when another component begins, and when the lab ends
 *   evacuated-left, election-timer-left   when the lab ends
 */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>

enum { ELECTION_SAFE = 16000 };

static struct lab *lab_of(const struct cloud *c)
{
	return c->members.v[0]->dev->lab;
}

/* --- who can still write ------------------------------------------------------------------ */
/* With fewer than three voters each refresh is an outage: whoever knows that may want it. */
static const char *fault_of(const struct cloud *c)
{
	return cloud_voters(c) < 3 ? "outage" : "violation";
}

static void judge_quorum(struct cloud *c, enum snap_id s)
{
	bool is = cloud_quorum(c, s);
	if (is == c->quorum[s])
		return;
	lab_log(lab_of(c), NULL, is ? "writes-accepted" : "writes-refused",
		is ? "%s" : "%s: quorum lost", snap_names[s]);
	/* LXD is refreshed everywhere at once: there it is meant */
	if (!is && s != SNAP_LXD)
		lab_log(lab_of(c), NULL, fault_of(c), "quorum-lost %s", snap_names[s]);
	c->quorum[s] = is;
}

static void judge_storage(struct cloud *c)
{
	struct ceph_view v;
	ceph_look(c, &v);
	if (v.active != c->storage)
		lab_log(lab_of(c), NULL, v.active ? "storage-active" : fault_of(c),
			v.active ? "%zu of %zu OSDs" : "storage-inactive %zu of %zu OSDs",
			v.osds_up, v.osds);
	c->storage = v.active;
}

/* --- one member at a time ----------------------------------------------------------------- */
static bool is_out(const struct member *m)
{
	bool out = m->evacuated || m->evacuating || m->dev->phase != PHASE_UP;
	for (int s = 0; s < SNAPS; s++)
		out |= s != SNAP_LXD && !member_runs(m, (enum snap_id)s);
	return out;
}

static void judge_members(struct cloud *c)
{
	const struct member *out[2];
	size_t n = 0;
	for (size_t i = 0; i < c->members.n; i++) {
		if (is_out(c->members.v[i]) && n < 2)
			out[n++] = c->members.v[i];
	}
	if (n == 2 && !c->many_out)
		lab_log(lab_of(c), NULL, "violation", "two-members-out %s %s", out[0]->dev->name,
			out[1]->dev->name);
	c->many_out = n == 2;
}

/* What runs on a member that goes down is lost until LXD starts it again there. */
static void judge_instances(struct cloud *c)
{
	for (size_t i = 0; i < c->instances.n; i++) {
		struct instance *in = &c->instances.v[i];
		const struct member *m = c->members.v[in->at];
		if (m->dev->phase != PHASE_UP && in->running) {
			in->running = false;
			in->lost = true;
			lab_log(lab_of(c), m->dev, "violation", "instance-lost %s", in->name);
		} else if (in->lost && member_runs(m, SNAP_LXD)) {
			in->running = true;
			in->lost = false;
			in->boot++;
			lab_log(lab_of(c), m->dev, "instance-up", "%s", in->name);
		}
	}
}

void judge_state(struct cloud *c)
{
	for (int s = 0; s < SNAPS; s++)
		judge_quorum(c, (enum snap_id)s);
	judge_storage(c);
	judge_members(c);
	judge_instances(c);
}

/* --- the order ---------------------------------------------------------------------------- */
static bool mixed(const struct cloud *c, enum snap_id s)
{
	for (size_t i = 1; i < c->members.n; i++)
		if (c->members.v[i]->snaps[s].rev != c->members.v[0]->snaps[s].rev)
			return true;
	return false;
}

static void violated(struct member *m, const char *what, const char *snap, const char *why,
		     const char *other)
{
	lab_log(m->dev->lab, m->dev, "violation", "%s %s: %s %s", what, snap, why, other);
}

/* microceph, microovn, lxd, microcloud; one is finished everywhere before the next begins. A second
 * time round is another upgrade. */
static void judge_order(struct member *m, enum snap_id snap)
{
	struct cloud *c = m->cloud;
	bool later = false;
	for (int s = 0; s < SNAPS; s++) {
		if (s != (int)snap && mixed(c, (enum snap_id)s))
			violated(m, "out-of-order", snap_names[snap], "members differ in",
				 snap_names[s]);
		later |= s > (int)snap && c->begun[s];
	}
	if (later && !c->begun[snap])
		violated(m, "out-of-order", snap_names[snap], "a later one was", "begun");
	for (int s = 0; later && s < SNAPS; s++)
		c->begun[s] = false;
	c->begun[snap] = true;
}

/* One member after the other, each when the one before it is well again. LXD: all at once. */
static void judge_turn(struct member *m, enum snap_id snap)
{
	const struct cloud *c = m->cloud;
	struct ceph_view v;
	ceph_look(c, &v);
	if (snap != SNAP_LXD && ceph_osd_up(m) && !v.clean)
		violated(m, "not-healthy", snap_names[snap], "the storage is", "degraded");
	for (size_t i = 0; i < c->members.n && snap != SNAP_LXD; i++) {
		const struct member *other = c->members.v[i];
		if (other == m)
			continue;
		if (snapd_busy(other, snap))
			violated(m, "not-serial", snap_names[snap], "in progress on",
				 other->dev->name);
		else if (!member_runs(other, snap))
			violated(m, "not-healthy", snap_names[snap], "it does not run on",
				 other->dev->name);
	}
}

/* Ceph takes two releases in one step, OVN the next track; nothing goes back. */
static void judge_path(struct member *m, enum snap_id snap, const struct snap_rev *to)
{
	const struct snap_rev *from = m->snaps[snap].rev;
	int step = atoi(to->software) - atoi(from->software);
	bool leaps = (snap == SNAP_CEPH && step > 2) || (snap == SNAP_OVN && step > 2);
	if (leaps)
		violated(m, "path", snap_names[snap], "no way to", to->version);
	if (to->schema < from->schema)
		violated(m, "downgrade", snap_names[snap], "to", to->version);
}

void judge_refresh(struct member *m, enum snap_id snap, const struct snap_rev *to)
{
	struct cloud *c = m->cloud;
	judge_path(m, snap, to);
	judge_order(m, snap);
	judge_turn(m, snap);
	if (c->noout && snap != SNAP_CEPH)
		violated(m, "noout-left", snap_names[snap], "noout is still", "set");
}

/* What is restored while another one is evacuated forgets where it belongs. */
void judge_moves(struct member *m)
{
	const struct cloud *c = m->cloud;
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *other = c->members.v[i];
		if (other != m && (other->restoring || other->evacuating))
			violated(m, "two-moves", m->dev->name, "instances move already of",
				 other->dev->name);
	}
}

/* It takes long, and the leader hears nothing meanwhile: with a short timer there is an election.
 */
void judge_conversion(struct cloud *c)
{
	for (int db = 0; db < DBS; db++)
		if (c->election[db] < ELECTION_SAFE)
			lab_log(lab_of(c), NULL, "violation", "election-timer %s %d",
				db == DB_NB ? "OVN_Northbound" : "OVN_Southbound", c->election[db]);
}

void judge_end(struct cloud *c)
{
	for (int db = 0; db < DBS; db++)
		if (c->election[db] != c->election_first[db])
			lab_log(lab_of(c), NULL, "violation", "election-timer-left %s %d",
				db == DB_NB ? "OVN_Northbound" : "OVN_Southbound", c->election[db]);
	if (c->noout)
		lab_log(lab_of(c), NULL, "violation", "noout-left cluster");
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		if (m->evacuated)
			lab_log(lab_of(c), m->dev, "violation", "evacuated-left %s", m->dev->name);
	}
	for (size_t i = 0; i < c->instances.n; i++)
		if (!c->instances.v[i].running && !c->instances.v[i].moving)
			lab_log(lab_of(c), NULL, "violation", "instance-lost %s",
				c->instances.v[i].name);
}
