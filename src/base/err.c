/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[ERR_KINDS] = {
    [ERR_NONE] = "none",       [ERR_INPUT] = "input",         [ERR_SYSTEM] = "system",
    [ERR_NETWORK] = "network", [ERR_AUTH] = "authentication", [ERR_HOSTKEY] = "host-key",
    [ERR_TIMEOUT] = "timeout", [ERR_LOCKED] = "locked",       [ERR_REFUSED] = "refused",
    [ERR_CANCELLED] = "cancelled", [ERR_CORRUPT] = "corrupt",
};

const char *err_kind_name(enum err_kind kind)
{
	return kind < ERR_KINDS ? kind_names[kind] : "?";
}

static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	if (!e)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	e->kind = kind;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	clean(e->text);
	return -1;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	if (!e)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	e->kind = ERR_SYSTEM;
	int n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(e->text))
		snprintf(e->text + n, sizeof(e->text) - (size_t)n, ": %s", strerror(saved));
	clean(e->text);
	return -1;
}

int err_at(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -1;
	char place[256], rest[sizeof(e->text)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(place, sizeof(place), fmt, ap);
	va_end(ap);
	memcpy(rest, e->text, sizeof(rest));
	return err_set(e, e->kind, "%s: %s", place, rest);
}
