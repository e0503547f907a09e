/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/request.h"

#include "base/path.h"
#include "model/json.h"
#include "run/create.h"

#include <stdlib.h>
#include <string.h>

void request_release(struct request *r)
{
	job_free(r->job);
	procedure_free(r->procedure);
	plan_free(r->plan);
	*r = (struct request){0};
}

/* --- devices ---------------------------------------------------------------------------------- */

static bool role_wanted(const struct cli *c, const char *role)
{
	size_t at = 0;
	const char *wanted = cli_next(c, "--role", &at);
	if (!wanted)
		return true;
	for (; wanted; wanted = cli_next(c, "--role", &at))
		if (str_eq(wanted, role))
			return true;
	return false;
}

static void choose_all(const struct inventory *inv, size_t **out, size_t *n)
{
	*out = xcalloc(inv->devices.n + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < inv->devices.n; i++)
		if (!inv->devices.v[i].anchor)
			(*out)[(*n)++] = i;
}

static int choose_devices(struct cli *c, struct job *j)
{
	const char *hosts = cli_option(c, "--hosts");
	size_t *list = NULL, n = 0;
	if (!hosts)
		choose_all(j->inventory, &list, &n);
	else if (inventory_select(j->inventory, hosts, &list, &n, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (role_wanted(c, j->inventory->devices.v[list[i]].role))
			VEC_PUSH(&j->devices, list[i]);
	free(list);
	if (j->devices.n)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       cli_option(c, "--role") ? _("no chosen device has the role \"%s\"")
					       : _("the inventory has no device to upgrade%s"),
		       cli_option(c, "--role") ? cli_option(c, "--role") : "");
}

/* --- options ---------------------------------------------------------------------------------- */

static int read_pairs(struct cli *c, const char *option, struct values *out)
{
	size_t at = 0;
	const char *pair;
	while ((pair = cli_next(c, option, &at))) {
		const char *equals = strchr(pair, '=');
		if (!equals || equals == pair)
			return err_set(&c->e, ERR_INPUT, _("%s: expected NAME=VALUE, not \"%s\""),
				       option, pair);
		char *name = xstrndup(pair, (size_t)(equals - pair));
		values_set(out, name, equals + 1);
		free(name);
	}
	return 0;
}

static int read_window(struct cli *c, struct job *j)
{
	const char *text = cli_option(c, "--window");
	/* an empty option is a mistake, not the wish for no window */
	if (!text || job_window(j, *text ? text : " ", &c->e) == 0)
		return 0;
	return err_at(&c->e, "--window");
}

static int read_on_failure(struct cli *c, struct job *j)
{
	const char *text = cli_option(c, "--on-failure");
	for (unsigned i = 0; text && on_failure_names[i]; i++)
		if (strcmp(on_failure_names[i], text) == 0) {
			j->on_failure = (enum on_failure)i;
			return 0;
		}
	return text ? err_set(&c->e, ERR_INPUT,
			      _("--on-failure: expected hold, stop or continue, not \"%s\""), text)
		    : 0;
}

static int read_order(struct cli *c, struct job *j, const struct procedure *p)
{
	const char *text = cli_option(c, "--order");
	if (!text)
		return 0;
	j->order = procedure_order(p, text);
	return j->order ? 0 : err_set(&c->e, ERR_INPUT, _("--order: expected roles: R1,R2"));
}

static int read_numbers(struct cli *c, struct job *j, const struct procedure *p)
{
	j->batch_size = p->batch_size > 0 ? p->batch_size : 4;
	if (cli_number(c, "--batch-size", 1, 100000, &j->batch_size) != 0 ||
	    cli_number(c, "--role-limit", 1, 100000, &j->role_limit) != 0)
		return -1;
	j->canary = cli_flag(c, "--canary");
	return cli_number(c, "--failure-budget", 0, 100000, &j->failure_budget);
}

static int read_version(struct cli *c, struct job *j, const struct procedure *p)
{
	const char *to = cli_option(c, "--to");
	j->version = to ? xstrdup(to) : store_default(c->store, p->platforms[0]);
	if (j->version)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       _("--to VERSION is missing, and there is no default "
			 "version ('hitless image default VERSION')"));
}

/* The whole id of an image that is named by the beginning of its id. */
static int read_image(struct cli *c, struct job *j)
{
	const char *text = cli_option(c, "--image");
	struct images list = {0};
	size_t found = 0;
	if (!text)
		return 0;
	if (store_images(c->store, &list, &c->e) != 0)
		return -1;
	const char *digits = str_starts(text, "image_") ? text + strlen("image_") : text;
	for (size_t i = 0; i < list.n && *digits; i++)
		if (str_starts(list.v[i].sha256, digits)) {
			found++;
			free(j->os_image);
			j->os_image = xstrdup(list.v[i].id);
		}
	images_release(&list);
	if (found == 1)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       found ? _("more than one image begins with \"%s\"")
			     : _("there is no image \"%s\"; 'hitless image list' "
				 "shows all"),
		       text);
}

static int read_name(struct cli *c, struct job *j, const char *kind)
{
	const char *name = cli_option(c, "--name");
	char time[32];
	if (!name && !kind)
		return err_set(&c->e, ERR_INPUT, _("--name NAME is missing: the job needs a name"));
	clock_iso(j->created, time);
	j->name = name ? xstrdup(name) : xasprintf("%s %s", kind, time);
	return 0;
}

static int read_plan(struct cli *c, struct request *r)
{
	const char *path = cli_option(c, "--plan");
	cJSON *tree = path ? json_load(path, &c->e) : NULL;
	if (!path)
		return 0;
	if (tree)
		r->plan = plan_from_json(tree, r->job->inventory, path, &c->e);
	cJSON_Delete(tree);
	return r->plan ? 0 : -1;
}

static struct procedure *read_procedure(struct cli *c, const struct job *j)
{
	const char *name = cli_option(c, "--procedure");
	return name ? procedures_load(name, &c->e)
		    : procedures_for(j->inventory->devices.v[j->devices.v[0]].platform, &c->e);
}

static int fill(struct cli *c, const char *kind, struct request *r)
{
	struct job *j = r->job;
	j->inventory = cli_inventory(c);
	j->operator= desk_who();
	j->created = clock_real()->wall(clock_real());
	if (!j->inventory || read_name(c, j, kind) != 0 || choose_devices(c, j) != 0)
		return -1;
	r->procedure = read_procedure(c, j);
	if (!r->procedure)
		return -1;
	j->method = xstrdup(cli_option(c, "--method"));
	if (read_version(c, j, r->procedure) != 0 || read_numbers(c, j, r->procedure) != 0 ||
	    read_pairs(c, "--set", &j->parameters) != 0 ||
	    read_pairs(c, "--timeout", &j->timeouts) != 0 || read_window(c, j) != 0 ||
	    read_on_failure(c, j) != 0 || read_order(c, j, r->procedure) != 0 ||
	    read_image(c, j) != 0)
		return -1;
	return create_check(j, r->procedure, &c->e) == 0 ? read_plan(c, r) : -1;
}

int request_read(struct cli *c, const char *kind, struct request *r)
{
	*r = (struct request){.job = job_new(), .yes = cli_flag(c, "--yes")};
	if (cli_store(c) && fill(c, kind, r) == 0)
		return 0;
	request_release(r);
	return -1;
}
