/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/conn.h"

#include "lab/term.h"

#include "base/vec.h"

#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CHANNELS = 10, MAX_TRIES = 6, CHUNK = 32768 };

struct talk; /* all of one connection that only its own thread touches */

struct chan {
	struct talk *link;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct callbacks;
	struct lab_run *run;
	struct term *term; /* a terminal session instead of a run */
	bool pty, closed, finished, sent_eof;
};

struct talk {
	struct conn *conn;
	ssh_session session;
	ssh_event event;
	char *user;
	int tries;
	bool authenticated, closing;
	VEC(struct chan *) chans;
};

/* The device that was reached is still the one that runs; otherwise the connection is dead, and
 * nothing is to be heard any more, not even a refusal. Under the server's lock. */
static bool alive(struct talk *l, const struct lab *lab)
{
	struct conn *c = l->conn;
	if (lab_connection_gen(lab, c->device) == c->generation)
		return true;
	(void)shutdown(c->fd, SHUT_RDWR);
	l->closing = true;
	return false;
}

/* --- login ------------------------------------------------------------------------------------ */
static int judge_login(struct talk *l, const char *user, bool ok)
{
	if (ok) {
		free(l->user);
		l->user = xstrdup(user);
		l->authenticated = true;
		return SSH_AUTH_SUCCESS;
	}
	if (++l->tries >= MAX_TRIES)
		l->closing = true;
	return SSH_AUTH_DENIED;
}

static int on_password(ssh_session session, const char *user, const char *password, void *ctx)
{
	(void)session;
	struct talk *l = ctx;
	struct lab *lab = server_lock(l->conn->server);
	bool on = alive(l, lab);
	bool ok = on && lab_login_password(lab, l->conn->device, user, password);
	server_unlock(l->conn->server);
	return on ? judge_login(l, user, ok) : SSH_AUTH_DENIED;
}

static int on_key(ssh_session session, const char *user, struct ssh_key_struct *key, char state,
		  void *ctx)
{
	(void)session;
	struct talk *l = ctx;
	char *base64 = NULL;
	if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return SSH_AUTH_DENIED;
	bool probe = state == SSH_PUBLICKEY_STATE_NONE;
	bool ok = probe || state == SSH_PUBLICKEY_STATE_VALID;
	struct lab *lab = server_lock(l->conn->server);
	bool on = alive(l, lab);
	ok = ok && on && lab_login_key(lab, l->conn->device, user, base64, probe);
	server_unlock(l->conn->server);
	ssh_string_free_char(base64);
	if (probe || !on)
		return ok ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
	return judge_login(l, user, ok);
}

/* --- channels --------------------------------------------------------------------------------- */
static int start_run(struct chan *c, const char *command)
{
	struct talk *l = c->link;
	if (c->run || c->term || !l->authenticated)
		return SSH_ERROR;
	struct lab *lab = server_lock(l->conn->server);
	c->run = lab_run_start(lab, l->conn->device, l->user, command, l->conn);
	server_unlock(l->conn->server);
	conn_wake(l->conn);
	return SSH_OK;
}

static int on_exec(ssh_session session, ssh_channel channel, const char *command, void *ctx)
{
	(void)session, (void)channel;
	return start_run(ctx, command);
}

static int on_subsystem(ssh_session session, ssh_channel channel, const char *name, void *ctx)
{
	(void)session, (void)channel;
	return strcmp(name, "sftp") == 0 ? start_run(ctx, "/usr/lib/openssh/sftp-server")
					 : SSH_ERROR;
}

static int on_pty(ssh_session session, ssh_channel channel, const char *name, int w, int h, int pw,
		  int ph, void *ctx)
{
	(void)session, (void)channel, (void)name, (void)w, (void)h, (void)pw, (void)ph;
	((struct chan *)ctx)->pty = true;
	return SSH_OK;
}

static int on_resize(ssh_session session, ssh_channel channel, int w, int h, int pw, int ph,
		     void *ctx)
{
	(void)session, (void)channel, (void)w, (void)h, (void)pw, (void)ph, (void)ctx;
	return SSH_OK;
}

static int on_env(ssh_session session, ssh_channel channel, const char *name, const char *value,
		  void *ctx)
{
	(void)session, (void)channel, (void)name, (void)value, (void)ctx;
	return SSH_OK;
}

/* Without a terminal, `ssh host < script` is a shell that reads its input; with one, a dialogue. */
static int on_shell(ssh_session session, ssh_channel channel, void *ctx)
{
	(void)session, (void)channel;
	struct chan *c = ctx;
	struct talk *l = c->link;
	if (!c->pty)
		return start_run(c, "bash");
	if (c->run || c->term || !l->authenticated)
		return SSH_ERROR;
	struct lab *lab = server_lock(l->conn->server);
	c->term = term_new(lab, l->conn->device, l->user, l->conn);
	server_unlock(l->conn->server);
	conn_wake(l->conn);
	return SSH_OK;
}

static int on_data(ssh_session session, ssh_channel channel, void *data, uint32_t n, int is_stderr,
		   void *ctx)
{
	(void)session, (void)channel;
	struct chan *c = ctx;
	if (is_stderr || (!c->run && !c->term))
		return (int)n;
	(void)server_lock(c->link->conn->server);
	if (c->run)
		lab_run_feed(c->run, data, n);
	else
		term_input(c->term, data, n);
	server_unlock(c->link->conn->server);
	conn_wake(c->link->conn);
	return (int)n;
}

static void on_eof(ssh_session session, ssh_channel channel, void *ctx)
{
	(void)session, (void)channel;
	struct chan *c = ctx;
	(void)server_lock(c->link->conn->server);
	if (c->run)
		lab_run_eof(c->run);
	else if (c->term)
		term_input(c->term, "\x04", 1);
	server_unlock(c->link->conn->server);
	conn_wake(c->link->conn);
}

static void on_close(ssh_session session, ssh_channel channel, void *ctx)
{
	(void)session, (void)channel;
	((struct chan *)ctx)->closed = true;
}

static ssh_channel on_open(ssh_session session, void *ctx)
{
	struct talk *l = ctx;
	if (l->chans.n >= MAX_CHANNELS || !l->authenticated)
		return NULL;
	struct chan *c = xcalloc(1, sizeof(*c));
	c->link = l;
	c->channel = ssh_channel_new(session);
	if (!c->channel) {
		free(c);
		return NULL;
	}
	c->callbacks = (struct ssh_channel_callbacks_struct){
	    .userdata = c,
	    .channel_data_function = on_data,
	    .channel_eof_function = on_eof,
	    .channel_close_function = on_close,
	    .channel_pty_request_function = on_pty,
	    .channel_pty_window_change_function = on_resize,
	    .channel_shell_request_function = on_shell,
	    .channel_exec_request_function = on_exec,
	    .channel_env_request_function = on_env,
	    .channel_subsystem_request_function = on_subsystem,
	};
	ssh_callbacks_init(&c->callbacks);
	if (ssh_set_channel_callbacks(c->channel, &c->callbacks) != SSH_OK) {
		ssh_channel_free(c->channel);
		free(c);
		return NULL;
	}
	VEC_PUSH(&l->chans, c);
	return c->channel;
}

static void chan_free(struct chan *c)
{
	(void)server_lock(c->link->conn->server);
	lab_run_close(c->run);
	term_free(c->term);
	server_unlock(c->link->conn->server);
	/* libssh keeps a channel until the client has closed it too, and would still call us */
	(void)ssh_remove_channel_callbacks(c->channel, &c->callbacks);
	ssh_channel_free(c->channel);
	free(c);
}

/* --- output ----------------------------------------------------------------------------------- */
struct news {
	struct str out, err;
	bool ended, dropped;
	int status;
};

/* What can be sent now: never more than the client's window, so that writing does not block. */
static void take_news(struct chan *c, struct news *n)
{
	uint32_t window = ssh_channel_window_size(c->channel);
	size_t limit = window < CHUNK ? window : CHUNK;
	(void)server_lock(c->link->conn->server);
	if (c->run) {
		size_t sent = lab_run_output(c->run, 1, limit, &n->out);
		size_t sent_err = lab_run_output(c->run, 2, limit - sent, &n->err);
		n->dropped = lab_run_dropped(c->run);
		n->ended = lab_run_ended(c->run) && sent + sent_err == 0 && window > 0;
		n->status = lab_run_status(c->run);
	} else {
		size_t sent = term_output(c->term, limit, &n->out);
		n->ended = term_ended(c->term) && sent == 0 && window > 0;
		n->dropped = term_dropped(c->term);
	}
	(void)server_unlock(c->link->conn->server);
}

static bool send_news(struct chan *c, const struct news *n)
{
	bool ok = true;
	if (n->out.len)
		ok = ssh_channel_write(c->channel, n->out.buf, (uint32_t)n->out.len) >= 0;
	if (ok && n->err.len)
		ok = ssh_channel_write_stderr(c->channel, n->err.buf, (uint32_t)n->err.len) >= 0;
	if (ok && n->ended && !n->dropped) {
		c->finished = true;
		ok = ssh_channel_request_send_exit_status(c->channel, n->status) == SSH_OK &&
		     ssh_channel_send_eof(c->channel) == SSH_OK &&
		     ssh_channel_close(c->channel) == SSH_OK;
	}
	return ok;
}

/* Look after every channel; true: something was sent, look again. */
static bool work(struct talk *l)
{
	bool busy = false;
	for (size_t i = 0; i < l->chans.n && !l->closing;) {
		struct chan *c = l->chans.v[i];
		struct news n = {0};
		if (!c->finished && !c->closed && (c->run || c->term)) {
			take_news(c, &n);
			busy |= n.out.len + n.err.len > 0;
			l->closing |=
			    !send_news(c, &n) || (n.dropped && n.out.len + n.err.len == 0);
		}
		str_release(&n.out);
		str_release(&n.err);
		if (c->closed) {
			VEC_REMOVE(&l->chans, i);
			chan_free(c);
		} else {
			i++;
		}
	}
	return busy;
}

/* --- the connection --------------------------------------------------------------------------- */
static int on_wake(socket_t fd, int revents, void *ctx)
{
	(void)revents, (void)ctx;
	uint64_t pokes;
	if (read(fd, &pokes, sizeof(pokes)) < 0)
		return SSH_OK; /* somebody has seen to it already */
	return SSH_OK;
}

/* Take over the socket with the host key that the device shows now. libssh gets a descriptor of its
 * own: it closes it whenever it likes, and ours must not be somebody else's by then. */
static bool open_session(struct talk *l)
{
	struct conn *c = l->conn;
	ssh_key key = NULL;
	bool off = false;
	struct lab *lab = server_lock(c->server);
	char *text = alive(l, lab) ? xstrdup(lab_host_key(lab, c->device)) : NULL;
	server_unlock(c->server);
	ssh_bind bind = ssh_bind_new();
	l->session = ssh_new();
	bool ok = text && bind && l->session &&
		  ssh_pki_import_privkey_base64(text, NULL, NULL, NULL, &key) == SSH_OK;
	free(text);
	ok = ok && ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &off) == SSH_OK;
	if (ok && ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) != SSH_OK)
		ok = false;
	else if (ok)
		key = NULL; /* the bind owns it */
	int fd = ok ? fcntl(c->fd, F_DUPFD_CLOEXEC, 0) : -1;
	ok = fd >= 0 && ssh_bind_accept_fd(bind, l->session, fd) == SSH_OK;
	if (fd >= 0 && ssh_get_fd(l->session) != fd)
		(void)close(fd); /* refused before it was the session's */
	ssh_key_free(key);
	if (bind)
		ssh_bind_free(bind);
	return ok;
}

static void send_banner(struct talk *l)
{
	struct str banner = {0};
	struct lab *lab = server_lock(l->conn->server);
	lab_banner(lab, l->conn->device, &banner);
	server_unlock(l->conn->server);
	if (banner.len) {
		ssh_string text = ssh_string_from_char(banner.buf);
		if (text && ssh_send_issue_banner(l->session, text) != SSH_OK)
			l->closing = true;
		ssh_string_free(text);
	}
	str_release(&banner);
}

/* What was said in a turn goes out as one packet, as an sshd with much to do sends it: success,
 * output, status and end of a short command wake the client once, not five times. */
static void flush(const struct talk *l)
{
	int off = 0, on = 1;
	socket_t fd = ssh_get_fd(l->session);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

static void serve_session(struct talk *l)
{
	struct ssh_server_callbacks_struct callbacks = {
	    .userdata = l,
	    .auth_password_function = on_password,
	    .auth_pubkey_function = on_key,
	    .channel_open_request_session_function = on_open,
	};
	ssh_callbacks_init(&callbacks);
	ssh_set_auth_methods(l->session, SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY);
	if (ssh_set_server_callbacks(l->session, &callbacks) != SSH_OK ||
	    ssh_handle_key_exchange(l->session) != SSH_OK)
		return;
	send_banner(l);
	l->event = ssh_event_new();
	if (!l->event || ssh_event_add_session(l->event, l->session) != SSH_OK ||
	    ssh_event_add_fd(l->event, l->conn->wake, POLLIN, on_wake, l) != SSH_OK)
		return;
	while (!l->closing && ssh_is_connected(l->session)) {
		bool busy = work(l);
		flush(l);
		if (l->closing || ssh_event_dopoll(l->event, busy ? 0 : -1) == SSH_ERROR)
			break;
		if (server_stopping(l->conn->server))
			break;
	}
}

/* Accepted, and never a word: until the client has enough or the lab ends. */
static void stay_mute(struct conn *c)
{
	char buf[512];
	struct pollfd fds[2] = {{.fd = c->fd, .events = POLLIN}, {.fd = c->wake, .events = POLLIN}};
	while (!server_stopping(c->server) && poll(fds, 2, -1) > 0) {
		if (fds[0].revents && read(c->fd, buf, sizeof(buf)) <= 0)
			break;
		if (fds[1].revents)
			(void)on_wake(c->wake, 0, NULL);
	}
}

/* Without a session: a reset, not a polite end. */
static void hang_up(struct conn *c, bool reset)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	(void)server_lock(c->server);
	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(c->fd);
	c->fd = -1;
	server_unlock(c->server);
}

static void end_session(struct talk *l)
{
	while (l->chans.n) {
		struct chan *last = l->chans.v[--l->chans.n];
		chan_free(last);
	}
	if (l->event) {
		(void)ssh_event_remove_fd(l->event, l->conn->wake);
		(void)ssh_event_remove_session(l->event, l->session);
		ssh_event_free(l->event);
	}
	if (l->session)
		ssh_silent_disconnect(l->session);
	ssh_free(l->session);
	VEC_RELEASE(&l->chans);
	free(l->user);
}

void *conn_run(void *arg)
{
	struct conn *c = arg;
	struct talk l = {.conn = c};
	struct lab *lab = server_lock(c->server);
	enum lab_tcp tcp = lab_tcp(lab, c->device);
	bool talk = tcp == LAB_OPEN && lab_connect(lab, c->device);
	server_unlock(c->server);
	bool open = talk && open_session(&l);
	if (tcp == LAB_SILENT) {
		server_mute(c, true);
		stay_mute(c);
		server_mute(c, false);
	}
	if (open)
		serve_session(&l);
	end_session(&l);
	hang_up(c, !open);
	server_done(c);
	return NULL;
}
