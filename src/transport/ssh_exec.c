/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TURN_MS     30000 /* of silence; then something is sent, to keep the path open */
#define LINGER_MS   3000 /* how long output is waited for that a background child may hold open */
#define INPUT_CHUNK ((size_t)256 * 1024) /* libssh waits for the socket after each */

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

/* --- callbacks -------------------------------------------------------------------------------- */

static int on_data(ssh_session session, ssh_channel channel, void *data, uint32_t n, int is_stderr,
		   void *ctx)
{
	struct exec *x = ctx;
	(void)session, (void)channel;
	x->last = now_ms();
	if (!x->stopped && x->sink.take(x->sink.ctx, data, n, is_stderr != 0) != 0)
		x->stopped = true;
	return (int)n;
}

static void on_status(ssh_session session, ssh_channel channel, int status, void *ctx)
{
	struct exec *x = ctx;
	(void)session, (void)channel;
	x->last = now_ms();
	x->status = status;
	x->has_status = true;
}

static int signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = {
	    {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	    {"ABRT", SIGABRT}, {"FPE", SIGFPE},   {"KILL", SIGKILL}, {"SEGV", SIGSEGV},
	    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"USR1", SIGUSR1},
	    {"USR2", SIGUSR2},
	};
	for (size_t i = 0; name && i < LEN(signals); i++)
		if (str_eq(name, signals[i].name))
			return signals[i].number;
	return 0;
}

static void on_signal(ssh_session session, ssh_channel channel, const char *name, int core,
		      const char *message, const char *language, void *ctx)
{
	(void)core, (void)message, (void)language;
	on_status(session, channel, 128 + signal_number(name), ctx);
}

static void on_close(ssh_session session, ssh_channel channel, void *ctx)
{
	struct exec *x = ctx;
	(void)session, (void)channel;
	x->closed = true;
}

/* --- one command ------------------------------------------------------------------------------ */

/* The device said no to the request itself; the session is as well as before. */
static bool was_denied(const struct exec *x)
{
	ssh_session ssh = x->session->ssh;
	return ssh_is_connected(ssh) && ssh_get_error_code(ssh) == SSH_REQUEST_DENIED &&
	       strstr(ssh_get_error(ssh), "failed") != NULL;
}

static int open_channel(struct exec *x)
{
	x->channel = ssh_channel_new(x->session->ssh);
	if (!x->channel)
		return -1;
	x->callbacks.userdata = x;
	x->callbacks.channel_data_function = on_data;
	x->callbacks.channel_exit_status_function = on_status;
	x->callbacks.channel_exit_signal_function = on_signal;
	x->callbacks.channel_close_function = on_close;
	ssh_callbacks_init(&x->callbacks);
	if (ssh_set_channel_callbacks(x->channel, &x->callbacks) != SSH_OK ||
	    ssh_channel_open_session(x->channel) != SSH_OK) {
		x->session->dead = true;
		return -1;
	}
	return 0;
}

/* 0: the device runs it (or nobody knows); -1: it surely does not. exec_finish in both cases. */
int exec_open(struct exec *x, struct session *s, struct host *h, const char *command,
	      struct sink sink, int64_t until)
{
	memset(x, 0, sizeof(*x));
	x->session = s;
	x->host = h;
	x->sink = sink;
	x->until = until;
	x->last = now_ms();
	x->status = -1;
	/* Opening is a round trip that shows whether a session that rested is still one. */
	int64_t open_until = x->last + h->connect_ms;
	lifeline_until(&h->line, open_until < until ? open_until : until);
	if (open_channel(x) != 0 || atomic_load(&h->line.cancelled))
		return -1;
	lifeline_until(&h->line, until);
	x->sent = true; /* from here on only an answer tells */
	if (ssh_channel_request_exec(x->channel, command) == SSH_OK)
		return 0;
	if (was_denied(x)) {
		x->sent = false;
		x->refused = true;
		return -1;
	}
	s->dead = true;
	return 0;
}

static bool is_over(const struct exec *x)
{
	return x->closed || x->stopped || x->session->dead || atomic_load(&x->host->line.expired) ||
	       atomic_load(&x->host->line.cancelled);
}

int exec_turn(struct exec *x, int64_t until)
{
	if (is_over(x))
		return -1;
	int64_t now = now_ms(), wait = until - now;
	if (wait > TURN_MS)
		wait = TURN_MS;
	int rc = ssh_event_dopoll(x->session->event, wait > 0 ? (int)wait : 0);
	if (!ssh_is_connected(x->session->ssh) || rc == SSH_ERROR)
		x->session->dead = !x->closed || !ssh_is_connected(x->session->ssh);
	if (rc == SSH_AGAIN && wait == TURN_MS && ssh_send_ignore(x->session->ssh, "") != SSH_OK)
		x->session->dead = true;
	return is_over(x) ? -1 : 0;
}

/* libssh goes on taking in output while it waits for room to write. */
int exec_write(struct exec *x, const void *data, size_t n)
{
	const char *at = data;
	while (n) {
		if (is_over(x) || x->has_status)
			return -1;
		size_t part = n < INPUT_CHUNK ? n : INPUT_CHUNK;
		int done = ssh_channel_write(x->channel, at, (uint32_t)part);
		if (done <= 0) {
			x->session->dead = x->session->dead || !ssh_is_connected(x->session->ssh);
			return -1;
		}
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

int exec_eof(struct exec *x)
{
	if (is_over(x) || ssh_channel_send_eof(x->channel) == SSH_OK)
		return 0;
	x->session->dead = !ssh_is_connected(x->session->ssh);
	return -1;
}

static enum exec_end end_of(const struct exec *x)
{
	if (!x->sent)
		return EXEC_NOT_SENT;
	if (x->has_status)
		return EXEC_DONE;
	if (x->stopped)
		return EXEC_STOPPED;
	if (atomic_load(&x->host->line.cancelled))
		return EXEC_LOST;
	return atomic_load(&x->host->line.expired) || now_ms() >= x->until ? EXEC_TIMEOUT
									   : EXEC_LOST;
}

static void say_end(const struct exec *x, enum exec_end end, struct err *e)
{
	if (end == EXEC_TIMEOUT)
		err_set(e, ERR_TIMEOUT, "%s: no exit status within the limit", x->host->at->name);
	else if (x->refused)
		err_set(e, ERR_NETWORK,
			"%s: exec request failed on channel: the device runs no commands",
			x->host->at->name);
	else if (end == EXEC_LOST && x->closed && !x->session->dead)
		err_set(e, ERR_NETWORK, "%s: the device closed the channel without an exit status",
			x->host->at->name);
	else if (end == EXEC_LOST || end == EXEC_NOT_SENT)
		session_why(x->session, x->host,
			    x->sent ? M_("while a command ran") : M_("before a command"), e);
}

/* A session with a command that nobody waits for any more is not used again. */
enum exec_end exec_finish(struct exec *x, struct err *e)
{
	while (x->sent && !is_over(x) && now_ms() < x->until) {
		int64_t until = x->until;
		if (x->has_status && x->last + LINGER_MS < until)
			until = x->last + LINGER_MS;
		if (x->has_status && now_ms() >= until)
			break;
		if (exec_turn(x, until) != 0)
			break;
	}
	enum exec_end end = end_of(x);
	if (end != EXEC_DONE)
		say_end(x, end, e);
	if (!x->closed && !x->refused)
		x->session->dead = x->session->dead || !x->has_status;
	lifeline_until(&x->host->line, -1);
	if (x->channel) {
		if (!x->session->dead)
			(void)ssh_channel_close(x->channel); /* a failure shows at the next use */
		ssh_remove_channel_callbacks(x->channel, &x->callbacks);
		ssh_channel_free(x->channel);
	}
	x->channel = NULL;
	return end;
}

/* --- TR_RUN ----------------------------------------------------------------------------------- */

#define FOLLOWED_LIMIT (16 * 1024) /* bytes that wait to be handed over; older ones give way */
#define FOLLOWED_FAST  200         /* times that lines are handed over at once; then */
#define FOLLOWED_MS    1000        /* so often, for who talks without an end */

struct keep {
	struct tr_reply *reply;
	size_t limit;
	/* of a command that is followed */
	const struct tr_request *request; /* NULL: it is not */
	const struct progress *progress;
	struct str lines; /* not handed over yet; the last one may not be whole */
	int64_t given_at;
	int given;
};

/* Whole lines only: half a line could be taken for something else. */
static void hand_over(struct keep *k, const void *data, size_t n)
{
	str_add(&k->lines, data, n);
	if (k->lines.len > FOLLOWED_LIMIT) {
		size_t old = k->lines.len - FOLLOWED_LIMIT;
		memmove(k->lines.buf, k->lines.buf + old, FOLLOWED_LIMIT);
		str_cut(&k->lines, FOLLOWED_LIMIT);
	}
	const char *end = k->lines.len ? memrchr(k->lines.buf, '\n', k->lines.len) : NULL;
	if (!end || (k->given >= FOLLOWED_FAST && now_ms() - k->given_at < FOLLOWED_MS))
		return;
	size_t whole = (size_t)(end - k->lines.buf) + 1;
	struct tr_reply *reply = tr_reply_new(k->request, TR_PROGRESS);
	str_add(&reply->out, k->lines.buf, whole);
	memmove(k->lines.buf, k->lines.buf + whole, k->lines.len - whole);
	str_cut(&k->lines, k->lines.len - whole);
	k->given++;
	k->given_at = now_ms();
	k->progress->give(k->progress->ctx, reply);
}

static int keep_output(void *ctx, const void *data, size_t n, bool is_err)
{
	struct keep *k = ctx;
	struct str *to = is_err ? &k->reply->err : &k->reply->out;
	size_t room = k->limit - to->len;
	if (n > room)
		k->reply->truncated = true;
	str_add(to, data, n < room ? n : room);
	if (k->request)
		hand_over(k, data, n);
	return 0;
}

static enum tr_outcome outcome_of(enum exec_end end)
{
	switch (end) {
	case EXEC_DONE:
		return TR_DONE;
	case EXEC_NOT_SENT:
		return TR_NOT_SENT;
	case EXEC_TIMEOUT:
		return TR_TIMEOUT;
	case EXEC_STOPPED:
		return TR_FAILED;
	case EXEC_LOST:
		break;
	}
	return TR_LOST;
}

void exec_run(struct session *s, struct host *h, const struct tr_request *r, struct tr_reply *reply,
	      struct progress progress)
{
	struct keep keep = {.reply = reply,
			    .limit = r->output_limit,
			    .request = r->follow ? r : NULL,
			    .progress = &progress};
	struct exec x;
	/* A write that fails shows in how the command ends; one that reads no input may be well. */
	if (exec_open(&x, s, h, r->command, (struct sink){keep_output, &keep},
		      now_ms() + r->timeout_ms) == 0 &&
	    exec_write(&x, r->input.buf, r->input.len) == 0)
		(void)exec_eof(&x);
	reply->outcome = outcome_of(exec_finish(&x, &reply->e));
	reply->status = x.has_status ? x.status : -1;
	str_release(&keep.lines);
}

/* --- TR_GET ----------------------------------------------------------------------------------- */

struct save {
	struct keep keep; /* standard error only */
	int fd;
	int64_t limit;
	struct digest *digest;
	struct err why; /* kind ERR_NONE: well */
};

static int write_file(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t done = write(fd, data, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		data += done;
		n -= (size_t)done;
	}
	return 0;
}

static int save_output(void *ctx, const void *data, size_t n, bool is_err)
{
	struct save *s = ctx;
	struct tr_reply *reply = s->keep.reply;
	if (is_err)
		return keep_output(&s->keep, data, n, true);
	if ((int64_t)n > s->limit - reply->done)
		return err_set(&s->why, ERR_REFUSED, "the device sends more than %lld bytes",
			       (long long)s->limit);
	if (write_file(s->fd, data, n) != 0)
		return err_sys(&s->why, "cannot write the file");
	digest_add(s->digest, data, n);
	reply->done += (int64_t)n;
	return 0;
}

static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = !slash          ? xstrdup(".")
		    : slash == path ? xstrdup("/")
				    : xstrndup(path, (size_t)(slash - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	free(dir);
	return result;
}

/* Only a whole file gets the name. */
static int name_file(int fd, const char *temporary, const char *path, struct err *e)
{
	if (fsync(fd) != 0 || rename(temporary, path) != 0 || sync_directory(path) != 0)
		return err_sys(e, "cannot make %s", path);
	return 0;
}

static void get_into(struct session *s, struct host *h, const struct tr_request *r,
		     struct tr_reply *reply, struct save *save, const char *temporary)
{
	struct exec x;
	if (exec_open(&x, s, h, r->command, (struct sink){save_output, save},
		      now_ms() + r->timeout_ms) == 0)
		(void)exec_eof(&x);
	enum exec_end end = exec_finish(&x, &reply->e);
	reply->status = x.has_status ? x.status : -1;
	reply->outcome = outcome_of(end);
	if (save->why.kind == ERR_NONE && end == EXEC_DONE && x.status == 0)
		(void)name_file(save->fd, temporary, r->local, &save->why);
	if (save->why.kind != ERR_NONE) {
		reply->outcome = TR_FAILED;
		reply->e = save->why;
		s->dead = s->dead || !x.closed;
	}
}

void exec_get(struct session *s, struct host *h, const struct tr_request *r, struct tr_reply *reply)
{
	struct save save = {.keep = {reply, r->output_limit}, .limit = r->file_limit};
	char *temporary = xasprintf("%s.XXXXXX", r->local);
	save.fd = mkostemp(temporary, O_CLOEXEC);
	if (save.fd < 0) {
		reply->outcome = TR_NOT_SENT;
		err_sys(&reply->e, "cannot make %s", r->local);
	} else {
		save.digest = digest_new();
		get_into(s, h, r, reply, &save, temporary);
		digest_end(save.digest, reply->sha256);
		close(save.fd);
		if (unlink(temporary) != 0 && errno != ENOENT) /* ENOENT: it has its name */
			err_sys(&reply->e, "cannot remove %s", temporary);
	}
	free(temporary);
}
