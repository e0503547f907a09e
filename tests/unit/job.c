/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/job.h"
#include "model/json.h"

#define GOOD                                                                                       \
	"{'name':'Upgrade "                                                                        \
	"1','procedure':'sim','method':'image','version':'4.2','operator':'anna',"                 \
	"'created':1790000000000,'parameters':{'snapshots':'2'},'timeouts':{'reboot':'900'},"      \
	"'inventory':{'format':1,'devices':[{'name':'a','platform':'x'},{'name':'b','platform':'"  \
	"x'}]},"                                                                                   \
	"'devices':['b','a'],'targets':[{'version':'4.3','image':'image_9','devices':['a']}],"     \
	"'missing':['z1','z2'],'order':['leaf','spine'],'batch_size':2,'role_limit':1,"            \
	"'on_failure':'continue','failure_budget':3,'canary':true,'window':'01:00-04:00',"         \
	"'kind':'activate','hold_after':['1','spine'],'second_person':true,'uids':[1000,-1,7],"    \
	"'before':{'id':'job_1','name':'copies','kind':'stage','devices':{'b':"                    \
	"{'facts':{'serial':'S1'},'captures':{'file.x':'00'}}}}}"

static struct job *read(const char *json, struct err *e)
{
	cJSON *root = tree(json);
	struct job *j = job_from_json(root, "job", e);
	cJSON_Delete(root);
	return j;
}

static void round_trip(void **state)
{
	struct err e = {0};
	struct job *j = read(GOOD, &e);
	(void)state;
	if (!j)
		fail_msg("%s", e.text);
	assert_string_equal(j->name, "Upgrade 1");
	assert_true(j->created == 1790000000000);
	assert_int_equal(j->on_failure, ON_FAILURE_GO_ON);
	assert_true(job_has(j, 0) && job_has(j, 1) && !job_has(j, 2));
	assert_int_equal(j->devices.v[0], 1);
	assert_string_equal(j->order[1], "spine");
	assert_true(j->canary);
	assert_string_equal(job_version(j, 0), "4.3");
	assert_string_equal(job_image(j, 0), "image_9");
	assert_string_equal(job_version(j, 1), "4.2");
	assert_null(job_image(j, 1));
	assert_string_equal(job_versions(j), "4.2, 4.3");
	job_targets_release(j);
	assert_string_equal(job_version(j, 0), "4.2");
	assert_string_equal(job_versions(j), "4.2");
	job_target_add(j, 0, "4.3", "image_9");
	job_target_add(j, 1, "4.3", "image_9");
	job_targets_settle(j);
	assert_int_equal(j->targets.n, 1);
	assert_string_equal(job_versions(j), "4.3");
	j->os_image = xstrdup("image_0"); /* of the rest, of which there is none */
	assert_string_equal(job_image(j, 1), "image_9");
	assert_string_equal(j->missing[1], "z2");
	assert_null(j->missing[2]);
	cJSON *a = job_to_json(j);
	struct job *k = job_from_json(a, "job", &e);
	assert_non_null(k);
	cJSON *b = job_to_json(k);
	char *x = json_print(a, false), *y = json_print(b, false);
	assert_string_equal(x, y);
	has(x, "\"window\":\"01:00-04:00\"");
	has(x,
	    "\"targets\":[{\"version\":\"4.3\",\"image\":\"image_9\",\"devices\":[\"a\",\"b\"]}]");
	has(x, "\"uids\":[1000,-1,7]");
	has(x, "\"b\":{\"facts\":{\"serial\":\"S1\"},\"captures\":{\"file.x\":\"00\"}}");
	assert_string_equal(values_get(&job_before_device(j, 1)->facts, "serial"), "S1");
	assert_null(job_before_device(j, 0));
	assert_true(job_holds_after(j, 0, "leaf") && job_holds_after(j, 3, "spine"));
	assert_false(job_holds_after(j, 1, "leaf"));
	has(x, "\"created\":1790000000000");
	free(x);
	free(y);
	cJSON_Delete(a);
	cJSON_Delete(b);
	job_free(j);
	job_free(k);
	job_free(NULL);
}

static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {"'devices':['b','a']", "'devices':['b','c']",
	     "job: devices[1]: there is no device \"c\""},
	    {"'devices':['a']}],'missing'", "'devices':['z']}],'missing'",
	     "targets[0].devices[0]: \"z\" is not in the job"},
	    {"'devices':['a']}],'missing'", "'devices':['a','a']}],'missing'",
	     "targets[0].devices[1]: \"a\" has two targets"},
	    {"{'version':'4.3',", "{", "targets[0]"},
	    {"{'version':'4.3',", "{'version':'4.3','by':'x',",
	     "targets[0]: unknown member \"by\""},
	    {"'devices':['b','a']", "'devices':['b','b']", "devices[1]: \"b\" occurs twice"},
	    {"'batch_size':2", "'batch_size':0", "batch_size"},
	    {"'on_failure':'continue'", "'on_failure':'ignore'", "on_failure: expected \"hold\""},
	    {"'window':'01:00-04:00'", "'window':'01:00'", "window: expected two times"},
	    {"'devices':{'b':", "'devices':{'c':", "before.devices.c: there is no device"},
	    {"'id':'job_1',", "", "\"id\" is missing"},
	    {"'failure_budget':3", "'failure_budget':'0%'", "failure_budget: expected 1 or more"},
	    {"'failure_budget':3", "'failure_budget':-3", "failure_budget"},
	    {"'canary':true", "'kanari':true", "unknown member"},
	    {"'Upgrade 1'", "' x'", "name: a job's name"},
	    {"'name':'Upgrade 1',", "", "\"name\" is missing"},
	    {"{'name':'b','platform':'x'}", "{'name':'a','platform':'x'}", "occurs twice"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *json = changed(GOOD, rows[i].from, rows[i].to);
		if (read(json, &e))
			fail_msg("accepted: %s", rows[i].to);
		has(e.text, rows[i].part);
		free(json);
	}
}

static void budget_is(const char *text, size_t devices, size_t accepted)
{
	struct job j = {.devices = {.n = devices}};
	struct err e = {0};
	assert_int_equal(job_budget(&j, text, &e), 0);
	char *again = job_budget_text(&j);
	assert_string_equal(again, text);
	free(again);
	assert_true(job_within_budget(&j, accepted));
	assert_false(job_within_budget(&j, accepted + 1));
}

static void budgets(void **state)
{
	static const char *const wrong[] = {"0",   "00",  "",   "%",   "0%", "101%",    "5%%",     "-1",
					    "1.5", "5 %", " 5", "1000000", "9999999", "3x"};
	struct err e = {0};
	struct job any = {.devices = {.n = 100}};
	(void)state;
	budget_is("3", 100, 3);
	budget_is("10%", 100, 10);
	budget_is("10%", 19, 1);
	budget_is("10%", 9, 0); /* one of nine is more */
	budget_is("33%", 3, 0);
	budget_is("34%", 3, 1);
	assert_true(job_within_budget(&any, 100));
	assert_int_equal(job_budget(&any, "100%", &e), 0);
	assert_true(job_within_budget(&any, 100));
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct job j = {.failure_budget = 7};
		if (job_budget(&j, wrong[i], &e) == 0)
			fail_msg("accepted: %s", wrong[i]);
		has(e.text, "expected 1 or more devices, or 1% to 100% of them");
		assert_int_equal(j.failure_budget, 7);
	}
	char *json = changed(GOOD, "'failure_budget':3", "'failure_budget':'50%'");
	struct job *j = read(json, &e);
	assert_non_null(j);
	assert_true(job_within_budget(j, 1) && !job_within_budget(j, 2));
	cJSON *root = job_to_json(j);
	char *out = json_print(root, false);
	has(out, "\"failure_budget\":\"50%\"");
	free(out);
	cJSON_Delete(root);
	job_free(j);
	free(json);
}

static void names(void **state)
{
	static const char *const bad[] = {
	    "",
	    " x",
	    "x ",
	    "a\nb",
	    "a\x1b[m",
	    "\xff",
	    "a\xe2\x80\xae"
	    "b",
	    "12345678901234567890123456789012345678901234567890123456789012345"};
	static const char *const fine[] = {
	    "x", "R\xc3\xa9seau 4.2", "a/b: c;d",
	    "1234567890123456789012345678901234567890123456789012345678901234"};
	struct err e = {0};
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		if (job_check_name(bad[i], &e) == 0)
			fail_msg("accepted: %s", bad[i]);
	for (size_t i = 0; i < LEN(fine); i++)
		if (job_check_name(fine[i], &e) < 0)
			fail_msg("%s: %s", fine[i], e.text);
}

static void windows(void **state)
{
	static const char *const wrong[] = {" ",           "01:00",       "01:00-",
					    "1:00-02:00",  "01:60-02:00", "25:00-02:00",
					    "01:00-24:01", "-02:00",      "01:00-02:00,"};
	struct err e = {0};
	struct job *j = job_new();
	(void)state;
	assert_int_equal(job_window(j, "01:30-24:00", &e), 0);
	for (size_t i = 0; i < LEN(wrong); i++)
		if (job_window(j, wrong[i], &e) == 0)
			fail_msg("accepted: %s", wrong[i]);
	has(e.text, "expected two times such as 01:00-04:00");
	assert_int_equal(j->windows.n, 1);
	assert_int_equal(j->windows.v[0].start, 90);
	assert_int_equal(j->windows.v[0].end, 1440);
	assert_int_equal(job_window(j, "", &e), 0);
	assert_int_equal(j->windows.n, 0);
	job_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trip), cmocka_unit_test(mistakes), cmocka_unit_test(names),
	    cmocka_unit_test(budgets),    cmocka_unit_test(windows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
