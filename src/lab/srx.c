/* SPDX-License-Identifier: ISC */
/* The life of a chassis cluster: two Junos boxes with one configuration. */
#include "config.h"

#include "lab/fabric.h"
#include "lab/srx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PORT = 4, LAST_PORT = 5 }; /* of each node: members of reth0 and reth1 */

/* --- the pair --------------------------------------------------------------------------------- */
static void port_name(char text[24], int node, int port)
{
	(void)snprintf(text, 24, "ge-%d/0/%d", node ? 7 : 0, port);
}

void srx_pair(struct lab *lab, int a, int b, int id, const char *name)
{
	struct cluster *c = xcalloc(1, sizeof(*c));
	c->lab = lab;
	c->id = id;
	c->node[0] = lab->devices.v[a];
	c->node[1] = lab->devices.v[b];
	c->name = xstrdup(name);
	sessions_begin(c, -86400000);
	c->model = srx_model_of(c->node[0]->platform);
	for (int g = 0; g < SRX_RGS; g++)
		c->rg[g] = (struct rg){.manual = -1, .until = {-1, -1}, .preempt_at = -1};
	for (int n = 0; n < 2; n++) {
		struct device *dev = c->node[n];
		dev->cluster = c;
		dev->node = n;
		dev->peer = n ? a : b;
		dev->group = xstrdup(c->name);
		for (int p = FIRST_PORT; p <= LAST_PORT; p++) {
			char port[24];
			port_name(port, n, p);
			int at = port_add(dev, port, PORT_SWP);
			dev->ports.v[at].host = true;
		}
	}
}

bool cluster_fault(struct cluster *c, const char *name)
{
	return fault_fire(c->node[0], name) || fault_fire(c->node[1], name);
}

const char *cluster_banner(const struct device *dev, char text[40])
{
	(void)snprintf(text, 40, "{%s:node%d}",
		       rg_state_names[rg_shown(dev->cluster, 0, dev->node)], dev->node);
	return text;
}

/* --- the configuration ------------------------------------------------------------------------ */
static int priority_of(const struct jconf *conf, int g, int n)
{
	size_t at = 0, length;
	char path[96];
	(void)snprintf(path, sizeof(path), "chassis cluster redundancy-group %d node %d priority",
		       g, n);
	const char *word = jconf_word(conf, path, &at, &length);
	return word ? atoi(word) : 0;
}

void cluster_configured(struct device *dev)
{
	struct cluster *c = dev->cluster;
	const struct jconf *conf = &dev->junos->commits.v[0].conf;
	char path[64];
	size_t at = 0, n;
	for (int g = 0; g < SRX_RGS; g++) {
		struct rg *rg = &c->rg[g];
		(void)snprintf(path, sizeof(path), "chassis cluster redundancy-group %d", g);
		rg->exists = jconf_has(conf, path);
		(void)snprintf(path, sizeof(path), "chassis cluster redundancy-group %d preempt",
			       g);
		rg->preempt = jconf_has(conf, path);
		for (int i = 0; i < 2; i++)
			rg->priority[i] = priority_of(conf, g, i);
	}
	(void)snprintf(path, sizeof(path), "groups node%d system host-name", dev->node);
	const char *name = jconf_word(conf, path, &at, &n);
	if (name) {
		free(dev->hostname);
		dev->hostname = xstrndup(name, n);
	}
}

static void set_group(struct jconf *conf, int g, const int priority[2], bool preempt)
{
	for (int n = 0; n < 2; n++)
		junos_set(conf, "chassis cluster redundancy-group %d node %d priority %d", g, n,
			  priority[n]);
	if (preempt)
		junos_set(conf, "chassis cluster redundancy-group %d preempt", g);
}

static void set_ports(struct jconf *conf, const struct cluster *c, int reth, int g)
{
	for (int n = 0; n < 2; n++) {
		char port[24];
		port_name(port, n, FIRST_PORT + reth);
		junos_set(conf, "interfaces %s gigether-options redundant-parent reth%d", port,
			  reth);
		junos_set(conf,
			  "chassis cluster redundancy-group %d interface-monitor %s weight 255", g,
			  port);
	}
	junos_set(conf, "interfaces reth%d redundant-ether-options redundancy-group %d", reth, g);
	junos_set(conf, "interfaces reth%d unit 0 family inet address 10.%d.%d.1/24", reth, c->id,
		  reth);
}

static void set_policy(struct jconf *conf, const char *name)
{
	static const char at[] = "security policies from-zone trust to-zone untrust policy";
	junos_set(conf, "%s %s match source-address any", at, name);
	junos_set(conf, "%s %s match destination-address any", at, name);
	junos_set(conf, "%s %s match application any", at, name);
	junos_set(conf, "%s %s then permit", at, name);
}

/* The first cluster has one group for its traffic, the second one on each node. */
static void configure(struct device *dev)
{
	static const int first[] = {200, 100}, second[] = {100, 200};
	struct cluster *c = dev->cluster;
	struct jconf conf = {0};
	bool both = c->id > 1;
	for (int n = 0; n < 2; n++) {
		char port[24];
		port_name(port, n, 2);
		junos_set(&conf, "groups node%d system host-name %s", n, c->node[n]->name);
		junos_set(&conf, "groups node%d interfaces fxp0 unit 0 family inet address %s/16",
			  n, c->node[n]->address);
		junos_set(&conf, "interfaces fab%d fabric-options member-interfaces %s", n, port);
	}
	junos_set(&conf, "apply-groups \"${node}\"");
	junos_set(&conf, "system services ssh sftp-server");
	junos_set(&conf, "system login user admin class super-user");
	junos_set(&conf, "chassis cluster reth-count 2");
	set_group(&conf, 0, first, false);
	set_group(&conf, 1, first, !both);
	if (both)
		set_group(&conf, 2, second, true);
	set_ports(&conf, c, 0, 1);
	set_ports(&conf, c, 1, both ? 2 : 1);
	junos_set(&conf, "routing-options graceful-restart");
	junos_set(&conf, "protocols ospf area 0.0.0.0 interface reth0.0");
	set_policy(&conf, "out");
	set_policy(&conf, "dns");
	junos_set(&conf, "security zones security-zone trust interfaces reth0.0");
	junos_set(&conf, "security zones security-zone untrust interfaces reth1.0");
	junos_first_commit(dev, &conf);
	jconf_release(&conf);
}

/* --- life ------------------------------------------------------------------------------------- */
static void install(struct device *dev, const char *version)
{
	junos_system.install(dev, version);
}

static void kernel(struct device *dev)
{
	junos_system.kernel(dev);
}

static void start(struct device *dev)
{
	junos_system.start(dev);
	dev->fresh = false; /* there is nothing like a first boot script */
	if (!dev->cluster->upgrader)
		dev->cluster->in_band = false;
	rg_join(dev->cluster, dev->node, dev->booted_at < 0);
}

static void stopped(struct device *dev)
{
	judge_down(dev);
	cluster_update(dev->cluster);
}

static void advance(struct device *dev)
{
	junos_system.advance(dev);
	cluster_update(dev->cluster);
}

static int64_t next(const struct device *dev)
{
	int64_t a = junos_system.next(dev), b = cluster_next(dev->cluster);
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

static void end(struct device *dev)
{
	junos_system.end(dev);
	if (dev->cluster && dev->node == 1) {
		free(dev->cluster->name);
		free(dev->cluster);
	}
	dev->cluster = NULL;
}

static void make_image(struct str *out, const char *version, const struct platform *p, size_t size)
{
	junos_system.make_image(out, version, p, size);
}

static char *image_name(const char *version, const struct platform *p)
{
	return *p->arch ? xasprintf("junos-%s-%s-%s.tgz", p->image, p->arch, version)
			: xasprintf("junos-%s-%s.tgz", p->image, version);
}

const struct system srx_system = {
    .name = "junos-srx",
    .user = "admin",
    .port = "ge-0/0/",
    .group = "cluster",
    .pair = true,
    .times = {.stops = 3000, .stopping = 25000, .firmware = 60000, .booting = 240000},
    .run = junos_run,
    .session = JUNOS_SESSION,
    .install = install,
    .configure = configure,
    .kernel = kernel,
    .start = start,
    .stopped = stopped,
    .advance = advance,
    .next = next,
    .end = end,
    .make_image = make_image,
    .image_name = image_name,
};
