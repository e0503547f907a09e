/* SPDX-License-Identifier: ISC */
/* Rules that give roles by name, and where a role is from. */
#include "config.h"

#include "model/inventory_parts.h"

#include "model/json.h"
#include "model/judge.h"
#include "model/values.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RULES 1000
#define MATCH_MOST 200 /* bytes */

static void rule_release(struct role_rule *r)
{
	free(r->match);
	free(r->role);
	pattern_free(r->pattern);
}

void rules_release(struct inventory *inv)
{
	for (size_t i = 0; i < inv->rules.n; i++)
		rule_release(&inv->rules.v[i]);
	VEC_RELEASE(&inv->rules);
}

/* --- matching --------------------------------------------------------------------------------- */

/* A pattern that runs into its limit gives no role: the preview shows what has none. */
bool inventory_rule_matches(const struct role_rule *r, const struct device *d)
{
	if (r->pattern)
		return pattern_match(r->pattern, d->name, strlen(d->name), NULL) == VERDICT_YES;
	if (*r->match == '#')
		return device_has_tag(d, r->match + 1);
	return fnmatch(r->match, d->name, 0) == 0;
}

void role_set(struct device *d, const char *role, enum role_source by)
{
	char *copy = xstrdup(role);
	free(d->role);
	d->role = copy;
	d->role_by = by;
}

static bool own_role(const struct device *d)
{
	return d->role_by == ROLE_BY_HAND || (d->role_by == ROLE_FROM_FILE && d->role);
}

static void apply(struct inventory *inv, struct device *d)
{
	size_t i = 0;
	while (i < inv->rules.n && !inventory_rule_matches(&inv->rules.v[i], d))
		i++;
	bool any = i < inv->rules.n;
	role_set(d, any ? inv->rules.v[i].role : NULL, any ? ROLE_BY_RULE : ROLE_FROM_FILE);
	d->role_rule = any ? i : 0;
}

void rules_apply(struct inventory *inv)
{
	for (size_t i = 0; i < inv->devices.n; i++)
		if (!own_role(&inv->devices.v[i]))
			apply(inv, &inv->devices.v[i]);
}

void inventory_role_by_rules(struct inventory *inv, size_t d)
{
	role_set(&inv->devices.v[d], NULL, ROLE_FROM_FILE);
	apply(inv, &inv->devices.v[d]);
}

/* --- making ----------------------------------------------------------------------------------- */

static int rule_make(struct role_rule *r, const char *match, const char *role, struct err *e)
{
	size_t n = strlen(match);
	*r = (struct role_rule){0};
	if (n == 0 || n > MATCH_MOST || text_has_control(match, ""))
		return err_set(
		    e, ERR_INPUT,
		    "expected a name with wildcards (\"leaf*\"), a tag (\"#rack1\") or a "
		    "pattern (\"~^leaf\") of at most %d bytes",
		    MATCH_MOST);
	if (*match == '@')
		return err_set(e, ERR_INPUT, "\"%s\": a rule gives roles, it cannot ask for one",
			       match);
	if (*match == '#' && inventory_check_word(match + 1, e) < 0)
		return -1;
	if (role && inventory_check_word(role, e) < 0)
		return err_at(e, "role");
	if (*match == '~' && !(r->pattern = pattern_new(match + 1, false, e)))
		return err_at(e, "\"%s\"", match);
	r->match = xstrdup(match);
	r->role = xstrdup(role);
	return 0;
}

static int check_new(const struct inventory *inv, const char *match, struct err *e)
{
	for (size_t i = 0; i < inv->rules.n; i++)
		if (strcmp(inv->rules.v[i].match, match) == 0)
			return err_set(
			    e, ERR_INPUT,
			    "there is a rule for \"%s\" already (role %s): remove it first", match,
			    inv->rules.v[i].role ? inv->rules.v[i].role : "-");
	if (inv->rules.n >= MOST_RULES)
		return err_set(e, ERR_INPUT, "more than %d rules", MOST_RULES);
	return 0;
}

static int add(struct inventory *inv, const char *match, const char *role, struct err *e)
{
	struct role_rule r;
	if (check_new(inv, match, e) < 0 || rule_make(&r, match, role, e) < 0)
		return -1;
	VEC_PUSH(&inv->rules, r);
	return 0;
}

int inventory_rule_add(struct inventory *inv, size_t at, const char *match, const char *role,
		       struct err *e)
{
	if (add(inv, match, role, e) < 0)
		return -1;
	for (size_t i = inv->rules.n - 1; i > at; i--) {
		struct role_rule r = inv->rules.v[i];
		inv->rules.v[i] = inv->rules.v[i - 1];
		inv->rules.v[i - 1] = r;
	}
	rules_apply(inv);
	return 0;
}

void inventory_rule_remove(struct inventory *inv, size_t rule)
{
	rule_release(&inv->rules.v[rule]);
	VEC_REMOVE(&inv->rules, rule);
	rules_apply(inv);
}

void rules_copy(struct inventory *to, const struct inventory *from)
{
	struct err none = {0};
	for (size_t i = 0; i < from->rules.n; i++) {
		struct role_rule r;
		if (rule_make(&r, from->rules.v[i].match, from->rules.v[i].role, &none) == 0)
			VEC_PUSH(&to->rules, r); /* it was good before */
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_rule(struct inventory *inv, const struct jnode *at, struct err *e)
{
	static const char *const keys[] = {"match", "role", NULL};
	struct jnode member;
	struct err why = {0};
	const char *match, *role = NULL;
	if (json_only(at, keys, e) < 0 || json_need(at, "match", &member, e) < 0 ||
	    json_string(&member, &match, e) < 0)
		return -1;
	if (json_get(at, "role", &member) && json_string(&member, &role, e) < 0)
		return -1;
	if (add(inv, match, role, &why) < 0)
		return json_bad(at, e, "%s", why.text);
	return 0;
}

int rules_read(struct inventory *inv, const struct jnode *root, struct err *e)
{
	struct jnode list, at;
	if (json_get(root, "rules", &list)) {
		if (json_array(&list, e) < 0)
			return -1;
		for (bool on = json_first(&list, &at); on; on = json_next(&at))
			if (read_rule(inv, &at, e) < 0)
				return -1;
	}
	rules_apply(inv);
	return 0;
}
