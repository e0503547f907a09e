/* SPDX-License-Identifier: ISC */
/* Which image each chosen device gets: several images in one job. */
#include "config.h"

#include "tui/app.h"
#include "tui/name_devices.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

struct assign {
	struct procedure *procedure;
	struct name_devices devices;
	VEC(const struct image *) images; /* of the system, for this platform */
	struct list list;
};

enum { COLUMN_DEVICE, COLUMN_FROM, COLUMN_IMAGE, COLUMN_TO, COLUMN_NEEDED };

static const struct column columns[] = {
    [COLUMN_DEVICE] = {N_("NAME"), 8, 20, 0, false},
    [COLUMN_FROM] = {N_("FROM"), 7, 16, 0, false},
    [COLUMN_IMAGE] = {N_("IMAGE"), 14, 32, 0, false},
    [COLUMN_TO] = {N_("TO"), 7, 16, 0, false},
    [COLUMN_NEEDED] = {N_("WHAT IS MISSING"), 16, 0, 1, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct assign *s = ctx;
	return name_rows.count(&s->devices);
}

static const char *id(const void *ctx, size_t row)
{
	const struct assign *s = ctx;
	return name_rows.id(&s->devices, row);
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	static const size_t same[] = {[COLUMN_DEVICE] = NAME_DEVICE,
				      [COLUMN_FROM] = NAME_FROM,
				      [COLUMN_TO] = NAME_TO,
				      [COLUMN_NEEDED] = NAME_NEEDED};
	const struct assign *s = ctx;
	const struct name_device *d = &s->devices.list.v[row];
	if (column == COLUMN_IMAGE)
		str_puts(&out->text, d->image ? d->image->label : _("(by version)"));
	else if (column == COLUMN_NEEDED && d->forecast == FORECAST_READY)
		str_printf(&out->text, "+ %s", _("nothing")), out->role = ROLE_OK;
	else
		name_rows.cell(&s->devices, row, same[column], out);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

/* --- life ------------------------------------------------------------------------------------- */

static void close_assign(struct app *a, void *state)
{
	struct assign *s = state;
	(void)a;
	list_release(&s->list);
	VEC_RELEASE(&s->images);
	name_devices_release(&s->devices);
	procedure_free(s->procedure);
}

static void take_images(struct assign *s)
{
	const char *kind = s->procedure->n_images ? s->procedure->images[0].kind : NULL;
	for (size_t i = 0; i < s->devices.images.n; i++) {
		const struct image *x = &s->devices.images.v[i];
		if (str_eq(x->platform, s->procedure->platforms[0]) && str_eq(x->kind, kind))
			VEC_PUSH(&s->images, x);
	}
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct assign *s = state;
	(void)argument;
	int rc = name_devices_read(&s->devices, a->draft, a->store, e);
	if (rc == 0)
		s->procedure = draft_procedure(a->draft, s->devices.inventory, e);
	if (!s->procedure) {
		close_assign(a, s);
		return -1;
	}
	take_images(s);
	name_devices_judge(&s->devices, a->draft, s->procedure);
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct assign *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height - 1);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct assign *s = state;
	struct canvas body = canvas_part(c, 0, 0, c->h - 1, -1);
	(void)a;
	list_draw(&s->list, &body);
	(void)canvas_label(c, c->h - 1, 1, c->w - 2, ROLE_DIM,
			   _("A device goes to the version of its image; (by version): to that of "
			     "the job."));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct assign *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct assign *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct assign *s = state;
	(void)a;
	name_devices_count(&s->devices, out);
}

/* --- giving ----------------------------------------------------------------------------------- */

static void give(struct app *a, const struct assign *s, size_t row, const struct image *i)
{
	values_set(&a->draft->images, id(s, row), i ? i->id : NULL);
}

static void done(struct app *a, struct assign *s)
{
	wizard_hush(a);
	wizard_save(a);
	name_devices_judge(&s->devices, a->draft, s->procedure);
	list_refresh(&s->list);
}

static bool fits(const struct assign *s, size_t row, const struct image *i)
{
	char *why = name_devices_misfit(&s->devices, row, i, s->procedure);
	bool good = !why;
	free(why);
	return good;
}

/* Behind the last one that fits it is what the job's version says again. */
static void next_image(struct app *a, void *state)
{
	struct assign *s = state;
	struct err e = {0};
	size_t row = list_row(&s->list), at = 0, fit = 0;
	for (size_t i = 0; i < s->images.n; i++)
		fit += fits(s, row, s->images.v[i]);
	if (!fit) {
		err_set(&e, ERR_REFUSED, _("no image fits %s; ^G on the screen before adds one"),
			id(s, row));
		app_fail(a, &e);
		return;
	}
	const struct image *now = s->devices.list.v[row].image;
	while (now && at < s->images.n && s->images.v[at++] != now)
		continue;
	while (at < s->images.n && !fits(s, row, s->images.v[at]))
		at++;
	give(a, s, row, at < s->images.n ? s->images.v[at] : NULL);
	done(a, s);
}

/* The image of this row to all shown devices that it fits. */
static void to_all(struct app *a, void *state)
{
	struct assign *s = state;
	const struct image *i = s->devices.list.v[list_row(&s->list)].image;
	size_t given = 0;
	for (size_t k = 0; k < s->list.rows.n; k++) {
		size_t row = s->list.rows.v[k];
		if (i && !fits(s, row, i))
			continue;
		give(a, s, row, i);
		given++;
	}
	done(a, s);
	app_say(a, ROLE_OK, ngettext("%zu device gets it now", "%zu devices get it now", given),
		given);
}

static void back(struct app *a, void *state)
{
	(void)state;
	app_back(a);
}

static bool any(const struct app *a, const void *state, struct err *why)
{
	const struct assign *s = state;
	(void)a;
	if (list_row(&s->list) != (size_t)-1)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no device here")), false;
}

static const struct key_action actions[] = {
    {"done", "Enter", N_("Done"), N_("Back to the name and the version"), back, NULL},
    {"next", "Space", N_("Next image"), N_("Give the device the next image that fits it"),
     next_image, any},
    {"all", "a", N_("To all"), N_("Give the same to all devices of the list that it fits"), to_all,
     any},
    WIZARD_LEAVE,
    {0},
};

const struct screen screen_assign = {
    .name = "assign",
    .title = N_("Images of the devices"),
    .about = N_("Several images in one job: each device gets the one that stands beside it. Those "
		"without one get what matches them and the version of the job."),
    .step = 3,
    .size = sizeof(struct assign),
    .actions = actions,
    .open = open,
    .close = close_assign,
    .fit = fit,
    .draw = draw,
    .status = status,
    .key = key,
    .typing = typing,
};
