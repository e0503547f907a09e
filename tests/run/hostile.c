/* SPDX-License-Identifier: ISC */
/*
 * hostile DIR: a state directory with one job, "hostile", whose devices said all that a report must
 * not pass on: tags and scripts, bidi and control characters, bytes that are no UTF-8, and secrets
 * of every kind (each holds the word HUSH). For tests/cli/report.sh.
 */
#include "config.h"

#include "base/path.h"
#include "run/create.h"
#include "run/procedures.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT "<script>document.title='PWNED'</script>"
#define ONLOAD "\"'><img src=x onerror=\"document.title='PWNED'\"><svg onload=document.title='PWNED'>"
#define TRICKS                                                                                     \
	"\033[2J\033]0;PWNED\007 \xe2\x80\xae" "evil\xe2\x80\xac \xff\xfe\x80 <!-- ]]> --> &lt;b&gt; &#0; \x01\x7f"

static const char secrets[] =
    "root:$6$HUSHsalt$HUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSH:18000:0:99999:7:::\n"
    "old:abHUSHHUSHHUSHab:18000:0:99999:7:::\n"
    "rocommunity HUSHro default\n"
    "snmp-server community HUSHcomm RO\n"
    "snmp-server readonly-community HUSHnvue access any\n"
    "com2sec readonly default HUSHcom2\n"
    "createUser admin SHA \"HUSHsnmp1\" AES \"HUSHsnmp2\"\n"
    " neighbor 10.0.0.1 password HUSHbgp\n"
    "enable secret 5 HUSHenable\n"
    "username joe password 7 HUSHuser\n"
    "tacacs-server host 10.0.0.9 key HUSHtac\n"
    "secret=HUSHtacplus\n"
    "{\"password\": \"HUSHjson\", \"api_key\": \"HUSHapi\", \"hashed-password\": \"HUSHhash\"}\n"
    "pre-shared-key: HUSHpsk\n"
    "https://joe:HUSHurl@example.net/x\n"
    "Authorization: Basic HUSHbasic==\n"
    "joe@example.net|HUSHlicenceHUSHlicence\n"
    "-----BEGIN OPENSSH PRIVATE KEY-----\nHUSHkeyHUSH\nHUSHkeyHUSH\n-----END OPENSSH PRIVATE KEY-----\n"
    "set community 65000:100 additive\nsudo: a password is required\n";

static int put(struct store *s, const char *job, struct record *r, struct err *e)
{
	struct record *list[] = {r};
	int rc = store_append(s, job, 0, list, 1, e);
	record_free(r);
	return rc;
}

static struct record *state(const char *device, const char *name, const char *reason)
{
	struct record *r = record_new(device ? RECORD_TASK : RECORD_STATE, device, NULL);
	return record_text(record_text(r, "state", name), "reason", reason);
}

static struct record *step(const char *device, const char *result, const char *output)
{
	struct record *r = record_new(result ? RECORD_OUTCOME : RECORD_INTENT, device, "backup-files");
	record_text(r, "pass", "upgrade");
	record_number(r, "attempt", 1);
	record_text(r, "title", "Save " SCRIPT);
	record_text(r, "phase", "Backup" ONLOAD);
	record_text(r, "command", "cat " ONLOAD);
	record_text(r, "result", result);
	record_text(r, "output", output);
	record_number(r, "exit", 1);
	record_text(r, "message", "it said " TRICKS SCRIPT " password=HUSHmessage");
	return record_text(r, "cause", "because " ONLOAD);
}

static struct record *command(const char *verb)
{
	struct record *r = record_new(RECORD_COMMAND, NULL, NULL);
	record_text(r, "verb", verb);
	record_text(r, "who", "anna " SCRIPT);
	return record_text(r, "login", "pts/3 from 192.0.2.7" ONLOAD);
}

static struct record *facts(const char *device)
{
	cJSON *values = cJSON_CreateObject();
	cJSON_AddStringToObject(values, "serial", "S1" SCRIPT);
	cJSON_AddStringToObject(values, "model", "M1" ONLOAD);
	return record_json(record_new(RECORD_FACTS, device, NULL), "values", values);
}

static struct record *check(const char *device)
{
	struct record *r = record_new(RECORD_CHECK, device, NULL);
	record_text(r, "check", "reachable");
	record_text(r, "title", "Check " SCRIPT);
	record_text(r, "status", "failed");
	record_text(r, "severity", "warning");
	record_text(r, "message", "Check " ONLOAD TRICKS);
	return record_text(r, "output", secrets);
}

static char *make(struct store *s, struct err *e)
{
	struct procedure *p = procedures_for(NULL, e);
	struct job *j = job_new();
	char *id = NULL;
	bool again = false;
	j->name = xstrdup("hostile");
	j->version = xstrdup("4.2.0");
	j->operator = xstrdup("anna");
	j->inventory = inventory_new();
	struct device *d = VEC_ADD(&j->inventory->devices);
	*d = (struct device){.name = xstrdup("leaf01"),
			     .address = xstrdup("192.0.2.1"),
			     .port = 22,
			     .platform = xstrdup(p ? p->platforms[0] : ""),
			     .role = xstrdup("leaf"),
			     .credential = xstrdup("default")};
	VEC_PUSH(&j->devices, 0);
	if (p && create_check(j, p, e) == 0)
		(void)create_job(s, j, p, NULL, &id, &again, e);
	job_free(j);
	procedure_free(p);
	return id;
}

static int fill(struct store *s, const char *id, struct err *e)
{
	char *output = xasprintf("%s\n%s\n%s\n%s", SCRIPT, ONLOAD, TRICKS, secrets);
	struct record *list[] = {
	    facts("leaf01"),
	    check("leaf01"),
	    command("start"),
	    state(NULL, "running", NULL),
	    state("leaf01", "running", NULL),
	    step("leaf01", NULL, NULL),
	    step("leaf01", "failed", output),
	    state("leaf01", "failed", "it failed " SCRIPT),
	    state(NULL, "held", TRICKS),
	};
	int rc = 0;
	for (size_t i = 0; i < LEN(list); i++) {
		if (rc == 0)
			rc = put(s, id, list[i], e);
		else
			record_free(list[i]);
	}
	free(output);
	return rc;
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct store *s = argc == 2 ? store_open(argv[1], clock_real(), &e) : NULL;
	char *id = s ? make(s, &e) : NULL;
	int rc = id ? fill(s, id, &e) : -1;
	if (rc != 0)
		fprintf(stderr, "hostile: %s\n", argc == 2 ? e.text : "which directory?");
	free(id);
	store_close(s);
	return rc == 0 ? 0 : 1;
}
