/* SPDX-License-Identifier: ISC */
/* The two boxes beside the stages of a plan: what comes before them and after them, and how it went. */
#include "config.h"

#include "tui/preview_parts.h"

#include "tui/outcome.h"

#include "base/i18n.h"
#include "model/difference.h"
#include "model/phrases.h"
#include "run/status.h"

enum mark { /* of a line */
	    MARK_NONE, /* nothing is known yet */
	    MARK_SO_FAR, /* nothing against it, and not all devices are through */
	    MARK_DONE,
	    MARK_WAIVED,
	    MARK_WARNING,
	    MARK_UNKNOWN,
	    MARK_FAILED
};

static const struct {
	const char *symbol;
	enum theme_role role;
} marks[] = {
    [MARK_NONE] = {".", ROLE_STATE_PENDING},  [MARK_SO_FAR] = {">", ROLE_STATE_RUNNING},
    [MARK_DONE] = {"+", ROLE_STATE_DONE},     [MARK_WAIVED] = {"=", ROLE_STATE_HELD},
    [MARK_WARNING] = {"!", ROLE_WARNING},     [MARK_UNKNOWN] = {"?", ROLE_STATE_UNKNOWN},
    [MARK_FAILED] = {"!", ROLE_STATE_FAILED},
};

/* --- checks ----------------------------------------------------------------------------------- */

/* The worst of a group's checks speaks for it. */
static enum mark worst(const struct jobview *v, const char *group, bool after)
{
	static const enum mark of_rank[] = {MARK_FAILED, MARK_UNKNOWN, MARK_WARNING, MARK_WAIVED,
					    MARK_DONE};
	int rank = STATUS_RANK_REST + 1;
	bool error = false;
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->after != after || !str_eq(c->group, group))
			continue;
		int r = status_check_rank(c);
		if (r < rank || (r == rank && c->error))
			error = c->error;
		rank = r < rank ? r : rank;
	}
	if (rank > STATUS_RANK_REST)
		return MARK_NONE;
	return rank < STATUS_RANK_WAIVED && !error ? MARK_WARNING : of_rank[rank];
}

static bool all_through(const struct jobview *v)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (!task_state_final(v->tasks.v[i].state))
			return false;
	return true;
}

static bool has_result(const struct jobview *v, size_t device, const char *group)
{
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (c->after && c->device == device && str_eq(c->group, group))
			return true;
	}
	return false;
}

/* Did a device fail before it came to them? */
static bool one_was_not_asked(const struct jobview *v, const char *group)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (task_view_failed(&v->tasks.v[i]) && !has_result(v, v->tasks.v[i].device, group))
			return true;
	return false;
}

/* What is bad is so at once; what is good is so when every device is through. */
static enum mark group_after(const struct jobview *v, const char *group)
{
	enum mark m = worst(v, group, true);
	if (m == MARK_NONE || m > MARK_WAIVED)
		return m;
	if (!all_through(v))
		return MARK_SO_FAR;
	return one_was_not_asked(v, group) ? MARK_UNKNOWN : m;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static bool was_looked_at(const struct jobview *v, size_t device, const char *when)
{
	for (size_t i = 0; i < v->snapshots.n; i++)
		if (v->snapshots.v[i].device == device && str_eq(v->snapshots.v[i].when, when))
			return true;
	return false;
}

/* Of those before, a device that ended without one never came so far; those after are missing then. */
static enum mark snapshots(const struct jobview *v, bool after)
{
	size_t taken = 0, to_come = 0;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		bool has = was_looked_at(v, t->device, after ? "after" : "before");
		taken += has;
		to_come += !has && !task_state_final(t->state);
	}
	if (after && diff_missing_count(v, DIFF_DUE_DONE))
		return MARK_FAILED;
	if (!taken)
		return MARK_NONE;
	return to_come || (after && !all_through(v)) ? MARK_SO_FAR : MARK_DONE;
}

/* Both sides of a device that is through; nothing to compare: MARK_NONE. */
static enum mark compared(const struct jobview *v, const struct task_view *t)
{
	enum mark m = MARK_NONE;
	for (size_t i = 0; i < v->procedure->n_collectors; i++) {
		const struct collector *how = &v->procedure->collectors[i];
		struct diff d;
		diff_job(v, t->device, how, &d);
		enum mark one = diff_missing(v, t, how, DIFF_DUE_DONE) ? MARK_FAILED
				: d.before < 0 && d.after < 0   ? MARK_NONE
				: d.before < 0 || d.after < 0   ? MARK_UNKNOWN
				: diff_count(&d, DIFF_REAL) > 0 ? MARK_WARNING
								: MARK_DONE;
		diff_release(&d);
		m = one > m ? one : m;
	}
	return m;
}

static enum mark comparison(const struct jobview *v)
{
	enum mark m = MARK_NONE;
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		enum mark one = task_state_final(t->state) ? compared(v, t) : MARK_NONE;
		m = one > m ? one : m;
	}
	return m == MARK_DONE && !all_through(v) ? MARK_SO_FAR : m;
}

void preview_compare(struct preview *p, const struct jobview *v)
{
	size_t through = v ? outcome_through(v) : 0;
	if (through != p->through)
		p->comparison = v && v->procedure ? comparison(v) : MARK_NONE;
	p->through = through;
}

/* --- the boxes -------------------------------------------------------------------------------- */

static int put_task(const struct canvas *c, int y, enum mark m, const char *text)
{
	if (y >= c->h)
		return y;
	(void)canvas_text(c, y, 0, 1, marks[m].role, marks[m].symbol);
	return y + canvas_wrap(c, y, 2, c->w - 2, c->h - y, ROLE_TEXT, text);
}

/* Is this check the first one of its group that runs before (after)? */
static bool first_of_group(const struct procedure *p, size_t at, bool after)
{
	const struct check *k = &p->checks[at];
	if (!k->group || !(after ? k->after : k->before))
		return false;
	for (size_t i = 0; i < at; i++)
		if ((after ? p->checks[i].after : p->checks[i].before) &&
		    str_eq(p->checks[i].group, k->group))
			return false;
	return true;
}

static int put_groups(const struct jobview *v, const struct canvas *c, int y, bool after)
{
	const struct procedure *p = v->procedure;
	for (size_t i = 0; i < p->n_checks; i++) {
		const char *group = p->checks[i].group;
		if (first_of_group(p, i, after))
			y = put_task(c, y, after ? group_after(v, group) : worst(v, group, false),
				     translated(group));
	}
	return y;
}

/* Will snapshots be taken? A procedure asks by a parameter, or takes them whenever it can. */
static bool takes_snapshots(const struct jobview *v)
{
	const char *asked = values_get(&v->job->parameters, "snapshots");
	return v->procedure->n_collectors > 0 && (!asked || str_eq(asked, "yes"));
}

void preview_side(const struct preview *p, const struct jobview *v, const struct canvas *c,
		  bool after)
{
	struct canvas in = canvas_part(c, 1, 1, -1, c->w - 2);
	canvas_box(c, ROLE_BORDER, ROLE_HEADER, after ? _("After") : _("Before"));
	in.h = c->h - 2;
	int y = put_groups(v, &in, 0, after);
	if (takes_snapshots(v))
		y = put_task(&in, y, snapshots(v, after), _("Snapshot"));
	if (after && takes_snapshots(v))
		(void)put_task(&in, y, (enum mark)p->comparison, _("Comparison"));
}
