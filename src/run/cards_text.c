/* SPDX-License-Identifier: ISC */
/* Error cards as lines. */
#include "config.h"

#include "run/cards.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "model/phrases.h"
#include "model/redact.h"
#include "run/words.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUT_LINES 8 /* of the evidence; the device's steps have all of it */

static void put_lines(struct str *out, const char *before, const char *text)
{
	char **lines = str_split(text, "\r\n", NULL);
	for (size_t i = 0; lines[i]; i++)
		utf8_line(out, "%s%s", before, lines[i]);
	free(lines);
}

static void put_labelled(struct str *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	utf8_line(out, "  %s", label);
	put_lines(out, "    ", text);
}

static char *members_text(const struct card *k, bool jobs)
{
	struct str out = {0};
	for (size_t i = 0; i < k->members.n; i++) {
		const struct card_member *m = &k->members.v[i];
		const struct task_view *t = card_task(m);
		str_printf(&out, "%s%s", i ? ", " : "", card_device(m));
		if (jobs)
			str_printf(&out, _(" in \"%s\""), m->view->job->name);
		if (t && t->started)
			str_printf(&out, " (%s)", word_task(t->state));
	}
	return str_take(&out);
}

static const char *tail(const char *text)
{
	size_t at = text ? strlen(text) : 0;
	while (at > 0 && (text[at - 1] == '\n' || text[at - 1] == '\r'))
		at--;
	for (int lines = 0; at > 0; at--)
		if (text[at - 1] == '\n' && ++lines == OUTPUT_LINES)
			break;
	return text ? text + at : NULL;
}

static void put_card(struct str *out, const struct card *k, const struct redactor *r, bool jobs)
{
	size_t n = k->members.n;
	char *names = members_text(k, jobs), *commands = card_commands(k);
	char *command = redact(r, k->command, NULL), *output = redact(r, tail(k->output), NULL);
	char *count = xasprintf(ngettext("%zu device:", "%zu devices:", n), n);
	utf8_line(out, "! %s", k->title);
	if (k->phase)
		utf8_line(out, _("  Phase: %s"), translated(k->phase));
	put_labelled(out, count, names);
	put_labelled(out, _("Likely cause:"), k->cause);
	put_labelled(out, _("What to do:"), k->advice);
	put_labelled(out, _("Evidence:"), command);
	if (output)
		put_lines(out, "    | ", output);
	put_labelled(out, _("Possible now:"), commands);
	str_putc(out, '\n');
	free(count);
	free(output);
	free(command);
	free(commands);
	free(names);
}

char *cards_text(const struct cards *c, bool jobs, struct err *e)
{
	struct redactor *r = redactor_new(e);
	struct str out = {0};
	if (!r)
		return NULL;
	for (size_t i = 0; i < c->list.n; i++)
		put_card(&out, &c->list.v[i], r, jobs);
	if (c->list.n == 0)
		utf8_line(&out, _("Nothing has failed."));
	else
		utf8_line(&out, _("Causes: %zu, devices: %zu"), c->list.n, c->devices);
	redactor_free(r);
	return str_take(&out);
}
