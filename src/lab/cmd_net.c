/* SPDX-License-Identifier: ISC */
/* ip, lldpctl, ethtool, bridge, ping. */
#include "config.h"

#include "lab/command.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void show_json(struct blob *out, cJSON *root)
{
	char *text = cJSON_PrintUnformatted(root);
	blob_printf(out, "%s\n", text ? text : "{}");
	cJSON_free(text);
	cJSON_Delete(root);
}

/* --- ip --------------------------------------------------------------------------------------- */
static const char *operstate(const struct port *p)
{
	return p->kind == PORT_LO ? "UNKNOWN" : p->oper ? "UP" : "DOWN";
}

static void flags_text(const struct port *p, char text[96])
{
	(void)snprintf(text, 96, "%s%s%s", p->kind == PORT_LO ? "LOOPBACK" : "BROADCAST,MULTICAST",
		       p->admin ? ",UP" : "", p->oper ? ",LOWER_UP" : "");
	if (p->admin && !p->oper)
		(void)snprintf(text, 96, "NO-CARRIER,BROADCAST,MULTICAST,UP");
}

static const char *port_address(const struct device *dev, const struct port *p)
{
	const struct fault *f = fault_get((struct device *)dev, "in-band", false);
	if (f && str_eq(p->name, f->arg ? f->arg : "swp51"))
		return dev->address;
	if (p->kind == PORT_ETH0)
		return f ? "" : dev->address;
	return p->kind == PORT_LO && !*p->address ? "127.0.0.1/8" : p->address;
}

static void link_json(struct device *dev, cJSON *list, size_t i, bool addresses)
{
	const struct port *p = &dev->ports.v[i];
	char flags[96];
	flags_text(p, flags);
	cJSON *row = cJSON_CreateObject();
	cJSON_AddItemToArray(list, row);
	cJSON_AddNumberToObject(row, "ifindex", (double)i + 1);
	cJSON_AddStringToObject(row, "ifname", p->name);
	cJSON *f = cJSON_AddArrayToObject(row, "flags");
	char **parts = str_split(flags, ",", NULL);
	for (char **part = parts; *part; part++)
		cJSON_AddItemToArray(f, cJSON_CreateString(*part));
	free(parts);
	cJSON_AddNumberToObject(row, "mtu", p->kind == PORT_ETH0 ? 1500 : 9216);
	cJSON_AddStringToObject(row, "operstate", operstate(p));
	cJSON_AddStringToObject(row, "link_type", p->kind == PORT_LO ? "loopback" : "ether");
	cJSON_AddStringToObject(row, "address", p->mac);
	if (p->bond >= 0)
		cJSON_AddStringToObject(row, "master", dev->ports.v[p->bond].name);
	if (p->proto_down)
		cJSON_AddTrueToObject(row, "proto_down");
	if (!addresses)
		return;
	cJSON *info = cJSON_AddArrayToObject(row, "addr_info");
	const char *address = port_address(dev, p);
	if (!*address)
		return;
	cJSON *a = cJSON_CreateObject();
	cJSON_AddItemToArray(info, a);
	char *local = xstrndup(address, strcspn(address, "/"));
	cJSON_AddStringToObject(a, "family", "inet");
	cJSON_AddStringToObject(a, "local", local);
	cJSON_AddNumberToObject(a, "prefixlen",
				strchr(address, '/') ? atoi(strchr(address, '/') + 1) : 24);
	free(local);
}

struct ip_form {
	bool json, brief, oneline, details, addresses, up, six;
	const char *name; /* only this one; NULL: all */
	const char *type; /* only those; NULL: all */
};

/* A VLAN interface: of the bridge ("vlan10"), or above another port ("peerlink.4094"). */
static bool is_vlan(const struct port *p)
{
	return p->kind == PORT_VLAN || str_starts(p->name, "vlan");
}

static bool is_type(const struct port *p, const char *type)
{
	if (str_eq(type, "vlan"))
		return is_vlan(p);
	return str_eq(type, "bond") ? p->kind == PORT_BOND
				    : str_eq(type, "bridge") && str_starts(p->name, "br");
}

static void link_details(struct sh *sh, const struct port *p, const char *next)
{
	if (p->kind == PORT_BOND)
		blob_printf(sh->out,
			    "%s    bond mode 802.3ad miimon 100 updelay 0 xmit_hash_policy layer3+4 "
			    "addrgenmode eui64",
			    next);
	else if (is_vlan(p))
		blob_printf(sh->out, "%s    vlan protocol 802.1Q id %s <REORDER_HDR>", next,
			    strchr(p->name, '.') ? strchr(p->name, '.') + 1 : p->name + 4);
}

static void address_oneline(struct sh *sh, size_t i)
{
	const struct port *p = &sh->dev->ports.v[i];
	const char *address = port_address(sh->dev, p);
	if (*address)
		blob_printf(sh->out,
			    "%zu: %s    inet %s%s scope global %s\\       valid_lft forever "
			    "preferred_lft forever\n",
			    i + 1, p->name, address, strchr(address, '/') ? "" : "/24", p->name);
}

static void link_text(struct sh *sh, size_t i, const struct ip_form *f)
{
	const struct port *p = &sh->dev->ports.v[i];
	const char *address = port_address(sh->dev, p), *next = f->oneline ? "\\" : "\n";
	char flags[96];
	flags_text(p, flags);
	if (f->brief) {
		blob_printf(sh->out, "%-16s %-14s %s\n", p->name, operstate(p),
			    f->addresses ? address : p->mac);
		return;
	}
	if (f->addresses && f->oneline) {
		address_oneline(sh, i);
		return;
	}
	blob_printf(sh->out,
		    "%zu: %s%s: <%s> mtu %d qdisc pfifo_fast %s%sstate %s mode DEFAULT group default "
		    "qlen 1000%s"
		    "%s    link/%s %s brd ff:ff:ff:ff:ff:ff",
		    i + 1, p->name, str_starts(p->name, "vlan") ? "@bridge" : "", flags,
		    p->kind == PORT_ETH0 ? 1500 : 9216,
		    p->bond >= 0 ? "master " : "", p->bond >= 0 ? "bond " : "", operstate(p),
		    p->proto_down ? " protodown on" : "", next,
		    p->kind == PORT_LO ? "loopback" : "ether", p->mac);
	if (f->details)
		link_details(sh, p, next);
	blob_puts(sh->out, "\n");
	if (f->addresses && *address)
		blob_printf(sh->out,
			    "    inet %s%s scope global %s\n       valid_lft forever preferred_lft "
			    "forever\n",
			    address, strchr(address, '/') ? "" : "/24", p->name);
}

static int ip_show(struct sh *sh, const struct ip_form *f)
{
	int only = f->name ? port_find(sh->dev, f->name) : -1;
	if (f->name && only < 0)
		return say(sh, 1, "Device \"%s\" does not exist.", f->name);
	cJSON *list = f->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < sh->dev->ports.n; i++) {
		if ((only >= 0 && only != (int)i) || (f->up && !sh->dev->ports.v[i].admin) ||
		    (f->type && !is_type(&sh->dev->ports.v[i], f->type)))
			continue;
		if (f->json)
			link_json(sh->dev, list, i, f->addresses);
		else
			link_text(sh, i, f);
	}
	if (f->json)
		show_json(sh->out, list);
	return 0;
}

static int ip_link_set(struct sh *sh, int argc, char **argv)
{
	if (sh->uid)
		return say(sh, 2, "RTNETLINK answers: Operation not permitted");
	const char *name = NULL;
	int up = -1;
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "up") || str_eq(argv[i], "down"))
			up = argv[i][0] == 'u';
		else if (!str_eq(argv[i], "dev") && !name)
			name = argv[i];
	}
	int i = name ? port_find(sh->dev, name) : -1;
	if (i < 0)
		return say(sh, 1, "Cannot find device \"%s\"", name ? name : "");
	if (up < 0)
		return 0;
	if (up && !sh->dev->ports.v[i].admin && sh->dev->ports.v[i].oper)
		links_update(sh->lab); /* it comes back, and nobody has seen yet that it went */
	sh->dev->ports.v[i].admin = up;
	sh->lab->dirty = true;
	if (sh->dev->ports.v[i].kind ==
	    PORT_BOND) /* the slaves lose their carrier for the peer, too */
		for (size_t k = 0; k < sh->dev->ports.n; k++)
			if (sh->dev->ports.v[k].bond == i)
				sh->dev->ports.v[k].admin = up;
	lab_log(sh->lab, sh->dev, "link", "%s %s", name, up ? "up" : "down");
	return 0; /* whoever looks next sees what follows: a script sets a hundred of them */
}

#define ROUTES_MAX 32 /* shown of a large fabric */

static void route(struct sh *sh, cJSON *list, const struct device *to, const struct port *via)
{
	char prefix[32];
	(void)snprintf(prefix, sizeof(prefix), "10.10.%d.%d", 10 + to->index / 250,
		       to->index % 250 + 1);
	if (!list) {
		blob_printf(sh->out, "%s via 169.254.0.1 dev %s proto bgp metric 20 onlink\n",
			    prefix, via->name);
		return;
	}
	cJSON *row = cJSON_CreateObject();
	cJSON_AddItemToArray(list, row);
	cJSON_AddStringToObject(row, "dst", prefix);
	cJSON_AddStringToObject(row, "dev", via->name);
	cJSON_AddStringToObject(row, "protocol", "bgp");
}

/* The loopbacks of the others, by way of the first session that stands. */
static int ip_route(struct sh *sh, const struct ip_form *f)
{
	struct device *dev = sh->dev;
	const struct port *via = NULL;
	cJSON *list = f->json ? cJSON_CreateArray() : NULL;
	size_t most = sh->lab->devices.n - 1;
	for (size_t i = 0; i < dev->ports.n && !via; i++)
		if (bgp_established(dev, &dev->ports.v[i]))
			via = &dev->ports.v[i];
	most = most < ROUTES_MAX ? most : ROUTES_MAX;
	if (fault_on(dev, "routes-fewer")) {
		const char *arg = fault_get(dev, "routes-fewer", false)->arg;
		size_t fewer = arg ? (size_t)atoi(arg) : 3;
		most -= fewer < most ? fewer : most;
	}
	for (size_t i = 0; via && !f->six && i < sh->lab->devices.n && most; i++)
		if ((int)i != dev->index) {
			route(sh, list, sh->lab->devices.v[i], via);
			most--;
		}
	if (f->json)
		show_json(sh->out, list);
	return 0;
}

/* Those on the other ends of the sessions; nobody is in another VRF. */
static int ip_neigh(struct sh *sh, int argc, char **argv)
{
	const struct device *dev = sh->dev;
	for (int i = 0; i < argc; i++)
		if (str_eq(argv[i], "vrf"))
			return 0;
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (bgp_established(dev, p))
			blob_printf(sh->out, "169.254.0.1 dev %s lladdr %s PERMANENT proto zebra \n",
				    p->name, dev->lab->devices.v[p->peer]->ports.v[p->peer_port].mac);
	}
	return 0;
}

static int ip_option(struct sh *sh, const char *option, struct ip_form *f)
{
	if ((str_eq(option, "-j") || str_eq(option, "-json") || str_eq(option, "-p")) &&
	    !sh->dev->release->ip_json)
		return say(sh, 255, "Option \"%s\" is unknown, try \"ip -help\".", option);
	f->json |= str_eq(option, "-j") || str_eq(option, "-json");
	f->six |= str_eq(option, "-6");
	f->brief |= str_starts(option, "-br");
	f->oneline |= str_starts(option, "-o");
	f->details |= str_starts(option, "-d");
	return 0;
}

static int run_ip(struct sh *sh, int argc, char **argv)
{
	struct ip_form f = {0};
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		int status = ip_option(sh, argv[i], &f);
		if (status)
			return status;
		if (str_eq(argv[i], "-V")) {
			blob_printf(sh->out, "ip utility, %s\n", sh->dev->release->iproute);
			return 0;
		}
	}
	const char *object = i < argc ? argv[i++] : "";
	const char *verb = i < argc ? argv[i] : "show";
	bool link = object[0] == 'l';
	f.addresses = object[0] == 'a';
	if (str_eq(object, "vrf") && str_eq(verb, "exec") && i + 2 < argc)
		return sh_run(sh, argc - i - 2, argv + i + 2);
	if (link && str_eq(verb, "set"))
		return ip_link_set(sh, argc - i - 1, argv + i + 1);
	links_update(sh->lab);
	if (object[0] == 'r')
		return ip_route(sh, &f);
	if (object[0] == 'n' && !str_starts(object, "net"))
		return ip_neigh(sh, argc - i, argv + i);
	if (!link && !f.addresses)
		return *object == 'n'
			   ? 0
			   : say(sh, 1, "Object \"%s\" is unknown, try \"ip help\".", object);
	for (; i < argc; i++) {
		if (str_eq(argv[i], "type"))
			f.type = i + 1 < argc ? argv[++i] : "";
		else if (str_eq(argv[i], "up"))
			f.up = true;
		else if (!str_starts("show", argv[i]) && !str_eq(argv[i], "list") &&
			 !str_eq(argv[i], "dev"))
			f.name = argv[i];
	}
	return ip_show(sh, &f);
}

/* --- bridge ----------------------------------------------------------------------------------- */
static int bridge_link(struct sh *sh)
{
	struct device *dev = sh->dev;
	links_update(dev->lab);
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		bool peerlink = str_eq(p->name, "peerlink");
		char flags[96];
		if (!p->bridged || (peerlink && fault_get(dev, "mlag-bridge", false)))
			continue;
		flags_text(p, flags);
		bool blocked = peerlink && fault_get(dev, "mlag-stp-blocks", false);
		blob_printf(sh->out,
			    dev->release->ip_json
				? "%zu: %s: <%s> mtu 9216 master bridge state %s priority 8 cost 100 \n"
				: "%zu: %s state UP : <%s> mtu 9216 master bridge state %s priority 8 "
				  "cost 100 \n",
			    i + 1, p->name, flags,
			    !p->oper  ? "disabled"
			    : blocked ? "blocking"
				      : "forwarding");
	}
	return 0;
}

/* What the switch has learnt: one host behind each bond; its own addresses are permanent. */
static int run_bridge(struct sh *sh, int argc, char **argv)
{
	const struct device *dev = sh->dev;
	if (argc > 1 && str_starts("link", argv[1]))
		return bridge_link(sh);
	if (argc < 2 || !str_starts("fdb", argv[1]))
		return say(sh, 1, "Object \"%s\" is unknown, try \"bridge help\".",
			   argc > 1 ? argv[1] : "");
	if (fault_on(sh->dev, "mac-flaps") && fault_turn(sh->dev, "mac-flaps") % 2)
		blob_puts(sh->out, "00:50:56:ff:ff:ff dev bond1 vlan 10 master bridge\n");
	int pair = dev->peer >= 0 && dev->peer < dev->index ? dev->peer : dev->index;
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (p->kind == PORT_ETH0)
			blob_printf(sh->out, "33:33:00:00:00:01 dev %s self permanent\n", p->name);
		if (p->kind != PORT_BOND || !p->clag_id)
			continue;
		blob_printf(sh->out, "%s dev %s vlan 10 master bridge permanent\n", p->mac, p->name);
		if (p->oper)
			blob_printf(sh->out, "00:50:56:%02x:%02x:%02x dev %s vlan 10 master bridge\n",
				    (unsigned)pair >> 8 & 255, (unsigned)pair & 255,
				    (unsigned)p->clag_id & 255, p->name);
	}
	return 0;
}

/* --- ports -------------------------------------------------------------------------------------- */
static int run_ethtool(struct sh *sh, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[argc - 1] : "";
	int i = port_find(sh->dev, name);
	if (i < 0)
		return say(sh, 71, "Cannot get device settings: No such device");
	const struct port *p = &sh->dev->ports.v[i];
	if (argc > 2 && str_eq(argv[1], "-S"))
		blob_printf(sh->out,
			    "NIC statistics:\n     HwIfInOctets: %.0f\n     HwIfOutOctets: %.0f\n",
			    port_bytes(sh->lab, p, 0), port_bytes(sh->lab, p, 1));
	else
		blob_printf(sh->out,
			    "Settings for %s:\n\tSpeed: %s\n\tDuplex: Full\n\tLink detected: %s\n",
			    name, p->oper ? "10000Mb/s" : "Unknown!", p->oper ? "yes" : "no");
	return 0;
}

static int run_ping(struct sh *sh, int argc, char **argv)
{
	const char *to = argc > 1 ? argv[argc - 1] : "";
	if (!proc_sleep(sh->proc, 1000))
		return 137;
	for (size_t i = 0; i < sh->lab->devices.n; i++) {
		if (strcmp(sh->lab->devices.v[i]->address, to) == 0 &&
		    sh->lab->devices.v[i]->phase == PHASE_UP) {
			blob_printf(sh->out, "64 bytes from %s: icmp_seq=1 ttl=64 time=0.4 ms\n",
				    to);
			return 0;
		}
	}
	return say(sh, 1, "From %s icmp_seq=1 Destination Host Unreachable", sh->dev->address);
}

const struct command net_commands[] = {
    {.name = "ip", .run = run_ip, .path = "/sbin", .keeps_links = true},
    {.name = "bridge", .run = run_bridge, .path = "/sbin"},
    {.name = "lldpctl", .run = run_lldpctl, .path = "/usr/sbin", .root = true},
    {.name = "lldpcli", .run = run_lldpctl, .path = "/usr/sbin", .root = true},
    {.name = "ethtool", .run = run_ethtool, .path = "/sbin"},
    {.name = "ping", .run = run_ping, .path = "/bin"},
    {0},
};
