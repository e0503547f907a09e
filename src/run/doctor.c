/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/path.h"
#include "model/json.h"
#include "run/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT ((size_t)1024 * 1024)

static const struct {
	const char *id, *title;
	bool quick; /* takes no time, and matters to any job */
	doctor_check *look;
} checks[] = {
    {"libraries", N_("Libraries"), false, doctor_libraries},
    {"terminal", N_("Terminal"), false, doctor_screen},
    {"locale", N_("Locale"), false, doctor_locale},
    {"procedures", N_("Procedures"), false, doctor_procedures},
    {"state", N_("State directory"), true, doctor_state},
    {"files", N_("Files of the state"), false, doctor_files},
    {"space", N_("Free space"), true, doctor_space},
    {"temporary", N_("Temporary files"), false, doctor_temporary},
    {"logout", N_("Logout"), true, doctor_logout},
    {"shutdown", N_("Restart"), true, doctor_shutdown},
    {"clock", N_("Clock"), true, doctor_clock},
    {"limits", N_("Limits"), true, doctor_limits},
    {"memory", N_("Memory"), true, doctor_memory},
    {"random", N_("Random numbers"), true, doctor_random},
    {"credentials", N_("Credentials"), false, doctor_credentials},
    {"host-keys", N_("Host keys"), false, doctor_host_keys},
    {"jobs", N_("Jobs"), false, doctor_jobs},
};

/* --- for the checks --------------------------------------------------------------------------- */

static void add(struct str *to, char *text)
{
	if (text && to->len)
		str_puts(to, "; ");
	str_puts(to, text);
	free(text);
}

void doctor_found(struct doctor_finding *f, enum doctor_level level, char *what, char *action)
{
	/* what is well is of no interest beside what is not */
	if (level > DOCTOR_OK && f->level == DOCTOR_OK)
		str_clear(&f->evidence);
	if (level < f->level && level == DOCTOR_OK) {
		free(what);
		free(action);
		return;
	}
	if (level > f->level)
		f->level = level;
	add(&f->evidence, what);
	if (action && f->action.len && strstr(f->action.buf, action))
		free(action); /* said already */
	else
		add(&f->action, action);
}

char *doctor_path(const struct doctor *d, const char *path)
{
	return xasprintf("%s%s", d->o->root ? d->o->root : "", path);
}

/* path_read() takes regular files that have a size; those of /proc have none. */
bool doctor_read(const struct doctor *d, const char *path, struct str *out)
{
	char *full = doctor_path(d, path), block[4096];
	FILE *file = fopen(full, "re");
	size_t n;
	free(full);
	if (!file)
		return false;
	while (out->len < FILE_LIMIT && (n = fread(block, 1, sizeof(block), file)) > 0)
		str_add(out, block, n);
	bool good = !ferror(file);
	(void)fclose(file); /* only read */
	return good;
}

int64_t doctor_number(const char *text, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0) {
			char *end;
			long long value = strtoll(line + n, &end, 10);
			return end == line + n || value < 0 ? -1 : value;
		}
	}
	return -1;
}

/* --- examining -------------------------------------------------------------------------------- */

static void load(struct doctor *d, bool for_job)
{
	struct err e = {0};
	d->state = d->o->store   ? xstrdup(store_dir(d->o->store))
		   : d->o->state ? xstrdup(d->o->state)
				 : path_xdg("STATE", &e);
	if (!d->o->store)
		return;
	char *path = store_path(d->o->store, "inventory.json");
	if (path_exists(path))
		d->inventory = inventory_load(path, &d->unreadable);
	free(path);
	d->goes_without = for_job;
	if (desk_credentials(d->o->store, &d->credentials, &e) != 0) {
		d->unreadable = e;
		d->goes_without = false;
	}
	d->devices = d->o->devices ? d->o->devices : d->inventory ? d->inventory->devices.n : 0;
}

void doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out)
{
	struct doctor d = {.o = o};
	load(&d, quick);
	for (size_t i = 0; i < LEN(checks); i++) {
		if (quick && !checks[i].quick)
			continue;
		struct doctor_finding *f = VEC_ADD(out);
		f->id = checks[i].id;
		f->title = checks[i].title;
		checks[i].look(&d, f);
	}
	inventory_free(d.inventory);
	credentials_release(&d.credentials);
	free(d.state);
}

void doctor_release(struct doctor_findings *list)
{
	for (size_t i = 0; i < list->n; i++) {
		str_release(&list->v[i].evidence);
		str_release(&list->v[i].action);
	}
	VEC_RELEASE(list);
}

enum doctor_level doctor_worst(const struct doctor_findings *list)
{
	enum doctor_level worst = DOCTOR_OK;
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].level > worst)
			worst = list->v[i].level;
	return worst;
}

/* --- saying ----------------------------------------------------------------------------------- */

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[DOCTOR_LEVELS] = {"ok", "warning", "error"};
	return names[level];
}

const char *doctor_level_word(enum doctor_level level)
{
	static const char *const words[DOCTOR_LEVELS] = {N_("ok"), N_("WARNING"), N_("ERROR")};
	return _(words[level]);
}

cJSON *doctor_to_json(const struct doctor_findings *list)
{
	cJSON *rows = cJSON_CreateArray();
	for (size_t i = 0; i < list->n; i++) {
		const struct doctor_finding *f = &list->v[i];
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "id", f->id);
		json_put_text(o, "title", f->title);
		json_put_text(o, "level", doctor_level_name(f->level));
		json_put_text(o, "evidence", str_text(&f->evidence));
		json_put_text(o, "action", str_text(&f->action));
		json_append(rows, o);
	}
	return rows;
}

int doctor_allow(struct store *s, size_t devices, struct str *warnings, struct err *e)
{
	struct doctor_findings list = {0};
	const struct doctor_options o = {.store = s, .devices = devices};
	int rc = 0;
	if (desk_setting(s, "check-machine", 1) == 0)
		return 0;
	doctor_examine(&o, true, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct doctor_finding *f = &list.v[i];
		if (f->level == DOCTOR_ERROR && rc == 0)
			rc = err_set(e, ERR_REFUSED,
				     _("no job can run on this machine now: %s: %s; %s ('hitless "
				       "doctor' shows all)"),
				     _(f->title), str_text(&f->evidence), str_text(&f->action));
		else if (f->level == DOCTOR_WARNING && warnings)
			str_printf(warnings, "%s: %s; %s\n", _(f->title), str_text(&f->evidence),
				   str_text(&f->action));
	}
	doctor_release(&list);
	return rc;
}
