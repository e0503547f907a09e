/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/report.h"

#include "cli/runner.h"

#include "base/path.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

/* What was asked for by name, else by the file's, else as --json says. -1: c->e. */
static int wanted_format(struct cli *c)
{
	const char *name = cli_option(c, "--format"), *path = cli_option(c, "--output");
	if (name) {
		int f = report_format(name);
		return f >= 0 ? f
			      : err_set(&c->e, ERR_INPUT,
					_("--format: expected text, json or html, not \"%s\""), name);
	}
	for (int f = 0; path && f < REPORT_FORMATS; f++)
		if (str_ends(path, report_kinds[f].suffix))
			return f;
	if (path && !c->json)
		return err_set(&c->e, ERR_INPUT,
			       _("--output: the ending of %s is none of .txt, .json, .html: choose "
				 "one of them, or give --format text, json or html"),
			       path);
	return c->json ? REPORT_JSON : REPORT_TEXT;
}

static int put_report(struct cli *c, enum report_format f, const struct jobview *v, const char *id)
{
	const char *path = cli_option(c, "--output");
	char *text = report_make(f, c->store, v, id, &c->e);
	int rc = text ? 0 : -1;
	if (rc == 0 && path)
		rc = path_write(path, text, strlen(text), &c->e);
	else if (rc == 0)
		fputs(text, stdout);
	free(text);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int report(struct cli *c)
{
	int f = wanted_format(c);
	char *id = f < 0 ? NULL : cli_job(c, c->args[0]);
	struct jobview *v = id ? cli_view(c, id) : NULL;
	int rc = v ? put_report(c, (enum report_format)f, v, id) : cli_fail(c);
	jobview_free(v);
	free(id);
	return rc;
}

/* --- verify ----------------------------------------------------------------------------------- */

static void put_chain_json(const char *name, const char *id, const struct store_chain *chain,
			   const char *noted)
{
	char time[32];
	cJSON *o = json_object_new("verify");
	clock_iso(chain->wall, time);
	json_put_text(o, "job", name);
	json_put_text(o, "id", id);
	json_put_flag(o, "complete", true);
	json_put_number(o, "records", chain->records);
	json_put_text(o, "last", time);
	json_put_text(o, "head", chain->head);
	if (noted) {
		json_put_flag(o, "noted_found", chain->noted > 0);
		if (chain->noted)
			json_put_number(o, "noted_record", chain->noted);
	}
	put_json(o, false);
}

static int say_chain(struct cli *c, const char *name, const char *id,
		     const struct store_chain *chain)
{
	const char *noted = cli_option(c, "--head");
	char time[32];
	clock_local(chain->wall, time);
	if (c->json)
		put_chain_json(name, id, chain, noted);
	tell(c, _("The journal of \"%s\" is complete and unchanged: %lld records, the last of %s"),
	     name, (long long)chain->records, time);
	tell(c, _("Head        %s"), chain->head);
	if (noted && chain->noted)
		tell(c, _("The noted head is that of record %lld: nothing up to there was changed"),
		     (long long)chain->noted);
	if (!noted || chain->noted)
		return EXIT_DONE;
	remark(c,
	       _("hitless: no record has the noted head: it is of another job, or the journal was "
		 "written anew"));
	return EXIT_FAILURES;
}

static int verify(struct cli *c)
{
	struct store_chain chain;
	char *id = cli_job(c, c->args[0]);
	int rc = id ? store_verify(c->store, id, 0, cli_option(c, "--head"), &chain, &c->e) : -1;
	struct jobview *v = rc == 0 ? cli_view(c, id) : NULL;
	rc = v ? say_chain(c, v->job->name, id, &chain) : cli_fail(c);
	jobview_free(v);
	free(id);
	return rc;
}

static const struct option report_options[] = {
    {"--format", "FORMAT", N_("text (default), json or html"), false},
    {"--output", "FILE", N_("write it to this file; its ending says the format: .txt, .json, .html"),
     false},
    {0},
};
static const struct option verify_options[] = {
    {"--head", "HASH", N_("a head that was noted before, in a report or a ticket"), false},
    {0},
};

const struct verb verbs_report[] = {
    {"report", "JOB", N_("every step with times, checks, snapshots compared, who decided what"),
     report_options, 1, 1, .run = report,
     .more = N_("html is one file that needs nothing else, to be attached to a ticket: the timeline\n"
		"as a picture, failures by cause, every step with its output. What looks like a\n"
		"secret in the output of a device is taken out in every format. What json holds is\n"
		"said by the JSON Schema report.schema.json, installed beside the procedures.")},
    {"verify", "JOB", N_("prove that the journal of a job is complete and unchanged"),
     verify_options, 1, 1, .run = verify,
     .more = N_("Every record carries the SHA-256 of the one before; all of them are computed again.\n"
		"The head, the hash of the last one, stands for the whole journal: who notes it, or\n"
		"keeps a report, can prove later with --head that nothing before it was changed.")},
    {0},
};
