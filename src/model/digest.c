/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct digest {
	EVP_MD_CTX *ctx;
};

/* SHA-256 cannot fail but for memory, and without memory the program ends (base/mem.h). */
static void must(int good)
{
	if (!good)
		abort();
}

struct digest *digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof(*d));
	d->ctx = EVP_MD_CTX_new();
	must(d->ctx != NULL);
	must(EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL));
	return d;
}

void digest_add(struct digest *d, const void *data, size_t n)
{
	must(EVP_DigestUpdate(d->ctx, data, n));
}

void digest_end(struct digest *d, char hex[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	must(EVP_DigestFinal_ex(d->ctx, raw, &n));
	must(n * 2 + 1 == DIGEST_HEX);
	for (unsigned i = 0; i < n; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[2 * n] = '\0';
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void digest_bytes(const void *data, size_t n, char hex[DIGEST_HEX])
{
	struct digest *d = digest_new();
	digest_add(d, data, n);
	digest_end(d, hex);
}

struct reading {
	const char *path;
	int64_t limit;
	int (*progress)(void *ctx, int64_t done);
	void *ctx;
};

static int add_file(struct digest *d, int fd, const struct reading *r, int64_t *done, struct err *e)
{
	enum { CHUNK = 1 << 18 };
	char *chunk = xmalloc(CHUNK);
	int result = 0;
	while (!result && (r->limit < 0 || *done < r->limit)) {
		size_t want = CHUNK;
		if (r->limit >= 0 && r->limit - *done < CHUNK)
			want = (size_t)(r->limit - *done);
		ssize_t n = read(fd, chunk, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			result = err_sys(e, "%s: cannot read", r->path);
		if (n <= 0)
			break;
		digest_add(d, chunk, (size_t)n);
		*done += n;
		if (r->progress && r->progress(r->ctx, *done))
			result = err_set(e, ERR_CANCELLED, "%s: stopped", r->path);
	}
	free(chunk);
	if (!result && *done < r->limit)
		result = err_set(e, ERR_INPUT, "%s: shorter than expected", r->path);
	return result;
}

/* O_NONBLOCK: a FIFO in the place of a file must not hang us. */
static int open_regular(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "%s: cannot open", path);
	struct stat st;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(e, ERR_INPUT, "%s: not a regular file", path);
}

static int digest_part(const struct reading *r, int64_t from, char hex[DIGEST_HEX], int64_t *size,
		       struct err *e)
{
	int fd = open_regular(r->path, e);
	if (fd < 0)
		return -1;
	struct digest *d = digest_new();
	int64_t done = 0;
	int result = lseek(fd, from, SEEK_SET) == from ? add_file(d, fd, r, &done, e)
						       : err_sys(e, "%s: cannot read", r->path);
	close(fd);
	digest_end(d, hex);
	if (size)
		*size = done;
	return result;
}

int digest_file(const char *path, int64_t limit, char hex[DIGEST_HEX], int64_t *size,
		int (*progress)(void *ctx, int64_t done), void *ctx, struct err *e)
{
	struct reading r = {path, limit, progress, ctx};
	return digest_part(&r, 0, hex, size, e);
}

int digest_from(const char *path, int64_t from, char hex[DIGEST_HEX], int64_t *size,
		int (*progress)(void *ctx, int64_t done), void *ctx, struct err *e)
{
	struct reading r = {path, -1, progress, ctx};
	return digest_part(&r, from, hex, size, e);
}
