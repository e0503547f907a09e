/* SPDX-License-Identifier: ISC */
/*
 * Where in a command line are we: may a quoted word be put here? Follows the quotes, comments and
 * command substitutions of a POSIX shell over the fixed text of a template. When it is in doubt the
 * answer is no: a template that is refused costs its author a minute, a word in the wrong place
 * runs as a command on a switch.
 */
#ifndef MODEL_QUOTES_H
#define MODEL_QUOTES_H

#include <stdbool.h>
#include <stddef.h>

#define QUOTES_DEEP 16

enum quotes_in { IN_PLAIN, IN_SINGLE, IN_DOUBLE, IN_COMMENT, IN_BACKTICK };

struct quotes {
	bool shell; /* else a device CLI: only '...' and "..." count */
	enum quotes_in in;
	char last, before; /* the last two characters */
	struct {
		enum quotes_in in;
		int parens;
	} stack[QUOTES_DEEP]; /* open $( ... ) */
	size_t depth;
	bool escaped;        /* the last character was a working backslash */
	bool cases;          /* the word "case" occurs: its ')' would end a $( too early */
	const char *trouble; /* why nothing may be put in from here on; NULL: all is well */
};

void quotes_init(struct quotes *q, bool shell, const char *text); /* the whole command line */
void quotes_feed(struct quotes *q, char c);                       /* one character of fixed text */
void quotes_word(struct quotes *q);                               /* a quoted word was put in */

/* NULL if a word may be put in here, else why not. */
const char *quotes_refuse(const struct quotes *q);

/* NULL if the command line may end here, else what is open. */
const char *quotes_open(const struct quotes *q);

#endif
