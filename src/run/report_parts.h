/* SPDX-License-Identifier: ISC */
/* Inside of the report: what its files give each other. */
#ifndef RUN_REPORT_PARTS_H
#define RUN_REPORT_PARTS_H

#include "run/html.h"
#include "run/report.h"

/* report_trail.c: what only the journal tells, as members of the report: decisions, states,
 * questions, changes. 0, or -1 and e. */
int trail_put(cJSON *report, struct store *s, const struct jobview *v, const char *id,
	      struct err *e);

/* report_html.c and its parts: a page in the making. Device text comes from the (redacted) JSON
 * only; the view gives names and translations. */
struct page {
	struct html h;
	const struct jobview *v;
	const cJSON *report;
};
const cJSON *page_list(const struct page *p, const char *member); /* an array of the report */
const char *page_text(const cJSON *o, const char *member);        /* "" when it is not there */
int64_t page_wall(const cJSON *o, const char *member); /* ms of an ISO time; 0: none */
void page_time(struct page *p, const char *tag, const cJSON *o, const char *member); /* local */
void page_head(struct page *p, const char *id, const char *title); /* begins a section */
void page_state(struct page *p, const char *state, char mark, const char *word); /* a badge */
/* The head of a table in a frame of its own; titles are marked N_() and end with NULL. */
void page_table(struct page *p, const char *style, const char *const *titles);
void page_table_end(struct page *p);

extern const char page_style[]; /* report_style.c: the style sheet */

void page_failures(struct page *p);  /* report_tables.c: what came of it */
void page_devices(struct page *p);
void page_decisions(struct page *p);
void page_changes(struct page *p);
void page_timeline(struct page *p);  /* report_timeline.c */
void page_steps(struct page *p);     /* report_steps.c: every step of every device */
void page_checks(struct page *p);    /* report_checks.c: checks and waivers, snapshots */
void page_snapshots(struct page *p);
void page_plan(struct page *p);      /* report_plan.c: plan and request */
void page_request(struct page *p);

#endif
