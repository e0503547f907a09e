/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/signature.h"

#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "model/json.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_ID     8
#define KEY_BYTES  32
#define SIGN_BYTES 64
#define HASH_BYTES 64

struct raw_key { /* base64 of a .pub file */
	unsigned char algorithm[2], id[KEY_ID], key[KEY_BYTES];
};

struct raw_signature { /* base64 of the second line of a .minisig file */
	unsigned char algorithm[2], id[KEY_ID], bytes[SIGN_BYTES];
};

/* --- texts ------------------------------------------------------------------------------------ */

/* Exactly so many bytes of base64. */
static bool decode(const char *text, unsigned char *out, size_t want)
{
	unsigned char room[256];
	size_t n = strlen(text), end = n;
	if (n == 0 || n % 4 || n / 4 * 3 > sizeof(room))
		return false;
	int len = EVP_DecodeBlock(room, (const unsigned char *)text, (int)n);
	while (end && text[end - 1] == '=')
		end--, len--;
	if (len < 0 || (size_t)len != want)
		return false;
	memcpy(out, room, want);
	return true;
}

/* As minisign writes it: the number, which is stored with its lowest byte first. */
static void id_text(const unsigned char id[KEY_ID], char text[17])
{
	for (int i = 0; i < KEY_ID; i++)
		(void)snprintf(text + 2 * i, 3, "%02X", id[KEY_ID - 1 - i]);
}

static bool decode_key(const char *text, struct raw_key *k)
{
	return decode(text, (unsigned char *)k, sizeof(*k)) && memcmp(k->algorithm, "Ed", 2) == 0;
}

/* The line with the key: the first that is no comment. */
static char *key_line(const char *text)
{
	size_t n;
	char *found = NULL, **lines = str_split(text, "\r\n", &n);
	for (size_t i = 0; i < n && !found; i++)
		if (!str_starts(lines[i], "untrusted comment:"))
			found = xstrndup(lines[i], strcspn(lines[i], " \t"));
	free(lines);
	return found;
}

/* --- the list --------------------------------------------------------------------------------- */

void signers_release(struct signers *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].key);
	}
	VEC_RELEASE(list);
}

const struct signer *signers_find(const struct signers *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}

static int check_new(const struct signers *list, const char *name, const char *key,
		     struct raw_key *raw, struct err *e)
{
	if (!path_is_name(name))
		return err_set(e, ERR_INPUT, "\"%s\" is no name of a key", name);
	if (!key || !decode_key(key, raw))
		return err_set(e, ERR_INPUT, "%s: this is no public key of minisign", name);
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, name) || str_eq(list->v[i].key, key))
			return err_set(e, ERR_INPUT, "the key \"%s\" is there already",
				       list->v[i].name);
	return 0;
}

int signers_add(struct signers *list, const char *name, const char *text, int64_t added,
		struct err *e)
{
	struct raw_key raw;
	char *key = key_line(text);
	if (check_new(list, name, key, &raw, e) != 0) {
		free(key);
		return -1;
	}
	struct signer *s = VEC_ADD(list);
	*s = (struct signer){.name = xstrdup(name), .key = key, .added = added};
	id_text(raw.id, s->id);
	return 0;
}

int signers_remove(struct signers *list, const char *name, struct err *e)
{
	const struct signer *s = signers_find(list, name);
	if (!s)
		return err_set(e, ERR_INPUT, "there is no key \"%s\"", name);
	size_t at = (size_t)(s - list->v);
	free(list->v[at].name);
	free(list->v[at].key);
	VEC_REMOVE(list, at);
	return 0;
}

static int read_signer(struct signers *list, const struct jnode *at, struct err *e)
{
	static const char *const keys[] = {"name", "key", "id", "added", NULL};
	char *name = NULL, *key = NULL;
	int64_t added = 0;
	struct err why = {0};
	int rc = json_only(at, keys, e);
	if (rc == 0 && (json_opt_string(at, "name", "", &name, e) < 0 ||
			json_opt_string(at, "key", "", &key, e) < 0 ||
			json_opt_int(at, "added", 0, INT64_MAX, 0, &added, e) < 0))
		rc = -1;
	if (rc == 0 && signers_add(list, name, key, added, &why) != 0)
		rc = json_bad(at, e, "%s", why.text);
	free(name);
	free(key);
	return rc;
}

int signers_load(struct signers *list, const char *path, struct err *e)
{
	struct jnode array, at;
	*list = (struct signers){0};
	if (!path_exists(path))
		return 0;
	cJSON *tree = json_load(path, e);
	if (!tree)
		return -1;
	struct jnode root = json_root(tree, path);
	int rc = json_need(&root, "keys", &array, e) < 0 || json_array(&array, e) < 0 ? -1 : 0;
	for (bool on = rc == 0 && json_first(&array, &at); on && rc == 0; on = json_next(&at))
		rc = read_signer(list, &at, e);
	cJSON_Delete(tree);
	if (rc != 0)
		signers_release(list);
	return rc;
}

int signers_save(const struct signers *list, const char *path, struct err *e)
{
	cJSON *root = cJSON_CreateObject(), *array = cJSON_CreateArray();
	json_put_number(root, "format", 1);
	for (size_t i = 0; i < list->n; i++) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "name", list->v[i].name);
		json_put_text(o, "key", list->v[i].key);
		json_put_text(o, "id", list->v[i].id);
		json_put_number(o, "added", list->v[i].added);
		json_append(array, o);
	}
	json_put(root, "keys", array);
	char *text = json_print(root, true);
	int rc = path_write(path, text, strlen(text), e);
	free(text);
	cJSON_Delete(root);
	return rc;
}

/* --- verifying -------------------------------------------------------------------------------- */

struct parts { /* of a .minisig file */
	struct raw_signature signature;
	unsigned char global[SIGN_BYTES]; /* of the signature and the comment */
	char *comment;
};

static int read_parts(const char *text, struct parts *p, struct err *e)
{
	static const char trusted[] = "trusted comment: ";
	size_t n;
	char **lines = str_split(text, "\r\n", &n);
	bool good = n >= 4 && str_starts(lines[2], trusted) &&
		    decode(lines[1], (unsigned char *)&p->signature, sizeof(p->signature)) &&
		    decode(lines[3], p->global, sizeof(p->global));
	if (good)
		p->comment = xstrdup(lines[2] + strlen(trusted));
	free(lines);
	if (!good)
		return err_set(e, ERR_INPUT, "this is no signature of minisign");
	if (memcmp(p->signature.algorithm, "ED", 2) == 0)
		return 0;
	return err_set(
	    e, ERR_INPUT,
	    "the signature is of the old kind (minisign -l): sign the file again without it");
}

static bool good(const struct raw_key *k, const unsigned char signature[SIGN_BYTES],
		 const void *data, size_t n)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->key, KEY_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool yes = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		   EVP_DigestVerify(ctx, signature, SIGN_BYTES, data, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return yes;
}

static int hash_fd(int fd, EVP_MD_CTX *ctx, const char *path,
		   int (*progress)(void *ctx, int64_t done), void *progress_ctx, struct err *e)
{
	enum { CHUNK = 1 << 18 };
	char *chunk = xmalloc(CHUNK);
	int64_t done = 0;
	ssize_t n;
	int rc = 0;
	while (rc == 0 && (n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(e, "cannot read %s", path);
		else if (EVP_DigestUpdate(ctx, chunk, (size_t)n) != 1)
			rc = err_set(e, ERR_SYSTEM, "cannot hash %s", path);
		else if (progress && progress(progress_ctx, done += n) != 0)
			rc = err_set(e, ERR_CANCELLED, "reading %s was stopped", path);
	}
	free(chunk);
	return rc;
}

static int hash_file(const char *path, unsigned char out[HASH_BYTES],
		     int (*progress)(void *ctx, int64_t done), void *progress_ctx, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned n = 0;
	if (fd < 0)
		return err_sys(e, "cannot read %s", path);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = ctx && EVP_DigestInit_ex(ctx, EVP_blake2b512(), NULL) == 1
		     ? hash_fd(fd, ctx, path, progress, progress_ctx, e)
		     : err_set(e, ERR_SYSTEM, "this OpenSSL has no BLAKE2b");
	if (rc == 0 && (EVP_DigestFinal_ex(ctx, out, &n) != 1 || n != HASH_BYTES))
		rc = err_set(e, ERR_SYSTEM, "cannot hash %s", path);
	EVP_MD_CTX_free(ctx);
	close(fd);
	return rc;
}

static bool comment_good(const struct raw_key *k, const struct parts *p)
{
	struct str all = {0};
	str_add(&all, p->signature.bytes, SIGN_BYTES);
	str_puts(&all, p->comment);
	bool yes = good(k, p->global, all.buf, all.len);
	str_release(&all);
	return yes;
}

static const struct signer *signer_of(const struct signers *keys, const struct parts *p,
				      struct raw_key *k, struct err *e)
{
	char id[17];
	for (size_t i = 0; i < keys->n; i++)
		if (decode_key(keys->v[i].key, k) && memcmp(k->id, p->signature.id, KEY_ID) == 0)
			return &keys->v[i];
	id_text(p->signature.id, id);
	err_set(e, ERR_REFUSED,
		"it is signed by the key %s, which is not trusted here: 'hitless image-key add "
		"NAME FILE' trusts it",
		id);
	return NULL;
}

int signature_verify(const struct signers *keys, const char *path, const char *signature,
		     int (*progress)(void *ctx, int64_t done), void *ctx, const struct signer **by,
		     char **comment, struct err *e)
{
	struct parts p = {0};
	struct raw_key k;
	unsigned char hash[HASH_BYTES];
	*by = NULL;
	*comment = NULL;
	int rc = read_parts(signature, &p, e);
	const struct signer *s = rc == 0 ? signer_of(keys, &p, &k, e) : NULL;
	rc = s ? hash_file(path, hash, progress, ctx, e) : -1;
	if (rc == 0 && (!good(&k, p.signature.bytes, hash, sizeof(hash)) || !comment_good(&k, &p)))
		rc =
		    err_set(e, ERR_CORRUPT, "the signature by %s is not one of this file", s->name);
	if (rc == 0) {
		*by = s;
		*comment = utf8_safe(p.comment, UTF8_ONE_LINE);
	}
	free(p.comment);
	return rc;
}
