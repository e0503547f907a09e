/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/cards.h"

#include "base/i18n.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/order.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT_MOST 4096 /* bytes of evidence in JSON: the device's steps have all of it */

void cards_release(struct cards *c)
{
	for (size_t i = 0; i < c->list.n; i++) {
		free(c->list.v[i].key);
		free(c->list.v[i].title);
		card_words_release(&c->list.v[i].messages);
		card_words_release(&c->list.v[i].causes);
		card_words_release(&c->list.v[i].advices);
		free(c->list.v[i].cause);
		free(c->list.v[i].advice);
		VEC_RELEASE(&c->list.v[i].members);
	}
	VEC_RELEASE(&c->list);
	*c = (struct cards){0};
}

const struct task_view *card_task(const struct card_member *m)
{
	return m->task == SIZE_MAX ? NULL : &m->view->tasks.v[m->task];
}

const char *card_device(const struct card_member *m)
{
	const struct task_view *t = card_task(m);
	return t ? jobview_device(m->view, t->device) : "-";
}

const struct step_view *card_evidence(const struct task_view *t)
{
	const struct step_view *found = NULL;
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (s->result && str_eq(s->step, t->failed_step) && str_eq(s->result, "failed"))
			found = s;
	}
	return found;
}

static bool is_failure(const struct task_view *t)
{
	return (t->was_failed && t->state != TASK_DONE) || t->state == TASK_FAILED ||
	       t->state == TASK_ROLLED_BACK;
}

static bool is_refusal(const struct check_view *k)
{
	return k->error && !k->after &&
	       (str_eq(k->status, "failed") || str_eq(k->status, "unknown"));
}

/* The device is done, and nobody can say that all is as before. */
static bool is_gap(const struct jobview *v, const struct check_view *k)
{
	const struct check *known = procedure_check(v->procedure, k->check);
	return k->after && known && str_eq(known->builtin, "snapshot-missing") &&
	       (str_eq(k->status, "warning") || str_eq(k->status, "failed"));
}

/* --- one failure ------------------------------------------------------------------------------ */

struct failure { /* borrowed */
	struct card_member member;
	const char *message, *cause, *advice, *step, *kind, *check;
	const char *credential; /* that was refused; NULL: it is about something else */
};

static const char *tell(const struct cards *c, const struct jobview *v, const char *text)
{
	return c->plain ? text : said(v, text);
}

static const char *message_of(const struct cards *c, const struct jobview *v,
			      const struct task_view *t)
{
	return t->message && *t->message ? tell(c, v, t->message)
	       : t->reason               ? tell(c, v, t->reason)
					 : "-";
}

static const struct device *device_of(const struct card_member *m)
{
	const struct task_view *t = card_task(m);
	return t ? &m->view->job->inventory->devices.v[t->device] : NULL;
}

/* "*" for every word of the text that is a device. */
static void hide_devices(const struct inventory *inv, char **text)
{
	static const char in_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.-";
	struct str out = {0};
	for (const char *at = *text; *at;) {
		size_t n = strspn(at, in_names);
		char *word = xstrndup(at, n);
		if (n && inventory_find(inv, word) != NO_DEVICE)
			str_putc(&out, '*');
		else
			str_add(&out, at, n ? n : 1);
		at += n ? n : 1;
		free(word);
	}
	free(*text);
	*text = str_take(&out);
}

/* A message about several devices: it may name another one of its job, too, where only the first
 * has refused a credential. */
static char *general_message(const struct failure *f)
{
	static const struct card_others others = {"*", "*", "*"};
	const struct device *d = device_of(&f->member);
	char *text = card_words_general(f->message, d, d ? d->name : NULL, &others);
	if (f->credential)
		hide_devices(f->member.view->job->inventory, &text);
	return text;
}

/* A kind that the procedure names is the cause, and a credential that is refused; without one the
 * words have to be the same. */
static char *key_of(const struct failure *f)
{
	bool named = (f->kind && *f->kind) || f->credential;
	struct shape shape;
	char *text = general_message(f);
	shape_of(&shape, text, NULL);
	char *key = xasprintf("%s\n%s\n%s\n%s\n%s", f->member.view->procedure->id,
			      f->step ? f->step : "", f->check ? f->check : "",
			      f->credential ? f->credential : named ? f->kind : "",
			      named ? "" : shape.text);
	shape_release(&shape);
	free(text);
	return key;
}

static struct card *card_of(struct cards *c, const char *key)
{
	for (size_t i = 0; i < c->list.n; i++)
		if (str_eq(c->list.v[i].key, key))
			return &c->list.v[i];
	return NULL;
}

static struct card *begin_card(struct cards *c, const struct failure *f, char *key)
{
	struct card *k = VEC_ADD(&c->list);
	k->key = key;
	k->message = f->message;
	k->step = f->step;
	k->check = f->check;
	return k;
}

/* What another message says stands where the cause does: it may be the only one that tells it. */
static void put_causes(struct card *k)
{
	const struct card_variant *most = card_words_most(&k->messages);
	struct str out = {0};
	char *text = card_words_text(&k->causes);
	str_puts(&out, text);
	for (size_t i = 0; !k->causes.list.n && i < k->messages.list.n; i++) {
		const struct card_variant *m = &k->messages.list.v[i];
		if (m != most)
			str_printf(&out, "%s%s: %s", out.len ? "\n" : "", m->device, m->first);
	}
	free(text);
	free(k->cause);
	k->cause = out.len ? str_take(&out) : NULL;
}

/* The title is about all of them as soon as there are two. */
static void word_card(struct card *k)
{
	const struct card_variant *most = card_words_most(&k->messages);
	free(k->title);
	free(k->advice);
	k->title = k->messages.n > 1 ? shape_text(&most->shape) : xstrdup(most->first);
	k->advice = card_words_text(&k->advices);
	put_causes(k);
}

static void join(const struct cards *c, struct card *k, const struct failure *f)
{
	const struct card_others others = {c->plain ? "each device" : _("each device"),
					   c->plain ? "its address" : _("its address"),
					   c->plain ? "(its own)" : _("(its own)")};
	static const struct card_others same = {"*", "*", "*"};
	const struct device *d = device_of(&f->member);
	const char *name = card_device(&f->member), *own = d ? d->name : NULL;
	char *text = general_message(f);
	struct card_words *m = &k->messages;
	size_t before = m->list.n;
	card_words_add(m, text, NULL, NULL, name, &same);
	if (m->list.n > before) { /* as it was said, should it stay the only one */
		free(m->list.v[before].first);
		m->list.v[before].first = xstrdup(f->message);
	}
	free(text);
	card_words_add(&k->causes, f->cause, d, own, name, &others);
	card_words_add(&k->advices, f->advice, d, own, name, &others);
	word_card(k);
}

static bool is_on_a_card(const struct cards *c, const char *device)
{
	for (size_t i = 0; i < c->list.n; i++)
		for (size_t k = 0; k < c->list.v[i].members.n; k++)
			if (str_eq(card_device(&c->list.v[i].members.v[k]), device))
				return true;
	return false;
}

/* Gives the card when it is a new one, else NULL. */
static struct card *add(struct cards *c, const struct failure *f)
{
	char *key = key_of(f);
	struct card *k = card_of(c, key), *fresh = NULL;
	if (k)
		free(key);
	else
		k = fresh = begin_card(c, f, key);
	join(c, k, f);
	c->devices += device_of(&f->member) && !is_on_a_card(c, card_device(&f->member));
	VEC_PUSH(&k->members, f->member);
	return fresh;
}

static void add_task(struct cards *c, const struct jobview *v, const char *job, size_t i)
{
	const struct task_view *t = &v->tasks.v[i];
	const struct step *step = t->failed_step ? procedure_step(v->procedure, t->failed_step) : NULL;
	struct failure f = {.member = {v, job, i},
			    .message = message_of(c, v, t),
			    .cause = tell(c, v, t->cause),
			    .advice = tell(c, v, t->advice),
			    .step = t->failed_step,
			    .kind = t->error_kind};
	struct card *k = add(c, &f);
	if (!k)
		return;
	k->phase = step ? step->phase : NULL;
	k->evidence = card_evidence(t);
	k->command = k->evidence ? k->evidence->command : NULL;
	k->output = k->evidence ? k->evidence->output : NULL;
}

static void add_check(struct cards *c, const struct jobview *v, const char *job,
		      const struct check_view *x)
{
	struct failure f = {.member = {v, job, SIZE_MAX},
			    .message = tell(c, v, x->message ? x->message : x->title),
			    .advice = tell(c, v, x->advice),
			    .check = x->check};
	for (size_t i = 0; x->device != NO_DEVICE && i < v->tasks.n; i++)
		if (v->tasks.v[i].device == x->device)
			f.member.task = i;
	if (!f.message)
		f.message = x->check;
	const struct check *known = procedure_check(v->procedure, x->check);
	const struct device *d = device_of(&f.member);
	if (d && known && str_eq(known->builtin, "login-refused"))
		f.credential = d->credential;
	struct card *k = add(c, &f);
	if (!k)
		return;
	k->phase = x->group;
	k->command = x->command;
	k->output = x->output;
}

static size_t members_of(const struct cards *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->list.n; i++)
		n += c->list.v[i].members.n;
	return n;
}

size_t cards_add(struct cards *c, const struct jobview *v, const char *job)
{
	size_t before = members_of(c);
	for (size_t i = 0; i < v->tasks.n; i++)
		if (is_failure(&v->tasks.v[i]))
			add_task(c, v, job, i);
	for (size_t i = 0; i < v->checks.n; i++)
		if ((v->state == JOB_REFUSED && is_refusal(&v->checks.v[i])) ||
		    is_gap(v, &v->checks.v[i]))
			add_check(c, v, job, &v->checks.v[i]);
	return members_of(c) - before;
}

void cards_make(struct cards *c, const struct jobview *v)
{
	cards_release(c);
	c->view = v;
	if (v)
		(void)cards_add(c, v, NULL);
}

/* --- what can be done ------------------------------------------------------------------------- */

static const char *const verbs[] = {"retry", "skip", "rollback"};

/* A word for a POSIX shell. */
static void put_word(struct str *out, const char *word)
{
	str_putc(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			str_puts(out, "'\\''");
		else
			str_putc(out, *word);
	}
	str_putc(out, '\'');
}

static void put_command(struct str *out, const struct card_member *m, const char *verb)
{
	const char *device = card_device(m);
	struct order_words w = {.verb = verb, .target = device};
	if (!card_task(m) || order_possible(m->view, &w, NULL) != 0)
		return;
	str_printf(out, "hitless %s ", verb);
	put_word(out, m->view->job->name);
	str_printf(out, " %s\n", device);
}

static bool seen_before(const struct card *k, size_t i)
{
	for (size_t n = 0; n < i; n++)
		if (k->members.v[n].view == k->members.v[i].view)
			return true;
	return false;
}

/* The pre-checks of a refused job, once more. */
static void put_check_again(struct str *out, const struct card *k)
{
	for (size_t i = 0; i < k->members.n; i++) {
		const struct jobview *v = k->members.v[i].view;
		if (seen_before(k, i))
			continue;
		str_puts(out, "hitless show ");
		put_word(out, v->job->name);
		str_putc(out, '\n');
	}
}

char *card_commands(const struct card *k)
{
	struct str out = {0};
	for (size_t n = 0; n < LEN(verbs) && !k->check; n++)
		for (size_t i = 0; i < k->members.n; i++)
			put_command(&out, &k->members.v[i], verbs[n]);
	if (k->check)
		put_check_again(&out, k);
	return str_take(&out);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static cJSON *evidence_json(const struct card *k)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", card_device(&k->members.v[0]));
	json_put_text(o, "command", k->command);
	if (k->output) {
		size_t n = strlen(k->output);
		json_put_text(o, "output", n > OUTPUT_MOST ? k->output + n - OUTPUT_MOST : k->output);
	}
	return o;
}

static cJSON *members_json(const struct card *k)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < k->members.n; i++) {
		const struct card_member *m = &k->members.v[i];
		const struct task_view *t = card_task(m);
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "device", t ? card_device(m) : NULL);
		json_put_text(o, "job", m->view->job->name);
		json_put_text(o, "state", t ? task_state_name(t->state) : NULL);
		json_append(list, o);
	}
	return list;
}

static cJSON *card_json(const struct card *k)
{
	cJSON *o = cJSON_CreateObject();
	char *commands = card_commands(k), **lines = str_split(commands, "\n", NULL);
	json_put_text(o, "title", k->title);
	json_put_text(o, "step", k->step);
	json_put_text(o, "check", k->check);
	json_put_text(o, "phase", k->phase);
	json_put_text(o, "message", k->message);
	json_put_text(o, "cause", k->cause);
	json_put_text(o, "action", k->advice);
	json_put(o, "devices", members_json(k));
	json_put(o, "evidence", evidence_json(k));
	json_put(o, "commands", json_strings(lines));
	free(lines);
	free(commands);
	return o;
}

cJSON *cards_json(const struct cards *c)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < c->list.n; i++)
		json_append(list, card_json(&c->list.v[i]));
	return list;
}
