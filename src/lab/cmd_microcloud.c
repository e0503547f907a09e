/* SPDX-License-Identifier: ISC */
/* microcloud, and what all daemons of its kind answer: the list of a cluster's members. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int ports[SNAPS] = {7443, 6443, 8443, 9443};

/* A member that has the new schema and one that has not do not see each other as before. */
const char *member_status(const struct member *viewer, const struct member *m, enum snap_id snap)
{
	int mine = viewer->snaps[snap].rev->schema, other = m->snaps[snap].rev->schema;
	bool waits = cloud_behind(viewer->cloud, viewer, snap) > 0;
	if (!member_runs(m, snap) || other < m->cloud->schema[snap])
		return "UNREACHABLE";
	if (waits)
		return other == mine ? "UPGRADING" : "NEEDS UPGRADE";
	return other > mine ? "UNREACHABLE" : "ONLINE";
}

/* What a daemon says that cannot answer now; NULL: it can. New. */
static char *silent(const struct member *m, enum snap_id snap)
{
	int behind = cloud_behind(m->cloud, m, snap);
	const struct snap *s = &m->snaps[snap];
	if (s->rev->schema < m->cloud->schema[snap] || s->failed || !s->started)
		return xasprintf(
		    "Get \"http://control.socket/core/control\": dial unix "
		    "/var/snap/%s/common/state/control.socket: connect: connection refused",
		    snap_names[snap]);
	if (!member_runs(m, snap))
		return xstrdup("Database is still starting");
	if (behind)
		return xasprintf(
		    "Database is waiting for an upgrade: %d cluster members have not yet "
		    "received the update",
		    behind);
	if (s->rev->schema > m->cloud->schema[snap])
		return xstrdup("Database is still starting");
	if (!cloud_quorum(m->cloud, snap))
		return xstrdup("Database is offline");
	return NULL;
}

static bool is_root(struct sh *sh, enum snap_id snap)
{
	if (sh->uid == 0)
		return true;
	return say(sh, 0,
		   "Error: dial unix /var/snap/%s/common/state/control.socket: connect: permission "
		   "denied",
		   snap_names[snap]);
}

bool daemon_answers(struct sh *sh, enum snap_id snap)
{
	if (!is_root(sh, snap))
		return false;
	char *why = silent(sh->dev->member, snap);
	if (why && snap == SNAP_OVN)
		(void)say(sh, 1, "Error: Failed listing services: %s", why);
	else if (why)
		(void)say(sh, 1, "Error: %s", why);
	bool answers = !why;
	free(why);
	return answers;
}

/* --- cluster list ------------------------------------------------------------------------- */
struct row {
	char name[64], address[64], print[65];
	const char *role, *status;
	int schema;
};

static void fingerprint(const char *name, enum snap_id snap, char out[65])
{
	uint64_t seed = 1469598103934665603ULL + (uint64_t)snap;
	for (; *name; name++)
		seed = (seed ^ (unsigned char)*name) * 1099511628211ULL;
	for (int i = 0; i < 4; i++)
		(void)snprintf(out + 16 * i, 17, "%016" PRIx64, lab_random(&seed));
}

static size_t read_rows(const struct member *viewer, enum snap_id snap, struct row rows[16])
{
	const struct cloud *c = viewer->cloud;
	const char *forgotten = cloud_forgotten(c, snap);
	size_t n = 0;
	for (; n < c->members.n && n < 15; n++) {
		const struct member *m = c->members.v[n];
		(void)snprintf(rows[n].name, sizeof(rows[n].name), "%s", m->dev->name);
		(void)snprintf(rows[n].address, sizeof(rows[n].address), "%s:%d", m->dev->address,
			       ports[snap]);
		rows[n].role = n < cloud_voters(c) ? "voter" : n < 5 ? "stand-by" : "spare";
		rows[n].status = member_status(viewer, m, snap);
		rows[n].schema = m->snaps[snap].rev->schema;
	}
	if (forgotten) { /* it runs what the cluster has agreed on so far */
		bool waits = viewer->snaps[snap].rev->schema > c->schema[snap];
		(void)snprintf(rows[n].name, sizeof(rows[n].name), "%s", forgotten);
		(void)snprintf(rows[n].address, sizeof(rows[n].address), "127.66.9.99:%d",
			       ports[snap]);
		rows[n].role = "spare";
		rows[n].status = waits ? "NEEDS UPGRADE" : "ONLINE";
		rows[n].schema = c->schema[snap];
		n++;
	}
	for (size_t i = 0; i < n; i++)
		fingerprint(rows[i].name, snap, rows[i].print);
	return n;
}

static cJSON *row_json(const struct row *r, int64_t now)
{
	cJSON *o = cJSON_CreateObject();
	char beat[32];
	time_t t = (time_t)(1604000000 + now / 1000 - 4);
	struct tm tm;
	(void)strftime(beat, sizeof(beat), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	cJSON_AddStringToObject(o, "name", r->name);
	cJSON_AddStringToObject(o, "address", r->address);
	cJSON_AddStringToObject(o, "certificate",
				"-----BEGIN CERTIFICATE-----\nMIIB4jCCAWigAwIBAgIRAJ\n"
				"-----END CERTIFICATE-----\n");
	cJSON_AddStringToObject(o, "role", r->role);
	cJSON_AddNumberToObject(o, "schema_internal_version", 4);
	cJSON_AddNumberToObject(o, "schema_external_version", r->schema);
	cJSON_AddStringToObject(o, "last_heartbeat", beat);
	cJSON_AddStringToObject(o, "status", r->status);
	cJSON_AddArrayToObject(o, "extensions");
	cJSON_AddStringToObject(o, "secret", r->print + 40);
	return o;
}

static void print_rows(struct sh *sh, const struct row *rows, size_t n, enum table_style style)
{
	struct lab_table t = {.columns = 5};
	static const char *const head[] = {"NAME", "ADDRESS", "ROLE", "FINGERPRINT", "STATUS"};
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < n; i++) {
		lab_table_add(&t, "%s", rows[i].name);
		lab_table_add(&t, "%s", rows[i].address);
		lab_table_add(&t, "%s", rows[i].role);
		lab_table_add(&t, "%s", rows[i].print);
		lab_table_add(&t, "%s", rows[i].status);
	}
	lab_table_print(&t, style, sh->out);
}

/* microceph has learnt -f late, the others with their second track. */
static bool has_format(const struct member *m, enum snap_id snap)
{
	static const int since[SNAPS] = {17, 6, 0, 4};
	return m->snaps[snap].rev->schema >= since[snap];
}

static const char *format_of(struct sh *sh, enum snap_id snap, int argc, char **argv)
{
	const char *format = "table";
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-' && !has_format(sh->dev->member, snap)) {
			(void)say(sh, 1,
				  argv[i][1] == '-' ? "Error: unknown flag: %s"
						    : "Error: unknown shorthand flag: 'f' in %s",
				  argv[i]);
			return NULL;
		}
		if ((str_eq(argv[i], "-f") || str_eq(argv[i], "--format")) && i + 1 < argc)
			format = argv[++i];
		else if (str_starts(argv[i], "--format="))
			format = argv[i] + 9;
	}
	return format;
}

int cluster_list(struct sh *sh, enum snap_id snap, int argc, char **argv)
{
	struct row rows[16];
	const struct member *m = sh->dev->member;
	const char *format = format_of(sh, snap, argc, argv);
	if (!format || !is_root(sh, snap))
		return 1;
	bool waits = m->snaps[snap].rev->schema > m->cloud->schema[snap];
	if ((!member_runs(m, snap) || !waits) && !daemon_answers(sh, snap))
		return 1; /* one that waits still knows the list */
	size_t n = read_rows(m, snap, rows);
	if (str_eq(format, "json")) {
		cJSON *list = cJSON_CreateArray();
		for (size_t i = 0; i < n; i++)
			cJSON_AddItemToArray(list, row_json(&rows[i], sh->lab->now));
		show_json(sh->out, list);
	} else {
		print_rows(sh, rows, n,
			   str_eq(format, "compact") ? TABLE_COMPACT
			   : str_eq(format, "csv")   ? TABLE_CSV
			   : snap == SNAP_CEPH       ? TABLE_CENTRED
						     : TABLE_LINES);
	}
	return 0;
}

/* --- cluster remove: of a member that there is not; nobody here takes one away that there is ----- */

/* While the database waits for an upgrade it takes nobody out either. */
static int remove_from(struct sh *sh, enum snap_id snap, const char *name, bool force)
{
	struct cloud *c = sh->dev->member->cloud;
	const char *forgotten = cloud_forgotten(c, snap);
	if (!daemon_answers(sh, snap))
		return 1;
	if (!forgotten || !str_eq(forgotten, name))
		return say(sh, 1, "Error: No remote exists with the given name \"%s\"", name);
	if (!force)
		return say(sh, 1, "Error: Failed to run pre-removal hook on %s: dial tcp "
				  "127.66.9.99:%d: connect: no route to host",
			   name, ports[snap]);
	c->removed[snap] = true;
	lab_log(sh->lab, sh->dev, "member-removed", "%s %s", snap_names[snap], name);
	cloud_update(c);
	return 0;
}

/* microcloud remove: of all that knows it. */
static int remove_everywhere(struct sh *sh, const char *name, bool force)
{
	static const enum snap_id order[] = {SNAP_CEPH, SNAP_OVN, SNAP_CLOUD};
	int status = 0;
	for (size_t i = 0; i < LEN(order) && !status; i++)
		if (order[i] == SNAP_CLOUD || cloud_forgotten(sh->dev->member->cloud, order[i]))
			status = remove_from(sh, order[i], name, force);
	return status;
}

static int run_remove(struct sh *sh, int snap, int argc, char **argv) /* -1: of all */
{
	const char *name = NULL;
	bool force = false;
	for (int i = 1; i < argc; i++) {
		force |= str_eq(argv[i], "--force") || str_eq(argv[i], "-f");
		name = argv[i][0] == '-' ? name : argv[i];
	}
	if (!name)
		return say(sh, 1, "Error: accepts 1 arg(s), received 0");
	return snap < 0 ? remove_everywhere(sh, name, force)
			: remove_from(sh, (enum snap_id)snap, name, force);
}

int cluster_remove(struct sh *sh, enum snap_id snap, int argc, char **argv)
{
	return run_remove(sh, (int)snap, argc, argv);
}

/* --- microcloud status -------------------------------------------------------------------- */
struct warnings {
	struct str lines;
	bool any, bad;
};

static void warn(struct warnings *w, bool bad, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void warn(struct warnings *w, bool bad, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_puts(&w->lines, bad ? " ┃ ⨯ " : " ┃ ! ");
	str_vprintf(&w->lines, fmt, ap);
	str_putc(&w->lines, '\n');
	va_end(ap);
	w->any = true;
	w->bad |= bad;
}

static const char *lxd_status(const struct member *viewer, const struct member *m)
{
	bool same = m->snaps[SNAP_LXD].rev->schema == viewer->snaps[SNAP_LXD].rev->schema;
	return !member_runs(m, SNAP_LXD) ? "UNREACHABLE" : same ? "ONLINE" : "NEEDS UPGRADE";
}

static const char *status_of(const struct member *viewer, const struct member *m, enum snap_id snap)
{
	return snap == SNAP_LXD ? lxd_status(viewer, m) : member_status(viewer, m, snap);
}

static void collect(const struct member *viewer, struct warnings *w)
{
	const struct cloud *c = viewer->cloud;
	bool upgrading[SNAPS] = {false};
	if (c->members.n < 3) {
		warn(w, false,
		     "Reliability risk: 3 systems are required for effective fault tolerance");
		warn(w, false,
		     "Data loss risk: MicroCeph OSD replication recommends at least 3 disks "
		     "across 3 systems");
	}
	for (size_t i = 0; i < c->members.n; i++) {
		struct str off = {0};
		for (int s = 0; s < SNAPS; s++) {
			const char *is = status_of(viewer, c->members.v[i], (enum snap_id)s);
			bool moves = str_starts(is, "UPG") || str_starts(is, "NEEDS");
			upgrading[s] |= moves;
			if (!moves && !str_eq(is, "ONLINE"))
				str_printf(&off, "%s%s", off.len ? ", " : "", snap_names[s]);
		}
		if (off.len)
			warn(w, true, "%s is not available on %s", str_text(&off),
			     c->members.v[i]->dev->name);
		str_release(&off);
	}
	for (int s = 0; s < SNAPS; s++)
		if (upgrading[s])
			warn(w, false, "%s upgrade in progress", snap_names[s]);
}

static void add_row(struct lab_table *t, const struct member *viewer, const struct member *m)
{
	const char *worst = "ONLINE";
	char *ceph = ceph_services(m, ","), *ovn = ovn_services(m, ",");
	for (int s = 0; s < SNAPS; s++) {
		const char *is = status_of(viewer, m, (enum snap_id)s);
		if (!str_eq(is, "ONLINE") && !str_eq(worst, "UNREACHABLE"))
			worst = is;
	}
	if (str_starts(ceph, "mds")) { /* as the status counts them: its OSDs have a column */
		free(ceph);
		ceph = xstrdup("mds,mgr,mon");
	}
	lab_table_add(t, "%s", m->dev->name);
	lab_table_add(t, "%s", m->dev->address);
	lab_table_add(t, "%d", 1);
	lab_table_add(t, "%s", str_eq(ceph, "osd") ? "-" : ceph);
	lab_table_add(t, "%s", ovn);
	lab_table_add(t, "%s", worst);
	free(ovn);
	free(ceph);
}

static int run_status(struct sh *sh)
{
	const struct member *m = sh->dev->member;
	struct warnings w = {0};
	struct lab_table t = {.columns = 6};
	static const char *const head[] = {"Name",           "Address", "OSDs", "MicroCeph Units",
					   "MicroOVN Units", "Status"};
	if (!daemon_answers(sh, SNAP_CLOUD))
		return 1;
	collect(m, &w);
	blob_printf(sh->out, "\n Status: %s\n\n%s%s",
		    w.bad   ? "ERROR"
		    : w.any ? "WARNING"
			    : "HEALTHY",
		    str_text(&w.lines), w.any ? "\n" : "");
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < m->cloud->members.n; i++)
		add_row(&t, m, m->cloud->members.v[i]);
	lab_table_print(&t, TABLE_BOX, sh->out);
	str_release(&w.lines);
	return 0;
}

static int run_microcloud(struct sh *sh, int argc, char **argv)
{
	const struct snap_rev *rev = sh->dev->member->snaps[SNAP_CLOUD].rev;
	const char *verb = argc > 1 ? argv[1] : "";
	if (!snapd_lets_run(sh, SNAP_CLOUD))
		return 137;
	if (str_eq(verb, "--version")) {
		blob_printf(sh->out, "%s\n", rev->software);
		return 0;
	}
	if (str_eq(verb, "cluster") && argc > 2 && str_eq(argv[2], "list"))
		return cluster_list(sh, SNAP_CLOUD, argc - 2, argv + 2);
	if (str_eq(verb, "cluster") && argc > 2 && str_eq(argv[2], "remove"))
		return cluster_remove(sh, SNAP_CLOUD, argc - 2, argv + 2);
	if (str_eq(verb, "remove"))
		return run_remove(sh, -1, argc - 1, argv + 1);
	if (str_eq(verb, "status") && rev->schema >= 4)
		return run_status(sh);
	return say(sh, 1, "Error: unknown command \"%s\" for \"microcloud\"", verb);
}

const struct command microcloud_commands[] = {
    {.name = "microcloud", .run = run_microcloud, .path = "/snap/bin"},
    {0},
};
