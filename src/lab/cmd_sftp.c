/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/sftp.h"

#include "lab/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PACKET = 300000, MAX_HANDLES = 64 };
enum status { OK = 0, END = 1, NO_FILE = 2, DENIED = 3, FAILURE = 4, UNSUPPORTED = 8 };

struct handle {
	bool used, append;
	char *path;
	struct blob *blob; /* of a file */
	size_t at;         /* of a directory: vfs_entry()'s place */
};

struct sftp {
	struct sh *sh;
	struct handle handles[MAX_HANDLES];
	const unsigned char *in; /* the packet behind its type */
	size_t left;
	uint32_t id;
};

/* --- numbers and strings ---------------------------------------------------------------------- */
static uint32_t get_u32(struct sftp *s)
{
	uint32_t v = 0;
	if (s->left < 4) {
		s->left = 0;
		return 0;
	}
	for (int i = 0; i < 4; i++)
		v = v << 8 | *s->in++;
	s->left -= 4;
	return v;
}

static int64_t get_u64(struct sftp *s)
{
	uint64_t high = get_u32(s);
	return (int64_t)(high << 32 | get_u32(s));
}

static char *get_string(struct sftp *s, size_t *n)
{
	size_t length = get_u32(s);
	length = length < s->left ? length : s->left;
	char *text = xmemdup(s->in, length);
	s->in += length;
	s->left -= length;
	if (n)
		*n = length;
	return text;
}

static void put_u32(struct str *p, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		str_putc(p, (char)(v >> shift));
}

static void put_string(struct str *p, const char *text, size_t n)
{
	put_u32(p, (uint32_t)n);
	str_add(p, text, n);
}

static void put_attributes(struct str *p, const struct node *n)
{
	int64_t size = n->blob ? blob_size(n->blob) : 4096;
	put_u32(p, 0x0000000f); /* size, owner, permissions, times */
	put_u32(p, (uint32_t)(size >> 32));
	put_u32(p, (uint32_t)size);
	put_u32(p, (uint32_t)n->uid);
	put_u32(p, (uint32_t)n->gid);
	put_u32(p, (n->dir ? 0040000u : 0100000u) | n->mode);
	put_u32(p, (uint32_t)(1604000000 + n->mtime / 1000));
	put_u32(p, (uint32_t)(1604000000 + n->mtime / 1000));
}

/* Send a packet: its type, our id, its body. */
static void reply(struct sftp *s, char type, const struct str *body)
{
	struct str p = {0};
	put_u32(&p, (uint32_t)(5 + body->len));
	str_putc(&p, type);
	put_u32(&p, s->id);
	str_add(&p, str_text(body), body->len);
	blob_add(s->sh->out, p.buf, p.len);
	str_release(&p);
}

static void reply_status(struct sftp *s, enum status status)
{
	static const char *const texts[] = {"Success",
					    "End of file",
					    "No such file",
					    "Permission denied",
					    "Failure",
					    "",
					    "",
					    "",
					    "Operation unsupported"};
	struct str body = {0};
	put_u32(&body, status);
	put_string(&body, texts[status], strlen(texts[status]));
	put_string(&body, "", 0);
	reply(s, 101, &body);
	str_release(&body);
}

/* --- files ------------------------------------------------------------------------------------ */
static char *get_path(struct sftp *s)
{
	char *raw = get_string(s, NULL), *clean = vfs_clean(s->sh->cwd, raw);
	free(raw);
	return clean;
}

static struct handle *get_handle(struct sftp *s)
{
	size_t n;
	char *text = get_string(s, &n);
	int i = n == 1 ? text[0] - 'A' : -1;
	free(text);
	return i >= 0 && i < MAX_HANDLES && s->handles[i].used ? &s->handles[i] : NULL;
}

static void open_handle(struct sftp *s, char *path, struct blob *blob)
{
	for (int i = 0; i < MAX_HANDLES; i++) {
		if (s->handles[i].used)
			continue;
		s->handles[i] = (struct handle){.used = true, .path = path, .blob = blob};
		struct str body = {0};
		put_string(&body, &(char){(char)('A' + i)}, 1);
		reply(s, 102, &body);
		str_release(&body);
		return;
	}
	free(path);
	blob_unref(blob);
	reply_status(s, FAILURE);
}

static void close_handle(struct handle *h)
{
	free(h->path);
	blob_unref(h->blob);
	*h = (struct handle){0};
}

/* flags: 1 read, 2 write, 4 append, 8 create, 16 truncate, 32 only if new */
static void do_open(struct sftp *s)
{
	char *path = get_path(s);
	uint32_t flags = get_u32(s);
	struct vfs *v = &s->sh->dev->vfs;
	struct node *n = vfs_get(v, path);
	struct blob *blob = NULL;
	enum status status = FAILURE;
	if (!n && !(flags & 8)) {
		status = NO_FILE;
	} else if (n && n->dir) {
		status = FAILURE;
	} else if (flags & 2) {
		bool muted = !vfs_may_write(v, path, s->sh->uid);
		status = muted ? DENIED : FAILURE;
		blob = muted ? NULL : file_sink(s->sh, path, !(flags & 16));
	} else if (n && vfs_may_read(v, n, s->sh->uid)) {
		blob = blob_ref(n->blob);
	} else {
		status = DENIED;
	}
	if (blob) {
		open_handle(s, path, blob);
		return;
	}
	free(path);
	reply_status(s, status);
}

static void do_close(struct sftp *s)
{
	struct handle *h = get_handle(s);
	if (h)
		close_handle(h);
	reply_status(s, h ? OK : FAILURE);
}

static void do_read(struct sftp *s)
{
	struct handle *h = get_handle(s);
	int64_t at = get_u64(s);
	uint32_t want = get_u32(s);
	if (!h || !h->blob) {
		reply_status(s, FAILURE);
		return;
	}
	want = want < 65536 ? want : 65536;
	char *buf = xmalloc(want + 1);
	size_t n = blob_read(h->blob, at, buf, want);
	struct str body = {0};
	put_string(&body, buf, n);
	if (n)
		reply(s, 103, &body);
	else
		reply_status(s, END);
	str_release(&body);
	free(buf);
}

static void do_write(struct sftp *s)
{
	struct handle *h = get_handle(s);
	int64_t at = get_u64(s);
	size_t n = get_u32(s);
	n = n < s->left ? n : s->left;
	if (!h || !h->blob || at < 0 || at > INT64_C(1) << 40) {
		reply_status(s, FAILURE);
	} else if (at + (int64_t)n > blob_size(h->blob) &&
		   vfs_free(&s->sh->dev->vfs) < (int64_t)n) {
		reply_status(s, FAILURE);
	} else {
		blob_write(h->blob, at, s->in, n);
		reply_status(s, OK);
	}
}

static void do_stat(struct sftp *s)
{
	char *path = get_path(s);
	struct node *n = vfs_get(&s->sh->dev->vfs, path);
	struct str body = {0};
	if (n)
		put_attributes(&body, n);
	if (n)
		reply(s, 105, &body);
	else
		reply_status(s, NO_FILE);
	str_release(&body);
	free(path);
}

static void do_fstat(struct sftp *s)
{
	struct handle *h = get_handle(s);
	struct node *n = h ? vfs_get(&s->sh->dev->vfs, h->path) : NULL;
	struct str body = {0};
	if (n)
		put_attributes(&body, n);
	if (n)
		reply(s, 105, &body);
	else
		reply_status(s, FAILURE);
	str_release(&body);
}

static void set_attributes(struct sftp *s, const char *path)
{
	struct node *n = vfs_get(&s->sh->dev->vfs, path);
	uint32_t flags = get_u32(s);
	if (!n || (s->sh->uid && n->uid != s->sh->uid)) {
		reply_status(s, n ? DENIED : NO_FILE);
		return;
	}
	if (flags & 1) {
		int64_t size = get_u64(s);
		if (n->blob && size >= 0 && size < INT64_C(1) << 40) {
			blob_own(&n->blob);
			blob_truncate(n->blob, size);
		}
	}
	if (flags & 2)
		(void)get_u64(s);
	if (flags & 4)
		n->mode = get_u32(s) & 07777;
	reply_status(s, OK);
}

static void do_setstat(struct sftp *s)
{
	char *path = get_path(s);
	set_attributes(s, path);
	free(path);
}

static void do_fsetstat(struct sftp *s)
{
	struct handle *h = get_handle(s);
	if (h)
		set_attributes(s, h->path);
	else
		reply_status(s, FAILURE);
}

static void put_name(struct str *body, const struct node *n, const char *name)
{
	char *longname =
	    xasprintf("%crw-r--r--    1 %-8d %-8d %8lld Oct 29 12:00 %s", n->dir ? 'd' : '-',
		      n->uid, n->gid, n->blob ? (long long)blob_size(n->blob) : 4096LL, name);
	put_string(body, name, strlen(name));
	put_string(body, longname, strlen(longname));
	put_attributes(body, n);
	free(longname);
}

static void do_opendir(struct sftp *s)
{
	char *path = get_path(s);
	struct node *n = vfs_get(&s->sh->dev->vfs, path);
	if (n && n->dir) {
		open_handle(s, path, NULL);
		return;
	}
	free(path);
	reply_status(s, n ? FAILURE : NO_FILE);
}

static void do_readdir(struct sftp *s)
{
	struct handle *h = get_handle(s);
	struct str names = {0}, body = {0};
	uint32_t count = 0;
	for (struct node *n; h && !h->blob && count < 50; count++) {
		n = vfs_entry(&s->sh->dev->vfs, h->path, &h->at);
		if (!n)
			break;
		put_name(&names, n, strrchr(n->path, '/') + 1);
	}
	put_u32(&body, count);
	str_add(&body, str_text(&names), names.len);
	if (count)
		reply(s, 104, &body);
	else
		reply_status(s, h ? END : FAILURE);
	str_release(&names);
	str_release(&body);
}

static void do_realpath(struct sftp *s)
{
	char *path = get_path(s);
	struct node here = {.dir = true, .mode = 0755};
	struct str body = {0};
	put_u32(&body, 1);
	put_name(&body, &here, path);
	reply(s, 104, &body);
	str_release(&body);
	free(path);
}

/* remove, mkdir, rmdir, rename are the commands of the shell, without their texts. */
static void by_command(struct sftp *s, int argc, char **argv)
{
	struct sh sub;
	struct blob *muted = blob_new();
	sh_copy(&sub, s->sh);
	sub.out = sub.err = muted;
	int status = sh_run(&sub, argc, argv);
	sh_release(&sub);
	blob_unref(muted);
	reply_status(s, status ? FAILURE : OK);
}

static void do_path_command(struct sftp *s, char *name, char *option)
{
	char *path = get_path(s);
	if (!vfs_get(&s->sh->dev->vfs, path) && name[0] == 'r')
		reply_status(s, NO_FILE);
	else
		by_command(s, 3, (char *[]){name, option, path, NULL});
	free(path);
}

static void do_remove(struct sftp *s)
{
	do_path_command(s, "rm", "--");
}

static void do_mkdir(struct sftp *s)
{
	do_path_command(s, "mkdir", "--");
}

static void do_rmdir(struct sftp *s)
{
	do_path_command(s, "rm", "-r");
}

static void do_rename(struct sftp *s)
{
	char *from = get_path(s), *to = get_path(s);
	by_command(s, 3, (char *[]){"mv", from, to, NULL});
	free(from);
	free(to);
}

static const struct request {
	unsigned char type;
	void (*run)(struct sftp *s);
} requests[] = {
    {3, do_open},     {4, do_close},     {5, do_read},    {6, do_write},
    {7, do_stat},     {8, do_fstat},     {9, do_setstat}, {10, do_fsetstat},
    {11, do_opendir}, {12, do_readdir},  {13, do_remove}, {14, do_mkdir},
    {15, do_rmdir},   {16, do_realpath}, {17, do_stat},   {18, do_rename},
};

/* n bytes of input; false: it is over. */
static bool read_exactly(struct sh *sh, unsigned char *buf, size_t n)
{
	while (n && proc_input(sh->proc, sh->in)) {
		size_t got = blob_read(sh->in->blob, sh->in->at, buf, n);
		if (!got)
			return false;
		sh->in->at += (int64_t)got;
		buf += got;
		n -= got;
	}
	return n == 0;
}

static void handle_packet(struct sftp *s, unsigned char type)
{
	if (type == 1) { /* hello */
		blob_add(s->sh->out, "\0\0\0\x05\x02\0\0\0\x03", 9);
		return;
	}
	s->id = get_u32(s);
	for (size_t i = 0; i < LEN(requests); i++) {
		if (requests[i].type == type) {
			requests[i].run(s);
			return;
		}
	}
	reply_status(s, UNSUPPORTED);
}

int run_sftp(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	struct sftp s = {.sh = sh};
	unsigned char head[5], *packet = xmalloc(MAX_PACKET);
	while (read_exactly(sh, head, 5)) {
		size_t n =
		    (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		if (n < 1 || n > MAX_PACKET || !read_exactly(sh, packet, n - 1))
			break;
		s.in = packet;
		s.left = n - 1;
		handle_packet(&s, head[4]);
	}
	for (int i = 0; i < MAX_HANDLES; i++)
		close_handle(&s.handles[i]);
	free(packet);
	return 0;
}
