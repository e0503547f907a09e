/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/window.h"

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTES_A_DAY 1440
#define DAYS_AHEAD    8 /* a daily window opens within two; a change of the clocks may cost one */

/* --- reading ---------------------------------------------------------------------------------- */

static bool digits(const char *at, size_t n)
{
	return strspn(at, "0123456789") >= n;
}

static int number(const char *at, size_t n)
{
	int value = 0;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + at[i] - '0';
	return value;
}

static bool day_exists(const struct window_day *d)
{
	struct tm tm = {.tm_year = d->year - 1900,
			.tm_mon = d->month - 1,
			.tm_mday = d->day,
			.tm_hour = 12,
			.tm_isdst = -1};
	return mktime(&tm) != (time_t)-1 && tm.tm_mday == d->day && tm.tm_mon == d->month - 1;
}

static const char *blanks(const char *at)
{
	return at + strspn(at, " ");
}

/* "2026-11-21 ", if it is there; NULL: there is no such day. */
static const char *read_day(const char *at, struct window_day *d)
{
	if (!digits(at, 4) || at[4] != '-')
		return at;
	if (!digits(at + 5, 2) || at[7] != '-' || !digits(at + 8, 2))
		return NULL;
	*d = (struct window_day){number(at, 4), number(at + 5, 2), number(at + 8, 2)};
	return d->year >= 1970 && day_exists(d) ? blanks(at + 10) : NULL;
}

/* "01:30"; NULL: it is none. */
static const char *read_time(const char *at, int *minutes)
{
	if (!digits(at, 2) || at[2] != ':' || !digits(at + 3, 2))
		return NULL;
	*minutes = number(at, 2) * 60 + number(at + 3, 2);
	return number(at + 3, 2) < 60 && *minutes <= MINUTES_A_DAY ? blanks(at + 5) : NULL;
}

static int compare_days(const struct window_day *a, const struct window_day *b)
{
	return a->year != b->year     ? a->year - b->year
	       : a->month != b->month ? a->month - b->month
				      : a->day - b->day;
}

static void next_day(struct window_day *d)
{
	struct tm tm = {.tm_year = d->year - 1900,
			.tm_mon = d->month - 1,
			.tm_mday = d->day + 1,
			.tm_hour = 12,
			.tm_isdst = -1};
	if (mktime(&tm) != (time_t)-1)
		*d = (struct window_day){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

/* One window; NULL: it is none. */
static const char *read_window(const char *at, struct window *w)
{
	*w = (struct window){0};
	at = read_day(blanks(at), &w->from);
	at = at ? read_time(at, &w->start) : NULL;
	if (!at || *at != '-')
		return NULL;
	at = read_day(blanks(at + 1), &w->to);
	at = at ? read_time(at, &w->end) : NULL;
	if (!at || (w->to.year && !w->from.year))
		return NULL;
	if (w->from.year && !w->to.year) {
		w->to = w->from;
		if (w->end <= w->start)
			next_day(&w->to);
	}
	int order = compare_days(&w->from, &w->to);
	return w->from.year && (order > 0 || (order == 0 && w->end <= w->start)) ? NULL : at;
}

int windows_parse(const char *text, struct windows *out, struct err *e)
{
	struct window w;
	*out = (struct windows){0};
	for (const char *at = text; *at;) {
		at = read_window(at, &w);
		if (!at || (*at && *at != ',') || (*at && !*blanks(at + 1))) {
			windows_release(out);
			return err_set(e, ERR_INPUT,
				       _("expected two times such as 01:00-04:00, or with days "
					 "2026-11-21 22:00-04:00, not \"%s\""),
				       text);
		}
		VEC_PUSH(out, w);
		at += *at == ',';
	}
	return 0;
}

void windows_release(struct windows *w)
{
	VEC_RELEASE(w);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_day(struct str *out, const struct window_day *d)
{
	str_printf(out, "%04d-%02d-%02d ", d->year, d->month, d->day);
}

static void put_time(struct str *out, int minutes)
{
	str_printf(out, "%02d:%02d", minutes / 60, minutes % 60);
}

char *windows_text(const struct windows *w)
{
	struct str out = {0};
	for (size_t i = 0; i < w->n; i++) {
		const struct window *x = &w->v[i];
		struct window_day same = x->from;
		str_puts(&out, i ? ", " : "");
		if (x->from.year)
			put_day(&out, &x->from);
		put_time(&out, x->start);
		str_putc(&out, '-');
		if (x->from.year && x->end <= x->start)
			next_day(&same);
		if (x->from.year && compare_days(&same, &x->to) != 0)
			put_day(&out, &x->to);
		put_time(&out, x->end);
	}
	return str_take(&out);
}

char *window_time_text(int64_t wall)
{
	time_t t = (time_t)(wall / 1000);
	struct tm tm;
	char text[64] = "?";
	if (localtime_r(&t, &tm))
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return xstrdup(text);
}

char *window_span_text(const struct window_span *s)
{
	char *from = window_time_text(s->opens), *to = window_time_text(s->closes);
	bool same = strncmp(from, to, 10) == 0;
	char *both = xasprintf("%s-%s", from, strlen(to) > 11 && same ? to + 11 : to);
	free(from);
	free(to);
	return both;
}

/* --- spans ------------------------------------------------------------------------------------ */

/* With this idea of summer time; *exact: the clocks do show that time then. */
static int64_t try_moment(const struct window_day *d, int minutes, int summer, bool *exact)
{
	struct tm tm = {.tm_year = d->year - 1900,
			.tm_mon = d->month - 1,
			.tm_mday = d->day,
			.tm_hour = minutes / 60,
			.tm_min = minutes % 60,
			.tm_isdst = summer};
	time_t t = mktime(&tm);
	*exact = t != (time_t)-1 && tm.tm_hour * 60 + tm.tm_min == minutes % MINUTES_A_DAY;
	return t == (time_t)-1 ? -1 : (int64_t)t * 1000;
}

/* The moment at which the clocks of this place show that time: the first one, when they show it
 * twice; when they jump over it, that of the old time, so that a window keeps its length. */
static int64_t moment(const struct window_day *d, int minutes)
{
	bool in_winter, in_summer;
	int64_t winter = try_moment(d, minutes, 0, &in_winter);
	int64_t summer = try_moment(d, minutes, 1, &in_summer);
	if (in_winter && in_summer)
		return winter < summer ? winter : summer;
	return in_summer ? summer : winter;
}

static bool day_of(int64_t wall, int by, struct window_day *out)
{
	time_t t = (time_t)(wall / 1000);
	struct tm tm;
	if (!localtime_r(&t, &tm))
		return false;
	tm.tm_mday += by;
	tm.tm_hour = 12;
	tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	if (mktime(&tm) == (time_t)-1)
		return false;
	*out = (struct window_day){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
	return true;
}

static struct window_span span_of(const struct window *w, struct window_day day)
{
	struct window_day last = w->from.year ? w->to : day;
	if (!w->from.year && w->end <= w->start)
		next_day(&last);
	return (struct window_span){moment(&day, w->start), moment(&last, w->end)};
}

/* Better: it is open and closes later, or opens sooner. */
static void keep_better(struct window_span s, int64_t wall, struct window_span *best, bool *found)
{
	bool open = s.opens <= wall, best_open = best->opens <= wall;
	if (s.opens < 0 || s.closes <= s.opens || s.closes <= wall)
		return;
	if (*found && (open != best_open ? best_open
		       : open            ? s.closes <= best->closes
					 : s.opens >= best->opens))
		return;
	*best = s;
	*found = true;
}

bool windows_at(const struct windows *w, int64_t wall, struct window_span *out)
{
	struct window_day day;
	bool found = false;
	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i].from.year)
			keep_better(span_of(&w->v[i], w->v[i].from), wall, out, &found);
		for (int by = -1; !w->v[i].from.year && by < DAYS_AHEAD; by++)
			if (day_of(wall, by, &day))
				keep_better(span_of(&w->v[i], day), wall, out, &found);
	}
	return found;
}

#define SPANS_MOST 400 /* what does not fit into so many of them never does */

bool windows_fit(const struct windows *w, int64_t wall, int64_t need, struct window_span *out)
{
	for (int i = 0; i < SPANS_MOST && windows_at(w, wall, out); i++) {
		int64_t from = out->opens > wall ? out->opens : wall;
		if (from + need <= out->closes)
			return true;
		wall = out->closes;
	}
	return false;
}

int64_t windows_longest(const struct windows *w, int64_t wall)
{
	int64_t longest = 0, until = wall + (int64_t)DAYS_AHEAD * 24 * 3600 * 1000;
	struct window_span s;
	for (int64_t at = wall; windows_at(w, at, &s); at = s.closes) {
		int64_t from = s.opens > at ? s.opens : at;
		longest = s.closes - from > longest ? s.closes - from : longest;
		bool daily = false;
		for (size_t i = 0; i < w->n; i++)
			daily |= w->v[i].from.year == 0;
		if (daily && s.closes > until)
			break;
	}
	return longest;
}

int windows_to_come(const struct windows *w, int64_t wall, struct err *e)
{
	struct window_span s;
	int64_t ended = 0;
	if (!w->n || windows_at(w, wall, &s))
		return 0;
	for (size_t i = 0; i < w->n; i++) {
		s = span_of(&w->v[i], w->v[i].from); /* a daily one is never over */
		ended = s.closes > ended ? s.closes : ended;
	}
	char *window = windows_text(w), *since = window_time_text(ended);
	err_set(e, ERR_REFUSED,
		M_("window %s: this window is over, it ended at %s; name one that is still to come"),
		window, since);
	free(window);
	free(since);
	return -1;
}
