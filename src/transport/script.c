/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/script.h"

#include "base/vec.h"

#include <string.h>

struct job { /* a request that is being worked on */
	struct tr_request *request;
	struct tr_reply *reply;
	int64_t due;    /* -1: never */
	uint64_t order; /* of two that are due together, the older is first */
	bool ended;     /* by cancel; only waits to leave the heap */
};

struct line { /* requests of one device, or those made beside them */
	struct job *running;
	VEC(struct tr_request *) waiting;
};

struct script {
	struct transport transport;
	struct clock *clock;
	script_answer answer;
	void *ctx;
	uint64_t order;
	VEC(struct line) lines;
	VEC(struct job *) heap;         /* the earliest on top */
	VEC(struct tr_reply *) replies; /* ready whatever the clock says */
};

/* --- heap ------------------------------------------------------------------------------------- */

static bool sooner(const struct job *a, const struct job *b)
{
	if (a->ended != b->ended)
		return a->ended;
	if (a->due != b->due)
		return b->due < 0 || (a->due >= 0 && a->due < b->due);
	return a->order < b->order;
}

static void swap(struct script *s, size_t a, size_t b)
{
	struct job *job = s->heap.v[a];
	s->heap.v[a] = s->heap.v[b];
	s->heap.v[b] = job;
}

static void heap_push(struct script *s, struct job *job)
{
	VEC_PUSH(&s->heap, job);
	for (size_t i = s->heap.n - 1; i && sooner(s->heap.v[i], s->heap.v[(i - 1) / 2]);
	     i = (i - 1) / 2)
		swap(s, i, (i - 1) / 2);
}

static struct job *heap_pop(struct script *s)
{
	struct job *top = s->heap.v[0];
	s->heap.v[0] = s->heap.v[--s->heap.n];
	for (size_t i = 0;;) {
		size_t first = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->heap.n; child++)
			if (sooner(s->heap.v[child], s->heap.v[first]))
				first = child;
		if (first == i)
			return top;
		swap(s, i, first);
		i = first;
	}
}

static void job_free(struct job *job)
{
	tr_request_free(job->request);
	tr_reply_free(job->reply);
	free(job);
}

/* Jobs that cancel ended stay where they are in the heap until they come to its top. */
static void drop_ended(struct script *s)
{
	while (s->heap.n && s->heap.v[0]->ended)
		job_free(heap_pop(s));
}

/* --- work ------------------------------------------------------------------------------------- */

static struct line *line_of(struct script *s, size_t device, bool beside)
{
	while (s->lines.n <= 2 * device + 1)
		(void)VEC_ADD(&s->lines);
	return &s->lines.v[2 * device + (beside ? 1 : 0)];
}

static void time_out(struct job *job, int64_t now)
{
	int64_t limit = job->request->timeout_ms;
	tr_reply_free(job->reply);
	job->reply = tr_reply_new(job->request, TR_TIMEOUT);
	job->reply->ms = limit;
	err_set(&job->reply->e, ERR_TIMEOUT, "no answer within %lld ms", (long long)limit);
	job->due = now + limit;
}

static void start(struct script *s, struct line *line, struct tr_request *r)
{
	struct job *job = xcalloc(1, sizeof(*job));
	int64_t now = s->clock->now(s->clock);
	job->request = r;
	job->reply = tr_reply_new(r, TR_DONE);
	job->order = s->order++;
	job->reply->status = r->kind == TR_CLOSE ? -1 : 0;
	int64_t delay = r->kind == TR_CLOSE ? 0 : s->answer(s->ctx, r, job->reply, now);
	job->reply->ms = delay;
	job->due = delay < 0 ? -1 : now + delay;
	bool late = delay < 0 || (delay > r->timeout_ms && job->reply->outcome != TR_NOT_SENT);
	if (r->timeout_ms > 0 && late)
		time_out(job, now);
	line->running = job;
	heap_push(s, job);
}

static void start_next(struct script *s, struct line *line)
{
	if (line->running || line->waiting.n == 0)
		return;
	struct tr_request *r = line->waiting.v[0];
	VEC_REMOVE(&line->waiting, 0);
	start(s, line, r);
}

static void script_submit(struct transport *t, struct tr_request *r)
{
	struct script *s = (struct script *)t;
	struct line *line = line_of(s, r->device, r->beside);
	VEC_PUSH(&line->waiting, r);
	start_next(s, line);
}

static struct tr_reply *script_next(struct transport *t)
{
	struct script *s = (struct script *)t;
	if (s->replies.n) {
		struct tr_reply *reply = s->replies.v[0];
		VEC_REMOVE(&s->replies, 0);
		return reply;
	}
	drop_ended(s);
	if (s->heap.n == 0 || s->heap.v[0]->due < 0 || s->heap.v[0]->due > s->clock->now(s->clock))
		return NULL;
	struct job *job = heap_pop(s);
	struct tr_reply *reply = job->reply;
	struct line *line = line_of(s, job->request->device, job->request->beside);
	job->reply = NULL;
	line->running = NULL;
	job_free(job);
	start_next(s, line);
	return reply;
}

static int script_fd(struct transport *t)
{
	(void)t;
	return -1;
}

static void give_cancelled(struct script *s, const struct tr_request *r, enum tr_outcome outcome)
{
	struct tr_reply *reply = tr_reply_new(r, outcome);
	err_set(&reply->e, ERR_CANCELLED, "cancelled");
	VEC_PUSH(&s->replies, reply);
}

static void script_cancel(struct transport *t, size_t device)
{
	struct script *s = (struct script *)t;
	struct line *line = line_of(s, device, false);
	if (line->running) {
		bool sent = line->running->reply->outcome != TR_NOT_SENT;
		give_cancelled(s, line->running->request, sent ? TR_LOST : TR_NOT_SENT);
		line->running->ended = true;
		line->running = NULL;
	}
	for (size_t i = 0; i < line->waiting.n; i++) {
		give_cancelled(s, line->waiting.v[i], TR_NOT_SENT);
		tr_request_free(line->waiting.v[i]);
	}
	line->waiting.n = 0;
}

static void script_free(struct transport *t)
{
	struct script *s = (struct script *)t;
	for (size_t i = 0; i < s->heap.n; i++)
		job_free(s->heap.v[i]);
	for (size_t i = 0; i < s->replies.n; i++)
		tr_reply_free(s->replies.v[i]);
	for (size_t i = 0; i < s->lines.n; i++) {
		for (size_t k = 0; k < s->lines.v[i].waiting.n; k++)
			tr_request_free(s->lines.v[i].waiting.v[k]);
		VEC_RELEASE(&s->lines.v[i].waiting);
	}
	VEC_RELEASE(&s->lines);
	VEC_RELEASE(&s->heap);
	VEC_RELEASE(&s->replies);
	free(s);
}

static const struct transport_ops script_ops = {
    .name = "script",
    .submit = script_submit,
    .next = script_next,
    .fd = script_fd,
    .cancel = script_cancel,
    .free = script_free,
};

struct transport *script_transport_new(struct clock *clock, script_answer answer, void *ctx)
{
	struct script *s = xcalloc(1, sizeof(*s));
	s->transport.ops = &script_ops;
	s->clock = clock;
	s->answer = answer;
	s->ctx = ctx;
	return &s->transport;
}

int64_t script_transport_due(struct transport *t)
{
	struct script *s = (struct script *)t;
	if (s->replies.n)
		return s->clock->now(s->clock);
	drop_ended(s);
	return s->heap.n ? s->heap.v[0]->due : -1;
}
