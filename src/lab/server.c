/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/server.h"

#include "lab/server_parts.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh/libssh.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTION_STACK = 512 * 1024,
	RETRY_MS = 500, /* after a listener that could not be opened, or an accept without room */
	LONGEST_WAIT_MS = 1000000,
	ACCEPTED = 64,    /* connections at once */
	DEVICE_FILES = 4, /* a listener, and a connection's: socket twice, wake */
	SPARE_FILES = 256
};

int64_t lab_server_now(struct lab_server *s)
{
	struct clock *clock = clock_real();
	if (s->pace)
		return pace_now(s->pace);
	return (int64_t)((double)(clock->now(clock) - s->start_ms) * s->speed);
}

static void log_event(void *ctx, int64_t t, const char *device, const char *event,
		      const char *detail)
{
	struct lab_server *s = ctx;
	struct clock *clock = clock_real();
	if (!s->log)
		return;
	cJSON *row = cJSON_CreateObject();
	cJSON_AddNumberToObject(row, "t", (double)t);
	cJSON_AddNumberToObject(row, "wall", (double)clock->wall(clock));
	cJSON_AddStringToObject(row, "device", device);
	cJSON_AddStringToObject(row, "event", event);
	cJSON_AddStringToObject(row, "detail", detail);
	char *text = cJSON_PrintUnformatted(row);
	cJSON_Delete(row);
	if (text && (fprintf(s->log, "%s\n", text) < 0 || fflush(s->log))) {
		(void)fclose(s->log); /* a full disk must not stop the lab */
		s->log = NULL;
	}
	cJSON_free(text);
}

static void poke(int fd)
{
	uint64_t one = 1;
	if (write(fd, &one, sizeof(one)) < 0)
		return; /* full: there is a wake-up on its way already */
}

void conn_wake(struct conn *c)
{
	poke(c->wake);
}

static void run_woke(void *ctx, struct lab_run *run, void *run_ctx)
{
	(void)ctx, (void)run;
	if (run_ctx)
		conn_wake(run_ctx);
}

struct lab *server_lock(struct lab_server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->turns++;
	lab_advance(s->lab, lab_server_now(s));
	return s->lab;
}

void server_unlock(struct lab_server *s)
{
	int64_t next = lab_next(s->lab);
	bool sooner = next >= 0 && (s->sleeps < 0 || next < s->sleeps);
	bool look = sooner || s->done || lab_changes(s->lab) != s->seen || paced_quiet(s);
	(void)pthread_mutex_unlock(&s->lock);
	if (look)
		poke(s->wake);
}

void server_mute(struct conn *c, bool mute)
{
	struct lab_server *s = c->server;
	(void)server_lock(s);
	s->mute += mute ? 1 : (size_t)-1;
	c->mute = mute;
	server_unlock(s);
}

void server_done(struct conn *c)
{
	struct lab_server *s = c->server;
	(void)server_lock(s);
	c->done = true;
	s->done++;
	server_unlock(s);
}

struct lab *lab_server_lock(struct lab_server *s)
{
	return server_lock(s);
}

void lab_server_unlock(struct lab_server *s)
{
	server_unlock(s);
}

bool server_stopping(struct lab_server *s)
{
	return atomic_load(&s->stopping);
}

/* --- connections ------------------------------------------------------------------------------ */
static void conn_free(struct conn *c)
{
	(void)close(c->wake);
	free(c);
}

static struct conn *conn_new(struct lab_server *s, size_t device, int fd)
{
	int one = 1, wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake < 0)
		return NULL;
	/* an answer must not wait for the client's delayed ACK, as it does not with sshd */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	struct conn *c = xcalloc(1, sizeof(*c));
	*c = (struct conn){.server = s,
			   .device = device,
			   .fd = fd,
			   .wake = wake,
			   .generation = lab_connection_gen(s->lab, device)};
	return c;
}

static bool conn_start(struct conn *c)
{
	pthread_attr_t attr;
	if (pthread_attr_init(&attr))
		return false;
	bool ok = pthread_attr_setstacksize(&attr, CONNECTION_STACK) == 0 &&
		  pthread_create(&c->thread, &attr, conn_run, c) == 0;
	(void)pthread_attr_destroy(&attr);
	return ok;
}

static void accept_one(struct lab_server *s, size_t device)
{
	int fd = accept4(s->listeners.v[device], NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		s->retry |= errno == EMFILE || errno == ENFILE;
		return;
	}
	struct conn *c = conn_new(s, device, fd);
	if (c && conn_start(c)) {
		VEC_PUSH(&s->conns, c);
		return;
	}
	(void)close(fd);
	if (c)
		conn_free(c);
}

static void cut(struct conn *c)
{
	if (c->fd >= 0)
		(void)shutdown(c->fd, SHUT_RDWR);
	conn_wake(c);
}

/* Cut those whose device went down. */
static void follow_connections(struct lab_server *s)
{
	for (size_t i = 0; i < s->conns.n; i++) {
		struct conn *c = s->conns.v[i];
		if (!c->done && lab_connection_gen(s->lab, c->device) != c->generation)
			cut(c);
	}
}

/* Join those that have ended. */
static void sweep(struct lab_server *s)
{
	for (size_t i = 0; s->done && i < s->conns.n;) {
		struct conn *c = s->conns.v[i];
		if (!c->done) {
			i++;
			continue;
		}
		(void)pthread_join(c->thread, NULL);
		conn_free(c);
		VEC_REMOVE(&s->conns, i);
		s->done--;
	}
}

/* Real time until something is due in the lab; -1: nothing is. */
static int wait_ms(struct lab_server *s)
{
	int64_t now = lab_server_now(s);
	s->sleeps = lab_next(s->lab);
	double ms = (double)(s->sleeps - now) / s->speed + 0.999;
	int wait = s->sleeps < 0          ? -1
		   : ms < 0               ? 0
		   : ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS
					  : (int)ms;
	return s->retry && (wait < 0 || wait > RETRY_MS) ? RETRY_MS : wait;
}

/* What is due happens; how long to wait for more, or -2: stop. */
static int look_after(struct lab_server *s)
{
	(void)server_lock(s);
	uint64_t changes = lab_changes(s->lab);
	if (changes != s->seen || s->retry) {
		s->seen = changes;
		s->retry = false;
		doors_follow(s);
		follow_connections(s);
	}
	sweep(s);
	int wait = s->stopping ? -2 : s->pace ? paced_wait(s) : wait_ms(s);
	(void)pthread_mutex_unlock(&s->lock);
	return wait;
}

static void accept_all(struct lab_server *s)
{
	struct epoll_event events[ACCEPTED];
	int n = epoll_wait(s->doors, events, ACCEPTED, 0);
	(void)server_lock(s);
	for (int i = 0; i < n; i++)
		if (s->listeners.v[events[i].data.u64] >= 0)
			accept_one(s, (size_t)events[i].data.u64);
	(void)pthread_mutex_unlock(&s->lock);
}

static void *serve(void *arg)
{
	struct lab_server *s = arg;
	for (int wait; (wait = look_after(s)) != -2;) {
		uint64_t pokes;
		struct pollfd fds[] = {
		    {.fd = s->wake, .events = POLLIN},
		    {.fd = s->doors, .events = POLLIN},
		    {.fd = s->pace ? pace_fd(s->pace) : -1, .events = POLLIN},
		};
		int ready = poll(fds, LEN(fds), wait);
		if (ready < 0 && errno != EINTR)
			break;
		if (ready > 0 && fds[0].revents && read(s->wake, &pokes, sizeof(pokes)) < 0 &&
		    errno != EAGAIN && errno != EINTR)
			break;
		if (ready > 0 && fds[2].revents)
			pace_heard(s->pace);
		if (ready > 0 && fds[1].revents)
			accept_all(s);
	}
	return NULL;
}

/* --- starting and stopping -------------------------------------------------------------------- */
static int raise_limit(size_t devices, struct err *e)
{
	struct rlimit limit;
	rlim_t need = (rlim_t)devices * DEVICE_FILES + SPARE_FILES;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return err_sys(e, "lab: limit of open files");
	if (limit.rlim_cur >= need)
		return 0;
	limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < devices + 64)
		return err_set(e, ERR_SYSTEM,
			       "lab: %zu devices need more open files than `ulimit -n` allows",
			       devices);
	return 0;
}

static int prepare(struct lab_server *s, const struct lab_server_options *o, struct err *e)
{
	if (o->log_path) {
		int fd = open(o->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		s->log = fd >= 0 ? fdopen(fd, "a") : NULL;
		if (!s->log)
			return err_sys(e, "lab: cannot write %s", o->log_path);
	}
	struct lab_options lab = o->lab;
	lab.log = log_event;
	lab.log_ctx = s;
	lab.wake = run_woke;
	s->lab = lab_new(&lab, e);
	s->pace = o->pace ? pace_keep(o->pace, e) : NULL;
	if (!s->lab || (o->pace && !s->pace))
		return -1;
	for (size_t i = 0; o->faults && o->faults[i]; i++)
		if (lab_fault_add(s->lab, o->faults[i], e))
			return -1;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->doors = epoll_create1(EPOLL_CLOEXEC);
	if (s->wake < 0 || s->doors < 0)
		return err_sys(e, "lab: no eventfd or epoll");
	if (raise_limit(lab_count(s->lab), e))
		return -1;
	if (doors_open(s, o->port, e))
		return -1;
	lab_serials(s->lab, s->port);
	return 0;
}

struct lab_server *lab_server_start(const struct lab_server_options *o, struct err *e)
{
	struct lab_server *s = xcalloc(1, sizeof(*s));
	struct clock *clock = clock_real();
	(void)signal(SIGPIPE, SIG_IGN);
	s->wake = s->doors = -1;
	s->speed = o->speed > 0 ? o->speed : o->pace ? 0 : 1;
	s->start_ms = clock->now(clock);
	if (pthread_mutex_init(&s->lock, NULL) || pthread_cond_init(&s->stopped, NULL) ||
	    ssh_init()) {
		free(s);
		(void)err_set(e, ERR_SYSTEM, "lab: cannot start threads or libssh");
		return NULL;
	}
	if (prepare(s, o, e) == 0) {
		s->start_ms = clock->now(clock); /* building it took time that is not the lab's */
		if (pthread_create(&s->thread, NULL, serve, s) == 0) {
			s->running = true;
			return s;
		}
		(void)err_set(e, ERR_SYSTEM, "lab: cannot start a thread");
	}
	lab_server_free(s);
	return NULL;
}

int lab_server_port(const struct lab_server *s)
{
	return s->port;
}

bool lab_server_wait(struct lab_server *s, int ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	(void)pthread_mutex_lock(&s->lock);
	int rc = 0;
	while (!s->stopping && rc == 0)
		rc = ms < 0 ? pthread_cond_wait(&s->stopped, &s->lock)
			    : pthread_cond_timedwait(&s->stopped, &s->lock, &until);
	bool stopped = s->stopping;
	(void)pthread_mutex_unlock(&s->lock);
	return stopped;
}

void lab_server_stop(struct lab_server *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	for (size_t i = 0; i < s->conns.n; i++)
		cut(s->conns.v[i]);
	(void)pthread_cond_broadcast(&s->stopped);
	(void)pthread_mutex_unlock(&s->lock);
	if (s->wake >= 0)
		poke(s->wake);
}

void lab_server_free(struct lab_server *s)
{
	if (!s)
		return;
	lab_server_stop(s);
	if (s->running)
		(void)pthread_join(s->thread, NULL);
	lab_server_stop(s); /* whoever was accepted in between */
	for (size_t i = 0; i < s->conns.n; i++) {
		(void)pthread_join(s->conns.v[i]->thread, NULL);
		conn_free(s->conns.v[i]);
	}
	VEC_RELEASE(&s->conns);
	doors_close(s);
	VEC_RELEASE(&s->listeners);
	lab_free(s->lab);
	pace_close(s->pace);
	if (s->log)
		(void)fclose(s->log);
	if (s->wake >= 0)
		(void)close(s->wake);
	if (s->doors >= 0)
		(void)close(s->doors);
	(void)pthread_cond_destroy(&s->stopped);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}
