/* SPDX-License-Identifier: ISC */
/* Hardware, releases, and the files of a system as it is right after an image install. */
#include "config.h"

#include "lab/device.h"
#include "lab/onie.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *image_name(const char *version, const struct platform *p)
{
	return xasprintf("cumulus-linux-%s-%s-%s.bin", version, p->image, p->arch);
}

const struct system cumulus_system = {
    .name = "cumulus-linux",
    .user = "cumulus",
    .port = "swp",
    .group = "mlag",
    .pair = true,
    .cables = true,
    .times = {.stops = 1200, .stopping = 9000, .firmware = 28000, .booting = 50000},
    .run = sh_eval_text,
    .install = factory_install,
    .configure = config_write,
    .start = services_boot,
    .make_image = image_make,
    .image_name = image_name,
    .packages = true,
};

static const struct platform platforms[] = {
    {"vx", "VX", "vx", "amd64", "cumulus,vx", "Cumulus Networks", "VX", NULL,
     "QEMU Virtual CPU version 2.5+", NULL, 54, &cumulus_system},
    {"broadcom", "Broadcom", "bcm", "amd64", "accton,as5712_54x", "Accton", "5712-54X-O-AC-F",
     "Broadcom Trident2 BCM56854", "x86_64 Intel Atom C2538 2.4 GHz", "x86_64-accton_as5712_54x-r0",
     54, &cumulus_system},
    {"mellanox", "Mellanox", "mlx", "amd64", "mlnx,x86_MSN3700C", "Mellanox", "MSN3700C",
     "Mellanox Spectrum MT52132", "x86_64 Intel Xeon D-1527 2.20GHz", "x86_64-mlnx_msn3700C-r0",
     32, &cumulus_system},
    {"qfx", "Broadcom", "qfx-5e", "x86-64", "", "Juniper", "qfx5120-48y-8c", NULL, NULL, NULL, 56,
     &junos_system},
    {"mx", "MX", "mx", "x86-64", "", "Juniper", "mx480", NULL, NULL, NULL, 56, &junos_system},
    {"ubuntu", "x86", "ubuntu", "amd64", "", "", "", NULL, NULL, NULL, 2, &calico_system},
    {"centos", "x86-el", "centos", "x86_64", "", "", "", NULL, NULL, NULL, 2,
     &calico_el_system},
    {"microcloud", "amd64", "", "amd64", "", "Canonical", "MicroCloud member", NULL, NULL, NULL, 8,
     &ubuntu_system},
    {"srx1500", "SRX", "srxentedge", "x86-64", "", "Juniper", "srx1500", NULL, NULL, NULL, 2,
     &srx_system},
    {"srx4600", "srx4600", "srxhe", "x86-64", "", "Juniper", "srx4600", NULL, NULL, NULL, 2,
     &srx_system},
    {"srx4100", "srx4100", "srxmr", "x86-64", "", "Juniper", "srx4100", NULL, NULL, NULL, 2,
     &srx_system},
    {"srx5800", "srx5800", "srx5000", "", "", "Juniper", "srx5800", NULL, NULL, NULL, 2,
     &srx_system},
    {"srx2300", "srx2300", "vmhost-install-srx", "x86-64", "", "Juniper", "srx2300", NULL, NULL,
     NULL, 2, &srx_system},
    {"srx345", "srx345", "srxsme", "", "", "Juniper", "srx345", NULL, NULL, NULL, 2, &srx_system},
    {"vsrx", "vsrx", "vsrx", "x86-64", "", "Juniper", "vsrx", NULL, NULL, NULL, 2, &srx_system},
};

static const struct release releases[] = {
    {3, "iproute2-ss160808", "prefixReceivedCount", "cumulus-linux", "4.1.0-cl-7-amd64", "cl3u32",
     "CumulusLinux!", false, true, true, 10},
    {4, "iproute2-ss190107", "pfxRcd", "cumulus-linux", "4.19.0-cl-1-amd64", "cl4u32", "cumulus",
     true, true, true, 10},
    {5, "iproute2-5.10.0", "pfxRcd", "cumulus-linux", "5.10.0-cl-1-amd64", "cl4u41", "cumulus",
     true, false, false, 180},
};

const struct platform *platform_find(const char *name)
{
	for (size_t i = 0; i < LEN(platforms); i++)
		if (strcasecmp(platforms[i].name, name) == 0 ||
		    strcasecmp(platforms[i].asic, name) == 0)
			return &platforms[i];
	return NULL;
}

const struct platform *platform_of(const char *system, const char *word)
{
	for (size_t i = 0; i < LEN(platforms); i++) {
		const struct platform *p = &platforms[i];
		if (str_eq(p->system->name, system) &&
		    (!word || strcasecmp(p->name, word) == 0 || strcasecmp(p->asic, word) == 0 ||
		     strcasecmp(p->product, word) == 0 || str_eq(p->system->family, word)))
			return p;
	}
	return NULL;
}

int platform_unknown(const char *name, struct err *e)
{
	struct str names = {0};
	for (size_t i = 0; i < LEN(platforms); i++)
		str_printf(&names, "%s%s", i ? ", " : "", platforms[i].name);
	err_set(e, ERR_INPUT, "platform \"%s\": not one of %s", name, str_text(&names));
	str_release(&names);
	return -1;
}

const struct release *release_of(const char *version)
{
	int major = atoi(version);
	for (size_t i = 0; i < LEN(releases); i++)
		if (releases[i].major == major)
			return &releases[i];
	return major > 5 ? &releases[LEN(releases) - 1] : &releases[0];
}

bool licence_ok(struct device *dev)
{
	if (!dev->release->licence)
		return true;
	const char *text = vfs_text(&dev->vfs, "/etc/cumulus/.license.txt");
	return strchr(text, '|') && !fault_on(dev, "licence-invalid");
}

static void put(struct device *dev, const char *path, unsigned mode, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static void put(struct device *dev, const char *path, unsigned mode, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	vfs_put_text(&dev->vfs, path, text, mode, dev->lab->now);
	free(text);
}

static void version_files(struct device *dev, const char *v)
{
	put(dev, "/etc/lsb-release", 0644,
	    "DISTRIB_ID=\"Cumulus Linux\"\nDISTRIB_RELEASE=%s\nDISTRIB_DESCRIPTION=\"Cumulus Linux "
	    "%s\"\n",
	    v, v);
	put(dev, "/etc/os-release", 0644,
	    "NAME=\"Cumulus Linux\"\nVERSION_ID=%s\nVERSION=\"Cumulus Linux %s\"\n"
	    "PRETTY_NAME=\"Cumulus Linux\"\nID=cumulus-linux\nID_LIKE=debian\n"
	    "CPE_NAME=cpe:/o:cumulusnetworks:cumulus_linux:%s\nHOME_URL=\"http://"
	    "www.cumulusnetworks.com/\"\n",
	    v, v, v);
	put(dev, "/etc/image-release", 0644, "IMAGE_RELEASE=%s\n", v);
}

void factory_users(struct device *dev, bool expired)
{
	char *hash = account_hash(expired ? dev->release->default_password : dev->lab->password);
	put(dev, "/etc/passwd", 0644,
	    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
	    "sshd:x:102:65534::/run/sshd:/usr/sbin/nologin\nfrr:x:300:300::/var/run/frr/:/bin/"
	    "false\n"
	    "cumulus:x:1000:1000:cumulus,,,:/home/cumulus:/bin/bash\n");
	put(dev, "/etc/shadow", 0640,
	    "root:*:18500:0:99999:7:::\ndaemon:*:18500:0:99999:7:::\nsshd:*:18500:0:99999:7:::\n"
	    "frr:*:18500:0:99999:7:::\ncumulus:%s:%s:0:99999:7:::\n",
	    hash, expired ? "0" : "18500");
	put(dev, "/etc/group", 0644,
	    "root:x:0:\nsudo:x:27:cumulus\nshadow:x:42:\nfrrvty:x:301:\ncumulus:x:1000:\n"
	    "netedit:x:1001:cumulus\nnetshow:x:1002:\n");
	put(dev, "/etc/sudoers", 0440,
	    "Defaults\tenv_reset\nDefaults\tsecure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:"
	    "/usr/bin:/sbin:/bin\"\nroot\tALL=(ALL:ALL) ALL\n%%sudo\tALL=(ALL:ALL) "
	    "ALL\n#includedir "
	    "/etc/sudoers.d\n");
	free(hash);
}

static void directories(struct device *dev)
{
	static const char *const dirs[] = {
	    "/bin",
	    "/boot",
	    "/etc/cumulus/acl/policy.d",
	    "/etc/default",
	    "/etc/frr",
	    "/etc/network/interfaces.d",
	    "/etc/sudoers.d",
	    "/etc/ssh",
	    "/home/cumulus",
	    "/mnt/persist",
	    "/proc",
	    "/root",
	    "/run/lock",
	    "/sys",
	    "/tmp",
	    "/usr/cumulus/bin",
	    "/var/cache/apt/archives",
	    "/var/lib/cumulus/installer",
	    "/var/lib/cumulus/ztp",
	    "/var/lib/dpkg",
	    "/var/lib/config-backup/backups",
	    "/var/log",
	    "/var/support",
	    "/var/tmp",
	    "/etc/lldpd.d",
	    "/etc/apt/sources.list.d",
	    "/usr/share/zoneinfo",
	    "/opt",
	};
	for (size_t i = 0; i < LEN(dirs); i++)
		vfs_mkdir(&dev->vfs, dirs[i], 0755, dev->lab->now);
	vfs_get(&dev->vfs, "/tmp")->mode = vfs_get(&dev->vfs, "/var/tmp")->mode = 01777;
	vfs_get(&dev->vfs, "/root")->mode = 0700;
	struct node *home = vfs_get(&dev->vfs, "/home/cumulus");
	home->uid = home->gid = 1000;
}

static void package_list(struct device *dev, const char *v)
{
	put(dev, "/var/lib/dpkg/status", 0644,
	    "frr 7.4+cl%su1\nifupdown2 3.0.0-1+cl%su2\nswitchd 1.0-cl%s\nlldpd 1.0.4-0-cl%su4\n"
	    "ntp 1:4.2.8p12+dfsg-4\nopenssh-server 1:7.9p1-10+deb10u2\nclag 1.6.0-cl%s\n"
	    "netq-agent " AGENT_RUNS "-%s\nnetq-apps " AGENT_RUNS "-%s\n",
	    v, v, v, v, v, dev->release->agent_suffix, dev->release->agent_suffix);
}

void factory_install(struct device *dev, const char *version)
{
	int64_t capacity = dev->vfs.capacity;
	if (dev->vfs.nodes.n)
		vfs_release(&dev->vfs);
	vfs_init(&dev->vfs);
	if (capacity)
		dev->vfs.capacity = capacity;
	free(dev->version);
	free(dev->image_version);
	dev->version = xstrdup(version);
	dev->image_version = xstrdup(version);
	dev->release = release_of(version);
	directories(dev);
	version_files(dev, version);
	factory_users(dev, true);
	package_list(dev, version);
	put(dev, "/etc/hostname", 0644, "cumulus\n");
	put(dev, "/etc/hosts", 0644, "127.0.0.1\tlocalhost\n127.0.1.1\tcumulus\n");
	put(dev, "/etc/resolv.conf", 0644, "nameserver 192.0.2.53\n");
	put(dev, "/etc/motd", 0644, "Welcome to Cumulus (R) Linux (R)\n");
	put(dev, "/etc/timezone", 0644, "Etc/UTC\n");
	put(dev, "/etc/ntp.conf", 0644, "server 0.cumulusnetworks.pool.ntp.org iburst\n");
	put(dev, "/etc/network/interfaces", 0644,
	    "# The loopback network interface\nauto lo\niface lo inet loopback\n\n"
	    "# The primary network interface\nauto eth0\niface eth0 inet dhcp\n%s",
	    dev->release->major > 3 ? "    vrf mgmt\n\nauto mgmt\niface mgmt\n    vrf-table auto\n"
				    : "");
	put(dev, "/etc/frr/daemons", 0640, "zebra=yes\nbgpd=no\nospfd=no\nstaticd=yes\n");
	put(dev, "/etc/frr/frr.conf", 0640, "log syslog informational\n");
	put(dev, "/etc/cumulus/ports.conf", 0644, "# ports.conf --\n1=10G\n2=10G\n");
	put(dev, "/etc/cumulus/switchd.conf", 0644, "stats.poll_interval = 2000\n");
	put(dev, "/etc/ssh/sshd_config", 0644,
	    "PermitRootLogin without-password\nPasswordAuthentication yes\nUsePAM yes\n");
	put(dev, "/etc/default/isc-dhcp-relay", 0644, "SERVERS=\"\"\n");
	put(dev, "/etc/lldpd.conf", 0644, "configure lldp tx-interval 30\n");
	hostkey_write(dev);
	for (int i = 0; i < SERVICES; i++)
		dev->services[i] =
		    (struct service){.enabled = i != SERVICE_ZTP && i != SERVICE_NETQ};
	dev->services[SERVICE_NETD].enabled = dev->release->nclu;
	dev->fresh = true;
}
