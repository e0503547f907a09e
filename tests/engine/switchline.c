/* SPDX-License-Identifier: ISC */
/* The lines to the scripted switches: connections, logins, and what goes wrong with them. */
#include "config.h"

#include "tests/engine/talk.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_TRIP_MS 20

static int64_t lost(struct talk *t, int64_t after)
{
	str_clear(&t->r->out);
	str_clear(&t->r->err);
	t->r->outcome = TR_LOST;
	t->r->status = -1;
	err_set(&t->r->e, ERR_NETWORK, "the session was lost");
	return after;
}

static int64_t not_sent(struct talk *t, enum err_kind kind, const char *text, int64_t after)
{
	t->r->outcome = TR_NOT_SENT;
	t->r->status = -1;
	err_set(&t->r->e, kind, "%s", text);
	return after;
}

static void noise(struct talk *t)
{
	str_clear(&t->r->out);
	for (int i = 0; i < 40; i++)
		str_putc(&t->r->out, (char)(switches_draw(t->s) & 0xff));
	str_puts(&t->r->out, "\x1b[2J\x1b]0;owned\a\nboot\nhealth\n");
}

static void flood(struct talk *t)
{
	for (int i = 0; i < 20000; i++)
		str_puts(&t->r->out, "x y z\n");
	t->r->truncated = true;
}

static enum fault forced(struct talk *t)
{
	struct switches *s = t->s;
	for (size_t i = 0; i < s->forced.n; i++) {
		struct forced *f = &s->forced.v[i];
		const char *text = t->q->kind == TR_PUT ? "put" : t->q->command;
		if (f->times == 0 || (f->device && strcmp(f->device, t->b->name) != 0) ||
		    (f->command && !strstr(text, f->command)))
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		f->times -= f->times > 0;
		return f->fault;
	}
	return FAULT_NONE;
}

static enum fault choose(struct talk *t)
{
	enum fault fault = forced(t);
	int roll = (int)(switches_draw(t->s) % 10000);
	for (int i = 1; i < FAULTS && fault == FAULT_NONE; i++) {
		if (roll < t->s->rate[i])
			return (enum fault)i;
		roll -= t->s->rate[i];
	}
	return fault;
}

/* Commands are words; values come in the quotes that the engine has to put around them. */
static void split(struct talk *t)
{
	const char *p = t->q->command ? t->q->command : "";
	while (t->n < LEN(t->words)) {
		struct str w = {0};
		p += strspn(p, " ");
		if (!*p)
			break;
		for (bool quoted = false; *p && (quoted || *p != ' '); p++)
			if (*p == '\'')
				quoted = !quoted;
			else
				str_putc(&w, *p);
		t->words[t->n++] = str_take(&w);
	}
}

static int64_t connect_fails(struct talk *t, enum fault fault)
{
	size_t d = t->q->device;
	if (t->s->breaker(t->s->ctx, d))
		return not_sent(t, ERR_AUTH, "this credential was refused before", 1);
	if (fault == FAULT_NOT_SENT || !switches_up(t->b, t->now))
		return not_sent(t, ERR_NETWORK, "No route to host", 3000);
	if (fault == FAULT_HOSTKEY || t->b->ill.key_changed)
		return not_sent(t, ERR_HOSTKEY, "the host key has changed", ROUND_TRIP_MS);
	if (fault == FAULT_KEY_NEW)
		return not_sent(t, ERR_HOSTKEY, "the host key is not known", ROUND_TRIP_MS);
	if (fault == FAULT_AUTH || t->b->ill.login_refused) {
		t->s->refused(t->s->ctx, d);
		return not_sent(t, ERR_AUTH, "Permission denied", 2000);
	}
	return 0;
}

static int64_t answer(struct talk *t, enum fault fault)
{
	int64_t failed = connect_fails(t, fault);
	t->delay = ROUND_TRIP_MS;
	if (failed)
		return failed;
	if (fault == FAULT_LOST_BEFORE || fault == FAULT_CUT)
		return lost(t, 500);
	if (fault == FAULT_HANG)
		return -1;
	talk_serve(t, fault);
	if (fault == FAULT_LOST_AFTER)
		return lost(t, t->delay + 500);
	if (fault == FAULT_TIMEOUT)
		return -1;
	if (fault == FAULT_GARBAGE && t->q->kind == TR_RUN)
		noise(t);
	if (fault == FAULT_FLOOD && t->q->kind == TR_RUN)
		flood(t);
	return t->delay + (fault == FAULT_SLOW ? 20000 : 0);
}

int64_t switches_answer(void *ctx, const struct tr_request *r, struct tr_reply *reply, int64_t now)
{
	struct switches *s = ctx;
	struct talk t = {.s = s, .b = &s->box.v[r->device], .q = r, .r = reply, .now = now};
	switches_tick(s, now);
	split(&t);
	enum fault fault = choose(&t);
	int64_t delay = answer(&t, fault);
	if (s->trace)
		fprintf(stderr, "%9lld %-8s %s%s %d %s\n", (long long)now, t.b->name,
			r->kind == TR_PUT ? "put" : r->command, fault ? " FAULT" : "", (int)fault,
			tr_outcome_name(reply->outcome));
	for (size_t i = 0; i < t.n; i++)
		free(t.words[i]);
	return delay;
}
