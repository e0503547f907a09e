/* SPDX-License-Identifier: ISC */
/* Logins with a password, against a small server that asks in every way a device may. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test_ssh.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum conduct {
	ASKS_PASSWORD,
	ASKS_KEYBOARD, /* one hidden prompt */
	ASKS_TWICE,    /* the password, then a code */
	ASKS_OPENLY,   /* a prompt with echo: not a password */
	WANTS_NEW,     /* the password, then a new one */
	HANGS_UP,      /* when it has the password */
	STAYS_MUTE,    /* likewise */
	TAKES_ANYBODY
};

struct tiny {
	int listener, port;
	pthread_t thread;
	enum conduct conduct;
	ssh_key key;
	char *key_line;
	_Atomic int passwords; /* how often one was sent */
	_Atomic int right;
	atomic_bool stop;
};

static bool is_right(struct tiny *t, const char *text)
{
	atomic_fetch_add(&t->passwords, 1);
	bool right = text && strcmp(text, "open sesame") == 0;
	atomic_fetch_add(&t->right, right);
	return right;
}

/* 1: let in, 0: answered, -1: hang up. */
static int on_keyboard(struct tiny *t, ssh_session s, ssh_message m, int *round)
{
	const char *prompts[] = {*round == 0               ? "Password: "
				 : t->conduct == WANTS_NEW ? "New password: "
							   : "Code: "};
	char echo[] = {t->conduct == ASKS_OPENLY};
	bool right = true;
	if (ssh_message_auth_kbdint_is_response(m)) {
		right = *round != 1 || is_right(t, ssh_userauth_kbdint_getanswer(s, 0));
		if (right &&
		    (*round > 1 || t->conduct == ASKS_KEYBOARD || t->conduct == ASKS_OPENLY)) {
			ssh_message_auth_reply_success(m, 0);
			return 1;
		}
	}
	if (!right) {
		ssh_message_reply_default(m);
		return 0;
	}
	++*round;
	ssh_message_auth_interactive_request(m, "", "", 1, prompts, echo);
	return 0;
}

static int on_password(struct tiny *t, ssh_message m)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	bool right = is_right(t, ssh_message_auth_password(m));
#pragma GCC diagnostic pop
	if (t->conduct == HANGS_UP)
		return -1;
	if (t->conduct == STAYS_MUTE)
		return 0;
	if (right)
		ssh_message_auth_reply_success(m, 0);
	else
		ssh_message_reply_default(m);
	return right;
}

static int on_auth(struct tiny *t, ssh_session s, ssh_message m, int *round)
{
	bool by_keyboard = t->conduct >= ASKS_KEYBOARD && t->conduct <= WANTS_NEW;
	ssh_message_auth_set_methods(m, by_keyboard ? SSH_AUTH_METHOD_INTERACTIVE
						    : SSH_AUTH_METHOD_PASSWORD |
							  SSH_AUTH_METHOD_INTERACTIVE);
	int how = ssh_message_subtype(m);
	if (how == SSH_AUTH_METHOD_PASSWORD && !by_keyboard)
		return on_password(t, m);
	if (how == SSH_AUTH_METHOD_INTERACTIVE && by_keyboard)
		return on_keyboard(t, s, m, round);
	if (how == SSH_AUTH_METHOD_NONE && t->conduct == TAKES_ANYBODY) {
		ssh_message_auth_reply_success(m, 0);
		return 1;
	}
	ssh_message_reply_default(m);
	return 0;
}

/* Every command ends with status 0. */
static void serve_commands(ssh_session s)
{
	ssh_channel channel = NULL;
	ssh_message m;
	while ((m = ssh_message_get(s)) != NULL) {
		if (ssh_message_type(m) == SSH_REQUEST_CHANNEL_OPEN) {
			channel = ssh_message_channel_request_open_reply_accept(m);
		} else if (channel && ssh_message_type(m) == SSH_REQUEST_CHANNEL) {
			ssh_message_channel_request_reply_success(m);
			ssh_channel_request_send_exit_status(channel, 0);
			ssh_channel_send_eof(channel);
			ssh_channel_close(channel);
		} else {
			ssh_message_reply_default(m);
		}
		ssh_message_free(m);
	}
}

static void serve(struct tiny *t, ssh_session s)
{
	int round = 0, result = 0;
	ssh_message m;
	if (ssh_handle_key_exchange(s) != SSH_OK)
		return;
	while (result == 0 && (m = ssh_message_get(s)) != NULL) {
		if (ssh_message_type(m) == SSH_REQUEST_AUTH)
			result = on_auth(t, s, m, &round);
		else
			ssh_message_reply_default(m);
		ssh_message_free(m);
	}
	if (result == 1)
		serve_commands(s);
}

static void *serve_all(void *ctx)
{
	struct tiny *t = ctx;
	for (;;) {
		int fd = accept(t->listener, NULL, NULL);
		if (fd < 0 || atomic_load(&t->stop)) {
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		ssh_bind b = ssh_bind_new();
		ssh_session s = ssh_new();
		bool no = false;
		ssh_key key = ssh_key_dup(t->key);
		ssh_bind_options_set(b, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
		ssh_bind_options_set(b, SSH_BIND_OPTIONS_IMPORT_KEY, key);
		if (ssh_bind_accept_fd(b, s, fd) == SSH_OK)
			serve(t, s);
		ssh_free(s);
		ssh_bind_free(b);
	}
}

static struct tiny *tiny_start(enum conduct conduct)
{
	struct tiny *t = xcalloc(1, sizeof(*t));
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	char *base64 = NULL;
	t->conduct = conduct;
	t->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(t->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(t->listener, 8), 0);
	assert_int_equal(getsockname(t->listener, (struct sockaddr *)&a, &n), 0);
	t->port = ntohs(a.sin_port);
	assert_int_equal(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &t->key), SSH_OK);
	assert_int_equal(ssh_pki_export_pubkey_base64(t->key, &base64), SSH_OK);
	t->key_line = xasprintf("[127.0.0.1]:%d ssh-ed25519 %s\n", t->port, base64);
	ssh_string_free_char(base64);
	assert_int_equal(pthread_create(&t->thread, NULL, serve_all, t), 0);
	return t;
}

static void tiny_stop(struct tiny *t)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				.sin_port = htons((uint16_t)t->port)};
	atomic_store(&t->stop, true);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)connect(fd, (struct sockaddr *)&a, sizeof(a));
	pthread_join(t->thread, NULL);
	close(fd);
	close(t->listener);
	ssh_key_free(t->key);
	free(t->key_line);
	free(t);
}

static struct lab *open_lab(struct tiny *t, const char *password, char known[64])
{
	struct sshd at = {.port = t->port};
	struct err e = {0};
	strcpy(at.user, "admin");
	strcpy(known, "/tmp/hitless-known.XXXXXX");
	int fd = mkstemp(known);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, t->key_line, strlen(t->key_line)), strlen(t->key_line));
	close(fd);
	strcpy(at.known, known);
	struct lab *l = lab_new(&at);
	l->list.v[0].method = CREDENTIAL_PASSWORD;
	lab_open(l, 2, 0, 0);
	l->sshd = NULL;
	keyring_set_secret(l->keyring, "lab", secret_new(password, strlen(password), &e));
	return l;
}

/* One login; then, after a refusal, another device may not try. */
static void one_case(enum conduct conduct, const char *password, enum tr_outcome outcome,
		     const char *text, int passwords)
{
	char known[64];
	struct tiny *t = tiny_start(conduct);
	struct lab *l = open_lab(t, password, known);
	struct tr_request *q = run_request(0, "true");
	if (conduct == STAYS_MUTE)
		q->connect_ms = 600;
	struct tr_reply *r = ask(l, q);
	if (r->outcome != outcome || !strstr(r->e.text, text))
		fail_msg("%d: %s: '%s'", conduct, tr_outcome_name(r->outcome), r->e.text);
	if (outcome != TR_DONE) {
		assert_int_equal(r->e.kind, ERR_AUTH);
		assert_null(strstr(r->e.text, password));
		struct tr_reply *second = run(l, 1, "true");
		assert_int_equal(second->outcome, TR_NOT_SENT);
		assert_non_null(strstr(second->e.text, "no further login is tried"));
		tr_reply_free(second);
	}
	assert_int_equal(t->passwords, passwords);
	tr_reply_free(r);
	lab_free(l);
	unlink(known);
	tiny_stop(t);
}

static void test_password(void **state)
{
	(void)state;
	one_case(ASKS_PASSWORD, "open sesame", TR_DONE, "", 1);
	one_case(ASKS_PASSWORD, "wrong one", TR_NOT_SENT, "Permission denied (password", 1);
	one_case(TAKES_ANYBODY, "open sesame", TR_DONE, "", 0);
}

static void test_keyboard(void **state)
{
	(void)state;
	one_case(ASKS_KEYBOARD, "open sesame", TR_DONE, "", 1);
	one_case(ASKS_KEYBOARD, "wrong one", TR_NOT_SENT,
		 "Permission denied (keyboard-interactive)", 1);
	one_case(ASKS_TWICE, "open sesame", TR_NOT_SENT, "asks for more than a password", 1);
	one_case(ASKS_OPENLY, "open sesame", TR_NOT_SENT, "asks for more than a password", 0);
	one_case(WANTS_NEW, "open sesame", TR_NOT_SENT, "has expired or must be changed", 1);
}

/* Nobody knows what became of the password: it is not sent again. */
static void test_no_verdict(void **state)
{
	(void)state;
	one_case(HANGS_UP, "open sesame", TR_NOT_SENT, "not tried again", 1);
	one_case(STAYS_MUTE, "open sesame", TR_NOT_SENT, "not tried again (timed out)", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_password),
	    cmocka_unit_test(test_keyboard),
	    cmocka_unit_test(test_no_verdict),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ssh-password", tests, NULL, NULL) != 0;
}
