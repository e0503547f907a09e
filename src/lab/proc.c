/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/proc.h"

#include "lab/command.h"
#include "lab/run.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 200000, MAX_OUTPUT = 512 << 20 };

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

bool proc_held(const struct proc *p)
{
	const struct lab_run *r = &p->run;
	return !r->orphan && !r->waits_input && !lab_run_ended(r);
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

/* Each command once before it is run and once while it runs. True: it is not run. */
static bool drops_each(struct proc *p)
{
	struct device *dev = p->run.dev;
	size_t times = 0;
	if (!fault_get(dev, "drops-each", false) ||
	    (!dev->drops.n && !fault_match(dev, "drops-each", p->run.command)))
		return false;
	for (size_t i = 0; i < dev->drops.n; i++)
		times += str_eq(dev->drops.v[i], p->run.command);
	if (times > 1)
		return false;
	VEC_PUSH(&dev->drops, xstrdup(p->run.command));
	proc_drop(p);
	return times == 0;
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
	if (drops_each(p))
		return true;
	if ((f = fault_match(dev, "hangs", p->run.command))) {
		proc_hang(p);
		return true;
	}
	if (fault_match(dev, "fails", p->run.command)) {
		blob_puts(p->run.err, "Input/output error\n");
		p->run.status = 1;
		return true;
	}
	if ((f = fault_match(dev, "drops-during", p->run.command)))
		proc_drop(p); /* and the command itself goes on */
	if ((f = fault_get(dev, "slow", false)))
		(void)proc_sleep(p, (int64_t)(atof(f->arg ? f->arg : "1") * 1000));
	if (fault_on(dev, "garbage"))
		blob_puts(p->run.out, "\x1b]0;pwned\x07\x1b[31m\x9b"
				      "31mhello\xe2\x80\xae"
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
			p->run.status = p->run.dev->platform->system->run(&p->run.shell,
									  p->run.command);
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

/* The way to the device is only so wide: what has come takes its time to be read. */
static bool take_time(struct proc *p, struct input *in)
{
	int64_t rate = p->run.lab->options.copy_rate, news = blob_size(in->blob) - in->timed;
	if (!in->live || rate <= 0 || news <= 0)
		return proc_alive(p);
	in->timed += news;
	return proc_sleep(p, news * 1000 / rate);
}

/* From some share of a copy on, nothing is read any more. */
static bool stalls(struct proc *p, struct input *in)
{
	struct fault *f = in->live ? fault_get(p->run.dev, "upload-stalls", false) : NULL;
	int64_t said = p->run.lab->options.image_size, whole = said > 0 ? said : 4 << 20;
	if (!f || p->run.got < (int64_t)((double)whole * (f->arg ? atof(f->arg) : 50) / 100) ||
	    p->run.got <= 4096)
		return false;
	(void)fault_get(p->run.dev, "upload-stalls", true);
	proc_hang(p);
	return true;
}

bool proc_input(struct proc *p, struct input *in)
{
	bool on = proc_alive(p);
	while (on && in->live && !in->eof && in->at >= blob_size(in->blob)) {
		p->run.waits_input = true;
		on = pause_until(p, -1);
	}
	return on && !stalls(p, in) && take_time(p, in);
}

struct blob *proc_input_all(struct proc *p, struct input *in)
{
	bool on = proc_alive(p);
	while (on && in->live && !in->eof) {
		p->run.waits_input = true;
		on = pause_until(p, -1);
	}
	if (!on || !take_time(p, in))
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
