/* SPDX-License-Identifier: ISC */
/* A round of pre-checks that repeats only what is open: which checks of which device are asked. */
#include "config.h"

#include "engine/private.h"

#include "base/utf8.h"
#include "model/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mark { /* of one check of one task */
	MARK_NONE,   /* no result yet */
	MARK_PASSED, /* its result stands */
	MARK_OPEN,   /* to be asked again */
	MARK_SKIPPED
};

bool again_is_open(const struct check_view *c)
{
	return c->again || (!str_eq(c->status, "passed") && !str_eq(c->status, "skipped"));
}

bool again_any_open(const struct jobview *v, const struct task_view *t)
{
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (!c->after && again_is_open(c) && (!t || c->device == t->device))
			return true;
	}
	return false;
}

static unsigned char *row(struct engine *g, const struct task *t)
{
	return g->marks + t->number * g->view->procedure->n_checks;
}

static size_t number(struct engine *g, const struct check *c)
{
	return (size_t)(c - g->view->procedure->checks);
}

bool again_asks(struct engine *g, const struct task *t, const struct check *c)
{
	/* what needs no device is judged anew at no cost */
	return !t->partly || !c->command || row(g, t)[number(g, c)] != MARK_PASSED;
}

bool again_stands(struct engine *g, const struct task *t, const struct check *c)
{
	return t->partly && row(g, t)[number(g, c)] == MARK_PASSED;
}

/* --- marks ------------------------------------------------------------------------------------ */

static struct task *task_of(struct engine *g, size_t device)
{
	if (device == NO_DEVICE)
		return g->n ? &g->tasks[0] : NULL; /* it speaks for the job */
	const struct task_view *v = jobview_task(g->view, device);
	return v ? &g->tasks[v - g->view->tasks.v] : NULL;
}

/* begun: the round was begun by an earlier process; what it has asked already stands. */
static void mark_results(struct engine *g, bool begun)
{
	const struct procedure *p = g->view->procedure;
	free(g->marks);
	g->marks = xcalloc(g->n * p->n_checks + 1, 1);
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *v = &g->view->checks.v[i];
		const struct check *c = procedure_check(p, v->check);
		struct task *t = task_of(g, v->device);
		if (v->after || !c || !t)
			continue;
		bool open = begun ? v->again : again_is_open(v);
		row(g, t)[c - p->checks] = open                            ? MARK_OPEN
		                           : str_eq(v->status, "skipped") ? MARK_SKIPPED
		                                                          : MARK_PASSED;
	}
}

/* Never asked, although it should have been: the device was lost in the middle of its checks. */
static void mark_missing(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	for (size_t i = 0; i < p->n_checks; i++) {
		const struct check *c = &p->checks[i];
		if (row(g, t)[i] == MARK_NONE && c->before && !c->builtin &&
		    check_applies(g, t, c) && task_holds(g, t, c->when))
			row(g, t)[i] = MARK_OPEN;
	}
}

struct feed {
	const struct check *reader;
	const char *name; /* that the earlier check makes */
};

static int same_name(void *ctx, const char *name, struct err *e)
{
	const struct feed *f = ctx;
	(void)e;
	return str_eq(f->name, name) ? 1 : 0;
}

static int is_read(void *ctx, const char *name, struct err *e)
{
	struct feed f = {((struct feed *)ctx)->reader, name};
	const struct check *c = f.reader;
	const char *const texts[] = {c->command, c->message, c->advice, c->message_unknown,
	                             c->advice_unknown};
	for (size_t i = 0; i < LEN(texts); i++)
		if (texts[i] && template_names(texts[i], QUOTE_NONE, same_name, &f, e) > 0)
			return 1;
	return (c->when && judge_reads(c->when, same_name, &f, e) > 0) ||
	       (c->expect && judge_reads(c->expect, same_name, &f, e) > 0);
}

/* Does the later check use a value that the earlier one finds? */
static bool feeds(const struct check *earlier, const struct check *later)
{
	struct feed f = {later, NULL};
	struct err e = {0};
	return earlier->expect && judge_makes(earlier->expect, is_read, &f, &e) > 0;
}

static void mark_needed(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	for (size_t later = p->n_checks; later-- > 0;)
		for (size_t i = 0; row(g, t)[later] == MARK_OPEN && i < later; i++)
			if (row(g, t)[i] == MARK_PASSED && p->checks[i].command &&
			    feeds(&p->checks[i], &p->checks[later]))
				row(g, t)[i] = MARK_OPEN;
}

static size_t count_open(struct engine *g, struct task *t)
{
	size_t n = 0;
	for (size_t i = 0; i < g->view->procedure->n_checks; i++)
		n += row(g, t)[i] == MARK_OPEN;
	return n;
}

size_t again_mark(struct engine *g, const struct task_view *only, bool begun)
{
	size_t n = 0;
	mark_results(g, begun);
	for (size_t i = 0; i < g->n; i++) {
		struct task *t = &g->tasks[i];
		t->partly = false;
		if (only && only != tv(g, t))
			continue;
		mark_missing(g, t);
		t->partly = count_open(g, t) > 0;
		if (!t->partly)
			continue;
		mark_needed(g, t);
		n += count_open(g, t);
	}
	return n;
}

/* --- the journal ------------------------------------------------------------------------------ */

static cJSON *names_of(struct engine *g, struct task *t)
{
	const struct procedure *p = g->view->procedure;
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < p->n_checks; i++)
		if (row(g, t)[i] == MARK_OPEN)
			cJSON_AddItemToArray(list, cJSON_CreateString(p->checks[i].name));
	return list;
}

static cJSON *asked_json(struct engine *g)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < g->n; i++) {
		struct task *t = &g->tasks[i];
		if (!t->partly)
			continue;
		cJSON *one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "device", task_name(g, t));
		cJSON_AddItemToObject(one, "checks", names_of(g, t));
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

void again_record(struct engine *g, size_t checks, const char *who)
{
	size_t devices = 0;
	for (size_t i = 0; i < g->n; i++)
		devices += g->tasks[i].partly;
	char *reason = xasprintf("%zu checks of %zu devices again, asked by %s", checks, devices,
	                         who ? who : "?");
	struct record *r = record_new(RECORD_STATE, NULL, NULL);
	record_text(r, "state", job_state_name(JOB_CHECKING));
	record_text(r, "reason", reason);
	record_text(r, "who", who);
	emit(g, record_json(r, "again", asked_json(g)));
	free(reason);
}

/* --- facts ------------------------------------------------------------------------------------ */

/* What is no longer as the results that stand (and the plan) were made for. */
static void put_changes(struct engine *g, struct task *t, struct str *out)
{
	const struct procedure *p = g->view->procedure;
	const struct values *old = &tv(g, t)->facts;
	for (size_t i = 0; i < p->n_facts; i++) {
		const char *was = values_get(old, p->facts[i].name);
		const char *is = values_get(&t->query.found, p->facts[i].name);
		if (!str_eq(was ? was : "", is ? is : ""))
			str_printf(out, "%s%s was \"%s\" and is \"%s\"", out->len ? ", " : "",
			           p->facts[i].name, was ? was : "", is ? is : "");
	}
}

bool again_facts_changed(struct engine *g, struct task *t)
{
	struct str how = {0};
	if (!t->surveying || !g->view->checked_again)
		return false;
	put_changes(g, t, &how);
	bool changed = how.len > 0;
	if (changed) {
		char *safe = utf8_safe(str_text(&how), UTF8_ONE_LINE);
		note(g, task_name(g, t), true, "%s: since its last pre-checks %s%s",
		     task_name(g, t), safe,
		     t->partly ? ": all its checks are asked again" : "");
		free(safe);
		t->partly = false;
	}
	str_release(&how);
	return changed;
}
