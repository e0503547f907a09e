/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/cli.h"

#include "model/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct setting {
	const char *name, *means;
	int64_t fallback, least, most;
} settings[] = {
    {"job-limit", N_("jobs that may run at the same time (0: any number)"), 5, 0, 1000},
    {DESK_DEVICES, N_("devices that one job may have (0: any number)"), DESK_DEVICES_MOST, 0,
     100000},
    {DESK_CONFIRM, N_("1: every job waits until another person confirms its plan"), 0, 0, 1},
    {"clock-speed", N_("for simulated devices: how many times faster time runs"), 1, 1, 1000},
    {"image-signature", N_("1: only images with the signature of a trusted key are added"), 0, 0,
     1},
    {"check-machine", N_("1: what 'hitless doctor' finds wrong stops a job before it starts"), 1, 0,
     1},
    {"any-machine", N_("1: a job may go on on another machine than the one that ran it last"), 0, 0,
     1},
};

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < LEN(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static int set(struct cli *c)
{
	const struct setting *s = find(c->args[0]);
	char *end;
	long long value = strtoll(c->args[1], &end, 10);
	if (!s)
		return cli_bad(c, "there is no setting \"%s\"; 'hitless setting list' shows all",
			       c->args[0]);
	if (!c->args[1][0] || *end || value < s->least || value > s->most)
		return cli_bad(c, "%s: expected a number from %lld to %lld, not \"%s\"", s->name,
			       (long long)s->least, (long long)s->most, c->args[1]);
	if (!cli_store(c) || store_setting_set(c->store, s->name, c->args[1], &c->e) != 0)
		return cli_fail(c);
	tell(c, "%s: %lld", s->name, value);
	return EXIT_DONE;
}

static int list(struct cli *c)
{
	static const char *const titles[] = {N_("SETTING"), N_("VALUE"), N_("MEANS")};
	struct table t;
	if (!cli_store(c))
		return cli_fail(c);
	cJSON *o = c->json ? json_object_new("settings") : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < LEN(settings); i++) {
		int64_t value = desk_setting(c->store, settings[i].name, settings[i].fallback);
		if (c->json) {
			json_put_number(o, settings[i].name, value);
			continue;
		}
		table_cell(&t, settings[i].name);
		table_cellf(&t, "%" PRId64, value);
		table_cell(&t, _(settings[i].means));
	}
	if (c->json)
		put_json(o, false);
	else
		table_print(&t, stdout);
	return EXIT_DONE;
}

const struct verb verbs_settings[] = {
    {"setting list", "", N_("list the settings"), NULL, 0, 0, .run = list},
    {"setting set", "NAME VALUE", N_("change a setting"), NULL, 2, 2, .run = set},
    {0},
};
