/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/path.h"
#include "transport/ssh.h"
#include "transport/ssh_session.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX   ((size_t)256 * 1024)
#define LIST_LIMIT_MS 10000

enum { AGENT_FAILURE = 5, LIST_KEYS = 11, KEYS = 12, SIGN = 13 };

struct agent {
	int real, ours, theirs; /* the agent; our and libssh's end of the pair */
	bool given;             /* theirs is libssh's now */
	bool running;
	pthread_t thread;
	struct str keys; /* the answer to LIST_KEYS that libssh gets */
};

/* --- bytes ------------------------------------------------------------------------------------ */

static uint32_t get_u32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static void put_u32(struct str *s, uint32_t n)
{
	char bytes[4] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};
	str_add(s, bytes, sizeof(bytes));
}

/* until -1: as long as it takes; whoever wants to end it shuts the descriptor down. */
static int read_all(int fd, void *data, size_t n, int64_t until)
{
	struct clock *clock = clock_real();
	char *at = data;
	while (n) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int ready = clock->wait(clock, &p, 1, until);
		if (ready < 0 || (ready == 0 && until >= 0 && clock->now(clock) >= until))
			return -1;
		ssize_t got = ready > 0 ? recv(fd, at, n, 0) : 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (ready > 0 && got <= 0)
			return -1;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}

static int write_all(int fd, const void *data, size_t n)
{
	const char *at = data;
	while (n) {
		ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A message without its length in front. */
static int read_message(int fd, struct str *m, int64_t until)
{
	char head[4];
	str_clear(m);
	if (read_all(fd, head, sizeof(head), until) != 0)
		return -1;
	size_t n = get_u32(head);
	if (n == 0 || n > MESSAGE_MAX)
		return -1;
	char *data = xmalloc(n);
	int result = read_all(fd, data, n, until);
	if (result == 0)
		str_add(m, data, n);
	free(data);
	return result;
}

static int write_message(int fd, const struct str *m)
{
	struct str whole = {0};
	put_u32(&whole, (uint32_t)m->len);
	str_add(&whole, m->buf, m->len);
	int result = write_all(fd, whole.buf, whole.len);
	str_release(&whole);
	return result;
}

/* --- choosing keys ---------------------------------------------------------------------------- */

struct blob {
	const char *at;
	size_t n;
};

static bool take_blob(const struct str *m, size_t *at, struct blob *b)
{
	if (m->len - *at < 4)
		return false;
	b->n = get_u32(m->buf + *at);
	if (b->n > m->len - *at - 4)
		return false;
	b->at = m->buf + *at + 4;
	*at += 4 + b->n;
	return true;
}

/* libssh stops reading at a key that it does not know; certificates it would not match. */
static bool is_usable(const struct blob *key)
{
	static const char *const types[] = {"ssh-ed25519",
					    "ecdsa-sha2-nistp256",
					    "ecdsa-sha2-nistp384",
					    "ecdsa-sha2-nistp521",
					    "ssh-rsa",
					    "sk-ssh-ed25519@openssh.com",
					    "sk-ecdsa-sha2-nistp256@openssh.com"};
	struct str whole = {.buf = (char *)key->at, .len = key->n};
	struct blob type;
	size_t at = 0;
	if (!take_blob(&whole, &at, &type))
		return false;
	for (size_t i = 0; i < LEN(types); i++)
		if (strlen(types[i]) == type.n && memcmp(types[i], type.at, type.n) == 0)
			return true;
	return false;
}

static bool is_preferred(const struct blob *key, const char *base64)
{
	if (!base64)
		return false;
	unsigned char *text = xmalloc(key->n / 3 * 4 + 8);
	EVP_EncodeBlock(text, (const unsigned char *)key->at, (int)key->n);
	bool same = str_eq((const char *)text, base64);
	free(text);
	return same;
}

/* Append those keys to out that are preferred, or those that are not; n counts. */
static void choose(const struct str *m, const char *base64, bool preferred, int limit, int *n,
		   struct str *out)
{
	size_t at = 5;
	struct blob key, comment;
	while (*n < limit && take_blob(m, &at, &key) && take_blob(m, &at, &comment)) {
		if (!is_usable(&key) || is_preferred(&key, base64) != preferred)
			continue;
		put_u32(out, (uint32_t)key.n);
		str_add(out, key.at, key.n);
		put_u32(out, (uint32_t)comment.n);
		str_add(out, comment.at, comment.n);
		++*n;
	}
}

/* The key in the .pub file that belongs to path, as base64; NULL when there is none. New. */
static char *public_part(const char *path)
{
	struct str text = {0};
	char *result = NULL;
	if (!path)
		return NULL;
	char *name = str_ends(path, ".pub") ? xstrdup(path) : xasprintf("%s.pub", path);
	if (path_exists(name) && path_read(name, 64 * 1024, &text, NULL) == 0) {
		size_t n;
		char **words = str_split(str_text(&text), " \t\r\n", &n);
		result = n >= 2 ? xstrdup(words[1]) : NULL;
		free(words);
	}
	str_release(&text);
	free(name);
	return result;
}

static int list_keys(struct agent *a, const char *prefer, int limit, struct err *e)
{
	struct clock *clock = clock_real();
	const char ask[5] = {0, 0, 0, 1, LIST_KEYS};
	struct str answer = {0}, chosen = {0};
	int n = 0, result = -1;
	char *base64 = public_part(prefer);
	if (write_all(a->real, ask, sizeof(ask)) != 0 ||
	    read_message(a->real, &answer, clock->now(clock) + LIST_LIMIT_MS) != 0 ||
	    answer.len < 5 || answer.buf[0] != KEYS) {
		err_set(e, ERR_AUTH, "the SSH agent does not list its keys");
	} else {
		choose(&answer, base64, true, limit, &n, &chosen);
		choose(&answer, base64, false, limit, &n, &chosen);
		result = n ? 0 : err_set(e, ERR_AUTH, "the SSH agent holds no key (see ssh-add)");
	}
	str_putc(&a->keys, KEYS);
	put_u32(&a->keys, (uint32_t)n);
	str_add(&a->keys, chosen.buf, chosen.len);
	str_release(&chosen);
	str_release(&answer);
	free(base64);
	return result;
}

/* --- standing between ------------------------------------------------------------------------- */

static void *serve(void *ctx)
{
	struct agent *a = ctx;
	struct str m = {0};
	while (read_message(a->ours, &m, -1) == 0) {
		const struct str *answer = &m;
		if (m.buf[0] == LIST_KEYS) {
			answer = &a->keys;
		} else if (m.buf[0] != SIGN || write_message(a->real, &m) != 0 ||
			   read_message(a->real, &m, -1) != 0) {
			str_clear(&m);
			str_putc(&m, AGENT_FAILURE);
		}
		if (write_message(a->ours, answer) != 0)
			break;
	}
	str_release(&m);
	return NULL;
}

static int connect_agent(struct err *e)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *path = getenv("SSH_AUTH_SOCK");
	if (!path || !*path || strlen(path) >= sizeof(to.sun_path))
		return err_set(e, ERR_AUTH, "there is no SSH agent (SSH_AUTH_SOCK is not set)");
	memcpy(to.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	err_sys(e, "cannot reach the SSH agent at %s", path);
	e->kind = ERR_AUTH;
	close(fd);
	return -1;
}

static int start(struct agent *a, struct err *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_sys(e, "cannot make a socket pair");
	a->ours = pair[0];
	a->theirs = pair[1];
	a->running = thread_start(&a->thread, serve, a, e) == 0;
	return a->running ? 0 : -1;
}

struct agent *agent_open(const char *prefer, int limit, struct err *e)
{
	struct agent *a = xcalloc(1, sizeof(*a));
	a->ours = a->theirs = -1;
	a->real = connect_agent(e);
	if (a->real >= 0 && list_keys(a, prefer, limit, e) == 0 && start(a, e) == 0)
		return a;
	agent_free(a);
	return NULL;
}

int agent_fd(struct agent *a)
{
	a->given = true;
	return a->theirs;
}

int agent_cut_fd(struct agent *a)
{
	return a->real;
}

/* The thread ends when its end of the pair does; or the agent's, which it may be waiting for. */
void agent_free(struct agent *a)
{
	if (!a)
		return;
	if (a->running) {
		(void)shutdown(a->ours, SHUT_RDWR);
		(void)shutdown(a->real, SHUT_RDWR);
		pthread_join(a->thread, NULL);
	}
	if (a->real >= 0)
		close(a->real);
	if (a->ours >= 0)
		close(a->ours);
	if (a->theirs >= 0 && !a->given)
		close(a->theirs);
	str_release(&a->keys);
	free(a);
}

int ssh_agent_keys(struct err *e)
{
	struct agent *a = agent_open(NULL, 1000, e);
	int n = a ? (int)get_u32(a->keys.buf + 1) : -1;
	agent_free(a);
	return n;
}
