/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/procedure.h"

static const char good_text[] =
    "{ 'format': 1, 'id': 'x', 'title': 'X', 'noun': 'switch', 'nouns': 'switches',"
    " 'platforms': ['x'], 'language': 'sh',"
    "'software': { 'name': 'X OS', 'from': 'release', 'serial': 'serial',"
    " 'path_allowed': {'version':'version','above':'${from}'},"
    "'images': [ {'kind': 'os', 'title': 'OS',"
    " 'file': '^x-(?<version>[0-9.]+)-(?<asic>[a-z]+)\\\\.bin$',"
    " 'map': {'asic': {'mlx': 'Mellanox'}}, 'fits': ['asic'], 'current': 'release',"
    "'content': {'begins': '^X', 'behind': 'mark', 'sha256': '^S=(?<sha256>[0-9a-f]+)',"
    "'member': ['control'], 'says': ['^V=(?<version>.+)', '^A=(?<asic>.+)', '^X']},"
    " 'combination': 'X ${version} ${asic}'} ] },"
    "'parameters': [ {'name':'snapshots','title':'Keep','type':'int','default':'2',"
    "'least':0,'most':9,'unit':'x'},"
    "{'name':'mode','title':'Mode','type':'choice','choices':['a','b']},{'name':'on',"
    "'title':'On','type':'bool','default':'true'},"
    "{'name':'txt','title':'T','type':'text','match':'^[a-z]+$',"
    "'expected':'letters'} ],"
    "'facts': [ {'name':'release','command':'cat /etc/lsb-release',"
    "'read':{'match':'^DISTRIB_RELEASE=(?<release>\\\\S+)'},'required':true},"
    "{'name':'serial','command':'cat /s','read':{'match':'(?<serial>.+)'}},"
    "{'name':'asic','command':'cat /a','read':{'match':'(?<asic>.+)'},"
    "'map':{'m':'Mellanox'}},"
    "{'name':'mlag-role','command':'clag','read':{'json':'/r','save':'mlag-role'},"
    "'otherwise':'none'} ],"
    "'checks': [ {'name':'iso','group':'Order','title':'Isolation',"
    "'builtin':'isolation','message':'${device} isolates ${isolates}','waivable':true},"
    "{'name':'disk','group':'Disk','title':'Disk','severity':'warning',"
    "'command':'df ${image.os.size}','expect':{'match':'ok (?<left>\\\\d+)'},"
    "'message':'${why} ${left}','after':true} ],"
    "'stages': { 'roles': ['spine','leaf'], 'first': {'fact':'mlag-role',"
    "'value':'secondary'}, 'orders': [ {'name':'edge-first','title':'E',"
    "'roles':['leaf','spine']} ] },"
    "'methods': [ {'name':'image','title':'I','steps':['gate', {'call':'drain'},"
    " 'copy','install','boot','up'],'rollback':['save']} ],"
    "'lists': { 'drain': ['save','cost-out'] },"
    "'steps': { 'gate': {'title':'g','phase':'Backup','state':'gating',"
    "'facts':{'compare':['serial']},'timeout':'30s'},"
    "'save': {'title':'g','phase':'Backup','state':'saving','get':{'run':'tar c /etc',"
    "'file':'config.tar'},'timeout':'30s'},"
    "'cost-out': {'title':'g','phase':'Drain','state':'drain','run':'cost ${device}',"
    "'changes':true,'repeat':true,'undo':{'run':'uncost','until_reboot':true},"
    "'timeout':'30s'},"
    "'copy': {'title':'c','phase':'I','state':'copying','put':{'image':'os',"
    "'to':'/tmp/${image.name}'},'timeout':'1h'},"
    "'install': {'title':'c','phase':'I','state':'i','detach':{'start':'run',"
    "'poll':{'run':'stat','done':{'exit':0},'progress':'(?<percent>\\\\d+)%'}},"
    "'commits':true,'timeout':'1h'},"
    "'boot': {'title':'c','phase':'I','state':'i','reboot':'reboot',"
    "'done_when':{'run':'u','done':{'exit':0}},'timeout':'1m'},"
    "'up': {'title':'c','phase':'I','state':'i','wait':'u','expect':{'exit':0},"
    "'resets':true,'away':true,'host_key':'may-be-new','stable':'5s',"
    "'timeout':'10m'} },"
    "'transfer': {'present':'sha256sum ${file}','partial':'stat ${file}.part',"
    "'prefix':'sha ${file}.part','space':'df','append':'cat >> ${file}.part',"
    "'discard':'rm ${file}.part','commit':'mv ${file}.part ${file}'},"
    "'errors': [ {'match':'no licence for (?<feature>\\\\w+)','kind':'licence',"
    "'message':'${feature}'} ],"
    "'snapshot': [ {'element':'BGP','command':'b','rows':'/p/*',"
    "'fields':{'peer':'@key','state':'/state'},'key':['peer']} , {'element':'Route',"
    "'command':'r','line':'^(?<prefix>\\\\S+)','key':['prefix']} ] }";

static struct procedure *parse(const char *json, struct err *e)
{
	char *text = quoted(json);
	struct procedure *p = procedure_parse(text, strlen(text), "p.json", e);
	free(text);
	return p;
}

static struct procedure *good(void)
{
	struct err e = {0};
	struct procedure *p = parse(good_text, &e);
	if (!p)
		fail_msg("%s", e.text);
	return p;
}

static void sections(void **state)
{
	struct procedure *p = good();
	(void)state;
	assert_string_equal(p->id, "x");
	assert_int_equal(p->language, QUOTE_SH);
	assert_string_equal(p->software, "X OS");
	assert_string_equal(p->from_fact, "release");
	assert_string_equal(p->serial_facts, "serial");
	assert_non_null(p->path_allowed);
	assert_int_equal(p->batch_size, 4);
	assert_string_equal(p->unstaged, "Stage1");
	assert_string_equal(p->first_fact, "mlag-role");
	assert_string_equal(p->first_value, "secondary");
	assert_string_equal(p->orders[0].roles[0], "leaf");
	assert_string_equal(p->transfer.append, "cat >> ${file}.part");
	assert_string_equal(p->facts[2].capture, "asic");
	assert_string_equal(values_get(&p->facts[2].map, "m"), "Mellanox");
	assert_string_equal(p->facts[3].otherwise, "none");
	assert_int_equal(p->n_errors, 1);
	assert_int_equal(p->n_collectors, 2);
	assert_string_equal(p->collectors[0].fields[0].pointer, "@key");
	assert_non_null(p->collectors[1].line);
	assert_string_equal(p->images[0].fits[0], "asic");
	has(p->text, "\"format\": 1");
	procedure_free(p);
	procedure_free(NULL);
}

static void contents(void **state)
{
	struct procedure *p = good();
	struct str head = {0}, member = {0};
	struct image i = {0};
	(void)state;
	str_puts(&head, "X\nV=4.2.1\n");
	assert_false(procedure_image_content(p, NULL, &head, NULL, &i));
	str_puts(&member, "A=mlx");
	assert_true(procedure_image_content(p, &p->images[0], &head, &member, &i));
	assert_string_equal(i.version, "4.2.1");
	assert_string_equal(values_get(&i.fits, "asic"), "Mellanox");
	image_release(&i);
	str_clear(&head);
	str_puts(&head, "V=4.2.1\nA=vx\n");
	assert_false(procedure_image_content(p, NULL, &head, NULL, &i)); /* one is not found */
	str_clear(&head);
	str_puts(&head, "X\nV=4.2.1\n");
	assert_false(procedure_image_content(p, &p->images[0], &head, NULL, &i));
	assert_null(i.kind);
	assert_string_equal(i.version, "4.2.1"); /* and what is stays said */
	image_release(&i);
	str_release(&head);
	str_release(&member);
	procedure_free(p);
}

static void steps(void **state)
{
	static const char *const wanted[] = {"gate",    "save", "cost-out", "copy",
	                                     "install", "boot", "up"};
	struct procedure *p = good();
	const struct method *m = procedure_method(p, NULL);
	(void)state;
	for (size_t i = 0; i < LEN(wanted); i++)
		assert_string_equal(m->steps[i], wanted[i]);
	assert_null(m->steps[LEN(wanted)]);
	assert_string_equal(m->rollback[0], "save");
	assert_ptr_equal(procedure_method(p, "image"), m);
	assert_null(procedure_method(p, "nothing"));
	const struct step *s = procedure_step(p, "up");
	assert_int_equal(s->action, ACTION_WAIT);
	assert_int_equal(s->timeout_ms, 600000);
	struct values set = {0};
	values_set(&set, "snapshots", "7");
	assert_int_equal(procedure_step_limit(s, &set), 600000);
	struct step longer = *s;
	longer.timeout_adds = "snapshots";
	assert_int_equal(procedure_step_limit(&longer, &set), 607000);
	values_release(&set);
	assert_int_equal(s->stable_ms, 5000);
	assert_int_equal(s->interval_ms, 10000);
	assert_int_equal(s->host_key, HOST_KEY_MAY_BE_NEW);
	assert_true(s->resets && s->away && !s->changes);
	s = procedure_step(p, "cost-out");
	assert_true(s->changes && s->repeat && s->undo->until_reboot);
	assert_int_equal(s->retries, 2);
	s = procedure_step(p, "copy");
	assert_true(s->changes);
	assert_string_equal(s->image, "os");
	s = procedure_step(p, "install");
	assert_true(s->changes && s->commits && s->poll->done && s->poll->progress);
	assert_true(procedure_step(p, "boot")->changes);
	assert_string_equal(procedure_step(p, "gate")->compare[0], "serial");
	assert_string_equal(procedure_step(p, "save")->file, "config.tar");
	assert_null(procedure_step(p, "nothing"));
	procedure_free(p);
}

static void checks(void **state)
{
	struct procedure *p = good();
	const struct check *c = procedure_check(p, "iso");
	(void)state;
	assert_string_equal(c->builtin, "isolation");
	assert_true(c->severity == SEVERITY_ERROR && c->waivable && c->before && !c->after);
	c = procedure_check(p, "disk");
	assert_true(c->severity == SEVERITY_WARNING && !c->waivable && c->after);
	assert_null(procedure_check(p, "nothing"));
	procedure_free(p);
}

static void image_names(void **state)
{
	struct procedure *p = good();
	struct image i;
	(void)state;
	assert_true(procedure_image_name(p, "x-4.2.1-mlx.bin", &i));
	assert_string_equal(i.kind, "os");
	assert_string_equal(i.version, "4.2.1");
	assert_string_equal(i.platform, "x");
	assert_string_equal(values_get(&i.fits, "asic"), "Mellanox");
	assert_int_equal(i.fits.n, 1);
	image_release(&i);
	assert_true(procedure_image_name(p, "x-4.2.1-vx.bin", &i));
	assert_string_equal(values_get(&i.fits, "asic"), "vx");
	image_release(&i);
	assert_false(procedure_image_name(p, "y-4.2.1-mlx.bin", &i));
	assert_null(procedure_image_kind(p, "agent"));
	assert_non_null(procedure_image_kind(p, "os"));
	procedure_free(p);
}

static void parameters(void **state)
{
	static const struct {
		const char *name, *text, *value, *part;
	} rows[] = {
	    {"snapshots", "3", "3", NULL},
	    {"snapshots", "03", "3", NULL},
	    {"snapshots", "10", NULL, "from 0 to 9 x, not \"10\""},
	    {"snapshots", "-1", NULL, "from 0 to 9"},
	    {"snapshots", " 1", NULL, "from 0 to 9"},
	    {"snapshots", "1x", NULL, "from 0 to 9"},
	    {"snapshots", "", NULL, "from 0 to 9"},
	    {"snapshots", "99999999999999999999", NULL, "from 0 to 9"},
	    {"mode", "b", "b", NULL},
	    {"mode", "c", NULL, "none of a, b"},
	    {"on", "Off", "no", NULL},
	    {"on", "1", "yes", NULL},
	    {"on", "maybe", NULL, "\"yes\" or \"no\""},
	    {"txt", "abc", "abc", NULL},
	    {"txt", "", "", NULL},
	    {"txt", "ABC", NULL, "expected letters, not \"ABC\""},
	    {"txt", "abc\nrm", NULL, "control"},
	};
	struct procedure *p = good();
	struct values v = {0};
	(void)state;
	procedure_defaults(p, &v);
	assert_string_equal(values_get(&v, "snapshots"), "2");
	assert_string_equal(values_get(&v, "mode"), "a");
	assert_string_equal(values_get(&v, "on"), "yes");
	assert_string_equal(values_get(&v, "txt"), "");
	values_release(&v);
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *value =
		    parameter_value(procedure_parameter(p, rows[i].name), rows[i].text, &e);
		if (!str_eq(value, rows[i].value))
			fail_msg("%s=%s: %s", rows[i].name, rows[i].text, value ? value : e.text);
		if (rows[i].part)
			has(e.text, rows[i].part);
		free(value);
	}
	assert_null(procedure_parameter(p, "nothing"));
	procedure_free(p);
}

/* A unit: the members that do not lead look on, and do nothing to a device. */
static void units(void **state)
{
	static const struct {
		const char *unit, *methods, *up, *part;
	} rows[] = {
	    {"'unit':{'kind':'c','fact':'mlag-role','value':'p'},", ",'followers':['gate']}",
	     "'wait':'u','progress':[{'match':'half','percent':50,'state':'h'}],'takes':'2m'", NULL},
	    {"", ",'followers':['gate']}", "'wait':'u'", "there is no \"stages.unit\""},
	    {"'unit':{'kind':'c','fact':'mlag-role','value':'p'},", "}", "'wait':'u'",
	     "a unit needs to know what its other members do"},
	    {"'unit':{'kind':'c','fact':'mlag-role','value':'p'},", ",'followers':['cost-out']}",
	     "'wait':'u'", "\"followers\": step \"cost-out\" changes a device"},
	    {"'unit':{'kind':'c','fact':'role2','value':'p'},", ",'followers':['gate']}",
	     "'wait':'u'", "stages.unit.fact: there is no fact"},
	    {"'unit':{'kind':'c','fact':'mlag-role','value':'p'},",
	     ",'followers':['gate'],'kinds':[{'name':'s','title':'S','steps':['gate']}]}",
	     "'wait':'u'", "a unit has only whole jobs"},
	    {"", "}", "'wait':'u','progress':[{'match':'x','percent':101}]",
	     "percent: expected a number from 0 to 100"},
	    {"", "}", "'wait':'u','progress':[{'percent':1}]", "\"match\" is missing"},
	    {"", "}", "'wait':'u','takes':'10m'", "\"takes\" is more than \"timeout\""},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *stages = xasprintf("'stages': { %s'roles'", rows[i].unit);
		char *methods = xasprintf("'rollback':['save']%s", rows[i].methods);
		char *a = changed(good_text, "'stages': { 'roles'", stages);
		char *b = changed(a, "'rollback':['save']}", methods);
		char *c = changed(b, "'wait':'u'", rows[i].up);
		struct procedure *p = parse(c, &e);
		if (rows[i].part) {
			assert_null(p);
			has(e.text, rows[i].part);
		} else {
			if (!p)
				fail_msg("%s", e.text);
			assert_string_equal(p->unit_kind, "c");
			assert_string_equal(p->lead_value, "p");
			assert_string_equal(p->methods[0].followers[0], "gate");
			const struct step *up = procedure_step(p, "up");
			assert_int_equal(up->takes_ms, 120000);
			assert_int_equal(up->n_marks, 1);
			assert_int_equal(up->marks[0].percent, 50);
			assert_string_equal(up->marks[0].state, "h");
		}
		procedure_free(p);
		free(stages), free(methods), free(a), free(b), free(c);
	}
}

/* Each row spoils one thing of the good one. */
static void mistakes(void **state)
{
	static const struct {
		const char *from, *to, *part;
	} rows[] = {
	    {"'format': 1", "'format': 2", "p.json: format: expected a whole number"},
	    {"'noun': ", "'nuon': ", "p.json: unknown member \"nuon\" (did you mean \"noun\"?)"},
	    {"'id': 'x', ", "", "member \"id\" is missing"},
	    {"'platforms': ['x']", "'platforms': []", "\"platforms\" is empty"},
	    {"'language': 'sh'", "'language': 'bash'",
	     "language: \"bash\" is none of \"sh\", \"cli\""},
	    {"'from': 'release'", "'from': 'releas'",
	     "software.from: there is no fact \"releas\" (did you mean \"release\"?)"},
	    {"'above':'${from}'", "'above':'${form}'",
	     "software.path_allowed: there is no value \"form\" (did you mean"},
	    {"(?<version>[0-9.]+)", "(?<ver>[0-9.]+)", "\"file\" needs a group \"version\""},
	    {"'fits': ['asic']", "'fits': ['cpu']", "fits[0]: \"file\" has no group"},
	    {"'map': {'asic': {'mlx'", "'map': {'asci': {'mlx'", "map.asci: \"file\" has no group"},
	    {"'behind': 'mark',", "", "images[0].content: \"sha256\" is that of what is"},
	    {"'^S=(?<sha256>", "'^S=(?<sum>", "needs a group \"sha256\""},
	    {"'^A=(?<asic>.+)'", "'^A=(?<cpu>.+)'",
	     "content.says[1]: \"file\" has no group \"cpu\""},
	    {"'^A=(?<asic>.+)'", "'^A=(?<asic>.+'", "content.says[1]: pattern"},
	    {"'begins': '^X',", "", "\"begins\" is missing"},
	    {"'behind'", "'before'", "unknown member \"before\""},
	    {"'current': 'release'", "'current': 'x'", "images[0].current: there is no fact"},
	    {"'combination': 'X ${version}", "'combination': 'X ${vers}",
	     "there is no value \"vers\""},
	    {"'default':'2'", "'default':'20'", "parameters[0]: default: snapshots: expected"},
	    {"'least':0,", "", "an int needs"},
	    {"'default':'2',", "", "an int needs a \"default\""},
	    {"'choices':['a','b']", "'choices':[]", "a choice needs"},
	    {"'choices':['a','b']", "'choices':['a','a']", "choices[1]: \"a\" occurs twice"},
	    {",'expected':'letters'", "", "\"match\" needs \"expected\""},
	    {"'name':'txt'", "'name':'mode'", "parameters[3]: \"mode\" occurs twice"},
	    {"'name':'txt'", "'name':'version'",
	     "parameters[3].name: \"version\" means something else"},
	    {"'name':'txt'", "'name':'serial'", "facts[1].name: \"serial\" means something else"},
	    {"'type':'text'", "'type':'string'", "parameters[3].type: \"string\" is none of"},
	    {"(?<release>", "(?<rel>", "facts[0]: \"read\" has no capture \"release\""},
	    {"'cat /s'", "'cat ${nothing}'", "facts[1].command: there is no value \"nothing\""},
	    {"'cat /s'", "'cat `echo ${device}`'",
	     "facts[1].command: ${device} may not stand inside `...`"},
	    {"'cat /s'", "''", "facts[1].command: this is empty"},
	    {"'builtin':'isolation',", "", "checks[0]: needs either \"builtin\" or \"expect\""},
	    {"'builtin':'isolation'", "'builtin':'isolation','command':'x'",
	     "does not go with \"builtin\""},
	    {"'builtin':'isolation'", "'builtin':'isolatoin'",
	     "checks[0]: there is no builtin \"isolatoin\" (did you mean \"isolation\"?)"},
	    {"'builtin':'isolation'", "'builtin':'image-missing','arguments':{'kid':'os'}",
	     "checks[0].arguments.kid: there is no argument \"kid\" (did you mean \"kind\"?)"},
	    {"'builtin':'isolation'", "'builtin':'isolation','arguments':{'kind':'os'}",
	     "checks[0].arguments.kind: there is no argument \"kind\""},
	    {"'builtin':'isolation'", "'builtin':'image-missing','arguments':{'kind':'os'}", NULL},
	    {"'command':'df", "'scope':'job','command':'df", "no device for its \"command\""},
	    {"'severity':'warning'", "'severity':'fatal'", "checks[1].severity"},
	    {"'severity':'warning'", "'blocks':{'value':'on','is':'yes'},'hitless':true", NULL},
	    {"'severity':'warning'", "'blocks':{'value':'off','is':'yes'}",
	     "checks[1].blocks: there is no value \"off\""},
	    {"'severity':'warning'", "'severity':'warning','blocks':{'value':'on','is':'yes'}",
	     "checks[1]: \"blocks\" is for a check of severity \"error\""},
	    {"${why} ${left}", "${why} ${lift}",
	     "checks[1].message: there is no value \"lift\" (did you mean \"left\"?)"},
	    {"${image.os.size}", "${image.agent.size}", "there is no value \"image.agent.size\""},
	    {"${image.os.size}", "${image.os.colour}", "there is no value"},
	    {"${image.os.size}", "${file.config.tar}", NULL},
	    {"${image.os.size}", "${file.other}", "there is no value \"file.other\""},
	    {"'ok (?<left>", "'ok ((?<left>", "checks[1].expect.match: pattern"},
	    {"'name':'disk'", "'name':'iso'", "checks[1]: \"iso\" occurs twice"},
	    {"['leaf','spine']", "['leaf','core']",
	     "stages.orders[0].roles[1]: \"core\" is not in"},
	    {"'roles': ['spine','leaf'],", "", "stages: member \"roles\" is missing"},
	    {"'roles': ['spine','leaf']", "'batch_size':0,'roles': ['spine','leaf']", "batch_size"},
	    {"'fact':'mlag-role'", "'fact':'mlag'", "stages.first.fact: there is no fact"},
	    {"'steps':['gate', ", "'steps':['gat', ",
	     "methods[0].steps[0]: there is no step \"gat\" (did you mean \"gate\"?)"},
	    {"{'call':'drain'}", "{'call':'drian'}",
	     "methods[0].steps[1].call: there is no list \"drian\""},
	    {"{'call':'drain'}", "{'cal':'drain'}", "unknown member \"cal\""},
	    {"['save','cost-out']", "['save',{'call':'drain'}]", "the list \"drain\" calls itself"},
	    {"['save','cost-out']", "['save',{'call':'b'}],'b':[{'call':'drain'}]", "calls itself"},
	    {"['save','cost-out']", "['cost-out','cost-out']", "occurs twice"},
	    {"'rollback':['save']", "'rollback':['nope']",
	     "methods[0].rollback[0]: there is no step"},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate','boot'],'stays_up':true}]}",
	     "methods[0].kinds[0]: \"stays_up\": step \"boot\" takes the device down"},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['install'],'stays_up':true}]}",
	     "step \"install\" takes the device down"},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate'],'keeps':['copy']}]}",
	     "\"keeps\": step \"copy\" has no \"undo\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate'],'keeps':['coppy']}]}",
	     "there is no step \"coppy\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate'],'compare':['serial']}]}",
	     "needs \"follows\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate'],'follows':['later']}]}",
	     "there is no kind \"later\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'full','title':'S','steps':['gate']}]}",
	     "is the method's own way"},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':[]}]}",
	     "\"steps\" is empty"},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gat']}]}",
	     "kinds[0].steps[0]: there is no step \"gat\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate'],'follows':['full'],'compare':['seral']}]}",
	     "there is no fact \"seral\""},
	    {"'rollback':['save']}", "'rollback':['save'],'kinds':[{'name':'s','title':'S','steps':['gate']},{'name':'s','title':'S','steps':['gate']}]}",
	     "s"},
	    {"'compare':['serial']", "'compare':['seral']", "there is no fact \"seral\""},
	    {"'compare':['serial']", "'compare':[]", "empty"},
	    {"'file':'config.tar'", "'file':'../config'", "steps.save.get.file"},
	    {"'file':'config.tar'", "'file':'/etc/x'", "steps.save.get.file"},
	    {"'changes':true,'repeat':true", "'changes':true",
	     "steps.cost-out: a step that changes the device needs \"done_when\""},
	    {"'changes':true,'repeat':true", "'repeat':true", "steps.cost-out: \"undo\" is for"},
	    {"'changes':true,'repeat':true",
	     "'changes':true,'done_when':{'run':'x','done':{'exit':0}},'retries':3",
	     "steps.cost-out.retries"},
	    {"'undo':{'run':'uncost'", "'undo':{'expect':{'exit':0}",
	     "steps.cost-out.undo: member \"run\" is missing"},
	    {"'image':'os','to'", "'image':'agent','to'", "there is no kind of image \"agent\""},
	    {"'image':'os','to'", "'image':'os','file':'config.tar','to'",
	     "needs either \"image\" or \"file\""},
	    {"'image':'os','to'", "'file':'nothing.tar','to'",
	     "there is no file kept by a \"get\" step \"nothing.tar\""},
	    {"'done':{'exit':0},'progress'", "'progress'",
	     "steps.install.detach.poll: member \"done\" is missing"},
	    {"(?<percent>", "(?<pct>", "\"progress\" needs a group \"percent\""},
	    {",'done_when':{'run':'u','done':{'exit':0}}", "", "steps.boot: a step that changes"},
	    {"'reboot':'reboot'", "'reboot':'reboot','changes':false",
	     "steps.boot: a \"reboot\" changes"},
	    {"'reboot':'reboot'", "'reboot':'reboot','repeat':true",
	     "steps.boot: a \"reboot\" changes"},
	    {"'wait':'u','expect':{'exit':0}", "'wait':'u'",
	     "steps.up: a \"wait\" needs \"expect\""},
	    {"'wait':'u'", "'wait':'u','run':'x'", "steps.up: more than one action"},
	    {"'wait':'u'", "'commits':true,'wait':'u'", "steps.up: \"commits\" is for"},
	    {"'wait':'u'", "'undo':{'run':'x'},'wait':'u'", "steps.up: \"undo\" is for"},
	    {"'changes':true,'repeat':true,'undo'", "'on':'peers','changes':true,'repeat':true,'undo'",
	     NULL},
	    {"'changes':true,'repeat':true,'undo'",
	     "'on':'peers','changes':true,'done_when':{'run':'u','done':{'exit':0}},'undo'",
	     "steps.cost-out: what changes the peers needs"},
	    {"'changes':true,'repeat':true,'undo'",
	     "'on':'peers','changes':true,'repeat':true,'commits':true,'undo'",
	     "steps.cost-out: \"commits\" is for a step on the device itself"},
	    {"'wait':'u','expect':{'exit':0},'resets':true,'away':true",
	     "'wait':'u','expect':{'exit':0},'blocks':{'value':'on','is':'yes'}", NULL},
	    {"'wait':'u'", "'blocks':{'value':'on','is':'yes'},'wait':'u'",
	     "steps.up: \"blocks\": what proves that a device is back"},
	    {"'get':{", "'blocks':{'value':'on','is':'yes'},'get':{",
	     "steps.save.blocks: means nothing for \"get\""},
	    {"'wait':'u','expect':{'exit':0},'resets':true,'away':true",
	     "'wait':'u','expect':{'exit':0},'fails_later':true", NULL},
	    {"'wait':'u'", "'fails_later':true,'wait':'u'",
	     "steps.up: \"fails_later\" is for steps that only look"},
	    {"'run':'cost ${device}'", "'run':'cost ${device}','fails_later':true",
	     "steps.cost-out: \"fails_later\" is for steps that only look"},
	    {"'get':{", "'fails_later':true,'get':{",
	     "steps.save.fails_later: means nothing for \"get\""},
	    {"'wait':'u'", "'input':'config.tar','wait':'u'",
	     "steps.up.input: means nothing for \"wait\""},
	    {"'host_key':'may-be-new'", "'host_key':'any'",
	     "steps.up.host_key: \"any\" is none of \"known\""},
	    {"'timeout':'10m'", "'timeout':'10'",
	     "steps.up.timeout: expected a duration with its unit"},
	    {"'timeout':'10m'", "'timeout':600",
	     "steps.up.timeout: expected a duration with its unit"},
	    {"'timeout':'10m'", "'timeout':'0s'", "steps.up.timeout: expected something between"},
	    {"'timeout':'10m'", "'timeout':'200h'", "steps.up.timeout: expected something between"},
	    {"'timeout':'10m'", "'timeout':'99999999999h'", "steps.up.timeout"},
	    {"'timeout':'10m'", "'timeout':'4s'", "\"stable\" leaves no time"},
	    {"'wait':'u'", "'silence':'1s','wait':'u'", "steps.up.silence: means nothing for \"wait\""},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'repeat':true,'silence':'1s',",
	     "steps.cost-out: \"silence\" and \"silence_ask\" belong together"},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'repeat':true,'silence':'1s','silence_ask':'2s',",
	     "steps.cost-out: \"silence\" is for a step that commits"},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'done_when':{'run':'u','done':{'exit':0}},'silence':'1s','silence_ask':'2s',",
	     "steps.cost-out: \"silence\" is for a step that commits"},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'commits':true,'done_when':{'run':'u','done':{'exit':0}},'silence':'3s','silence_ask':'2s',",
	     "steps.cost-out: \"silence\" comes before \"silence_ask\""},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'commits':true,'done_when':{'run':'u','done':{'exit':0}},'silence':'3s','silence_ask':'30s',",
	     "and that before \"timeout\""},
	    {"'run':'cost ${device}','changes':true,'repeat':true,",
	     "'run':'cost ${device}','changes':true,'commits':true,'done_when':{'run':'u','done':{'exit':0}},'silence':'3s','silence_ask':'29s',",
	     NULL},
	    {"'timeout':'10m'", "'timeout':'10m','timeout_adds':'nothing'", "there is no parameter"},
	    {"'timeout':'10m'", "'timeout':'10m','timeout_adds':'on'",
	     "timeout_adds: \"on\" is no number of seconds"},
	    {"'timeout':'10m'", "'timeout':'10m','timeout_adds':'snapshots'", NULL},
	    {",'timeout':'10m'", "", "steps.up: member \"timeout\" is missing"},
	    {"'stable':'5s'", "'stabel':'5s'",
	     "steps.up: unknown member \"stabel\" (did you mean \"stable\"?)"},
	    {"'facts':{'compare':['serial']}", "'title2':'x'", "steps.gate: no action"},
	    {"'discard':'rm ${file}.part',", "", "transfer: member \"discard\" is missing"},
	    {"'transfer':", "'lists2':", "unknown member \"lists2\""},
	    {"'match':'no licence", "'match':'*no licence", "errors[0].match: pattern"},
	    {"'message':'${feature}'", "'message':'${featur}'",
	     "errors[0].message: there is no value \"featur\""},
	    {"'rows':'/p/*'", "'rows':'p/*'", "snapshot[0].rows: JSON pointer"},
	    {"'key':['peer']", "'key':['per']", "snapshot[0]: key: there is no field \"per\""},
	    {"'key':['prefix']", "'key':[]", "snapshot[1]: \"key\" is empty"},
	    {"'rows':'/p/*',", "", "snapshot[0]: needs either"},
	    {"'state':'/state'", "'state':'state'", "snapshot[0].fields.state: JSON pointer"},
	    {"'element':'Route'", "'element':'BGP'", "snapshot[1]: \"BGP\" occurs twice"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct err e = {0};
		char *json = changed(good_text, rows[i].from, rows[i].to);
		struct procedure *p = parse(json, &e);
		if (p && rows[i].part)
			fail_msg("accepted: %s -> %s", rows[i].from, rows[i].to);
		if (!rows[i].part && !p)
			fail_msg("%s -> %s: %s", rows[i].from, rows[i].to, e.text);
		if (rows[i].part)
			has(e.text, rows[i].part);
		procedure_free(p);
		free(json);
	}
}

/* ${} inside quotes cannot be written with the quotes of the table above. */
static void quotes(void **state)
{
	struct err e = {0};
	char *text = quoted(good_text);
	char *spoilt = changed(text, "\"cat /s\"", "\"cat '${device}'\"");
	(void)state;
	assert_null(procedure_parse(spoilt, strlen(spoilt), "p.json", &e));
	has(e.text, "facts[1].command: ${device} may not stand inside '...'");
	free(spoilt);
	spoilt = changed(text, "\"cat /s\"", "\"cat \\\"${device}\\\"\"");
	assert_null(procedure_parse(spoilt, strlen(spoilt), "p.json", &e));
	has(e.text, "may not stand inside \"...\"");
	free(spoilt);
	free(text);
}

/* Lists that call lists that call lists: small in the file, large when put together. */
static void blow_up(void **state)
{
	struct str lists = {0};
	struct err e = {0};
	(void)state;
	str_puts(&lists, "['save'],'l0':[{'call':'drain'},{'call':'drain'}]");
	for (int i = 1; i < 30; i++)
		str_printf(&lists, ",'l%d':[{'call':'l%d'},{'call':'l%d'}]", i, i - 1, i - 1);
	char *json = changed(good_text, "['save','cost-out']", lists.buf);
	assert_null(parse(json, &e));
	has(e.text, "more than 1000 steps");
	free(json);
	str_release(&lists);
}

static void orders(void **state)
{
	struct err e = {0};
	struct procedure *p = parse(good_text, &e);
	(void)state;
	char **list = procedure_order(p, "edge-first");
	assert_string_equal(list[0], p->orders[0].roles[0]);
	assert_true(list[0] != p->orders[0].roles[0]);
	strings_free(list);
	list = procedure_order(p, "spine,core");
	assert_string_equal(list[0], "spine");
	assert_string_equal(list[1], "core");
	assert_null(list[2]);
	strings_free(list);
	assert_null(procedure_order(p, ""));
	assert_null(procedure_order(p, ","));
	procedure_free(p);
}

/* Every procedure that ships must load. */
static void shipped(void **state)
{
	static const char path[] = TOP_SRCDIR "/src/procedures/cumulus-linux.json";
	struct err e = {0};
	(void)state;
	struct procedure *p = procedure_load(path, &e);
	if (!p)
		fail_msg("%s", e.text);
	procedure_free(p);
	assert_null(procedure_load("/nowhere/at/all", &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sections), cmocka_unit_test(contents),    cmocka_unit_test(steps),
	    cmocka_unit_test(checks),   cmocka_unit_test(image_names), cmocka_unit_test(parameters),
	    cmocka_unit_test(units), cmocka_unit_test(mistakes), cmocka_unit_test(quotes),      cmocka_unit_test(blow_up),
	    cmocka_unit_test(shipped),  cmocka_unit_test(orders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
