/* SPDX-License-Identifier: ISC */
/* The stack of screens, what is said, and the loop. */
#include "config.h"

#include "tui/app_parts.h"

#include "base/i18n.h"
#include "model/phrases.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOOK_MS    100   /* how often the world is looked at */
#define MESSAGE_MS 10000 /* that a message is news; errors and warnings stay until a key */

static struct open_screen *top(const struct app *a)
{
	return a->stack.n ? &a->stack.v[a->stack.n - 1] : NULL;
}

/* --- stack ------------------------------------------------------------------------------------ */

static int push(struct app *a, const struct screen *kind, const void *argument, struct err *e)
{
	struct open_screen s = {.kind = kind, .state = xcalloc(1, kind->size ? kind->size : 1)};
	if (kind->open && kind->open(a, s.state, argument, e) != 0) {
		free(s.state);
		return -1;
	}
	VEC_PUSH(&a->stack, s);
	return 0;
}

static void pop(struct app *a)
{
	struct open_screen s = *top(a);
	a->stack.n--;
	if (s.kind->close)
		s.kind->close(a, s.state);
	free(s.state);
}

static void again(struct app *a)
{
	struct open_screen *s = top(a);
	app_changed(a);
	if (s && s->kind->again)
		s->kind->again(a, s->state);
	if (!s)
		a->quit = true;
}

void app_open(struct app *a, const struct screen *kind, const void *argument)
{
	struct err e = {0};
	app_unsay(a);
	if (push(a, kind, argument, &e) != 0)
		app_fail(a, &e);
	app_changed(a);
}

void app_back(struct app *a)
{
	app_unsay(a);
	if (a->stack.n)
		pop(a);
	again(a);
}

bool app_back_to(struct app *a, const char *name)
{
	size_t i = a->stack.n;
	while (i > 0 && !str_eq(a->stack.v[i - 1].kind->name, name))
		i--;
	if (i == 0)
		return false;
	app_back_above(a, i);
	return true;
}

void app_back_above(struct app *a, size_t n)
{
	while (a->stack.n > n)
		pop(a);
	again(a);
}

void app_replace(struct app *a, const struct screen *kind, const void *argument)
{
	struct err e = {0};
	size_t below = a->stack.n;
	if (push(a, kind, argument, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	if (below > 0) { /* the new one stands on the old one: take that out from under it */
		struct open_screen old = a->stack.v[below - 1];
		VEC_REMOVE(&a->stack, below - 1);
		if (old.kind->close)
			old.kind->close(a, old.state);
		free(old.state);
	}
	app_changed(a);
}

void app_quit(struct app *a, int status)
{
	a->quit = true;
	a->status = status;
}

/* --- saying ----------------------------------------------------------------------------------- */

void app_changed(struct app *a)
{
	a->dirty = true;
}

void app_unsay(struct app *a)
{
	free(a->message);
	a->message = NULL;
}

void app_unsay_old(struct app *a)
{
	bool mild = a->message_role == ROLE_INFO || a->message_role == ROLE_OK;
	if (a->message && mild && a->clock->now(a->clock) - a->message_since > MESSAGE_MS)
		app_unsay(a);
}

void app_say(struct app *a, enum theme_role role, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	free(a->message);
	a->message = xvasprintf(fmt, ap);
	a->message_role = role;
	a->message_since = a->clock->now(a->clock);
	a->messages++;
	va_end(ap);
	app_changed(a);
}

void app_fail(struct app *a, const struct err *e)
{
	app_say(a, ROLE_ERROR, "%s", said_err(e).text);
}

struct confirmation {
	void (*run)(struct app *a, void *state);
	void *state;
};

static void confirmed(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct confirmation *k = ctx;
	(void)text;
	if (choice == 0)
		k->run(a, k->state);
}

void app_confirm(struct app *a, char *title, char *text, const char *yes,
		 void (*run)(struct app *a, void *state), void *state)
{
	struct confirmation *k = xcalloc(1, sizeof(*k));
	*k = (struct confirmation){.run = run, .state = state};
	dialog_open(a, (struct dialog){.title = title,
				       .text = text,
				       .choices = {yes, _("Cancel")},
				       .n_choices = 2,
				       .at = 1,
				       .role = ROLE_WARNING,
				       .answer = confirmed,
				       .ctx = k,
				       .free_ctx = free});
}

/* --- life ------------------------------------------------------------------------------------- */

struct app *app_new(struct terminal *t, struct store *s, struct clock *clock, struct err *e)
{
	struct app *a = xcalloc(1, sizeof(*a));
	a->term = t;
	a->store = s;
	a->clock = clock;
	a->secrets = secrets_new();
	a->draft = draft_load(s, e);
	a->argument = "";
	a->dirty = true;
	if (a->draft)
		return a;
	app_free(a);
	return NULL;
}

void app_free(struct app *a)
{
	if (!a)
		return;
	work_abandon(a);
	dialog_close_all(a);
	while (a->stack.n)
		pop(a);
	VEC_RELEASE(&a->stack);
	VEC_RELEASE(&a->dialogs);
	events_clear(&a->events);
	follow_free(a->follow);
	draft_free(a->draft);
	secrets_free(a->secrets);
	line_release(&a->command);
	free(a->job);
	free(a->message);
	free(a->theme);
	values_release(&a->kept);
	free(a);
}

int64_t app_wall(const struct app *a)
{
	return a->clock->wall(a->clock);
}

void app_tick(struct app *a)
{
	struct open_screen *s = top(a);
	if (work_look(a))
		app_changed(a);
	app_follow_tick(a);
	s = top(a);
	if (s && s->kind->tick && s->kind->tick(a, s->state))
		app_changed(a);
}

/* --- loop ------------------------------------------------------------------------------------- */

static int open_signals(struct app *a)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	(void)a;
	return sigprocmask(SIG_BLOCK, &set, NULL) == 0
		   ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)
		   : -1;
}

/* A hang-up and SIGTERM end the screen, never the job; ^C only says so. */
static void take_signal(struct app *a, int fd)
{
	struct signalfd_siginfo info;
	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGINT)
		app_key(a, K_CTRL('C'));
	else
		app_quit(a, a->follow ? 130 : 128 + (int)info.ssi_signo);
}

static void take_keys(struct app *a)
{
	keycode key;
	while (!a->quit && (key = term_key(a->term)) != 0) {
		if (key == -1)
			app_quit(a, 130);
		else
			app_key(a, key);
	}
}

int app_run(struct app *a)
{
	int signals = open_signals(a);
	struct pollfd fds[2] = {{.fd = term_fd(a->term), .events = POLLIN},
				{.fd = signals, .events = POLLIN}};
	while (!a->quit) {
		app_tick(a);
		if (a->dirty)
			app_draw(a);
		int64_t until = a->clock->now(a->clock) + LOOK_MS;
		if (a->clock->wait(a->clock, fds, 2, until) < 0)
			app_quit(a, 1);
		take_signal(a, signals);
		take_keys(a);
	}
	if (signals >= 0)
		close(signals);
	return a->status;
}
