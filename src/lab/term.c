/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/term.h"

#include <stdlib.h>
#include <string.h>

enum state { PROMPT, RUNNING, SESSION, OLD_PASSWORD, NEW_PASSWORD, AGAIN, OVER };

struct term {
	struct lab *lab;
	size_t device;
	char *user;
	void *ctx;
	enum state state;
	struct lab_run *run;
	struct str line, out, ahead; /* ahead: typed while a command runs */
	char *old, *wanted;
	bool dropped;
};

static void prompt(struct term *t)
{
	struct lab_info info;
	lab_info(t->lab, t->device, &info);
	str_printf(&t->out, "%s@%s:~$ ", t->user, info.hostname);
	t->state = PROMPT;
}

struct term *term_new(struct lab *lab, size_t device, const char *user, void *run_ctx)
{
	struct term *t = xcalloc(1, sizeof(*t));
	t->lab = lab;
	t->device = device;
	t->user = xstrdup(user);
	t->ctx = run_ctx;
	if (lab_login_expired(lab, device, user)) {
		str_puts(&t->out, "You are required to change your password immediately "
				  "(administrator enforced)\r\n"
				  "Changing password for cumulus.\r\nCurrent password: ");
		t->state = OLD_PASSWORD;
	} else if (lab_session(lab, device)) {
		t->run = lab_run_start(lab, device, user, lab_session(lab, device), run_ctx);
		t->state = SESSION;
	} else {
		str_puts(&t->out, "\r\nWelcome to Cumulus (R) Linux (R)\r\n");
		prompt(t);
	}
	return t;
}

void term_free(struct term *t)
{
	if (!t)
		return;
	lab_run_close(t->run);
	str_release(&t->line);
	str_release(&t->out);
	str_release(&t->ahead);
	free(t->old);
	free(t->wanted);
	free(t->user);
	free(t);
}

static void change(struct term *t, const char *again)
{
	if (strcmp(t->wanted, again) != 0)
		str_puts(&t->out, "Sorry, passwords do not match.\r\npasswd: Authentication token "
				  "manipulation error\r\n");
	else if (!lab_change_password(t->lab, t->device, t->user, t->old, t->wanted))
		str_puts(&t->out, "passwd: Authentication token manipulation error\r\npasswd: "
				  "password unchanged\r\n");
	else
		str_puts(&t->out, "passwd: password updated successfully\r\n");
	t->state = OVER; /* sshd closes in any case */
}

static void take_line(struct term *t)
{
	char *line = str_take(&t->line);
	str_puts(&t->out, "\r\n");
	if (t->state == SESSION) {
		lab_run_feed(t->run, line, strlen(line));
		lab_run_feed(t->run, "\n", 1);
	} else if (t->state == OLD_PASSWORD) {
		t->old = xstrdup(line);
		str_puts(&t->out, "New password: ");
		t->state = NEW_PASSWORD;
	} else if (t->state == NEW_PASSWORD) {
		t->wanted = xstrdup(line);
		str_puts(&t->out, "Retype new password: ");
		t->state = AGAIN;
	} else if (t->state == AGAIN) {
		change(t, line);
	} else if (strcmp(line, "exit") == 0 || strcmp(line, "logout") == 0) {
		t->state = OVER;
	} else if (!line[strspn(line, " \t")]) {
		prompt(t);
	} else {
		t->run = lab_run_start(t->lab, t->device, t->user, line, t->ctx);
		t->state = RUNNING;
	}
	free(line);
}

static void key(struct term *t, char c)
{
	bool secret = t->state != PROMPT && t->state != SESSION;
	if (c == '\r' || c == '\n') {
		take_line(t);
	} else if (c == 4 && !t->line.len) {
		if (t->state == SESSION)
			lab_run_eof(t->run);
		else
			t->state = OVER;
	} else if (c == 3) {
		str_clear(&t->line);
		str_puts(&t->out, "^C\r\n");
		if (t->state == PROMPT)
			prompt(t);
		else if (t->state != SESSION)
			t->state = OVER;
	} else if ((c == 127 || c == 8) && t->line.len) {
		str_cut(&t->line, t->line.len - 1);
		str_puts(&t->out, secret ? "" : "\b \b");
	} else if ((unsigned char)c >= ' ' && t->line.len < 4096) {
		str_putc(&t->line, c);
		if (!secret)
			str_putc(&t->out, c);
	}
}

void term_input(struct term *t, const void *data, size_t n)
{
	const char *text = data;
	for (size_t i = 0; i < n; i++) {
		if (t->state == RUNNING)
			str_putc(&t->ahead, text[i]);
		else
			key(t, text[i]);
	}
}

/* What was typed ahead goes to the command if it reads, else it is the next line of the shell. */
static void feed_ahead(struct term *t)
{
	while (t->ahead.len && (t->state != RUNNING || lab_run_waits(t->run))) {
		char c = t->ahead.buf[0];
		memmove(t->ahead.buf, t->ahead.buf + 1, t->ahead.len - 1);
		str_cut(&t->ahead, t->ahead.len - 1);
		if (t->state != RUNNING)
			key(t, c);
		else if (c == 4)
			lab_run_eof(t->run);
		else
			lab_run_feed(t->run, c == '\r' ? "\n" : &c, 1);
	}
}

/* A terminal turns LF into CR LF. */
static void add_output(struct term *t, const struct str *raw)
{
	for (size_t i = 0; i < raw->len; i++) {
		if (raw->buf[i] == '\n')
			str_putc(&t->out, '\r');
		str_putc(&t->out, raw->buf[i]);
	}
}

static void follow(struct term *t)
{
	struct str raw = {0};
	if (t->state != RUNNING && t->state != SESSION)
		return;
	(void)lab_run_output(t->run, 1, 65536, &raw);
	(void)lab_run_output(t->run, 2, 65536, &raw);
	add_output(t, &raw);
	t->dropped = lab_run_dropped(t->run);
	if (lab_run_ended(t->run) && !raw.len) {
		lab_run_close(t->run);
		t->run = NULL;
		if (t->dropped || t->state == SESSION)
			t->state = OVER;
		else
			prompt(t);
	}
	str_release(&raw);
}

size_t term_output(struct term *t, size_t limit, struct str *out)
{
	feed_ahead(t);
	follow(t);
	feed_ahead(t);
	size_t n = t->out.len < limit ? t->out.len : limit;
	str_add(out, str_text(&t->out), n);
	if (n) {
		memmove(t->out.buf, t->out.buf + n, t->out.len - n);
		str_cut(&t->out, t->out.len - n);
	}
	return n;
}

bool term_ended(struct term *t)
{
	return t->state == OVER && !t->out.len;
}

bool term_dropped(const struct term *t)
{
	return t->dropped;
}
