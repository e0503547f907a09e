/* SPDX-License-Identifier: ISC */
/* Transient units: systemd-run, and what journalctl has of them. */
#include "config.h"

#include "lab/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit *unit_find(const struct device *dev, const char *name)
{
	size_t n = strlen(name) - (str_ends(name, ".service") ? 8 : 0);
	for (size_t i = dev->units.n; i--;)
		if (strlen(dev->units.v[i]->name) == n &&
		    strncmp(dev->units.v[i]->name, name, n) == 0)
			return dev->units.v[i];
	return NULL;
}

bool unit_known(const struct unit *u)
{
	return u && (u->proc || u->remain || u->failed);
}

const char *unit_state(const struct unit *u)
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

void unit_remove(struct device *dev, struct unit *u)
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

const struct command unit_commands[] = {
    {.name = "systemd-run", .run = run_systemd_run, .path = "/usr/bin", .root = true},
    {.name = "journalctl", .run = run_journalctl, .path = "/bin"},
    {0},
};
