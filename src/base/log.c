/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/log.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* The one piece of process-wide state: where a line goes, as for stderr. */
static atomic_int log_fd = -1;

int log_open(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, "cannot open the log %s", path);
	int old = atomic_exchange(&log_fd, fd);
	if (old >= 0)
		close(old);
	return 0;
}

void log_close(void)
{
	int old = atomic_exchange(&log_fd, -1);
	if (old >= 0)
		close(old);
}

void log_line(const char *subsystem, const char *fmt, ...)
{
	int fd = atomic_load(&log_fd);
	if (fd < 0)
		return;
	struct clock *clock = clock_real();
	struct str text = {0}, line = {0};
	char when[32];
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(&text, fmt, ap);
	va_end(ap);
	clock_iso(clock->wall(clock), when);
	str_printf(&line, "%s %d %s: ", when, (int)getpid(), subsystem);
	utf8_sanitise(&line, str_text(&text), text.len, UTF8_ONE_LINE);
	str_putc(&line, '\n');
	if (write(fd, line.buf, line.len) < 0)
		(void)0; /* a log that cannot be written must not stop an upgrade */
	str_release(&text);
	str_release(&line);
}
