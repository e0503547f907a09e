/* SPDX-License-Identifier: ISC */
/* Results of checks, waivers, and rounds of pre-checks that are repeated. */
#include "config.h"

#include "model/fold_parts.h"

#include "base/str.h"

static struct check_view *check_entry(struct fold *f, const char *name)
{
	struct jobview *v = f->view;
	for (size_t i = 0; i < v->checks.n; i++)
		if (v->checks.v[i].device == f->device && str_eq(v->checks.v[i].check, name))
			return &v->checks.v[i];
	struct check_view *c = VEC_ADD(&v->checks);
	c->device = f->device;
	fold_set(&c->check, name);
	return c;
}

int fold_check(struct fold *f)
{
	const char *name = fold_text(f, "check");
	if (!name)
		return 0;
	struct check_view *c = check_entry(f, name);
	fold_set(&c->group, fold_text(f, "group"));
	fold_set(&c->title, fold_text(f, "title"));
	fold_set(&c->status, fold_text(f, "status"));
	fold_set(&c->message, fold_text(f, "message"));
	fold_set(&c->advice, fold_text(f, "advice"));
	fold_set(&c->command, fold_text(f, "command"));
	fold_set(&c->output, fold_text(f, "output"));
	c->seq = f->record->seq;
	c->again = false;
	c->error = str_eq(fold_text(f, "severity"), "error");
	c->waivable = json_flag(f->data, "waivable");
	c->not_hitless = json_flag(f->data, "not_hitless");
	c->after = json_flag(f->data, "after");
	if (c->waived_by && (str_eq(c->status, "warning") || str_eq(c->status, "failed")))
		fold_set(&c->status, "waived");
	return 0;
}

int fold_waive(struct fold *f)
{
	struct jobview *v = f->view;
	for (size_t i = 0; i < v->checks.n; i++) {
		struct check_view *c = &v->checks.v[i];
		if (!str_eq(c->check, fold_text(f, "check")) || !c->waivable ||
		    (f->device != NO_DEVICE && c->device != f->device))
			continue;
		fold_set(&c->waived_by, fold_text(f, "who"));
		fold_set(&c->waive_reason, fold_text(f, "reason"));
		if (!str_eq(c->status, "passed") && !str_eq(c->status, "skipped"))
			fold_set(&c->status, "waived");
	}
	return 0;
}

/* These results of the pre-checks are asked for once more; names NULL: all of the device. */
static void ask_again(struct jobview *v, size_t i, const cJSON *names)
{
	struct check_view *c = &v->checks.v[i];
	const cJSON *name;
	bool listed = !names;
	cJSON_ArrayForEach(name, names)
		listed |= cJSON_IsString(name) && str_eq(name->valuestring, c->check);
	c->again |= listed && !c->after;
}

void fold_changed(struct fold *f)
{
	for (size_t i = 0; i < f->view->checks.n; i++)
		if (f->view->checks.v[i].device == f->device)
			ask_again(f->view, i, NULL);
}

/* Who speaks for the job as a whole is the first device. */
static size_t speaker(const struct jobview *v, const struct check_view *c)
{
	return c->device != NO_DEVICE || !v->tasks.n ? c->device : v->tasks.v[0].device;
}

void fold_checking(struct fold *f, enum job_state before)
{
	struct jobview *v = f->view;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(f->data, "again"), *one;
	size_t n = v->job->inventory->devices.n;
	const cJSON **names = xcalloc(n + 1, sizeof(*names));
	v->checked_again = before != JOB_NEW;
	v->checked_partly = cJSON_IsArray(list);
	v->checked_from = f->record->seq;
	cJSON_ArrayForEach(one, list) {
		size_t d = inventory_find(v->job->inventory, json_text(one, "device"));
		if (d != NO_DEVICE)
			names[d] = cJSON_GetObjectItemCaseSensitive(one, "checks");
	}
	for (size_t i = 0; i < v->checks.n; i++) {
		size_t d = speaker(v, &v->checks.v[i]);
		if (!list || (d < n && names[d]))
			ask_again(v, i, list ? names[d] : NULL);
	}
	free(names);
}
