/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/start.h"

#include "base/log.h"
#include "run/desk.h"
#include "run/doctor.h"
#include "run/spawn.h"

#include <sys/resource.h>

/* Best effort: whether it is enough is what the doctor says. */
static void raise_files(size_t devices)
{
	struct rlimit l;
	rlim_t need = (rlim_t)doctor_files_needed(devices);
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= need)
		return;
	l.rlim_cur = need < l.rlim_max ? need : l.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &l) != 0)
		log_line("start", "cannot raise the number of open files");
}

int start_prepare(struct store *s, size_t devices, struct str *warnings, struct err *e)
{
	raise_files(devices);
	return doctor_allow(s, devices, warnings, e);
}

int start_job(struct store *s, const char *id, const struct secrets *secrets, unsigned how, bool linger,
	      int *pid, struct err *e)
{
	int number = 0;
	size_t n = 0;
	char *extra[3] = {NULL};
	if (how & START_ASKED)
		extra[n++] = "--asked";
	if (how & START_ANSWERED)
		extra[n++] = "--answered";
	struct spawn_options o = {
	    .state_dir = store_dir(s),
	    .job = id,
	    .linger = linger,
	    .job_limit = desk_setting(s, "job-limit", 5),
	    .extra = extra,
	};
	o.secrets = secrets_list(secrets, &o.n_secrets);
	int rc = spawn_runner(&o, &number, e);
	if (pid)
		*pid = number;
	return rc;
}
