/* SPDX-License-Identifier: ISC */
/* Orders for the job that several screens give: what is asked before, and what is said after. */
#ifndef TUI_ORDERS_H
#define TUI_ORDERS_H

#include "tui/app.h"

enum order_kind {
	ORDER_PAUSE,
	ORDER_RESUME,
	ORDER_CANCEL,
	ORDER_RETRY,
	ORDER_SKIP,
	ORDER_ROLLBACK,
	ORDER_ASK,
	ORDERS
};

/* Is it possible now? device: NO_DEVICE where it is about the job; for ORDER_RETRY: all failed. */
bool orders_possible(const struct app *a, enum order_kind kind, size_t device, struct err *why);

/* Give it: at once, or after a question that says what happens when it cannot be taken back. */
void orders_give(struct app *a, enum order_kind kind, size_t device);

/* The same for several devices, with one question for all; those are left out for which it is not
 * possible. */
void orders_give_all(struct app *a, enum order_kind kind, const size_t *devices, size_t n);

/* The open question of a device, else the job's first open one; NULL: there is none. */
const struct question_view *orders_question(const struct app *a, size_t device);

/* For `possible` of an answer action. */
bool orders_can_answer(const struct app *a, size_t device, struct err *why);

/* Added to a question, before the order is given: which others begin to move with it. Nothing when it
 * is what was ordered and no more. */
void orders_put_others(const struct app *a, const struct order_words *w, struct str *out);

/* What it means, for lists of what can be done: "Try it again from its first step". Translated. */
const char *orders_meaning(enum order_kind kind);

#endif
