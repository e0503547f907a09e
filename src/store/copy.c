/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "store/copy.h"
#include "store/db.h"

#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK      (1 << 20) /* bytes between two calls of progress */
#define TMP_PREFIX "new-"    /* then the pid that writes it */

static int open_source(const struct copy *c, int64_t *size, struct err *e)
{
	struct stat st;
	/* NONBLOCK: a FIFO must be refused, not waited for. */
	int fd = open(c->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = 0;
	if (fd < 0)
		return err_set(e, ERR_INPUT, "cannot open %s: %-s", c->from, err_system(errno));
	if (fstat(fd, &st) != 0)
		rc = err_sys(e, "cannot read %s", c->from);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, ERR_INPUT, "%s is not a regular file", c->from);
	else if (st.st_size == 0)
		rc = err_set(e, ERR_INPUT, "%s is empty", c->from);
	*size = rc == 0 ? (int64_t)st.st_size : 0;
	if (rc == 0)
		return fd;
	close(fd);
	return -1;
}

/* Copies that a killed process left behind. */
static void sweep(const char *dir)
{
	DIR *d = opendir(dir);
	if (!d)
		return;
	struct dirent *entry;
	while ((entry = readdir(d))) {
		long pid = 0;
		if (sscanf(entry->d_name, TMP_PREFIX "%ld-", &pid) != 1 || pid <= 0)
			continue;
		if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

static int check_room(const struct copy *c, const char *dir, int64_t size, struct err *e)
{
	int64_t space = path_free_space(dir);
	if (space < 0)
		return err_sys(e, "cannot ask for the free space of %s", dir);
	if (space - c->head_room >= size)
		return 0;
	return err_set(e, ERR_SYSTEM,
		       "%s needs %lld MiB in %s and %lld MiB must stay free; there are %lld: "
		       "free some, or name another directory with --state DIR",
		       c->from, (long long)(size >> 20) + 1, dir, (long long)c->head_room >> 20,
		       (long long)space >> 20);
}

static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, data, n);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0) {
			data += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* Read `in` to its end into the digest and, unless it is a clone already, into `out`. */
static int pump(struct copy *c, int in, int out, int64_t total, struct digest *d, struct err *e)
{
	char *block = xmalloc(BLOCK);
	int rc = 0;
	c->size = 0;
	while (rc == 0) {
		ssize_t n = read(in, block, BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(e, "cannot read %s", c->from);
		if (n <= 0)
			break;
		digest_add(d, block, (size_t)n);
		c->size += n;
		if (out >= 0 && write_all(out, block, (size_t)n) != 0)
			rc = err_sys(e, "cannot write the copy of %s to %s", c->from, c->tmp);
		else if (c->progress && c->progress(c->ctx, c->size, total) != 0)
			rc = err_set(e, ERR_CANCELLED, "adding %s was stopped", c->from);
	}
	free(block);
	if (rc == 0 && c->size != total)
		rc = err_set(e, ERR_INPUT,
		             "%s changed while it was copied; add it when it is complete", c->from);
	return rc;
}

static int fill(struct copy *c, int in, int out, int64_t total, struct err *e)
{
	/* A clone shares the blocks with its source until one of both is written: no time, no
	 * space. What is hashed is the clone. */
	bool cloned = ioctl(out, FICLONE, in) == 0;
	struct digest *d = digest_new();
	int rc = pump(c, cloned ? out : in, cloned ? -1 : out, total, d, e);
	digest_end(d, c->sha256);
	if (rc == 0 && fsync(out) != 0)
		rc = err_sys(e, "cannot write the copy of %s to %s", c->from, c->tmp);
	return rc;
}

static int copy_into(struct copy *c, int in, const char *dir, int64_t total, struct err *e)
{
	if (path_make_dirs(dir, e) != 0)
		return -1;
	sweep(dir);
	if (check_room(c, dir, total, e) != 0)
		return -1;
	c->tmp = xasprintf("%s/" TMP_PREFIX "%ld-XXXXXX", dir, (long)getpid());
	int out = mkostemp(c->tmp, O_CLOEXEC);
	if (out < 0) {
		int rc = err_sys(e, "cannot write to %s", dir);
		free(c->tmp);
		c->tmp = NULL;
		return rc;
	}
	int rc = fill(c, in, out, total, e);
	if (close(out) != 0 && rc == 0)
		rc = err_sys(e, "cannot write the copy of %s", c->from);
	return rc;
}

int copy_make(struct copy *c, const char *dir, struct err *e)
{
	int64_t total = 0;
	int in = open_source(c, &total, e);
	if (in < 0)
		return -1;
	int rc = copy_into(c, in, dir, total, e);
	close(in);
	return rc;
}

int copy_place(const char *tmp, const char *dir, const char *path, struct err *e)
{
	if (path_make_dirs(dir, e) != 0)
		return -1;
	if (rename(tmp, path) != 0)
		return err_sys(e, "cannot rename %s to %s", tmp, path);
	char *parent = xasprintf("%s/..", dir);
	int rc = place_sync(dir, e) == 0 ? place_sync(parent, e) : -1;
	free(parent);
	return rc;
}

void copy_release(struct copy *c)
{
	if (c->tmp)
		(void)unlink(c->tmp); /* not there any more when it was placed */
	free(c->tmp);
	c->tmp = NULL;
}
