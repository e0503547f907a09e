/* SPDX-License-Identifier: ISC */
/* The report of a job into files, in the background: that of a large job takes a while. */
#include "config.h"

#include "tui/save_report.h"

#include "tui/app.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/create.h"
#include "run/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct saving {
	char *dir, *job;
	char *paths[REPORT_FORMATS];
};

static void saving_free(void *ctx)
{
	struct saving *s = ctx;
	free(s->dir);
	free(s->job);
	for (int f = 0; f < REPORT_FORMATS; f++)
		free(s->paths[f]);
	free(s);
}

static int write_one(struct store *store, const struct saving *s, const struct jobview *v,
		     enum report_format f, struct err *e)
{
	char *text = report_make(f, store, v, s->job, e);
	int rc = text ? path_write(s->paths[f], text, strlen(text), e) : -1;
	free(text);
	return rc;
}

static int write_all(struct work *w, void *ctx, struct err *e)
{
	struct saving *s = ctx;
	struct store *store = store_open(s->dir, clock_real(), e);
	struct jobview *v = store ? create_view(store, s->job, e) : NULL;
	int rc = v ? 0 : -1;
	for (int f = 0; f < REPORT_FORMATS && rc == 0; f++) {
		rc = write_one(store, s, v, (enum report_format)f, e);
		if (rc == 0 && work_progress(w, f + 1, REPORT_FORMATS))
			rc = err_set(e, ERR_CANCELLED, _("not all files of the report were written"));
	}
	jobview_free(v);
	store_close(store);
	return rc;
}

static void written(struct app *a, void *ctx, int rc, const struct err *e)
{
	const struct saving *s = ctx;
	if (rc == 0)
		app_say(a, ROLE_OK, _("Report saved: %s, .json and .txt"), s->paths[REPORT_HTML]);
	else
		app_fail(a, e);
}

static const struct work_kind work = {N_("Writing the report"), write_all, written, saving_free};

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
	for (int f = 0; f < REPORT_FORMATS; f++)
		if (str_ends(path, report_kinds[f].suffix))
			n = strlen(path) - strlen(report_kinds[f].suffix);
	s->dir = xstrdup(store_dir(a->store));
	s->job = xstrdup(a->job);
	for (int f = 0; f < REPORT_FORMATS; f++)
		s->paths[f] = xasprintf("%.*s%s", (int)n, path, report_kinds[f].suffix);
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

/* One that would be written over; NULL: none. */
static const char *there_is(const struct saving *s)
{
	for (int f = 0; f < REPORT_FORMATS; f++)
		if (path_exists(s->paths[f]))
			return s->paths[f];
	return NULL;
}

static void ask_replace(struct app *a, struct saving *s)
{
	dialog_open(a, (struct dialog){
			   .title = xstrdup(_("Replace the file?")),
			   .text = xasprintf(_("There is a report already: %s"),
					     there_is(s)),
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
	char *path = path_typed(NULL, text);
	struct saving *s = saving_to(a, path);
	free(path);
	if (there_is(s))
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
			   .text = xstrdup(_("Three files: FILE.html to attach to a ticket, "
					     "FILE.json with the same as data, FILE.txt to read.")),
			   .choices = {_("Save"), _("Cancel")},
			   .n_choices = 2,
			   .field = true,
			   .first = first,
			   .answer = take_path});
	free(first);
}
