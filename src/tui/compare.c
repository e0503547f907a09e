/* SPDX-License-Identifier: ISC */
/* The snapshots of a job, before against after: a line for each device and element. A snapshot that
 * is missing on one side is a failure of its own and never "no change". */
#include "config.h"

#include "tui/app.h"
#include "tui/outcome.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "model/json.h"
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#define MISSING (-1)

/* One element of one device. It holds nothing of the job's view, which may be another one any time. */
struct pair {
	size_t device;
	size_t how;        /* number of the collector */
	int before, after; /* rows; MISSING: there is no such snapshot */
	bool awaited;      /* the device is not through: the one after may still come */
	size_t changes[SNAPSHOT_CHANGED + 1];
	char *id;
};

struct compare {
	const struct app *app;
	size_t only; /* device; NO_DEVICE: all */
	struct outcome_seen seen;
	VEC(struct pair) pairs;
	size_t total[SNAPSHOT_CHANGED + 1], missing;
	bool differences; /* show nothing else */
	struct list list;
};

enum {
	COLUMN_DEVICE,
	COLUMN_ELEMENT,
	COLUMN_BEFORE,
	COLUMN_AFTER,
	COLUMN_ADDED,
	COLUMN_REMOVED,
	COLUMN_CHANGED,
	COLUMN_RESULT
};

static const struct column columns[] = {
    [COLUMN_DEVICE] = {N_("DEVICE"), 8, 24, 0, false},
    [COLUMN_ELEMENT] = {N_("ELEMENT"), 12, 20, 0, false},
    [COLUMN_BEFORE] = {N_("BEFORE"), 6, 8, 2, true},
    [COLUMN_AFTER] = {N_("AFTER"), 5, 8, 2, true},
    [COLUMN_ADDED] = {N_("ADDED"), 5, 8, 0, true},
    [COLUMN_REMOVED] = {N_("REMOVED"), 7, 8, 0, true},
    [COLUMN_CHANGED] = {N_("CHANGED"), 7, 8, 0, true},
    [COLUMN_RESULT] = {N_("RESULT"), 14, 24, 0, false},
};

/* --- pairs ------------------------------------------------------------------------------------ */

static int note(void *ctx, enum snapshot_change change, const char *key, const cJSON *before,
		const cJSON *after)
{
	struct pair *p = ctx;
	(void)key, (void)before, (void)after;
	p->changes[change]++;
	return 0;
}

static const struct snapshot_view *find(const struct jobview *v, size_t device, const char *element,
					const char *when)
{
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		if (s->device == device && str_eq(s->element, element) && str_eq(s->when, when))
			return s;
	}
	return NULL;
}

static bool missing(const struct pair *p)
{
	return p->before == MISSING || (p->after == MISSING && !p->awaited);
}

static bool both(const struct pair *p)
{
	return p->before != MISSING && p->after != MISSING;
}

static int rows_of(const struct snapshot_view *s)
{
	return s ? cJSON_GetArraySize(s->rows) : MISSING;
}

static void add_pair(struct compare *k, const struct jobview *v, const struct task_view *t,
		     size_t how)
{
	const struct collector *c = &v->procedure->collectors[how];
	const struct snapshot_view *before = find(v, t->device, c->element, "before"),
				   *after = find(v, t->device, c->element, "after");
	struct pair p = {.device = t->device,
			 .how = how,
			 .before = rows_of(before),
			 .after = rows_of(after),
			 .awaited = !task_state_final(t->state)};
	if (!before && !after)
		return; /* the device has no such thing, or no snapshot was wanted */
	if (before && after)
		(void)snapshot_compare(c, before->rows, after->rows, note, &p);
	for (size_t i = 0; i < LEN(p.changes); i++)
		k->total[i] += p.changes[i];
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

static size_t differences(const struct pair *p)
{
	return p->changes[SNAPSHOT_ADDED] + p->changes[SNAPSHOT_REMOVED] +
	       p->changes[SNAPSHOT_CHANGED];
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
	str_puts(&out->text, p->before == MISSING ? _("! none before")
			     : missing(p)	  ? _("! none after")
			     : !both(p)		  ? _(". not yet")
			     : differences(p)	  ? _("? differs")
						  : _("+ same"));
	out->role = missing(p)	     ? ROLE_STATE_FAILED
		    : !both(p)	     ? ROLE_STATE_PENDING
		    : differences(p) ? ROLE_WARNING
				     : ROLE_STATE_DONE;
}

static void put_rows(int n, struct cell *out)
{
	if (n != MISSING)
		str_printf(&out->text, "%d", n);
	else
		str_puts(&out->text, "-");
}

static void put_changes(const struct pair *p, enum snapshot_change change, struct cell *out)
{
	if (both(p))
		str_printf(&out->text, "%zu", p->changes[change]);
	else
		str_puts(&out->text, "-");
	out->role = p->changes[change] ? ROLE_WARNING : ROLE_TEXT;
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
		break;
	case COLUMN_BEFORE:
		put_rows(p->before, out);
		break;
	case COLUMN_AFTER:
		put_rows(p->after, out);
		break;
	case COLUMN_RESULT:
		put_result(p, out);
		break;
	default:
		put_changes(p, (enum snapshot_change)(column - COLUMN_ADDED), out);
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
	return !k->differences || differences(p) || missing(p);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .shown = shown};

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
	char *text = xasprintf(_("%zu added, %zu removed, %zu changed"), k->total[SNAPSHOT_ADDED],
			       k->total[SNAPSHOT_REMOVED], k->total[SNAPSHOT_CHANGED]);
	int x = 1 + canvas_label(c, 0, 1, -1, ROLE_TEXT, text) + 2;
	free(text);
	if (!k->missing)
		return;
	text = xasprintf(_("! %zu snapshots are missing"), k->missing);
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

struct details {
	struct str texts[SNAPSHOT_CHANGED + 1];
};

static void put_field(struct str *out, const char *name, const cJSON *before, const cJSON *after)
{
	char *old = before ? json_leaf(before) : NULL, *now = after ? json_leaf(after) : NULL;
	if (old && now && !str_eq(old, now))
		str_printf(out, "    %s: %s -> %s\n", name, old, now);
	else if (!old || !now)
		str_printf(out, "    %s: %s\n", name, old ? old : now ? now : "-");
	free(old);
	free(now);
}

/* Of a row that changed only what differs, of another one all of it. */
static int put_difference(void *ctx, enum snapshot_change change, const char *row,
			  const cJSON *before, const cJSON *after)
{
	struct details *d = ctx;
	struct str *out = &d->texts[change];
	const cJSON *field;
	str_printf(out, "%s\n", row);
	const cJSON *row_now = after ? after : before;
	cJSON_ArrayForEach(field, row_now)
	{
		const cJSON *old =
		    before ? cJSON_GetObjectItemCaseSensitive(before, field->string) : NULL;
		put_field(out, field->string, old, after ? field : NULL);
	}
	if (!after || !before)
		return 0;
	cJSON_ArrayForEach(field, before)
	{
		if (!cJSON_GetObjectItemCaseSensitive(after, field->string))
			put_field(out, field->string, field, NULL);
	}
	return 0;
}

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
	return differences(p) ? NULL : _("Nothing has changed.");
}

static void details(struct app *a, void *state)
{
	struct compare *k = state;
	size_t row = list_row(&k->list);
	struct details d = {0};
	if (row == (size_t)-1)
		return;
	const struct pair *p = pair(k, row);
	const struct jobview *v = app_view(a);
	const struct collector *c = &v->procedure->collectors[p->how];
	const char *none = _("none"), *say = verdict(p);
	bool any = differences(p) > 0;
	if (both(p))
		(void)snapshot_compare(c, find(v, p->device, c->element, "before")->rows,
				       find(v, p->device, c->element, "after")->rows,
				       put_difference, &d);
	const char *texts[SNAPSHOT_CHANGED + 1];
	for (size_t i = 0; i < LEN(texts); i++)
		texts[i] = !any ? NULL : d.texts[i].len ? d.texts[i].buf : none;
	const struct text_part parts[] = {
	    {missing(p) ? ROLE_STATE_FAILED : ROLE_TEXT, 0, say},
	    {ROLE_TITLE, 0, any ? _("Added") : NULL},
	    {ROLE_TEXT, 2, texts[SNAPSHOT_ADDED]},
	    {ROLE_TITLE, 0, any ? _("Removed") : NULL},
	    {ROLE_TEXT, 2, texts[SNAPSHOT_REMOVED]},
	    {ROLE_TITLE, 0, any ? _("Changed") : NULL},
	    {ROLE_TEXT, 2, texts[SNAPSHOT_CHANGED]},
	};
	app_open(a, &screen_text, &(struct text_argument){p->id, parts, LEN(parts)});
	for (size_t i = 0; i < LEN(d.texts); i++)
		str_release(&d.texts[i]);
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

static const struct key_action actions[] = {
    {"details", "Enter Right", N_("Details"), N_("The rows that were added, removed or changed"),
     details, has_row},
    {"differences", "d", N_("Only differences"), N_("Show only what differs or is missing"),
     only_differences, NULL},
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
