/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/quotes.h"

#include "base/i18n.h"

#include <string.h>

void quotes_init(struct quotes *q, bool shell, const char *text)
{
	*q = (struct quotes){.shell = shell, .last = '\n', .before = '\n'};
	q->cases = strstr(text, "case") != NULL;
}

static void push(struct quotes *q)
{
	if (q->depth == QUOTES_DEEP) {
		q->trouble = M_("$(...) is nested too deeply");
		return;
	}
	if (q->in == IN_DOUBLE && q->cases)
		q->trouble = M_("behind \"$(...)\" where a case is");
	q->stack[q->depth].in = q->in;
	q->stack[q->depth++].parens = 0;
	q->in = IN_PLAIN;
}

static void close_paren(struct quotes *q)
{
	if (q->depth == 0)
		return;
	if (q->stack[q->depth - 1].parens > 0)
		q->stack[q->depth - 1].parens--;
	else
		q->in = q->stack[--q->depth].in;
}

/* What POSIX leaves open or what changes the meaning of '...' in the words behind it. */
static void look_for_trouble(struct quotes *q, char c)
{
	if (c == '<' && q->last == '<')
		q->trouble = M_("behind << (a here-document is not quoted)");
	else if (c == '\'' && q->last == '$')
		q->trouble = M_("behind $'...' (not POSIX)");
	else if (c == '(' && q->last == '(' && q->before == '$')
		q->trouble = M_("behind $((...)) (arithmetic evaluates its words)");
}

static void feed_plain(struct quotes *q, char c)
{
	look_for_trouble(q, c);
	if (c == '\'')
		q->in = IN_SINGLE;
	else if (c == '"')
		q->in = IN_DOUBLE;
	else if (c == '`')
		q->in = IN_BACKTICK;
	else if (c == '#' && strchr(" \t\n;&|()", q->last))
		q->in = IN_COMMENT;
	else if (c == '\\')
		q->escaped = true;
	else if (c == '(' && q->last == '$')
		push(q);
	else if (c == '(' && q->depth)
		q->stack[q->depth - 1].parens++;
	else if (c == ')')
		close_paren(q);
}

static void feed_double(struct quotes *q, char c)
{
	if (c == '"')
		q->in = IN_PLAIN;
	else if (c == '\\')
		q->escaped = true;
	else if (c == '`')
		q->trouble = M_("behind `...` inside \"...\" (write $(...))");
	else if (c == '(' && q->last == '$')
		push(q);
	else if (c == '{' && q->last == '$')
		q->trouble = M_("behind ${...} of the shell inside \"...\"");
}

static void feed_shell(struct quotes *q, char c)
{
	switch (q->in) {
	case IN_PLAIN:
		feed_plain(q, c);
		break;
	case IN_SINGLE:
		if (c == '\'')
			q->in = IN_PLAIN;
		break;
	case IN_DOUBLE:
		feed_double(q, c);
		break;
	case IN_COMMENT:
		if (c == '\n')
			q->in = IN_PLAIN;
		break;
	case IN_BACKTICK:
		if (c == '`')
			q->in = IN_PLAIN;
		break;
	}
}

static void feed_cli(struct quotes *q, char c)
{
	if (q->in == IN_PLAIN && (c == '"' || c == '\''))
		q->in = c == '"' ? IN_DOUBLE : IN_SINGLE;
	else if ((q->in == IN_DOUBLE && c == '"') || (q->in == IN_SINGLE && c == '\''))
		q->in = IN_PLAIN;
}

void quotes_feed(struct quotes *q, char c)
{
	if (q->escaped) {
		q->escaped = false;
		c = 'x'; /* an escaped character is only a letter of a word */
	} else if (q->shell) {
		feed_shell(q, c);
	} else {
		feed_cli(q, c);
	}
	q->before = q->last;
	q->last = c;
}

void quotes_word(struct quotes *q)
{
	q->before = q->last;
	q->last = 'x';
}

const char *quotes_refuse(const struct quotes *q)
{
	static const char *const where[] = {
	    [IN_SINGLE] = M_("inside '...'"),
	    [IN_DOUBLE] = M_("inside \"...\""),
	    [IN_COMMENT] = M_("in a comment"),
	    [IN_BACKTICK] = M_("inside `...` (write $(...))"),
	};
	if (q->trouble)
		return q->trouble;
	if (!q->shell && q->in == IN_DOUBLE)
		return NULL; /* nothing that may be put in there ends it */
	if (q->in != IN_PLAIN)
		return where[q->in];
	if (q->escaped)
		return M_("behind a backslash");
	if (q->shell && q->last == '$')
		return M_("behind a $");
	return NULL;
}

const char *quotes_open(const struct quotes *q)
{
	if (q->in == IN_SINGLE || q->in == IN_DOUBLE || q->in == IN_BACKTICK)
		return M_("a quote is not closed");
	if (q->depth)
		return M_("$( is not closed");
	return q->escaped ? M_("a backslash at the end") : NULL;
}
