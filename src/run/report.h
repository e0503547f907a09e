/* SPDX-License-Identifier: ISC */
/* The report of a job: every step with its times, checks, snapshots compared, who decided what. The
 * JSON is described by cli/report.schema.json. Both read the journal once more, as far as the view
 * has come: decisions are no part of the view. */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "model/jobview.h"
#include "store/store.h"

/* New; its strings are sanitised. NULL and e when the journal cannot be read. */
cJSON *report_json(struct store *s, const struct jobview *v, const char *id, struct err *e);

/* The same for people: new string, sanitised, lines of any length. */
char *report_text(struct store *s, const struct jobview *v, const char *id, struct err *e);

#endif
