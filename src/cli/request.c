/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/plan_file.h"
#include "base/i18n.h"
#include "cli/request.h"

#include "base/path.h"
#include "model/json.h"
#include "run/before.h"
#include "run/create.h"
#include "run/door.h"
#include "run/targets.h"

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

/* Whoever names a device that went out of service is told so: to add it anew would be wrong. */
static bool is_retired(struct cli *c, const struct inventory *inv, char *const *names)
{
	for (; names && *names; names++)
		for (size_t i = 0; i < inv->retired.n; i++)
			if (str_eq(inv->retired.v[i].name, *names)) {
				(void)err_text(&c->e, ERR_INPUT, inv->retired.v[i].text);
				return true;
			}
	return false;
}

/* A name that nobody knows is for the pre-checks to say, as long as there is a device to check; a
 * plan from the inventory alone has none. */
static int pick(struct cli *c, struct job *j, const char *hosts, size_t **list, size_t *n)
{
	struct inventory *inv = j->inventory;
	if (cli_flag(c, "--offline"))
		return inventory_select(inv, hosts, list, n, &c->e);
	if (inventory_pick(inv, hosts, list, n, &j->missing, &c->e) != 0)
		return -1;
	if (is_retired(c, inv, j->missing)) {
		free(*list);
		*list = NULL;
		return -1;
	}
	if (*n || !j->missing)
		return 0;
	free(*list);
	return inventory_select(inv, hosts, list, n, &c->e); /* says which one, and what is near */
}

/* Where every image is given with its devices, those are the devices; new, NULL: not so. */
static char *named_hosts(const struct cli *c)
{
	struct str all = {0};
	size_t at = 0;
	const char *image;
	while ((image = cli_next(c, "--image", &at))) {
		const char *equals = strchr(image, '=');
		if (!equals) {
			str_release(&all);
			return NULL;
		}
		str_printf(&all, "%s%s", all.len ? "," : "", equals + 1);
	}
	return all.len ? str_take(&all) : NULL;
}

static int choose_devices(struct cli *c, struct job *j)
{
	const char *hosts = cli_option(c, "--hosts");
	size_t *list = NULL, n = 0;
	char *named = hosts || cli_flag(c, "--role") ? NULL : named_hosts(c);
	if (named && inventory_select(j->inventory, named, &list, &n, &c->e) != 0) {
		free(named);
		return -1;
	}
	if (!hosts && !named)
		choose_all(j->inventory, &list, &n);
	else if (hosts && pick(c, j, hosts, &list, &n) != 0)
		return -1;
	free(named);
	for (size_t i = 0; i < n; i++)
		if (role_wanted(c, j->inventory->devices.v[list[i]].role))
			VEC_PUSH(&j->devices, list[i]);
	free(list);
	if (j->devices.n)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       cli_option(c, "--role") ? M_("no chosen device has the role \"%s\"")
					       : M_("the inventory has no device to upgrade%s"),
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
			return err_set(&c->e, ERR_INPUT, "%s: expected NAME=VALUE, not \"%s\"",
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
			      "--on-failure: expected hold, stop or continue, not \"%s\"", text)
		    : 0;
}

/* A number that would count for nothing is a misunderstanding. */
static int check_budget(struct cli *c, const struct job *j)
{
	if (!cli_flag(c, "--failure-budget") || j->on_failure == ON_FAILURE_GO_ON)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       "--failure-budget counts only when the job goes on after a failure: add "
		       "--on-failure continue (now: %s)",
		       on_failure_names[j->on_failure]);
}

static int read_order(struct cli *c, struct job *j, const struct procedure *p)
{
	const char *text = cli_option(c, "--order");
	if (!text)
		return 0;
	j->order = procedure_order(p, text);
	return j->order ? 0 : err_set(&c->e, ERR_INPUT, "--order: expected roles: R1,R2");
}

static int read_numbers(struct cli *c, struct job *j, const struct procedure *p)
{
	const struct job_kind *kind = procedure_kind(procedure_method(p, j->method), j->kind);
	j->batch_size = kind && kind->batch_size > 0 ? kind->batch_size
			: p->batch_size > 0          ? p->batch_size
						     : 4;
	if (cli_number(c, "--batch-size", 1, 100000, &j->batch_size) != 0 ||
	    cli_number(c, "--role-limit", 1, 100000, &j->role_limit) != 0)
		return -1;
	j->canary = cli_flag(c, "--canary");
	const char *budget = cli_option(c, "--failure-budget");
	if (!budget || job_budget(j, budget, &c->e) == 0)
		return 0;
	return err_at(&c->e, "--failure-budget");
}

static int read_version(struct cli *c, struct job *j, const struct procedure *p)
{
	if (j->version)
		return 0; /* --to, an image or a plan said it */
	j->version = store_default(c->store, p->platforms[0]);
	if (j->version)
		return 0;
	return err_set(&c->e, ERR_INPUT,
		       "--to VERSION (or --image IMAGE) is missing, and there is no default "
		       "version ('hitless image default VERSION')");
}

/* "NAME" or "NAME=DEVICES", as often as wanted. */
static int read_images(struct cli *c, struct job *j, const struct procedure *p)
{
	VEC(struct image_wish) list = {0};
	VEC(char *) names = {0};
	size_t at = 0;
	const char *text;
	while ((text = cli_next(c, "--image", &at))) {
		const char *equals = strchr(text, '=');
		VEC_PUSH(&names, equals ? xstrndup(text, (size_t)(equals - text)) : xstrdup(text));
		VEC_PUSH(&list, ((struct image_wish){names.v[names.n - 1],
						     equals ? equals + 1 : NULL}));
	}
	int rc = targets_take(j, p, c->store, list.v, list.n, &c->e);
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i]);
	VEC_RELEASE(&names);
	VEC_RELEASE(&list);
	return rc;
}

/* --- the whole -------------------------------------------------------------------------------- */

static int read_name(struct cli *c, const char *kind, const struct plan_file *f, struct request *r)
{
	const char *name = cli_option(c, "--name");
	struct job *j = r->job;
	char time[32];
	if (!name && f->named)
		name = f->job->name;
	r->named = name != NULL;
	if (!name && !kind)
		return err_set(&c->e, ERR_INPUT, "--name NAME is missing: the job needs a name");
	clock_iso(j->created, time);
	j->name = name ? xstrdup(name) : xasprintf("%s %s", kind, time);
	return 0;
}

static struct procedure *read_procedure(struct cli *c, const struct job *j,
					const struct plan_file *f)
{
	const char *name = cli_option(c, "--procedure");
	if (!name && f->job)
		name = f->job->procedure;
	if (!name)
		name = j->procedure; /* of the earlier job */
	return name ? procedures_load(name, &c->e)
		    : procedures_for(j->inventory->devices.v[j->devices.v[0]].platform, &c->e);
}

/* What a plan says holds unless an option is given, which then has to say the same. */
static void preset(struct cli *c, struct job *j, const struct plan_file *f)
{
	if (!f->job)
		return;
	if (!cli_flag(c, "--hosts") && !cli_flag(c, "--role"))
		for (size_t i = 0; i < f->job->devices.n; i++)
			VEC_PUSH(&j->devices, f->job->devices.v[i]);
	if (!cli_flag(c, "--to"))
		j->version = xstrdup(f->job->version);
	j->on_failure = f->job->on_failure;
}

static void read_holds(struct cli *c, struct job *j)
{
	VEC(char *) list = {0};
	size_t at = 0;
	const char *stage;
	while ((stage = cli_next(c, "--hold-after", &at)))
		VEC_PUSH(&list, xstrdup(stage));
	if (list.n)
		VEC_PUSH(&list, NULL);
	j->hold_after = list.v;
}

static int read_options(struct cli *c, struct job *j, const struct procedure *p)
{
	read_holds(c, j);
	j->second_person =
	    cli_flag(c, "--require-confirm") || desk_setting(c->store, DESK_CONFIRM, 0) == 1;
	if (j->second_person)
		door_uids(j->uids);
	if (cli_flag(c, "--to") && !j->version)
		j->version = xstrdup(cli_option(c, "--to"));
	if (read_images(c, j, p) != 0 || read_version(c, j, p) != 0 ||
	    targets_version(j, p, c->store, &c->e) != 0 || read_numbers(c, j, p) != 0 ||
	    read_pairs(c, "--set", &j->parameters) != 0 ||
	    read_pairs(c, "--timeout", &j->timeouts) != 0 || read_window(c, j) != 0 ||
	    read_on_failure(c, j) != 0 || check_budget(c, j) != 0 || read_order(c, j, p) != 0)
		return -1;
	return 0;
}

/* The plan's own request takes the place of what the options made. */
static int take_plan(struct cli *c, struct plan_file *f, struct request *r)
{
	struct job *asked = r->job, *j = f->job;
	if (plan_file_agree(c, f, asked) != 0)
		return -1;
	if (cli_flag(c, "--offline") && j->missing)
		return err_set(&c->e, ERR_INPUT, "%s: no device is called \"%s\"", f->path,
			       j->missing[0]);
	free(j->name);
	j->name = xstrdup(asked->name);
	j->operator= xstrdup(asked->operator);
	j->created = asked->created;
	r->job = j;
	r->plan = f->plan;
	f->job = asked;
	f->plan = NULL;
	return create_check(r->job, r->procedure, &c->e);
}

int request_credentials(struct cli *c, const struct job *j, bool none_too)
{
	struct credentials list;
	int rc = cli_credentials(c, &list);
	for (size_t i = 0; rc == 0 && (list.n || none_too) && i < j->devices.n; i++) {
		const struct device *d = &j->inventory->devices.v[j->devices.v[i]];
		if (!credentials_find(&list, d->credential))
			rc = err_set(&c->e, ERR_INPUT,
				     "%s logs in with the credential \"%s\", which is not there; "
				     "'hitless credential add %s' adds it, 'hitless inventory "
				     "set %s credential NAME' names another one",
				     d->name, d->credential, d->credential, d->name);
	}
	credentials_release(&list);
	return rc;
}

/* What is not said comes from the earlier job; --hosts and --role choose among its devices. */
static int read_earlier(struct cli *c, struct job *j, const struct plan_file *f)
{
	const char *word = cli_option(c, "--from-job"), *to = cli_option(c, "--to");
	j->kind = xstrdup(cli_option(c, "--only"));
	j->method = xstrdup(cli_option(c, "--method"));
	if (!j->kind && f->job)
		j->kind = xstrdup(f->job->kind);
	if (str_eq(j->kind, KIND_FULL)) {
		free(j->kind);
		j->kind = NULL;
	}
	if (!word)
		return 0;
	char *id;
	struct jobview *b = before_open(c->store, word, &id, &c->e);
	int rc = b ? 0 : -1;
	if (rc == 0 && !j->devices.n && (cli_flag(c, "--hosts") || cli_flag(c, "--role")))
		rc = choose_devices(c, j);
	if (rc == 0 && to)
		j->version = xstrdup(to);
	if (rc == 0)
		rc = before_preset(j, b, &c->e);
	jobview_free(b);
	free(id);
	return rc;
}

/* The plan knows what the earlier job left. */
static int copy_earlier(struct cli *c, struct job *j, const struct plan_file *f)
{
	if (!f->job || !f->job->before)
		return 0;
	cJSON *tree = job_before_json(f->job->before, j->inventory);
	struct jnode at = json_root(tree, f->path);
	j->before = job_before_read(&at, j->inventory, &c->e);
	cJSON_Delete(tree);
	return j->before ? 0 : -1;
}

static int take_earlier(struct cli *c, struct job *j, const struct plan_file *f,
			const struct procedure *p)
{
	const char *word = cli_option(c, "--from-job");
	if (!word)
		return copy_earlier(c, j, f);
	char *id;
	struct jobview *b = before_open(c->store, word, &id, &c->e);
	int rc = b ? before_take(j, p, b, id, &c->e) : -1;
	jobview_free(b);
	free(id);
	return rc;
}

static void bring_units(struct cli *c, struct job *j, const struct procedure *p)
{
	char *text = create_whole_units(j, p);
	if (text && !c->json)
		tell(c, "%s", text);
	free(text);
}

static int fill(struct cli *c, const char *kind, struct plan_file *f, struct request *r)
{
	struct job *j = r->job;
	if (plan_file_read(c, f) != 0)
		return -1;
	j->inventory = cli_inventory(c);
	j->operator= desk_who();
	j->created = clock_real()->wall(clock_real());
	if (!j->inventory || (f->path && plan_file_resolve(c, f, j->inventory) != 0) ||
	    read_name(c, kind, f, r) != 0)
		return -1;
	preset(c, j, f);
	if (read_earlier(c, j, f) != 0)
		return -1;
	if (!j->devices.n && choose_devices(c, j) != 0)
		return -1;
	r->procedure = read_procedure(c, j, f);
	if (r->procedure)
		bring_units(c, j, r->procedure);
	if (!r->procedure || read_options(c, j, r->procedure) != 0 ||
	    take_earlier(c, j, f, r->procedure) != 0 || create_check(j, r->procedure, &c->e) != 0)
		return -1;
	if (f->path && take_plan(c, f, r) != 0)
		return -1;
	/* a rehearsal's devices are simulated, and so are their accounts; nothing is at stake */
	if (str_eq(kind, "rehearsal"))
		return 0;
	if (desk_check_size(c->store, r->job->devices.n, &c->e) != 0)
		return -1;
	return cli_flag(c, "--offline") ? 0 : request_credentials(c, r->job, false);
}

int request_read(struct cli *c, const char *kind, struct request *r)
{
	*r = (struct request){.job = job_new(), .yes = cli_flag(c, "--yes")};
	struct plan_file f = {0};
	int rc = cli_store(c) ? fill(c, kind, &f, r) : -1;
	plan_file_release(&f);
	if (rc != 0)
		request_release(r);
	return rc;
}
