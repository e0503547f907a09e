/* SPDX-License-Identifier: ISC */
/* The job that the screens are about: following it, giving it orders, and a process for it. */
#include "config.h"

#include "tui/app_parts.h"
#include "tui/make_job.h"
#include "tui/questions.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/gone.h"
#include "run/start.h"
#include "run/status.h"

#include <stdlib.h>
#include <string.h>

/* Not from its last record: that may be long ago. */
static void set_job_clock(struct app *a)
{
	const struct jobview *v = app_view(a);
	a->job_seen = a->clock->now(a->clock);
	a->job_wall = v ? status_clock(a->store, v, a->job, app_wall(a), a->job_running) : 0;
}

/* Its clock is not where we think: a record is of a later time. */
static bool is_ahead(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return v && a->job_speed > 1 && v->last >= app_job_wall(a);
}

int app_follow(struct app *a, const char *id, struct err *e)
{
	struct follow *f = id ? follow_new(a->store, id, e) : NULL;
	if (id && !f)
		return -1;
	events_clear(&a->events);
	follow_free(a->follow);
	a->follow = f;
	char *followed = xstrdup(id);
	if (!str_eq(a->job, id)) {
		a->question_shown = 0;
		a->answered = ANSWERS_NONE;
	}
	free(a->job);
	a->job = followed;
	a->job_running = f && follow_running(f);
	app_changed(a);
	int n = f ? follow_update(f, events_see, &a->events, e) : 0;
	const struct jobview *v = app_view(a);
	a->job_speed = desk_setting(a->store, "clock-speed", 1);
	set_job_clock(a);
	a->state = v ? (int)v->state : 0;
	a->notes_seen = v ? v->notes.n : 0;
	return n < 0 ? -1 : 0;
}

const struct jobview *app_view(const struct app *a)
{
	const struct jobview *v = a->follow ? follow_view(a->follow) : NULL;
	return v && v->job ? v : NULL;
}

int64_t app_job_wall(const struct app *a)
{
	const struct jobview *v = app_view(a);
	if (!v || a->job_speed <= 1)
		return app_wall(a);
	int64_t now = a->job_wall + (a->clock->now(a->clock) - a->job_seen) * a->job_speed;
	return a->job_running && now > v->last ? now : v->last;
}

static void check_what_waited(struct app *a);

/* "Asked to go on" is no longer true when the job waits again. */
static void forget_what_was_asked(struct app *a)
{
	const struct jobview *v = app_view(a);
	if (!v || a->state == (int)v->state)
		return;
	a->state = (int)v->state;
	if (a->message_role != ROLE_INFO)
		return;
	app_unsay(a);
}

/* A password that was refused in the middle of the run is not given to the next process. */
static void forget_refused_now(struct app *a)
{
	const struct jobview *v = app_view(a);
	for (size_t i = a->notes_seen; v && i < v->notes.n; i++)
		if (v->notes.v[i].refused)
			secrets_forget(a->secrets, v->notes.v[i].refused);
	a->notes_seen = v ? v->notes.n : 0;
}

void app_follow_tick(struct app *a)
{
	struct err e = {0};
	if (!a->follow)
		return;
	bool running = follow_running(a->follow);
	int n = follow_update(a->follow, events_see, &a->events, &e);
	if (n < 0)
		app_fail(a, &e);
	bool other = running != a->job_running;
	a->job_running = running;
	if (other || (n > 0 && is_ahead(a)))
		set_job_clock(a);
	if (n > 0 || other)
		app_changed(a);
	forget_refused_now(a);
	forget_what_was_asked(a);
	a->ordered = a->ordered && n <= 0;
	if (a->ordered && !running) { /* it was about to leave and has not taken the order */
		a->ordered = false;
		app_start_process(a);
	}
	check_what_waited(a);
	questions_tick(a);
	make_job_tick(a);
}

/* --- a process for it ------------------------------------------------------------------------- */

/* What is not well with this machine is said once. */
static int start_process(struct app *a, unsigned how, struct err *e)
{
	struct str warnings = {0};
	int rc = start_prepare(a->store, app_view(a)->job->devices.n, &warnings, e);
	if (rc == 0 && warnings.len && !a->warned) {
		warnings.buf[strcspn(warnings.buf, "\n")] = '\0';
		app_say(a, ROLE_WARNING, _("This machine: %s (:doctor tells more)"), warnings.buf);
		a->warned = true;
	}
	str_release(&warnings);
	return rc == 0 ? start_job(a->store, a->job, a->secrets, how, true, &a->job_pid, e)
		       : -1;
}

static bool start_now(struct app *a, unsigned how)
{
	struct err e = {0};
	int rc = a->start ? a->start(a, a->job, how, &e) : start_process(a, how, &e);
	if (rc != 0 && !(e.kind == ERR_LOCKED && follow_running(a->follow)))
		app_fail(a, &e);
	return rc == 0;
}

/* --- secrets ---------------------------------------------------------------------------------- */

/* Pre-checks begin without them, and a dialog over their table asks. Who upgrades devices is told them
 * before: it would be held up in the middle. */
static bool checks_only(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return v && (v->state == JOB_NEW || v->state == JOB_CHECKING || v->state == JOB_REFUSED);
}

static void ask_next(struct app *a);

static void left_out(struct app *a, const char *credential)
{
	secrets_leave(a->secrets, credential); /* the devices of other credentials go on */
	if (!checks_only(a))
		return;
	app_say(a, ROLE_WARNING, _("What needs %s is not checked; check again (r) asks for it"),
		credential);
	if (secrets_is_last_of_several(a->store, credential))
		a->answered = ANSWERS_GIVEN;
}

static void give_password(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	struct secret *s = choice == 0 ? secret_new(text, strlen(text), &e) : NULL;
	if (choice > 1) {
		app_say(a, ROLE_WARNING, _("No password given: nothing was started"));
		return;
	}
	if (choice == 0 && !s) {
		app_fail(a, &e);
		return;
	}
	if (s) {
		secrets_add(a->secrets, ctx, s);
		a->answered = checks_only(a) ? ANSWERS_GIVEN : ANSWERS_NONE;
	} else {
		left_out(a, ctx);
	}
	ask_next(a);
}

static char *password_text(const struct app *a, const struct credential *c)
{
	if (checks_only(a))
		return xasprintf(_("Credential %s, user %s. It is kept in the memory of this program and of "
				   "the job's process only. The other devices are checked meanwhile; what "
				   "needs it waits."),
				 c->name, c->user);
	return xasprintf(_("Credential %s, user %s. It is kept in the memory of this program and of the "
			   "job's process only. Without it only the other devices are checked."),
			 c->name, c->user);
}

static void ask_password(struct app *a, const struct credential *c)
{
	bool key = c->method == CREDENTIAL_KEY, meanwhile = checks_only(a);
	dialog_open(a, (struct dialog){.title = xstrdup(key ? _("Passphrase") : _("Password")),
				       .text = password_text(a, c),
				       .choices = {_("Log in"), _("Without"),
						   meanwhile ? NULL : _("Cancel")},
				       .n_choices = meanwhile ? 2 : 3,
				       .field = true,
				       .secret = true,
				       .answer = give_password,
				       .ctx = xstrdup(c->name),
				       .free_ctx = free});
}

static bool asks_password(const struct app *a)
{
	for (size_t i = 0; i < a->dialogs.n; i++)
		if (a->dialogs.v[i].answer == give_password)
			return true;
	return false;
}

/* A typed secret that the pre-checks found to be wrong is asked for again. */
static void forget_refused(struct app *a, const struct jobview *v)
{
	for (size_t i = 0; v->state == JOB_REFUSED && i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		const struct check *k = procedure_check(v->procedure, c->check);
		if (c->device != NO_DEVICE && str_eq(c->status, "failed") && k &&
		    str_eq(k->builtin, "login-refused"))
			secrets_forget(a->secrets,
				       v->job->inventory->devices.v[c->device].credential);
	}
}

/* 1: the next secret of the job that is not there; 0: there is none; -1: that was said. */
static int missing_secret(struct app *a, struct credential *c)
{
	struct err e = {0};
	bool missing = false;
	const struct job *j = app_view(a)->job;
	if (secrets_missing(a->store, a->secrets, j->inventory, j->devices.v, j->devices.n, c,
			    &missing, &e) == 0)
		return missing;
	app_fail(a, &e);
	return -1;
}

/* When all is asked, a job that was started has what it waited for; pre-checks see to it themselves. */
static void ask_next(struct app *a)
{
	struct credential c = {0};
	if (!app_view(a) || asks_password(a))
		return;
	int missing = missing_secret(a, &c);
	if (missing > 0)
		ask_password(a, &c);
	else if (missing == 0 && !checks_only(a) && !follow_running(a->follow))
		(void)start_now(a, 0);
	credential_release(&c);
}

void app_start_process(struct app *a)
{
	struct credential c = {0};
	if (!app_view(a) || follow_running(a->follow) || asks_password(a))
		return;
	if (checks_only(a))
		secrets_forget_left(a->secrets);
	int missing = missing_secret(a, &c);
	if (missing == 0 || (missing > 0 && checks_only(a)))
		(void)start_now(a, missing ? START_ASKED : 0);
	if (missing > 0)
		ask_password(a, &c);
	credential_release(&c);
}

static bool give_order(struct app *a, const struct order_words *w);

/* The first round is over: what waited is asked now, and nothing that was refused in it is asked once
 * more. Not while a process has the job, which knows nothing of the answers. */
static void check_what_waited(struct app *a)
{
	static const struct order_words recheck = {.verb = "recheck"};
	const struct jobview *v = app_view(a);
	if (a->answered == ANSWERS_TAKEN && v && v->state != JOB_REFUSED)
		a->answered = ANSWERS_NONE;
	if (a->answered != ANSWERS_GIVEN || a->job_running || asks_password(a) || !v)
		return;
	a->answered = ANSWERS_NONE;
	if (v->state == JOB_NEW || v->state == JOB_CHECKING)
		(void)start_now(a, 0); /* its process has ended before its time */
	else if (v->state == JOB_REFUSED && app_can_order(a, &recheck, NULL) &&
		 give_order(a, &recheck) && start_now(a, START_ANSWERED))
		a->answered = ANSWERS_TAKEN;
}

/* --- orders ----------------------------------------------------------------------------------- */

bool app_can_order(const struct app *a, const struct order_words *w, struct err *why)
{
	const struct jobview *v = app_view(a);
	if (!v)
		return err_set(why, ERR_REFUSED, _("there is no job here")), false;
	return order_possible(v, w, why) == 0;
}

static bool give_order(struct app *a, const struct order_words *w)
{
	struct err e = {0}, unread = {0};
	const struct jobview *v = app_view(a);
	bool running = a->follow && follow_running(a->follow); /* it may take it at once, and leave */
	if (!v || order_queue(a->store, a->job, v, w, &e) < 0) {
		if (v)
			app_fail(a, &e);
		return false;
	}
	(void)gone_check(a->store, v, w->verb, w->target, &unread, &e);
	a->ordered = running;
	if (unread.kind != ERR_NONE)
		app_say(a, ROLE_WARNING, "%s", said(v, unread.text));
	return true;
}

bool app_order(struct app *a, const struct order_words *w)
{
	if (!give_order(a, w))
		return false;
	a->answered = a->answered == ANSWERS_TAKEN ? ANSWERS_NONE : a->answered;
	forget_refused(a, app_view(a));
	if (!a->ordered) /* else its process takes it, or app_follow_tick() sees that not */
		app_start_process(a);
	return true;
}
