/* SPDX-License-Identifier: ISC */
/* A procedure whose method is cut into components: what is read, and what is refused. */
#include "help.h"

#include "model/procedure.h"

#define WAY                                                                                        \
	"'components':["                                                                           \
	"{'name':'store','title':'Store','batch':1,'roles':['big'],'when':{'value':'model',"       \
	"'exists':true},'impact':'It is slow',"                                                    \
	"'no_return':{'text':'No way','before':'last'},'steps':['look','put'],"                    \
	"'gate':['look']},"                                                                        \
	"{'name':'agent','title':'Agent','batch':'all','steps':['look',{'call':'more'}]}]"

static const char good_text[] =
    "{'format':1,'id':'x','title':'X','noun':'host','nouns':'hosts','platforms':['x'],"
    "'language':'sh','software':{'name':'X','from':'release','serial':'serial'},"
    "'parameters':[{'name':'outage','title':'O','type':'bool','default':'no'}],"
    "'facts':[{'name':'release','command':'r','read':{'match':'(?<release>.+)'}},"
    "{'name':'serial','command':'s','read':{'match':'(?<serial>.+)'}},"
    "{'name':'model','command':'m','read':{'match':'(?<model>.+)'}}],"
    "'checks':[],'stages':{'roles':['big'],'quorum':{'kinds':['cluster'],'accept':'outage'}},"
    "'methods':[{'name':'a','title':'A'," WAY "}],'lists':{'more':['add']},"
    "'steps':{'look':{'title':'l','phase':'P','state':'s','run':'look','timeout':'30s'},"
    "'put':{'title':'p','phase':'P','state':'s','run':'put ${component} ${component.left} ${group.got}',"
    "'expect':{'match':'^(?<got>.+)'},"
    "'changes':true,'repeat':true,'timeout':'30s'},"
    "'add':{'title':'a','phase':'P','state':'s','run':'add','changes':true,'repeat':true,"
    "'timeout':'30s'},"
    "'boot':{'title':'b','phase':'P','state':'s','reboot':'boot','timeout':'30s',"
    "'done_when':{'run':'u','done':{'exit':0}}}}}";

static struct procedure *parse(const char *json, struct err *e)
{
	char *text = quoted(json);
	struct procedure *p = procedure_parse(text, strlen(text), "p.json", e);
	free(text);
	return p;
}

static void what_is_read(void **state)
{
	struct err e = {0};
	struct procedure *p = parse(good_text, &e);
	(void)state;
	if (!p)
		fail_msg("%s", e.text);
	const struct method *m = procedure_method(p, NULL);
	assert_int_equal(m->n_components, 3);
	const struct component *store = &m->components[0], *gate = store + 1, *agent = gate + 1;
	assert_int_equal(store->batch_size, 1);
	assert_string_equal(store->no_return, "No way");
	assert_string_equal(store->impact, "It is slow");
	assert_null(gate->impact);
	assert_true(store->no_return_last && !store->together && !store->gate);
	assert_string_equal(gate->name, "store-gate");
	assert_true(gate->gate && gate->together && !gate->no_return);
	assert_ptr_equal(gate->when, store->when); /* who needs it needs its gate */
	assert_string_equal(gate->roles[0], "big");
	assert_true(agent->together && !agent->gate && !agent->roles);
	/* one list of steps, each component a range of it */
	static const char *const steps[] = {"look", "put", "look", "look", "add"};
	for (size_t i = 0; i < LEN(steps); i++)
		assert_string_equal(m->steps[i], steps[i]);
	assert_null(m->steps[LEN(steps)]);
	assert_int_equal(store->to, 2);
	assert_int_equal(gate->from, 2);
	assert_int_equal(gate->to, 3);
	assert_int_equal(agent->to, 5);
	assert_ptr_equal(procedure_component(m, "agent"), agent);
	assert_null(procedure_component(m, "agents"));
	assert_string_equal(p->quorum_kinds[0], "cluster");
	assert_string_equal(p->quorum_accept, "outage");
	assert_string_equal(p->group_values[0], "got");
	assert_null(p->group_values[1]);
	procedure_free(p);
}

static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {WAY, "'steps':['look']," WAY, "\"steps\" or \"components\", not both"},
	    {WAY, "'components':[]", "\"steps\" is empty"},
	    {"'steps':['look','put']", "'steps':[]", "components[0]: \"steps\" is empty"},
	    {"'gate':['look']", "'gate':['boot']", "\"gate\": step \"boot\" changes the device"},
	    {"'gate':['look']", "'gate':['add']", "\"gate\": step \"add\" changes the device"},
	    {"'gate':['look']", "'gate':['lok']", "there is no step \"lok\""},
	    {"'batch':'all'", "'batch':'some'", "expected a number of devices, or \"all\""},
	    {"'batch':1", "'batch':0", "components[0].batch"},
	    {"'batch':1", "'batch':'all'", "all begin at once: \"before\" is \"first\""},
	    {"'changes':true,'repeat':true,'timeout':'30s'},'add'",
     "'changes':true,'repeat':true,'timeout':'30s','undo':{'title':'u','run':'u','until':'other'}},"
     "'add'",
     "step \"put\": there is no component \"other\" behind it"},
    {"'changes':true,'repeat':true,'timeout':'30s'},'add'",
     "'changes':true,'repeat':true,'timeout':'30s','undo':{'title':'u','run':'u','until':'store'}},"
     "'add'",
     "step \"put\": there is no component \"store\" behind it"},
    {"'changes':true,'repeat':true,'timeout':'30s'},'add'",
     "'changes':true,'repeat':true,'timeout':'30s','undo':{'title':'u','run':'u','until':'agent',"
     "'until_reboot':true}},'add'",
     "\"until\" or \"until_reboot\", not both"},
    {"'changes':true,'repeat':true,'timeout':'30s'},'add'",
     "'changes':true,'repeat':true,'timeout':'30s','undo':{'title':'u','run':'u','timeout':'0s'}},"
     "'add'",
     "expected something between"},
    {"'before':'last'", "'before':'later'", "no_return.before: \"later\" is none of"},
	    {"'no_return':{'text':'No way',", "'no_return':{", "member \"text\" is missing"},
	    {"{'call':'more'}]", "'put']", "\"put\""},
	    {"'name':'agent'", "'name':'store-gate'", "occurs twice"},
	    {"'roles':['big'],'when'", "'role':['big'],'when'", "did you mean \"roles\"?"},
	    {"'accept':'outage'", "'accept':'outrage'", "outrage"},
	    {"${group.got}", "${group.gut}", "there is no value \"group.gut\""},
	    {"'accept':'outage'", "'axept':'outage'", "unknown member \"axept\""},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *json = changed(good_text, rows[i].from, rows[i].to);
		struct procedure *p = parse(json, &e);
		if (p)
			fail_msg("accepted: %s -> %s", rows[i].from, rows[i].to);
		has(e.text, rows[i].part);
		free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_read),
	    cmocka_unit_test(mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
