/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/lab.h"

#include "lab/device.h"
#include "lab/fabric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lab_intern(struct lab *lab, const char *text)
{
	for (size_t i = 0; i < lab->interned.n; i++)
		if (strcmp(lab->interned.v[i], text) == 0)
			return lab->interned.v[i];
	VEC_PUSH(&lab->interned, xstrdup(text));
	return lab->interned.v[lab->interned.n - 1];
}

void lab_log(struct lab *lab, const struct device *dev, const char *event, const char *fmt, ...)
{
	if (!lab->options.log)
		return;
	va_list ap;
	va_start(ap, fmt);
	char *detail = xvasprintf(fmt, ap);
	va_end(ap);
	lab->options.log(lab->options.log_ctx, lab->now, dev ? dev->name : "", event, detail);
	free(detail);
}

/* splitmix64 */
uint64_t lab_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t lab_jitter(struct device *dev, int64_t ms)
{
	return ms > 0 ? (int64_t)(lab_random(&dev->random) % (uint64_t)ms) : 0;
}

static const char * or (const char *given, const char *otherwise)
{
	return given && *given ? given : otherwise;
}

bool lab_version_ok(const char *v)
{
	return *v >= '1' && *v <= '9' &&
	       v[strspn(v, "0123456789.~-RSXDabcdefghijklmnopqrstuvwxyz")] == '\0' && strchr(v, '.');
}

struct lab *lab_new(const struct lab_options *o, struct err *e)
{
	struct lab *lab = xcalloc(1, sizeof(*lab));
	lab->options = *o;
	lab->options.fabric = lab_intern(lab, or (o->fabric, "reference"));
	const struct fabric_defaults *d = fabric_defaults(lab->options.fabric);
	lab->options.from_version = lab_intern(lab, or (o->from_version, d->from_version));
	lab->options.platform = lab_intern(lab, or (o->platform, d->platform));
	lab->password = xstrdup(or (o->password, "CumulusLinux!"));
	lab->pool = fiber_pool_new();
	lab->links_due = -1;
	lab->next_pid = 1000;
	int rc = 0;
	if (!platform_find(lab->options.platform))
		rc = platform_unknown(lab->options.platform, e);
	else if (!lab_version_ok(lab->options.from_version))
		rc = err_set(e, ERR_INPUT, "version \"%s\": expected x.y.z",
			     lab->options.from_version);
	if (rc || fabric_build(lab, e)) {
		lab_free(lab);
		return NULL;
	}
	key_make(lab->options.seed ^ UINT64_C(0xfeedface), 0, "operator@lab", &lab->operator_key,
		 &lab->operator_public);
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		char *version = xstrdup(or (dev->version, lab->options.from_version));
		dev->platform->system->install(dev, version);
		free(version);
		dev->platform->system->configure(dev);
		device_boot_now(dev);
	}
	links_settle(lab);
	return lab;
}

const char *lab_default_to(const char *fabric)
{
	return fabric_defaults(fabric ? fabric : "")->to_version;
}

const char *lab_default_from(const char *fabric)
{
	return fabric_defaults(fabric ? fabric : "")->from_version;
}

bool lab_system(const char *name, struct lab_system *out)
{
	const struct platform *p = platform_of(name, NULL);
	const struct fabric_defaults *d = fabric_defaults_of(name);
	if (!p || !d)
		return false;
	*out = (struct lab_system){p->system->user, d->from_version, p->system->group,
				   p->system->pair, p->system->cables};
	return true;
}

bool lab_model(const char *system, const char *model)
{
	return platform_of(system, model) != NULL;
}

void lab_free(struct lab *lab)
{
	if (!lab)
		return;
	for (size_t i = 0; i < lab->devices.n; i++)
		if (lab->devices.v[i]->platform && lab->devices.v[i]->platform->system->close)
			lab->devices.v[i]->platform->system->close(lab->devices.v[i]);
	lab->options.wake = NULL;
	lab->options.log = NULL;
	while (lab->procs.n)
		proc_free(lab->procs.v[lab->procs.n - 1]);
	for (size_t i = 0; i < lab->devices.n; i++)
		device_free(lab->devices.v[i]);
	for (size_t i = 0; i < lab->faults.n; i++)
		fault_release(&lab->faults.v[i]);
	for (size_t i = 0; i < lab->interned.n; i++)
		free(lab->interned.v[i]);
	VEC_RELEASE(&lab->devices);
	VEC_RELEASE(&lab->links);
	VEC_RELEASE(&lab->faults);
	VEC_RELEASE(&lab->procs);
	VEC_RELEASE(&lab->interned);
	fiber_pool_free(lab->pool);
	free(lab->calico);
	free(lab->operator_key);
	free(lab->operator_public);
	free(lab->password);
	free(lab);
}

int64_t lab_now(const struct lab *lab)
{
	return lab->now;
}

uint64_t lab_changes(const struct lab *lab)
{
	return lab->changes;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

int64_t lab_next(const struct lab *lab)
{
	int64_t next = sooner(procs_next(lab), links_next(lab));
	for (size_t i = 0; i < lab->devices.n; i++)
		next = sooner(next, device_next(lab->devices.v[i]));
	return lab->dirty ? lab->now : next;
}

/* One moment after the other, in order: what happens at one may make another one due. */
void lab_advance(struct lab *lab, int64_t now)
{
	for (;;) {
		links_update(lab);
		int64_t next = lab_next(lab);
		if (next < 0 || next > now)
			break;
		if (next > lab->now)
			lab->now = next;
		for (size_t i = 0; i < lab->devices.n; i++)
			device_advance(lab->devices.v[i]);
		procs_due(lab);
	}
	if (now > lab->now)
		lab->now = now;
	procs_due(lab);
}

size_t lab_held(const struct lab *lab)
{
	size_t n = 0;
	for (size_t i = 0; i < lab->procs.n; i++)
		n += proc_held(lab->procs.v[i]);
	return n;
}

void lab_serials(struct lab *lab, int number)
{
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		char prefix[9]; /* locally administered */
		(void)snprintf(dev->serial, sizeof(dev->serial), "CL%05d%05d", number % 100000,
			       dev->index % 100000);
		(void)snprintf(prefix, sizeof(prefix), "46:%02x:%02x", (unsigned)number >> 8 & 255,
			       (unsigned)number & 255);
		memcpy(dev->mac, prefix, 8);
		for (size_t k = 0; k < dev->ports.n; k++)
			memcpy(dev->ports.v[k].mac, prefix, 8);
		if (dev->member || dev->calico)
			machine_id_write(dev);
	}
}

size_t lab_count(const struct lab *lab)
{
	return lab->devices.n;
}

int lab_find(const struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->devices.n; i++)
		if (strcmp(lab->devices.v[i]->name, name) == 0)
			return (int)i;
	return -1;
}

void lab_info(const struct lab *lab, size_t device, struct lab_info *info)
{
	static const char *const phases[] = {"up", "stopping", "down", "onie", "booting", "dead"};
	struct device *dev = lab->devices.v[device];
	memset(info, 0, sizeof(*info));
	info->name = dev->name;
	info->address = dev->address;
	info->role = dev->role;
	info->system = dev->platform->system->name;
	info->user = dev->platform->system->user;
	info->group_kind = dev->platform->system->group;
	info->group = dev->group ? dev->group : "";
	info->tags = dev->tags ? dev->tags : "";
	info->hostname = dev->hostname;
	info->version = dev->version;
	info->boot_id = dev->boot_id;
	info->phase = phases[dev->phase];
	info->peer = dev->peer;
	info->connection_gen = dev->connection_gen;
	info->ztp_running =
	    dev->ztp != NULL || (dev->phase == PHASE_UP && dev->fresh && device_next(dev) >= 0);
	info->serving = dev->serving;
	char *print = key_fingerprint(dev->host_public_key ? dev->host_public_key : "");
	size_t n = strlen(print);
	memcpy(info->host_key, print, n < sizeof(info->host_key) ? n + 1 : 0);
	free(print);
}

const char *lab_session(const struct lab *lab, size_t device)
{
	return lab->devices.v[device]->platform->system->session;
}

unsigned lab_connection_gen(const struct lab *lab, size_t device)
{
	return lab->devices.v[device]->connection_gen;
}

enum lab_tcp lab_tcp(struct lab *lab, size_t device)
{
	struct device *dev = lab->devices.v[device];
	if (fault_on(dev, "unreachable"))
		return LAB_SILENT;
	if (fault_on(dev, "no-route"))
		return LAB_NO_ROUTE;
	if (fault_on(dev, "refused"))
		return LAB_REFUSED;
	if (dev->phase == PHASE_ONIE)
		return LAB_OPEN;
	if (dev->phase == PHASE_STOPPING)
		return LAB_REFUSED;
	if (dev->phase != PHASE_UP)
		return LAB_NO_ROUTE;
	return service_active(dev, SERVICE_SSH) ? LAB_OPEN : LAB_REFUSED;
}

bool lab_connect(struct lab *lab, size_t device)
{
	struct device *dev = lab->devices.v[device];
	if (lab_tcp(lab, device) != LAB_OPEN)
		return false;
	return !fault_fire(dev, "cut-at-connect");
}

void lab_banner(struct lab *lab, size_t device, struct str *out)
{
	if (fault_on(lab->devices.v[device], "garbage"))
		str_puts(out, "\x1b[2J\x1b]0;owned\x07"
			      "Welcome \xe2\x80\xae"
			      "nimda\xff\xc3(\n");
}

const char *lab_operator_key(const struct lab *lab)
{
	return lab->operator_key;
}

const char *lab_operator_public_key(const struct lab *lab)
{
	return lab->operator_public;
}

const char *lab_password(const struct lab *lab)
{
	return lab->password;
}

size_t lab_links(const struct lab *lab)
{
	return lab->links.n;
}

void lab_link(const struct lab *lab, size_t i, struct lab_link *link)
{
	const struct link *l = &lab->links.v[i];
	link->a = (size_t)l->a;
	link->b = (size_t)l->b;
	link->a_port = lab->devices.v[l->a]->ports.v[l->a_port].name;
	link->b_port = lab->devices.v[l->b]->ports.v[l->b_port].name;
}

/* scp and sftp act as the operator's user; root's files are out of their reach. */
int lab_file_put(struct lab *lab, size_t device, const char *path, const void *data, size_t n,
		 struct err *e)
{
	struct device *dev = lab->devices.v[device];
	char *clean = vfs_clean("/home/cumulus", path);
	int rc = 0;
	if (!vfs_may_write(&dev->vfs, clean, 1000))
		rc = err_set(e, ERR_REFUSED, "%s: Permission denied", path);
	else if (vfs_free(&dev->vfs) < (int64_t)n)
		rc = err_set(e, ERR_SYSTEM, "%s: No space left on device", path);
	if (!rc) {
		struct blob *b = blob_new();
		blob_add(b, data, n);
		struct node *node = vfs_put(&dev->vfs, clean, b, 0644, lab->now);
		node->uid = node->gid = 1000;
	}
	free(clean);
	return rc;
}

int lab_file_get(struct lab *lab, size_t device, const char *path, struct str *out, struct err *e)
{
	struct device *dev = lab->devices.v[device];
	char *clean = vfs_clean("/home/cumulus", path);
	struct node *node = vfs_get(&dev->vfs, clean);
	free(clean);
	if (!node || node->dir)
		return err_set(e, ERR_INPUT, "%s: No such file or directory", path);
	size_t n;
	const char *data = blob_data(node->blob, &n);
	str_add(out, data, n);
	return 0;
}
