/* SPDX-License-Identifier: ISC */
/* The report of a job into two files, in the background: that of a large job takes a while. */
#include "config.h"

#include "tui/save_report.h"

#include "tui/app.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/json.h"
#include "run/create.h"
#include "run/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct saving {
	char *dir, *job;
	char *json, *text; /* paths */
};

static void saving_free(void *ctx)
{
	struct saving *s = ctx;
	free(s->dir);
	free(s->job);
	free(s->json);
	free(s->text);
	free(s);
}

static int write_json(struct store *store, const struct saving *s, const struct jobview *v,
		      struct err *e)
{
	cJSON *report = report_json(store, v, s->job, e);
	char *text = report ? json_print(report, true) : NULL;
	int rc = text ? path_write(s->json, text, strlen(text), e) : -1;
	free(text);
	cJSON_Delete(report);
	return rc;
}

static int write_text(struct store *store, const struct saving *s, const struct jobview *v,
		      struct err *e)
{
	char *text = report_text(store, v, s->job, e);
	int rc = text ? path_write(s->text, text, strlen(text), e) : -1;
	free(text);
	return rc;
}

static int write_both(struct work *w, void *ctx, struct err *e)
{
	struct saving *s = ctx;
	struct store *store = store_open(s->dir, clock_real(), e);
	struct jobview *v = store ? create_view(store, s->job, e) : NULL;
	int rc = v ? write_json(store, s, v, e) : -1;
	if (rc == 0 && work_progress(w, 1, 2))
		rc = err_set(e, ERR_CANCELLED, _("the text of the report was not written"));
	if (rc == 0)
		rc = write_text(store, s, v, e);
	jobview_free(v);
	store_close(store);
	return rc;
}

static void written(struct app *a, void *ctx, int rc, const struct err *e)
{
	const struct saving *s = ctx;
	if (rc == 0)
		app_say(a, ROLE_OK, _("Report saved: %s and .txt"), s->json);
	else
		app_fail(a, e);
}

static const struct work_kind work = {N_("Writing the report"), write_both, written, saving_free};

static void begin(struct app *a, struct saving *s)
{
	struct err e = {0};
	if (work_start(a, &work, s, &e) != 0)
		app_fail(a, &e);
}

/* --- where to --------------------------------------------------------------------------------- */

static struct saving *saving_to(const struct app *a, const char *path)
{
	struct saving *s = xcalloc(1, sizeof(*s));
	size_t n = strlen(path);
	if (str_ends(path, ".json"))
		n -= strlen(".json");
	else if (str_ends(path, ".txt"))
		n -= strlen(".txt");
	s->dir = xstrdup(store_dir(a->store));
	s->job = xstrdup(a->job);
	s->json = xasprintf("%.*s.json", (int)n, path);
	s->text = xasprintf("%.*s.txt", (int)n, path);
	return s;
}

static void replace(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct saving *old = ctx;
	(void)text;
	if (choice != 0)
		return;
	struct saving *s = xcalloc(1, sizeof(*s));
	*s = *old; /* what is in it goes to the work, the dialog keeps the empty shell */
	*old = (struct saving){0};
	begin(a, s);
}

static void ask_replace(struct app *a, struct saving *s)
{
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Replace the file?")),
			   .text = xasprintf(_("There is a report already: %s"),
					     path_exists(s->json) ? s->json : s->text),
			   .choices = {_("Replace"), _("Cancel")},
			   .n_choices = 2,
			   .at = 1,
			   .role = ROLE_WARNING,
			   .answer = replace,
			   .ctx = s,
			   .free_ctx = saving_free});
}

static void take_path(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)ctx;
	if (choice != 0 || !a->job)
		return;
	if (!*text || str_ends(text, "/")) {
		app_say(a, ROLE_WARNING, _("No file name given: nothing was saved"));
		return;
	}
	struct saving *s = saving_to(a, text);
	if (path_exists(s->json) || path_exists(s->text))
		ask_replace(a, s);
	else
		begin(a, s);
}

/* In the directory we stand in, named after the job. */
static char *proposal(const char *name)
{
	char *cwd = getcwd(NULL, 0), *file = xasprintf("report-%s", name);
	for (char *p = file; *p; p++)
		if (*p == '/' || *p == ' ')
			*p = '_';
	char *path = path_join(cwd ? cwd : ".", file);
	free(cwd);
	free(file);
	return path;
}

void save_report_ask(struct app *a)
{
	const struct jobview *v = app_view(a);
	if (!v)
		return;
	char *first = proposal(v->job->name);
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Save the report")),
			   .text = xstrdup(_("Two files: FILE.json, with every step and its raw "
					     "output, and FILE.txt to read and to pass on.")),
			   .choices = {_("Save"), _("Cancel")},
			   .n_choices = 2,
			   .field = true,
			   .first = first,
			   .answer = take_path});
	free(first);
}
