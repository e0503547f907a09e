/* SPDX-License-Identifier: ISC */
/* From the words of the command line to a verb. */
#include "config.h"

#include "cli/home.h"

#include <stdlib.h>
#include <string.h>

static int no_verb(struct cli *c, const char *word, const char *second)
{
	char *near = verb_near(word, second);
	int rc;
	if (verb_is_group(word) && !second) {
		help_group(stderr, word);
		rc = cli_bad(c, "%s needs one more word", word);
	} else if (near) {
		bool group = verb_is_group(word);
		char *given = second ? xasprintf("%s %s", word, second) : xstrdup(word);
		char *meant = group ? xasprintf("%s %s", word, near) : xstrdup(near);
		rc = cli_bad(c, "there is no verb \"%s\"; did you mean \"%s\"?", given, meant);
		free(given);
		free(meant);
	} else {
		rc = cli_bad(c, "there is no verb \"%s\"; 'hitless --help' lists them all", word);
	}
	free(near);
	return rc;
}

static int check_words(struct cli *c)
{
	const struct verb *v = c->verb;
	if (c->n_args < v->least)
		return err_set(&c->e, ERR_INPUT, "usage: hitless %s %s", v->name, v->arguments);
	if (v->most >= 0 && c->n_args > v->most)
		return err_set(&c->e, ERR_INPUT,
			       "\"%s\" is one word too many: usage: hitless %s %s",
			       c->args[v->most], v->name, v->arguments);
	return 0;
}

static int run_verb(struct cli *c, int argc, char **argv)
{
	if (c->verb->raw) {
		for (int i = 0; i < argc; i++)
			c->args[c->n_args++] = argv[i];
		return c->verb->run(c);
	}
	if (options_parse(c, argc, argv) != 0)
		return cli_fail(c);
	if (cli_flag(c, "--help")) {
		help_verb(stdout, c->verb);
		return EXIT_DONE;
	}
	return check_words(c) == 0 ? c->verb->run(c) : cli_fail(c);
}

/* Options before the verb; *at ends at it. 0, 1: it was --help or --version, -1: c->e. */
static int leading_options(struct cli *c, int argc, char **argv, int *at)
{
	int end = *at;
	while (end < argc && argv[end][0] == '-') {
		if (strcmp(argv[end], "--version") == 0) {
			puts(PACKAGE_STRING);
			return 1;
		}
		end += strcmp(argv[end], "--state") == 0 && end + 1 < argc ? 2 : 1;
	}
	if (options_parse(c, end - *at, argv + *at) != 0)
		return -1;
	*at = end;
	if (cli_flag(c, "--help") && end == argc) {
		help_all(stdout);
		return 1;
	}
	return 0;
}

static int dispatch_words(struct cli *c, int argc, char **argv)
{
	int at = 1, words;
	int early = leading_options(c, argc, argv, &at);
	if (early != 0)
		return early < 0 ? cli_fail(c) : EXIT_DONE;
	if (at == argc)
		return home(c);
	const char *first = argv[at];
	const char *second = at + 1 < argc && argv[at + 1][0] != '-' ? argv[at + 1] : NULL;
	c->verb = verb_find(first, second, &words);
	if (c->verb)
		return run_verb(c, argc - at - words, argv + at + words);
	if (!second && verb_is_group(first) && at + 1 < argc &&
	    strcmp(argv[at + 1], "--help") == 0) {
		help_group(stdout, first);
		return EXIT_DONE;
	}
	return no_verb(c, first, second);
}

int dispatch(struct cli *c, int argc, char **argv)
{
	c->args = xcalloc((size_t)argc + 1, sizeof(*c->args));
	int rc = dispatch_words(c, argc, argv);
	if (flush_output(c) != 0 && rc == EXIT_DONE)
		rc = cli_fail(c);
	cli_close(c);
	VEC_RELEASE(&c->given);
	free(c->args);
	return rc;
}

int dispatch_again(struct cli *c, const char *state, char *const *words)
{
	struct cli sub = {.in_tty = c->in_tty,
			  .out_tty = c->out_tty,
			  .screens = c->screens,
			  .terminal = c->terminal};
	VEC(char *) argv = {0};
	if (!state)
		state = c->state_option;
	VEC_PUSH(&argv, (char *)"hitless");
	if (state) {
		VEC_PUSH(&argv, (char *)"--state");
		VEC_PUSH(&argv, (char *)state);
	}
	if (c->json)
		VEC_PUSH(&argv, (char *)"--json");
	for (; *words; words++)
		VEC_PUSH(&argv, *words);
	VEC_PUSH(&argv, NULL);
	int rc = dispatch(&sub, (int)argv.n - 1, argv.v);
	VEC_RELEASE(&argv);
	return rc;
}
