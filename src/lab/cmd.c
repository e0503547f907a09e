/* SPDX-License-Identifier: ISC */
/* What all commands share: finding them, and files as their user sees them. */
#include "config.h"

#include "lab/command.h"

#include <stdlib.h>
#include <string.h>

static const struct command *const usual[] = {
    core_commands,    file_commands, text_commands,  user_commands,   cumulus_commands, junos_commands,
    onie_commands,    net_commands,  bgp_commands,   system_commands, package_commands,
    archive_commands, copy_commands, space_commands, sum_commands,    unit_commands,    NULL,
};

static bool has(const struct device *dev, const struct command *c)
{
	int major = dev->release->major;
	return major >= c->min_major && (!c->max_major || major <= c->max_major);
}

const struct command *command_find(const struct device *dev, const char *name)
{
	const char *base = strrchr(name, '/');
	base = base ? base + 1 : name;
	const struct command *const *family = dev->platform->system->commands;
	for (family = family ? family : usual; *family; family++) {
		for (const struct command *c = *family; c->name; c++) {
			if (strcmp(c->name, base) != 0 || !has(dev, c))
				continue;
			size_t dir = (size_t)(base - name);
			static const char *const dirs[] = {"/bin/",
							   "/sbin/",
							   "/usr/bin/",
							   "/usr/sbin/",
							   "/usr/cumulus/bin/",
							   "/snap/bin/",
							   "/usr/lib/openssh/"};
			bool known = dir == 0;
			for (size_t i = 0; i < LEN(dirs) && !known; i++)
				known = strlen(dirs[i]) == dir && strncmp(dirs[i], name, dir) == 0;
			if (known)
				return c;
		}
	}
	return NULL;
}

int say(struct sh *sh, int status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	blob_printf(sh->err, "%s\n", text);
	free(text);
	return status;
}

static bool is_pseudo(const char *path)
{
	return str_starts(path, "/proc/") || str_starts(path, "/sys/");
}

struct blob *file_open(struct sh *sh, const char *path, const char *who)
{
	char *clean = vfs_clean(sh->cwd, path);
	struct blob *b = NULL;
	struct str text = {0};
	struct node *n = vfs_get(&sh->dev->vfs, clean);
	if (is_pseudo(clean) && pseudo_read(sh->dev, clean, &text)) {
		b = blob_new();
		blob_add(b, str_text(&text), text.len);
	} else if (strcmp(clean, "/dev/null") == 0) {
		b = blob_new();
	} else if (!n) {
		(void)say(sh, 1, "%s: %s: No such file or directory", who, path);
	} else if (n->dir) {
		(void)say(sh, 1, "%s: %s: Is a directory", who, path);
	} else if (!vfs_may_read(&sh->dev->vfs, n, sh->uid)) {
		(void)say(sh, 1, "%s: %s: Permission denied", who, path);
	} else {
		b = blob_ref(n->blob);
	}
	str_release(&text);
	free(clean);
	return b;
}

struct blob *operand_next(struct sh *sh, int argc, char **argv, int *i)
{
	if (*i > argc || !sh_alive(sh))
		return NULL;
	if (*i == argc) { /* no operand at all: once */
		*i = argc + 1;
		return proc_input_all(sh->proc, sh->in);
	}
	while (*i < argc) {
		const char *path = argv[(*i)++];
		struct blob *b = strcmp(path, "-") == 0 ? proc_input_all(sh->proc, sh->in)
							: file_open(sh, path, argv[0]);
		if (*i == argc)
			*i = argc + 1;
		if (b)
			return b;
		sh->last = 1;
		if (*i > argc)
			break;
	}
	return NULL;
}

bool file_exists(struct sh *sh, const char *path, bool *dir, int64_t *size)
{
	char *clean = vfs_clean(sh->cwd, path);
	struct str text = {0};
	struct node *n = vfs_get(&sh->dev->vfs, clean);
	bool found = n != NULL, is_dir = n && n->dir;
	int64_t bytes = n && n->blob ? blob_size(n->blob) : 4096;
	if (!n && is_pseudo(clean)) {
		found = pseudo_read(sh->dev, clean, &text);
		is_dir = !found && pseudo_list(sh->dev, clean, &text);
		found |= is_dir;
		bytes = 0;
	} else if (!n && strcmp(clean, "/dev/null") == 0) {
		found = true;
	}
	if (dir)
		*dir = is_dir;
	if (size)
		*size = bytes;
	str_release(&text);
	free(clean);
	return found;
}

/* May it be written? Says why not. */
static bool check_sink(struct sh *sh, const char *clean, const char *path, const char *who)
{
	char buf[1024];
	struct vfs *v = &sh->dev->vfs;
	struct node *n = vfs_get(v, clean),
		    *parent = vfs_get(v, vfs_parent(clean, buf, sizeof(buf)));
	if (n && n->dir)
		return say(sh, 0, "%s: %s: Is a directory", who, path);
	if (!n && (!parent || !parent->dir))
		return say(sh, 0, "%s: %s: No such file or directory", who, path);
	if (!vfs_may_write(v, clean, sh->uid))
		return say(sh, 0, "%s: %s: Permission denied", who, path);
	if (vfs_free(v) <= 0)
		return say(sh, 0, "%s: %s: No space left on device", who, path);
	return true;
}

static struct node *sink_node(struct sh *sh, const char *clean, struct blob *data)
{
	struct vfs *v = &sh->dev->vfs;
	struct node *old = vfs_get(v, clean);
	bool is_new = !old;
	struct node *n = vfs_put(v, clean, data, is_new ? 0644 : old->mode, sh->lab->now);
	if (is_new) {
		n->uid = sh->uid;
		n->gid = sh->uid;
	}
	return n;
}

struct blob *file_sink(struct sh *sh, const char *path, bool append)
{
	char *clean = vfs_clean(sh->cwd, path);
	struct blob *b = NULL;
	if (strcmp(clean, "/dev/null") == 0) {
		b = blob_new();
	} else if (strcmp(clean, "/dev/stderr") == 0) {
		b = blob_ref(sh->err);
	} else if (strcmp(clean, "/dev/stdout") == 0 || str_starts(clean, "/dev/tty")) {
		b = blob_ref(sh->out);
	} else if (str_starts(clean, "/proc/") || str_starts(clean, "/sys/")) {
		b = blob_new();
	} else if (check_sink(sh, clean, path, "bash")) {
		struct node *n = vfs_get(&sh->dev->vfs, clean);
		if (!n || !append)
			n = sink_node(sh, clean, NULL);
		n->mtime = sh->lab->now;
		blob_own(&n->blob);
		b = blob_ref(n->blob);
	}
	free(clean);
	return b;
}

bool file_write(struct sh *sh, const char *path, struct blob *data, bool append, const char *who)
{
	char *clean = vfs_clean(sh->cwd, path);
	bool ok = strcmp(clean, "/dev/null") == 0;
	if (ok || !check_sink(sh, clean, path, who)) {
		free(clean);
		return ok;
	}
	struct node *n = vfs_get(&sh->dev->vfs, clean);
	if (append && n) {
		blob_own(&n->blob);
		blob_append(n->blob, data);
		n->mtime = sh->lab->now;
	} else {
		(void)sink_node(sh, clean, blob_share(data));
	}
	free(clean);
	return true;
}
