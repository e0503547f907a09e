/* SPDX-License-Identifier: ISC */
/* What is remembered of devices: what they said, and how their last upgrade ended. */
#include "config.h"

#include "store/db.h"

#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static int set_facts(struct store *s, const struct known_device *d, struct err *e)
{
	cJSON *object = values_to_json(&d->facts);
	char *text = json_print(object, false);
	int rc = db_run(s, e,
			"INSERT OR REPLACE INTO device_facts (device, version, facts, wall)"
			" VALUES (?, ?, ?, ?)",
			"ttti", d->device, d->version, text, s->clock->wall(s->clock));
	free(text);
	cJSON_Delete(object);
	return rc;
}

int store_facts_set(struct store *s, const struct known_device *list, size_t n, struct err *e)
{
	int rc = 0;
	if (db_begin(s, e) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = set_facts(s, &list[i], e);
	return db_end(s, rc, e);
}

/* 1 and the facts that are kept; 0: it was never asked; -1 and e. */
static int read_facts(struct store *s, const char *device, struct values *out, struct err *e)
{
	sqlite3_stmt *q =
	    db_query(s, e, "SELECT facts FROM device_facts WHERE device = ?", "t", device);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	cJSON *object = rc == 1 ? cJSON_Parse(column_text(q, 0)) : NULL;
	values_from_json(out, object);
	cJSON_Delete(object);
	db_done(q);
	return rc;
}

static int change_facts(struct store *s, const char *device, const char *version,
			const struct values *facts, struct err *e)
{
	struct values all = {0};
	int rc = read_facts(s, device, &all, e);
	for (size_t i = 0; rc == 1 && i < facts->n; i++)
		values_set(&all, facts->v[i].name, facts->v[i].text);
	cJSON *object = values_to_json(&all);
	char *text = json_print(object, false);
	if (rc == 1)
		rc = db_run(s, e, "UPDATE device_facts SET version = ?, facts = ? WHERE device = ?",
			    "ttt", version, text, device);
	free(text);
	cJSON_Delete(object);
	values_release(&all);
	return rc;
}

int store_version_set(struct store *s, const char *device, const char *version,
		      const struct values *facts, struct err *e)
{
	if (db_begin(s, e) != 0)
		return -1;
	return db_end(s, change_facts(s, device, version, facts, e), e);
}

static void read_row(sqlite3_stmt *q, struct known_device *d)
{
	const char *facts = column_text(q, 2);
	cJSON *object = facts ? cJSON_Parse(facts) : NULL;
	d->device = xstrdup(column_text(q, 0));
	d->version = xstrdup(column_text(q, 1));
	values_from_json(&d->facts, object);
	d->asked = sqlite3_column_int64(q, 3);
	d->result = xstrdup(column_text(q, 4));
	d->failed_phase = xstrdup(column_text(q, 5));
	d->target = xstrdup(column_text(q, 6));
	d->ended = sqlite3_column_int64(q, 7);
	cJSON_Delete(object);
}

int store_history_last(struct store *s, struct known_devices *out, struct err *e)
{
	sqlite3_stmt *q = db_query(
	    s, e,
	    "SELECT d.device, f.version, f.facts, f.wall, h.result, h.failed_phase, h.version,"
	    " h.wall FROM (SELECT device FROM device_facts UNION SELECT device FROM history) d"
	    " LEFT JOIN device_facts f ON f.device = d.device"
	    " LEFT JOIN history h ON h.id = (SELECT max(id) FROM history WHERE device = d.device)"
	    " ORDER BY d.device",
	    "");
	int rc;
	if (!q)
		return -1;
	while ((rc = db_step(s, q, e)) == 1)
		read_row(q, VEC_ADD(out));
	db_done(q);
	return rc;
}

static int by_name(const void *name, const void *d)
{
	return strcmp(name, ((const struct known_device *)d)->device);
}

/* They come sorted by name, as bytes. */
const struct known_device *known_device(const struct known_devices *list, const char *device)
{
	return list->n ? bsearch(device, list->v, list->n, sizeof(*list->v), by_name) : NULL;
}

void known_devices_release(struct known_devices *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct known_device *d = &list->v[i];
		free(d->device);
		free(d->version);
		free(d->result);
		free(d->failed_phase);
		free(d->target);
		values_release(&d->facts);
	}
	VEC_RELEASE(list);
}
