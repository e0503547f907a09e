/* SPDX-License-Identifier: ISC */
/* The first screen: what there is, what to do next, and the jobs. */
#include "config.h"

#include "tui/app_parts.h"
#include "tui/home_jobs.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/desk.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

#define DESK_LINES 4 /* devices, images, credentials, a rule */

struct home;

struct advice { /* a line that says what to do next; Enter does it */
	bool (*wanted)(const struct home *h);
	void (*text)(const struct home *h, struct str *out);
	void (*run)(struct app *a);
	enum theme_role role;
};

struct home {
	const struct app *app; /* for the rows */
	bool inventory;        /* there is one */
	size_t images, packages, credentials; /* images: of systems */
	bool needs_image;      /* there is none, and not all devices do without */
	struct str lines[3];   /* what lies on the desk */
	VEC(const struct advice *) advice;
	struct home_jobs jobs;
	struct list list;
};

/* --- what to do next -------------------------------------------------------------------------- */

static bool no_inventory(const struct home *h)
{
	return !h->inventory;
}

static bool no_credential(const struct home *h)
{
	return !h->credentials;
}

static bool no_image(const struct home *h)
{
	return h->needs_image;
}

static bool can_begin(const struct home *h)
{
	return h->inventory;
}

static void say_inventory(const struct home *h, struct str *out)
{
	(void)h;
	str_puts(out, _("! No devices yet: bring in an inventory"));
}

static void say_credential(const struct home *h, struct str *out)
{
	(void)h;
	str_puts(out, _("! No credential yet: say how to log in to the devices"));
}

static void say_image(const struct home *h, struct str *out)
{
	str_puts(out, h->packages ? _("! Only packages so far: add the image of the version to install")
				  : _("! No image yet: add the file of the version to install"));
}

static void say_begin(const struct home *h, struct str *out)
{
	const struct app *a = h->app;
	if (!wizard_begun(a))
		str_puts(out, _("New upgrade job"));
	else if (a->draft->name)
		str_printf(out, _("Go on with the new job \"%s\""), a->draft->name);
	else
		str_puts(out, _("Go on with the new job"));
}

static void go_inventory(struct app *a)
{
	app_open(a, &screen_inventory, NULL);
}

static void go_credentials(struct app *a)
{
	app_open(a, &screen_credentials, NULL);
}

static void go_images(struct app *a)
{
	app_open(a, &screen_images, NULL);
}

static const struct advice advices[] = {
    {no_inventory, say_inventory, go_inventory, ROLE_WARNING},
    {no_credential, say_credential, go_credentials, ROLE_WARNING},
    {no_image, say_image, go_images, ROLE_WARNING},
    {can_begin, say_begin, wizard_enter, ROLE_INFO},
};

/* --- the desk --------------------------------------------------------------------------------- */

struct tally { /* how many of each version; borrowed texts */
	struct tally_row {
		const char *version;
		size_t n;
	} rows[8];
	size_t n, rest;
};

static void count_version(struct tally *t, const char *version)
{
	size_t i = 0;
	while (i < t->n && strcmp(t->rows[i].version, version) != 0)
		i++;
	if (i == LEN(t->rows)) {
		t->rest++;
		return;
	}
	if (i == t->n)
		t->rows[t->n++] = (struct tally_row){version, 0};
	t->rows[i].n++;
}

static int by_version(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;
	return strverscmp(x->version, y->version);
}

static void put_tally(struct tally *t, struct str *out)
{
	qsort(t->rows, t->n, sizeof(t->rows[0]), by_version);
	for (size_t i = 0; i < t->n; i++)
		str_printf(out, "   %s: %zu", t->rows[i].version, t->rows[i].n);
	if (t->rest)
		str_printf(out, _("   others: %zu"), t->rest);
}

static void tell_devices(struct home *h, const struct inventory *inv,
			 const struct known_devices *known)
{
	struct tally t = {.n = 0};
	size_t total = 0, unknown = 0, lost = 0;
	for (size_t i = 0; inv && i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct known_device *k = known_device(known, d->name);
		if (d->anchor)
			continue;
		total++;
		if (k && k->version)
			count_version(&t, k->version);
		else if (k && (k->asked || k->ended))
			lost++; /* its last upgrade left it with nobody knows which */
		else
			unknown++;
	}
	str_clear(&h->lines[0]);
	str_printf(&h->lines[0], _("Devices: %zu"), total);
	put_tally(&t, &h->lines[0]);
	if (lost)
		str_printf(&h->lines[0], _("   version not known: %zu"), lost);
	if (unknown)
		str_printf(&h->lines[0], _("   not asked yet: %zu"), unknown);
}

/* Is there a device that is upgraded with a file of the operator's? One of which nobody knows how it
 * is upgraded may be. */
static bool need_image(struct app *a, const struct inventory *inv)
{
	struct procedures list = {0};
	struct err e = {0};
	bool found = !inv || !inv->devices.n;
	if (!found && procedures_all(NULL, &list, &e) != 0) {
		app_fail(a, &e);
		found = true;
	}
	for (size_t i = 0; !found && i < inv->devices.n; i++) {
		const struct device *d = &inv->devices.v[i];
		const struct procedure *p = procedures_of(&list, d->platform);
		found = !d->anchor && (!p || procedure_needs_image(p));
	}
	procedures_free(&list);
	return found;
}

static void look_at_devices(struct app *a, struct home *h)
{
	struct known_devices known = {0};
	struct err e = {0};
	char *path = store_path(a->store, "inventory.json");
	struct inventory *inv = path_exists(path) ? desk_inventory(a->store, &e) : NULL;
	if (store_history_last(a->store, &known, &e) != 0 || e.kind != ERR_NONE)
		app_fail(a, &e);
	h->inventory = inv && inv->devices.n;
	h->needs_image = !h->images && need_image(a, inv);
	tell_devices(h, inv, &known);
	known_devices_release(&known);
	inventory_free(inv);
	free(path);
}

static void look_at_images(struct app *a, struct home *h)
{
	struct images list = {0};
	struct tally t = {.n = 0};
	struct err e = {0};
	if (store_images(a->store, &list, &e) != 0)
		app_fail(a, &e);
	h->images = 0;
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.v[i].kind, "os")) {
			count_version(&t, list.v[i].version);
			h->images++;
		}
	str_clear(&h->lines[1]);
	str_printf(&h->lines[1], _("Images: %zu"), list.n);
	put_tally(&t, &h->lines[1]);
	h->packages = list.n - h->images;
	if (h->packages)
		str_printf(&h->lines[1], _("   packages: %zu"), h->packages);
	char *version = list.n ? store_default(a->store, list.v[0].platform) : NULL;
	if (version)
		str_printf(&h->lines[1], _("   default: %s"), version);
	free(version);
	images_release(&list);
}

static void look_at_credentials(struct app *a, struct home *h)
{
	struct credentials list = {0};
	struct err e = {0};
	if (desk_credentials(a->store, &list, &e) != 0)
		app_fail(a, &e);
	h->credentials = list.n;
	str_clear(&h->lines[2]);
	str_printf(&h->lines[2], _("Credentials: %zu"), list.n);
	for (size_t i = 0; i < list.n; i++)
		str_printf(&h->lines[2], "   %s (%s)", list.v[i].name, list.v[i].user);
	credentials_release(&list);
}

static void look_at_desk(struct app *a, struct home *h)
{
	look_at_images(a, h);
	look_at_devices(a, h);
	look_at_credentials(a, h);
	h->advice.n = 0;
	for (size_t i = 0; i < LEN(advices); i++)
		if (advices[i].wanted(h))
			VEC_PUSH(&h->advice, &advices[i]);
}

/* --- rows: advice, then jobs ------------------------------------------------------------------ */

static const struct column columns[] = {
    [HOME_JOB] = {N_("JOB"), 22, 40, 0, false},
    [HOME_STATE] = {N_("STATE"), 14, 16, 0, false},
    [HOME_TO] = {N_("TO"), 6, 12, 1, false},
    [HOME_PROGRESS] = {N_("DEVICES"), 17, 24, 0, false},
    [HOME_WHEN] = {N_("MADE"), 11, 11, 2, false},
};

static size_t count(const void *ctx)
{
	const struct home *h = ctx;
	return h->advice.n + h->jobs.shown;
}

static const struct home_job *job_of(const struct home *h, size_t row)
{
	return row < h->advice.n || row >= count(h) ? NULL : &h->jobs.list.v[row - h->advice.n];
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct home *h = ctx;
	const struct home_job *j = job_of(h, row);
	if (j) {
		home_job_cell(j, column, out);
	} else if (column == HOME_JOB) {
		h->advice.v[row]->text(h, &out->text);
		out->role = h->advice.v[row]->role;
	}
}

static const char *id(const void *ctx, size_t row)
{
	static const char *const names[LEN(advices)] = {"inventory", "credential", "image",
							"begin"};
	const struct home *h = ctx;
	const struct home_job *j = job_of(h, row);
	return j ? j->id : names[h->advice.v[row] - advices];
}

static bool wide(const void *ctx, size_t row)
{
	return !job_of(ctx, row);
}

/* What is to be done stays on top. */
static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct home *h = ctx;
	return job_of(h, a) && job_of(h, b) ? list_compare_text(&h->list, a, b, column) : 0;
}

static const struct list_rows rows = {
    .count = count, .cell = cell, .id = id, .wide = wide, .compare = compare};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct home *h = state;
	(void)argument, (void)e;
	h->app = a;
	home_jobs_again(&h->jobs);
	look_at_desk(a, h);
	list_init(&h->list, columns, LEN(columns), &rows, h);
	return 0;
}

static void close_home(struct app *a, void *state)
{
	struct home *h = state;
	(void)a;
	list_release(&h->list);
	home_jobs_release(&h->jobs);
	VEC_RELEASE(&h->advice);
	for (size_t i = 0; i < LEN(h->lines); i++)
		str_release(&h->lines[i]);
}

/* The job that was looked at is none of this screen's: it is one of the list again. */
static void again(struct app *a, void *state)
{
	struct home *h = state;
	struct err e = {0};
	(void)app_follow(a, NULL, &e);
	home_jobs_again(&h->jobs);
	look_at_desk(a, h);
	list_refresh(&h->list);
}

static bool tick(struct app *a, void *state)
{
	struct home *h = state;
	if (!home_jobs_tick(&h->jobs, a->store, a->clock))
		return false;
	list_refresh(&h->list);
	return true;
}

static void draw_desk(const struct app *a, const void *state, const struct canvas *c)
{
	const struct home *h = state;
	(void)a;
	for (int i = 0; i < (int)LEN(h->lines); i++)
		(void)canvas_text(c, i, 1, c->w - 2, ROLE_TEXT, str_text(&h->lines[i]));
}

/* --- actions ---------------------------------------------------------------------------------- */

static void open_job(struct app *a, const struct home_job *j)
{
	struct err e = {0};
	if (app_follow(a, j->id, &e) != 0)
		app_fail(a, &e);
	else
		app_open(a, screen_of_job(app_view(a)), NULL);
}

static void enter(struct app *a, void *state)
{
	struct home *h = state;
	size_t row = list_row(&h->list);
	const struct home_job *j = job_of(h, row);
	if (j)
		open_job(a, j);
	else if (row < h->advice.n)
		h->advice.v[row]->run(a);
}

static void begin(struct app *a, void *state)
{
	(void)state;
	wizard_enter(a);
}

static bool has_devices(const struct app *a, const void *state, struct err *why)
{
	const struct home *h = state;
	(void)a;
	if (h->inventory)
		return true;
	return err_set(why, ERR_REFUSED, _("there are no devices yet; bring in an inventory (I)")),
	       false;
}

static void forget(struct app *a, void *state)
{
	draft_clear(a->draft);
	wizard_save(a);
	again(a, state);
}

static void ask_to_forget(struct app *a, void *state)
{
	app_confirm(a, xstrdup(_("Begin anew")),
		    xstrdup(_("What was chosen and typed for the new job is dropped. Jobs that "
			      "were made of it stay as they are.")),
		    _("Drop it"), forget, state);
}

static bool has_draft(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (wizard_begun(a))
		return true;
	return err_set(why, ERR_REFUSED, _("nothing was chosen yet")), false;
}

#define OPENS(name, screen)                                                                        \
	static void name(struct app *a, void *state)                                               \
	{                                                                                          \
		(void)state;                                                                       \
		app_open(a, &(screen), NULL);                                                      \
	}
OPENS(history, screen_history)
OPENS(inventory, screen_inventory)
OPENS(show_log, screen_log)

static const struct key_action actions[] = {
    {"open", "Enter Right l", N_("Open"), N_("Do what the line says, or look at the job"), enter,
     NULL},
    {"new", "n", N_("New job"), N_("Upgrade devices: the wizard begins, or goes on where it was"),
     begin, has_devices},
    {"history", "H", N_("History"), N_("All jobs there ever were"), history, NULL},
    {"inventory", "I", N_("Inventory"), N_("Devices, groups and links: look, bring in a file"),
     inventory, NULL},
    {"images", "i", N_("Images"), N_("Files to install: look, add, choose the default"), app_images,
     NULL},
    {"credentials", "c", N_("Logins"), N_("How to log in to the devices"), app_credentials, NULL},
    {"themes", "t", NULL, N_("Colours of the screen"), show_themes, NULL},
    {"log", "L", NULL, N_("What the program noted"), show_log, NULL},
    {"drop", "D", NULL, N_("Drop the new job that was begun, and start from nothing"),
     ask_to_forget, has_draft},
    {0},
};

const struct screen screen_home = {
    .name = "home",
    .title = N_("Home"),
    .about = N_("What there is, what to do next, and the jobs that run or ran lately. Enter does "
		"what a line says."),
    .size = sizeof(struct home),
    .actions = actions,
    .open = open,
    .close = close_home,
    .again = again,
    .tick = tick,
    .draw_head = draw_desk,
    .list = SCREEN_LIST(struct home, list),
    .head = DESK_LINES,
};
