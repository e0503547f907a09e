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
	values_release(&d->images);
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
	json_put(o, "images", values_to_json(&d->images));
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
	values_from_json(&d->images, cJSON_GetObjectItemCaseSensitive(o, "images"));
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
    {.name = (char *)"kind",
     .title = (char *)N_("What is done"),
     .group = (char *)N_("Kind of job"),
     .type = PARAMETER_CHOICE,
     .fallback = (char *)KIND_FULL},
    {.name = (char *)"from-job",
     .title = (char *)N_("Goes on with the job"),
     .help =
	 (char *)N_("Name of the job that staged or upgraded these devices; for the whole way and "
		    "for staging it stays empty."),
     .group = (char *)N_("Kind of job"),
     .type = PARAMETER_TEXT,
     .fallback = (char *)""},
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
     .help = (char *)N_("01:00-04:00 or 2026-11-21 22:00-04:00, several with commas. No device "
			"starts that could not finish inside, the way back included. Empty: any."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_TEXT,
     .fallback = (char *)""},
    {.name = (char *)"hold-after",
     .title = (char *)N_("Wait after the stages"),
     .help =
	 (char *)N_("Names or numbers of stages, with commas: when one is over the job waits until "
		    "you let it go on. Empty: none."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_TEXT,
     .fallback = (char *)""},
    {.name = (char *)"second-person",
     .title = (char *)N_("A second person confirms"),
     .help = (char *)N_("Nothing is changed before another user of this machine has confirmed the "
			"five words of the plan (hitless confirm)."),
     .group = (char *)N_("Plan"),
     .type = PARAMETER_BOOL,
     .fallback = (char *)"no"},
    {.name = (char *)"on-failure",
     .title = (char *)N_("When a device fails"),
     .help = (char *)N_("hold: the batch finishes, then the job waits for you. stop: the rest is "
			"skipped. continue: the others go on."),
     .group = (char *)N_("Failures"),
     .type = PARAMETER_CHOICE,
     .fallback = (char *)"hold"},
    {.name = (char *)"failure-budget",
     .title = (char *)N_("Failures accepted"),
     .help = (char *)N_("With continue: so many devices may fail before the job holds, as a number "
			"or as a part of them (10%). Empty: any number. None: choose hold."),
     .group = (char *)N_("Failures"),
     .type = PARAMETER_TEXT,
     .fallback = (char *)""},
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

static void fill_kinds(struct parameter *q, const struct method *m)
{
	q->choices = xcalloc(m->n_kinds + 2, sizeof(*q->choices));
	q->choices[0] = xstrdup(KIND_FULL);
	for (size_t i = 0; i < m->n_kinds; i++)
		q->choices[1 + i] = xstrdup(m->kinds[i].name);
}

void draft_tell_kind(struct parameter *list, const struct procedure *p, const char *method,
		     const char *kind)
{
	const struct job_kind *k = procedure_kind(procedure_method(p, method), kind);
	for (size_t i = 0; list[i].name; i++) {
		if (!str_eq(list[i].name, "kind"))
			continue;
		free(list[i].help);
		list[i].help = k ? xasprintf(k->follows && !k->alone
						 ? _("%s: %s. It goes on with an earlier job.")
						 : _("%s: %s."),
					     k->name, translated(k->title))
				 : xstrdup(_("full: the whole way. The other choices make a part "
					     "of it, for work on several days."));
	}
}

/* What model/window.c reads, but for days that do not exist: that is said when the job is made. */
#define DAY_AT  "([0-9]{4}-[0-9]{2}-[0-9]{2} *)?"
#define TIME_AT "([01][0-9]|2[0-4]):[0-5][0-9] *"
#define WINDOW  " *" DAY_AT TIME_AT "- *" DAY_AT TIME_AT

static void fill_option(struct parameter *q, const struct procedure *p, const struct method *m)
{
	q->fallback = xstrdup(q->fallback);
	q->help = xstrdup(q->help ? _(q->help) : NULL);
	if (str_eq(q->name, "batch-size")) {
		free(q->fallback);
		q->fallback = xasprintf("%d", p->batch_size > 0 ? (int)p->batch_size : 4);
	} else if (str_eq(q->name, "order")) {
		q->choices = order_choices(p);
	} else if (str_eq(q->name, "on-failure")) {
		q->choices = copies(on_failure_names);
	} else if (str_eq(q->name, "kind")) {
		fill_kinds(q, m);
	} else if (str_eq(q->name, "window")) {
		q->match = pattern_new("^" WINDOW "(," WINDOW ")*$", false, NULL);
		q->expected = (char *)M_("two times such as 01:00-04:00, or with days 2026-11-21 "
					 "22:00-04:00");
	} else if (str_eq(q->name, "failure-budget")) {
		q->match = pattern_new("^([1-9][0-9]{0,4}|100000|([1-9][0-9]?|100)%)$", false, NULL);
		q->expected = (char *)M_("1 or more devices, or 1 to 100 per cent of them (none: choose "
					 "hold; any number: leave it empty)");
	}
}

struct parameter *draft_options(const struct procedure *p, const char *method)
{
	const struct method *m = procedure_method(p, method);
	struct parameter *list = xcalloc(LEN(option_rows) + 1, sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < LEN(option_rows); i++) {
		bool of_kind = str_eq(option_rows[i].group, option_rows[0].group);
		if (of_kind && (!m || !m->n_kinds))
			continue;
		list[n] = option_rows[i];
		fill_option(&list[n++], p, m);
	}
	draft_tell_kind(list, p, method, NULL);
	return list;
}

void draft_options_free(struct parameter *list)
{
	for (size_t i = 0; list && list[i].name; i++) {
		free(list[i].fallback);
		free(list[i].help);
		strings_free(list[i].choices);
		pattern_free(list[i].match);
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

static void put_texts(struct draft *d, const struct job *j)
{
	struct str holds = {0};
	for (size_t i = 0; j->hold_after && j->hold_after[i]; i++)
		str_printf(&holds, "%s%s", i ? "," : "", j->hold_after[i]);
	values_set(&d->options, "hold-after", holds.len ? str_text(&holds) : NULL);
	str_release(&holds);
	values_set(&d->options, "kind", j->kind);
	values_set(&d->options, "from-job", j->before ? j->before->id : NULL);
	if (j->second_person)
		values_set(&d->options, "second-person", "yes");
}

void draft_from_job(struct draft *d, struct store *s, const struct job *j, const size_t *devices,
		    size_t n)
{
	draft_clear(d);
	for (size_t i = 0; i < n; i++) {
		const char *device = j->inventory->devices.v[devices[i]].name;
		draft_set(d, device, true);
		values_set(&d->images, device, job_image(j, devices[i]));
	}
	d->name = next_name(s, j->name);
	draft_text(&d->version, j->version);
	draft_text(&d->procedure, j->procedure);
	draft_text(&d->method, j->method);
	values_copy(&d->parameters, &j->parameters);
	put_number(&d->options, "batch-size", j->batch_size);
	put_number(&d->options, "role-limit", j->role_limit);
	char *budget = job_budget_text(j);
	values_set(&d->options, "failure-budget", j->failure_budget ? budget : NULL);
	free(budget);
	values_set(&d->options, "canary", j->canary ? "yes" : "no");
	values_set(&d->options, "on-failure", on_failure_names[j->on_failure]);
	char *window = windows_text(&j->windows);
	values_set(&d->options, "window", *window ? window : NULL);
	free(window);
	put_texts(d, j);
}
