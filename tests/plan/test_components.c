/* SPDX-License-Identifier: ISC */
/* Plans that go component by component: everybody through one before the next, the majority of a
 * cluster, points of no return; and plans that somebody wrote and that break these rules. */
#include "config.h"

#include "fabric.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static char *steps[] = {"backup", "install", "reboot", "up", "restore", NULL};
static char *none[] = {NULL};
static char *spines[] = {"spine", NULL};
static char *clusters[] = {"cluster", NULL};

/* store, store-gate, agent (all at once), brain (spines only, no way back) */
static struct component parts[] = {
    {.name = "store",
     .title = "Store",
     .impact = "Nobody can write",
     .batch_size = 1,
     .from = 0,
     .to = 2},
    {.name = "store-gate", .title = "Store", .together = true, .gate = true, .from = 2, .to = 2},
    {.name = "agent", .title = "Agent", .together = true, .from = 2, .to = 3},
    {.name = "brain",
     .title = "Brain",
     .roles = spines,
     .no_return = "The old one cannot read it",
     .no_return_last = true,
     .from = 3,
     .to = 5},
};
static struct method method = {.name = "parts",
			       .steps = steps,
			       .rollback = none,
			       .components = parts,
			       .n_components = LEN(parts)};

#define WHOLE                                                                                      \
	"store: spine01 | spine02 | leaf01 | leaf02 | leaf03; "                                    \
	"store-gate: spine01 spine02 leaf01 leaf02 leaf03; "                                       \
	"agent: spine01 spine02 leaf01 leaf02 leaf03; brain: spine01 | spine02"

static struct fabric *cluster(const char *members)
{
	struct fabric *f = fabric_new();

	fabric_device(f, "spine01", "spine");
	fabric_device(f, "spine02", "spine");
	fabric_device(f, "leaf01", "leaf");
	fabric_device(f, "leaf02", "leaf");
	fabric_device(f, "leaf03", "leaf");
	fabric_group(f, "cloud", members);
	free(f->inv->groups.v[0].kind);
	f->inv->groups.v[0].kind = xstrdup("cluster");
	f->procedure.methods = &method;
	f->procedure.n_methods = 1;
	f->procedure.quorum_kinds = clusters;
	f->procedure.quorum_accept = "accept-outage";
	fabric_choose(f, NULL);
	return f;
}

static void expect_shape(const struct fabric *f, const char *expected)
{
	struct plan *p = fabric_plan(f);
	char *shape = fabric_shape(f, p);

	assert_string_equal(shape, expected);
	free(shape);
	plan_free(p);
}

static void expect_refused(const struct fabric *f, const char *text)
{
	struct err e = {0};

	assert_null(plan_make(&f->in, &e));
	if (!strstr(e.text, text))
		fail_msg("\"%s\" is not in: %s", text, e.text);
}

static const struct plan_line *line(const struct plan *p, size_t stage, const char *claim)
{
	const struct plan_batch *b = &p->stages.v[stage].batches.v[0];

	for (size_t i = 0; i < b->proof.n; i++)
		if (strstr(b->proof.v[i].claim, claim))
			return &b->proof.v[i];
	return NULL;
}

static bool warned(const struct plan *p, const char *text)
{
	for (size_t i = 0; i < p->warnings.n; i++)
		if (strstr(p->warnings.v[i], text))
			return true;
	return false;
}

static void test_order(void **state)
{
	struct fabric *f = cluster("spine01 spine02 leaf01 leaf02 leaf03");
	(void)state;

	expect_shape(f, WHOLE);
	f->job->batch_size = 4; /* what the component says stands above it */
	expect_shape(f, WHOLE);
	fabric_choose(f, "leaf01 leaf02");
	expect_shape(f, "store: leaf01 | leaf02; store-gate: leaf01 leaf02; agent: leaf01 leaf02");
	fabric_order(f, "leaf spine");
	expect_refused(f, "leave --order out");
	fabric_free(f);
}

static void test_said(void **state)
{
	struct fabric *f = cluster("spine01 spine02 leaf01 leaf02 leaf03");
	struct plan *p = fabric_plan(f);
	(void)state;

	assert_string_equal(line(p, 0, "keeps its majority")->detail,
			    "1 of 5 away, at most 2 may be");
	assert_true(line(p, 0, "keeps its majority")->holds);
	assert_true(line(p, 1, "every device stays up")->holds);
	assert_true(line(p, 2, "all at once")->holds);
	assert_null(line(p, 2, "keeps its majority"));
	assert_null(line(p, 0, "paths")); /* members without links carry nobody's traffic */
	assert_true(warned(p, "From stage 1 (store) on: Nobody can write."));
	assert_true(warned(p, "Point of no return: the last device of stage 4 (brain)"));
	assert_false(warned(p, "no links"));
	assert_false(warned(p, "Not in the job"));
	char *text = plan_text(p, f->job, 80);
	assert_non_null(strstr(text, "5 devices to 3.7.12"));
	assert_non_null(strstr(text, "Point of no return, asked before the last device: The old one"));
	free(text);
	plan_free(p);
	fabric_choose(f, "spine01 leaf01 leaf02");
	p = fabric_plan(f);
	assert_true(warned(p, "Not in the job: spine02, leaf03 of cloud"));
	plan_free(p);
	fabric_free(f);
}

static void test_said_before(void **state)
{
	struct component last[LEN(parts)];
	struct fabric *f = cluster("spine01 spine02 leaf01 leaf02 leaf03");
	struct method with = method;
	struct err e = {0};
	(void)state;

	memcpy(last, parts, sizeof(parts));
	last[3].no_return_ask = (char *)"ask";
	with.components = last;
	f->procedure.methods = &with;
	values_set(&f->job->parameters, "ask", "yes");
	struct plan *p = fabric_plan(f);
	assert_false(p->stages.v[3].no_return_said);
	values_set(&f->job->parameters, "ask", "no");
	assert_int_equal(plan_check(&f->in, p, &e), -1); /* it was made when he was to be asked */
	plan_free(p);
	p = fabric_plan(f);
	assert_true(p->stages.v[3].no_return_said);
	assert_true(warned(p, "You are not asked again"));
	plan_free(p);
	fabric_free(f);
}

static void test_small_clusters(void **state)
{
	struct fabric *f = cluster("spine01 leaf01");
	(void)state;

	expect_refused(f, "accept that with --set accept-outage=yes");
	values_set(&f->job->parameters, "accept-outage", "yes");
	struct plan *p = fabric_plan(f);
	assert_false(line(p, 0, "keeps its majority") == NULL);
	assert_non_null(strstr(line(p, 0, "keeps its majority")->detail, "is accepted"));
	plan_free(p);
	values_set(&f->job->parameters, "accept-outage", "no");
	fabric_choose(f, "leaf02 leaf03"); /* it is not about the cluster */
	plan_free(fabric_plan(f));
	fabric_free(f);
}

static void test_nobody_left_out(void **state)
{
	struct fabric *f = cluster("spine01 spine02 leaf01");
	struct component only = parts[3];
	struct method brain = method;
	(void)state;

	brain.components = &only;
	brain.n_components = 1;
	f->procedure.methods = &brain;
	expect_refused(f, "leaf01 (role leaf) needs none of the components");
	fabric_choose(f, "spine01 spine02");
	expect_shape(f, "brain: spine01 | spine02");
	fabric_free(f);
}

static struct plan *written(const struct fabric *f, const char *shape)
{
	struct plan *p = fabric_write(f, shape);

	for (size_t i = 0; i < p->stages.n; i++) {
		struct plan_stage *s = &p->stages.v[i];
		const struct component *c = procedure_component(&method, s->name);
		s->component = xstrdup(s->name);
		s->no_return = c ? xstrdup(c->no_return) : NULL;
		s->no_return_last = c && c->no_return_last;
	}
	return p;
}

static void expect_broken(const struct fabric *f, const char *shape, const char *text)
{
	struct plan *p = written(f, shape);
	struct err e = {0};

	assert_int_equal(plan_check(&f->in, p, &e), -1);
	if (!strstr(e.text, text))
		fail_msg("\"%s\" is not in: %s", text, e.text);
	plan_free(p);
}

static void test_broken_plans(void **state)
{
	struct fabric *f = cluster("spine01 spine02 leaf01");
	struct err e = {0};
	(void)state;

	fabric_choose(f, "spine01 spine02 leaf01");
#define REST "store-gate: spine01 spine02 leaf01; agent: spine01 spine02 leaf01; "
#define END  "brain: spine01 | spine02"
	struct plan *p = written(f, "store: spine01 | spine02 | leaf01; " REST END);
	if (plan_check(&f->in, p, &e))
		fail_msg("%s", e.text);
	free(p->stages.v[3].no_return);
	p->stages.v[3].no_return = NULL;
	assert_int_equal(plan_check(&f->in, p, &e), -1); /* it may not be taken out of the plan */
	assert_non_null(strstr(e.text, "does not say what the procedure says"));
	plan_free(p);
	expect_broken(f, "store: spine01 | spine02; " REST END, "leaves leaf01 out of store");
	expect_broken(f, "store: spine01 spine02 | leaf01; " REST END, "goes by 1 at most");
	expect_broken(f, REST END, "leaves out the stage store");
	expect_broken(f, "store: spine01 | spine02 | leaf01; " REST, "leaves out the stage brain");
	expect_broken(f,
		      "store: spine01 | spine02 | leaf01; " REST
		      "brain: spine01 | spine02 | leaf01",
		      "which it does not need");
	expect_broken(f,
		      "store: spine01 | spine02 | leaf01; agent: spine01 spine02 leaf01; "
		      "store-gate: spine01 spine02 leaf01; " END,
		      "leaves out the stage store-gate");
	f->job->role_limit = 2;
	expect_broken(f, "store: spine01 | spine02 | leaf01; " REST "brain: spine01 spine02",
		      "takes 2 of 3 members of cloud away; at most 1 may be");
	fabric_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_said),
	    cmocka_unit_test(test_said_before),
	    cmocka_unit_test(test_small_clusters),
	    cmocka_unit_test(test_nobody_left_out),
	    cmocka_unit_test(test_broken_plans),
	};

	return cmocka_run_group_tests_name("components", tests, NULL, NULL);
}
