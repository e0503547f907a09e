/* SPDX-License-Identifier: ISC */
/* The life of a Calico host: its files, its services, and what follows from all hosts together. */
#include "config.h"

#include "lab/calico.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	REPORTS_AFTER = 15000, /* Felix is heard of again */
	AGENT_DOWN = 75000,    /* neutron's agent_down_time */
};

static const struct release ubuntu = {
    3, "iproute2-ss180129", "", "ubuntu", "4.15.0-213-generic", "", "", true, false, false, 0};
static const struct release centos = {
    3, "iproute2-ss170501", "", "centos", "3.10.0-1160.el7.x86_64", "", "", true, false, false, 0};

static bool tagged(const struct device *dev, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = dev->tags; at && *at; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == n && strncmp(at, word, n) == 0)
			return true;
	return false;
}

/* By its role and its tags: a host may do all that there is. */
static int part_of(const struct device *dev)
{
	int parts = 0;
	if (str_eq(dev->name, "cmp3") && calico_v2(dev->lab))
		return PART_COMPUTE | PART_PROXY;
	if (str_eq(dev->role, "control") || str_eq(dev->role, "etcd") || tagged(dev, "etcd"))
		parts |= PART_ETCD;
	if (str_eq(dev->role, "control") || tagged(dev, "control"))
		parts |= PART_CONTROL;
	if (!parts || str_eq(dev->role, "compute") || tagged(dev, "compute"))
		parts |= PART_COMPUTE;
	return parts;
}

static void put(struct device *dev, const char *path, unsigned mode, const char *text)
{
	vfs_put_text(&dev->vfs, path, text, mode, dev->lab->now);
}

static void users(struct device *dev)
{
	const char *user = calico_system.user;
	char *hash = account_hash(dev->lab->password), *text;
	text = xasprintf("root:x:0:0:root:/root:/bin/bash\n"
			 "etcd:x:110:115::/var/lib/etcd:/bin/false\n"
			 "%s:x:1000:1000::/home/%s:/bin/bash\n",
			 user, user);
	put(dev, "/etc/passwd", 0644, text);
	free(text);
	text = xasprintf("root:*:18500:0:99999:7:::\n%s:%s:18500:0:99999:7:::\n", user, hash);
	put(dev, "/etc/shadow", 0640, text);
	free(text);
	text = xasprintf("root:x:0:\nsudo:x:27:%s\n%s:x:1000:\n", user, user);
	put(dev, "/etc/group", 0644, text);
	free(text);
	text = xasprintf("root\tALL=(ALL:ALL) ALL\n%s\tALL=(ALL) NOPASSWD:ALL\n", user);
	put(dev, "/etc/sudoers", 0440, text);
	free(text);
	free(hash);
}

static void system_files(struct device *dev)
{
	static const char *const dirs[] = {"/etc/ssh", "/tmp", "/run/lock", "/var/log", "/var/tmp",
					   "/var/lib/etcd", "/var/log/calico", "/root",
					   "/home/operator", "/var/lib/dpkg", "/var/backups"};
	for (size_t i = 0; i < LEN(dirs); i++)
		vfs_mkdir(&dev->vfs, dirs[i], 0755, dev->lab->now);
	vfs_get(&dev->vfs, "/tmp")->mode = vfs_get(&dev->vfs, "/var/tmp")->mode = 01777;
	vfs_get(&dev->vfs, "/home/operator")->uid = 1000;
	if (dev->calico->redhat)
		put(dev, "/etc/os-release", 0644,
		    "NAME=\"CentOS Linux\"\nVERSION_ID=\"7\"\nID=\"centos\"\n"
		    "ID_LIKE=\"rhel fedora\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n");
	else
		put(dev, "/etc/os-release", 0644,
		    "NAME=\"Ubuntu\"\nVERSION_ID=\"18.04\"\nID=ubuntu\nID_LIKE=debian\n"
		    "PRETTY_NAME=\"Ubuntu 18.04.6 LTS\"\n");
	char *text = xasprintf("%s\n", dev->name);
	put(dev, "/etc/hostname", 0644, text);
	free(text);
	machine_id_write(dev);
}

static void calico_files(struct device *dev)
{
	struct calico *c = dev->calico;
	if (c->parts & PART_COMPUTE) {
		put(dev, "/etc/calico/felix.cfg", 0644,
		    "[global]\nDatastoreType = etcdv3\nHealthEnabled = true\n");
		put(dev, "/etc/neutron/neutron.conf", 0640,
		    "[DEFAULT]\nstate_path = /var/lib/neutron\n\n[oslo_concurrency]\n"
		    "# lock_path = $state_path/lock\n");
	}
	if (c->parts & PART_PROXY)
		put(dev, "/etc/default/etcd", 0644, "ETCD_PROXY=\"on\"\n");
	if (c->parts & PART_CONTROL)
		put(dev, "/root/admin-openrc", 0600,
		    "export OS_USERNAME=admin\nexport OS_PASSWORD=secret\n"
		    "export OS_PROJECT_NAME=admin\nexport OS_AUTH_URL=http://controller:5000/v3\n");
	static const char *const data[] = {"snap/db", "snap/0000000000000002-00000000000186a5.snap",
					   "wal/0000000000000000-0000000000000000.wal"};
	for (size_t i = 0; c->parts & PART_ETCD && i < LEN(data); i++) {
		char *path = xasprintf("%s/member/%s", etcd_data(dev), data[i]);
		put(dev, path, 0600, "the tree of Calico\n");
		vfs_get(&dev->vfs, path)->uid = 110;
		free(path);
	}
}

static void services_of(struct device *dev)
{
	for (int i = 0; i < SERVICES; i++)
		dev->services[i] = (struct service){.missing = true};
	static const enum service_id always[] = {SERVICE_SSH, SERVICE_NTP};
	for (size_t i = 0; i < LEN(always); i++)
		dev->services[always[i]] = (struct service){.enabled = true};
	for (size_t i = 0; i < dev->calico->packages.n; i++) {
		const struct package *p = &dev->calico->packages.v[i];
		int id = package_service(dev, p->row);
		if (id >= 0 && p->state == PACKAGE_INSTALLED)
			dev->services[id] = (struct service){.enabled = true};
	}
}

/* One that still has the DHCP agent of neutron itself, as before Liberty. */
static void old_dhcp(struct device *dev)
{
	struct package *own = package_get(dev, "calico-dhcp-agent"),
		       *theirs = package_get(dev, "neutron-dhcp-agent");
	if (!dev->calico->foreign_dhcp || !theirs)
		return;
	own->state = PACKAGE_NONE;
	own->version[0] = '\0';
	package_old(dev, theirs->row, theirs->version);
	theirs->state = PACKAGE_INSTALLED;
}

static void install(struct device *dev, const char *version)
{
	struct calico *c = xcalloc(1, sizeof(*c));
	vfs_init(&dev->vfs);
	free(dev->version);
	dev->version = xstrdup(version);
	dev->calico = c;
	c->redhat = str_eq(dev->platform->image, "centos");
	dev->release = c->redhat ? &centos : &ubuntu;
	c->parts = part_of(dev);
	c->felix_stopped = -AGENT_DOWN;
	c->transaction = 40;
	c->member_id = lab_random(&dev->random) | 1;
	c->foreign_dhcp = str_eq(dev->name, "cmp2");
	(void)snprintf(c->workload, sizeof(c->workload), "10.65.%d.2", dev->index);
	(void)snprintf(c->tap, sizeof(c->tap), "tap%08x", (unsigned)c->member_id);
	packages_init(dev);
	old_dhcp(dev);
	services_of(dev);
	users(dev);
	system_files(dev);
	calico_files(dev);
	hostkey_write(dev);
	if (str_eq(dev->name, "cmp1"))
		put(dev, "/usr/local/lib/python2.7/dist-packages/networking_calico/__init__.py",
		    0644, "__version__ = '1.3.1'\n");
}

static void configure(struct device *dev)
{
	char *key = xasprintf("%s\n", dev->lab->operator_public);
	vfs_mkdir(&dev->vfs, "/home/operator/.ssh", 0700, dev->lab->now);
	vfs_put_text(&dev->vfs, "/home/operator/.ssh/authorized_keys", key, 0600, dev->lab->now);
	vfs_get(&dev->vfs, "/home/operator/.ssh")->uid =
	    vfs_get(&dev->vfs, "/home/operator/.ssh/authorized_keys")->uid = 1000;
	free(key);
	dev->fresh = false;
	if (!dev->lab->calico)
		dev->lab->calico = xcalloc(1, sizeof(*dev->lab->calico));
	dev->lab->calico->leader = -1;
}

static void start(struct device *dev)
{
	dev->calico->processes.n = 0;
	free(dev->hostname);
	dev->hostname = xstrdup(dev->name);
	for (int i = 0; i < SERVICES; i++)
		if (dev->services[i].enabled && !dev->services[i].missing)
			(void)service_start(dev, (enum service_id)i, NULL);
	dev->services[SERVICE_SSH].since = dev->lab->now;
	hostkey_load(dev);
}

static void end(struct device *dev)
{
	struct calico *c = dev->calico;
	if (!c)
		return;
	VEC_RELEASE(&c->packages);
	VEC_RELEASE(&c->processes);
	free(c);
	dev->calico = NULL;
}

/* --- services ------------------------------------------------------------------------------------ */
static void new_process(struct device *dev, const char *name)
{
	struct process p = {.pid = ++dev->lab->next_pid, .name = name};
	VEC_PUSH(&dev->calico->processes, p);
}

void calico_binary_gone(struct device *dev, const char *name)
{
	struct calico *c = dev->calico;
	for (size_t i = 0; i < c->processes.n; i++)
		if (str_eq(c->processes.v[i].name, name))
			c->processes.v[i].deleted = true;
}

bool calico_may_start(struct device *dev, int service, struct blob *err)
{
	struct fault *f = fault_get(dev, "agent-dead", false);
	if (f && service_find(dev, f->arg ? f->arg : "calico-dhcp-agent") == service &&
	    dev->lab->now > f->armed_at) {
		(void)fault_fire(dev, "agent-dead");
		return false;
	}
	return service != SERVICE_ETCD || etcd_may_start(dev, err);
}

static bool runs(const struct calico *c, const char *name)
{
	for (size_t i = 0; i < c->processes.n; i++)
		if (str_eq(c->processes.v[i].name, name))
			return true;
	return false;
}

/* What stands behind a key in a file; false: there is none. */
static bool setting(struct device *dev, const char *path, const char *key, char out[64])
{
	struct node *n = vfs_get(&dev->vfs, path);
	size_t len = 0;
	const char *data = n && n->blob ? blob_data(n->blob, &len) : "";
	char *text = xstrndup(data, len), *at = strstr(text, key);
	const char *value = at ? at + strlen(key) + strspn(at + strlen(key), " =") : "";
	(void)snprintf(out, 64, "%.*s", (int)strcspn(value, " \n"), value);
	free(text);
	return at != NULL;
}

/* The environment comes first, then the file. A drop-in of its unit is what sets the former here. */
static void felix_named(struct device *dev)
{
	static const char drop_in[] = "/etc/systemd/system/calico-felix.service.d/name.conf";
	char *name = dev->calico->felix_name, *path = xasprintf("/proc/%d/environ", FELIX_PID);
	struct blob *environment = blob_new();
	bool set = setting(dev, drop_in, "FELIX_FELIXHOSTNAME", name);
	blob_add(environment, "LANG=C", sizeof("LANG=C"));
	if (set)
		blob_printf(environment, "FELIX_FELIXHOSTNAME=%s", name);
	vfs_put(&dev->vfs, path, environment, 0400, dev->lab->now);
	free(path);
	if (!set && !setting(dev, "/etc/calico/felix.cfg", "\nFelixHostname", name))
		(void)snprintf(name, sizeof(dev->calico->felix_name), "%s", dev->name);
}

void calico_started(struct device *dev, int service)
{
	struct calico *c = dev->calico;
	struct fault *f;
	if (service == SERVICE_FELIX && (f = fault_get(dev, "pings-lost", false)) &&
	    dev->lab->now > f->armed_at) {
		c->dark_until = dev->lab->now + 1000 * (f->arg ? atoll(f->arg) : 20);
		(void)fault_fire(dev, "pings-lost");
	}
	if (service == SERVICE_FELIX)
		felix_named(dev);
	/* rootwrap cannot kill a process whose binary is gone: such a one stays, and with it there
	 * is no new one */
	if ((service == SERVICE_DHCP || service == SERVICE_NEUTRON_DHCP) &&
	    !runs(c, "dnsmasq"))
		new_process(dev, "dnsmasq");
	if (service == SERVICE_ETCD)
		new_process(dev, "etcd");
}

void calico_stopped(struct device *dev, int service)
{
	struct calico *c = dev->calico;
	if (service == SERVICE_FELIX && felix_alive(dev))
		c->felix_stopped = dev->lab->now;
	for (size_t i = c->processes.n; service == SERVICE_ETCD && i--;)
		if (str_eq(c->processes.v[i].name, "etcd"))
			VEC_REMOVE(&c->processes, i);
}

bool felix_alive(struct device *dev)
{
	const struct calico *c = dev->calico;
	const struct service *s = &dev->services[SERVICE_FELIX];
	struct fault *f = fault_get(dev, "felix-silent", false);
	int64_t quiet = f && f->armed_at > c->felix_stopped ? f->armed_at : c->felix_stopped;
	bool reports = service_active(dev, SERVICE_FELIX) &&
		       dev->lab->now >= s->since + REPORTS_AFTER && !fault_on(dev, "felix-silent");
	return reports || (dev->lab->now > 0 && dev->lab->now - quiet < AGENT_DOWN);
}

bool calico_forwards(struct device *dev)
{
	return dev->phase == PHASE_UP && dev->lab->now >= dev->calico->dark_until &&
	       service_active(dev, SERVICE_BIRD);
}

/* --- all hosts together -------------------------------------------------------------------------- */
static void api_update(struct lab *lab)
{
	struct calico_net *net = lab->calico;
	bool up = false;
	for (size_t i = 0; i < lab->devices.n; i++)
		up |= lab->devices.v[i]->calico &&
		      service_active(lab->devices.v[i], SERVICE_NEUTRON);
	if (up == net->api)
		return;
	if (net->started)
		lab_log(lab, NULL, up ? "api-up" : "api-down", "after %lld ms",
			(long long)(lab->now - net->api_since));
	net->api = up;
	net->api_since = lab->now;
}

static void data_plane_update(struct device *dev)
{
	struct calico *c = dev->calico;
	bool forwards = calico_forwards(dev);
	if (forwards != c->forwards_was && dev->lab->calico->started)
		lab_log(dev->lab, dev, forwards ? "workloads-back" : "workloads-cut-off", "%s",
			c->workload);
	c->forwards_was = forwards;
}

void calico_update(struct lab *lab)
{
	if (!lab->calico)
		return;
	etcd_update(lab);
	api_update(lab);
	for (size_t i = 0; i < lab->devices.n; i++)
		if (lab->devices.v[i]->calico && lab->devices.v[i]->calico->parts & PART_COMPUTE)
			data_plane_update(lab->devices.v[i]);
	lab->calico->started = true; /* the first time is that of the start: nothing happened */
}

static int64_t next(const struct device *dev)
{
	int64_t now = dev->lab->now, votes = dev->lab->calico->votes_until,
		dark = dev->calico->dark_until;
	votes = votes > now ? votes : -1;
	dark = dark > now ? dark : -1;
	return votes < 0 ? dark : dark < 0 || votes < dark ? votes : dark;
}

static void advance(struct device *dev)
{
	int64_t now = dev->lab->now;
	if (dev->lab->calico->votes_until == now || dev->calico->dark_until == now)
		dev->lab->dirty = true;
}

static const struct command *const ubuntu_families[] = {
    apt_commands,  host_commands, etcd_commands,  stack_commands, core_commands,
    file_commands, text_commands, user_commands,  net_commands,   system_commands,
    archive_commands, copy_commands, space_commands, sum_commands, unit_commands, NULL,
};
static const struct command *const centos_families[] = {
    yum_commands,  host_commands, etcd_commands,  stack_commands, core_commands,
    file_commands, text_commands, user_commands,  net_commands,   system_commands,
    archive_commands, copy_commands, space_commands, sum_commands, unit_commands, NULL,
};

#define HOSTS(kind, families)                                                                      \
	{                                                                                          \
		.name = "calico-openstack", .family = kind, .user = "operator", .port = "eth",     \
		.group = "cluster",                                                                \
		.times = {.stops = 1500, .stopping = 8000, .firmware = 40000, .booting = 45000},   \
		.run = sh_eval_text, .install = install, .configure = configure, .start = start,   \
		.advance = advance, .next = next, .end = end, .commands = families                 \
	}

const struct system calico_system = HOSTS("debian", ubuntu_families);
const struct system calico_el_system = HOSTS("redhat", centos_families);
