/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/template.h"

#include "base/utf8.h"
#include "model/quotes.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_.-"
#define CLI_CHARS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@%+=,-"
#define MAX_NAME   100

/* One piece of a template: a character of fixed text, or a place for a value. */
struct piece {
	bool place, list;
	bool each, end; /* ${each NAME}, ${end} */
	char c;
	char name[MAX_NAME + 1];
};

#define EACH "each "
#define END  "${end}"
#define ITEM "it"

static int read_place(const char **at, struct piece *p, struct err *e)
{
	const char *name = *at + 2;
	p->each = strncmp(name, EACH, strlen(EACH)) == 0;
	if (p->each)
		name += strlen(EACH);
	size_t n = strspn(name, NAME_CHARS);
	const char *end = name + n;
	p->list = *end == '*';
	if (p->list && !p->each)
		end++;
	if (n == 0 || n > MAX_NAME || *end != '}')
		return err_set(e, ERR_INPUT,
		               "\"%.20s\": expected ${name} with a name of a-z, 0-9, _ . - "
		               "(a plain $ before { is written $$)",
		               *at);
	memcpy(p->name, name, n);
	p->name[n] = '\0';
	p->end = !p->each && strcmp(p->name, "end") == 0;
	p->place = !p->each && !p->end;
	*at = end + 1;
	return 0;
}

static int next_piece(const char **at, struct piece *p, struct err *e)
{
	p->c = '\0';
	p->place = p->list = p->each = p->end = false;
	if ((*at)[0] == '$' && (*at)[1] == '{')
		return read_place(at, p, e);
	if ((*at)[0] == '$' && (*at)[1] == '$')
		(*at)++;
	p->c = *(*at)++;
	return 0;
}

/* Step over one piece and follow the quotes of the command line around it. */
static int next_checked(const char **at, struct piece *p, struct quotes *q, enum quoting quoting,
                        struct err *e)
{
	if (next_piece(at, p, e) < 0)
		return -1;
	if ((quoting != QUOTE_SH && quoting != QUOTE_CLI) || p->each || p->end)
		return 0;
	if (!p->place) {
		quotes_feed(q, p->c);
		return 0;
	}
	const char *refused = quotes_refuse(q);
	if (refused)
		return err_set(e, ERR_INPUT,
			       "${%s} may not stand %-s: a value brings its own quotes", p->name,
			       refused);
	quotes_word(q);
	return 0;
}

static int check_end(const struct quotes *q, const char *text, struct err *e)
{
	const char *open = quotes_open(q);
	return open ? err_set(e, ERR_INPUT, "\"%.60s\": %-s", text, open) : 0;
}

/* Begins and ends in turn; what is inside knows one name more. */
static int check_each(const struct piece *p, bool *inside, const char *text, struct err *e)
{
	if ((p->each && *inside) || (p->end && !*inside))
		return p->each ? err_set(e, ERR_INPUT, "\"%.60s\": ${each ...} inside of another", text)
			       : err_set(e, ERR_INPUT, "\"%.60s\": ${end} without ${each ...}", text);
	*inside = p->each || (*inside && !p->end);
	return 0;
}

int template_names(const char *text, enum quoting quoting,
                   int (*see)(void *ctx, const char *name, struct err *e), void *ctx, struct err *e)
{
	struct quotes q;
	bool inside = false;
	quotes_init(&q, quoting == QUOTE_SH, text);
	for (const char *at = text; *at;) {
		struct piece p;
		if (next_checked(&at, &p, &q, quoting, e) < 0 || check_each(&p, &inside, text, e) < 0)
			return -1;
		bool item = inside && strcmp(p.name, ITEM) == 0;
		int stop = (p.place || p.each) && !item && see ? see(ctx, p.name, e) : 0;
		if (stop)
			return stop;
	}
	if (inside)
		return err_set(e, ERR_INPUT, "\"%.60s\": ${each ...} without ${end}", text);
	return check_end(&q, text, e);
}

void template_quote_sh(struct str *out, const char *word)
{
	str_putc(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			str_puts(out, "'\\''");
		else
			str_putc(out, *word);
	str_putc(out, '\'');
}

static int put_word(struct str *out, const char *name, const char *word, enum quoting quoting,
                    struct err *e)
{
	if (text_has_control(word, ""))
		return err_set(e, ERR_REFUSED, "the value of ${%s} holds control characters", name);
	if (!utf8_valid(word, strlen(word)))
		return err_set(e, ERR_REFUSED, "the value of ${%s} is not valid UTF-8", name);
	if (quoting == QUOTE_SH) {
		template_quote_sh(out, word);
		return 0;
	}
	if (!*word)
		return err_set(e, ERR_REFUSED, "the value of ${%s} is empty", name);
	size_t good = strspn(word, CLI_CHARS);
	if (word[good])
		return err_set(e, ERR_REFUSED,
		               "the value of ${%s} holds '%c', which this device's command line "
		               "may read as a command",
		               name, (unsigned char)word[good] < 0x80 ? word[good] : '?');
	str_puts(out, word);
	return 0;
}

/* A list: its items (one a line) as words with a space between them. */
static int put_list(struct str *out, const char *name, const char *text, enum quoting quoting,
                    struct err *e)
{
	char **items = str_split(text, "\n", NULL);
	int result = 0;
	for (size_t i = 0; items[i] && !result; i++) {
		if (i)
			str_putc(out, ' ');
		result = put_word(out, name, items[i], quoting, e);
	}
	free(items);
	return result;
}

/* For people: a list reads "a, b"; whatever a device put into a value is made harmless. */
static void put_shown(struct str *out, const char *text)
{
	char **items = str_split(text, "\n", NULL);
	for (size_t i = 0; items[i]; i++) {
		if (i)
			str_puts(out, ", ");
		utf8_sanitise(out, items[i], strlen(items[i]), UTF8_ONE_LINE);
	}
	free(items);
}

static int put_value(struct str *out, const struct piece *p, const char *text, enum quoting quoting,
                     struct err *e)
{
	if (quoting == QUOTE_NONE) {
		put_shown(out, text ? text : "?");
		return 0;
	}
	if (!text)
		return err_set(e, ERR_INPUT, "${%s} has no value", p->name);
	if (quoting == QUOTE_RAW) {
		str_puts(out, text);
		return 0;
	}
	return p->list ? put_list(out, p->name, text, quoting, e)
	               : put_word(out, p->name, text, quoting, e);
}

struct expansion {
	const struct scope *scope;
	enum quoting quoting;
	struct str *out;
	struct quotes quotes;
};

static int expand(struct expansion *x, const char **at, struct err *e);

/* The text up to ${end} for every item; *at is moved behind it. */
static int expand_each(struct expansion *x, const char **at, const char *name, struct err *e)
{
	const struct scope *outer = x->scope;
	const char *list = scope_get(outer, name), *body = *at;
	const char *end = strstr(body, END);
	struct values own = {0};
	struct scope inner = {.layers = {&own}};
	int result = 0;
	if (!list || !end)
		return list ? err_set(e, ERR_INPUT, "${each %s} without ${end}", name)
			    : err_set(e, ERR_INPUT, "${each %s} has no value", name);
	memcpy(inner.layers + 1, outer->layers, sizeof(inner.layers) - sizeof(inner.layers[0]));
	char **items = str_split(list, "\n", NULL);
	x->scope = &inner;
	for (size_t i = 0; items[i] && !result; i++) {
		values_set(&own, ITEM, items[i]);
		*at = body;
		result = expand(x, at, e);
	}
	*at = end + strlen(END);
	x->scope = outer;
	free(items);
	values_release(&own);
	return result;
}

/* To the end of the text, or behind an ${end}. */
static int expand(struct expansion *x, const char **at, struct err *e)
{
	while (**at) {
		struct piece p;
		if (next_checked(at, &p, &x->quotes, x->quoting, e) < 0)
			return -1;
		if (p.end)
			return 0;
		if (p.each && expand_each(x, at, p.name, e) < 0)
			return -1;
		if (p.place && put_value(x->out, &p, scope_get(x->scope, p.name), x->quoting, e) < 0)
			return -1;
		if (!p.place && !p.each)
			str_putc(x->out, p.c);
	}
	return 0;
}

int template_expand(const char *text, const struct scope *scope, enum quoting quoting,
                    struct str *out, struct err *e)
{
	size_t before = out->len;
	const char *at = text;
	struct expansion x = {.scope = scope, .quoting = quoting, .out = out};
	quotes_init(&x.quotes, quoting == QUOTE_SH, text);
	int result = expand(&x, &at, e);
	if (result == 0)
		result = check_end(&x.quotes, text, e);
	if (result < 0)
		str_cut(out, before);
	return result;
}
