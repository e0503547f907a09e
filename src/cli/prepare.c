/* SPDX-License-Identifier: ISC */
/* From a request to a job whose pre-checks are through. */
#include "config.h"

#include "cli/upgrade.h"

#include "run/create.h"
#include "run/order.h"
#include "run/start.h"

#include <stdlib.h>

/* The same request once more: a job that waits after its pre-checks does them again. */
static int again(struct cli *c, struct watcher *w, const char *id)
{
	const struct jobview *v = watcher_view(w);
	struct order_words order = {.verb = "recheck", .text = "all"};
	if (watcher_catch_up(w) != 0)
		return -1;
	if (v->state == JOB_NEW || v->state == JOB_CHECKING)
		return 0;
	int64_t number = order_queue(c->store, id, v, &order, &c->e);
	w->order = number;
	return number < 0 ? -1 : 0;
}

static int follow_checks(struct cli *c, struct watcher *w, const char *id, bool repeat)
{
	if (repeat && again(c, w, id) != 0)
		return cli_fail(c);
	int rc = watcher_until(w, WATCH_CHECKED);
	w->order = 0;
	return rc;
}

static void say_warnings(struct cli *c, const struct str *warnings)
{
	size_t n;
	char **lines = str_split(str_text(warnings), "\n", &n);
	for (size_t i = 0; i < n; i++)
		remark(c, _("WARNING: this machine: %s"), lines[i]);
	free(lines);
}

/* What is wrong with this machine refuses before anything is written down; what is only not well is
 * said once there is a job. */
int prepare_job(struct cli *c, struct request *r, struct watcher **w)
{
	char *id = NULL;
	bool repeat = false;
	struct str warnings = {0};
	int rc = 0;
	*w = NULL;
	if (start_prepare(c->store, r->job->devices.n, &warnings, &c->e) != 0) {
		(void)cli_fail(c);
		rc = EXIT_REFUSED;
	} else if (secrets_collect(c, r->job) != 0 ||
		   create_job(c->store, r->job, r->procedure, r->plan, &id, &repeat, &c->e) != 0) {
		rc = cli_fail(c);
	} else {
		say_warnings(c, &warnings);
		*w = watcher_new(c, id);
		rc = *w ? follow_checks(c, *w, id, repeat) : cli_fail(c);
	}
	str_release(&warnings);
	free(id);
	return rc;
}
