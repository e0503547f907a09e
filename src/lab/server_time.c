/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/server_parts.h"

enum {
	LOOK_MS = 200,      /* whoever sat there may be gone */
	PATIENCE_MS = 3000, /* without a sign of life time is pushed on */
};

bool paced_quiet(struct lab_server *s)
{
	return s->pace && pace_quiet(s->pace, lab_held(s->lab) + s->mute);
}

/* Nobody has shown a sign of life for long, though not all requests are accounted for: a bug, or a
 * client that waits for something in real time. Better times that are off than none. */
static bool is_stuck(struct lab_server *s)
{
	struct clock *clock = clock_real();
	int64_t now = clock->now(clock);
	bool waiting = pace_sweep(s->pace);
	if (!waiting || s->turns != s->last_turn) {
		s->last_turn = s->turns;
		s->alive_ms = now;
	}
	return waiting && now - s->alive_ms >= PATIENCE_MS;
}

/* Real ms until lab time may be `to`, when it must not go faster than `speed`. */
static int too_early(struct lab_server *s, int64_t to)
{
	struct clock *clock = clock_real();
	if (s->speed <= 0)
		return 0;
	double early = (double)to / s->speed - (double)(clock->now(clock) - s->start_ms);
	return early > LOOK_MS ? LOOK_MS : early > 0 ? (int)early + 1 : 0;
}

int paced_wait(struct lab_server *s)
{
	s->turns--; /* this one does not count */
	bool stuck = !paced_quiet(s) && is_stuck(s);
	int64_t to = lab_next(s->lab), wanted = pace_wanted(s->pace), now = pace_now(s->pace);
	if (to < 0 || (wanted >= 0 && wanted < to))
		to = wanted;
	if (to < 0 || (!stuck && !paced_quiet(s)))
		return LOOK_MS;
	int early = too_early(s, to);
	if (early)
		return early;
	if (stuck)
		pace_pushed(s->pace);
	s->alive_ms = clock_real()->now(clock_real());
	pace_set(s->pace, to > now ? to : now);
	return 0;
}
