/* SPDX-License-Identifier: ISC */
/* The packages of a host and what the mirror carries. */
#include "config.h"

#include "lab/calico.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES (PART_COMPUTE | PART_CONTROL)
#define STORE (PART_ETCD | PART_PROXY)

const struct package_row package_rows[] = {
    {"etcd-server", false, STORE, "3.3.25+dfsg-6", "3.4.23+dfsg-4",
     "2.2.5+dfsg-1 2.3.7+dfsg-5", NULL, NULL, SERVICE_ETCD, true, false},
    {"etcd-client", false, STORE, "3.3.25+dfsg-6", "3.4.23+dfsg-4",
     "2.2.5+dfsg-1 2.3.7+dfsg-5", NULL, NULL, -1, false, false},
    {"calico-common", false, NODES, "%s~bionic", "%s~bionic", NULL, NULL, NULL, -1, false, false},
    {"calico-felix", false, PART_COMPUTE, "%s~bionic", "%s~bionic", NULL, "libpcap0.8",
     "/etc/calico/felix.cfg", SERVICE_FELIX, true, false},
    {"calico-compute", false, PART_COMPUTE, "%s~bionic", "%s~bionic", NULL, "dnsmasq-base", NULL,
     -1, false, false},
    {"calico-dhcp-agent", false, PART_COMPUTE, "%s~bionic", "%s~bionic", NULL, NULL, NULL,
     SERVICE_DHCP, true, false},
    {"calico-control", false, PART_CONTROL, "%s~bionic", "%s~bionic", NULL, NULL, NULL, -1, false,
     false},
    {"networking-calico", false, NODES, "%s~bionic", "%s~bionic", NULL, NULL, NULL, -1, false,
     false},
    {"python-etcd", false, NODES, "0.4.5+calico.1-1", "0.4.5+calico.1-2", NULL, NULL, NULL, -1,
     false, false},
    {"dnsmasq-base", false, PART_COMPUTE, "2.79-1ubuntu0.6", "2.79-1ubuntu0.7", NULL, NULL, NULL,
     -1, false, false},
    {"libpcap0.8", false, 0, NULL, "1.8.1-6ubuntu1.18.04.2", NULL, NULL, NULL, -1, false, true},
    {"neutron-dhcp-agent", false, 0, "2:12.1.1-0ubuntu8", NULL, NULL, NULL, NULL,
     SERVICE_NEUTRON_DHCP, false, true},
    {"neutron-server", false, PART_CONTROL, "2:12.1.1-0ubuntu8", NULL, NULL, NULL, NULL,
     SERVICE_NEUTRON, false, false},
    {"nova-compute", false, PART_COMPUTE, "2:17.0.13-0ubuntu5", NULL, NULL, NULL, NULL,
     SERVICE_NOVA, false, false},
    {"bird", false, PART_COMPUTE, "1.6.3-3", NULL, NULL, NULL, NULL, SERVICE_BIRD, false, false},

    {"etcd", true, STORE, "3.3.11-2.el7", "3.4.14-1.el7", "2.2.5-2.el7 2.3.7-4.el7", NULL, NULL,
     SERVICE_ETCD, false, false},
    {"calico-common", true, NODES, "%s-1.el7", "%s-1.el7", NULL, NULL, NULL, -1, false, false},
    {"calico-felix", true, PART_COMPUTE, "%s-1.el7", "%s-1.el7", NULL, "libpcap",
     "/etc/calico/felix.cfg", SERVICE_FELIX, false, false},
    {"calico-compute", true, PART_COMPUTE, "%s-1.el7", "%s-1.el7", NULL, NULL, NULL, -1, false,
     false},
    {"calico-dhcp-agent", true, PART_COMPUTE, "%s-1.el7", "%s-1.el7", NULL, NULL, NULL,
     SERVICE_DHCP, false, false},
    {"calico-control", true, PART_CONTROL, "%s-1.el7", "%s-1.el7", NULL, NULL, NULL, -1, false,
     false},
    {"networking-calico", true, NODES, "%s-1.el7", "%s-1.el7", NULL, NULL, NULL, -1, false, false},
    {"python-etcd", true, NODES, "0.4.5-1.el7", "0.4.5-2.el7", NULL, NULL, NULL, -1, false, false},
    {"dnsmasq", true, PART_COMPUTE, "2.76-16.el7_9.1", "2.76-17.el7_9.3", NULL, NULL, NULL, -1,
     false, false},
    {"libpcap", true, 0, NULL, "14:1.5.3-13.el7_9", NULL, NULL, NULL, -1, false, true},
    {"openstack-neutron", true, NODES, "1:12.1.1-1.el7", "1:12.1.1-2.el7", NULL, NULL, NULL,
     SERVICE_NEUTRON, false, false},
    {"openstack-nova-api", true, PART_COMPUTE, "1:17.0.13-1.el7", NULL, NULL, NULL, NULL, -1, false,
     false},
    {"openstack-nova-compute", true, PART_COMPUTE, "1:17.0.13-1.el7", NULL, NULL, NULL, NULL,
     SERVICE_NOVA, false, false},
    {"bird", true, PART_COMPUTE, "1.6.8-1.el7", NULL, NULL, NULL, NULL, SERVICE_BIRD, false, false},
};
const size_t package_count = LEN(package_rows);

void calico_newest(const struct lab *lab, char out[32])
{
	int major = 3, minor = 0, patch = 0;
	if (lab->options.to_version) {
		(void)snprintf(out, 32, "%s", lab->options.to_version);
		return;
	}
	(void)sscanf(lab->options.from_version, "%d.%d.%d", &major, &minor, &patch);
	if (major < 3)
		(void)snprintf(out, 32, "%d.%d.%d", major, minor, patch + 1);
	else
		(void)snprintf(out, 32, "%d.%d.0", major, minor + 1);
}

bool calico_v2(const struct lab *lab)
{
	return lab->options.from_version[0] == '2';
}

static void version_text(const char *format, const char *calico, char out[64])
{
	const char *at = strstr(format, "%s");
	(void)snprintf(out, 64, "%.*s%s%s", at ? (int)(at - format) : (int)strlen(format), format,
		       at ? calico : "", at ? at + 2 : "");
}

void package_old(struct device *dev, const struct package_row *row, char out[64])
{
	const char *old = row->old ? row->old : row->new;
	if (row->v2 && calico_v2(dev->lab))
		(void)snprintf(out, 64, "%.*s", (int)strcspn(row->v2, " "), row->v2);
	else
		version_text(old, dev->lab->options.from_version, out);
}

void package_candidate(struct device *dev, const struct package_row *row, char out[64])
{
	char newest[32];
	struct fault *ahead = fault_get(dev, "mirror-ahead", false);
	calico_newest(dev->lab, newest);
	if (!dev->calico->lists_fresh || !row->new)
		package_old(dev, row, out);
	else if (row->v2 && ahead)
		(void)snprintf(out, 64, "%s", ahead->arg ? ahead->arg : "3.6.1-1");
	else if (row->v2 && calico_v2(dev->lab))
		(void)snprintf(out, 64, "%s", strchr(row->v2, ' ') + 1);
	else
		version_text(row->new, newest, out);
}

struct package *package_get(struct device *dev, const char *name)
{
	struct calico *c = dev->calico;
	for (size_t i = 0; i < c->packages.n; i++)
		if (strcmp(c->packages.v[i].row->name, name) == 0)
			return &c->packages.v[i];
	return NULL;
}

void packages_init(struct device *dev)
{
	struct calico *c = dev->calico;
	for (size_t i = 0; i < LEN(package_rows); i++) {
		const struct package_row *row = &package_rows[i];
		if (row->redhat != c->redhat)
			continue;
		struct package p = {.row = row};
		if (!row->extra && (row->parts & c->parts)) {
			package_old(dev, row, p.version);
			p.state = PACKAGE_INSTALLED;
		}
		VEC_PUSH(&c->packages, p);
	}
}

/* The first number of "3.4.0~bionic" and "1:2.3": what people call the version. */
static void bare(const char *text, char out[32])
{
	const char *colon = strchr(text, ':');
	text = colon ? colon + 1 : text;
	(void)snprintf(out, 32, "%.*s", (int)strspn(text, "0123456789."), text);
}

/* What openstack-neutron brings is asked for on control hosts only. */
int package_service(const struct device *dev, const struct package_row *row)
{
	bool here = row->service != SERVICE_NEUTRON || dev->calico->parts & PART_CONTROL;
	return here ? row->service : -1;
}

static void scripts_run(struct device *dev, struct package *p)
{
	int id = package_service(dev, p->row);
	if (id < 0)
		return;
	struct service *s = &dev->services[id];
	bool was = s->running, fresh = s->missing;
	s->missing = false;
	if (fresh)
		s->enabled = true;
	bool denied = vfs_get(&dev->vfs, "/usr/sbin/policy-rc.d") != NULL;
	if (p->row->restarts && !denied && (was || (fresh && !dev->calico->redhat))) {
		lab_log(dev->lab, dev, "service", "restart %s (by its package)",
			service_rows[id].unit);
		if (was)
			service_stop(dev, (enum service_id)id);
		(void)service_start(dev, (enum service_id)id, NULL);
	}
}

void package_put(struct device *dev, struct package *p, const char *version, bool scripts)
{
	(void)snprintf(p->version, sizeof(p->version), "%s", version);
	p->state = scripts ? PACKAGE_INSTALLED : PACKAGE_UNPACKED;
	if (str_starts(p->row->name, "dnsmasq"))
		calico_binary_gone(dev, "dnsmasq");
	if (p->row->service == SERVICE_ETCD)
		calico_binary_gone(dev, "etcd");
	if (str_eq(p->row->name, "calico-common")) {
		char number[32];
		bare(version, number);
		free(dev->version);
		dev->version = xstrdup(number);
	}
	if (scripts)
		scripts_run(dev, p);
}

void package_gone(struct package *p)
{
	p->state = PACKAGE_NONE;
	p->version[0] = '\0';
}

bool package_exact(const struct package_row *row)
{
	static const char *const names[] = {"calico-compute", "calico-control", "calico-dhcp-agent"};
	for (size_t i = 0; !row->redhat && i < LEN(names); i++)
		if (str_eq(row->name, names[i]))
			return true;
	return false;
}

int package_lock(struct device *dev, const char **name)
{
	struct calico *c = dev->calico;
	struct fault *f = fault_get(dev, "packages-locked", false);
	if (f && !c->lock_until) {
		c->lock_until = dev->lab->now + 1000 * (f->arg ? atoll(f->arg) : 40);
		(void)fault_fire(dev, "packages-locked");
	}
	if (c->lock_until > dev->lab->now) {
		*name = c->redhat ? "PackageKit" : "unattended-upgr";
		return 21376;
	}
	if (dev->apt) {
		*name = c->redhat ? "yum" : "apt-get";
		return proc_id(dev->apt);
	}
	return 0;
}
