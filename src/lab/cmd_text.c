/* SPDX-License-Identifier: ISC */
/* Filters: grep, head, tail, wc, cut, sort, uniq, tr, tee, checksums. sed and awk: cmd_edit.c. */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool line_next(const char **at, const char *end, struct str *line)
{
	if (*at >= end)
		return false;
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	stop = stop ? stop : end;
	str_clear(line);
	str_add(line, *at, (size_t)(stop - *at));
	*at = stop + (stop < end);
	return true;
}

/* --- grep ----------------------------------------------------------------------------------------------- */
struct grep {
	bool count, quiet, only, invert, fixed, word, number, names, no_errors, whole;
	int flags;
	int after, before;
	const char *pattern;
	regex_t re;
	int hits;
};

static bool grep_hit(const struct grep *g, const char *line, regmatch_t *m)
{
	if (!g->fixed)
		return regexec(&g->re, line, 1, m, 0) == 0;
	const char *at = g->flags & REG_ICASE ? strcasestr(line, g->pattern) : strstr(line, g->pattern);
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

static void grep_blob(struct sh *sh, struct grep *g, struct blob *b, const char *name)
{
	size_t n;
	const char *at = blob_data(b, &n), *end = at + n;
	struct str line = {0};
	int hits = 0, show = 0, number = 0;
	while (line_next(&at, end, &line)) {
		regmatch_t m;
		number++;
		bool hit = grep_hit(g, str_text(&line), &m) != g->invert;
		hits += hit;
		show = hit ? g->after + 1 : show;
		if (g->quiet || g->count || show <= 0)
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
	if (g->count && name)
		blob_printf(sh->out, "%s:", name);
	if (g->count)
		blob_printf(sh->out, "%d\n", hits);
	g->hits += hits;
	str_release(&line);
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
			*tree |= *c == 'r' || *c == 'R';
			g->flags |= *c == 'E' || *c == 'P' ? REG_EXTENDED : *c == 'i' ? REG_ICASE : 0;
			if ((*c == 'A' || *c == 'B' || *c == 'm') && (c[1] || i + 1 < argc)) {
				int value = atoi(c[1] ? c + 1 : argv[++i]);
				g->after = *c == 'A' ? value : g->after;
				break;
			}
		}
	}
	if (!g->pattern && i < argc)
		g->pattern = argv[i++];
	return i;
}

static int run_grep(struct sh *sh, int argc, char **argv)
{
	struct grep g = {.flags = str_eq(argv[0], "egrep") ? REG_EXTENDED : 0};
	bool tree = false;
	g.fixed = str_eq(argv[0], "fgrep");
	int i = grep_options(&g, argc, argv, &tree);
	if (!g.pattern)
		return say(sh, 2, "Usage: grep [OPTION]... PATTERNS [FILE]...");
	char *whole = g.whole && !g.fixed ? xasprintf("^(%s)$", g.pattern) : NULL;
	if (!g.fixed && regcomp(&g.re, whole ? whole : g.pattern, g.flags | (whole ? REG_EXTENDED : 0))) {
		free(whole);
		return say(sh, 2, "grep: Invalid regular expression");
	}
	free(whole);
	bool many = argc - i > 1, bad = false;
	struct blob *muted = blob_new(), *err = sh->err;
	sh->err = g.no_errors ? muted : err;
	for (int k = i; k < argc || k == i; k++) {
		struct blob *b = k < argc && strcmp(argv[k], "-") != 0 ? file_open(sh, argv[k], "grep")
		                                                       : proc_input_all(sh->proc, sh->in);
		if (b)
			grep_blob(sh, &g, b, many ? argv[k] : NULL);
		bad |= !b;
		blob_unref(b);
	}
	sh->err = err;
	blob_unref(muted);
	if (!g.fixed)
		regfree(&g.re);
	return bad && !(g.quiet && g.hits) ? 2 : g.hits ? 0 : 1;
}

/* --- head, tail, wc -------------------------------------------------------------------------------------------- */
static size_t lines_from_start(const char *data, size_t n, long lines)
{
	size_t at = 0;
	while (at < n && lines > 0)
		lines -= data[at++] == '\n';
	return at;
}

static size_t lines_from_end(const char *data, size_t n, long lines)
{
	size_t at = n;
	if (at && data[at - 1] == '\n')
		at--;
	while (at > 0 && !(data[at - 1] == '\n' && --lines <= 0))
		at--;
	return at;
}

static int run_head(struct sh *sh, int argc, char **argv)
{
	bool tail = argv[0][0] == 't', bytes = false, from = false;
	long count = 10;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		const char *value = argv[i] + 1;
		if (*value == 'c' || *value == 'n') {
			bytes = *value == 'c';
			value = value[1] ? value + 1 : i + 1 < argc ? argv[++i] : "10";
		} else if (*value < '0' || *value > '9') {
			continue;
		}
		from = *value == '+';
		count = strtol(value + from, NULL, 10);
	}
	struct blob *b;
	while ((b = operand_next(sh, argc, argv, &i))) {
		size_t n, begin = 0, end;
		const char *data = blob_data(b, &n);
		end = n;
		if (!tail && count < 0)
			end = bytes ? ((size_t)-count < n ? n + (size_t)count : 0) : lines_from_end(data, n, -count);
		else if (!tail)
			end = bytes ? ((size_t)count < n ? (size_t)count : n) : lines_from_start(data, n, count);
		else if (from)
			begin = bytes ? (size_t)(count - 1) : lines_from_start(data, n, count - 1);
		else
			begin = bytes ? ((size_t)count < n ? n - (size_t)count : 0)
			              : count ? lines_from_end(data, n, count) : n;
		if (begin < end)
			blob_add(sh->out, data + begin, end - begin);
		blob_unref(b);
	}
	return 0;
}

static int run_wc(struct sh *sh, int argc, char **argv)
{
	bool lines = false, words = false, bytes = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		lines |= strchr(argv[i], 'l') != NULL;
		words |= strchr(argv[i], 'w') != NULL;
		bytes |= strpbrk(argv[i], "cm") != NULL;
	}
	if (!lines && !words && !bytes)
		lines = words = bytes = true;
	struct blob *b;
	int first = i;
	while ((b = operand_next(sh, argc, argv, &i))) {
		size_t n, nl = 0, nw = 0;
		const char *data = blob_data(b, &n);
		for (size_t k = 0; k < n; k++) {
			nl += data[k] == '\n';
			bool here = !strchr(" \t\n", data[k]), before = k && !strchr(" \t\n", data[k - 1]);
			nw += here && !before;
		}
		size_t shown[] = {nl, nw, n};
		bool wanted[] = {lines, words, bytes};
		const char *gap = "";
		for (int k = 0; k < 3; k++) {
			if (wanted[k])
				blob_printf(sh->out, "%s%zu", gap, shown[k]);
			gap = wanted[k] ? " " : gap;
		}
		if (first < argc)
			blob_printf(sh->out, " %s", argv[first++]);
		blob_puts(sh->out, "\n");
		blob_unref(b);
	}
	return 0;
}

/* --- cut, tr, sort, uniq ---------------------------------------------------------------------------------------- */
static bool in_list(const char *list, long n)
{
	while (*list) {
		char *end;
		long from = strtol(list, &end, 10), to = from;
		if (end == list)
			from = 1;
		if (*end == '-') {
			char *behind;
			to = strtol(end + 1, &behind, 10);
			to = behind == end + 1 ? 1L << 30 : to;
			end = behind;
		}
		if (n >= from && n <= to)
			return true;
		list = *end == ',' ? end + 1 : end + strlen(end);
	}
	return false;
}

static void cut_fields(struct sh *sh, const char *line, char delimiter, const char *list, bool only)
{
	if (!strchr(line, delimiter)) {
		if (!only)
			blob_printf(sh->out, "%s\n", line);
		return;
	}
	bool any = false;
	for (long n = 1;; n++) {
		size_t length = strcspn(line, (char[]){delimiter, '\0'});
		if (in_list(list, n)) {
			blob_add(sh->out, &delimiter, any);
			blob_add(sh->out, line, length);
			any = true;
		}
		if (!line[length])
			break;
		line += length + 1;
	}
	blob_puts(sh->out, "\n");
}

static int run_cut(struct sh *sh, int argc, char **argv)
{
	char delimiter = '\t', kind = 'f';
	const char *list = "1-";
	bool only = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		char option = argv[i][1];
		only |= option == 's';
		if (!strchr("dfcb", option))
			continue;
		const char *value = argv[i][2] ? argv[i] + 2 : i + 1 < argc ? argv[++i] : "";
		if (option == 'd')
			delimiter = *value;
		else
			list = value;
		kind = option == 'd' ? kind : option;
	}
	struct blob *b;
	struct str line = {0};
	while ((b = operand_next(sh, argc, argv, &i))) {
		size_t n;
		const char *at = blob_data(b, &n), *end = at + n;
		while (line_next(&at, end, &line)) {
			if (kind == 'f') {
				cut_fields(sh, str_text(&line), delimiter, list, only);
				continue;
			}
			for (size_t k = 0; k < line.len; k++)
				if (in_list(list, (long)k + 1))
					blob_add(sh->out, line.buf + k, 1);
			blob_puts(sh->out, "\n");
		}
		blob_unref(b);
	}
	str_release(&line);
	return 0;
}

/* "a-z", "\n", "[:space:]" to the characters themselves. */
static void tr_set(const char *text, struct str *out)
{
	static const struct {
		const char *name, *chars;
	} classes[] = {{"[:space:]", " \t\n\r\v\f"}, {"[:digit:]", "0123456789"}, {"[:blank:]", " \t"},
	               {"[:upper:]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, {"[:lower:]", "abcdefghijklmnopqrstuvwxyz"}};
	while (*text) {
		size_t used = 0;
		for (size_t i = 0; i < LEN(classes) && !used; i++) {
			if (str_starts(text, classes[i].name)) {
				str_puts(out, classes[i].chars);
				used = strlen(classes[i].name);
			}
		}
		if (used) {
			text += used;
			continue;
		}
		char c = *text++;
		if (c == '\\' && *text) {
			c = *text == 'n' ? '\n' : *text == 't' ? '\t' : *text == 'r' ? '\r' : *text == '0' ? '\0' : *text;
			text++;
		}
		if (*text == '-' && text[1]) {
			for (int k = (unsigned char)c; k <= (unsigned char)text[1]; k++)
				str_putc(out, (char)k);
			text += 2;
		} else {
			str_putc(out, c);
		}
	}
}

static int run_tr(struct sh *sh, int argc, char **argv)
{
	bool delete = false, squeeze = false, complement = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		delete |= strchr(argv[i], 'd') != NULL;
		squeeze |= strchr(argv[i], 's') != NULL;
		complement |= strpbrk(argv[i], "cC") != NULL;
	}
	struct str from = {0}, to = {0};
	tr_set(i < argc ? argv[i] : "", &from);
	tr_set(i + 1 < argc ? argv[i + 1] : "", &to);
	struct blob *b = proc_input_all(sh->proc, sh->in);
	size_t n = 0;
	const char *data = b ? blob_data(b, &n) : "";
	struct str out = {0};
	for (size_t k = 0; k < n; k++) {
		char *hit = from.len ? memchr(from.buf, data[k], from.len) : NULL;
		bool in = complement ? !hit : hit != NULL;
		char c = data[k];
		if (in && delete)
			continue;
		if (in && to.len) {
			size_t place = hit && !complement ? (size_t)(hit - from.buf) : to.len - 1;
			c = to.buf[place < to.len ? place : to.len - 1];
		}
		if (in && squeeze && out.len && out.buf[out.len - 1] == c)
			continue;
		str_putc(&out, c);
	}
	blob_add(sh->out, str_text(&out), out.len);
	blob_unref(b);
	str_release(&out);
	str_release(&from);
	str_release(&to);
	return 0;
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int cmp_number(const void *a, const void *b)
{
	double x = strtod(*(char *const *)a, NULL), y = strtod(*(char *const *)b, NULL);
	return x < y ? -1 : x > y ? 1 : cmp_text(a, b);
}

static int run_sort(struct sh *sh, int argc, char **argv)
{
	bool unique = false, reverse = false, numeric = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		unique |= strchr(argv[i], 'u') != NULL;
		reverse |= strchr(argv[i], 'r') != NULL;
		numeric |= strpbrk(argv[i], "nV") != NULL;
	}
	fields_t lines = {0};
	struct str line = {0};
	struct blob *b;
	while ((b = operand_next(sh, argc, argv, &i))) {
		size_t n;
		const char *at = blob_data(b, &n), *end = at + n;
		while (line_next(&at, end, &line))
			VEC_PUSH(&lines, xstrdup(str_text(&line)));
		blob_unref(b);
	}
	if (lines.n)
		qsort(lines.v, lines.n, sizeof(*lines.v), numeric ? cmp_number : cmp_text);
	for (size_t k = 0; k < lines.n; k++) {
		size_t at = reverse ? lines.n - 1 - k : k, before = reverse ? at + 1 : at - 1;
		if (!unique || k == 0 || strcmp(lines.v[at], lines.v[before]) != 0)
			blob_printf(sh->out, "%s\n", lines.v[at]);
	}
	str_release(&line);
	fields_release(&lines);
	return 0;
}

static int run_uniq(struct sh *sh, int argc, char **argv)
{
	bool count = argc > 1 && str_eq(argv[1], "-c");
	int i = 1 + (argc > 1 && argv[1][0] == '-'), same = 0;
	struct str line = {0}, last = {0};
	struct blob *b = operand_next(sh, argc, argv, &i);
	size_t n = 0;
	const char *at = b ? blob_data(b, &n) : "", *end = at + n;
	for (bool more = true; more;) {
		more = line_next(&at, end, &line);
		if (same && (!more || !str_eq(str_text(&line), str_text(&last)))) {
			if (count)
				blob_printf(sh->out, "%7d ", same);
			blob_printf(sh->out, "%s\n", str_text(&last));
			same = 0;
		}
		str_clear(&last);
		str_add(&last, str_text(&line), line.len);
		same++;
	}
	blob_unref(b);
	str_release(&line);
	str_release(&last);
	return 0;
}

/* --- tee, sums ------------------------------------------------------------------------------------------------------ */
static int run_tee(struct sh *sh, int argc, char **argv)
{
	bool append = false;
	int status = 0;
	struct blob *b = proc_input_all(sh->proc, sh->in);
	if (!b)
		return 137;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			append |= strchr(argv[i], 'a') != NULL;
		else
			status |= !file_write(sh, argv[i], b, append, "tee");
	}
	blob_append(sh->out, b);
	blob_unref(b);
	return status;
}

static void digest_hex(const char *data, size_t n, const char *kind, char hex[129])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	const EVP_MD *md = EVP_get_digestbyname(kind);
	hex[0] = '\0';
	if (!md || EVP_Digest(data, n, sum, &length, md, NULL) != 1)
		return;
	for (unsigned i = 0; i < length; i++) {
		hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
	}
	hex[2 * length] = '\0';
}

/* -c: "HASH  FILE" lines of a file or of standard input. */
static int check_sums(struct sh *sh, int argc, char **argv, const char *kind, int i)
{
	struct blob *b = operand_next(sh, argc, argv, &i);
	size_t n = 0;
	const char *at = b ? blob_data(b, &n) : "", *end = at + n;
	struct str line = {0};
	int bad = 0;
	while (line_next(&at, end, &line)) {
		char hex[129], *name = strchr(str_text(&line), ' ');
		if (!name)
			continue;
		*name++ = '\0';
		name += *name == ' ' || *name == '*';
		struct blob *file = file_open(sh, name, argv[0]);
		size_t length = 0;
		const char *data = file ? blob_data(file, &length) : "";
		digest_hex(data, length, kind, hex);
		bool ok = file && strcasecmp(hex, line.buf) == 0;
		blob_printf(sh->out, "%s: %s\n", name, !file ? "FAILED open or read" : ok ? "OK" : "FAILED");
		bad += !ok;
		blob_unref(file);
	}
	str_release(&line);
	blob_unref(b);
	if (bad)
		(void)say(sh, 1, "%s: WARNING: %d computed checksum%s did NOT match", argv[0], bad, bad > 1 ? "s" : "");
	return bad ? 1 : 0;
}

static int run_sum(struct sh *sh, int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	base = base ? base + 1 : argv[0];
	char kind[16]; /* "sha256sum" is "sha256" */
	(void)snprintf(kind, sizeof(kind), "%.*s", (int)strlen(base) - 3, base);
	int i = 1, status = 0;
	bool check = false;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++)
		check |= strchr(argv[i], 'c') != NULL && argv[i][1] != '-';
	if (check)
		return check_sums(sh, argc, argv, kind, i);
	for (int k = i; k < argc || k == i; k++) {
		bool in = k >= argc || strcmp(argv[k], "-") == 0;
		struct blob *b = in ? proc_input_all(sh->proc, sh->in) : file_open(sh, argv[k], argv[0]);
		size_t n = 0;
		const char *data = b ? blob_data(b, &n) : "";
		char hex[129];
		digest_hex(data, n, kind, hex);
		if (b)
			blob_printf(sh->out, "%s  %s\n", hex, in ? "-" : argv[k]);
		status |= !b;
		blob_unref(b);
	}
	return status;
}

static int run_base64(struct sh *sh, int argc, char **argv)
{
	bool decode = false, flat = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		decode |= str_eq(argv[i], "-d") || str_eq(argv[i], "-D") || str_eq(argv[i], "--decode");
		flat |= str_starts(argv[i], "-w");
		i += str_eq(argv[i], "-w");
	}
	struct blob *b = operand_next(sh, argc, argv, &i);
	if (!b)
		return 1;
	size_t n, keep = 0;
	const char *data = blob_data(b, &n);
	unsigned char *out = xmalloc(n * 2 + 8);
	int status = 0;
	if (!decode) {
		int length = EVP_EncodeBlock(out, (const unsigned char *)data, (int)n);
		for (int k = 0; k < length; k += 76) {
			blob_add(sh->out, out + k, (size_t)(flat ? length : length - k < 76 ? length - k : 76));
			blob_puts(sh->out, flat ? "" : "\n");
			if (flat)
				break;
		}
	} else {
		char *packed = xmalloc(n + 1);
		for (size_t k = 0; k < n; k++)
			if (!strchr(" \t\r\n", data[k]))
				packed[keep++] = data[k];
		int length = EVP_DecodeBlock(out, (unsigned char *)packed, (int)keep);
		for (size_t k = keep; k && packed[k - 1] == '='; k--)
			length--;
		if (length >= 0)
			blob_add(sh->out, out, (size_t)length);
		else
			status = say(sh, 1, "base64: invalid input");
		free(packed);
	}
	free(out);
	blob_unref(b);
	return status;
}

const struct command text_commands[] = {
    {.name = "grep", .run = run_grep, .path = "/bin"},
    {.name = "egrep", .run = run_grep, .path = "/bin"},
    {.name = "fgrep", .run = run_grep, .path = "/bin"},
    {.name = "head", .run = run_head},
    {.name = "tail", .run = run_head},
    {.name = "wc", .run = run_wc},
    {.name = "cut", .run = run_cut},
    {.name = "tr", .run = run_tr},
    {.name = "sort", .run = run_sort},
    {.name = "uniq", .run = run_uniq},
    {.name = "tee", .run = run_tee},
    {.name = "sha256sum", .run = run_sum},
    {.name = "sha512sum", .run = run_sum},
    {.name = "sha1sum", .run = run_sum},
    {.name = "md5sum", .run = run_sum},
    {.name = "base64", .run = run_base64},
    {.name = "sed", .run = run_sed, .path = "/bin"},
    {.name = "awk", .run = run_awk},
    {0},
};
