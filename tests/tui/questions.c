/* SPDX-License-Identifier: ISC */
/* What is asked: passwords, key files, and the questions of a job as dialogs. */
#include "config.h"

#include "station.h"

#include "tui/credential.h"
#include "tui/make_job.h"
#include "tui/questions.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/path.h"
#include "model/json.h"
#include "run/desk.h"
#include "run/start.h"

#include <libssh/libssh.h>
#include <stdlib.h>
#include <string.h>

/* --- passwords -------------------------------------------------------------------------------- */

#define PASSWORD                                                                                   \
	"{\"format\":1,\"credentials\":[{\"name\":\"default\",\"user\":\"anna\","                    \
	"\"method\":\"password\"}]}"

static void type_password(struct station *b, const char *text)
{
	b->clock.ms += DIALOG_GUARD_MS;
	for (; *text; text++)
		app_key(b->app, *text);
	app_key(b->app, K_ENTER);
}

static size_t known_passwords(const struct station *b)
{
	size_t n;
	(void)secrets_list(b->app->secrets, &n);
	return n;
}

/* How the round of checks ends, for the only device. */
static void login_is(struct station *b, const char *status)
{
	struct record *r = record_new(RECORD_CHECK, "leaf01", NULL);
	record_text(r, "check", "login");
	record_text(r, "status", status);
	station_append(b, b->app->job, record_text(r, "severity", "error"));
	station_state(b, b->app->job, "refused");
	app_tick(b->app);
}

/* It is asked for once, however often a process is wanted; and again when it was wrong. */
static void password_is_asked(void **state)
{
	static const struct order_words recheck = {.verb = "recheck"};
	struct station *b = *state;
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	station_draft(b);
	station_make(b);
	app_start_process(b->app);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "wrong");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(known_passwords(b), 1);
	app_tick(b->app);
	station_state(b, b->app->job, "checking");
	login_is(b, "failed"); /* by a process that began without it, so nothing about it is known */
	assert_true(app_order(b->app, &recheck));
	assert_int_equal(known_passwords(b), 0);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "right");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(known_passwords(b), 1);
}

static int count_rechecks(void *ctx, const cJSON *command, struct err *e)
{
	(void)e;
	*(int *)ctx += str_eq(json_text(command, "verb"), "recheck");
	return 0;
}

static int rechecks(struct station *b)
{
	struct err e = {0};
	int n = 0;
	good(store_commands(b->store, b->app->job, count_rechecks, &n, &e) < 0 ? -1 : 0, &e);
	return n;
}

static void begin_with_password(struct station *b)
{
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	station_draft(b);
	station_make(b);
}

/* The checks begin before it is answered; what waited is asked when that round is over, once. */
static void password_holds_nobody_up(void **state)
{
	struct station *b = *state;
	begin_with_password(b);
	assert_int_equal(b->app->dialogs.n, 1);
	assert_int_equal(station_starts.n, 1);
	assert_int_equal(station_starts.how, START_ASKED);
	struct owner *o = must_own(b->store, b->app->job);
	b->epoch = owner_epoch(o);
	station_state(b, b->app->job, "checking");
	app_tick(b->app);
	type_password(b, "right");
	app_tick(b->app);
	assert_int_equal(station_starts.n, 1); /* the first round goes on */
	login_is(b, "unknown");
	app_tick(b->app);
	assert_int_equal(station_starts.n, 1); /* its process has not left yet */
	owner_free(o);
	app_tick(b->app);
	assert_int_equal(station_starts.n, 2);
	assert_int_equal(station_starts.how, START_ANSWERED);
	assert_int_equal(known_passwords(b), 1);
	assert_int_equal(rechecks(b), 1);
	app_tick(b->app);
	assert_int_equal(station_starts.n, 2);
	station_state(b, b->app->job, "checking");
	app_tick(b->app);
	login_is(b, "passed");
	app_tick(b->app);
	assert_int_equal(station_starts.n, 2);
	assert_int_equal(rechecks(b), 0);
}

/* In the middle of the run: the job's process leaves, and the next one is told another password. */
static void refused_in_the_middle(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	station_draft(b);
	station_make(b);
	app_start_process(b->app);
	type_password(b, "was right");
	station_state(b, b->app->job, "running");
	app_tick(b->app);
	assert_int_equal(known_passwords(b), 1);
	struct record *r = record_new(RECORD_NOTE, "leaf01", NULL);
	record_text(r, "text", "leaf01: the login was refused (credential default)");
	station_append(b, b->app->job, record_text(r, "refused", "default"));
	app_tick(b->app);
	assert_int_equal(known_passwords(b), 0);
	app_start_process(b->app);
	assert_int_equal(b->app->dialogs.n, 1);
	type_password(b, "new");
	app_tick(b->app); /* the note is old: it does not take the new one */
	assert_int_equal(known_passwords(b), 1);
}

/* Who does not give it is told how, and is asked again with the checks. */
static void without_a_password(void **state)
{
	struct station *b = *state;
	begin_with_password(b);
	app_open(b->app, &screen_checks, NULL);
	b->clock.ms += DIALOG_GUARD_MS;
	app_key(b->app, K_ESC);
	station_state(b, b->app->job, "checking");
	login_is(b, "unknown");
	app_tick(b->app);
	app_draw(b->app);
	station_shows(b, "What needs default is not checked; check again (r) asks for it");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(station_starts.n, 1); /* nothing is tried by itself */
	app_key(b->app, 'r');
	assert_int_equal(b->app->dialogs.n, 1);
	assert_int_equal(station_starts.n, 2);
	assert_int_equal(station_starts.how, START_ASKED);
}

/* --- key files -------------------------------------------------------------------------------- */

static void type_text(struct station *b, const char *text)
{
	for (; *text; text++)
		app_key(b->app, *text);
}

static bool is_there(struct station *b, const char *credential)
{
	struct credentials list = {0};
	struct err e = {0};
	good(desk_credentials(b->store, &list, &e), &e);
	bool there = credentials_find(&list, credential) != NULL;
	credentials_release(&list);
	return there;
}

/* In the form, the cursor on the field of the file: save with this one. */
static bool saved_with(struct station *b, const char *path)
{
	app_key(b->app, K_CTRL('U'));
	type_text(b, path);
	app_key(b->app, K_ENTER);
	app_tick(b->app);
	app_draw(b->app);
	return is_there(b, "rack");
}

static char *make_key(struct station *b, const char *name, const char *passphrase)
{
	char *path = path_join(b->f->top, name);
	ssh_key key;
	assert_int_equal(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key), SSH_OK);
	assert_int_equal(ssh_pki_export_privkey_file(key, passphrase, NULL, NULL, path), SSH_OK);
	ssh_key_free(key);
	return path;
}

/* What is no private key is not saved, as on the command line: it would only be found out by the checks. */
static void no_key_no_credential(void **state)
{
	struct station *b = *state;
	struct err e = {0};
	char *wrong = path_join(b->f->top, "wrong"), *locked = make_key(b, "locked", "hush");
	good(path_write(wrong, "ssh-ed25519 AAAA", 16, &e), &e);
	app_open(b->app, &screen_credential_form, NULL);
	app_key(b->app, K_CTRL('U'));
	type_text(b, "rack");
	app_key(b->app, K_DOWN);
	type_text(b, "anna");
	app_key(b->app, K_DOWN);
	app_key(b->app, ' ');
	app_key(b->app, K_DOWN);
	assert_false(saved_with(b, wrong));
	station_shows(b, "is not a private key");
	assert_string_equal(station_top(b), "credential");
	assert_true(saved_with(b, locked)); /* asked for its passphrase when it is used */
	assert_int_equal(b->app->dialogs.n, 0);
	free(wrong), free(locked);
}

/* --- questions -------------------------------------------------------------------------------- */

static void ask(struct station *b, int64_t id)
{
	struct record *r = record_new(RECORD_QUESTION, "leaf01", NULL);
	record_number(r, "id", id);
	record_text(r, "kind", "unknown-outcome");
	record_text(r, "text", "Was it installed?");
	station_append(b, b->app->job, record_text(r, "choices", "done|retry|fail"));
	struct record *held = record_new(RECORD_TASK, "leaf01", NULL);
	station_append(b, b->app->job, record_text(held, "state", "held"));
	app_tick(b->app);
}

static void press(struct station *b, keycode key)
{
	b->clock.ms += 2 * DIALOG_GUARD_MS;
	app_key(b->app, key);
	app_tick(b->app);
}

static void begin(struct station *b)
{
	station_draft(b);
	station_make(b);
	station_state(b, b->app->job, "running");
}

static void asked_once(void **state)
{
	struct station *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	app_draw(b->app);
	station_shows(b, "leaf01");
	station_shows(b, "Was it installed?");
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
	struct station *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	struct record *r = record_new(RECORD_ANSWER, "leaf01", NULL);
	record_number(r, "id", 1);
	station_append(b, b->app->job, record_text(record_text(r, "answer", "done"), "who", "anna"));
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
	assert_null(questions_open(b->app));
	app_key(b->app, 'q'); /* was for the dialog */
	assert_false(b->app->quit);
}

/* Whose device goes on, or is counted as failed, no answer can help any more: the engine refuses it. */
static void nothing_to_answer(void **state)
{
	struct station *b = *state;
	begin(b);
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 1);
	struct record *r = record_new(RECORD_TASK, "leaf01", NULL);
	station_append(b, b->app->job, record_text(r, "state", "failed"));
	app_tick(b->app);
	assert_int_equal(b->app->dialogs.n, 0);
	assert_null(questions_open(b->app));
	press(b, 'A');
	assert_int_equal(b->app->dialogs.n, 0);
	app_draw(b->app);
	station_shows(b, "no question is open");
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
	struct station *b = *state;
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
	struct station *b = *state;
	begin(b);
	press(b, ':');
	ask(b, 1);
	assert_int_equal(b->app->dialogs.n, 0);
	press(b, K_ESC);
	assert_int_equal(b->app->dialogs.n, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, station_setup, station_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(password_is_asked),
	    TEST(password_holds_nobody_up),
	    TEST(refused_in_the_middle),
	    TEST(without_a_password),
	    TEST(no_key_no_credential),
	    TEST(asked_once),
	    TEST(answered_elsewhere),
	    TEST(nothing_to_answer),
	    TEST(answer_goes_to_the_job),
	    TEST(not_while_typing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
