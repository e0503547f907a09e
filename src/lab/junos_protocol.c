/* SPDX-License-Identifier: ISC */
/* Views of interfaces and protocols. */
#include "config.h"

#include "lab/junos_views.h"

#include <stdlib.h>
#include <string.h>

static const struct device *far_end(const struct device *dev, const struct port *p)
{
	return p->peer >= 0 ? dev->lab->devices.v[p->peer] : NULL;
}

/* --- BGP --------------------------------------------------------------------------------------- */
struct session {
	const char *group, *type;
	char *peer;
	const struct port *port;
	int as;
	bool up;
};

typedef VEC(struct session) sessions_t;

/* Two for each fabric port: the underlay's, and the overlay's to the loopback behind it. */
static void sessions_of(const struct device *dev, sessions_t *list)
{
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!bgp_neighbour(dev, p))
			continue;
		const struct device *peer = far_end(dev, p);
		struct session under = {"underlay", "External",
					junos_link_address(dev, (int)i, true), p, peer->bgp_as,
					bgp_established(dev, p)};
		struct session over = {"overlay", "Internal",
				       xasprintf("10.0.0.%d", peer->index + 1), p, 64512, under.up};
		VEC_PUSH(list, under);
		VEC_PUSH(list, over);
	}
}

static void sessions_release(sessions_t *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].peer);
	VEC_RELEASE(list);
}

static int flaps(struct jcli *c, const struct session *s)
{
	struct fault *f = fault_get(c->dev, "bgp-flaps", false);
	return f && str_eq(s->group, "underlay") ? (f->arg ? atoi(f->arg) : 9) : 0;
}

static const char *state_of(const struct session *s)
{
	return s->up ? "Established" : s->port->oper ? "Active" : "Idle";
}

static bool runs(struct jcli *c)
{
	if (service_active(c->dev, SERVICE_FRR))
		return true;
	blob_puts(c->out, "error: the routing subsystem is not running\n");
	return false;
}

static void summary_json(struct jcli *c, cJSON *root, const sessions_t *list, size_t down)
{
	cJSON *v = jnode(root, "bgp-information");
	jleaf(v, "group-count", "2");
	jleaf(v, "peer-count", "%zu", list->n);
	jleaf(v, "down-peer-count", "%zu", down);
	for (size_t i = 0; i < list->n; i++) {
		const struct session *s = &list->v[i];
		cJSON *row = jnode(v, "bgp-peer");
		jleaf(row, "peer-address", "%s", s->peer);
		jleaf(row, "peer-as", "%d", s->as);
		jleaf(row, "input-messages", "%d", s->up ? 812 : 0);
		jleaf(row, "output-messages", "%d", s->up ? 807 : 0);
		jleaf(row, "flap-count", "%d", flaps(c, s));
		jleaf(row, "peer-state", "%s", state_of(s));
		if (!s->up)
			continue;
		cJSON *rib = jnode(row, "bgp-rib");
		jleaf(rib, "name", "%s", s->as == 64512 ? "bgp.evpn.0" : "inet.0");
		jleaf(rib, "active-prefix-count", "%d", bgp_prefixes(c->dev, s->port));
		jleaf(rib, "received-prefix-count", "%d", bgp_prefixes(c->dev, s->port));
	}
}

void view_bgp_summary(struct jcli *c, cJSON *root, const char *rest)
{
	sessions_t list = {0};
	size_t down = 0;
	(void)rest;
	if (!runs(c))
		return;
	sessions_of(c->dev, &list);
	for (size_t i = 0; i < list.n; i++)
		down += !list.v[i].up;
	if (root) {
		summary_json(c, root, &list, down);
	} else {
		blob_printf(c->out,
			    "Groups: 2 Peers: %zu Down peers: %zu\n"
			    "Peer                     AS      InPkt     OutPkt    OutQ   Flaps "
			    "Last Up/Dwn State|#Active/Received/Accepted/Damped...\n",
			    list.n, down);
		for (size_t i = 0; i < list.n; i++)
			blob_printf(c->out, "%-20s %6d %10d %10d %7d %7d %11s %s\n", list.v[i].peer,
				    list.v[i].as, 812, 807, 0, flaps(c, &list.v[i]), "1:02:03",
				    list.v[i].up ? "Establ" : state_of(&list.v[i]));
	}
	sessions_release(&list);
}

void view_bgp_neighbor(struct jcli *c, cJSON *root, const char *rest)
{
	sessions_t list = {0};
	(void)rest;
	if (!runs(c))
		return;
	sessions_of(c->dev, &list);
	cJSON *v = root ? jnode(root, "bgp-information") : NULL;
	for (size_t i = 0; i < list.n; i++) {
		const struct session *s = &list.v[i];
		if (v) {
			cJSON *row = jnode(v, "bgp-peer");
			jleaf(row, "peer-address", "%s+179", s->peer);
			jleaf(row, "peer-as", "%d", s->as);
			jleaf(row, "peer-group", "%s", s->group);
			jleaf(row, "peer-type", "%s", s->type);
			jleaf(row, "peer-state", "%s", state_of(s));
			jleaf(row, "flap-count", "%d", flaps(c, s));
			continue;
		}
		blob_printf(c->out,
			    "Peer: %s+179 AS %d     Local: 10.0.0.%d+51234 AS %d\n"
			    "  Group: %s               Routing-Instance: master\n"
			    "  Type: %s    State: %s    Flags: <Sync>\n"
			    "  Number of flaps: %d\n\n",
			    s->peer, s->as, c->dev->index + 1, c->dev->bgp_as, s->group, s->type,
			    state_of(s), flaps(c, s));
	}
	sessions_release(&list);
}

/* --- bundles ----------------------------------------------------------------------------------- */
static bool member_up(struct jcli *c, const struct port *p)
{
	struct fault *f = fault_get(c->dev, "lacp-down", false);
	return p->oper && !(f && (!f->arg || str_eq(f->arg, c->dev->ports.v[p->bond].name)));
}

static void lacp_member(struct jcli *c, cJSON *v, const struct port *p)
{
	bool up = member_up(c, p);
	if (v) {
		cJSON *row = jnode(v, "lag-lacp-protocol");
		jleaf(row, "name", "%s", p->name);
		jleaf(row, "lacp-receive-state", "%s", up ? "Current" : "Defaulted");
		jleaf(row, "lacp-transmit-state", "Fast periodic");
		jleaf(row, "lacp-mux-state", "%s", up ? "Collecting distributing" : "Detached");
		return;
	}
	blob_printf(c->out, "      %-18s %-12s %-18s %s\n", p->name, up ? "Current" : "Defaulted",
		    "Fast periodic", up ? "Collecting distributing" : "Detached");
}

void view_lacp(struct jcli *c, cJSON *root, const char *rest)
{
	cJSON *v = root ? jnode(root, "lacp-interface-information-list") : NULL;
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *ae = &c->dev->ports.v[i];
		if (ae->kind != PORT_BOND || !ae->configured || (*rest && !str_eq(rest, ae->name)))
			continue;
		cJSON *row = v ? jnode(v, "lacp-interface-information") : NULL;
		if (row)
			jleaf(jnode(row, "lag-lacp-header"), "aggregate-name", "%s", ae->name);
		else
			blob_printf(c->out,
				    "Aggregated interface: %s\n"
				    "    LACP protocol:        Receive State  Transmit State     Mux "
				    "State\n",
				    ae->name);
		for (size_t k = 0; k < c->dev->ports.n; k++)
			if (c->dev->ports.v[k].bond == (int)i)
				lacp_member(c, row, &c->dev->ports.v[k]);
	}
}

/* What is written, or made of the LACP of the server, known while the bundle is up. */
static char *segment_of(struct jcli *c, const struct port *ae, bool up)
{
	char *path = xasprintf("interfaces %s esi", ae->name), *esi = NULL;
	const struct device *dev = c->dev;
	int low = dev->peer >= 0 && dev->peer < dev->index ? dev->peer : dev->index;
	const char *word;
	for (size_t at = 0, n; !esi && (word = jconf_word(&c->j->commits.v[0].conf, path, &at, &n));)
		if (memchr(word, ':', n))
			esi = xstrndup(word, n);
		else if (up && n == 11 && strncmp(word, "auto-derive", n) == 0)
			esi = xasprintf("01:00:00:00:00:%02x:%02x:00:%02x:00", (unsigned)low & 255,
					(unsigned)atoi(ae->name + 2) & 255,
					(unsigned)atoi(ae->name + 2) & 255);
	free(path);
	return esi;
}

static bool bundle_up(struct jcli *c, size_t ae)
{
	for (size_t k = 0; k < c->dev->ports.n; k++)
		if (c->dev->ports.v[k].bond == (int)ae && member_up(c, &c->dev->ports.v[k]))
			return true;
	return false;
}

void view_evpn(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_printf(c->out,
		    "Instance: default-switch\n  Route Distinguisher: 10.0.0.%d:1\n"
		    "  Encapsulation type: VXLAN\n",
		    c->dev->index + 1);
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *ae = &c->dev->ports.v[i];
		bool bundle = ae->kind == PORT_BOND && ae->configured;
		bool up = bundle && bundle_up(c, i);
		char *esi = bundle ? segment_of(c, ae, up) : NULL;
		if (esi && up)
			blob_printf(c->out, "    ESI: %s\n      Status: Resolved by IFL %s.0\n", esi,
				    ae->name);
		else if (esi)
			blob_printf(c->out, "    ESI: %s\n      Status: Unresolved\n", esi);
		if (esi)
			blob_printf(c->out,
				    "      State-Bitfield: 0x43\n"
				    "      Local interface: %s.0, Status: %s\n"
				    "      Number of remote PEs connected: 1\n",
				    ae->name, up ? "Up/Forwarding" : "Down");
		free(esi);
	}
}

void view_lldp(struct jcli *c, cJSON *root, const char *rest)
{
	cJSON *v = root ? jnode(root, "lldp-neighbors-information") : NULL;
	(void)rest;
	if (!v)
		blob_puts(c->out, "Local Interface    Parent Interface    Chassis Id          Port "
				  "info          System Name\n");
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *p = &c->dev->ports.v[i];
		const struct device *peer = far_end(c->dev, p);
		if (!peer || !lldp_sees(c->dev, p))
			continue;
		const char *port = peer->ports.v[p->peer_port].name;
		if (v) {
			cJSON *row = jnode(v, "lldp-neighbor-information");
			jleaf(row, "lldp-local-port-id", "%s", p->name);
			jleaf(row, "lldp-remote-chassis-id", "%s", peer->mac);
			jleaf(row, "lldp-remote-port-id", "%s", port);
			jleaf(row, "lldp-remote-system-name", "%s", peer->hostname);
			continue;
		}
		blob_printf(c->out, "%-18s -                   %-19s %-18s %s\n", p->name, peer->mac,
			    port, peer->hostname);
	}
}

/* --- interfaces -------------------------------------------------------------------------------- */
void view_terse(struct jcli *c, cJSON *root, const char *rest)
{
	cJSON *v = root ? jnode(root, "interface-information") : NULL;
	(void)rest;
	if (!v)
		blob_puts(c->out, "Interface               Admin Link Proto    Local                "
				  " Remote\n");
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *p = &c->dev->ports.v[i];
		if (p->kind == PORT_SWP && !p->configured)
			continue;
		const char *name = p->kind == PORT_ETH0 ? "em0" : p->kind == PORT_LO ? "lo0" : p->name;
		if (v) {
			cJSON *row = jnode(v, "physical-interface");
			jleaf(row, "name", "%s", name);
			jleaf(row, "admin-status", "%s", p->admin ? "up" : "down");
			jleaf(row, "oper-status", "%s", p->oper ? "up" : "down");
			continue;
		}
		blob_printf(c->out, "%-23s %-5s %s\n", name, p->admin ? "up" : "down",
			    p->oper ? "up" : "down");
	}
}

static double rate_now(const struct lab *lab, const struct port *p, int direction)
{
	return lab->now < p->drained_at ? p->old_rate[direction] : p->rate[direction];
}

/* What a fault adds. */
static long more(struct jcli *c, const char *fault, long normal)
{
	struct fault *f = fault_get(c->dev, fault, false);
	return !f ? 0 : f->arg ? atol(f->arg) : normal;
}

/* What a port has met since the last boot; an old switch has met something. */
static long errors_of(struct jcli *c, size_t i, const char *fault)
{
	long old = c->dev->booted_at < 0 ? (long)((i * 7 + (size_t)c->dev->index) % 4) : 0;
	return old + more(c, fault, 17);
}

static long transitions(struct jcli *c)
{
	return (c->dev->booted_at < 0 ? 3 : 1) + more(c, "carrier-flaps", 9);
}

static void extensive_json(struct jcli *c, cJSON *v, const struct port *p, size_t i)
{
	const struct lab *lab = c->dev->lab;
	cJSON *row = jnode(v, "physical-interface");
	jleaf(row, "name", "%s", p->name);
	jleaf(row, "admin-status", "%s", p->admin ? "up" : "down");
	jleaf(row, "oper-status", "%s", p->oper ? "up" : "down");
	cJSON *traffic = jnode(row, "traffic-statistics");
	jleaf(traffic, "input-bytes", "%.0f", port_bytes(lab, p, 0));
	jleaf(traffic, "output-bytes", "%.0f", port_bytes(lab, p, 1));
	jleaf(traffic, "input-bps", "%.0f", rate_now(lab, p, 0) * 8);
	jleaf(traffic, "output-bps", "%.0f", rate_now(lab, p, 1) * 8);
	jleaf(traffic, "input-pps", "%.0f", rate_now(lab, p, 0) / 500);
	jleaf(traffic, "output-pps", "%.0f", rate_now(lab, p, 1) / 500);
	cJSON *in = jnode(row, "input-error-list");
	jleaf(in, "input-errors", "%ld", errors_of(c, i, "input-errors"));
	jleaf(in, "input-drops", "%ld", errors_of(c, i + 2, "input-drops"));
	cJSON *out = jnode(row, "output-error-list");
	jleaf(out, "carrier-transitions", "%ld", transitions(c));
	jleaf(out, "output-drops", "0");
}

void view_extensive(struct jcli *c, cJSON *root, const char *rest)
{
	cJSON *v = root ? jnode(root, "interface-information") : NULL;
	(void)rest;
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *p = &c->dev->ports.v[i];
		if (p->kind != PORT_SWP || !p->configured)
			continue;
		if (v) {
			extensive_json(c, v, p, i);
			continue;
		}
		blob_printf(c->out,
			    "Physical interface: %s, %s, Physical link is %s\n"
			    "  Traffic statistics:\n"
			    "   Input  bytes  : %20.0f %20.0f bps\n"
			    "   Output bytes  : %20.0f %20.0f bps\n"
			    "  Input errors:\n    Errors: %ld, Drops: %ld\n"
			    "  Output errors:\n    Carrier transitions: %ld, Errors: 0\n",
			    p->name, p->admin ? "Enabled" : "Administratively down",
			    p->oper ? "Up" : "Down", port_bytes(c->dev->lab, p, 0),
			    rate_now(c->dev->lab, p, 0) * 8, port_bytes(c->dev->lab, p, 1),
			    rate_now(c->dev->lab, p, 1) * 8, errors_of(c, i, "input-errors"),
			    errors_of(c, i + 2, "input-drops"), transitions(c));
	}
}

/* --- tables ------------------------------------------------------------------------------------ */

/* Type-2 routes: hosts of every leaf that an overlay session reaches. */
static long evpn_routes(const struct device *dev)
{
	long n = 0;
	for (size_t i = 0; i < dev->ports.n; i++) {
		long here = bgp_prefixes(dev, &dev->ports.v[i]) * 12L;
		n = here > n ? here : n;
	}
	return n;
}

static long hosts(const struct device *dev)
{
	long n = 0;
	for (size_t i = 0; i < dev->ports.n; i++)
		n += dev->ports.v[i].host && dev->ports.v[i].oper;
	return n * 4;
}

void view_routes(struct jcli *c, cJSON *root, const char *rest)
{
	long n = evpn_routes(c->dev) - more(c, "routes-fewer", 9);
	(void)rest;
	if (!runs(c))
		return;
	if (root) {
		cJSON *t = jnode(jnode(root, "route-summary-information"), "route-table");
		jleaf(t, "table-name", "default-switch.evpn.0");
		jleaf(t, "destination-count", "%ld", n);
		jleaf(t, "active-route-count", "%ld", n);
		return;
	}
	blob_printf(c->out,
		    "default-switch.evpn.0: %ld destinations, %ld routes (%ld active, 0 holddown, 0 "
		    "hidden)\n",
		    n, n, n);
}

void view_macs(struct jcli *c, cJSON *root, const char *rest)
{
	long n = hosts(c->dev) + evpn_routes(c->dev) / 2 - more(c, "macs-fewer", 9);
	(void)rest;
	if (root) {
		cJSON *t = jnode(root, "l2ng-l2ald-rtb-macdb");
		jleaf(t, "l2ng-l2-total-mac-count", "%ld", n);
		return;
	}
	blob_printf(c->out, "Ethernet switching table : %ld entries, %ld learned\n", n, n);
}

/* Ports that switch; what is wrong with one stands in its flags. */
void view_switching(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_puts(c->out,
		  "Routing Instance Name : default-switch\n"
		  "Logical Interface flags (DL - disable learning, AD - packet action drop,\n"
		  "                         LH - MAC limit hit, DN - interface down,\n"
		  "                         MMAS - Mac-move action shutdown, AS - Autostate-exclude "
		  "enabled,\n"
		  "                         SCTL - shutdown by Storm-control, MI - MAC+IP limit hit)\n\n"
		  "Logical           Vlan          TAG     MAC    MAC+IP STP         Logical           "
		  "Tagging\n"
		  "interface         members               limit  limit  state       interface flags\n");
	for (size_t i = 0; i < c->dev->ports.n; i++) {
		const struct port *p = &c->dev->ports.v[i];
		if (p->kind == PORT_BOND && p->configured)
			blob_printf(c->out, "%s.0%*s294912 8192               %-17s tagged\n", p->name,
				    34 - (int)strlen(p->name), "",
				    fault_of_port(c->dev, "storm-control", p) ? "SCTL" : "");
	}
}
