/* SPDX-License-Identifier: ISC */
/* The faults of a chassis cluster. */
#include "config.h"

#include "lab/fault.h"
#include "lab/srx.h"

static void busy(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->cluster)
		cluster_window(dev->cluster, true);
}

static void not_busy(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->cluster && !dev->cluster->upgrader)
		cluster_window(dev->cluster, false);
}

static void in_step(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->cluster)
		dev->cluster->stuck[dev->node] = false;
}

const struct fault_row srx_fault_rows[] = {
    {"cold-sync-stuck", 1, NULL, "cold sync does not end after its next boot (SRX)", NULL, in_step},
    {"rg-priority-zero", -1, NULL, "=RG a monitored interface is down: priority 0 (all) (SRX)",
     NULL, NULL},
    {"rg-ineligible", -1, NULL, "=RG this node is ineligible (all) (SRX)", NULL, NULL},
    {"node-disabled", -1, NULL, "=RG this node is disabled, its priority stays (all) (SRX)", NULL,
     NULL},
    {"control-link-down", -1, NULL, "the control link is down: ineligible, then disabled (SRX)",
     NULL, NULL},
    {"fabric-link-down", -1, NULL, "the fabric link is down (SRX)", NULL, NULL},
    {"rg-failover-fails", 1, NULL, "a redundancy group does not move (SRX)", NULL, NULL},
    {"issu-busy", 1, NULL, "an in-service upgrade was left unfinished (SRX)", busy, not_busy},
    {"issu-drops", 1, NULL, "=STAGE the session ends there, the upgrade goes on (4) (SRX)", NULL,
     NULL},
    {"issu-hangs", 1, NULL, "=STAGE the upgrade stands still there (4) (SRX)", NULL, NULL},
    {"issu-reboot-fails", 1, NULL, "the secondary does not reboot, error 4.1 (SRX)", NULL, NULL},
    {"issu-failover-fails", 1, NULL, "the switchover is refused, error 7.1 (SRX)", NULL, NULL},
    {"ksyncd-error", 1, NULL, "the kernel of the secondary is not in step (SRX)", NULL, NULL},
    {"chassisd-error", 1, NULL, "a process is not ready for the upgrade (SRX)", NULL, NULL},
    {"image-gone", 1, NULL, "the image is not there when it is needed (SRX)", NULL, NULL},
    {"image-corrupt", 1, NULL, "the image is not what was signed (SRX)", NULL, NULL},
    {"no-host-validate", -1, NULL, "the host has no command to validate an image (SRX)", NULL, NULL},
    {"primary-stays", 1, NULL, "the old primary does not reboot by itself (SRX)", NULL, NULL},
    {0},
};
