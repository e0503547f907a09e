/* SPDX-License-Identifier: ISC */
/*
 * request system software in-service-upgrade: ten stages, one after the other, told on the session
 * that asked for them. What fails leaves the nodes as a real cluster would be left.
 */
#include "config.h"

#include "lab/srx_issu.h"

#include "lab/command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHECK_MS = 2000, LOOK_MS = 60000 }; /* lab time */

/* --- what is said ----------------------------------------------------------------------------- */
const char *issu_stamp(const struct upgrade *u, char text[32])
{
	time_t t = (time_t)(JUNOS_EPOCH + u->k->lab->now / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || !strftime(text, 32, "[%b %e %H:%M:%S]", &tm))
		text[0] = '\0';
	return text;
}

void issu_say(const struct upgrade *u, const char *fmt, ...)
{
	va_list ap;
	char at[32];
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	if (proc_alive(u->c->sh->proc))
		blob_printf(u->c->out, "%s: %s\n", issu_stamp(u, at), text);
	free(text);
}

void issu_put(const struct upgrade *u, const char *text)
{
	if (proc_alive(u->c->sh->proc))
		blob_puts(u->c->out, text);
}

bool issu_sleeps(const struct upgrade *u, int64_t ms)
{
	return proc_sleep(u->c->sh->proc, ms);
}

/* --- how it ends badly ------------------------------------------------------------------------ */
bool issu_stop(struct upgrade *u, const char *fmt, ...)
{
	va_list ap;
	char at[32];
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	if (proc_alive(u->c->sh->proc))
		blob_printf(u->c->out, "error: %s: %s\nerror: %s: ISSU Aborted!\n",
			    issu_stamp(u, at), text, at);
	free(text);
	u->why = "stopped";
	u->clean = !u->touched;
	return false;
}

/* One node is new, or half way: what the box tells its people to do. */
bool issu_stranded(struct upgrade *u, const char *code, const char *more)
{
	char at[32];
	u->why = code;
	if (!proc_alive(u->c->sh->proc))
		return false;
	issu_stamp(u, at);
	blob_printf(u->c->out,
		    "error: %s: ISSU Aborted!%s\n"
		    "%s: ISSU aborted. But, both nodes are in ISSU window.\n"
		    "Please do the following:\n"
		    "1. Rollback the node with the newer image using rollback command\n"
		    "   Note: use the 'node' option in the rollback command\n"
		    "   otherwise, images on both nodes will be rolled back\n"
		    "2. Make sure that both nodes (will) have the same image\n"
		    "3. Ensure the node with older image is primary for all RGs\n"
		    "4. Abort ISSU on both nodes\n"
		    "5. Reboot the rolled back node\n",
		    at, more, at);
	return false;
}

void issu_release(struct cluster *k)
{
	for (int g = 0; g < SRX_RGS; g++)
		k->rg[g].manual = -1;
	k->lab->dirty = true;
}

void cluster_window(struct cluster *k, bool open)
{
	k->window[0] = k->window[1] = open;
	for (int g = 1; open && g < SRX_RGS; g++)
		k->rg[g].manual = k->rg[g].exists ? cluster_primary(k, g) : -1;
	if (!open)
		issu_release(k);
	k->lab->dirty = true;
}

static void unstage(struct device *dev)
{
	free(dev->junos->pending);
	dev->junos->pending = NULL;
}

/* --- the command ------------------------------------------------------------------------------ */
static void ended(struct upgrade *u, bool good)
{
	struct cluster *k = u->k;
	bool killed = !proc_alive(u->c->sh->proc);
	k->upgrader = NULL;
	k->stage = 0;
	if (!good && u->clean && !killed) {
		cluster_window(k, false);
		unstage(k->node[0]);
		unstage(k->node[1]);
	}
	lab_log(k->lab, u->c->dev, "issu-end", "%s %s", k->name,
		good     ? "done"
		: killed ? "interrupted"
		: u->why ? u->why
			 : "stopped");
}

/* Is it this stage that a fault of the cluster means? */
static bool meets(struct cluster *k, const char *name)
{
	for (int n = 0; n < 2; n++) {
		struct fault *f = fault_get(k->node[n], name, false);
		if (f && (f->arg ? atoi(f->arg) : 4) == k->stage)
			return fault_fire(k->node[n], name);
	}
	return false;
}

/* false: it does not go on to this stage; its node has gone, or somebody has ended it. */
static bool meet_faults(struct upgrade *u)
{
	if (meets(u->k, "issu-drops"))
		proc_drop(u->c->sh->proc);
	bool on = true, hangs = meets(u->k, "issu-hangs");
	while (on && hangs)
		on = !u->k->abort && issu_sleeps(u, LOOK_MS);
	return on;
}

static bool stage(struct upgrade *u, const struct issu_stage *s, int number)
{
	struct cluster *k = u->k;
	k->stage = number;
	lab_log(k->lab, u->c->dev, "issu-stage", "%s %d %s", k->name, number, s->what);
	bool reached = meet_faults(u), good = reached && s->run(u);
	bool last = good && !s[1].what;
	if (!k->abort || last || (reached && !good) || !proc_alive(u->c->sh->proc))
		return good;
	return u->touched ? issu_stranded(u, "aborted", "") : issu_stop(u, "aborted on request");
}

static void run(struct upgrade *u)
{
	struct cluster *k = u->k;
	const struct issu_stage *stages = u->no_sync ? icu_stages : issu_stages;
	bool good = true;
	lab_log(k->lab, u->c->dev, "issu-start", "%s %s -> %s from node%d", k->name,
		u->c->dev->version, u->image.version, u->me);
	judge_issu_starts(k);
	k->upgrader = u->c->sh->proc;
	k->abort = false;
	k->in_band = u->no_sync;
	k->window[0] = k->window[1] = true;
	if (!u->no_sync)
		issu_put(u, "Chassis ISSU Check Done\n");
	for (int i = 0; good && stages[i].what; i++)
		good = stage(u, &stages[i], i + 1);
	ended(u, good);
}

void srx_upgrade(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	struct upgrade u = {.c = c,
			    .k = k,
			    .me = c->dev->node,
			    .other = !c->dev->node,
			    .no_sync = junos_word(line, "no-sync"),
			    .no_validate = junos_word(line, "no-validate"),
			    .reboot = junos_word(line, "reboot"),
			    .unlink = junos_word(line, "unlink")};
	u.path = xstrndup(line, strcspn(line, " "));
	judge_second_issu(c->dev);
	if (!proc_sleep(c->sh->proc, CHECK_MS))
		;
	else if (issu_allowed(&u, line))
		run(&u);
	else
		lab_log(k->lab, c->dev, "issu-refused", "%s %s", k->name,
			u.why ? u.why : "not allowed");
	free(u.path);
}

/* --- the way out ------------------------------------------------------------------------------ */

/* Of this node only, unless an upgrade runs: that one ends, after what it is doing now. */
void srx_abort(struct jcli *c, const char *line)
{
	struct cluster *k = c->dev->cluster;
	int n = c->dev->node;
	(void)line;
	lab_log(k->lab, c->dev, "abort", "%s node%d", k->name, n);
	if (k->upgrader) {
		k->abort = true;
		blob_puts(c->out, "in-service-upgrade is aborted after the current operation\n");
		return;
	}
	blob_printf(c->out, "node%d:\n" SRX_RULE "%s\n", n,
		    k->window[n] ? "Exiting in-service-upgrade window"
				 : "No in-service-upgrade is in progress");
	k->window[n] = false;
	if (!k->window[0] && !k->window[1])
		issu_release(k);
}
