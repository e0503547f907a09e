/* SPDX-License-Identifier: ISC */
/*
 * Following a job from a terminal, a pipe or a file. The job has a process of its own: when this
 * one ends, for whatever reason, nothing happens to it.
 */
#include "config.h"

#include "cli/runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOOK_EVERY_MS 150
#define STARTS_MAX    3
#define HEARTBEAT_MS  30000

static int open_signals(struct cli *c)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	int fd = -1;
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		err_sys(&c->e, "cannot watch for signals");
	return fd;
}

struct watcher *watcher_new(struct cli *c, const char *id)
{
	struct watcher *w = xcalloc(1, sizeof(*w));
	w->c = c;
	w->id = xstrdup(id);
	w->signals = open_signals(c);
	w->follow = w->signals >= 0 ? follow_new(c->store, id, &c->e) : NULL;
	w->shown = clock_real()->now(clock_real());
	if (w->follow)
		return w;
	watcher_free(w);
	return NULL;
}

void watcher_free(struct watcher *w)
{
	if (!w)
		return;
	lines_release(&w->lines);
	if (w->signals >= 0)
		close(w->signals);
	follow_free(w->follow);
	free(w->id);
	free(w);
}

const struct jobview *watcher_view(const struct watcher *w)
{
	return follow_view(w->follow);
}

static void see(void *ctx, const struct jobview *v, const struct record *r)
{
	struct watcher *w = ctx;
	if (w->quiet || w->c->silent)
		return;
	if (w->c->json)
		watcher_json(v, r);
	else
		watcher_line(w, v, r);
}

int watcher_catch_up(struct watcher *w)
{
	w->quiet = true;
	int n = follow_update(w->follow, see, w, &w->c->e);
	w->quiet = false;
	return n < 0 ? -1 : 0;
}

/* --- when it is enough ------------------------------------------------------------------------ */

static bool anything_active(const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (task_state_active(v->tasks.v[i].state) && v->tasks.v[i].state != TASK_HELD)
			return true;
	return false;
}

static bool anything_held(const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.v[i].state == TASK_HELD)
			return true;
	return false;
}

static bool enough(const struct watcher *w, enum watch_until until)
{
	const struct jobview *v = watcher_view(w);
	if (!v->job || (w->order && v->last_command < w->order))
		return false;
	if (job_state_final(v->state))
		return true;
	if (until == WATCH_CHECKED)
		return v->state != JOB_NEW && v->state != JOB_CHECKING;
	if (v->state == JOB_READY)
		return true;
	if (v->state == JOB_CANCELLING)
		return anything_held(v) && !anything_active(v);
	return (v->state == JOB_HELD || v->state == JOB_PAUSED) && !anything_active(v);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* A terminal that is gone says so, with or without a SIGHUP, and a pipe without a reader too
 * (facts/reliability.md 001-003). */
static bool gone(int fd)
{
	struct pollfd p = {.fd = fd};
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

bool watcher_goes_on(const struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	return !v->job || v->started || w->order || w->look_only;
}

static int interrupted(struct watcher *w)
{
	struct signalfd_siginfo info;
	const struct jobview *v = watcher_view(w);
	if (read(w->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	if (!watcher_goes_on(w)) {
		remark(w->c, _("\nInterrupted; nothing was started."));
		return EXIT_INTERRUPTED;
	}
	remark(w->c,
	       _("\nThe job goes on without you; 'hitless attach %s' shows it again, 'hitless "
		 "pause' or 'cancel' stop it."),
	       v->job ? v->job->name : w->id);
	return EXIT_INTERRUPTED;
}

static int wait_a_little(struct watcher *w)
{
	struct clock *clock = clock_real();
	struct pollfd p = {.fd = w->signals, .events = POLLIN};
	int n = clock->wait(clock, &p, 1, clock->now(clock) + LOOK_EVERY_MS);
	if (n > 0)
		return interrupted(w);
	if (n < 0) {
		err_sys(&w->c->e, "cannot wait");
		return cli_fail(w->c);
	}
	if ((w->c->in_tty && gone(STDIN_FILENO)) || gone(STDOUT_FILENO))
		return EXIT_INTERRUPTED; /* nobody is there to be told */
	if (!w->c->json && !w->c->silent && clock->now(clock) - w->shown >= HEARTBEAT_MS)
		watcher_heartbeat(w);
	return 0;
}

/* Nobody runs the job, and it is not at a place where that is all right. */
static int start_process(struct watcher *w)
{
	const struct jobview *v = watcher_view(w);
	if (w->look_only) {
		remark(w->c,
		       _("No process runs this job now; 'hitless resume %s' goes on with it."),
		       v->job ? v->job->name : w->id);
		return EXIT_HELD;
	}
	if (w->starts >= STARTS_MAX) {
		remark(w->c,
		       _("hitless: the process of the job ended in the middle of its work; "
			 "hitless.log may say why, 'hitless resume %s' goes on"),
		       v->job->name);
		return EXIT_FAILURES;
	}
	if (w->starts++ > 0 && !w->order)
		remark(w->c,
		       _("hitless: the process of the job is gone; starting another, which goes on "
			 "from the journal"));
	if (runner_start(w->c, w->id, v->job, runner_linger(w->c), &w->pid) == 0)
		return 0;
	if (w->c->e.kind == ERR_LOCKED && follow_running(w->follow))
		return 0; /* somebody else was faster: follow that one */
	return cli_fail(w->c);
}

int watcher_until(struct watcher *w, enum watch_until until)
{
	int rc = 0;
	while (rc == 0) {
		/* asked before reading, so that its last words are read after its end */
		bool running = follow_running(w->follow);
		if (follow_update(w->follow, see, w, &w->c->e) < 0 || flush_output(w->c) != 0)
			return cli_fail(w->c);
		if (enough(w, until))
			return 0;
		rc = running ? wait_a_little(w) : start_process(w);
	}
	return rc;
}

/* --- the person ------------------------------------------------------------------------------- */

char *watcher_ask(struct watcher *w, const char *prompt)
{
	struct pollfd p[2] = {{.fd = w->signals, .events = POLLIN},
			      {.fd = STDIN_FILENO, .events = POLLIN}};
	struct str line = {0};
	char buf[512];
	fputs(prompt, stderr);
	fflush(stderr);
	while (!(line.len && strchr(line.buf, '\n'))) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents & POLLIN) {
			struct signalfd_siginfo info;
			w->interrupted = read(w->signals, &info, sizeof(info)) > 0;
			break;
		}
		ssize_t n = p[1].revents ? read(STDIN_FILENO, buf, sizeof(buf)) : 1;
		if (n <= 0)
			break;
		if (p[1].revents)
			str_add(&line, buf, (size_t)n);
	}
	if (!line.len || !strchr(line.buf, '\n')) {
		str_release(&line);
		return NULL;
	}
	line.buf[strcspn(line.buf, "\n")] = '\0';
	return str_take(&line);
}

void watcher_dismiss(struct watcher *w)
{
	if (w->pid > 0 && follow_running(w->follow) && kill(w->pid, SIGTERM) != 0)
		remark(w->c, _("hitless: cannot end process %d: %s"), w->pid, strerror(errno));
	w->pid = 0;
}
