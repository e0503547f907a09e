/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "run/login.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "run/devices.h"

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
