/* SPDX-License-Identifier: ISC */
/* A screen that is a table and leaves the rest to it. */
#include "config.h"

#include "bed.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct toy {
	struct list list;
	int told;
	bool named; /* the first column holds names, and another one gives way for them */
};

static const char *const names[][2] = {
    {"leaf01", "10.0.0.1"},
    {"a-leaf-with-a-name-of-thirty-eight-bytes", "10.0.0.2"},
    {"leaf03", "2001:db8:1234:5678:9abc:def0:1234:5678%management-0"},
};

static const struct column columns[] = {
    {"DEVICE", 8, 24, 0, false},
    {"ADDRESS", 8, 20, 0, false},
};

static size_t count(const void *ctx)
{
	(void)ctx;
	return LEN(names);
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct toy *t = ctx;
	if (t->named && column == 0)
		cell_name(out, names[row][column]);
	else
		str_puts(&out->text, names[row][column]);
}

static const char *id(const void *ctx, size_t row)
{
	(void)ctx;
	return names[row][0];
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id};

static int open_toy(struct app *a, void *state, const void *argument, struct err *e)
{
	struct toy *t = state;
	(void)a, (void)argument, (void)e;
	list_init(&t->list, columns, LEN(columns), &rows, t);
	return 0;
}

static void close_toy(struct app *a, void *state)
{
	struct toy *t = state;
	(void)a;
	list_release(&t->list);
}

static void draw_head(const struct app *a, const void *state, const struct canvas *c)
{
	(void)a, (void)state;
	(void)canvas_text(c, 1, 1, -1, ROLE_TEXT, "above the table");
	(void)canvas_text(c, c->h - 1, 1, -1, ROLE_TEXT, "below the table");
}

static void tell(struct app *a, void *state)
{
	struct toy *t = state;
	t->told++;
	app_say(a, ROLE_INFO, "told");
}

static const struct key_action actions[] = {
    {"tell", "t", "Tell", "Say it", tell, NULL},
    {0},
};

static const struct screen toy = {
    .name = "toy",
    .title = "Toy",
    .about = "A toy.",
    .size = sizeof(struct toy),
    .actions = actions,
    .open = open_toy,
    .close = close_toy,
    .draw_head = draw_head,
    .list = SCREEN_LIST(struct toy, list),
    .head = 2,
    .foot = 1,
    .empty = "No toy is like that",
};

static struct toy *begin(struct bed *b)
{
	app_open(b->app, &toy, NULL);
	app_draw(b->app);
	return b->app->stack.v[b->app->stack.n - 1].state;
}

static void what_is_left_to_the_list(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	bed_shows(b, "above the table");
	bed_shows(b, "below the table");
	assert_int_equal(t->list.height, 24 - 3 - 2 - 1 - 1); /* frame, head, foot, titles */
	bed_keys(b, "j j");
	assert_int_equal(list_row(&t->list), 2);
	bed_keys(b, "/");
	assert_true(app_typing(b->app));
	bed_type(b, "tt");
	assert_int_equal(t->told, 0); /* it is text now */
	app_draw(b->app);
	bed_shows(b, "No toy is like that");
	bed_keys(b, "Esc");
	assert_false(app_typing(b->app));
	bed_keys(b, "t");
	assert_int_equal(t->told, 1);
}

/* Ends tell names apart. */
static void names_lose_their_middle(void **state)
{
	struct bed *b = *state;
	struct toy *t = begin(b);
	t->named = true;
	list_refresh(&t->list);
	bed_keys(b, "j");
	bed_shows(b, "a-leaf-with-~eight-bytes ");
	static const struct {
		const char *text;
		int columns;
		const char *cut;
	} cases[] = {{"leaf01", 6, "leaf01"}, {"leaf01", 5, "le~01"}, {"leaf01", 2, "l~"},
		    {"leaf01", 1, "~"},      {"日本語日本語", 7, "日~語"}};
	for (size_t i = 0; i < LEN(cases); i++) {
		char *cut = utf8_middle(cases[i].text, cases[i].columns);
		assert_string_equal(cut, cases[i].cut);
		free(cut);
	}
}

static void what_is_cut_is_shown(void **state)
{
	struct bed *b = *state;
	(void)begin(b);
	bed_line(b, 22, "");
	bed_keys(b, "j");
	app_draw(b->app);
	bed_line(b, 22, " DEVICE: a-leaf-with-a-name-of-thirty-eight-bytes");
	bed_keys(b, "t");
	app_draw(b->app);
	bed_line(b, 22, " told"); /* for as long as that is said */
	bed_keys(b, "j");
	app_draw(b->app);
	bed_line(b, 22, " ADDRESS: 2001:db8:1234:5678:9abc:def0:1234:5678%management-0");
	bed_keys(b, "k k");
	app_draw(b->app);
	bed_line(b, 22, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_is_left_to_the_list, bed_open, bed_close),
	    cmocka_unit_test_setup_teardown(what_is_cut_is_shown, bed_open, bed_close),
cmocka_unit_test_setup_teardown(names_lose_their_middle, bed_open, bed_close),
	};
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
