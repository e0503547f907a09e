/* SPDX-License-Identifier: ISC */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

cJSON *steps_json(const struct task_view *t); /* show.c */

/* The report for people; `report` is the same as JSON. */
void report_text(struct cli *c, const struct jobview *v, const cJSON *report);

#endif
