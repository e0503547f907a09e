/* SPDX-License-Identifier: ISC */
/* The head of a device's screen: its state, what it is, and of a failure the cause, what is still
 * changed on it and what to do, in full. */
#ifndef TUI_DEVICE_HEAD_H
#define TUI_DEVICE_HEAD_H

#include "tui/app.h"

struct device_head {
	const struct jobview *view;
	const struct task_view *task; /* of the view */
	int64_t now;                  /* wall ms that is shown */
	bool running;                 /* seconds go by */
};

/* Lines that it takes on a screen so wide, at most `most` (3 or more). */
int device_head_lines(const struct app *a, const struct device_head *s, int width, int most);
/* `lines`: from device_head_lines(), or more. */
void device_head_draw(const struct app *a, const struct device_head *s, const struct canvas *c,
		      int lines);

#endif
