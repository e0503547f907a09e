/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/fabric.h"
#include "lab/srx.h"

#include "base/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fabric_add(struct lab *lab, const char *name, const char *role, int high, int low)
{
	struct device *dev = xcalloc(1, sizeof(*dev));
	dev->lab = lab;
	dev->index = (int)lab->devices.n;
	dev->peer = -1;
	dev->name = xstrdup(name);
	dev->role = xstrdup(role);
	dev->address = xasprintf("127.66.%d.%d", high, low);
	dev->platform = platform_find(lab->options.platform);
	dev->random = lab->options.seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)dev->index + 1;
	dev->mlag_priority = -1;
	dev->mlag_peer_since = -1;
	dev->phase_until = -1;
	dev->bgp_as = str_eq(role, "spine") ? 65199 : 65101 + dev->index;
	(void)snprintf(dev->serial, sizeof(dev->serial), "CL%010d", 4711000 + dev->index);
	(void)snprintf(dev->mac, sizeof(dev->mac), "44:38:39:%02x:%02x:00",
		       (unsigned)dev->index >> 8 & 255, (unsigned)dev->index & 255);
	VEC_PUSH(&lab->devices, dev);
	(void)port_add(dev, "lo", PORT_LO);
	(void)port_add(dev, "eth0", PORT_ETH0);
	return dev->index;
}

static char *port_name(const struct system *system, int n)
{
	char number[16];
	(void)snprintf(number, sizeof(number), "%d", n);
	return xasprintf("%s%s", system->port, number);
}

static int swp(struct lab *lab, int device, int n)
{
	char *name = port_name(lab->devices.v[device]->platform->system, n);
	int port = port_add(lab->devices.v[device], name, PORT_SWP);
	free(name);
	return port;
}

void fabric_cable(struct lab *lab, int a, int a_port, int b, int b_port)
{
	struct link l = {.a = a, .b = b, .a_port = a_port, .b_port = b_port};
	struct port *pa = &lab->devices.v[a]->ports.v[l.a_port];
	pa->peer = b;
	pa->peer_port = l.b_port;
	struct port *pb = &lab->devices.v[b]->ports.v[l.b_port];
	pb->peer = a;
	pb->peer_port = l.a_port;
	VEC_PUSH(&lab->links, l);
}

static void cable(struct lab *lab, int a, int a_port, int b, int b_port)
{
	fabric_cable(lab, a, swp(lab, a, a_port), b, swp(lab, b, b_port));
}

static void server(struct lab *lab, int device, int port)
{
	int i = swp(lab, device, port);
	lab->devices.v[device]->ports.v[i].host = true;
}

static void pair(struct lab *lab, int a, int b)
{
	struct device *x = lab->devices.v[a], *y = lab->devices.v[b];
	const char *digits = y->name + strcspn(y->name, "0123456789");
	x->peer = b;
	y->peer = a;
	x->group = xasprintf("%s-%s", x->name, digits);
	y->group = xstrdup(x->group);
	cable(lab, a, 49, b, 49);
	cable(lab, a, 50, b, 50);
}

/* Every leaf to every spine: swp51.. of the leaf, swp<leaf> of the spine. */
static void uplinks(struct lab *lab, const int *spines, int n_spines, int leaf, int number)
{
	for (int s = 0; s < n_spines; s++)
		cable(lab, leaf, 51 + s, spines[s], number);
}

static void named(char text[32], const char *stem, int n, int width)
{
	(void)snprintf(text, 32, "%s%0*d", stem, width, n);
}

static void leaf_spine(struct lab *lab, int n_spines, int n_leaves, int width)
{
	int spines[64];
	char name[32];
	bool big = n_leaves > 100;
	for (int s = 0; s < n_spines; s++) {
		named(name, "spine", s + 1, width);
		spines[s] = fabric_add(lab, name, "spine", big ? 200 : 0, 21 + s);
	}
	int first = (int)lab->devices.n;
	for (int l = 0; l < n_leaves; l++) {
		named(name, "leaf", l + 1, width);
		int leaf = fabric_add(lab, name, "leaf",
			       big      ? 1 + l / 250
			       : l < 10 ? 0
					: 1,
			       big ? 1 + l % 250 : 11 + l);
		uplinks(lab, spines, n_spines, leaf, l + 1);
		for (int h = 1; h <= 3; h++)
			server(lab, leaf, h);
	}
	for (int l = 0; l + 1 < n_leaves; l += 2)
		pair(lab, first + l, first + l + 1);
}

static int build_reference(struct lab *lab, struct err *e)
{
	(void)e;
	leaf_spine(lab, 4, 4, 2);
	int spines[] = {0, 1, 2, 3};
	int b1 = fabric_add(lab, "border01", "exit", 0, 63);
	int b2 = fabric_add(lab, "border02", "exit", 0, 64);
	uplinks(lab, spines, 4, b1, 5);
	uplinks(lab, spines, 4, b2, 6);
	pair(lab, b1, b2);
	for (int f = 0; f < 2; f++) {
		int fw = fabric_add(lab, f ? "fw2" : "fw1", "exit", 0, 61 + f);
		lab->devices.v[fw]->firewall = true;
		cable(lab, fw, 1, b1, 1 + f);
		cable(lab, fw, 2, b2, 1 + f);
		server(lab, fw, 3);
	}
	return 0;
}

static int build_small(struct lab *lab, struct err *e)
{
	(void)e;
	leaf_spine(lab, 2, 4, 2);
	return 0;
}

static int build_clos(struct lab *lab, struct err *e)
{
	int n = lab->options.size ? lab->options.size : 20;
	if (n < 3 || n > 2000)
		return err_set(e, ERR_INPUT, "fabric clos: size %d is not in 3..2000", n);
	int spines = n < 12 ? 2 : n < 100 ? 4 : 8;
	if (n == 3)
		spines = 1;
	leaf_spine(lab, spines, n - spines, n > 999 ? 4 : n > 99 ? 3 : 2);
	return 0;
}

/* Two leafs with the same hosts and no cable between them. */
static void twins(struct lab *lab, int a, int b)
{
	struct device *x = lab->devices.v[a], *y = lab->devices.v[b];
	x->peer = b;
	y->peer = a;
	x->group = xasprintf("%s-%s", x->name, y->name + strcspn(y->name, "0123456789"));
	y->group = xstrdup(x->group);
}

static int build_junos_clos(struct lab *lab, struct err *e)
{
	int spines[] = {fabric_add(lab, "spine1", "spine", 0, 21), fabric_add(lab, "spine2", "spine", 0, 22)};
	char name[32];
	(void)e;
	for (int l = 0; l < 5; l++) {
		named(name, l < 4 ? "leaf" : "border", l < 4 ? l + 1 : 1, 1);
		int leaf = fabric_add(lab, name, l < 4 ? "leaf" : "border", 0, l < 4 ? 11 + l : 63);
		uplinks(lab, spines, 2, leaf, l + 1);
		for (int h = 1; h <= (l < 4 ? 3 : 1); h++)
			server(lab, leaf, h);
	}
	twins(lab, 2, 3);
	twins(lab, 4, 5);
	return 0;
}

/* Three controllers with etcd (of three hosts: two, of both families), and computes of two families;
 * size is the number of all. */
static int build_calico(struct lab *lab, struct err *e)
{
	int n = lab->options.size ? lab->options.size : 7;
	char name[32];
	if (n < 3 || n > 200)
		return err_set(e, ERR_INPUT, "fabric calico: size %d is not in 3..200", n);
	int controllers = n < 4 ? 2 : 3;
	for (int i = 1; i <= controllers; i++) {
		named(name, "ctl", i, 1);
		int at = fabric_add(lab, name, "control", 0, 10 + i);
		lab->devices.v[at]->group = xstrdup("etcd");
		lab->devices.v[at]->tags = "etcd";
		if (controllers == 2 && i == 2)
			lab->devices.v[at]->platform = platform_find("centos");
	}
	for (int i = 1; i <= n - controllers; i++) {
		named(name, "cmp", i, 1);
		int at = fabric_add(lab, name, "compute", 0, 20 + i);
		if (i % 4 == 0)
			lab->devices.v[at]->platform = platform_find("centos");
	}
	return 0;
}

static int build_srx_pairs(struct lab *lab, struct err *e)
{
	char name[32];
	int at[2];
	for (int f = 1; f <= 2; f++) {
		for (int n = 0; n < 2; n++) {
			(void)snprintf(name, sizeof(name), "fw%d-node%d", f, n);
			at[n] = fabric_add(lab, name, "firewall", 0, 60 + 10 * f + n);
		}
		if (lab->devices.v[at[0]]->platform->system != &srx_system)
			return err_set(e, ERR_INPUT, "fabric srx-pairs: platform \"%s\" is no SRX",
				       lab->options.platform);
		(void)snprintf(name, sizeof(name), "fw%d", f);
		srx_pair(lab, at[0], at[1], f, name);
	}
	return 0;
}

/* Members of one cluster: micro01.. */
static int build_microcloud(struct lab *lab, struct err *e)
{
	int n = lab->options.size ? lab->options.size : 4;
	char name[32];
	if (n < 1 || n > 8)
		return err_set(e, ERR_INPUT, "fabric microcloud: size %d is not in 1..8", n);
	for (int i = 0; i < n; i++) {
		named(name, "micro", i + 1, 2);
		int at = fabric_add(lab, name, "member", 0, 11 + i);
		lab->devices.v[at]->group = xstrdup("micro");
	}
	return 0;
}

static const struct fabric {
	const char *name;
	int (*build)(struct lab *lab, struct err *e);
	struct fabric_defaults defaults;
	const char *help;
} fabrics[] = {
    {"reference", build_reference, {"vx", "4.1.1", "4.2.0"},
     N_("2-tier fabric of 12: spine01-04, leaf01-04, border01-02, fw1-2")},
    {"small", build_small, {"vx", "4.1.1", "4.2.0"}, N_("2 spines, 4 leaves in two pairs")},
    {"clos", build_clos, {"vx", "4.1.1", "4.2.0"}, N_("--size N devices, up to 2000")},
    {"junos-clos", build_junos_clos, {"qfx", "21.4R3-S5.4", "23.4R2-S3.9"},
     N_("Junos: 2 spines, 4 leaves in two ESI pairs, 1 border")},
    {"srx-pairs", build_srx_pairs, {"srx1500", "22.4R3-S2.11", "23.4R2-S3.9"},
     N_("Junos: two firewall clusters of two nodes")},
    {"microcloud", build_microcloud, {"microcloud", "2.1.0", "2.1.1"},
     N_("MicroCloud: a cluster of 4 members, micro01-04; --size N, up to 8")},
    {"calico", build_calico, {"ubuntu", "3.3.6", "3.4.0"},
     N_("OpenStack hosts: ctl1-3 with etcd, cmp1-4; --size N of them")},
};

bool lab_fabric_help(size_t i, const char **name, const char **text)
{
	if (i >= LEN(fabrics))
		return false;
	*name = fabrics[i].name;
	*text = fabrics[i].help;
	return true;
}

const struct fabric_defaults *fabric_defaults(const char *fabric)
{
	for (size_t i = 0; i < LEN(fabrics); i++)
		if (str_eq(fabrics[i].name, fabric))
			return &fabrics[i].defaults;
	return &fabrics[0].defaults;
}

const struct fabric_defaults *fabric_defaults_of(const char *system)
{
	for (size_t i = 0; i < LEN(fabrics); i++)
		if (str_eq(platform_find(fabrics[i].defaults.platform)->system->name, system))
			return &fabrics[i].defaults;
	return NULL;
}

int fabric_build(struct lab *lab, struct err *e)
{
	if (lab->options.from_file)
		return fabric_read(lab, lab->options.from_file, e);
	for (size_t i = 0; i < LEN(fabrics); i++)
		if (strcmp(fabrics[i].name, lab->options.fabric) == 0)
			return fabrics[i].build(lab, e);
	struct str names = {0};
	for (size_t i = 0; i < LEN(fabrics); i++)
		str_printf(&names, "%s%s", i ? ", " : "", fabrics[i].name);
	err_set(e, ERR_INPUT, "fabric \"%s\": not one of %s", lab->options.fabric,
		str_text(&names));
	str_release(&names);
	return -1;
}
