/* SPDX-License-Identifier: ISC */
/*
 * The state directory, the only place with SQLite: journals of all jobs (append-only, each record
 * chained to the one before by SHA-256), commands for running jobs, device locks, images, learnt
 * durations. WAL with synchronous=FULL; an I/O error or full disk on the journal is final for the
 * process (no retry after a failed fsync, facts/reliability.md 261). Several processes use it at
 * the same time; one handle belongs to one thread, and none crosses fork().
 *
 *   DIR/hitless.db  DIR/inventory.json  DIR/credentials.json  DIR/known_hosts  DIR/hitless.log
 *   DIR/images/<id>/<name>  DIR/jobs/<job id>/{lock,wake}  DIR/jobs/<job id>/<device>/<kept files>
 *   DIR/ballast: 1 MiB that is given up when the disk is full, so that outcomes still fit
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/clock.h"
#include "base/err.h"
#include "model/image.h"
#include "model/record.h"

struct store;

/* Open (make, migrate). ERR_REFUSED on a network file system or a database of a newer version,
 * ERR_CORRUPT when quick_check fails. dir NULL: the XDG state directory. ":memory:" keeps nothing
 * on disk (kept files go to a private temporary directory that store_close removes). */
struct store *store_open(const char *dir, struct clock *clock, struct err *e);
void store_close(struct store *s);
/* Can a store be in this directory? ERR_REFUSED on a network file system, ERR_SYSTEM when it cannot
 * be written. Needs no store. */
int store_place_check(const char *dir, struct err *e);
/* Is the database still where it was opened? ERR_SYSTEM when somebody removed or replaced it: what is
 * written to it from then on is lost. Cheap. */
int store_still_there(const struct store *s, struct err *e);
const char *store_library(void); /* version of the database library */
const char *store_dir(const struct store *s);
char *store_path(const struct store *s, const char *name); /* new: DIR/name */

/* How long to wait for another process that has the database locked (10 s unless set), and whom to
 * tell once when a wait takes longer than half a second (NULL: only the log). */
void store_waiting(struct store *s, int limit_ms, void (*tell)(void *ctx, const char *text),
                   void *ctx);

/* --- jobs ------------------------------------------------------------------------------------- */
struct job_row {
	char *id; /* "job_" and 16 hex digits */
	char *name;
	int64_t created; /* wall ms */
	int64_t head;    /* number of its last record; 0: none */
	bool finished;   /* it came to an end, and nobody took it up again */
};
struct job_rows {
	struct job_row *v;
	size_t n, cap;
};
void job_rows_release(struct job_rows *rows);

/* A new job; ERR_INPUT when the name is taken, ERR_SYSTEM when less than 64 MiB are free. *id is
 * new. */
int store_job_new(struct store *s, const char *name, char **id, struct err *e);
/* The same; the job `before` (id), which has the name until now, is called `renamed` from then on. Both,
 * or nothing is changed. Its journal stays as it is: what is written there is the name it was made with. */
int store_job_instead(struct store *s, const char *name, const char *before, const char *renamed,
		      char **id, struct err *e);
/* The name that a job (id) has now: new; NULL: unknown. */
char *store_job_name(struct store *s, const char *id);
int store_jobs(struct store *s, struct job_rows *out, struct err *e); /* oldest first */
/* By id or name: new id string, or NULL and e (with the nearest names). */
char *store_job_find(struct store *s, const char *name_or_id, struct err *e);
/* Directory for files kept with a job and device; made. New string. */
char *store_job_dir(struct store *s, const char *job, const char *device, struct err *e);

/* --- journal ---------------------------------------------------------------------------------- */
/* Append records in one durable transaction; fills seq and wall. `epoch` is the writer's (0 for a
 * job that nobody has owned yet): ERR_LOCKED when a newer owner exists. A record whose data has a
 * number "command_id" takes that command off the queue in the same transaction. After an I/O error
 * or a full disk every further append of this handle fails with that first error. */
int store_append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                 struct err *e);
/* Read records after seq, in order, at most `limit` (0: all); each is given to see(), which borrows
 * it; negative stops and is passed on, positive stops without an error. see() may use the store.
 * The hash chain is verified: ERR_CORRUPT names the first record that is not what was written,
 * after those before it were given. */
int store_read(struct store *s, const char *job, int64_t after, size_t limit,
               int (*see)(void *ctx, const struct record *r, struct err *e), void *ctx,
               struct err *e);
int64_t store_last(struct store *s, const char *job); /* highest seq; 0: none; -1: error */

/* What the chain of a journal proves: every record, from the first to number `records`, is what was
 * written, none is missing, none was put in. `head` is the hash of the last one; who notes it
 * elsewhere can prove later that nothing before it was changed. */
struct store_chain {
	int64_t records;
	int64_t wall;  /* ms, of the last one */
	int64_t noted; /* the record whose hash is the noted one; 0: none has it */
	char head[65]; /* hex; the job's id when there is no record */
};
/* Go over all records up to number `upto` (0: all there are). `noted` (may be NULL) is a head from
 * before. ERR_CORRUPT names the first record that is wrong. */
int store_verify(struct store *s, const char *job, int64_t upto, const char *noted,
                 struct store_chain *out, struct err *e);

/* --- ownership: one process runs a job -------------------------------------------------------- */
struct owner;
/* Take the job: a lock file held for the life of the process (the kernel frees it after kill -9)
 * and a new epoch. ERR_LOCKED names the holder (user, pid, since). */
struct owner *store_own(struct store *s, const char *job, struct err *e);
int64_t owner_epoch(const struct owner *o);
void owner_free(struct owner *o);
bool store_job_running(struct store *s, const char *job); /* somebody owns it now */
int64_t store_job_since(struct store *s, const char *job); /* its last owner; wall ms; 0: none */
/* Text about the holder ("anna, pid 4711, since ..."); new, NULL if nobody. */
char *store_job_holder(struct store *s, const char *job);

/* --- commands for a running job --------------------------------------------------------------- */
/* Queue a command and wake the owner. Returns its number, or -1. */
int64_t store_command(struct store *s, const char *job, const cJSON *command, struct err *e);
/* Give every waiting command to see() in order and forget it (durably) when see returned 0. The
 * command has its number as the member "command_id". see() appends it to the journal: with that
 * member in the record's data, the record and the end of the command are one transaction, and a
 * crash delivers it neither twice nor never. Without it, a crash in between delivers it again. */
int store_commands(struct store *s, const char *job,
                   int (*see)(void *ctx, const cJSON *command, struct err *e), void *ctx,
                   struct err *e);
/* For the owner: a datagram socket that becomes readable when a command was queued. */
int owner_wake_fd(const struct owner *o);
void owner_wake_clear(const struct owner *o);
/* For followers: a number that changes when the database was written by anybody; cheap. */
int64_t store_version(struct store *s);

/* --- device locks ----------------------------------------------------------------------------- */
/* Lock devices (by identity: serial number or host key fingerprint, else address:port) for a job;
 * all or none, and only while fewer than `limit` (0: any number) other jobs that are owned by a
 * live process hold devices (ERR_LOCKED names them). Locks of jobs that nobody owns and that are
 * finished are taken over. ERR_LOCKED names device, job and holder. */
int store_lock_devices(struct store *s, const char *job, char *const *identities,
		       char *const *names, size_t n, size_t limit, struct err *e);
int store_unlock_devices(struct store *s, const char *job, struct err *e);
/* The name of the other unfinished job that holds this device; new; NULL: free. */
char *store_device_holder(struct store *s, const char *identity, const char *not_job);
/* The name of another job whose lock on this device was left behind: the job is over, and its
 * process was killed before it gave the device back. Whoever locks it next takes it over. New;
 * NULL: none. */
char *store_device_left(struct store *s, const char *identity, const char *not_job);
/* How many identities of devices a job has locked; -1 and e. */
int64_t store_locked(struct store *s, const char *job, struct err *e);
struct lock_row { /* a device that an unfinished job holds */
	char *identity, *device, *job, *id;
	int64_t since; /* wall ms */
	bool left;     /* the job is over, and nobody runs it: see store_device_left() */
};
struct lock_rows {
	struct lock_row *v;
	size_t n, cap;
};
int store_locks(struct store *s, struct lock_rows *out, struct err *e);
void lock_rows_release(struct lock_rows *rows);
/* Jobs that are owned by a live process now, `not_job` (may be NULL) left out. */
size_t store_running_jobs(struct store *s, const char *not_job);

/* --- images ----------------------------------------------------------------------------------- */
/* Copy the file into the state directory (reflink or copy; fsync), hash it on the way, add it. *i
 * brings kind, version, platform, fits, vendor and, if they are not to be the file's, name and
 * label; the rest is filled. A label that another image has is refused; one made of the file's name
 * gets a number. An image with the same content is not added twice: *i then is the one that is
 * there, *known true. A non-zero result of progress stops with ERR_CANCELLED. */
int store_image_add(struct store *s, const char *path, struct image *i, bool *known,
                    int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
                    struct err *e);
/* The same; before it is there for anybody, check() (may be NULL) looks at the whole copy at
 * `path`: non-zero refuses it, e says why. Both get ctx. */
int store_image_add_checked(struct store *s, const char *path, struct image *i, bool *known,
			    int (*progress)(void *ctx, int64_t done, int64_t total),
			    int (*check)(void *ctx, const char *path, struct err *e), void *ctx,
			    struct err *e);
int store_images(struct store *s, struct images *out, struct err *e);
/* The one with this label, or whose id begins so. ERR_INPUT when there is none, or are several.
 * image_release(). */
int store_image_find(struct store *s, const char *word, struct image *out, struct err *e);
/* The same, if it may go: ERR_LOCKED names a job that is under way and needs it. */
int store_image_unused(struct store *s, const char *id, struct image *out, struct err *e);
/* Write down what is said of it: version, vendor, fits. ERR_LOCKED names a job that is under way and
 * needs it as it was. */
int store_image_set(struct store *s, const struct image *i, struct err *e);
/* The label, or a unique prefix of the id. ERR_LOCKED names a job that is under way and needs it. */
int store_image_delete(struct store *s, const char *id, struct err *e);
/* Hash the stored file again: ERR_CORRUPT when it is not what was added. progress as above. */
int store_image_verify(struct store *s, const char *id,
		       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		       struct err *e);
/* Default version per platform: set (NULL clears) and get (new string, NULL: none). */
int store_set_default(struct store *s, const char *platform, const char *version, struct err *e);
char *store_default(struct store *s, const char *platform);
int store_setting_set(struct store *s, const char *name, const char *value, struct err *e);
char *store_setting(struct store *s, const char *name); /* new; NULL: unset */

/* --- learnt durations and device history ------------------------------------------------------ */
struct duration_sample { /* one step that went well; borrowed */
	const char *platform;
	const char *model; /* NULL: not known */
	const char *step;
	int64_t ms;
	int64_t bytes;   /* that a copy moved in this time; 0: no copy */
	const char *job; /* id */
};
#define DURATION_BYTES (INT64_C(1) << 30) /* what the figures of a copy are for */
struct duration {
	char *platform;
	char *model; /* NULL: all models together; "": those that do not say */
	char *step;
	bool copy;        /* p50 and p95 are for DURATION_BYTES */
	int64_t p50, p95; /* ms */
	size_t samples;
	int64_t last; /* wall ms of the newest; 0: not known */
};
struct durations {
	struct duration *v;
	size_t n, cap;
};
int store_duration_add(struct store *s, const struct duration_sample *d, struct err *e);
/* Of one model, by step; model NULL: of all models of the platform together. */
int store_durations(struct store *s, const char *platform, const char *model, struct durations *out,
                    struct err *e);
/* Of every platform and model. */
int store_durations_all(struct store *s, struct durations *out, struct err *e);
/* Forget what was learnt; NULL: of any. Gives how many samples went; -1 and e. */
int64_t store_durations_forget(struct store *s, const char *platform, const char *model,
                               const char *step, struct err *e);
/* Give all that was learnt to another store, in which what is copied is smaller by part/of. */
int store_durations_give(struct store *from, struct store *to, int64_t part, int64_t of,
                         struct err *e);
void durations_release(struct durations *d);

/* The last thing that went wrong with a device: phase ("Backup", "Install", "Restore") or NULL. */
int store_history_add(struct store *s, const char *identity, const char *device, const char *job,
                      const char *result, const char *failed_phase, const char *version,
                      struct err *e);
char *store_history_failed(struct store *s, const char *device); /* new; NULL: last one went well */

/* What is remembered of a device, by its name: what it last said, and how its last upgrade ended. It
 * may have changed since: good for a picture, never for a decision. */
struct known_device {
	char *device;
	char *version;       /* that it ran; NULL: not known (any more) */
	struct values facts; /* empty: it was never asked */
	int64_t asked;       /* wall ms; 0: never */
	char *result;        /* "done", "failed", ...; NULL: it was in no job that began */
	char *failed_phase;  /* "Reboot", "Reboot, Rollback"; NULL: it went well */
	char *target;        /* version that the job was for */
	int64_t ended;       /* wall ms */
};
struct known_devices {
	struct known_device *v;
	size_t n, cap;
};
/* Keep device, version and facts of these (the rest is not looked at), all or none. */
int store_facts_set(struct store *s, const struct known_device *list, size_t n, struct err *e);
/* The version of a device is another one now (NULL: nobody knows), and so are these of its facts.
 * Nothing when it was never asked. */
int store_version_set(struct store *s, const char *device, const char *version,
                      const struct values *facts, struct err *e);
/* Every device that was ever asked or upgraded. Release *out in any case. */
int store_history_last(struct store *s, struct known_devices *out, struct err *e);
const struct known_device *known_device(const struct known_devices *list, const char *device);
void known_devices_release(struct known_devices *list);

#endif
