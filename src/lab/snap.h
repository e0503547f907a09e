/* SPDX-License-Identifier: ISC */
/* The verbs of snap that only show something. Each is called with all the words of its line. */
#ifndef LAB_SNAP_H
#define LAB_SNAP_H

#include "lab/cloud.h"

int snap_list(struct sh *sh, int argc, char **argv);
int snap_info(struct sh *sh, int argc, char **argv);
int snap_changes(struct sh *sh, int argc, char **argv);
int snap_tasks(struct sh *sh, int argc, char **argv);
int snap_services(struct sh *sh, int argc, char **argv);
int snap_version(struct sh *sh, int argc, char **argv);
/* save NAME..., saved, export-snapshot SET FILE: cmd_snap_save.c */
int snap_save(struct sh *sh, int argc, char **argv);
int snap_saved(struct sh *sh, int argc, char **argv);
int snap_export(struct sh *sh, int argc, char **argv);
int snap_list_updates(struct sh *sh); /* refresh --list */

/* The change of this number; NULL: none, or the text is no number. */
struct change *snap_change_of(struct sh *sh, const char *number);
/* A moment as ISO 8601 into text, which is returned. */
const char *snap_time(int64_t ms, char *text, size_t size);

#endif
