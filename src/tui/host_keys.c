/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/host_keys.h"

#include "base/i18n.h"
#include "model/phrases.h"
#include "run/contact.h"

#include <stdlib.h>

struct scan {
	char *state_dir, *id; /* of the job */
	struct job *job;      /* a copy: the thread must not look at the view */
	VEC(size_t) devices;
	struct contacts found;
};

static void free_scan(void *ctx)
{
	struct scan *s = ctx;
	contacts_release(&s->found);
	VEC_RELEASE(&s->devices);
	job_free(s->job);
	free(s->state_dir);
	free(s->id);
	free(s);
}

/* --- which ------------------------------------------------------------------------------------ */

static bool unknown_key(const struct jobview *v, const struct check_view *c)
{
	const struct check *k = procedure_check(v->procedure, c->check);
	return c->device != NO_DEVICE && str_eq(c->status, "failed") && k &&
	       str_eq(k->builtin, "host-key-unknown");
}

static bool is_unknown(const struct jobview *v, size_t device)
{
	for (size_t i = 0; i < v->checks.n; i++)
		if (v->checks.v[i].device == device && unknown_key(v, &v->checks.v[i]))
			return true;
	return false;
}

bool host_keys_wanted(const struct jobview *v)
{
	for (size_t i = 0; i < v->checks.n; i++)
		if (unknown_key(v, &v->checks.v[i]))
			return true;
	return false;
}

/* --- the answer ------------------------------------------------------------------------------- */

static void answered(struct app *a, void *ctx, size_t choice, const char *text)
{
	const struct scan *s = ctx;
	struct err e = {0};
	(void)text;
	if (choice != 0) {
		app_say(a, ROLE_WARNING, _("No host key was added; K asks again"));
	} else if (contacts_accept(a->store, &s->found, &e) != 0) {
		app_fail(a, &e);
	} else {
		app_say(a, ROLE_OK,
			ngettext("%zu host key added", "%zu host keys added", s->found.fresh),
			s->found.fresh);
		if (str_eq(a->job, s->id))
			(void)app_order(a, &(struct order_words){.verb = "recheck"});
	}
}

static void put_contact(struct str *out, const struct scan *s, const struct contact *k)
{
	const char *name = s->job->inventory->devices.v[k->device].name;
	if (k->e.kind != ERR_NONE)
		str_printf(out, _("! %s: no answer: %s\n"), name, said_err(&k->e).text);
	else if (k->verdict == KNOWN_NOT)
		str_printf(out, "%-10s %s\n", name, k->fingerprint);
	else if (k->verdict != KNOWN_OK)
		str_printf(out,
			   _("! %s shows another key than the known one (%s). It is not accepted: "
			     "find out why before anything else.\n"),
			   name, k->fingerprint);
}

static char *question(const struct scan *s)
{
	struct str text = {0};
	str_printf(&text, _("Compare these with what you know of your devices. Only keys of hosts "
			    "that were never seen are added (%zu).\n\n"),
		   s->found.fresh);
	for (size_t i = 0; i < s->found.n; i++)
		put_contact(&text, s, &s->found.v[i]);
	return str_take(&text);
}

static void ask(struct app *a, struct scan *s)
{
	struct dialog d = {.title = xstrdup(_("New host keys")),
			   .text = question(s),
			   .role = ROLE_WARNING,
			   .answer = answered,
			   .ctx = s,
			   .free_ctx = free_scan};
	if (s->found.fresh)
		d.choices[d.n_choices++] = _("Accept all");
	else
		d.answer = NULL; /* nothing to accept: only to be read */
	d.choices[d.n_choices++] = s->found.fresh ? _("Not now") : _("Close");
	d.at = d.n_choices - 1;
	dialog_open(a, d);
}

/* --- in the background ------------------------------------------------------------------------ */

static int progress(void *ctx, size_t done, size_t total)
{
	return work_progress(ctx, (int64_t)done, (int64_t)total);
}

static int run(struct work *w, void *ctx, struct err *e)
{
	struct scan *s = *(struct scan **)ctx;
	struct store *store = store_open(s->state_dir, clock_real(), e);
	if (!store)
		return -1;
	int rc = contacts_scan(store, s->job->inventory, s->devices.v, s->devices.n, NULL,
			       progress, w,
			       &s->found, e);
	store_close(store);
	return rc;
}

static void done(struct app *a, void *ctx, int rc, const struct err *e)
{
	struct scan **s = ctx;
	if (rc != 0) {
		app_fail(a, e);
		return;
	}
	ask(a, *s);
	*s = NULL; /* the dialog has it now */
}

static void free_holder(void *ctx)
{
	struct scan **s = ctx;
	if (*s)
		free_scan(*s);
	free(s);
}

static const struct work_kind scanning = {
    .title = N_("Asking for host keys"), .run = run, .done = done, .free_ctx = free_holder};

static struct job *copy_job(const struct job *j, struct err *e)
{
	cJSON *tree = job_to_json(j);
	struct job *copy = job_from_json(tree, "job", e);
	cJSON_Delete(tree);
	return copy;
}

void host_keys_ask(struct app *a)
{
	struct err e = {0};
	const struct jobview *v = app_view(a);
	if (a->answered != ANSWERS_NONE)
		return; /* a round begins in which other hosts may be new: one list for all */
	struct job *copy = v ? copy_job(v->job, &e) : NULL;
	if (!copy) {
		if (v)
			app_fail(a, &e);
		return;
	}
	struct scan **holder = xcalloc(1, sizeof(struct scan *));
	struct scan *s = *holder = xcalloc(1, sizeof(*s));
	*s = (struct scan){.state_dir = xstrdup(store_dir(a->store)),
			   .id = xstrdup(a->job),
			   .job = copy};
	for (size_t i = 0; i < v->tasks.n; i++)
		if (is_unknown(v, v->tasks.v[i].device))
			VEC_PUSH(&s->devices, v->tasks.v[i].device);
	if (work_start(a, &scanning, holder, &e) != 0)
		app_fail(a, &e);
}
