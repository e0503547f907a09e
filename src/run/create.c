/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/create.h"

#include "base/i18n.h"
#include "run/before.h"

#include "base/path.h"
#include "model/json.h"
#include "model/unit.h"
#include "model/values.h"
#include "model/version.h"
#include "plan/planner.h"

#include <stdlib.h>
#include <string.h>

/* --- checking a request ----------------------------------------------------------------------- */

static const char *near_names(const void *array, size_t n, size_t size, const char *word)
{
	const char **names = xcalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++) /* the first member of each is its name */
		names[i] = *(char *const *)((const char *)array + i * size);
	const char *near = json_nearest(word, names);
	free(names);
	return near;
}

static int unknown(struct err *e, const char *what, const char *word, const char *near)
{
	return err_set(e, ERR_INPUT, "there is no %-s \"%s\"%-s", what, word,
		       json_hint(near, (char[JSON_HINT]){0}));
}

static int check_method(const struct job *j, const struct procedure *p, struct err *e)
{
	if (!j->method || procedure_method(p, j->method))
		return 0;
	return unknown(e, M_("method"), j->method,
		       near_names(p->methods, p->n_methods, sizeof(*p->methods), j->method));
}

/* A kind of job exists in the method, and stands on the earlier job that it needs. */
static int check_kind(const struct job *j, const struct procedure *p, struct err *e)
{
	const struct method *m = procedure_method(p, j->method);
	const struct job_kind *k = procedure_kind(m, j->kind);
	if (j->kind && !k)
		return unknown(e, "kind of job", j->kind,
			       near_names(m->kinds, m->n_kinds, sizeof(*m->kinds), j->kind));
	if (k && k->follows && !k->alone && !j->before)
		return err_set(e, ERR_INPUT,
			       _("a job of kind \"%s\" goes on with an earlier one: name it "
				 "(--from-job JOB)"),
			       k->name);
	if (j->before && (!k || !k->follows))
		return err_set(e, ERR_INPUT, _("a job of kind \"%s\" goes on with no other job"),
			       k ? k->name : KIND_FULL);
	return 0;
}

/* The procedure's parameters with what the operator chose, in the procedure's order. */
static int complete_parameters(const struct job *j, const struct procedure *p, struct values *out,
			       struct err *e)
{
	procedure_defaults(p, out);
	for (size_t i = 0; i < j->parameters.n; i++) {
		const struct value *v = &j->parameters.v[i];
		const struct parameter *q = procedure_parameter(p, v->name);
		if (!q)
			return unknown(e, M_("parameter"), v->name,
				       near_names(p->parameters, p->n_parameters,
						  sizeof(*p->parameters), v->name));
		char *text = parameter_value(q, v->text, e);
		if (!text)
			return -1;
		values_set(out, v->name, text);
		free(text);
	}
	return 0;
}

static int check_timeouts(const struct job *j, const struct procedure *p, struct err *e)
{
	for (size_t i = 0; i < j->timeouts.n; i++) {
		const struct value *v = &j->timeouts.v[i];
		char *end;
		long long seconds = strtoll(v->text, &end, 10);
		if (!procedure_step(p, v->name))
			return unknown(
			    e, "step", v->name,
			    near_names(p->steps, p->n_steps, sizeof(*p->steps), v->name));
		if (!*v->text || *end || seconds < 1 || seconds > 7 * 86400)
			return err_set(e, ERR_INPUT,
				       "the time limit of step \"%s\" is 1 to 604800 seconds, not "
				       "\"%s\"",
				       v->name, v->text);
	}
	return 0;
}

static bool role_in_use(const struct job *j, const char *role)
{
	for (size_t i = 0; i < j->devices.n; i++)
		if (str_eq(j->inventory->devices.v[j->devices.v[i]].role, role))
			return true;
	return false;
}

static int check_order(const struct job *j, const struct procedure *p, struct err *e)
{
	for (size_t i = 0; j->order && j->order[i]; i++)
		if (!strings_have(p->roles, j->order[i]) && !role_in_use(j, j->order[i]))
			return unknown(e, M_("role"), j->order[i],
				       json_nearest(j->order[i], (const char *const *)p->roles));
	return plan_check_order(j, p, e);
}

static int compare_numbers(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	return x < y ? -1 : x > y;
}

char *create_whole_units(struct job *j, const struct procedure *p)
{
	struct str text = {0};
	size_t d, of;
	while ((d = unit_missing(p, j->inventory, j->devices.v, j->devices.n, &of)) != NO_DEVICE) {
		str_puts(&text, text.len ? "\n" : "");
		str_printf(&text, _("%s comes along: it is upgraded as one with %s (group %s)"),
			   j->inventory->devices.v[d].name, j->inventory->devices.v[of].name,
			   unit_of(p, j->inventory, d)->name);
		VEC_PUSH(&j->devices, d);
	}
	if (!text.len)
		return NULL;
	qsort(j->devices.v, j->devices.n, sizeof(size_t), compare_numbers);
	return str_take(&text);
}

static int check_units(const struct job *j, const struct procedure *p, struct err *e)
{
	size_t of, d = unit_missing(p, j->inventory, j->devices.v, j->devices.n, &of);
	if (d == NO_DEVICE)
		return 0;
	return err_set(e, ERR_INPUT,
		       "%s and %s are upgraded as one (group %s): choose both, or none",
		       j->inventory->devices.v[of].name, j->inventory->devices.v[d].name,
		       unit_of(p, j->inventory, d)->name);
}

static int check_devices(const struct job *j, const struct procedure *p, struct err *e)
{
	if (!j->devices.n)
		return err_set(e, ERR_INPUT, "no device is chosen");
	for (size_t i = 0; i < j->devices.n; i++) {
		const struct device *d = &j->inventory->devices.v[j->devices.v[i]];
		if (!strings_have(p->platforms, d->platform))
			return err_set(e, ERR_INPUT,
				       "%s is of platform \"%s\", which procedure \"%s\" does not "
				       "know",
				       d->name, d->platform ? d->platform : "", p->id);
		if (d->anchor)
			return err_set(e, ERR_INPUT,
				       "%s is an anchor of the fabric: anchors are "
				       "not upgraded",
				       d->name);
	}
	return check_units(j, p, e);
}

static int check_numbers(const struct job *j, struct err *e)
{
	if (j->batch_size < 1 || j->batch_size > 100000)
		return err_set(e, ERR_INPUT, "a batch has 1 to 100000 devices");
	if (j->role_limit < 0 || j->failure_budget < 0)
		return err_set(e, ERR_INPUT, "a limit is no negative number");
	return 0;
}

int create_check(struct job *j, const struct procedure *p, struct err *e)
{
	struct values parameters = {0};
	if (job_check_name(j->name ? j->name : "", e) != 0)
		return -1;
	if (!j->version || !version_valid(j->version))
		return err_set(e, ERR_INPUT,
			       "\"%s\" is no version: a digit first, then letters, "
			       "digits and . _ + ~ -",
			       j->version ? j->version : "");
	if (check_devices(j, p, e) != 0 || check_method(j, p, e) != 0 || check_kind(j, p, e) != 0 ||
	    check_order(j, p, e) != 0 || check_timeouts(j, p, e) != 0 || check_numbers(j, e) != 0 ||
	    windows_to_come(&j->windows, j->created, e) != 0)
		return -1;
	if (complete_parameters(j, p, &parameters, e) != 0) {
		values_release(&parameters);
		return -1;
	}
	values_release(&j->parameters);
	j->parameters = parameters;
	if (!j->method)
		j->method = xstrdup(procedure_method(p, NULL)->name);
	free(j->procedure);
	j->procedure = xstrdup(p->id);
	return 0;
}

/* --- attempts --------------------------------------------------------------------------------- */

static const char *find_row(const struct job_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->v[i].name, name) == 0)
			return rows->v[i].id;
	return NULL;
}

/* What a superseded job of this name is called: new. */
static char *name_of_superseded(const struct job_rows *rows, const char *name)
{
	for (int n = 1;; n++) {
		char *word = xasprintf("%s (%d)", name, n);
		if (!find_row(rows, word))
			return word;
		free(word);
	}
}

char *create_find(struct store *s, const char *name_or_id, struct err *e)
{
	return store_job_find(s, name_or_id, e);
}

void create_name(struct store *s, const char *id, struct jobview *v)
{
	char *name = v->job ? store_job_name(s, id) : NULL;
	bool other = name && !str_eq(name, v->job->name);
	if (other) {
		free(v->job->name);
		v->job->name = name;
	} else {
		free(name);
	}
	v->superseded = (v->superseded || other) && !v->started;
}

static int fold(void *ctx, const struct record *r, struct err *e)
{
	return jobview_apply(ctx, r, e);
}

struct jobview *create_view(struct store *s, const char *id, struct err *e)
{
	struct jobview *v = jobview_new();
	int rc = store_read(s, id, 0, 0, fold, v, e);
	if (rc == 0 && !v->job)
		rc = err_set(e, ERR_INPUT,
			     "the journal of job %s is empty: it was never made "
			     "completely",
			     id);
	if (rc == 0) {
		create_name(s, id, v);
		return v;
	}
	jobview_free(v);
	return NULL;
}

/* What makes two requests the same: all but who asked and when. */
static char *essence(const struct job *j)
{
	cJSON *object = job_to_json(j);
	cJSON_DeleteItemFromObjectCaseSensitive(object, "created");
	cJSON_DeleteItemFromObjectCaseSensitive(object, "operator");
	char *text = json_print(object, false);
	cJSON_Delete(object);
	return text;
}

bool create_same(const struct jobview *v, const struct job *j, const struct procedure *p)
{
	char *a = essence(v->job), *b = essence(j);
	bool same = strcmp(a, b) == 0 && str_eq(v->procedure->text, p->text) && !v->plan_given;
	free(a);
	free(b);
	return same;
}

enum earlier { EARLIER_NONE, EARLIER_SAME, EARLIER_OTHER };

/* What the latest attempt means for this one; -1 and e when the name is taken. */
static int judge_earlier(struct store *s, const char *id, const struct job *j,
			 const struct procedure *p, bool plan, struct err *e)
{
	struct err why = {0};
	if (!id || store_last(s, id) == 0)
		return id ? EARLIER_OTHER : EARLIER_NONE;
	struct jobview *v = create_view(s, id, &why);
	if (!v)
		return EARLIER_OTHER; /* unreadable: it is kept under another name */
	int result = EARLIER_OTHER;
	if (v->started)
		result = err_set(e, ERR_INPUT,
				 "there is a job \"%s\" already (%s); choose another "
				 "name",
				 j->name, job_state_name(v->state));
	else if (v->state == JOB_CHECKING && store_job_running(s, id))
		result = err_set(e, ERR_LOCKED,
				 "the pre-checks of job \"%s\" are running now; "
				 "'hitless attach' shows them",
				 j->name);
	else if (!plan && v->state != JOB_CANCELLED && create_same(v, j, p))
		result = EARLIER_SAME;
	jobview_free(v);
	return result;
}

/* --- writing it down -------------------------------------------------------------------------- */

static struct record *plan_record(const struct job *j, const struct plan *plan)
{
	struct record *r = record_new(RECORD_PLAN, NULL, NULL);
	record_json(r, "plan", plan_to_json(plan, j->inventory));
	return record_flag(r, "given", true);
}

static int write_records(struct store *s, const char *id, const struct job *j,
			 const struct procedure *p, const struct plan *plan, struct err *e)
{
	struct record_list list = {0};
	VEC_PUSH(&list, record_new(RECORD_JOB, NULL, NULL));
	record_json(list.v[0], "job", job_to_json(j));
	record_text(list.v[0], "procedure", p->text);
	if (plan)
		VEC_PUSH(&list, plan_record(j, plan));
	int rc = before_keep_files(s, id, j, e);
	if (rc == 0)
		rc = before_snapshots(s, j, p, &list, e);
	if (rc == 0)
		rc = store_append(s, id, 0, list.v, list.n, e);
	for (size_t i = 0; i < list.n; i++)
		record_free(list.v[i]);
	VEC_RELEASE(&list);
	return rc;
}

/* before: id of the one that is superseded; NULL: none. */
static int write_job(struct store *s, const struct job *j, const struct procedure *p,
		     const struct plan *plan, const char *before, const char *renamed, char **id,
		     struct err *e)
{
	if (store_job_instead(s, j->name, before, renamed, id, e) != 0)
		return -1;
	if (write_records(s, *id, j, p, plan, e) == 0)
		return 0;
	free(*id);
	*id = NULL;
	return -1;
}

int create_job(struct store *s, const struct job *j, const struct procedure *p,
	       const struct plan *plan, char **id, bool *again, struct err *e)
{
	struct job_rows rows = {0};
	const char *old = NULL;
	*id = NULL;
	*again = false;
	if (store_jobs(s, &rows, e) != 0)
		return -1;
	old = find_row(&rows, j->name);
	char *renamed = name_of_superseded(&rows, j->name);
	int earlier = judge_earlier(s, old, j, p, plan != NULL, e);
	int rc = earlier < 0 ? -1 : 0;
	if (earlier == EARLIER_SAME) {
		*id = xstrdup(old);
		*again = true;
	} else if (rc == 0) {
		rc = write_job(s, j, p, plan, old, renamed, id, e);
	}
	free(renamed);
	job_rows_release(&rows);
	return rc;
}
