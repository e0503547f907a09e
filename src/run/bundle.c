/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/bundle.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/utf8.h"
#include "model/digest.h"
#include "model/json.h"
#include "model/redact.h"
#include "run/report.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LOG_MOST  (1024 * 1024) /* bytes of the log's end */
#define FILE_MOST (64 * 1024 * 1024)

struct bundle {
	const struct bundle_input *in;
	struct bundle_list *list;
	struct redactor *redactor;
	struct archive *tar;
	char *top;         /* directory in the archive */
	struct str index;  /* the listing */
	struct str journal;
	struct err *e;
};

/* --- entries ---------------------------------------------------------------------------------- */

static int archive_bad(struct bundle *b)
{
	return err_set(b->e, ERR_SYSTEM, "%s: %s", b->in->path, archive_error_string(b->tar));
}

/* As it is: it was searched for secrets before. */
static int add_clean(struct bundle *b, const char *name, const char *text)
{
	size_t n = strlen(text);
	char *path = xasprintf("%s/%s", b->top, name), hex[DIGEST_HEX];
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		abort(); /* no memory: base/mem.c */
	archive_entry_set_pathname(entry, path);
	archive_entry_set_size(entry, (int64_t)n);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_mtime(entry, b->in->view->last / 1000, 0);
	int rc = archive_write_header(b->tar, entry) == ARCHIVE_OK &&
			 archive_write_data(b->tar, text, n) == (la_ssize_t)n
		     ? 0
		     : archive_bad(b);
	archive_entry_free(entry);
	free(path);
	digest_bytes(text, n, hex);
	str_printf(&b->index, "%s %10zu  %s\n", hex, n, name);
	struct bundle_entry *x = VEC_ADD(&b->list->entries);
	x->name = xstrdup(name);
	x->bytes = n;
	return rc;
}

static int add_text(struct bundle *b, const char *name, const char *text)
{
	char *clean = redact(b->redactor, text, &b->list->removed);
	int rc = add_clean(b, name, clean);
	free(clean);
	return rc;
}

/* Takes the value. Strings are searched one by one: escaped they look different. */
static int add_json(struct bundle *b, const char *name, cJSON *value)
{
	redact_json(b->redactor, value, &b->list->removed);
	json_safe(value);
	char *text = json_print(value, true), *whole = xasprintf("%s\n", text);
	int rc = add_clean(b, name, whole);
	free(whole);
	free(text);
	cJSON_Delete(value);
	return rc;
}

/* --- the report ------------------------------------------------------------------------------- */

static bool is_about(const struct bundle *b, const char *device)
{
	return !b->in->device || !device || str_eq(b->in->device, device);
}

/* Everything of other devices goes. */
static void keep_device(const struct bundle *b, cJSON *value)
{
	cJSON *next;
	for (cJSON *x = value ? value->child : NULL; x; x = next) {
		next = x->next;
		if (cJSON_IsArray(value) && cJSON_IsObject(x) && !is_about(b, json_text(x, "device")))
			cJSON_Delete(cJSON_DetachItemViaPointer(value, x));
		else
			keep_device(b, x);
	}
}

static int add_report(struct bundle *b)
{
	const struct bundle_input *in = b->in;
	cJSON *report = report_json(in->store, in->view, in->id, b->e);
	if (!report)
		return -1;
	b->list->removed += (size_t)json_number(report, "redacted", 0);
	if (in->device) {
		keep_device(b, report);
		return add_json(b, "report.json", report);
	}
	int rc = add_json(b, "report.json", report);
	for (int f = 0; rc == 0 && f < REPORT_FORMATS; f++) {
		if (f == REPORT_JSON)
			continue;
		char *name = xasprintf("report%s", report_kinds[f].suffix);
		char *text = report_make((enum report_format)f, in->store, in->view, in->id, b->e);
		rc = text ? add_clean(b, name, text) : -1;
		free(text);
		free(name);
	}
	return rc;
}

/* --- the journal ------------------------------------------------------------------------------ */

static int put_record(void *ctx, const struct record *r, struct err *e)
{
	struct bundle *b = ctx;
	char time[32];
	(void)e;
	if (r->seq > b->in->view->seq)
		return 1;
	if (!is_about(b, r->device))
		return 0;
	cJSON *o = cJSON_CreateObject(), *data = cJSON_Duplicate(r->data, true);
	clock_iso(r->wall, time);
	json_put_number(o, "seq", r->seq);
	json_put_text(o, "time", time);
	json_put_text(o, "kind", record_kind_name(r->kind));
	json_put_text(o, "device", r->device);
	json_put_text(o, "step", r->step);
	if (r->kind == RECORD_JOB)
		cJSON_DeleteItemFromObjectCaseSensitive(data, "procedure");
	json_put(o, "data", data);
	if (b->in->device)
		keep_device(b, data);
	redact_json(b->redactor, o, &b->list->removed);
	json_safe(o);
	char *text = json_print(o, false);
	str_printf(&b->journal, "%s\n", text);
	free(text);
	cJSON_Delete(o);
	return 0;
}

static int add_journal(struct bundle *b)
{
	int rc = store_read(b->in->store, b->in->id, 0, 0, put_record, b, b->e);
	return rc == 0 ? add_clean(b, "journal.jsonl", str_text(&b->journal)) : -1;
}

static int put_procedure(void *ctx, const struct record *r, struct err *e)
{
	struct bundle *b = ctx;
	const char *text = r->kind == RECORD_JOB ? json_text(r->data, "procedure") : NULL;
	(void)e;
	if (!text)
		return 1;
	return add_text(b, "procedure.json", text) == 0 ? 1 : -1;
}

static int add_inventory(struct bundle *b)
{
	cJSON *inv = inventory_to_json(b->in->view->job->inventory), *d, *next;
	cJSON *devices = cJSON_GetObjectItemCaseSensitive(inv, "devices");
	for (d = devices ? devices->child : NULL; d; d = next) {
		next = d->next;
		if (b->in->device && !str_eq(json_text(d, "name"), b->in->device))
			cJSON_Delete(cJSON_DetachItemViaPointer(devices, d));
	}
	return add_json(b, "inventory.json", inv);
}

/* --- devices ---------------------------------------------------------------------------------- */

static void put_part(const struct bundle *b, struct str *out, const char *label, const char *text)
{
	char *clean = text && *text ? redact(b->redactor, text, &b->list->removed) : NULL;
	if (clean)
		str_printf(out, "--- %s\n%s%s", label, clean, str_ends(clean, "\n") ? "" : "\n");
	free(clean);
}

static void put_steps(const struct bundle *b, const struct task_view *t, struct str *out)
{
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		char time[32];
		clock_iso(s->started, time);
		str_printf(out, "=== %s %s, %s, attempt %d: %s, exit status %d\n", time, s->step,
			   pass_names[s->pass], s->attempt, s->result ? s->result : "under way",
			   s->exit);
		put_part(b, out, "command", s->command);
		put_part(b, out, "output", s->output);
		put_part(b, out, "message", s->message);
	}
}

static void put_checks(const struct bundle *b, size_t device, struct str *out)
{
	for (size_t i = 0; i < b->in->view->checks.n; i++) {
		const struct check_view *k = &b->in->view->checks.v[i];
		if (k->device != device)
			continue;
		str_printf(out, "=== check %s: %s\n", k->check, k->status ? k->status : "?");
		put_part(b, out, "command", k->command);
		put_part(b, out, "output", k->output);
		put_part(b, out, "message", k->message);
	}
}

/* Files saved from the device may hold its accounts and keys: only that they are there. */
static void put_kept(const struct bundle *b, const char *device, struct str *out)
{
	char *dir = store_job_dir(b->in->store, b->in->id, device, NULL);
	DIR *d = dir ? opendir(dir) : NULL;
	const struct dirent *f;
	str_puts(out, "=== files that were saved from it (not in this bundle)\n");
	while (d && (f = readdir(d))) {
		char *path = path_join(dir, f->d_name);
		if (f->d_name[0] != '.')
			str_printf(out, "%10" PRId64 "  %s\n", path_size(path), f->d_name);
		free(path);
	}
	if (d)
		closedir(d);
	free(dir);
}

static int add_device(struct bundle *b, const struct task_view *t)
{
	const char *device = jobview_device(b->in->view, t->device);
	char *name = path_is_name(device) ? xasprintf("devices/%s.txt", device)
					  : xasprintf("devices/number-%zu.txt", t->device);
	struct str out = {0}, safe = {0};
	str_printf(&out, "%s: %s\n", device, task_state_name(t->state));
	for (size_t i = 0; i < t->facts.n; i++)
		str_printf(&out, "%-20s %s\n", t->facts.v[i].name, t->facts.v[i].text);
	put_checks(b, t->device, &out);
	put_steps(b, t, &out);
	put_kept(b, device, &out);
	utf8_sanitise(&safe, str_text(&out), out.len, UTF8_KEEP_LINES);
	int rc = add_clean(b, name, str_text(&safe));
	str_release(&safe);
	str_release(&out);
	free(name);
	return rc;
}

static int add_devices(struct bundle *b)
{
	const struct jobview *v = b->in->view;
	int rc = 0;
	for (size_t i = 0; i < v->tasks.n && rc == 0; i++)
		if (is_about(b, jobview_device(v, v->tasks.v[i].device)))
			rc = add_device(b, &v->tasks.v[i]);
	return rc;
}

/* --- around it -------------------------------------------------------------------------------- */

static int add_versions(struct bundle *b)
{
	struct utsname u = {0};
	struct str os = {0}, out = {0};
	(void)uname(&u);
	(void)path_read("/etc/os-release", 65536, &os, NULL);
	str_printf(&out, "hitless %s\nlibarchive %s\ncJSON %s\n", PACKAGE_VERSION,
		   archive_version_string(), cJSON_Version());
	str_printf(&out, "%s %s %s %s\n\n%s", u.sysname, u.release, u.version, u.machine,
		   str_text(&os));
	int rc = add_text(b, "versions.txt", str_text(&out));
	str_release(&os);
	str_release(&out);
	return rc;
}

/* The end of it, from a whole line on. */
static int add_log(struct bundle *b)
{
	char *path = store_path(b->in->store, "hitless.log");
	struct str text = {0};
	const char *from;
	int rc = path_exists(path) ? path_read(path, FILE_MOST, &text, b->e) : 0;
	from = str_text(&text);
	if (text.len > LOG_MOST) {
		from += text.len - LOG_MOST;
		from += strcspn(from, "\n");
	}
	if (rc == 0 && text.len)
		rc = add_text(b, "hitless.log", from);
	str_release(&text);
	free(path);
	return rc;
}

static int add_index(struct bundle *b)
{
	struct str out = {0};
	char time[32];
	clock_iso(b->in->view->last, time);
	str_printf(&out, "Support bundle of hitless %s\njob     %s (%s)\n", PACKAGE_VERSION,
		   b->in->view->job->name, b->in->id);
	if (b->in->device)
		str_printf(&out,
			   "device  %s: steps, checks, snapshots and records of other devices are\n"
			   "        left out. The job's request, its plan and the log are whole: they\n"
			   "        name other devices, too.\n",
			   b->in->device);
	str_printf(&out, "as of   %s, record %" PRId64 "\n", time, b->in->view->seq);
	str_printf(&out,
		   "\nTexts that looked like a secret and were taken out: %zu. What they are is\n"
		   "guessed by their form: look through it before it leaves your house.\n\n"
		   "SHA-256, bytes, name\n%s",
		   b->list->removed, str_text(&b->index));
	int rc = add_clean(b, "CONTENTS", str_text(&out));
	str_release(&out);
	return rc;
}

/* --- all -------------------------------------------------------------------------------------- */

static int add_all(struct bundle *b)
{
	int rc = add_report(b);
	if (rc == 0)
		rc = add_journal(b);
	if (rc == 0)
		rc = store_read(b->in->store, b->in->id, 0, 1, put_procedure, b, b->e);
	if (rc == 0)
		rc = add_inventory(b);
	if (rc == 0)
		rc = add_devices(b);
	if (rc == 0)
		rc = add_versions(b);
	if (rc == 0)
		rc = add_log(b);
	if (rc == 0 && b->in->doctor)
		rc = add_text(b, "doctor.json", b->in->doctor);
	return rc == 0 ? add_index(b) : -1;
}

static int write_archive(struct bundle *b, int fd)
{
	b->tar = archive_write_new();
	if (!b->tar)
		abort(); /* no memory: base/mem.c */
	bool ready = archive_write_add_filter_gzip(b->tar) == ARCHIVE_OK &&
		     archive_write_set_filter_option(b->tar, "gzip", "timestamp", NULL) ==
			 ARCHIVE_OK &&
		     archive_write_set_format_pax_restricted(b->tar) == ARCHIVE_OK &&
		     archive_write_open_fd(b->tar, fd) == ARCHIVE_OK;
	int rc = ready ? add_all(b) : archive_bad(b);
	if (archive_write_close(b->tar) != ARCHIVE_OK && rc == 0)
		rc = archive_bad(b);
	archive_write_free(b->tar);
	return rc;
}

/* A name in the archive that every system takes. */
static char *top_name(const struct bundle_input *in)
{
	char *name = xasprintf("hitless-%s%s%s", in->id, in->device ? "-" : "",
			       in->device && path_is_name(in->device) ? in->device : "");
	return name;
}

int bundle_write(const struct bundle_input *in, struct bundle_list *out, struct err *e)
{
	struct bundle b = {.in = in, .list = out, .e = e, .redactor = redactor_new(e)};
	char *fresh = xasprintf("%s.part", in->path);
	*out = (struct bundle_list){0};
	int fd = b.redactor ? open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
			    : -1;
	int rc = fd >= 0 ? 0 : b.redactor ? err_sys(e, "cannot write %s", fresh) : -1;
	b.top = top_name(in);
	if (rc == 0 && fchmod(fd, 0600) != 0)
		rc = err_sys(e, "cannot write %s", fresh);
	if (rc == 0)
		rc = write_archive(&b, fd);
	if (rc == 0 && fsync(fd) != 0)
		rc = err_sys(e, "cannot write %s", fresh);
	if (fd >= 0 && close(fd) != 0 && rc == 0)
		rc = err_sys(e, "cannot write %s", fresh);
	if (rc == 0 && rename(fresh, in->path) != 0)
		rc = err_sys(e, "cannot write %s", in->path);
	if (rc != 0 && fd >= 0)
		(void)unlink(fresh);
	redactor_free(b.redactor);
	str_release(&b.index);
	str_release(&b.journal);
	free(b.top);
	free(fresh);
	return rc;
}

void bundle_list_release(struct bundle_list *l)
{
	for (size_t i = 0; i < l->entries.n; i++)
		free(l->entries.v[i].name);
	VEC_RELEASE(&l->entries);
}
