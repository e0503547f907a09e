/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "lab/builtin.h"

#include "lab/command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run_true(struct sh *sh, int argc, char **argv)
{
	(void)sh, (void)argc, (void)argv;
	return 0;
}

static int run_false(struct sh *sh, int argc, char **argv)
{
	(void)sh, (void)argc, (void)argv;
	return 1;
}

static int run_cd(struct sh *sh, int argc, char **argv)
{
	const char *home = sh_get(sh, "HOME"), *to = argc > 1 ? argv[1] : home ? home : "/";
	char *path = vfs_clean(sh->cwd, to);
	bool dir;
	if (!file_exists(sh, path, &dir, NULL) || !dir) {
		free(path);
		return say(sh, 1, "bash: cd: %s: No such file or directory", to);
	}
	free(sh->cwd);
	sh->cwd = path;
	return 0;
}

static int run_pwd(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	blob_printf(sh->out, "%s\n", sh->cwd);
	return 0;
}

/* \n, \t, \\, \0nn, \xhh and \e of echo -e and printf. Returns what it consumed. */
static size_t escape(struct blob *out, const char *at)
{
	static const char from[] = "abefnrtv\\\"'", to[] = "\a\b\x1b\f\n\r\t\v\\\"'";
	const char *hit = at[1] ? strchr(from, at[1]) : NULL;
	if (hit) {
		blob_add(out, &to[hit - from], 1);
		return 2;
	}
	int base = at[1] == 'x' ? 16 : at[1] >= '0' && at[1] <= '7' ? 8 : 0;
	size_t n = base == 16 ? 2 : 1, last = base == 16 ? 4 : 5;
	unsigned value = 0;
	while (base && n < last && isxdigit((unsigned char)at[n]) && (base == 16 || at[n] < '8')) {
		char digit[2] = {at[n++], '\0'};
		value = value * (unsigned)base + (unsigned)strtoul(digit, NULL, base);
	}
	if (!base || n == (base == 16 ? 2u : 1u)) {
		blob_add(out, at, 1);
		return 1;
	}
	blob_add(out, &(char){(char)value}, 1);
	return n;
}

static int run_echo(struct sh *sh, int argc, char **argv)
{
	bool newline = true, escapes = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1] &&
	       !argv[i][strspn(argv[i] + 1, "neE") + 1];
	     i++) {
		newline &= strchr(argv[i], 'n') == NULL;
		escapes |= strchr(argv[i], 'e') != NULL;
	}
	for (int first = i; i < argc; i++) {
		if (i > first)
			blob_puts(sh->out, " ");
		if (!escapes)
			blob_puts(sh->out, argv[i]);
		for (const char *c = argv[i]; escapes && *c;)
			c += *c == '\\' ? escape(sh->out, c) : (blob_add(sh->out, c, 1), 1u);
	}
	if (newline)
		blob_puts(sh->out, "\n");
	return 0;
}

/* One conversion of printf at *at; the argument may be missing. */
static void convert(struct blob *out, const char **at, const char *arg)
{
	char spec[32] = "%";
	size_t n = 1 + strspn(*at + 1, "-+ #0123456789.");
	if (n >= sizeof(spec) - 4)
		n = 1;
	memcpy(spec, *at, n);
	char kind = (*at)[n];
	*at += n + (kind != '\0');
	if (kind == 's' || kind == 'b') {
		(void)snprintf(spec + n, sizeof(spec) - n, "s");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		blob_printf(out, spec, arg ? arg : "");
	} else if (kind && strchr("dioxXu", kind)) {
		(void)snprintf(spec + n, sizeof(spec) - n, "l%c", kind);
		blob_printf(out, spec, arg ? strtol(arg, NULL, 0) : 0L);
#pragma GCC diagnostic pop
	} else if (kind == 'c') {
		blob_add(out, arg ? arg : "", arg && *arg);
	} else if (kind == '%') {
		blob_puts(out, "%");
	}
}

static int run_printf(struct sh *sh, int argc, char **argv)
{
	int next = 2 + (argc > 1 && str_eq(argv[1], "--"));
	if (argc < next)
		return say(sh, 2, "bash: printf: usage: printf [-v var] format [arguments]");
	const char *format = argv[next - 1];
	int before;
	do {
		before = next;
		for (const char *c = format; *c;) {
			if (*c == '%') {
				bool takes = c[1] != '%';
				convert(sh->out, &c, takes && next < argc ? argv[next] : NULL);
				next += takes && next < argc;
			} else if (*c == '\\') {
				c += escape(sh->out, c);
			} else {
				blob_add(sh->out, c++, 1);
			}
		}
	} while (next < argc && next > before && sh_step(sh));
	return 0;
}

static int run_exit(struct sh *sh, int argc, char **argv)
{
	sh->last = argc > 1 ? atoi(argv[1]) & 255 : sh->last;
	sh->flow = strcmp(argv[0], "return") == 0 ? FLOW_RETURN : FLOW_EXIT;
	return sh->last;
}

static int run_break(struct sh *sh, int argc, char **argv)
{
	sh->flow = argv[0][0] == 'b' ? FLOW_BREAK : FLOW_CONTINUE;
	sh->flow_depth = argc > 1 ? atoi(argv[1]) : 1;
	return 0;
}

static int run_export(struct sh *sh, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t n = strcspn(argv[i], "=");
		char *name = xstrndup(argv[i], n);
		sh_set(sh, name, argv[i][n] ? argv[i] + n + 1 : sh_get(sh, name), true);
		free(name);
	}
	return 0;
}

static int run_unset(struct sh *sh, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		sh_unset(sh, argv[i]);
	return 0;
}

static int run_set(struct sh *sh, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool on = argv[i][0] == '-';
		if (str_eq(argv[i], "--")) {
			sh_set_args(sh, argc - i - 1, argv + i + 1);
			break;
		}
		if (argv[i][0] != '-' && argv[i][0] != '+')
			continue;
		for (const char *c = argv[i] + 1; *c; c++) {
			sh->errexit = *c == 'e' ? on : sh->errexit;
			sh->nounset = *c == 'u' ? on : sh->nounset;
			if (*c == 'o' && i + 1 < argc && str_eq(argv[i + 1], "pipefail"))
				sh->pipefail = on;
		}
	}
	return 0;
}

static int run_shift(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (sh->n_args > 1) {
		sh->args++;
		sh->n_args--;
	}
	return 0;
}

/* One field of the line, as the shell splits it: white space of IFS runs together, any other
 * character of it ends one field. The last name gets the rest. */
static char *read_field(const char **at, const char *ifs, bool last)
{
	const char *p = *at;
	while (*p && strchr(ifs, *p) && strchr(" \t", *p))
		p++;
	size_t n = last ? strlen(p) : strcspn(p, ifs);
	const char *end = p + n;
	*at = end + (*end != '\0');
	while (last && n && strchr(ifs, p[n - 1]) && strchr(" \t", p[n - 1]))
		n--;
	return xstrndup(p, n);
}

static void read_assign(struct sh *sh, int argc, char **argv, const char *line)
{
	const char *ifs = sh_get(sh, "IFS");
	if (!ifs)
		ifs = " \t\n";
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		char *text = read_field(&line, ifs, i + 1 == argc);
		sh_set(sh, argv[i], text, false);
		free(text);
	}
}

static int run_read(struct sh *sh, int argc, char **argv)
{
	struct str line = {0};
	char c = '\0';
	bool any = false;
	while (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &c, 1)) {
		sh->in->at++;
		any = true;
		if (c == '\n')
			break;
		str_putc(&line, c);
	}
	if (argc > 1 && argv[argc - 1][0] != '-')
		read_assign(sh, argc, argv, str_text(&line));
	else
		sh_set(sh, "REPLY", str_text(&line), false);
	str_release(&line);
	return any && c == '\n' ? 0 : 1;
}

/* --- running other commands ------------------------------------------------------------------- */
static int run_sh(struct sh *sh, int argc, char **argv)
{
	int i = 1;
	bool text = false, errexit = false;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		text |= strchr(argv[i], 'c') != NULL && argv[i][1] != '-';
		errexit |= strchr(argv[i], 'e') != NULL && argv[i][1] != '-';
	}
	struct sh sub;
	sh_copy(&sub, sh);
	sub.errexit = errexit;
	int status;
	if (text && i < argc) {
		sub.args = argv + i + (i + 1 < argc);
		sub.n_args = argc - i - (i + 1 < argc);
		status = sh_eval_text(&sub, argv[i]);
	} else {
		struct blob *script =
		    i < argc ? file_open(&sub, argv[i], "bash") : proc_input_all(sh->proc, sh->in);
		size_t n = 0;
		const char *data = script ? blob_data(script, &n) : "";
		char *copy = xstrndup(data, n);
		sub.args = argv + i;
		sub.n_args = argc - i;
		status = script ? onie_image_run(&sub, script, argc - i, argv + i) : 127;
		if (status == RUN_AS_SCRIPT)
			status = sh_eval_text(&sub, copy);
		free(copy);
		blob_unref(script);
	}
	if (sub.flow == FLOW_EXIT)
		status = sub.last;
	sh_release(&sub);
	return status;
}

static int run_env(struct sh *sh, int argc, char **argv)
{
	struct sh sub;
	sh_copy(&sub, sh);
	int i = 1;
	for (; i < argc && (strchr(argv[i], '=') || argv[i][0] == '-'); i++) {
		char *eq = strchr(argv[i], '=');
		char *name = xstrndup(argv[i], eq ? (size_t)(eq - argv[i]) : 0);
		if (eq && argv[i][0] != '-')
			sh_set(&sub, name, eq + 1, true);
		free(name);
	}
	int status = 0;
	if (i < argc)
		status = sh_run(&sub, argc - i, argv + i);
	for (size_t k = 0; i >= argc && k < sub.vars.n; k++)
		if (sub.vars.v[k].exported)
			blob_printf(sh->out, "%s=%s\n", sub.vars.v[k].name, sub.vars.v[k].value);
	sh_release(&sub);
	return status;
}

/* nohup, nice, ionice, setsid, stdbuf, exec, command, eval-like: options, then a command. */
static int run_through(struct sh *sh, int argc, char **argv)
{
	int i = 1;
	while (i < argc && argv[i][0] == '-')
		i += 1 + (strchr("noc", argv[i][1]) && !argv[i][2] && i + 1 < argc);
	return i < argc ? sh_run(sh, argc - i, argv + i) : 0;
}

static int run_eval(struct sh *sh, int argc, char **argv)
{
	struct str text = {0};
	for (int i = 1; i < argc; i++)
		str_printf(&text, "%s%s", i > 1 ? " " : "", argv[i]);
	int status = sh_eval_text(sh, str_text(&text));
	str_release(&text);
	return status;
}

static int run_command(struct sh *sh, int argc, char **argv)
{
	bool which = strcmp(argv[0], "which") == 0, type = strcmp(argv[0], "type") == 0;
	if (!which && !type && (argc < 2 || (strcmp(argv[1], "-v") && strcmp(argv[1], "-V"))))
		return run_through(sh, argc, argv);
	int status = argc > 1 ? 0 : 1;
	for (int i = which || type ? 1 : 2; i < argc; i++) {
		const struct builtin *b = builtin_find(argv[i]);
		const struct command *c = b ? NULL : command_find(sh->dev, argv[i]);
		if (b && !which)
			blob_printf(sh->out, b->program ? "/usr/bin/%s\n" : "%s\n", argv[i]);
		else if (b && b->program)
			blob_printf(sh->out, "/usr/bin/%s\n", argv[i]);
		else if (c)
			blob_printf(sh->out, "%s/%s\n", c->path ? c->path : "/usr/bin", c->name);
		else
			status = type ? say(sh, 1, "bash: type: %s: not found", argv[i]) : 1;
	}
	return status;
}

/* timeout [-k N] [-s SIG] N command: only the command's own waiting is measured. */
static int run_timeout(struct sh *sh, int argc, char **argv)
{
	int i = 1;
	while (i < argc && argv[i][0] == '-')
		i += 1 + (strchr("ks", argv[i][1]) && !argv[i][2]);
	if (i + 1 >= argc)
		return say(sh, 125, "timeout: missing operand");
	int64_t limit = (int64_t)(atof(argv[i]) * 1000);
	limit *= str_ends(argv[i], "m") ? 60 : 1;
	return proc_limited(sh, limit, argc - i - 1, argv + i + 1);
}

/* --- sudo ------------------------------------------------------------------------------------- */
struct sudo {
	bool never_asks, from_stdin;
	const char *user;
	int first;
};

static struct sudo sudo_options(int argc, char **argv)
{
	struct sudo o = {.user = "root", .first = 1};
	for (; o.first < argc && argv[o.first][0] == '-'; o.first++) {
		const char *a = argv[o.first];
		if (str_eq(a, "--")) {
			o.first++;
			break;
		}
		o.never_asks |= strchr(a, 'n') != NULL;
		o.from_stdin |= strchr(a, 'S') != NULL;
		if ((str_eq(a, "-u") || str_eq(a, "-p") || str_eq(a, "-g")) && o.first + 1 < argc) {
			o.first++;
			if (a[1] == 'u')
				o.user = argv[o.first];
		}
	}
	return o;
}

static bool sudo_password(struct sh *sh)
{
	struct str line = {0};
	char c;
	while (proc_input(sh->proc, sh->in) && blob_read(sh->in->blob, sh->in->at, &c, 1)) {
		sh->in->at++;
		if (c == '\n')
			break;
		str_putc(&line, c);
	}
	bool ok = account_password_ok(sh->dev, sh->user, str_text(&line));
	str_release(&line);
	return ok;
}

/* 0: may go on. */
static int sudo_check(struct sh *sh, const struct sudo *o)
{
	bool needs = false;
	if (sh->uid == 0)
		return 0;
	if (fault_on(sh->dev, "sudo-password"))
		needs = true;
	else if (!account_sudo(sh->dev, sh->user, &needs))
		return say(sh, 1, "%s is not in the sudoers file.  This incident will be reported.",
			   sh->user);
	if (!needs)
		return 0;
	if (o->from_stdin && !o->never_asks) {
		blob_printf(sh->err, "[sudo] password for %s: ", sh->user);
		if (sudo_password(sh))
			return 0;
		return say(sh, 1,
			   "Sorry, try again.\nsudo: no password was provided\n"
			   "sudo: 1 incorrect password attempt");
	}
	if (!o->never_asks)
		blob_puts(sh->err,
			  "sudo: a terminal is required to read the password; either use the -S "
			  "option to read from standard input or configure an askpass helper\n");
	return say(sh, 1, "sudo: a password is required");
}

static int run_sudo(struct sh *sh, int argc, char **argv)
{
	struct sudo o = sudo_options(argc, argv);
	int refused = sudo_check(sh, &o);
	if (refused)
		return refused;
	struct sh sub;
	sh_copy(&sub, sh);
	sh_set(&sub, "SUDO_USER", sh->user, true);
	sub.user = lab_intern(sh->lab, o.user);
	sub.uid = account_uid(sh->dev, o.user);
	sh_set(&sub, "USER", o.user, true);
	char *home = account_home(sh->dev, o.user);
	sh_set(&sub, "HOME", home, true);
	free(home);
	int i = o.first;
	for (char *eq; i < argc && (eq = strchr(argv[i], '=')) && argv[i][0] != '/'; i++) {
		char *name = xstrndup(argv[i], (size_t)(eq - argv[i]));
		sh_set(&sub, name, eq + 1, true);
		free(name);
	}
	int status = 0;
	const struct builtin *b = i < argc ? builtin_find(argv[i]) : NULL;
	bool known = i < argc &&
		     ((b && b->program) || strchr(argv[i], '/') || command_find(sh->dev, argv[i]));
	if (known)
		status = sh_run(&sub, argc - i, argv + i);
	else if (i < argc)
		status = say(sh, 1, "sudo: %s: command not found", argv[i]);
	sh_release(&sub);
	return status;
}

static const struct builtin builtins[] = {
    {":", run_true, false},          {"true", run_true, true},       {"false", run_false, true},
    {"cd", run_cd, false},           {"echo", run_echo, true},       {"printf", run_printf, true},
    {"pwd", run_pwd, true},          {"exit", run_exit, false},      {"return", run_exit, false},
    {"break", run_break, false},     {"continue", run_break, false}, {"export", run_export, false},
    {"unset", run_unset, false},     {"set", run_set, false},        {"shift", run_shift, false},
    {"read", run_read, false},       {"umask", run_true, false},     {"ulimit", run_true, false},
    {"trap", run_true, false},       {"wait", run_true, false},      {"local", run_export, false},
    {"readonly", run_export, false}, {"sh", run_sh, true},           {"bash", run_sh, true},
    {"dash", run_sh, true},          {"env", run_env, true},         {"nohup", run_through, true},
    {"nice", run_through, true},     {"ionice", run_through, true},  {"setsid", run_through, true},
    {"stdbuf", run_through, true},   {"exec", run_through, false},   {"eval", run_eval, false},
    {"command", run_command, false}, {"which", run_command, true},   {"type", run_command, false},
    {"timeout", run_timeout, true},  {"sudo", run_sudo, true},       {"test", run_test, true},
    {"[", run_test, true},           {"[[", run_test, false},        {".", run_source, false},
    {"source", run_source, false},
};

const struct builtin *builtin_find(const char *name)
{
	const char *base = strrchr(name, '/');
	bool path = str_starts(name, "/bin/") || str_starts(name, "/usr/bin/");
	base = base && path ? base + 1 : name;
	for (size_t i = 0; i < LEN(builtins); i++)
		if (strcmp(builtins[i].name, base) == 0 && (!path || builtins[i].program))
			return &builtins[i];
	return NULL;
}
