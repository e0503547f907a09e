/* SPDX-License-Identifier: ISC */
/* Shared by switchmodel.c (the boxes) and switchline.c (the lines to them) only. */
#ifndef ENGINE_TALK_H
#define ENGINE_TALK_H

#include "tests/engine/switchmodel.h"

struct talk { /* one request at one box */
	struct switches *s;
	struct box *b;
	const struct tr_request *q;
	struct tr_reply *r;
	int64_t now, delay;
	char *words[8];
	size_t n;
};

/* The request has reached the box: do it. */
void talk_serve(struct talk *t, enum fault fault);

#endif
