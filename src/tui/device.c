/* SPDX-License-Identifier: ISC */
/* One device of a job: every step as it went, and what can be done about it now. */
#include "config.h"

#include "tui/device_head.h"
#include "tui/evidence.h"
#include "tui/orders.h"
#include "tui/questions.h"
#include "tui/screens.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "run/cards.h"
#include "run/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_LEAST 7 /* lines above the steps; more when there is more to say */
#define LIST_LEAST 4

struct step_id { /* steps are only ever added: their number is their identity */
	char text[16], section[48]; /* "Upgrade 2" */
};

struct device_screen {
	char *job;
	size_t device;
	const struct jobview *view;
	const struct task_view *task; /* NULL: the job that is followed does not have it */
	int64_t seq, now;
	bool running, follow;
	int head; /* lines above the list, from fit() */
	struct list list;
	VEC(struct step_id) ids; /* of each step */
};

enum { STEP_AT, STEP_TITLE, STEP_PHASE, STEP_PASS, STEP_RESULT, STEP_TOOK, STEP_COLUMNS };

static const struct column columns[STEP_COLUMNS] = {
    [STEP_AT] = {N_("AT"), 8, 8, 1, false},        [STEP_TITLE] = {N_("STEP"), 28, 60, 0, false},
    [STEP_PHASE] = {N_("PHASE"), 8, 12, 2, false},   [STEP_PASS] = {N_("PASS"), 10, 16, 3, false},
    [STEP_RESULT] = {N_("RESULT"), 9, 20, 0, false}, [STEP_TOOK] = {N_("TOOK"), 7, 9, 0, true},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct device_screen *s = ctx;
	return s->task ? s->task->steps.n : 0;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct device_screen *s = ctx;
	const struct step_view *k = &s->task->steps.v[row];
	/* a step that was skipped had no intent with its title */
	const struct step *known = procedure_step(s->view->procedure, k->step);
	char text[32];
	switch (column) {
	case STEP_AT:
		clock_local_time(k->started, text);
		str_puts(&out->text, text);
		break;
	case STEP_TITLE:
		str_puts(&out->text, k->title                ? translated(k->title)
				     : known && known->title ? translated(known->title)
							     : k->step);
		out->label = true;
		break;
	case STEP_PHASE:
		str_puts(&out->text, translated(k->phase ? k->phase : known ? known->phase : NULL));
		out->label = true;
		break;
	case STEP_PASS:
		str_printf(&out->text, "%s %d", word_pass(k->pass), k->attempt);
		break;
	case STEP_RESULT:
		cell_result(out, k->result);
		break;
	default:
		word_span((k->ended ? k->ended : s->now) - k->started, text);
		str_puts(&out->text, text);
		break;
	}
}

static const char *id(const void *ctx, size_t row)
{
	const struct device_screen *s = ctx;
	return s->ids.v[row].text;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct device_screen *s = ctx;
	const struct step_view *x = &s->task->steps.v[a], *y = &s->task->steps.v[b];
	if (column == STEP_TOOK) {
		int64_t m = (x->ended ? x->ended : s->now) - x->started,
			n = (y->ended ? y->ended : s->now) - y->started;
		return m < n ? 1 : m > n ? -1 : 0;
	}
	return list_compare_text(&s->list, a, b, column);
}

static const char *section(const void *ctx, size_t row)
{
	const struct device_screen *s = ctx;
	return s->ids.v[row].section;
}

static const struct list_rows rows = {
    .count = count, .cell = cell, .id = id, .compare = compare, .section = section};

/* --- life ------------------------------------------------------------------------------------- */

static const struct task_view *find_task(const struct jobview *v, size_t device)
{
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (v->tasks.v[i].device == device)
			return &v->tasks.v[i];
	return NULL;
}

static void number_steps(struct device_screen *s)
{
	while (s->ids.n < s->task->steps.n) {
		const struct step_view *step = &s->task->steps.v[s->ids.n];
		struct step_id *k = VEC_ADD(&s->ids);
		snprintf(k->text, sizeof(k->text), "%zu", s->ids.n);
		snprintf(k->section, sizeof(k->section), "%s %d", word_pass(step->pass), step->attempt);
	}
}

static bool look(struct app *a, struct device_screen *s)
{
	const struct jobview *v = app_view(a);
	int64_t was = s->now, wall = app_job_wall(a);
	bool same = str_eq(a->job, s->job);
	bool news = v != s->view || !v || v->seq != s->seq;
	s->view = v;
	s->task = same ? find_task(v, s->device) : NULL;
	if (!v || !s->task)
		return news;
	s->running =
	    a->job_running && task_state_active(s->task->state) && s->task->state != TASK_HELD;
	s->now = s->running && wall > v->last ? wall : v->last;
	if (news) {
		s->seq = v->seq;
		number_steps(s);
		list_refresh(&s->list);
		if (s->follow && s->list.rows.n)
			list_move_to(&s->list, s->list.rows.n - 1);
	}
	return news || (s->running && s->now / 1000 != was / 1000);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct device_screen *s = state;
	const struct jobview *v = app_view(a);
	if (!argument || !find_task(v, *(const size_t *)argument))
		return err_set(e, ERR_REFUSED, _("this device is not in the job"));
	s->device = *(const size_t *)argument;
	s->job = xstrdup(a->job);
	s->task = find_task(v, s->device);
	s->now = v->last;
	number_steps(s);
	list_init(&s->list, columns, STEP_COLUMNS, &rows, s);
	s->follow = task_state_active(s->task->state);
	(void)look(a, s);
	bool good = s->task->state == TASK_DONE;
	const struct step_view *failed = good ? NULL : card_evidence(s->task);
	if (failed && !s->follow)
		list_move_to(&s->list, (size_t)(failed - s->task->steps.v));
	return 0;
}

static void close_device(struct app *a, void *state)
{
	struct device_screen *s = state;
	(void)a;
	list_release(&s->list);
	VEC_RELEASE(&s->ids);
	free(s->job);
}

static bool tick(struct app *a, void *state)
{
	return look(a, state);
}

static void again(struct app *a, void *state)
{
	(void)look(a, state);
}

/* --- picture ---------------------------------------------------------------------------------- */

static struct device_head head_of(const struct device_screen *s)
{
	return (struct device_head){s->view, s->task, s->now, s->running};
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct device_screen *s = state;
	struct device_head h = head_of(s);
	int n = s->task ? device_head_lines(a, &h, width, height - LIST_LEAST) : 0;
	s->head = n > HEAD_LEAST ? n : HEAD_LEAST;
	list_fit(&s->list, height - s->head);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct device_screen *s = state;
	struct canvas body = canvas_part(c, s->head, 0, c->h - s->head, c->w);
	if (!s->task) {
		(void)canvas_label(c, 1, 2, -1, ROLE_DIM, _("Another job is followed now"));
		return;
	}
	struct device_head h = head_of(s);
	device_head_draw(a, &h, c, s->head);
	list_draw(&s->list, &body);
	if (s->list.rows.n == 0)
		(void)canvas_label(&body, 1, 2, -1, ROLE_DIM, _("Nothing was sent to it yet"));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct device_screen *s = state;
	(void)a;
	if (!list_key(&s->list, k))
		return false;
	if (s->list.at + 1 < s->list.rows.n)
		s->follow = false; /* who looks at an earlier step stays there */
	return true;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct device_screen *s = state;
	(void)a;
	if (s->follow)
		str_printf(out, "[%s] ", _("follows"));
	if (s->task)
		str_printf(out, "%s  %s", jobview_device(s->view, s->device), s->view->job->name);
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool has_step(const struct app *a, const void *state, struct err *why)
{
	const struct device_screen *s = state;
	(void)a;
	if (s->task && list_row(&s->list) < s->task->steps.n)
		return true;
	return err_set(why, ERR_REFUSED, _("no step is under the cursor")), false;
}

static void show_step(struct app *a, void *state)
{
	struct device_screen *s = state;
	evidence_show_step(a, s->task, &s->task->steps.v[list_row(&s->list)]);
}

static bool has_task(const struct app *a, const void *state, struct err *why)
{
	const struct device_screen *s = state;
	(void)a;
	if (s->task)
		return true;
	return err_set(why, ERR_REFUSED, _("another job is followed now")), false;
}

static void show_facts(struct app *a, void *state)
{
	struct device_screen *s = state;
	evidence_show_device(a, s->task);
}

static void toggle_follow(struct app *a, void *state)
{
	struct device_screen *s = state;
	s->follow = !s->follow;
	if (s->follow && s->list.rows.n)
		list_move_to(&s->list, s->list.rows.n - 1);
	app_changed(a);
}

static bool can(const struct app *a, const void *state, enum order_kind kind, struct err *why)
{
	const struct device_screen *s = state;
	return has_task(a, state, why) && orders_possible(a, kind, s->device, why);
}

static void give(struct app *a, void *state, enum order_kind kind)
{
	struct device_screen *s = state;
	orders_give(a, kind, s->device);
}

static bool can_retry(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_RETRY, why);
}

static void retry(struct app *a, void *state)
{
	give(a, state, ORDER_RETRY);
}

static bool can_skip(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_SKIP, why);
}

static void skip(struct app *a, void *state)
{
	give(a, state, ORDER_SKIP);
}

static bool can_roll_back(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_ROLLBACK, why);
}

static void roll_back(struct app *a, void *state)
{
	give(a, state, ORDER_ROLLBACK);
}

static bool can_ask(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_ASK, why);
}

static void ask(struct app *a, void *state)
{
	give(a, state, ORDER_ASK);
}

static bool can_answer(const struct app *a, const void *state, struct err *why)
{
	const struct device_screen *s = state;
	const struct question_view *q = orders_question(a, s->device);
	if (s->task && q && q->device == s->device)
		return true;
	return err_set(why, ERR_REFUSED, _("no question about this device is open")), false;
}

static void answer(struct app *a, void *state)
{
	struct device_screen *s = state;
	questions_ask(a, orders_question(a, s->device));
}

static const struct key_action actions[] = {
    {"step", "Enter", N_("Step"), N_("What was sent, what came back, and what it means"), show_step,
     has_step},
    {"answer", "A", N_("Answer"), N_("Answer the open question about this device"), answer,
     can_answer},
    {"retry", "t", N_("Retry"), N_("Try the failed device again"), retry, can_retry},
    {"skip", "s", N_("Skip"), N_("Leave the device as it is; it asks first"), skip, can_skip},
    {"rollback", "b", N_("Roll back"),
     N_("Bring the device back to its old version; it asks first"), roll_back, can_roll_back},
    {"ask", "w", N_("Ask now"), N_("Look at once at what is waited for, and be asked how it goes on"),
     ask, can_ask},
    {"facts", "f", N_("Facts"), N_("Facts, what is still changed on the device, questions"),
     show_facts, has_task},
    {"follow", "F", N_("Follow"), N_("Stay at the last step while it goes on"), toggle_follow,
     NULL},
    {0},
};

const struct screen screen_device = {
    .name = "device",
    .title = N_("Device"),
    .about = N_("One device of the job: every step with its times, and what can be done now."),
    .size = sizeof(struct device_screen),
    .actions = actions,
    .open = open,
    .close = close_device,
    .again = again,
    .tick = tick,
    .draw = draw,
    .list = SCREEN_LIST(struct device_screen, list),
    .fit = fit,
    .key = key,
    .status = status,
};
