/* SPDX-License-Identifier: ISC */
/* Without a verb: what there is, and what to do next. */
#include "config.h"

#include "cli/home.h"

#include "base/path.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/create.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

struct overview {
	size_t devices, images, credentials, waiting, running;
	struct job_rows jobs;
};

static void look_at_jobs(struct cli *c, struct overview *o)
{
	for (size_t i = 0; i < o->jobs.n; i++) {
		struct err why = {0};
		struct jobview *v = create_view(c->store, o->jobs.v[i].id, &why);
		bool running = store_job_running(c->store, o->jobs.v[i].id);
		o->running += running;
		if (v && v->until && !running)
			tell(c,
			     _("Waits for its window without a process: %s; before it opens: hitless "
			       "resume '%s'"),
			     o->jobs.v[i].name, o->jobs.v[i].name);
		if (v && !v->until && (v->state == JOB_HELD || v->state == JOB_PAUSED)) {
			o->waiting++;
			tell(c, _("Waits for you: %s (%s)"), o->jobs.v[i].name,
			     v->reason ? said(v, v->reason) : word_job(v->state));
		}
		jobview_free(v);
	}
}

static int look(struct cli *c, struct overview *o)
{
	struct images images = {0};
	struct credentials credentials;
	char *path = cli_path(c, "inventory.json");
	if (!path)
		return -1;
	struct inventory *inv = path_exists(path) ? inventory_load(path, &c->e) : inventory_new();
	free(path);
	if (!inv)
		return -1;
	o->devices = inv->devices.n;
	inventory_free(inv);
	if (store_images(c->store, &images, &c->e) != 0)
		return -1;
	o->images = images.n;
	images_release(&images);
	if (cli_credentials(c, &credentials) != 0)
		return -1;
	o->credentials = credentials.n;
	credentials_release(&credentials);
	return store_jobs(c->store, &o->jobs, &c->e);
}

static void advise(struct cli *c, const struct overview *o)
{
	const char *next = !o->devices       ? "hitless inventory import FILE"
			   : !o->credentials ? "hitless credential add default --user USER --agent"
			   : !o->images      ? "hitless image add FILE"
					     : "hitless upgrade --name NAME --to VERSION";
	tell(c, _("\nNext: %s"), next);
	tell(c,
	     _("      hitless --help lists all verbs; hitless demo shows an upgrade of simulated "
	       "switches"));
}

static void put_overview(struct cli *c, const struct overview *o)
{
	cJSON *object = json_object_new("home");
	json_put_text(object, "state_dir", store_dir(c->store));
	json_put_number(object, "devices", (int64_t)o->devices);
	json_put_number(object, "images", (int64_t)o->images);
	json_put_number(object, "credentials", (int64_t)o->credentials);
	json_put_number(object, "jobs", (int64_t)o->jobs.n);
	put_json(object, false);
}

bool can_show_screens(const struct cli *c)
{
	const char *term = getenv("TERM");
	return c->screens && c->in_tty && c->out_tty && !c->json && term && *term &&
	       strcmp(term, "dumb") != 0;
}

int home(struct cli *c)
{
	struct overview o = {0};
	if (can_show_screens(c))
		return c->screens(c, NULL, false);
	if (look(c, &o) != 0)
		return cli_fail(c);
	if (c->json)
		put_overview(c, &o);
	tell(c, _("%zu devices, %zu images, %zu credentials, %zu jobs (%s)"), o.devices, o.images,
	     o.credentials, o.jobs.n, store_dir(c->store));
	look_at_jobs(c, &o);
	if (o.running)
		tell(c, _("%zu jobs have a process now: hitless jobs"), o.running);
	advise(c, &o);
	job_rows_release(&o.jobs);
	return EXIT_DONE;
}

static int home_verb(struct cli *c)
{
	return home(c);
}

const struct verb verbs_home[] = {
    {"home", "", N_("what there is, and what to do next (also without a verb)"), NULL, 0, 0,
     .run = home_verb},
    {0},
};
