/* SPDX-License-Identifier: ISC */
/*
 * tar: a real ustar archive, so that the jump host can open what a device sends. With -z it is
 * wrapped in gzip's "stored" blocks: every gunzip reads it, and we need no compressor. Archives
 * that were really compressed elsewhere are refused ("not in gzip format we can read").
 */
#include "config.h"

#include "lab/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

struct tar {
	char verb; /* c x t d */
	bool gzip, verbose, ignore_missing;
	const char *file;
	char *dir; /* -C; new */
	VEC(const char *) excludes;
	VEC(const char *) members;
	struct str owned; /* of -T lists */
};

/* --- gzip with stored blocks ------------------------------------------------------------------ */
static uint32_t crc32_of(const char *data, size_t n)
{
	static const uint32_t nibble[16] = {
	    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = 0xffffffffu;
	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)data[i];
		crc = (crc >> 4) ^ nibble[crc & 15];
		crc = (crc >> 4) ^ nibble[crc & 15];
	}
	return ~crc;
}

static void put_le(struct blob *out, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		blob_add(out, &(char){(char)(v >> (8 * i))}, 1);
}

static void gzip_stored(struct blob *out, const char *data, size_t n)
{
	blob_add(out, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
	for (size_t at = 0;; at += 65535) {
		size_t part = n - at < 65535 ? n - at : 65535;
		bool last = at + part >= n;
		put_le(out, last, 1);
		put_le(out, (uint32_t)part, 2);
		put_le(out, ~(uint32_t)part & 0xffff, 2);
		blob_add(out, data + at, part);
		if (last)
			break;
	}
	put_le(out, crc32_of(data, n), 4);
	put_le(out, (uint32_t)n, 4);
}

/* The tar inside; NULL: damaged, or compressed by somebody else. New. */
static struct blob *gunzip_stored(const char *data, size_t n)
{
	const unsigned char *d = (const unsigned char *)data;
	size_t at = 10;
	if (n < 18 || d[0] != 0x1f || d[1] != 0x8b || d[3] != 0)
		return NULL;
	struct blob *out = blob_new();
	for (bool last = false; !last;) {
		if (at + 5 > n || (d[at] & 0xfe))
			break;
		last = d[at] & 1;
		size_t part = d[at + 1] | (size_t)d[at + 2] << 8;
		at += 5;
		if (at + part > n)
			break;
		blob_add(out, data + at, part);
		at += part;
		if (last && at + 8 <= n) {
			size_t length;
			const char *text = blob_data(out, &length);
			uint32_t crc = d[at] | (uint32_t)d[at + 1] << 8 |
				       (uint32_t)d[at + 2] << 16 | (uint32_t)d[at + 3] << 24;
			if (crc == crc32_of(text, length))
				return out;
		}
	}
	blob_unref(out);
	return NULL;
}

/* --- members ---------------------------------------------------------------------------------- */
static void header(struct blob *out, const struct node *n, const char *name)
{
	char h[BLOCK] = {0};
	size_t length = strlen(name);
	if (length > 99) { /* the prefix field takes the directory */
		const char *cut = strchr(name + length - 99, '/');
		cut = cut ? cut : name + length - 99;
		(void)snprintf(h + 345, 155, "%.*s", (int)(cut - name), name);
		name = cut + 1;
	}
	(void)snprintf(h, 100, "%s%s", name, n->dir ? "/" : "");
	(void)snprintf(h + 100, 8, "%07o", n->mode & 07777);
	(void)snprintf(h + 108, 8, "%07o", (unsigned)n->uid & 07777777);
	(void)snprintf(h + 116, 8, "%07o", (unsigned)n->gid & 07777777);
	(void)snprintf(h + 124, 12, "%011llo",
		       (unsigned long long)(n->dir ? 0 : blob_size(n->blob)));
	(void)snprintf(h + 136, 12, "%011llo", (unsigned long long)(1604000000 + n->mtime / 1000));
	h[156] = n->dir ? '5' : '0';
	memcpy(h + 257,
	       "ustar\0"
	       "00",
	       8);
	memset(h + 148, ' ', 8);
	unsigned sum = 0;
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
	blob_add(out, h, BLOCK);
}

static void pad(struct blob *out, int64_t size)
{
	static const char zeros[BLOCK];
	blob_add(out, zeros, (size_t)((BLOCK - size % BLOCK) % BLOCK));
}

static bool excluded(const struct tar *t, const char *name)
{
	for (size_t i = 0; i < t->excludes.n; i++) {
		const char *base = strrchr(name, '/');
		size_t n = strlen(t->excludes.v[i]);
		if (word_match(t->excludes.v[i], name) ||
		    (base && word_match(t->excludes.v[i], base + 1)) ||
		    (strncmp(name, t->excludes.v[i], n) == 0 && name[n] == '/'))
			return true;
	}
	return false;
}

static int add_member(struct sh *sh, struct tar *t, struct blob *out, const char *name)
{
	struct vfs *v = &sh->dev->vfs;
	char *path = vfs_clean(t->dir, name);
	struct node *top = vfs_get(v, path);
	if (!top) {
		free(path);
		if (t->ignore_missing) {
			(void)say(sh, 0, "tar: %s: Warning: Cannot stat: No such file or directory",
				  name);
			return 0;
		}
		return say(sh, 2, "tar: %s: Cannot stat: No such file or directory", name);
	}
	if (name[0] == '/')
		(void)say(sh, 0, "tar: Removing leading `/' from member names");
	size_t deep = strlen(path);
	const char *shown = name + strspn(name, "/");
	int status = 0;
	for (size_t i = vfs_index(v, path); i < v->nodes.n; i++) {
		struct node *n = v->nodes.v[i];
		if (strncmp(n->path, path, deep) != 0 || (n->path[deep] && n->path[deep] != '/'))
			break;
		char *member =
		    xasprintf("%.*s%s", (int)(strlen(shown) - (str_ends(shown, "/") ? 1 : 0)),
			      shown, n->path + deep);
		if (excluded(t, member)) {
			free(member);
			continue;
		}
		if (!n->dir && !vfs_may_read(v, n, sh->uid)) {
			status = say(sh, 2, "tar: %s: Cannot open: Permission denied", member);
		} else {
			header(out, n, member);
			if (t->verbose)
				blob_printf(t->file ? sh->out : sh->err, "%s\n", member);
			if (!n->dir) {
				blob_append(out, n->blob);
				pad(out, blob_size(n->blob));
			}
		}
		free(member);
	}
	free(path);
	return status;
}

static int create(struct sh *sh, struct tar *t)
{
	struct blob *out = blob_new();
	static const char end[2 * BLOCK];
	int status = 0;
	for (size_t i = 0; i < t->members.n; i++) {
		int rc = add_member(sh, t, out, t->members.v[i]);
		status = rc ? rc : status;
	}
	blob_add(out, end, sizeof(end));
	while (blob_size(out) % (20 * BLOCK))
		blob_add(out, end, BLOCK);
	size_t n;
	const char *data = blob_data(out, &n);
	struct blob *packed = t->gzip ? blob_new() : blob_ref(out);
	if (t->gzip)
		gzip_stored(packed, data, n);
	if (!t->file)
		blob_append(sh->out, packed);
	else if (!file_write(sh, t->file, packed, false, "tar"))
		status = 2;
	blob_unref(packed);
	blob_unref(out);
	if (status)
		(void)say(sh, 0, "tar: Exiting with failure status due to previous errors");
	return status;
}

/* --- reading ---------------------------------------------------------------------------------- */
static int64_t octal(const char *text, size_t n)
{
	char buf[16] = "";
	memcpy(buf, text, n < 15 ? n : 15);
	return strtoll(buf, NULL, 8);
}

static bool wanted(const struct tar *t, const char *name)
{
	if (excluded(t, name))
		return false;
	for (size_t i = 0; i < t->members.n; i++) {
		size_t n = strlen(t->members.v[i]);
		while (n && t->members.v[i][n - 1] == '/')
			n--;
		if (strncmp(name, t->members.v[i], n) == 0 && (!name[n] || name[n] == '/'))
			return true;
	}
	return t->members.n == 0;
}

static int extract_one(struct sh *sh, struct tar *t, const char *h, const char *name,
		       const char *data, int64_t size)
{
	char *path = vfs_clean(t->dir, name), buf[1024];
	struct vfs *v = &sh->dev->vfs;
	const char *up = vfs_parent(path, buf, sizeof(buf));
	int status = 0;
	while (!vfs_get(v, up) && strcmp(up, "/") != 0) {
		char more[1024];
		(void)snprintf(buf, sizeof(buf), "%s", vfs_parent(up, more, sizeof(more)));
		up = buf;
	}
	if (strstr(name, "../"))
		status = say(sh, 2, "tar: %s: Member name contains '..'", name);
	else if (!vfs_may_write(v, vfs_get(v, path) ? path : up, sh->uid))
		status = say(sh, 2, "tar: %s: Cannot open: Permission denied", name);
	else if (vfs_free(v) < size)
		status = say(sh, 2, "tar: %s: Cannot write: No space left on device", name);
	struct node *n = NULL;
	if (!status && h[156] == '5') {
		n = vfs_mkdir(v, path, 0755, sh->lab->now);
	} else if (!status && (h[156] == '0' || !h[156])) {
		struct blob *b = blob_new();
		blob_add(b, data, (size_t)size);
		n = vfs_put(v, path, b, 0644, sh->lab->now);
	}
	if (n) {
		n->mode = (unsigned)octal(h + 100, 8) & 07777;
		n->uid = sh->uid ? sh->uid : (int)octal(h + 108, 8);
		n->gid = sh->uid ? sh->uid : (int)octal(h + 116, 8);
		n->mtime = (octal(h + 136, 12) - 1604000000) * 1000;
	}
	free(path);
	return status;
}

/* tar -d: is the file there and the same? (status 1 when not) */
static int compare_one(struct sh *sh, struct tar *t, const char *h, const char *name,
                       const char *data, int64_t size)
{
	char *path = vfs_clean(t->dir, name);
	struct node *n = vfs_get(&sh->dev->vfs, path);
	size_t have = 0;
	const char *is = n && n->blob ? blob_data(n->blob, &have) : "";
	int status = 0;
	free(path);
	if (!n)
		status = say(sh, 1, "tar: %s: Warning: Cannot stat: No such file or directory", name);
	else if (h[156] != '5' && (int64_t)have != size)
		blob_printf(sh->out, "%s: Size differs\n", name), status = 1;
	else if (h[156] != '5' && memcmp(is, data, have) != 0)
		blob_printf(sh->out, "%s: Contents differ\n", name), status = 1;
	return status;
}

static bool header_ok(const char *h)
{
	unsigned sum = 0;
	for (int i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)h[i];
	return sum == (unsigned)octal(h + 148, 8);
}

static int read_members(struct sh *sh, struct tar *t, const char *data, size_t n)
{
	size_t at = 0;
	int status = 0;
	for (; at + BLOCK <= n && data[at]; at += BLOCK) {
		const char *h = data + at;
		int64_t size = octal(h + 124, 12);
		if (!header_ok(h) || size < 0)
			return say(sh, 2,
				   "tar: This does not look like a tar archive\ntar: Exiting with "
				   "failure status due to previous errors");
		if (at + BLOCK + (size_t)size > n)
			return say(sh, 2,
				   "tar: Unexpected EOF in archive\ntar: Error is not recoverable: "
				   "exiting now");
		char name[300];
		(void)snprintf(name, sizeof(name), "%.155s%s%.100s", h + 345, h[345] ? "/" : "", h);
		while (*name && name[strlen(name) - 1] == '/')
			name[strlen(name) - 1] = '\0';
		if (wanted(t, name)) {
			if (t->verb == 't' || t->verbose)
				blob_printf(sh->out, "%s%s\n", name, h[156] == '5' ? "/" : "");
			if (t->verb == 'd')
				status |= compare_one(sh, t, h, name, h + BLOCK, size);
			if (t->verb == 'x')
				status |= extract_one(sh, t, h, name, h + BLOCK, size);
		}
		at += (size_t)((size + BLOCK - 1) / BLOCK * BLOCK);
	}
	if (at + BLOCK > n)
		return say(
		    sh, 2,
		    "tar: Unexpected EOF in archive\ntar: Error is not recoverable: exiting now");
	return status;
}

static int extract(struct sh *sh, struct tar *t)
{
	struct blob *in =
	    t->file ? file_open(sh, t->file, "tar") : proc_input_all(sh->proc, sh->in);
	if (!in)
		return 2;
	size_t n;
	const char *data = blob_data(in, &n);
	int status;
	if (n > 2 && (unsigned char)data[0] == 0x1f && (unsigned char)data[1] == 0x8b) {
		struct blob *plain = gunzip_stored(data, n);
		if (plain) {
			data = blob_data(plain, &n);
			status = read_members(sh, t, data, n);
			blob_unref(plain);
		} else {
			status = say(
			    sh, 2,
			    "gzip: stdin: unexpected end of file\ntar: Child returned status 1\n"
			    "tar: Error is not recoverable: exiting now");
		}
	} else if (t->gzip || n == 0) {
		status = say(sh, 2,
			     "\ngzip: stdin: not in gzip format\ntar: Child returned status 1\n"
			     "tar: Error is not recoverable: exiting now");
	} else {
		status = read_members(sh, t, data, n);
	}
	blob_unref(in);
	return status;
}

/* --- options ---------------------------------------------------------------------------------- */
static void names_from(struct sh *sh, struct tar *t, const char *path)
{
	struct blob *b =
	    strcmp(path, "-") == 0 ? proc_input_all(sh->proc, sh->in) : file_open(sh, path, "tar");
	size_t n = 0;
	const char *data = b ? blob_data(b, &n) : "";
	str_add(&t->owned, data, n);
	for (char *at = t->owned.buf; at && *at;) {
		size_t line = strcspn(at, "\n");
		bool more = at[line] != '\0';
		at[line] = '\0';
		if (*at)
			VEC_PUSH(&t->members, at);
		at += line + more;
	}
	blob_unref(b);
}

/* The letters of "-czf" in their order; those with a value take the next words. */
static int letters(struct sh *sh, struct tar *t, const char *text, int i, int argc, char **argv)
{
	for (const char *c = text; *c; c++) {
		const char *value = NULL;
		if (strchr("fCTX", *c)) {
			value = c[1] && text != argv[1] ? c + 1 : i + 1 < argc ? argv[++i] : "";
		}
		if (strchr("cxtd", *c))
			t->verb = *c;
		t->gzip |= *c == 'z';
		t->verbose |= *c == 'v';
		if (*c == 'f')
			t->file = str_eq(value, "-") ? NULL : value;
		if (*c == 'C') {
			char *dir = vfs_clean(t->dir, value);
			free(t->dir);
			t->dir = dir;
		}
		if (*c == 'T')
			names_from(sh, t, value);
		if (value == c + 1)
			break;
	}
	return i;
}

static int run_tar(struct sh *sh, int argc, char **argv)
{
	struct tar t = {.dir = xstrdup(sh->cwd)};
	bool operands = false;
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];
		if (str_starts(a, "--exclude="))
			VEC_PUSH(&t.excludes, a + 10);
		else if (str_starts(a, "--directory="))
			(void)letters(sh, &t, "C", 0, 2, (char *[]){argv[0], argv[i] + 12, NULL});
		else if (str_eq(a, "--ignore-failed-read"))
			t.ignore_missing = true;
		else if (str_eq(a, "--"))
			operands = true;
		else if (str_starts(a, "--") && !operands)
			continue;
		else if (a[0] == '-' && a[1] && !operands)
			i = letters(sh, &t, a + 1, i, argc, argv);
		else if (i == 1)
			i = letters(sh, &t, a, i, argc, argv);
		else
			VEC_PUSH(&t.members, a);
	}
	int status;
	if (t.verb == 'c' && !t.members.n)
		status = say(sh, 2, "tar: Cowardly refusing to create an empty archive");
	else if (t.verb == 'c')
		status = create(sh, &t);
	else if (t.verb)
		status = extract(sh, &t);
	else
		status = say(sh, 2, "tar: You must specify one of the '-Acdtrux' options");
	VEC_RELEASE(&t.excludes);
	VEC_RELEASE(&t.members);
	str_release(&t.owned);
	free(t.dir);
	return status;
}

const struct command archive_commands[] = {
    {.name = "tar", .run = run_tar, .path = "/bin"},
    {0},
};
