/* SPDX-License-Identifier: ISC */
/* lxc and lxd on a member of a MicroCloud: its cluster, its instances. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lxd_is_6(const struct member *m)
{
	return atoi(m->snaps[SNAP_LXD].rev->version) >= 6;
}

struct member *lxd_member(const struct cloud *c, const char *name)
{
	for (size_t i = 0; i < c->members.n; i++)
		if (str_eq(c->members.v[i]->dev->name, name))
			return c->members.v[i];
	return NULL;
}

/* --- may it answer? ----------------------------------------------------------------------- */
/* A daemon whose version the others have not got is blocked: clients wait for it without a word. */
static bool blocked(const struct member *m)
{
	int mine = m->snaps[SNAP_LXD].rev->schema;
	for (size_t i = 0; i < m->cloud->members.n; i++)
		if (m->cloud->members.v[i]->snaps[SNAP_LXD].rev->schema < mine)
			return true;
	return false;
}

static bool open_socket(struct sh *sh)
{
	struct member *m = sh->dev->member;
	while (m->snaps[SNAP_LXD].started && !m->snaps[SNAP_LXD].failed &&
	       (blocked(m) || !member_runs(m, SNAP_LXD)))
		if (!proc_sleep(sh->proc, 1000))
			return false;
	if (!member_runs(m, SNAP_LXD))
		return say(sh, 0,
			   "Error: LXD unix socket \"/var/snap/lxd/common/lxd/unix.socket\" not "
			   "accessible: dial unix /var/snap/lxd/common/lxd/unix.socket: connect: "
			   "connection refused");
	if (!cloud_quorum(m->cloud, SNAP_LXD))
		return say(sh, 0,
			   "Error: Failed to begin transaction: context deadline exceeded: no "
			   "available dqlite leader server found");
	return true;
}

/* While versions differ, nothing of the configuration can be changed. */
bool lxd_may_change(struct sh *sh)
{
	if (!cloud_lxd_mixed(sh->dev->member->cloud))
		return true;
	lab_log(sh->lab, sh->dev, "writes-refused", "lxd: versions differ");
	return say(sh, 0,
		   "Error: A cluster member's version is behind this cluster member's version, "
		   "please ensure versions match");
}

/* --- cluster list ------------------------------------------------------------------------- */
static void state_of(const struct member *m, const char **status, char message[96])
{
	const struct cloud *c = m->cloud;
	int mine = m->snaps[SNAP_LXD].rev->schema, most = mine;
	for (size_t i = 0; i < c->members.n; i++)
		if (c->members.v[i]->snaps[SNAP_LXD].rev->schema > most)
			most = c->members.v[i]->snaps[SNAP_LXD].rev->schema;
	int64_t off = m->lxd_gone_since < 0 ? 0 : m->dev->lab->now - m->lxd_gone_since;
	const struct snap *s = &m->snaps[SNAP_LXD];
	bool offline =
	    m->dev->phase != PHASE_UP || s->failed || (!member_runs(m, SNAP_LXD) && off > 20000);
	*status = offline              ? "Offline"
		  : cloud_lxd_mixed(c) ? "Blocked"
		  : m->evacuated       ? "Evacuated"
				       : "Online";
	if (offline)
		(void)snprintf(message, 96,
			       "No heartbeat for %lld.%03llds (2020-10-29 19:33:20 +0000 UTC)",
			       (long long)(off / 1000), (long long)(off % 1000));
	else
		(void)snprintf(message, 96, "%s",
			       !cloud_lxd_mixed(c) ? m->evacuated ? "Unavailable due to maintenance"
								  : "Fully operational"
			       : mine < most       ? "LXD version is older than other members"
						   : "LXD version is newer than other members");
}

static size_t roles_of(const struct member *m, const char *roles[2])
{
	size_t n = 0, at = (size_t)m->number;
	if (at == 0)
		roles[n++] = "database-leader";
	if (at < cloud_voters(m->cloud))
		roles[n++] = lxd_is_6(m) ? "database-voter" : "database";
	else if (at < 5)
		roles[n++] = "database-standby";
	return n;
}

static cJSON *member_json(const struct member *m)
{
	cJSON *o = cJSON_CreateObject();
	const char *status, *roles[2];
	char message[96], *url = xasprintf("https://%s:8443", m->dev->address);
	state_of(m, &status, message);
	cJSON_AddStringToObject(o, "server_name", m->dev->name);
	cJSON_AddStringToObject(o, "url", url);
	cJSON_AddBoolToObject(o, "database", (size_t)m->number < cloud_voters(m->cloud));
	cJSON_AddStringToObject(o, "status", status);
	cJSON_AddStringToObject(o, "message", message);
	cJSON_AddStringToObject(o, "architecture", "x86_64");
	cJSON_AddStringToObject(o, "failure_domain", "default");
	cJSON_AddStringToObject(o, "description", "");
	cJSON_AddObjectToObject(o, "config");
	cJSON *groups = cJSON_AddArrayToObject(o, "groups"),
	      *list = cJSON_AddArrayToObject(o, "roles");
	cJSON_AddItemToArray(groups, cJSON_CreateString("default"));
	for (size_t i = 0, n = roles_of(m, roles); i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(roles[i]));
	free(url);
	return o;
}

static void upper(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 32);
}

static void member_row(struct lab_table *t, const struct member *m)
{
	const char *status, *roles[2];
	char message[96], state[16];
	size_t n = roles_of(m, roles);
	state_of(m, &status, message);
	(void)snprintf(state, sizeof(state), "%s", status);
	upper(state);
	lab_table_add(t, "%s", m->dev->name);
	lab_table_add(t, "https://%s:8443", m->dev->address);
	lab_table_add(t, "%s", n ? roles[0] : "");
	lab_table_add(t, "x86_64");
	lab_table_add(t, "default");
	lab_table_add(t, "%s", "");
	lab_table_add(t, "%s", state);
	lab_table_add(t, "%s", message);
	for (size_t i = 0; n > 1 && i < 8; i++) /* its second role is a line of its own */
		lab_table_add(t, "%s", i == 2 ? roles[1] : "");
}

enum table_style lxd_style(const char *format)
{
	return str_eq(format, "csv")       ? TABLE_CSV
	       : str_eq(format, "compact") ? TABLE_COMPACT
					   : TABLE_LINES;
}

static int ask_list(struct sh *sh, const char *format)
{
	const struct cloud *c = sh->dev->member->cloud;
	if (str_eq(format, "json")) {
		cJSON *list = cJSON_CreateArray();
		for (size_t i = 0; i < c->members.n; i++)
			cJSON_AddItemToArray(list, member_json(c->members.v[i]));
		show_json(sh->out, list);
		return 0;
	}
	static const char *const head[] = {"NAME",           "URL",         "ROLES", "ARCHITECTURE",
					   "FAILURE DOMAIN", "DESCRIPTION", "STATE", "MESSAGE"};
	struct lab_table t = {.columns = LEN(head)};
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < c->members.n; i++)
		member_row(&t, c->members.v[i]);
	lab_table_print(&t, lxd_style(format), sh->out);
	return 0;
}

static int ask_show(struct sh *sh, const char *name)
{
	const struct member *m = lxd_member(sh->dev->member->cloud, name);
	const char *status, *roles[2];
	char message[96];
	if (!m)
		return say(sh, 1, "Error: Cluster member \"%s\" not found", name);
	state_of(m, &status, message);
	blob_puts(sh->out, "roles:\n");
	for (size_t i = 0, n = roles_of(m, roles); i < n; i++)
		blob_printf(sh->out, "- %s\n", roles[i]);
	blob_printf(sh->out,
		    "failure_domain: default\ndescription: \"\"\nconfig: {}\ngroups:\n- default\n"
		    "server_name: %s\nurl: https://%s:8443\ndatabase: %s\nstatus: %s\nmessage: %s\n"
		    "architecture: x86_64\n",
		    m->dev->name, m->dev->address,
		    (size_t)m->number < cloud_voters(m->cloud) ? "true" : "false", status, message);
	return 0;
}

/* --- lxc ---------------------------------------------------------------------------------- */
struct words {
	const char *word[6], *format, *action, *columns, *target;
	int n;
	bool force, yes;
};

static bool read_words(struct sh *sh, struct words *w, int argc, char **argv)
{
	w->format = "table";
	w->columns = "ns46tSL";
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if ((str_eq(a, "-f") || str_eq(a, "--format")) && i + 1 < argc)
			w->format = argv[++i];
		else if (str_starts(a, "--format="))
			w->format = a + 9;
		else if (str_eq(a, "--action") && i + 1 < argc)
			w->action = argv[++i];
		else if (str_starts(a, "--action="))
			w->action = a + 9;
		else if (str_eq(a, "-c") && i + 1 < argc)
			w->columns = argv[++i];
		else if (str_starts(a, "--columns="))
			w->columns = a + 10;
		else if (str_eq(a, "--target") && i + 1 < argc)
			w->target = argv[++i];
		else if (str_eq(a, "--project") && i + 1 < argc)
			i++; /* there is one only */
		else if (str_eq(a, "--force"))
			w->force = true;
		else if (str_eq(a, "--yes") && lxd_is_6(sh->dev->member))
			w->yes = true;
		else if (str_eq(a, "--yes"))
			return say(sh, 0, "Error: unknown flag: --yes");
		else if (a[0] != '-' && w->n < 6)
			w->word[w->n++] = a;
	}
	return true;
}

static bool are(const struct words *w, const char *first, const char *second)
{
	return w->n >= 2 && str_eq(w->word[0], first) && str_eq(w->word[1], second);
}

static int ask_config(struct sh *sh, const struct words *w)
{
	struct cloud *c = sh->dev->member->cloud;
	const char *key = w->n > 2 ? w->word[2] : "";
	if (str_eq(w->word[1], "show")) {
		blob_printf(sh->out, "config:\n  cluster.https_address: %s:8443\n",
			    sh->dev->address);
		if (c->healing)
			blob_printf(sh->out, "  cluster.healing_threshold: \"%d\"\n", c->healing);
		return 0;
	}
	if (!str_starts(key, "cluster.healing_threshold")) {
		blob_puts(sh->out, "\n");
		return 0;
	}
	if (str_eq(w->word[1], "get")) {
		if (c->healing)
			blob_printf(sh->out, "%d\n", c->healing);
		else
			blob_puts(sh->out, "\n");
		return 0;
	}
	if (!lxd_may_change(sh))
		return 1;
	const char *eq = strchr(key, '=');
	c->healing = atoi(eq ? eq + 1 : w->n > 3 ? w->word[3] : "0");
	lab_log(sh->lab, sh->dev, "healing-threshold", "%d", c->healing);
	return 0;
}

static int run_lxc(struct sh *sh, int argc, char **argv)
{
	struct words w = {0};
	if (!snapd_lets_run(sh, SNAP_LXD))
		return 137;
	if (!read_words(sh, &w, argc, argv))
		return 1;
	if ((argc > 1 && str_eq(argv[1], "--version")) || (w.n && str_eq(w.word[0], "version"))) {
		const char *v = sh->dev->member->snaps[SNAP_LXD].rev->software;
		blob_printf(sh->out, argv[1][0] == '-' ? "%s\n" : "Client version: %s\n", v);
		return 0;
	}
	if (!open_socket(sh))
		return 1;
	if (are(&w, "cluster", "list") || are(&w, "cluster", "ls"))
		return ask_list(sh, w.format);
	if (are(&w, "cluster", "show") && w.n > 2)
		return ask_show(sh, w.word[2]);
	if (are(&w, "cluster", "evacuate") && w.n > 2)
		return lxd_evacuate(sh, w.word[2], w.action, w.force, w.yes);
	if (are(&w, "cluster", "restore") && w.n > 2)
		return lxd_restore(sh, w.word[2], w.action, w.force, w.yes);
	if (w.n > 1 && str_eq(w.word[0], "config"))
		return ask_config(sh, &w);
	if (w.n && (str_eq(w.word[0], "list") || str_eq(w.word[0], "ls")))
		return lxd_instances(sh, w.format, w.columns);
	if (w.n > 1 && str_eq(w.word[0], "move"))
		return lxd_move(sh, w.word[1], w.target ? w.target : "");
	if (w.n && (str_eq(w.word[0], "operation") || str_eq(w.word[0], "operations")))
		return lxd_operations(sh, w.format);
	if (w.n > 2 && str_eq(w.word[0], "exec"))
		return lxd_exec(sh, w.word[1], w.n - 2, w.word + 2);
	return say(sh, 1, "Error: unknown command \"%s\" for \"lxc\"", w.n ? w.word[0] : "");
}

/* lxd waitready --timeout=N */
static int run_lxd(struct sh *sh, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct member *m = sh->dev->member;
	int64_t until = -1;
	if (!snapd_lets_run(sh, SNAP_LXD))
		return 137;
	if (str_eq(verb, "--version")) {
		blob_printf(sh->out, "%s\n", m->snaps[SNAP_LXD].rev->software);
		return 0;
	}
	if (!str_eq(verb, "waitready"))
		return say(sh, 1, "Error: unknown command \"%s\" for \"lxd\"", verb);
	for (int i = 2; i < argc; i++)
		if (str_starts(argv[i], "--timeout="))
			until = sh->lab->now + atoi(argv[i] + 10) * INT64_C(1000);
		else if ((str_eq(argv[i], "--timeout") || str_eq(argv[i], "-t")) && i + 1 < argc)
			until = sh->lab->now + atoi(argv[++i]) * INT64_C(1000);
	while (blocked(m) || !member_runs(m, SNAP_LXD)) {
		if (until >= 0 && sh->lab->now >= until)
			return say(sh, 1, "Error: LXD still not running after timeout");
		if (!proc_sleep(sh->proc, 1000))
			return 137;
	}
	return 0;
}

const struct command lxd_commands[] = {
    {.name = "lxc", .run = run_lxc, .path = "/snap/bin"},
    {.name = "lxd", .run = run_lxd, .path = "/snap/bin"},
    {.name = "lxd.lxc", .run = run_lxc, .path = "/snap/bin"},
    {0},
};
