/* SPDX-License-Identifier: ISC */
/* What the files of run/portrait share. */
#ifndef RUN_PORTRAIT_PARTS_H
#define RUN_PORTRAIT_PARTS_H

#include "run/portrait.h"

/* Add what this answer to a topology query names; *_known goes when nobody can say. */
void portrait_links(struct portrait *p, const struct collector *c, const struct answer *a);
void portrait_groups(struct portrait *p, const struct collector *c, const struct answer *a);

#endif
