/* SPDX-License-Identifier: ISC */
/* Command lines of the CLI: several in one request, modes, and what follows a "|". */
#include "config.h"

#include "lab/command.h"
#include "lab/edit.h"
#include "lab/srx.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* Where the first pipe begins, outside quotes; the end of the text when there is none. */
static size_t pipe_at(const char *line)
{
	bool quoted = false;
	size_t i = 0;
	for (; line[i] && (quoted || line[i] != '|'); i++)
		quoted ^= line[i] == '"';
	return i;
}

/* --- pipes ------------------------------------------------------------------------------------- */

/* Lines of b for which the pattern holds (or does not). */
static void keep_lines(struct blob *b, const char *pattern, bool want, struct blob *out)
{
	size_t n;
	const char *at = blob_data(b, &n), *end = at + n;
	struct str line = {0};
	char *bare = xstrdup(pattern);
	regex_t re;
	if (*bare == '"' && strlen(bare) > 1) {
		memmove(bare, bare + 1, strlen(bare));
		bare[strcspn(bare, "\"")] = '\0';
	}
	if (regcomp(&re, bare, REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0) {
		while (line_next(&at, end, &line))
			if ((regexec(&re, str_text(&line), 0, NULL, 0) == 0) == want)
				blob_printf(out, "%s\n", str_text(&line));
		regfree(&re);
	}
	str_release(&line);
	free(bare);
}

static void count_lines(struct blob *b, const char *rest, bool want, struct blob *out)
{
	size_t n, lines = 0;
	const char *at = blob_data(b, &n);
	(void)rest, (void)want;
	for (size_t i = 0; i < n; i++)
		lines += at[i] == '\n';
	blob_printf(out, "Count: %zu lines\n", lines);
}

static void as_it_is(struct blob *b, const char *rest, bool want, struct blob *out)
{
	(void)rest, (void)want;
	blob_append(out, b);
}

static const struct pipe {
	const char *word;
	void (*run)(struct blob *b, const char *rest, bool want, struct blob *out);
	bool want;
} pipes[] = {
	{"match", keep_lines, true},	{"except", keep_lines, false}, {"count", count_lines, true},
	{"no-more", as_it_is, true},	{"display", as_it_is, true},   {"compare", as_it_is, true},
};

/* Each "| word rest" of the line in turn; false: one is not known. */
static bool through_pipes(char *pipe, struct blob *from, struct blob *out)
{
	struct blob *now = blob_ref(from);
	while (pipe) {
		char *word = pipe + strspn(pipe, " "), *next = word + pipe_at(word);
		bool more = *next == '|';
		*next++ = '\0';
		size_t n = strcspn(word, " ");
		const struct pipe *row = NULL;
		for (size_t i = 0; i < LEN(pipes); i++)
			if (strlen(pipes[i].word) == n && strncmp(pipes[i].word, word, n) == 0)
				row = &pipes[i];
		if (!row) {
			blob_unref(now);
			return false;
		}
		char *rest = word + n + strspn(word + n, " ");
		for (size_t end = strlen(rest); end && rest[end - 1] == ' '; end--)
			rest[end - 1] = '\0';
		struct blob *then = blob_new();
		row->run(now, rest, row->want, then);
		blob_unref(now);
		now = then;
		pipe = more ? next : NULL;
	}
	blob_append(out, now);
	blob_unref(now);
	return true;
}

/* --- one command ------------------------------------------------------------------------------- */

static bool start_shell(struct jcli *c, const char *line)
{
	static const char head[] = "start shell command \"";
	size_t n = strlen(line);
	if (!str_starts(line, head) || n < sizeof(head) || line[n - 1] != '"')
		return false;
	char *command = xstrndup(line + sizeof(head) - 1, n - sizeof(head));
	struct blob *before = c->sh->out;
	c->sh->out = c->out;
	(void)sh_eval_text(c->sh, command); /* its exit status goes nowhere */
	c->sh->out = before;
	free(command);
	return true;
}

static bool operational(struct jcli *c, const char *line, bool json)
{
	if (str_eq(line, "configure") || str_starts(line, "configure ")) {
		junos_configure(c, line + 9 + strspn(line + 9, " "));
		return true;
	}
	if (str_starts(line, "set cli ") || str_eq(line, "exit") || str_eq(line, "quit")) {
		c->leaves = line[0] != 's';
		return true;
	}
	return junos_show(c, line, json) || junos_request(c, line) || junos_file(c, line) ||
	       start_shell(c, line);
}

/* "x | save FILE" becomes "x", and FILE is the answer (new); NULL: nothing is saved. */
static char *cut_save(char *pipe)
{
	char *at = strstr(pipe, "save ");
	if (!at || (at > pipe && at[-1] != ' '))
		return NULL;
	char *file = xstrdup(at + 5);
	while (at > pipe && (at[-1] == ' ' || at[-1] == '|'))
		at--;
	*at = '\0';
	return file;
}

/* "... | match x | save FILE": what is left goes there. */
static void save_output(struct jcli *c, const char *file, struct blob *b)
{
	size_t n, lines = 0;
	const char *data = blob_data(b, &n);
	char *path = vfs_clean("/var/home/admin", file);
	for (size_t i = 0; i < n; i++)
		lines += data[i] == '\n';
	if (!vfs_may_write(&c->dev->vfs, path, c->sh->uid)) {
		blob_printf(c->out, "error: could not open %s: Permission denied\n", path);
	} else {
		vfs_put(&c->dev->vfs, path, blob_share(b), 0644, c->dev->lab->now)->uid = c->sh->uid;
		blob_printf(c->out, "Wrote %zu lines of output to '%s'\n", lines, path);
	}
	free(path);
}

static void run_line(struct jcli *c, const char *line)
{
	size_t bare = pipe_at(line);
	char *pipe = line[bare] ? xstrdup(line + bare + 1) : NULL;
	char *command = xstrndup(line, bare);
	for (size_t n = bare; n && command[n - 1] == ' '; n--)
		command[n - 1] = '\0';
	struct blob *before = c->out, *mine = pipe ? blob_new() : blob_ref(before);
	bool json = pipe && strstr(pipe, "display json");
	c->set = pipe && strstr(pipe, "display set");
	c->out = mine;
	/* in configuration mode the pipe belongs to show */
	bool known = c->configuring ? junos_edit(c, line) : operational(c, command, json);
	struct blob *piped = blob_new();
	c->out = before;
	char *save = pipe && !c->configuring ? cut_save(pipe) : NULL;
	if (!known)
		blob_printf(before, "error: unknown command: %.*s\n", (int)strcspn(command, " "),
			    command);
	else if (!pipe)
		; /* it has been said as it came */
	else if (!through_pipes(c->configuring || !*(pipe ? pipe : "") ? NULL : pipe, mine, piped))
		blob_puts(before, "error: syntax error\n");
	else if (save)
		save_output(c, save, piped);
	else
		blob_append(before, piped);
	free(save);
	bool told = c->dev->cluster && !c->interactive && !c->configuring && !json;
	if (told && proc_alive(c->sh->proc))
		blob_printf(before, "\n%s\n", cluster_banner(c->dev, (char[40]){0}));
	blob_unref(piped);
	blob_unref(mine);
	free(command);
	free(pipe);
}

/* --- a request --------------------------------------------------------------------------------- */

/* To the next ";" or line end outside quotes; new, or NULL at the end. */
static char *next_command(const char **at)
{
	const char *from = *at + strspn(*at, " \t\n;"), *end = from;
	bool quoted = false;
	for (; *end && (quoted || !strchr(";\n", *end)); end++)
		quoted ^= *end == '"';
	*at = end;
	const char *last = end;
	while (last > from && strchr(" \t\r", last[-1]))
		last--;
	return last > from ? xstrndup(from, (size_t)(last - from)) : NULL;
}

static void run_all(struct jcli *c, const char *text)
{
	char *line;
	while (!c->leaves && proc_alive(c->sh->proc) && (line = next_command(&text))) {
		run_line(c, line);
		free(line);
	}
}

/* --- a terminal --------------------------------------------------------------------------------- */

/* A line of what is typed; false: there is no more. */
static bool read_line(struct sh *sh, struct str *line)
{
	char c;
	str_clear(line);
	while (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &c, 1)) {
		sh->in->at++;
		if (c == '\n')
			return true;
		if (line->len < 4096)
			str_putc(line, c);
	}
	return false;
}

bool junos_ask(struct jcli *c, const char *question)
{
	struct str line = {0};
	if (!c->interactive)
		return true;
	blob_printf(c->sh->out, "%s [yes,no] (no) ", question);
	bool yes = read_line(c->sh, &line) && str_eq(str_text(&line), "yes");
	str_release(&line);
	return yes;
}

static void session(struct jcli *c)
{
	struct str line = {0};
	c->interactive = true;
	blob_printf(c->out, "--- JUNOS %s Kernel 64-bit\n", c->dev->version);
	while (!c->leaves && proc_alive(c->sh->proc)) {
		if (c->dev->cluster)
			blob_printf(c->out, "\n%s%s", cluster_banner(c->dev, (char[40]){0}),
				    c->configuring ? "" : "\n");
		else if (c->configuring)
			blob_puts(c->out, "\n");
		blob_printf(c->out, "%s%s@%s%s ", c->configuring ? "[edit]\n" : "", c->sh->user,
			    c->dev->hostname, c->configuring ? "#" : ">");
		if (!read_line(c->sh, &line))
			break;
		const char *text = str_text(&line);
		if (text[strspn(text, " ")])
			run_line(c, text + strspn(text, " "));
	}
	str_release(&line);
}

/* Programs that sshd starts itself, whatever the login shell is. */
static bool is_program(const char *command)
{
	return str_starts(command, "scp ") || strstr(command, "sftp-server");
}

int junos_run(struct sh *sh, const char *command)
{
	struct jcli c = {.sh = sh, .dev = sh->dev, .j = sh->dev->junos, .out = sh->out};
	if (is_program(command))
		return sh_eval_text(sh, command);
	if (str_eq(command, JUNOS_SESSION)) {
		session(&c);
	} else if (str_eq(command, "bash") || str_eq(command, "cli")) { /* a login without a terminal */
		struct blob *in = proc_input_all(sh->proc, sh->in);
		size_t n = 0;
		char *text = in ? xstrndup(blob_data(in, &n), n) : xstrdup("");
		run_all(&c, text);
		free(text);
		blob_unref(in);
	} else {
		run_all(&c, command);
	}
	if (c.configuring)
		junos_leave(&c);
	return 0;
}

/* --- from a shell of the device: cli -c "..." ---------------------------------------------------- */
static int run_cli(struct sh *sh, int argc, char **argv)
{
	if (!sh->dev->junos)
		return say(sh, 127, "bash: cli: command not found");
	return junos_run(sh, argc > 2 && strcmp(argv[1], "-c") == 0 ? argv[2] : "cli");
}

const struct command junos_commands[] = {
	{.name = "cli", .run = run_cli},
	{0},
};
