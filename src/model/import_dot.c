/* SPDX-License-Identifier: ISC */
/*
 * A cabling plan as a graph: "leaf01":"swp51" -- "spine01":"swp1". The graph library reads the
 * language; what it says (it prints, and keeps state of its own) is caught here.
 */
#include "config.h"

#include "model/import_parts.h"

#include "model/inventory_parts.h"

#include <ctype.h>
#include <graphviz/cgraph.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The library tells a function without a context what is wrong: where that puts it. */
static _Thread_local struct str complaint;

static int complain(char *text)
{
	if (complaint.len < 200)
		str_puts(&complaint, text);
	return 0;
}

static const char *skip_comments(const char *at, const char *end)
{
	while (at < end) {
		if (isspace((unsigned char)*at)) {
			at++;
		} else if (*at == '#' || (end - at > 1 && at[0] == '/' && at[1] == '/')) {
			while (at < end && *at != '\n')
				at++;
		} else if (end - at > 1 && at[0] == '/' && at[1] == '*') {
			const char *close = strstr(at + 2, "*/");
			at = close ? close + 2 : end;
		} else {
			break;
		}
	}
	return at;
}

static bool word_at(const char **at, const char *end, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(end - *at) < n || strncasecmp(*at, word, n) != 0)
		return false;
	if (*at + n < end && (isalnum((unsigned char)(*at)[n]) || (*at)[n] == '_'))
		return false;
	*at = skip_comments(*at + n, end);
	return true;
}

static bool looks(const char *text, size_t n, const cJSON *root)
{
	const char *end = text + n, *at = skip_comments(text, end);
	(void)root;
	(void)word_at(&at, end, "strict");
	return word_at(&at, end, "graph") || word_at(&at, end, "digraph");
}

/* --- what it says ----------------------------------------------------------------------------- */

static const char *attribute(void *of, const char *name)
{
	const char *text = agget(of, (char *)name);
	return text && *text ? text : NULL;
}

static bool is_role(const struct import_words *words, const char *role)
{
	for (size_t i = 0; words->roles && words->roles[i]; i++)
		if (strcmp(words->roles[i], role) == 0)
			return true;
	return false;
}

static int add_node(struct import *in, Agnode_t *node, const char *file,
		    const struct import_words *words, struct err *e)
{
	const char *name = agnameof(node);
	char *place = xasprintf("%s: node \"%.64s\"", file, name);
	struct import_device *d = import_device_any(in, name, place, e);
	free(place);
	if (!d)
		return -1;
	const char *address = attribute(node, "mgmt_ip"), *role = attribute(node, "function");
	d->mentioned = true;
	if (role && is_role(words, role) && import_text(d, "role", role, &d->role, e) < 0)
		return -1;
	return address ? import_text(d, "address", address, &d->address, e) : 0;
}

static char *without_side(const char *port)
{
	static const char *const sides[] = {"n", "ne", "e", "se", "s", "sw", "w", "nw", "c", "_"};
	const char *colon = strrchr(port, ':');
	for (size_t i = 0; colon && colon > port && i < LEN(sides); i++)
		if (strcmp(colon + 1, sides[i]) == 0)
			return xstrndup(port, (size_t)(colon - port));
	return xstrdup(port);
}

/* Behind a port may stand a side of the picture ("swp1:s"): no part of it. */
static int read_end(Agnode_t *node, const char *port, const char *file, struct import_end *end,
		    struct err *e)
{
	end->device = xstrdup(agnameof(node));
	if (!port)
		return 0;
	end->port = without_side(port);
	if (inventory_check_port_name(end->port, e) < 0)
		return err_at(e, "%s: a link of \"%.64s\"", file, end->device);
	return 0;
}

static int add_edge(struct import *in, Agedge_t *edge, const char *file, struct err *e)
{
	Agnode_t *a = agtail(edge), *b = aghead(edge);
	if (a == b) {
		import_note(in, "a link of %s to itself is left out", agnameof(a));
		return 0;
	}
	struct import_link *l = VEC_ADD(&in->links);
	if (read_end(a, attribute(edge, "tailport"), file, &l->a, e) < 0)
		return -1;
	return read_end(b, attribute(edge, "headport"), file, &l->b, e);
}

static int read_graph(Agraph_t *g, const char *file, const struct import_words *words,
		      struct import *in, struct err *e)
{
	size_t portless = 0;
	in->has_links = true;
	for (Agnode_t *n = agfstnode(g); n; n = agnxtnode(g, n)) {
		if (add_node(in, n, file, words, e) < 0)
			return -1;
		for (Agedge_t *edge = agfstout(g, n); edge; edge = agnxtout(g, edge))
			if (add_edge(in, edge, file, e) < 0)
				return -1;
	}
	for (size_t i = 0; i < in->links.n; i++)
		portless += !in->links.v[i].a.port || !in->links.v[i].b.port;
	if (portless)
		import_note(in,
			    "%zu of %zu links have no port at an end (ports inside of { } get lost "
			    "with the language of graphs): write each link by itself, "
			    "\"A\":\"port\" -- \"B\":\"port\"",
			    portless, in->links.n);
	return 0;
}

static int no_graph(const char *file, struct err *e)
{
	char *text = xstrdup(str_text(&complaint));
	text[strcspn(text, "\n")] = '\0';
	err_set(e, ERR_INPUT, "%s: it cannot be read as a graph: %s", file,
		*text ? text : "it is empty");
	free(text);
	return -1;
}

static int read(const char *text, size_t n, const cJSON *root, const char *file,
		const struct import_words *words, struct import *in, struct err *e)
{
	(void)root;
	if (memchr(text, '\0', n))
		return err_set(e, ERR_INPUT, "%s: it holds NUL bytes", file);
	agseterr(AGERR);
	agseterrf(complain);
	str_clear(&complaint);
	Agraph_t *g = agmemread(text);
	int rc = 0;
	if (!g || complaint.len)
		rc = no_graph(file, e);
	else
		rc = read_graph(g, file, words, in, e);
	if (g)
		agclose(g);
	str_release(&complaint);
	return rc;
}

const struct import_format import_dot = {"dot", "a cabling plan (topology.dot)", looks, read};
