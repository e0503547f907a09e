/* SPDX-License-Identifier: ISC */
/*
 * What known_hosts files say about a host's key. Read by us and not by libssh, whose reader forgets
 * negation and every line with a marker. Files are read only, and again when they have changed.
 * Thread-safe.
 */
#ifndef TRANSPORT_KNOWN_HOSTS_H
#define TRANSPORT_KNOWN_HOSTS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

enum known_host {
	KNOWN_CHANGED,     /* other keys are known for the host, this one is not */
	KNOWN_NOT,         /* nothing is known about the host */
	KNOWN_REVOKED,     /* this key must never be accepted */
	KNOWN_UNSUPPORTED, /* all there is for the host is a certificate authority */
	KNOWN_OK
};

struct known_hosts;

struct known_hosts *known_hosts_new(char *const *paths); /* NULL-ended, copied; NULL: no file */
void known_hosts_free(struct known_hosts *k);

/* The verdict for the key (type and base64 as in the file) of a host. Anything that goes wrong (a
 * file that is there but cannot be read) is -1, never a verdict. */
int known_hosts_check(struct known_hosts *k, const char *host, int port, const char *type,
		      const char *base64, enum known_host *verdict, struct err *e);

/* Append the key types that are known for a host to out, comma-separated. */
int known_hosts_types(struct known_hosts *k, const char *host, int port, struct str *out,
		      struct err *e);

/* Give every line of a file that we do not use to see(), with its number: those that cannot be
 * read, and certificate authorities. No file is no error; -1 and e: it cannot be read. */
enum known_line { KNOWN_LINE_AUTHORITY, KNOWN_LINE_BAD };
int known_hosts_lines(const char *path,
		      void (*see)(void *ctx, const char *path, size_t line, enum known_line kind),
		      void *ctx, struct err *e);

/* Does the first field of a line match this name ("leaf01", "[leaf01]:2222")? */
bool known_hosts_match(const char *field, size_t n, const char *name);

/* "leaf01", or "[leaf01]:2222" when the port is not 22; lower case. New. */
char *known_hosts_name(const char *host, int port);

#endif
