/* SPDX-License-Identifier: ISC */
/* snapd's own door: curl --unix-socket /run/snapd.socket http://localhost/v2/... (GET only). */
#include "config.h"

#include "lab/show.h"
#include "lab/snap.h"

#include <stdlib.h>
#include <string.h>

#define SOCKET "/run/snapd.socket"

static void add_time(cJSON *o, const char *key, int64_t ms)
{
	char text[48];
	if (ms >= 0)
		cJSON_AddStringToObject(o, key, snap_time(ms, text, sizeof(text)));
}

static cJSON *task_json(const struct sh *sh, const struct change *c, const struct task *t, int id)
{
	cJSON *o = cJSON_CreateObject();
	char *summary = snap_task_summary(c, t), *number = xasprintf("%d", 100 * c->id + id);
	bool doing = t->state == TASK_DOING && t->until > t->began;
	int64_t total = doing ? t->until - t->began : 1;
	int64_t done = doing ? sh->lab->now - t->began : t->ready >= 0;
	cJSON_AddStringToObject(o, "id", number);
	cJSON_AddStringToObject(o, "summary", summary);
	cJSON_AddStringToObject(o, "status", snap_task_state(t->state));
	if (t->log)
		cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "log"), cJSON_CreateString(t->log));
	cJSON *progress = cJSON_AddObjectToObject(o, "progress");
	cJSON_AddStringToObject(progress, "label", "");
	cJSON_AddNumberToObject(progress, "done", (double)(done < total ? done : total));
	cJSON_AddNumberToObject(progress, "total", (double)total);
	add_time(o, "spawn-time", t->spawn);
	add_time(o, "ready-time", t->ready);
	free(number);
	free(summary);
	return o;
}

static cJSON *change_json(const struct sh *sh, const struct change *c)
{
	cJSON *o = cJSON_CreateObject();
	char *number = xasprintf("%d", c->id);
	cJSON_AddStringToObject(o, "id", number);
	cJSON_AddStringToObject(o, "kind", c->kind);
	cJSON_AddStringToObject(o, "summary", c->summary);
	cJSON_AddStringToObject(o, "status", snapd_status(c));
	cJSON *tasks = cJSON_AddArrayToObject(o, "tasks");
	for (size_t i = 0; i < c->tasks.n; i++)
		cJSON_AddItemToArray(tasks, task_json(sh, c, &c->tasks.v[i], (int)i));
	cJSON_AddBoolToObject(o, "ready", c->ready >= 0);
	if (c->ready >= 0 && !str_eq(snapd_status(c), "Done")) {
		char *why = snapd_why(c);
		cJSON_AddStringToObject(o, "err", why);
		free(why);
	}
	add_time(o, "spawn-time", c->spawn);
	add_time(o, "ready-time", c->ready);
	cJSON *data = cJSON_AddObjectToObject(o, "data");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(data, "snap-names"),
			     cJSON_CreateString(snap_names[c->snap]));
	free(number);
	return o;
}

static cJSON *snap_json(const struct sh *sh, enum snap_id id)
{
	const struct snap *s = &sh->dev->member->snaps[id];
	cJSON *o = cJSON_CreateObject();
	char *revision = xasprintf("%d", s->rev->rev);
	cJSON_AddStringToObject(o, "name", snap_names[id]);
	cJSON_AddStringToObject(o, "version", s->rev->version);
	cJSON_AddStringToObject(o, "revision", revision);
	cJSON_AddStringToObject(o, "tracking-channel", s->tracking);
	cJSON_AddStringToObject(o, "status", "active");
	cJSON_AddStringToObject(o, "type", "app");
	cJSON_AddNumberToObject(o, "installed-size", (double)s->rev->megabytes * (1 << 20));
	if (s->cohort)
		cJSON_AddStringToObject(o, "cohort-key", "+");
	if (s->held)
		cJSON_AddStringToObject(o, "hold", "2315-08-21T00:00:00Z");
	free(revision);
	return o;
}

/* ?select=in-progress|ready|all&for=SNAP */
static bool selected(const struct change *c, const char *query)
{
	const char *of = strstr(query, "for=");
	if (of && !(str_starts(of + 4, snap_names[c->snap]) &&
		    strcspn(of + 4, "&") == strlen(snap_names[c->snap])))
		return false;
	return strstr(query, "select=all")     ? true
	       : strstr(query, "select=ready") ? c->ready >= 0
					       : c->ready < 0;
}

static cJSON *answer(struct sh *sh, const char *path)
{
	const struct member *m = sh->dev->member;
	if (str_starts(path, "/v2/changes/")) {
		const struct change *c = snap_change_of(sh, path + 12);
		return c ? change_json(sh, c) : NULL;
	}
	if (str_starts(path, "/v2/snaps/")) {
		int id = snap_find(path + 10);
		return id < 0 ? NULL : snap_json(sh, (enum snap_id)id);
	}
	bool snaps = str_eq(path, "/v2/snaps");
	if (!snaps && !str_eq(path, "/v2/changes") && !str_starts(path, "/v2/changes?"))
		return NULL;
	cJSON *list = cJSON_CreateArray();
	for (int s = 0; snaps && s < SNAPS; s++)
		cJSON_AddItemToArray(list, snap_json(sh, (enum snap_id)s));
	for (size_t i = 0; !snaps && i < m->changes.n; i++)
		if (selected(m->changes.v[i], path))
			cJSON_AddItemToArray(list, change_json(sh, m->changes.v[i]));
	return list;
}

static int run_curl(struct sh *sh, int argc, char **argv)
{
	const char *url = "", *socket = "";
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--unix-socket") && i + 1 < argc)
			socket = argv[++i];
		else if (strstr(argv[i], "://"))
			url = strstr(argv[i], "://") + 3;
	}
	if (!str_eq(socket, SOCKET))
		return say(sh, 6, "curl: (6) Could not resolve host: %.*s", (int)strcspn(url, "/"),
			   url);
	cJSON *root = cJSON_CreateObject(), *result = answer(sh, url + strcspn(url, "/"));
	cJSON_AddStringToObject(root, "type", result ? "sync" : "error");
	cJSON_AddNumberToObject(root, "status-code", result ? 200 : 404);
	cJSON_AddStringToObject(root, "status", result ? "OK" : "Not Found");
	if (!result) {
		result = cJSON_CreateObject();
		cJSON_AddStringToObject(result, "message", "not found");
	}
	cJSON_AddItemToObject(root, "result", result);
	char *text = cJSON_PrintUnformatted(root);
	blob_puts(sh->out, text ? text : "");
	cJSON_free(text);
	cJSON_Delete(root);
	return 0;
}

const struct command snap_rest_commands[] = {
    {.name = "curl", .run = run_curl, .path = "/usr/bin"},
    {0},
};
