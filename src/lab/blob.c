/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/blob.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct blob {
	unsigned refs;
	bool frozen, failed;
	int fd; /* -1: in memory */
	int64_t size;
	struct str mem;
	char *map; /* of the file, while nobody writes */
	size_t mapped;
};

struct blob *blob_new(void)
{
	struct blob *b = xcalloc(1, sizeof(*b));
	b->refs = 1;
	b->fd = -1;
	return b;
}

struct blob *blob_ref(struct blob *b)
{
	b->refs++;
	return b;
}

static void unmap(struct blob *b)
{
	if (b->map && munmap(b->map, b->mapped))
		b->failed = true;
	b->map = NULL;
	b->mapped = 0;
}

void blob_unref(struct blob *b)
{
	if (!b || --b->refs)
		return;
	unmap(b);
	if (b->fd >= 0)
		(void)close(b->fd);
	str_release(&b->mem);
	free(b);
}

int64_t blob_size(const struct blob *b)
{
	return b->size;
}

bool blob_failed(const struct blob *b)
{
	return b->failed;
}

/* A file that has no name from the start, or -1. */
static int temp_file(void)
{
	const char *dir = getenv("TMPDIR");
	if (!dir || !*dir)
		dir = "/tmp";
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	char *name = xasprintf("%s/hitless-lab-XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0 && unlink(name)) {
		(void)close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

static bool write_all(int fd, int64_t at, const char *data, size_t n)
{
	while (n) {
		ssize_t done = pwrite(fd, data, n, (off_t)at);
		if (done <= 0)
			return false;
		data += done;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static void spill(struct blob *b)
{
	b->fd = temp_file();
	if (b->fd < 0)
		return; /* stays in memory: slower, not wrong */
	if (!write_all(b->fd, 0, str_text(&b->mem), b->mem.len))
		b->failed = true;
	str_release(&b->mem);
}

void blob_write(struct blob *b, int64_t at, const void *data, size_t n)
{
	if (!n)
		return;
	unmap(b);
	if (b->fd < 0 && at + (int64_t)n >= BLOB_SPILL)
		spill(b);
	int64_t end = at + (int64_t)n;
	if (b->fd >= 0) {
		if (!write_all(b->fd, at, data, n)) {
			b->failed = true;
			return;
		}
	} else {
		while ((int64_t)b->mem.len < at)
			str_putc(&b->mem, '\0');
		size_t inside = b->mem.len - (size_t)at < n ? b->mem.len - (size_t)at : n;
		if (inside)
			memcpy(b->mem.buf + at, data, inside);
		str_add(&b->mem, (const char *)data + inside, n - inside);
	}
	if (end > b->size)
		b->size = end;
}

void blob_add(struct blob *b, const void *data, size_t n)
{
	blob_write(b, b->size, data, n);
}

void blob_puts(struct blob *b, const char *text)
{
	if (text)
		blob_add(b, text, strlen(text));
}

void blob_printf(struct blob *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	blob_puts(b, text);
	free(text);
}

void blob_append(struct blob *b, const struct blob *more)
{
	size_t n;
	const char *data = blob_data(more, &n);
	if (b != more) {
		blob_add(b, data, n);
		return;
	}
	char *copy = xmemdup(data, n);
	blob_add(b, copy, n);
	free(copy);
}

void blob_truncate(struct blob *b, int64_t size)
{
	unmap(b);
	if (size > b->size) {
		blob_write(b, size - 1, "", 1);
		return;
	}
	b->size = size;
	if (b->fd < 0)
		str_cut(&b->mem, (size_t)size);
	else if (ftruncate(b->fd, (off_t)size))
		b->failed = true;
}

const char *blob_data(const struct blob *shown, size_t *n)
{
	struct blob *b = (struct blob *)shown; /* the map is a cache, not a part of the value */
	*n = (size_t)b->size;
	if (b->fd < 0)
		return str_text(&b->mem);
	if (!b->map && b->size) {
		void *map = mmap(NULL, (size_t)b->size, PROT_READ, MAP_SHARED, b->fd, 0);
		if (map == MAP_FAILED) {
			b->failed = true;
			*n = 0;
			return "";
		}
		b->map = map;
		b->mapped = (size_t)b->size;
	}
	return b->map ? b->map : "";
}

size_t blob_read(const struct blob *b, int64_t at, void *buf, size_t n)
{
	if (at < 0 || at >= b->size)
		return 0;
	if ((int64_t)n > b->size - at)
		n = (size_t)(b->size - at);
	if (b->fd < 0) {
		memcpy(buf, b->mem.buf + at, n);
		return n;
	}
	ssize_t got = pread(b->fd, buf, n, (off_t)at);
	return got > 0 ? (size_t)got : 0;
}

struct blob *blob_share(struct blob *b)
{
	b->frozen = true;
	return blob_ref(b);
}

void blob_own(struct blob **b)
{
	if (!(*b)->frozen)
		return;
	struct blob *copy = blob_new();
	blob_append(copy, *b);
	blob_unref(*b);
	*b = copy;
}
