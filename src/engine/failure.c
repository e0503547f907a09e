/* SPDX-License-Identifier: ISC */
/* What a failure is called and what to do about it: from the procedure's error patterns, the step's
 * own words, or the transport's. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>
#include <string.h>

void failure_release(struct failure *f)
{
	free(f->message), free(f->cause), free(f->advice), free(f->kind), free(f->output);
	free(f->command);
	*f = (struct failure){0};
}

/* asked: the device that could not be asked, when that is another one than the task's; NULL. */
static char *expand(struct engine *g, struct task *t, const char *template,
                    const struct values *captures, const char *why, const char *asked)
{
	if (!template)
		return NULL;
	struct scope s;
	struct values extra = {0}, other = {0};
	struct str out = {0};
	task_scope(g, t, &s);
	values_set(&extra, "why", why ? why : "");
	s.layers[4] = &extra;
	s.layers[5] = captures;
	if (asked) {
		values_set(&other, "device", asked);
		memmove(s.layers + 1, s.layers, 6 * sizeof(s.layers[0]));
		s.layers[0] = &other;
	}
	if (template_expand(template, &s, QUOTE_NONE, &out, NULL) != 0)
		str_puts(&out, template);
	values_release(&extra);
	values_release(&other);
	return str_take(&out);
}

static const char *asked_instead(struct engine *g, struct task *t, const struct tr_reply *r)
{
	return r && r->e.kind != ERR_NONE && r->device != tv(g, t)->device
		   ? jobview_device(g->view, r->device)
		   : NULL;
}

static bool from_pattern(struct engine *g, struct task *t, const struct error_pattern *p,
                         const char *text, const char *why, const char *asked, struct failure *f)
{
	struct values captures = {0};
	bool hit = pattern_match(p->match, text, strlen(text), &captures) == VERDICT_YES;
	if (hit) {
		f->kind = xstrdup(p->kind);
		f->under_way = p->under_way;
		f->message = expand(g, t, p->message, &captures, why, asked);
		f->cause = expand(g, t, p->cause, &captures, why, asked);
		f->advice = expand(g, t, p->advice, &captures, why, asked);
	}
	values_release(&captures);
	return hit;
}

/* Everything that was said, the transport's own words first, for the patterns to look at. */
static char *all_text(const struct tr_reply *r, const char *why, const char *output)
{
	return xasprintf("%s\n%s\n%s", r && r->e.kind != ERR_NONE ? r->e.text : "",
	                 why ? why : "", output ? output : "");
}

static void in_own_words(struct engine *g, struct task *t, const struct step *s,
                         const struct tr_reply *r, const char *why, struct failure *f)
{
	const char *said = why && *why ? why : r ? r->e.text : NULL;
	f->kind = xstrdup(r && r->e.kind != ERR_NONE ? err_kind_name(r->e.kind) : "step");
	if (s && s->message)
		f->message = expand(g, t, s->message, NULL, why, NULL);
	else
		f->message = xasprintf(M_("Failed at- %-s"), s ? s->title : M_("the upgrade"));
	f->cause = s && s->cause ? expand(g, t, s->cause, NULL, why, NULL) : xstrdup(said);
	f->advice =
	    s && s->advice
		? expand(g, t, s->advice, NULL, why, NULL)
		: xstrdup(M_("Look at the output below; put it right on the device, then retry"));
}

void failure_of(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r,
                const char *why, struct failure *f)
{
	*f = (struct failure){.exit = r ? r->status : -1};
	f->output = r ? reply_output(r) : NULL;
	char *text = all_text(r, why, f->output);
	const struct procedure *p = g->view->procedure;
	bool known = false;
	for (size_t i = 0; i < p->n_errors && !known; i++)
		known = from_pattern(g, t, &p->errors[i], text, why,
				     asked_instead(g, t, r), f);
	if (!known)
		in_own_words(g, t, s, r, why, f);
	free(text);
}

void task_step_passed_over(struct engine *g, struct task *t, const struct tr_reply *reply,
                           const char *why)
{
	const struct step *s = task_step(g, t);
	struct failure f;
	failure_of(g, t, s, reply, why, &f);
	struct record *r = task_outcome(g, t, s, "skipped");
	record_number(r, "exit", f.exit);
	record_text(r, "output", f.output);
	record_text(r, "message", f.message);
	emit(g, r);
	note(g, task_name(g, t), true, M_("%s: it goes on all the same, as ordered: %-s"),
	     task_name(g, t), f.message);
	failure_release(&f);
	task_step_close(t);
}
