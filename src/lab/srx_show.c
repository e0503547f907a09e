/* SPDX-License-Identifier: ISC */
/* show chassis cluster ... */
#include "config.h"

#include "lab/junos_views.h"
#include "lab/srx.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- status ----------------------------------------------------------------------------------- */
/* Before 12.1 the table had other words, and no column for what failed. */
static bool is_old(const struct device *dev)
{
	int order = 0;
	return srx_version_order(dev->version, "12.1", &order) && order < 0;
}

static const char *capital(const char *word, char text[24])
{
	(void)snprintf(text, 24, "%s", word);
	text[0] = (char)toupper((unsigned char)text[0]);
	return text;
}

static void status_row(struct jcli *c, cJSON *stats, int g, int n)
{
	const struct cluster *k = c->dev->cluster;
	const struct rg *rg = &k->rg[g];
	bool lost = rg_shown(k, g, n) == RG_LOST;
	const char *state = rg_state_names[rg_shown(k, g, n)];
	const char *preempt = lost ? "n/a" : rg->preempt ? "yes" : "no";
	const char *manual = lost ? "n/a" : rg->manual >= 0 ? "yes" : "no";
	const char *failures = lost ? "n/a" : rg_monitors(k, g, n);
	int priority = rg_priority(k, g, n);
	if (!stats && is_old(c->dev)) {
		blob_printf(c->out, "    node%d                   %-12d%-10s%-9s%s\n", n, priority,
			    capital(state, (char[24]){0}), capital(preempt, (char[24]){0}),
			    capital(manual, (char[24]){0}));
		return;
	}
	if (!stats) {
		blob_printf(c->out, "node%d  %-8d %-20s %-7s %-8s %-15s\n", n, priority, state,
			    preempt, manual, failures);
		return;
	}
	jleaf(stats, "device-name", "node%d", n);
	jleaf(stats, "device-priority", "%d", priority);
	jleaf(stats, "redundancy-group-status", "%s", state);
	jleaf(stats, "preempt", "%s", preempt);
	jleaf(stats, "failover-mode", "%s", manual);
	jleaf(stats, "monitor-failures", "%s", failures);
}

static void status_group(struct jcli *c, cJSON *v, int g)
{
	const struct cluster *k = c->dev->cluster;
	cJSON *stats = NULL;
	if (v) {
		cJSON *row = jnode(v, "redundancy-group");
		jleaf(row, "cluster-id", "%d", k->id);
		jleaf(row, "redundancy-group-id", "%d", g);
		jleaf(row, "redundancy-group-failover-count", "%d", k->rg[g].failovers);
		stats = jnode(row, "device-stats");
	} else {
		blob_printf(c->out, "\nRedundancy group: %d , Failover count: %d\n", g,
			    k->rg[g].failovers);
	}
	for (int n = 0; n < 2; n++)
		status_row(c, stats, g, n);
}

void view_cluster_status(struct jcli *c, cJSON *root, const char *rest)
{
	const struct cluster *k = c->dev->cluster;
	int only = str_starts(rest, "redundancy-group ") ? atoi(rest + 17) : -1;
	cJSON *v = root ? jnode(root, "chassis-cluster-status") : NULL;
	if (v)
		jleaf(v, "cluster-id", "%d", k->id);
	else if (is_old(c->dev))
		blob_printf(
		    c->out,
		    "Cluster ID: %d\n"
		    "Node name                  Priority    Status    Preempt  Manual failover\n",
		    k->id);
	else
		blob_printf(c->out,
			    "Monitor Failure codes:\n"
			    "    CS  Cold Sync monitoring        FL  Fabric Connection monitoring\n"
			    "    GR  GRES monitoring             HW  Hardware monitoring\n"
			    "    IF  Interface monitoring        IP  IP monitoring\n"
			    "    LB  Loopback monitoring         MB  Mbuf monitoring\n"
			    "    NH  Nexthop monitoring          NP  NPC monitoring\n"
			    "    SP  SPU monitoring              SM  Schedule monitoring\n"
			    "    CF  Config Sync monitoring      RE  Relinquish monitoring\n \n"
			    "Cluster ID: %d\n"
			    "Node   Priority Status               Preempt Manual   "
			    "Monitor-failures\n",
			    k->id);
	for (int g = 0; g < SRX_RGS; g++)
		if (k->rg[g].exists && (only < 0 || only == g))
			status_group(c, v, g);
}

/* --- interfaces ------------------------------------------------------------------------------- */
static bool both_up(const struct cluster *k, const char *fault)
{
	for (int n = 0; n < 2; n++)
		if (!device_up(k->node[n]) || fault_on(k->node[n], fault))
			return false;
	return true;
}

static void reths(struct jcli *c, const struct jconf *conf)
{
	for (int i = 0; i < 2; i++) {
		size_t at = 0, n;
		char path[96];
		(void)snprintf(path, sizeof(path),
			       "interfaces reth%d redundant-ether-options redundancy-group", i);
		const char *g = jconf_word(conf, path, &at, &n);
		if (g)
			blob_printf(c->out, "    reth%-9d%-12s%-17.*s\n", i,
				    cluster_primary(c->dev->cluster, atoi(g)) >= 0 ? "Up" : "Down",
				    (int)n, g);
	}
}

static void monitored(struct jcli *c)
{
	const struct cluster *k = c->dev->cluster;
	for (int n = 0; n < 2; n++) {
		const struct device *dev = k->node[n];
		for (size_t i = 0; i < dev->ports.n; i++) {
			const struct port *p = &dev->ports.v[i];
			int g = k->id > 1 && p->name[strlen(p->name) - 1] == '5' ? 2 : 1;
			bool down = strcmp(rg_monitors(k, g, n), "IF") == 0 || !p->oper;
			if (p->kind == PORT_SWP)
				blob_printf(c->out, "    %-18s255       %-4s  /  %-4s         %d\n",
					    p->name, down ? "Down" : "Up", down ? "Down" : "Up", g);
		}
	}
}

void view_cluster_interfaces(struct jcli *c, cJSON *root, const char *rest)
{
	struct cluster *k = c->dev->cluster;
	const char *control = both_up(k, "control-link-down") ? "Up" : "Down";
	const char *fabric = both_up(k, "fabric-link-down") ? "Up" : "Down";
	(void)root, (void)rest;
	blob_printf(c->out,
		    "Control link status: %s\n\nControl interfaces: \n"
		    "    Index   Interface   Monitored-Status   Internal-SA   Security\n"
		    "    0       em0         %-18s Disabled      Disabled  \n\n"
		    "Fabric link status: %s\n\nFabric interfaces: \n"
		    "    Name    Child-interface    Status                    Security\n"
		    "                               (Physical/Monitored)\n"
		    "    fab0    ge-0/0/2           Up   / %-4s               Disabled   \n"
		    "    fab0   \n"
		    "    fab1    ge-7/0/2           Up   / %-4s               Disabled   \n"
		    "    fab1   \n\n"
		    "Redundant-ethernet Information:     \n"
		    "    Name         Status      Redundancy-group\n",
		    control, control, fabric, fabric, fabric);
	reths(c, &c->j->commits.v[0].conf);
	blob_puts(c->out,
		  "\nInterface Monitoring:\n"
		  "    Interface         Weight    Status                    Redundancy-group\n"
		  "                                (Physical/Monitored)\n");
	monitored(c);
}

/* --- information: of one node ----------------------------------------------------------------- */
static void short_time(int64_t at, char text[32])
{
	time_t t = (time_t)(JUNOS_EPOCH + at / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || !strftime(text, 32, "%b %e %H:%M:%S", &tm))
		text[0] = '\0';
}

static void group_information(struct jcli *c, int g)
{
	const struct cluster *k = c->dev->cluster;
	int n = c->dev->node;
	const struct rg *rg = &k->rg[g];
	char at[32];
	blob_printf(c->out,
		    "    Redundancy Group %d , Current State: %s, Weight: %d\n\n"
		    "\tTime            From                 To                   Reason\n",
		    g, rg_state_names[rg_shown(k, g, n)], rg_priority(k, g, n) ? 255 : 0);
	for (size_t i = 0; i < rg->n_history[n]; i++) {
		const struct rg_change *h = &rg->history[n][i];
		short_time(h->at, at);
		blob_printf(c->out, "\t%s %-20s %-20s %s\n", at, rg_state_names[h->from],
			    rg_state_names[h->to], h->reason);
	}
	blob_puts(c->out, "\n");
}

void view_cluster_information(struct jcli *c, cJSON *root, const char *rest)
{
	const struct cluster *k = c->dev->cluster;
	bool well = device_up(k->node[!c->dev->node]);
	(void)root, (void)rest;
	blob_puts(c->out, "Redundancy Group Information:\n\n");
	for (int g = 0; g < SRX_RGS; g++) {
		well = well && strcmp(rg_monitors(k, g, c->dev->node), "None") == 0;
		if (k->rg[g].exists)
			group_information(c, g);
	}
	blob_printf(c->out,
		    "Chassis cluster LED information:\n    Current LED color: %s\n"
		    "    Last LED change reason: %s\nControl port tagging:\n    Disabled\n",
		    well ? "Green" : "Amber", well ? "No failures" : "Monitored objects are down");
}

/*
 * The documented fields (12.1X47 and later) are those of the cold sync. Whether an upgrade goes on
 * is not among them: that is seen in the status table, priority 255 and Manual of groups 1 and up.
 */
void view_cluster_issu(struct jcli *c, cJSON *root, const char *rest)
{
	const struct cluster *k = c->dev->cluster;
	int n = c->dev->node;
	int done = cluster_synced(k, n);
	(void)root, (void)rest;
	blob_printf(c->out,
		    "Cold Synchronization Progress:\n"
		    "    CS Prereq               %d of 1 SPUs completed\n"
		    "      1. if_state sync          %d SPUs completed\n"
		    "      2. fabric link            %d SPUs completed\n"
		    "      3. policy data sync       %d SPUs completed\n"
		    "      4. cp ready               %d SPUs completed\n"
		    "      5. VPN data sync          %d SPUs completed\n"
		    "    CS RTO sync             %d of 1 SPUs completed\n"
		    "    CS Postreq              %d of 1 SPUs completed\n",
		    done, done, done, done, done, done, done, done);
}

void view_cluster_config_sync(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_puts(c->out, "Configuration Synchronization:\n    Status:\n"
			  "        Activation status: Enabled\n"
			  "        Last sync operation: Auto-Sync\n"
			  "        Last sync result: Not needed\n"
			  "        Last sync mgd messages:\n");
}

/* --- counters --------------------------------------------------------------------------------- */
void view_cluster_statistics(struct jcli *c, cJSON *root, const char *rest)
{
	const struct cluster *k = c->dev->cluster;
	long long seconds = (c->dev->lab->now - c->dev->booted_at) / 1000;
	long long fabric = both_up(k, "fabric-link-down") ? seconds : 0;
	(void)root, (void)rest;
	blob_printf(c->out,
		    "Control link statistics:\n    Control link 0:\n"
		    "        Heartbeat packets sent: %lld\n"
		    "        Heartbeat packets received: %lld\n"
		    "        Heartbeat packet errors: 0\n"
		    "Fabric link statistics:\n    Child link 0\n"
		    "        Probes sent: %lld\n        Probes received: %lld\n"
		    "    Child link 1\n        Probes sent: 0\n        Probes received: 0\n"
		    "Services Synchronized:\n"
		    "    Service name                              RTOs sent    RTOs received\n"
		    "    Session create                            %-12lld 0\n"
		    "    Session close                             %-12lld 0\n",
		    seconds, seconds, seconds, fabric, seconds / 3, seconds / 4);
}

void view_cluster_data_plane(struct jcli *c, cJSON *root, const char *rest)
{
	(void)root, (void)rest;
	blob_puts(c->out, "fab0:\n    Name               Status\n    ge-0/0/2           up\n"
			  "fab1:\n    Name               Status\n    ge-7/0/2           up\n");
}
