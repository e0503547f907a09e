/* SPDX-License-Identifier: ISC */
/* The faults of hosts. */
#include "config.h"

#include "lab/calico.h"
#include "lab/fault.h"

static void look_again(struct device *dev, struct fault *f)
{
	(void)f;
	dev->lab->dirty = true;
}

static void unlock(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->calico && dev->calico->lock_until > dev->lab->now)
		dev->calico->lock_until = dev->lab->now;
}

const struct fault_row host_fault_rows[] = {
    {"packages-locked", 1, NULL, "=SECONDS another process holds the lock of dpkg or yum (40) (hosts)",
     NULL, unlock},
    {"mirror-unreachable", -1, NULL, "the mirror of packages does not answer (hosts)", NULL, NULL},
    {"mirror-ahead", -1, NULL, "=VERSION the mirror has such an etcd (3.6.1-1) (hosts)", NULL, NULL},
    {"conffile-prompt", 1, NULL, "a package asks what to do with a changed file (hosts)", NULL,
     NULL},
    {"package-script-fails", 1, NULL, "=REGEX the script of such a package fails (hosts)", NULL,
     NULL},
    {"upgrade-nothing", 1, NULL, "packages are kept back, with exit status 0 (hosts)", NULL, NULL},
    {"transaction-crashes", 1, NULL, "yum ends when Felix is there in two versions (hosts)", NULL,
     NULL},
    {"pip-managed", -1, NULL, "pip says that this system is managed by another (hosts)", NULL, NULL},
    {"package-held", -1, NULL, "=NAME this package is held (calico-felix) (hosts)", NULL, NULL},
    {"etcd-unhealthy", -1, NULL, "the etcd member runs and answers nobody (hosts)", look_again,
     look_again},
    {"etcd-silent", -1, NULL, "the etcd member does not answer curl (hosts)", NULL, NULL},
    {"etcd-auth", -1, NULL, "users of etcd have to log in (hosts)", NULL, NULL},
    {"etcd-v2-data", -1, NULL, "etcd holds data of the API v2 (hosts)", NULL, NULL},
    {"etcd-stays-down", 1, NULL, "etcd does not start again (hosts)", NULL, NULL},
    {"felix-silent", -1, NULL, "Felix runs and does not report (hosts)", NULL, NULL},
    {"agent-dead", -1, NULL, "=NAME this service fails at its next start (calico-dhcp-agent) (hosts)",
     NULL, NULL},
    {"pings-lost", 1, NULL, "=SECONDS no packets for the workloads when Felix starts (20) (hosts)",
     NULL, NULL},
    {0},
};
