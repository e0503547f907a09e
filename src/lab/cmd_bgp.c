/* SPDX-License-Identifier: ISC */
/* vtysh: BGP and routes as FRR shows them, and the few things that are configured in an upgrade. */
#include "config.h"

#include "lab/command.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *session_state(const struct device *dev, const struct port *p, bool up)
{
	if (up)
		return "Established";
	if (dev->bgp_admin_shutdown)
		return "Idle (Admin)";
	return p->oper ? "Active" : "Idle";
}

static void uptime_of(const struct device *dev, const struct port *p, char text[32], int64_t *ms)
{
	bool up = bgp_established(dev, p);
	*ms = up ? dev->lab->now - bgp_since(dev, p) : 0;
	int64_t s = *ms / 1000;
	if (up)
		(void)snprintf(text, 32, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600 % 100,
			       s / 60 % 60, s % 60);
	else
		(void)snprintf(text, 32, "never");
}

/* As text: a spine of a large fabric has hundreds of these, and is asked by each of its leaves. */
static void peer_json(const struct device *dev, const struct port *p, cJSON *peers)
{
	char uptime[32], host[96] = "", sent[32] = "", row[512];
	int64_t ms;
	uptime_of(dev, p, uptime, &ms);
	bool up = bgp_established(dev, p);
	const struct device *peer = up ? dev->lab->devices.v[p->peer] : NULL;
	int prefixes = up ? bgp_prefixes(dev, p) : 0;
	if (up && fault_of_port(dev, "prefixes-flap", p))
		prefixes += fault_turn(dev->lab->devices.v[dev->index], "prefixes-flap");
	if (up)
		(void)snprintf(host, sizeof(host), "\"hostname\":\"%s\",", peer->hostname);
	if (str_eq(dev->release->frr_prefix_key, "pfxRcd"))
		(void)snprintf(sent, sizeof(sent), "\"pfxSnt\":%d,", up ? prefixes + 1 : 0);
	(void)snprintf(row, sizeof(row),
		       "{%s\"remoteAs\":%d,\"version\":4,\"msgRcvd\":%" PRId64
		       ",\"msgSent\":%" PRId64 ",\"tableVersion\":0,\"outq\":0,\"inq\":0,"
		       "\"peerUptime\":\"%s\",\"peerUptimeMsec\":%" PRId64
		       ",\"%s\":%d,%s\"state\":\"%s\",\"idType\":\"interface\"}",
		       host, up ? peer->bgp_as : 0, up ? 9 + ms / 3000 : 0, up ? 8 + ms / 3000 : 0,
		       uptime, ms, dev->release->frr_prefix_key, prefixes, sent,
		       session_state(dev, p, up));
	cJSON_AddRawToObject(peers, p->name, row);
}

static void router_id(const struct device *dev, char text[32])
{
	(void)snprintf(text, 32, "10.10.%d.%d", 10 + dev->index / 250, dev->index % 250 + 1);
}

cJSON *show_bgp_json(const struct device *dev)
{
	cJSON *root = cJSON_CreateObject();
	if (!dev->bgp_configured)
		return root;
	char id[32];
	router_id(dev, id);
	cJSON *family = cJSON_AddObjectToObject(root, "ipv4Unicast");
	cJSON_AddStringToObject(family, "routerId", id);
	cJSON_AddNumberToObject(family, "as", dev->bgp_as);
	cJSON_AddNumberToObject(family, "vrfId", 0);
	cJSON_AddStringToObject(family, "vrfName", "default");
	cJSON *peers = cJSON_CreateObject();
	int total = 0, failed = 0;
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!bgp_neighbour(dev, p))
			continue;
		total++;
		failed += !bgp_established(dev, p);
		peer_json(dev, p, peers);
	}
	cJSON_AddNumberToObject(family, "peerCount", total);
	cJSON_AddItemToObject(family, "peers", peers);
	cJSON_AddNumberToObject(family, "failedPeers", failed);
	cJSON_AddNumberToObject(family, "totalPeers", total);
	cJSON_AddNumberToObject(family, "dynamicPeers", 0);
	return root;
}

void show_bgp_text(const struct device *dev, struct blob *out)
{
	char id[32];
	router_id(dev, id);
	if (!dev->bgp_configured) {
		blob_puts(out, "% BGP instance not found\n");
		return;
	}
	blob_printf(
	    out,
	    "\nIPv4 Unicast Summary:\nBGP router identifier %s, local AS number %d vrf-id 0\n\n"
	    "Neighbor        V         AS MsgRcvd MsgSent   TblVer  InQ OutQ  Up/Down "
	    "State/PfxRcd\n",
	    id, dev->bgp_as);
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		char uptime[32], state[32];
		int64_t ms;
		if (!bgp_neighbour(dev, p))
			continue;
		uptime_of(dev, p, uptime, &ms);
		(void)snprintf(state, sizeof(state), "%d", bgp_prefixes(dev, p));
		const char *peer =
		    bgp_established(dev, p) ? dev->lab->devices.v[p->peer]->hostname : "";
		blob_printf(out, "%s(%s) 4 %10d %7d %7d        0    0    0 %8s %12s\n", peer,
			    p->name, dev->lab->devices.v[p->peer]->bgp_as, 9, 8, uptime,
			    bgp_established(dev, p) ? state : session_state(dev, p, false));
	}
}

static int route_count(const struct device *dev)
{
	int most = 0;
	for (size_t i = 0; i < dev->ports.n; i++) {
		int n = bgp_prefixes(dev, &dev->ports.v[i]);
		most = n > most ? n : most;
	}
	return most;
}

static void show_routes(struct sh *sh, bool json, bool summary)
{
	const struct device *dev = sh->dev;
	int n = route_count(dev);
	if (summary && json) {
		blob_printf(sh->out,
			    "{\"routes\":[{\"fib\":1,\"rib\":1,\"type\":\"connected\"},{\"fib\":%d,"
			    "\"rib\":%d,\"type\":\"ebgp\"}],"
			    "\"routesTotal\":%d,\"routesTotalFib\":%d}\n",
			    n, n, n + 1, n + 1);
	} else if (summary) {
		blob_printf(sh->out,
			    "Route Source         Routes               FIB  (vrf "
			    "default)\nconnected            1                    1\n"
			    "ebgp                 %d                    %d\n------\nTotals         "
			    "      %d                    %d\n",
			    n, n, n + 1, n + 1);
	} else {
		for (size_t i = 0; i < dev->ports.n; i++)
			if (bgp_established(dev, &dev->ports.v[i]) && !json)
				blob_printf(sh->out,
					    "B>* 10.10.10.%d/32 [20/0] via fe80::1, %s, 00:10:00\n",
					    dev->ports.v[i].peer % 250 + 1, dev->ports.v[i].name);
		if (json)
			blob_puts(sh->out, "{}\n");
	}
}

/* What runs, without the lines that vtysh puts around it; new. */
static char *running_config(struct device *dev)
{
	const char *text = vfs_text(&dev->vfs, "/etc/frr/frr.conf"),
		   *line = strstr(text, "\n bgp graceful-shutdown"),
		   *router = strstr(text, "router bgp ");
	size_t head = router ? (size_t)(router - text) + strcspn(router, "\n") : 0;
	struct str out = {0};
	if (router && dev->bgp_graceful_shutdown && !line) {
		str_add(&out, text, head);
		str_puts(&out, "\n bgp graceful-shutdown");
		str_puts(&out, text + head);
	} else if (line && !dev->bgp_graceful_shutdown) {
		str_add(&out, text, (size_t)(line - text));
		str_puts(&out, line + 1 + strcspn(line + 1, "\n"));
	} else {
		str_puts(&out, text);
	}
	if (fault_get(dev, "config-unsaved", false))
		str_puts(&out, "ip prefix-list EDGE seq 10 permit 10.9.0.0/16\n!\n");
	return str_take(&out);
}

static void show_running(struct sh *sh)
{
	char *text = running_config(sh->dev);
	blob_printf(sh->out, "Building configuration...\n\nCurrent configuration:\n!\n%send\n",
		    text);
	free(text);
}

/* The running configuration goes to the file: what was meant for a while then stays. */
static void write_memory(struct sh *sh)
{
	struct device *dev = sh->dev;
	char *text = running_config(dev);
	vfs_put_text(&dev->vfs, "/etc/frr/frr.conf", text, 0640, sh->lab->now);
	free(text);
	blob_puts(sh->out,
		  "Note: this version of vtysh never writes vtysh.conf\nBuilding Configuration...\n"
		  "Integrated configuration saved to /etc/frr/frr.conf\n[OK]\n");
}

static int show(struct sh *sh, const char *line)
{
	bool json = str_ends(line, " json");
	if (strstr(line, "bgp") && strstr(line, "summary")) {
		if (!json) {
			show_bgp_text(sh->dev, sh->out);
		} else if (strstr(line, "vrf all")) {
			cJSON *root = cJSON_CreateObject();
			if (sh->dev->bgp_configured)
				cJSON_AddItemToObject(root, "default", show_bgp_json(sh->dev));
			show_json(sh->out, root);
		} else {
			cJSON *root = show_bgp_json(sh->dev);
			if (strstr(line, "show ip bgp") &&
			    sh->dev->bgp_configured) { /* one family, unwrapped */
				cJSON *family = cJSON_DetachItemFromObject(root, "ipv4Unicast");
				cJSON_Delete(root);
				root = family;
			}
			show_json(sh->out, root);
		}
	} else if (strstr(line, "ospf")) {
		blob_puts(sh->out, "% OSPF instance not found\n");
	} else if (strstr(line, "route")) {
		show_routes(sh, json, strstr(line, "summary") != NULL);
	} else if (str_starts(line, "show version")) {
		blob_printf(sh->out, "FRRouting 7.4+cl%su1 (%s).\n", sh->dev->version,
			    sh->dev->hostname);
	} else if (str_starts(line, "show running-config")) {
		show_running(sh);
	} else {
		return say(sh, 1, "%% Unknown command: %s", line);
	}
	return 0;
}

struct vty {
	bool config, bgp;
};

static int configure(struct sh *sh, struct vty *v, const char *line)
{
	struct device *dev = sh->dev;
	bool no = str_starts(line, "no ");
	const char *what = no ? line + 3 : line;
	if (str_starts(what, "router bgp")) {
		int as = atoi(what + strcspn(what, "0123456789"));
		if (!dev->bgp_configured || (as && as != dev->bgp_as))
			return say(sh, 1, "%% BGP is already running; AS is %d", dev->bgp_as);
		v->bgp = true;
	} else if (str_eq(what, "bgp graceful-shutdown")) {
		if (!v->bgp)
			return say(sh, 1, "%% Unknown command: %s", line);
		dev->bgp_graceful_shutdown = !no;
		lab_log(sh->lab, dev, no ? "undrained" : "drained", "bgp graceful-shutdown");
	} else if (str_eq(what, "bgp shutdown")) {
		dev->bgp_admin_shutdown = !no;
		dev->bgp_changed = sh->lab->now;
	} else if (!str_eq(line, "exit") && !str_eq(line, "end") && !str_starts(what, "neighbor")) {
		return say(sh, 1, "%% Unknown command: %s", line);
	}
	if (str_eq(line, "end"))
		*v = (struct vty){0};
	sh->lab->dirty = true;
	return 0;
}

static int vty_line(struct sh *sh, struct vty *v, const char *line)
{
	line += strspn(line, " \t");
	if (!*line || *line == '!')
		return 0;
	if (str_starts(line, "show ") || str_starts(line, "do show "))
		return show(sh, line + (line[0] == 'd' ? 3 : 0));
	if (str_starts(line, "conf")) {
		v->config = true;
		return 0;
	}
	if (str_starts(line, "wr") || str_starts(line, "copy run")) {
		write_memory(sh);
		return 0;
	}
	if (!v->config)
		return str_starts(line, "clear") ? 0 : say(sh, 1, "%% Unknown command: %s", line);
	return configure(sh, v, line);
}

static int run_vtysh(struct sh *sh, int argc, char **argv)
{
	struct vty v = {0};
	int status = 0;
	if (!service_active(sh->dev, SERVICE_FRR))
		return say(sh, 1, "Exiting: failed to connect to any daemons.");
	for (int i = 1; i + 1 < argc && !status; i++) {
		if (!str_eq(argv[i], "-c"))
			continue;
		char *lines = xstrdup(argv[++i]), *rest = lines;
		for (char *line; !status && (line = strsep(&rest, "\n"));)
			status = vty_line(sh, &v, line);
		free(lines);
	}
	links_update(sh->lab);
	return status;
}

const struct command bgp_commands[] = {
    {.name = "vtysh", .run = run_vtysh, .root = true},
    {0},
};
