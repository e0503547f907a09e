/* SPDX-License-Identifier: ISC */
/* The rules that can be judged from the stored journal and the commands that arrive. What the
 * switches can judge themselves (groups, roles, reboots) is in switchmodel.c. */
#include "config.h"

#include "tests/engine/bed.h"

#include "model/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS_MOST 6000 /* to one device, whatever happens */
#define SLACK_MS      30000 /* of a step's limit: the last connection, the last answer */

static void set(char **field, const char *text)
{
	free(*field);
	*field = xstrdup(text);
}

static void close_intent(struct watched *w)
{
	set(&w->step, NULL);
	set(&w->command, NULL);
	set(&w->action, NULL);
}

static void close_undo(struct watched *w)
{
	set(&w->undo_step, NULL);
	set(&w->undo_command, NULL);
}

void watch_init(struct bed *b)
{
	b->watch = xcalloc(b->inventory->devices.n, sizeof(*b->watch));
	for (size_t i = 0; i < b->inventory->devices.n; i++)
		b->watch[i].batch = -1;
}

void watch_release(struct bed *b)
{
	for (size_t i = 0; b->watch && i < b->inventory->devices.n; i++) {
		close_intent(&b->watch[i]);
		close_undo(&b->watch[i]);
	}
	free(b->watch);
	b->watch = NULL;
	for (size_t i = 0; i < b->turns.n; i++)
		free(b->turns.v[i].turn);
	VEC_RELEASE(&b->turns);
}

/* --- devices that start ------------------------------------------------------------------- */

static bool is_active(const struct watched *w)
{
	return task_state_active((enum task_state)w->state);
}

static bool same_group(const struct bed *b, size_t a, size_t c)
{
	const struct group *g = inventory_group(b->inventory, a);
	return a != c && g && inventory_group(b->inventory, c) == g;
}

static size_t limit_of(const struct bed *b, const char *role)
{
	size_t n = 0;
	for (size_t i = 0; i < b->inventory->devices.n; i++)
		n += str_eq(b->inventory->devices.v[i].role, role);
	return b->o.role_limit > 0 ? (size_t)b->o.role_limit : (n + 1) / 2;
}

static void may_begin(struct bed *b, size_t d)
{
	const char *name = b->inventory->devices.v[d].name, *role = b->inventory->devices.v[d].role;
	size_t busy = 1, alike = 1, most = b->o.batch_size > 0 ? (size_t)b->o.batch_size : 4;
	int last = -1;
	if (b->job_state != JOB_RUNNING && b->job_state != JOB_HELD)
		bed_broken(b, "%s begins while the job is %s", name,
			   job_state_name((enum job_state)b->job_state));
	for (size_t i = 0; i < b->inventory->devices.n; i++) {
		struct watched *w = &b->watch[i];
		if (i == d)
			continue;
		busy += is_active(w);
		alike += is_active(w) && role && str_eq(role, b->inventory->devices.v[i].role);
		if (same_group(b, d, i) && (is_active(w) || (w->failed && !w->released)))
			bed_broken(b, "%s begins and %s of its group is %s", name,
				   b->inventory->devices.v[i].name,
				   task_state_name((enum task_state)w->state));
		if (w->failed && !w->released && !w->acknowledged && w->batch > last)
			last = w->batch;
	}
	/* a way back that was ordered does not wait for what has failed */
	bool back = b->watch[d].next_pass == PASS_ROLLBACK;
	if (!back && b->o.on_failure == ON_FAILURE_HOLD && last >= 0 && b->watch[d].batch > last)
		bed_broken(b, "%s of batch %d begins after a failure in batch %d", name,
			   b->watch[d].batch, last);
	if (busy > most)
		bed_broken(b, "%s begins, %zu are worked on, at most %zu may be", name, busy, most);
	if (role && alike > limit_of(b, role))
		bed_broken(b, "%s begins, %zu %s are worked on", name, alike, role);
}

/* --- records ------------------------------------------------------------------------------ */

static int find(const char *(*name_of)(int), int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (str_eq(name_of(i), name))
			return i;
	return -1;
}

static const char *task_word(int i)
{
	return task_state_name((enum task_state)i);
}

static const char *job_word(int i)
{
	return job_state_name((enum job_state)i);
}

static int pass_of(const struct record *r)
{
	const char *text = json_text(r->data, "pass");
	for (int i = 0; pass_names[i]; i++)
		if (str_eq(pass_names[i], text))
			return i;
	return -1;
}

static void see_plan(struct bed *b, const cJSON *plan)
{
	const cJSON *stage, *batch, *name;
	int n = 0;
	cJSON_ArrayForEach(stage, cJSON_GetObjectItemCaseSensitive(plan, "stages"))
	{
		const char *turn = json_text(stage, "component");
		cJSON_ArrayForEach(batch, cJSON_GetObjectItemCaseSensitive(stage, "batches"))
		{
			cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(batch, "devices"))
			{
				size_t d = inventory_find(b->inventory, name->valuestring);
				b->watch[d].batch = n;
				if (turn)
					VEC_PUSH(&b->turns,
						 ((struct turn_place){xstrdup(turn), d, n}));
			}
			n++;
		}
	}
}

/* Its turn comes when everybody is through what is before it. True: nobody goes down by it. */
static bool see_turn(struct bed *b, size_t d, const char *turn)
{
	struct watched *w = &b->watch[d];
	size_t gate = turn ? strlen(turn) : 0;
	for (size_t i = 0; turn && i < b->turns.n; i++)
		if (b->turns.v[i].device == d && str_eq(b->turns.v[i].turn, turn))
			w->batch = b->turns.v[i].batch;
	for (size_t i = 0; turn && i < b->inventory->devices.n; i++)
		if (i != d && is_active(&b->watch[i]) && b->watch[i].batch != w->batch)
			bed_broken(b, "%s begins %s while %s is in another part",
				   b->inventory->devices.v[d].name, turn,
				   b->inventory->devices.v[i].name);
	return turn && (str_eq(turn, b->o.together) || str_eq(turn, b->o.finishes) ||
			(gate > 5 && str_eq(turn + gate - 5, "-gate")));
}

/* The job ends and takes back what was to last: when everybody is through with it. */
static bool may_close(struct bed *b, const struct record *r)
{
	for (size_t i = 0; i < b->inventory->devices.n; i++)
		if (b->watch[i].state == TASK_PENDING || b->watch[i].state == TASK_RUNNING)
			return false;
	return json_flag(r->data, "closing") && pass_of(r) == PASS_UNDO;
}

static void see_begin(struct bed *b, size_t d, const struct record *r)
{
	struct watched *w = &b->watch[d];
	int pass = pass_of(r);
	bool stays_up = see_turn(b, d, json_text(r->data, "turn"));
	if (w->step || w->undo_step)
		bed_broken(b, "%s begins a pass and %s is still open", r->device,
			   w->step ? w->step : w->undo_step);
	if (w->state == TASK_PENDING && !stays_up)
		may_begin(b, d);
	else if (w->state != TASK_PENDING && !is_active(w) && !may_close(b, r))
		bed_broken(b, "%s begins and was %s", r->device, task_word(w->state));
	w->pass = pass;
	w->attempt = (int)json_number(r->data, "attempt", 0);
	w->state = pass == PASS_UPGRADE    ? TASK_RUNNING
		   : pass == PASS_ROLLBACK ? TASK_ROLLING_BACK
					   : TASK_UNDOING;
	w->gated = pass != PASS_UPGRADE && w->gated;
	w->from_step = json_text(r->data, "from_step") != NULL;
	b->switches.box.v[d].excused = false;
}

static void see_intent(struct bed *b, size_t d, const struct record *r)
{
	struct watched *w = &b->watch[d];
	if (!is_active(w))
		bed_broken(b, "%s: an intent of a device that is %s", r->device,
			   task_word(w->state));
	if (pass_of(r) == PASS_UNDO) {
		if (w->undo_step && !str_eq(w->undo_step, r->step))
			bed_broken(b, "%s: undo of %s before the outcome of %s", r->device, r->step,
				   w->undo_step);
		w->dirty = true; /* it has a limit of its own */
		set(&w->undo_step, r->step);
		set(&w->undo_command, json_text(r->data, "command"));
		return;
	}
	if (w->step)
		bed_broken(b, "%s: %s is begun before the outcome of %s", r->device, r->step,
			   w->step);
	set(&w->step, r->step);
	set(&w->command, json_text(r->data, "command"));
	set(&w->action, json_text(r->data, "action"));
	w->changes = json_flag(r->data, "changes");
	w->since = r->wall;
	w->limit = json_number(r->data, "limit_ms", 0);
	w->dirty = false;
}

static void see_outcome(struct bed *b, size_t d, const struct record *r)
{
	struct watched *w = &b->watch[d];
	const char *result = json_text(r->data, "result");
	if (pass_of(r) == PASS_UNDO) {
		close_undo(w);
		return;
	}
	if (w->step && !str_eq(w->step, r->step))
		bed_broken(b, "%s: an outcome of %s while %s is open", r->device, r->step, w->step);
	if (!w->step && str_eq(result, "done"))
		bed_broken(b, "%s: %s is done and was never begun", r->device, r->step);
	if (w->step && !w->dirty && w->limit > 0 &&
	    r->wall - w->since > w->limit + SLACK_MS)
		bed_broken(b, "%s: %s took %" PRId64 " ms, its limit is %" PRId64, r->device,
			   r->step, r->wall - w->since, w->limit);
	close_intent(w);
}

static bool named(struct bed *b, size_t d, const char *what)
{
	const struct jobview *v = bed_view(b);
	for (size_t i = 0; i < v->notes.n; i++)
		if (v->notes.v[i].device == d && v->notes.v[i].warning &&
		    strstr(v->notes.v[i].text, what))
			return true;
	return false;
}

static bool left_open(struct bed *b, size_t d, const char *step)
{
	const struct task_view *t = jobview_task((struct jobview *)bed_view(b), d);
	for (size_t i = 0; i < t->open.n; i++)
		if (str_eq(t->open.v[i].step, step))
			return true;
	return false;
}

static void nothing_left(struct bed *b, size_t d)
{
	struct box *x = &b->switches.box.v[d];
	if (x->drained && !(named(b, d, "Undrain") && left_open(b, d, "drain")))
		bed_broken(b, "%s is %s, drained, and nobody says so", x->name,
			   task_word(b->watch[d].state));
	if (x->claim[0] && !named(b, d, "Remove the claim"))
		bed_broken(b, "%s is %s, claimed, and nobody says so", x->name,
			   task_word(b->watch[d].state));
	for (size_t i = 0; i < b->switches.box.n; i++)
		if (strcmp(b->switches.box.v[i].prepared, x->name) == 0 &&
		    !named(b, d, "Let the peers go"))
			bed_broken(b, "%s is prepared for %s, that is %s, and nobody says so",
				   b->switches.box.v[i].name, x->name,
				   task_word(b->watch[d].state));
	if (x->staged[0] && !named(b, d, "Cancel the install"))
		bed_broken(b, "%s is %s, an install waits for the next boot, and nobody says so",
			   x->name, task_word(b->watch[d].state));
}

static void is_done(struct bed *b, size_t d)
{
	struct box *x = &b->switches.box.v[d];
	if (strcmp(x->release, BED_TO) != 0)
		bed_broken(b, "%s is done and runs %s", x->name, x->release);
	if (x->boot == x->first_boot)
		bed_broken(b, "%s is done and never booted", x->name);
	if (!x->config)
		bed_broken(b, "%s is done and has no configuration", x->name);
}

static void see_task(struct bed *b, size_t d, const struct record *r)
{
	struct watched *w = &b->watch[d];
	int before = w->state, next = pass_of(r);
	w->state = find(task_word, TASK_STATE_COUNT, json_text(r->data, "state"));
	if (w->state == TASK_PENDING && before != TASK_PENDING)
		w->by_order = next == PASS_ROLLBACK && (before == TASK_DONE || w->by_order);
	w->next_pass = next;
	w->failed = w->state == TASK_FAILED || (w->state == TASK_ROLLED_BACK && !w->by_order);
	w->acknowledged = json_flag(r->data, "acknowledged");
	w->released = json_flag(r->data, "released");
	w->dirty |= w->state == TASK_HELD || before == TASK_HELD;
	b->switches.box.v[d].excused = w->state == TASK_DONE || w->released;
	if (!task_state_final((enum task_state)w->state) || before == w->state)
		return;
	if (w->step || w->undo_step)
		bed_broken(b, "%s is %s and %s is open", r->device, task_word(w->state),
			   w->step ? w->step : w->undo_step);
	if (w->state == TASK_DONE)
		is_done(b, d);
	if (w->state == TASK_ROLLED_BACK && strcmp(b->switches.box.v[d].release, BED_FROM) != 0)
		bed_broken(b, "%s is rolled back and runs %s", r->device,
			   b->switches.box.v[d].release);
	if (w->state != TASK_SKIPPED && is_active(&(struct watched){.state = before}))
		nothing_left(b, d);
}

/* A new process: it may begin the taking back anew, which is repeatable by rule. */
static void see_owner(struct bed *b)
{
	for (size_t i = 0; i < b->inventory->devices.n; i++) {
		b->watch[i].dirty = true;
		close_undo(&b->watch[i]);
	}
}

static int see(void *ctx, const struct record *r, struct err *e)
{
	struct bed *b = ctx;
	size_t d = r->device ? inventory_find(b->inventory, r->device) : NO_DEVICE;
	(void)e;
	b->seen = r->seq;
	if (r->kind == RECORD_STATE)
		b->job_state = find(job_word, JOB_STATE_COUNT, json_text(r->data, "state"));
	else if (r->kind == RECORD_PLAN)
		see_plan(b, cJSON_GetObjectItemCaseSensitive(r->data, "plan"));
	else if (r->kind == RECORD_OWNER)
		see_owner(b);
	else if (d == NO_DEVICE)
		return 0;
	else if (r->kind == RECORD_BEGIN)
		see_begin(b, d, r);
	else if (r->kind == RECORD_INTENT)
		see_intent(b, d, r);
	else if (r->kind == RECORD_OUTCOME)
		see_outcome(b, d, r);
	else if (r->kind == RECORD_TASK)
		see_task(b, d, r);
	else if (r->kind == RECORD_PROGRESS && json_flag(r->data, "again"))
		b->watch[d].since = r->wall;
	else if (r->kind == RECORD_FACTS && json_flag(r->data, "gate"))
		b->watch[d].gated = true;
	return 0;
}

void watch_journal(struct bed *b)
{
	struct err e = {0};
	if (!b->runner || b->problem[0])
		return;
	if (store_read(b->store, b->job, b->seen, 0, see, b, &e) != 0)
		bed_broken(b, "the journal cannot be read: %s", e.text);
}

/* --- commands that arrive ----------------------------------------------------------------- */

static bool intended(const struct bed *b, size_t d, const struct tr_request *r)
{
	for (size_t i = 0; i < b->inventory->devices.n; i++) {
		const struct watched *w = &b->watch[i];
		if (r->kind == TR_PUT && i == d && str_eq(w->action, "put"))
			return true;
		if (r->kind == TR_PUT || (i != d && !same_group(b, d, i)))
			continue;
		if (w->step && w->changes && str_eq(w->command, r->command))
			return true;
		if (w->undo_step && str_eq(w->undo_command, r->command))
			return true;
	}
	return false;
}

void watch_write(struct bed *b, const struct tr_request *r)
{
	struct watched *w = &b->watch[r->device];
	const char *name = b->inventory->devices.v[r->device].name;
	const char *command = r->kind == TR_PUT ? "a copy" : r->command;
	watch_journal(b);
	if (!intended(b, r->device, r))
		bed_broken(b, "%s: %s arrives without a durable intent", name, command);
	if (is_active(w) && w->pass == PASS_UPGRADE && !w->from_step && !w->gated)
		bed_broken(b, "%s: %s arrives before the device was compared with the plan", name,
			   command);
	if (is_active(w) &&
	    b->switches.box.v[r->device].serial != b->switches.box.v[r->device].planned_serial)
		bed_broken(b, "%s: %s reaches another box than the planned one", name, command);
	if (w->sent > COMMANDS_MOST)
		bed_broken(b, "%s: more than %d commands", name, COMMANDS_MOST);
}

/* --- the end ------------------------------------------------------------------------------ */

void watch_end(struct bed *b)
{
	const struct jobview *v = bed_view(b);
	watch_journal(b);
	if (!job_state_final(v->state))
		bed_broken(b, "the job ends as %s", job_state_name(v->state));
	for (size_t i = 0; v->started && i < v->tasks.n; i++)
		if (!task_state_final(v->tasks.v[i].state))
			bed_broken(b, "%s ends as %s", jobview_device(v, v->tasks.v[i].device),
				   task_state_name(v->tasks.v[i].state));
}
