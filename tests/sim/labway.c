/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/sim/labway.h"

#include "base/path.h"
#include "base/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_TRIP_MS 20
#define COPY_PARTS    20 /* how often a copy tells how far it is */

enum put_stage { PUT_PRESENT, PUT_SPACE, PUT_DISCARD, PUT_APPEND, PUT_PREFIX, PUT_COMMIT };

struct line { /* one device: what is under way and what waits */
	VEC(struct tr_request *) waiting;
	struct tr_request *request;
	struct lab_run *run;
	struct tr_reply *reply; /* ready, goes out at `at` */
	int64_t at;             /* -1: when the run ends */
	int64_t started;
	int64_t lose_at;        /* -1: it is not lost */
	enum put_stage stage;
	int64_t copy_ms;        /* of the copy that goes on; 0: none does */
	int64_t copy_started;
	int copy_part;          /* last one that was told */
	struct str out, err;
	bool connected;
	unsigned gen;
	char pinned_key[64];
	bool accepted, refused; /* it has accepted, refused the credential */
};

struct labway {
	struct transport transport;
	struct labway_options o;
	uint64_t random;
	char refused_on[64]; /* the breaker is open */
	int refusals;
	VEC(struct line) lines;
};

static uint64_t draw(struct labway *w)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return w->random >> 33;
}

static bool chance(struct labway *w, int in_10000)
{
	return (int)(draw(w) % 10000) < in_10000;
}

static int64_t now(struct labway *w)
{
	return w->o.clock->now(w->o.clock);
}

static size_t device_of(struct labway *w, struct line *l)
{
	size_t endpoint = (size_t)(l - w->lines.v) / 2; /* the second one is for what is made beside */
	return w->o.device_of ? w->o.device_of(w->o.ctx, endpoint) : endpoint;
}

static void ready(struct labway *w, struct line *l, enum tr_outcome outcome, int64_t delay,
                  enum err_kind kind, const char *text)
{
	if (l->run) {
		lab_run_close(l->run);
		l->run = NULL;
	}
	if (!l->reply)
		l->reply = tr_reply_new(l->request, outcome);
	l->reply->outcome = outcome;
	if (text)
		err_set(&l->reply->e, kind, "%s", text);
	str_add(&l->reply->out, str_text(&l->out), l->out.len);
	str_add(&l->reply->err, str_text(&l->err), l->err.len);
	l->at = now(w) + delay;
	l->lose_at = -1;
	if (outcome == TR_LOST || outcome == TR_TIMEOUT || outcome == TR_NOT_SENT)
		l->connected = false;
}

/* --- connecting ---------------------------------------------------------------------------------------- */

static bool refuse(struct labway *w, struct line *l, int64_t delay, enum err_kind kind,
                   const char *text)
{
	ready(w, l, TR_NOT_SENT, delay, kind, text);
	return false;
}

/* The words of OpenSSH, as src/transport/ssh_socket.c has them. */
static bool no_way(struct labway *w, struct line *l, int64_t delay, enum err_kind kind,
                   const char *why)
{
	struct lab_info info;
	char text[160];
	lab_info(w->o.lab, device_of(w, l), &info);
	snprintf(text, sizeof(text), "ssh: connect to host %s port 22: %s", info.address, why);
	return refuse(w, l, delay, kind, text);
}

static bool reach(struct labway *w, struct line *l, size_t dev)
{
	switch (lab_tcp(w->o.lab, dev)) {
	case LAB_OPEN:
		return lab_connect(w->o.lab, dev) ||
		       no_way(w, l, ROUND_TRIP_MS, ERR_NETWORK, "Connection reset by peer");
	case LAB_REFUSED:
		return no_way(w, l, ROUND_TRIP_MS, ERR_NETWORK, "Connection refused");
	case LAB_NO_ROUTE:
		return no_way(w, l, 3000, ERR_NETWORK, "No route to host");
	case LAB_SILENT:
		break;
	}
	return no_way(w, l, l->request->connect_ms, ERR_TIMEOUT, "Connection timed out");
}

static bool check_key(struct labway *w, struct line *l, const struct lab_info *info)
{
	const char *also = l->request->accept_key;
	if (strcmp(info->host_key, w->o.known_key(w->o.ctx, device_of(w, l))) == 0 ||
	    strcmp(info->host_key, l->pinned_key) == 0 || (also && strcmp(info->host_key, also) == 0))
		return true;
	if (l->request->host_key == TR_KEY_MAY_BE_NEW) {
		snprintf(l->pinned_key, sizeof(l->pinned_key), "%s", info->host_key);
		return true;
	}
	char text[160];
	snprintf(text, sizeof(text), "host key of %s has changed (now %s, ssh-ed25519)", info->name, info->host_key);
	return refuse(w, l, ROUND_TRIP_MS, ERR_HOSTKEY, text);
}

/* By the rule and in the words of src/transport/keyring.c. */
static bool breaker(struct labway *w, struct line *l, const char *name)
{
	char text[160];
	if (!w->refused_on[0] || (l->accepted && !l->refused && w->refusals < 2))
		return true;
	if (l->refused)
		snprintf(text, sizeof(text),
			 "credential default was refused on %s; it is not tried there again", name);
	else
		snprintf(text, sizeof(text),
			 "credential default was refused on %s; no further login is tried with it",
			 w->refused_on);
	return refuse(w, l, 0, ERR_AUTH, text);
}

static const char *user_on(const struct labway *w, size_t dev)
{
	struct lab_info info;
	lab_info(w->o.lab, dev, &info);
	return info.user;
}

static bool log_in(struct labway *w, struct line *l, size_t dev)
{
	struct lab_info info;
	lab_info(w->o.lab, dev, &info);
	if (!breaker(w, l, info.name))
		return false;
	const char *line = lab_operator_public_key(w->o.lab), *key = strchr(line, ' ');
	char *base64 = xstrndup(key + 1, strcspn(key + 1, " \n"));
	bool good = lab_login_key(w->o.lab, dev, user_on(w, dev), base64, false);
	free(base64);
	bool expired = good && lab_login_expired(w->o.lab, dev, user_on(w, dev));
	char text[256];
	lab_info(w->o.lab, dev, &info);
	if (expired)
		snprintf(text, sizeof(text),
		         "cumulus@%s: the password of credential default has expired or must be "
		         "changed; log in by hand once and change it",
		         info.name);
	else
		snprintf(text, sizeof(text),
		         "cumulus@%s: Permission denied (publickey,password): credential default "
		         "was refused",
		         info.name);
	if (good && !expired) {
		l->accepted = true;
		return true;
	}
	bool fresh = l->request->host_key == TR_KEY_MAY_BE_NEW &&
	             strcmp(info.host_key, w->o.known_key(w->o.ctx, device_of(w, l))) != 0;
	if (fresh) /* as src/transport/ssh_auth.c: it is not provisioned yet */
		return refuse(w, l, 2000, ERR_NETWORK, text);
	if (w->o.breaker) {
		w->refusals++;
		l->refused = true;
		if (!w->refused_on[0])
			snprintf(w->refused_on, sizeof(w->refused_on), "%s", info.name);
	}
	return refuse(w, l, 2000, ERR_AUTH, text);
}

static bool connect_line(struct labway *w, struct line *l)
{
	size_t dev = device_of(w, l);
	struct lab_info info;
	lab_info(w->o.lab, dev, &info);
	if (l->connected && info.connection_gen == l->gen && strcmp(info.phase, "up") == 0)
		return true;
	l->connected = false;
	if (!reach(w, l, dev))
		return false;
	(void)lab_host_key(w->o.lab, dev); /* whoever answers now shows its own key */
	lab_info(w->o.lab, dev, &info);
	if (!check_key(w, l, &info) || !log_in(w, l, dev))
		return false;
	l->connected = true;
	l->gen = info.connection_gen;
	return true;
}

/* --- running ------------------------------------------------------------------------------------------ */

/* --- copies that take their time -------------------------------------------------------------- */

static void copy_begins(struct labway *w, struct line *l)
{
	size_t slower = device_of(w, l) % 4;
	l->copy_ms = w->o.copy_ms + w->o.copy_ms * (int64_t)slower / 4;
	l->copy_started = now(w);
	l->copy_part = 0;
}

static int64_t copy_next(const struct line *l) /* when it is to be looked at again */
{
	return l->copy_started + l->copy_ms * (l->copy_part + 1) / COPY_PARTS;
}

/* Goes on, though the bytes are there already? */
static bool copying(struct labway *w, struct line *l)
{
	if (l->copy_ms && now(w) >= l->copy_started + l->copy_ms)
		l->copy_ms = 0;
	return l->copy_ms != 0;
}

static struct tr_reply *copy_progress(struct labway *w, struct line *l)
{
	if (!l->request || l->at >= 0 || !copying(w, l) || now(w) < copy_next(l))
		return NULL;
	while (now(w) >= copy_next(l))
		l->copy_part++;
	struct tr_reply *r = tr_reply_new(l->request, TR_PROGRESS);
	r->total = l->request->copy->size;
	r->done = r->total * l->copy_part / COPY_PARTS;
	return r;
}

/* What a command says while it runs, line by line, for who follows it. */
static struct tr_reply *lines_said(struct line *l)
{
	struct str said = {0};
	if (l->run && l->at < 0 && l->request && l->request->follow)
		(void)lab_run_output(l->run, 1, 1 << 20, &said);
	str_add(&l->out, str_text(&said), said.len);
	struct tr_reply *r = said.len ? tr_reply_new(l->request, TR_PROGRESS) : NULL;
	if (r)
		str_add(&r->out, str_text(&said), said.len);
	str_release(&said);
	return r;
}

static void start_run(struct labway *w, struct line *l, const char *command)
{
	struct tr_request *q = l->request;
	size_t dev = device_of(w, l);
	str_clear(&l->out);
	str_clear(&l->err);
	if (w->o.sent)
		w->o.sent(w->o.ctx, dev, q);
	l->run = lab_run_start(w->o.lab, dev, user_on(w, dev), command, NULL);
	if (q->kind == TR_RUN && q->input.len)
		lab_run_feed(l->run, q->input.buf, q->input.len);
	if (q->kind == TR_PUT && l->stage == PUT_APPEND) {
		struct str data = {0};
		struct err e = {0};
		if (path_read(q->copy->local, (size_t)1 << 30, &data, &e) == 0) {
			lab_run_expect(l->run, (int64_t)data.len);
			lab_run_feed(l->run, data.buf, data.len);
		}
		str_release(&data);
		copy_begins(w, l);
	}
	lab_run_eof(l->run);
}

static void start_stage(struct labway *w, struct line *l)
{
	const struct tr_copy *c = l->request->copy;
	const char *const commands[] = {c->present, c->space,  c->discard,
	                                c->append,  c->prefix, c->commit};
	start_run(w, l, commands[l->stage]);
}

static void start_request(struct labway *w, struct line *l, struct tr_request *q)
{
	l->request = q;
	l->started = now(w);
	l->at = -1;
	l->lose_at = -1;
	l->stage = PUT_PRESENT;
	l->copy_ms = 0;
	if (q->kind == TR_CLOSE) {
		l->connected = false;
		ready(w, l, TR_DONE, 0, ERR_NONE, NULL);
		return;
	}
	if (chance(w, w->o.faults.no_connection)) {
		no_way(w, l, 1000, ERR_NETWORK, "No route to host");
		return;
	}
	if (!connect_line(w, l))
		return;
	if (chance(w, w->o.faults.lost_before)) {
		ready(w, l, TR_LOST, ROUND_TRIP_MS, ERR_NETWORK, "the session was lost");
		return;
	}
	if (chance(w, w->o.faults.lost_during))
		l->lose_at = now(w) + (int64_t)(draw(w) % 3000);
	if (q->kind == TR_PUT)
		start_stage(w, l);
	else
		start_run(w, l, q->command);
}

/* --- ends --------------------------------------------------------------------------------------------- */

/* In the words of src/transport/ssh_session.c. */
static void lost(struct labway *w, struct line *l)
{
	struct lab_info info;
	char text[160];
	lab_info(w->o.lab, device_of(w, l), &info);
	snprintf(text, sizeof(text),
	         "ssh: connection to host %s port 22 ended while a command ran: Socket error: "
	         "disconnected",
	         info.address);
	ready(w, l, TR_LOST, ROUND_TRIP_MS, ERR_NETWORK, text);
}

static void get_ended(struct labway *w, struct line *l, int status)
{
	struct err e = {0};
	l->reply = tr_reply_new(l->request, TR_DONE);
	l->reply->status = status;
	if (status == 0 && path_write(l->request->local, l->out.buf, l->out.len, &e) != 0) {
		ready(w, l, TR_FAILED, ROUND_TRIP_MS, e.kind, e.text);
		return;
	}
	l->reply->done = (int64_t)l->out.len;
	digest_bytes(l->out.buf, l->out.len, l->reply->sha256);
	str_clear(&l->out);
	ready(w, l, TR_DONE, ROUND_TRIP_MS, ERR_NONE, NULL);
}

static bool says_hash(struct line *l)
{
	return strstr(str_text(&l->out), l->request->copy->sha256) != NULL;
}

/* Too little space, in the words of src/transport/ssh_put.c. */
static bool no_space(struct labway *w, struct line *l)
{
	int64_t room = strtoll(str_text(&l->out), NULL, 10), size = l->request->copy->size;
	struct lab_info info;
	if (l->stage != PUT_SPACE || room >= size)
		return false;
	lab_info(w->o.lab, device_of(w, l), &info);
	char *text = xasprintf("%s: no space on the device: %lld bytes are needed and %lld are free",
	                       info.name, (long long)size, (long long)room);
	ready(w, l, TR_FAILED, ROUND_TRIP_MS, ERR_REFUSED, text);
	free(text);
	return true;
}

static void put_ended(struct labway *w, struct line *l, int status)
{
	if (no_space(w, l))
		return;
	bool here = status == 0 && says_hash(l);
	if ((l->stage == PUT_PRESENT && here) || (l->stage == PUT_COMMIT && status == 0)) {
		l->reply = tr_reply_new(l->request, TR_DONE);
		l->reply->status = 0;
		ready(w, l, TR_DONE, ROUND_TRIP_MS, ERR_NONE, NULL);
	} else if ((l->stage == PUT_APPEND || l->stage == PUT_COMMIT) && status != 0) {
		char *text = xasprintf("the copy failed: %s", str_text(&l->err));
		ready(w, l, TR_FAILED, ROUND_TRIP_MS, ERR_SYSTEM, text);
		free(text);
	} else if (l->stage == PUT_PREFIX && !here) {
		ready(w, l, TR_FAILED, ROUND_TRIP_MS, ERR_CORRUPT, "the hash differs on the device");
	} else {
		lab_run_close(l->run);
		l->run = NULL;
		l->stage++;
		start_stage(w, l);
	}
}

static void run_ended(struct labway *w, struct line *l)
{
	struct lab_result result = {0};
	lab_run_result(l->run, &result);
	str_add(&l->out, str_text(&result.out), result.out.len);
	str_add(&l->err, str_text(&result.err), result.err.len);
	int status = result.status;
	bool dropped = result.dropped;
	lab_result_release(&result);
	if (dropped) {
		lost(w, l);
	} else if (chance(w, w->o.faults.lost_after)) {
		str_clear(&l->out);
		lost(w, l);
	} else if (l->request->kind == TR_PUT) {
		put_ended(w, l, status);
	} else if (l->request->kind == TR_GET) {
		get_ended(w, l, status);
	} else {
		l->reply = tr_reply_new(l->request, TR_DONE);
		l->reply->status = status;
		ready(w, l, TR_DONE, ROUND_TRIP_MS, ERR_NONE, NULL);
	}
}

static void timed_out(struct labway *w, struct line *l, const char *name)
{
	char text[96];
	snprintf(text, sizeof(text), "%s: no exit status within the limit", name);
	ready(w, l, TR_TIMEOUT, 0, ERR_TIMEOUT, text);
}

static void look(struct labway *w, struct line *l)
{
	struct lab_info info;
	while (l->request && l->at < 0) {
		lab_info(w->o.lab, device_of(w, l), &info);
		if (l->run && lab_run_ended(l->run) &&
		    (lab_run_dropped(l->run) || !copying(w, l)))
			run_ended(w, l);
		else if (info.connection_gen != l->gen)
			lost(w, l);
		else if (l->lose_at >= 0 && now(w) >= l->lose_at)
			lost(w, l);
		else if (now(w) - l->started >= l->request->timeout_ms)
			timed_out(w, l, info.name);
		else
			return;
	}
}

/* --- the contract --------------------------------------------------------------------------------------- */

static struct line *line_of(struct labway *w, size_t endpoint, bool beside)
{
	while (w->lines.n <= 2 * endpoint + 1) {
		struct line *l = VEC_ADD(&w->lines);
		l->at = -1;
		l->lose_at = -1;
	}
	return &w->lines.v[2 * endpoint + (beside ? 1 : 0)];
}

static void next_waiting(struct labway *w, struct line *l)
{
	if (l->request || l->waiting.n == 0)
		return;
	struct tr_request *q = l->waiting.v[0];
	VEC_REMOVE(&l->waiting, 0);
	start_request(w, l, q);
}

static void way_submit(struct transport *t, struct tr_request *r)
{
	struct labway *w = (struct labway *)t;
	struct line *l = line_of(w, r->device, r->beside);
	lab_advance(w->o.lab, now(w));
	VEC_PUSH(&l->waiting, r);
	next_waiting(w, l);
}

static struct tr_reply *way_next(struct transport *t)
{
	struct labway *w = (struct labway *)t;
	lab_advance(w->o.lab, now(w));
	for (size_t i = 0; i < w->lines.n; i++) {
		struct line *l = &w->lines.v[i];
		struct tr_reply *progress = lines_said(l);
		if (progress)
			return progress;
		look(w, l);
		progress = copy_progress(w, l);
		if (progress)
			return progress;
		if (!l->request || l->at < 0 || l->at > now(w))
			continue;
		struct tr_reply *reply = l->reply;
		tr_request_free(l->request);
		l->request = NULL;
		l->reply = NULL;
		l->at = -1;
		next_waiting(w, l);
		return reply;
	}
	return NULL;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

int64_t labway_due(struct transport *t)
{
	struct labway *w = (struct labway *)t;
	int64_t due = -1;
	bool running = false;
	for (size_t i = 0; i < w->lines.n; i++) {
		struct line *l = &w->lines.v[i];
		if (!l->request)
			continue;
		due = sooner(due, l->at >= 0 ? l->at : l->started + l->request->timeout_ms);
		due = sooner(due, l->lose_at);
		if (l->at < 0 && l->copy_ms)
			due = sooner(due, copy_next(l));
		running |= l->at < 0;
	}
	return running ? sooner(due, lab_next(w->o.lab)) : due;
}

static int way_fd(struct transport *t)
{
	(void)t;
	return -1;
}

static void way_cancel(struct transport *t, size_t device)
{
	struct labway *w = (struct labway *)t;
	struct line *l = line_of(w, device, false);
	if (l->request && l->at < 0)
		ready(w, l, TR_LOST, 0, ERR_CANCELLED, "cancelled");
}

static void way_free(struct transport *t)
{
	struct labway *w = (struct labway *)t;
	for (size_t i = 0; i < w->lines.n; i++) {
		struct line *l = &w->lines.v[i];
		if (l->run)
			lab_run_close(l->run);
		tr_request_free(l->request);
		tr_reply_free(l->reply);
		for (size_t k = 0; k < l->waiting.n; k++)
			tr_request_free(l->waiting.v[k]);
		VEC_RELEASE(&l->waiting);
		str_release(&l->out);
		str_release(&l->err);
	}
	VEC_RELEASE(&w->lines);
	free(w);
}

struct transport *labway_new(const struct labway_options *o)
{
	static const struct transport_ops ops = {
	    .name = "lab",
	    .submit = way_submit,
	    .next = way_next,
	    .fd = way_fd,
	    .cancel = way_cancel,
	    .free = way_free,
	};
	struct labway *w = xcalloc(1, sizeof(*w));
	w->transport.ops = &ops;
	w->o = *o;
	w->random = o->seed * 2862933555777941757u + 3037000493u;
	return &w->transport;
}
