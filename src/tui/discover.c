/* SPDX-License-Identifier: ISC */
/* Devices that were found at the addresses of a range, and how each of them was found. */
#include "config.h"

#include "tui/discover.h"
#include "tui/inventory_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

struct discover {
	struct search *search; /* the last one; NULL: none yet */
	char *credential;
	struct list list;
};

enum { COLUMN_ADDRESS, COLUMN_RESULT, COLUMN_NAME, COLUMN_VERSION, COLUMN_DETAIL };

static const struct column columns[] = {
    [COLUMN_ADDRESS] = {N_("ADDRESS"), 11, 39, 0, false},
    [COLUMN_RESULT] = {N_("RESULT"), 10, 24, 0, false},
    [COLUMN_NAME] = {N_("NAME"), 8, 24, 0, false},
    [COLUMN_VERSION] = {N_("VERSION"), 7, 16, 1, false},
    [COLUMN_DETAIL] = {N_("DETAIL"), 12, 0, 2, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct discover *s = ctx;
	return s->search ? s->search->found.n : 0;
}

static const struct found *found(const void *ctx, size_t row)
{
	const struct discover *s = ctx;
	return &s->search->found.v[row];
}

static void put_class(const struct found *f, struct cell *out)
{
	out->label = true;
	str_puts(&out->text, found_word(f->class));
	if (f->class == FOUND_DEVICE)
		out->role = ROLE_OK;
	else if (f->class == FOUND_REFUSED || f->class == FOUND_OTHER_KEY)
		out->role = ROLE_ERROR;
	else if (f->class != FOUND_KNOWN)
		out->role = ROLE_WARNING;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct found *f = found(ctx, row);
	if (column == COLUMN_ADDRESS)
		str_puts(&out->text, f->address);
	else if (column == COLUMN_RESULT)
		put_class(f, out);
	else if (column == COLUMN_NAME)
		str_puts(&out->text, f->name ? f->name : "-");
	else if (column == COLUMN_VERSION)
		str_puts(&out->text, f->version ? f->version : "-");
	else
		str_puts(&out->text, f->why ? f->why : *f->fingerprint ? f->fingerprint : "-");
}

static const char *id(const void *ctx, size_t row)
{
	return found(ctx, row)->address;
}

/* Of a whole network most addresses answer nothing: they are only counted. */
static bool shown(const void *ctx, size_t row)
{
	return found_is_row(found(ctx, row));
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .shown = shown};

/* --- life ------------------------------------------------------------------------------------- */

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct discover *s = state;
	(void)a, (void)argument, (void)e;
	s->credential = xstrdup("default");
	list_init(&s->list, columns, LEN(columns), &rows, s);
	return 0;
}

static void close_discover(struct app *a, void *state)
{
	struct discover *s = state;
	(void)a;
	list_release(&s->list);
	search_free(s->search);
	free(s->credential);
}

static void say_before(struct app *a, const struct discover *s)
{
	size_t n = s->search->found.before;
	if (n)
		app_say(a, ROLE_WARNING,
			ngettext("%zu address refused %s in an earlier search: t tries it again",
				 "%zu addresses refused %s in an earlier search: t tries them again",
				 n),
			n, s->search->credential);
}

void discover_show(struct app *a, struct search *search)
{
	struct discover *s = NULL;
	for (size_t i = 0; i < a->stack.n; i++)
		if (a->stack.v[i].kind == &screen_discover)
			s = a->stack.v[i].state;
	if (!s) { /* it was left: nobody wants to know any more */
		search_free(search);
		return;
	}
	search_free(s->search);
	s->search = search;
	list_refresh(&s->list);
	say_before(a, s);
	app_changed(a);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct discover *s = state;
	(void)a, (void)width;
	list_fit(&s->list, height);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct discover *s = state;
	(void)a;
	if (s->search)
		list_draw(&s->list, c);
	else
		(void)canvas_text(c, 1, 2, -1, ROLE_TEXT,
				  _("Press s to search a range of addresses."));
}

static bool key(struct app *a, void *state, keycode k)
{
	struct discover *s = state;
	(void)a;
	return list_key(&s->list, k);
}

static bool typing(const void *state)
{
	const struct discover *s = state;
	return s->list.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct discover *s = state;
	(void)a;
	if (s->search)
		str_printf(out, _("%zu found, %zu not reachable"),
			   s->search->found.count[FOUND_DEVICE],
			   s->search->found.count[FOUND_NO_ANSWER]);
}

/* --- searching -------------------------------------------------------------------------------- */

static void search(struct app *a, struct discover *s, const char *range, bool again)
{
	struct search *fresh = xcalloc(1, sizeof(*fresh));
	fresh->range = xstrdup(range);
	fresh->credential = xstrdup(s->credential);
	fresh->again = again;
	search_start(a, fresh);
}

static void range_typed(struct app *a, void *ctx, size_t choice, const char *text)
{
	if (choice == 0)
		search(a, ctx, text, false);
}

static void ask_range(struct app *a, void *state)
{
	struct discover *s = state;
	if (*a->argument) {
		search(a, s, a->argument, false);
		return;
	}
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Search devices")),
			   .text = xasprintf(_("Addresses: 192.0.2.0/24, 192.0.2.10-19, lists with "
					       "commas, IPv6 too; \"... port 2222\" for another "
					       "port. The login is tried with the "
					       "credential %s (e: another one); the first refusal "
					       "ends that."),
					     s->credential),
			   .choices = {_("Search"), _("Cancel")},
			   .n_choices = 2,
			   .field = true,
			   .first = s->search ? s->search->range : NULL,
			   .answer = range_typed,
			   .ctx = s});
}

static bool idle(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (!a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("wait until it is through")), false;
}

static void try_again(struct app *a, void *state)
{
	struct discover *s = state;
	search(a, s, s->search->range, true);
}

static bool refused_before(const struct app *a, const void *state, struct err *why)
{
	const struct discover *s = state;
	if (!idle(a, state, why))
		return false;
	if (s->search && s->search->found.before)
		return true;
	return err_set(why, ERR_REFUSED, _("nobody refused the login in an earlier search")), false;
}

static void credential_typed(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct discover *s = ctx;
	struct credentials list;
	struct err e = {0};
	if (choice != 0)
		return;
	if (desk_credentials(a->store, &list, &e) == 0 && !credentials_find(&list, text))
		err_set(&e, ERR_INPUT, _("there is no credential \"%s\""), text);
	credentials_release(&list);
	if (e.kind != ERR_NONE) {
		app_fail(a, &e);
		return;
	}
	free(s->credential);
	s->credential = xstrdup(text);
	app_say(a, ROLE_INFO, _("The next search logs in with the credential %s"), text);
}

static void choose_credential(struct app *a, void *state)
{
	struct discover *s = state;
	dialog_open(a, (struct dialog){.title = xstrdup(_("Credential")),
				       .text = xstrdup(_("Name of the credential to log in with.")),
				       .choices = {_("Set"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .first = s->credential,
				       .answer = credential_typed,
				       .ctx = s});
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

/* --- taking over ------------------------------------------------------------------------------ */

static int take_over(struct app *a, const struct discover *s, struct str *notes, size_t *n,
		     struct err *e)
{
	char *path = store_path(a->store, "inventory.json");
	bool there = path_exists(path);
	struct inventory *now = there ? desk_inventory(a->store, e) : NULL;
	struct inventory *next = NULL;
	free(path);
	if (!there || now)
		next = discover_add(&s->search->found, now, notes, e);
	int rc = next ? desk_inventory_save(a->store, next, e) : -1;
	if (rc == 0) {
		*n = next->devices.n - (now ? now->devices.n : 0);
		discover_remember(a->store, &s->search->found, next);
	}
	inventory_free(now);
	inventory_free(next);
	return rc;
}

static void add(struct app *a, void *state)
{
	const struct discover *s = state;
	struct str notes = {0};
	struct err e = {0};
	size_t n = 0;
	if (take_over(a, s, &notes, &n, &e) != 0)
		app_fail(a, &e);
	else
		app_say(a, ROLE_OK, ngettext("%zu device added", "%zu devices added", n), n);
	if (notes.len)
		dialog_tell(a, ROLE_WARNING, _("Not all were added as they are"), str_text(&notes));
	str_release(&notes);
}

static bool has_found(const struct app *a, const void *state, struct err *why)
{
	const struct discover *s = state;
	if (!idle(a, state, why))
		return false;
	if (s->search && s->search->found.count[FOUND_DEVICE])
		return true;
	return err_set(why, ERR_REFUSED, _("no new device was found")), false;
}

static const struct key_action actions[] = {
    {"search", "s Enter", N_("Search"), N_("Search a range of addresses; also :search RANGE"),
     ask_range, idle},
    {"add", "a", N_("Add"), N_("Put the devices that were found into the inventory"), add,
     has_found},
    {"credential", "e", N_("Credential"), N_("Log in with another credential"), choose_credential,
     idle},
    {"stop", "X", N_("Stop"), N_("End the search; what was seen until then is shown"), stop,
     working},
    {"retry", "t", N_("Try again"),
     N_("Log in, too, where the credential was refused in an earlier search"), try_again,
     refused_before},
    {0},
};

const struct screen screen_discover = {
    .name = "discover",
    .title = N_("Discover"),
    .about =
	N_("Search devices at the addresses of a range, with approval of new host keys. What is "
	   "found can be added to the inventory."),
    .size = sizeof(struct discover),
    .actions = actions,
    .open = open,
    .close = close_discover,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
