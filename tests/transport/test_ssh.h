/* SPDX-License-Identifier: ISC */
/* What the tests with a real server share: a transport to it, and requests made and answered. */
#ifndef TESTS_TRANSPORT_TEST_SSH_H
#define TESTS_TRANSPORT_TEST_SSH_H

#include "sshd.h"
#include "transport/ssh.h"

#define LIMIT_MS 20000 /* no answer takes longer, or the test fails */

struct lab {
	struct sshd *sshd;
	struct credentials list;
	struct keyring *keyring;
	struct transport *t;
	char *known[2];
	size_t n;
};

/* n devices, all the one server; method, key and known_hosts may be changed before lab_open. */
struct lab *lab_new(struct sshd *s);
void lab_open(struct lab *l, size_t n, int threads, int64_t idle_ms);
void lab_free(struct lab *l);

struct tr_request *run_request(size_t device, const char *command);
void submit(struct lab *l, struct tr_request *r);
/* The next reply that is no progress; fails the test when none comes. */
struct tr_reply *wait_reply(struct lab *l);
struct tr_reply *ask(struct lab *l, struct tr_request *r);
struct tr_reply *run(struct lab *l, size_t device, const char *command);

#endif
