/* SPDX-License-Identifier: ISC */
/* Step 3 of the wizard: how the job is called, and to which version it goes. */
#include "config.h"

#include "tui/app.h"
#include "model/phrases.h"
#include "tui/name_devices.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/version.h"

#include <stdlib.h>
#include <string.h>

#define NAME_ADVICE 22 /* columns: what lists and stages show whole */
#define FORM_LINES  8  /* four fields and their help */

enum { FIELD_NAME, FIELD_VERSION, FIELD_OTHER, FIELD_METHOD, FIELDS };

struct name {
	struct procedure *procedure;
	struct parameter fields[FIELDS];
	VEC(char *) versions; /* to choose from, the default first; NULL-ended */
	char **methods;       /* NULL-ended */
	char *standard;       /* default version; NULL: none */
	struct form form;
	struct name_devices devices;
	struct list list;
};

/* --- what can be chosen ----------------------------------------------------------------------- */

static void add_version(struct name *s, const char *version)
{
	for (size_t i = 0; i < s->versions.n; i++)
		if (!version || strcmp(s->versions.v[i], version) == 0)
			return;
	if (version)
		VEC_PUSH(&s->versions, xstrdup(version));
}

static int newest_first(const void *a, const void *b)
{
	return version_compare(*(char *const *)b, *(char *const *)a);
}

/* The default, then what there are images of, the newest first. */
static void take_versions(struct name *s, struct store *store)
{
	const char *platform = s->procedure->platforms[0];
	const char *kind = s->procedure->n_images ? s->procedure->images[0].kind : NULL;
	s->standard = store_default(store, platform);
	for (size_t i = 0; i < s->devices.images.n; i++) {
		const struct image *x = &s->devices.images.v[i];
		if (str_eq(x->platform, platform) && str_eq(x->kind, kind) &&
		    !str_eq(x->version, s->standard))
			add_version(s, x->version);
	}
	if (s->versions.n)
		qsort(s->versions.v, s->versions.n, sizeof(char *), newest_first);
	if (s->standard) {
		VEC_PUSH(&s->versions, NULL);
		memmove(s->versions.v + 1, s->versions.v, (s->versions.n - 1) * sizeof(char *));
		s->versions.v[0] = xstrdup(s->standard);
	}
	VEC_PUSH(&s->versions, NULL);
}

static bool can_choose(const struct name *s, const char *version)
{
	for (size_t i = 0; s->versions.v[i]; i++)
		if (str_eq(s->versions.v[i], version))
			return true;
	return false;
}

/* --- the form --------------------------------------------------------------------------------- */

static const struct parameter rows_of_form[FIELDS] = {
    [FIELD_NAME] = {.name = (char *)"name",
		    .title = (char *)N_("Job name"),
		    .help = (char *)N_("Needed, and no other job may have it. Spaces and special "
				       "characters are fine; 22 characters are seen whole "
				       "everywhere."),
		    .type = PARAMETER_TEXT},
    [FIELD_VERSION] = {.name = (char *)"version",
		       .title = (char *)N_("Version"),
		       .help = (char *)N_("The default and what there are images of: Space or Left "
					  "and Right."),
		       .type = PARAMETER_CHOICE},
    [FIELD_OTHER] = {.name = (char *)"other",
		     .title = (char *)N_("Another version"),
		     .help = (char *)N_("Typed, it counts instead of the one above. Empty: the one "
					"above."),
		     .type = PARAMETER_TEXT},
    [FIELD_METHOD] = {.name = (char *)"method",
		      .title = (char *)N_("Method"),
		      .type = PARAMETER_CHOICE},
};

/* The help of the method is its own title. */
static void tell_method(struct name *s, const struct draft *d)
{
	s->fields[FIELD_METHOD].help = procedure_method(s->procedure, d->method)->title;
}

static void make_form(struct app *a, struct name *s)
{
	const struct draft *d = a->draft;
	bool listed = can_choose(s, d->version);
	memcpy(s->fields, rows_of_form, sizeof(s->fields));
	s->methods = xcalloc(s->procedure->n_methods + 1, sizeof(char *));
	for (size_t i = 0; i < s->procedure->n_methods; i++)
		s->methods[i] = xstrdup(s->procedure->methods[i].name);
	s->fields[FIELD_VERSION].choices = s->versions.v;
	s->fields[FIELD_VERSION].fallback = s->standard;
	s->fields[FIELD_METHOD].choices = s->methods;
	s->fields[FIELD_METHOD].fallback = s->methods[0];
	tell_method(s, d);
	form_add(&s->form, &s->fields[FIELD_NAME], d->name);
	if (s->versions.v[0])
		form_add(&s->form, &s->fields[FIELD_VERSION],
			 listed ? d->version : s->versions.v[0]);
	form_add(&s->form, &s->fields[FIELD_OTHER], listed ? NULL : d->version);
	form_add(&s->form, &s->fields[FIELD_METHOD], d->method);
}

/* A name that will do, and the version that is wanted most often: Enter is enough then. */
static void begin_draft(struct app *a, struct name *s)
{
	char day[32];
	if (!a->draft->version && s->versions.v[0])
		draft_text(&a->draft->version, s->versions.v[0]);
	if (a->draft->name)
		return;
	clock_local(app_wall(a), day);
	char *wanted = xasprintf(_("Upgrade %.10s"), day);
	a->draft->name = draft_free_name(a->store, wanted);
	free(wanted);
}

/* --- life ------------------------------------------------------------------------------------- */

static void close_name(struct app *a, void *state)
{
	struct name *s = state;
	(void)a;
	list_release(&s->list);
	form_release(&s->form);
	name_devices_release(&s->devices);
	for (size_t i = 0; i < s->versions.n; i++)
		free(s->versions.v[i]);
	VEC_RELEASE(&s->versions);
	strings_free(s->methods);
	procedure_free(s->procedure);
	free(s->standard);
}

static int read_desk(struct app *a, struct name *s, struct err *e)
{
	if (name_devices_read(&s->devices, a->draft, a->store, e) != 0)
		return -1;
	s->procedure = draft_procedure(a->draft, s->devices.inventory, e);
	return s->procedure ? 0 : -1;
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct name *s = state;
	(void)argument;
	if (read_desk(a, s, e) != 0) {
		close_name(a, s);
		return -1;
	}
	if (a->draft->method && !procedure_method(s->procedure, a->draft->method))
		draft_text(&a->draft->method, NULL);
	take_versions(s, a->store);
	begin_draft(a, s);
	make_form(a, s);
	name_devices_judge(&s->devices, a->draft, s->procedure);
	list_init(&s->list, name_columns, NAME_COLUMNS, &name_rows, &s->devices);
	s->list.still = true;
	wizard_at(a, screen_name.name);
	return 0;
}

/* Images may have come; the fields stay as they are typed. */
static void again(struct app *a, void *state)
{
	struct name *s = state;
	size_t at = s->form.at;
	struct err e = {0};
	close_name(a, s);
	*s = (struct name){0};
	if (open(a, s, NULL, &e) != 0) {
		*s = (struct name){0};
		app_back(a);
		app_fail(a, &e);
		return;
	}
	s->form.at = at < s->form.fields.n ? at : 0;
}

static void close_and_save(struct app *a, void *state)
{
	if (((struct name *)state)->procedure)
		wizard_save(a);
	close_name(a, state);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct name *s = state;
	(void)a;
	form_fit(&s->form, FORM_LINES, width - 2);
	list_fit(&s->list, height - FORM_LINES - 2);
}

/* True: there is one, in the last line of the form. */
static bool draw_note(const struct app *a, const struct canvas *c)
{
	int w = a->draft->name ? utf8_width(a->draft->name) : 0;
	if (w <= NAME_ADVICE)
		return false;
	char *text =
	    xasprintf(_("The name is %d long, more than %d: begin with what tells it apart."), w,
		      NAME_ADVICE);
	(void)canvas_label(c, FORM_LINES, 1, c->w - 2, ROLE_WARNING, text);
	free(text);
	return true;
}

/* In full: the list below may have no room for it. */
static void draw_missing(const struct name *s, const struct canvas *c, int lines)
{
	char *text = name_devices_lacking(&s->devices);
	if (text)
		(void)canvas_wrap(c, FORM_LINES - 1, 1, c->w - 2, lines, ROLE_WARNING, text);
	free(text);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct name *s = state;
	struct canvas form = canvas_part(c, 0, 1, FORM_LINES, c->w - 2);
	struct canvas list = canvas_part(c, FORM_LINES + 2, 0, -1, -1);
	struct str logins = {0};
	name_devices_logins(&s->devices, &logins);
	draw_missing(s, c, draw_note(a, c) ? 1 : 2);
	int x = canvas_label(c, FORM_LINES + 1, 1, -1, ROLE_HEADER, _("Login")) + 2;
	(void)canvas_text(c, FORM_LINES + 1, x, c->w - x - 1, ROLE_TEXT, str_text(&logins));
	list_draw(&s->list, &list);
	form_draw(&s->form, &form); /* last: the cursor is its own */
	str_release(&logins);
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct name *s = state;
	(void)a;
	name_devices_count(&s->devices, out);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void keep(struct app *a, struct name *s)
{
	const char *other = form_value(&s->form, "other");
	const char *listed = form_value(&s->form, "version");
	draft_text(&a->draft->name, form_value(&s->form, "name"));
	draft_text(&a->draft->version, other && *other ? other : listed);
	draft_text(&a->draft->method, form_value(&s->form, "method"));
	tell_method(s, a->draft);
	name_devices_judge(&s->devices, a->draft, s->procedure);
	list_refresh(&s->list);
}

/* The list has no cursor of its own: a page is a page. */
static bool page(struct name *s, keycode k)
{
	struct list *l = &s->list;
	if (k != K_PAGE_DOWN && k != K_PAGE_UP)
		return false;
	if (k == K_PAGE_UP)
		l->at = l->top;
	else if (l->top + (size_t)l->height < l->rows.n)
		l->at = l->top + (size_t)l->height - 1;
	return list_key(l, k);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct name *s = state;
	size_t at = s->form.at;
	bool changed = false;
	bool taken = page(s, k) || form_key(&s->form, k, &changed);
	if (changed) {
		wizard_hush(a);
		keep(a, s);
	}
	if (s->form.at != at)
		wizard_save(a);
	return taken;
}

static bool typing(const void *state)
{
	const struct name *s = state;
	return s->form.fields.v[s->form.at].parameter->type == PARAMETER_TEXT;
}

/* --- going on --------------------------------------------------------------------------------- */

static int check_name(struct app *a, struct name *s, struct err *e)
{
	const char *name = form_value(&s->form, "name");
	if (!*name)
		err_set(e, ERR_INPUT, _("the job needs a name"));
	else if (job_check_name(name, e) == 0 && draft_name_taken(a->store, name))
		err_set(e, ERR_INPUT, _("there is a job \"%s\" already; choose another name"),
			name);
	form_mistake(&s->form, "name", e->kind != ERR_NONE ? said_err(e).text : NULL);
	s->form.at = 0;
	return e->kind != ERR_NONE ? -1 : 0;
}

static int check_version(struct app *a, struct name *s, struct err *e)
{
	const char *version = a->draft->version;
	if (version && version_valid(version))
		return 0;
	if (version)
		err_set(e, ERR_INPUT,
			_("\"%s\" is no version: a digit first, then letters, digits and "
			  ". _ + ~ -"),
			version);
	else
		err_set(e, ERR_INPUT, _("a version is needed; add an image (^G) or type one"));
	form_mistake(&s->form, "other", said_err(e).text);
	s->form.at = s->form.fields.n - 2; /* the typed one */
	return -1;
}

static void next(struct app *a, void *state)
{
	struct name *s = state;
	struct err e = {0};
	size_t at = s->form.at;
	keep(a, s);
	wizard_save(a);
	if (form_check(&s->form, &e) != 0 || check_name(a, s, &e) != 0 ||
	    check_version(a, s, &e) != 0)
		return; /* the form says it */
	s->form.at = at;
	app_open(a, &screen_options, NULL);
}

static void images(struct app *a, void *state)
{
	(void)state;
	wizard_save(a);
	app_open(a, &screen_images, NULL);
}

static bool images_there(const struct app *a, const void *state, struct err *why)
{
	const struct name *s = state;
	(void)a;
	if (s->versions.v[0])
		return true;
	return err_set(why, ERR_REFUSED, _("there is no image here")), false;
}

static void assign(struct app *a, void *state)
{
	keep(a, state);
	wizard_save(a);
	app_open(a, &screen_assign, NULL);
}

static const struct key_action actions[] = {
    {"next", "Enter", N_("Next"), N_("Go on to the options"), next, NULL},
    {"images", "^G", N_("Images"), N_("Look at the images, add one that is missing"), images, NULL},
    {"assign", "^N", N_("Assign"), N_("Give devices an image each: several images in one job"),
     assign, images_there},
    WIZARD_LEAVE,
    {0},
};

const struct screen screen_name = {
    .name = "name",
    .title = N_("Name and version"),
    .about = N_("The job's name, and the version to upgrade to. Below: what that means for each "
		"device, as far as it was asked before; PgUp and PgDn move that list."),
    .step = 3,
    .size = sizeof(struct name),
    .actions = actions,
    .open = open,
    .close = close_and_save,
    .again = again,
    .fit = fit,
    .draw = draw,
    .status = status,
    .key = key,
    .typing = typing,
};
