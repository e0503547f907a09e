/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab *lab_new(struct sshd *s)
{
	struct lab *l = xcalloc(1, sizeof(*l));
	struct credential c = {.name = xstrdup("lab"),
			       .user = xstrdup(s->user),
			       .method = CREDENTIAL_KEY,
			       .key = xstrdup(s->key)};
	l->sshd = s;
	VEC_PUSH(&l->list, c);
	l->known[0] = xstrdup(s->known);
	return l;
}

void lab_open(struct lab *l, size_t n, int threads, int64_t idle_ms)
{
	struct err e = {0};
	struct tr_endpoint *at = xcalloc(n, sizeof(*at));
	for (size_t i = 0; i < n; i++) {
		at[i].name = xasprintf("leaf%02zu", i + 1);
		at[i].address = (char *)"127.0.0.1";
		at[i].port = l->sshd->port;
		at[i].credential = (char *)"lab";
	}
	l->n = n;
	l->keyring = keyring_new(&l->list);
	struct ssh_options o = {.endpoints = at,
				.n = n,
				.keyring = l->keyring,
				.known_hosts = l->known,
				.threads = threads,
				.idle_ms = idle_ms};
	l->t = ssh_transport_new(&o, &e);
	for (size_t i = 0; i < n; i++)
		free(at[i].name);
	free(at);
	if (!l->t)
		fail_msg("%s", e.text);
}

void lab_free(struct lab *l)
{
	if (l->t)
		l->t->ops->free(l->t);
	keyring_free(l->keyring);
	for (size_t i = 0; i < l->list.n; i++)
		credential_release(&l->list.v[i]);
	VEC_RELEASE(&l->list);
	free(l->known[0]);
	free(l);
}

struct tr_request *run_request(size_t device, const char *command)
{
	static uint64_t id;
	struct tr_request *r = tr_request_new(++id, device, TR_RUN);
	r->command = xstrdup(command);
	r->timeout_ms = LIMIT_MS;
	r->connect_ms = LIMIT_MS;
	return r;
}

void submit(struct lab *l, struct tr_request *r)
{
	l->t->ops->submit(l->t, r);
}

struct tr_reply *wait_reply(struct lab *l)
{
	struct clock *c = clock_real();
	int64_t until = c->now(c) + 3 * LIMIT_MS;
	for (;;) {
		struct tr_reply *reply = l->t->ops->next(l->t);
		if (reply && reply->outcome != TR_PROGRESS)
			return reply;
		tr_reply_free(reply);
		if (reply)
			continue;
		struct pollfd p = {.fd = l->t->ops->fd(l->t), .events = POLLIN};
		c->wait(c, &p, 1, until);
		if (c->now(c) >= until)
			fail_msg("no reply came");
	}
}

struct tr_reply *ask(struct lab *l, struct tr_request *r)
{
	uint64_t id = r->id;
	submit(l, r);
	struct tr_reply *reply = wait_reply(l);
	assert_int_equal(reply->id, id);
	return reply;
}

struct tr_reply *run(struct lab *l, size_t device, const char *command)
{
	return ask(l, run_request(device, command));
}
