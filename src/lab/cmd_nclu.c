/* SPDX-License-Identifier: ISC */
/* net show ... (3.x, 4.x) and the few nv show ... (5.x) that facts need. */
#include "config.h"

#include "lab/command.h"
#include "lab/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void uptime_text(const struct device *dev, char text[64])
{
	int64_t up = (dev->lab->now - dev->booted_at) / 1000;
	(void)snprintf(text, 64, "%" PRId64 " days, %" PRId64 ":%02" PRId64 ":%02" PRId64 ".770000",
		       up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
}

static void system_text(struct sh *sh)
{
	const struct device *dev = sh->dev;
	char up[64];
	uptime_text(dev, up);
	blob_printf(
	    sh->out,
	    "Hostname......... %s\nBuild............ Cumulus Linux %s\nUptime........... %s\n\n",
	    dev->hostname, dev->version, up);
	if (!dev->platform->asic_text) {
		blob_puts(sh->out, "Model............ Cumulus VX\nMemory........... "
				   "1.7GB\nDisk............. 6GB\n");
		return;
	}
	blob_printf(sh->out,
		    "Model............ %s %s\nCPU.............. %s\nMemory........... 4GB\n"
		    "Disk............. 14.9GB\nASIC............. %s\nPorts............ 48 x "
		    "10G-SFP+ & 6 x 40G-QSFP+\n"
		    "Base MAC Address. %s\nSerial Number.... %s\n",
		    dev->platform->vendor, dev->platform->product, dev->platform->cpu,
		    dev->platform->asic_text, dev->mac, dev->serial);
}

static void tlv(cJSON *parent, const char *name, const char *value)
{
	cJSON_AddStringToObject(cJSON_AddObjectToObject(parent, name), "value", value);
}

static void system_json(struct sh *sh)
{
	const struct device *dev = sh->dev;
	char up[64];
	uptime_text(dev, up);
	cJSON *root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "hostname", dev->hostname);
	cJSON_AddStringToObject(root, "os-version", dev->version);
	cJSON_AddStringToObject(root, "memory", "1788420 kB");
	cJSON_AddStringToObject(root, "uptime", up);
	cJSON *eeprom = cJSON_AddObjectToObject(cJSON_AddObjectToObject(root, "eeprom"), "tlv");
	tlv(eeprom, "Vendor Name", dev->platform->vendor);
	tlv(eeprom, "Product Name", dev->platform->product);
	tlv(eeprom, "Serial Number", dev->serial);
	show_json(sh->out, root);
}

static void version_text(struct sh *sh)
{
	blob_printf(sh->out, "NCLU_VERSION=1.0-%s\n%s", sh->dev->release->agent_suffix,
		    vfs_text(&sh->dev->vfs, "/etc/lsb-release"));
}

static void interfaces_text(struct sh *sh)
{
	blob_puts(
	    sh->out,
	    "State  Name           Spd  MTU    Mode          LLDP                     Summary\n"
	    "-----  -------------  ---  -----  ------------  -----------------------  -------\n");
	for (size_t i = 0; i < sh->dev->ports.n; i++) {
		const struct port *p = &sh->dev->ports.v[i];
		blob_printf(sh->out, "%-5s  %-13s  10G  9216   %s\n",
			    p->oper    ? "UP"
			    : p->admin ? "DN"
				       : "ADMDN",
			    p->name, p->kind == PORT_SWP ? "Default" : "");
	}
}

int run_net(struct sh *sh, int argc, char **argv)
{
	bool json = argc > 1 && str_eq(argv[argc - 1], "json");
	const char *what = argc > 2 && str_eq(argv[1], "show") ? argv[2] : "";
	if (!service_active(sh->dev, SERVICE_NETD))
		return say(sh, 1, "ERROR: Failed to connect to the netd service.");
	if (str_eq(what, "version")) {
		version_text(sh);
	} else if (str_eq(what, "system")) {
		if (json)
			system_json(sh);
		else
			system_text(sh);
	} else if (str_eq(what, "clag")) {
		char *clag[] = {"clagctl", json ? "-j" : "status", NULL};
		return command_find(sh->dev, "clagctl")->run(sh, 2, clag);
	} else if (str_eq(what, "bgp")) {
		if (json)
			show_json(sh->out, show_bgp_json(sh->dev));
		else
			show_bgp_text(sh->dev, sh->out);
	} else if (str_eq(what, "lldp")) {
		if (json)
			show_json(sh->out, show_lldp_json(sh->dev, true));
		else
			show_lldp_text(sh->dev, NULL, sh->out);
	} else if (str_eq(what, "interface")) {
		interfaces_text(sh);
	} else {
		return say(sh, 1, "ERROR: Command not found.");
	}
	return 0;
}

int run_nv(struct sh *sh, int argc, char **argv)
{
	const struct device *dev = sh->dev;
	bool show = argc > 2 && str_eq(argv[1], "show");
	if (show && str_eq(argv[2], "system") && argc > 3 && str_eq(argv[3], "version"))
		blob_printf(sh->out,
			    "                   operational\n-----------------  "
			    "---------------\nimage              %s\n",
			    dev->image_version);
	else if (show && str_eq(argv[2], "system"))
		blob_printf(sh->out,
			    "          operational          applied\n--------  ------------------- "
			    " -------\nhostname  %-19s  %s\nbuild     Cumulus Linux %s\n",
			    dev->hostname, dev->hostname, dev->version);
	else if (show && str_eq(argv[2], "platform"))
		blob_printf(sh->out,
			    "               operational\n-------------  "
			    "-----------------\nasic-model     %s\nasic-vendor    %s\nproduct-name "
			    "  %s\nserial-number  %s\nsystem-mac     %s\n",
			    dev->platform->asic_text ? dev->platform->asic_text : "VX",
			    dev->platform->asic, dev->platform->product, dev->serial, dev->mac);
	else if (argc > 2 && str_eq(argv[1], "config") && str_eq(argv[2], "diff"))
		blob_puts(sh->out, argc > 3 && fault_get(sh->dev, "config-unsaved", false)
				       ? "- set:\n    system:\n      wjh:\n        enable: on\n"
				       : "");
	else if (argc > 2 && str_eq(argv[1], "config"))
		blob_puts(sh->out, str_eq(argv[2], "save") ? "saved\n" : "applied\n");
	else
		return say(sh, 1, "Error: Invalid command.");
	return 0;
}
