/* SPDX-License-Identifier: ISC */
/* Commands for a running job: rows that wait until the owner has carried them into the journal. */
#include "config.h"

#include "store/db.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>

static int queue(struct store *s, const char *job, const char *body, int64_t *id, struct err *e)
{
	int64_t number = 0;
	if (job_number(s, job, &number, e) != 0)
		return -1;
	int rc = db_run(s, e, "INSERT INTO commands (job, wall, body) VALUES (?, ?, ?)", "iit",
	                number, s->clock->wall(s->clock), body);
	*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

int64_t store_command(struct store *s, const char *job, const cJSON *command, struct err *e)
{
	int64_t id = -1;
	if (db_begin(s, e) != 0)
		return -1;
	char *body = cJSON_PrintUnformatted(command);
	if (!body)
		abort(); /* no memory: base/mem.c */
	int rc = db_end(s, queue(s, job, body, &id, e), e);
	cJSON_free(body);
	if (rc != 0)
		return -1;
	wake_owner(s, job);
	return id;
}

/* The oldest command after *id: 1 and *id, *body (new); 0: none; -1 and e. */
static int next(struct store *s, int64_t number, int64_t *id, char **body, struct err *e)
{
	sqlite3_stmt *q = db_query(s, e,
	                           "SELECT id, body FROM commands WHERE job = ? AND id > ?"
	                           " ORDER BY id LIMIT 1",
	                           "ii", number, *id);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	if (rc == 1) {
		*id = sqlite3_column_int64(q, 0);
		*body = xstrdup(column_text(q, 1));
	}
	db_done(q);
	return rc;
}

static int deliver(struct store *s, const char *body, int64_t id,
                   int (*see)(void *ctx, const cJSON *command, struct err *e), void *ctx,
                   struct err *e)
{
	cJSON *command = cJSON_Parse(body);
	int rc = 0;
	if (!cJSON_IsObject(command)) {
		/* Nothing of ours writes that; kept, it would stand before all others for ever. */
		log_line("store", "command %" PRId64 " is no JSON object and is dropped: %s", id,
		         body);
	} else {
		cJSON_DeleteItemFromObjectCaseSensitive(command, "command_id");
		if (!cJSON_AddNumberToObject(command, "command_id", (double)id))
			abort(); /* no memory: base/mem.c */
		rc = see(ctx, command, e);
	}
	cJSON_Delete(command);
	/* A record with this command_id has taken it off already (journal.c). */
	if (rc == 0)
		rc = db_run(s, e, "DELETE FROM commands WHERE id = ?", "i", id);
	return rc;
}

int store_commands(struct store *s, const char *job,
                   int (*see)(void *ctx, const cJSON *command, struct err *e), void *ctx,
                   struct err *e)
{
	int64_t number = 0, id = 0;
	if (job_number(s, job, &number, e) != 0)
		return -1;
	char *body = NULL;
	int rc;
	while ((rc = next(s, number, &id, &body, e)) == 1) {
		rc = deliver(s, body, id, see, ctx, e);
		free(body);
		if (rc != 0)
			return -1;
	}
	return rc;
}
