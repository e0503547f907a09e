/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/proc.h"

#include "lab/command.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 200000, MAX_OUTPUT = 512 << 20 };

/* The front door calls it a run. */
struct lab_run {
	struct lab *lab;
	struct device *dev;
	struct fiber *fiber;
	struct sh shell;
	struct input input;
	struct blob *out, *err;
	int64_t taken[2]; /* of out and err, by the client */
	char *command;
	struct ast *tree; /* of a background process; one of kept */
	VEC(struct ast *) kept;
	int id, status, steps, killed; /* killed: the signal */
	int64_t started, ended_at;
	int64_t wake;                  /* lab time; -1 none */
	int64_t limit;                 /* of timeout(1): lab time; -1 none */
	bool timed_out;
	bool waits_input, ended, dropped, orphan, running, expired;
	int64_t expects;
	int64_t got;
	unsigned connection_gen;
	struct unit *unit;
	void *ctx;
};

struct proc {
	struct lab_run run;
};

static struct proc *of(struct lab_run *run)
{
	return (struct proc *)run;
}

int proc_id(const struct proc *p)
{
	return p->run.id;
}

bool proc_alive(const struct proc *p)
{
	return !p->run.killed && !p->run.timed_out;
}

bool proc_ended(const struct proc *p)
{
	return p->run.ended;
}

int proc_status(const struct proc *p)
{
	return p->run.status;
}

struct lab_run_view proc_view(struct proc *p)
{
	struct lab_run *r = &p->run;
	return (struct lab_run_view){r->lab, r->dev, &r->input, r->out, r->err};
}

size_t proc_stack_left(const struct proc *p)
{
	return fiber_stack_left(p->run.fiber);
}

struct blob *proc_out(struct proc *p)
{
	return p->run.out;
}

struct blob *proc_err(struct proc *p)
{
	return p->run.err;
}

void proc_merge_output(struct proc *p)
{
	blob_unref(p->run.err);
	p->run.err = blob_ref(p->run.out);
	p->run.shell.err = p->run.err;
}

void proc_set_unit(struct proc *p, struct unit *u)
{
	p->run.unit = u;
}

struct unit *proc_unit(struct proc *p)
{
	return p->run.unit;
}

void proc_keep(struct proc *p, struct ast *a)
{
	VEC_PUSH(&p->run.kept, a);
}

bool proc_step(struct proc *p)
{
	if (!p->run.killed && (++p->run.steps > MAX_STEPS || blob_size(p->run.out) > MAX_OUTPUT))
		p->run.killed = 9;
	return proc_alive(p);
}

static void told(struct proc *p)
{
	struct lab *lab = p->run.lab;
	if (lab->options.wake && !p->run.orphan)
		lab->options.wake(lab->options.wake_ctx, &p->run, p->run.ctx);
}

/* The account's password has expired: sshd lets nobody in without a terminal. */
static bool refuse_expired(struct proc *p)
{
	if (!p->run.expired)
		return false;
	blob_puts(p->run.err, "WARNING: Your password has expired.\n"
	                      "Password change required but no TTY available.\n");
	p->run.status = 1;
	return true;
}

static bool meets_fault(struct proc *p)
{
	struct device *dev = p->run.dev;
	struct fault *f;
	if (!p->run.command || p->run.unit)
		return false;
	if ((f = fault_match(dev, "drops-before", p->run.command))) {
		proc_drop(p);
		return true;
	}
	if ((f = fault_match(dev, "hangs", p->run.command))) {
		proc_hang(p);
		return true;
	}
	if ((f = fault_match(dev, "drops-during", p->run.command)))
		proc_drop(p); /* and the command itself goes on */
	if ((f = fault_get(dev, "slow", false)))
		(void)proc_sleep(p, (int64_t)(atof(f->arg ? f->arg : "1") * 1000));
	if (fault_on(dev, "garbage"))
		blob_puts(p->run.out, "\x1b]0;pwned\x07\x1b[31m\x9b" "31mhello\xe2\x80\xae"
		                      "evil\xff\xfe\r\x1b[2J\n");
	return false;
}

static void body(void *arg)
{
	struct proc *p = arg;
	if (!refuse_expired(p) && !meets_fault(p)) {
		if (p->run.tree)
			p->run.status = sh_eval(&p->run.shell, p->run.tree);
		else
			p->run.status = sh_eval_text(&p->run.shell, p->run.command);
	}
	if (p->run.killed)
		p->run.status = 128 + p->run.killed;
	sh_release(&p->run.shell);
}

static struct proc *make(struct lab *lab, struct device *dev, const char *user, int uid,
                         const char *command)
{
	struct proc *p = xcalloc(1, sizeof(*p));
	struct lab_run *r = &p->run;
	r->lab = lab;
	r->dev = dev;
	r->id = ++lab->next_pid;
	r->command = xstrdup(command);
	r->out = blob_new();
	r->err = blob_new();
	r->input.blob = blob_new();
	r->wake = r->limit = -1;
	r->started = lab->now;
	r->connection_gen = dev->connection_gen;
	sh_init(&r->shell, p, user, uid);
	r->fiber = fiber_new(lab->pool, body, p);
	VEC_PUSH(&lab->procs, p);
	return p;
}

struct proc *proc_new(struct lab *lab, struct device *dev, const char *user, const char *command)
{
	struct proc *p = make(lab, dev, user, account_uid(dev, user), command);
	p->run.input.live = true;
	p->run.expired = lab_login_expired(lab, (size_t)dev->index, user);
	return p;
}

struct proc *proc_spawn(struct lab *lab, struct device *dev, const char *user, int uid,
                        const char *command)
{
	struct proc *p = make(lab, dev, user, uid, command);
	p->run.orphan = true;
	return p;
}

struct proc *proc_background(struct sh *sh, struct ast *tree)
{
	struct proc *p = make(sh->lab, sh->dev, sh->user, sh->uid, NULL);
	sh_release(&p->run.shell);
	sh_copy(&p->run.shell, sh);
	struct sh *in = &p->run.shell;
	in->proc = p;
	in->parent = NULL;
	in->out = p->run.out;
	in->err = p->run.err;
	in->in = &p->run.input;
	in->args = NULL;
	in->n_args = 0;
	for (size_t i = 0; i < in->functions.n; i++) {
		in->functions.v[i] = ast_copy(in->functions.v[i]);
		proc_keep(p, in->functions.v[i]);
	}
	p->run.tree = ast_copy(tree);
	proc_keep(p, p->run.tree);
	p->run.orphan = true;
	return p;
}

static void unit_ended(struct proc *p)
{
	struct unit *u = p->run.unit;
	if (!u)
		return;
	u->proc = NULL;
	u->status = p->run.status;
	u->failed = p->run.status != 0;
	u->ended = p->run.lab->now;
	if (p->run.dev->phase == PHASE_UP)
		lab_log(p->run.lab, p->run.dev, "unit-ended", "%s status %d", u->name, u->status);
}

static void ended(struct proc *p)
{
	struct device *dev = p->run.dev;
	p->run.ended = true;
	p->run.ended_at = p->run.lab->now;
	fiber_free(p->run.fiber);
	p->run.fiber = NULL;
	if (dev->installer == p)
		dev->installer = NULL;
	if (dev->apt == p)
		dev->apt = NULL;
	if (dev->ztp == p) {
		dev->ztp = NULL;
		lab_log(p->run.lab, dev, "ztp-ended", "status %d", p->run.status);
	}
	unit_ended(p);
	if (p->run.killed && !p->run.orphan && p->run.killed != 15)
		p->run.dropped = true;
}

void proc_resume(struct proc *p)
{
	if (p->run.ended || p->run.running)
		return;
	p->run.wake = -1;
	p->run.waits_input = false;
	p->run.running = true;
	bool done = fiber_resume(p->run.fiber);
	p->run.running = false;
	if (done)
		ended(p);
	links_update(p->run.lab);
	told(p);
}

void proc_kill(struct proc *p, int signal)
{
	if (p->run.ended || p->run.killed)
		return;
	p->run.killed = signal ? signal : 15;
	if (!p->run.running)
		proc_resume(p);
}

void proc_kill_device(struct lab *lab, struct device *dev)
{
	for (size_t i = 0; i < lab->procs.n; i++)
		if (lab->procs.v[i]->run.dev == dev)
			proc_kill(lab->procs.v[i], 9);
}

void proc_free(struct proc *p)
{
	proc_kill(p, 9);
	for (size_t i = 0; i < p->run.lab->procs.n; i++) {
		if (p->run.lab->procs.v[i] == p) {
			VEC_REMOVE(&p->run.lab->procs, i);
			break;
		}
	}
	for (size_t i = 0; i < p->run.kept.n; i++)
		ast_free(p->run.kept.v[i]);
	VEC_RELEASE(&p->run.kept);
	blob_unref(p->run.out);
	blob_unref(p->run.err);
	blob_unref(p->run.input.blob);
	free(p->run.command);
	free(p);
}

void procs_due(struct lab *lab)
{
	for (size_t i = 0; i < lab->procs.n; i++) {
		struct proc *p = lab->procs.v[i];
		if (!p->run.ended && p->run.wake >= 0 && p->run.wake <= lab->now)
			proc_resume(p);
	}
	for (size_t i = 0; i < lab->procs.n;) {
		struct proc *p = lab->procs.v[i];
		if (p->run.orphan && p->run.ended)
			proc_free(p);
		else
			i++;
	}
}

int64_t procs_next(const struct lab *lab)
{
	int64_t next = -1;
	for (size_t i = 0; i < lab->procs.n; i++) {
		int64_t wake = lab->procs.v[i]->run.wake;
		if (!lab->procs.v[i]->run.ended && wake >= 0 && (next < 0 || wake < next))
			next = wake;
	}
	return next;
}

void proc_expect(struct proc *p, int64_t bytes)
{
	p->run.expects = bytes;
}

/* Stop here until somebody resumes us. False: killed, or the time of timeout(1) is over. */
static bool pause_until(struct proc *p, int64_t until)
{
	struct lab_run *r = &p->run;
	if (r->limit >= 0 && r->lab->now >= r->limit)
		r->timed_out = true;
	if (r->killed || r->timed_out)
		return false;
	r->wake = r->limit >= 0 && (until < 0 || r->limit < until) ? r->limit : until;
	fiber_yield(r->fiber);
	if (!r->killed && r->limit >= 0 && r->lab->now >= r->limit)
		r->timed_out = true;
	return !r->killed && !r->timed_out;
}

bool proc_sleep(struct proc *p, int64_t ms)
{
	int64_t until = p->run.lab->now + ms;
	bool on = proc_alive(p);
	while (on && p->run.lab->now < until)
		on = pause_until(p, until);
	return on;
}

void proc_hang(struct proc *p)
{
	lab_log(p->run.lab, p->run.dev, "hang", "%s", p->run.command ? p->run.command : "");
	while (pause_until(p, -1))
		;
}

bool proc_input(struct proc *p, struct input *in)
{
	bool on = proc_alive(p);
	while (on && in->live && !in->eof && in->at >= blob_size(in->blob)) {
		p->run.waits_input = true;
		on = pause_until(p, -1);
	}
	return on;
}

struct blob *proc_input_all(struct proc *p, struct input *in)
{
	bool on = proc_alive(p);
	while (on && in->live && !in->eof) {
		p->run.waits_input = true;
		on = pause_until(p, -1);
	}
	if (!on)
		return NULL;
	if (in->at == 0) {
		in->at = blob_size(in->blob);
		return blob_share(in->blob);
	}
	size_t n;
	const char *data = blob_data(in->blob, &n);
	struct blob *rest = blob_new();
	blob_add(rest, data + in->at, n - (size_t)in->at);
	in->at = (int64_t)n;
	return rest;
}

int proc_limited(struct sh *sh, int64_t ms, int argc, char **argv)
{
	struct lab_run *r = &sh->proc->run;
	int64_t before = r->limit, mine = r->lab->now + ms;
	if (before < 0 || mine < before)
		r->limit = mine;
	int status = sh_run(sh, argc, argv);
	bool expired = r->timed_out && (before < 0 || r->lab->now < before);
	r->limit = before;
	if (!expired)
		return status;
	r->timed_out = false;
	return 124;
}

void proc_drop(struct proc *p)
{
	if (p->run.dropped)
		return;
	p->run.dropped = true;
	lab_log(p->run.lab, p->run.dev, "dropped", "%s", p->run.command ? p->run.command : "");
	told(p);
}

/* --- the front door's runs ---------------------------------------------------------------------------- */
struct lab_run *lab_run_start(struct lab *lab, size_t device, const char *user,
                              const char *command, void *run_ctx)
{
	struct device *dev = lab->devices.v[device];
	lab_log(lab, dev, "command", "%s: %s", user, command);
	struct proc *p = proc_new(lab, dev, user, command);
	p->run.ctx = run_ctx;
	if (!device_up(dev)) {
		p->run.dropped = true;
		p->run.killed = 9;
	}
	proc_resume(p);
	return &p->run;
}

/* The connection breaks when so much of an upload has arrived. True: cut; *n is what still came. */
static bool upload_cut(struct lab_run *r, size_t *n)
{
	struct fault *f = fault_get(r->dev, "upload-cut", false);
	if (!f || r->unit)
		return false;
	double percent = f->arg ? atof(f->arg) : 50;
	double whole = r->expects > 0 ? (double)r->expects
	               : r->lab->options.image_size > 0 ? (double)r->lab->options.image_size : 4 << 20;
	int64_t limit = (int64_t)(whole * percent / 100);
	if (r->got + (int64_t)*n < limit)
		return false;
	*n = limit > r->got ? (size_t)(limit - r->got) : 0;
	(void)fault_get(r->dev, "upload-cut", true);
	return true;
}

void lab_run_feed(struct lab_run *r, const void *data, size_t n)
{
	if (r->ended || r->killed || r->input.eof || r->dropped)
		return;
	bool cut = upload_cut(r, &n);
	if (r->input.at >= blob_size(r->input.blob) && r->input.at) {
		blob_unref(r->input.blob); /* what was read is gone */
		r->input.blob = blob_new();
		r->input.at = 0;
	}
	blob_own(&r->input.blob);
	blob_add(r->input.blob, data, n);
	r->got += (int64_t)n;
	if (cut) {
		proc_drop(of(r));
		r->input.eof = true;
	}
	if (r->waits_input)
		proc_resume(of(r));
}

void lab_run_eof(struct lab_run *r)
{
	r->input.eof = true;
	if (r->waits_input)
		proc_resume(of(r));
}

void lab_run_expect(struct lab_run *r, int64_t bytes)
{
	r->expects = bytes;
}

/* Connections that were open when the device went down are gone with what ran in them. */
bool lab_run_dropped(const struct lab_run *r)
{
	return r->dropped || (r->connection_gen != r->dev->connection_gen && !r->ended);
}

bool lab_run_ended(const struct lab_run *r)
{
	return r->ended || lab_run_dropped(r);
}

int lab_run_status(const struct lab_run *r)
{
	return r->status;
}

size_t lab_run_output(struct lab_run *r, int which, size_t limit, struct str *out)
{
	struct blob *b = which == 2 ? r->err : r->out;
	int64_t *at = &r->taken[which == 2];
	char buf[16384];
	size_t total = 0;
	while (total < limit) {
		size_t want = limit - total < sizeof(buf) ? limit - total : sizeof(buf);
		size_t n = blob_read(b, *at, buf, want);
		if (!n)
			break;
		str_add(out, buf, n);
		*at += (int64_t)n;
		total += n;
	}
	return total;
}

void lab_run_result(struct lab_run *r, struct lab_result *result)
{
	memset(result, 0, sizeof(*result));
	result->status = r->status;
	result->dropped = lab_run_dropped(r);
	result->takes_ms = (r->ended ? r->ended_at : r->lab->now) - r->started;
	(void)lab_run_output(r, 1, SIZE_MAX, &result->out);
	(void)lab_run_output(r, 2, SIZE_MAX, &result->err);
}

void lab_run_close(struct lab_run *r)
{
	if (!r)
		return;
	r->ctx = NULL;
	r->orphan = true;
	if (!r->ended && r->killed == 0)
		lab_run_eof(r);
	if (r->ended)
		proc_free(of(r));
}

void lab_result_release(struct lab_result *r)
{
	str_release(&r->out);
	str_release(&r->err);
}

bool lab_exec(struct lab *lab, size_t device, const char *user, const char *command,
              const void *in, size_t n, int64_t limit_ms, struct lab_result *result)
{
	struct lab_run *r = lab_run_start(lab, device, user, command, NULL);
	if (n)
		lab_run_feed(r, in, n);
	lab_run_eof(r);
	int64_t until = lab->now + limit_ms;
	while (!lab_run_ended(r) && lab->now < until) {
		int64_t next = lab_next(lab);
		lab_advance(lab, next < 0 || next > until ? until : next);
	}
	bool ended_in_time = lab_run_ended(r);
	lab_run_result(r, result);
	lab_run_close(r);
	return ended_in_time;
}
