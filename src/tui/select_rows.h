/* SPDX-License-Identifier: ISC */
/* The devices of the inventory as rows to choose from. */
#ifndef TUI_SELECT_ROWS_H
#define TUI_SELECT_ROWS_H

#include "tui/list.h"

#include "model/inventory.h"
#include "run/draft.h"

struct choice_of_devices {
	struct inventory *inventory;
	struct known_devices known;
	const struct draft *draft;
};

enum {
	SELECT_NAME,
	SELECT_ADDRESS,
	SELECT_ROLE,
	SELECT_VERSION,
	SELECT_GROUP,
	SELECT_RESULT,
	SELECT_SOURCE,
	SELECT_COLUMNS
};
extern const struct column select_columns[SELECT_COLUMNS];
extern const struct list_rows select_rows; /* of a struct choice_of_devices */

/* How the last upgrade of a device ended; k NULL: it was in none. */
void select_put_result(const struct known_device *k, struct cell *out);

/* Members of the device's redundancy group that are not chosen, "leaf02, leaf03"; false: none. */
bool select_peers_left(const struct choice_of_devices *c, size_t device, struct str *out);

/* More than a job may have (desk_check_most())? Then out says so, with the mark of a warning. */
bool select_too_many(int64_t most, size_t n, struct str *out);

/* "leaf (8), spine (4), none (1)" */
void select_role_counts(const struct inventory *inv, struct str *out);

#endif
