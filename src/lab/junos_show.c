/* SPDX-License-Identifier: ISC */
/* show ...: rows of a table; each prints text, or fills JSON when there is a root. */
#include "config.h"

#include "lab/junos.h"
#include "lab/junos_image.h"
#include "lab/junos_views.h"
#include "lab/show.h"
#include "lab/srx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *junos_time(int64_t at, char text[64])
{
	time_t t = (time_t)(JUNOS_EPOCH + at / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || !strftime(text, 64, "%Y-%m-%d %H:%M:%S UTC", &tm))
		text[0] = '\0';
	return text;
}

static void show_version(struct jcli *c, cJSON *root, const char *rest)
{
	const char *shown = c->dev->version;
	struct fault *stale = fault_get(c->dev, "stale-version", false);
	(void)rest;
	if (stale)
		shown = stale->arg ? stale->arg : "17.4R1";
	if (root) {
		cJSON *v = jnode(root, "software-information");
		jleaf(v, "host-name", "%s", c->dev->hostname);
		jleaf(v, "product-model", "%s", c->dev->platform->product);
		jleaf(v, "product-name", "%s", c->dev->platform->product);
		jleaf(v, "junos-version", "%s", shown);
		return;
	}
	blob_printf(c->out, "Hostname: %s\nModel: %s\nJunos: %s\n", c->dev->hostname,
		    c->dev->platform->product, shown);
	if (c->j->pending && !junos_vmhost(c->dev->platform) && !fault_on(c->dev, "staged-by-host"))
		blob_printf(c->out, "Pending: %s\n", c->j->pending);
	blob_printf(c->out, "JUNOS OS Kernel 64-bit  [20210618.f43645e_builder_stable_11]\n"
			    "JUNOS OS libs [20210618.f43645e_builder_stable_11]\n");
}

/* Two sets: what runs, and what ran before or is to run next. */
static void show_vmhost(struct jcli *c, cJSON *root, const char *rest)
{
	const char *now = c->dev->version, *other = c->j->pending ? c->j->pending : c->j->other;
	(void)root, (void)rest;
	if (!junos_vmhost(c->dev->platform)) {
		blob_puts(c->out, "error: command is not valid on this device\n");
		return;
	}
	blob_puts(c->out, "Current root details,           Device sda, Label: jrootp_P, Partition: sda3\n"
			  "Current boot disk: Primary\nCurrent root set: p\n\n");
	for (int b = 0; b < 2; b++)
		blob_printf(c->out,
			    "Version: set %c\nVMHost Version: 5.2268\n"
			    "Junos Disk: junos-install-%s-x86-64-%s\n\n",
			    b ? 'b' : 'p', c->dev->platform->image, b && other ? other : now);
}

static void show_hardware(struct jcli *c, cJSON *root, const char *rest)
{
	(void)rest;
	if (root) {
		cJSON *chassis = jnode(jnode(root, "chassis-inventory"), "chassis");
		jleaf(chassis, "name", "Chassis");
		jleaf(chassis, "serial-number", "%s", c->dev->serial);
		jleaf(chassis, "description", "%s", c->dev->platform->product);
		return;
	}
	blob_printf(c->out,
		    "Hardware inventory:\n"
		    "Item             Version  Part number  Serial number     Description\n"
		    "Chassis                                %-17s %s\n",
		    c->dev->serial, c->dev->platform->product);
}

static void show_uptime(struct jcli *c, cJSON *root, const char *rest)
{
	char now[64], boot[64], rpd[64];
	int64_t since = c->dev->services[SERVICE_FRR].since;
	(void)rest;
	junos_time(c->dev->lab->now, now);
	junos_time(c->dev->booted_at, boot);
	junos_time(since, rpd);
	if (root) {
		cJSON *v = jnode(root, "system-uptime-information");
		jseconds(jnode(v, "current-time"), "date-time",
			 JUNOS_EPOCH + c->dev->lab->now / 1000, now);
		jseconds(jnode(v, "system-booted-time"), "date-time",
			 JUNOS_EPOCH + c->dev->booted_at / 1000, boot);
		if (service_active(c->dev, SERVICE_FRR))
			jseconds(jnode(v, "protocols-started-time"), "date-time",
				 JUNOS_EPOCH + since / 1000, rpd);
		return;
	}
	blob_printf(c->out, "Current time: %s\nSystem booted: %s (%02lld:%02lld ago)\n", now, boot,
		    (long long)((c->dev->lab->now - c->dev->booted_at) / 3600000),
		    (long long)((c->dev->lab->now - c->dev->booted_at) / 60000 % 60));
	if (service_active(c->dev, SERVICE_FRR))
		blob_printf(c->out, "Protocols started: %s\n", rpd);
}

static void show_storage(struct jcli *c, cJSON *root, const char *rest)
{
	int64_t size = c->dev->vfs.capacity, left = vfs_free(&c->dev->vfs), used = size - left;
	(void)rest;
	if (root) {
		cJSON *fs = jnode(jnode(root, "system-storage-information"), "filesystem");
		jleaf(fs, "filesystem-name", "/dev/gpt/var");
		jleaf(fs, "total-blocks", "%lld", (long long)(size / 512));
		jleaf(fs, "used-blocks", "%lld", (long long)(used / 512));
		jleaf(fs, "available-blocks", "%lld", (long long)(left / 512));
		jleaf(fs, "used-percent", "%lld", (long long)(used * 100 / size));
		jleaf(fs, "mounted-on", "/.mount/var");
		return;
	}
	blob_printf(c->out,
		    "Filesystem              Size       Used      Avail  Capacity   Mounted on\n"
		    "/dev/gpt/junos           20G       1.2G        17G        7%%  /.mount\n"
		    "/dev/gpt/config         793M        60K       730M        0%%  /.mount/config\n"
		    "/dev/gpt/var            %lldM       %lldM       %lldM     %3lld%%  "
		    "/.mount/var\n",
		    (long long)(size >> 20), (long long)(used >> 20), (long long)(left >> 20),
		    (long long)(used * 100 / size));
}

static void show_commits(struct jcli *c, cJSON *root, const char *rest)
{
	char at[64];
	(void)rest;
	cJSON *v = root ? jnode(root, "commit-information") : NULL;
	for (size_t i = 0; i < c->j->commits.n; i++) {
		const struct jcommit *k = &c->j->commits.v[i];
		junos_time(k->at, at);
		if (v) {
			cJSON *row = jnode(v, "commit-history");
			jleaf(row, "sequence-number", "%zu", i);
			jleaf(row, "user", "%s", k->user);
			jleaf(row, "client", "cli");
			jseconds(row, "date-time", JUNOS_EPOCH + k->at / 1000, at);
			if (k->comment)
				jleaf(row, "log", "%s", k->comment);
			continue;
		}
		blob_printf(c->out, "%-4zu%s by %s via cli%s\n", i, at, k->user,
			    i == 0 && c->j->confirm_at >= 0 ? " commit confirmed, rollback in 9m30s"
							    : "");
		if (k->comment)
			blob_printf(c->out, "    %s\n", k->comment);
	}
}

static void show_rollback(struct jcli *c, cJSON *root, const char *rest)
{
	char *end;
	size_t a = (size_t)strtoul(rest, &end, 10), b = a;
	(void)root;
	if (str_starts(end, " compare "))
		b = (size_t)strtoul(end + 9, NULL, 10);
	if (a >= c->j->commits.n || b >= c->j->commits.n)
		blob_puts(c->out, "error: rollback configuration does not exist\n");
	else if (a == b)
		jconf_print(&c->j->commits.v[a].conf, "", false, c->out);
	else
		jconf_compare(&c->j->commits.v[a].conf, &c->j->commits.v[b].conf, c->out);
}

static void show_configuration(struct jcli *c, cJSON *root, const char *rest)
{
	if (root)
		jconf_json(&c->j->commits.v[0].conf, rest,
			   cJSON_AddObjectToObject(root, "configuration"));
	else
		jconf_print(&c->j->commits.v[0].conf, rest, c->set, c->out);
}

static void show_database(struct jcli *c, cJSON *root, const char *rest)
{
	(void)rest;
	if (fault_on(c->dev, "config-open")) {
		blob_puts(c->out, "Cannot proceed, database is currently being modified\n");
		return;
	}
	if (root) {
		cJSON *v = jnode(root, "database-usage");
		jleaf(v, "maximum-size", "665.98MB");
		jleaf(v, "current-size", "1.41MB");
		return;
	}
	blob_puts(c->out, "Maximum size of the database: 665.98 MB\n"
			  "Current database size on disk: 1.41 MB\n");
}

static void show_reboot(struct jcli *c, cJSON *root, const char *rest)
{
	char at[64];
	(void)root, (void)rest;
	if (c->j->reboot_at < 0)
		blob_puts(c->out, "No shutdown/reboot scheduled.\n");
	else
		blob_printf(c->out, "reboot requested by admin at %s\n",
			    junos_time(c->j->reboot_at, at));
}

static void show_install_log(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_append(c->out, c->j->install_log);
}

/* EACH: of a cluster's nodes, the answer of each; CLUSTER: only a cluster knows it. */
enum { REST = 1, TEXT = 2, EACH = 4, CLUSTER = 8 };

static const struct view {
	const char *words;
	void (*show)(struct jcli *c, cJSON *root, const char *rest);
	int flags;
} views[] = {
	{"show version", show_version, EACH},
	{"show vmhost version", show_vmhost, TEXT},
	{"show chassis hardware", show_hardware, EACH},
	{"show system uptime", show_uptime, EACH},
	{"show system storage", show_storage, EACH},
	{"show system storage no-forwarding", show_storage, EACH},
	{"show system commit", show_commits, 0},
	{"show system rollback", show_rollback, REST | TEXT},
	{"show system reboot", show_reboot, TEXT},
	{"show configuration", show_configuration, REST},
	{"show system configuration database usage", show_database, 0},
	{"show log install", show_install_log, TEXT},
	{"show system alarms", view_system_alarms, EACH},
	{"show system processes", view_all_processes, EACH | TEXT},
	{"show system processes wide", view_all_processes, EACH | TEXT},
	{"show system processes extensive", view_processes, EACH | TEXT},
	{"show system processes summary", view_processes, EACH | TEXT},
	{"show system core-dumps", view_core_dumps, EACH | TEXT},
	{"show system core-dumps no-forwarding", view_core_dumps, EACH | TEXT},
	{"show chassis alarms", view_chassis_alarms, EACH},
	{"show chassis routing-engine", view_routing_engine, EACH},
	{"show chassis fpc", view_fpc, EACH},
	{"show chassis fpc pic-status", view_pics, EACH},
	{"show bgp summary", view_bgp_summary, 0},
	{"show bgp neighbor", view_bgp_neighbor, 0},
	{"show lacp interfaces", view_lacp, REST},
	{"show evpn instance extensive", view_evpn, TEXT},
	{"show lldp neighbors", view_lldp, 0},
	{"show interfaces terse", view_terse, 0},
	{"show interfaces extensive", view_extensive, 0},
	{"show interfaces statistics", view_extensive, 0},
	{"show route summary table default-switch.evpn.0", view_routes, 0},
	{"show ethernet-switching table", view_macs, 0},
	{"show ethernet-switching interface", view_switching, TEXT},
	{"show chassis cluster status", view_cluster_status, CLUSTER | REST},
	{"show chassis cluster interfaces", view_cluster_interfaces, CLUSTER | TEXT},
	{"show chassis cluster information", view_cluster_information, CLUSTER | TEXT | EACH},
	{"show chassis cluster information detail", view_cluster_information,
	 CLUSTER | TEXT | EACH},
	{"show chassis cluster information issu", view_cluster_issu, CLUSTER | TEXT | EACH},
	{"show chassis cluster information configuration-synchronization", view_cluster_config_sync,
	 CLUSTER | TEXT | EACH},
	{"show chassis cluster statistics", view_cluster_statistics, CLUSTER | TEXT},
	{"show chassis cluster control-plane statistics", view_cluster_statistics, CLUSTER | TEXT},
	{"show chassis cluster data-plane statistics", view_cluster_statistics, CLUSTER | TEXT},
	{"show chassis cluster data-plane interfaces", view_cluster_data_plane, CLUSTER | TEXT},
	{"show security flow session summary", view_sessions, CLUSTER | EACH},
	{"show security zones terse", view_zones, CLUSTER | TEXT | EACH},
	{"show security policies", view_policies, CLUSTER | TEXT | EACH},
	{"show route summary", view_srx_routes, CLUSTER},
};

/* May the rest of the line follow the words of a row? */
static bool takes(const struct jcli *c, const struct view *v, const char *rest)
{
	if ((v->flags & CLUSTER) && !c->dev->cluster)
		return false;
	if (!*rest)
		return true;
	return *rest == ' ' && ((v->flags & REST) ||
				((v->flags & EACH) && c->dev->cluster && str_starts(rest, " node ")));
}

/* The longest row of which the line is the words, and more only where it may be. */
static const struct view *find(const struct jcli *c, const char *line)
{
	const struct view *best = NULL;
	for (size_t i = 0; i < LEN(views); i++) {
		size_t n = strlen(views[i].words);
		if (strncmp(line, views[i].words, n) != 0 || !takes(c, &views[i], line + n))
			continue;
		if (!best || n > strlen(best->words))
			best = &views[i];
	}
	return best;
}

/* On the primary a command speaks of both nodes, on the other one of itself. */
static void show_node(struct jcli *c, const struct view *v, cJSON *root, int n, bool first)
{
	struct jcli of = *c;
	cJSON *item = NULL;
	of.dev = c->dev->cluster->node[n];
	of.j = of.dev->junos;
	if (root) {
		cJSON *results = cJSON_GetObjectItemCaseSensitive(root, "multi-routing-engine-results");
		results = results ? cJSON_GetArrayItem(results, 0)
				  : jnode(root, "multi-routing-engine-results");
		item = jnode(results, "multi-routing-engine-item");
		jleaf(item, "re-name", "node%d", n);
	} else {
		blob_printf(c->out, "%snode%d:\n" SRX_RULE, first ? "" : "\n", n);
	}
	if (device_up(of.dev))
		v->show(&of, item, "");
	else
		blob_printf(c->out, "error: Could not connect to node%d : No route to host\n", n);
}

static void show_nodes(struct jcli *c, const struct view *v, cJSON *root, const char *rest)
{
	const struct device *dev = c->dev;
	bool primary = cluster_primary(dev->cluster, 0) == dev->node, first = true;
	const char *which = str_starts(rest, "node ") ? rest + 5 : "";
	bool all = (!*which && primary) || str_eq(which, "all");
	int one = str_eq(which, "0") || str_eq(which, "1") ? *which - '0'
		  : str_eq(which, "primary")		   ? cluster_primary(dev->cluster, 0)
							   : dev->node;
	for (int n = 0; n < 2; n++) {
		if (!all && n != one)
			continue;
		show_node(c, v, root, n, first);
		first = false;
	}
}

bool junos_show(struct jcli *c, const char *line, bool json)
{
	const struct view *v = find(c, line);
	if (!v)
		return false;
	const char *rest = line + strlen(v->words);
	cJSON *root = json && !(v->flags & TEXT) ? cJSON_CreateObject() : NULL;
	if (c->dev->cluster && (v->flags & EACH))
		show_nodes(c, v, root, rest + (*rest == ' '));
	else
		v->show(c, root, rest + (*rest == ' '));
	if (root && root->child)
		show_json(c->out, root);
	else
		cJSON_Delete(root); /* an answer that is no data comes as text */
	return true;
}
