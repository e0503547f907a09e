/* SPDX-License-Identifier: ISC */
/*
 * `lcm`: a phrase is a row: the words it begins with, the words that may follow (with "=" those
 * that take a value), and what it means here. Most phrases become one of our own verbs.
 */
#include "config.h"

#include "cli/lcm.h"

#include "cli/home.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

/* --- phrases that become verbs ---------------------------------------------------------------- */

struct argv {
	VEC(char *) list;
};

static void word(struct argv *a, const char *text)
{
	VEC_PUSH(&a->list, xstrdup(text));
}

static void pair(struct argv *a, const char *option, const char *value)
{
	if (!value)
		return;
	word(a, option);
	word(a, value);
}

static int dispatch_argv(struct cli *c, struct argv *a)
{
	VEC_PUSH(&a->list, NULL);
	int rc = dispatch_again(c, NULL, a->list.v);
	strings_free(a->list.v);
	return rc;
}

static const char *given(const struct lcm_words *w, const char *name)
{
	return values_get(&w->given, name);
}

static const char *yes_no(const char *text)
{
	return text ? "yes" : "no";
}

/* A failure ends the job after its batch; snapshots and the way back only when they are asked for.
 */
static int upgrade(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	const char *name = given(w, "name");
	const char *hosts = given(w, "hosts");
	if (!name || !hosts || !given(w, "version"))
		return cli_bad(c,
			       "usage: hitless lcm upgrade name JOB cl-version V hostnames H1,H2");
	if (given(w, "licence"))
		remark(c, _("The licence that is given is not looked at: the one on each device is kept "
			    "and put back."));
	word(&a, "upgrade");
	pair(&a, "--name", name);
	pair(&a, "--to", given(w, "version"));
	pair(&a, "--hosts", hosts);
	pair(&a, "--order", given(w, "order"));
	pair(&a, "--image", given(w, "image"));
	pair(&a, "--on-failure", "stop");
	char *agent = given(w, "agent") ? xasprintf("agent-version=%s", given(w, "agent")) : NULL;
	char *snap = xasprintf("snapshots=%s", yes_no(given(w, "snapshots")));
	char *back = xasprintf("rollback=%s", yes_no(given(w, "rollback")));
	pair(&a, "--set", snap);
	pair(&a, "--set", back);
	pair(&a, "--set", agent);
	free(agent), free(snap), free(back);
	if (given(w, "--password-stdin"))
		word(&a, "--password-stdin");
	if (given(w, "--yes"))
		word(&a, "--yes");
	return dispatch_argv(c, &a);
}

static int image_verb(struct cli *c, const char *verb, const char *what)
{
	struct argv a = {{0}};
	word(&a, "image");
	word(&a, verb);
	word(&a, what);
	return dispatch_argv(c, &a);
}

static int add_image(struct cli *c, struct lcm_words *w)
{
	return w->rest ? image_verb(c, "add", w->rest) : cli_bad(c, "name the file");
}

static int del_image(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	const char *id = w->rest && str_starts(w->rest, "cl_") ? w->rest + 3 : w->rest;
	if (!id)
		return cli_bad(c, "name the image");
	word(&a, "image");
	word(&a, "del");
	word(&a, id);
	if (given(w, "--yes"))
		word(&a, "--yes");
	return dispatch_argv(c, &a);
}

static int add_default(struct cli *c, struct lcm_words *w)
{
	return w->rest ? image_verb(c, "default", w->rest) : cli_bad(c, "name the version");
}

static int show_default(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	(void)w;
	word(&a, "image");
	word(&a, "default");
	return dispatch_argv(c, &a);
}

static int add_role(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	if (!w->rest || !given(w, "switches"))
		return cli_bad(c, "usage: hitless lcm add role ROLE switches S1,S2");
	word(&a, "inventory");
	word(&a, "set");
	word(&a, given(w, "switches"));
	word(&a, "role");
	word(&a, w->rest);
	return dispatch_argv(c, &a);
}

static int add_credentials(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	const char *profile = given(w, "profile");
	if (given(w, "password"))
		return cli_bad(c,
			       "a password on the command line can be read by everybody: leave it "
			       "away, it is asked for or read from --password-stdin");
	if (!given(w, "user"))
		return cli_bad(c,
			       "usage: hitless lcm add credentials username USER [ssh-key FILE]");
	word(&a, "credential");
	word(&a, "add");
	word(&a, profile ? profile : "default");
	pair(&a, "--user", given(w, "user"));
	if (given(w, "key"))
		pair(&a, "--key", given(w, "key"));
	else
		word(&a, "--password");
	return dispatch_argv(c, &a);
}

/* One after the other; the first that cannot be deleted ends it. */
static int del_credentials(struct cli *c, struct lcm_words *w)
{
	const char *profiles = given(w, "profiles");
	int rc = EXIT_DONE;
	if (profiles && w->rest)
		return cli_bad(c, "name the credential once");
	if (!profiles)
		profiles = w->rest ? w->rest : "default";
	char **names = str_split(profiles, ",", NULL);
	if (!names[0])
		rc = cli_bad(c, "name the credential");
	for (size_t i = 0; names[i] && rc == EXIT_DONE; i++) {
		struct argv a = {{0}};
		word(&a, "credential");
		word(&a, "del");
		word(&a, names[i]);
		if (given(w, "--yes"))
			word(&a, "--yes");
		rc = dispatch_argv(c, &a);
	}
	free(names);
	return rc;
}

static int set_credential(struct cli *c, const char *hosts, const char *name)
{
	struct argv a = {{0}};
	word(&a, "inventory");
	word(&a, "set");
	word(&a, hosts);
	word(&a, "credential");
	word(&a, name);
	return dispatch_argv(c, &a);
}

static int attach(struct cli *c, struct lcm_words *w)
{
	if (!given(w, "profile") || !given(w, "hosts"))
		return cli_bad(
		    c, "usage: hitless lcm attach credentials profile_id NAME hostnames H1,H2");
	return set_credential(c, given(w, "hosts"), given(w, "profile"));
}

static int detach(struct cli *c, struct lcm_words *w)
{
	if (!given(w, "hosts"))
		return cli_bad(c, "usage: hitless lcm detach credentials hostname H1");
	return set_credential(c, given(w, "hosts"), "-");
}

/* It only looks, as there: what is found is added when our own verb is told so. */
static int discover(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	if (!given(w, "range"))
		return cli_bad(c, "usage: hitless lcm discover ip-range RANGE|csv-file FILE "
				  "[profile_id NAME]");
	word(&a, "inventory");
	word(&a, "discover");
	word(&a, given(w, "range"));
	pair(&a, "--credential", given(w, "profile"));
	if (given(w, "--password-stdin"))
		word(&a, "--password-stdin");
	return dispatch_argv(c, &a);
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct phrase {
	const char *words; /* what it begins with; "a|b": either */
	const char *more;  /* what may follow */
	int (*run)(struct cli *c, struct lcm_words *w);
} phrases[] = {
#define PHRASE(words, more, run) {words, more, run},
#include "cli/lcm.def"
};

static const struct {
	const char *words, *instead;
} elsewhere[] = {
#define ELSEWHERE(words, instead) {words, instead},
#include "cli/lcm.def"
};

/* Is word one of "a|b|c"? */
static bool is_one_of(const char *list, size_t n, const char *word_given)
{
	size_t length = strlen(word_given);
	for (size_t at = 0; at < n;) {
		size_t end = at;
		while (end < n && list[end] != '|')
			end++;
		if (end - at == length && strncmp(list + at, word_given, length) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

/* How many words of the command line this phrase begins with; 0: it does not. */
static int matches(const char *words, const struct cli *c)
{
	const char *at = words;
	int i = 0;
	while (*at) {
		size_t n = strcspn(at, " ");
		if (i >= c->n_args || !is_one_of(at, n, c->args[i]))
			return 0;
		i++;
		at += n + (at[n] == ' ');
	}
	return i;
}

/* Our options that may stand among the words. */
static const char *const own_words[] = {"--yes", "--password-stdin", NULL};

/* What the words say about this one: '=' takes a value, ':' does not, 0: unknown. *key is new. */
static char find_word(const char *more, const char *word_given, char **key)
{
	size_t length = strlen(word_given);
	*key = NULL;
	for (const char *const *own = own_words; *own; own++)
		if (strcmp(*own, word_given) == 0) {
			*key = xstrdup(*own);
			return ':';
		}
	for (const char *at = more; *at;) {
		size_t n = strcspn(at, " "), name = strcspn(at, "=: ");
		if (name == length && name < n && strncmp(at, word_given, length) == 0) {
			*key = xstrndup(at + name + 1, n - name - 1);
			return at[name];
		}
		at += n + (at[n] == ' ');
	}
	return 0;
}

static int unknown_word(struct cli *c, const char *more, const char *word_given)
{
	char **list = str_split(more, " =:", NULL);
	const char *near = json_nearest(word_given, (const char *const *)list);
	err_set(&c->e, ERR_INPUT, "unknown word \"%s\"%-s", word_given,
		json_hint(near, (char[JSON_HINT]){0}));
	free(list);
	return -1;
}

/* The word at *i, and its value if it takes one. */
static int read_word(struct cli *c, const struct phrase *p, int *i, struct lcm_words *w)
{
	const char *at = c->args[*i];
	char *key, kind = find_word(p->more, at, &key);
	int rc = 0;
	if (strcmp(at, "--json") == 0 || (kind && strcmp(key, "json") == 0))
		c->json = true;
	else if (kind == '=' && *i + 1 >= c->n_args)
		rc = err_set(&c->e, ERR_INPUT, "\"%s\" needs a value", at);
	else if (kind)
		values_set(&w->given, key, kind == '=' ? c->args[++*i] : "yes");
	else if (*p->more == '*' && !w->rest)
		w->rest = at;
	else
		rc = unknown_word(c, p->more, at);
	free(key);
	return rc;
}

static int read_words(struct cli *c, const struct phrase *p, int from, struct lcm_words *w)
{
	for (int i = from; i < c->n_args; i++)
		if (read_word(c, p, &i, w) != 0)
			return -1;
	return 0;
}

/* The words without what our code calls them. */
static void put_words(FILE *to, const char *more)
{
	while (*more) {
		size_t n = strcspn(more, " "), name = strcspn(more, "=: ");
		fprintf(to, " %.*s%s", (int)name, more, more[name] == '=' ? "=" : "");
		more += n + (more[n] == ' ');
	}
}

static int usage(struct cli *c, FILE *to, int rc)
{
	(void)c;
	fputs(_("usage: hitless lcm PHRASE, where PHRASE is one of\n"), to);
	for (size_t i = 0; i < LEN(phrases); i++) {
		fprintf(to, "  %s", phrases[i].words);
		put_words(to, phrases[i].more);
		fputc('\n', to);
	}
	fputs(_("Words with = take the next word as their value; * is one word.\n"), to);
	fputs(_("upgrade asks before it starts, as 'hitless upgrade' does: --yes is the answer, and "
		"needed\nwhere there is no terminal.\n"),
	      to);
	return rc;
}

static int lcm(struct cli *c)
{
	struct lcm_words w = {.rest = NULL};
	if (c->n_args == 0 || strcmp(c->args[0], "--help") == 0)
		return usage(c, c->n_args ? stdout : stderr, c->n_args ? EXIT_DONE : EXIT_USAGE);
	for (size_t i = 0; i < LEN(elsewhere); i++)
		if (matches(elsewhere[i].words, c))
			return cli_bad(c, "not a phrase of ours: %-s", elsewhere[i].instead);
	for (size_t i = 0; i < LEN(phrases); i++) {
		int n = matches(phrases[i].words, c);
		if (!n)
			continue;
		int rc =
		    read_words(c, &phrases[i], n, &w) == 0 ? phrases[i].run(c, &w) : cli_fail(c);
		values_release(&w.given);
		return rc;
	}
	char *given =
	    c->n_args > 1 ? xasprintf("%s %s", c->args[0], c->args[1]) : xstrdup(c->args[0]);
	int rc =
	    cli_bad(c,
		    "there is no phrase that begins with \"%s\"; 'hitless lcm --help' lists them "
		    "all",
		    given);
	free(given);
	return rc;
}

const struct verb verbs_lcm[] = {
    {"lcm", "PHRASE", N_("spellings of another tool's command line"), NULL, 0, -1, .raw = true,
     .run = lcm},
    {0},
};
