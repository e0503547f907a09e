/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/draft.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/json.h"
#include "run/create.h"
#include "run/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- members ---------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
    {"name", offsetof(struct draft, name)},           {"version", offsetof(struct draft, version)},
    {"procedure", offsetof(struct draft, procedure)}, {"method", offsetof(struct draft, method)},
    {"screen", offsetof(struct draft, screen)},       {"job", offsetof(struct draft, job)},
};

static char **text_at(const struct draft *d, size_t i)
{
	return (char **)((char *)(uintptr_t)d + texts[i].offset);
}

void draft_text(char **member, const char *value)
{
	char *copy = value && *value ? xstrdup(value) : NULL;
	free(*member);
	*member = copy;
}

void draft_clear(struct draft *d)
{
	for (size_t i = 0; i < LEN(texts); i++)
		draft_text(text_at(d, i), NULL);
	for (size_t i = 0; i < d->devices.n; i++)
		free(d->devices.v[i]);
	VEC_RELEASE(&d->devices);
	values_release(&d->parameters);
	values_release(&d->options);
}

void draft_free(struct draft *d)
{
	if (!d)
		return;
	draft_clear(d);
	free(d->path);
	free(d);
}

static size_t place(const struct draft *d, const char *device)
{
	size_t i = 0;
	while (i < d->devices.n && strcmp(d->devices.v[i], device) != 0)
		i++;
	return i;
}

bool draft_has(const struct draft *d, const char *device)
{
	return place(d, device) < d->devices.n;
}

void draft_set(struct draft *d, const char *device, bool chosen)
{
	size_t i = place(d, device);
	if (chosen && i == d->devices.n) {
		VEC_PUSH(&d->devices, xstrdup(device));
	} else if (!chosen && i < d->devices.n) {
		free(d->devices.v[i]);
		VEC_REMOVE(&d->devices, i);
	}
}

/* --- on disk ---------------------------------------------------------------------------------- */

int draft_save(const struct draft *d, struct err *e)
{
	cJSON *o = json_object_new("draft"), *list = cJSON_CreateArray();
	for (size_t i = 0; i < LEN(texts); i++)
		json_put_text(o, texts[i].key, *text_at(d, i));
	for (size_t i = 0; i < d->devices.n; i++)
		json_append(list, cJSON_CreateString(d->devices.v[i]));
	json_put(o, "devices", list);
	json_put(o, "parameters", values_to_json(&d->parameters));
	json_put(o, "options", values_to_json(&d->options));
	char *text = json_print(o, true);
	int rc = path_write(d->path, text, strlen(text), e);
	free(text);
	cJSON_Delete(o);
	return rc;
}

static void take(struct draft *d, const cJSON *o)
{
	const cJSON *item;
	for (size_t i = 0; i < LEN(texts); i++)
		draft_text(text_at(d, i), json_text(o, texts[i].key));
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(o, "devices"))
	{
		if (cJSON_IsString(item))
			draft_set(d, item->valuestring, true);
	}
	values_from_json(&d->parameters, cJSON_GetObjectItemCaseSensitive(o, "parameters"));
	values_from_json(&d->options, cJSON_GetObjectItemCaseSensitive(o, "options"));
}

static int put_aside(const char *path, struct err *e)
{
	char *bad = xasprintf("%s.bad", path);
	int rc = rename(path, bad);
	if (rc != 0)
		err_sys(e, "cannot move %s aside", path);
	free(bad);
	return rc;
}

struct draft *draft_load(struct store *s, struct err *e)
{
	struct err why = {0};
	struct draft *d = xcalloc(1, sizeof(*d));
	d->path = store_path(s, "draft.json");
	if (!path_exists(d->path))
		return d;
	cJSON *o = json_load(d->path, &why);
	if (o && str_eq(json_text(o, "type"), "draft") && json_number(o, "format", 0) == 1) {
		take(d, o);
	} else if (put_aside(d->path, e) != 0) {
		draft_free(d);
		d = NULL;
	}
	cJSON_Delete(o);
	return d;
}

/* --- options of a job ------------------------------------------------------------------------- */

static const struct parameter option_rows[] = {
    {.name = (char *)"order",
     .title = (char *)N_("Order of the roles"),
     .help = (char *)N_("Which role is upgraded first; the plan shows what comes of it."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_CHOICE,
     .fallback = (char *)"procedure"},
    {.name = (char *)"batch-size",
     .title = (char *)N_("Devices at the same time"),
     .help = (char *)N_("At most so many; redundancy groups and roles may make it fewer."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_INT,
     .least = 1,
     .most = 100000},
    {.name = (char *)"role-limit",
     .title = (char *)N_("Of one role at the same time"),
     .help = (char *)N_("0: half of them, rounded up."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_INT,
     .fallback = (char *)"0",
     .most = 100000},
    {.name = (char *)"canary",
     .title = (char *)N_("One device first"),
     .help = (char *)N_("The first batch is one device, so that a mistake shows there."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_BOOL,
     .fallback = (char *)"no"},
    {.name = (char *)"window",
     .title = (char *)N_("Maintenance window"),
     .help = (char *)N_("HH:MM-HH:MM. No device starts that could not finish inside of it, the way "
			"back included. Empty: any time."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_TEXT,
     .fallback = (char *)""},
    {.name = (char *)"on-failure",
     .title = (char *)N_("When a device fails"),
     .help = (char *)N_("hold: the batch finishes, then the job waits for you. stop: the rest is "
			"skipped. continue: the others go on."),
     .group = (char *)N_("Failures"),
     .type = PARAMETER_CHOICE,
     .fallback = (char *)"hold"},
    {.name = (char *)"failure-budget",
     .title = (char *)N_("Failures accepted"),
     .help = (char *)N_("With continue: so many devices may fail before the job holds. 0: any."),
     .group = (char *)N_("Failures"),
     .type = PARAMETER_INT,
     .fallback = (char *)"0",
     .most = 100000},
};

static char **order_choices(const struct procedure *p)
{
	char **list = xcalloc(p->n_orders + 2, sizeof(*list));
	list[0] = xstrdup("procedure");
	for (size_t i = 0; i < p->n_orders; i++)
		list[1 + i] = xstrdup(p->orders[i].name);
	return list;
}

static char **copies(const char *const *names)
{
	size_t n = 0;
	while (names[n])
		n++;
	char **list = xcalloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = xstrdup(names[i]);
	return list;
}

struct parameter *draft_options(const struct procedure *p)
{
	struct parameter *list = xcalloc(LEN(option_rows) + 1, sizeof(*list));
	for (size_t i = 0; i < LEN(option_rows); i++) {
		list[i] = option_rows[i];
		list[i].fallback = xstrdup(option_rows[i].fallback);
		if (str_eq(list[i].name, "batch-size"))
			list[i].fallback =
			    xasprintf("%d", p->batch_size > 0 ? (int)p->batch_size : 4);
		else if (str_eq(list[i].name, "order"))
			list[i].choices = order_choices(p);
		else if (str_eq(list[i].name, "on-failure"))
			list[i].choices = copies(on_failure_names);
	}
	return list;
}

void draft_options_free(struct parameter *list)
{
	for (size_t i = 0; list && list[i].name; i++) {
		free(list[i].fallback);
		strings_free(list[i].choices);
	}
	free(list);
}

/* --- from a job ------------------------------------------------------------------------------- */

static bool name_free(struct store *s, const char *name)
{
	struct job_rows rows = {0};
	struct err e = {0};
	bool found = false;
	if (store_jobs(s, &rows, &e) != 0)
		return true; /* making the job will say it */
	for (size_t i = 0; i < rows.n; i++)
		found |= strcmp(rows.v[i].name, name) == 0;
	job_rows_release(&rows);
	return !found;
}

static char *next_name(struct store *s, const char *old)
{
	for (int i = 2; i < 1000; i++) {
		char *name = xasprintf("%s %d", old, i);
		if (name_free(s, name))
			return name;
		free(name);
	}
	return NULL;
}

char *draft_free_name(struct store *s, const char *wanted)
{
	return name_free(s, wanted) ? xstrdup(wanted) : next_name(s, wanted);
}

/* A job that never started keeps no name: the next attempt takes it (run/create.h). */
bool draft_name_taken(struct store *s, const char *name)
{
	struct err e = {0};
	if (name_free(s, name))
		return false;
	char *id = create_find(s, name, &e);
	struct jobview *v = id ? create_view(s, id, &e) : NULL;
	bool taken = v && v->started;
	jobview_free(v);
	free(id);
	return taken;
}

bool draft_served(const struct draft *d, struct store *s)
{
	struct err e = {0};
	struct jobview *v = d->job ? create_view(s, d->job, &e) : NULL;
	bool served = d->job && (!v || v->started);
	jobview_free(v);
	return served;
}

static void put_number(struct values *v, const char *name, int64_t n)
{
	values_setf(v, name, "%lld", (long long)n);
}

void draft_from_job(struct draft *d, struct store *s, const struct job *j, const size_t *devices,
		    size_t n)
{
	draft_clear(d);
	for (size_t i = 0; i < n; i++)
		draft_set(d, j->inventory->devices.v[devices[i]].name, true);
	d->name = next_name(s, j->name);
	draft_text(&d->version, j->version);
	draft_text(&d->procedure, j->procedure);
	draft_text(&d->method, j->method);
	values_copy(&d->parameters, &j->parameters);
	put_number(&d->options, "batch-size", j->batch_size);
	put_number(&d->options, "role-limit", j->role_limit);
	put_number(&d->options, "failure-budget", j->failure_budget);
	values_set(&d->options, "canary", j->canary ? "yes" : "no");
	values_set(&d->options, "on-failure", on_failure_names[j->on_failure]);
	if (j->window_start >= 0)
		values_setf(&d->options, "window", "%02d:%02d-%02d:%02d",
			    (int)j->window_start / 60, (int)j->window_start % 60,
			    (int)j->window_end / 60, (int)j->window_end % 60);
}
