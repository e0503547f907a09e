/* SPDX-License-Identifier: ISC */
/*
 * A procedure: the method of procedure for a platform, as data (design section 6). Loaded from JSON,
 * compiled and checked whole: unknown keys, unknown names of values, steps, checks and parameters,
 * bad patterns, a changing step that can neither be probed nor repeated: all are errors with file
 * and JSON path. After procedure_load() nothing can be wrong with it but the devices.
 */
#ifndef MODEL_PROCEDURE_H
#define MODEL_PROCEDURE_H

#include "base/str.h"
#include "model/image.h"
#include "model/inventory.h"
#include "model/judge.h"
#include "model/scheme.h"
#include "model/template.h"

enum action {
	ACTION_RUN,      /* one command, judged */
	ACTION_DETACH,   /* start on the device, then poll its state there */
	ACTION_PUT,      /* copy an image or a kept file to the device, verified and resumed */
	ACTION_GET,      /* keep the output of a command as a file of the job */
	ACTION_REBOOT,   /* the one command that ends the session on purpose */
	ACTION_WAIT,     /* ask again and again until the judge says yes */
	ACTION_FACTS,    /* read the facts again and compare with the plan (drift gate) */
	ACTION_CHECK,    /* named checks */
	ACTION_SNAPSHOT, /* all collectors */
	ACTION_CONFIRM,  /* hold until the operator answers */
	ACTION_TAKE_BACK, /* undo every change that is still open, newest first */
	ACTIONS
};
extern const char *const action_names[ACTIONS + 1]; /* "run", ...; ends with NULL */

enum scope_on {
	ON_SELF,  /* the device of the task */
	/* Every other member of its redundancy group, one after the other; ${peer} is the one that is
	 * asked, ${peers} all of them, ${peers.outside} those that are not in the job; captures of
	 * all of them are kept. A device without one: nobody, "yes". A step that
	 * changes them has to be repeatable; its undo goes to each of them, too, and a job locks them
	 * with its devices. */
	ON_PEERS,
	/* Checks only: the device at the other end of each link of the inventory; ${neighbor} and
	 * ${neighbor.port} are that end. What was "yes" in the pre-checks has to be so again; who
	 * could not be asked then is not asked later. */
	ON_NEIGHBORS
};

enum host_key_rule {
	HOST_KEY_KNOWN,   /* the rule: nothing but the known key */
	HOST_KEY_MAY_WAIT, /* another key means "not there yet": keep waiting, never log in */
	HOST_KEY_MAY_BE_NEW /* a new key is accepted and pinned, if the operator armed it */
};

/* A read-only command whose answer tells how far something is. Judges are asked in this order; the
 * first yes decides; none: "cannot tell". Any may be NULL. */
struct probe {
	char *command;
	struct judge *done;
	struct judge *failed;
	struct judge *absent;  /* it was never started / is not done */
	struct judge *running; /* it is on its way: ask again later */
	int64_t settle_ms; /* done_when: "absent" has to be the answer for so long; a device that was
			      told a moment ago may not show it yet */
	struct pattern *progress; /* named group "percent" */
};

struct undo {
	char *title;
	char *command;     /* repeatable by rule */
	struct judge *expect; /* NULL: exit status 0 */
	bool until_reboot; /* a reboot undoes it by itself */
	/* Component: the change serves more than one turn and more than one device. It stands until
	 * the turn there, also while its device has failed and others go on; a job that ends before
	 * takes it back on all devices that have it. NULL: until the end of the turn. */
	char *until;
	/* It is a change of the whole group: when its device does not take it back, any of the peers
	 * may, one after the other until one has. The command is the same for all. */
	bool any;
	char *by_hand;      /* what is typed when it could not be taken back; NULL: the command */
	int64_t timeout_ms; /* of one try */
};

struct milestone { /* how far a step is when the device says this */
	struct pattern *match; /* the last one of the list that is found counts */
	char *state;           /* word for the live screen from then on; NULL: as before */
	int64_t percent;
};

struct step {
	char *name;    /* [a-z0-9-]+, unique */
	char *title;   /* "Install the image" */
	char *phase;   /* "Backup", "Drain", "Install", "Reboot", "Verify", "Restore", ... */
	char *state;   /* word for the live screen while it runs: "installing" */
	enum action action;
	enum scope_on on;
	struct judge *when; /* on values; NULL: always */
	char *command;      /* run, detach (start), reboot, wait, get; NULL otherwise */
	char *input;        /* name of a kept file given as standard input (run only); NULL: none */
	struct judge *expect; /* run, reboot: NULL means exit status 0; wait: required */
	/* run: an answer that leaves open what becomes of it ("it is under way already"): nothing has
	 * failed, done_when is asked. NULL: none does. */
	struct judge *unclear;
	struct judge *failed; /* wait: gives up at once when yes; NULL: never */
	/* wait, on values: only while this holds is it a failure when the device still says no at the
	 * limit; else that is a warning and the task goes on. NULL: always a failure. */
	struct judge *blocks;
	struct probe *poll;   /* detach: required */
	struct milestone *marks;   /* "progress" of run, wait: also while the command goes on, and of done_when */
	size_t n_marks;
	struct probe *done_when; /* asked when the outcome is unknown */
	struct undo *undo;
	bool changes; /* it changes the device */
	bool repeat;  /* running it twice does no harm */
	bool commits; /* once sent, the way back is a rollback, not an undo */
	bool resets;  /* when it is done a reboot is proven: open changes "until_reboot" are gone */
	bool wipes;   /* when it is done, all that was on the disk is gone, whoever left it there */
	bool away;    /* wait: no connection is what is expected for a while */
	/* When it fails the device fails, for this cause, but not before the steps behind it that have
	 * this too: they are looked at (waits once, without patience), and what they find is said. */
	bool fails_later;
	enum host_key_rule host_key;
	/* interval: between two tries. stable: how long a wait must stay yes. A check or snapshot
	 * after the point of no return with an interval looks again so often, until all is well,
	 * nothing changed for so long, or the limit is over. A snapshot before: at least the interval after the look before it. */
	int64_t timeout_ms, interval_ms, stable_ms;
	char *timeout_adds; /* parameter, seconds: so much longer than `timeout` may it take */
	/* run that commits: after so long without a word from its session, and each time again,
	 * `done_when` is asked over a session beside it; and when there was none for silence_ask_ms, the
	 * operator is asked how it goes on. The step's limit then counts in the engine's time, too. 0: it
	 * may be silent until its limit. */
	int64_t silence_ms, silence_ask_ms;
	int64_t takes_ms; /* what it takes as a rule, until that is learnt; 0: as others of its kind */
	/* Of a repeatable step that failed or got lost; default 2. 0 and it commits: one that got lost
	 * while it was under way is never sent again without the operator's word. */
	int retries;
	char *image;      /* put: image kind; NULL when `file` */
	char *file;       /* put, get: name of a file kept with the job and device */
	char *to;         /* put: remote path (template) */
	bool executable;  /* put */
	char **checks;    /* check: names, NULL-ended */
	char **compare;   /* facts: names that must be as planned, NULL-ended */
	/* confirm: what is asked, the answers beside "fail" (NULL-ended; NULL: "go"), and the name of
	 * the value that the answer becomes (NULL: none). */
	char *question, **choices, *save;
	char *message, *advice; /* said when it fails; may be NULL */
	char *cause; /* why, as far as the procedure can tell; NULL: what was said */
};

struct fact {
	char *name; /* "hostname", "serial" and "model" are also compared with the inventory */
	char *command;
	struct judge *read; /* makes captures; its verdict no = the fact is not there */
	char *capture;      /* which capture is the fact */
	char *otherwise;    /* value when it is not there; NULL: empty */
	bool required;      /* not readable: the device is not supported */
	bool alias;         /* what others call the device; empty: its name. In ${inventory} */
	struct values map;  /* value -> value */
};

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };
enum check_scope { CHECK_EACH, CHECK_ONCE /* one member for its group */, CHECK_JOB };

struct check {
	char *name;
	char *group;  /* "Switch Order", "Version Compatibility", ... */
	char *title;
	enum severity severity;
	/* Of severity error, on values: its failure stands in the way only while this holds, else it
	 * is a warning and the job goes on. NULL: always. What cannot be decided stands in the way. */
	struct judge *blocks;
	bool hitless; /* when it does not pass and the job goes on all the same, the upgrade of its
			 device (scope job: of all) is not hitless, and its message is the reason */
	enum check_scope scope;
	enum scope_on on;
	struct judge *when;
	char *builtin; /* name of a pure check of the engine; NULL: command (or value) and judge */
	struct values arguments; /* of the builtin */
	char *command;           /* NULL: the judge reads values only */
	struct judge *expect;
	char *message, *advice; /* templates; ${why} is the judge's reason */
	char *advice_unknown;   /* said when it could not be decided; NULL: about the missing answer */
	char *message_unknown; /* NULL: that it could not be found out, and why */
	char *advice_wait; /* said while it is asked again; ${wait} is how long still; NULL: advice */
	bool waivable, before, after; /* before: part of the pre-checks */
	bool waivable_unknown; /* a "no" stands, but what cannot be decided may be waived */
};

enum parameter_type { PARAMETER_BOOL, PARAMETER_INT, PARAMETER_CHOICE, PARAMETER_TEXT };

struct parameter {
	char *name;
	char *title, *help, *group, *unit;
	enum parameter_type type;
	char *fallback;   /* default as text: "yes"/"no" for bool */
	int64_t least, most;
	char **choices;   /* NULL-ended */
	struct pattern *match; /* text */
	char *expected;   /* text: what `match` wants, in words */
	bool later; /* no plan depends on it: it may be changed when a device is tried again */
};

struct value_map { /* what a word means: "mlx" is "Mellanox" */
	char *name;
	struct values map;
};

/*
 * How the file itself tells what it is: "content" of an image. Text is looked for in its first 64
 * KiB (up to the payload, if it has one) and in a file of the archive that the image, or its
 * payload, is. Groups of the patterns mean what those of "file" mean. All of `says` have to be
 * found; one without groups only tells kinds apart.
 */
struct image_content {
	struct pattern
	    *begins;         /* the file begins so, or it is none of this kind; NULL: no content */
	char *behind;        /* the line behind which the payload begins; NULL: there is none */
	struct pattern *sum; /* "sha256" (a group of this name): of the payload */
	char **member;       /* the file, behind the archives that it is in: "control.tar*",
				"control"; NULL: none is looked into */
	char **says;
	struct pattern **patterns; /* the same, n_patterns of them */
	size_t n_patterns;
};

struct image_kind {
	char *kind;
	char *title;
	struct pattern *file; /* named groups: version and what it fits */
	struct image_content content;
	struct value_map *maps;
	size_t n_maps;
	char **fits;       /* names that are compared with facts of the same name */
	char *supported;   /* fact that an image's supported platforms are compared with */
	char *parameter;   /* needed only when this parameter is set; its value is the version */
	char *current;     /* fact that holds the version now; for the restoration image */
	char *combination; /* template for messages */
};

/* JSON: where in a row a field is. "@key": the name of the row's own member; "@1", "@2": the names
 * that the first, second "*" of the collector's "rows" stood for. */
struct row_field {
	char *name;
	char *pointer; /* or several with LF between: the first that finds something */
};

struct tolerance { /* up to so many per cent are no difference */
	char *field; /* a number; "@rows": rows added and removed, of those before */
	int64_t percent;
};

enum expected_change { EXPECTED_CHANGED, EXPECTED_ADDED, EXPECTED_REMOVED };

struct expected { /* a difference that the job itself makes */
	char *field;
	enum expected_change change;
	char *to;              /* template of the new text; NULL: any */
	struct pattern *match; /* what the text (new, or of the removed row) looks like; NULL: any */
	struct judge *when;    /* on values of the job; NULL: always */
	bool falls;            /* a number that is not higher than before: a counter begun anew */
	char *message;         /* why; template */
};

struct collector { /* one element of a snapshot */
	char *element;   /* "BGP" */
	struct judge *when;
	char *command;
	char *rows;      /* JSON pointer to the array or object of rows; NULL: lines of text */
	struct pattern *line; /* text: one row a matching line, named groups are the fields */
	char **key;      /* field names that identify a row */
	struct row_field *fields;
	size_t n_fields;
	struct values otherwise; /* field -> its text where the device says nothing */
	char **volatile_fields;  /* kept as evidence and never compared; NULL: none */
	struct tolerance *tolerances;
	size_t n_tolerances;
	struct expected *expected;
	size_t n_expected;
};

struct error_pattern {
	struct pattern *match; /* on the raw output or the transport's error text */
	char *kind, *message, *cause, *advice; /* templates with its captures */
	bool under_way; /* the device is at something, whoever began it: nothing is taken from under it */
};

/* A job that makes only a part of the way of its method, or goes it backwards. Everything that is
 * special about it is said here; no name of a kind is known to the program. */
struct job_kind {
	char *name, *title, *help;
	bool stays_up;  /* no device goes down by it: none of its steps commits or reboots */
	bool after;     /* the upgrade is behind it: what it sees is how things are after that */
	bool backwards; /* it goes to the version that the earlier job came from */
	char **follows; /* kinds of jobs ("full": a whole one) whose work it goes on with;
			   NULL-ended, NULL: it follows none */
	bool alone;     /* it can also be made without an earlier job */
	char **compare; /* facts that have to be as that job left them; NULL-ended, NULL: none */
	char **keeps;   /* steps whose changes stay on the device when it is done; NULL: none */
	int64_t batch_size;       /* 0: that of the procedure */
	char **steps, **rollback; /* as those of a method; its own, not the method's */
};

#define KIND_FULL "full" /* what the whole way is called where kinds are named */

/*
 * A part of the way that every device it is about has behind it before one of them goes on to the
 * next part: what is upgraded component by component. A method with components has no steps of its
 * own: its steps are those of the components one after the other, and a device that is in several
 * of them has as many turns (stages of the plan), each with a range of the steps. What a turn
 * changes for its time is taken back at the end of the turn. A component's "gate" is a component of
 * its own behind it ("NAME-gate"): steps that change nothing, on all devices at once.
 *
 * The method's "rollback" begins in the component that a device is in (${component}). It has to take back
 * what earlier ones brought, too, but for those with a "no_return": of them the engine says that they stay
 * (jobview_turns_stay()).
 */
struct component {
	char *name, *title;  /* the name is that of its stage */
	char **roles;        /* devices of these roles; NULL: of any */
	struct judge *when;  /* on facts and parameters: devices that need it; NULL: all */
	int64_t batch_size;  /* at most so many at once; 0: as the job or the procedure says */
	bool together;       /* "batch": "all": all at once, also members of a redundancy group */
	bool gate;           /* it only looks: no device goes down */
	/* "finishes": it brings to its end what the component before it, for all at once and without a
	 * way back, may leave half way: also a cancel leaves out neither of the two alone. */
	bool finishes;
	char *impact;        /* what users feel from here on; shown with the plan; NULL: nothing */
	char *no_return;     /* what cannot be undone afterwards, for the operator; NULL: nothing */
	bool no_return_last; /* asked before its last device begins; false: before the first */
	char *no_return_ask; /* parameter; "no": the operator need not be asked. NULL: he is */
	/* "fact": what differs between devices that have it behind them and those that have not. When
	 * the devices did not all begin with the same, nobody knows whose turn is really the last one,
	 * and it is asked before the first. NULL: there is none. */
	char *no_return_fact;
	/* "when": devices that its turn moves, as far as is known when it comes; the others need no word,
	 * and none of them is the last one. NULL: all */
	struct judge *no_return_when;
	size_t from, to;     /* its steps: of the method's, `to` is behind the last */
};

struct method {
	char *name, *title;
	char *done_stays; /* why a device that is done cannot be ordered back; NULL: it can */
	char **steps, **rollback; /* names, flattened: no "call" is left; NULL-ended */
	struct component *components; /* NULL: the way is not cut */
	size_t n_components;
	char **followers; /* of a unit: what members that do not lead do meanwhile; nothing that
			     changes a device. Empty without a unit */
	struct job_kind *kinds;
	size_t n_kinds;
};

struct transfer { /* how a file gets onto a device; ${file} is the remote path, .part its partial */
	char *present;  /* prints the SHA-256 of ${file}; fails if it is not there */
	char *partial;  /* prints the size of the partial file, 0 if there is none */
	char *prefix;   /* prints the SHA-256 of the partial file */
	char *space;    /* prints the bytes free where ${file} goes */
	char *append;   /* standard input is added to the partial file */
	char *discard;  /* removes the partial file */
	char *commit;   /* gives the partial file its name */
};

struct role_order { /* a named alternative to the procedure's order of roles */
	char *name, *title;
	char **roles;
};

/* Devices that must not all be away at once ("stages"."limits"): those with such a role or tag
 * (wildcards, capitals or not). With such limits, other roles have none but the operator's. */
struct limit {
	char *name;          /* "DC-Gateway", for people */
	char **roles, **tags;
	int64_t most; /* so many at once; 0 ("half"): half of those in the job, rounded up */
};

struct hit { /* "not_hitless": when the judge (on values) says yes, traffic suffers */
	struct judge *when;
	char *message; /* why */
};

struct procedure {
	char *id, *title, *noun, *nouns; /* "switch", "switches" */
	char *software;    /* its name, for people */
	char *vendor;      /* who makes its images, for people; NULL: anybody */
	char **platforms;
	struct values platform_names; /* what others call them: name, in small letters -> platform */
	enum quoting language;
	struct scheme *versions;    /* how they are ordered; NULL: number by number */
	struct judge *path_allowed; /* on values "from" and "version"; NULL: any */
	char *from_fact;            /* which fact is the running version */
	char *serial_facts;         /* fact that identifies the box */
	struct image_kind *images;
	size_t n_images;
	struct parameter *parameters;
	size_t n_parameters;
	struct fact *facts;
	size_t n_facts;
	struct check *checks;
	size_t n_checks;
	struct step *steps; /* every named step */
	size_t n_steps;
	struct method *methods; /* the first is the default */
	size_t n_methods;
	char **roles;           /* stage order, first to last */
	char **core;            /* roles, nearest to the core first; NULL: as `roles` */
	bool unstaged_roles;    /* roles that are not in `roles` have no stages of their own */
	struct limit *limits;
	size_t n_limits;
	struct hit *hits;
	size_t n_hits;
	/* Redundancy groups of these kinds live on a majority of their members: at most (n - 1) / 2
	 * may be away, unless the parameter says that the outage is accepted. NULL: none do. */
	char **quorum_kinds;
	/* Names that something asks for as "group.NAME": the highest number that a member of the
	 * redundancy group has captured under NAME in this job, as it is when a device's turn begins.
	 * Nobody has one: empty. NULL-ended, NULL: none are asked for. */
	char **group_values;
	char *quorum_accept;    /* "quorum": {"kinds": [...], "accept": PARAMETER}; bool */
	struct role_order *orders;
	size_t n_orders;
	char *unstaged;         /* name of the stage for devices that have no other */
	char *first_fact, *first_value; /* group members whose fact has this value go first */
	/* "unit": a redundancy group of this kind is upgraded as one, by what its members do among
	 * themselves. The member whose fact has this value before the upgrade leads and makes the
	 * steps; the others look on (model/unit.h). NULL: every device is upgraded by itself. */
	char *unit_kind, *lead_fact, *lead_value;
	int64_t batch_size;
	struct error_pattern *errors;
	size_t n_errors;
	struct collector *collectors;
	size_t n_collectors;
	/* "topology": what a device knows of its surroundings, for the inventory. Rows of "links" have
	 * the fields port, neighbour (a device's name) and, if known, neighbour_port. Rows of "groups"
	 * have id: devices with the same one are a redundancy group of the kind `element`; and, if the
	 * devices name each other, own and peer. A query that applies and gives no row means that
	 * nobody knows. */
	struct collector *link_queries;
	size_t n_link_queries;
	struct collector *group_queries;
	size_t n_group_queries;
	struct transfer transfer;
	char *text;             /* the JSON as read: the journal keeps it with the job */
};

struct procedure *procedure_parse(const char *text, size_t n, const char *name, struct err *e);
struct procedure *procedure_load(const char *path, struct err *e);
void procedure_free(struct procedure *p);

const struct step *procedure_step(const struct procedure *p, const char *name);
const struct method *procedure_method(const struct procedure *p, const char *name); /* NULL: default */
/* NULL: the method is not cut into components, or none is called so. */
const struct component *procedure_component(const struct method *m, const char *name);
/* NULL: the whole way (name NULL or "full"), or no such kind. */
const struct job_kind *procedure_kind(const struct method *m, const char *name);
const struct check *procedure_check(const struct procedure *p, const char *name);
const struct parameter *procedure_parameter(const struct procedure *p, const char *name);
/* How long a step may take with these values of the parameters, in ms. */
int64_t procedure_step_limit(const struct step *s, const struct values *parameters);
const struct image_kind *procedure_image_kind(const struct procedure *p, const char *kind);
/* Does every upgrade by it need a file of the operator's? */
bool procedure_needs_image(const struct procedure *p);

/* Check and normalise a value for a parameter ("true", "on" -> "yes"); new string, or NULL and e. */
char *parameter_value(const struct parameter *q, const char *text, struct err *e);

/* Do two texts name one version of its software? What one leaves open counts as the same. */
bool procedure_same_version(const struct procedure *p, const char *a, const char *b);

/* Values for the next try, a line "NAME=VALUE" each, checked and normalised into *out. -1 and e: one is not
 * known, not allowed, or may not be changed any more. */
int procedure_set_later(const struct procedure *p, const char *lines, struct values *out,
			struct err *e);

/* Defaults of all parameters. */
void procedure_defaults(const struct procedure *p, struct values *out);

/* What an image of the kind has to fit, of a device with these facts. Release *out. */
void procedure_image_need(const struct image_kind *k, const struct values *facts,
			  struct values *out);

/* What a file's name tells about the image (kind, version, fits); false if no kind knows the name. */
bool procedure_image_name(const struct procedure *p, const char *file, struct image *out);

/* The same of texts that were found in the file: head and member (NULL: none) as struct
 * image_content says. kind NULL: the first whose patterns are all found. False, and with a kind *out
 * has what was found all the same, when it is not all (out->kind is NULL): release it. */
bool procedure_image_content(const struct procedure *p, const struct image_kind *kind,
			     const struct str *head, const struct str *member, struct image *out);

/* Is it one of those that the limit is about? */
bool procedure_limits(const struct limit *m, const struct device *d);

/* The roles of a named order of the procedure ("edge-first"), or those of "r1,r2": new NULL-ended
 * list, strings_free(); NULL when no role is in it. Whether there are such roles is not looked at. */
char **procedure_order(const struct procedure *p, const char *text);

#endif
