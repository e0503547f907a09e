/* SPDX-License-Identifier: ISC */
/* A view of a job as tests look at it: every text of it, short forms, one check. */
#ifndef SIM_VIEW_H
#define SIM_VIEW_H

#include "model/jobview.h"

/* '*' stands for anything, every other character for itself. A missing text is "". */
bool like(const char *pattern, const char *text);

/* Give every text of the view that a person may be shown. */
void view_texts(const struct jobview *v, void (*see)(void *ctx, const char *where, const char *text),
                void *ctx);
/* Nothing in it that a terminal would obey: no control byte but the line end, no bidi, valid UTF-8. */
bool clean_text(const char *text);

/* "spine01=done leaf01=failed ..."; new. */
char *view_states(const struct jobview *v);
/* device "": a check of the job; both names may be patterns. after: asked in a step. NULL: it has no
 * result. */
const struct check_view *view_check(const struct jobview *v, const char *device, const char *check,
                                    bool after);

#endif
