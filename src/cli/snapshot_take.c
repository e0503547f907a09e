/* SPDX-License-Identifier: ISC */
/* snapshot take: at any time, by hand. */
#include "config.h"

#include "cli/cli.h"
#include "cli/runner.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "model/json.h"
#include "run/collect.h"
#include "run/spawn.h"

#include <stdlib.h>
#include <string.h>

static int parameters(struct cli *c, const struct procedure *p, struct values *out)
{
	size_t at = 0;
	const char *pair;
	procedure_defaults(p, out);
	while ((pair = cli_next(c, "--set", &at))) {
		const char *equals = strchr(pair, '=');
		char *name = equals ? xstrndup(pair, (size_t)(equals - pair)) : NULL;
		const struct parameter *q = name ? procedure_parameter(p, name) : NULL;
		char *value = q ? parameter_value(q, equals + 1, &c->e) : NULL;
		if (!q)
			err_set(&c->e, ERR_INPUT, _("--set: there is no option \"%s\""), pair);
		else if (value)
			values_set(out, name, value);
		free(name), free(value);
		if (!q || c->e.kind != ERR_NONE)
			return -1;
	}
	return 0;
}

/* Devices that can be asked with one procedure. */
static int choose(struct cli *c, struct job *j, struct procedure **p)
{
	const char *hosts = cli_option(c, "--hosts"), *named = cli_option(c, "--procedure");
	struct inventory *inv = j->inventory;
	size_t *list = NULL, n = 0;
	if (hosts && inventory_select(inv, hosts, &list, &n, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < (hosts ? n : inv->devices.n); i++) {
		size_t d = hosts ? list[i] : i;
		if (!inv->devices.v[d].anchor)
			VEC_PUSH(&j->devices, d);
	}
	free(list);
	if (!j->devices.n)
		return err_set(&c->e, ERR_INPUT, _("there is no device to ask"));
	const char *platform = inv->devices.v[j->devices.v[0]].platform;
	*p = named ? procedures_load(named, &c->e) : procedures_for(platform, &c->e);
	for (size_t i = 1; *p && i < j->devices.n; i++) {
		const struct device *d = &inv->devices.v[j->devices.v[i]];
		if (!str_eq(d->platform, platform))
			return err_set(&c->e, ERR_INPUT,
				       _("%s is of another platform (%s) than %s (%s): take a "
					 "snapshot of each with --hosts"),
				       d->name, d->platform,
				       inv->devices.v[j->devices.v[0]].name, platform);
	}
	return *p ? 0 : -1;
}

static struct keyring *keys(struct cli *c, const struct job *j)
{
	struct credentials list = {0};
	size_t n = 0;
	if (secrets_collect(c, j) != 0 || cli_credentials(c, &list) != 0)
		return NULL;
	struct keyring *k = keyring_new(&list);
	const struct spawn_secret *have = secrets_list(c->secrets, &n);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const char *text = secret_text(have[i].secret);
		struct secret *copy = secret_new(text, strlen(text), &c->e);
		if (copy)
			keyring_set_secret(k, have[i].credential, copy);
		rc = copy ? 0 : -1;
	}
	credentials_release(&list);
	if (rc != 0)
		keyring_free(k);
	return rc == 0 ? k : NULL;
}

/* Not one device answered: nothing to keep. */
static int answers(struct cli *c, const struct shot *s)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (s->parts.v[i].element)
			return 0;
	return err_set(&c->e, ERR_NETWORK, "%s: %s", s->parts.n ? s->parts.v[0].device : "-",
		       s->parts.n ? s->parts.v[0].why : _("nobody answered"));
}

static int say_missing(struct cli *c, const struct shot *s)
{
	int missing = 0;
	for (size_t i = 0; i < s->parts.n; i++) {
		const struct shot_part *p = &s->parts.v[i];
		if (p->looks.n || p->left_out)
			continue;
		missing++;
		if (p->element)
			remark(c, _("%s: %s could not be read: %s"), p->device, p->element,
			       p->why ? p->why : "?");
		else
			remark(c, _("%s: no answer: %s"), p->device, p->why ? p->why : "?");
	}
	return missing;
}

static size_t count_read(const struct shot *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->parts.n; i++)
		n += s->parts.v[i].looks.n > 0;
	return n;
}

static void say_taken(struct cli *c, const struct shot *s, int missing)
{
	if (c->json) {
		cJSON *o = shot_json(s, "snapshot");
		json_put_number(o, "missing", missing);
		put_json(o, false);
		return;
	}
	tell(c, _("Snapshot \"%s\": %zu elements read, %d missing"), s->name,
	     count_read(s), missing);
}

static int take_options(struct cli *c, struct collect_options *o)
{
	int64_t looks = 2, apart = 5;
	if (cli_number(c, "--looks", 1, 2, &looks) != 0 ||
	    cli_number(c, "--apart", 0, 3600, &apart) != 0)
		return -1;
	o->looks = (int)looks;
	o->apart_ms = apart * 1000;
	return 0;
}

static bool is_free(struct cli *c, const char *name)
{
	if (shot_check_name(name, &c->e) != 0)
		return false;
	char *body = store_snapshot(c->store, name, &c->e);
	bool known = body != NULL;
	free(body);
	if (known)
		err_set(&c->e, ERR_INPUT, _("there is a snapshot \"%s\" already"), name);
	return c->e.kind == ERR_NONE;
}

static int take(struct cli *c, struct job *j, struct shot *out)
{
	struct values set = {0};
	struct collect_options o = {.parameters = &set};
	struct keyring *k = NULL;
	int rc = choose(c, j, &out->procedure);
	if (rc == 0 && take_options(c, &o) == 0 && parameters(c, out->procedure, &set) == 0)
		k = keys(c, j);
	rc = k ? collect(c->store, j->inventory, j->devices.v, j->devices.n, k, &o, out, &c->e)
	       : -1;
	if (k)
		keyring_free(k);
	values_release(&set);
	return rc == 0 ? answers(c, out) : -1;
}

static int snapshot_take(struct cli *c)
{
	char time[32];
	const char *name = cli_option(c, "--name");
	struct shot shot = {0};
	struct job *j = job_new();
	int missing = 0;
	clock_iso(clock_real()->wall(clock_real()), time);
	shot.name = xstrdup(name ? name : time);
	shot.who = desk_who();
	j->inventory = cli_store(c) && is_free(c, shot.name) ? cli_inventory(c) : NULL;
	int rc = j->inventory ? take(c, j, &shot) : -1;
	if (rc == 0)
		rc = shot_save(c->store, &shot, &c->e);
	if (rc == 0) {
		missing = say_missing(c, &shot);
		say_taken(c, &shot, missing);
	}
	shot_release(&shot);
	job_free(j);
	return rc != 0 ? cli_fail(c) : missing ? EXIT_FAILURES : EXIT_DONE;
}

static const struct option take_list[] = {
    {"--hosts", "PATTERN", N_("these devices: names, wildcards, @role, #tag (all)"), false},
    {"--name", "NAME", N_("its name (the time)"), false},
    {"--looks", "N", N_("1, or 2: the second look teaches what changes by itself (2)"), false},
    {"--apart", "SECONDS", N_("between the two looks (5)"), false},
    {"--set", "PARAM=VALUE", N_("an option of the procedure, such as snapshot-without"), true},
    {"--procedure", "P", N_("another procedure, by id or file"), false},
    {"--password-stdin", NULL, N_("read passwords from standard input, one line a credential"),
     false},
    {0},
};

const struct verb verbs_snapshot_take[] = {
    {"snapshot take", "", N_("look at devices now and keep what they say; nothing is changed"),
     take_list, 0, 0, .run = snapshot_take},
    {0},
};
