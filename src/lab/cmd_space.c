/* SPDX-License-Identifier: ISC */
/* Room on the disk and what is on it: df, du, find, mktemp, dd, truncate. */
#include "config.h"

#include "lab/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_df(struct sh *sh, int argc, char **argv)
{
	int64_t unit = 1024;
	bool human = false, portable = false;
	const char *output = NULL, *path = NULL;
	for (int i = 1; i < argc; i++) {
		if (str_starts(argv[i], "-B") && argv[i][2])
			unit = strchr(argv[i], 'M')   ? 1 << 20
			       : strchr(argv[i], 'K') ? 1024
						      : atoll(argv[i] + 2);
		else if (str_starts(argv[i], "--block-size="))
			unit = strchr(argv[i], 'M')   ? 1 << 20
			       : strchr(argv[i], 'K') ? 1024
						      : atoll(argv[i] + 13);
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
	int64_t size = sh->dev->vfs.capacity, free_bytes = vfs_free(&sh->dev->vfs),
		used = size - free_bytes;
	int64_t percent = used * 100 / size;
	if (output) {
		int64_t shown = strstr(output, "size")   ? size
				: strstr(output, "used") ? used
							 : free_bytes;
		blob_printf(sh->out, "%s\n%" PRId64 "\n",
			    strstr(output, "avail") ? "     Avail" : "  Size", shown / unit);
		return 0;
	}
	blob_printf(sh->out, "Filesystem     %s      Used Available %s Mounted on\n",
		    human          ? "      Size"
		    : unit == 1    ? "  1B-blocks"
		    : unit == 1024 ? "1K-blocks"
				   : "1M-blocks",
		    portable ? "Capacity" : "Use%");
	blob_printf(sh->out,
		    "/dev/sda4      %" PRId64 "%s %" PRId64 "%s %" PRId64 "%s  %" PRId64 "%% /\n",
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
			bool hit = (!name || word_match(name, strrchr(n->path, '/') + 1)) &&
				   level <= depth && (!type || (type == 'd') == n->dir) &&
				   (!n->path[deep] || n->path[deep] == '/' || !deep);
			if (hit && delete &&strcmp(n->path, "/") != 0) {
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
		value *= end && *end == 'M'                    ? 1 << 20
			 : end && (*end == 'k' || *end == 'K') ? 1024
							       : 1;
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
	blob_printf(sh->err, "%" PRId64 "+0 records in\n%" PRId64 "+0 records out\n",
		    length / (bs ? bs : 1), length / (bs ? bs : 1));
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

const struct command space_commands[] = {
    {.name = "df", .run = run_df, .path = "/bin"},
    {.name = "du", .run = run_du},
    {.name = "mktemp", .run = run_mktemp, .path = "/bin"},
    {.name = "find", .run = run_find},
    {.name = "dd", .run = run_dd, .path = "/bin"},
    {.name = "truncate", .run = run_truncate},
    {0},
};
