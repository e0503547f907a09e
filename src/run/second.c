/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/second.h"

#include "base/i18n.h"
#include "model/json.h"
#include "run/machine.h"

#include <pwd.h>
#include <stdlib.h>

bool second_wanted(const struct jobview *v)
{
	return v->job && v->job->second_person && v->words && !str_eq(v->confirmed, v->words) &&
	       !job_state_final(v->state);
}

static bool is_maker(const struct job *j, int64_t uid)
{
	for (size_t i = 0; uid >= 0 && i < LEN(j->uids); i++)
		if (j->uids[i] == uid)
			return true;
	return false;
}

static char *user_name(int64_t uid)
{
	struct passwd pw, *found = NULL;
	char block[4096];
	if (getpwuid_r((uid_t)uid, &pw, block, sizeof(block), &found) == 0 && found)
		return xstrdup(found->pw_name);
	return xasprintf("uid %lld", (long long)uid);
}

cJSON *second_order(const struct jobview *v, const struct door_person *p, struct err *e)
{
	const struct job *j = v->job;
	char *user = user_name(p->uid);
	cJSON *command = NULL;
	if (is_maker(j, p->uid) || is_maker(j, p->login) || is_maker(j, p->sudo)) {
		err_set(e, ERR_REFUSED,
			_("the plan is confirmed by another person than the one who made the job "
			  "(%s; you are %s)"),
			j->operator ? j->operator : "?", user);
	} else {
		char *host = machine_name();
		command = cJSON_CreateObject();
		json_put_text(command, "verb", "confirm");
		json_put_text(command, "text", p->words);
		json_put_text(command, "who", user);
		json_put_number(command, "uid", p->uid);
		json_put_text(command, "host", host);
		free(host);
	}
	free(user);
	return command;
}
