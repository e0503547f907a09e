/* SPDX-License-Identifier: ISC */
/* The pre-checks of pairs: the seed's four messages, and the reasons 0 to 11 of NetQ's validation of
 * MLAG, each planted by itself: its message, what to do, and that nothing else complains. */
#include "config.h"

#include "tests/sim/faults.h"

#include <stdlib.h>

#define MLAG "MLAG Configuration"

static int without_device(struct job *j, const char *name)
{
	size_t d = inventory_find(j->inventory, name);
	for (size_t i = j->devices.n; i-- > 0;)
		if (j->devices.v[i] == d)
			VEC_REMOVE(&j->devices, i);
	return 0;
}

/* The inventory knows nothing of the pair leaf01-02. */
static int no_group(struct sim *s, struct job *j, struct err *e)
{
	struct inventory *inv = j->inventory;
	(void)s, (void)e;
	for (size_t i = inv->groups.n; i-- > 0;) {
		struct group *g = &inv->groups.v[i];
		if (strcmp(inv->devices.v[g->members.v[0]].name, "leaf01") != 0)
			continue;
		free(g->name), free(g->kind);
		VEC_RELEASE(&g->members);
		VEC_REMOVE(&inv->groups, i);
	}
	return without_device(j, "leaf02");
}

#define FACTS_OF_LEAF02 "hangs=^sudo -n clagctl"

const struct row mlag_rows[] = {
    {.name = "pre: backup IP",
     .before = {"leaf02:mlag-backup-ip"},
     .checks = {{"leaf02", "mlag-backup-owner", MLAG, "failed",
                 "hostname:leaf02,reason:Backup IP 10.10.10.99 does not belong to peer.",
                 "Set clagd-backup-ip of leaf02 to an address of leaf01."},
                {"leaf02", "mlag-backup-active", MLAG, "failed",
                 "hostname:leaf02,reason:Backup IP 10.10.10.99 is not active", "Check that leaf01*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG checks timed out",
     .before = {"leaf02:" FACTS_OF_LEAF02 "x99"},
     .checks = {{"leaf02", "mlag-checks", MLAG, "unknown", "MLAG configuration checks timed out",
                 "leaf02 did not answer to clagctl -j in time*"},
                {"leaf02", "mlag-*"},
                {"leaf01", "mlag-same-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG checks failed",
     .before = {"leaf02:mlag-peer-down"},
     .checks = {{"leaf02", "mlag-checks", MLAG, "failed", "MLAG configuration checks failed",
                 "clagd does not run on leaf02*", "*The clagd service is not running*"},
                {"leaf01", "mlag-peer-alive", MLAG, "failed",
                 "hostname:leaf01,reason:The MLAG peer is not alive",
                 "Bring leaf02 or the peerlink back first*", "*\"peerAlive\":false*"},
                {"leaf01", "mlag-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: another system MAC",
     .before = {"leaf02:mlag-sysmac"},
     .checks = {{"leaf02", "mlag-same-sysmac", MLAG, "failed",
                 "hostname:leaf02,reason:The system MAC of leaf02 (44:38:39:ff:99:99) is not that "
                 "of leaf01",
                 "Set the same clagd-sys-mac on both switches*"},
                {"leaf01", "mlag-same-sysmac"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: another anycast IP",
     .before = {"leaf02:mlag-anycast"},
     .checks = {{"leaf02", "mlag-same-anycast", MLAG, "failed",
                 "hostname:leaf02,reason:The VXLAN anycast IP of leaf02 (10.0.9.99) is not that of "
                 "leaf01",
                 "Set the same clagd-vxlan-anycast-ip on both switches*"},
                {"leaf01", "mlag-same-anycast"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: another release than the peer",
     .before = {"leaf02:stale-version=4.1.0"},
     .checks = {{"leaf02", "mlag-same-release", MLAG, "warning",
                 "hostname:leaf02,reason:leaf02 runs 4.1.0, leaf01 another release",
                 "A pair of two releases is meant for the time of an upgrade only*"},
                {"leaf01", "mlag-same-release"},
                {"*", "restoration*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: a bond with one side",
     .before = {"leaf02:link-down=swp1"},
     .checks = {{"leaf01", "mlag-single", MLAG, "failed",
                 "hostname:leaf01,reason:Bonds that only one switch of the pair serves: what is "
                 "behind them is cut off while leaf01 is away",
                 "Connect them to both switches*"},
                {"*", "mlag-single"}},
     .surveyed = JOB_REFUSED},
    /* The reasons of NetQ's validation of MLAG, 0 to 11, that are not above. */
    {.name = "pre: MLAG 0: the peerlink is down",
     .before = {"leaf01:link-down=swp49", "leaf02:link-down=swp50"},
     .checks = {{"leaf01", "mlag-peer-alive", MLAG, "failed",
                 "hostname:leaf01,reason:The MLAG peer is not alive",
                 "Bring leaf02 or the peerlink back first*", "*\"peerAlive\":false*"},
                {"leaf02", "mlag-peer-alive", MLAG, "failed",
                 "hostname:leaf02,reason:The MLAG peer is not alive",
                 "Bring leaf01 or the peerlink back first*"},
                {"leaf02", "mlag-peerlink", MLAG, "failed",
                 "hostname:leaf02,reason:Not every link of the peerlink peerlink is up*", "*"},
                {"*", "mlag-*"}, {"*", "bgp-*"}, {"*", "*-neighbors"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 0: one link of the peerlink is down",
     .before = {"leaf02:link-down=swp50"},
     .checks = {{"leaf02", "mlag-peerlink", MLAG, "failed",
                 "hostname:leaf02,reason:Not every link of the peerlink peerlink is up*",
                 "See cat /proc/net/bonding/peerlink on leaf02*",
                 "*Slave Interface: swp50\nMII Status: down*"},
                {"leaf01", "mlag-peerlink", MLAG, "failed"},
                {"*", "*-neighbors"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 0: both are primary",
     .before = {"leaf02:mlag-two-primaries"},
     .checks = {{"leaf02", "mlag-roles", MLAG, "failed",
                 "hostname:leaf02,reason:The MLAG roles of the pair are not primary and secondary: "
                 "expected \"secondary\" at /status/peerRole, got \"primary\"*",
                 "Look at clagctl on both switches: a split brain or an election that goes on."}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 1: no backup IP",
     .before = {"leaf02:mlag-no-backup-ip"},
     .checks = {{"leaf02", "mlag-backup-set", MLAG, "failed",
                 "hostname:leaf02,reason:Backup IP is missing",
                 "Set clagd-backup-ip to the management address of the peer on both switches."},
                {"leaf02", "mlag-backup-active", MLAG, "failed"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 4: the peerlink is in no bridge",
     .before = {"leaf02:mlag-bridge"},
     .checks = {{"leaf02", "mlag-bridge", MLAG, "failed",
                 "hostname:leaf02,reason:The peerlink peerlink is in no bridge",
                 "Add peerlink to the bridge-ports on both switches*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 5: spanning tree blocks the peerlink",
     .before = {"leaf02:mlag-stp-blocks"},
     .checks = {{"leaf02", "mlag-stp-port", MLAG, "failed",
                 "hostname:leaf02,reason:Spanning tree blocks the peerlink peerlink",
                 "See mstpctl showport on both switches*", "*peerlink*state blocking*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 5: spanning tree is off",
     .before = {"leaf02:mlag-stp-off"},
     .checks = {{"leaf02", "mlag-stp", MLAG, "warning",
                 "hostname:leaf02,reason:Spanning tree is off on the bridge of the peerlink",
                 "Switch it on (bridge-stp on) on both switches*"}}},
    {.name = "pre: MLAG 8: a bond in conflict",
     .before = {"leaf02:mlag-conflict"},
     .checks = {{"leaf02", "mlag-conflicts", MLAG, "failed",
                 "hostname:leaf02,reason:Conflicts on the bonds of the pair",
                 "Compare the MLAG configuration of both switches*",
                 "*lacp partner mac mismatch*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 9: a bond is held down",
     .before = {"leaf02:mlag-proto-down"},
     .checks = {{"leaf02", "mlag-proto-down", MLAG, "failed",
                 "hostname:leaf02,reason:Bonds are held down (protodown) by MLAG",
                 "clagctl shows the reason beside each bond.*", "*protoDown*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 10: a VLAN interface that the peer has not",
     .before = {"leaf02:mlag-svi=30"},
     .checks = {{"leaf02", "mlag-same-svis", MLAG, "failed",
                 "hostname:leaf02,reason:VLAN interfaces (SVI) of leaf02: 30; of leaf01: -",
                 "Configure them alike on both switches: a VLAN with an interface on one of them*"},
                {"leaf01", "mlag-same-svis", MLAG, "failed",
                 "hostname:leaf01,reason:VLAN interfaces (SVI) of leaf01: -; of leaf02: 30"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: MLAG 10: alike on both",
     .before = {"*:mlag-svi=10", "leaf01:mlag-svi=30", "leaf02:mlag-svi=30"}},
    {.name = "pre: MLAG 10: another VLAN",
     .before = {"leaf01:mlag-svi=10", "leaf02:mlag-svi=30"},
     .checks = {{"leaf01", "mlag-same-svis", MLAG, "failed",
                 "hostname:leaf01,reason:VLAN interfaces (SVI) of leaf01: 10; of leaf02: 30"},
                {"leaf02", "mlag-same-svis"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: peer not in the inventory",
     .o = {.prepare = no_group},
     .checks = {{"leaf01", "mlag-peer-inventory", MLAG, "failed",
                 "For switch leaf01, the MLAG switch with Role: secondary and ClagSysmac: "
                 "44:38:39:ff:40:02 does not exist.",
                 "Add the missing peer of leaf01 to the inventory*"}},
     .surveyed = JOB_REFUSED},
    {0},
};
