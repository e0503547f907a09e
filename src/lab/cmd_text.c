/* SPDX-License-Identifier: ISC */
/* Filters: head, tail, wc, cut, sort, uniq, tr. grep: cmd_grep.c; sed and awk: cmd_edit.c. */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

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

/* --- head, tail, wc --------------------------------------------------------------------------- */
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
			end = bytes ? ((size_t)-count < n ? n + (size_t)count : 0)
				    : lines_from_end(data, n, -count);
		else if (!tail)
			end = bytes ? ((size_t)count < n ? (size_t)count : n)
				    : lines_from_start(data, n, count);
		else if (from)
			begin = bytes ? (size_t)(count - 1) : lines_from_start(data, n, count - 1);
		else
			begin = bytes   ? ((size_t)count < n ? n - (size_t)count : 0)
				: count ? lines_from_end(data, n, count)
					: n;
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
			bool here = !strchr(" \t\n", data[k]),
			     before = k && !strchr(" \t\n", data[k - 1]);
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

/* --- cut, tr, sort, uniq ---------------------------------------------------------------------- */
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
	} classes[] = {{"[:space:]", " \t\n\r\v\f"},
		       {"[:digit:]", "0123456789"},
		       {"[:blank:]", " \t"},
		       {"[:upper:]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		       {"[:lower:]", "abcdefghijklmnopqrstuvwxyz"}};
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
			c = *text == 'n'   ? '\n'
			    : *text == 't' ? '\t'
			    : *text == 'r' ? '\r'
			    : *text == '0' ? '\0'
					   : *text;
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

/* What becomes of each byte: itself, another one, or nothing (DELETED). */
enum { DELETED = 256 };
static void tr_table(const struct str *from, const struct str *to, bool complement, bool delete,
		     int table[256], bool in[256])
{
	for (int c = 0; c < 256; c++) {
		const char *hit = from->len ? memchr(from->buf, c, from->len) : NULL;
		size_t place = hit && !complement ? (size_t)(hit - from->buf) : to->len - 1;
		in[c] = complement ? !hit : hit != NULL;
		table[c] = !in[c] ? c
			   : delete ? DELETED
			   : to->len
			       ? (unsigned char)to->buf[place < to->len ? place : to->len - 1]
			       : c;
	}
}

static int run_tr(struct sh *sh, int argc, char **argv)
{
	bool delete = false, squeeze = false, complement = false, in[256];
	int i = 1, table[256];
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		delete |= strchr(argv[i], 'd') != NULL;
		squeeze |= strchr(argv[i], 's') != NULL;
		complement |= strpbrk(argv[i], "cC") != NULL;
	}
	struct str from = {0}, to = {0};
	tr_set(i < argc ? argv[i] : "", &from);
	tr_set(i + 1 < argc ? argv[i + 1] : "", &to);
	tr_table(&from, &to, complement, delete, table, in);
	struct blob *b = proc_input_all(sh->proc, sh->in);
	size_t n = 0, len = 0;
	const char *data = b ? blob_data(b, &n) : "";
	char *out = xmalloc(n + 1);
	for (size_t k = 0; k < n; k++) {
		unsigned char c = (unsigned char)data[k];
		int to_c = table[c];
		if (to_c == DELETED ||
		    (squeeze && in[c] && len && (unsigned char)out[len - 1] == to_c))
			continue;
		out[len++] = (char)to_c;
	}
	blob_add(sh->out, out, len);
	blob_unref(b);
	free(out);
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
	bool count = argc > 1 && str_eq(argv[1], "-c"), repeated = argc > 1 && str_eq(argv[1], "-d");
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
			if (!repeated || same > 1)
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
    {.name = "sed", .run = run_sed, .path = "/bin"},
    {.name = "awk", .run = run_awk},
    {0},
};
