/* SPDX-License-Identifier: ISC */
/* Configuration mode: set, delete, show, commit, rollback. */
#include "config.h"

#include "lab/srx.h"

#include <stdlib.h>
#include <string.h>

void junos_configure(struct jcli *c, const char *line)
{
	bool exclusive = str_starts(line, "exclusive");
	if (c->j->editor && c->j->editor != c->sh->proc) {
		blob_puts(c->out, "error: configuration database locked by:\n"
				  "  operator terminal pts/0 (pid 4711) on since 1d 02:03, exclusive "
				  "[edit]\n");
		return;
	}
	if (fault_on(c->dev, "config-open")) {
		blob_puts(c->out, "Users currently editing the configuration:\n"
				  "  operator terminal pts/0 (pid 4711) on since 1d 02:03\n"
				  "      [edit]\n");
		if (exclusive || str_starts(line, "private")) {
			blob_puts(c->out, "error: configuration database modified\n");
			return;
		}
	}
	c->configuring = true;
	c->exclusive = exclusive;
	if (exclusive)
		c->j->editor = c->sh->proc;
	jconf_copy(&c->j->candidate, &c->j->commits.v[0].conf);
	if (c->dev->cluster)
		blob_puts(c->out, "warning: Clustering enabled; using private edit\n"
				  "warning: uncommitted changes will be discarded on exit\n");
	blob_puts(c->out, "Entering configuration mode\n");
}

void junos_leave(struct jcli *c)
{
	if (c->j->editor == c->sh->proc)
		c->j->editor = NULL;
	jconf_release(&c->j->candidate);
	c->configuring = false;
}

/* What a commit looks at: names that are used and not there. */
static bool checks_out(struct jcli *c)
{
	struct jconf *conf = &c->j->candidate;
	for (size_t i = 0; i < conf->lines.n; i++) {
		const char *line = conf->lines.v[i], *at = strstr(line, " export ");
		at = at ? at : strstr(line, " import ");
		if (!at || !str_starts(line, "protocols bgp group "))
			continue;
		at += strlen(" export ");
		char *policy = xasprintf("policy-options policy-statement %s", at);
		bool there = jconf_has(conf, policy);
		free(policy);
		if (there)
			continue;
		blob_printf(c->out,
			    "error: Policy error: Policy %s referenced but not defined\n"
			    "error: configuration check-out failed\n",
			    at);
		return false;
	}
	return true;
}

/* The words behind `commit`: check, comment "...", confirmed N, and-quit. */
static void commit(struct jcli *c, const char *line)
{
	const char *said = strstr(line, "comment \"");
	char *comment = said ? xstrndup(said + 9, strcspn(said + 9, "\"")) : NULL;
	const char *confirmed = strstr(line, "confirmed");
	if (c->dev->cluster && c->dev->cluster->upgrader) {
		judge_change(c->dev, "commit");
		blob_puts(c->out, "error: ISSU in progress, commit is not permitted\n");
	} else if (!checks_out(c) || fault_fire(c->dev, "commit-fails")) {
		blob_puts(c->out, "error: commit failed: (statements constraint check failed)\n");
	} else if (str_starts(line, "check")) {
		blob_puts(c->out, "configuration check succeeds\n");
	} else {
		struct jconf conf = {0};
		jconf_copy(&conf, &c->j->candidate);
		junos_commit(c->dev, &conf, c->sh->user, comment);
		jconf_release(&conf);
		c->j->confirm_at = -1;
		if (confirmed) {
			long minutes = atol(confirmed + 9);
			c->j->confirm_at = c->dev->lab->now + (minutes > 0 ? minutes : 10) * 60000;
			blob_printf(c->out, "commit confirmed will be automatically rolled back in "
					    "%ld minutes unless confirmed\n",
				    minutes > 0 ? minutes : 10);
		}
		(void)proc_sleep(c->sh->proc, 2500);
		if (c->dev->cluster)
			srx_committed(c, &c->j->commits.v[0].conf, comment);
		else
			blob_puts(c->out, "commit complete\n");
		if (strstr(line, "and-quit")) {
			junos_leave(c);
			blob_puts(c->out, "Exiting configuration mode\n");
		}
	}
	free(comment);
}

static void roll_back(struct jcli *c, const char *line)
{
	size_t n = (size_t)strtoul(line, NULL, 10);
	if (n >= c->j->commits.n) {
		blob_printf(c->out, "error: rollback configuration %zu does not exist\n", n);
		return;
	}
	jconf_copy(&c->j->candidate, &c->j->commits.v[n].conf);
	blob_puts(c->out, "load complete\n");
}

static void set(struct jcli *c, const char *line)
{
	static const char *const tops[] = {"system",	 "interfaces",	   "protocols",
					   "chassis",	 "policy-options", "routing-options",
					   "snmp",	 "vlans",	   "routing-instances",
					   "forwarding-options", "switch-options", "groups",
					   "apply-groups", "security",	   "class-of-service"};
	size_t n = strcspn(line, " ");
	bool known = false;
	for (size_t i = 0; i < LEN(tops); i++)
		known |= strlen(tops[i]) == n && strncmp(tops[i], line, n) == 0;
	if (!known || !jconf_set(&c->j->candidate, line))
		blob_puts(c->out, "syntax error\n");
}

static void delete(struct jcli *c, const char *line)
{
	if (!jconf_delete(&c->j->candidate, line))
		blob_puts(c->out, "warning: statement not found\n");
}

/* load set FILE: commands as `| display set` prints them. */
static void load(struct jcli *c, const char *line)
{
	size_t n;
	char *path = vfs_clean("/var/home/admin", str_starts(line, "set ") ? line + 4 : "");
	struct node *file = vfs_get(&c->dev->vfs, path);
	free(path);
	if (!file || file->dir) {
		blob_printf(c->out, "error: cannot open file: No such file or directory\n");
		return;
	}
	const char *data = blob_data(file->blob, &n);
	char *text = xstrndup(data, n), *rest = text;
	for (char *one; (one = strsep(&rest, "\n"));)
		if (str_starts(one, "set "))
			set(c, one + 4);
		else if (str_starts(one, "delete "))
			delete(c, one + 7);
	free(text);
	blob_puts(c->out, "load complete\n");
}

static void show(struct jcli *c, const char *line)
{
	const char *pipe = strchr(line, '|');
	char *path = xstrndup(line, pipe ? (size_t)(pipe - line) : strlen(line));
	if (pipe && strstr(pipe, "compare"))
		jconf_compare(&c->j->commits.v[0].conf, &c->j->candidate, c->out);
	else
		jconf_print(&c->j->candidate, path, pipe && strstr(pipe, "set"), c->out);
	free(path);
}

static void leave(struct jcli *c, const char *line)
{
	(void)line;
	if (!jconf_same(&c->j->candidate, &c->j->commits.v[0].conf))
		blob_puts(c->out, "The configuration has been changed but not committed\n");
	junos_leave(c);
	blob_puts(c->out, "Exiting configuration mode\n");
}

bool junos_edit(struct jcli *c, const char *line)
{
	static const struct {
		const char *word;
		void (*run)(struct jcli *c, const char *rest);
	} rows[] = {{"set", set},	{"delete", delete},    {"show", show},
		    {"commit", commit}, {"rollback", roll_back}, {"load", load}, {"exit", leave},
		    {"quit", leave}};
	size_t n = strcspn(line, " ");
	for (size_t i = 0; i < LEN(rows); i++)
		if (strlen(rows[i].word) == n && strncmp(rows[i].word, line, n) == 0) {
			rows[i].run(c, line + n + strspn(line + n, " "));
			return true;
		}
	return false;
}
