/* SPDX-License-Identifier: ISC */
/*
 * bytes STATE CLOUD: what the real program sends down a slow line, measured through a pty: nothing
 * when nothing happens, a few bytes for a cell or a line of the log, little for a whole picture.
 * And on every kind of terminal it starts, and leaves it as it was.
 */
#include "config.h"

#include "base/path.h"
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#define QUIET_MS 450   /* so long nothing comes: the program has looked four times and drawn it all */
#define IDLE_MS  2000  /* twenty looks */
#define LIMIT_MS 20000 /* a program that does not answer */

struct line {
	int master, slave; /* the slave stays open, so that its modes can be read at the end */
	pid_t pid;
	struct str all;    /* everything that came */
	struct termios before;
};

static int failures;

static void PRINTF_LIKE(2, 3) must(bool good, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	printf("%s: %s\n", good ? "ok" : "FAILED", text);
	failures += !good;
	free(text);
}

/* --- the line --------------------------------------------------------------------------------- */

static void become(const char *program, const char *state, const char *const *words, const char *type,
		   const char *no_color)
{
	const char *argv[16] = {program, "--state", state};
	for (size_t i = 0; words && words[i] && i < 12; i++)
		argv[3 + i] = words[i];
	(void)setenv("TERM", type, 1);
	if (no_color)
		(void)setenv("NO_COLOR", no_color, 1);
	execv(program, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void attach_child(struct line *l)
{
	(void)close(l->master);
	if (login_tty(l->slave) != 0)
		_exit(126);
}

static void begin(struct line *l, const char *state, const char *const *words, const char *type,
		  const char *no_color)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	char *program = path_join(getenv("HITLESS_PROGRAM") ? getenv("HITLESS_PROGRAM") : ".", "hitless");
	memset(l, 0, sizeof(*l));
	if (openpty(&l->master, &l->slave, NULL, NULL, &size) != 0 ||
	    tcgetattr(l->slave, &l->before) != 0) {
		perror("bytes: openpty");
		exit(99);
	}
	l->pid = fork();
	if (l->pid == 0) {
		attach_child(l);
		become(program, state, words, type, no_color);
	}
	free(program);
}

/* What comes until nothing has come for quiet_ms; gives the bytes. */
static size_t take(struct line *l, int quiet_ms)
{
	size_t n = 0;
	struct pollfd fd = {.fd = l->master, .events = POLLIN};
	char block[4096];
	while (poll(&fd, 1, quiet_ms) > 0) {
		ssize_t got = read(l->master, block, sizeof(block));
		if (got <= 0)
			break;
		str_add(&l->all, block, (size_t)got);
		n += (size_t)got;
	}
	return n;
}

static bool comes(struct line *l, const char *text)
{
	size_t from = l->all.len;
	for (int waited = 0; waited < LIMIT_MS; waited += 50) {
		(void)take(l, 50);
		if (l->all.len > from && strstr(l->all.buf + from, text))
			return true;
	}
	printf("never came: \"%s\"\n", text);
	return false;
}

static size_t type_keys(struct line *l, const char *keys)
{
	if (write(l->master, keys, strlen(keys)) != (ssize_t)strlen(keys))
		perror("bytes: write");
	return take(l, QUIET_MS);
}

static int ends(struct line *l)
{
	int status = -1;
	for (int waited = 0; waited < LIMIT_MS; waited += 20) {
		(void)take(l, 20);
		if (waitpid(l->pid, &status, WNOHANG) == l->pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
	}
	(void)kill(l->pid, SIGKILL);
	(void)waitpid(l->pid, &status, 0);
	return -1;
}

static bool same_modes(struct line *l)
{
	struct termios now;
	if (tcgetattr(l->slave, &now) != 0)
		return false;
	return now.c_iflag == l->before.c_iflag && now.c_oflag == l->before.c_oflag &&
	       now.c_lflag == l->before.c_lflag && now.c_cflag == l->before.c_cflag &&
	       memcmp(now.c_cc, l->before.c_cc, sizeof(now.c_cc)) == 0;
}

static void release(struct line *l)
{
	(void)close(l->master);
	(void)close(l->slave);
	str_release(&l->all);
}

/* --- budgets ---------------------------------------------------------------------------------- */

/* A clock that shows minutes may tick once; one that ticks every second is caught. */
static void idle(struct line *l, const char *where)
{
	size_t least = SIZE_MAX;
	for (int i = 0; i < 3 && least > 0; i++) {
		struct pollfd fd = {.fd = l->master, .events = POLLIN};
		size_t n = poll(&fd, 1, IDLE_MS) > 0 ? take(l, QUIET_MS) : 0;
		least = n < least ? n : least;
	}
	must(least == 0, "idle, %s: %zu bytes in %d ms", where, least, IDLE_MS);
}

static void budget(size_t bytes, size_t most, const char *what)
{
	must(bytes > 0 && bytes < most, "%s: %zu bytes (less than %zu)", what, bytes, most);
}

static int note(struct store *s, const char *job, const struct owner *o, const char *text)
{
	struct err e = {0};
	struct record *r = record_new(RECORD_NOTE, NULL, NULL);
	record_text(r, "text", text);
	int rc = store_append(s, job, owner_epoch(o), &r, 1, &e);
	if (rc != 0)
		printf("bytes: %s\n", e.text);
	record_free(r);
	return rc;
}

static void log_lines(struct line *l, struct store *s, const char *job)
{
	struct err e = {0};
	struct owner *o = store_own(s, job, &e);
	if (!o) {
		must(false, "cannot own the job: %s", e.text);
		return;
	}
	(void)type_keys(l, ":log\r");
	(void)take(l, QUIET_MS);
	for (int i = 0; i < 3; i++) {
		char text[64];
		snprintf(text, sizeof(text), "something of no importance has happened: %d", i);
		if (note(s, job, o, text) == 0 && !comes(l, "importance"))
			must(false, "the line of the log did not come");
	}
	size_t before = l->all.len;
	if (note(s, job, o, "and so it has once more, in a line of its own") == 0)
		(void)comes(l, "once more");
	(void)take(l, QUIET_MS);
	budget(l->all.len - before, 140, "a line of the log");
	owner_free(o);
}

/* A copy has come a bit further: its bar, its figures. */
static void progress(struct line *l, struct store *s, const char *job)
{
	struct err e = {0};
	struct record *r = record_new(RECORD_PROGRESS, "spine03", "stage-image");
	record_number(r, "done", 360000);
	record_number(r, "total", 400000);
	size_t before = l->all.len;
	if (store_append(s, job, 1, &r, 1, &e) != 0)
		must(false, "progress: %s", e.text);
	record_free(r);
	struct pollfd fd = {.fd = l->master, .events = POLLIN};
	(void)poll(&fd, 1, LIMIT_MS);
	(void)take(l, QUIET_MS);
	budget(l->all.len - before, 140, "a copy goes on");
}

/* The plan, from the live screen: boxes are the dearest picture there is. */
static void preview(struct line *l, const char *what)
{
	char *whole = xasprintf("the whole picture, a plan of %s", what);
	size_t from = l->all.len;
	(void)type_keys(l, "P");
	must(l->all.len > from && strstr(l->all.buf + from, "Batch"), "the plan is there");
	budget(type_keys(l, "\014"), 2800, whole);
	idle(l, "a plan");
	(void)type_keys(l, "j"); /* from the plan as a whole to its first batch */
	budget(type_keys(l, "l"), 1400, "the next stage of a plan, its boxes move");
	budget(type_keys(l, "j"), 400, "the next batch of a stage");
	free(whole);
}

/* Component by component: many stages, long titles, warnings. */
static void cloud(const char *state)
{
	static const char *const words[] = {"attach", "asked", NULL};
	struct line l;
	begin(&l, state, words, "vt220", NULL);
	must(comes(&l, "microceph"), "the live screen of another desk is there");
	(void)take(&l, QUIET_MS);
	(void)type_keys(&l, "\033"); /* the question that is open */
	preview(&l, "thirteen stages");
	(void)type_keys(&l, "Q");
	must(ends(&l) >= 0, "it ends");
	release(&l);
}

static void live(const char *state)
{
	static const char *const words[] = {"attach", "running", NULL};
	struct err e = {0};
	struct line l;
	struct store *s = store_open(state, clock_real(), &e);
	char *job = s ? store_job_find(s, "running", &e) : NULL;
	begin(&l, state, words, "vt220", NULL);
	must(job && comes(&l, "spine03"), "the live screen is there");
	(void)take(&l, QUIET_MS);
	budget(type_keys(&l, "\014"), 2800, "the whole picture, live");
	idle(&l, "a job that nobody runs");
	if (job)
		progress(&l, s, job);
	preview(&l, "three stages");
	(void)type_keys(&l, "Q");
	must(ends(&l) >= 0, "it ends");
	release(&l);
	free(job);
	store_close(s);
}

/* A process has the job and waits, and a minute of its devices is a second of ours. */
static void waiting(const char *state)
{
	static const char *const words[] = {"attach", "held", NULL};
	struct err e = {0};
	struct line l;
	struct store *s = store_open(state, clock_real(), &e);
	char *job = s ? store_job_find(s, "held", &e) : NULL;
	struct owner *o = job ? store_own(s, job, &e) : NULL;
	if (!o || store_setting_set(s, "clock-speed", "60", &e) != 0)
		must(false, "a job that waits in its process: %s", e.text);
	begin(&l, state, words, "vt220", NULL);
	must(comes(&l, "held"), "the live screen of a job that waits is there");
	(void)take(&l, QUIET_MS);
	(void)type_keys(&l, "\033"); /* the question that is open */
	idle(&l, "a job that waits in its process, of a faster clock");
	(void)type_keys(&l, "\r");
	idle(&l, "a device of it");
	(void)type_keys(&l, "q");
	(void)type_keys(&l, "Q");
	must(ends(&l) >= 0, "it ends");
	release(&l);
	if (s && store_setting_set(s, "clock-speed", "1", &e) != 0)
		must(false, "%s", e.text);
	if (o)
		owner_free(o);
	free(job);
	store_close(s);
}

static void budgets(const char *state)
{
	static const char *const words[] = {"attach", "held", NULL};
	struct err e = {0};
	struct line l;
	struct store *s = store_open(state, clock_real(), &e);
	char *job = s ? store_job_find(s, "held", &e) : NULL;
	if (!job) {
		must(false, "the fixture: %s", e.text);
		return;
	}
	begin(&l, state, words, "vt220", NULL);
	must(comes(&l, "hitless"), "the program has started on a vt220");
	(void)take(&l, QUIET_MS);
	(void)type_keys(&l, "\033"); /* the question that is open */
	idle(&l, "a job that waits");
	budget(type_keys(&l, "\014"), 2800, "the whole picture, a job");
	(void)type_keys(&l, ":");
	budget(type_keys(&l, "x"), 64, "one cell");
	(void)type_keys(&l, "\025\033");
	(void)type_keys(&l, ":images\r");
	budget(type_keys(&l, "\014"), 2800, "the whole picture, a list");
	budget(type_keys(&l, "?"), 2800, "the help of a screen, from another picture");
	(void)type_keys(&l, "\033");
	(void)type_keys(&l, "q"); /* the list, too */
	log_lines(&l, s, job);
	budget(type_keys(&l, "\014"), 2800, "the whole picture, the log");
	idle(&l, "the log");
	(void)type_keys(&l, "Q");
	must(ends(&l) >= 0, "it ends");
	must(same_modes(&l), "the modes of the line are as before");
	release(&l);
	free(job);
	store_close(s);
}

/* --- kinds of terminals ----------------------------------------------------------------------- */

/* A control sequence for a colour: ESC [ ... 30-49, 90-107 ... m */
static bool has_colours(const char *text)
{
	for (const char *at = text; (at = strstr(at, "\033[")); at += 2) {
		size_t n = strspn(at + 2, "0123456789;");
		if (at[2 + n] != 'm')
			continue;
		for (const char *p = at + 2; p < at + 2 + n; p += strspn(p, ";")) {
			long sgr = strtol(p, (char **)(uintptr_t)&p, 10);
			if ((sgr >= 30 && sgr <= 37) || sgr == 38 || (sgr >= 40 && sgr <= 47) ||
			    sgr == 48 || (sgr >= 90 && sgr <= 107))
				return true;
		}
	}
	return false;
}

static void terminal(const char *state, const char *type, const char *no_color, const char *leave,
		     bool colours)
{
	struct line l;
	begin(&l, state, NULL, type, no_color);
	bool good = comes(&l, "hitless");
	(void)type_keys(&l, "Q");
	int status = ends(&l);
	const char *text = str_text(&l.all);
	must(good && status == 0, "%s%s: starts, and ends with status %d", type,
	     no_color ? " without colours" : "", status);
	must(same_modes(&l), "%s: modes are as before", type);
	must(!leave || strstr(text, leave), "%s: its own screen is back", type);
	must(has_colours(text) == colours, "%s: %s colours", type, colours ? "shows" : "shows no");
	release(&l);
}

int main(int argc, char **argv)
{
	static const char other[] = "\033[?1049l";
	if (argc != 3)
		return fprintf(stderr, "bytes: which state directories?\n"), 2;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	budgets(argv[1]);
	live(argv[1]);
	waiting(argv[1]);
	cloud(argv[2]);
	terminal(argv[1], "vt100", NULL, NULL, false);
	terminal(argv[1], "vt220", NULL, NULL, false);
	terminal(argv[1], "linux", NULL, NULL, true);
	terminal(argv[1], "xterm-256color", NULL, other, true);
	terminal(argv[1], "screen", NULL, other, true);
	terminal(argv[1], "tmux", NULL, other, true);
	terminal(argv[1], "xterm-256color", "1", other, false);
	terminal(argv[1], "no-such-terminal", NULL, NULL, true);
	return failures ? 1 : 0;
}
