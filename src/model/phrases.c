/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/phrases.h"

#include "base/i18n.h"
#include "base/str.h"
#include "model/phrases_parts.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_LEAST   2    /* less than that in common proves nothing */
#define DEPTH_MOST    8    /* messages in messages */
#define LOOKS_MOST    64   /* through all templates for one text */
#define TEXT_MOST     4096 /* what is longer is no message */

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

static const char *const of_system[] = { /* err_sys() */
#include "messages_system.inc"
};

static const char *const foreign[] = { /* what libraries say: src/model/foreign.pot */
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

static void gather(struct phrases *p, const struct procedure *of)
{
	forget(p);
	p->of = of;
	add(p, of->noun);
	for (size_t i = 0; i < of->n_images; i++)
		add(p, of->images[i].title);
	for (size_t i = 0; i < of->n_checks; i++) {
		add(p, of->checks[i].title);
		add(p, of->checks[i].message);
		add(p, of->checks[i].advice);
		add(p, of->checks[i].message_unknown);
		add(p, of->checks[i].advice_unknown);
	}
	for (size_t i = 0; i < of->n_steps; i++) {
		add(p, of->steps[i].title);
		add(p, of->steps[i].undo ? of->steps[i].undo->title : NULL);
		add(p, of->steps[i].message);
		add(p, of->steps[i].advice);
		add(p, of->steps[i].question);
	}
	for (size_t i = 0; i < of->n_errors; i++) {
		add(p, of->errors[i].message);
		add(p, of->errors[i].cause);
		add(p, of->errors[i].advice);
	}
}

/* --- recognising ------------------------------------------------------------------------------ */

struct found {
	const char *template;
	enum style style;
	struct pieces pieces;
	struct filling values[PIECES_MOST];
};

/* The letters before the first hole tell most templates from a text. */
static bool begins(const char *template, enum style style, const char *text)
{
	size_t n = style == STYLE_NAMED ? strcspn(template, "$") : strcspn(template, "%");
	return strncmp(template, text, n) == 0;
}

static bool recognise(const char *template, enum style style, const char *text, struct found *out)
{
	if (!begins(template, style, text))
		return false;
	out->template = template;
	out->style = style;
	pieces_of(template, style, &out->pieces);
	return pieces_match(&out->pieces, text, out->values);
}

/* Of several that fit the one with the most of its own is the one. */
static void look_through(const char *const *list, size_t n, enum style style, const char *text,
			 struct found *best)
{
	struct found k;
	for (size_t i = 0; i < n; i++)
		if (recognise(list[i], style, text, &k) && k.pieces.marks >= MARKS_LEAST &&
		    (!best->template || k.pieces.marks > best->pieces.marks))
			*best = k;
}

/* --- saying it again -------------------------------------------------------------------------- */

/* English has no catalogue: nothing to look for. */
static bool has_catalogue(void)
{
	return *gettext("") != '\0';
}

struct reading {
	const struct phrases *p; /* NULL: only messages of the program */
	int depth, left;         /* left: how often the templates may still be looked through */
};

static char *again(struct reading *r, const char *text);

static void put_value(struct reading *r, const struct piece *hole, const struct filling *value,
		      struct str *out)
{
	char *text = hole->hole == HOLE_MESSAGE ? xstrndup(value->text, value->n) : NULL;
	char *other = text ? again(r, text) : NULL;
	if (other)
		str_puts(out, other);
	else
		str_add(out, value->text, value->n);
	free(other);
	free(text);
}

/* New; NULL when the translation names what the template does not. */
static char *fill(struct reading *r, const struct found *f, const char *other)
{
	struct pieces to;
	struct str out = {0};
	pieces_of(other, f->style, &to);
	for (size_t i = 0; i < to.n; i++) {
		const struct piece *hole = piece_for(&f->pieces, &to.v[i]);
		if (to.v[i].hole == HOLE_NONE) {
			str_add(&out, to.v[i].text, to.v[i].n);
		} else if (hole) {
			put_value(r, hole, &f->values[hole - f->pieces.v], &out);
		} else {
			str_release(&out);
			return NULL;
		}
	}
	return str_take(&out);
}

/* What libraries say counts where a message of ours has a hole for it, not behind just any place. */
static char *from_template(struct reading *r, const char *text, bool whole)
{
	struct found best = {0};
	if (r->left-- <= 0)
		return NULL;
	if (r->p)
		look_through(r->p->templates.v, r->p->templates.n, STYLE_NAMED, text, &best);
	look_through(of_system, LEN(of_system), STYLE_SYSTEM, text, &best);
	look_through(all, LEN(all), STYLE_FORMAT, text, &best);
	if (whole)
		look_through(foreign, LEN(foreign), STYLE_FORMAT, text, &best);
	return best.template ? fill(r, &best, gettext(best.template)) : NULL;
}

static char *message(struct reading *r, const char *text, bool whole);

/* Several messages in one, "A; B": all of them have to be ours. */
static char *one_by_one(struct reading *r, const char *text)
{
	const char *end = strstr(text, "; ");
	char *first = end ? xstrndup(text, (size_t)(end - text)) : NULL;
	char *one = first ? message(r, first, false) : NULL;
	char *rest = one ? message(r, end + 2, false) : NULL;
	char *whole = rest ? xasprintf("%s; %s", one, rest) : NULL;
	free(first);
	free(one);
	free(rest);
	return whole;
}

static char *message(struct reading *r, const char *text, bool whole)
{
	char *list = one_by_one(r, text);
	return list ? list : from_template(r, text, whole);
}

/* "PLACE: MESSAGE": the message is one of ours, the place may be anything (err_at()). */
static char *behind_a_place(struct reading *r, const char *text)
{
	for (const char *at = strstr(text, ": "); at; at = strstr(at + 2, ": ")) {
		char *other = at[2] ? message(r, at + 2, false) : NULL;
		if (!other)
			continue;
		char *place = xstrndup(text, (size_t)(at - text));
		char *there = again(r, place);
		char *whole = xasprintf("%s: %s", there ? there : place, other);
		free(other);
		free(place);
		free(there);
		return whole;
	}
	return NULL;
}

/* New; NULL: this is no message. */
static char *again(struct reading *r, const char *text)
{
	if (!*text || strlen(text) > TEXT_MOST || r->depth == DEPTH_MOST)
		return NULL;
	r->depth++;
	char *other = message(r, text, true);
	if (!other)
		other = behind_a_place(r, text);
	r->depth--;
	return other;
}

static char *say_again(const struct phrases *p, const char *text)
{
	struct reading r = {.p = p, .left = LOOKS_MOST};
	char *other = has_catalogue() ? again(&r, text) : NULL;
	return other ? other : xstrdup(text);
}

char *phrase_again(const char *template, bool named, const char *other, const char *text)
{
	struct reading r = {.left = LOOKS_MOST};
	struct found f;
	if (!recognise(template, named ? STYLE_NAMED : STYLE_FORMAT, text, &f))
		return NULL;
	return fill(&r, &f, other);
}

/* --- looking up ------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct phrase *)a)->text, ((const struct phrase *)b)->text);
}

const char *said(const struct jobview *v, const char *text)
{
	struct phrases *p = v->phrases;
	if (!text || !*text || !has_catalogue())
		return text;
	if (v->procedure && p->of != v->procedure)
		gather(p, v->procedure);
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
