/* SPDX-License-Identifier: ISC */
/* The checks after the upgrade, each by itself: warnings, which do not fail the job, with what to do. */
#include "config.h"

#include "tests/sim/faults.h"

#define ALL_DONE "spine01=done spine02=done leaf01=done leaf02=done leaf03=done leaf04=done"

/* Files that NetQ's life-cycle manager did not put back, and one of the operator's own. */
#define FILES                                                                                      \
	"/etc/tacplus_servers /etc/tacplus_nss.conf /etc/nslcd.conf /etc/cumulus/switchd.d/site.conf"
#define LOOK "for i in " FILES " /root/site.txt; do sudo -n cat $i; done"
#define SEEN                                                                                       \
	"mine /etc/tacplus_servers\nmine /etc/tacplus_nss.conf\nmine /etc/nslcd.conf\n"            \
	"mine /etc/cumulus/switchd.d/site.conf\nmine /root/site.txt\n"

static int with_files(struct sim *s, struct job *j, struct err *e)
{
	static const char put[] = "sudo -n sh -c 'mkdir -p /etc/cumulus/switchd.d; for i in " FILES
	                          " /root/site.txt; do echo \"mine $i\" >$i; done'";
	struct lab_result r = {0};
	int d = lab_find(s->lab, "leaf02");
	(void)j;
	bool good = lab_exec(s->lab, (size_t)d, "cumulus", put, NULL, 0, 10000, &r) && r.status == 0;
	lab_result_release(&r);
	return good ? 0 : err_set(e, ERR_SYSTEM, "no files");
}

const struct row after_rows[] = {
    {.name = "after: the files of TACACS, LDAP and switchd are back (3738840, 3781503, 3773879)",
     .o = {.prepare = with_files, .parameters = {"backup-extra=/root/site.txt"}},
     .job = JOB_DONE,
     .states = ALL_DONE,
     .look = LOOK,
     .seen = SEEN},
    {.name = "after: they are back after a way back, too",
     .o = {.prepare = with_files, .parameters = {"backup-extra=/root/site.txt"}},
     .ready = {"leaf02:fails=ifreloadx1"},
     .job = JOB_HELD,
     .states = "spine01=done spine02=done leaf01=pending leaf02=rolled-back leaf03=pending "
               "leaf04=done",
     .look = LOOK,
     .seen = SEEN},
    {.name = "after: a neighbour is not heard any more",
     .ready = {"leaf02:lldp-lost=swp51"},
     .job = JOB_DONE,
     .states = ALL_DONE,
     .after = {{"leaf02", "lldp-after", "Switch Connectivity", "warning",
                "leaf02 sees * LLDP neighbours, * before the upgrade",
                "A cable, a port speed (/etc/cumulus/ports.conf)*", NULL, true},
               {"leaf02", "snapshot-differs", "Snapshots", "warning", "*LLDP: 1 removed*", NULL,
                NULL, true}}},
    {.name = "after: packages left files",
     .o = {.method = "package", .from = "3.7.11", .to = "3.7.12", .no_image = true},
     .ready = {"leaf02:dpkg-left"},
     .job = JOB_DONE,
     .after = {{"leaf02", "leftover-files", "Health of Services", "warning",
                "The package upgrade left configuration files of its own beside yours on leaf02",
                "Compare and remove them*", "*.dpkg-*", true}}},
    {.name = "after: no space for packages",
     .o = {.method = "package", .from = "3.7.11", .to = "3.7.12", .no_image = true},
     .before = {"leaf02:disk-full=5000"},
     .checks = {{"leaf02", "space-packages", "Switch Connectivity", "failed",
                 "Not enough space on leaf02 for a package upgrade: 5000 bytes free, 800000000 needed",
                 "Free some space (0.8 GB are needed)*"}},
     .surveyed = JOB_REFUSED},
    {0},
};
