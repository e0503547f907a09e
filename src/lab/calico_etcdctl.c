/* SPDX-License-Identifier: ISC */
/* The clients of etcd: etcdctl of both APIs, etcd itself and curl. */
#include "config.h"

#include "lab/calico.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct client { /* one call of etcdctl */
	struct sh *sh;
	bool v3, json;
	const char *endpoints;
	char **words;
	int n;
};

/* --- etcdctl ------------------------------------------------------------------------------------- */
static void address_of(const struct device *dev, int port, char out[48])
{
	(void)snprintf(out, 48, "http://10.0.0.%d:%d", dev->index + 11, port);
}

/* The member that a proxy asks. */
static struct device *forwards(struct device *proxy)
{
	int leader = proxy->lab->calico->leader;
	bool up = proxy->calico->parts & PART_PROXY && service_active(proxy, SERVICE_ETCD);
	return up && leader >= 0 ? proxy->lab->devices.v[leader] : NULL;
}

/* The member that an endpoint names; an endpoint of this host is its own. */
static struct device *endpoint(struct lab *lab, struct device *self, const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	int n = 0;
	if (str_starts(host, "127.0.0.1") || str_starts(host, "localhost"))
		return self->calico->parts & PART_ETCD ? self : forwards(self);
	if (sscanf(host, "10.0.0.%d", &n) != 1 || n < 11 || (size_t)n - 11 >= lab->devices.n)
		return NULL;
	return etcd_member(lab, (size_t)n - 11);
}

static const char *or_endpoints(const struct client *c)
{
	return c->endpoints && *c->endpoints ? c->endpoints : "http://127.0.0.1:2379";
}

/* Any of the endpoints answers and there is a leader. */
static bool reachable(struct client *c)
{
	char **urls = str_split(or_endpoints(c), ",", NULL);
	bool any = false;
	for (char **u = urls; *u; u++) {
		struct device *dev = endpoint(c->sh->lab, c->sh->dev, *u);
		any |= dev && etcd_healthy(dev);
	}
	free(urls);
	return any && c->sh->lab->calico->writes;
}

static int health_of(struct client *c, const char *url, bool *first)
{
	struct device *dev = endpoint(c->sh->lab, c->sh->dev, url);
	bool up = dev && service_active(dev, SERVICE_ETCD);
	bool good = dev && etcd_healthy(dev) && c->sh->lab->calico->writes;
	const char *why = up ? "failed to commit proposal: context deadline exceeded"
			     : "failed to connect: dial tcp: connect: connection refused";
	if (c->json)
		blob_printf(c->sh->out, "%s{\"endpoint\":\"%s\",\"health\":%s,\"took\":\"%s\"%s%s%s}",
			    *first ? "" : ",", url, good ? "true" : "false",
			    good ? "2.094829ms" : "5.000403ms", good ? "" : ",\"error\":\"",
			    good ? "" : why, good ? "" : "\"");
	else if (good)
		blob_printf(c->sh->out, "%s is healthy: successfully committed proposal: took = %s\n",
			    url, "1.716886ms");
	else
		blob_printf(c->sh->err, "%s is unhealthy: %s\n", url, why);
	*first = false;
	return good ? 0 : 1;
}

static void status_of(struct client *c, const char *url, bool *first)
{
	struct device *dev = endpoint(c->sh->lab, c->sh->dev, url);
	struct calico_net *net = c->sh->lab->calico;
	if (!dev || !service_active(dev, SERVICE_ETCD)) {
		blob_printf(c->sh->err, "Failed to get the status of endpoint %s (context deadline "
					"exceeded)\n",
			    url);
		return;
	}
	uint64_t leader = net->leader < 0 ? 0 : c->sh->lab->devices.v[net->leader]->calico->member_id;
	if (c->json)
		blob_printf(c->sh->out,
			    "%s{\"Endpoint\":\"%s\",\"Status\":{\"header\":{\"cluster_id\":"
			    "14841639068965178418,\"member_id\":%" PRIu64 ",\"revision\":4711,"
			    "\"raft_term\":2},\"version\":\"%s\",\"dbSize\":24576,\"leader\":%" PRIu64
			    ",\"raftIndex\":32623,\"raftTerm\":2}}",
			    *first ? "" : ",", url, dev->calico->member_id, dev->calico->etcd_runs,
			    leader);
	else
		blob_printf(c->sh->out, "%s, %" PRIx64 ", %s, 25 kB, %s, 2, 32623\n", url,
			    dev->calico->member_id, dev->calico->etcd_runs,
			    leader == dev->calico->member_id ? "true" : "false");
	*first = false;
}

static int endpoints(struct client *c, const char *what)
{
	struct str all = {0};
	bool cluster = false, first = true;
	int status = 0;
	for (int i = 0; i < c->n; i++)
		cluster |= str_eq(c->words[i], "--cluster");
	for (size_t i = 0; cluster && i < c->sh->lab->devices.n; i++) {
		char url[48];
		if (!etcd_member(c->sh->lab, i))
			continue;
		address_of(c->sh->lab->devices.v[i], 2379, url);
		str_printf(&all, "%s%s", all.len ? "," : "", url);
	}
	char **urls = str_split(cluster ? str_text(&all) : or_endpoints(c), ",", NULL);
	if (c->json)
		blob_puts(c->sh->out, "[");
	for (char **u = urls; *u; u++) {
		if (str_eq(what, "health"))
			status |= health_of(c, *u, &first);
		else
			status_of(c, *u, &first);
	}
	if (c->json)
		blob_puts(c->sh->out, "]\n");
	free(urls);
	str_release(&all);
	return status ? say(c->sh, 1, "Error: unhealthy cluster") : 0;
}

static int list_members(struct client *c)
{
	struct lab *lab = c->sh->lab;
	if (!reachable(c))
		return c->v3 ? say(c->sh, 1, "Error: context deadline exceeded")
			     : say(c->sh, 1,
				   "Error:  client: etcd cluster is unavailable or misconfigured");
	for (size_t i = 0; i < lab->devices.n; i++) {
		char peer[48], url[48];
		struct device *dev = etcd_member(lab, i);
		if (!dev)
			continue;
		address_of(dev, 2380, peer);
		address_of(dev, 2379, url);
		bool learner = etcd_number(dev->calico->etcd_runs) >= 304;
		if (c->v3)
			blob_printf(c->sh->out, "%" PRIx64 ", started, %s, %s, %s%s\n",
				    dev->calico->member_id, dev->name, peer, url,
				    learner ? ", false" : "");
		else
			blob_printf(c->sh->out,
				    "%" PRIx64 ": name=%s peerURLs=%s clientURLs=%s isLeader=%s\n",
				    dev->calico->member_id, dev->name, peer, url,
				    lab->calico->leader == (int)i ? "true" : "false");
	}
	return 0;
}

/* The API v2: any one healthy member is enough for its last line, until 3.3. */
static int cluster_health(struct client *c)
{
	struct lab *lab = c->sh->lab;
	char version[24];
	int good = 0, all = 0;
	etcd_installed(c->sh->dev, version);
	if (!reachable(c))
		return say(c->sh, 4, "cluster may be unhealthy: failed to list members\nError:  "
				     "client: etcd cluster is unavailable or misconfigured");
	for (size_t i = 0; i < lab->devices.n; i++) {
		char url[48];
		struct device *dev = etcd_member(lab, i);
		if (!dev)
			continue;
		address_of(dev, 2379, url);
		all++;
		good += etcd_healthy(dev);
		if (etcd_healthy(dev))
			blob_printf(c->sh->out,
				    "member %" PRIx64 " is healthy: got healthy result from %s\n",
				    dev->calico->member_id, url);
		else
			blob_printf(c->sh->out,
				    "failed to check the health of member %" PRIx64 " on %s: Get "
				    "%s/health: dial tcp: connection refused\n"
				    "member %" PRIx64 " is unreachable: [%s] are all unreachable\n",
				    dev->calico->member_id, url, url, dev->calico->member_id, url);
	}
	bool modern = etcd_number(version) >= 303;
	blob_puts(c->sh->out, good == all || !modern ? "cluster is healthy\n"
						     : "cluster is degraded\n");
	return good < all && modern ? 5 : 0;
}

static int save(struct client *c, const char *path)
{
	if (!reachable(c))
		return say(c->sh, 1, "Error: context deadline exceeded");
	struct blob *b = blob_new();
	blob_puts(b, "etcd snapshot\n");
	bool ok = file_write(c->sh, path, b, false, "Error: could not open");
	blob_unref(b);
	if (!ok || !proc_sleep(c->sh->proc, 1500))
		return 1;
	lab_log(c->sh->lab, c->sh->dev, "etcd-backup", "%s", path);
	blob_printf(c->sh->out, "Snapshot saved at %s\n", path);
	return 0;
}

static int snapshot_status(struct client *c, const char *path)
{
	struct blob *b = file_open(c->sh, path, "Error");
	if (!b)
		return 1;
	blob_unref(b);
	blob_puts(c->sh->out, "fe01cf57, 4711, 1203, 25 kB\n");
	return 0;
}

static int backup(struct client *c)
{
	const char *dir = NULL, *data = "/default.etcd";
	for (int i = 0; i + 1 < c->n; i++) {
		if (str_eq(c->words[i], "--backup-dir"))
			dir = c->words[i + 1];
		if (str_eq(c->words[i], "--data-dir"))
			data = c->words[i + 1];
	}
	if (!dir)
		return say(c->sh, 1, "Error: no backup directory");
	if (!str_eq(data, etcd_data(c->sh->dev)))
		return say(c->sh, 1, "2026-11-22 09:52:40.206997 I | open %s/member/snap: no such file or "
				     "directory", data);
	char *path = xasprintf("%s/member/snap/db", dir);
	char *clean = vfs_clean(c->sh->cwd, path);
	vfs_put_text(&c->sh->dev->vfs, clean, "etcd v2 backup\n", 0600, c->sh->lab->now);
	lab_log(c->sh->lab, c->sh->dev, "etcd-backup", "%s", dir);
	free(clean);
	free(path);
	return 0;
}

static int move_leader(struct client *c, const char *id)
{
	struct lab *lab = c->sh->lab;
	uint64_t wanted = strtoull(id, NULL, 16);
	for (size_t i = 0; i < lab->devices.n; i++) {
		struct device *dev = etcd_member(lab, i);
		if (!dev || dev->calico->member_id != wanted || !etcd_healthy(dev))
			continue;
		blob_printf(c->sh->out, "Leadership transferred from %" PRIx64 " to %s\n",
			    lab->devices.v[lab->calico->leader]->calico->member_id, id);
		lab->calico->leader = (int)i;
		lab_log(lab, dev, "etcd-leader", "moved");
		return 0;
	}
	return say(c->sh, 1, "Error: etcdserver: bad leader transferee");
}

static int run_client(struct client *c)
{
	const char *a = c->n > 0 ? c->words[0] : "", *b = c->n > 1 ? c->words[1] : "";
	if (str_eq(a, "member") && str_eq(b, "list"))
		return list_members(c);
	if (c->v3 && str_eq(a, "endpoint"))
		return endpoints(c, b);
	if (c->v3 && str_eq(a, "snapshot") && str_eq(b, "save") && c->n > 2)
		return save(c, c->words[2]);
	if (c->v3 && str_eq(a, "snapshot") && str_eq(b, "status") && c->n > 2)
		return snapshot_status(c, c->words[2]);
	if (c->v3 && str_eq(a, "move-leader"))
		return move_leader(c, b);
	if (c->v3 && str_eq(a, "alarm"))
		return 0;
	if (c->v3 && str_eq(a, "version")) {
		char version[24];
		etcd_installed(c->sh->dev, version);
		blob_printf(c->sh->out, "etcdctl version: %s\nAPI version: 3.4\n", version);
		return 0;
	}
	if (!c->v3 && str_eq(a, "cluster-health"))
		return cluster_health(c);
	if (!c->v3 && str_eq(a, "backup"))
		return backup(c);
	return c->v3 ? say(c->sh, 1, "Error: unknown command \"%s\" for \"etcdctl\"", a)
		     : say(c->sh, 0, "No help topic for '%s'", a);
}

/* From 3.4 on what is said twice is refused, before anything is asked. */
static int shadowed(struct sh *sh, const char *version)
{
	if (etcd_number(version) >= 305)
		return say(sh, 1,
			   "{\"level\":\"fatal\",\"caller\":\"flags/flag.go:85\",\"msg\":"
			   "\"conflicting environment variable is shadowed by corresponding "
			   "command-line flag (either unset environment variable or disable "
			   "flag))\",\"environment-variable\":\"ETCDCTL_ENDPOINTS\"}");
	return say(sh, 1,
		   "C | pkg/flags: conflicting environment variable \"ETCDCTL_ENDPOINTS\" is "
		   "shadowed by corresponding command-line flag (either unset environment variable "
		   "or disable flag)");
}

static void read_words(struct client *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (str_starts(argv[i], "--endpoints="))
			c->endpoints = argv[i] + 12;
		else if (str_eq(argv[i], "--endpoints") && i + 1 < argc)
			c->endpoints = argv[++i];
		else if (str_eq(argv[i], "-w") && i + 1 < argc)
			c->json = str_eq(argv[++i], "json");
		else if (str_starts(argv[i], "--write-out="))
			c->json = str_ends(argv[i], "json");
		else if (!str_starts(argv[i], "--command-timeout") &&
			 !str_starts(argv[i], "--dial-timeout"))
			c->words[c->n++] = argv[i];
	}
}

static int run_etcdctl(struct sh *sh, int argc, char **argv)
{
	char version[24];
	etcd_installed(sh->dev, version);
	if (!*version)
		return say(sh, 127, "etcdctl: command not found");
	const char *api = sh_get(sh, "ETCDCTL_API"), *env = sh_get(sh, "ETCDCTL_ENDPOINTS");
	struct client c = {.sh = sh, .words = xcalloc((size_t)argc + 1, sizeof(*c.words))};
	c.v3 = etcd_number(version) >= 304 ? !str_eq(api, "2")
					   : etcd_number(version) >= 300 && str_eq(api, "3");
	read_words(&c, argc, argv);
	bool twice = c.v3 && c.endpoints && env && etcd_number(version) >= 304;
	c.endpoints = c.endpoints ? c.endpoints : env;
	int status = twice ? shadowed(sh, version) : run_client(&c);
	free(c.words);
	return status;
}

/* Is there a file with such an ending in the directory? */
static bool has_file(struct sh *sh, const char *dir, const char *ending)
{
	char *path = vfs_clean(sh->cwd, dir);
	const struct vfs *v = &sh->dev->vfs;
	size_t n = strlen(path);
	bool found = false;
	for (size_t i = 0; i < v->nodes.n && !found; i++) {
		const char *file = v->nodes.v[i]->path;
		found = str_starts(file, path) && file[n] == '/' && str_ends(file, ending);
	}
	free(path);
	return found;
}

/* The check of a directory that no server uses: in one that does, it may rename a snapshot. */
static int check_v2store(struct sh *sh, const char *data, const char *wal)
{
	char *snap = xasprintf("%s/member/snap", data), *own = xasprintf("%s/member/wal", data);
	struct device *dev = sh->dev;
	bool v2 = fault_on(dev, "etcd-v2-data"), there = has_file(sh, wal ? wal : own, ".wal");
	bool snapshot = has_file(sh, snap, ".snap");
	int patch = 0;
	char version[24];
	etcd_installed(dev, version);
	(void)sscanf(version, "%*d.%*d.%d", &patch);
	if (str_starts(data, etcd_data(dev)))
		lab_log(sh->lab, dev, "violation", "etcdutl works in the directory of a server");
	free(snap);
	free(own);
	if (sh->uid)
		return say(sh, 1, "Error: open %s: permission denied", data);
	if (!there)
		return say(sh, 1, "Error: open %s/member/wal: no such file or directory", data);
	if (v2 && snapshot)
		return say(sh, 1, "Error: detected custom content in v2store");
	blob_puts(sh->out, patch >= 32 ? "No custom content found in both v2store and WAL records.\n"
				       : "No custom content found in v2store.\n");
	return 0;
}

static int run_etcdutl(struct sh *sh, int argc, char **argv)
{
	const char *data = NULL, *wal = NULL;
	char version[24];
	etcd_installed(sh->dev, version);
	if (etcd_number(version) < 305)
		return say(sh, 127, "etcdutl: command not found");
	for (int i = 1; i + 1 < argc; i++) {
		if (str_eq(argv[i], "--data-dir"))
			data = argv[i + 1];
		if (str_eq(argv[i], "--wal-dir"))
			wal = argv[i + 1];
	}
	if (argc > 2 && str_eq(argv[1], "check") && str_eq(argv[2], "v2store") && data)
		return check_v2store(sh, data, wal);
	return say(sh, 1, "Error: required flag(s) \"data-dir\" not set");
}

static int run_etcd(struct sh *sh, int argc, char **argv)
{
	char version[24];
	etcd_installed(sh->dev, version);
	if (!*version || argc < 2 || !str_eq(argv[1], "--version"))
		return say(sh, 127, "etcd: command not found");
	blob_printf(sh->out, "etcd Version: %s\nGit SHA: Not provided\n", version);
	return 0;
}

/* GET of an etcd and of Felix's health. */
static int run_curl(struct sh *sh, int argc, char **argv)
{
	const char *url = argc > 1 ? argv[argc - 1] : "";
	bool etcd = strstr(url, ":2379/") != NULL, felix = strstr(url, ":9099/") != NULL;
	bool other = etcd && strstr(url, "//10.0.0.");
	struct device *dev = other ? endpoint(sh->lab, sh->dev, url) : sh->dev;
	if (etcd && dev && service_active(dev, SERVICE_ETCD) && !fault_on(dev, "etcd-silent")) {
		if (str_ends(url, "/v3/auth/authenticate"))
			blob_printf(sh->out, "{\"error\":\"etcdserver: authentication %s\"}\n",
				    fault_on(dev, "etcd-auth")
					? "failed, invalid user ID or password"
					: "is not enabled");
		else if (str_ends(url, "/version"))
			blob_printf(sh->out, "{\"etcdserver\":\"%s\",\"etcdcluster\":\"%s.0\"}\n",
				    dev->calico->etcd_runs, sh->lab->calico->cluster_version);
		else
			blob_printf(sh->out, "{\"health\":\"%s\"}\n",
				    etcd_healthy(dev) && sh->lab->calico->writes ? "true" : "false");
		return 0;
	}
	if (felix && service_active(sh->dev, SERVICE_FELIX))
		return fault_on(sh->dev, "felix-silent")
			   ? say(sh, 22, "curl: (22) The requested URL returned error: 503")
			   : 0;
	return say(sh, 7, "curl: (7) Failed to connect to %s: Connection refused", url);
}

const struct command etcd_commands[] = {
    {.name = "etcdctl", .run = run_etcdctl},
    {.name = "etcd", .run = run_etcd},
    {.name = "etcdutl", .run = run_etcdutl},
    {.name = "curl", .run = run_curl},
    {0},
};
