/* SPDX-License-Identifier: ISC */
/*
 * The lab's verdict on what is done to a chassis cluster. A "violation" in the log is something
 * that nobody who upgrades a cluster may do, or let happen.
 */
#include "config.h"

#include "lab/srx.h"

void judge_issu_starts(struct cluster *c)
{
	for (int n = 0; n < 2; n++)
		c->reboots[n] = c->rollbacks[n] = 0;
}

void judge_second_issu(const struct device *dev)
{
	if (dev->cluster->upgrader)
		lab_log(dev->lab, dev, "violation", "second-issu %s", dev->cluster->name);
}

void judge_change(const struct device *dev, const char *what)
{
	if (dev->cluster->upgrader)
		lab_log(dev->lab, dev, "violation", "%s-during-issu %s", what, dev->cluster->name);
}

void judge_rollback(struct device *dev, bool named)
{
	struct cluster *c = dev->cluster;
	if (!named)
		lab_log(dev->lab, dev, "violation", "rollback-without-node %s", c->name);
	else
		c->rollbacks[dev->node] = 1;
	/* what is only staged on both can be dropped on both: neither is left with another version */
	if (named && c->rollbacks[!dev->node] && !str_eq(c->node[0]->version, c->node[1]->version))
		lab_log(dev->lab, dev, "violation", "both-rolled-back %s", c->name);
}

/* A data group that leaves its node only because the node is gone is a hit to the traffic. */
static void traffic_hit(const struct device *dev)
{
	const struct cluster *c = dev->cluster;
	const char *event = c->in_band ? "interrupted" : "violation";
	for (int g = 1; g < SRX_RGS; g++)
		if (c->rg[g].exists && c->rg[g].state[dev->node] == RG_PRIMARY)
			lab_log(dev->lab, dev, event, "traffic-hit %s redundancy-group %d", c->name,
				g);
}

/* Each node reboots once in an upgrade, and once more when it is rolled back. */
void judge_down(struct device *dev)
{
	struct cluster *c = dev->cluster;
	int n = dev->node;
	traffic_hit(dev);
	if (!device_up(c->node[!n]))
		lab_log(dev->lab, dev, "violation", "both-nodes-down %s", c->name);
	if (++c->reboots[n] > 1 + c->rollbacks[n])
		lab_log(dev->lab, dev, "violation", "more-than-one-reboot %s", dev->name);
}
