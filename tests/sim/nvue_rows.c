/* SPDX-License-Identifier: ISC */
/* Releases 5.x: which of them can be reached from which, and what NVUE needs from 5.9 on. */
#include "config.h"

#include "tests/sim/faults.h"

#define COMPATIBILITY "Version Compatibility"
#define CONNECTIVITY "Switch Connectivity"

static int nvue(struct sim *s, const char *text, struct err *e)
{
	for (size_t d = 0; d < lab_count(s->lab); d++) {
		struct lab_result r = {0};
		struct lab_info info;
		lab_info(s->lab, d, &info);
		char *command = xasprintf("sudo -n sh -c 'mkdir -p /etc/nvue.d; printf \"- set:\\n    "
		                          "system:\\n      %s: %s\\n\" >/etc/nvue.d/startup.yaml'",
		                          text, info.name);
		bool good = lab_exec(s->lab, d, "cumulus", command, NULL, 0, 10000, &r) &&
		            r.status == 0;
		free(command);
		lab_result_release(&r);
		if (!good)
			return err_set(e, ERR_SYSTEM, "no configuration of NVUE");
	}
	return 0;
}

static int with_nvue(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return nvue(s, "hostname", e);
}

static int without_hostname(struct sim *s, struct job *j, struct err *e)
{
	(void)j;
	return nvue(s, "timezone", e);
}

const struct row nvue_rows[] = {
    {.name = "nvue: 5.6 to 5.8", .o = {.from = "5.6.0", .to = "5.8.0"}},
    {.name = "nvue: 5.8 to 5.9", /* NetQ 4.10.0 could not (bug 3876238) */
     .o = {.from = "5.8.0", .to = "5.9.0", .prepare = with_nvue},
     .job = JOB_DONE,
     .states = "spine01=done spine02=done leaf01=done leaf02=done leaf03=done leaf04=done"},
    {.name = "nvue: the new release refuses what NVUE has", /* and NetQ could not go back (bug 3948198) */
     .o = {.from = "5.8.0", .to = "5.9.0", .prepare = with_nvue},
     .ready = {"leaf02:fails=nv config applyx3"},
     .job = JOB_HELD,
     .states = "spine01=done spine02=done leaf01=pending leaf02=rolled-back leaf03=pending leaf04=done",
     .failure = {"leaf02", "apply-nvue", "NVUE refuses the configuration on leaf02: *", "*",
                 "The object model may have changed with the release*backup.tgz."}},
    {.name = "nvue: 4.4 to 5.9",
     .o = {.from = "4.4.0", .to = "5.9.0", .prepare = with_nvue},
     .checks = {{"leaf01", "version-path", COMPATIBILITY, "failed",
                 "Unable to upgrade leaf01 with CL version 4.4.0 to 5.9.0",
                 "*Another major release needs a fresh install of leaf01."},
                {"*", "version-path"},
                {"*", "nvue-needed"}},
     .surveyed = JOB_REFUSED},
    {.name = "nvue: files alone cannot go to 5.9",
     .o = {.from = "5.8.0", .to = "5.9.0"},
     .checks = {{"leaf01", "nvue-needed", COMPATIBILITY, "failed",
                 "leaf01 is not configured with NVUE: from 5.9 on its files are overwritten by what "
                 "NVUE has",
                 "Move the configuration of leaf01 to NVUE and save it (nv config save)*"},
                {"*", "nvue-needed"}},
     .surveyed = JOB_REFUSED},
    {.name = "nvue: files alone are enough for 5.8", .o = {.from = "5.7.0", .to = "5.8.0"}},
    {.name = "nvue: the host name is not in NVUE",
     .o = {.from = "5.8.0", .to = "5.9.0", .prepare = without_hostname},
     .checks = {{"leaf01", "nvue-hostname", COMPATIBILITY, "warning",
                 "The host name of leaf01 is not in what NVUE has saved",
                 "Set it there: nv set system hostname leaf01; nv config apply; nv config save.*"},
                {"*", "nvue-hostname"}}},
    {.name = "nvue: the configuration was not saved",
     .o = {.from = "5.8.0", .to = "5.9.0", .prepare = with_nvue},
     .before = {"leaf02:config-unsaved"},
     .checks = {{"leaf02", "nvue-saved", CONNECTIVITY, "warning",
                 "The applied configuration of leaf02 is not the one that it starts with*",
                 "Save it on leaf02: nv config save."},
                {"leaf02", "config-saved"}}},
    {.name = "nvue: NetQ packages across 5.9",
     .o = {.from = "5.8.0",
           .to = "5.9.0",
           .prepare = with_nvue,
           .parameters = {"agent-version=4.15.0"}},
     .checks = {{"leaf01", "agent-train", COMPATIBILITY, "failed",
                 "NetQ packages cannot be changed on the way of leaf01 from CL version 5.8.0 to "
                 "5.9.0",
                 "Releases before and after 5.9 need different NetQ packages. Leave agent-version "
                 "empty*"},
                {"*", "*agent*"}},
     .surveyed = JOB_REFUSED},
    {0},
};
