/* SPDX-License-Identifier: ISC */
/* Images and packages: what there is, what it fits, and more of them. */
#include "config.h"

#include "tui/app.h"
#include "model/phrases.h"
#include "tui/files.h"
#include "tui/image.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/images.h"
#include "run/missing.h"
#include "run/procedures.h"

#include <stdlib.h>

#define KIND_SYSTEM "os"

struct images_state {
	struct store *store; /* borrowed */
	struct images have;
	int64_t version; /* of the database when they were read */
	struct list list;
};

enum { COLUMN_VERSION, COLUMN_KIND, COLUMN_FITS, COLUMN_SIZE, COLUMN_NAME };

static const struct column columns[] = {
    [COLUMN_VERSION] = {N_("VERSION"), 8, 16, 0, false},
    [COLUMN_KIND] = {N_("KIND"), 9, 12, 0, false},
    [COLUMN_FITS] = {N_("FITS"), 12, 30, 0, false},
    [COLUMN_SIZE] = {N_("SIZE"), 8, 10, 1, true},
    [COLUMN_NAME] = {N_("NAME"), 20, 0, 2, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct images_state *s = ctx;
	return s->have.n;
}

static const struct image *image(const void *ctx, size_t row)
{
	const struct images_state *s = ctx;
	return &s->have.v[row];
}

static const char *id(const void *ctx, size_t row)
{
	return image(ctx, row)->id;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct image *i = image(ctx, row);
	switch (column) {
	case COLUMN_VERSION:
		str_puts(&out->text, i->version);
		break;
	case COLUMN_KIND:
		str_puts(&out->text, i->kind);
		break;
	case COLUMN_FITS:
		image_put_fits(i, &out->text);
		break;
	case COLUMN_SIZE:
		file_size_put(i->size, &out->text);
		break;
	default:
		str_puts(&out->text, i->label);
		break;
	}
}

/* The system of the default version. */
static bool marked(const void *ctx, size_t row)
{
	const struct images_state *s = ctx;
	const struct image *i = image(ctx, row);
	char *chosen = str_eq(i->kind, KIND_SYSTEM) ? store_default(s->store, i->platform) : NULL;
	bool is = chosen && str_eq(chosen, i->version);
	free(chosen);
	return is;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct images_state *s = ctx;
	int64_t x = image(ctx, a)->size, y = image(ctx, b)->size;
	if (column == COLUMN_SIZE)
		return x < y ? -1 : x > y;
	return list_compare_text(&s->list, a, b, column);
}

static const struct list_rows rows = {
    .count = count, .cell = cell, .id = id, .marked = marked, .compare = compare};

/* --- life ------------------------------------------------------------------------------------- */

static int load(struct images_state *s, struct err *e)
{
	struct images fresh = {0};
	int64_t version = store_version(s->store);
	if (store_images(s->store, &fresh, e) != 0)
		return -1;
	images_release(&s->have);
	s->have = fresh;
	s->version = version;
	return 0;
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct images_state *s = state;
	(void)argument;
	s->store = a->store;
	if (load(s, e) != 0)
		return -1;
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_images(struct app *a, void *state)
{
	struct images_state *s = state;
	(void)a;
	list_release(&s->list);
	images_release(&s->have);
}

static void reload(struct app *a, struct images_state *s)
{
	struct err e = {0};
	if (load(s, &e) != 0)
		app_fail(a, &e);
	list_refresh(&s->list);
}

static bool tick(struct app *a, void *state)
{
	struct images_state *s = state;
	int64_t version = store_version(s->store);
	if (version < 0 || version == s->version)
		return false;
	s->version = version;
	reload(a, s);
	return true;
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct images_state *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height - 1);
}

static char *space_text(const struct images_state *s)
{
	struct str used = {0};
	int64_t bytes = 0;
	for (size_t i = 0; i < s->have.n; i++)
		bytes += s->have.v[i].size;
	file_size_put(bytes, &used);
	char *text = xasprintf(_("*: the default version; all together %s"), str_text(&used));
	str_release(&used);
	return text;
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct images_state *s = state;
	(void)a;
	if (!s->have.n) {
		(void)canvas_wrap(c, 1, 1, c->w - 2, 3, ROLE_WARNING,
				  _("There is no image yet: a adds a file. What it is and what it "
				    "fits is read from the file itself, or its name."));
		return;
	}
	struct canvas body = canvas_part(c, 0, 0, c->h - 1, -1);
	list_draw(&s->list, &body);
	char *space = space_text(s);
	(void)canvas_label(c, c->h - 1, 1, -1, ROLE_DIM, space);
	free(space);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct images_state *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct images_state *s = state;
	return s->list.filtering;
}

/* --- in the background ------------------------------------------------------------------------ */

struct task {
	char *dir;
	char *what;    /* path of the file, or the image's id */
	char *name;    /* of the image, for the message */
	struct image_answers answers; /* what a person said about it */
	bool asked;                   /* those are filled in */
	bool known;
	bool untold; /* nobody told what it is */
};

static void task_free(void *ctx)
{
	struct task *t = ctx;
	image_answers_release(&t->answers);
	free(t->dir);
	free(t->what);
	free(t->name);
	free(t);
}

static struct task *task_new(const struct app *a, const char *what, const char *name)
{
	struct task *t = xcalloc(1, sizeof(*t));
	t->dir = xstrdup(store_dir(a->store));
	t->what = xstrdup(what);
	t->name = xstrdup(name);
	return t;
}

static int progress(void *ctx, int64_t done, int64_t total)
{
	return work_progress(ctx, done, total);
}

static int run_add(struct work *w, void *ctx, struct err *e)
{
	struct task *t = ctx;
	struct image i = {0};
	struct store *store = store_open(t->dir, clock_real(), e);
	struct procedure *p =
	    t->answers.procedure ? procedures_load(t->answers.procedure, e) : NULL;
	const struct image_words words = {.kind = t->answers.kind,
					  .version = t->answers.version,
					  .label = t->answers.label,
					  .vendor = t->answers.vendor,
					  .platforms = t->answers.platforms,
					  .fits = &t->answers.fits,
					  .procedure = p,
					  .unchecked = t->answers.unchecked};
	int rc = store && (p || !t->answers.procedure)
		     ? images_add(store, t->what, &words, progress, w, &i, &t->known, e)
		     : -1;
	procedure_free(p);
	t->untold = rc != 0 && e->kind == ERR_INPUT && (!i.kind || !i.version);
	if (rc == 0)
		t->name = xasprintf("%s %s (%s)", i.label, i.version, i.kind);
	image_release(&i);
	store_close(store);
	return rc;
}

static void added(struct app *a, void *ctx, int rc, const struct err *e)
{
	const struct task *t = ctx;
	if (rc != 0 && t->untold && !t->asked)
		app_open(a, &screen_image_form,
			 &(struct image_form_argument){.path = t->what, .untold = true});
	else if (rc != 0)
		dialog_tell(a, ROLE_ERROR, _("The image was not added"), said_err(e).text);
	else
		app_say(a, ROLE_OK, t->known ? _("It was there already: %s") : _("Added: %s"),
			t->name);
}

static int run_verify(struct work *w, void *ctx, struct err *e)
{
	const struct task *t = ctx;
	struct store *store = store_open(t->dir, clock_real(), e);
	int rc = store ? images_verify(store, t->what, progress, w, e) : -1;
	store_close(store);
	return rc;
}

static void verified(struct app *a, void *ctx, int rc, const struct err *e)
{
	const struct task *t = ctx;
	if (rc != 0)
		dialog_tell(a, ROLE_ERROR, _("The image is not what was added"), said_err(e).text);
	else
		app_say(a, ROLE_OK, _("%s: the file is what was added"), t->name);
}

static const struct work_kind adding = {N_("Reading the image"), run_add, added, task_free};
static const struct work_kind verifying = {N_("Verifying the image"), run_verify, verified,
					   task_free};

static void begin(struct app *a, const struct work_kind *kind, struct task *t)
{
	struct err e = {0};
	if (work_start(a, kind, t, &e) != 0)
		app_fail(a, &e);
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool any(const struct app *a, const void *state, struct err *why)
{
	const struct images_state *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no image here")), false;
}

static bool idle(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (!a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("something is going on; X stops it")), false;
}

static bool idle_and_any(const struct app *a, const void *state, struct err *why)
{
	return any(a, state, why) && idle(a, state, why);
}

static void add_path(struct app *a, const char *path)
{
	begin(a, &adding, task_new(a, path, NULL));
}

void images_add_answered(struct app *a, const char *path, struct image_answers *answers)
{
	struct task *t = task_new(a, path, NULL);
	t->answers = *answers;
	t->asked = true;
	*answers = (struct image_answers){0};
	begin(a, &adding, t);
}

static void describe_path(struct app *a, const char *path)
{
	app_open(a, &screen_image_form, &(struct image_form_argument){.path = path});
}

static void add_described(struct app *a, void *state)
{
	static const struct file_argument wish = {.title = N_("Add an image"),
						  .pick = describe_path};
	(void)state;
	app_open(a, &screen_files, &wish);
}

static void edit(struct app *a, void *state)
{
	struct images_state *s = state;
	app_open(a, &screen_image_form,
		 &(struct image_form_argument){.image = image(s, list_row(&s->list))});
}

static void add(struct app *a, void *state)
{
	static const struct file_argument wish = {.title = N_("Add an image"), .pick = add_path};
	(void)state;
	app_open(a, &screen_files, &wish);
}

static void verify(struct app *a, void *state)
{
	struct images_state *s = state;
	const struct image *i = image(s, list_row(&s->list));
	begin(a, &verifying, task_new(a, i->id, i->label));
}

static void stop(struct app *a, void *state)
{
	(void)state;
	work_stop(a->work);
}

static bool working(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("nothing is going on")), false;
}

static void set_default(struct app *a, void *state)
{
	struct images_state *s = state;
	struct err e = {0};
	size_t row = list_row(&s->list);
	const struct image *i = image(s, row);
	const char *version = marked(s, row) ? NULL : i->version;
	if (store_set_default(a->store, i->platform, version, &e) != 0)
		app_fail(a, &e);
	else if (version)
		app_say(a, ROLE_OK, _("Default version of %s: %s"), i->platform, version);
	else
		app_say(a, ROLE_OK, _("%s has no default version any more"), i->platform);
}

static bool is_system(const struct app *a, const void *state, struct err *why)
{
	const struct images_state *s = state;
	if (!any(a, state, why))
		return false;
	if (str_eq(image(s, list_row(&s->list))->kind, KIND_SYSTEM))
		return true;
	return err_set(why, ERR_REFUSED, _("a package goes with a system and has no default")),
	       false;
}

static void remove_it(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct err e = {0};
	const struct open_screen *top = &a->stack.v[a->stack.n - 1];
	(void)text;
	if (choice != 0)
		return;
	if (store_image_delete(a->store, ctx, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_OK, _("The image is deleted"));
	if (top->kind == &screen_images)
		reload(a, top->state);
}

static void ask_remove(struct app *a, void *state)
{
	struct images_state *s = state;
	const struct image *i = image(s, list_row(&s->list));
	struct str size = {0}, text = {0};
	size_t n = image_way_back(a->store, i);
	file_size_put(i->size, &size);
	str_printf(&text, _("%s (%s, %s). A job that still needs it cannot install it any more."),
		   i->label, i->version, str_text(&size));
	if (n)
		str_printf(&text,
			   ngettext("\n%zu device runs this version now: nothing else brings it back.",
				    "\n%zu devices run this version now: nothing else brings them back.",
				    n),
			   n);
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Delete the image?")),
			   .text = xstrdup(str_text(&text)),
			   .choices = {_("Delete"), _("Cancel")},
			   .n_choices = 2,
			   .at = 1,
			   .role = ROLE_WARNING,
			   .answer = remove_it,
			   .ctx = xstrdup(i->id),
			   .free_ctx = free});
	str_release(&size);
	str_release(&text);
}

static void show(struct app *a, void *state)
{
	struct images_state *s = state;
	image_show(a, image(s, list_row(&s->list)));
}

static const struct key_action actions[] = {
    {"show", "Enter", N_("Show"), N_("Everything known about the image"), show, any},
    {"add", "a", N_("Add"), N_("Copy a file into the state directory and hash it"), add, idle},
    {"edit", "e", N_("Edit"), N_("Change what is said of the image; its name stays"), edit, any},
    {"default", "v", N_("Default"), N_("Make its version the default one, or no longer"),
     set_default, is_system},
    {"missing", "m", N_("Missing"), N_("Images that the devices need and that are not there"),
     images_show_missing, NULL},
    {"verify", "V", N_("Verify"), N_("Hash the stored file again"), verify, idle_and_any},
    {"delete", "d Del", N_("Delete"), N_("Delete the image"), ask_remove, any},
    {"describe", "D", N_("Describe"), N_("Add a file, and say its name, vendor and platforms"),
     add_described, idle},
    {"stop", "X", N_("Stop"), N_("Stop reading the file"), stop, working},
    {0},
};

const struct screen screen_images = {
    .name = "images",
    .title = N_("Images"),
    .about = N_("Images and packages to install. Each is known by its content and by what it fits."),
    .size = sizeof(struct images_state),
    .actions = actions,
    .open = open,
    .close = close_images,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
