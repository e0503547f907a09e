/* SPDX-License-Identifier: ISC */
/* microceph cluster maintenance enter|exit NODE. */
#include "config.h"

#include "lab/cloud.h"

#include <stdlib.h>
#include <string.h>

struct wish {
	struct sh *sh;
	struct cloud *cloud;
	struct member *m;
	bool dry, check_only, ignore, force, keep_flag, stop;
	struct str failed;
};

static void line(struct wish *w, const char *what, const char *why)
{
	if (w->dry)
		blob_printf(w->sh->out, "%s\n", what);
	else if (why)
		blob_printf(w->sh->out, "%s (failed: %s)\n", what, why);
	else
		blob_printf(w->sh->out, "%s (succeeded)\n", what);
	if (why && !w->dry)
		str_printf(&w->failed, "%s(%s)", w->failed.len ? ", " : "", why);
}

static void step(struct wish *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void step(struct wish *w, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *what = xvasprintf(fmt, ap);
	va_end(ap);
	line(w, what, NULL);
	free(what);
}

static void check(struct wish *w)
{
	const char *node = w->m->dev->name;
	struct ceph_view v;
	ceph_look(w->cloud, &v);
	size_t rest = v.mons_in - ceph_mon_in(w->m);
	char *osds =
	    xasprintf("Check if osds.[%d] in node '%s' are ok-to-stop.", w->m->number, node);
	char *unsafe = xasprintf("osds.[%d] cannot be safely stopped", w->m->number);
	char *others =
	    xasprintf("Check if there are at least a majority of mon services, 1 mds "
		      "service, and 1 mgr service in the cluster besides those in node '%s'",
		      node);
	line(w, osds, ceph_ok_to_stop(w->cloud, w->m) ? NULL : unsafe);
	line(w, others,
	     rest > v.mons / 2 ? NULL
			       : "need at least a majority of mon services, 1 mds, and 1 mgr");
	free(others);
	free(unsafe);
	free(osds);
}

static int enter(struct wish *w)
{
	const char *node = w->m->dev->name;
	if (!w->ignore)
		check(w);
	if (w->failed.len && !w->force)
		return say(w->sh, 1,
			   "Error: failed to enter maintenance mode: error bringing node '%s' into "
			   "maintenance: maintenance operations failed: [%s]",
			   node, str_text(&w->failed));
	if (w->check_only)
		return 0;
	if (!w->dry)
		lab_log(w->sh->lab, w->m->dev, "maintenance", "enter %s", node);
	if (!w->keep_flag) {
		if (!w->dry)
			cloud_noout(w->cloud, w->sh->dev, true);
		step(w, "Run `ceph osd set noout`.");
		step(w, "Assert osd has 'noout' flag set.");
	}
	if (w->stop) {
		if (!w->dry)
			w->m->osds_stopped = true;
		step(w, "Stop osd service in node '%s'.", node);
	}
	cloud_update(w->cloud);
	return 0;
}

/* The flag is the whole cluster's: it goes whoever has set it. */
static int leave(struct wish *w)
{
	const char *node = w->m->dev->name;
	if (w->check_only)
		return 0;
	if (!w->dry) {
		lab_log(w->sh->lab, w->m->dev, "maintenance", "exit %s", node);
		cloud_noout(w->cloud, w->sh->dev, false);
		w->m->osds_stopped = false;
	}
	step(w, "Run `ceph osd unset noout`.");
	step(w, "Assert osd has 'noout' flag unset.");
	step(w, "Start osd service in node '%s'.", node);
	cloud_update(w->cloud);
	return 0;
}

static bool option(struct wish *w, const char *a)
{
	if (str_eq(a, "--dry-run"))
		w->dry = true;
	else if (str_eq(a, "--check-only"))
		w->check_only = true;
	else if (str_eq(a, "--ignore-check"))
		w->ignore = true;
	else if (str_eq(a, "--force"))
		w->force = true;
	else if (str_eq(a, "--stop-osds"))
		w->stop = true;
	else if (str_starts(a, "--set-noout"))
		w->keep_flag = str_eq(a, "--set-noout=false");
	else
		return false;
	return true;
}

int ceph_maintenance(struct sh *sh, int argc, char **argv)
{
	struct wish w = {.sh = sh, .cloud = sh->dev->member->cloud};
	const char *node = NULL;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			node = argv[i];
		else if (!option(&w, argv[i]))
			return say(sh, 1, "Error: unknown flag: %s", argv[i]);
	}
	for (size_t i = 0; node && i < w.cloud->members.n; i++)
		if (str_eq(w.cloud->members.v[i]->dev->name, node))
			w.m = w.cloud->members.v[i];
	if (!argc || (!str_eq(argv[0], "enter") && !str_eq(argv[0], "exit")))
		return say(sh, 1, "Error: unknown command for \"microceph cluster maintenance\"");
	if (!w.m)
		return say(sh, 1, "Error: failed to %s maintenance mode: node '%s' not found",
			   argv[0], node ? node : "");
	if (w.check_only && w.ignore)
		return say(sh, 1, "Error: 'check-only' and 'ignore-check' are mutually exclusive.");
	int status = str_eq(argv[0], "enter") ? enter(&w) : leave(&w);
	str_release(&w.failed);
	return status;
}
