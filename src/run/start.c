/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/start.h"

#include "run/desk.h"
#include "run/spawn.h"

int start_job(struct store *s, const char *id, const struct secrets *secrets, bool linger, int *pid,
	      struct err *e)
{
	int number = 0;
	struct spawn_options o = {
	    .state_dir = store_dir(s),
	    .job = id,
	    .linger = linger,
	    .job_limit = desk_setting(s, "job-limit", 5),
	};
	o.secrets = secrets_list(secrets, &o.n_secrets);
	int rc = spawn_runner(&o, &number, e);
	if (pid)
		*pid = number;
	return rc;
}
