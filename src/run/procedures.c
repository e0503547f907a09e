/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/procedures.h"

#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/json.h"
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

static int read_dir(const char *path, char **list, size_t *n, struct err *e)
{
	DIR *d = opendir(path);
	if (!d)
		return err_sys(e, "cannot read the procedures in %s", path);
	const struct dirent *entry;
	while ((entry = readdir(d)) && *n < FILES_MAX)
		if (str_ends(entry->d_name, ".json") && entry->d_name[0] != '.')
			list[(*n)++] = path_join(path, entry->d_name);
	closedir(d);
	if (*n == 0)
		return err_set(e, ERR_SYSTEM, "there is no procedure in %s", path);
	return 0;
}

int procedures_files(char ***out, struct err *e)
{
	char *path = data_dir("procedures"), **list = xcalloc(FILES_MAX + 1, sizeof(*list));
	size_t n = 0;
	int rc = read_dir(path, list, &n, e);
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

static void no_procedure(char **files, const char *id, struct err *e)
{
	size_t n = 0;
	while (files[n])
		n++;
	const char **names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = file_id(files[i]);
	const char *near = json_nearest(id, names);
	err_set(e, ERR_INPUT,
		"there is no procedure \"%s\"%-s; 'hitless procedure list' "
		"lists all",
		id, json_hint(near, (char[JSON_HINT]){0}));
	free(names);
}

struct procedure *procedures_load(const char *id, struct err *e)
{
	struct procedure *p = NULL;
	char **files, *wanted;
	if (strchr(id, '/') || str_ends(id, ".json"))
		return procedure_load(id, e);
	if (procedures_files(&files, e) != 0)
		return NULL;
	wanted = xasprintf("/%s.json", id);
	size_t i = 0;
	while (files[i] && !str_ends(files[i], wanted))
		i++;
	if (files[i])
		p = procedure_load(files[i], e);
	else
		no_procedure(files, id, e);
	free(wanted);
	strings_free(files);
	return p;
}

static bool knows(const struct procedure *p, const char *platform)
{
	return strings_have(p->platforms, platform);
}

struct procedure *procedures_for(const char *platform, struct err *e)
{
	struct procedure *p = NULL;
	char **files;
	bool broken = false;
	if (procedures_files(&files, e) != 0)
		return NULL;
	for (size_t i = 0; files[i] && !p; i++) {
		p = procedure_load(files[i], e);
		broken = !p;
		if (broken)
			break;
		if (platform ? !knows(p, platform) : !p->n_images) {
			procedure_free(p);
			p = NULL;
		}
	}
	if (!p && !broken)
		err_set(e, ERR_INPUT,
			"no procedure knows platform \"%s\"; 'hitless procedure "
			"list' shows what they know",
			platform ? platform : "-");
	strings_free(files);
	return p;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int add(struct procedures *list, struct procedure *p)
{
	if (!p)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i]->id, p->id)) {
			procedure_free(p);
			return 0;
		}
	VEC_PUSH(list, p);
	return 0;
}

int procedures_all(char *const *more, struct procedures *out, struct err *e)
{
	char **files;
	int rc = procedures_files(&files, e);
	*out = (struct procedures){0};
	for (; rc == 0 && more && *more; more++)
		rc = add(out, procedures_load(*more, e));
	for (size_t i = 0; rc == 0 && files[i]; i++)
		rc = add(out, procedure_load(files[i], e));
	strings_free(files);
	if (rc != 0)
		procedures_free(out);
	return rc;
}

void procedures_free(struct procedures *list)
{
	for (size_t i = 0; i < list->n; i++)
		procedure_free(list->v[i]);
	VEC_RELEASE(list);
}

static char **collect(const struct procedures *list, char **(*words)(const struct procedure *p))
{
	VEC(char *) out = {0};
	for (size_t i = 0; i < list->n; i++)
		for (char **word = words(list->v[i]); word && *word; word++) {
			VEC_PUSH(&out, NULL); /* an end for strings_have() */
			if (strings_have(out.v, *word))
				out.n--;
			else
				out.v[out.n - 1] = xstrdup(*word);
		}
	VEC_PUSH(&out, NULL);
	return out.v;
}

static char **platforms_of(const struct procedure *p)
{
	return p->platforms;
}

static char **roles_of(const struct procedure *p)
{
	return p->roles;
}

char **procedures_platforms(const struct procedures *list)
{
	return collect(list, platforms_of);
}

void procedures_platform_names(const struct procedures *list, struct values *out)
{
	for (size_t i = list->n; i-- > 0;) /* the first one's word counts */
		values_merge(out, &list->v[i]->platform_names);
}

char **procedures_roles(const struct procedures *list)
{
	return collect(list, roles_of);
}

const struct procedure *procedures_of(const struct procedures *list, const char *platform)
{
	for (size_t i = 0; i < list->n; i++)
		if (knows(list->v[i], platform))
			return list->v[i];
	return NULL;
}
