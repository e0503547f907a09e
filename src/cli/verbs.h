/* SPDX-License-Identifier: ISC */
/* Every file with verbs has a table of its own, ended by a NULL name; this is the list of them. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

#define VERB_TABLES(X)                                                                             \
	X(verbs_home)                                                                              \
	X(verbs_demo)                                                                              \
	X(verbs_lab)                                                                               \
	X(verbs_lab_serve)                                                                         \
	X(verbs_check)                                                                             \
	X(verbs_plan)                                                                              \
	X(verbs_upgrade)                                                                           \
	X(verbs_rehearse)                                                                          \
	X(verbs_jobs)                                                                              \
	X(verbs_show)                                                                              \
	X(verbs_order)                                                                             \
	X(verbs_locks)                                                                             \
	X(verbs_confirm)                                                                           \
	X(verbs_staged)                                                                            \
	X(verbs_report)                                                                            \
	X(verbs_bundle)                                                                            \
	X(verbs_history)                                                                           \
	X(verbs_estimate)                                                                          \
	X(verbs_snapshot)                                                                          \
	X(verbs_snapshot_take)                                                                            \
	X(verbs_inventory)                                                                         \
	X(verbs_inventory_import)                                                                  \
	X(verbs_inventory_discover)                                                                \
	X(verbs_inventory_learn)                                                                   \
	X(verbs_inventory_check)                                                                   \
	X(verbs_inventory_roles)                                                                   \
	X(verbs_inventory_retire)                                                                  \
	X(verbs_image)                                                                             \
	X(verbs_image_key)                                                                         \
	X(verbs_missing)                                                                           \
	X(verbs_credential)                                                                        \
	X(verbs_credential_test)                                                                   \
	X(verbs_host_key)                                                                          \
	X(verbs_procedure)                                                                         \
	X(verbs_doctor)                                                                            \
	X(verbs_settings)                                                                          \
	X(verbs_theme)                                                                             \
	X(verbs_run)                                                                               \
	X(verbs_lcm)                                                                               \
	X(verbs_completion)

#define X(name) extern const struct verb name[];
VERB_TABLES(X)
#undef X

#endif
