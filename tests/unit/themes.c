/* SPDX-License-Identifier: ISC */
/* The shipped themes: all can be read, on the background they are made for. */
#include "help.h"

#include "base/path.h"
#include "model/theme.h"

#include <math.h>

enum { ON_DARK = 1, ON_LIGHT = 2, NO_COLOURS = 4, NO_UNDERLINE = 8 };

static const struct shipped {
	const char *name;
	unsigned is;
	double least;
} shipped[] = {
    {"contrast", 0, 7.0},      {"dark", ON_DARK, 4.5}, {"light", ON_LIGHT, 4.5},
    {"mono", NO_COLOURS, 4.5}, {"safe", 0, 4.5},       {"serial", NO_COLOURS | NO_UNDERLINE, 4.5},
};

static int from_tree(void *ctx, const char *name, const char *by, struct str *out, char **file,
		     struct err *e)
{
	(void)ctx, (void)by;
	*file = xasprintf(TOP_SRCDIR "/themes/%s.theme", name);
	return path_read(*file, 100000, out, e);
}

static struct theme load(const char *name)
{
	static const struct theme_source from = {from_tree, NULL};
	struct str text = {0};
	struct theme t;
	struct err e = {0};
	char *file = NULL;
	if (from_tree(NULL, name, NULL, &text, &file, &e) != 0 ||
	    theme_parse(&t, str_text(&text), text.len, file, &from, &e) != 0)
		fail_msg("%s", e.text);
	str_release(&text);
	free(file);
	return t;
}

static double luminance(int32_t rgb)
{
	static const double weight[] = {0.0722, 0.7152, 0.2126};
	double sum = 0;
	for (int i = 0; i < 3; i++) {
		double v = (rgb >> 8 * i & 0xff) / 255.0;
		sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(int32_t a, int32_t b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
	return x > y ? x / y : y / x;
}

/* As xterm shows them. Written out here once more, so that the product's table is not its own
 * judge. */
static int32_t shown_as(int index)
{
	static const int32_t ansi[] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
				       0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
				       0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
	static const int32_t level[] = {0, 95, 135, 175, 215, 255};
	if (index < 16)
		return ansi[index];
	if (index >= 232)
		return (8 + 10 * (index - 232)) * 0x10101;
	int i = index - 16;
	return level[i / 36] * 0x10000 + level[i / 6 % 6] * 0x100 + level[i % 6];
}

static int32_t part(const struct theme_colour *c, int colours)
{
	int16_t index = colours == 8 ? c->c8 : colours == 16 ? c->c16 : c->c256;
	if (colours > 256 && c->rgb != THEME_DEFAULT)
		return c->rgb;
	return index == THEME_DEFAULT ? THEME_DEFAULT : shown_as(index);
}

static void readable(const struct shipped *s, const char *role, const struct theme_style *style)
{
	static const int colours[] = {1 << 24, 256, 16, 8};
	for (size_t i = 0; i < LEN(colours); i++) {
		int32_t fg = part(&style->fg, colours[i]), bg = part(&style->bg, colours[i]);
		/* Of 8 colours red is what there is; state is also a word and a symbol. */
		double least = colours[i] == 8 && s->least < 7 ? 3.0 : s->least;
		if (fg == THEME_DEFAULT && bg == THEME_DEFAULT)
			continue;
		if (fg == THEME_DEFAULT || (bg == THEME_DEFAULT && !(s->is & (ON_DARK | ON_LIGHT))))
			fail_msg("%s: %s counts on the terminal's own colours", s->name, role);
		if (bg == THEME_DEFAULT)
			bg = s->is & ON_LIGHT ? 0xffffff : 0;
		if (contrast(fg, bg) < least)
			fail_msg("%s: %s with %d colours: %06x on %06x is %.2f to 1", s->name, role,
				 colours[i], (unsigned)fg, (unsigned)bg, contrast(fg, bg));
		if (s->is & NO_COLOURS)
			fail_msg("%s: %s has a colour", s->name, role);
		if (style->fg.c16 == 8)
			fail_msg("%s: %s is bright black", s->name, role);
	}
}

static void all_shipped(void **state)
{
	(void)state;
	assert_true(fabs(contrast(0, 0xffffff) - 21) < 0.001);
	assert_true(fabs(contrast(0xffffff, 0x777777) - 4.48) < 0.01);
	for (size_t i = 0; i < LEN(shipped); i++) {
		struct theme t = load(shipped[i].name);
		assert_string_equal(t.name, shipped[i].name);
		for (size_t r = 0; r < THEME_ROLES; r++) {
			readable(&shipped[i], theme_roles[r].name, &t.styles[r]);
			if ((shipped[i].is & NO_UNDERLINE) && (t.styles[r].attrs & THEME_UNDERLINE))
				fail_msg("%s: %s", shipped[i].name, theme_roles[r].name);
		}
	}
}

static bool same_look(struct theme_style a, struct theme_style b)
{
	return a.fg.c8 == b.fg.c8 && a.bg.c8 == b.bg.c8 && a.attrs == b.attrs;
}

/* Where the cursor is, and what failed, is seen in every theme, also with 8 colours. */
static void all_tell_apart(void **state)
{
	static const enum theme_role pairs[][2] = {
	    {ROLE_SELECTION, ROLE_TEXT},     {ROLE_BUTTON_FOCUS, ROLE_BUTTON},
	    {ROLE_FIELD_FOCUS, ROLE_FIELD},  {ROLE_STATE_FAILED, ROLE_STATE_DONE},
	    {ROLE_STAGE_ACTIVE, ROLE_STAGE}, {ROLE_STATE_FAILED, ROLE_STATE_PENDING},
	};
	(void)state;
	for (size_t i = 0; i < LEN(shipped); i++) {
		struct theme t = load(shipped[i].name);
		for (size_t p = 0; p < LEN(pairs); p++)
			if (same_look(t.styles[pairs[p][0]], t.styles[pairs[p][1]]))
				fail_msg("%s: %s looks like %s", t.name,
					 theme_roles[pairs[p][0]].name,
					 theme_roles[pairs[p][1]].name);
	}
}

/* Blue against orange, and the palette is the one its comment names. */
static void safe_colours(void **state)
{
	static const int32_t palette[] = {0x000000, 0xffffff, 0xe69f00, 0x56b4e9, 0x009e73,
					  0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7};
	struct theme t = load("safe");
	(void)state;
	assert_int_equal(t.styles[ROLE_STATE_DONE].bg.rgb, 0x0072b2);
	assert_int_equal(t.styles[ROLE_STATE_FAILED].bg.rgb, 0xe69f00);
	for (size_t r = 0; r < 2 * THEME_ROLES; r++) {
		const struct theme_style *s = &t.styles[r / 2];
		int32_t rgb = r % 2 ? s->bg.rgb : s->fg.rgb;
		size_t i = 0;
		while (i < LEN(palette) && palette[i] != rgb)
			i++;
		if (rgb != THEME_DEFAULT && i == LEN(palette))
			fail_msg("%s: %06x", theme_roles[r / 2].name, (unsigned)rgb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_shipped),
	    cmocka_unit_test(all_tell_apart),
	    cmocka_unit_test(safe_colours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
