/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/images.h"

#include "base/i18n.h"
#include "model/version.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void replace(char **field, const char *text)
{
	if (!text)
		return;
	free(*field);
	*field = xstrdup(text);
}

static bool knows_name(const struct procedure *p, const char *file)
{
	struct image i = {0};
	bool known = procedure_image_name(p, file, &i);
	image_release(&i);
	return known;
}

/* The first that knows the name; if none does, the first: the words have to say what the file is.
 */
static struct procedure *by_name(const char *file, struct err *e)
{
	struct procedure *found = NULL;
	char **files;
	bool broken = false;
	if (procedures_files(&files, e) != 0)
		return NULL;
	for (size_t i = 0; files[i] && !found; i++) {
		found = procedure_load(files[i], e);
		broken = !found;
		if (broken)
			break;
		if (!knows_name(found, file)) {
			procedure_free(found);
			found = NULL;
		}
	}
	if (!found && !broken)
		found = procedures_for(NULL, e);
	strings_free(files);
	return found;
}

/* What the file's name tells, and what the words say instead. */
static int describe(const struct procedure *p, const char *file, const struct image_words *w,
		    struct image *i, struct err *e)
{
	bool known = procedure_image_name(p, file, i);
	replace(&i->kind, w->kind);
	replace(&i->version, w->version);
	replace(&i->platform, w->platform ? w->platform : p->platforms[0]);
	if (!known && (!i->version || !w->kind))
		return err_set(e, ERR_INPUT,
			       "%s: the name does not tell what it is; give --kind, --version and "
			       "--fit NAME=VALUE",
			       file);
	if (!procedure_image_kind(p, i->kind))
		return err_set(e, ERR_INPUT, "procedure \"%s\" has no images of kind \"%s\"", p->id,
			       i->kind);
	if (!version_valid(i->version))
		return err_set(e, ERR_INPUT, "\"%s\" is no version", i->version);
	if (w->fits)
		values_merge(&i->fits, w->fits);
	return 0;
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
		own = w->platform ? procedures_for(w->platform, e) : by_name(file_name(path), e);
	const struct procedure *p = w->procedure ? w->procedure : own;
	int rc = p ? describe(p, file_name(path), w, out, e) : -1;
	if (rc == 0)
		rc = store_image_add(s, path, out, known, progress, ctx, e);
	procedure_free(own);
	return rc;
}
