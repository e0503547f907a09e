/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/snapshots.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "model/json.h"
#include "model/values.h"
#include "run/create.h"

#include <stdlib.h>
#include <string.h>

/* --- parts ------------------------------------------------------------------------------------ */

const struct shot_part *shot_part(const struct shot *s, const char *device, const char *element)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (str_eq(s->parts.v[i].device, device) && str_eq(s->parts.v[i].element, element))
			return &s->parts.v[i];
	return NULL;
}

static void part_release(struct shot_part *p)
{
	free(p->device), free(p->element), free(p->why);
	for (size_t i = 0; i < p->looks.n; i++)
		cJSON_Delete((cJSON *)p->looks.v[i].rows);
	VEC_RELEASE(&p->looks);
}

void shot_drop(struct shot *s, size_t part)
{
	part_release(&s->parts.v[part]);
	VEC_REMOVE(&s->parts, part);
}

void shot_release(struct shot *s)
{
	for (size_t i = 0; i < s->parts.n; i++)
		part_release(&s->parts.v[i]);
	VEC_RELEASE(&s->parts);
	free(s->name), free(s->who);
	procedure_free(s->procedure);
	jobview_free(s->view);
	*s = (struct shot){0};
}

/* --- what is not there ------------------------------------------------------------------------ */

static bool holds(const struct judge *j, const struct values *known)
{
	const struct answer none = {.status = -1, .out = "", .err = ""};
	const struct scope scope = {.layers = {known}};
	return !j || judge_ask(j, &none, &scope, NULL, NULL) == VERDICT_YES;
}

bool shot_leaves_out(const struct procedure *p, const struct collector *c,
		     const struct values *known)
{
	struct values usual = {0};
	if (holds(c->when, known))
		return false;
	values_merge(&usual, known);
	procedure_defaults(p, &usual);
	bool out = holds(c->when, &usual);
	values_release(&usual);
	return out;
}

static bool any_part(const struct shot *s, const char *device)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (str_eq(s->parts.v[i].device, device))
			return true;
	return false;
}

static bool looked(const struct jobview *v, size_t device, const char *element, const char *when)
{
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *x = &v->snapshots.v[i];
		if (x->device == device && str_eq(x->when, when) &&
		    (!element || str_eq(x->element, element)))
			return true;
	}
	return false;
}

static enum shot_gap job_gap(const struct shot *s, const struct task_view *t,
			     const struct collector *c)
{
	const struct jobview *v = s->view;
	struct values known = {0};
	diff_values(v, t, &known);
	bool out = shot_leaves_out(s->procedure, c, &known);
	values_release(&known);
	if (out)
		return GAP_LEFT_OUT;
	if (s->after && looked(v, t->device, c->element, "before"))
		return task_state_final(t->state) || job_state_final(v->state) ? GAP_MISSING
									       : GAP_AWAITED;
	return looked(v, t->device, NULL, "before") || looked(v, t->device, NULL, "after")
		   ? GAP_MISSING
		   : GAP_NOT_ASKED;
}

enum shot_gap shot_gap(const struct shot *s, const char *device, const struct collector *c)
{
	const struct shot_part *p = shot_part(s, device, c->element);
	if (!s->view)
		return p && p->left_out	    ? GAP_LEFT_OUT
		       : any_part(s, device) ? GAP_MISSING
					     : GAP_NOT_ASKED;
	for (size_t i = 0; i < s->view->tasks.n; i++)
		if (str_eq(jobview_device(s->view, s->view->tasks.v[i].device), device))
			return job_gap(s, &s->view->tasks.v[i], c);
	return GAP_NOT_ASKED;
}

/* --- of a job --------------------------------------------------------------------------------- */

static void add_looks(struct shot *s, const struct task_view *t, const struct collector *c)
{
	struct samples looks;
	diff_samples(s->view, t->device, c->element, s->after ? "after" : "before", &looks);
	if (looks.n) {
		struct shot_part *p = VEC_ADD(&s->parts);
		p->device = xstrdup(jobview_device(s->view, t->device));
		p->element = xstrdup(c->element);
		for (size_t i = 0; i < looks.n; i++) {
			struct sample own = {cJSON_Duplicate(looks.v[i].rows, true),
					     looks.v[i].wall};
			VEC_PUSH(&p->looks, own);
			s->wall = own.wall > s->wall ? own.wall : s->wall;
		}
	}
	VEC_RELEASE(&looks);
}

static int open_job(struct store *s, const char *job, struct shot *out, struct err *e)
{
	char *id = create_find(s, job, e);
	out->view = id ? create_view(s, id, e) : NULL;
	free(id);
	if (!out->view)
		return -1;
	const struct procedure *p = out->view->procedure;
	for (size_t i = 0; i < out->view->tasks.n; i++)
		for (size_t k = 0; k < p->n_collectors; k++)
			add_looks(out, &out->view->tasks.v[i], &p->collectors[k]);
	out->procedure = procedure_parse(p->text, strlen(p->text), p->id, e);
	return out->procedure ? 0 : -1;
}

/* --- by hand ---------------------------------------------------------------------------------- */

static int read_part(const cJSON *from, struct shot *out)
{
	const cJSON *look, *looks = cJSON_GetObjectItemCaseSensitive(from, "looks");
	struct shot_part *p = VEC_ADD(&out->parts);
	p->device = xstrdup(json_text(from, "device"));
	p->element = xstrdup(json_text(from, "element"));
	p->why = xstrdup(json_text(from, "why"));
	p->left_out = json_flag(from, "left_out");
	cJSON_ArrayForEach(look, looks)
	{
		const cJSON *rows = cJSON_GetObjectItemCaseSensitive(look, "rows");
		if (cJSON_IsArray(rows))
			VEC_PUSH(&p->looks, ((struct sample){cJSON_Duplicate(rows, true),
							     json_number(look, "wall", 0)}));
	}
	return p->device ? 0 : -1;
}

static int read_body(const char *name, const char *body, struct shot *out, struct err *e)
{
	cJSON *root = cJSON_Parse(body);
	const cJSON *part, *parts = cJSON_GetObjectItemCaseSensitive(root, "parts");
	const char *text = json_text(root, "procedure");
	int rc = 0;
	out->who = xstrdup(json_text(root, "who"));
	out->wall = json_number(root, "wall", 0);
	out->procedure = text ? procedure_parse(text, strlen(text), name, e) : NULL;
	cJSON_ArrayForEach(part, parts)
	{
		if (rc == 0)
			rc = read_part(part, out);
	}
	if (!text || rc != 0)
		err_set(e, ERR_CORRUPT, _("the snapshot \"%s\" is damaged"), name);
	cJSON_Delete(root);
	return out->procedure && rc == 0 ? 0 : -1;
}

static cJSON *looks_json(const struct samples *looks)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < looks->n; i++) {
		char time[32];
		cJSON *o = cJSON_CreateObject();
		clock_iso(looks->v[i].wall, time);
		json_put_text(o, "time", time);
		json_put_number(o, "wall", looks->v[i].wall);
		json_put(o, "rows", cJSON_Duplicate(looks->v[i].rows, true));
		json_append(list, o);
	}
	return list;
}

cJSON *shot_json(const struct shot *s, const char *type)
{
	char time[32];
	cJSON *o = json_object_new(type), *parts = cJSON_CreateArray();
	clock_iso(s->wall, time);
	json_put_text(o, "name", s->name);
	json_put_text(o, "who", s->who);
	json_put_text(o, "time", time);
	json_put_number(o, "wall", s->wall);
	for (size_t i = 0; i < s->parts.n; i++) {
		const struct shot_part *p = &s->parts.v[i];
		cJSON *one = cJSON_CreateObject();
		json_put_text(one, "device", p->device);
		json_put_text(one, "element", p->element);
		json_put_text(one, "why", p->why);
		if (p->left_out)
			json_put_flag(one, "left_out", true);
		json_put(one, "looks", looks_json(&p->looks));
		json_append(parts, one);
	}
	json_put(o, "parts", parts);
	return o;
}

static void count(const struct shot *shot, struct snapshot_row *row)
{
	const char *last = NULL;
	for (size_t i = 0; i < shot->parts.n; i++) {
		const struct shot_part *p = &shot->parts.v[i];
		row->elements += p->looks.n > 0;
		row->missing += p->looks.n == 0 && !p->left_out;
		row->devices += p->element && !str_eq(p->device, last);
		last = p->device;
	}
}

static bool ends_like_a_job(const char *name)
{
	const char *colon = strrchr(name, ':');
	return colon && (strcmp(colon, ":before") == 0 || strcmp(colon, ":after") == 0);
}

int shot_check_name(const char *name, struct err *e)
{
	if (!*name || strlen(name) > 100 || text_has_control(name, ""))
		return err_set(e, ERR_INPUT,
			       _("the name of a snapshot: expected one line of 1 to 100 bytes"));
	if (ends_like_a_job(name))
		return err_set(e, ERR_INPUT,
			       _("\"%s\": a name that ends in :before or :after is that of a job's "
				 "own snapshot; choose another"),
			       name);
	return 0;
}

int shot_save(struct store *s, struct shot *shot, struct err *e)
{
	if (shot_check_name(shot->name, e) != 0)
		return -1;
	struct snapshot_row row = {.name = shot->name, .who = shot->who};
	cJSON *o = shot_json(shot, "snapshot");
	json_put_text(o, "procedure", shot->procedure->text);
	char *body = json_print(o, false);
	count(shot, &row);
	int rc = store_snapshot_add(s, &row, body, e);
	free(body);
	cJSON_Delete(o);
	return rc;
}

/* --- either ----------------------------------------------------------------------------------- */

static bool split(const char *name, char **job, bool *after)
{
	const char *colon = strrchr(name, ':');
	if (!ends_like_a_job(name))
		return false;
	*job = xstrndup(name, (size_t)(colon - name));
	*after = strcmp(colon, ":after") == 0;
	return true;
}

int shot_open(struct store *s, const char *name, struct shot *out, struct err *e)
{
	char *job = NULL;
	struct err why = {0};
	*out = (struct shot){.name = xstrdup(name)};
	char *body = store_snapshot(s, name, &why);
	if (!body && why.kind != ERR_NONE)
		return err_set(e, why.kind, "%s", why.text);
	int rc = -1;
	if (body)
		rc = read_body(name, body, out, e);
	else if (split(name, &job, &out->after))
		rc = open_job(s, job, out, e);
	else
		err_set(e, ERR_INPUT,
			_("there is no snapshot \"%s\"; 'hitless snapshot list' names those taken by "
			  "hand, those of a job are JOB:before and JOB:after"),
			name);
	free(job);
	free(body);
	return rc;
}

bool shot_is_job(struct store *s, const char *name)
{
	struct err none = {0};
	char *body = store_snapshot(s, name, &none);
	char *id = body ? NULL : create_find(s, name, &none);
	bool is = id != NULL;
	free(body), free(id);
	return is;
}
