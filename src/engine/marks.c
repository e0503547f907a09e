/* SPDX-License-Identifier: ISC */
/* How far a step is, by what the device says while it goes on: the words of its table "progress". */
#include "config.h"

#include "engine/private.h"

void marks_see(struct engine *g, struct task *t, const struct step *s, const char *text, size_t n)
{
	size_t seen = t->marks;
	for (size_t i = seen; i < s->n_marks; i++)
		if (pattern_match(s->marks[i].match, text, n, NULL) == VERDICT_YES)
			seen = i + 1;
	if (seen == t->marks)
		return; /* what was said before is no news, and nobody goes back */
	t->marks = seen;
	const struct milestone *m = &s->marks[seen - 1];
	struct record *r = record_new(RECORD_PROGRESS, task_name(g, t), s->name);
	record_number(r, "done", m->percent);
	record_number(r, "total", 100);
	emit(g, record_text(r, "word", m->state));
}
