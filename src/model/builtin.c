/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/builtin.h"

#include "base/str.h"

const char *const builtin_names[BUILTIN_COUNT + 1] = {
#define X(id, name, argument) [BUILTIN_##id] = name,
    BUILTINS(X)
#undef X
};

int builtin_number(const char *name)
{
	for (int i = 0; i < BUILTIN_COUNT; i++)
		if (str_eq(builtin_names[i], name))
			return i;
	return -1;
}

const char *const *builtin_arguments(enum builtin b)
{
	static const char *const arguments[BUILTIN_COUNT][2] = {
#define X(id, name, argument) [BUILTIN_##id] = {argument},
	    BUILTINS(X)
#undef X
	};
	return arguments[b];
}
