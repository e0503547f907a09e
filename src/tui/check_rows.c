/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/check_rows.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_STATE, COLUMN_DEVICE, COLUMN_GROUP, COLUMN_CHECK, COLUMN_MESSAGE };

const struct column check_columns[5] = {
    [COLUMN_STATE] = {N_("STATE"), 10, 12, 0, false},
    [COLUMN_DEVICE] = {N_("DEVICE"), 8, 24, 0, false},
    [COLUMN_GROUP] = {NC_("checks", "GROUP"), 14, 22, 3, false},
    [COLUMN_CHECK] = {N_("CHECK"), 10, 24, 2, false},
    [COLUMN_MESSAGE] = {N_("MESSAGE"), 48, 0, 0, false},
};

/* --- what a check looks like ------------------------------------------------------------------ */

static const struct check_look looks[] = {
    {"failed", "!", N_("error"), ROLE_STATE_FAILED},
    {"unknown", "?", N_("unknown"), ROLE_STATE_UNKNOWN},
    {"warning", "!", N_("warning"), ROLE_WARNING},
    {"waived", "=", N_("waived"), ROLE_STATE_HELD},
    {"passed", "+", N_("passed"), ROLE_STATE_DONE},
    {"skipped", "-", N_("skipped"), ROLE_STATE_SKIPPED},
};
static const struct check_look look_again = {NULL, ">", N_("again"), ROLE_STATE_RUNNING};
static const struct check_look look_old = {NULL, "?", N_("old"), ROLE_STATE_UNKNOWN};
static const struct check_look look_other = {NULL, "?", N_("unknown"), ROLE_STATE_UNKNOWN};
static const struct check_look look_mild = {NULL, "!", N_("warning"), ROLE_WARNING};

bool check_is_bad(const struct check_view *c)
{
	return status_check_rank(c) < STATUS_RANK_WAIVED;
}

bool check_is_old(const struct jobview *v, const struct check_view *c)
{
	return v->state == JOB_CHECKING && c->again;
}

const struct check_look *check_look(const struct jobview *v, const struct check_view *c)
{
	if (check_is_old(v, c))
		return &look_again;
	if (c->again && !check_is_bad(c)) /* it was asked again, and the device did not answer */
		return &look_old;
	if (str_eq(c->status, "failed") && !c->error) /* a failed check of severity warning stops nothing */
		return &look_mild;
	for (size_t i = 0; i < LEN(looks); i++)
		if (str_eq(looks[i].status, c->status))
			return &looks[i];
	return &look_other;
}

static bool names_finding(const struct check_view *c)
{
	return status_check_rank(c) < STATUS_RANK_REST && c->message;
}

void check_row_says(const struct check_rows *r, size_t row, struct str *out)
{
	const struct check_view *c = check_row(r, row);
	const char *title = c->title ? translated(c->title) : c->check;
	if (!names_finding(c))
		str_puts(out, title);
	else if (r->list.v[row].twin)
		str_printf(out, "%s: %s", title, said(r->view, c->message));
	else /* also when it was waived: what was waived? */
		str_puts(out, said(r->view, c->message));
}

/* --- rows ------------------------------------------------------------------------------------- */

static void forget(struct check_rows *r)
{
	for (size_t i = 0; i < r->list.n; i++) {
		free(r->list.v[i].id);
		free(r->list.v[i].section);
	}
	r->list.n = 0;
}

/* 0 for errors, then what cannot be told, warnings, waived, the rest. */
static int urgency(const struct check_view *c)
{
	return status_check_rank(c) * 2 + (check_is_bad(c) && !c->error ? 1 : 0);
}

static bool is_in_order(const struct check_view *c)
{
	return status_check_rank(c) >= STATUS_RANK_REST;
}

/* What did not pass stands above all that did, also when both are of the same group. */
static char *section_of(const struct check_view *c)
{
	const char *group = c->group ? translated(c->group) : NULL;
	return !group                ? NULL
	       : is_in_order(c) ? xasprintf(_("%s: in order"), group)
				     : xstrdup(group);
}

/* The same group and the same side of what passed: one heading. */
static int by_section(const struct check_view *x, const struct check_view *y)
{
	int by = is_in_order(x) - is_in_order(y);
	return by ? by : strcmp(x->group ? x->group : "", y->group ? y->group : "");
}

static int worst_first(const void *a, const void *b, void *ctx)
{
	const struct jobview *v = ctx;
	const struct check_row *r = a, *s = b;
	const struct check_view *x = &v->checks.v[r->check], *y = &v->checks.v[s->check];
	int by = r->worst - s->worst;
	if (by == 0)
		by = by_section(x, y);
	if (by == 0)
		by = urgency(x) - urgency(y);
	if (by == 0 && x->device != y->device)
		by = x->device < y->device ? -1 : 1;
	return by ? by : (x > y) - (x < y);
}

/* One row of each heading, in the order of r->list, speaks for it. */
static void find_worst(struct check_rows *r, const struct jobview *v)
{
	VEC(size_t) heads = {0}; /* rows */
	for (size_t i = 0; i < r->list.n; i++) {
		const struct check_view *c = &v->checks.v[r->list.v[i].check];
		size_t h = 0;
		while (h < heads.n && by_section(c, &v->checks.v[r->list.v[heads.v[h]].check]) != 0)
			h++;
		r->list.v[i].worst = urgency(c);
		if (h == heads.n)
			VEC_PUSH(&heads, i);
		struct check_row *head = &r->list.v[heads.v[h]];
		if (urgency(c) < head->worst)
			head->worst = urgency(c);
	}
	for (size_t i = 0; i < r->list.n; i++)
		for (size_t h = 0; h < heads.n; h++)
			if (by_section(&v->checks.v[r->list.v[i].check],
				       &v->checks.v[r->list.v[heads.v[h]].check]) == 0)
				r->list.v[i].worst = r->list.v[heads.v[h]].worst;
	VEC_RELEASE(&heads);
}

/* Those of one device that are as urgent follow each other. */
static void find_twins(struct check_rows *r, const struct jobview *v)
{
	for (size_t i = 0; i < r->list.n; i++)
		for (size_t k = i + 1; k < r->list.n; k++) {
			const struct check_view *x = &v->checks.v[r->list.v[i].check];
			const struct check_view *y = &v->checks.v[r->list.v[k].check];
			if (x->device != y->device || by_section(x, y) != 0 ||
			    !names_finding(x) || !names_finding(y))
				break;
			if (str_eq(x->message, y->message))
				r->list.v[i].twin = r->list.v[k].twin = true;
		}
}

void check_rows_take(struct check_rows *r, const struct jobview *v)
{
	forget(r);
	r->view = v;
	for (size_t i = 0; v && i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		const char *device =
		    c->device == NO_DEVICE ? "" : jobview_device(v, c->device);
		if (!c->after)
			VEC_PUSH(&r->list,
				 ((struct check_row){.check = i,
						     .id = xasprintf("%s/%s", device, c->check),
						     .section = section_of(c)}));
	}
	if (r->list.n > 1) {
		find_worst(r, v);
		qsort_r(r->list.v, r->list.n, sizeof(*r->list.v), worst_first, (void *)(uintptr_t)v);
		find_twins(r, v);
	}
}

void check_rows_release(struct check_rows *r)
{
	forget(r);
	VEC_RELEASE(&r->list);
}

const struct check_view *check_row(const struct check_rows *r, size_t row)
{
	return row < r->list.n ? &r->view->checks.v[r->list.v[row].check] : NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct check_rows *r = ctx;
	return r->list.n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct check_rows *r = ctx;
	const struct check_view *c = check_row(r, row);
	const struct check_look *l = check_look(r->view, c);
	switch (column) {
	case COLUMN_STATE:
		str_printf(&out->text, "%s %s", l->symbol, _(l->word));
		out->role = l->role;
		break;
	case COLUMN_DEVICE:
		cell_name(out, c->device == NO_DEVICE ? _("all") : jobview_device(r->view, c->device));
		break;
	case COLUMN_GROUP:
		str_puts(&out->text, c->group ? translated(c->group) : "-");
		break;
	case COLUMN_CHECK:
		str_puts(&out->text, c->check);
		break;
	default:
		check_row_says(r, row, &out->text);
		out->label = !names_finding(c);
		break;
	}
}

static const char *section(const void *ctx, size_t row)
{
	const struct check_rows *r = ctx;
	return r->list.v[row].section;
}

static const char *id(const void *ctx, size_t row)
{
	const struct check_rows *r = ctx;
	return r->list.v[row].id;
}

static bool shown(const void *ctx, size_t row)
{
	const struct check_rows *r = ctx;
	const struct check_view *c = check_row(r, row);
	if (r->filter == CHECKS_OF_DEVICE)
		return c->device == r->device || c->device == NO_DEVICE;
	return r->filter == CHECKS_ALL || status_check_rank(c) < STATUS_RANK_REST;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct check_rows *r = ctx;
	struct cell x = {0}, y = {0};
	int by;
	if (column == COLUMN_STATE)
		return urgency(check_row(r, a)) - urgency(check_row(r, b));
	cell(ctx, a, column, &x);
	cell(ctx, b, column, &y);
	by = strverscmp(str_text(&x.text), str_text(&y.text));
	str_release(&x.text);
	str_release(&y.text);
	return by;
}

const struct list_rows check_row_ops = {
    .count = count, .cell = cell, .id = id, .compare = compare, .shown = shown, .section = section};

/* --- how far ---------------------------------------------------------------------------------- */

/* The number of the last check that every device has a result of: nothing is known about those that
 * are for some devices only. */
static size_t last_for_all(const struct procedure *p)
{
	size_t last = 0;
	for (size_t i = 0; i < p->n_checks; i++) {
		const struct check *k = &p->checks[i];
		if (k->before && !k->when && k->scope == CHECK_EACH && k->on == ON_SELF)
			last = i;
	}
	return last;
}

static size_t number_of(const struct procedure *p, const char *check)
{
	const struct check *k = procedure_check(p, check);
	return k ? (size_t)(k - p->checks) : 0;
}

/* How far each device has come is the highest number of a check that it has a result of. */
static void count_progress(const struct jobview *v, struct check_counts *out)
{
	size_t last = last_for_all(v->procedure), n = v->job->inventory->devices.n;
	size_t *far = xcalloc(n ? n : 1, sizeof(*far));
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		size_t at = c->device < n && !c->after && c->seq >= v->checked_from
				? number_of(v->procedure, c->check)
				: 0;
		if (at > last)
			at = last;
		if (at > 0 && at > far[c->device])
			far[c->device] = at;
	}
	for (size_t i = 0; i < v->tasks.n; i++) {
		out->done += (int64_t)far[v->tasks.v[i].device];
		out->running += far[v->tasks.v[i].device] < last;
	}
	out->total = (int64_t)(last * v->tasks.n);
	free(far);
}

/* A repeated round: what it has asked, and what it still waits for. */
static void count_again(const struct jobview *v, struct check_counts *out)
{
	size_t n = v->job->inventory->devices.n;
	bool *waits = xcalloc(n + 1, sizeof(*waits));
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		bool first = check_is_old(v, c) && !waits[c->device < n ? c->device : n];
		if (c->after)
			continue;
		out->done += c->seq >= v->checked_from;
		out->total += c->again || c->seq >= v->checked_from;
		out->running += first && c->device < n;
		waits[c->device < n ? c->device : n] |= check_is_old(v, c);
	}
	free(waits);
}

void check_counts(const struct jobview *v, struct check_counts *out)
{
	*out = (struct check_counts){0};
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->after || check_is_old(v, c) || (c->again && !check_is_bad(c)))
			continue;
		out->passed += str_eq(c->status, "passed");
		out->waived += str_eq(c->status, "waived");
		bool unknown = str_eq(c->status, "unknown");
		out->unknown += unknown;
		out->errors += !unknown && check_is_bad(c) && c->error;
		out->warnings += !unknown && check_is_bad(c) && !c->error;
	}
	if (v->state == JOB_CHECKING || v->state == JOB_NEW)
		(v->checked_partly ? count_again : count_progress)(v, out);
	else
		out->done = out->total = 1;
}
