/* SPDX-License-Identifier: ISC */
/* What can go wrong with any device, and with a switch; what each kind does when it arms. */
#include "config.h"

#include "lab/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void disk_full(struct device *dev, struct fault *f)
{
	int64_t left = f->arg ? atoll(f->arg) : 0;
	if (!dev->disk)
		dev->disk = dev->vfs.capacity;
	dev->vfs.capacity = vfs_used(&dev->vfs) + left;
}

static void disk_freed(struct device *dev, struct fault *f)
{
	(void)f;
	dev->vfs.capacity = dev->disk;
	dev->disk = 0;
}

static void file_missing(struct device *dev, struct fault *f)
{
	(void)vfs_remove(&dev->vfs, f->arg ? f->arg : "/etc/network/interfaces");
}

/* What was open is gone, too: nobody hears from the device any more. */
static void cut_off(struct device *dev, struct fault *f)
{
	(void)f;
	dev->connection_gen++;
}

static void no_licence(struct device *dev, struct fault *f)
{
	(void)f;
	(void)vfs_remove(&dev->vfs, "/etc/cumulus/.license.txt");
	if (dev->release->licence && dev->phase == PHASE_UP)
		service_stop(dev, SERVICE_SWITCHD);
}

static void licence_invalid(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->release->licence && dev->phase == PHASE_UP &&
	    dev->services[SERVICE_SWITCHD].running)
		(void)service_start(dev, SERVICE_SWITCHD, NULL);
}

static void licence_back(struct device *dev, struct fault *f)
{
	(void)f;
	licence_write(dev);
	if (dev->release->licence && dev->phase == PHASE_UP)
		(void)service_start(dev, SERVICE_SWITCHD, NULL);
}

/* In whichever VRF it runs. */
static int service_named(const struct device *dev, const char *name)
{
	char *inside = xasprintf("%s@mgmt", name), *base = xstrndup(name, strcspn(name, "@"));
	int id = service_find(dev, name);
	if (id < 0)
		id = service_find(dev, inside);
	if (id < 0)
		id = service_find(dev, base);
	free(inside);
	free(base);
	return id;
}

static void service_missing(struct device *dev, struct fault *f)
{
	int id = service_named(dev, f->arg ? f->arg : "ntp");
	if (id < 0)
		return;
	service_stop(dev, (enum service_id)id);
	dev->services[id].missing = true;
}

static void service_back(struct device *dev, struct fault *f)
{
	int id = service_named(dev, f->arg ? f->arg : "ntp");
	if (id < 0)
		return;
	dev->services[id].missing = false;
	if (dev->phase == PHASE_UP && dev->services[id].enabled)
		(void)service_start(dev, (enum service_id)id, NULL);
}

static void interfaces_again(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->phase == PHASE_UP)
		config_apply_interfaces(dev, false);
	dev->lab->dirty = true;
}

static void clagd_again(struct device *dev, struct fault *f)
{
	(void)f;
	if (dev->phase == PHASE_UP)
		(void)service_start(dev, SERVICE_CLAGD, NULL);
}

static void backup_ip(struct device *dev, struct fault *f)
{
	(void)f;
	(void)snprintf(dev->mlag.backup_ip, sizeof(dev->mlag.backup_ip), "10.10.10.99");
	dev->lab->dirty = true;
}

static void peer_down(struct device *dev, struct fault *f)
{
	(void)f;
	service_stop(dev, SERVICE_CLAGD);
	dev->services[SERVICE_CLAGD].failed = true;
}

static void hostname_default(struct device *dev, struct fault *f)
{
	(void)f;
	free(dev->hostname);
	dev->hostname = xstrdup("cumulus");
	vfs_put_text(&dev->vfs, "/etc/hostname", "cumulus\n", 0644, dev->lab->now);
}

static void show_version(struct device *dev, const char *version)
{
	char *text = xasprintf("DISTRIB_ID=\"Cumulus Linux\"\nDISTRIB_RELEASE=%s\n"
			       "DISTRIB_DESCRIPTION=\"Cumulus Linux %s\"\n",
			       version, version);
	vfs_put_text(&dev->vfs, "/etc/lsb-release", text, 0644, dev->lab->now);
	free(text);
}

static void stale_version(struct device *dev, struct fault *f)
{
	show_version(dev, f->arg ? f->arg : "3.7.4");
}

static void true_version(struct device *dev, struct fault *f)
{
	(void)f;
	show_version(dev, dev->version);
}

static void foreign_os(struct device *dev, struct fault *f)
{
	(void)f;
	vfs_put_text(&dev->vfs, "/etc/lsb-release",
		     "DISTRIB_ID=Debian\nDISTRIB_RELEASE=12\n"
		     "DISTRIB_DESCRIPTION=\"Debian GNU/Linux 12 (bookworm)\"\n",
		     0644, dev->lab->now);
}

static void power_cycle(struct device *dev, struct fault *f)
{
	(void)f;
	device_power_cycle(dev);
}

const struct fault_row switch_fault_rows[] = {
    {"unreachable", -1, NULL, "packets vanish: a connection never gets an answer", cut_off, NULL},
    {"no-route", -1, NULL, "no route to host (loopback: connection refused)", cut_off, NULL},
    {"refused", -1, NULL, "connection refused", cut_off, NULL},
    {"cut-at-connect", 1, NULL, "the connection is accepted and closed at once", NULL, NULL},
    {"wrong-password", -1, NULL, "no password and no key is accepted", NULL, NULL},
    {"host-key-changed", -1, NULL, "another host key than the one in known_hosts", NULL, NULL},
    {"sudo-password", -1, NULL, "sudo asks for a password", NULL, NULL},
    {"no-licence", -1, NULL, "the licence file is gone, switchd does not run (3.x, 4.x)",
     no_licence, licence_back},
    {"licence-invalid", -1, NULL, "the licence is not accepted (3.x, 4.x)", licence_invalid,
     licence_back},
    {"disk-full", -1, NULL, "=BYTES left on the disk (0)", disk_full, disk_freed},
    {"backup-file-missing", 1, NULL, "=PATH is not there (/etc/network/interfaces)", file_missing,
     NULL},
    {"mlag-peer-down", 1, NULL, "clagd has failed: the peer is not alive", peer_down, clagd_again},
    {"mlag-backup-ip", -1, NULL, "the MLAG backup IP does not belong to the peer", backup_ip,
     interfaces_again},
    {"mlag-sysmac", -1, NULL, "another MLAG system MAC than the peer", NULL, NULL},
    {"mlag-anycast", -1, NULL, "another VXLAN anycast IP than the peer", NULL, NULL},
    {"config-unsaved", -1, NULL, "a configuration change was never saved", NULL, NULL},
    {"clock-free", -1, NULL, "the clock follows no time server", NULL, NULL},
    {"mlag-stays-down", -1, "reboot", "clagd never finds its peer again", NULL, NULL},
    {"upload-cut", 1, NULL, "=N% the connection breaks when so much of an upload has arrived", NULL,
     NULL},
    {"upload-stalls", 1, NULL, "=N% nothing more is read when so much has arrived", NULL, NULL},
    {"install-fails", 1, NULL, "onie-install ends with an error", NULL, NULL},
    {"install-hangs", 1, NULL, "onie-install never ends", NULL, NULL},
    {"boots-old-image", 1, NULL, "the staged image is ignored at boot (CM-24803)", NULL, NULL},
    {"never-returns", 1, NULL, "it does not come back from the next boot", NULL, power_cycle},
    {"hangs", 1, NULL, "=REGEX a command that matches never answers", NULL, NULL},
    {"fails", -1, NULL, "=REGEX a command that matches ends with an error", NULL, NULL},
    {"drops-during", 1, NULL, "=REGEX the session drops, the command goes on", NULL, NULL},
    {"drops-before", 1, NULL, "=REGEX the session drops, the command was not run", NULL, NULL},
    {"drops-each", -1, NULL, "=REGEX from this command on, each one drops once before and once after",
     NULL, NULL},
    {"garbage", -1, NULL, "terminal escapes, bidi and broken UTF-8 in output and banner", NULL,
     NULL},
    {"stale-version", -1, NULL, "=VERSION lsb-release shows another version (3.7.4)", stale_version,
     true_version},
    {"foreign-os", -1, NULL, "lsb-release is that of another system", foreign_os, true_version},
    {"ztp-fails", 1, NULL, "the ZTP script does not run after an install", NULL, NULL},
    {"site-ztp", -1, NULL, "a DHCP server provisions it after an install", NULL, NULL},
    {"service-missing", -1, NULL, "=NAME this service does not exist (ntp)", service_missing,
     service_back},
    {"bgp-stays-down", -1, "reboot", "no BGP session comes up any more", NULL, NULL},
    {"lldp-lost", -1, "reboot", "=PORT hears nothing by LLDP any more", NULL, NULL},
    {"routes-fewer", -1, "reboot", "=N routes less (3)", NULL, NULL},
    {"prefixes-flap", -1, NULL, "=PORT another number of BGP prefixes at every look", NULL, NULL},
    {"mac-flaps", -1, NULL, "a MAC address is there at every second look only", NULL, NULL},
    {"link-down", -1, NULL, "=PORT the cable is out", NULL, NULL},
    {"hostname-default", 1, NULL, "the hostname is cumulus", hostname_default, NULL},
    {"slow", -1, NULL, "=SECONDS more for each command", NULL, NULL},
    {"no-drain", -1, NULL, "traffic stays in spite of a graceful shutdown", NULL, NULL},
    {"config-open", -1, NULL, "somebody edits the configuration (Junos)", NULL, NULL},
    {"commit-fails", 1, NULL, "a commit is refused (Junos)", NULL, NULL},
    {"validate-fails", 1, NULL, "the image does not take the configuration (Junos)", NULL, NULL},
    {"no-rollback", -1, NULL, "there is nothing to roll back to (Junos)", NULL, NULL},
    {"rescue-alarm", -1, NULL, "a minor alarm: no rescue configuration (Junos)", NULL, NULL},
    {"system-alarm", -1, NULL, "a major system alarm (Junos)", NULL, NULL},
    {"chassis-alarm", -1, NULL, "a major chassis alarm (Junos)", NULL, NULL},
    {"cpu-busy", -1, NULL, "=IDLE per cent of the routing engine (12) (Junos)", NULL, NULL},
    {"fpc-busy", -1, NULL, "=CPU per cent of the line card (83) (Junos)", NULL, NULL},
    {"staged-by-host", -1, NULL, "only the log of installs tells what is staged (Junos)", NULL, NULL},
    {"pic-offline", -1, NULL, "a second PIC of the line card never goes online (Junos)", NULL, NULL},
    {"fpc-heap", -1, NULL, "=HEAP per cent of the line card (71) (Junos)", NULL, NULL},
    {"bgp-flaps", -1, NULL, "=N flaps of each underlay session (9) (Junos)", NULL, NULL},
    {"lacp-down", -1, NULL, "=AE its bundle is detached (all) (Junos)", NULL, NULL},
    {"input-errors", -1, NULL, "=N errors more on every port (17) (Junos)", NULL, NULL},
    {"input-drops", -1, NULL, "=N drops more on every port (17) (Junos)", NULL, NULL},
    {"carrier-flaps", -1, NULL, "=N carrier transitions more on every port (9) (Junos)", NULL, NULL},
    {"macs-fewer", -1, "reboot", "=N MAC addresses less (9) (Junos)", NULL, NULL},
    {"storm-control", -1, NULL, "=PORT shut by storm control (all) (Junos)", NULL, NULL},
    {"apt-locked", 1, NULL, "another process holds the dpkg lock", NULL, NULL},
    {0},
};
