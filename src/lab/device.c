/* SPDX-License-Identifier: ISC */
/* Power and boot: the life cycle of one device, in lab time. */
#include "config.h"

#include "lab/device.h"

#include "lab/onie.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds of lab time, beside those of the system: a plain reboot is about 90 s, an install
 * about 200 s. */
enum {
	ONIE_RUNS = 108000,
	ZTP_WAITS = 4000, /* from sshd's first answer to the ZTP script */
};

static const struct system *system_of(const struct device *dev)
{
	return dev->platform->system;
}

bool device_up(const struct device *dev)
{
	return dev->phase == PHASE_UP;
}

static void new_boot_id(struct device *dev)
{
	uint64_t a = lab_random(&dev->random), b = lab_random(&dev->random);
	(void)snprintf(dev->boot_id, sizeof(dev->boot_id), "%08x-%04x-4%03x-a%03x-%012" PRIx64,
		       (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
		       (unsigned)(b >> 48) & 0xfff, b & UINT64_C(0xffffffffffff));
}

static void enter(struct device *dev, enum phase phase, int64_t ms, const char *event)
{
	dev->phase = phase;
	dev->phase_until =
	    ms < 0 ? -1 : dev->lab->now + ms + (ms ? lab_jitter(dev, ms / 10 + 1) : 0);
	dev->lab->dirty = true;
	lab_log(dev->lab, dev, event, "%s", dev->version);
}

void device_reboot(struct device *dev, const char *why)
{
	if (dev->phase != PHASE_UP || dev->phase_until >= 0)
		return;
	lab_log(dev->lab, dev, "reboot", "%s", why);
	if (dev->installer || dev->apt)
		lab_log(dev->lab, dev, "violation", "reboot-while-installing %s", dev->name);
	fault_moment(dev, "reboot");
	dev->phase_until = dev->lab->now + system_of(dev)->times.stops;
}

void device_power_cycle(struct device *dev)
{
	if (dev->phase == PHASE_DEAD)
		enter(dev, PHASE_DOWN, system_of(dev)->times.firmware, "power");
}

/* sshd is gone, and with it all that ran; the ports go down. */
static void stop(struct device *dev)
{
	dev->connection_gen++;
	enter(dev, PHASE_STOPPING, system_of(dev)->times.stopping, "down");
	proc_kill_device(dev->lab, dev);
	for (int i = 0; i < SERVICES; i++)
		service_stop(dev, (enum service_id)i);
	for (size_t i = 0; i < dev->ports.n; i++)
		dev->ports.v[i].admin = false;
	dev->bgp_graceful_shutdown = dev->bgp_admin_shutdown = dev->bgp_configured = false;
	dev->mlag_priority = -1;
	dev->installer = dev->apt = dev->ztp = NULL;
	if (system_of(dev)->stopped)
		system_of(dev)->stopped(dev);
}

static void units_free(struct device *dev)
{
	for (size_t i = 0; i < dev->units.n; i++) {
		blob_unref(dev->units.v[i]->journal);
		free(dev->units.v[i]->name);
		free(dev->units.v[i]->command);
		free(dev->units.v[i]);
	}
	VEC_RELEASE(&dev->units);
}

/* The kernel runs again: everything that lives in memory starts from nothing. */
static void kernel_starts(struct device *dev)
{
	new_boot_id(dev);
	units_free(dev);
	(void)vfs_remove(&dev->vfs, "/run");
	(void)vfs_remove(&dev->vfs, "/tmp");
	vfs_mkdir(&dev->vfs, "/run/lock", 0755, dev->lab->now);
	vfs_mkdir(&dev->vfs, "/tmp", 01777, dev->lab->now);
	dev->booted_at = dev->lab->now;
	if (system_of(dev)->kernel)
		system_of(dev)->kernel(dev);
}

static void come_up(struct device *dev)
{
	enter(dev, PHASE_UP, -1, "up");
	dev->up_at = dev->lab->now;
	fault_moment(dev, dev->fresh ? "post-install" : "boot");
	system_of(dev)->start(dev);
	fault_apply(dev);
	if (dev->fresh && vfs_get(&dev->vfs, ZTP_SCRIPT))
		dev->services[SERVICE_ZTP].since =
		    dev->lab->now + ZTP_WAITS + lab_jitter(dev, 2000);
}

static void start_ztp(struct device *dev)
{
	dev->services[SERVICE_ZTP].since = -1;
	dev->fresh = false;
	if (fault_fire(dev, "ztp-fails")) {
		lab_log(dev->lab, dev, "ztp-ended", "status 1 (fault)");
		return;
	}
	lab_log(dev->lab, dev, "ztp-started", "%s", ZTP_SCRIPT);
	dev->ztp = proc_spawn(dev->lab, dev, "root", 0, "sleep 2; bash " ZTP_SCRIPT);
	proc_resume(dev->ztp);
}

static void firmware_done(struct device *dev)
{
	if (fault_fire(dev, "never-returns")) {
		enter(dev, PHASE_DEAD, -1, "dead");
		return;
	}
	bool install = dev->install_pending;
	if (install && fault_fire(dev, "boots-old-image")) {
		onie_cancel(dev);
		lab_log(dev->lab, dev, "boots-old-image", "%s", dev->version);
		install = false;
	}
	kernel_starts(dev);
	if (install)
		enter(dev, PHASE_ONIE, ONIE_RUNS, "onie");
	else
		enter(dev, PHASE_BOOTING, system_of(dev)->times.booting, "boot");
}

static void phase_ends(struct device *dev)
{
	dev->phase_until = -1;
	switch (dev->phase) {
	case PHASE_UP:
		stop(dev);
		break;
	case PHASE_STOPPING:
		enter(dev, PHASE_DOWN, system_of(dev)->times.firmware, "power");
		break;
	case PHASE_DOWN:
		firmware_done(dev);
		break;
	case PHASE_ONIE:
		dev->connection_gen++; /* who had reached ONIE has not reached the new system */
		onie_install_now(dev);
		kernel_starts(dev);
		enter(dev, PHASE_BOOTING, system_of(dev)->times.booting, "boot");
		break;
	case PHASE_BOOTING:
		come_up(dev);
		break;
	case PHASE_DEAD:
		break;
	}
}

static int64_t ztp_due(const struct device *dev)
{
	bool waits = dev->phase == PHASE_UP && dev->fresh && dev->services[SERVICE_ZTP].since > 0;
	return waits ? dev->services[SERVICE_ZTP].since : -1;
}

void device_advance(struct device *dev)
{
	if (dev->phase_until >= 0 && dev->phase_until <= dev->lab->now)
		phase_ends(dev);
	int64_t ztp = ztp_due(dev);
	if (ztp >= 0 && ztp <= dev->lab->now)
		start_ztp(dev);
	if (system_of(dev)->advance && dev->phase == PHASE_UP)
		system_of(dev)->advance(dev);
}

int64_t device_next(const struct device *dev)
{
	int64_t soonest = dev->phase_until;
	int64_t others[] = {ztp_due(dev), system_of(dev)->next && dev->phase == PHASE_UP
						  ? system_of(dev)->next(dev)
						  : -1};
	for (size_t i = 0; i < LEN(others); i++)
		if (others[i] >= 0 && (soonest < 0 || others[i] < soonest))
			soonest = others[i];
	return soonest;
}

void device_boot_now(struct device *dev)
{
	kernel_starts(dev);
	dev->booted_at = -((int64_t)dev->index * 61000 + 8 * 86400000LL); /* up for 8 days */
	dev->phase = PHASE_BOOTING;
	come_up(dev);
	for (int i = 0; i < SERVICES; i++)
		dev->services[i].since = -1;
}

void device_free(struct device *dev)
{
	if (system_of(dev)->end)
		system_of(dev)->end(dev);
	units_free(dev);
	vfs_release(&dev->vfs);
	VEC_RELEASE(&dev->ports);
	for (size_t i = 0; i < dev->drops.n; i++)
		free(dev->drops.v[i]);
	VEC_RELEASE(&dev->drops);
	free(dev->name);
	free(dev->address);
	free(dev->role);
	free(dev->group);
	free(dev->version);
	free(dev->image_version);
	free(dev->hostname);
	free(dev->host_key);
	free(dev->host_public_key);
	free(dev);
}
