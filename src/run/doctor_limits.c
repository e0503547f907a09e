/* SPDX-License-Identifier: ISC */
/* The doctor's check of what one process, one user and one service may have. */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/path.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FILES    64 /* database, logs, sockets, ... */
#define DEVICE_FILES 4  /* a connection, with an agent beside it */
#define OWN_THREADS  16
#define MOST_THREADS 64                 /* that talk to devices (transport/ssh.h) */
#define IMAGE_BYTES  ((int64_t)4 << 30) /* larger ones are not known */
#define OWN_SECRETS  8

int64_t doctor_files_needed(size_t devices)
{
	return OWN_FILES + DEVICE_FILES * (int64_t)devices;
}

static int64_t threads_needed(const struct doctor *d)
{
	return OWN_THREADS + (int64_t)(d->devices < MOST_THREADS ? d->devices : MOST_THREADS);
}

static bool limit_of(int resource, int64_t *out)
{
	struct rlimit l;
	if (getrlimit((__rlimit_resource_t)resource, &l) != 0 || l.rlim_max == RLIM_INFINITY)
		return false;
	*out = (int64_t)l.rlim_max; /* the lower one is raised to it when a job starts */
	return true;
}

/* --- processes -------------------------------------------------------------------------------- */

/* Threads of all processes of this user: that is what the limit counts. */
static int64_t user_threads(void)
{
	int64_t n = 0;
	const struct dirent *x;
	DIR *proc = opendir("/proc");
	while (proc && (x = readdir(proc))) {
		struct stat st;
		if (!isdigit((unsigned char)x->d_name[0]))
			continue;
		char *path = xasprintf("%s/task", x->d_name);
		if (fstatat(dirfd(proc), path, &st, 0) == 0 && st.st_uid == getuid() &&
		    st.st_nlink > 2)
			n += (int64_t)st.st_nlink - 2;
		free(path);
	}
	if (proc)
		closedir(proc);
	return n;
}

static void judge_threads(const struct doctor *d, struct doctor_finding *f)
{
	int64_t most, need = threads_needed(d);
	if (getuid() == 0 || !limit_of(RLIMIT_NPROC, &most))
		return;
	int64_t have = user_threads();
	if (most - have < need)
		doctor_found(f, DOCTOR_ERROR,
			     xasprintf(_("%" PRId64 " processes and threads are allowed, %" PRId64
					 " are there, %" PRId64 " more are needed"),
				       most, have, need),
			     xstrdup(_("raise 'ulimit -u' (limits.conf: nproc)")));
}

/* The lowest of a control group and all above it. */
static void judge_group(const struct doctor *d, struct doctor_finding *f)
{
	struct str text = {0};
	if (!doctor_read(d, "/proc/self/cgroup", &text))
		return;
	const char *at = strstr(str_text(&text), "0::/");
	char *group = at ? xstrndup(at + 3, strcspn(at + 3, "\n")) : xstrdup("");
	for (char *slash; *group; *slash = '\0') {
		struct str most = {0}, now = {0};
		char *a = xasprintf("/sys/fs/cgroup%s/pids.max", group);
		char *b = xasprintf("/sys/fs/cgroup%s/pids.current", group);
		if (doctor_read(d, a, &most) && doctor_read(d, b, &now) &&
		    isdigit((unsigned char)*str_text(&most)) &&
		    atoll(str_text(&most)) - atoll(str_text(&now)) < threads_needed(d))
			doctor_found(f, DOCTOR_ERROR,
				     xasprintf(_("the control group %s allows %lld processes and "
						 "threads, %lld are there"),
					       group, atoll(str_text(&most)),
					       atoll(str_text(&now))),
				     xstrdup(_("raise TasksMax of the slice or service")));
		str_release(&most);
		str_release(&now);
		free(a);
		free(b);
		slash = strrchr(group, '/');
		if (!slash)
			break;
	}
	free(group);
	str_release(&text);
}

/* --- the rest --------------------------------------------------------------------------------- */

static void judge_files(const struct doctor *d, struct doctor_finding *f)
{
	int64_t most, need = doctor_files_needed(d->devices);
	if (!limit_of(RLIMIT_NOFILE, &most))
		return;
	if (most >= need)
		doctor_found(f, DOCTOR_OK, xasprintf(_("%" PRId64 " open files"), most), NULL);
	else
		doctor_found(f, DOCTOR_ERROR,
			     xasprintf(ngettext("%" PRId64 " open files are allowed, %" PRId64
						" are needed for %zu device",
						"%" PRId64 " open files are allowed, %" PRId64
						" are needed for %zu devices",
						d->devices),
				       most, need, d->devices),
			     xstrdup(_("raise 'ulimit -n' (limits.conf: nofile)")));
}

static void judge_sizes(const struct doctor *d, struct doctor_finding *f)
{
	int64_t most, page = sysconf(_SC_PAGESIZE);
	int64_t need = page * (int64_t)(OWN_SECRETS + d->credentials.n);
	if (limit_of(RLIMIT_FSIZE, &most) && most < IMAGE_BYTES)
		doctor_found(f, DOCTOR_ERROR,
			     xasprintf(_("files may have %" PRId64 " MiB at most"), most >> 20),
			     xstrdup(_("raise 'ulimit -f' (limits.conf: fsize)")));
	if (geteuid() != 0 && limit_of(RLIMIT_MEMLOCK, &most) && most < need)
		doctor_found(f, DOCTOR_ERROR,
			     xasprintf(_("%" PRId64 " KiB of memory may be locked, passwords need "
					 "%" PRId64),
				       most >> 10, need >> 10),
			     xstrdup(_("raise 'ulimit -l' (limits.conf: memlock)")));
}

void doctor_limits(const struct doctor *d, struct doctor_finding *f)
{
	judge_files(d, f);
	judge_threads(d, f);
	judge_group(d, f);
	judge_sizes(d, f);
}
