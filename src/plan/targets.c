/* SPDX-License-Identifier: ISC */
/* What each device goes from and to, with which images. What is missing is for the checks to say.
 */
#include "config.h"

#include "plan/making.h"

#include "base/i18n.h"

static const struct image *fitting(const struct plan_input *in, size_t i,
				   const struct image_kind *kind, const char *version,
				   const char *insisted)
{
	const struct device *d = &in->job->inventory->devices.v[in->job->devices.v[i]];
	struct values need = {0};
	const struct image *image;

	if (!version || !in->images)
		return NULL;
	procedure_image_need(kind, in->facts ? &in->facts[i] : NULL, &need);
	image = insisted ? images_insisted(in->images, insisted, version, &need)
			 : images_match(in->images, d->platform, kind->kind, version, &need);
	values_release(&need);
	return image;
}

static const struct image *matched(const struct plan_input *in, size_t i,
				   const struct image_kind *kind, const char *version)
{
	return fitting(in, i, kind, version, NULL);
}

/* What the device is upgraded with. */
static const struct image *wanted(const struct plan_input *in, size_t i,
				  const struct image_kind *kind)
{
	size_t d = in->job->devices.v[i];

	return fitting(in, i, kind, job_version(in->job, d), job_image(in->job, d));
}

static const char *id_of(const struct image *image)
{
	return image ? image->id : NULL;
}

int64_t input_copy_bytes(const struct plan_input *in, size_t i, const struct step *step,
			 bool rollback)
{
	const struct image_kind *kind =
	    step->image ? procedure_image_kind(in->procedure, step->image) : NULL;
	const struct image *image;

	if (step->action != ACTION_PUT || !kind)
		return 0;
	if (rollback)
		image = matched(in, i, kind,
				input_fact(in, i, kind->current ? kind->current
								: in->procedure->from_fact));
	else if (kind->parameter)
		image = matched(in, i, kind, values_get(&in->job->parameters, kind->parameter));
	else
		image = wanted(in, i, kind);
	return image ? image->size : 0;
}

static void add_images(const struct plan_input *in, size_t i, struct plan_device *p)
{
	const struct image_kind *kind = procedure_image_kind(in->procedure, "os");

	if (!kind || !in->images)
		return;
	p->image = xstrdup(id_of(wanted(in, i, kind)));
	p->restore = xstrdup(id_of(
	    matched(in, i, kind, kind->current ? input_fact(in, i, kind->current) : p->from)));
}

void targets_make(struct making *m)
{
	const struct job *job = m->in->job;

	m->plan->hitless = 1;
	for (size_t i = 0; i < job->devices.n; i++) {
		struct plan_device *p = VEC_ADD(&m->plan->devices);
		const struct devices *alone = &m->cut->alone[job->devices.v[i]];
		p->device = job->devices.v[i];
		p->from = xstrdup(input_fact(m->in, i, m->in->procedure->from_fact));
		p->to = xstrdup(job_version(job, p->device));
		if (m->left[p->device]) {
			p->left = xstrdup(M_("it runs the target version already"));
			continue;
		}
		add_images(m->in, i, p);
		for (size_t k = 0; !plan_stays_up(m->in) && k < alone->n; k++)
			VEC_PUSH(&p->isolates, alone->v[k]);
		p->not_hitless = hitless_against(m, i);
		m->plan->hitless = p->not_hitless ? 0 : m->plan->hitless;
		struct plan_estimate all = plan_device_estimate(m->in, i, false);
		struct plan_estimate copy = plan_copy_estimate(m->in, i);
		p->estimate_ms = all.p50_ms;
		p->p95_ms = all.p95_ms;
		p->copy_ms = copy.p50_ms;
		p->copy_p95_ms = copy.p95_ms;
		p->need_ms = window_need_ms(m->in, i);
	}
}
