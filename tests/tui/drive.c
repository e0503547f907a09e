/* SPDX-License-Identifier: ISC */
/*
 * The screens without a terminal: keys from a script, pictures as text. One order a line:
 *
 *   size COLUMNS LINES     another size
 *   open SCREEN            a screen by its name, on top
 *   follow JOB             the job that the screens are about (name or id)
 *   key NAME...            press keys: "Enter", "Space", "^L", "x"
 *   type TEXT              press the characters of a text
 *   pass MS                so much time goes by, the world is looked at
 *   own JOB                from here on a process works on the job: this one
 *   write KIND DEVICE STEP DATA       it writes a record ("-": no device, no step)
 *   hold PERCENT           what goes on in the background stops there, until
 *   release                lets it go on
 *   until TEXT             look at the world until the text is on the screen (10 s of real time)
 *   theme NAME
 *   dump NAME              the picture goes to OUT/NAME.txt
 *   styles NAME            the same, each line followed by its styles
 *   expect TEXT            the text has to be on the screen
 *   absent TEXT            it must not be there
 *   uncut                  no label of ours may be cut
 *   cursor TEXT            the cursor stands on the line that begins with (or has) this text
 *
 * drive --state DIR --out DIR [--size CxL] [--ascii] [--mono] [--type TERM] [--wall MS] [--processes]
 *       [--styles] [--uncut] [--foreign] SCRIPT
 *
 * --styles    each dump also makes OUT/NAME.sty, with the styles of its cells
 * --uncut     in no dump may a label of ours be cut
 * --foreign   the words of the script may be shown in another language: what is expected is looked
 *             for as it is and translated, and is no fault when it is not there
 */
#include "config.h"

#include "tests/tui/named.h"

#include "tui/app_parts.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "run/create.h"

#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNTIL_TRIES   1000
#define FOREIGN_TRIES 50 /* words that may not be known in this language */

/* Where the background stops (percent; 0: nowhere), so that a picture of the middle is the same on
 * every machine. */
static atomic_int held_at;

struct drive {
	struct app *app;
	struct terminal *term;
	struct clock_virtual clock;
	const char *out, *script;
	int line;
	bool styles, uncut, foreign;
	struct owner *owner; /* NULL: no job is ours */
	char *owned;
};

static int fail(const struct drive *d, const char *what, const char *text)
{
	struct str picture = {0};
	term_dump(d->term, false, &picture);
	fprintf(stderr, "%s:%d: %s \"%s\"; the screen is\n%s", d->script, d->line, what, text,
		str_text(&picture));
	str_release(&picture);
	return -1;
}

static void look(struct drive *d)
{
	app_tick(d->app);
	app_draw(d->app);
}

static bool has(const char *picture, const char *text)
{
	return strstr(picture, text) || strstr(picture, _(text));
}

static bool shows(const struct drive *d, const char *text)
{
	struct str picture = {0};
	term_dump(d->term, false, &picture);
	bool found = has(str_text(&picture), text);
	str_release(&picture);
	return found;
}

/* --- orders ----------------------------------------------------------------------------------- */

static int do_size(struct drive *d, const char *text)
{
	int columns, lines;
	if (sscanf(text, "%d %d", &columns, &lines) != 2)
		return fail(d, "not a size:", text);
	term_resize(d->term, lines, columns);
	app_key(d->app, K_RESIZE);
	return 0;
}

static int do_open(struct drive *d, const char *text)
{
	const struct screen *screen = screen_named(text);
	if (!screen)
		return fail(d, "no screen", text);
	app_open(d->app, screen, NULL);
	return 0;
}

static int do_follow(struct drive *d, const char *text)
{
	struct err e = {0};
	char *id = create_find(d->app->store, text, &e);
	int rc = id ? app_follow(d->app, id, &e) : -1;
	free(id);
	return rc == 0 ? 0 : fail(d, e.text, text);
}

static int press(struct drive *d, keycode key)
{
	app_key(d->app, key);
	look(d);
	return 0;
}

static int do_key(struct drive *d, const char *text)
{
	size_t n;
	char **names = str_split(text, " ", &n);
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		keycode key = key_parse(names[i]);
		rc = key > 0 ? press(d, key) : fail(d, "no key", names[i]);
	}
	free(names);
	return rc;
}

static int do_type(struct drive *d, const char *text)
{
	size_t n = strlen(text), used;
	for (size_t i = 0; i < n; i += used)
		press(d, utf8_decode(text + i, n - i, &used));
	return 0;
}

static int do_pass(struct drive *d, const char *text)
{
	d->clock.ms += atoll(text);
	return 0;
}

static int do_until(struct drive *d, const char *text)
{
	for (int i = 0; i < UNTIL_TRIES; i++) {
		look(d);
		if (shows(d, text) || (d->foreign && i > FOREIGN_TRIES && !d->app->work))
			return 0;
		(void)usleep(10000); /* real processes do the work that is waited for */
	}
	return fail(d, "never came:", text);
}

static int do_own(struct drive *d, const char *text)
{
	struct err e = {0};
	d->owned = create_find(d->app->store, text, &e);
	d->owner = d->owned ? store_own(d->app->store, d->owned, &e) : NULL;
	return d->owner ? 0 : fail(d, e.text, text);
}

static int do_write(struct drive *d, const char *text)
{
	struct err e = {0};
	char kind[32], device[32], step[64];
	int at = 0;
	if (!d->owner || sscanf(text, "%31s %31s %63s %n", kind, device, step, &at) != 3 || !at ||
	    record_kind_find(kind) < 0)
		return fail(d, "what record of whose job?", text);
	cJSON *data = cJSON_Parse(text + at);
	if (!data)
		return fail(d, "not JSON:", text + at);
	struct record *r = record_new((enum record_kind)record_kind_find(kind),
				      str_eq(device, "-") ? NULL : device,
				      str_eq(step, "-") ? NULL : step);
	cJSON_Delete(r->data);
	r->data = data;
	int rc = store_append(d->app->store, d->owned, owner_epoch(d->owner), &r, 1, &e);
	record_free(r);
	return rc == 0 ? 0 : fail(d, e.text, text);
}

/* How much is read at a time is not the same everywhere: it is shown as if it were just there. */
static int do_hold(struct drive *d, const char *text)
{
	(void)d;
	atomic_store(&held_at, atoi(text));
	return 0;
}

static int do_release(struct drive *d, const char *text)
{
	(void)d, (void)text;
	atomic_store(&held_at, 0);
	return 0;
}

int __real_work_progress(struct work *w, int64_t done, int64_t total);
int __wrap_work_progress(struct work *w, int64_t done, int64_t total);
int __wrap_work_progress(struct work *w, int64_t done, int64_t total)
{
	int at;
	while ((at = atomic_load(&held_at)) > 0 && done * 100 >= total * at) {
		if (__real_work_progress(w, total * at / 100, total) != 0)
			return -1;
		(void)usleep(1000);
	}
	return __real_work_progress(w, done, total);
}

static int do_theme(struct drive *d, const char *text)
{
	struct err e = {0};
	return app_theme(d->app, text, &e) == 0 ? 0 : fail(d, e.text, text);
}

static int write_picture(struct drive *d, const char *name, const char *ending, bool styles)
{
	struct err e = {0};
	struct str text = {0};
	char *path = xasprintf("%s/%s.%s", d->out, name, ending);
	term_dump(d->term, styles, &text);
	int rc = path_write(path, str_text(&text), text.len, &e);
	free(path);
	str_release(&text);
	return rc == 0 ? 0 : fail(d, e.text, name);
}

static int do_uncut(struct drive *d, const char *text)
{
	(void)text;
	char *cut = term_cut_labels(d->term);
	int rc = *cut ? fail(d, "cut:", cut) : 0;
	free(cut);
	return rc;
}

static int do_dump(struct drive *d, const char *text)
{
	if (write_picture(d, text, "txt", false) != 0 ||
	    (d->styles && write_picture(d, text, "sty", true) != 0))
		return -1;
	return d->uncut ? do_uncut(d, text) : 0;
}

static int do_styles(struct drive *d, const char *text)
{
	return write_picture(d, text, "txt", true);
}

static int do_expect(struct drive *d, const char *text)
{
	return d->foreign || shows(d, text) ? 0 : fail(d, "not there:", text);
}

static int do_absent(struct drive *d, const char *text)
{
	return shows(d, text) ? fail(d, "must not be there:", text) : 0;
}

static int do_cursor(struct drive *d, const char *text)
{
	struct str picture = {0};
	int y, x;
	term_cursor(d->term, &y, &x);
	term_dump(d->term, false, &picture);
	const char *line = str_text(&picture);
	for (int i = 0; i < y && strchr(line, '\n'); i++)
		line = strchr(line, '\n') + 1;
	char *whole = xstrndup(line, strcspn(line, "\n"));
	int rc = y >= 0 && (d->foreign || has(whole, text)) ? 0 : fail(d, "the cursor is not at", text);
	free(whole);
	str_release(&picture);
	return rc;
}

static const struct {
	const char *word;
	int (*run)(struct drive *d, const char *text);
} orders[] = {
    {"size", do_size},     {"open", do_open},     {"follow", do_follow}, {"key", do_key},
    {"type", do_type},     {"pass", do_pass},     {"until", do_until},   {"theme", do_theme},
    {"dump", do_dump},     {"styles", do_styles}, {"expect", do_expect}, {"absent", do_absent},
    {"uncut", do_uncut},   {"cursor", do_cursor}, {"own", do_own},       {"write", do_write},
    {"hold", do_hold},     {"release", do_release},
};

static int obey(struct drive *d, char *line)
{
	size_t n = strcspn(line, " \n");
	char *rest = line + n + strspn(line + n, " ");
	rest[strcspn(rest, "\n")] = '\0';
	line[n] = '\0';
	if (!*line || *line == '#')
		return 0;
	for (size_t i = 0; i < LEN(orders); i++)
		if (strcmp(orders[i].word, line) == 0) {
			int rc = orders[i].run(d, rest);
			if (rc == 0)
				look(d);
			return rc;
		}
	return fail(d, "no such order:", line);
}

static int run_script(struct drive *d)
{
	FILE *f = fopen(d->script, "re");
	char *line = NULL;
	size_t cap = 0;
	int rc = f ? 0 : fail(d, "cannot read", d->script);
	while (rc == 0 && !d->app->quit && getline(&line, &cap, f) >= 0) {
		d->line++;
		rc = obey(d, line);
	}
	free(line);
	if (f)
		fclose(f);
	return rc;
}

/* --- beginning -------------------------------------------------------------------------------- */

static int no_process(struct app *a, const char *id, unsigned how, struct err *e)
{
	(void)a, (void)id, (void)how, (void)e;
	return 0;
}

static int run(struct drive *d, struct store *s, const struct term_options *o, bool processes)
{
	struct err e = {0};
	d->term = term_open(o, &e);
	d->app = d->term ? app_new(d->term, s, &d->clock.clock, &e) : NULL;
	if (!d->app) {
		fprintf(stderr, "drive: %s\n", e.text);
		return 1;
	}
	if (!processes)
		d->app->start = no_process;
	if (app_theme(d->app, NULL, &e) != 0)
		app_fail(d->app, &e);
	app_open(d->app, &screen_home, NULL);
	look(d);
	int rc = run_script(d);
	atomic_store(&held_at, 0);
	owner_free(d->owner);
	free(d->owned);
	app_free(d->app);
	term_close(d->term);
	return rc == 0 ? 0 : 1;
}

/* The process of a job is "this same program": here that has to be the real one, which stands two
 * folders above this one in the build tree. */
static int be_hitless(char **argv)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	for (int up = 0; n > 0 && up < 3; n--)
		up += path[n - 1] == '/';
	path[n > 0 ? n : 0] = '\0';
	char *program = xasprintf("%s/hitless", path);
	execv(program, argv);
	perror(program);
	free(program);
	return 127;
}

int main(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "hitless") == 0)
		return be_hitless(argv);
	static const struct option options[] = {
	    {"state", required_argument, NULL, 's'}, {"out", required_argument, NULL, 'o'},
	    {"size", required_argument, NULL, 'z'},  {"ascii", no_argument, NULL, 'a'},
	    {"mono", no_argument, NULL, 'm'},	     {"type", required_argument, NULL, 't'},
	    {"wall", required_argument, NULL, 'w'},  {"processes", no_argument, NULL, 'p'},
	    {"styles", no_argument, NULL, 'y'},	     {"uncut", no_argument, NULL, 'u'},
	    {"foreign", no_argument, NULL, 'f'},
	    {0},
	};
	struct drive d = {.out = "."};
	struct err e = {0};
	struct term_options o = {.headless = true, .lines = 24, .columns = 80,
				 .type = "xterm-256color"};
	const char *state = NULL;
	long long wall = 1795226640000; /* 2026-11-21 02:04:00 UTC */
	bool processes = false;
	int c;
	(void)setlocale(LC_ALL, "");
	(void)setlocale(LC_NUMERIC, "C");
	if (bindtextdomain(PACKAGE, getenv("HITLESS_LOCALE_DIR") ? getenv("HITLESS_LOCALE_DIR")
								   : LOCALEDIR))
		(void)textdomain(PACKAGE);
	(void)bind_textdomain_codeset(PACKAGE, "UTF-8");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 's': state = optarg; break;
		case 'o': d.out = optarg; break;
		case 'z': (void)sscanf(optarg, "%dx%d", &o.columns, &o.lines); break;
		case 'a': o.ascii = true; break;
		case 'm': o.mono = true; break;
		case 't': o.type = optarg; break;
		case 'w': wall = atoll(optarg); break;
		case 'p': processes = true; break;
		case 'y': d.styles = true; break;
		case 'u': d.uncut = true; break;
		case 'f': d.foreign = true; break;
		default: return 2;
		}
	if (optind + 1 != argc)
		return 2;
	d.script = argv[optind];
	clock_virtual_init(&d.clock, 0, wall);
	o.in = fopen("/dev/null", "re");
	o.out = fopen("/dev/null", "we");
	struct store *s = o.in && o.out ? store_open(state, &d.clock.clock, &e) : NULL;
	if (!s) {
		fprintf(stderr, "drive: %s\n", e.text);
		return 1;
	}
	int rc = run(&d, s, &o, processes);
	store_close(s);
	return rc;
}
