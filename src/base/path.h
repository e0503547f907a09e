/* SPDX-License-Identifier: ISC */
/*
 * Files and directories: where things live, and reading and writing them so that a crash leaves
 * either the old or the new content. umask 077 is set by main; directories are made 0700.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* What a person typed as a path: "~/x" is in the home directory, another relative one in dir (NULL:
 * where we stand). New. */
char *path_typed(const char *dir, const char *text);
char *path_join(const char *dir, const char *name); /* new */

/* Make the directory and its parents. */
int path_make_dirs(const char *dir, struct err *e);

bool path_exists(const char *path);
bool path_is_dir(const char *path);
int64_t path_size(const char *path); /* -1 if it is not there */

/* Read a regular file of at most `limit` bytes into out (appended). */
int path_read(const char *path, size_t limit, struct str *out, struct err *e);
/* The same; "-" is standard input, and pipes are read to their end. */
int path_read_stream(const char *path, size_t limit, struct str *out, struct err *e);

/* Replace the file: temporary file in the same directory, fsync, rename, fsync of the directory. */
int path_write(const char *path, const void *data, size_t n, struct err *e);

/* Bytes free for us on the file system of path; -1 when it cannot be asked. */
int64_t path_free_space(const char *path);

/* Remove a file or a whole tree below dir; a missing one is no error. */
int path_remove_tree(const char *dir, struct err *e);

/* $XDG_<kind>_HOME/hitless, or its default below $HOME; kind is "STATE", "CONFIG" or "DATA". New. */
char *path_xdg(const char *kind, struct err *e);

/* True for a name that is safe as one path component: letters, digits and . _ - + @ ~, not starting
 * with '.' or '-', at most 128 bytes. */
bool path_is_name(const char *name);

#endif
