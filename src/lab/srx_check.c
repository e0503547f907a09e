/* SPDX-License-Identifier: ISC */
/* What the box looks at before it starts an in-service upgrade. */
#include "config.h"

#include "lab/srx_issu.h"

#include <stdlib.h>
#include <string.h>

enum { BUSY_IDLE = 20, NORMAL_IDLE = 88 };

static bool no(struct upgrade *u, const char *why)
{
	u->why = why;
	return false;
}

static bool order(const char *a, const char *b)
{
	int o = 0;
	return srx_version_order(a, b, &o) && o < 0;
}

static bool platform_can(struct upgrade *u)
{
	const struct srx_model *m = u->k->model;
	const char *from = u->c->dev->version;
	if (u->no_sync ? !m->icu : !m->issu_from) {
		blob_printf(u->c->out, "error: command is not valid on the %s%s\n", m->product,
			    m->icu ? " without no-sync" : "");
		return no(u, "platform");
	}
	if (!u->no_sync && order(from, m->issu_from)) {
		blob_printf(u->c->out, "error: ISSU is not supported on the %s before Junos %s\n",
			    m->product, m->issu_from);
		return no(u, "release");
	}
	return true;
}

static bool right_place(struct upgrade *u, const char *line)
{
	if (cluster_primary(u->k, 0) != u->me) {
		blob_puts(u->c->out,
			  "error: in-service-upgrade must be started on the primary node "
			  "of redundancy-group 0\n");
		return no(u, "secondary");
	}
	if (u->k->upgrader || u->k->window[0] || u->k->window[1]) {
		blob_puts(u->c->out, "warning: ISSU in progress\n");
		return no(u, "in progress");
	}
	if (u->c->j->editor || u->c->j->confirm_at >= 0 || fault_on(u->c->dev, "config-open")) {
		blob_puts(u->c->out, "error: configuration database modified\n");
		return no(u, "configuration");
	}
	if (!u->no_sync && !u->reboot) {
		issu_say(u, "'reboot' keyword must be specified. Aborting ISSU");
		return no(u, "reboot");
	}
	if (u->k->model->vmhost && junos_word(line, "no-copy")) {
		blob_puts(u->c->out, "error: syntax error: no-copy\n");
		return no(u, "syntax");
	}
	return true;
}

/* The train that ISSU does not lead into from older ones. */
static bool over_wall(const struct srx_model *m, const char *from, const char *to)
{
	size_t n = m->wall ? strlen(m->wall) : 0;
	bool into = n && (m->wall_open ? !order(to, m->wall) : strncmp(to, m->wall, n) == 0);
	return into && order(from, m->wall);
}

static bool image_fits(struct upgrade *u)
{
	const char *from = u->c->dev->version;
	int o = 0;
	if (fault_fire(u->c->dev, "image-gone"))
		(void)vfs_remove(&u->c->dev->vfs, u->path);
	if (!junos_package(u->c, u->path, &u->image))
		return issu_stop(u, "the package %s cannot be used", u->path);
	const char *to = u->image.version;
	if (fault_fire(u->c->dev, "image-corrupt")) {
		blob_printf(u->c->out,
			    "ERROR: %s: signature does not match the contents\n"
			    "ERROR: verification of package %s failed\n",
			    u->path, u->path);
		return issu_stop(u, "the package %s cannot be used", u->path);
	}
	if (!srx_version_order(from, to, &o) || o >= 0)
		return issu_stop(u, "%s is not later than %s", to, from);
	if (!u->no_sync && over_wall(u->k->model, from, to))
		return issu_stop(u, "ISSU from %s to %s is not supported on the %s", from, to,
				 u->k->model->product);
	bool branch = u->k->model->icu && strncmp(to, "24.4", 4) == 0 && order(from, "24.4R1");
	return !branch || issu_stop(u, "in-band upgrade to %s is not supported", to);
}

static bool groups_well(struct upgrade *u)
{
	for (int g = 0; g < SRX_RGS; g++) {
		for (int n = 0; u->k->rg[g].exists && n < 2; n++) {
			enum rg_state s = rg_shown(u->k, g, n);
			if (rg_priority(u->k, g, n) <= 0)
				return issu_stop(
				    u, "redundancy-group %d priority of node%d is zero", g, n);
			if (s != RG_PRIMARY && s != RG_SECONDARY)
				return issu_stop(u, "redundancy-group %d is %s on node%d", g,
						 rg_state_names[s], n);
		}
	}
	return true;
}

static int idle(struct device *dev)
{
	struct fault *f = fault_get(dev, "cpu-busy", false);
	return !f ? NORMAL_IDLE : f->arg ? atoi(f->arg) : 12;
}

static bool room(struct upgrade *u)
{
	int64_t need = 2 * blob_size(vfs_get(&u->c->dev->vfs, u->path)->blob);
	for (int n = 0; n < 2; n++) {
		struct device *dev = u->k->node[n];
		if (vfs_free(&dev->vfs) < need) {
			blob_printf(
			    u->c->out,
			    "ERROR: insufficient space on /var of node%d: %lld bytes needed\n", n,
			    (long long)need);
			return issu_stop(u, "not enough disk space on node%d", n);
		}
		if (idle(dev) <= BUSY_IDLE)
			return issu_stop(u, "CPU utilization of node%d is too high", n);
	}
	return true;
}

bool issu_allowed(struct upgrade *u, const char *line)
{
	return platform_can(u) && right_place(u, line) && image_fits(u) && groups_well(u) &&
	       room(u);
}
