/* SPDX-License-Identifier: ISC */
/* The images of a procedure: how a file's name, and the file itself, tell what it is. */
#include "config.h"

#include "model/procedure_parts.h"

#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

static const struct field image_fields[] = {
    NEEDED(struct image_kind, kind, "kind", type_name),
    NEEDED(struct image_kind, title, "title", type_text),
    NEEDED(struct image_kind, file, "file", type_pattern),
    FIELD(struct image_kind, content, "content", type_skip),
    FIELD(struct image_kind, maps, "map", type_skip),
    FIELD(struct image_kind, fits, "fits", type_texts),
    FIELD(struct image_kind, supported, "supported", type_fact),
    FIELD(struct image_kind, parameter, "parameter", type_parameter),
    FIELD(struct image_kind, current, "current", type_fact),
    FIELD(struct image_kind, combination, "combination", type_message),
    END_OF_FIELDS,
};

static const struct field content_fields[] = {
    NEEDED(struct image_content, begins, "begins", type_pattern),
    FIELD(struct image_content, behind, "behind", type_text),
    FIELD(struct image_content, sum, "sha256", type_pattern),
    FIELD(struct image_content, member, "member", type_texts),
    NEEDED(struct image_content, says, "says", type_texts),
    END_OF_FIELDS,
};

static int is_name(void *ctx, const char *name, struct err *e UNUSED)
{
	return strcmp(ctx, name) == 0;
}

static bool has_group(const struct pattern *p, const char *name)
{
	return pattern_groups(p, is_name, (void *)(uintptr_t)name, NULL) == 1;
}

struct group_check {
	const struct image_kind *kind;
	const char *bad;
};

static int see_group(void *ctx, const char *name, struct err *e UNUSED)
{
	struct group_check *c = ctx;
	if (!has_group(c->kind->file, name))
		c->bad = name;
	return 0;
}

/* Names are those of "file": what the content tells is compared with what the name tells. */
static int compile_says(struct loader *l, const struct jnode *at, struct image_kind *k)
{
	struct image_content *c = &k->content;
	struct jnode list, item;
	if (!json_get(at, "says", &list) || !c->says[0])
		return json_bad(at, l->e, "\"says\" needs a pattern");
	c->patterns = xcalloc(json_count(&list), sizeof(struct pattern *));
	for (bool on = json_first(&list, &item); on; on = json_next(&item)) {
		struct err why = {0};
		struct group_check check = {.kind = k};
		struct pattern *p = pattern_new(item.value->valuestring, false, &why);
		if (!p)
			return json_bad(&item, l->e, "%s", why.text);
		c->patterns[c->n_patterns++] = p;
		(void)pattern_groups(p, see_group, &check, NULL);
		if (check.bad)
			return json_bad(&item, l->e, "\"file\" has no group \"%s\"", check.bad);
	}
	return 0;
}

static int read_content(struct loader *l, const struct jnode *image, struct image_kind *k)
{
	struct jnode at;
	struct image_content *c = &k->content;
	if (!json_get(image, "content", &at))
		return 0;
	if (fields_read(l, content_fields, &at, c) < 0)
		return -1;
	if (!c->sum != !c->behind)
		return json_bad(&at, l->e,
				"\"sha256\" is that of what is \"behind\" a line: give "
				"both or none");
	if (c->sum && !has_group(c->sum, "sha256"))
		return json_bad(&at, l->e, "\"sha256\" needs a group \"sha256\"");
	return compile_says(l, &at, k);
}

static int read_maps(struct loader *l, const struct jnode *image, struct image_kind *k)
{
	struct jnode maps, at;
	if (!json_get(image, "map", &maps))
		return 0;
	if (json_object(&maps, l->e) < 0)
		return -1;
	k->maps = xcalloc(json_count(&maps) + 1, sizeof(*k->maps));
	for (bool on = json_first(&maps, &at); on; on = json_next(&at)) {
		struct value_map *m = &k->maps[k->n_maps++];
		m->name = xstrdup(at.key);
		if (!has_group(k->file, at.key))
			return json_bad(&at, l->e, "\"file\" has no group of this name");
		if (type_values.read(l, NULL, &at, &m->map) < 0)
			return -1;
	}
	return 0;
}

static int read_image(struct loader *l, const struct jnode *at, void *out)
{
	struct image_kind *k = out;
	struct jnode fits, item;
	if (fields_read(l, image_fields, at, k) < 0 || read_maps(l, at, k) < 0)
		return -1;
	if (!has_group(k->file, "version"))
		return json_bad(at, l->e, "\"file\" needs a group \"version\"");
	if (read_content(l, at, k) < 0)
		return -1;
	if (!json_get(at, "fits", &fits))
		return 0;
	for (bool on = json_first(&fits, &item); on; on = json_next(&item)) {
		if (!has_group(k->file, item.value->valuestring))
			return json_bad(&item, l->e, "\"file\" has no group of this name");
		loader_use(l, USE_FACT, &item, item.value->valuestring);
	}
	return 0;
}

int procedure_read_images(struct loader *l, const struct jnode *list)
{
	struct procedure *p = l->p;
	if (fields_read_list(l, list, sizeof(*p->images), read_image, (void **)&p->images,
			     &p->n_images) < 0)
		return -1;
	return check_unique(list, p->images, p->n_images, sizeof(*p->images), l->e);
}

void procedure_release_images(struct procedure *p)
{
	for (size_t i = 0; i < p->n_images; i++) {
		struct image_kind *k = &p->images[i];
		for (size_t m = 0; m < k->n_maps; m++) {
			free(k->maps[m].name);
			values_release(&k->maps[m].map);
		}
		free(k->maps);
		for (size_t c = 0; c < k->content.n_patterns; c++)
			pattern_free(k->content.patterns[c]);
		free(k->content.patterns);
		procedure_fields_release(content_fields, &k->content);
		procedure_fields_release(image_fields, k);
	}
	free(p->images);
}

/* --- telling ---------------------------------------------------------------------------------- */

static const char *mapped(const struct image_kind *k, const char *name, const char *text)
{
	for (size_t i = 0; i < k->n_maps; i++) {
		const char *other =
		    str_eq(k->maps[i].name, name) ? values_get(&k->maps[i].map, text) : NULL;
		if (other)
			return other;
	}
	return text;
}

static void fill_image(const struct procedure *p, const struct image_kind *k, const char *file,
		       const struct values *groups, struct image *out)
{
	const char *version = values_get(groups, "version");
	*out = (struct image){.kind = xstrdup(k->kind), .name = xstrdup(file)};
	out->version = version ? xstrdup(mapped(k, "version", version)) : NULL;
	out->platform = xstrdup(p->platforms[0]);
	out->vendor = xstrdup(p->vendor);
	for (size_t i = 0; i < groups->n; i++)
		if (strcmp(groups->v[i].name, "version") != 0)
			values_set(&out->fits, groups->v[i].name,
				   mapped(k, groups->v[i].name, groups->v[i].text));
}

void procedure_image_need(const struct image_kind *k, const struct values *facts,
			  struct values *out)
{
	for (size_t i = 0; k->fits && k->fits[i]; i++)
		values_set(out, k->fits[i], facts ? values_get(facts, k->fits[i]) : NULL);
	if (k->supported)
		values_set(out, k->supported, facts ? values_get(facts, k->supported) : NULL);
}

bool procedure_image_name(const struct procedure *p, const char *file, struct image *out)
{
	for (size_t i = 0; i < p->n_images; i++) {
		struct values groups = {0};
		bool found =
		    pattern_match(p->images[i].file, file, strlen(file), &groups) == VERDICT_YES;
		if (found)
			fill_image(p, &p->images[i], file, &groups, out);
		values_release(&groups);
		if (found)
			return true;
	}
	return false;
}

enum telling { TELLS_NOTHING, TELLS_A_PART, TELLS_ALL };

static int any_group(void *ctx UNUSED, const char *name UNUSED, struct err *e UNUSED)
{
	return 1;
}

/* All of them, in one of the two texts each; or all without groups, which tell the kind, and some of
 * the others. */
static enum telling find_all(const struct image_content *c, const struct str *head,
			     const struct str *member, struct values *groups)
{
	enum telling result = c->n_patterns ? TELLS_ALL : TELLS_NOTHING;
	for (size_t i = 0; i < c->n_patterns; i++) {
		if (pattern_match(c->patterns[i], str_text(head), head->len, groups) == VERDICT_YES ||
		    (member && pattern_match(c->patterns[i], str_text(member), member->len,
					     groups) == VERDICT_YES))
			continue;
		if (pattern_groups(c->patterns[i], any_group, NULL, NULL) == 0)
			return TELLS_NOTHING;
		result = TELLS_A_PART;
	}
	return groups->n ? result : TELLS_NOTHING;
}

bool procedure_image_content(const struct procedure *p, const struct image_kind *kind,
			     const struct str *head, const struct str *member, struct image *out)
{
	for (size_t i = 0; i < p->n_images; i++) {
		const struct image_kind *k = &p->images[i];
		struct values groups = {0};
		enum telling found = kind && kind != k
					 ? TELLS_NOTHING
					 : find_all(&k->content, head, member, &groups);
		if (found == TELLS_ALL || (found == TELLS_A_PART && kind)) {
			image_release(out);
			fill_image(p, k, NULL, &groups, out);
		}
		values_release(&groups);
		if (found == TELLS_ALL)
			return true;
	}
	free(kind ? out->kind : NULL); /* what it does not tell in full it may not be */
	out->kind = kind ? NULL : out->kind;
	return false;
}
