/* SPDX-License-Identifier: ISC */
/* microovn and ovn-appctl on a member of a MicroCloud. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

static bool central(const struct member *m)
{
	return (size_t)m->number < cloud_voters(m->cloud);
}

char *ovn_services(const struct member *m, const char *separator)
{
	return central(m) ? xasprintf("central%schassis%sswitch", separator, separator)
			  : xasprintf("chassis%sswitch", separator);
}

/* --- microovn ----------------------------------------------------------------------------- */
static const char *expects(const struct member *m, int db)
{
	return db == DB_NB ? m->snaps[SNAP_OVN].rev->nb : m->snaps[SNAP_OVN].rev->sb;
}

static void schema_status(struct sh *sh, int db)
{
	const struct cloud *c = sh->dev->member->cloud;
	const char *name = db == DB_NB ? "Northbound" : "Southbound";
	bool fine =
	    cloud_forgotten(c, SNAP_OVN) == NULL || str_eq(expects(sh->dev->member, db), c->ovn_schema[db]);
	for (size_t i = 0; i < c->members.n; i++)
		fine = fine && str_eq(expects(c->members.v[i], db), c->ovn_schema[db]) &&
		       member_runs(c->members.v[i], SNAP_OVN);
	if (fine && !fault_on(sh->dev, "ovn-schema")) {
		blob_printf(sh->out, "OVN %s: OK (%s)\n", name, c->ovn_schema[db]);
		return;
	}
	blob_printf(sh->out,
		    "OVN %s: Upgrade or attention required!\nCurrently active schema: %s\n"
		    "Cluster report (expected schema versions):\n",
		    name, c->ovn_schema[db]);
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		blob_printf(sh->out, "\t%s: %s\n", m->dev->name,
			    !member_runs(m, SNAP_OVN) ? "Error. Failed to contact member"
			    : m->snaps[SNAP_OVN].rev->schema < 6
				? "Missing API. MicroOVN needs upgrade"
				: expects(m, db));
	}
	if (cloud_forgotten(c, SNAP_OVN))
		blob_printf(sh->out, "\t%s: %s\n", cloud_forgotten(c, SNAP_OVN),
			    "Missing API. MicroOVN needs upgrade");
}

static int status(struct sh *sh)
{
	const struct member *me = sh->dev->member;
	const struct cloud *c = me->cloud;
	blob_puts(sh->out, "MicroOVN deployment summary:\n");
	for (size_t i = 0; i < c->members.n; i++) {
		char *services = ovn_services(c->members.v[i], ", ");
		blob_printf(sh->out, "- %s (%s)\n  Services: %s\n", c->members.v[i]->dev->name,
			    c->members.v[i]->dev->address, services);
		free(services);
	}
	if (me->snaps[SNAP_OVN].rev->schema < 6)
		return 0; /* 22.03 says nothing of databases */
	if (c->leader[DB_NB] < 0 || c->leader[DB_SB] < 0)
		return say(
		    sh, 1,
		    "Error: failed to fetch either Southbound or Northbound database status");
	blob_puts(sh->out, "OVN Database summary:\n");
	schema_status(sh, DB_NB);
	schema_status(sh, DB_SB);
	if (fault_on(sh->dev, "ovn-certificate"))
		blob_puts(sh->out, "OVN Northbound Database certificate has expired\n");
	return 0;
}

static int run_microovn(struct sh *sh, int argc, char **argv)
{
	const struct snap_rev *rev = sh->dev->member->snaps[SNAP_OVN].rev;
	const char *verb = argc > 1 ? argv[1] : "";
	if (!snapd_lets_run(sh, SNAP_OVN))
		return 137;
	if (str_eq(verb, "--version")) {
		blob_printf(sh->out, "microovn: %s\novn: %s\n", rev->version, rev->software);
		return 0;
	}
	if (str_eq(verb, "cluster") && argc > 2 && str_eq(argv[2], "list"))
		return cluster_list(sh, SNAP_OVN, argc - 2, argv + 2);
	if (str_eq(verb, "cluster") && argc > 2 && str_eq(argv[2], "remove"))
		return cluster_remove(sh, SNAP_OVN, argc - 2, argv + 2);
	if (!str_eq(verb, "status"))
		return say(sh, 1, "Error: unknown command \"%s\" for \"microovn\"", verb);
	return daemon_answers(sh, SNAP_OVN) ? status(sh) : 1;
}

/* --- ovn-appctl --------------------------------------------------------------------------- */
static void sid(int server, int db, char out[5])
{
	static const char hex[] = "0123456789abcdef";
	unsigned n = 0x6be2u + 0x3a17u * (unsigned)server + 0x0101u * (unsigned)db;
	for (int i = 0; i < 4; i++)
		out[i] = hex[n >> (12 - 4 * i) & 15];
	out[4] = '\0';
}

static void servers(struct sh *sh, const struct cloud *c, const struct member *me, int db)
{
	char id[5];
	for (size_t i = 0; i < cloud_voters(c); i++) {
		const struct member *m = c->members.v[i];
		bool up = member_runs(m, SNAP_OVN);
		int64_t ago =
		    up ? 200 + 131 * (int64_t)i : sh->lab->now - m->snaps[SNAP_OVN].since + 400;
		sid((int)i, db, id);
		blob_printf(sh->out, "    %s (%s at ssl:%s:%d)", id, id, m->dev->address,
			    db == DB_NB ? 6643 : 6644);
		if (m == me)
			blob_puts(sh->out, " (self)\n");
		else
			blob_printf(sh->out, " last msg %lld ms ago\n", (long long)ago);
	}
}

static int not_applied(const struct member *me)
{
	struct fault *f = fault_get(me->dev, "ovn-behind", false);
	if (!f || !fault_on(me->dev, "ovn-behind"))
		return 0;
	return f->arg ? atoi(f->arg) : 5;
}

static int cluster_status(struct sh *sh, int db)
{
	const struct member *me = sh->dev->member;
	const struct cloud *c = me->cloud;
	bool leads = c->leader[db] == me->number;
	int down = 0;
	char mine[5], leader[5] = "", cluster[5];
	for (size_t i = 0; i < cloud_voters(c); i++)
		down += !member_runs(c->members.v[i], SNAP_OVN);
	sid(me->number, db, mine);
	sid(40, db, cluster);
	if (c->leader[db] >= 0)
		sid(c->leader[db], db, leader);
	blob_printf(
	    sh->out,
	    "%s\nName: OVN_%s\nCluster ID: %s (%s3b1c-90d2-4f61-9c85-6a5f0be84c17)\nServer ID: "
	    "%s (%s7f20-4d0a-4b7e-8d1b-2f6ac0c5e9b4)\nAddress: ssl:%s:%d\nStatus: cluster "
	    "member\nRole: %s\nTerm: %d\nLeader: %s\nVote: %s\n\n",
	    mine, db == DB_NB ? "Northbound" : "Southbound", cluster, cluster, mine, mine,
	    me->dev->address, db == DB_NB ? 6643 : 6644, leads ? "leader" : "follower", c->term[db],
	    leads     ? "self"
	    : *leader ? leader
		      : "unknown",
	    leads     ? "self"
	    : *leader ? leader
		      : "unknown");
	blob_printf(
	    sh->out,
	    "Election timer: %d\nLog: [2, 141]\nEntries not yet committed: %d\nEntries not yet "
	    "applied: %d\nConnections: ->0000 <-0000\nDisconnections: %d\nServers:\n",
	    c->election[db], c->leader[db] < 0 ? 3 : 0, not_applied(me), down);
	servers(sh, c, me, db);
	return 0;
}

static int election_timer(struct sh *sh, int db, const char *text)
{
	struct cloud *c = sh->dev->member->cloud;
	int wanted = atoi(text);
	const char *name = db == DB_NB ? "OVN_Northbound" : "OVN_Southbound";
	if (c->leader[db] != sh->dev->member->number)
		return say(sh, 2,
			   "change-election-timer must be initiated through leader.\n"
			   "ovn-appctl: server returned an error");
	if (wanted < 100 || wanted > 600000)
		return say(sh, 2,
			   "invalid parameter: expected to be between 100 and 600000, in msec.\n"
			   "ovn-appctl: server returned an error");
	if (wanted > 2 * c->election[db])
		return say(sh, 2,
			   "election timer increase should not exceed the current value x 2.\n"
			   "ovn-appctl: server returned an error");
	lab_log(sh->lab, sh->dev, "election-timer", "%s %d -> %d", name, c->election[db], wanted);
	c->election[db] = wanted;
	blob_puts(sh->out, "change of election timer initiated.\n");
	return 0;
}

/* The control socket of a database is there where central runs. */
static int run_appctl(struct sh *sh, int argc, char **argv)
{
	const char *target = "", *words[3] = {"", "", ""};
	int n = 0;
	if (!snapd_lets_run(sh, SNAP_OVN))
		return 137;
	for (int i = 1; i < argc; i++) {
		if ((str_eq(argv[i], "-t") || str_eq(argv[i], "--target")) && i + 1 < argc)
			target = argv[++i];
		else if (str_starts(argv[i], "--target="))
			target = argv[i] + 9;
		else if (argv[i][0] != '-' && n < 3)
			words[n++] = argv[i];
	}
	int db = str_ends(target, "ovnnb_db.ctl")   ? DB_NB
		 : str_ends(target, "ovnsb_db.ctl") ? DB_SB
						    : -1;
	bool there = db >= 0 && (str_starts(target, "/var/snap/microovn/common/run/ovn/") ||
				 str_starts(target, "/var/snap/microovn/common/run/central/"));
	if (!there || !central(sh->dev->member) || !member_runs(sh->dev->member, SNAP_OVN))
		return say(sh, 1,
			   "ovn-appctl: cannot connect to \"%s\" (No such file or directory)",
			   target);
	if (sh->uid)
		return say(sh, 1, "ovn-appctl: cannot connect to \"%s\" (Permission denied)",
			   target);
	if (!str_eq(words[1], db == DB_NB ? "OVN_Northbound" : "OVN_Southbound"))
		return say(sh, 2,
			   "\"%s\" command requires at least 1 arguments\n"
			   "ovn-appctl: %s: server returned an error",
			   words[0], target);
	if (str_eq(words[0], "cluster/status"))
		return cluster_status(sh, db);
	if (str_eq(words[0], "cluster/change-election-timer"))
		return election_timer(sh, db, words[2]);
	return say(sh, 2,
		   "\"%s\" is not a valid command (use \"list-commands\" to see a list of valid "
		   "commands)\novn-appctl: %s: server returned an error",
		   words[0], target);
}

const struct command ovn_commands[] = {
    {.name = "microovn", .run = run_microovn, .path = "/snap/bin"},
    {.name = "microovn.ovn-appctl", .run = run_appctl, .path = "/snap/bin"},
    {.name = "ovn-appctl", .run = run_appctl, .path = "/snap/bin"},
    {0},
};
