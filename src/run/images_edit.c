/* SPDX-License-Identifier: ISC */
/* What is said of an image that is there already. */
#include "config.h"

#include "run/images.h"

#include "base/i18n.h"
#include "model/version.h"
#include "run/image_content.h"
#include "run/procedures.h"

#include <stdlib.h>

int images_words_fits(const struct image_words *w, const struct procedure *p, const char *kind,
		      struct values *out, struct err *e)
{
	const struct image_kind *k = kind ? procedure_image_kind(p, kind) : NULL;
	if (w->fits)
		values_copy(out, w->fits);
	if (!w->platforms)
		return 0;
	if (!k || !k->supported)
		return err_set(e, ERR_INPUT,
			       _("procedure \"%s\" does not ask which models an image of this kind "
				 "supports"),
			       p->id);
	values_set(out, k->supported, w->platforms);
	return 0;
}

/* What the file itself says cannot be talked away. */
static int check_told(const struct image *i, const char *what, const char *told, const char *word,
		      struct err *e)
{
	if (!told || str_eq(told, word))
		return 0;
	return err_set(e, ERR_INPUT,
		       _("%s: %s is \"%s\" as the image itself says; it cannot be changed"),
		       i->label, what, told);
}

static int set_fits(struct image *i, const struct values *fits, const struct image *told,
		    struct err *e)
{
	for (size_t k = 0; k < fits->n; k++) {
		const char *name = fits->v[k].name, *text = fits->v[k].text;
		if (check_told(i, name, values_get(&told->fits, name), text, e) != 0)
			return -1;
		values_set(&i->fits, name, *text ? text : NULL);
	}
	return 0;
}

static int edit(struct image *i, const struct image_words *w, const struct procedure *p,
		const struct image *told, struct err *e)
{
	struct values fits = {0};
	int rc = 0;
	if (w->version && !version_valid(w->version))
		rc = err_set(e, ERR_INPUT, _("\"%s\" is no version"), w->version);
	if (rc == 0 && w->version)
		rc = check_told(i, _("version"), told->version, w->version, e);
	if (rc == 0 && w->version) {
		free(i->version);
		i->version = xstrdup(w->version);
	}
	if (rc == 0 && w->vendor) {
		free(i->vendor);
		i->vendor = *w->vendor ? xstrdup(w->vendor) : NULL;
	}
	if (rc == 0)
		rc = images_words_fits(w, p, i->kind, &fits, e);
	if (rc == 0)
		rc = set_fits(i, &fits, told, e);
	values_release(&fits);
	return rc;
}

int images_edit(struct store *s, const char *word, const struct image_words *w, struct image *out,
		struct err *e)
{
	struct image_told told = {0};
	*out = (struct image){0};
	if (store_image_find(s, word, out, e) != 0)
		return -1;
	struct procedure *p = procedures_for(out->platform, e);
	int rc = p ? image_content_read(p, out->kind, out->path, &told, e) : -1;
	if (rc == 0)
		rc = edit(out, w, p, &told.image, e);
	if (rc == 0)
		rc = store_image_set(s, out, e);
	image_told_release(&told);
	procedure_free(p);
	return rc;
}
