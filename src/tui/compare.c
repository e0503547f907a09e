/* SPDX-License-Identifier: ISC */
/* The snapshots of a job, before against after: a line for each device and element. A snapshot that
 * is missing on one side is a failure of its own and never "no change". */
#include "config.h"

#include "tui/app.h"
#include "tui/outcome.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "model/difference.h"
#include "model/phrases.h"
#include "run/compare.h"

#include <stdlib.h>
#include <string.h>

#define MISSING (-1)

/* One element of one device. It holds nothing of the job's view, which may be another one any time. */
struct pair {
	size_t device;
	size_t how;        /* number of the collector */
	int before, after; /* rows; MISSING: there is no such snapshot */
	bool awaited;      /* the device is not through: the one after comes when it is */
	size_t counts[DIFF_CLASSES][SNAPSHOT_CHANGED + 1];
	char *id;
};

struct compare {
	const struct app *app;
	size_t only; /* device; NO_DEVICE: all */
	struct outcome_seen seen;
	VEC(struct pair) pairs;
	size_t total[DIFF_CLASSES], missing;
	bool differences; /* show nothing else */
	bool unfolded;    /* what is not real counts, too */
	struct list list;
};

enum {
	COLUMN_DEVICE,
	COLUMN_ELEMENT,
	COLUMN_ROWS,
	COLUMN_ADDED,
	COLUMN_REMOVED,
	COLUMN_CHANGED,
	COLUMN_FOLDED,
	COLUMN_RESULT
};

static const struct column columns[] = {
    [COLUMN_DEVICE] = {N_("DEVICE"), 8, 24, 0, false},
    [COLUMN_ELEMENT] = {N_("ELEMENT"), 11, 20, 0, false},
    [COLUMN_ROWS] = {N_("WAS > NOW"), 9, 15, 0, true},
    [COLUMN_ADDED] = {N_("ADDED"), 3, 8, 0, true},
    [COLUMN_REMOVED] = {N_("REMOVED"), 3, 8, 0, true},
    [COLUMN_CHANGED] = {N_("CHANGED"), 3, 8, 0, true},
    [COLUMN_FOLDED] = {N_("FOLD"), 4, 8, 0, true},
    [COLUMN_RESULT] = {N_("RESULT"), 12, 24, 0, false},
};

/* --- pairs ------------------------------------------------------------------------------------ */

static bool missing(const struct pair *p)
{
	return p->before == MISSING || (p->after == MISSING && !p->awaited);
}

static bool both(const struct pair *p)
{
	return p->before != MISSING && p->after != MISSING;
}

static size_t count_of(const struct pair *p, enum diff_class class)
{
	size_t n = 0;
	for (size_t i = 0; i <= SNAPSHOT_CHANGED; i++)
		n += p->counts[class][i];
	return n;
}

static size_t folded(const struct pair *p)
{
	return count_of(p, DIFF_EXPECTED) + count_of(p, DIFF_HEALED) + count_of(p, DIFF_NOISE);
}

static void add_pair(struct compare *k, const struct jobview *v, const struct task_view *t,
		     size_t how)
{
	const struct collector *c = &v->procedure->collectors[how];
	struct diff d;
	diff_job(v, t->device, c, &d);
	struct pair p = {.device = t->device,
			 .how = how,
			 .before = d.before,
			 .after = d.after,
			 .awaited = !diff_over(v, t)};
	memcpy(p.counts, d.counts, sizeof(p.counts));
	diff_release(&d);
	if (p.before == MISSING && p.after == MISSING)
		return; /* the device has no such thing, or no snapshot was wanted */
	for (size_t i = 0; i < DIFF_CLASSES; i++)
		k->total[i] += count_of(&p, (enum diff_class)i);
	k->missing += missing(&p);
	p.id = xasprintf("%s/%s", jobview_device(v, t->device), c->element);
	VEC_PUSH(&k->pairs, p);
}

static void forget(struct compare *k)
{
	for (size_t i = 0; i < k->pairs.n; i++)
		free(k->pairs.v[i].id);
	k->pairs.n = 0;
	memset(k->total, 0, sizeof(k->total));
	k->missing = 0;
}

static void take(struct compare *k, const struct jobview *v)
{
	forget(k);
	for (size_t i = 0; i < v->tasks.n; i++)
		for (size_t c = 0; c < v->procedure->n_collectors; c++)
			if (k->only == NO_DEVICE || k->only == v->tasks.v[i].device)
				add_pair(k, v, &v->tasks.v[i], c);
}

/* Real ones, or all when they are unfolded. */
static size_t differences(const struct compare *k, const struct pair *p)
{
	return count_of(p, DIFF_REAL) + (k->unfolded ? folded(p) : 0);
}

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct compare *k = ctx;
	return k->pairs.n;
}

static const struct pair *pair(const void *ctx, size_t row)
{
	const struct compare *k = ctx;
	return &k->pairs.v[row];
}

static void put_result(const struct pair *p, struct cell *out)
{
	size_t real = count_of(p, DIFF_REAL);
	str_puts(&out->text, p->before == MISSING ? _("! none before")
			     : missing(p)	  ? _("! none after")
			     : !both(p)		  ? _(". not yet")
			     : real		  ? _("~ differs")
			     : folded(p)	  ? _("+ folded")
						  : _("+ same"));
	out->role = missing(p) ? ROLE_STATE_FAILED
		    : !both(p) ? ROLE_STATE_PENDING
		    : real     ? ROLE_WARNING
			       : ROLE_STATE_DONE;
}

static void put_rows(int n, struct cell *out)
{
	if (n != MISSING)
		str_printf(&out->text, "%d", n);
	else
		str_puts(&out->text, "-");
}

static void put_changes(const struct compare *k, const struct pair *p,
			enum snapshot_change change, struct cell *out)
{
	size_t n = 0;
	for (size_t i = 0; i < DIFF_CLASSES; i++)
		n += i == DIFF_REAL || k->unfolded ? p->counts[i][change] : 0;
	if (both(p))
		str_printf(&out->text, "%zu", n);
	else
		str_puts(&out->text, "-");
	out->role = n ? ROLE_WARNING : ROLE_TEXT;
}

static void put_folded(const struct compare *k, const struct pair *p, struct cell *out)
{
	if (both(p) && !k->unfolded)
		str_printf(&out->text, "%zu", folded(p));
	else
		str_puts(&out->text, "-");
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct compare *k = ctx;
	const struct pair *p = pair(ctx, row);
	switch (column) {
	case COLUMN_DEVICE:
		str_puts(&out->text, jobview_device(app_view(k->app), p->device));
		break;
	case COLUMN_ELEMENT:
		str_puts(&out->text,
			 translated(strchr(p->id, '/') + 1)); /* no name of a device has one */
		out->label = true;
		break;
	case COLUMN_ROWS:
		put_rows(p->before, out);
		str_puts(&out->text, " > ");
		put_rows(p->after, out);
		break;
	case COLUMN_FOLDED:
		put_folded(k, p, out);
		break;
	case COLUMN_RESULT:
		put_result(p, out);
		out->label = true;
		break;
	default:
		put_changes(k, p, (enum snapshot_change)(column - COLUMN_ADDED), out);
		break;
	}
}

static const char *id(const void *ctx, size_t row)
{
	return pair(ctx, row)->id;
}

static bool shown(const void *ctx, size_t row)
{
	const struct compare *k = ctx;
	const struct pair *p = pair(ctx, row);
	return !k->differences || differences(k, p) || missing(p);
}

/* What wants a look first: that has no snapshot, then what differs. */
static int urgency(const struct compare *k, const struct pair *p)
{
	return missing(p)           ? 0
	       : differences(k, p) ? 1
	       : !both(p)           ? 2
	       : folded(p)          ? 3
				    : 4;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct compare *k = ctx;
	if (column != COLUMN_RESULT)
		return list_compare_text(&k->list, a, b, column);
	return urgency(k, pair(k, a)) - urgency(k, pair(k, b));
}

static const struct list_rows rows = {
    .count = count, .cell = cell, .id = id, .shown = shown, .compare = compare};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct compare *k = state;
	const struct jobview *v = app_view(a);
	if (!v)
		return err_set(e, ERR_REFUSED, _("there is no job here"));
	k->app = a;
	k->only = argument ? *(const size_t *)argument : NO_DEVICE;
	(void)outcome_news(a, &k->seen);
	take(k, v);
	list_init(&k->list, columns, LEN(columns), &rows, k);
	k->list.sort = COLUMN_RESULT; /* what differs is on top; "<" has the order of the plan */
	list_refresh(&k->list);
	list_move_to(&k->list, 0);
	return 0;
}

static void close_compare(struct app *a, void *state)
{
	struct compare *k = state;
	(void)a;
	forget(k);
	VEC_RELEASE(&k->pairs);
	list_release(&k->list);
	free(k->seen.job);
}

/* The pairs point into the view: they are taken anew whenever it has changed. */
static bool tick(struct app *a, void *state)
{
	struct compare *k = state;
	if (!outcome_news(a, &k->seen))
		return false;
	take(k, app_view(a));
	list_refresh(&k->list);
	return true;
}

static void again(struct app *a, void *state)
{
	struct compare *k = state;
	outcome_return(a, &k->seen);
	forget(k);
	if (app_view(a))
		take(k, app_view(a));
	list_refresh(&k->list);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct compare *k = state;
	(void)a, (void)width;
	list_fit(&k->list, height - 2);
}

static void draw_total(const struct compare *k, const struct canvas *c)
{
	int x = 1 + outcome_differences_draw(c, 0, 1, ROLE_TEXT, k->total) + 2;
	if (!k->missing)
		return;
	char *text = xasprintf(ngettext("! %zu snapshot is missing",
					"! %zu snapshots are missing",
				k->missing), k->missing);
	(void)canvas_label(c, 0, x, -1, ROLE_STATE_FAILED, text);
	free(text);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct compare *k = state;
	struct canvas body = canvas_part(c, 2, 0, -1, -1);
	(void)a;
	if (!k->pairs.n) {
		(void)canvas_wrap(c, 1, 1, c->w - 2, 4, ROLE_WARNING,
				  _("There are no snapshots. They are taken before and after the "
				    "upgrade of a device when the job's options say so."));
		return;
	}
	draw_total(k, c);
	list_draw(&k->list, &body);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct compare *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct compare *k = state;
	return k->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct compare *k = state;
	const struct jobview *v = app_view(a);
	if (v && k->only != NO_DEVICE)
		str_puts(out, jobview_device(v, k->only));
	else if (v)
		str_puts(out, v->job->name);
}

/* --- details ---------------------------------------------------------------------------------- */

static const char *verdict(const struct pair *p)
{
	if (p->before != MISSING && p->after == MISSING && p->awaited)
		return _("The device is not through: the snapshot after the upgrade is still to "
			 "come.");
	if (p->after == MISSING)
		return _("There is no snapshot from after the upgrade: nothing can be said about "
			 "this element. Look at the device, or retry it.");
	if (p->before == MISSING)
		return _("There is no snapshot from before the upgrade: there is nothing to compare "
			 "with.");
	return count_of(p, DIFF_REAL) + folded(p) ? NULL : _("Nothing has changed.");
}

/* Of a row that changed only what differs, of another one all of it. */
static void put_row(const struct compare *k, const struct diff_row *row, struct str *out)
{
	str_printf(out, "%s  %s\n    ", compare_change_word(row->change), row->key);
	compare_fields(row, "\n    ", out);
	if (row->why)
		str_printf(out, "\n    (%s)", said(app_view(k->app), row->why));
	str_puts(out, "\n");
}

static void put_class(const struct compare *k, const struct diff *d, enum diff_class class,
		      struct str *title, struct str *text)
{
	size_t n = diff_count(d, class);
	if (!n)
		return;
	str_printf(title, "%s: %zu", compare_class_word(class), n);
	if (class != DIFF_REAL && !k->unfolded)
		str_printf(title, "  [%s]", _("folded; u on the list unfolds it"));
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].class == class)
			put_row(k, &d->v[i], text);
}

static void details(struct app *a, void *state)
{
	struct compare *k = state;
	size_t row = list_row(&k->list);
	struct str titles[DIFF_CLASSES] = {{0}}, texts[DIFF_CLASSES] = {{0}};
	struct text_part parts[1 + 2 * DIFF_CLASSES];
	if (row == (size_t)-1)
		return;
	const struct pair *p = pair(k, row);
	const struct jobview *v = app_view(a);
	struct diff d;
	diff_job(v, p->device, &v->procedure->collectors[p->how], &d);
	parts[0] = (struct text_part){missing(p) ? ROLE_STATE_FAILED : ROLE_TEXT, 0, verdict(p)};
	for (size_t i = 0; i < DIFF_CLASSES; i++) {
		put_class(k, &d, (enum diff_class)i, &titles[i], &texts[i]);
		parts[1 + 2 * i] = (struct text_part){ROLE_TITLE, 0,
						      titles[i].len ? titles[i].buf : NULL};
		parts[2 + 2 * i] = (struct text_part){ROLE_TEXT, 2,
						      texts[i].len ? texts[i].buf : NULL};
	}
	app_open(a, &screen_text, &(struct text_argument){p->id, parts, LEN(parts)});
	for (size_t i = 0; i < DIFF_CLASSES; i++)
		str_release(&titles[i]), str_release(&texts[i]);
	diff_release(&d);
}

static bool has_row(const struct app *a, const void *state, struct err *why)
{
	const struct compare *k = state;
	(void)a;
	if (list_row(&k->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is nothing to compare")), false;
}

static void only_differences(struct app *a, void *state)
{
	struct compare *k = state;
	k->differences = !k->differences;
	list_refresh(&k->list);
	app_say(a, ROLE_INFO, "%s",
		k->differences ? _("Shown: what differs or is missing") : _("Shown: everything"));
}

static void unfold(struct app *a, void *state)
{
	struct compare *k = state;
	k->unfolded = !k->unfolded;
	list_refresh(&k->list);
	app_say(a, ROLE_INFO, "%s",
		k->unfolded ? _("Unfolded: expected, self-healed and noise count, too")
			    : _("Folded: only what is real counts"));
}

static const struct key_action actions[] = {
    {"details", "Enter Right", N_("Details"), N_("The rows that were added, removed or changed"),
     details, has_row},
    {"differences", "d", N_("Only differences"), N_("Show only what differs or is missing"),
     only_differences, NULL},
    {"unfold", "u", N_("Unfold"),
     N_("Count and show also what is expected, healed by itself or noise"), unfold, NULL},
    {0},
};

const struct screen screen_compare = {
    .name = "compare",
    .title = N_("Compare snapshots"),
    .about = N_("What the devices had before the upgrade and after it, element by element."),
    .size = sizeof(struct compare),
    .actions = actions,
    .open = open,
    .close = close_compare,
    .again = again,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
