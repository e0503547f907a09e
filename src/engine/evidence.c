/* SPDX-License-Identifier: ISC */
/* A step that "fails_later" has failed: the device fails for that cause, and not before the steps
 * behind it that do so too have been made, so that the operator learns all that is wrong, and the
 * snapshot after is there, before anything is rolled back. */
#include "config.h"

#include "engine/private.h"

#include "base/i18n.h"

#include <stdlib.h>

bool evidence_first(struct engine *g, struct task *t, const struct step *s,
		    const struct tr_reply *r)
{
	/* who cannot be reached tells nothing any more; a peer that cannot is no reason */
	bool away = r && r->outcome == TR_NOT_SENT && r->device == tv(g, t)->device;
	return s->fails_later && !away;
}

bool evidence_over(struct engine *g, struct task *t, const struct step *s)
{
	return tv(g, t)->failing && !t->step_open && !(s && s->fails_later);
}

static bool in_this_attempt(const struct task_view *v, const struct step_view *s)
{
	return s->pass == v->pass && s->attempt == v->attempt && s->result;
}

struct told {
	VEC(char *) texts;
};

/* Two steps that wait for the same may say the same: once is enough. */
static void say(struct engine *g, struct task *t, struct told *told, const char *what)
{
	for (size_t i = 0; i < told->texts.n; i++)
		if (str_eq(told->texts.v[i], what))
			return;
	VEC_PUSH(&told->texts, xstrdup(what));
	note(g, task_name(g, t), true, M_("%s: also wrong when it failed: %-s"), task_name(g, t),
	     what);
}

/* What the checks of this step found, without the one that it failed for. */
static void say_checks(struct engine *g, struct task *t, const struct step *s,
		       struct told *told, const char *cause)
{
	for (size_t i = 0; i < g->view->checks.n; i++) {
		const struct check_view *c = &g->view->checks.v[i];
		bool good = str_eq(c->status, "passed") || str_eq(c->status, "skipped");
		if (c->device != tv(g, t)->device || !c->after || good ||
		    !is_named(s->checks, c->check) || (cause && str_eq(c->message, cause)))
			continue;
		say(g, t, told, c->message ? c->message : c->title);
	}
}

/* The checks of the way back take the place of these: they are said before it, once and for all. */
void evidence_say(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	struct told told = {{0}};
	for (size_t i = 0; i < v->steps.n; i++) {
		const struct step_view *x = &v->steps.v[i];
		const struct step *s = procedure_step(g->view->procedure, x->step);
		if (!s || !s->fails_later || !in_this_attempt(v, x))
			continue;
		if (s->action == ACTION_CHECK) {
			say_checks(g, t, s, &told,
				   str_eq(x->step, v->failed_step) ? x->cause : NULL);
		} else if (str_eq(x->result, "failed") && !str_eq(x->step, v->failed_step)) {
			say(g, t, &told, x->message ? x->message : s->title);
		}
	}
	if (!told.texts.n)
		note(g, task_name(g, t), false, M_("%s: nothing else was found wrong when it failed"),
		     task_name(g, t));
	for (size_t i = 0; i < told.texts.n; i++)
		free(told.texts.v[i]);
	VEC_RELEASE(&told.texts);
}
