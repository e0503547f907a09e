/* SPDX-License-Identifier: ISC */
/* What a shell carries with it: variables, functions, directory, user. */
#include "config.h"

#include "lab/builtin.h"
#include "lab/command.h"
#include "lab/device.h"
#include "lab/shell.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_VARS = 1000 };

void sh_init(struct sh *sh, struct proc *p, const char *user, int uid)
{
	struct lab_run_view view = proc_view(p);
	memset(sh, 0, sizeof(*sh));
	sh->lab = view.lab;
	sh->dev = view.dev;
	sh->proc = p;
	sh->user = lab_intern(sh->lab, user);
	sh->uid = uid;
	sh->in = view.in;
	sh->out = view.out;
	sh->err = view.err;
	sh->cwd = account_home(sh->dev, user);
	sh_set(sh, "HOME", sh->cwd, true);
	sh_set(sh, "USER", user, true);
	sh_set(sh, "LOGNAME", user, true);
	char *connection = xasprintf("192.0.2.1 50022 %s 22", sh->dev->address);
	sh_set(sh, "SSH_CONNECTION", connection, true);
	free(connection);
	sh_set(sh, "SHELL", "/bin/bash", true);
	sh_set(sh, "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games", true);
}

void sh_copy(struct sh *sh, struct sh *from)
{
	*sh = *from;
	memset(&sh->vars, 0, sizeof(sh->vars));
	memset(&sh->functions, 0, sizeof(sh->functions));
	for (size_t i = 0; i < from->vars.n; i++) {
		struct variable *v = &from->vars.v[i];
		sh_set(sh, v->name, v->value, v->exported);
	}
	for (size_t i = 0; i < from->functions.n; i++)
		VEC_PUSH(&sh->functions, from->functions.v[i]);
	sh->cwd = xstrdup(from->cwd);
	sh->depth = from->depth + 1;
	sh->flow_depth = 0;
	sh->own_args = NULL;
}

void sh_release(struct sh *sh)
{
	for (size_t i = 0; i < sh->vars.n; i++) {
		free(sh->vars.v[i].name);
		free(sh->vars.v[i].value);
	}
	VEC_RELEASE(&sh->vars);
	VEC_RELEASE(&sh->functions);
	free(sh->cwd);
	sh->cwd = NULL;
	free(sh->own_args);
	sh->own_args = NULL;
}

void sh_set_args(struct sh *sh, int n, char **words)
{
	size_t bytes = ((size_t)n + 2) * sizeof(char *);
	for (int i = 0; i < n; i++)
		bytes += strlen(words[i]) + 1;
	char **args = xmalloc(bytes), *text = (char *)(args + n + 2);
	args[0] = sh->n_args ? sh->args[0] : "bash";
	for (int i = 0; i < n; i++) {
		size_t size = strlen(words[i]) + 1;
		args[i + 1] = memcpy(text, words[i], size);
		text += size;
	}
	args[n + 1] = NULL;
	free(sh->own_args);
	sh->own_args = sh->args = args;
	sh->n_args = n + 1;
}

static struct variable *find(struct sh *sh, const char *name)
{
	for (size_t i = 0; i < sh->vars.n; i++)
		if (strcmp(sh->vars.v[i].name, name) == 0)
			return &sh->vars.v[i];
	return NULL;
}

const char *sh_get(struct sh *sh, const char *name)
{
	if (strcmp(name, "PWD") == 0)
		return sh->cwd;
	struct variable *v = find(sh, name);
	return v ? v->value : NULL;
}

void sh_set(struct sh *sh, const char *name, const char *value, bool exported)
{
	struct variable *v = find(sh, name);
	if (!v) {
		if (sh->vars.n >= MAX_VARS)
			return;
		v = VEC_ADD(&sh->vars);
		v->name = xstrdup(name);
	}
	char *copy = xstrdup(value ? value : "");
	free(v->value);
	v->value = copy;
	v->exported |= exported;
}

void sh_unset(struct sh *sh, const char *name)
{
	struct variable *v = find(sh, name);
	if (!v)
		return;
	free(v->name);
	free(v->value);
	VEC_REMOVE(&sh->vars, (size_t)(v - sh->vars.v));
}

int run_source(struct sh *sh, int argc, char **argv)
{
	struct blob *b = argc > 1 ? file_open(sh, argv[1], "bash") : NULL;
	if (!b)
		return argc > 1 ? 1 : say(sh, 2, "bash: .: filename argument required");
	size_t n;
	const char *data = blob_data(b, &n);
	char *text = xstrndup(data, n);
	int status = sh_eval_text(sh, text);
	free(text);
	blob_unref(b);
	return status;
}
