/* SPDX-License-Identifier: ISC */
/* What is around a screen: title, message, footer; and the whole picture. */
#include "config.h"

#include "tui/app_parts.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIZARD_STEPS  7
#define MESSAGE_LINES 4
#define NAME_LEAST    8 /* columns of a job's name in the title */
#define DETAIL_LINES  8 /* of the row under the cursor: nothing of a reason is cut */

static const struct open_screen *top(const struct app *a)
{
	return a->stack.n ? &a->stack.v[a->stack.n - 1] : NULL;
}

bool frame_too_small(const struct app *a)
{
	return term_lines(a->term) < LEAST_LINES || term_columns(a->term) < LEAST_COLUMNS;
}

struct canvas frame_body(const struct app *a)
{
	struct canvas all = canvas_all(a->term);
	return canvas_part(&all, 1, 0, all.h - FRAME_LINES - (a->detail > 1 ? a->detail - 1 : 0),
			   all.w);
}

/* --- title ------------------------------------------------------------------------------------ */

/* A name may be longer than its line: it is cut, what is told of the job stays. */
static void shorten_name(const struct app *a, struct str *text, int room)
{
	const struct jobview *v = app_view(a);
	int over = utf8_width(str_text(text)) - room;
	const char *name = v ? v->job->name : NULL, *at;
	if (over <= 0 || !name || !*name || !(at = strstr(str_text(text), name)))
		return;
	int keep = utf8_width(name) - over - 1; /* for the mark of what is left out */
	if (keep < NAME_LEAST)
		keep = NAME_LEAST;
	if (keep + 1 >= utf8_width(name))
		return;
	size_t head = (size_t)(at - str_text(text));
	char *rest = xstrdup(at + strlen(name));
	str_cut(text, head + utf8_fit(name, keep));
	str_printf(text, "~%s", rest);
	free(rest);
}

static void draw_title(const struct app *a, const struct canvas *all)
{
	const struct open_screen *s = top(a);
	struct str right = {0};
	canvas_fill(all, 0, 0, -1, ROLE_TITLE);
	if (s->kind->status)
		s->kind->status(a, s->state, &right);
	char *left = s->kind->step && (!s->kind->in_wizard || s->kind->in_wizard(a))
			 ? xasprintf("hitless  %s (%d/%d)", _(s->kind->title), s->kind->step,
				     WIZARD_STEPS)
			 : xasprintf("hitless  %s", _(s->kind->title));
	(void)canvas_label(all, 0, 1, all->w - 2, ROLE_TITLE, left);
	int room = all->w - 4 - utf8_width(left);
	shorten_name(a, &right, room);
	int w = utf8_width(str_text(&right));
	canvas_right(all, 0, all->w - 1 - (w < room ? w : room), w < room ? w : room,
		     str_starts(str_text(&right), "! ") ? ROLE_WARNING : ROLE_TITLE,
		     str_text(&right));
	free(left);
	str_release(&right);
}

/* --- message ---------------------------------------------------------------------------------- */

static void draw_work(const struct app *a, const struct canvas *all, int y)
{
	int64_t done, total;
	work_state(a->work, &done, &total);
	int x = canvas_text(all, y, 1, all->w - 30, ROLE_INFO, _(work_title(a->work))) + 2;
	canvas_bar(all, y, x, 20, done, total);
	if (total > 0)
		(void)canvas_textf(all, y, x + 21, -1, ROLE_INFO, "%3" PRId64 " %%",
				   done * 100 / total);
}

/* What is longer than its line takes some of the picture above, until it goes. */
static void draw_said(const struct app *a, const struct canvas *all, int y)
{
	int width = all->w - 2;
	int lines = canvas_wrap(all, y, 1, width, 0, a->message_role, a->message);
	lines = lines < 1 ? 1 : lines > MESSAGE_LINES ? MESSAGE_LINES : lines;
	for (int i = 1; i < lines; i++)
		canvas_fill(all, y - i, 0, -1, ROLE_TEXT);
	(void)canvas_wrap(all, y - lines + 1, 1, width, lines, a->message_role, a->message);
}

/* What is cut in the row under the cursor; gives the lines that it takes, or (lines 0) would take.
 */
static int put_detail(const struct app *a, const struct canvas *all, int y, int lines)
{
	struct str cut = {0};
	screen_detail(top(a), all->w, &cut);
	int n = canvas_wrap(all, y, 1, all->w - 2, lines, ROLE_TEXT, str_text(&cut));
	str_release(&cut);
	return n;
}

static void draw_message(const struct app *a, const struct canvas *all)
{
	int y = all->h - 2;
	if (a->commanding) {
		(void)canvas_text(all, y, 0, 1, ROLE_KEY, ":");
		line_draw(&a->command, all, y, 1, all->w - 1, ROLE_FIELD_FOCUS);
	} else if (a->message) {
		draw_said(a, all, y);
	} else if (a->work) {
		draw_work(a, all, y);
	} else {
		(void)put_detail(a, all, y - a->detail + 1, a->detail);
	}
}

/* --- footer ----------------------------------------------------------------------------------- */

/* The key that does it now: where one types, a letter is text. */
static bool key_of(const struct app *a, const struct key_action *k, char key[16])
{
	bool typing = app_typing(a);
	for (const char *at = k->keys; at && *at; at += strcspn(at, " "), at += *at == ' ') {
		key_first(at, key);
		if (!typing || !key_is_text(key_parse(key)))
			return true;
	}
	return false;
}

static const char *label_of(const struct app *a, const struct key_action *k)
{
	const struct open_screen *s = top(a);
	return k == s->kind->actions && s->kind->first ? s->kind->first(a, s->state) : _(k->label);
}

static int width_of(const struct app *a, const struct key_action *k)
{
	char key[16];
	return key_of(a, k, key) ? utf8_width(key) + 1 + utf8_width(label_of(a, k)) + 2 : 0;
}

static int draw_key(const struct app *a, const struct canvas *all, int x, const struct key_action *k)
{
	char key[16];
	struct err why = {0};
	bool possible = action_possible(a, k, &why);
	int y = all->h - 1, from = x;
	if (!key_of(a, k, key))
		return 0;
	x += canvas_text(all, y, x, -1, possible ? ROLE_KEY : ROLE_KEY_DISABLED, key) + 1;
	x += canvas_label(all, y, x, -1, possible ? ROLE_FOOTER : ROLE_KEY_DISABLED, label_of(a, k));
	return x + 2 - from;
}

/* Those that can be done now (or cannot) as far as there is room; gives the next column, and whether
 * there was none for some. */
static int draw_keys(const struct app *a, const struct canvas *all, int x, int room, bool wanted,
		     const struct key_action *out, bool *more)
{
	const struct key_action *k, *help = &app_own_actions[0];
	struct err why = {0};
	for (size_t i = 0; (k = app_actions(a, &i));) {
		if (!k->label || !k->keys || k == help || k == out || !width_of(a, k) ||
		    action_possible(a, k, &why) != wanted)
			continue;
		if (x + width_of(a, k) > room)
			*more = true;
		else
			x += draw_key(a, all, x, k);
	}
	return x;
}

struct footer_key {
	const char *key, *label; /* translated */
};

static void draw_own_keys(const struct canvas *all, const struct footer_key *keys, size_t n)
{
	int x = 1, y = all->h - 1;
	canvas_fill(all, y, 0, -1, ROLE_FOOTER);
	for (size_t i = 0; i < n; i++) {
		x += canvas_text(all, y, x, -1, ROLE_KEY, keys[i].key) + 1;
		x += canvas_label(all, y, x, -1, ROLE_FOOTER, keys[i].label) + 2;
	}
}

static void draw_dialog_keys(const struct canvas *all, const struct dialog *d)
{
	const struct {
		struct footer_key key;
		bool there;
	} keys[] = {{{"Enter", d->choices[d->at]}, true},
		    {{"Esc", d->choices[d->n_choices - 1]}, true},
		    {{d->field ? "^X" : "Q", _("Leave")}, true},
		    {{"PgDn", _("More")}, dialog_scrolls(d)},
		    {{"Tab", _("Another choice")}, d->n_choices > 1}};
	struct footer_key shown[LEN(keys)];
	size_t n = 0;
	for (size_t i = 0; i < LEN(keys); i++)
		if (keys[i].there)
			shown[n++] = keys[i].key;
	draw_own_keys(all, shown, n);
}

/* A dialog, a command and a filter have all keys for themselves. */
static bool draw_other_keys(const struct app *a, const struct canvas *all)
{
	const struct list *l = screen_list(top(a));
	const struct dialog *d = dialog_is_open(a) ? &a->dialogs.v[a->dialogs.n - 1] : NULL;
	if (d) {
		draw_dialog_keys(all, d);
	} else if (a->commanding) {
		const struct footer_key keys[] = {{"Enter", _("Do it")}, {"Esc", _("Drop it")}};
		draw_own_keys(all, keys, LEN(keys));
	} else if (l && l->filtering) {
		const struct footer_key keys[] = {{"Enter", _("Keep the filter")},
						  {"Esc", _("Drop it")},
						  {"Up Down", _("Move")}};
		draw_own_keys(all, keys, LEN(keys));
	} else {
		return false;
	}
	return true;
}

/* The way out of the program is not left to be guessed. */
static const struct key_action *way_out(const struct app *a)
{
	const struct key_action *k;
	for (size_t i = 0; a->stack.n == 1 && (k = app_actions(a, &i));)
		if (str_eq(k->word, "leave"))
			return k;
	return NULL;
}

/* As many as fit, in the order of the table, those that work now before the others; "? Help" keeps
 * its place: it lists them all, also those that two dots stand for. */
static void draw_footer(const struct app *a, const struct canvas *all)
{
	const struct key_action *help = &app_own_actions[0], *out = way_out(a);
	if (draw_other_keys(a, all))
		return;
	int right = all->w + 1 - width_of(a, help);
	int room = right - (out ? width_of(a, out) : 0);
	canvas_fill(all, all->h - 1, 0, -1, ROLE_FOOTER);
	bool more = false;
	int x = draw_keys(a, all, 1, room - 2, true, out, &more);
	(void)draw_keys(a, all, x, room - 2, false, out, &more);
	if (more)
		(void)canvas_text(all, all->h - 1, room - 3, 2, ROLE_KEY_DISABLED, "..");
	if (out)
		(void)draw_key(a, all, room, out);
	(void)draw_key(a, all, right, help);
}

/* --- all -------------------------------------------------------------------------------------- */

static void draw_too_small(const struct app *a, const struct canvas *all)
{
	char *text = xasprintf(_("hitless needs %dx%d, this is %dx%d; the job goes on"),
			       LEAST_COLUMNS, LEAST_LINES, term_columns(a->term),
			       term_lines(a->term));
	(void)canvas_wrap(all, 0, 0, all->w, all->h, ROLE_WARNING, text);
	free(text);
}

void frame_draw(const struct app *a, const struct canvas *all)
{
	const struct open_screen *s = top(a);
	struct canvas body = frame_body(a);
	if (!s)
		return;
	if (frame_too_small(a)) {
		draw_too_small(a, all);
		return;
	}
	draw_title(a, all);
	screen_draw(a, s, &body);
	draw_message(a, all);
	draw_footer(a, all);
	dialog_draw(a, all);
}

static void fit_screen(struct app *a, const struct open_screen *s, int detail)
{
	a->detail = detail;
	struct canvas body = frame_body(a);
	screen_fit(a, s, body.h, body.w);
}

/* The row under the cursor is there in full: when that takes more than the line of the messages,
 * the screen has to do with less. */
static void fit(struct app *a, const struct open_screen *s, const struct canvas *all)
{
	int least = s->kind->detail > 1 ? s->kind->detail : 1;
	fit_screen(a, s, least);
	int lines = put_detail(a, all, 0, 0);
	lines = lines > DETAIL_LINES ? DETAIL_LINES : lines;
	if (lines > least)
		fit_screen(a, s, lines);
}

void app_draw(struct app *a)
{
	struct canvas all = canvas_all(a->term);
	struct open_screen *s = a->stack.n ? &a->stack.v[a->stack.n - 1] : NULL;
	if (s)
		fit(a, s, &all);
	dialog_fit(a);
	app_unsay_old(a);
	term_clear(a->term);
	frame_draw(a, &all);
	if (a->redraw)
		term_redraw(a->term);
	else
		term_show(a->term);
	a->redraw = a->dirty = false;
}
