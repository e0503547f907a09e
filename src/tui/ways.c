/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/ways.h"

#include "base/i18n.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *verb; /* as advice names it */
	const char *word; /* of the action that does it */
	const char *name; /* N_() */
} ways[] = {
    {"hitless host-key ", "keys", N_("Host keys")},
    {"hitless credential ", "credentials", N_("Logins")},
    {"hitless image ", "images", N_("Images")},
    {"hitless inventory ", "inventory", N_("Inventory")},
    {"hitless jobs", "history", N_("History")},
    {"hitless recheck", "recheck", N_("Check again")},
};

static const struct key_action *action(const struct app *a, const char *word)
{
	const struct key_action *k;
	for (size_t i = 0; (k = app_actions(a, &i));)
		if (str_eq(k->word, word))
			return k;
	return NULL;
}

static void put(struct str *out, const struct key_action *k, const char *name)
{
	char key[16];
	if (out->len)
		str_puts(out, ", ");
	if (!k->keys) {
		str_printf(out, ":%s", k->word);
		return;
	}
	key_first(k->keys, key);
	str_printf(out, "%s %s", key, name);
}

char *ways_advice(const struct app *a, const char *advice)
{
	struct str here = {0};
	for (size_t i = 0; advice && i < LEN(ways); i++) {
		const struct key_action *k =
			strstr(advice, ways[i].verb) ? action(a, ways[i].word) : NULL;
		if (k)
			put(&here, k, _(ways[i].name));
	}
	char *text = here.len ? xasprintf(_("Here: %s. %s"), str_text(&here), advice) : xstrdup(advice);
	str_release(&here);
	return text;
}
