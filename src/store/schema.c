/* SPDX-License-Identifier: ISC */
/*
 * The tables. A migration is never changed once released: a new one is added at the end, and
 * user_version counts how many a database has seen.
 */
#include "config.h"

#include "store/db.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const migrations[] = {
    /* head and head_hash are of the last record: a journal that was cut at the end shows. finished
     * is 1 from an `end` record to the next `owner` record. */
    "CREATE TABLE jobs ("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " created INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL DEFAULT 0,"
    " finished INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),"
    " head INTEGER NOT NULL DEFAULT 0,"
    " head_hash TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE journal ("
    " job INTEGER NOT NULL REFERENCES jobs,"
    " seq INTEGER NOT NULL CHECK (seq > 0),"
    " wall INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " device TEXT,"
    " step TEXT,"
    " data TEXT NOT NULL,"
    " hash TEXT NOT NULL CHECK (length(hash) = 64),"
    " PRIMARY KEY (job, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE owners ("
    " job INTEGER PRIMARY KEY REFERENCES jobs,"
    " epoch INTEGER NOT NULL,"
    " user TEXT NOT NULL,"
    " pid INTEGER NOT NULL,"
    " host TEXT NOT NULL,"
    " tty TEXT,"
    " since INTEGER NOT NULL"
    ") STRICT;"
    /* AUTOINCREMENT: a command's number is never given to a second one. */
    "CREATE TABLE commands ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " job INTEGER NOT NULL REFERENCES jobs,"
    " wall INTEGER NOT NULL,"
    " body TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX commands_of_job ON commands (job, id);"
    "CREATE TABLE device_locks ("
    " identity TEXT PRIMARY KEY CHECK (identity <> ''),"
    " name TEXT NOT NULL,"
    " job INTEGER NOT NULL REFERENCES jobs,"
    " since INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX locks_of_job ON device_locks (job);"
    "CREATE TABLE images ("
    " id TEXT PRIMARY KEY,"
    " kind TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " platform TEXT NOT NULL,"
    " fits TEXT NOT NULL,"
    " sha256 TEXT NOT NULL UNIQUE,"
    " size INTEGER NOT NULL CHECK (size > 0),"
    " added INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE settings ("
    " name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE durations ("
    " id INTEGER PRIMARY KEY,"
    " platform TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " step TEXT NOT NULL,"
    " ms INTEGER NOT NULL CHECK (ms >= 0)"
    ") STRICT;"
    "CREATE INDEX durations_of_step ON durations (platform, model, step, id);"
    "CREATE TABLE history ("
    " id INTEGER PRIMARY KEY,"
    " identity TEXT NOT NULL,"
    " device TEXT NOT NULL,"
    " job TEXT NOT NULL,"
    " result TEXT NOT NULL,"
    " failed_phase TEXT,"
    " version TEXT,"
    " wall INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX history_of_device ON history (device, id);",
    /* What a device last said about itself: for pictures of before a job asks it again. */
    "CREATE TABLE device_facts ("
    " device TEXT PRIMARY KEY CHECK (device <> ''),"
    " version TEXT,"
    " facts TEXT NOT NULL,"
    " wall INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;",
    /* Whose signature an image had when it was added. */
    "ALTER TABLE images ADD COLUMN signer TEXT;",
    /* How much a copy moved in its time, and who taught it. */
    "ALTER TABLE durations ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0);"
    "ALTER TABLE durations ADD COLUMN job TEXT;"
    "ALTER TABLE durations ADD COLUMN wall INTEGER NOT NULL DEFAULT 0;",
    /* Snapshots taken by hand. */
    "CREATE TABLE snapshots ("
    " number INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE CHECK (name <> ''),"
    " who TEXT NOT NULL,"
    " created INTEGER NOT NULL,"
    " devices INTEGER NOT NULL,"
    " elements INTEGER NOT NULL,"
    " missing INTEGER NOT NULL,"
    " body TEXT NOT NULL"
    ") STRICT;",
    /* What people call an image, and who made it. */
    "ALTER TABLE images ADD COLUMN label TEXT;"
    "ALTER TABLE images ADD COLUMN vendor TEXT;",
};

int64_t db_newest_version(void)
{
	return (int64_t)LEN(migrations);
}

static int apply(struct store *s, struct err *e)
{
	int64_t version = 0;
	/* Asked again under the lock: another process may have been faster. */
	if (db_int(s, e, &version, "PRAGMA user_version", "") != 1)
		return -1;
	for (int64_t i = version; i < db_newest_version(); i++)
		if (db_exec(s, migrations[i], e) != 0)
			return -1;
	char stamp[96];
	snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %" PRId64,
	         DB_APPLICATION, db_newest_version());
	return db_exec(s, stamp, e);
}

int db_migrate(struct store *s, struct err *e)
{
	int64_t version = 0;
	if (db_int(s, e, &version, "PRAGMA user_version", "") != 1)
		return -1;
	if (version == db_newest_version())
		return 0;
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, apply(s, e), e);
}
