/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "plan/cut.h"

static void find_alone(struct cut *c, const bool *which)
{
	struct graph *g = c->g;
	uint32_t *parts = xcalloc(g->n + 1, sizeof(*parts));

	graph_articulation(g, NULL, parts);
	for (size_t d = 0; d < g->n; d++) {
		/* of two devices that have only each other, neither is a cut and both cut */
		bool pair = g->components[g->component[d]].size == 2;
		if ((which && !which[d]) || (parts[d] < 2 && !pair))
			continue;
		cut_isolated(c, &d, 1, &c->alone[d]);
	}
	free(parts);
}

struct cut *cut_new(struct graph *g, const bool *which)
{
	struct cut *c = xcalloc(1, sizeof(*c));
	size_t n = g->n + 1;

	c->g = g;
	c->alone = xcalloc(n, sizeof(*c->alone));
	c->gone = xcalloc(n, sizeof(*c->gone));
	c->known = xcalloc(n, sizeof(*c->known));
	c->leader = xcalloc(n, sizeof(*c->leader));
	c->queue = xcalloc(n, sizeof(*c->queue));
	c->counted = xcalloc(n, sizeof(*c->counted));
	c->gone_in = xcalloc(n, sizeof(*c->gone_in));
	c->away = xcalloc(n, sizeof(*c->away));
	find_alone(c, which);
	return c;
}

void cut_free(struct cut *c)
{
	if (!c)
		return;
	for (size_t d = 0; d < c->g->n; d++)
		VEC_RELEASE(&c->alone[d]);
	free(c->alone);
	free(c->gone);
	free(c->known);
	free(c->leader);
	free(c->queue);
	free(c->counted);
	free(c->gone_in);
	free(c->away);
	free(c);
}

void cut_isolated(struct cut *c, const size_t *set, size_t n, struct devices *out)
{
	for (size_t i = 0; i < n; i++)
		c->away[set[i]] = true;
	graph_isolated(c->g, c->away, out);
	for (size_t i = 0; i < n; i++)
		c->away[set[i]] = false;
}

/* --- the whole graph ----------------------------------------------------------------------------
 */

static bool isolated_alone(const struct cut *c, const size_t *set, size_t n, size_t victim)
{
	for (size_t i = 0; i < n; i++)
		if (devices_have(&c->alone[set[i]], victim))
			return true;
	return false;
}

static bool member_cut_off(struct cut *c, const size_t *set, size_t n, size_t member)
{
	struct devices lost = {0};
	bool found;

	for (size_t i = 0; i < n; i++)
		c->away[set[i]] = set[i] != member;
	graph_isolated(c->g, c->away, &lost);
	for (size_t i = 0; i < n; i++)
		c->away[set[i]] = false;
	found = devices_have(&lost, member);
	VEC_RELEASE(&lost);
	return found;
}

static bool clearly_safe(struct cut *c, const size_t *set, size_t n);

size_t cut_victim(struct cut *c, const size_t *set, size_t n)
{
	struct devices lost = {0};
	size_t victim = NO_DEVICE;

	if (n < 2 || clearly_safe(c, set, n))
		return NO_DEVICE;
	cut_isolated(c, set, n, &lost);
	for (size_t i = 0; i < lost.n && victim == NO_DEVICE; i++)
		if (!isolated_alone(c, set, n, lost.v[i]))
			victim = lost.v[i];
	VEC_RELEASE(&lost);
	for (size_t i = 0; i < n && victim == NO_DEVICE; i++)
		if (member_cut_off(c, set, n, set[i]))
			victim = set[i];
	return victim;
}

bool cut_together(struct cut *c, const size_t *set, size_t n)
{
	return cut_victim(c, set, n) == NO_DEVICE;
}

/* --- the neighbourhood --------------------------------------------------------------------------
 */

static uint32_t find_leader(struct cut *c, uint32_t d)
{
	while (c->leader[d] != d)
		d = c->leader[d] = c->leader[c->leader[d]];
	return d;
}

/* Mark a device as gone; false when that is too much to be sure by looking around. */
static bool mark_gone(struct cut *c, size_t d)
{
	const struct graph *g = c->g;
	uint32_t part = g->component[d];

	if (c->gone[d] == c->stamp)
		return true;
	c->gone[d] = c->stamp;
	if (c->counted[part] != c->stamp) {
		c->counted[part] = c->stamp;
		c->gone_in[part] = 0;
	}
	c->gone_in[part]++;
	/* The rest must be the main part: it has every anchor, the jump host and the majority. */
	return !g->inv->devices.v[d].anchor && d != g->jump_host &&
	       2 * (size_t)c->gone_in[part] < g->components[part].size;
}

static bool mark_all_gone(struct cut *c, const size_t *set, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t d = set[i];
		if (!graph_degree(c->g, d))
			continue;
		if (!mark_gone(c, d))
			return false;
		for (size_t k = 0; k < c->alone[d].n; k++)
			if (!mark_gone(c, c->alone[d].v[k]))
				return false;
	}
	return true;
}

/* Put the neighbours of d that stay into the queue, each its own cluster. */
static size_t seed_around(struct cut *c, size_t d, size_t *tail)
{
	const struct graph *g = c->g;
	size_t stay = 0;

	for (uint32_t i = g->from[d]; i < g->from[d + 1]; i++) {
		uint32_t v = g->to[i];
		if (c->gone[v] == c->stamp)
			continue;
		stay++;
		if (c->known[v] == c->stamp)
			continue;
		c->known[v] = c->stamp;
		c->leader[v] = v;
		c->queue[(*tail)++] = v;
	}
	return stay;
}

/* Walk outwards from all seeds at once until the clusters have met: one is left a component. */
static bool clusters_meet(struct cut *c, size_t tail, size_t clusters, size_t components)
{
	const struct graph *g = c->g;

	for (size_t head = 0; head < tail && clusters > components; head++) {
		uint32_t u = c->queue[head];
		for (uint32_t i = g->from[u]; i < g->from[u + 1]; i++) {
			uint32_t v = g->to[i];
			if (c->gone[v] == c->stamp)
				continue;
			if (c->known[v] != c->stamp) {
				c->known[v] = c->stamp;
				c->leader[v] = find_leader(c, u);
				c->queue[tail++] = v;
				continue;
			}
			uint32_t a = find_leader(c, u), b = find_leader(c, v);
			if (a == b)
				continue;
			c->leader[a < b ? b : a] = a < b ? a : b;
			if (--clusters == components)
				break;
		}
	}
	return clusters <= components;
}

/* A new question. The numbers wrap after 4 billion of them: then no old mark may be left. */
static void new_stamp(struct cut *c)
{
	if (++c->stamp)
		return;
	memset(c->gone, 0, c->g->n * sizeof(*c->gone));
	memset(c->known, 0, c->g->n * sizeof(*c->known));
	memset(c->counted, 0, c->g->n * sizeof(*c->counted));
	c->stamp = 1;
}

static bool clearly_safe(struct cut *c, const size_t *set, size_t n)
{
	size_t tail = 0, components = 0;

	new_stamp(c);
	if (!mark_all_gone(c, set, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t d = set[i];
		uint32_t part = c->g->component[d];
		if (!graph_degree(c->g, d))
			continue;
		if (!seed_around(c, d, &tail))
			return false; /* d itself may have lost its path */
		if (c->gone_in[part]) {
			components++;
			c->gone_in[part] = 0; /* counted */
		}
		for (size_t k = 0; k < c->alone[d].n; k++)
			seed_around(c, c->alone[d].v[k], &tail);
	}
	return clusters_meet(c, tail, tail, components);
}
