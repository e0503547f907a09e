/* SPDX-License-Identifier: ISC */
/*
 * Maintenance windows: when devices may be taken down. Times are those of this machine's clock on
 * the wall; spans are counted in real milliseconds, so that the night in which the clocks change
 * has the length that it really has.
 */
#ifndef MODEL_WINDOW_H
#define MODEL_WINDOW_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct window_day {
	int year, month, day; /* 2026, 1-12, 1-31; year 0: every day */
};

struct window {
	struct window_day from, to; /* `to` has a year exactly when `from` has one */
	int start, end;             /* minutes of the day, 0 to 1440; every day: end <= start is
				       the day after */
};

struct windows {
	struct window *v;
	size_t n, cap;
};

struct window_span {
	int64_t opens, closes; /* wall ms; closes is outside of it */
};

/* "01:00-04:00", "2026-11-21 22:00-04:00", "2026-11-21 22:00-2026-11-23 04:00", several with a
 * comma between them; "" is none. ERR_INPUT: *out is empty. */
int windows_parse(const char *text, struct windows *out, struct err *e);
void windows_release(struct windows *w);
char *windows_text(const struct windows *w); /* as it can be given again; new */

/* The span that is open at `wall`, or else the next one to open. False: there is none any more (or
 * there are no windows at all). */
bool windows_at(const struct windows *w, int64_t wall, struct window_span *out);

/* The first span, open at `wall` or later, in which something that takes `need` ms can still be
 * done: it begins at the later one of out->opens and `wall`. False: there is none. */
bool windows_fit(const struct windows *w, int64_t wall, int64_t need, struct window_span *out);

/* The longest span that there is from `wall` on, in ms; 0: none. */
int64_t windows_longest(const struct windows *w, int64_t wall);

/* Is there a window that is open at `wall` or is to come? ERR_REFUSED: all are over, and since when.
 * No windows at all are well. */
int windows_to_come(const struct windows *w, int64_t wall, struct err *e);

/* "01:00-04:00"; with its day where it is not that of `wall`: new. */
char *window_span_text(const struct window_span *s);
/* "Nov 21 22:00" in local time; new. */
char *window_time_text(int64_t wall);

#endif
