/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/look_back.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "run/archive.h"

#include <stdlib.h>
#include <string.h>

struct looking {
	char *dir, *device; /* device NULL: all */
	char *title, *text; /* of what was found */
};

static void looking_free(void *ctx)
{
	struct looking *l = ctx;
	free(l->dir);
	free(l->device);
	free(l->title);
	free(l->text);
	free(l);
}

/* --- in the thread ---------------------------------------------------------------------------- */

static char *device_text(struct store *s, const char *device, struct err *e)
{
	struct archive_visits list = {0};
	int rc = archive_device(s, device, NULL, &list, e);
	char *text = rc == 0 ? archive_visits_text(&list, true) : NULL;
	archive_visits_release(&list);
	return text;
}

static char *all_text(struct store *s, char *(*text_of)(struct archive_stats *all, struct err *e),
		      struct err *e)
{
	const struct archive_filter any = {0};
	struct archive_stats all;
	char *text = archive_stats(s, &any, false, &all, e) == 0 ? text_of(&all, e) : NULL;
	archive_stats_release(&all);
	return text;
}

static char *stats_text(struct archive_stats *all, struct err *e)
{
	(void)e;
	return archive_stats_text(all);
}

static char *errors_text(struct archive_stats *all, struct err *e)
{
	return cards_text(&all->cards, true, e);
}

static int with_store(struct looking *l, struct err *e,
		      char *(*text_of)(struct archive_stats *all, struct err *e))
{
	struct store *s = store_open(l->dir, clock_real(), e);
	if (s)
		l->text = text_of ? all_text(s, text_of, e) : device_text(s, l->device, e);
	store_close(s);
	return l->text ? 0 : -1;
}

static int find_device(struct work *w, void *ctx, struct err *e)
{
	(void)w;
	return with_store(ctx, e, NULL);
}

static int find_stats(struct work *w, void *ctx, struct err *e)
{
	(void)w;
	return with_store(ctx, e, stats_text);
}

static int find_errors(struct work *w, void *ctx, struct err *e)
{
	(void)w;
	return with_store(ctx, e, errors_text);
}

/* --- on the screen ---------------------------------------------------------------------------- */

/* A part for each line, so that what wraps goes on under its own beginning. */
static void show(struct app *a, struct looking *l)
{
	VEC(struct text_part) parts = {0};
	for (char *line = l->text, *next; *line; line = next) {
		size_t n = strcspn(line, "\n"), indent = strspn(line, " ");
		next = line + n + (line[n] == '\n');
		line[n] = '\0';
		enum theme_role role = str_starts(line, "! ") ? ROLE_ERROR : ROLE_TEXT;
		VEC_PUSH(&parts, ((struct text_part){role, (int)indent, line + indent}));
	}
	app_open(a, &screen_text, &(struct text_argument){l->title, parts.v, parts.n});
	VEC_RELEASE(&parts);
}

static void found(struct app *a, void *ctx, int rc, const struct err *e)
{
	if (rc == 0)
		show(a, ctx);
	else
		app_fail(a, e);
}

static const struct work_kind device_work = {N_("Reading the journals"), find_device, found,
					     looking_free};
static const struct work_kind stats_work = {N_("Reading the journals"), find_stats, found,
					    looking_free};
static const struct work_kind errors_work = {N_("Reading the journals"), find_errors, found,
					     looking_free};

static void begin(struct app *a, const struct work_kind *kind, const char *device, char *title)
{
	struct err e = {0};
	struct looking *l = xcalloc(1, sizeof(*l));
	l->dir = xstrdup(store_dir(a->store));
	l->device = xstrdup(device);
	l->title = title;
	if (work_start(a, kind, l, &e) != 0)
		app_fail(a, &e);
}

void look_back_device(struct app *a, const char *device)
{
	begin(a, &device_work, device, xasprintf(_("All jobs of %s"), device));
}

void look_back_stats(struct app *a)
{
	begin(a, &stats_work, NULL, xstrdup(_("Figures over all jobs")));
}

void look_back_errors(struct app *a)
{
	begin(a, &errors_work, NULL, xstrdup(_("Failures of all jobs, by cause")));
}
