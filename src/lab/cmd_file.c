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
		case 's': blob_printf(sh->out, "%" PRId64, size); break;
		case 'n': blob_puts(sh->out, name); break;
		case 'a': blob_printf(sh->out, "%o", n ? n->mode : 0444); break;
		case 'u': blob_printf(sh->out, "%d", n ? n->uid : 0); break;
		case 'g': blob_printf(sh->out, "%d", n ? n->gid : 0); break;
		case 'U': blob_puts(sh->out, owner(n ? n->uid : 0)); break;
		case 'G': blob_puts(sh->out, owner(n ? n->gid : 0)); break;
		case 'F': blob_puts(sh->out, dir ? "directory" : size ? "regular file" : "regular empty file"); break;
		case 'Y': blob_printf(sh->out, "%" PRId64, 1604000000 + (n ? n->mtime : 0) / 1000); break;
		default: blob_add(sh->out, c - 1, 2); break;
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
			status = say(sh, 1, "stat: cannot stat%s '%s': No such file or directory", fs ? "fs" : "", argv[i]);
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
			status = say(sh, 1, "rm: cannot remove '%s': No such file or directory", argv[i]);
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
		status = say(sh, 1, "mkdir: cannot create directory '%s': No such file or directory", arg);
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
			who |= *text == 'u' ? 0700u : *text == 'g' ? 0070u : *text == 'o' ? 0007u : 0777u;
		who = who ? who : 0777;
		char op = *text ? *text++ : '+';
		for (; *text && *text != ','; text++)
			what |= *text == 'r' ? 0444u : *text == 'w' ? 0222u : *text == 'x' ? 0111u : 0u;
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
	for (; i < argc && argv[i][0] == '-' && (argv[i][1] == 'R' || argv[i][1] == 'v' || argv[i][1] == 'f'); i++)
		tree |= argv[i][1] == 'R';
	const char *what = i < argc ? argv[i++] : "";
	for (; i < argc; i++) {
		char *clean = vfs_clean(sh->cwd, argv[i]);
		struct vfs *v = &sh->dev->vfs;
		struct node *n = vfs_get(v, clean);
		if (!n)
			status = say(sh, 1, "%s: cannot access '%s': No such file or directory", argv[0], argv[i]);
		else if (sh->uid && (change_owner || n->uid != sh->uid))
			status = say(sh, 1, "%s: changing %s of '%s': Operation not permitted", argv[0],
			             change_owner ? "ownership" : "permissions", argv[i]);
		size_t deep = strlen(clean);
		for (size_t k = vfs_index(v, clean); n && !status && k < v->nodes.n; k++) {
			struct node *e = v->nodes.v[k];
			if (strncmp(e->path, clean, deep) != 0 || (e->path[deep] && e->path[deep] != '/'))
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
		status = say(sh, 1, "%s: cannot create regular file '%s': No such file or directory", who, to);
	else if (!vfs_may_write(v, target, sh->uid) || (!n->dir && !vfs_may_read(v, n, sh->uid)))
		status = say(sh, 1, "%s: cannot %s '%s': Permission denied", who, move ? "move" : "create regular file", to);
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

/* --- space ------------------------------------------------------------------------------------------------- */
static int run_df(struct sh *sh, int argc, char **argv)
{
	int64_t unit = 1024;
	bool human = false, portable = false;
	const char *output = NULL, *path = NULL;
	for (int i = 1; i < argc; i++) {
		if (str_starts(argv[i], "-B") && argv[i][2])
			unit = strchr(argv[i], 'M') ? 1 << 20 : strchr(argv[i], 'K') ? 1024 : atoll(argv[i] + 2);
		else if (str_starts(argv[i], "--block-size="))
			unit = strchr(argv[i], 'M') ? 1 << 20 : strchr(argv[i], 'K') ? 1024 : atoll(argv[i] + 13);
		else if (str_starts(argv[i], "--output="))
			output = argv[i] + 9;
		else if (argv[i][0] == '-' && argv[i][1] != '-') {
			human |= strchr(argv[i], 'h') != NULL;
			portable |= strchr(argv[i], 'P') != NULL;
			unit = strchr(argv[i], 'k') ? 1024 : strchr(argv[i], 'm') ? 1 << 20 : unit;
		} else if (argv[i][0] != '-') {
			path = argv[i];
		}
	}
	if (path && !file_exists(sh, path, NULL, NULL))
		return say(sh, 1, "df: %s: No such file or directory", path);
	unit = human ? 1 << 20 : unit > 0 ? unit : 1024;
	const char *suffix = human ? "M" : "";
	int64_t size = sh->dev->vfs.capacity, free_bytes = vfs_free(&sh->dev->vfs), used = size - free_bytes;
	int64_t percent = used * 100 / size;
	if (output) {
		int64_t shown = strstr(output, "size") ? size : strstr(output, "used") ? used : free_bytes;
		blob_printf(sh->out, "%s\n%" PRId64 "\n", strstr(output, "avail") ? "     Avail" : "  Size",
		            shown / unit);
		return 0;
	}
	blob_printf(sh->out, "Filesystem     %s      Used Available %s Mounted on\n",
	            human ? "      Size" : unit == 1 ? "  1B-blocks" : unit == 1024 ? "1K-blocks" : "1M-blocks",
	            portable ? "Capacity" : "Use%");
	blob_printf(sh->out, "/dev/sda4      %" PRId64 "%s %" PRId64 "%s %" PRId64 "%s  %" PRId64 "%% /\n",
	            size / unit, suffix, used / unit, suffix, free_bytes / unit, suffix, percent);
	return 0;
}

static int run_du(struct sh *sh, int argc, char **argv)
{
	bool bytes = false;
	const char *path = ".";
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			bytes |= strchr(argv[i], 'b') != NULL;
		else
			path = argv[i];
	}
	char *clean = vfs_clean(sh->cwd, path);
	struct vfs *v = &sh->dev->vfs;
	size_t deep = strlen(clean);
	int64_t sum = 0;
	if (!vfs_get(v, clean)) {
		free(clean);
		return say(sh, 1, "du: cannot access '%s': No such file or directory", path);
	}
	for (size_t i = vfs_index(v, clean); i < v->nodes.n; i++) {
		struct node *n = v->nodes.v[i];
		if (strncmp(n->path, clean, deep) != 0)
			break;
		sum += n->blob ? blob_size(n->blob) : 4096;
	}
	blob_printf(sh->out, "%" PRId64 "\t%s\n", bytes ? sum : (sum + 1023) / 1024, path);
	free(clean);
	return 0;
}

static int run_mktemp(struct sh *sh, int argc, char **argv)
{
	bool dir = false;
	const char *template = "/tmp/tmp.XXXXXXXXXX";
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			dir |= argv[i][1] == 'd';
		else
			template = argv[i];
	}
	char *path = vfs_clean(sh->cwd, template);
	for (size_t n = strlen(path); n && path[n - 1] == 'X'; n--)
		path[n - 1] = (char)('a' + lab_random(&sh->dev->random) % 26);
	struct node *n = dir ? vfs_mkdir(&sh->dev->vfs, path, 0700, sh->lab->now)
	                     : vfs_put(&sh->dev->vfs, path, NULL, 0600, sh->lab->now);
	n->uid = n->gid = sh->uid;
	blob_printf(sh->out, "%s\n", path);
	free(path);
	return 0;
}

/* find DIR... [-maxdepth N] [-mount] [-type f|d] [-name P] [-delete] [-print] */
static int run_find(struct sh *sh, int argc, char **argv)
{
	const char *name = NULL;
	char type = 0;
	bool delete = false;
	int first = 1, dirs = 1, depth = 1000;
	for (; dirs < argc && argv[dirs][0] != '-'; dirs++)
		;
	for (int i = dirs; i < argc; i++) {
		bool more = i + 1 < argc;
		name = str_eq(argv[i], "-name") && more ? argv[i + 1] : name;
		type = str_eq(argv[i], "-type") && more ? argv[i + 1][0] : type;
		depth = str_eq(argv[i], "-maxdepth") && more ? atoi(argv[i + 1]) : depth;
		delete |= str_eq(argv[i], "-delete");
	}
	int status = 0;
	for (; first < dirs; first++) {
		char *clean = vfs_clean(sh->cwd, argv[first]);
		struct vfs *v = &sh->dev->vfs;
		size_t deep = str_eq(clean, "/") ? 0 : strlen(clean), i = vfs_index(v, clean);
		if (!vfs_get(v, clean))
			status = say(sh, 1, "find: '%s': No such file or directory", argv[first]);
		while (i < v->nodes.n && strncmp(v->nodes.v[i]->path, clean, deep) == 0) {
			struct node *n = v->nodes.v[i];
			int level = 0;
			for (const char *c = n->path + deep; *c; c++)
				level += *c == '/';
			bool hit = (!name || word_match(name, strrchr(n->path, '/') + 1)) && level <= depth &&
			           (!type || (type == 'd') == n->dir) && (!n->path[deep] || n->path[deep] == '/' || !deep);
			if (hit && delete && strcmp(n->path, "/") != 0) {
				(void)vfs_remove(v, n->path);
				continue;
			}
			if (hit)
				blob_printf(sh->out, "%s\n", n->path);
			i++;
		}
		free(clean);
	}
	return status;
}

/* dd if= of= bs= seek= skip= count= conv=notrunc oflag=append,seek_bytes */
static int run_dd(struct sh *sh, int argc, char **argv)
{
	const char *from = NULL, *to = NULL;
	int64_t bs = 512, seek = 0, skip = 0, count = -1;
	bool keep = false, append = false, bytes = false;
	for (int i = 1; i < argc; i++) {
		char *eq = strchr(argv[i], '='), *end = NULL;
		if (!eq)
			continue;
		int64_t value = strtoll(eq + 1, &end, 10);
		value *= end && *end == 'M' ? 1 << 20 : end && (*end == 'k' || *end == 'K') ? 1024 : 1;
		from = str_starts(argv[i], "if=") ? eq + 1 : from;
		to = str_starts(argv[i], "of=") ? eq + 1 : to;
		bs = str_starts(argv[i], "bs=") ? value : bs;
		seek = str_starts(argv[i], "seek=") ? value : seek;
		skip = str_starts(argv[i], "skip=") ? value : skip;
		count = str_starts(argv[i], "count=") ? value : count;
		keep |= str_starts(argv[i], "conv=") && strstr(argv[i], "notrunc");
		append |= str_starts(argv[i], "oflag=") && strstr(argv[i], "append");
		bytes |= strstr(argv[i], "seek_bytes") != NULL;
	}
	struct blob *sink = to ? file_sink(sh, to, keep || append || seek) : blob_ref(sh->out);
	if (!sink)
		return 1;
	struct blob *in = from ? file_open(sh, from, "dd") : proc_input_all(sh->proc, sh->in);
	size_t n = 0;
	const char *data = in ? blob_data(in, &n) : "";
	int64_t at = append ? blob_size(sink) : seek * (bytes ? 1 : bs), begin = skip * bs;
	begin = begin > (int64_t)n ? (int64_t)n : begin;
	int64_t length = (int64_t)n - begin;
	length = count >= 0 && count * bs < length ? count * bs : length;
	blob_write(sink, to ? at : blob_size(sink), data + begin, (size_t)length);
	blob_printf(sh->err, "%" PRId64 "+0 records in\n%" PRId64 "+0 records out\n", length / (bs ? bs : 1),
	            length / (bs ? bs : 1));
	blob_unref(sink);
	int status = in ? 0 : 1;
	blob_unref(in);
	return status;
}

static int run_truncate(struct sh *sh, int argc, char **argv)
{
	int64_t size = 0;
	int status = 0;
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "-s") && i + 1 < argc) {
			size = atoll(argv[++i]);
		} else if (argv[i][0] == '-') {
			size = atoll(argv[i] + 2);
		} else {
			struct blob *b = file_sink(sh, argv[i], true);
			if (b)
				blob_truncate(b, size);
			status |= !b;
			blob_unref(b);
		}
	}
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
    {.name = "df", .run = run_df, .path = "/bin"},
    {.name = "du", .run = run_du},
    {.name = "mktemp", .run = run_mktemp, .path = "/bin"},
    {.name = "find", .run = run_find},
    {.name = "dd", .run = run_dd, .path = "/bin"},
    {.name = "truncate", .run = run_truncate},
    {0},
};
