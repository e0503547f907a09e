/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/portrait_parts.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/snapshot.h"
#include "run/devices.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_MS   10000
#define COMMAND_MS   30000
#define ANSWER_TIMES 6 /* patience for an answer, in that for a connection: not above COMMAND_MS */
#define LOOK_MS      100
#define OUTPUT_LIMIT ((size_t)512 * 1024)
#define AT_ONCE      64
#define SAID_MOST    120 /* columns of what a strange system says */

struct kept { /* an answer: more than one question may read it */
	char *command;
	struct tr_reply *reply;
};

enum question { ASK_FACTS, ASK_LINKS, ASK_GROUPS, ASK_NOTHING };

struct sitting { /* one device that is being asked */
	struct portrait *p;
	size_t procedure; /* of the list */
	bool fixed;       /* the platform is known: no other procedure is asked */
	enum question question;
	size_t number; /* of the fact or query */
	VEC(struct kept) answers;
	char *asked, *said; /* what showed that a procedure does not know it; NULL: nothing so far */
	bool said_well;     /* ... and was no error */
	bool begun, ended;
};

struct session {
	struct transport *t;
	struct keyring *keyring;
	const struct inventory *inv;
	const struct procedures *list;
	struct sitting *sittings;
	size_t n, begun, active, ended;
	size_t *of_device; /* number of the sitting */
	bool topology;
	struct pace pace;
	int64_t next_ms; /* when the next device may be begun */
	struct values nothing; /* what only a job knows: there is none */
};

static const struct procedure *procedure_of(const struct session *x, const struct sitting *t)
{
	return t->procedure < x->list->n ? x->list->v[t->procedure] : NULL;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void forget_answers(struct sitting *t)
{
	for (size_t i = 0; i < t->answers.n; i++) {
		free(t->answers.v[i].command);
		tr_reply_free(t->answers.v[i].reply);
	}
	VEC_RELEASE(&t->answers);
}

static void forget_all(struct sitting *t)
{
	forget_answers(t);
	free(t->said), free(t->asked);
	t->said = t->asked = NULL;
}

static const struct tr_reply *answer_to(const struct sitting *t, const char *command)
{
	for (size_t i = 0; i < t->answers.n; i++)
		if (strcmp(t->answers.v[i].command, command) == 0)
			return t->answers.v[i].reply;
	return NULL;
}

static struct answer as_answer(const struct tr_reply *r)
{
	return (struct answer){.status = r->status,
			       .out = str_text(&r->out),
			       .out_len = r->out.len,
			       .err = str_text(&r->err),
			       .err_len = r->err.len,
			       .truncated = r->truncated};
}

/* --- facts ------------------------------------------------------------------------------------ */

static struct scope scope_of(const struct session *x, const struct sitting *t)
{
	return (struct scope){.layers = {&t->p->facts, &x->nothing}};
}

/* False: it is needed and not there. */
static bool take_fact(const struct session *x, struct sitting *t, const struct fact *f,
		      const struct tr_reply *r)
{
	struct values captures = {0};
	struct scope scope = scope_of(x, t);
	struct answer a = as_answer(r);
	struct str why = {0};
	const char *text = NULL;
	if (judge_ask(f->read, &a, &scope, &captures, &why) == VERDICT_YES)
		text = values_get(&captures, f->capture);
	const char *mapped = text ? values_get(&f->map, text) : NULL;
	bool there = text || !f->required;
	text = mapped ? mapped : text ? text : f->otherwise ? f->otherwise : "";
	values_set(&t->p->facts, f->name, text);
	if (!there)
		err_set(&t->p->why, ERR_REFUSED, _("no procedure knows this system: \"%s\": %s"),
			f->name, str_text(&why));
	values_release(&captures);
	str_release(&why);
	return there;
}

/* --- one question after the other ------------------------------------------------------------- */

static const struct collector *query_at(const struct session *x, const struct sitting *t)
{
	const struct procedure *p = procedure_of(x, t);
	bool links = t->question == ASK_LINKS;
	size_t n = links ? p->n_link_queries : p->n_group_queries;
	const struct collector *list = links ? p->link_queries : p->group_queries;
	return t->number < n ? &list[t->number] : NULL;
}

static bool applies(const struct session *x, const struct sitting *t, const struct collector *c)
{
	struct scope scope = scope_of(x, t);
	return !c->when || judge_ask(c->when, &(struct answer){.status = -1, .out = "", .err = ""},
				     &scope, NULL, NULL) == VERDICT_YES;
}

static void next_kind(struct sitting *t, bool topology)
{
	t->number = 0;
	t->question = t->question == ASK_FACTS && topology ? ASK_LINKS
		      : t->question == ASK_LINKS           ? ASK_GROUPS
							   : ASK_NOTHING;
	if (t->question == ASK_LINKS)
		t->p->links_known = t->p->groups_known = true; /* until a query says otherwise */
}

/* The template of the next question; NULL: there is none. */
static const char *question_of(const struct session *x, struct sitting *t)
{
	const struct procedure *p = procedure_of(x, t);
	while (t->question != ASK_NOTHING) {
		if (t->question == ASK_FACTS) {
			if (t->number < p->n_facts)
				return p->facts[t->number].command;
			next_kind(t, x->topology);
			continue;
		}
		const struct collector *c = query_at(x, t);
		if (!c)
			next_kind(t, x->topology);
		else if (applies(x, t, c))
			return c->command;
		else
			t->number++;
	}
	return NULL;
}

static void set_state(struct sitting *t, enum portrait_state state, const struct err *why)
{
	t->p->state = state;
	if (why)
		t->p->why = *why;
	t->ended = true;
}

/* What the device is instead, as far as it tells: the first answer that was no error, else the first. */
static void remember_stranger(struct sitting *t, const struct tr_reply *r)
{
	const char *text = str_text(r->out.len ? &r->out : &r->err);
	bool well = r->status == 0 && r->out.len;
	size_t n = strlen(text), i = 0;
	while (n && strchr(" \r\n", text[n - 1]))
		n--;
	while (i < t->answers.n && t->answers.v[i].reply != r)
		i++;
	if (!n || i == t->answers.n || t->said_well || (t->said && !well))
		return;
	struct str line = {0};
	utf8_sanitise(&line, text, n < 4 * SAID_MOST ? n : 4 * SAID_MOST, UTF8_KEEP_LINES);
	char *said = xstrndup(str_text(&line), utf8_fit(str_text(&line), SAID_MOST));
	str_release(&line);
	for (char *at = said; (at = strchr(at, '\n'));)
		*at = ' ';
	free(t->said), free(t->asked);
	t->said = said;
	t->asked = utf8_safe(t->answers.v[i].command, UTF8_ONE_LINE);
	t->said_well = well;
}

static void is_stranger(struct sitting *t)
{
	struct err why = t->p->why;
	if (t->said)
		err_set(&why, ERR_REFUSED, _("no procedure knows this system: \"%s\" says: %s"),
			t->asked, t->said);
	set_state(t, PORTRAIT_STRANGER, &why);
}

/* Another procedure may know what this one does not. */
static void next_procedure(const struct session *x, struct sitting *t)
{
	values_release(&t->p->facts);
	forget_answers(t);
	t->question = ASK_FACTS;
	t->number = 0;
	t->procedure++;
	if (t->fixed || t->procedure >= x->list->n) {
		t->p->procedure = NULL;
		is_stranger(t);
	} else {
		t->p->procedure = procedure_of(x, t);
	}
}

static void take_answer(const struct session *x, struct sitting *t, const struct tr_reply *r)
{
	const struct procedure *p = procedure_of(x, t);
	if (t->question == ASK_FACTS) {
		if (take_fact(x, t, &p->facts[t->number], r))
			t->number++;
		else {
			remember_stranger(t, r);
			next_procedure(x, t);
		}
		return;
	}
	const struct collector *c = query_at(x, t);
	struct answer a = as_answer(r);
	if (t->question == ASK_LINKS)
		portrait_links(t->p, c, &a);
	else
		portrait_groups(t->p, c, &a);
	t->number++;
}

static void submit(struct session *x, const struct sitting *t, const char *command)
{
	struct tr_request *q = tr_request_new(1, t->p->device, command ? TR_RUN : TR_CLOSE);
	q->command = xstrdup(command);
	q->timeout_ms = portrait_patience(&x->pace);
	q->connect_ms = x->pace.patience_ms;
	q->output_limit = OUTPUT_LIMIT;
	x->t->ops->submit(x->t, q);
}

/* Go on until something has to be asked of the device, or it is through. */
static void go_on(struct session *x, struct sitting *t)
{
	while (!t->ended) {
		const char *template = question_of(x, t);
		struct str command = {0};
		struct scope scope = scope_of(x, t);
		struct err why = {0};
		if (!template) {
			set_state(t, PORTRAIT_DONE, NULL);
			break;
		}
		if (template_expand(template, &scope, procedure_of(x, t)->language, &command,
				    &why) != 0) {
			set_state(t, PORTRAIT_STRANGER, &why);
			break;
		}
		const struct tr_reply *known = answer_to(t, str_text(&command));
		if (known) {
			take_answer(x, t, known);
			str_release(&command);
			continue;
		}
		submit(x, t, str_text(&command));
		VEC_PUSH(&t->answers, ((struct kept){str_take(&command), NULL}));
		return;
	}
	submit(x, t, NULL); /* hang up */
	forget_all(t);
	x->active--;
	x->ended++;
}

/* --- why a device could not be asked ---------------------------------------------------------- */

/* Nobody tried: the breaker of the credential was open. */
static bool by_breaker(const struct session *x, const struct sitting *t, const struct err *why)
{
	struct err open = {0};
	const struct device *d = &x->inv->devices.v[t->p->device];
	return !keyring_find(x->keyring, d->credential) ||
	       (!keyring_usable(x->keyring, d->credential, d->name, &open) &&
		strstr(why->text, open.text));
}

static enum portrait_state state_of(const struct session *x, const struct sitting *t,
				    const struct err *why)
{
	if (why->kind == ERR_HOSTKEY)
		return PORTRAIT_HOST_KEY;
	if (why->kind == ERR_AUTH)
		return by_breaker(x, t, why) ? PORTRAIT_NOT_TRIED : PORTRAIT_REFUSED;
	if (why->kind == ERR_INPUT || why->kind == ERR_SYSTEM || why->kind == ERR_CANCELLED)
		return PORTRAIT_NOT_TRIED; /* the key file, the command that gives the password */
	return PORTRAIT_NO_ANSWER;
}

int64_t portrait_patience(const struct pace *pace)
{
	int64_t most = pace->patience_ms * ANSWER_TIMES;
	return most < COMMAND_MS                ? most
	       : pace->patience_ms > COMMAND_MS ? pace->patience_ms
						: COMMAND_MS;
}

/* What was sent needed a login: it is there, and the rest is silence. */
static void is_silent(const struct session *x, struct sitting *t, const struct tr_reply *r)
{
	char *asked = utf8_safe(t->answers.v[t->answers.n - 1].command, UTF8_ONE_LINE);
	struct err why = {0};
	asked[utf8_fit(asked, SAID_MOST)] = '\0';
	if (r->outcome == TR_TIMEOUT)
		err_set(&why, r->e.kind,
			_("it was logged in to and did not answer within %d s: %s; look at its load "
			  "and its console"),
			(int)(portrait_patience(&x->pace) / 1000), asked);
	else
		err_set(&why, r->e.kind,
			_("it was logged in to and did not answer (%s): %s; look at its load and its "
			  "console"),
			asked, r->e.text);
	set_state(t, PORTRAIT_SILENT, &why);
	free(asked);
}

static void take_reply(struct session *x, struct tr_reply *r)
{
	struct sitting *t = &x->sittings[x->of_device[r->device]];
	if (t->ended) { /* it has hung up */
		tr_reply_free(r);
		return;
	}
	if (r->outcome == TR_TIMEOUT || r->outcome == TR_LOST) {
		is_silent(x, t, r);
		tr_reply_free(r);
	} else if (r->outcome != TR_DONE) {
		set_state(t, state_of(x, t, &r->e), &r->e);
		tr_reply_free(r);
	} else {
		t->answers.v[t->answers.n - 1].reply = r;
		take_answer(x, t, r);
	}
	go_on(x, t);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void begin(struct session *x, struct sitting *t)
{
	const char *platform = x->inv->devices.v[t->p->device].platform;
	struct err why = {0};
	t->begun = true;
	t->fixed = platform && *platform;
	x->begun++;
	x->active++;
	if (t->fixed) {
		while (t->procedure < x->list->n &&
		       procedures_of(&(struct procedures){&x->list->v[t->procedure], 1, 1},
				     platform) == NULL)
			t->procedure++;
	}
	t->p->procedure = procedure_of(x, t);
	if (!t->p->procedure) {
		err_set(&why, ERR_INPUT, _("no procedure knows the platform \"%s\""), platform);
		set_state(t, PORTRAIT_STRANGER, &why);
	}
	go_on(x, t);
}

static void begin_some(struct session *x, int64_t now)
{
	while (x->begun < x->n && x->active < (size_t)x->pace.at_once && now >= x->next_ms) {
		if (x->pace.per_second)
			x->next_ms = now + 1000 / x->pace.per_second;
		begin(x, &x->sittings[x->begun]);
	}
}

static int attend(struct session *x, int (*progress)(void *ctx, size_t done, size_t total),
		  void *ctx, struct err *e)
{
	struct clock *clock = clock_real();
	while (x->ended < x->n) {
		struct tr_reply *reply;
		int64_t now = clock->now(clock);
		begin_some(x, now);
		while ((reply = x->t->ops->next(x->t)))
			take_reply(x, reply);
		if (progress && progress(ctx, x->ended, x->n) != 0)
			return err_set(e, ERR_CANCELLED, _("stopped after %zu of %zu devices"),
				       x->ended, x->n);
		struct pollfd p = {.fd = x->t->ops->fd(x->t), .events = POLLIN};
		int64_t until = now + LOOK_MS;
		if (x->begun < x->n && x->next_ms > now && x->next_ms < until)
			until = x->next_ms;
		if (x->ended < x->n && clock->wait(clock, &p, 1, until) < 0)
			return err_sys(e, _("cannot wait"));
	}
	return 0;
}

static struct pace pace_of(const struct pace *wish)
{
	struct pace p = wish ? *wish : (struct pace){0};
	if (p.at_once < 1)
		p.at_once = AT_ONCE;
	if (p.patience_ms < 1)
		p.patience_ms = CONNECT_MS;
	return p;
}

int portraits_take(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
		   struct keyring *k, const struct procedures *list, bool topology,
		   const struct pace *pace, int (*progress)(void *ctx, size_t done, size_t total),
		   void *ctx, struct portraits *out, struct err *e)
{
	struct session x = {.keyring = k,
			    .inv = inv,
			    .list = list,
			    .n = n,
			    .topology = topology,
			    .pace = pace_of(pace)};
	*out = (struct portraits){0};
	keyring_strict(k);
	for (size_t i = 0; i < n; i++)
		VEC_ADD(out)->device = devices[i];
	x.t = devices_connect(s, inv, k, x.pace.at_once, e);
	if (!x.t)
		return -1;
	values_set(&x.nothing, "uplinks", "");
	x.sittings = xcalloc(n + 1, sizeof(*x.sittings));
	x.of_device = xcalloc(inv->devices.n + 1, sizeof(*x.of_device));
	for (size_t i = 0; i < n; i++) {
		x.sittings[i].p = &out->v[i];
		x.of_device[devices[i]] = i;
	}
	int rc = attend(&x, progress, ctx, e);
	x.t->ops->free(x.t);
	for (size_t i = 0; i < n; i++)
		forget_all(&x.sittings[i]);
	values_release(&x.nothing);
	free(x.sittings);
	free(x.of_device);
	return rc;
}

void portraits_release(struct portraits *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct portrait *at = &p->v[i];
		values_release(&at->facts);
		for (size_t k = 0; k < at->links.n; k++) {
			free(at->links.v[k].port);
			free(at->links.v[k].neighbour);
			free(at->links.v[k].neighbour_port);
		}
		for (size_t k = 0; k < at->groups.n; k++) {
			free(at->groups.v[k].kind);
			free(at->groups.v[k].id);
			free(at->groups.v[k].own);
			free(at->groups.v[k].peer);
		}
		VEC_RELEASE(&at->links);
		VEC_RELEASE(&at->groups);
	}
	VEC_RELEASE(p);
}
