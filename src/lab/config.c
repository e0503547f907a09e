/* SPDX-License-Identifier: ISC */
/* The configuration of the running fabric: written into the files, and applied from them. */
#include "config.h"

#include "lab/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int port_find(const struct device *dev, const char *name)
{
	for (size_t i = dev->ports.n; i--;) /* logical ones, asked for most, are behind */
		if (strcmp(dev->ports.v[i].name, name) == 0)
			return (int)i;
	return -1;
}

int port_add(struct device *dev, const char *name, enum port_kind kind)
{
	int i = port_find(dev, name);
	if (i >= 0)
		return i;
	struct port *p = VEC_ADD(&dev->ports);
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	p->kind = kind;
	p->peer = p->peer_port = p->bond = p->vlan_of = -1;
	(void)snprintf(p->mac, sizeof(p->mac), "%.14s:%02x", dev->mac,
		       (unsigned)dev->ports.n & 255);
	return (int)dev->ports.n - 1;
}

/* --- writing ---------------------------------------------------------------------------------- */
static bool is_peerlink(const struct device *dev, const struct port *p)
{
	return p->peer >= 0 && p->peer == dev->peer;
}

/* A cable to a server, or from a border to a firewall (or back): a bond, not a routed port. */
static bool is_access(const struct device *dev, const struct port *p)
{
	if (p->kind != PORT_SWP || is_peerlink(dev, p))
		return false;
	return p->host ||
	       (p->peer >= 0 && (dev->firewall || dev->lab->devices.v[p->peer]->firewall));
}

static void write_bond(struct str *s, const char *name, const char *slaves, int clag_id)
{
	str_printf(s, "auto %s\niface %s\n    bond-slaves %s\n    bond-lacp-bypass-allow yes\n",
		   name, name, slaves);
	if (clag_id)
		str_printf(s, "    clag-id %d\n    mstpctl-bpduguard yes\n", clag_id);
	str_puts(s, "\n");
}

static void write_mlag(struct str *s, const struct device *dev)
{
	struct str slaves = {0};
	for (size_t i = 0; i < dev->ports.n; i++)
		if (is_peerlink(dev, &dev->ports.v[i]))
			str_printf(&slaves, "%s%s", slaves.len ? " " : "", dev->ports.v[i].name);
	write_bond(s, "peerlink", str_text(&slaves), 0);
	int low = dev->index < dev->peer ? dev->index : dev->peer;
	str_printf(s,
		   "auto peerlink.4094\niface peerlink.4094\n    clagd-peer-ip linklocal\n"
		   "    clagd-priority 32768\n    clagd-backup-ip %s\n"
		   "    clagd-sys-mac 44:38:39:ff:40:%02x\n\n",
		   dev->lab->devices.v[dev->peer]->address, (unsigned)low & 255);
	str_release(&slaves);
}

static void write_bonds(struct str *s, struct str *bridge, const struct device *dev)
{
	int id = 0;
	struct str all = {0};
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (!is_access(dev, p))
			continue;
		str_printf(&all, "%s%s", all.len ? " " : "", p->name);
		if (dev->firewall)
			continue;
		char name[16];
		(void)snprintf(name, sizeof(name), "bond%d", ++id);
		write_bond(s, name, p->name, dev->peer >= 0 ? id : 0);
		str_printf(bridge, " %s", name);
	}
	if (dev->firewall && all.len) {
		write_bond(s, "bond1", str_text(&all), 0);
		str_puts(bridge, " bond1");
	}
	str_release(&all);
}

static void write_interfaces(struct device *dev)
{
	struct str s = {0}, bridge = {0};
	str_printf(&s, "auto lo\niface lo inet loopback\n    address 10.10.%d.%d/32\n\n",
		   10 + dev->index / 250, dev->index % 250 + 1);
	str_puts(&s, "auto mgmt\niface mgmt\n    vrf-table auto\n    address 127.0.0.1/8\n\n");
	str_puts(&s, "auto eth0\niface eth0 inet dhcp\n    vrf mgmt\n\n");
	for (size_t i = 0; i < dev->ports.n; i++) {
		struct port *p = &dev->ports.v[i];
		if (p->kind == PORT_SWP && p->peer >= 0 && !is_access(dev, p) &&
		    !is_peerlink(dev, p))
			str_printf(&s, "auto %s\niface %s\n    alias to %s\n\n", p->name, p->name,
				   dev->lab->devices.v[p->peer]->name);
	}
	write_bonds(&s, &bridge, dev);
	if (dev->peer >= 0)
		write_mlag(&s, dev);
	if (bridge.len)
		str_printf(
		    &s,
		    "auto bridge\niface bridge\n    bridge-ports%s%s\n    bridge-vids 10 20 30\n"
		    "    bridge-vlan-aware yes\n",
		    dev->peer >= 0 ? " peerlink" : "", str_text(&bridge));
	vfs_put_text(&dev->vfs, "/etc/network/interfaces", str_text(&s), 0644, dev->lab->now);
	str_release(&bridge);
	str_release(&s);
}

static void write_frr(struct device *dev)
{
	struct str s = {0};
	str_printf(
	    &s,
	    "frr version 7.4\nfrr defaults datacenter\nhostname %s\nlog syslog informational\n"
	    "service integrated-vtysh-config\n!\nrouter bgp %d\n bgp router-id 10.10.%d.%d\n"
	    " neighbor underlay peer-group\n neighbor underlay remote-as external\n",
	    dev->name, dev->bgp_as, 10 + dev->index / 250, dev->index % 250 + 1);
	bool any = false;
	for (size_t i = 0; i < dev->ports.n; i++) {
		struct port *p = &dev->ports.v[i];
		if (p->kind != PORT_SWP || p->peer < 0 || is_access(dev, p) || is_peerlink(dev, p))
			continue;
		str_printf(&s, " neighbor %s interface peer-group underlay\n", p->name);
		any = true;
	}
	str_puts(
	    &s,
	    " !\n address-family ipv4 unicast\n  redistribute connected\n exit-address-family\n!\n"
	    "line vty\n!\n");
	if (any) {
		vfs_put_text(&dev->vfs, "/etc/frr/frr.conf", str_text(&s), 0640, dev->lab->now);
		vfs_put_text(&dev->vfs, "/etc/frr/daemons",
			     "zebra=yes\nbgpd=yes\nospfd=no\nstaticd=yes\n", 0640, dev->lab->now);
	}
	str_release(&s);
}

void licence_write(struct device *dev)
{
	vfs_put_text(&dev->vfs, "/etc/cumulus/.license.txt",
		     "ops@example.net|thequickbrownfoxjumpsoverthelazydog123456789\n", 0644,
		     dev->lab->now);
}

void config_write(struct device *dev)
{
	struct vfs *v = &dev->vfs;
	int64_t now = dev->lab->now;
	char *text = xasprintf("%s\n", dev->name);
	vfs_put_text(v, "/etc/hostname", text, 0644, now);
	free(text);
	text = xasprintf("127.0.0.1\tlocalhost\n127.0.1.1\t%s\n", dev->name);
	vfs_put_text(v, "/etc/hosts", text, 0644, now);
	free(text);
	write_interfaces(dev);
	write_frr(dev);
	factory_users(dev, false);
	vfs_put_text(v, "/etc/sudoers.d/10_cumulus", "cumulus ALL=(ALL) NOPASSWD:ALL\n", 0440, now);
	text = xasprintf("%s\n", dev->lab->operator_public);
	vfs_mkdir(v, "/home/cumulus/.ssh", 0700, now);
	vfs_put_text(v, "/home/cumulus/.ssh/authorized_keys", text, 0600, now);
	vfs_get(v, "/home/cumulus/.ssh")->uid =
	    vfs_get(v, "/home/cumulus/.ssh/authorized_keys")->uid = 1000;
	free(text);
	if (dev->release->licence)
		licence_write(dev);
	vfs_put_text(v, "/etc/cumulus/acl/policy.d/00control_plane.rules",
		     "[iptables]\n-A INPUT -j ACCEPT\n", 0644, now);
	vfs_put_text(v, "/etc/cumulus/datapath/traffic.conf",
		     "traffic.cos_0.priority_sources.8021p = [0]\n", 0644, now);
	dev->services[SERVICE_NETQ].enabled = true;
	dev->fresh = false;
}

/* --- applying --------------------------------------------------------------------------------- */
/* ifreload and the network at boot read the file line by line. */
struct stanza {
	struct device *dev;
	int port; /* of the iface line, -1 */
	struct mlag_config mlag;
};

static void configure_port(struct stanza *s, const char *name)
{
	struct device *dev = s->dev;
	int i = port_find(dev, name);
	s->port = -1;
	if (i < 0) {
		enum port_kind kind = strchr(name, '.')             ? PORT_VLAN
				      : strncmp(name, "br", 2) == 0 ? PORT_BRIDGE
								    : PORT_BOND;
		if (str_eq(name, "mgmt") || str_starts(name, "vlan") || str_starts(name, "vni"))
			kind = PORT_BRIDGE;
		i = str_starts(name, "swp") ? -1 : port_add(dev, name, kind);
	}
	if (i < 0)
		return;
	dev->ports.v[i].configured = dev->ports.v[i].admin = true;
	s->port = i;
}

static void attribute(struct stanza *s, const char *key, char *value)
{
	struct port *p = &s->dev->ports.v[s->port];
	if (strcmp(key, "bond-slaves") == 0) {
		int bond = s->port;
		p->kind = PORT_BOND;
		char **names = str_split(value, " \t", NULL);
		for (char **n = names; *n; n++) {
			int slave = port_find(s->dev, *n);
			if (slave < 0)
				continue;
			s->dev->ports.v[slave].bond = bond;
			s->dev->ports.v[slave].configured = s->dev->ports.v[slave].admin = true;
		}
		free(names);
	} else if (strcmp(key, "bridge-ports") == 0) {
		char **names = str_split(value, " \t", NULL);
		for (char **n = names; *n; n++) {
			int i = port_find(s->dev, *n);
			if (i >= 0)
				s->dev->ports.v[i].bridged = true;
		}
		free(names);
	} else if (strcmp(key, "clag-id") == 0) {
		p->clag_id = atoi(value);
	} else if (strcmp(key, "address") == 0) {
		(void)snprintf(p->address, sizeof(p->address), "%s", value);
	} else if (strcmp(key, "clagd-peer-ip") == 0) {
		(void)snprintf(s->mlag.peer_ip, sizeof(s->mlag.peer_ip), "%s", value);
		s->mlag.configured = true;
	} else if (strcmp(key, "clagd-backup-ip") == 0) {
		(void)snprintf(s->mlag.backup_ip, sizeof(s->mlag.backup_ip), "%.*s",
			       (int)strcspn(value, " "), value);
	} else if (strcmp(key, "clagd-sys-mac") == 0) {
		(void)snprintf(s->mlag.sys_mac, sizeof(s->mlag.sys_mac), "%s", value);
	} else if (strcmp(key, "clagd-priority") == 0) {
		s->mlag.priority = atoi(value);
	}
}

static void apply_line(struct stanza *s, char *line)
{
	line += strspn(line, " \t");
	size_t n = strcspn(line, " \t");
	char *value = line + n + strspn(line + n, " \t");
	bool ends = !line[n];
	line[n] = '\0';
	if (*line == '#' || !*line)
		return;
	if (strcmp(line, "iface") == 0) {
		value[strcspn(value, " \t")] = '\0';
		configure_port(s, value);
	} else if (s->port >= 0 && !ends && strcmp(line, "auto") != 0) {
		attribute(s, line, value);
	}
}

static void forget_config(struct device *dev)
{
	for (size_t i = 0; i < dev->ports.n;) {
		struct port *p = &dev->ports.v[i];
		bool physical = p->kind == PORT_SWP || p->kind == PORT_ETH0 || p->kind == PORT_LO;
		p->configured = false;
		p->admin = p->kind == PORT_ETH0 || p->kind == PORT_LO;
		p->bond = -1;
		p->clag_id = 0;
		p->bridged = false;
		if (p->kind == PORT_SWP)
			p->proto_down = false;
		if (physical)
			i++;
		else
			VEC_REMOVE(&dev->ports, i); /* logical ones come behind the physical */
	}
}

void config_apply_interfaces(struct device *dev, bool at_boot)
{
	struct stanza s = {.dev = dev, .port = -1, .mlag.priority = 32768};
	char *text = xstrdup(vfs_text(&dev->vfs, "/etc/network/interfaces")), *rest = text;
	forget_config(dev);
	for (char *line; (line = strsep(&rest, "\n"));)
		apply_line(&s, line);
	free(text);
	bool had = dev->mlag.configured;
	dev->mlag = s.mlag;
	fault_apply(dev);
	if (!at_boot && dev->mlag.configured && (!had || !dev->services[SERVICE_CLAGD].running))
		(void)service_start(dev, SERVICE_CLAGD, NULL);
	if (!dev->mlag.configured)
		dev->services[SERVICE_CLAGD].running = false;
	dev->lab->dirty = true;
}

void config_apply_frr(struct device *dev)
{
	const char *daemons = vfs_text(&dev->vfs, "/etc/frr/daemons");
	const char *conf = vfs_text(&dev->vfs, "/etc/frr/frr.conf");
	const char *router = strstr(conf, "router bgp ");
	dev->bgp_configured = router && strstr(daemons, "bgpd=yes");
	dev->bgp_as = router ? atoi(router + 11) : dev->bgp_as;
	dev->bgp_graceful_shutdown =
	    dev->bgp_configured && strstr(conf, "\n bgp graceful-shutdown");
	dev->bgp_admin_shutdown = false;
	for (size_t i = 0; i < dev->ports.n; i++) {
		char wanted[48];
		(void)snprintf(wanted, sizeof(wanted), " neighbor %s interface",
			       dev->ports.v[i].name);
		dev->ports.v[i].bgp = dev->bgp_configured && strstr(conf, wanted) != NULL;
	}
	dev->bgp_changed = dev->lab->now;
	dev->lab->dirty = true;
}
