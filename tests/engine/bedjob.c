/* SPDX-License-Identifier: ISC */
/* What a bed's job is made of: a fabric, the procedure, what is asked for. */
#include "config.h"

#include "tests/engine/bed.h"

#include "base/path.h"
#include "model/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const reference[] = {"spine01 spine",
					"spine02 spine",
					"spine03 spine",
					"spine04 spine",
					"leaf01 leaf",
					"leaf02 leaf",
					"leaf03 leaf",
					"leaf04 leaf",
					"border01 exit",
					"border02 exit",
					"fw1",
					"fw2",
					NULL};
static const char *const pair[] = {"spine01 spine", "spine02 spine", "leaf01 leaf", "leaf02 leaf",
				   NULL};
static const char *const one[] = {"leaf01 leaf", NULL};
static const char *const trio[] = {"spine01 spine", "spine02 spine", "leaf01 leaf",
				   "leaf02 leaf",   "leaf03 leaf",   NULL};
static const char *const *const fabrics[] = {reference, pair, one, trio};
static const char *const pairs[] = {"leaf01 leaf02", "leaf03 leaf04", "border01 border02", NULL};
static const char *const three[] = {"leaf01 leaf02 leaf03", NULL};

static bool starts_with(const char *name, const char *word)
{
	return strncmp(name, word, strlen(word)) == 0;
}

static void add_link(cJSON *links, const char *a, const char *b, int port)
{
	char text[1100];
	cJSON *l = cJSON_CreateArray();
	snprintf(text, sizeof(text), "%s:p%d", a, port);
	cJSON_AddItemToArray(l, cJSON_CreateString(text));
	snprintf(text, sizeof(text), "%s:p%d", b, port + 50);
	cJSON_AddItemToArray(l, cJSON_CreateString(text));
	cJSON_AddItemToArray(links, l);
}

static bool linked(const char *a, const char *b)
{
	bool up = starts_with(a, "spine") && (starts_with(b, "leaf") || starts_with(b, "border"));
	bool out = starts_with(a, "border") && starts_with(b, "fw");
	return up || out;
}

static void add_group(cJSON *list, const char *words)
{
	char name[3][32];
	int n = sscanf(words, "%31s %31s %31s", name[0], name[1], name[2]);
	cJSON *g = cJSON_CreateObject(), *m = cJSON_AddArrayToObject(g, "members");
	cJSON_AddStringToObject(g, "name", name[0]);
	cJSON_AddStringToObject(g, "kind", "pair");
	for (int i = 0; i < n; i++)
		cJSON_AddItemToArray(m, cJSON_CreateString(name[i]));
	cJSON_AddItemToArray(list, g);
}

static cJSON *make_inventory(const char *const *names, const char *const *groups)
{
	cJSON *root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "format", 1);
	cJSON *devices = cJSON_AddArrayToObject(root, "devices");
	cJSON *list = cJSON_AddArrayToObject(root, "groups"),
	      *links = cJSON_AddArrayToObject(root, "links");
	char name[32][32];
	int n = 0, port = 1;
	for (; names[n]; n++) {
		char role[32] = "", address[32];
		sscanf(names[n], "%31s %31s", name[n], role);
		snprintf(address, sizeof(address), "192.0.2.%d", n + 1);
		cJSON *d = cJSON_CreateObject();
		cJSON_AddStringToObject(d, "name", name[n]);
		cJSON_AddStringToObject(d, "address", address);
		cJSON_AddStringToObject(d, "platform", "test");
		if (*role)
			cJSON_AddStringToObject(d, "role", role);
		cJSON_AddItemToArray(devices, d);
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			if (linked(name[i], name[k]))
				add_link(links, name[i], name[k], port++);
	for (int i = 0; groups && groups[i]; i++) {
		const char *last = strrchr(groups[i], ' ') + 1;
		for (int k = 0; k < n; k++)
			if (strcmp(name[k], last) == 0)
				add_group(list, groups[i]);
	}
	return root;
}

struct inventory *bed_inventory(const struct bed_options *o, bool with_groups)
{
	struct err e = {0};
	const char *const *groups = o->fabric == BED_TRIO ? three : pairs;
	cJSON *json = make_inventory(fabrics[o->fabric], with_groups ? groups : NULL);
	struct inventory *inv = inventory_from_json(json, "test", &e);
	cJSON_Delete(json);
	if (!inv)
		fprintf(stderr, "inventory: %s\n", e.text);
	return inv;
}

static void replace(char **text, const char *from, const char *to)
{
	char *at = strstr(*text, from);
	if (!at) {
		fprintf(stderr, "the procedure has no text \"%s\"\n", from);
		exit(99);
	}
	char *out = xasprintf("%.*s%s%s", (int)(at - *text), *text, to, at + strlen(from));
	free(*text);
	*text = out;
}

static void leave_out(cJSON *checks)
{
	static const char *const names[] = {"path",        "same",  "key-unknown", "key-changed",
					    "credentials", "known", "busy",        "jobs",
					    "before",      "pair",  "space",       "named"};
	for (int i = cJSON_GetArraySize(checks); i-- > 0;) {
		const char *name = json_text(cJSON_GetArrayItem(checks, i), "name");
		for (size_t k = 0; k < LEN(names); k++)
			if (str_eq(name, names[k])) {
				cJSON_DeleteItemFromArray(checks, i);
				break;
			}
	}
}

/* As in the file, without its white space. */
static char *read_procedure(bool few_checks)
{
	const char *named = getenv("top_srcdir"), *top = named ? named : getenv("srcdir");
	char *path = xasprintf("%s/tests/engine/scripted.json", top ? top : ".");
	struct str text = {0};
	struct err e = {0};
	cJSON *json = NULL;
	if (path_read(path, (size_t)4 << 20, &text, &e) == 0)
		json = cJSON_Parse(str_text(&text));
	if (!json) {
		fprintf(stderr, "%s: %s\n", path, e.text);
		exit(99);
	}
	if (few_checks)
		leave_out(cJSON_GetObjectItemCaseSensitive(json, "checks"));
	char *out = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	str_release(&text);
	free(path);
	return out;
}

static char *procedure_text(const struct bed_options *o)
{
	static char *kept[2];
	if (!kept[o->few_checks])
		kept[o->few_checks] = read_procedure(o->few_checks);
	char *text = xstrdup(kept[o->few_checks]);
	for (size_t i = 0; i + 1 < LEN(o->edit) && o->edit[i]; i += 2)
		replace(&text, o->edit[i], o->edit[i + 1]);
	return text;
}

static void settings(struct values *into, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n && list[i]; i++) {
		const char *eq = strchr(list[i], '=');
		char *name = xstrndup(list[i], (size_t)(eq - list[i]));
		values_set(into, name, eq + 1);
		free(name);
	}
}

static void set_window(struct job *j, int64_t start, int64_t end)
{
	char *text = xasprintf("%02d:%02d-%02d:%02d", (int)(start / 60), (int)(start % 60),
			       (int)(end / 60), (int)(end % 60));
	if (job_window(j, text, NULL) != 0)
		abort();
	free(text);
}

static struct job *make_job(struct bed *b, const struct procedure *p)
{
	struct job *j = job_new();
	enum mutant m = b->o.mutant;
	j->name = xstrdup("bed");
	j->procedure = xstrdup(p->id);
	j->method = xstrdup(b->o.method ? b->o.method : p->methods[0].name);
	j->version = xstrdup(BED_TO);
	j->operator= xstrdup("tester");
	j->inventory = bed_inventory(&b->o, m != MUTANT_GROUPS_UNKNOWN);
	for (size_t i = 0; i < j->inventory->devices.n; i++)
		VEC_PUSH(&j->devices, i);
	procedure_defaults(p, &j->parameters);
	settings(&j->parameters, b->o.parameters, LEN(b->o.parameters));
	settings(&j->timeouts, b->o.timeouts, LEN(b->o.timeouts));
	j->on_failure = m == MUTANT_GO_ON ? ON_FAILURE_GO_ON : b->o.on_failure;
	j->failure_budget = b->o.budget;
	j->batch_size = m == MUTANT_BATCH ? 12 : b->o.batch_size > 0 ? b->o.batch_size : 4;
	j->role_limit = m == MUTANT_ROLE_UNLIMITED ? 12 : b->o.role_limit;
	j->canary = b->o.canary;
	if (b->o.hold_after[0])
		j->hold_after = xcalloc(LEN(b->o.hold_after) + 1, sizeof(char *));
	for (size_t i = 0; b->o.hold_after[i]; i++)
		j->hold_after[i] = xstrdup(b->o.hold_after[i]);
	j->second_person = b->o.second_person;
	if (b->o.window_start || b->o.window_end)
		set_window(j, b->o.window_start, b->o.window_end);
	return j;
}

int bed_make_job(struct bed *b, struct err *e)
{
	char *text = procedure_text(&b->o);
	struct procedure *p = procedure_parse(text, strlen(text), "scripted.json", e);
	int rc = -1;
	if (p) {
		struct job *j = make_job(b, p);
		struct record *r = record_new(RECORD_JOB, NULL, NULL);
		record_json(r, "job", job_to_json(j));
		record_text(r, "procedure", text);
		rc = store_job_new(b->store, "bed", &b->job, e);
		if (rc == 0)
			rc = store_append(b->store, b->job, 0, &r, 1, e);
		record_free(r);
		job_free(j);
	}
	procedure_free(p);
	free(text);
	return rc;
}
