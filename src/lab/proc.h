/* SPDX-License-Identifier: ISC */
/*
 * A process on a device: a shell in a fiber. It stops when it waits for lab time or for its
 * standard input and goes on inside lab_advance() or lab_run_feed(). A killed one unwinds: every
 * wait returns false, and nothing it does after that has an effect.
 */
#ifndef LAB_PROC_H
#define LAB_PROC_H

#include "lab/shell.h"

struct unit;

struct proc *proc_new(struct lab *lab, struct device *dev, const char *user, const char *command);
/* A process of the system itself (root): a unit, the ZTP script, something in the background. */
struct proc *proc_spawn(struct lab *lab, struct device *dev, const char *user, int uid,
			const char *command);
/* The rest of a tree in the background of this shell. */
struct proc *proc_background(struct sh *sh, struct ast *tree);
void proc_resume(struct proc *p); /* let it run as far as it can now */
void proc_kill(struct proc *p, int signal);
void proc_kill_device(struct lab *lab, struct device *dev);
void proc_free(struct proc *p);
void procs_due(struct lab *lab); /* resume those whose time has come, free the orphans */
int64_t procs_next(const struct lab *lab);

struct lab_run_view {
	struct lab *lab;
	struct device *dev;
	struct input *in;
	struct blob *out, *err;
};
struct lab_run_view proc_view(struct proc *p); /* for sh_init */
size_t proc_stack_left(const struct proc *p);

int proc_id(const struct proc *p);
bool proc_alive(const struct proc *p);
bool proc_ended(const struct proc *p);
/* A client waits for it, and it waits for lab time (or hangs). */
bool proc_held(const struct proc *p);
int proc_status(const struct proc *p);
struct blob *proc_out(struct proc *p);
struct blob *proc_err(struct proc *p);
/* Standard error goes where standard output goes: a unit's journal. Before its first resume. */
void proc_merge_output(struct proc *p);
void proc_set_unit(struct proc *p, struct unit *u);
struct unit *proc_unit(struct proc *p);
void proc_keep(struct proc *p, struct ast *a); /* the tree lives as long as the process */
bool proc_step(struct proc *p);

/* Wait for lab time; false: killed meanwhile. */
bool proc_sleep(struct proc *p, int64_t ms);
void proc_hang(struct proc *p); /* until it is killed */
/* Wait until in has unread bytes or is at its end; false: killed. */
bool proc_input(struct proc *p, struct input *in);
/* Everything that is still to come, in one blob (new reference); NULL: killed. */
struct blob *proc_input_all(struct proc *p, struct input *in);
/* So many bytes are to come: known to scp only. For upload-cut=N%. */
void proc_expect(struct proc *p, int64_t bytes);
/* Run a command that may take so much lab time: its status, or 124. */
int proc_limited(struct sh *sh, int64_t ms, int argc, char **argv);
/* Cut the connection that started it: no status will ever be sent. */
void proc_drop(struct proc *p);

#endif
