/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[ERR_KINDS] = {
    [ERR_NONE] = "none",       [ERR_INPUT] = "input",         [ERR_SYSTEM] = "system",
    [ERR_NETWORK] = "network", [ERR_AUTH] = "authentication", [ERR_HOSTKEY] = "host-key",
    [ERR_TIMEOUT] = "timeout", [ERR_LOCKED] = "locked",       [ERR_REFUSED] = "refused",
    [ERR_CANCELLED] = "cancelled", [ERR_CORRUPT] = "corrupt",
    [ERR_SECRET] = "secret",
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

int err_text(struct err *e, enum err_kind kind, const char *text)
{
	if (e) {
		e->kind = kind;
		snprintf(e->text, sizeof(e->text), "%s", text);
		clean(e->text);
	}
	return -1;
}

const char *err_system(int number)
{
	const char *text = strerrordesc_np(number);
	return text ? text : "unknown error";
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
		snprintf(e->text + n, sizeof(e->text) - (size_t)n, ": %s", err_system(saved));
	clean(e->text);
	return -1;
}

int err_at(struct err *e, const char *fmt, ...)
{
	if (!e)
		return -1;
	va_list ap;
	va_start(ap, fmt);
	char *place = xvasprintf(fmt, ap);
	va_end(ap);
	char *whole = xasprintf("%s: %s", place, e->text);
	err_text(e, e->kind, whole);
	free(place);
	free(whole);
	return -1;
}
