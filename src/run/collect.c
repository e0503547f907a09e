/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/collect.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "run/devices.h"

#include <stdlib.h>
#include <string.h>

#define QUESTION_MS  60000
#define LOOK_MS	     100
#define OUTPUT_LIMIT ((size_t)4 * 1024 * 1024)

struct asked { /* one device: first its facts, then the collectors, round after round */
	size_t device;
	struct values known;
	size_t fact, collector;
	int round;
	bool ended;  /* of this round */
	bool silent; /* it does not answer: `why` */
	char *why;
	struct shot_part *parts; /* one a collector */
};

struct work {
	const struct inventory *inv;
	const struct procedure *p;
	const struct collect_options *o;
	struct transport *t;
	struct clock *clock;
	struct asked *v;
	size_t n, done;
};

/* --- asking ----------------------------------------------------------------------------------- */

static bool holds(const struct asked *a, const struct judge *j)
{
	const struct answer none = {.status = -1, .out = "", .err = ""};
	const struct scope scope = {.layers = {&a->known}};
	return !j || judge_ask(j, &none, &scope, NULL, NULL) == VERDICT_YES;
}

static int send(struct work *w, size_t i, const char *template, struct err *e)
{
	const struct scope scope = {.layers = {&w->v[i].known}};
	struct str command = {0};
	if (template_expand(template, &scope, w->p->language, &command, e) != 0) {
		str_release(&command);
		return -1;
	}
	struct tr_request *q = tr_request_new(i + 1, w->v[i].device, TR_RUN);
	q->command = str_take(&command);
	q->timeout_ms = q->connect_ms = QUESTION_MS;
	q->output_limit = OUTPUT_LIMIT;
	w->t->ops->submit(w->t, q);
	return 0;
}

static void end_device(struct work *w, struct asked *a)
{
	a->ended = true;
	w->done++;
}

static void unreadable(struct shot_part *p, const char *why)
{
	if (!p->why)
		p->why = utf8_safe(why, UTF8_ONE_LINE);
}

/* The next question of this round, or its end. */
static void next(struct work *w, size_t i)
{
	struct asked *a = &w->v[i];
	struct err e = {0};
	if (a->fact < w->p->n_facts) {
		if (send(w, i, w->p->facts[a->fact].command, &e) == 0)
			return;
		a->silent = true; /* a fact's command needs what nobody knows here */
		a->why = xstrdup(e.text);
	}
	while (!a->silent && a->collector < w->p->n_collectors) {
		const struct collector *c = &w->p->collectors[a->collector];
		if (holds(a, c->when)) {
			if (!a->parts[a->collector].element)
				a->parts[a->collector].element = xstrdup(c->element);
			if (send(w, i, c->command, &e) == 0)
				return;
			unreadable(&a->parts[a->collector], e.text);
		} else if (shot_leaves_out(w->p, c, &a->known)) {
			a->parts[a->collector].left_out = true;
		}
		a->collector++;
	}
	end_device(w, a);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void take_fact(struct asked *a, const struct fact *f, const struct answer *said)
{
	struct values found = {0};
	const struct scope scope = {.layers = {&a->known}};
	const char *text = NULL;
	if (judge_ask(f->read, said, &scope, &found, NULL) == VERDICT_YES)
		text = values_get(&found, f->capture);
	const char *mapped = text ? values_get(&f->map, text) : NULL;
	text = mapped ? mapped : text ? text : f->otherwise;
	values_set(&a->known, f->name, text ? text : "");
	values_release(&found);
}

static void take_rows(struct work *w, struct asked *a, const struct answer *said)
{
	struct shot_part *p = &a->parts[a->collector];
	cJSON *rows = snapshot_rows(&w->p->collectors[a->collector], said);
	if (rows)
		VEC_PUSH(&p->looks, ((struct sample){rows, w->clock->wall(w->clock)}));
	else
		unreadable(p, said->err && *said->err ? said->err
						      : _("the answer cannot be read"));
}

static struct answer answer_of(const struct tr_reply *r)
{
	return (struct answer){.status = r->status,
			       .out = str_text(&r->out),
			       .out_len = r->out.len,
			       .err = str_text(&r->err),
			       .err_len = r->err.len,
			       .truncated = r->truncated};
}

static void take(struct work *w, const struct tr_reply *r)
{
	size_t i = (size_t)(r->id - 1);
	struct asked *a = &w->v[i];
	const struct answer said = answer_of(r);
	if (r->outcome == TR_PROGRESS || a->ended)
		return;
	if (r->outcome == TR_NOT_SENT) {
		a->silent = true;
		free(a->why);
		a->why = xstrdup(r->e.text);
		end_device(w, a);
		return;
	}
	if (a->fact < w->p->n_facts) {
		take_fact(a, &w->p->facts[a->fact], &said);
		a->fact++;
	} else if (r->outcome == TR_DONE) {
		take_rows(w, a, &said);
		a->collector++;
	} else {
		unreadable(&a->parts[a->collector++], r->e.text);
	}
	next(w, i);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static int stopped(const struct work *w, struct err *e)
{
	if (!w->o->progress || w->o->progress(w->o->ctx, w->done, w->n) == 0)
		return 0;
	return err_set(e, ERR_CANCELLED, _("stopped after %zu of %zu devices; nothing was kept"),
		       w->done, w->n);
}

static int pause_until(struct work *w, int64_t until, struct err *e)
{
	while (w->clock->now(w->clock) < until) {
		int64_t step = w->clock->now(w->clock) + LOOK_MS;
		if (w->clock->wait(w->clock, NULL, 0, step < until ? step : until) < 0)
			return err_sys(e, _("cannot wait"));
		if (stopped(w, e) != 0)
			return -1;
	}
	return 0;
}

static int round_of(struct work *w, struct err *e)
{
	while (w->done < w->n) {
		struct tr_reply *r = w->t->ops->next(w->t);
		if (r) {
			take(w, r);
			tr_reply_free(r);
			continue;
		}
		struct pollfd p = {.fd = w->t->ops->fd(w->t), .events = POLLIN};
		if (w->clock->wait(w->clock, &p, 1, w->clock->now(w->clock) + LOOK_MS) < 0)
			return err_sys(e, _("cannot wait"));
		if (stopped(w, e) != 0)
			return -1;
	}
	return 0;
}

/* Every credential is tried on one device first: when it is refused, nobody else is asked with it
 * (the transport sees to that), so that no account gets locked. */
static bool is_first_of_credential(const struct work *w, size_t i)
{
	const char *mine = w->inv->devices.v[w->v[i].device].credential;
	for (size_t k = 0; k < i; k++)
		if (str_eq(w->inv->devices.v[w->v[k].device].credential, mine))
			return false;
	return true;
}

static int rounds(struct work *w, struct err *e)
{
	size_t all = w->n;
	int64_t began = w->clock->now(w->clock);
	for (int first = 1; first >= 0; first--) { /* the canaries, then the others */
		w->n = w->done;
		for (size_t i = 0; i < all; i++)
			w->n += is_first_of_credential(w, i) == (first == 1);
		for (size_t i = 0; i < all; i++)
			if (is_first_of_credential(w, i) == (first == 1))
				next(w, i);
		if (round_of(w, e) != 0)
			return -1;
	}
	w->n = all;
	for (int round = 1; round < w->o->looks; round++) {
		if (pause_until(w, began + w->o->apart_ms, e) != 0)
			return -1;
		w->done = 0;
		for (size_t i = 0; i < w->n; i++) {
			w->v[i].ended = false;
			w->v[i].collector = 0;
			next(w, i);
		}
		if (round_of(w, e) != 0)
			return -1;
	}
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* An element that one of two looks could not read says nothing: it counts as not read. */
static void hand_over(struct work *w, struct asked *a, struct shot *out)
{
	const char *name = w->inv->devices.v[a->device].name;
	if (a->silent) {
		struct shot_part *p = VEC_ADD(&out->parts);
		p->device = xstrdup(name);
		p->why = utf8_safe(a->why, UTF8_ONE_LINE);
		return;
	}
	for (size_t k = 0; k < w->p->n_collectors; k++) {
		struct shot_part *from = &a->parts[k];
		if (from->left_out)
			from->element = xstrdup(w->p->collectors[k].element);
		if (!from->element)
			continue;
		for (size_t i = 0; from->why && i < from->looks.n; i++)
			cJSON_Delete((cJSON *)from->looks.v[i].rows);
		if (from->why)
			from->looks.n = 0;
		from->device = xstrdup(name);
		VEC_PUSH(&out->parts, *from);
		*from = (struct shot_part){0};
	}
}

static void begin(struct work *w, const size_t *devices)
{
	w->v = xcalloc(w->n + 1, sizeof(*w->v));
	for (size_t i = 0; i < w->n; i++) {
		const struct device *d = &w->inv->devices.v[devices[i]];
		struct asked *a = &w->v[i];
		a->device = devices[i];
		a->parts = xcalloc(w->p->n_collectors + 1, sizeof(*a->parts));
		procedure_defaults(w->p, &a->known);
		if (w->o->parameters)
			values_merge(&a->known, w->o->parameters);
		values_set(&a->known, "uplinks", ""); /* what only a job knows: there is none */
		values_set(&a->known, "device", d->name);
		values_set(&a->known, "address", d->address);
		values_set(&a->known, "role", d->role ? d->role : "");
	}
}

static void end(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct asked *a = &w->v[i];
		for (size_t k = 0; k < w->p->n_collectors; k++) {
			for (size_t l = 0; l < a->parts[k].looks.n; l++)
				cJSON_Delete((cJSON *)a->parts[k].looks.v[l].rows);
			VEC_RELEASE(&a->parts[k].looks);
			free(a->parts[k].element), free(a->parts[k].why);
		}
		free(a->parts), free(a->why);
		values_release(&a->known);
	}
	free(w->v);
}

int collect(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
	    struct keyring *k, const struct collect_options *o, struct shot *out, struct err *e)
{
	struct work w = {.inv = inv, .p = out->procedure, .o = o, .clock = clock_real(), .n = n};
	w.t = devices_connect(s, inv, k, 0, e);
	if (!w.t)
		return -1;
	begin(&w, devices);
	int rc = rounds(&w, e);
	w.t->ops->free(w.t);
	w.n = n;
	for (size_t i = 0; rc == 0 && i < n; i++)
		hand_over(&w, &w.v[i], out);
	out->wall = w.clock->wall(w.clock);
	end(&w);
	return rc;
}
