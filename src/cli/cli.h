/* SPDX-License-Identifier: ISC */
/*
 * The command line. A verb is a row of a table (verbs.c): its name (one or two words), what follows
 * it, its options and its function. The same rows make --help, the completion and "did you mean".
 *
 * What is asked for goes to standard output, everything about it to standard error. With --json,
 * standard output is JSON only, never translated, and its objects carry "format": 1. Nothing is
 * ever asked of a person when standard input is no terminal.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/table.h"
#include "model/credential.h"
#include "model/inventory.h"
#include "model/jobview.h"
#include "run/desk.h"
#include "run/procedures.h"
#include "run/status.h"
#include "store/store.h"

#include <cjson/cJSON.h>
#include <stdio.h>

struct cli;
struct doctor_terminal;
struct secrets;

struct option {
	const char *name; /* "--to" */
	const char *arg;  /* "VERSION"; NULL: a flag; ending in "...": all words that are left */
	const char *help;
	bool many; /* may be given again */
};

struct verb {
	const char *name;
	const char *arguments; /* as shown: "JOB [DEVICE]"; "" for none */
	const char *summary;
	const struct option *options; /* ends with a NULL name; NULL: none */
	int least, most;              /* words that are no options; most -1: any number */
	bool raw;                  /* options are not looked at: all words are given as they are */
	const char *more;          /* further text of its --help; NULL: none */
	int (*run)(struct cli *c); /* gives the exit status */
};

struct given { /* an option on the command line */
	const struct option *option;
	const char *value; /* "" for a flag */
};

struct cli {
	const struct verb *verb;
	char **args; /* what is left of the command line */
	int n_args;
	VEC(struct given) given;
	const char *state_option; /* --state; NULL: XDG */
	bool json;
	bool silent;             /* nothing of a job's life is shown */
	bool in_tty, out_tty;    /* standard input; standard output */
	struct store *store;     /* cli_store() */
	struct secrets *secrets; /* asked for once (runner.h); NULL: not yet */
	/* The screens, at a job (id or name), at the first step of the wizard, or at home (NULL,
	 * false): the exit status. NULL: there are none. */
	int (*screens)(struct cli *c, const char *job, bool wizard);
	/* What kind of terminal this is; NULL: nobody here knows about terminals. */
	void (*terminal)(struct doctor_terminal *out);
	const struct doctor_terminal *seen; /* what it said already, asked no more; NULL: nothing */
	struct err e;            /* for everything that fails */
};

/* --- verbs.c: the table ----------------------------------------------------------------------- */
const struct verb *verb_find(const char *first, const char *second, int *words);
const struct verb *verb_at(size_t i); /* in the order of the help; NULL behind the last */
char *verb_near(const char *word, const char *second); /* "did you mean": new; NULL: nothing near */
bool verb_is_group(const char *word);                  /* "inventory" of "inventory list" */

/* --- options.c -------------------------------------------------------------------------------- */
int options_parse(struct cli *c, int argc, char **argv);       /* -1: c->e */
const char *cli_option(const struct cli *c, const char *name); /* the last value, NULL: not given */
bool cli_flag(const struct cli *c, const char *name);
/* The next value of an option that may be given again: start with *at = 0; NULL: no more. */
const char *cli_next(const struct cli *c, const char *name, size_t *at);
int cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out);
extern const struct option common_options[];

/* --- help.c ----------------------------------------------------------------------------------- */
void help_all(FILE *to);
void help_group(FILE *to, const char *word); /* the verbs of "inventory" */
void help_verb(FILE *to, const struct verb *v);

/* --- state.c: what every verb needs ----------------------------------------------------------- */
struct store *cli_store(struct cli *c); /* opened once; NULL: c->e */
void cli_close(struct cli *c);
char *cli_path(struct cli *c, const char *name); /* new: a file of the state directory, or NULL */
struct inventory *cli_inventory(struct cli *c);  /* new, NULL: c->e (none yet: what to do) */
int cli_credentials(struct cli *c, struct credentials *out);
/* A job by name or id: new id, NULL: c->e. */
char *cli_job(struct cli *c, const char *name);
struct jobview *cli_view(struct cli *c, const char *name); /* folded; new */
/* Say c->e on standard error and give the exit status that goes with its kind. */
int cli_fail(struct cli *c);
int cli_bad(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3); /* says it: EXIT_USAGE */
enum exit_status status_of(enum err_kind kind);

/* --- procedure.c: what the --procedure options name; NULL-ended, new (strings_free()). */
char **cli_procedures(const struct cli *c);

/* --- output.c --------------------------------------------------------------------------------- */
void remark(struct cli *c, const char *fmt, ...) PRINTF_LIKE(2, 3); /* a line to standard error */
void tell(struct cli *c, const char *fmt, ...)
    PRINTF_LIKE(2, 3); /* to standard output; not --json */
/* Device text: indented lines, sanitised. */
void put_text(FILE *to, const char *indent, const char *text);
void put_json(cJSON *value, bool indented); /* a line on standard output; takes it; sanitised */
void put_list(cJSON *list, const char *type); /* {"format":1,"type":type,type:list}; takes it */
int flush_output(struct cli *c);              /* -1: standard output is broken, c->e */

#endif
