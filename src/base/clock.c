/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_now(struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_BOOTTIME);
}

static int64_t real_wall(struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_REALTIME);
}

static int real_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	int timeout = -1;
	if (until >= 0) {
		int64_t left = until - real_now(c);
		timeout = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
	}
	int ready = poll(fds, n, timeout);
	return ready < 0 && errno == EINTR ? 0 : ready;
}

struct clock *clock_real(void)
{
	static struct clock real = {.now = real_now, .wall = real_wall, .wait = real_wait};
	return &real;
}

/* --- faster -------------------------------------------------------------------------------------- */

static int64_t fast_now(struct clock *c)
{
	struct clock_fast *f = (struct clock_fast *)c;
	return f->start + (real_now(NULL) - f->start) * f->speed;
}

static int64_t fast_wall(struct clock *c)
{
	struct clock_fast *f = (struct clock_fast *)c;
	return f->wall + (real_now(NULL) - f->start) * f->speed;
}

static int fast_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	struct clock_fast *f = (struct clock_fast *)c;
	if (until >= 0) /* the first real millisecond at which it is not before `until` */
		until = f->start + (until - f->start + f->speed - 1) / f->speed;
	return real_wait(NULL, fds, n, until);
}

void clock_fast_init(struct clock_fast *c, int64_t speed)
{
	c->clock = (struct clock){.now = fast_now, .wall = fast_wall, .wait = fast_wait};
	c->speed = speed < 1 ? 1 : speed;
	c->start = real_now(NULL);
	c->wall = real_wall(NULL);
}

/* --- standing still ------------------------------------------------------------------------------- */

static int64_t virtual_now(struct clock *c)
{
	return ((struct clock_virtual *)c)->ms;
}

static int64_t virtual_wall(struct clock *c)
{
	struct clock_virtual *v = (struct clock_virtual *)c;
	return v->wall_base + v->ms;
}

static int virtual_wait(struct clock *c, struct pollfd *fds, unsigned n, int64_t until)
{
	struct clock_virtual *v = (struct clock_virtual *)c;
	int ready = n ? poll(fds, n, 0) : 0;
	if (ready == 0 && until > v->ms)
		v->ms = until;
	return ready;
}

void clock_virtual_init(struct clock_virtual *c, int64_t start_ms, int64_t wall_base_ms)
{
	c->clock = (struct clock){.now = virtual_now, .wall = virtual_wall, .wait = virtual_wait};
	c->ms = start_ms;
	c->wall_base = wall_base_ms;
}

void clock_iso(int64_t wall_ms, char text[32])
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(text, 32, "?");
}

static bool local(int64_t wall_ms, struct tm *tm)
{
	time_t t = (time_t)(wall_ms / 1000);
	return wall_ms > 0 && localtime_r(&t, tm);
}

void clock_local(int64_t wall_ms, char text[32])
{
	struct tm tm;
	if (!local(wall_ms, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(text, 32, "-");
}

void clock_local_time(int64_t wall_ms, char text[32])
{
	struct tm tm;
	if (!local(wall_ms, &tm) || !strftime(text, 32, "%H:%M:%S", &tm))
		snprintf(text, 32, "-");
}

void clock_span(int64_t ms, char text[32])
{
	if (ms < 0)
		ms = 0;
	int64_t s = (ms + 500) / 1000;
	if (ms < 9950)
		snprintf(text, 32, "%" PRId64 ".%" PRId64 "s", ms / 1000, ms % 1000 / 100);
	else if (s < 60)
		snprintf(text, 32, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(text, 32, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else
		snprintf(text, 32, "%" PRId64 "h%02" PRId64 "m", s / 3600, s % 3600 / 60);
}
