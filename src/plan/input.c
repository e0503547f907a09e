/* SPDX-License-Identifier: ISC */
/* Small questions about what was asked. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

#include <stdlib.h>

const char *input_fact(const struct plan_input *in, size_t i, const char *name)
{
	return in->facts && name ? values_get(&in->facts[i], name) : NULL;
}

const struct job_kind *plan_kind(const struct plan_input *in)
{
	return procedure_kind(procedure_method(in->procedure, in->job->method), in->job->kind);
}

bool plan_stays_up(const struct plan_input *in)
{
	const struct job_kind *kind = plan_kind(in);

	return kind && kind->stays_up;
}

char *const *input_steps(const struct plan_input *in, size_t i, bool rollback)
{
	static char *const none[] = {NULL};
	const struct method *method = procedure_method(in->procedure, in->job->method);
	const struct job_kind *kind = plan_kind(in);
	char **steps = !method    ? NULL
		       : kind     ? (rollback ? kind->rollback : kind->steps)
		       : rollback ? method->rollback
				  : method->steps;

	if (method && !rollback && !kind && input_leader(in, i) != i)
		steps = method->followers;
	return steps ? steps : none;
}

const struct method *input_components(const struct plan_input *in)
{
	const struct method *m = procedure_method(in->procedure, in->job->method);

	return m && m->n_components && !plan_kind(in) ? m : NULL;
}

const struct component *input_component(const struct plan_input *in, const struct plan_stage *s)
{
	return procedure_component(input_components(in), s->component);
}

bool input_needs(const struct plan_input *in, size_t i, const struct component *c)
{
	const char *role = in->job->inventory->devices.v[in->job->devices.v[i]].role;
	struct values own = {0};
	struct scope scope = {{&in->job->parameters, in->facts ? &in->facts[i] : NULL, &own}};
	struct answer none = {.status = -1, .out = "", .err = ""};
	bool listed = !c->roles;

	for (char **r = c->roles; r && *r && !listed; r++)
		listed = str_eq(*r, role);
	if (!listed || !c->when)
		return listed;
	values_set(&own, "version", in->job->version);
	values_set(&own, "role", role ? role : "");
	listed = judge_ask(c->when, &none, &scope, NULL, NULL) == VERDICT_YES;
	values_release(&own);
	return listed;
}

bool input_goes_first(const struct plan_input *in, size_t i)
{
	const struct procedure *p = in->procedure;
	const char *fact = input_fact(in, i, p->first_fact);

	if (plan_stays_up(in))
		return false;
	return fact && p->first_value && !strcmp(fact, p->first_value);
}

size_t input_batch_size(const struct plan_input *in)
{
	if (in->job->batch_size > 0)
		return (size_t)in->job->batch_size;
	if (plan_kind(in) && plan_kind(in)->batch_size > 0)
		return (size_t)plan_kind(in)->batch_size;
	if (in->procedure->batch_size > 0)
		return (size_t)in->procedure->batch_size;
	return PLAN_BATCH_SIZE;
}

const char *device_name(const struct inventory *inv, size_t d)
{
	return inv->devices.v[d].name;
}

char *names_text(const struct inventory *inv, const size_t *v, size_t n, size_t most)
{
	struct str s = {0};

	/* naming one more is shorter than saying that there is one more */
	size_t shown = n <= most + 1 ? n : most;
	for (size_t i = 0; i < shown; i++)
		str_printf(&s, "%s%s", i ? ", " : "", device_name(inv, v[i]));
	if (shown < n)
		names_more(&s, n - shown);
	return str_take(&s);
}

void names_more(struct str *names, size_t n)
{
	char *shown = str_take(names);
	str_printf(names, M_("%s and %zu more"), shown, n);
	free(shown);
}

bool plan_left_alone(const struct plan_input *in, size_t i)
{
	const struct job_kind *kind = plan_kind(in);
	const char *now = input_fact(in, i, in->procedure->from_fact);
	const char *again = values_get(&in->job->parameters, "reinstall");
	const char *to = job_version(in->job, in->job->devices.v[i]);

	if (kind && kind->after)
		return false; /* it is there to be looked at */
	return now && to && again && !strcmp(again, "no") &&
	       procedure_same_version(in->procedure, now, to);
}

size_t plan_role_limit(const struct plan_input *in, const char *role)
{
	const struct job *job = in->job;
	size_t n = 0;

	if (!role)
		return SIZE_MAX;
	if (job->role_limit > 0)
		return (size_t)job->role_limit;
	if (in->procedure->n_limits)
		return SIZE_MAX;
	for (size_t d = 0; d < job->inventory->devices.n; d++)
		n += str_eq(job->inventory->devices.v[d].role, role);
	return n < 2 ? 1 : (n + 1) / 2;
}
