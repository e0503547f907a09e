/* SPDX-License-Identifier: ISC */
/* The words in which a judge gives its reasons. */
#include "config.h"

#include "model/judge_parts.h"

#include "base/i18n.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 60 /* columns of device text or pattern in a reason */

/* Device text on one line, cut to what a reader takes in. New. */
char *judge_shown(const char *text, size_t n)
{
	struct str safe = {0};
	const char *end = memchr(text, '\n', n);
	size_t line = end ? (size_t)(end - text) : n;
	utf8_sanitise(&safe, text, line < 400 ? line : 400, UTF8_ONE_LINE);
	size_t fits = utf8_fit(str_text(&safe), SHOWN);
	bool cut = fits < safe.len || line >= 400;
	str_cut(&safe, fits);
	str_puts(&safe, cut ? "..." : "");
	return str_take(&safe);
}

/* The same of the first line that says something; NULL: none does. */
char *judge_shown_output(const char *text, size_t n)
{
	while (n && strchr("\r\n\t ", *text) && *text) {
		text++;
		n--;
	}
	return n ? judge_shown(text, n) : NULL;
}

/* "0", "0 or 20", "0, 5 or 20"; new. */
char *judge_exits(const struct judge *j)
{
	char *text = xasprintf("%d", j->exits.v[0]);
	for (size_t i = 1; i < j->exits.n; i++) {
		char *before = text;
		text = i + 1 < j->exits.n ? xasprintf("%s, %d", before, j->exits.v[i])
					  : xasprintf(M_("%s or %d"), before, j->exits.v[i]);
		free(before);
	}
	return text;
}

/* "a" or "b" or "c" */
void judge_add_wanted(struct str *wanted, const char *text)
{
	char *before = wanted->len ? str_take(wanted) : NULL;
	if (before)
		str_printf(wanted, M_("%-s or \"%s\""), before, text);
	else
		str_printf(wanted, "\"%s\"", text);
	free(before);
}

/* What was wanted, in words. New. */
char *judge_wanted(enum test_op op, const char *wanted)
{
	switch (op) {
	case TEST_NOT:
		return xasprintf(M_("anything but %-s"), wanted);
	case TEST_LEAST:
		return xasprintf(M_("at least %-s"), wanted);
	case TEST_MOST:
		return xasprintf(M_("at most %-s"), wanted);
	case TEST_ABOVE:
		return xasprintf(M_("above %-s"), wanted);
	case TEST_BELOW:
		return xasprintf(M_("below %-s"), wanted);
	case TEST_SAME_PARTS:
		return xasprintf(M_("the same release as %-s"), wanted);
	case TEST_MATCH:
		return xasprintf(M_("text like %-s"), wanted);
	default:
		return xstrdup(wanted);
	}
}
