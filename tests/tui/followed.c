/* SPDX-License-Identifier: ISC */
/* The job that screens follow: made of the draft, and its questions as dialogs. */
#include "config.h"

#include "help.h"

#include "tui/credential.h"
#include "tui/make_job.h"
#include "tui/questions.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/path.h"
#include "model/json.h"
#include "model/plan.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/start.h"

#include <libssh/libssh.h>
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

static struct {
	size_t n;
	unsigned how; /* the last one, START_... */
} starts;

static int no_process(struct app *a, const char *id, unsigned how, struct err *e)
{
	(void)a, (void)id, (void)e;
	starts.n++;
	starts.how = how;
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
	starts.n = starts.how = 0;
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

static void name_means(struct bench *b, const char *name, const char *id)
{
	struct err e = {0};
	char *found = create_find(b->store, name, &e);
	assert_non_null(found);
	assert_string_equal(found, id);
	struct jobview *v = create_view(b->store, id, &e);
	assert_string_equal(v->job->name, name);
	assert_int_equal(v->superseded, strchr(name, '(') != NULL);
	jobview_free(v);
	free(found);
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
	name_means(b, "friday", b->app->job);
	name_means(b, "friday (1)", first);
	free(first);
}

static int count_text(struct bench *b, const char *text)
{
	struct str picture = {0};
	int n = 0;
	term_dump(b->term, false, &picture);
	for (const char *at = str_text(&picture); (at = strstr(at, text)); at++)
		n++;
	str_release(&picture);
	return n;
}

static void look(struct bench *b)
{
	app_tick(b->app);
	app_tick(b->app);
	app_draw(b->app);
}

/* Another order of roles: one job for who looks at it, of one name; the one before is no job of its own. */
static void another_order_is_one_job(void **state)
{
	static const char *const orders[] = {"edge-first", "procedure", "edge-first"};
	struct bench *b = *state;
	app_open(b->app, &screen_home, NULL);
	fill_draft(b);
	make(b);
	append_state(b, b->app->job, "ready");
	look(b);
	for (size_t i = 0; i < LEN(orders); i++) {
		values_set(&b->app->draft->options, "order", orders[i]);
		make(b);
		append_state(b, b->app->job, "ready");
		look(b);
		assert_int_equal(count_text(b, "ready"), 1);
		assert_int_equal(count_text(b, "friday ("), 0);
	}
	name_means(b, "friday", b->app->job);
	app_open(b->app, &screen_home, NULL); /* and who comes later sees the same */
	look(b);
	assert_int_equal(count_text(b, "ready"), 1);
	assert_int_equal(count_text(b, "friday ("), 0);
	app_open(b->app, &screen_history, NULL);
	look(b);
	look(b); /* read what is seen */
	assert_int_equal(count_text(b, "friday ("), 3);
	assert_int_equal(count_text(b, "superseded"), 3);
	assert_int_equal(count_text(b, "ready"), 1);
	app_key(b->app, K_END);
	app_key(b->app, K_ENTER);
	look(b);
	shows(b, "friday (1)");
	shows(b, "another one was made in its place");
}

/* What was started keeps its name, and another one cannot have it. */
static void started_keeps_its_name(void **state)
{
	struct bench *b = *state;
	fill_draft(b);
	make(b);
	char *first = xstrdup(b->app->job);
	append_state(b, first, "running");
	values_set(&b->app->draft->options, "order", "edge-first");
	assert_false(make_job(b->app));
	name_means(b, "friday", first);
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

/* --- leaving ---------------------------------------------------------------------------------- */

static const char *top_screen(const struct bench *b)
{
	return b->app->stack.n ? b->app->stack.v[b->app->stack.n - 1].kind->name : "";
}

static void add_plan(struct bench *b)
{
	const struct inventory *inv = app_view(b->app)->job->inventory;
	struct plan *p = plan_new();
	struct plan_stage *s = VEC_ADD(&p->stages);
	s->name = xstrdup("leaf");
	size_t device = 0;
	struct plan_batch *batch = VEC_ADD(&s->batches);
	batch->estimate_ms = 1000;
	VEC_PUSH(&batch->devices, device);
	struct plan_device *d = VEC_ADD(&p->devices);
	d->device = device;
	plan_seal(p, inv);
	append(b, b->app->job,
	       record_json(record_new(RECORD_PLAN, NULL, NULL), "plan", plan_to_json(p, inv)));
	plan_free(p);
}

/* One rule on all of its steps: the wizard is left as a whole, nothing is asked, and it is entered again
 * where it was. The screen of the bench stands for the first one. */
static void wizard_is_left_alike(void **state)
{
	static const struct {
		const struct screen *screen;
		const char *again; /* where it goes on */
	} steps[] = {{&screen_select, "select"},   {&screen_review, "review"},
		     {&screen_name, "name"},       {&screen_options, "options"},
		     {&screen_checks, "checks"},   {&screen_preview, "preview"},
		     {&screen_confirm, "preview"}};
	struct bench *b = *state;
	fill_draft(b);
	make(b);
	char *job = xstrdup(b->app->job);
	append_state(b, job, "checking");
	add_plan(b);
	append_state(b, job, "ready");
	for (size_t i = 0; i < LEN(steps); i++) {
		struct err e = {0};
		good(app_follow(b->app, job, &e), &e);
		for (size_t k = 0; k <= i; k++)
			app_open(b->app, steps[k].screen, NULL);
		assert_string_equal(top_screen(b), steps[i].screen->name);
		if (i >= 4) /* as wizard_checks() does it */
			wizard_at(b->app, "checks");
		app_key(b->app, app_typing(b->app) ? K_CTRL('X') : 'q');
		assert_string_equal(top_screen(b), "text");
		assert_int_equal(b->app->stack.n, 1);
		assert_int_equal(b->app->dialogs.n, 0);
		assert_false(b->app->quit);
		assert_string_equal(b->app->draft->job, job);
		wizard_enter(b->app);
		assert_string_equal(top_screen(b), steps[i].again);
		app_key(b->app, app_typing(b->app) ? K_CTRL('X') : 'q');
		assert_string_equal(top_screen(b), "text");
	}
	free(job);
}

/* What is no step of it is left alone, also what only looks like one. */
static void others_are_left_alone(void **state)
{
	struct bench *b = *state;
	app_open(b->app, &screen_select, NULL);
	app_open(b->app, &screen_images, NULL);
	app_key(b->app, 'q');
	assert_string_equal(top_screen(b), "select");
	app_key(b->app, 'q');
	assert_string_equal(top_screen(b), "text");
	fill_draft(b);
	make(b);
	add_plan(b);
	append_state(b, b->app->job, "running");
	app_tick(b->app);
	app_open(b->app, &screen_live, NULL);
	app_open(b->app, &screen_preview, NULL);
	app_key(b->app, 'q');
	assert_string_equal(top_screen(b), "live");
	app_key(b->app, 'q');
	assert_string_equal(top_screen(b), "text");
	assert_false(b->app->quit);
	app_key(b->app, 'q');
	assert_true(b->app->quit);
}

/* A dialog is put off, not the program ended: the key means the same over it. */
static void dialog_is_left_alike(void **state)
{
	struct bench *b = *state;
	app_open(b->app, &screen_select, NULL);
	app_confirm(b->app, xstrdup("A question"), xstrdup("?"), "Yes", NULL, NULL);
	b->clock.ms += DIALOG_GUARD_MS;
	app_key(b->app, K_CTRL('X'));
	assert_int_equal(b->app->dialogs.n, 0);
	assert_false(b->app->quit);
	assert_string_equal(top_screen(b), "text");
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

/* How the round of checks ends, for the only device. */
static void login_is(struct bench *b, const char *status)
{
	struct record *r = record_new(RECORD_CHECK, "leaf01", NULL);
	record_text(r, "check", "login");
	record_text(r, "status", status);
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
	app_tick(b->app);
	append_state(b, b->app->job, "checking");
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

static int rechecks(struct bench *b)
{
	struct err e = {0};
	int n = 0;
	good(store_commands(b->store, b->app->job, count_rechecks, &n, &e) < 0 ? -1 : 0, &e);
	return n;
}

static void begin_with_password(struct bench *b)
{
	struct err e = {0};
	char *path = path_join(b->f->dir, "credentials.json");
	good(path_write(path, PASSWORD, strlen(PASSWORD), &e), &e);
	free(path);
	fill_draft(b);
	make(b);
}

/* The checks begin before it is answered; what waited is asked when that round is over, once. */
static void password_holds_nobody_up(void **state)
{
	struct bench *b = *state;
	begin_with_password(b);
	assert_int_equal(b->app->dialogs.n, 1);
	assert_int_equal(starts.n, 1);
	assert_int_equal(starts.how, START_ASKED);
	struct owner *o = must_own(b->store, b->app->job);
	b->epoch = owner_epoch(o);
	append_state(b, b->app->job, "checking");
	app_tick(b->app);
	type_password(b, "right");
	app_tick(b->app);
	assert_int_equal(starts.n, 1); /* the first round goes on */
	login_is(b, "unknown");
	app_tick(b->app);
	assert_int_equal(starts.n, 1); /* its process has not left yet */
	owner_free(o);
	app_tick(b->app);
	assert_int_equal(starts.n, 2);
	assert_int_equal(starts.how, START_ANSWERED);
	assert_int_equal(known_passwords(b), 1);
	assert_int_equal(rechecks(b), 1);
	app_tick(b->app);
	assert_int_equal(starts.n, 2);
	append_state(b, b->app->job, "checking");
	app_tick(b->app);
	login_is(b, "passed");
	app_tick(b->app);
	assert_int_equal(starts.n, 2);
	assert_int_equal(rechecks(b), 0);
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

/* Who does not give it is told how, and is asked again with the checks. */
static void without_a_password(void **state)
{
	struct bench *b = *state;
	begin_with_password(b);
	app_open(b->app, &screen_checks, NULL);
	b->clock.ms += DIALOG_GUARD_MS;
	app_key(b->app, K_ESC);
	append_state(b, b->app->job, "checking");
	login_is(b, "unknown");
	app_tick(b->app);
	app_draw(b->app);
	shows(b, "What needs default is not checked; check again (r) asks for it");
	assert_int_equal(b->app->dialogs.n, 0);
	assert_int_equal(starts.n, 1); /* nothing is tried by itself */
	app_key(b->app, 'r');
	assert_int_equal(b->app->dialogs.n, 1);
	assert_int_equal(starts.n, 2);
	assert_int_equal(starts.how, START_ASKED);
}

/* --- key files -------------------------------------------------------------------------------- */

static void type_text(struct bench *b, const char *text)
{
	for (; *text; text++)
		app_key(b->app, *text);
}

static bool is_there(struct bench *b, const char *credential)
{
	struct credentials list = {0};
	struct err e = {0};
	good(desk_credentials(b->store, &list, &e), &e);
	bool there = credentials_find(&list, credential) != NULL;
	credentials_release(&list);
	return there;
}

/* In the form, the cursor on the field of the file: save with this one. */
static bool saved_with(struct bench *b, const char *path)
{
	app_key(b->app, K_CTRL('U'));
	type_text(b, path);
	app_key(b->app, K_ENTER);
	app_tick(b->app);
	app_draw(b->app);
	return is_there(b, "rack");
}

static char *make_key(struct bench *b, const char *name, const char *passphrase)
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
	struct bench *b = *state;
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
	shows(b, "is not a private key");
	assert_string_equal(top_screen(b), "credential");
	assert_true(saved_with(b, locked)); /* asked for its passphrase when it is used */
	assert_int_equal(b->app->dialogs.n, 0);
	free(wrong), free(locked);
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
	    TEST(another_order_is_one_job), TEST(started_keeps_its_name),
	    TEST(wizard_is_left_alike), TEST(others_are_left_alone),
	    TEST(dialog_is_left_alike), TEST(no_key_no_credential),
	    TEST(running_is_cancelled_first), TEST(nothing_chosen_is_said),
	    TEST(what_is_missing_is_named), TEST(advice_names_the_key), TEST(password_is_asked), TEST(refused_in_the_middle),
	    TEST(without_a_password), TEST(password_holds_nobody_up), TEST(order_is_forgotten),
	    TEST(asked_once), TEST(answered_elsewhere), TEST(nothing_to_answer),
	    TEST(answer_goes_to_the_job), TEST(not_while_typing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
