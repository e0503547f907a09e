/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/make_job.h"

#include "base/i18n.h"
#include "run/create.h"
#include "run/desk.h"

#include <stdlib.h>

struct request {
	struct procedure *procedure;
	struct job *job;
};

static void release(struct request *r)
{
	job_free(r->job);
	procedure_free(r->procedure);
}

static int read_draft(struct app *a, struct request *r, struct err *e)
{
	struct inventory *inv = desk_inventory(a->store, e);
	*r = (struct request){0};
	r->procedure = inv ? draft_procedure(a->draft, inv, e) : NULL;
	r->job = r->procedure ? draft_job(a->draft, a->store, a->clock, r->procedure, e) : NULL;
	inventory_free(inv);
	return r->job ? 0 : -1;
}

/* --- entering --------------------------------------------------------------------------------- */

static int enter(struct app *a, const char *id, struct err *e)
{
	const struct order_words recheck = {.verb = "recheck"};
	if (!str_eq(a->draft->job, id)) /* it may be the same string */
		draft_text(&a->draft->job, id);
	if (draft_save(a->draft, e) != 0 || app_follow(a, id, e) != 0)
		return -1;
	const struct jobview *v = app_view(a);
	if (v && v->state == JOB_REFUSED) /* something was put right, or so one hopes */
		(void)app_order(a, &recheck);
	else
		app_start_process(a);
	return 0;
}

static int write_new(struct app *a, const struct request *r, struct err *e)
{
	char *id = NULL;
	bool again;
	int rc = create_job(a->store, r->job, r->procedure, NULL, &id, &again, e);
	if (rc == 0)
		rc = enter(a, id, e);
	free(id);
	return rc;
}

/* --- the one before --------------------------------------------------------------------------- */

/* The draft's job that was never started and can still be; new, NULL: there is none. That its
 * journal cannot be read is told by create_job(), if it matters. */
static struct jobview *earlier(struct app *a)
{
	struct err why = {0};
	struct jobview *v = a->draft->job ? create_view(a->store, a->draft->job, &why) : NULL;
	if (v && !v->started && v->state != JOB_CANCELLED)
		return v;
	jobview_free(v);
	return NULL;
}

/* A process works on it: it has to let go of the devices before the new one looks at them. */
static int cancel_first(struct app *a, const struct jobview *v, struct err *e)
{
	const struct order_words cancel = {.verb = "cancel"};
	if (app_follow(a, a->draft->job, e) != 0)
		return -1;
	a->making = true;
	if (order_possible(v, &cancel, NULL) == 0)
		(void)app_order(a, &cancel);
	return 0;
}

static int make(struct app *a, const struct request *r, struct err *e)
{
	struct jobview *v = earlier(a);
	int rc;
	a->making = false;
	if (v && create_same(v, r->job, r->procedure))
		rc = enter(a, a->draft->job, e);
	else if (v && store_job_running(a->store, a->draft->job) && !job_state_final(v->state))
		rc = cancel_first(a, v, e);
	else
		rc = write_new(a, r, e);
	jobview_free(v);
	return rc;
}

bool make_job(struct app *a)
{
	struct err e = {0};
	struct request r;
	int rc = read_draft(a, &r, &e);
	if (rc == 0)
		rc = make(a, &r, &e);
	release(&r);
	if (rc != 0)
		app_fail(a, &e);
	return rc == 0;
}

void make_job_tick(struct app *a)
{
	const struct jobview *v = app_view(a);
	if (!a->making || (v && !job_state_final(v->state)) || a->job_running)
		return;
	a->making = false;
	(void)make_job(a);
}
