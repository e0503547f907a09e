/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/questions.h"

#include "tui/app_parts.h"
#include "tui/orders.h"
#include "tui/screens.h"

#include "base/i18n.h"
#include "model/phrases.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What an answer is called on its button, and what it leads to. Others show as they are. */
static const struct {
	const char *answer, *label, *meaning;
} words[] = {
    {"wait", N_("Wait"), N_("Wait: look at the device once more; nothing is sent to it")},
    {"done", N_("Done"), N_("Done: you have seen that it is done; go on with the next step")},
    {"retry", N_("Retry"), N_("Retry: do the step once more")},
    {"go", N_("Go on"), N_("Go on: all is well, do the step")},
    {"fail", N_("Fail"), N_("Fail: count the device as failed")},
    {"cancel", N_("Cancel the job"), N_("Cancel: end the job here; what is done stays done")},
};

static const struct {
	const char *kind, *title;
} titles[] = {
    {"unknown-outcome", N_("What came of it?")},
    {"drift", N_("Another device than planned")},
    {"confirm", N_("To be confirmed")},
    {"no-return", N_("Point of no return")},
    {"new-host-key", N_("New host key")},
    {"restart-loop", N_("It does not get on")},
};

struct asked {
	int64_t id;
	char **answers; /* in the order of the choices */
	size_t n;
};

static void free_asked(void *ctx)
{
	struct asked *k = ctx;
	free(k->answers);
	free(k);
}

static const char *label(const char *answer)
{
	for (size_t i = 0; i < LEN(words); i++)
		if (str_eq(words[i].answer, answer))
			return _(words[i].label);
	return answer;
}

/* --- which ------------------------------------------------------------------------------------ */

const struct question_view *questions_open(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return v ? jobview_next_question(v, 0) : NULL;
}

static const struct question_view *not_shown(const struct app *a)
{
	const struct jobview *v = app_view(a);
	return v ? jobview_next_question(v, a->question_shown) : NULL;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct asked *k = ctx;
	char id[24];
	(void)text;
	if (choice >= k->n) {
		app_say(a, ROLE_WARNING, _("The job waits for your answer; A asks again"));
		return;
	}
	(void)snprintf(id, sizeof(id), "%" PRId64, k->id);
	(void)app_order(a, &(struct order_words){
			 .verb = "answer", .target = id, .text = k->answers[choice]});
}

static char *question_text(const struct app *a, const struct question_view *q,
			   const struct asked *k)
{
	const struct jobview *v = app_view(a);
	struct str text = {0};
	const char *device = q->device != NO_DEVICE ? jobview_device(v, q->device) : NULL;
	if (device && !str_starts(q->text ? q->text : "", device))
		str_printf(&text, "%s\n", device);
	str_printf(&text, "%s\n", q->text ? said(v, q->text) : "");
	for (size_t i = 0; i < k->n; i++)
		for (size_t w = 0; w < LEN(words); w++)
			if (str_eq(words[w].answer, k->answers[i]))
				str_printf(&text, "\n%s", _(words[w].meaning));
	char id[24];
	(void)snprintf(id, sizeof(id), "%" PRId64, q->id);
	orders_put_others(a, &(struct order_words){.verb = "answer", .target = id}, &text);
	return str_take(&text);
}

static const char *question_title(const struct question_view *q)
{
	for (size_t i = 0; i < LEN(titles); i++)
		if (str_eq(titles[i].kind, q->kind))
			return _(titles[i].title);
	return _("A question");
}

void questions_ask(struct app *a, const struct question_view *q)
{
	struct asked *k = xcalloc(1, sizeof(*k));
	k->id = q->id;
	k->answers = str_split(q->choices ? q->choices : "", "|", &k->n);
	if (k->n > DIALOG_CHOICES - 1)
		k->n = DIALOG_CHOICES - 1;
	struct dialog d = {.title = xstrdup(question_title(q)),
			   .text = question_text(a, q, k),
			   .n_choices = k->n + 1,
			   .at = k->n,
			   .role = ROLE_WARNING,
			   .answer = answered,
			   .ctx = k,
			   .free_ctx = free_asked};
	for (size_t i = 0; i < k->n; i++)
		d.choices[i] = label(k->answers[i]);
	d.choices[k->n] = _("Later");
	dialog_open(a, d);
}

/* --- in the loop ------------------------------------------------------------------------------ */

static bool settled(const struct app *a, const struct dialog *d)
{
	const struct asked *k = d->ctx;
	const struct jobview *v = app_view(a);
	if (d->answer != answered)
		return false;
	const struct question_view *q = v ? jobview_question(v, k->id) : NULL;
	return !q || jobview_open_question(v, q->device) != q;
}

/* A dialog in the middle of something typed would take its keys. */
static bool busy(const struct app *a)
{
	return !a->stack.n || dialog_is_open(a) || app_typing(a);
}

void questions_tick(struct app *a)
{
	dialog_close_if(a, settled);
	const struct question_view *q = busy(a) ? NULL : not_shown(a);
	if (!q)
		return;
	a->question_shown = q->id;
	questions_ask(a, q);
}

void questions_open_job(struct app *a, const char *id)
{
	struct err e = {0};
	if (app_follow(a, id, &e) != 0) {
		app_fail(a, &e);
		return;
	}
	app_open(a, screen_of_job(app_view(a)), NULL);
	const struct question_view *q = questions_open(a);
	if (!q)
		return;
	a->question_shown = q->id;
	questions_ask(a, q);
}

/* --- the action ------------------------------------------------------------------------------- */

void questions_answer(struct app *a, void *state)
{
	const struct question_view *q = questions_open(a);
	(void)state;
	if (q)
		questions_ask(a, q);
}

bool questions_possible(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (questions_open(a))
		return true;
	return err_set(why, ERR_REFUSED, _("no question is open")), false;
}
