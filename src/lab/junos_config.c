/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/junos_config.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* --- words: separated by one space; "in quotes" is one word ------------------------------------ */
static size_t word_length(const char *at)
{
	if (*at != '"')
		return strcspn(at, " ");
	const char *end = strchr(at + 1, '"');
	return end ? (size_t)(end - at) + 1 : strlen(at);
}

static const char *next_word(const char *at)
{
	at += word_length(at);
	return at + (*at == ' ');
}

/* The path with single spaces and none at its ends; new. */
static char *tidy(const char *path)
{
	struct str s = {0};
	for (const char *at = path + strspn(path, " \t"); *at; at += strspn(at, " \t")) {
		size_t n = *at == '"' ? word_length(at) : strcspn(at, " \t");
		if (s.len)
			str_putc(&s, ' ');
		str_add(&s, at, n);
		at += n;
	}
	return str_take(&s);
}

/* Length of the path when the line is it or is below it; -1: it is not. */
static long below(const char *line, const char *path)
{
	size_t n = strlen(path);
	if (strncmp(line, path, n) != 0 || (n && line[n] && line[n] != ' '))
		return -1;
	return (long)(n + (n && line[n] == ' '));
}

/* --- the list ---------------------------------------------------------------------------------- */
void jconf_release(struct jconf *c)
{
	for (size_t i = 0; i < c->lines.n; i++)
		free(c->lines.v[i]);
	VEC_RELEASE(&c->lines);
}

void jconf_copy(struct jconf *to, const struct jconf *from)
{
	struct jconf copy = {0};
	for (size_t i = 0; i < from->lines.n; i++)
		VEC_PUSH(&copy.lines, xstrdup(from->lines.v[i]));
	jconf_release(to);
	*to = copy;
}

bool jconf_same(const struct jconf *a, const struct jconf *b)
{
	bool same = a->lines.n == b->lines.n;
	for (size_t i = 0; same && i < a->lines.n; i++)
		same = strcmp(a->lines.v[i], b->lines.v[i]) == 0;
	return same;
}

/* Statements that have one value: a new one replaces the old. */
static bool is_single(const char *word, size_t n)
{
	static const char *const words[] = {
	    "host-name", "description", "mtu",	     "type",	      "local-as",
	    "peer-as",	 "domain-name", "time-zone", "autonomous-system",
	    "priority",	 "reth-count"};
	for (size_t i = 0; i < LEN(words); i++)
		if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* The line up to its last word, when that is the value of such a statement; new or NULL. */
static char *single_stem(const char *line)
{
	const char *last = line, *before = line;
	for (const char *at = line; *at; at = next_word(at)) {
		before = last;
		last = at;
	}
	if (last == line || !is_single(before, word_length(before)))
		return NULL;
	return xstrndup(line, (size_t)(last - line) - 1);
}

static void add(struct jconf *c, char *line)
{
	char *stem = single_stem(line);
	if (stem)
		(void)jconf_delete(c, stem);
	free(stem);
	for (size_t i = 0; i < c->lines.n; i++) {
		if (strcmp(c->lines.v[i], line) == 0) {
			free(line);
			return;
		}
	}
	/* behind its brothers, so that lists keep their order and levels stay together */
	const char *last = line;
	for (const char *at = line; *at; at = next_word(at))
		last = at;
	char *parent = xstrndup(line, last > line ? (size_t)(last - line) - 1 : 0);
	size_t place = c->lines.n;
	for (size_t i = 0; *parent && i < c->lines.n; i++)
		if (below(c->lines.v[i], parent) >= 0)
			place = i + 1;
	free(parent);
	VEC_PUSH(&c->lines, line);
	memmove(c->lines.v + place + 1, c->lines.v + place,
		(c->lines.n - 1 - place) * sizeof(char *));
	c->lines.v[place] = line;
}

bool jconf_set(struct jconf *c, const char *path)
{
	char *line = tidy(path), *open = strstr(line, " [ ");
	bool good = strchr(line, ' ') != NULL;
	if (open && good) {
		good = str_ends(line, " ]");
		*open = '\0';
		for (char *at = open + 3; good && strcmp(at, "]") != 0;) {
			size_t n = word_length(at);
			add(c, xasprintf("%s %.*s", line, (int)n, at));
			at += n + (at[n] == ' ');
		}
	} else if (good) {
		add(c, xstrdup(line));
	}
	free(line);
	return good;
}

size_t jconf_delete(struct jconf *c, const char *path)
{
	char *line = tidy(path);
	size_t kept = 0, n = c->lines.n;
	for (size_t i = 0; i < n; i++) {
		if (below(c->lines.v[i], line) >= 0)
			free(c->lines.v[i]);
		else
			c->lines.v[kept++] = c->lines.v[i];
	}
	c->lines.n = kept;
	free(line);
	return n - kept;
}

bool jconf_has(const struct jconf *c, const char *path)
{
	for (size_t i = 0; i < c->lines.n; i++)
		if (below(c->lines.v[i], path) >= 0)
			return true;
	return false;
}

const char *jconf_word(const struct jconf *c, const char *path, size_t *at, size_t *n)
{
	while (*at < c->lines.n) {
		const char *line = c->lines.v[(*at)++];
		long skip = below(line, path);
		if (skip >= 0 && line[skip]) {
			*n = word_length(line + skip);
			return line + skip;
		}
	}
	return NULL;
}

/* --- printing ---------------------------------------------------------------------------------- */

/* "group overlay {" and not "group { overlay {": names that belong to the word before. */
static bool takes_name(const char *word, size_t n)
{
	static const char *const words[] = {"group",	"neighbor", "policy-statement", "term",
					    "unit",	"instance", "community",	"user",
					    "family",	"class",    "redundancy-group", "node",
					    "security-zone", "policy", "area"};
	for (size_t i = 0; i < LEN(words); i++)
		if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0)
			return true;
	return false;
}

static size_t head_length(const char *rest)
{
	size_t n = word_length(rest);
	if (takes_name(rest, n) && rest[n] == ' ' && rest[n + 1])
		n += 1 + word_length(rest + n + 1);
	return n;
}

struct rest {
	const char *text;
	bool printed;
};

static void indent(struct blob *out, int depth)
{
	for (int i = 0; i < depth; i++)
		blob_puts(out, "    ");
}

/* The statements below one level; rests are their texts from that level on. */
static void print_level(struct rest *rests, size_t n, int depth, struct blob *out)
{
	for (size_t i = 0; i < n; i++) {
		if (rests[i].printed)
			continue;
		const char *first = rests[i].text;
		size_t head = head_length(first);
		struct rest *below_it = xcalloc(n, sizeof(*below_it));
		size_t count = 0;
		for (size_t k = i; k < n; k++) {
			const char *text = rests[k].text;
			if (rests[k].printed || head_length(text) != head ||
			    strncmp(text, first, head) != 0)
				continue;
			rests[k].printed = true;
			if (text[head])
				below_it[count++].text = text + head + 1;
		}
		indent(out, depth);
		bool leaf = count == 0 || (count == 1 && !strchr(below_it[0].text, ' '));
		if (leaf)
			blob_printf(out, "%.*s%s%s;\n", (int)head, first, count ? " " : "",
				    count ? below_it[0].text : "");
		else {
			blob_printf(out, "%.*s {\n", (int)head, first);
			print_level(below_it, count, depth + 1, out);
			indent(out, depth);
			blob_puts(out, "}\n");
		}
		free(below_it);
	}
}

void jconf_print(const struct jconf *c, const char *path, bool set, struct blob *out)
{
	char *stem = tidy(path);
	struct rest *rests = xcalloc(c->lines.n + 1, sizeof(*rests));
	size_t n = 0;
	for (size_t i = 0; i < c->lines.n; i++) {
		long skip = below(c->lines.v[i], stem);
		if (skip < 0)
			continue;
		if (set)
			blob_printf(out, "set %s\n", c->lines.v[i]);
		else if (c->lines.v[i][skip])
			rests[n++].text = c->lines.v[i] + skip;
	}
	print_level(rests, n, 0, out);
	free(rests);
	free(stem);
}

static bool is_list(const char *word, size_t n)
{
	static const char *const words[] = {"export", "import", "members", "apply-groups"};
	for (size_t i = 0; i < LEN(words); i++)
		if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* Where the statement "word name" or "word" is in the tree; made if it is not. */
static cJSON *json_child(cJSON *at, const char *head, size_t n)
{
	size_t word = word_length(head);
	char *key = xstrndup(head, word), *name = n > word ? xstrndup(head + word + 1, n - word - 1) : NULL;
	cJSON *child = cJSON_GetObjectItemCaseSensitive(at, key), *row;
	if (!child)
		child = name ? cJSON_AddArrayToObject(at, key) : cJSON_AddObjectToObject(at, key);
	for (row = name ? child->child : NULL; row; row = row->next)
		if (str_eq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "name")), name))
			break;
	if (name && !row) {
		row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "name", name);
		cJSON_AddItemToArray(child, row);
	}
	free(key);
	free(name);
	return row ? row : child;
}

static void json_leaf(cJSON *at, const char *rest)
{
	size_t n = word_length(rest);
	char *key = xstrndup(rest, n);
	const char *value = rest[n] ? rest + n + 1 : NULL;
	cJSON *list = cJSON_GetObjectItemCaseSensitive(at, key);
	if (value && is_list(key, n)) {
		if (!list)
			list = cJSON_AddArrayToObject(at, key);
		cJSON_AddItemToArray(list, cJSON_CreateString(value));
	} else if (value) {
		cJSON_AddStringToObject(at, key, value);
	} else {
		cJSON_AddItemToArray(cJSON_AddArrayToObject(at, key), cJSON_CreateNull());
	}
	free(key);
}

void jconf_json(const struct jconf *c, const char *path, cJSON *parent)
{
	char *stem = tidy(path);
	for (size_t i = 0; i < c->lines.n; i++) {
		const char *rest = c->lines.v[i];
		cJSON *at = parent;
		if (below(rest, stem) < 0)
			continue;
		for (size_t n; (n = head_length(rest)), rest[n] && strchr(rest + n + 1, ' '); rest += n + 1)
			at = json_child(at, rest, n);
		size_t n = head_length(rest);
		if (n > word_length(rest) && !rest[n])
			(void)json_child(at, rest, n); /* a name with nothing below it */
		else if (rest[n] && takes_name(rest, word_length(rest)))
			json_leaf(json_child(at, rest, n), rest + n + 1);
		else
			json_leaf(at, rest);
	}
	free(stem);
}

static bool holds(const struct jconf *c, const char *line)
{
	for (size_t i = 0; i < c->lines.n; i++)
		if (strcmp(c->lines.v[i], line) == 0)
			return true;
	return false;
}

/* "[edit protocols bgp]" of "protocols bgp group x": all but the statement itself. */
static void print_change(const char *line, char sign, struct str *at, struct blob *out)
{
	const char *last = line, *before = line;
	for (const char *w = line; *w; w = next_word(w)) {
		before = last;
		last = w;
	}
	const char *statement = is_single(before, word_length(before)) ? before : last;
	char *level = xstrndup(line, statement > line ? (size_t)(statement - line) - 1 : 0);
	if (strcmp(str_text(at), level) != 0 || !at->len) {
		str_clear(at);
		str_puts(at, level);
		blob_printf(out, "[edit %s]\n", level);
	}
	blob_printf(out, "%c  %s;\n", sign, statement);
	free(level);
}

void jconf_compare(const struct jconf *from, const struct jconf *to, struct blob *out)
{
	struct str at = {0};
	for (size_t i = 0; i < from->lines.n; i++)
		if (!holds(to, from->lines.v[i]))
			print_change(from->lines.v[i], '-', &at, out);
	for (size_t i = 0; i < to->lines.n; i++)
		if (!holds(from, to->lines.v[i]))
			print_change(to->lines.v[i], '+', &at, out);
	str_release(&at);
}
