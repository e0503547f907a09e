/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/report.h"

#include "cli/runner.h"

#include "base/path.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static int write_report(struct cli *c, const struct jobview *v, const char *id, const char *path)
{
	cJSON *report = report_json(c->store, v, id, &c->e);
	if (!report)
		return cli_fail(c);
	char *text = json_print(report, true);
	int rc = path_write(path, text, strlen(text), &c->e);
	free(text);
	cJSON_Delete(report);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int put_report(struct cli *c, const struct jobview *v, const char *id)
{
	const char *format = cli_option(c, "--format"), *path = cli_option(c, "--output");
	if (path)
		return write_report(c, v, id, path);
	if (format ? strcmp(format, "json") == 0 : c->json) {
		cJSON *report = report_json(c->store, v, id, &c->e);
		if (!report)
			return cli_fail(c);
		put_json(report, true);
		return EXIT_DONE;
	}
	char *text = report_text(c->store, v, id, &c->e);
	if (!text)
		return cli_fail(c);
	fputs(text, stdout);
	free(text);
	return EXIT_DONE;
}

static int report(struct cli *c)
{
	const char *format = cli_option(c, "--format");
	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return cli_bad(c, "--format: expected json or text, not \"%s\"", format);
	char *id = cli_job(c, c->args[0]);
	struct follow *f = id ? follow_new(c->store, id, &c->e) : NULL;
	int rc = f ? follow_update(f, NULL, NULL, &c->e) : -1;
	if (rc >= 0 && !follow_view(f)->job)
		rc = err_set(&c->e, ERR_INPUT, "the journal of this job is empty");
	rc = rc >= 0 ? put_report(c, follow_view(f), id) : cli_fail(c);
	follow_free(f);
	free(id);
	return rc;
}

static const struct option report_options[] = {
    {"--format", "FORMAT", N_("text (default) or json"), false},
    {"--output", "FILE", N_("write it to this file, as JSON"), false},
    {0},
};

const struct verb verbs_report[] = {
    {"report", "JOB", N_("every step with times, checks, snapshots compared, who decided what"),
     report_options, 1, 1, .run = report},
    {0},
};
