/* SPDX-License-Identifier: ISC */
/* What has to be asked of terminfo: which type to speak, and how to give the terminal back when the
 * program dies. Apart from term.c because <term.h> takes half of the short words there are. */
#include "config.h"

#include "tui/term_parts.h"
#include "tui/tui.h"

#include "base/i18n.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* --- giving the terminal back when the program dies ------------------------------------------- */

/* What the handler of a fatal signal needs: it may only write() and tcsetattr(). */
static struct {
	int fd;
	struct termios modes;
	char text[256];
	size_t n;
} rescue = {.fd = -1};

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void put_back(int signal_number)
{
	if (rescue.fd >= 0 && write(rescue.fd, rescue.text, rescue.n) >= 0)
		(void)tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
	(void)raise(signal_number); /* SA_RESETHAND: the default now */
}

static void add_capability(const char *name)
{
	const char *text = tigetstr((char *)name);
	if (!text || text == (const char *)-1)
		return;
	size_t n = strcspn(text, "$"); /* paddings are not for us */
	if (rescue.n + n < sizeof(rescue.text)) {
		memcpy(rescue.text + rescue.n, text, n);
		rescue.n += n;
	}
}

bool term_keep_modes(int fd)
{
	return tcgetattr(fd, &rescue.modes) == 0;
}

void term_arm_rescue(int fd)
{
	struct sigaction act = {.sa_handler = put_back, .sa_flags = (int)SA_RESETHAND};
	rescue.n = 0;
	add_capability("sgr0");
	add_capability("cnorm");
	add_capability("rmcup");
	rescue.fd = fd;
	for (size_t i = 0; i < LEN(fatal_signals); i++)
		(void)sigaction(fatal_signals[i], &act, NULL);
}

void term_disarm_rescue(void)
{
	rescue.fd = -1;
}

/* --- which type ------------------------------------------------------------------------------- */

/* Terminals that nothing is known about mostly speak xterm. */
static const char *const stand_ins[] = {"xterm-256color", "xterm", "vt220", "vt100"};

static bool usable(const char *type, int fd)
{
	int status;
	const char *cup;
	if (!type || !*type || setupterm((char *)type, fd, &status) != OK)
		return false;
	cup = tigetstr((char *)"cup");
	bool good = cup && cup != (const char *)-1;
	(void)del_curterm(cur_term);
	return good;
}

static bool known(const char *type, int fd)
{
	int status;
	bool found = type && *type && setupterm((char *)type, fd, &status) == OK;
	if (found)
		(void)del_curterm(cur_term);
	return found;
}

const char *term_choose_type(const char *given, int fd, struct err *e)
{
	const char *type = given ? given : getenv("TERM");
	if (usable(type, fd))
		return type;
	for (size_t i = 0; !known(type, fd) && type && *type && i < LEN(stand_ins); i++)
		if (usable(stand_ins[i], fd))
			return stand_ins[i];
	err_set(e, ERR_INPUT,
		_("the terminal type \"%s\" cannot show screens; set TERM to what the terminal is "
		  "(xterm-256color, vt220, ...) or use the verbs: hitless --help"),
		type ? type : "");
	return NULL;
}

/* setupterm() may not be called while curses has the terminal: it would be another one then. */
void tui_terminal(struct doctor_terminal *out)
{
	struct err e = {0};
	int status;
	struct winsize size = {0};
	const char *type = getenv("TERM"), *library = curses_version();
	TERMINAL *shown = cur_term;
	*out = (struct doctor_terminal){.there = isatty(STDOUT_FILENO) == 1};
	(void)snprintf(out->library, sizeof(out->library), "%s", library);
	(void)snprintf(out->type, sizeof(out->type), "%s", type ? type : "");
	const char *spoken = term_choose_type(NULL, STDOUT_FILENO, &e);
	out->known = spoken && spoken == type;
	out->usable = spoken != NULL;
	if (spoken && !out->known)
		(void)snprintf(out->stand_in, sizeof(out->stand_in), "%s", spoken);
	if (spoken && setupterm((char *)spoken, STDOUT_FILENO, &status) == OK) {
		out->colours = tigetnum((char *)"colors");
		(void)del_curterm(cur_term);
	}
	(void)set_curterm(shown);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		out->width = size.ws_col;
		out->height = size.ws_row;
	}
	if (out->colours < 0)
		out->colours = 0;
}

void term_put(const char *sequence)
{
	(void)putp(sequence);
	(void)fflush(stdout);
}
