/* SPDX-License-Identifier: ISC */
/* What runs on a Calico host: agents, processes, routes, pings, OpenStack's answers. */
#include "config.h"

#include "lab/calico.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- processes ----------------------------------------------------------------------------------- */
static int run_pgrep(struct sh *sh, int argc, char **argv)
{
	const struct calico *c = sh->dev->calico;
	const char *name = argc > 1 ? argv[argc - 1] : "";
	int n = 0;
	bool count = false;
	for (int i = 1; i < argc; i++)
		count |= str_eq(argv[i], "-c");
	for (size_t i = 0; i < c->processes.n; i++) {
		if (!str_eq(c->processes.v[i].name, name))
			continue;
		n++;
		if (!count)
			blob_printf(sh->out, "%d\n", c->processes.v[i].pid);
	}
	if (count)
		blob_printf(sh->out, "%d\n", n);
	return n ? 0 : 1;
}

static int run_pkill(struct sh *sh, int argc, char **argv)
{
	struct calico *c = sh->dev->calico;
	const char *name = argc > 1 ? argv[argc - 1] : "";
	int n = 0;
	if (sh->uid)
		return say(sh, 1, "pkill: killing pid failed: Operation not permitted");
	for (size_t i = c->processes.n; i--;) {
		if (!str_eq(c->processes.v[i].name, name))
			continue;
		VEC_REMOVE(&c->processes, i);
		n++;
	}
	if (n)
		lab_log(sh->lab, sh->dev, "killed", "%s", name);
	return n ? 0 : 1;
}

/* The files that a process has open; no shell here sees them as names, and so the '*' is left to us. */
static int open_files(struct sh *sh, int pid)
{
	const struct calico *c = sh->dev->calico;
	const char *data = etcd_data(sh->dev);
	for (size_t i = 0; i < c->processes.n; i++)
		if (c->processes.v[i].pid == pid && str_eq(c->processes.v[i].name, "etcd") && !sh->uid) {
			blob_printf(sh->out,
				    "/dev/null\nsocket:[18658521]\n%s/member/wal/0000000000000000-"
				    "0000000000000000.wal\n%s/member/wal\n%s/member/wal/0.tmp\n"
				    "%s/member/snap/db\n",
				    data, data, data, data);
			return 0;
		}
	return 1;
}

/* Of /proc/PID/exe and /proc/PID/fd; a file is no link here. */
static int run_readlink(struct sh *sh, int argc, char **argv)
{
	const char *path = argc > 1 ? argv[argc - 1] : "";
	int pid = 0;
	if (sscanf(path, "/proc/%d/", &pid) != 1)
		return 1;
	if (str_ends(path, "/fd/*"))
		return open_files(sh, pid);
	for (size_t i = 0; i < sh->dev->calico->processes.n; i++) {
		const struct process *p = &sh->dev->calico->processes.v[i];
		if (p->pid != pid)
			continue;
		if (sh->uid)
			return 1;
		blob_printf(sh->out, "/usr/sbin/%s%s\n", p->name,
			    p->deleted ? ";557576d7 (deleted)" : "");
		return 0;
	}
	return 1;
}

/* --- the data plane ------------------------------------------------------------------------------ */
static const struct command *family_find(const struct command *family, const char *name)
{
	while (family->name && !str_eq(family->name, name))
		family++;
	return family;
}

static int run_ip(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	int i = 1;
	while (i < argc && argv[i][0] == '-')
		i++;
	if (i >= argc || argv[i][0] != 'r')
		return family_find(net_commands, "ip")->run(sh, argc, argv);
	blob_puts(sh->out, "default via 10.0.0.1 dev eth0 \n");
	for (size_t k = 0; k < sh->lab->devices.n; k++) {
		struct device *o = sh->lab->devices.v[k];
		if (!o->calico || !(o->calico->parts & PART_COMPUTE))
			continue;
		if (o == dev)
			blob_printf(sh->out, "%s dev %s scope link \n", o->calico->workload,
				    o->calico->tap);
		else
			blob_printf(sh->out, "%s via 10.0.0.%d dev eth0 proto bird \n",
				    o->calico->workload, o->index + 11);
	}
	return 0;
}

static bool answers(struct sh *sh, const char *address)
{
	for (size_t i = 0; i < sh->lab->devices.n; i++) {
		struct device *dev = sh->lab->devices.v[i];
		char own[32];
		(void)snprintf(own, sizeof(own), "10.0.0.%d", dev->index + 11);
		if (dev->calico && str_eq(dev->calico->workload, address))
			return calico_forwards(dev);
		if (str_eq(own, address) || str_eq(dev->address, address))
			return dev->phase == PHASE_UP;
	}
	return false;
}

struct ping {
	const char *to;
	long count; /* 0: until it is killed */
	double interval;
	bool outstanding, quiet;
};

static struct ping ping_options(int argc, char **argv)
{
	struct ping p = {.interval = 1, .to = ""};
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		if (w[0] != '-') {
			p.to = w;
			continue;
		}
		p.outstanding |= strchr(w, 'O') != NULL;
		p.quiet |= strchr(w, 'q') != NULL;
		const char *takes = strpbrk(w + 1, "ciwWsI");
		const char *value = !takes ? "" : takes[1] ? takes + 1 : i + 1 < argc ? argv[++i] : "";
		if (takes && *takes == 'c')
			p.count = atol(value);
		else if (takes && *takes == 'i')
			p.interval = atof(value);
	}
	return p;
}

static int run_ping(struct sh *sh, int argc, char **argv)
{
	struct ping p = ping_options(argc, argv);
	long sent = 0, got = 0;
	int64_t each = (int64_t)(p.interval * 1000);
	blob_printf(sh->out, "PING %s (%s) 56(84) bytes of data.\n", p.to, p.to);
	while (!p.count || sent < p.count) {
		bool ok = answers(sh, p.to);
		sent++;
		got += ok;
		if (ok && !p.quiet)
			blob_printf(sh->out, "64 bytes from %s: icmp_seq=%ld ttl=63 time=0.412 ms\n",
				    p.to, sent);
		if (!proc_sleep(sh->proc, each < 10 ? 10 : each))
			return 137;
		if (!ok)
			lab_log(sh->lab, sh->dev, "ping-lost", "%s %ld", p.to, sent);
		if (!ok && p.outstanding && !p.quiet)
			blob_printf(sh->out, "no answer yet for icmp_seq=%ld\n", sent);
		if (!sh_step(sh))
			return 137;
	}
	blob_printf(sh->out,
		    "\n--- %s ping statistics ---\n%ld packets transmitted, %ld received, %ld%% packet "
		    "loss, time %ldms\n",
		    p.to, sent, got, sent ? (sent - got) * 100 / sent : 0, (long)each * sent);
	return got ? 0 : 1;
}

static int run_birdc(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	(void)argc, (void)argv;
	if (!service_active(dev, SERVICE_BIRD))
		return say(sh, 1, "Unable to connect to server control socket "
				  "(/var/run/bird/bird.ctl): No such file or directory");
	blob_puts(sh->out, "BIRD 1.6.3 ready.\n"
			   "name     proto    table    state  since       info\n"
			   "kernel1  Kernel   master   up     02:39:22    \n"
			   "device1  Device   master   up     02:39:22    \n");
	for (size_t i = 0; i < sh->lab->devices.n; i++) {
		struct device *o = sh->lab->devices.v[i];
		if (o == dev || !o->calico || !(o->calico->parts & PART_COMPUTE))
			continue;
		bool up = service_active(o, SERVICE_BIRD);
		blob_printf(sh->out, "Mesh_10_0_0_%d BGP      master   %-5s  05:04:44    %s\n",
			    o->index + 11, up ? "up" : "start",
			    up ? "Established   " : "Active        Socket: Connection refused");
	}
	return 0;
}

/* --- agents -------------------------------------------------------------------------------------- */
static int run_felix(struct sh *sh, int argc, char **argv)
{
	struct package *p = package_get(sh->dev, "calico-felix");
	if (!p || p->state != PACKAGE_INSTALLED)
		return say(sh, 127, "bash: calico-felix: command not found");
	if (argc > 1 && str_eq(argv[1], "--version"))
		blob_printf(sh->out, "Version:            v%.*s\nFull git commit ID: 0123abcd\n",
			    (int)strspn(p->version, "0123456789."), p->version);
	return 0;
}

static bool api_up(struct sh *sh)
{
	const struct calico_net *net = sh->lab->calico;
	return net->api && net->writes;
}

static void agents(struct sh *sh, bool json)
{
	bool first = true;
	blob_puts(sh->out, json ? "[" : "| ID | Agent Type | Host | Availability Zone | Alive | "
					"State | Binary |\n");
	for (size_t i = 0; i < sh->lab->devices.n; i++) {
		struct device *dev = sh->lab->devices.v[i];
		if (!dev->calico || !(dev->calico->parts & PART_COMPUTE))
			continue;
		bool alive = felix_alive(dev);
		if (json)
			blob_printf(sh->out,
				    "%s{\"ID\": \"5d5c7a1e-0000-4000-8000-%012d\", \"Agent Type\": "
				    "\"Calico per-host agent (felix)\", \"Host\": \"%s\", "
				    "\"Availability Zone\": null, \"Alive\": %s, \"State\": true, "
				    "\"Binary\": \"calico-felix\"}",
				    first ? "" : ", ", dev->index, dev->calico->felix_name,
				    alive ? "true" : "false");
		else
			blob_printf(sh->out,
				    "| 5d5c7a1e-0000-4000-8000-%012d | Calico per-host agent (felix) "
				    "| %s | None | %s | UP | calico-felix |\n",
				    dev->index, dev->calico->felix_name,
				    alive ? ":-)" : "XXX");
		first = false;
	}
	if (json)
		blob_puts(sh->out, "]"); /* the client ends JSON without a line feed */
}

static int run_openstack(struct sh *sh, int argc, char **argv)
{
	struct str line = {0};
	bool json = false;
	for (int i = 1; i < argc; i++) {
		json |= str_eq(argv[i], "json");
		str_printf(&line, "%s%s", i > 1 ? " " : "", argv[i]);
	}
	const char *text = str_text(&line);
	int status = 0;
	if (!sh_get(sh, "OS_AUTH_URL"))
		status = say(sh, 1, "Missing value auth-url required for auth plugin password");
	else if (!proc_sleep(sh->proc, 2200))
		status = 137;
	else if (!api_up(sh))
		status = say(sh, 1, "HttpException: 503: Server Error for url: "
				    "http://controller:9696/v2.0/agents, 503 Service Unavailable");
	else if (str_starts(text, "network agent list"))
		agents(sh, json);
	else if (str_starts(text, "network list"))
		blob_puts(sh->out, json ? "[{\"ID\": \"9f7c\", \"Name\": \"calico\", \"Subnets\": []}]"
					: "| 9f7c | calico | |\n");
	else
		status = say(sh, 2, "openstack: '%s' is not an openstack command. See 'openstack "
				    "--help'.",
			     text);
	str_release(&line);
	return status;
}

/* --- pip ----------------------------------------------------------------------------------------- */
#define PIP_COPY "/usr/local/lib/python2.7/dist-packages/networking_calico"

static int run_pip(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	const char *verb = argc > 1 ? argv[1] : "";
	bool there = vfs_get(&dev->vfs, PIP_COPY "/__init__.py") != NULL, yes = false;
	for (int i = 2; i < argc; i++)
		yes |= str_eq(argv[i], "-y") || str_eq(argv[i], "--yes");
	if (str_eq(verb, "show")) {
		if (there)
			blob_puts(sh->out, "Name: networking-calico\nVersion: 1.3.1\n"
					   "Location: /usr/local/lib/python2.7/dist-packages\n");
		return there ? 0 : 1;
	}
	if (!str_eq(verb, "uninstall"))
		return say(sh, 1, "ERROR: unknown command \"%s\"", verb);
	if (!there) {
		blob_puts(sh->out, "Cannot uninstall requirement networking-calico, not installed\n");
		return 0;
	}
	if (!yes) {
		blob_puts(sh->out, "Uninstalling networking-calico-1.3.1:\n  " PIP_COPY
				   "\nProceed (y/n)? ");
		return say(sh, 1, "EOFError: EOF when reading a line");
	}
	if (sh->uid)
		return say(sh, 1, "OSError: [Errno 13] Permission denied: '" PIP_COPY "'");
	if (fault_on(dev, "pip-managed") && !sh_get(sh, "PIP_BREAK_SYSTEM_PACKAGES"))
		return say(sh, 1, "error: externally-managed-environment");
	(void)vfs_remove(&dev->vfs, PIP_COPY);
	lab_log(sh->lab, dev, "pip-removed", "networking-calico");
	blob_puts(sh->out, "  Successfully uninstalled networking-calico-1.3.1\n");
	return 0;
}

const struct command stack_commands[] = {
    {.name = "pgrep", .run = run_pgrep},
    {.name = "pkill", .run = run_pkill},
    {.name = "readlink", .run = run_readlink, .path = "/bin"},
    {.name = "ip", .run = run_ip, .path = "/sbin"},
    {.name = "ping", .run = run_ping, .path = "/bin"},
    {.name = "birdc", .run = run_birdc, .path = "/usr/sbin"},
    {.name = "birdcl", .run = run_birdc, .path = "/usr/sbin"},
    {.name = "calico-felix", .run = run_felix},
    {.name = "openstack", .run = run_openstack},
    {.name = "pip", .run = run_pip},
    {.name = "pip2", .run = run_pip},
    {0},
};
