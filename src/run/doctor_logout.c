/* SPDX-License-Identifier: ISC */
/* Does a job live on when its user logs out? logind may end all that belongs to a login session,
 * setsid() or not (reliability.md 246). */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/path.h"
#include "base/program.h"

#include <dirent.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASK_MS 2000

enum answer { NO, YES, UNKNOWN };

struct policy {
	enum answer kill;
	char *only, *exclude; /* users, separated by blanks; NULL: not said */
};

/* --- configuration files ---------------------------------------------------------------------- */

static void take(struct policy *p, const char *line)
{
	const char *value = strchr(line, '=');
	if (!value++)
		return;
	value += strspn(value, " \t");
	if (str_starts(line, "KillUserProcesses"))
		p->kill = strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
				  strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0
			      ? YES
			      : NO;
	else if (str_starts(line, "KillOnlyUsers"))
		free(p->only), p->only = xstrdup(value);
	else if (str_starts(line, "KillExcludeUsers"))
		free(p->exclude), p->exclude = xstrdup(value);
}

static void read_conf(const struct doctor *d, const char *path, struct policy *p)
{
	struct str text = {0};
	size_t n;
	if (doctor_read(d, path, &text)) {
		char **lines = str_split(str_text(&text), "\r\n", &n);
		for (size_t i = 0; i < n; i++)
			take(p, lines[i] + strspn(lines[i], " \t"));
		free(lines);
	}
	str_release(&text);
}

static int conf_only(const struct dirent *x)
{
	return str_ends(x->d_name, ".conf");
}

static void read_dir(const struct doctor *d, const char *dir, struct policy *p)
{
	char *full = doctor_path(d, dir);
	struct dirent **list = NULL;
	int n = scandir(full, &list, conf_only, alphasort);
	for (int i = 0; i < n; i++) {
		char *path = path_join(dir, list[i]->d_name);
		read_conf(d, path, p);
		free(path);
		free(list[i]);
	}
	free(list);
	free(full);
}

/* What logind says, if it can be asked; else what it has read. */
static void find_policy(const struct doctor *d, struct policy *p)
{
	static const char *const dirs[] = {"/usr/lib/systemd/logind.conf.d",
					   "/run/systemd/logind.conf.d",
					   "/etc/systemd/logind.conf.d"};
	static const char *const ask[] = {"busctl",
					  "get-property",
					  "org.freedesktop.login1",
					  "/org/freedesktop/login1",
					  "org.freedesktop.login1.Manager",
					  "KillUserProcesses",
					  NULL};
	struct str out = {0};
	read_conf(d, "/etc/systemd/logind.conf", p);
	for (size_t i = 0; i < LEN(dirs); i++)
		read_dir(d, dirs[i], p);
	if (!d->o->root && program_ask((char *const *)(uintptr_t)ask, ASK_MS, &out, NULL) == 0)
		p->kill = strstr(str_text(&out), "true") ? YES : NO;
	str_release(&out);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool listed(const char *users, const char *name)
{
	size_t n;
	bool found = false;
	char **list = str_split(users, " \t", &n);
	for (size_t i = 0; i < n; i++)
		found = found || str_eq(list[i], name);
	free(list);
	return found;
}

static const char *user(void)
{
	const struct passwd *pw = getpwuid(geteuid());
	return pw ? pw->pw_name : "";
}

/* systemd leaves root alone unless it is told otherwise. */
static bool spared(const struct policy *p)
{
	if (p->only && *p->only && !listed(p->only, user()))
		return true;
	return listed(p->exclude ? p->exclude : "root", user());
}

/* Part of a login session: /user.slice/user-1000.slice/session-3.scope */
static bool in_session(const struct doctor *d)
{
	struct str text = {0};
	bool yes = !doctor_read(d, "/proc/self/cgroup", &text) ||
		   (strstr(str_text(&text), "/session-") && strstr(str_text(&text), ".scope"));
	str_release(&text);
	return yes;
}

void doctor_logout(const struct doctor *d, struct doctor_finding *f)
{
	struct policy p = {.kill = UNKNOWN};
	char *booted = doctor_path(d, "/run/systemd/system");
	bool systemd = path_is_dir(booted);
	free(booted);
	if (!systemd || !in_session(d)) {
		doctor_found(f, DOCTOR_OK,
			     xstrdup(systemd ? _("not part of a login session")
					     : _("no systemd: nothing ends what a user leaves")),
			     NULL);
		return;
	}
	find_policy(d, &p);
	if (p.kill == NO || spared(&p))
		doctor_found(f, DOCTOR_OK, xstrdup(_("a job goes on after the logout")), NULL);
	else
		doctor_found(f, p.kill == YES ? DOCTOR_ERROR : DOCTOR_WARNING,
			     xstrdup(p.kill == YES
					 ? _("logind ends all processes of a session at the logout "
					     "(KillUserProcesses)")
					 : _("logind does not say whether a job goes on after the "
					     "logout")),
			     xasprintf(_("outlive it: 'loginctl enable-linger %s', then "
					 "'systemd-run --user --scope hitless ...'"),
				       user()));
	free(p.only);
	free(p.exclude);
}
