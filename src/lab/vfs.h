/* SPDX-License-Identifier: ISC */
/*
 * The file system of one device: a sorted list of paths. Paths are absolute and clean (vfs_clean);
 * every function expects that. Nodes are owned by the vfs and good until the next change of the
 * list. Times are lab milliseconds. Nothing here checks permissions except vfs_may_*.
 */
#ifndef LAB_VFS_H
#define LAB_VFS_H

#include "lab/blob.h"

#include "base/vec.h"

#define DISK_BYTES (INT64_C(6) << 30)

struct node {
	char *path;
	bool dir;
	unsigned mode; /* 0755 and so on */
	int uid, gid;
	int64_t mtime;
	struct blob *blob; /* NULL for a directory */
};

struct vfs {
	VEC(struct node *) nodes; /* sorted by path */
	int64_t capacity;         /* bytes of the disk */
	int64_t base_used;        /* bytes of the system that are not modelled as files */
};

void vfs_init(struct vfs *v);
void vfs_release(struct vfs *v);

/* An absolute path without ".", "..", "//" and a slash at its end. New. */
char *vfs_clean(const char *cwd, const char *path);

struct node *vfs_get(const struct vfs *v, const char *path); /* NULL: not there */
size_t vfs_index(const struct vfs *v, const char *path);     /* where it is or would be */
/* The next entry directly in dir, from *at on (start with 0); NULL at the end. */
struct node *vfs_entry(const struct vfs *v, const char *dir, size_t *at);

/* Make a file (replacing one) with its parents; takes the reference of blob (NULL: empty). */
struct node *vfs_put(struct vfs *v, const char *path, struct blob *blob, unsigned mode,
		     int64_t now);
struct node *vfs_put_text(struct vfs *v, const char *path, const char *text, unsigned mode,
			  int64_t now);
struct node *vfs_mkdir(struct vfs *v, const char *path, unsigned mode, int64_t now);
size_t vfs_remove(struct vfs *v, const char *path); /* with all below it; how many went */
/* Rename with all below it; the target is replaced. */
void vfs_rename(struct vfs *v, const char *from, const char *to);

/* The text of a file in memory, "" when it is not there. Borrowed. */
const char *vfs_text(const struct vfs *v, const char *path);
int64_t vfs_used(const struct vfs *v);
int64_t vfs_free(const struct vfs *v);

bool vfs_may_read(const struct vfs *v, const struct node *n, int uid);
/* May this user write the file, or make it if it is not there? */
bool vfs_may_write(const struct vfs *v, const char *path, int uid);
const char *vfs_parent(const char *path, char *buf, size_t size); /* of "/": "/" */

#endif
