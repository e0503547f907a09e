/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/plan_file.h"

#include "model/json.h"
#include "run/planning.h"

#include <stdlib.h>
#include <string.h>


void plan_file_release(struct plan_file *f)
{
	cJSON_Delete(f->tree);
	job_free(f->job);
	plan_free(f->plan);
	*f = (struct plan_file){0};
}

/* --- reading ---------------------------------------------------------------------------------- */

static int check_head(struct cli *c, const struct plan_file *f)
{
	struct jnode root = json_root(f->tree, f->path), at;
	const char *text;
	int64_t format;
	if (json_object(&root, &c->e) != 0 || json_need(&root, "format", &at, &c->e) != 0 ||
	    json_int(&at, 1, 1, &format, &c->e) != 0 ||
	    json_need(&root, "type", &at, &c->e) != 0 || json_string(&at, &text, &c->e) != 0)
		return -1;
	if (strcmp(text, PLANNING_TYPE) != 0)
		return json_bad(&at, &c->e, "expected \"%s\": this is no plan", PLANNING_TYPE);
	if (json_need(&root, "inventory", &at, &c->e) != 0 ||
	    json_string(&at, &text, &c->e) != 0 ||
	    json_need(&root, "request", &at, &c->e) != 0)
		return -1;
	struct jnode devices, version;
	if (json_object(&at, &c->e) != 0 || json_need(&at, "devices", &devices, &c->e) != 0 ||
	    json_array(&devices, &c->e) != 0)
		return -1;
	return json_need(&at, "version", &version, &c->e);
}

int plan_file_read(struct cli *c, struct plan_file *f)
{
	*f = (struct plan_file){.path = cli_option(c, "--plan")};
	if (!f->path)
		return 0;
	f->tree = json_load(f->path, &c->e);
	return f->tree ? check_head(c, f) : -1;
}

/* Take the names that nobody knows out of the request; NULL-ended, new, NULL: there are none. */
static char **take_unknown(cJSON *devices, const struct inventory *inv)
{
	VEC(char *) list = {0};
	for (cJSON *at = devices->child, *next; at; at = next) {
		next = at->next;
		if (!cJSON_IsString(at) || inventory_find(inv, at->valuestring) != NO_DEVICE)
			continue;
		VEC_PUSH(&list, xstrdup(at->valuestring));
		cJSON_Delete(cJSON_DetachItemViaPointer(devices, at));
	}
	if (list.n)
		VEC_PUSH(&list, NULL);
	return list.v;
}

static int read_request(struct cli *c, struct plan_file *f, const struct inventory *inv,
			cJSON *request)
{
	char **unknown =
	    take_unknown(cJSON_GetObjectItemCaseSensitive(request, "devices"), inv);
	char *where = xasprintf("%s: request", f->path);
	f->named = json_text(request, "name") != NULL;
	if (!f->named)
		json_put_text(request, "name", PLANNING_TYPE); /* until somebody gives it one */
	json_put(request, "inventory", inventory_to_json(inv));
	f->job = job_from_json(request, where, &c->e);
	free(where);
	if (!f->job || !unknown) {
		strings_free(unknown);
		return f->job ? 0 : -1;
	}
	strings_free(f->job->missing);
	f->job->missing = unknown;
	if (f->job->devices.n)
		return 0;
	return err_set(&c->e, ERR_INPUT, "%s: no device is called \"%s\"", f->path, unknown[0]);
}

/* All devices go to the version that the request names. */
static int check_version(struct cli *c, const struct plan_file *f)
{
	for (size_t i = 0; i < f->plan->devices.n; i++) {
		const struct plan_device *d = &f->plan->devices.v[i];
		const char *to = job_version(f->job, d->device);
		if (!str_eq(d->to, to))
			return err_set(&c->e, ERR_INPUT,
				       "%s: the request is for version \"%s\", but %s is planned "
				       "to go to \"%s\"",
				       f->path, to ? to : "",
				       f->job->inventory->devices.v[d->device].name,
				       d->to ? d->to : "");
	}
	return 0;
}

int plan_file_resolve(struct cli *c, struct plan_file *f, const struct inventory *inv)
{
	char fingerprint[17];
	cJSON *request = cJSON_DetachItemFromObjectCaseSensitive(f->tree, "request");
	cJSON *made_with = cJSON_DetachItemFromObjectCaseSensitive(f->tree, "inventory");
	int rc = read_request(c, f, inv, request);
	inventory_fingerprint(inv, fingerprint);
	cJSON_DeleteItemFromObjectCaseSensitive(f->tree, "format");
	cJSON_DeleteItemFromObjectCaseSensitive(f->tree, "type");
	cJSON_DeleteItemFromObjectCaseSensitive(f->tree,
						"words"); /* for people: made, never read */
	if (rc == 0 && !f->job->missing && strcmp(made_with->valuestring, fingerprint) != 0)
		rc = err_set(&c->e, ERR_INPUT,
			     "%s: the inventory has changed since this plan was made (%s then, "
			     "%s now); make the plan again",
			     f->path, made_with->valuestring, fingerprint);
	if (rc == 0 && !f->job->missing) {
		f->plan = plan_from_json(f->tree, f->job->inventory, f->path, &c->e);
		rc = f->plan ? check_version(c, f) : -1;
	}
	cJSON_Delete(request);
	cJSON_Delete(made_with);
	return rc;
}

/* --- options beside the file ------------------------------------------------------------------ */

static const struct {
	const char *option, *member;
} settings[] = {
    {"--name", "name"},
    {"--to", "version"},
    {"--hosts", "devices"},
    {"--role", "devices"},
    {"--procedure", "procedure"},
    {"--method", "method"},
    {"--image", "os_image"},
    {"--image", "targets"},
    {"--order", "order"},
    {"--batch-size", "batch_size"},
    {"--role-limit", "role_limit"},
    {"--canary", "canary"},
    {"--on-failure", "on_failure"},
    {"--failure-budget", "failure_budget"},
    {"--window", "window"},
    {"--only", "kind"},
    {"--hold-after", "hold_after"},
    {"--require-confirm", "second_person"},
};

/* For people: a list with commas. */
static char *setting_text(const cJSON *request, const char *member)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(request, member), *at;
	struct str text = {0};
	if (!value)
		return xstrdup(_("none"));
	if (!cJSON_IsArray(value))
		return json_leaf(value);
	cJSON_ArrayForEach(at, value)
	    str_printf(&text, "%s%s", at == value->child ? "" : ",", at->valuestring);
	return str_take(&text);
}

static int differ(struct cli *c, const struct plan_file *f, const char *option, const char *given,
		  const char *planned)
{
	return err_set(&c->e, ERR_INPUT,
		       "%s says \"%s\", the plan %s says \"%s\"; leave the option away, or make "
		       "the plan again",
		       option, given, f->path, planned);
}

static int agree_settings(struct cli *c, const struct plan_file *f, const struct job *asked)
{
	cJSON *given = job_to_json(asked), *planned = job_to_json(f->job);
	int rc = 0;
	for (size_t i = 0; i < LEN(settings) && rc == 0; i++) {
		const char *option = settings[i].option;
		if (!cli_flag(c, option) || (strcmp(option, "--name") == 0 && !f->named))
			continue;
		char *a = setting_text(given, settings[i].member);
		char *b = setting_text(planned, settings[i].member);
		if (strcmp(a, b) != 0)
			rc = differ(c, f, option, a, b);
		free(a);
		free(b);
	}
	cJSON_Delete(given);
	cJSON_Delete(planned);
	return rc;
}

static int agree_pairs(struct cli *c, const struct plan_file *f, const char *option,
		       const struct values *asked, const struct values *planned)
{
	size_t at = 0;
	const char *pair;
	int rc = 0;
	while (rc == 0 && (pair = cli_next(c, option, &at))) {
		char *name = xstrndup(pair, strcspn(pair, "="));
		const char *a = values_get(asked, name), *b = values_get(planned, name);
		if (!str_eq(a, b)) {
			char *word = xasprintf("%s %s", option, name);
			rc = differ(c, f, word, a ? a : "", b ? b : _("none"));
			free(word);
		}
		free(name);
	}
	return rc;
}

int plan_file_agree(struct cli *c, const struct plan_file *f, const struct job *asked)
{
	if (agree_settings(c, f, asked) != 0 ||
	    agree_pairs(c, f, "--set", &asked->parameters, &f->job->parameters) != 0)
		return -1;
	return agree_pairs(c, f, "--timeout", &asked->timeouts, &f->job->timeouts);
}
