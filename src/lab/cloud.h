/* SPDX-License-Identifier: ISC */
/*
 * A MicroCloud: members (devices) with snapd, and the clusters that the snaps make of them. What a
 * member runs is its own (struct member); what they agree on is shared (struct cloud), and moves
 * with what the members run. Nothing here knows who asks.
 */
#ifndef LAB_CLOUD_H
#define LAB_CLOUD_H

#include "lab/command.h"
#include "lab/device.h"

#include <cjson/cJSON.h>

enum snap_id { SNAP_CEPH, SNAP_OVN, SNAP_LXD, SNAP_CLOUD, SNAPS };

extern const char *const snap_names[SNAPS]; /* microceph microovn lxd microcloud */
int snap_find(const char *name);            /* -1 */

/* A revision that the store has: rows of snap_store.c, newest of a channel last. */
struct snap_rev {
	enum snap_id snap;
	int rev;
	const char *channel, *version, *date; /* "squid/stable", of the snap, of its release */
	int megabytes;
	int schema;           /* members of a cluster with different ones wait for each other */
	const char *software; /* what is inside: ceph 19.2.0; LXD 5.21.3 */
	const char *name;     /* of the ceph release; NULL: not ceph */
	const char *nb, *sb;  /* schemas of the OVN databases; NULL: not OVN */
	bool phased;          /* published, but only some are offered it */
};

struct member;
/* What the store offers this member in a channel; phased: it is one of those who get the next one
 * first. NULL: there is no such channel. */
const struct snap_rev *store_offers(struct member *m, enum snap_id snap, const char *channel,
				    bool phased);
const struct snap_rev *store_revision(enum snap_id snap, int rev); /* NULL */
/* What a cloud of that MicroCloud version runs of this snap. */
const struct snap_rev *store_of_cloud(enum snap_id snap, const char *version);
/* Channels of a snap, one after the other: NULL behind the last. */
const char *store_channel(enum snap_id snap, size_t i);

struct snap {
	const struct snap_rev *rev, *old; /* in use; what revert goes back to (NULL) */
	const char *tracking;
	bool cohort, held;
	int64_t hold_until; /* -1: for ever */
	bool started;       /* snapd has started its services */
	bool failed;        /* and they have ended with an error */
	bool unlinked;      /* between two revisions: its commands wait */
	int64_t since, refreshed;
};

enum task_state {
	TASK_DO,
	TASK_DOING,
	TASK_DONE,
	TASK_ABORT,
	TASK_UNDO,
	TASK_UNDOING,
	TASK_UNDONE,
	TASK_HOLD,
	TASK_ERROR,
	TASK_STATES
};
struct task_row;
struct task {
	const struct task_row *row;
	enum task_state state;
	int64_t spawn, began, until, ready; /* ready: -1 */
	char *log;                          /* NULL */
};

struct change {
	int id;
	const char *kind; /* refresh-snap, auto-refresh, revert-snap, ... */
	char *summary;
	enum snap_id snap;
	bool asked; /* by somebody, not by the system itself */
	const struct snap_rev *from, *to;
	const char *channel;
	bool cohort, aborted;
	int64_t spawn, ready; /* -1 */
	VEC(struct task) tasks;
};

struct snap_save { /* of one snap; those of one command share the set */
	int set;
	enum snap_id snap;
	const struct snap_rev *rev;
	int64_t at;
};

struct cloud;
struct member {
	struct cloud *cloud;
	struct device *dev;
	int number; /* 0.. */
	struct snap snaps[SNAPS];
	VEC(struct change *) changes;
	VEC(struct snap_save) saves;
	char *move_error;  /* how the last evacuation or restoration has ended; NULL: well */
	int64_t update_at; /* LXD asks snapd to catch up with the others; -1 */
	int64_t osd_down_since, lxd_gone_since; /* -1: up */
	bool osd_out, osds_stopped, evacuated, evacuating, restoring;
};

struct instance {
	char name[16];
	bool vm, live, running, lost, moving;
	int home, at; /* members */
	int origin;   /* volatile.evacuate.origin: the one that was evacuated; -1 */
	uint64_t boot;
};

enum { DB_NB, DB_SB, DBS };
enum { ELECTION_MS = 1000 }; /* the election timer of OVN's databases at the beginning */
struct cloud {
	VEC(struct member *) members;
	/* what the daemons of a snap have agreed on; -1: nothing is due */
	int schema[SNAPS];
	int64_t commit_at[SNAPS];
	bool quorum[SNAPS];
	bool removed[SNAPS]; /* the forgotten member is out of its books */
	/* ceph */
	bool noout, storage;
	int64_t recovered, require_at;
	const char *require; /* require-osd-release */
	char fsid[40];
	/* OVN */
	const char *ovn_schema[DBS];
	int64_t convert_at;
	int election_first[DBS];                   /* as it was before anybody changed it */
	int election[DBS], term[DBS], leader[DBS]; /* leader: member, -1 none */
	/* LXD */
	VEC(struct instance) instances;
	int healing; /* seconds; 0: off */
	/* what the lab has seen: cloud_judge.c */
	bool begun[SNAPS], many_out;
};

/* --- cloud.c: the shared state ------------------------------------------------------------ */
struct cloud *cloud_join(struct device *dev); /* with those of its group */
void cloud_leave(struct member *m);
void cloud_update(struct cloud *c); /* after each change of a member, and when something is due */
int64_t cloud_next(const struct cloud *c);
/* Do the services of this snap answer on this member? */
bool member_runs(const struct member *m, enum snap_id snap);
/* They have a database whose voters are the first three. */
bool cloud_quorum(const struct cloud *c, enum snap_id snap);
size_t cloud_voters(const struct cloud *c);
/* How many members still have to get the version of this member; 0: it has its database. Members
 * that are in the cluster's books only count. */
int cloud_behind(const struct cloud *c, const struct member *m, enum snap_id snap);
/* A member that is in the books of a snap but nobody has thought of (fault): name or NULL. */
const char *cloud_forgotten(const struct cloud *c, enum snap_id snap);
bool cloud_lxd_mixed(const struct cloud *c); /* do members run different versions of LXD? */
int64_t member_up_since(const struct member *m, enum snap_id snap);
int64_t cloud_start_ms(enum snap_id snap);
void cloud_election(struct cloud *c, int ms); /* the timers are so from the beginning */
void cloud_noout(struct cloud *c, struct device *dev, bool on);

/* --- cloud_judge.c: the lab's own verdicts ------------------------------------------------ */
void judge_state(struct cloud *c);
/* Somebody asks for another revision on this member. */
void judge_refresh(struct member *m, enum snap_id snap, const struct snap_rev *to);
void judge_moves(struct member *m);     /* instances begin to move from or to it */
void judge_conversion(struct cloud *c); /* OVN's databases get a new schema */
void judge_end(struct cloud *c);        /* the lab goes away */

/* --- snapd.c ------------------------------------------------------------------------------ */
/* Begin a change; NULL: err says why not (the text of snap). asked: by somebody; channel: the one
 * that is tracked from then on. */
struct change *snapd_refresh(struct member *m, enum snap_id snap, const struct snap_rev *to,
			     const char *channel, bool cohort, const char *kind, bool asked,
			     struct err *e);
struct change *snapd_revert(struct member *m, enum snap_id snap, const struct snap_rev *to,
			    struct err *e);
struct change *snapd_other(struct member *m, enum snap_id snap, const char *kind,
			   const char *summary);
void snapd_services(struct member *m, enum snap_id snap, bool on); /* start or stop them */
void snapd_past(struct member *m, enum snap_id snap); /* a refresh has failed before */
void snapd_fail(struct member *m, enum snap_id snap); /* they end with an error */
/* A command of this snap may start: it waits while the snap is between two revisions. false:
 * killed. */
bool snapd_lets_run(struct sh *sh, enum snap_id snap);
struct change *snapd_change(const struct member *m, int id);          /* NULL */
struct change *snapd_busy(const struct member *m, enum snap_id snap); /* in progress; NULL */
bool snapd_abort(struct member *m, struct change *c);
const char *snapd_status(const struct change *c); /* Doing, Done, ... */
void snapd_advance(struct member *m);
int64_t snapd_next(const struct member *m);
void snapd_free(struct member *m);
char *snap_task_summary(const struct change *c, const struct task *t); /* new */
const char *snap_task_state(enum task_state s);
/* "cannot perform the following tasks: ..." of a change that has failed. New. */
char *snapd_why(const struct change *c);

/* --- cloud_table.c: how the tools print --------------------------------------------------- */
enum table_style { TABLE_LINES, TABLE_CENTRED, TABLE_BOX, TABLE_COMPACT, TABLE_CSV, TABLE_TABS };
struct lab_table {
	size_t columns;
	VEC(char *) cells; /* the first row is the header */
};
void lab_table_add(struct lab_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3); /* the next cell */
void lab_table_print(struct lab_table *t, enum table_style style,
		     struct blob *out); /* and release it */

/* --- what members answer ------------------------------------------------------------------ */
struct member *member_of(const struct sh *sh);
/* The cluster list of a daemon of microcluster as this member sees it. */
const char *member_status(const struct member *viewer, const struct member *m, enum snap_id snap);
/* Non-root, no daemon, database waiting, no quorum: says so and gives false. */
bool daemon_answers(struct sh *sh, enum snap_id snap);
int cluster_list(struct sh *sh, enum snap_id snap, int argc, char **argv);
/* ... and "cluster remove NAME [--force]" of it. */
int cluster_remove(struct sh *sh, enum snap_id snap, int argc, char **argv);
char *ceph_services(const struct member *m, const char *separator); /* new; "-": none */
char *ovn_services(const struct member *m, const char *separator);

/* --- cloud_ceph.c ------------------------------------------------------------------------- */
struct ceph_view {
	size_t mons, mons_in, osds, osds_up, osds_in;
	bool quorum, active, clean;
};
void ceph_look(const struct cloud *c, struct ceph_view *v);
enum { CEPH_OSD_AFTER = 4000, CEPH_RECOVERS = 9000 }; /* milliseconds behind the daemon's start */
bool ceph_mon_in(const struct member *m);
bool ceph_osd_up(const struct member *m);
bool ceph_ok_to_stop(const struct cloud *c, const struct member *m);
cJSON *ceph_checks(const struct cloud *c, const char **status); /* new; HEALTH_OK, ... */
cJSON *ceph_status_json(const struct cloud *c);                 /* new */
void ceph_status_text(const struct cloud *c, struct blob *out);
cJSON *ceph_versions_json(const struct cloud *c); /* new */
char *ceph_version(const struct snap_rev *rev); /* "ceph version 19.2.0 (...) squid (stable)" new */

/* --- cmd_lxd.c, cloud_move.c -------------------------------------------------------------- */
bool lxd_is_6(const struct member *m);
struct member *lxd_member(const struct cloud *c, const char *name); /* NULL */
enum table_style lxd_style(const char *format);
bool lxd_may_change(struct sh *sh); /* no: said why */
/* columns: as -c takes them: letters and keys of the configuration, a comma between. */
int lxd_instances(struct sh *sh, const char *format, const char *columns);
void lxd_all_live(struct member *m, bool are); /* all that is on it can move live; or not any more */
int lxd_move(struct sh *sh, const char *name, const char *target); /* one that moves live */
int lxd_operations(struct sh *sh, const char *format); /* what goes on in the background */
int lxd_exec(struct sh *sh, const char *name, int n, const char *const *words); /* in an instance */
void lxd_evacuated(struct member *m); /* it has been for long */
/* cluster.healing_threshold: what ran on a member that has been away for longer starts elsewhere.
 */
void lxd_heal(struct cloud *c);
int64_t lxd_heals(const struct cloud *c); /* when that is due next; -1 */
/* force and yes: the flags of that name. */
int lxd_evacuate(struct sh *sh, const char *name, const char *action, bool force, bool yes);
int lxd_restore(struct sh *sh, const char *name, const char *action, bool force, bool yes);

int ceph_maintenance(struct sh *sh, int argc, char **argv); /* enter or exit, and what follows */

extern const struct command snap_commands[], snap_rest_commands[], ceph_commands[], ovn_commands[],
    lxd_commands[], microcloud_commands[], lxd_operations_commands[];
extern const struct system ubuntu_system;

#endif
