/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/paced.h"

#include "base/mem.h"
#include "base/path.h"
#include "base/vec.h"

#include <stdlib.h>

/* A copy whose last byte was sent long ago on this side may still be on its way to the device. */
#define COPY_SLACK_MS 120000

struct line {                /* what one device has to do */
	VEC(int64_t) limits; /* of the requests, in their order: ms */
	int64_t until;       /* of the first one; it is cancelled then */
	bool cut;            /* has been */
};

struct way {
	struct transport transport;
	struct transport *inner;
	struct paced *paced;
	struct line *lines;
	size_t n, busy, threads; /* busy: devices; each with what is made beside once more */
};

struct paced {
	struct clock clock;
	struct pace *pace;
	struct way *way; /* NULL: none yet, or no more */
};

/* --- limits ----------------------------------------------------------------------------------- */

static int64_t limit_of(const struct tr_request *r)
{
	int64_t limit = r->timeout_ms;
	if (r->kind == TR_PUT && r->stall_ms > 0 && r->stall_ms + COPY_SLACK_MS < limit)
		limit = r->stall_ms + COPY_SLACK_MS;
	return r->connect_ms + limit;
}

static void begin(struct way *w, struct line *l)
{
	l->cut = false;
	l->until = pace_now(w->paced->pace) + l->limits.v[0];
}

static int64_t first_limit(const struct way *w)
{
	int64_t first = -1;
	for (size_t i = 0; w && w->busy && i < w->n; i++) {
		const struct line *l = &w->lines[i];
		if (l->limits.n && !l->cut && (first < 0 || l->until < first))
			first = l->until;
	}
	return first;
}

static void end_overdue(struct way *w)
{
	int64_t now = pace_now(w->paced->pace);
	for (size_t i = 0; w->busy && i < w->n; i++) {
		struct line *l = &w->lines[i];
		if (!l->limits.n || l->cut || l->until > now)
			continue;
		l->cut = true;
		w->inner->ops->cancel(w->inner, i);
	}
}

/* --- clock ------------------------------------------------------------------------------------ */

static int64_t clock_now(struct clock *c)
{
	return pace_now(((struct paced *)c)->pace);
}

static int64_t clock_wall(struct clock *c)
{
	struct clock *inner = pace_clock(((struct paced *)c)->pace);
	return inner->wall(inner);
}

static int clock_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	struct paced *p = (struct paced *)c;
	struct clock *inner = pace_clock(p->pace);
	int64_t limit = first_limit(p->way);
	if (limit >= 0 && (until < 0 || limit < until))
		until = limit;
	int ready = inner->wait(inner, fds, n, until);
	if (p->way)
		end_overdue(p->way);
	return ready;
}

int paced_sit(struct store *s, struct paced **out, struct err *e)
{
	char *path = store_path(s, PACED_FILE);
	struct pace *pace = NULL;
	*out = NULL;
	int rc = 0;
	if (path_exists(path)) {
		pace = pace_sit(path, e);
		rc = pace ? 0 : -1;
	}
	free(path);
	if (!pace)
		return rc;
	struct paced *p = xcalloc(1, sizeof(*p));
	p->clock = (struct clock){.now = clock_now, .wall = clock_wall, .wait = clock_wait};
	p->pace = pace;
	*out = p;
	return 0;
}

void paced_leave(struct paced *p)
{
	if (p)
		pace_close(p->pace);
	free(p);
}

struct clock *paced_clock(struct paced *p)
{
	return &p->clock;
}

/* --- transport -------------------------------------------------------------------------------- */

/* A device does one thing after the other, and only so many devices do anything at a time. */
static void tell_pace(struct way *w)
{
	pace_requests(w->paced->pace, w->busy < w->threads ? w->busy : w->threads);
}

static void way_submit(struct transport *t, struct tr_request *r)
{
	struct way *w = (struct way *)t;
	struct line *l = r->device < w->n ? &w->lines[r->device] : NULL;
	if (r->beside) { /* short: the inner one ends it */
		w->busy++;
		tell_pace(w);
	} else if (l) {
		VEC_PUSH(&l->limits, limit_of(r));
		if (l->limits.n == 1) {
			w->busy++;
			begin(w, l);
		}
		tell_pace(w);
	}
	w->inner->ops->submit(w->inner, r);
}

/* What the inner one calls cancelled was over its limit. */
static void name_end(const struct line *l, struct tr_reply *reply)
{
	if (!l->cut || reply->e.kind != ERR_CANCELLED)
		return;
	if (reply->outcome == TR_LOST)
		reply->outcome = TR_TIMEOUT;
	err_set(&reply->e, ERR_TIMEOUT,
		reply->outcome == TR_TIMEOUT ? "no exit status within the limit"
					     : "no answer within the limit");
}

static struct tr_reply *way_next(struct transport *t)
{
	struct way *w = (struct way *)t;
	struct tr_reply *reply = w->inner->ops->next(w->inner);
	if (!reply || reply->outcome == TR_PROGRESS || reply->device >= w->n)
		return reply;
	struct line *l = &w->lines[reply->device];
	if (!reply->beside)
		name_end(l, reply);
	if (!reply->beside && l->limits.n)
		VEC_REMOVE(&l->limits, 0);
	if (!reply->beside && l->limits.n)
		begin(w, l);
	else
		w->busy--;
	tell_pace(w);
	return reply;
}

static int way_fd(struct transport *t)
{
	struct way *w = (struct way *)t;
	return w->inner->ops->fd(w->inner);
}

static void way_cancel(struct transport *t, size_t device)
{
	struct way *w = (struct way *)t;
	w->inner->ops->cancel(w->inner, device);
}

static void way_free(struct transport *t)
{
	struct way *w = (struct way *)t;
	w->inner->ops->free(w->inner);
	w->paced->way = NULL;
	for (size_t i = 0; i < w->n; i++)
		VEC_RELEASE(&w->lines[i].limits);
	free(w->lines);
	free(w);
}

static const struct transport_ops way_ops = {
    .name = "paced",
    .submit = way_submit,
    .next = way_next,
    .fd = way_fd,
    .cancel = way_cancel,
    .free = way_free,
};

struct transport *paced_transport(struct paced *p, struct transport *inner, size_t devices,
				  size_t threads)
{
	struct way *w = xcalloc(1, sizeof(*w));
	w->transport.ops = &way_ops;
	w->inner = inner;
	w->paced = p;
	w->n = devices;
	w->threads = threads;
	w->lines = xcalloc(devices + 1, sizeof(*w->lines));
	p->way = w;
	return &w->transport;
}
