/* SPDX-License-Identifier: ISC */
/* The job that is looked at, played on simulated devices by a process of its own, and what that
 * said. */
#include "config.h"

#include "tui/app.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "base/path.h"
#include "run/rehearsal.h"
#include "run/spawn.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_LIMIT ((size_t)4 << 20)
#define WORD_LIMIT ((size_t)64)

struct rehearse_screen {
	char *job, *name; /* id, and as people call it */
	char *faults;     /* with spaces between them */
	struct pager pager;
	struct playing *playing; /* of the work; NULL: none runs */
	bool played;
};

struct playing {
	struct rehearse_screen
	    *screen; /* touched by the screen's thread only; NULL: it is closed */
	char *state, *job, *faults;
	char *text, *log, *verdict; /* paths of what it says */
	struct work *work;
	int status;
};

/* --- in the thread ---------------------------------------------------------------------------- */

static int unwanted(void *ctx)
{
	struct playing *p = ctx;
	return work_progress(p->work, 0, 0);
}

static int play(struct work *w, void *ctx, struct err *e)
{
	struct playing *p = ctx;
	VEC(char *) words = {0};
	size_t n;
	char **faults = str_split(p->faults, " ", &n);
	p->work = w;
	VEC_PUSH(&words, (char *)"--state");
	VEC_PUSH(&words, p->state);
	VEC_PUSH(&words, (char *)"rehearse");
	VEC_PUSH(&words, p->job);
	VEC_PUSH(&words, (char *)"--output");
	VEC_PUSH(&words, p->text);
	VEC_PUSH(&words, (char *)"--verdict");
	VEC_PUSH(&words, p->verdict);
	for (size_t i = 0; i < n; i++)
		if (*faults[i]) {
			VEC_PUSH(&words, (char *)"--fault");
			VEC_PUSH(&words, faults[i]);
		}
	VEC_PUSH(&words, NULL);
	int rc = spawn_and_wait(words.v, p->log, unwanted, p, &p->status, e);
	VEC_RELEASE(&words);
	free(faults);
	if (rc == 0 && work_progress(w, 0, 0))
		rc = err_set(e, ERR_CANCELLED, _("the rehearsal was stopped"));
	return rc;
}

/* --- afterwards ------------------------------------------------------------------------------- */

static void free_playing(void *ctx)
{
	struct playing *p = ctx;
	(void)unlink(p->text);
	(void)unlink(p->log);
	(void)unlink(p->verdict);
	if (p->screen)
		p->screen->playing = NULL;
	free(p->state);
	free(p->job);
	free(p->faults);
	free(p->text);
	free(p->log);
	free(p->verdict);
	free(p);
}

/* No clean verdict where the CLI gives none. */
static void say_verdict(struct app *a, const struct playing *p)
{
	struct str word = {0};
	struct err e = {0};
	(void)path_read(p->verdict, WORD_LIMIT, &word, &e); /* none is no good one */
	if (str_eq(str_text(&word), "good"))
		app_say(a, ROLE_OK, _("The rehearsal went well"));
	else if (str_eq(str_text(&word), REHEARSAL_WOULD_BE_REFUSED))
		app_say(a, ROLE_WARNING,
			_("It went well, but as things are the real job would be refused: read why"));
	else
		app_say(a, ROLE_WARNING, _("The rehearsal did not go well: read why"));
	str_release(&word);
}

/* Its text, or, when it made none, its last words. */
static void take_result(struct app *a, struct rehearse_screen *s, const struct playing *p)
{
	struct str text = {0};
	struct err e = {0};
	bool told = path_read(p->text, TEXT_LIMIT, &text, &e) == 0 && text.len;
	if (!told) {
		str_clear(&text);
		e = (struct err){0};
		(void)path_read(p->log, TEXT_LIMIT, &text, &e); /* empty is all there is to say */
	}
	pager_clear(&s->pager);
	s->pager.top = 0;
	pager_add(&s->pager, told ? ROLE_TEXT : ROLE_ERROR, 0, str_text(&text));
	str_release(&text);
	s->played = told;
	say_verdict(a, p);
}

static void ended(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct playing *p = ctx;
	if (rc != 0)
		app_fail(a, e);
	else if (p->screen)
		take_result(a, p->screen, p);
}

static const struct work_kind work = {N_("Rehearsing"), play, ended, free_playing};

/* --- life ------------------------------------------------------------------------------------- */

static void explain(struct rehearse_screen *s)
{
	pager_clear(&s->pager);
	pager_addf(&s->pager, ROLE_TITLE, 0, _("Rehearsal of %s"), s->name);
	pager_add(&s->pager, ROLE_TEXT, 0,
		  _("The job is played with its own plan on simulated devices made of the "
		    "inventory, over SSH on this machine, in minutes. Real devices, host keys and "
		    "jobs are not touched. It tells who would be down when, what would be asked, "
		    "and how long the way back takes."));
	pager_addf(&s->pager, ROLE_DIM, 0, _("Faults: %s"),
		   s->faults && *s->faults ? s->faults : _("none"));
}

static int open_rehearse(struct app *a, void *state, const void *argument, struct err *e)
{
	struct rehearse_screen *s = state;
	const struct jobview *v = app_view(a);
	(void)argument;
	if (!a->job || !v || !v->job)
		return err_set(e, ERR_REFUSED,
			       _("a rehearsal plays a job: make one, or open one, first"));
	s->job = xstrdup(a->job);
	s->name = xstrdup(v->job->name);
	explain(s);
	return 0;
}

static void close_rehearse(struct app *a, void *state)
{
	struct rehearse_screen *s = state;
	if (s->playing) {
		s->playing->screen = NULL;
		if (a->work)
			work_stop(a->work);
	}
	pager_release(&s->pager);
	free(s->job);
	free(s->name);
	free(s->faults);
}

static void fit(struct app *a, void *state, int height, int width)
{
	struct rehearse_screen *s = state;
	(void)a;
	pager_fit(&s->pager, height, width - 2);
}

static void draw(const struct app *a, const void *state, const struct canvas *c)
{
	const struct rehearse_screen *s = state;
	struct canvas inner = canvas_part(c, 0, 1, -1, c->w - 2);
	(void)a;
	pager_draw(&s->pager, &inner);
	if (!s->pager.searching)
		canvas_cursor(c, 0, 1);
}

static bool key(struct app *a, void *state, keycode k)
{
	struct rehearse_screen *s = state;
	(void)a;
	return pager_key(&s->pager, k);
}

static bool typing(const void *state)
{
	const struct rehearse_screen *s = state;
	return s->pager.searching;
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool is_free(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (!a->work)
		return true;
	return err_set(why, ERR_REFUSED, _("something is still going on")), false;
}

static bool plays(const struct app *a, const void *state, struct err *why)
{
	const struct rehearse_screen *s = state;
	(void)a;
	if (s->playing)
		return true;
	return err_set(why, ERR_REFUSED, _("no rehearsal runs")), false;
}

static void begin(struct app *a, void *state)
{
	struct rehearse_screen *s = state;
	struct err e = {0};
	const char *tmp = getenv("TMPDIR");
	struct playing *p = xcalloc(1, sizeof(*p));
	p->state = xstrdup(store_dir(a->store));
	p->job = xstrdup(s->job);
	p->faults = xstrdup(s->faults ? s->faults : "");
	p->text = path_join(tmp && *tmp ? tmp : "/tmp", "hitless-rehearsal-text-XXXXXX");
	int fd = mkstemp(p->text); /* nobody else may put something there */
	p->log = xasprintf("%s.log", p->text);
	p->verdict = xasprintf("%s.verdict", p->text);
	if (fd < 0) {
		err_sys(&e, _("cannot make a file in %s"), tmp && *tmp ? tmp : "/tmp");
		app_fail(a, &e);
		free_playing(p);
		return;
	}
	close(fd);
	p->screen = s;
	s->playing = p;
	if (work_start(a, &work, p, &e) != 0)
		app_fail(a, &e);
}

static void stop(struct app *a, void *state)
{
	(void)state;
	if (a->work)
		work_stop(a->work);
}

static void take_faults(struct app *a, void *ctx, size_t choice, const char *text)
{
	struct rehearse_screen *s = ctx;
	(void)a;
	if (choice != 0)
		return;
	free(s->faults);
	s->faults = xstrdup(text);
	explain(s);
}

static void ask_faults(struct app *a, void *state)
{
	dialog_open(a, (struct dialog){.title = xstrdup(_("Faults")),
				       .text = xstrdup(_(
					   "DEVICE:FAULT with spaces between them: "
					   "leaf03:never-returns job:killed@Install; 'hitless lab "
					   "list' names them all.")),
				       .choices = {_("Take"), _("Cancel")},
				       .n_choices = 2,
				       .field = true,
				       .answer = take_faults,
				       .ctx = state});
}

static const struct key_action actions[] = {
    {"play", "Enter", N_("Play"), N_("Play the job on simulated devices"), begin, is_free},
    {"faults", "f", N_("Faults"), N_("What is to go wrong"), ask_faults, is_free},
    {"stop", "s", N_("Stop"), N_("End the rehearsal that runs"), stop, plays},
    {0},
};

const struct screen screen_rehearse = {
    .name = "rehearse",
    .title = N_("Rehearsal"),
    .about = N_("The job played on simulated devices, with faults if you like: what would have "
		"happened, and how long the way back takes."),
    .size = sizeof(struct rehearse_screen),
    .actions = actions,
    .open = open_rehearse,
    .close = close_rehearse,
    .fit = fit,
    .draw = draw,
    .key = key,
    .typing = typing,
};
