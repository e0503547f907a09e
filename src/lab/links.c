/* SPDX-License-Identifier: ISC */
/*
 * What follows from both ends of a cable: link state, MLAG, BGP, LLDP, and the lab's own verdicts.
 * links_update() runs after every change and whenever something becomes due by time alone.
 */
#include "config.h"

#include "lab/calico.h"
#include "lab/device.h"
#include "lab/srx.h"

#include <string.h>

enum {
	LONG_AGO = -10000000,
	LLDP_AFTER = 3000,
	BGP_AFTER = 3500,
	MLAG_AFTER = 2500,
	RELOAD_TIMER = 300000,
	PASSES = 3 /* ports follow MLAG, which follows ports */
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct device *other(const struct device *dev, const struct port *p)
{
	return p->peer >= 0 ? dev->lab->devices.v[p->peer] : NULL;
}

/* By a fault. */
static bool cable_out(struct device *dev, const struct port *p)
{
	struct fault *cut = dev->lab->faults.n ? fault_get(dev, "link-down", false) : NULL;
	return cut && str_eq(cut->arg, p->name);
}

static bool end_up(struct device *dev, const struct port *p)
{
	return p->admin && !p->proto_down && !cable_out(dev, p) &&
	       service_active(dev, SERVICE_SWITCHD);
}

static bool swp_oper(struct device *dev, const struct port *p)
{
	struct device *peer = other(dev, p);
	if (!end_up(dev, p))
		return false;
	return p->host || (peer && end_up(peer, &peer->ports.v[p->peer_port]));
}

static bool port_oper(struct device *dev, const struct port *p, size_t index)
{
	switch (p->kind) {
	case PORT_SWP:
		return swp_oper(dev, p);
	case PORT_BOND:
		for (size_t i = 0; p->admin && i < dev->ports.n; i++)
			if (dev->ports.v[i].bond == (int)index && dev->ports.v[i].oper)
				return true;
		return false;
	case PORT_VLAN: {
		char parent[16];
		size_t n = strcspn(p->name, ".");
		memcpy(parent, p->name, n);
		parent[n] = '\0';
		int i = port_find(dev, parent);
		return p->admin && i >= 0 && dev->ports.v[i].oper;
	}
	default:
		return p->admin && dev->phase == PHASE_UP;
	}
}

/* true: something is another way than before. */
static bool update_ports(struct device *dev)
{
	bool changed = false;
	for (size_t i = 0; i < dev->ports.n; i++) {
		struct port *p = &dev->ports.v[i];
		bool oper = port_oper(dev, p, i);
		if (oper == p->oper)
			continue;
		p->oper = oper;
		p->oper_since = dev->lab->now;
		changed = true;
	}
	return changed;
}

/* --- MLAG ------------------------------------------------------------------------------------- */
int mlag_priority(const struct device *dev)
{
	return dev->mlag_priority >= 0 ? dev->mlag_priority : dev->mlag.priority;
}

bool peerlink_up(const struct device *dev)
{
	int i = port_find(dev, "peerlink");
	return i >= 0 && dev->ports.v[i].oper;
}

/* When the peer becomes (or became) alive; NEVER: it does not. */
#define NEVER INT64_MIN
static int64_t alive_at(struct device *dev)
{
	if (dev->peer < 0 || !dev->mlag.configured || !peerlink_up(dev))
		return NEVER;
	struct device *peer = dev->lab->devices.v[dev->peer];
	if (!peer->mlag.configured || !peerlink_up(peer) || !service_active(dev, SERVICE_CLAGD) ||
	    !service_active(peer, SERVICE_CLAGD))
		return NEVER;
	if (fault_get(dev, "mlag-stays-down", false) || fault_get(peer, "mlag-stays-down", false))
		return NEVER;
	int64_t link = later(dev->ports.v[port_find(dev, "peerlink")].oper_since,
			     peer->ports.v[port_find(peer, "peerlink")].oper_since);
	return later(link, later(dev->services[SERVICE_CLAGD].since,
				 peer->services[SERVICE_CLAGD].since)) +
	       MLAG_AFTER;
}

bool mlag_peer_alive(const struct device *dev)
{
	return dev->mlag_peer_since >= 0;
}

bool mlag_backup_active(const struct device *dev)
{
	if (dev->peer < 0 || !dev->mlag.configured)
		return false;
	const struct device *peer = dev->lab->devices.v[dev->peer];
	return str_eq(dev->mlag.backup_ip, peer->address) && service_active(peer, SERVICE_CLAGD);
}

bool mlag_is_primary(const struct device *dev)
{
	const struct device *peer = dev->peer >= 0 ? dev->lab->devices.v[dev->peer] : NULL;
	/* Over the backup link alone the roles stay what the priorities made them. */
	if (!peer || (!mlag_peer_alive(dev) && !mlag_backup_active(dev)))
		return true;
	if (mlag_priority(dev) != mlag_priority(peer))
		return mlag_priority(dev) < mlag_priority(peer);
	return strcmp(dev->mac, peer->mac) < 0;
}

bool mlag_dual(const struct device *dev, const struct port *bond)
{
	if (!mlag_peer_alive(dev) || !bond->oper)
		return false;
	const struct device *peer = dev->lab->devices.v[dev->peer];
	for (size_t i = 0; i < peer->ports.n; i++)
		if (peer->ports.v[i].clag_id == bond->clag_id && peer->ports.v[i].oper)
			return str_eq(dev->release->iproute,
				      peer->release->iproute); /* another major: LACP key differs */
	return false;
}

static void release_bonds(struct device *dev, int64_t *due)
{
	int64_t now = dev->lab->now, since = dev->services[SERVICE_CLAGD].since;
	if (dev->mlag_released)
		return;
	int64_t at = since + RELOAD_TIMER;
	if (mlag_peer_alive(dev) && dev->mlag_peer_since + dev->release->init_delay_s * 1000 < at)
		at = dev->mlag_peer_since + dev->release->init_delay_s * 1000;
	if (now >= at)
		dev->mlag_released = true;
	else if (*due < 0 || at < *due)
		*due = at;
}

/* Bonds with a clag-id are proto-down until MLAG is ready, and on the secondary that lost the
 * peerlink while the peer lives. */
static bool update_mlag(struct device *dev, int64_t *due)
{
	int64_t at = alive_at(dev), was = dev->mlag_peer_since;
	bool alive = at != NEVER && at <= dev->lab->now;
	if (at > dev->lab->now && (*due < 0 || at < *due))
		*due = at;
	if (!alive)
		dev->mlag_peer_since = -1;
	else if (dev->mlag_peer_since < 0)
		dev->mlag_peer_since = at > 0 ? at : 0;
	bool runs = dev->mlag.configured && service_active(dev, SERVICE_CLAGD);
	if (!runs)
		dev->mlag_released = false;
	else
		release_bonds(dev, due);
	bool split = runs && !alive && mlag_backup_active(dev) && !mlag_is_primary(dev);
	bool down = runs && (!dev->mlag_released || split), changed = dev->mlag_peer_since != was;
	for (size_t i = 0; i < dev->ports.n; i++) {
		struct port *p = &dev->ports.v[i];
		if (p->bond < 0 || !dev->ports.v[p->bond].clag_id)
			continue;
		changed |= p->proto_down != down || dev->ports.v[p->bond].proto_down != down;
		p->proto_down = dev->ports.v[p->bond].proto_down = down;
	}
	return changed;
}

/* --- BGP and LLDP ----------------------------------------------------------------------------- */
bool bgp_neighbour(const struct device *dev, const struct port *p)
{
	return p->bgp && dev->bgp_configured;
}

int64_t bgp_since(const struct device *dev, const struct port *p)
{
	struct device *peer = other(dev, p);
	if (!peer)
		return -1;
	const struct port *far = &peer->ports.v[p->peer_port];
	int64_t at = later(later(p->oper_since, far->oper_since),
			   later(dev->bgp_changed, peer->bgp_changed));
	return later(at,
		     later(dev->services[SERVICE_FRR].since, peer->services[SERVICE_FRR].since)) +
	       BGP_AFTER;
}

bool bgp_established(const struct device *dev, const struct port *p)
{
	struct device *peer = other(dev, p);
	if (!peer || !p->oper || !bgp_neighbour(dev, p) ||
	    !bgp_neighbour(peer, &peer->ports.v[p->peer_port]))
		return false;
	if (dev->bgp_admin_shutdown || peer->bgp_admin_shutdown ||
	    !service_active(dev, SERVICE_FRR) || !service_active(peer, SERVICE_FRR))
		return false;
	if (fault_get((struct device *)dev, "bgp-stays-down", false) ||
	    fault_get(peer, "bgp-stays-down", false))
		return false;
	return dev->lab->now >= bgp_since(dev, p);
}

static bool has_sessions(const struct device *dev)
{
	for (size_t i = 0; i < dev->ports.n; i++)
		if (bgp_established(dev, &dev->ports.v[i]))
			return true;
	return false;
}

/* Routes of all that have a session of their own, seen through this neighbour. */
int bgp_prefixes(const struct device *dev, const struct port *p)
{
	if (!bgp_established(dev, p))
		return 0;
	struct device *peer = other(dev, p);
	int n = 1;
	for (size_t i = 0; i < peer->ports.n; i++) {
		struct port *q = &peer->ports.v[i];
		if (q->peer != dev->index && bgp_established(peer, q) &&
		    has_sessions(other(peer, q)))
			n++;
	}
	return n;
}

bool lldp_sees(const struct device *dev, const struct port *p)
{
	struct device *peer = other(dev, p);
	if (!peer || !p->oper || !service_active(dev, SERVICE_LLDPD) ||
	    !service_active(peer, SERVICE_LLDPD) || fault_of_port(dev, "lldp-lost", p))
		return false;
	int64_t at = later(p->oper_since, later(dev->services[SERVICE_LLDPD].since,
						peer->services[SERVICE_LLDPD].since));
	return dev->lab->now >= at + LLDP_AFTER;
}

/* --- verdicts --------------------------------------------------------------------------------- */
static bool serves(const struct device *dev)
{
	if (!service_active(dev, SERVICE_SWITCHD) || (dev->cluster && !cluster_forwards(dev)))
		return false;
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		if (p->kind == PORT_SWP && p->oper && p->peer != dev->peer)
			return true;
		if (p->kind == PORT_SWP && p->oper && p->host)
			return true;
	}
	return false;
}

static bool is_isolated(const struct device *dev)
{
	bool any = false;
	for (size_t i = 0; i < dev->ports.n; i++) {
		const struct port *p = &dev->ports.v[i];
		struct device *peer = other(dev, p);
		if (!peer || p->peer == dev->peer || p->kind != PORT_SWP)
			continue;
		any = true;
		const struct port *far = &peer->ports.v[p->peer_port];
		if (peer->serving && far->admin && !cable_out((struct device *)dev, p) &&
		    !cable_out(peer, far))
			return false;
	}
	return any;
}

static void judge(struct lab *lab)
{
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		bool serving = serves(dev);
		if (serving != dev->serving)
			lab_log(lab, dev, serving ? "serving" : "dark", "%s", dev->version);
		dev->serving = serving;
	}
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		bool configured =
		    dev->phase == PHASE_UP && !dev->fresh && service_active(dev, SERVICE_SWITCHD);
		bool isolated = configured && is_isolated(dev);
		if (isolated && !dev->isolated)
			lab_log(lab, dev, "violation", "isolated %s", dev->name);
		else if (!isolated && dev->isolated)
			lab_log(lab, dev, "reachable", "%s", dev->name);
		dev->isolated = isolated;
		if (dev->peer < (int)i)
			continue; /* no pair, or it was seen already */
		bool down = !dev->serving && !lab->devices.v[dev->peer]->serving;
		if (down && !dev->pair_down && dev->cluster)
			lab_log(lab, dev, dev->cluster->in_band ? "interrupted" : "violation",
				"cluster-dark %s", dev->group);
		else if (down && !dev->pair_down)
			lab_log(lab, dev, "violation", "both-mlag-peers-down %s", dev->group);
		else if (!down && dev->pair_down && dev->cluster)
			lab_log(lab, dev, "forwards", "%s", dev->group);
		dev->pair_down = down;
	}
}

/* When a service gets past its starting time, links may change. */
static void services_due(const struct device *dev, int64_t *due)
{
	if (dev->phase != PHASE_UP)
		return;
	for (int i = 0; i < SERVICES; i++) {
		int64_t at = dev->services[i].since;
		if (dev->services[i].running && at > dev->lab->now && (*due < 0 || at < *due))
			*due = at;
	}
}

void links_update(struct lab *lab)
{
	bool timed = lab->links_due >= 0 && lab->links_due <= lab->now;
	if (!lab->dirty && !timed)
		return;
	lab->dirty = false;
	lab->changes++;
	int64_t due = -1;
	bool changed = true;
	for (int pass = 0; changed && pass < PASSES; pass++) {
		changed = false;
		for (size_t i = 0; i < lab->devices.n; i++)
			changed |= update_ports(lab->devices.v[i]);
		if (pass > 0 && !changed)
			break;
		due = -1;
		for (size_t i = 0; i < lab->devices.n; i++)
			changed |= update_mlag(lab->devices.v[i], &due);
	}
	for (size_t i = 0; i < lab->devices.n; i++)
		services_due(lab->devices.v[i], &due);
	judge(lab);
	traffic_update(lab);
	calico_update(lab);
	/* sessions come up by time alone: look again when the last of them can be there */
	int64_t again = lab->now + BGP_AFTER + 100;
	lab->links_due = due >= 0 && due < again ? due : timed && due < 0 ? -1 : again;
}

int64_t links_next(const struct lab *lab)
{
	return lab->links_due;
}

void links_settle(struct lab *lab)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < lab->devices.n; i++) {
			struct device *dev = lab->devices.v[i];
			for (size_t k = 0; k < dev->ports.n; k++)
				dev->ports.v[k].oper_since = LONG_AGO;
			for (int s = 0; s < SERVICES; s++)
				dev->services[s].since = LONG_AGO;
			dev->bgp_changed = LONG_AGO;
			dev->mlag_released = true;
		}
		lab->dirty = true;
		links_update(lab);
	}
	for (size_t i = 0; i < lab->devices.n; i++)
		for (size_t k = 0; k < lab->devices.v[i]->ports.n; k++)
			lab->devices.v[i]->ports.v[k].oper_since = LONG_AGO;
	lab->links_due = -1;
}
