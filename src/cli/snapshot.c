/* SPDX-License-Identifier: ISC */
/* snapshot list, show, compare, delete. */
#include "config.h"

#include "cli/cli.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/values.h"
#include "run/compare.h"

#include <stdlib.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------- */

/* Elements and the time of the last look. */
static size_t side_of(const struct jobview *v, const char *when, int64_t *wall)
{
	size_t n = 0;
	*wall = 0;
	for (size_t i = 0; i < v->snapshots.n; i++) {
		const struct snapshot_view *s = &v->snapshots.v[i];
		bool again = false;
		if (!str_eq(s->when, when))
			continue;
		for (size_t k = 0; k < i && !again; k++)
			again = v->snapshots.v[k].device == s->device &&
				str_eq(v->snapshots.v[k].when, when) &&
				str_eq(v->snapshots.v[k].element, s->element);
		n += !again;
		*wall = s->wall > *wall ? s->wall : *wall;
	}
	return n;
}

static void add_job_side(const struct jobview *v, const char *when, cJSON *list, struct table *t)
{
	char *name = xasprintf("%s:%s", v->job->name, when), time[32];
	int64_t wall;
	size_t n = side_of(v, when, &wall);
	if (n) {
		cJSON *o = cJSON_CreateObject();
		clock_iso(wall, time);
		json_put_text(o, "name", name);
		json_put_text(o, "kind", "job");
		json_put_text(o, "time", time);
		json_put_text(o, "who", v->job->operator);
		json_put_number(o, "elements", (int64_t)n);
		json_append(list, o);
		clock_local(wall, time);
		table_cell(t, name);
		table_cell(t, time);
		table_cell(t, v->job->operator);
		table_cellf(t, "%zu", n);
		table_cellf(t, "%zu",
			    str_eq(when, "after") ? diff_missing_count(v, DIFF_DUE_OVER) : (size_t)0);
	}
	free(name);
}

static int put_jobs(struct cli *c, cJSON *list, struct table *t)
{
	struct job_rows jobs = {0};
	int rc = store_jobs(c->store, &jobs, &c->e);
	for (size_t i = 0; rc == 0 && i < jobs.n; i++) {
		struct jobview *v = cli_view(c, jobs.v[i].id);
		rc = v ? 0 : -1;
		if (v && v->job) {
			add_job_side(v, "before", list, t);
			add_job_side(v, "after", list, t);
		}
		jobview_free(v);
	}
	job_rows_release(&jobs);
	return rc;
}

static int put_own(struct cli *c, cJSON *list, struct table *t)
{
	struct snapshot_list own;
	int rc = store_snapshots(c->store, &own, &c->e);
	for (size_t i = 0; rc == 0 && i < own.n; i++) {
		const struct snapshot_row *r = &own.v[i];
		char time[32];
		cJSON *o = cJSON_CreateObject();
		clock_iso(r->created, time);
		json_put_text(o, "name", r->name);
		json_put_text(o, "kind", "by-hand");
		json_put_text(o, "time", time);
		json_put_text(o, "who", r->who);
		json_put_number(o, "devices", r->devices);
		json_put_number(o, "elements", r->elements);
		json_put_number(o, "missing", r->missing);
		json_append(list, o);
		clock_local(r->created, time);
		table_cell(t, r->name);
		table_cell(t, time);
		table_cell(t, r->who);
		table_cellf(t, "%lld", (long long)r->elements);
		table_cellf(t, "%lld", (long long)r->missing);
	}
	snapshot_list_release(&own);
	return rc;
}

static int snapshot_list(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"), N_("TAKEN"), N_("BY"), N_("ELEMENTS"),
					     N_("MISSING")};
	struct table t;
	cJSON *list = cJSON_CreateArray();
	struct str text = {0};
	table_head(&t, LEN(titles), titles);
	int rc = cli_store(c) ? put_own(c, list, &t) : -1;
	if (rc == 0)
		rc = put_jobs(c, list, &t);
	bool any = cJSON_GetArraySize(list) > 0;
	table_text(&t, &text);
	if (rc == 0 && c->json) {
		put_list(list, "snapshots");
	} else {
		cJSON_Delete(list);
		if (rc == 0 && any)
			fputs(str_text(&text), stdout);
		else if (rc == 0)
			tell(c, _("There are no snapshots yet: 'hitless snapshot take'."));
	}
	str_release(&text);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

/* --- show ------------------------------------------------------------------------------------- */

/* The values of an option that may be given again or hold a list: NULL-ended, new; NULL: all. */
static char **values_of(struct cli *c, const char *option)
{
	VEC(char *) list = {0};
	size_t at = 0;
	const char *text;
	while ((text = cli_next(c, option, &at))) {
		size_t n;
		char **parts = str_split(text, ",", &n);
		for (size_t i = 0; i < n; i++)
			VEC_PUSH(&list, xstrdup(parts[i]));
		free(parts);
	}
	if (list.n)
		VEC_PUSH(&list, NULL);
	return list.v;
}

static bool among(char *const *list, const char *name)
{
	for (size_t i = 0; list && list[i]; i++)
		if (str_eq(list[i], name))
			return true;
	return !list;
}

/* The case of letters is nobody's to remember. */
static bool has_element(char *const *list, const char *name)
{
	for (size_t i = 0; list && list[i]; i++)
		if (name && strcasecmp(list[i], name) == 0)
			return true;
	return !list;
}

static void show_part(const struct shot_part *p)
{
	struct str out = {0};
	const cJSON *row, *field, *rows;
	const struct sample *last = p->looks.n ? &p->looks.v[p->looks.n - 1] : NULL;
	rows = last ? last->rows : NULL;
	if (p->left_out)
		utf8_line(&out, _("%s  %s  left out"), p->device, p->element);
	else if (!last)
		utf8_line(&out, _("%s  %s  MISSING: %s"), p->device, p->element ? p->element : "-",
			  p->why ? p->why : "?");
	else
		utf8_line(&out, "%s  %s  %d", p->device, p->element,
			  cJSON_GetArraySize(last->rows));
	cJSON_ArrayForEach(row, rows)
	{
		struct str line = {0};
		cJSON_ArrayForEach(field, row) str_printf(&line, "%s%s: %s", line.len ? ", " : "",
							  field->string,
							  cJSON_GetStringValue(field));
		utf8_line(&out, "    %s", str_text(&line));
		str_release(&line);
	}
	fputs(str_text(&out), stdout);
	str_release(&out);
}

static int snapshot_show(struct cli *c)
{
	struct shot s = {0};
	char **hosts = values_of(c, "--hosts"), **elements = values_of(c, "--element");
	int rc = cli_store(c) ? shot_open(c->store, c->args[0], &s, &c->e) : -1;
	for (size_t i = s.parts.n; rc == 0 && i-- > 0;)
		if (!among(hosts, s.parts.v[i].device) || !has_element(elements, s.parts.v[i].element))
			shot_drop(&s, i);
	if (rc == 0 && c->json)
		put_json(shot_json(&s, "snapshot"), true);
	for (size_t i = 0; rc == 0 && !c->json && i < s.parts.n; i++)
		show_part(&s.parts.v[i]);
	shot_release(&s);
	strings_free(hosts), strings_free(elements);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

/* --- compare ---------------------------------------------------------------------------------- */

static int read_classes(struct cli *c, bool *classes, bool *given)
{
	char **names = values_of(c, "--class");
	int rc = 0;
	*given = names != NULL;
	for (size_t i = 0; names && names[i] && rc == 0; i++) {
		int class = 0;
		while (class < DIFF_CLASSES && !str_eq(diff_class_names[class], names[i]))
			class++;
		if (class < DIFF_CLASSES)
			classes[class] = true;
		else
			rc = err_set(&c->e, ERR_INPUT,
				     _("--class: expected real, expected, healed or noise, not "
				       "\"%s\""),
				     names[i]);
	}
	strings_free(names);
	return rc;
}

/* Names that occur nowhere are a mistake, not a filter. */
static int check_filter(struct cli *c, const struct compare_filter *f, const struct shot *a,
			const struct shot *b)
{
	if (!a->parts.n && !b->parts.n)
		return err_set(&c->e, ERR_INPUT,
			       _("there is nothing to compare: %s and %s hold no snapshot of any "
				 "device"),
			       a->name, b->name);
	for (size_t i = 0; f->devices && f->devices[i]; i++) {
		bool known = false;
		for (size_t k = 0; k < a->parts.n; k++)
			known |= str_eq(a->parts.v[k].device, f->devices[i]);
		for (size_t k = 0; k < b->parts.n; k++)
			known |= str_eq(b->parts.v[k].device, f->devices[i]);
		if (!known)
			return err_set(&c->e, ERR_INPUT, _("neither snapshot has a device \"%s\""),
				       f->devices[i]);
	}
	for (size_t i = 0; f->elements && f->elements[i]; i++) {
		bool known = false;
		for (size_t k = 0; k < b->procedure->n_collectors; k++)
			known |= strcasecmp(b->procedure->collectors[k].element,
					    f->elements[i]) == 0;
		if (!known)
			return err_set(&c->e, ERR_INPUT, _("there is no element \"%s\""),
				       f->elements[i]);
	}
	return 0;
}

static cJSON *side_json(const struct shot *s)
{
	char time[32];
	cJSON *o = cJSON_CreateObject();
	clock_iso(s->wall, time);
	json_put_text(o, "name", s->name);
	json_put_text(o, "time", time);
	json_put_number(o, "parts", (int64_t)s->parts.n);
	return o;
}

static int put_comparison(struct cli *c, const struct compare_filter *f, const struct shot *a,
			  const struct shot *b)
{
	struct comparison k;
	struct str text = {0};
	compare_shots(a, b, f, &k);
	int status = compare_status(&k);
	if (c->json) {
		cJSON *o = json_object_new("comparison");
		json_put(o, "before", side_json(a));
		json_put(o, "after", side_json(b));
		compare_json(&k, f, o);
		json_put_number(o, "exit", status);
		put_json(o, false);
	} else {
		compare_text(&k, f, cli_flag(c, "--all"), &text);
		fputs(str_text(&text), stdout);
	}
	str_release(&text);
	comparison_release(&k);
	return status;
}

static int open_both(struct cli *c, struct shot *a, struct shot *b)
{
	char *one = NULL, *two = NULL;
	if (!cli_store(c))
		return -1;
	if (c->n_args == 1) {
		if (!shot_is_job(c->store, c->args[0]))
			return err_set(&c->e, ERR_INPUT,
				       _("there is no job \"%s\": give a job, or two snapshots"),
				       c->args[0]);
		one = xasprintf("%s:before", c->args[0]);
		two = xasprintf("%s:after", c->args[0]);
	}
	int rc = shot_open(c->store, one ? one : c->args[0], a, &c->e);
	if (rc == 0)
		rc = shot_open(c->store, two ? two : c->args[1], b, &c->e);
	free(one), free(two);
	return rc;
}

static int snapshot_compare_verb(struct cli *c)
{
	bool classes[DIFF_CLASSES] = {false}, some = false;
	struct shot a = {0}, b = {0};
	char **hosts = values_of(c, "--hosts"), **elements = values_of(c, "--element");
	struct compare_filter f = {.devices = hosts, .elements = elements};
	int rc = read_classes(c, classes, &some), status = EXIT_DONE;
	f.classes = some ? classes : NULL;
	if (rc == 0)
		rc = open_both(c, &a, &b);
	if (rc == 0)
		rc = check_filter(c, &f, &a, &b);
	if (rc == 0)
		status = put_comparison(c, &f, &a, &b);
	shot_release(&a), shot_release(&b);
	strings_free(hosts), strings_free(elements);
	return rc == 0 ? status : cli_fail(c);
}

static int snapshot_delete(struct cli *c)
{
	if (!cli_store(c) || store_snapshot_delete(c->store, c->args[0], &c->e) != 0)
		return cli_fail(c);
	if (c->json)
		put_json(json_object_new("deleted"), false);
	tell(c, _("Snapshot \"%s\" is gone"), c->args[0]);
	return EXIT_DONE;
}

/* --- verbs ------------------------------------------------------------------------------------ */

static const struct option show_list[] = {
    {"--hosts", "NAMES", N_("only these devices"), true},
    {"--element", "NAMES", N_("only these elements: BGP, LLDP, Route, ..."), true},
    {0},
};

static const struct option compare_list[] = {
    {"--hosts", "NAMES", N_("only these devices"), true},
    {"--element", "NAMES", N_("only these elements: BGP, LLDP, Route, ..."), true},
    {"--class", "NAMES", N_("list rows of these classes: real, expected, healed, noise"), true},
    {"--all", NULL, N_("unfold: every element and every row, with its class"), false},
    {0},
};

const struct verb verbs_snapshot[] = {
    {"snapshot list", "", N_("snapshots taken by hand and by jobs"), NULL, 0, 0,
     .run = snapshot_list},
    {"snapshot show", "NAME", N_("what a snapshot holds"), show_list, 1, 1, .run = snapshot_show},
    {"snapshot compare", "A [B]",
     N_("what differs between two snapshots, or before and after a job; 1: something real"),
     compare_list, 1, 2,
     .more = N_("A and B are names of snapshots taken by hand, or JOB:before and JOB:after. One "
		"job alone means its two.\nA difference is real, expected (the job itself makes "
		"it), self-healed (a look after the upgrade had it, the last one has not) or noise "
		"(it changes by itself, or is within the tolerance). What one of them left "
		"out or did not ask for is no difference. Exit status: 0 when nothing is real and "
		"nothing is missing, else 1, also when there was nothing to compare."),
     .run = snapshot_compare_verb},
    {"snapshot delete", "NAME", N_("forget a snapshot that was taken by hand"), NULL, 1, 1,
     .run = snapshot_delete},
    {0},
};
