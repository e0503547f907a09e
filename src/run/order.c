/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/order.h"

#include "engine/engine.h"
#include "model/json.h"
#include "run/desk.h"

#include <stdlib.h>

static cJSON *command_json(const struct order_words *w)
{
	cJSON *object = cJSON_CreateObject();
	char *who = desk_who(), *login = desk_login();
	json_put_text(object, "verb", w->verb);
	json_put_text(object, "target", w->target);
	json_put_text(object, "text", w->text);
	json_put_text(object, "check", w->check);
	json_put_text(object, "who", who);
	json_put_text(object, "login", login);
	free(who);
	free(login);
	return object;
}

int order_possible(const struct jobview *v, const struct order_words *w, struct err *e)
{
	cJSON *command = command_json(w);
	int rc = engine_command_check(v, command, e);
	cJSON_Delete(command);
	return rc;
}

int64_t order_queue(struct store *s, const char *id, const struct jobview *v,
		    const struct order_words *w, struct err *e)
{
	cJSON *command = command_json(w);
	int64_t number = -1;
	if (engine_command_check(v, command, e) == 0)
		number = store_command(s, id, command, e);
	cJSON_Delete(command);
	return number;
}
