/* SPDX-License-Identifier: ISC */
/* scp -t and scp -f (the old protocol): programs on the device that talk over their streams. */
#include "config.h"

#include "lab/command.h"
#include "lab/sftp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of the protocol; false: the input is over. */
static bool read_line(struct sh *sh, struct str *line)
{
	char c;
	str_clear(line);
	while (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &c, 1)) {
		sh->in->at++;
		if (c == '\n')
			return true;
		str_putc(line, c);
		if (line->len > 4096)
			return false;
	}
	return false;
}

static int complain(struct sh *sh, const char *what, const char *path)
{
	blob_printf(sh->out, "\x01scp: %s: %s\n", path, what);
	return 1;
}

/* The bytes of one file, as they come: a cut leaves what arrived. */
static bool receive(struct sh *sh, struct blob *sink, int64_t left)
{
	char buf[65536];
	while (left > 0 && proc_input(sh->proc, sh->in)) {
		size_t want = left < (int64_t)sizeof(buf) ? (size_t)left : sizeof(buf);
		size_t n = blob_read(sh->in->blob, sh->in->at, buf, want);
		if (!n)
			return false;
		sh->in->at += (int64_t)n;
		blob_add(sink, buf, n);
		left -= (int64_t)n;
	}
	char end = 1;
	if (left > 0 || !proc_input(sh->proc, sh->in) ||
	    !blob_read(sh->in->blob, sh->in->at, &end, 1))
		return false;
	sh->in->at++;
	return end == 0;
}

static int receive_file(struct sh *sh, const char *line, const char *target)
{
	unsigned mode;
	long long size;
	char name[512], *path;
	bool dir;
	if (sscanf(line, "C%o %lld %511[^\n]", &mode, &size, name) != 3 || size < 0 ||
	    strchr(name, '/'))
		return complain(sh, "protocol error", target);
	path = file_exists(sh, target, &dir, NULL) && dir ? xasprintf("%s/%s", target, name)
							  : xstrdup(target);
	proc_expect(sh->proc, size);
	struct blob *sink = NULL;
	if (vfs_free(&sh->dev->vfs) < size)
		(void)complain(sh, "No space left on device", path);
	else if (!(sink = file_sink(sh, path, false)))
		(void)complain(sh, "Permission denied", path);
	int status = 1;
	if (sink) {
		blob_add(sh->out, "", 1);
		status = receive(sh, sink, size) ? 0 : 1;
		char *clean = vfs_clean(sh->cwd, path);
		struct node *n = vfs_get(&sh->dev->vfs, clean);
		if (n)
			n->mode = mode & 0777;
		free(clean);
	}
	if (!status)
		blob_add(sh->out, "", 1);
	blob_unref(sink);
	free(path);
	return status;
}

static int scp_to(struct sh *sh, const char *target)
{
	struct str line = {0};
	int status = 0;
	blob_add(sh->out, "", 1);
	while (!status && read_line(sh, &line)) {
		if (line.buf && line.buf[0] == 'C')
			status = receive_file(sh, line.buf, target);
		else if (line.buf && line.buf[0] == 'T')
			blob_add(sh->out, "", 1);
		else
			status = complain(sh, "not a regular file", target);
	}
	str_release(&line);
	return status;
}

static bool acknowledged(struct sh *sh)
{
	char c = 1;
	if (!proc_input(sh->proc, sh->in) || !blob_read(sh->in->blob, sh->in->at, &c, 1))
		return false;
	sh->in->at++;
	return c == 0;
}

static int scp_from(struct sh *sh, const char *path)
{
	struct blob *b = file_open(sh, path, "scp");
	const char *base = strrchr(path, '/');
	if (!acknowledged(sh) || !b) {
		blob_unref(b);
		return complain(sh, "No such file or directory", path);
	}
	blob_printf(sh->out, "C0644 %" PRId64 " %s\n", blob_size(b), base ? base + 1 : path);
	bool ok = acknowledged(sh);
	if (ok) {
		blob_append(sh->out, b);
		blob_add(sh->out, "", 1);
		ok = acknowledged(sh);
	}
	blob_unref(b);
	return ok ? 0 : 1;
}

static int run_scp(struct sh *sh, int argc, char **argv)
{
	bool to = false, from = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		to |= strchr(argv[i], 't') != NULL;
		from |= strchr(argv[i], 'f') != NULL;
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
	}
	if (i >= argc || to == from)
		return say(sh, 1, "usage: scp -t|-f path");
	return to ? scp_to(sh, argv[i]) : scp_from(sh, argv[i]);
}

const struct command copy_commands[] = {
    {.name = "scp", .run = run_scp},
    {.name = "sftp-server", .run = run_sftp, .path = "/usr/lib/openssh"},
    {0},
};
