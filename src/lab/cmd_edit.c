/* SPDX-License-Identifier: ISC */
/*
 * The parts of sed and awk that one-liners on switches use:
 * sed [-n] [-E] [-i] 's/RE/TEXT/[g]', '/RE/d', '/RE/p', 'Np', 'N,Mp', 'Nd', '$p', joined by ';'
 * awk [-F SEP] '[/RE/ | NR==N | $N=="TEXT"] {print $A, $B "text" $NF}'
 */
#include "config.h"

#include "lab/edit.h"

#include "lab/command.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct edit {
	bool has_re, last_line;
	regex_t re, what; /* of the address, of s/// */
	long from, to;
	char verb, *with;
	bool global, print;
};

typedef VEC(struct edit) edits_t;

static void edits_release(edits_t *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		if (edits->v[i].has_re)
			regfree(&edits->v[i].re);
		if (edits->v[i].verb == 's')
			regfree(&edits->v[i].what);
		free(edits->v[i].with);
	}
	VEC_RELEASE(edits);
}

/* Text up to an unescaped delimiter; \delimiter loses its backslash. New. */
static char *part(const char **at, char delimiter)
{
	struct str out = {0};
	for (; **at && **at != delimiter; (*at)++) {
		if (**at == '\\' && (*at)[1] == delimiter)
			(*at)++;
		else if (**at == '\\' && (*at)[1])
			str_putc(&out, *(*at)++);
		str_putc(&out, **at);
	}
	*at += **at == delimiter;
	return str_take(&out);
}

static bool parse_edit(const char **at, struct edit *e, int flags)
{
	if (**at == '/') {
		(*at)++;
		char *re = part(at, '/');
		e->has_re = regcomp(&e->re, re, flags) == 0;
		free(re);
		if (!e->has_re)
			return false;
	} else if (**at == '$') {
		e->last_line = true;
		(*at)++;
	} else if (isdigit((unsigned char)**at)) {
		char *end;
		e->from = e->to = strtol(*at, &end, 10);
		if (*end == ',')
			e->to = end[1] == '$' ? 1L << 30 : strtol(end + 1, &end, 10);
		*at = end + (*end == ',') + (*end == ',' && end[1] == '$');
	}
	char verb = **at;
	if (!verb || !strchr("spdq", verb))
		return false;
	(*at)++;
	if (verb == 's' && **at) {
		char delimiter = *(*at)++;
		char *what = part(at, delimiter);
		e->with = part(at, delimiter);
		int bad = regcomp(&e->what, what, flags);
		free(what);
		if (bad)
			return false;
		for (; **at && strchr("gpIi0123456789", **at); (*at)++) {
			e->global |= **at == 'g';
			e->print |= **at == 'p';
		}
	}
	e->verb = verb;
	return true;
}

static bool parse_edits(const char *script, edits_t *edits, int flags)
{
	for (;;) {
		script += strspn(script, " ;\n\t");
		if (!*script)
			return true;
		struct edit *e = VEC_ADD(edits);
		if (!parse_edit(&script, e, flags))
			return false;
	}
}

static void add_replacement(struct str *out, const char *with, const char *line,
			    const regmatch_t *m)
{
	for (; *with; with++) {
		int group = *with == '&' ? 0 : -1;
		if (*with == '\\' && with[1]) {
			with++;
			group = isdigit((unsigned char)*with) ? *with - '0' : -1;
			if (*with == 'n') {
				str_putc(out, '\n');
				continue;
			}
		}
		if (group < 0)
			str_putc(out, *with);
		else if (m[group].rm_so >= 0)
			str_add(out, line + m[group].rm_so,
				(size_t)(m[group].rm_eo - m[group].rm_so));
	}
}

static bool substitute(const struct edit *e, struct str *line)
{
	struct str out = {0};
	const char *at = str_text(line);
	regmatch_t m[10];
	bool any = false;
	while (regexec(&e->what, at, 10, m, any ? REG_NOTBOL : 0) == 0) {
		str_add(&out, at, (size_t)m[0].rm_so);
		add_replacement(&out, e->with, at, m);
		at += m[0].rm_eo;
		any = true;
		if (m[0].rm_eo == m[0].rm_so) {
			if (!*at)
				break;
			str_putc(&out, *at++);
		}
		if (!e->global)
			break;
	}
	str_puts(&out, at);
	str_release(line);
	*line = out;
	return any;
}

static bool selects(const struct edit *e, const char *line, long number, bool last)
{
	if (e->has_re)
		return regexec(&e->re, line, 0, NULL, 0) == 0;
	if (e->last_line)
		return last;
	return !e->from || (number >= e->from && number <= e->to);
}

static void sed_blob(struct blob *out, edits_t *edits, struct blob *in, bool silent)
{
	size_t n;
	const char *at = blob_data(in, &n), *end = at + n;
	struct str line = {0};
	bool quit = false;
	for (long number = 1; !quit && line_next(&at, end, &line); number++) {
		bool deleted = false;
		for (size_t i = 0; i < edits->n && !deleted; i++) {
			struct edit *e = &edits->v[i];
			if (!selects(e, str_text(&line), number, at >= end))
				continue;
			bool did = e->verb == 's' && substitute(e, &line);
			deleted = e->verb == 'd';
			quit |= e->verb == 'q';
			if (e->verb == 'p' || (did && e->print))
				blob_printf(out, "%s\n", str_text(&line));
		}
		if (!deleted && !silent)
			blob_printf(out, "%s\n", str_text(&line));
	}
	str_release(&line);
}

int run_sed(struct sh *sh, int argc, char **argv)
{
	bool silent = false, in_place = false, given = false;
	int flags = 0, i = 1;
	struct str script = {0};
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		silent |= strchr(argv[i], 'n') != NULL;
		in_place |= argv[i][1] == 'i';
		flags |= argv[i][1] == 'E' || argv[i][1] == 'r' || strchr(argv[i], 'E')
			     ? REG_EXTENDED
			     : 0;
		if (strchr(argv[i], 'e') && i + 1 < argc) {
			str_printf(&script, "%s\n", argv[++i]);
			given = true;
		}
	}
	if (!given && i < argc)
		str_puts(&script, argv[i++]);
	edits_t edits = {0};
	int status = 0;
	if (!parse_edits(str_text(&script), &edits, flags))
		status = say(sh, 1, "sed: -e expression #1, char 1: unknown command");
	struct blob *b;
	for (int k = i; !status && (k < argc || k == i); k++) {
		b = k < argc ? file_open(sh, argv[k], "sed: can't read")
			     : proc_input_all(sh->proc, sh->in);
		if (!b) {
			status = 2;
			break;
		}
		struct blob *out = in_place ? blob_new() : blob_ref(sh->out);
		sed_blob(out, &edits, b, silent);
		if (in_place && k < argc && !file_write(sh, argv[k], out, false, "sed"))
			status = 4;
		blob_unref(out);
		blob_unref(b);
	}
	edits_release(&edits);
	str_release(&script);
	return status;
}

/* --- awk -------------------------------------------------------------------------------------- */
static void awk_split(const char *line, char separator, fields_t *out)
{
	VEC_PUSH(out, xstrdup(line));
	while (*line) {
		if (separator == ' ')
			line += strspn(line, " \t");
		size_t n = separator == ' ' ? strcspn(line, " \t")
					    : strcspn(line, (char[]){separator, '\0'});
		if (separator == ' ' && !n)
			break;
		VEC_PUSH(out, xstrndup(line, n));
		line += n;
		if (separator != ' ' && *line)
			line++;
	}
}

/* $2, $NF, NR, "text" at *at. */
static void awk_value(struct str *out, const char **at, fields_t *f, long number)
{
	const char *c = *at;
	if (*c == '$') {
		bool last = str_starts(c + 1, "NF");
		char *end = (char *)c + 3;
		size_t i = last ? f->n - 1 : strtoul(c + 1, &end, 10);
		if (i < f->n)
			str_puts(out, f->v[i]);
		c = end;
	} else if (*c == '"') {
		for (c++; *c && *c != '"'; c++) {
			if (*c == '\\' && c[1] == 'n') {
				str_putc(out, '\n');
				c++;
			} else {
				str_putc(out, *c);
			}
		}
		c += *c == '"';
	} else if (str_starts(c, "NR") || str_starts(c, "NF")) {
		str_printf(out, "%ld", c[1] == 'R' ? number : (long)f->n - 1);
		c += 2;
	} else {
		c++;
	}
	*at = c;
}

static void awk_print(struct sh *sh, const char *what, fields_t *f, long number)
{
	struct str line = {0};
	what += strspn(what, " \t");
	if (!*what || *what == '}')
		str_puts(&line, f->v[0]);
	while (*what && *what != '}' && *what != ';') {
		if (*what == ',')
			str_putc(&line, ' ');
		if (*what == ' ' || *what == '\t' || *what == ',')
			what++;
		else
			awk_value(&line, &what, f, number);
	}
	blob_printf(sh->out, "%s\n", str_text(&line));
	str_release(&line);
}

/* /RE/, NR==2, $1=="x", $1~/RE/ before the brace. */
static bool awk_selects(const char *condition, size_t n, fields_t *f, long number)
{
	char *text = xstrndup(condition, n);
	struct str left = {0}, right = {0};
	const char *at = text + strspn(text, " \t");
	bool yes = true;
	regex_t re;
	if (*at == '/') {
		at++;
		char *pattern = part(&at, '/');
		yes = regcomp(&re, pattern, REG_EXTENDED) == 0;
		if (yes) {
			yes = regexec(&re, f->v[0], 0, NULL, 0) == 0;
			regfree(&re);
		}
		free(pattern);
	} else if (*at && !str_starts(at, "BEGIN") && !str_starts(at, "END")) {
		awk_value(&left, &at, f, number);
		at += strspn(at, " \t");
		bool inverted = *at == '!', greater = *at == '>', less = *at == '<';
		at += strspn(at, "=!<>~ \t");
		if (*at == '"' || *at == '$' || *at == 'N')
			awk_value(&right, &at, f, number);
		else
			str_add(&right, at, strspn(at, "0123456789.-"));
		if (greater || less)
			yes = (atof(str_text(&left)) > atof(str_text(&right))) == greater;
		else
			yes = str_eq(str_text(&left), str_text(&right)) != inverted;
	}
	str_release(&left);
	str_release(&right);
	free(text);
	return yes;
}

int run_awk(struct sh *sh, int argc, char **argv)
{
	char separator = ' ';
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (argv[i][1] == 'F')
			separator = argv[i][2] ? argv[i][2] : i + 1 < argc ? argv[++i][0] : ' ';
		else if (argv[i][1] == 'v')
			i++;
	}
	if (i >= argc)
		return say(sh, 2, "usage: awk [-F fs] 'prog' [file ...]");
	const char *program = argv[i++];
	const char *brace = strchr(program, '{'), *print = strstr(program, "print");
	size_t condition = brace ? (size_t)(brace - program) : strlen(program);
	struct blob *b;
	struct str line = {0};
	while ((b = operand_next(sh, argc, argv, &i))) {
		size_t n;
		const char *at = blob_data(b, &n), *end = at + n;
		for (long number = 1; line_next(&at, end, &line); number++) {
			fields_t f = {0};
			awk_split(str_text(&line), separator, &f);
			if (awk_selects(program, condition, &f, number))
				awk_print(sh, print ? print + 5 : "", &f, number);
			bool stop = print && strstr(print, "exit") && number >= 1 &&
				    awk_selects(program, condition, &f, number);
			fields_release(&f);
			if (stop)
				break;
		}
		blob_unref(b);
	}
	str_release(&line);
	return 0;
}
