/* SPDX-License-Identifier: ISC */
/* What a firewall does with traffic: sessions, zones, policies, routes. */
#include "config.h"

#include "lab/junos_views.h"
#include "lab/srx.h"

#include <stdlib.h>
#include <string.h>

enum { SESSIONS = 4100, SESSION_MS = 250, WIGGLE_MS = 7000, WIGGLE = 13 };

void sessions_begin(struct cluster *c, int64_t at)
{
	c->sessions_at = at;
}

/* Those that a node forwards, or keeps for its peer; they come back one by one when all are lost.
 */
static long sessions(const struct device *dev)
{
	const struct cluster *c = dev->cluster;
	if (!service_active(dev, SERVICE_SWITCHD) || !cluster_synced(c, dev->node))
		return 0;
	int64_t n = (dev->lab->now - c->sessions_at) / SESSION_MS;
	return (long)(n < SESSIONS ? n : SESSIONS) + (long)(dev->lab->now / WIGGLE_MS % WIGGLE);
}

void view_sessions(struct jcli *c, cJSON *root, const char *rest)
{
	long n = sessions(c->dev);
	(void)rest;
	if (root) {
		cJSON *v = jnode(root, "flow-session-summary-information");
		jleaf(v, "active-unicast-sessions", "%ld", n);
		jleaf(v, "failed-sessions", "0");
		jleaf(v, "active-sessions", "%ld", n);
		jleaf(v, "max-sessions", "2097152");
		return;
	}
	blob_printf(c->out,
		    "Unicast-sessions: %ld\nMulticast-sessions: 0\nServices-offload-sessions: 0\n"
		    "Failed-sessions: 0\nSessions-in-drop-flow: 0\nSessions-in-use: %ld\n"
		    "  Valid sessions: %ld\n  Pending sessions: 0\n  Invalidated sessions: 0\n"
		    "  Sessions in other states: 0\nMaximum-sessions: 2097152\n",
		    n, n, n);
}

struct name {
	const char *text;
	size_t n, at;
};

/* The next name behind the words, each of them once: a name has several lines. */
static bool next_name(const struct jconf *conf, const char *words, struct name *name)
{
	struct name last = *name;
	do
		name->text = jconf_word(conf, words, &name->at, &name->n);
	while (name->text && last.text && name->n == last.n &&
	       strncmp(name->text, last.text, last.n) == 0);
	return name->text != NULL;
}

void view_zones(struct jcli *c, cJSON *root, const char *rest)
{
	const struct jconf *conf = &c->j->commits.v[0].conf;
	struct name zone = {0};
	(void)root, (void)rest;
	blob_puts(c->out, "Zone                        Type\n");
	while (next_name(conf, "security zones security-zone", &zone))
		blob_printf(c->out, "%-28.*sSecurity\n", (int)zone.n, zone.text);
	blob_puts(c->out, "junos-host                  Security\n");
}

void view_policies(struct jcli *c, cJSON *root, const char *rest)
{
	static const char from[] = "security policies from-zone trust to-zone untrust policy";
	const struct jconf *conf = &c->j->commits.v[0].conf;
	struct name policy = {0};
	int index = 4;
	(void)root, (void)rest;
	blob_puts(c->out, "Default policy: deny-all\nFrom zone: trust, To zone: untrust\n");
	while (next_name(conf, from, &policy)) {
		blob_printf(c->out,
			    "  Policy: %.*s, State: enabled, Index: %d, Scope Policy: 0, "
			    "Sequence number: %d\n"
			    "    Source addresses: any\n    Destination addresses: any\n"
			    "    Applications: any\n    Action: permit\n",
			    (int)policy.n, policy.text, index, index - 3);
		index++;
	}
}

/* Of the routing engine that is the primary: the other one has but its own address. */
void view_srx_routes(struct jcli *c, cJSON *root, const char *rest)
{
	bool primary = cluster_primary(c->dev->cluster, 0) == c->dev->node;
	struct fault *fewer =
	    fault_on(c->dev, "routes-fewer") ? fault_get(c->dev, "routes-fewer", false) : NULL;
	int learned = service_active(c->dev, SERVICE_FRR) ? 24 : 0;
	int gone = !fewer ? 0 : fewer->arg ? atoi(fewer->arg) : 3;
	int dynamic = !primary || learned < gone ? 0 : learned - gone, own = primary ? 6 : 2;
	(void)rest;
	if (root) {
		cJSON *t = jnode(jnode(root, "route-summary-information"), "route-table");
		jleaf(t, "table-name", "inet.0");
		jleaf(t, "destination-count", "%d", own + dynamic);
		jleaf(t, "active-route-count", "%d", own + dynamic);
		return;
	}
	blob_printf(c->out,
		    "inet.0: %d destinations, %d routes (%d active, 0 holddown, 0 hidden)\n"
		    "              Direct: %6d routes, %6d active\n"
		    "               Local: %6d routes, %6d active\n",
		    own + dynamic, own + dynamic, own + dynamic, own / 2, own / 2, own / 2,
		    own / 2);
	if (dynamic)
		blob_printf(c->out, "                OSPF: %6d routes, %6d active\n", dynamic,
			    dynamic);
}
