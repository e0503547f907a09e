/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "store/snapshots.h"

#include "store/db.h"

#include <stdlib.h>

static int exists(struct store *s, const char *name, struct err *e)
{
	int64_t n = 0;
	if (db_int(s, e, &n, "SELECT count(*) FROM snapshots WHERE name = ?", "t", name) < 0)
		return -1;
	return n > 0;
}

static int add(struct store *s, const struct snapshot_row *r, const char *body, struct err *e)
{
	int known = exists(s, r->name, e);
	if (known > 0)
		return err_set(e, ERR_INPUT, "there is a snapshot \"%s\" already", r->name);
	if (known < 0)
		return -1;
	return db_run(s, e,
	              "INSERT INTO snapshots (name, who, created, devices, elements, missing, body)"
	              " VALUES (?, ?, ?, ?, ?, ?, ?)",
	              "ttiiiit", r->name, r->who, r->created, r->devices, r->elements, r->missing,
	              body);
}

int store_snapshot_add(struct store *s, struct snapshot_row *row, const char *body, struct err *e)
{
	row->created = s->clock->wall(s->clock);
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, add(s, row, body, e), e);
}

int store_snapshots(struct store *s, struct snapshot_list *out, struct err *e)
{
	int rc;
	*out = (struct snapshot_list){0};
	sqlite3_stmt *q = db_query(s, e,
	                           "SELECT name, who, created, devices, elements, missing"
	                           " FROM snapshots ORDER BY number",
	                           "");
	if (!q)
		return -1;
	while ((rc = db_step(s, q, e)) == 1) {
		struct snapshot_row *r = VEC_ADD(out);
		r->name = xstrdup(column_text(q, 0));
		r->who = xstrdup(column_text(q, 1));
		r->created = sqlite3_column_int64(q, 2);
		r->devices = sqlite3_column_int64(q, 3);
		r->elements = sqlite3_column_int64(q, 4);
		r->missing = sqlite3_column_int64(q, 5);
	}
	db_done(q);
	return rc;
}

char *store_snapshot(struct store *s, const char *name, struct err *e)
{
	return db_text(s, e, "SELECT body FROM snapshots WHERE name = ?", "t", name);
}

int store_snapshot_delete(struct store *s, const char *name, struct err *e)
{
	int known = exists(s, name, e);
	if (known == 0)
		return err_set(e, ERR_INPUT, "there is no snapshot \"%s\"", name);
	return known < 0 ? -1
	                 : db_run(s, e, "DELETE FROM snapshots WHERE name = ?", "t", name);
}

void snapshot_list_release(struct snapshot_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].name), free(list->v[i].who);
	VEC_RELEASE(list);
}
