/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"
#include "model/phrases.h"
#include "run/themes.h"

#include <stdlib.h>

static size_t count_given(const struct theme *t)
{
	size_t n = 0;
	for (size_t i = 0; i < THEME_ROLES; i++)
		n += t->given[i];
	return n;
}

static cJSON *row_json(const struct theme_file *f, const char *wrong)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "name", f->name);
	json_put_text(o, "file", f->path);
	json_put_flag(o, "own", f->own);
	json_put_text(o, "error", wrong);
	return o;
}

static void put_rows(const cJSON *rows)
{
	static const char *const titles[] = {N_("THEME"), N_("STATE"), N_("FILE")};
	struct table t;
	const cJSON *row;
	table_head(&t, LEN(titles), titles);
	cJSON_ArrayForEach(row, rows)
	{
		table_cell(&t, json_text(row, "name"));
		table_cell(&t, json_text(row, "error") ? _("broken")
			       : json_flag(row, "own") ? _("your own")
						       : _("shipped"));
		table_cell(&t, json_text(row, "file"));
	}
	table_print(&t, stdout);
}

/* A broken one is in the list, and said. */
static cJSON *list_row(struct cli *c, const struct theme_file *f, int *rc)
{
	struct theme t;
	struct err e = {0};
	if (themes_load(f->name, &t, &e) == 0)
		return row_json(f, NULL);
	remark(c, "hitless: %s", said_err(&e).text);
	*rc = (int)status_of(e.kind);
	return row_json(f, e.text);
}

static int list(struct cli *c)
{
	struct theme_files files;
	int rc = EXIT_DONE;
	if (themes_list(&files, &c->e) != 0)
		return cli_fail(c);
	cJSON *rows = cJSON_CreateArray();
	for (size_t i = 0; i < files.list.n; i++)
		json_append(rows, list_row(c, &files.list.v[i], &rc));
	themes_release(&files);
	if (c->json) {
		put_list(rows, "themes");
	} else {
		put_rows(rows);
		cJSON_Delete(rows);
	}
	return rc;
}

static int check(struct cli *c)
{
	struct theme t;
	if (themes_load(c->args[0], &t, &c->e) != 0)
		return cli_fail(c);
	if (c->json) {
		cJSON *o = json_object_new("checked"), *theme = cJSON_CreateObject();
		json_put_text(theme, "name", t.name);
		json_put_number(theme, "roles", (int64_t)count_given(&t));
		json_put(o, "theme", theme);
		put_json(o, false);
	}
	tell(c, _("%s: %zu of %d roles given, nothing wrong"), t.name, count_given(&t),
	     (int)THEME_ROLES);
	return EXIT_DONE;
}

const struct verb verbs_theme[] = {
    {"theme list", "", N_("list the themes of the screens"), NULL, 0, 0, .run = list},
    {"theme check", "FILE|NAME", N_("check a theme; nothing is changed"), NULL, 1, 1, .run = check},
    {0},
};
