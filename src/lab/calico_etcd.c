/* SPDX-License-Identifier: ISC */
/* The etcd cluster: members, leader, quorum, versions. */
#include "config.h"

#include "lab/calico.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ELECTION = 1300 };

struct device *etcd_member(struct lab *lab, size_t i)
{
	struct device *dev = lab->devices.v[i];
	return dev->calico && dev->calico->parts & PART_ETCD ? dev : NULL;
}

static int members(struct lab *lab)
{
	int n = 0;
	for (size_t i = 0; i < lab->devices.n; i++)
		n += etcd_member(lab, i) != NULL;
	return n;
}

static int healthy(struct lab *lab)
{
	int n = 0;
	for (size_t i = 0; i < lab->devices.n; i++)
		n += etcd_member(lab, i) && etcd_healthy(etcd_member(lab, i));
	return n;
}

static bool quorum(struct lab *lab)
{
	return healthy(lab) > members(lab) / 2;
}

const char *etcd_data(const struct device *dev)
{
	return dev->calico->redhat ? "/var/lib/etcd/default.etcd" : "/var/lib/etcd/default";
}

bool etcd_healthy(struct device *dev)
{
	return service_active(dev, SERVICE_ETCD) && !fault_on(dev, "etcd-unhealthy");
}

int etcd_number(const char *version) /* 3.4.23: 304 */
{
	int major = 0, minor = 0;
	(void)sscanf(version, "%d.%d", &major, &minor);
	return major * 100 + minor;
}

void etcd_installed(struct device *dev, char out[24])
{
	struct package *p = package_get(dev, dev->calico->redhat ? "etcd" : "etcd-server");
	const char *text = p && p->state == PACKAGE_INSTALLED ? p->version : "";
	(void)snprintf(out, 24, "%.*s", (int)strspn(text, "0123456789."), text);
}

/* One minor version after the other, and never below what the cluster has become. */
bool etcd_may_start(struct device *dev, struct blob *err)
{
	struct calico_net *net = dev->lab->calico;
	char version[24];
	etcd_installed(dev, version);
	bool allowed = !net || !*net->cluster_version || !(dev->calico->parts & PART_ETCD) ||
		       (etcd_number(version) >= etcd_number(net->cluster_version) &&
			etcd_number(version) <= etcd_number(net->cluster_version) + 1);
	bool fault = allowed && dev->lab->now > 0 && fault_fire(dev, "etcd-stays-down");
	if (allowed && !fault) {
		(void)snprintf(dev->calico->etcd_runs, sizeof(dev->calico->etcd_runs), "%s", version);
		return true;
	}
	if (!allowed)
		lab_log(dev->lab, dev, "violation", "etcd %s in a cluster of %s", version,
			net->cluster_version);
	if (err)
		blob_puts(err, "Job for etcd.service failed because the control process exited with "
			       "error code.\n");
	return false;
}

/* --- what follows from the members --------------------------------------------------------------- */
static void member_update(struct device *dev)
{
	struct calico *c = dev->calico;
	bool up = service_active(dev, SERVICE_ETCD);
	if (up == c->etcd_was)
		return;
	c->etcd_was = up;
	if (dev->lab->calico->started)
		lab_log(dev->lab, dev, up ? "etcd-up" : "etcd-down", "%s", c->etcd_runs);
}

static void leader_update(struct lab *lab)
{
	struct calico_net *net = lab->calico;
	struct device *now = net->leader >= 0 ? lab->devices.v[net->leader] : NULL;
	if (now && etcd_healthy(now))
		return;
	int was = net->leader;
	net->leader = -1;
	for (size_t i = 0; i < lab->devices.n && quorum(lab) && net->leader < 0; i++)
		if (etcd_member(lab, i) && etcd_healthy(etcd_member(lab, i)))
			net->leader = (int)i;
	if (net->leader < 0 || !net->started)
		return;
	net->votes_until = lab->now + ELECTION;
	lab_log(lab, lab->devices.v[net->leader], "etcd-leader", "after %s",
		was >= 0 ? lab->devices.v[was]->name : "none");
}

/* The version of the cluster moves when the last member has come up with the new one. */
static void cluster_version_update(struct lab *lab)
{
	struct calico_net *net = lab->calico;
	int least = 0;
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = etcd_member(lab, i);
		int n = dev ? etcd_number(dev->calico->etcd_runs) : 0;
		if (dev && (!service_active(dev, SERVICE_ETCD) || !n))
			return;
		least = dev && (!least || n < least) ? n : least;
	}
	if (!least || least == etcd_number(net->cluster_version))
		return;
	(void)snprintf(net->cluster_version, sizeof(net->cluster_version), "%d.%d", least / 100 % 10,
		       least % 100);
	if (net->started)
		lab_log(lab, NULL, "etcd-cluster-version", "%s", net->cluster_version);
}

void etcd_update(struct lab *lab)
{
	struct calico_net *net = lab->calico;
	for (size_t i = 0; i < lab->devices.n; i++)
		if (etcd_member(lab, i))
			member_update(etcd_member(lab, i));
	leader_update(lab);
	cluster_version_update(lab);
	bool writes = quorum(lab) && net->leader >= 0 && lab->now >= net->votes_until;
	if (writes == net->writes)
		return;
	if (net->started)
		lab_log(lab, NULL, writes ? "etcd-writes-accepted" : "etcd-writes-refused",
			"%" PRId64 " ms", writes ? lab->now - net->refused_since : INT64_C(0));
	net->writes = writes;
	net->refused_since = lab->now;
}
