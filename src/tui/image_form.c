/* SPDX-License-Identifier: ISC */
/* What is this file? Asked when neither it nor its name tells, or when somebody wants to say more;
 * and what is said of an image that is there. */
#include "config.h"

#include "tui/app.h"
#include "tui/image.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/images.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

#define FIELD_PLATFORMS "platforms"

struct image_form {
	char *path;            /* of the file; NULL: an image is changed */
	bool untold;           /* the version is needed */
	struct image image;    /* that one */
	struct procedures all; /* whose images can be described */
	const struct procedure *procedure;
	VEC(char *) ids;   /* of them, NULL-ended: choices */
	VEC(char *) kinds; /* of images, NULL-ended: choices */
	VEC(struct parameter) parameters;
	struct form form;
};

void image_answers_release(struct image_answers *a)
{
	free(a->label);
	free(a->procedure);
	free(a->kind);
	free(a->version);
	free(a->vendor);
	free(a->platforms);
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
			if (has(s, *f) ||
			    (!s->path && !str_eq(s->image.kind, s->procedure->images[i].kind)))
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

/* What the kinds of images of this procedure compare with the model of a device. */
static const char *supported(const struct procedure *p)
{
	for (size_t i = 0; i < p->n_images; i++)
		if (p->images[i].supported)
			return p->images[i].supported;
	return NULL;
}

static void make_parameters(struct image_form *s)
{
	for (size_t i = 0; i < s->procedure->n_images; i++)
		VEC_PUSH(&s->kinds, s->procedure->images[i].kind);
	VEC_PUSH(&s->kinds, NULL);
	if (s->path) {
		add_field(s, "name", N_("Name"),
			  N_("It stays with the image for good. Empty: the file's."),
			  PARAMETER_TEXT);
		add_field(s, "procedure", N_("Procedure"),
			  N_("That installs it: says which platform it is for."), PARAMETER_CHOICE);
		add_field(s, "kind", N_("Kind"),
			  N_("os: the system itself. Else a package that goes with it."),
			  PARAMETER_CHOICE);
	}
	add_field(s, "version", N_("Version"), N_("For example 4.2.0."), PARAMETER_TEXT);
	add_field(s, "vendor", N_("Vendor"), N_("Who made it."), PARAMETER_TEXT);
	if (s->path)
		add_field(s, "unchecked", N_("Unchecked"),
			  N_("yes: take the file although it does not look like one of its kind."),
			  PARAMETER_BOOL);
	add_fits(s);
	if (supported(s->procedure))
		add_field(s, FIELD_PLATFORMS, N_("Supported platforms"),
			  N_("Models of devices, with commas and wildcards: qfx5120*,qfx5110*. "
			     "Empty: all that it fits."),
			  PARAMETER_TEXT);
}

/* What stands in a field at first: what is known of the image, or what the file's name tells. */
static const char *first_value(const struct image_form *s, const char *name)
{
	const struct image *i = &s->image;
	if (str_eq(name, "procedure"))
		return s->procedure->id;
	if (str_eq(name, "kind"))
		return i->kind ? i->kind : s->kinds.v[0];
	if (str_eq(name, "unchecked"))
		return "no";
	const char *text;
	if (str_eq(name, "version"))
		text = i->version;
	else if (str_eq(name, "vendor"))
		text = i->vendor;
	else if (str_eq(name, FIELD_PLATFORMS))
		text = values_get(&i->fits, supported(s->procedure));
	else
		text = values_get(&i->fits, name);
	return text ? text : "";
}

static void make_fields(struct image_form *s)
{
	make_parameters(s);
	for (size_t i = 0; i < s->parameters.n; i++) {
		struct parameter *q = &s->parameters.v[i];
		if (str_eq(q->name, "procedure"))
			q->choices = s->ids.v;
		else if (str_eq(q->name, "kind"))
			q->choices = s->kinds.v;
		form_add(&s->form, q, first_value(s, q->name));
	}
}

static void drop_fields(struct image_form *s)
{
	form_release(&s->form);
	for (size_t i = 0; i < s->parameters.n; i++) {
		free(s->parameters.v[i].name);
		free(s->parameters.v[i].title);
		free(s->parameters.v[i].help);
	}
	VEC_RELEASE(&s->parameters);
	VEC_RELEASE(&s->kinds);
	s->form = (struct form){0};
}

/* Another procedure asks for other things; what was typed stays where it asks for the same. */
static void other_procedure(struct image_form *s)
{
	struct values typed = {0};
	const char *wanted = form_value(&s->form, "procedure");
	int height = s->form.height, width = s->form.width;
	size_t at = s->form.at;
	for (size_t i = 0; i < s->all.n; i++)
		if (str_eq(s->all.v[i]->id, wanted))
			s->procedure = s->all.v[i];
	for (size_t i = 0; i < s->parameters.n; i++)
		values_set(&typed, s->parameters.v[i].name,
			   form_value(&s->form, s->parameters.v[i].name));
	drop_fields(s);
	make_fields(s);
	for (size_t i = 0; i < typed.n; i++)
		if (form_value(&s->form, typed.v[i].name) && !str_eq(typed.v[i].name, "kind"))
			form_set(&s->form, typed.v[i].name, typed.v[i].text);
	values_release(&typed);
	form_fit(&s->form, height, width);
	s->form.at = at;
}

/* --- life ------------------------------------------------------------------------------------- */

static void close_form(struct app *a, void *state)
{
	struct image_form *s = state;
	(void)a;
	drop_fields(s);
	VEC_RELEASE(&s->ids);
	procedures_free(&s->all);
	image_release(&s->image);
	free(s->path);
}

/* The first that knows the file's name, or the image's platform; else the first of all. */
static void choose_procedure(struct image_form *s)
{
	const char *slash = s->path ? strrchr(s->path, '/') : NULL;
	if (!s->path)
		s->procedure = procedures_of(&s->all, s->image.platform);
	for (size_t i = 0; s->path && i < s->all.n && !s->procedure; i++)
		if (procedure_image_name(s->all.v[i], slash ? slash + 1 : s->path, &s->image))
			s->procedure = s->all.v[i];
	for (size_t i = 0; s->path && i < s->all.n && !s->procedure; i++)
		if (s->all.v[i]->n_images)
			s->procedure = s->all.v[i];
}

static void copy_image(const struct image *from, struct image *to)
{
	*to = (struct image){.id = xstrdup(from->id),
			     .label = xstrdup(from->label),
			     .kind = xstrdup(from->kind),
			     .version = xstrdup(from->version),
			     .vendor = xstrdup(from->vendor),
			     .platform = xstrdup(from->platform)};
	values_copy(&to->fits, &from->fits);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct image_form *s = state;
	const struct image_form_argument *wish = argument;
	s->path = xstrdup(wish->path);
	s->untold = wish->untold || wish->image;
	if (wish->image)
		copy_image(wish->image, &s->image);
	if (procedures_all(NULL, &s->all, e) != 0) {
		close_form(a, s);
		return -1;
	}
	choose_procedure(s);
	if (!s->procedure) {
		close_form(a, s);
		return err_set(e, ERR_REFUSED, _("no procedure knows such images"));
	}
	for (size_t i = 0; i < s->all.n; i++)
		if (s->all.v[i]->n_images)
			VEC_PUSH(&s->ids, s->all.v[i]->id);
	VEC_PUSH(&s->ids, NULL);
	make_fields(s);
	return 0;
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
	(void)canvas_text(c, 0, 1, c->w - 2, ROLE_HEADER, s->path ? s->path : s->image.label);
	form_draw(&s->form, &inner);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct image_form *s = state;
	bool changed = false;
	(void)a;
	bool taken = form_key(&s->form, k, &changed);
	if (changed && s->path && !str_eq(form_value(&s->form, "procedure"), s->procedure->id))
		other_procedure(s);
	return taken;
}

static bool typing(const void *state)
{
	const struct image_form *s = state;
	return s->parameters.v[s->form.at].type == PARAMETER_TEXT;
}

/* --- adding ----------------------------------------------------------------------------------- */

/* "" is nothing said of a file, and takes away what was said of an image. */
static char *answer(const struct image_form *s, const char *name)
{
	const char *text = form_value(&s->form, name);
	return !text || (s->path && !*text) ? NULL : xstrdup(text);
}

/* What is wrong is said by the form. */
static bool check(struct image_form *s)
{
	struct err e = {0};
	form_mistake(&s->form, "version", NULL);
	if (form_check(&s->form, &e) == 0 && (*form_value(&s->form, "version") || !s->untold))
		return true;
	if (e.kind == ERR_NONE) {
		err_set(&e, ERR_INPUT, _("the version is missing"));
		form_mistake(&s->form, "version", e.text);
		while (!str_eq(s->parameters.v[s->form.at].name, "version"))
			s->form.at = (s->form.at + 1) % s->parameters.n;
	}
	return false;
}

/* Only what a person changed is said; the rest is for the file to tell. */
static void take_fits(const struct image_form *s, struct values *out)
{
	for (size_t i = 0; i < s->procedure->n_images; i++)
		for (char **f = s->procedure->images[i].fits; f && *f; f++) {
			char *text = answer(s, *f);
			if (text && (s->path || !str_eq(text, first_value(s, *f))))
				values_set(out, *f, text);
			free(text);
		}
}

static void change(struct app *a, const char *id, struct image_answers *answers)
{
	const struct image_words words = {.version = answers->version,
					  .vendor = answers->vendor,
					  .platforms = answers->platforms,
					  .fits = &answers->fits};
	struct image i;
	struct err e = {0};
	if (images_edit(a->store, id, &words, &i, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_OK, _("%s: changed"), i.label);
	image_release(&i);
	image_answers_release(answers);
}

static void take(struct app *a, void *state)
{
	struct image_form *s = state;
	if (!check(s))
		return;
	struct image_answers answers = {.label = answer(s, "name"),
					.procedure = answer(s, "procedure"),
					.kind = answer(s, "kind"),
					.version = answer(s, "version"),
					.vendor = answer(s, "vendor"),
					.platforms = answer(s, FIELD_PLATFORMS),
					.unchecked =
					    str_eq(form_value(&s->form, "unchecked"), "yes")};
	take_fits(s, &answers.fits);
	char *what = xstrdup(s->path ? s->path : s->image.id);
	bool file = s->path != NULL;
	app_back(a);
	if (file)
		images_add_answered(a, what, &answers);
	else
		change(a, what, &answers);
	free(what);
}

static const struct key_action actions[] = {
    {"take", "Enter ^S", N_("Take"), N_("Add the file, or change the image, as it stands here"),
     take, NULL},
    {0},
};

const struct screen screen_image_form = {
    .name = "image",
    .title = N_("What is it?"),
    .about = N_("What the file and its name do not tell; what the file itself says cannot be "
		"changed."),
    .size = sizeof(struct image_form),
    .actions = actions,
    .open = open,
    .close = close_form,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
