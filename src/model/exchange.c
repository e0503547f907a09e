/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/exchange.h"

#include <stdlib.h>

const char *tr_outcome_name(enum tr_outcome o)
{
	static const char *const names[] = {"done",    "not sent", "lost",
	                                    "timeout", "failed",   "progress"};
	return o <= TR_PROGRESS ? names[o] : "?";
}

struct tr_request *tr_request_new(uint64_t id, size_t device, enum tr_kind kind)
{
	struct tr_request *r = xcalloc(1, sizeof(*r));
	r->id = id;
	r->device = device;
	r->kind = kind;
	r->timeout_ms = 60 * 1000;
	r->stall_ms = 60 * 1000;
	r->connect_ms = 15 * 1000;
	r->output_limit = 256 * 1024;
	r->file_limit = (int64_t)256 * 1024 * 1024;
	return r;
}

void tr_copy_free(struct tr_copy *c)
{
	if (!c)
		return;
	free(c->local), free(c->present), free(c->partial), free(c->prefix);
	free(c->space), free(c->append), free(c->discard), free(c->commit);
	free(c);
}

void tr_request_free(struct tr_request *r)
{
	if (!r)
		return;
	wipe(r->input.buf, r->input.len); /* a licence or a backup may be in it */
	str_release(&r->input);
	free(r->command), free(r->input_file), free(r->local), free(r->accept_key);
	tr_copy_free(r->copy);
	free(r);
}

struct tr_reply *tr_reply_new(const struct tr_request *r, enum tr_outcome outcome)
{
	struct tr_reply *reply = xcalloc(1, sizeof(*reply));
	reply->id = r->id;
	reply->device = r->device;
	reply->beside = r->beside;
	reply->outcome = outcome;
	reply->status = -1;
	return reply;
}

void tr_reply_free(struct tr_reply *r)
{
	if (!r)
		return;
	str_release(&r->out);
	str_release(&r->err);
	free(r);
}
