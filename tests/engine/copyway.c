/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/engine/copyway.h"

#include "base/mem.h"
#include "transport/script.h"

#include <stdlib.h>

struct copyway {
	struct transport transport;
	struct transport *inner;
	struct clock *clock;
	int64_t takes_ms;
	/* the copy that was begun last */
	uint64_t id;
	size_t device;
	int64_t size, since, tells; /* tells: when next; -1: nothing any more */
};

static void submit(struct transport *t, struct tr_request *r)
{
	struct copyway *w = (struct copyway *)t;
	if (r->kind == TR_PUT) {
		w->id = r->id;
		w->device = r->device;
		w->size = r->copy->size;
		w->since = w->clock->now(w->clock);
		w->tells = w->since + COPYWAY_TELLS_MS;
	}
	w->inner->ops->submit(w->inner, r);
}

static struct tr_reply *next(struct transport *t)
{
	struct copyway *w = (struct copyway *)t;
	int64_t now = w->clock->now(w->clock);
	struct tr_request r = {.id = w->id, .device = w->device, .kind = TR_PUT};
	if (w->tells < 0 || w->tells > now)
		return w->inner->ops->next(w->inner);
	struct tr_reply *reply = tr_reply_new(&r, TR_PROGRESS);
	reply->total = w->size;
	reply->done = w->size * (w->tells - w->since) / w->takes_ms;
	w->tells += COPYWAY_TELLS_MS;
	if (w->tells - w->since >= w->takes_ms)
		w->tells = -1;
	return reply;
}

static int fd(struct transport *t)
{
	(void)t;
	return -1;
}

static void cancel(struct transport *t, size_t device)
{
	struct copyway *w = (struct copyway *)t;
	w->tells = -1;
	w->inner->ops->cancel(w->inner, device);
}

static void release(struct transport *t)
{
	struct copyway *w = (struct copyway *)t;
	w->inner->ops->free(w->inner);
	free(w);
}

static const struct transport_ops ops = {
    .name = "copyway",
    .submit = submit,
    .next = next,
    .fd = fd,
    .cancel = cancel,
    .free = release,
};

struct transport *copyway_new(struct transport *inner, struct clock *clock, int64_t takes_ms)
{
	struct copyway *w = xcalloc(1, sizeof(*w));
	*w = (struct copyway){.transport = {&ops},
			      .inner = inner,
			      .clock = clock,
			      .takes_ms = takes_ms,
			      .tells = -1};
	return &w->transport;
}

int64_t copyway_due(struct transport *t)
{
	struct copyway *w = (struct copyway *)t;
	int64_t inner = script_transport_due(w->inner);
	return w->tells >= 0 && (inner < 0 || w->tells < inner) ? w->tells : inner;
}
