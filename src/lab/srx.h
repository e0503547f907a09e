/* SPDX-License-Identifier: ISC */
/*
 * A chassis cluster: two nodes that are one firewall. Each node is a device of the lab with an
 * address of its own (fxp0); what they know of each other is here: redundancy groups, cold sync,
 * and the in-service upgrade.
 */
#ifndef LAB_SRX_H
#define LAB_SRX_H

#include "lab/junos.h"

enum rg_state {
	RG_LOST,
	RG_HOLD,
	RG_SECONDARY,
	RG_SECONDARY_HOLD,
	RG_PRIMARY,
	RG_INELIGIBLE,
	RG_DISABLED
};
enum { SRX_RGS = 4, SRX_HISTORY = 8 };

struct rg_change {
	int64_t at;
	enum rg_state from, to;
	const char *reason;
};

struct rg {
	bool exists, preempt;
	int priority[2]; /* as configured */
	int manual;      /* the node that was made primary by hand: its priority is 255; -1 */
	int failovers;
	enum rg_state state[2];
	int64_t until[2]; /* when a hold ends; -1 */
	int64_t preempt_at;
	struct rg_change history[2][SRX_HISTORY];
	size_t n_history[2];
};

/* What a box may do; rows in srx_model.c. */
struct srx_model {
	const char *product;
	const char *issu_from; /* first version with ISSU; NULL: it has none */
	const char *wall;      /* no ISSU from older versions into this train ("17.4") or, when */
	bool wall_open;        /* ...this is set, into any later one */
	bool icu, vmhost, snapshot;
	bool long_hold; /* waits 45 minutes for its secondary from 17.4R1 on, not 15 */
};

struct cluster {
	struct lab *lab;
	char *name; /* of the redundancy group */
	int id;
	struct device *node[2];
	const struct srx_model *model;
	struct rg rg[SRX_RGS];
	int64_t sync_at[2]; /* when its cold sync is complete */
	bool stuck[2];      /* it never is */
	bool window[2];     /* the node believes that an in-service upgrade goes on */
	int stage;          /* 1..10; 0: none runs */
	struct proc *upgrader;
	bool abort;                   /* asked for */
	bool in_band;                 /* no sync: the traffic is interrupted, and that is known */
	int64_t sessions_at;          /* since when sessions are kept */
	int reboots[2], rollbacks[2]; /* since the last upgrade began */
};

extern const struct system srx_system;

/* --- srx.c: life ------------------------------------------------------------------------------ */
/* Devices become node0 and node1 of a cluster. */
void srx_pair(struct lab *lab, int a, int b, int id, const char *name);
void cluster_configured(struct device *dev);          /* a commit */
const char *cluster_banner(const struct device *dev, char text[40]); /* "{primary:node0}" */
bool cluster_fault(struct cluster *c, const char *name); /* on one of the nodes; counts a use */

/* --- srx_rg.c: redundancy groups -------------------------------------------------------------- */
void cluster_update(struct cluster *c); /* what follows from nodes and time */
int64_t cluster_next(const struct cluster *c);
void rg_join(struct cluster *c, int node, bool at_once);
void rg_move(struct cluster *c, int g, int to, const char *reason);
/* As the box says it: faults included. */
enum rg_state rg_shown(const struct cluster *c, int g, int node);
int rg_priority(const struct cluster *c, int g, int node);
const char *rg_monitors(const struct cluster *c, int g, int node); /* "None", "CS", ... */
extern const char *const rg_state_names[];
int cluster_primary(const struct cluster *c, int g); /* -1: none */
bool cluster_forwards(const struct device *dev);
bool cluster_synced(const struct cluster *c, int node);

/* --- srx_traffic.c ---------------------------------------------------------------------------- */
void sessions_begin(struct cluster *c, int64_t at); /* all there were are lost */

/* --- srx_judge.c: what must not happen is a "violation" in the log ---------------------------- */
void judge_issu_starts(struct cluster *c);
void judge_second_issu(const struct device *dev);              /* asked for while one runs */
void judge_change(const struct device *dev, const char *what); /* something else, as above */
/* Of this node; was it named? Never one after the other of both. */
void judge_rollback(struct device *dev, bool named);
void judge_down(struct device *dev);                           /* it goes down now */

/* --- srx_model.c ------------------------------------------------------------------------------ */
const struct srx_model *srx_model_of(const struct platform *p);
/* <0, 0, >0; not comparable (another branch): false. */
bool srx_version_order(const char *a, const char *b, int *order);

/* --- srx_issu.c ------------------------------------------------------------------------------- */
void cluster_window(struct cluster *c, bool open); /* as an upgrade leaves it, or its abort */

/* --- commands. false: no such command --------------------------------------------------------- */
/* The configuration of one node is that of both. */
void srx_committed(struct jcli *c, const struct jconf *conf, const char *comment);
bool srx_request(struct jcli *c, const char *line);
void srx_upgrade(struct jcli *c, const char *line); /* in-service-upgrade ... */
void srx_abort(struct jcli *c, const char *line);
#define SRX_RULE "--------------------------------------------------------------------------\n"

#endif
