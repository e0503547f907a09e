/* SPDX-License-Identifier: ISC */
/* All screens, a file each. What each takes as its argument stands beside it. */
#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

#include "tui/screen.h"

/* The wizard */
extern const struct screen screen_home;    /* none */
extern const struct screen screen_select;  /* none */
extern const struct screen screen_review;  /* none */
extern const struct screen screen_name;    /* none */
extern const struct screen screen_assign;  /* none: the image of each device */
extern const struct screen screen_options; /* none */
extern const struct screen screen_checks;  /* none: app->job */
extern const struct screen screen_preview; /* none: app->job */
extern const struct screen screen_confirm; /* none: app->job */

/* A job */
extern const struct screen screen_live;    /* none: app->job */
extern const struct screen screen_cards;   /* none: app->job; failures by cause */
extern const struct screen screen_device;  /* const size_t *: device number of the job's inventory */
extern const struct screen screen_results; /* none: app->job */
extern const struct screen screen_compare; /* const size_t *: a device, or NULL: all */
extern const struct screen screen_history; /* none */
extern const struct screen screen_job;     /* const char *: id; stages and details of a past job */
extern const struct screen screen_rehearse; /* none: app->job, on simulated devices */

/* What is needed besides */
extern const struct screen screen_help;        /* none: of the screen below */
extern const struct screen screen_log;         /* none: the job's records, or the program's log */
extern const struct screen screen_text;        /* const struct text_argument * */
extern const struct screen screen_themes;      /* none */
extern const struct screen screen_doctor;      /* none */
extern const struct screen screen_credentials; /* none */
extern const struct screen screen_images;      /* none */
extern const struct screen screen_inventory;   /* none */
extern const struct screen screen_rules;       /* none */
extern const struct screen screen_discover;    /* none */

/* Something to read: evidence of a check, a proof sheet. Copied. */
struct text_argument {
	const char *title;
	const struct text_part {
		enum theme_role role;
		int indent;
		const char *text; /* NULL: nothing; LF begins a new line */
	} *parts;
	size_t n;
};

/* Where files can be picked: a screen that lists a directory. `pick` gets the path. */
struct file_argument {
	const char *title;  /* N_() */
	const char *ending; /* ".bin"; NULL: all */
	void (*pick)(struct app *a, const char *path);
};
extern const struct screen screen_files; /* const struct file_argument * */


/* Where a job is to be looked at in its state: its pre-checks, its plan, its run, its results. */
struct jobview;
const struct screen *screen_of_job(const struct jobview *v);

#endif
