/* SPDX-License-Identifier: ISC */
/*
 * CSV as RFC 4180 has it: quoted fields may hold separators, doubled quotes and line ends. The
 * first line names the columns, in any order; a semicolon separates when the first line has no
 * comma (as spreadsheets write it where a comma is a decimal point).
 */
#include "config.h"

#include "model/import_parts.h"

#include "base/utf8.h"
#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELDS_MOST 64

enum column {
	COLUMN_NAME,
	COLUMN_ADDRESS,
	COLUMN_PORT,
	COLUMN_ROLE,
	COLUMN_PLATFORM,
	COLUMN_SITE,
	COLUMN_TAGS,
	COLUMN_CREDENTIAL,
	COLUMN_SERIAL,
	COLUMNS
};

static const struct {
	const char *word;
	enum column column;
} words_of_columns[] = {
    {"hostname", COLUMN_NAME},
    {"name", COLUMN_NAME},
    {"ip", COLUMN_ADDRESS},
    {"address", COLUMN_ADDRESS},
    {"port", COLUMN_PORT},
    {"role", COLUMN_ROLE},
    {"site", COLUMN_SITE},
    {"platform", COLUMN_PLATFORM},
    {"tags", COLUMN_TAGS},
    {"serial", COLUMN_SERIAL},
    {"credential", COLUMN_CREDENTIAL},
};

struct csv {
	const char *at, *end, *file;
	char separator;
	size_t line; /* of the record that was read */
	size_t next; /* of the next one */
	struct str fields[FIELDS_MOST];
	size_t n; /* fields of the record */
};

/* --- records ---------------------------------------------------------------------------------- */

static int bad(const struct csv *c, size_t field, struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "%s:%zu: field %zu: %s", c->file, c->line, field + 1, what);
}

static int read_quoted(struct csv *c, struct str *out, struct err *e)
{
	for (c->at++; c->at < c->end; c->at++) {
		if (*c->at == '"' && c->at + 1 < c->end && c->at[1] == '"')
			c->at++;
		else if (*c->at == '"')
			break;
		c->next += *c->at == '\n';
		str_putc(out, *c->at);
	}
	if (c->at == c->end)
		return bad(c, c->n, e, "the quote that opens it is never closed");
	c->at++;
	if (c->at < c->end && *c->at != c->separator && *c->at != '\n' && *c->at != '\r')
		return bad(c, c->n, e, "text behind the closing quote (a quote inside is doubled)");
	return 0;
}

static int read_field(struct csv *c, struct err *e)
{
	struct str *out = &c->fields[c->n];
	str_clear(out);
	if (c->at < c->end && *c->at == '"') {
		if (read_quoted(c, out, e) < 0)
			return -1;
	} else {
		for (; c->at < c->end && *c->at != c->separator && *c->at != '\n'; c->at++) {
			if (*c->at == '"')
				return bad(c, c->n, e,
					   "a quote in a field that does not begin with one");
			if (*c->at != '\r' || (c->at + 1 < c->end && c->at[1] != '\n'))
				str_putc(out, *c->at);
		}
	}
	if (c->at < c->end && *c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n')
		c->at++;
	if (text_has_control(str_text(out), "") || strlen(str_text(out)) != out->len)
		return bad(c, c->n, e, "a control character or a line end");
	return 0;
}

static void trim(struct str *s)
{
	while (s->len && strchr(" \t", s->buf[s->len - 1]))
		str_cut(s, s->len - 1);
	size_t lead = s->len ? strspn(s->buf, " \t") : 0;
	if (lead) {
		memmove(s->buf, s->buf + lead, s->len - lead);
		str_cut(s, s->len - lead);
	}
}

/* One record; 1: there is one, 0: the end. Lines without any text are passed over. */
static int read_record(struct csv *c, struct err *e)
{
	bool any = false;
	while (c->at < c->end && !any) {
		c->line = ++c->next;
		for (c->n = 0;; c->at++) {
			if (c->n == FIELDS_MOST)
				return bad(c, c->n, e, "too many fields");
			if (read_field(c, e) < 0)
				return -1;
			trim(&c->fields[c->n]);
			any |= c->fields[c->n++].len > 0;
			if (c->at == c->end || *c->at != c->separator)
				break;
		}
		if (c->at < c->end)
			c->at++; /* the line end */
	}
	return any;
}

/* --- columns ---------------------------------------------------------------------------------- */

static int column_of(const char *word)
{
	for (size_t i = 0; i < LEN(words_of_columns); i++)
		if (strcasecmp(words_of_columns[i].word, word) == 0)
			return (int)words_of_columns[i].column;
	return -1;
}

static int unknown_column(const struct csv *c, size_t field, struct err *e)
{
	const char *names[LEN(words_of_columns) + 1] = {0};
	const char *word = str_text(&c->fields[field]);
	for (size_t i = 0; i < LEN(words_of_columns); i++)
		names[i] = words_of_columns[i].word;
	const char *near = json_nearest(word, names);
	char *safe = utf8_safe(word, UTF8_ONE_LINE);
	err_set(e, ERR_INPUT,
		"%s:%zu: field %zu: there is no column \"%s\"%-s; expected hostname, ip, port, "
		"role, platform, site, tags, credential or serial",
		c->file, c->line, field + 1, safe, json_hint(near, (char[JSON_HINT]){0}));
	free(safe);
	return -1;
}

static int read_header(const struct csv *c, int columns[FIELDS_MOST], struct err *e)
{
	bool seen[COLUMNS] = {false};
	for (size_t i = 0; i < c->n; i++) {
		columns[i] = column_of(str_text(&c->fields[i]));
		if (columns[i] < 0)
			return unknown_column(c, i, e);
		if (seen[columns[i]])
			return bad(c, i, e, "this column is there already");
		seen[columns[i]] = true;
	}
	if (!seen[COLUMN_NAME] && !seen[COLUMN_ADDRESS])
		return err_set(e, ERR_INPUT, "%s:%zu: neither a column \"hostname\" nor \"ip\"",
			       c->file, c->line);
	return 0;
}

/* --- devices ---------------------------------------------------------------------------------- */

static void read_tags(struct import_device *d, const char *text)
{
	size_t n;
	char **list = str_split(text, " ,;|", &n);
	d->tags = xcalloc(1, sizeof(*d->tags));
	for (size_t i = 0; i < n; i++)
		import_tag(d, list[i]);
	free(list);
}

static int set_column(struct import_device *d, enum column column, const char *text, struct err *e)
{
	switch (column) {
	case COLUMN_ADDRESS:
		return import_text(d, "address", text, &d->address, e);
	case COLUMN_PORT:
		d->port = import_port(d, text, e);
		return d->port < 0 ? -1 : 0;
	case COLUMN_ROLE:
		return import_text(d, "role", text, &d->role, e);
	case COLUMN_PLATFORM:
		return import_text(d, "platform", text, &d->platform, e);
	case COLUMN_SITE:
		return import_text(d, "site", text, &d->site, e);
	case COLUMN_CREDENTIAL:
		return import_text(d, "credential", text, &d->credential, e);
	case COLUMN_SERIAL:
		return import_text(d, "serial", text, &d->serial, e);
	case COLUMN_TAGS:
		read_tags(d, text);
		return 0;
	case COLUMN_NAME:
	case COLUMNS:
		break;
	}
	return 0;
}

static const char *field_of(const struct csv *c, const int columns[FIELDS_MOST], enum column wanted)
{
	for (size_t i = 0; i < c->n; i++)
		if (columns[i] == (int)wanted && c->fields[i].len)
			return str_text(&c->fields[i]);
	return NULL;
}

static int read_device(const struct csv *c, const int columns[FIELDS_MOST], struct import *in,
		       struct err *e)
{
	const char *name = field_of(c, columns, COLUMN_NAME);
	const char *address = field_of(c, columns, COLUMN_ADDRESS);
	if (!name && !address)
		return err_set(e, ERR_INPUT, "%s:%zu: neither a host name nor an address", c->file,
			       c->line);
	char *place = xasprintf("%s:%zu", c->file, c->line);
	char *own = name ? xstrdup(name) : import_name_of(address);
	struct import_device *d = import_device_add(in, own, place, e);
	free(own);
	free(place);
	if (d)
		d->nameless = !name;
	for (size_t i = 0; d && i < c->n; i++)
		if (c->fields[i].len &&
		    set_column(d, (enum column)columns[i], str_text(&c->fields[i]), e) < 0)
			return -1;
	return d ? 0 : -1;
}

static int read_all(struct csv *c, struct import *in, struct err *e)
{
	int columns[FIELDS_MOST], rc = read_record(c, e);
	if (rc == 0)
		return err_set(e, ERR_INPUT, "%s: the file is empty", c->file);
	if (rc < 0 || read_header(c, columns, e) < 0)
		return -1;
	size_t wanted = c->n;
	while ((rc = read_record(c, e)) > 0) {
		if (c->n != wanted)
			return err_set(e, ERR_INPUT,
				       "%s:%zu: %zu fields, but the first line names %zu columns",
				       c->file, c->line, c->n, wanted);
		if (read_device(c, columns, in, e) < 0)
			return -1;
	}
	return rc;
}

static void begin(struct csv *c, const char *text, size_t n, const char *file)
{
	*c = (struct csv){.at = text, .end = text + n, .file = file, .separator = ','};
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		c->at += 3;
	size_t line = strcspn(c->at, "\n");
	if (!memchr(c->at, ',', line) && memchr(c->at, ';', line))
		c->separator = ';';
}

static void end(struct csv *c)
{
	for (size_t i = 0; i < FIELDS_MOST; i++)
		str_release(&c->fields[i]);
}

static bool looks(const char *text, size_t n, const cJSON *root)
{
	struct csv c;
	struct err none = {0};
	bool found = false;
	begin(&c, text, n, "");
	if (!root && utf8_valid(text, n) && read_record(&c, &none) > 0)
		for (size_t i = 0; i < c.n; i++) {
			int column = column_of(str_text(&c.fields[i]));
			found |= column == COLUMN_NAME || column == COLUMN_ADDRESS;
		}
	end(&c);
	return found;
}

static int read(const char *text, size_t n, const cJSON *root, const char *file,
		const struct import_words *words, struct import *in, struct err *e)
{
	struct csv c;
	(void)words, (void)root;
	if (!utf8_valid(text, n))
		return err_set(e, ERR_INPUT, "%s: it is not UTF-8", file);
	begin(&c, text, n, file);
	int rc = read_all(&c, in, e);
	end(&c);
	return rc;
}

const struct import_format import_csv = {"csv", "CSV with a header (hostname,ip,port)", looks,
					 read};
