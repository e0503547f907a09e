/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/procedure_parts.h"

#include "base/i18n.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TIMEOUT ((int64_t)7 * 24 * 3600 * 1000)
#define UNDO_TIMEOUT (60 * 1000)

const char *const action_names[ACTIONS + 1] = {
    [ACTION_RUN] = "run",         [ACTION_DETACH] = "detach",       [ACTION_PUT] = "put",
    [ACTION_GET] = "get",         [ACTION_REBOOT] = "reboot",       [ACTION_WAIT] = "wait",
    [ACTION_FACTS] = "facts",     [ACTION_CHECK] = "check",         [ACTION_SNAPSHOT] = "snapshot",
    [ACTION_CONFIRM] = "confirm", [ACTION_TAKE_BACK] = "take_back",
};

/* --- probe and undo --- */

static const struct field probe_fields[] = {
    NEEDED(struct probe, command, "run", type_command),
    NEEDED(struct probe, done, "done", type_judge),
    FIELD(struct probe, failed, "failed", type_judge),
    FIELD(struct probe, absent, "absent", type_judge),
    FIELD(struct probe, running, "running", type_judge),
    FIELD(struct probe, settle_ms, "settle", type_duration),
    FIELD(struct probe, progress, "progress", type_pattern),
    END_OF_FIELDS,
};

static const struct field undo_fields[] = {
    FIELD(struct undo, title, "title", type_text),
    NEEDED(struct undo, command, "run", type_command),
    FIELD(struct undo, expect, "expect", type_judge),
    FIELD(struct undo, until_reboot, "until_reboot", type_flag),
    FIELD(struct undo, until, "until", type_name),
    FIELD(struct undo, any, "any", type_flag),
    FIELD(struct undo, by_hand, "by_hand", type_command),
    FIELD(struct undo, timeout_ms, "timeout", type_duration),
    END_OF_FIELDS,
};

static int is_percent(void *ctx UNUSED, const char *name, struct err *e UNUSED)
{
	return strcmp(name, "percent") == 0;
}

static int read_probe(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                      void *out)
{
	struct probe *p = *(struct probe **)out = xcalloc(1, sizeof(*p));
	if (fields_read(l, probe_fields, at, p) < 0)
		return -1;
	if (p->progress && pattern_groups(p->progress, is_percent, NULL, NULL) != 1)
		return json_bad(at, l->e, "\"progress\" needs a group \"percent\"");
	return 0;
}

static void free_probe(void *out)
{
	struct probe *p = *(struct probe **)out;
	if (p)
		procedure_fields_release(probe_fields, p);
	free(p);
}

static int read_undo(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
                     void *out)
{
	struct undo *u = *(struct undo **)out = xcalloc(1, sizeof(*u));
	u->timeout_ms = UNDO_TIMEOUT;
	if (fields_read(l, undo_fields, at, u) < 0)
		return -1;
	if (u->timeout_ms < 1 || u->timeout_ms > MOST_TIMEOUT)
		return json_bad(at, l->e, "expected something between \"1ms\" and \"168h\"");
	return u->until && u->until_reboot
		   ? json_bad(at, l->e, "\"until\" or \"until_reboot\", not both")
		   : 0;
}

static void free_undo(void *out)
{
	struct undo *u = *(struct undo **)out;
	if (u)
		procedure_fields_release(undo_fields, u);
	free(u);
}

static const struct field_type type_probe = {read_probe, free_probe};
static const struct field_type type_undo = {read_undo, free_undo};

/* --- actions --- */

static const struct field detach_fields[] = {
    NEEDED(struct step, command, "start", type_command),
    NEEDED(struct step, poll, "poll", type_probe),
    END_OF_FIELDS,
};

static const struct field put_fields[] = {
    FIELD(struct step, image, "image", type_name),
    FIELD(struct step, file, "file", type_file),
    NEEDED(struct step, to, "to", type_remote),
    FIELD(struct step, executable, "executable", type_flag),
    END_OF_FIELDS,
};

static const struct field get_fields[] = {
    NEEDED(struct step, command, "run", type_command),
    NEEDED(struct step, file, "file", type_file),
    END_OF_FIELDS,
};

static const struct field compare_fields[] = {
    NEEDED(struct step, compare, "compare", type_texts),
    END_OF_FIELDS,
};

static int read_command(struct loader *l, const struct jnode *at, struct step *s)
{
	return type_command.read(l, NULL, at, &s->command);
}

static int read_detach(struct loader *l, const struct jnode *at, struct step *s)
{
	return fields_read(l, detach_fields, at, s);
}

static int read_put(struct loader *l, const struct jnode *at, struct step *s)
{
	if (fields_read(l, put_fields, at, s) < 0)
		return -1;
	if (!s->image == !s->file)
		return json_bad(at, l->e, "needs either \"image\" or \"file\"");
	return loader_use(l, s->image ? USE_IMAGE : USE_FILE, at, s->image ? s->image : s->file);
}

static int read_get(struct loader *l, const struct jnode *at, struct step *s)
{
	return fields_read(l, get_fields, at, s);
}

static int use_all(struct loader *l, const struct jnode *at, enum use_kind kind, char **names)
{
	if (!names[0])
		return json_bad(at, l->e, "this list is empty");
	for (; *names; names++)
		loader_use(l, kind, at, *names);
	return 0;
}

static int read_facts(struct loader *l, const struct jnode *at, struct step *s)
{
	return fields_read(l, compare_fields, at, s) < 0 ? -1
	                                                 : use_all(l, at, USE_FACT, s->compare);
}

static int read_checks(struct loader *l, const struct jnode *at, struct step *s)
{
	if (type_texts.read(l, NULL, at, &s->checks) < 0)
		return -1;
	return use_all(l, at, USE_CHECK, s->checks);
}

static int read_true(struct loader *l, const struct jnode *at, struct step *s UNUSED)
{
	return cJSON_IsTrue(at->value) ? 0 : json_bad(at, l->e, "expected true");
}

static const struct field confirm_fields[] = {
    NEEDED(struct step, question, "question", type_message),
    FIELD(struct step, choices, "choices", type_texts),
    FIELD(struct step, save, "save", type_text),
    END_OF_FIELDS,
};

/* {"confirm": "Go?"}, or with answers of its own, of which the steps behind it can know. */
static int read_confirm(struct loader *l, const struct jnode *at, struct step *s)
{
	if (!cJSON_IsObject(at->value))
		return type_message.read(l, NULL, at, &s->question);
	if (fields_read(l, confirm_fields, at, s) < 0)
		return -1;
	if (s->save)
		VEC_PUSH(&l->captures, xstrdup(s->save));
	for (char **c = s->choices; c && *c; c++)
		if (!**c || strchr(*c, '|') || str_eq(*c, "fail"))
			return json_bad(at, l->e, "choices: \"%s\" is no answer (\"fail\" is "
					"always one)", *c);
	return !s->choices || s->choices[0] ? 0 : json_bad(at, l->e, "choices: there are none");
}

static int (*const action_readers[ACTIONS])(struct loader *, const struct jnode *,
                                            struct step *) = {
    [ACTION_RUN] = read_command,     [ACTION_DETACH] = read_detach,  [ACTION_PUT] = read_put,
    [ACTION_GET] = read_get,         [ACTION_REBOOT] = read_command, [ACTION_WAIT] = read_command,
    [ACTION_FACTS] = read_facts,     [ACTION_CHECK] = read_checks,   [ACTION_SNAPSHOT] = read_true,
    [ACTION_CONFIRM] = read_confirm, [ACTION_TAKE_BACK] = read_true,
};

static int read_action(struct loader *l, const struct jnode *at, struct step *s)
{
	struct jnode member;
	size_t n = 0;
	for (unsigned a = 0; a < ACTIONS; a++)
		if (json_get(at, action_names[a], &member)) {
			s->action = (enum action)a;
			n++;
		}
	if (n != 1)
		return json_bad(at, l->e,
				n ? M_("more than one action")
				  : M_("no action (\"run\", \"wait\", ...)"));
	if (json_need(at, action_names[s->action], &member, l->e) < 0)
		return -1;
	return action_readers[s->action](l, &member, s);
}

/* --- marks: how far it is --- */

static const struct field mark_fields[] = {
    NEEDED(struct milestone, match, "match", type_pattern),
    FIELD(struct milestone, state, "state", type_text),
    NEEDED(struct milestone, percent, "percent", type_number),
    END_OF_FIELDS,
};

static int read_mark(struct loader *l, const struct jnode *at, void *out)
{
	struct milestone *m = out;
	if (fields_read(l, mark_fields, at, m) < 0)
		return -1;
	return m->percent >= 0 && m->percent <= 100
		   ? 0
		   : json_bad(at, l->e, "percent: expected a number from 0 to 100");
}

static int read_marks(struct loader *l, const struct jnode *at, struct step *s)
{
	struct jnode list;
	if (!json_get(at, "progress", &list))
		return 0;
	return fields_read_list(l, &list, sizeof(*s->marks), read_mark, (void **)&s->marks,
				&s->n_marks);
}

static void release_marks(struct step *s)
{
	for (size_t i = 0; i < s->n_marks; i++)
		procedure_fields_release(mark_fields, &s->marks[i]);
	free(s->marks);
}

/* --- one step --- */

static const char *const places[] = {"self", "peers", NULL};
static const char *const host_keys[] = {"known", "may-wait", "may-be-new", NULL};

#define ACTION_FIELD(key)                                                                          \
	{                                                                                          \
		key, &type_skip, 0, false, NULL                                                    \
	}

static const struct field step_fields[] = {
    ACTION_FIELD("run"),
    ACTION_FIELD("detach"),
    ACTION_FIELD("put"),
    ACTION_FIELD("get"),
    ACTION_FIELD("reboot"),
    ACTION_FIELD("wait"),
    ACTION_FIELD("facts"),
    ACTION_FIELD("check"),
    ACTION_FIELD("snapshot"),
    ACTION_FIELD("confirm"),
    ACTION_FIELD("take_back"),
    NEEDED(struct step, title, "title", type_text),
    NEEDED(struct step, phase, "phase", type_text),
    NEEDED(struct step, state, "state", type_text),
    CHOICE(struct step, on, "on", places),
    FIELD(struct step, when, "when", type_judge),
    FIELD(struct step, input, "input", type_file),
    FIELD(struct step, expect, "expect", type_judge),
    FIELD(struct step, unclear, "unclear", type_judge),
    FIELD(struct step, failed, "failed", type_judge),
    FIELD(struct step, blocks, "blocks", type_judge),
    FIELD(struct step, done_when, "done_when", type_probe),
    FIELD(struct step, undo, "undo", type_undo),
    FIELD(struct step, changes, "changes", type_flag),
    FIELD(struct step, repeat, "repeat", type_flag),
    FIELD(struct step, commits, "commits", type_flag),
    FIELD(struct step, resets, "resets", type_flag),
    FIELD(struct step, wipes, "wipes", type_flag),
    FIELD(struct step, away, "away", type_flag),
    FIELD(struct step, fails_later, "fails_later", type_flag),
    CHOICE(struct step, host_key, "host_key", host_keys),
    FIELD(struct step, timeout_ms, "timeout", type_duration),
    FIELD(struct step, timeout_adds, "timeout_adds", type_parameter),
    FIELD(struct step, interval_ms, "interval", type_duration),
    FIELD(struct step, stable_ms, "stable", type_duration),
    FIELD(struct step, takes_ms, "takes", type_duration),
    FIELD(struct step, silence_ms, "silence", type_duration),
    FIELD(struct step, silence_ask_ms, "silence_ask", type_duration),
    ACTION_FIELD("retries"),
    ACTION_FIELD("progress"),
    FIELD(struct step, message, "message", type_message),
    FIELD(struct step, advice, "advice", type_message),
    FIELD(struct step, cause, "cause", type_message),
    END_OF_FIELDS,
};

/* What the readers of actions fill, for the release. */
static const struct field own_fields[] = {
    FIELD(struct step, name, "", type_text),     FIELD(struct step, command, "", type_text),
    FIELD(struct step, poll, "", type_probe),    FIELD(struct step, image, "", type_text),
    FIELD(struct step, file, "", type_text),     FIELD(struct step, to, "", type_text),
    FIELD(struct step, checks, "", type_texts),  FIELD(struct step, compare, "", type_texts),
    FIELD(struct step, question, "", type_text), FIELD(struct step, choices, "", type_texts),
    FIELD(struct step, save, "", type_text),     END_OF_FIELDS,
};

#define FOR(action) (1u << (action))

/* Members that mean something only for some actions: anywhere else they would be passed over. */
static const struct {
	const char *key;
	unsigned actions;
} only_for[] = {
    {"expect", FOR(ACTION_RUN) | FOR(ACTION_GET) | FOR(ACTION_REBOOT) | FOR(ACTION_WAIT)},
    {"input", FOR(ACTION_RUN)},
    {"unclear", FOR(ACTION_RUN)},
    {"failed", FOR(ACTION_WAIT)},
    {"blocks", FOR(ACTION_WAIT)},
    {"away", FOR(ACTION_WAIT)},
    {"fails_later",
     FOR(ACTION_RUN) | FOR(ACTION_WAIT) | FOR(ACTION_CHECK) | FOR(ACTION_SNAPSHOT)},
    {"stable", FOR(ACTION_WAIT) | FOR(ACTION_CHECK) | FOR(ACTION_SNAPSHOT)},
    {"interval",
     FOR(ACTION_RUN) | FOR(ACTION_WAIT) | FOR(ACTION_DETACH) | FOR(ACTION_CHECK) |
	 FOR(ACTION_SNAPSHOT)},
    {"on", FOR(ACTION_RUN) | FOR(ACTION_WAIT) | FOR(ACTION_CHECK)},
    {"progress", FOR(ACTION_RUN) | FOR(ACTION_WAIT)},
    {"silence", FOR(ACTION_RUN)},
    {"silence_ask", FOR(ACTION_RUN)},
    {"done_when", FOR(ACTION_RUN) | FOR(ACTION_DETACH) | FOR(ACTION_PUT) | FOR(ACTION_REBOOT)},
    {"changes",
     FOR(ACTION_RUN) | FOR(ACTION_DETACH) | FOR(ACTION_PUT) | FOR(ACTION_GET) | FOR(ACTION_REBOOT)},
};

static int check_members(struct loader *l, const struct jnode *at, const struct step *s)
{
	struct jnode member;
	for (size_t i = 0; i < LEN(only_for); i++)
		if (!(only_for[i].actions & FOR(s->action)) &&
		    json_get(at, only_for[i].key, &member))
			return json_bad(&member, l->e, "means nothing for \"%s\"",
			                action_names[s->action]);
	if (s->action == ACTION_WAIT && !s->expect)
		return json_bad(at, l->e, "a \"wait\" needs \"expect\"");
	if (s->blocks && (s->resets || s->away))
		return json_bad(at, l->e, "\"blocks\": what proves that a device is back is never passed over");
	if (s->fails_later && (s->changes || s->resets || s->away))
		return json_bad(at, l->e, "\"fails_later\" is for steps that only look at a device "
				"that is back");
	return 0;
}

/* After a crash in the middle of it, a changing step must be asked about or done again. */
static int check_changes(struct loader *l, const struct jnode *at, const struct step *s)
{
	bool own_probe = s->action == ACTION_DETACH || s->action == ACTION_PUT;
	if (s->action == ACTION_REBOOT && (!s->changes || s->repeat))
		return json_bad(at, l->e, "a \"reboot\" changes the device and is never repeated");
	if (s->changes && !s->repeat && !s->done_when && !own_probe)
		return json_bad(at, l->e,
		                "a step that changes the device needs \"done_when\" "
		                "or \"repeat\": true");
	if (s->unclear && !s->done_when)
		return json_bad(at, l->e, "\"unclear\" needs \"done_when\": what is asked then");
	if (s->undo && !s->changes)
		return json_bad(at, l->e, "\"undo\" is for a step that changes the device");
	if (s->on == ON_PEERS && s->changes && !s->repeat)
		return json_bad(at, l->e, "what changes the peers needs \"repeat\": true");
	if (s->on == ON_PEERS && s->commits)
		return json_bad(at, l->e, "\"commits\" is for a step on the device itself");
	if (s->commits && !s->changes)
		return json_bad(at, l->e, "\"commits\" is for a step that changes the device");
	return 0;
}

static int check_times(struct loader *l, const struct jnode *at, const struct step *s)
{
	struct jnode timeout;
	bool given = json_get(at, "timeout", &timeout);
	if (!given && s->action != ACTION_CONFIRM)
		return json_need(at, "timeout", &timeout, l->e);
	if (given && (s->timeout_ms < 1 || s->timeout_ms > MOST_TIMEOUT))
		return json_bad(&timeout, l->e, "expected something between \"1ms\" and \"168h\"");
	const struct parameter *more =
	    s->timeout_adds ? procedure_parameter(l->p, s->timeout_adds) : NULL;
	if (more && (more->type != PARAMETER_INT || more->least < 0))
		return json_bad(at, l->e, "timeout_adds: \"%s\" is no number of seconds", more->name);
	if (s->interval_ms < 1)
		return json_bad(at, l->e, "interval: expected at least \"1ms\"");
	if (given && s->takes_ms >= s->timeout_ms)
		return json_bad(at, l->e, "\"takes\" is more than \"timeout\"");
	if (given && s->stable_ms >= s->timeout_ms)
		return json_bad(at, l->e, "\"stable\" leaves no time within \"timeout\"");
	return 0;
}

static int check_silence(struct loader *l, const struct jnode *at, const struct step *s)
{
	if (!s->silence_ms != !s->silence_ask_ms)
		return json_bad(at, l->e, "\"silence\" and \"silence_ask\" belong together");
	if (!s->silence_ms)
		return 0;
	if (!s->done_when || !s->commits || s->repeat)
		return json_bad(at, l->e, "\"silence\" is for a step that commits, is not repeated and has "
				"\"done_when\": what is asked then");
	if (s->silence_ms < 1 || s->silence_ask_ms < s->silence_ms ||
	    s->silence_ask_ms >= s->timeout_ms)
		return json_bad(at, l->e, "\"silence\" comes before \"silence_ask\", and that before "
				"\"timeout\"");
	return 0;
}

static int read_retries(struct loader *l, const struct jnode *at, struct step *s)
{
	struct jnode member;
	int64_t retries = 2;
	if (!json_get(at, "retries", &member)) {
		s->retries = 2;
		return 0;
	}
	if (json_int(&member, 0, 100, &retries, l->e) < 0)
		return -1;
	if (retries > 0 && s->changes && !s->repeat && s->action != ACTION_PUT)
		return json_bad(&member, l->e, "only a step with \"repeat\": true is tried again");
	s->retries = (int)retries;
	return 0;
}

static int read_step(struct loader *l, const struct jnode *at, struct step *s)
{
	if (json_object(at, l->e) < 0 || read_action(l, at, s) < 0)
		return -1;
	s->interval_ms = 10000;
	s->changes =
	    s->action == ACTION_REBOOT || s->action == ACTION_PUT || s->action == ACTION_DETACH;
	if (fields_read(l, step_fields, at, s) < 0 || read_retries(l, at, s) < 0 ||
	    read_marks(l, at, s) < 0)
		return -1;
	if (s->input)
		loader_use(l, USE_FILE, at, s->input);
	if (check_members(l, at, s) < 0 || check_changes(l, at, s) < 0)
		return -1;
	return check_times(l, at, s) < 0 ? -1 : check_silence(l, at, s);
}

static int read_step_name(struct loader *l, const struct jnode *at, struct step *s)
{
	const char *name = at->key;
	size_t n = strlen(name);
	if (n == 0 || n > 64 || *name == '-' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return json_bad(at, l->e, "a step's name is made of a-z, 0-9 and -");
	s->name = xstrdup(name);
	return 0;
}

int procedure_read_steps(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode steps, at;
	if (json_need(root, "steps", &steps, l->e) < 0 || json_object(&steps, l->e) < 0)
		return -1;
	p->steps = xcalloc(json_count(&steps) + 1, sizeof(*p->steps));
	for (bool on = json_first(&steps, &at); on; on = json_next(&at)) {
		struct step *s = &p->steps[p->n_steps++];
		if (read_step_name(l, &at, s) < 0 || read_step(l, &at, s) < 0)
			return -1;
		if (s->action == ACTION_PUT && !p->transfer.present)
			return json_bad(&at, l->e, "a \"put\" needs the section \"transfer\"");
	}
	return 0;
}

void procedure_release_steps(struct procedure *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		procedure_fields_release(step_fields, &p->steps[i]);
		procedure_fields_release(own_fields, &p->steps[i]);
		release_marks(&p->steps[i]);
	}
	free(p->steps);
}
