/* SPDX-License-Identifier: ISC */
/* snap: what changes something. What only shows is in cmd_snap_show.c. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/snap.h"

#include <stdlib.h>
#include <string.h>

enum { STORE_MS = 1500, STORE_TIMEOUT_MS = 20000, POLL_MS = 500 };

static int failed(struct sh *sh, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int failed(struct sh *sh, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	int status = say(sh, 1, "error: %s", text);
	free(text);
	return status;
}

/* --- options ------------------------------------------------------------------------------ */
struct snap_words {
	const char *names[8], *channel, *cohort, *revision, *hold;
	int n;
	bool no_wait, unhold, time, list, leave_cohort;
};

static bool valued(int argc, char **argv, int *i, const char *name, const char **value)
{
	size_t n = strlen(name);
	if (str_eq(argv[*i], name) && *i + 1 < argc) {
		*value = argv[++*i];
		return true;
	}
	if (!str_starts(argv[*i], name) || argv[*i][n] != '=')
		return false;
	*value = argv[*i] + n + 1;
	return true;
}

static bool risk(const char *a, const char **channel)
{
	static const char *const risks[] = {"stable", "candidate", "beta", "edge"};
	for (size_t i = 0; i < LEN(risks); i++) {
		if (str_eq(a, risks[i])) {
			*channel = risks[i];
			return true;
		}
	}
	return false;
}

static bool read_words(struct sh *sh, struct snap_words *w, int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		const char *a = argv[i];
		if (valued(argc, argv, &i, "--channel", &w->channel) ||
		    valued(argc, argv, &i, "--cohort", &w->cohort) ||
		    valued(argc, argv, &i, "--revision", &w->revision))
			continue;
		if (str_eq(a, "--hold"))
			w->hold = "forever";
		else if (str_starts(a, "--hold="))
			w->hold = a + 7;
		else if (str_eq(a, "--no-wait"))
			w->no_wait = true;
		else if (str_eq(a, "--unhold"))
			w->unhold = true;
		else if (str_eq(a, "--time"))
			w->time = true;
		else if (str_eq(a, "--list"))
			w->list = true;
		else if (str_eq(a, "--leave-cohort"))
			w->leave_cohort = true;
		else if (str_starts(a, "--") && risk(a + 2, &w->channel))
			continue;
		else if (a[0] == '-' && !str_eq(a, "--ignore-running") && !str_eq(a, "--abs-time"))
			return say(sh, 0, "error: unknown flag `%s'", a + strspn(a, "-"));
		else if (a[0] != '-' && w->n < (int)LEN(w->names))
			w->names[w->n++] = a;
	}
	return true;
}

static bool is_root(struct sh *sh)
{
	return sh->uid == 0 || !failed(sh, "access denied (try with sudo)");
}

/* --- following a change ------------------------------------------------------------------- */
/* Until it is ready; NULL: the process was killed meanwhile. */
static struct change *wait_for(struct sh *sh, int id)
{
	for (;;) {
		struct change *c = snapd_change(sh->dev->member, id);
		if (!c || c->ready >= 0)
			return c;
		if (!proc_sleep(sh->proc, POLL_MS))
			return NULL;
	}
}

static int told(struct sh *sh, const struct change *c)
{
	char *why;
	if (str_eq(snapd_status(c), "Done"))
		return 0;
	why = snapd_why(c);
	int status = strchr(why, '\n')
			 ? failed(sh, "%s", why)
			 : failed(sh, "change finished in status \"%s\" with no error message",
				  snapd_status(c));
	free(why);
	return status;
}

/* --- refresh ------------------------------------------------------------------------------ */
static void print_hold(struct sh *sh, const struct snap_words *w, const char *how)
{
	if (!w->n) {
		blob_printf(sh->out, "Auto-refresh of all snaps %s\n", how);
		return;
	}
	blob_puts(sh->out, "General refreshes of ");
	for (int i = 0; i < w->n; i++)
		blob_printf(sh->out, "%s\"%s\"", i ? ", " : "", w->names[i]);
	blob_printf(sh->out, " %s\n", how);
}

static int64_t hold_ms(const char *text)
{
	int64_t n = atoll(text);
	return n * (strchr(text, 'h') ? 3600000 : strchr(text, 'm') ? 60000 : 1000);
}

static int hold(struct sh *sh, const struct snap_words *w)
{
	struct member *m = sh->dev->member;
	bool forever = str_eq(w->hold, "forever");
	if (w->channel || w->cohort || w->revision || w->no_wait || (w->hold && w->unhold))
		return failed(sh, "cannot use --%s with other flags", w->hold ? "hold" : "unhold");
	for (int i = 0; i < w->n; i++)
		if (snap_find(w->names[i]) < 0)
			return failed(sh, "snap \"%s\" is not installed", w->names[i]);
	for (int s = 0; s < SNAPS; s++) {
		bool named = w->n == 0;
		for (int i = 0; i < w->n; i++)
			named |= snap_find(w->names[i]) == s;
		if (!named)
			continue;
		m->snaps[s].held = w->hold != NULL;
		m->snaps[s].hold_until = forever || !w->hold ? -1 : sh->lab->now + hold_ms(w->hold);
	}
	if (w->unhold) {
		print_hold(sh, w, "unheld");
	} else if (forever) {
		print_hold(sh, w, "held indefinitely");
	} else {
		char when[40];
		char *how = xasprintf("held until %s", snap_time(sh->lab->now + hold_ms(w->hold),
								 when, sizeof(when)));
		print_hold(sh, w, how);
		free(how);
	}
	return 0;
}

/* "squid", "squid/stable", "stable": the channel that it stands for. New. */
static char *full_channel(const struct snap *s, const char *asked)
{
	const char *any;
	if (strchr(asked, '/'))
		return xstrdup(asked);
	if (!risk(asked, &any))
		return xasprintf("%s/stable", asked);
	return xasprintf("%.*s/%s", (int)strcspn(s->tracking, "/"), s->tracking, asked);
}

static bool store_answers(struct sh *sh)
{
	if (fault_fire(sh->dev, "store-unreachable")) {
		(void)(proc_sleep(sh->proc, STORE_TIMEOUT_MS) &&
		       failed(sh, "unable to contact snap store"));
		return false;
	}
	if (!proc_sleep(sh->proc, STORE_MS))
		return false;
	if (fault_fire(sh->dev, "store-busy"))
		return !failed(sh, "too many requests");
	return true;
}

/* What the store has for it; NULL: said why not. */
static const struct snap_rev *find_target(struct sh *sh, const struct snap_words *w,
					  enum snap_id id, const char **channel)
{
	struct member *m = sh->dev->member;
	const struct snap *s = &m->snaps[id];
	char *full = full_channel(s, w->channel ? w->channel : s->tracking);
	const struct snap_rev *to = store_offers(m, id, full, w->cohort || s->cohort);
	*channel = w->channel && to ? to->channel : s->tracking;
	if (!to)
		(void)failed(sh, "snap \"%s\" not available on channel \"%s\" (see 'snap info %s')",
			     w->names[0], full, w->names[0]);
	free(full);
	if (!to || !w->revision)
		return to;
	to = store_revision(id, atoi(w->revision));
	if (!to)
		(void)failed(sh, "snap \"%s\" revision %s not available (see 'snap info %s')",
			     w->names[0], w->revision, w->names[0]);
	return to;
}

static int report_refresh(struct sh *sh, enum snap_id id)
{
	const struct snap *s = &sh->dev->member->snaps[id];
	if (str_starts(s->tracking, "latest/"))
		blob_printf(sh->out, "%s %s from Canonical✓ refreshed\n", snap_names[id],
			    s->rev->version);
	else
		blob_printf(sh->out, "%s (%s) %s from Canonical✓ refreshed\n", snap_names[id],
			    s->tracking, s->rev->version);
	return 0;
}

static int refresh_one(struct sh *sh, const struct snap_words *w)
{
	struct member *m = sh->dev->member;
	int id = snap_find(w->names[0]);
	const char *channel;
	struct err e = {0};
	if (id < 0)
		return failed(sh, "snap \"%s\" is not installed", w->names[0]);
	struct snap *s = &m->snaps[id];
	if (w->cohort && w->revision)
		return failed(sh, "cannot specify both cohort-key and revision");
	if (w->cohort && w->leave_cohort)
		return failed(sh, "cannot specify both cohort-key and leave-cohort");
	if (!store_answers(sh))
		return 1;
	const struct snap_rev *to = find_target(sh, w, (enum snap_id)id, &channel);
	if (!to)
		return 1;
	bool same = to == s->rev && str_eq(channel, s->tracking) && (s->cohort || !w->cohort);
	if (same && !snapd_busy(m, (enum snap_id)id))
		return say(sh, 0, "snap \"%s\" has no updates available", w->names[0]);
	struct change *c = snapd_refresh(m, (enum snap_id)id, to, channel, w->cohort != NULL,
					 "refresh-snap", true, &e);
	if (!c)
		return failed(sh, "%s", e.text);
	if (w->leave_cohort || w->revision)
		s->cohort = false;
	if (w->no_wait) {
		blob_printf(sh->out, "%d\n", c->id);
		return 0;
	}
	c = wait_for(sh, c->id);
	return !c ? 137 : told(sh, c) ? 1 : report_refresh(sh, (enum snap_id)id);
}

/* snap switch SNAP --cohort=+: nothing is refreshed. */
static int run_switch(struct sh *sh, int argc, char **argv)
{
	struct snap_words w = {0};
	if (!read_words(sh, &w, argc, argv) || !is_root(sh))
		return 1;
	int id = w.n == 1 ? snap_find(w.names[0]) : -1;
	if (id < 0 || !w.cohort)
		return failed(sh, "only the cohort of one snap is switched in the lab");
	if (snapd_busy(sh->dev->member, (enum snap_id)id))
		return failed(sh, "snap \"%s\" has changes in progress", w.names[0]);
	sh->dev->member->snaps[id].cohort = true;
	return say(sh, 0, "\"%s\" switched to the \"%s\" cohort", w.names[0], w.cohort) ? 1 : 0;
}

static int show_times(struct sh *sh)
{
	const struct member *m = sh->dev->member;
	bool held = true;
	char last[40], next[40];
	for (int s = 0; s < SNAPS; s++)
		held &= m->snaps[s].held;
	blob_printf(sh->out, "timer: 00:00~24:00/4\nlast: %s\n%snext: %s%s\n",
		    snap_time(-7200000, last, sizeof(last)), held ? "hold: forever\n" : "",
		    snap_time(sh->lab->now + 9000000, next, sizeof(next)),
		    held ? " (but held)" : "");
	return 0;
}

static int run_refresh(struct sh *sh, int argc, char **argv)
{
	struct snap_words w = {0};
	if (!read_words(sh, &w, argc, argv))
		return 1;
	if (w.time)
		return show_times(sh);
	if (w.list)
		return store_answers(sh) ? snap_list_updates(sh) : 1;
	if (!is_root(sh))
		return 1;
	if (w.hold || w.unhold)
		return hold(sh, &w);
	if (w.n != 1 && (w.channel || w.cohort || w.revision))
		return failed(sh, "a single snap name is needed to specify mode or channel flags");
	if (w.n == 0)
		return failed(sh, "refresh of all snaps at once is not simulated: name one");
	int status = 0;
	for (int i = 0; i < w.n && !status; i++) {
		struct snap_words one = w;
		one.names[0] = w.names[i];
		status = refresh_one(sh, &one);
	}
	return status;
}

/* --- revert ------------------------------------------------------------------------------- */
static int run_revert(struct sh *sh, int argc, char **argv)
{
	struct snap_words w = {0};
	struct err e = {0};
	if (!read_words(sh, &w, argc, argv) || !is_root(sh))
		return 1;
	int id = w.n == 1 ? snap_find(w.names[0]) : -1;
	if (id < 0)
		return failed(sh, "snap \"%s\" is not installed", w.n ? w.names[0] : "");
	struct member *m = sh->dev->member;
	struct snap *s = &m->snaps[id];
	const struct snap_rev *to = s->old;
	if (w.revision && atoi(w.revision) == s->rev->rev)
		return failed(sh, "already on requested revision");
	if (w.revision && (!to || to->rev != atoi(w.revision)))
		return failed(sh, "cannot find revision %s for snap \"%s\"", w.revision,
			      w.names[0]);
	if (!to || to->rev > s->rev->rev)
		return failed(sh, "no revision to revert to");
	struct change *c = snapd_revert(m, (enum snap_id)id, to, &e);
	if (!c)
		return failed(sh, "%s", e.text);
	if (w.no_wait) {
		blob_printf(sh->out, "%d\n", c->id);
		return 0;
	}
	c = wait_for(sh, c->id);
	if (!c)
		return 137;
	if (told(sh, c))
		return 1;
	blob_printf(sh->out, "%s reverted to %s\n", w.names[0], s->rev->version);
	return 0;
}

/* --- changes by number -------------------------------------------------------------------- */
static struct change *numbered(struct sh *sh, int argc, char **argv)
{
	const char *id = argc > 2 ? argv[2] : "";
	struct change *c = snap_change_of(sh, id);
	if (!c)
		(void)failed(sh, "cannot find change with id \"%s\"", id);
	return c;
}

static int run_watch(struct sh *sh, int argc, char **argv)
{
	struct change *c = numbered(sh, argc, argv);
	if (c)
		c = wait_for(sh, c->id);
	return c ? told(sh, c) : 1;
}

static int run_abort(struct sh *sh, int argc, char **argv)
{
	if (!is_root(sh))
		return 1;
	struct change *c = numbered(sh, argc, argv);
	if (!c)
		return 1;
	return snapd_abort(sh->dev->member, c)
		   ? 0
		   : failed(sh, "cannot abort change %d with nothing pending", c->id);
}

/* snap start, stop, restart NAME[.SERVICE] */
static int run_service(struct sh *sh, int argc, char **argv)
{
	const char *name = argc > 2 ? argv[argc - 1] : "";
	char *snap = xstrndup(name, strcspn(name, "."));
	int id = snap_find(snap);
	free(snap);
	if (!is_root(sh))
		return 1;
	if (id < 0)
		return failed(sh, "snap \"%s\" not found", name);
	if (!str_eq(argv[1], "start"))
		snapd_services(sh->dev->member, (enum snap_id)id, false);
	if (!str_eq(argv[1], "stop"))
		snapd_services(sh->dev->member, (enum snap_id)id, true);
	blob_puts(sh->out, str_eq(argv[1], "stop")    ? "Stopped.\n"
			   : str_eq(argv[1], "start") ? "Started.\n"
						      : "Restarted.\n");
	return 0;
}

static int run_cohort(struct sh *sh, int argc, char **argv)
{
	if (!store_answers(sh))
		return 1;
	blob_puts(sh->out, "cohorts:\n");
	for (int i = 2; i < argc; i++)
		blob_printf(sh->out, "  %s:\n    cohort-key: MSBKMjJYN0FiZ0ZYMTYwNDAwMDAwMCA%d=\n",
			    argv[i], i);
	return 0;
}

static int run_snap(struct sh *sh, int argc, char **argv)
{
	static const struct {
		const char *verb;
		int (*run)(struct sh *sh, int argc, char **argv);
	} verbs[] = {
	    {"refresh", run_refresh},      {"switch", run_switch},
	    {"revert", run_revert},        {"watch", run_watch},
	    {"abort", run_abort},          {"start", run_service},
	    {"stop", run_service},         {"restart", run_service},
	    {"list", snap_list},           {"info", snap_info},
	    {"changes", snap_changes},     {"change", snap_tasks},
	    {"tasks", snap_tasks},         {"services", snap_services},
	    {"version", snap_version},     {"--version", snap_version},
	    {"create-cohort", run_cohort}, {"save", snap_save},
	    {"saved", snap_saved},         {"export-snapshot", snap_export},
	};
	for (size_t i = 0; argc > 1 && i < LEN(verbs); i++)
		if (str_eq(argv[1], verbs[i].verb))
			return verbs[i].run(sh, argc, argv);
	return failed(sh, "unknown command \"%s\", see 'snap help'.", argc > 1 ? argv[1] : "");
}

const struct command snap_commands[] = {
    {.name = "snap", .run = run_snap, .path = "/usr/bin"},
    {0},
};
