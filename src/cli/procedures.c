/* SPDX-License-Identifier: ISC */
/* Where procedures are: a file that is named, the installed ones, or those of the source tree when
 * the program runs from its build directory. */
#include "config.h"

#include "cli/cli.h"

#include "base/path.h"
#include "model/json.h"
#include "model/procedure.h"
#include "model/values.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 1000

struct names {
	char **v;
	size_t n, cap;
};

static char *own_dir(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return xstrdup(path);
}

/* Beside a build: the directory of the program was made by configure. */
static char *build_dir(void)
{
	static const char *const places[] = {"src/procedures", "../src/procedures",
					     "../../src/procedures", "../../../src/procedures"};
	char *dir = own_dir(), *found = NULL;
	char *mark = dir ? path_join(dir, "config.status") : NULL;
	bool building = mark && path_exists(mark);
	for (size_t i = 0; building && !found && i < LEN(places); i++) {
		found = path_join(dir, places[i]);
		char *file = path_join(found, "local.am");
		if (!path_exists(file)) {
			free(found);
			found = NULL;
		}
		free(file);
	}
	free(mark);
	free(dir);
	return found;
}

static char *procedure_dir(void)
{
	const char *data = getenv("HITLESS_DATA_DIR");
	if (data && *data)
		return path_join(data, "procedures");
	char *beside = build_dir();
	return beside ? beside : path_join(PKGDATADIR, "procedures");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_dir(struct cli *c, const char *path, char **list, size_t *n)
{
	DIR *d = opendir(path);
	if (!d)
		return err_sys(&c->e, _("cannot read the procedures in %s"), path);
	const struct dirent *entry;
	while ((entry = readdir(d)) && *n < FILES_MAX)
		if (str_ends(entry->d_name, ".json") && entry->d_name[0] != '.')
			list[(*n)++] = path_join(path, entry->d_name);
	closedir(d);
	if (*n == 0)
		return err_set(&c->e, ERR_SYSTEM, _("there is no procedure in %s"), path);
	return 0;
}

int procedure_files(struct cli *c, char ***out)
{
	char *path = procedure_dir(), **list = xcalloc(FILES_MAX + 1, sizeof(*list));
	size_t n = 0;
	int rc = read_dir(c, path, list, &n);
	if (rc == 0)
		qsort(list, n, sizeof(*list), by_name);
	else
		strings_free(list), list = NULL;
	free(path);
	*out = list;
	return rc;
}

/* "DIR/id.json" -> "id", in place. */
static const char *file_id(char *path)
{
	char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	name[strlen(name) - strlen(".json")] = '\0';
	return name;
}

static void no_procedure(struct cli *c, char **files, const char *id)
{
	size_t n = 0;
	while (files[n])
		n++;
	const char **names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = file_id(files[i]);
	const char *near = json_nearest(id, names);
	err_set(&c->e, ERR_INPUT,
		_("there is no procedure \"%s\"%s%s%s; 'hitless procedure list' "
		  "lists all"),
		id, near ? _("; did you mean \"") : "", near ? near : "", near ? "\"?" : "");
	free(names);
}

struct procedure *cli_procedure(struct cli *c, const char *id)
{
	struct procedure *p = NULL;
	char **files, *wanted;
	if (strchr(id, '/') || str_ends(id, ".json"))
		return procedure_load(id, &c->e);
	if (procedure_files(c, &files) != 0)
		return NULL;
	wanted = xasprintf("/%s.json", id);
	size_t i = 0;
	while (files[i] && !str_ends(files[i], wanted))
		i++;
	if (files[i])
		p = procedure_load(files[i], &c->e);
	else
		no_procedure(c, files, id);
	free(wanted);
	strings_free(files);
	return p;
}

static bool knows(const struct procedure *p, const char *platform)
{
	for (size_t i = 0; p->platforms[i]; i++)
		if (str_eq(p->platforms[i], platform))
			return true;
	return false;
}

struct procedure *cli_procedure_for(struct cli *c, const char *platform)
{
	struct procedure *p = NULL;
	char **files;
	if (procedure_files(c, &files) != 0)
		return NULL;
	for (size_t i = 0; files[i] && !p; i++) {
		p = procedure_load(files[i], &c->e);
		if (!p)
			break;
		if (platform && !knows(p, platform)) {
			procedure_free(p);
			p = NULL;
		}
	}
	if (!p && c->e.kind == ERR_NONE)
		err_set(&c->e, ERR_INPUT,
			_("no procedure knows platform \"%s\"; 'hitless procedure "
			  "list' shows what they know"),
			platform);
	strings_free(files);
	return p;
}

static void add_platforms(const struct procedure *p, struct names *out)
{
	for (size_t i = 0; p->platforms[i]; i++)
		VEC_PUSH(out, xstrdup(p->platforms[i]));
}

/* Those of the procedures that were named first, then those of all that are there. */
static int add_all(struct cli *c, char **files, struct names *out)
{
	size_t at = 0;
	const char *named;
	while ((named = cli_next(c, "--procedure", &at))) {
		struct procedure *p = cli_procedure(c, named);
		if (!p)
			return -1;
		add_platforms(p, out);
		procedure_free(p);
	}
	for (size_t i = 0; files[i]; i++) {
		struct procedure *p = procedure_load(files[i], &c->e);
		if (!p)
			return -1;
		add_platforms(p, out);
		procedure_free(p);
	}
	return 0;
}

char **cli_platforms(struct cli *c)
{
	struct names list = {0};
	char **files;
	if (procedure_files(c, &files) != 0)
		return NULL;
	int rc = add_all(c, files, &list);
	strings_free(files);
	VEC_PUSH(&list, NULL);
	if (rc == 0)
		return list.v;
	strings_free(list.v);
	return NULL;
}
