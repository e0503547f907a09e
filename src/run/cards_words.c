/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/cards_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS_MOST 4 /* more say nothing more: the device's own page has its words */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The whole word at text[at]; 0: another one. */
static size_t word_at(const char *text, size_t at, const char *word)
{
	size_t n = word ? strlen(word) : 0;
	if (n == 0 || strncmp(text + at, word, n) != 0)
		return 0;
	return (at > 0 && is_word(text[at - 1])) || is_word(text[at + n]) ? 0 : n;
}

static bool behind_port(const char *text, size_t at)
{
	return at >= 5 && strncmp(text + at - 5, "port ", 5) == 0;
}

char *card_words_general(const char *text, const struct device *d, const char *name,
			 const struct card_others *o)
{
	struct str out = {0};
	char port[16] = "";
	if (d && d->port != 22)
		snprintf(port, sizeof(port), "%d", (int)d->port);
	for (size_t at = 0, n; text[at]; at += n) {
		if ((n = word_at(text, at, name)))
			str_puts(&out, o->name);
		else if (d && (n = word_at(text, at, d->address)))
			str_puts(&out, o->address);
		else if (behind_port(text, at) && (n = word_at(text, at, port)))
			str_puts(&out, o->port);
		else
			str_add(&out, text + at, n = 1);
	}
	return str_take(&out);
}

static void put_variant(struct card_words *w, struct shape *shape, const char *text,
			const char *label)
{
	if (w->list.n < VARIANTS_MOST) {
		struct card_variant *v = VEC_ADD(&w->list);
		*v = (struct card_variant){*shape, xstrdup(text), xstrdup(label), 1};
		return;
	}
	shape_release(shape);
}

void card_words_add(struct card_words *w, const char *text, const struct device *d,
		    const char *name, const char *label, const struct card_others *o)
{
	struct shape shape;
	w->n++;
	if (!text)
		return;
	char *general = card_words_general(text, d, name, o);
	shape_of(&shape, general, NULL);
	free(general);
	for (size_t i = 0; i < w->list.n; i++)
		if (shape_join(&w->list.v[i].shape, &shape)) {
			w->list.v[i].n++;
			shape_release(&shape);
			return;
		}
	put_variant(w, &shape, text, label);
}

char *card_words_text(const struct card_words *w)
{
	struct str out = {0};
	for (size_t i = 0; i < w->list.n; i++) {
		const struct card_variant *v = &w->list.v[i];
		char *text = v->n > 1 ? shape_text(&v->shape) : xstrdup(v->first);
		str_printf(&out, "%s", out.len ? "\n" : "");
		if (v->n == 1 && w->n > 1)
			str_printf(&out, "%s: ", v->device);
		str_puts(&out, text);
		free(text);
	}
	return out.len ? str_take(&out) : NULL;
}

const struct card_variant *card_words_most(const struct card_words *w)
{
	const struct card_variant *most = NULL;
	for (size_t i = 0; i < w->list.n; i++)
		if (!most || w->list.v[i].n > most->n)
			most = &w->list.v[i];
	return most;
}

void card_words_release(struct card_words *w)
{
	for (size_t i = 0; i < w->list.n; i++) {
		shape_release(&w->list.v[i].shape);
		free(w->list.v[i].first);
		free(w->list.v[i].device);
	}
	VEC_RELEASE(&w->list);
	w->n = 0;
}
