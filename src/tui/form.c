/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/form.h"

#include "base/i18n.h"
#include "model/phrases.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_FIELDS 6

void form_add(struct form *f, const struct parameter *p, const char *value)
{
	struct field *x = VEC_ADD(&f->fields);
	x->parameter = p;
	line_set(&x->value, value ? value : p->fallback);
}

void form_release(struct form *f)
{
	for (size_t i = 0; i < f->fields.n; i++) {
		line_release(&f->fields.v[i].value);
		free(f->fields.v[i].mistake);
	}
	VEC_RELEASE(&f->fields);
	*f = (struct form){0};
}

static struct field *field_of(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->fields.n; i++)
		if (str_eq(f->fields.v[i].parameter->name, name))
			return &f->fields.v[i];
	return NULL;
}

const char *form_value(const struct form *f, const char *name)
{
	const struct field *x = field_of(f, name);
	return x ? line_text(&x->value) : NULL;
}

void form_set(struct form *f, const char *name, const char *value)
{
	struct field *x = field_of(f, name);
	if (x)
		line_set(&x->value, value);
}

void form_mistake(struct form *f, const char *name, const char *text)
{
	struct field *x = field_of(f, name);
	if (!x)
		return;
	free(x->mistake);
	x->mistake = xstrdup(text);
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The mistake is told by the label: nobody sees the parameter's own name on the form. */
static void judge(struct field *x)
{
	struct err e = {0};
	struct parameter labelled = *x->parameter;
	if (labelled.title)
		labelled.name = (char *)translated(labelled.title);
	char *value = parameter_value(&labelled, line_text(&x->value), &e);
	free(x->mistake);
	x->mistake = value ? NULL : said_new(e.text);
	free(value);
}

int form_check(struct form *f, struct err *e)
{
	for (size_t i = 0; i < f->fields.n; i++) {
		judge(&f->fields.v[i]);
		if (f->fields.v[i].mistake) {
			f->at = i;
			return err_text(e, ERR_INPUT, f->fields.v[i].mistake);
		}
	}
	return 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

static const char *const truth[] = {"yes", "no", NULL};

static const char *const *choices_of(const struct field *x)
{
	if (x->parameter->type == PARAMETER_BOOL)
		return truth;
	return x->parameter->type == PARAMETER_CHOICE ? (const char *const *)x->parameter->choices
						      : NULL;
}

static void choose(struct field *x, const char *const *choices, int by)
{
	int n = 0, at = 0;
	for (; choices[n]; n++)
		if (str_eq(choices[n], line_text(&x->value)))
			at = n;
	if (n)
		line_set(&x->value, choices[(at + by + n) % n]);
}

static bool move(struct form *f, int by)
{
	if (f->fields.n)
		f->at = (f->at + f->fields.n + (size_t)by) % f->fields.n;
	return true;
}

static bool choice_key(struct form *f, struct field *x, const char *const *choices, keycode key,
		       bool *changed)
{
	int by = key == ' ' || key == K_RIGHT || key == 'l' ? 1
		 : key == K_LEFT || key == 'h'              ? -1
							    : 0;
	if (key == 'j' || key == 'k')
		return move(f, key == 'j' ? 1 : -1);
	if (by) {
		choose(x, choices, by);
		*changed = true;
	}
	return by != 0;
}

static bool text_key(struct field *x, keycode key, bool *changed)
{
	char *old = xstrdup(line_text(&x->value));
	bool taken = line_key(&x->value, key);
	*changed = !str_eq(old, line_text(&x->value));
	free(old);
	return taken;
}

/* To the field so far away, the first or the last at most. */
static bool page(struct form *f, bool down)
{
	size_t last = f->fields.n - 1;
	if (down)
		f->at = last - f->at > PAGE_FIELDS ? f->at + PAGE_FIELDS : last;
	else
		f->at = f->at > PAGE_FIELDS ? f->at - PAGE_FIELDS : 0;
	return true;
}

bool form_key(struct form *f, keycode key, bool *changed)
{
	bool other = false;
	struct field *x = f->at < f->fields.n ? &f->fields.v[f->at] : NULL;
	if (!x)
		return false;
	if (key == K_UP || key == K_BACKTAB)
		return move(f, -1);
	if (key == K_DOWN || key == K_TAB)
		return move(f, 1);
	if (key == K_PAGE_DOWN || key == K_PAGE_UP)
		return page(f, key == K_PAGE_DOWN);
	const char *const *choices = choices_of(x);
	bool taken = choices ? choice_key(f, x, choices, key, &other) : text_key(x, key, &other);
	if (other)
		judge(x);
	if (changed)
		*changed |= other;
	return taken;
}
