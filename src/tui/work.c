/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/app.h"

#include "base/i18n.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct work {
	const struct work_kind *kind;
	void *ctx;
	pthread_t thread;
	atomic_bool stop, ended;
	atomic_llong done, total;
	int64_t seen; /* progress that was shown */
	int rc;       /* from here on: the thread's until `ended` */
	struct err e;
};

static void *body(void *arg)
{
	struct work *w = arg;
	w->rc = w->kind->run(w, w->ctx, &w->e);
	atomic_store(&w->ended, true);
	return NULL;
}

static void work_free(struct work *w)
{
	if (w->kind->free_ctx)
		w->kind->free_ctx(w->ctx);
	free(w);
}

int work_start(struct app *a, const struct work_kind *kind, void *ctx, struct err *e)
{
	struct work *w = xcalloc(1, sizeof(*w));
	w->kind = kind;
	w->ctx = ctx;
	int rc = 0;
	if (a->work)
		rc = err_set(e, ERR_REFUSED, _("%s: wait until it is through"),
			     _(a->work->kind->title));
	else if (pthread_create(&w->thread, NULL, body, w) != 0)
		rc = err_set(e, ERR_SYSTEM, _("cannot start a thread"));
	if (rc == 0) {
		a->work = w;
		free(a->message); /* what was said before would hide how far it is */
		a->message = NULL;
	} else {
		work_free(w);
	}
	app_changed(a);
	return rc;
}

int work_progress(struct work *w, int64_t done, int64_t total)
{
	atomic_store(&w->done, done);
	atomic_store(&w->total, total);
	return atomic_load(&w->stop);
}

/* In hundredths: more often the screen need not change. */
static int64_t position(const struct work *w)
{
	int64_t total = atomic_load(&w->total);
	return total > 0 ? atomic_load(&w->done) * 100 / total : 0;
}

static void end(struct app *a, struct work *w)
{
	(void)pthread_join(w->thread, NULL);
	a->work = NULL;
	if (w->kind->done)
		w->kind->done(a, w->ctx, w->rc, w->rc == 0 ? NULL : &w->e);
	work_free(w);
}

bool work_look(struct app *a)
{
	struct work *w = a->work;
	if (!w)
		return false;
	if (atomic_load(&w->ended)) {
		end(a, w);
		return true;
	}
	int64_t now = position(w);
	bool news = now != w->seen;
	w->seen = now;
	return news;
}

const char *work_title(const struct work *w)
{
	return w->kind->title;
}

void work_state(const struct work *w, int64_t *done, int64_t *total)
{
	*done = atomic_load(&w->done);
	*total = atomic_load(&w->total);
}

void work_stop(struct work *w)
{
	atomic_store(&w->stop, true);
}

void work_abandon(struct app *a)
{
	struct work *w = a->work;
	if (!w)
		return;
	work_stop(w);
	(void)pthread_join(w->thread, NULL);
	a->work = NULL;
	work_free(w);
}
