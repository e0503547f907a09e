/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/ssh.h"
#include "transport/ssh_session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Nobody logs in: an empty keyring is enough. */
int ssh_scan(const char *address, int port, int64_t connect_ms, char fingerprint[64], char **line,
	     struct err *e)
{
	struct tr_endpoint at = {.name = (char *)address, .address = (char *)address, .port = port};
	struct host h = {.at = &at};
	struct lifeline *one = &h.line;
	struct session *s = NULL;
	struct keyring *none = keyring_new(NULL);
	h.keyring = none;
	lifeline_init(&h.line);
	struct watch *watch = watch_new(&one, 1, e);
	if (watch)
		s = session_scan(&h, connect_ms, e);
	if (s) {
		char *name = known_hosts_name(address, port);
		memcpy(fingerprint, s->fingerprint, sizeof(s->fingerprint));
		*line = xasprintf("%s %s %s", name, s->key_type, s->key);
		free(name);
	}
	int result = s ? 0 : -1;
	session_close(s, &h);
	watch_free(watch);
	lifeline_release(&h.line);
	keyring_free(none);
	return result;
}

/* --- many ------------------------------------------------------------------------------------- */

struct crowd {
	struct ssh_scanned *list;
	size_t n, next;
	int64_t connect_ms;
	pthread_mutex_t lock; /* of next */
};

static void *work(void *arg)
{
	struct crowd *c = arg;
	for (;;) {
		pthread_mutex_lock(&c->lock);
		size_t i = c->next++;
		pthread_mutex_unlock(&c->lock);
		if (i >= c->n)
			return NULL;
		struct ssh_scanned *s = &c->list[i];
		(void)ssh_scan(s->address, s->port, c->connect_ms, s->fingerprint, &s->line, &s->e);
	}
}

/* The caller works too, so that it goes on, slowly, when there can be no further thread. */
void ssh_scan_all(struct ssh_scanned *list, size_t n, size_t threads, int64_t connect_ms)
{
	struct crowd c = {.list = list,
			  .n = n,
			  .connect_ms = connect_ms,
			  .lock = PTHREAD_MUTEX_INITIALIZER};
	size_t most = threads < n ? threads : n, started = 0;
	pthread_t *others = xcalloc(most + 1, sizeof(*others));
	while (started + 1 < most && pthread_create(&others[started], NULL, work, &c) == 0)
		started++;
	(void)work(&c);
	for (size_t i = 0; i < started; i++)
		pthread_join(others[i], NULL);
	free(others);
	pthread_mutex_destroy(&c.lock);
}
