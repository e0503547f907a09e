/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "transport/ssh_session.h"

#include <string.h>

#define AGENT_KEYS 3 /* more would use up the tries that a device allows */

enum login {
	LOGIN_OK,
	LOGIN_UNPROVEN, /* the device asks nobody for anything: says nothing about the credential */
	LOGIN_REFUSED,
	LOGIN_BROKEN /* the connection ended before the device could judge: may be tried again */
};

struct attempt {
	struct session *session;
	struct host *host;
	const struct credential *credential;
	const char *method; /* that is tried now, as the protocol calls it */
	struct err *e;
};

/* --- words ------------------------------------------------------------------------------------ */

static const char *methods_of(ssh_session ssh, char text[128])
{
	static const struct {
		int flag;
		const char *name;
	} names[] = {
	    {SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
	    {SSH_AUTH_METHOD_PASSWORD, "password"},
	    {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
	    {SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
	    {SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"},
	};
	int offered = ssh_userauth_list(ssh, NULL);
	text[0] = '\0';
	for (size_t i = 0; i < LEN(names); i++)
		if (offered & names[i].flag) {
			if (*text)
				strcat(text, ",");
			strcat(text, names[i].name);
		}
	return text;
}

/* `more` (may be NULL) says what is special. */
static enum login refused(struct attempt *a, const char *more)
{
	char methods[128];
	const struct credential *c = a->credential;
	const char *device = a->host->at->name;
	(void)methods_of(a->session->ssh, methods);
	if (more)
		err_set(a->e, ERR_AUTH,
			"%s@%s: Permission denied (%s): credential %s was refused; %-s", c->user,
			device, methods, c->name, more);
	else
		err_set(a->e, ERR_AUTH, "%s@%s: Permission denied (%s): credential %s was refused",
			c->user, device, methods, c->name);
	return LOGIN_REFUSED;
}

/* The device ended the connection itself, with a reason: it has judged. */
static bool was_sent_away(const struct attempt *a)
{
	const char *text = ssh_get_error(a->session->ssh);
	return text && strstr(text, "SSH_MSG_DISCONNECT") != NULL;
}

static enum login broken(struct attempt *a)
{
	a->session->dead = true;
	if (was_sent_away(a))
		return refused(a, ssh_get_error(a->session->ssh));
	session_why(a->session, a->host, M_("during login"), a->e);
	return LOGIN_BROKEN;
}

/* --- keys ------------------------------------------------------------------------------------- */

static enum login judge(struct attempt *a, int rc)
{
	switch (rc) {
	case SSH_AUTH_SUCCESS:
		return LOGIN_OK;
	case SSH_AUTH_DENIED:
		return refused(a, NULL);
	case SSH_AUTH_PARTIAL:
		return refused(a, M_("the device wants a further proof after it"));
	default:
		return broken(a);
	}
}

static enum login login_key(struct attempt *a)
{
	ssh_key key = keyring_key(a->host->keyring, a->credential->name);
	if (!key) {
		err_set(a->e, ERR_AUTH, "the key of credential %s is not loaded",
			a->credential->name);
		return LOGIN_BROKEN;
	}
	return judge(a, ssh_userauth_publickey(a->session->ssh, NULL, key));
}

static enum login login_agent(struct attempt *a)
{
	struct agent *agent = agent_open(a->credential->key, AGENT_KEYS, a->e);
	if (!agent)
		return LOGIN_BROKEN;
	enum login result = LOGIN_BROKEN;
	if (lifeline_hold(&a->host->line, 1, agent_cut_fd(agent), a->e) == 0) {
		if (ssh_set_agent_socket(a->session->ssh, agent_fd(agent)) != SSH_OK)
			err_set(a->e, ERR_AUTH, "libssh refuses the agent");
		else
			result = judge(a, ssh_userauth_agent(a->session->ssh, NULL));
	}
	agent_free(agent);
	struct err unused; /* taking out cannot fail; that we were cancelled is seen elsewhere */
	(void)lifeline_hold(&a->host->line, 1, -1, &unused);
	return result;
}

/* --- passwords -------------------------------------------------------------------------------- */

/* Once the password is out, nothing but a yes allows another login with it. */
static enum login doubtful(struct attempt *a)
{
	const char *text = ssh_get_error(a->session->ssh);
	a->session->dead = true;
	if (was_sent_away(a))
		return refused(a, text);
	err_set(a->e, ERR_AUTH,
		"the connection to %s ended after the password of credential %s was sent; it is "
		"not tried again (%-s)",
		a->host->at->name, a->credential->name,
		atomic_load(&a->host->line.expired) ? M_("timed out")
		: text                              ? text
						    : M_("closed"));
	return LOGIN_REFUSED;
}

static bool speaks_of_change(const char *text)
{
	return text &&
	       (strcasestr(text, "expired") || strcasestr(text, "new password") ||
		strcasestr(text, "change your password") || strcasestr(text, "password change"));
}

static enum login wants_change(struct attempt *a)
{
	const struct credential *c = a->credential;
	err_set(
	    a->e, ERR_AUTH,
	    "%s@%s: the password of credential %s has expired or must be changed; log in by hand "
	    "once and change it",
	    c->user, a->host->at->name, c->name);
	return LOGIN_REFUSED;
}

/* libssh takes a demand to change the password for a yes: a session shows what is true. */
static enum login prove_session(struct attempt *a)
{
	ssh_channel channel = ssh_channel_new(a->session->ssh);
	int rc = channel ? ssh_channel_open_session(channel) : SSH_ERROR;
	if (channel)
		ssh_channel_free(channel);
	if (rc == SSH_OK)
		return LOGIN_OK;
	a->session->dead = true;
	return wants_change(a);
}

static enum login send_password(struct attempt *a)
{
	const struct secret *s = keyring_secret(a->host->keyring, a->credential->name);
	switch (ssh_userauth_password(a->session->ssh, NULL, secret_text(s))) {
	case SSH_AUTH_SUCCESS:
		return prove_session(a);
	case SSH_AUTH_DENIED:
		return refused(a, NULL);
	case SSH_AUTH_PARTIAL:
		return refused(a, M_("the device wants a further proof after it"));
	default:
		return doubtful(a);
	}
}

/* One question, hidden, not answered before: that is the password. */
static bool is_password_prompt(ssh_session ssh, bool answered)
{
	char echo = 1;
	return !answered && ssh_userauth_kbdint_getnprompts(ssh) == 1 &&
	       ssh_userauth_kbdint_getprompt(ssh, 0, &echo) != NULL && echo == 0;
}

static enum login strange_question(struct attempt *a)
{
	ssh_session ssh = a->session->ssh;
	char echo;
	const char *prompt = ssh_userauth_kbdint_getnprompts(ssh) > 0
				 ? ssh_userauth_kbdint_getprompt(ssh, 0, &echo)
				 : NULL;
	if (speaks_of_change(prompt) || speaks_of_change(ssh_userauth_kbdint_getinstruction(ssh)) ||
	    speaks_of_change(ssh_userauth_kbdint_getname(ssh)))
		return wants_change(a);
	return refused(a, M_("the device asks for more than a password"));
}

static enum login login_interactive(struct attempt *a)
{
	ssh_session ssh = a->session->ssh;
	const struct secret *s = keyring_secret(a->host->keyring, a->credential->name);
	bool answered = false;
	for (int round = 0; round < 8; round++) {
		int rc = ssh_userauth_kbdint(ssh, NULL, NULL);
		if (rc != SSH_AUTH_INFO && answered)
			return rc == SSH_AUTH_SUCCESS || rc == SSH_AUTH_DENIED ||
				       rc == SSH_AUTH_PARTIAL
				   ? judge(a, rc)
				   : doubtful(a);
		if (rc != SSH_AUTH_INFO)
			return judge(a, rc);
		if (ssh_userauth_kbdint_getnprompts(ssh) == 0 &&
		    !speaks_of_change(ssh_userauth_kbdint_getinstruction(ssh)))
			continue; /* only a text to show */
		if (!is_password_prompt(ssh, answered) ||
		    speaks_of_change(ssh_userauth_kbdint_getprompt(ssh, 0, &(char){0})))
			return strange_question(a);
		if (ssh_userauth_kbdint_setanswer(ssh, 0, secret_text(s)) < 0)
			return broken(a);
		answered = true;
	}
	return strange_question(a);
}

static enum login login_password(struct attempt *a)
{
	int rc = ssh_userauth_none(a->session->ssh, NULL);
	if (rc == SSH_AUTH_SUCCESS)
		return LOGIN_UNPROVEN;
	if (rc != SSH_AUTH_DENIED && rc != SSH_AUTH_PARTIAL) {
		a->session->dead = true;
		session_why(a->session, a->host, M_("during login"), a->e);
		return LOGIN_BROKEN;
	}
	int offered = ssh_userauth_list(a->session->ssh, NULL);
	a->method = offered & SSH_AUTH_METHOD_PASSWORD ? "password" : "keyboard-interactive";
	if (offered & SSH_AUTH_METHOD_PASSWORD)
		return send_password(a);
	if (offered & SSH_AUTH_METHOD_INTERACTIVE)
		return login_interactive(a);
	return refused(a, M_("the device takes no password"));
}

/* --- canary and breaker ----------------------------------------------------------------------- */

static enum login login_once(struct attempt *a)
{
	a->method = "publickey";
	switch (a->credential->method) {
	case CREDENTIAL_AGENT:
		return login_agent(a);
	case CREDENTIAL_KEY:
		return login_key(a);
	case CREDENTIAL_PASSWORD:
	case CREDENTIAL_COMMAND:
	case CREDENTIAL_SYSTEMD:
		return login_password(a);
	case CREDENTIAL_METHODS:
		break;
	}
	err_set(a->e, ERR_AUTH, "credential %s has no usable method", a->credential->name);
	return LOGIN_BROKEN;
}

/* While another device is the canary, or a program fetches the secret, our own time stands still.
 */
static bool enter(struct attempt *a)
{
	struct clock *clock = clock_real();
	struct host *h = a->host;
	const char *name = a->credential->name;
	int64_t deadline = lifeline_deadline(&h->line);
	int64_t left = deadline < 0 ? -1 : deadline - clock->now(clock);
	lifeline_until(&h->line, -1);
	bool may = keyring_usable(h->keyring, name, h->at->name, a->e) &&
		   keyring_prepare(h->keyring, name, a->e) == 0 &&
		   keyring_enter(h->keyring, name, h->at->name, &h->line.cancelled, a->e);
	if (deadline >= 0)
		lifeline_until(&h->line, clock->now(clock) + (left > 0 ? left : 0));
	return may;
}

/* A system that was just installed knows nobody before the site's provisioning is through, so that it
 * refuses says nothing about the credential. Never with a password: it is shown to it once. */
static bool is_early(const struct attempt *a)
{
	return a->session->fresh && (a->credential->method == CREDENTIAL_KEY ||
				     a->credential->method == CREDENTIAL_AGENT);
}

static enum login refused_early(struct attempt *a)
{
	char *text = xstrdup(a->e->text);
	err_set(a->e, ERR_NETWORK, M_("%-s; it is freshly installed and may not be provisioned yet"),
		text);
	free(text);
	return LOGIN_BROKEN;
}

static enum login login_with(struct attempt *a)
{
	const char *name = a->credential->name, *device = a->host->at->name;
	struct keyring *k = a->host->keyring;
	if (!enter(a))
		return LOGIN_BROKEN;
	enum login result = login_once(a);
	if (result == LOGIN_REFUSED && is_early(a))
		result = refused_early(a);
	if (result == LOGIN_OK)
		keyring_succeeded(k, name, device, a->method);
	else if (result == LOGIN_REFUSED)
		keyring_refused(k, name, device);
	else
		keyring_leave(k, name, device);
	return result;
}

/* What was wrong with this one, behind what was wrong with those before it. */
static void add_reason(struct err *e, const struct err *why)
{
	if (!e)
		return;
	if (e->kind == ERR_NONE)
		*e = *why;
	else
		err_set(e, why->kind, "%s; %s", e->text, why->text);
}

/* One credential after the other, each once, as long as the connection lives. */
int session_login(struct session *s, struct host *h, struct err *e)
{
	struct err reasons = {0};
	const char *name = h->at->credential;
	bool on = true;
	while (on) {
		struct err why = {0};
		struct attempt a = {.session = s, .host = h, .e = &why};
		enum login result = LOGIN_BROKEN;
		a.credential = keyring_find(h->keyring, name);
		if (a.credential)
			result = login_with(&a);
		else
			err_set(&why, ERR_AUTH, "there is no credential named %s", name);
		if (result == LOGIN_OK || result == LOGIN_UNPROVEN)
			return 0;
		add_reason(&reasons, &why);
		name = a.credential ? a.credential->otherwise : NULL;
		on = name && !s->dead && why.kind != ERR_CANCELLED;
	}
	if (e)
		*e = reasons;
	return -1;
}
