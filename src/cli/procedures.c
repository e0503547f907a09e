/* SPDX-License-Identifier: ISC */
/* Where procedures are: a file that is named, the installed ones, or those of the source tree when
 * the program runs from its build directory. */
#include "config.h"

#include "cli/cli.h"

#include "base/path.h"
#include "model/json.h"
#include "model/procedure.h"
#include "model/values.h"
#include "run/data.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 1000

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
	char *path = data_dir("procedures"), **list = xcalloc(FILES_MAX + 1, sizeof(*list));
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
