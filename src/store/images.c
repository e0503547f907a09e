/* SPDX-License-Identifier: ISC */
/*
 * Images: the file first, then its row; on the way out the row first, then the file. So a row never
 * names a file that is not whole, whenever the power goes.
 */
#include "config.h"

#include "store/db.h"
#include "store/copy.h"

#include "base/log.h"
#include "base/path.h"
#include "model/digest.h"
#include "model/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_PREFIX "image_"
#define COLUMNS                                                                                    \
	"SELECT id, kind, name, version, platform, fits, sha256, size, added, signer,"	\
	" coalesce(label, name), vendor FROM images"

static char *image_dir(const struct store *s, const char *id)
{
	return xasprintf("%s/images/%s", s->dir, id);
}

static void read_row(const struct store *s, sqlite3_stmt *q, struct image *i)
{
	*i = (struct image){.id = xstrdup(column_text(q, 0)),
			    .kind = xstrdup(column_text(q, 1)),
			    .name = xstrdup(column_text(q, 2)),
			    .version = xstrdup(column_text(q, 3)),
			    .platform = xstrdup(column_text(q, 4)),
			    .sha256 = xstrdup(column_text(q, 6)),
			    .size = sqlite3_column_int64(q, 7),
			    .added = sqlite3_column_int64(q, 8),
			    .signer = xstrdup(column_text(q, 9)),
			    .label = xstrdup(column_text(q, 10)),
			    .vendor = xstrdup(column_text(q, 11))};
	i->path = xasprintf("%s/images/%s/%s", s->dir, i->id, i->name);
	cJSON *fits = cJSON_Parse(column_text(q, 5));
	if (fits)
		values_from_json(&i->fits, fits);
	cJSON_Delete(fits);
}

/* 1 and *i, 0: no such image, -1 and e. */
static int find(struct store *s, const char *id, struct image *i, struct err *e)
{
	sqlite3_stmt *q = db_query(s, e, COLUMNS " WHERE id = ?", "t", id);
	if (!q)
		return -1;
	int rc = db_step(s, q, e);
	if (rc == 1)
		read_row(s, q, i);
	db_done(q);
	return rc;
}

int store_images(struct store *s, struct images *out, struct err *e)
{
	sqlite3_stmt *q = db_query(s, e, COLUMNS " ORDER BY added, id", "");
	if (!q)
		return -1;
	int rc;
	while ((rc = db_step(s, q, e)) == 1)
		read_row(s, q, VEC_ADD(out));
	db_done(q);
	return rc;
}

/* --- adding ---------------------------------------------------------------------------------- */
static int insert(struct store *s, const struct image *i, struct err *e)
{
	cJSON *object = values_to_json(&i->fits);
	char *fits = json_print(object, false);
	int rc = db_run(s, e,
			"INSERT INTO images (id, kind, name, version, platform, fits, sha256, size,"
			" added, signer, label, vendor)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			"tttttttiittt", i->id, i->kind ? i->kind : "os", i->name,
			i->version ? i->version : "", i->platform ? i->platform : "", fits,
			i->sha256, i->size, i->added, i->signer, i->label, i->vendor);
	free(fits);
	cJSON_Delete(object);
	return rc;
}

/* Does another image have this label? */
static bool label_taken(struct store *s, const char *label, struct err *e, int *rc)
{
	int64_t n = 0;
	*rc = db_int(s, e, &n, "SELECT count(*) FROM images WHERE coalesce(label, name) = ?", "t",
		     label) < 0
		  ? -1
		  : 0;
	return n > 0;
}

/* A given one has to be free; without one it is the file's name, with a number where needed. */
static int choose_label(struct store *s, struct image *i, struct err *e)
{
	int rc;
	if (i->label && label_taken(s, i->label, e, &rc) && rc == 0)
		return err_set(e, ERR_INPUT,
			       "there is an image '%s' already: a name stays with its image; "
			       "choose another one",
			       i->label);
	for (int n = 1; !i->label; n++) {
		char *label = n == 1 ? xstrdup(i->name) : xasprintf("%.120s-%d", i->name, n);
		if (label_taken(s, label, e, &rc) && rc == 0)
			free(label);
		else
			i->label = label;
	}
	return rc;
}

/* Under the writers' lock, so that two who add the same file, or add and delete it, take turns. */
static int place(struct store *s, const char *tmp, struct image *i, bool *known, struct err *e)
{
	struct image there = {0};
	int rc = find(s, i->id, &there, e);
	if (rc == 1 && path_size(there.path) == there.size) {
		if (i->signer && !there.signer) {
			if (db_run(s, e, "UPDATE images SET signer = ? WHERE id = ?", "tt",
				   i->signer, i->id) != 0) {
				image_release(&there);
				return -1;
			}
			there.signer = xstrdup(i->signer);
		}
		image_release(i);
		*i = there;
		*known = true;
		return 0;
	}
	/* A row without its file (somebody removed it by hand): the new copy takes its place. */
	image_release(&there);
	if (rc < 0)
		return -1;
	if (rc == 1 && db_run(s, e, "DELETE FROM images WHERE id = ?", "t", i->id) != 0)
		return -1;
	if (choose_label(s, i, e) != 0)
		return -1;
	char *dir = image_dir(s, i->id);
	rc = copy_place(tmp, dir, i->path, e);
	free(dir);
	return rc == 0 ? insert(s, i, e) : -1;
}

static void describe(const struct store *s, const char *sha256, int64_t size, struct image *i)
{
	free(i->id);
	free(i->sha256);
	free(i->path);
	i->id = xasprintf(ID_PREFIX "%s", sha256);
	i->sha256 = xstrdup(sha256);
	i->path = xasprintf("%s/images/%s/%s", s->dir, i->id, i->name);
	i->size = size;
	i->added = s->clock->wall(s->clock);
}

static int choose_name(const char *path, struct image *i, struct err *e)
{
	const char *slash = strrchr(path, '/');
	if (!i->name)
		i->name = xstrdup(slash ? slash + 1 : path);
	if (i->label && !path_is_name(i->label))
		return err_set(e, ERR_INPUT,
			       "'%s' cannot be an image's name: letters, digits and . _ - + @ ~ "
			       "only, at most 128",
			       i->label);
	if (path_is_name(i->name))
		return 0;
	return err_set(e, ERR_INPUT,
	               "'%s' cannot be an image's name: letters, digits and . _ - + @ ~ "
	               "only, at most 128; rename the file",
	               i->name);
}

int store_image_add(struct store *s, const char *path, struct image *i, bool *known,
                    int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
                    struct err *e)
{
	return store_image_add_checked(s, path, i, known, progress, NULL, ctx, e);
}

int store_image_add_checked(struct store *s, const char *path, struct image *i, bool *known,
			    int (*progress)(void *ctx, int64_t done, int64_t total),
			    int (*check)(void *ctx, const char *path, struct err *e), void *ctx,
			    struct err *e)
{
	struct copy copy = {.from = path,
	                    .head_room = s->memory ? 0 : s->head_room,
	                    .progress = progress,
	                    .ctx = ctx};
	*known = false;
	char *dir = store_path(s, "images");
	int rc = choose_name(path, i, e);
	if (rc == 0)
		rc = copy_make(&copy, dir, e);
	if (rc == 0 && check)
		rc = check(ctx, copy.tmp, e);
	if (rc == 0) {
		describe(s, copy.sha256, copy.size, i);
		rc = db_begin(s, e);
		if (rc == 0)
			rc = db_end(s, place(s, copy.tmp, i, known, e), e);
	}
	copy_release(&copy);
	free(dir);
	return rc;
}

/* --- deleting and verifying ------------------------------------------------------------------ */
/* The one image of this label, or whose id begins so (the word "image_" may be left out). */
int store_image_find(struct store *s, const char *prefix, struct image *i, struct err *e)
{
	const char *hex = str_starts(prefix, ID_PREFIX) ? prefix + strlen(ID_PREFIX) : prefix;
	struct images all = {0};
	size_t found = 0, at = 0;
	int rc = store_images(s, &all, e);
	for (size_t k = 0; rc == 0 && k < all.n; k++) {
		if (str_eq(all.v[k].label, prefix)) {
			found = 1, at = k;
			break;
		}
		if (*hex && str_starts(all.v[k].sha256, hex))
			found++, at = k;
	}
	if (rc == 0 && found == 0)
		rc = err_set(e, ERR_INPUT, "there is no image %s; 'hitless image list' shows all",
		             prefix);
	else if (rc == 0 && found > 1)
		rc = err_set(e, ERR_INPUT, "%zu images begin with %s; give more digits", found,
		             prefix);
	if (rc == 0) {
		*i = all.v[at];
		VEC_REMOVE(&all, at);
	}
	images_release(&all);
	return rc;
}

/* Not under the writers' lock: reading the journals may take longer than a running job can wait. A
 * job that starts meanwhile looks for its images before it touches a device. */
int store_image_unused(struct store *s, const char *id, struct image *out, struct err *e)
{
	if (store_image_find(s, id, out, e) != 0)
		return -1;
	if (image_check_unused(s, out, e) == 0)
		return 0;
	image_release(out);
	*out = (struct image){0};
	return -1;
}

int store_image_delete(struct store *s, const char *id, struct err *e)
{
	struct image i = {0};
	if (store_image_unused(s, id, &i, e) != 0)
		return -1;
	int rc = db_begin(s, e);
	if (rc == 0)
		rc = db_end(s, db_run(s, e, "DELETE FROM images WHERE id = ?", "t", i.id), e);
	if (rc == 0) {
		char *dir = image_dir(s, i.id);
		rc = path_remove_tree(dir, e);
		free(dir);
	}
	image_release(&i);
	return rc;
}

int store_image_set(struct store *s, const struct image *i, struct err *e)
{
	struct image was = {0};
	int rc = store_image_find(s, i->id, &was, e);
	if (rc == 0)
		rc = image_check_unused(s, &was, e);
	image_release(&was);
	if (rc != 0)
		return -1;
	cJSON *object = values_to_json(&i->fits);
	char *fits = json_print(object, false);
	cJSON_Delete(object);
	rc = db_begin(s, e);
	if (rc == 0)
		rc = db_end(s,
			    db_run(s, e,
				   "UPDATE images SET version = ?, vendor = ?, fits = ?"
				   " WHERE id = ?",
				   "tttt", i->version, i->vendor, fits, i->id),
			    e);
	free(fits);
	return rc;
}

struct verifying {
	int (*progress)(void *ctx, int64_t done, int64_t total);
	void *ctx;
	int64_t total;
};

static int pass_on(void *ctx, int64_t done)
{
	const struct verifying *v = ctx;
	return v->progress ? v->progress(v->ctx, done, v->total) : 0;
}

static int verify(const struct image *i, struct verifying *v, struct err *e)
{
	char sha256[DIGEST_HEX];
	int64_t size = 0;
	v->total = i->size;
	if (path_size(i->path) < 0)
		return err_set(e, ERR_CORRUPT,
			       "the file of image %s (%s) is gone; delete it and add it again",
			       i->name, i->path);
	if (digest_file(i->path, -1, sha256, &size, pass_on, v, e) != 0)
		return -1;
	if (size == i->size && str_eq(sha256, i->sha256))
		return 0;
	return err_set(e, ERR_CORRUPT,
	               "image %s (%s) is not what was added any more; delete it and add "
	               "it again",
	               i->name, i->path);
}

int store_image_verify(struct store *s, const char *id,
		       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
		       struct err *e)
{
	struct image i = {0};
	struct verifying v = {.progress = progress, .ctx = ctx};
	if (store_image_find(s, id, &i, e) != 0)
		return -1;
	int rc = verify(&i, &v, e);
	image_release(&i);
	return rc;
}
