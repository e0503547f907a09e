/* SPDX-License-Identifier: ISC */
/* The life of a Junos device: its factory state, its boot, its commits, its command lines. */
#include "config.h"

#include "lab/junos.h"
#include "lab/junos_image.h"
#include "lab/junos_views.h"
#include "lab/srx.h"

#include "lab/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FPC_MS = 95000, RPD_MS = 35000, LLDP_MS = 40000, KEPT_COMMITS = 50 };

/* --- commits ----------------------------------------------------------------------------------- */
static void commit_release(struct jcommit *k)
{
	jconf_release(&k->conf);
	free(k->user);
	free(k->comment);
}

void junos_commit(struct device *dev, const struct jconf *conf, const char *user,
		  const char *comment)
{
	struct junos *j = dev->junos;
	struct jcommit k = {.user = xstrdup(user),
			    .comment = comment ? xstrdup(comment) : NULL,
			    .at = dev->lab->now};
	jconf_copy(&k.conf, conf);
	VEC_PUSH(&j->commits, k);
	memmove(j->commits.v + 1, j->commits.v, (j->commits.n - 1) * sizeof(k));
	j->commits.v[0] = k;
	if (j->commits.n > KEPT_COMMITS)
		commit_release(&j->commits.v[--j->commits.n]);
	lab_log(dev->lab, dev, "commit", "%s: %s", user, comment ? comment : "");
	junos_apply(dev);
}

/* --- what the configuration does ----------------------------------------------------------------- */
static bool disabled(const struct jconf *c, const char *port)
{
	char *path = xasprintf("interfaces %s disable", port);
	bool is = jconf_has(c, path);
	free(path);
	return is;
}

static void apply_port(struct device *dev, const struct jconf *c, size_t i)
{
	struct port *p = &dev->ports.v[i];
	char *path = xasprintf("interfaces %s", p->name);
	char *bundle = xasprintf("%s ether-options 802.3ad", path);
	size_t at = 0, n;
	const char *ae = jconf_word(c, bundle, &at, &n);
	p->configured = jconf_has(c, path);
	p->admin = (p->configured || p->kind != PORT_SWP) && !disabled(c, p->name);
	p->bond = -1;
	if (ae) {
		char *name = xstrndup(ae, n);
		int bond = port_add(dev, name, PORT_BOND);
		p = &dev->ports.v[i]; /* the list may have moved */
		p->bond = bond;
		p->admin = p->admin && !disabled(c, name);
		dev->ports.v[bond].configured = true;
		dev->ports.v[bond].admin = !disabled(c, name);
		free(name);
	}
	free(bundle);
	free(path);
}

/* Does the policy make neighbours look for another way? */
static bool drains(const struct jconf *c, const char *policy, size_t n)
{
	char *path = xasprintf("policy-options policy-statement %.*s", (int)n, policy);
	bool does = false;
	for (size_t i = 0; i < c->lines.n; i++)
		if (str_starts(c->lines.v[i], path) && (strstr(c->lines.v[i], " as-path-prepend ") ||
							strstr(c->lines.v[i], " community add ")))
			does = true;
	free(path);
	return does;
}

/* Every group sends its routes through such a policy first. */
static bool all_groups_drain(const struct jconf *c)
{
	size_t at = 0, n, first;
	const char *group;
	bool any = false;
	while ((group = jconf_word(c, "protocols bgp group", &at, &n))) {
		char *path = xasprintf("protocols bgp group %.*s export", (int)n, group);
		const char *policy = jconf_word(c, path, &(size_t){0}, &first);
		free(path);
		if (!policy || !drains(c, policy, first))
			return false;
		any = true;
	}
	return any;
}

char *junos_link_address(const struct device *dev, int port, bool far)
{
	const struct lab *lab = dev->lab;
	for (size_t i = 0; i < lab->links.n; i++) {
		const struct link *l = &lab->links.v[i];
		bool a = l->a == dev->index && l->a_port == port,
		     b = l->b == dev->index && l->b_port == port;
		if (a || b)
			return xasprintf("10.99.%zu.%d", i, b != far);
	}
	return xstrdup("0.0.0.0");
}

static bool turns_down(const struct jconf *c)
{
	static const char policy[] = "REJECT-MAINTENANCE-MODE";
	size_t at = 0, n;
	const char *first = jconf_word(c, "protocols bgp group overlay import", &at, &n);
	return first && n == strlen(policy) && strncmp(first, policy, n) == 0;
}

/* Does anybody send it anything for its servers? */
static bool has_bundles(const struct device *dev)
{
	for (size_t i = 0; i < dev->ports.n; i++)
		if (dev->ports.v[i].kind == PORT_BOND && dev->ports.v[i].configured &&
		    dev->ports.v[i].admin)
			return true;
	return false;
}

/* The other leaf of its servers turns down what it sends in maintenance, and loses their traffic. */
static bool rejected(const struct device *dev)
{
	const struct device *peer = dev->lab->devices.v[dev->peer];
	return has_bundles(dev) && peer->serving && peer->junos && peer->junos->rejects;
}

void junos_apply(struct device *dev)
{
	struct jconf *c = &dev->junos->commits.v[0].conf;
	size_t at = 0, n, physical = 0;
	while (physical < dev->ports.n && dev->ports.v[physical].kind != PORT_BOND)
		physical++;
	for (size_t i = 0; i < physical; i++)
		apply_port(dev, c, i);
	dev->bgp_configured = jconf_has(c, "protocols bgp");
	for (size_t i = 0; i < physical; i++) {
		struct port *p = &dev->ports.v[i];
		char *address = junos_link_address(dev, (int)i, true);
		char *path = xasprintf("protocols bgp group underlay neighbor %s", address);
		p->bgp = p->peer >= 0 && jconf_has(c, path);
		free(path);
		free(address);
	}
	bool drain = all_groups_drain(c);
	if (drain != dev->bgp_graceful_shutdown)
		lab_log(dev->lab, dev, drain ? "drain" : "undrain", "%s", dev->name);
	bool rejects = turns_down(c);
	if (rejects != dev->junos->rejects && dev->junos->commits.n > 1)
		lab_log(dev->lab, dev, rejects ? "rejects" : "accepts", "%s", dev->name);
	dev->junos->rejects = rejects;
	if (drain && !dev->bgp_graceful_shutdown && dev->peer >= 0 && rejected(dev))
		lab_log(dev->lab, dev, "violation", "peer-rejects %s", dev->name);
	dev->bgp_graceful_shutdown = drain;
	const char *name = dev->cluster ? NULL : jconf_word(c, "system host-name", &at, &n);
	free(dev->hostname);
	dev->hostname = name ? xstrndup(name, n) : xstrdup("Amnesiac");
	if (dev->cluster)
		cluster_configured(dev);
	dev->lab->dirty = true;
}

/* --- the configuration of the fabric ------------------------------------------------------------- */
void junos_set(struct jconf *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *line = xvasprintf(fmt, ap);
	va_end(ap);
	(void)jconf_set(c, line);
	free(line);
}

static void set_host_port(struct jconf *c, const struct device *dev, const struct port *p, int ae)
{
	int low = dev->peer >= 0 && dev->peer < dev->index ? dev->peer : dev->index;
	junos_set(c, "interfaces %s ether-options 802.3ad ae%d", p->name, ae);
	junos_set(c, "interfaces ae%d description host%d-%d", ae, low, ae);
	if (dev->peer >= 0) {
		junos_set(c, "interfaces ae%d esi 00:00:00:00:00:00:%02x:00:00:%02x", ae,
		    (unsigned)low & 255, (unsigned)ae & 255);
		junos_set(c, "interfaces ae%d esi all-active", ae);
	}
	junos_set(c, "interfaces ae%d aggregated-ether-options lacp active", ae);
	junos_set(c, "interfaces ae%d aggregated-ether-options lacp system-id 00:00:00:00:%02x:%02x", ae,
	    (unsigned)low & 255, (unsigned)ae & 255);
	junos_set(c, "interfaces ae%d unit 0 family ethernet-switching vlan members all", ae);
}

static void set_fabric_port(struct jconf *c, const struct device *dev, int i)
{
	const struct port *p = &dev->ports.v[i];
	const struct device *peer = dev->lab->devices.v[p->peer];
	char *mine = junos_link_address(dev, i, false), *theirs = junos_link_address(dev, i, true);
	junos_set(c, "interfaces %s unit 0 family inet address %s/31", p->name, mine);
	junos_set(c, "protocols bgp group underlay neighbor %s description %s", theirs, peer->name);
	junos_set(c, "protocols bgp group underlay neighbor %s peer-as %d", theirs, peer->bgp_as);
	junos_set(c, "protocols bgp group overlay neighbor 10.0.0.%d description %s", peer->index + 1,
	    peer->name);
	free(mine);
	free(theirs);
}

/* What stands on every device: routes of who is in maintenance are turned down. */
static void set_maintenance(struct jconf *c)
{
	junos_set(c, "policy-options community COM-MAINTENANCE members 9999:9999");
	junos_set(c, "policy-options policy-statement REJECT-MAINTENANCE-MODE term 1 from family evpn");
	junos_set(c, "policy-options policy-statement REJECT-MAINTENANCE-MODE term 1 from community "
		     "COM-MAINTENANCE");
	junos_set(c, "policy-options policy-statement REJECT-MAINTENANCE-MODE term 1 from "
		     "nlri-route-type 1");
	junos_set(c, "policy-options policy-statement REJECT-MAINTENANCE-MODE term 1 then reject");
	junos_set(c, "policy-options policy-statement import-evpn term 1 then accept");
	junos_set(c, "protocols bgp group overlay import REJECT-MAINTENANCE-MODE");
	junos_set(c, "protocols bgp group overlay import import-evpn");
}

static void configure(struct device *dev)
{
	struct jconf c = {0};
	int ae = 0;
	junos_set(&c, "system host-name %s", dev->name);
	junos_set(&c, "system services ssh sftp-server");
	junos_set(&c, "system login user admin class super-user");
	junos_set(&c, "interfaces lo0 unit 0 family inet address 10.0.0.%d/32", dev->index + 1);
	junos_set(&c, "interfaces em0 unit 0 family inet address %s/16", dev->address);
	junos_set(&c, "policy-options policy-statement export-loopback term 1 from protocol direct");
	junos_set(&c, "policy-options policy-statement export-loopback term 1 then accept");
	junos_set(&c, "protocols bgp group underlay type external");
	junos_set(&c, "protocols bgp group underlay export export-loopback");
	junos_set(&c, "protocols bgp group underlay local-as %d", dev->bgp_as);
	junos_set(&c, "protocols bgp group overlay type internal");
	junos_set(&c, "protocols bgp group overlay local-as 64512");
	junos_set(&c, "protocols bgp group overlay family evpn signaling");
	set_maintenance(&c);
	for (size_t i = 0; i < dev->ports.n; i++) {
		struct port *p = &dev->ports.v[i];
		if (p->kind == PORT_SWP && p->host)
			set_host_port(&c, dev, p, ++ae);
		else if (p->kind == PORT_SWP && p->peer >= 0)
			set_fabric_port(&c, dev, (int)i);
	}
	junos_set(&c, "protocols lldp interface all");
	junos_first_commit(dev, &c);
	jconf_release(&c);
}

void junos_first_commit(struct device *dev, const struct jconf *conf)
{
	junos_commit(dev, conf, "admin", NULL);
	char *key = xasprintf("%s\n", dev->lab->operator_public);
	vfs_mkdir(&dev->vfs, "/var/home/admin/.ssh", 0700, dev->lab->now);
	vfs_put_text(&dev->vfs, "/var/home/admin/.ssh/authorized_keys", key, 0600, dev->lab->now);
	vfs_get(&dev->vfs, "/var/home/admin/.ssh")->uid =
	    vfs_get(&dev->vfs, "/var/home/admin/.ssh/authorized_keys")->uid = 1000;
	free(key);
	dev->fresh = false;
}

/* --- factory and boot ------------------------------------------------------------------------------ */
static void install(struct device *dev, const char *version)
{
	static const char *const dirs[] = {"/var/tmp", "/var/log", "/var/home/admin", "/tmp",
					   "/etc/ssh", "/config",  "/run/lock"};
	vfs_init(&dev->vfs);
	free(dev->version);
	dev->version = xstrdup(version);
	dev->release = release_of(version);
	for (size_t i = 0; i < LEN(dirs); i++)
		vfs_mkdir(&dev->vfs, dirs[i], 0755, dev->lab->now);
	vfs_get(&dev->vfs, "/var/tmp")->mode = vfs_get(&dev->vfs, "/tmp")->mode = 01777;
	vfs_get(&dev->vfs, "/var/home/admin")->uid = 1000;
	char *hash = account_hash(dev->lab->password);
	char *shadow = xasprintf("root:*:18500:0:99999:7:::\nadmin:%s:18500:0:99999:7:::\n", hash);
	vfs_put_text(&dev->vfs, "/etc/passwd",
		     "root:x:0:0:root:/root:/bin/csh\n"
		     "admin:x:1000:20:admin:/var/home/admin:/usr/sbin/cli\n",
		     0644, dev->lab->now);
	vfs_put_text(&dev->vfs, "/etc/shadow", shadow, 0640, dev->lab->now);
	free(shadow);
	free(hash);
	hostkey_write(dev);
	dev->junos = xcalloc(1, sizeof(*dev->junos));
	dev->junos->confirm_at = dev->junos->reboot_at = -1;
	dev->junos->install_log = blob_new();
	for (int i = 0; i < SERVICES; i++)
		dev->services[i] = (struct service){0};
}

static void runs(struct device *dev, enum service_id id, int64_t after)
{
	struct service *s = &dev->services[id];
	s->enabled = true;
	s->running = !s->missing;
	s->since = dev->lab->now + (after ? after + lab_jitter(dev, after / 10 + 1) : 0);
}

/* sshd answers long before the line cards forward anything. */
static void start(struct device *dev)
{
	struct junos *j = dev->junos;
	j->editor = NULL;
	j->adding = false;
	j->reboot_at = -1;
	runs(dev, SERVICE_SSH, 0);
	runs(dev, SERVICE_SWITCHD, FPC_MS);
	runs(dev, SERVICE_FRR, RPD_MS);
	runs(dev, SERVICE_LLDPD, LLDP_MS);
	runs(dev, SERVICE_NTP, 0);
	hostkey_load(dev);
	if (j->commits.n)
		junos_apply(dev);
	dev->bgp_changed = dev->lab->now;
}

/* The loader takes what is to be active at the next boot. */
static void kernel(struct device *dev)
{
	struct junos *j = dev->junos;
	if (!j->pending)
		return;
	char *next = j->pending;
	j->pending = NULL;
	if (fault_fire(dev, "boots-old-image")) {
		lab_log(dev->lab, dev, "boots-old-image", "%s", dev->version);
		free(next);
		return;
	}
	free(j->other);
	j->other = dev->version;
	dev->version = next;
	dev->release = release_of(next);
	dev->fresh = true;
	lab_log(dev->lab, dev, "installed", "%s", next);
}

/* Packets that still come for it are lost: what is in a fabric goes down empty. A server that has no other
 * way is nobody's fault. */
static bool has_traffic(const struct device *dev)
{
	static const double murmur = 1000; /* bytes a second: of protocols, not of users */
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		double rate = dev->lab->now < p->drained_at ? p->old_rate[0] : p->rate[0];
		bool alone = p->host && dev->peer < 0;
		if (p->kind == PORT_SWP && p->oper && !alone && rate > murmur)
			return true;
	}
	return false;
}

static void advance(struct device *dev)
{
	struct junos *j = dev->junos;
	int64_t now = dev->lab->now;
	if (j->confirm_at >= 0 && now >= j->confirm_at && j->commits.n > 1) {
		struct jconf back = {0};
		jconf_copy(&back, &j->commits.v[1].conf);
		j->confirm_at = -1;
		junos_commit(dev, &back, "root", "rolled back: not confirmed");
		jconf_release(&back);
	}
	if (j->reboot_at >= 0 && now >= j->reboot_at) {
		j->reboot_at = -1;
		if (!dev->cluster && dev->serving && has_traffic(dev))
			lab_log(dev->lab, dev, "violation", "rebooted-under-traffic %s", dev->name);
		device_reboot(dev, "request system reboot");
	}
}

static int64_t next(const struct device *dev)
{
	const struct junos *j = dev->junos;
	int64_t a = j->confirm_at, b = j->reboot_at;
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

static void end(struct device *dev)
{
	struct junos *j = dev->junos;
	for (size_t i = 0; j && i < j->commits.n; i++)
		commit_release(&j->commits.v[i]);
	if (!j)
		return;
	VEC_RELEASE(&j->commits);
	jconf_release(&j->candidate);
	free(j->pending);
	free(j->other);
	free(j->adding_file);
	blob_unref(j->install_log);
	free(j);
	dev->junos = NULL;
}

static char *image_name(const char *version, const struct platform *p)
{
	if (junos_vmhost(p))
		return xasprintf("junos-vmhost-install-%s-%s-%s.tgz", p->image, p->arch, version);
	return xasprintf("jinstall-host-%s-%s-%s-secure-signed.tgz", p->image, p->arch, version);
}

const struct system junos_system = {
	.name = "junos",
	.user = "admin",
	.port = "et-0/0/",
	.group = "esi",
	.pair = true,
	.cables = true,
	.times = {.stops = 3000, .stopping = 25000, .firmware = 60000, .booting = 210000},
	.run = junos_run,
	.session = JUNOS_SESSION,
	.install = install,
	.configure = configure,
	.kernel = kernel,
	.start = start,
	.advance = advance,
	.next = next,
	.end = end,
	.make_image = junos_image_make,
	.image_name = image_name,
};
