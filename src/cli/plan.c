/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/upgrade.h"

#include "model/phrases.h"
#include "plan/planner.h"
#include "run/planning.h"

#include <stdlib.h>
#include <string.h>

static char *as_text(const struct plan *p, const struct job *j, bool named)
{
	(void)named;
	return plan_text(p, j, 100);
}

static char *as_dot(const struct plan *p, const struct job *j, bool named)
{
	(void)named;
	return plan_dot(p, j);
}

static const struct {
	const char *name;
	char *(*make)(const struct plan *p, const struct job *j, bool named);
} formats[] = {{"text", as_text}, {"json", planning_json}, {"dot", as_dot}};

static int find_format(struct cli *c)
{
	const char *name = cli_option(c, "--format");
	if (!name)
		name = c->json ? "json" : "text";
	for (size_t i = 0; i < LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return (int)i;
	return err_set(&c->e, ERR_INPUT, "--format: expected text, json or dot, not \"%s\"", name);
}

static int put_out(struct cli *c, const struct request *r, const struct plan *p,
		   const struct job *j, int format)
{
	const char *file = cli_option(c, "--plan-out");
	char *text = formats[format].make(p, j, r->named);
	size_t n = strlen(text);
	printf("%s%s", text, n && text[n - 1] != '\n' ? "\n" : "");
	free(text);
	if (!file)
		return EXIT_DONE;
	return planning_save(p, j, r->named, file, &c->e) == 0 ? EXIT_DONE : cli_fail(c);
}

/* What the devices said last about their version; *any: one did. New, one a device of the job. */
static struct values *versions_known(struct cli *c, const struct request *r, bool *any)
{
	struct known_devices known = {0};
	struct err none = {0};
	const char *fact = r->procedure->from_fact;
	struct values *facts = xcalloc(r->job->devices.n + 1, sizeof(*facts));
	*any = false;
	(void)store_history_last(c->store, &known, &none); /* without it the plan says "?" */
	for (size_t i = 0; fact && i < r->job->devices.n; i++) {
		const struct device *d = &r->job->inventory->devices.v[r->job->devices.v[i]];
		const struct known_device *k = known_device(&known, d->name);
		if (k && k->version && *k->version) {
			values_set(&facts[i], fact, k->version);
			*any = true;
		}
	}
	known_devices_release(&known);
	return facts;
}

static void forget_versions(const struct request *r, struct values *facts)
{
	for (size_t i = 0; i < r->job->devices.n; i++)
		values_release(&facts[i]);
	free(facts);
}

/* From the inventory alone: no device is asked, so of versions only those are known that the devices
 * said before, and of images nothing. */
static int plan_offline(struct cli *c, struct request *r, int format)
{
	struct images images = {0};
	if (store_images(c->store, &images, &c->e) != 0)
		return cli_fail(c);
	bool any;
	struct values *facts = versions_known(c, r, &any);
	struct plan_input in = {.job = r->job,
				.procedure = r->procedure,
				.facts = facts,
				.images = &images,
				.now = clock_real()->wall(clock_real()),
				.jump_host = NO_DEVICE};
	int rc;
	if (r->plan) {
		rc = plan_check(&in, r->plan, &c->e);
		if (rc == 0)
			rc = put_out(c, r, r->plan, r->job, format);
	} else {
		struct plan *p = plan_make(&in, &c->e);
		rc = p ? put_out(c, r, p, r->job, format) : -1;
		plan_free(p);
	}
	if (any)
		remark(c, _("note: no device was asked: the versions are those that they said last"));
	forget_versions(r, facts);
	images_release(&images);
	if (rc >= 0)
		return rc;
	rc = cli_fail(c);
	return c->e.kind == ERR_REFUSED ? EXIT_REFUSED : rc;
}

static int plan_online(struct cli *c, struct request *r, int format)
{
	struct watcher *w;
	c->silent = true; /* only the plan itself belongs on standard output */
	int rc = prepare_job(c, r, &w);
	if (rc == 0) {
		const struct jobview *v = watcher_view(w);
		rc = v->plan ? put_out(c, r, v->plan, v->job, format) : EXIT_DONE;
		if (v->plan && formats[format].make == as_text)
			put_hitless(c, v);
		if (v->state != JOB_READY)
			remark(c,
			       _("hitless: the pre-checks refuse this job (%s); 'hitless show "
				 "'%s'' tells "
				 "why"),
			       v->reason ? said(v, v->reason) : "", v->job->name);
		if (rc == EXIT_DONE && v->state != JOB_READY)
			rc = job_status(v);
	}
	if (w)
		watcher_dismiss(w);
	watcher_free(w);
	return rc;
}

static int plan(struct cli *c)
{
	struct request r;
	int format = find_format(c);
	if (format < 0 || request_read(c, "plan", &r) != 0)
		return cli_fail(c);
	int rc =
	    cli_flag(c, "--offline") ? plan_offline(c, &r, format) : plan_online(c, &r, format);
	request_release(&r);
	return rc;
}

static const struct option plan_options[] = {
    REQUEST_OPTIONS,
    {"--format", "FORMAT", N_("text (default), json or dot"), false},
    {"--plan-out", "FILE", N_("write the plan as JSON, to be given back with --plan"), false},
    {"--offline", NULL, N_("plan from the inventory and the versions that are known, asking no device"), false},
    {0},
};

const struct verb verbs_plan[] = {
    {"plan", "", N_("run the pre-checks and show stages, batches and their proof"), plan_options, 0,
     0, .run = plan},
    {0},
};
