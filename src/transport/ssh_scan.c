/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/ssh.h"
#include "transport/ssh_session.h"

#include <string.h>

struct ssh_scanner {
	pthread_mutex_t lock;
	VEC(struct lifeline *) lines; /* of the scans that are under way */
	bool stopped;
};

struct ssh_scanner *ssh_scanner_new(void)
{
	struct ssh_scanner *s = xcalloc(1, sizeof(*s));
	if (pthread_mutex_init(&s->lock, NULL) != 0)
		abort(); /* cannot happen without attributes */
	return s;
}

void ssh_scanner_stop(struct ssh_scanner *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopped = true;
	for (size_t i = 0; i < s->lines.n; i++) {
		atomic_store(&s->lines.v[i]->cancelled, true); /* also before it has a socket */
		lifeline_cut(s->lines.v[i]);
	}
	pthread_mutex_unlock(&s->lock);
}

void ssh_scanner_free(struct ssh_scanner *s)
{
	pthread_mutex_destroy(&s->lock);
	VEC_RELEASE(&s->lines);
	free(s);
}

static int enter(struct ssh_scanner *s, struct lifeline *line, struct err *e)
{
	if (!s)
		return 0;
	pthread_mutex_lock(&s->lock);
	bool stopped = s->stopped;
	if (!stopped)
		VEC_PUSH(&s->lines, line);
	pthread_mutex_unlock(&s->lock);
	return stopped ? err_set(e, ERR_CANCELLED, "stopped") : 0;
}

static void leave(struct ssh_scanner *s, const struct lifeline *line)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	for (size_t i = s->lines.n; i-- > 0;)
		if (s->lines.v[i] == line)
			VEC_REMOVE(&s->lines, i);
	pthread_mutex_unlock(&s->lock);
}

static int scan(struct ssh_scanner *scanner, struct host *h, int64_t connect_ms,
		char fingerprint[64], char **out, struct err *e)
{
	if (enter(scanner, &h->line, e) != 0)
		return -1;
	struct session *s = session_scan(h, connect_ms, e);
	if (s) {
		char *name = known_hosts_name(h->at->address, h->at->port);
		memcpy(fingerprint, s->fingerprint, sizeof(s->fingerprint));
		*out = xasprintf("%s %s %s", name, s->key_type, s->key);
		free(name);
	}
	leave(scanner, &h->line);
	session_close(s, h);
	return s ? 0 : -1;
}

/* Nobody logs in: an empty keyring is enough. */
int ssh_scan(struct ssh_scanner *scanner, const char *address, int port, int64_t connect_ms,
	     char fingerprint[64], char **line, struct err *e)
{
	struct tr_endpoint at = {.name = (char *)address, .address = (char *)address, .port = port};
	struct host h = {.at = &at};
	struct lifeline *one = &h.line;
	struct keyring *none = keyring_new(NULL);
	int result = -1;
	h.keyring = none;
	lifeline_init(&h.line);
	struct watch *watch = watch_new(&one, 1, e);
	if (watch)
		result = scan(scanner, &h, connect_ms, fingerprint, line, e);
	watch_free(watch);
	lifeline_release(&h.line);
	keyring_free(none);
	return result;
}

char *ssh_library(void)
{
	const char *text = ssh_version(0); /* "0.10.6/openssl/zlib" */
	return xstrndup(text ? text : "?", text ? strcspn(text, "/") : 1);
}
