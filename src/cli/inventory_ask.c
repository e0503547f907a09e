/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/inventory_ask.h"

#include "base/clock.h"
#include "cli/runner.h"
#include "model/values.h"
#include "run/learn.h"
#include "run/secrets.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define REST_MS 10000 /* before that nobody can tell how long the rest takes */
#define LINE_MS 200   /* a slow terminal is no brake */

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

void long_span(double seconds, char text[LONG_SPAN])
{
	unsigned long days = (unsigned long)(seconds / 86400), years = days / 365;
	char span[32];
	if (years >= 2) {
		snprintf(text, LONG_SPAN, ngettext("%lu year", "%lu years", years), years);
	} else if (days >= 2) {
		snprintf(text, LONG_SPAN, ngettext("%lu day", "%lu days", days), days);
	} else {
		clock_span((int64_t)(seconds * 1000), span);
		snprintf(text, LONG_SPAN, "%s", span);
	}
}

void asking_begin(struct asking *a, struct cli *c, const char *what)
{
	sigset_t set;
	*a = (struct asking){.c = c, .what = what, .signals = -1};
	a->began = clock_real()->now(clock_real());
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, &a->before) == 0)
		a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	else
		return;
	if (a->signals < 0) /* then they end us, as they always do: better than not at all */
		(void)sigprocmask(SIG_SETMASK, &a->before, NULL);
}

static void see_signals(struct asking *a)
{
	struct signalfd_siginfo info;
	while (a->signals >= 0 && read(a->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		a->interrupted = (int)info.ssi_signo;
}

static void put_progress(struct asking *a, size_t done, size_t total)
{
	char rest[LONG_SPAN];
	int64_t now = clock_real()->now(clock_real()), ms = now - a->began;
	if ((a->shown && done == a->done) || (a->shown && done < total && now - a->at < LINE_MS))
		return;
	a->shown = true;
	a->done = done;
	a->at = now;
	fputs("\r", stderr);
	fprintf(stderr, _("%s: %zu of %zu "), a->what, done, total);
	if (done && ms >= REST_MS) { /* at the pace until now */
		long_span((double)ms / 1000 / (double)done * (double)(total - done), rest);
		fprintf(stderr, _("(%s left) "), rest);
	}
	fputs("\033[K", stderr);
}

int asking_progress(void *asking, size_t done, size_t total)
{
	struct asking *a = asking;
	see_signals(a);
	if (isatty(STDERR_FILENO) && !a->c->json)
		put_progress(a, done, total);
	return a->interrupted;
}

/* A second Ctrl-C that came meanwhile is answered, too: it does not kill us before the result. The
 * first one that came too late for progress is told: what follows is not begun. */
int asking_end(struct asking *a, int rc)
{
	bool told = a->interrupted != 0;
	if (a->shown)
		fputs("\r\033[K", stderr);
	if (a->signals < 0)
		return rc;
	see_signals(a);
	close(a->signals);
	a->signals = -1;
	(void)sigprocmask(SIG_SETMASK, &a->before, NULL);
	if (rc == 0 && a->interrupted && !told)
		return err_set(&a->c->e, ERR_CANCELLED, _("stopped after: %s"), a->what);
	return rc;
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
		rc = asking_end(&a, rc);
		learn_from_portraits(c->store, inv, out);
	}
	keyring_free(k);
	strings_free(more);
	return rc;
}
