/* SPDX-License-Identifier: ISC */
/* The storage of a MicroCloud: monitors, OSDs, placement groups, and what ceph says of them. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

enum { PGS = 33 };

static int64_t now_of(const struct cloud *c)
{
	return c->members.v[0]->dev->lab->now;
}

static bool has_mon(const struct member *m)
{
	return (size_t)m->number < cloud_voters(m->cloud);
}

/* A release that the cluster has been told to refuse does not start. */
static bool refused(const struct member *m)
{
	return strcmp(m->snaps[SNAP_CEPH].rev->name, m->cloud->require) < 0;
}

bool ceph_mon_in(const struct member *m)
{
	return has_mon(m) && member_runs(m, SNAP_CEPH) && !refused(m);
}

bool ceph_osd_up(const struct member *m)
{
	struct fault *f = fault_get(m->dev, "osd-stays-down", false);
	bool stays =
	    f && m->snaps[SNAP_CEPH].since >= f->armed_at && fault_on(m->dev, "osd-stays-down");
	int64_t now = now_of(m->cloud);
	return member_runs(m, SNAP_CEPH) && !refused(m) && !m->osds_stopped &&
	       now >= member_up_since(m, SNAP_CEPH) + CEPH_OSD_AFTER && !stays;
}

/* Of each placement group so many copies may be missing and it is still written to. */
static size_t spare(const struct cloud *c)
{
	return c->members.n > 1 ? 1 : 0;
}

void ceph_look(const struct cloud *c, struct ceph_view *v)
{
	memset(v, 0, sizeof(*v));
	v->mons = cloud_voters(c);
	v->osds = c->members.n;
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		v->mons_in += ceph_mon_in(m);
		v->osds_up += ceph_osd_up(m);
		v->osds_in += !m->osd_out;
	}
	v->quorum = v->mons_in > v->mons / 2;
	v->active = v->osds - v->osds_up <= spare(c);
	v->clean = v->osds_up == v->osds && now_of(c) >= c->recovered;
}

bool ceph_ok_to_stop(const struct cloud *c, const struct member *m)
{
	struct ceph_view v;
	ceph_look(c, &v);
	size_t down = v.osds - v.osds_up + ceph_osd_up(m);
	if (fault_on(m->dev, "osd-needed"))
		return false;
	return down <= spare(c) && (v.clean || !ceph_osd_up(m));
}

/* --- health ------------------------------------------------------------------------------- */
static void add(cJSON *checks, const char *code, const char *severity, size_t count,
		const char *fmt, ...) PRINTF_LIKE(5, 6);

static void add(cJSON *checks, const char *code, const char *severity, size_t count,
		const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	cJSON *check = cJSON_AddObjectToObject(checks, code);
	cJSON_AddStringToObject(check, "severity", severity);
	cJSON *summary = cJSON_AddObjectToObject(check, "summary");
	cJSON_AddStringToObject(summary, "message", text);
	cJSON_AddNumberToObject(summary, "count", (double)count);
	cJSON_AddBoolToObject(check, "muted", false);
	free(text);
}

static char *quorum_names(const struct cloud *c, const char *separator)
{
	struct str s = {0};
	for (size_t i = 0; i < c->members.n; i++)
		if (ceph_mon_in(c->members.v[i]))
			str_printf(&s, "%s%s", s.len ? separator : "", c->members.v[i]->dev->name);
	return str_take(&s);
}

static void check_mons(const struct cloud *c, const struct ceph_view *v, cJSON *checks)
{
	char *names = quorum_names(c, ",");
	struct member *skewed = NULL;
	for (size_t i = 0; i < v->mons; i++)
		if (ceph_mon_in(c->members.v[i]) && fault_on(c->members.v[i]->dev, "clock-skew"))
			skewed = c->members.v[i];
	if (v->mons_in < v->mons)
		add(checks, "MON_DOWN", "HEALTH_WARN", v->mons - v->mons_in,
		    "%zu/%zu mons down, quorum %s", v->mons - v->mons_in, v->mons, names);
	if (skewed)
		add(checks, "MON_CLOCK_SKEW", "HEALTH_WARN", 1, "clock skew detected on mon.%s",
		    skewed->dev->name);
	free(names);
}

static void check_osds(const struct cloud *c, const struct ceph_view *v, cJSON *checks)
{
	size_t down = v->osds - v->osds_up, missing = 0;
	bool one = true;
	for (size_t i = 0; i < c->members.n; i++) {
		missing += !c->members.v[i]->osd_out && !ceph_osd_up(c->members.v[i]);
		one = one && c->members.v[i]->snaps[SNAP_CEPH].rev->name ==
				 c->members.v[0]->snaps[SNAP_CEPH].rev->name;
	}
	const char *name = c->members.v[0]->snaps[SNAP_CEPH].rev->name;
	if (c->noout)
		add(checks, "OSDMAP_FLAGS", "HEALTH_WARN", 1, "noout flag(s) set");
	if (missing) {
		add(checks, "OSD_DOWN", "HEALTH_WARN", missing, "%zu osds down", missing);
		add(checks, "OSD_HOST_DOWN", "HEALTH_WARN", missing, "%zu host%s (%zu osds) down",
		    missing, missing > 1 ? "s" : "", missing);
	}
	if (one && !str_eq(name, c->require) && !down)
		add(checks, "OSD_UPGRADE_FINISHED", "HEALTH_WARN", 0,
		    "all OSDs are running %s or later but require_osd_release < %s", name, name);
	if (!v->active)
		add(checks, "PG_AVAILABILITY", "HEALTH_WARN", PGS / 2,
		    "Reduced data availability: %d pgs inactive", PGS / 2);
	if (!v->clean)
		add(checks, "PG_DEGRADED", "HEALTH_WARN", PGS,
		    "Degraded data redundancy: %zu/%d objects degraded (%.3f%%), %d pgs degraded",
		    down ? down * 124 : 12, 372, down ? (double)down * 12400 / 372 : 3.226, PGS);
}

static void check_faults(const struct cloud *c, cJSON *checks)
{
	for (size_t i = 0; i < c->members.n; i++) {
		struct fault *f = fault_get(c->members.v[i]->dev, "ceph-health", false);
		const char *code = f && f->arg ? f->arg : "PG_DAMAGED";
		if (!f || !fault_on(c->members.v[i]->dev, "ceph-health") ||
		    cJSON_HasObjectItem(checks, code))
			continue;
		bool warns =
		    strstr(code, "NEARFULL") || strstr(code, "SLOW") || strstr(code, "OLD");
		add(checks, code, warns ? "HEALTH_WARN" : "HEALTH_ERR", 1, "%s on osd.%zu", code,
		    i);
	}
}

cJSON *ceph_checks(const struct cloud *c, const char **status)
{
	struct ceph_view v;
	cJSON *checks = cJSON_CreateObject();
	const cJSON *check;
	ceph_look(c, &v);
	check_mons(c, &v, checks);
	check_osds(c, &v, checks);
	check_faults(c, checks);
	*status = checks->child ? "HEALTH_WARN" : "HEALTH_OK";
	cJSON_ArrayForEach(check, checks)
	{
		const char *s = cJSON_GetObjectItemCaseSensitive(check, "severity")->valuestring;
		if (str_eq(s, "HEALTH_ERR"))
			*status = "HEALTH_ERR";
	}
	return checks;
}

/* --- status ------------------------------------------------------------------------------- */
static void age(struct blob *out, int64_t ms)
{
	int64_t s = ms / 1000;
	if (s >= 7200)
		blob_printf(out, "%dh", (int)(s / 3600));
	else if (s >= 120)
		blob_printf(out, "%dm", (int)(s / 60));
	else
		blob_printf(out, "%ds", (int)s);
}

static int64_t up_since(const struct cloud *c)
{
	int64_t since = 0;
	for (size_t i = 0; i < c->members.n; i++)
		if (member_runs(c->members.v[i], SNAP_CEPH) &&
		    member_up_since(c->members.v[i], SNAP_CEPH) > since)
			since = member_up_since(c->members.v[i], SNAP_CEPH);
	return since;
}

static void manager_text(const struct cloud *c, struct blob *out)
{
	size_t n = 0;
	for (size_t i = 0; i < cloud_voters(c); i++) {
		if (!ceph_mon_in(c->members.v[i]))
			continue;
		blob_printf(out,
			    n == 0   ? "    mgr: %s(active, since 43m)"
			    : n == 1 ? ", standbys: %s"
				     : ", %s",
			    c->members.v[i]->dev->name);
		n++;
	}
	blob_puts(out, n ? "\n" : "    mgr: no daemons active\n");
}

static const char *pg_state(const struct ceph_view *v)
{
	return v->clean               ? "active+clean"
	       : !v->active           ? "undersized+degraded+peered"
	       : v->osds_up < v->osds ? "active+undersized+degraded"
				      : "active+recovering+degraded";
}

void ceph_status_text(const struct cloud *c, struct blob *out)
{
	struct ceph_view v;
	const char *status;
	ceph_look(c, &v);
	cJSON *checks = ceph_checks(c, &status);
	const cJSON *check;
	char *names = quorum_names(c, ",");
	blob_printf(out, "  cluster:\n    id:     %s\n    health: %s\n", c->fsid, status);
	cJSON_ArrayForEach(check, checks)
	{
		const cJSON *s = cJSON_GetObjectItemCaseSensitive(check, "summary");
		blob_printf(out, "            %s\n",
			    cJSON_GetObjectItemCaseSensitive(s, "message")->valuestring);
	}
	blob_printf(out, " \n  services:\n    mon: %zu daemons, quorum %s (age ", v.mons, names);
	age(out, now_of(c) - up_since(c));
	blob_puts(out, ")\n");
	manager_text(c, out);
	blob_printf(out, "    osd: %zu osds: %zu up (since ", v.osds, v.osds_up);
	age(out, now_of(c) - up_since(c));
	blob_printf(out, "), %zu in (since 6w)\n", v.osds_in);
	if (c->noout)
		blob_puts(out, "         flags noout\n");
	blob_printf(out,
		    " \n  data:\n    pools:   2 pools, %d pgs\n    objects: 124 objects, 402 MiB\n"
		    "    usage:   1.3 GiB used, %zu GiB / %zu GiB avail\n    pgs:     %d %s\n \n",
		    PGS, v.osds * 50 - 2, v.osds * 50, PGS, pg_state(&v));
	cJSON_Delete(checks);
	free(names);
}

static cJSON *health_json(const struct cloud *c)
{
	const char *status;
	cJSON *health = cJSON_CreateObject(), *checks = ceph_checks(c, &status);
	cJSON_AddStringToObject(health, "status", status);
	cJSON_AddItemToObject(health, "checks", checks);
	cJSON_AddArrayToObject(health, "mutes");
	return health;
}

static void quorum_json(const struct cloud *c, cJSON *root, const struct ceph_view *v)
{
	cJSON *ranks = cJSON_AddArrayToObject(root, "quorum");
	cJSON *names = cJSON_AddArrayToObject(root, "quorum_names");
	for (size_t i = 0; i < v->mons; i++) {
		if (!ceph_mon_in(c->members.v[i]))
			continue;
		cJSON_AddItemToArray(ranks, cJSON_CreateNumber((double)i));
		cJSON_AddItemToArray(names, cJSON_CreateString(c->members.v[i]->dev->name));
	}
	cJSON_AddNumberToObject(root, "quorum_age", (double)((now_of(c) - up_since(c)) / 1000));
	cJSON *map = cJSON_AddObjectToObject(root, "monmap");
	cJSON_AddNumberToObject(map, "epoch", (double)v->mons);
	cJSON_AddStringToObject(map, "min_mon_release_name", c->require);
	cJSON_AddNumberToObject(map, "num_mons", (double)v->mons);
}

cJSON *ceph_status_json(const struct cloud *c)
{
	struct ceph_view v;
	cJSON *root = cJSON_CreateObject();
	ceph_look(c, &v);
	cJSON_AddStringToObject(root, "fsid", c->fsid);
	cJSON_AddItemToObject(root, "health", health_json(c));
	cJSON_AddNumberToObject(root, "election_epoch", 12);
	quorum_json(c, root, &v);
	cJSON *osds = cJSON_AddObjectToObject(root, "osdmap");
	cJSON_AddNumberToObject(osds, "epoch", 61);
	cJSON_AddNumberToObject(osds, "num_osds", (double)v.osds);
	cJSON_AddNumberToObject(osds, "num_up_osds", (double)v.osds_up);
	cJSON_AddNumberToObject(osds, "osd_up_since", (double)(1604000000 + up_since(c) / 1000));
	cJSON_AddNumberToObject(osds, "num_in_osds", (double)v.osds_in);
	cJSON_AddNumberToObject(osds, "osd_in_since", 1600000000);
	cJSON_AddNumberToObject(osds, "num_remapped_pgs", 0);
	cJSON *pgs = cJSON_AddObjectToObject(root, "pgmap"), *state = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(pgs, "pgs_by_state"), state);
	cJSON_AddStringToObject(state, "state_name", pg_state(&v));
	cJSON_AddNumberToObject(state, "count", PGS);
	cJSON_AddNumberToObject(pgs, "num_pgs", PGS);
	cJSON_AddNumberToObject(pgs, "num_pools", 2);
	cJSON_AddNumberToObject(pgs, "num_objects", 124);
	cJSON *mgr = cJSON_AddObjectToObject(root, "mgrmap");
	cJSON_AddBoolToObject(mgr, "available", v.mons_in > 0);
	cJSON_AddNumberToObject(mgr, "num_standbys", v.mons_in ? (double)v.mons_in - 1 : 0);
	cJSON_AddObjectToObject(root, "progress_events");
	return root;
}

/* --- versions ----------------------------------------------------------------------------- */
char *ceph_version(const struct snap_rev *rev)
{
	return xasprintf("ceph version %s (%016llx%016llx%08x) %s (stable)", rev->software,
			 0x16063ff2022298c9ULL * (unsigned)rev->schema, 0x300e49a547a16ffdULL,
			 0xa59a13cau, rev->name);
}

static void count(cJSON *kind, cJSON *overall, const char *version)
{
	cJSON *const in[] = {kind, overall};
	for (size_t i = 0; i < LEN(in); i++) {
		cJSON *n = cJSON_GetObjectItemCaseSensitive(in[i], version);
		if (n)
			cJSON_SetNumberHelper(n, n->valuedouble + 1);
		else
			cJSON_AddNumberToObject(in[i], version, 1);
	}
}

cJSON *ceph_versions_json(const struct cloud *c)
{
	static const char *const kinds[] = {"mon", "mgr", "osd", "mds"};
	cJSON *root = cJSON_CreateObject(), *overall = cJSON_CreateObject();
	for (size_t k = 0; k < LEN(kinds); k++) {
		cJSON *kind = cJSON_AddObjectToObject(root, kinds[k]);
		for (size_t i = 0; i < c->members.n; i++) {
			const struct member *m = c->members.v[i];
			bool is_osd = str_eq(kinds[k], "osd");
			char *version = ceph_version(m->snaps[SNAP_CEPH].rev);
			if (is_osd ? ceph_osd_up(m) : ceph_mon_in(m))
				count(kind, overall, version);
			free(version);
		}
	}
	cJSON_AddItemToObject(root, "overall", overall);
	return root;
}
