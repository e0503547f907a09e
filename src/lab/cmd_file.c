/* SPDX-License-Identifier: ISC */
/* coreutils for files: cat, ls, cp, mv, rm, stat, df and their like. */
#include "config.h"

#include "lab/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Standard input straight through as it comes: this is how a file is uploaded. */
static int cat_stream(struct sh *sh)
{
	char buf[65536];
	struct input *in = sh->in;
	while (proc_input(sh->proc, in)) {
		size_t n = blob_read(in->blob, in->at, buf, sizeof(buf));
		if (!n)
			return 0;
		in->at += (int64_t)n;
		if (blob_size(sh->out) > BLOB_SPILL && vfs_free(&sh->dev->vfs) < (int64_t)n)
			return say(sh, 1, "cat: write error: No space left on device");
		blob_add(sh->out, buf, n);
	}
	return 137;
}

static int run_cat(struct sh *sh, int argc, char **argv)
{
	int i = 1, status = 0;
	while (i < argc && argv[i][0] == '-' && argv[i][1])
		i++;
	if (i >= argc)
		return cat_stream(sh);
	for (; i < argc && sh_alive(sh); i++) {
		if (strcmp(argv[i], "-") == 0) {
			status |= cat_stream(sh);
			continue;
		}
		struct blob *b = file_open(sh, argv[i], "cat");
		if (b)
			blob_append(sh->out, b);
		else
			status = 1;
		blob_unref(b);
	}
	return status;
}

static void ls_time(int64_t mtime, char text[32])
{
	time_t t = (time_t)(1604000000 + mtime / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || !strftime(text, 32, "%b %e %H:%M", &tm))
		text[0] = '\0';
}

static const char *owner(int uid)
{
	return uid == 0 ? "root" : uid == 1000 ? "cumulus" : "user";
}

static void ls_line(struct sh *sh, const struct node *n, const char *name, bool wide)
{
	if (!wide) {
		blob_printf(sh->out, "%s\n", name);
		return;
	}
	char bits[11] = "-rwxrwxrwx", when[32];
	bits[0] = n->dir ? 'd' : '-';
	for (int i = 0; i < 9; i++)
		if (!(n->mode & (0400u >> i)))
			bits[i + 1] = '-';
	ls_time(n->mtime, when);
	blob_printf(sh->out, "%s 1 %s %s %8" PRId64 " %s %s\n", bits, owner(n->uid), owner(n->gid),
		    n->blob ? blob_size(n->blob) : 4096, when, name);
}

static int ls_one(struct sh *sh, const char *path, bool wide, bool all, bool self)
{
	char *clean = vfs_clean(sh->cwd, path);
	struct node *n = vfs_get(&sh->dev->vfs, clean);
	struct str names = {0};
	int status = 0;
	if (!n && pseudo_list(sh->dev, clean, &names))
		blob_puts(sh->out, str_text(&names));
	else if (!n && pseudo_read(sh->dev, clean, &names))
		blob_printf(sh->out, "%s\n", path);
	else if (!n)
		status = say(sh, 2, "ls: cannot access '%s': No such file or directory", path);
	else if (!n->dir || self)
		ls_line(sh, n, path, wide);
	size_t at = 0;
	if (n && n->dir && !self) {
		for (struct node *e; (e = vfs_entry(&sh->dev->vfs, clean, &at));) {
			const char *name = strrchr(e->path, '/') + 1;
			if (all || name[0] != '.')
				ls_line(sh, e, name, wide);
		}
	}
	str_release(&names);
	free(clean);
	return status;
}

static int run_ls(struct sh *sh, int argc, char **argv)
{
	bool wide = false, all = false, self = false;
	int i = 1, status = 0;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		wide |= strchr(argv[i], 'l') != NULL && argv[i][1] != '-';
		all |= strpbrk(argv[i], "aA") != NULL && argv[i][1] != '-';
		self |= strchr(argv[i], 'd') != NULL && argv[i][1] != '-';
	}
	if (i >= argc)
		return ls_one(sh, ".", wide, all, self);
	bool many = argc - i > 1;
	for (; i < argc; i++) {
		bool dir;
		if (many && !self && file_exists(sh, argv[i], &dir, NULL) && dir)
			blob_printf(sh->out, "%s:\n", argv[i]);
		status |= ls_one(sh, argv[i], wide, all, self);
	}
	return status;
}

static void stat_format(struct sh *sh, const char *format, const char *name, const struct node *n,
			int64_t size, bool dir)
{
	for (const char *c = format; *c; c++) {
		if (*c != '%' || !c[1]) {
			blob_add(sh->out, c, 1);
			continue;
		}
		switch (*++c) {
		case 's':
			blob_printf(sh->out, "%" PRId64, size);
			break;
		case 'n':
			blob_puts(sh->out, name);
			break;
		case 'a':
			blob_printf(sh->out, "%o", n ? n->mode : 0444);
			break;
		case 'u':
			blob_printf(sh->out, "%d", n ? n->uid : 0);
			break;
		case 'g':
			blob_printf(sh->out, "%d", n ? n->gid : 0);
			break;
		case 'U':
			blob_puts(sh->out, owner(n ? n->uid : 0));
			break;
		case 'G':
			blob_puts(sh->out, owner(n ? n->gid : 0));
			break;
		case 'F':
			blob_puts(sh->out, dir    ? "directory"
					   : size ? "regular file"
						  : "regular empty file");
			break;
		case 'Y':
			blob_printf(sh->out, "%" PRId64, 1604000000 + (n ? n->mtime : 0) / 1000);
			break;
		default:
			blob_add(sh->out, c - 1, 2);
			break;
		}
	}
	blob_puts(sh->out, "\n");
}

static int run_stat(struct sh *sh, int argc, char **argv)
{
	const char *format = "  File: %n\n  Size: %s\n";
	int i = 1, status = 0;
	bool fs = false;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if ((str_eq(argv[i], "-c") || str_eq(argv[i], "--format")) && i + 1 < argc)
			format = argv[++i];
		else if (str_starts(argv[i], "-c"))
			format = argv[i] + 2;
		else if (str_starts(argv[i], "--format=") || str_starts(argv[i], "--printf="))
			format = argv[i] + 9;
		else if (str_eq(argv[i], "-f"))
			fs = true;
	}
	for (; i < argc; i++) {
		bool dir;
		int64_t size;
		if (!file_exists(sh, argv[i], &dir, &size)) {
			status = say(sh, 1, "stat: cannot stat%s '%s': No such file or directory",
				     fs ? "fs" : "", argv[i]);
			continue;
		}
		char *clean = vfs_clean(sh->cwd, argv[i]);
		stat_format(sh, format, argv[i], vfs_get(&sh->dev->vfs, clean), size, dir);
		free(clean);
	}
	return status;
}

/* rm, mkdir, chmod, chown, touch: options, then paths. */
static int run_rm(struct sh *sh, int argc, char **argv)
{
	bool force = false, tree = false;
	int i = 1, status = 0;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		force |= strchr(argv[i], 'f') != NULL;
		tree |= strpbrk(argv[i], "rR") != NULL;
	}
	for (; i < argc; i++) {
		char buf[1024], *clean = vfs_clean(sh->cwd, argv[i]);
		struct node *n = vfs_get(&sh->dev->vfs, clean);
		struct node *parent = vfs_get(&sh->dev->vfs, vfs_parent(clean, buf, sizeof(buf)));
		if (!n && !force)
			status = say(sh, 1, "rm: cannot remove '%s': No such file or directory",
				     argv[i]);
		else if (n && n->dir && !tree)
			status = say(sh, 1, "rm: cannot remove '%s': Is a directory", argv[i]);
		else if (n && strcmp(clean, "/") == 0)
			status = say(sh, 1, "rm: it is dangerous to operate recursively on '/'");
		else if (n && !(parent && vfs_may_write(&sh->dev->vfs, parent->path, sh->uid)))
			status = say(sh, 1, "rm: cannot remove '%s': Permission denied", argv[i]);
		else if (n)
			(void)vfs_remove(&sh->dev->vfs, clean);
		free(clean);
	}
	return status;
}

static int mkdir_one(struct sh *sh, const char *arg, bool parents)
{
	char buf[1024], *clean = vfs_clean(sh->cwd, arg);
	struct vfs *v = &sh->dev->vfs;
	struct node *n = vfs_get(v, clean), *parent = NULL;
	char *up = xstrdup(vfs_parent(clean, buf, sizeof(buf)));
	while (!(parent = vfs_get(v, up)) && parents) {
		char *higher = xstrdup(vfs_parent(up, buf, sizeof(buf)));
		free(up);
		up = higher;
	}
	free(up);
	int status = 0;
	if (n && !(parents && n->dir)) {
		status = say(sh, 1, "mkdir: cannot create directory '%s': File exists", arg);
	} else if (!n && !parent) {
		status = say(sh, 1,
			     "mkdir: cannot create directory '%s': No such file or directory", arg);
	} else if (!n && !vfs_may_write(v, parent->path, sh->uid)) {
		status = say(sh, 1, "mkdir: cannot create directory '%s': Permission denied", arg);
	} else if (!n) {
		n = vfs_mkdir(v, clean, 0755, sh->lab->now);
		n->uid = n->gid = sh->uid;
	}
	free(clean);
	return status;
}

static int run_mkdir(struct sh *sh, int argc, char **argv)
{
	bool parents = false;
	const char *mode = NULL;
	int i = 1, status = 0;
	for (; i < argc && argv[i][0] == '-'; i++) {
		parents |= strchr(argv[i], 'p') != NULL;
		if (argv[i][1] == 'm' || argv[i][strlen(argv[i]) - 1] == 'm')
			mode = i + 1 < argc && !argv[i][2] ? argv[++i] : "755";
	}
	for (; i < argc; i++) {
		int rc = mkdir_one(sh, argv[i], parents);
		char *clean = vfs_clean(sh->cwd, argv[i]);
		struct node *n = vfs_get(&sh->dev->vfs, clean);
		if (!rc && mode && n)
			n->mode = (unsigned)strtoul(mode, NULL, 8);
		free(clean);
		status |= rc;
	}
	return status;
}

/* u+x, go-rwx, a=r, 0644. */
static unsigned new_mode(unsigned mode, const char *text)
{
	if (*text >= '0' && *text <= '7')
		return (unsigned)strtoul(text, NULL, 8) & 07777;
	while (*text) {
		unsigned who = 0, what = 0;
		for (; *text && strchr("ugoa", *text); text++)
			who |= *text == 'u'   ? 0700u
			       : *text == 'g' ? 0070u
			       : *text == 'o' ? 0007u
					      : 0777u;
		who = who ? who : 0777;
		char op = *text ? *text++ : '+';
		for (; *text && *text != ','; text++)
			what |= *text == 'r'   ? 0444u
				: *text == 'w' ? 0222u
				: *text == 'x' ? 0111u
					       : 0u;
		what &= who;
		mode = op == '-' ? mode & ~what : op == '=' ? (mode & ~who) | what : mode | what;
		text += *text == ',';
	}
	return mode;
}

/* "user", "user:group", ":group". */
static int owner_id(struct device *dev, const char *text)
{
	char *user = xstrndup(text, strcspn(text, ":."));
	int uid = *user >= '0' && *user <= '9' ? atoi(user) : account_uid(dev, user);
	free(user);
	return uid < 0 ? 0 : uid;
}

static int run_chmod(struct sh *sh, int argc, char **argv)
{
	int i = 1, status = 0;
	bool change_owner = str_starts(argv[0], "ch") && argv[0][2] != 'm';
	bool tree = false;
	for (; i < argc && argv[i][0] == '-' &&
	       (argv[i][1] == 'R' || argv[i][1] == 'v' || argv[i][1] == 'f');
	     i++)
		tree |= argv[i][1] == 'R';
	const char *what = i < argc ? argv[i++] : "";
	for (; i < argc; i++) {
		char *clean = vfs_clean(sh->cwd, argv[i]);
		struct vfs *v = &sh->dev->vfs;
		struct node *n = vfs_get(v, clean);
		if (!n)
			status = say(sh, 1, "%s: cannot access '%s': No such file or directory",
				     argv[0], argv[i]);
		else if (sh->uid && (change_owner || n->uid != sh->uid))
			status = say(sh, 1, "%s: changing %s of '%s': Operation not permitted",
				     argv[0], change_owner ? "ownership" : "permissions", argv[i]);
		size_t deep = strlen(clean);
		for (size_t k = vfs_index(v, clean); n && !status && k < v->nodes.n; k++) {
			struct node *e = v->nodes.v[k];
			if (strncmp(e->path, clean, deep) != 0 ||
			    (e->path[deep] && e->path[deep] != '/'))
				break;
			if (e != n && !tree)
				break;
			if (change_owner)
				e->uid = owner_id(sh->dev, what);
			else
				e->mode = new_mode(e->mode, what);
		}
		free(clean);
	}
	return status;
}

static int run_touch(struct sh *sh, int argc, char **argv)
{
	int status = 0;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		struct blob *b = file_sink(sh, argv[i], true);
		status |= !b;
		blob_unref(b);
	}
	return status;
}

/* The target of cp and mv: into a directory, or to a name. New. */
static char *target_of(struct sh *sh, const char *from, const char *to)
{
	bool dir;
	char *clean = vfs_clean(sh->cwd, to);
	if (!file_exists(sh, clean, &dir, NULL) || !dir)
		return clean;
	char *source = vfs_clean(sh->cwd, from);
	char *path = xasprintf("%s%s", str_eq(clean, "/") ? "" : clean, strrchr(source, '/'));
	free(source);
	free(clean);
	return path;
}

static int copy_tree(struct sh *sh, const char *from, const char *to, bool keep)
{
	struct vfs *v = &sh->dev->vfs;
	VEC(char *) paths = {0};
	size_t deep = strlen(from);
	for (size_t i = vfs_index(v, from); i < v->nodes.n; i++) {
		const char *path = v->nodes.v[i]->path;
		if (strncmp(path, from, deep) != 0 || (path[deep] && path[deep] != '/'))
			break;
		VEC_PUSH(&paths, xstrdup(path));
	}
	for (size_t i = 0; i < paths.n; i++) {
		struct node *n = vfs_get(v, paths.v[i]);
		struct node old = *n;
		char *path = xasprintf("%s%s", to, paths.v[i] + deep);
		n = n->dir ? vfs_mkdir(v, path, old.mode, sh->lab->now)
			   : vfs_put(v, path, blob_share(old.blob), old.mode, sh->lab->now);
		n->uid = keep ? old.uid : sh->uid;
		n->gid = keep ? old.gid : sh->uid;
		free(path);
		free(paths.v[i]);
	}
	VEC_RELEASE(&paths);
	return 0;
}

static int cp_one(struct sh *sh, const char *who, const char *from, const char *to, bool tree)
{
	struct vfs *v = &sh->dev->vfs;
	char *source = vfs_clean(sh->cwd, from), *target = target_of(sh, from, to), buf[1024];
	struct node *n = vfs_get(v, source);
	struct node *parent = vfs_get(v, vfs_parent(target, buf, sizeof(buf)));
	bool move = who[0] == 'm';
	int status = 0;
	if (!n)
		status = say(sh, 1, "%s: cannot stat '%s': No such file or directory", who, from);
	else if (n->dir && !tree && !move)
		status = say(sh, 1, "cp: -r not specified; omitting directory '%s'", from);
	else if (!parent)
		status =
		    say(sh, 1, "%s: cannot create regular file '%s': No such file or directory",
			who, to);
	else if (!vfs_may_write(v, target, sh->uid) || (!n->dir && !vfs_may_read(v, n, sh->uid)))
		status = say(sh, 1, "%s: cannot %s '%s': Permission denied", who,
			     move ? "move" : "create regular file", to);
	else if (!move && n->blob && vfs_free(v) < blob_size(n->blob))
		status = say(sh, 1, "cp: error writing '%s': No space left on device", to);
	else if (move && strcmp(source, target) != 0)
		vfs_rename(v, source, target);
	else if (!move)
		status = copy_tree(sh, source, target, tree);
	free(source);
	free(target);
	return status;
}

static int run_cp(struct sh *sh, int argc, char **argv)
{
	bool tree = false;
	int i = 1, status = 0;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++)
		tree |= strpbrk(argv[i], "rRa") != NULL;
	if (argc - i < 2)
		return say(sh, 1, "%s: missing file operand", argv[0]);
	for (; i < argc - 1; i++)
		status |= cp_one(sh, argv[0], argv[i], argv[argc - 1], tree);
	return status;
}

const struct command file_commands[] = {
    {.name = "cat", .run = run_cat, .path = "/bin"},
    {.name = "ls", .run = run_ls, .path = "/bin"},
    {.name = "stat", .run = run_stat},
    {.name = "rm", .run = run_rm, .path = "/bin"},
    {.name = "mkdir", .run = run_mkdir, .path = "/bin"},
    {.name = "chmod", .run = run_chmod, .path = "/bin"},
    {.name = "chown", .run = run_chmod, .path = "/bin"},
    {.name = "chgrp", .run = run_chmod, .path = "/bin"},
    {.name = "touch", .run = run_touch},
    {.name = "cp", .run = run_cp, .path = "/bin"},
    {.name = "mv", .run = run_cp, .path = "/bin"},
    {0},
};
