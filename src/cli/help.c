/* SPDX-License-Identifier: ISC */
/* --help, made from the verb table. */
#include "config.h"

#include "cli/cli.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define COLUMN 26

static void put_row(FILE *to, const char *left, const char *right)
{
	int pad = COLUMN - utf8_width(left);
	if (pad > 0)
		fprintf(to, "  %s%*s%s\n", left, pad, "", right);
	else
		fprintf(to, "  %s\n  %*s%s\n", left, COLUMN, "", right);
}

void help_all(FILE *to)
{
	const struct verb *v;
	fputs(_("usage: hitless [--state DIR] [--json] VERB ...\n\n"
		"Upgrades a network of switches in stages over SSH, without a hit to the traffic.\n"
		"'hitless VERB --help' tells more; 'hitless demo' shows it all on simulated "
		"switches.\n\n"),
	      to);
	for (size_t i = 0; (v = verb_at(i)); i++)
		put_row(to, v->name, _(v->summary));
	fputs(_("\nExit status: 0 done; 1 finished with failures; 2 usage or bad input; 3 refused "
		"by\n"
		"pre-checks; 4 held, waiting for the operator; 5 could not reach or log in; 6 "
		"locked\n"
		"by another job; 130 interrupted (the job goes on).\n"),
	      to);
}

void help_group(FILE *to, const char *word)
{
	const struct verb *v;
	size_t n = strlen(word);
	for (size_t i = 0; (v = verb_at(i)); i++)
		if (strncmp(v->name, word, n) == 0 && v->name[n] == ' ')
			put_row(to, v->name, _(v->summary));
}

static void put_options(FILE *to, const struct option *list)
{
	for (; list && list->name; list++) {
		char *left = xasprintf("%s%s%s", list->name, list->arg ? " " : "",
				       list->arg ? list->arg : "");
		put_row(to, left, _(list->help));
		free(left);
	}
}

void help_verb(FILE *to, const struct verb *v)
{
	fprintf(to, _("usage: hitless %s%s%s%s\n\n%s.\n\n"), v->name,
		v->options ? _(" [OPTION]...") : "", *v->arguments ? " " : "", v->arguments,
		_(v->summary));
	put_options(to, v->options);
	put_options(to, common_options);
	if (v->more)
		fprintf(to, "\n%s\n", _(v->more));
}
