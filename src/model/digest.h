/* SPDX-License-Identifier: ISC */
/* SHA-256, as hex text. */
#ifndef MODEL_DIGEST_H
#define MODEL_DIGEST_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX 65 /* bytes of a hex digest with its NUL */

struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *data, size_t n);
void digest_end(struct digest *d, char hex[DIGEST_HEX]); /* frees d */

void digest_bytes(const void *data, size_t n, char hex[DIGEST_HEX]);

/* Digest of a whole regular file, or (limit >= 0) of its first `limit` bytes (a shorter file is an
 * error). *size (may be NULL) is the number of bytes that were read.
 * progress (may be NULL) is called with the bytes done; non-zero stops with ERR_CANCELLED. */
int digest_file(const char *path, int64_t limit, char hex[DIGEST_HEX], int64_t *size,
                int (*progress)(void *ctx, int64_t done), void *ctx, struct err *e);

/* The same of what is behind its first `from` bytes; *size and progress count from there. */
int digest_from(const char *path, int64_t from, char hex[DIGEST_HEX], int64_t *size,
		int (*progress)(void *ctx, int64_t done), void *ctx, struct err *e);

#endif
