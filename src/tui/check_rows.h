/* SPDX-License-Identifier: ISC */
/* The pre-checks of a job as rows of a table, and what they come to. */
#ifndef TUI_CHECK_ROWS_H
#define TUI_CHECK_ROWS_H

#include "tui/list.h"

#include "model/jobview.h"
#include "model/phrases.h"

enum check_filter { CHECKS_ALL, CHECKS_NOT_PASSED, CHECKS_OF_DEVICE, CHECK_FILTERS };

struct check_row {
	size_t check;  /* of view->checks */
	char *id;      /* "leaf01/space" */
	char *section; /* the heading that it stands below */
	int worst;     /* how urgent the most urgent one below that heading is */
	bool twin;     /* another check of the device has the same to say */
};

struct check_rows {
	const struct jobview *view; /* borrowed, until the next check_rows_take() */
	VEC(struct check_row) list; /* what did not pass first: by group, the worst group
				       first, and in it by urgency and device */
	enum check_filter filter;
	size_t device;              /* of CHECKS_OF_DEVICE */
};

struct check_counts {
	size_t passed, errors, unknown, warnings, waived;
	size_t running;      /* devices that are still being checked */
	int64_t done, total; /* of the progress bar */
};

struct check_look {
	const char *status;
	const char *symbol, *word; /* N_() */
	enum theme_role role;
};

void check_rows_take(struct check_rows *r, const struct jobview *v);
void check_rows_release(struct check_rows *r);

const struct check_view *check_row(const struct check_rows *r, size_t row); /* -1: NULL */

/* Something has to be done about it. */
bool check_is_bad(const struct check_view *c);
/* What it found, in one line; its title when nothing is wrong, or to tell it from its twins. */
void check_row_says(const struct check_rows *r, size_t row, struct str *out);
/* Its result is from before the checks that run now. */
bool check_is_old(const struct jobview *v, const struct check_view *c);
const struct check_look *check_look(const struct jobview *v, const struct check_view *c);

void check_counts(const struct jobview *v, struct check_counts *out);

extern const struct column check_columns[5];
extern const struct list_rows check_row_ops;

#endif
