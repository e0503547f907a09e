/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/image.h"

#include "base/path.h"
#include "model/json.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHA256_DIGITS 64

void image_release(struct image *i)
{
	free(i->id);
	free(i->kind);
	free(i->label);
	free(i->vendor);
	free(i->name);
	free(i->version);
	free(i->platform);
	values_release(&i->fits);
	free(i->sha256);
	free(i->path);
	free(i->signer);
	*i = (struct image){0};
}

void images_release(struct images *list)
{
	for (size_t i = 0; i < list->n; i++)
		image_release(&list->v[i]);
	VEC_RELEASE(list);
}

/* "a,b*" has "b1"; capitals or not. */
static bool listed(const char *list, const char *text)
{
	char **words = str_split(list, ",", NULL);
	bool found = false;
	for (size_t i = 0; words[i] && !found; i++) {
		char *word = words[i] + strspn(words[i], " ");
		word[strcspn(word, " ")] = '\0';
		found = *word && fnmatch(word, text, FNM_CASEFOLD) == 0;
	}
	free(words);
	return found;
}

bool image_fits(const struct image *i, const struct values *need, const char **why)
{
	for (size_t k = 0; need && k < need->n; k++) {
		const char *has = values_get(&i->fits, need->v[k].name), *text = need->v[k].text;
		if (!has || !text || strcmp(has, text) == 0 || listed(has, text))
			continue;
		if (why)
			*why = need->v[k].name;
		return false;
	}
	return true;
}

const struct image *images_match(const struct images *list, const char *platform, const char *kind,
                                 const char *version, const struct values *need)
{
	for (size_t k = 0; k < list->n; k++) {
		const struct image *i = &list->v[k];
		if (str_eq(i->platform, platform) && str_eq(i->kind, kind) &&
		    str_eq(i->version, version) && image_fits(i, need, NULL))
			return i;
	}
	return NULL;
}

const struct image *images_insisted(const struct images *list, const char *id,
				    const char *version, const struct values *need)
{
	for (size_t k = 0; k < list->n; k++)
		if (str_eq(list->v[k].id, id) && str_eq(list->v[k].version, version) &&
		    image_fits(&list->v[k], need, NULL))
			return &list->v[k];
	return NULL;
}

cJSON *image_to_json(const struct image *i)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "id", i->id);
	json_put_text(object, "kind", i->kind);
	json_put_text(object, "label", i->label);
	json_put_text(object, "vendor", i->vendor);
	json_put_text(object, "name", i->name);
	json_put_text(object, "version", i->version);
	json_put_text(object, "platform", i->platform);
	json_put(object, "fits", values_to_json(&i->fits));
	json_put_text(object, "sha256", i->sha256);
	json_put_number(object, "size", i->size);
	json_put_text(object, "path", i->path);
	json_put_number(object, "added", i->added);
	json_put_text(object, "signer", i->signer);
	return object;
}

static int read_texts(struct image *i, const struct jnode *at, struct err *e)
{
	const struct {
		const char *key;
		char **out;
		bool needed;
	} fields[] = {
	    {"id", &i->id, true},
	    {"kind", &i->kind, true},
	    {"label", &i->label, false},
	    {"vendor", &i->vendor, false},
	    {"name", &i->name, true},
	    {"version", &i->version, true},
	    {"platform", &i->platform, true},
	    {"sha256", &i->sha256, true},
	    {"path", &i->path, false},
	    {"signer", &i->signer, false},
	};
	for (size_t k = 0; k < LEN(fields); k++) {
		struct jnode member;
		if (fields[k].needed && json_need(at, fields[k].key, &member, e) < 0)
			return -1;
		if (json_opt_string(at, fields[k].key, NULL, fields[k].out, e) < 0)
			return -1;
	}
	return 0;
}

static int check(const struct image *i, const struct jnode *at, struct err *e)
{
	if (!path_is_name(i->name))
		return json_bad(at, e, "name: \"%s\" is no plain file name", i->name);
	if (strlen(i->sha256) != SHA256_DIGITS ||
	    strspn(i->sha256, "0123456789abcdef") != SHA256_DIGITS)
		return json_bad(at, e, "sha256: expected %d hex digits", SHA256_DIGITS);
	if (i->label && !path_is_name(i->label))
		return json_bad(at, e, "label: \"%s\" is no plain name", i->label);
	if (!str_starts(i->id, "image_") || strcmp(i->id + 6, i->sha256) != 0)
		return json_bad(at, e, "id: expected \"image_\" and the sha256");
	return 0;
}

static int read(struct image *i, const struct jnode *at, struct err *e)
{
	static const char *const keys[] = {"id",   "kind",   "label", "vendor", "name",
					   "version", "platform", "fits",  "sha256", "size",
					   "path", "added",  "signer", NULL};
	struct jnode fits_at, size;
	if (json_only(at, keys, e) < 0 || read_texts(i, at, e) < 0 || check(i, at, e) < 0)
		return -1;
	if (json_get(at, "fits", &fits_at)) {
		if (json_object(&fits_at, e) < 0)
			return -1;
		values_from_json(&i->fits, fits_at.value);
	}
	if (json_need(at, "size", &size, e) < 0 || json_int(&size, 0, INT64_MAX, &i->size, e) < 0)
		return -1;
	return json_opt_int(at, "added", 0, INT64_MAX, 0, &i->added, e);
}

int image_from_json(struct image *i, const cJSON *object, struct err *e)
{
	struct jnode at = json_root(object, "image");
	*i = (struct image){0};
	if (read(i, &at, e) == 0)
		return 0;
	image_release(i);
	return -1;
}
