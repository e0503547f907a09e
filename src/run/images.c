/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/images.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/version.h"
#include "run/desk.h"
#include "run/image_content.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX ((size_t)64 * 1024)

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* --- whose image is it? ------------------------------------------------------------------------
 */

static bool knows(const struct procedure *p, const char *path)
{
	struct image i = {0};
	struct image_told t = {0};
	bool known = procedure_image_name(p, file_name(path), &i) ||
		     (image_content_read(p, NULL, path, &t, NULL) == 0 && t.image.kind);
	image_release(&i);
	image_told_release(&t);
	return known;
}

static bool has_kind(const struct procedure *p, const char *kind)
{
	return kind ? procedure_image_kind(p, kind) != NULL : p->n_images > 0;
}

/* The first that knows the name or the content; if none does, the first with images of this kind (NULL:
 * of any): the words have to say what the file is. */
static struct procedure *by_file(const char *path, const char *kind, struct err *e)
{
	struct procedure *found = NULL;
	char **files;
	size_t n = 0;
	if (procedures_files(&files, e) != 0)
		return NULL;
	while (files[n])
		n++;
	for (size_t i = 0; i < 2 * n && !found; i++) {
		struct procedure *p = procedure_load(files[i % n], e);
		if (!p) {
			strings_free(files);
			return NULL;
		}
		if (i < n ? knows(p, path) : has_kind(p, kind))
			found = p;
		else
			procedure_free(p);
	}
	strings_free(files);
	return found ? found : procedures_for(NULL, e);
}

/* --- what is it? -------------------------------------------------------------------------------
 */

struct adding {
	const struct procedure *procedure;
	const struct image_words *words;
	const char *file; /* its name, for messages */
	struct image_told told;
	struct image *image;
	struct store *store;
	const char *source; /* path of the file */
	int64_t size;
	bool signed_only; /* the setting: only what a trusted key has signed */
	int (*progress)(void *ctx, int64_t done, int64_t total);
	void *ctx;
};

static int contradicts(const struct adding *a, const char *what, const char *name,
		       const char *content, bool words, struct err *e)
{
	return err_set(
	    e, ERR_INPUT,
	    words ? _("%s: %s is \"%s\" as given, and \"%s\" as the image itself says: "
		      "leave the option out")
		  : _("%s: %s is \"%s\" by the file's name, and \"%s\" as the image itself "
		      "says: find out which is right, and rename the file"),
	    a->file, what, name, content);
}

/* Into *field: what the image itself says, else what the words say, else what its name says. The
 * words may speak against the name, nobody against the image. */
static int settle(const struct adding *a, const char *what, char **field, const char *content,
		  const char *word, const char *name, struct err *e)
{
	const char *value = content ? content : word ? word : name;
	if (content && word && !str_eq(content, word))
		return contradicts(a, what, word, content, true, e);
	if (content && !word && name && !str_eq(content, name))
		return contradicts(a, what, name, content, false, e);
	char *fresh = value ? xstrdup(value) : NULL;
	free(*field);
	*field = fresh;
	return 0;
}

static int settle_fits(const struct adding *a, const struct image *named,
		       const struct values *words, struct err *e)
{
	const struct values *sources[] = {&a->told.image.fits, words, &named->fits};
	for (size_t s = 0; s < LEN(sources); s++)
		for (size_t i = 0; i < sources[s]->n; i++) {
			const char *name = sources[s]->v[i].name;
			char *value = NULL;
			if (settle(a, name, &value, values_get(sources[0], name),
				   values_get(sources[1], name), values_get(sources[2], name),
				   e) != 0)
				return -1;
			values_set(&a->image->fits, name, value);
			free(value);
		}
	return 0;
}

static int check_known(const struct adding *a, struct err *e)
{
	const struct image *i = a->image;
	if (!i->kind || !i->version)
		return err_set(
		    e, ERR_INPUT,
		    _("%s: neither the file nor its name tells what it is; give --kind, --version "
		      "and --fit NAME=VALUE"),
		    a->file);
	if (!procedure_image_kind(a->procedure, i->kind))
		return err_set(e, ERR_INPUT, _("procedure \"%s\" has no images of kind \"%s\""),
			       a->procedure->id, i->kind);
	if (!version_valid(i->version))
		return err_set(e, ERR_INPUT, _("\"%s\" is no version"), i->version);
	return 0;
}

/* A file that does not even begin as one of its kind is none. */
static int check_beginning(const struct adding *a, struct err *e)
{
	const struct image_kind *k = procedure_image_kind(a->procedure, a->image->kind);
	if (a->words->unchecked || !k->content.begins || a->told.kind)
		return 0;
	return err_set(e, ERR_CORRUPT,
		       _("%s is no %s: it does not begin as one (byte 0); fetch it again"), a->file,
		       k->title);
}

static int describe_more(struct adding *a, const struct image *named, struct err *e)
{
	const struct image_words *w = a->words;
	struct values fits = {0};
	a->image->label = xstrdup(w->label);
	a->image->vendor = xstrdup(w->vendor ? w->vendor : a->procedure->vendor);
	int rc = images_words_fits(w, a->procedure, a->image->kind, &fits, e);
	if (rc == 0)
		rc = settle_fits(a, named, &fits, e);
	values_release(&fits);
	return rc;
}

static int describe(struct adding *a, const char *path, struct err *e)
{
	const struct image_words *w = a->words;
	struct image named = {0};
	bool known = procedure_image_name(a->procedure, a->file, &named);
	const char *kind = w->kind ? w->kind : known ? named.kind : NULL;
	int rc = 0;
	/* as what its name says first: then it is known what is wrong with it */
	if (!w->unchecked)
		rc = image_content_read(a->procedure, NULL, path, &a->told, e);
	if (rc == 0 && !w->unchecked && !a->told.image.kind && kind) {
		image_told_release(&a->told);
		rc = image_content_read(a->procedure, kind, path, &a->told, e);
	}
	const struct image *told = &a->told.image;
	if (rc == 0)
		rc = settle(a, _("kind"), &a->image->kind, told->kind, w->kind, named.kind, e);
	if (rc == 0)
		rc = settle(a, _("version"), &a->image->version, told->version, w->version,
			    named.version, e);
	if (rc == 0)
		rc = describe_more(a, &named, e);
	a->image->platform = xstrdup(w->platform ? w->platform : a->procedure->platforms[0]);
	image_release(&named);
	return rc;
}

static struct procedure *reader_of(const char *path, const struct image_words *w, struct err *e)
{
	return w->platform ? procedures_for(w->platform, e) : by_file(path, w->kind, e);
}

int images_look(const char *path, const struct image_words *w, struct image_known *out,
		struct err *e)
{
	*out = (struct image_known){.procedure =
					w->procedure ? NULL : reader_of(path, w, e)};
	struct adding a = {.procedure = w->procedure ? w->procedure : out->procedure,
			   .words = w,
			   .file = file_name(path),
			   .image = &out->image,
			   .source = path};
	int rc = a.procedure ? describe(&a, path, e) : -1;
	if (rc == 0 && a.image->kind && procedure_image_kind(a.procedure, a.image->kind))
		rc = check_beginning(&a, e);
	image_told_release(&a.told);
	return rc;
}

void image_known_release(struct image_known *k)
{
	image_release(&k->image);
	procedure_free(k->procedure);
	*k = (struct image_known){0};
}

/* --- who has signed it? ------------------------------------------------------------------------
 */

int images_signers(struct store *s, struct signers *out, struct err *e)
{
	char *path = store_path(s, "image-keys.json");
	int rc = signers_load(out, path, e);
	free(path);
	return rc;
}

int images_signers_save(struct store *s, const struct signers *list, struct err *e)
{
	char *path = store_path(s, "image-keys.json");
	int rc = signers_save(list, path, e);
	free(path);
	return rc;
}

static int digest_progress(void *ctx, int64_t done)
{
	const struct adding *a = ctx;
	return a->progress ? a->progress(a->ctx, done, a->size) : 0;
}

/* The key that is named, beside those that are trusted anyway. */
static int named_key(const char *path, struct signers *keys, struct err *e)
{
	struct str text = {0};
	struct signers one = {0};
	int rc = path_read(path, SIGNATURE_MAX, &text, e);
	if (rc == 0)
		rc = signers_add(&one, "given", str_text(&text), 0, e);
	if (rc == 0) {
		signers_release(keys);
		*keys = one;
	}
	str_release(&text);
	return rc;
}

static int judge_signature(struct adding *a, const struct signers *keys, const char *file,
			   const char *path, struct err *e)
{
	struct str text = {0};
	const struct signer *by;
	char *comment = NULL;
	int rc = path_read(file, SIGNATURE_MAX, &text, e);
	if (rc == 0)
		rc = signature_verify(keys, path, str_text(&text), digest_progress, a, &by,
				      &comment, e);
	if (rc == 0)
		a->image->signer =
		    xstrdup(a->words->public_key && !a->signed_only ? by->id : by->name);
	free(comment);
	str_release(&text);
	return rc == 0 ? 0 : err_at(e, "%s", a->file);
}

/* One that lies beside the file counts as one that was named: nobody knows whose an image is that
 * somebody unknown has signed. */
static int check_signature(struct adding *a, const char *path, struct err *e)
{
	struct signers keys = {0};
	const struct image_words *w = a->words;
	char *file = w->signature ? xstrdup(w->signature) : xasprintf("%s.minisig", a->source);
	bool there = path_exists(file), asked = w->signature || w->public_key;
	int rc = images_signers(a->store, &keys, e);
	if (rc == 0 && !there && (asked || a->signed_only))
		rc = err_set(e, ERR_REFUSED,
			     asked ? _("%s: there is no signature %s")
				   : _("%s has no signature (%s), and only signed images are taken "
				       "('hitless setting list'): give --signature FILE"),
			     a->file, file);
	if (rc == 0 && there && w->public_key && !a->signed_only)
		rc = named_key(w->public_key, &keys, e);
	if (rc == 0 && there)
		rc = judge_signature(a, &keys, file, path, e);
	signers_release(&keys);
	free(file);
	return rc;
}

/* --- adding ------------------------------------------------------------------------------------
 */

static int pass_on(void *ctx, int64_t done, int64_t total)
{
	const struct adding *a = ctx;
	return a->progress ? a->progress(a->ctx, done, total) : 0;
}

/* The copy, before anybody can use it: the file itself may be another one by now. */
static int check_copy(void *ctx, const char *path, struct err *e)
{
	struct adding *a = ctx;
	struct image_told again = {0};
	if (a->words->unchecked)
		return check_signature(a, path, e);
	int rc = image_content_read(
	    a->procedure, a->told.kind ? a->told.kind->kind : a->image->kind, path, &again, e);
	if (rc == 0 && again.image.version && !str_eq(again.image.version, a->told.image.version))
		rc = err_set(e, ERR_INPUT,
			     _("%s changed while it was copied; add it when it is "
			       "complete"),
			     a->file);
	if (rc == 0)
		rc = image_content_verify(&again, path, a->file, pass_on, ctx, e);
	image_told_release(&again);
	return rc == 0 ? check_signature(a, path, e) : -1;
}

int images_add(struct store *s, const char *path, const struct image_words *w,
	       int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
	       struct image *out, bool *known, struct err *e)
{
	static const struct image_words none = {0};
	struct procedure *own = NULL;
	*out = (struct image){0};
	*known = false;
	w = w ? w : &none;
	if (!w->procedure)
		own = reader_of(path, w, e);
	struct adding a = {.procedure = w->procedure ? w->procedure : own,
			   .words = w,
			   .file = file_name(path),
			   .image = out,
			   .store = s,
			   .source = path,
			   .size = path_size(path),
			   .signed_only = desk_setting(s, "image-signature", 0) == 1,
			   .progress = progress,
			   .ctx = ctx};
	int rc = a.procedure ? describe(&a, path, e) : -1;
	if (rc == 0)
		rc = check_known(&a, e);
	if (rc == 0)
		rc = check_beginning(&a, e);
	if (rc == 0)
		rc = store_image_add_checked(s, path, out, known, pass_on, check_copy, &a, e);
	image_told_release(&a.told);
	procedure_free(own);
	return rc;
}

/* --- verifying ---------------------------------------------------------------------------------
 */

static int find_image(struct store *s, const char *id, struct image *out, struct err *e)
{
	struct images all = {0};
	const char *hex = str_starts(id, "image_") ? id + strlen("image_") : id;
	int rc = store_images(s, &all, e);
	for (size_t i = 0; rc == 0 && i < all.n && !out->id; i++)
		if (str_starts(all.v[i].sha256, hex)) {
			*out = all.v[i];
			VEC_REMOVE(&all, i);
		}
	images_release(&all);
	return rc;
}

/* What was added unchecked does not begin as its kind: there is nothing to look into. */
static int verify_content(const struct image *i,
			  int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
			  struct err *e)
{
	struct image_told t = {0};
	struct procedure *p = procedures_for(i->platform, e);
	int rc = p ? image_content_read(p, i->kind, i->path, &t, e) : -1;
	if (rc == 0 && t.image.kind)
		rc = image_content_verify(&t, i->path, i->name, progress, ctx, e);
	image_told_release(&t);
	procedure_free(p);
	return rc;
}

int images_verify(struct store *s, const char *id,
		  int (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, struct err *e)
{
	struct image i = {0};
	int rc = store_image_verify(s, id, progress, ctx, e);
	if (rc == 0)
		rc = find_image(s, id, &i, e);
	if (rc == 0)
		rc = verify_content(&i, progress, ctx, e);
	image_release(&i);
	return rc;
}
