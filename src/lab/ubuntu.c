/* SPDX-License-Identifier: ISC */
/* A member of a MicroCloud: Ubuntu with snapd. Its files, its boot, what becomes due on it. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

enum { SINCE_LONG = -1000000, PATIENT = -2 };

static const struct release noble = {
    .major = 24,
    .iproute = "iproute2-6.1.0",
    .frr_prefix_key = "pfxRcd",
    .os_id = "ubuntu",
    .kernel = "6.8.0-58-generic",
    .agent_suffix = "",
    .default_password = "ubuntu",
    .ip_json = true,
    .init_delay_s = 10,
};

static void put(struct device *dev, const char *path, unsigned mode, const char *text)
{
	vfs_put_text(&dev->vfs, path, text, mode, dev->lab->now);
}

static void users(struct device *dev)
{
	char *hash = account_hash(dev->lab->password);
	char *shadow = xasprintf("root:*:18500:0:99999:7:::\nubuntu:%s:18500:0:99999:7:::\n", hash);
	put(dev, "/etc/passwd", 0644,
	    "root:x:0:0:root:/root:/bin/bash\nubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n");
	put(dev, "/etc/shadow", 0640, shadow);
	put(dev, "/etc/group", 0644,
	    "root:x:0:\nadm:x:4:ubuntu\nsudo:x:27:ubuntu\nlxd:x:110:ubuntu\nubuntu:x:1000:\n");
	put(dev, "/etc/sudoers", 0440,
	    "Defaults\tenv_reset\nDefaults\tsecure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:"
	    "/usr/bin:/sbin:/bin:/snap/bin\"\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n"
	    "@includedir /etc/sudoers.d\n");
	put(dev, "/etc/sudoers.d/90-cloud-init-users", 0440,
	    "# User rules for ubuntu\nubuntu ALL=(ALL) NOPASSWD:ALL\n");
	free(shadow);
	free(hash);
}

static void install(struct device *dev, const char *version)
{
	static const char *const dirs[] = {"/etc/ssh",
					   "/home/ubuntu",
					   "/root",
					   "/run/lock",
					   "/snap/bin",
					   "/tmp",
					   "/var/lib/snapd",
					   "/var/snap/lxd/common/lxd/database",
					   "/var/snap/microceph/common",
					   "/var/snap/microcloud/common/state",
					   "/var/snap/microovn/common",
					   "/var/log",
					   "/var/tmp"};
	vfs_init(&dev->vfs);
	dev->vfs.capacity = INT64_C(40) << 30;
	dev->vfs.base_used = INT64_C(7) << 30;
	free(dev->version);
	dev->version = xstrdup(version);
	dev->release = &noble;
	for (size_t i = 0; i < LEN(dirs); i++)
		vfs_mkdir(&dev->vfs, dirs[i], 0755, dev->lab->now);
	vfs_get(&dev->vfs, "/tmp")->mode = vfs_get(&dev->vfs, "/var/tmp")->mode = 01777;
	vfs_get(&dev->vfs, "/root")->mode = 0700;
	put(dev, "/etc/os-release", 0644,
	    "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\n"
	    "VERSION=\"24.04.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\n"
	    "ID_LIKE=debian\n");
	put(dev, "/etc/lsb-release", 0644,
	    "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\nDISTRIB_CODENAME=noble\n"
	    "DISTRIB_DESCRIPTION=\"Ubuntu 24.04.3 LTS\"\n");
	users(dev);
	hostkey_write(dev);
	for (int i = 0; i < SERVICES; i++)
		dev->services[i] =
		    (struct service){.missing = i != SERVICE_SSH && i != SERVICE_NTP};
}

/* Another serial number, another machine. */
void machine_id_write(struct device *dev)
{
	char *id = xasprintf("c10d4f6e4b0f9d1c80e7aa%s\n", dev->serial + strlen("CL"));
	put(dev, "/etc/machine-id", 0444, id);
	free(id);
}

static void configure(struct device *dev)
{
	char *name = xasprintf("%s\n", dev->name),
	     *key = xasprintf("%s\n", dev->lab->operator_public);
	put(dev, "/etc/hostname", 0644, name);
	vfs_mkdir(&dev->vfs, "/home/ubuntu/.ssh", 0700, dev->lab->now);
	put(dev, "/home/ubuntu/.ssh/authorized_keys", 0600, key);
	static const char *const owned[] = {"/home/ubuntu", "/home/ubuntu/.ssh",
					    "/home/ubuntu/.ssh/authorized_keys"};
	for (size_t i = 0; i < LEN(owned); i++)
		vfs_get(&dev->vfs, owned[i])->uid = vfs_get(&dev->vfs, owned[i])->gid = 1000;
	machine_id_write(dev);
	free(key);
	free(name);
	dev->fresh = false;
	(void)cloud_join(dev);
}

/* Snaps come up with the system; those of the lab's beginning have run for long. */
static void start(struct device *dev)
{
	static const enum service_id ids[] = {SERVICE_SSH, SERVICE_NTP};
	struct member *m = dev->member;
	const char *name = vfs_text(&dev->vfs, "/etc/hostname");
	free(dev->hostname);
	dev->hostname = xstrndup(name, strcspn(name, "\n"));
	for (size_t i = 0; i < LEN(ids); i++)
		dev->services[ids[i]] =
		    (struct service){.enabled = true, .running = true, .since = dev->lab->now};
	hostkey_load(dev);
	for (int s = 0; s < SNAPS; s++) {
		if (dev->booted_at >= 0) {
			snapd_services(m, (enum snap_id)s, true);
			continue;
		}
		m->snaps[s].started = true;
		m->snaps[s].since = SINCE_LONG;
	}
	cloud_update(m->cloud);
}

/* LXD on a member that lags has its snapd fetch what the others have. */
static void catch_up(struct member *m)
{
	const struct snap *s = &m->snaps[SNAP_LXD];
	const struct snap_rev *to = store_offers(m, SNAP_LXD, s->tracking, true);
	struct err e = {0};
	m->update_at = PATIENT;
	if (!to || to == s->rev || snapd_busy(m, SNAP_LXD))
		return;
	(void)snapd_refresh(m, SNAP_LXD, to, s->tracking, true, "refresh-snap", false, &e);
}

static void advance(struct device *dev)
{
	struct member *m = dev->member;
	if (m->update_at >= 0 && m->update_at <= dev->lab->now)
		catch_up(m);
	snapd_advance(m);
	cloud_update(m->cloud);
}

static void stopped(struct device *dev)
{
	cloud_update(dev->member->cloud);
}

static int64_t next(const struct device *dev)
{
	const struct member *m = dev->member;
	const int64_t all[] = {snapd_next(m), m->update_at, cloud_next(m->cloud)};
	int64_t soonest = -1;
	for (size_t i = 0; i < LEN(all); i++)
		if (all[i] >= 0 && (soonest < 0 || all[i] < soonest))
			soonest = all[i];
	return soonest;
}

static void close_lab(struct device *dev)
{
	if (dev->member && dev->member->number == 0)
		judge_end(dev->member->cloud);
}

static void end(struct device *dev)
{
	if (dev->member)
		cloud_leave(dev->member);
	dev->member = NULL;
}

static const struct command *const families[] = {
    core_commands,
    file_commands,
    text_commands,
    user_commands,
    system_commands,
    archive_commands,
    copy_commands,
    space_commands,
    sum_commands,
    unit_commands,
    snap_commands,
    snap_rest_commands,
    ceph_commands,
    ovn_commands,
    lxd_commands,
    microcloud_commands, lxd_operations_commands,
    NULL,
};

const struct system ubuntu_system = {
    .name = "microcloud",
    .user = "ubuntu",
    .port = "enp5s",
    .group = "cluster",
    .times = {.stops = 1500, .stopping = 15000, .firmware = 45000, .booting = 25000},
    .run = sh_eval_text,
    .install = install,
    .configure = configure,
    .start = start,
    .stopped = stopped,
    .advance = advance,
    .next = next,
    .close = close_lab,
    .end = end,
    .commands = families,
};
