/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/upgrade.h"

#include "model/phrases.h"
#include "plan/planner.h"
#include "run/order.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int columns(void)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col > 120 ? 120 : size.ws_col;
	return 100;
}

static void show_plan(struct cli *c, const struct jobview *v)
{
	char *text = plan_text(v->plan, v->job, columns());
	tell(c, "\n%s", text);
	put_hitless(c, v);
	free(text);
}

/* The operator types the name of the job: nobody does that by accident. */
static int ask_consent(struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	char *prompt = xasprintf(
	    _("Type the name of the job (%s) to start, anything else to leave: "), v->job->name);
	char *line = watcher_ask(w, prompt);
	bool yes = line && strcmp(line, v->job->name) == 0;
	free(prompt);
	free(line);
	if (yes)
		return 0;
	if (w->interrupted)
		return EXIT_INTERRUPTED;
	remark(w->c, _("\nNot started. The job is kept: the same command checks it again, 'hitless "
		       "cancel' ends it."));
	return EXIT_HELD;
}

static int start_and_follow(struct cli *c, struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	struct order_words order = {.verb = "start"};
	w->order = order_queue(c->store, w->id, v, &order, &c->e);
	if (w->order < 0)
		return cli_fail(c);
	w->starts = 0;
	int rc = watcher_until(w, WATCH_ENDED);
	if (rc != 0)
		return rc;
	put_summary(c, v, w->id);
	/* still "ready": the order to start was refused, most of all by a device lock */
	return v->state == JOB_READY ? EXIT_BUSY : end_status(c, v, w->id);
}

static int refused(struct cli *c, struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	if (c->json)
		put_summary(c, v, w->id);
	else
		tell(c,
		     _("\nRefused: put right what is marked ERROR and give the same command "
		       "again%s%s"),
		     v->reason ? "; " : "", v->reason ? said(v, v->reason) : "");
	return job_status(v);
}

static int after_checks(struct cli *c, struct watcher *w, bool yes)
{
	const struct jobview *v = watcher_view(w);
	put_checks(c, v, false);
	if (v->state != JOB_READY)
		return refused(c, w);
	show_plan(c, v);
	int rc = yes ? 0 : ask_consent(w);
	return rc ? rc : start_and_follow(c, w);
}

/* Ctrl-C before anything was started: nobody wants this job. */
static void abandon(struct cli *c, struct watcher *w)
{
	struct order_words order = {.verb = "cancel"};
	int64_t number = order_queue(c->store, w->id, watcher_view(w), &order, &c->e);
	c->silent = true;
	w->order = number > 0 ? number : 0;
	if (number > 0 && watcher_until(w, WATCH_ENDED) == 0)
		remark(c, _("\nInterrupted: nothing was started, the job is cancelled."));
	else
		remark(c, _("\nInterrupted: nothing was started; 'hitless cancel' ends the job."));
}

int upgrade_request(struct cli *c, struct request *r)
{
	struct watcher *w;
	int rc = prepare_job(c, r, &w);
	if (rc == 0)
		rc = after_checks(c, w, r->yes);
	if (rc == EXIT_INTERRUPTED && w && !watcher_goes_on(w))
		abandon(c, w);
	/* a process that only waits for a start that nobody gives is of no use */
	if (w && watcher_view(w)->job && !watcher_view(w)->started &&
	    (rc != EXIT_INTERRUPTED || job_state_final(watcher_view(w)->state)))
		watcher_dismiss(w);
	watcher_free(w);
	return rc;
}

static int upgrade(struct cli *c)
{
	struct request r;
	if (request_read(c, NULL, &r) != 0)
		return cli_fail(c);
	int rc;
	if (!c->in_tty && !r.yes)
		rc = cli_bad(c, "standard input is no terminal: give --yes to start without a "
				"question");
	else
		rc = upgrade_request(c, &r);
	request_release(&r);
	return rc;
}

static const struct option upgrade_options[] = {
    REQUEST_OPTIONS,
    {"--yes", NULL, N_("start without a question when the pre-checks pass"), false},
    {"--verbose", NULL, N_("show every step"), false},
    {0},
};

const struct verb verbs_upgrade[] = {
    {"upgrade", "", N_("check, plan and upgrade, and follow it to the end"), upgrade_options, 0, 0,
     .run = upgrade,
     .more = N_("The job runs in a process of its own: Ctrl-C or a lost terminal only ends the\n"
		"following; Ctrl-C before the start cancels the job. With --json every record of\n"
		"the job is a JSON object on a line, the last line is an object of type\n"
		"\"summary\". With --plan FILE everything comes from the plan; options beside it\n"
		"may only say the same.")},
    {0},
};
