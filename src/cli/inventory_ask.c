/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/inventory_ask.h"

#include "cli/runner.h"
#include "model/values.h"
#include "run/secrets.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int read_pace(struct cli *c, struct pace *out)
{
	int64_t rate = PACE_PER_SECOND, at_once = 32, seconds = 5;
	if (cli_number(c, "--rate", 1, 1000, &rate) != 0 ||
	    cli_number(c, "--at-once", 1, 256, &at_once) != 0 ||
	    cli_number(c, "--timeout", 1, 600, &seconds) != 0)
		return -1;
	*out = (struct pace){(int)at_once, (int)rate, seconds * 1000};
	return 0;
}

void asking_begin(struct asking *a, struct cli *c, const char *what)
{
	sigset_t set;
	*a = (struct asking){.c = c, .what = what, .signals = -1};
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int asking_progress(void *asking, size_t done, size_t total)
{
	struct asking *a = asking;
	struct signalfd_siginfo info;
	if (a->signals >= 0 && read(a->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		a->interrupted = true;
	if (isatty(STDERR_FILENO) && !a->c->json && (done != a->shown || !done)) {
		fputs("\r", stderr);
		fprintf(stderr, _("%s: %zu of %zu "), a->what, done, total);
		a->shown = done ? done : 1;
	}
	return a->interrupted;
}

void asking_end(struct asking *a)
{
	if (a->shown)
		fputs("\r\033[K", stderr);
	if (a->signals >= 0)
		close(a->signals);
	a->signals = -1;
}

int asked_devices(struct cli *c, const struct inventory *inv, size_t **out, size_t *n)
{
	const char *hosts = cli_option(c, "--hosts");
	size_t kept = 0;
	*out = NULL;
	if (inventory_select(inv, hosts ? hosts : "*", out, n, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		if (!inv->devices.v[(*out)[i]].anchor)
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return kept ? 0 : err_set(&c->e, ERR_INPUT, _("only anchors are chosen: nobody to ask"));
}

int ask_devices(struct cli *c, const struct inventory *inv, const size_t *devices, size_t n,
		bool topology, struct procedures *list, struct portraits *out)
{
	struct pace pace;
	struct asking a;
	char **more = cli_procedures(c);
	struct keyring *k = NULL;
	*out = (struct portraits){0};
	int rc = procedures_all(more, list, &c->e);
	if (rc == 0)
		rc = read_pace(c, &pace);
	if (rc == 0)
		rc = secrets_collect_for(c, inv, devices, n);
	if (rc == 0 && !(k = secrets_keyring(c->store, c->secrets, &c->e)))
		rc = -1;
	if (rc == 0) {
		asking_begin(&a, c, _("asking the devices"));
		rc = portraits_take(c->store, inv, devices, n, k, list, topology, &pace,
				    asking_progress, &a, out, &c->e);
		asking_end(&a);
	}
	keyring_free(k);
	strings_free(more);
	return rc;
}
