/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/evidence.h"
#include "tui/screens.h"
#include "tui/ways.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/phrases.h"
#include "run/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2

struct sheet { /* a text in the making */
	VEC(struct text_part) parts;
	VEC(char *) owned;
};

const char *evidence_tail(const char *text, int lines)
{
	size_t at = text ? strlen(text) : 0;
	while (at > 0 && (text[at - 1] == '\n' || text[at - 1] == '\r'))
		at--;
	for (int n = 0; at > 0; at--)
		if (text[at - 1] == '\n' && ++n == lines)
			break;
	return text ? text + at : "";
}

/* --- a text of parts -------------------------------------------------------------------------- */

static void put(struct sheet *s, enum theme_role role, int indent, char *text)
{
	VEC_PUSH(&s->owned, text);
	VEC_PUSH(&s->parts, ((struct text_part){.role = role, .indent = indent, .text = text}));
}

static void put_section(struct sheet *s, const char *title, enum theme_role role, const char *text)
{
	if (!text || !*text)
		return;
	put(s, ROLE_TITLE, 0, xasprintf("\n%s", title));
	put(s, role, INDENT, xstrdup(text));
}

static void show(struct app *a, struct sheet *s, const char *title)
{
	struct text_argument t = {.title = title, .parts = s->parts.v, .n = s->parts.n};
	app_open(a, &screen_text, &t);
	for (size_t i = 0; i < s->owned.n; i++)
		free(s->owned.v[i]);
	VEC_RELEASE(&s->owned);
	VEC_RELEASE(&s->parts);
}

/* --- a step ----------------------------------------------------------------------------------- */

static int64_t limit_of(const struct jobview *v, const struct step_view *s)
{
	const struct step *step = procedure_step(v->procedure, s->step);
	const char *own = values_get(&v->job->timeouts, s->step);
	return own    ? strtoll(own, NULL, 10) * 1000
	       : step ? procedure_step_limit(step, &v->job->parameters)
		      : 0;
}

static void put_times(struct sheet *out, const struct jobview *v, const struct step_view *s,
		      int64_t now)
{
	char from[32], to[32], took[32], limit[32];
	int64_t ms = limit_of(v, s);
	clock_local_time(s->started, from);
	clock_local_time(s->ended, to);
	word_span((s->ended ? s->ended : now) - s->started, took);
	word_span(ms, limit);
	put(out, ROLE_TEXT, INDENT,
	    xasprintf(_("from %s to %s, %s; limit %s"), from, to, took, ms > 0 ? limit : "-"));
	put(out, ROLE_TEXT, INDENT,
	    xasprintf(_("%s, attempt %d; %s"), word_pass(s->pass), s->attempt,
		      s->changes ? _("changes the device") : _("only reads")));
}

void evidence_show_step(struct app *a, const struct task_view *t, const struct step_view *s)
{
	const struct jobview *v = app_view(a);
	struct sheet out = {0};
	char *title = xasprintf("%s: %s", jobview_device(v, t->device),
				s->title ? translated(s->title) : word_step(v, s->step));
	bool bad = s->result && str_eq(s->result, "failed");
	put(&out, ROLE_TITLE, 0,
	    xasprintf("%s: %s", s->phase ? translated(s->phase) : "-",
		      s->title ? translated(s->title) : word_step(v, s->step)));
	put(&out, bad ? ROLE_ERROR : ROLE_TEXT, INDENT,
	    xasprintf("%c %s", mark_result(s->result), word_result(s->result)));
	put_times(&out, v, s, app_job_wall(a));
	put_section(&out, _("What happened"), bad ? ROLE_ERROR : ROLE_TEXT, said(v, s->message));
	put_section(&out, _("Likely cause"), ROLE_TEXT, said(v, s->cause));
	char *advice = ways_advice(a, said(v, s->advice));
	put_section(&out, _("What to do"), ROLE_OK, advice);
	free(advice);
	put_section(&out, _("Sent"), ROLE_INFO, s->command);
	put_section(&out, _("What came back"), ROLE_TEXT,
		    s->output && *s->output ? s->output : s->command ? _("nothing") : NULL);
	if (s->exit >= 0)
		put(&out, ROLE_DIM, INDENT, xasprintf(_("exit status %d"), s->exit));
	show(a, &out, title);
	free(title);
}

/* --- a device --------------------------------------------------------------------------------- */

void evidence_open_changes(const struct jobview *v, const struct task_view *t, struct str *out)
{
	for (size_t i = 0; i < t->open.n; i++) {
		str_printf(out, "%s%s", i ? ", " : "", word_step(v, t->open.v[i].step));
	}
}

static void put_values(struct sheet *out, const char *title, const struct values *values)
{
	if (values->n == 0)
		return;
	put(out, ROLE_TITLE, 0, xasprintf("\n%s", title));
	for (size_t i = 0; i < values->n; i++)
		put(out, ROLE_TEXT, INDENT,
		    xasprintf("%-*s %s", utf8_field(values->v[i].name, 20), values->v[i].name,
			      values->v[i].text));
}

static void put_changes(struct sheet *out, const struct jobview *v, const struct task_view *t)
{
	put(out, ROLE_TITLE, 0, xasprintf("\n%s", _("Still changed on the device")));
	if (t->open.n == 0)
		put(out, ROLE_TEXT, INDENT, xstrdup(_("nothing")));
	for (size_t i = 0; i < t->open.n; i++) {
		const struct open_change *o = &t->open.v[i];
		put(out, ROLE_WARNING, INDENT,
		    xasprintf("%s%s", word_step(v, o->step),
			      o->until_reboot ? _(", until it reboots") : ""));
	}
}

static void put_questions(struct sheet *out, const struct jobview *v, const struct task_view *t)
{
	for (size_t i = 0; i < v->questions.n; i++) {
		const struct question_view *q = &v->questions.v[i];
		if (q->device != t->device)
			continue;
		char *title = xasprintf(_("Question %lld"), (long long)q->id);
		put_section(out, title, q->answer ? ROLE_TEXT : ROLE_WARNING, said(v, q->text));
		put(out, ROLE_TEXT, INDENT,
		    q->answer
			? xasprintf(_("answered: %s, by %s"), word_answer(q->answer),
				    q->who ? word_who(q->who) : "?")
			: xstrdup(_("open")));
		free(title);
	}
}

void evidence_show_device(struct app *a, const struct task_view *t)
{
	const struct jobview *v = app_view(a);
	struct sheet out = {0};
	const char *name = jobview_device(v, t->device);
	put(&out, ROLE_TITLE, 0,
	    xasprintf("%s: %c %s", name, mark_task(t->state), word_task(t->state)));
	put_section(&out, _("Why"), ROLE_TEXT, said(v, t->reason));
	put_changes(&out, v, t);
	put_questions(&out, v, t);
	put_values(&out, _("Facts at the pre-checks"), &t->facts);
	put_values(&out, _("Facts and notes since then"), &t->captures);
	show(a, &out, name);
}
