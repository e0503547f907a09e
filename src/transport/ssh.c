/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/ssh.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define IDLE_MS (300 * 1000)

struct device {
	struct pool *pool;
	struct tr_endpoint at;
	struct host host;        /* of the thread that works on it */
	struct session *session; /* likewise; NULL: not connected */
	VEC(struct tr_request *) waiting;
	size_t dropped; /* so many of the waiting were cancelled while one was worked on */
	bool queued, working, tired; /* tired: the session has rested long enough */
	struct device *next;         /* in the queue */
};

struct node { /* of the list of replies */
	struct node *next;
	struct tr_reply *reply;
};

struct pool {
	struct transport transport;
	struct keyring *keyring;
	struct known_hosts *known;
	int64_t idle_ms;
	struct device *devices; /* slots of them: behind the n endpoints those for what is made beside */
	size_t n, slots;
	struct watch *watch;

	pthread_mutex_t lock; /* over all below, and the lists and flags of devices */
	pthread_cond_t work;
	struct device *first, *last; /* devices that wait for a thread */
	struct node *replies, *last_reply;
	int wake; /* readable while there are replies */
	bool stop;
	pthread_t *threads;
	size_t n_threads, max_threads, free_threads, n_queued;
};

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

/* --- replies (the lock is held) --------------------------------------------------------------- */

static void signal_reply(struct pool *p)
{
	uint64_t one = 1;
	while (write(p->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void push_reply(struct pool *p, struct tr_reply *reply)
{
	struct node *node = xcalloc(1, sizeof(*node));
	node->reply = reply;
	if (p->last_reply)
		p->last_reply->next = node;
	else
		p->replies = node;
	p->last_reply = node;
	if (p->replies == node)
		signal_reply(p);
}

static struct tr_reply *pop_reply(struct pool *p)
{
	struct node *node = p->replies;
	struct tr_reply *reply = node->reply;
	uint64_t count;
	p->replies = node->next;
	free(node);
	if (!p->replies) {
		p->last_reply = NULL;
		while (read(p->wake, &count, sizeof(count)) < 0 && errno == EINTR)
			;
	}
	return reply;
}

static void push_not_sent(struct pool *p, const struct tr_request *r, enum err_kind kind,
			  const char *why)
{
	struct tr_reply *reply = tr_reply_new(r, TR_NOT_SENT);
	err_text(&reply->e, kind, why);
	push_reply(p, reply);
}

/* Answer the first n of the waiting requests as cancelled. Ending the session is not cancelled. */
static void drop_waiting(struct pool *p, struct device *d, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < d->waiting.n; i++) {
		struct tr_request *r = d->waiting.v[i];
		if (i >= n || r->kind == TR_CLOSE) {
			d->waiting.v[kept++] = r;
			continue;
		}
		push_not_sent(p, r, ERR_CANCELLED, M_("cancelled before it was sent"));
		tr_request_free(r);
	}
	d->waiting.n = kept;
}

/* --- queue (the lock is held) ----------------------------------------------------------------- */

static void *work(void *ctx);

/* One thread is there from the start; that more cannot be had only makes it slower. */
static void enqueue(struct pool *p, struct device *d)
{
	if (d->queued || d->working)
		return;
	d->queued = true;
	d->next = NULL;
	if (p->last)
		p->last->next = d;
	else
		p->first = d;
	p->last = d;
	p->n_queued++;
	if (p->n_queued > p->free_threads && p->n_threads < p->max_threads &&
	    thread_start(&p->threads[p->n_threads], work, p, NULL) == 0)
		p->n_threads++;
	pthread_cond_signal(&p->work);
}

static struct device *dequeue(struct pool *p)
{
	struct device *d = p->first;
	p->first = d->next;
	if (!p->first)
		p->last = NULL;
	p->n_queued--;
	d->queued = false;
	return d;
}

/* The watching thread: a session has been idle for long enough. */
static void on_rested(void *ctx)
{
	struct device *d = ctx;
	pthread_mutex_lock(&d->pool->lock);
	if (!d->working && !d->pool->stop) {
		d->tired = true;
		enqueue(d->pool, d);
	}
	pthread_mutex_unlock(&d->pool->lock);
}

/* --- work (without the lock) ------------------------------------------------------------------ */

static void give_progress(void *ctx, struct tr_reply *reply)
{
	struct pool *p = ctx;
	pthread_mutex_lock(&p->lock);
	push_reply(p, reply);
	pthread_mutex_unlock(&p->lock);
}

static void hang_up(struct device *d)
{
	session_close(d->session, &d->host);
	d->session = NULL;
}

static bool is_complete(const struct tr_request *r)
{
	if (r->kind != TR_PUT)
		return r->command && (r->kind != TR_GET || r->local);
	const struct tr_copy *c = r->copy;
	return c && c->local && c->present && c->partial && c->prefix && c->append && c->discard &&
	       c->commit;
}

static void act(struct device *d, const struct tr_request *r, struct tr_reply *reply)
{
	struct progress progress = {give_progress, d->pool};
	memcpy(reply->fingerprint, d->session->fingerprint, sizeof(reply->fingerprint));
	reply->new_key = d->session->new_key;
	if (r->kind == TR_PUT)
		exec_put(d->session, &d->host, r, reply, progress);
	else if (r->kind == TR_GET)
		exec_get(d->session, &d->host, r, reply);
	else
		exec_run(d->session, &d->host, r, reply, progress);
}

static bool connect_for(struct device *d, const struct tr_request *r, struct tr_reply *reply)
{
	hang_up(d);
	atomic_store(&d->host.line.expired, false);
	reply->reconnected = true;
	d->session = session_open(&d->host, r, reply->fingerprint, &reply->e);
	return d->session != NULL;
}

/* A session that rested may have ended unnoticed; as long as nothing was sent, a new one is made.
 */
static void perform(struct device *d, const struct tr_request *r, struct tr_reply *reply)
{
	d->host.connect_ms = r->connect_ms;
	atomic_store(&d->host.line.expired, false);
	bool fresh = !session_alive(d->session);
	reply->outcome = TR_NOT_SENT;
	if (fresh && !connect_for(d, r, reply))
		return;
	act(d, r, reply);
	if (!fresh && reply->outcome == TR_NOT_SENT && d->session->dead &&
	    !atomic_load(&d->host.line.cancelled)) {
		reply->e = (struct err){0};
		if (connect_for(d, r, reply))
			act(d, r, reply);
	}
	if (reply->outcome == TR_DONE)
		reply->e = (struct err){0};
	if (d->session && d->session->dead)
		hang_up(d);
}

static struct tr_reply *answer(struct device *d, const struct tr_request *r)
{
	int64_t start = now_ms();
	struct tr_reply *reply = tr_reply_new(r, TR_DONE);
	if (r->kind == TR_CLOSE) {
		hang_up(d);
	} else if (!is_complete(r)) {
		reply->outcome = TR_NOT_SENT;
		err_set(&reply->e, ERR_INPUT, "the request for %s lacks its command", d->at.name);
	} else {
		perform(d, r, reply);
	}
	reply->ms = now_ms() - start;
	return reply;
}

/* Called and left with the lock held. */
static void work_on(struct pool *p, struct device *d)
{
	struct tr_request *r = d->waiting.n ? d->waiting.v[0] : NULL;
	bool tired = d->tired;
	if (r)
		VEC_REMOVE(&d->waiting, 0);
	d->working = true;
	d->tired = false;
	pthread_mutex_unlock(&p->lock);
	lifeline_rest(&d->host.line, -1);
	struct tr_reply *reply = r ? answer(d, r) : NULL;
	if (!r && tired)
		hang_up(d);
	tr_request_free(r);
	pthread_mutex_lock(&p->lock);
	if (reply)
		push_reply(p, reply);
	drop_waiting(p, d, d->dropped);
	d->dropped = 0;
	atomic_store(&d->host.line.cancelled, false);
	d->working = false;
	if (d->waiting.n)
		enqueue(p, d);
	else if (d->session)
		lifeline_rest(&d->host.line, now_ms() + p->idle_ms);
}

static void *work(void *ctx)
{
	struct pool *p = ctx;
	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (p->first) {
			work_on(p, dequeue(p));
			continue;
		}
		p->free_threads++;
		pthread_cond_wait(&p->work, &p->lock);
		p->free_threads--;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- the contract ----------------------------------------------------------------------------- */

static void pool_submit(struct transport *t, struct tr_request *r)
{
	struct pool *p = (struct pool *)t;
	pthread_mutex_lock(&p->lock);
	if (r->device >= p->n) {
		push_not_sent(p, r, ERR_INPUT, M_("there is no such device"));
		tr_request_free(r);
	} else {
		struct device *d = &p->devices[r->beside ? p->n + r->device : r->device];
		VEC_PUSH(&d->waiting, r);
		enqueue(p, d);
	}
	pthread_mutex_unlock(&p->lock);
}

static struct tr_reply *pool_next(struct transport *t)
{
	struct pool *p = (struct pool *)t;
	pthread_mutex_lock(&p->lock);
	struct tr_reply *reply = p->replies ? pop_reply(p) : NULL;
	pthread_mutex_unlock(&p->lock);
	return reply;
}

static int pool_fd(struct transport *t)
{
	return ((struct pool *)t)->wake;
}

/* The lock is held. */
static void cancel_device(struct pool *p, struct device *d)
{
	if (!d->working) {
		drop_waiting(p, d, d->waiting.n);
		return;
	}
	d->dropped = d->waiting.n; /* their replies come after the one of the running request */
	atomic_store(&d->host.line.cancelled, true);
	lifeline_cut(&d->host.line);
	keyring_wake(p->keyring);
}

static void pool_cancel(struct transport *t, size_t device)
{
	struct pool *p = (struct pool *)t;
	pthread_mutex_lock(&p->lock);
	if (device < p->n)
		cancel_device(p, &p->devices[device]);
	pthread_mutex_unlock(&p->lock);
}

static void device_release(struct device *d)
{
	hang_up(d);
	lifeline_release(&d->host.line);
	for (size_t i = 0; i < d->waiting.n; i++)
		tr_request_free(d->waiting.v[i]);
	VEC_RELEASE(&d->waiting);
	free(d->host.pin_type);
	free(d->host.pin);
	free(d->at.name);
	free(d->at.address);
	free(d->at.credential);
}

static void pool_free(struct transport *t)
{
	struct pool *p = (struct pool *)t;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	for (size_t i = 0; i < p->slots; i++)
		cancel_device(p, &p->devices[i]);
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	watch_free(p->watch);
	for (size_t i = 0; i < p->slots; i++)
		device_release(&p->devices[i]);
	while (p->replies)
		tr_reply_free(pop_reply(p));
	if (p->wake >= 0)
		close(p->wake);
	known_hosts_free(p->known);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->threads);
	free(p->devices);
	free(p);
	(void)ssh_finalize(); /* what ssh_init counted */
}

static const struct transport_ops pool_ops = {
    .name = "ssh",
    .submit = pool_submit,
    .next = pool_next,
    .fd = pool_fd,
    .cancel = pool_cancel,
    .free = pool_free,
};

/* --- making it -------------------------------------------------------------------------------- */

static void device_init(struct pool *p, struct device *d, const struct tr_endpoint *at)
{
	d->pool = p;
	d->at.name = xstrdup(at->name);
	d->at.address = xstrdup(at->address);
	d->at.port = at->port;
	d->at.credential = xstrdup(at->credential);
	d->host.at = &d->at;
	d->host.keyring = p->keyring;
	d->host.known = p->known;
	lifeline_init(&d->host.line);
	d->host.line.rested = on_rested;
	d->host.line.ctx = d;
}

static struct pool *pool_new(const struct ssh_options *o)
{
	struct pool *p = xcalloc(1, sizeof(*p));
	p->transport.ops = &pool_ops;
	p->keyring = o->keyring;
	p->known = known_hosts_new(o->known_hosts);
	p->idle_ms = o->idle_ms > 0 ? o->idle_ms : IDLE_MS;
	p->max_threads = o->threads > 0 ? (size_t)o->threads : SSH_THREADS;
	p->threads = xcalloc(p->max_threads, sizeof(*p->threads));
	p->n = o->n;
	p->slots = 2 * o->n;
	p->devices = xcalloc(p->slots, sizeof(*p->devices));
	for (size_t i = 0; i < p->slots; i++)
		device_init(p, &p->devices[i], &o->endpoints[i % o->n]);
	if (pthread_mutex_init(&p->lock, NULL) != 0 || pthread_cond_init(&p->work, NULL) != 0)
		abort(); /* cannot happen without attributes */
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return p;
}

static int start_threads(struct pool *p, struct err *e)
{
	struct lifeline **lines = xcalloc(p->slots, sizeof(*lines));
	for (size_t i = 0; i < p->slots; i++)
		lines[i] = &p->devices[i].host.line;
	p->watch = watch_new(lines, p->slots, e);
	free(lines);
	if (!p->watch || thread_start(&p->threads[0], work, p, e) != 0)
		return -1;
	p->n_threads = 1;
	return 0;
}

/* Two descriptors a session: the usual soft limit of 1024 is too low for a large fabric. What the
 * system does not give is noticed when a socket is made. */
static void raise_files(size_t sessions)
{
	struct rlimit r;
	rlim_t want = 2 * sessions + 256;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
		return;
	r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

struct transport *ssh_transport_new(const struct ssh_options *o, struct err *e)
{
	if (ssh_init() != SSH_OK) {
		err_set(e, ERR_SYSTEM, "libssh cannot be started");
		return NULL;
	}
	raise_files(o->n);
	struct pool *p = pool_new(o);
	if ((p->wake < 0 && err_sys(e, "cannot make an eventfd")) || start_threads(p, e) != 0) {
		pool_free(&p->transport);
		return NULL;
	}
	return &p->transport;
}
