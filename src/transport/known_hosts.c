/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "transport/known_hosts.h"

#include "base/path.h"
#include "base/vec.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)
#define BLOB_MAX   16384 /* bytes of a public key */
#define SHA1_BYTES 20

struct file {
	char *path;
	struct stat seen;
	bool loaded;
	struct str text;
};

struct known_hosts {
	pthread_mutex_t lock;
	VEC(struct file) files;
};

enum marker { NO_MARKER, REVOKED, AUTHORITY, BAD_MARKER };

struct entry { /* one line, borrowed from the text */
	enum marker marker;
	const char *hosts, *type, *key;
	size_t n_hosts, n_type, n_key;
};

/* --- matching a name -------------------------------------------------------------------------- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Shell-like pattern with * and ?. The last star is the only place to go back to. */
static bool pattern_match(const char *pattern, size_t n, const char *name)
{
	const char *end = pattern + n, *star = NULL, *retry = NULL;
	while (*name) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			retry = name;
		} else if (pattern < end && (*pattern == '?' || lower(*pattern) == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

/* A negated pattern that matches decides against the whole list. */
static bool list_match(const char *list, size_t n, const char *name)
{
	const char *end = list + n;
	bool found = false;
	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *stop = comma ? comma : end;
		bool negated = *list == '!';
		const char *pattern = list + negated;
		if (pattern_match(pattern, (size_t)(stop - pattern), name)) {
			if (negated)
				return false;
			found = true;
		}
		list = stop + 1;
	}
	return found;
}

/* Bytes of strict base64, or -1. */
static int decode(const char *text, size_t n, unsigned char *out, size_t room)
{
	if (n == 0 || n % 4 != 0 || n / 4 * 3 > room)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] == '-' || (text[i] == '=' && i + 2 < n))
			return -1;
	int len = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);
	if (len < 0)
		return -1;
	return len - (text[n - 1] == '=') - (text[n - 2] == '=');
}

/* |1|salt|hash, both base64: hash is HMAC-SHA1 of the name with the salt as key. */
static bool hash_match(const char *field, size_t n, const char *name)
{
	unsigned char salt[64], hash[64], ours[EVP_MAX_MD_SIZE];
	unsigned int n_ours = 0;
	if (n < 4 || memcmp(field, "|1|", 3) != 0)
		return false;
	const char *text = field + 3, *bar = memchr(text, '|', n - 3);
	if (!bar)
		return false;
	int n_salt = decode(text, (size_t)(bar - text), salt, sizeof(salt));
	int n_hash = decode(bar + 1, (size_t)(field + n - bar - 1), hash, sizeof(hash));
	if (n_salt != SHA1_BYTES || n_hash != SHA1_BYTES)
		return false;
	if (!HMAC(EVP_sha1(), salt, n_salt, (const unsigned char *)name, strlen(name), ours,
		  &n_ours))
		return false;
	return n_ours == SHA1_BYTES && CRYPTO_memcmp(hash, ours, SHA1_BYTES) == 0;
}

bool known_hosts_match(const char *field, size_t n, const char *name)
{
	if (n && *field == '|')
		return hash_match(field, n, name);
	return list_match(field, n, name);
}

char *known_hosts_name(const char *host, int port)
{
	char *name = port == 22 ? xstrdup(host) : xasprintf("[%s]:%d", host, port);
	for (char *c = name; *c; c++)
		*c = lower(*c);
	return name;
}

/* --- lines ------------------------------------------------------------------------------------ */

static const char *word(const char *at, const char *end, size_t *n)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	const char *stop = at;
	while (stop < end && *stop != ' ' && *stop != '\t' && *stop != '\r')
		stop++;
	*n = (size_t)(stop - at);
	return at;
}

static enum marker marker_of(const char *text, size_t n)
{
	if (n == 8 && memcmp(text, "@revoked", n) == 0)
		return REVOKED;
	if (n == 15 && memcmp(text, "@cert-authority", n) == 0)
		return AUTHORITY;
	return BAD_MARKER;
}

/* False for lines that say nothing: empty, comment, no key. */
static bool parse_line(const char *at, const char *end, struct entry *l)
{
	memset(l, 0, sizeof(*l));
	l->hosts = word(at, end, &l->n_hosts);
	if (l->n_hosts && *l->hosts == '@') {
		l->marker = marker_of(l->hosts, l->n_hosts);
		l->hosts = word(l->hosts + l->n_hosts, end, &l->n_hosts);
	}
	if (l->n_hosts == 0 || *l->hosts == '#' || l->marker == BAD_MARKER)
		return false;
	l->type = word(l->hosts + l->n_hosts, end, &l->n_type);
	l->key = word(l->type + l->n_type, end, &l->n_key);
	return l->n_key != 0;
}

/* The next line of the text from *at; false at its end. */
static bool next_entry(const struct str *text, size_t *at, struct entry *l)
{
	while (*at < text->len) {
		const char *line = text->buf + *at, *stop = text->buf + text->len;
		const char *newline = memchr(line, '\n', (size_t)(stop - line));
		const char *end = newline ? newline : stop;
		*at = (size_t)(end - text->buf) + 1;
		if (parse_line(line, end, l))
			return true;
	}
	return false;
}

/* Is the key of the line these bytes? The type in front must be the one inside. */
static bool same_key(const struct entry *l, const unsigned char *blob, int n)
{
	unsigned char ours[BLOB_MAX];
	int len = decode(l->key, l->n_key, ours, sizeof(ours));
	if (len < 4 || len != n || memcmp(ours, blob, (size_t)n) != 0)
		return false;
	size_t n_type =
	    (size_t)ours[0] << 24 | (size_t)ours[1] << 16 | (size_t)ours[2] << 8 | ours[3];
	return n_type == l->n_type && n_type <= (size_t)len - 4 &&
	       memcmp(ours + 4, l->type, n_type) == 0;
}

/* --- files ------------------------------------------------------------------------------------ */

struct known_hosts *known_hosts_new(char *const *paths)
{
	struct known_hosts *k = xcalloc(1, sizeof(*k));
	if (pthread_mutex_init(&k->lock, NULL) != 0)
		abort(); /* cannot happen without attributes */
	for (; paths && *paths; paths++) {
		struct file *f = VEC_ADD(&k->files);
		f->path = xstrdup(*paths);
	}
	return k;
}

void known_hosts_free(struct known_hosts *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->files.n; i++) {
		free(k->files.v[i].path);
		str_release(&k->files.v[i].text);
	}
	VEC_RELEASE(&k->files);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int refresh(struct file *f, struct err *e)
{
	struct stat now;
	if (stat(f->path, &now) != 0) {
		str_clear(&f->text);
		f->loaded = false;
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : err_sys(e, "cannot read known hosts from %s", f->path);
	}
	if (f->loaded && same_file(&now, &f->seen))
		return 0;
	f->loaded = false;
	str_clear(&f->text);
	if (path_read(f->path, FILE_LIMIT, &f->text, e) != 0)
		return -1;
	f->seen = now;
	f->loaded = true;
	return 0;
}

/* --- verdicts --------------------------------------------------------------------------------- */

struct question {
	char *name;  /* with the port */
	char *plain; /* without: revocations count for it too */
	unsigned char blob[BLOB_MAX];
	int n_blob;
	bool match, other, authority, revoked;
	struct str *types;
};

static void ask_entry(struct question *q, const struct entry *l)
{
	bool match = known_hosts_match(l->hosts, l->n_hosts, q->name);
	if (l->marker == REVOKED) {
		match = match || known_hosts_match(l->hosts, l->n_hosts, q->plain);
		q->revoked = q->revoked || (match && same_key(l, q->blob, q->n_blob));
		return;
	}
	if (!match)
		return;
	if (l->marker == AUTHORITY) {
		q->authority = true;
		return;
	}
	if (q->types) {
		if (q->types->len)
			str_putc(q->types, ',');
		str_add(q->types, l->type, l->n_type);
	}
	if (same_key(l, q->blob, q->n_blob))
		q->match = true;
	else
		q->other = true;
}

static int ask(struct known_hosts *k, const char *host, int port, struct question *q, struct err *e)
{
	int result = 0;
	q->name = known_hosts_name(host, port);
	q->plain = known_hosts_name(host, 22);
	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < k->files.n && result == 0; i++) {
		struct entry l;
		size_t at = 0;
		result = refresh(&k->files.v[i], e);
		while (result == 0 && next_entry(&k->files.v[i].text, &at, &l))
			ask_entry(q, &l);
	}
	pthread_mutex_unlock(&k->lock);
	free(q->name);
	free(q->plain);
	return result;
}

int known_hosts_check(struct known_hosts *k, const char *host, int port, const char *type,
		      const char *base64, enum known_host *verdict, struct err *e)
{
	struct question q = {0};
	struct entry shown = {
	    .type = type, .n_type = strlen(type), .key = base64, .n_key = strlen(base64)};
	*verdict = KNOWN_CHANGED;
	q.n_blob = decode(base64, shown.n_key, q.blob, sizeof(q.blob));
	if (q.n_blob < 0 || !same_key(&shown, q.blob, q.n_blob))
		return err_set(e, ERR_HOSTKEY, "the host key of %s is malformed", host);
	if (ask(k, host, port, &q, e) != 0)
		return -1;
	if (q.revoked)
		*verdict = KNOWN_REVOKED;
	else if (q.match)
		*verdict = KNOWN_OK;
	else if (q.other)
		*verdict = KNOWN_CHANGED;
	else
		*verdict = q.authority ? KNOWN_UNSUPPORTED : KNOWN_NOT;
	return 0;
}

int known_hosts_types(struct known_hosts *k, const char *host, int port, struct str *out,
		      struct err *e)
{
	struct question q = {.types = out};
	return ask(k, host, port, &q, e);
}

/* --- lines that are not used ------------------------------------------------------------------ */

static bool says_something(const char *at, const char *end)
{
	size_t n;
	const char *first = word(at, end, &n);
	return n != 0 && *first != '#';
}

/* A key that is no key never matches. */
static bool is_key(const struct entry *l)
{
	unsigned char blob[BLOB_MAX];
	int n = decode(l->key, l->n_key, blob, sizeof(blob));
	return n >= 4 && same_key(l, blob, n);
}

static void judge_line(const char *path, size_t number, const char *at, const char *end,
		       void (*see)(void *ctx, const char *path, size_t line, enum known_line kind),
		       void *ctx)
{
	struct entry l;
	if (!says_something(at, end))
		return;
	if (!parse_line(at, end, &l) || !is_key(&l))
		see(ctx, path, number, KNOWN_LINE_BAD);
	else if (l.marker == AUTHORITY)
		see(ctx, path, number, KNOWN_LINE_AUTHORITY);
}

int known_hosts_lines(const char *path,
		      void (*see)(void *ctx, const char *path, size_t line, enum known_line kind),
		      void *ctx, struct err *e)
{
	struct str text = {0};
	size_t number = 0;
	if (!path_exists(path))
		return 0;
	int result = path_read(path, FILE_LIMIT, &text, e);
	for (size_t at = 0; result == 0 && at < text.len; number++) {
		const char *line = text.buf + at, *stop = text.buf + text.len;
		const char *newline = memchr(line, '\n', (size_t)(stop - line));
		const char *end = newline ? newline : stop;
		judge_line(path, number + 1, line, end, see, ctx);
		at = (size_t)(end - text.buf) + 1;
	}
	str_release(&text);
	return result;
}
