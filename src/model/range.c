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

static struct ip number_of(const char *text)
{
	struct ip n = {0};
	if (inet_pton(AF_INET, text, n.b + 12) == 1)
		n.family = AF_INET;
	else if (inet_pton(AF_INET6, text, n.b) == 1)
		n.family = AF_INET6;
	return n;
}

static void step(struct ip *n)
{
	for (int i = 15; i >= 0 && ++n->b[i] == 0; i--)
		;
}

static void step_back(struct ip *n)
{
	for (int i = 15; i >= 0 && n->b[i]-- == 0; i--)
		;
}

/* IPv4 before IPv6. */
static int by_number(const struct ip *a, const struct ip *b)
{
	return a->family != b->family ? a->family - b->family : memcmp(a->b, b->b, sizeof(a->b));
}

/* a + b, and no more than there can be. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* How many from one to the other, both with them. */
static uint64_t distance(const struct ip *from, const struct ip *to)
{
	uint64_t high = 0, low = 0;
	int borrow = 0;
	for (int i = 15; i >= 0; i--) {
		int d = to->b[i] - from->b[i] - borrow;
		borrow = d < 0;
		if (i < 8)
			high |= (uint64_t)(d & 255);
		else
			low |= (uint64_t)(d & 255) << (8 * (15 - i));
	}
	return high ? UINT64_MAX : sum(low, 1);
}

static int too_many(const char *item, struct err *e)
{
	return err_set(
	    e, ERR_INPUT,
	    "\"%s\": more than 2^40 addresses together: at 1000 a second, the most there "
	    "is, that is over 35 years; of an IPv6 network name the addresses that the "
	    "neighbours know",
	    item);
}

static int add(struct targets *t, struct target one, const char *item, struct err *e)
{
	if (!one.address && distance(&one.first, &one.last) > RANGE_MOST)
		return too_many(item, e);
	VEC_PUSH(t, one);
	return 0;
}

/* Both ends belong to it. */
static int add_span(struct targets *t, const struct ip *from, const struct ip *to, int port,
		    const char *item, struct err *e)
{
	if (from->family != to->family || by_number(from, to) > 0)
		return err_set(e, ERR_INPUT, "\"%s\": the end is not behind the beginning", item);
	return add(t, (struct target){.first = *from, .last = *to, .port = port}, item, e);
}

static int add_network(struct targets *t, const char *item, const char *slash, int port,
		       struct err *e)
{
	char *base = xstrndup(item, (size_t)(slash - item));
	struct ip from = number_of(base), to;
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
		step(&from);
		step_back(&to);
	}
	return add_span(t, &from, &to, port, item, e);
}

static bool small(const char *text, size_t n, int *out)
{
	if (n < 1 || n > 3 || strspn(text, "0123456789") < n)
		return false;
	*out = atoi(text);
	return *out <= 255;
}

/* "24-64" or "235" in the network of `last`; 1: it is none. */
static int add_short(struct targets *t, struct ip *last, const char *item, int port, struct err *e)
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
	struct ip a = *last, b = *last;
	a.b[15] = (unsigned char)from;
	b.b[15] = (unsigned char)to;
	return add_span(t, &a, &b, port, item, e);
}

/* "A-B" and "A-64"; 1: it is none. */
static int add_dashed(struct targets *t, struct ip *last, const char *item, int port, struct err *e)
{
	const char *dash = strchr(item, '-');
	int end;
	if (!dash)
		return 1;
	char *first = xstrndup(item, (size_t)(dash - item));
	struct ip from = number_of(first), to = number_of(dash + 1);
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
	return add_span(t, &from, &to, port, item, e);
}

static int add_item(struct targets *t, struct ip *last, const char *item, int port, struct err *e)
{
	const char *slash = strchr(item, '/');
	int rc;
	if (slash) {
		*last = (struct ip){0};
		return add_network(t, item, slash, port, e);
	}
	if ((rc = add_short(t, last, item, port, e)) <= 0 ||
	    (rc = add_dashed(t, last, item, port, e)) <= 0)
		return rc;
	if (inventory_check_address(item, e) < 0)
		return -1;
	*last = number_of(item);
	return add(t, (struct target){.address = xstrdup(item), .port = port}, item, e);
}

int targets_add(struct targets *t, const char *text, int port, struct err *e)
{
	struct ip last = {0};
	size_t n, before = t->n;
	char **items = str_split(text, ", \t\n", &n);
	int rc = n ? 0 : err_set(e, ERR_INPUT, "no address is named");
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_item(t, &last, items[i], port, e);
	if (rc == 0 && targets_count(t) > RANGE_MOST)
		rc = too_many(text, e);
	free(items);
	while (rc != 0 && t->n > before)
		free(t->v[--t->n].address);
	return rc;
}

/* --- nobody twice ----------------------------------------------------------------------------- */

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

/* The single ones that are there a second time. */
static bool *repeated(const struct targets *t)
{
	struct place *list = xcalloc(t->n + 1, sizeof(*list));
	bool *drop = xcalloc(t->n + 1, sizeof(*drop));
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].address)
			continue;
		char *address = inventory_address(t->v[i].address);
		list[n++] = (struct place){xasprintf("%s %d", address, t->v[i].port), i};
		free(address);
	}
	if (n)
		qsort(list, n, sizeof(*list), by_key);
	for (size_t i = 1; i < n; i++)
		drop[list[i].at] = strcmp(list[i - 1].key, list[i].key) == 0;
	for (size_t i = 0; i < n; i++)
		free(list[i].key);
	free(list);
	return drop;
}

struct cut { /* addresses that others have */
	struct ip first, last;
	int port;
	size_t before; /* it goes before the items from this one on */
};

static int by_first(const void *a, const void *b)
{
	return by_number(&((const struct cut *)a)->first, &((const struct cut *)b)->first);
}

static struct cut *cuts_of(const struct targets *t, size_t *n)
{
	struct cut *list = xcalloc(t->n + 1, sizeof(*list));
	*n = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct target *one = &t->v[i];
		struct cut c = {one->first, one->last, one->port, i + 1};
		if (one->address) {
			char *address = inventory_address(one->address);
			c.first = c.last = number_of(address);
			c.before = 0;
			free(address);
		}
		if (c.first.family)
			list[(*n)++] = c;
	}
	if (*n)
		qsort(list, *n, sizeof(*list), by_first);
	return list;
}

/* What is left of range number `at` of the old ones, appended to the new ones. */
static void add_rest(struct targets *out, const struct target *range, size_t at,
		     const struct cut *cuts, size_t n)
{
	struct target rest = *range;
	for (size_t i = 0; i < n; i++) {
		const struct cut *c = &cuts[i];
		if (c->port != range->port || at < c->before ||
		    by_number(&c->last, &rest.first) < 0)
			continue;
		if (by_number(&c->first, &rest.last) > 0)
			break;
		struct target piece = rest;
		piece.last = c->first;
		step_back(&piece.last);
		if (by_number(&c->first, &rest.first) > 0)
			VEC_PUSH(out, piece);
		if (by_number(&c->last, &rest.last) >= 0)
			return;
		rest.first = c->last;
		step(&rest.first);
	}
	VEC_PUSH(out, rest);
}

void targets_unique(struct targets *t)
{
	size_t n;
	bool *drop = repeated(t);
	struct cut *cuts = cuts_of(t, &n);
	struct targets kept = {0};
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].address) {
			add_rest(&kept, &t->v[i], i, cuts, n);
		} else if (!drop[i]) {
			VEC_PUSH(&kept, t->v[i]);
		} else {
			free(t->v[i].name);
			free(t->v[i].address);
		}
	}
	VEC_RELEASE(t);
	*t = kept;
	free(cuts);
	free(drop);
}

/* --- one by one ------------------------------------------------------------------------------- */

uint64_t targets_count(const struct targets *t)
{
	uint64_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n = sum(n, t->v[i].address ? 1 : distance(&t->v[i].first, &t->v[i].last));
	return n;
}

bool targets_next(const struct targets *t, struct targets_at *at, struct one_target *out)
{
	if (at->item >= t->n)
		return false;
	const struct target *one = &t->v[at->item];
	*out = (struct one_target){.name = one->name,
				  .address = one->address,
				  .port = one->port,
				  .alone = one->address != NULL};
	if (one->address) {
		at->item++;
		return true;
	}
	if (at->at.family)
		step(&at->at);
	else
		at->at = one->first;
	bool four = at->at.family == AF_INET;
	out->address =
	    inet_ntop(at->at.family, at->at.b + (four ? 12 : 0), out->text, sizeof(out->text));
	if (by_number(&at->at, &one->last) == 0)
		*at = (struct targets_at){.item = at->item + 1};
	return true;
}

static bool has(const struct target *one, const char *plain, const struct ip *n)
{
	if (!one->address)
		return n->family && by_number(&one->first, n) <= 0 && by_number(n, &one->last) <= 0;
	char *own = inventory_address(one->address);
	bool same = strcmp(own, plain) == 0;
	free(own);
	return same;
}

int targets_skip(struct targets *t, const char *address, struct err *e)
{
	char *plain = inventory_address(address);
	struct ip n = number_of(plain);
	size_t at = 0, kept = 0;
	while (at < t->n && !has(&t->v[at], plain, &n))
		at++;
	free(plain);
	if (at == t->n)
		return err_set(e, ERR_INPUT, "\"%s\" is none of the addresses that are named", address);
	for (size_t i = 0; i < at; i++) {
		free(t->v[i].name);
		free(t->v[i].address);
	}
	if (!t->v[at].address)
		t->v[at].first = n;
	while (at < t->n)
		t->v[kept++] = t->v[at++];
	t->n = kept;
	return 0;
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].address);
	}
	VEC_RELEASE(t);
}
