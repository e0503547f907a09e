/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/contact.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/values.h"
#include "run/devices.h"
#include "transport/lifeline.h"
#include "transport/ssh.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCAN_MS     10000
#define LOOK_MS     100 /* how often progress() is called when nothing happens */
#define THREADS     32
#define THREADS_MAX 256
#define KNOWN_LIMIT ((size_t)16 * 1024 * 1024)

/* The threads fill in contacts, each its own; what they share is under the lock. */
struct pool {
	const struct inventory *inv;
	struct contact *list;
	size_t total;
	struct ssh_scanner *scanner;
	struct pace pace;
	int64_t next_ms; /* when the next connection may begin */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next, done; /* the first that nobody has taken; those with an answer */
	bool stop;
};

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

/* Until its turn at the pace, or until nobody wants it any more. Under the lock. */
static void wait_turn(struct pool *p)
{
	if (!p->pace.per_second)
		return;
	int64_t now = now_ms(), turn = p->next_ms > now ? p->next_ms : now;
	p->next_ms = turn + 1000 / p->pace.per_second;
	while (!p->stop && (now = now_ms()) < turn) {
		pthread_mutex_unlock(&p->lock);
		(void)clock_real()->wait(clock_real(), NULL, 0,
					 turn < now + LOOK_MS ? turn : now + LOOK_MS);
		pthread_mutex_lock(&p->lock);
	}
}

static struct contact *take(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct contact *k = p->stop || p->next == p->total ? NULL : &p->list[p->next++];
	if (k)
		wait_turn(p);
	if (p->stop)
		k = NULL;
	pthread_mutex_unlock(&p->lock);
	return k;
}

static void *work(void *ctx)
{
	struct pool *p = ctx;
	struct contact *k;
	while ((k = take(p))) {
		const struct device *d = &p->inv->devices.v[k->device];
		struct err why = {0};
		if (ssh_scan(p->scanner, d->address, d->port, p->pace.patience_ms, k->fingerprint,
			     &k->line, &why) != 0)
			k->e = why;
		pthread_mutex_lock(&p->lock);
		p->done++;
		pthread_cond_signal(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

/* Wait for the next answer, or for LOOK_MS. */
static size_t wait_answer(struct pool *p, size_t seen)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&p->lock);
	int rc = 0;
	while (p->done == seen && rc == 0)
		rc = pthread_cond_timedwait(&p->changed, &p->lock, &until);
	size_t done = p->done;
	pthread_mutex_unlock(&p->lock);
	return done;
}

static void stop(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_mutex_unlock(&p->lock);
	ssh_scanner_stop(p->scanner);
}

static int attend(struct pool *p, int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct err *e)
{
	size_t done = 0;
	while (done < p->total) {
		done = wait_answer(p, done);
		if (progress && progress(ctx, done, p->total) != 0) {
			stop(p);
			return err_set(e, ERR_CANCELLED,
				       "stopped after %zu of %zu devices; no host key was added",
				       done, p->total);
		}
	}
	return 0;
}

static int run(struct pool *p, int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
	       struct err *e)
{
	pthread_t threads[THREADS_MAX];
	struct err why = {0};
	size_t n = 0;
	int rc;
	while (n < (size_t)p->pace.at_once && n < p->total &&
	       thread_start(&threads[n], work, p, &why) == 0)
		n++;
	if (p->total && !n)
		rc = err_text(e, why.kind, why.text);
	else /* fewer threads than wanted only take longer */
		rc = attend(p, progress, ctx, e);
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	return rc;
}

static int scan(struct pool *p, int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		struct err *e)
{
	pthread_condattr_t attr;
	p->scanner = ssh_scanner_new();
	if (pthread_mutex_init(&p->lock, NULL) != 0 || pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&p->changed, &attr) != 0)
		abort(); /* cannot happen with these */
	pthread_condattr_destroy(&attr);
	int rc = run(p, progress, ctx, e);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	ssh_scanner_free(p->scanner);
	return rc;
}

/* The line is "name type base64". */
static int judge(struct known_hosts *known, const struct device *d, struct contact *k,
		 struct err *e)
{
	size_t n;
	char **words = str_split(k->line, " \n", &n);
	int rc = n < 3 ? err_set(e, ERR_CORRUPT, "%s: no host key line", d->name)
		       : known_hosts_check(known, d->address, d->port, words[1], words[2],
					   &k->verdict, e);
	free(words);
	return rc;
}

/* One whose key cannot be judged has an error of its own: it must not look like another key. */
static int judge_all(struct store *s, const struct inventory *inv, struct contacts *out,
		     struct err *e)
{
	char **files = devices_known_hosts(s);
	struct known_hosts *known = known_hosts_new(files);
	int rc = 0;
	for (size_t i = 0; i < out->n; i++) {
		struct contact *k = &out->v[i];
		struct err why = {0};
		if (k->e.kind == ERR_NONE &&
		    judge(known, &inv->devices.v[k->device], k, &why) != 0) {
			k->e = why;
			rc = rc == 0 ? err_text(e, why.kind, why.text) : rc;
		}
		bool seen = k->e.kind == ERR_NONE;
		out->fresh += seen && k->verdict == KNOWN_NOT;
		out->bad += !seen || (k->verdict != KNOWN_NOT && k->verdict != KNOWN_OK);
	}
	known_hosts_free(known);
	strings_free(files);
	return rc;
}

static struct pace pace_of(const struct pace *wish)
{
	struct pace p = wish ? *wish : (struct pace){0};
	if (p.at_once < 1)
		p.at_once = THREADS;
	if (p.at_once > THREADS_MAX)
		p.at_once = THREADS_MAX;
	if (p.patience_ms < 1)
		p.patience_ms = SCAN_MS;
	return p;
}

int contacts_scan(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
		  const struct pace *pace,
		  int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
		  struct contacts *out, struct err *e)
{
	*out = (struct contacts){0};
	for (size_t i = 0; i < n; i++)
		VEC_PUSH(out, (struct contact){.device = devices[i]});
	struct pool p = {.inv = inv, .list = out->v, .total = n, .pace = pace_of(pace)};
	int rc = scan(&p, progress, ctx, e);
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].e.kind == ERR_NONE && !out->v[i].line)
			err_set(&out->v[i].e, ERR_CANCELLED, _("not asked"));
	if (rc == 0)
		return judge_all(s, inv, out, e);
	struct err other = {0};
	(void)judge_all(s, inv, out, &other); /* what was seen counts */
	return -1;
}

int contacts_accept(struct store *s, const struct contacts *list, struct err *e)
{
	struct str text = {0};
	char *path = store_path(s, "known_hosts");
	int rc = !path_exists(path) ? 0 : path_read(path, KNOWN_LIMIT, &text, e);
	if (text.len && text.buf[text.len - 1] != '\n')
		str_putc(&text, '\n');
	for (size_t i = 0; i < list->n; i++) {
		const struct contact *k = &list->v[i];
		if (k->e.kind == ERR_NONE && k->line && k->verdict == KNOWN_NOT)
			str_printf(&text, "%.*s\n", (int)strcspn(k->line, "\n"), k->line);
	}
	if (rc == 0)
		rc = path_write(path, str_text(&text), text.len, e);
	str_release(&text);
	free(path);
	return rc;
}

void contacts_release(struct contacts *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].line);
	VEC_RELEASE(list);
	list->fresh = list->bad = 0;
}
