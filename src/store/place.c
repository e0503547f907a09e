/* SPDX-License-Identifier: ISC */
/* The place of the state directory: which file systems can hold a database that several processes
 * share, whether we may write there, and the ballast that gives way when the disk is full. */
#include "config.h"

#include "store/db.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* WAL needs shared memory of one host and locks that work (reliability.md 272-274). */
static const struct {
	unsigned long magic;
	const char *name;
} refused[] = {
    {0x6969, "NFS"},      {0xff534d42, "CIFS"},  {0xfe534d42, "SMB"},    {0x517b, "SMB"},
    {0x65735546, "FUSE"}, {0x01021997, "9p"},    {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},
    {0x5346414f, "AFS"},  {0x6b414653, "AFS"},   {0x00c36400, "Ceph"},   {0x73757245, "Coda"},
    {0x01161970, "GFS2"}, {0x7461636f, "OCFS2"}, {0x19830326, "BeeGFS"}, {0x0000564c, "NCP"},
};

const char *place_refused_type(long magic)
{
	for (size_t i = 0; i < LEN(refused); i++)
		if (refused[i].magic == ((unsigned long)magic & 0xffffffff))
			return refused[i].name;
	return NULL;
}

int store_place_check(const char *dir, struct err *e)
{
	struct statfs fs;
	if (statfs(dir, &fs) != 0)
		return err_sys(e, "cannot use %s", dir);
	const char *type = place_refused_type((long)fs.f_type);
	if (type)
		return err_set(
		    e, ERR_REFUSED,
		    "%s is on %s, where a database shared by several "
		    "processes gets damaged; name a directory on a local disk with --state "
		    "DIR",
		    dir, type);
	if (access(dir, R_OK | W_OK | X_OK) != 0)
		return err_set(e, ERR_SYSTEM,
			       "cannot write to %s: %-s; correct the permissions or name another "
			       "directory with --state DIR",
			       dir, err_system(errno));
	return 0;
}

int place_sync(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "cannot open %s", dir);
	int rc = fsync(fd) == 0 ? 0 : err_sys(e, "cannot write %s to the disk", dir);
	close(fd);
	return rc;
}

/* A closed descriptor 0, 1 or 2 would be given to a file of ours, and the next message would be
 * written into it. */
void place_standard_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0)
			return;
}

static char *ballast_path(const struct store *s)
{
	return path_join(s->dir, "ballast");
}

/* Best effort: without a ballast a full disk only stops the job a little earlier. */
void ballast_load(const struct store *s)
{
	if (s->memory || path_free_space(s->dir) < s->head_room)
		return;
	char *path = ballast_path(s);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		if (posix_fallocate(fd, 0, BALLAST_BYTES) != 0)
			(void)unlink(path);
		close(fd);
	}
	free(path);
}

bool ballast_release(const struct store *s)
{
	if (s->memory)
		return false;
	char *path = ballast_path(s);
	bool was = unlink(path) == 0;
	free(path);
	return was;
}
