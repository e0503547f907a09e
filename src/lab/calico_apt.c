/* SPDX-License-Identifier: ISC */
/* apt-get, apt-cache, dpkg and dpkg-query of a Calico host. */
#include "config.h"

#include "lab/calico.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wish { /* one package that changes */
	struct package *p;
	char version[64];
};

struct apt {
	struct sh *sh;
	const char *verb;
	bool dry, fetch, confold, downgrades, error_any;
	long lock_timeout;
	fields_t names; /* borrowed words */
	VEC(struct wish) plan;
};

static void option(struct apt *a, const char *text)
{
	const char *eq = strchr(text, '=');
	if (str_eq(text, "Dpkg::Options::=--force-confold"))
		a->confold = true;
	else if (str_starts(text, "DPkg::Lock::Timeout=") && eq)
		a->lock_timeout = atol(eq + 1);
	else if (str_eq(text, "APT::Update::Error-Mode=any"))
		a->error_any = true;
}

static struct apt read_line(struct sh *sh, int argc, char **argv)
{
	struct apt a = {.sh = sh, .verb = ""};
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		if (str_eq(w, "-o") && i + 1 < argc)
			option(&a, argv[++i]);
		else if (str_starts(w, "-o"))
			option(&a, w + 2);
		else if (str_eq(w, "-s") || str_eq(w, "--dry-run") || str_eq(w, "--simulate"))
			a.dry = true;
		else if (str_eq(w, "-d") || str_eq(w, "--download-only"))
			a.fetch = true;
		else if (str_eq(w, "--allow-downgrades"))
			a.downgrades = true;
		else if (w[0] != '-' && !*a.verb)
			a.verb = w;
		else if (w[0] != '-')
			VEC_PUSH(&a.names, argv[i]);
	}
	return a;
}

/* The lock, waited for as the option says. 0: it is ours. */
static int take_lock(struct apt *a)
{
	struct sh *sh = a->sh;
	const char *name = "";
	int64_t until = sh->lab->now + a->lock_timeout * 1000;
	int pid;
	while ((pid = package_lock(sh->dev, &name))) {
		if (sh->lab->now >= until)
			return say(sh, 100,
				   "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by "
				   "process %d (%s)\n"
				   "E: Unable to acquire the dpkg frontend lock "
				   "(/var/lib/dpkg/lock-frontend), is another process using it?",
				   pid, name);
		blob_printf(sh->err,
			    "Waiting for cache lock: Could not get lock "
			    "/var/lib/dpkg/lock-frontend. It is held by process %d (%s)...\r",
			    pid, name);
		if (!proc_sleep(sh->proc, 1000))
			return 137;
	}
	sh->dev->apt = sh->proc;
	return 0;
}

static int update(struct apt *a)
{
	struct sh *sh = a->sh;
	int status = take_lock(a);
	if (status)
		return status;
	if (!proc_sleep(sh->proc, 4000))
		status = 137;
	sh->dev->apt = NULL;
	if (fault_on(sh->dev, "mirror-unreachable")) {
		const char *letter = a->error_any ? "E" : "W";
		(void)say(sh, 0,
			  "%s: Failed to fetch http://mirror.example.net/calico/dists/bionic/"
			  "InRelease  Could not connect to mirror.example.net:80, connection timed "
			  "out\n%s: Some index files failed to download. They have been ignored, or "
			  "old ones used instead.",
			  letter, letter);
		return a->error_any ? 100 : 0;
	}
	sh->dev->calico->lists_fresh = true;
	sh->dev->calico->fetched = false;
	blob_puts(sh->out,
		  "Get:1 http://mirror.example.net/calico bionic InRelease [15.9 kB]\n"
		  "Err:2 file:/srv/repo ./ Packages\n  Method gave a blank filename\n"
		  "Get:2 file:/srv/repo ./ Packages [21.1 kB]\n" /* in another form it is there */
		  "Fetched 15.9 kB in 1s (15.9 kB/s)\nReading package lists...\n");
	return status;
}

/* --- the plan ------------------------------------------------------------------------------------ */
static void wish(struct apt *a, struct package *p, const char *version)
{
	for (size_t i = 0; i < a->plan.n; i++)
		if (a->plan.v[i].p == p)
			return;
	struct package *needed = p->row->needs ? package_get(a->sh->dev, p->row->needs) : NULL;
	char newest[64], theirs[64];
	package_candidate(a->sh->dev, p->row, newest);
	if (needed && str_eq(version, newest)) {
		package_candidate(a->sh->dev, needed->row, theirs);
		if (needed->state == PACKAGE_NONE || !str_eq(needed->version, theirs))
			wish(a, needed, theirs);
	}
	struct wish w = {.p = p};
	(void)snprintf(w.version, sizeof(w.version), "%s", version);
	VEC_PUSH(&a->plan, w);
}

/* Of one source: newer, it takes them along; older, -y removes who is not named with it. */
static void wish_alike(struct apt *a)
{
	struct device *dev = a->sh->dev;
	struct package *source = package_get(dev, "networking-calico");
	const char *version = NULL;
	for (size_t i = 0; i < a->plan.n; i++)
		if (a->plan.v[i].p == source)
			version = a->plan.v[i].version;
	for (size_t i = 0; version && i < dev->calico->packages.n; i++) {
		struct package *p = &dev->calico->packages.v[i];
		char newest[64];
		package_candidate(dev, p->row, newest);
		if (package_exact(p->row) && p->state == PACKAGE_INSTALLED &&
		    !str_eq(p->version, version))
			wish(a, p, str_eq(version, newest) ? newest : "");
	}
}

static int wish_named(struct apt *a, char *word)
{
	struct sh *sh = a->sh;
	char *eq = strchr(word, '='), *name = xstrndup(word, eq ? (size_t)(eq - word) : strlen(word));
	struct package *p = package_get(sh->dev, name);
	char newest[64], old[64];
	int status = 0;
	if (!p) {
		status = say(sh, 100, "E: Unable to locate package %s", name);
		free(name);
		return status;
	}
	package_candidate(sh->dev, p->row, newest);
	package_old(sh->dev, p->row, old);
	const char *version = eq ? eq + 1 : newest;
	if (!str_eq(version, newest) && !str_eq(version, old))
		status = say(sh, 100, "E: Version '%s' for '%s' was not found", version, name);
	else if (p->state == PACKAGE_INSTALLED && str_eq(p->version, version))
		blob_printf(sh->out, "%s is already the newest version (%s).\n", name, version);
	else if (p->state == PACKAGE_INSTALLED && str_eq(version, old) && !a->downgrades)
		status = say(sh, 100, "E: Packages were downgraded and -y was used without "
				      "--allow-downgrades.");
	else
		wish(a, p, version);
	free(name);
	return status;
}

/* upgrade never installs a new package: what needs one is kept back, with status 0. */
static void wish_all(struct apt *a, bool dist)
{
	struct calico *c = a->sh->dev->calico;
	struct str kept = {0};
	for (size_t i = 0; i < c->packages.n; i++) {
		struct package *p = &c->packages.v[i];
		char newest[64];
		package_candidate(a->sh->dev, p->row, newest);
		if (p->state != PACKAGE_INSTALLED || str_eq(newest, p->version))
			continue;
		struct package *needed = p->row->needs ? package_get(a->sh->dev, p->row->needs) : NULL;
		if (!dist && needed && needed->state == PACKAGE_NONE)
			str_printf(&kept, " %s", p->row->name);
		else
			wish(a, p, newest);
	}
	if (kept.len)
		blob_printf(a->sh->out, "The following packages have been kept back:\n %s\n",
			    str_text(&kept));
	str_release(&kept);
}

/* --- doing it ------------------------------------------------------------------------------------ */
static int conffile(struct apt *a, struct package *p)
{
	struct sh *sh = a->sh;
	if (!p->row->conffile || !fault_get(sh->dev, "conffile-prompt", false))
		return 0;
	blob_printf(sh->out,
		    "\nConfiguration file '%s'\n"
		    " ==> Modified (by you or by a script) since installation.\n"
		    " ==> Package distributor has shipped an updated version.\n",
		    p->row->conffile);
	if (!a->confold) {
		blob_printf(sh->out, "*** %s (Y/I/N/O/D/Z) [default=N] ? ",
			    strrchr(p->row->conffile, '/') + 1);
		return say(sh, 100,
			   "dpkg: error processing package %s (--configure):\n"
			   " end of file on stdin at conffile prompt\n"
			   "Errors were encountered while processing:\n %s\n"
			   "E: Sub-process /usr/bin/dpkg returned an error code (1)",
			   p->row->name, p->row->name);
	}
	(void)fault_fire(sh->dev, "conffile-prompt");
	blob_puts(sh->out, " ==> Keeping old config file as default.\n");
	char *dist = xasprintf("%s.dpkg-dist", p->row->conffile);
	vfs_put_text(&sh->dev->vfs, dist, "[global]\n", 0644, sh->lab->now);
	free(dist);
	return 0;
}

static int put_one(struct apt *a, struct wish *w)
{
	struct sh *sh = a->sh;
	struct package *p = w->p;
	if (!*w->version) {
		blob_printf(sh->out, "Removing %s (%s) ...\n", p->row->name, p->version);
		lab_log(sh->lab, sh->dev, "package-removed", "%s %s", p->row->name, p->version);
		package_gone(p);
		return 0;
	}
	lab_log(sh->lab, sh->dev, "package-begin", "%s %s -> %s", p->row->name,
		*p->version ? p->version : "none", w->version);
	blob_printf(sh->out, "Unpacking %s (%s) over (%s) ...\n", p->row->name, w->version,
		    p->version);
	if (!proc_sleep(sh->proc, 1800 + lab_jitter(sh->dev, 900)))
		return 137;
	blob_printf(sh->out, "Setting up %s (%s) ...\n", p->row->name, w->version);
	int status = conffile(a, p);
	if (!status && fault_match(sh->dev, "package-script-fails", p->row->name))
		status = say(sh, 100,
			     "dpkg: error processing package %s (--configure):\n installed %s "
			     "package post-installation script subprocess returned error exit "
			     "status 1\nErrors were encountered while processing:\n %s\n"
			     "E: Sub-process /usr/bin/dpkg returned an error code (1)",
			     p->row->name, p->row->name, p->row->name);
	package_put(sh->dev, p, w->version, status == 0);
	lab_log(sh->lab, sh->dev, "package-end", "%s %s%s", p->row->name, w->version,
		status ? " failed" : "");
	return status;
}

/* Since 22.04 it restarts what it likes, unless it is told to list only. */
static void needrestart(struct sh *sh)
{
	const char *mode = sh_get(sh, "NEEDRESTART_MODE");
	struct device *dev = sh->dev;
	if (str_eq(mode, "l") || sh_get(sh, "NEEDRESTART_SUSPEND") ||
	    !service_active(dev, SERVICE_NEUTRON))
		return;
	lab_log(sh->lab, dev, "violation", "needrestart restarts neutron-server");
	service_stop(dev, SERVICE_NEUTRON);
	(void)service_start(dev, SERVICE_NEUTRON, NULL);
}

static int configure_rest(struct apt *a)
{
	struct calico *c = a->sh->dev->calico;
	for (size_t i = 0; i < c->packages.n; i++) {
		struct package *p = &c->packages.v[i];
		if (p->state != PACKAGE_UNPACKED)
			continue;
		blob_printf(a->sh->out, "Setting up %s (%s) ...\n", p->row->name, p->version);
		int status = conffile(a, p);
		if (status)
			return status;
		char version[64];
		(void)snprintf(version, sizeof(version), "%s", p->version);
		package_put(a->sh->dev, p, version, true);
	}
	return 0;
}

/* What was downloaded before is there, whatever has become of the mirror. */
static int download(struct apt *a)
{
	struct sh *sh = a->sh;
	struct calico *c = sh->dev->calico;
	if (!a->plan.n || (c->fetched && !a->fetch))
		return 0;
	if (fault_on(sh->dev, "mirror-unreachable"))
		return say(sh, 100,
			   "E: Failed to fetch http://mirror.example.net/calico/pool/%s.deb  Could "
			   "not connect to mirror.example.net:80, connection timed out\n"
			   "E: Unable to fetch some archives, maybe run apt-get update or try with "
			   "--fix-missing?",
			   a->plan.v[0].p->row->name);
	c->fetched = true;
	return 0;
}

static int carry_out(struct apt *a)
{
	struct sh *sh = a->sh;
	int status = take_lock(a);
	if (!status && !a->fetch)
		status = configure_rest(a);
	if (!status)
		status = download(a);
	for (size_t i = 0; i < a->plan.n && !status && !a->fetch; i++)
		status = put_one(a, &a->plan.v[i]);
	if (sh->dev->apt == sh->proc)
		sh->dev->apt = NULL;
	if (!status && a->plan.n && !a->fetch)
		needrestart(sh);
	links_update(sh->lab);
	return status;
}

static int preview(struct apt *a)
{
	for (size_t i = 0; i < a->plan.n; i++) {
		const struct wish *w = &a->plan.v[i];
		blob_printf(a->sh->out, *w->version ? "Inst %s [%s] (%s Calico:bionic [amd64])\n"
						    : "Remv %s [%s]%s\n",
			    w->p->row->name, w->p->version, w->version);
	}
	return 0;
}

static int change(struct apt *a)
{
	struct sh *sh = a->sh;
	int status = 0;
	blob_puts(sh->out, "Reading package lists...\nBuilding dependency tree...\n");
	if (!str_eq(a->verb, "install"))
		wish_all(a, str_eq(a->verb, "dist-upgrade"));
	for (size_t i = 0; i < a->names.n && !status; i++)
		status = wish_named(a, a->names.v[i]);
	if (status)
		return status;
	wish_alike(a);
	if (a->plan.n && !a->dry && !a->fetch && fault_fire(sh->dev, "upgrade-nothing")) {
		blob_puts(sh->out, "The following packages have been kept back:\n ");
		for (size_t i = 0; i < a->plan.n; i++)
			blob_printf(sh->out, " %s", a->plan.v[i].p->row->name);
		blob_puts(sh->out, "\n");
		a->plan.n = 0;
	}
	blob_printf(sh->out, "%zu upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n",
		    a->plan.n);
	return a->dry ? preview(a) : carry_out(a);
}

static int run_apt(struct sh *sh, int argc, char **argv)
{
	struct apt a = read_line(sh, argc, argv);
	int status;
	if (sh->uid && !a.dry)
		status = say(sh, 100,
			     "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: "
			     "Permission denied)\nE: Unable to acquire the dpkg frontend lock "
			     "(/var/lib/dpkg/lock-frontend), are you root?");
	else if (str_eq(a.verb, "update"))
		status = update(&a);
	else if (str_eq(a.verb, "install") || str_ends(a.verb, "upgrade"))
		status = change(&a);
	else
		status = say(sh, 100, "E: Invalid operation %s", a.verb);
	VEC_RELEASE(&a.names);
	VEC_RELEASE(&a.plan);
	return status;
}

/* --- what there is ------------------------------------------------------------------------------- */
static int run_cache(struct sh *sh, int argc, char **argv)
{
	bool madison = argc > 1 && str_eq(argv[1], "madison");
	for (int i = 2; i < argc; i++) {
		struct package *p = package_get(sh->dev, argv[i]);
		char newest[64], old[64];
		if (!p)
			continue;
		package_candidate(sh->dev, p->row, newest);
		package_old(sh->dev, p->row, old);
		const char *from = "http://mirror.example.net/calico bionic/main amd64 Packages";
		if (!madison) {
			blob_printf(sh->out, "%s:\n  Installed: %s\n  Candidate: %s\n", argv[i],
				    p->state == PACKAGE_NONE ? "(none)" : p->version, newest);
			continue;
		}
		blob_printf(sh->out, "%18s | %10s | %s\n", argv[i], newest, from);
		if (!str_eq(newest, old))
			blob_printf(sh->out, "%18s | %10s | %s\n", argv[i], old, from);
	}
	return 0;
}

static void query_line(struct sh *sh, const char *format, const struct package *p)
{
	const char *state = p->state == PACKAGE_INSTALLED ? "installed" : "unpacked";
	for (const char *c = format; *c;) {
		size_t n = strcspn(c, "}") + 1;
		if (str_starts(c, "${Package}"))
			blob_puts(sh->out, p->row->name);
		else if (str_starts(c, "${Version}"))
			blob_puts(sh->out, p->version);
		else if (str_starts(c, "${db:Status-Status}"))
			blob_puts(sh->out, state);
		else if (str_starts(c, "${Status}"))
			blob_printf(sh->out, "install ok %s", state);
		else if (n = 2, str_starts(c, "\\n"))
			blob_puts(sh->out, "\n");
		else if (n = 1, true)
			blob_add(sh->out, c, 1);
		c += n;
	}
}

static int run_query(struct sh *sh, int argc, char **argv)
{
	const char *format = "${Package}\t${Version}\\n";
	int status = 0;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "-f") && i + 1 < argc)
			format = argv[++i];
		else if (str_starts(argv[i], "-f="))
			format = argv[i] + 3;
		else if (str_starts(argv[i], "--showformat="))
			format = argv[i] + 13;
		if (argv[i][0] == '-' || argv[i] == format)
			continue;
		struct package *p = package_get(sh->dev, argv[i]);
		if (p && p->state != PACKAGE_NONE)
			query_line(sh, format, p);
		else
			status = say(sh, 1, "dpkg-query: no packages found matching %s", argv[i]);
	}
	return status;
}

/* Whose file is it? What is in /usr/local is of no package. */
static int search(struct sh *sh, const char *path)
{
	if (str_starts(path, "/usr/local/"))
		return say(sh, 1, "dpkg-query: no path found matching pattern %s", path);
	blob_printf(sh->out, "networking-calico: %s\n", path);
	return 0;
}

static int run_mark(struct sh *sh, int argc, char **argv)
{
	struct fault *f = fault_get(sh->dev, "package-held", false);
	if (f && argc > 1 && str_eq(argv[1], "showhold"))
		blob_printf(sh->out, "%s\n", f->arg ? f->arg : "calico-felix");
	return 0;
}

static int run_dpkg(struct sh *sh, int argc, char **argv)
{
	struct apt a = {.sh = sh};
	bool configure = false, audit = false;
	for (int i = 1; i < argc; i++) {
		configure |= str_eq(argv[i], "--configure");
		audit |= str_eq(argv[i], "--audit") || str_eq(argv[i], "-C");
		a.confold |= str_eq(argv[i], "--force-confold");
		if (str_eq(argv[i], "--print-architecture"))
			blob_puts(sh->out, "amd64\n");
		if (str_eq(argv[i], "-S") && i + 1 < argc)
			return search(sh, argv[i + 1]);
	}
	for (size_t i = 0; audit && i < sh->dev->calico->packages.n; i++)
		if (sh->dev->calico->packages.v[i].state == PACKAGE_UNPACKED)
			blob_printf(sh->out,
				    "The following packages have been unpacked but not yet "
				    "configured:\n %s\n",
				    sh->dev->calico->packages.v[i].row->name);
	if (configure && sh->uid)
		return say(sh, 2, "dpkg: error: requested operation requires superuser privilege");
	return configure && configure_rest(&a) ? 1 : 0;
}

const struct command apt_commands[] = {
    {.name = "apt-get", .run = run_apt},
    {.name = "apt-cache", .run = run_cache},
    {.name = "apt-mark", .run = run_mark},
    {.name = "dpkg", .run = run_dpkg},
    {.name = "dpkg-query", .run = run_query},
    {0},
};
