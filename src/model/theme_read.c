/* SPDX-License-Identifier: ISC */
/* The reader of theme files: what is inherited is read first, then every line changes it; looks are
 * made of it at the end, so that an heir's palette counts for inherited roles. */
#include "config.h"

#include "model/theme_parts.h"

#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "model/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 65536, LINE_MOST = 200, NAME_MOST = 32, DEPTH_MOST = 8 };

enum section { SECTION_NONE, SECTION_PALETTE, SECTION_ROLES, SECTIONS };
static const char *const section_names[SECTIONS] = {"", "[palette]", "[roles]"};

struct entry { /* of the palette */
	char *name;
	struct theme_colour colour;
	int depth; /* of the file that gave it last */
};

struct half { /* a colour of a role: an entry of the palette (named), or as it stands there */
	bool named;
	size_t entry;
	struct theme_colour colour;
};

static const struct half own = {
    .colour = {THEME_DEFAULT, THEME_DEFAULT, THEME_DEFAULT, THEME_DEFAULT}};

struct given_role {
	struct half fg, bg;
	unsigned attrs;
	int depth;   /* of the file that gave it last; -1: nobody */
	char *place; /* "FILE:LINE" */
};

struct reading { /* one for a theme and all that it inherits */
	VEC(struct entry) palette;
	struct given_role roles[THEME_ROLES];
	const struct theme_source *from;
	struct err *e;
};

struct source { /* one file being read */
	struct reading *r;
	const struct source *heir; /* who inherits it; NULL: the theme asked for */
	const char *file;
	int depth;
	size_t line;
	enum section section;
	bool seen[SECTIONS], inherits;
};

static int bad_text(const struct source *s, const char *text)
{
	err_text(s->r->e, ERR_INPUT, text);
	return err_at(s->r->e, "%s:%zu", s->file, s->line);
}

static int bad(const struct source *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int bad(const struct source *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	bad_text(s, text);
	free(text);
	return -1;
}

/* "unknown WHAT "word" (did you mean "near"?), expected ..." */
static int unknown(const struct source *s, const char *what, const char *word,
		   const char *const *list, const char *expected)
{
	const char *near = json_nearest(word, list);
	return bad(s, M_("unknown %-s \"%s\"%-s, expected %-s"), what, word,
		   json_hint(near, (char[JSON_HINT]){0}), expected);
}

/* --- the palette ------------------------------------------------------------------------------ */

static struct entry *find_entry(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->palette.n; i++)
		if (strcmp(r->palette.v[i].name, name) == 0)
			return &r->palette.v[i];
	return NULL;
}

static const char *const style_words[] = {"bold", "underline", "reverse", "on", NULL};

static bool is_style_word(const char *word)
{
	for (size_t i = 0; style_words[i]; i++)
		if (strcmp(word, style_words[i]) == 0)
			return true;
	return false;
}

static int check_name(const struct source *s, const char *name)
{
	size_t n = strlen(name);
	if (n > NAME_MOST || name[0] < 'a' || name[0] > 'z' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return bad(s,
			   "bad name \"%s\", expected up to %d of a-z, 0-9 and -, a letter first",
			   name, NAME_MOST);
	if (theme_colour_is_word(name) || is_style_word(name))
		return bad(s, M_("\"%s\" has a meaning of its own, expected another name"), name);
	return 0;
}

static int read_colour(struct source *s, const char *name, const char *value)
{
	struct theme_colour colour;
	struct err e = {0};
	if (check_name(s, name) != 0)
		return -1;
	struct entry *entry = find_entry(s->r, name);
	if (entry && entry->depth == s->depth)
		return bad(s, M_("colour \"%s\" again, expected every name once"), name);
	if (theme_colour_parts(value, &colour, &e) != 0)
		return bad_text(s, e.text);
	if (!entry) {
		entry = VEC_ADD(&s->r->palette);
		entry->name = xstrdup(name);
	}
	entry->colour = colour;
	entry->depth = s->depth;
	return 0;
}

/* --- the roles -------------------------------------------------------------------------------- */

static int find_role(const struct source *s, const char *name, enum theme_role *out)
{
	const char *names[THEME_ROLES + 1] = {0};
	struct str all = {0};
	for (size_t i = 0; i < THEME_ROLES; i++) {
		if (strcmp(theme_roles[i].name, name) == 0) {
			*out = (enum theme_role)i;
			str_release(&all);
			return 0;
		}
		names[i] = theme_roles[i].name;
		str_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	char *one = xasprintf(M_("one of %s"), str_text(&all));
	unknown(s, M_("role"), name, names, one);
	free(one);
	str_release(&all);
	return -1;
}

static int no_colour(const struct source *s, const char *word)
{
	const struct reading *r = s->r;
	VEC(const char *) names = {0};
	for (size_t i = 0; i < r->palette.n; i++)
		VEC_PUSH(&names, r->palette.v[i].name);
	for (size_t i = 0; theme_ansi_names[i]; i++)
		VEC_PUSH(&names, theme_ansi_names[i]);
	VEC_PUSH(&names, NULL);
	unknown(
	    s, M_("colour"), word, names.v,
	    M_("a name of the palette so far, an ANSI colour, \"default\", 0 to 255 or #rrggbb"));
	VEC_RELEASE(&names);
	return -1;
}

static int read_half(const struct source *s, const char *word, struct half *out)
{
	const struct entry *entry = find_entry(s->r, word);
	struct err e = {0};
	*out = (struct half){.named = entry != NULL};
	if (entry)
		out->entry = (size_t)(entry - s->r->palette.v);
	else if (!theme_colour_is_word(word))
		return no_colour(s, word);
	else if (theme_colour_one(word, &out->colour, &e) != 0)
		return bad_text(s, e.text);
	return 0;
}

static int read_attrs(const struct source *s, char *const *words, unsigned *out)
{
	static const unsigned bits[] = {THEME_BOLD, THEME_UNDERLINE, THEME_REVERSE};
	for (*out = 0; *words; words++) {
		size_t i = 0;
		while (i < LEN(bits) && strcmp(*words, style_words[i]) != 0)
			i++;
		if (i == LEN(bits))
			return unknown(s, M_("attribute"), *words, style_words,
				       M_("bold, underline or reverse after FG [on BG]"));
		if (*out & bits[i])
			return bad(s, M_("\"%s\" again, expected every attribute once"), *words);
		*out |= bits[i];
	}
	return 0;
}

/* FG [on BG] [ATTRIBUTES] */
static int read_look(const struct source *s, char *const *words, struct given_role *out)
{
	if (read_half(s, words[0], &out->fg) != 0)
		return -1;
	words++;
	out->bg = own;
	if (*words && strcmp(*words, "on") == 0) {
		if (!words[1])
			return bad(s, M_("no colour after \"on\", expected FG [on BG] [bold] "
					 "[underline] [reverse]"));
		if (read_half(s, words[1], &out->bg) != 0)
			return -1;
		words += 2;
	}
	return read_attrs(s, words, &out->attrs);
}

static int read_role(struct source *s, const char *name, const char *value)
{
	enum theme_role role;
	struct given_role look = {.depth = s->depth};
	if (find_role(s, name, &role) != 0)
		return -1;
	struct given_role *known = &s->r->roles[role];
	if (known->depth == s->depth)
		return bad(s, M_("role \"%s\" again, expected every role once"), name);
	char **words = str_split(value, " \t", NULL);
	int rc = read_look(s, words, &look);
	free(words);
	if (rc != 0)
		return -1;
	look.place = xasprintf("%s:%zu", s->file, s->line);
	free(known->place);
	*known = look;
	return 0;
}

/* --- what is inherited ------------------------------------------------------------------------ */

static int read_text(struct source *s, const char *text, size_t n);

static int check_cycle(const struct source *s, const char *name, const char *file)
{
	for (const struct source *up = s; up; up = up->heir)
		if (strcmp(up->file, file) == 0)
			return bad(
			    s, M_("theme \"%s\" inherits itself by way of this, expected an end"),
			    name);
	if (s->depth + 1 >= DEPTH_MOST)
		return bad(s, M_("themes inherit more than %d deep, expected fewer"),
			   DEPTH_MOST - 1);
	return 0;
}

static int read_inherited(const struct source *s, const char *name)
{
	const struct theme_source *from = s->r->from;
	struct str text = {0};
	char *file = NULL;
	struct err e = {0};
	if (from->text(from->ctx, name, s->file, &text, &file, &e) != 0) {
		str_release(&text);
		return bad_text(s, e.text);
	}
	struct source up = {.r = s->r, .heir = s, .file = file, .depth = s->depth + 1};
	int rc = check_cycle(s, name, file);
	if (rc == 0)
		rc = read_text(&up, str_text(&text), text.len);
	str_release(&text);
	free(file);
	return rc;
}

static int read_top(struct source *s, const char *key, const char *value)
{
	static const char *const keys[] = {"inherit", NULL};
	if (strcmp(key, "inherit") != 0)
		return unknown(s, M_("key"), key, keys,
			       M_("\"inherit = THEME\", [palette] or [roles] first"));
	if (s->inherits)
		return bad(s, M_("\"inherit\" again, expected it once"));
	if (!path_is_name(value))
		return bad(s, M_("bad name of a theme \"%s\", expected letters, digits, - and _"),
			   value);
	if (!s->r->from)
		return bad(s, M_("nothing can be inherited here, expected no \"inherit\""));
	s->inherits = true;
	return read_inherited(s, value);
}

/* --- lines ------------------------------------------------------------------------------------ */

static int read_section(struct source *s, const char *line)
{
	static const char *const known[] = {"[palette]", "[roles]", NULL};
	for (enum section i = SECTION_PALETTE; i < SECTIONS; i++) {
		if (strcmp(line, section_names[i]) != 0)
			continue;
		if (s->seen[i])
			return bad(s, M_("section %s again, expected it once"), line);
		s->seen[i] = true;
		s->section = i;
		return 0;
	}
	return unknown(s, M_("section"), line, known, M_("[palette] or [roles]"));
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = '\0';
	return text;
}

static int read_pair(struct source *s, char *line)
{
	static int (*const readers[SECTIONS])(struct source *, const char *,
					      const char *) = {read_top, read_colour, read_role};
	static const char *const expected[SECTIONS] = {
	    M_("inherit = THEME"), M_("NAME = COLOUR"),
	    M_("ROLE = FG [on BG] [bold] [underline] [reverse]")};
	char *equals = strchr(line, '=');
	if (!equals)
		return bad(s, M_("no '=' in \"%s\", expected %-s"), line, expected[s->section]);
	*equals = '\0';
	const char *key = trim(line), *value = trim(equals + 1);
	if (!*key || !*value)
		return bad(s,
			   *key ? M_("nothing after '=', expected %-s")
				: M_("nothing before '=', expected %-s"),
			   expected[s->section]);
	return readers[s->section](s, key, value);
}

static int check_bytes(const struct source *s, const char *line, size_t n)
{
	if (n > LINE_MOST)
		return bad(s, M_("a line of %zu bytes, expected %d at most"), n, LINE_MOST);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return bad(s, M_("control character 0x%02x at byte %zu, expected text"), c,
				   i + 1);
		if (c >= 0x80 && line[0] != '#')
			return bad(s,
				   M_("byte 0x%02x at byte %zu, expected ASCII outside comments"),
				   c, i + 1);
	}
	if (!utf8_valid(line, n))
		return bad(s, M_("expected UTF-8"));
	return 0;
}

static int read_line(struct source *s, const char *text, size_t n)
{
	if (check_bytes(s, text, n) != 0)
		return -1;
	char *copy = xstrndup(text, n), *line = trim(copy);
	int rc = 0;
	if (*line == '[')
		rc = read_section(s, line);
	else if (*line && *copy != '#')
		rc = read_pair(s, line);
	free(copy);
	return rc;
}

static int read_text(struct source *s, const char *text, size_t n)
{
	s->line = 1;
	if (n > FILE_MOST)
		return bad(s, M_("a file of %zu bytes, expected %d at most"), n, FILE_MOST);
	for (const char *end = text + n; text < end; s->line++) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((feed ? feed : end) - text);
		if (read_line(s, text, line) != 0)
			return -1;
		text += line + 1;
	}
	return 0;
}

/* --- the looks -------------------------------------------------------------------------------- */

static struct theme_colour colour_of(const struct reading *r, const struct half *h)
{
	return h->named ? r->palette.v[h->entry].colour : h->colour;
}

/* Text in the colour of its background cannot be read: with how many colours? 0: it can. */
static int invisible(const struct theme_style *s)
{
	const struct theme_colour *f = &s->fg, *b = &s->bg;
	if (f->rgb != THEME_DEFAULT && f->rgb == b->rgb)
		return 1 << 24;
	if (f->c256 != THEME_DEFAULT && f->c256 == b->c256)
		return 256;
	if (f->c16 != THEME_DEFAULT && f->c16 == b->c16)
		return 16;
	return f->c8 != THEME_DEFAULT && f->c8 == b->c8 ? 8 : 0;
}

static int look_of(const struct reading *r, enum theme_role role, struct theme_style *out)
{
	unsigned more = 0;
	enum theme_role at = role;
	while (r->roles[at].depth < 0 && at != theme_roles[at].parent) {
		more |= theme_roles[at].attrs;
		at = theme_roles[at].parent;
	}
	const struct given_role *g = &r->roles[at];
	*out = (struct theme_style){colour_of(r, &g->fg), colour_of(r, &g->bg), g->attrs | more};
	int colours = invisible(out);
	if (colours)
		return err_set(r->e, ERR_INPUT,
			       "%s: role \"%s\" is unreadable with %d colours, expected two "
			       "different ones",
			       g->place, theme_roles[at].name, colours);
	return 0;
}

static void set_name(struct theme *t, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	size_t n = strlen(name) - (str_ends(name, ".theme") ? strlen(".theme") : 0);
	snprintf(t->name, sizeof(t->name), "%.*s", (int)n, name);
}

static int make_looks(const struct reading *r, const char *file, struct theme *out)
{
	struct theme made = {0};
	for (size_t i = 0; i < THEME_ROLES; i++) {
		if (look_of(r, (enum theme_role)i, &made.styles[i]) != 0)
			return -1;
		made.given[i] = r->roles[i].depth >= 0;
	}
	set_name(&made, file);
	*out = made;
	return 0;
}

int theme_parse(struct theme *out, const char *text, size_t n, const char *file,
		const struct theme_source *from, struct err *e)
{
	struct reading r = {.from = from, .e = e};
	struct source s = {.r = &r, .file = file};
	for (size_t i = 0; i < THEME_ROLES; i++)
		r.roles[i] = (struct given_role){.fg = own, .bg = own, .depth = -1};
	int rc = read_text(&s, text, n);
	if (rc == 0)
		rc = make_looks(&r, file, out);
	for (size_t i = 0; i < r.palette.n; i++)
		free(r.palette.v[i].name);
	VEC_RELEASE(&r.palette);
	for (size_t i = 0; i < THEME_ROLES; i++)
		free(r.roles[i].place);
	return rc;
}
