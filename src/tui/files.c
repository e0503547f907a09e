/* SPDX-License-Identifier: ISC */
/* A directory to pick a file from. Names are shown as hostile text; what is picked is the real one. */
#include "config.h"

#include "tui/app.h"
#include "tui/files.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/path.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	char *name;
	bool dir;
	int64_t size, changed; /* bytes; wall ms */
};

struct files {
	char *dir;
	char *title;
	const char *ending; /* NULL: all; copied */
	char *ending_copy;
	void (*pick)(struct app *a, const char *path);
	VEC(struct entry) entries;
	struct list list;
	struct line path; /* typed */
	bool pathing;
};

enum { COLUMN_NAME, COLUMN_SIZE, COLUMN_CHANGED };

static const struct column columns[] = {
    [COLUMN_NAME] = {N_("NAME"), 20, 0, 0, false},
    [COLUMN_SIZE] = {N_("SIZE"), 10, 12, 0, true},
    [COLUMN_CHANGED] = {N_("MODIFIED"), 16, 16, 1, false},
};

void file_size_put(int64_t size, struct str *out)
{
	if (size >= (int64_t)1 << 20)
		str_printf(out, _("%" PRId64 " MiB"), size >> 20);
	else
		str_printf(out, _("%" PRId64 " KiB"), (size + 1023) >> 10);
}

/* --- rows ------------------------------------------------------------------------------------- */

static size_t count(const void *ctx)
{
	const struct files *f = ctx;
	return f->entries.n;
}

static const struct entry *entry(const void *ctx, size_t row)
{
	const struct files *f = ctx;
	return &f->entries.v[row];
}

static const char *id(const void *ctx, size_t row)
{
	return entry(ctx, row)->name;
}

static void put_changed(const struct entry *x, struct str *out)
{
	char text[32];
	clock_local(x->changed, text);
	str_printf(out, "%.16s", text);
}

static void cell(const void *ctx, size_t row, size_t column, struct cell *out)
{
	const struct entry *x = entry(ctx, row);
	if (column == COLUMN_NAME)
		str_printf(&out->text, "%s%s", x->name, x->dir ? "/" : "");
	else if (column == COLUMN_SIZE && !x->dir)
		file_size_put(x->size, &out->text);
	else if (column == COLUMN_CHANGED && x->changed)
		put_changed(x, &out->text);
	out->role = x->dir ? ROLE_INFO : ROLE_TEXT;
}

/* '..' is always the first, then come the directories. */
static int compare(const void *ctx, size_t a, size_t b, size_t column)
{
	const struct entry *x = entry(ctx, a), *y = entry(ctx, b);
	if (column == COLUMN_SIZE)
		return x->size < y->size ? -1 : x->size > y->size;
	if (column == COLUMN_CHANGED)
		return x->changed < y->changed ? -1 : x->changed > y->changed;
	return strverscmp(x->name, y->name);
}

static const struct list_rows rows = {.count = count, .cell = cell, .id = id, .compare = compare};

/* --- reading ---------------------------------------------------------------------------------- */

static void forget(struct files *f)
{
	for (size_t i = 0; i < f->entries.n; i++)
		free(f->entries.v[i].name);
	f->entries.n = 0;
}

static bool wanted(const struct files *f, const struct entry *x)
{
	if (strcmp(x->name, "..") == 0)
		return strcmp(f->dir, "/") != 0;
	if (x->name[0] == '.')
		return false;
	return x->dir || !f->ending || str_ends(x->name, f->ending);
}

static void take(struct files *f, int dir, const char *name)
{
	struct stat st;
	if (fstatat(dir, name, &st, 0) != 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
		return; /* a dangling link, a socket: nothing to pick */
	struct entry x = {.name = xstrdup(name),
			  .dir = S_ISDIR(st.st_mode),
			  .size = st.st_size,
			  .changed = (int64_t)st.st_mtim.tv_sec * 1000};
	if (wanted(f, &x))
		VEC_PUSH(&f->entries, x);
	else
		free(x.name);
}

static int by_kind(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	bool up_x = strcmp(x->name, "..") == 0, up_y = strcmp(y->name, "..") == 0;
	if (up_x != up_y)
		return up_x ? -1 : 1;
	if (x->dir != y->dir)
		return x->dir ? -1 : 1;
	return strverscmp(x->name, y->name);
}

/* Nothing changes when the directory cannot be read. */
static int go(struct files *f, const char *dir, struct err *e)
{
	char *real = realpath(dir, NULL);
	DIR *d = real ? opendir(real) : NULL;
	const struct dirent *x;
	if (!d) {
		err_sys(e, "cannot open %s", dir);
		free(real);
		return -1;
	}
	forget(f);
	free(f->dir);
	f->dir = real;
	while ((x = readdir(d)))
		if (strcmp(x->d_name, ".") != 0)
			take(f, dirfd(d), x->d_name);
	closedir(d);
	if (f->entries.n)
		qsort(f->entries.v, f->entries.n, sizeof(*f->entries.v), by_kind);
	if (f->list.filter.text.len)
		(void)list_key(&f->list, K_ESC); /* it was meant for the other directory */
	f->list.at = f->list.top = 0;
	free(f->list.at_id);
	f->list.at_id = NULL;
	list_refresh(&f->list);
	return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

static void close_files(struct app *a, void *state)
{
	struct files *f = state;
	(void)a;
	forget(f);
	VEC_RELEASE(&f->entries);
	list_release(&f->list);
	line_release(&f->path);
	free(f->dir);
	free(f->title);
	free(f->ending_copy);
}

static int open(struct app *a, void *state, const void *argument, struct err *e)
{
	struct files *f = state;
	const struct file_argument *wish = argument;
	char *cwd = getcwd(NULL, 0);
	f->title = xstrdup(wish->title);
	f->ending = f->ending_copy = xstrdup(wish->ending);
	f->pick = wish->pick;
	list_init(&f->list, columns, LEN(columns), &rows, f);
	int rc = go(f, cwd ? cwd : "/", e);
	free(cwd);
	if (rc != 0)
		close_files(a, f);
	return rc;
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct files *f = state;
	(void)a, (void)width;
	list_fit(&f->list, height - 2 - f->pathing);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct files *f = state;
	struct canvas body = canvas_part(c, 2, 0, c->h - 2 - f->pathing, -1);
	(void)a;
	int x = 1 + canvas_label(c, 0, 1, -1, ROLE_TITLE, _(f->title)) + 2;
	(void)canvas_text(c, 0, x, -1, ROLE_TEXT, f->dir);
	list_draw(&f->list, &body);
	if (!f->pathing)
		return;
	(void)canvas_text(c, c->h - 1, 0, 1, ROLE_KEY, ":");
	line_draw(&f->path, c, c->h - 1, 1, c->w - 1, ROLE_FIELD_FOCUS);
}

static void status(const struct app *a, const void *state, struct str *out)
{
	const struct files *f = state;
	(void)a;
	str_puts(out, f->ending ? f->ending : "");
}

/* --- picking ---------------------------------------------------------------------------------- */

/* The screen is gone before the owner gets the path: what it opens stands on its own screen. */
static void pick(struct app *a, struct files *f, const char *path)
{
	void (*owner)(struct app *a, const char *path) = f->pick;
	char *copy = xstrdup(path);
	app_back(a);
	owner(a, copy);
	free(copy);
}

/* The cursor goes to the directory that was left. */
static void up(struct app *a, void *state)
{
	struct files *f = state;
	struct err e = {0};
	char *old = xstrdup(f->dir), *path = path_join(old, "..");
	if (go(f, path, &e) != 0)
		app_fail(a, &e);
	else
		list_select(&f->list, strrchr(old, '/') + 1);
	free(path);
	free(old);
}

static void visit(struct app *a, struct files *f, const char *path)
{
	struct err e = {0};
	if (path_is_dir(path)) {
		if (go(f, path, &e) != 0)
			app_fail(a, &e);
	} else if (path_exists(path)) {
		pick(a, f, path);
	} else {
		err_sys(&e, "cannot open %s", path);
		app_fail(a, &e);
	}
}

static void choose(struct app *a, void *state)
{
	struct files *f = state;
	size_t row = list_row(&f->list);
	if (row == (size_t)-1)
		return;
	if (strcmp(entry(f, row)->name, "..") == 0) {
		up(a, f);
		return;
	}
	char *path = path_join(f->dir, entry(f, row)->name);
	visit(a, f, path);
	free(path);
}

static bool not_root(const struct app *a, const void *state, struct err *why)
{
	const struct files *f = state;
	(void)a;
	if (strcmp(f->dir, "/") != 0)
		return true;
	return err_set(why, ERR_REFUSED, _("this is the highest directory")), false;
}

/* --- a path that is typed ---------------------------------------------------------------------- */

static void begin_with(struct files *f, const char *text)
{
	f->pathing = true;
	line_set(&f->path, text);
}

static void begin_path(struct app *a, void *state)
{
	(void)a;
	begin_with(state, "");
}

static void filter(struct app *a, void *state)
{
	struct files *f = state;
	(void)a;
	(void)list_key(&f->list, '/');
}

static void path_key(struct app *a, struct files *f, keycode k)
{
	if (k != K_ENTER && k != K_ESC) {
		(void)line_key(&f->path, k);
		return;
	}
	f->pathing = false;
	if (k == K_ESC || !f->path.text.len)
		return;
	char *path = path_typed(f->dir, line_text(&f->path));
	visit(a, f, path);
	free(path);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct files *f = state;
	if (f->pathing)
		return path_key(a, f, k), true;
	if (!f->list.filtering && (k == '/' || k == '~')) { /* who types so means a path */
		begin_with(f, k == '/' ? "/" : "~");
		return true;
	}
	return list_key(&f->list, k);
}

static bool typing(const void *state)
{
	const struct files *f = state;
	return f->list.filtering || f->pathing;
}

static const struct key_action actions[] = {
    {"pick", "Enter Right", N_("Open"), N_("Open the directory, or take the file"), choose, NULL},
    {"up", "Left -", N_("Up"), N_("The directory above"), up, not_root},
    {"path", "p", N_("Path"), N_("Type the path of a file or directory; / and ~ begin one, too"),
     begin_path, NULL},
    {"filter", "f", N_("Filter"), N_("Show only the names that have a pattern"), filter, NULL},
    {0},
};

const struct screen screen_files = {
    .name = "files",
    .title = N_("Files"),
    .about = N_("Pick a file. Hidden files are not shown; their path can be typed."),
    .size = sizeof(struct files),
    .actions = actions,
    .open = open,
    .close = close_files,
    .fit = fit,
    .draw = draw,
    .list = SCREEN_LIST(struct files, list),
    .key = key,
    .typing = typing,
    .status = status,
};
