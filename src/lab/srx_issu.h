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

void issu_say(const struct upgrade *u, const char *fmt, ...) PRINTF_LIKE(2, 3); /* with the time */
/* It ends before anything has changed. Always false. */
bool issu_stop(struct upgrade *u, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* srx_check.c: what the box looks at first. false: said why. */
bool issu_allowed(struct upgrade *u, const char *line);

#endif
