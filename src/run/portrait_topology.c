/* SPDX-License-Identifier: ISC */
/* Links and groups that a device names in an answer. */
#include "config.h"

#include "run/portrait_parts.h"

#include "model/json.h"
#include "model/snapshot.h"

static char *member(const cJSON *row, const char *key)
{
	const char *text = json_text(row, key);
	return xstrdup(text ? text : "");
}

static char *small_member(const cJSON *row, const char *key)
{
	char *text = member(row, key);
	for (char *at = text; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return text;
}

void portrait_links(struct portrait *p, const struct collector *c, const struct answer *a)
{
	cJSON *rows = snapshot_rows(c, a), *row;
	p->links_known &= rows != NULL;
	cJSON_ArrayForEach(row, rows)
	{
		struct seen_link *l = VEC_ADD(&p->links);
		l->port = member(row, "port");
		l->neighbour = member(row, "neighbour");
		l->neighbour_port = member(row, "neighbour_port");
	}
	cJSON_Delete(rows);
}

/* No row: whatever tells of the group does not work now. */
void portrait_groups(struct portrait *p, const struct collector *c, const struct answer *a)
{
	cJSON *rows = snapshot_rows(c, a), *row;
	size_t n = 0;
	cJSON_ArrayForEach(row, rows)
	{
		const char *id = json_text(row, "id");
		if (!id || !*id)
			continue;
		struct seen_group *g = VEC_ADD(&p->groups);
		g->kind = xstrdup(c->element);
		g->id = small_member(row, "id");
		g->own = small_member(row, "own");
		g->peer = small_member(row, "peer");
		n++;
	}
	p->groups_known &= n > 0;
	cJSON_Delete(rows);
}
