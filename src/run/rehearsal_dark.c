/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/rehearsal_dark.h"

#include "base/path.h"
#include "base/str.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

#define LOG_LIMIT ((size_t)1 << 30)

struct state {               /* of one device */
	int64_t dark_at;     /* -1: it carries traffic */
	int64_t isolated_at; /* -1: it is not */
	int64_t dark_ms, longest;
	int times, reboots;
};

struct set { /* devices that were dark at the same time */
	int64_t at;
	VEC(size_t) devices;
};

struct reading {
	const struct inventory *inv;
	struct state *states;
	int64_t now;
	bool changed, darker; /* at this moment: one came back or went dark; one went dark */
	VEC(struct set) sets; /* none is a part of another */
	size_t most;
	int64_t most_at;
	cJSON *groups, *isolated, *violations, *faults;
	int64_t *group_at; /* of each group: all its members are dark since; -1 */
};

/* --- sets ------------------------------------------------------------------------------------- */

static bool part_of(const struct set *a, const struct set *b)
{
	size_t k = 0;
	for (size_t i = 0; i < a->devices.n; i++, k++) {
		while (k < b->devices.n && b->devices.v[k] < a->devices.v[i])
			k++;
		if (k >= b->devices.n || b->devices.v[k] != a->devices.v[i])
			return false;
	}
	return true;
}

static void keep_set(struct reading *r, struct set *s)
{
	for (size_t i = 0; i < r->sets.n; i++)
		if (part_of(s, &r->sets.v[i])) {
			VEC_RELEASE(&s->devices);
			return;
		}
	for (size_t i = 0; i < r->sets.n;) {
		if (!part_of(&r->sets.v[i], s)) {
			i++;
			continue;
		}
		VEC_RELEASE(&r->sets.v[i].devices);
		VEC_REMOVE(&r->sets, i);
	}
	VEC_PUSH(&r->sets, *s);
}

static void look_at_set(struct reading *r)
{
	struct set s = {.at = r->now};
	for (size_t i = 0; i < r->inv->devices.n; i++)
		if (r->states[i].dark_at >= 0)
			VEC_PUSH(&s.devices, i);
	if (s.devices.n > r->most) {
		r->most = s.devices.n;
		r->most_at = r->now;
	}
	if (s.devices.n > 1)
		keep_set(r, &s);
	else
		VEC_RELEASE(&s.devices);
}

static bool group_dark(const struct reading *r, const struct group *g)
{
	for (size_t i = 0; i < g->members.n; i++)
		if (r->states[g->members.v[i]].dark_at < 0)
			return false;
	return g->members.n > 1;
}

static void end_group(struct reading *r, size_t g)
{
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "group", r->inv->groups.v[g].name);
	json_put_number(o, "at_ms", r->group_at[g]);
	json_put_number(o, "ms", r->now - r->group_at[g]);
	json_append(r->groups, o);
	r->group_at[g] = -1;
}

static void look_at_groups(struct reading *r)
{
	for (size_t g = 0; g < r->inv->groups.n; g++) {
		bool dark = group_dark(r, &r->inv->groups.v[g]);
		if (dark && r->group_at[g] < 0)
			r->group_at[g] = r->now;
		else if (!dark && r->group_at[g] >= 0)
			end_group(r, g);
	}
}

/* All that came at one moment is over: one that takes over from another leaves no gap. */
static void settle(struct reading *r)
{
	if (r->darker)
		look_at_set(r);
	if (r->changed)
		look_at_groups(r);
	r->changed = r->darker = false;
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_dark(struct reading *r, size_t device, const char *detail)
{
	(void)detail;
	r->states[device].dark_at = r->now;
	r->states[device].times++;
	r->changed = r->darker = true;
}

static void on_serving(struct reading *r, size_t device, const char *detail)
{
	struct state *s = &r->states[device];
	(void)detail;
	if (s->dark_at < 0)
		return;
	int64_t ms = r->now - s->dark_at;
	s->dark_ms += ms;
	s->longest = ms > s->longest ? ms : s->longest;
	s->dark_at = -1;
	r->changed = true;
}

static void add_event(struct reading *r, cJSON *list, size_t device, const char *name,
		      const char *text)
{
	cJSON *o = cJSON_CreateObject();
	json_put_number(o, "at_ms", r->now);
	json_put_text(o, "device", r->inv->devices.v[device].name);
	json_put_text(o, name, text);
	json_append(list, o);
}

static void end_isolated(struct reading *r, size_t device)
{
	struct state *s = &r->states[device];
	if (s->isolated_at < 0)
		return;
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", r->inv->devices.v[device].name);
	json_put_number(o, "at_ms", s->isolated_at);
	json_put_number(o, "ms", r->now - s->isolated_at);
	json_append(r->isolated, o);
	s->isolated_at = -1;
}

static void on_reachable(struct reading *r, size_t device, const char *detail)
{
	(void)detail;
	end_isolated(r, device);
}

/* Groups are looked at by the inventory, whatever the lab makes of them. */
static void on_violation(struct reading *r, size_t device, const char *detail)
{
	if (str_starts(detail, "both-"))
		return;
	if (str_starts(detail, "isolated"))
		r->states[device].isolated_at = r->now;
	else
		add_event(r, r->violations, device, "what", detail);
}

static void on_reboot(struct reading *r, size_t device, const char *detail)
{
	(void)detail;
	r->states[device].reboots++;
}

static void on_fault(struct reading *r, size_t device, const char *detail)
{
	add_event(r, r->faults, device, "fault", detail);
}

static const struct {
	const char *event;
	void (*see)(struct reading *r, size_t device, const char *detail);
} events[] = {
    {"dark", on_dark},           {"serving", on_serving}, {"reachable", on_reachable},
    {"violation", on_violation}, {"reboot", on_reboot},   {"fault", on_fault},
};

static void take_line(struct reading *r, const char *line, size_t n)
{
	cJSON *o = cJSON_ParseWithLength(line, n);
	const char *event = json_text(o, "event"), *name = json_text(o, "device");
	const char *detail = json_text(o, "detail");
	size_t device = name ? inventory_find(r->inv, name) : NO_DEVICE;
	int64_t now = json_number(o, "t", r->now);
	if (now != r->now)
		settle(r);
	r->now = now;
	for (size_t i = 0; event && device != NO_DEVICE && i < LEN(events); i++)
		if (strcmp(events[i].event, event) == 0)
			events[i].see(r, device, detail ? detail : "");
	cJSON_Delete(o);
}

/* Commands are nine lines in ten, and nothing is to be read in them. */
static void take_lines(struct reading *r, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		if (n && !memmem(text, n, "\"event\":\"command\"", 17))
			take_line(r, text, n);
		text += n + (text[n] == '\n');
	}
}

/* --- the result ------------------------------------------------------------------------------- */

static void put_devices(struct reading *r, cJSON *to)
{
	cJSON *dark = cJSON_CreateArray(), *reboots = cJSON_CreateArray();
	for (size_t i = 0; i < r->inv->devices.n; i++) {
		struct state *s = &r->states[i];
		bool still = s->dark_at >= 0;
		if (still)
			on_serving(r, i, "");
		end_isolated(r, i);
		cJSON *o = s->times ? cJSON_CreateObject() : NULL;
		if (o) {
			json_put_text(o, "device", r->inv->devices.v[i].name);
			json_put_number(o, "times", s->times);
			json_put_number(o, "ms", s->dark_ms);
			json_put_number(o, "longest_ms", s->longest);
			json_put_flag(o, "still", still);
			json_append(dark, o);
		}
		o = s->reboots > 1 ? cJSON_CreateObject() : NULL;
		if (o) {
			json_put_text(o, "device", r->inv->devices.v[i].name);
			json_put_number(o, "reboots", s->reboots);
			json_append(reboots, o);
		}
	}
	json_put(to, "dark", dark);
	json_put(to, "reboots", reboots);
}

static void put_sets(struct reading *r, cJSON *to)
{
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < r->sets.n; i++) {
		cJSON *o = cJSON_CreateObject(), *names = cJSON_CreateArray();
		for (size_t k = 0; k < r->sets.v[i].devices.n; k++)
			json_append(names, cJSON_CreateString(
					       r->inv->devices.v[r->sets.v[i].devices.v[k]].name));
		json_put_number(o, "at_ms", r->sets.v[i].at);
		json_put(o, "devices", names);
		json_append(list, o);
		VEC_RELEASE(&r->sets.v[i].devices);
	}
	VEC_RELEASE(&r->sets);
	json_put(to, "together", list);
	json_put_number(to, "most_dark", (int64_t)r->most);
	json_put_number(to, "most_dark_at_ms", r->most_at);
}

static void reading_init(struct reading *r)
{
	r->states = xcalloc(r->inv->devices.n + 1, sizeof(*r->states));
	r->group_at = xcalloc(r->inv->groups.n + 1, sizeof(*r->group_at));
	for (size_t i = 0; i < r->inv->devices.n; i++)
		r->states[i].dark_at = r->states[i].isolated_at = -1;
	for (size_t i = 0; i < r->inv->groups.n; i++)
		r->group_at[i] = -1;
	r->groups = cJSON_CreateArray();
	r->isolated = cJSON_CreateArray();
	r->violations = cJSON_CreateArray();
	r->faults = cJSON_CreateArray();
}

int dark_put(const struct inventory *inv, const char *lab_log, cJSON *to, struct err *e)
{
	struct reading r = {.inv = inv};
	struct str text = {0};
	if (path_read(lab_log, LOG_LIMIT, &text, e) != 0)
		return -1;
	reading_init(&r);
	take_lines(&r, str_text(&text));
	settle(&r);
	str_release(&text);
	put_sets(&r, to);
	put_devices(&r, to);
	settle(&r); /* what is dark to the end is counted up to there */
	json_put(to, "groups_down", r.groups);
	json_put(to, "isolated", r.isolated);
	json_put(to, "violations", r.violations);
	json_put(to, "faults", r.faults);
	free(r.states);
	free(r.group_at);
	return 0;
}
