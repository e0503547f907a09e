/* SPDX-License-Identifier: ISC */
/* Logins and host keys, with a real OpenSSH server. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/path.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct sshd *server;

static void set(char **where, const char *text)
{
	free(*where);
	*where = xstrdup(text);
}

static char *public_line(const char *name)
{
	char *text = read_text(sshd_path(server, name));
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* known_hosts of the lab with other content. */
static void know_only(struct lab *l, const char *fmt, const char *name)
{
	char *key = public_line(name);
	char *host = xasprintf("[127.0.0.1]:%d", server->port);
	struct str text = {0};
	for (const char *c = fmt; *c; c++)
		if (*c == 'H')
			str_puts(&text, host);
		else if (*c == 'K')
			str_puts(&text, key);
		else
			str_putc(&text, *c);
	set(&l->known[0], sshd_path(server, "known_test"));
	write_text(l->known[0], text.buf);
	str_release(&text);
	free(host);
	free(key);
}

static void expect_refused_key(struct lab *l, const char *text)
{
	lab_open(l, 1, 0, 0);
	int before = sshd_count(server, "Accepted");
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_HOSTKEY);
	if (!strstr(r->e.text, text))
		fail_msg("'%s' is not in '%s'", text, r->e.text);
	assert_int_equal(strncmp(r->fingerprint, "SHA256:", 7), 0);
	assert_int_equal(sshd_count(server, "Accepted"), before);
	tr_reply_free(r);
}

/* --- host keys -------------------------------------------------------------------------------- */

static void test_unknown_host(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "other.example K\n", "host_ed25519.pub");
	expect_refused_key(l, "host key of leaf01 is not known (SHA256:");
	lab_free(l);
	l = lab_new(server);
	set(&l->known[0], "/nonexistent/known_hosts");
	expect_refused_key(l, "is not known");
	lab_free(l);
}

static void test_changed_key(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "H K\n", "key.pub"); /* a key of the same type */
	expect_refused_key(l, "host key of leaf01 has changed");
	lab_free(l);
	l = lab_new(server);
	know_only(l, "H ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDAbc\n",
		  "key.pub"); /* of another type */
	expect_refused_key(l, "has changed");
	lab_free(l);
}

static void test_revoked_key(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "H K\n@revoked * K\n", "host_ed25519.pub");
	expect_refused_key(l, "is revoked");
	lab_free(l);
}

static void test_certificate_authority(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "@cert-authority * K\n", "host_ed25519.pub");
	expect_refused_key(l, "certificate authority");
	lab_free(l);
}

static void test_negated_host(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "!H,*:* K\n", "host_ed25519.pub");
	expect_refused_key(l, "is not known");
	lab_free(l);
}

static void test_unreadable_known_hosts(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	set(&l->known[0], server->dir); /* a directory */
	lab_open(l, 1, 0, 0);
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_HOSTKEY);
	tr_reply_free(r);
	lab_free(l);
}

/* The server has two keys; whichever is known is the one it has to show. */
static void test_known_type_is_asked_for(void **state)
{
	(void)state;
	static const char *const names[] = {"host_ed25519.pub", "host_ecdsa.pub"};
	for (int i = 0; i < 2; i++) {
		struct lab *l = lab_new(server);
		know_only(l, "H K\n", names[i]);
		lab_open(l, 1, 0, 0);
		struct tr_reply *r = run(l, 0, "true");
		assert_int_equal(r->outcome, TR_DONE);
		tr_reply_free(r);
		lab_free(l);
	}
}

static void test_new_key_is_pinned(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	know_only(l, "H K\n", "key.pub");
	lab_open(l, 1, 0, 0);
	struct tr_request *q = run_request(0, "true");
	q->host_key = TR_KEY_MAY_BE_NEW;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->outcome, TR_DONE);
	assert_true(r->new_key);
	char *fingerprint = xstrdup(r->fingerprint);
	tr_reply_free(r);
	tr_reply_free(ask(l, tr_request_new(1, 0, TR_CLOSE)));
	r = run(l, 0, "true"); /* the pinned one is good now */
	assert_int_equal(r->outcome, TR_DONE);
	assert_true(r->reconnected);
	assert_true(r->new_key);
	tr_reply_free(r);
	lab_free(l);
	/* One that is named is good for the requests that name it. */
	for (int i = 0; i < 2; i++) {
		l = lab_new(server);
		know_only(l, "H K\n", "key.pub");
		lab_open(l, 1, 0, 0);
		q = run_request(0, "true");
		q->accept_key = xstrdup(i ? fingerprint : "SHA256:another");
		r = ask(l, q);
		assert_int_equal(r->outcome, i ? TR_DONE : TR_NOT_SENT);
		assert_int_equal(r->new_key, i);
		tr_reply_free(r);
		tr_reply_free(ask(l, tr_request_new(1, 0, TR_CLOSE)));
		r = run(l, 0, "true");
		assert_int_equal(r->e.kind, ERR_HOSTKEY);
		tr_reply_free(r);
		lab_free(l);
	}
	free(fingerprint);
	/* Not even then a revoked one. */
	l = lab_new(server);
	know_only(l, "@revoked H K\n", "host_ed25519.pub");
	lab_open(l, 1, 0, 0);
	q = run_request(0, "true");
	q->host_key = TR_KEY_MAY_BE_NEW;
	q->accept_key = xstrdup("SHA256:x");
	r = ask(l, q);
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_non_null(strstr(r->e.text, "revoked"));
	tr_reply_free(r);
	lab_free(l);
}

static void test_scan(void **state)
{
	(void)state;
	char fingerprint[64], *line = NULL;
	struct err e = {0};
	assert_int_equal(ssh_scan(NULL, "127.0.0.1", server->port, 10000, fingerprint, &line, &e), 0);
	struct lab *l = lab_new(server);
	set(&l->known[0], sshd_path(server, "scanned"));
	char *text = xasprintf("%s\n", line);
	write_text(l->known[0], text);
	lab_open(l, 1, 0, 0);
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_DONE);
	assert_string_equal(r->fingerprint, fingerprint);
	tr_reply_free(r);
	lab_free(l);
	free(text);
	free(line);
	line = NULL;
	assert_int_equal(ssh_scan(NULL, "127.0.0.1", free_port(), 10000, fingerprint, &line, &e), -1);
	assert_int_equal(e.kind, ERR_NETWORK);
	assert_null(line);
}

/* --- logins ----------------------------------------------------------------------------------- */

/* One refusal, and nobody tries again: neither the same device nor the others. */
static void test_wrong_key(void **state)
{
	(void)state;
	enum { N = 20 };
	struct lab *l = lab_new(server);
	set(&l->list.v[0].key, server->wrong);
	lab_open(l, N, 8, 0);
	int before = sshd_count(server, "Failed publickey");
	for (size_t i = 0; i < N; i++)
		submit(l, run_request(i, "true"));
	int refused = 0, held = 0;
	for (size_t i = 0; i < N; i++) {
		struct tr_reply *r = wait_reply(l);
		assert_int_equal(r->outcome, TR_NOT_SENT);
		assert_int_equal(r->e.kind, ERR_AUTH);
		refused += strstr(r->e.text, "Permission denied (publickey") != NULL;
		held += strstr(r->e.text, "credential lab was refused on leaf") != NULL;
		tr_reply_free(r);
	}
	assert_int_equal(refused, 1);
	assert_int_equal(held, N - 1);
	int connections = sshd_count(server, "Connection from");
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->e.kind, ERR_AUTH);
	tr_reply_free(r);
	assert_int_equal(sshd_count(server, "Connection from"), connections);
	assert_int_equal(sshd_count(server, "Failed publickey") - before, 1);
	/* An operator says that it is right now. */
	keyring_reset(l->keyring, "lab");
	r = run(l, 0, "true");
	assert_non_null(strstr(r->e.text, "Permission denied"));
	tr_reply_free(r);
	assert_int_equal(sshd_count(server, "Failed publickey") - before, 2);
	lab_free(l);
}

/* How often a wrong key is refused that goes on to the right one, over a fleet that takes that. */
static int refusals_on_the_way(size_t n, bool strict)
{
	struct lab *l = lab_new(server);
	struct credential spare = {.name = xstrdup("spare"),
				   .user = xstrdup(server->user),
				   .method = CREDENTIAL_KEY,
				   .key = xstrdup(server->key)};
	VEC_PUSH(&l->list, spare);
	set(&l->list.v[0].key, server->wrong);
	set(&l->list.v[0].otherwise, "spare");
	lab_open(l, n, 8, 0);
	if (strict)
		keyring_strict(l->keyring);
	int before = sshd_count(server, "Failed publickey");
	for (size_t i = 0; i < n; i++)
		submit(l, run_request(i, "true"));
	for (size_t i = 0; i < n; i++) {
		struct tr_reply *r = wait_reply(l);
		assert_int_equal(r->outcome, TR_DONE);
		tr_reply_free(r);
	}
	int refused = sshd_count(server, "Failed publickey") - before;
	lab_free(l);
	return refused;
}

static void test_goes_on(void **state)
{
	(void)state;
	assert_int_equal(refusals_on_the_way(12, false), 3);
	assert_int_equal(refusals_on_the_way(12, true), 1);
}

/* A system that was just installed knows nobody yet: that says nothing about the key. */
static void test_not_provisioned_yet(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	int before = sshd_count(server, "Failed publickey");
	know_only(l, "H K\n", "key.pub");
	set(&l->list.v[0].key, server->wrong);
	lab_open(l, 1, 0, 0);
	for (int i = 1; i <= 2; i++) {
		struct tr_request *q = run_request(0, "true");
		q->host_key = TR_KEY_MAY_BE_NEW;
		struct tr_reply *r = ask(l, q);
		assert_int_equal(r->outcome, TR_NOT_SENT);
		assert_int_equal(r->e.kind, ERR_NETWORK);
		assert_non_null(strstr(r->e.text, "may not be provisioned yet"));
		tr_reply_free(r);
		assert_int_equal(sshd_count(server, "Failed publickey") - before, i);
	}
	lab_free(l);
	/* its key is the known one: it is the system that has judged before */
	l = lab_new(server);
	set(&l->list.v[0].key, server->wrong);
	lab_open(l, 1, 0, 0);
	struct tr_request *q = run_request(0, "true");
	q->host_key = TR_KEY_MAY_BE_NEW;
	struct tr_reply *r = ask(l, q);
	assert_int_equal(r->e.kind, ERR_AUTH);
	tr_reply_free(r);
	lab_free(l);
}

static void test_missing_key_and_credential(void **state)
{
	(void)state;
	struct lab *l = lab_new(server);
	set(&l->list.v[0].key, "/nonexistent/key");
	lab_open(l, 1, 0, 0);
	int connections = sshd_count(server, "Connection from");
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_non_null(strstr(r->e.text, "/nonexistent/key"));
	tr_reply_free(r);
	lab_free(l);
	l = lab_new(server);
	set(&l->list.v[0].name, "other");
	lab_open(l, 1, 0, 0);
	r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_int_equal(r->e.kind, ERR_AUTH);
	tr_reply_free(r);
	assert_int_equal(sshd_count(server, "Connection from"), connections);
	lab_free(l);
}

static void test_passphrase(void **state)
{
	(void)state;
	struct err e = {0};
	char *locked = xstrdup(sshd_path(server, "locked")), *text = read_text(server->key);
	write_text(locked, text);
	const char *const argv[] = {"ssh-keygen", "-q",          "-p", "-P",   "",
				    "-N",         "open sesame", "-f", locked, NULL};
	assert_int_equal(run_program(argv, NULL), 0);
	struct lab *l = lab_new(server);
	set(&l->list.v[0].key, locked);
	lab_open(l, 1, 0, 0);
	assert_true(keyring_wants_secret(l->keyring, "lab"));
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_non_null(strstr(r->e.text, "needs its passphrase"));
	tr_reply_free(r);
	keyring_set_secret(l->keyring, "lab", secret_new("wrong", 5, &e));
	r = run(l, 0, "true");
	assert_non_null(strstr(r->e.text, "does not open"));
	tr_reply_free(r);
	assert_true(keyring_wants_secret(l->keyring, "lab"));
	keyring_set_secret(l->keyring, "lab", secret_new("open sesame", 11, &e));
	assert_false(keyring_wants_secret(l->keyring, "lab"));
	r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_DONE);
	tr_reply_free(r);
	lab_free(l);
	free(text);
	free(locked);
}

/* --- agent ------------------------------------------------------------------------------------ */

static pid_t start_agent(const char *socket_path)
{
	const char *log = sshd_path(server, "agent.log");
	pid_t pid = fork();
	if (pid == 0) {
		/* A test that fails must not leave it behind. */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || !freopen(log, "w", stdout) ||
		    !freopen(log, "a", stderr))
			_exit(127);
		execlp("ssh-agent", "ssh-agent", "-D", "-a", socket_path, NULL);
		_exit(127);
	}
	int left = 10000;
	while (access(socket_path, F_OK) != 0)
		assert_true(nap(&left));
	setenv("SSH_AUTH_SOCK", socket_path, 1);
	return pid;
}

static void add_to_agent(const char *key)
{
	const char *const argv[] = {"ssh-add", "-q", key, NULL};
	assert_int_equal(run_program(argv, NULL), 0);
}

/* Five wrong keys first: only with the right one preferred can three tries be enough. */
static void test_agent(void **state)
{
	(void)state;
	char *socket_path = xstrdup(sshd_path(server, "agent"));
	pid_t agent = start_agent(socket_path);
	struct lab *l = lab_new(server);
	l->list.v[0].method = CREDENTIAL_AGENT;
	lab_open(l, 1, 0, 0);
	struct tr_reply *r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_non_null(strstr(r->e.text, "holds no key"));
	tr_reply_free(r);
	for (int i = 0; i < 5; i++) {
		char name[16];
		snprintf(name, sizeof(name), "extra%d", i);
		const char *path = sshd_path(server, name);
		const char *const argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N",
					    "",           "-f", path, NULL};
		assert_int_equal(run_program(argv, NULL), 0);
		add_to_agent(path);
	}
	add_to_agent(server->key);
	r = run(l, 0, "echo by agent");
	assert_int_equal(r->outcome, TR_DONE);
	assert_string_equal(str_text(&r->out), "by agent\n");
	tr_reply_free(r);
	lab_free(l);
	/* Without preference the right key is the sixth: not tried. */
	int before = sshd_count(server, "Failed publickey") + sshd_count(server, "publickey for");
	l = lab_new(server);
	l->list.v[0].method = CREDENTIAL_AGENT;
	set(&l->list.v[0].key, "/nonexistent");
	lab_open(l, 1, 0, 0);
	r = run(l, 0, "true");
	assert_int_equal(r->outcome, TR_NOT_SENT);
	assert_non_null(strstr(r->e.text, "Permission denied"));
	tr_reply_free(r);
	assert_true(sshd_count(server, "Failed publickey") + sshd_count(server, "publickey for") -
			before <=
		    6);
	lab_free(l);
	kill(agent, SIGTERM);
	free(socket_path);
	unsetenv("SSH_AUTH_SOCK");
	l = lab_new(server);
	l->list.v[0].method = CREDENTIAL_AGENT;
	lab_open(l, 1, 0, 0);
	r = run(l, 0, "true");
	assert_non_null(strstr(r->e.text, "no SSH agent"));
	tr_reply_free(r);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown_host),
	    cmocka_unit_test(test_changed_key),
	    cmocka_unit_test(test_revoked_key),
	    cmocka_unit_test(test_certificate_authority),
	    cmocka_unit_test(test_negated_host),
	    cmocka_unit_test(test_unreadable_known_hosts),
	    cmocka_unit_test(test_known_type_is_asked_for),
	    cmocka_unit_test(test_new_key_is_pinned),
	    cmocka_unit_test(test_scan),
	    cmocka_unit_test(test_wrong_key),
	    cmocka_unit_test(test_goes_on),
	    cmocka_unit_test(test_not_provisioned_yet),
	    cmocka_unit_test(test_missing_key_and_credential),
	    cmocka_unit_test(test_passphrase),
	    cmocka_unit_test(test_agent),
	};
	signal(SIGPIPE, SIG_IGN);
	server = sshd_start(NULL);
	if (!server)
		return 77;
	int failed = cmocka_run_group_tests_name("ssh-login", tests, NULL, NULL);
	sshd_stop(server);
	return failed != 0;
}
