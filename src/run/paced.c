/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/paced.h"

#include "base/mem.h"
#include "base/path.h"

#include <stdlib.h>

struct paced {
	struct transport transport;
	struct transport *inner;
	struct pace *pace;
	size_t *open; /* requests without an end, of each device */
	size_t n, busy, threads;
};

int paced_sit(struct store *s, struct pace **p, struct err *e)
{
	char *path = store_path(s, PACED_FILE);
	*p = NULL;
	int rc = 0;
	if (path_exists(path)) {
		*p = pace_sit(path, e);
		rc = *p ? 0 : -1;
	}
	free(path);
	return rc;
}

/* A device does one thing after the other, and only so many devices do anything at a time. */
static void count(struct paced *p, size_t device, int change)
{
	if (device >= p->n)
		return;
	size_t before = p->open[device];
	p->open[device] += (size_t)change;
	if (!before != !p->open[device])
		p->busy += before ? (size_t)-1 : 1;
	pace_requests(p->pace, p->busy < p->threads ? p->busy : p->threads);
}

static void paced_submit(struct transport *t, struct tr_request *r)
{
	struct paced *p = (struct paced *)t;
	count(p, r->device, 1);
	p->inner->ops->submit(p->inner, r);
}

static struct tr_reply *paced_next(struct transport *t)
{
	struct paced *p = (struct paced *)t;
	struct tr_reply *reply = p->inner->ops->next(p->inner);
	if (reply && reply->outcome != TR_PROGRESS)
		count(p, reply->device, -1);
	return reply;
}

static int paced_fd(struct transport *t)
{
	struct paced *p = (struct paced *)t;
	return p->inner->ops->fd(p->inner);
}

static void paced_cancel(struct transport *t, size_t device)
{
	struct paced *p = (struct paced *)t;
	p->inner->ops->cancel(p->inner, device);
}

static void paced_free(struct transport *t)
{
	struct paced *p = (struct paced *)t;
	p->inner->ops->free(p->inner);
	free(p->open);
	free(p);
}

static const struct transport_ops paced_ops = {
    .name = "paced",
    .submit = paced_submit,
    .next = paced_next,
    .fd = paced_fd,
    .cancel = paced_cancel,
    .free = paced_free,
};

struct transport *paced_transport(struct transport *inner, struct pace *pace, size_t devices,
				  size_t threads)
{
	struct paced *p = xcalloc(1, sizeof(*p));
	p->transport.ops = &paced_ops;
	p->inner = inner;
	p->pace = pace;
	p->n = devices;
	p->threads = threads;
	p->open = xcalloc(devices + 1, sizeof(*p->open));
	return &p->transport;
}
