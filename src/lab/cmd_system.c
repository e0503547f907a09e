/* SPDX-License-Identifier: ISC */
/* systemctl, systemd-run, journalctl, reboot. */
#include "config.h"

#include "lab/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- transient units -------------------------------------------------------------------------- */
static struct unit *unit_find(const struct device *dev, const char *name)
{
	size_t n = strlen(name) - (str_ends(name, ".service") ? 8 : 0);
	for (size_t i = dev->units.n; i--;)
		if (strlen(dev->units.v[i]->name) == n &&
		    strncmp(dev->units.v[i]->name, name, n) == 0)
			return dev->units.v[i];
	return NULL;
}

/* One that has ended without --remain-after-exit and did not fail is forgotten by systemd. */
static bool unit_known(const struct unit *u)
{
	return u && (u->proc || u->remain || u->failed);
}

static const char *unit_state(const struct unit *u)
{
	return u->proc ? "active" : u->failed ? "failed" : u->remain ? "active" : "inactive";
}

static void shell_quote(struct str *out, const char *word)
{
	str_puts(out, out->len ? " '" : "'");
	for (; *word; word++) {
		if (*word == '\'')
			str_puts(out, "'\\''");
		else
			str_putc(out, *word);
	}
	str_putc(out, '\'');
}

static void unit_remove(struct device *dev, struct unit *u)
{
	for (size_t i = 0; i < dev->units.n; i++) {
		if (dev->units.v[i] != u)
			continue;
		VEC_REMOVE(&dev->units, i);
		break;
	}
	if (u->proc)
		proc_set_unit(u->proc, NULL);
	blob_unref(u->journal);
	free(u->name);
	free(u->command);
	free(u);
}

struct transient {
	const char *name;
	bool remain, wait, pipe;
	int first;
	double timer;
};

static struct transient transient_options(int argc, char **argv)
{
	struct transient t = {.first = 1};
	for (; t.first < argc && argv[t.first][0] == '-'; t.first++) {
		const char *a = argv[t.first];
		if (str_eq(a, "--")) {
			t.first++;
			break;
		}
		if (str_starts(a, "--unit="))
			t.name = a + 7;
		else if ((str_eq(a, "--unit") || str_eq(a, "-u")) && t.first + 1 < argc)
			t.name = argv[++t.first];
		else if ((str_eq(a, "-p") || str_eq(a, "--property") || str_eq(a, "-E") ||
			  str_eq(a, "--description")) &&
			 t.first + 1 < argc)
			t.first++;
		else if (str_starts(a, "--on-active="))
			t.timer = atof(a + 12);
		t.remain |= str_eq(a, "--remain-after-exit") || str_eq(a, "-r");
		t.wait |= str_eq(a, "--wait");
		t.pipe |= str_eq(a, "--pipe") || str_eq(a, "-P");
	}
	return t;
}

static int run_systemd_run(struct sh *sh, int argc, char **argv)
{
	struct transient t = transient_options(argc, argv);
	struct device *dev = sh->dev;
	char made[32];
	if (t.first >= argc)
		return say(sh, 1, "Command line to execute required.");
	if (!t.name) {
		(void)snprintf(made, sizeof(made), "run-u%d", sh->lab->next_pid);
		t.name = made;
	}
	struct unit *old = unit_find(dev, t.name);
	if (unit_known(old))
		return say(
		    sh, 1,
		    "Failed to start transient service unit: Unit %s.service already exists.",
		    t.name);
	if (old)
		unit_remove(dev, old);
	struct str command = {0};
	if (t.timer > 0)
		str_printf(&command, "sleep %.3f;", t.timer);
	for (int i = t.first; i < argc; i++)
		shell_quote(&command, argv[i]);
	struct unit *u = xcalloc(1, sizeof(*u));
	u->name = xstrndup(t.name, strlen(t.name) - (str_ends(t.name, ".service") ? 8 : 0));
	u->command = str_take(&command);
	u->remain = t.remain;
	u->started = sh->lab->now;
	u->proc = proc_spawn(sh->lab, dev, "root", 0, u->command);
	u->journal = blob_ref(proc_out(u->proc));
	proc_merge_output(u->proc);
	proc_set_unit(u->proc, u);
	VEC_PUSH(&dev->units, u);
	(void)say(sh, 0, "Running as unit: %s.service", u->name);
	lab_log(sh->lab, dev, "unit-started", "%s: %s", u->name, u->command);
	proc_resume(u->proc);
	while (t.wait && u->proc)
		if (!proc_sleep(sh->proc, 100))
			return 137;
	return t.wait ? u->status : 0;
}

/* --- systemctl -------------------------------------------------------------------------------- */
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
	(void)snprintf(pid, sizeof(pid), "%d", known && u->proc ? proc_id(u->proc) : 0);
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
		failed |= dev->services[i].failed;
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

static int run_systemctl(struct sh *sh, int argc, char **argv)
{
	const char *verb = NULL, *properties = NULL;
	char joined[256] = "";
	bool quiet = false, values = false;
	fields_t names = {0};
	int status = 0;
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if ((str_eq(a, "-p") || str_eq(a, "--property")) && i + 1 < argc) {
			size_t n = strlen(joined);
			(void)snprintf(joined + n, sizeof(joined) - n, "%s%s", n ? "," : "",
				       argv[++i]);
			properties = joined;
		} else if (str_starts(a, "--property=") || (str_starts(a, "-p") && a[2])) {
			size_t n = strlen(joined);
			(void)snprintf(joined + n, sizeof(joined) - n, "%s%s", n ? "," : "",
				       a + (a[1] == '-' ? 11 : 2));
			properties = joined;
		} else if (a[0] == '-') {
			quiet |= str_eq(a, "-q") || str_eq(a, "--quiet");
			values |= str_eq(a, "--value");
		} else if (!verb) {
			verb = a;
		} else {
			VEC_PUSH(&names, argv[i]);
		}
	}
	verb = verb ? verb : "list-units";
	if (str_eq(verb, "reboot"))
		status = power(sh, "systemctl reboot");
	else if (str_eq(verb, "is-system-running"))
		status = system_state(sh);
	else if (str_eq(verb, "list-jobs"))
		blob_puts(sh->out, sh->dev->phase_until >= 0
				       ? "JOB UNIT          TYPE  STATE\n1 reboot.target start "
					 "waiting\n\n1 jobs listed.\n"
				       : "No jobs running.\n");
	else if (str_eq(verb, "list-units") || str_eq(verb, "list-unit-files")) {
		for (int i = 0; i < SERVICES; i++)
			if (!sh->dev->services[i].missing)
				blob_printf(sh->out, "%s.service loaded %s running %s\n",
					    service_rows[i].unit, service_state(sh->dev, i),
					    service_rows[i].description);
	} else if (str_eq(verb, "daemon-reload")) {
		status = 0;
	} else if (str_eq(verb, "reset-failed") && !names.n) {
		for (int i = 0; i < SERVICES; i++)
			sh->dev->services[i].failed = false;
	} else if (str_starts(verb, "is-")) {
		bool any = false, bad = false;
		for (size_t i = 0; i < names.n; i++) {
			int rc = query(sh, verb, names.v[i], quiet);
			any |= rc == 0;
			bad |= rc != 0;
			status = rc ? rc : status;
		}
		status = any && (str_eq(verb, "is-failed") || str_eq(verb, "is-active")) ? 0
			 : bad                                                           ? status
											 : 0;
	} else {
		for (size_t i = 0; i < names.n; i++) {
			int rc = str_eq(verb, "show")
				     ? show_unit(sh, names.v[i], properties, values)
				 : str_eq(verb, "status") ? status_unit(sh, names.v[i])
							  : act(sh, verb, names.v[i]);
			status = rc ? rc : status;
		}
	}
	VEC_RELEASE(&names);
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

static int run_journalctl(struct sh *sh, int argc, char **argv)
{
	const char *name = NULL;
	long lines = -1;
	for (int i = 1; i < argc; i++) {
		if ((str_eq(argv[i], "-u") || str_eq(argv[i], "--unit")) && i + 1 < argc)
			name = argv[++i];
		else if (str_starts(argv[i], "--unit="))
			name = argv[i] + 7;
		else if (str_eq(argv[i], "-n") && i + 1 < argc)
			lines = atol(argv[++i]);
		else if (str_eq(argv[i], "-o") && i + 1 < argc)
			i++;
	}
	struct unit *u = name ? unit_find(sh->dev, name) : NULL;
	if (!u) {
		blob_puts(sh->out, "-- No entries --\n");
		return 0;
	}
	size_t n, at;
	const char *data = blob_data(u->journal, &n);
	at = n;
	for (long seen = 0; lines >= 0 && at > 0; at--)
		if (data[at - 1] == '\n' && at < n && ++seen >= lines)
			break;
	if (lines < 0)
		at = 0;
	blob_add(sh->out, data + at, n - at);
	return 0;
}

const struct command system_commands[] = {
    {.name = "systemctl", .run = run_systemctl, .path = "/bin"},
    {.name = "service", .run = run_service, .path = "/usr/sbin"},
    {.name = "systemd-run", .run = run_systemd_run, .path = "/usr/bin", .root = true},
    {.name = "journalctl", .run = run_journalctl, .path = "/bin"},
    {.name = "reboot", .run = run_reboot, .path = "/sbin"},
    {.name = "shutdown", .run = run_reboot, .path = "/sbin"},
    {0},
};
