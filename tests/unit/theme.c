/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/theme.h"

/* --- themes that exist only here -------------------------------------------------------------- */

struct shelf { /* name and text, ended by a NULL name */
	const char *name, *text;
};

static int from_shelf(void *ctx, const char *name, const char *by, struct str *out, char **file,
		      struct err *e)
{
	(void)by;
	for (const struct shelf *s = ctx; s->name; s++)
		if (strcmp(s->name, name) == 0) {
			str_puts(out, s->text);
			*file = xasprintf("%s.theme", name);
			return 0;
		}
	return err_set(e, ERR_INPUT, "there is no theme \"%s\"", name);
}

static int parse(struct theme *out, const char *text, const struct shelf *shelf, struct err *e)
{
	struct theme_source from = {from_shelf, (void *)shelf};
	return theme_parse(out, text, strlen(text), "dir/x.theme", shelf ? &from : NULL, e);
}

static struct theme good(const char *text, const struct shelf *shelf)
{
	struct theme t;
	struct err e = {0};
	if (parse(&t, text, shelf, &e) != 0)
		fail_msg("%s", e.text);
	return t;
}

static void same_colour(struct theme_colour c, int rgb, int c256, int c16, int c8)
{
	if (c.rgb != rgb || c.c256 != c256 || c.c16 != c16 || c.c8 != c8)
		fail_msg("colour %x/%d/%d/%d instead of %x/%d/%d/%d", (unsigned)c.rgb, c.c256,
			 c.c16, c.c8, (unsigned)rgb, c256, c16, c8);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void looks(void **state)
{
	struct theme t = good("# a comment\n"
			      "\t\n"
			      "[palette]\n"
			      "accent=#0072B2 / 25 /blue\n"
			      "[roles]\n"
			      "title =\taccent  on white bold underline reverse\n"
			      "error = 196 on default\n"
			      "ok = #00ff00",
			      NULL);
	struct theme_style s = theme_style(&t, ROLE_TITLE);
	(void)state;
	assert_string_equal(t.name, "x");
	same_colour(s.fg, 0x0072b2, 25, 4, 4);
	same_colour(s.bg, -1, 7, 7, 7);
	assert_int_equal(s.attrs, THEME_BOLD | THEME_UNDERLINE | THEME_REVERSE);
	s = theme_style(&t, ROLE_ERROR);
	same_colour(s.fg, -1, 196, 9, 1);
	same_colour(s.bg, -1, -1, -1, -1);
	assert_int_equal(s.attrs, 0);
	same_colour(theme_style(&t, ROLE_OK).fg, 0x00ff00, 46, 10, 2);
	assert_true(t.given[ROLE_OK] && !t.given[ROLE_TEXT]);
}

static void fewer_colours(void **state)
{
	static const struct {
		const char *text;
		int rgb, c256, c16, c8;
	} rows[] = {
	    {"default", -1, -1, -1, -1},
	    {"black", -1, 0, 0, 0},
	    {"bright-blue", -1, 12, 12, 4},
	    {"bright-black", -1, 8, 8, -1}, /* nothing of 8 is like it */
	    {"255", -1, 255, 7, 7},
	    {"244", -1, 244, 7, 7}, /* nearest is bright black, that may be invisible */
	    {"16", -1, 16, 0, 0},
	    {"#cd0000", 0xcd0000, 160, 1, 1},
	    {"#ffffff / 231", 0xffffff, 231, 15, 7},
	    {"#ffffff / 200", 0xffffff, 200, 13, 5},
	    {"#ffffff / red", 0xffffff, 1, 1, 1},
	    {"#123456 / 17 / bright-cyan", 0x123456, 17, 14, 6},
	    {"#123456 / 17 / default", 0x123456, 17, -1, -1},
	    {"yellow / 3 / default", -1, 3, -1, -1},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *text = xasprintf("[palette]\na = %s\n[roles]\ntext = a\n", rows[i].text);
		struct theme t = good(text, NULL);
		same_colour(theme_style(&t, ROLE_HELP).fg, rows[i].rgb, rows[i].c256, rows[i].c16,
			    rows[i].c8);
		free(text);
	}
}

static void parents(void **state)
{
	struct theme t = good("[roles]\nerror = red on yellow underline\ntext = cyan\n", NULL);
	struct theme_style s = theme_style(&t, ROLE_STATE_FAILED);
	(void)state;
	same_colour(s.fg, -1, 1, 1, 1);
	same_colour(s.bg, -1, 3, 3, 3);
	assert_int_equal(s.attrs, THEME_UNDERLINE);
	s = theme_style(&t, ROLE_BUTTON_FOCUS); /* selection, text: never unseen */
	same_colour(s.fg, -1, 6, 6, 6);
	assert_int_equal(s.attrs, THEME_REVERSE);
	for (size_t i = 0; i < THEME_ROLES; i++) {
		enum theme_role at = (enum theme_role)i;
		assert_non_null(theme_roles[i].name);
		for (size_t steps = 0; at != ROLE_TEXT; steps++, at = theme_roles[at].parent)
			assert_true(steps < THEME_ROLES);
	}
	assert_true(memcmp(&t.styles[ROLE_TEXT], &t.styles[ROLE_HELP], sizeof(s)) == 0);
	s = theme_style(&t, THEME_ROLES); /* no role: text */
	same_colour(s.fg, -1, 6, 6, 6);
}

static void plain(void **state)
{
	struct theme t = good("", NULL);
	(void)state;
	assert_string_equal(theme_plain()->name, "plain");
	for (size_t i = 0; i < THEME_ROLES; i++) {
		struct theme_style a = theme_style(theme_plain(), (enum theme_role)i),
				   b = t.styles[i];
		same_colour(a.fg, b.fg.rgb, b.fg.c256, b.fg.c16, b.fg.c8);
		same_colour(a.bg, b.bg.rgb, b.bg.c256, b.bg.c16, b.bg.c8);
		if (a.attrs != b.attrs || b.fg.c8 != THEME_DEFAULT)
			fail_msg("%s differs from an empty file", theme_roles[i].name);
	}
}

/* --- inheritance ------------------------------------------------------------------------------ */

static void inherited(void **state)
{
	static const struct shelf shelf[] = {
	    {"base", "[palette]\naccent = red\nother = cyan\n"
		     "[roles]\ntitle = accent\nkey = accent bold\nerror = other\n"},
	    {"mid", "inherit = base\n[palette]\naccent = green\n[roles]\nkey = other\n"},
	    {NULL, NULL},
	};
	struct theme t = good("inherit = mid\n[palette]\nmine = 5\n"
			      "[roles]\nfooter = accent on mine\n",
			      shelf);
	(void)state;
	same_colour(theme_style(&t, ROLE_TITLE).fg, -1, 2, 2, 2); /* mid's accent, base's role */
	same_colour(theme_style(&t, ROLE_KEY).fg, -1, 6, 6, 6);
	assert_int_equal(theme_style(&t, ROLE_KEY).attrs, 0);
	same_colour(theme_style(&t, ROLE_STATE_FAILED).fg, -1, 6, 6, 6);
	same_colour(theme_style(&t, ROLE_FOOTER).fg, -1, 2, 2, 2);
	same_colour(theme_style(&t, ROLE_FOOTER).bg, -1, 5, 5, 5);
	assert_string_equal(t.name, "x");
}

static void inherited_wrong(void **state)
{
	static const struct shelf shelf[] = {
	    {"a", "inherit = b\n"},
	    {"b", "# b\ninherit = a\n"},
	    {"self", "inherit = self\n"},
	    {"broken", "[roles]\ntext = default\nstat.failed = red\n"},
	    {"d1", "inherit = d2\n"},
	    {"d2", "inherit = d3\n"},
	    {"d3", "inherit = d4\n"},
	    {"d4", "inherit = d5\n"},
	    {"d5", "inherit = d6\n"},
	    {"d6", "inherit = d7\n"},
	    {"d7", "inherit = d8\n"},
	    {"d8", ""},
	    {"clash", "[palette]\na = red\nb = blue\n[roles]\ntext = default\nkey = a on b\n"},
	    {NULL, NULL},
	};
	static const struct {
		const char *text, *said;
	} rows[] = {
	    {"inherit = a\n", "b.theme:2: theme \"a\" inherits itself"},
	    {"inherit = d8\ninherit = d8\n", "dir/x.theme:2: \"inherit\" again"},
	    {"inherit = self\n", "self.theme:1: theme \"self\" inherits itself"},
	    {"inherit = broken\n", "broken.theme:3: unknown role \"stat.failed\""},
	    {"\ninherit = none\n", "dir/x.theme:2: there is no theme \"none\""},
	    {"inherit = d1\n", "d7.theme:1: themes inherit more than 7 deep"},
	    {"inherit = clash\n[palette]\na = blue\n",
	     "clash.theme:6: role \"key\" is unreadable with 256 colours"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct theme t = {.name = "untouched"};
		struct err e = {0};
		assert_int_equal(parse(&t, rows[i].text, shelf, &e), -1);
		assert_int_equal(e.kind, ERR_INPUT);
		has(e.text, rows[i].said);
		assert_string_equal(t.name, "untouched");
	}
	good("inherit = d2\n", shelf);
}

/* --- refusals --------------------------------------------------------------------------------- */

#define P "[palette]\n"
#define R "[roles]\n"

static void refused(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
	    {"inhreit = a\n", "dir/x.theme:1: unknown key \"inhreit\" (did you mean \"inherit\"?)"},
	    {"text = red\n", "x.theme:1: unknown key \"text\", expected \"inherit = THEME\""},
	    {"inherit = a\n", "x.theme:1: nothing can be inherited here"},
	    {"inherit = ../a\n", "x.theme:1: bad name of a theme \"../a\""},
	    {"inherit =\n", "x.theme:1: nothing after '=', expected inherit = THEME"},
	    {R "inherit = a\n", "x.theme:2: unknown role \"inherit\""},
	    {"[role]\n", "x.theme:1: unknown section \"[role]\" (did you mean \"[roles]\"?)"},
	    {"[colours\n", "x.theme:1: unknown section \"[colours\", expected [palette] or"},
	    {R P R, "x.theme:3: section [roles] again"},
	    {P P, "x.theme:2: section [palette] again"},
	    {R "text\n", "x.theme:2: no '=' in \"text\", expected ROLE = FG [on BG]"},
	    {P " # x\n", "x.theme:2: no '=' in \"# x\", expected NAME = COLOUR"},
	    {"what\n", "x.theme:1: no '=' in \"what\", expected inherit = THEME"},
	    {R " = red\n", "x.theme:2: nothing before '='"},
	    {R "text =  \n", "x.theme:2: nothing after '='"},
	    /* palette */
	    {P "a = red\nb = 1\na = blue\n", "x.theme:4: colour \"a\" again"},
	    {P "A = red\n", "x.theme:2: bad name \"A\""},
	    {P "a.b = red\n", "x.theme:2: bad name \"a.b\""},
	    {P "-a = red\n", "x.theme:2: bad name \"-a\""},
	    {P "abcdefghijklmnopqrstuvwxyz0123456 = red\n", "x.theme:2: bad name \"abc"},
	    {P "red = blue\n", "x.theme:2: \"red\" has a meaning of its own"},
	    {P "on = blue\n", "x.theme:2: \"on\" has a meaning of its own"},
	    {P "a = rde\n", "x.theme:2: unknown colour \"rde\" (did you mean \"red\"?), expected"},
	    {P "a = b\n", "x.theme:2: unknown colour \"b\", expected an ANSI colour"},
	    {P "a = red blue\n", "x.theme:2: unknown colour \"red blue\""},
	    {P "a = 256\n", "x.theme:2: bad colour \"256\", expected a number from 0 to 255"},
	    {P "a = -1\n", "x.theme:2: bad colour \"-1\", expected a number"},
	    {P "a = 0x10\n", "x.theme:2: bad colour \"0x10\", expected a number"},
	    {P "a = 1000\n", "x.theme:2: bad colour \"1000\", expected a number"},
	    {P "a = #12345\n", "x.theme:2: bad colour \"#12345\", expected # and six hex digits"},
	    {P "a = #12345g\n", "x.theme:2: bad colour \"#12345g\", expected # and"},
	    {P "a = #1234567\n", "x.theme:2: bad colour \"#1234567\", expected # and"},
	    {P "a = #112233 / #112233\n", "x.theme:2: bad colour \"#112233\" in part 2"},
	    {P "a = 3 / 3 / 3\n", "x.theme:2: bad colour \"3\" in part 3, expected an ANSI"},
	    {P "a = 3 / 3 / red / red\n", "x.theme:2: too many parts"},
	    {P "a = 3 / \n", "x.theme:2: a colour is missing"},
	    {P "a = / 3\n", "x.theme:2: a colour is missing"},
	    /* roles */
	    {R "stat.failed = red\n",
	     "x.theme:2: unknown role \"stat.failed\" (did you mean \"state.failed\"?), expected "
	     "one of text, title,"},
	    {R "text = red\ntitle = 1\ntext = red\n", "x.theme:4: role \"text\" again"},
	    {R "text = acent\n", "x.theme:2: unknown colour \"acent\", expected a name of the"},
	    {P "accent = 1\n" R "text = acent\n", "x.theme:4: unknown colour \"acent\" (did you "
						  "mean \"accent\"?)"},
	    {R "text = accent\n" P "accent = 1\n", "x.theme:2: unknown colour \"accent\""},
	    {R "text = bold\n", "x.theme:2: unknown colour \"bold\""},
	    {R "text = 999\n", "x.theme:2: bad colour \"999\""},
	    {R "text = #12\n", "x.theme:2: bad colour \"#12\""},
	    {R "text = red on\n", "x.theme:2: no colour after \"on\""},
	    {R "text = red on bold\n", "x.theme:2: unknown colour \"bold\""},
	    {R "text = red blue\n", "x.theme:2: unknown attribute \"blue\", expected bold,"},
	    {R "text = red bld\n", "x.theme:2: unknown attribute \"bld\" (did you mean \"bold\"?)"},
	    {R "text = red bold on blue\n", "x.theme:2: unknown attribute \"on\""},
	    {R "text = red bold bold\n", "x.theme:2: \"bold\" again"},
	    {R "text = red dim\n", "x.theme:2: unknown attribute \"dim\""},
	    {R "text = red on red\n", "x.theme:2: role \"text\" is unreadable with 256 colours"},
	    {R "text = #ff0000 on #ff0000\n", "role \"text\" is unreadable with 16777216 colours"},
	    {R "\ntext = bright-red on red\n", "x.theme:3: role \"text\" is unreadable with 8"},
	    {R "text = 18 on 19\n", "x.theme:2: role \"text\" is unreadable with 16 colours"},
	    /* bytes */
	    {R "text = red\r\n", "x.theme:2: control character 0x0d at byte 11"},
	    {"# \033[2J\n", "x.theme:1: control character 0x1b at byte 3"},
	    {"\x7f\n", "x.theme:1: control character 0x7f at byte 1"},
	    {R "text = r\xc3\xa9"
	       "d\n",
	     "x.theme:2: byte 0xc3 at byte 9, expected ASCII"},
	    {"# \xff\n", "x.theme:1: expected UTF-8"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct theme t = {.name = "untouched"};
		struct err e = {0};
		if (parse(&t, rows[i].text, NULL, &e) != -1)
			fail_msg("taken: %s", rows[i].text);
		assert_int_equal(e.kind, ERR_INPUT);
		has(e.text, rows[i].said);
		assert_string_equal(t.name, "untouched");
	}
	good("# caf\xc3\xa9\n", NULL);
}

static void sizes(void **state)
{
	struct theme t;
	struct err e = {0};
	struct str text = {0};
	(void)state;
	str_puts(&text, "#\n#");
	while (text.len < 2 + 200)
		str_putc(&text, '.');
	assert_int_equal(theme_parse(&t, text.buf, text.len, "f", NULL, &e), 0);
	str_putc(&text, '.');
	assert_int_equal(theme_parse(&t, text.buf, text.len, "f", NULL, &e), -1);
	has(e.text, "f:2: a line of 201 bytes, expected 200 at most");
	str_clear(&text);
	while (text.len < 65536)
		str_puts(&text, "#\n");
	assert_int_equal(theme_parse(&t, text.buf, text.len, "f", NULL, &e), 0);
	str_putc(&text, '\n');
	assert_int_equal(theme_parse(&t, text.buf, text.len, "f", NULL, &e), -1);
	has(e.text, "65536 at most");
	assert_int_equal(theme_parse(&t, "[roles]\nte\0xt = red", 19, "f", NULL, &e), -1);
	has(e.text, "f:2: control character 0x00 at byte 3");
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(looks),     cmocka_unit_test(fewer_colours),
	    cmocka_unit_test(parents),   cmocka_unit_test(plain),
	    cmocka_unit_test(inherited), cmocka_unit_test(inherited_wrong),
	    cmocka_unit_test(refused),   cmocka_unit_test(sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
