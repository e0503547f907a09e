/* SPDX-License-Identifier: ISC */
/* Private to src/store: a durable copy of a file under a temporary name, hashed on the way. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "base/err.h"
#include "model/digest.h"

struct copy {
	const char *from;
	int64_t head_room;                                       /* bytes that must stay free */
	int (*progress)(void *ctx, int64_t done, int64_t total); /* may be NULL; non-zero stops */
	void *ctx;

	char *tmp; /* results: where the copy is; what is in it */
	int64_t size;
	char sha256[DIGEST_HEX];
};

/* Make the copy in dir, which is made; refuses what is no readable regular file with content. */
int copy_make(struct copy *c, const char *dir, struct err *e);

/* Give it its name `path` in dir (made), durably. */
int copy_place(const char *tmp, const char *dir, const char *path, struct err *e);

/* Remove what was not placed. */
void copy_release(struct copy *c);

#endif
