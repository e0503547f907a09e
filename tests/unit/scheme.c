/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "base/path.h"
#include "model/judge.h"
#include "model/scheme.h"

static struct scheme *make(const char *text, struct err *e)
{
	cJSON *json = tree(text);
	struct jnode at = json_root(json, "t");
	struct scheme *s = scheme_new(&at, e);
	cJSON_Delete(json);
	return s;
}

/* As it is shipped: trains with releases, special branches, service releases and spins; two systems. */
static struct scheme *shipped(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/junos-hitless.json", top ? top : ".");
	struct str text = {0};
	struct err e = {0};
	assert_int_equal(path_read(path, 1 << 20, &text, &e), 0);
	cJSON *json = cJSON_Parse(str_text(&text));
	struct jnode at =
	    json_root(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "software"), "versions"), path);
	struct scheme *s = scheme_new(&at, &e);
	if (!s)
		fail_msg("%s", e.text);
	cJSON_Delete(json);
	str_release(&text);
	free(path);
	return s;
}

static void order(void **state)
{
	static const struct {
		const char *a, *b;
		enum version_order o;
	} rows[] = {
	    {"15.1X49-D80", "17.4R1", VERSION_BEFORE},
	    {"17.4R1", "23.4R1-S2", VERSION_BEFORE},
	    {"15.1X49-D80", "15.1X49-D170", VERSION_BEFORE},
	    {"18.4R3-S9", "18.4R3-S10", VERSION_BEFORE},
	    {"18.4R3-S9.2", "18.4R3-S9", VERSION_AFTER},
	    {"18.4R2", "18.4R10", VERSION_BEFORE},
	    {"9.6R4", "10.4R4", VERSION_BEFORE},
	    {"15.1F6-S7", "15.1F6", VERSION_AFTER},
	    {"12.1X46-D10", "12.1X46-D55.3", VERSION_BEFORE},
	    {"12.1X46-D55.3-domestic", "12.1X46-D55.3", VERSION_SAME},
	    {"13.3-20131120", "14.1R1", VERSION_BEFORE},
	    {"24.4R1.9", "25.4R1.12", VERSION_BEFORE},
	    {"11.4X12.2", "11.4X12", VERSION_AFTER},
	    {"23.4R2-S7.4", "23.4R2-S7.4", VERSION_SAME},
	    {"18.4R99999999999999999999", "18.4R99999999999999999998", VERSION_AFTER},
	    {"15.1X49-D80", "15.1R7", VERSION_BRANCH},
	    {"15.1X49-D80", "15.1X53-D70", VERSION_BRANCH},
	    {"21.1X3.3", "21.1R3", VERSION_BRANCH},
	    {"15.1F6", "15.1R6", VERSION_BRANCH},
	    {"23.4R1-S2.4-EVO", "23.4R1-S2.4", VERSION_SYSTEM},
	    {"23.4R1-S2.4-EVO", "23.4R1-S3.1-EVO", VERSION_BEFORE},
	    /* each part of a release, and that what comes later counts less */
	    {"23.4R1", "23.4R1.1", VERSION_BEFORE},
	    {"23.4R1.99", "23.4R1-S1", VERSION_BEFORE},
	    {"23.4R1-S99.9", "23.4R2", VERSION_BEFORE},
	    {"23.1R9", "23.10R1", VERSION_BEFORE},
	    {"22.4R3-S10.3", "23.1R1", VERSION_BEFORE},
	    {"15.1F6-S7.3", "15.1F6-S10", VERSION_BEFORE},
	    {"15.1F5", "15.1F6", VERSION_BEFORE},
	    {"12.1X46", "12.1X46-D10", VERSION_BEFORE},
	    {"X50.17-EVO", "21.1X3.3", VERSION_UNREADABLE},
	    {"21.1X50.17-EVO", "21.1X50.18-EVO", VERSION_BEFORE},
	    {"23.3X100-202310100600.0-EVO", "23.3X100-202310110600.0-EVO", VERSION_BEFORE},
	    {"23.3X100-202310100600.0-EVO", "23.3X100-D10-EVO", VERSION_BRANCH},
	    {"17.3I0", "17.3R1", VERSION_BRANCH},
	    {"17.3I0", "17.4R1", VERSION_BEFORE},
	    {"17.3I1", "17.3I0", VERSION_AFTER},
	    {"19.2I-20190228_dev.0.2316-EVO", "19.2I-20190301_dev.0.2316-EVO", VERSION_BEFORE},
	    {"19.2I-20190228_dev.0.2316-EVO", "19.2I-20190228_dev.0.2316", VERSION_SYSTEM},
	    {"12.1I20130415_junos_121_x44.0-643920", "12.1I20130415_junos_121_x44.0-643920",
	     VERSION_SAME},
	    {"12.1I20130415_junos_121_x44", "12.1I20130416_dev", VERSION_BRANCH},
	    {"10.4B2.3", "10.4B2.4", VERSION_BEFORE},
	    {"10.4B2", "10.4R1", VERSION_BRANCH},
	    {"13.3-20131120", "13.3-20131121", VERSION_BEFORE},
	    {"13.3-20131120", "13.3-20131120.1", VERSION_BEFORE},
	    {"13.3-20131120.9", "13.3-20131121.0", VERSION_BEFORE},
	    {"13.3-20131120", "13.3-2013-11-20", VERSION_SAME},
	    {"17.3-2017-07-02.0_RELEASE_173_THROTTLE", "17.3-2017-07-03.0_RELEASE_173_THROTTLE",
	     VERSION_BEFORE},
	    {"17.3-2017-07-02.0_RELEASE_173_THROTTLE", "17.3-2017-07-03.0", VERSION_BRANCH},
	    {"17.3-20170702", "17.3R1", VERSION_BRANCH},
	    /* what is not part of it */
	    {"15.1X49-D80 Limited", "15.1X49-D80-export", VERSION_SAME},
	    {"13.2R4.6-domestic-signed", "13.2R4.6", VERSION_SAME},
	    {"23.4R1-S2.4-EVO-signed", "23.4R1-S2.4-EVO", VERSION_SAME},
	    {"15.1F6-EVO", "15.1F6", VERSION_SYSTEM},
	    {"17.3I0-EVO", "17.3I0", VERSION_SYSTEM},
	    {"23.4", "23.4R1", VERSION_UNREADABLE},
	    {"23.4R", "23.4R1", VERSION_UNREADABLE},
	    {"23.4R1-S", "23.4R1", VERSION_UNREADABLE},
	    {"23.4r1", "23.4R1", VERSION_UNREADABLE},
	    {"2023.4R1", "23.4R1", VERSION_UNREADABLE},
	    {"23.4R1-s2", "23.4R1", VERSION_UNREADABLE},
	    {"", "23.4R1", VERSION_UNREADABLE},
	    {"23.4R1\n", "23.4R1; reboot", VERSION_UNREADABLE},
	};
	struct scheme *s = shipped();
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		enum version_order back = rows[i].o == VERSION_BEFORE  ? VERSION_AFTER
					  : rows[i].o == VERSION_AFTER ? VERSION_BEFORE
								       : rows[i].o;
		if (scheme_compare(s, rows[i].a, rows[i].b) != rows[i].o ||
		    scheme_compare(s, rows[i].b, rows[i].a) != back)
			fail_msg("%s <> %s: %d", rows[i].a, rows[i].b,
				 scheme_compare(s, rows[i].a, rows[i].b));
	}
	scheme_free(s);
}

static void loose(void **state)
{
	struct scheme *s = shipped();
	(void)state;
	/* whoever types no spin means any */
	assert_int_equal(scheme_match(s, "23.4R1-S2.4", "23.4R1-S2"), VERSION_SAME);
	assert_int_equal(scheme_match(s, "23.4R1-S2.4", "23.4R1-S2.5"), VERSION_BEFORE);
	assert_int_equal(scheme_match(s, "23.4R1-S2.4", "23.4R1"), VERSION_AFTER);
	assert_int_equal(scheme_match(s, "23.4R1.4", "23.4R1-EVO"), VERSION_SYSTEM);
	/* the same release of the same train */
	assert_int_equal(scheme_same(s, "23.4R1-S2.4", "23.4R1-S9", 3), 1);
	assert_int_equal(scheme_same(s, "23.4R1-S2.4", "23.4R2-S2.4", 3), 0);
	assert_int_equal(scheme_same(s, "23.4R1-S2.4", "23.1R2", 1), 1);
	assert_int_equal(scheme_same(s, "23.4R1", "rubbish", 1), -1);
	scheme_free(s);
}

/* Without one, versions are numbers between dots. */
static void none(void **state)
{
	(void)state;
	assert_int_equal(scheme_compare(NULL, "4.2.1", "4.10"), VERSION_BEFORE);
	assert_int_equal(scheme_match(NULL, "4.2", "4.2.0"), VERSION_SAME);
	assert_int_equal(scheme_compare(NULL, "x", "4"), VERSION_UNREADABLE);
	assert_int_equal(scheme_same(NULL, "4.2.1", "4.3", 1), 1);
	assert_int_equal(scheme_same(NULL, "", "4.3", 1), -1);
}

static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	    {"{}", "forms"},
	    {"{'forms': []}", "no form at all"},
	    {"{'forms': ['(']}", "pattern"},
	    {"{'forms': [1]}", "forms[0]"},
	    {"{'forms': ['(?<a>x)'], 'order': ['b']}", "no form has a group of this name"},
	    {"{'forms': ['(?<a>x)'], 'train': 'a'}", "train"},
	    {"{'forms': ['(?<a>x)'], 'trains': ['a']}", "trains"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		struct scheme *s = make(rows[i].text, &e);
		if (s)
			fail_msg("%s: taken", rows[i].text);
		has(e.text, rows[i].why);
	}
}

static enum verdict ask(const struct scheme *s, const char *text, const char *from,
			const char *version)
{
	struct err e = {0};
	struct values known = {0};
	struct answer nothing = {.status = -1, .out = "", .err = ""};
	struct scope scope = {{&known}};
	cJSON *json = tree(text);
	struct jnode at = json_root(json, "t");
	struct judge *j = judge_new(&at, s, &e);
	assert_non_null(j);
	values_set(&known, "from", from);
	values_set(&known, "version", version);
	enum verdict v = judge_ask(j, &nothing, &scope, NULL, NULL);
	judge_free(j);
	values_release(&known);
	cJSON_Delete(json);
	return v;
}

/* A judge inside of others asks the scheme as well. */
static void judges(void **state)
{
	static const char later[] = "{'all': [{'version': 'version', 'above': '${from}'}]}";
	static const char is[] = "{'no': {'version': 'version', 'is': '${from}'}}";
	struct scheme *s = shipped();
	(void)state;
	assert_int_equal(ask(s, later, "18.4R3-S9", "18.4R3-S10"), VERDICT_YES);
	assert_int_equal(ask(s, later, "18.4R3-S10", "18.4R3-S9"), VERDICT_NO);
	assert_int_equal(ask(s, later, "15.1X49-D80", "15.1R7"), VERDICT_UNKNOWN);
	assert_int_equal(ask(s, later, "18.4R1", "18.4R2-EVO"), VERDICT_UNKNOWN);
	assert_int_equal(ask(s, is, "23.4R1-S2.4", "23.4R1-S2"), VERDICT_NO);
	assert_int_equal(ask(s, is, "15.1X49-D80", "15.1R7"), VERDICT_YES);
	assert_int_equal(ask(s, is, "15.1X49-D80", "fresh"), VERDICT_UNKNOWN);
	scheme_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),   cmocka_unit_test(loose),  cmocka_unit_test(none),
	    cmocka_unit_test(refused), cmocka_unit_test(judges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
