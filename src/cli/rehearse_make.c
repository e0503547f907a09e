/* SPDX-License-Identifier: ISC */
/* What a rehearsal stands on: everything lies in a directory of its own. */
#include "config.h"

#include "cli/lab.h"
#include "cli/rehearse.h"

#include "base/path.h"
#include "model/json.h"
#include "run/create.h"
#include "run/desk.h"
#include "run/images.h"
#include "run/paced.h"
#include "run/planning.h"
#include "run/rehearsal_owner.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IMAGE_BYTES ((int64_t)256 << 10)  /* of the images that are made: each is copied for real  \
					   */
#define REAL_BYTES   ((int64_t)250 << 20) /* of a real one, if there is none to look at */
#define COPY_SPEED   ((int64_t)10 << 20)  /* bytes a second over the management network */
#define MEMORY_DIR   REHEARSAL_MEMORY
#define MEMORY_BYTES ((int64_t)512 << 20)
#define FILE_LIMIT   ((size_t)64 << 20)

void rehearse_remark(struct rehearse *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	json_append(r->remarks, cJSON_CreateString(text));
	free(text);
}

void rehearse_refused(struct rehearse *r, const char *why)
{
	json_append(r->refused, cJSON_CreateString(why));
	rehearse_remark(r, _("the real job would be refused: %s"), why);
}

/* --- places ----------------------------------------------------------------------------------- */

/* Memory, where there is plenty: a journal is durable by many small writes. */
static const char *best_parent(void)
{
	const char *tmp = getenv("TMPDIR");
	if (tmp && *tmp)
		return tmp;
	return path_is_dir(MEMORY_DIR) && access(MEMORY_DIR, W_OK) == 0 &&
		       path_free_space(MEMORY_DIR) > MEMORY_BYTES
		   ? MEMORY_DIR
		   : "/tmp";
}

static int make_dir(struct rehearse *r)
{
	const char *given = cli_option(r->c, "--dir");
	if (given) {
		r->keep = true;
		r->dir = xstrdup(given);
		if (path_exists(given))
			return err_set(&r->c->e, ERR_INPUT,
				       _("%s is there already; name a directory that is not"),
				       given);
		return path_make_dirs(given, &r->c->e);
	}
	(void)rehearsal_sweep();
	r->dir = path_join(best_parent(), REHEARSAL_PREFIX "XXXXXX");
	if (mkdtemp(r->dir))
		return 0;
	free(r->dir);
	r->dir = NULL;
	return err_sys(&r->c->e, _("cannot make a directory"));
}

/* Now, or the moment at which the next maintenance window opens. */
static int64_t first_moment(const struct job *j)
{
	int64_t wall = clock_real()->wall(clock_real());
	struct window_span span;
	if (!j->windows.n || !windows_at(&j->windows, wall, &span))
		return wall;
	return span.opens > wall ? span.opens : wall;
}

static int make_places(struct rehearse *r)
{
	if (make_dir(r) != 0)
		return -1;
	r->lab = path_join(r->dir, "lab");
	r->state = path_join(r->dir, "state");
	r->clock = path_join(r->state, PACED_FILE);
	r->start = first_moment(r->job);
	if (path_make_dirs(r->lab, &r->c->e) != 0 || path_make_dirs(r->state, &r->c->e) != 0)
		return -1;
	r->owner = rehearsal_own(r->clock, &r->c->e);
	return r->owner < 0 ? -1 : pace_create(r->clock, r->start, &r->c->e);
}

/* --- the lab ---------------------------------------------------------------------------------- */

static bool copies_image(const struct rehearse *r)
{
	const struct method *m = procedure_method(r->procedure, r->job->method);
	const struct job_kind *k = procedure_kind(m, r->job->kind);
	char *const *steps = k ? k->steps : m ? m->steps : NULL;
	for (; steps && *steps; steps++) {
		const struct step *s = procedure_step(r->procedure, *steps);
		if (s && s->action == ACTION_PUT && str_eq(s->image, "os"))
			return true;
	}
	return false;
}

static void look_for_image(struct rehearse *r, const struct images *list)
{
	bool there = !copies_image(r);
	for (size_t i = 0; i < list->n; i++)
		there |= str_eq(list->v[i].version, r->job->version);
	if (there)
		return;
	char *why = xasprintf(_("no image of %s is in your repository; the rehearsal made one. "
				"'hitless image add' first"),
			      r->job->version);
	rehearse_refused(r, why);
	free(why);
}

/* Small images that take as long as the real ones. */
static int64_t copy_rate(struct rehearse *r)
{
	struct images list = {0};
	struct err e = {0};
	int64_t size = REAL_BYTES;
	if (store_images(r->c->store, &list, &e) == 0)
		for (size_t i = 0; i < list.n; i++)
			if (str_eq(list.v[i].version, r->job->version) &&
			    str_eq(list.v[i].kind, "os") && list.v[i].size > COPY_SPEED)
				size = list.v[i].size;
	look_for_image(r, &list);
	images_release(&list);
	if (r->job->second_person)
		rehearse_remark(r, _("a second person has to confirm the job itself"));
	if (copies_image(r))
		rehearse_remark(r,
				_("copies are played with %" PRId64 " MB at %" PRId64
				  " MB a second; all other times are those of the simulated devices, "
				  "not of your hardware"),
				size >> 20, COPY_SPEED >> 20);
	else
		rehearse_remark(r, _("all times are those of the simulated devices, not of your "
				     "hardware"));
	r->real_bytes = size;
	int64_t rate = IMAGE_BYTES / (size / COPY_SPEED);
	return rate > 0 ? rate : 1;
}

struct words {
	VEC(char *) list;
};

static void add(struct words *w, const char *option, const char *value)
{
	VEC_PUSH(&w->list, xstrdup(option));
	if (value)
		VEC_PUSH(&w->list, xstrdup(value));
}

static void add_number(struct words *w, const char *option, int64_t number)
{
	VEC_PUSH(&w->list, xstrdup(option));
	VEC_PUSH(&w->list, xasprintf("%" PRId64, number));
}

/* "job:killed[@PHASE]" is ours, everything else is for the lab. */
static void sort_faults(struct rehearse *r, struct words *w)
{
	static const char kill[] = "job:killed";
	VEC(char *) kills = {0};
	VEC(char *) faults = {0};
	size_t at = 0;
	const char *spec;
	while ((spec = cli_next(r->c, "--fault", &at))) {
		const char *rest = str_starts(spec, kill) ? spec + strlen(kill) : NULL;
		if (rest && (*rest == '\0' || *rest == '@'))
			VEC_PUSH(&kills, xstrdup(*rest ? rest + 1 : ""));
		else {
			add(w, "--fault", spec);
			VEC_PUSH(&faults, xstrdup(spec));
		}
	}
	VEC_PUSH(&kills, NULL);
	VEC_PUSH(&faults, NULL);
	r->kills = kills.v;
	r->faults = faults.v;
}

static int start_lab(struct rehearse *r)
{
	struct words w = {{0}};
	char *fabric = path_join(r->lab, "fabric.json"), **versions;
	int64_t speed = 0, seed = 1;
	int rc = rehearse_fabric(r, fabric);
	if (rc == 0 && (cli_number(r->c, "--speed", 1, 10000000, &speed) != 0 ||
			cli_number(r->c, "--fabric-seed", 0, INT64_MAX, &seed) != 0))
		rc = -1;
	add(&w, "lab", "serve");
	add(&w, "--dir", r->lab);
	add(&w, "--from", fabric);
	add(&w, "--clock", r->clock);
	add_number(&w, "--image-size", IMAGE_BYTES);
	add_number(&w, "--copy-rate", copy_rate(r));
	add_number(&w, "--seed", seed);
	if (speed)
		add_number(&w, "--speed", speed);
	versions = rehearse_versions(r);
	for (size_t i = 0; versions[i]; i++)
		add(&w, "--to", versions[i]);
	strings_free(versions);
	sort_faults(r, &w);
	VEC_PUSH(&w.list, NULL);
	if (rc == 0)
		rc = lab_start_words(r->lab, w.list.v, &r->c->e);
	r->lab_runs = rc == 0;
	strings_free(w.list.v);
	free(fabric);
	return rc;
}

/* --- the state directory ---------------------------------------------------------------------- */

static int lab_text(struct rehearse *r, const char *name, struct str *out)
{
	char *path = path_join(r->lab, name);
	int rc = path_read(path, FILE_LIMIT, out, &r->c->e);
	free(path);
	return rc;
}

static int copy_host_keys(struct rehearse *r)
{
	struct str text = {0};
	char *to = path_join(r->state, "known_hosts");
	int rc = lab_text(r, "known_hosts", &text);
	if (rc == 0)
		rc = path_write(to, str_text(&text), text.len, &r->c->e);
	str_release(&text);
	free(to);
	return rc;
}

static int add_credential(struct rehearse *r)
{
	struct credentials list = {0};
	struct credential one = {.name = xstrdup("default"),
				 .user = xstrdup(rehearse_system(r).user),
				 .method = CREDENTIAL_KEY,
				 .key = path_join(r->lab, "id_ed25519")};
	int rc = credentials_add(&list, &one, &r->c->e);
	if (rc == 0)
		rc = desk_credentials_save(r->own.store, &list, &r->c->e);
	credentials_release(&list);
	return rc;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_images(struct rehearse *r)
{
	char *images = path_join(r->lab, "images");
	struct image_words words = {.procedure = r->procedure};
	struct dirent **list = NULL;
	int n = scandir(images, &list, visible, alphasort), rc = 0;
	if (n < 0)
		rc = err_sys(&r->c->e, _("cannot read %s"), images);
	for (int i = 0; i < n; i++) {
		char *path = path_join(images, list[i]->d_name);
		struct image one = {0};
		bool known;
		if (rc == 0)
			rc = images_add(r->own.store, path, &words, NULL, NULL, &one, &known,
					&r->c->e);
		image_release(&one);
		free(path);
		free(list[i]);
	}
	free(list);
	free(images);
	return rc;
}

/* --- the job ---------------------------------------------------------------------------------- */

/* The operator's inventory with the addresses of the simulated devices; the order stays. */
static struct inventory *played_inventory(struct rehearse *r)
{
	char *path = path_join(r->lab, "inventory.json");
	struct inventory *lab = inventory_load(path, &r->c->e);
	cJSON *tree = inventory_to_json(r->job->inventory);
	struct inventory *inv = inventory_from_json(tree, REHEARSAL, &r->c->e);
	cJSON_Delete(tree);
	free(path);
	for (size_t i = 0; lab && inv && i < inv->devices.n; i++) {
		struct device *d = &inv->devices.v[i];
		size_t at = inventory_find(lab, d->name);
		if (at == NO_DEVICE)
			continue; /* cannot be: the lab was made of them */
		free(d->address);
		free(d->credential);
		d->address = xstrdup(lab->devices.v[at].address);
		d->port = lab->devices.v[at].port;
		d->credential = xstrdup("default");
	}
	inventory_free(lab);
	return lab ? inv : NULL;
}

static const struct image *by_id(const struct images *list, const char *id)
{
	for (size_t i = 0; id && i < list->n; i++)
		if (str_eq(list->v[i].id, id))
			return &list->v[i];
	return NULL;
}

/* The image of the rehearsal in the place of a real one; *id is replaced. */
static void exchange_image(const struct images *real, const struct images *played, char **id)
{
	const struct image *was = by_id(real, *id);
	const struct image *is =
	    was ? images_match(played, was->platform, was->kind, was->version, &was->fits) : NULL;
	free(*id);
	*id = is ? xstrdup(is->id) : NULL;
}

static int exchange_images(struct rehearse *r)
{
	struct images real = {0}, played = {0};
	int rc = store_images(r->c->store, &real, &r->c->e);
	if (rc == 0)
		rc = store_images(r->own.store, &played, &r->c->e);
	for (size_t i = 0; rc == 0 && r->played_plan && i < r->played_plan->devices.n; i++) {
		exchange_image(&real, &played, &r->played_plan->devices.v[i].image);
		exchange_image(&real, &played, &r->played_plan->devices.v[i].restore);
	}
	if (rc == 0 && r->played->os_image)
		exchange_image(&real, &played, &r->played->os_image);
	for (size_t i = 0; rc == 0 && i < r->played->targets.n; i++)
		exchange_image(&real, &played, &r->played->targets.v[i].image);
	images_release(&real);
	images_release(&played);
	if (rc == 0 && r->played_plan)
		plan_seal(r->played_plan, r->played->inventory);
	return rc;
}

static int make_job(struct rehearse *r)
{
	struct inventory *inv = played_inventory(r);
	if (!inv || desk_inventory_save(r->own.store, inv, &r->c->e) != 0) {
		inventory_free(inv);
		return -1;
	}
	cJSON *tree = job_to_json(r->job);
	cJSON_DeleteItemFromObjectCaseSensitive(tree, "inventory");
	/* nobody else is asked to confirm what nothing comes of */
	cJSON_DeleteItemFromObjectCaseSensitive(tree, "second_person");
	cJSON_DeleteItemFromObjectCaseSensitive(tree, "uids");
	json_put(tree, "inventory", inventory_to_json(inv));
	r->played = job_from_json(tree, REHEARSAL, &r->c->e);
	cJSON_Delete(tree);
	inventory_free(inv);
	if (!r->played)
		return -1;
	if (r->plan) {
		tree = plan_to_json(r->plan, r->job->inventory);
		r->played_plan = plan_from_json(tree, r->played->inventory, REHEARSAL, &r->c->e);
		cJSON_Delete(tree);
		if (!r->played_plan)
			return -1;
	}
	return exchange_images(r);
}

int rehearse_make(struct rehearse *r)
{
	if (make_places(r) != 0 || start_lab(r) != 0)
		return -1;
	r->own = (struct cli){.state_option = r->state, .silent = true};
	if (!cli_store(&r->own)) {
		r->c->e = r->own.e;
		return -1;
	}
	if (copy_host_keys(r) != 0 || add_credential(r) != 0 || add_images(r) != 0 ||
	    make_job(r) != 0 ||
	    store_durations_give(r->c->store, r->own.store, IMAGE_BYTES, r->real_bytes,
				 &r->c->e) != 0)
		return -1;
	bool again;
	return create_job(r->own.store, r->played, r->procedure, r->played_plan, &r->id, &again,
			  &r->c->e);
}
