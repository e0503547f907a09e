/* SPDX-License-Identifier: ISC */
/* What each device goes from and to, with which images. What is missing is for the checks to say.
 */
#include "config.h"

#include "plan/making.h"

static const char *matched(const struct plan_input *in, size_t i, const struct image_kind *kind,
			   const char *version)
{
	const struct device *d = &in->job->inventory->devices.v[in->job->devices.v[i]];
	struct values need = {0};
	const struct image *image;

	if (!version)
		return NULL;
	for (char **name = kind->fits; name && *name; name++)
		values_set(&need, *name, input_fact(in, i, *name));
	image = images_match(in->images, d->platform, kind->kind, version, &need);
	values_release(&need);
	return image ? image->id : NULL;
}

static const char *insisted_on(const struct plan_input *in)
{
	for (size_t i = 0; i < in->images->n; i++)
		if (str_eq(in->images->v[i].id, in->job->os_image))
			return in->images->v[i].id;
	return NULL;
}

static void add_images(const struct plan_input *in, size_t i, struct plan_device *p)
{
	const struct image_kind *kind = procedure_image_kind(in->procedure, "os");

	if (!kind || !in->images)
		return;
	p->image =
	    xstrdup(in->job->os_image ? insisted_on(in) : matched(in, i, kind, in->job->version));
	p->restore = xstrdup(
	    matched(in, i, kind, kind->current ? input_fact(in, i, kind->current) : p->from));
}

void targets_make(struct making *m)
{
	const struct job *job = m->in->job;

	for (size_t i = 0; i < job->devices.n; i++) {
		struct plan_device *p = VEC_ADD(&m->plan->devices);
		const struct devices *alone = &m->cut->alone[job->devices.v[i]];
		p->device = job->devices.v[i];
		p->from = xstrdup(input_fact(m->in, i, m->in->procedure->from_fact));
		p->to = xstrdup(job->version);
		add_images(m->in, i, p);
		for (size_t k = 0; !plan_stays_up(m->in) && k < alone->n; k++)
			VEC_PUSH(&p->isolates, alone->v[k]);
		p->estimate_ms = plan_device_estimate(m->in, i, false).p50_ms;
		p->need_ms = window_need_ms(m->in, i);
	}
}
