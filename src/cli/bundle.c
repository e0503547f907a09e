/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/bundle.h"

#include "cli/cli.h"

#include "model/json.h"
#include "run/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOCTOR_MOST (1024 * 1024)

/* In the child: the verb with --json, into the pipe. It opens the store for itself: a connection
 * must not cross fork(). */
static void run_doctor(const struct cli *c, const struct verb *v, int out)
{
	struct doctor_terminal terminal = {0};
	struct cli own = {.verb = v,
			  .state_option = store_dir(c->store),
			  .json = true,
			  .seen = c->terminal ? &terminal : NULL};
	if (c->terminal)
		c->terminal(&terminal); /* of ours: the pipe is none */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0)
		_exit(EXIT_FAILURES);
	int rc = v->run(&own);
	(void)fflush(stdout);
	_exit(rc);
}

/* What the verb "doctor" says about this machine, when this program has it. New; NULL: nothing. */
static char *ask_doctor(struct cli *c)
{
	int words, ends[2];
	char part[4096];
	const struct verb *v = verb_find("doctor", NULL, &words);
	struct str out = {0};
	if (!v || fflush(stdout) != 0 || pipe2(ends, O_CLOEXEC) != 0)
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		run_doctor(c, v, ends[1]);
	(void)close(ends[1]);
	for (ssize_t n; pid > 0 && out.len < DOCTOR_MOST &&
			((n = read(ends[0], part, sizeof(part))) > 0 || (n < 0 && errno == EINTR));)
		str_add(&out, part, n > 0 ? (size_t)n : 0);
	(void)close(ends[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0); /* what it found is in the text */
	if (out.len)
		return str_take(&out);
	str_release(&out);
	return NULL;
}

/* --- the bundle ------------------------------------------------------------------------------- */

/* A name that means nothing to any shell. */
static char *default_path(const struct jobview *v, const char *device)
{
	char *path = xasprintf("hitless-%s%s%s.tar.gz", v->job->name, device ? "-" : "",
			       device ? device : "");
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";
	for (char *p = path + strspn(path, plain); *p; p += strspn(p, plain))
		*p = '_';
	return path;
}

static void say_json(const char *path, const struct bundle_list *list)
{
	cJSON *o = json_object_new("bundle"), *rows = cJSON_CreateArray();
	for (size_t i = 0; i < list->entries.n; i++) {
		cJSON *row = cJSON_CreateObject();
		json_put_text(row, "name", list->entries.v[i].name);
		json_put_number(row, "bytes", (int64_t)list->entries.v[i].bytes);
		json_append(rows, row);
	}
	json_put_text(o, "file", path);
	json_put_number(o, "redacted", (int64_t)list->removed);
	json_put(o, "contents", rows);
	put_json(o, false);
}

static void say(struct cli *c, const char *path, const struct bundle_list *list)
{
	for (size_t i = 0; i < list->entries.n; i++)
		tell(c, "%10zu  %s", list->entries.v[i].bytes, list->entries.v[i].name);
	tell(c, _("\nWritten: %s (only you can read it)"), path);
	tell(c,
	     _("Texts that looked like a secret and were taken out: %zu. Look through it before it "
	       "leaves your house."),
	     list->removed);
}

static int write_bundle(struct cli *c, const struct jobview *v, const char *id)
{
	const char *device = cli_option(c, "--device"), *given = cli_option(c, "--output");
	size_t d = device ? inventory_find(v->job->inventory, device) : 0;
	if (device && (d == NO_DEVICE || !job_has(v->job, d)))
		return cli_bad(c, _("%s is not a device of this job"), device);
	char *path = given ? xstrdup(given) : default_path(v, device), *doctor = ask_doctor(c);
	struct bundle_list list;
	struct bundle_input in = {.store = c->store,
				  .view = v,
				  .id = id,
				  .device = device,
				  .doctor = doctor,
				  .path = path};
	int rc = bundle_write(&in, &list, &c->e);
	if (rc == 0 && c->json)
		say_json(path, &list);
	else if (rc == 0)
		say(c, path, &list);
	bundle_list_release(&list);
	free(doctor);
	free(path);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int bundle(struct cli *c)
{
	char *id = cli_job(c, c->args[0]);
	struct jobview *v = id ? cli_view(c, id) : NULL;
	int rc = v ? write_bundle(c, v, id) : cli_fail(c);
	jobview_free(v);
	free(id);
	return rc;
}

static const struct option bundle_options[] = {
    {"--device", "DEVICE",
     N_("only steps, checks and snapshots of this device; request and plan of the job stay whole"),
     false},
    {"--output", "FILE", N_("write it to this file (hitless-JOB.tar.gz)"), false},
    {0},
};

const struct verb verbs_bundle[] = {
    {"bundle", "JOB", N_("all that a support case needs, in one file, without secrets"),
     bundle_options, 1, 1, .run = bundle,
     .more = N_("Report, journal as JSON lines, the output of every step, procedure, inventory,\n"
		"versions and the end of the log, as .tar.gz with a listing (CONTENTS). What looks\n"
		"like a password hash, a key or a community is taken out by its form; files that\n"
		"were saved from devices are listed, not copied. With --device the steps, checks,\n"
		"snapshots and records of other devices are left out; the request, the plan and the\n"
		"log, which name all of them, are not.")},
    {0},
};
