/* SPDX-License-Identifier: ISC */
/* JSON as Junos writes it. */
#include "config.h"

#include "lab/junos.h"

#include <stdlib.h>

cJSON *jnode(cJSON *parent, const char *name)
{
	cJSON *list = cJSON_GetObjectItemCaseSensitive(parent, name);
	if (!list)
		list = cJSON_AddArrayToObject(parent, name);
	cJSON *node = cJSON_CreateObject();
	cJSON_AddItemToArray(list, node);
	return node;
}

void jleaf(cJSON *node, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	cJSON_AddStringToObject(jnode(node, name), "data", text);
	free(text);
}

void jseconds(cJSON *node, const char *name, int64_t seconds, const char *text)
{
	cJSON *leaf = jnode(node, name);
	char *number = xasprintf("%lld", (long long)seconds);
	cJSON_AddStringToObject(leaf, "data", text);
	cJSON *attributes = cJSON_AddObjectToObject(leaf, "attributes");
	cJSON_AddStringToObject(attributes, "junos:seconds", number);
	free(number);
}
