/* SPDX-License-Identifier: ISC */
/* Rules that give roles to many devices by their names. */
#include "config.h"

#include "cli/inventory.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static size_t matches(const struct inventory *inv, size_t rule)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		n += inventory_rule_matches(&inv->rules.v[rule], &inv->devices.v[i]);
	return n;
}

/* Devices that have their role from the rule. */
static size_t decided(const struct inventory *inv, size_t rule)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		n += inv->devices.v[i].role_by == ROLE_BY_RULE &&
		     inv->devices.v[i].role_rule == rule;
	return n;
}

static int list_json(const struct inventory *inv)
{
	cJSON *rows = cJSON_CreateArray();
	for (size_t i = 0; i < inv->rules.n; i++) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "match", inv->rules.v[i].match);
		json_put_text(o, "role", inv->rules.v[i].role);
		json_put_number(o, "matches", (int64_t)matches(inv, i));
		json_put_number(o, "decides", (int64_t)decided(inv, i));
		json_append(rows, o);
	}
	put_list(rows, "rules");
	return EXIT_DONE;
}

static int list(struct cli *c)
{
	static const char *const titles[] = {N_("RULE"), N_("MATCH"), N_("ROLE"), N_("MATCHES"),
					     N_("DECIDES")};
	struct inventory *inv = cli_inventory(c);
	struct table t;
	if (!inv)
		return cli_fail(c);
	if (c->json) {
		list_json(inv);
	} else {
		table_head(&t, LEN(titles), titles);
		for (size_t i = 0; i < inv->rules.n; i++) {
			table_cellf(&t, "%zu", i + 1);
			table_cell(&t, inv->rules.v[i].match);
			table_cell(&t, inv->rules.v[i].role);
			table_cellf(&t, "%zu", matches(inv, i));
			table_cellf(&t, "%zu", decided(inv, i));
		}
		table_print(&t, stdout);
	}
	inventory_free(inv);
	return EXIT_DONE;
}

static int change(struct cli *c, int (*run)(struct cli *c, struct inventory *inv), const char *type)
{
	struct inventory *before = cli_inventory(c);
	struct inventory *after = before ? inventory_copy(before) : NULL;
	int rc =
	    after && run(c, after) == 0 ? inventory_commit(c, before, after, type) : cli_fail(c);
	inventory_free(before);
	inventory_free(after);
	return rc;
}

static int add_rule(struct cli *c, struct inventory *inv)
{
	int64_t at = (int64_t)inv->rules.n + 1;
	const char *role = strcmp(c->args[1], "-") == 0 ? NULL : c->args[1];
	if (cli_number(c, "--at", 1, 1000, &at) != 0 ||
	    (role && inventory_role_note(c, inv, NULL, 0, role) != 0) ||
	    inventory_rule_add(inv, (size_t)at - 1, c->args[0], role, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < inv->rules.n; i++)
		if (strcmp(inv->rules.v[i].match, c->args[0]) == 0 && !matches(inv, i))
			remark(c, _("note: no device matches %s"), c->args[0]);
	return 0;
}

static int add(struct cli *c)
{
	return change(c, add_rule, "rule_added");
}

/* By its number, or by what it matches. */
static int remove_rule(struct cli *c, struct inventory *inv)
{
	char *end;
	unsigned long number = strtoul(c->args[0], &end, 10);
	for (size_t i = 0; i < inv->rules.n; i++)
		if (strcmp(inv->rules.v[i].match, c->args[0]) == 0 ||
		    (*c->args[0] && !*end && number == i + 1)) {
			inventory_rule_remove(inv, i);
			return 0;
		}
	return err_set(&c->e, ERR_INPUT,
		       _("there is no rule \"%s\"; 'hitless inventory role-rule list' lists them"),
		       c->args[0]);
}

static int del(struct cli *c)
{
	return change(c, remove_rule, "rule_deleted");
}

static int hand_over(struct cli *c, struct inventory *inv)
{
	size_t *chosen = NULL, n = 0;
	int rc = inventory_select(inv, c->args[0], &chosen, &n, &c->e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		inventory_role_by_rules(inv, chosen[i]);
	free(chosen);
	return rc;
}

static int apply(struct cli *c)
{
	return change(c, hand_over, "rules_applied");
}

static int role_rule(struct cli *c)
{
	static const struct {
		const char *word;
		int least, most;
		int (*run)(struct cli *c);
	} words[] = {
	    {"list", 0, 0, list}, {"add", 2, 2, add}, {"del", 1, 1, del}, {"apply", 1, 1, apply}};
	const char *word = c->n_args ? c->args[0] : "list";
	for (size_t i = 0; i < LEN(words); i++) {
		int n = c->n_args ? c->n_args - 1 : 0;
		if (strcmp(words[i].word, word) != 0)
			continue;
		if (n < words[i].least || n > words[i].most)
			return cli_bad(c,
				       _("role-rule %s: the wrong number of words; --help shows "
					 "them"),
				       word);
		if (n) /* the words behind it are what the function knows as its own */
			memmove(c->args, c->args + 1, (size_t)n * sizeof(*c->args));
		c->n_args = n;
		return words[i].run(c);
	}
	return cli_bad(c, _("role-rule: expected list, add, del or apply, not \"%s\""), word);
}

static const struct option rule_options[] = {
    {"--at", "N", N_("put the new rule at this place (behind the others)"), false},
    {0},
};

const struct verb verbs_inventory_roles[] = {
    {"inventory role-rule", "[list|add|del|apply ...]",
     N_("rules that give roles by name; the first that matches"), rule_options, 0, 3,
     .run = role_rule,
     .more =
	 N_("role-rule list                 the rules, and how many devices each decides\n"
	    "role-rule add MATCH ROLE       MATCH: a name with wildcards ('leaf*'), a tag\n"
	    "                               ('#rack1') or a pattern ('~^leaf\\d+$'); ROLE -: none\n"
	    "role-rule del MATCH|NUMBER\n"
	    "role-rule apply DEVICES        forget the roles that these devices have by hand or\n"
	    "                               from a file: the rules decide\n"
	    "\n"
	    "A rule gives a role only to devices that have none of their own.")},
    {0},
};
