/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "model/credential.h"

#include "base/i18n.h"
#include "base/path.h"
#include "model/json.h"
#include "model/values.h"

#include <stdlib.h>
#include <string.h>

const char *const credential_methods[CREDENTIAL_METHODS + 1] = {
    [CREDENTIAL_AGENT] = "agent",       [CREDENTIAL_KEY] = "key",
    [CREDENTIAL_PASSWORD] = "password", [CREDENTIAL_COMMAND] = "command",
    [CREDENTIAL_SYSTEMD] = "systemd",
};

void credential_copy(struct credential *to, const struct credential *from)
{
	to->name = xstrdup(from->name);
	to->user = xstrdup(from->user);
	to->method = from->method;
	to->key = xstrdup(from->key);
	to->command = strings_copy(from->command);
	to->systemd = xstrdup(from->systemd);
	to->otherwise = xstrdup(from->otherwise);
	to->added = from->added;
}

void credential_release(struct credential *c)
{
	free(c->name);
	free(c->user);
	free(c->key);
	strings_free(c->command);
	free(c->systemd);
	free(c->otherwise);
	*c = (struct credential){0};
}

void credentials_release(struct credentials *list)
{
	for (size_t i = 0; i < list->n; i++)
		credential_release(&list->v[i]);
	VEC_RELEASE(list);
}

const struct credential *credentials_find(const struct credentials *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}

/* --- rules --- */

bool credential_user_valid(const char *user)
{
	size_t n = user ? strlen(user) : 0;
	return n >= 1 && n <= 32 && *user != '-' &&
	       strspn(user, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
	           n;
}

static bool is_absolute(const char *path)
{
	return path && *path == '/' && !text_has_control(path, "");
}

static int check_method(const struct credential *c, struct err *e)
{
	bool key = c->method == CREDENTIAL_KEY, command = c->method == CREDENTIAL_COMMAND;
	bool systemd = c->method == CREDENTIAL_SYSTEMD;
	if (key != (c->key != NULL) || command != (c->command != NULL) ||
	    systemd != (c->systemd != NULL))
		return err_set(e, ERR_INPUT, "method \"%s\": %-s", credential_methods[c->method],
			       key       ? M_("needs \"key\" and nothing else")
			       : command ? M_("needs \"command\" and nothing else")
			       : systemd
				   ? M_("needs \"systemd\" and nothing else")
				   : M_("\"key\", \"command\" and \"systemd\" do not go with it"));
	if (key && !is_absolute(c->key))
		return err_set(e, ERR_INPUT, "key: expected an absolute path");
	if (command && !is_absolute(c->command[0]))
		return err_set(e, ERR_INPUT,
		               "command: expected the absolute path of a program and "
		               "its arguments");
	if (systemd && !path_is_name(c->systemd))
		return err_set(e, ERR_INPUT, "systemd: expected a plain file name");
	return 0;
}

static int check(const struct credential *c, struct err *e)
{
	if (!c->name || !path_is_name(c->name))
		return err_set(e, ERR_INPUT, "\"%s\" is no name of a credential",
		               c->name ? c->name : "");
	if (!credential_user_valid(c->user))
		return err_set(e, ERR_INPUT,
		               "user: letters, digits and . _ - only, no '-' first, at "
		               "most 32");
	return check_method(c, e);
}

/* --- the list --- */

int credentials_add(struct credentials *list, struct credential *c, struct err *e)
{
	int result = check(c, e);
	if (!result && credentials_find(list, c->name))
		result = err_set(e, ERR_INPUT, "there is a credential \"%s\" already", c->name);
	if (result < 0) {
		credential_release(c);
		return -1;
	}
	VEC_PUSH(list, *c);
	*c = (struct credential){0};
	return 0;
}

int credentials_remove(struct credentials *list, const char *name, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, name)) {
			credential_release(&list->v[i]);
			VEC_REMOVE(list, i);
			return 0;
		}
	return err_set(e, ERR_INPUT, "there is no credential \"%s\"", name);
}

/* Names are compared at the end of the way only: a circle is longer than the list. */
static int check_way(const struct credentials *list, const struct credential *c, struct err *e)
{
	const struct credential *at = c;
	for (size_t steps = 0; at->otherwise; steps++) {
		const struct credential *next = credentials_find(list, at->otherwise);
		if (!next)
			return err_set(e, ERR_INPUT,
				       "credential \"%s\" goes on to \"%s\", which is not there",
				       at->name, at->otherwise);
		if (!str_eq(next->user, c->user))
			return err_set(e, ERR_INPUT,
				       "credential \"%s\" goes on to \"%s\", which is of another "
				       "user (%s, not %s)",
				       c->name, next->name, next->user, c->user);
		if (steps > list->n)
			return err_set(e, ERR_INPUT,
				       "credential \"%s\" comes back to itself by \"otherwise\"",
				       c->name);
		at = next;
	}
	return 0;
}

int credentials_check(const struct credentials *list, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (check_way(list, &list->v[i], e) != 0)
			return -1;
	return 0;
}

/* --- the file --- */

cJSON *credential_to_json(const struct credential *c)
{
	cJSON *object = cJSON_CreateObject();
	json_put_text(object, "name", c->name);
	json_put_text(object, "user", c->user);
	json_put_text(object, "method", credential_methods[c->method]);
	json_put_text(object, "key", c->key);
	if (c->command)
		json_put(object, "command", json_strings(c->command));
	json_put_text(object, "systemd", c->systemd);
	json_put_text(object, "otherwise", c->otherwise);
	json_put_number(object, "added", c->added);
	return object;
}

static int read_method(const struct jnode *at, enum credential_method *out, struct err *e)
{
	struct jnode method;
	const char *text;
	if (json_need(at, "method", &method, e) < 0 || json_string(&method, &text, e) < 0)
		return -1;
	for (unsigned i = 0; credential_methods[i]; i++)
		if (strcmp(credential_methods[i], text) == 0) {
			*out = (enum credential_method)i;
			return 0;
		}
	const char *near = json_nearest(text, credential_methods);
	return json_bad(&method, e, "there is no method \"%s\"%-s", text,
			json_hint(near, (char[JSON_HINT]){0}));
}

static int read_credential(const struct jnode *at, struct credential *c, struct err *e)
{
	static const char *const keys[] = {"name",    "user",      "method", "key", "command",
					   "systemd", "otherwise", "added",  NULL};
	if (json_only(at, keys, e) < 0 || json_opt_string(at, "name", NULL, &c->name, e) < 0 ||
	    json_opt_string(at, "user", NULL, &c->user, e) < 0 ||
	    read_method(at, &c->method, e) < 0 ||
	    json_opt_string(at, "key", NULL, &c->key, e) < 0 ||
	    json_opt_strings(at, "command", &c->command, e) < 0 ||
	    json_opt_string(at, "systemd", NULL, &c->systemd, e) < 0 ||
	    json_opt_string(at, "otherwise", NULL, &c->otherwise, e) < 0)
		return -1;
	return json_opt_int(at, "added", 0, INT64_MAX, 0, &c->added, e);
}

static int read_list(struct credentials *list, const struct jnode *root, struct err *e)
{
	static const char *const keys[] = {"format", "credentials", NULL};
	struct jnode format, array, at;
	int64_t number;
	if (json_only(root, keys, e) < 0 || json_need(root, "format", &format, e) < 0 ||
	    json_int(&format, 1, 1, &number, e) < 0 ||
	    json_need(root, "credentials", &array, e) < 0 || json_array(&array, e) < 0)
		return -1;
	for (bool on = json_first(&array, &at); on; on = json_next(&at)) {
		struct credential c = {0};
		struct err why = {0};
		if (read_credential(&at, &c, e) < 0) {
			credential_release(&c);
			return -1;
		}
		if (credentials_add(list, &c, &why) < 0)
			return json_bad_text(&at, e, why.text);
	}
	return 0;
}

int credentials_load(struct credentials *list, const char *path, struct err *e)
{
	*list = (struct credentials){0};
	if (!path_exists(path))
		return 0;
	cJSON *tree = json_load(path, e);
	if (!tree)
		return -1;
	struct jnode root = json_root(tree, path);
	int result = read_list(list, &root, e);
	cJSON_Delete(tree);
	if (result < 0)
		credentials_release(list);
	return result;
}

int credentials_save(const struct credentials *list, const char *path, struct err *e)
{
	cJSON *root = cJSON_CreateObject(), *array = cJSON_CreateArray();
	json_put_number(root, "format", 1);
	for (size_t i = 0; i < list->n; i++)
		json_append(array, credential_to_json(&list->v[i]));
	json_put(root, "credentials", array);
	char *text = json_print(root, true);
	int result = path_write(path, text, strlen(text), e);
	free(text);
	cJSON_Delete(root);
	return result;
}
