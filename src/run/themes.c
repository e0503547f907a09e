/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/themes.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/json.h"
#include "run/data.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENDING ".theme"

enum { FILES_MOST = 1000, SIZE_MOST = 128 * 1024 };

/* The user's themes; NULL: no home, so there are none. */
static char *own_themes(void)
{
	struct err ignored = {0};
	char *config = path_xdg("CONFIG", &ignored);
	char *dir = config ? path_join(config, "themes") : NULL;
	free(config);
	return dir;
}

/* --- listing ---------------------------------------------------------------------------------- */

static const struct theme_file *find(const struct theme_files *files, const char *name)
{
	for (size_t i = 0; i < files->list.n; i++)
		if (strcmp(files->list.v[i].name, name) == 0)
			return &files->list.v[i];
	return NULL;
}

static void add(struct theme_files *out, const char *dir, const char *file, bool own)
{
	char *name = str_ends(file, ENDING) ? xstrndup(file, strlen(file) - strlen(ENDING)) : NULL;
	if (!name || !path_is_name(name) || find(out, name)) {
		free(name);
		return;
	}
	struct theme_file *f = VEC_ADD(&out->list);
	*f = (struct theme_file){.name = name, .path = path_join(dir, file), .own = own};
}

static int add_dir(struct theme_files *out, const char *dir, bool own, struct err *e)
{
	DIR *d = opendir(dir);
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_sys(e, "cannot read the themes in %s", dir);
	const struct dirent *entry;
	while ((entry = readdir(d)) && out->list.n < FILES_MOST)
		add(out, dir, entry->d_name, own);
	closedir(d);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct theme_file *x = a, *y = b;
	return strcmp(x->name, y->name);
}

int themes_list(struct theme_files *out, struct err *e)
{
	char *own = own_themes(), *shipped = data_dir("themes");
	*out = (struct theme_files){0};
	int rc = own ? add_dir(out, own, true, e) : 0;
	if (rc == 0)
		rc = add_dir(out, shipped, false, e);
	if (rc == 0 && out->list.n > 0)
		qsort(out->list.v, out->list.n, sizeof(*out->list.v), by_name);
	free(own);
	free(shipped);
	if (rc != 0)
		themes_release(out);
	return rc;
}

void themes_release(struct theme_files *files)
{
	for (size_t i = 0; i < files->list.n; i++) {
		free(files->list.v[i].name);
		free(files->list.v[i].path);
	}
	VEC_RELEASE(&files->list);
}

/* --- finding ---------------------------------------------------------------------------------- */

static int no_theme(const char *name, struct err *e)
{
	struct theme_files files;
	if (themes_list(&files, e) != 0)
		return -1;
	VEC(const char *) names = {0};
	for (size_t i = 0; i < files.list.n; i++)
		if (strcmp(files.list.v[i].name, name) != 0) /* it may inherit in vain */
			VEC_PUSH(&names, files.list.v[i].name);
	VEC_PUSH(&names, NULL);
	const char *near = json_nearest(name, names.v);
	err_set(e, ERR_INPUT, "there is no theme \"%s\"%-s; 'hitless theme list' lists all", name,
		json_hint(near, (char[JSON_HINT]){0}));
	VEC_RELEASE(&names);
	themes_release(&files);
	return -1;
}

/* New path of a theme that is there; `by` (may be NULL) is a file that must not be it: an own theme
 * that inherits its own name means the shipped one. NULL and e: there is none. */
static char *find_file(const char *name, const char *by, struct err *e)
{
	char *dirs[] = {own_themes(), data_dir("themes")}, *found = NULL;
	for (size_t i = 0; i < LEN(dirs); i++) {
		char *path = dirs[i] ? xasprintf("%s/%s" ENDING, dirs[i], name) : NULL;
		if (!found && path && path_exists(path) && !str_eq(path, by)) {
			found = path;
			path = NULL;
		}
		free(path);
		free(dirs[i]);
	}
	if (!found)
		no_theme(name, e);
	return found;
}

static int text_of(void *ctx, const char *name, const char *by, struct str *out, char **file,
		   struct err *e)
{
	(void)ctx;
	*file = find_file(name, by, e);
	if (*file && path_read(*file, SIZE_MOST, out, e) == 0)
		return 0;
	free(*file);
	*file = NULL;
	return -1;
}

/* --- loading ---------------------------------------------------------------------------------- */

static int load_file(const char *path, struct theme *out, struct err *e)
{
	static const struct theme_source from = {.text = text_of};
	struct str text = {0};
	int rc = path_read(path, SIZE_MOST, &text, e);
	if (rc == 0)
		rc = theme_parse(out, str_text(&text), text.len, path, &from, e);
	str_release(&text);
	return rc;
}

static bool is_file(const char *name)
{
	return strchr(name, '/') || str_ends(name, ENDING);
}

static int bad_name(const char *name, struct err *e)
{
	return err_set(e, ERR_INPUT, "\"%s\" is no name of a theme; 'hitless theme list' lists all",
		       name);
}

int themes_load(const char *name, struct theme *out, struct err *e)
{
	*out = *theme_plain();
	if (is_file(name))
		return load_file(name, out, e);
	if (!path_is_name(name))
		return bad_name(name, e);
	char *path = find_file(name, NULL, e);
	int rc = path ? load_file(path, out, e) : -1;
	free(path);
	return rc;
}
