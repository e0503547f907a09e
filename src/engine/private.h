/* SPDX-License-Identifier: ISC */
/* Shared by the files of engine/ only. */
#ifndef ENGINE_PRIVATE_H
#define ENGINE_PRIVATE_H

#include "engine/engine.h"

#include "base/i18n.h"
#include "model/unit.h"

#define TRIES 5               /* connection attempts of a step before it fails (the seed's "five") */
#define RESUMES_MAX 3         /* owners that got nowhere with a device before it is held */
#define REPEATS_MAX 3         /* times a step that was proven not done is sent again */
#define SURVEY_LIMIT_MS (180 * 1000) /* pre-checks of one device, all questions together */
#define OUTPUT_KEPT (16 * 1024) /* bytes of raw output kept in a record */

enum work {
	WORK_IDLE,  /* ready for its next move */
	WORK_SENT,  /* a request is under way */
	WORK_SLEEP, /* until task.at */
	WORK_ASKED  /* waits for the operator */
};

/* What a reply or timer of a task belongs to. */
enum doing {
	DOING_NOTHING,
	DOING_STEP,  /* the step's own command */
	DOING_POLL,  /* state of a detached command */
	DOING_PROBE, /* done_when, after an unknown outcome */
	DOING_QUERY, /* a list of questions: facts, checks, snapshot */
	DOING_UNDO
};

enum query_kind { QUERY_FACTS, QUERY_CHECKS, QUERY_SNAPSHOT };

struct query { /* facts, checks or collectors, asked one after the other */
	enum query_kind kind;
	char *const *names; /* checks: which, NULL: all of the pre-checks */
	size_t i;           /* where we are */
	size_t peer;        /* on peers: which one */
	bool bad;           /* a check of severity error failed */
	bool peer_silent; /* a peer gave no answer, twice */
	size_t answered, silent; /* questions that the device answered; facts: that it did not */
	struct err silence;      /* why the last of those got no answer */
	struct values found;
	int tries;
	bool unread; /* an element of the snapshot could not be read in this round */
	struct values seen; /* checks on neighbors: check -> the links it holds for */
	struct str told;    /* facts of a step: each question and its answer */
};

struct sampling { /* rounds of a step that looks again and again */
	char *state;   /* what the last round found; NULL: there was none */
	int64_t since; /* it has been so since */
	bool last;     /* this round is the last one: what it finds stands */
};

struct task { /* what is only true while this process lives; the rest is in the view */
	size_t number;      /* in view->tasks */
	enum work work;
	enum doing doing;
	int64_t at;         /* WORK_SLEEP */
	uint64_t flight;    /* id of the request under way; 0: none */
	bool step_open;     /* step_since and the counters below belong to the current step */
	bool recovered;     /* the intent is of an earlier process: this one may never have sent it */
	int64_t step_since; /* now */
	int64_t yes_since;  /* a wait holds, a probe says "absent", since; -1: it does not */
	int64_t probe_since;
	bool unsent;        /* sleeps because it could not be reached: the limit counts anew then */
	bool between;       /* sleeps between two tries, and the journal says so */
	bool overdue;       /* its limit was over, and it was tried once more */
	bool asked;         /* the operator wants to know now: no waiting for the limit */
	bool looked;        /* a retry in the middle knows which version runs */
	int tries;          /* connection attempts that reached nobody */
	int runs;           /* times the command was sent in this process */
	size_t peer;        /* on peers: which one is asked */
	struct values told; /* what this device, or all peers so far, said in the step */
	int runs_before;    /* of `runs`: those to the peers before it */
	size_t undo_peer;   /* taking back on peers: whose turn it is */
	char *undo_why;     /* and what went wrong with those before it; NULL: nothing */
	struct values builtins;
	struct query query;
	struct sampling sampling;
	bool in_query;
	size_t undo_left;   /* open changes that could not be taken back: passed over */
	size_t undo_left_peers; /* the same, of those on the peers */
	bool undo_away;         /* the device cannot be reached: none of those on itself is tried */
	int64_t shown;      /* progress already recorded, in tenths */
	int64_t shown_at;   /* and when the last record of it was made */
	int64_t heard_at;   /* a command that goes on: when something was last said */
	int64_t look_at;    /* when it is looked at beside it, or ended; 0: never */
	uint64_t beside;    /* id of the look under way beside the step's own request; 0: none */
	size_t marks;       /* the last mark of the step that was seen, from 1; 0: none */
	/* pre-checks */
	bool surveying, surveyed;
	bool partly;    /* only what is open is asked, what passed stands */
	bool reconnect; /* the old session is ended first: a changed host key has to show */
	int64_t survey_took; /* ms that its answers took: what waits here is not its fault */
	struct values unread;  /* facts whose question got no answer: why */
	struct err connection; /* why the device could not be asked; kind ERR_NONE: it could */
};

struct engine {
	struct jobview *view;
	const struct world *world;
	struct task *tasks;
	size_t n;
	uint64_t flights;
	bool planning;
	unsigned char *marks; /* of a round that repeats: one a task and check (again.c) */
	int64_t window_at; /* the window is closed: look again then; 0: it does not matter */
	/* the current event */
	int64_t now, wall;
	struct effects *out;
	struct err *e;
	bool broken;
};

struct failure {
	char *message, *cause, *advice, *kind;
	bool under_way; /* the device is still at something */
	char *output;
	int exit;
	char *command;
};

/* engine.c */
void emit(struct engine *g, struct record *r); /* applies and hands out; takes r */
void note(struct engine *g, const char *device, bool warning, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
struct task_view *tv(struct engine *g, struct task *t);
const char *task_name(struct engine *g, const struct task *t);
const struct device *task_device(struct engine *g, const struct task *t);
void set_state(struct engine *g, enum job_state s, const char *reason);
/* Held, but going on without anybody at that moment (wall ms; 0: it needs somebody). */
void hold_until(struct engine *g, int64_t wall, const char *reason);

/* send.c: values and requests */
void task_scope(struct engine *g, struct task *t, struct scope *s);
void task_builtins(struct engine *g, struct task *t); /* build anew: attempt or pass changed */
const struct image *task_image(struct engine *g, struct task *t, const char *kind);
char *task_text(struct engine *g, struct task *t, const char *template, const char *why); /* new */
int task_command(struct engine *g, struct task *t, const char *template, char **out,
                 struct err *e);
size_t task_peers(struct engine *g, struct task *t, size_t *peers, size_t most);
/* ${peer} is this device from now on; NO_DEVICE: the first peer. */
void task_speak_to(struct engine *g, struct task *t, size_t peer);
/* Give r to the task's device (or `device`) as its one request under way. */
void task_send(struct engine *g, struct task *t, enum doing doing, struct tr_request *r);
struct tr_request *task_request(struct engine *g, struct task *t, enum tr_kind kind, size_t device,
                                char *command, int64_t timeout_ms); /* takes command */
void task_sleep(struct engine *g, struct task *t, int64_t ms);
struct answer reply_answer(const struct tr_reply *r);
char *reply_output(const struct tr_reply *r); /* new: what was said, safe to keep and show */
/* A question and its answer, for who reads the step later. */
void reply_tell(struct engine *g, struct task *t, const char *template, const struct tr_reply *r,
		struct str *out);

/* failure.c */
void failure_release(struct failure *f);
/* Work out what to tell the operator from what came back (r may be NULL) and why. */
void failure_of(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r,
                const char *why, struct failure *f);

/* task.c: the life of a task */
const struct step *task_step(struct engine *g, struct task *t); /* current one; NULL: pass is over */
void task_begin(struct engine *g, struct task *t, enum pass pass, const char *from_step);
void task_advance(struct engine *g, struct task *t);
void task_step_close(struct task *t);
/* It is not as the step wants it, and that does not stand in the way: warn, and go on. */
void task_step_passed_over(struct engine *g, struct task *t, const struct tr_reply *r,
                           const char *why);
void task_final(struct engine *g, struct task *t, enum task_state s, const char *reason);
void task_leave_out(struct engine *g, struct task *t, enum task_state s, const char *flag,
                    const char *reason);
void task_answered(struct engine *g, struct task *t, const char *kind, const char *answer);
void task_reply(struct engine *g, struct task *t, const struct tr_reply *r);
void task_runs_again(struct engine *g, struct task *t); /* it was held */
void task_cancel(struct engine *g, struct task *t, const char *who);

/* evidence.c: steps that "fails_later". First: is all else looked at before the device fails (r: what
 * came back, NULL: nothing)? Over: it was, s is the next step (NULL: none). Say: what it showed, before a
 * way back shows something else. */
bool evidence_first(struct engine *g, struct task *t, const struct step *s,
		    const struct tr_reply *r);
bool evidence_over(struct engine *g, struct task *t, const struct step *s);
void evidence_say(struct engine *g, struct task *t);

/* outcome.c: what became of a step */
struct record *task_outcome(struct engine *g, struct task *t, const struct step *s,
                            const char *result); /* new; to be completed and emitted */
void task_step_done(struct engine *g, struct task *t, const struct tr_reply *r,
                    const struct values *captures);
void task_step_failed(struct engine *g, struct task *t, const struct tr_reply *r, const char *why);
/* The attempt has failed: back, or what was changed for its time is taken back. */
void task_fail(struct engine *g, struct task *t);
/* Failed for the operator, and the device is still at it: what was changed is left as it is. */
void task_step_left(struct engine *g, struct task *t, const char *why);
void task_step_again(struct engine *g, struct task *t, const char *why); /* proven not done */
void task_step_unknown(struct engine *g, struct task *t, const char *why);
void task_step_anyway(struct engine *g, struct task *t);  /* the operator wants it again */
void task_step_aborted(struct engine *g, struct task *t); /* cancelled in the middle */
void task_hold(struct engine *g, struct task *t, const char *kind, const char *text,
               const char *choices);
/* It is answered with these words. */
void question_close(struct engine *g, const struct question_view *q, const char *answer,
		    const char *who);
/* What is still asked about this device (NO_DEVICE: about the job) needs no answer any more: it is
 * closed, so that it is never taken for the question of a later hold. */
void questions_close(struct engine *g, size_t device, const char *answer, const char *who);
#define ANSWER_WITHDRAWN "withdrawn" /* nobody answered it: it does not matter any more */
#define ANSWER_BY_ITSELF "hitless"
void task_withdraw(struct engine *g, struct task *t); /* all that is still asked about its device */

/* limit.c */
bool task_expired(struct engine *g, struct task *t); /* the step's limit has passed */
int64_t task_limit(struct engine *g, const struct step *s);
/* May it be tried again? While its limit is not over; and once more after that, visibly. A wait is
 * not tried again: its limit is its limit. */
bool task_may_repeat(struct engine *g, struct task *t);
/* What is left of the step's limit, for a request: never less than a second. */
int64_t task_left(struct engine *g, struct task *t, const struct step *s);
/* Sleep, but not beyond the step's limit. */
void task_pause(struct engine *g, struct task *t, const struct step *s, int64_t ms);
/* Nothing came of so many tries: sleep, and everybody who shows it says so; then try. */
void task_wait_to_try(struct engine *g, struct task *t, const struct step *s, int tries, int64_t ms,
                      const char *why);
void task_try(struct engine *g, struct task *t);
/* The limit of the step counts from now, and everybody who shows it is told. */
void task_limit_again(struct engine *g, struct task *t, const char *why);

/* unit.c: members of a unit that does its upgrade by itself. Who is in the way of `who` (a way back is
 * made by one member at a time, and not while the unit is upgraded); the leader of one that follows,
 * when it is not going to be upgraded any more, else NULL: then it is left behind. */
const struct task_view *unit_in_the_way(struct engine *g, const struct task_view *who);
const struct task_view *unit_lost_leader(struct engine *g, const struct task_view *v);
/* It follows a leader that is past the point of no return, or done: it goes on to its end. */
bool unit_bound(struct engine *g, const struct task_view *v);
bool unit_leader_at_it(struct engine *g, struct task *t); /* it is neither through nor out */
bool unit_leader_held(struct engine *g, struct task *t); /* it waits for the operator's answer */
void task_leave_behind(struct engine *g, struct task *t, const struct task_view *leader);
/* The leader ended in another way now: those that were left behind are told why anew. */
void unit_tell_followers(struct engine *g, const struct task_view *leader);

/* ask.c: the operator asks now what is waited for */
int ask_possible(const struct jobview *v, const struct task_view *t, struct err *e);
void ask_now(struct engine *g, struct task *t);
/* A look that settled nothing: true when it was asked for; then the operator has the question.
 * known: the device told how it stands. */
bool ask_unsettled(struct engine *g, struct task *t, const struct step *s,
		   const struct tr_reply *reply, bool known, const char *why);

/* marks.c: n bytes that the device said in this step */
void marks_see(struct engine *g, struct task *t, const struct step *s, const char *text, size_t n);

/* silence.c: a command that goes on and says nothing */
void silence_begin(struct engine *g, struct task *t, const struct step *s); /* it is sent now */
void silence_heard(struct engine *g, struct task *t, const struct step *s); /* it said something */
/* Time passed: look beside it, or end it. */
void silence_wake(struct engine *g, struct task *t);
int64_t silence_deadline(const struct task *t); /* -1: none */
/* The operator asks how it stands. False: such a step has nothing that can be asked. */
bool silence_ask(struct engine *g, struct task *t);
void silence_looked(struct engine *g, struct task *t, const struct tr_reply *r);
/* Its session is still open, though the operator is asked about it. */
bool silence_is_open(const struct task *t);
/* What the operator answered: go on listening, or close the session. */
void silence_wait_on(struct engine *g, struct task *t);
void silence_close(struct engine *g, struct task *t);
/* The session that the operator is asked about ended, and said this. */
void silence_ended(struct engine *g, struct task *t, const struct tr_reply *r);

/* look.c: which version runs, before a retry goes on in the middle */
bool looks(struct engine *g, struct task *t);
void look_next(struct engine *g, struct task *t);
void look_finished(struct engine *g, struct task *t, const struct values *found); /* NULL: none */

/* probe.c: what is true after an unknown outcome */
void probe_start(struct engine *g, struct task *t);
/* Is it a step that commits whose device is asked how far it is? */
bool probe_is_under_way(const struct task *t, const struct step *s);
void probe_reply(struct engine *g, struct task *t, const struct tr_reply *r);
enum probe_verdict { PROBE_DONE, PROBE_FAILED, PROBE_ABSENT, PROBE_RUNNING, PROBE_UNKNOWN };
enum probe_verdict probe_judge(const struct probe *p, const struct answer *a,
                               const struct scope *s, struct values *captures, struct str *why);

/* New; to be completed and emitted. */
struct record *probe_record(struct engine *g, struct task *t, const struct step *s,
			    enum probe_verdict verdict, const struct tr_reply *reply);

/* undo.c */
/* Is there an open change that is to be taken back now? */
bool undo_wanted(struct engine *g, struct task *t);
void undo_fresh(struct task *t); /* at its start */
void undo_anew(struct task *t); /* what was given up is to be tried again */
void undo_next(struct engine *g, struct task *t); /* take back the newest open change, or finish */
void undo_say_kept(struct engine *g, struct task *t); /* nothing is taken back: what stays is named */
void undo_reply(struct engine *g, struct task *t, const struct tr_reply *r);
/* All devices are through, and the job ends: what was to last until a later component is taken back
 * now, on all that have it at once. False: there is nothing of it, but on devices that are gone: what
 * is left on those is said. */
bool undo_before_end(struct engine *g);

/* actions.c: one row an action */
struct action_ops {
	void (*start)(struct engine *g, struct task *t, const struct step *s);
	/* The intent of a changing step is there and its outcome is not: what then? */
	void (*recover)(struct engine *g, struct task *t, const struct step *s);
	void (*reply)(struct engine *g, struct task *t, const struct step *s,
	              const struct tr_reply *r);
	/* The name of the command that the intent shows; NULL: the step has none of its own. */
	const char *(*command)(const struct step *s);
};
extern const struct action_ops actions[ACTIONS];
/* Nothing reached the device: sleep and try again (true), or the step has failed (false, done). */
bool task_retry(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r);

/* copy.c */
/* What the transport tells of a copy under way is kept at each tenth, and each while: who reads the
 * journal sees that bytes move, or that they do not any more. */
void copy_progress(struct engine *g, struct task *t, const struct tr_reply *r);
void put_start(struct engine *g, struct task *t, const struct step *s);
void put_reply(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r);
void get_start(struct engine *g, struct task *t, const struct step *s);
void get_reply(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r);

/* query.c */
void query_start(struct engine *g, struct task *t, enum query_kind kind, char *const *names);
void query_reply(struct engine *g, struct task *t, const struct tr_reply *r);
void query_next(struct engine *g, struct task *t);
void query_ask(struct engine *g, struct task *t, size_t device, const char *template,
               size_t limit);
void query_end(struct task *t);
bool is_named(char *const *names, const char *name); /* names NULL: none is */
bool task_holds(struct engine *g, struct task *t, const struct judge *j); /* j NULL: true */
void gate_finished(struct engine *g, struct task *t, const struct step *s, const char *told);

/* samples.c: looking again and again, until it is well, stable, or the limit is over */
void samples_start(struct engine *g, struct task *t);
/* A second look before would learn as noise what another device of the job does: there is none. */
bool samples_misled(struct engine *g, struct task *t);
/* A snapshot before that comes too soon after the last look: it sleeps, true. */
bool samples_wait(struct engine *g, struct task *t);
/* A round is over; `state` (taken; NULL: nothing is wrong) says what is left. True: look again, after
 * a pause that has begun. */
bool samples_again(struct engine *g, struct task *t, char *state);
void samples_end(struct task *t);
bool next_collector(struct engine *g, struct task *t);
void snapshot_reply(struct engine *g, struct task *t, const struct tr_reply *r);
/* All collectors have been asked. True: the step goes on, false: it is done. */
bool snapshot_again(struct engine *g, struct task *t);
/* Built-in checks: elements that are missing after the upgrade, or really differ; what is said of
 * them is put into `found` as "reason". */
bool samples_missing(struct engine *g, struct task *t, struct values *found);
bool samples_differ(struct engine *g, struct task *t, const char *element, /* NULL: any */
                    struct values *found);
/* The post-checks are through: ask again? */
bool checks_again(struct engine *g, struct task *t);

/* neighbors.c: checks on the other ends of the links. next: the device to ask, or false when all
 * were; the values of the link are set. answered: the verdict about the link that was asked. */
bool neighbor_next(struct engine *g, struct task *t, const struct check *c, size_t *device);
void neighbor_answered(struct engine *g, struct task *t, const struct check *c, bool seen);
/* It did not answer: in this round it is not asked again. */
void neighbor_silent(struct engine *g, struct task *t, const struct check *c, size_t device);
/* All were asked: what is lost (new; NULL: nothing). */
char *neighbor_lost(struct engine *g, struct task *t, const struct check *c);
void neighbors_record(struct engine *g, struct task *t); /* of the pre-checks */

/* survey.c: the pre-checks of all devices */
void survey_start(struct engine *g); /* also what an earlier process began */
/* The operator asks again: everything of all devices, or what is open (of one, or of all: NULL). */
void survey_again(struct engine *g, const struct task_view *only, bool all, const char *who);
void survey_stop(struct engine *g); /* the answers are not wanted any more */
void survey_device(struct engine *g, struct task *t);
void survey_query_done(struct engine *g, struct task *t);
void survey_connection(struct engine *g, struct task *t, const struct err *why);
void survey_finish(struct engine *g);
void survey_planned(struct engine *g, struct event *ev);

/* again.c: a round that repeats what is open. Open: failed, warned, unknown, waived, never asked. */
bool again_is_open(const struct check_view *c);
bool again_any_open(const struct jobview *v, const struct task_view *t); /* t NULL: of any device */
/* Mark what is open, with what that needs of earlier checks: sets `partly` of the tasks that have
 * something; how many checks. begun: go on with a round of an earlier process. */
size_t again_mark(struct engine *g, const struct task_view *only, bool begun);
void again_record(struct engine *g, size_t checks, const char *who); /* what is asked, by whom */
bool again_asks(struct engine *g, const struct task *t, const struct check *c);
/* It passed, and nothing but another result is worth a record. */
bool again_stands(struct engine *g, const struct task *t, const struct check *c);
/* The facts just read differ from those before: the journal says how, and every check of the device
 * is asked. */
bool again_facts_changed(struct engine *g, struct task *t);

/* checks.c */
void check_record(struct engine *g, struct task *t, const struct check *c, const char *status,
                  const char *why, const char *command, const struct tr_reply *r);
/* Does its failure stand in the way? Else it is a warning. */
bool check_blocks(struct engine *g, struct task *t, const struct check *c);
void check_skip(struct engine *g, struct task *t, const struct check *c);
bool check_applies(struct engine *g, struct task *t, const struct check *c);
/* builtin.c: true when the check needs no device; status is "passed", "failed" or "later" */
const char *builtin_status(struct engine *g, struct task *t, const struct check *c,
                           struct values *found);

/* schedule.c */
void schedule(struct engine *g); /* start what may start, hold or finish the job */
void job_ends(struct engine *g); /* ends.c: all devices are through */
size_t schedule_reached(struct engine *g);         /* stages, from the first, that are over */
/* Who has to be through, or left as it is, before this one may be begun; NULL: nobody. */
const struct task_view *schedule_in_the_way(struct engine *g, const struct task_view *v);

/* Why the job is held when more failed than it accepts, around the failure itself: new. NULL: it has
 * no budget that is used up. budget_note(): the operator lets it go on past it, which is written down;
 * nothing is when it is not used up. */
char *budget_hold_text(const struct engine *g, const char *why);
void budget_note(struct engine *g, const char *who);
int64_t schedule_deadline(const struct engine *g);

/* turns.c: component by component */
void task_turn_over(struct engine *g, struct task *t, const struct component *next);
/* Nobody can begin: all that wait are left out, each with what is in its own way. `blocked` is the
 * first one that has somebody in its way, `blocker` is who that is. */
void turn_skip_blocked(struct engine *g, const struct task_view *blocked,
		       const struct task_view *blocker);
/* The point of no return of a stage: is this the device before which the operator is asked, and has
 * he not said yes; ask him (once), new text. */
bool turn_asks_first(struct engine *g, const struct task_view *v, size_t stage);
char *turn_ask(struct engine *g, size_t stage);
/* It is in a component that all go through at once, without a way back, and one of them has begun to
 * change: who stopped now would stay half way. All of them come to its end, also in a cancel. */
bool turn_finishes(struct engine *g, const struct task_view *v);
void turn_note_end(struct engine *g, struct task *t); /* ... which the operator is told */
/* The job is cancelled: who waits is left out, but for those who have to bring that to its end. They
 * begin when all have come to there, whatever else would let them wait. */
void turn_cancel_waiting(struct engine *g);
/* A question about a component that nobody is left for is closed. */
void turn_withdraw(struct engine *g);
/* The component that the task is in, if its point of no return is certainly behind it; else NULL: the
 * devices know more. done, of: devices that are through the component, and all that are in it. */
const struct component *turn_past_return(const struct jobview *v, const struct task_view *t,
					 size_t *done, size_t *of);

/* waits.c: what was asked to be waited for. Texts are new. */
struct wait_window {
	bool closed; /* for somebody */
	bool again;  /* it opens again, then: */
	struct window_span span;
};
bool wait_window_open(struct engine *g, struct wait_window *w, const struct task_view *v,
		      const struct plan_batch *b);
void wait_hold_window(struct engine *g, const struct wait_window *w); /* sets when to look again */
bool wait_holds_after(struct engine *g, size_t stage);
char *wait_hold_text(struct engine *g, size_t number);
size_t schedule_reached(struct engine *g); /* stages, from the first, that are over */
bool schedule_unconfirmed(const struct engine *g); /* a second person has not confirmed it yet */

/* control.c */
int control_command(struct engine *g, const cJSON *command);

#endif
