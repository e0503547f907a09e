/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "plan/graph.h"

#define NO_LABEL UINT32_MAX

bool devices_have(const struct devices *list, size_t d)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == d)
			return true;
	return false;
}

/* Counts in from[d + 1] become offsets. */
static uint32_t *offsets(uint32_t *from, size_t n)
{
	for (size_t d = 0; d < n; d++)
		from[d + 1] += from[d];
	return from;
}

static void add_links(struct graph *g)
{
	const struct inventory *inv = g->inv;
	uint32_t *at = xcalloc(g->n + 1, sizeof(*at));

	g->from = xcalloc(g->n + 1, sizeof(*g->from));
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		if (l->a == l->b)
			continue; /* a cable from a device to itself is no path */
		g->from[l->a + 1]++;
		g->from[l->b + 1]++;
	}
	offsets(g->from, g->n);
	memcpy(at, g->from, (g->n + 1) * sizeof(*at));
	g->to = xcalloc((size_t)g->from[g->n] + 1, sizeof(*g->to));
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		if (l->a == l->b)
			continue;
		g->to[at[l->a]++] = (uint32_t)l->b;
		g->to[at[l->b]++] = (uint32_t)l->a;
	}
	free(at);
}

static void add_groups(struct graph *g)
{
	const struct inventory *inv = g->inv;
	uint32_t *at = xcalloc(g->n + 1, sizeof(*at));

	g->group_from = xcalloc(g->n + 1, sizeof(*g->group_from));
	for (size_t i = 0; i < inv->groups.n; i++)
		for (size_t m = 0; m < inv->groups.v[i].members.n; m++)
			g->group_from[inv->groups.v[i].members.v[m] + 1]++;
	offsets(g->group_from, g->n);
	memcpy(at, g->group_from, (g->n + 1) * sizeof(*at));
	g->group_of = xcalloc((size_t)g->group_from[g->n] + 1, sizeof(*g->group_of));
	for (size_t i = 0; i < inv->groups.n; i++)
		for (size_t m = 0; m < inv->groups.v[i].members.n; m++)
			g->group_of[at[inv->groups.v[i].members.v[m]]++] = (uint32_t)i;
	free(at);
}

/* Label all parts of what is not away; g->parts says what each is. Gives their number. */
static uint32_t label_parts(struct graph *g, const bool *away)
{
	uint32_t n_parts = 0;

	for (size_t d = 0; d < g->n; d++)
		g->label[d] = NO_LABEL;
	for (size_t d = 0; d < g->n; d++) {
		if (g->label[d] != NO_LABEL || (away && away[d]))
			continue;
		struct part *p = &g->parts[n_parts];
		size_t head = 0, tail = 0;

		*p = (struct part){.first = d};
		g->label[d] = n_parts;
		g->queue[tail++] = (uint32_t)d;
		while (head < tail) {
			uint32_t u = g->queue[head++];
			p->size++;
			p->anchors += g->inv->devices.v[u].anchor;
			p->jump |= u == g->jump_host;
			for (uint32_t i = g->from[u]; i < g->from[u + 1]; i++) {
				uint32_t v = g->to[i];
				if (g->label[v] != NO_LABEL || (away && away[v]))
					continue;
				g->label[v] = n_parts;
				g->queue[tail++] = v;
			}
		}
		n_parts++;
	}
	return n_parts;
}

struct graph *graph_new(const struct inventory *inv, size_t jump_host)
{
	struct graph *g = xcalloc(1, sizeof(*g));

	g->inv = inv;
	g->n = inv->devices.n;
	g->jump_host = jump_host;
	add_links(g);
	add_groups(g);
	g->label = xcalloc(g->n + 1, sizeof(*g->label));
	g->queue = xcalloc(g->n + 1, sizeof(*g->queue));
	g->best = xcalloc(g->n + 1, sizeof(*g->best));
	g->parts = xcalloc(g->n + 1, sizeof(*g->parts));
	g->n_components = label_parts(g, NULL);
	g->component = (void *)xmemdup(g->label, (g->n + 1) * sizeof(*g->label));
	g->components = (void *)xmemdup(g->parts, (g->n_components + 1) * sizeof(*g->parts));
	return g;
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	free(g->from);
	free(g->to);
	free(g->group_from);
	free(g->group_of);
	free(g->component);
	free(g->components);
	free(g->label);
	free(g->queue);
	free(g->best);
	free(g->parts);
	free(g);
}

static bool part_better(const struct part *a, const struct part *b)
{
	if (a->jump != b->jump)
		return a->jump;
	if (a->anchors != b->anchors)
		return a->anchors > b->anchors;
	if (a->size != b->size)
		return a->size > b->size;
	return a->first < b->first;
}

static bool all_neighbours_away(const struct graph *g, size_t d, const bool *away)
{
	for (uint32_t i = g->from[d]; i < g->from[d + 1]; i++)
		if (!away[g->to[i]])
			return false;
	return graph_degree(g, d) > 0;
}

void graph_isolated(struct graph *g, const bool *away, struct devices *out)
{
	uint32_t n_parts = label_parts(g, away);

	for (size_t c = 0; c < g->n_components; c++)
		g->best[c] = NO_LABEL;
	for (uint32_t p = 0; p < n_parts; p++) {
		uint32_t *best = &g->best[g->component[g->parts[p].first]];
		if (*best == NO_LABEL || part_better(&g->parts[p], &g->parts[*best]))
			*best = p;
	}
	for (size_t d = 0; d < g->n; d++)
		if (!away[d] &&
		    (g->label[d] != g->best[g->component[d]] || all_neighbours_away(g, d, away)))
			VEC_PUSH(out, d);
}

/* --- articulation: Tarjan's lowest points, without recursion -------------------------------------
 */

struct walk {
	const struct graph *g;
	const bool *away;
	uint32_t *seen, *low, *up, *next, *stack; /* seen: 0 or the order of the visit */
	uint32_t clock;
};

static void walk_push(struct walk *w, uint32_t *depth, uint32_t d, uint32_t up)
{
	w->seen[d] = w->low[d] = ++w->clock;
	w->up[d] = up;
	w->next[d] = w->g->from[d];
	w->stack[(*depth)++] = d;
}

static void walk_from(struct walk *w, uint32_t root, uint32_t *parts)
{
	uint32_t depth = 0;

	walk_push(w, &depth, root, NO_LABEL);
	while (depth) {
		uint32_t d = w->stack[depth - 1];
		if (w->next[d] < w->g->from[d + 1]) {
			uint32_t v = w->g->to[w->next[d]++];
			if (v == w->up[d] || (w->away && w->away[v]))
				continue;
			if (!w->seen[v])
				walk_push(w, &depth, v, d);
			else if (w->seen[v] < w->low[d])
				w->low[d] = w->seen[v];
			continue;
		}
		depth--;
		uint32_t up = w->up[d];
		if (up == NO_LABEL)
			continue;
		if (w->low[d] < w->low[up])
			w->low[up] = w->low[d];
		if (w->low[d] >= w->seen[up])
			parts[up]++; /* what hangs below d has no other way */
	}
	if (parts[root])
		parts[root]--; /* nothing is above the root; every other device has that part too */
}

void graph_articulation(const struct graph *g, const bool *away, uint32_t *parts)
{
	uint32_t *memory = xcalloc(5 * (g->n + 1), sizeof(*memory));
	struct walk w = {.g = g, .away = away};

	w.seen = memory;
	w.low = w.seen + g->n;
	w.up = w.low + g->n;
	w.next = w.up + g->n;
	w.stack = w.next + g->n;
	memset(parts, 0, g->n * sizeof(*parts));
	for (size_t d = 0; d < g->n; d++)
		if (!w.seen[d] && !(away && away[d]))
			walk_from(&w, (uint32_t)d, parts);
	for (size_t d = 0; d < g->n; d++)
		if (!(away && away[d]))
			parts[d]++;
	free(memory);
}
