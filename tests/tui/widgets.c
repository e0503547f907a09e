/* SPDX-License-Identifier: ISC */
/* Keys, lines, lists, pagers, forms and the canvas, each by itself. */
#include "config.h"

#include "bed.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* --- keys ------------------------------------------------------------------------------------- */

static void key_names(void **state)
{
	static const char *const names[] = {"Enter", "Space", "^L", "x", "F10", "S-Tab", "ä", "日"};
	char text[16];
	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		key_text(key_parse(names[i]), text);
		assert_string_equal(text, names[i]);
	}
	assert_int_equal(key_parse("^L"), 12);
	assert_int_equal(key_parse("Nonsense"), -1);
	assert_int_equal(key_parse(""), -1);
	assert_true(key_in("Enter l Right", K_RIGHT));
	assert_true(key_in("Enter l Right", 'l'));
	assert_false(key_in("Enter l Right", 'r'));
	assert_false(key_in(NULL, 'r'));
	key_first("Esc Backspace", text);
	assert_string_equal(text, "Esc");
	assert_true(key_is_text(0xe4));
	assert_false(key_is_text(0x9b)); /* C1: begins a control sequence */
	assert_false(key_is_text(127));
	assert_false(key_is_text(K_UP));
}

/* --- a line ----------------------------------------------------------------------------------- */

static void press(struct line *l, const char *names)
{
	size_t n;
	char **list = str_split(names, " ", &n);
	for (size_t i = 0; i < n; i++)
		assert_true(line_key(l, key_parse(list[i])));
	free(list);
}

static void line_editing(void **state)
{
	struct line l = {0};
	(void)state;
	press(&l, "a ä 日 b Left Left Backspace");
	assert_string_equal(line_text(&l), "a日b");
	press(&l, "Del Home x End y");
	assert_string_equal(line_text(&l), "xaby");
	press(&l, "Space z ^W");
	assert_string_equal(line_text(&l), "xaby ");
	press(&l, "^A ^K");
	assert_string_equal(line_text(&l), "");
	press(&l, "Backspace Del Left Right ^U ^W ^K");
	assert_string_equal(line_text(&l), "");
	line_set(&l, "leaf");
	assert_true(line_key(&l, '0' | K_PASTED));
	assert_string_equal(line_text(&l), "leaf0");
	assert_false(line_key(&l, K_ENTER));
	assert_false(line_key(&l, K_UP));
	l.most = 6;
	assert_true(line_key(&l, '1'));
	assert_true(line_key(&l, '2'));
	assert_string_equal(line_text(&l), "leaf01");
	line_release(&l);
}

static void line_on_the_screen(void **state)
{
	struct bed *b = *state;
	struct canvas c = bed_canvas(b, 3, 20);
	struct line l = {0};
	line_set(&l, "a long text that scrolls");
	line_draw(&l, &c, 0, 0, 10, ROLE_FIELD);
	bed_line(b, 0, "t scrolls");
	bed_cursor(b, 0, 9);
	press(&l, "Home");
	c = bed_canvas(b, 3, 20);
	line_draw(&l, &c, 1, 2, 10, ROLE_FIELD);
	bed_line(b, 1, "  a long tex");
	bed_cursor(b, 1, 2);
	l.secret = true;
	c = bed_canvas(b, 3, 40);
	line_draw(&l, &c, 0, 0, 30, ROLE_FIELD);
	bed_line(b, 0, "************************");
	line_draw(&l, &c, 0, 0, 1, ROLE_FIELD); /* no room at all is no reason to fall over */
	line_draw(&l, &c, 0, 0, 0, ROLE_FIELD);
	line_release(&l);
}

/* --- a list ----------------------------------------------------------------------------------- */

struct town {
	const char *name, *river;
};

struct atlas {
	struct town *v;
	size_t n;
	bool only_spree;
};

static size_t towns(const void *ctx)
{
	return ((const struct atlas *)ctx)->n;
}

static void town_cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct town *t = &((const struct atlas *)ctx)->v[row];
	str_puts(&out->text, column ? t->river : t->name);
}

static const char *town_id(const void *ctx, size_t row)
{
	return ((const struct atlas *)ctx)->v[row].name;
}

static bool on_the_spree(const void *ctx, size_t row)
{
	const struct atlas *a = ctx;
	return !a->only_spree || strcmp(a->v[row].river, "Spree") == 0;
}

static const struct column town_columns[] = {{"TOWN", 8, 0, 0, false}, {"RIVER", 6, 0, 1, false}};
static const struct list_rows town_rows = {
    .count = towns, .cell = town_cell, .id = town_id, .shown = on_the_spree};

static struct town map[] = {{"Dresden", "Elbe"},    {"Bautzen", "Spree"}, {"town10", "Oder"},
			    {"town9", "Oder"},      {"Berlin", "Spree"},  {"Hamburg", "Elbe"}};

static const char *at(const struct list *l, const struct atlas *a)
{
	return list_row(l) == (size_t)-1 ? "-" : a->v[list_row(l)].name;
}

static void list_press(struct list *l, const char *names)
{
	size_t n;
	char **list = str_split(names, " ", &n);
	for (size_t i = 0; i < n; i++)
		(void)list_key(l, key_parse(list[i]));
	free(list);
}

static void list_keeps_its_row(void **state)
{
	struct town here[LEN(map)];
	struct atlas a = {.v = here, .n = LEN(map)};
	struct list l;
	(void)state;
	memcpy(here, map, sizeof(map));
	list_init(&l, town_columns, LEN(town_columns), &town_rows, &a);
	list_fit(&l, 4); /* head and three rows */
	list_press(&l, "j j");
	assert_string_equal(at(&l, &a), "town10");
	struct town first = here[0]; /* the world moves: the third comes to be the first */
	here[0] = here[2];
	here[2] = first;
	list_refresh(&l);
	assert_string_equal(at(&l, &a), "town10");
	a.n = 2;
	here[0] = here[1];
	list_refresh(&l); /* it is gone: the cursor keeps its place */
	assert_string_equal(at(&l, &a), "Bautzen");
	a.n = 0;
	list_refresh(&l);
	assert_string_equal(at(&l, &a), "-");
	list_press(&l, "j k G g PgUp PgDn");
	assert_string_equal(at(&l, &a), "-");
	list_release(&l);
}

static void list_moves(void **state)
{
	struct atlas a = {.v = map, .n = LEN(map)};
	struct list l;
	(void)state;
	list_init(&l, town_columns, LEN(town_columns), &town_rows, &a);
	list_fit(&l, 4);
	list_press(&l, "G");
	assert_string_equal(at(&l, &a), "Hamburg");
	assert_int_equal(l.top, 3);
	list_press(&l, "j"); /* no further */
	assert_string_equal(at(&l, &a), "Hamburg");
	list_press(&l, "PgUp");
	assert_string_equal(at(&l, &a), "town10");
	list_press(&l, "Home Down");
	assert_string_equal(at(&l, &a), "Bautzen");
	list_select(&l, "Berlin");
	assert_string_equal(at(&l, &a), "Berlin");
	list_select(&l, "Atlantis");
	assert_string_equal(at(&l, &a), "Berlin");
	list_fit(&l, 2); /* one row: the one with the cursor */
	assert_int_equal(l.top, 4);
	list_release(&l);
}

static void list_filters_and_sorts(void **state)
{
	struct atlas a = {.v = map, .n = LEN(map)};
	struct list l;
	(void)state;
	list_init(&l, town_columns, LEN(town_columns), &town_rows, &a);
	list_fit(&l, 20);
	list_press(&l, "/ s P r E e");
	assert_int_equal(list_shown(&l), 2); /* in any column, whatever the case */
	assert_null(l.mistake);
	list_press(&l, "Enter G");
	assert_string_equal(at(&l, &a), "Berlin");
	assert_true(list_key(&l, K_ESC)); /* the first Esc takes the filter away */
	assert_int_equal(list_shown(&l), LEN(map));
	assert_string_equal(at(&l, &a), "Berlin");
	assert_false(list_key(&l, K_ESC)); /* the next one is for the screen */
	list_press(&l, "/ (");
	assert_non_null(l.mistake);
	assert_int_equal(list_shown(&l), LEN(map));
	list_press(&l, "Esc > g");
	assert_string_equal(at(&l, &a), "Bautzen");
	list_press(&l, "G k"); /* numbers in names are numbers */
	assert_string_equal(at(&l, &a), "town9");
	list_press(&l, "R g");
	assert_string_equal(at(&l, &a), "town10");
	list_press(&l, "< g");
	assert_string_equal(at(&l, &a), "Dresden");
	a.only_spree = true;
	list_refresh(&l);
	assert_int_equal(list_shown(&l), 2);
	list_release(&l);
}

static void list_on_the_screen(void **state)
{
	struct bed *b = *state;
	struct atlas a = {.v = map, .n = LEN(map)};
	struct list l;
	list_init(&l, town_columns, LEN(town_columns), &town_rows, &a);
	list_fit(&l, 4);
	list_press(&l, "j j j");
	struct canvas c = bed_canvas(b, 4, 30);
	list_draw(&l, &c);
	bed_line(b, 0, "  TOWN      RIVER");
	bed_line(b, 1, "  Bautzen   Spree");
	bed_line(b, 3, "> town9     Oder");
	bed_line(b, 4, "");
	bed_cursor(b, 3, 0);
	c = bed_canvas(b, 4, 12); /* the river has to go */
	list_draw(&l, &c);
	bed_line(b, 0, "  TOWN");
	list_press(&l, "/ [");
	list_fit(&l, 4);
	c = bed_canvas(b, 4, 70);
	list_draw(&l, &c);
	bed_shows(b, "/[");
	bed_shows(b, "missing");
	list_release(&l);
}

/* --- a pager ---------------------------------------------------------------------------------- */

static void pager_press(struct pager *p, const char *names)
{
	size_t n;
	char **list = str_split(names, " ", &n);
	for (size_t i = 0; i < n; i++)
		(void)pager_key(p, key_parse(list[i]));
	free(list);
}

static void pager_wraps(void **state)
{
	struct bed *b = *state;
	struct pager p = {0};
	pager_add(&p, ROLE_TEXT, 2, "one two three four\nanother_word_without_any_blank");
	pager_add(&p, ROLE_TEXT, 0, "");
	pager_add(&p, ROLE_TEXT, 0, NULL);
	pager_add(&p, ROLE_TEXT, 0, "日本語日本語\033[2J");
	pager_fit(&p, 24, 12);
	struct canvas c = bed_canvas(b, 24, 12);
	pager_draw(&p, &c);
	bed_line(b, 0, "  one two");
	bed_line(b, 1, "  three four");
	bed_line(b, 2, "  another_wo");
	bed_line(b, 3, "  rd_without");
	bed_line(b, 4, "  _any_blank");
	bed_line(b, 5, "");
	bed_line(b, 6, "日本語日本語");
	bed_line(b, 7, "<U+001B>[2J");
	pager_fit(&p, 24, 1); /* not a sensible width: every character is still somewhere */
	assert_true(p.starts.n > 4);
	pager_release(&p);
}

/* Help beside its key goes on below itself, also where there are no blanks. */
static void pager_hangs(void **state)
{
	struct bed *b = *state;
	struct pager p = {0};
	pager_add(&p, ROLE_TEXT, 1, "key   sort by a column");
	pager_hang(&p, 6);
	pager_add(&p, ROLE_TEXT, 1, "key   一覧の並べ替え。");
	pager_hang(&p, 6);
	pager_add(&p, ROLE_TEXT, 1, "plain-text-of-words");
	pager_fit(&p, 24, 17);
	struct canvas c = bed_canvas(b, 24, 17);
	pager_draw(&p, &c);
	bed_line(b, 0, " key   sort by a");
	bed_line(b, 1, "       column");
	bed_line(b, 2, " key   一覧の並べ");
	bed_line(b, 3, "       替え。");
	bed_line(b, 4, " plain-text-of-");
	bed_line(b, 5, " words");
	pager_release(&p);
	assert_int_equal(utf8_field("日本", 8), 10); /* six bytes, four columns */
	assert_int_equal(utf8_field("switch", 4), 4);
}

static void pager_searches_and_follows(void **state)
{
	struct pager p = {0};
	(void)state;
	for (int i = 0; i < 100; i++)
		pager_addf(&p, ROLE_TEXT, 0, "line %d%s", i, i % 40 == 0 ? " Mark" : "");
	pager_fit(&p, 10, 40);
	pager_press(&p, "j j PgDn");
	assert_int_equal(p.top, 12);
	pager_press(&p, "G");
	assert_int_equal(p.top, 90);
	pager_press(&p, "/ m a r k Enter");
	pager_fit(&p, 10, 40);
	assert_int_equal(p.top, 0);
	pager_press(&p, "n");
	assert_int_equal(p.top, 40);
	pager_press(&p, "n n");
	assert_int_equal(p.top, 0);
	pager_press(&p, "N");
	assert_int_equal(p.top, 80);
	pager_press(&p, "/ (");
	assert_non_null(p.mistake);
	pager_press(&p, "Esc F");
	assert_null(p.mistake);
	pager_add(&p, ROLE_TEXT, 0, "the last one");
	pager_fit(&p, 10, 40);
	assert_int_equal(p.top, 91);
	pager_press(&p, "k");
	pager_add(&p, ROLE_TEXT, 0, "one more");
	pager_fit(&p, 10, 40);
	assert_int_equal(p.top, 90); /* who looks elsewhere stays there */
	pager_clear(&p);
	pager_fit(&p, 10, 40);
	pager_press(&p, "n N j k G F");
	assert_int_equal(p.top, 0);
	pager_release(&p);
}

/* --- a form ----------------------------------------------------------------------------------- */

static char *const colours[] = {(char *)"red", (char *)"green", NULL};
static const struct parameter questions[] = {
    {.name = (char *)"text", .title = (char *)"A text", .type = PARAMETER_TEXT,
     .fallback = (char *)"first"},
    {.name = (char *)"number", .title = (char *)"A number", .type = PARAMETER_INT,
     .fallback = (char *)"5", .least = 1, .most = 10, .help = (char *)"As many as you like",
     .unit = (char *)"pieces"},
    {.name = (char *)"truth", .title = (char *)"Is it so", .type = PARAMETER_BOOL,
     .fallback = (char *)"yes", .group = (char *)"Others"},
    {.name = (char *)"colour", .title = (char *)"Colour", .type = PARAMETER_CHOICE,
     .fallback = (char *)"red", .choices = (char **)(uintptr_t)colours,
     .group = (char *)"Others"},
};

static bool form_press(struct form *f, const char *names)
{
	bool changed = false;
	size_t n;
	char **list = str_split(names, " ", &n);
	for (size_t i = 0; i < n; i++)
		(void)form_key(f, key_parse(list[i]), &changed);
	free(list);
	return changed;
}

static void form_fields(void **state)
{
	struct form f = {0};
	struct err e = {0};
	(void)state;
	for (size_t i = 0; i < LEN(questions); i++)
		form_add(&f, &questions[i], i == 3 ? "green" : NULL);
	assert_true(form_press(&f, "^U j k Space x"));
	assert_string_equal(form_value(&f, "text"), "jk x");
	assert_false(form_press(&f, "Down"));
	assert_true(form_press(&f, "0"));
	assert_string_equal(form_value(&f, "number"), "50");
	assert_string_equal(f.fields.v[1].mistake, /* by its label, not by its name */
			    "A number: expected a whole number from 1 to 10 pieces, not \"50\"");
	form_press(&f, "Tab");
	assert_int_equal(form_check(&f, &e), -1);
	assert_int_equal(f.at, 1); /* the cursor goes to what is wrong */
	assert_true(form_press(&f, "Backspace"));
	assert_null(f.fields.v[1].mistake);
	assert_true(form_press(&f, "Down Space j Left"));
	assert_string_equal(form_value(&f, "truth"), "no");
	assert_string_equal(form_value(&f, "colour"), "red");
	assert_true(form_press(&f, "h l l"));
	assert_string_equal(form_value(&f, "colour"), "green");
	form_press(&f, "Down");
	assert_int_equal(f.at, 0); /* around the corner */
	form_press(&f, "S-Tab");
	assert_int_equal(f.at, 3);
	assert_int_equal(form_check(&f, &e), 0);
	assert_null(form_value(&f, "nobody"));
	form_release(&f);
}

static void form_on_the_screen(void **state)
{
	struct bed *b = *state;
	struct form f = {0};
	for (size_t i = 0; i < LEN(questions); i++)
		form_add(&f, &questions[i], NULL);
	form_press(&f, "Down");
	form_fit(&f, 12, 60);
	struct canvas c = bed_canvas(b, 12, 60);
	form_draw(&f, &c);
	bed_line(b, 0, "  A text    first");
	bed_shows(b, "> A number  5");
	bed_shows(b, "pieces");
	bed_shows(b, "Others");
	bed_shows(b, "  Is it so  [x] yes");
	bed_shows(b, "  Colour    < red >");
	bed_shows(b, "As many as you like");
	bed_shows(b, "1 to 10, default 5");
	form_mistake(&f, "number", "this number is taken");
	c = bed_canvas(b, 12, 60);
	form_draw(&f, &c);
	bed_shows(b, "this number is taken");
	form_press(&f, "Up");
	form_fit(&f, 8, 60); /* two lines for fields: it scrolls with the cursor */
	form_press(&f, "Up");
	form_fit(&f, 8, 60);
	c = bed_canvas(b, 8, 60);
	form_draw(&f, &c);
	bed_shows(b, "> Colour");
	bed_hides(b, "A text");
	form_release(&f);
}

/* --- the canvas ------------------------------------------------------------------------------- */

static void canvas_cuts(void **state)
{
	struct bed *b = *state;
	struct canvas c = bed_canvas(b, 3, 10);
	assert_int_equal(canvas_text(&c, 0, 0, -1, ROLE_TEXT, "0123456789"), 10);
	assert_int_equal(canvas_text(&c, 1, 0, -1, ROLE_TEXT, "0123456789a"), 10);
	assert_int_equal(canvas_text(&c, 2, 0, 6, ROLE_TEXT, "日本語日本"), 6);
	bed_line(b, 0, "0123456789");
	bed_line(b, 1, "012345678~");
	bed_line(b, 2, "日本~");
	char *cut = term_cut_labels(b->term);
	assert_string_equal(cut, "");
	free(cut);
	(void)canvas_label(&c, 0, 0, 5, ROLE_TEXT, "our own words");
	cut = term_cut_labels(b->term);
	assert_string_equal(cut, "our own words\n");
	free(cut);
	assert_int_equal(canvas_text(&c, 3, 0, -1, ROLE_TEXT, "below"), 0);
	assert_int_equal(canvas_text(&c, 0, 10, -1, ROLE_TEXT, "beside"), 0);
	assert_int_equal(canvas_text(&c, -1, 0, -1, ROLE_TEXT, "above"), 0);
	bed_hides(b, "be");
	canvas_right(&c, 0, 0, 10, ROLE_TEXT, "7");
	bed_line(b, 0, "our ~56787"); /* what was there stays in the other columns */
}

static void canvas_is_no_terminal(void **state)
{
	struct bed *b = *state;
	struct canvas c = bed_canvas(b, 8, 60);
	(void)canvas_text(&c, 0, 0, -1, ROLE_TEXT, "a\033]0;owned\007b");
	(void)canvas_text(&c, 1, 0, -1, ROLE_TEXT, "x\xe2\x80\xae" "y\xe2\x80\x8bz");
	(void)canvas_text(&c, 2, 0, -1, ROLE_TEXT, "bad \xff\xc3(");
	(void)canvas_text(&c, 3, 0, -1, ROLE_TEXT, "\xc2\x9b" "2J\x7f\n");
	bed_line(b, 0, "a<U+001B>]0;owned<U+0007>b");
	bed_line(b, 1, "x<U+202E>y<U+200B>z");
	bed_line(b, 2, "bad <FF><C3>(");
	bed_line(b, 3, "<U+009B>2J<U+007F><U+000A>");
	assert_int_equal(canvas_wrap(&c, 5, 0, 10, 3, ROLE_TEXT, "one two\nthree\033[H four five"), 3);
	bed_line(b, 5, "one two");
	bed_line(b, 6, "three<U+00");
	bed_line(b, 7, "1B>[H fou~"); /* there is more */
	assert_int_equal(canvas_wrap(&c, 4, 0, 10, 1, ROLE_TEXT, "one\n"), 1);
	bed_line(b, 4, "one"); /* there is not */
}

static void canvas_shapes(void **state)
{
	struct bed *b = *state;
	struct canvas c = bed_canvas(b, 3, 12);
	canvas_box(&c, ROLE_BORDER, ROLE_TITLE, "Box");
	struct canvas in = canvas_part(&c, 1, 1, 1, -2);
	assert_int_equal(in.w, 10);
	canvas_bar(&in, 0, 0, 10, 1, 2);
	bed_line(b, 0, "┌─ Box ────┐");
	bed_line(b, 1, "│[===>    ]│");
	bed_line(b, 2, "└──────────┘");
	canvas_bar(&in, 0, 0, 10, 7, 7);
	bed_line(b, 1, "│[========]│");
	canvas_bar(&in, 0, 0, 10, 3, 0);
	bed_line(b, 1, "│[        ]│");
	canvas_bar(&in, 0, 0, 10, 900, 7); /* more than all is all */
	bed_line(b, 1, "│[========]│");
	canvas_cursor(&in, 5, 5);
	bed_cursor(b, -1, -1);
	canvas_cursor(&in, 0, 9);
	bed_cursor(b, 1, 10);
}

#define BED(test) cmocka_unit_test_setup_teardown(test, bed_open, bed_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_names),
	    cmocka_unit_test(line_editing),
	    BED(line_on_the_screen),
	    cmocka_unit_test(list_keeps_its_row),
	    cmocka_unit_test(list_moves),
	    cmocka_unit_test(list_filters_and_sorts),
	    BED(list_on_the_screen),
	    BED(pager_wraps),
	    BED(pager_hangs),
	    cmocka_unit_test(pager_searches_and_follows),
	    cmocka_unit_test(form_fields),
	    BED(form_on_the_screen),
	    BED(canvas_cuts),
	    BED(canvas_is_no_terminal),
	    BED(canvas_shapes),
	};
	return cmocka_run_group_tests_name("widgets", tests, NULL, NULL);
}
