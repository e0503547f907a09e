/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Large pieces are faster; on a slow line small ones show sooner that bytes move. */
#define CHUNK        ((size_t)256 * 1024)
#define SLOW_CHUNK   ((size_t)32 * 1024)
#define SLOW_MS      100
#define ANSWER_LIMIT ((size_t)64 * 1024)
#define PROGRESS_MS  250

struct put {
	struct session *session;
	struct host *host;
	const struct tr_request *request;
	const struct tr_copy *copy;
	struct tr_reply *reply;
	struct progress progress;
	int64_t until, next_progress;
	int fd;
	int64_t have;          /* bytes on the device */
	int64_t pushed;        /* when the last piece was begun; 0: none yet */
	struct digest *digest; /* of what was read of the local file */
	bool began;            /* a first command was sent */
};

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

/* --- ends ------------------------------------------------------------------------------------- */

/* Each gives -1, so that a step can end with it. */
static int fail(struct put *p, enum err_kind kind, const char *text)
{
	p->reply->outcome = TR_FAILED;
	(void)err_text(&p->reply->e, kind, text);
	return err_at(&p->reply->e, "%s", p->host->at->name);
}

static int end(struct put *p, enum exec_end how)
{
	p->reply->outcome = how == EXEC_NOT_SENT && !p->began ? TR_NOT_SENT
			    : how == EXEC_TIMEOUT             ? TR_TIMEOUT
							      : TR_LOST;
	return -1;
}

/* --- small commands --------------------------------------------------------------------------- */

struct answer {
	struct str out, err;
	int status;
};

static int keep_answer(void *ctx, const void *data, size_t n, bool is_err)
{
	struct answer *a = ctx;
	struct str *to = is_err ? &a->err : &a->out;
	size_t room = ANSWER_LIMIT - to->len;
	str_add(to, data, n < room ? n : room);
	return 0;
}

static void answer_release(struct answer *a)
{
	str_release(&a->out);
	str_release(&a->err);
}

/* 0: it ran to its end, whatever its status. */
static int ask(struct put *p, const char *command, struct answer *a)
{
	struct exec x;
	memset(a, 0, sizeof(*a));
	if (exec_open(&x, p->session, p->host, command, (struct sink){keep_answer, a}, p->until) ==
	    0)
		(void)exec_eof(&x);
	enum exec_end how = exec_finish(&x, &p->reply->e);
	a->status = x.status;
	int result = how == EXEC_DONE ? 0 : end(p, how);
	p->began = p->began || x.sent;
	if (result != 0)
		answer_release(a);
	return result;
}

/* What a command that failed said about it, as one line. */
static int command_failed(struct put *p, const char *what, const struct answer *a)
{
	char said[200];
	const struct str *from = a->err.len ? &a->err : &a->out;
	size_t n = from->len < sizeof(said) - 1 ? from->len : sizeof(said) - 1;
	if (n)
		memcpy(said, from->buf, n);
	while (n && isspace((unsigned char)said[n - 1]))
		n--;
	said[n] = '\0';
	char *text = n ? xasprintf(M_("%-s: exit status %d: %s"), what, a->status, said)
		       : xasprintf(M_("%-s: exit status %d"), what, a->status);
	fail(p, ERR_SYSTEM, text);
	free(text);
	return -1;
}

/* The command must succeed. */
static int must(struct put *p, const char *command, const char *what)
{
	struct answer a;
	if (ask(p, command, &a) != 0)
		return -1;
	int result = a.status == 0 ? 0 : command_failed(p, what, &a);
	answer_release(&a);
	return result;
}

/* The first word of 64 hex digits. False: there is none. */
static bool find_hash(const struct str *text, char hash[DIGEST_HEX])
{
	size_t run = 0;
	for (size_t i = 0; i <= text->len; i++) {
		if (i < text->len && isxdigit((unsigned char)text->buf[i])) {
			run++;
			continue;
		}
		if (run == DIGEST_HEX - 1) {
			for (size_t k = 0; k < run; k++)
				hash[k] = (char)tolower((unsigned char)text->buf[i - run + k]);
			hash[run] = '\0';
			return true;
		}
		run = 0;
	}
	return false;
}

static int ask_number(struct put *p, const char *command, const char *what, int64_t *number)
{
	struct answer a;
	if (ask(p, command, &a) != 0)
		return -1;
	char *stop = NULL;
	const char *text = str_text(&a.out);
	errno = 0;
	*number = strtoll(text, &stop, 10);
	bool good = a.status == 0 && stop != text && errno == 0 && *number >= 0 &&
		    (*stop == '\0' || isspace((unsigned char)*stop));
	int result = good ? 0 : command_failed(p, what, &a);
	answer_release(&a);
	return result;
}

/* --- the local file --------------------------------------------------------------------------- */

static int open_local(struct put *p)
{
	struct stat st;
	struct tr_reply *reply = p->reply;
	const struct tr_copy *c = p->copy;
	p->fd = open(c->local, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (p->fd < 0 || fstat(p->fd, &st) != 0)
		return err_sys(&reply->e, "cannot open %s", c->local);
	if (!S_ISREG(st.st_mode))
		return err_set(&reply->e, ERR_INPUT, "%s is not a regular file", c->local);
	if (st.st_size != c->size)
		return err_set(&reply->e, ERR_INPUT, "%s has %lld bytes instead of %lld", c->local,
			       (long long)st.st_size, (long long)c->size);
	p->digest = digest_new();
	return 0;
}

static ssize_t read_local(struct put *p, char *data, int64_t want)
{
	ssize_t n;
	do
		n = read(p->fd, data, want < (int64_t)CHUNK ? (size_t)want : CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		p->reply->outcome = TR_FAILED;
		return err_sys(&p->reply->e, "cannot read %s", p->copy->local);
	}
	if (n == 0)
		return fail(p, ERR_INPUT, M_("the local file changed: it became shorter"));
	digest_add(p->digest, data, (size_t)n);
	return n;
}

/* Hash the first `have` bytes: into the digest of the whole, and for the comparison. */
static int hash_prefix(struct put *p, char hash[DIGEST_HEX])
{
	struct digest *prefix = digest_new();
	char *data = xmalloc(CHUNK);
	int64_t left = p->have;
	ssize_t n = 0;
	while (left > 0 && (n = read_local(p, data, left)) > 0) {
		digest_add(prefix, data, (size_t)n);
		left -= n;
	}
	free(data);
	digest_end(prefix, hash);
	return n < 0 ? -1 : 0;
}

static int rewind_local(struct put *p)
{
	char unused[DIGEST_HEX];
	digest_end(p->digest, unused);
	p->digest = digest_new();
	p->have = 0;
	if (lseek(p->fd, 0, SEEK_SET) == 0)
		return 0;
	p->reply->outcome = TR_FAILED;
	return err_sys(&p->reply->e, "cannot read %s", p->copy->local);
}

/* --- steps ------------------------------------------------------------------------------------ */

/* 1: the file is there, with our hash. */
static int is_present(struct put *p)
{
	struct answer a;
	char hash[DIGEST_HEX];
	if (ask(p, p->copy->present, &a) != 0)
		return -1;
	bool ours = a.status == 0 && find_hash(&a.out, hash) && strcmp(hash, p->copy->sha256) == 0;
	answer_release(&a);
	return ours;
}

/* 1: what the device has of the partial file is how `ours` goes, 0: it is not. */
static int same_hash(struct put *p, const char *ours)
{
	struct answer a;
	char theirs[DIGEST_HEX];
	if (ask(p, p->copy->prefix, &a) != 0)
		return -1;
	int result = a.status == 0 && find_hash(&a.out, theirs) ? strcmp(ours, theirs) == 0 : -2;
	if (result == -2)
		result = command_failed(p, M_("the partial file's hash cannot be read"), &a);
	answer_release(&a);
	return result;
}

static int discard(struct put *p)
{
	return must(p, p->copy->discard, M_("the partial file cannot be removed"));
}

/* Go on after what is there already, if that is ours. */
static int resume(struct put *p)
{
	char hash[DIGEST_HEX];
	if (ask_number(p, p->copy->partial, M_("the partial file's size cannot be read"),
		       &p->have) != 0)
		return -1;
	if (p->have == 0)
		return 0;
	int same = 0;
	if (p->have <= p->copy->size) {
		if (hash_prefix(p, hash) != 0)
			return -1;
		same = same_hash(p, hash);
	}
	if (same < 0)
		return -1;
	return same ? 0 : discard(p) != 0 ? -1 : rewind_local(p);
}

static int check_space(struct put *p)
{
	int64_t room;
	int64_t need = p->copy->size - p->have;
	if (!p->copy->space || need == 0)
		return 0;
	if (ask_number(p, p->copy->space, M_("the free space cannot be read"), &room) != 0)
		return -1;
	if (room >= need)
		return 0;
	char text[160];
	snprintf(text, sizeof(text),
		 M_("no space on the device: %lld bytes are needed and %lld are free"),
		 (long long)need, (long long)room);
	return fail(p, ERR_REFUSED, text);
}

static void show_progress(struct put *p, int64_t now)
{
	if (now < p->next_progress)
		return;
	p->next_progress = now + PROGRESS_MS;
	struct tr_reply *reply = tr_reply_new(p->request, TR_PROGRESS);
	reply->done = p->have;
	reply->total = p->copy->size;
	p->progress.give(p->progress.ctx, reply);
}

/* Every piece that moves gives the session stall_ms more, but never beyond its limit. */
static void push_deadline(struct put *p, int64_t now)
{
	int64_t stall = p->request->stall_ms > 0 ? now + p->request->stall_ms : p->until;
	lifeline_until(&p->host->line, stall < p->until ? stall : p->until);
}

static int stream(struct put *p, struct exec *x)
{
	char *data = xmalloc(CHUNK);
	int result = 0;
	while (result == 0 && p->have < p->copy->size) {
		int64_t now = now_ms(), left = p->copy->size - p->have;
		bool slow = now - p->pushed > SLOW_MS && left > (int64_t)SLOW_CHUNK;
		ssize_t n = read_local(p, data, slow ? (int64_t)SLOW_CHUNK : left);
		p->pushed = now;
		push_deadline(p, now);
		if (n < 0) {
			result = -1;
		} else if (exec_write(x, data, (size_t)n) != 0) {
			break; /* how the command ends says why */
		} else {
			p->have += n;
			p->reply->done = p->have;
			show_progress(p, now);
		}
	}
	free(data);
	return result;
}

static int append(struct put *p)
{
	struct answer a = {0};
	struct exec x;
	bool complete = false;
	int result = 0;
	if (exec_open(&x, p->session, p->host, p->copy->append, (struct sink){keep_answer, &a},
		      p->until) == 0) {
		result = stream(p, &x);
		complete = p->have == p->copy->size;
		/* Without our end of file the device would take half a file for a whole one. */
		if (result != 0)
			p->session->dead = true;
		else
			(void)exec_eof(&x);
	}
	lifeline_until(&p->host->line, p->until);
	struct err e = {0};
	enum exec_end how = exec_finish(&x, &e);
	a.status = x.status;
	if (result == 0 && how != EXEC_DONE) {
		p->reply->e = e;
		result = end(p, how);
	} else if (result == 0 && (a.status != 0 || !complete)) {
		result = command_failed(p, M_("the device stopped taking the file"), &a);
	}
	answer_release(&a);
	return result;
}

/* What was read must be the file that was promised, and what arrived must be what was read. */
static int verify(struct put *p)
{
	char hash[DIGEST_HEX];
	digest_end(p->digest, hash);
	p->digest = NULL;
	if (strcmp(hash, p->copy->sha256) != 0)
		return discard(p) != 0
			   ? -1
			   : fail(p, ERR_INPUT,
				  M_("the local file changed: its hash is another one"));
	int same = same_hash(p, hash);
	if (same != 0)
		return same < 0 ? -1 : 0;
	return discard(p) != 0 ? -1 : fail(p, ERR_CORRUPT, M_("hash differs on the device"));
}

/* A copy prints nothing, so that the journal keeps what it found instead. */
static void tell(struct put *p, bool present)
{
	if (present)
		str_puts(&p->reply->out, "the file is there already, with this hash\n");
	else if (p->have > 0)
		str_printf(&p->reply->out, "went on behind %" PRId64 " of %" PRId64 " bytes\n",
			   p->have, p->copy->size);
}

static int put_steps(struct put *p)
{
	int present = is_present(p);
	if (present > 0)
		tell(p, true);
	if (present != 0) {
		p->reply->skipped = present > 0;
		p->reply->done = present > 0 ? p->copy->size : 0;
		return present > 0 ? 0 : -1;
	}
	if (resume(p) != 0 || check_space(p) != 0)
		return -1;
	tell(p, false);
	p->reply->done = p->have;
	if (p->have < p->copy->size && append(p) != 0)
		return -1;
	if (verify(p) != 0)
		return -1;
	return must(p, p->copy->commit, M_("the file cannot be given its name"));
}

void exec_put(struct session *s, struct host *h, const struct tr_request *r, struct tr_reply *reply,
	      struct progress progress)
{
	struct put p = {.session = s,
			.host = h,
			.request = r,
			.copy = r->copy,
			.reply = reply,
			.progress = progress,
			.fd = -1};
	p.until = now_ms() + r->timeout_ms;
	reply->total = r->copy->size;
	reply->outcome = TR_NOT_SENT;
	if (open_local(&p) == 0 && put_steps(&p) == 0) {
		reply->outcome = TR_DONE;
		reply->status = 0;
	}
	if (p.digest) {
		char unused[DIGEST_HEX];
		digest_end(p.digest, unused);
	}
	if (p.fd >= 0)
		close(p.fd);
}
