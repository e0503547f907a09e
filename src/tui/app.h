/* SPDX-License-Identifier: ISC */
/*
 * The program with screens: a stack of open screens, dialogs on top, one job that is followed, a loop.
 * Screens meet each other only through here.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "tui/dialog.h"
#include "tui/events.h"
#include "tui/form.h"
#include "tui/list.h"
#include "tui/pager.h"
#include "tui/screen.h"
#include "tui/work.h"

#include "base/clock.h"
#include "model/values.h"
#include "run/draft.h"
#include "run/follow.h"
#include "run/order.h"
#include "run/secrets.h"
#include "store/store.h"

struct open_screen {
	const struct screen *kind;
	void *state;
};

enum answers {
	ANSWERS_NONE,
	ANSWERS_GIVEN, /* what waits for them is checked as soon as this round is over */
	ANSWERS_TAKEN  /* that begins */
};

struct app {
	struct terminal *term;
	struct store *store;      /* borrowed; of this thread */
	struct clock *clock;
	struct draft *draft;      /* what was chosen in the wizard so far; kept on disk */
	struct secrets *secrets;  /* typed in this program */
	VEC(struct open_screen) stack;
	VEC(struct dialog) dialogs;
	char *job;                /* id of the job that is followed; NULL: none */
	struct follow *follow;
	struct events events;     /* what happened in it */
	bool job_running;         /* a process has it now, as of the last tick */
	int64_t job_speed;        /* of its clock: simulated devices run faster than the world */
	int64_t job_wall;         /* what that clock showed, wall ms... */
	int64_t job_seen;         /* ...when ours showed this */
	struct values kept;       /* what was typed in a form that was left, "form.field" */
	bool warned;              /* of what is not well with this machine */
	int job_pid;              /* of the process we started for it; 0: none */
	enum answers answered;    /* about secrets that pre-checks wait for */
	bool ordered;             /* an order waits for the process that had the job then */
	int state;                /* enum job_state that it was in */
	int64_t gone;             /* when a dialog closed by itself; 0: none did */
	size_t notes_seen;        /* of its notes */
	int64_t question_shown;   /* its questions up to this number were shown once */
	bool making;              /* a new one is made as soon as this one has been cancelled */
	struct work *work;        /* what goes on in the background; NULL: nothing */
	char *message;            /* line above the footer; NULL: none */
	enum theme_role message_role;
	int64_t message_since;    /* ms of the clock */
	unsigned messages;        /* so many were said */
	char *theme;              /* name of the one that is shown */
	int detail;               /* lines for what of the row under the cursor is cut, from app_draw() */
	struct line command;      /* ':' line */
	bool commanding;
	const char *argument;     /* what stands behind the ':' word whose action runs; "": nothing */
	bool dirty, redraw, quit;
	int status;               /* exit status of the program */
	/* For tests: no process is started, a job's id is all (NULL: run/start.h). */
	int (*start)(struct app *a, const char *id, unsigned how, struct err *e);
	void *ctx;
};

/* --- stack ------------------------------------------------------------------------------------ */
void app_open(struct app *a, const struct screen *kind, const void *argument);
void app_back(struct app *a);    /* leave the screen on top; the last one ends the program */
/* Leave all down to the first one of this name; false: there is none, nothing happened. */
bool app_back_to(struct app *a, const char *name);
void app_back_above(struct app *a, size_t n); /* leave all but the first n; none left ends the program */
/* In place of the one on top. */
void app_replace(struct app *a, const struct screen *kind, const void *argument);
void app_quit(struct app *a, int status);

/* --- saying and asking ------------------------------------------------------------------------ */
void app_say(struct app *a, enum theme_role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
void app_fail(struct app *a, const struct err *e); /* as an error, in the message line */
void app_changed(struct app *a);                   /* the picture is another now */

/* A yes or no question; `yes` is called with the screen's state when it was answered so. Begins on
 * no. text: new string, taken. */
void app_confirm(struct app *a, char *title, char *text, const char *yes,
		 void (*run)(struct app *a, void *state), void *state);

/* --- the job ---------------------------------------------------------------------------------- */
int app_follow(struct app *a, const char *id, struct err *e); /* NULL: none any more */
const struct jobview *app_view(const struct app *a);          /* NULL: none, or nothing read yet */
/* What the clock of the job that is followed shows now, wall ms. */
int64_t app_job_wall(const struct app *a);
/* Give an order to the job (and a process, when nobody runs it). False: it was not taken, and why
 * was said. */
bool app_order(struct app *a, const struct order_words *w);
/* Is a text typed on the screen on top, or a command? Letters are text then. */
bool app_typing(const struct app *a);

bool app_can_order(const struct app *a, const struct order_words *w, struct err *why);
/* See that a process works on the job, asking for passwords first when they are needed. */
void app_start_process(struct app *a);

/* --- running ---------------------------------------------------------------------------------- */
/* The wall time of the pictures, ms. */
int64_t app_wall(const struct app *a);

struct app *app_new(struct terminal *t, struct store *s, struct clock *clock, struct err *e);
void app_free(struct app *a);
int app_theme(struct app *a, const char *name, struct err *e); /* NULL: the setting, or "dark" */
void app_key(struct app *a, keycode key);
void app_tick(struct app *a); /* take in what happened in the world */
void app_draw(struct app *a);
/* Until it ends; gives the exit status. */
int app_run(struct app *a);

/* Every action that can be seen on the screen on top, and the program's own, one after another:
 * start with *i = 0; NULL: no more. One of the screen stands for the program's of the same word. */
const struct key_action *app_actions(const struct app *a, size_t *i);
extern const struct key_action app_own_actions[];
/* For an action of a screen that leads there: run() of such a row. */
void app_images(struct app *a, void *state);
void app_credentials(struct app *a, void *state);

#endif
