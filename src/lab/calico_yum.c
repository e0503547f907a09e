/* SPDX-License-Identifier: ISC */
/* yum, dnf and rpm of a Calico host; and lslocks, for both families. */
#include "config.h"

#include "lab/calico.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSACTION "/var/lib/yum/transaction-all.2026-11-22.02:14.33"

struct yum {
	struct sh *sh;
	const char *verb;
	bool exit_on_lock, fetch;
	fields_t names; /* borrowed words */
	int done, unknown;
};

static int take_lock(struct yum *y)
{
	struct sh *sh = y->sh;
	const char *name = "";
	int pid;
	bool told = false;
	while ((pid = package_lock(sh->dev, &name))) {
		if (!told)
			blob_printf(sh->out,
				    "Existing lock /var/run/yum.pid: another copy is running as pid "
				    "%d.\n",
				    pid);
		told = true;
		if (y->exit_on_lock)
			return say(sh, 200,
				   "Another app is currently holding the yum lock; exiting as "
				   "configured by exit_on_lock");
		blob_printf(sh->out,
			    "Another app is currently holding the yum lock; waiting for it to "
			    "exit...\n  The other application is: %s\n    State  : Sleeping, pid: "
			    "%d\n",
			    name, pid);
		if (!proc_sleep(sh->proc, 2000))
			return 137;
	}
	sh->dev->apt = sh->proc;
	return 0;
}

/* "etcd-3.4.14-1.el7" is etcd in that version; "calico-felix" is itself. */
static struct package *named(struct device *dev, const char *word, const char **version)
{
	struct package *p = package_get(dev, word);
	*version = NULL;
	for (const char *dash = word; !p && (dash = strchr(dash, '-')); dash++) {
		if (dash[1] < '0' || dash[1] > '9')
			continue;
		char *name = xstrndup(word, (size_t)(dash - word));
		p = package_get(dev, name);
		free(name);
		*version = p ? dash + 1 : NULL;
	}
	return p;
}

static const char *no_epoch(const char *version)
{
	const char *colon = strchr(version, ':');
	return colon ? colon + 1 : version;
}

/* Between the new version and the end of the old one: both are there, and what was to be done is left. */
static int crash(struct yum *y, struct package *p, const char *version)
{
	struct sh *sh = y->sh;
	(void)snprintf(p->other, sizeof(p->other), "%s", p->version);
	package_put(sh->dev, p, version, true);
	vfs_put_text(&sh->dev->vfs, TRANSACTION, "  erase calico-felix\n", 0644, sh->lab->now);
	lab_log(sh->lab, sh->dev, "package-twice", "%s %s %s", p->row->name, p->other, version);
	return say(sh, 137, "Killed");
}

static int put_one(struct yum *y, struct package *p, const char *version)
{
	struct sh *sh = y->sh;
	lab_log(sh->lab, sh->dev, "package-begin", "%s %s -> %s", p->row->name,
		*p->version ? p->version : "none", version);
	blob_printf(sh->out, "  Updating   : %s-%s.x86_64\n", p->row->name, no_epoch(version));
	if (!proc_sleep(sh->proc, 1500 + lab_jitter(sh->dev, 900)))
		return 137;
	if (str_eq(p->row->name, "calico-felix") && fault_fire(sh->dev, "transaction-crashes"))
		return crash(y, p, version);
	if (p->row->conffile && fault_fire(sh->dev, "conffile-prompt")) {
		char *path = xasprintf("%s.rpmnew", p->row->conffile);
		blob_printf(sh->out, "warning: %s created as %s\n", p->row->conffile, path);
		vfs_put_text(&sh->dev->vfs, path, "[global]\n", 0644, sh->lab->now);
		free(path);
	}
	package_put(sh->dev, p, version, true);
	lab_log(sh->lab, sh->dev, "package-end", "%s %s", p->row->name, version);
	y->done++;
	return 0;
}

static int one(struct yum *y, char *word)
{
	struct sh *sh = y->sh;
	struct device *dev = sh->dev;
	const char *version;
	struct package *p = named(dev, word, &version);
	char newest[64], old[64], theirs[64];
	if (!p) {
		blob_printf(sh->out, "No package %s available.\n", word);
		y->unknown++;
		return 0;
	}
	package_candidate(dev, p->row, newest);
	package_old(dev, p->row, old);
	bool back = version && str_eq(version, no_epoch(old)) && !str_eq(old, newest);
	const char *to = back ? old : newest;
	if (version && !back && !str_eq(version, no_epoch(newest))) {
		blob_printf(sh->out, "No package %s available.\n", word);
		y->unknown++;
		return 0;
	}
	bool there = p->state == PACKAGE_INSTALLED;
	if ((there && str_eq(p->version, to)) || (there && back && !str_eq(y->verb, "downgrade")) ||
	    (!there && !str_eq(y->verb, "install")))
		return 0;
	struct package *needed = p->row->needs && !back ? package_get(dev, p->row->needs) : NULL;
	if (needed && needed->state == PACKAGE_NONE) {
		package_candidate(dev, needed->row, theirs);
		int status = put_one(y, needed, theirs);
		if (status)
			return status;
	}
	return put_one(y, p, to);
}

static int change(struct yum *y)
{
	struct sh *sh = y->sh;
	struct calico *c = sh->dev->calico;
	int status = take_lock(y);
	if (status)
		return status;
	if (fault_on(sh->dev, "mirror-unreachable") && (y->fetch || !c->fetched))
		status = say(sh, 1, "Cannot find a valid baseurl for repo: calico/7/x86_64");
	c->lists_fresh |= !status;
	if (!status && y->fetch) {
		c->fetched = true;
		sh->dev->apt = NULL;
		return say(sh, 0, "exiting because \"Download Only\" specified");
	}
	bool nothing = !status && fault_fire(sh->dev, "upgrade-nothing");
	for (size_t i = 0; i < y->names.n && !status && !nothing; i++)
		status = one(y, y->names.v[i]);
	for (size_t i = 0; !y->names.n && i < c->packages.n && !status && !nothing; i++)
		if (c->packages.v[i].state == PACKAGE_INSTALLED)
			status = one(y, (char *)c->packages.v[i].row->name);
	sh->dev->apt = NULL;
	c->transaction += y->done > 0;
	links_update(sh->lab);
	if (status)
		return status;
	if (y->done)
		blob_puts(sh->out, "\nComplete!\n");
	else if (y->unknown && str_eq(y->verb, "install"))
		return say(sh, 1, "Error: Nothing to do");
	else
		blob_puts(sh->out, str_eq(y->verb, "install") ? "Nothing to do\n"
							      : "No packages marked for update\n");
	return 0;
}

static int list(struct yum *y)
{
	struct sh *sh = y->sh;
	if (fault_on(sh->dev, "mirror-unreachable"))
		return say(sh, 1, "Cannot find a valid baseurl for repo: calico/7/x86_64");
	sh->dev->calico->lists_fresh = true;
	int found = 0;
	for (size_t i = 0; i < y->names.n; i++) {
		struct package *p = package_get(sh->dev, y->names.v[i]);
		char newest[64], old[64];
		if (!p)
			continue;
		found++;
		package_candidate(sh->dev, p->row, newest);
		package_old(sh->dev, p->row, old);
		if (p->state == PACKAGE_INSTALLED)
			blob_printf(sh->out, "Installed Packages\n%s.x86_64  %s  @calico\n",
				    p->row->name, p->version);
		blob_puts(sh->out, "Available Packages\n");
		if (!str_eq(old, newest))
			blob_printf(sh->out, "%s.x86_64  %s  calico\n", p->row->name, old);
		blob_printf(sh->out, "%s.x86_64  %s  calico\n", p->row->name, newest);
	}
	return found ? 0 : say(sh, 1, "Error: No matching Packages to list");
}

static int history(struct yum *y)
{
	blob_printf(y->sh->out,
		    "ID     | Login user               | Date and time    | Action(s)      | "
		    "Altered\n    %2d | root <root>              | 2026-11-20 02:14 | Update         "
		    "|    4   \n",
		    y->sh->dev->calico->transaction);
	return 0;
}

static int run_yum(struct sh *sh, int argc, char **argv)
{
	struct yum y = {.sh = sh, .verb = ""};
	int status = 1;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--setopt=exit_on_lock=1"))
			y.exit_on_lock = true;
		else if (str_eq(argv[i], "--downloadonly"))
			y.fetch = true;
		else if (argv[i][0] != '-' && !*y.verb)
			y.verb = argv[i];
		else if (argv[i][0] != '-')
			VEC_PUSH(&y.names, argv[i]);
	}
	bool changes = str_eq(y.verb, "install") || str_eq(y.verb, "update") ||
		       str_eq(y.verb, "upgrade") || str_eq(y.verb, "downgrade");
	if (changes && sh->uid)
		status = say(sh, 1, "You need to be root to perform this command.");
	else if (changes)
		status = change(&y);
	else if (str_eq(y.verb, "list"))
		status = list(&y);
	else if (str_eq(y.verb, "history"))
		status = history(&y);
	else if (str_eq(y.verb, "clean") || str_eq(y.verb, "makecache"))
		status = fault_on(sh->dev, "mirror-unreachable") && y.verb[0] == 'm'
			     ? say(sh, 1, "Cannot find a valid baseurl for repo: calico/7/x86_64")
			     : 0;
	else
		status = say(sh, 1, "No such command: %s. Please use /usr/bin/yum --help", y.verb);
	VEC_RELEASE(&y.names);
	return status;
}

/* --- rpm ----------------------------------------------------------------------------------------- */
static void query_line(struct sh *sh, const char *format, const struct package *p, const char *version)
{
	const char *bare = no_epoch(version);
	int epoch = bare > version ? atoi(version) : 0, n = (int)strcspn(bare, "-");
	if (!format) {
		blob_printf(sh->out, "%s-%s.x86_64\n", p->row->name, bare);
		return;
	}
	for (const char *c = format; *c;) {
		size_t skip = strcspn(c, "}") + 1;
		if (str_starts(c, "%{NAME}"))
			blob_puts(sh->out, p->row->name);
		else if (str_starts(c, "%{ARCH}"))
			blob_puts(sh->out, "x86_64");
		else if (str_starts(c, "%{EPOCHNUM}"))
			blob_printf(sh->out, "%d", epoch);
		else if (str_starts(c, "%{VERSION}"))
			blob_printf(sh->out, "%.*s", n, bare);
		else if (str_starts(c, "%{RELEASE}"))
			blob_puts(sh->out, bare[n] ? bare + n + 1 : "");
		else if (skip = 2, str_starts(c, "\\n"))
			blob_puts(sh->out, "\n");
		else if (skip = 1, true)
			blob_add(sh->out, c, 1);
		c += skip;
	}
}

static void query(struct sh *sh, const char *format, const struct package *p)
{
	if (*p->other)
		query_line(sh, format, p, p->other);
	query_line(sh, format, p, p->version);
}

static void query_all(struct sh *sh, const char *format)
{
	const struct calico *c = sh->dev->calico;
	for (size_t i = 0; i < c->packages.n; i++)
		if (c->packages.v[i].state == PACKAGE_INSTALLED)
			query(sh, format, &c->packages.v[i]);
}

static int run_rpm(struct sh *sh, int argc, char **argv)
{
	const char *format = NULL;
	bool all = false;
	int missing = 0;
	for (int i = 1; i < argc; i++) {
		if ((str_eq(argv[i], "--qf") || str_eq(argv[i], "--queryformat")) && i + 1 < argc) {
			format = argv[++i];
			continue;
		}
		all |= argv[i][0] == '-' && argv[i][1] != '-' && strchr(argv[i], 'a');
		if (argv[i][0] == '-')
			continue;
		struct package *p = package_get(sh->dev, argv[i]);
		if (p && p->state == PACKAGE_INSTALLED) {
			query(sh, format, p);
		} else {
			blob_printf(sh->out, "package %s is not installed\n", argv[i]);
			missing++;
		}
	}
	if (all)
		query_all(sh, format);
	return missing;
}

/* Of yum-utils: what a crashed transaction has left. */
static int run_cleanup(struct sh *sh, int argc, char **argv)
{
	struct calico *c = sh->dev->calico;
	if (sh->uid)
		return say(sh, 1, "Error: must be root to run %s", argv[0]);
	if (argc > 1 && str_eq(argv[1], "--cleandupes"))
		for (size_t i = 0; i < c->packages.n; i++)
			c->packages.v[i].other[0] = '\0';
	else if (argc > 1 && str_eq(argv[1], "--cleanup-only"))
		(void)vfs_remove(&sh->dev->vfs, TRANSACTION);
	else
		return say(sh, 1, "Usage: %s [options]", argv[0]);
	return 0;
}

/* Locks of files, as the kernel knows them. */
static int run_lslocks(struct sh *sh, int argc, char **argv)
{
	const char *name = "";
	(void)argc, (void)argv;
	int pid = package_lock(sh->dev, &name);
	if (pid && !sh->dev->calico->redhat)
		blob_printf(sh->out, "%s %d /var/lib/dpkg/lock-frontend\n", name, pid);
	else if (pid)
		blob_printf(sh->out, "%s %d /var/lib/rpm/.rpm.lock\n", name, pid);
	return 0;
}

const struct command yum_commands[] = {
    {.name = "yum", .run = run_yum},
    {.name = "dnf", .run = run_yum},
    {.name = "rpm", .run = run_rpm, .path = "/bin"},
    {.name = "package-cleanup", .run = run_cleanup},
    {.name = "yum-complete-transaction", .run = run_cleanup},
    {0},
};

const struct command host_commands[] = {
    {.name = "lslocks", .run = run_lslocks},
    {0},
};
