/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/phrases.h"

#include "base/i18n.h"
#include "base/str.h"
#include "model/judge.h"
#include "model/phrases_parts.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_LEAST 2    /* less than that in common proves nothing */
#define DEPTH_MOST  8    /* messages in messages */
#define LOOKS_MOST  64   /* through all templates for one text */
#define TEXT_MOST   4096 /* what is longer is no message */

struct phrase {
	char *text, *translation;
};

struct phrases {
	VEC(const char *) templates; /* the procedure's, borrowed */
	void *known;                 /* tree of phrases: what was asked before */
	const struct procedure *of;
};

struct phrases *phrases_new(void)
{
	return xcalloc(1, sizeof(struct phrases));
}

static void phrase_free(void *phrase)
{
	struct phrase *p = phrase;
	free(p->text);
	free(p->translation);
	free(p);
}

static void forget(struct phrases *p)
{
	tdestroy(p->known, phrase_free);
	p->known = NULL;
	VEC_RELEASE(&p->templates);
}

void phrases_free(struct phrases *p)
{
	if (!p)
		return;
	forget(p);
	free(p);
}

/* --- the templates ---------------------------------------------------------------------------- */

/* Made from the sources: src/model/messages.sh. */
static const char *const all[] = {
#include "messages.inc"
};

static const char *const of_system[] = {
    /* err_sys() */
#include "messages_system.inc"
};

static const char *const foreign[] = {
    /* what libraries say: src/model/foreign.pot */
#include "messages_foreign.inc"
};

struct messages messages_all(void)
{
	return (struct messages){all, LEN(all)};
}

struct messages messages_system(void)
{
	return (struct messages){of_system, LEN(of_system)};
}

static void add(struct phrases *p, const char *text)
{
	if (text && *text)
		VEC_PUSH(&p->templates, text);
}

static void gather_methods(struct phrases *p, const struct procedure *of)
{
	for (size_t i = 0; i < of->n_methods; i++) {
		add(p, of->methods[i].done_stays);
		for (size_t k = 0; k < of->methods[i].n_components; k++)
			add(p, of->methods[i].components[k].no_return);
	}
}

static void add_called(void *p, const char *words)
{
	add(p, words);
}

static void gather(struct phrases *p, const struct procedure *of)
{
	forget(p);
	p->of = of;
	add(p, of->noun);
	gather_methods(p, of);
	for (size_t i = 0; i < of->n_images; i++)
		add(p, of->images[i].title);
	for (size_t i = 0; i < of->n_checks; i++) {
		add(p, of->checks[i].title);
		add(p, of->checks[i].message);
		add(p, of->checks[i].advice);
		add(p, of->checks[i].message_unknown);
		add(p, of->checks[i].advice_unknown);
		add(p, of->checks[i].advice_wait);
		judge_calls(of->checks[i].expect, add_called, p);
	}
	for (size_t i = 0; i < of->n_steps; i++) {
		add(p, of->steps[i].title);
		add(p, of->steps[i].undo ? of->steps[i].undo->title : NULL);
		add(p, of->steps[i].message);
		add(p, of->steps[i].advice);
		add(p, of->steps[i].question);
		judge_calls(of->steps[i].expect, add_called, p);
	}
	for (size_t i = 0; i < of->n_errors; i++) {
		add(p, of->errors[i].message);
		add(p, of->errors[i].cause);
		add(p, of->errors[i].advice);
	}
	for (size_t i = 0; i < of->n_collectors; i++) {
		add(p, of->collectors[i].element);
		for (size_t k = 0; k < of->collectors[i].n_expected; k++)
			add(p, of->collectors[i].expected[k].message);
	}
}

/* --- recognising ------------------------------------------------------------------------------ */

struct found {
	struct pieces pieces;
	struct filling values[PIECES_MOST];
};

/* The letters before the first hole, and those behind it, tell most templates from a text. */
static bool may_fit(const char *template, enum style style, const char *text)
{
	const char *mark = style == STYLE_NAMED ? "$" : "%";
	size_t n = strcspn(template, mark);
	if (strncmp(template, text, n) != 0)
		return false;
	const char *hole = template + n, *end = hole + strcspn(hole, "}");
	if (style != STYLE_NAMED && *hole)
		end = hole + 1 + strspn(hole + 1, "-+ #0123456789.*$hlzjt");
	if (!*hole || !*end)
		return true;
	end++;
	return memmem(text + n, strlen(text + n), end, strcspn(end, mark)) != NULL;
}

static bool recognise(const char *template, enum style style, const char *text, struct found *out)
{
	if (!may_fit(template, style, text))
		return false;
	pieces_of(template, style, &out->pieces);
	return out->pieces.marks >= MARKS_LEAST && pieces_match(&out->pieces, text, out->values);
}

/* --- saying it again -------------------------------------------------------------------------- */

/* English has no catalogue: nothing to look for. */
static bool has_catalogue(void)
{
	const char *header = "";
	return *gettext(header) != '\0';
}

struct reading {
	const struct phrases *p; /* NULL: only messages of the program */
	int depth, left;         /* left: how often the templates may still be looked through */
};

/* One way to say a text again. Of several the one that explains the most of it is the right one. */
struct made {
	char *text;   /* NULL: none */
	size_t marks; /* characters that stand in templates, and of them in its own */
	size_t own;
	bool swallows; /* ends with foreign words: what looks like more messages may be a part of
			  them */
};

static struct made again(struct reading *r, const char *text);

static void put_value(struct reading *r, const struct piece *hole, const struct filling *value,
		      struct str *out, struct made *sum)
{
	char *text = hole->hole == HOLE_MESSAGE ? xstrndup(value->text, value->n) : NULL;
	struct made other = text ? again(r, text) : (struct made){0};
	if (other.text)
		str_puts(out, other.text);
	else
		str_add(out, value->text, value->n);
	sum->marks += other.marks;
	free(other.text);
	free(text);
}

/* "T: why": T is in `out`, why is behind it in the language of the reader. */
static void put_system(struct reading *r, const struct found *f, struct str *out, struct made *sum)
{
	const struct piece *hole = &f->pieces.v[f->pieces.n - 1];
	struct str why = {0};
	put_value(r, hole, &f->values[f->pieces.n - 1], &why, sum);
	char *head = str_take(out);
	str_printf(out, _("%s: %s"), head, str_text(&why));
	free(head);
	str_release(&why);
}

/* Nothing when the translation names what the template does not. */
static struct made fill(struct reading *r, const struct found *f, enum style style,
			const char *other)
{
	const struct piece *last = f->pieces.n ? &f->pieces.v[f->pieces.n - 1] : NULL;
	struct made sum = {.marks = f->pieces.marks,
			   .own = f->pieces.marks,
			   .swallows = last && last->hole == HOLE_TEXT};
	struct pieces to;
	struct str out = {0};
	pieces_of(other, style == STYLE_SYSTEM ? STYLE_FORMAT : style, &to);
	for (size_t i = 0; i < to.n; i++) {
		const struct piece *hole = piece_for(&f->pieces, &to.v[i]);
		if (to.v[i].hole == HOLE_NONE) {
			str_add(&out, to.v[i].text, to.v[i].n);
		} else if (hole) {
			put_value(r, hole, &f->values[hole - f->pieces.v], &out, &sum);
		} else {
			str_release(&out);
			return (struct made){0};
		}
	}
	if (style == STYLE_SYSTEM)
		put_system(r, f, &out, &sum);
	sum.text = str_take(&out);
	return sum;
}

static void take_better(struct made *best, struct made other)
{
	bool more =
	    other.marks > best->marks || (other.marks == best->marks && other.own > best->own);
	if (other.text && (!best->text || more)) {
		free(best->text);
		*best = other;
	} else {
		free(other.text);
	}
}

static void look_through(struct reading *r, const char *const *list, size_t n, enum style style,
			 const char *text, struct made *best)
{
	struct found f;
	for (size_t i = 0; i < n; i++)
		if (recognise(list[i], style, text, &f))
			take_better(best, fill(r, &f, style, gettext(list[i])));
}

/* What libraries say, and single words (a state, but perhaps a name), count where a message of ours
 * has a hole for them, not behind just any place. */
static struct made from_template(struct reading *r, const char *text, bool whole)
{
	struct made best = {0};
	if ((!whole && !strchr(text, ' ')) || r->left-- <= 0)
		return best;
	if (r->p)
		look_through(r, r->p->templates.v, r->p->templates.n, STYLE_NAMED, text, &best);
	look_through(r, of_system, LEN(of_system), STYLE_SYSTEM, text, &best);
	look_through(r, all, LEN(all), STYLE_FORMAT, text, &best);
	if (whole)
		look_through(r, foreign, LEN(foreign), STYLE_FORMAT, text, &best);
	return best;
}

enum joint { JOINT_PLACE, JOINT_LIST };

static struct made joined(enum joint joint, const char *a, struct made *one, struct made *two)
{
	struct made both = {.marks = one->marks + two->marks, .swallows = two->swallows};
	const char *head = one->text ? one->text : a;
	if (two->text)
		both.text = joint == JOINT_LIST ? xasprintf(_("%s; %s"), head, two->text)
						: xasprintf(_("%s: %s"), head, two->text);
	free(one->text);
	free(two->text);
	return both;
}

static struct made message(struct reading *r, const char *text, bool whole);

/* Several messages in one, "A; B": all of them have to be ours. */
static struct made one_by_one(struct reading *r, const char *text)
{
	const char *end = strstr(text, "; ");
	char *first = end ? xstrndup(text, (size_t)(end - text)) : NULL;
	struct made one = first ? from_template(r, first, false) : (struct made){0};
	struct made rest = one.text ? message(r, end + 2, false) : (struct made){0};
	struct made both = joined(JOINT_LIST, first, &one, &rest);
	free(first);
	return both;
}

static struct made message(struct reading *r, const char *text, bool whole)
{
	struct made best = from_template(r, text, whole);
	if (!best.text || !best.swallows)
		take_better(&best, one_by_one(r, text));
	return best;
}

/* "PLACE: MESSAGE": the message is one of ours, the place may be anything (err_at()). */
static struct made behind_a_place(struct reading *r, const char *text)
{
	for (const char *at = strstr(text, ": "); at; at = strstr(at + 2, ": ")) {
		struct made other = at[2] ? message(r, at + 2, false) : (struct made){0};
		if (!other.text)
			continue;
		char *place = xstrndup(text, (size_t)(at - text));
		struct made there = again(r, place);
		struct made both = joined(JOINT_PLACE, place, &there, &other);
		free(place);
		return both;
	}
	return (struct made){0};
}

/* Nothing: this is no message. */
static struct made again(struct reading *r, const char *text)
{
	if (!*text || strlen(text) > TEXT_MOST || r->depth == DEPTH_MOST)
		return (struct made){0};
	r->depth++;
	struct made other = message(r, text, true);
	if (!other.text)
		other = behind_a_place(r, text);
	r->depth--;
	return other;
}

static char *say_again(const struct phrases *p, const char *text)
{
	struct reading r = {.p = p, .left = LOOKS_MOST};
	struct made other = has_catalogue() ? again(&r, text) : (struct made){0};
	return other.text ? other.text : xstrdup(text);
}

char *phrase_again(const char *template, bool named, const char *other, const char *text)
{
	struct reading r = {.left = LOOKS_MOST};
	enum style style = named ? STYLE_NAMED : STYLE_FORMAT;
	struct found f;
	return recognise(template, style, text, &f) ? fill(&r, &f, style, other).text : NULL;
}

/* --- looking up ------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct phrase *)a)->text, ((const struct phrase *)b)->text);
}

const char *said_by(struct phrases *p, const struct procedure *of, const char *text)
{
	if (!text || !*text || !has_catalogue())
		return text;
	if (of && p->of != of)
		gather(p, of);
	struct phrase asked = {.text = (char *)text};
	struct phrase **old = tfind(&asked, &p->known, by_text);
	if (old)
		return (*old)->translation;
	struct phrase *fresh = xcalloc(1, sizeof(*fresh));
	fresh->text = xstrdup(text);
	fresh->translation = say_again(p, text);
	if (!tsearch(fresh, &p->known, by_text))
		abort(); /* no memory */
	return fresh->translation;
}

const char *said(const struct jobview *v, const char *text)
{
	return said_by(v->phrases, v->procedure, text);
}

char *said_new(const char *text)
{
	return text ? say_again(NULL, text) : NULL;
}

struct err said_err(const struct err *e)
{
	struct err other = *e;
	char *text = said_new(e->text);
	(void)err_text(&other, e->kind, text);
	free(text);
	return other;
}
