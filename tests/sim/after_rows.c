/* SPDX-License-Identifier: ISC */
/* The checks after the upgrade, each by itself: warnings, which do not fail the job, with what to do. */
#include "config.h"

#include "tests/sim/faults.h"

#define ALL_DONE "spine01=done spine02=done leaf01=done leaf02=done leaf03=done leaf04=done"

const struct row after_rows[] = {
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
