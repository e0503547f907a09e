/* SPDX-License-Identifier: ISC */
/* Services: what runs, since when, and what starts at boot. */
#include "config.h"

#include "lab/calico.h"
#include "lab/command.h"
#include "lab/device.h"

#include <stdlib.h>
#include <string.h>

const struct service_row service_rows[SERVICES] = {
    [SERVICE_SSH] = {"ssh", "sshd", "OpenBSD Secure Shell server", 0},
    [SERVICE_SWITCHD] = {"switchd", NULL, "Cumulus Linux Switch Daemon", 2500},
    [SERVICE_FRR] = {"frr", NULL, "FRRouting", 2000},
    [SERVICE_CLAGD] = {"clagd", NULL, "Cumulus Linux Multi-Chassis LACP Bonding Daemon", 1500},
    [SERVICE_LLDPD] = {"lldpd", NULL, "LLDP daemon", 500},
    [SERVICE_NTP] = {"ntp", "ntp@mgmt", "Network Time Service", 500},
    [SERVICE_NETWORKING] = {"networking", NULL, "Network initialization", 500},
    [SERVICE_NETQ] = {"netq-agent", NULL, "NetQ Telemetry Agent Service", 1500},
    [SERVICE_ZTP] = {"ztp", NULL, "Cumulus Linux ZTP", 0},
    [SERVICE_NETD] = {"netd", NULL, "Cumulus Linux configuration daemon", 1000},
    [SERVICE_ETCD] = {"etcd", NULL, "etcd - highly-available key value store", 3000},
    [SERVICE_FELIX] = {"calico-felix", NULL, "Calico Felix agent", 1500},
    [SERVICE_DHCP] = {"calico-dhcp-agent", NULL, "Calico DHCP agent", 1500},
    [SERVICE_NEUTRON_DHCP] = {"neutron-dhcp-agent", NULL, "OpenStack Neutron DHCP agent", 1500},
    [SERVICE_NEUTRON] = {"neutron-server", NULL, "OpenStack Neutron Server", 6000},
    [SERVICE_NOVA] = {"nova-compute", "openstack-nova-compute", "OpenStack Compute", 3000},
    [SERVICE_BIRD] = {"bird", NULL, "BIRD Internet Routing Daemon", 800},
};

const char *service_unit(const struct device *dev, enum service_id id)
{
	const struct service_row *row = &service_rows[id];
	bool inside = row->alias && str_ends(row->alias, "@mgmt") &&
		      dev->release->major > 3 && !dev->calico;
	return inside ? row->alias : row->unit;
}

bool service_here(const struct device *dev, int id)
{
	bool common = id == SERVICE_SSH || id == SERVICE_NTP;
	return common || (id >= SERVICE_ETCD) == (dev->calico != NULL);
}

/* ntp@mgmt is a unit of its own: where that one runs, ntp does not. */
int service_find(const struct device *dev, const char *name)
{
	char base[64];
	size_t n = strlen(name);
	if (str_ends(name, ".service"))
		n -= 8;
	if (n >= sizeof(base))
		return -1;
	memcpy(base, name, n);
	base[n] = '\0';
	for (int i = 0; i < SERVICES; i++) {
		const char *alias = service_rows[i].alias;
		if ((i == SERVICE_NETD && !dev->release->nclu) || !service_here(dev, i))
			continue;
		if (str_eq(service_unit(dev, (enum service_id)i), base) ||
		    (alias && !strchr(alias, '@') && str_eq(alias, base)))
			return i;
	}
	return -1;
}

bool service_active(const struct device *dev, enum service_id id)
{
	const struct service *s = &dev->services[id];
	return dev->phase == PHASE_UP && s->running && !s->missing && dev->lab->now >= s->since;
}

/* May it run at all? systemd's start condition. */
static bool condition(struct device *dev, enum service_id id)
{
	if (id == SERVICE_SWITCHD && dev->release->licence)
		return vfs_get(&dev->vfs, "/etc/cumulus/.license.txt") != NULL;
	if (id == SERVICE_CLAGD)
		return dev->mlag.configured;
	return true;
}

int service_start(struct device *dev, enum service_id id, struct blob *err)
{
	struct service *s = &dev->services[id];
	const struct service_row *row = &service_rows[id];
	dev->lab->dirty = true;
	if (s->missing) {
		if (err)
			blob_printf(err, "Failed to start %s.service: Unit %s.service not found.\n",
				    row->unit, row->unit);
		return 5;
	}
	if (!condition(dev, id)) {
		s->running = false;
		return 0; /* systemd: start condition failed is no failure */
	}
	if (id == SERVICE_SWITCHD && !licence_ok(dev)) {
		s->running = false;
		s->failed = true;
		if (err)
			blob_printf(
			    err,
			    "Job for switchd.service failed because the control process exited "
			    "with error code.\nSee \"systemctl status switchd.service\" and "
			    "\"journalctl -xe\" for details.\n");
		return 1;
	}
	if (dev->calico && s->running)
		calico_stopped(dev, (int)id);
	if (dev->calico && !calico_may_start(dev, (int)id, err)) {
		s->running = false;
		s->failed = true;
		return 1;
	}
	s->running = true;
	s->failed = false;
	s->since = dev->lab->now + row->start_ms;
	s->restarts++;
	if (id == SERVICE_SSH)
		hostkey_load(dev);
	if (id == SERVICE_FRR)
		config_apply_frr(dev);
	if (id == SERVICE_NETWORKING)
		config_apply_interfaces(dev, false);
	if (dev->calico)
		calico_started(dev, (int)id);
	return 0;
}

void service_stop(struct device *dev, enum service_id id)
{
	struct service *s = &dev->services[id];
	if (dev->calico && s->running)
		calico_stopped(dev, (int)id);
	s->running = false;
	s->since = dev->lab->now;
	dev->lab->dirty = true;
	if (id == SERVICE_FRR)
		dev->bgp_configured = false;
}

void services_boot(struct device *dev)
{
	const char *name = vfs_text(&dev->vfs, "/etc/hostname");
	free(dev->hostname);
	dev->hostname = xstrndup(name, strcspn(name, "\n"));
	static const enum service_id order[] = {SERVICE_SSH,   SERVICE_NETWORKING, SERVICE_SWITCHD,
						SERVICE_LLDPD, SERVICE_NTP,        SERVICE_NETD,
						SERVICE_FRR,   SERVICE_CLAGD,      SERVICE_NETQ};
	for (size_t i = 0; i < LEN(order); i++) {
		struct service *s = &dev->services[order[i]];
		s->failed = s->running = false;
		if (order[i] == SERVICE_NETWORKING)
			config_apply_interfaces(dev, true);
		if (s->enabled && !s->missing)
			(void)service_start(dev, order[i], NULL);
		s->restarts = 0;
	}
	dev->services[SERVICE_SSH].since = dev->lab->now;
}
