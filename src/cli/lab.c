/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/lab.h"

#include "base/path.h"
#include "lab/lab.h"
#include "model/inventory.h"
#include "model/json.h"
#include "run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define STOP_MS 20000

int lab_lock(const char *dir, struct err *e)
{
	char *path = path_join(dir, "lab.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(e, "cannot open %s", path);
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			err_set(e, ERR_LOCKED,
				"a lab runs in %s already; 'hitless lab down --dir "
				"%s' ends it",
				dir, dir);
		else
			err_sys(e, "cannot lock %s", path);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* --- up --------------------------------------------------------------------------------------- */

/* The options of this command line once more, for the process in the background. */
static char **serve_words(const struct cli *c, const char *dir)
{
	static const struct option passed[] = {LAB_OPTIONS, {0}};
	VEC(char *) list = {0};
	VEC_PUSH(&list, xstrdup("lab"));
	VEC_PUSH(&list, xstrdup("serve"));
	VEC_PUSH(&list, xstrdup("--dir"));
	VEC_PUSH(&list, xstrdup(dir));
	for (const struct option *o = passed; o->name; o++) {
		size_t at = 0;
		const char *value;
		while ((value = cli_next(c, o->name, &at))) {
			VEC_PUSH(&list, xstrdup(o->name));
			VEC_PUSH(&list, xstrdup(value));
		}
	}
	VEC_PUSH(&list, NULL);
	return list.v;
}

bool lab_from_file(const struct cli *c)
{
	const char *from = cli_option(c, "--from");
	return from && (strchr(from, '/') || path_exists(from));
}

int lab_start_words(const char *dir, char *const *words, struct err *e)
{
	int pid, fd;
	if (path_make_dirs(dir, e) != 0 || (fd = lab_lock(dir, e)) < 0)
		return -1;
	close(fd);
	char *log = path_join(dir, "serve.log");
	int rc = spawn_background(words, log, &pid, e);
	free(log);
	return rc;
}

int lab_start(struct cli *c, const char *dir)
{
	char **words = serve_words(c, dir);
	int rc = lab_start_words(dir, words, &c->e);
	strings_free(words);
	return rc;
}

static int first_line(const char *dir, const char *name, struct str *out, struct err *e)
{
	char *path = path_join(dir, name);
	int rc = path_read(path, 4096, out, e);
	free(path);
	if (rc == 0 && out->len)
		str_cut(out, strcspn(out->buf, "\n"));
	return rc;
}

static struct inventory *lab_inventory(const char *dir, struct err *e)
{
	char *path = path_join(dir, "inventory.json");
	struct inventory *inv = inventory_load(path, e);
	free(path);
	return inv;
}

static int need_dir(struct cli *c, const char **dir)
{
	*dir = cli_option(c, "--dir");
	return *dir ? 0 : err_set(&c->e, ERR_INPUT, "--dir DIR is missing");
}

static int describe(struct cli *c, const char *dir, bool running)
{
	struct inventory *inv = lab_inventory(dir, &c->e);
	if (!inv)
		return cli_fail(c);
	int port = inv->devices.n ? inv->devices.v[0].port : 0;
	if (c->json) {
		cJSON *o = json_object_new("lab");
		json_put_text(o, "dir", dir);
		json_put_flag(o, "running", running);
		json_put_number(o, "devices", (int64_t)inv->devices.n);
		json_put_number(o, "port", port);
		put_json(o, false);
	}
	tell(c, _("%zu devices on port %d, %s"), inv->devices.n, port,
	     running ? _("running") : _("not running"));
	inventory_free(inv);
	return EXIT_DONE;
}

static int up(struct cli *c)
{
	const char *dir;
	struct str user = {0};
	if (need_dir(c, &dir) != 0 || lab_start(c, dir) != 0 ||
	    first_line(dir, "user", &user, &c->e) != 0)
		return cli_fail(c);
	int rc = describe(c, dir, true);
	tell(c,
	     _("\nWhat an upgrade needs is in %s:\n"
	       "  hitless inventory import %s/inventory.json\n"
	       "  hitless credential add default --user %s --key %s/id_ed25519\n"
	       "  hitless image add %s/images/FILE\n"
	       "  hitless host-key scan --accept"),
	     dir, dir, str_text(&user), dir, dir);
	str_release(&user);
	return rc;
}

/* --- down, status, list ----------------------------------------------------------------------- */

/* The process holds the lock until it is no more. */
static int wait_end(const char *dir, long pid, struct err *e)
{
	struct clock *clock = clock_real();
	int64_t until = clock->now(clock) + STOP_MS;
	int fd;
	while ((fd = lab_lock(dir, e)) < 0 && e->kind == ERR_LOCKED && clock->now(clock) < until)
		(void)clock->wait(clock, NULL, 0, clock->now(clock) + 20);
	if (fd < 0 && e->kind == ERR_LOCKED)
		return err_set(e, ERR_TIMEOUT,
			       "process %ld of the lab in %s did not end within %d s; 'kill -9 "
			       "%ld' ends it, %s/serve.log may say why",
			       pid, dir, STOP_MS / 1000, pid, dir);
	if (fd < 0)
		return -1;
	close(fd);
	*e = (struct err){0};
	return 0;
}

int lab_stop(const char *dir, struct err *e)
{
	struct str pid = {0};
	int fd = path_is_dir(dir) ? lab_lock(dir, e) : -1;
	if (!path_is_dir(dir))
		return err_set(e, ERR_INPUT, "there is no directory %s", dir);
	if (fd >= 0) {
		close(fd);
		return 0; /* nobody serves it */
	}
	if (e->kind != ERR_LOCKED || first_line(dir, "lab.pid", &pid, e) != 0)
		return -1;
	long number = strtol(str_text(&pid), NULL, 10);
	str_release(&pid);
	if (number <= 1 || (kill((pid_t)number, SIGTERM) != 0 && errno != ESRCH))
		return err_sys(e, "cannot end process %ld", number);
	return wait_end(dir, number, e);
}

static int down(struct cli *c)
{
	const char *dir;
	if (need_dir(c, &dir) != 0)
		return cli_fail(c);
	int fd = path_is_dir(dir) ? lab_lock(dir, &c->e) : -1;
	if (fd >= 0)
		close(fd);
	if (fd < 0 && lab_stop(dir, &c->e) != 0)
		return cli_fail(c);
	tell(c, fd < 0 ? _("the lab in %s is down; its process has ended") : _("no lab runs in %s"),
	     dir);
	return EXIT_DONE;
}

static int status(struct cli *c)
{
	const char *dir;
	struct err e = {0};
	if (need_dir(c, &dir) != 0)
		return cli_fail(c);
	if (!path_is_dir(dir))
		return cli_bad(c, "there is no directory %s", dir);
	int fd = lab_lock(dir, &e);
	if (fd >= 0)
		close(fd);
	return describe(c, dir, fd < 0);
}

static int list(struct cli *c)
{
	const char *name, *text;
	cJSON *o = c->json ? json_object_new("labs") : NULL;
	cJSON *rows = c->json ? cJSON_CreateObject() : NULL,
	      *faults = c->json ? cJSON_CreateObject() : NULL;
	tell(c, _("Fabrics:"));
	for (size_t i = 0; lab_fabric_help(i, &name, &text); i++) {
		tell(c, "  %-20s %s", name, _(text));
		if (rows)
			json_put_text(rows, name, text);
	}
	tell(c, _("\nFaults, DEVICE:FAULT[=ARG][@MOMENT][xCOUNT] (DEVICE *: all):"));
	for (size_t i = 0; lab_fault_help(i, &name, &text); i++) {
		tell(c, "  %-20s %s", name, text);
		if (faults)
			json_put_text(faults, name, text);
	}
	if (o) {
		json_put(o, "fabrics", rows);
		json_put(o, "faults", faults);
		put_json(o, false);
	}
	return EXIT_DONE;
}

static const struct option up_options[] = {
    {"--dir", "DIR", N_("directory of the lab: inventory, host keys, key, images, log"), false},
    LAB_OPTIONS,
    {0},
};
static const struct option dir_options[] = {
    {"--dir", "DIR", N_("directory of the lab"), false},
    {0},
};

static const struct option fault_options[] = {
    {"--dir", "DIR", N_("directory of the lab"), false},
    {"--clear", NULL, N_("end these faults: DEVICE, DEVICE:FAULT or '*'"), false},
    {0},
};

const struct verb verbs_lab[] = {
    {"lab up", "", N_("start simulated switches, reached over real SSH on this machine"),
     up_options, 0, 0, .run = up},
    {"lab down", "", N_("end a lab"), dir_options, 0, 0, .run = down},
    {"lab status", "", N_("does a lab run?"), dir_options, 0, 0, .run = status},
    {"lab fault", "[DEVICE:FAULT]...", N_("set, clear or list the faults of a lab that runs"),
     fault_options, 0, -1,
     .more = N_(
	 "A fault is DEVICE:FAULT[=ARG][@MOMENT][xCOUNT]; 'hitless lab list' lists them. The "
	 "beginning of\na fault's name is enough; x1 lets it happen once, so that a second attempt "
	 "goes well. Without\na fault those that are set are listed."),
     .run = lab_fault},
    {"lab list", "", N_("list the fabrics and the faults"), NULL, 0, 0, .run = list},
    {0},
};
