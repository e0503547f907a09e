/* SPDX-License-Identifier: ISC */
/* Words of the command line against the options of a verb. */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct option common_options[] = {
    {"--state", "DIR", N_("keep all state in this directory"), false},
    {"--json", NULL, N_("print JSON"), false},
    {"--help", NULL, N_("show this help"), false},
    {0},
};

static const struct option *find_in(const struct option *list, const char *name, size_t n)
{
	for (; list && list->name; list++)
		if (strlen(list->name) == n && strncmp(list->name, name, n) == 0)
			return list;
	return NULL;
}

static const struct option *find(const struct cli *c, const char *name, size_t n)
{
	const struct option *o = find_in(c->verb ? c->verb->options : NULL, name, n);
	return o ? o : find_in(common_options, name, n);
}

static int unknown_option(struct cli *c, const char *word)
{
	VEC(const char *) names = {0};
	for (const struct option *o = c->verb ? c->verb->options : NULL; o && o->name; o++)
		VEC_PUSH(&names, o->name);
	for (const struct option *o = common_options; o->name; o++)
		VEC_PUSH(&names, o->name);
	VEC_PUSH(&names, NULL);
	char *plain = xstrndup(word, strcspn(word, "="));
	char *verb = c->verb ? xasprintf("%s ", c->verb->name) : xstrdup("");
	const char *near = json_nearest(plain, names.v);
	if (near)
		err_set(&c->e, ERR_INPUT, "unknown option %s; did you mean %s?", plain, near);
	else
		err_set(&c->e, ERR_INPUT, "unknown option %s; 'hitless %s--help' lists them all",
			plain, verb);
	free(verb);
	free(plain);
	VEC_RELEASE(&names);
	return -1;
}

static int add(struct cli *c, const struct option *o, const char *value)
{
	if (!o->many && cli_option(c, o->name))
		return err_set(&c->e, ERR_INPUT, "option %s is given twice", o->name);
	if (strcmp(o->name, "--state") == 0 && !*value) /* mostly "$DIR" that nobody has set */
		return err_set(&c->e, ERR_INPUT, "option --state: expected a directory, not nothing");
	VEC_PUSH(&c->given, ((struct given){.option = o, .value = value}));
	if (strcmp(o->name, "--state") == 0)
		c->state_option = value;
	else if (strcmp(o->name, "--json") == 0)
		c->json = true;
	return 0;
}

/* An option where a value is expected: the value was forgotten. --name=--json says that it is meant. */
static bool is_option(const struct cli *c, const char *word)
{
	return strncmp(word, "--", 2) == 0 && find(c, word, strcspn(word, "=")) != NULL;
}

/* One option at argv[*i]; *i ends at its last word. */
static int take_option(struct cli *c, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	const struct option *o = strcmp(word, "-h") == 0 ? find(c, "--help", 6) : find(c, word, n);
	if (!o)
		return unknown_option(c, word);
	if (!o->arg && equals)
		return err_set(&c->e, ERR_INPUT, "option %s takes no value", o->name);
	if (!o->arg)
		return add(c, o, "");
	if (equals)
		return add(c, o, equals + 1);
	if (*i + 1 >= argc || is_option(c, argv[*i + 1]))
		return err_set(&c->e, ERR_INPUT, "option %s needs a value: %s", o->name, o->arg);
	++*i;
	if (str_ends(o->arg, "...")) { /* the rest are words of that option */
		int rc = add(c, o, argv[*i]);
		while (rc == 0 && *i + 1 < argc)
			VEC_PUSH(&c->given, ((struct given){.option = o, .value = argv[++*i]}));
		return rc;
	}
	return add(c, o, argv[*i]);
}

int options_parse(struct cli *c, int argc, char **argv)
{
	bool only_words = false;
	for (int i = 0; i < argc; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (only_words || argv[i][0] != '-' || !argv[i][1])
			c->args[c->n_args++] = argv[i];
		else if (take_option(c, argc, argv, &i) != 0)
			return -1;
	}
	return 0;
}

const char *cli_option(const struct cli *c, const char *name)
{
	for (size_t i = c->given.n; i-- > 0;)
		if (strcmp(c->given.v[i].option->name, name) == 0)
			return c->given.v[i].value;
	return NULL;
}

bool cli_flag(const struct cli *c, const char *name)
{
	return cli_option(c, name) != NULL;
}

const char *cli_next(const struct cli *c, const char *name, size_t *at)
{
	while (*at < c->given.n) {
		const struct given *g = &c->given.v[(*at)++];
		if (strcmp(g->option->name, name) == 0)
			return g->value;
	}
	return NULL;
}

int cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const char *text = cli_option(c, name);
	char *end;
	if (!text)
		return 0;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (!*text || *end || errno || n < least || n > most)
		return err_set(&c->e, ERR_INPUT,
			       "%s: expected a number from %lld to %lld, not \"%s\"", name,
			       (long long)least, (long long)most, text);
	*out = n;
	return 0;
}
