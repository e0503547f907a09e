/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/phrases.h"

#include "base/i18n.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define LETTERS_LEAST 8 /* less than that in common proves nothing */

struct phrase {
	char *text, *translation;
};

struct phrases {
	VEC(const char *) templates; /* the procedure's, borrowed */
	VEC(struct phrase) known;    /* what was asked before */
	const struct procedure *of;
};

struct phrases *phrases_new(void)
{
	return xcalloc(1, sizeof(struct phrases));
}

static void forget(struct phrases *p)
{
	for (size_t i = 0; i < p->known.n; i++) {
		free(p->known.v[i].text);
		free(p->known.v[i].translation);
	}
	VEC_RELEASE(&p->known);
	VEC_RELEASE(&p->templates);
}

void phrases_free(struct phrases *p)
{
	if (!p)
		return;
	forget(p);
	free(p);
}

/* --- the templates of a procedure ------------------------------------------------------------- */

static void add(struct phrases *p, const char *text)
{
	if (text && *text)
		VEC_PUSH(&p->templates, text);
}

static void gather(struct phrases *p, const struct procedure *of)
{
	forget(p);
	p->of = of;
	for (size_t i = 0; i < of->n_checks; i++) {
		add(p, of->checks[i].message);
		add(p, of->checks[i].advice);
		add(p, of->checks[i].message_unknown);
		add(p, of->checks[i].advice_unknown);
		add(p, of->checks[i].advice_wait);
	}
	for (size_t i = 0; i < of->n_steps; i++) {
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

struct hole { /* ${name} of a template and what stands there in the text */
	const char *name, *value;
	size_t name_n, value_n;
};

struct holes {
	struct hole v[16];
	size_t n;
};

static const char *next_hole(const char *at)
{
	const char *hole = strstr(at, "${");
	return hole && strchr(hole, '}') ? hole : NULL;
}

/* Where the letters between two holes are in the text: at its end behind the last hole. */
static const char *place(const char *text, const char *letters, size_t n, bool last)
{
	if (!last && n == 0)
		return NULL; /* two holes side by side: nobody knows where one ends */
	if (!last)
		return memmem(text, strlen(text), letters, n);
	size_t all = strlen(text);
	return all >= n && memcmp(text + all - n, letters, n) == 0 ? text + all - n : NULL;
}

static bool recognise(const char *template, const char *text, struct holes *out)
{
	const char *hole = next_hole(template);
	size_t head = hole ? (size_t)(hole - template) : strlen(template);
	out->n = 0;
	if (strncmp(template, text, head) != 0)
		return false;
	text += head;
	while (hole && out->n < LEN(out->v)) {
		const char *end = strchr(hole, '}') + 1, *next = next_hole(end);
		size_t letters = next ? (size_t)(next - end) : strlen(end);
		const char *found = place(text, end, letters, !next);
		if (!found)
			return false;
		out->v[out->n++] = (struct hole){.name = hole,
						 .name_n = (size_t)(end - hole),
						 .value = text,
						 .value_n = (size_t)(found - text)};
		text = found + letters;
		hole = next;
	}
	return !hole && !*text;
}

static const struct hole *hole_of(const struct holes *h, const char *name, size_t n)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].name_n == n && memcmp(h->v[i].name, name, n) == 0)
			return &h->v[i];
	return NULL;
}

char *phrase_again(const char *template, const char *other, const char *text)
{
	struct holes holes;
	struct str out = {0};
	const char *at = other, *hole;
	if (!recognise(template, text, &holes))
		return NULL;
	for (; (hole = next_hole(at)); at = strchr(hole, '}') + 1) {
		const struct hole *h = hole_of(&holes, hole, (size_t)(strchr(hole, '}') + 1 - hole));
		if (!h) {
			str_release(&out);
			return NULL;
		}
		str_add(&out, at, (size_t)(hole - at));
		str_add(&out, h->value, h->value_n);
	}
	str_puts(&out, at);
	return str_take(&out);
}

/* --- looking up ------------------------------------------------------------------------------- */

/* Letters of a template outside of its holes. */
static size_t letters_of(const char *template)
{
	size_t n = 0;
	const char *hole;
	for (; (hole = next_hole(template)); template = strchr(hole, '}') + 1)
		n += (size_t)(hole - template);
	return n + strlen(template);
}

/* Of several that fit the one with the most letters of its own is the one. */
static char *translate(const struct phrases *p, const char *text)
{
	size_t best = LETTERS_LEAST - 1;
	char *found = NULL;
	for (size_t i = 0; i < p->templates.n; i++) {
		const char *template = p->templates.v[i], *other = translated(template);
		size_t letters = letters_of(template);
		char *again = letters > best && strcmp(other, template) != 0
				  ? phrase_again(template, other, text)
				  : NULL;
		if (!again)
			continue;
		free(found);
		found = again;
		best = letters;
	}
	return found ? found : xstrdup(translated(text));
}

/* English has no catalogue: nothing to look for. */
static bool has_catalogue(void)
{
	return *gettext("") != '\0';
}

const char *said(const struct jobview *v, const char *text)
{
	struct phrases *p = v->phrases;
	if (!text || !*text || !v->procedure || !has_catalogue())
		return text;
	if (p->of != v->procedure)
		gather(p, v->procedure);
	for (size_t i = 0; i < p->known.n; i++)
		if (strcmp(p->known.v[i].text, text) == 0)
			return p->known.v[i].translation;
	struct phrase *fresh = VEC_ADD(&p->known);
	fresh->text = xstrdup(text);
	fresh->translation = translate(p, text);
	return fresh->translation;
}
