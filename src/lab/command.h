/* SPDX-License-Identifier: ISC */
/* The commands of a device: rows of const tables, a table for each family. */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H

#include "lab/device.h"

struct command {
	const char *name;
	int (*run)(struct sh *sh, int argc, char **argv);
	const char *path;         /* where it lives, for command -v and absolute calls */
	bool root;                /* another user gets "Permission denied"-like */
	int min_major, max_major; /* releases that have it; 0: all */
	bool keeps_links; /* does not look at links before it brings them up to date itself */
};

extern const struct command core_commands[], file_commands[], text_commands[], user_commands[],
    cumulus_commands[], onie_commands[], net_commands[], bgp_commands[], system_commands[],
    package_commands[], archive_commands[], copy_commands[],
    junos_commands[], space_commands[], sum_commands[], unit_commands[],
    apt_commands[], yum_commands[], host_commands[], etcd_commands[], stack_commands[]; /* each ends with a row of NULL */

/* The row, or NULL. name may be a path. */
const struct command *command_find(const struct device *dev, const char *name);

/* A file that is executed by its path: an installer image answers info, verify, ...; RUN_AS_SCRIPT
 * when it is none. */
enum { RUN_AS_SCRIPT = -2 };
int onie_image_run(struct sh *sh, struct blob *image, int argc, char **argv);

/* Helpers for commands: a file as the user sees it (pseudo files too). NULL: said why on stderr. */
struct blob *file_open(struct sh *sh, const char *path, const char *who);
/* Each operand of argv (or standard input when there is none or "-") in turn: NULL at the end. */
struct blob *operand_next(struct sh *sh, int argc, char **argv, int *i);
bool file_exists(struct sh *sh, const char *path, bool *dir, int64_t *size);
/* Replace or append to a file as the user; false: said why on stderr. */
bool file_write(struct sh *sh, const char *path, struct blob *data, bool append, const char *who);
/* Open for writing as a redirection does: the blob that takes what is written (borrowed ref: new).
 */
struct blob *file_sink(struct sh *sh, const char *path, bool append);
/* Transient units of a device (cmd_unit.c). NULL: none of that name. */
struct unit *unit_find(const struct device *dev, const char *name);
/* One that has ended without --remain-after-exit and did not fail is forgotten by systemd. */
bool unit_known(const struct unit *u);
const char *unit_state(const struct unit *u); /* as systemctl says it */
void unit_remove(struct device *dev, struct unit *u);

int say(struct sh *sh, int status, const char *fmt, ...) PRINTF_LIKE(3, 4); /* to stderr */

#endif
