/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/image.h"
#include "cli/image_ask.h"

#include "base/path.h"
#include "base/i18n.h"
#include "model/json.h"
#include "model/version.h"
#include "run/images.h"
#include "run/missing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRESS_LEAST ((int64_t)16 << 20) /* bytes; less is through at once */

/* --- add -------------------------------------------------------------------------------------- */

/* --fit, and --family, which is one of them with a name that people know. */
static int read_fits(struct cli *c, struct values *fits)
{
	size_t at = 0;
	const char *pair;
	while ((pair = cli_next(c, "--fit", &at))) {
		const char *equals = strchr(pair, '=');
		if (!equals || equals == pair)
			return err_set(&c->e, ERR_INPUT, "--fit: expected NAME=VALUE, not \"%s\"",
				       pair);
		char *name = xstrndup(pair, (size_t)(equals - pair));
		values_set(fits, name, equals + 1);
		free(name);
	}
	if (cli_option(c, "--family"))
		values_set(fits, "family", cli_option(c, "--family"));
	return 0;
}

static void put_image(struct cli *c, const struct image *i, bool known)
{
	if (c->json) {
		cJSON *o = json_object_new("image");
		json_put_flag(o, "known", known);
		json_put(o, "image", image_to_json(i));
		put_json(o, false);
		return;
	}
	tell(c, _("%s %s (%s)%s"), i->id, i->version, i->kind,
	     known ? _(": was there already") : "");
	if (!str_eq(i->label, i->name))
		tell(c, _("its name is %s"), i->label);
}

/* Said first: what a file is called is of no interest when there is none. */
static int check_file(struct cli *c, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return err_set(&c->e, ERR_INPUT, "cannot read %s: %-s", path, err_system(errno));
	if (S_ISREG(st.st_mode))
		return 0;
	return err_set(&c->e, ERR_INPUT, "%s is no file (%-s): name the image itself", path,
		       S_ISDIR(st.st_mode) ? M_("a directory") : M_("a device or a pipe"));
}

/* How far it is, on a terminal only. */
struct progress_line {
	int64_t shown; /* per cent */
	bool begun;
};

static int show_progress(void *ctx, int64_t done, int64_t total)
{
	struct progress_line *p = ctx;
	int64_t now = total > 0 ? done * 100 / total : 0;
	if (total < PROGRESS_LEAST || isatty(STDERR_FILENO) != 1 || (p->begun && now == p->shown))
		return 0;
	p->begun = true;
	p->shown = now;
	fprintf(stderr, "\r[%-20.*s] %3d %%", (int)(now / 5), "####################", (int)now);
	return 0;
}

static void end_progress(struct progress_line *p)
{
	if (p->begun)
		fputs("\r\033[K", stderr);
	p->begun = false;
}

int image_add(struct cli *c, const char *path)
{
	struct image i = {0};
	struct values fits = {0};
	bool known = false;
	const char *name = cli_option(c, "--procedure");
	if (check_file(c, path) != 0)
		return cli_fail(c);
	/* without one, the file says whose it is */
	struct procedure *p = name ? procedures_load(name, &c->e) : NULL;
	struct progress_line line = {0};
	struct image_words words = {.signature = cli_option(c, "--signature"),
				    .public_key = cli_option(c, "--public-key"),
				    .unchecked = cli_flag(c, "--unchecked"),
				    .kind = cli_option(c, "--kind"),
				    .version = cli_option(c, "--version"),
				    .label = cli_option(c, "--name"),
				    .vendor = cli_option(c, "--vendor"),
				    .platforms = cli_option(c, "--platforms"),
				    .fits = &fits,
				    .procedure = p};
	struct image_asked asked = {0};
	int rc = (p || !name) && read_fits(c, &fits) == 0 && cli_store(c) &&
			 image_ask(c, path, &words, &fits, &asked) == 0
		     ? 0
		     : -1;
	if (rc == 0)
		rc = images_add(c->store, path, &words, show_progress, &line, &i, &known, &c->e);
	end_progress(&line);
	if (rc == 0)
		put_image(c, &i, known);
	if (rc == 0 && i.signer)
		tell(c, _("the signature is good: %s"), i.signer);
	image_release(&i);
	image_asked_release(&asked);
	values_release(&fits);
	procedure_free(p);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

/* One after the other; one that is refused does not keep the others out. */
static int add(struct cli *c)
{
	static const char *const of_one[] = {"--name", "--signature"};
	int worst = EXIT_DONE;
	for (size_t i = 0; c->n_args > 1 && i < LEN(of_one); i++)
		if (cli_option(c, of_one[i]))
			return cli_bad(c, _("%s is of one image: add that one by itself"),
				       of_one[i]);
	for (int i = 0; i < c->n_args && c->e.kind != ERR_CANCELLED; i++) {
		c->e = (struct err){0};
		if (c->n_args > 1)
			tell(c, "%s", c->args[i]);
		int rc = image_add(c, c->args[i]);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

static int edit(struct cli *c)
{
	struct image i = {0};
	struct values fits = {0};
	struct image_words words = {.version = cli_option(c, "--version"),
				    .vendor = cli_option(c, "--vendor"),
				    .platforms = cli_option(c, "--platforms"),
				    .fits = &fits};
	int rc = read_fits(c, &fits);
	if (rc == 0 && !words.version && !words.vendor && !words.platforms && !fits.n)
		rc = err_set(&c->e, ERR_INPUT, "say what to change: 'hitless image set --help'");
	if (rc == 0)
		rc = cli_store(c) ? images_edit(c->store, c->args[0], &words, &i, &c->e) : -1;
	if (rc == 0)
		put_image(c, &i, false);
	image_release(&i);
	values_release(&fits);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

/* --- verify ----------------------------------------------------------------------------------- */

/* One row: is it what was added? */
static bool verify_one(struct cli *c, const struct image *i, cJSON *rows)
{
	struct progress_line line = {0};
	struct err e = {0};
	bool good = images_verify(c->store, i->sha256, show_progress, &line, &e) == 0;
	end_progress(&line);
	if (rows) {
		cJSON *o = cJSON_CreateObject();
		json_put_text(o, "id", i->id);
		json_put_text(o, "label", i->label);
		json_put_text(o, "name", i->name);
		json_put_flag(o, "good", good);
		json_put_text(o, "message", good ? NULL : e.text);
		json_append(rows, o);
	}
	tell(c, "%.12s  %s  %s", i->sha256, good ? _("good") : _("BAD"), good ? i->label : e.text);
	return good;
}

static int verify(struct cli *c)
{
	struct images list = {0};
	const char *id = c->n_args ? c->args[0] : NULL;
	struct image only = {0};
	size_t bad = 0;
	if (!cli_store(c) || (id && store_image_find(c->store, id, &only, &c->e) != 0) ||
	    store_images(c->store, &list, &c->e) != 0) {
		image_release(&only);
		return cli_fail(c);
	}
	cJSON *rows = c->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < list.n; i++)
		if (!only.id || str_eq(list.v[i].id, only.id))
			bad += !verify_one(c, &list.v[i], rows);
	images_release(&list);
	image_release(&only);
	if (c->json)
		put_list(rows, "images");
	return bad ? EXIT_FAILURES : EXIT_DONE;
}

/* --- list, del, default ----------------------------------------------------------------------- */

static void fits_text(const struct image *i, struct str *out)
{
	for (size_t k = 0; k < i->fits.n; k++)
		str_printf(out, "%s%s=%s", k ? " " : "", i->fits.v[k].name, i->fits.v[k].text);
}

static void put_images(const struct images *list)
{
	static const char *const titles[] = {N_("ID"),       N_("KIND"),   N_("VERSION"),
					     N_("PLATFORM"), N_("VENDOR"), N_("FITS"),
					     N_("MIB"),      N_("SIGNED"), N_("NAME")};
	struct table t;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < list->n; i++) {
		const struct image *k = &list->v[i];
		struct str fits = {0};
		fits_text(k, &fits);
		table_cellf(&t, "%.12s", k->sha256);
		table_cell(&t, k->kind);
		table_cell(&t, k->version);
		table_cell(&t, k->platform);
		table_cell(&t, k->vendor);
		table_cell(&t, str_text(&fits));
		table_cellf(&t, "%" PRId64, k->size >> 20);
		table_cell(&t, k->signer);
		table_cell(&t, k->label);
		str_release(&fits);
	}
	table_print(&t, stdout);
}

static void put_space(struct cli *c, const struct images *list)
{
	int64_t used = 0;
	for (size_t i = 0; i < list->n; i++)
		used += list->v[i].size;
	remark(c,
	       ngettext("%zu file, %" PRId64 " MiB; %" PRId64 " MiB are left in %s",
			"%zu files, %" PRId64 " MiB; %" PRId64 " MiB are left in %s", list->n),
	       list->n, used >> 20, path_free_space(store_dir(c->store)) >> 20,
	       store_dir(c->store));
}

static int list(struct cli *c)
{
	struct images images = {0};
	if (!cli_store(c) || store_images(c->store, &images, &c->e) != 0)
		return cli_fail(c);
	if (c->json) {
		cJSON *rows = cJSON_CreateArray();
		for (size_t i = 0; i < images.n; i++)
			json_append(rows, image_to_json(&images.v[i]));
		put_list(rows, "images");
	} else {
		put_images(&images);
		put_space(c, &images);
	}
	images_release(&images);
	return EXIT_DONE;
}

/* False: devices run what it holds, and nobody said that they need no way back. */
static bool may_go(struct cli *c, const char *id)
{
	struct image i = {0};
	if (store_image_unused(c->store, id, &i, &c->e) != 0)
		return false;
	size_t n = cli_flag(c, "--yes") ? 0 : image_way_back(c->store, &i);
	if (n)
		err_set(
		    &c->e, ERR_REFUSED,
		    ngettext(
			"%zu device of the inventory runs %s, and only image %s brings it back "
			"to that; --yes deletes it all the same",
			"%zu devices of the inventory run %s, and only image %s brings them back "
			"to that; --yes deletes it all the same",
			n),
		    n, i.version, i.name);
	image_release(&i);
	return n == 0;
}

int image_delete(struct cli *c, const char *id)
{
	if (!cli_store(c) || !may_go(c, id) || store_image_delete(c->store, id, &c->e) != 0)
		return cli_fail(c);
	if (c->json)
		put_json(json_object_new("deleted"), false);
	tell(c, _("deleted"));
	return EXIT_DONE;
}

static int del(struct cli *c)
{
	return image_delete(c, c->args[0]);
}

/* The platform that there are devices of, else the one that there are images of; new, NULL:
 * neither. */
static char *usual_platform(struct cli *c)
{
	struct err none = {0};
	struct images list = {0};
	struct inventory *inv = desk_inventory(c->store, &none);
	char *platform = NULL;
	for (size_t i = 0; inv && !platform && i < inv->devices.n; i++)
		if (!inv->devices.v[i].anchor)
			platform = xstrdup(inv->devices.v[i].platform);
	if (!platform && store_images(c->store, &list, &none) == 0 && list.n)
		platform = xstrdup(list.v[0].platform);
	images_release(&list);
	inventory_free(inv);
	return platform;
}

static const char *platform_of(struct cli *c, struct procedure **p)
{
	const char *name = cli_option(c, "--procedure");
	if (name) {
		*p = procedures_load(name, &c->e);
	} else {
		char *platform = cli_store(c) ? usual_platform(c) : NULL;
		*p = c->store ? procedures_for(platform, &c->e) : NULL;
		free(platform);
	}
	return *p ? (*p)->platforms[0] : NULL;
}

static void put_default(struct cli *c, const char *platform)
{
	char *version = store_default(c->store, platform);
	if (c->json) {
		cJSON *o = json_object_new("default");
		json_put_text(o, "platform", platform);
		json_put_text(o, "version", version);
		put_json(o, false);
	}
	tell(c, "%s: %s", platform, version ? version : _("no default version"));
	free(version);
}

/* Is there an image of the system in this version? Else c->e names the versions that there are. */
static int check_there(struct cli *c, const char *platform, const char *version)
{
	struct images list = {0};
	struct str there = {0};
	bool found = false;
	if (store_images(c->store, &list, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		const struct image *k = &list.v[i];
		if (!str_eq(k->platform, platform) || !str_eq(k->kind, "os"))
			continue;
		found = found || str_eq(k->version, version);
		str_printf(&there, "%s%s", there.len ? ", " : "", k->version);
	}
	images_release(&list);
	int rc = 0;
	if (!found && there.len)
		rc = err_set(&c->e, ERR_INPUT,
			     "there is no image of version \"%s\" for %s; there are: %s", version,
			     platform, str_text(&there));
	else if (!found)
		rc = err_set(&c->e, ERR_INPUT,
			     "there is no image of version \"%s\" for %s, nor any other; "
			     "'hitless image add FILE' adds one",
			     version, platform);
	str_release(&there);
	return rc;
}

int image_default(struct cli *c, const char *version)
{
	struct procedure *p;
	const char *platform = platform_of(c, &p);
	int rc = platform && cli_store(c) ? 0 : -1;
	bool clear = version && strcmp(version, "-") == 0;
	if (rc == 0 && version && !clear && !version_valid(version))
		rc = err_set(&c->e, ERR_INPUT, "\"%s\" is no version", version);
	if (rc == 0 && version && !clear)
		rc = check_there(c, platform, version);
	if (rc == 0 && version)
		rc = store_set_default(c->store, platform, clear ? NULL : version, &c->e);
	if (rc == 0)
		put_default(c, platform);
	procedure_free(p);
	return rc == 0 ? EXIT_DONE : cli_fail(c);
}

static int set_default(struct cli *c)
{
	return image_default(c, c->n_args ? c->args[0] : NULL);
}

static const struct option add_options[] = {
    {"--kind", "KIND", N_("os, or a kind of package that the procedure names"), false},
    {"--version", "VERSION", N_("version (the file or its name tells)"), false},
    {"--name", "NAME", N_("its name, for good (the file's)"), false},
    {"--vendor", "VENDOR", N_("who made it (the procedure's)"), false},
    {"--family", "FAMILY", N_("family of devices that it is for (the file or its name tells)"),
     false},
    {"--platforms", "LIST", N_("models that it supports: 'qfx5120*,qfx5110*' (any it fits)"),
     false},
    {"--fit", "NAME=VALUE", N_("what it fits (the file or its name tells): asic=VX"), true},
    {"--signature", "FILE", N_("signature of minisign (FILE.minisig, if it is there)"), false},
    {"--public-key", "FILE", N_("the key that has to have signed it (one of image-key list)"),
     false},
    {"--unchecked", NULL, N_("do not look into the file: it is what name and options say"), false},
    {"--procedure", "P", N_("procedure that it is for (the first)"), false},
    {0},
};
static const struct option del_options[] = {
    {"--yes", NULL, N_("delete it although devices run it"), false},
    {0},
};
static const struct option set_options[] = {
    {"--version", "VERSION", N_("its version"), false},
    {"--vendor", "VENDOR", N_("who made it"), false},
    {"--family", "FAMILY", N_("family of devices that it is for"), false},
    {"--platforms", "LIST", N_("models that it supports: 'qfx5120*,qfx5110*'"), false},
    {"--fit", "NAME=VALUE", N_("what it fits: asic=VX"), true},
    {0},
};
static const struct option procedure_options[] = {
    {"--procedure", "P", N_("procedure that it is about (that of the devices)"), false},
    {0},
};

const struct verb verbs_image[] = {
    {"image add", "FILE...", N_("copy images and packages into the state directory"), add_options,
     1, -1, .run = add,
     .more =
	 N_("What it is the file itself tells, else its name; what neither tells is asked for on "
	    "a\nterminal, and without one the options to give are named. Of several files each is\n"
	    "told, as JSON in a line of its own; the exit status is that of the worst.")},
    {"image set", "IMAGE", N_("change what is said of an image; its name stays"), set_options, 1, 1,
     .run = edit,
     .more = N_("IMAGE: its name, or the beginning of its id. An empty text takes away what was "
		"said.")},
    {"image verify", "[IMAGE]", N_("hash the stored images again (all of them)"), NULL, 0, 1,
     .run = verify, .more = N_("Exit status 1 when one is not what was added.")},
    {"image list", "", N_("list images and packages"), NULL, 0, 0, .run = list},
    {"image del", "IMAGE", N_("delete an image: its name, or the beginning of its id"), del_options,
     1, 1, .run = del},
    {"image default", "[VERSION]", N_("show or set the default version (-: none)"),
     procedure_options, 0, 1, .run = set_default},
    {0},
};
