/* SPDX-License-Identifier: ISC */
/* What is this file? Asked when neither it nor its name tells. */
#include "config.h"

#include "tui/app.h"
#include "tui/image.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

struct image_form {
	char *path;
	struct procedure *procedure;
	VEC(char *) kinds; /* of images, NULL-ended: choices */
	VEC(struct parameter) parameters;
	struct form form;
};

enum { FIELD_KIND, FIELD_VERSION, FIELD_UNCHECKED, FIELD_FITS };

void image_answers_release(struct image_answers *a)
{
	free(a->kind);
	free(a->version);
	values_release(&a->fits);
	*a = (struct image_answers){0};
}

/* --- fields ----------------------------------------------------------------------------------- */

static bool has(const struct image_form *s, const char *name)
{
	for (size_t i = 0; i < s->parameters.n; i++)
		if (str_eq(s->parameters.v[i].name, name))
			return true;
	return false;
}

static void add_value(struct str *list, const char *text)
{
	char *with = xasprintf(" %s,", text), *all = xasprintf(" %s,", str_text(list));
	if (!strstr(all, with))
		str_printf(list, "%s%s", list->len ? ", " : "", text);
	free(with);
	free(all);
}

/* The values that are known for it: "Broadcom, Mellanox, VX". New. */
static char *values_of(const struct procedure *p, const char *name)
{
	struct str list = {0};
	for (size_t i = 0; i < p->n_images; i++)
		for (size_t m = 0; m < p->images[i].n_maps; m++) {
			const struct value_map *map = &p->images[i].maps[m];
			for (size_t v = 0; str_eq(map->name, name) && v < map->map.n; v++)
				add_value(&list, map->map.v[v].text);
		}
	return str_take(&list);
}

static void add_fits(struct image_form *s)
{
	for (size_t i = 0; i < s->procedure->n_images; i++)
		for (char **f = s->procedure->images[i].fits; f && *f; f++) {
			if (has(s, *f))
				continue;
			char *known = values_of(s->procedure, *f);
			struct parameter *q = VEC_ADD(&s->parameters);
			q->name = xstrdup(*f);
			q->title = xstrdup(*f);
			q->help =
			    xasprintf(_("What it fits. Known values: %s. Empty: any."), known);
			q->type = PARAMETER_TEXT;
			free(known);
		}
}

static void add_field(struct image_form *s, const char *name, const char *title, const char *help,
		      enum parameter_type type)
{
	struct parameter *q = VEC_ADD(&s->parameters);
	*q = (struct parameter){
	    .name = xstrdup(name), .title = xstrdup(title), .help = xstrdup(help), .type = type};
}

static void make_fields(struct image_form *s)
{
	for (size_t i = 0; i < s->procedure->n_images; i++)
		VEC_PUSH(&s->kinds, s->procedure->images[i].kind);
	VEC_PUSH(&s->kinds, NULL);
	add_field(s, "kind", N_("Kind"),
		  N_("os: the system itself. Else a package that goes with it."), PARAMETER_CHOICE);
	add_field(s, "version", N_("Version"), N_("For example 4.2.0."), PARAMETER_TEXT);
	add_field(s, "unchecked", N_("Unchecked"),
		  N_("yes: take the file although it does not look like one of its kind."),
		  PARAMETER_BOOL);
	add_fits(s);
	s->parameters.v[FIELD_KIND].choices = s->kinds.v;
	for (size_t i = 0; i < s->parameters.n; i++)
		form_add(&s->form, &s->parameters.v[i],
			 i == FIELD_KIND        ? s->kinds.v[0]
			 : i == FIELD_UNCHECKED ? "no"
						: "");
}

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct image_form *s = state;
	(void)a;
	s->procedure = procedures_for(NULL, e);
	if (!s->procedure)
		return -1;
	if (!s->procedure->n_images) {
		procedure_free(s->procedure);
		return err_set(e, ERR_REFUSED, _("the procedure knows no images"));
	}
	s->path = xstrdup(argument);
	make_fields(s);
	return 0;
}

static void close_form(struct app *a, void *state)
{
	struct image_form *s = state;
	(void)a;
	form_release(&s->form);
	for (size_t i = 0; i < s->parameters.n; i++) {
		free(s->parameters.v[i].name);
		free(s->parameters.v[i].title);
		free(s->parameters.v[i].help);
	}
	VEC_RELEASE(&s->parameters);
	VEC_RELEASE(&s->kinds);
	procedure_free(s->procedure);
	free(s->path);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct image_form *s = state;
	(void)a;
	form_fit(&s->form, height - 2, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct image_form *s = state;
	struct canvas inner = canvas_part(c, 2, 1, -1, c->w - 2);
	(void)a;
	(void)canvas_text(c, 0, 1, c->w - 2, ROLE_HEADER, s->path);
	form_draw(&s->form, &inner);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct image_form *s = state;
	(void)a;
	return form_key(&s->form, k, NULL);
}

static bool typing(const void *state)
{
	const struct image_form *s = state;
	return s->parameters.v[s->form.at].type == PARAMETER_TEXT;
}

/* --- adding ----------------------------------------------------------------------------------- */

static void take(struct app *a, void *state)
{
	struct image_form *s = state;
	struct err e = {0};
	const char *version = form_value(&s->form, "version");
	form_mistake(&s->form, "version", NULL);
	if (form_check(&s->form, &e) != 0 || !*version) {
		if (e.kind == ERR_NONE) {
			err_set(&e, ERR_INPUT, _("the version is missing"));
			form_mistake(&s->form, "version", e.text);
			s->form.at = FIELD_VERSION;
		}
		app_fail(a, &e);
		return;
	}
	struct image_answers answers = {.kind = xstrdup(form_value(&s->form, "kind")),
					.version = xstrdup(version),
					.unchecked =
					    str_eq(form_value(&s->form, "unchecked"), "yes")};
	for (size_t i = FIELD_FITS; i < s->parameters.n; i++) {
		const char *name = s->parameters.v[i].name, *value = form_value(&s->form, name);
		if (value && *value)
			values_set(&answers.fits, name, value);
	}
	char *path = xstrdup(s->path);
	app_back(a);
	images_add_answered(a, path, &answers);
	free(path);
}

static const struct key_action actions[] = {
    {"take", "Enter ^S", N_("Add"), N_("Add the file with these answers"), take, NULL},
    {0},
};

const struct screen screen_image_form = {
    .name = "image",
    .title = N_("What is it?"),
    .about = N_("Neither the file nor its name tells what it is."),
    .size = sizeof(struct image_form),
    .actions = actions,
    .open = open,
    .close = close_form,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
