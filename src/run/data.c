/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/data.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct data_kind {
	const char *name;
	const char *in_source; /* where it is in the source tree */
	const char *mark;      /* a file that is there */
	bool needed;           /* a named data directory has to have it */
};

static const struct data_kind kinds[] = {
    {"procedures", "src/procedures", "local.am", true},
    {"themes", "themes", "local.am", false},
};

static const struct data_kind *find_kind(const char *name)
{
	size_t i = 0;
	while (i + 1 < LEN(kinds) && strcmp(kinds[i].name, name) != 0)
		i++;
	return &kinds[i];
}

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

/* The directory that configure made, when the program (or a test of it) runs from there. */
static char *configured_dir(void)
{
	char *dir = own_dir();
	for (int i = 0; dir && *dir && i < 3; i++) {
		char *made = path_join(dir, "config.status");
		bool here = path_exists(made);
		free(made);
		if (here)
			return dir;
		*strrchr(dir, '/') = '\0';
	}
	free(dir);
	return NULL;
}

/* Beside a build. */
static char *build_dir(const struct data_kind *kind)
{
	static const char *const up[] = {"", "../", "../../", "../../../"};
	char *dir = configured_dir(), *found = NULL;
	for (size_t i = 0; dir && !found && i < LEN(up); i++) {
		found = xasprintf("%s/%s%s", dir, up[i], kind->in_source);
		char *file = path_join(found, kind->mark);
		if (!path_exists(file)) {
			free(found);
			found = NULL;
		}
		free(file);
	}
	free(dir);
	return found;
}

char *data_dir(const char *what)
{
	const struct data_kind *kind = find_kind(what);
	const char *data = getenv("HITLESS_DATA_DIR");
	char *named = data && *data ? path_join(data, kind->name) : NULL;
	if (named && (kind->needed || path_is_dir(named)))
		return named;
	free(named);
	char *beside = build_dir(kind);
	return beside ? beside : path_join(PKGDATADIR, kind->name);
}

char *data_locale(void)
{
	const char *named = getenv("HITLESS_LOCALE_DIR");
	char *dir = named && *named ? NULL : configured_dir();
	char *built = dir ? path_join(dir, "locale") : NULL;
	free(dir);
	if (built && path_is_dir(built))
		return built;
	free(built);
	return xstrdup(named && *named ? named : LOCALEDIR);
}
