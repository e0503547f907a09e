/* SPDX-License-Identifier: ISC */
/* request ... of a chassis cluster: failover, rollback and reboot of one node or both. */
#include "config.h"

#include "lab/srx.h"

#include "lab/command.h"

#include <stdlib.h>
#include <string.h>

/* The number behind a word of the line; -1: it is not there. */
static int after(const char *line, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = line; (at = strstr(at, word)); at += n)
		if ((at == line || at[-1] == ' ') && at[n] == ' ')
			return atoi(at + n);
	return -1;
}

static void head(struct jcli *c, int n)
{
	blob_printf(c->out, "node%d:\n" SRX_RULE, n);
}

void srx_committed(struct jcli *c, const struct jconf *conf, const char *comment)
{
	int n = c->dev->node;
	struct device *peer = c->dev->cluster->node[!n];
	if (device_up(peer)) {
		struct jconf copy = {0};
		jconf_copy(&copy, conf);
		junos_commit(peer, &copy, c->sh->user, comment);
		jconf_release(&copy);
		blob_printf(c->out,
			    "node%d: \nconfiguration check succeeds\nnode%d: \ncommit complete\n",
			    n, !n);
	}
	blob_printf(c->out, "node%d: \ncommit complete\n", n);
}

/* --- failover --------------------------------------------------------------------------------- */
static bool group_of(struct jcli *c, const char *line, int *g)
{
	*g = after(line, "redundancy-group");
	if (*g >= 0 && *g < SRX_RGS && c->dev->cluster->rg[*g].exists)
		return true;
	blob_puts(c->out, "error: redundancy-group is not configured\n");
	return false;
}

/* An upgrade runs: nothing else may be done to the cluster. */
static bool busy(struct jcli *c, const char *what)
{
	judge_change(c->dev, what);
	if (c->dev->cluster->upgrader)
		blob_puts(c->out, "error: ISSU in progress, the command is not permitted\n");
	return c->dev->cluster->upgrader != NULL;
}

static void failover(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	int n = after(line, "node"), g;
	if (busy(c, "failover") || !group_of(c, line, &g))
		return;
	if (n != 0 && n != 1) {
		blob_puts(c->out, "error: syntax error: node\n");
		return;
	}
	struct rg *rg = &k->rg[g];
	enum rg_state s = rg_shown(k, g, n);
	head(c, n);
	if (cluster_fault(k, "rg-failover-fails"))
		blob_printf(c->out, "error: failover of redundancy-group %d to node%d failed\n", g,
			    n);
	else if (s != RG_PRIMARY && s != RG_SECONDARY)
		blob_printf(
		    c->out,
		    "error: Manual failover is not permitted as redundancy-group %d on node%d "
		    "is in %s state.\n",
		    g, n, rg_state_names[s]);
	else if (rg_priority(k, g, n) == 0)
		blob_printf(c->out, "error: remote rg%d priority zero, abort failover.\n", g);
	else if (rg->manual >= 0 && rg->manual != n)
		blob_printf(c->out,
			    "error: Manual failover of redundancy-group %d to node%d is in effect. "
			    "Please reset it before requesting a failover\n",
			    g, rg->manual);
	else {
		if (s != RG_PRIMARY)
			rg_move(k, g, n, "Manual failover");
		rg->manual = n;
		blob_printf(c->out, "Initiated manual failover for redundancy group %d\n", g);
	}
}

static void reset(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	int g;
	if (busy(c, "failover-reset") || !group_of(c, line, &g))
		return;
	for (int n = 0; n < 2; n++) {
		head(c, n);
		if (!device_up(k->node[n]))
			blob_printf(c->out,
				    "error: Could not connect to node%d : No route to host\n", n);
		else if (k->rg[g].manual == n)
			blob_printf(c->out,
				    "Successfully reset manual failover for redundancy group %d\n",
				    g);
		else
			blob_printf(c->out, "No reset required for redundancy group %d.\n", g);
		blob_puts(c->out, n ? "" : "\n");
	}
	lab_log(k->lab, c->dev, "failover-reset", "%s redundancy-group %d", k->name, g);
	k->rg[g].manual = -1;
	k->lab->dirty = true;
}

/* --- one node or both ------------------------------------------------------------------------- */

/* Do it on the nodes that the line names; without one on `otherwise`. */
static void on_nodes(struct jcli *c, const char *line, int otherwise, void (*run)(struct jcli *of))
{
	struct cluster *k = c->dev->cluster;
	int one = after(line, "node");
	bool all = strstr(line, "node all") || (one < 0 && otherwise < 0);
	for (int n = 0; n < 2; n++) {
		struct jcli of = *c;
		if (!all && n != (one >= 0 ? one : otherwise))
			continue;
		of.dev = k->node[n];
		of.j = of.dev->junos;
		head(c, n);
		if (device_up(of.dev))
			run(&of);
		else
			blob_printf(c->out,
				    "error: Could not connect to node%d : No route to host\n", n);
	}
}

static void roll_back(struct jcli *of)
{
	struct junos *j = of->j;
	if (j->pending) {
		free(j->pending);
		j->pending = NULL;
		blob_puts(of->out, "Rollback of staged upgrade succeeded\n");
		lab_log(of->dev->lab, of->dev, "rollback", "%s node%d staged",
			of->dev->cluster->name, of->dev->node);
	} else if (j->other && !fault_on(of->dev, "no-rollback")) {
		j->pending = xstrdup(j->other);
		blob_printf(of->out, "Junos version '%s' will become active at next reboot\n",
			    j->other);
		lab_log(of->dev->lab, of->dev, "rollback", "%s node%d %s", of->dev->cluster->name,
			of->dev->node, j->other);
	} else {
		blob_puts(of->out, "WARNING: Cannot rollback, /packages/junos is not valid\n");
	}
}

static void shut_down(struct jcli *of)
{
	of->j->reboot_at = of->dev->lab->now;
	blob_puts(of->out, "Shutdown NOW!\n[pid 17221]\n");
}

/* Without a node both roll back. */
static void rollback(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	int one = strstr(line, "node all") ? -1 : after(line, "node");
	if (busy(c, "rollback"))
		return;
	for (int n = 0; n < 2; n++)
		if (one < 0 || n == one)
			judge_rollback(k->node[n], one >= 0);
	on_nodes(c, line, -1, roll_back);
	if (junos_word(line, "reboot"))
		on_nodes(c, line, -1, shut_down);
}

static void reboot(struct jcli *c, const char *line)
{
	if (!busy(c, "reboot") && junos_ask(c, "Reboot the system ?"))
		on_nodes(c, line, c->dev->node, shut_down);
}

/* A package is installed while an upgrade runs: refused. Otherwise as on any box: false. */
static bool add_refused(struct jcli *c, const char *line)
{
	return (str_starts(line, "request system software add ") ||
		str_starts(line, "request vmhost software add ")) &&
	       busy(c, "install");
}

static void snapshot(struct jcli *c, const char *line)
{
	(void)line;
	if (!c->dev->cluster->model->snapshot) {
		blob_printf(c->out, "error: command is not valid on the %s\n",
			    c->dev->platform->product);
		return;
	}
	if (proc_sleep(c->sh->proc, 60000))
		blob_puts(c->out, "Snapshot completed\n");
}

/* A host of virtual machines has commands of its own for its software. */
static bool is_valid(struct jcli *c, bool vmhost)
{
	bool valid = c->dev->cluster->model->vmhost == vmhost;
	if (!valid)
		blob_printf(c->out, "error: command is not valid on the %s\n",
			    c->dev->platform->product);
	return valid;
}

static void issu(struct jcli *c, const char *line)
{
	if (is_valid(c, false))
		srx_upgrade(c, line);
}

static void vmhost_issu(struct jcli *c, const char *line)
{
	if (is_valid(c, true))
		srx_upgrade(c, line);
}

static void vmhost_validate(struct jcli *c, const char *line)
{
	if (!is_valid(c, true))
		return;
	if (fault_on(c->dev, "no-host-validate")) {
		blob_puts(c->out, "                        ^\nsyntax error, expecting <command>.\n");
		return;
	}
	char *text = xasprintf("request system software validate %s", line);
	(void)junos_request(c, text);
	free(text);
}

static void system_rollback(struct jcli *c, const char *line)
{
	if (is_valid(c, false))
		rollback(c, line);
}

static void vmhost_rollback(struct jcli *c, const char *line)
{
	if (is_valid(c, true))
		rollback(c, line);
}

static void no_count(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	(void)line;
	for (int g = 0; g < SRX_RGS; g++)
		k->rg[g].failovers = 0;
	blob_puts(c->out, "Cleared failover-count for all redundancy-groups\n");
}

bool srx_request(struct jcli *c, const char *line)
{
	static const struct {
		const char *words;
		void (*run)(struct jcli *c, const char *rest);
	} rows[] = {
	    {"request chassis cluster failover reset", reset},
	    {"request chassis cluster failover", failover},
	    {"clear chassis cluster failover-count", no_count},
	    {"request chassis cluster in-service-upgrade abort", srx_abort},
	    {"request system software abort in-service-upgrade", srx_abort},
	    {"request system software in-service-upgrade", issu},
	    {"request vmhost software in-service-upgrade", vmhost_issu},
	    {"request vmhost software validate", vmhost_validate},
	    {"request system software rollback", system_rollback},
	    {"request vmhost software rollback", vmhost_rollback},
	    {"request system reboot", reboot},
	    {"request vmhost reboot", reboot},
	    {"request system snapshot", snapshot},
	};
	if (c->dev->cluster && add_refused(c, line))
		return true;
	for (size_t i = 0; c->dev->cluster && i < LEN(rows); i++) {
		size_t n = strlen(rows[i].words);
		if (strncmp(rows[i].words, line, n) != 0 || (line[n] && line[n] != ' '))
			continue;
		rows[i].run(c, line + n + (line[n] == ' '));
		return true;
	}
	return false;
}
