/* SPDX-License-Identifier: ISC */
/* Error cards: what failed, grouped by cause, with what speaks for it and what can be done now. */
#include "config.h"

#include "tui/evidence.h"
#include "tui/orders.h"
#include "tui/screens.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/cards.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MOST     5 /* lines for cards when the card under the cursor needs the others */
#define EVIDENCE_MOST 5 /* lines of output on a card; the step shows all of it */

struct cards_screen {
	struct cards cards;
	int64_t seq;
	bool inside; /* the devices of the card under the cursor are listed */
	struct list list, devices;
	struct pager pager; /* the card under the cursor */
	char *shown;        /* its key */
	int list_lines;
};

/* --- rows: cards ------------------------------------------------------------------------------ */

enum { CARD_DEVICES, CARD_PHASE, CARD_WHAT, CARD_COLUMNS };

static const struct column card_columns[CARD_COLUMNS] = {
    [CARD_DEVICES] = {N_("DEVICES"), 7, 7, 0, true},
    [CARD_PHASE] = {N_("PHASE"), 8, 22, 1, false},
    [CARD_WHAT] = {N_("WHAT HAPPENED"), 20, 0, 0, false},
};

static size_t count(const void *ctx)
{
	const struct cards_screen *s = ctx;
	return s->cards.list.n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct cards_screen *s = ctx;
	const struct card *k = &s->cards.list.v[row];
	if (column == CARD_DEVICES)
		str_printf(&out->text, "%zu", k->members.n);
	else if (column == CARD_PHASE)
		str_puts(&out->text, translated(k->phase)), out->label = true;
	else
		str_puts(&out->text, k->title);
	out->role = column == CARD_WHAT ? ROLE_ERROR : ROLE_TEXT;
}

static const char *id(const void *ctx, size_t row)
{
	const struct cards_screen *s = ctx;
	return s->cards.list.v[row].key;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct cards_screen *s = ctx;
	const struct card *x = &s->cards.list.v[a], *y = &s->cards.list.v[b];
	if (column == CARD_DEVICES)
		return x->members.n < y->members.n ? 1 : x->members.n > y->members.n ? -1 : 0;
	return column == CARD_PHASE ? strcmp(x->phase ? x->phase : "", y->phase ? y->phase : "")
				    : strcmp(x->title, y->title);
}

static const struct list_rows card_rows = {
    .count = count, .cell = cell, .id = id, .compare = compare};

static const struct card *card(const struct cards_screen *s)
{
	size_t row = list_row(&s->list);
	return row < s->cards.list.n ? &s->cards.list.v[row] : NULL;
}

/* --- rows: the devices of a card -------------------------------------------------------------- */

enum { DEVICE_NAME, DEVICE_STATE, DEVICE_WHY, DEVICE_COLUMNS };

static const struct column device_columns[DEVICE_COLUMNS] = {
    [DEVICE_NAME] = {N_("DEVICE"), 8, 24, 0, false},
    [DEVICE_STATE] = {N_("STATE"), 13, 20, 0, false},
    [DEVICE_WHY] = {N_("WHAT HAPPENED"), 20, 0, 0, false},
};

static const struct task_view *task_at(const struct cards_screen *s, size_t row)
{
	const struct card *k = card(s);
	return k && row < k->members.n ? card_task(&k->members.v[row]) : NULL;
}

static size_t count_devices(const void *ctx)
{
	const struct cards_screen *s = ctx;
	const struct card *k = card(s);
	return k ? k->members.n : 0;
}

static const char *device_id(const void *ctx, size_t row)
{
	const struct cards_screen *s = ctx;
	const struct task_view *t = task_at(s, row);
	return t ? jobview_device(s->cards.view, t->device) : "";
}

static void device_cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct cards_screen *s = ctx;
	const struct task_view *t = task_at(s, row);
	if (!t)
		return;
	if (column == DEVICE_NAME)
		str_puts(&out->text, device_id(ctx, row));
	else if (column == DEVICE_STATE)
		cell_task(out, t->state);
	else
		str_puts(&out->text, said(s->cards.view, task_view_why(t)));
}

static const struct list_rows device_rows = {
    .count = count_devices, .cell = device_cell, .id = device_id};

/* --- the card under the cursor ---------------------------------------------------------------- */

static void section(struct pager *p, const char *title, enum theme_role role, const char *text)
{
	if (!text || !*text)
		return;
	pager_add(p, ROLE_TITLE, 0, title);
	pager_add(p, role, 2, text);
}

static void add_devices(struct pager *p, const struct card *k)
{
	struct str names = {0};
	for (size_t i = 0; i < k->members.n; i++) {
		const struct card_member *m = &k->members.v[i];
		const struct task_view *t = card_task(m);
		str_printf(&names, "%s%s (%s)", i ? ", " : "", card_device(m),
			   t ? word_task(t->state) : _("job"));
	}
	pager_addf(p, ROLE_TITLE, 0, _("Devices: %zu"), k->members.n);
	pager_add(p, ROLE_TEXT, 2, str_text(&names));
	str_release(&names);
}

static void add_evidence(struct pager *p, const struct card *k)
{
	if (!k->command && !k->output)
		return;
	pager_add(p, ROLE_TITLE, 0, _("Evidence"));
	if (k->command && *k->command)
		pager_addf(p, ROLE_INFO, 2, "> %s", k->command);
	if (k->output && *k->output)
		pager_add(p, ROLE_TEXT, 2, evidence_tail(k->output, EVIDENCE_MOST));
	else
		pager_add(p, ROLE_DIM, 2, _("nothing came back"));
}

/* "t  Try it again ...", or why it cannot be done. */
static void add_order(const struct app *a, struct pager *p, const struct card *k,
		      const char *key_name, enum order_kind kind)
{
	size_t can = 0;
	struct err why = {0};
	for (size_t i = 0; i < k->members.n; i++) {
		const struct task_view *t = card_task(&k->members.v[i]);
		can += t && orders_possible(a, kind, t->device, &why);
	}
	if (can == k->members.n)
		pager_addf(p, ROLE_OK, 2, "%s  %s", key_name, orders_meaning(kind));
	else if (can)
		pager_addf(p, ROLE_OK, 2, _("%s  %s (%zu of %zu devices)"), key_name,
			   orders_meaning(kind), can, k->members.n);
	else
		pager_addf(p, ROLE_DIM, 2, _("%s  not now: %s"), key_name, said_err(&why).text);
}

static void describe(struct app *a, struct cards_screen *s)
{
	const struct card *k = card(s);
	struct pager *p = &s->pager;
	if (!k || !str_eq(s->shown, k->key))
		p->top = 0;
	free(s->shown);
	s->shown = k ? xstrdup(k->key) : NULL;
	pager_clear(p);
	if (!k)
		return;
	section(p, _("What happened"), ROLE_ERROR, k->message);
	add_devices(p, k);
	section(p, _("Likely cause"), ROLE_TEXT, k->cause);
	section(p, _("What to do"), ROLE_OK, k->advice);
	pager_add(p, ROLE_TITLE, 0, _("Keys that are safe now"));
	add_order(a, p, k, "t", ORDER_RETRY);
	add_order(a, p, k, "s", ORDER_SKIP);
	add_order(a, p, k, "b", ORDER_ROLLBACK);
	add_evidence(p, k);
}

/* --- life ------------------------------------------------------------------------------------- */

static bool look(struct app *a, struct cards_screen *s)
{
	const struct jobview *v = app_view(a);
	if (v == s->cards.view && (!v || v->seq == s->seq))
		return false;
	cards_make(&s->cards, v);
	s->seq = v ? v->seq : 0;
	list_refresh(&s->list);
	s->inside = s->inside && card(s);
	list_refresh(&s->devices);
	describe(a, s);
	return true;
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct cards_screen *s = state;
	(void)argument;
	if (!app_view(a))
		return err_set(e, ERR_REFUSED, _("there is no job to look at; choose one first"));
	list_init(&s->list, card_columns, CARD_COLUMNS, &card_rows, s);
	list_init(&s->devices, device_columns, DEVICE_COLUMNS, &device_rows, s);
	(void)look(a, s);
	return 0;
}

static void close_cards(struct app *a, void *state)
{
	struct cards_screen *s = state;
	(void)a;
	list_release(&s->list);
	list_release(&s->devices);
	pager_release(&s->pager);
	cards_release(&s->cards);
	free(s->shown);
}

static bool tick(struct app *a, void *state)
{
	return look(a, state);
}

static void again(struct app *a, void *state)
{
	(void)look(a, state);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct cards_screen *s = state;
	int wanted = (int)s->cards.list.n + 1 + (list_shown(&s->list) < s->cards.list.n ? 1 : 0);
	(void)a;
	s->list_lines = wanted > LIST_MOST + 1 ? LIST_MOST + 1 : wanted < 2 ? 2 : wanted;
	if (s->list.filtering || s->list.filter.text.len)
		s->list_lines++;
	list_fit(&s->list, s->list_lines);
	list_fit(&s->devices, height - s->list_lines);
	pager_fit(&s->pager, height - s->list_lines - 1, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct cards_screen *s = state;
	struct canvas top = canvas_part(c, 0, 0, s->list_lines, c->w);
	struct canvas rest = canvas_part(c, s->list_lines, 0, c->h - s->list_lines, c->w);
	struct canvas text = canvas_part(&rest, 1, 1, rest.h - 1, rest.w - 2);
	(void)a;
	if (s->cards.list.n == 0) {
		(void)canvas_label(c, 1, 2, -1, ROLE_OK, _("Nothing has failed in this job"));
		return;
	}
	if (s->inside) {
		list_draw(&s->list, &top);
		list_draw(&s->devices, &rest);
		return;
	}
	canvas_line(&rest, 0, ROLE_BORDER);
	if (s->pager.top + (size_t)s->pager.height < s->pager.starts.n)
		(void)canvas_label(&rest, 0, 2, -1, ROLE_DIM, _(" PgDn: more of this card "));
	pager_draw(&s->pager, &text);
	list_draw(&s->list, &top); /* last: the cursor is its own */
}

static bool key(struct app *a, void *state, keycode k)
{
	struct cards_screen *s = state;
	if (s->inside) {
		if (list_key(&s->devices, k))
			return true;
		if (k != K_ESC && k != K_BACKSPACE)
			return false;
		s->inside = false;
		return true;
	}
	if (!s->list.filtering && (k == K_PAGE_DOWN || k == K_PAGE_UP || k == ' '))
		return pager_key(&s->pager, k);
	if (!list_key(&s->list, k))
		return false;
	if (!str_eq(s->shown, card(s) ? card(s)->key : NULL))
		describe(a, s);
	return true;
}

static bool typing(const void *state)
{
	const struct cards_screen *s = state;
	return s->list.filtering || s->devices.filtering;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct cards_screen *s = state;
	(void)a;
	if (s->cards.view)
		str_printf(out, _("causes: %zu, devices: %zu  %s"), s->cards.list.n,
			   s->cards.devices, s->cards.view->job->name);
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool has_card(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (card(state))
		return true;
	return err_set(why, ERR_REFUSED, _("nothing has failed")), false;
}

static void enter(struct app *a, void *state)
{
	struct cards_screen *s = state;
	size_t row = s->inside ? list_row(&s->devices) : 0;
	if (!s->inside && card(s)->members.n > 1) {
		s->inside = true;
		list_refresh(&s->devices);
		list_move_to(&s->devices, 0);
		return;
	}
	if (task_at(s, row))
		app_open(a, &screen_device, &task_at(s, row)->device);
}

static bool has_evidence(const struct app *a, const void *state, struct err *why)
{
	(void)a;
	if (card(state) && card(state)->evidence)
		return true;
	return err_set(why, ERR_REFUSED, _("there is no output of a step")), false;
}

static void show_evidence(struct app *a, void *state)
{
	struct cards_screen *s = state;
	const struct card *k = card(s);
	evidence_show_step(a, card_task(&k->members.v[0]), k->evidence);
}

/* What an order is about: the device under the cursor, or all of the card. */
static size_t targets(const struct cards_screen *s, size_t **devices)
{
	const struct card *k = card(s);
	size_t from = s->inside ? list_row(&s->devices) : 0, n = 0;
	*devices = xcalloc(k ? k->members.n + 1 : 1, sizeof(**devices));
	for (size_t i = from; k && i < k->members.n && (!s->inside || i == from); i++)
		if (card_task(&k->members.v[i]))
			(*devices)[n++] = card_task(&k->members.v[i])->device;
	return n;
}

static bool can(const struct app *a, const void *state, enum order_kind kind, struct err *why)
{
	size_t *devices, n = targets(state, &devices);
	bool yes = false;
	if (n == 0)
		err_set(why, ERR_REFUSED, _("nothing has failed"));
	for (size_t i = 0; i < n && !yes; i++)
		yes = orders_possible(a, kind, devices[i], why);
	free(devices);
	return yes;
}

static void give(struct app *a, void *state, enum order_kind kind)
{
	size_t *devices, n = targets(state, &devices);
	orders_give_all(a, kind, devices, n);
	free(devices);
}

static bool can_retry(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_RETRY, why);
}

static void retry(struct app *a, void *state)
{
	give(a, state, ORDER_RETRY);
}

static bool can_skip(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_SKIP, why);
}

static void skip(struct app *a, void *state)
{
	give(a, state, ORDER_SKIP);
}

static bool can_roll_back(const struct app *a, const void *state, struct err *why)
{
	return can(a, state, ORDER_ROLLBACK, why);
}

static void roll_back(struct app *a, void *state)
{
	give(a, state, ORDER_ROLLBACK);
}

static const struct key_action actions[] = {
    {"devices", "Enter", N_("Devices"), N_("The devices of the card, then the steps of one"), enter,
     has_card},
    {"output", "v", N_("Output"), N_("The whole output of the step that failed"), show_evidence,
     has_evidence},
    {"retry", "t", N_("Retry"), N_("Try the devices of the card again"), retry, can_retry},
    {"skip", "s", N_("Skip"), N_("Leave the devices of the card as they are; it asks first"), skip,
     can_skip},
    {"rollback", "b", N_("Roll back"),
     N_("Bring the devices of the card back to their old version; it asks first"), roll_back,
     can_roll_back},
    {0},
};

const struct screen screen_cards = {
    .name = "cards",
    .title = N_("Errors"),
    .about = N_("What failed, by its cause. PgDn and PgUp read the card, Enter lists its devices."),
    .size = sizeof(struct cards_screen),
    .actions = actions,
    .open = open,
    .close = close_cards,
    .again = again,
    .tick = tick,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
    .status = status,
};
