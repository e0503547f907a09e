/* SPDX-License-Identifier: ISC */
/*
 * A small POSIX shell: parser (shell_parse.c), words (shell_word.c) and evaluator (shell.c).
 * Everything a command may touch is in `struct sh`: one for each process, subshells copy it.
 */
#ifndef LAB_SHELL_H
#define LAB_SHELL_H

#include "lab/blob.h"

#include "base/vec.h"

#include <stdint.h>

struct proc;
struct device;
struct lab;

/* --- the tree --------------------------------------------------------------------------------- */
enum ast_kind {
	AST_SIMPLE,
	AST_PIPE,
	AST_AND,
	AST_OR,
	AST_SEQ,
	AST_BACKGROUND,
	AST_NOT,
	AST_GROUP,
	AST_SUBSHELL,
	AST_IF,
	AST_FOR,
	AST_WHILE,
	AST_UNTIL,
	AST_CASE,
	AST_FUNCTION
};

struct redirect {
	int fd;       /* 0, 1, 2 */
	char kind;    /* '<' '>' 'a'ppend '&' duplicate 'h'ere-document */
	char *word;   /* raw; the text itself of a here-document */
	bool literal; /* here-document with a quoted delimiter */
};

struct ast {
	enum ast_kind kind;
	struct ast *left, *right, *other; /* if: condition, then, else; case: left of each arm */
	VEC(char *) words;                /* raw words; assignments come first (n_assign) */
	size_t n_assign;
	VEC(struct redirect) redirects;
	VEC(struct ast *) arms; /* case: arms with patterns in words and left as body */
};

/* Parse text; NULL with a message in why ("" when the text is empty: nothing to do). New. */
struct ast *ast_parse(const char *text, char why[160]);
struct ast *ast_new(enum ast_kind kind);
struct ast *ast_copy(const struct ast *a); /* new; NULL gives NULL */
void ast_free(struct ast *a);

/* --- running ---------------------------------------------------------------------------------- */
struct input {
	struct blob *blob; /* what is there */
	int64_t at;        /* read so far */
	int64_t timed;     /* its way has taken its time (lab_options.copy_rate) */
	bool live;         /* more may come: the client's standard input */
	bool eof;          /* of a live one */
};

struct variable {
	char *name, *value;
	bool exported;
};

enum flow { FLOW_NONE, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN, FLOW_EXIT };

struct sh {
	struct lab *lab;
	struct device *dev;
	struct proc *proc;
	struct sh *parent; /* for functions; NULL in a process's first one */
	VEC(struct variable) vars;
	VEC(struct ast *) functions; /* borrowed of the process */
	char **args;                 /* $0 $1 ...; borrowed, ends with NULL */
	int n_args;
	char **own_args; /* made by `set -- ...`: one block, freed with the shell */
	char *cwd;
	const char *user; /* interned in the lab */
	int uid;
	struct input *in;
	struct blob *out, *err; /* borrowed */
	int last;               /* $? */
	enum flow flow;
	int flow_depth;
	bool errexit, pipefail, nounset, in_condition;
	int depth; /* of nesting */
};

void sh_init(struct sh *sh, struct proc *p, const char *user, int uid);
void sh_copy(struct sh *sh, struct sh *from); /* a subshell of it */
/* set -- WORD...: the positional parameters are these; $0 stays. */
void sh_set_args(struct sh *sh, int n, char **words);
void sh_release(struct sh *sh);

const char *sh_get(struct sh *sh, const char *name); /* NULL: not set */
void sh_set(struct sh *sh, const char *name, const char *value, bool exported);
void sh_unset(struct sh *sh, const char *name);

int sh_eval(struct sh *sh, struct ast *a);
int sh_eval_text(struct sh *sh, const char *text); /* parse and run: sh -c, systemd-run, ... */
/* Run one command with expanded words: builtin, function, table row, or a script file. */
int sh_run(struct sh *sh, int argc, char **argv);

/* May the process go on? False once it is killed or has used up its steps. */
bool sh_alive(struct sh *sh);
bool sh_step(struct sh *sh); /* the same, and counts one step */

/* Words: expand one raw word to fields (appended, each new), or to exactly one string (new). */
typedef VEC(char *) fields_t;
void word_fields(struct sh *sh, const char *raw, fields_t *out);
char *word_text(struct sh *sh, const char *raw);
char *word_heredoc(struct sh *sh, const char *text);
char *word_pattern(struct sh *sh, const char *raw);     /* quoted characters are escaped with \ */
bool word_match(const char *pattern, const char *text); /* * ? [a-z] and \x */
long sum_value(struct sh *sh, const char *text);        /* $((text)) */
size_t word_skip(const char *at); /* length of the raw word that begins here; 0: bad quoting */
/* Length of what begins at at, 0 when it has no end: '..', $.., `..`, "..". */
size_t word_skip_single(const char *at);
size_t word_skip_dollar(const char *at);
size_t word_skip_backquote(const char *at);
size_t word_skip_double(const char *at);
void fields_release(fields_t *f);

/* Capture what a command writes: $(...). New. */
char *sh_capture(struct sh *sh, const char *text);

#endif
