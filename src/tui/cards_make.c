/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/cards.h"

#include "base/str.h"
#include "model/phrases.h"
#include "tui/evidence.h"

#include <stdlib.h>
#include <string.h>

void cards_release(struct cards *c)
{
	for (size_t i = 0; i < c->list.n; i++) {
		free(c->list.v[i].key);
		free(c->list.v[i].title);
		VEC_RELEASE(&c->list.v[i].tasks);
	}
	VEC_RELEASE(&c->list);
	*c = (struct cards){0};
}

/* The message with "*" where the device's name stands: the same for every device. */
static char *without_name(const char *message, const char *name)
{
	struct str s = {0};
	size_t n = strlen(name);
	const char *found;
	while (n && (found = strstr(message, name))) {
		str_add(&s, message, (size_t)(found - message));
		str_putc(&s, '*');
		message = found + n;
	}
	str_puts(&s, message);
	return str_take(&s);
}

static bool is_failure(const struct task_view *t)
{
	return (t->was_failed && t->state != TASK_DONE) || t->state == TASK_FAILED ||
	       t->state == TASK_ROLLED_BACK;
}

static const char *message_of(const struct jobview *v, const struct task_view *t)
{
	return t->message && *t->message ? said(v, t->message)
	       : t->reason		 ? said(v, t->reason)
					 : "-";
}

static struct card *card_of(struct cards *c, const char *key)
{
	for (size_t i = 0; i < c->list.n; i++)
		if (str_eq(c->list.v[i].key, key))
			return &c->list.v[i];
	return NULL;
}

static void begin_card(struct cards *c, struct card *k, const struct task_view *t)
{
	const struct step *step =
	    t->failed_step ? procedure_step(c->view->procedure, t->failed_step) : NULL;
	k->title = xstrdup(message_of(c->view, t));
	k->message = message_of(c->view, t);
	k->cause = said(c->view, t->cause);
	k->advice = said(c->view, t->advice);
	k->phase = step ? step->phase : NULL;
	k->evidence = evidence_step(t);
}

/* A kind that the procedure names is the cause; without one the words have to be the same. */
static char *key_of(const struct task_view *t, const char *plain)
{
	bool named = t->error_kind && *t->error_kind;
	return xasprintf("%s\n%s\n%s", t->failed_step ? t->failed_step : "",
			 named ? t->error_kind : "", named ? "" : plain);
}

static void add(struct cards *c, size_t task)
{
	const struct task_view *t = &c->view->tasks.v[task];
	char *plain = without_name(message_of(c->view, t), jobview_device(c->view, t->device));
	char *key = key_of(t, plain);
	struct card *k = card_of(c, key);
	if (!k) {
		k = VEC_ADD(&c->list);
		k->key = xstrdup(key);
		begin_card(c, k, t);
	} else if (k->tasks.n == 1) {
		free(k->title);
		k->title = xstrdup(plain);
	}
	VEC_PUSH(&k->tasks, task);
	c->devices++;
	free(plain);
	free(key);
}

void cards_make(struct cards *c, const struct jobview *v)
{
	cards_release(c);
	c->view = v;
	for (size_t i = 0; v && i < v->tasks.n; i++)
		if (is_failure(&v->tasks.v[i]))
			add(c, i);
}
