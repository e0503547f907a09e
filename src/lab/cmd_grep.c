/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct grep {
	bool count, quiet, only, invert, fixed, number, no_errors, whole, no_names, names;
	int flags;
	int after, before;
	const char *pattern;
	char *begin; /* what every hit begins with, where that is plain to see; NULL: it is not */
	regex_t re;
	int hits;
};

/* The plain characters that the pattern begins with: finding them is far cheaper than regexec()
 * trying every place of a long line. */
static char *begin_of(const struct grep *g)
{
	size_t n = strcspn(g->pattern, "\\.[]*^$()|?+{}");
	if (g->fixed || g->whole || g->flags & REG_ICASE || strchr(g->pattern, '|'))
		return NULL;
	if (g->pattern[n] && n > 0 && !strchr(".[^$(", g->pattern[n]))
		n--; /* what follows may say that the last one need not be there */
	return n > 0 ? xstrndup(g->pattern, n) : NULL;
}

static bool grep_hit(const struct grep *g, const char *line, regmatch_t *m)
{
	const char *at = line;
	if (!g->fixed) {
		if (g->begin && !(at = strstr(line, g->begin)))
			return false;
		if (regexec(&g->re, at, 1, m, 0) != 0)
			return false;
		m->rm_so += at - line;
		m->rm_eo += at - line;
		return true;
	}
	at =
	    g->flags & REG_ICASE ? strcasestr(line, g->pattern) : strstr(line, g->pattern);
	if (!at || (g->whole && strcmp(line, g->pattern) != 0))
		return false;
	m->rm_so = (regoff_t)(at - line);
	m->rm_eo = m->rm_so + (regoff_t)strlen(g->pattern);
	return true;
}

static void grep_only(struct sh *sh, struct grep *g, const char *line)
{
	regmatch_t m;
	while (*line && grep_hit(g, line, &m)) {
		if (m.rm_eo > m.rm_so) {
			blob_add(sh->out, line + m.rm_so, (size_t)(m.rm_eo - m.rm_so));
			blob_puts(sh->out, "\n");
		}
		line += m.rm_eo > 0 ? m.rm_eo : 1;
	}
}

/* -B: the one line before a hit (nobody here asks for more), which is not shown yet. */
static void grep_before(struct sh *sh, const struct grep *g, struct str *last, const char *line,
			bool show)
{
	if (!g->before)
		return;
	if (show && last->len && !g->quiet && !g->count && !g->names && !g->only)
		blob_printf(sh->out, "%s\n", str_text(last));
	str_clear(last);
	str_puts(last, line);
}

static void grep_blob(struct sh *sh, struct grep *g, struct blob *b, const char *name)
{
	size_t n;
	const char *at = blob_data(b, &n), *end = at + n;
	struct str line = {0}, last = {0};
	int hits = 0, show = 0, number = 0;
	while (line_next(&at, end, &line)) {
		regmatch_t m;
		number++;
		bool hit = grep_hit(g, str_text(&line), &m) != g->invert;
		hits += hit;
		grep_before(sh, g, &last, str_text(&line), hit && show <= 0);
		show = hit ? g->after + 1 : show;
		if (g->quiet || g->count || g->names || show <= 0)
			continue;
		show--;
		if (g->only) {
			grep_only(sh, g, str_text(&line));
			continue;
		}
		if (name)
			blob_printf(sh->out, "%s:", name);
		if (g->number)
			blob_printf(sh->out, "%d:", number);
		blob_add(sh->out, str_text(&line), line.len);
		blob_puts(sh->out, "\n");
	}
	if (g->count && name && !g->names)
		blob_printf(sh->out, "%s:", name);
	if (g->count && !g->names)
		blob_printf(sh->out, "%d\n", hits);
	if (g->names && hits)
		blob_printf(sh->out, "%s\n", name ? name : "(standard input)");
	g->hits += hits;
	str_release(&line);
	str_release(&last);
}

static int grep_options(struct grep *g, int argc, char **argv, bool *tree)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (str_eq(argv[i], "-e") && i + 1 < argc) {
			g->pattern = argv[++i];
			continue;
		}
		if (str_eq(argv[i], "--")) {
			i++;
			break;
		}
		for (const char *c = argv[i] + 1; *c; c++) {
			g->count |= *c == 'c';
			g->quiet |= *c == 'q';
			g->only |= *c == 'o';
			g->invert |= *c == 'v';
			g->fixed |= *c == 'F';
			g->number |= *c == 'n';
			g->no_errors |= *c == 's';
			g->whole |= *c == 'x';
			g->no_names |= *c == 'h';
			g->names |= *c == 'l';
			*tree |= *c == 'r' || *c == 'R';
			g->flags |= *c == 'E' || *c == 'P' ? REG_EXTENDED
				    : *c == 'i'            ? REG_ICASE
							   : 0;
			if ((*c == 'A' || *c == 'B' || *c == 'm') && (c[1] || i + 1 < argc)) {
				int value = atoi(c[1] ? c + 1 : argv[++i]);
				g->after = *c == 'A' ? value : g->after;
				g->before = *c == 'B' ? value : g->before;
				break;
			}
		}
	}
	if (!g->pattern && i < argc)
		g->pattern = argv[i++];
	return i;
}

int run_grep(struct sh *sh, int argc, char **argv)
{
	struct grep g = {.flags = str_eq(argv[0], "egrep") ? REG_EXTENDED : 0};
	bool tree = false;
	g.fixed = str_eq(argv[0], "fgrep");
	int i = grep_options(&g, argc, argv, &tree);
	if (!g.pattern)
		return say(sh, 2, "Usage: grep [OPTION]... PATTERNS [FILE]...");
	char *whole = g.whole && !g.fixed ? xasprintf("^(%s)$", g.pattern) : NULL;
	if (!g.fixed &&
	    regcomp(&g.re, whole ? whole : g.pattern, g.flags | (whole ? REG_EXTENDED : 0))) {
		free(whole);
		return say(sh, 2, "grep: Invalid regular expression");
	}
	free(whole);
	g.begin = begin_of(&g);
	bool many = argc - i > 1 || tree, bad = false;
	struct blob *muted = blob_new(), *err = sh->err;
	sh->err = g.no_errors ? muted : err;
	for (int k = i; k < argc || k == i; k++) {
		struct blob *b = k < argc && strcmp(argv[k], "-") != 0
				     ? file_open(sh, argv[k], "grep")
				     : proc_input_all(sh->proc, sh->in);
		if (b)
			grep_blob(sh, &g, b,
				  (many && !g.no_names) || (g.names && k < argc) ? argv[k] : NULL);
		bad |= !b;
		blob_unref(b);
	}
	sh->err = err;
	blob_unref(muted);
	if (!g.fixed)
		regfree(&g.re);
	free(g.begin);
	return bad && !(g.quiet && g.hits) ? 2 : g.hits ? 0 : 1;
}
