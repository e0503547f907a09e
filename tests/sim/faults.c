/* SPDX-License-Identifier: ISC */
/*
 * faults: everything that can go wrong with the lab's switches, one at a time, and what the operator
 * sees of it: in words, in the state of the job and of every device, and in what is left behind.
 * The rows are in fault_rows.c, precheck_rows.c, mlag_rows.c, nvue_rows.c and
 * after_rows.c; here is what holds for every one of them.
 *
 *   faults [NAME]...         only these rows
 *   faults --show [NAME]...  tell what is there, judge nothing
 */
#include "config.h"

#include "tests/sim/faults.h"
#include "tests/sim/view.h"

#include "base/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct play {
	const struct row *row;
	struct sim sim;
	int refused[SIM_DEVICES]; /* logins, since the last word of the operator */
	int bad;                  /* broken expectations */
	bool show;
};

static void PRINTF_LIKE(2, 3) wrong(struct play *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	p->bad++;
	if (!p->show)
		printf("%s: %s\n", p->row->name, text);
	free(text);
}

static void must_be_like(struct play *p, const char *what, const char *expected, const char *is)
{
	if (expected && !like(expected, is))
		wrong(p, "%s is\n    %s\n  instead of\n    %s", what, is ? is : "(nothing)",
		      expected);
}

static const struct jobview *view(struct play *p)
{
	return runner_view(p->sim.runner);
}

/* --- what the operator sees ------------------------------------------------------------------- */

static void check_texts(struct play *p, const struct check_row *x)
{
	const struct check_view *c = view_check(view(p), x->device, x->check, x->after);
	if (!c) {
		wrong(p, "check %s of %s has no result", x->check, x->device);
		return;
	}
	must_be_like(p, "the check's group", x->group, c->group);
	must_be_like(p, "the check's status", x->status, c->status);
	must_be_like(p, "the check's message", x->message, c->message);
	must_be_like(p, "the check's advice", x->advice, c->advice);
	must_be_like(p, "the check's output", x->output, c->output);
}

static void check_list(struct play *p, const struct check_row *list, size_t n)
{
	for (size_t i = 0; i < n && list[i].check; i++)
		check_texts(p, &list[i]);
}

/* Checks that are not passed and that the row does not speak of are a surprise. */
static bool is_expected(const struct row *r, const struct check_view *c, const char *device)
{
	for (size_t i = 0; i < LEN(r->checks) && r->checks[i].check; i++)
		if (like(r->checks[i].check, c->check) && like(r->checks[i].device, device))
			return true;
	return false;
}

static void no_surprise(struct play *p)
{
	const struct jobview *v = view(p);
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		const char *device = c->device == NO_DEVICE ? "" : jobview_device(v, c->device);
		if (!c->after && strcmp(c->status, "passed") != 0 && !is_expected(p->row, c, device))
			wrong(p, "unexpected: check %s of %s is %s: %s", c->check, device, c->status,
			      c->message);
		if (strcmp(c->status, "passed") != 0 &&
		    (!c->message || !*c->message || !c->advice || !*c->advice))
			wrong(p, "check %s of %s says not what to do", c->check, device);
	}
}

static const struct step_view *last_failed(const struct task_view *t)
{
	for (size_t i = t->steps.n; i-- > 0;)
		if (t->steps.v[i].result && strcmp(t->steps.v[i].result, "failed") == 0 &&
		    t->steps.v[i].pass == t->failed_pass && t->failed_step &&
		    strcmp(t->steps.v[i].step, t->failed_step) == 0)
			return &t->steps.v[i];
	return NULL;
}

static void failure_texts(struct play *p, const struct failure_row *x)
{
	const struct jobview *v = view(p);
	size_t d = inventory_find(v->job->inventory, x->device);
	const struct task_view *t = jobview_task((struct jobview *)v, d);
	must_be_like(p, "the failed step", x->step, t->failed_step);
	must_be_like(p, "the message", x->message, t->message);
	must_be_like(p, "the cause", x->cause, t->cause);
	must_be_like(p, "the advice", x->advice, t->advice);
	const struct step_view *s = last_failed(t);
	if (x->output)
		must_be_like(p, "the raw output", x->output, s ? s->output : NULL);
}

static void failures_speak(struct play *p)
{
	const struct jobview *v = view(p);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		bool failed = t->state == TASK_FAILED || t->state == TASK_ROLLED_BACK;
		if (failed && (!t->message || !*t->message || !t->cause || !*t->cause ||
		               !t->advice || !*t->advice))
			wrong(p, "%s failed without a word of message, cause or advice",
			      jobview_device(v, t->device));
	}
}

static void question(struct play *p)
{
	const struct jobview *v = view(p);
	if (!p->row->question)
		return;
	const struct question_view *q = v->questions.n ? &v->questions.v[v->questions.n - 1] : NULL;
	must_be_like(p, "the question", p->row->question, q ? q->text : NULL);
	must_be_like(p, "the choices", p->row->choices, q ? q->choices : NULL);
}

static void note(struct play *p)
{
	const struct jobview *v = view(p);
	for (size_t i = 0; i < v->notes.n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(v->notes.v[i].text, v->notes.v[k].text) == 0)
				wrong(p, "said twice: %s", v->notes.v[i].text);
	if (!p->row->note)
		return;
	for (size_t i = 0; i < v->notes.n; i++)
		if (v->notes.v[i].warning && like(p->row->note, v->notes.v[i].text))
			return;
	wrong(p, "no warning says: %s", p->row->note);
}

static void see_text(void *ctx, const char *where, const char *text)
{
	struct play *p = ctx;
	if (!clean_text(text))
		wrong(p, "a terminal would obey this %s: %s", where, text);
	if (strstr(text, "${"))
		wrong(p, "a name was not filled in, %s: %s", where, text);
}

/* --- what is left on the devices -------------------------------------------------------------- */

static bool named(const char *list, const char *name)
{
	const char *at = list ? strstr(list, name) : NULL;
	return at != NULL;
}

static void nothing_left(struct play *p, size_t device, const struct lab_info *info)
{
	static const char look[] =
	    "ls /run | grep hitless; sudo -n ls /var/lib/cumulus/installer 2>/dev/null | grep onie; "
	    "sudo -n vtysh -c 'show running-config' 2>/dev/null | grep graceful-shutdown; "
	    "ip -o link show | grep -v ,UP | grep -E 'swp5|peerlink' | grep 'state DOWN'; "
	    "sudo -n clagctl -j 2>/dev/null | grep -o '\"ourPriority\" *: *61440'; "
	    "ls /var/tmp | grep cumulus-linux; true";
	struct lab_result r = {0};
	char name[64];
	snprintf(name, sizeof(name), "%s", info->name);
	if (!lab_exec(p->sim.lab, device, "cumulus", look, NULL, 0, 60000, &r) || r.dropped)
		wrong(p, "%s cannot be looked at in the end", name);
	const char *left = str_text(&r.out);
	if (*left == '\033') /* the garbage that comes before every answer */
		left += strcspn(left, "\n") + 1;
	if (*left && !like(p->row->left ? p->row->left : "", left))
		wrong(p, "left behind on %s: %s", name, left);
	lab_result_release(&r);
}

static void logins_work(struct play *p, size_t device, const char *name)
{
	const char *line = lab_operator_public_key(p->sim.lab), *key = strchr(line, ' ');
	char *base64 = xstrndup(key + 1, strcspn(key + 1, " \n"));
	if (!lab_login_key(p->sim.lab, device, "cumulus", base64, true))
		wrong(p, "%s refuses the operator's key", name);
	if (!lab_login_password(p->sim.lab, device, "cumulus", lab_password(p->sim.lab)) ||
	    lab_login_expired(p->sim.lab, device, "cumulus"))
		wrong(p, "%s refuses the operator's password", name);
	free(base64);
}

static bool warned(const struct jobview *v, const char *device)
{
	for (size_t i = 0; i < v->notes.n; i++)
		if (v->notes.v[i].warning && v->notes.v[i].device != NO_DEVICE &&
		    strcmp(jobview_device(v, v->notes.v[i].device), device) == 0 &&
		    strstr(v->notes.v[i].text, "by hand"))
			return true;
	return false;
}

static void devices_in_order(struct play *p)
{
	const struct jobview *v = view(p);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		const char *name = jobview_device(v, t->device);
		struct lab_info info;
		lab_info(p->sim.lab, t->device, &info);
		if (named(p->row->gone, name) || !task_state_final(t->state))
			continue;
		if (strcmp(info.phase, "up") != 0) {
			wrong(p, "%s is %s", name, info.phase);
			continue;
		}
		if (t->open.n && !warned(v, name))
			wrong(p, "%s is left with %s and no warning", name, t->open.v[0].step);
		if (!t->open.n)
			nothing_left(p, t->device, &info);
		logins_work(p, t->device, name);
	}
}

static void no_login_twice(struct play *p)
{
	for (size_t i = 0; i < lab_count(p->sim.lab); i++) {
		struct lab_info info;
		lab_info(p->sim.lab, i, &info);
		if (p->refused[i] > 1 && !p->row->early)
			wrong(p, "%s refused %d logins", info.name, p->refused[i]);
		p->refused[i] = 0;
	}
}

static void saw(struct sim *s, const char *device, const char *event, const char *detail)
{
	struct play *p = s->o.ctx;
	int d = s->lab && *device ? lab_find(s->lab, device) : -1;
	(void)detail;
	if (d >= 0 && strcmp(event, "login-refused") == 0)
		p->refused[d]++;
}

static void looked_at(struct play *p)
{
	struct lab_result r = {0};
	int d = lab_find(p->sim.lab, "leaf02");
	if (!p->row->look)
		return;
	if (d < 0 || !lab_exec(p->sim.lab, (size_t)d, "cumulus", p->row->look, NULL, 0, 60000, &r))
		wrong(p, "leaf02 cannot be looked at in the end");
	must_be_like(p, "what leaf02 has in the end", p->row->seen, str_text(&r.out));
	lab_result_release(&r);
}

/* --- the course of a row ------------------------------------------------------------------------ */

static void add_faults(struct play *p, const char *const *list)
{
	struct err e = {0};
	for (size_t i = 0; list[i]; i++)
		if (lab_fault_add(p->sim.lab, list[i], &e) != 0)
			sim_broken(&p->sim, "%s", e.text);
}

static void states_are(struct play *p, enum job_state job, const char *states)
{
	const struct jobview *v = view(p);
	if (v->state != job)
		wrong(p, "the job is %s (%s) instead of %s", job_state_name(v->state),
		      v->reason ? v->reason : "", job_state_name(job));
	char *is = view_states(v);
	must_be_like(p, "the state of the devices", states, is);
	free(is);
}

static void act(struct play *p, const char *order)
{
	const char *eq = strchr(order, '=');
	char *verb = xstrndup(order, eq ? (size_t)(eq - order) : strlen(order));
	char id[24];
	snprintf(id, sizeof(id), "%" PRId64, view(p)->questions_asked);
	bool answer = strcmp(verb, "answer") == 0;
	sim_command(&p->sim, verb, answer ? id : eq ? eq + 1 : NULL, answer ? eq + 1 : NULL);
	free(verb);
	(void)sim_run(&p->sim);
}

static void look_at_all(struct play *p)
{
	no_login_twice(p);
	view_texts(view(p), see_text, p);
	failures_speak(p);
}

static void started(struct play *p)
{
	const struct row *r = p->row;
	add_faults(p, r->ready);
	act(p, "start");
	if (p->sim.problem[0])
		return;
	states_are(p, r->job, r->states);
	must_be_like(p, "the job's reason", r->reason, view(p)->reason);
	if (r->history) {
		char *phases = store_history_failed(p->sim.store, "leaf02");
		must_be_like(p, "where it failed", r->history, phases);
		free(phases);
	}
	if (r->failure.device)
		failure_texts(p, &r->failure);
	check_list(p, r->after, LEN(r->after));
	question(p);
	note(p);
	look_at_all(p);
	devices_in_order(p);
	looked_at(p);
	if (p->show)
		sim_explain(&p->sim);
	for (size_t i = 0; i < LEN(r->then) && r->then[i] && !p->sim.problem[0]; i++)
		act(p, r->then[i]);
	if (!r->then[0] || p->sim.problem[0])
		return;
	states_are(p, r->then_job, r->then_states);
	look_at_all(p);
	devices_in_order(p);
}

/* By the same process: what the devices are now has to show over its old connections. */
static void asked_again(struct play *p)
{
	add_faults(p, p->row->again);
	sim_command(&p->sim, "recheck", NULL, "all");
	(void)sim_run(&p->sim);
	states_are(p, JOB_REFUSED, NULL);
	check_list(p, p->row->checks_again, LEN(p->row->checks_again));
}

static void course(struct play *p)
{
	const struct row *r = p->row;
	if (sim_run(&p->sim) == RUNNER_BROKEN)
		return;
	states_are(p, r->surveyed ? r->surveyed : JOB_READY, NULL);
	check_list(p, r->checks, LEN(r->checks));
	no_surprise(p);
	look_at_all(p);
	if (r->again[0] && view(p)->state == JOB_READY)
		asked_again(p);
	if (r->job && view(p)->state == JOB_READY)
		started(p);
}

static int play(const struct row *r, const char *procedure, bool show)
{
	struct play p = {.row = r, .show = show};
	struct sim_options o = r->o;
	o.fabric = o.fabric ? o.fabric : "small";
	o.from = o.from ? o.from : "4.1.1";
	o.to = o.to ? o.to : "4.2.0";
	o.seed = 7;
	o.procedure = procedure;
	o.lab_faults = r->before;
	o.breaker = true;
	o.saw = saw;
	o.ctx = &p;
	if (show)
		printf("--- %s\n", r->name), fflush(stdout);
	if (sim_open(&p.sim, &o) == 0)
		course(&p);
	if (p.sim.problem[0])
		wrong(&p, "%s", p.sim.problem);
	if (show && p.sim.problem[0])
		printf("    problem: %s\n", p.sim.problem);
	if (show || getenv("SIM_EXPLAIN"))
		sim_explain(&p.sim);
	int bad = p.bad;
	sim_close(&p.sim);
	return bad;
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (like(argv[i], name))
			return true;
	return argc == 0;
}

static char *procedure_text(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/src/procedures/cumulus-linux.json", top ? top : TOP_SRCDIR);
	struct str text = {0};
	struct err e = {0};
	if (path_read(path, (size_t)4 << 20, &text, &e) != 0) {
		fprintf(stderr, "faults: %s\n", e.text);
		exit(99);
	}
	free(path);
	return str_take(&text);
}

int main(int argc, char **argv)
{
	bool show = argc > 1 && strcmp(argv[1], "--show") == 0;
	char *procedure = procedure_text();
	const struct row *const tables[] = {precheck_rows, mlag_rows, nvue_rows, fault_rows,
	                                   after_rows};
	int rows = 0, failed = 0;
	argc -= 1 + show, argv += 1 + show;
	for (size_t t = 0; t < LEN(tables); t++)
		for (const struct row *r = tables[t]; r->name; r++) {
			if (!chosen(r->name, argc, argv))
				continue;
			failed += play(r, procedure, show) > 0;
			rows++;
		}
	printf("%d faults, %d of them not as stated\n", rows, show ? 0 : failed);
	free(procedure);
	return failed && !show;
}
