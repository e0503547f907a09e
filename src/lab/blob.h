/* SPDX-License-Identifier: ISC */
/*
 * The bytes of a file or of a pipe. Small ones are in memory; from BLOB_SPILL on they live in an
 * unlinked temporary file, so that a 1 GiB image costs disk and not memory. Blobs are counted
 * references; a frozen one (its bytes are shared by two files) is copied before it is written.
 * A failure of the temporary file shortens the blob and is remembered: blob_failed().
 */
#ifndef LAB_BLOB_H
#define LAB_BLOB_H

#include "base/str.h"

#include <stdint.h>

enum { BLOB_SPILL = 1 << 20 };

struct blob;

struct blob *blob_new(void); /* empty, one reference */
struct blob *blob_ref(struct blob *b);
void blob_unref(struct blob *b); /* NULL is fine */

int64_t blob_size(const struct blob *b);
bool blob_failed(const struct blob *b);
void blob_add(struct blob *b, const void *data, size_t n);
void blob_puts(struct blob *b, const char *text);
void blob_printf(struct blob *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void blob_append(struct blob *b, const struct blob *more);
/* Write at a place, as pwrite does; a gap is filled with NULs. */
void blob_write(struct blob *b, int64_t at, const void *data, size_t n);
void blob_truncate(struct blob *b, int64_t size);

/* All bytes in one piece, borrowed until the blob is written or released; *n of them. Never NULL,
 * and a NUL follows them when the blob is in memory. */
const char *blob_data(const struct blob *b, size_t *n);
size_t blob_read(const struct blob *b, int64_t at, void *buf, size_t n);

/* The same bytes for another file, without copying: both become frozen. */
struct blob *blob_share(struct blob *b);
/* *b ready to be written: a private copy takes its place if it was frozen. */
void blob_own(struct blob **b);

#endif
