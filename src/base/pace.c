/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/pace.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEATS = 4, MOST_FDS = 16 };
#define MAGIC INT64_C(0x7061636500000002)

struct seat {
	_Atomic int64_t pid;      /* 0: free */
	_Atomic int64_t requests; /* on their way */
	_Atomic int64_t until;    /* of the wait; -1: no limit */
	_Atomic int64_t waits;
};

struct page { /* the file, as all of them see it */
	_Atomic int64_t magic, now, wall, pushes;
	_Atomic int64_t held; /* requests that wait on a device, as its keeper saw it last */
	struct seat seats[SEATS];
};

struct pace {
	struct clock clock;
	struct page *page;
	struct seat *seat; /* NULL: keeps it */
	int ear;           /* our end of the pipe by which we are woken */
	int mouths[SEATS]; /* the others' pipes: of a seat [0] is the keeper's; -1: not open */
	char *path;
};

static char *pipe_path(const char *path, int seat)
{
	return seat < 0 ? xasprintf("%s.keeper", path) : xasprintf("%s.%d", path, seat);
}

/* --- making and opening ----------------------------------------------------------------------- */

static int make_pipes(const char *path, struct err *e)
{
	int rc = 0;
	for (int i = -1; rc == 0 && i < SEATS; i++) {
		char *name = pipe_path(path, i);
		if (mkfifo(name, 0600) != 0)
			rc = err_sys(e, "cannot make %s", name);
		free(name);
	}
	return rc;
}

int pace_create(const char *path, int64_t wall, struct err *e)
{
	struct page page = {0};
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	atomic_store(&page.magic, MAGIC);
	atomic_store(&page.wall, wall);
	int rc = fd >= 0 && write(fd, &page, sizeof(page)) == (ssize_t)sizeof(page)
		     ? make_pipes(path, e)
		     : err_sys(e, "cannot make %s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

void pace_remove(const char *path)
{
	for (int i = -1; i < SEATS; i++) {
		char *name = pipe_path(path, i);
		(void)unlink(name);
		free(name);
	}
	(void)unlink(path);
}

/* Both ends, so that there is never an end of file. -1: errno. */
static int open_pipe(const char *path, int seat)
{
	char *name = pipe_path(path, seat);
	int fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	free(name);
	return fd;
}

static struct page *map(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct page *page = MAP_FAILED;
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size == (off_t)sizeof(*page))
		page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (page != MAP_FAILED && atomic_load(&page->magic) == MAGIC)
		return page;
	if (page != MAP_FAILED)
		(void)munmap(page, sizeof(*page));
	err_set(e, ERR_INPUT, "%s is no simulated time", path);
	return NULL;
}

static struct pace *attach(const char *path, struct err *e)
{
	struct page *page = map(path, e);
	if (!page)
		return NULL;
	struct pace *p = xcalloc(1, sizeof(*p));
	p->page = page;
	p->path = xstrdup(path);
	p->ear = -1;
	for (int i = 0; i < SEATS; i++)
		p->mouths[i] = -1;
	return p;
}

void pace_close(struct pace *p)
{
	if (!p)
		return;
	if (p->seat) {
		atomic_store(&p->seat->requests, 0);
		atomic_store(&p->seat->pid, 0);
	}
	if (p->ear >= 0)
		close(p->ear);
	for (int i = 0; i < SEATS; i++)
		if (p->mouths[i] >= 0)
			close(p->mouths[i]);
	(void)munmap(p->page, sizeof(*p->page));
	free(p->path);
	free(p);
}

int64_t pace_now(const struct pace *p)
{
	return atomic_load(&p->page->now);
}

int64_t pace_pushes(const struct pace *p)
{
	return atomic_load(&p->page->pushes);
}

/* A full pipe has woken its reader already. */
static void say(int fd)
{
	if (fd >= 0 && write(fd, "", 1) < 0 && errno != EAGAIN)
		return;
}

static void listen_to(int fd)
{
	char buf[64];
	while (read(fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf))
		;
}

/* --- who sits there --------------------------------------------------------------------------- */

static bool gone(int64_t pid)
{
	return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static bool take_seat(struct pace *p, int i)
{
	struct seat *s = &p->page->seats[i];
	int64_t was = atomic_load(&s->pid);
	if ((was && !gone(was)) || !atomic_compare_exchange_strong(&s->pid, &was, getpid()))
		return false;
	atomic_store(&s->waits, 0);
	atomic_store(&s->requests, 0);
	p->seat = s;
	return true;
}

static int64_t clock_now(struct clock *c)
{
	return pace_now((struct pace *)c);
}

static int64_t clock_wall(struct clock *c)
{
	struct pace *p = (struct pace *)c;
	return atomic_load(&p->page->wall) + pace_now(p);
}

/* Of the two who change what this reads, the sitter by waiting and the keeper by what it holds, the
 * second sees what the first did: one of them knows that time can go on. */
static bool all_wait(const struct page *page)
{
	int64_t requests = 0;
	bool any = false;
	for (int i = 0; i < SEATS; i++) {
		const struct seat *s = &page->seats[i];
		if (!atomic_load(&s->pid))
			continue;
		if (!atomic_load(&s->waits))
			return false;
		any = true;
		requests += atomic_load(&s->requests);
	}
	return any && requests == atomic_load(&page->held);
}

/* 0: time may have come. */
static int wait_once(struct pace *p, struct pollfd *fds, unsigned n)
{
	struct pollfd all[MOST_FDS];
	memcpy(all, fds, n * sizeof(*fds));
	all[n] = (struct pollfd){.fd = p->ear, .events = POLLIN};
	int ready = poll(all, n + 1, -1);
	if (ready < 0)
		return errno == EINTR ? 0 : -1;
	if (all[n].revents) {
		listen_to(p->ear);
		ready--;
	}
	memcpy(fds, all, n * sizeof(*fds));
	return ready;
}

static int clock_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	struct pace *p = (struct pace *)c;
	int ready = 0;
	if (n >= MOST_FDS) {
		errno = EINVAL;
		return -1;
	}
	while (ready == 0 && (until < 0 || pace_now(p) < until)) {
		atomic_store(&p->seat->until, until);
		atomic_store(&p->seat->waits, 1);
		if (all_wait(p->page)) /* the keeper need not hear of all the other times */
			say(p->mouths[0]);
		ready = wait_once(p, fds, n);
		atomic_store(&p->seat->waits, 0);
		if (until < 0 && ready == 0)
			break; /* interrupted: as poll() is */
	}
	if (ready == 0)
		ready = poll(fds, n, 0); /* both may be true: time has come, and there is news */
	return ready < 0 && errno == EINTR ? 0 : ready;
}

struct pace *pace_sit(const char *path, struct err *e)
{
	struct pace *p = attach(path, e);
	int i = 0;
	while (p && i < SEATS && !take_seat(p, i))
		i++;
	if (p && i < SEATS) {
		p->clock = (struct clock){.now = clock_now, .wall = clock_wall, .wait = clock_wait};
		p->ear = open_pipe(path, i);
		p->mouths[0] = open_pipe(path, -1);
		if (p->ear >= 0 && p->mouths[0] >= 0)
			return p;
		err_sys(e, "cannot open the pipes of %s", path);
	} else if (p) {
		err_set(e, ERR_LOCKED, "%s: all seats are taken", path);
	}
	pace_close(p);
	return NULL;
}

struct clock *pace_clock(struct pace *p)
{
	return &p->clock;
}

void pace_requests(struct pace *p, size_t n)
{
	atomic_store(&p->seat->requests, (int64_t)n);
}

/* --- who keeps it ----------------------------------------------------------------------------- */

struct pace *pace_keep(const char *path, struct err *e)
{
	struct pace *p = attach(path, e);
	if (!p)
		return NULL;
	p->ear = open_pipe(path, -1);
	bool ok = p->ear >= 0;
	for (int i = 0; i < SEATS; i++) {
		p->mouths[i] = open_pipe(path, i);
		ok = ok && p->mouths[i] >= 0;
	}
	if (ok)
		return p;
	err_sys(e, "cannot open the pipes of %s", path);
	pace_close(p);
	return NULL;
}

int pace_fd(const struct pace *p)
{
	return p->ear;
}

void pace_heard(struct pace *p)
{
	listen_to(p->ear);
}

bool pace_quiet(struct pace *p, size_t held)
{
	atomic_store(&p->page->held, (int64_t)held);
	return all_wait(p->page);
}

int64_t pace_wanted(const struct pace *p)
{
	int64_t first = -1;
	for (int i = 0; i < SEATS; i++) {
		struct seat *s = &p->page->seats[i];
		int64_t until = atomic_load(&s->until);
		if (atomic_load(&s->pid) && atomic_load(&s->waits) && until >= 0 &&
		    (first < 0 || until < first))
			first = until;
	}
	return first;
}

void pace_set(struct pace *p, int64_t now)
{
	if (now > pace_now(p))
		atomic_store(&p->page->now, now);
	for (int i = 0; i < SEATS; i++) {
		struct seat *s = &p->page->seats[i];
		int64_t until = atomic_load(&s->until);
		if (!atomic_load(&s->pid) || !atomic_load(&s->waits) || until < 0 || until > now)
			continue;
		atomic_store(&s->waits, 0); /* it has something to do from now on */
		say(p->mouths[i]);
	}
}

bool pace_sweep(struct pace *p)
{
	bool any = false, all = true;
	for (int i = 0; i < SEATS; i++) {
		struct seat *s = &p->page->seats[i];
		int64_t pid = atomic_load(&s->pid);
		if (!pid)
			continue;
		if (gone(pid)) {
			atomic_store(&s->requests, 0);
			atomic_store(&s->pid, 0);
			continue;
		}
		any = true;
		all = all && atomic_load(&s->waits);
	}
	return any && all;
}

void pace_pushed(struct pace *p)
{
	atomic_fetch_add(&p->page->pushes, 1);
}
