/* SPDX-License-Identifier: ISC */
/* The second person: confirms the plan of a job that somebody else made, by its words. Works for a
 * user who cannot read the other one's state directory. */
#include "config.h"

#include "cli/cli.h"

#include "base/str.h"
#include "model/json.h"
#include "run/create.h"
#include "run/door.h"

#include <stdlib.h>
#include <string.h>

/* The job's own name, should this state directory know the job (perhaps by its id). */
static char *job_name(struct cli *c)
{
	struct err why = {0};
	char *id = cli_store(c) ? create_find(c->store, c->args[0], &why) : NULL;
	struct jobview *v = id ? create_view(c->store, id, &why) : NULL;
	char *name = xstrdup(v ? v->job->name : c->args[0]);
	jobview_free(v);
	free(id);
	c->e = (struct err){0}; /* that there is no such job here is no mistake */
	return name;
}

static int confirm(struct cli *c)
{
	struct str words = {0};
	char *name = job_name(c);
	for (int i = 1; i < c->n_args; i++)
		str_printf(&words, "%s%s", i > 1 ? " " : "", c->args[i]);
	int rc = door_confirm(name, str_text(&words), &c->e) == 0 ? EXIT_DONE : cli_fail(c);
	if (rc == EXIT_DONE && c->json) {
		cJSON *o = json_object_new("confirm");
		json_put_text(o, "job", name);
		json_put_text(o, "words", str_text(&words));
		put_json(o, false);
	} else if (rc == EXIT_DONE) {
		tell(c, _("The plan of %s is confirmed; the job begins when it was started."),
		     name);
	} else if (c->e.kind == ERR_REFUSED) {
		rc = EXIT_REFUSED;
	}
	str_release(&words);
	free(name);
	return rc;
}

const struct verb verbs_confirm[] = {
    {"confirm", "JOB WORDS...", N_("confirm, as a second person, the plan of somebody's job"), NULL,
     2, 16, .run = confirm,
     .more = N_("A job made with --require-confirm changes nothing before another user of this\n"
		"machine has typed the five words of its plan ('hitless plan', 'hitless show' and\n"
		"the saved plan show them). Who that is, is what the kernel says, not what is\n"
		"typed; the one who made the job is refused, also behind sudo. Another plan has\n"
		"other words and has to be confirmed anew.")},
    {0},
};
