/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/upgrade.h"

#include "run/create.h"
#include "run/order.h"

#include <stdlib.h>

static int show_checks(struct cli *c, struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	if (c->json)
		put_checks_json(c, v, w->id);
	else
		put_checks(c, v, cli_flag(c, "--all")), put_hitless(c, v);
	char *reason = status_reason(v);
	if (v->state == JOB_REFUSED && *reason)
		tell(c, _("Refused: %s"), reason);
	free(reason);
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

/* What the order changes is shown: the watcher knows all that was before it. */
static int order_again(struct cli *c, struct watcher *w, const char *id)
{
	struct order_words order = {.verb = "recheck",
				    .target = c->n_args > 1 ? c->args[1] : NULL,
				    .text = cli_flag(c, "--all") ? "all" : NULL};
	if (watcher_catch_up(w) != 0)
		return -1;
	w->order = order_queue(c->store, id, watcher_view(w), &order, &c->e);
	return w->order < 0 ? -1 : 0;
}

static int follow_again(struct cli *c, const char *id, const struct job *j)
{
	struct watcher *w = secrets_collect(c, j) == 0 ? watcher_new(c, id) : NULL;
	int rc = w && order_again(c, w, id) == 0 ? watcher_until(w, WATCH_CHECKED) : cli_fail(c);
	if (rc == 0)
		rc = show_checks(c, w);
	if (w)
		watcher_dismiss(w);
	watcher_free(w);
	return rc;
}

static int recheck(struct cli *c)
{
	char *id = cli_job(c, c->args[0]);
	struct jobview *v = id ? create_view(c->store, id, &c->e) : NULL;
	c->silent = true; /* the table says it all */
	int rc = v ? follow_again(c, id, v->job) : cli_fail(c);
	jobview_free(v);
	free(id);
	return rc;
}

static const struct option recheck_options[] = {
    {"--all", NULL, N_("ask for all checks of all devices, and show those that passed too"), false},
    {"--password-stdin", NULL, N_("read the password from standard input"), false},
    {0},
};

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
    {"recheck", "JOB [DEVICE]", N_("ask again the pre-checks that did not pass"), recheck_options,
     1, 2, .run = recheck,
     .more = N_("Over new connections. Results that passed stand while the facts of the device\n"
		"are the same; when one has changed, all its checks are asked. The plan is made\n"
		"anew.")},
    {0},
};
