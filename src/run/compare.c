/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/compare.h"

#include "base/str.h"
#include "model/phrases.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

/* Whatever the case of its letters. */
static bool listed_element(char *const *list, const char *name)
{
	if (!list)
		return true;
	for (; *list; list++)
		if (name && strcasecmp(*list, name) == 0)
			return true;
	return false;
}

static bool wanted(const struct compare_filter *f, const char *device, const char *element)
{
	return !f || ((!f->devices || strings_have(f->devices, device)) && listed_element(f->elements, element));
}

/* Take d, which has a side that is not there for this reason, or both of them; a pair that is on
 * neither side is nothing. */
static void add(struct comparison *c, const char *device, const struct collector *how,
		struct diff *d, enum shot_gap gap)
{
	bool before = d->before >= 0, after = d->after >= 0, one_side = before != after;
	if (!before && !after) {
		diff_release(d);
		return;
	}
	struct compared one = {.device = xstrdup(device),
			       .how = how,
			       .diff = *d,
			       .missing = one_side && gap == GAP_MISSING,
			       .awaited = one_side && gap == GAP_AWAITED,
			       .left_out = one_side && gap == GAP_LEFT_OUT,
			       .not_asked = one_side && gap == GAP_NOT_ASKED};
	for (size_t k = 0; k < DIFF_CLASSES && !one_side; k++)
		for (size_t i = 0; i <= SNAPSHOT_CHANGED; i++)
			c->counts[k][i] += d->counts[k][i];
	c->missing += one.missing;
	c->apart += one.left_out || one.not_asked;
	VEC_PUSH(c, one);
}

void compare_job(const struct jobview *v, const struct compare_filter *f, struct comparison *out)
{
	*out = (struct comparison){.procedure = v->procedure, .phrases = phrases_new()};
	for (size_t i = 0; i < v->tasks.n; i++)
		for (size_t k = 0; k < v->procedure->n_collectors; k++) {
			const struct task_view *t = &v->tasks.v[i];
			const struct collector *how = &v->procedure->collectors[k];
			const char *device = jobview_device(v, t->device);
			struct diff d;
			if (!wanted(f, device, how->element))
				continue;
			diff_job(v, t->device, how, &d);
			add(out, device, how, &d,
			    d.before >= 0 && !diff_over(v, t) ? GAP_AWAITED : GAP_MISSING);
		}
}

static const struct task_view *task_named(const struct jobview *v, const char *device)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (str_eq(jobview_device(v, v->tasks.v[i].device), device))
			return &v->tasks.v[i];
	return NULL;
}

/* Neither of two looks could read it. */
static void add_gap(struct comparison *out, const char *device, const struct collector *how)
{
	VEC_PUSH(out, ((struct compared){.device = xstrdup(device),
					 .how = how,
					 .diff = {.before = -1, .after = -1},
					 .missing = true}));
	out->missing++;
}

static void compare_part(const struct shot *a, const struct shot *b, const char *device,
			 const struct collector *how, struct comparison *out)
{
	static const struct samples none = {0};
	const struct shot_part *before = shot_part(a, device, how->element),
			       *after = shot_part(b, device, how->element);
	const struct task_view *t = b->view && b->after ? task_named(b->view, device) : NULL;
	struct values known = {0};
	struct diff d;
	if (t)
		diff_values(b->view, t, &known);
	const struct scope scope = {.layers = {&known}};
	diff_make(how, before ? &before->looks : &none, after ? &after->looks : &none,
		  t ? &scope : NULL, &d);
	values_release(&known);
	if (d.before >= 0 || d.after >= 0) {
		add(out, device, how, &d, shot_gap(d.before < 0 ? a : b, device, how));
		return;
	}
	diff_release(&d);
	if ((before || after) && shot_gap(a, device, how) == GAP_MISSING &&
	    shot_gap(b, device, how) == GAP_MISSING)
		add_gap(out, device, how);
}

static bool seen_before(const struct shot *a, const struct shot *b, size_t i)
{
	const char *device = i < a->parts.n ? a->parts.v[i].device
					    : b->parts.v[i - a->parts.n].device;
	for (size_t k = 0; k < i; k++)
		if (str_eq(k < a->parts.n ? a->parts.v[k].device
					  : b->parts.v[k - a->parts.n].device,
			   device))
			return true;
	return false;
}

/* A device that did not answer at all has a part without element: the other side says what is
 * missing. */
void compare_shots(const struct shot *a, const struct shot *b, const struct compare_filter *f,
		   struct comparison *out)
{
	const struct procedure *p = b->procedure;
	*out = (struct comparison){.procedure = p, .phrases = phrases_new()};
	for (size_t i = 0; i < a->parts.n + b->parts.n; i++) {
		const char *device = i < a->parts.n ? a->parts.v[i].device
						    : b->parts.v[i - a->parts.n].device;
		const char *last = i == 0 || i == a->parts.n ? NULL
				   : i < a->parts.n ? a->parts.v[i - 1].device
						    : b->parts.v[i - a->parts.n - 1].device;
		if (str_eq(device, last) || seen_before(a, b, i))
			continue; /* parts of a device stand together */
		for (size_t k = 0; k < p->n_collectors; k++)
			if (wanted(f, device, p->collectors[k].element))
				compare_part(a, b, device, &p->collectors[k], out);
	}
}

void comparison_release(struct comparison *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].device);
		diff_release(&c->v[i].diff);
	}
	free(c->v);
	phrases_free(c->phrases);
	*c = (struct comparison){0};
}

const char *compare_result(const struct compared *c)
{
	return c->missing			   ? "missing"
	       : c->awaited			   ? "awaited"
	       : c->left_out			   ? "left-out"
	       : c->not_asked			   ? "not-asked"
	       : diff_count(&c->diff, DIFF_REAL) ? "differs"
	       : c->diff.n			   ? "folded"
						   : "same";
}

size_t compare_count(const struct comparison *c, enum diff_class class)
{
	size_t n = 0;
	for (size_t i = 0; i <= SNAPSHOT_CHANGED; i++)
		n += c->counts[class][i];
	return n;
}

size_t compare_both(const struct comparison *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].diff.before >= 0 && c->v[i].diff.after >= 0;
	return n;
}

int compare_status(const struct comparison *c)
{
	return compare_count(c, DIFF_REAL) || c->missing || !compare_both(c) ? 1 : 0;
}
