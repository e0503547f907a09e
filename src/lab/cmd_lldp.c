/* SPDX-License-Identifier: ISC */
/* lldpctl: what the switch hears from its neighbours. */
#include "config.h"

#include "lab/command.h"
#include "lab/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *leaf(cJSON *parent, const char *key, bool json0)
{
	if (!json0)
		return cJSON_AddObjectToObject(parent, key);
	cJSON *list = cJSON_AddArrayToObject(parent, key), *item = cJSON_CreateObject();
	cJSON_AddItemToArray(list, item);
	return item;
}

static void lldp_value(cJSON *parent, const char *key, const char *value, const char *type,
		       bool json0)
{
	if (!json0 && !type) {
		cJSON_AddStringToObject(parent, key, value);
		return;
	}
	cJSON *item = leaf(parent, key, json0);
	if (type)
		cJSON_AddStringToObject(item, "type", type);
	cJSON_AddStringToObject(item, "value", value);
}

static cJSON *lldp_interface(const struct device *dev, const struct port *p, bool json0)
{
	const struct device *peer = dev->lab->devices.v[p->peer];
	char descr[128];
	(void)snprintf(descr, sizeof(descr), "Cumulus Linux version %s running on %s",
		       peer->version,
		       peer->platform->asic_text ? peer->platform->vendor
						 : "QEMU Standard PC (i440FX + PIIX, 1996)");
	cJSON *row = cJSON_CreateObject();
	if (json0)
		cJSON_AddStringToObject(row, "name", p->name);
	cJSON_AddStringToObject(row, "via", "LLDP");
	cJSON_AddStringToObject(row, "rid", "1");
	cJSON_AddStringToObject(row, "age", "0 day, 00:07:31");
	/* plain JSON keys a lone chassis by its name */
	cJSON *chassis = leaf(row, "chassis", json0);
	cJSON *inner = json0 ? chassis : cJSON_AddObjectToObject(chassis, peer->hostname);
	lldp_value(inner, "id", peer->mac, "mac", json0);
	if (json0)
		lldp_value(inner, "name", peer->hostname, NULL, true);
	lldp_value(inner, "descr", descr, NULL, json0);
	lldp_value(inner, "mgmt-ip", peer->address, NULL, json0);
	cJSON *port = leaf(row, "port", json0);
	lldp_value(port, "id", peer->ports.v[p->peer_port].name, "ifname", json0);
	lldp_value(port, "descr", peer->ports.v[p->peer_port].name, NULL, json0);
	lldp_value(port, "ttl", "120", NULL, json0);
	return row;
}

cJSON *show_lldp_json(const struct device *dev, bool json0)
{
	cJSON *root = cJSON_CreateObject(), *lldp = leaf(root, "lldp", json0);
	cJSON *list = cJSON_CreateArray();
	int seen = 0;
	for (size_t i = 0; i < dev->ports.n; i++)
		seen += lldp_sees(dev, &dev->ports.v[i]);
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!lldp_sees(dev, p))
			continue;
		cJSON *row = lldp_interface(dev, p, json0);
		if (json0) {
			cJSON_AddItemToArray(list, row);
			continue;
		}
		cJSON *named =
		    seen > 1 ? cJSON_CreateObject() : cJSON_AddObjectToObject(lldp, "interface");
		cJSON_AddItemToObject(named, p->name, row);
		if (seen > 1)
			cJSON_AddItemToArray(list, named);
	}
	if (json0 || seen > 1)
		cJSON_AddItemToObject(lldp, "interface", list);
	else
		cJSON_Delete(list);
	return root;
}

void show_lldp_text(const struct device *dev, const char *port, struct blob *out)
{
	static const char line[] =
	    "-------------------------------------------------------------------------------\n";
	blob_printf(out, "%sLLDP neighbors:\n%s", line, line);
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!lldp_sees(dev, p) || (port && !str_eq(port, p->name)))
			continue;
		const struct device *peer = dev->lab->devices.v[p->peer];
		blob_printf(out,
			    "Interface:    %s, via: LLDP, RID: 1, Time: 0 day, 00:07:31\n  "
			    "Chassis:\n    ChassisID:    mac %s\n"
			    "    SysName:      %s\n    SysDescr:     Cumulus Linux version %s "
			    "running on QEMU\n"
			    "    MgmtIP:       %s\n  Port:\n    PortID:       ifname %s\n    "
			    "PortDescr:    %s\n%s",
			    p->name, peer->mac, peer->hostname, peer->version, peer->address,
			    peer->ports.v[p->peer_port].name, peer->ports.v[p->peer_port].name,
			    line);
	}
}

/* Ports may be named: nothing about others is told. */
static void only_port(cJSON *root, const char *name)
{
	cJSON *lldp = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "lldp"), 0);
	cJSON *list = cJSON_GetObjectItem(lldp, "interface");
	for (int i = cJSON_GetArraySize(list); name && i-- > 0;)
		if (!str_eq(cJSON_GetStringValue(
				cJSON_GetObjectItem(cJSON_GetArrayItem(list, i), "name")),
			    name))
			cJSON_DeleteItemFromArray(list, i);
}

int run_lldpctl(struct sh *sh, int argc, char **argv)
{
	const char *format = "plain", *port = NULL;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "-f") && i + 1 < argc)
			format = argv[++i];
		else if (str_starts(argv[i], "-f"))
			format = argv[i] + 2;
		else if (argv[i][0] != '-')
			port = argv[i];
	}
	if (!service_active(sh->dev, SERVICE_LLDPD))
		return say(sh, 1,
			   "[WARN/lldpctl] unable to get a connection to lldpd: No such file or "
			   "directory");
	if (str_starts(format, "json")) {
		cJSON *root = show_lldp_json(sh->dev, str_eq(format, "json0"));
		only_port(root, str_eq(format, "json0") ? port : NULL);
		show_json(sh->out, root);
	} else {
		show_lldp_text(sh->dev, port, sh->out);
	}
	return 0;
}
