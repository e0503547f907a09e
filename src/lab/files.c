/* SPDX-License-Identifier: ISC */
/* What a client needs to use the lab: inventory, known hosts, key, password, images, packages. */
#include "config.h"

#include "lab/onie.h"
#include "lab/server.h"

#include "base/path.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_IMAGE = 4 << 20 };

static int put(const char *dir, const char *name, const char *text, struct err *e)
{
	char *path = path_join(dir, name);
	int rc = path_write(path, text, strlen(text), e);
	free(path);
	return rc;
}

static void add_tags(cJSON *list, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " ");
		char *tag = xstrndup(words, n);
		cJSON_AddItemToArray(list, cJSON_CreateString(tag));
		free(tag);
		words += n + (words[n] != '\0');
	}
}

static void add_device(cJSON *list, const struct lab_info *info, int port)
{
	cJSON *d = cJSON_CreateObject();
	cJSON_AddItemToArray(list, d);
	cJSON_AddStringToObject(d, "name", info->name);
	cJSON_AddStringToObject(d, "address", info->address);
	cJSON_AddNumberToObject(d, "port", port);
	cJSON_AddStringToObject(d, "platform", info->system);
	if (*info->role)
		cJSON_AddStringToObject(d, "role", info->role);
	cJSON_AddStringToObject(d, "credential", "default");
	if (*info->tags)
		add_tags(cJSON_AddArrayToObject(d, "tags"), info->tags);
}

/* The group whose first member this device is. */
static void add_group(cJSON *list, const struct lab *lab, size_t first)
{
	const struct device *dev = lab->devices.v[first];
	for (size_t i = 0; i < first; i++)
		if (str_eq(lab->devices.v[i]->group, dev->group))
			return;
	cJSON *g = cJSON_CreateObject();
	cJSON_AddItemToArray(list, g);
	cJSON_AddStringToObject(g, "name", dev->group);
	cJSON_AddStringToObject(g, "kind", dev->platform->system->group);
	cJSON *members = cJSON_AddArrayToObject(g, "members");
	for (size_t i = first; i < lab->devices.n; i++)
		if (str_eq(lab->devices.v[i]->group, dev->group))
			cJSON_AddItemToArray(members, cJSON_CreateString(lab->devices.v[i]->name));
}

static void add_link(cJSON *list, const struct lab *lab, size_t i)
{
	struct lab_link link;
	struct lab_info a, b;
	lab_link(lab, i, &link);
	lab_info(lab, link.a, &a);
	lab_info(lab, link.b, &b);
	char *from = xasprintf("%s:%s", a.name, link.a_port),
	     *to = xasprintf("%s:%s", b.name, link.b_port);
	cJSON *pair = cJSON_CreateArray();
	cJSON_AddItemToArray(list, pair);
	cJSON_AddItemToArray(pair, cJSON_CreateString(from));
	cJSON_AddItemToArray(pair, cJSON_CreateString(to));
	free(from);
	free(to);
}

static int write_inventory(const struct lab *lab, const char *dir, int port, struct err *e)
{
	cJSON *root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "format", 1);
	cJSON *devices = cJSON_AddArrayToObject(root, "devices");
	cJSON *groups = cJSON_AddArrayToObject(root, "groups");
	cJSON *links = cJSON_AddArrayToObject(root, "links");
	for (size_t i = 0; i < lab_count(lab); i++) {
		struct lab_info info;
		lab_info(lab, i, &info);
		add_device(devices, &info, port);
		if (*info.group)
			add_group(groups, lab, i);
	}
	for (size_t i = 0; i < lab_links(lab); i++)
		add_link(links, lab, i);
	char *text = cJSON_Print(root);
	cJSON_Delete(root);
	int rc = text ? put(dir, "inventory.json", text, e)
		      : err_set(e, ERR_SYSTEM, "inventory.json: no memory");
	cJSON_free(text);
	return rc;
}

/* Every device under "[address]:port": that is how ssh looks up a port other than 22. */
static int write_known_hosts(struct lab *lab, const char *dir, int port, struct err *e)
{
	struct str text = {0};
	for (size_t i = 0; i < lab_count(lab); i++) {
		struct lab_info info;
		lab_info(lab, i, &info);
		const char *key =
		    lab->devices.v[i]->host_public_key; /* the true one, whatever a fault shows */
		if (port == 22)
			str_printf(&text, "%s ", info.address);
		else
			str_printf(&text, "[%s]:%d ", info.address, port);
		str_printf(&text, "%.*s\n", (int)strcspn(strchr(key, ' ') + 1, " ") + 12, key);
	}
	int rc = put(dir, "known_hosts", str_text(&text), e);
	str_release(&text);
	return rc;
}

int lab_image_write(const char *path, const char *version, const char *platform, size_t size,
		    struct err *e)
{
	const struct platform *p = platform_find(platform);
	if (!p)
		return platform_unknown(platform, e);
	if (!p->system->make_image)
		return err_set(e, ERR_INPUT, "platform \"%s\" is not installed from images", platform);
	struct str image = {0};
	p->system->make_image(&image, version, p, size ? size : DEFAULT_IMAGE);
	int rc = path_write(path, image.buf, image.len, e);
	str_release(&image);
	return rc;
}

/* One file of a tar archive (ustar), and the end of the archive. */
static void tar_file(struct str *out, const char *name, const char *text)
{
	char head[512] = "";
	unsigned sum = 0;
	size_t n = strlen(text);
	(void)snprintf(head, 100, "%s", name);
	(void)snprintf(head + 100, 8, "%07o", 0644);
	(void)snprintf(head + 108, 8, "%07o", 0);
	(void)snprintf(head + 116, 8, "%07o", 0);
	(void)snprintf(head + 124, 12, "%011o", (unsigned)(n & 0x7fffffff));
	(void)snprintf(head + 136, 12, "%011o", 1604000000);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	memset(head + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	str_add(out, head, sizeof(head));
	str_add(out, text, n);
	for (size_t end = (out->len + 511) / 512 * 512 + 1024; out->len < end;)
		str_putc(out, '\0');
}

static void ar_file(struct str *out, const char *name, const char *data, size_t n)
{
	str_printf(out, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 1604000000, 0, 0, "100644", n);
	str_add(out, data, n);
	if (n % 2)
		str_putc(out, '\n');
}

/* A Debian package with nothing in it. */
static int write_package(const char *dir, const char *name, const char *version, const char *arch,
			 struct err *e)
{
	char *file = xasprintf("%s_%s_%s.deb", name, version, arch), *path = path_join(dir, file);
	char *text = xasprintf("Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: lab\n"
			       "Description: look-alike of the lab\n",
			       name, version, arch);
	struct str control = {0}, data = {0}, package = {0};
	tar_file(&control, "./control", text);
	tar_file(&data, "./empty", "");
	str_puts(&package, "!<arch>\n");
	ar_file(&package, "debian-binary", "2.0\n", 4);
	ar_file(&package, "control.tar", control.buf, control.len);
	ar_file(&package, "data.tar", data.buf, data.len);
	int rc = path_write(path, package.buf, package.len, e);
	str_release(&control);
	str_release(&data);
	str_release(&package);
	free(text);
	free(path);
	free(file);
	return rc;
}

/* Agent and its command line, old and new, for the release of versions[at]; once for each release.
 */
static int write_packages(const char *dir, const char *const *versions, size_t at, const char *arch,
			  struct err *e)
{
	static const char *const names[] = {"netq-agent", "netq-apps"};
	static const char *const numbers[] = {AGENT_RUNS, AGENT_NEW};
	const char *suffix = release_of(versions[at])->agent_suffix;
	int rc = 0;
	for (size_t i = 0; i < at; i++)
		if (str_eq(release_of(versions[i])->agent_suffix, suffix))
			return 0;
	for (size_t i = 0; !rc && i < LEN(names) * LEN(numbers); i++) {
		char *version =
		    xasprintf("%s-%s~1606822318.7df4e1d2", numbers[i / LEN(names)], suffix);
		rc = write_package(dir, names[i % LEN(names)], version, arch, e);
		free(version);
	}
	return rc;
}

static int write_platform(const struct platform *p, const char *images, const char *const *versions,
			  size_t size, struct err *e)
{
	int rc = 0;
	for (size_t i = 0; !rc && p->system->make_image && versions[i]; i++) {
		char *name = p->system->image_name(versions[i], p);
		char *path = path_join(images, name);
		rc = lab_image_write(path, versions[i], p->name, size, e);
		free(path);
		free(name);
	}
	for (size_t i = 0; !rc && p->system->packages && versions[i]; i++)
		rc = write_packages(images, versions, i, p->arch, e);
	return rc;
}

/* For every kind of hardware that there is. */
static bool is_upgraded(const struct device *dev, const struct platform *p)
{
	return dev->platform == p && !dev->scenery;
}

static int write_images(struct lab *lab, const char *dir, const char *const *versions, size_t size,
			struct err *e)
{
	char *images = path_join(dir, "images");
	int rc = path_make_dirs(images, e);
	for (size_t i = 0; !rc && i < lab->devices.n; i++) {
		const struct platform *p = lab->devices.v[i]->platform;
		size_t before = 0;
		while (before < i && !is_upgraded(lab->devices.v[before], p))
			before++;
		if (before == i && is_upgraded(lab->devices.v[i], p))
			rc = write_platform(p, images, versions, size, e);
	}
	free(images);
	return rc;
}

int lab_files_write(struct lab *lab, const char *dir, int port, const char *const *versions,
		    size_t image_size, struct err *e)
{
	char *public_line = xasprintf("%s\n", lab_operator_public_key(lab));
	char *password = xasprintf("%s\n", lab_password(lab));
	int rc = path_make_dirs(dir, e);
	rc = rc ? rc : write_inventory(lab, dir, port, e);
	rc = rc ? rc : write_known_hosts(lab, dir, port, e);
	rc = rc ? rc : put(dir, "id_ed25519", lab_operator_key(lab), e);
	rc = rc ? rc : put(dir, "id_ed25519.pub", public_line, e);
	rc = rc ? rc : put(dir, "password", password, e);
	if (!rc && versions)
		rc = write_images(lab, dir, versions, image_size, e);
	free(password);
	free(public_line);
	return rc;
}
