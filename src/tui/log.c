/* SPDX-License-Identifier: ISC */
/* The log: what happened in the job, a line each; without a job the program's own log file. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"
#include "tui/states.h"

#include "base/i18n.h"
#include "model/judge.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAIL_BYTES (256 * 1024) /* of the program's log */

struct log_screen {
	struct app *app;
	char *job;          /* NULL: the program's log */
	struct events file; /* its lines */
	int64_t size;       /* of the file when it was read; -1: never */
	bool follow;
	struct list list;
	char *wanted; /* what is looked for */
	struct pattern *find;
};

enum { LOG_TIME, LOG_DEVICE, LOG_WHAT, LOG_TEXT, LOG_COLUMNS };

static const struct column columns[LOG_COLUMNS] = {
    [LOG_TIME] = {N_("AT"), 8, 20, 0, false},
    [LOG_DEVICE] = {N_("DEVICE"), 8, 20, 0, false},
    [LOG_WHAT] = {N_("WHAT"), 8, 14, 1, false},
    [LOG_TEXT] = {N_("TEXT"), 20, 0, 0, false},
};

/* The program's log file is shown line by line, as it is. */
static const struct column file_columns[] = {
    {N_("LINE"), 40, 0, 0, false},
};

/* --- rows ------------------------------------------------------------------------------------- */

static const struct events *events(const struct log_screen *s)
{
	return s->job ? &s->app->events : &s->file;
}

static size_t count(const void *ctx)
{
	return events(ctx)->list.n;
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct log_screen *s = ctx;
	const struct told *e = &events(s)->list.v[row];
	char time[32];
	if (!s->job) {
		str_puts(&out->text, e->text);
		return;
	}
	out->role = role_line(e->kind);
	switch (column) {
	case LOG_TIME:
		clock_local_time(e->wall, time);
		str_puts(&out->text, time);
		out->role = ROLE_DIM;
		break;
	case LOG_DEVICE:
		str_puts(&out->text, e->device ? e->device : _("job"));
		out->role = ROLE_TEXT;
		break;
	case LOG_WHAT:
		str_puts(&out->text, e->what);
		break;
	default:
		str_puts(&out->text, e->text);
		break;
	}
}

static const char *id(const void *ctx, size_t row)
{
	return events(ctx)->list.v[row].id;
}

static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct told *x = &events(ctx)->list.v[a], *y = &events(ctx)->list.v[b];
	const char *p = column == LOG_DEVICE ? x->device : column == LOG_WHAT ? x->what : x->text;
	const char *q = column == LOG_DEVICE ? y->device : column == LOG_WHAT ? y->what : y->text;
	if (column == LOG_TIME || !((const struct log_screen *)ctx)->job)
		return a < b ? -1 : a > b;
	return strcmp(p ? p : "", q ? q : "");
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .compare = compare};

/* --- the program's log ------------------------------------------------------------------------ */

static void add_file_line(struct events *l, const char *text, size_t n)
{
	struct told *e = VEC_ADD(&l->list);
	e->text = xstrndup(text, n);
	snprintf(e->id, sizeof(e->id), "%zu", l->list.n);
}

static void take_file(struct log_screen *s, int fd, int64_t size)
{
	int64_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
	char *text = xcalloc(TAIL_BYTES + 1, 1);
	ssize_t n = pread(fd, text, TAIL_BYTES, (off_t)from);
	char *at = text;
	if (from > 0 && n > 0) /* the first line is only half there */
		at += strcspn(at, "\n") + (strchr(at, '\n') ? 1 : 0);
	while (n > 0 && *at) {
		size_t line = strcspn(at, "\n");
		add_file_line(&s->file, at, line);
		at += line + (at[line] ? 1 : 0);
	}
	free(text);
}

/* Read it again when it has changed; true: it has. */
static bool look_file(struct app *a, struct log_screen *s)
{
	char *path = store_path(a->store, "hitless.log");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool other = false;
	free(path);
	if (fd < 0)
		return false; /* there is none: nothing was ever worth a line */
	if (fstat(fd, &st) == 0 && st.st_size != s->size) {
		s->size = st.st_size;
		events_clear(&s->file);
		take_file(s, fd, s->size);
		other = true;
	}
	close(fd);
	return other;
}

/* --- life ------------------------------------------------------------------------------------- */

static bool look(struct app *a, struct log_screen *s)
{
	size_t had = s->list.seen;
	bool other = s->job ? a->events.list.n != had : look_file(a, s);
	if (s->job && !str_eq(s->job, a->job)) { /* another one is followed now */
		free(s->job);
		s->job = xstrdup(a->job);
		other = true;
		if (!s->job) {
			list_release(&s->list);
			list_init(&s->list, file_columns, LEN(file_columns), &rows, s);
		}
	}
	if (!other)
		return false;
	if (s->job && a->events.list.n > had)
		list_grow(&s->list);
	else
		list_refresh(&s->list);
	if (s->follow && s->list.rows.n)
		list_move_to(&s->list, s->list.rows.n - 1);
	return true;
}

static int open_log(struct app *a, void *state, const void *argument, struct err *e)
{
	struct log_screen *s = state;
	(void)argument, (void)e;
	s->app = a;
	s->job = xstrdup(a->job);
	s->size = -1;
	s->follow = true;
	if (s->job)
		list_init(&s->list, columns, LOG_COLUMNS, &rows, s);
	else
		list_init(&s->list, file_columns, LEN(file_columns), &rows, s);
	(void)look(a, s);
	list_move_to(&s->list, s->list.rows.n);
	return 0;
}

static void close_log(struct app *a, void *state)
{
	struct log_screen *s = state;
	(void)a;
	list_release(&s->list);
	events_clear(&s->file);
	pattern_free(s->find);
	free(s->wanted);
	free(s->job);
}

static bool tick(struct app *a, void *state)
{
	return look(a, state);
}

/* Who goes up stays there; who comes to the end follows again. */
static bool key(struct app *a, void *state, keycode k)
{
	struct log_screen *s = state;
	size_t was = s->list.at;
	(void)a;
	if (!list_key(&s->list, k))
		return false;
	if (s->list.at != was)
		s->follow = s->list.at + 1 >= s->list.rows.n;
	return true;
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct log_screen *s = state;
	const struct jobview *v = app_view(a);
	if (s->follow)
		str_printf(out, "[%s] ", _("follows"));
	str_printf(out, ngettext("%zu line", "%zu lines", list_shown(&s->list)),
		   list_shown(&s->list));
	if (s->job && v)
		str_printf(out, "  %s", v->job->name);
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool row_matches(const struct log_screen *s, size_t row)
{
	const struct told *e = &events(s)->list.v[row];
	const char *parts[] = {e->device, e->what, e->text};
	for (size_t i = 0; i < LEN(parts); i++)
		if (parts[i] &&
		    pattern_match(s->find, parts[i], strlen(parts[i]), NULL) == VERDICT_YES)
			return true;
	return false;
}

/* The next line that has it, round the end. */
static void find(struct app *a, struct log_screen *s, bool back)
{
	size_t n = s->list.rows.n;
	for (size_t i = 1; i <= n; i++) {
		size_t at = (s->list.at + (back ? n - i : i)) % n;
		if (!row_matches(s, s->list.rows.v[at]))
			continue;
		s->follow = false;
		list_move_to(&s->list, at);
		return;
	}
	app_say(a, ROLE_WARNING, _("Not found: %s"), s->wanted);
}

static void take_wanted(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct log_screen *s = ctx;
	struct err e = {0};
	struct pattern *p = choice == 0 && *text ? pattern_new(text, true, &e) : NULL;
	if (!p) {
		if (choice == 0 && *text)
			app_fail(a, &e);
		return;
	}
	pattern_free(s->find);
	free(s->wanted);
	s->find = p;
	s->wanted = xstrdup(text);
	find(a, s, false);
}

static void ask_wanted(struct app *a, void *state)
{
	dialog_open(a, (struct dialog){.title = xstrdup(_("Find")),
				       .text = xstrdup(_("A pattern; n and N go to the next line "
							 "that has it, and back.")),
				       .choices = {_("Find"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .answer = take_wanted,
				       .ctx = state});
}

static bool is_wanted(const struct app *a, const void *state, struct err *why)
{
	const struct log_screen *s = state;
	(void)a;
	if (s->find)
		return true;
	return err_set(why, ERR_REFUSED, _("nothing is looked for; f asks what")), false;
}

static void find_next(struct app *a, void *state)
{
	find(a, state, false);
}

static void find_back(struct app *a, void *state)
{
	find(a, state, true);
}

static void toggle_follow(struct app *a, void *state)
{
	struct log_screen *s = state;
	(void)a;
	s->follow = !s->follow;
	if (s->follow)
		list_move_to(&s->list, s->list.rows.n);
}

static bool has_line(const struct app *a, const void *state, struct err *why)
{
	const struct log_screen *s = state;
	(void)a;
	if (list_row(&s->list) < count(s))
		return true;
	return err_set(why, ERR_REFUSED, _("no line is under the cursor")), false;
}

static void show_line(struct app *a, void *state)
{
	struct log_screen *s = state;
	const struct told *e = &events(s)->list.v[list_row(&s->list)];
	char when[32];
	clock_local(e->wall, when);
	char *head =
	    xasprintf("%s  %s  %s", when, e->device ? e->device : _("job"), e->what ? e->what : "");
	struct text_part parts[] = {{.role = ROLE_TITLE, .text = s->job ? head : NULL},
				    {.role = role_line(e->kind), .text = e->text}};
	struct text_argument t = {.title = _("Log"), .parts = parts, .n = LEN(parts)};
	app_open(a, &screen_text, &t);
	free(head);
}

static const struct key_action actions[] = {
    {"line", "Enter", N_("Whole line"), N_("The whole line, when it is longer than the screen"),
     show_line, has_line},
    {"follow", "F", N_("Follow"), N_("Stay at the end, where new lines come"), toggle_follow, NULL},
    {"find", "f", N_("Find"), N_("Look for a pattern; the other lines stay"), ask_wanted, NULL},
    {"next", "n", NC_("a match", "Next"), N_("The next line that has the pattern"), find_next, is_wanted},
    {"previous", "N", NULL, N_("The line before that has the pattern"), find_back, is_wanted},
    {0},
};

const struct screen screen_log = {
    .name = "log",
    .title = N_("Log"),
    .about = N_("What happened in the job, the newest at the end. Without a job: the "
		"program's own log file, hitless.log."),
    .size = sizeof(struct log_screen),
    .actions = actions,
    .open = open_log,
    .close = close_log,
    .tick = tick,
    .key = key,
    .list = SCREEN_LIST(struct log_screen, list),
    .empty = N_("Nothing was written yet"),
    .detail = 2, /* the texts are longer than a line, and nothing moves while one follows */
    .status = status,
};
