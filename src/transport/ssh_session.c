/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <string.h>
#include <unistd.h>

/* Safe first. AES-GCM is left out: libssh before 0.11.5 did not check its tag (CVE-2026-59847), and
 * a distribution's patched package cannot be told from an unpatched one at run time. */
#define CIPHERS "chacha20-poly1305@openssh.com,aes256-ctr,aes128-ctr"
#define MACS                                                                                       \
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"
#define RSA_TYPES "rsa-sha2-512,rsa-sha2-256"
/* What libssh can check; signatures of RSA keys with SHA-1 are not among them. */
#define KEY_TYPES                                                                                  \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521," RSA_TYPES

#define NO_STEP_LIMIT 86400 /* s; limits are the lifeline's */

/* Until the login is over libssh ends by itself, too: it has waited on for a connection that was cut
 * in the middle of a key exchange. */
static bool limit_steps(ssh_session ssh, int64_t ms)
{
	long seconds = ms < 0 ? NO_STEP_LIMIT : (long)(ms / 1000) + 1;
	return ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &seconds) == SSH_OK;
}

/* --- ends ------------------------------------------------------------------------------------- */

int session_why(const struct session *s, const struct host *h, const char *doing, struct err *e)
{
	const char *text = s && s->ssh ? ssh_get_error(s->ssh) : "";
	if (atomic_load(&h->line.cancelled))
		return err_set(e, ERR_CANCELLED, "cancelled %-s", doing);
	if (atomic_load(&h->line.expired))
		return err_set(e, ERR_TIMEOUT,
			       "ssh: connect to host %s port %d: Connection timed out %-s",
			       h->at->address, h->at->port, doing);
	return err_set(e, ERR_NETWORK, "ssh: connection to host %s port %d ended %-s: %-s",
		       h->at->address, h->at->port, doing,
		       text && *text ? text : M_("closed by remote host"));
}

/* Without ssh_disconnect(): after it libssh 0.10 never closes a descriptor that it was given. The
 * end of the stream says the same to the device. */
void session_close(struct session *s, struct host *h)
{
	if (!s)
		return;
	lifeline_cut(&h->line);
	lifeline_let_go(&h->line);
	if (s->event && s->ssh)
		(void)ssh_event_remove_session(s->event, s->ssh); /* not in it any more: as well */
	if (s->ssh)
		ssh_free(s->ssh);
	if (s->event)
		ssh_event_free(s->event);
	free(s->key_type);
	free(s->key);
	free(s);
}

bool session_alive(struct session *s)
{
	if (!s || s->dead)
		return false;
	/* A few packets may wait: a keepalive of the server, its goodbye, the end of the stream. */
	for (int i = 0; i < 4 && ssh_is_connected(s->ssh); i++)
		if (ssh_event_dopoll(s->event, 0) != SSH_OK)
			break;
	s->dead = !ssh_is_connected(s->ssh);
	return !s->dead;
}

/* --- host key --------------------------------------------------------------------------------- */

/* Is the word (or a run of words) in the comma-separated list? */
static bool has_word(const char *list, const char *text)
{
	size_t n = strlen(text);
	for (const char *at = list; n && (at = strstr(at, text)) != NULL; at++)
		if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

/* Known types come first, so that a host with several keys shows the one we know; the others
 * follow, so that a host with a new key of another type is seen and refused with its fingerprint.
 */
static char *key_order(const char *known)
{
	struct str order = {0};
	size_t n;
	char **types = str_split(known, ",", &n);
	for (size_t i = 0; i < n; i++) {
		const char *algorithms = str_eq(types[i], "ssh-rsa") ? RSA_TYPES : types[i];
		if (has_word(KEY_TYPES, algorithms) && !has_word(str_text(&order), algorithms))
			str_printf(&order, "%s%s", order.len ? "," : "", algorithms);
	}
	free(types);
	types = str_split(KEY_TYPES, ",", &n);
	for (size_t i = 0; i < n; i++)
		if (!has_word(str_text(&order), types[i]))
			str_printf(&order, "%s%s", order.len ? "," : "", types[i]);
	free(types);
	return str_take(&order);
}

static int read_host_key(struct session *s, struct host *h, struct err *e)
{
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	size_t n = 0;
	char *text = NULL, *base64 = NULL;
	int result = -1;
	if (ssh_get_server_publickey(s->ssh, &key) == SSH_OK &&
	    ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) == 0 &&
	    (text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n)) != NULL &&
	    ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK &&
	    strlen(text) < sizeof(s->fingerprint)) {
		memcpy(s->fingerprint, text, strlen(text) + 1);
		s->key_type = xstrdup(ssh_key_type_to_char(ssh_key_type(key)));
		s->key = xstrdup(base64);
		result = s->key_type ? 0 : -1;
	}
	if (result != 0)
		err_set(e, ERR_HOSTKEY, "the host key of %s cannot be read", h->at->name);
	ssh_string_free_char(text);
	ssh_string_free_char(base64);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return result;
}

/* The one place where a host key is accepted. Everything that is not said here is a refusal. */
static bool accepted(const struct session *s, const struct host *h, enum known_host verdict,
		     const struct tr_request *r)
{
	if (verdict == KNOWN_OK)
		return true;
	if (verdict == KNOWN_REVOKED)
		return false;
	bool pinned = h->pin && str_eq(h->pin, s->key) && str_eq(h->pin_type, s->key_type);
	bool named = r->accept_key && str_eq(r->accept_key, s->fingerprint);
	return pinned || named || r->host_key == TR_KEY_MAY_BE_NEW;
}

static int refuse(const struct session *s, const struct host *h, enum known_host verdict,
		  struct err *e)
{
	const char *name = h->at->name, *print = s->fingerprint, *type = s->key_type;
	if (verdict == KNOWN_REVOKED)
		return err_set(e, ERR_HOSTKEY, "host key of %s is revoked (%s, %s)", name, print,
			       type);
	if (verdict == KNOWN_NOT)
		return err_set(e, ERR_HOSTKEY, "host key of %s is not known (%s, %s)", name, print,
			       type);
	if (verdict == KNOWN_UNSUPPORTED)
		return err_set(
		    e, ERR_HOSTKEY,
		    "host key of %s is not known (%s, %s): only a certificate authority is, and "
		    "host certificates are not supported",
		    name, print, type);
	return err_set(e, ERR_HOSTKEY, "host key of %s has changed (now %s, %s)", name, print,
		       type);
}

static void pin(const struct session *s, struct host *h)
{
	free(h->pin_type);
	free(h->pin);
	h->pin_type = xstrdup(s->key_type);
	h->pin = xstrdup(s->key);
}

static int check_host_key(struct session *s, struct host *h, const struct tr_request *r,
			  struct err *e)
{
	enum known_host verdict = KNOWN_CHANGED;
	if (known_hosts_check(h->known, h->at->address, h->at->port, s->key_type, s->key, &verdict,
			      e) != 0) {
		e->kind = ERR_HOSTKEY;
		return -1;
	}
	if (!accepted(s, h, verdict, r))
		return refuse(s, h, verdict, e);
	s->new_key = verdict != KNOWN_OK;
	s->fresh = s->new_key && r->host_key == TR_KEY_MAY_BE_NEW;
	if (s->fresh)
		pin(s, h);
	return 0;
}

/* --- connecting ------------------------------------------------------------------------------- */

static int set_options(struct session *s, struct host *h, socket_t fd, int64_t connect_ms,
		       struct err *e)
{
	bool no = false;
	int quiet = SSH_LOG_NOLOG;
	const struct credential *c = keyring_find(h->keyring, h->at->credential);
	struct str known = {0};
	if (h->known && known_hosts_types(h->known, h->at->address, h->at->port, &known, e) != 0) {
		e->kind = ERR_HOSTKEY;
		str_release(&known);
		return -1;
	}
	if (h->pin_type) {
		struct str first = {0};
		str_printf(&first, "%s,%s", h->pin_type, str_text(&known));
		str_release(&known);
		known = first;
	}
	char *order = key_order(str_text(&known));
	str_release(&known);
	ssh_session ssh = s->ssh;
	bool good = ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_LOG_VERBOSITY, &quiet) == SSH_OK &&
		    limit_steps(ssh, connect_ms) &&
		    ssh_options_set(ssh, SSH_OPTIONS_HOST, h->at->address) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_USER, c ? c->user : "none") == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_CIPHERS_C_S, CIPHERS) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_CIPHERS_S_C, CIPHERS) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_HMAC_C_S, MACS) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_HMAC_S_C, MACS) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_HOSTKEYS, order) == SSH_OK &&
		    ssh_options_set(ssh, SSH_OPTIONS_FD, &fd) == SSH_OK;
	free(order);
	return good ? 0
		    : err_set(e, ERR_NETWORK, "libssh refuses an option for %s: %-s", h->at->name,
			      ssh_get_error(ssh));
}

/* libssh owns the descriptor from ssh_connect() on. */
static int handshake(struct session *s, struct host *h, int fd, int64_t connect_ms, struct err *e)
{
	s->ssh = ssh_new();
	if (!s->ssh || set_options(s, h, fd, connect_ms, e) != 0) {
		close(fd);
		return s->ssh ? -1 : err_set(e, ERR_SYSTEM, "libssh cannot make a session");
	}
	if (ssh_connect(s->ssh) != SSH_OK) {
		s->dead = true;
		return session_why(s, h, M_("during banner or key exchange"), e);
	}
	s->event = ssh_event_new();
	if (!s->event || ssh_event_add_session(s->event, s->ssh) != SSH_OK)
		return err_set(e, ERR_SYSTEM, "libssh cannot make an event");
	return read_host_key(s, h, e);
}

static struct session *connect_as_far_as_key(struct host *h, int64_t connect_ms, struct err *e)
{
	int64_t until = clock_real()->now(clock_real()) + connect_ms;
	struct session *s = xcalloc(1, sizeof(*s));
	atomic_store(&h->line.expired, false);
	int fd = socket_connect(&h->line, h->at->address, h->at->port, until, e);
	if (fd >= 0) {
		lifeline_until(&h->line, until);
		if (handshake(s, h, fd, connect_ms, e) == 0)
			return s;
	}
	lifeline_until(&h->line, -1);
	session_close(s, h);
	lifeline_let_go(&h->line);
	return NULL;
}

struct session *session_scan(struct host *h, int64_t connect_ms, struct err *e)
{
	return connect_as_far_as_key(h, connect_ms, e);
}

/* No connection while a person is asked for a secret that it may take. */
static bool waits_for_secret(struct host *h, struct err *e)
{
	const struct credential *c = keyring_find(h->keyring, h->at->credential);
	while (c && !keyring_awaits(h->keyring, c->name, h->at->name, e))
		c = keyring_find(h->keyring, c->otherwise);
	return c != NULL;
}

/* No connection when it is known before that nobody would be let in. e is about the first. */
static bool any_usable(struct host *h, struct err *e)
{
	const char *name = h->at->credential;
	for (bool first = true; name; first = false) {
		const struct credential *c = keyring_find(h->keyring, name);
		struct err why = {0};
		if (keyring_usable(h->keyring, name, h->at->name, &why) &&
		    keyring_prepare(h->keyring, name, &why) == 0)
			return true;
		if (first && e)
			*e = why;
		name = c ? c->otherwise : NULL;
	}
	return false;
}

struct session *session_open(struct host *h, const struct tr_request *r, char fingerprint[64],
			     struct err *e)
{
	if (waits_for_secret(h, e) || !any_usable(h, e))
		return NULL;
	struct session *s = connect_as_far_as_key(h, r->connect_ms, e);
	if (!s)
		return NULL;
	memcpy(fingerprint, s->fingerprint, sizeof(s->fingerprint));
	int result = check_host_key(s, h, r, e);
	if (result == 0)
		result = session_login(s, h, e);
	lifeline_until(&h->line, -1);
	if (result == 0 && !limit_steps(s->ssh, -1))
		result = err_set(e, ERR_SYSTEM, "libssh refuses an option for %s: %-s", h->at->name,
				 ssh_get_error(s->ssh));
	if (result == 0)
		return s;
	session_close(s, h);
	return NULL;
}
