/* SPDX-License-Identifier: ISC */
/* The completion for bash, made from the verb table. Nothing that a device or a file says is ever
 * put into it, but for names of jobs, which the program prints one a line when asked. */
#include "config.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static void put_options(const struct option *list)
{
	for (; list && list->name; list++)
		printf(" %s", list->name);
}

/* Second words: "inventory" -> "list import check set". */
static void put_groups(void)
{
	const struct verb *v, *k;
	for (size_t i = 0; (v = verb_at(i)); i++) {
		size_t n = strcspn(v->name, " ");
		const struct verb *before = i ? verb_at(i - 1) : NULL;
		if (!v->name[n] || (before && strncmp(before->name, v->name, n + 1) == 0))
			continue;
		printf("\t%.*s) words=\"", (int)n, v->name);
		for (size_t j = i; (k = verb_at(j)) && strncmp(k->name, v->name, n + 1) == 0; j++)
			printf("%s%s", j == i ? "" : " ", k->name + n + 1);
		printf("\" ;;\n");
	}
}

static void put_first_words(void)
{
	const struct verb *v;
	for (size_t i = 0; (v = verb_at(i)); i++) {
		size_t n = strcspn(v->name, " ");
		const struct verb *before = i ? verb_at(i - 1) : NULL;
		if (before && strncmp(before->name, v->name, n) == 0 &&
		    strcspn(before->name, " ") == n)
			continue;
		printf("%s%.*s", i ? " " : "", (int)n, v->name);
	}
}

static void put_verb_options(void)
{
	const struct verb *v;
	for (size_t i = 0; (v = verb_at(i)); i++) {
		printf("\t\"%s\") options=\"", v->name);
		put_options(v->options);
		printf(" --help --json\" ;;\n");
	}
}

/* Verbs whose first word is a job, as a pattern: "show|attach". */
static void put_job_verbs(void)
{
	const struct verb *v;
	const char *between = "";
	for (size_t i = 0; (v = verb_at(i)); i++)
		if (str_starts(v->arguments, "JOB") && !strchr(v->name, ' ')) {
			printf("%s%s", between, v->name);
			between = "|";
		}
}

/* Names may hold anything that can be printed: they are never expanded, and quoted by printf. */
static void put_job_names(void)
{
	printf("\tcase $verb in\n\t");
	put_job_verbs();
	printf(")\n"
	       "\t\tif [ -z \"$group\" ] && [[ $cur != -* ]]; then\n"
	       "\t\t\twhile IFS= read -r i; do\n"
	       "\t\t\t\tprintf -v words %%q \"$i\"\n"
	       "\t\t\t\tif [[ $words == \"$cur\"* ]]; then COMPREPLY+=(\"$words\")\n"
	       "\t\t\t\telif [[ $i == \"${cur#[\\'\\\"]}\"* ]]; then "
	       "COMPREPLY+=(\"$words\"); fi\n"
	       "\t\t\tdone < <(\"${COMP_WORDS[0]}\" \"${state[@]}\" jobs --names 2>/dev/null)\n"
	       "\t\t\treturn\n\t\tfi ;;\n\tesac\n");
}

static int completion(struct cli *c)
{
	if (strcmp(c->args[0], "bash") != 0)
		return cli_bad(c, "there is completion for bash only, not for \"%s\"", c->args[0]);
	printf("# bash completion for hitless; made by 'hitless completion bash'\n"
	       "_hitless()\n{\n\tlocal cur prev words verb group options i state\n"
	       "\tcur=${COMP_WORDS[COMP_CWORD]}\n\tprev=${COMP_WORDS[COMP_CWORD-1]}\n\tverb=\n"
	       "\tCOMPREPLY=()\n\tstate=()\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n\t\t--state)\n"
	       "\t\t\t[ \"${COMP_WORDS[i+1]}\" != = ] || ((i++))\n"
	       "\t\t\t((i++))\n"
	       "\t\t\tstate=(--state \"${COMP_WORDS[i]/#\\~/$HOME}\") ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*) if [ -z \"$verb\" ]; then verb=${COMP_WORDS[i]}\n"
	       "\t\t   else group=\"$verb ${COMP_WORDS[i]}\"; break; fi ;;\n\t\tesac\n\tdone\n"
	       "\tcase $prev in\n"
	       "\t--state|--plan|--plan-out|--key|--dir|import|add|check) compopt -o default ;;\n"
	       "\tesac\n\twords=\"");
	put_first_words();
	printf("\"\n\tif [ -n \"$verb\" ]; then\n\t\twords=\n\tcase $verb in\n");
	put_groups();
	printf("\tesac\n\tfi\n\toptions=\"--state --json --help\"\n"
	       "\tcase $group in\n");
	put_verb_options();
	printf("\t*) case $verb in\n");
	put_verb_options();
	printf("\tesac ;;\n\tesac\n");
	put_job_names();
	printf("\tcase $cur in\n"
	       "\t-*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\") ;;\n"
	       "\t*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
	       "\tesac\n}\ncomplete -F _hitless hitless\n");
	return EXIT_DONE;
}

const struct verb verbs_completion[] = {
    {"completion", "bash", N_("print the completion for bash"), NULL, 1, 1, .run = completion},
    {0},
};
