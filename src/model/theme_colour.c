/* SPDX-License-Identifier: ISC */
/* Colours as written in theme files, and their likes on terminals with fewer of them. */
#include "config.h"

#include "model/theme_parts.h"

#include "base/i18n.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

enum { BRIGHT = 8, CUBE = 16, GREYS = 232, COLOURS = 256 };

const char *const theme_ansi_names[18] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white", "default",       NULL,
};

/* As xterm has them; other terminals differ a little. */
static const int32_t ansi_rgb[CUBE] = {
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

/* The upper 240 are the same everywhere: a cube of 6x6x6 and 24 greys. */
static int32_t index_rgb(int index)
{
	static const int32_t level[] = {0, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
	if (index < CUBE)
		return ansi_rgb[index];
	if (index >= GREYS)
		return (8 + 10 * (index - GREYS)) * 0x010101;
	index -= CUBE;
	return level[index / 36] << 16 | level[index / 6 % 6] << 8 | level[index % 6];
}

static int distance(int32_t a, int32_t b)
{
	int sum = 0;
	for (int shift = 0; shift <= 16; shift += 8) {
		int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
		sum += d * d;
	}
	return sum;
}

static bool is_grey(int32_t rgb)
{
	int r = rgb >> 16 & 0xff, g = rgb >> 8 & 0xff, b = rgb & 0xff;
	return r == g && g == b;
}

static int16_t nearest(int32_t rgb, int first, int end)
{
	int best = first;
	for (int i = first; i < end; i++)
		if (distance(rgb, index_rgb(i)) < distance(rgb, index_rgb(best)))
			best = i;
	return (int16_t)best;
}

/* Of 16 a grey stays a grey. Bright black never stands in: it is invisible on many terminals. */
static int16_t nearest_ansi(int32_t rgb)
{
	int best = 0;
	for (int i = 1; i < CUBE; i++)
		if (i != BRIGHT && (!is_grey(rgb) || is_grey(ansi_rgb[i])) &&
		    distance(rgb, ansi_rgb[i]) < distance(rgb, ansi_rgb[best]))
			best = i;
	return (int16_t)best;
}

/* Of 8 colours the plain one stands for the bright one; nothing there is like bright black. */
static int16_t plain_of(int16_t c16)
{
	if (c16 == BRIGHT)
		return THEME_DEFAULT;
	return c16 == THEME_DEFAULT ? c16 : c16 % BRIGHT;
}

static void from_index(struct theme_colour *c, int index)
{
	*c = (struct theme_colour){.rgb = THEME_DEFAULT, .c256 = (int16_t)index};
	c->c16 = index < CUBE ? (int16_t)index : nearest_ansi(index_rgb(index));
	c->c8 = plain_of(c->c16);
}

static void from_rgb(struct theme_colour *c, int32_t rgb)
{
	from_index(c, nearest(rgb, CUBE, COLOURS));
	c->rgb = rgb;
	c->c16 = nearest_ansi(rgb);
	c->c8 = plain_of(c->c16);
}

static int ansi_index(const char *word)
{
	for (int i = 0; theme_ansi_names[i]; i++)
		if (strcmp(word, theme_ansi_names[i]) == 0)
			return i;
	return -1;
}

static int read_rgb(const char *word, struct theme_colour *out, struct err *e)
{
	if (strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
		return err_set(e, ERR_INPUT, "bad colour \"%s\", expected # and six hex digits",
			       word);
	from_rgb(out, (int32_t)strtol(word + 1, NULL, 16));
	return 0;
}

static int read_index(const char *word, struct theme_colour *out, struct err *e)
{
	size_t n = strlen(word);
	long index = n <= 3 && strspn(word, "0123456789") == n ? strtol(word, NULL, 10) : -1;
	if (index < 0 || index >= COLOURS)
		return err_set(e, ERR_INPUT, "bad colour \"%s\", expected a number from 0 to 255",
			       word);
	from_index(out, (int)index);
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int theme_colour_one(const char *word, struct theme_colour *out, struct err *e)
{
	int ansi = ansi_index(word);
	if (*word == '#')
		return read_rgb(word, out, e);
	if (is_digit(*word) || *word == '-' || *word == '+')
		return read_index(word, out, e);
	if (ansi < 0) {
		const char *near = json_nearest(word, theme_ansi_names);
		return err_set(e, ERR_INPUT,
			       "unknown colour \"%s\"%-s, expected an ANSI colour, \"default\", "
			       "0 to 255 or #rrggbb",
			       word, json_hint(near, (char[JSON_HINT]){0}));
	}
	from_index(out, ansi < CUBE ? ansi : 0);
	if (ansi == CUBE)
		*out = (struct theme_colour){THEME_DEFAULT, THEME_DEFAULT, THEME_DEFAULT,
					     THEME_DEFAULT};
	return 0;
}

bool theme_colour_is_word(const char *word)
{
	return *word == '#' || is_digit(*word) || ansi_index(word) >= 0;
}

/* A part that stands in for the one before on terminals with fewer colours. */
static int read_part(size_t i, const char *word, struct theme_colour *out, struct err *e)
{
	static const char *const wanted[] = {NULL, M_("0 to 255, an ANSI colour or \"default\""),
					     M_("an ANSI colour or \"default\"")};
	struct theme_colour c;
	if (i >= LEN(wanted))
		return err_set(e, ERR_INPUT, "too many parts, expected COLOUR [/ 256 [/ 8]]");
	if (theme_colour_one(word, i == 0 ? out : &c, e) != 0)
		return -1;
	if (i == 0)
		return 0;
	if (c.rgb != THEME_DEFAULT || (i == 2 && ansi_index(word) < 0))
		return err_set(e, ERR_INPUT, "bad colour \"%s\" in part %zu, expected %-s", word,
			       i + 1, wanted[i]);
	if (i == 1)
		out->c256 = c.c256;
	out->c16 = c.c16;
	out->c8 = c.c8;
	return 0;
}

/* "a / b / c" with blanks where one likes, but no part empty. */
int theme_colour_parts(const char *text, struct theme_colour *out, struct err *e)
{
	int rc = 0;
	char *copy = xstrdup(text), *at = copy;
	for (size_t i = 0; rc == 0 && at; i++) {
		char *slash = strchr(at, '/');
		if (slash)
			*slash = '\0';
		at += strspn(at, " \t");
		size_t n = strlen(at);
		while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t'))
			at[--n] = '\0';
		rc = n > 0 ? read_part(i, at, out, e)
			   : err_set(e, ERR_INPUT,
				     "a colour is missing, expected COLOUR [/ 256 "
				     "[/ 8]]");
		at = slash ? slash + 1 : NULL;
	}
	free(copy);
	return rc;
}
