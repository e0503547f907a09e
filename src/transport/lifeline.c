/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/lifeline.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)1024 * 1024)

struct watch {
	pthread_t thread;
	int wake;
	atomic_bool stop;
	_Atomic int64_t until; /* when the thread looks next; -1: when it is woken */
	struct lifeline **lines;
	size_t n;
};

/* --- lifeline --------------------------------------------------------------------------------- */

void lifeline_init(struct lifeline *l)
{
	if (pthread_mutex_init(&l->lock, NULL) != 0)
		abort(); /* cannot happen without attributes */
	for (int i = 0; i < LIFELINE_FDS; i++)
		l->fds[i] = -1;
	l->deadline = l->rest = -1;
}

void lifeline_release(struct lifeline *l)
{
	lifeline_let_go(l);
	pthread_mutex_destroy(&l->lock);
}

static void replace(struct lifeline *l, int slot, int fd)
{
	if (l->fds[slot] >= 0)
		close(l->fds[slot]);
	l->fds[slot] = fd;
}

int lifeline_hold(struct lifeline *l, int slot, int fd, struct err *e)
{
	int own = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && own < 0)
		return err_sys(e, "cannot duplicate a socket");
	pthread_mutex_lock(&l->lock);
	replace(l, slot, own);
	bool cancelled = atomic_load(&l->cancelled);
	pthread_mutex_unlock(&l->lock);
	return cancelled ? err_set(e, ERR_CANCELLED, "cancelled") : 0;
}

void lifeline_let_go(struct lifeline *l)
{
	pthread_mutex_lock(&l->lock);
	for (int i = 0; i < LIFELINE_FDS; i++)
		replace(l, i, -1);
	pthread_mutex_unlock(&l->lock);
}

/* A socket that is not connected any more says ENOTCONN: then it is cut already. */
static void cut(struct lifeline *l)
{
	for (int i = 0; i < LIFELINE_FDS; i++)
		if (l->fds[i] >= 0)
			(void)shutdown(l->fds[i], SHUT_RDWR);
}

void lifeline_cut(struct lifeline *l)
{
	pthread_mutex_lock(&l->lock);
	cut(l);
	pthread_mutex_unlock(&l->lock);
}

static void wake(struct watch *w)
{
	uint64_t one = 1;
	ssize_t n;
	do
		n = write(w->wake, &one, sizeof(one));
	while (n < 0 && errno == EINTR); /* EAGAIN: it has been woken four thousand million times */
}

static void set(struct lifeline *l, int64_t *which, int64_t deadline)
{
	pthread_mutex_lock(&l->lock);
	*which = deadline;
	pthread_mutex_unlock(&l->lock);
	if (!l->watch || deadline < 0)
		return;
	int64_t until = atomic_load(&l->watch->until);
	if (until < 0 || deadline < until)
		wake(l->watch);
}

void lifeline_until(struct lifeline *l, int64_t deadline)
{
	set(l, &l->deadline, deadline);
}

void lifeline_rest(struct lifeline *l, int64_t until)
{
	set(l, &l->rest, until);
}

int64_t lifeline_deadline(struct lifeline *l)
{
	pthread_mutex_lock(&l->lock);
	int64_t deadline = l->deadline;
	pthread_mutex_unlock(&l->lock);
	return deadline;
}

/* --- watch ------------------------------------------------------------------------------------ */

static bool passed(int64_t *deadline, int64_t now, int64_t *first)
{
	if (*deadline >= 0 && *deadline <= now) {
		*deadline = -1;
		return true;
	}
	if (*deadline >= 0 && (*first < 0 || *deadline < *first))
		*first = *deadline;
	return false;
}

static void look_at(struct lifeline *l, int64_t now, int64_t *first)
{
	pthread_mutex_lock(&l->lock);
	if (passed(&l->deadline, now, first)) {
		atomic_store(&l->expired, true);
		cut(l);
	}
	bool rested = passed(&l->rest, now, first);
	pthread_mutex_unlock(&l->lock);
	if (rested)
		l->rested(l->ctx);
}

/* End what is over; the earliest of the other deadlines. */
static int64_t look(struct watch *w, int64_t now)
{
	int64_t first = -1;
	for (size_t i = 0; i < w->n; i++)
		look_at(w->lines[i], now, &first);
	return first;
}

static void *watch_run(void *ctx)
{
	struct watch *w = ctx;
	struct clock *clock = clock_real();
	while (!atomic_load(&w->stop)) {
		struct pollfd p = {.fd = w->wake, .events = POLLIN};
		uint64_t count;
		/* Whoever sets a deadline while we look wakes us, because this says "never". */
		atomic_store(&w->until, -1);
		int64_t until = look(w, clock->now(clock));
		atomic_store(&w->until, until);
		if (clock->wait(clock, &p, 1, until) > 0 &&
		    read(w->wake, &count, sizeof(count)) < 0 && errno != EAGAIN && errno != EINTR)
			abort(); /* our own eventfd is broken: no deadline would ever be kept */
	}
	return NULL;
}

int thread_start(pthread_t *thread, void *(*run)(void *), void *ctx, struct err *e)
{
	sigset_t all, old;
	pthread_attr_t attributes;
	sigfillset(&all);
	int rc = pthread_attr_init(&attributes);
	if (rc == 0) {
		rc = pthread_attr_setstacksize(&attributes, STACK_BYTES);
		if (rc == 0)
			rc = pthread_sigmask(SIG_SETMASK, &all, &old);
		if (rc == 0) {
			rc = pthread_create(thread, &attributes, run, ctx);
			int restored = pthread_sigmask(SIG_SETMASK, &old, NULL);
			rc = rc ? rc : restored;
		}
		pthread_attr_destroy(&attributes);
	}
	errno = rc;
	return rc == 0 ? 0 : err_sys(e, "cannot start a thread");
}

struct watch *watch_new(struct lifeline **lines, size_t n, struct err *e)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	w->lines = xcalloc(n, sizeof(*lines));
	for (size_t i = 0; i < n; i++)
		w->lines[i] = lines[i];
	w->n = n;
	atomic_store(&w->until, -1);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake < 0)
		err_sys(e, "cannot make an eventfd");
	if (w->wake < 0 || thread_start(&w->thread, watch_run, w, e) != 0) {
		if (w->wake >= 0)
			close(w->wake);
		free(w->lines);
		free(w);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		lines[i]->watch = w;
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	atomic_store(&w->stop, true);
	wake(w);
	pthread_join(w->thread, NULL);
	for (size_t i = 0; i < w->n; i++)
		w->lines[i]->watch = NULL;
	close(w->wake);
	free(w->lines);
	free(w);
}
