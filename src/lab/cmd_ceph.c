/* SPDX-License-Identifier: ISC */
/* ceph and microceph on a member of a MicroCloud. */
#include "config.h"

#include "lab/cloud.h"
#include "lab/show.h"

#include <stdlib.h>
#include <string.h>

enum { NO_QUORUM_MS = 300000 };

char *ceph_services(const struct member *m, const char *separator)
{
	bool mon = (size_t)m->number < cloud_voters(m->cloud);
	return mon ? xasprintf("mds%smgr%smon%sosd", separator, separator, separator)
		   : xstrdup("osd");
}

/* --- ceph --------------------------------------------------------------------------------- */
struct request {
	struct sh *sh;
	struct member *m;
	bool json;
	const char *words[8];
	int n;
};

static bool asks(const struct request *r, const char *words)
{
	struct str said = {0};
	for (int i = 0; i < r->n; i++)
		str_printf(&said, "%s%s", i ? " " : "", r->words[i]);
	size_t n = strlen(words);
	bool is = strncmp(str_text(&said), words, n) == 0 && (said.len == n || said.buf[n] == ' ');
	str_release(&said);
	return is;
}

static int put(const struct request *r, cJSON *root)
{
	char *text = r->json ? cJSON_PrintUnformatted(root) : cJSON_Print(root);
	blob_printf(r->sh->out, r->json ? "\n%s\n" : "%s\n", text ? text : "");
	cJSON_free(text);
	cJSON_Delete(root);
	return 0;
}

static int ask_status(const struct request *r)
{
	if (r->json)
		return put(r, ceph_status_json(r->m->cloud));
	ceph_status_text(r->m->cloud, r->sh->out);
	return 0;
}

static int health(const struct request *r, bool detail)
{
	const char *status;
	cJSON *checks = ceph_checks(r->m->cloud, &status);
	const cJSON *check;
	if (r->json) {
		cJSON *root = cJSON_CreateObject();
		cJSON_AddStringToObject(root, "status", status);
		cJSON_AddItemToObject(root, "checks", checks);
		cJSON_AddArrayToObject(root, "mutes");
		return put(r, root);
	}
	struct str summary = {0}, lines = {0};
	cJSON_ArrayForEach(check, checks)
	{
		const cJSON *s = cJSON_GetObjectItemCaseSensitive(check, "summary");
		const char *text = cJSON_GetObjectItemCaseSensitive(s, "message")->valuestring;
		bool bad = str_eq(cJSON_GetObjectItemCaseSensitive(check, "severity")->valuestring,
				  "HEALTH_ERR");
		str_printf(&summary, "%s%s", summary.len ? "; " : " ", text);
		str_printf(&lines, "[%s] %s: %s\n", bad ? "ERR" : "WRN", check->string, text);
	}
	blob_printf(r->sh->out, "%s%s\n%s", status, str_text(&summary),
		    detail ? str_text(&lines) : "");
	str_release(&summary);
	str_release(&lines);
	cJSON_Delete(checks);
	return 0;
}

static int ask_health_detail(const struct request *r)
{
	return health(r, true);
}

static int ask_health(const struct request *r)
{
	return health(r, false);
}

static int ask_versions(const struct request *r)
{
	return put(r, ceph_versions_json(r->m->cloud));
}

static int change_flag(const struct request *r)
{
	bool on = str_eq(r->words[1], "set");
	if (r->n < 3 || !str_eq(r->words[2], "noout"))
		return say(r->sh, 22,
			   "Invalid command: missing required parameter key\n"
			   "Error EINVAL: invalid command");
	cloud_noout(r->m->cloud, r->sh->dev, on);
	return say(r->sh, 0, "noout is %s", on ? "set" : "unset");
}

static struct member *osd_owner(const struct request *r, const char *text)
{
	const char *digits = str_starts(text, "osd.") ? text + 4 : text;
	size_t n = (size_t)atoi(digits);
	bool number = *digits && !digits[strspn(digits, "0123456789")];
	return number && n < r->m->cloud->members.n ? r->m->cloud->members.v[n] : NULL;
}

static int ask_ok_to_stop(const struct request *r)
{
	cJSON *root = cJSON_CreateObject(), *list = cJSON_CreateArray();
	bool ok = r->n > 2;
	size_t up = 0;
	for (int i = 2; i < r->n; i++) {
		struct member *m = osd_owner(r, r->words[i]);
		if (!m) {
			cJSON_Delete(root);
			cJSON_Delete(list);
			return say(r->sh, 22, "Error EINVAL: osd id %s is invalid", r->words[i]);
		}
		cJSON_AddItemToArray(list, cJSON_CreateNumber(m->number));
		up += ceph_osd_up(m);
		ok = ok && ceph_ok_to_stop(r->m->cloud, m);
	}
	ok = ok && up <= 1;
	cJSON_AddBoolToObject(root, "ok_to_stop", ok);
	cJSON_AddItemToObject(root, "osds", list);
	cJSON_AddNumberToObject(root, "num_ok_pgs", ok ? 33 : 12);
	cJSON_AddNumberToObject(root, "num_not_ok_pgs", ok ? 0 : 21);
	cJSON *pgs =
	    cJSON_AddArrayToObject(root, ok ? "ok_become_degraded" : "bad_become_inactive");
	cJSON_AddItemToArray(pgs, cJSON_CreateString("1.0"));
	char *text = cJSON_PrintUnformatted(root);
	blob_printf(r->sh->out, "%s\n", text ? text : "");
	cJSON_free(text);
	cJSON_Delete(root);
	return ok ? 0
		  : say(r->sh, 16,
			"Error EBUSY: unsafe to stop osd(s) at this time (21 PGs are or would "
			"become "
			"offline)");
}

static int ask_tree(const struct request *r)
{
	const struct cloud *c = r->m->cloud;
	cJSON *root = cJSON_CreateObject(), *nodes = cJSON_AddArrayToObject(root, "nodes");
	struct str text = {0};
	str_printf(&text,
		   "ID  CLASS  WEIGHT   TYPE NAME         STATUS  REWEIGHT  PRI-AFF\n"
		   "-1         %.5f  root default\n",
		   0.04880 * (double)c->members.n);
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		const char *status = ceph_osd_up(m) ? "up" : "down", *name = m->dev->name;
		str_printf(
		    &text,
		    "-%zu         0.04880      host %-14s\n%2zu    hdd  0.04880          osd.%-5zu "
		    "   %6s  %8s  1.00000\n",
		    2 * i + 3, name, i, i, status, m->osd_out ? "0" : "1.00000");
		cJSON *host = cJSON_CreateObject(), *osd = cJSON_CreateObject();
		cJSON_AddItemToArray(nodes, host);
		cJSON_AddNumberToObject(host, "id", -(double)(2 * i + 3));
		cJSON_AddStringToObject(host, "name", name);
		cJSON_AddStringToObject(host, "type", "host");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(host, "children"),
				     cJSON_CreateNumber((double)i));
		char *osd_name = xasprintf("osd.%zu", i);
		cJSON_AddItemToArray(nodes, osd);
		cJSON_AddNumberToObject(osd, "id", (double)i);
		cJSON_AddStringToObject(osd, "name", osd_name);
		cJSON_AddStringToObject(osd, "type", "osd");
		cJSON_AddStringToObject(osd, "status", status);
		cJSON_AddNumberToObject(osd, "reweight", m->osd_out ? 0 : 1);
		free(osd_name);
	}
	if (r->json)
		(void)put(r, root);
	else
		cJSON_Delete(root), blob_puts(r->sh->out, str_text(&text));
	str_release(&text);
	return 0;
}

static int ask_dump(const struct request *r)
{
	const struct cloud *c = r->m->cloud;
	const char *flags = c->noout ? "noout,sortbitwise,recovery_deletes,purged_snapdirs"
				     : "sortbitwise,recovery_deletes,purged_snapdirs";
	if (!r->json) {
		blob_printf(r->sh->out, "epoch 61\nfsid %s\nflags %s\nrequire_osd_release %s\n",
			    c->fsid, flags, c->require);
		return 0;
	}
	cJSON *root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "epoch", 61);
	cJSON_AddStringToObject(root, "fsid", c->fsid);
	cJSON_AddStringToObject(root, "flags", flags);
	cJSON *set = cJSON_AddArrayToObject(root, "flags_set");
	if (c->noout)
		cJSON_AddItemToArray(set, cJSON_CreateString("noout"));
	cJSON_AddItemToArray(set, cJSON_CreateString("sortbitwise"));
	cJSON_AddStringToObject(root, "require_osd_release", c->require);
	return put(r, root);
}

static int ask_stat(const struct request *r)
{
	struct ceph_view v;
	ceph_look(r->m->cloud, &v);
	blob_printf(r->sh->out, "%zu osds: %zu up (since 6m), %zu in (since 6w); epoch: e61%s\n",
		    v.osds, v.osds_up, v.osds_in, r->m->cloud->noout ? "; flags noout" : "");
	return 0;
}

static int ask_osd_status(const struct request *r)
{
	const struct cloud *c = r->m->cloud;
	struct lab_table t = {.columns = 9};
	static const char *const head[] = {"ID",      "HOST",   "USED",    "AVAIL", "WR OPS",
					   "WR DATA", "RD OPS", "RD DATA", "STATE"};
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < c->members.n; i++) {
		static const char *const zero[] = {"448M", "49.5G", "0", "0", "0", "0"};
		lab_table_add(&t, "%zu", i);
		lab_table_add(&t, "%s", c->members.v[i]->dev->name);
		for (size_t k = 0; k < LEN(zero); k++)
			lab_table_add(&t, "%s", zero[k]);
		lab_table_add(&t, "%s%s", c->members.v[i]->osd_out ? "autoout,exists" : "exists",
			      ceph_osd_up(c->members.v[i]) ? ",up" : "");
	}
	lab_table_print(&t, TABLE_COMPACT, r->sh->out);
	return 0;
}

static int ask_osds(const struct request *r)
{
	for (size_t i = 0; i < r->m->cloud->members.n; i++)
		blob_printf(r->sh->out, "%zu\n", i);
	return 0;
}

static int ask_osds_of(const struct request *r)
{
	const struct cloud *c = r->m->cloud;
	for (size_t i = 0; i < c->members.n; i++)
		if (r->n > 2 && str_eq(c->members.v[i]->dev->name, r->words[2]))
			blob_printf(r->sh->out, "%zu\n", i);
	return 0;
}

static const struct {
	const char *words;
	int (*ask)(const struct request *r);
} asked[] = {
    {"status", ask_status},
    {"-s", ask_status},
    {"health detail", ask_health_detail},
    {"health", ask_health},
    {"versions", ask_versions},
    {"osd set", change_flag},
    {"osd unset", change_flag},
    {"osd ok-to-stop", ask_ok_to_stop},
    {"osd tree", ask_tree},
    {"osd dump", ask_dump},
    {"osd stat", ask_stat},
    {"osd status", ask_osd_status},
    {"osd ls-tree", ask_osds_of},
    {"osd ls", ask_osds},
};

/* A client asks one monitor after the other until there is a quorum, or five minutes have passed.
 */
static bool reaches(struct sh *sh, const struct member *m)
{
	struct ceph_view v;
	int64_t until = sh->lab->now + NO_QUORUM_MS;
	for (ceph_look(m->cloud, &v); !v.quorum && sh->lab->now < until; ceph_look(m->cloud, &v))
		if (!proc_sleep(sh->proc, 1000))
			return false;
	if (!v.quorum)
		(void)say(sh, 1,
			  "monclient(hunting): authenticate timed out after 300\n"
			  "[errno 110] RADOS timed out (error connecting to the cluster)");
	return v.quorum;
}

static void read_request(struct request *r, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if ((str_eq(argv[i], "-f") || str_eq(argv[i], "--format")) && i + 1 < argc)
			r->json = str_starts(argv[++i], "json");
		else if (str_starts(argv[i], "--format="))
			r->json = str_starts(argv[i] + 9, "json");
		else if ((argv[i][0] != '-' || str_eq(argv[i], "-s")) && r->n < (int)LEN(r->words))
			r->words[r->n++] = argv[i];
	}
}

static int run_ceph(struct sh *sh, int argc, char **argv)
{
	struct request r = {.sh = sh, .m = sh->dev->member};
	if (!snapd_lets_run(sh, SNAP_CEPH))
		return 137;
	read_request(&r, argc, argv);
	if (sh->uid)
		return say(
		    sh, 1,
		    "Error initializing cluster client: ObjectNotFound('RADOS object not found "
		    "(error calling conf_read_file)')");
	if (argc > 1 && (str_eq(argv[1], "--version") || str_eq(argv[1], "-v"))) {
		char *version = ceph_version(r.m->snaps[SNAP_CEPH].rev);
		blob_printf(sh->out, "%s\n", version);
		free(version);
		return 0;
	}
	if (!reaches(sh, r.m))
		return 1;
	for (size_t i = 0; i < LEN(asked); i++)
		if (asks(&r, asked[i].words))
			return asked[i].ask(&r);
	return say(sh, 22, "no valid command found\nError EINVAL: invalid command");
}

/* --- microceph ---------------------------------------------------------------------------- */
static int status(struct sh *sh)
{
	const struct cloud *c = sh->dev->member->cloud;
	blob_puts(sh->out, "MicroCeph deployment summary:\n");
	for (size_t i = 0; i < c->members.n; i++) {
		const struct member *m = c->members.v[i];
		char *services = ceph_services(m, ", ");
		blob_printf(sh->out, "- %s (%s)\n  Services: %s\n  Disks: 1\n", m->dev->name,
			    m->dev->address, services);
		free(services);
	}
	return 0;
}

static int wait_ready(struct sh *sh, int argc, char **argv)
{
	const struct member *m = sh->dev->member;
	bool storage = false;
	int seconds = 0;
	struct ceph_view v;
	for (int i = 2; i < argc; i++) {
		storage |= str_eq(argv[i], "--storage");
		if (str_eq(argv[i], "--timeout") && i + 1 < argc)
			seconds = atoi(argv[++i]);
		else if (str_starts(argv[i], "--timeout="))
			seconds = atoi(argv[i] + 10);
	}
	int64_t until = sh->lab->now + seconds * INT64_C(1000);
	for (;;) {
		ceph_look(m->cloud, &v);
		if (member_runs(m, SNAP_CEPH) && v.quorum && (!storage || ceph_osd_up(m)))
			return 0;
		if (seconds && sh->lab->now >= until)
			return say(sh, 1, "Error: context deadline exceeded");
		if (!proc_sleep(sh->proc, 1000))
			return 137;
	}
}

static int run_microceph(struct sh *sh, int argc, char **argv)
{
	const struct snap_rev *rev = sh->dev->member->snaps[SNAP_CEPH].rev;
	const char *verb = argc > 1 ? argv[1] : "", *object = argc > 2 ? argv[2] : "";
	if (!snapd_lets_run(sh, SNAP_CEPH))
		return 137;
	if (str_eq(verb, "--version")) {
		blob_printf(sh->out, "ceph-version: %s~snap; microceph-git: %s\n", rev->software,
			    strrchr(rev->version, rev->rev == 793 ? '.' : 'p') + 1);
		return 0;
	}
	if (str_eq(verb, "waitready") && rev->schema >= 17)
		return wait_ready(sh, argc, argv);
	if (str_eq(verb, "cluster") && str_eq(object, "list"))
		return cluster_list(sh, SNAP_CEPH, argc - 2, argv + 2);
	if (str_eq(verb, "cluster") && str_eq(object, "remove"))
		return cluster_remove(sh, SNAP_CEPH, argc - 2, argv + 2);
	if (!str_eq(verb, "status") && !str_eq(verb, "cluster"))
		return say(sh, 1, "Error: unknown command \"%s\" for \"microceph\"", verb);
	if (!daemon_answers(sh, SNAP_CEPH))
		return 1;
	if (str_eq(object, "maintenance") && rev->schema >= 14)
		return ceph_maintenance(sh, argc - 3, argv + 3);
	return str_eq(verb, "status")
		   ? status(sh)
		   : say(sh, 1, "Error: unknown command \"%s\" for \"microceph cluster\"", object);
}

const struct command ceph_commands[] = {
    {.name = "ceph", .run = run_ceph, .path = "/snap/bin"},
    {.name = "microceph.ceph", .run = run_ceph, .path = "/snap/bin"},
    {.name = "microceph", .run = run_microceph, .path = "/snap/bin"},
    {0},
};
