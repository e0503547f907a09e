/* SPDX-License-Identifier: ISC */
/* The lock file of a job: an open file description lock, which the kernel frees with the process,
 * however that ends (reliability.md 281). The file itself stays. */
#include "config.h"

#include "store/db.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

char *job_file(const struct store *s, const char *job, const char *name)
{
	return xasprintf("%s/jobs/%s/%s", s->dir, job, name);
}

int job_number(struct store *s, const char *job, int64_t *number, struct err *e)
{
	int rc = db_int(s, e, number, "SELECT number FROM jobs WHERE id = ?", "t", job);
	if (rc == 0)
		err_set(e, ERR_INPUT, "there is no job %s", job);
	return rc == 1 ? 0 : -1;
}

int job_lock_open(const struct store *s, const char *job, struct err *e)
{
	char *path = job_file(s, job, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_sys(e, "cannot open %s", path);
		free(path);
		return -1;
	}
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int rc = fcntl(fd, F_OFD_SETLK, &whole);
	bool taken = rc != 0 && (errno == EAGAIN || errno == EACCES);
	if (rc != 0 && !taken)
		err_sys(e, "cannot lock %s", path);
	free(path);
	if (rc == 0)
		return fd;
	close(fd);
	return taken ? LOCK_TAKEN : -1;
}

/* Only asks: a lock taken for the question could get in the way of one taken in earnest. */
bool job_lock_held(const struct store *s, const char *job)
{
	char *path = job_file(s, job, "lock");
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	if (fd < 0)
		return false;
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
	close(fd);
	return held;
}
