/* SPDX-License-Identifier: ISC */
/*
 * `lcm`: a phrase is a row: the words it begins with, the words that may follow (with "=" those that
 * take a value), and what it means here. Most phrases become one of our own verbs.
 */
#include "config.h"

#include "cli/lcm.h"

#include "cli/home.h"
#include "cli/lcm_spellings.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

/* --- phrases that become verbs -------------------------------------------------------------------- */

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

/* The row of the pre-check table for names that nobody knows; the number of them. */
static int unknown_hosts(struct cli *c, const char *hosts)
{
	struct inventory *inv = cli_inventory(c);
	char **names = str_split(hosts, ",", NULL);
	int unknown = inv ? 0 : -1;
	for (size_t i = 0; inv && names[i]; i++) {
		if (inventory_find(inv, names[i]) != NO_DEVICE)
			continue;
		unknown++;
		char *message = xasprintf("Switch is not in inventory: %s", names[i]);
		if (c->json) {
			cJSON *o = json_object_new("check");
			json_put_text(o, "severity", "error");
			json_put_text(o, "message", message);
			put_json(o, false);
		}
		tell(c, _("ERROR     %s\n          -> Verify the name, or add it: hitless inventory "
		          "import FILE"), message);
		free(message);
	}
	free(names);
	inventory_free(inv);
	return unknown;
}

static const char *yes_no(const char *text)
{
	return text ? "yes" : "no";
}

/* A failure ends the job after its batch; snapshots and the way back only when they are asked for. */
static int upgrade(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	const char *name = given(w, "name") ? given(w, "name") : given(w, "job-name");
	const char *hosts = given(w, "hostnames");
	bool snapshots = given(w, "run-before-after") || given(w, "run-snapshot-before-after");
	if (!name || !hosts || !given(w, "cl-version"))
		return cli_bad(c, _("usage: hitless lcm upgrade name JOB cl-version V hostnames H1,H2"));
	int unknown = unknown_hosts(c, hosts);
	if (unknown)
		return unknown < 0 ? cli_fail(c) : EXIT_REFUSED;
	word(&a, "upgrade");
	pair(&a, "--name", name);
	pair(&a, "--to", given(w, "cl-version"));
	pair(&a, "--hosts", hosts);
	pair(&a, "--order", given(w, "order"));
	pair(&a, "--image", given(w, "image-id"));
	pair(&a, "--on-failure", "stop");
	char *agent = given(w, "agent-version")
	                  ? xasprintf("agent-version=%s", given(w, "agent-version"))
	                  : NULL;
	char *snap = xasprintf("snapshots=%s", snapshots ? "yes" : "no");
	char *back = xasprintf("rollback=%s", yes_no(given(w, "run-restore-on-failure")));
	pair(&a, "--set", snap);
	pair(&a, "--set", back);
	pair(&a, "--set", agent);
	free(agent), free(snap), free(back);
	if (given(w, "--password-stdin"))
		word(&a, "--password-stdin");
	if (given(w, "--yes") || !c->in_tty) /* the phrase itself is the order, as there */
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
	return w->rest ? image_verb(c, "add", w->rest) : cli_bad(c, _("name the file"));
}

static int del_image(struct cli *c, struct lcm_words *w)
{
	const char *id = w->rest && str_starts(w->rest, "cl_") ? w->rest + 3 : w->rest;
	return id ? image_verb(c, "del", id) : cli_bad(c, _("name the image"));
}

static int add_default(struct cli *c, struct lcm_words *w)
{
	return w->rest ? image_verb(c, "default", w->rest) : cli_bad(c, _("name the version"));
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
		return cli_bad(c, _("usage: hitless lcm add role ROLE switches S1,S2"));
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
	const char *profile = given(w, "profile_name");
	if (given(w, "password"))
		return cli_bad(c, _("a password on the command line can be read by everybody: leave it "
		                    "away, it is asked for or read from --password-stdin"));
	if (!given(w, "username"))
		return cli_bad(c, _("usage: hitless lcm add credentials username USER [ssh-key FILE]"));
	word(&a, "credential");
	word(&a, "add");
	word(&a, profile ? profile : "default");
	pair(&a, "--user", given(w, "username"));
	if (given(w, "ssh-key"))
		pair(&a, "--key", given(w, "ssh-key"));
	else
		word(&a, "--password");
	return dispatch_argv(c, &a);
}

static int del_credentials(struct cli *c, struct lcm_words *w)
{
	struct argv a = {{0}};
	word(&a, "credential");
	word(&a, "del");
	word(&a, w->rest ? w->rest : "default");
	return dispatch_argv(c, &a);
}

/* --- the table ------------------------------------------------------------------------------------ */

#define UPGRADE_WORDS                                                                              \
	"name= job-name= cl-version= agent-version= image-id= hostnames= order= run-before-after "  \
	"run-snapshot-before-after run-restore-on-failure license="

static const struct phrase {
	const char *words; /* what it begins with; "a|b": either */
	const char *more;  /* what may follow; "*": one word of any kind */
	int (*run)(struct cli *c, struct lcm_words *w);
} phrases[] = {
    {"upgrade cl-image", UPGRADE_WORDS, upgrade},
    {"upgrade", UPGRADE_WORDS, upgrade},
    {"show images|cl-images", "* json", lcm_show_images},
    {"show agent-images", "* json", lcm_show_packages},
    {"show upgrade-jobs cl-image", "json", lcm_show_jobs},
    {"show upgrade-jobs", "json", lcm_show_jobs},
    {"show status cl-image", "* json", lcm_show_status},
    {"show status", "* json", lcm_show_status},
    {"show switches", "cl-version= version= agent-version= json", lcm_show_switches},
    {"show credentials", "json", lcm_show_credentials},
    {"show default-version cl-images", "json", show_default},
    {"add image|cl-image|agent-image", "*", add_image},
    {"add default-version cl-images", "*", add_default},
    {"add role", "* switches=", add_role},
    {"add credentials", "profile_name= username= password= ssh-key=", add_credentials},
    {"del image|cl-image|agent-image", "*", del_image},
    {"del credentials", "*", del_credentials},
};

/* Another tool's word for one of ours (lcm.spellings); any other word is itself. */
static const char *spelled(const char *word_given)
{
	for (size_t i = 0; i < LEN(lcm_spellings); i++)
		if (strcmp(lcm_spellings[i][0], word_given) == 0)
			return lcm_spellings[i][1];
	return word_given;
}

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
static int matches(const struct phrase *p, const struct cli *c)
{
	const char *at = p->words;
	int i = 0;
	while (*at) {
		size_t n = strcspn(at, " ");
		if (i >= c->n_args || !is_one_of(at, n, spelled(c->args[i])))
			return 0;
		i++;
		at += n + (at[n] == ' ');
	}
	return i;
}

/* 2: takes a value, 1: known, 0: not. */
static int known_word(const char *more, const char *word_given)
{
	size_t length = strlen(word_given);
	if (!str_starts(word_given, "--yes") && !str_starts(word_given, "--password-stdin"))
		for (const char *at = more; *at;) {
			size_t n = strcspn(at, " ");
			bool value = at[n - 1] == '=';
			if (n - value == length && strncmp(at, word_given, length) == 0)
				return value ? 2 : 1;
			at += n + (at[n] == ' ');
		}
	else
		return 1;
	return 0;
}

static int unknown_word(struct cli *c, const char *more, const char *word_given)
{
	char **list = str_split(more, " =", NULL);
	const char *near = json_nearest(word_given, (const char *const *)list);
	err_set(&c->e, ERR_INPUT, _("unknown word \"%s\"%s%s%s"), word_given,
	        near ? _("; did you mean \"") : "", near ? near : "", near ? "\"?" : "");
	free(list);
	return -1;
}

static int read_words(struct cli *c, const struct phrase *p, int from, struct lcm_words *w)
{
	for (int i = from; i < c->n_args; i++) {
		const char *at = spelled(c->args[i]);
		int known = known_word(p->more, at);
		if (strcmp(at, "--json") == 0 || (known && strcmp(at, "json") == 0))
			c->json = true;
		else if (known == 2 && i + 1 >= c->n_args)
			return err_set(&c->e, ERR_INPUT, _("\"%s\" needs a value"), at);
		else if (known == 2)
			values_set(&w->given, at, c->args[++i]);
		else if (known)
			values_set(&w->given, at, "yes");
		else if (*p->more == '*' && !w->rest)
			w->rest = at;
		else
			return unknown_word(c, p->more, at);
	}
	return 0;
}

static int usage(struct cli *c, FILE *to, int rc)
{
	(void)c;
	fputs(_("usage: hitless lcm PHRASE, where PHRASE is one of\n"), to);
	for (size_t i = 0; i < LEN(phrases); i++)
		fprintf(to, "  %s %s\n", phrases[i].words, phrases[i].more);
	fputs(_("Words with = take the next word as their value; * is one word.\nAlso understood:"),
	      to);
	for (size_t i = 0; i < LEN(lcm_spellings); i++)
		fprintf(to, " %s (%s)", lcm_spellings[i][0], lcm_spellings[i][1]);
	fputc('\n', to);
	return rc;
}

static int lcm(struct cli *c)
{
	struct lcm_words w = {.rest = NULL};
	if (c->n_args == 0 || strcmp(c->args[0], "--help") == 0)
		return usage(c, c->n_args ? stdout : stderr, c->n_args ? EXIT_DONE : EXIT_USAGE);
	for (size_t i = 0; i < LEN(phrases); i++) {
		int n = matches(&phrases[i], c);
		if (!n)
			continue;
		int rc = read_words(c, &phrases[i], n, &w) == 0 ? phrases[i].run(c, &w) : cli_fail(c);
		values_release(&w.given);
		return rc;
	}
	(void)usage(c, stderr, EXIT_USAGE);
	return cli_bad(c, _("there is no such phrase"));
}

const struct verb verbs_lcm[] = {
    {"lcm", "PHRASE", N_("spellings of another tool's command line"), NULL, 0, -1, .raw = true,
     .run = lcm},
    {0},
};
