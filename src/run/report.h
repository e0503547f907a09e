/* SPDX-License-Identifier: ISC */
/* The report of a job: every step with its times, checks, snapshots compared, who decided what. The
 * JSON is described by cli/report.schema.json. Both read the journal once more, as far as the view
 * has come: decisions are no part of the view. */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "model/jobview.h"
#include "store/store.h"

/* New; its strings are sanitised, and what looks like a secret is taken out (model/redact.h). NULL
 * and e when the journal cannot be read, or is not what was written. The same journal gives the same
 * report, whenever it is made. */
cJSON *report_json(struct store *s, const struct jobview *v, const char *id, struct err *e);

/* The same for people: new string, sanitised, lines of any length. */
char *report_text(struct store *s, const struct jobview *v, const char *id, struct err *e);

/* The same as one HTML document that needs nothing else: new string, NULL and e. */
char *report_html(struct store *s, const struct jobview *v, const char *id, struct err *e);

/* --- formats ---------------------------------------------------------------------------------- */
enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_HTML, REPORT_FORMATS };
struct report_kind {
	const char *name;   /* "html" */
	const char *suffix; /* ".html" */
};
extern const struct report_kind report_kinds[REPORT_FORMATS];
int report_format(const char *name); /* -1: there is none of this name */

/* In this format: new string, with the end of its last line. NULL and e. */
char *report_make(enum report_format f, struct store *s, const struct jobview *v, const char *id,
		  struct err *e);

#endif
