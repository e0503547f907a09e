/* SPDX-License-Identifier: ISC */
/* What Cumulus Linux itself brings: hardware, licence, MLAG, NCLU, counters. */
#include "config.h"

#include "lab/command.h"
#include "lab/show.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- hardware --------------------------------------------------------------------------------- */
static const struct tlv {
	const char *name, *code;
} tlvs[] = {{"Product Name", "0x21"},  {"Serial Number", "0x23"}, {"Base MAC Address", "0x24"},
	    {"MAC Addresses", "0x2A"}, {"Vendor Name", "0x2D"},   {"Platform Name", "0x28"}};

static const char *tlv_value(const struct device *dev, size_t i)
{
	const char *values[] = {
	    dev->platform->product,      dev->serial, dev->mac, "53", dev->platform->vendor,
	    dev->platform->onie_platform};
	return values[i] ? values[i] : "";
}

static int run_syseeprom(struct sh *sh, int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "";
	struct device *dev = sh->dev;
	if (!dev->platform->onie_platform)
		return say(sh, 1, "No EEPROM found for platform %s", dev->platform->detect);
	if (strcmp(option, "-e") == 0) {
		blob_printf(sh->out, "%s\n", dev->serial);
	} else if (strcmp(option, "-a") == 0) {
		blob_printf(sh->out, "%s\n", dev->mac);
	} else if (strcmp(option, "-j") == 0) {
		cJSON *root = cJSON_CreateObject(), *tlv = cJSON_AddObjectToObject(root, "tlv");
		for (size_t i = 0; i < LEN(tlvs); i++) {
			cJSON *row = cJSON_AddObjectToObject(tlv, tlvs[i].name);
			cJSON_AddStringToObject(row, "code", tlvs[i].code);
			cJSON_AddStringToObject(row, "value", tlv_value(dev, i));
		}
		show_json(sh->out, root);
	} else {
		blob_puts(
		    sh->out,
		    "TlvInfo Header:\n   Id String:    TlvInfo\n   Version:      1\n   Total "
		    "Length: 114\n"
		    "TLV Name             Code Len Value\n-------------------- ---- --- -----\n");
		for (size_t i = 0; i < LEN(tlvs); i++)
			blob_printf(sh->out, "%-20s %s %3zu %s\n", tlvs[i].name, tlvs[i].code,
				    strlen(tlv_value(dev, i)), tlv_value(dev, i));
		blob_puts(sh->out, "CRC-32               0xFE   4 0x96543BC5\n(checksum valid)\n");
	}
	return 0;
}

static int run_platform_detect(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_printf(sh->out, "%s\n", sh->dev->platform->detect);
	return 0;
}

/* --- licence ---------------------------------------------------------------------------------- */
static int run_licence(struct sh *sh, int argc, char **argv)
{
	static const char path[] = "/etc/cumulus/.license.txt";
	if (argc > 2 && strcmp(argv[1], "-i") == 0) {
		if (sh->uid)
			return say(sh, 1, "cl-license: must be root");
		if (strstr(argv[2], "://"))
			return say(sh, 1, "cl-license: cannot fetch %s", argv[2]);
		struct blob *b = strcmp(argv[2], "-") == 0 ? proc_input_all(sh->proc, sh->in)
							   : file_open(sh, argv[2], "cl-license");
		size_t n = 0;
		const char *text = b ? blob_data(b, &n) : "";
		bool ok = b && n && memchr(text, '|', n);
		if (ok)
			vfs_put(&sh->dev->vfs, path, blob_share(b), 0644, sh->lab->now);
		blob_unref(b);
		return ok ? 0 : say(sh, 1, "cl-license: invalid license");
	}
	struct node *n = vfs_get(&sh->dev->vfs, path);
	if (!n)
		return say(sh, 20, "No license installed!");
	if (!licence_ok(sh->dev))
		return say(sh, 20, "License is not valid!");
	blob_append(sh->out, n->blob);
	return 0;
}

static int run_switchd(struct sh *sh, int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "-lic") != 0)
		return say(sh, 1, "switchd: already running");
	if (!sh->dev->release->licence || licence_ok(sh->dev))
		return 0;
	return say(sh, 1,
		   "1587866683.880463 2020-04-26 02:04:43 license.c:336 CRIT No license file. No "
		   "license installed!");
}

/* --- MLAG ------------------------------------------------------------------------------------- */
static const struct device *peer_of(const struct device *dev)
{
	return dev->peer >= 0 ? dev->lab->devices.v[dev->peer] : NULL;
}

static const char *system_mac(const struct device *dev)
{
	bool other = fault_get((struct device *)dev, "mlag-sysmac", false) != NULL;
	return other ? "44:38:39:ff:99:99" : dev->mlag.sys_mac;
}

static bool bond_has(const struct device *dev, const char *name, const struct port *bond)
{
	const struct fault *f = fault_get((struct device *)dev, name, false);
	return f && str_eq(bond->name, f->arg ? f->arg : "bond1");
}

cJSON *show_clag_json(const struct device *dev)
{
	cJSON *root = cJSON_CreateObject();
	if (!dev->mlag.configured || !service_active(dev, SERVICE_CLAGD)) {
		cJSON_AddStringToObject(root, "errorMsg",
					"The clagd service is not running on this machine");
		return root;
	}
	const struct device *peer = peer_of(dev);
	bool alive = mlag_peer_alive(dev);
	bool two = fault_get((struct device *)dev, "mlag-two-primaries", false) != NULL;
	bool primary = two || mlag_is_primary(dev);
	cJSON *s = cJSON_AddObjectToObject(root, "status");
	cJSON_AddBoolToObject(s, "peerAlive", alive);
	cJSON_AddStringToObject(s, "ourRole", primary ? "primary" : "secondary");
	cJSON_AddNumberToObject(s, "ourPriority", mlag_priority(dev));
	cJSON_AddStringToObject(s, "ourId", dev->mac);
	if (alive) {
		cJSON_AddStringToObject(s, "peerRole", primary && !two ? "secondary" : "primary");
		cJSON_AddNumberToObject(s, "peerPriority", mlag_priority(peer));
		cJSON_AddStringToObject(s, "peerId", peer->mac);
	}
	cJSON_AddStringToObject(s, "peerIf", "peerlink.4094");
	cJSON_AddStringToObject(s, "peerIp", dev->mlag.peer_ip);
	cJSON_AddStringToObject(s, "sysMac", system_mac(dev));
	cJSON_AddStringToObject(s, "backupIp", dev->mlag.backup_ip);
	cJSON_AddBoolToObject(s, "backupActive", mlag_backup_active(dev));
	cJSON_AddStringToObject(s, "backupReason", "");
	cJSON_AddStringToObject(
	    s, "vxlanAnycast",
	    fault_get((struct device *)dev, "mlag-anycast", false) ? "10.0.9.99" : "10.0.0.112");
	cJSON *bonds = cJSON_AddObjectToObject(root, "clagIntfs");
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!p->clag_id)
			continue;
		bool dual = mlag_dual(dev, p);
		cJSON *b = cJSON_AddObjectToObject(bonds, p->name);
		cJSON_AddNumberToObject(b, "clagId", p->clag_id);
		cJSON_AddStringToObject(b, "operstate", p->oper ? "up" : "down");
		cJSON_AddStringToObject(b, "peerIf", dual ? p->name : "");
		cJSON_AddStringToObject(b, "status", dual ? "dual" : "single");
		if (p->proto_down || bond_has(dev, "mlag-proto-down", p))
			cJSON_AddItemToObject(b, "protoDown", cJSON_Parse("[\"init-delay\"]"));
		if (bond_has(dev, "mlag-conflict", p))
			cJSON_AddItemToObject(b, "conflicts",
					      cJSON_Parse("[\"lacp partner mac mismatch\"]"));
	}
	return root;
}

static void clag_text(struct sh *sh)
{
	const struct device *dev = sh->dev, *peer = peer_of(dev);
	bool alive = mlag_peer_alive(dev), primary = mlag_is_primary(dev),
	     old = dev->release->major == 3;
	char *peer_line = xasprintf("    Peer Priority, ID, and Role: %d %s %s\n",
				    alive ? mlag_priority(peer) : 0, alive ? peer->mac : "",
				    primary ? "secondary" : "primary");
	blob_printf(sh->out, "The peer is %salive\n", alive ? "" : "not ");
	if (alive && old)
		blob_puts(sh->out, peer_line);
	blob_printf(sh->out, "     Our Priority, ID, and Role: %d %s %s\n", mlag_priority(dev),
		    dev->mac, primary ? "primary" : "secondary");
	if (alive && !old)
		blob_puts(sh->out, peer_line);
	free(peer_line);
	blob_printf(sh->out, "          Peer Interface and IP: peerlink.4094 %s\n",
		    dev->mlag.peer_ip);
	blob_printf(sh->out, "                      Backup IP: %s (%s)\n", dev->mlag.backup_ip,
		    mlag_backup_active(dev) ? "active" : "inactive");
	blob_printf(sh->out,
		    "                     System MAC: %s\n\nCLAG Interfaces\n"
		    "Our Interface      Peer Interface     CLAG Id   Conflicts              "
		    "Proto-Down Reason\n"
		    "----------------   ----------------   -------   --------------------   "
		    "-----------------\n",
		    system_mac(dev));
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (p->clag_id)
			blob_printf(sh->out, "%16s   %-16s   %-7d   %-20s   %s\n", p->name,
				    mlag_dual(dev, p) ? p->name : "-", p->clag_id, "-",
				    p->proto_down ? "init-delay" : "-");
	}
}

static int run_clagctl(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	bool json = false;
	const char *verb = "status", *value = NULL;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "-j") || str_eq(argv[i], "json"))
			json = true;
		else if (argv[i][0] != '-' && !value && str_eq(verb, "status"))
			verb = argv[i];
		else if (argv[i][0] != '-')
			value = argv[i];
	}
	bool runs = dev->mlag.configured && service_active(dev, SERVICE_CLAGD);
	if (json && !str_eq(verb, "priority")) {
		show_json(sh->out, show_clag_json(dev));
		return runs ? 0 : 1;
	}
	if (!runs)
		return say(sh, 1, "The clagd service is not running on this machine");
	if (str_eq(verb, "priority") && value) {
		int priority = atoi(value);
		if (priority < 0 || priority > 65535)
			return say(sh, 1, "clagctl: priority must be 0 to 65535");
		dev->mlag_priority = priority;
		lab_log(sh->lab, dev, "mlag-priority", "%d", priority);
	} else if (str_eq(verb, "priority")) {
		blob_printf(sh->out, "%d\n", mlag_priority(dev));
	} else if (str_eq(verb, "showtimers")) {
		blob_printf(
		    sh->out,
		    "initDelay: %d seconds%s\nreloadTimer: 300 seconds\npeerTimeout: 20 seconds\n",
		    dev->release->init_delay_s, dev->mlag_released ? " (expired)" : "");
	} else {
		clag_text(sh);
	}
	return 0;
}

/* --- counters, interfaces, spanning tree, sensors --------------------------------------------- */
static int run_netstat(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	if (argc > 1 && str_eq(argv[1], "-c")) {
		for (size_t i = 0; i < dev->ports.n; i++)
			for (int way = 0; way < 2; way++)
				dev->ports.v[i].cleared[way] =
				    port_bytes(dev->lab, &dev->ports.v[i], way);
		blob_puts(sh->out, "Cleared counters\n");
		return 0;
	}
	bool json = argc > 1 && str_eq(argv[1], "-j");
	cJSON *root = cJSON_CreateObject();
	if (!json)
		blob_puts(sh->out, "Kernel Interface table\nIface      MTU    RX_OK    RX_ERR    "
				   "TX_OK    TX_ERR  Flg\n");
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		double rx = (port_bytes(dev->lab, p, 0) - p->cleared[0]) / 700;
		double tx = (port_bytes(dev->lab, p, 1) - p->cleared[1]) / 700;
		if (!json) {
			blob_printf(sh->out, "%-8s  9216  %.0f  0  %.0f  0  BMRU\n", p->name, rx,
				    tx);
			continue;
		}
		cJSON *row = cJSON_AddObjectToObject(root, p->name);
		cJSON_AddNumberToObject(row, "RX_OK", (double)(int64_t)rx);
		cJSON_AddNumberToObject(row, "TX_OK", (double)(int64_t)tx);
		cJSON_AddNumberToObject(row, "RX_ERR", 0);
		cJSON_AddNumberToObject(row, "TX_ERR", 0);
		cJSON_AddStringToObject(row, "Flg", "BMRU");
	}
	if (json)
		show_json(sh->out, root);
	else
		cJSON_Delete(root);
	return 0;
}

static int run_ifreload(struct sh *sh, int argc, char **argv)
{
	if (argc < 2 || argv[1][0] != '-' || !strchr(argv[1], 'a'))
		return say(sh, 1, "usage: ifreload [-h] (-a | -c) ...");
	struct device *dev = sh->dev;
	if (!vfs_get(&dev->vfs, "/etc/network/interfaces"))
		return say(sh, 1, "error: /etc/network/interfaces: No such file or directory");
	config_apply_interfaces(dev, false);
	if (!proc_sleep(sh->proc, 1500))
		return 137;
	if (service_active(dev, SERVICE_SWITCHD))
		return 0;
	int status = 0;
	for (size_t i = 0; i < dev->ports.n; i++)
		if (dev->ports.v[i].kind == PORT_SWP && dev->ports.v[i].configured)
			status = say(sh, 1,
				     "error: %s: cmd '/sbin/ethtool -s %s autoneg on' failed: "
				     "returned 255 (Cannot set new "
				     "settings: No such process)",
				     dev->ports.v[i].name, dev->ports.v[i].name);
	return status;
}

static int run_mstpctl(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_puts(sh->out, "bridge CIST info\n  enabled         yes\n");
	for (size_t i = 0; i < sh->dev->ports.n; i++)
		if (sh->dev->ports.v[i].kind == PORT_BOND)
			blob_printf(sh->out, "bridge:%s CIST info\n  role Designated   state %s\n",
				    sh->dev->ports.v[i].name,
				    sh->dev->ports.v[i].oper ? "forwarding" : "discarding");
	return 0;
}

static int run_smonctl(struct sh *sh, int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "-j"))
		blob_puts(
		    sh->out,
		    "[{\"name\":\"Fan1\",\"state\":\"OK\"},{\"name\":\"PSU1\",\"state\":\"OK\"},"
		    "{\"name\":\"PSU2\",\"state\":\"OK\"},{\"name\":\"Temp1\",\"state\":\"OK\"}]"
		    "\n");
	else
		blob_puts(sh->out,
			  "Fan1      (Fan Tray 1                            ):  OK\nPSU1           "
			  "               "
			  "                      :  OK\nPSU2                                       "
			  "         "
			  ":  OK\nTemp1     (Board Sensor near CPU                 ):  OK\n");
	return 0;
}

static int run_support(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (!proc_sleep(sh->proc, 20000))
		return 137;
	char *path = xasprintf("/var/support/cl_support_%s_20201029_120000.txz", sh->dev->hostname);
	vfs_put_text(&sh->dev->vfs, path, "cl-support", 0600, sh->lab->now);
	blob_printf(sh->out, "Please send %s to Cumulus support.\n", path);
	free(path);
	return 0;
}

static int run_service_summary(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int i = 0; i < SERVICES; i++)
		blob_printf(sh->out, "Service %-12s  %-9s %s\n", service_rows[i].unit,
			    sh->dev->services[i].enabled ? "enabled" : "disabled",
			    service_active(sh->dev, (enum service_id)i) ? "active" : "inactive");
	return 0;
}

static int run_ztp(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	struct device *dev = sh->dev;
	blob_printf(sh->out,
		    "State       enabled\nVersion     1.0\nResult      %s\nDate        %s\nMethod  "
		    "    ZTP Local\n",
		    dev->ztp     ? "Script Running"
		    : dev->fresh ? "Not Yet Run"
				 : "success",
		    "-");
	return 0;
}

static int run_netq(struct sh *sh, int argc, char **argv)
{
	if (argc > 2 && str_eq(argv[1], "config"))
		(void)service_start(sh->dev, SERVICE_NETQ, NULL);
	blob_puts(sh->out, "Agent is running\n");
	return 0;
}

const struct command cumulus_commands[] = {
    {.name = "decode-syseeprom", .run = run_syseeprom, .path = "/usr/cumulus/bin", .root = true},
    {.name = "platform-detect", .run = run_platform_detect},
    {.name = "cl-license", .run = run_licence, .path = "/usr/cumulus/bin", .max_major = 4},
    {.name = "switchd", .run = run_switchd, .path = "/usr/sbin", .root = true},
    {.name = "clagctl", .run = run_clagctl, .root = true},
    {.name = "net", .run = run_net, .max_major = 4},
    {.name = "nv", .run = run_nv, .min_major = 5},
    {.name = "cl-netstat", .run = run_netstat, .path = "/usr/cumulus/bin"},
    {.name = "ifreload", .run = run_ifreload, .path = "/sbin", .root = true},
    {.name = "mstpctl", .run = run_mstpctl, .path = "/sbin"},
    {.name = "smonctl", .run = run_smonctl, .path = "/usr/sbin"},
    {.name = "cl-support", .run = run_support, .path = "/usr/cumulus/bin", .root = true},
    {.name = "cl-service-summary", .run = run_service_summary, .path = "/usr/cumulus/bin"},
    {.name = "ztp", .run = run_ztp, .path = "/usr/cumulus/bin", .root = true},
    {.name = "netq", .run = run_netq},
    {0},
};
