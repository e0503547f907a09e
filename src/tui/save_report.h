/* SPDX-License-Identifier: ISC */
#ifndef TUI_SAVE_REPORT_H
#define TUI_SAVE_REPORT_H

struct app;

/* Ask where to, then write the report of the followed job as PATH.html, PATH.json and PATH.txt. */
void save_report_ask(struct app *a);

#endif
