/* SPDX-License-Identifier: ISC */
/* The whole of an upgrade on simulated switches: a lab in the background, a state directory of its
 * own, and then nothing but the verbs that a person would type, shown as they are run. */
#include "config.h"

#include "cli/demo.h"
#include "cli/home.h"
#include "cli/lab.h"

#include "base/path.h"
#include "lab/lab.h"
#include "run/before.h"
#include "run/desk.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct demo {
	struct cli *c;
	char *dir, *lab, *state;
	const char *to;
};

/* Run a verb of ours, as typed; its exit status. */
static int run(struct demo *d, char *const *words)
{
	struct str line = {0};
	for (size_t i = 0; words[i]; i++)
		str_printf(&line, " %s", words[i]);
	tell(d->c, "$ hitless%s", str_text(&line));
	str_release(&line);
	return dispatch_again(d->c, d->state, words);
}

#define RUN(d, ...) run(d, (char *[]){__VA_ARGS__, NULL})

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_images(struct demo *d)
{
	char *images = path_join(d->lab, "images");
	struct dirent **list = NULL;
	int n = scandir(images, &list, visible, alphasort), rc = 0;
	if (n < 0) {
		err_sys(&d->c->e, "cannot read %s", images);
		rc = cli_fail(d->c);
	}
	for (int i = 0; i < n; i++) {
		char *path = path_join(images, list[i]->d_name);
		rc = rc ? rc : RUN(d, (char *)"image", (char *)"add", path);
		free(path);
		free(list[i]);
	}
	free(list);
	free(images);
	return rc;
}

/* The lab says which host keys its devices have: no first contact has to be believed. */
static int copy_host_keys(struct demo *d)
{
	struct str text = {0};
	char *from = path_join(d->lab, "known_hosts"), *to = path_join(d->state, "known_hosts");
	int rc = path_read(from, (size_t)16 << 20, &text, &d->c->e);
	if (rc == 0)
		rc = path_write(to, str_text(&text), text.len, &d->c->e);
	str_release(&text);
	free(from);
	free(to);
	return rc == 0 ? 0 : cli_fail(d->c);
}

static int add_credential(struct demo *d)
{
	struct str user = {0};
	char *path = path_join(d->lab, "user"), *key = path_join(d->lab, "id_ed25519");
	int rc = path_read(path, 256, &user, &d->c->e);
	if (rc == 0 && user.len)
		user.buf[strcspn(user.buf, "\n")] = '\0';
	rc = rc == 0 ? RUN(d, (char *)"credential", (char *)"add", (char *)"default",
			   (char *)"--user", user.buf, (char *)"--key", key)
		     : cli_fail(d->c);
	str_release(&user);
	free(path);
	free(key);
	return rc;
}

/* All of the fabric, however large it was wanted. */
static int allow_all(struct demo *d, const char *inventory)
{
	struct inventory *inv = inventory_load(inventory, &d->c->e);
	char *n = inv ? xasprintf("%zu", inv->devices.n) : NULL;
	int rc = 0;
	if (!inv)
		rc = cli_fail(d->c);
	else if (inv->devices.n > DESK_DEVICES_MOST)
		rc = RUN(d, (char *)"setting", (char *)"set", (char *)DESK_DEVICES, n);
	inventory_free(inv);
	free(n);
	return rc;
}

static int prepare(struct demo *d)
{
	char *inventory = path_join(d->lab, "inventory.json");
	const char *speed = cli_option(d->c, "--speed");
	int rc = RUN(d, (char *)"setting", (char *)"set", (char *)"clock-speed",
		     speed ? (char *)speed : (char *)LAB_SPEED_TEXT);
	if (rc == 0)
		rc = RUN(d, (char *)"inventory", (char *)"import", inventory);
	if (rc == 0)
		rc = allow_all(d, inventory);
	free(inventory);
	if (rc == 0)
		rc = copy_host_keys(d);
	if (rc == 0)
		rc = add_credential(d);
	return rc == 0 ? add_images(d) : rc;
}

static bool by_itself(const struct demo *d)
{
	return cli_flag(d->c, "--yes") || cli_flag(d->c, "--headless") || !d->c->in_tty;
}

static int upgrade(struct demo *d)
{
	bool yes = by_itself(d);
	return yes ? RUN(d, (char *)"upgrade", (char *)"--name", (char *)"demo", (char *)"--to",
			 (char *)d->to, (char *)"--yes")
		   : RUN(d, (char *)"upgrade", (char *)"--name", (char *)"demo", (char *)"--to",
			 (char *)d->to);
}

/* A question to the operator that no device is the matter of; 0: there is none. */
static int64_t open_question(const struct demo *d)
{
	struct cli own = {.state_option = d->state};
	struct err e = {0};
	int64_t id = 0;
	char *job = NULL;
	struct jobview *v = cli_store(&own) ? before_open(own.store, "demo", &job, &e) : NULL;
	const struct question_view *q = v ? jobview_next_question(v, 0) : NULL;
	while (q && q->device != NO_DEVICE)
		q = jobview_next_question(v, q->id);
	if (q)
		id = q->id;
	jobview_free(v);
	free(job);
	cli_close(&own);
	return id;
}

/* Nobody is there to be asked: the demo goes past its points of no return. */
static int upgrade_all(struct demo *d)
{
	int rc = upgrade(d);
	int64_t id;
	while (rc == EXIT_HELD && by_itself(d) && (id = open_question(d)) > 0) {
		char *number = xasprintf("%" PRId64, id);
		rc = RUN(d, (char *)"answer", (char *)"demo", number, (char *)"go");
		free(number);
	}
	return rc;
}

static void report(struct demo *d)
{
	char *path = path_join(d->dir, "report.json"), *from = path_join(d->lab, "inventory.json");
	struct inventory *inv = inventory_load(from, &d->c->e);
	(void)RUN(d, (char *)"report", (char *)"demo", (char *)"--output", path);
	tell(d->c, _("\nReport: %s"), path);
	if (inv && inv->devices.n)
		tell(d->c, _("Look closer: hitless --state %s show demo --device %s"), d->state,
		     inv->devices.v[0].name);
	inventory_free(inv);
	free(path);
	free(from);
}

/* After an interruption the job goes on, so the lab has to. */
static int finish(struct demo *d, int rc)
{
	if (rc == EXIT_INTERRUPTED) {
		remark(d->c,
		       _("The lab goes on as well: hitless --state %s attach demo; at the end "
			 "hitless lab down --dir %s"),
		       d->state, d->lab);
		return rc;
	}
	report(d);
	return rc;
}

static int show(struct demo *d)
{
	struct demo_words w = {.state = d->state, .lab = d->lab, .to = d->to};
	return demo_wizard(d->c, &w);
}

static char *private_dir(struct cli *c)
{
	const char *given = cli_option(c, "--dir"), *tmp = getenv("TMPDIR");
	if (given)
		return path_make_dirs(given, &c->e) == 0 ? xstrdup(given) : NULL;
	char *dir = path_join(tmp && *tmp ? tmp : "/tmp", "hitless-demo-XXXXXX");
	if (mkdtemp(dir))
		return dir;
	err_sys(&c->e, "cannot make a directory");
	free(dir);
	return NULL;
}

/* Nothing in a directory of our own is of use when the demo does not begin. */
static void discard(struct demo *d)
{
	if (!cli_option(d->c, "--dir"))
		(void)path_remove_tree(d->dir, NULL);
}

/* From nothing to a report. */
static int play(struct demo *d)
{
	struct cli *c = d->c;
	if (path_exists(d->state)) {
		discard(d);
		return cli_bad(c,
			       "there is something in %s already; remove it, or name another "
			       "directory with --dir",
			       d->state);
	}
	tell(c,
	     _("Simulated switches are started in %s; nothing else is touched.\n"
	       "Below, hitless stands for: hitless --state %s"),
	     d->lab, d->state);
	if (lab_start(c, d->lab) != 0) {
		discard(d);
		return cli_fail(c);
	}
	int rc = prepare(d);
	if (rc == 0)
		rc = can_show_screens(c) && !by_itself(d) ? show(d) : finish(d, upgrade_all(d));
	if (rc != EXIT_INTERRUPTED && lab_stop(d->lab, &c->e) != 0)
		(void)cli_fail(c);
	return rc;
}

static int demo(struct cli *c)
{
	size_t at = 0;
	const char *to = cli_next(c, "--to", &at);
	struct demo d = {.c = c, .to = to ? to : lab_default_to(cli_option(c, "--fabric"))};
	d.dir = private_dir(c);
	if (!d.dir)
		return cli_fail(c);
	d.lab = path_join(d.dir, "lab");
	d.state = c->state_option ? xstrdup(c->state_option) : path_join(d.dir, "state");
	int rc = play(&d);
	free(d.dir);
	free(d.lab);
	free(d.state);
	return rc;
}

static const struct option demo_options[] = {
    LAB_OPTIONS,
    {"--dir", "DIR", N_("keep everything here (a new directory in /tmp)"), false},
    {"--headless", NULL, N_("no screen and no question"), false},
    {"--yes", NULL, N_("start without a question"), false},
    {0},
};

const struct verb verbs_demo[] = {
    {"demo", "", N_("an upgrade of simulated switches, from nothing to a report"), demo_options, 0,
     0, .run = demo},
    {0},
};
