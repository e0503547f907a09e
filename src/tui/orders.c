/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/orders.h"

#include "base/i18n.h"
#include "model/unit.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const char *verb;
	const char *title;   /* N_(), of the question */
	const char *text;    /* N_(): what happens, @ are devices; NULL: nothing is asked */
	const char *yes;     /* N_() */
	const char *said;    /* N_(), @ is the device */
	const char *meaning; /* N_() */
};

static const struct row rows[ORDERS] = {
    [ORDER_PAUSE] = {"pause", NULL, NULL, NULL,
		     N_("Asked to pause: devices under way go on to their end, no other begins"),
		     N_("Begin no further device; those under way go on")},
    [ORDER_RESUME] = {"resume", N_("Go on"),
		      N_("Failed, and left as it is now: @. The job goes on with the others: their "
			 "next batch begins at once."),
		      N_("Go on"), N_("Asked to go on"),
		      N_("Go on with the devices that wait; failed ones stay as they are")},
    [ORDER_CANCEL] = {"cancel", N_("Cancel the job"),
		      N_("No further device begins. Devices that are not past the point of no "
			 "return take back what was changed on them; the others go on to their "
			 "end. Devices that are done stay as they are. Until then the job is "
			 "shown as cancelling."),
		      N_("End the job"), N_("Asked to cancel"), N_("End the job")},
    [ORDER_RETRY] = {"retry", N_("Retry"),
		     N_("Once more from the first step: @. It goes away for as long as for an "
			"upgrade; the same rules of the plan hold."),
		     N_("Retry"), N_("Asked to try again: @"),
		     N_("Try it again from its first step")},
    [ORDER_SKIP] = {"skip", N_("Leave out"),
		    N_("@ is left as it is: nothing more is done to it in this job. When it has failed, its "
		       "redundancy group may go on without it: look first that its partners carry "
		       "the traffic."),
		    N_("Leave it out"), N_("Asked to leave out: @"),
		    N_("Leave it as it is; its group may go on without it")},
    [ORDER_ROLLBACK] = {"rollback", N_("Roll back"),
			N_("@ is brought back to the version that it ran before. It goes away for "
			   "as long as for an upgrade; the same rules of the plan hold."),
			N_("Roll back"), N_("Asked to roll back: @"),
			N_("Bring it back to the version before")},
    [ORDER_ASK] = {"ask", N_("Ask now"), N_("What is waited for is looked at at once: @."),
		   N_("Ask now"), N_("Asked now: @"),
		   N_("Look at once at what is waited for")},
};

struct pending { /* an order that waits for yes */
	enum order_kind kind;
	VEC(size_t) devices; /* none: the job */
};

const char *orders_meaning(enum order_kind kind)
{
	return _(rows[kind].meaning);
}

static const char *name_of(const struct app *a, size_t device)
{
	const struct jobview *v = app_view(a);
	return v && device != NO_DEVICE ? jobview_device(v, device) : NULL;
}

/* "retry" without a device takes every failed one; there has to be one. */
static bool any_failed(const struct app *a)
{
	const struct jobview *v = app_view(a);
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (v->tasks.v[i].state == TASK_FAILED || v->tasks.v[i].state == TASK_ROLLED_BACK ||
		    v->tasks.v[i].state == TASK_SKIPPED)
			return true;
	return false;
}

bool orders_possible(const struct app *a, enum order_kind kind, size_t device, struct err *why)
{
	struct order_words w = {.verb = rows[kind].verb, .target = name_of(a, device)};
	if (kind == ORDER_RETRY && !w.target && !any_failed(a))
		return err_set(why, ERR_REFUSED, _("no device has failed")), false;
	return app_can_order(a, &w, why);
}

/* The text with the name in place of its "@". */
static char *fill(const char *text, const char *name)
{
	const char *at = strchr(text, '@');
	if (!at)
		return xstrdup(text);
	return xasprintf("%.*s%s%s", (int)(at - text), text, name, at + 1);
}

/* --- giving ----------------------------------------------------------------------------------- */

static void give_now(struct app *a, const struct pending *p)
{
	struct order_words w = {.verb = rows[p->kind].verb};
	const char *first = p->devices.n ? name_of(a, p->devices.v[0]) : _("all that failed");
	char *said = fill(_(rows[p->kind].said), first);
	app_say(a, ROLE_INFO, "%s", said);
	free(said);
	if (p->devices.n > 1)
		app_say(a, ROLE_INFO, _("Asked for %zu devices"), p->devices.n);
	for (size_t i = 0; i < p->devices.n; i++) {
		w.target = name_of(a, p->devices.v[i]);
		app_order(a, &w);
	}
	if (p->devices.n == 0)
		app_order(a, &w);
}

static void pending_free(void *ctx)
{
	struct pending *p = ctx;
	VEC_RELEASE(&p->devices);
	free(p);
}

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	(void)text;
	if (choice == 0)
		give_now(a, ctx);
}

/* "leaf01, leaf02 and 10 more" */
static char *names_of(const struct app *a, const struct pending *p)
{
	struct str s = {0};
	size_t most = p->devices.n > 7 ? 6 : p->devices.n;
	for (size_t i = 0; i < most; i++)
		str_printf(&s, "%s%s", i ? ", " : "", name_of(a, p->devices.v[i]));
	if (most < p->devices.n)
		str_printf(&s, _(" and %zu more"), p->devices.n - most);
	return str_take(&s);
}

/* Those that it would leave behind; none: "", nothing to ask. New. */
static char *names_of_failed(const struct app *a)
{
	const struct jobview *v = app_view(a);
	struct pending p = {0};
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (order_passes_failed(v, &v->tasks.v[i]))
			VEC_PUSH(&p.devices, v->tasks.v[i].device);
	char *names = names_of(a, &p);
	VEC_RELEASE(&p.devices);
	return names;
}

void orders_put_others(const struct app *a, const struct order_words *w, struct str *out)
{
	const struct jobview *v = app_view(a);
	size_t waiting, midway;
	char *back = v ? order_goes_back(v, w) : NULL;
	if (back)
		str_printf(out, "\n\n%s", back);
	free(back);
	if (v && order_leaves_question(v, w))
		str_printf(out, "\n\n%s",
			   _("The question that is open stays so, and the job waits for its answer (A)."));
	if (!v || !order_moves_others(v, w, a->job_running, &waiting, &midway))
		return;
	str_puts(out, "\n\n");
	if (!a->job_running)
		str_printf(out, _("No process works on this job now. One is started, and it goes on with "
				  "the whole job (waiting: %zu, in the middle: %zu)."),
			   waiting, midway);
	else
		str_printf(out, _("The job goes on with it (waiting to begin: %zu)."), waiting);
}

/* What happens. Members of a unit make their way back among themselves. */
static const char *text_of(const struct app *a, const struct pending *p)
{
	const struct jobview *v = app_view(a);
	if (p->kind == ORDER_ROLLBACK && v && v->procedure && p->devices.n &&
	    unit_of(v->procedure, v->job->inventory, p->devices.v[0]))
		return _("The unit of @ is brought back to one version: its member with the newer one "
			 "is rolled back, alone, and goes away; the other does the work meanwhile.");
	return _(rows[p->kind].text);
}

/* Component by component: what of the way is behind each of them, and stays. */
static void put_half_way(const struct app *a, const struct pending *p, struct str *out)
{
	const struct jobview *v = app_view(a);
	for (size_t i = 0; v && p->kind == ORDER_SKIP && i < v->tasks.n; i++)
		for (size_t d = 0; d < p->devices.n; d++) {
			const struct task_view *t = &v->tasks.v[i];
			char *done = t->device == p->devices.v[d] ? jobview_turns_done(v, t) : NULL;
			if (done)
				str_printf(out, _("\n\n%s stays half-way. Done already, and left so: "
						  "%s. What comes after that is not done."),
					   jobview_device(v, t->device), done);
			free(done);
		}
}

static char *question_of(const struct app *a, const struct pending *p)
{
	const struct row *r = &rows[p->kind];
	struct order_words w = {.verb = r->verb,
				.target = p->devices.n == 1 ? name_of(a, p->devices.v[0]) : NULL};
	struct str text = {0};
	char *names = p->kind == ORDER_RESUME ? names_of_failed(a) : names_of(a, p);
	char *own = fill(text_of(a, p), names);
	str_puts(&text, own);
	put_half_way(a, p, &text);
	orders_put_others(a, &w, &text);
	free(names), free(own);
	return str_take(&text);
}

static void ask_first(struct app *a, struct pending *p)
{
	const struct row *r = &rows[p->kind];
	dialog_open(a, (struct dialog){.title = xstrdup(_(r->title)),
				       .text = question_of(a, p),
				       .choices = {_(r->yes), _("No")},
				       .n_choices = 2,
				       .at = 1,
				       .role = ROLE_WARNING,
				       .answer = answered,
				       .ctx = p,
				       .free_ctx = pending_free});
}

/* Some are asked only when more comes of them than they say. */
static bool needs_yes(const struct app *a, const struct pending *p)
{
	const struct jobview *v = app_view(a);
	struct order_words w = {.verb = rows[p->kind].verb,
				.target = p->devices.n ? name_of(a, p->devices.v[0]) : NULL};
	size_t waiting, midway;
	if (p->kind == ORDER_ASK)
		return v && order_moves_others(v, &w, a->job_running, &waiting, &midway);
	if (p->kind != ORDER_RESUME)
		return rows[p->kind].text != NULL;
	char *failed = names_of_failed(a);
	bool needs = *failed;
	free(failed);
	return needs;
}

static void give(struct app *a, struct pending *p)
{
	if (needs_yes(a, p)) {
		ask_first(a, p);
		return;
	}
	give_now(a, p);
	pending_free(p);
}

void orders_give(struct app *a, enum order_kind kind, size_t device)
{
	struct pending *p = xcalloc(1, sizeof(*p));
	p->kind = kind;
	if (device != NO_DEVICE)
		VEC_PUSH(&p->devices, device);
	give(a, p);
}

void orders_give_all(struct app *a, enum order_kind kind, const size_t *devices, size_t n)
{
	struct err why = {0};
	struct pending *p = xcalloc(1, sizeof(*p));
	p->kind = kind;
	for (size_t i = 0; i < n; i++)
		if (orders_possible(a, kind, devices[i], &why))
			VEC_PUSH(&p->devices, devices[i]);
	if (p->devices.n) {
		give(a, p);
		return;
	}
	app_fail(a, &why);
	pending_free(p);
}

/* --- questions -------------------------------------------------------------------------------- */

const struct question_view *orders_question(const struct app *a, size_t device)
{
	const struct jobview *v = app_view(a);
	const struct question_view *own =
		v && device != NO_DEVICE ? jobview_open_question(v, device) : NULL;
	return own || !v ? own : jobview_next_question(v, 0);
}

bool orders_can_answer(const struct app *a, size_t device, struct err *why)
{
	if (orders_question(a, device))
		return true;
	return err_set(why, ERR_REFUSED, _("no question is open")), false;
}
