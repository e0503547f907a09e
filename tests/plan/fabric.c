/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *roles[] = {"superspine", "spine", "leaf", "exit", NULL};
static char *steps[] = {"backup", "ask", "install", "reboot", "up", "restore", NULL};
static char *rollback[] = {"install", "reboot", "up", "restore", NULL};
static struct step all_steps[] = {
    {.name = "backup", .phase = "Backup", .action = ACTION_GET},
    {.name = "ask", .phase = "Install", .action = ACTION_CONFIRM},
    {.name = "install", .phase = "Install", .action = ACTION_DETACH, .timeout_ms = 900000},
    {.name = "reboot", .phase = "Reboot", .action = ACTION_REBOOT, .timeout_ms = 60000},
    {.name = "up", .phase = "Reboot", .action = ACTION_WAIT, .timeout_ms = 1800000},
    {.name = "restore", .phase = "Restore", .action = ACTION_RUN, .timeout_ms = 300000},
};
static struct method methods[] = {{.name = "image", .steps = steps, .rollback = rollback}};
static char *fits[] = {"asic", NULL};
static struct image_kind kinds[] = {{.kind = "os", .fits = fits, .current = "version"}};

static void fill_procedure(struct procedure *p)
{
	*p = (struct procedure){.id = "test", .noun = "switch", .nouns = "switches"};
	p->roles = roles;
	p->unstaged = "Stage1";
	p->batch_size = 4;
	p->first_fact = "mlag_role";
	p->first_value = "secondary";
	p->from_fact = "version";
	p->steps = all_steps;
	p->n_steps = LEN(all_steps);
	p->methods = methods;
	p->n_methods = LEN(methods);
	p->images = kinds;
	p->n_images = LEN(kinds);
}

struct fabric *fabric_new(void)
{
	struct fabric *f = xcalloc(1, sizeof(*f));

	f->job = job_new();
	if (!f->job->inventory)
		f->job->inventory = inventory_new();
	f->inv = f->job->inventory;
	f->job->name = xstrdup("upgrade-3712");
	f->job->version = xstrdup("3.7.12");
	f->job->batch_size = 0;
	f->job->role_limit = 0;
	fill_procedure(&f->procedure);
	f->in = (struct plan_input){.job = f->job,
				    .procedure = &f->procedure,
				    .now = 1792540800000 /* 2026-10-21 00:00 UTC */};
	f->in.images = &f->images;
	f->in.jump_host = NO_DEVICE;
	return f;
}

static void free_facts(struct fabric *f)
{
	for (size_t i = 0; f->facts && i < f->job->devices.n; i++)
		values_release(&f->facts[i]);
	free(f->facts);
}

void fabric_free(struct fabric *f)
{
	free_facts(f);
	for (size_t i = 0; i < f->images.n; i++)
		values_release(&f->images.v[i].fits); /* the texts are the tests' */
	free(f->images.v);
	job_free(f->job);
	free(f);
}

size_t fabric_device(struct fabric *f, const char *name, const char *role)
{
	struct device d = {.port = 22};

	d.name = xstrdup(name);
	d.address = xasprintf("%s.example.net", name);
	d.platform = xstrdup("test-os");
	d.role = xstrdup(role);
	d.credential = xstrdup("default");
	VEC_PUSH(&f->inv->devices, d);
	return f->inv->devices.n - 1;
}

size_t fabric_find(const struct fabric *f, const char *name)
{
	for (size_t i = 0; i < f->inv->devices.n; i++)
		if (!strcmp(f->inv->devices.v[i].name, name))
			return i;
	fail_msg("no device %s", name);
	return 0;
}

void fabric_link_number(struct fabric *f, size_t a, size_t b)
{
	VEC_PUSH(&f->inv->links, ((struct link){.a = a, .b = b}));
}

void fabric_link(struct fabric *f, const char *a, const char *b)
{
	fabric_link_number(f, fabric_find(f, a), fabric_find(f, b));
}

void fabric_group(struct fabric *f, const char *name, const char *members)
{
	char **list = str_split(members, " ", NULL);
	struct group *g = VEC_ADD(&f->inv->groups);

	g->name = xstrdup(name);
	g->kind = xstrdup("mlag");
	for (char **m = list; *m; m++)
		VEC_PUSH(&g->members, fabric_find(f, *m));
	free(list);
}

static int compare(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

void fabric_choose(struct fabric *f, const char *names)
{
	char **list = names ? str_split(names, " ", NULL) : NULL;

	free_facts(f);
	f->job->devices.n = 0;
	for (char **m = list; m && *m; m++)
		VEC_PUSH(&f->job->devices, fabric_find(f, *m));
	for (size_t d = 0; !names && d < f->inv->devices.n; d++)
		if (!f->inv->devices.v[d].anchor)
			VEC_PUSH(&f->job->devices, d);
	qsort(f->job->devices.v, f->job->devices.n, sizeof(size_t), compare);
	f->facts = xcalloc(f->job->devices.n + 1, sizeof(*f->facts));
	f->in.facts = f->facts;
	free(list);
}

void fabric_fact(struct fabric *f, const char *device, const char *fact, const char *value)
{
	size_t d = fabric_find(f, device);

	for (size_t i = 0; i < f->job->devices.n; i++)
		if (f->job->devices.v[i] == d)
			values_set(&f->facts[i], fact, value);
}

void fabric_order(struct fabric *f, const char *order)
{
	size_t n = 0;
	char **list = str_split(order, " ", &n);

	f->job->order = xcalloc(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		f->job->order[i] = xstrdup(list[i]);
	free(list);
}

void fabric_roles(struct fabric *f, bool keep_leafs)
{
	for (size_t i = 0; i < f->inv->devices.n; i++) {
		struct device *d = &f->inv->devices.v[i];
		if (keep_leafs && str_eq(d->role, "leaf"))
			continue;
		free(d->role);
		d->role = NULL;
	}
}

struct fabric *fabric_reference(void)
{
	struct fabric *f = fabric_new();
	char name[32];

	for (int i = 1; i <= 4; i++) {
		snprintf(name, sizeof(name), "spine%02d", i);
		fabric_device(f, name, "spine");
	}
	for (int i = 1; i <= 4; i++) {
		snprintf(name, sizeof(name), "leaf%02d", i);
		fabric_device(f, name, "leaf");
	}
	fabric_device(f, "border01", "exit");
	fabric_device(f, "border02", "exit");
	for (size_t d = 4; d < 10; d++)
		for (size_t s = 0; s < 4; s++)
			fabric_link_number(f, d, s);
	for (size_t d = 4; d < 10; d += 2)
		fabric_link_number(f, d, d + 1);
	fabric_device(f, "fw1", NULL);
	fabric_device(f, "fw2", NULL);
	fabric_link(f, "fw1", "border01");
	fabric_link(f, "fw1", "border02");
	fabric_link(f, "fw2", "border01");
	fabric_link(f, "fw2", "border02");
	fabric_group(f, "leaf01-02", "leaf01 leaf02");
	fabric_group(f, "leaf03-04", "leaf03 leaf04");
	fabric_group(f, "border", "border01 border02");
	fabric_choose(f, NULL);
	return f;
}

/* 16 superspines; a pod has 4 spines, each to 4 superspines, and pairs of leaves to its 4 spines.
 */
struct fabric *fabric_clos(size_t pods, size_t pairs_a_pod)
{
	struct fabric *f = fabric_new();
	char name[64];

	for (size_t i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "super%02zu", i);
		fabric_device(f, name, "superspine");
	}
	for (size_t p = 0; p < pods; p++) {
		size_t first = f->inv->devices.n;
		for (size_t s = 0; s < 4; s++) {
			snprintf(name, sizeof(name), "p%03zu-spine%zu", p, s);
			fabric_device(f, name, "spine");
			for (size_t k = 0; k < 4; k++)
				fabric_link_number(f, first + s, s * 4 + k);
		}
		for (size_t l = 0; l < pairs_a_pod * 2; l++) {
			snprintf(name, sizeof(name), "p%03zu-leaf%03zu", p, l);
			size_t d = fabric_device(f, name, "leaf");
			for (size_t s = 0; s < 4; s++)
				fabric_link_number(f, d, first + s);
			if (l % 2 == 0)
				continue;
			fabric_link_number(f, d - 1, d);
			struct group *g = VEC_ADD(&f->inv->groups);
			g->name = xasprintf("p%03zu-%03zu", p, l / 2);
			g->kind = xstrdup("mlag");
			VEC_PUSH(&g->members, d - 1);
			VEC_PUSH(&g->members, d);
		}
	}
	fabric_choose(f, NULL);
	return f;
}

char *fabric_shape(const struct fabric *f, const struct plan *p)
{
	struct str s = {0};

	for (size_t i = 0; i < p->stages.n; i++) {
		const struct plan_stage *stage = &p->stages.v[i];
		str_printf(&s, "%s%s:", i ? "; " : "", stage->name);
		for (size_t k = 0; k < stage->batches.n; k++) {
			str_puts(&s, k ? " |" : "");
			for (size_t d = 0; d < stage->batches.v[k].devices.n; d++)
				str_printf(
				    &s, " %s",
				    f->inv->devices.v[stage->batches.v[k].devices.v[d]].name);
		}
	}
	return str_take(&s);
}

struct plan *fabric_plan(const struct fabric *f)
{
	struct err e = {0};
	struct plan *p = plan_make(&f->in, &e);

	if (!p)
		fail_msg("plan_make: %s", e.text);
	if (plan_check(&f->in, p, &e)) {
		char *shape = fabric_shape(f, p);
		fail_msg("plan_check: %s; plan: %s", e.text, shape);
	}
	return p;
}

struct plan *fabric_write(const struct fabric *f, const char *shape)
{
	struct plan *p = plan_new();
	char **words = str_split(shape, " ", NULL);
	struct plan_stage *stage = NULL;
	struct plan_batch *batch = NULL;

	for (char **w = words; *w; w++) {
		size_t n = strlen(*w);
		if ((*w)[n - 1] == ':') {
			stage = VEC_ADD(&p->stages);
			stage->name = xstrndup(*w, n - 1);
			batch = VEC_ADD(&stage->batches);
			continue;
		}
		if (!strcmp(*w, "|")) {
			batch = VEC_ADD(&stage->batches);
			continue;
		}
		if ((*w)[n - 1] == ';')
			(*w)[n - 1] = '\0';
		VEC_PUSH(&batch->devices, fabric_find(f, *w));
	}
	free(words);
	return p;
}

void fabric_expect(const struct fabric *f, const char *expected)
{
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);

	assert_string_equal(shape, expected);
	free(shape);
	plan_free(p);
}

void fabric_refused(const struct fabric *f, enum err_kind kind, const char *text)
{
	struct err e = {0};

	assert_null(plan_make(&f->in, &e));
	assert_int_equal(e.kind, kind);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" is not in: %s", text, e.text);
}

const struct plan_line *fabric_proof(const struct plan *p, size_t stage, size_t batch,
				    const char *claim)
{
	const struct plan_batch *b = &p->stages.v[stage].batches.v[batch];

	for (size_t i = 0; i < b->proof.n; i++)
		if (str_starts(b->proof.v[i].claim, claim))
			return &b->proof.v[i];
	fail_msg("no line \"%s\"", claim);
	return NULL;
}

bool fabric_warned(const struct plan *p, const char *text)
{
	for (size_t i = 0; i < p->warnings.n; i++)
		if (strstr(p->warnings.v[i], text))
			return true;
	return false;
}
