/* SPDX-License-Identifier: ISC */
/* The table of verbs: a list of the files' own tables, in the order of the help. */
#include "config.h"

#include "cli/verbs.h"

#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

static const struct verb *const tables[] = {
#define X(name) name,
    VERB_TABLES(X)
#undef X
};

const struct verb *verb_at(size_t i)
{
	for (size_t t = 0; t < LEN(tables); t++)
		for (const struct verb *v = tables[t]; v->name; v++)
			if (i-- == 0)
				return v;
	return NULL;
}

const struct verb *verb_find(const char *first, const char *second, int *words)
{
	char *two = second ? xasprintf("%s %s", first, second) : NULL;
	const struct verb *v, *found = NULL;
	*words = 0;
	for (size_t i = 0; (v = verb_at(i)); i++) {
		if (two && strcmp(v->name, two) == 0) {
			found = v;
			*words = 2;
		} else if (!found && strcmp(v->name, first) == 0) {
			found = v;
			*words = 1;
		}
	}
	free(two);
	return found;
}

bool verb_is_group(const char *word)
{
	const struct verb *v;
	size_t n = strlen(word);
	for (size_t i = 0; (v = verb_at(i)); i++)
		if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ')
			return true;
	return false;
}

/* First words when there is no such group, else the second words of the group. */
char *verb_near(const char *word, const char *second)
{
	VEC(char *) names = {0};
	const struct verb *v;
	bool group = second && verb_is_group(word);
	size_t n = strlen(word);
	for (size_t i = 0; (v = verb_at(i)); i++) {
		if (!group)
			VEC_PUSH(&names, xstrndup(v->name, strcspn(v->name, " ")));
		else if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ')
			VEC_PUSH(&names, xstrdup(v->name + n + 1));
	}
	VEC_PUSH(&names, NULL);
	char *near = xstrdup(json_nearest(group ? second : word, (const char *const *)names.v));
	strings_free(names.v);
	return near;
}
