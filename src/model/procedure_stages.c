/* SPDX-License-Identifier: ISC */
/* The stages of a procedure: the order of the roles, and what may be away at the same time. */
#include "config.h"

#include "model/procedure_parts.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define LIMITS_MAX 64 /* a planner has one bit for each */

static const struct field stage_fields[] = {
    NEEDED(struct procedure, roles, "roles", type_texts),
    FIELD(struct procedure, unstaged, "unstaged", type_text),
    FIELD(struct procedure, batch_size, "batch_size", type_number),
    FIELD(struct procedure, unstaged_roles, "unstaged_roles", type_flag),
    FIELD(struct procedure, core, "core", type_texts),
    FIELD(struct procedure, orders, "orders", type_skip),
    FIELD(struct procedure, unit_kind, "unit", type_skip),
    FIELD(struct procedure, limits, "limits", type_skip),
    FIELD(struct procedure, hits, "not_hitless", type_skip),
    FIELD(struct procedure, first_fact, "first", type_skip),
    FIELD(struct procedure, quorum_kinds, "quorum", type_skip),
    END_OF_FIELDS,
};

static const struct field quorum_fields[] = {
    NEEDED(struct procedure, quorum_kinds, "kinds", type_texts),
    NEEDED(struct procedure, quorum_accept, "accept", type_parameter),
    END_OF_FIELDS,
};

static const struct field first_fields[] = {
    NEEDED(struct procedure, first_fact, "fact", type_fact),
    NEEDED(struct procedure, first_value, "value", type_text),
    END_OF_FIELDS,
};

static const struct field unit_fields[] = {
    NEEDED(struct procedure, unit_kind, "kind", type_text),
    NEEDED(struct procedure, lead_fact, "fact", type_fact),
    NEEDED(struct procedure, lead_value, "value", type_text),
    END_OF_FIELDS,
};

static const struct field order_fields[] = {
    NEEDED(struct role_order, name, "name", type_name),
    FIELD(struct role_order, title, "title", type_text),
    NEEDED(struct role_order, roles, "roles", type_texts),
    END_OF_FIELDS,
};

/* "half", or how many. */
static int read_most(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
		     void *out)
{
	if (cJSON_IsString(at->value) && strcmp(at->value->valuestring, "half") == 0) {
		*(int64_t *)out = 0;
		return 0;
	}
	if (!cJSON_IsNumber(at->value))
		return json_bad(at, l->e, "expected \"half\" or a number");
	return json_int(at, 1, 10000, out, l->e);
}

static const struct field_type type_most = {read_most, NULL};

static const struct field limit_fields[] = {
    NEEDED(struct limit, name, "name", type_text),
    FIELD(struct limit, roles, "roles", type_texts),
    FIELD(struct limit, tags, "tags", type_texts),
    NEEDED(struct limit, most, "most", type_most),
    END_OF_FIELDS,
};

static const struct field hit_fields[] = {
    NEEDED(struct hit, when, "when", type_judge),
    NEEDED(struct hit, message, "message", type_text),
    END_OF_FIELDS,
};

static int read_limit(struct loader *l, const struct jnode *at, void *out)
{
	struct limit *m = out;
	if (fields_read(l, limit_fields, at, m) < 0)
		return -1;
	return m->roles || m->tags ? 0
				   : json_bad(at, l->e, "needs \"roles\" or \"tags\": of whom?");
}

static int read_limits(struct loader *l, const struct jnode *stages)
{
	struct procedure *p = l->p;
	struct jnode at;
	if (!json_get(stages, "limits", &at))
		return 0;
	if (fields_read_list(l, &at, sizeof(*p->limits), read_limit, (void **)&p->limits,
			     &p->n_limits) < 0)
		return -1;
	if (p->n_limits > LIMITS_MAX)
		return json_bad(&at, l->e, "more than %d limits", LIMITS_MAX);
	return check_unique(&at, p->limits, p->n_limits, sizeof(*p->limits), l->e);
}

static int read_hit(struct loader *l, const struct jnode *at, void *out)
{
	return fields_read(l, hit_fields, at, out);
}

static int read_hits(struct loader *l, const struct jnode *stages)
{
	struct jnode at;
	if (!json_get(stages, "not_hitless", &at))
		return 0;
	return fields_read_list(l, &at, sizeof(*l->p->hits), read_hit, (void **)&l->p->hits,
				&l->p->n_hits);
}

static int read_order(struct loader *l, const struct jnode *at, void *out)
{
	struct role_order *o = out;
	struct jnode roles, item;
	if (fields_read(l, order_fields, at, o) < 0 || json_need(at, "roles", &roles, l->e) < 0)
		return -1;
	for (bool on = json_first(&roles, &item); on; on = json_next(&item)) {
		char **role = l->p->roles;
		while (*role && strcmp(*role, item.value->valuestring) != 0)
			role++;
		if (!*role)
			return json_bad(&item, l->e, "\"%s\" is not in \"stages.roles\"",
			                item.value->valuestring);
	}
	return 0;
}

int procedure_read_stages(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode stages, at;
	p->batch_size = 4;
	if (json_need(root, "stages", &stages, l->e) < 0 ||
	    fields_read(l, stage_fields, &stages, p) < 0)
		return -1;
	if (p->batch_size < 1 || p->batch_size > 10000)
		return json_bad(&stages, l->e, "batch_size: expected a number from 1 to 10000");
	if (p->unstaged_roles && !json_get(&stages, "limits", &at))
		return json_bad(&stages, l->e, "\"unstaged_roles\" needs \"limits\"");
	if (!p->unstaged)
		p->unstaged = xstrdup("Stage1");
	if (json_get(&stages, "first", &at) && fields_read(l, first_fields, &at, p) < 0)
		return -1;
	if (json_get(&stages, "quorum", &at) && fields_read(l, quorum_fields, &at, p) < 0)
		return -1;
	if (json_get(&stages, "unit", &at) && fields_read(l, unit_fields, &at, p) < 0)
		return -1;
	if (read_limits(l, &stages) < 0 || read_hits(l, &stages) < 0)
		return -1;
	if (!json_get(&stages, "orders", &at))
		return 0;
	if (fields_read_list(l, &at, sizeof(*p->orders), read_order, (void **)&p->orders,
	                     &p->n_orders) < 0)
		return -1;
	return check_unique(&at, p->orders, p->n_orders, sizeof(*p->orders), l->e);
}

void procedure_release_stages(struct procedure *p)
{
	for (size_t i = 0; i < p->n_orders; i++)
		procedure_fields_release(order_fields, &p->orders[i]);
	for (size_t i = 0; i < p->n_limits; i++)
		procedure_fields_release(limit_fields, &p->limits[i]);
	for (size_t i = 0; i < p->n_hits; i++)
		procedure_fields_release(hit_fields, &p->hits[i]);
	free(p->orders);
	free(p->limits);
	free(p->hits);
	procedure_fields_release(stage_fields, p);
	procedure_fields_release(first_fields, p);
	procedure_fields_release(quorum_fields, p);
	procedure_fields_release(unit_fields, p);
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool is_like_one(char *const *patterns, const char *text)
{
	for (; patterns && *patterns && text; patterns++)
		if (fnmatch(*patterns, text, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

bool procedure_limits(const struct limit *m, const struct device *d)
{
	if (is_like_one(m->roles, d->role))
		return true;
	for (char *const *tag = d->tags; tag && *tag; tag++)
		if (is_like_one(m->tags, *tag))
			return true;
	return false;
}
