/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/engine/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void job_is(struct bed *b, enum job_state s)
{
	if (b->problem[0])
		fail_msg("%s", b->problem);
	assert_string_equal(job_state_name(bed_view(b)->state), job_state_name(s));
}

void task_is(struct bed *b, const char *device, enum task_state s)
{
	if (b->problem[0])
		fail_msg("%s", b->problem);
	assert_string_equal(task_state_name(bed_task(b, device)->state), task_state_name(s));
}

void ready(struct bed *b, const struct bed_options *o)
{
	assert_int_equal(bed_open(b, o), 0);
	bed_run(b);
	job_is(b, JOB_READY);
}

void start_only(struct bed *b)
{
	assert_int_equal(bed_command(b, "start", NULL, NULL), 0);
}

void go(struct bed *b)
{
	start_only(b);
	bed_run(b);
}

void command(struct bed *b, const char *verb, const char *target)
{
	assert_int_equal(bed_command(b, verb, target, NULL), 0);
	bed_run(b);
}

void answer(struct bed *b, const char *text)
{
	assert_non_null(bed_question(b));
	assert_int_equal(bed_answer(b, text), 0);
	bed_run(b);
}

static void same(struct bed *b, bool twice)
{
	struct jobview *fresh = bed_fold(b, twice);
	char *live = bed_dump(bed_view(b)), *told = bed_dump(fresh);
	assert_string_equal(live, told);
	free(live);
	free(told);
	jobview_free(fresh);
}

void over(struct bed *b)
{
	if (b->problem[0])
		fail_msg("%s", b->problem);
	same(b, false);
	same(b, true);
	bed_close(b);
}

void asked(struct bed *b, const char *kind)
{
	if (b->problem[0])
		fail_msg("%s", b->problem);
	const struct question_view *q = bed_question(b);
	assert_non_null(q);
	assert_string_equal(q->kind, kind);
}

void fault(struct bed *b, const char *text, enum fault fault, int skip, int times)
{
	switches_force(&b->switches, NULL, text, fault, skip, times);
}

void claim_fails(struct bed *b, const char *device)
{
	switches_force(&b->switches, device, "claim", FAULT_ERROR, 0, 2);
}

struct box *box(struct bed *b, const char *device)
{
	return switches_find(&b->switches, device);
}

int begun(struct bed *b, const char *device, const char *step, enum pass pass)
{
	const struct task_view *t = bed_task(b, device);
	int n = 0;
	for (size_t i = 0; i < t->steps.n; i++)
		n += str_eq(t->steps.v[i].step, step) && t->steps.v[i].pass == pass &&
		     !str_eq(t->steps.v[i].result, "skipped");
	return n;
}

const struct step_view *step_of(struct bed *b, const char *device, const char *step)
{
	const struct task_view *t = bed_task(b, device);
	for (size_t i = t->steps.n; i-- > 0;)
		if (str_eq(t->steps.v[i].step, step) && t->steps.v[i].pass != PASS_UNDO)
			return &t->steps.v[i];
	fail_msg("%s has no step %s", device, step);
	return NULL;
}

const struct check_view *check_of(struct bed *b, const char *device, const char *check)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->checks.n; i++)
		if (str_eq(v->checks.v[i].check, check) &&
		    (!device || str_eq(jobview_device(v, v->checks.v[i].device), device)))
			return &v->checks.v[i];
	fail_msg("%s has no check %s", device ? device : "the job", check);
	return NULL;
}

bool noted(struct bed *b, const char *text)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->notes.n; i++)
		if (strstr(v->notes.v[i].text, text))
			return true;
	return false;
}

static struct {
	const char *device, *step;
	void (*act)(struct bed *b);
} moment;

static void look(struct bed *b)
{
	const struct task_view *t =
	    b->runner && bed_view(b)->job ? bed_task(b, moment.device) : NULL;
	if (!t || !moment.act || !str_eq(t->step, moment.step) || !t->intended ||
	    t->state == TASK_HELD)
		return;
	void (*act)(struct bed *) = moment.act;
	moment.act = NULL;
	act(b);
}

void when_at(struct bed *b, const char *device, const char *step, void (*act)(struct bed *b))
{
	moment.device = device;
	moment.step = step;
	moment.act = act;
	b->on_wait = look;
}

void leave_now(struct bed *b)
{
	b->leave = true;
}
