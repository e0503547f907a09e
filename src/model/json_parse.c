/* SPDX-License-Identifier: ISC */
/*
 * The strict door in front of cJSON. A first pass over the bytes refuses what cJSON 1.7 lets
 * through (control bytes, \u0000, "01", 1e400, depth); cJSON builds the tree; a last pass over the
 * tree refuses double members.
 */
#include "config.h"

#include "model/json.h"
#include "base/i18n.h"
#include "model/json_syntax.h"

#include "base/path.h"
#include "base/utf8.h"
#include "model/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 32
#define MAX_FILE  ((size_t)16 << 20)
#define MAX_ITEMS 100000

struct scan {
	const char *text, *end, *at;
	const char *name;
	struct err *e;
};

static int bad_at(const struct scan *s, const char *at, const char *what)
{
	size_t line = 1;
	const char *start = s->text;
	for (const char *p = s->text; p < at; p++)
		if (*p == '\n') {
			line++;
			start = p + 1;
		}
	err_text(s->e, ERR_INPUT, what);
	return err_at(s->e, "%s:%zu:%zu", s->name, line, (size_t)(at - start) + 1);
}

static int check_utf8(const struct scan *s)
{
	for (const char *p = s->text; p < s->end;) {
		size_t used;
		if (utf8_decode(p, (size_t)(s->end - p), &used) < 0)
			return bad_at(s, p, M_("this byte is not valid UTF-8"));
		p += used;
	}
	return 0;
}

static int scan_string(struct scan *s)
{
	const char *start = s->at++;
	for (; s->at < s->end && *s->at != '"'; s->at++) {
		if ((unsigned char)*s->at < 0x20)
			return bad_at(s, s->at,
				      M_("control character in a string (write it as \\n, \\t)"));
		if (*s->at != '\\')
			continue;
		if (s->end - s->at >= 6 && memcmp(s->at, "\\u0000", 6) == 0)
			return bad_at(s, s->at, M_("\\u0000 is not allowed"));
		if (++s->at == s->end)
			break;
	}
	if (s->at == s->end)
		return bad_at(s, start, M_("this string has no end"));
	s->at++;
	return 0;
}

static size_t scan_digits(struct scan *s)
{
	const char *start = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (size_t)(s->at - start);
}

static bool take(struct scan *s, const char *set)
{
	if (s->at == s->end || !strchr(set, *s->at))
		return false;
	s->at++;
	return true;
}

/* RFC 8259: no leading zeros, no "1.", no "+1"; cJSON leaves all that to strtod(). */
static int scan_number(struct scan *s)
{
	const char *start = s->at;
	take(s, "-");
	bool zero = s->at < s->end && *s->at == '0';
	size_t digits = scan_digits(s);
	bool good = digits > 0 && !(zero && digits > 1);
	if (good && take(s, "."))
		good = scan_digits(s) > 0;
	if (good && take(s, "eE")) {
		take(s, "+-");
		good = scan_digits(s) > 0;
	}
	if (!good || s->at - start > 60)
		return bad_at(s, start, M_("this is not a JSON number"));
	return 0;
}

static int scan_tokens(struct scan *s)
{
	int depth = 0;
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at;
		if (c == '"') {
			if (scan_string(s) < 0)
				return -1;
			continue;
		}
		if (c == '-' || (c >= '0' && c <= '9')) {
			if (scan_number(s) < 0)
				return -1;
			continue;
		}
		if (c < 0x20 && !strchr("\t\n\r", c))
			return bad_at(s, s->at, M_("control character"));
		if (c == '\0')
			return bad_at(s, s->at, M_("NUL byte"));
		if ((c == '{' || c == '[') && ++depth > MAX_DEPTH)
			return bad_at(s, s->at, M_("nested too deeply"));
		if (c == '}' || c == ']')
			depth--;
		s->at++;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static int check_doubles(const struct jnode *at, size_t n, struct err *e)
{
	const cJSON **members = xmalloc((n + 1) * sizeof(*members));
	size_t used = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, at->value) members[used++] = item;
	qsort(members, used, sizeof(*members), by_name);
	int result = 0;
	for (size_t i = 1; i < used && !result; i++)
		if (strcmp(members[i - 1]->string, members[i]->string) == 0)
			result = json_bad(at, e, "member \"%s\" occurs twice", members[i]->string);
	free(members);
	return result;
}

static int check_tree(const struct jnode *at, struct err *e)
{
	if (cJSON_IsNumber(at->value) && !isfinite(at->value->valuedouble))
		return json_bad(at, e, "this number is too large");
	if (!cJSON_IsObject(at->value) && !cJSON_IsArray(at->value))
		return 0;
	size_t n = json_count(at), i = 0;
	if (n > MAX_ITEMS)
		return json_bad(at, e, "more than %d elements", MAX_ITEMS);
	if (cJSON_IsObject(at->value) && check_doubles(at, n, e) < 0)
		return -1;
	const cJSON *item;
	cJSON_ArrayForEach(item, at->value)
	{
		struct jnode below = {item, at, item->string, i++, NULL};
		if (check_tree(&below, e) < 0)
			return -1;
	}
	return 0;
}

/* The grammar, in our words: cJSON gives a place only, and takes "\\u00g1" for a character. */
static int check_syntax(const struct scan *s)
{
	struct str why = {0};
	const char *at = json_syntax(s->text, (size_t)(s->end - s->text), &why);
	if (at)
		bad_at(s, at, str_text(&why));
	str_release(&why);
	return at ? -1 : 0;
}

static cJSON *parse_checked(const char *text, size_t n, const char *name, struct err *e)
{
	struct scan s = {text, text + n, text, name, e};
	if (check_utf8(&s) < 0)
		return NULL;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.at += 3; /* a byte order mark: some editors cannot help it */
	if (scan_tokens(&s) < 0 || check_syntax(&s) < 0)
		return NULL;
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithLengthOpts(text, n + 1, &end, 1);
	if (!root) {
		bad_at(
		    &s, end && end >= text && end <= text + n ? end : text,
		    M_("found something that is not JSON, expected valid characters (\\u pairs)"));
		return NULL;
	}
	struct jnode at = json_root(root, name);
	if (check_tree(&at, e) < 0) {
		cJSON_Delete(root);
		return NULL;
	}
	return root;
}

cJSON *json_parse(const char *text, size_t n, const char *name, struct err *e)
{
	if (n > MAX_FILE) {
		err_set(e, ERR_INPUT, "%s: larger than 16 MiB", name);
		return NULL;
	}
	char *copy = xmemdup(text, n); /* NUL-terminated: cJSON can read one byte too far */
	cJSON *root = parse_checked(copy, n, name, e);
	free(copy);
	return root;
}

cJSON *json_parse_foreign(const char *text, size_t n)
{
	if (n > MAX_FILE || memchr(text, '\0', n))
		return NULL;
	char *copy = text_from_bytes(text, n); /* a Latin-1 port description spoils nothing else */
	struct scan s = {copy, copy + n, copy, "", NULL};
	cJSON *root = NULL;
	if (scan_tokens(&s) == 0)
		root = cJSON_ParseWithLengthOpts(copy, n + 1, NULL, 1);
	free(copy);
	return root;
}

cJSON *json_load(const char *path, struct err *e)
{
	struct str text = {0};
	cJSON *root = NULL;
	if (path_read(path, MAX_FILE, &text, e) == 0)
		root = json_parse(str_text(&text), text.len, path, e);
	str_release(&text);
	return root;
}
