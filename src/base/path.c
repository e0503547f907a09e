/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

char *path_join(const char *dir, const char *name)
{
	return xasprintf("%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}

char *path_typed(const char *dir, const char *text)
{
	const char *home = getenv("HOME");
	if (text[0] == '~' && (text[1] == '/' || !text[1]) && home)
		return xasprintf("%s%s", home, text + 1);
	if (text[0] == '/')
		return xstrdup(text);
	char *here = dir ? xstrdup(dir) : getcwd(NULL, 0);
	char *path = path_join(here ? here : ".", text);
	free(here);
	return path;
}

int path_make_dirs(const char *dir, struct err *e)
{
	char *copy = xstrdup(dir);
	int rc = 0;
	for (char *p = copy + 1; rc == 0; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char end = *p;
		*p = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST)
			rc = err_sys(e, "cannot make the directory %s", copy);
		*p = end;
		if (!end)
			break;
	}
	free(copy);
	if (rc == 0 && !path_is_dir(dir))
		rc = err_set(e, ERR_SYSTEM, "%s is not a directory", dir);
	return rc;
}

bool path_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool path_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int64_t path_size(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static int read_all(int fd, size_t limit, struct str *out, const char *path, struct err *e)
{
	char block[65536];
	size_t total = 0;
	for (;;) {
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read %s", path);
		if (n == 0)
			return 0;
		total += (size_t)n;
		if (total > limit)
			return err_set(e, ERR_INPUT, "%s is larger than %zu bytes", path, limit);
		str_add(out, block, (size_t)n);
	}
}

int path_read(const char *path, size_t limit, struct str *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	struct stat st;
	int rc;
	if (fstat(fd, &st) != 0)
		rc = err_sys(e, "cannot read %s", path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, ERR_INPUT, "%s is not a regular file", path);
	else
		rc = read_all(fd, limit, out, path, e);
	close(fd);
	return rc;
}

int path_read_stream(const char *path, size_t limit, struct str *out, struct err *e)
{
	struct stat st;
	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, limit, out, path, e);
	if (stat(path, &st) != 0 || !S_ISFIFO(st.st_mode))
		return path_read(path, limit, out, e);
	int fd = open(path, O_RDONLY | O_CLOEXEC); /* waits for who writes */
	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	int rc = read_all(fd, limit, out, path, e);
	close(fd);
	return rc;
}

static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, data, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		n -= (size_t)done;
	}
	return 0;
}

static int sync_parent(const char *path)
{
	char *dir = xstrdup(path), *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir ? 1 : 0] = '\0';
	int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -1;
	int rc = fsync(fd);
	close(fd);
	return rc;
}

int path_write(const char *path, const void *data, size_t n, struct err *e)
{
	char *tmp = xasprintf("%s.XXXXXX", path);
	int fd = mkstemp(tmp), rc = 0;
	if (fd < 0) {
		rc = err_sys(e, "cannot write %s", path);
		free(tmp);
		return rc;
	}
	int bad = write_all(fd, data, n) != 0 || fsync(fd) != 0;
	bad |= close(fd) != 0;
	if (bad || rename(tmp, path) != 0 || sync_parent(path) != 0) {
		rc = err_sys(e, "cannot write %s", path);
		unlink(tmp);
	}
	free(tmp);
	return rc;
}

int64_t path_free_space(const char *path)
{
	struct statvfs st;
	if (statvfs(path, &st) != 0)
		return -1;
	return (int64_t)st.f_bavail * (int64_t)st.f_frsize;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int path_remove_tree(const char *dir, struct err *e)
{
	if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
		return err_sys(e, "cannot remove %s", dir);
	return 0;
}

char *path_xdg(const char *kind, struct err *e)
{
	static const struct {
		const char *kind, *variable, *below_home;
	} table[] = {
	    {"STATE", "XDG_STATE_HOME", ".local/state"},
	    {"CONFIG", "XDG_CONFIG_HOME", ".config"},
	    {"DATA", "XDG_DATA_HOME", ".local/share"},
	};
	for (size_t i = 0; i < LEN(table); i++) {
		if (strcmp(table[i].kind, kind) != 0)
			continue;
		const char *dir = getenv(table[i].variable), *home = getenv("HOME");
		if (dir && *dir == '/')
			return xasprintf("%s/hitless", dir);
		if (home && *home == '/')
			return xasprintf("%s/%s/hitless", home, table[i].below_home);
	}
	err_set(e, ERR_INPUT, "HOME is not set; name a directory with --state DIR");
	return NULL;
}

bool path_is_name(const char *name)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                           "0123456789._-+@~";
	size_t n = strlen(name);
	return n > 0 && n <= 128 && strspn(name, safe) == n && *name != '.' && *name != '-';
}
