/* SPDX-License-Identifier: ISC */
/* From what was chosen to a job. */
#include "config.h"

#include "run/draft.h"

#include "base/i18n.h"
#include "run/before.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/door.h"
#include "run/procedures.h"
#include "run/targets.h"

#include <stdlib.h>
#include <string.h>

struct procedure *draft_procedure(const struct draft *d, const struct inventory *inv,
				  struct err *e)
{
	if (d->procedure)
		return procedures_load(d->procedure, e);
	for (size_t i = 0; i < d->devices.n; i++) {
		size_t at = inventory_find(inv, d->devices.v[i]);
		if (at != NO_DEVICE)
			return procedures_for(inv->devices.v[at].platform, e);
	}
	err_set(e, ERR_INPUT, "no device is chosen");
	return NULL;
}

/* In the order of the inventory. A name that is not there any more is said, not passed over. */
static int take_devices(const struct draft *d, struct job *j, struct err *e)
{
	for (size_t i = 0; i < d->devices.n; i++)
		if (inventory_find(j->inventory, d->devices.v[i]) == NO_DEVICE)
			return err_set(e, ERR_INPUT,
				       "%s is not in the inventory any more; choose again",
				       d->devices.v[i]);
	for (size_t i = 0; i < j->inventory->devices.n; i++)
		if (draft_has(d, j->inventory->devices.v[i].name))
			VEC_PUSH(&j->devices, i);
	return 0;
}

static int64_t number(const char *text, int64_t fallback)
{
	char *end;
	long long n = text && *text ? strtoll(text, &end, 10) : fallback;
	return n;
}

static int take_on_failure(struct job *j, const char *text, struct err *e)
{
	for (unsigned i = 0; text && on_failure_names[i]; i++)
		if (strcmp(on_failure_names[i], text) == 0) {
			j->on_failure = (enum on_failure)i;
			return 0;
		}
	return text ? err_set(e, ERR_INPUT, "expected hold, stop or continue, not \"%s\"", text)
		    : 0;
}

/* Names of stages or their numbers, with commas. */
static void take_texts(struct job *j, const struct values *v)
{
	const char *holds = values_get(v, "hold-after"), *kind = values_get(v, "kind");
	size_t n = 0;
	VEC(char *) list = {0};
	char **words = str_split(holds ? holds : "", ",", &n);
	for (size_t i = 0; i < n; i++)
		if (words[i][strspn(words[i], " ")])
			VEC_PUSH(&list, xstrdup(words[i] + strspn(words[i], " ")));
	free(words);
	if (list.n)
		VEC_PUSH(&list, NULL);
	j->hold_after = list.v;
	j->kind = str_eq(kind, KIND_FULL) ? NULL : xstrdup(kind);
	j->second_person = str_eq(values_get(v, "second-person"), "yes");
	if (j->second_person)
		door_uids(j->uids);
}

/* A kind of job may have more at the same time, when nothing else was said. */
static void take_kind(struct job *j, const struct procedure *p, bool size_given)
{
	const struct job_kind *k = procedure_kind(procedure_method(p, j->method), j->kind);
	if (k && k->batch_size > 0 && !size_given)
		j->batch_size = k->batch_size;
}

static void take_numbers(const struct values *v, struct job *j, const struct procedure *p)
{
	const char *order = values_get(v, "order");
	j->batch_size = number(values_get(v, "batch-size"), 4);
	j->role_limit = number(values_get(v, "role-limit"), 0);
	j->canary = str_eq(values_get(v, "canary"), "yes");
	j->order = order && !str_eq(order, "procedure") ? procedure_order(p, order) : NULL;
}

/* By the label under which the screens ask for it. */
static int at_option(const struct parameter *list, const char *name, struct err *e)
{
	for (; list->name; list++)
		if (str_eq(list->name, name))
			return err_at(e, "%s", _(list->title));
	return -1;
}

static int take_limits(const struct values *v, struct job *j, const struct parameter *list,
		       struct err *e)
{
	const char *budget = values_get(v, "failure-budget"), *window = values_get(v, "window");
	if (take_on_failure(j, values_get(v, "on-failure"), e) != 0)
		return at_option(list, "on-failure", e);
	if (budget && *budget && job_budget(j, budget, e) != 0)
		return at_option(list, "failure-budget", e);
	if (window && *window && job_window(j, window, e) != 0)
		return at_option(list, "window", e);
	return 0;
}

static int take_options(const struct values *given, struct job *j, const struct procedure *p,
			struct err *e)
{
	struct values v = {0};
	struct parameter *list = draft_options(p, j->method);
	int rc = 0;
	for (size_t i = 0; rc == 0 && list[i].name; i++) {
		const char *text = values_get(given, list[i].name);
		char *good = parameter_value(&list[i], text ? text : list[i].fallback, e);
		rc = good ? 0 : -1;
		values_set(&v, list[i].name, good);
		free(good);
	}
	if (rc == 0) {
		take_numbers(&v, j, p);
		rc = take_limits(&v, j, list, e);
		take_texts(j, &v);
		take_kind(j, p, values_get(given, "batch-size") != NULL);
	}
	draft_options_free(list);
	values_release(&v);
	return rc;
}

/* The kind of the job goes on with an earlier one. */
static int take_earlier(const struct draft *d, struct store *s, struct job *j,
			const struct procedure *p, struct err *e)
{
	const char *word = values_get(&d->options, "from-job");
	char *id;
	if (!j->kind || !word || !*word)
		return 0;
	struct jobview *b = before_open(s, word, &id, e);
	int rc = b ? before_preset(j, b, e) : -1;
	if (rc == 0)
		rc = before_take(j, p, b, id, e);
	jobview_free(b);
	free(id);
	return rc;
}

/* The devices that one image was given to, as a pattern; new, NULL: it was named before. */
static char *devices_of(const struct draft *d, size_t at)
{
	struct str names = {0};
	for (size_t i = 0; i < d->images.n; i++) {
		if (!str_eq(d->images.v[i].text, d->images.v[at].text) ||
		    !draft_has(d, d->images.v[i].name))
			continue;
		if (i < at) {
			str_release(&names);
			return NULL;
		}
		str_printf(&names, "%s%s", names.len ? "," : "", d->images.v[i].name);
	}
	return names.len ? str_take(&names) : NULL;
}

static int take_images(const struct draft *d, struct store *s, struct job *j,
		       const struct procedure *p, struct err *e)
{
	VEC(struct image_wish) list = {0};
	VEC(char *) texts = {0};
	for (size_t i = 0; i < d->images.n; i++) {
		char *devices = devices_of(d, i);
		if (!devices)
			continue;
		VEC_PUSH(&texts, devices);
		VEC_PUSH(&list, ((struct image_wish){d->images.v[i].text, devices}));
	}
	int rc = targets_take(j, p, s, list.v, list.n, e);
	if (rc == 0)
		rc = targets_version(j, p, s, e);
	for (size_t i = 0; i < texts.n; i++)
		free(texts.v[i]);
	VEC_RELEASE(&texts);
	VEC_RELEASE(&list);
	return rc;
}

struct job *draft_job(const struct draft *d, struct store *s, struct clock *clock,
		      const struct procedure *p, struct err *e)
{
	struct job *j = job_new();
	j->inventory = desk_inventory(s, e);
	j->operator = desk_who();
	j->created = clock->wall(clock);
	j->name = xstrdup(d->name ? d->name : "");
	j->version = xstrdup(d->version);
	j->method = xstrdup(d->method);
	values_copy(&j->parameters, &d->parameters);
	if (j->inventory && take_devices(d, j, e) == 0 && take_options(&d->options, j, p, e) == 0 &&
	    take_images(d, s, j, p, e) == 0 && take_earlier(d, s, j, p, e) == 0 &&
	    desk_check_size(s, j->devices.n, e) == 0 &&
	    create_check(j, p, e) == 0)
		return j;
	job_free(j);
	return NULL;
}
