/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "model/json.h"
#include "model/procedure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static cJSON *row_json(const struct procedure *p)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "id", p->id);
	json_put_text(o, "title", p->title);
	json_put(o, "platforms", json_strings(p->platforms));
	json_put_number(o, "checks", (int64_t)p->n_checks);
	json_put_number(o, "steps", (int64_t)p->n_steps);
	return o;
}

static void put_rows(cJSON *rows)
{
	static const char *const titles[] = {N_("ID"), N_("CHECKS"), N_("STEPS"), N_("TITLE")};
	struct table t;
	const cJSON *row;
	table_head(&t, LEN(titles), titles);
	cJSON_ArrayForEach(row, rows)
	{
		table_cell(&t, json_text(row, "id"));
		table_cellf(&t, "%" PRId64, json_number(row, "checks", 0));
		table_cellf(&t, "%" PRId64, json_number(row, "steps", 0));
		table_cell(&t, translated(json_text(row, "title")));
	}
	table_print(&t, stdout);
}

static int list(struct cli *c)
{
	char **files;
	if (procedures_files(&files, &c->e) != 0)
		return cli_fail(c);
	cJSON *rows = cJSON_CreateArray();
	int rc = EXIT_DONE;
	for (size_t i = 0; files[i]; i++) {
		struct procedure *p = procedure_load(files[i], &c->e);
		if (p)
			json_append(rows, row_json(p));
		else
			rc = cli_fail(c);
		procedure_free(p);
	}
	strings_free(files);
	if (c->json) {
		put_list(rows, "procedures");
	} else {
		put_rows(rows);
		cJSON_Delete(rows);
	}
	return rc;
}

static void put_words(const char *title, char *const *words)
{
	printf("%-*s", utf8_field(title, 12), title);
	for (size_t i = 0; words && words[i]; i++)
		printf(" %s", words[i]);
	putchar('\n');
}

static void put_parameters(const struct procedure *p)
{
	static const char *const titles[] = {N_("PARAMETER"), N_("DEFAULT"), N_("UNIT"),
					     N_("MEANS")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < p->n_parameters; i++) {
		const struct parameter *q = &p->parameters[i];
		table_cell(&t, q->name);
		table_cell(&t, q->fallback);
		table_cell(&t, translated(q->unit));
		table_cell(&t, translated(q->title));
	}
	table_print(&t, stdout);
}

static void put_steps(const struct procedure *p, char *const *steps, size_t n)
{
	static const char *const titles[] = {N_("STEP"), N_("PHASE"), N_("ACTION"), N_("LIMIT"),
					     N_("TITLE")};
	struct table t;
	struct values defaults = {0};
	procedure_defaults(p, &defaults);
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < n && steps[i]; i++) {
		const struct step *s = procedure_step(p, steps[i]);
		char limit[32] = "-";
		if (!s)
			continue;
		clock_span(procedure_step_limit(s, &defaults), limit);
		table_cell(&t, s->name);
		table_cell(&t, translated(s->phase));
		table_cell(&t, action_names[s->action]);
		table_cell(&t, limit);
		table_cell(&t, translated(s->title));
	}
	values_release(&defaults);
	table_print(&t, stdout);
}

static void put_component(struct cli *c, const struct procedure *p, const struct method *m,
			  const struct component *k)
{
	if (k->together)
		tell(c, _("\nComponent %s, all devices at once"), k->name);
	else if (k->batch_size > 0)
		tell(c, _("\nComponent %s, at most %lld at once"), k->name, (long long)k->batch_size);
	else
		tell(c, _("\nComponent %s"), k->name);
	if (k->no_return)
		tell(c, _("Point of no return: %s"), translated(k->no_return));
	put_steps(p, m->steps + k->from, k->to - k->from);
}

static void put_methods(struct cli *c, const struct procedure *p)
{
	for (size_t i = 0; i < p->n_methods; i++) {
		const struct method *m = &p->methods[i];
		tell(c, _("\nMethod %s: %s"), m->name, translated(m->title));
		if (m->done_stays)
			tell(c, _("What is done cannot go back: %s"), translated(m->done_stays));
		for (size_t k = 0; k < m->n_components; k++)
			put_component(c, p, m, &m->components[k]);
		if (!m->n_components)
			put_steps(p, m->steps, SIZE_MAX);
	}
}

static int show(struct cli *c)
{
	struct procedure *p = procedures_load(c->args[0], &c->e);
	if (!p)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = json_object_new("procedure");
		json_put(o, "procedure", cJSON_Parse(p->text));
		put_json(o, false);
	} else {
		tell(c, "%s: %s\n", p->id, translated(p->title));
		put_words(_("Platforms"), p->platforms);
		put_words(_("Roles"), p->roles);
		for (size_t i = 0; i < p->n_orders; i++)
			tell(c, "--order %-12s %s", p->orders[i].name,
			     translated(p->orders[i].title));
		tell(c, "%s", "");
		put_parameters(p);
		put_methods(c, p);
	}
	procedure_free(p);
	return EXIT_DONE;
}

static int check(struct cli *c)
{
	struct procedure *p = procedure_load(c->args[0], &c->e);
	if (!p)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = json_object_new("checked");
		json_put(o, "procedure", row_json(p));
		put_json(o, false);
	}
	tell(c, _("%s: %zu checks, %zu steps, %zu methods, nothing wrong"), p->id, p->n_checks,
	     p->n_steps, p->n_methods);
	procedure_free(p);
	return EXIT_DONE;
}

/* --- platforms -------------------------------------------------------------------------------- */

char **cli_procedures(const struct cli *c)
{
	VEC(char *) list = {0};
	const char *named;
	size_t at = 0;
	while ((named = cli_next(c, "--procedure", &at)))
		VEC_PUSH(&list, xstrdup(named));
	VEC_PUSH(&list, NULL);
	return list.v;
}

const struct verb verbs_procedure[] = {
    {"procedure list", "", N_("list the procedures"), NULL, 0, 0, .run = list},
    {"procedure show", "ID|FILE", N_("show parameters, orders, methods and steps"), NULL, 1, 1,
     .run = show},
    {"procedure check", "FILE", N_("check a procedure file; nothing is changed"), NULL, 1, 1,
     .run = check},
    {0},
};
