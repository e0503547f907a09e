/* SPDX-License-Identifier: ISC */
/* The stages of an in-service upgrade, and those of an in-band one. */
#include "config.h"

#include "lab/srx_issu.h"

#include "lab/command.h"

#include <stdlib.h>

/* Lab milliseconds. */
enum {
	CHECK_MS = 2000,
	FAILOVER_MS = 3000,
	KERNEL_MS = 15000,
	PUSH_MS = 60000,
	INSTALL_MS = 220000,
	DAEMON_MS = 20000,
	CARD_MS = 45000,
	LOOK_MS = 5000,
	SYNC_LIMIT_MS = 1800000,
	SHORT_HOLD_MS = 900000,
	LONG_HOLD_MS = 2700000,
	ICU_CARDS_MS = 33000, /* so long before its cards forward, the second one goes down */
};

/* --- parts of stages -------------------------------------------------------------------------- */
static void stage_new(struct device *dev, const char *version)
{
	free(dev->junos->pending);
	dev->junos->pending = xstrdup(version);
	lab_log(dev->lab, dev, "staged", "%s", version);
}

/* The package is unpacked on a node. */
static bool install(struct upgrade *u, int n)
{
	struct device *dev = u->k->node[n];
	lab_log(dev->lab, dev, "install", "%s", u->image.version);
	fault_moment(dev, "install");
	if (fault_fire(dev, "install-hangs"))
		proc_hang(u->c->sh->proc);
	if (!issu_sleeps(u, INSTALL_MS))
		return false;
	if (fault_fire(dev, "install-fails")) {
		blob_printf(u->c->out,
			    "ERROR: %s fails requirements check\nInstallation failed for package\n",
			    u->image.version);
		return u->touched ? issu_stranded(u, "install", "")
				  : issu_stop(u, "installation on node%d failed", n);
	}
	stage_new(dev, u->image.version);
	blob_printf(u->c->out,
		    "Verified %s signed by PackageProductionECP256_2024 method ECDSA256+SHA256\n"
		    "JUNOS %s will become active at next reboot\n"
		    "Saving state for rollback ...\n",
		    u->image.version, u->image.version);
	return true;
}

static bool waits_up(struct upgrade *u, int n, int64_t limit)
{
	int64_t until = u->k->lab->now + limit;
	struct device *dev = u->k->node[n];
	bool was_down = false;
	while (!was_down || !device_up(dev)) {
		was_down = was_down || !device_up(dev);
		if (u->k->lab->now >= until || !issu_sleeps(u, LOOK_MS))
			return false;
	}
	return true;
}

static bool waits_sync(struct upgrade *u, int n)
{
	int64_t until = u->k->lab->now + SYNC_LIMIT_MS;
	while (!cluster_synced(u->k, n) || !device_up(u->k->node[n]))
		if (u->k->lab->now >= until || !issu_sleeps(u, LOOK_MS))
			return false;
	return true;
}

static int64_t hold_of(const struct upgrade *u)
{
	int order = 0;
	bool modern = srx_version_order(u->c->dev->version, "17.4R1", &order) && order >= 0;
	return u->k->model->long_hold && (modern || order > 0) ? LONG_HOLD_MS : SHORT_HOLD_MS;
}

static bool move_all(struct upgrade *u, int first, int to)
{
	for (int g = first; g < SRX_RGS; g++) {
		struct rg *rg = &u->k->rg[g];
		if (!rg->exists)
			continue;
		if (cluster_primary(u->k, g) != to)
			rg_move(u->k, g, to, "Manual failover");
		rg->manual = to;
	}
	return issu_sleeps(u, FAILOVER_MS);
}

/* --- the ten stages --------------------------------------------------------------------------- */
static bool gather(struct upgrade *u)
{
	if (cluster_fault(u->k, "rg-failover-fails"))
		return issu_stop(u, "failover all redundancy-groups 1...n to node%d failed", u->me);
	issu_put(
	    u, "ISSU: failover all redundancy-groups 1...n to primary node\n"
	       "Successfully reset all redundancy-groups priority back to configured priority.\n");
	if (!move_all(u, 1, u->me))
		return false;
	blob_printf(u->c->out, "Initiated manual failover for all redundancy-groups to node%d\n",
		    u->me);
	return true;
}

static bool check_config(struct upgrade *u)
{
	issu_put(u, "ISSU: Validating Image\n");
	if (u->no_validate)
		return issu_sleeps(u, CHECK_MS);
	return junos_validate(u->c) || issu_stop(u, "validation of the configuration failed");
}

static bool kernel_state(struct upgrade *u)
{
	issu_put(u, "ISSU: Preparing Backup RE\n");
	if (!issu_sleeps(u, KERNEL_MS))
		return false;
	if (cluster_fault(u->k, "ksyncd-error"))
		return issu_stop(u, "ksyncd: kernel state of node%d is not in step", u->other);
	return true;
}

/* It validates the configuration itself before it takes the image. */
static bool secondary_installs(struct upgrade *u)
{
	blob_printf(u->c->out, "Pushing bundle to node%d\n", u->other);
	if (!issu_sleeps(u, PUSH_MS))
		return false;
	if (!u->no_validate && fault_fire(u->k->node[u->other], "validate-fails")) {
		blob_printf(u->c->out,
			    "node%d:\n" SRX_RULE
			    "mgd: error: configuration check-out failed\nValidation failed\n",
			    u->other);
		return issu_stop(u, "validation of the configuration failed on node%d", u->other);
	}
	if (!install(u, u->other))
		return false;
	blob_printf(u->c->out, "Finished upgrading secondary node node%d\nBackup upgrade done\n",
		    u->other);
	return !u->k->abort || issu_stop(u, "aborted on request");
}

static bool secondary_reboots(struct upgrade *u)
{
	struct device *dev = u->k->node[u->other];
	char at[32];
	issu_say(u, "Rebooting Secondary Node");
	u->touched = true;
	if (!fault_fire(dev, "issu-reboot-fails"))
		device_reboot(dev, "in-service-upgrade");
	issu_put(u, "ISSU: Backup RE Prepare Done\n");
	issu_say(u, "Waiting for node%d to reboot.", u->other);
	if (waits_up(u, u->other, hold_of(u))) {
		issu_say(u, "node%d booted up.", u->other);
		return true;
	}
	if (proc_alive(u->c->sh->proc))
		blob_printf(u->c->out,
			    "error: %s: Reboot secondary node failed (error-code: 4.1)\n\n",
			    issu_stamp(u, at));
	return issu_stranded(
	    u, "4.1", " Backup node maybe in inconsistent state, Please restore backup node");
}

static bool secondary_syncs(struct upgrade *u)
{
	issu_say(u, "Waiting for node%d to become secondary", u->other);
	if (waits_sync(u, u->other)) {
		issu_say(u, "node%d became secondary.", u->other);
		return true;
	}
	issu_say(u, "timeout waiting for secondary node node%d to sync(error-code: 6.1)", u->other);
	issu_put(u, "Chassis control process started, pid 36707 \n\n");
	return issu_stranded(u, "6.1",
			     " Backup node has been upgraded, Please restore backup node ");
}

static bool secondary(struct upgrade *u)
{
	return secondary_installs(u) && secondary_reboots(u) && secondary_syncs(u);
}

static bool daemons(struct upgrade *u)
{
	issu_put(u, "Initiating Chassis In-Service-Upgrade\nChassis ISSU Started\n"
		    "ISSU: Preparing Daemons\n");
	if (!issu_sleeps(u, DAEMON_MS))
		return false;
	if (cluster_fault(u->k, "chassisd-error")) {
		issu_say(u, "chassisd: a process is not ready for ISSU");
		return issu_stranded(u, "chassisd", "");
	}
	issu_put(u, "ISSU: Daemons Ready for ISSU\n");
	return true;
}

static bool cards_save(struct upgrade *u)
{
	issu_put(u, "ISSU: Starting Upgrade for FRUs\n");
	return issu_sleeps(u, CARD_MS);
}

static bool cards_restart(struct upgrade *u)
{
	issu_say(u, "Waiting for node%d to be ready for failover", u->other);
	return issu_sleeps(u, CARD_MS);
}

static bool ready(struct upgrade *u)
{
	issu_say(u, "Secondary node%d ready for failover.", u->other);
	return issu_sleeps(u, CHECK_MS);
}

static bool switch_over(struct upgrade *u)
{
	issu_say(u, "Failing over all redundancy-groups to node%d", u->other);
	issu_put(u, "ISSU: Preparing for Switchover\n");
	if (!issu_sleeps(u, CHECK_MS))
		return false;
	for (int g = 1; g < SRX_RGS; g++) {
		if (!u->k->rg[g].exists || (rg_priority(u->k, g, u->other) > 0 &&
					    !cluster_fault(u->k, "issu-failover-fails")))
			continue;
		blob_printf(u->c->out, "error: remote rg%d priority zero, abort failover.\n", g);
		issu_say(u, "failover all RGs to node node%d failed (error-code: 7.1)", u->other);
		return issu_stranded(u, "7.1", "");
	}
	issu_say(u, "Initiated failover for all the redundancy groups to node%d", u->other);
	return move_all(u, 0, u->other);
}

/* From here on nobody is left to say what fails. */
static void last_words(struct upgrade *u)
{
	struct cluster *k = u->k;
	cluster_window(k, false);
	if (cluster_fault(k, "primary-stays")) {
		lab_log(k->lab, u->c->dev, "primary-stays", "%s", k->name);
		return;
	}
	blob_printf(u->c->out,
		    "*** FINAL System shutdown message from %s@%s ***\n\n"
		    "System going down IMMEDIATELY\n\n",
		    u->c->sh->user, u->c->dev->hostname);
	device_reboot(u->c->dev, "in-service-upgrade");
	(void)issu_sleeps(u, LONG_HOLD_MS); /* until the node goes, and this session with it */
}

static bool old_primary(struct upgrade *u)
{
	issu_say(u, "node%d took over all redundancy groups", u->other);
	if (!install(u, u->me))
		return false;
	if (u->unlink)
		(void)vfs_remove(&u->c->dev->vfs, u->path);
	blob_printf(u->c->out, "Exiting in-service-upgrade window\n");
	last_words(u);
	return true;
}

/* --- in-band: both are installed, then one reboots after the other ---------------------------- */
static bool icu_check(struct upgrade *u)
{
	issu_put(u, "ISSU: Validating package\n"
		    "WARNING: in-service-upgrade shall reboot both the nodes\n"
		    "         in your cluster. Please ignore any subsequent\n"
		    "         reboot request message\n");
	return u->no_validate
		   ? issu_sleeps(u, CHECK_MS)
		   : junos_validate(u->c) || issu_stop(u, "validation of the configuration failed");
}

static bool icu_secondary(struct upgrade *u)
{
	blob_printf(u->c->out,
		    "ISSU: start downloading software package on secondary node\n"
		    "Pushing bundle to node%d\nFormatting alternate root (/dev/da0s1a)...\n"
		    "Extracting %s ...\n",
		    u->other, u->path);
	if (!issu_sleeps(u, PUSH_MS) || !install(u, u->other))
		return false;
	blob_printf(u->c->out, "ISSU: finished upgrading on secondary node node%d\n", u->other);
	return true;
}

static bool icu_primary(struct upgrade *u)
{
	issu_put(u, "ISSU: start upgrading software package on primary node\n");
	return install(u, u->me);
}

static bool icu_reboot(struct upgrade *u)
{
	issu_put(u, "ISSU: rebooting Secondary Node\n");
	u->touched = true;
	if (!fault_fire(u->k->node[u->other], "issu-reboot-fails"))
		device_reboot(u->k->node[u->other], "in-service-upgrade");
	blob_printf(u->c->out,
		    "ISSU: Waiting for secondary node node%d to reboot.\n"
		    "ISSU: Waiting for node %d to come up\n",
		    u->other, u->other);
	if (!waits_up(u, u->other, SHORT_HOLD_MS))
		return issu_stranded(u, "4.1", "");
	blob_printf(u->c->out, "ISSU: node %d came up\nISSU: secondary node node%d booted up.\n",
		    u->other, u->other);
	const struct service *cards = &u->k->node[u->other]->services[SERVICE_SWITCHD];
	int64_t ahead = cards->since - u->k->lab->now - ICU_CARDS_MS;
	return ahead <= 0 || issu_sleeps(u, ahead);
}

static bool icu_end(struct upgrade *u)
{
	last_words(u);
	return true;
}

const struct issu_stage issu_stages[] = {
    {"all redundancy groups on the primary", gather},
    {"validation", check_config},
    {"kernel state", kernel_state},
    {"secondary is upgraded", secondary},
    {"daemons are prepared", daemons},
    {"line cards save their state", cards_save},
    {"line cards start the image", cards_restart},
    {"ready for the switchover", ready},
    {"switchover", switch_over},
    {"old primary is upgraded", old_primary},
    {NULL, NULL},
};

const struct issu_stage icu_stages[] = {
    {"validation", icu_check},
    {"secondary is installed", icu_secondary},
    {"primary is installed", icu_primary},
    {"all redundancy groups on the primary", gather},
    {"secondary reboots", icu_reboot},
    {"primary reboots", icu_end},
    {NULL, NULL},
};
