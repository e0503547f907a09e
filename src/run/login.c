/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/login.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "run/devices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOGIN_MS 30000
#define LOOK_MS  100

static struct tr_reply *wait_reply(struct transport *t, int (*stop)(void *ctx), void *ctx,
				   struct err *e)
{
	struct clock *clock = clock_real();
	int64_t until = clock->now(clock) + 2 * LOGIN_MS;
	struct tr_reply *reply;
	while (!(reply = t->ops->next(t))) {
		struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
		int64_t now = clock->now(clock);
		if (stop && stop(ctx))
			err_set(e, ERR_CANCELLED, "the login was given up");
		else if (now >= until)
			err_set(e, ERR_TIMEOUT, "no answer");
		else if (clock->wait(clock, &p, 1, now + LOOK_MS) < 0)
			err_sys(e, "cannot wait");
		else
			continue;
		break;
	}
	return reply;
}

int login_test(struct store *s, const struct inventory *inv, size_t device, struct keyring *k,
	       int (*stop)(void *ctx), void *ctx, struct err *e)
{
	struct transport *t = devices_connect(s, inv, k, 0, e);
	if (!t)
		return -1;
	struct tr_request *q = tr_request_new(1, device, TR_RUN);
	q->command = xstrdup("true");
	q->timeout_ms = q->connect_ms = LOGIN_MS;
	q->output_limit = 4096;
	t->ops->submit(t, q);
	struct tr_reply *reply = wait_reply(t, stop, ctx, e);
	int rc = reply && reply->outcome == TR_DONE ? 0 : -1;
	if (rc != 0 && reply && e)
		*e = reply->e;
	tr_reply_free(reply);
	t->ops->free(t);
	return rc;
}

/* --- refusals --------------------------------------------------------------------------------- */

static char *setting_of(const char *credential)
{
	return xasprintf("refused-%s", credential);
}

/* "COUNT WALL DEVICE" */
static void remember(struct store *s, struct keyring *k, const char *name, size_t before)
{
	struct err e = {0};
	char *setting = setting_of(name), *last, *value = NULL, *how = keyring_accepted(k, name);
	size_t n = keyring_refusals(k, name, &last);
	n -= n < before ? 0 : before; /* fewer: it was begun anew */
	if (n && !how)
		value = xasprintf("%" PRId64 " %" PRId64 " %s", login_refused(s, name) + (int64_t)n,
				  clock_real()->wall(clock_real()), last);
	if ((value || (how && login_refused(s, name) > 0)) &&
	    store_setting_set(s, setting, value ? value : "0", &e) != 0)
		log_line("login", "%s", e.text);
	free(setting), free(last), free(value), free(how);
}

void login_remember(struct store *s, struct keyring *k, const struct credentials *list)
{
	login_remember_since(s, k, list, NULL);
}

size_t *login_seen(struct keyring *k, const struct credentials *list)
{
	size_t *seen = xcalloc(list->n + 1, sizeof(*seen));
	for (size_t i = 0; i < list->n; i++) {
		char *last;
		seen[i] = keyring_refusals(k, list->v[i].name, &last);
		free(last);
	}
	return seen;
}

void login_remember_since(struct store *s, struct keyring *k, const struct credentials *list,
			  const size_t *seen)
{
	for (size_t i = 0; i < list->n; i++)
		remember(s, k, list->v[i].name, seen ? seen[i] : 0);
}

static bool is_refusal(const struct jobview *v, const struct check_view *c)
{
	const struct check *k = procedure_check(v->procedure, c->check);
	return k && c->device != NO_DEVICE && str_eq(c->status, "failed") &&
	       str_eq(k->builtin, "login-refused");
}

void login_stays_refused(struct keyring *k, const struct jobview *v)
{
	for (size_t i = 0; i < v->checks.n; i++) {
		if (!is_refusal(v, &v->checks.v[i]))
			continue;
		const struct device *d = &v->job->inventory->devices.v[v->checks.v[i].device];
		const struct credential *c = keyring_find(k, d->credential);
		for (; c; c = keyring_find(k, c->otherwise))
			keyring_refused(k, c->name, d->name);
	}
}

char *login_warning(struct store *s, const char *credential)
{
	int64_t n = login_refused(s, credential);
	return n > 1 ? xasprintf(_("%s was refused %" PRId64 " times since it worked last: see that "
				   "the account is not locked before it is tried again"),
				 credential, n)
		     : NULL;
}

int64_t login_refused(struct store *s, const char *credential)
{
	char *setting = setting_of(credential), *value = store_setting(s, setting);
	int64_t n = value ? atoll(value) : 0;
	free(setting);
	free(value);
	return n;
}

char *login_refusals(struct store *s, const char *credential)
{
	char *setting = setting_of(credential), *value = store_setting(s, setting), *text = NULL;
	const char *wall = value ? strchr(value, ' ') : NULL;
	const char *device = wall ? strchr(wall + 1, ' ') : NULL;
	if (device) { /* its name may be an address and a port */
		char when[32];
		clock_local(atoll(wall + 1), when);
		text = xasprintf("%" PRId64 ", %s %s", (int64_t)atoll(value), device + 1, when);
	}
	free(setting);
	free(value);
	return text;
}
