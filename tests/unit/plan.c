/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/json.h"
#include "model/plan.h"

#define INVENTORY                                                                                  \
	"{'format':1,'devices':[{'name':'a','platform':'x'},{'name':'b','platform':'x'},"          \
	"{'name':'c','platform':'x'}]}"

static struct inventory *devices(void)
{
	struct err e = {0};
	cJSON *root = tree(INVENTORY);
	struct inventory *inv = inventory_from_json(root, "i", &e);
	cJSON_Delete(root);
	return inv;
}

static struct plan *sample(const struct inventory *inv)
{
	struct plan *p = plan_new();
	for (size_t s = 0; s < 2; s++) {
		struct plan_stage *stage = VEC_ADD(&p->stages);
		stage->name = xstrdup(s ? "spine" : "leaf");
		struct plan_batch *b = VEC_ADD(&stage->batches);
		VEC_PUSH(&b->devices, s);
		b->estimate_ms = 1000;
		struct plan_line *line = VEC_ADD(&b->proof);
		line->claim = xstrdup("redundancy groups apart");
		line->holds = s == 0;
		line->detail = s ? xstrdup("a and b") : NULL;
	}
	struct plan_device *d = VEC_ADD(&p->devices);
	d->device = 1;
	d->from = xstrdup("4.1");
	d->to = xstrdup("4.2");
	VEC_PUSH(&d->isolates, 2);
	VEC_PUSH(&p->warnings, xstrdup("tight"));
	p->lower_bound = 2;
	p->estimate_ms = 5000;
	p->estimate_from = xstrdup("shipped defaults");
	plan_seal(p, inv);
	return p;
}

static void round_trip(void **state)
{
	struct err e = {0};
	struct inventory *inv = devices();
	struct plan *p = sample(inv);
	cJSON *a = plan_to_json(p, inv);
	struct plan *q = plan_from_json(a, inv, "plan", &e);
	(void)state;
	if (!q)
		fail_msg("%s", e.text);
	assert_int_equal(plan_batches(q), 2);
	assert_string_equal(q->stages.v[1].batches.v[0].proof.v[0].detail, "a and b");
	assert_true(q->stages.v[0].batches.v[0].proof.v[0].holds);
	assert_string_equal(plan_device(q, 1)->from, "4.1");
	assert_int_equal(plan_device(q, 1)->isolates.v[0], 2);
	assert_null(plan_device(q, 0));
	assert_string_equal(q->warnings.v[0], "tight");
	assert_string_equal(p->fingerprint, q->fingerprint);
	assert_int_equal(strlen(p->fingerprint), 16);
	cJSON_Delete(a);
	plan_free(p);
	plan_free(q);
	plan_free(NULL);
	inventory_free(inv);
}

static void seal(void **state)
{
	struct inventory *inv = devices();
	struct plan *p = sample(inv);
	char first[17];
	(void)state;
	memcpy(first, p->fingerprint, sizeof(first));
	plan_seal(p, inv); /* sealing a sealed plan changes nothing */
	assert_string_equal(first, p->fingerprint);
	p->stages.v[0].batches.v[0].proof.v[0].holds = false;
	plan_seal(p, inv);
	assert_string_not_equal(first, p->fingerprint);
	plan_free(p);
	inventory_free(inv);
}

static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {"\"holds\":false", "\"holds\":true", "fingerprint: does not belong"},
	    {"\"devices\":[\"b\"]", "\"devices\":[\"a\"]", "\"a\" is planned twice"},
	    {"\"devices\":[\"b\"]", "\"devices\":[\"z\"]",
	     "stages[1].batches[0].devices[0]: there is no device \"z\""},
	    {"\"isolates\":[\"c\"]", "\"isolates\":[5]", "devices[0].isolates[0]"},
	    {"\"warnings\"", "\"warning\"", "unknown member"},
	    {"\"name\":\"leaf\"", "\"nam\":\"leaf\"", "stages[0]: unknown member"},
	    {"\"lower_bound\":2", "\"lower_bound\":-2", "lower_bound"},
	};
	struct inventory *inv = devices();
	struct plan *p = sample(inv);
	cJSON *good = plan_to_json(p, inv);
	char *text = json_print(good, false);
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *json = changed(text, rows[i].from, rows[i].to);
		cJSON *root = tree(json);
		if (plan_from_json(root, inv, "plan", &e))
			fail_msg("accepted: %s", rows[i].to);
		has(e.text, rows[i].part);
		cJSON_Delete(root);
		free(json);
	}
	free(text);
	cJSON_Delete(good);
	plan_free(p);
	inventory_free(inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(seal),
	    cmocka_unit_test(mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
