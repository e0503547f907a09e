/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "story.h"

#include "tui/screens.h"

#include "run/create.h"
#include "run/procedures.h"

#include <stdlib.h>

void story_must(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("%s", e->text);
}

void story_add(struct story *t, struct record *r)
{
	struct err e = {0};
	story_must(store_append(t->bed->store, t->id, t->epoch, &r, 1, &e), &e);
	record_free(r);
}

static struct job *job_of(const struct procedure *p, size_t devices)
{
	struct job *j = job_new();
	j->name = xstrdup("core");
	j->version = xstrdup("4.2.0");
	j->operator= xstrdup("anna");
	j->inventory = inventory_new();
	for (size_t i = 0; i < devices; i++) {
		struct device *d = VEC_ADD(&j->inventory->devices);
		*d = (struct device){.name = xasprintf("leaf%04zu", i + 1),
				     .address = xasprintf("10.0.%zu.%zu", i / 200, i % 200 + 1),
				     .port = 22,
				     .platform = xstrdup(p->platforms[0]),
				     .role = xstrdup("leaf"),
				     .credential = xstrdup("default")};
		VEC_PUSH(&j->devices, i);
	}
	return j;
}

void story_plan(struct story *t, const struct job *j, int64_t copy_ms)
{
	struct plan *p = plan_new();
	struct plan_stage *s = VEC_ADD(&p->stages);
	s->name = xstrdup("leaf");
	struct plan_batch *b = VEC_ADD(&s->batches);
	b->estimate_ms = 600000;
	for (size_t i = 0; i < j->devices.n; i++) {
		VEC_PUSH(&b->devices, i);
		struct plan_device *d = VEC_ADD(&p->devices);
		d->device = i;
		d->estimate_ms = 600000;
		d->copy_ms = copy_ms;
		d->copy_p95_ms = copy_ms * 2;
	}
	plan_seal(p, j->inventory);
	story_add(t, record_json(record_new(RECORD_PLAN, NULL, NULL), "plan",
				 plan_to_json(p, j->inventory)));
	plan_free(p);
}

void story_state(struct story *t, const char *state)
{
	story_add(t, record_text(record_new(RECORD_STATE, NULL, NULL), "state", state));
}

struct record *story_of(enum record_kind kind, size_t device, const char *step)
{
	char name[16];
	snprintf(name, sizeof(name), "leaf%04zu", device);
	return record_text(record_new(kind, name, step), "pass", "upgrade");
}

void story_begin_at(struct story *t, size_t device, const char *step)
{
	story_add(t, record_number(story_of(RECORD_BEGIN, device, NULL), "attempt", 1));
	struct record *r = story_of(RECORD_INTENT, device, step);
	record_text(r, "title", "Install the image");
	record_text(r, "phase", "Install");
	record_text(r, "word", "installing");
	story_add(t, record_number(r, "limit_ms", 900000));
}

void story_begin(struct story *t, size_t device)
{
	story_begin_at(t, device, "install");
}

void story_fail(struct story *t, size_t device, const char *kind, const char *message)
{
	struct record *r = story_of(RECORD_OUTCOME, device, "install");
	record_text(r, "result", "failed");
	record_text(r, "kind", kind);
	record_text(r, "output", "one\ntwo");
	story_add(t, record_text(r, "message", message));
	story_add(t, record_text(story_of(RECORD_TASK, device, NULL), "state", "failed"));
}

/* A running job of so many devices, followed and looked at. */
void story_start(struct story *t, struct bed *b, size_t devices)
{
	struct err e = {0};
	bool again;
	struct procedure *p = procedures_for(NULL, &e);
	assert_non_null(p);
	struct job *j = job_of(p, devices);
	*t = (struct story){.bed = b};
	story_must(create_check(j, p, &e), &e);
	story_must(create_job(b->store, j, p, NULL, &t->id, &again, &e), &e);
	t->owner = store_own(b->store, t->id, &e);
	assert_non_null(t->owner);
	t->epoch = owner_epoch(t->owner);
	story_plan(t, j, 0);
	story_state(t, "running");
	story_must(app_follow(b->app, t->id, &e), &e);
	app_open(b->app, &screen_live, NULL);
	job_free(j);
	procedure_free(p);
}

void story_stop(struct story *t)
{
	owner_free(t->owner);
	free(t->id);
}

void story_look(struct story *t)
{
	app_tick(t->bed->app);
	app_draw(t->bed->app);
}
