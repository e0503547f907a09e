/* SPDX-License-Identifier: ISC */
/* The process of a lab. */
#include "config.h"

#include "cli/lab_control.h"

#include "base/path.h"
#include "base/vec.h"
#include "lab/server.h"
#include "run/rehearsal_owner.h"
#include "run/spawn.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IMAGE_BYTES ((int64_t)4 << 20)

struct serving {
	struct cli *c;
	const char *dir;
	int lock, signals, control;
	struct lab_server *server;
};

static void collect(struct cli *c, const char *option, const char *first, const char *fallback,
		    const char **out, size_t limit)
{
	size_t n = 0, at = 0;
	const char *word;
	if (first)
		out[n++] = first;
	while (n + 1 < limit && (word = cli_next(c, option, &at)))
		out[n++] = word;
	if (fallback && n == (first ? 1 : 0))
		out[n++] = fallback;
	out[n] = NULL;
}

static int read_options(struct cli *c, struct lab_server_options *o)
{
	int64_t size = 0, port = 0, speed = cli_flag(c, "--clock") ? 0 : LAB_SPEED, seed = 1;
	if (cli_number(c, "--image-size", 65536, 1 << 30, &o->lab.image_size) != 0 ||
	    cli_number(c, "--copy-rate", 1, INT64_MAX / 1000, &o->lab.copy_rate) != 0 ||
	    cli_number(c, "--size", 1, 2000, &size) != 0 ||
	    cli_number(c, "--port", 1, 65535, &port) != 0 ||
	    cli_number(c, "--speed", 1, 100000, &speed) != 0 ||
	    cli_number(c, "--seed", 0, INT64_MAX, &seed) != 0)
		return -1;
	o->lab.fabric = cli_option(c, "--fabric");
	o->lab.size = (int)size;
	o->lab.from_version = lab_default_from(o->lab.fabric);
	if (lab_from_file(c))
		o->lab.from_file = cli_option(c, "--from");
	else if (cli_option(c, "--from"))
		o->lab.from_version = cli_option(c, "--from");
	o->lab.platform = cli_option(c, "--platform");
	o->lab.seed = (uint64_t)seed;
	o->port = (int)port;
	o->pace = cli_option(c, "--clock");
	o->speed = (double)speed;
	return 0;
}

/* The login name: the first ordinary user that a device knows. */
static int write_user(struct lab *lab, const char *dir, struct err *e)
{
	struct str text = {0};
	int rc = lab_file_get(lab, 0, "/etc/passwd", &text, e);
	char *user = NULL;
	for (const char *line = str_text(&text); rc == 0 && line && *line && !user;) {
		size_t n = strcspn(line, ":\n");
		const char *uid = line[n] == ':' ? strchr(line + n + 1, ':') : NULL;
		if (uid && strncmp(uid, ":1000:", 6) == 0)
			user = xasprintf("%.*s\n", (int)n, line);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	char *path = path_join(dir, "user");
	if (rc == 0)
		rc = user ? path_write(path, user, strlen(user), e)
			  : err_set(e, ERR_SYSTEM, "the lab's devices have no user");
	free(path);
	free(user);
	str_release(&text);
	return rc;
}

static int write_files(struct serving *s, const struct lab_server_options *o)
{
	const char *versions[256];
	char pid[32], *path = path_join(s->dir, "lab.pid");
	collect(s->c, "--to", o->lab.from_file ? NULL : o->lab.from_version, lab_default_to(o->lab.fabric), versions,
		LEN(versions));
	struct lab *lab = lab_server_lock(s->server);
	int rc = lab_files_write(lab, s->dir, lab_server_port(s->server), versions,
				 (size_t)o->lab.image_size, &s->c->e);
	if (rc == 0)
		rc = write_user(lab, s->dir, &s->c->e);
	lab_server_unlock(s->server);
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (rc == 0)
		rc = path_write(path, pid, strlen(pid), &s->c->e);
	free(path);
	return rc;
}

/* Blocked before the server starts its threads. */
static int take_signals(struct serving *s)
{
	sigset_t set;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGHUP, &ignore, NULL) != 0)
		return err_sys(&s->c->e, "cannot set up signals");
	s->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return s->signals < 0 ? err_sys(&s->c->e, "cannot watch for signals") : 0;
}

static int start(struct serving *s)
{
	const char *faults[256];
	struct lab_server_options o = {.faults = faults, .lab.image_size = IMAGE_BYTES};
	collect(s->c, "--fault", NULL, NULL, faults, LEN(faults));
	if (read_options(s->c, &o) != 0 || path_make_dirs(s->dir, &s->c->e) != 0)
		return -1;
	s->lock = lab_lock(s->dir, &s->c->e);
	if (s->lock < 0 || take_signals(s) != 0)
		return -1;
	char *log = path_join(s->dir, "lab.log");
	o.log_path = log;
	s->server = lab_server_start(&o, &s->c->e);
	free(log);
	if (!s->server || write_files(s, &o) != 0)
		return -1;
	s->control = control_listen(s->dir, &s->c->e);
	return s->control < 0 ? -1 : 0;
}

/* Until a signal says that it is enough. */
static void attend(struct serving *s)
{
	struct pollfd p[] = {{.fd = s->signals, .events = POLLIN},
			     {.fd = s->control, .events = POLLIN}};
	for (;;) {
		int ready = poll(p, LEN(p), -1);
		if (ready > 0 && p[0].revents)
			return;
		if (ready > 0 && p[1].revents)
			control_answer(s->control, s->server);
	}
}

static int serve(struct cli *c)
{
	struct serving s = {
	    .c = c, .dir = cli_option(c, "--dir"), .lock = -1, .signals = -1, .control = -1};
	int64_t ready = -1;
	if (!s.dir)
		return cli_bad(c, "--dir DIR is missing");
	if (cli_number(c, "--ready-fd", 3, 65535, &ready) != 0)
		return cli_fail(c);
	const char *clock = cli_option(c, "--clock");
	int rc = clock ? rehearsal_follow(clock, &c->e) : 0;
	rc = rc == 0 ? start(&s) : rc;
	if (ready >= 0) {
		spawn_ready((int)ready, rc == 0 ? NULL : &c->e);
		close((int)ready);
	}
	if (rc == 0)
		attend(&s);
	if (s.server)
		lab_server_free(s.server);
	if (s.signals >= 0)
		close(s.signals);
	if (s.control >= 0)
		close(s.control);
	/* the lock goes when the process does: who waits for it waits for our end */
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static const struct option serve_options[] = {
    {"--dir", "DIR", N_("directory of the lab"), false},
    LAB_OPTIONS,
    {"--clock", "FILE", N_("keep the time of this file, which jumps when everybody waits"), false},
    {"--image-size", "BYTES", N_("size of the images that are made"), false},
    {"--copy-rate", "BYTES", N_("bytes that a device takes in a second of an upload"), false},
    {"--ready-fd", "FD", N_("say on this descriptor when all devices answer"), false},
    {0},
};

const struct verb verbs_lab_serve[] = {
    {"lab serve", "", N_("serve simulated switches in the foreground"), serve_options, 0, 0,
     .run = serve},
    {0},
};
