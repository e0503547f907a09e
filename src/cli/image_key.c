/* SPDX-License-Identifier: ISC */
/* The public keys whose signatures of images are trusted. */
#include "config.h"

#include "cli/cli.h"

#include "base/path.h"
#include "model/json.h"
#include "run/images.h"

#include <stdlib.h>

#define KEY_FILE_MAX ((size_t)64 * 1024)

static int add_key(struct cli *c, struct signers *list, const char *file)
{
	struct str text = {0};
	int rc = path_read(file, KEY_FILE_MAX, &text, &c->e);
	if (rc == 0)
		rc = signers_add(list, c->args[0], str_text(&text),
				 clock_real()->wall(clock_real()), &c->e);
	str_release(&text);
	return rc;
}

static int add(struct cli *c)
{
	struct signers list = {0};
	int rc = cli_store(c) && images_signers(c->store, &list, &c->e) == 0 &&
			 add_key(c, &list, c->args[1]) == 0 &&
			 images_signers_save(c->store, &list, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE && c->json)
		put_json(json_object_new("image-key"), false);
	if (rc == EXIT_DONE)
		tell(c, _("key %s (%s) is trusted now"), c->args[0],
		     signers_find(&list, c->args[0])->id);
	signers_release(&list);
	return rc;
}

static int list(struct cli *c)
{
	static const char *const titles[] = {N_("NAME"), N_("ID"), N_("ADDED"), N_("KEY")};
	struct signers found = {0};
	struct table t;
	if (!cli_store(c) || images_signers(c->store, &found, &c->e) != 0)
		return cli_fail(c);
	cJSON *rows = c->json ? cJSON_CreateArray() : NULL;
	if (!c->json)
		table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < found.n; i++) {
		const struct signer *k = &found.v[i];
		char added[32];
		clock_local(k->added, added);
		if (c->json) {
			cJSON *o = cJSON_CreateObject();
			json_put_text(o, "name", k->name);
			json_put_text(o, "id", k->id);
			json_put_text(o, "key", k->key);
			json_put_number(o, "added", k->added);
			json_append(rows, o);
			continue;
		}
		table_cell(&t, k->name);
		table_cell(&t, k->id);
		table_cell(&t, added);
		table_cell(&t, k->key);
	}
	if (c->json)
		put_list(rows, "image-keys");
	else
		table_print(&t, stdout);
	signers_release(&found);
	return EXIT_DONE;
}

static int del(struct cli *c)
{
	struct signers found = {0};
	int rc = cli_store(c) && images_signers(c->store, &found, &c->e) == 0 &&
			 signers_remove(&found, c->args[0], &c->e) == 0 &&
			 images_signers_save(c->store, &found, &c->e) == 0
		     ? EXIT_DONE
		     : cli_fail(c);
	if (rc == EXIT_DONE && c->json)
		put_json(json_object_new("deleted"), false);
	if (rc == EXIT_DONE)
		tell(c, _("key %s is not trusted any more"), c->args[0]);
	signers_release(&found);
	return rc;
}

const struct verb verbs_image_key[] = {
    {"image-key add", "NAME FILE", N_("trust images that this key of minisign has signed"), NULL, 2,
     2, .run = add},
    {"image-key list", "", N_("list the keys that are trusted for images"), NULL, 0, 0,
     .run = list},
    {"image-key del", "NAME", N_("trust a key no longer"), NULL, 1, 1, .run = del},
    {0},
};
