/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/range.h"

#include "base/str.h"
#include "base/vec.h"
#include "model/inventory_parts.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An address as a number: IPv4 has only the last 4 bytes. */
struct number {
	int family; /* 0: none */
	unsigned char b[16];
};

static struct number number_of(const char *text)
{
	struct number n = {0};
	if (inet_pton(AF_INET, text, n.b + 12) == 1)
		n.family = AF_INET;
	else if (inet_pton(AF_INET6, text, n.b) == 1)
		n.family = AF_INET6;
	return n;
}

static void step(struct number *n)
{
	for (int i = 15; i >= 0 && ++n->b[i] == 0; i--)
		;
}

static char *text_of(const struct number *n)
{
	char text[INET6_ADDRSTRLEN];
	bool four = n->family == AF_INET;
	return xstrdup(inet_ntop(n->family, n->b + (four ? 12 : 0), text, sizeof(text)));
}

static int too_many(const char *item, struct err *e)
{
	return err_set(e, ERR_INPUT, "\"%s\": more than %zu addresses together", item, RANGE_MOST);
}

static int add(struct targets *t, char *address, int port, const char *item, struct err *e)
{
	if (t->n >= RANGE_MOST) {
		free(address);
		return too_many(item, e);
	}
	VEC_PUSH(t, ((struct target){.address = address, .port = port}));
	return 0;
}

/* Both ends belong to it. */
static int add_span(struct targets *t, struct number from, const struct number *to, int port,
		    const char *item, struct err *e)
{
	if (from.family != to->family || memcmp(from.b, to->b, sizeof(from.b)) > 0)
		return err_set(e, ERR_INPUT, "\"%s\": the end is not behind the beginning", item);
	/* so that a span of 2^96 is not walked through */
	if (memcmp(from.b, to->b, 13) != 0)
		return too_many(item, e);
	for (;; step(&from)) {
		if (add(t, text_of(&from), port, item, e) < 0)
			return -1;
		if (memcmp(from.b, to->b, sizeof(from.b)) == 0)
			return 0;
	}
}

static int add_network(struct targets *t, const char *item, const char *slash, int port,
		       struct err *e)
{
	char *base = xstrndup(item, (size_t)(slash - item));
	struct number from = number_of(base), to;
	int all = from.family == AF_INET ? 32 : 128, bits = atoi(slash + 1);
	bool digits = slash[1] && !slash[1 + strspn(slash + 1, "0123456789")] && strlen(slash) <= 4;
	free(base);
	if (!from.family || !digits || bits > all)
		return err_set(e, ERR_INPUT, "\"%s\" is no network: expected ADDRESS/0..%d", item,
			       from.family == AF_INET6 ? 128 : 32);
	to = from;
	for (int i = 128 - (all - bits); i < 128; i++) {
		unsigned char bit = (unsigned char)(0x80u >> (i % 8));
		from.b[i / 8] &= (unsigned char)~bit;
		to.b[i / 8] |= bit;
	}
	if (all == 32 && bits <= 30) { /* the network itself, and everybody in it */
		from.b[15]++;
		to.b[15]--;
	}
	return add_span(t, from, &to, port, item, e);
}

static bool small(const char *text, size_t n, int *out)
{
	if (n < 1 || n > 3 || strspn(text, "0123456789") < n)
		return false;
	*out = atoi(text);
	return *out <= 255;
}

/* "24-64" or "235" in the network of `last`; 1: it is none. */
static int add_short(struct targets *t, struct number *last, const char *item, int port,
		     struct err *e)
{
	size_t n = strcspn(item, "-");
	int from, to;
	if (!small(item, n, &from))
		return 1;
	to = from;
	if (item[n] && !small(item + n + 1, strlen(item + n + 1), &to))
		return 1;
	if (last->family != AF_INET)
		return err_set(e, ERR_INPUT, "\"%s\": there is no network before it", item);
	struct number a = *last, b = *last;
	a.b[15] = (unsigned char)from;
	b.b[15] = (unsigned char)to;
	return add_span(t, a, &b, port, item, e);
}

/* "A-B" and "A-64"; 1: it is none. */
static int add_dashed(struct targets *t, struct number *last, const char *item, int port,
		      struct err *e)
{
	const char *dash = strchr(item, '-');
	int end;
	if (!dash)
		return 1;
	char *first = xstrndup(item, (size_t)(dash - item));
	struct number from = number_of(first), to = number_of(dash + 1);
	free(first);
	if (!from.family)
		return 1; /* a host name may have a dash */
	if (!to.family && from.family == AF_INET && small(dash + 1, strlen(dash + 1), &end)) {
		to = from;
		to.b[15] = (unsigned char)end;
	}
	if (!to.family)
		return err_set(e, ERR_INPUT, "\"%s\": expected an address behind the \"-\"", item);
	*last = from;
	return add_span(t, from, &to, port, item, e);
}

static int add_item(struct targets *t, struct number *last, const char *item, int port,
		    struct err *e)
{
	const char *slash = strchr(item, '/');
	int rc;
	if (slash) {
		*last = (struct number){0};
		return add_network(t, item, slash, port, e);
	}
	if ((rc = add_short(t, last, item, port, e)) <= 0 ||
	    (rc = add_dashed(t, last, item, port, e)) <= 0)
		return rc;
	if (inventory_check_address(item, e) < 0)
		return -1;
	*last = number_of(item);
	return add(t, xstrdup(item), port, item, e);
}

int targets_add(struct targets *t, const char *text, int port, struct err *e)
{
	struct number last = {0};
	size_t n, before = t->n;
	char **items = str_split(text, ", \t\n", &n);
	int rc = n ? 0 : err_set(e, ERR_INPUT, "no address is named");
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_item(t, &last, items[i], port, e);
	free(items);
	while (rc != 0 && t->n > before)
		free(t->v[--t->n].address);
	return rc;
}

struct place {
	char *key;
	size_t at;
};

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int d = strcmp(x->key, y->key);
	return d ? d : (x->at > y->at) - (x->at < y->at);
}

void targets_unique(struct targets *t)
{
	struct place *list = xcalloc(t->n + 1, sizeof(*list));
	bool *drop = xcalloc(t->n + 1, sizeof(*drop));
	size_t kept = 0;
	for (size_t i = 0; i < t->n; i++) {
		char *address = inventory_address(t->v[i].address);
		list[i] = (struct place){xasprintf("%s %d", address, t->v[i].port), i};
		free(address);
	}
	if (t->n)
		qsort(list, t->n, sizeof(*list), by_key);
	for (size_t i = 1; i < t->n; i++)
		drop[list[i].at] = strcmp(list[i - 1].key, list[i].key) == 0;
	for (size_t i = 0; i < t->n; i++) {
		struct target target = t->v[i];
		if (drop[i]) {
			free(target.name);
			free(target.address);
		} else {
			t->v[kept++] = target;
		}
		free(list[i].key);
	}
	t->n = kept;
	free(list);
	free(drop);
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].address);
	}
	VEC_RELEASE(t);
}
