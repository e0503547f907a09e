/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* '/' sorts before everything else, so that a tree is one run of the list. */
static int path_cmp(const char *a, const char *b)
{
	for (;; a++, b++) {
		if (*a != *b || !*a) {
			int x = !*a ? 0 : *a == '/' ? 1 : (unsigned char)*a + 1;
			int y = !*b ? 0 : *b == '/' ? 1 : (unsigned char)*b + 1;
			return x - y;
		}
	}
}

void vfs_init(struct vfs *v)
{
	memset(v, 0, sizeof(*v));
	v->capacity = DISK_BYTES;
	v->base_used = INT64_C(1400) << 20;
	vfs_mkdir(v, "/", 0755, 0);
}

static void node_free(struct node *n)
{
	blob_unref(n->blob);
	free(n->path);
	free(n);
}

void vfs_release(struct vfs *v)
{
	for (size_t i = 0; i < v->nodes.n; i++)
		node_free(v->nodes.v[i]);
	VEC_RELEASE(&v->nodes);
}

static void clean_part(struct str *out, const char *part, size_t n)
{
	if (!n || (n == 1 && part[0] == '.'))
		return;
	if (n == 2 && part[0] == '.' && part[1] == '.') {
		while (out->len && out->buf[out->len - 1] != '/')
			str_cut(out, out->len - 1);
		if (out->len)
			str_cut(out, out->len - 1);
		return;
	}
	str_putc(out, '/');
	str_add(out, part, n);
}

char *vfs_clean(const char *cwd, const char *path)
{
	char *whole = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", cwd, path);
	struct str out = {0};
	for (const char *p = whole; *p;) {
		size_t n = strcspn(p, "/");
		clean_part(&out, p, n);
		p += n;
		p += *p == '/';
	}
	free(whole);
	if (!out.len)
		str_putc(&out, '/');
	return str_take(&out);
}

size_t vfs_index(const struct vfs *v, const char *path)
{
	size_t lo = 0, hi = v->nodes.n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (path_cmp(v->nodes.v[mid]->path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct node *vfs_get(const struct vfs *v, const char *path)
{
	size_t i = vfs_index(v, path);
	if (i < v->nodes.n && strcmp(v->nodes.v[i]->path, path) == 0)
		return v->nodes.v[i];
	return NULL;
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	if (n == 1)
		return path[1] != '\0';
	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

struct node *vfs_entry(const struct vfs *v, const char *dir, size_t *at)
{
	size_t skip = strcmp(dir, "/") == 0 ? 1 : strlen(dir) + 1;
	size_t i = *at ? *at : vfs_index(v, dir) + 1;
	for (; i < v->nodes.n && below(v->nodes.v[i]->path, dir); i++) {
		if (!strchr(v->nodes.v[i]->path + skip, '/')) {
			*at = i + 1;
			return v->nodes.v[i];
		}
	}
	return NULL;
}

static struct node *insert(struct vfs *v, const char *path)
{
	size_t i = vfs_index(v, path);
	if (i < v->nodes.n && strcmp(v->nodes.v[i]->path, path) == 0)
		return v->nodes.v[i];
	struct node *n = xcalloc(1, sizeof(*n));
	n->path = xstrdup(path);
	VEC_PUSH(&v->nodes, n);
	memmove(&v->nodes.v[i + 1], &v->nodes.v[i], (v->nodes.n - 1 - i) * sizeof(*v->nodes.v));
	v->nodes.v[i] = n;
	return n;
}

const char *vfs_parent(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	if (n == 0 || n >= size)
		return "/";
	memcpy(buf, path, n);
	buf[n] = '\0';
	return buf;
}

static void make_parents(struct vfs *v, const char *path, int64_t now)
{
	char buf[1024];
	const char *parent = vfs_parent(path, buf, sizeof(buf));
	if (strcmp(path, "/") != 0 && !vfs_get(v, parent))
		vfs_mkdir(v, parent, 0755, now);
}

struct node *vfs_put(struct vfs *v, const char *path, struct blob *blob, unsigned mode, int64_t now)
{
	make_parents(v, path, now);
	struct node *n = insert(v, path);
	blob_unref(n->blob);
	n->blob = blob ? blob : blob_new();
	n->dir = false;
	n->mode = mode;
	n->mtime = now;
	return n;
}

struct node *vfs_put_text(struct vfs *v, const char *path, const char *text, unsigned mode,
			  int64_t now)
{
	struct blob *b = blob_new();
	blob_puts(b, text);
	return vfs_put(v, path, b, mode, now);
}

struct node *vfs_mkdir(struct vfs *v, const char *path, unsigned mode, int64_t now)
{
	struct node *n = vfs_get(v, path);
	if (n)
		return n;
	make_parents(v, path, now);
	n = insert(v, path);
	n->dir = true;
	n->mode = mode;
	n->mtime = now;
	return n;
}

size_t vfs_remove(struct vfs *v, const char *path)
{
	size_t from = vfs_index(v, path), to = from;
	while (to < v->nodes.n &&
	       (strcmp(v->nodes.v[to]->path, path) == 0 || below(v->nodes.v[to]->path, path)))
		node_free(v->nodes.v[to++]);
	if (to == from)
		return 0;
	memmove(&v->nodes.v[from], &v->nodes.v[to], (v->nodes.n - to) * sizeof(*v->nodes.v));
	v->nodes.n -= to - from;
	return to - from;
}

void vfs_rename(struct vfs *v, const char *from, const char *to)
{
	VEC(struct node *) moved = {0};
	size_t at = vfs_index(v, from), n = strlen(from);
	while (at < v->nodes.n &&
	       (strcmp(v->nodes.v[at]->path, from) == 0 || below(v->nodes.v[at]->path, from))) {
		VEC_PUSH(&moved, v->nodes.v[at]);
		VEC_REMOVE(&v->nodes, at);
	}
	vfs_remove(v, to);
	for (size_t i = 0; i < moved.n; i++) {
		struct node *old = moved.v[i];
		char *path = xasprintf("%s%s", to, old->path + n);
		struct node *made = insert(v, path);
		free(path);
		path = made->path;
		free(old->path);
		*made = *old;
		made->path = path;
		free(old);
	}
	VEC_RELEASE(&moved);
}

const char *vfs_text(const struct vfs *v, const char *path)
{
	struct node *n = vfs_get(v, path);
	size_t len;
	return n && n->blob && blob_size(n->blob) < BLOB_SPILL ? blob_data(n->blob, &len) : "";
}

int64_t vfs_used(const struct vfs *v)
{
	int64_t used = v->base_used;
	for (size_t i = 0; i < v->nodes.n; i++)
		if (v->nodes.v[i]->blob)
			used += (blob_size(v->nodes.v[i]->blob) + 4095) / 4096 * 4096;
	return used;
}

int64_t vfs_free(const struct vfs *v)
{
	int64_t left = v->capacity - vfs_used(v);
	return left > 0 ? left : 0;
}

bool vfs_may_read(const struct vfs *v, const struct node *n, int uid)
{
	(void)v;
	if (uid == 0)
		return true;
	return n->mode & (n->uid == uid ? 0400u : 0004u);
}

bool vfs_may_write(const struct vfs *v, const char *path, int uid)
{
	char buf[1024];
	if (uid == 0)
		return true;
	struct node *n = vfs_get(v, path);
	if (!n || n->dir)
		n = n ? n : vfs_get(v, vfs_parent(path, buf, sizeof(buf)));
	if (!n)
		return false;
	return n->mode & (n->uid == uid ? 0200u : 0002u);
}
