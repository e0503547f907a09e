/* SPDX-License-Identifier: ISC */
/*
 * monkey: somebody who knows nothing presses keys, makes the window larger and smaller, looks away for
 * a while, and does so on every screen. The seed alone decides what is pressed.
 *
 *   monkey --state DIR [--keys N] [--seed N]
 *
 * What must hold: it never crashes and never hangs; no label is cut; where there is a list the cursor
 * stands on its selection; and from anywhere Esc (and q) lead back to the first screen.
 */
#include "config.h"

#include "tests/tui/named.h"

#include "tui/app_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "run/create.h"

#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOME_EVERY  150 /* keys */
#define HOME_KEYS   40  /* so many have to be enough */
#define STUCK       60  /* seconds for one key */
#define WORK_LOOKS  300 /* ms for what goes on in the background, then it is stopped */
#define LAST        60  /* keys that are told when something is wrong */
#define JUMP_CHANCE 25

struct monkey {
	struct app *app;
	struct terminal *term;
	struct clock_virtual clock;
	uint64_t random;
	struct job_rows jobs;
	long step;
	char last[LAST][24]; /* what was done, a ring */
	bool bad;
};

static unsigned draw(struct monkey *m, unsigned n)
{
	m->random = m->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

static void PRINTF_LIKE(2, 3) did(struct monkey *m, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(m->last[m->step % LAST], sizeof(m->last[0]), fmt, ap);
	va_end(ap);
	m->step++;
}

static void PRINTF_LIKE(2, 3) wrong(struct monkey *m, const char *fmt, ...)
{
	struct str picture = {0};
	va_list ap;
	if (m->bad)
		return;
	m->bad = true;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	fprintf(stderr, "monkey: key %ld: %s\nkeys before:", m->step, text);
	for (long i = m->step > LAST ? m->step - LAST : 0; i < m->step; i++)
		fprintf(stderr, " %s", m->last[i % LAST]);
	term_dump(m->term, false, &picture);
	fprintf(stderr, "\nscreen %s:\n%s", m->app->stack.n
						 ? m->app->stack.v[m->app->stack.n - 1].kind->name
						 : "-",
		str_text(&picture));
	str_release(&picture);
	free(text);
}

/* --- what must hold --------------------------------------------------------------------------- */

static bool types(const struct app *a)
{
	return app_typing(a);
}

/* The line of the picture, new. */
static char *line_at(const char *picture, int y)
{
	for (; y > 0 && strchr(picture, '\n'); y--)
		picture = strchr(picture, '\n') + 1;
	return xstrndup(picture, strcspn(picture, "\n"));
}

static void cursor_is_on_the_selection(struct monkey *m)
{
	struct str picture = {0};
	int y, x;
	term_cursor(m->term, &y, &x);
	term_dump(m->term, false, &picture);
	char *line = y >= 0 ? line_at(str_text(&picture), y) : NULL;
	if (strstr(str_text(&picture), "\n> ") && !(line && line[0] == '>'))
		wrong(m, "the cursor is not on the selection (it is at %d, %d)", y, x);
	free(line);
	str_release(&picture);
}

static void check(struct monkey *m)
{
	struct app *a = m->app;
	if (frame_too_small(a) || !a->stack.n)
		return;
	char *cut = term_cut_labels(m->term);
	if (*cut)
		wrong(m, "cut: %s", cut);
	free(cut);
	if (!dialog_is_open(a) && !types(a))
		cursor_is_on_the_selection(m);
}

/* --- doing something -------------------------------------------------------------------------- */

static void wait_for_work(struct monkey *m)
{
	for (int i = 0; m->app->work; i++) {
		if (i == WORK_LOOKS)
			work_stop(m->app->work);
		(void)usleep(1000); /* a real thread */
		app_tick(m->app);
	}
}

static void look(struct monkey *m)
{
	struct app *a = m->app;
	(void)alarm(STUCK);
	if (!a->stack.n)
		app_open(a, &screen_home, NULL);
	a->quit = false; /* nobody leaves */
	app_tick(a);
	wait_for_work(m);
	app_draw(a);
	check(m);
}

static void press(struct monkey *m, keycode key)
{
	char name[16];
	key_text(key & ~K_PASTED, name);
	did(m, "%s", name);
	app_key(m->app, key);
	look(m);
}

static void press_all(struct monkey *m, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		press(m, (unsigned char)text[i]);
}

static const struct key_action *any_action(struct monkey *m)
{
	const struct key_action *k, *found = NULL;
	unsigned n = 0;
	for (size_t i = 0; (k = app_actions(m->app, &i));)
		if (draw(m, ++n) == 0)
			found = k;
	return found;
}

static void act(struct monkey *m)
{
	char name[16];
	const struct key_action *k = any_action(m);
	if (!k || !k->keys)
		return;
	key_first(k->keys, name);
	press(m, key_parse(name));
}

static void command(struct monkey *m)
{
	const struct key_action *k = any_action(m);
	if (!k || strcmp(k->word, "write") == 0)
		return;
	press(m, ':');
	press_all(m, k->word);
	if (draw(m, 3) == 0)
		press_all(m, " leaf01");
	press(m, K_ENTER);
}

static void write_something(struct monkey *m)
{
	static const char *const words[] = {"leaf", "mixed", "(", "[a-", "42", "", " ", "\\", "core 7",
					    "yes", "running", "/", "4.2.0", "x"};
	press_all(m, words[draw(m, LEN(words))]);
}

static void any_character(struct monkey *m)
{
	static const keycode odd[] = {0xe4, 0x65e5, 0x1f600, 0x202e, 0x9b, 127, 0x301};
	keycode key = draw(m, 4) ? 32 + (keycode)draw(m, 95) : odd[draw(m, LEN(odd))];
	press(m, draw(m, 6) ? key : key | K_PASTED);
}

static void any_key(struct monkey *m)
{
	unsigned n = draw(m, 26 + K_F12 - K_UP);
	press(m, n < 26 ? (keycode)n + 1 : K_UP + (keycode)(n - 26));
}

static void move(struct monkey *m)
{
	static const keycode keys[] = {K_UP, K_DOWN, K_DOWN, 'j', 'j', 'k', K_LEFT, K_RIGHT,
				       K_PAGE_UP, K_PAGE_DOWN, K_HOME, K_END, 'G', 'g', K_TAB};
	press(m, keys[draw(m, LEN(keys))]);
}

static void enter(struct monkey *m)
{
	press(m, K_ENTER);
}

static void space(struct monkey *m)
{
	press(m, ' ');
}

static void leave(struct monkey *m)
{
	press(m, draw(m, 4) ? K_ESC : 'q');
}

static void resize(struct monkey *m)
{
	static const int sizes[][2] = {{24, 80}, {24, 80}, {24, 80}, {40, 120}, {1, 1}, {100, 300},
				       {23, 80}, {24, 79}, {25, 81}};
	unsigned n = draw(m, LEN(sizes) + 3);
	int lines = n < LEN(sizes) ? sizes[n][0] : 1 + (int)draw(m, 100);
	int columns = n < LEN(sizes) ? sizes[n][1] : 1 + (int)draw(m, 300);
	did(m, "%dx%d", columns, lines);
	term_resize(m->term, lines, columns);
	app_key(m->app, K_RESIZE);
	look(m);
}

static void pass(struct monkey *m)
{
	static const int64_t times[] = {100, 400, 1000, 61000, 3600000};
	int64_t ms = times[draw(m, LEN(times))];
	did(m, "+%lldms", (long long)ms);
	m->clock.ms += ms;
	look(m);
}

/* Another job, another screen: as no key does it while a question is open. */
static void jump(struct monkey *m)
{
	struct err e = {0};
	size_t n = 0;
	while (named_screens[n])
		n++;
	if (m->jobs.n && draw(m, 2) &&
	    app_follow(m->app, m->jobs.v[draw(m, (unsigned)m->jobs.n)].id, &e) != 0)
		wrong(m, "%s", e.text);
	const struct screen *screen = named_screens[draw(m, (unsigned)n)];
	did(m, "(%s)", screen->name);
	if (m->app->stack.n < 6)
		app_open(m->app, screen, NULL);
	look(m);
}

static const struct {
	unsigned weight;
	void (*run)(struct monkey *m);
} habits[] = {
    {24, move},  {16, act},   {14, enter}, {9, space}, {8, any_character}, {7, leave},
    {6, any_key}, {5, pass},  {4, write_something}, {4, resize}, {3, command},
};

static void do_something(struct monkey *m)
{
	unsigned all = 0;
	if (draw(m, JUMP_CHANCE) == 0 && !dialog_is_open(m->app)) {
		jump(m);
		return;
	}
	for (size_t i = 0; i < LEN(habits); i++)
		all += habits[i].weight;
	unsigned n = draw(m, all), i = 0;
	for (; n >= habits[i].weight; i++)
		n -= habits[i].weight;
	habits[i].run(m);
}

/* From anywhere: with a pause for each question, Esc has to lead to the first screen. */
static void go_home(struct monkey *m)
{
	struct app *a = m->app;
	bool with_q = draw(m, 2);
	if (frame_too_small(a)) {
		term_resize(m->term, LEAST_LINES, LEAST_COLUMNS);
		app_key(a, K_RESIZE);
	}
	for (int i = 0; i < HOME_KEYS; i++) {
		if (a->stack.n <= 1 && !dialog_is_open(a) && !a->commanding && !types(a))
			return;
		m->clock.ms += DIALOG_GUARD_MS;
		press(m, with_q && !dialog_is_open(a) && !types(a) && a->stack.n > 1 ? 'q' : K_ESC);
	}
	wrong(m, "%d times Esc do not lead back to the first screen", HOME_KEYS);
}

/* --- beginning -------------------------------------------------------------------------------- */

static int no_process(struct app *a, const char *id, unsigned how, struct err *e)
{
	(void)a, (void)id, (void)how, (void)e;
	return 0;
}

static int play(struct monkey *m, struct store *s, long keys)
{
	struct err e = {0};
	struct term_options o = {.in = fopen("/dev/null", "re"),
				 .out = fopen("/dev/null", "we"),
				 .type = "xterm-256color",
				 .headless = true,
				 .lines = 24,
				 .columns = 80};
	m->term = o.in && o.out ? term_open(&o, &e) : NULL;
	m->app = m->term ? app_new(m->term, s, &m->clock.clock, &e) : NULL;
	if (!m->app || store_jobs(s, &m->jobs, &e) != 0 || app_theme(m->app, NULL, &e) != 0)
		return fprintf(stderr, "monkey: %s\n", e.text), 1;
	m->app->start = no_process;
	look(m);
	for (long next = HOME_EVERY; m->step < keys && !m->bad;) {
		do_something(m);
		if (m->step >= next) {
			go_home(m);
			next = m->step + HOME_EVERY;
		}
	}
	app_free(m->app);
	term_close(m->term);
	job_rows_release(&m->jobs);
	fclose(o.in);
	fclose(o.out);
	return m->bad;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"state", required_argument, NULL, 's'},
						{"keys", required_argument, NULL, 'k'},
						{"seed", required_argument, NULL, 'r'},
						{0}};
	struct monkey m = {.random = 1};
	struct err e = {0};
	const char *state = NULL;
	long keys = 1000;
	int c;
	(void)setlocale(LC_ALL, "");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 's': state = optarg; break;
		case 'k': keys = atol(optarg); break;
		case 'r': m.random = strtoull(optarg, NULL, 10); break;
		default: return 2;
		}
	unsigned long long seed = m.random;
	clock_virtual_init(&m.clock, 0, 1795226640000);
	struct store *s = store_open(state, &m.clock.clock, &e);
	if (!s)
		return fprintf(stderr, "monkey: %s\n", e.text), 1;
	int rc = play(&m, s, keys);
	store_close(s);
	printf("seed %llu: %ld keys\n", seed, m.step);
	return rc;
}
