/* SPDX-License-Identifier: ISC */
/*
 * Random fabrics, always the same ones. What the planner makes must be allowed by plan_check() and
 * by an own, slow count of pairs; the fast answer about paths must be the slow one; the guard must
 * let every batch of a plan start.
 */
#include "config.h"

#include "fabric.h"
#include "plan/cut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FABRICS 2000

static uint64_t seed;

static size_t pick(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % n;
}

static void add_random_links(struct fabric *f)
{
	size_t n = f->inv->devices.n, links = pick(3) ? pick(3 * n + 1) : pick(n);

	for (size_t i = 0; i < links; i++) {
		size_t a = pick(n), b = pick(pick(2) ? n : 1 + n / 4);
		fabric_link_number(f, a, b);
	}
}

static void add_random_groups(struct fabric *f)
{
	size_t n = f->inv->devices.n, groups = pick(n / 2 + 1);
	char members[64];

	for (size_t i = 0; i < groups; i++) {
		size_t a = pick(n), b = pick(n), c = pick(n);
		if (a == b || a == c || b == c)
			continue;
		snprintf(members, sizeof(members), pick(4) ? "d%zu d%zu" : "d%zu d%zu d%zu", a, b,
			 c);
		fabric_group(f, "g", members);
	}
}

static char *leaf[] = {"leaf", NULL}, *others[] = {"odd", "ex*", NULL};
static struct limit limits[] = {{.name = "leafs", .roles = leaf, .most = 3},
				{.name = "others", .roles = others}};

static struct fabric *random_fabric(uint64_t number)
{
	static const char *const roles[] = {"spine", "leaf", "leaf", "exit", "odd", NULL};
	struct fabric *f = fabric_new();
	char name[32];
	size_t n;

	seed = number * 0x9e3779b97f4a7c15u + 1;
	n = 2 + pick(30);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d%zu", i);
		fabric_device(f, name, roles[pick(6)]);
		f->inv->devices.v[i].anchor = i && pick(10) == 0;
	}
	add_random_links(f);
	add_random_groups(f);
	fabric_choose(f, NULL);
	for (size_t i = 0; i < f->job->devices.n; i++)
		if (pick(4) == 0)
			values_set(&f->facts[i], "mlag_role", "secondary");
	f->job->batch_size = (int64_t)pick(8);
	f->job->role_limit = pick(2) ? (int64_t)pick(6) : 0;
	f->job->canary = pick(4) == 0;
	f->in.jump_host = pick(3) ? NO_DEVICE : pick(n);
	if (pick(3) == 0) {
		f->procedure.limits = limits;
		f->procedure.n_limits = LEN(limits);
		f->procedure.unstaged_roles = pick(2);
	}
	return f;
}

static size_t peers_together(const struct fabric *f, const struct plan_batch *b)
{
	size_t found = 0;

	for (size_t g = 0; g < f->inv->groups.n; g++) {
		size_t here = 0;
		for (size_t m = 0; m < f->inv->groups.v[g].members.n; m++)
			for (size_t i = 0; i < b->devices.n; i++)
				here += b->devices.v[i] == f->inv->groups.v[g].members.v[m];
		found += here > 1;
	}
	return found;
}

static void check_guard(struct plan_guard *g, const struct fabric *f, const struct plan_batch *b)
{
	bool *away = xcalloc(f->inv->devices.n, sizeof(*away));
	struct err why = {0};

	for (size_t i = 0; i < b->devices.n; i++)
		away[b->devices.v[i]] = true;
	for (size_t i = 0; i < b->devices.n; i++) { /* the last one of its batch */
		away[b->devices.v[i]] = false;
		if (!plan_may_start(g, away, b->devices.v[i], &why))
			fail_msg("guard: %s", why.text);
		away[b->devices.v[i]] = true;
	}
	free(away);
}

static void check_plan(const struct fabric *f, const struct plan *p)
{
	struct plan_guard *g = plan_guard_new(&f->in);

	assert_true(plan_batches(p) >= p->lower_bound);
	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++) {
			assert_int_equal(peers_together(f, &p->stages.v[i].batches.v[k]), 0);
			check_guard(g, f, &p->stages.v[i].batches.v[k]);
		}
	plan_guard_free(g);
}

static void test_plans(void **state)
{
	size_t planned = 0, at_bound = 0, broken = 0;
	(void)state;

	for (uint64_t i = 1; i <= FABRICS; i++) {
		struct fabric *f = random_fabric(i);
		struct err e = {0};
		struct plan *p = plan_make(&f->in, &e);
		if (!f->job->devices.n) {
			assert_null(p);
		} else if (!p) {
			/* the only reason there can be: who goes first is in a later stage */
			assert_int_equal(e.kind, ERR_REFUSED);
			assert_non_null(strstr(e.text, "must go before"));
		} else {
			if (plan_check(&f->in, p, &e))
				fail_msg("fabric %d: %s", (int)i, e.text);
			check_plan(f, p);
			planned++;
			at_bound += plan_batches(p) == p->lower_bound;
			broken += p->warnings.n > 0;
		}
		plan_free(p);
		fabric_free(f);
	}
	print_message("%zu plans, %zu with the least batches, %zu with warnings\n", planned,
		      at_bound, broken);
	assert_true(planned > FABRICS / 2); /* else this test tests little */
}

/* Two batches of a plan thrown together: refused if and only if a rule is broken by hand count. */
static void test_merged_batches(void **state)
{
	size_t refused = 0;
	(void)state;

	for (uint64_t i = 1; i <= FABRICS; i++) {
		struct fabric *f = random_fabric(i);
		struct err e = {0};
		struct plan *p = plan_make(&f->in, &e);
		for (size_t s = 0; p && s < p->stages.n; s++) {
			struct plan_stage *stage = &p->stages.v[s];
			if (stage->batches.n < 2)
				continue;
			struct plan_batch *to = &stage->batches.v[stage->batches.n - 2];
			struct plan_batch *from = &stage->batches.v[stage->batches.n - 1];
			for (size_t d = 0; d < from->devices.n; d++)
				VEC_PUSH(&to->devices, from->devices.v[d]);
			from->devices.n = 0;
			stage->batches.n--;
			if (peers_together(f, to)) {
				assert_int_equal(plan_check(&f->in, p, &e), -1);
				refused++;
			}
			stage->batches.n++; /* to be freed */
			break;
		}
		plan_free(p);
		fabric_free(f);
	}
	assert_true(refused > 100);
}

static bool slow_together(struct graph *g, const size_t *set, size_t n)
{
	bool *away = xcalloc(g->n + 1, sizeof(*away)), good = true;
	struct devices lost = {0}, may = {0};

	for (size_t i = 0; i < n; i++) {
		away[set[i]] = true;
		graph_isolated(g, away, &may);
		away[set[i]] = false;
	}
	for (size_t i = 0; i < n; i++)
		away[set[i]] = true;
	graph_isolated(g, away, &lost);
	for (size_t i = 0; i < lost.n; i++)
		good &= devices_have(&may, lost.v[i]);
	for (size_t i = 0; i < n && good; i++) {
		lost.n = 0;
		away[set[i]] = false;
		graph_isolated(g, away, &lost);
		away[set[i]] = true;
		good &= !devices_have(&lost, set[i]);
	}
	VEC_RELEASE(&lost);
	VEC_RELEASE(&may);
	free(away);
	return good;
}

static void test_fast_paths(void **state)
{
	size_t yes = 0, no = 0;
	(void)state;

	for (uint64_t i = 1; i <= FABRICS; i++) {
		struct fabric *f = random_fabric(i);
		struct graph *g = graph_new(f->inv, f->in.jump_host);
		struct cut *c = cut_new(g, NULL);
		for (int k = 0; k < 20; k++) {
			size_t set[5], n = 0, want = 2 + pick(4);
			for (size_t d = 0; d < g->n && n < want; d++)
				if (pick(g->n - d) < want - n)
					set[n++] = d;
			if (n < 2)
				continue;
			bool fast = cut_together(c, set, n), slow = slow_together(g, set, n);
			if (fast != slow)
				fail_msg("fabric %d, set %d: %d and %d", (int)i, k, fast, slow);
			yes += slow;
			no += !slow;
		}
		cut_free(c);
		graph_free(g);
		fabric_free(f);
	}
	assert_true(yes > 5000 && no > 5000);
}

static void test_large(void **state)
{
	struct fabric *f = fabric_clos(33, 28); /* 16 + 33 x 60 */
	(void)state;
	struct plan *p = fabric_plan(f);

	assert_int_equal(f->inv->devices.n, 1996);
	assert_int_equal(plan_batches(p), p->lower_bound);
	for (size_t i = 0; i < p->stages.n; i++)
		for (size_t k = 0; k < p->stages.v[i].batches.n; k++)
			assert_int_equal(peers_together(f, &p->stages.v[i].batches.v[k]), 0);
	plan_free(p);
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plans),
	    cmocka_unit_test(test_merged_batches),
	    cmocka_unit_test(test_fast_paths),
	    cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests_name("plan-random", tests, NULL, NULL);
}
