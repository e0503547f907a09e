/* SPDX-License-Identifier: ISC */
/* Who, where, when: id, hostname, uname, date, sleep; and users: getent, usermod, chpasswd, chage.
 */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int run_nothing(struct sh *sh, int argc, char **argv)
{
	(void)sh, (void)argc, (void)argv;
	return 0;
}

static int run_sleep(struct sh *sh, int argc, char **argv)
{
	double seconds = 0;
	for (int i = 1; i < argc; i++)
		seconds += atof(argv[i]) * (str_ends(argv[i], "m") ? 60 : 1);
	if (seconds < 0 || seconds > 1e7)
		return say(sh, 1, "sleep: invalid time interval");
	return proc_sleep(sh->proc, (int64_t)(seconds * 1000)) ? 0 : 143;
}

static int run_date(struct sh *sh, int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S UTC %Y";
	for (int i = 1; i < argc; i++)
		format = argv[i][0] == '+' ? argv[i] + 1 : format;
	time_t t = (time_t)(1604000000 + sh->lab->now / 1000);
	struct tm tm;
	char text[256] = "";
	if (str_starts(format, "%s")) {
		blob_printf(sh->out, "%lld%s\n", (long long)t, format + 2);
		return 0;
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	bool ok = gmtime_r(&t, &tm) && strftime(text, sizeof(text), format, &tm);
#pragma GCC diagnostic pop
	blob_printf(sh->out, "%s\n", ok ? text : "");
	return 0;
}

static int run_uptime(struct sh *sh, int argc, char **argv)
{
	int64_t up = (sh->lab->now - sh->dev->booted_at) / 1000;
	time_t t = (time_t)(1604000000 + sh->lab->now / 1000 - up);
	struct tm tm;
	char text[64] = "";
	if (argc > 1 && strcmp(argv[1], "-s") == 0 && gmtime_r(&t, &tm)) {
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
		blob_printf(sh->out, "%s\n", text);
		return 0;
	}
	if (up >= 86400)
		(void)snprintf(text, sizeof(text), "%lld days, ", (long long)(up / 86400));
	blob_printf(sh->out,
		    " 12:00:00 up %s%2lld:%02lld,  1 user,  load average: 0.12, 0.08, 0.05\n", text,
		    (long long)(up / 3600 % 24), (long long)(up / 60 % 60));
	return 0;
}

static int run_id(struct sh *sh, int argc, char **argv)
{
	const char *option = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
	const char *user = argc > 1 && !*option ? argv[1] : sh->user;
	int uid = account_uid(sh->dev, user);
	if (uid < 0)
		return say(sh, 1, "id: '%s': no such user", user);
	if (strcmp(option, "-u") == 0 || strcmp(option, "-g") == 0)
		blob_printf(sh->out, "%d\n", uid);
	else if (option[0] && strchr(option, 'n'))
		blob_printf(sh->out, "%s\n", user);
	else
		blob_printf(sh->out, "uid=%d(%s) gid=%d(%s) groups=%d(%s)%s\n", uid, user, uid,
			    user, uid, user, uid ? ",27(sudo),1001(netedit)" : "");
	return 0;
}

static int run_whoami(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_printf(sh->out, "%s\n", sh->user);
	return 0;
}

static void set_hostname(struct device *dev, const char *name, bool keep)
{
	free(dev->hostname);
	dev->hostname = xstrdup(name);
	if (!keep)
		return;
	char *text = xasprintf("%s\n", name);
	vfs_put_text(&dev->vfs, "/etc/hostname", text, 0644, dev->lab->now);
	free(text);
}

static int run_hostname(struct sh *sh, int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "-I")) {
		blob_printf(sh->out, "%s ", sh->dev->address);
		if (sh->dev->calico)
			blob_printf(sh->out, "10.0.0.%d ", sh->dev->index + 11);
		blob_puts(sh->out, "\n");
	} else if (argc > 1 && str_eq(argv[1], "-F") && argc > 2) {
		const char *text = vfs_text(&sh->dev->vfs, argv[2]);
		char *name = xstrndup(text, strcspn(text, "\n"));
		set_hostname(sh->dev, name, false);
		free(name);
	} else if (argc > 1 && argv[1][0] != '-') {
		if (sh->uid)
			return say(sh, 1, "hostname: you must be root to change the host name");
		set_hostname(sh->dev, argv[1], false);
	} else {
		blob_printf(sh->out, "%s\n", sh->dev->hostname);
	}
	return 0;
}

static int run_hostnamectl(struct sh *sh, int argc, char **argv)
{
	if (argc > 2 && (str_eq(argv[1], "set-hostname") || str_eq(argv[1], "hostname"))) {
		if (sh->uid)
			return say(sh, 1,
				   "Could not set property: Interactive authentication required.");
		set_hostname(sh->dev, argv[2], true);
		return 0;
	}
	if (argc > 1 && (str_eq(argv[1], "--static") || str_eq(argv[1], "hostname"))) {
		blob_printf(sh->out, "%s\n", sh->dev->hostname);
		return 0;
	}
	blob_printf(
	    sh->out,
	    "   Static hostname: %s\n         Icon name: computer-vm\n        Operating System: "
	    "Cumulus Linux\n            Kernel: Linux %s\n      Architecture: x86-64\n",
	    sh->dev->hostname, sh->dev->release->kernel);
	return 0;
}

static int run_uname(struct sh *sh, int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "-s";
	const char *kernel = sh->dev->release->kernel;
	if (strchr(option, 'a'))
		blob_printf(sh->out, "Linux %s %s #1 SMP %s %s x86_64 GNU/Linux\n",
			    sh->dev->hostname, kernel,
			    str_eq(sh->dev->release->os_id, "ubuntu") ? "Ubuntu" : "Cumulus", kernel);
	else
		blob_printf(sh->out, "%s\n",
			    strchr(option, 'r')      ? kernel
			    : strchr(option, 'n')    ? sh->dev->hostname
			    : strpbrk(option, "mpi") ? "x86_64"
						     : "Linux");
	return 0;
}

static int run_seq(struct sh *sh, int argc, char **argv)
{
	long from = argc > 2 ? atol(argv[1]) : 1, to = argc > 1 ? atol(argv[argc - 1]) : 0;
	for (long i = from; i <= to && sh_step(sh); i++)
		blob_printf(sh->out, "%ld\n", i);
	return 0;
}

static int run_name(struct sh *sh, int argc, char **argv)
{
	if (argc < 2)
		return say(sh, 1, "%s: missing operand", argv[0]);
	const char *slash = strrchr(argv[1], '/');
	if (argv[0][0] == 'b')
		blob_printf(sh->out, "%s\n", slash ? slash + 1 : argv[1]);
	else
		blob_printf(sh->out, "%.*s\n",
			    slash ? (slash == argv[1] ? 1 : (int)(slash - argv[1])) : 1,
			    slash ? argv[1] : ".");
	return 0;
}

static int run_ps(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_puts(sh->out, "  PID TTY          TIME CMD\n");
	for (int i = 0; i < SERVICES; i++)
		if (service_active(sh->dev, (enum service_id)i))
			blob_printf(sh->out, "%5d ?        00:00:01 %s\n", 400 + i,
				    service_rows[i].unit);
	if (sh->dev->installer)
		blob_printf(sh->out, "%5d ?        00:00:01 onie-install\n",
			    proc_id(sh->dev->installer));
	return 0;
}

static int run_xargs(struct sh *sh, int argc, char **argv)
{
	int i = 1;
	while (i < argc && argv[i][0] == '-')
		i += 1 + (strchr("nIP", argv[i][1]) && !argv[i][2]);
	struct blob *b = proc_input_all(sh->proc, sh->in);
	if (!b)
		return 137;
	fields_t words = {0};
	for (int k = i; k < argc; k++)
		VEC_PUSH(&words, xstrdup(argv[k]));
	if (i >= argc)
		VEC_PUSH(&words, xstrdup("echo"));
	size_t n;
	const char *data = blob_data(b, &n);
	char *text = xstrndup(data, n), **parts = str_split(text, " \t\n", NULL);
	for (char **p = parts; *p; p++)
		VEC_PUSH(&words, xstrdup(*p));
	VEC_PUSH(&words, NULL);
	int status = sh_run(sh, (int)words.n - 1, words.v);
	words.n--;
	free(parts);
	free(text);
	fields_release(&words);
	blob_unref(b);
	return status;
}

const struct command core_commands[] = {
    {.name = "sleep", .run = run_sleep, .path = "/bin"},
    {.name = "date", .run = run_date, .path = "/bin"},
    {.name = "uptime", .run = run_uptime},
    {.name = "id", .run = run_id},
    {.name = "whoami", .run = run_whoami},
    {.name = "hostname", .run = run_hostname, .path = "/bin"},
    {.name = "hostnamectl", .run = run_hostnamectl},
    {.name = "uname", .run = run_uname, .path = "/bin"},
    {.name = "sync", .run = run_nothing, .path = "/bin"},
    {.name = "logger", .run = run_nothing},
    {.name = "fsync", .run = run_nothing},
    {.name = "seq", .run = run_seq},
    {.name = "basename", .run = run_name},
    {.name = "dirname", .run = run_name},
    {.name = "ps", .run = run_ps, .path = "/bin"},
    {.name = "xargs", .run = run_xargs},
    {.name = "kill", .run = run_nothing, .path = "/bin"},
    {0},
};

/* --- users ------------------------------------------------------------------------------------ */
static int run_getent(struct sh *sh, int argc, char **argv)
{
	static const char *const bases[] = {"passwd", "shadow", "group", "hosts"};
	const char *path = NULL;
	char buf[32];
	for (size_t i = 0; argc > 1 && i < LEN(bases); i++) {
		if (str_eq(argv[1], bases[i])) {
			(void)snprintf(buf, sizeof(buf), "/etc/%s", bases[i]);
			path = buf;
		}
	}
	if (!path)
		return say(sh, 1, "getent: unknown database");
	struct blob *b =
	    str_eq(argv[1], "shadow") && sh->uid ? NULL : file_open(sh, path, "getent");
	size_t n = 0;
	const char *at = b ? blob_data(b, &n) : "", *end = at + n;
	struct str line = {0};
	int status = b ? 0 : 2;
	for (int i = 2; i < argc || i == 2; i++) {
		bool hit = argc < 3;
		const char *from = at;
		while (line_next(&from, end, &line)) {
			size_t k = i < argc ? strlen(argv[i]) : 0;
			bool mine = i >= argc || (strncmp(str_text(&line), argv[i], k) == 0 &&
						  line.buf[k] == ':');
			if (mine)
				blob_printf(sh->out, "%s\n", str_text(&line));
			hit |= mine;
		}
		status = hit ? status : 2;
	}
	str_release(&line);
	blob_unref(b);
	return status;
}

static long today(struct sh *sh)
{
	return (1604000000 + (long)(sh->lab->now / 1000)) / 86400;
}

static int run_usermod(struct sh *sh, int argc, char **argv)
{
	const char *hash = NULL, *user = argc > 1 ? argv[argc - 1] : "";
	for (int i = 1; i + 1 < argc; i++)
		if (str_eq(argv[i], "-p") || str_eq(argv[i], "--password"))
			hash = argv[++i];
	if (account_uid(sh->dev, user) < 0 ||
	    !account_set(sh->dev, user, hash, hash ? today(sh) : -1))
		return say(sh, 6, "usermod: user '%s' does not exist", user);
	return 0;
}

static int run_chpasswd(struct sh *sh, int argc, char **argv)
{
	bool encrypted = argc > 1 && (str_eq(argv[1], "-e") || str_eq(argv[1], "--encrypted"));
	struct blob *b = proc_input_all(sh->proc, sh->in);
	size_t n = 0;
	const char *at = b ? blob_data(b, &n) : "", *end = at + n;
	struct str line = {0};
	int status = 0;
	while (line_next(&at, end, &line)) {
		char *colon = strchr(str_text(&line), ':');
		if (!colon) {
			status = say(sh, 1, "chpasswd: line 1: missing new password");
			continue;
		}
		*colon = '\0';
		char *hash = encrypted ? xstrdup(colon + 1) : account_hash(colon + 1);
		if (!account_set(sh->dev, line.buf, hash, today(sh)))
			status = say(sh, 1, "chpasswd: (user %s) pam_chauthtok() failed", line.buf);
		free(hash);
	}
	str_release(&line);
	blob_unref(b);
	return status;
}

static int run_chage(struct sh *sh, int argc, char **argv)
{
	const char *user = argc > 1 ? argv[argc - 1] : "";
	long day = -1;
	for (int i = 1; i + 1 < argc; i++) {
		if (!str_eq(argv[i], "-d") && !str_eq(argv[i], "--lastday"))
			continue;
		const char *value = argv[++i];
		int year, month, date;
		if (sscanf(value, "%d-%d-%d", &year, &month, &date) == 3)
			day = today(sh);
		else
			day = atol(value);
	}
	if (argc > 1 && str_eq(argv[1], "-l")) {
		bool expired = lab_login_expired(sh->lab, (size_t)sh->dev->index, user);
		blob_printf(sh->out, "Last password change\t\t\t\t\t: %s\n",
			    expired ? "password must be changed" : "Oct 29, 2020");
		return 0;
	}
	if (!account_set(sh->dev, user, NULL, day))
		return say(sh, 1, "chage: user '%s' does not exist in /etc/passwd", user);
	return 0;
}

const struct command user_commands[] = {
    {.name = "getent", .run = run_getent},
    {.name = "usermod", .run = run_usermod, .path = "/usr/sbin", .root = true},
    {.name = "chpasswd", .run = run_chpasswd, .path = "/usr/sbin", .root = true},
    {.name = "chage", .run = run_chage, .path = "/usr/bin", .root = true},
    {0},
};
