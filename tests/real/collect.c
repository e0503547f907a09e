/* SPDX-License-Identifier: ISC */
/*
 * collect PROCEDURE: run the commands of the procedure's facts and collectors here, as they stand
 * there, and print what the judges and collectors make of the answers, a line each:
 *     fact asn=65001
 *     row BGP vrf=default family=ipv4Unicast session=10.0.0.2 asn=65002 ...
 *     read BGP 1            (rows)        unreadable BGP        left-out MLAG
 */
#include "config.h"

#include "base/str.h"
#include "model/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static void run(const char *command, struct str *out, struct answer *a)
{
	char buffer[4096];
	size_t n;
	FILE *f = popen(command, "r");
	if (!f)
		abort();
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		str_add(out, buffer, n);
	int status = pclose(f);
	*a = (struct answer){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
			     .out = str_text(out),
			     .out_len = out->len,
			     .err = ""};
}

static void facts(const struct procedure *p, struct values *known)
{
	for (size_t i = 0; i < p->n_facts; i++) {
		const struct fact *f = &p->facts[i];
		struct str out = {0};
		struct answer a;
		struct values found = {0};
		struct scope scope = {.layers = {known}};
		run(f->command, &out, &a);
		const char *text = NULL;
		if (judge_ask(f->read, &a, &scope, &found, NULL) == VERDICT_YES)
			text = values_get(&found, f->capture);
		values_set(known, f->name, text ? text : f->otherwise ? f->otherwise : "");
		printf("fact %s=%s\n", f->name, values_get(known, f->name));
		values_release(&found);
		str_release(&out);
	}
}

static void rows(const struct collector *c, const cJSON *list)
{
	const cJSON *row, *field;
	cJSON_ArrayForEach(row, list)
	{
		printf("row %s", c->element);
		cJSON_ArrayForEach(field, row)
		    printf(" %s=%s", field->string, cJSON_GetStringValue(field));
		putchar('\n');
	}
	printf("read %s %d\n", c->element, cJSON_GetArraySize(list));
}

static void collect(const struct collector *c, const struct values *known)
{
	struct answer none = {.status = -1, .out = "", .err = ""}, a;
	struct scope scope = {.layers = {known}};
	struct str out = {0};
	if (c->when && judge_ask(c->when, &none, &scope, NULL, NULL) != VERDICT_YES) {
		printf("left-out %s\n", c->element);
		return;
	}
	run(c->command, &out, &a);
	cJSON *list = snapshot_rows(c, &a);
	if (list)
		rows(c, list);
	else
		printf("unreadable %s\n", c->element);
	cJSON_Delete(list);
	str_release(&out);
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct values known = {0};
	struct procedure *p = procedure_load(argc > 1 ? argv[1] : "", &e);
	if (!p) {
		fprintf(stderr, "collect: %s\n", e.text);
		return 2;
	}
	procedure_defaults(p, &known);
	facts(p, &known);
	for (size_t i = 0; i < p->n_collectors; i++)
		collect(&p->collectors[i], &known);
	values_release(&known);
	procedure_free(p);
	return 0;
}
