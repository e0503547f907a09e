/* SPDX-License-Identifier: ISC */
/* The doctor's checks of the state directory: its place, its files, its room, and the jobs in it.
 */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/path.h"
#include "model/phrases.h"
#include "run/desk.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define JOB_ROOM    ((int64_t)64 << 20) /* without it no job is made (store.h) */
#define DEVICE_ROOM ((int64_t)4 << 20)  /* backup, snapshots and journal of a device */
#define INODES      2000

/* --- the directory ---------------------------------------------------------------------------- */

/* The directory, or what there is of the way to it. New. */
static char *existing(const char *dir)
{
	char *path = xstrdup(dir), *slash;
	while (!path_exists(path) && (slash = strrchr(path, '/')) && slash > path)
		*slash = '\0';
	return path;
}

/* Whoever can write to it can put another journal, or other credentials, in the place of ours. */
static void judge_mode(const char *path, bool ours, struct doctor_finding *f)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return;
	if (st.st_uid != geteuid() && (ours || st.st_uid != 0))
		doctor_found(f, DOCTOR_ERROR, xasprintf(_("%s belongs to somebody else"), path),
			     xstrdup(_("use a directory of your own (--state DIR)")));
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & S_ISVTX))
		doctor_found(f, ours ? DOCTOR_ERROR : DOCTOR_WARNING,
			     xasprintf(_("others can write to %s"), path),
			     xasprintf("chmod go-w %s", path));
	else if (ours && (st.st_mode & (S_IRWXG | S_IRWXO)))
		doctor_found(f, DOCTOR_WARNING, xasprintf(_("others can look into %s"), path),
			     xasprintf("chmod 700 %s", path));
}

/* A file system that is gone after a power loss, and the journal with it. */
static void judge_memory(const char *path, struct doctor_finding *f)
{
	static const unsigned long magics[] = {0x01021994, 0x858458f6}; /* tmpfs, ramfs */
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return;
	for (size_t i = 0; i < LEN(magics); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == magics[i])
			doctor_found(f, DOCTOR_WARNING,
				     xasprintf(_("%s lies in memory (tmpfs): after a power loss or a "
						 "restart the journals are gone, and no job can be "
						 "resumed"),
					       path),
				     xstrdup(_("name a directory on a disk with --state DIR")));
}

void doctor_state(const struct doctor *d, struct doctor_finding *f)
{
	struct err e = {0};
	if (!d->state) {
		doctor_found(f, DOCTOR_ERROR, xstrdup(_("HOME is not set")),
			     xstrdup(_("name a directory with --state DIR")));
		return;
	}
	char *there = existing(d->state), *copy = xstrdup(there), *slash = strrchr(copy, '/');
	bool ours = str_eq(there, d->state);
	if (store_place_check(there, &e) != 0)
		doctor_found(f, DOCTOR_ERROR, xstrdup(e.text), NULL);
	else if (!d->o->store && d->o->error && d->o->error->kind != ERR_NONE)
		doctor_found(f, DOCTOR_ERROR, xstrdup(d->o->error->text), NULL);
	else
		doctor_found(f, DOCTOR_OK, xstrdup(d->state), NULL);
	judge_mode(there, ours, f);
	judge_memory(there, f);
	if (ours && slash && slash > copy) {
		*slash = '\0';
		judge_mode(copy, false, f);
	}
	if (d->unreadable.kind != ERR_NONE)
		doctor_found(f, d->goes_without ? DOCTOR_WARNING : DOCTOR_ERROR,
			     xstrdup(d->unreadable.text),
			     xstrdup(_("correct the file, or import it again")));
	free(copy);
	free(there);
}

/* --- its files -------------------------------------------------------------------------------- */

static void judge_file(const char *path, struct doctor_finding *f)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return;
	if (S_ISLNK(st.st_mode))
		doctor_found(f, DOCTOR_WARNING, xasprintf(_("%s is a link"), path),
			     xstrdup(_("put the file itself there")));
	else if (st.st_uid != geteuid())
		doctor_found(f, DOCTOR_ERROR, xasprintf(_("%s belongs to somebody else"), path),
			     xasprintf("chown %u %s", (unsigned)geteuid(), path));
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		doctor_found(f, DOCTOR_ERROR, xasprintf(_("others can write to %s"), path),
			     xasprintf("chmod go= %s", path));
	else if (st.st_mode & (S_IRGRP | S_IROTH))
		doctor_found(f, DOCTOR_WARNING, xasprintf(_("others can read %s"), path),
			     xasprintf("chmod go= %s", path));
}

void doctor_files(const struct doctor *d, struct doctor_finding *f)
{
	DIR *list = d->state ? opendir(d->state) : NULL;
	const struct dirent *x;
	size_t n = 0;
	while (list && (x = readdir(list))) {
		if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
			continue;
		char *path = path_join(d->state, x->d_name);
		judge_file(path, f);
		free(path);
		n++;
	}
	if (list)
		closedir(list);
	doctor_found(f, DOCTOR_OK,
		     xasprintf(ngettext("%zu is yours alone", "%zu are yours alone", n), n), NULL);
}

/* --- its room --------------------------------------------------------------------------------- */

void doctor_space(const struct doctor *d, struct doctor_finding *f)
{
	struct statvfs fs;
	char *there = existing(d->state ? d->state : "/");
	int64_t space = path_free_space(there);
	int64_t need = JOB_ROOM + DEVICE_ROOM * (int64_t)d->devices;
	if (space < 0)
		doctor_found(f, DOCTOR_WARNING, xasprintf(_("cannot ask %s"), there),
			     xstrdup(_("look at it yourself (df)")));
	else if (space >= need)
		doctor_found(f, DOCTOR_OK, xasprintf(_("%" PRId64 " MiB are left"), space >> 20),
			     NULL);
	else
		doctor_found(
		    f, space < JOB_ROOM ? DOCTOR_ERROR : DOCTOR_WARNING,
		    xasprintf(ngettext("%s has %" PRId64 " MiB left; a job of %zu device "
				       "keeps up to %" PRId64 " MiB",
				       "%s has %" PRId64 " MiB left; a job of %zu devices "
				       "keeps up to %" PRId64 " MiB",
				       d->devices),
			      there, space >> 20, d->devices, need >> 20),
		    xstrdup(_("free some ('hitless image list' shows what images take), or "
			      "name another directory with --state DIR")));
	if (statvfs(there, &fs) == 0 && fs.f_files > 0 && fs.f_favail < INODES)
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("%s has room for %" PRIu64 " more files only"), there,
				       (uint64_t)fs.f_favail),
			     xstrdup(_("remove files that nobody needs")));
	free(there);
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* Locks of a job without a process keep others from these devices: on purpose, but it has to be
 * known. */
static void judge_job(struct store *s, const struct job_row *r, struct doctor_finding *f)
{
	struct err e = {0};
	int64_t locked = store_locked(s, r->id, &e);
	if (store_job_running(s, r->id)) {
		char *who = store_job_holder(s, r->id), *shown = said_new(who);
		doctor_found(f, DOCTOR_OK,
			     xasprintf(_("'%s' runs (%s)"), r->name, shown ? shown : "?"), NULL);
		free(who), free(shown);
	} else if (locked > 0 && !r->finished) {
		doctor_found(
		    f, DOCTOR_WARNING,
		    xasprintf(ngettext("'%s' has not ended, no process works on it, and it "
				       "holds %" PRId64 " lock",
				       "'%s' has not ended, no process works on it, and it "
				       "holds %" PRId64 " locks",
				       (unsigned long)locked),
			      r->name, locked),
		    xasprintf(_("'hitless resume' or 'hitless cancel' \"%s\""), r->name));
	} else if (locked < 0) {
		doctor_found(f, DOCTOR_WARNING, xstrdup(e.text), NULL);
	}
}

void doctor_jobs(const struct doctor *d, struct doctor_finding *f)
{
	struct job_rows rows = {0};
	struct err e = {0};
	struct store *s = d->o->store;
	if (!s || store_jobs(s, &rows, &e) != 0) {
		doctor_found(f, DOCTOR_WARNING,
			     xstrdup(s ? e.text : _("not known: the state cannot be opened")),
			     NULL);
	} else {
		int64_t limit = desk_setting(s, "job-limit", 5);
		size_t running = store_running_jobs(s, NULL);
		for (size_t i = 0; i < rows.n; i++)
			judge_job(s, &rows.v[i], f);
		if (limit > 0 && running >= (size_t)limit)
			doctor_found(
			    f, DOCTOR_WARNING,
			    xasprintf(_("%zu jobs run, and no more may"), running),
			    xstrdup(_("wait for one, or 'hitless setting set job-limit N'")));
		else if (!running)
			doctor_found(f, DOCTOR_OK, xstrdup(_("none runs")), NULL);
	}
	job_rows_release(&rows);
}
