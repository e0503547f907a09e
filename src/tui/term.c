/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/term_parts.h"

#include "base/i18n.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- opening ---------------------------------------------------------------------------------- */

static bool pastes_in_brackets(const char *type)
{
	return str_starts(type, "xterm") || str_starts(type, "tmux") || str_starts(type, "screen");
}

/* A lone Esc is told from the first byte of a cursor key by time alone; a split one does little harm:
 * it goes back (facts/reliability.md 611). */
static void set_delay(const char *type)
{
	if (!getenv("ESCDELAY"))
		(void)set_escdelay(str_starts(type, "vt") ? 400 : 100);
}

static void set_modes(struct terminal *t, const char *type)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)idlok(stdscr, TRUE);
	(void)leaveok(stdscr, FALSE);
	(void)meta(stdscr, TRUE);
	set_delay(type);
	if (t->mono || start_color() != OK || use_default_colors() != OK)
		t->mono = true;
	term_teach_keys();
	t->paste_mode = !t->headless && pastes_in_brackets(type);
	if (t->paste_mode)
		term_put("\033[?2004h");
}

static bool colours_unwanted(void)
{
	const char *no = getenv("NO_COLOR");
	return no && *no;
}

struct terminal *term_open(const struct term_options *o, struct err *e)
{
	struct terminal *t = xcalloc(1, sizeof(*t));
	t->in = o->in ? o->in : stdin;
	t->out = o->out ? o->out : stdout;
	t->headless = o->headless;
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->ascii = o->ascii || !t->utf8;
	t->mono = o->mono || colours_unwanted();
	t->cursor_y = t->cursor_x = -1;
	const char *type = term_choose_type(o->type, fileno(t->out), e);
	bool modes = !t->headless && term_keep_modes(fileno(t->out));
	if (t->headless)
		use_env(FALSE);
	t->screen = type ? newterm((char *)type, t->out, t->in) : NULL;
	if (!t->screen) {
		if (type)
			err_set(e, ERR_SYSTEM, _("cannot set up the terminal (\"%s\")"), type);
		free(t);
		return NULL;
	}
	set_modes(t, type);
	if (modes)
		term_arm_rescue(fileno(t->out));
	if (o->lines > 0 && o->columns > 0)
		(void)resizeterm(o->lines, o->columns);
	return t;
}

static void forget_cuts(struct terminal *t)
{
	for (size_t i = 0; i < t->cut.n; i++)
		free(t->cut.v[i]);
	t->cut.n = 0;
}

/* A terminal without a second screen keeps the picture; the shell's prompt gets a line of its own. */
static void leave_last_line(void)
{
	const char *back = tigetstr("rmcup");
	if (back && back != (const char *)-1)
		return;
	(void)move(LINES - 1, 0);
	(void)clrtoeol();
	(void)refresh();
}

void term_close(struct terminal *t)
{
	if (!t)
		return;
	term_disarm_rescue();
	leave_last_line();
	if (t->paste_mode)
		term_put("\033[?2004l");
	(void)endwin();
	delscreen(t->screen);
	forget_cuts(t);
	VEC_RELEASE(&t->cut);
	free(t);
}

/* --- colours ---------------------------------------------------------------------------------- */

static attr_t attributes(const struct theme_style *style)
{
	return (style->attrs & THEME_BOLD ? A_BOLD : 0) |
	       (style->attrs & THEME_UNDERLINE ? A_UNDERLINE : 0) |
	       (style->attrs & THEME_REVERSE ? A_REVERSE : 0);
}

/* As many colours as the terminal has; -1: its own default. */
static int colour(const struct theme_colour *c)
{
	return COLORS >= 256 ? c->c256 : COLORS >= 16 ? c->c16 : c->c8;
}

/* A theme of colours on a terminal without them: what was told by a background is told in reverse. */
static attr_t without_colours(const struct theme_style *style)
{
	attr_t a = attributes(style);
	return style->bg.c8 >= 0 ? a | A_REVERSE : a;
}

void term_theme(struct terminal *t, const struct theme *theme)
{
	for (int i = 0; i < THEME_ROLES; i++) {
		const struct theme_style style = theme_style(theme, (enum theme_role)i);
		t->attrs[i] = t->mono ? without_colours(&style) : attributes(&style);
		t->pairs[i] = 0;
		int fg = colour(&style.fg), bg = colour(&style.bg);
		if (t->mono || (fg < 0 && bg < 0) || i + 1 >= COLOR_PAIRS)
			continue;
		if (init_pair((short)(i + 1), (short)fg, (short)bg) == OK)
			t->pairs[i] = (short)(i + 1);
	}
}

/* --- the picture ------------------------------------------------------------------------------ */

int term_lines(const struct terminal *t)
{
	(void)t;
	return LINES;
}

int term_columns(const struct terminal *t)
{
	(void)t;
	return COLS;
}

bool term_utf8(const struct terminal *t)
{
	return t->utf8;
}

void term_resize(struct terminal *t, int lines, int columns)
{
	(void)t;
	(void)resizeterm(lines, columns);
}

void term_clear(struct terminal *t)
{
	(void)erase();
	t->cursor_y = t->cursor_x = -1;
	forget_cuts(t);
}

void term_show(struct terminal *t)
{
	bool shown = t->cursor_y >= 0 && t->cursor_y < LINES && t->cursor_x < COLS;
	(void)curs_set(shown ? 1 : 0);
	(void)move(shown ? t->cursor_y : LINES - 1, shown ? t->cursor_x : 0);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
}

void term_redraw(struct terminal *t)
{
	(void)clearok(curscr, TRUE);
	term_show(t);
}

void term_note_cut(struct terminal *t, const char *label)
{
	VEC_PUSH(&t->cut, xstrdup(label));
}

char *term_cut_labels(const struct terminal *t)
{
	struct str s = {0};
	for (size_t i = 0; i < t->cut.n; i++)
		str_printf(&s, "%s\n", t->cut.v[i]);
	return str_take(&s);
}

void term_put_cursor(struct terminal *t, int y, int x)
{
	t->cursor_y = y;
	t->cursor_x = x;
}

void term_cursor(const struct terminal *t, int *line, int *column)
{
	*line = t->cursor_y;
	*column = t->cursor_x;
}
