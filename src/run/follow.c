/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/follow.h"

#include "run/create.h"

#include <stdlib.h>

struct follow {
	struct store *store;
	char *job;
	struct jobview *view;
	int64_t version; /* of the database when it was read last; -1: never */
	int64_t seq;
	int records; /* of this update */
	void (*see)(void *ctx, const struct jobview *v, const struct record *r);
	void *ctx;
};

struct follow *follow_new(struct store *s, const char *job, struct err *e)
{
	struct follow *f = xcalloc(1, sizeof(*f));
	f->store = s;
	f->job = xstrdup(job);
	f->view = jobview_new();
	f->version = -1;
	if (store_last(s, job) >= 0)
		return f;
	err_set(e, ERR_SYSTEM, "the journal of job %s cannot be read", job);
	follow_free(f);
	return NULL;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	jobview_free(f->view);
	free(f->job);
	free(f);
}

static int take(void *ctx, const struct record *r, struct err *e)
{
	struct follow *f = ctx;
	if (jobview_apply(f->view, r, e) != 0)
		return -1;
	f->seq = r->seq;
	f->records++;
	if (f->see)
		f->see(f->ctx, f->view, r);
	return 0;
}

int follow_update(struct follow *f,
		  void (*see)(void *ctx, const struct jobview *v, const struct record *r),
		  void *ctx, struct err *e)
{
	if (store_still_there(f->store, e) != 0)
		return -1;
	/* asked before reading: what comes in between makes another number and is read next time */
	int64_t version = store_version(f->store);
	if (version >= 0 && version == f->version)
		return 0;
	f->see = see;
	f->ctx = ctx;
	f->records = 0;
	if (store_read(f->store, f->job, f->seq, 0, take, f, e) != 0)
		return -1;
	f->version = version;
	create_name(f->store, f->job, f->view); /* also of one that has no news: another may have it now */
	return f->records;
}

const struct jobview *follow_view(const struct follow *f)
{
	return f->view;
}

bool follow_running(struct follow *f)
{
	return store_job_running(f->store, f->job);
}
