/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/image_content.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/judge.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES   ((size_t)64 * 1024)
#define INNER_BYTES  ((size_t)16 << 20) /* of an archive in an archive */
#define ENTRIES_MOST 512                /* looked at on the way to a member */
#define BLOCK        ((size_t)64 * 1024)

/* --- the head --------------------------------------------------------------------------------- */

static int read_head(const char *path, struct str *head, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = 0;
	if (fd < 0)
		return err_set(e, ERR_INPUT, _("cannot open %s: %s"), path, strerror(errno));
	if (fstat(fd, &st) != 0)
		rc = err_sys(e, _("cannot read %s"), path);
	else if (!S_ISREG(st.st_mode))
		rc = err_set(e, ERR_INPUT, _("%s is not a regular file"), path);
	while (rc == 0 && head->len < HEAD_BYTES) {
		char block[4096];
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(e, _("cannot read %s"), path);
		if (n <= 0)
			break;
		str_add(head, block, (size_t)n);
	}
	close(fd);
	return rc;
}

/* Cut the head where the payload begins. */
static void find_payload(const struct image_content *c, struct str *head, struct image_told *t)
{
	struct values found = {0};
	char *mark = c->behind ? xasprintf("\n%s\n", c->behind) : NULL;
	const char *at =
	    mark && head->len ? memmem(head->buf, head->len, mark, strlen(mark)) : NULL;
	if (at) {
		t->payload = at - head->buf + (int64_t)strlen(mark);
		str_cut(head, (size_t)(at - head->buf) + 1);
		if (pattern_match(c->sum, str_text(head), head->len, &found) == VERDICT_YES)
			(void)snprintf(t->sha256, sizeof(t->sha256), "%s",
				       values_get(&found, "sha256"));
	}
	values_release(&found);
	free(mark);
}

/* --- archives --------------------------------------------------------------------------------- */

/* No filter that would run a program. */
static struct archive *archive_new(void)
{
	struct archive *a = archive_read_new();
	if (!a)
		abort(); /* no memory */
	archive_read_support_format_tar(a);
	archive_read_support_format_ar(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	return a;
}

static bool entry_is(struct archive_entry *entry, const char *pattern)
{
	const char *name = archive_entry_pathname(entry);
	if (!name)
		return false;
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	char *plain = xstrndup(name, strcspn(name, "/")); /* ar ends its names with one */
	bool same = fnmatch(pattern,
			    name[strcspn(name, "/")] && name[strcspn(name, "/") + 1] ? name : plain,
			    FNM_PATHNAME) == 0;
	free(plain);
	return same;
}

static bool read_entry(struct archive *a, size_t limit, struct str *out)
{
	char block[4096];
	la_ssize_t n = 0;
	while (out->len < limit && (n = archive_read_data(a, block, sizeof(block))) > 0)
		str_add(out, block, (size_t)n);
	return n >= 0;
}

static bool find_entry(struct archive *a, const char *pattern)
{
	struct archive_entry *entry;
	for (int i = 0; i < ENTRIES_MOST; i++) {
		int rc = archive_read_next_header(a, &entry);
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
			return false;
		if (entry_is(entry, pattern) && archive_entry_filetype(entry) == AE_IFREG)
			return true;
	}
	return false;
}

/* The member behind the names; `a` is open on the outermost archive. */
static bool read_member(struct archive *a, char *const *names, struct str *out)
{
	if (!find_entry(a, names[0]))
		return false;
	if (!names[1])
		return read_entry(a, HEAD_BYTES, out);
	struct str inner = {0};
	struct archive *b = archive_new();
	bool found = read_entry(a, INNER_BYTES, &inner) && inner.len > 0 &&
		     archive_read_open_memory(b, inner.buf, inner.len) == ARCHIVE_OK &&
		     read_member(b, names + 1, out);
	archive_read_free(b);
	str_release(&inner);
	return found;
}

/* Open the file as an archive from this byte on; *fd has to be closed behind it. */
static struct archive *archive_at(const char *path, int64_t from, int *fd)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return NULL;
	struct archive *a = archive_new();
	if (lseek(*fd, from, SEEK_SET) == from && archive_read_open_fd(a, *fd, BLOCK) == ARCHIVE_OK)
		return a;
	archive_read_free(a);
	close(*fd);
	return NULL;
}

static bool look_inside(const struct image_content *c, const char *path, int64_t from,
			struct str *out)
{
	int fd;
	struct archive *a = c->member && c->member[0] ? archive_at(path, from, &fd) : NULL;
	if (!a)
		return false;
	bool found = read_member(a, c->member, out);
	archive_read_free(a);
	close(fd);
	return found;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* As one of this kind: false when it does not begin so. */
static bool try_kind(const struct procedure *p, const struct image_kind *k, const struct str *head,
		     const char *path, struct image_told *t)
{
	const struct image_content *c = &k->content;
	struct str own = {0}, member = {0};
	if (!c->begins || pattern_match(c->begins, str_text(head), head->len, NULL) != VERDICT_YES)
		return false;
	str_add(&own, head->buf, head->len);
	t->kind = k;
	t->payload = 0;
	t->sha256[0] = '\0';
	find_payload(c, &own, t);
	bool inside = look_inside(c, path, t->payload, &member);
	image_release(&t->image);
	(void)procedure_image_content(p, k, &own, inside ? &member : NULL, &t->image);
	str_release(&own);
	str_release(&member);
	return true;
}

int image_content_read(const struct procedure *p, const char *kind, const char *path,
		       struct image_told *out, struct err *e)
{
	struct str head = {0};
	*out = (struct image_told){0};
	int rc = read_head(path, &head, e);
	for (size_t i = 0; rc == 0 && i < p->n_images && !out->image.kind; i++)
		if (!kind || str_eq(kind, p->images[i].kind))
			(void)try_kind(p, &p->images[i], &head, path, out);
	str_release(&head);
	return rc;
}

void image_told_release(struct image_told *t)
{
	image_release(&t->image);
	*t = (struct image_told){0};
}

/* --- is it whole? ----------------------------------------------------------------------------- */

struct reading {
	int (*progress)(void *ctx, int64_t done, int64_t total);
	void *ctx;
	int64_t from, total;
};

static int pass_on(void *ctx, int64_t done)
{
	struct reading *r = ctx;
	return r->progress ? r->progress(r->ctx, r->from + done, r->total) : 0;
}

static int verify_payload(const struct image_told *t, const char *path, const char *name,
			  struct reading *r, struct err *e)
{
	char sha256[DIGEST_HEX];
	int64_t bytes = 0;
	r->from = t->payload;
	if (digest_from(path, t->payload, sha256, &bytes, pass_on, r, e) != 0)
		return -1;
	if (strcmp(sha256, t->sha256) == 0)
		return 0;
	return err_set(e, ERR_CORRUPT,
		       _("%s is damaged or cut off: its payload (%" PRId64
			 " bytes from byte %" PRId64
			 " on) has the SHA-256 %.16s..., its head says %.16s...; fetch it again"),
		       name, bytes, t->payload, sha256, t->sha256);
}

static int verify_archive(const char *path, const char *name, struct reading *r, struct err *e)
{
	struct archive_entry *entry;
	char block[4096];
	int fd, rc;
	la_ssize_t n = 0;
	struct archive *a = archive_at(path, 0, &fd);
	if (!a)
		return err_set(e, ERR_CORRUPT,
			       _("%s is no archive that can be read; fetch it again"), name);
	while ((rc = archive_read_next_header(a, &entry)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		while ((n = archive_read_data(a, block, sizeof(block))) > 0)
			;
		if (n < 0 || pass_on(r, archive_filter_bytes(a, -1)) != 0)
			break;
	}
	int result = 0;
	if (n < 0 || (rc != ARCHIVE_EOF && rc != ARCHIVE_OK && rc != ARCHIVE_WARN))
		result =
		    err_set(e, ERR_CORRUPT,
			    _("%s is damaged or cut off at byte %" PRId64 " (%s); fetch it again"),
			    name, (int64_t)archive_filter_bytes(a, -1),
			    archive_error_string(a) ? archive_error_string(a) : "?");
	else if (rc != ARCHIVE_EOF)
		result = err_set(e, ERR_CANCELLED, _("reading %s was stopped"), name);
	archive_read_free(a);
	close(fd);
	return result;
}

int image_content_verify(const struct image_told *t, const char *path, const char *name,
			 int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
			 struct err *e)
{
	struct reading r = {.progress = progress, .ctx = ctx, .total = path_size(path)};
	const struct image_content *c = t->kind ? &t->kind->content : NULL;
	if (!c)
		return 0;
	if (c->behind && !t->payload)
		return err_set(
		    e, ERR_CORRUPT,
		    _("%s is cut off: the line \"%s\", behind which its payload begins, is "
		      "not in its first %d KiB; fetch it again"),
		    name, c->behind, (int)(HEAD_BYTES >> 10));
	if (c->behind && !t->sha256[0])
		return err_set(e, ERR_CORRUPT,
			       _("%s: its head does not give the SHA-256 of its payload, so it "
				 "cannot be checked; fetch it again"),
			       name);
	return c->behind ? verify_payload(t, path, name, &r, e) : verify_archive(path, name, &r, e);
}
