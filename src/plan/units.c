/* SPDX-License-Identifier: ISC */
/* Units: groups that are upgraded as one, with one member that leads. */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"
#include "model/unit.h"

size_t input_leader(const struct plan_input *in, size_t i)
{
	const struct job *job = in->job;
	const struct group *unit = unit_of(in->procedure, job->inventory, job->devices.v[i]);
	size_t first = i, leads = i, n = 0;

	for (size_t k = job->devices.n; unit && k-- > 0;) {
		if (unit_of(in->procedure, job->inventory, job->devices.v[k]) != unit)
			continue;
		first = k;
		if (in->facts && unit_leads(in->procedure, &in->facts[k])) {
			leads = k;
			n++;
		}
	}
	return n == 1 ? leads : first;
}

int units_check(const struct plan_input *in, struct err *e)
{
	const struct inventory *inv = in->job->inventory;
	size_t of, d = unit_missing(in->procedure, inv, in->job->devices.v, in->job->devices.n, &of);

	if (d == NO_DEVICE)
		return 0;
	return err_set(e, ERR_INPUT,
		       M_("%s and %s are upgraded as one (group %s): choose both, or none"),
		       device_name(inv, of), device_name(inv, d),
		       unit_of(in->procedure, inv, d)->name);
}

static bool leads(const struct making *m, size_t device)
{
	return input_leader(m->in, m->entry[device]) == m->entry[device];
}

void units_lead(const struct making *m, struct stages *s)
{
	size_t kept = 0;

	if (!m->in->procedure->unit_kind)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct devices *all = &s->v[i].devices;
		size_t n = 0;
		for (size_t k = 0; k < all->n; k++)
			if (leads(m, all->v[k]))
				all->v[n++] = all->v[k];
		all->n = n;
		if (n)
			s->v[kept++] = s->v[i];
		else
			VEC_RELEASE(all);
	}
	s->n = kept;
}

static void join(struct making *m, struct plan_batch *b)
{
	const struct job *job = m->in->job;
	struct devices all = {0};
	size_t units = 0;
	struct str names = {0};

	for (size_t i = 0; i < b->devices.n; i++) {
		size_t entry = m->entry[b->devices.v[i]];
		VEC_PUSH(&all, b->devices.v[i]);
		size_t before = all.n;
		for (size_t k = 0; k < job->devices.n; k++)
			if (k != entry && input_leader(m->in, k) == entry)
				VEC_PUSH(&all, job->devices.v[k]);
		if (all.n == before)
			continue;
		const struct group *unit =
		    unit_of(m->in->procedure, m->inv, b->devices.v[i]);
		str_puts(&names, units++ ? ", " : "");
		str_printf(&names, "%s (%s)", device_name(m->inv, b->devices.v[i]), unit->name);
	}
	b->devices.n = 0;
	for (size_t i = 0; i < all.n; i++)
		VEC_PUSH(&b->devices, all.v[i]);
	VEC_RELEASE(&all);
	if (units)
		proof_line(b, true, xstrdup(M_("each unit as one, one member away at a time")),
			   xasprintf(M_("led by %s"), str_text(&names)));
	str_release(&names);
}

void units_join(struct making *m)
{
	if (!m->in->procedure->unit_kind)
		return;
	for (size_t i = 0; i < m->plan->stages.n; i++)
		for (size_t k = 0; k < m->plan->stages.v[i].batches.n; k++)
			join(m, &m->plan->stages.v[i].batches.v[k]);
}
