/* SPDX-License-Identifier: ISC */
/* request system ..., file ...: packages, reboots and files. */
#include "config.h"

#include "lab/command.h"
#include "lab/junos_image.h"
#include "lab/junos_views.h"
#include "lab/srx.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALIDATE_MS = 90000, ADD_MS = 240000 };

bool junos_word(const char *line, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = line; (at = strstr(at, word)); at += n)
		if ((at == line || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

void junos_note(struct jcli *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	blob_puts(c->out, text);
	blob_puts(c->j->install_log, text);
	free(text);
}

/* --- packages ---------------------------------------------------------------------------------- */

struct node *junos_package(struct jcli *c, const char *line, struct junos_image *image)
{
	char *path = xstrndup(line, strcspn(line, " "));
	struct node *n = vfs_get(&c->dev->vfs, path);
	const char *why = NULL;
	if (!n || n->dir || !blob_size(n->blob)) {
		junos_note(c, "ERROR: package: %s is not found or empty\n", path);
		n = NULL;
	} else if (junos_image_read(n->blob, image, &why) != 0) {
		junos_note(c, "ERROR: %s: %s\nERROR: verification of package %s failed\n", path, why, path);
		n = NULL;
	} else if (!str_eq(image->family, c->dev->platform->image)) {
		junos_note(c, "ERROR: %s is not supported on this platform (%s)\n", path,
		     c->dev->platform->product);
		n = NULL;
	}
	free(path);
	return n;
}

bool junos_validate(struct jcli *c)
{
	junos_note(c, "Checking compatibility with configuration\nInitializing...\n"
		"Validating against /config/juniper.conf.gz\n");
	if (!proc_sleep(c->sh->proc, VALIDATE_MS))
		return false;
	if (fault_fire(c->dev, "validate-fails")) {
		junos_note(c, "mgd: error: configuration check-out failed\nValidation failed\n");
		return false;
	}
	junos_note(c, "mgd: commit complete\nValidation succeeded\n");
	return true;
}

static void software_validate(struct jcli *c, const char *line)
{
	static const char issu[] = "in-service-upgrade ";
	struct junos_image image;
	if (str_starts(line, issu))
		line += sizeof(issu) - 1;
	if (junos_package(c, line, &image))
		(void)junos_validate(c);
}

/* Where the switch is a guest its host has the new image, and only the log of installs tells. */
static void staged_by_host(struct jcli *c, const char *version)
{
	junos_note(c,
		   "upgrade_platform: Staging of /var/tmp/jinstall-%s-junos-%s-secure-linux.tgz completed\n"
		   "upgrade_platform: System need *REBOOT* to complete the upgrade\n\n"
		   "Host OS upgrade staged. Reboot the system to complete installation!\n\n"
		   "Install completed\n",
		   c->dev->platform->image, version);
	lab_log(c->dev->lab, c->dev, "staged", "%s", version);
}

static void staged(struct jcli *c, const char *version)
{
	free(c->j->pending);
	c->j->pending = xstrdup(version);
	if (fault_on(c->dev, "staged-by-host")) {
		staged_by_host(c, version);
		return;
	}
	junos_note(c,
		   "Verified %s signed by PackageProductionECP256_2024 method ECDSA256+SHA256\n%s",
		   version,
		   junos_vmhost(c->dev->platform)
			   ? "A REBOOT IS REQUIRED TO LOAD THIS SOFTWARE CORRECTLY.\n"
			     "Use the 'request vmhost reboot' command to reboot the system.\n"
			   : "Saving state for rollback ...\n"
			     "NOTICE: 'pending' set will be activated at next reboot...\n");
	lab_log(c->dev->lab, c->dev, "staged", "%s", version);
}

static void log_command(struct jcli *c, const char *line)
{
	char at[64];
	blob_printf(c->j->install_log, "%s mgd[17221]: /usr/libexec/ui/package -X update %s\n",
		    junos_time(c->dev->lab->now, at), line);
}

static void software_add(struct jcli *c, const char *line)
{
	struct junos_image image;
	struct node *n = junos_package(c, line, &image);
	if (!n)
		return;
	if (c->j->adding) {
		junos_note(c, "ERROR: Another package installation in progress\n");
		return;
	}
	bool on_host = fault_on(c->dev, "staged-by-host");
	if (c->j->pending && !on_host && !junos_word(line, "force")) {
		junos_note(c, "There is already an install pending.\n"
			"    Use the 'request system reboot' command to complete the install,\n"
			"    or the 'request system software rollback' command to back it out.\n");
		return;
	}
	int64_t need = blob_size(n->blob);
	if (vfs_free(&c->dev->vfs) < need) {
		junos_note(c, "ERROR: insufficient space for /packages/db/%s/contents\n"
			"ERROR: insufficient space\n",
		     image.version);
		return;
	}
	fault_moment(c->dev, "install");
	lab_log(c->dev->lab, c->dev, "install", "%s", image.version);
	log_command(c, line);
	c->j->adding = true;
	free(c->j->adding_file);
	c->j->adding_file = xstrndup(line, strcspn(line, " "));
	c->dev->installer = c->sh->proc;
	bool good = junos_word(line, "no-validate") || junos_validate(c);
	if (good && fault_fire(c->dev, "install-hangs"))
		proc_hang(c->sh->proc);
	good = good && proc_sleep(c->sh->proc, ADD_MS);
	c->j->adding = false;
	c->dev->installer = NULL;
	if (good && fault_fire(c->dev, "install-fails"))
		junos_note(c, "ERROR: %s fails requirements check\nInstallation failed for package\n",
		     image.version);
	else if (good)
		staged(c, image.version);
	if (good && junos_word(line, "unlink"))
		(void)vfs_remove(&c->dev->vfs, n->path);
	if (good && c->j->pending && junos_word(line, "reboot"))
		c->j->reboot_at = c->dev->lab->now;
}

static void host_rollback(struct jcli *c)
{
	const char *to = c->j->other, *family = c->dev->platform->image;
	if (!to) {
		junos_note(c, "error: no image is available for rollback\n");
		return;
	}
	free(c->j->pending);
	c->j->pending = xstrdup(to);
	junos_note(c,
		   "Initiating rollback on the Host.\nRolling back to %s-%s image\n\n"
		   "Rollback staged to image %s-%s.\nReboot the system to complete installation!\n",
		   family, to, family, to);
	lab_log(c->dev->lab, c->dev, "rollback", "%s", to);
}

static void software_rollback(struct jcli *c, const char *line)
{
	(void)line;
	if (c->j->adding) {
		junos_note(c, "ERROR: Another package installation in progress\n");
	} else if (fault_on(c->dev, "staged-by-host")) {
		host_rollback(c);
	} else if (c->j->pending) {
		free(c->j->pending);
		c->j->pending = NULL;
		junos_note(c, "NOTICE: The 'pending' set has been removed\n");
	} else if (c->j->other && !fault_on(c->dev, "no-rollback")) {
		c->j->pending = xstrdup(c->j->other);
		junos_note(c, "Junos version '%s' will become active at next reboot\n", c->j->other);
		lab_log(c->dev->lab, c->dev, "rollback", "%s", c->j->other);
	} else {
		junos_note(c, "WARNING: Cannot rollback, /packages/junos is not valid\n");
	}
}

static bool scheduled(struct jcli *c)
{
	if (c->j->reboot_at >= 0)
		blob_puts(c->out, "error: a reboot is scheduled already\n");
	return c->j->reboot_at >= 0;
}

static void reboot(struct jcli *c, const char *line)
{
	long minutes = str_starts(line, "in ") ? atol(line + 3) : 0;
	if (scheduled(c))
		return;
	if (!junos_ask(c, "Reboot the system ?"))
		return;
	c->j->reboot_at = c->dev->lab->now + minutes * 60000;
	blob_puts(c->out, minutes ? "Shutdown at the time given\n[pid 17221]\n"
				  : "Shutdown NOW!\n[pid 17221]\n");
}

/* Only where Junos runs on a host. */
static bool on_vmhost(struct jcli *c)
{
	bool is = junos_vmhost(c->dev->platform);
	if (!is)
		blob_puts(c->out, "error: command is not valid on this device\n");
	return is;
}

static void vmhost_add(struct jcli *c, const char *line)
{
	if (on_vmhost(c))
		software_add(c, line);
}

static void vmhost_validate(struct jcli *c, const char *line)
{
	if (on_vmhost(c))
		software_validate(c, line);
}

static void vmhost_rollback(struct jcli *c, const char *line)
{
	if (on_vmhost(c))
		software_rollback(c, line);
}

static void vmhost_reboot(struct jcli *c, const char *line)
{
	(void)line;
	if (!on_vmhost(c) || scheduled(c))
		return;
	c->j->reboot_at = c->dev->lab->now;
	blob_puts(c->out, "Initiating vmhost reboot...\nRebooting re0\n");
}

static void reboot_clear(struct jcli *c, const char *line)
{
	(void)line;
	c->j->reboot_at = -1;
	blob_puts(c->out, "reboot cancelled\n");
}

/* Deletes what packages are in /var/tmp: never between a copy and its install. */
static void cleanup(struct jcli *c, const char *line)
{
	bool dry = junos_word(line, "dry-run");
	size_t at = 0;
	struct node *n;
	blob_puts(c->out, "\nList of files to delete:\n\n         Size Date         Name\n");
	while ((n = vfs_entry(&c->dev->vfs, "/var/tmp", &at)))
		blob_printf(c->out, "%12lldB Nov  1 10:00 %s\n", (long long)blob_size(n->blob),
			    n->path);
	for (at = 0; !dry && (n = vfs_entry(&c->dev->vfs, "/var/tmp", &at)); at = 0)
		(void)vfs_remove(&c->dev->vfs, n->path);
}

static void snapshot(struct jcli *c, const char *line)
{
	(void)line;
	(void)proc_sleep(c->sh->proc, 60000);
	blob_puts(c->out, "Snapshot completed\n");
}

static void rescue(struct jcli *c, const char *line)
{
	(void)c, (void)line;
}

struct request {
	const char *words;
	void (*run)(struct jcli *c, const char *rest);
};

static bool run_of(const struct request *rows, size_t n, struct jcli *c, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(rows[i].words);
		if (strncmp(rows[i].words, line, length) != 0 || (line[length] && line[length] != ' '))
			continue;
		rows[i].run(c, line + length + (line[length] == ' '));
		return true;
	}
	return false;
}

bool junos_request(struct jcli *c, const char *line)
{
	static const struct request rows[] = {
		{"request system software add", software_add},
		{"request system software validate", software_validate},
		{"request system software rollback", software_rollback},
		{"request system reboot", reboot},
		{"request vmhost software add", vmhost_add},
		{"request vmhost software validate", vmhost_validate},
		{"request vmhost software rollback", vmhost_rollback},
		{"request vmhost reboot", vmhost_reboot},
		{"clear system reboot", reboot_clear},
		{"request system storage cleanup", cleanup},
		{"request system snapshot", snapshot},
		{"request system configuration rescue save", rescue},
	};
	return srx_request(c, line) || run_of(rows, LEN(rows), c, line);
}

/* --- files ------------------------------------------------------------------------------------- */
static void checksum(struct jcli *c, const char *line, const char *shown, const EVP_MD *md)
{
	struct node *n = vfs_get(&c->dev->vfs, line);
	if (!n || n->dir) {
		blob_printf(c->out, "error: stat: %s: No such file or directory\n", line);
		return;
	}
	size_t size;
	const char *data = blob_data(n->blob, &size);
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (EVP_Digest(data, size, sum, &length, md, NULL) != 1)
		length = 0;
	blob_printf(c->out, "%s (%s) = ", shown, line);
	for (unsigned i = 0; i < length; i++)
		blob_printf(c->out, "%02x", sum[i]);
	blob_puts(c->out, "\n");
}

static void sha256(struct jcli *c, const char *line)
{
	checksum(c, line, "SHA256", EVP_sha256());
}

static void sha1(struct jcli *c, const char *line)
{
	checksum(c, line, "SHA1", EVP_sha1());
}

static void md5(struct jcli *c, const char *line)
{
	checksum(c, line, "MD5", EVP_md5());
}

static void file_list(struct jcli *c, const char *line)
{
	char *path = xstrndup(line, strcspn(line, " "));
	size_t n = strlen(path), at = 0, total = 0;
	struct node *node;
	if (n > 1 && path[n - 1] == '/')
		path[n - 1] = '\0';
	node = vfs_get(&c->dev->vfs, path);
	if (!node)
		blob_printf(c->out, "%s: No such file or directory\n", path);
	else if (!node->dir)
		blob_printf(c->out, "-rw-r--r--  1 admin  staff  %lld Nov  1 10:00 %s\n",
			    (long long)blob_size(node->blob), path);
	else
		blob_printf(c->out, "\n%s:\n", path);
	while (node && node->dir && (node = vfs_entry(&c->dev->vfs, path, &at))) {
		blob_printf(c->out, "-rw-r--r--  1 admin  staff  %lld Nov  1 10:00 %s\n",
			    (long long)(node->blob ? blob_size(node->blob) : 512),
			    strrchr(node->path, '/') + 1);
		total++;
		node = vfs_get(&c->dev->vfs, path);
	}
	if (total)
		blob_printf(c->out, "total files: %zu\n", total);
	free(path);
}

static void file_delete(struct jcli *c, const char *line)
{
	struct node *n = vfs_get(&c->dev->vfs, line);
	if (!n || n->dir)
		blob_printf(c->out, "error: %s: No such file or directory\n", line);
	else
		(void)vfs_remove(&c->dev->vfs, n->path);
}

bool junos_file(struct jcli *c, const char *line)
{
	static const struct request rows[] = {
		{"file checksum sha-256", sha256},
		{"file checksum sha1", sha1},
		{"file checksum md5", md5},
		{"file list", file_list},
		{"file delete", file_delete},
	};
	return run_of(rows, LEN(rows), c, line);
}
