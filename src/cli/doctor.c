/* SPDX-License-Identifier: ISC */
/* What would stop a job on this machine. */
#include "config.h"

#include "cli/cli.h"

#include "base/utf8.h"
#include "model/json.h"
#include "run/doctor.h"

#include <locale.h>
#include <stdlib.h>

static int widest(const struct doctor_findings *list)
{
	int most = 0;
	for (size_t i = 0; i < list->n; i++) {
		int w = utf8_width(_(list->v[i].title));
		most = w > most ? w : most;
	}
	return most;
}

static void put_findings(struct cli *c, const struct doctor_findings *list)
{
	int columns = widest(list);
	for (size_t i = 0; i < list->n; i++) {
		const struct doctor_finding *f = &list->v[i];
		const char *word = doctor_level_word(f->level), *title = _(f->title);
		tell(c, "%-*s  %-*s  %s", utf8_field(word, 8), word, utf8_field(title, columns),
		     title, str_text(&f->evidence));
		if (f->action.len)
			tell(c, "%-*s  -> %s", 8 + 2 + columns, "", str_text(&f->action));
	}
}

static void put_findings_json(const struct doctor_findings *list)
{
	cJSON *o = json_object_new("doctor");
	json_put_text(o, "level", doctor_level_name(doctor_worst(list)));
	json_put(o, "checks", doctor_to_json(list));
	put_json(o, false);
}

/* A state that cannot be opened is a finding, not the end. */
static int doctor(struct cli *c)
{
	struct doctor_terminal terminal = {0};
	struct doctor_findings list = {0};
	if (c->seen)
		terminal = *c->seen;
	else if (c->terminal)
		c->terminal(&terminal);
	struct doctor_options o = {.state = c->state_option,
				   .root = cli_option(c, "--root"),
				   .store = cli_store(c),
				   .error = &c->e,
				   .terminal = &terminal};
	if (c->json)
		(void)setlocale(LC_MESSAGES, "C"); /* JSON is never translated */
	doctor_examine(&o, false, &list);
	enum doctor_level worst = doctor_worst(&list);
	if (c->json)
		put_findings_json(&list);
	else
		put_findings(c, &list);
	if (worst == DOCTOR_ERROR)
		remark(c, _("No job can run here before what is marked ERROR is put right."));
	doctor_release(&list);
	return worst == DOCTOR_ERROR ? EXIT_FAILURES : EXIT_DONE;
}

static const struct option doctor_options[] = {
    {"--root", "DIR", N_("look at the system's files below this directory"), false},
    {0},
};

const struct verb verbs_doctor[] = {
    {"doctor", "", N_("look for what would stop a job on this machine"), doctor_options, 0, 0,
     .run = doctor,
     .more = N_("Nothing is changed, nobody is asked for a password, no device is reached. Its\n"
		"quick part is done before every job: errors refuse the job, warnings are said\n"
		"('hitless setting set check-machine 0' leaves it out). Exit status 1 when there\n"
		"is an error.")},
    {0},
};
