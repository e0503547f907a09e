/* SPDX-License-Identifier: ISC */
/* One in-service upgrade of a chassis cluster, while it runs. */
#ifndef LAB_SRX_ISSU_H
#define LAB_SRX_ISSU_H

#include "lab/junos_image.h"
#include "lab/junos_views.h"
#include "lab/srx.h"

struct upgrade {
	struct jcli *c;
	struct cluster *k;
	int me, other; /* the node that it was asked of, and its peer */
	char *path;
	struct junos_image image;
	bool no_sync, no_validate, reboot, unlink;
	bool touched;    /* a node has been rebooted: what goes wrong now leaves two versions */
	bool clean;      /* it ended before that: nothing is left behind */
	const char *why; /* for the log */
};

struct issu_stage {
	const char *what;
	bool (*run)(struct upgrade *u); /* false: it ends here, and has been said */
};
/* srx_stages.c: one after the other up to {NULL}. Without a sync of the nodes: icu_stages. */
extern const struct issu_stage issu_stages[], icu_stages[];

/* --- srx_issu.c: what is said, and how it ends ------------------------------------------------ */
const char *issu_stamp(const struct upgrade *u, char text[32]); /* "[Oct  6 12:30:16]" */
void issu_put(const struct upgrade *u, const char *text);
bool issu_sleeps(const struct upgrade *u, int64_t ms); /* false: the node has gone */
void issu_release(struct cluster *k);                  /* no group is held by hand any more */
void issu_say(const struct upgrade *u, const char *fmt, ...) PRINTF_LIKE(2, 3); /* with the time */
/* It ends before anything has changed. Always false. */
bool issu_stop(struct upgrade *u, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One node is new, or half way: what the box tells its people to do. Always false. */
bool issu_stranded(struct upgrade *u, const char *code, const char *more);

/* srx_check.c: what the box looks at first. false: said why. */
bool issu_allowed(struct upgrade *u, const char *line);

#endif
