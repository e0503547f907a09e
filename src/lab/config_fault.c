/* SPDX-License-Identifier: ISC */
/* Faults of the configuration: what a validation of MLAG finds, each by itself, and a switch without a
 * management port. Those without a function bite where the state is shown. */
#include "config.h"

#include "lab/fault.h"

#include <stdio.h>

static void no_backup_ip(struct device *dev, struct fault *f)
{
	(void)f;
	dev->mlag.backup_ip[0] = '\0';
	dev->lab->dirty = true;
}

static void interfaces_again(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->phase == PHASE_UP)
		config_apply_interfaces(dev, false);
	dev->lab->dirty = true;
}

static void another_vlan(struct device *dev, struct fault *f)
{
	char name[16];
	(void)snprintf(name, sizeof(name), "vlan%s", f->arg ? f->arg : "99");
	int i = port_add(dev, name, PORT_BRIDGE); /* which may move the ports */
	struct port *p = &dev->ports.v[i];
	p->configured = p->admin = true;
	dev->lab->dirty = true;
}

static void dpkg_left(struct device *dev, struct fault *f)
{
	(void)f;
	vfs_put_text(&dev->vfs, "/etc/frr/daemons.dpkg-dist", "bgpd=no\n", 0640, dev->lab->now);
}

static void dpkg_gone(struct device *dev, struct fault *f)
{
	(void)f;
	(void)vfs_remove(&dev->vfs, "/etc/frr/daemons.dpkg-dist");
}

const struct fault_row config_fault_rows[] = {
    {"mlag-no-backup-ip", -1, NULL, "no MLAG backup IP is set", no_backup_ip, interfaces_again},
    {"mlag-two-primaries", -1, NULL, "both switches of the pair say that they are primary", NULL,
     NULL},
    {"mlag-bridge", -1, NULL, "the peerlink is in no bridge", NULL, NULL},
    {"mlag-stp-off", -1, NULL, "spanning tree is off on the bridge", NULL, NULL},
    {"mlag-stp-blocks", -1, NULL, "spanning tree blocks the peerlink", NULL, NULL},
    {"mlag-conflict", -1, NULL, "=BOND is in conflict with that of the peer (bond1)", NULL, NULL},
    {"mlag-proto-down", -1, NULL, "=BOND is held down by MLAG (bond1)", NULL, NULL},
    {"mlag-svi", -1, NULL, "=VLAN has an interface on the bridge (99)", another_vlan,
     interfaces_again},
    {"dpkg-left", -1, NULL, "a package has left its own file beside /etc/frr/daemons", dpkg_left,
     dpkg_gone},
    {"in-band", -1, NULL, "=PORT has the management address instead of eth0 (swp51)", NULL, NULL},
    {0},
};
