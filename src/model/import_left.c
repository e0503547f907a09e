/* SPDX-License-Identifier: ISC */
/* Devices of a file that are left out, counted by cause: a line for many. */
#include "config.h"

#include "model/import.h"

#include <stdlib.h>
#include <string.h>

static const struct cause {
	const char *name;
	const char *text; /* behind the count */
	const char *end;  /* behind the detail; NULL: it has none */
	bool doubtful;
	const char *advice; /* NULL: none is needed */
} causes[LEFT_CAUSES] = {
    [LEFT_PLATFORM] = {"platform-unknown", " of the platform \"", "\", which no procedure knows",
		       true,
		       "where the file names a platform, use one of 'hitless procedure list'"},
    [LEFT_UNSAID] = {"platform-not-said", " whose platform the file does not say", NULL, true,
		     "name the platform in the file, or --platform P takes all of these for P"},
    [LEFT_INACTIVE] = {"not-active", " with the status ", "", false,
		       "only active devices are taken"},
    [LEFT_ADDRESSLESS] = {"no-address", " without a primary address", NULL, false,
			  "give them a primary address where the file comes from"},
    [LEFT_NAMELESS] = {"no-name", " without a usable name", NULL, false,
		       "give them names where the file comes from"},
    [LEFT_LOCAL] = {"local", " with a local connection", NULL, false, NULL},
    [LEFT_RETIRED] = {"decommissioned", " decommissioned", NULL, false,
		      "'hitless inventory recommission DEVICE' brings one back"},
};

void import_left_add(struct import_left *list, enum import_cause cause, const char *detail)
{
	const char *text = causes[cause].end && detail ? detail : "";
	size_t i = 0;
	list->out++;
	list->doubtful += causes[cause].doubtful;
	while (i < list->n && (list->v[i].cause != cause || strcmp(list->v[i].detail, text) != 0))
		i++;
	if (i == list->n)
		VEC_PUSH(list, ((struct import_leaving){cause, xstrdup(text), 0}));
	list->v[i].n++;
}

void import_left_copy(struct import_left *to, const struct import_left *from)
{
	import_left_release(to);
	for (size_t i = 0; i < from->n; i++)
		VEC_PUSH(to, ((struct import_leaving){from->v[i].cause, xstrdup(from->v[i].detail),
						      from->v[i].n}));
	to->out = from->out;
	to->doubtful = from->doubtful;
	to->of = from->of;
}

bool import_left_most(const struct import_left *list)
{
	return list->doubtful * 2 > list->of;
}

static int by_count(const void *a, const void *b)
{
	const struct import_leaving *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->cause != y->cause ? (x->cause > y->cause) - (x->cause < y->cause)
				    : strcmp(x->detail, y->detail);
}

static void put_causes(const struct import_left *list, struct str *out)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct import_leaving *at = &list->v[i];
		const struct cause *c = &causes[at->cause];
		str_printf(out, "%s%zu%s", i ? ", " : "", at->n, c->text);
		if (c->end)
			str_printf(out, "%s%s", at->detail, c->end);
	}
}

void import_left_text(struct import_left *list, struct str *out)
{
	bool said[LEFT_CAUSES] = {false};
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_count);
	put_causes(list, out);
	for (size_t i = 0; i < list->n; i++) {
		const char *advice = causes[list->v[i].cause].advice;
		if (advice && !said[list->v[i].cause])
			str_printf(out, "; %s", advice);
		said[list->v[i].cause] = true;
	}
}

cJSON *import_left_json(const struct import_left *list)
{
	cJSON *o = cJSON_CreateObject(), *rows = cJSON_CreateArray();
	cJSON_AddNumberToObject(o, "devices", (double)list->of);
	cJSON_AddNumberToObject(o, "left_out", (double)list->out);
	for (size_t i = 0; i < list->n; i++) {
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "cause", causes[list->v[i].cause].name);
		if (*list->v[i].detail)
			cJSON_AddStringToObject(row, "detail", list->v[i].detail);
		cJSON_AddNumberToObject(row, "devices", (double)list->v[i].n);
		cJSON_AddItemToArray(rows, row);
	}
	cJSON_AddItemToObject(o, "causes", rows);
	return o;
}

void import_left_release(struct import_left *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].detail);
	VEC_RELEASE(list);
	*list = (struct import_left){0};
}
