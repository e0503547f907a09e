/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "bed.h"

#include "base/utf8.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define WALL 1795226640000

int bed_open(void **state)
{
	struct bed *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	(void)setlocale(LC_ALL, "C.UTF-8");
	b->in = fopen("/dev/null", "re");
	b->out = fopen("/dev/null", "we");
	struct term_options o = {.in = b->in,
				 .out = b->out,
				 .type = "xterm-256color",
				 .headless = true,
				 .lines = 24,
				 .columns = 80};
	clock_virtual_init(&b->clock, 0, WALL);
	b->term = term_open(&o, &e);
	b->store = store_open(":memory:", &b->clock.clock, &e);
	b->app = b->term && b->store ? app_new(b->term, b->store, &b->clock.clock, &e) : NULL;
	*state = b;
	return b->app ? 0 : -1;
}

int bed_close(void **state)
{
	struct bed *b = *state;
	app_free(b->app);
	store_close(b->store);
	term_close(b->term);
	fclose(b->in);
	fclose(b->out);
	free(b);
	return 0;
}

struct canvas bed_canvas(struct bed *b, int lines, int columns)
{
	term_clear(b->term);
	struct canvas all = canvas_all(b->term);
	return canvas_part(&all, 0, 0, lines, columns);
}

char *bed_picture(struct bed *b)
{
	struct str s = {0};
	term_dump(b->term, false, &s);
	return str_take(&s);
}

void bed_shows(struct bed *b, const char *text)
{
	char *picture = bed_picture(b);
	if (!strstr(picture, text))
		fail_msg("\"%s\" is not on the screen:\n%s", text, picture);
	free(picture);
}

void bed_hides(struct bed *b, const char *text)
{
	char *picture = bed_picture(b);
	if (strstr(picture, text))
		fail_msg("\"%s\" is on the screen:\n%s", text, picture);
	free(picture);
}

void bed_line(struct bed *b, int line, const char *text)
{
	char *picture = bed_picture(b), *at = picture;
	for (int i = 0; i < line; i++)
		at = strchr(at, '\n') + 1;
	at[strcspn(at, "\n")] = '\0';
	assert_string_equal(at, text);
	free(picture);
}

void bed_cursor(struct bed *b, int line, int column)
{
	int y, x;
	term_cursor(b->term, &y, &x);
	assert_int_equal(y, line);
	assert_int_equal(x, column);
}

void bed_keys(struct bed *b, const char *names)
{
	size_t n;
	char **list = str_split(names, " ", &n);
	for (size_t i = 0; i < n; i++) {
		keycode key = key_parse(list[i]);
		assert_true(key > 0);
		app_key(b->app, key);
	}
	free(list);
	app_tick(b->app);
	app_draw(b->app);
}

void bed_type(struct bed *b, const char *text)
{
	size_t used, n = strlen(text);
	for (size_t i = 0; i < n; i += used)
		app_key(b->app, utf8_decode(text + i, n - i, &used));
	app_tick(b->app);
	app_draw(b->app);
}
