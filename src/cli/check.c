/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/upgrade.h"

#include "model/phrases.h"

static int show_checks(struct cli *c, struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	if (c->json)
		put_checks_json(c, v, w->id);
	else
		put_checks(c, v, cli_flag(c, "--all"));
	if (v->state == JOB_REFUSED && v->reason)
		tell(c, _("Refused: %s"), said(v, v->reason));
	return v->state == JOB_READY ? EXIT_DONE : job_status(v);
}

static int check(struct cli *c)
{
	struct request r;
	struct watcher *w;
	if (request_read(c, "check", &r) != 0)
		return cli_fail(c);
	c->silent = true; /* the table says it all */
	int rc = prepare_job(c, &r, &w);
	if (rc == 0)
		rc = show_checks(c, w);
	if (w)
		watcher_dismiss(w);
	watcher_free(w);
	request_release(&r);
	return rc;
}

static const struct option check_options[] = {
    REQUEST_OPTIONS,
    {"--all", NULL, N_("show the checks that passed too"), false},
    {0},
};

const struct verb verbs_check[] = {
    {"check", "", N_("run the pre-checks of an upgrade; nothing is changed"), check_options, 0, 0,
     .run = check,
     .more = N_("The job is kept under its name (\"check\" and the time without --name): the\n"
		"same request checks it again, 'hitless upgrade' with it starts it.")},
    {0},
};
