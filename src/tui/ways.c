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

/* The order that begins here and is followed by a device of the job; NULL: none. */
static const struct key_action *order_at(const struct app *a, const char *text, const char *at)
{
	static const char *const orders[] = {"skip", "retry", "rollback"};
	const struct jobview *v = app_view(a);
	for (size_t i = 0; i < LEN(orders); i++) {
		size_t n = strlen(orders[i]);
		if (strncmp(at, orders[i], n) != 0 || at[n] != ' ' ||
		    (at > text && (at[-1] == '-' || (at[-1] >= 'a' && at[-1] <= 'z'))))
			continue;
		for (size_t t = 0; v && t < v->tasks.n; t++) {
			const char *name = jobview_device(v, v->tasks.v[t].device);
			if (strncmp(at + n + 1, name, strlen(name)) == 0)
				return action(a, orders[i]);
		}
	}
	return NULL;
}

char *ways_keys(const struct app *a, const char *text)
{
	struct str out = {0};
	if (!text)
		return NULL;
	str_puts(&out, "");
	for (const char *at = text; *at;) {
		const struct key_action *k = order_at(a, text, at);
		char key[16];
		if (!k || !k->keys || !k->label) {
			str_putc(&out, *at++);
			continue;
		}
		key_first(k->keys, key);
		str_printf(&out, "%s %s", key, _(k->label));
		at += strlen(k->word);
	}
	return str_take(&out);
}
