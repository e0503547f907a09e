/* SPDX-License-Identifier: ISC */
/* The live run: what the job does now, and the orders that it takes. */
#include "config.h"

#include "tui/live.h"
#include "tui/orders.h"
#include "tui/outcome.h"
#include "tui/questions.h"
#include "tui/screens.h"
#include "tui/second.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "run/words.h"

#include <stdlib.h>

#define LOG_PART  3 /* of the screen's lines */
#define LOG_LEAST 4
#define LIST_LEAST 4 /* lines of the devices, their head included */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct live *s = state;
	(void)argument;
	if (!app_view(a))
		return err_set(e, ERR_REFUSED, _("there is no job to look at; choose one first"));
	live_begin(a, s);
	list_init(&s->list, live_columns, LIVE_COLUMNS, &live_rows, s);
	(void)live_look(a, s);
	return 0;
}

static void close_live(struct app *a, void *state)
{
	(void)a;
	live_end(state);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void show_results(struct app *a)
{
	app_open(a, &screen_results, NULL);
}

static void take_end(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)ctx, (void)text;
	if (choice == 0)
		show_results(a);
}

static void say_end(struct app *a, struct live *s)
{
	const struct jobview *v = s->view;
	bool good = v->state == JOB_DONE;
	struct str rest = {0};
	outcome_put_rest(s->sums.n, &rest);
	s->ended = true;
	app_say(a, good ? ROLE_OK : ROLE_WARNING, _("The job is over: %s. e shows the results"),
		word_job(v->state));
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("The job is over")),
			   .text = xasprintf(_("%s: %c %s\n%zu of %zu devices done%s."),
					     v->job->name, mark_job(v->state), word_job(v->state),
					     s->sums.n[TASK_DONE], s->rows.n, str_text(&rest)),
			   .choices = {_("Results"), _("Stay here")},
			   .n_choices = 2,
			   .role = good ? ROLE_OK : ROLE_WARNING,
			   .answer = take_end});
	str_release(&rest);
}

static bool tick(struct app *a, void *state)
{
	struct live *s = state;
	bool changed = live_look(a, s);
	if (!s->view)
		return changed;
	if (!job_state_final(s->view->state))
		s->ended = false; /* tried again */
	else if (!s->ended && !dialog_is_open(a) && !app_typing(a))
		say_end(a, s);
	return changed;
}

static void again(struct app *a, void *state)
{
	(void)live_look(a, state);
}

/* --- picture and keys ------------------------------------------------------------------------- */

static void fit(struct app *a, void *state, int height, int width)
{
	struct live *s = state;
	s->height = height;
	int log = height / LOG_PART, least = s->log ? LOG_LEAST : 0;
	s->top = LIVE_HEAD + live_banner_lines(a, s, width, height - LIVE_HEAD - least - LIST_LEAST);
	if (log > height - s->top - LIST_LEAST) /* why it waits comes before what was */
		log = height - s->top - LIST_LEAST;
	s->log_lines = !s->log ? 0 : log < LOG_LEAST ? LOG_LEAST : log;
	list_fit(&s->list, height - s->top - s->log_lines);
	heat_fit(s, height - s->top - s->log_lines, width);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	live_draw(a, state, c);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct live *s = state;
	(void)a;
	if (live_is_map(s) && heat_key(s, k))
		return true;
	return list_key(&s->list, k);
}

/* A job whose process is gone goes on with a new one; no order is needed for that. */
static bool is_deserted(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return v && !a->job_running &&
	       (v->state == JOB_RUNNING || v->state == JOB_CANCELLING || v->until);
}

static void status(const struct app *a, const void *state, struct str *out)
{
	static const char *const shows[SHOWS] = {
	    [SHOW_ACTIVE] = N_("active only"),
	    [SHOW_FAILED] = N_("failed only"),
	};
	const struct live *s = state;
	if (!s->view)
		return;
	if (shows[s->show])
		str_printf(out, "[%s] ", _(shows[s->show]));
	if (s->follow)
		str_printf(out, "[%s] ", _("follows"));
	struct cell state_now = {0};
	cell_job(&state_now, is_deserted(a) ? JOB_RUNNING : s->view->state, a->job_running);
	str_printf(out, "%s  %s", s->view->job->name, str_text(&state_now.text));
	str_release(&state_now.text);
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool has_device(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (live_at(state))
		return true;
	return err_set(why, ERR_REFUSED, _("no device is under the cursor")), false;
}

static void open_device(struct app *a, void *state)
{
	app_open(a, &screen_device, &live_at(state)->device);
}

static bool has_failed(const struct app *a, const void *state, struct err *why)
{
	const struct live *s = state;
	(void)a;
	if (s->sums.failed)
		return true;
	return err_set(why, ERR_REFUSED, _("nothing has failed")), false;
}

static void open_cards(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_cards, NULL);
}

static bool is_over(const struct app *a, const void *state, struct err *why)
{
	const struct live *s = state;
	(void)a;
	if (s->view && job_state_final(s->view->state))
		return true;
	return err_set(why, ERR_REFUSED, _("the job is not over yet")), false;
}

static void open_results(struct app *a, void *state)
{
	(void)state;
	show_results(a);
}

static void next_show(struct app *a, void *state)
{
	struct live *s = state;
	(void)a;
	s->show = (s->show + 1) % SHOWS;
	list_refresh(&s->list);
}

static void toggle_map(struct app *a, void *state)
{
	struct live *s = state;
	(void)a;
	s->map = live_is_map(s) ? MAP_OFF : MAP_ON;
}

static void toggle_log(struct app *a, void *state)
{
	struct live *s = state;
	(void)a;
	s->log = !s->log;
}

static void toggle_follow(struct app *a, void *state)
{
	struct live *s = state;
	s->follow = !s->follow;
	s->events = 0; /* the last one, whenever it was */
	if (s->follow)
		live_follow(a, s);
	s->events = a->events.list.n;
	app_say(a, ROLE_INFO,
		s->follow ? _("The cursor goes to the device that changed last")
			  : _("The cursor stays where it is"));
}

static void toggle_sort(struct app *a, void *state)
{
	struct live *s = state;
	bool sorted = s->list.sort == LIVE_STATE;
	s->list.sort = sorted ? -1 : LIVE_STATE;
	s->list.reverse = false;
	list_refresh(&s->list);
	if (!sorted)
		list_move_to(&s->list, 0);
	app_say(a, ROLE_INFO,
		sorted ? _("In the order of the plan") : _("What wants attention is on top"));
}

static void open_log(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_log, NULL);
}

/* --- orders ----------------------------------------------------------------------------------- */

static size_t device_at(const struct live *s)
{
	const struct task_view *t = live_at(s);
	return t ? t->device : NO_DEVICE;
}

static bool can_pause(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	return orders_possible(a, ORDER_PAUSE, NO_DEVICE, why);
}

static void pause_job(struct app *a, void *state)
{
	(void)state;
	orders_give(a, ORDER_PAUSE, NO_DEVICE);
}

static bool can_resume(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	return is_deserted(a) || orders_possible(a, ORDER_RESUME, NO_DEVICE, why);
}

static void resume_job(struct app *a, void *state)
{
	(void)state;
	if (is_deserted(a))
		app_start_process(a);
	else
		orders_give(a, ORDER_RESUME, NO_DEVICE);
}

static bool can_cancel(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	return orders_possible(a, ORDER_CANCEL, NO_DEVICE, why);
}

static void cancel_job(struct app *a, void *state)
{
	(void)state;
	orders_give(a, ORDER_CANCEL, NO_DEVICE);
}

static bool can_retry(const struct app *a, const void *state, struct err *why)
{
	return has_device(a, state, why) && orders_possible(a, ORDER_RETRY, device_at(state), why);
}

static void retry(struct app *a, void *state)
{
	orders_give(a, ORDER_RETRY, device_at(state));
}

/* What was left out on purpose is not among those that failed. */
static size_t all_failed(const struct app *a, size_t **devices)
{
	const struct jobview *v = app_view(a);
	VEC(size_t) found = {0};
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (task_view_failed(&v->tasks.v[i]))
			VEC_PUSH(&found, v->tasks.v[i].device);
	*devices = found.v;
	return found.n;
}

static bool can_retry_all(const struct app *a, const void *state, struct err *why)
{
	size_t *devices, n = all_failed(a, &devices);
	bool can = n && orders_possible(a, ORDER_RETRY, devices[0], why);
	(void)state;
	free(devices);
	return can || (!n && err_set(why, ERR_REFUSED, _("no device has failed")) == 0);
}

static void retry_all(struct app *a, void *state)
{
	size_t *devices, n = all_failed(a, &devices);
	(void)state;
	orders_give_all(a, ORDER_RETRY, devices, n);
	free(devices);
}

static bool can_skip(const struct app *a, const void *state, struct err *why)
{
	return has_device(a, state, why) && orders_possible(a, ORDER_SKIP, device_at(state), why);
}

static void skip(struct app *a, void *state)
{
	orders_give(a, ORDER_SKIP, device_at(state));
}

static bool can_roll_back(const struct app *a, const void *state, struct err *why)
{
	return has_device(a, state, why) &&
	       orders_possible(a, ORDER_ROLLBACK, device_at(state), why);
}

static void roll_back(struct app *a, void *state)
{
	orders_give(a, ORDER_ROLLBACK, device_at(state));
}

static bool can_answer(const struct app *a, const void *state, struct err *why)
{
	return orders_can_answer(a, device_at(state), why);
}

static void answer(struct app *a, void *state)
{
	questions_ask(a, orders_question(a, device_at(state)));
}

static void show_plan(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_preview, NULL);
}

static bool has_plan(const struct app *a, const void *state, struct err *why)
{
	const struct jobview *v = app_view(a);
	(void)state;
	if (v && v->plan)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no plan")), false;
}

static const struct key_action actions[] = {
    {"device", "Enter", N_("Device"), N_("Steps, commands and output of the device"), open_device,
     has_device},
    {"answer", "A", N_("Answer"), N_("Answer the open question of the device, or of the job"),
     answer, can_answer},
    {"plan", "P", N_("Plan"), N_("The stages, and the tasks before and after them with their results"),
     show_plan, has_plan},
    {"pause", "p", N_("Pause"), N_("Begin no further device; those under way go on"), pause_job,
     can_pause},
    {"resume", "r", N_("Go on"),
     N_("Go on after a pause or a hold, or with a new process; failed devices stay as they are"),
     resume_job, can_resume},
    {"cancel", "x", NC_("the job", "Cancel"), N_("End the job; it asks first and says what happens"),
     cancel_job, can_cancel},
    SECOND_CONFIRM,
    {"retry", "t", N_("Retry"), N_("Try the failed device again"), retry, can_retry},
    {"errors", "c", N_("Errors"), N_("What failed, by its cause"), open_cards, has_failed},
    {"results", "e", N_("Results"), N_("Summary, comparison, report"), open_results, is_over},
    {"skip", "s", N_("Skip"), N_("Leave the device as it is; it asks first"), skip, can_skip},
    {"rollback", "b", N_("Roll back"),
     N_("Bring the device back to its old version; it asks first"), roll_back, can_roll_back},
    {"show", "f", N_("Show"), N_("All devices, only the active ones, only the failed ones"),
     next_show, NULL},
    {"log", "v", N_("Log"), N_("The last lines of the log, or none"), toggle_log, NULL},
    {"map", "m", N_("Map"), N_("A cell a device, or a line a device"), toggle_map, NULL},
    {"urgent", "o", N_("Urgent"), N_("What wants attention on top, or the order of the plan"),
     toggle_sort, NULL},
    {"follow", "F", N_("Follow"), N_("The cursor follows the device that changed last"),
     toggle_follow, NULL},
    {"retry-all", "T", NULL, N_("Try all failed devices again"), retry_all, can_retry_all},
    {"records", "L", NULL, N_("The whole log of the job"), open_log, NULL},
    {0},
};

const struct screen screen_live = {
    .name = "live",
    .title = N_("Live run"),
    .about = N_("What the job does now. It goes on when this screen is left."),
    .size = sizeof(struct live),
    .actions = actions,
    .open = open,
    .close = close_live,
    .again = again,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .list = SCREEN_LIST(struct live, list),
    .key = key,
    .status = status,
};
