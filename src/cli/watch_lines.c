/* SPDX-License-Identifier: ISC */
/* The life of a job on standard output: run/lines.h in columns, or the records as JSON. */
#include "config.h"

#include "cli/runner.h"

#include "base/utf8.h"
#include "model/json.h"

#define DEVICE_COLUMN 12
#define PHASE_COLUMN  10

static void put(void *ctx, const struct job_line *line)
{
	struct watcher *w = ctx;
	char time[32];
	clock_local_time(line->wall, time);
	const char *device = line->device ? line->device : _("job");
	const char *what = line->what ? line->what : "";
	tell(w->c, "%s  %-*s  %-*s  %s", time, utf8_field(device, DEVICE_COLUMN), device,
	     utf8_field(what, PHASE_COLUMN), what, line->text);
	w->shown = clock_real()->now(clock_real());
}

static struct lines *lines_of(struct watcher *w)
{
	w->lines.every = cli_flag(w->c, "--verbose");
	w->lines.commands = true;
	w->lines.put = put;
	w->lines.ctx = w;
	return &w->lines;
}

void watcher_line(struct watcher *w, const struct jobview *v, const struct record *r)
{
	lines_record(lines_of(w), v, r);
}

/* When nothing was said for a while: what is under way, with time and limit. */
void watcher_heartbeat(struct watcher *w)
{
	bool runs;
	int64_t now = status_now(w->c->store, watcher_view(w), w->id, &runs);
	w->shown = clock_real()->now(clock_real());
	if (runs)
		lines_under_way(lines_of(w), watcher_view(w), now);
}

/* The journal's record as it is, but for the text of the procedure in the first one. */
void watcher_json(const struct jobview *v, const struct record *r)
{
	char time[32];
	cJSON *object = json_object_new("record"), *data = cJSON_Duplicate(r->data, true);
	clock_iso(r->wall, time);
	json_put_text(object, "job", v->job ? v->job->name : NULL);
	json_put_number(object, "seq", r->seq);
	json_put_text(object, "time", time);
	json_put_text(object, "kind", record_kind_name(r->kind));
	json_put_text(object, "device", r->device);
	json_put_text(object, "step", r->step);
	if (r->kind == RECORD_JOB)
		cJSON_DeleteItemFromObjectCaseSensitive(data, "procedure");
	json_put(object, "data", data);
	put_json(object, false);
}
