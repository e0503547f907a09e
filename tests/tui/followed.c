/* SPDX-License-Identifier: ISC */
/* The job that screens follow: made of the draft, and its questions as dialogs. */
#include "config.h"

#include "help.h"

#include "tui/make_job.h"
#include "tui/questions.h"
#include "tui/screens.h"

#include "base/path.h"
#include "model/json.h"
#include "run/create.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

#define INVENTORY                                                                                  \
	"{\"format\":1,\"devices\":[{\"name\":\"leaf01\",\"address\":\"192.0.2.1\","               \
	"\"platform\":\"cumulus-linux\",\"role\":\"leaf\"}]}"

struct bench {
	struct fixture *f;
	struct store *store;
	struct clock_virtual clock;
	struct terminal *term;
	FILE *in, *out;
	struct app *app;
	int64_t epoch; /* of the job's owner; 0: it had none */
};

static int no_process(struct app *a, const char *id, struct err *e)
{
	(void)a, (void)id, (void)e;
	return 0;
}

static void take_inventory(struct bench *b)
{
	struct err e = {0};
	char *path = path_join(b->f->top, "in.json");
	good(path_write(path, INVENTORY, strlen(INVENTORY), &e), &e);
	struct inventory *inv = inventory_load(path, &e);
	assert_non_null(inv);
	good(desk_inventory_save(b->store, inv, &e), &e);
	inventory_free(inv);
	free(path);
}

static int setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	void *fixture = NULL;
	if (fixture_setup(&fixture) != 0)
		return -1;
	b->f = fixture;
	b->store = must_open(b->f->dir);
	clock_virtual_init(&b->clock, 1000, 1795226640000);
	b->in = fopen("/dev/null", "re");
	b->out = fopen("/dev/null", "we");
	b->term = term_open(&(struct term_options){.headless = true, .lines = 24, .columns = 80,
						   .type = "vt100", .in = b->in, .out = b->out},
			    &e);
	b->app = b->term ? app_new(b->term, b->store, &b->clock.clock, &e) : NULL;
	if (!b->app)
		return -1;
	b->app->start = no_process;
	take_inventory(b);
	app_open(b->app, &screen_text, &(struct text_argument){.title = "a screen"});
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;
	void *fixture = b->f;
	app_free(b->app);
	term_close(b->term);
	fclose(b->in);
	fclose(b->out);
	store_close(b->store);
	free(b);
	return fixture_teardown(&fixture);
}

static void append(struct bench *b, const char *job, struct record *r)
{
	struct err e = {0};
	struct record *list[] = {r};
	good(store_append(b->store, job, b->epoch, list, 1, &e), &e);
	record_free(r);
}

static void append_state(struct bench *b, const char *job, const char *state)
{
	append(b, job, record_text(record_new(RECORD_STATE, NULL, NULL), "state", state));
}

static void fill_draft(struct bench *b)
{
	draft_set(b->app->draft, "leaf01", true);
	draft_text(&b->app->draft->name, "friday");
	draft_text(&b->app->draft->version, "4.2.0");
}

static void make(struct bench *b)
{
	bool made = make_job(b->app);
	if (!made)
		print_error("%s\n", b->app->message);
	assert_true(made);
}

static void shows(struct bench *b, const char *text)
{
	struct str picture = {0};
	term_dump(b->term, false, &picture);
	if (!strstr(str_text(&picture), text))
		print_error("%s", str_text(&picture));
	assert_non_null(strstr(str_text(&picture), text));
	str_release(&picture);
}

/* --- a job of the draft ----------------------------------------------------------------------- */

static void equal_is_entered_again(void **state)
{
	struct bench *b = *state;
	struct err e = {0};
	fill_draft(b);
	make(b);
	assert_non_null(b->app->job);
	assert_string_equal(b->app->draft->job, b->app->job);
	char *first = xstrdup(b->app->job);
	append_state(b, first, "ready");
	make(b);
	assert_string_equal(b->app->job, first);
	good(app_follow(b->app, b->app->job, &e), &e); /* its own string */
	assert_string_equal(b->app->job, first);
	struct draft *kept = draft_load(b->store, &e);
	assert_string_equal(kept->job, first);
	draft_free(kept);
	free(first);
}

static void different_is_another_job(void **state)
{
	struct bench *b = *state;
	fill_draft(b);
	make(b);
	char *first = xstrdup(b->app->job);
	append_state(b, first, "ready");
	values_set(&b->app->draft->options, "order", "edge-first");
	make(b);
	assert_string_not_equal(b->app->job, first);
	assert_string_equal(b->app->draft->job, b->app->job);
	assert_string_equal(app_view(b->app)->job->name, "friday");
	assert_string_equal(app_view(b->app)->job->order[0], "leaf");
	free(first);
}

static int count_cancels(void *ctx, const cJSON *command, struct err *e)
{
	(void)e;
	*(int *)ctx += str_eq(json_text(command, "verb"), "cancel");
	return 0;
}

static void running_is_cancelled_first(void **state)
{
	struct bench *b = *state;
	struct err e = {0};
	int cancels = 0;
	fill_draft(b);
	make(b);
	char *first = xstrdup(b->app->job);
	struct owner *o = must_own(b->store, first);
	b->epoch = owner_epoch(o);
	append_state(b, first, "checking");
	values_set(&b->app->draft->options, "order", "edge-first");
	make(b);
	assert_true(b->app->making);
	assert_string_equal(b->app->job, first);
	good(store_commands(b->store, first, count_cancels, &cancels, &e) < 0 ? -1 : 0, &e);
	assert_int_equal(cancels, 1);
	app_tick(b->app); /* nobody has carried it out yet */
	assert_string_equal(b->app->job, first);
	append_state(b, first, "cancelled");
	owner_free(o);
	app_tick(b->app);
	assert_false(b->app->making);
	assert_string_not_equal(b->app->job, first);
	free(first);
}

static void nothing_chosen_is_said(void **state)
{
	struct bench *b = *state;
	assert_false(make_job(b->app));
	assert_non_null(b->app->message);
	assert_null(b->app->job);
}

/* What was asked for is not said any longer than it is true. */
static void order_is_forgotten(void **state)
{
	struct bench *b = *state;
	fill_draft(b);
	make(b);
	append_state(b, b->app->job, "running");
	app_tick(b->app);
	app_say(b->app, ROLE_INFO, "Asked to go on");
	app_tick(b->app);
	assert_non_null(b->app->message);
	append_state(b, b->app->job, "held");
	app_tick(b->app);
	assert_null(b->app->message);
	app_say(b->app, ROLE_ERROR, "it went wrong");
	append_state(b, b->app->job, "running");
	app_tick(b->app);
	assert_non_null(b->app->message);
}

/* --- what is missing -------------------------------------------------------------------------- */

static void add_package(struct bench *b)
{
	struct err e = {0};
	char *path = path_join(b->f->top, "agent-4.2.0.deb");
	struct image image = {.kind = xstrdup("agent"),
			      .name = xstrdup("agent-4.2.0.deb"),
			      .version = xstrdup("4.2.0"),
			      .platform = xstrdup("cumulus-linux")};
	bool known;
	good(path_write(path, "a package", 9, &e), &e);
	good(store_image_add(b->store, path, &image, &known, NULL, NULL, &e), &e);
	image_release(&image);
	free(path);
}

static void what_is_missing_is_named(void **state)
{
	struct bench *b = *state;
	app_open(b->app, &screen_home, NULL);
	app_draw(b->app);
	shows(b, "No image yet");
	app_back(b->app);
	add_package(b);
	app_open(b->app, &screen_home, NULL);
	app_draw(b->app);
	shows(b, "Only packages so far: add the image");
}

/* --- advice ------------------------------------------------------------------------------------ */

/* What it says in words of the command line is a key here. */
static void advice_names_the_key(void **state)
{
	struct bench *b = *state;
	fill_draft(b);
	make(b);
	struct record *r = record_new(RECORD_CHECK, "leaf01", NULL);
	record_text(r, "check", "login");
	record_text(r, "status", "failed");
	record_text(r, "severity", "error");
	record_text(r, "message", "Cannot log in");
	record_text(r, "advice", "Correct the credential (hitless credential test).");
	append(b, b->app->job, r);
	append_state(b, b->app->job, "refused");
	app_tick(b->app);
	app_open(b->app, &screen_checks, NULL);
	app_draw(b->app);
	shows(b, "Here: c Logins. Correct the credential (hitless credential test).");
	app_key(b->app, ' '); /* the evidence: the key is that of another screen, the word works */
	app_draw(b->app);
	shows(b, "Here: c Logins. Correct");
	app_key(b->app, 'q');
	app_key(b->app, 'c');
	app_draw(b->app);
	shows(b, "hitless  Credentials");
}

/* --- passwords -------------------------------------------------------------------------------- */

#define PASSWORD                                                                                   \
	"{\"format\":1,\"credentials\":[{\"name\":\"default\",\"user\":\"anna\","                    \
	"\"method\":\"password\"}]}"

static void type_password(struct bench *b, const char *text)
{
	b->clock.ms += DIALOG_GUARD_MS;
	for (; *text; text++)
		app_key(b->app, *text);
	app_key(b->app, K_ENTER);
}

static size_t known_passwords(const struct bench *b)
{
	size_t n;
	(void)secrets_list(b->app->secrets, &n);
	return n;
}

static void refuse_login(struct bench *b)
{
	struct record *r = record_new(RECORD_CHECK, "leaf01", NULL);
	record_text(r, "check", "login");
	record_text(r, "status", "failed");
	append(b, b->app->job, record_text(r, "severity", "error"));
	append_state(b, b->app->job, "refused");
	app_tick(b->app);
}

/* It is asked for once, however often a process is wanted; and again when it was wrong. */
static void password_is_asked(void **state)
{
	static const struct order_words recheck = {.verb = "recheck"};
	struct bench *b = *state;
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	fill_draft(b);
	make(b);
	app_start_process(b->app);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "wrong");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(known_passwords(b), 1);
	refuse_login(b);
	assert_true(app_order(b->app, &recheck));
	assert_int_equal(known_passwords(b), 0);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "right");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(known_passwords(b), 1);
}

/* In the middle of the run: the job's process leaves, and the next one is told another password. */
static void refused_in_the_middle(void **state)
{
	struct bench *b = *state;
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	fill_draft(b);
	make(b);
	app_start_process(b->app);
	type_password(b, "was right");
	append_state(b, b->app->job, "running");
	app_tick(b->app);
	assert_int_equal(known_passwords(b), 1);
	struct record *r = record_new(RECORD_NOTE, "leaf01", NULL);
	record_text(r, "text", "leaf01: the login was refused (credential default)");
	append(b, b->app->job, record_text(r, "refused", "default"));
	app_tick(b->app);
	assert_int_equal(known_passwords(b), 0);
	app_start_process(b->app);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "new");
	app_tick(b->app); /* the note is old: it does not take the new one */
	assert_int_equal(known_passwords(b), 1);
}

/* Who does not give it reads that nothing goes on, and how it would. */
static void no_password_no_checks(void **state)
{
	struct bench *b = *state;
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	fill_draft(b);
	make(b);
	app_open(b->app, &screen_checks, NULL);
	app_start_process(b->app);
	assert_int_equal(b->app->dialogs.n, 1);
	b->clock.ms += DIALOG_GUARD_MS;
	app_key(b->app, K_ESC);
	app_tick(b->app);
	app_draw(b->app);
	shows(b, "No process works on the checks now; r begins them");
	app_key(b->app, 'r');
	assert_int_equal(b->app->dialogs.n, 1);
}

/* --- questions -------------------------------------------------------------------------------- */

static void ask(struct bench *b, int64_t id)
{
	struct record *r = record_new(RECORD_QUESTION, "leaf01", NULL);
	record_number(r, "id", id);
	record_text(r, "kind", "unknown-outcome");
	record_text(r, "text", "Was it installed?");
	append(b, b->app->job, record_text(r, "choices", "done|retry|fail"));
	struct record *held = record_new(RECORD_TASK, "leaf01", NULL);
	append(b, b->app->job, record_text(held, "state", "held"));
	app_tick(b->app);
}

static void press(struct bench *b, keycode key)
{
	b->clock.ms += 2 * DIALOG_GUARD_MS;
	app_key(b->app, key);
	app_tick(b->app);
}

static void begin(struct bench *b)
{
	fill_draft(b);
	make(b);
	append_state(b, b->app->job, "running");
}

static void asked_once(void **state)
{
	struct bench *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	app_draw(b->app);
	shows(b, "leaf01");
	shows(b, "Was it installed?");
	char *cut = term_cut_labels(b->term);
	assert_string_equal(cut, "");
	free(cut);
	press(b, K_ESC); /* later */
	assert_int_equal(b->app->dialogs.n, 0);
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
	press(b, 'A');
	assert_int_equal(b->app->dialogs.n, 1);
	press(b, K_ESC);
	ask(b, 2); /* another one is shown by itself again */
	assert_int_equal(b->app->dialogs.n, 1);
}

static void answered_elsewhere(void **state)
{
	struct bench *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	struct record *r = record_new(RECORD_ANSWER, "leaf01", NULL);
	record_number(r, "id", 1);
	append(b, b->app->job, record_text(record_text(r, "answer", "done"), "who", "anna"));
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
	assert_null(questions_open(b->app));
	app_key(b->app, 'q'); /* was for the dialog */
	assert_false(b->app->quit);
}

/* Whose device goes on, or is counted as failed, no answer can help any more: the engine refuses it. */
static void nothing_to_answer(void **state)
{
	struct bench *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	struct record *r = record_new(RECORD_TASK, "leaf01", NULL);
	append(b, b->app->job, record_text(r, "state", "failed"));
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
	assert_null(questions_open(b->app));
	press(b, 'A');
	assert_int_equal(b->app->dialogs.n, 0);
	app_draw(b->app);
	shows(b, "no question is open");
}

static int last_answer(void *ctx, const cJSON *command, struct err *e)
{
	char **out = ctx;
	(void)e;
	if (str_eq(json_text(command, "verb"), "answer")) {
		free(*out);
		*out = xstrdup(json_text(command, "text"));
	}
	return 0;
}

static void answer_goes_to_the_job(void **state)
{
	struct bench *b = *state;
	struct err e = {0};
	char *given = NULL;
	begin(b);
	ask(b, 1);
	press(b, 'r'); /* its first letter chooses */
	press(b, K_ENTER);
	good(store_commands(b->store, b->app->job, last_answer, &given, &e) < 0 ? -1 : 0, &e);
	assert_non_null(given);
	assert_string_equal(given, "retry");
	free(given);
}

static void not_while_typing(void **state)
{
	struct bench *b = *state;
	begin(b);
	press(b, ':');
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 0);
	press(b, K_ESC);
	assert_int_equal(b->app->dialogs.n, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(equal_is_entered_again), TEST(different_is_another_job),
	    TEST(running_is_cancelled_first), TEST(nothing_chosen_is_said),
	    TEST(what_is_missing_is_named), TEST(advice_names_the_key), TEST(password_is_asked), TEST(refused_in_the_middle),
	    TEST(no_password_no_checks), TEST(order_is_forgotten),
	    TEST(asked_once), TEST(answered_elsewhere), TEST(nothing_to_answer),
	    TEST(answer_goes_to_the_job), TEST(not_while_typing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
