/* SPDX-License-Identifier: ISC */
/* What the members of a MicroCloud agree on, and when: quorum, schemas, the state of the storage.
 */
#include "config.h"

#include "lab/cloud.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds of lab time */
enum {
	COMMITS = 2000,   /* from the last member's daemon to the new schema */
	CONVERTS = 6000,  /* the OVN databases after that */
	REQUIRES = 10000, /* ceph: from the last daemon to require-osd-release */
	OSD_OUT = 600000, /* an OSD that is down is marked out */
	CATCH_UP = 30000, /* LXD asks snapd for the others' version within this time */
	VOTERS = 3
};

/* From the start of the services until they answer. */
int64_t cloud_start_ms(enum snap_id snap)
{
	static const int ms[SNAPS] = {9000, 6000, 8000, 3000};
	return ms[snap];
}

bool member_runs(const struct member *m, enum snap_id snap)
{
	const struct snap *s = &m->snaps[snap];
	return m->dev->phase == PHASE_UP && s->started && !s->failed &&
	       m->dev->lab->now >= s->since + cloud_start_ms(snap);
}

int64_t member_up_since(const struct member *m, enum snap_id snap)
{
	return m->snaps[snap].since + cloud_start_ms(snap);
}

size_t cloud_voters(const struct cloud *c)
{
	return c->members.n < VOTERS ? c->members.n : VOTERS;
}

const char *cloud_forgotten(const struct cloud *c, enum snap_id snap)
{
	for (size_t i = 0; i < c->members.n && snap != SNAP_LXD && !c->removed[snap]; i++) {
		struct fault *f = fault_get(c->members.v[i]->dev, "forgotten-member", false);
		if (f && fault_on(c->members.v[i]->dev, "forgotten-member"))
			return f->arg ? f->arg : "micro99";
	}
	return NULL;
}

/* A daemon that has been given an older schema than the database has does not run. */
static bool behind_database(const struct cloud *c, const struct member *m, enum snap_id snap)
{
	return m->snaps[snap].rev->schema < c->schema[snap];
}

static bool votes(const struct member *m, enum snap_id snap)
{
	return member_runs(m, snap) && !behind_database(m->cloud, m, snap);
}

bool cloud_quorum(const struct cloud *c, enum snap_id snap)
{
	size_t up = 0, of = cloud_voters(c);
	for (size_t i = 0; i < of; i++)
		up += votes(c->members.v[i], snap);
	return up > of / 2;
}

int cloud_behind(const struct cloud *c, const struct member *m, enum snap_id snap)
{
	int mine = m->snaps[snap].rev->schema, n = 0;
	if (mine == c->schema[snap])
		return 0;
	for (size_t i = 0; i < c->members.n; i++)
		n += c->members.v[i]->snaps[snap].rev->schema != mine ||
		     !member_runs(c->members.v[i], snap);
	return n + (cloud_forgotten(c, snap) != NULL);
}

bool cloud_lxd_mixed(const struct cloud *c)
{
	for (size_t i = 1; i < c->members.n; i++)
		if (c->members.v[i]->snaps[SNAP_LXD].rev->schema !=
		    c->members.v[0]->snaps[SNAP_LXD].rev->schema)
			return true;
	return false;
}

/* --- what becomes due --------------------------------------------------------------------- */
static bool due(int64_t at, int64_t now)
{
	return at >= 0 && at <= now;
}

static int64_t now_of(const struct cloud *c)
{
	return c->members.v[0]->dev->lab->now;
}

/* All members run one version that the database has not got yet. */
static bool agree(const struct cloud *c, enum snap_id snap)
{
	int schema = c->members.v[0]->snaps[snap].rev->schema;
	if (schema <= c->schema[snap] || cloud_forgotten(c, snap))
		return false;
	for (size_t i = 0; i < c->members.n; i++)
		if (c->members.v[i]->snaps[snap].rev->schema != schema ||
		    !member_runs(c->members.v[i], snap))
			return false;
	return true;
}

static void update_schema(struct cloud *c, enum snap_id snap)
{
	struct lab *lab = c->members.v[0]->dev->lab;
	if (!agree(c, snap))
		c->commit_at[snap] = -1;
	else if (c->commit_at[snap] < 0)
		c->commit_at[snap] = lab->now + COMMITS;
	if (!due(c->commit_at[snap], lab->now))
		return;
	c->commit_at[snap] = -1;
	c->schema[snap] = c->members.v[0]->snaps[snap].rev->schema;
	lab_log(lab, NULL, "schema", "%s %d", snap_names[snap], c->schema[snap]);
}

/* OVN's own databases: all members expect one schema and the cluster's database is open. */
static void update_ovn(struct cloud *c)
{
	struct lab *lab = c->members.v[0]->dev->lab;
	const struct snap_rev *want = c->members.v[0]->snaps[SNAP_OVN].rev;
	bool all = c->schema[SNAP_OVN] == want->schema && !cloud_forgotten(c, SNAP_OVN);
	for (size_t i = 0; i < c->members.n; i++)
		all = all && str_eq(c->members.v[i]->snaps[SNAP_OVN].rev->sb, want->sb) &&
		      member_runs(c->members.v[i], SNAP_OVN);
	bool old =
	    !str_eq(c->ovn_schema[DB_SB], want->sb) || !str_eq(c->ovn_schema[DB_NB], want->nb);
	if (!all || !old)
		c->convert_at = -1;
	else if (c->convert_at < 0)
		c->convert_at = lab->now + CONVERTS;
	if (due(c->convert_at, lab->now)) {
		c->convert_at = -1;
		c->ovn_schema[DB_NB] = want->nb;
		c->ovn_schema[DB_SB] = want->sb;
		lab_log(lab, NULL, "ovn-schema", "NB %s SB %s", want->nb, want->sb);
		judge_conversion(c);
	}
}

/* Each database has a leader of its own: the next one that is there. */
static void elect(struct cloud *c, int db)
{
	int voters = (int)cloud_voters(c), leader = -1, last = c->leader[db];
	if (last >= 0 && votes(c->members.v[last], SNAP_OVN) && cloud_quorum(c, SNAP_OVN))
		return;
	for (int i = voters - 1; i >= 0 && cloud_quorum(c, SNAP_OVN); i--)
		if (votes(c->members.v[(db + i) % voters], SNAP_OVN))
			leader = (db + i) % voters;
	c->leader[db] = leader;
	if (leader < 0 || leader == last)
		return;
	c->term[db]++;
	lab_log(c->members.v[0]->dev->lab, c->members.v[leader]->dev, "ovn-leader", "%s term %d",
		db == DB_NB ? "OVN_Northbound" : "OVN_Southbound", c->term[db]);
}

/* When all daemons run one release of ceph, the last member's microceph forbids the older ones. */
static void update_release(struct cloud *c)
{
	struct lab *lab = c->members.v[0]->dev->lab;
	const char *name = c->members.v[0]->snaps[SNAP_CEPH].rev->name;
	bool all = !str_eq(name, c->require) && strcmp(name, c->require) > 0;
	for (size_t i = 0; i < c->members.n; i++)
		all = all && str_eq(c->members.v[i]->snaps[SNAP_CEPH].rev->name, name) &&
		      ceph_osd_up(c->members.v[i]);
	if (!all)
		c->require_at = -1;
	else if (c->require_at < 0)
		c->require_at = lab->now + REQUIRES;
	if (!due(c->require_at, lab->now))
		return;
	c->require_at = -1;
	c->require = name;
	lab_log(lab, NULL, "require-osd-release", "%s", name);
}

static void update_osds(struct cloud *c)
{
	int64_t now = now_of(c);
	for (size_t i = 0; i < c->members.n; i++) {
		struct member *m = c->members.v[i];
		bool up = ceph_osd_up(m);
		if (up && m->osd_down_since >= 0) {
			m->osd_down_since = -1;
			m->osd_out = false;
			c->recovered = now + CEPH_RECOVERS;
			lab_log(m->dev->lab, m->dev, "osd-up", "osd.%d", m->number);
		} else if (!up && m->osd_down_since < 0) {
			m->osd_down_since = now;
			lab_log(m->dev->lab, m->dev, "osd-down", "osd.%d", m->number);
		}
		if (!up && !m->osd_out && !c->noout && now >= m->osd_down_since + OSD_OUT) {
			m->osd_out = true;
			lab_log(m->dev->lab, m->dev, "osd-out", "osd.%d", m->number);
		}
	}
}

/* A newer LXD has told the others: whoever lags asks its snapd, after a random while. */
static void update_lxd(struct cloud *c)
{
	int newest = 0;
	for (size_t i = 0; i < c->members.n; i++)
		if (member_runs(c->members.v[i], SNAP_LXD) &&
		    c->members.v[i]->snaps[SNAP_LXD].rev->schema > newest)
			newest = c->members.v[i]->snaps[SNAP_LXD].rev->schema;
	for (size_t i = 0; i < c->members.n; i++) {
		struct member *m = c->members.v[i];
		bool lags = newest > m->snaps[SNAP_LXD].rev->schema && member_runs(m, SNAP_LXD);
		if (!lags)
			m->update_at = -1;
		else if (m->update_at == -1)
			m->update_at = m->dev->lab->now + 1000 + lab_jitter(m->dev, CATCH_UP);
	}
}

void cloud_update(struct cloud *c)
{
	for (int s = 0; s < SNAPS; s++)
		update_schema(c, (enum snap_id)s);
	update_osds(c);
	update_ovn(c);
	elect(c, DB_NB);
	elect(c, DB_SB);
	update_release(c);
	update_lxd(c);
	lxd_heal(c);
	judge_state(c);
}

static void sooner(int64_t *next, int64_t at, int64_t now)
{
	if (at > now && (*next < 0 || at < *next))
		*next = at;
}

int64_t cloud_next(const struct cloud *c)
{
	int64_t next = -1, now = now_of(c);
	for (int s = 0; s < SNAPS; s++)
		sooner(&next, c->commit_at[s], now);
	sooner(&next, c->convert_at, now);
	sooner(&next, c->require_at, now);
	sooner(&next, c->recovered, now);
	sooner(&next, lxd_heals(c), now);
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		for (int s = 0; s < SNAPS; s++)
			if (m->snaps[s].started)
				sooner(&next, member_up_since(m, (enum snap_id)s), now);
		sooner(&next, member_up_since(m, SNAP_CEPH) + CEPH_OSD_AFTER, now);
		if (m->osd_down_since >= 0 && !m->osd_out && !c->noout)
			sooner(&next, m->osd_down_since + OSD_OUT, now);
	}
	return next;
}

void cloud_noout(struct cloud *c, struct device *dev, bool on)
{
	if (c->noout != on)
		lab_log(dev->lab, dev, on ? "noout-set" : "noout-unset", "cluster");
	c->noout = on;
	cloud_update(c);
}

/* --- the beginning and the end ------------------------------------------------------------ */
static void add_instances(struct cloud *c, struct member *m)
{
	static const struct {
		const char *stem;
		bool vm, live;
	} kinds[] = {{"vm", true, true}, {"web", false, false}};
	for (size_t i = 0; i < LEN(kinds); i++) {
		struct instance *in = VEC_ADD(&c->instances);
		(void)snprintf(in->name, sizeof(in->name), "%s%d", kinds[i].stem, m->number + 1);
		in->vm = kinds[i].vm;
		in->live = kinds[i].live;
		in->running = true;
		in->home = in->at = m->number;
		in->origin = -1;
		in->boot = lab_random(&m->dev->random);
	}
}

static struct cloud *found(const struct device *dev)
{
	for (int i = 0; i < dev->index; i++) {
		const struct device *other = dev->lab->devices.v[i];
		if (other->member && str_eq(other->group, dev->group))
			return other->member->cloud;
	}
	return NULL;
}

void cloud_election(struct cloud *c, int ms)
{
	for (int db = 0; db < DBS; db++)
		c->election[db] = c->election_first[db] = ms;
}

static struct cloud *make(struct device *dev)
{
	struct cloud *c = xcalloc(1, sizeof(*c));
	uint64_t a = lab_random(&dev->random), b = lab_random(&dev->random);
	for (int s = 0; s < SNAPS; s++) {
		const struct snap_rev *rev = store_of_cloud((enum snap_id)s, dev->version);
		c->schema[s] = rev->schema;
		c->commit_at[s] = -1;
		c->quorum[s] = true;
		if (s == SNAP_CEPH)
			c->require = rev->name;
		c->ovn_schema[DB_NB] = s == SNAP_OVN ? rev->nb : c->ovn_schema[DB_NB];
		c->ovn_schema[DB_SB] = s == SNAP_OVN ? rev->sb : c->ovn_schema[DB_SB];
	}
	c->convert_at = c->require_at = -1;
	c->recovered = -1;
	c->storage = true;
	cloud_election(c, ELECTION_MS);
	c->leader[DB_NB] = c->leader[DB_SB] = -1;
	(void)snprintf(c->fsid, sizeof(c->fsid), "%08x-%04x-4%03x-a%03x-%012" PRIx64,
		       (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
		       (unsigned)(b >> 48) & 0xfff, b & UINT64_C(0xffffffffffff));
	return c;
}

struct cloud *cloud_join(struct device *dev)
{
	struct cloud *c = found(dev);
	struct member *m = xcalloc(1, sizeof(*m));
	c = c ? c : make(dev);
	m->cloud = c;
	m->dev = dev;
	m->number = (int)c->members.n;
	m->update_at = m->osd_down_since = m->lxd_gone_since = -1;
	for (int s = 0; s < SNAPS; s++) {
		const struct snap_rev *rev = store_of_cloud((enum snap_id)s, dev->version);
		m->snaps[s] = (struct snap){.rev = rev,
					    .tracking = rev->channel,
					    .held = true,
					    .hold_until = -1,
					    .refreshed = -30 * INT64_C(86400000)};
	}
	VEC_PUSH(&c->members, m);
	dev->member = m;
	add_instances(c, m);
	return c;
}

void cloud_leave(struct member *m)
{
	struct cloud *c = m->cloud;
	for (size_t i = 0; i < c->members.n; i++) {
		if (c->members.v[i] != m)
			continue;
		VEC_REMOVE(&c->members, i);
		break;
	}
	snapd_free(m);
	free(m->move_error);
	free(m);
	if (c->members.n)
		return;
	VEC_RELEASE(&c->members);
	VEC_RELEASE(&c->instances);
	free(c);
}
