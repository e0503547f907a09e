/* SPDX-License-Identifier: ISC */
/* Passwords and passphrases that logins will need, asked for one after the other in dialogs. */
#ifndef TUI_SECRET_ASK_H
#define TUI_SECRET_ASK_H

#include "tui/app.h"

struct secret_need {
	struct inventory *inventory; /* taken */
	size_t *devices;             /* taken */
	size_t n;
	/* All secrets are there; takes ctx. */
	void (*then)(struct app *a, void *ctx);
	/* One was not given; takes ctx. NULL: nothing to do. */
	void (*without)(struct app *a, void *ctx);
	void *ctx;
	void (*free_ctx)(void *ctx); /* when neither is called */
};

/* Go on at once when nothing is missing. What is wrong is said. */
void secrets_ask(struct app *a, struct secret_need need);

#endif
