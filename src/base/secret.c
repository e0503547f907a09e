/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/secret.h"

#include "base/clock.h"
#include "base/program.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define COMMAND_LIMIT_MS 60000
#define COMMAND_PRINTS   ((size_t)1 << 20)
#define COMPLAINT_MAX    200 /* bytes of what a command complains about */

struct secret { /* lives at the start of its own locked page, a guard page on either side */
	size_t len;
	char text[];
};

/* --- memory ----------------------------------------------------------------------------------- */

static size_t page_size(void)
{
	long n = sysconf(_SC_PAGESIZE);
	return n < 4096 ? 4096 : (size_t)n;
}

/* Kernels before 4.14 do not know WIPEONFORK and say EINVAL; nothing of ours forks without exec. */
static int protect(void *page, size_t size, struct err *e)
{
	if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0)
		return err_sys(e, "cannot use memory for a secret");
	if (mlock(page, size) != 0)
		return err_sys(e, "cannot lock memory for a secret (see 'ulimit -l')");
	if (madvise(page, size, MADV_DONTDUMP) != 0)
		return err_sys(e, "cannot keep a secret out of core dumps");
	if (madvise(page, size, MADV_WIPEONFORK) != 0 && errno != EINVAL)
		return err_sys(e, "cannot keep a secret from children");
	return 0;
}

static struct secret *secret_empty(struct err *e)
{
	size_t size = page_size();
	if (secret_harden_process(e) != 0)
		return NULL;
	char *area = mmap(NULL, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		err_sys(e, "no memory for a secret");
		return NULL;
	}
	if (protect(area + size, size, e) != 0) {
		if (munmap(area, 3 * size) != 0)
			err_sys(e, "cannot give back memory");
		return NULL;
	}
	return (struct secret *)(void *)(area + size);
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	size_t size = page_size();
	wipe(s, size);
	if (munmap((char *)s - size, 3 * size) != 0) /* wiped already; only address space is lost */
		return;
}

const char *secret_text(const struct secret *s)
{
	return s ? s->text : "";
}

static int add_byte(struct secret *s, char c, struct err *e)
{
	if (c == '\0')
		return err_set(e, ERR_INPUT, "a secret must not contain NUL bytes");
	if (s->len >= SECRET_MAX)
		return err_set(e, ERR_INPUT, "a secret must not be longer than %d bytes",
			       SECRET_MAX);
	s->text[s->len++] = c;
	s->text[s->len] = '\0';
	return 0;
}

struct secret *secret_new(const char *text, size_t n, struct err *e)
{
	struct secret *s = secret_empty(e);
	for (size_t i = 0; s && i < n; i++)
		if (add_byte(s, text[i], e) != 0) {
			secret_free(s);
			return NULL;
		}
	return s;
}

/* --- from a descriptor ------------------------------------------------------------------------ */

static void cut_last(struct secret *s)
{
	if (s->len)
		s->text[--s->len] = '\0';
}

/* 1: a line end was read, 0: end of file, -1. */
static int read_line(int fd, struct secret *s, struct err *e)
{
	char c = '\0';
	int result;
	for (;;) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		result = n < 0 ? err_sys(e, "cannot read the secret") : n > 0 && c == '\n';
		if (n <= 0 || c == '\n')
			break;
		if (add_byte(s, c, e) != 0) {
			result = -1;
			break;
		}
	}
	wipe(&c, 1);
	if (result >= 0 && s->len && s->text[s->len - 1] == '\r')
		cut_last(s);
	return result;
}

/* Give s on if it holds something. */
static struct secret *not_empty(struct secret *s, int result, struct err *e)
{
	if (result >= 0 && s->len == 0)
		result = err_set(e, ERR_INPUT, "the secret is empty");
	if (result >= 0)
		return s;
	secret_free(s);
	return NULL;
}

struct secret *secret_read_line(int fd, struct err *e)
{
	struct secret *s = secret_empty(e);
	return s ? not_empty(s, read_line(fd, s, e), e) : NULL;
}

/* --- from the terminal ------------------------------------------------------------------------ */

static int tty_write(int fd, const char *text)
{
	size_t n = strlen(text);
	while (n) {
		ssize_t done = write(fd, text, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		text += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The next byte typed. The signals that end a program are blocked meanwhile (the terminal must get
 * its echo back first), so they are looked for here. */
static int tty_byte(int fd, char *c, struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		struct clock *clock = clock_real();
		int ready = clock->wait(clock, &p, 1, clock->now(clock) + 250);
		sigset_t pending;
		if (ready < 0 || sigpending(&pending) != 0)
			return err_sys(e, "cannot wait for the terminal");
		if (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGHUP) == 1)
			return err_set(e, ERR_CANCELLED, "stopped while a secret was asked for");
		if (ready == 0)
			continue;
		ssize_t n = read(fd, c, 1);
		if (n == 1)
			return 0;
		if (n == 0 || errno != EINTR)
			return err_set(e, ERR_CANCELLED, "the terminal was closed");
	}
}

static int type_line(int fd, struct secret *s, struct err *e)
{
	for (;;) {
		char c = '\0';
		int result = tty_byte(fd, &c, e);
		if (result != 0 || c == '\r' || c == '\n' || c == 4)
			return result;
		if (c == 3)
			return err_set(e, ERR_CANCELLED, "no secret was given");
		if (c == 0x7f || c == '\b')
			cut_last(s);
		else if (c == 0x15)
			while (s->len)
				cut_last(s);
		else
			result = add_byte(s, c, e);
		wipe(&c, 1);
		if (result != 0)
			return result;
	}
}

static int type_hidden(int fd, const char *prompt, struct secret *s, struct err *e)
{
	struct termios saved, raw;
	sigset_t stops, old;
	if (tcgetattr(fd, &saved) != 0)
		return err_sys(e, "cannot ask on the terminal");
	raw = saved;
	raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &stops, &old) != 0)
		return err_set(e, ERR_SYSTEM, "cannot block signals");
	int result;
	if (tcsetattr(fd, TCSAFLUSH, &raw) != 0 || tty_write(fd, prompt) != 0)
		result = err_sys(e, "cannot ask on the terminal");
	else
		result = type_line(fd, s, e);
	if (tcsetattr(fd, TCSAFLUSH, &saved) != 0 || tty_write(fd, "\n") != 0)
		result = result != 0 ? result : err_sys(e, "cannot restore the terminal");
	if (pthread_sigmask(SIG_SETMASK, &old, NULL) != 0)
		result = err_set(e, ERR_SYSTEM, "cannot unblock signals");
	return result;
}

struct secret *secret_prompt(const char *prompt, struct err *e)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		err_set(e, ERR_REFUSED, "a secret is needed and there is no terminal to ask on");
		return NULL;
	}
	struct secret *s = secret_empty(e);
	if (s)
		s = not_empty(s, type_hidden(fd, prompt, s, e), e);
	close(fd);
	return s;
}

/* --- from a command --------------------------------------------------------------------------- */

struct printing {
	struct secret *secret; /* the first line of standard output */
	bool line_done;
	char complaint[COMPLAINT_MAX]; /* the beginning of standard error */
	size_t n_complaint;
};

static int take_printed(void *ctx, bool error, const char *data, size_t n, struct err *e)
{
	struct printing *p = ctx;
	for (size_t i = 0; i < n; i++) {
		if (error) {
			if (p->n_complaint < sizeof(p->complaint) - 1)
				p->complaint[p->n_complaint++] = data[i];
		} else if (data[i] == '\n') {
			p->line_done = true;
		} else if (!p->line_done && add_byte(p->secret, data[i], e) != 0) {
			return -1;
		}
	}
	return 0;
}

/* What it complained about, on one line. Nothing when the secret, or a good part of it, is in
 * there: a script with `set -x` prints it. */
static const char *complaint(struct printing *p)
{
	char *text = p->complaint, *cut;
	text[p->n_complaint] = '\0';
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	while (p->n_complaint && text[p->n_complaint - 1] == ' ')
		text[--p->n_complaint] = '\0';
	if (p->secret->len && strstr(text, p->secret->text))
		return "";
	cut = p->secret->len > 4 ? xstrndup(p->secret->text, 4) : NULL;
	bool quoted = cut && strstr(text, cut);
	if (cut)
		wipe(cut, 4);
	free(cut);
	return quoted ? "" : text;
}

static int judge_end(struct printing *p, int status, struct err *e)
{
	if (status == 0)
		return 0;
	const char *said = complaint(p);
	int number = status > 128 ? status - 128 : status;
	const char *what = status > 128 ? M_("signal") : M_("exit status");
	if (!*said)
		return err_set(e, ERR_INPUT, "it ended with %-s %d; run it by hand to see why", what,
			       number);
	return err_set(e, ERR_INPUT, "it ended with %-s %d: %s", what, number, said);
}

static int run_command(char *const argv[], struct secret *s, struct err *e)
{
	int status;
	struct printing p = {.secret = s};
	const struct program program = {.argv = argv,
					.limit_ms = COMMAND_LIMIT_MS,
					.limit = COMMAND_PRINTS,
					.take = take_printed,
					.ctx = &p};
	int rc = program_run(&program, &status, e);
	if (rc == 0 && s->len && s->text[s->len - 1] == '\r')
		cut_last(s);
	rc = rc == 0 ? judge_end(&p, status, e) : rc;
	wipe(&p.complaint, sizeof(p.complaint));
	return rc;
}

struct secret *secret_command(char *const argv[], struct err *e)
{
	if (!argv || !argv[0]) {
		err_set(e, ERR_INPUT, "the command for a secret is empty");
		return NULL;
	}
	struct secret *s = secret_empty(e);
	if (s)
		s = not_empty(s, run_command(argv, s, e), e);
	if (!s)
		err_at(e, M_("command '%s'"), argv[0]);
	return s;
}

/* --- the process ------------------------------------------------------------------------------ */

int secret_harden_process(struct err *e)
{
	struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return err_sys(e, "cannot switch core dumps off");
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return err_sys(e, "cannot forbid tracing");
	return 0;
}
