/* SPDX-License-Identifier: ISC */
/*
 * Text with ${name} in it. In a command every value is quoted for the device's language, so that a
 * value is always one word (or, with ${name*}, one word a list item) and can never become a second
 * command; for that reason ${...} may not stand inside quotes of the template, nor at other places
 * where quotes mean something else (quotes.h). `$$` is a plain '$'; "$(" and "$X" pass through (they
 * belong to the device's shell). An empty value is the word '' in a shell and refused in a CLI; an
 * empty list is no word at all.
 *
 * ${each NAME} ... ${end} stands once for every item of the list NAME; ${it} inside is the item. For
 * devices whose command line knows no loops. An empty list leaves nothing; they are not nested.
 */
#ifndef MODEL_TEMPLATE_H
#define MODEL_TEMPLATE_H

#include "base/err.h"
#include "base/str.h"
#include "model/values.h"

enum quoting {
	QUOTE_NONE, /* for people: messages, titles. Values are sanitised, lists read "a, b" */
	QUOTE_SH,   /* POSIX shell: '...' (facts/reliability.md 433) */
	QUOTE_CLI,  /* device command lines: only [A-Za-z0-9._/:@%+=,-] is let through, which is why a
		     * value may stand inside "..." there */
	QUOTE_RAW,  /* for machines: judges and file names; the value as it is */
};

/* Append the expansion to out. An error (unknown name, a value that may not be quoted, control
 * characters in a value) names the value; out is then unchanged. For QUOTE_NONE an unknown name
 * gives "?" and no error. */
int template_expand(const char *text, const struct scope *scope, enum quoting quoting,
                    struct str *out, struct err *e);

/* The names that text uses, for the check at load: calls see(ctx, name); stops at non-zero and gives
 * that. A syntax error ("${" without "}", a bad name, ${} inside quotes when quoting is not
 * QUOTE_NONE) is -1 with e. */
int template_names(const char *text, enum quoting quoting,
                   int (*see)(void *ctx, const char *name, struct err *e), void *ctx, struct err *e);

/* Quote one word for a POSIX shell. */
void template_quote_sh(struct str *out, const char *word);

#endif
