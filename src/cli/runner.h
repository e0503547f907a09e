/* SPDX-License-Identifier: ISC */
/* Jobs from the command line: their process, orders for them, and following what they do. */
#ifndef CLI_RUNNER_H
#define CLI_RUNNER_H

#include "cli/cli.h"
#include "run/follow.h"
#include "run/lines.h"
#include "run/start.h"

/* --- secrets.c: passwords and passphrases, asked once a credential ---------------------------- */
/* Ask for what the credentials of the job's devices need, unless that was done: before signals are
 * blocked. */
int secrets_collect(struct cli *c, const struct job *j);
/* The same for devices (numbers) of an inventory. */
int secrets_collect_for(struct cli *c, const struct inventory *inv, const size_t *devices,
			size_t n);

/* Start the process of a job, with the secrets its credentials need, and wait until it owns the
 * job; *pid may be NULL. */
int runner_start(struct cli *c, const char *id, const struct job *j, bool linger, int *pid);
/* Stay while the job waits: somebody sits here who can answer. */
bool runner_linger(const struct cli *c);

/* --- order.c ---------------------------------------------------------------------------------- */
extern const struct option order_options[];
int order_discard(struct cli *c); /* JOB [DEVICE]: take away what it left on devices */

/* --- watch.c ---------------------------------------------------------------------------------- */
enum watch_until { WATCH_CHECKED, WATCH_ENDED };

struct watcher {
	struct cli *c;
	char *id;
	struct follow *follow;
	int signals;        /* signalfd: SIGINT, SIGTERM */
	int pid;            /* of the process that we started; 0: none */
	bool look_only;     /* start no process */
	bool quiet;         /* fold, and show nothing */
	bool interrupted;   /* watcher_ask() ended by Ctrl-C or SIGTERM, not by an answer */
	int64_t order;      /* number of an order that has to be carried out first; 0: none */
	int starts;         /* processes that we started */
	int64_t shown;      /* when the last line was printed (ms of the clock) */
	struct lines lines;
};

struct watcher *watcher_new(struct cli *c, const char *id);
void watcher_free(struct watcher *w);
const struct jobview *watcher_view(const struct watcher *w);

/* Take in what is there already without showing it. */
int watcher_catch_up(struct watcher *w);

/* Show what happens until the pre-checks are through, or the job is over or waits for somebody. 0,
 * or an exit status: 130 interrupted, or c->e said. */
int watcher_until(struct watcher *w, enum watch_until until);

/* When we are interrupted now, does something go on? Not when only pre-checks were asked for. */
bool watcher_goes_on(const struct watcher *w);

/* A line typed on the terminal, new; NULL: interrupted or end of file. */
char *watcher_ask(struct watcher *w, const char *prompt);

/* End the process that we started: nothing is under way in it. */
void watcher_dismiss(struct watcher *w);

/* --- watch_lines.c: one line an event --------------------------------------------------------- */
void watcher_line(struct watcher *w, const struct jobview *v, const struct record *r);
void watcher_heartbeat(struct watcher *w);
void watcher_json(const struct jobview *v, const struct record *r);

/* --- summary.c -------------------------------------------------------------------------------- */
void put_checks(struct cli *c, const struct jobview *v, bool all); /* failed first */
void put_hitless(struct cli *c, const struct jobview *v); /* whether, and why not */
void put_checks_json(struct cli *c, const struct jobview *v, const char *id);
void put_summary(struct cli *c, const struct jobview *v, const char *id);
/* The exit status of a job that is no longer followed: of one that waits for its window EXIT_DONE, if a
 * process is there to go on with it then. */
int end_status(struct cli *c, const struct jobview *v, const char *id);

#endif
