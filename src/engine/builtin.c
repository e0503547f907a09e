/* SPDX-License-Identifier: ISC */
/* Checks that need no device: they are answered from the plan, the facts and the world. */
#include "config.h"

#include "engine/private.h"

#include "base/utf8.h"
#include "model/builtin.h"

#include <stdlib.h>

#define PASSED "passed"
#define FAILED "failed"
#define SKIPPED "skipped"
#define LATER "later"
#define UNKNOWN "unknown"

struct ask {
	struct engine *g;
	struct task *t;
	const struct check *c;
	struct values *found; /* what the message may name */
};

static const char *failed_if(bool bad)
{
	return bad ? FAILED : PASSED;
}

static const char *isolation(struct ask *a)
{
	struct jobview *v = a->g->view;
	const struct plan_device *p = v->plan ? plan_device(v->plan, tv(a->g, a->t)->device) : NULL;
	const struct job_kind *kind = jobview_kind(v);
	if (kind && kind->stays_up)
		return SKIPPED;
	if (!p)
		return LATER;
	struct str names = {0};
	for (size_t i = 0; i < p->isolates.n; i++)
		str_printf(&names, "%s%s", i ? ", " : "", jobview_device(v, p->isolates.v[i]));
	values_set(a->found, "isolates", str_text(&names));
	str_release(&names);
	return failed_if(p->isolates.n > 0);
}

/* Does this list of steps copy an image of the kind? */
static bool copies(struct engine *g, char *const *steps, const char *kind)
{
	for (size_t i = 0; steps[i]; i++) {
		const struct step *s = procedure_step(g->view->procedure, steps[i]);
		if (s && s->action == ACTION_PUT && str_eq(s->image, kind))
			return true;
	}
	return false;
}

static const char *image_check(struct ask *a, enum pass pass)
{
	const char *kind = values_get(&a->c->arguments, "kind");
	const struct image_kind *k =
	    procedure_image_kind(a->g->view->procedure, kind ? kind : "os");
	if (!k || !copies(a->g, jobview_steps(a->g->view, pass), k->kind))
		return SKIPPED;
	const char *wanted =
	    k->parameter ? values_get(&a->g->view->job->parameters, k->parameter)
			 : job_version(a->g->view->job, tv(a->g, a->t)->device);
	if (!wanted || !*wanted)
		return SKIPPED;
	if (pass == PASS_ROLLBACK)
		wanted = k->current ? values_get(&tv(a->g, a->t)->facts, k->current) : NULL;
	if (pass == PASS_ROLLBACK && k->parameter && (!wanted || !*wanted))
		return SKIPPED; /* it is not on the device now: nothing to put back */
	values_set(a->found, "image.version", wanted ? wanted : "?");
	struct scope s;
	struct str text = {0};
	task_scope(a->g, a->t, &s);
	/* found first: it names the version asked for, not that of some image */
	struct scope own = {.layers = {a->found, s.layers[0], s.layers[1], s.layers[2], s.layers[3]}};
	if (template_expand(k->combination, &own, QUOTE_NONE, &text, NULL) == 0)
		values_set(a->found, "combination", str_text(&text));
	str_release(&text);
	struct task_view *v = tv(a->g, a->t);
	enum pass real = v->pass;
	v->pass = pass; /* which version is wanted depends on the pass */
	bool there = task_image(a->g, a->t, k->kind) != NULL;
	v->pass = real;
	return failed_if(!there);
}

static const char *image_missing(struct ask *a)
{
	return image_check(a, PASS_UPGRADE);
}

static const char *restoration_missing(struct ask *a)
{
	const char *wanted = values_get(&a->g->view->job->parameters, "rollback");
	return str_eq(wanted, "yes") ? image_check(a, PASS_ROLLBACK) : SKIPPED;
}

static const char *running_version(struct ask *a)
{
	const char *fact = a->g->view->procedure->from_fact;
	const char *now = fact ? values_get(&tv(a->g, a->t)->facts, fact) : NULL;
	return now && *now ? now : NULL;
}

static const char *same_version(struct ask *a)
{
	const struct procedure *p = a->g->view->procedure;
	const char *now = running_version(a);
	const char *to = job_version(a->g->view->job, tv(a->g, a->t)->device);
	return now ? failed_if(procedure_same_version(p, now, to)) : SKIPPED;
}

static const char *version_path(struct ask *a)
{
	struct scope s;
	struct str why = {0};
	struct answer none = {.status = -1, .out = "", .err = ""};
	const struct judge *allowed = a->g->view->procedure->path_allowed;
	if (!allowed || !running_version(a))
		return SKIPPED;
	task_scope(a->g, a->t, &s);
	enum verdict v = judge_ask(allowed, &none, &s, NULL, &why);
	values_set(a->found, "reason", str_text(&why));
	str_release(&why);
	return v == VERDICT_UNKNOWN ? UNKNOWN : failed_if(v == VERDICT_NO);
}

static const char *credentials_missing(struct ask *a)
{
	size_t d = tv(a->g, a->t)->device;
	return failed_if(a->g->world->credentials && !a->g->world->credentials[d]);
}

static const char *not_in_inventory(struct ask *a)
{
	char *const *missing = a->g->world->missing;
	struct str names = {0};
	for (size_t i = 0; missing && missing[i]; i++)
		str_printf(&names, "%s%s", i ? ", " : "", missing[i]);
	values_set(a->found, "reason", str_text(&names));
	bool bad = names.len > 0;
	str_release(&names);
	return failed_if(bad);
}

/* How far the line to the device came: each link is only looked at behind those before it. */
enum reach { REACH_ANSWER, REACH_KEY, REACH_SAME_KEY, REACH_LOGIN, REACH_ALL };

static enum reach broken_link(const struct err *why)
{
	switch (why->kind) {
	case ERR_NONE:
		return REACH_ALL;
	case ERR_AUTH:
		return REACH_LOGIN;
	case ERR_HOSTKEY:
		return strstr(why->text, "changed") ? REACH_SAME_KEY : REACH_KEY;
	default:
		return REACH_ANSWER;
	}
}

/* What lies behind the link that broke has not been looked at. */
static const char *line(struct ask *a, enum reach asked)
{
	enum reach broken = broken_link(&a->t->connection);
	if (a->t->connection.kind == ERR_SECRET) { /* nothing was looked at: said once, not four times */
		values_set(a->found, "reason", a->t->connection.text);
		return asked == REACH_LOGIN ? UNKNOWN : SKIPPED;
	}
	values_set(a->found, "reason", asked < broken ? NULL : a->t->connection.text);
	return asked < broken ? PASSED : asked == broken ? FAILED : UNKNOWN;
}

static const char *unreachable(struct ask *a)
{
	return line(a, REACH_ANSWER);
}

static const char *login_refused(struct ask *a)
{
	return line(a, REACH_LOGIN);
}

static const char *host_key_unknown(struct ask *a)
{
	return line(a, REACH_KEY);
}

static const char *host_key_changed(struct ask *a)
{
	return line(a, REACH_SAME_KEY);
}

static const char *too_many_jobs(struct ask *a)
{
	const struct world *w = a->g->world;
	values_setf(a->found, "count", "%zu", w->running_jobs + 1); /* with this one */
	values_setf(a->found, "limit", "%zu", w->job_limit);
	return failed_if(w->job_limit > 0 && w->running_jobs >= w->job_limit);
}

static const char *busy(struct ask *a)
{
	char *const *holders = a->g->world->holders;
	const char *holder = holders ? holders[tv(a->g, a->t)->device] : NULL;
	values_set(a->found, "holder", holder);
	return failed_if(holder != NULL);
}

/* "Reboot", or "Reboot, Rollback" when the way back failed too. */
static bool has_phase(const char *phases, const char *asked)
{
	size_t n = strlen(asked);
	for (const char *at = phases; at; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		if (strncmp(at, asked, n) == 0 && (at[n] == '\0' || at[n] == ','))
			return true;
	}
	return false;
}

static const char *previous_failure(struct ask *a)
{
	char *const *phases = a->g->world->failed_phases;
	const char *phase = phases ? phases[tv(a->g, a->t)->device] : NULL;
	const char *asked = values_get(&a->c->arguments, "phase");
	return failed_if(phase && (!asked || has_phase(phase, asked)));
}

/* A device whose own facts say that it is one of a pair (the fact named by "pair" is there), and the
 * inventory knows no other half. */
static const char *peer_missing(struct ask *a)
{
	const char *fact = values_get(&a->c->arguments, "pair");
	if (a->t->connection.kind != ERR_NONE)
		return SKIPPED; /* it could not be asked */
	const char *pair = fact ? values_get(&tv(a->g, a->t)->facts, fact) : NULL;
	return failed_if(pair && *pair && !inventory_group(a->g->view->job->inventory,
	                                                   tv(a->g, a->t)->device));
}

static const char *not_supported(struct ask *a)
{
	const struct procedure *p = a->g->view->procedure;
	if (a->t->connection.kind != ERR_NONE)
		return SKIPPED;
	for (size_t i = 0; i < p->n_facts; i++) {
		const char *text = values_get(&tv(a->g, a->t)->facts, p->facts[i].name);
		if (!p->facts[i].required || (text && *text))
			continue;
		const char *why = values_get(&a->t->unread, p->facts[i].name);
		if (why)
			values_setf(a->found, "reason", M_("%s could not be read with %-s"),
				    p->facts[i].name, why);
		else
			values_setf(a->found, "reason", M_("%s could not be read"),
				    p->facts[i].name);
		return FAILED;
	}
	return PASSED;
}

static const char *snapshot_missing(struct ask *a)
{
	if (jobview_never_moved(a->g->view, tv(a->g, a->t)))
		return SKIPPED; /* only its leftovers were taken back: nothing after it is due */
	return samples_missing(a->g, a->t, a->found) ? FAILED : PASSED;
}

static const char *snapshot_differs(struct ask *a)
{
	const char *element = values_get(&a->c->arguments, "element");
	return samples_differ(a->g, a->t, element, a->found) ? FAILED : PASSED;
}

/* Facts that the kind of the job compares, as the job before it left them. */
static const char *as_before(struct ask *a)
{
	const struct job_kind *k = jobview_kind(a->g->view);
	const struct before_device *b = job_before_device(a->g->view->job, tv(a->g, a->t)->device);
	struct str drift = {0};
	if (!k || !k->compare || !a->g->view->job->before || a->t->connection.kind != ERR_NONE)
		return SKIPPED;
	for (size_t i = 0; b && k->compare[i]; i++) {
		const char *then = values_get(&b->facts, k->compare[i]);
		const char *now = values_get(&tv(a->g, a->t)->facts, k->compare[i]);
		if (!str_eq(then ? then : "", now ? now : ""))
			str_printf(&drift, "%s%s was \"%s\" and is \"%s\"", drift.len ? ", " : "",
				   k->compare[i], then ? then : "", now ? now : "");
	}
	if (!b)
		str_puts(&drift, M_("that job did not do it"));
	char *safe = utf8_safe(str_text(&drift), UTF8_ONE_LINE);
	bool bad = drift.len > 0;
	values_set(a->found, "reason", safe);
	free(safe);
	str_release(&drift);
	return failed_if(bad);
}

static const char *(*const statuses[BUILTIN_COUNT])(struct ask *a) = {
    [BUILTIN_ISOLATION] = isolation,
    [BUILTIN_IMAGE_MISSING] = image_missing,
    [BUILTIN_RESTORATION_MISSING] = restoration_missing,
    [BUILTIN_SAME_VERSION] = same_version,
    [BUILTIN_VERSION_PATH] = version_path,
    [BUILTIN_CREDENTIALS_MISSING] = credentials_missing,
    [BUILTIN_NOT_IN_INVENTORY] = not_in_inventory,
    [BUILTIN_UNREACHABLE] = unreachable,
    [BUILTIN_LOGIN_REFUSED] = login_refused,
    [BUILTIN_HOST_KEY_UNKNOWN] = host_key_unknown,
    [BUILTIN_HOST_KEY_CHANGED] = host_key_changed,
    [BUILTIN_TOO_MANY_JOBS] = too_many_jobs,
    [BUILTIN_BUSY] = busy,
    [BUILTIN_PREVIOUS_FAILURE] = previous_failure,
    [BUILTIN_PEER_MISSING] = peer_missing,
    [BUILTIN_NOT_SUPPORTED] = not_supported,
    [BUILTIN_SNAPSHOT_MISSING] = snapshot_missing,
    [BUILTIN_SNAPSHOT_DIFFERS] = snapshot_differs,
    [BUILTIN_AS_BEFORE] = as_before,
};

const char *builtin_status(struct engine *g, struct task *t, const struct check *c,
                           struct values *found)
{
	struct ask a = {.g = g, .t = t, .c = c, .found = found};
	/* a procedure with another name is refused when it is read */
	return statuses[builtin_number(c->builtin)](&a);
}
