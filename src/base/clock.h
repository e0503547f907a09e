/* SPDX-License-Identifier: ISC */
/*
 * Time, so that a test can own it. Nothing else in the program reads a clock.
 * Durations come from `now` (CLOCK_BOOTTIME: counts suspend, never jumps); `wall` is only for
 * people and for the journal's time stamps. Both are milliseconds.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <poll.h>
#include <stdint.h>

struct clock {
	int64_t (*now)(struct clock *);
	int64_t (*wall)(struct clock *); /* since 1970-01-01 UTC */
	/* Wait until a descriptor is ready or `now` reaches `until` (-1: no limit). Returns what
	 * poll() does; an interrupted wait gives 0. */
	int (*wait)(struct clock *, struct pollfd *fds, unsigned n, int64_t until);
};

struct clock *clock_real(void); /* the machine's clock; static, never freed */

/* The machine's clock, `speed` times as fast from the moment of init on: for simulated devices that
 * live faster. A speed of 1 is the real clock. */
struct clock_fast {
	struct clock clock;
	int64_t speed, start, wall;
};
void clock_fast_init(struct clock_fast *c, int64_t speed);

/* A clock that stands still until waited on: wait() polls the descriptors without waiting and, when
 * none is ready, jumps to `until`. */
struct clock_virtual {
	struct clock clock;
	int64_t ms;
	int64_t wall_base;
};
void clock_virtual_init(struct clock_virtual *c, int64_t start_ms, int64_t wall_base_ms);

/* "2026-11-21T02:04:43Z" of a wall time; text has room for 32 bytes. */
void clock_iso(int64_t wall_ms, char text[32]);

/* The same as people here read it, "2026-11-21 11:02:13", and only the time of the day, "11:02:13";
 * "-" for 0. */
void clock_local(int64_t wall_ms, char text[32]);
void clock_local_time(int64_t wall_ms, char text[32]);

/* "1h02m", "3m20s", "12s", "0.4s" of a duration; text has room for 32 bytes. */
void clock_span(int64_t ms, char text[32]);

#endif
