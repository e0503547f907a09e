/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/job.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_MOST 100000

const char *const on_failure_names[4] = {
    [ON_FAILURE_HOLD] = M_("hold"), [ON_FAILURE_STOP] = M_("stop"), [ON_FAILURE_GO_ON] = M_("continue")};

struct job *job_new(void)
{
	struct job *j = xcalloc(1, sizeof(*j));
	j->batch_size = 4;
	for (size_t i = 0; i < LEN(j->uids); i++)
		j->uids[i] = -1;
	return j;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	free(j->name);
	free(j->procedure);
	free(j->method);
	free(j->version);
	free(j->os_image);
	job_targets_release(j);
	free(j->operator);
	values_release(&j->parameters);
	values_release(&j->timeouts);
	inventory_free(j->inventory);
	VEC_RELEASE(&j->devices);
	strings_free(j->order);
	strings_free(j->missing);
	strings_free(j->hold_after);
	windows_release(&j->windows);
	job_before_free(j->before);
	free(j->kind);
	free(j);
}

bool job_has(const struct job *j, size_t device)
{
	for (size_t i = 0; i < j->devices.n; i++)
		if (j->devices.v[i] == device)
			return true;
	return false;
}

/* Printable is what the sanitiser leaves as it is: no controls, no bidi tricks, no invalid UTF-8.
 */
int job_check_name(const char *name, struct err *e)
{
	struct str safe = {0};
	size_t n = strlen(name), characters = 0;
	utf8_sanitise(&safe, name, n, UTF8_ONE_LINE);
	bool printable = strcmp(str_text(&safe), name) == 0;
	str_release(&safe);
	if (!printable)
		return err_set(e, ERR_INPUT, "a job's name holds printable characters only");
	for (size_t i = 0, used; i < n; i += used, characters++)
		(void)utf8_decode(name + i, n - i, &used);
	if (characters < 1 || characters > 64)
		return err_set(e, ERR_INPUT, "a job's name has 1 to 64 characters");
	if (*name == ' ' || name[n - 1] == ' ')
		return err_set(e, ERR_INPUT, "a job's name does not start or end with a space");
	return 0;
}

/* --- writing --- */

static cJSON *devices_json(const struct job *j)
{
	cJSON *array = cJSON_CreateArray();
	for (size_t i = 0; i < j->devices.n; i++)
		json_append(array,
		            cJSON_CreateString(j->inventory->devices.v[j->devices.v[i]].name));
	return array;
}

static void put_budget(cJSON *object, const struct job *j)
{
	char *text = job_budget_text(j);
	if (j->failure_percent)
		json_put_text(object, "failure_budget", text);
	else
		json_put_number(object, "failure_budget", j->failure_budget);
	free(text);
}

static void put_window(cJSON *object, const struct job *j)
{
	char *text = windows_text(&j->windows);
	if (*text)
		json_put_text(object, "window", text);
	free(text);
}

static cJSON *uids_json(const struct job *j)
{
	cJSON *array = cJSON_CreateArray();
	for (size_t i = 0; i < LEN(j->uids); i++)
		json_append(array, cJSON_CreateNumber((double)j->uids[i]));
	return array;
}

cJSON *job_to_json(const struct job *j)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "name", j->name);
	json_put_text(object, "procedure", j->procedure);
	json_put_text(object, "method", j->method);
	json_put_text(object, "kind", j->kind);
	json_put_text(object, "version", j->version);
	json_put_text(object, "os_image", j->os_image);
	json_put_text(object, "operator", j->operator);
	json_put_number(object, "created", j->created);
	json_put(object, "parameters", values_to_json(&j->parameters));
	json_put(object, "timeouts", values_to_json(&j->timeouts));
	if (j->inventory) {
		json_put(object, "inventory", inventory_to_json(j->inventory));
		json_put(object, "devices", devices_json(j));
		if (j->targets.n)
			json_put(object, "targets", job_targets_json(j));
		if (j->before)
			json_put(object, "before", job_before_json(j->before, j->inventory));
	}
	if (j->missing)
		json_put(object, "missing", json_strings(j->missing));
	if (j->order)
		json_put(object, "order", json_strings(j->order));
	json_put_number(object, "batch_size", j->batch_size);
	json_put_number(object, "role_limit", j->role_limit);
	json_put_text(object, "on_failure", on_failure_names[j->on_failure]);
	put_budget(object, j);
	json_put_flag(object, "canary", j->canary);
	put_window(object, j);
	if (j->hold_after)
		json_put(object, "hold_after", json_strings(j->hold_after));
	if (j->second_person) {
		json_put_flag(object, "second_person", true);
		json_put(object, "uids", uids_json(j));
	}
	return object;
}

/* --- reading --- */

static int read_texts(struct job *j, const struct jnode *at, struct err *e)
{
	const struct {
		const char *key;
		char **out;
	} fields[] = {{"name", &j->name}, {"procedure", &j->procedure}, {"method", &j->method},
	              {"kind", &j->kind},
	              {"version", &j->version}, {"os_image", &j->os_image},
	              {
			  "operator",
			  &j->operator},
	};
	struct jnode member;
	for (size_t i = 0; i < LEN(fields); i++)
		if (json_opt_string(at, fields[i].key, NULL, fields[i].out, e) < 0)
			return -1;
	struct err why = {0};
	if (json_need(at, "name", &member, e) < 0)
		return -1;
	return job_check_name(j->name, &why) < 0 ? json_bad_text(&member, e, why.text) : 0;
}

static int read_numbers(struct job *j, const struct jnode *at, struct err *e)
{
	const struct {
		const char *key;
		int64_t *out, least, most, fallback;
	} fields[] = {
	    {"created", &j->created, 0, INT64_MAX, 0},
	    {"batch_size", &j->batch_size, 1, 100000, 4},
	    {"role_limit", &j->role_limit, 0, 100000, 0},
	};
	for (size_t i = 0; i < LEN(fields); i++)
		if (json_opt_int(at, fields[i].key, fields[i].least, fields[i].most,
		                 fields[i].fallback, fields[i].out, e) < 0)
			return -1;
	return json_opt_bool(at, "canary", false, &j->canary, e) < 0
	           ? -1
	           : json_opt_bool(at, "second_person", false, &j->second_person, e);
}

/* A number of devices, or a text with per cent. */
static int read_budget(struct job *j, const struct jnode *at, struct err *e)
{
	struct jnode member;
	struct err why = {0};
	if (!json_get(at, "failure_budget", &member))
		return 0;
	if (!cJSON_IsString(member.value))
		return json_int(&member, 0, BUDGET_MOST, &j->failure_budget, e);
	return job_budget(j, member.value->valuestring, &why) < 0
		   ? json_bad(&member, e, "%s", why.text)
		   : 0;
}

static int read_window(struct job *j, const struct jnode *at, struct err *e)
{
	struct jnode member;
	const char *text;
	struct err why = {0};
	if (!json_get(at, "window", &member))
		return 0;
	if (json_string(&member, &text, e) < 0)
		return -1;
	return job_window(j, text, &why) < 0 ? json_bad(&member, e, "%s", why.text) : 0;
}

static int read_uids(struct job *j, const struct jnode *at, struct err *e)
{
	struct jnode list, item;
	size_t i = 0;
	if (!json_get(at, "uids", &list))
		return 0;
	if (json_array(&list, e) < 0)
		return -1;
	for (bool on = json_first(&list, &item); on && i < LEN(j->uids); on = json_next(&item), i++)
		if (json_int(&item, -1, UINT32_MAX, &j->uids[i], e) < 0)
			return -1;
	return 0;
}

static int read_values(const struct jnode *at, const char *key, struct values *out, struct err *e)
{
	struct jnode object;
	if (!json_get(at, key, &object))
		return 0;
	if (json_object(&object, e) < 0)
		return -1;
	values_from_json(out, object.value);
	return 0;
}

static int read_on_failure(struct job *j, const struct jnode *at, struct err *e)
{
	struct jnode member;
	const char *text;
	if (!json_get(at, "on_failure", &member))
		return 0;
	if (json_string(&member, &text, e) < 0)
		return -1;
	for (unsigned i = 0; on_failure_names[i]; i++)
		if (strcmp(on_failure_names[i], text) == 0) {
			j->on_failure = (enum on_failure)i;
			return 0;
		}
	return json_bad(&member, e, "expected \"hold\", \"stop\" or \"continue\"");
}

static int read_device(struct job *j, const struct jnode *at, struct err *e)
{
	const char *name;
	if (json_string(at, &name, e) < 0)
		return -1;
	size_t d = inventory_find(j->inventory, name);
	if (d == NO_DEVICE)
		return json_bad(at, e, "there is no device \"%s\"", name);
	if (job_has(j, d))
		return json_bad(at, e, "\"%s\" occurs twice", name);
	VEC_PUSH(&j->devices, d);
	return 0;
}

static int read_devices(struct job *j, const struct jnode *at, const char *file, struct err *e)
{
	struct jnode member, item;
	if (json_need(at, "inventory", &member, e) < 0)
		return -1;
	j->inventory = inventory_from_json(member.value, file, e);
	if (!j->inventory || json_need(at, "devices", &member, e) < 0 || json_array(&member, e) < 0)
		return -1;
	for (bool on = json_first(&member, &item); on; on = json_next(&item))
		if (read_device(j, &item, e) < 0)
			return -1;
	if (job_targets_read(j, at, e) < 0)
		return -1;
	if (!json_get(at, "before", &member))
		return 0;
	j->before = job_before_read(&member, j->inventory, e);
	return j->before ? 0 : -1;
}

static int read_job(struct job *j, const struct jnode *at, const char *file, struct err *e)
{
	static const char *const keys[] = {
	    "name",           "procedure", "method",       "version",    "os_image",
	    "operator",       "created",   "parameters",   "timeouts",   "inventory",
	    "devices",        "order",     "batch_size",   "role_limit", "on_failure",
	    "failure_budget", "canary",    "window",       "missing",    "kind",
	    "before",         "hold_after", "second_person", "uids",
	    "targets",        NULL};
	if (json_only(at, keys, e) < 0 || read_texts(j, at, e) < 0 || read_numbers(j, at, e) < 0 ||
	    read_values(at, "parameters", &j->parameters, e) < 0 ||
	    read_values(at, "timeouts", &j->timeouts, e) < 0 ||
	    json_opt_strings(at, "order", &j->order, e) < 0 ||
	    json_opt_strings(at, "missing", &j->missing, e) < 0 ||
	    json_opt_strings(at, "hold_after", &j->hold_after, e) < 0 ||
	    read_window(j, at, e) < 0 || read_budget(j, at, e) < 0 ||
	    read_uids(j, at, e) < 0 || read_on_failure(j, at, e) < 0)
		return -1;
	return read_devices(j, at, file, e);
}

struct job *job_from_json(const cJSON *object, const char *file, struct err *e)
{
	struct job *j = job_new();
	struct jnode at = json_root(object, file);
	if (read_job(j, &at, file, e) == 0)
		return j;
	job_free(j);
	return NULL;
}

/* --- options that are texts ------------------------------------------------------------------- */

int job_budget(struct job *j, const char *text, struct err *e)
{
	size_t digits = strspn(text, "0123456789");
	bool percent = strcmp(text + digits, "%") == 0;
	long n = digits && digits <= 6 ? strtol(text, NULL, 10) : -1;
	if ((text[digits] && !percent) || n < 1 || n > (percent ? 100 : BUDGET_MOST))
		return err_set(e, ERR_INPUT,
			       "expected 1 or more devices, or 1%% to 100%% of them, not \"%s\" "
			       "(none accepted: on-failure hold; any number: leave it out)",
			       text);
	j->failure_budget = n;
	j->failure_percent = percent;
	return 0;
}

char *job_budget_text(const struct job *j)
{
	return xasprintf("%lld%s", (long long)j->failure_budget, j->failure_percent ? "%" : "");
}

bool job_within_budget(const struct job *j, size_t failed)
{
	if (j->failure_percent)
		return failed * 100 <= j->devices.n * (size_t)j->failure_budget;
	return j->failure_budget <= 0 || failed <= (size_t)j->failure_budget;
}

int job_window(struct job *j, const char *text, struct err *e)
{
	struct windows w;
	if (windows_parse(text, &w, e) != 0)
		return -1;
	windows_release(&j->windows);
	j->windows = w;
	return 0;
}

bool job_holds_after(const struct job *j, size_t stage, const char *name)
{
	char number[24];
	snprintf(number, sizeof(number), "%zu", stage + 1);
	for (size_t i = 0; j->hold_after && j->hold_after[i]; i++)
		if (str_eq(j->hold_after[i], number) || str_eq(j->hold_after[i], name))
			return true;
	return false;
}
