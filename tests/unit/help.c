/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "help.h"

#include "base/path.h"
#include "model/json.h"

char *quoted(const char *json)
{
	char *text = xstrdup(json);
	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	return text;
}

cJSON *tree(const char *json)
{
	struct err e = {0};
	char *text = quoted(json);
	cJSON *root = json_parse(text, strlen(text), "test", &e);
	free(text);
	if (!root)
		fail_msg("%s", e.text);
	return root;
}

void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	if (!at || strstr(at + 1, from))
		fail_msg("\"%s\" does not occur exactly once", from);
	return xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

char *make_file(const void *data, size_t n)
{
	struct err e = {0};
	char dir[] = "/tmp/hitless-unit-XXXXXX";
	assert_non_null(mkdtemp(dir));
	char *path = path_join(dir, "file");
	if (path_write(path, data, n, &e) < 0)
		fail_msg("%s", e.text);
	return path;
}

void drop_file(char *path)
{
	struct err e = {0};
	*strrchr(path, '/') = '\0';
	if (path_remove_tree(path, &e) < 0)
		fail_msg("%s", e.text);
	free(path);
}
