/* SPDX-License-Identifier: ISC */
/* The process that owns a job: secrets in, transport up, runner until there is nothing left to do.
 * It has no terminal and no reader; what it has to say is in the journal and in hitless.log. */
#include "config.h"

#include "cli/cli.h"

#include "base/log.h"
#include "base/secret.h"
#include "run/create.h"
#include "run/devices.h"
#include "run/login.h"
#include "run/paced.h"
#include "run/rehearsal_owner.h"
#include "run/runner.h"
#include "run/spawn.h"
#include "transport/ssh.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <unistd.h>

struct process {
	struct cli *c;
	char *id;
	int secrets_fd, ready_fd, stop_fd;
	struct clock_fast fast; /* only when the setting says that devices are simulated */
	struct paced *paced;    /* time of simulated devices; NULL: they have none of their own */
	struct credentials credentials;
	struct keyring *keyring;
	size_t *refused; /* as remembered already, login_seen() */
};

static void take_secret(void *ctx, const char *credential, struct secret *s)
{
	struct process *p = ctx;
	keyring_set_secret(p->keyring, credential, s);
}

/* SIGTERM leaves at once and the journal says where; a hang-up or a Ctrl-C of others is nothing to
 * us. Blocked before there is a second thread. */
static int take_signals(struct process *p)
{
	sigset_t set;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGHUP, &ignore, NULL) != 0 ||
	    sigaction(SIGINT, &ignore, NULL) != 0)
		return err_sys(&p->c->e, "cannot set up signals");
	p->stop_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->stop_fd < 0 ? err_sys(&p->c->e, "cannot watch for signals") : 0;
}

static struct transport *connect_devices(void *ctx, const struct jobview *v, struct err *e)
{
	struct process *p = ctx;
	if (cli_flag(p->c, "--answered"))
		login_stays_refused(p->keyring, v);
	p->refused = login_seen(p->keyring, &p->credentials);
	struct transport *t = devices_connect(p->c->store, v->job->inventory, p->keyring, 0, e);
	if (!t || !p->paced)
		return t;
	return paced_transport(p->paced, t, v->job->inventory->devices.n, SSH_THREADS);
}

static const char *user_of(void *ctx, const struct device *d)
{
	struct process *p = ctx;
	const struct credential *known = credentials_find(&p->credentials, d->credential);
	return known ? known->user : NULL;
}

/* Each login that needs one of them waits. */
static void await_missing(struct process *p)
{
	for (size_t i = 0; i < p->credentials.n; i++)
		if (keyring_wants_secret(p->keyring, p->credentials.v[i].name))
			keyring_await(p->keyring, p->credentials.v[i].name);
}

static int open_parts(struct process *p)
{
	struct cli *c = p->c;
	p->id = cli_job(c, c->args[0]);
	if (!p->id)
		return -1;
	char *log = cli_path(c, "hitless.log");
	int rc = log_open(log, &c->e);
	free(log);
	if (rc != 0 || take_signals(p) != 0 || cli_credentials(c, &p->credentials) != 0)
		return -1;
	p->keyring = keyring_new(&p->credentials);
	if (p->secrets_fd >= 0) {
		rc = spawn_read_secrets(p->secrets_fd, take_secret, p, &c->e);
		close(p->secrets_fd);
	}
	if (rc == 0 && cli_flag(c, "--asked"))
		await_missing(p);
	return rc;
}

static struct clock *own_clock(struct process *p)
{
	if (p->paced)
		return paced_clock(p->paced);
	int64_t speed = desk_setting(p->c->store, "clock-speed", 1);
	if (speed <= 1)
		return clock_real();
	clock_fast_init(&p->fast, speed);
	return &p->fast.clock;
}

static int bind_to_rehearsal(struct cli *c)
{
	char *clock = store_path(c->store, PACED_FILE);
	int rc = rehearsal_follow(clock, &c->e);
	free(clock);
	return rc;
}

static struct runner *open_runner(struct process *p)
{
	struct cli *c = p->c;
	int64_t limit = desk_setting(c->store, "job-limit", 5);
	if (cli_number(c, "--job-limit", 0, 100000, &limit) != 0 ||
	    paced_sit(c->store, &p->paced, &c->e) != 0 || (p->paced && bind_to_rehearsal(c) != 0))
		return NULL;
	struct runner_options o = {.store = c->store,
				   .clock = own_clock(p),
				   .job = p->id,
				   .connect = connect_devices,
				   .user = user_of,
				   .ctx = p,
				   .on_machine = true,
				   .any_machine = desk_setting(c->store, "any-machine", 0) == 1,
				   .job_limit = (size_t)limit,
				   .only_woken = p->paced != NULL, /* no jump to a mere look */
				   .stop_fd = p->stop_fd,
				   .linger = cli_flag(c, "--linger")};
	return runner_open(&o, &c->e);
}

static int work(struct process *p, struct runner *r)
{
	enum runner_end end = runner_run(r, &p->c->e);
	int rc = end == RUNNER_BROKEN    ? EXIT_FAILURES
		 : end == RUNNER_STOPPED ? EXIT_INTERRUPTED
		 : end == RUNNER_WAITS   ? EXIT_HELD
					 : EXIT_DONE;
	log_line("run", "job %s: process ends with %d", p->id, rc);
	if (end != RUNNER_BROKEN)
		return rc;
	/* our log may be gone with the directory */
	syslog(LOG_ERR, "hitless: job %s: stopped: %s", p->id, p->c->e.text);
	return cli_fail(p->c);
}

static void say_ready(struct process *p, const struct err *failed)
{
	if (p->ready_fd < 0)
		return;
	spawn_ready(p->ready_fd, failed);
	close(p->ready_fd);
}

static int descriptor(struct cli *c, const char *option)
{
	int64_t fd = -1;
	if (cli_number(c, option, 3, 65535, &fd) != 0)
		return -2;
	if (fd >= 0 && fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0)
		return err_sys(&c->e, "option %s", option) - 1;
	return (int)fd;
}

static void release(struct process *p)
{
	paced_leave(p->paced);
	keyring_free(p->keyring);
	free(p->refused);
	credentials_release(&p->credentials);
	if (p->stop_fd >= 0)
		close(p->stop_fd);
	free(p->id);
}

static int run(struct cli *c)
{
	struct process p = {.c = c, .stop_fd = -1};
	int rc;
	p.secrets_fd = descriptor(c, "--secrets-fd");
	p.ready_fd = descriptor(c, "--ready-fd");
	if (p.secrets_fd < -1 || p.ready_fd < -1)
		return cli_fail(c);
	struct runner *r = NULL;
	if (secret_harden_process(&c->e) == 0 && open_parts(&p) == 0)
		r = open_runner(&p);
	say_ready(&p, r ? NULL : &c->e);
	rc = r ? work(&p, r) : cli_fail(c);
	if (p.keyring)
		login_remember_since(c->store, p.keyring, &p.credentials, p.refused);
	runner_close(r);
	release(&p);
	return rc;
}

static const struct option run_options[] = {
    {"--secrets-fd", "FD", N_("read credentials' secrets from this descriptor"), false},
    {"--ready-fd", "FD", N_("say on this descriptor when the job is owned"), false},
    {"--job-limit", "N", N_("jobs that may run at the same time; 0: any"), false},
    {"--linger", NULL, N_("stay when the job waits for the operator"), false},
    {"--asked", NULL, N_("a person is asked for missing secrets: their devices wait for them"), false},
    {"--answered", NULL, N_("they came: a login refused before is not tried again"), false},
    {0},
};

const struct verb verbs_run[] = {
    {"run", "JOB", N_("own a job and work on it (other verbs start this)"), run_options, 1, 1,
     .run = run,
     .more = N_("Runs in the foreground, for service managers: 'systemd-run --user hitless run "
		"JOB'.\nSIGTERM leaves at once; 'hitless resume JOB' goes on.")},
    {0},
};
