/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/image_ask.h"

#include "base/i18n.h"
#include "model/version.h"
#include "run/procedures.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256

void image_asked_release(struct image_asked *a)
{
	free(a->kind);
	free(a->version);
	procedure_free(a->procedure);
	*a = (struct image_asked){0};
}

/* --- what may be said ------------------------------------------------------------------------- */

struct choices { /* borrowed of a procedure; n is 0: anything */
	VEC(const char *) list;
};

static const char *choice(const struct choices *c, const char *text)
{
	for (size_t i = 0; i < c->list.n; i++)
		if (strcasecmp(c->list.v[i], text) == 0)
			return c->list.v[i];
	return NULL;
}

static void add_choice(struct choices *c, const char *text)
{
	if (!choice(c, text))
		VEC_PUSH(&c->list, text);
}

static char *choices_text(const struct choices *c, const char *between)
{
	struct str text = {0};
	for (size_t i = 0; i < c->list.n; i++)
		str_printf(&text, "%s%s", i ? between : "", c->list.v[i]);
	return str_take(&text);
}

static struct choices kinds_of(const struct procedure *p)
{
	struct choices c = {.list = {0}};
	for (size_t i = 0; i < p->n_images; i++)
		add_choice(&c, p->images[i].kind);
	return c;
}

/* The words that names of files and heads are turned into. */
static struct choices values_of(const struct image_kind *k, const char *name)
{
	struct choices c = {.list = {0}};
	for (size_t m = 0; m < k->n_maps; m++)
		for (size_t i = 0; str_eq(k->maps[m].name, name) && i < k->maps[m].map.n; i++)
			add_choice(&c, k->maps[m].map.v[i].text);
	return c;
}

/* --- asking ----------------------------------------------------------------------------------- */

static int ended(struct cli *c)
{
	return err_set(&c->e, ERR_CANCELLED, _("the input has ended: nothing was added"));
}

/* A line without its end and without spaces around it, new; NULL: there is none. */
static char *read_line(const char *prompt)
{
	char line[LINE_MAX_BYTES], *at = line;
	fputs(prompt, stderr);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin))
		return NULL;
	at += strspn(at, " \t");
	size_t n = strlen(at);
	while (n && strchr(" \t\r\n", at[n - 1]))
		n--;
	return xstrndup(at, n);
}

/* One of the choices, spelt as they are; empty: the fallback. New; NULL: the input has ended. */
static char *ask_choice(const char *prompt, const struct choices *from, const char *fallback)
{
	for (;;) {
		char *text = read_line(prompt), *all;
		const char *one = text && *text ? choice(from, text) : fallback;
		if (!text || one) {
			free(text);
			return text ? xstrdup(one) : NULL;
		}
		if (!from->list.n)
			return text;
		all = choices_text(from, ", ");
		fprintf(stderr, _("It is one of: %s\n"), all);
		free(all);
		free(text);
	}
}

static char *ask_version(void)
{
	for (;;) {
		char *text = read_line(_("Version (for example 4.2.0): "));
		if (!text || version_valid(text))
			return text;
		fprintf(stderr, _("\"%s\" is no version\n"), text);
		free(text);
	}
}

static int ask_procedure(struct cli *c, struct image_words *w, struct image_asked *out)
{
	struct procedures all = {0};
	struct choices from = {.list = {0}};
	if (procedures_all(NULL, &all, &c->e) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i]->n_images)
			add_choice(&from, all.v[i]->id);
	char *list = choices_text(&from, ", ");
	char *prompt = xasprintf(_("Procedure that installs it (%s): "), list);
	char *id = ask_choice(prompt, &from, NULL);
	int rc = id ? 0 : ended(c);
	out->procedure = id ? procedures_load(id, &c->e) : NULL;
	w->procedure = out->procedure;
	free(id);
	free(prompt);
	free(list);
	VEC_RELEASE(&from.list);
	procedures_free(&all);
	return rc == 0 && out->procedure ? 0 : -1;
}

static int ask_kind(struct cli *c, const struct procedure *p, struct image_words *w,
		    struct image_asked *out)
{
	struct choices from = kinds_of(p);
	char *list = choices_text(&from, ", ");
	char *prompt = xasprintf(_("Kind (%s) [%s]: "), list, from.list.v[0]);
	w->kind = out->kind = ask_choice(prompt, &from, from.list.v[0]);
	free(prompt);
	free(list);
	VEC_RELEASE(&from.list);
	return out->kind ? 0 : ended(c);
}

static int ask_fit(struct cli *c, const struct image_kind *k, const char *name, struct values *fits)
{
	struct choices from = values_of(k, name);
	char *list = choices_text(&from, ", ");
	char *prompt = from.list.n ? xasprintf(_("Fits %s (%s; empty: any): "), name, list)
				   : xasprintf(_("Fits %s (empty: any): "), name);
	char *text = ask_choice(prompt, &from, "");
	if (text && *text)
		values_set(fits, name, text);
	int rc = text ? 0 : ended(c);
	free(text);
	free(prompt);
	free(list);
	VEC_RELEASE(&from.list);
	return rc;
}

/* --- what is missing -------------------------------------------------------------------------- */

static bool is_told(const struct image *i)
{
	return i->kind && i->version;
}

/* A fit that nobody tells; NULL: none. "platforms" has an option of its own. */
static const char *untold_fit(const struct image_kind *k, const struct image *i,
			      const struct values *fits, size_t *at)
{
	for (; k && k->fits && k->fits[*at]; (*at)++)
		if (!values_get(&i->fits, k->fits[*at]) && !values_get(fits, k->fits[*at]))
			return k->fits[(*at)++];
	return NULL;
}

static void add_option(struct str *text, const char *option, struct choices from)
{
	char *list = choices_text(&from, "|");
	str_printf(text, "%s%s%s", text->len ? ", " : "", option, list);
	free(list);
	VEC_RELEASE(&from.list);
}

/* For a runbook: the options, with the values that are known. */
static int name_options(struct cli *c, const char *path, const struct procedure *p,
			const struct image_words *w, const struct image *i)
{
	const struct image_kind *k = procedure_image_kind(p, i->kind ? i->kind : p->images[0].kind);
	struct str text = {0};
	const char *slash = strrchr(path, '/'), *name;
	size_t at = 0;
	if (!w->procedure)
		str_puts(&text, "--procedure P");
	if (!i->kind)
		add_option(&text, "--kind ", kinds_of(p));
	if (!i->version)
		add_option(&text, "--version VERSION", (struct choices){.list = {0}});
	while ((name = untold_fit(k, i, w->fits, &at))) {
		char *option = xasprintf("--fit %s=", name);
		add_option(&text, option, values_of(k, name));
		free(option);
	}
	(void)err_set(&c->e, ERR_INPUT,
		      _("%s: neither the file nor its name tells what it is; give %s"),
		      slash ? slash + 1 : path, str_text(&text));
	str_release(&text);
	return -1;
}

static int ask_rest(struct cli *c, const struct procedure *p, const struct image *i,
		    struct image_words *w, struct values *fits, struct image_asked *out)
{
	const struct image_kind *k = procedure_image_kind(p, i->kind ? i->kind : w->kind);
	const char *name;
	size_t at = 0;
	if (!i->version && !(w->version = out->version = ask_version()))
		return ended(c);
	while ((name = untold_fit(k, i, fits, &at)))
		if (ask_fit(c, k, name, fits) != 0)
			return -1;
	return 0;
}

/* The kind first: a file that is none of it is not asked about any further. */
static int ask_all(struct cli *c, const char *path, struct image_words *w, struct values *fits,
		   struct image_asked *out)
{
	struct image_known known;
	fprintf(stderr, _("Neither the file nor its name tells all about it.\n"));
	int rc = images_look(path, w, &known, &c->e);
	const struct procedure *p = w->procedure ? w->procedure : known.procedure;
	if (rc == 0 && !known.image.kind && !w->procedure) {
		rc = ask_procedure(c, w, out);
		p = w->procedure;
	}
	if (rc == 0 && !known.image.kind)
		rc = ask_kind(c, p, w, out);
	image_known_release(&known);
	if (rc != 0)
		return -1;
	rc = images_look(path, w, &known, &c->e);
	p = w->procedure ? w->procedure : known.procedure;
	if (rc == 0)
		rc = ask_rest(c, p, &known.image, w, fits, out);
	image_known_release(&known);
	return rc;
}

int image_ask(struct cli *c, const char *path, struct image_words *w, struct values *fits,
	      struct image_asked *out)
{
	struct image_known known;
	size_t at = 0;
	*out = (struct image_asked){0};
	int rc = images_look(path, w, &known, &c->e);
	const struct procedure *p = w->procedure ? w->procedure : known.procedure;
	const struct image_kind *k =
	    rc == 0 && known.image.kind ? procedure_image_kind(p, known.image.kind) : NULL;
	bool terminal = c->in_tty && !c->json;
	/* images_add() says so */
	bool hopeless = rc == 0 && (!p->n_images || (known.image.kind && !k));
	bool complete = hopeless || (is_told(&known.image) &&
				     (!terminal || !untold_fit(k, &known.image, fits, &at)));
	if (rc == 0 && !complete && !terminal)
		rc = name_options(c, path, p, w, &known.image);
	image_known_release(&known);
	return rc != 0 || complete ? rc : ask_all(c, path, w, fits, out);
}
