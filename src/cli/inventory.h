/* SPDX-License-Identifier: ISC */
/* What the verbs of the inventory share. */
#ifndef CLI_INVENTORY_H
#define CLI_INVENTORY_H

#include "cli/cli.h"

#include "model/inventory_diff.h"

#define PROCEDURE_OPTION                                                                           \
	{                                                                                          \
		"--procedure", "P",                                                                \
		    N_("a procedure that is not installed: its platforms are known too"), true     \
	}

/* "{"type": type, "devices": 6, "groups": 2, "links": 8}"; new. */
cJSON *inventory_counts(const struct inventory *inv, const char *type);
void tell_counts(struct cli *c, const struct inventory *inv);

/* One line a change: "+ device leaf01  192.0.2.11 PLATFORM leaf". */
void put_changes(struct cli *c, const struct inventory_changes *list);

/* Lines of text to standard error, one a note. */
void put_notes(struct cli *c, const struct str *notes);
cJSON *notes_json(const struct str *notes); /* new array */

/* Devices that log in with a credential that is not there: no mistake yet, an inventory may come
 * first. Said once a credential. */
int warn_credentials(struct cli *c, const struct inventory *inv);

/* The table (or JSON) of the devices that went out of service. The exit status. */
int put_decommissioned(struct cli *c);

/* Compare with what was there, save, and say what became different, as text or JSON (`type`). Takes
 * nothing. The exit status. */
int inventory_commit(struct cli *c, const struct inventory *before, const struct inventory *after,
		     const char *type);

/* A note when no procedure orders the role and no device but these has it. 0, or -1 and c->e. */
int inventory_role_note(struct cli *c, const struct inventory *inv, const size_t *but, size_t n,
			const char *role);

#endif
