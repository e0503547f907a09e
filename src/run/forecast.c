/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/forecast.h"

#include "base/i18n.h"

static bool copies(const struct procedure *p, char *const *steps, const char *kind)
{
	for (size_t i = 0; steps && steps[i]; i++) {
		const struct step *s = procedure_step(p, steps[i]);
		if (s && s->action == ACTION_PUT && str_eq(s->image, kind))
			return true;
	}
	return false;
}

static const char *parameter(const struct forecast_input *in, const char *name)
{
	const char *text = values_get(in->parameters, name);
	const struct parameter *q = procedure_parameter(in->procedure, name);
	return text ? text : q ? q->fallback : NULL;
}

/* --- images ----------------------------------------------------------------------------------- */

static const struct image *any_image(const struct forecast_input *in, const char *kind,
				     const char *version)
{
	for (size_t i = 0; i < in->images->n; i++) {
		const struct image *x = &in->images->v[i];
		if (str_eq(x->kind, kind) && str_eq(x->platform, in->platform) &&
		    str_eq(x->version, version))
			return x;
	}
	return NULL;
}

/* What of the device has to fit; false: it was not told all of it. */
static bool needs(const struct image_kind *k, const struct values *facts, struct values *out)
{
	bool all = true;
	for (size_t i = 0; k->fits && k->fits[i]; i++) {
		const char *text = values_get(facts, k->fits[i]);
		all &= text && *text;
		if (text && *text)
			values_set(out, k->fits[i], text);
	}
	if (k->supported)
		values_set(out, k->supported, values_get(facts, k->supported));
	return all;
}

static void say_missing(const struct image_kind *k, const char *version, const struct values *facts,
			bool back, struct str *why)
{
	struct values own = {0};
	struct scope s = {.layers = {&own, facts}};
	values_set(&own, "image.version", version);
	str_puts(why, back ? _("to go back, no image for ") : _("no image for "));
	(void)template_expand(k->combination, &s, QUOTE_NONE, why, NULL);
	values_release(&own);
}

static enum forecast image(const struct forecast_input *in, const struct image_kind *k,
			   const char *version, const struct values *facts, bool back,
			   struct str *why)
{
	struct values need = {0};
	bool told = needs(k, facts, &need);
	bool there = told ? images_match(in->images, in->platform, k->kind, version, &need) != NULL
			  : any_image(in, k->kind, version) != NULL;
	values_release(&need);
	if (there)
		return told ? FORECAST_READY : FORECAST_ASK;
	if (told)
		say_missing(k, version, facts, back, why);
	else
		str_printf(why, _("no %s %s at all"), translated(k->title), version);
	return FORECAST_MISSING;
}

/* The worst of all kinds, for the way there and, when it is wanted, for the way back. */
static enum forecast images(const struct forecast_input *in, const struct values *facts,
			    struct str *why)
{
	enum forecast worst = FORECAST_READY;
	bool back = str_eq(parameter(in, "rollback"), "yes");
	for (size_t i = 0; i < in->procedure->n_images && worst != FORECAST_MISSING; i++) {
		const struct image_kind *k = &in->procedure->images[i];
		const char *to = k->parameter ? parameter(in, k->parameter) : in->version;
		const char *now = k->current ? values_get(facts, k->current) : NULL;
		enum forecast x = FORECAST_READY;
		if (to && *to && copies(in->procedure, in->method->steps, k->kind))
			x = image(in, k, to, facts, false, why);
		if (x != FORECAST_MISSING && back && to && *to && now && *now &&
		    copies(in->procedure, in->method->rollback, k->kind))
			x = image(in, k, now, facts, true, why);
		worst = x > worst ? x : worst;
	}
	return worst;
}

/* --- all -------------------------------------------------------------------------------------- */

static bool way_open(const struct forecast_input *in, const struct known_device *known,
		     struct str *why)
{
	struct values own = {0}, chosen = {0};
	struct scope s = {.layers = {&own, &known->facts, &chosen}};
	struct answer none = {.status = -1, .out = "", .err = ""};
	procedure_defaults(in->procedure, &chosen);
	values_merge(&chosen, in->parameters);
	values_set(&own, "from", known->version);
	values_set(&own, "version", in->version);
	bool open = !in->procedure->path_allowed ||
		    judge_ask(in->procedure->path_allowed, &none, &s, NULL, NULL) != VERDICT_NO;
	if (!open)
		str_printf(why, _("not possible from %s to %s"), known->version, in->version);
	values_release(&own);
	values_release(&chosen);
	return open;
}

enum forecast forecast_device(const struct forecast_input *in, const struct known_device *known,
			      struct str *why)
{
	static const struct values nothing = {0};
	const char *from = known ? known->version : NULL;
	if (from && procedure_same_version(in->procedure, from, in->version) &&
	    !str_eq(parameter(in, "reinstall"), "yes")) {
		str_puts(why, _("runs it already"));
		return FORECAST_SAME;
	}
	if (from && !way_open(in, known, why))
		return FORECAST_PATH;
	enum forecast x = images(in, known ? &known->facts : &nothing, why);
	if (x == FORECAST_MISSING || (x == FORECAST_READY && from))
		return x;
	str_puts(why, _("unknown until asked"));
	return FORECAST_ASK;
}
