/* SPDX-License-Identifier: ISC */
/* Shared by the files that fold records: fold.c, fold_checks.c, fold_steps.c. */
#ifndef MODEL_FOLD_PARTS_H
#define MODEL_FOLD_PARTS_H

#include "model/json.h"
#include "model/jobview.h"

#include <stdlib.h>

struct fold {
	struct jobview *view;
	const struct record *record;
	const cJSON *data;
	size_t device;
	struct task_view *task; /* NULL: about the job, or about a device that is not in it */
	struct err *e;
};

/* A text member of the record; NULL: it has none. */
static inline const char *fold_text(const struct fold *f, const char *name)
{
	return json_text(f->data, name);
}

static inline void fold_set(char **field, const char *text)
{
	char *copy = xstrdup(text);
	free(*field);
	*field = copy;
}

int fold_pass(const struct fold *f); /* enum pass of the record; -1: it names none */

int fold_intent(struct fold *f);
int fold_outcome(struct fold *f);
int fold_probe(struct fold *f);
int fold_progress(struct fold *f);

int fold_check(struct fold *f);
int fold_waive(struct fold *f);
/* A round of pre-checks begins; the job was in that state before. */
void fold_checking(struct fold *f, enum job_state before);
void fold_changed(struct fold *f);  /* facts: what was checked of the device has to be asked again */

#endif
