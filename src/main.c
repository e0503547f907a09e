/* SPDX-License-Identifier: ISC */
/* clang-format off */
/*
 * hitless: upgrades a network of switches in stages over SSH, without a hit to the traffic.
 *
 * The map of the program; each folder may use only those named before it:
 *
 *   base/       what any program needs: strings, errors, time, files, secrets in memory
 *   model/      what it is all about, as plain data: inventory, images, procedures, a job, its plan,
 *               the records of its journal, and the view that is folded from them
 *   plan/       from what is asked to stages of batches, with the proof that they are safe
 *   engine/     the job as a state machine: events in, effects out, no input or output of its own
 *   transport/  SSH to the devices
 *   store/      the state directory: journals, commands, locks, images
 *   run/        carries out what the engine decides; starts and follows the process of a job; what
 *               both front ends need
 *   lab/        simulated switches behind real SSH; knows nothing of the rest
 *   tui/        the screens, a file each; the only place that knows curses
 *   cli/        the verbs, a file each; text and JSON (knows nothing of tui/, nor tui/ of it)
 *   procedures/ how a platform is upgraded, as data
 *
 * `hitless upgrade` makes a job (run/create.c), starts a process of its own for it (run/spawn.c,
 * the verb `run` in cli/run.c, run/runner.c) and then only follows its journal (run/follow.c,
 * cli/watch.c), as the screens and `attach` do from any other login. Orders go to the job by its
 * journal's command queue (run/order.c).
 */
/* clang-format on */
#include "config.h"

#include "cli/home.h"
#include "run/data.h"
#include "tui/tui.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The screens, from a verb: cli/ and tui/ do not know each other. */
static int show_screens(struct cli *c, const char *job, bool wizard)
{
	struct store *s = cli_store(c);
	char *id = s && job ? cli_job(c, job) : NULL;
	int rc = s && (id || !job) ? tui_run(s, id, wizard, &c->e) : -1;
	free(id);
	return rc < 0 ? cli_fail(c) : rc;
}

/* Without a locale the program speaks English in ASCII: no reason to stop. */
static void speak(void)
{
	char *dir = data_locale();
	if (setlocale(LC_ALL, "") && bindtextdomain(PACKAGE, dir))
		(void)textdomain(PACKAGE);
	free(dir);
}

int main(int argc, char **argv)
{
	struct cli c = {.in_tty = isatty(STDIN_FILENO) == 1,
			.out_tty = isatty(STDOUT_FILENO) == 1,
			.screens = show_screens,
			.terminal = tui_terminal};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	umask(077);
	/* a reader that is gone is an error of write(), not our end */
	if (sigaction(SIGPIPE, &ignore, NULL) != 0)
		return EXIT_FAILURES;
	speak();
	(void)setlocale(LC_NUMERIC, "C"); /* JSON needs a point in its numbers */
	return dispatch(&c, argc, argv);
}
