/* SPDX-License-Identifier: ISC */
/* How long a plan for 10,000 devices takes: printed, not judged. */
#include "config.h"

#include "fabric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static double seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void bench(const char *title, struct fabric *f)
{
	struct err e = {0};
	double start = seconds(), made, checked;
	struct plan *p = plan_make(&f->in, &e);

	made = seconds();
	if (!p || plan_check(&f->in, p, &e)) {
		printf("%s: %s\n", title, e.text);
		fabric_free(f);
		return;
	}
	checked = seconds();
	printf("%s: %zu devices, %zu links, %zu batches (bound %zu): made in %.3f s, checked in "
	       "%.3f s\n",
	       title, f->inv->devices.n, f->inv->links.n, plan_batches(p), p->lower_bound,
	       made - start, checked - made);
	plan_free(p);
	fabric_free(f);
}

/* Every device but the leaves of the tree isolates others. */
static struct fabric *tree(size_t n)
{
	struct fabric *f = fabric_new();
	char name[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "t%05zu", i);
		fabric_device(f, name, i % 3 ? "leaf" : NULL);
		if (i)
			fabric_link_number(f, i, (i - 1) / 8);
	}
	fabric_choose(f, NULL);
	return f;
}

int main(void)
{
	struct fabric *f = fabric_clos(100, 48);

	f->job->batch_size = 64;
	bench("clos, batches of 64", f);
	bench("clos, batches of 4", fabric_clos(100, 48));
	bench("clos, 2,000", fabric_clos(33, 28));
	bench("tree", tree(2000));
	return 0;
}
