/* SPDX-License-Identifier: ISC */
/* Inside of the live run, for live*.c and heat.c. */
#ifndef TUI_LIVE_H
#define TUI_LIVE_H

#include "tui/app.h"

#define NO_STAGE ((size_t)-1)

enum live_show { SHOW_ALL, SHOW_ACTIVE, SHOW_FAILED, SHOWS };
enum live_map { MAP_WHEN_NEEDED, MAP_ON, MAP_OFF };

struct live_row { /* in the order of the plan */
	size_t task;
	size_t stage; /* NO_STAGE: not in the plan */
};

struct live_task { /* what the view does not tell */
	int64_t estimate; /* ms; 0: unknown */
	int64_t done, wall; /* of a copy, as of the last change */
	int64_t rate;       /* bytes in a second; 0: unknown */
};

struct live_stage {
	size_t total, ended, done, failed, held, active;
};

struct live_sums {
	size_t n[TASK_STATE_COUNT];
	size_t failed, busy; /* busy: something goes on, nobody is waited for */
	int64_t steps, steps_ended;
	int64_t left_least, left_most; /* ms; -1: unknown */
};

struct heat_line { /* a line of the map: a name, or cells */
	size_t stage;    /* its name stands here; NO_STAGE: cells */
	size_t from, to; /* of the list's rows */
};

struct live {
	char *job;                  /* what all below is about */
	const struct jobview *view;
	const struct plan *plan;
	int64_t seq;
	VEC(struct live_row) rows;
	VEC(struct live_task) tasks;
	VEC(struct live_stage) stages;
	struct live_sums sums;
	struct list list;
	enum live_show show;
	enum live_map map;
	bool follow, log;
	bool ended;      /* it was said that the job is over */
	bool running;    /* seconds go by */
	int64_t now;     /* wall ms that is shown */
	int64_t looked;  /* our own ms at the last look */
	size_t events;   /* that were looked at */
	/* from fit(): lines of all, where the list begins, lines of the log */
	int height, top, log_lines;
	VEC(struct heat_line) heat;
	size_t heat_top;
	int heat_height, cell; /* columns of a cell */
	int legend;            /* lines of it */
};

/* --- live_rows.c: what there is to show ------------------------------------------------------- */
extern const struct column live_columns[];
extern const struct list_rows live_rows;
enum { LIVE_NAME, LIVE_STATE, LIVE_PHASE, LIVE_STEP, LIVE_PROGRESS, LIVE_TIME, LIVE_COLUMNS };

/* Another job, or another plan: everything anew. */
void live_begin(struct app *a, struct live *s);
void live_end(struct live *s);
/* Take in what came; true: the picture is another. */
bool live_look(struct app *a, struct live *s);

/* The cursor to the device that something was told about last. */
void live_follow(struct app *a, struct live *s);

const struct task_view *live_task(const struct live *s, size_t row);
/* Of the device under the cursor; NULL: there is none. */
const struct task_view *live_at(const struct live *s);
bool live_failed(const struct task_view *t);
/* "1m20s/20m", or what it took. */
void live_time(const struct live *s, const struct task_view *t, struct str *out);

/* --- live_sums.c: how far it is --------------------------------------------------------------- */
/* Which task each device of the inventory is, SIZE_MAX: none; new, free(). */
size_t *live_tasks_of_devices(const struct jobview *v);
/* Sums and stages anew, from the view. */
void live_add_up(struct live *s);
/* Of the sums only the time that is left, which passes without news, too. */
void live_guess_left(struct live *s);

/* --- live_draw.c ------------------------------------------------------------------------------ */
#define LIVE_HEAD 4 /* lines: boxes and the bar */
void live_draw(const struct app *a, const struct live *s, const struct canvas *c);
/* What the operator has to know now takes so many lines of `width` columns, at most `most`. */
int live_banner_lines(const struct app *a, const struct live *s, int width, int most);

/* --- heat.c: a cell a device ------------------------------------------------------------------ */
bool live_is_map(const struct live *s);
void heat_fit(struct live *s, int height, int width);
bool heat_key(struct live *s, keycode key);
void heat_draw(const struct live *s, const struct canvas *c);

#endif
