/* SPDX-License-Identifier: ISC */
/* Installer images (a script with a payload behind it), onie-install and onie-select. */
#include "config.h"

#include "lab/onie.h"

#include "lab/command.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char payload_mark[] = "\nexit_marker\n";

static void sha256_hex(const char *data, size_t n, char hex[65])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	hex[0] = '\0';
	if (EVP_Digest(data, n, sum, &length, EVP_sha256(), NULL) != 1)
		return;
	for (int i = 0; i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/* The payload: not random, not all the same, quick to make. */
static void payload(struct str *out, uint64_t seed, size_t n)
{
	uint64_t state = seed;
	while (n) {
		uint64_t word = lab_random(&state);
		size_t part = n < sizeof(word) ? n : sizeof(word);
		str_add(out, &word, part);
		n -= part;
	}
}

void image_make(struct str *out, const char *version, const struct platform *p, size_t size)
{
	struct str body = {0};
	uint64_t seed = 7;
	for (const char *c = version; *c; c++)
		seed = seed * 31 + (unsigned char)*c;
	payload(&body, seed, size > 4096 ? size - 2048 : 2048);
	char hex[65];
	sha256_hex(str_text(&body), body.len, hex);
	str_printf(
	    out,
	    "#!/bin/bash\n# Cumulus Linux installer\nset -e\n"
	    "CL_INSTALLER_PAYLOAD_SHA256=\"%s\"\nCL_INSTALLER_PASSWORD=\"\"\n"
	    "CL_INSTALLER_HASHED_PASSWORD=\"\"\nCL_INSTALLER_LICENSE=\"\"\n"
	    "CL_INSTALLER_INTERFACES_FILENAME=\"\"\nCL_INSTALLER_ZTP_FILENAME=\"\"\n"
	    ": <<'CONTROL'\nDescription: Cumulus Linux %s\nRelease: %s\nArchitecture: %s\n"
	    "Switch-Architecture: %s-%s\nBuild-Id: dirtyz%.8s\nBuild-Date: 2020-07-14T23:51+00:00\n"
	    "Homepage: http://www.cumulusnetworks.com/\nMin-Disk-Size: 1073741824\n"
	    "Min-Ram-Size: 536870912\nmkimage-version: 0.11.110_g1f2f4f4\narch: x86_64\nCONTROL\n"
	    "sed -e '1,/^exit_marker$/d' \"$0\" | tar xf -%s",
	    hex, version, version, p->arch, p->image, p->arch, hex, payload_mark);
	str_add(out, body.buf, body.len);
	str_release(&body);
}

/* "Key: value" or KEY="value" at the start of a line of the head. */
static bool head_value(const char *head, size_t n, const char *key, char *value, size_t size)
{
	const char *at = memmem(head, n, key, strlen(key));
	if (!at || (at > head && at[-1] != '\n'))
		return false;
	at += strlen(key);
	at += strspn(at, " \"");
	(void)snprintf(value, size, "%.*s", (int)strcspn(at, "\"\n\r"), at);
	return *value != '\0';
}

int image_read(const struct blob *image, struct image_head *h, const char **why)
{
	size_t n;
	const char *data = blob_data(image, &n), *mark;
	size_t head = n < 65536 ? n : 65536;
	char disk[32] = "0";
	memset(h, 0, sizeof(*h));
	*why = "not an installer";
	if (n < 64 || memcmp(data, "#!", 2) != 0)
		return -1;
	mark = memmem(data, head, payload_mark, sizeof(payload_mark) - 1);
	*why = "no payload";
	if (!mark)
		return -1;
	h->payload_at = mark - data + (int64_t)sizeof(payload_mark) - 1;
	head = (size_t)(mark - data);
	char *text = xstrndup(data, head);
	bool ok =
	    head_value(text, head, "Release: ", h->release, sizeof(h->release)) &&
	    head_value(text, head, "CL_INSTALLER_PAYLOAD_SHA256=", h->sha256, sizeof(h->sha256)) &&
	    head_value(text, head, "Switch-Architecture: ", h->switch_arch, sizeof(h->switch_arch));
	(void)head_value(text, head, "Architecture: ", h->arch, sizeof(h->arch));
	(void)head_value(text, head, "Min-Disk-Size: ", disk, sizeof(disk));
	h->min_disk = atoll(disk);
	free(text);
	*why = "no control file";
	return ok ? 0 : -1;
}

bool image_intact(const struct blob *image, const struct image_head *h)
{
	size_t n;
	const char *data = blob_data(image, &n);
	char hex[65];
	if ((int64_t)n < h->payload_at)
		return false;
	sha256_hex(data + h->payload_at, n - (size_t)h->payload_at, hex);
	return strcmp(hex, h->sha256) == 0;
}

void onie_cancel(struct device *dev)
{
	dev->install_pending = false;
	(void)vfs_remove(&dev->vfs, STAGED_IMAGE);
	(void)vfs_remove(&dev->vfs, STAGED_ZTP);
}

/* What a DHCP server of the site hands out where nobody staged a script: the same login as before,
 * with host keys of the new system's own. */
static char *site_script(struct device *dev)
{
	char *hash = account_hash(dev->lab->password);
	char *text = xasprintf("#!/bin/bash\n# CUMULUS-AUTOPROVISIONING\n"
			       "mkdir -p /home/cumulus/.ssh\n"
			       "echo '%s' >/home/cumulus/.ssh/authorized_keys\n"
			       "chown -R cumulus /home/cumulus/.ssh\n"
			       "chmod 700 /home/cumulus/.ssh\n"
			       "chmod 600 /home/cumulus/.ssh/authorized_keys\n"
			       "echo 'cumulus ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/10_cumulus\n"
			       "chmod 440 /etc/sudoers.d/10_cumulus\n"
			       "chpasswd -e <<'END'\ncumulus:%s\nEND\nexit 0\n",
			       dev->lab->operator_public, hash);
	free(hash);
	return text;
}

/* Runs in ONIE: from here on nothing of the old system is left but what came in the image. */
void onie_install_now(struct device *dev)
{
	struct image_head head = {0};
	const char *why;
	struct node *image = vfs_get(&dev->vfs, STAGED_IMAGE),
		    *ztp = vfs_get(&dev->vfs, STAGED_ZTP);
	struct blob *script = ztp ? blob_share(ztp->blob) : NULL;
	dev->install_pending = false;
	if (!image || image_read(image->blob, &head, &why)) {
		blob_unref(script);
		return;
	}
	factory_install(dev, head.release);
	if (script)
		vfs_put(&dev->vfs, ZTP_SCRIPT, script, 0755, dev->lab->now);
	if (!script && fault_get(dev, "site-ztp", false)) {
		char *text = site_script(dev);
		vfs_put_text(&dev->vfs, ZTP_SCRIPT, text, 0755, dev->lab->now);
		free(text);
	}
	lab_log(dev->lab, dev, "installed", "%s", head.release);
}

/* --- onie-install ----------------------------------------------------------------------------- */
struct install {
	bool activate, force;
	const char *image, *ztp, *startup;
};

static bool install_options(struct install *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return false;
		for (const char *c = argv[i] + 1; *c; c++) {
			const char **value = *c == 'i'   ? &o->image
					     : *c == 'z' ? &o->ztp
					     : *c == 't' ? &o->startup
							 : NULL;
			o->activate |= *c == 'a';
			o->force |= *c == 'f';
			if (!value && !strchr("afh", *c))
				return false;
			if (!value)
				continue;
			if (!c[1] && i + 1 >= argc)
				return false;
			*value = c[1] ? c + 1 : argv[++i];
			break;
		}
	}
	return true;
}

/* The image itself; a URL is a file of the device's own imagination: never there. */
static struct blob *fetch(struct sh *sh, const char *from)
{
	if (strstr(from, "://") && !str_starts(from, "file://")) {
		if (!proc_sleep(sh->proc, 5000))
			return NULL;
		(void)say(
		    sh, 1,
		    "curl: (7) Failed to connect: No route to host\nUnable to fetch installer: %s",
		    from);
		return NULL;
	}
	const char *path = str_starts(from, "file://") ? from + 7 : from;
	if (!file_exists(sh, path, NULL, NULL)) {
		(void)say(sh, 1, "Unable to find installer: %s", from);
		return NULL;
	}
	return file_open(sh, path, "onie-install");
}

static int check_image(struct sh *sh, struct blob *image)
{
	struct image_head head;
	const char *why;
	struct device *dev = sh->dev;
	char wanted[48];
	if (image_read(image, &head, &why))
		return say(sh, 1, "ONIE: Invalid image: %s", why);
	(void)snprintf(wanted, sizeof(wanted), "%s-%s", dev->platform->image, dev->platform->arch);
	bool mellanox = str_starts(wanted, "mlx-") && str_starts(head.switch_arch, "mlnx-");
	if (strcmp(head.switch_arch, wanted) != 0 && !mellanox)
		return say(sh, 1, "ONIE: Invalid image: this installer is for %s, the switch is %s",
			   head.switch_arch, wanted);
	if (!image_intact(image, &head))
		return say(
		    sh, 1,
		    "Verifying image checksum ...failed.\nONIE: Invalid image: checksum mismatch");
	return 0;
}

static int stage(struct sh *sh, struct blob *image)
{
	struct device *dev = sh->dev;
	blob_puts(sh->out, "Staging installer image...");
	if (!proc_sleep(sh->proc, 4000 + lab_jitter(dev, 4000)))
		return 137;
	if (fault_fire(dev, "install-hangs"))
		proc_hang(sh->proc);
	if (!sh_alive(sh))
		return 137;
	if (fault_fire(dev, "install-fails")) {
		blob_puts(sh->out, "failed.\n");
		return say(sh, 1, "Failure: could not stage installer image: Input/output error");
	}
	if (vfs_free(&dev->vfs) < blob_size(image)) {
		blob_puts(sh->out, "failed.\n");
		return say(sh, 1, "cp: error writing '" STAGED_IMAGE "': No space left on device");
	}
	vfs_put(&dev->vfs, STAGED_IMAGE, blob_share(image), 0755, dev->lab->now);
	blob_puts(sh->out, "done.\n");
	(void)vfs_remove(&dev->vfs, STAGED_ZTP);
	return 0;
}

static int stage_ztp(struct sh *sh, const char *path)
{
	struct blob *script = file_open(sh, path, "onie-install");
	if (!script)
		return 1;
	size_t n;
	const char *text = blob_data(script, &n);
	if (!memmem(text, n, "CUMULUS-AUTOPROVISIONING", 24)) {
		blob_unref(script);
		return say(sh, 1,
			   "ZTP script %s does not contain the CUMULUS-AUTOPROVISIONING flag",
			   path);
	}
	blob_puts(sh->out, "Adding ZTP script...");
	vfs_put(&sh->dev->vfs, STAGED_ZTP, script, 0755, sh->lab->now);
	blob_puts(sh->out, "done.\n");
	return 0;
}

static int confirm(struct sh *sh, bool force)
{
	if (force)
		return 0;
	blob_puts(
	    sh->out,
	    "WARNING: Operating System install requested.\nWARNING: This will wipe out all system "
	    "data.\n\nAre you sure (y/N)? ");
	char answer = 'n';
	if (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &answer, 1))
		sh->in->at++;
	return answer == 'y' || answer == 'Y' ? 0 : say(sh, 1, "\nAborting.");
}

static int run_onie_install(struct sh *sh, int argc, char **argv)
{
	struct install o = {0};
	struct device *dev = sh->dev;
	if (!install_options(&o, argc, argv) || !o.image)
		return say(sh, 1,
			   "Usage: onie-install [-f] [-a] [-h] -i <image location> [-z <ztp>] [-t "
			   "<startup.yaml>]");
	if (dev->installer && dev->installer != sh->proc)
		return say(sh, 1, "onie-install: another install is in progress");
	int status = confirm(sh, o.force);
	if (status)
		return status;
	dev->installer = sh->proc;
	fault_moment(dev, "install");
	lab_log(dev->lab, dev, "install-started", "%s", o.image);
	blob_printf(sh->out, "Fetching installer: %s\n", o.image);
	struct blob *image = fetch(sh, o.image);
	status = image ? check_image(sh, image) : 1;
	if (!status)
		status = stage(sh, image);
	if (!status && o.ztp)
		status = stage_ztp(sh, o.ztp);
	if (!status && o.activate) {
		blob_puts(sh->out, "Activating staged installer...");
		if (!proc_sleep(sh->proc, 1500))
			status = 137;
	}
	if (!status && o.activate) {
		dev->install_pending = true;
		blob_puts(sh->out, "done.\n");
	}
	if (!status) {
		blob_puts(sh->out, o.activate ? "Reboot required to take effect.\n" : "");
		lab_log(dev->lab, dev, "install-staged", "%s", o.image);
	}
	blob_unref(image);
	if (dev->installer == sh->proc)
		dev->installer = NULL;
	return status;
}

static int run_onie_select(struct sh *sh, int argc, char **argv)
{
	struct device *dev = sh->dev;
	char all[64] = "";
	for (int i = 1; i < argc; i++)
		(void)snprintf(all + strlen(all), sizeof(all) - strlen(all), "%.20s",
			       argv[i] + (argv[i][0] == '-'));
	if (strchr(all, 'c')) {
		blob_puts(sh->out, "Cancelling pending install at next reboot...");
		onie_cancel(dev);
		lab_log(dev->lab, dev, "install-cancelled", "%s", "onie-select -c");
		blob_puts(sh->out, "done.\n");
		return 0;
	}
	if (!strchr(all, 'i'))
		return say(sh, 1, "Usage: onie-select [-i | -r | -k] [-f] [-c]");
	int status = confirm(sh, strchr(all, 'f') != NULL);
	if (status)
		return status;
	dev->install_pending = vfs_get(&dev->vfs, STAGED_IMAGE) != NULL;
	blob_puts(sh->out,
		  "Enabling install at next reboot...done.\nReboot required to take effect.\n");
	return 0;
}

/* cl-img-select of 2.x: -fr, ONIE at the next boot. */
static int run_img_select(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	return say(sh, 1, "cl-img-select: use onie-install or onie-select");
}

/* /path/to/image.bin info | verify */
int onie_image_run(struct sh *sh, struct blob *image, int argc, char **argv)
{
	struct image_head h;
	const char *why;
	if (image_read(image, &h, &why))
		return RUN_AS_SCRIPT;
	const char *verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "info") != 0 && strcmp(verb, "verify") != 0)
		return say(sh, 1, "This installer can only be run from ONIE.");
	if (!image_intact(image, &h))
		return say(sh, 1, "Verifying image checksum ...failed.");
	blob_puts(sh->out, "Verifying image checksum ...OK.\nPreparing image archive ... OK.\n");
	if (verb[0] == 'v')
		blob_puts(sh->out,
			  "Verifying image compatibility ...OK.\nVerifying system ram ...OK.\n");
	else
		blob_printf(
		    sh->out,
		    "Control File Contents\n=====================\nDescription: Cumulus Linux %s\n"
		    "Release: %s\nArchitecture: %s\nSwitch-Architecture: %s\nMin-Disk-Size: "
		    "%" PRId64 "\nMin-Ram-Size: 536870912\narch: x86_64\n",
		    h.release, h.release, h.arch, h.switch_arch, h.min_disk);
	return 0;
}

const struct command onie_commands[] = {
    {.name = "onie-install", .run = run_onie_install, .path = "/usr/cumulus/bin", .root = true},
    {.name = "onie-select", .run = run_onie_select, .path = "/usr/cumulus/bin", .root = true},
    {.name = "cl-img-select",
     .run = run_img_select,
     .path = "/usr/cumulus/bin",
     .root = true,
     .max_major = 2},
    {0},
};
