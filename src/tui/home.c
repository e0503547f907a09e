/* SPDX-License-Identifier: ISC */
/* The first screen: what there is, what to do next, and the jobs. */
#include "config.h"

#include "tui/app_parts.h"
#include "tui/home_desk.h"
#include "tui/home_jobs.h"
#include "tui/questions.h"
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
	struct home_desk desk;
	VEC(const struct advice *) advice;
	struct home_jobs jobs;
	struct list list;
};

/* --- what to do next -------------------------------------------------------------------------- */

static bool no_inventory(const struct home *h)
{
	return !h->desk.inventory;
}

static bool no_credential(const struct home *h)
{
	return !h->desk.credentials;
}

static bool no_image(const struct home *h)
{
	return h->desk.needs_image;
}

static bool can_begin(const struct home *h)
{
	return h->desk.inventory;
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
	str_puts(out, h->desk.packages
			  ? _("! Only packages so far: add the image of the version to install")
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

static void advise(struct home *h)
{
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
	home_desk_look(a, &h->desk);
	advise(h);
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
	home_desk_release(&h->desk);
}

/* The job that was looked at is none of this screen's: it is one of the list again. */
static void again(struct app *a, void *state)
{
	struct home *h = state;
	struct err e = {0};
	(void)app_follow(a, NULL, &e);
	home_jobs_again(&h->jobs);
	home_desk_look(a, &h->desk);
	advise(h);
	list_refresh(&h->list);
}

static bool tick(struct app *a, void *state)
{
	struct home *h = state;
	bool desk = home_desk_tick(a, &h->desk);
	if (desk)
		advise(h);
	if (!home_jobs_tick(&h->jobs, a->store, a->clock) && !desk)
		return false;
	list_refresh(&h->list);
	return true;
}

static void draw_desk(const struct app *a, const void *state, const struct canvas *c)
{
	const struct home *h = state;
	(void)a;
	for (int i = 0; i < (int)LEN(h->desk.lines); i++)
		(void)canvas_text(c, i, 1, c->w - 2, ROLE_TEXT, str_text(&h->desk.lines[i]));
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

/* The one under the cursor, else the first one that asks; NULL: none does. */
static const struct home_job *asking(const struct home *h)
{
	const struct home_job *j = job_of(h, list_row(&h->list));
	if (j && j->asks)
		return j;
	for (size_t i = 0; i < h->jobs.shown; i++)
		if (h->jobs.list.v[i].asks)
			return &h->jobs.list.v[i];
	return NULL;
}

static void answer(struct app *a, void *state)
{
	const struct home_job *j = asking(state);
	if (j)
		questions_open_job(a, j->id);
}

static bool can_answer(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (asking(state))
		return true;
	return err_set(why, ERR_REFUSED, _("no question is open")), false;
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
	if (h->desk.inventory)
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
    {"answer", "A", N_("Answer"), N_("Answer the open question of the job"), answer,
     can_answer},
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
