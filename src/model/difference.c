/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/difference.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const diff_class_names[DIFF_CLASSES + 1] = {
#define X(id, name) name,
    DIFF_CLASS_LIST(X)
#undef X
};
const char *const snapshot_change_names[SNAPSHOT_CHANGED + 2] = {
    [SNAPSHOT_ADDED] = "added", [SNAPSHOT_REMOVED] = "removed", [SNAPSHOT_CHANGED] = "changed"};

/* --- names of rows and fields ------------------------------------------------------------------------ */

struct nameset { /* "key" LF "field"; a row as a whole: "key" LF */
	VEC(char *) v;
	bool sorted;
};

static void name_add(struct nameset *s, const char *key, const char *field)
{
	VEC_PUSH(&s->v, xasprintf("%s\n%s", key, field));
	s->sorted = false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool name_in(struct nameset *s, const char *key, const char *field)
{
	char *name = xasprintf("%s\n%s", key, field);
	if (!s->sorted && s->v.n)
		qsort(s->v.v, s->v.n, sizeof(*s->v.v), by_name);
	s->sorted = true;
	bool found = s->v.n && bsearch(&name, s->v.v, s->v.n, sizeof(*s->v.v), by_name);
	free(name);
	return found;
}

static void names_release(struct nameset *s)
{
	for (size_t i = 0; i < s->v.n; i++)
		free(s->v.v[i]);
	VEC_RELEASE(&s->v);
}

/* --- the work ------------------------------------------------------------------------------------------ */

struct work {
	const struct collector *c;
	const struct scope *plan;
	struct diff *out;
	struct nameset noise; /* what changed by itself before */
	struct nameset final; /* what differs in the last look, or is told already */
	int64_t wall;         /* of the look after the upgrade that is compared */
	bool healed;          /* it is an earlier one */
};

/* Every field that is compared and differs, of both rows. */
static void fields_of(const struct collector *c, const cJSON *before, const cJSON *after,
                      struct diff_row *row)
{
	const cJSON *f;
	size_t most = (size_t)(cJSON_GetArraySize(before) + cJSON_GetArraySize(after));
	row->fields = xcalloc(most + 1, sizeof(*row->fields));
	cJSON_ArrayForEach(f, after) {
		const char *from = json_text(before, f->string), *to = cJSON_GetStringValue(f);
		if (!snapshot_volatile(c, f->string) && !str_eq(from, to))
			row->fields[row->n_fields++] =
			    (struct diff_field){.name = f->string, .from = from, .to = to};
	}
	cJSON_ArrayForEach(f, before) {
		if (!snapshot_volatile(c, f->string) && !json_text(after, f->string))
			row->fields[row->n_fields++] = (struct diff_field){
			    .name = f->string, .from = cJSON_GetStringValue(f)};
	}
}

static void row_release(struct diff_row *row)
{
	free(row->key);
	free(row->fields);
	free(row->why);
}

/* --- noise ---------------------------------------------------------------------------------------------- */

static int learn(void *ctx, enum snapshot_change change, const char *key, const cJSON *before,
                 const cJSON *after)
{
	struct work *w = ctx;
	struct diff_row row = {0};
	if (change != SNAPSHOT_CHANGED) {
		name_add(&w->noise, key, "");
		return 0;
	}
	fields_of(w->c, before, after, &row);
	for (size_t i = 0; i < row.n_fields; i++)
		name_add(&w->noise, key, row.fields[i].name);
	row_release(&row);
	return 0;
}

static void learn_noise(struct work *w, const struct samples *before)
{
	for (size_t i = 1; i < before->n; i++)
		(void)snapshot_compare(w->c, before->v[i - 1].rows, before->v[i].rows, learn, w);
}

static const struct tolerance *tolerance_of(const struct collector *c, const char *field)
{
	for (size_t i = 0; i < c->n_tolerances; i++)
		if (str_eq(c->tolerances[i].field, field))
			return &c->tolerances[i];
	return NULL;
}

static bool number_of(const char *text, double *out)
{
	char *end = NULL;
	if (!text || !*text)
		return false;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

static bool tolerated(const struct collector *c, const struct diff_field *f)
{
	const struct tolerance *t = tolerance_of(c, f->name);
	double from, to;
	return t && number_of(f->from, &from) && number_of(f->to, &to) &&
	       fabs(to - from) * 100 <= fabs(from) * (double)t->percent;
}

/* --- what the job does itself ------------------------------------------------------------------------------- */

static bool fell(const char *was, const char *text)
{
	double from, to;
	return number_of(was, &from) && number_of(text, &to) && to <= from;
}

static bool rule_holds(const struct work *w, const struct expected *x, const char *was,
                       const char *text)
{
	struct answer none = {.status = -1, .out = "", .err = ""};
	struct str to = {0};
	bool good = w->plan != NULL && text && (!x->falls || fell(was, text));
	if (good && x->when)
		good = judge_ask(x->when, &none, w->plan, NULL, NULL) == VERDICT_YES;
	if (good && x->match)
		good = pattern_match(x->match, text, strlen(text), NULL) == VERDICT_YES;
	if (good && x->to)
		good = template_expand(x->to, w->plan, QUOTE_RAW, &to, NULL) == 0 && to.len &&
		       str_eq(str_text(&to), text);
	str_release(&to);
	return good;
}

static const struct expected *rule_for(const struct work *w, enum expected_change change,
                                       const char *field, const char *was,
                                       const char *text)
{
	for (size_t i = 0; i < w->c->n_expected; i++) {
		const struct expected *x = &w->c->expected[i];
		if (x->change == change && str_eq(x->field, field) && rule_holds(w, x, was, text))
			return x;
	}
	return NULL;
}

static char *rule_says(const struct work *w, const struct expected *x)
{
	struct str out = {0};
	if (template_expand(x->message, w->plan, QUOTE_NONE, &out, NULL) != 0)
		str_puts(&out, x->message);
	return str_take(&out);
}

/* --- classes ---------------------------------------------------------------------------------------------- */

static char *noise_says(void)
{
	return xstrdup(M_("it changed by itself before the upgrade, too"));
}

static void class_field(struct work *w, struct diff_row *row, struct diff_field *f, char **why)
{
	const struct expected *x = rule_for(w, EXPECTED_CHANGED, f->name, f->from, f->to);
	f->class = DIFF_REAL;
	if (x) {
		f->class = DIFF_EXPECTED;
		*why = rule_says(w, x);
	} else if (name_in(&w->noise, row->key, f->name)) {
		f->class = DIFF_NOISE;
		*why = noise_says();
	} else if (tolerated(w->c, f)) {
		f->class = DIFF_NOISE;
		*why = xstrdup(M_("it is within the tolerance"));
	}
}

/* A row is as bad as the worst of its fields: the classes stand in that order. */
static void class_changed(struct work *w, struct diff_row *row)
{
	row->class = DIFF_NOISE;
	for (size_t i = 0; i < row->n_fields; i++) {
		char *why = NULL;
		class_field(w, row, &row->fields[i], &why);
		if (i == 0 || row->fields[i].class < row->class) {
			free(row->why);
			row->why = why;
			row->class = row->fields[i].class;
		} else {
			free(why);
		}
	}
}

static void class_whole(struct work *w, struct diff_row *row)
{
	bool added = row->change == SNAPSHOT_ADDED;
	const cJSON *side = added ? row->after : row->before, *f;
	const struct expected *x = NULL;
	cJSON_ArrayForEach(f, side) {
		if (!x)
			x = rule_for(w, added ? EXPECTED_ADDED : EXPECTED_REMOVED, f->string,
			             NULL, cJSON_GetStringValue(f));
	}
	row->class = x ? DIFF_EXPECTED : name_in(&w->noise, row->key, "") ? DIFF_NOISE : DIFF_REAL;
	row->why = x ? rule_says(w, x) : row->class == DIFF_NOISE ? noise_says() : NULL;
}

static char *healed_says(const struct work *w)
{
	char time[32];
	clock_iso(w->wall, time);
	return xasprintf(M_("it was so at %s and is as before again"), time);
}

static int classify(void *ctx, enum snapshot_change change, const char *key, const cJSON *before,
                    const cJSON *after)
{
	struct work *w = ctx;
	struct diff_row row = {.change = change, .before = before, .after = after};
	if (w->healed && name_in(&w->final, key, ""))
		return 0; /* it still differs, or has been told */
	row.key = xstrdup(key);
	if (change == SNAPSHOT_CHANGED) {
		fields_of(w->c, before, after, &row);
		class_changed(w, &row);
	} else {
		class_whole(w, &row);
	}
	if (w->healed && row.class != DIFF_REAL) {
		row_release(&row); /* it would have been no news */
		return 0;
	}
	if (w->healed) {
		row.class = DIFF_HEALED;
		row.why = healed_says(w);
		for (size_t i = 0; i < row.n_fields; i++)
			row.fields[i].class = DIFF_HEALED;
	}
	VEC_PUSH(w->out, row);
	return 0;
}

/* So few rows came and went that they mean nothing. */
static void tolerate_rows(struct work *w)
{
	const struct tolerance *t = tolerance_of(w->c, "@rows");
	int64_t moved = 0;
	for (size_t i = 0; i < w->out->n; i++)
		moved += w->out->v[i].class == DIFF_REAL &&
		         w->out->v[i].change != SNAPSHOT_CHANGED;
	if (!t || moved * 100 > t->percent * (int64_t)w->out->before)
		return;
	for (size_t i = 0; i < w->out->n; i++) {
		struct diff_row *row = &w->out->v[i];
		if (row->class != DIFF_REAL || row->change == SNAPSHOT_CHANGED)
			continue;
		row->class = DIFF_NOISE;
		row->why = xasprintf(M_("within the tolerance: %d %% of the rows may come and go"),
		                     (int)t->percent);
	}
}

static void compare_last(struct work *w, const struct samples *before, const struct samples *after)
{
	const struct sample *old = &before->v[before->n - 1], *new = &after->v[after->n - 1];
	w->wall = new->wall;
	(void)snapshot_compare(w->c, old->rows, new->rows, classify, w);
	tolerate_rows(w);
	for (size_t i = 0; i < w->out->n; i++)
		name_add(&w->final, w->out->v[i].key, "");
	w->healed = true;
	for (size_t i = after->n - 1; i-- > 0;) {
		size_t first = w->out->n;
		w->wall = after->v[i].wall;
		(void)snapshot_compare(w->c, old->rows, after->v[i].rows, classify, w);
		for (size_t k = first; k < w->out->n; k++)
			name_add(&w->final, w->out->v[k].key, "");
	}
}

void diff_make(const struct collector *c, const struct samples *before,
               const struct samples *after, const struct scope *plan, struct diff *out)
{
	*out = (struct diff){.before = -1, .after = -1};
	struct work w = {.c = c, .plan = plan, .out = out};
	if (before->n)
		out->before = cJSON_GetArraySize(before->v[before->n - 1].rows);
	if (after->n)
		out->after = cJSON_GetArraySize(after->v[after->n - 1].rows);
	if (!before->n || !after->n)
		return;
	learn_noise(&w, before);
	compare_last(&w, before, after);
	for (size_t i = 0; i < out->n; i++)
		out->counts[out->v[i].class][out->v[i].change]++;
	names_release(&w.noise);
	names_release(&w.final);
}

void diff_release(struct diff *d)
{
	for (size_t i = 0; i < d->n; i++)
		row_release(&d->v[i]);
	free(d->v);
	*d = (struct diff){.before = -1, .after = -1};
}

size_t diff_count(const struct diff *d, enum diff_class class)
{
	size_t n = 0;
	for (size_t i = 0; i <= SNAPSHOT_CHANGED; i++)
		n += d->counts[class][i];
	return n;
}
