/* SPDX-License-Identifier: ISC */
/*
 * Byte counters. A flow runs from one end of a cable to the other while the link is up, the routing
 * protocol uses it, and the sender has something to send. When that ends, packets on their way
 * still come for a second or two; what remains is the murmur of the protocols.
 */
#include "config.h"

#include "lab/device.h"

#include <string.h>

enum { DRAIN_MS = 2000 };
static const double murmur = 150, full = 1.25e6; /* bytes a second */

double port_bytes(const struct lab *lab, const struct port *p, int direction)
{
	int64_t t = lab->now, since = p->traffic_since;
	int64_t drained = p->drained_at < t ? p->drained_at : t;
	double bytes = p->bytes[direction];
	if (drained > since)
		bytes += p->old_rate[direction] * (double)(drained - since) / 1000;
	int64_t from = drained > since ? drained : since;
	return bytes + p->rate[direction] * (double)(t - from) / 1000;
}

static bool hosts_up(const struct device *dev)
{
	for (size_t i = 0; i < dev->ports.n; i++)
		if (dev->ports.v[i].oper && (dev->ports.v[i].host || dev->ports.v[i].bond >= 0) &&
		    dev->ports.v[i].peer != dev->peer)
			return true;
	return false;
}

/* Do packets go out of this port? */
static bool flows(const struct device *dev, const struct port *p)
{
	const struct device *peer = dev->lab->devices.v[p->peer];
	if (!p->oper)
		return false;
	if (p->bond >= 0)
		return p->peer != dev->peer && dev->serving && peer->serving;
	if (!bgp_established(dev, p))
		return false;
	bool drains =
	    peer->bgp_graceful_shutdown && !fault_get((struct device *)peer, "no-drain", false);
	/* a leaf in graceful shutdown still sends what its hosts give it; a spine gets nothing to
	 * send */
	bool has = str_eq(dev->role, "spine") ? !dev->bgp_graceful_shutdown : hosts_up(dev);
	return has && !drains;
}

static void set_rates(struct lab *lab, struct port *p, double in, double out)
{
	if (p->rate[0] == in && p->rate[1] == out)
		return;
	double bytes[2] = {port_bytes(lab, p, 0), port_bytes(lab, p, 1)};
	for (int i = 0; i < 2; i++) {
		p->bytes[i] = bytes[i];
		p->old_rate[i] = p->rate[i];
	}
	p->rate[0] = in;
	p->rate[1] = out;
	p->traffic_since = lab->now;
	bool falls = in < p->old_rate[0] || out < p->old_rate[1];
	p->drained_at = p->oper && falls ? lab->now + DRAIN_MS : lab->now;
}

void traffic_update(struct lab *lab)
{
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		for (size_t k = 0; k < dev->ports.n; k++) {
			struct port *p = &dev->ports.v[k];
			if (p->kind == PORT_ETH0) {
				set_rates(lab, p, murmur, murmur);
				continue;
			}
			double base = p->oper ? murmur : 0, in = base, out = base;
			double load = full * (0.7 + 0.06 * (double)((i * 7 + k * 3) % 10));
			if (p->kind == PORT_SWP && p->host && p->oper && dev->serving) {
				in += load;
				out += load;
			} else if (p->kind == PORT_SWP && p->peer >= 0) {
				const struct device *peer = lab->devices.v[p->peer];
				out += flows(dev, p) ? load : 0;
				in += flows(peer, &peer->ports.v[p->peer_port]) ? load : 0;
			}
			set_rates(lab, p, in, out);
		}
	}
}
