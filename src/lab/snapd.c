/* SPDX-License-Identifier: ISC */
/* snapd: changes and their tasks, which go on whether anybody watches or not. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

enum effect { NOTHING, DOWNLOAD, STOP, UNLINK, COPY, SWITCH, HOOK, START };
struct task_row {
	const char *text; /* $n: the snap, $r: the revision, $c: the channel */
	int ms;
	enum effect effect;
};

static const struct task_row refresh_rows[] = {
    {"Ensure prerequisites for \"$n\" are available", 200, NOTHING},
    {"Download snap \"$n\" ($r) from channel \"$c\"", 9000, DOWNLOAD},
    {"Fetch and check assertions for snap \"$n\" ($r)", 900, NOTHING},
    {"Mount snap \"$n\" ($r)", 1500, NOTHING},
    {"Run pre-refresh hook of \"$n\" snap if present", 2500, NOTHING},
    {"Stop snap \"$n\" services", 4000, STOP},
    {"Remove aliases for snap \"$n\"", 100, NOTHING},
    {"Make current revision for snap \"$n\" unavailable", 300, UNLINK},
    {"Copy snap \"$n\" data", 800, COPY},
    {"Setup snap \"$n\" ($r) security profiles", 3500, NOTHING},
    {"Make snap \"$n\" ($r) available to the system", 400, SWITCH},
    {"Automatically connect eligible plugs and slots of snap \"$n\"", 900, NOTHING},
    {"Set automatic aliases for snap \"$n\"", 100, NOTHING},
    {"Setup snap \"$n\" aliases", 100, NOTHING},
    {"Run post-refresh hook of \"$n\" snap if present", 1200, HOOK},
    {"Start snap \"$n\" ($r) services", 1500, START},
    {"Clean up \"$n\" ($r) install", 600, NOTHING},
    {"Run configure hook of \"$n\" snap if present", 700, NOTHING},
    {"Run health check of \"$n\" snap", 200, NOTHING},
    {NULL, 0, NOTHING},
};

static const struct task_row revert_rows[] = {
    {"Ensure prerequisites for \"$n\" are available", 200, NOTHING},
    {"Prepare snap \"$n\" ($r)", 300, NOTHING},
    {"Stop snap \"$n\" services", 4000, STOP},
    {"Remove aliases for snap \"$n\"", 100, NOTHING},
    {"Make current revision for snap \"$n\" unavailable", 300, UNLINK},
    {"Setup snap \"$n\" ($r) security profiles", 3500, NOTHING},
    {"Make snap \"$n\" ($r) available to the system", 400, SWITCH},
    {"Set automatic aliases for snap \"$n\"", 100, NOTHING},
    {"Setup snap \"$n\" aliases", 100, NOTHING},
    {"Start snap \"$n\" ($r) services", 1500, START},
    {"Clean up \"$n\" ($r) install", 600, NOTHING},
    {"Run configure hook of \"$n\" snap if present", 700, NOTHING},
    {NULL, 0, NOTHING},
};

/* The revision stays, what is tracked changes. */
static const struct task_row switch_rows[] = {
    {"Switch snap \"$n\" to channel \"$c\"", 400, NOTHING},
    {NULL, 0, NOTHING},
};

static const struct task_row other_rows[] = {
    {"Run configure hook of \"$n\" snap", 60000, NOTHING},
    {NULL, 0, NOTHING},
};

enum { UNDO_MS = 400, HOUR_MS = 3600000 };

/* --- what they are called ----------------------------------------------------------------- */
char *snap_task_summary(const struct change *c, const struct task *t)
{
	struct str out = {0};
	for (const char *at = t->row->text; *at; at++) {
		if (*at != '$')
			str_putc(&out, *at);
		else if (*++at == 'n')
			str_puts(&out, snap_names[c->snap]);
		else if (*at == 'r')
			str_printf(&out, "%d", c->to ? c->to->rev : 0);
		else
			str_puts(&out, c->channel);
	}
	return str_take(&out);
}

/* --- beginning ---------------------------------------------------------------------------- */
static struct change *begin(struct member *m, enum snap_id snap, const char *kind,
			    const struct task_row *rows, char *summary)
{
	struct change *c = xcalloc(1, sizeof(*c));
	c->id = 101 + 7 * m->number + (int)m->changes.n;
	c->kind = kind;
	c->summary = summary;
	c->snap = snap;
	c->from = m->snaps[snap].rev;
	c->spawn = m->dev->lab->now;
	c->ready = -1;
	for (; rows->text; rows++) {
		struct task *t = VEC_ADD(&c->tasks);
		t->row = rows;
		t->spawn = c->spawn;
		t->ready = -1;
	}
	VEC_PUSH(&m->changes, c);
	return c;
}

static int conflict(const struct member *m, enum snap_id snap, struct err *e)
{
	const struct change *busy = snapd_busy(m, snap);
	if (!busy)
		return 0;
	return err_set(e, ERR_LOCKED, "snap \"%s\" has \"%s\" change in progress", snap_names[snap],
		       busy->kind);
}

static int apps_run(struct member *m, enum snap_id snap, struct err *e)
{
	struct fault *f = fault_get(m->dev, "apps-running", false);
	if (!f || (f->arg && !str_eq(f->arg, snap_names[snap])))
		return 0;
	(void)fault_fire(m->dev, "apps-running");
	return err_set(e, ERR_LOCKED, "snap \"%s\" has running apps (%s), pids: 4711",
		       snap_names[snap], snap == SNAP_LXD ? "lxc" : snap_names[snap]);
}

/* Its hook had failed: what was done is undone, the rest was never begun. */
void snapd_past(struct member *m, enum snap_id snap)
{
	struct snap *s = &m->snaps[snap];
	struct change *c = begin(m, snap, "refresh-snap", refresh_rows,
				 xasprintf("Refresh \"%s\" snap", snap_names[snap]));
	bool failed = false;
	c->to = s->rev;
	c->channel = s->tracking;
	c->spawn = c->spawn > HOUR_MS ? c->spawn - HOUR_MS : 0;
	c->ready = c->spawn;
	for (size_t i = 0; i < c->tasks.n; i++) {
		struct task *t = &c->tasks.v[i];
		bool hook = t->row->effect == HOOK;
		t->spawn = c->spawn;
		t->ready = c->ready;
		t->state = failed ? TASK_HOLD : hook ? TASK_ERROR : TASK_UNDONE;
		failed |= hook;
		if (hook)
			t->log = xstrdup("ERROR run hook \"post-refresh\": exit status 1");
	}
}

/* What is due at once happens at once: a change that is asked for is Doing. */
static struct change *go(struct member *m, struct change *c)
{
	snapd_advance(m);
	return c;
}

struct change *snapd_refresh(struct member *m, enum snap_id snap, const struct snap_rev *to,
			     const char *channel, bool cohort, const char *kind, bool asked,
			     struct err *e)
{
	struct snap *s = &m->snaps[snap];
	if (conflict(m, snap, e) || apps_run(m, snap, e))
		return NULL;
	if (to != s->rev && vfs_free(&m->dev->vfs) < (int64_t)to->megabytes << 20) {
		(void)err_set(e, ERR_SYSTEM, "cannot refresh \"%s\" due to low disk space",
			      snap_names[snap]);
		return NULL;
	}
	bool moves = !str_eq(channel, s->tracking);
	char *summary =
	    moves ? xasprintf("Refresh \"%s\" snap from \"%s\" channel", snap_names[snap], channel)
		  : xasprintf("Refresh \"%s\" snap", snap_names[snap]);
	struct change *c = begin(m, snap, kind, to == s->rev ? switch_rows : refresh_rows, summary);
	c->asked = asked;
	c->to = to;
	c->channel = channel;
	c->cohort = cohort;
	lab_log(m->dev->lab, m->dev, "refresh-begin", "%s %d -> %d (%s, change %d)",
		snap_names[snap], c->from->rev, to->rev, kind, c->id);
	if (asked && to != s->rev)
		judge_refresh(m, snap, to);
	return go(m, c);
}

struct change *snapd_revert(struct member *m, enum snap_id snap, const struct snap_rev *to,
			    struct err *e)
{
	if (conflict(m, snap, e))
		return NULL;
	struct change *c = begin(m, snap, "revert-snap", revert_rows,
				 xasprintf("Revert \"%s\" snap", snap_names[snap]));
	c->to = to;
	c->channel = m->snaps[snap].tracking;
	c->cohort = m->snaps[snap].cohort;
	lab_log(m->dev->lab, m->dev, "revert-begin", "%s %d -> %d (change %d)", snap_names[snap],
		c->from->rev, to->rev, c->id);
	return go(m, c);
}

struct change *snapd_other(struct member *m, enum snap_id snap, const char *kind,
			   const char *summary)
{
	struct change *c = begin(m, snap, kind, other_rows, xstrdup(summary));
	c->to = c->from;
	c->channel = m->snaps[snap].tracking;
	return go(m, c);
}

bool snapd_abort(struct member *m, struct change *c)
{
	if (c->ready >= 0)
		return false;
	c->aborted = true;
	lab_log(m->dev->lab, m->dev, "abort", "%s (change %d)", snap_names[c->snap], c->id);
	snapd_advance(m);
	return true;
}

/* --- what tasks do ------------------------------------------------------------------------ */
static void services_stop(struct member *m, enum snap_id snap)
{
	struct snap *s = &m->snaps[snap];
	if (s->started)
		lab_log(m->dev->lab, m->dev, "daemon-down", "%s", snap_names[snap]);
	s->started = s->failed = false;
	s->since = m->dev->lab->now;
}

static void services_start(struct member *m, enum snap_id snap)
{
	struct snap *s = &m->snaps[snap];
	struct fault *f = fault_get(m->dev, "snap-stays-down", false);
	s->started = true;
	s->failed = f && (!f->arg || str_eq(f->arg, snap_names[snap]));
	s->since = m->dev->lab->now;
	if (s->failed)
		(void)fault_fire(m->dev, "snap-stays-down");
	lab_log(m->dev->lab, m->dev, s->failed ? "daemon-failed" : "daemon-up", "%s %s",
		snap_names[snap], s->rev->version);
}

void snapd_services(struct member *m, enum snap_id snap, bool on)
{
	if (on)
		services_start(m, snap);
	else
		services_stop(m, snap);
	cloud_update(m->cloud);
}

void snapd_fail(struct member *m, enum snap_id snap)
{
	m->snaps[snap].failed = true;
	m->snaps[snap].since = m->dev->lab->now;
	lab_log(m->dev->lab, m->dev, "daemon-failed", "%s", snap_names[snap]);
	cloud_update(m->cloud);
}

static void use(struct member *m, enum snap_id snap, const struct snap_rev *rev)
{
	struct snap *s = &m->snaps[snap];
	if (s->rev != rev)
		s->old = s->rev;
	s->rev = rev;
	if (snap == SNAP_CLOUD) {
		free(m->dev->version);
		m->dev->version = xstrndup(rev->software, strcspn(rev->software, " "));
	}
}

static void took_effect(struct member *m, struct change *c, const struct task *t, bool undo)
{
	if (t->row->effect == STOP) {
		if (undo)
			services_start(m, c->snap);
		else
			services_stop(m, c->snap);
	} else if (t->row->effect == START) {
		if (undo)
			services_stop(m, c->snap);
		else
			services_start(m, c->snap);
	} else if (t->row->effect == SWITCH) {
		use(m, c->snap, undo ? c->from : c->to);
		m->snaps[c->snap].unlinked = undo;
	} else if (t->row->effect == UNLINK) {
		m->snaps[c->snap].unlinked = !undo;
	}
	cloud_update(m->cloud);
}

/* A hook that fails (fault): true, and why in its log. */
static bool fails(struct member *m, const struct change *c, struct task *t)
{
	struct fault *f = t->row->effect == HOOK ? fault_get(m->dev, "change-aborts", false) : NULL;
	if (!f || (f->arg && !str_eq(f->arg, snap_names[c->snap])))
		return false;
	(void)fault_fire(m->dev, "change-aborts");
	t->log =
	    xasprintf("ERROR run hook \"post-refresh\": cannot locate the database of %s: exit "
		      "status 1",
		      snap_names[c->snap]);
	return true;
}

/* Copying that never ends, or somebody else's change (faults): aborting does not end it either. */
static bool hangs(struct member *m, const struct change *c, const struct task *t)
{
	const char *name = t->row == other_rows	    ? "change-busy"
			   : t->row->effect == COPY ? "change-hangs"
						    : NULL;
	struct fault *f = name && t->state != TASK_UNDOING ? fault_get(m->dev, name, false) : NULL;
	return f && (!f->arg || str_eq(f->arg, snap_names[c->snap])) && fault_on(m->dev, name);
}

/* --- from task to task -------------------------------------------------------------------- */
static void finish(struct member *m, struct change *c)
{
	struct snap *s = &m->snaps[c->snap];
	const char *status = snapd_status(c);
	bool done = str_eq(status, "Done");
	c->ready = m->dev->lab->now;
	if (done && c->to && strstr(c->kind, "refresh")) {
		s->tracking = c->channel;
		s->cohort |= c->cohort;
		s->refreshed = c->ready;
	}
	lab_log(m->dev->lab, m->dev,
		strstr(c->kind, "revert")    ? "revert-end"
		: strstr(c->kind, "refresh") ? "refresh-end"
					     : "change-end",
		"%s %d %s (change %d)", snap_names[c->snap], s->rev->rev, status, c->id);
	cloud_update(m->cloud);
}

/* Something went wrong or was called off: what is done is undone, what was not begun is on hold. */
static void turn_back(struct change *c)
{
	for (size_t i = 0; i < c->tasks.n; i++) {
		struct task *t = &c->tasks.v[i];
		if (t->state == TASK_DO)
			t->state = TASK_HOLD;
		else if (t->state == TASK_DONE)
			t->state = TASK_UNDO;
		else if (t->state == TASK_DOING)
			t->state = TASK_ABORT;
	}
}

static struct task *current(struct change *c)
{
	for (size_t i = 0; i < c->tasks.n; i++)
		if (c->tasks.v[i].state == TASK_DOING || c->tasks.v[i].state == TASK_ABORT ||
		    c->tasks.v[i].state == TASK_UNDOING)
			return &c->tasks.v[i];
	return NULL;
}

static struct task *following(struct change *c)
{
	for (size_t i = c->tasks.n; i--;)
		if (c->tasks.v[i].state == TASK_UNDO)
			return &c->tasks.v[i];
	for (size_t i = 0; i < c->tasks.n; i++)
		if (c->tasks.v[i].state == TASK_DO)
			return &c->tasks.v[i];
	return NULL;
}

static void start_task(struct member *m, struct change *c, struct task *t)
{
	int64_t now = m->dev->lab->now;
	bool back = t->state == TASK_UNDO;
	int ms = back ? UNDO_MS : t->row->ms;
	t->began = now;
	t->until = now + ms + lab_jitter(m->dev, ms / 5 + 1);
	t->state = back ? TASK_UNDOING : TASK_DOING;
	if (!back && t->row->effect == STOP)
		took_effect(m, c, t, false); /* they stop when it begins */
}

static void end_task(struct member *m, struct change *c, struct task *t)
{
	t->ready = m->dev->lab->now;
	if (t->state == TASK_UNDOING) {
		t->state = TASK_UNDONE;
		took_effect(m, c, t, true);
	} else if (t->state == TASK_ABORT) {
		t->state = TASK_UNDO;
		if (t->row->effect != STOP)
			took_effect(m, c, t, false);
	} else if (fails(m, c, t)) {
		t->state = TASK_ERROR;
		turn_back(c);
	} else {
		t->state = TASK_DONE;
		if (t->row->effect != STOP)
			took_effect(m, c, t, false);
	}
}

static void advance(struct member *m, struct change *c)
{
	int64_t now = m->dev->lab->now;
	while (c->ready < 0) {
		struct task *t = current(c);
		if (c->aborted) {
			turn_back(c);
			c->aborted = false;
		}
		if (t && (t->until > now || hangs(m, c, t)))
			return;
		if (t) {
			end_task(m, c, t);
			continue;
		}
		t = following(c);
		if (t)
			start_task(m, c, t);
		else
			finish(m, c);
	}
}

void snapd_advance(struct member *m)
{
	for (size_t i = 0; i < m->changes.n; i++)
		advance(m, m->changes.v[i]);
}

int64_t snapd_next(const struct member *m)
{
	int64_t next = -1;
	for (size_t i = 0; i < m->changes.n; i++) {
		struct task *t = m->changes.v[i]->ready < 0 ? current(m->changes.v[i]) : NULL;
		if (t && hangs((struct member *)m, m->changes.v[i], t) &&
		    t->until <= m->dev->lab->now)
			continue;
		if (t && (next < 0 || t->until < next))
			next = t->until;
	}
	return next;
}

void snapd_free(struct member *m)
{
	for (size_t i = 0; i < m->changes.n; i++) {
		struct change *c = m->changes.v[i];
		for (size_t k = 0; k < c->tasks.n; k++)
			free(c->tasks.v[k].log);
		VEC_RELEASE(&c->tasks);
		free(c->summary);
		free(c);
	}
	VEC_RELEASE(&m->changes);
	VEC_RELEASE(&m->saves);
}
