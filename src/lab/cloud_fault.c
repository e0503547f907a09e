/* SPDX-License-Identifier: ISC */
/* Faults of the members of a MicroCloud; where most of them bite is where their name is asked for.
 */
#include "config.h"

#include "lab/cloud.h"
#include "lab/fault.h"

#include <stdlib.h>

static enum snap_id snap_of(const struct fault *f, enum snap_id otherwise)
{
	int id = f->arg ? snap_find(f->arg) : -1;
	return id < 0 ? otherwise : (enum snap_id)id;
}

static void daemons_again(struct device *dev, struct fault *f)
{
	for (int s = 0; dev->member && s < SNAPS; s++)
		if (dev->member->snaps[s].failed && (!f->arg || str_eq(f->arg, snap_names[s])))
			snapd_services(dev->member, (enum snap_id)s, true);
}

static void daemon_ends(struct device *dev, struct fault *f)
{
	if (dev->member)
		snapd_fail(dev->member, snap_of(f, SNAP_CEPH));
}

static void state_again(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->member)
		cloud_update(dev->member->cloud);
}

/* Somebody else's change: it ends when the fault is cleared. */
static void busy(struct device *dev, struct fault *f)
{
	enum snap_id id = snap_of(f, SNAP_CEPH);
	if (!dev->member || snapd_busy(dev->member, id))
		return;
	(void)snapd_other(dev->member, id, "configure-snap", "Run configure hook");
}

/* Its hold has slipped: it takes by itself what the others have not got yet. */
static void slips(struct device *dev, struct fault *f)
{
	enum snap_id id = snap_of(f, SNAP_CEPH);
	struct member *m = dev->member;
	struct err e = {0};
	if (!m)
		return;
	struct snap *s = &m->snaps[id];
	const struct snap_rev *to = store_offers(m, id, s->tracking, s->cohort);
	s->held = false;
	if (to && to != s->rev)
		(void)snapd_refresh(m, id, to, s->tracking, s->cohort, "auto-refresh", false, &e);
}

static void hold_off(struct device *dev, struct fault *f)
{
	if (dev->member)
		dev->member->snaps[snap_of(f, SNAP_CEPH)].held = false;
}

static void noout(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->member)
		cloud_noout(dev->member->cloud, dev, true);
}

static void healing(struct device *dev, struct fault *f)
{
	if (dev->member)
		dev->member->cloud->healing = f->arg ? atoi(f->arg) : 60;
}

static void evacuated(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->member)
		lxd_evacuated(dev->member);
}

static void all_live(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->member)
		lxd_all_live(dev->member, true);
}

static void not_live(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->member)
		lxd_all_live(dev->member, false);
}

static void failed_before(struct device *dev, struct fault *f)
{
	if (dev->member)
		snapd_past(dev->member, snap_of(f, SNAP_CEPH));
}

static void timers(struct device *dev, struct fault *f)
{
	if (dev->member)
		cloud_election(dev->member->cloud, f->arg ? atoi(f->arg) : 16000);
}

const struct fault_row cloud_fault_rows[] = {
    {"store-unreachable", -1, NULL, "the snap store does not answer (MicroCloud)", NULL, NULL},
    {"store-busy", 1, NULL, "the snap store has had too many requests (MicroCloud)", NULL, NULL},
    {"store-phased", -1, NULL, "=SNAP it is offered another revision than the others (MicroCloud)",
     NULL, NULL},
    {"change-aborts", 1, NULL, "=SNAP a hook fails and snapd undoes the refresh (MicroCloud)", NULL,
     NULL},
    {"change-hangs", -1, NULL, "=SNAP copying the data of a snap never ends (MicroCloud)", NULL,
     NULL},
    {"change-busy", -1, NULL, "=SNAP another change of it is in progress, and does not end (MicroCloud)",
     busy, NULL},
    {"failed-before", 1, NULL, "=SNAP a refresh of it has failed before (MicroCloud)",
     failed_before, NULL},
    {"apps-running", 1, NULL, "=SNAP one of its commands runs: no refresh now (MicroCloud)", NULL,
     NULL},
    {"hold-slipped", 1, NULL, "=SNAP it refreshes by itself now (MicroCloud)", slips, NULL},
    {"not-held", 1, NULL, "=SNAP its refreshes are not held (MicroCloud)", hold_off, NULL},
    {"snap-stays-down", -1, NULL, "=SNAP its daemons end after a refresh (MicroCloud)", NULL,
     daemons_again},
    {"daemon-down", 1, NULL, "=SNAP its daemons have ended with an error (MicroCloud)", daemon_ends,
     daemons_again},
    {"osd-stays-down", -1, NULL, "after the next start of microceph its OSD is down (MicroCloud)",
     state_again, state_again},
    {"osd-needed", -1, NULL, "data would be lost without its OSD, says ceph (MicroCloud)", NULL,
     NULL},
    {"forgotten-member", -1, NULL,
     "=NAME the cluster has a member that nobody has thought of (MicroCloud)", state_again,
     state_again},
    {"ceph-health", -1, NULL, "=CODE a health check of ceph (PG_DAMAGED) (MicroCloud)", NULL, NULL},
    {"clock-skew", -1, NULL, "its clock is off, says ceph (MicroCloud)", NULL, NULL},
    {"ovn-behind", -1, NULL, "=N entries of OVN's databases are not applied yet (5) (MicroCloud)",
     NULL, NULL},
    {"ovn-schema", -1, NULL, "OVN's databases need attention, says microovn (MicroCloud)", NULL,
     NULL},
    {"ovn-certificate", -1, NULL, "a certificate of OVN has expired (MicroCloud)", NULL, NULL},
    {"election-timer", 1, NULL, "=MS OVN's election timers are so (16000) (MicroCloud)", timers,
     NULL},
    {"noout-set", 1, NULL, "noout is set already (MicroCloud)", noout, NULL},
    {"healing-set", 1, NULL, "=SECONDS cluster.healing_threshold (60) (MicroCloud)", healing, NULL},
    {"evacuated", 1, NULL, "it is evacuated already (MicroCloud)", evacuated, NULL},
    {"all-live", -1, NULL, "all its instances can move live (MicroCloud)", all_live, not_live},
    {"evacuate-fails", 1, NULL, "the last instance cannot be moved away (MicroCloud)", NULL, NULL},
    {"restore-fails", 1, NULL, "an instance cannot be moved back (MicroCloud)", NULL, NULL},
    {0},
};

/* The others take what they understand; a snap that there is not would never bite. */
int cloud_fault_arg(const struct fault_row *row, const char *arg, struct err *e)
{
	if (!str_starts(row->help, "=SNAP") || snap_find(arg) >= 0)
		return 0;
	return err_set(e, ERR_INPUT, "fault %s=%s: not one of microceph, microovn, lxd, microcloud",
		       row->name, arg);
}
