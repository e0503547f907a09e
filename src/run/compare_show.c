/* SPDX-License-Identifier: ISC */
/* A comparison as JSON and as text. */
#include "config.h"

#include "run/compare.h"

#include "base/i18n.h"
#include "base/table.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/phrases.h"

#include <stdlib.h>

const char *compare_class_word(enum diff_class class)
{
	static const char *const words[DIFF_CLASSES] = {[DIFF_REAL] = N_("real"),
							[DIFF_EXPECTED] = N_("expected"),
							[DIFF_HEALED] = N_("self-healed"),
							[DIFF_NOISE] = N_("noise")};
	return _(words[class]);
}

const char *compare_change_word(enum snapshot_change change)
{
	static const char *const words[] = {[SNAPSHOT_ADDED] = N_("added"),
					    [SNAPSHOT_REMOVED] = N_("removed"),
					    [SNAPSHOT_CHANGED] = N_("changed")};
	return _(words[change]);
}

void compare_fields(const struct diff_row *row, const char *between, struct str *out)
{
	const cJSON *side = row->after ? row->after : row->before, *f;
	const char *first = "";
	for (size_t i = 0; i < row->n_fields; i++) {
		const struct diff_field *d = &row->fields[i];
		str_printf(out, "%s%s: %s -> %s", i ? between : "", d->name,
			   d->from && *d->from ? d->from : "-", d->to && *d->to ? d->to : "-");
	}
	if (row->change == SNAPSHOT_CHANGED)
		return;
	cJSON_ArrayForEach(f, side)
	{
		const char *text = cJSON_GetStringValue(f);
		if (!text || !*text)
			continue;
		str_printf(out, "%s%s: %s", first, f->string, text);
		first = ", ";
	}
}

/* Of one side left out, or not asked for: there is nothing to compare. */
static bool is_apart(const struct compared *p)
{
	return p->left_out || p->not_asked;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static cJSON *counts_json(const size_t counts[][SNAPSHOT_CHANGED + 1])
{
	cJSON *o = cJSON_CreateObject();
	for (size_t k = 0; k < DIFF_CLASSES; k++) {
		cJSON *one = cJSON_CreateObject();
		for (size_t i = 0; i <= SNAPSHOT_CHANGED; i++)
			json_put_number(one, snapshot_change_names[i], (int64_t)counts[k][i]);
		json_put(o, diff_class_names[k], one);
	}
	return o;
}

static cJSON *fields_json(const struct diff_row *row)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < row->n_fields; i++) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "field", row->fields[i].name);
		json_put_text(o, "from", row->fields[i].from);
		json_put_text(o, "to", row->fields[i].to);
		json_put_text(o, "class", diff_class_names[row->fields[i].class]);
		json_append(list, o);
	}
	return list;
}

static cJSON *row_json(const struct compared *c, const struct diff_row *row)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", c->device);
	json_put_text(o, "element", c->how->element);
	json_put_text(o, "change", snapshot_change_names[row->change]);
	json_put_text(o, "class", diff_class_names[row->class]);
	json_put_text(o, "key", row->key);
	json_put_text(o, "why", row->why);
	if (row->n_fields)
		json_put(o, "fields", fields_json(row));
	if (row->before)
		json_put(o, "before", cJSON_Duplicate(row->before, true));
	if (row->after)
		json_put(o, "after", cJSON_Duplicate(row->after, true));
	return o;
}

static bool class_wanted(const struct compare_filter *f, enum diff_class class)
{
	return !f || !f->classes || f->classes[class];
}

void compare_json(const struct comparison *c, const struct compare_filter *f, cJSON *o)
{
	cJSON *elements = cJSON_CreateArray(), *rows = cJSON_CreateArray();
	for (size_t i = 0; i < c->n; i++) {
		const struct compared *p = &c->v[i];
		cJSON *one = cJSON_CreateObject();
		json_put_text(one, "device", p->device);
		json_put_text(one, "element", p->how->element);
		json_put_number(one, "before", p->diff.before);
		json_put_number(one, "after", p->diff.after);
		json_put_flag(one, "missing", p->missing);
		json_put_text(one, "result", compare_result(p));
		json_put(one, "counts", counts_json(p->diff.counts));
		json_append(elements, one);
		for (size_t k = 0; !is_apart(p) && k < p->diff.n; k++)
			if (class_wanted(f, p->diff.v[k].class))
				json_append(rows, row_json(p, &p->diff.v[k]));
	}
	json_put(o, "taken", elements);
	json_put(o, "differences", rows);
	json_put(o, "totals", counts_json(c->counts));
	json_put_number(o, "missing", (int64_t)c->missing);
}

/* --- text ------------------------------------------------------------------------------------- */

static void put_number(struct table *t, int n)
{
	if (n < 0)
		table_cell(t, "-");
	else
		table_cellf(t, "%d", n);
}

static bool is_dull(const struct compared *p)
{
	return !p->missing && !p->awaited && !is_apart(p) && !diff_count(&p->diff, DIFF_REAL);
}

static void put_elements(const struct comparison *c, bool all, struct str *out)
{
	static const char *const titles[] = {N_("DEVICE"), N_("ELEMENT"), N_("BEFORE"),
					     N_("AFTER"),  N_("ADDED"),	  N_("REMOVED"),
					     N_("CHANGED"), N_("FOLDED"), N_("RESULT")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < c->n; i++) {
		const struct compared *p = &c->v[i];
		const struct diff *d = &p->diff;
		if ((is_dull(p) || is_apart(p)) && !all)
			continue;
		table_cell(&t, p->device);
		table_cell(&t, translated(p->how->element));
		put_number(&t, d->before);
		put_number(&t, d->after);
		for (size_t k = 0; k <= SNAPSHOT_CHANGED; k++)
			table_cellf(&t, "%zu", is_apart(p) ? 0 : d->counts[DIFF_REAL][k]);
		table_cellf(&t, "%zu", is_apart(p) ? 0 : d->n - diff_count(d, DIFF_REAL));
		table_cell(&t, p->missing			? _("MISSING")
			       : p->awaited			? _("not yet")
			       : p->left_out			? _("left out")
			       : p->not_asked			? _("not taken")
			       : diff_count(d, DIFF_REAL)	? _("differs")
			       : d->n				? _("only folded")
								: _("same"));
	}
	table_text(&t, out);
}

static void put_row(const struct comparison *c, const struct compared *p,
		    const struct diff_row *row, struct str *out)
{
	struct str fields = {0};
	compare_fields(row, ", ", &fields);
	utf8_line(out, "%s  %s  %s  %s  %s", p->device, translated(p->how->element),
		  compare_change_word(row->change), compare_class_word(row->class), row->key);
	utf8_line(out, "    %s", str_text(&fields));
	if (row->why)
		utf8_line(out, "    (%s)", said_by(c->phrases, c->procedure, row->why));
	str_release(&fields);
}

static bool row_shown(const struct compare_filter *f, bool all, const struct diff_row *row)
{
	if (f && f->classes)
		return f->classes[row->class];
	return all || row->class == DIFF_REAL;
}

void compare_text(const struct comparison *c, const struct compare_filter *f, bool all,
		  struct str *out)
{
	size_t dull = 0;
	for (size_t i = 0; i < c->n; i++)
		dull += is_dull(&c->v[i]);
	if (all || dull + c->apart < c->n)
		put_elements(c, all, out);
	if (dull && !all)
		utf8_line(out, _("%zu of %zu elements are as before"), dull, c->n);
	if (c->apart)
		utf8_line(out, _("%zu of %zu elements were left out or not taken on one side: they "
				 "cannot be compared"),
			  c->apart, c->n);
	if (!compare_both(c))
		utf8_line(out, _("Nothing was compared."));
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; !is_apart(&c->v[i]) && k < c->v[i].diff.n; k++)
			if (row_shown(f, all, &c->v[i].diff.v[k]))
				put_row(c, &c->v[i], &c->v[i].diff.v[k], out);
	utf8_line(out, _("%zu real, %zu expected, %zu self-healed, %zu noise; %zu missing"),
		  compare_count(c, DIFF_REAL), compare_count(c, DIFF_EXPECTED),
		  compare_count(c, DIFF_HEALED), compare_count(c, DIFF_NOISE), c->missing);
}
