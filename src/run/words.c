/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/words.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "model/phrases.h"
#include "model/procedure.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct word {
	const char *text; /* N_() */
	const char *symbol;
	int rank;
};

static const struct word tasks[TASK_STATE_COUNT] = {
#define X(id, word, symbol, role, rank) [TASK_##id] = {word, symbol, rank},
    TASK_WORDS(X)
#undef X
};

static const struct word jobs[JOB_STATE_COUNT] = {
#define X(id, word, symbol, role) [JOB_##id] = {word, symbol, 0},
    JOB_WORDS(X)
#undef X
};

struct named_word {
	const char *name;
	struct word word;
};

static const struct named_word results[] = {
    {"done", {N_("done"), "+", 0}},        {"skipped", {N_("skipped"), "-", 0}},
    {"failed", {N_("failed"), "!", 0}},    {"unknown", {N_("unknown"), "?", 0}},
    {"repeat", {N_("once more"), "-", 0}}, {NULL, {NULL, NULL, 0}},
};

static const char *const passes[] = {
    [PASS_UPGRADE] = N_("upgrade"),
    [PASS_UNDO] = N_("undo"),
    [PASS_ROLLBACK] = N_("rollback"),
};

/* Words of the engine that stand in the journal; the answers among them are also typed. */
struct kept_word {
	const char *kept, *shown;
};

static const struct kept_word answers[] = {
    {"withdrawn", NC_("an answer", "withdrawn")},
    {"wait", NC_("an answer", "wait")},
    {"done", NC_("an answer", "done")},
    {"retry", NC_("an answer", "retry")},
    {"go", NC_("an answer", "go")},
    {"fail", NC_("an answer", "fail")},
    {"cancel", NC_("an answer", "cancel")},
    {0},
};

static const struct kept_word answerers[] = {
    {"hitless", N_("hitless itself")}, /* it needs no answer any more */
    {0},
};

static const struct kept_word verdicts[] = {
    {"done", N_("done")},
    {"absent", NC_("a step", "not done")},
    {"running", N_("running")},
    {"unknown", N_("unknown")},
    {0},
};

static const char *shown(const struct kept_word *list, const char *kept)
{
	for (; kept && list->kept; list++)
		if (str_eq(list->kept, kept))
			return _(list->shown);
	return kept ? kept : "";
}

static const struct word *find(const struct named_word *list, const char *name)
{
	for (; list->name; list++)
		if (str_eq(list->name, name))
			return &list->word;
	return NULL;
}

const char *word_task(enum task_state s)
{
	return s < TASK_STATE_COUNT ? _(tasks[s].text) : "?";
}

char mark_task(enum task_state s)
{
	return s < TASK_STATE_COUNT ? tasks[s].symbol[0] : '?';
}

int word_task_rank(enum task_state s)
{
	return s < TASK_STATE_COUNT ? tasks[s].rank : 0;
}

const char *word_job(enum job_state s)
{
	return s < JOB_STATE_COUNT ? _(jobs[s].text) : "?";
}

char mark_job(enum job_state s)
{
	return s < JOB_STATE_COUNT ? jobs[s].symbol[0] : '?';
}

const char *word_pass(enum pass p)
{
	return (unsigned)p < LEN(passes) ? _(passes[p]) : "?";
}

const char *word_result(const char *result)
{
	const struct word *w = find(results, result);
	return w ? _(w->text) : result ? result : _("running");
}

const char *word_answer(const char *answer)
{
	return shown(answers, answer);
}

const char *word_who(const char *who)
{
	return shown(answerers, who);
}

const char *word_verdict(const char *verdict)
{
	return shown(verdicts, verdict);
}

const char *word_step(const struct jobview *v, const char *step)
{
	const struct step *known = step ? procedure_step(v->procedure, step) : NULL;
	return known && known->title ? translated(known->title) : step;
}

const char *word_step_short(const struct jobview *v, const char *step)
{
	const struct step *known = step ? procedure_step(v->procedure, step) : NULL;
	return known && known->state ? translated(known->state) : word_step(v, step);
}

char mark_result(const char *result)
{
	const struct word *w = find(results, result);
	return w ? w->symbol[0] : result ? '?' : '>';
}

void word_span(int64_t ms, char text[32])
{
	int64_t s = ms > 0 ? (ms + 500) / 1000 : 0;
	if (s < 60)
		snprintf(text, 32, "%" PRId64 "s", s);
	else if (s < 3600 && s % 60)
		snprintf(text, 32, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else if (s < 3600)
		snprintf(text, 32, "%" PRId64 "m", s / 60);
	else if (s / 60 % 60)
		snprintf(text, 32, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(text, 32, "%" PRId64 "h", s / 3600);
}

char *word_silent(const struct jobview *v, const struct task_view *t, int64_t now)
{
	int64_t ms = t->state == TASK_HELD ? 0 : jobview_silent(v, t, now);
	char span[32];
	word_span(ms, span);
	return ms ? xasprintf(_("nothing has come for %s"), span) : NULL;
}

void word_task_time(const struct task_view *t, int64_t now, struct str *out)
{
	char span[32], limit[32];
	if (t->waits)
		return;
	if (task_state_active(t->state) && t->state != TASK_HELD && t->intent_wall) {
		word_span(now - t->intent_wall, span);
		word_span(t->limit_ms, limit);
		if (t->limit_ms > 0)
			str_printf(out, "%s/%s", span, limit);
		else
			str_puts(out, span);
	} else if (task_state_final(t->state) && t->started && t->ended) {
		word_span(task_view_worked(t, now), span);
		str_puts(out, span);
	}
}

void word_rate(int64_t bytes, char text[32])
{
	static const char units[] = " kMGT";
	int unit = 0;
	int64_t tenths = bytes * 10;
	while (tenths >= 10000 && units[unit + 1]) {
		tenths /= 1000;
		unit++;
	}
	if (tenths < 100 && unit > 0)
		snprintf(text, 32, "%" PRId64 ".%" PRId64 "%c/s", tenths / 10, tenths % 10,
			 units[unit]);
	else if (unit > 0)
		snprintf(text, 32, "%" PRId64 "%c/s", tenths / 10, units[unit]);
	else
		snprintf(text, 32, "%" PRId64 "/s", tenths / 10);
}

char *word_inventory(const struct inventory *inv)
{
	size_t d = inv->devices.n, g = inv->groups.n, l = inv->links.n;
	char *devices = xasprintf(ngettext("%zu device", "%zu devices", d), d);
	char *groups = xasprintf(ngettext("%zu redundancy group", "%zu redundancy groups", g), g);
	char *links = xasprintf(ngettext("%zu link", "%zu links", l), l);
	char *all = xasprintf(_("%s, %s, %s"), devices, groups, links);
	free(devices);
	free(groups);
	free(links);
	return all;
}

char *word_set(const struct jobview *v, const struct set_view *s)
{
	char at[32];
	const char *was = s->from ? s->from : "-";
	clock_local_time(s->wall, at);
	if (s->device == NO_DEVICE)
		return xasprintf(_("%s is %s, not %s, since %s (%s, for all that is tried again)"),
				 s->name, s->to, was, at, word_who(s->who));
	return xasprintf(_("%s is %s, not %s, since %s (%s, for try %d of %s)"), s->name, s->to, was,
			 at, word_who(s->who), s->attempt, jobview_device(v, s->device));
}

char *word_sets(const struct jobview *v)
{
	struct str all = {0};
	for (size_t i = v->sets.n; i-- > 0;) {
		char *words = word_set(v, &v->sets.v[i]);
		str_printf(&all, "%s%s", all.len ? "; " : "", words);
		free(words);
	}
	char *text = all.len ? xasprintf(_("Set: %s"), str_text(&all)) : NULL;
	str_release(&all);
	return text;
}
