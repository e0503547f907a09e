/* SPDX-License-Identifier: ISC */
/*
 * One stage into batches. Devices wait in lists by how many members their largest group still has
 * to place ("level"): who has the longest way to go is taken first. For groups that share no device
 * and no limit by paths this reaches the lower bound (it is the schedule of unit tasks with equal
 * machines); else it is a good guess, and the plan says when it is above the bound. Devices of one
 * level keep the order of the inventory, so all A-sides come before the B-sides. Before a batch
 * takes a second uplink from anybody it looks for devices elsewhere.
 */
#include "config.h"

#include "plan/making.h"

#define NONE UINT32_MAX

/* How many devices one batch may try in vain because of paths, before it is closed: it bounds the
 * work in fabrics where hardly anything may be away together. */
#define TRIES 64
#define LOOKS 512 /* the same for devices that only should not go together */

struct waiting {
	struct making *m;
	bool stays_up;         /* nobody goes down: only the number counts */
	size_t cap;            /* devices a batch */
	uint32_t *next, *prev; /* device -> device in its list */
	uint32_t *level;       /* device -> list; 0: not waiting */
	uint32_t *head, *tail; /* level -> device */
	uint32_t top;          /* highest level there can be */
	uint32_t *left;        /* group -> members not placed */
	uint32_t *firsts;      /* group -> members that go first and are not placed */
	uint32_t *used;        /* group -> number of the batch that has a member */
	uint32_t *limit_left;  /* limit -> devices not placed */
	size_t *limit_here;    /* limit -> devices in this batch */
	uint32_t *loses;       /* device -> number of the batch that takes a link from it */
	uint32_t batch;
	size_t tries, looks; /* of this pass over the lists */
};

static void list_append(struct waiting *w, uint32_t d, uint32_t level)
{
	w->level[d] = level;
	w->prev[d] = w->tail[level];
	w->next[d] = NONE;
	if (w->tail[level] == NONE)
		w->head[level] = d;
	else
		w->next[w->tail[level]] = d;
	w->tail[level] = d;
}

static void list_remove(struct waiting *w, uint32_t d)
{
	uint32_t level = w->level[d], prev = w->prev[d], next = w->next[d];

	if (prev == NONE)
		w->head[level] = next;
	else
		w->next[prev] = next;
	if (next == NONE)
		w->tail[level] = prev;
	else
		w->prev[next] = prev;
	w->level[d] = 0;
}

/* Batches that its largest group (itself included) or its tightest limit still needs. */
static uint32_t level_of(const struct waiting *w, size_t d)
{
	const struct graph *g = w->m->g;
	uint32_t level = 1;

	for (uint32_t i = g->group_from[d]; i < g->group_from[d + 1]; i++)
		if (w->left[g->group_of[i]] > level)
			level = w->left[g->group_of[i]];
	for (size_t i = 0; i < w->m->limits.n && !w->stays_up; i++) {
		uint32_t most = (uint32_t)w->m->limits.most[i];
		uint32_t needs = (w->limit_left[i] + most - 1) / most;
		if (limits_have(&w->m->limits, i, d) && needs > level)
			level = needs;
	}
	return level;
}

static void waiting_init(struct waiting *w, struct making *m, const struct devices *all, size_t cap,
			 bool stays_up)
{
	size_t n = m->g->n, n_groups = m->inv->groups.n;

	*w = (struct waiting){.m = m, .cap = cap, .stays_up = stays_up};
	w->next = xcalloc(n + 1, sizeof(uint32_t));
	w->prev = xcalloc(n + 1, sizeof(uint32_t));
	w->level = xcalloc(n + 1, sizeof(uint32_t));
	w->left = xcalloc(n_groups + 1, sizeof(uint32_t));
	w->firsts = xcalloc(n_groups + 1, sizeof(uint32_t));
	w->used = xcalloc(n_groups + 1, sizeof(uint32_t));
	w->loses = xcalloc(n + 1, sizeof(uint32_t));
	w->limit_left = xcalloc(m->limits.n + 1, sizeof(uint32_t));
	w->limit_here = xcalloc(m->limits.n + 1, sizeof(size_t));
	for (size_t i = 0; i < all->n; i++) {
		size_t d = all->v[i];
		for (uint32_t k = m->g->group_from[d]; k < m->g->group_from[d + 1]; k++) {
			w->left[m->g->group_of[k]]++;
			w->firsts[m->g->group_of[k]] += m->first[d];
		}
		for (size_t k = 0; k < m->limits.n; k++)
			w->limit_left[k] += limits_have(&m->limits, k, d);
	}
	for (size_t i = 0; i < all->n; i++) {
		uint32_t level = level_of(w, all->v[i]);
		w->top = level > w->top ? level : w->top;
	}
	w->head = xcalloc((size_t)w->top + 1, sizeof(uint32_t));
	w->tail = xcalloc((size_t)w->top + 1, sizeof(uint32_t));
	for (uint32_t level = 0; level <= w->top; level++)
		w->head[level] = w->tail[level] = NONE;
	for (size_t i = 0; i < all->n; i++)
		list_append(w, (uint32_t)all->v[i], level_of(w, all->v[i]));
}

static void waiting_release(struct waiting *w)
{
	free(w->next);
	free(w->prev);
	free(w->level);
	free(w->head);
	free(w->tail);
	free(w->left);
	free(w->firsts);
	free(w->used);
	free(w->loses);
	free(w->limit_left);
	free(w->limit_here);
}

/* No peer in this batch, and no peer left that goes first. */
static bool groups_allow(const struct waiting *w, size_t d)
{
	const struct graph *g = w->m->g;

	for (uint32_t i = g->group_from[d]; !w->stays_up && i < g->group_from[d + 1]; i++) {
		uint32_t group = g->group_of[i];
		if (w->used[group] == w->batch || (w->firsts[group] && !w->m->first[d]))
			return false;
	}
	return true;
}

static bool limits_allow(const struct waiting *w, size_t d)
{
	const struct limits *l = &w->m->limits;

	for (size_t i = 0; i < l->n && !w->stays_up; i++)
		if (limits_have(l, i, d) && w->limit_here[i] >= l->most[i])
			return false;
	return true;
}

/* Does somebody below hang on d and on a member of this batch? */
static bool shares_load(const struct waiting *w, size_t d)
{
	const struct graph *g = w->m->g;

	for (uint32_t i = g->from[d]; i < g->from[d + 1]; i++)
		if (w->loses[g->to[i]] == w->batch && w->m->rank[g->to[i]] > w->m->rank[d])
			return true;
	return false;
}

static bool paths_allow(const struct waiting *w, struct plan_batch *b, size_t d)
{
	bool allowed;

	if (!b->devices.n || w->stays_up)
		return true; /* alone it goes in any case, with a warning if it must be */
	if (d == w->m->in->jump_host)
		return false; /* nothing else could be reached meanwhile */
	VEC_PUSH(&b->devices, d);
	allowed = cut_together(w->m->cut, b->devices.v, b->devices.n);
	b->devices.n--;
	return allowed;
}

static void place(struct waiting *w, struct plan_batch *b, size_t d)
{
	const struct graph *g = w->m->g;

	VEC_PUSH(&b->devices, d);
	list_remove(w, (uint32_t)d);
	for (uint32_t i = g->group_from[d]; i < g->group_from[d + 1]; i++) {
		w->used[g->group_of[i]] = w->batch;
		w->left[g->group_of[i]]--;
	}
	for (size_t i = 0; i < w->m->limits.n; i++)
		if (limits_have(&w->m->limits, i, d)) {
			w->limit_here[i]++;
			w->limit_left[i]--;
		}
	for (uint32_t i = g->from[d]; i < g->from[d + 1]; i++)
		w->loses[g->to[i]] = w->batch;
}

static void relevel(struct waiting *w, size_t d)
{
	uint32_t level = level_of(w, d);

	if (!w->level[d] || w->level[d] == level)
		return;
	list_remove(w, (uint32_t)d);
	list_append(w, (uint32_t)d, level);
}

/* After a batch: its firsts are done, and its peers have a shorter way to go. */
static void settle(struct waiting *w, const struct plan_batch *b, const struct devices *all)
{
	const struct graph *g = w->m->g;

	for (size_t i = 0; i < b->devices.n; i++) {
		size_t d = b->devices.v[i];
		for (uint32_t k = g->group_from[d]; k < g->group_from[d + 1]; k++) {
			uint32_t group = g->group_of[k];
			w->firsts[group] -= w->m->first[d];
			for (size_t p = 0; p < w->m->inv->groups.v[group].members.n; p++)
				relevel(w, w->m->inv->groups.v[group].members.v[p]);
		}
	}
	for (size_t i = 0; i < w->m->limits.n; i++) {
		for (size_t k = 0; w->limit_here[i] && k < all->n; k++)
			if (limits_have(&w->m->limits, i, all->v[k]))
				relevel(w, all->v[k]);
		w->limit_here[i] = 0;
	}
}

enum taken { TAKEN, NOT_NOW, LATER, ENOUGH };

/* Spreading takes only devices that nobody below loses as a second uplink: two spines of one pod
 * wait for each other while other pods have some, and then stand at the end of the line, so that
 * no pod is left with all of its own at the end. */
static enum taken take(struct waiting *w, struct plan_batch *b, uint32_t d, bool spread)
{
	if (!groups_allow(w, d) || !limits_allow(w, d))
		return NOT_NOW;
	if (spread && !w->stays_up && shares_load(w, d))
		return ++w->looks < LOOKS ? LATER : ENOUGH;
	if (!paths_allow(w, b, d))
		return ++w->tries < TRIES ? NOT_NOW : ENOUGH;
	place(w, b, d);
	return d == w->m->in->jump_host && !w->stays_up ? ENOUGH : TAKEN;
}

static void fill_pass(struct waiting *w, struct plan_batch *b, size_t cap, bool spread)
{
	w->tries = w->looks = 0;
	for (uint32_t level = w->top; level; level--) {
		uint32_t end = w->tail[level], next = w->head[level];
		for (uint32_t d = NONE; d != end && b->devices.n < cap;) {
			d = next;
			next = w->next[d];
			enum taken taken = take(w, b, d, spread);
			if (taken == ENOUGH)
				return;
			if (taken == LATER) {
				list_remove(w, d);
				list_append(w, d, level);
			}
		}
	}
}

static void fill(struct waiting *w, struct plan_batch *b, size_t cap)
{
	w->batch++;
	fill_pass(w, b, cap, true);
	if (b->devices.n < cap && (w->stays_up || b->devices.v[0] != w->m->in->jump_host))
		fill_pass(w, b, cap, false);
}

/* What capacity and the largest group demand; paths and shared groups may demand more. */
static size_t bound(const struct waiting *w, const struct devices *all, bool canary)
{
	/* the canary goes alone and so does the jump host's device, which may be the canary */
	size_t alone = canary || (!w->stays_up && devices_have(all, w->m->in->jump_host));
	size_t least = alone + (all->n - alone + w->cap - 1) / w->cap;

	return least > w->top || w->stays_up ? least : w->top; /* top: the largest group */
}

static int compare_devices(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* How many at once: what the component says stands above what the job wishes. */
static size_t cap_of(const struct making *m, const struct stage_of *from)
{
	const struct component *c = from->component;
	size_t most = m->batch_size, limit = plan_role_limit(m->in, from->role);

	if (!from->role && m->in->procedure->unstaged_roles && m->in->job->role_limit > 0)
		limit = (size_t)m->in->job->role_limit; /* whatever the roles are */
	if (c && c->together)
		return from->devices.n;
	if (c && c->batch_size > 0)
		return (size_t)c->batch_size;
	for (size_t i = 0; c && i < from->devices.n; i++) { /* devices of several roles */
		size_t own =
		    plan_role_limit(m->in, m->inv->devices.v[from->devices.v[i]].role);
		limit = own < limit ? own : limit;
	}
	return most < limit ? most : limit;
}

size_t batches_make(struct making *m, const struct stage_of *from, struct plan_stage *out)
{
	const struct component *c = from->component;
	bool together = c && c->together;
	size_t cap = cap_of(m, from), placed = 0, least;
	struct waiting w;

	if (from->left) {
		struct plan_batch *b = VEC_ADD(&out->batches);
		for (size_t i = 0; i < from->devices.n; i++)
			VEC_PUSH(&b->devices, from->devices.v[i]);
		return 1;
	}
	waiting_init(&w, m, &from->devices, cap, plan_stays_up(m->in) || together);
	least = bound(&w, &from->devices, m->canary_left && !together);
	while (placed < from->devices.n) {
		struct plan_batch *b = VEC_ADD(&out->batches);
		fill(&w, b, m->canary_left && !together ? 1 : cap);
		settle(&w, b, &from->devices);
		m->canary_left = false;
		qsort(b->devices.v, b->devices.n, sizeof(size_t), compare_devices);
		placed += b->devices.n;
	}
	waiting_release(&w);
	return least;
}
