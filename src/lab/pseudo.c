/* SPDX-License-Identifier: ISC */
/* /proc and /sys: files that are computed when they are read. */
#include "config.h"

#include "lab/device.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void read_uptime(struct device *dev, struct str *out)
{
	double up = (double)(dev->lab->now - dev->booted_at) / 1000;
	str_printf(out, "%.2f %.2f\n", up, up * 1.8);
}

static void read_boot_id(struct device *dev, struct str *out)
{
	str_printf(out, "%s\n", dev->boot_id);
}

static void read_hostname(struct device *dev, struct str *out)
{
	str_printf(out, "%s\n", dev->hostname);
}

static void read_memory(struct device *dev, struct str *out)
{
	(void)dev;
	str_puts(out, "MemTotal:        1788420 kB\nMemFree:          812344 kB\nMemAvailable:    "
		      "1120304 kB\n");
}

static void read_load(struct device *dev, struct str *out)
{
	(void)dev;
	str_puts(out, "0.12 0.08 0.05 1/212 4711\n");
}

static void read_version(struct device *dev, struct str *out)
{
	str_printf(out, "Linux version %s (dev-support@cumulusnetworks.com)\n",
		   dev->release->kernel);
}

static void read_cmdline(struct device *dev, struct str *out)
{
	(void)dev;
	str_puts(out, "BOOT_IMAGE=/boot/vmlinuz root=LABEL=CL-SYSTEM quiet\n");
}

static void read_net_dev(struct device *dev, struct str *out)
{
	str_puts(
	    out,
	    "Inter-|   Receive                                                |  Transmit\n"
	    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
	    "errs drop fifo colls carrier compressed\n");
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		double rx = port_bytes(dev->lab, p, 0), tx = port_bytes(dev->lab, p, 1);
		str_printf(out,
			   "%6s: %.0f %.0f    0    0    0     0          0         0 %.0f %.0f    "
			   "0    0    0     "
			   "0       0          0\n",
			   p->name, rx, rx / 700, tx, tx / 700);
	}
}

static const struct pseudo {
	const char *path;
	void (*read)(struct device *dev, struct str *out);
} files[] = {
    {"/proc/uptime", read_uptime},
    {"/proc/sys/kernel/random/boot_id", read_boot_id},
    {"/proc/sys/kernel/hostname", read_hostname},
    {"/proc/meminfo", read_memory},
    {"/proc/loadavg", read_load},
    {"/proc/version", read_version},
    {"/proc/cmdline", read_cmdline},
    {"/proc/net/dev", read_net_dev},
};

static const struct port_file {
	const char *name;
	int direction; /* 0, 1: counters; -1 others */
	bool packets;
} port_files[] = {
    {"operstate", -1, false},
    {"carrier", -1, false},
    {"address", -1, false},
    {"mtu", -1, false},
    {"speed", -1, false},
    {"statistics/rx_bytes", 0, false},
    {"statistics/tx_bytes", 1, false},
    {"statistics/rx_packets", 0, true},
    {"statistics/tx_packets", 1, true},
};

static void read_port(const struct device *dev, const struct port *p, const struct port_file *f,
		      struct str *out)
{
	if (f->direction >= 0)
		str_printf(out, "%.0f\n",
			   port_bytes(dev->lab, p, f->direction) / (f->packets ? 700 : 1));
	else if (strcmp(f->name, "operstate") == 0)
		str_printf(out, "%s\n", p->oper ? "up" : "down");
	else if (strcmp(f->name, "carrier") == 0)
		str_printf(out, "%d\n", p->oper);
	else if (strcmp(f->name, "address") == 0)
		str_printf(out, "%s\n", p->mac);
	else
		str_puts(out, f->name[0] == 'm' ? "9216\n" : "10000\n");
}

/* Of a port of the bridge: brport is a link to the bridge, which has its own directory. */
static bool read_stp(struct device *dev, const struct port *p, const char *file, struct str *out)
{
	if (!str_eq(file, "brport/bridge/bridge/stp_state") || !p->bridged ||
	    (str_eq(p->name, "peerlink") && fault_get(dev, "mlag-bridge", false)))
		return false;
	str_puts(out, fault_get(dev, "mlag-stp-off", false) ? "0\n" : "2\n");
	return true;
}

static bool read_bonding(struct device *dev, const char *name, struct str *out)
{
	int bond = port_find(dev, name);
	if (bond < 0 || dev->ports.v[bond].kind != PORT_BOND)
		return false;
	str_printf(out,
		   "Ethernet Channel Bonding Driver: v3.7.1 (April 27, 2011)\n\nBonding Mode: IEEE "
		   "802.3ad Dynamic link aggregation\nTransmit Hash Policy: layer3+4 (1)\nMII Status: "
		   "%s\nMII Polling Interval (ms): 100\n",
		   dev->ports.v[bond].oper ? "up" : "down");
	for (size_t i = 0; i < dev->ports.n; i++)
		if (dev->ports.v[i].bond == bond)
			str_printf(out, "\nSlave Interface: %s\nMII Status: %s\nSpeed: 10000 Mbps\n",
				   dev->ports.v[i].name, dev->ports.v[i].oper ? "up" : "down");
	return true;
}

static const char net[] = "/sys/class/net/", bonding[] = "/proc/net/bonding/";

bool pseudo_read(struct device *dev, const char *path, struct str *out)
{
	for (size_t i = 0; i < LEN(files); i++) {
		if (strcmp(files[i].path, path) != 0)
			continue;
		files[i].read(dev, out);
		return true;
	}
	links_update(dev->lab);
	if (str_starts(path, bonding))
		return read_bonding(dev, path + sizeof(bonding) - 1, out);
	if (!str_starts(path, net))
		return false;
	const char *name = path + sizeof(net) - 1;
	size_t n = strcspn(name, "/");
	for (size_t i = 0; i < dev->ports.n && name[n]; i++) {
		const struct port *p = &dev->ports.v[i];
		if (strlen(p->name) != n || strncmp(p->name, name, n) != 0)
			continue;
		if (read_stp(dev, p, name + n + 1, out))
			return true;
		for (size_t k = 0; k < LEN(port_files); k++) {
			if (strcmp(port_files[k].name, name + n + 1) != 0)
				continue;
			read_port(dev, p, &port_files[k], out);
			return true;
		}
	}
	return false;
}

bool pseudo_list(struct device *dev, const char *dir, struct str *names)
{
	if (str_eq(dir, "/sys/class/net")) {
		for (size_t i = 0; i < dev->ports.n; i++)
			str_printf(names, "%s\n", dev->ports.v[i].name);
		return true;
	}
	if (!str_starts(dir, net))
		return false;
	const char *name = dir + sizeof(net) - 1;
	size_t n = strcspn(name, "/");
	char *port = xstrndup(name, n);
	bool found = port_find(dev, port) >= 0 && (!name[n] || str_eq(name + n, "/statistics"));
	free(port);
	if (found)
		str_puts(names, name[n] ? "rx_bytes\nrx_packets\ntx_bytes\ntx_packets\n"
					: "address\ncarrier\nmtu\noperstate\nspeed\nstatistics\n");
	return found;
}
