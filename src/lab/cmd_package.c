/* SPDX-License-Identifier: ISC */
/* apt-get and dpkg: the package upgrade, and local .deb files of the NetQ agent. */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The newest release that the repository of this train carries. */
static void newest(const struct device *dev, char text[32])
{
	int major = 0, minor = 0, patch = 0;
	(void)sscanf(dev->version, "%d.%d.%d", &major, &minor, &patch);
	(void)snprintf(text, 32, "%d.%d.%d", major, minor,
		       major == 3 ? (patch > 12 ? patch : 12) : patch + 1);
}

static int lock_error(struct sh *sh)
{
	return say(sh, 100,
		   "E: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource "
		   "temporarily unavailable)\n"
		   "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is "
		   "another process using it?");
}

static bool take_lock(struct sh *sh)
{
	struct device *dev = sh->dev;
	if ((dev->apt && dev->apt != sh->proc) || fault_fire(dev, "apt-locked"))
		return false;
	dev->apt = sh->proc;
	return true;
}

static int apt_update(struct sh *sh)
{
	if (!take_lock(sh))
		return lock_error(sh);
	blob_puts(sh->out,
		  "Hit:1 http://repo3.cumulusnetworks.com/repo CumulusLinux-4 InRelease\n");
	bool on = proc_sleep(sh->proc, 6000);
	sh->dev->apt = NULL;
	blob_puts(sh->out, "Reading package lists... Done\n");
	return on ? 0 : 137;
}

static const char *const changed[] = {"frr", "ifupdown2", "switchd", "clag", "lldpd"};

static void apt_plan(struct sh *sh, bool nothing)
{
	blob_puts(sh->out, "Reading package lists... Done\nBuilding dependency tree... "
			   "Done\nCalculating upgrade... Done\n");
	if (!nothing) {
		blob_puts(sh->out, "The following packages will be upgraded:\n ");
		for (size_t i = 0; i < LEN(changed); i++)
			blob_printf(sh->out, " %s", changed[i]);
		blob_puts(sh->out, "\n");
	}
	blob_printf(sh->out, "%zu upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n",
		    nothing ? 0 : LEN(changed));
}

/* lsb-release and os-release follow the packages; image-release does not. */
static void apt_done(struct sh *sh, const char *version)
{
	struct device *dev = sh->dev;
	char *text =
	    xasprintf("DISTRIB_ID=\"Cumulus "
		      "Linux\"\nDISTRIB_RELEASE=%s\nDISTRIB_DESCRIPTION=\"Cumulus Linux %s\"\n",
		      version, version);
	vfs_put_text(&dev->vfs, "/etc/lsb-release", text, 0644, sh->lab->now);
	free(text);
	text = xasprintf("NAME=\"Cumulus Linux\"\nVERSION_ID=%s\nVERSION=\"Cumulus Linux "
			 "%s\"\nPRETTY_NAME=\"Cumulus Linux\"\nID=cumulus-linux\nID_LIKE=debian\n",
			 version, version);
	vfs_put_text(&dev->vfs, "/etc/os-release", text, 0644, sh->lab->now);
	free(text);
	free(dev->version);
	dev->version = xstrdup(version);
	blob_puts(
	    sh->out,
	    "*** Caution: Service restart prior to reboot could cause unpredictable behavior\n"
	    "*** System reboot required ***\n");
	vfs_put_text(&dev->vfs, "/run/reboot-required", "*** System reboot required ***\n", 0644,
		     sh->lab->now);
	lab_log(sh->lab, dev, "packages-upgraded", "%s", version);
}

static int apt_upgrade(struct sh *sh, bool dry)
{
	char version[32];
	newest(sh->dev, version);
	bool nothing = strcmp(version, sh->dev->version) == 0;
	if (dry) {
		apt_plan(sh, nothing);
		for (size_t i = 0; i < LEN(changed) && !nothing; i++)
			blob_printf(sh->out, "Inst %s [%s] (%s Cumulus Linux:%s [amd64])\n",
				    changed[i], sh->dev->version, version, version);
		return 0;
	}
	if (!take_lock(sh))
		return lock_error(sh);
	apt_plan(sh, nothing);
	int status = 0;
	for (size_t i = 0; i < LEN(changed) && !nothing && !status; i++) {
		blob_printf(sh->out, "Setting up %s (%s-cl) ...\n", changed[i], version);
		status = proc_sleep(sh->proc, 9000 + lab_jitter(sh->dev, 6000)) ? 0 : 137;
	}
	sh->dev->apt = NULL;
	if (!status && !nothing)
		apt_done(sh, version);
	return status;
}

static int dpkg_install(struct sh *sh, const char *path);

static int run_apt(struct sh *sh, int argc, char **argv)
{
	bool dry = false;
	const char *verb = "", *package = NULL;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--dry-run") || str_eq(argv[i], "-s"))
			dry = true;
		else if (str_eq(argv[i], "-o"))
			i++;
		else if (argv[i][0] != '-' && !*verb)
			verb = argv[i];
		else if (argv[i][0] != '-')
			package = argv[i];
	}
	if (sh->uid && !dry)
		return say(sh, 100,
			   "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: "
			   "Permission denied)");
	if (str_eq(verb, "update"))
		return apt_update(sh);
	if (str_eq(verb, "upgrade"))
		return apt_upgrade(sh, dry);
	if (str_eq(verb, "install") && package)
		return strchr(package, '/') ? dpkg_install(sh, package) : 0;
	return say(sh, 100, "E: Invalid operation %s", verb);
}

/* --- dpkg ------------------------------------------------------------------------------------- */
/* netq-agent_3.3.1-cl4u32_..._amd64.deb: name and version come from the file's own text. */
static int dpkg_install(struct sh *sh, const char *path)
{
	struct blob *b = file_open(sh, path, "dpkg: error: cannot access archive");
	if (!b)
		return 1;
	size_t n;
	const char *data = blob_data(b, &n);
	const char *control = memmem(data, n < 4096 ? n : 4096, "Package: ", 9);
	char *text = control ? xstrndup(control, n - (size_t)(control - data)) : xstrdup("");
	const char *package = control ? text : NULL, *version = strstr(text, "\nVersion: ");
	int status = 0;
	if (n < 8 || memcmp(data, "!<arch>\n", 8) != 0 || !package || !version) {
		status = say(sh, 2, "dpkg-deb: error: '%s' is not a Debian format archive", path);
	} else if (!take_lock(sh)) {
		status = lock_error(sh);
	} else {
		char *name = xstrndup(package + 9, strcspn(package + 9, "\n"));
		char *v = xstrndup(version + 10, strcspn(version + 10, "\n"));
		status = proc_sleep(sh->proc, 3000) ? 0 : 137;
		sh->dev->apt = NULL;
		struct str out = {0}, line = {0};
		const char *at = vfs_text(&sh->dev->vfs, "/var/lib/dpkg/status"),
			   *end = at + strlen(at);
		while (line_next(&at, end, &line))
			if (strncmp(str_text(&line), name, strlen(name)) != 0 ||
			    line.buf[strlen(name)] != ' ')
				str_printf(&out, "%s\n", str_text(&line));
		str_printf(&out, "%s %s\n", name, v);
		if (!status)
			vfs_put_text(&sh->dev->vfs, "/var/lib/dpkg/status", str_text(&out), 0644,
				     sh->lab->now);
		blob_printf(sh->out, "Unpacking %s (%s) ...\nSetting up %s (%s) ...\n", name, v,
			    name, v);
		str_release(&line);
		str_release(&out);
		free(name);
		free(v);
	}
	free(text);
	blob_unref(b);
	return status;
}

struct query {
	const char *format, *name;
	bool list;
};

static void query_line(struct sh *sh, const struct query *q, const char *name, const char *version)
{
	if (q->list) {
		blob_printf(sh->out, "ii  %-20s %-30s amd64        %s\n", name, version, name);
		return;
	}
	for (const char *c = q->format; *c;) {
		size_t n = strcspn(c, "}") + 1;
		if (str_starts(c, "${Package}") || str_starts(c, "${binary:Package}")) {
			blob_puts(sh->out, name);
			c += n;
		} else if (str_starts(c, "${Version}")) {
			blob_puts(sh->out, version);
			c += n;
		} else if (str_starts(c, "${Status}")) {
			blob_puts(sh->out, "install ok installed");
			c += n;
		} else if (str_starts(c, "${db:Status-Abbrev}")) {
			blob_puts(sh->out, "ii ");
			c += n;
		} else if (str_starts(c, "\\n")) {
			blob_puts(sh->out, "\n");
			c += 2;
		} else {
			blob_add(sh->out, c++, 1);
		}
	}
}

static int dpkg_query(struct sh *sh, const struct query *q)
{
	const char *at = vfs_text(&sh->dev->vfs, "/var/lib/dpkg/status"), *end = at + strlen(at);
	struct str line = {0};
	bool any = false;
	if (q->list)
		blob_puts(sh->out,
			  "Desired=Unknown/Install/Remove/Purge/Hold\n||/ Name                 "
			  "Version                        Architecture Description\n");
	while (line_next(&at, end, &line)) {
		char *space = strchr(str_text(&line), ' ');
		if (!space)
			continue;
		*space = '\0';
		if (q->name && !word_match(q->name, line.buf))
			continue;
		query_line(sh, q, line.buf, space + 1);
		any = true;
	}
	str_release(&line);
	return any ? 0
		   : say(sh, 1, "dpkg-query: no packages found matching %s",
			 q->name ? q->name : "");
}

static int run_dpkg(struct sh *sh, int argc, char **argv)
{
	struct query q = {.format = "${Package}\t${Version}\\n"};
	bool install = false, show = strstr(argv[0], "dpkg-query") != NULL;
	int status = 0;
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if (str_eq(a, "--print-architecture")) {
			blob_printf(sh->out, "%s\n", sh->dev->platform->arch);
			return 0;
		}
		if (str_eq(a, "-i") || str_eq(a, "--install"))
			install = true;
		else if (str_eq(a, "-l") || str_eq(a, "--list"))
			q.list = show = true;
		else if ((str_eq(a, "-f") || str_eq(a, "--showformat")) && i + 1 < argc)
			q.format = argv[++i];
		else if (str_starts(a, "-f") || str_starts(a, "--showformat="))
			q.format = a + (a[1] == '-' ? 13 : 2);
		else if (str_eq(a, "--verify") || str_eq(a, "-V") || str_eq(a, "--configure"))
			return 0;
		else if (a[0] == '-')
			show |= str_starts(a, "-W") || str_eq(a, "--show");
		else if (install && !status)
			status = sh->uid ? say(sh, 2,
					       "dpkg: error: requested operation requires "
					       "superuser privilege")
					 : dpkg_install(sh, a);
		else
			q.name = a;
	}
	return show && !install ? dpkg_query(sh, &q) : status;
}

const struct command package_commands[] = {
    {.name = "apt-get", .run = run_apt},
    {.name = "apt", .run = run_apt},
    {.name = "dpkg", .run = run_dpkg},
    {.name = "dpkg-query", .run = run_dpkg},
    {0},
};
