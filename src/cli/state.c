/* SPDX-License-Identifier: ISC */
/* What every verb needs: the state directory and what is in it, who asks, and how to fail. */
#include "config.h"

#include "cli/runner.h"

#include "model/phrases.h"
#include "run/create.h"

#include <stdlib.h>

/* --- failing ---------------------------------------------------------------------------------- */

enum exit_status status_of(enum err_kind kind)
{
	static const enum exit_status of[ERR_KINDS] = {
	    [ERR_NONE] = EXIT_DONE,           [ERR_INPUT] = EXIT_USAGE,
	    [ERR_SYSTEM] = EXIT_USAGE,        [ERR_NETWORK] = EXIT_UNREACHABLE,
	    [ERR_AUTH] = EXIT_UNREACHABLE,    [ERR_HOSTKEY] = EXIT_UNREACHABLE,
	    [ERR_TIMEOUT] = EXIT_UNREACHABLE, [ERR_LOCKED] = EXIT_BUSY,
	    [ERR_REFUSED] = EXIT_USAGE,       [ERR_CANCELLED] = EXIT_INTERRUPTED,
	    [ERR_CORRUPT] = EXIT_FAILURES,    [ERR_SECRET] = EXIT_UNREACHABLE,
	};
	return kind < ERR_KINDS ? of[kind] : EXIT_FAILURES;
}

int cli_fail(struct cli *c)
{
	remark(c, "hitless: %s", said_err(&c->e).text);
	if (c->json) {
		cJSON *object = json_object_new("error");
		json_put_text(object, "kind", err_kind_name(c->e.kind));
		json_put_text(object, "message", c->e.text);
		put_json(object, false);
	}
	return (int)status_of(c->e.kind);
}

int cli_bad(struct cli *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = xvasprintf(fmt, ap);
	va_end(ap);
	err_text(&c->e, ERR_INPUT, text);
	free(text);
	return cli_fail(c);
}

/* --- the state directory ---------------------------------------------------------------------- */

static void tell_waiting(void *ctx, const char *text)
{
	char *other = said_new(text);
	remark(ctx, "hitless: %s", other);
	free(other);
}

struct store *cli_store(struct cli *c)
{
	if (!c->store)
		c->store = store_open(c->state_option, clock_real(), &c->e);
	if (c->store)
		store_waiting(c->store, 10000, tell_waiting, c);
	return c->store;
}

void cli_close(struct cli *c)
{
	if (c->store)
		store_close(c->store);
	c->store = NULL;
	secrets_free(c->secrets);
	c->secrets = NULL;
}

char *cli_path(struct cli *c, const char *name)
{
	struct store *s = cli_store(c);
	return s ? store_path(s, name) : NULL;
}

struct inventory *cli_inventory(struct cli *c)
{
	struct store *s = cli_store(c);
	return s ? desk_inventory(s, &c->e) : NULL;
}

int cli_credentials(struct cli *c, struct credentials *out)
{
	struct store *s = cli_store(c);
	*out = (struct credentials){0};
	return s ? desk_credentials(s, out, &c->e) : -1;
}

/* --- jobs ------------------------------------------------------------------------------------- */

char *cli_job(struct cli *c, const char *name)
{
	struct store *s = cli_store(c);
	return s ? create_find(s, name, &c->e) : NULL;
}

struct jobview *cli_view(struct cli *c, const char *name)
{
	char *id = cli_job(c, name);
	struct jobview *v = id ? create_view(c->store, id, &c->e) : NULL;
	free(id);
	return v;
}
