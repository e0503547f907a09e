/* SPDX-License-Identifier: ISC */
/* A plan for graphviz: stages left to right, a box for each batch. */
#include "config.h"

#include "plan/planner.h"

#include "base/utf8.h"

/* A quoted string of the dot language. */
static void quote(struct str *out, const char *text)
{
	char *safe = utf8_safe(text ? text : "", UTF8_ONE_LINE);

	str_putc(out, '"');
	for (const char *c = safe; *c; c++) {
		if (*c == '"' || *c == '\\')
			str_putc(out, '\\');
		str_putc(out, *c);
	}
	str_putc(out, '"');
	free(safe);
}

static void put_batch(struct str *out, const struct plan *p, const struct job *job, size_t stage,
		      size_t k, size_t number)
{
	const struct plan_stage *s = &p->stages.v[stage];
	const struct plan_batch *b = &s->batches.v[k];
	char *label = xasprintf("%s %zu/%zu", s->name, k + 1, s->batches.n);

	str_printf(out, "\tsubgraph cluster_%zu {\n\t\tlabel=", number);
	quote(out, label);
	str_puts(out, ";\n");
	for (size_t i = 0; i < b->devices.n; i++) {
		str_printf(out, "\t\tb%zud%zu [label=", number, b->devices.v[i]);
		quote(out, job->inventory->devices.v[b->devices.v[i]].name);
		str_puts(out, "];\n");
	}
	str_puts(out, "\t}\n");
	free(label);
}

char *plan_dot(const struct plan *p, const struct job *job)
{
	struct str out = {0};
	size_t number = 0, last = NO_DEVICE;

	str_puts(&out, "digraph plan {\n\trankdir=LR; compound=true; node [shape=box];\n\tlabel=");
	quote(&out, job->name);
	str_puts(&out, ";\n");
	for (size_t i = 0; i < p->stages.n; i++) {
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++) {
			size_t first = p->stages.v[i].batches.v[k].devices.v[0];
			put_batch(&out, p, job, i, k, number);
			if (last != NO_DEVICE)
				str_printf(
				    &out,
				    "\tb%zud%zu -> b%zud%zu [ltail=cluster_%zu, lhead=cluster_%zu];\n",
				    number - 1, last, number, first, number - 1, number);
			last = first;
			number++;
		}
	}
	str_puts(&out, "}\n");
	return str_take(&out);
}
