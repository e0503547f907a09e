/* SPDX-License-Identifier: ISC */
/* The pre-checks: every row of the seed's table, and what we look at beyond it. An error refuses the
 * job, a warning does not. */
#include "config.h"

#include "tests/sim/faults.h"

#include "base/path.h"

#include <stdlib.h>

#define ORDER "Switch Order"
#define COMPATIBILITY "Version Compatibility"
#define MLAG "MLAG Configuration"
#define CONNECTIVITY "Switch Connectivity"

/* --- situations ---------------------------------------------------------------------------------- */

/* leaf04 has no peer and one uplink only: spine02. */
static int single_homed(struct sim *s, struct job *j, struct err *e)
{
	struct inventory *inv = j->inventory;
	size_t leaf = inventory_find(inv, "leaf04"), spine = inventory_find(inv, "spine02");
	(void)s, (void)e;
	for (size_t i = inv->links.n; i-- > 0;) {
		struct link *l = &inv->links.v[i];
		if ((l->a == leaf && l->b != spine) || (l->b == leaf && l->a != spine)) {
			free(l->a_port), free(l->b_port);
			VEC_REMOVE(&inv->links, i);
		}
	}
	return 0;
}

static int failed_before(struct sim *s, const char *phase, struct err *e)
{
	return store_history_add(s->store, "address 127.66.0.12:22", "leaf02", "job_0", "failed",
	                         phase, "4.2.0", e);
}

static int failed_backup(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Backup", e);
}

static int failed_restore(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Restore", e);
}

static int failed_install(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Install", e);
}

static int failed_reboot(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Reboot", e);
}

static int failed_drain(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Drain", e);
}

static int failed_copy(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Copy", e);
}

static int failed_rollback(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Rollback", e);
}

static int failed_verify(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Verify", e);
}

static int failed_twice(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return failed_before(s, "Reboot, Rollback", e);
}

/* Another job has locked leaf02. */
static int locked(struct sim *s, struct job *j, struct err *e)
{
	char *other = NULL, identity[] = "address 127.66.0.12:22", name[] = "leaf02";
	char *const identities[] = {identity}, *const names[] = {name};
	int rc = store_job_new(s->store, "night shift", &other, e);
	(void)j;
	if (rc == 0)
		rc = store_lock_devices(s->store, other, identities, names, 1, 0, e);
	free(other);
	return rc;
}

/* Five jobs run. The owners live until the row ends: it is the only one of its kind. */
static struct owner *owners[5];

static int five_jobs(struct sim *s, struct job *j, struct err *e)
{
	int rc = 0;
	(void)j;
	for (int i = 0; rc == 0 && i < 5; i++) {
		char name[] = "job A", *id = NULL;
		name[4] = (char)('A' + i);
		rc = store_job_new(s->store, name, &id, e);
		if (rc == 0 && !(owners[i] = store_own(s->store, id, e)))
			rc = -1;
		free(id);
	}
	return rc;
}

static void five_jobs_end(struct sim *s)
{
	(void)s;
	for (int i = 0; i < 5; i++) {
		owner_free(owners[i]);
		owners[i] = NULL;
	}
}

/* Another machine has left its mark. */
static int marked(struct sim *s, struct job *j, struct err *e)
{
	struct lab_result r = {0};
	int d = lab_find(s->lab, "leaf02");
	(void)j;
	bool good = lab_exec(s->lab, (size_t)d, "cumulus",
	                     "sudo -n sh -c 'mkdir /run/hitless.lock; echo other >/run/hitless.lock/job'",
	                     NULL, 0, 10000, &r) &&
	            r.status == 0;
	lab_result_release(&r);
	return good ? 0 : err_set(e, ERR_SYSTEM, "no mark");
}

static int pending(struct sim *s, struct job *j, struct err *e)
{
	struct lab_result r = {0};
	int d = lab_find(s->lab, "leaf02");
	(void)j;
	bool good = lab_exec(s->lab, (size_t)d, "cumulus",
	                     "sudo -n sh -c 'mkdir -p /var/lib/cumulus/installer; echo x "
	                     ">/var/lib/cumulus/installer/onie-installer'",
	                     NULL, 0, 10000, &r) &&
	            r.status == 0;
	lab_result_release(&r);
	return good ? 0 : err_set(e, ERR_SYSTEM, "nothing pending");
}

#define MISSING(what) what "CL Version - 4.2.0, Asic Vendor - VX, CPU Arch - x86_64"

const struct row precheck_rows[] = {
    {.name = "pre: all is well"},

    /* --- (1) switch order ---------------------------------------------------------------------------- */
    {.name = "pre: isolation",
     .o = {.prepare = single_homed},
     .checks = {{"spine02", "isolation", ORDER, "warning",
                 "spine02 switch cannot be upgraded without isolating leaf04 which are connected "
                 "neighbors. Unable to upgrade",
                 "Give leaf04 a second connection, or go on knowing that they are cut off while "
                 "spine02 is away*"}}},

    /* --- (2) version compatibility ------------------------------------------------------------------- */
    {.name = "pre: 3.x to 4.x",
     .o = {.from = "3.7.12", .to = "4.2.0"},
     .checks = {{"leaf01", "version-path", COMPATIBILITY, "failed",
                 "Unable to upgrade leaf01 with CL version 3.7.12 to 4.2.0",
                 "*Another major release needs a fresh install of leaf01."},
                {"*", "version-path"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: an older version",
     .o = {.from = "4.2.0", .to = "4.1.1"},
     .checks = {{"leaf01", "version-path", COMPATIBILITY, "failed",
                 "Unable to upgrade leaf01 with CL version 4.2.0 to 4.1.1", "Choose a later*"},
                {"*", "version-path"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: stale version",
     .before = {"leaf02:stale-version"},
     .checks = {{"leaf02", "version-path", COMPATIBILITY, "failed",
                 "Unable to upgrade leaf02 with CL version 3.7.4 to 4.2.0", "*"},
                {"leaf02", "restoration-image", COMPATIBILITY, "failed",
                 "Restoration image not uploaded for the combination: CL Version - 3.7.4, Asic "
                 "Vendor - VX, CPU Arch - x86_64"},
                {"*", "mlag-same-release"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: image missing",
     .o = {.no_image = true},
     .checks = {{"leaf01", "image", COMPATIBILITY, "failed",
                 MISSING("Image not uploaded for the combination: "),
                 "Add the image: hitless image add FILE*"},
                {"*", "image"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: restoration image missing",
     .o = {.no_old_image = true},
     .checks = {{"leaf01", "restoration-image", COMPATIBILITY, "failed",
                 "Restoration image not uploaded for the combination: CL Version - 4.1.1, Asic "
                 "Vendor - VX, CPU Arch - x86_64",
                 "Add the image of the version that runs now: hitless image add FILE; or switch "
                 "off*"},
                {"*", "restoration-image"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: restoration image not needed",
     .o = {.no_old_image = true, .parameters = {"rollback=no"}}},
    {.name = "pre: agent packages missing",
     .o = {.parameters = {"agent-version=4.15.0"}},
     .checks = {{"leaf01", "agent-package", COMPATIBILITY, "failed",
                 "NetQ Agent Debian package is not present for combination: netq-agent 4.15.0, CL "
                 "Version - 4.*, CPU Arch - x86_64",
                 "Add the package*hitless image add FILE*"},
                {"leaf01", "agent-cli-package", COMPATIBILITY, "failed",
                 "NetQ CLI Debian package is not present for combination: netq-apps 4.15.0, *"},
                {"leaf01", "restoration-agent-package", COMPATIBILITY, "failed",
                 "Restoration NetQ Agent Debian package is not present for combination: "
                 "netq-agent 3.3.0, CL Version - 4.1.1, CPU Arch - x86_64",
                 "Add the package of the version that runs now*"},
                {"leaf01", "restoration-agent-cli-package", COMPATIBILITY, "failed",
                 "Restoration NetQ CLI Debian package is not present for combination: "
                 "netq-apps 3.3.0, CL Version - 4.1.1, CPU Arch - x86_64"},
                {"*", "*agent*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: same version",
     .o = {.from = "4.2.0", .to = "4.2.0"},
     .checks = {{"leaf01", "same-version", COMPATIBILITY, "warning",
                 "CL version to be upgraded to and current version on switch leaf01 are the same.",
                 "Choose an alternate CL version for the upgrade or remove leaf01 from the job."},
                {"*", "same-version"}}},

    /* --- (3) switch connectivity ------------------------------------------------------------------------ */
    {.name = "pre: credentials missing",
     .o = {.no_credentials = true},
     .checks = {{"", "credentials", CONNECTIVITY, "failed", "Global credentials are not specified",
                 "Give the switch access credentials: hitless credential add."}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: rotten",
     .before = {"leaf02:unreachable"},
     .checks = {{"leaf02", "reachable", CONNECTIVITY, "failed",
                 "Switch leaf02 is rotten. Cannot select for upgrade.",
                 "It does not answer at 127.66.0.12 port 22: ssh: connect to host 127.66.0.12 port "
                 "22: Connection timed out. Check its power*"},
                {"leaf02", "host-key-*", CONNECTIVITY, "unknown"},
                {"leaf02", "login", CONNECTIVITY, "unknown"},
                {"leaf01", "mlag-backup-owner", MLAG, "unknown",
                 "MLAG configuration checks timed out", "leaf02 did not answer*"},
                {"leaf01", "mlag-same-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: no route",
     .before = {"spine01:no-route"},
     .checks = {{"spine01", "reachable", CONNECTIVITY, "failed",
                 "Switch spine01 is rotten. Cannot select for upgrade.", "*No route to host*"},
                {"spine01", "host-key-*", CONNECTIVITY, "unknown"},
                {"spine01", "login", CONNECTIVITY, "unknown"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: refused",
     .before = {"spine01:refused"},
     .checks = {{"spine01", "reachable", CONNECTIVITY, "failed",
                 "Switch spine01 is rotten. Cannot select for upgrade.", "*Connection refused*"},
                {"spine01", "host-key-*", CONNECTIVITY, "unknown"},
                {"spine01", "login", CONNECTIVITY, "unknown"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: cut at connect", .before = {"spine01:cut-at-connect"}},
    {.name = "pre: wrong password", /* the last device: the others have logged in before */
     .before = {"leaf04:wrong-password"},
     .checks = {{"leaf04", "login", CONNECTIVITY, "failed",
                 "Cannot log in to leaf04: cumulus@leaf04: Permission denied *",
                 "Correct the credential (hitless credential test)*Nothing is retried by itself."},
                {"leaf03", "mlag-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: wrong password everywhere", /* one login is refused, no other one is tried */
     .before = {"*:wrong-password"},
     .checks = {{"spine02", "login", CONNECTIVITY, "failed",
                 "Cannot log in to spine02: credential default was refused on spine01; no further "
                 "login is tried with it",
                 "*Nothing is retried by itself."},
                {"*", "login"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: host key changed",
     .before = {"leaf02:host-key-changed"},
     .checks = {{"leaf02", "host-key-same", CONNECTIVITY, "failed",
                 "The host key of leaf02 is not the known one: another machine may be answering at "
                 "127.66.0.12.",
                 "Find out why before going on.*"},
                {"leaf02", "login", CONNECTIVITY, "unknown"},
                {"leaf01", "mlag-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: host key changed between two rounds",
     .again = {"leaf02:host-key-changed"},
     .checks_again = {{"leaf02", "host-key-same", CONNECTIVITY, "failed",
                       "The host key of leaf02 is not the known one: another machine may be "
                       "answering at 127.66.0.12.",
                       "Find out why before going on.*"},
                      {"leaf02", "login", CONNECTIVITY, "unknown"}}},
    {.name = "pre: too many jobs",
     .o = {.prepare = five_jobs, .cleanup = five_jobs_end, .job_limit = 5},
     .checks = {{"", "job-count", CONNECTIVITY, "failed",
                 "Total number of jobs 6 exceeded Max jobs supported 5",
                 "Wait until the number of jobs that run at the same time has dropped below 5."}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: already being upgraded",
     .o = {.prepare = locked},
     .checks = {{"leaf02", "busy", CONNECTIVITY, "failed",
                 "Switch leaf02 is already being upgraded. Cannot initiate another upgrade.",
                 "Remove leaf02 from this job or wait until job 'night shift' (no process runs it: "
                 "resume or cancel it) has ended."}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: already being upgraded from another machine",
     .o = {.prepare = marked},
     .checks = {{"leaf02", "claimed", CONNECTIVITY, "failed",
                 "Switch leaf02 is already being upgraded. Cannot initiate another upgrade.",
                 "*started on another machine*/run/hitless.lock*", "job: other*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: backup failed before",
     .o = {.prepare = failed_backup},
     .checks = {{"leaf02", "previous-backup", CONNECTIVITY, "warning",
                 "Backup failed in previous upgrade attempt for switch leaf02.",
                 "You may want to back up leaf02 by hand first*"},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: restore failed before",
     .o = {.prepare = failed_restore},
     .checks = {{"leaf02", "previous-restore", CONNECTIVITY, "warning",
                 "Restore failed in previous upgrade attempt for switch leaf02.",
                 "*be ready to restore leaf02 by hand*"},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: upgrade failed before",
     .o = {.prepare = failed_install},
     .checks = {{"leaf02", "previous-upgrade", CONNECTIVITY, "warning",
                 "Upgrade failed in previous attempt for switch leaf02.",
                 "Read the old failure with hitless jobs*"}}},
    {.name = "pre: reboot failed before",
     .o = {.prepare = failed_reboot},
     .checks = {{"leaf02", "previous-reboot", CONNECTIVITY, "warning",
                 "Reboot failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: drain failed before",
     .o = {.prepare = failed_drain},
     .checks = {{"leaf02", "previous-drain", CONNECTIVITY, "warning",
                 "Moving the traffic away failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: copy failed before",
     .o = {.prepare = failed_copy},
     .checks = {{"leaf02", "previous-copy", CONNECTIVITY, "warning",
                 "Copy of the image failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: reboot and the way back failed before",
     .o = {.prepare = failed_twice},
     .checks = {{"leaf02", "previous-reboot", CONNECTIVITY, "warning",
                 "Reboot failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-rollback", CONNECTIVITY, "warning",
                 "Roll back failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-upgrade", CONNECTIVITY, "warning",
                 "Upgrade failed in previous attempt for switch leaf02."}}},
    {.name = "pre: rollback failed before",
     .o = {.prepare = failed_rollback},
     .checks = {{"leaf02", "previous-rollback", CONNECTIVITY, "warning",
                 "Roll back failed in previous upgrade attempt for switch leaf02."},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: sudo password",
     .before = {"leaf02:sudo-password"},
     .checks = {{"leaf02", "sudo", CONNECTIVITY, "failed", "sudo asks for a password on leaf02",
                 "Give the user the right: a file in /etc/sudoers.d with the line \"cumulus "
                 "ALL=(ALL) NOPASSWD: ALL\".",
                 "*a password is required*"},
                {"leaf02", "mlag-checks", MLAG, "failed", "MLAG configuration checks failed", NULL,
                 "*a password is required*"},
                {"leaf01", "mlag-same-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: hostname default",
     .before = {"leaf02:hostname-default"},
     .checks = {{"leaf02", "hostname", CONNECTIVITY, "failed",
                 "The host name of leaf02 is still the factory's: cumulus",
                 "Set it (sudo hostnamectl set-hostname NAME)*"},
                {"leaf02", "named", CONNECTIVITY, "failed",
                 "The switch at * calls itself cumulus, not leaf02",
                 "Correct the name or the address in the inventory*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: disk full",
     .before = {"leaf02:disk-full=5000"},
     .checks = {{"leaf02", "space", CONNECTIVITY, "failed",
                 "Not enough space on leaf02 for the image: 5000 bytes free, * needed",
                 "Free some space in /var*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: no licence",
     .o = {.platform = "broadcom"},
     .before = {"spine01:no-licence"},
     .checks = {{"spine01", "licence", CONNECTIVITY, "failed",
                 "No valid Cumulus Linux licence is installed on spine01",
                 "Install it (sudo cl-license -i FILE*", "No license installed!*"},
                {"*", "bgp-established"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: licence not valid",
     .o = {.platform = "broadcom"},
     .before = {"spine01:licence-invalid"},
     .checks = {{"spine01", "licence", CONNECTIVITY, "failed",
                 "No valid Cumulus Linux licence is installed on spine01", "*",
                 "License is not valid!*"},
                {"*", "bgp-established"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: garbage",
     .before = {"leaf02:garbage"},
     .checks = {{"leaf02", "plain-answers", CONNECTIVITY, "failed",
                 "leaf02 adds text of its own to every answer",
                 "A login script of cumulus (~/.bashrc*", "<U+001B>]0;pwned<U+0007>*plain*"},
                {"leaf01", "mlag-same-*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: an install is pending",
     .o = {.prepare = pending},
     .checks = {{"leaf02", "pending-install", CONNECTIVITY, "warning",
                 "leaf02 is already set to install an image at its next reboot",
                 "*sudo onie-select -c on leaf02."}}},
    {.name = "pre: reached through a data port",
     .before = {"leaf02:in-band"},
     .checks = {{"leaf02", "out-of-band", CONNECTIVITY, "failed",
                 "leaf02 is reached through its data ports, which go down during the upgrade",
                 "Use the address of its management port eth0, or set links-down to no*",
                 "*swp51*127.66.0.12/*"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: reached through a data port that may stay up",
     .o = {.parameters = {"links-down=no"}},
     .before = {"leaf02:in-band"}},
    {.name = "pre: another system",
     .before = {"leaf02:foreign-os"},
     .checks = {{"leaf02", "supported", COMPATIBILITY, "failed",
                 "leaf02 does not answer like a Cumulus Linux switch: *",
                 "Check the platform of leaf02 in the inventory*"},
                {"leaf02", "*"},
                {"leaf01", "mlag-same-release"}},
     .surveyed = JOB_REFUSED},
    {.name = "pre: verification failed before",
     .o = {.prepare = failed_verify},
     .checks = {{"leaf02", "previous-verify", CONNECTIVITY, "warning",
                 "Verification failed in previous upgrade attempt for switch leaf02.",
                 "Read the old failure with hitless jobs*"},
                {"leaf02", "previous-upgrade"}}},
    {.name = "pre: slow", .before = {"leaf02:slow=2"}},

    {.name = "pre: a change was never saved",
     .before = {"leaf02:config-unsaved"},
     .checks = {{"leaf02", "config-saved", CONNECTIVITY, "warning",
                 "The routing configuration of leaf02 differs from /etc/frr/frr.conf*",
                 "Save it (sudo vtysh*"}}},
    {.name = "pre: no time server",
     .before = {"leaf02:clock-free"},
     .checks = {{"leaf02", "clock-synchronized", CONNECTIVITY, "warning",
                 "The clock of leaf02 follows no time server", "See timedatectl*"}}},
    {.name = "pre: a BGP session is down",
     .before = {"leaf02:link-down=swp51"},
     .checks = {{"leaf02", "bgp-established", CONNECTIVITY, "warning",
                 "BGP sessions of leaf02 are not established*", "See show bgp vrf all summary*"},
                {"*", "bgp-*"}, {"*", "*"}}},
    {0},
};
