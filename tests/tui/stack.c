/* SPDX-License-Identifier: ISC */
/* The program around the screens: the stack, actions and commands, dialogs, work in the background. */
#include "config.h"

#include "bed.h"

#include "tui/screens.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a screen to play with -------------------------------------------------------------------- */

struct toy {
	int again, pushed, closed_at;
	bool typing, locked;
	struct line text;
};

static struct {
	int closed, answers, last;
	char text[64];
} seen;

static int toy_open(struct app *a, void *state, const void *argument, struct err *e)
{
	(void)a, (void)state;
	return argument ? err_set(e, ERR_INPUT, "this toy is broken") : 0;
}

static void toy_close(struct app *a, void *state)
{
	struct toy *t = state;
	(void)a;
	line_release(&t->text);
	seen.closed++;
}

static void toy_again(struct app *a, void *state)
{
	(void)a;
	((struct toy *)state)->again++;
}

static void toy_draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct toy *t = state;
	(void)a;
	(void)canvas_textf(c, 0, 0, -1, ROLE_TEXT, "pushed %d, again %d", t->pushed, t->again);
	line_draw(&t->text, c, 1, 0, 30, ROLE_FIELD);
}

static bool toy_key(struct app *a, void *state, keycode key)
{
	struct toy *t = state;
	(void)a;
	return t->typing && line_key(&t->text, key);
}

static bool toy_typing(const void *state)
{
	return ((const struct toy *)state)->typing;
}

static void push(struct app *a, void *state)
{
	((struct toy *)state)->pushed++;
	if (*a->argument)
		app_say(a, ROLE_INFO, "with %s", a->argument);
}

static bool may_push(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (!((const struct toy *)state)->locked)
		return true;
	return err_set(why, ERR_REFUSED, "it is locked"), false;
}

static const struct key_action toy_actions[] = {
    {"push", "p Enter", "Push", "Push it", push, may_push},
    {"put", NULL, NULL, "Another word with the same beginning", push, NULL},
    {0},
};

static const struct screen toy = {
    .name = "toy",
    .title = "Toy",
    .about = "A screen to play with.",
    .size = sizeof(struct toy),
    .actions = toy_actions,
    .open = toy_open,
    .close = toy_close,
    .again = toy_again,
    .draw = toy_draw,
    .key = toy_key,
    .typing = toy_typing,
};

static const struct screen other = {
    .name = "other", .title = "Other", .about = "Another one.", .draw = toy_draw,
    .size = sizeof(struct toy), .close = toy_close,
};

static struct toy *begin(struct bed *b)
{
	memset(&seen, 0, sizeof(seen));
	app_open(b->app, &toy, NULL);
	app_draw(b->app);
	return b->app->stack.v[0].state;
}

/* Help opens where one types, too: a screen has other keys for what is its own. */
static void help_is_help_everywhere(void **state)
{
	static const struct screen *const all[] = {
	    &screen_name, &screen_assign, &screen_options, &screen_select, &screen_review,
	    &screen_preview, &screen_confirm, &screen_checks, &screen_credentials, &screen_images,
	};
	(void)state;
	for (size_t i = 0; i < LEN(all); i++)
		for (const struct key_action *k = all[i]->actions; k->word; k++)
			if (k->keys && (key_in(k->keys, K_CTRL('T')) || key_in(k->keys, '?') ||
					key_in(k->keys, K_F1)))
				fail_msg("%s: %s is %s", all[i]->name, k->keys, k->word);
}

/* What is done by a key everywhere is done by it on every screen, unless the screen has an own way to
 * do just that. */
static void own_keys_stay(void **state)
{
	static const struct screen *const all[] = {
	    &screen_home,    &screen_select,  &screen_review,      &screen_name,
	    &screen_assign,  &screen_options, &screen_checks,      &screen_preview,
	    &screen_confirm, &screen_live,    &screen_cards,       &screen_device,
	    &screen_results, &screen_compare, &screen_history,     &screen_job,
	    &screen_log,     &screen_images,  &screen_credentials, &screen_inventory,
	    &screen_rules,   &screen_themes,  &screen_discover,    &screen_doctor,
	    &screen_files,   &screen_text,    &screen_rehearse,    &screen_help,
	};
	static const char keys[] = "?QA:";
	(void)state;
	for (const struct key_action *g = app_own_actions; g->word; g++)
		for (size_t n = 0; keys[n]; n++)
			for (size_t i = 0; g->keys && key_in(g->keys, keys[n]) && i < LEN(all); i++)
				for (const struct key_action *k = all[i]->actions; k && k->word; k++)
					if (k->keys && key_in(k->keys, keys[n]) &&
					    !str_eq(k->word, g->word))
						fail_msg("%s: %c is %s, and %s everywhere else",
							 all[i]->name, keys[n], k->word, g->word);
}

/* --- the stack -------------------------------------------------------------------------------- */

static void screens_are_left(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	app_open(b->app, &other, NULL);
	bed_keys(b, "Esc");
	assert_int_equal(b->app->stack.n, 1);
	assert_int_equal(t->again, 1);
	assert_int_equal(seen.closed, 1);
	app_open(b->app, &toy, "argument"); /* does not open: says why, nothing else changes */
	assert_int_equal(b->app->stack.n, 1);
	bed_keys(b, "^L");
	bed_shows(b, "this toy is broken");
	app_open(b->app, &other, NULL);
	app_open(b->app, &other, NULL);
	assert_false(app_back_to(b->app, "nowhere"));
	assert_int_equal(b->app->stack.n, 3);
	assert_true(app_back_to(b->app, "toy"));
	assert_int_equal(b->app->stack.n, 1);
	app_replace(b->app, &other, NULL);
	assert_int_equal(b->app->stack.n, 1);
	assert_string_equal(b->app->stack.v[0].kind->name, "other");
	assert_false(b->app->quit);
	bed_keys(b, "Esc"); /* Esc never ends the program by itself */
	assert_false(b->app->quit);
	bed_shows(b, "this is the first screen");
	app_key(b->app, 'q');
	assert_true(b->app->quit);
}

static void actions_and_commands(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	bed_keys(b, "p Enter");
	assert_int_equal(t->pushed, 2);
	bed_shows(b, "Push");
	t->locked = true;
	bed_keys(b, "p");
	assert_int_equal(t->pushed, 2);
	bed_shows(b, "Push: it is locked");
	t->locked = false;
	bed_type(b, ":push hard");
	bed_shows(b, ":push hard");
	bed_keys(b, "Enter");
	assert_int_equal(t->pushed, 3);
	bed_shows(b, "with hard");
	bed_type(b, ":pus");
	bed_keys(b, "Enter"); /* the beginning of a word */
	assert_int_equal(t->pushed, 4);
	bed_type(b, ":pu"); /* push or put? */
	bed_keys(b, "Enter");
	bed_shows(b, "2 commands begin with \"pu\"");
	bed_type(b, ":frobnicate");
	bed_keys(b, "Enter");
	bed_shows(b, "There is no command \"frobnicate\"");
	bed_type(b, ":push");
	bed_keys(b, "Esc");
	assert_int_equal(t->pushed, 4);
	t->typing = true;
	bed_type(b, "pq:"); /* all of it is text now */
	assert_string_equal(line_text(&t->text), "pq:");
	bed_keys(b, "Enter");
	assert_int_equal(t->pushed, 5);
	t->typing = false;
	app_key(b->app, 'p' | K_PASTED); /* what is pasted is never a command */
	app_key(b->app, 'Q' | K_PASTED);
	assert_int_equal(t->pushed, 5);
	assert_false(b->app->quit);
}

static void too_small(void **state)
{
	static const int sizes[][2] = {{1, 1}, {23, 80}, {24, 79}, {5, 200}, {100, 300}};
	struct bed *b = *state;
	(void)begin(b);
	for (size_t i = 0; i < LEN(sizes); i++) {
		bool small = sizes[i][0] < 24 || sizes[i][1] < 80;
		term_resize(b->term, sizes[i][0], sizes[i][1]);
		app_key(b->app, K_RESIZE);
		app_draw(b->app);
		assert_int_equal(frame_too_small(b->app), small);
		if (sizes[i][1] > 20)
			bed_shows(b, small ? "hitless needs 80x24" : "pushed");
		if (small)
			bed_hides(b, "pushed");
	}
}

/* --- dialogs ---------------------------------------------------------------------------------- */

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)a, (void)ctx;
	seen.answers++;
	seen.last = (int)choice;
	snprintf(seen.text, sizeof(seen.text), "%s", text);
}

static void ask(struct bed *b, bool field, const char *expected)
{
	dialog_open(b->app, (struct dialog){.title = xstrdup("A question"),
					    .text = xstrdup("Is it so?"),
					    .choices = {"Yes", "Maybe", "No"},
					    .n_choices = 3,
					    .at = 2,
					    .field = field,
					    .expected = expected,
					    .answer = answered});
	app_draw(b->app);
}

static void pass(struct bed *b, int64_t ms)
{
	b->clock.ms += ms;
}

static void resize(struct bed *b, int lines)
{
	term_resize(b->term, lines, 80);
	app_key(b->app, K_RESIZE);
	app_draw(b->app);
}

/* What is not seen takes no keys, and neither does what is seen only since just now. */
static void too_small_is_blind(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	resize(b, 23);
	bed_keys(b, "p Enter");
	assert_int_equal(t->pushed, 0);
	ask(b, false, NULL);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "y Enter Esc");
	assert_int_equal(seen.answers, 0);
	resize(b, 24);
	bed_keys(b, "y Enter");
	assert_int_equal(seen.answers, 0);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "y Enter");
	assert_int_equal(seen.answers, 1);
	resize(b, 23);
	app_key(b->app, 'q');
	assert_true(b->app->quit);
}

/* Who types a text does not answer what opens in the middle of it. */
static void over_a_text(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	t->typing = true;
	ask(b, false, NULL);
	for (int i = 0; i < 5; i++) {
		pass(b, DIALOG_GUARD_MS - 1);
		bed_keys(b, "y Enter");
	}
	assert_int_equal(seen.answers, 0);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "y Enter");
	assert_int_equal(seen.answers, 1);
	bed_shows(b, "^X Leave"); /* q would be a letter */
	bed_hides(b, "q Leave");
}

static bool gone(const struct app *a, const struct dialog *d)
{
	(void)a;
	return d->field;
}

/* One that comes to light, or goes by itself, does not get (or give away) keys for another. */
static void dialogs_below(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	ask(b, false, NULL);
	ask(b, false, NULL);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "Enter Enter");
	assert_int_equal(seen.answers, 1);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "Enter");
	assert_int_equal(seen.answers, 2);
	ask(b, true, NULL);
	pass(b, DIALOG_GUARD_MS);
	dialog_close_if(b->app, gone);
	assert_false(dialog_is_open(b->app));
	bed_keys(b, "p Enter"); /* meant for the dialog */
	assert_int_equal(t->pushed, 0);
	pass(b, DIALOG_GUARD_MS);
	bed_keys(b, "p");
	assert_int_equal(t->pushed, 1);
}

static void dialog_waits(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	ask(b, false, NULL);
	bed_shows(b, "A question");
	bed_shows(b, "[>No<]");
	bed_keys(b, "y Enter Esc");
	assert_int_equal(seen.answers, 0); /* typed for the screen below */
	pass(b, DIALOG_GUARD_MS - 1);
	bed_keys(b, "y Enter");
	assert_int_equal(seen.answers, 0);
	pass(b, 1);
	bed_keys(b, "y");
	assert_int_equal(seen.answers, 0); /* a letter chooses, Enter answers */
	bed_shows(b, "[>Yes<]");
	bed_keys(b, "Enter");
	assert_int_equal(seen.answers, 1);
	assert_int_equal(seen.last, 0);
	assert_false(dialog_is_open(b->app));
	assert_int_equal(t->pushed, 0);
	bed_keys(b, "Enter");
	assert_int_equal(t->pushed, 1);
}

static void dialog_choices(void **state)
{
	struct bed *b = *state;
	(void)begin(b);
	ask(b, false, NULL);
	pass(b, 1000);
	bed_keys(b, "Tab");
	bed_shows(b, "[>Yes<]");
	bed_keys(b, "h h");
	bed_shows(b, "[>Maybe<]");
	bed_keys(b, "Enter");
	assert_int_equal(seen.last, 1);
	ask(b, false, NULL);
	ask(b, false, NULL); /* they stand in a row */
	pass(b, 1000);
	bed_keys(b, "Esc");
	assert_int_equal(seen.answers, 2);
	assert_int_equal(seen.last, 2);
	assert_true(dialog_is_open(b->app));
	dialog_close_all(b->app);
	assert_int_equal(seen.answers, 2); /* nobody answered that one */
	assert_false(dialog_is_open(b->app));
}

static void dialog_wants_a_text(void **state)
{
	struct bed *b = *state;
	(void)begin(b);
	ask(b, true, "core 1");
	pass(b, 1000);
	bed_type(b, "core");
	bed_keys(b, "Tab Enter"); /* Yes is chosen, but that is not what was to be typed */
	assert_int_equal(seen.answers, 0);
	bed_shows(b, "Type exactly: core 1");
	bed_type(b, " 1");
	bed_shows(b, "[>Yes<]");
	bed_keys(b, "Enter");
	assert_int_equal(seen.answers, 1);
	assert_int_equal(seen.last, 0);
	assert_string_equal(seen.text, "core 1");
	ask(b, true, NULL);
	pass(b, 1000);
	bed_type(b, "yes");
	bed_keys(b, "Esc");
	assert_int_equal(seen.last, 2);
}

static void dialog_of_any_length(void **state)
{
	struct bed *b = *state;
	struct str text = {0};
	(void)begin(b);
	for (int i = 0; i < 60; i++)
		str_printf(&text, "line %d\n", i);
	dialog_open(b->app, (struct dialog){.title = xstrdup("Long"),
					    .text = str_take(&text),
					    .choices = {"OK"},
					    .n_choices = 1,
					    .answer = answered});
	pass(b, 1000);
	bed_keys(b, "^L");
	bed_shows(b, "line 0");
	bed_hides(b, "line 59");
	bed_shows(b, "[>OK<]");
	bed_keys(b, "End");
	bed_shows(b, "line 59");
	bed_shows(b, "[>OK<]");
}

static void yes_or_no(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	app_confirm(b->app, xstrdup("Sure"), xstrdup("Push it?"), "Push", push, t);
	pass(b, 1000);
	bed_keys(b, "Enter"); /* begins on no */
	assert_int_equal(t->pushed, 0);
	app_confirm(b->app, xstrdup("Sure"), xstrdup("Push it?"), "Push", push, t);
	pass(b, 1000);
	bed_keys(b, "p Enter");
	assert_int_equal(t->pushed, 1);
}

/* --- work ------------------------------------------------------------------------------------- */

struct task {
	int ends, rc;
	bool until_stopped;
	int *freed;
};

static int task_run(struct work *w, void *ctx, struct err *e)
{
	const struct task *t = ctx;
	while (work_progress(w, 1, 4) == 0 && t->until_stopped)
		(void)usleep(1000);
	return t->rc == 0 ? 0 : err_set(e, ERR_SYSTEM, "it broke");
}

static void task_done(struct app *a, void *ctx, int rc, const struct err *e)
{
	(void)ctx;
	app_say(a, ROLE_INFO, "ended %d %s", rc, e ? e->text : "well");
}

static void task_free(void *ctx)
{
	++*((struct task *)ctx)->freed;
	free(ctx);
}

static const struct work_kind task_kind = {
    .title = "Working", .run = task_run, .done = task_done, .free_ctx = task_free};

static int freed;

static struct task *new_task(int rc, bool until_stopped)
{
	struct task *t = xcalloc(1, sizeof(*t));
	*t = (struct task){.rc = rc, .until_stopped = until_stopped, .freed = &freed};
	return t;
}

static void finish(struct bed *b)
{
	for (int i = 0; i < 5000 && b->app->work; i++) {
		app_tick(b->app);
		(void)usleep(1000); /* a real thread */
	}
	assert_null(b->app->work);
	app_draw(b->app);
}

static void work_in_the_background(void **state)
{
	struct bed *b = *state;
	struct err e = {0};
	(void)begin(b);
	freed = 0;
	assert_int_equal(work_start(b->app, &task_kind, new_task(0, false), &e), 0);
	finish(b);
	bed_shows(b, "ended 0 well");
	assert_int_equal(work_start(b->app, &task_kind, new_task(-1, false), &e), 0);
	finish(b);
	bed_shows(b, "it broke");
	assert_int_equal(work_start(b->app, &task_kind, new_task(0, true), &e), 0);
	app_draw(b->app);
	bed_shows(b, "Working");
	assert_int_equal(work_start(b->app, &task_kind, new_task(0, false), &e), -1); /* one at a time */
	assert_int_equal(freed, 3);
	work_stop(b->app->work);
	finish(b);
	assert_int_equal(freed, 4);
	assert_int_equal(work_start(b->app, &task_kind, new_task(0, true), &e), 0);
	work_abandon(b->app);
	assert_null(b->app->work);
	assert_int_equal(freed, 5);
}

#define BED(test) cmocka_unit_test_setup_teardown(test, bed_open, bed_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    BED(screens_are_left), BED(help_is_help_everywhere), BED(own_keys_stay), BED(actions_and_commands), BED(too_small), BED(too_small_is_blind), BED(dialogs_below), BED(over_a_text),
	    BED(dialog_waits),     BED(dialog_choices),       BED(dialog_wants_a_text),
	    BED(dialog_of_any_length), BED(yes_or_no),        BED(work_in_the_background),
	};
	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
