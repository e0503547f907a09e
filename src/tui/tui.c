/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/tui.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"

#include <locale.h>

/* What is wrong with the theme is said last: a screen that opens takes away what was said before. */
static void begin(struct app *a, const char *job, bool wizard)
{
	struct err e = {0}, theme = {0};
	int plain = app_theme(a, NULL, &theme);
	app_open(a, &screen_home, NULL);
	if (job && app_follow(a, job, &e) != 0)
		app_fail(a, &e);
	else if (job)
		app_open(a, screen_of_job(app_view(a)), NULL);
	else if (wizard)
		app_open(a, &screen_select, NULL);
	if (plain != 0 && !a->message)
		app_fail(a, &theme);
}

int tui_run(struct store *s, const char *job, bool wizard, struct err *e)
{
	int rc = -1;
	struct term_options o = {0};
	/* canvas takes UTF-8 and converts by itself to what the terminal can show */
	(void)bind_textdomain_codeset(PACKAGE, "UTF-8");
	struct terminal *t = term_open(&o, e);
	struct app *a = t ? app_new(t, s, clock_real(), e) : NULL;
	if (a) {
		begin(a, job, wizard);
		rc = app_run(a);
	}
	app_free(a);
	term_close(t);
	return rc;
}
