/* SPDX-License-Identifier: ISC */
/* The result of a rehearsal as people read it. */
#include "config.h"

#include "run/rehearsal.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/table.h"
#include "base/utf8.h"
#include "model/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 8, SOME = 20, MINUTE = 60000 };

static const cJSON *list_of(const cJSON *o, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(o, name);
}

static int length(const cJSON *o, const char *name)
{
	return cJSON_GetArraySize(list_of(o, name));
}

/* hh:mm:ss since the beginning. */
static void moment(const cJSON *o, const char *name, char text[32])
{
	int64_t s = json_number(o, name, 0) / 1000;
	(void)snprintf(text, 32, "%02" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
		       (int)(s % 60));
}

static void span(const cJSON *o, const char *name, char text[32])
{
	int64_t ms = json_number(o, name, -1);
	if (ms < 0)
		(void)snprintf(text, 32, "-");
	else
		clock_span(ms, text);
}

static void head(struct str *s, const char *title)
{
	str_printf(s, "\n%s\n", title);
}

static void more(struct str *s, int n, int shown)
{
	if (n > shown)
		str_printf(s, _("  ... and %d more (--json has all)\n"), n - shown);
}

/* Names with commas, at most FEW of them. */
static char *names(const cJSON *list)
{
	struct str s = {0};
	int n = 0;
	const cJSON *at;
	cJSON_ArrayForEach(at, list)
	{
		if (n++ < FEW && cJSON_IsString(at))
			str_printf(&s, "%s%s", s.len ? ", " : "", at->valuestring);
	}
	if (n > FEW)
		str_printf(&s, " +%d", n - FEW);
	return str_take(&s);
}

static void put_timeline(struct str *s, const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	head(s, _("Time line (simulated)"));
	cJSON_ArrayForEach(at, list_of(r, "timeline"))
	{
		char when[32];
		const char *device = json_text(at, "device"), *what = json_text(at, "what");
		const char *text = json_text(at, "text");
		if (!cJSON_IsTrue(list_of(at, "important")) || n++ >= SOME * 4)
			continue;
		moment(at, "at_ms", when);
		str_printf(s, "  %s  %s%s%s%s%s\n", when, device ? device : "", device ? ": " : "",
			   what ? what : "", what && text && *text ? ": " : "", text ? text : "");
	}
	more(s, n, SOME * 4);
}

static void put_stages(struct str *s, const cJSON *r)
{
	static const char *const titles[] = {N_("Stage"),  N_("Batches"), N_("Done"),
					     N_("Failed"), N_("Rest"),    N_("Began"),
					     N_("Took"),   N_("Estimate")};
	struct table t;
	const cJSON *at;
	if (!length(r, "stages"))
		return;
	head(s, _("Stages"));
	table_head(&t, LEN(titles), titles);
	cJSON_ArrayForEach(at, list_of(r, "stages"))
	{
		char began[32] = "-", took[32], estimate[32];
		if (list_of(at, "at_ms"))
			moment(at, "at_ms", began);
		span(at, "took_ms", took);
		span(at, "estimate_ms", estimate);
		table_cell(&t, json_text(at, "stage"));
		table_cellf(&t, "%d", length(at, "batches"));
		table_cellf(&t, "%" PRId64, json_number(at, "done", 0));
		table_cellf(&t, "%" PRId64, json_number(at, "failed", 0));
		table_cellf(&t, "%" PRId64, json_number(at, "other", 0));
		table_cell(&t, began);
		table_cell(&t, took);
		table_cell(&t, estimate);
	}
	table_text(&t, s);
}

static void put_batches(struct str *s, const cJSON *r)
{
	int n = 0, total = (int)json_number(r, "batch_count", 0);
	const cJSON *stage, *at;
	head(s, _("Batches"));
	cJSON_ArrayForEach(stage, list_of(r, "stages"))
	{
		cJSON_ArrayForEach(at, list_of(stage, "batches"))
		{
			char began[32] = "-", took[32], estimate[32];
			if (n++ >= SOME)
				continue;
			char *who = names(list_of(at, "devices"));
			if (list_of(at, "at_ms"))
				moment(at, "at_ms", began);
			span(at, "took_ms", took);
			span(at, "estimate_ms", estimate);
			str_printf(s, _("  %s  %s of estimated %s  %s: %s\n"), began, took,
				   estimate, json_text(stage, "stage"), who);
			free(who);
		}
	}
	more(s, total, SOME);
}

static void put_holds(struct str *s, const cJSON *r)
{
	const cJSON *at;
	head(s, _("Holds and questions"));
	cJSON_ArrayForEach(at, list_of(r, "holds"))
	{
		char when[32];
		const char *device = json_text(at, "device"), *answer = json_text(at, "answer");
		moment(at, "at_ms", when);
		str_printf(s, "  %s  %s%s%s\n", when, device ? device : "", device ? ": " : "",
			   json_text(at, "text"));
		str_printf(s, _("            answered by the rehearsal: %s\n"),
			   answer ? answer : _("nothing, it ends here"));
	}
	if (!length(r, "holds"))
		str_printf(s, "  %s\n", _("none: nobody had to be asked"));
}

static void put_faults(struct str *s, const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	if (!length(r, "faults"))
		return;
	head(s, _("Faults that came about"));
	cJSON_ArrayForEach(at, list_of(r, "faults"))
	{
		char when[32];
		if (n++ >= SOME)
			continue;
		moment(at, "at_ms", when);
		str_printf(s, "  %s  %s: %s\n", when, json_text(at, "device"),
			   json_text(at, "fault"));
	}
	more(s, n, SOME);
}

static void put_missed(struct str *s, const cJSON *r)
{
	const cJSON *at;
	if (!length(r, "faults_missed"))
		return;
	head(s, _("Faults that did not come about"));
	cJSON_ArrayForEach(at, list_of(r, "faults_missed"))
	{
		str_printf(s, "  %s\n", at->valuestring);
	}
}

static void put_failures(struct str *s, const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	if (!length(r, "failures"))
		return;
	head(s, _("Failures"));
	cJSON_ArrayForEach(at, list_of(r, "failures"))
	{
		const char *cause = json_text(at, "cause"), *advice = json_text(at, "advice");
		if (n++ >= SOME)
			continue;
		str_printf(s, "  %s: %s: %s\n", json_text(at, "device"), json_text(at, "state"),
			   json_text(at, "message") ? json_text(at, "message") : "");
		if (cause)
			str_printf(s, _("    cause: %s\n"), cause);
		if (advice)
			str_printf(s, "    -> %s\n", advice);
	}
	more(s, n, SOME);
}

static void put_checks(struct str *s, const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	bool refused = str_eq(json_text(r, "verdict"), "refused");
	head(s, _("Checks"));
	str_printf(s, _("  before the upgrade: errors: %" PRId64 ", warnings: %" PRId64 "\n"),
		   json_number(r, "check_errors", 0), json_number(r, "check_warnings", 0));
	cJSON_ArrayForEach(at, list_of(r, "checks"))
	{
		const char *device = json_text(at, "device"), *text = json_text(at, "message");
		bool error = cJSON_IsTrue(list_of(at, "error"));
		if ((refused && !error) || n++ >= FEW)
			continue;
		str_printf(s, "  %s%s%s: %s\n", device ? device : "", device ? " " : "",
			   json_text(at, "check"), text ? text : json_text(at, "status"));
	}
	more(s, n, FEW);
}

/* --- the network, as it saw itself ------------------------------------------------------------ */

static const cJSON *longest(const cJSON *list)
{
	const cJSON *at, *found = NULL;
	cJSON_ArrayForEach(at, list)
	{
		if (!found ||
		    json_number(at, "longest_ms", 0) > json_number(found, "longest_ms", 0))
			found = at;
	}
	return found;
}

static void put_together(struct str *s, const cJSON *r)
{
	int n = 0;
	const cJSON *at;
	cJSON_ArrayForEach(at, list_of(r, "together"))
	{
		char when[32];
		if (n++ >= FEW)
			continue;
		char *who = names(list_of(at, "devices"));
		moment(at, "at_ms", when);
		str_printf(s, _("  down together at %s: %s\n"), when, who);
		free(who);
	}
	more(s, n, FEW);
}

static void put_lost(struct str *s, const cJSON *r)
{
	const cJSON *at;
	char when[32], ms[32];
	cJSON_ArrayForEach(at, list_of(r, "groups_down"))
	{
		moment(at, "at_ms", when);
		span(at, "ms", ms);
		str_printf(s, _("  ALL of group %s down at %s, for %s\n"), json_text(at, "group"),
			   when, ms);
	}
	cJSON_ArrayForEach(at, list_of(r, "isolated"))
	{
		moment(at, "at_ms", when);
		span(at, "ms", ms);
		str_printf(s, _("  %s cut off at %s, for %s\n"), json_text(at, "device"), when, ms);
	}
	cJSON_ArrayForEach(at, list_of(r, "violations"))
	{
		moment(at, "at_ms", when);
		str_printf(s, "  %s %s\n", when, json_text(at, "what"));
	}
}

static void put_network(struct str *s, const cJSON *r)
{
	const cJSON *worst = longest(list_of(r, "dark"));
	char text[32];
	head(s, _("The network, as the simulated devices saw it"));
	if (worst) {
		span(worst, "longest_ms", text);
		str_printf(s, ngettext("  %d device carried no traffic for a time: %s (%s)\n",
				       "  %d devices carried no traffic for a time; longest %s (%s)\n",
				       (unsigned long)length(r, "dark")),
			   length(r, "dark"), text, json_text(worst, "device"));
	}
	str_printf(s, _("  most at the same time: %" PRId64 "\n"), json_number(r, "most_dark", 0));
	put_together(s, r);
	if (!length(r, "groups_down"))
		str_printf(s, "  %s\n", _("no redundancy group was ever down as a whole"));
	if (!length(r, "isolated"))
		str_printf(s, "  %s\n", _("nobody lost his last path"));
	put_lost(s, r);
}

static void put_times(struct str *s, const cJSON *r)
{
	const cJSON *back = list_of(r, "rollback");
	int64_t took = json_number(r, "took_ms", -1), estimate = json_number(r, "estimate_ms", 0);
	int64_t waited = json_number(r, "waited_ms", 0), work = took - waited;
	char a[32], b[32];
	head(s, _("Times"));
	span(r, "took_ms", a);
	span(r, "estimate_ms", b);
	str_printf(s, _("  the upgrade: %s; estimate %s"), a, b);
	if (took > 0 && estimate > 0)
		str_printf(s, " (%+d %%)", (int)((work - estimate) * 100 / estimate));
	str_printf(s, _("; from %s\n"),
		   json_text(r, "estimate_from") ? json_text(r, "estimate_from") : "-");
	if (waited >= MINUTE) {
		span(r, "waited_ms", a);
		str_printf(s, _("  of that %s were waited, for a window or an answer\n"), a);
	}
	if (!back) {
		const char *why = json_text(r, "rollback_why");
		str_printf(s, _("  roll back: not measured: %s\n"), why ? why : "-");
		return;
	}
	span(back, "one_ms", a);
	span(back, "all_ms", b);
	str_printf(s, _("  roll back: %s for one (%s), %s for all (%s)\n"), a,
		   json_text(back, "device"), b,
		   cJSON_IsTrue(list_of(back, "all_measured"))
		       ? _("measured")
		       : _("computed: one after the other in the plan's batches"));
}

static void put_remarks(struct str *s, const cJSON *r)
{
	const cJSON *at;
	cJSON_ArrayForEach(at, list_of(r, "remarks"))
	{
		str_printf(s, "  - %s\n", at->valuestring);
	}
}

char *rehearsal_text(const cJSON *r)
{
	struct str s = {0}, clean = {0};
	const char *verdict = json_text(r, "verdict_text");
	char wall[32];
	str_printf(
	    &s,
	    _("Rehearsal of \"%s\" to %s (simulated devices: %" PRId64 ", batches: %" PRId64 ")\n"),
	    json_text(r, "job"), json_text(r, "version"), json_number(r, "devices", 0),
	    json_number(r, "batch_count", 0));
	put_remarks(&s, r);
	put_timeline(&s, r);
	put_stages(&s, r);
	put_batches(&s, r);
	put_checks(&s, r);
	put_holds(&s, r);
	put_faults(&s, r);
	put_missed(&s, r);
	put_failures(&s, r);
	put_network(&s, r);
	put_times(&s, r);
	span(r, "wall_ms", wall);
	str_printf(&s, _("\nVerdict: %s (played in %s)\n"), verdict ? _(verdict) : "", wall);
	utf8_sanitise(&clean, str_text(&s), s.len, UTF8_KEEP_LINES);
	str_release(&s);
	return str_take(&clean);
}
