/* SPDX-License-Identifier: ISC */
/* systemctl, service, reboot. */
#include "config.h"

#include "lab/calico.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *service_state(const struct device *dev, int id)
{
	const struct service *s = &dev->services[id];
	if (s->failed)
		return "failed";
	if (!s->running || s->missing)
		return "inactive";
	return service_active(dev, (enum service_id)id) ? "active" : "activating";
}

static const char *state_of(const struct device *dev, const char *name)
{
	struct unit *u = unit_find(dev, name);
	int id = service_find(dev, name);
	if (unit_known(u))
		return unit_state(u);
	return id >= 0                              ? service_state(dev, id)
	       : str_starts(name, "network.target") ? "active"
						    : "inactive";
}

static int show_unit(struct sh *sh, const char *name, const char *properties, bool values)
{
	const struct device *dev = sh->dev;
	struct unit *u = unit_find(dev, name);
	int id = service_find(dev, name);
	bool known = unit_known(u);
	const char *active = state_of(dev, name), *sub = "dead", *result = "success",
		   *load = "not-found";
	int status = known ? u->status : 0;
	if (known) {
		sub = u->proc ? "running" : u->failed ? "failed" : "exited";
		result = u->failed ? "exit-code" : "success";
		load = "loaded";
	} else if (id >= 0 && !dev->services[id].missing) {
		sub = str_eq(active, "active")   ? "running"
		      : str_eq(active, "failed") ? "failed"
						 : "dead";
		result = str_eq(active, "failed") ? "exit-code" : "success";
		load = "loaded";
	}
	char status_text[16], pid[16];
	(void)snprintf(status_text, sizeof(status_text), "%d", status);
	int own = id == SERVICE_FELIX && str_eq(active, "active") ? FELIX_PID : 0;
	(void)snprintf(pid, sizeof(pid), "%d", known && u->proc ? proc_id(u->proc) : own);
	const struct {
		const char *key, *value;
	} all[] = {{"Type", "simple"},
		   {"MainPID", pid},
		   {"Result", result},
		   {"ExecMainStatus", status_text},
		   {"ExecMainCode", known && !u->proc ? "1" : "0"},
		   {"Id", name},
		   {"LoadState", load},
		   {"ActiveState", active},
		   {"SubState", sub},
		   {"UnitFileState", id >= 0 ? "enabled" : ""}};
	for (size_t i = 0; i < LEN(all); i++) {
		char padded[256];
		(void)snprintf(padded, sizeof(padded), ",%s,",
			       properties ? properties : all[i].key);
		char wanted[64];
		(void)snprintf(wanted, sizeof(wanted), ",%s,", all[i].key);
		if (strstr(padded, wanted))
			blob_printf(sh->out, "%s%s%s\n", values ? "" : all[i].key,
				    values ? "" : "=", all[i].value);
	}
	return 0;
}

static int status_unit(struct sh *sh, const char *name)
{
	const char *state = state_of(sh->dev, name);
	int id = service_find(sh->dev, name);
	if (id < 0 && !unit_find(sh->dev, name))
		return say(sh, 4, "Unit %s.service could not be found.", name);
	blob_printf(sh->out,
		    "* %s.service - %s\n   Loaded: loaded (/lib/systemd/system/%s.service; "
		    "enabled)\n   Active: %s\n",
		    name, id >= 0 ? service_rows[id].description : name, name, state);
	if (id == SERVICE_SWITCHD && str_eq(state, "inactive"))
		blob_puts(
		    sh->out,
		    "           start condition failed\n"
		    "           ConditionPathExistsGlob=/etc/cumulus/.license* was not met\n");
	return str_eq(state, "active") ? 0 : 3;
}

static int act(struct sh *sh, const char *verb, const char *name)
{
	struct device *dev = sh->dev;
	struct unit *u = unit_find(dev, name);
	int id = service_find(dev, name);
	if (sh->uid)
		return say(sh, 1, "Failed to %s %s.service: Interactive authentication required.",
			   verb, name);
	if (u && str_eq(verb, "stop")) {
		if (u->proc)
			proc_kill(u->proc, 15);
		u->failed = false;
		u->remain = false;
		return 0;
	}
	if (u && str_eq(verb, "reset-failed")) {
		u->remain &= !u->failed; /* a transient unit that has failed is gone with that */
		u->failed = false;
		return 0;
	}
	if (id < 0 || (dev->services[id].missing && !str_eq(verb, "reset-failed")))
		return say(sh, 5, "Failed to %s %s.service: Unit %s.service not found.", verb, name,
			   name);
	enum service_id s = (enum service_id)id;
	lab_log(sh->lab, dev, "service", "%s %s", verb, name);
	if (str_eq(verb, "stop") || str_eq(verb, "kill")) {
		service_stop(dev, s);
	} else if (str_eq(verb, "reset-failed")) {
		dev->services[id].failed = false;
	} else if (str_eq(verb, "enable") || str_eq(verb, "disable")) {
		dev->services[id].enabled = verb[0] == 'e';
	} else {
		if (!str_eq(verb, "start") || !dev->services[id].running)
			return service_start(dev, s, sh->err);
	}
	return 0;
}

static int query(struct sh *sh, const char *verb, const char *name, bool quiet)
{
	const char *state = state_of(sh->dev, name);
	int id = service_find(sh->dev, name);
	if (str_eq(verb, "is-enabled")) {
		bool known = id >= 0 && !sh->dev->services[id].missing;
		bool enabled = known && sh->dev->services[id].enabled;
		if (!known)
			return say(sh, 1,
				   "Failed to get unit file state for %s.service: No such file or "
				   "directory",
				   name);
		if (!quiet)
			blob_puts(sh->out, enabled ? "enabled\n" : "disabled\n");
		return enabled ? 0 : 1;
	}
	if (!quiet)
		blob_printf(sh->out, "%s\n", state);
	if (str_eq(verb, "is-failed"))
		return str_eq(state, "failed") ? 0 : 1;
	return str_eq(state, "active") ? 0 : 3;
}

static int system_state(struct sh *sh)
{
	const struct device *dev = sh->dev;
	bool failed = false, starting = false;
	for (int i = 0; i < SERVICES; i++) {
		failed |= dev->services[i].failed && service_here(dev, i);
		starting |= str_eq(service_state(dev, i), "activating");
	}
	bool stopping = dev->phase_until >= 0;
	blob_puts(sh->out, stopping   ? "stopping\n"
			   : starting ? "starting\n"
			   : failed   ? "degraded\n"
				      : "running\n");
	return stopping || starting || failed ? 1 : 0;
}

static int power(struct sh *sh, const char *why)
{
	if (sh->uid)
		return say(
		    sh, 1,
		    "Failed to set wall message, ignoring: Interactive authentication required.\n"
		    "Failed to reboot system via logind: Interactive authentication required.");
	device_reboot(sh->dev, why);
	/* now and then the connection goes before the answer does */
	if (lab_jitter(sh->dev, 4) == 0 && !proc_sleep(sh->proc, 60000))
		return 137;
	return 0;
}

struct request { /* what systemctl is asked for */
	const char *verb;
	char properties[256]; /* "A,B"; "": all */
	bool quiet, values;
	fields_t names;
};

static void want_property(struct request *r, const char *names)
{
	size_t n = strlen(r->properties);
	(void)snprintf(r->properties + n, sizeof(r->properties) - n, "%s%s", n ? "," : "", names);
}

static void read_request(struct request *r, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if ((str_eq(a, "-p") || str_eq(a, "--property")) && i + 1 < argc) {
			want_property(r, argv[++i]);
		} else if (str_starts(a, "--property=") || (str_starts(a, "-p") && a[2])) {
			want_property(r, a + (a[1] == '-' ? 11 : 2));
		} else if (a[0] == '-') {
			r->quiet |= str_eq(a, "-q") || str_eq(a, "--quiet");
			r->values |= str_eq(a, "--value");
		} else if (!r->verb) {
			r->verb = a;
		} else {
			VEC_PUSH(&r->names, argv[i]);
		}
	}
	r->verb = r->verb ? r->verb : "list-units";
}

static int ask_reboot(struct sh *sh, const struct request *r)
{
	(void)r;
	return power(sh, "systemctl reboot");
}

static int ask_running(struct sh *sh, const struct request *r)
{
	(void)r;
	return system_state(sh);
}

static int ask_jobs(struct sh *sh, const struct request *r)
{
	(void)r;
	blob_puts(sh->out, sh->dev->phase_until >= 0
			       ? "JOB UNIT          TYPE  STATE\n1 reboot.target start "
				 "waiting\n\n1 jobs listed.\n"
			       : "No jobs running.\n");
	return 0;
}

static int ask_units(struct sh *sh, const struct request *r)
{
	(void)r;
	for (int i = 0; i < SERVICES; i++)
		if (!sh->dev->services[i].missing && service_here(sh->dev, i))
			blob_printf(sh->out, "%s.service loaded %s running %s\n",
				    service_unit(sh->dev, (enum service_id)i), service_state(sh->dev, i),
				    service_rows[i].description);
	return 0;
}

static int ask_nothing(struct sh *sh, const struct request *r)
{
	(void)sh, (void)r;
	return 0;
}

static int ask_to(struct sh *sh, const struct request *r)
{
	int status = 0;
	for (size_t i = 0; i < r->names.n; i++) {
		const char *name = r->names.v[i];
		int rc = str_eq(r->verb, "show")
			     ? show_unit(sh, name, *r->properties ? r->properties : NULL, r->values)
			 : str_eq(r->verb, "status") ? status_unit(sh, name)
						     : act(sh, r->verb, name);
		status = rc ? rc : status;
	}
	return status;
}

static int forget_failures(struct sh *sh, const struct request *r)
{
	if (r->names.n)
		return ask_to(sh, r);
	for (int i = 0; i < SERVICES; i++)
		sh->dev->services[i].failed = false;
	return 0;
}

/* is-active and is-failed: one of them is enough. */
static int ask_whether(struct sh *sh, const struct request *r)
{
	bool any = false, one = str_eq(r->verb, "is-failed") || str_eq(r->verb, "is-active");
	int status = 0;
	for (size_t i = 0; i < r->names.n; i++) {
		int rc = query(sh, r->verb, r->names.v[i], r->quiet);
		any |= rc == 0;
		status = rc ? rc : status;
	}
	return any && one ? 0 : status;
}

static int run_systemctl(struct sh *sh, int argc, char **argv)
{
	static const struct {
		const char *verb;
		int (*ask)(struct sh *sh, const struct request *r);
	} verbs[] = {
	    {"reboot", ask_reboot},
	    {"is-system-running", ask_running},
	    {"list-jobs", ask_jobs},
	    {"list-units", ask_units},
	    {"list-unit-files", ask_units},
	    {"daemon-reload", ask_nothing},
	    {"reset-failed", forget_failures},
	};
	struct request r = {0};
	read_request(&r, argc, argv);
	int (*ask)(struct sh *, const struct request *) =
	    str_starts(r.verb, "is-") ? ask_whether : ask_to;
	for (size_t i = 0; i < LEN(verbs); i++)
		if (str_eq(r.verb, verbs[i].verb))
			ask = verbs[i].ask;
	int status = ask(sh, &r);
	VEC_RELEASE(&r.names);
	links_update(sh->lab);
	return status;
}

static int run_service(struct sh *sh, int argc, char **argv)
{
	if (argc < 3)
		return say(
		    sh, 1,
		    "Usage: service < option > | --status-all | [ service_name [ command ] ]");
	char *turned[] = {argv[0], argv[2], argv[1], NULL};
	return run_systemctl(sh, 3, turned);
}

static int run_reboot(struct sh *sh, int argc, char **argv)
{
	bool later = strcmp(argv[0], "shutdown") == 0 && argc > 2 && argv[2][0] == '+';
	if (strcmp(argv[0], "shutdown") == 0 && (argc < 2 || !strchr(argv[1], 'r')))
		return say(sh, 1, "shutdown: only -r is possible in this lab");
	if (later && sh->uid == 0) {
		int minutes = atoi(argv[2] + 1);
		struct proc *p;
		char *text = xasprintf("sleep %d; reboot", minutes * 60);
		p = proc_spawn(sh->lab, sh->dev, "root", 0, text);
		free(text);
		proc_resume(p);
		return 0;
	}
	return power(sh, argv[0]);
}

static int run_timedatectl(struct sh *sh, int argc, char **argv)
{
	bool right = !fault_get(sh->dev, "clock-free", false);
	if (argc > 1 && !str_eq(argv[1], "status"))
		return say(sh, 1, "Unknown operation %s.", argv[1]);
	blob_printf(sh->out, "                Time zone: Etc/UTC (UTC, +0000)\n%*s: %s\n", 25,
		    sh->dev->release->major < 4 ? "NTP synchronized" : "System clock synchronized",
		    right ? "yes" : "no");
	return 0;
}

const struct command system_commands[] = {
    {.name = "timedatectl", .run = run_timedatectl, .path = "/usr/bin"},
    {.name = "systemctl", .run = run_systemctl, .path = "/bin"},
    {.name = "service", .run = run_service, .path = "/usr/sbin"},
    {.name = "reboot", .run = run_reboot, .path = "/sbin"},
    {.name = "shutdown", .run = run_reboot, .path = "/sbin"},
    {0},
};
