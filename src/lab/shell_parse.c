/* SPDX-License-Identifier: ISC */
/* Text to tree. Words stay raw (quotes and all) until they are expanded. */
#include "config.h"

#include "lab/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 60, WIDEST = 300, LONGEST = 1 << 20 };

struct pending {
	struct ast *owner;
	size_t index;
	char *delimiter;
	bool strip_tabs;
};

struct parser {
	const char *at;
	int depth;
	bool failed;
	char *why;
	VEC(struct pending) heres; /* here-documents whose text follows the line */
};

static struct ast *parse_list(struct parser *p);
static struct ast *parse_command(struct parser *p);

static void fail(struct parser *p, const char *what)
{
	if (!p->failed)
		(void)snprintf(p->why, 160, "syntax error near unexpected token `%.40s'", what);
	p->failed = true;
}

/* The text of the here-document that starts at p->at; p->at moves behind its delimiter. */
static char *heredoc_text(struct parser *p, const struct pending *h)
{
	struct str text = {0};
	size_t want = strlen(h->delimiter);
	while (*p->at) {
		if (h->strip_tabs)
			p->at += strspn(p->at, "\t");
		size_t n = strcspn(p->at, "\n");
		bool last = n == want && memcmp(p->at, h->delimiter, n) == 0;
		if (!last)
			str_add(&text, p->at, n + (p->at[n] == '\n'));
		p->at += n + (p->at[n] == '\n');
		if (last)
			break;
	}
	return str_take(&text);
}

/* At a line's end: read the here-documents that the line announced. */
static void read_heredocs(struct parser *p)
{
	for (size_t i = 0; i < p->heres.n; i++) {
		struct pending *h = &p->heres.v[i];
		h->owner->redirects.v[h->index].word = heredoc_text(p, h);
		free(h->delimiter);
	}
	p->heres.n = 0;
}

static void skip_blanks(struct parser *p)
{
	for (;;) {
		if (*p->at == ' ' || *p->at == '\t' || *p->at == '\r')
			p->at++;
		else if (p->at[0] == '\\' && p->at[1] == '\n')
			p->at += 2;
		else
			break;
	}
	if (*p->at == '#')
		p->at += strcspn(p->at, "\n");
}

static void skip_lines(struct parser *p)
{
	for (skip_blanks(p); *p->at == '\n'; skip_blanks(p)) {
		p->at++;
		read_heredocs(p);
	}
}

static bool is_end_of_word(char c)
{
	return !c || strchr(" \t\r\n;&|<>()", c);
}

/* Is the reserved word next? */
static bool peek_word(struct parser *p, const char *word)
{
	skip_blanks(p);
	size_t n = strlen(word);
	return strncmp(p->at, word, n) == 0 && is_end_of_word(p->at[n]);
}

static bool take_word(struct parser *p, const char *word)
{
	if (!peek_word(p, word))
		return false;
	p->at += strlen(word);
	return true;
}

static void need_word(struct parser *p, const char *word)
{
	skip_lines(p);
	if (!take_word(p, word))
		fail(p, *p->at ? p->at : "end of file");
}

static char *read_word(struct parser *p)
{
	skip_blanks(p);
	size_t n = word_skip(p->at);
	if (!n) {
		fail(p, *p->at == '\n' || !*p->at ? "newline" : p->at);
		return NULL;
	}
	char *word = xstrndup(p->at, n);
	p->at += n;
	return word;
}

/* The delimiter without its quotes; *literal: it had some. */
static char *unquote(char *raw, bool *literal)
{
	struct str out = {0};
	*literal = strpbrk(raw, "'\"\\") != NULL;
	for (const char *c = raw; *c; c++)
		if (!strchr("'\"\\", *c))
			str_putc(&out, *c);
	free(raw);
	return str_take(&out);
}

static void redirect_add(struct parser *p, struct ast *a, int fd, char kind)
{
	struct redirect r = {.fd = fd, .kind = kind};
	bool strip = kind == 'h' && *p->at == '-';
	p->at += strip;
	char *word = read_word(p);
	if (!word)
		return;
	if (kind == 'h') {
		struct pending h = {.owner = a, .index = a->redirects.n, .strip_tabs = strip};
		h.delimiter = unquote(word, &r.literal);
		VEC_PUSH(&p->heres, h);
	} else {
		r.word = word;
	}
	VEC_PUSH(&a->redirects, r);
}

/* "2>&1", ">> file", "<<EOF", "&> file". True when there was one. */
static bool parse_redirect(struct parser *p, struct ast *a)
{
	const char *at = p->at;
	int fd = -1;
	if (*at >= '0' && *at <= '2' && (at[1] == '<' || at[1] == '>'))
		fd = *at++ - '0';
	if (at[0] == '&' && at[1] == '>') {
		p->at = at + 2;
		redirect_add(p, a, 1, '>');
		struct redirect both = {.fd = 2, .kind = '&', .word = xstrdup("1")};
		VEC_PUSH(&a->redirects, both);
		return true;
	}
	if (*at != '<' && *at != '>')
		return false;
	bool out = *at == '>';
	fd = fd >= 0 ? fd : out;
	char kind = *at++;
	if (*at == '&' || (out && *at == '|') || (!out && *at == '<') || (out && *at == '>')) {
		kind = *at == '&' ? '&' : *at == '|' ? '>' : out ? 'a' : 'h';
		at++;
	}
	p->at = at;
	redirect_add(p, a, fd, kind);
	return true;
}

static bool is_assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
	return n && word[n] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

/* NAME() { ... } */
static struct ast *parse_function(struct parser *p, struct ast *a)
{
	p->at++;
	skip_blanks(p);
	if (*p->at++ != ')') {
		p->at--;
		fail(p, "(");
		return a;
	}
	skip_lines(p);
	a->kind = AST_FUNCTION;
	a->left = parse_command(p);
	return a;
}

static struct ast *parse_simple(struct parser *p)
{
	struct ast *a = ast_new(AST_SIMPLE);
	while (!p->failed) {
		skip_blanks(p);
		if (parse_redirect(p, a))
			continue;
		if (*p->at == '(' && a->words.n == 1 && !a->n_assign)
			return parse_function(p, a);
		if (is_end_of_word(*p->at))
			break;
		char *word = read_word(p);
		if (!word)
			break;
		if (a->n_assign == a->words.n && is_assignment(word))
			a->n_assign++;
		VEC_PUSH(&a->words, word);
	}
	if (!a->words.n && !a->redirects.n)
		fail(p, *p->at ? (char[]){*p->at, '\0'} : "end of file");
	return a;
}

static struct ast *parse_if(struct parser *p)
{
	struct ast *a = ast_new(AST_IF);
	a->left = parse_list(p);
	need_word(p, "then");
	a->right = parse_list(p);
	skip_lines(p);
	if (take_word(p, "elif")) {
		a->other = parse_if(p);
		return a;
	}
	if (take_word(p, "else"))
		a->other = parse_list(p);
	need_word(p, "fi");
	return a;
}

static struct ast *parse_while(struct parser *p, enum ast_kind kind)
{
	struct ast *a = ast_new(kind);
	a->left = parse_list(p);
	need_word(p, "do");
	a->right = parse_list(p);
	need_word(p, "done");
	return a;
}

/* words[0] is the variable; without "in" the list is "$@". */
static struct ast *parse_for(struct parser *p)
{
	struct ast *a = ast_new(AST_FOR);
	char *name = read_word(p);
	if (name)
		VEC_PUSH(&a->words, name);
	skip_lines(p);
	if (take_word(p, "in")) {
		for (skip_blanks(p); !p->failed && !is_end_of_word(*p->at); skip_blanks(p)) {
			char *word = read_word(p);
			if (word)
				VEC_PUSH(&a->words, word);
		}
	} else {
		VEC_PUSH(&a->words, xstrdup("\"$@\""));
	}
	skip_blanks(p);
	p->at += *p->at == ';';
	need_word(p, "do");
	a->right = parse_list(p);
	need_word(p, "done");
	return a;
}

static struct ast *parse_arm(struct parser *p)
{
	struct ast *arm = ast_new(AST_CASE);
	skip_blanks(p);
	p->at += *p->at == '(';
	do {
		char *pattern = read_word(p);
		if (pattern)
			VEC_PUSH(&arm->words, pattern);
		skip_blanks(p);
	} while (!p->failed && *p->at == '|' && p->at++);
	if (*p->at != ')')
		fail(p, p->at);
	else
		p->at++;
	skip_lines(p);
	if (!p->failed && !peek_word(p, "esac") && strncmp(p->at, ";;", 2) != 0)
		arm->left = parse_list(p);
	skip_lines(p);
	if (strncmp(p->at, ";;", 2) == 0)
		p->at += 2;
	return arm;
}

static struct ast *parse_case(struct parser *p)
{
	struct ast *a = ast_new(AST_CASE);
	char *word = read_word(p);
	if (word)
		VEC_PUSH(&a->words, word);
	need_word(p, "in");
	for (skip_lines(p); !p->failed && !peek_word(p, "esac"); skip_lines(p)) {
		struct ast *arm = parse_arm(p);
		VEC_PUSH(&a->arms, arm);
	}
	need_word(p, "esac");
	return a;
}

static struct ast *parse_brackets(struct parser *p, enum ast_kind kind, const char *end)
{
	struct ast *a = ast_new(kind);
	a->left = parse_list(p);
	skip_lines(p);
	if (strncmp(p->at, end, 1) != 0)
		fail(p, *p->at ? p->at : "end of file");
	else
		p->at++;
	return a;
}

static struct ast *parse_compound(struct parser *p)
{
	if (*p->at == '(') {
		p->at++;
		return parse_brackets(p, AST_SUBSHELL, ")");
	}
	if (take_word(p, "{"))
		return parse_brackets(p, AST_GROUP, "}");
	if (take_word(p, "if"))
		return parse_if(p);
	if (take_word(p, "while"))
		return parse_while(p, AST_WHILE);
	if (take_word(p, "until"))
		return parse_while(p, AST_UNTIL);
	if (take_word(p, "for"))
		return parse_for(p);
	if (take_word(p, "case"))
		return parse_case(p);
	return NULL;
}

static struct ast *parse_command(struct parser *p)
{
	if (++p->depth > DEEPEST)
		fail(p, "too deep");
	struct ast *a = NULL;
	skip_blanks(p);
	if (!p->failed)
		a = parse_compound(p);
	if (a) {
		for (skip_blanks(p); !p->failed && parse_redirect(p, a); skip_blanks(p))
			;
	} else if (!p->failed) {
		a = parse_simple(p);
	}
	p->depth--;
	return a;
}

static struct ast *join(enum ast_kind kind, struct ast *left, struct ast *right)
{
	struct ast *a = ast_new(kind);
	a->left = left;
	a->right = right;
	return a;
}

static struct ast *parse_pipeline(struct parser *p)
{
	bool inverted = take_word(p, "!");
	struct ast *a = parse_command(p);
	int n = 0;
	for (skip_blanks(p); !p->failed && p->at[0] == '|' && p->at[1] != '|'; skip_blanks(p)) {
		p->at++;
		skip_lines(p);
		if (++n > WIDEST)
			fail(p, "too long");
		a = join(AST_PIPE, a, parse_command(p));
	}
	return inverted ? join(AST_NOT, a, NULL) : a;
}

static struct ast *parse_and_or(struct parser *p)
{
	struct ast *a = parse_pipeline(p);
	int n = 0;
	for (skip_blanks(p); !p->failed; skip_blanks(p)) {
		bool and = strncmp(p->at, "&&", 2) == 0;
		if (!and&&strncmp(p->at, "||", 2) != 0)
			break;
		p->at += 2;
		skip_lines(p);
		if (++n > WIDEST)
			fail(p, "too long");
		a = join(and? AST_AND : AST_OR, a, parse_pipeline(p));
	}
	return a;
}

/* Does something stand here that only a caller understands? */
static bool at_list_end(struct parser *p)
{
	static const char *const ends[] = {"then", "elif", "else", "fi", "do", "done", "esac", "}"};
	if (!*p->at || *p->at == ')' || strncmp(p->at, ";;", 2) == 0)
		return true;
	for (size_t i = 0; i < LEN(ends); i++)
		if (peek_word(p, ends[i]))
			return true;
	return false;
}

static struct ast *parse_list(struct parser *p)
{
	struct ast *a = NULL, *list = NULL;
	if (++p->depth > DEEPEST)
		fail(p, "too deep");
	for (skip_lines(p); !p->failed && !at_list_end(p); skip_lines(p)) {
		struct ast *next = parse_and_or(p);
		skip_blanks(p);
		if (*p->at == '&' && p->at[1] != '&') {
			p->at++;
			next = join(AST_BACKGROUND, next, NULL);
		} else if (*p->at == ';' && p->at[1] != ';') {
			p->at++;
		} else if (*p->at && *p->at != '\n' && !at_list_end(p)) {
			fail(p, (char[]){*p->at, '\0'});
		}
		if (!a) {
			a = next;
			continue;
		}
		if (!list) {
			list = ast_new(AST_SEQ);
			VEC_PUSH(&list->arms, a);
			a = list;
		}
		VEC_PUSH(&list->arms, next);
	}
	if (!a && !p->failed && p->depth > 1)
		fail(p, *p->at ? p->at : "end of file");
	p->depth--;
	return a;
}

struct ast *ast_parse(const char *text, char why[160])
{
	struct parser p = {.at = text, .why = why};
	why[0] = '\0';
	if (strlen(text) > LONGEST) {
		(void)snprintf(why, 160, "command line too long");
		return NULL;
	}
	struct ast *a = parse_list(&p);
	if (!p.failed && *p.at)
		fail(&p, (char[]){*p.at, '\0'});
	read_heredocs(&p);
	VEC_RELEASE(&p.heres);
	if (p.failed) {
		ast_free(a);
		return NULL;
	}
	return a;
}
