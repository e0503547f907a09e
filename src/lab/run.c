/* SPDX-License-Identifier: ISC */
/* A process as the client has it: started, fed, asked for its output. The front door's lab_run. */
#include "config.h"

#include "lab/run.h"

#include <stdlib.h>
#include <string.h>

#define UPLOAD (64 << 10) /* bytes of input that are a file, where nobody says how much is to come */

static struct proc *of(struct lab_run *run)
{
	return (struct proc *)run;
}

struct lab_run *lab_run_start(struct lab *lab, size_t device, const char *user, const char *command,
			      void *run_ctx)
{
	struct device *dev = lab->devices.v[device];
	lab_log(lab, dev, "command", "%s: %s", user, command);
	struct proc *p = proc_new(lab, dev, user, command);
	p->run.ctx = run_ctx;
	if (!device_up(dev)) {
		p->run.dropped = true;
		p->run.killed = 9;
	}
	proc_resume(p);
	return &p->run;
}

/* The connection breaks when so much of an upload has arrived. True: cut; *n is what still came. */
static bool upload_cut(struct lab_run *r, size_t *n)
{
	struct fault *f = fault_get(r->dev, "upload-cut", false);
	if (!f || r->unit)
		return false;
	double percent = f->arg ? atof(f->arg) : 50;
	double whole = r->expects > 0                   ? (double)r->expects
		       : r->lab->options.image_size > 0 ? (double)r->lab->options.image_size
							: 4 << 20;
	int64_t limit = (int64_t)(whole * percent / 100);
	if (r->got + (int64_t)*n < limit)
		return false;
	*n = limit > r->got ? (size_t)(limit - r->got) : 0;
	(void)fault_get(r->dev, "upload-cut", true);
	return true;
}

void lab_run_feed(struct lab_run *r, const void *data, size_t n)
{
	if (r->ended || r->killed || r->input.eof || r->dropped)
		return;
	bool large = r->got < UPLOAD && r->got + (int64_t)n >= UPLOAD;
	if ((!r->got && r->expects > 0) || (large && !r->expects))
		fault_moment(r->dev, "upload");
	bool cut = upload_cut(r, &n);
	if (r->input.at >= blob_size(r->input.blob) && r->input.at) {
		blob_unref(r->input.blob); /* what was read is gone */
		r->input.blob = blob_new();
		r->input.at = r->input.timed = 0;
	}
	blob_own(&r->input.blob);
	blob_add(r->input.blob, data, n);
	r->got += (int64_t)n;
	if (cut) {
		proc_drop(of(r));
		r->input.eof = true;
	}
	if (r->waits_input)
		proc_resume(of(r));
}

void lab_run_eof(struct lab_run *r)
{
	r->input.eof = true;
	if (r->waits_input)
		proc_resume(of(r));
}

void lab_run_expect(struct lab_run *r, int64_t bytes)
{
	r->expects = bytes;
}

/* Connections that were open when the device went down are gone with what ran in them. */
bool lab_run_dropped(const struct lab_run *r)
{
	return r->dropped || (r->connection_gen != r->dev->connection_gen && !r->ended);
}

bool lab_run_ended(const struct lab_run *r)
{
	return r->ended || lab_run_dropped(r);
}

bool lab_run_waits(const struct lab_run *r)
{
	return r->waits_input && !r->ended;
}

int lab_run_status(const struct lab_run *r)
{
	return r->status;
}

size_t lab_run_output(struct lab_run *r, int which, size_t limit, struct str *out)
{
	struct blob *b = which == 2 ? r->err : r->out;
	int64_t *at = &r->taken[which == 2];
	char buf[16384];
	size_t total = 0;
	while (total < limit) {
		size_t want = limit - total < sizeof(buf) ? limit - total : sizeof(buf);
		size_t n = blob_read(b, *at, buf, want);
		if (!n)
			break;
		str_add(out, buf, n);
		*at += (int64_t)n;
		total += n;
	}
	return total;
}

void lab_run_result(struct lab_run *r, struct lab_result *result)
{
	memset(result, 0, sizeof(*result));
	result->status = r->status;
	result->dropped = lab_run_dropped(r);
	result->takes_ms = (r->ended ? r->ended_at : r->lab->now) - r->started;
	(void)lab_run_output(r, 1, SIZE_MAX, &result->out);
	(void)lab_run_output(r, 2, SIZE_MAX, &result->err);
}

void lab_run_close(struct lab_run *r)
{
	if (!r)
		return;
	r->ctx = NULL;
	r->orphan = true;
	if (!r->ended && r->killed == 0)
		lab_run_eof(r);
	if (r->ended)
		proc_free(of(r));
}

void lab_result_release(struct lab_result *r)
{
	str_release(&r->out);
	str_release(&r->err);
}

bool lab_exec(struct lab *lab, size_t device, const char *user, const char *command, const void *in,
	      size_t n, int64_t limit_ms, struct lab_result *result)
{
	struct lab_run *r = lab_run_start(lab, device, user, command, NULL);
	if (n)
		lab_run_feed(r, in, n);
	lab_run_eof(r);
	int64_t until = lab->now + limit_ms;
	while (!lab_run_ended(r) && lab->now < until) {
		int64_t next = lab_next(lab);
		lab_advance(lab, next < 0 || next > until ? until : next);
	}
	bool ended_in_time = lab_run_ended(r);
	lab_run_result(r, result);
	lab_run_close(r);
	return ended_in_time;
}
