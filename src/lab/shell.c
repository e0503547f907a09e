/* SPDX-License-Identifier: ISC */
/* The evaluator: walks the tree inside a process's fiber. */
#include "config.h"

#include "lab/shell.h"

#include "lab/builtin.h"
#include "lab/command.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 160, STACK_RESERVE = 64 * 1024 };

bool sh_alive(struct sh *sh)
{
	return proc_alive(sh->proc);
}

bool sh_step(struct sh *sh)
{
	return proc_step(sh->proc);
}

/* --- redirections ----------------------------------------------------------------------------- */
struct streams {
	struct input *in, own;
	struct blob *out, *err;
};

static bool redirect_in(struct sh *sh, const struct redirect *r, struct streams *s)
{
	struct blob *b;
	if (r->kind == 'h') {
		char *text = r->literal ? xstrdup(r->word) : word_heredoc(sh, r->word);
		b = blob_new();
		blob_puts(b, text);
		free(text);
	} else {
		char *path = word_text(sh, r->word);
		b = strcmp(path, "/dev/null") == 0 ? blob_new() : file_open(sh, path, "bash");
		free(path);
		if (!b)
			return false;
	}
	blob_unref(s->own.blob);
	s->own = (struct input){.blob = b};
	s->in = &s->own;
	return true;
}

static bool redirect_out(struct sh *sh, const struct redirect *r, struct streams *s)
{
	struct blob **which = r->fd == 2 ? &s->err : &s->out;
	char *word = word_text(sh, r->word);
	struct blob *b;
	if (r->kind == '&')
		b = blob_ref(word[0] == '2' ? s->err : s->out);
	else
		b = file_sink(sh, word, r->kind == 'a');
	free(word);
	if (!b)
		return false;
	blob_unref(*which);
	*which = b;
	return true;
}

static bool redirect_all(struct sh *sh, struct ast *a, struct streams *s)
{
	for (size_t i = 0; i < a->redirects.n; i++) {
		struct redirect *r = &a->redirects.v[i];
		if (!r->word)
			continue;
		bool in = r->fd == 0 && (r->kind == '<' || r->kind == 'h');
		struct sh at = *sh; /* messages go where standard error goes by now */
		at.err = s->err;
		bool ok = in ? redirect_in(&at, r, s) : r->fd == 0 ? true : redirect_out(&at, r, s);
		sh->vars.n = at.vars.n;
		sh->vars.v = at.vars.v;
		sh->vars.cap = at.vars.cap;
		if (!ok)
			return false;
	}
	return true;
}

/* Run fn with the redirections of a; 1 when one of them fails. */
static int with_redirects(struct sh *sh, struct ast *a, int (*fn)(struct sh *, struct ast *))
{
	if (!a->redirects.n)
		return fn(sh, a);
	struct streams s = {.in = sh->in, .out = blob_ref(sh->out), .err = blob_ref(sh->err)};
	int status = 1;
	if (redirect_all(sh, a, &s)) {
		struct input *in = sh->in;
		struct blob *out = sh->out, *err = sh->err;
		sh->in = s.in;
		sh->out = s.out;
		sh->err = s.err;
		status = fn(sh, a);
		sh->in = in;
		sh->out = out;
		sh->err = err;
	}
	blob_unref(s.out);
	blob_unref(s.err);
	blob_unref(s.own.blob);
	return status;
}

/* --- commands --------------------------------------------------------------------------------- */
static struct ast *function_find(struct sh *sh, const char *name)
{
	for (size_t i = sh->functions.n; i--;)
		if (strcmp(sh->functions.v[i]->words.v[0], name) == 0)
			return sh->functions.v[i]->left;
	return NULL;
}

static int call_function(struct sh *sh, struct ast *body, int argc, char **argv)
{
	char **args = sh->args;
	int n = sh->n_args;
	sh->args = argv;
	sh->n_args = argc;
	int status = sh_eval(sh, body);
	sh->args = args;
	sh->n_args = n;
	if (sh->flow == FLOW_RETURN)
		sh->flow = FLOW_NONE;
	return status;
}

/* A file with "#!": its text is run by this very shell in a subshell. */
static int run_script(struct sh *sh, struct node *file, int argc, char **argv)
{
	size_t n;
	const char *data = blob_data(file->blob, &n);
	if (n > BLOB_SPILL || n < 2 || memcmp(data, "#!", 2) != 0)
		return say(sh, 126, "bash: %s: cannot execute binary file: Exec format error",
			   argv[0]);
	char *text = xstrndup(data, n);
	struct sh sub;
	sh_copy(&sub, sh);
	sub.args = argv;
	sub.n_args = argc;
	int status = sh_eval_text(&sub, text);
	sh_release(&sub);
	free(text);
	return status;
}

static int run_path(struct sh *sh, int argc, char **argv)
{
	char *path = vfs_clean(sh->cwd, argv[0]);
	struct node *file = vfs_get(&sh->dev->vfs, path);
	int status;
	if (!file)
		status = say(sh, 127, "bash: %s: No such file or directory", argv[0]);
	else if (file->dir)
		status = say(sh, 126, "bash: %s: Is a directory", argv[0]);
	else if (!(file->mode & 0111))
		status = say(sh, 126, "bash: %s: Permission denied", argv[0]);
	else
		status = onie_image_run(sh, file->blob, argc, argv);
	if (status == RUN_AS_SCRIPT)
		status = run_script(sh, file, argc, argv);
	free(path);
	return status;
}

int sh_run(struct sh *sh, int argc, char **argv)
{
	if (!sh_step(sh))
		return 137;
	struct ast *function = function_find(sh, argv[0]);
	if (function)
		return call_function(sh, function, argc, argv);
	const struct builtin *b = builtin_find(argv[0]);
	if (b)
		return b->run(sh, argc, argv);
	const struct command *c = command_find(sh->dev, argv[0]);
	if (c) {
		if (c->root && sh->uid != 0)
			return say(sh, 1, "%s: must be root (Permission denied)", argv[0]);
		if (!c->keeps_links)
			links_update(sh->lab);
		return c->run(sh, argc, argv);
	}
	if (strchr(argv[0], '/'))
		return run_path(sh, argc, argv);
	return say(sh, 127, "bash: %s: command not found", argv[0]);
}

static void assign(struct sh *sh, const char *word, bool exported)
{
	size_t n = strcspn(word, "=");
	char *name = xstrndup(word, n);
	char *value = word_text(sh, word + n + 1);
	sh_set(sh, name, value, exported);
	free(value);
	free(name);
}

/* VAR=x builtin: it runs in this shell (read sets variables here), and then VAR is what it was. */
static int run_builtin_with_vars(struct sh *sh, struct ast *a, fields_t *words)
{
	char **old = xcalloc(a->n_assign, sizeof(*old));
	for (size_t i = 0; i < a->n_assign; i++) {
		char *name = xstrndup(a->words.v[i], strcspn(a->words.v[i], "="));
		const char *value = sh_get(sh, name);
		old[i] = value ? xstrdup(value) : NULL;
		assign(sh, a->words.v[i], false);
		free(name);
	}
	int status = sh_run(sh, (int)words->n, words->v);
	for (size_t i = a->n_assign; i-- > 0;) {
		char *name = xstrndup(a->words.v[i], strcspn(a->words.v[i], "="));
		if (old[i])
			sh_set(sh, name, old[i], false);
		else
			sh_unset(sh, name);
		free(name);
		free(old[i]);
	}
	free(old);
	return status;
}

/* VAR=x command: the variables are the command's alone. */
static int run_with_vars(struct sh *sh, struct ast *a, fields_t *words)
{
	if (!a->n_assign)
		return sh_run(sh, (int)words->n, words->v);
	const struct builtin *b = builtin_find(words->v[0]);
	if (b && !b->program)
		return run_builtin_with_vars(sh, a, words);
	struct sh sub;
	sh_copy(&sub, sh);
	for (size_t i = 0; i < a->n_assign; i++)
		assign(&sub, a->words.v[i], true);
	VEC_PUSH(words, NULL);
	int status = sh_run(&sub, (int)words->n - 1, words->v);
	sh_release(&sub);
	return status;
}

static int eval_simple(struct sh *sh, struct ast *a)
{
	fields_t words = {0};
	for (size_t i = a->n_assign; i < a->words.n && sh->flow == FLOW_NONE; i++)
		word_fields(sh, a->words.v[i], &words);
	int status = 0;
	if (sh->flow != FLOW_NONE) {
		status = sh->last;
	} else if (!words.n) {
		int before = sh->last;
		sh->last = 0;
		for (size_t i = 0; i < a->n_assign; i++)
			assign(sh, a->words.v[i], false);
		status = sh->last; /* of the last $(...), as POSIX says */
		sh->last = before;
	} else {
		VEC_PUSH(&words, NULL);
		words.n--;
		status = run_with_vars(sh, a, &words);
		while (words.n && !words.v[words.n - 1])
			words.n--;
	}
	fields_release(&words);
	return status;
}

/* --- the tree --------------------------------------------------------------------------------- */
/* A subshell of sh that evaluates tree with these streams. */
static int in_subshell(struct sh *sh, struct ast *tree, struct input *in, struct blob *out)
{
	struct sh sub;
	sh_copy(&sub, sh);
	if (in)
		sub.in = in;
	if (out)
		sub.out = out;
	int status = sh_eval(&sub, tree);
	if (sub.flow == FLOW_EXIT)
		status = sub.last;
	sh_release(&sub);
	return status;
}

static int eval_pipe(struct sh *sh, struct ast *a)
{
	struct blob *middle = blob_new();
	int left = in_subshell(sh, a->left, NULL, middle);
	struct input in = {.blob = middle};
	int right = in_subshell(sh, a->right, &in, NULL);
	blob_unref(in.blob);
	return sh->pipefail && right == 0 ? left : right;
}

static int eval_condition(struct sh *sh, struct ast *a)
{
	bool before = sh->in_condition;
	sh->in_condition = true;
	int status = sh_eval(sh, a);
	sh->in_condition = before;
	return status;
}

static int eval_if(struct sh *sh, struct ast *a)
{
	bool yes = eval_condition(sh, a->left) == 0;
	if (sh->flow != FLOW_NONE)
		return sh->last;
	struct ast *next = yes ? a->right : a->other;
	return next ? sh_eval(sh, next) : 0;
}

/* After the body of a loop: go on? */
static bool loop_goes_on(struct sh *sh)
{
	if (sh->flow != FLOW_BREAK && sh->flow != FLOW_CONTINUE)
		return sh->flow == FLOW_NONE && sh_step(sh);
	bool again = sh->flow == FLOW_CONTINUE && sh->flow_depth <= 1;
	if (--sh->flow_depth <= 0)
		sh->flow = FLOW_NONE;
	return again && sh_step(sh);
}

static int eval_while(struct sh *sh, struct ast *a)
{
	int status = 0;
	while ((eval_condition(sh, a->left) == 0) == (a->kind == AST_WHILE)) {
		if (sh->flow != FLOW_NONE)
			break;
		status = sh_eval(sh, a->right);
		if (!loop_goes_on(sh))
			break;
	}
	return status;
}

static int eval_for(struct sh *sh, struct ast *a)
{
	fields_t items = {0};
	int status = 0;
	for (size_t i = 1; i < a->words.n; i++)
		word_fields(sh, a->words.v[i], &items);
	for (size_t i = 0; i < items.n; i++) {
		sh_set(sh, a->words.v[0], items.v[i], false);
		status = sh_eval(sh, a->right);
		if (!loop_goes_on(sh))
			break;
	}
	fields_release(&items);
	return status;
}

static int eval_case(struct sh *sh, struct ast *a)
{
	char *text = word_text(sh, a->words.v[0]);
	struct ast *body = NULL;
	bool hit = false;
	for (size_t i = 0; i < a->arms.n && !hit; i++) {
		for (size_t k = 0; k < a->arms.v[i]->words.n && !hit; k++) {
			char *pattern = word_pattern(sh, a->arms.v[i]->words.v[k]);
			hit = word_match(pattern, text);
			free(pattern);
		}
		body = a->arms.v[i]->left;
	}
	free(text);
	return hit && body ? sh_eval(sh, body) : 0;
}

static int eval_list(struct sh *sh, struct ast *a)
{
	int status = 0;
	for (size_t i = 0; i < a->arms.n && sh->flow == FLOW_NONE && sh_alive(sh); i++)
		status = sh_eval(sh, a->arms.v[i]);
	return status;
}

static int eval_compound(struct sh *sh, struct ast *a)
{
	switch (a->kind) {
	case AST_GROUP:
		return sh_eval(sh, a->left);
	case AST_SUBSHELL:
		return in_subshell(sh, a->left, NULL, NULL);
	case AST_IF:
		return eval_if(sh, a);
	case AST_FOR:
		return eval_for(sh, a);
	case AST_WHILE:
	case AST_UNTIL:
		return eval_while(sh, a);
	case AST_CASE:
		return eval_case(sh, a);
	case AST_FUNCTION:
		VEC_PUSH(&sh->functions, a);
		return 0;
	default:
		return eval_simple(sh, a);
	}
}

static int eval_and_or(struct sh *sh, struct ast *a)
{
	int status = eval_condition(sh, a->left);
	sh->last = status;
	if (sh->flow != FLOW_NONE || (status == 0) != (a->kind == AST_AND))
		return status;
	return sh_eval(sh, a->right);
}

static int eval_node(struct sh *sh, struct ast *a)
{
	switch (a->kind) {
	case AST_PIPE:
		return eval_pipe(sh, a);
	case AST_AND:
	case AST_OR:
		return eval_and_or(sh, a);
	case AST_SEQ:
		return eval_list(sh, a);
	case AST_NOT:
		return !eval_condition(sh, a->left);
	case AST_BACKGROUND:
		proc_resume(proc_background(sh, a->left));
		return 0;
	default:
		return with_redirects(sh, a, eval_compound);
	}
}

int sh_eval(struct sh *sh, struct ast *a)
{
	if (!a)
		return 0;
	if (!sh_step(sh))
		return 137;
	if (++sh->depth > DEEPEST || proc_stack_left(sh->proc) < STACK_RESERVE) {
		sh->depth--;
		sh->flow = FLOW_EXIT;
		return sh->last = say(sh, 2, "bash: maximum nesting level exceeded");
	}
	int status = eval_node(sh, a);
	sh->depth--;
	if (sh->flow == FLOW_EXIT || sh->flow == FLOW_RETURN)
		return sh->last;
	sh->last = status;
	bool judged = a->kind == AST_SIMPLE || a->kind == AST_PIPE || a->kind == AST_SUBSHELL;
	if (status && sh->errexit && !sh->in_condition && judged)
		sh->flow = FLOW_EXIT;
	return status;
}

int sh_eval_text(struct sh *sh, const char *text)
{
	char why[160];
	struct ast *a = ast_parse(text, why);
	if (!a)
		return *why ? say(sh, 2, "bash: -c: line 1: %s", why) : 0;
	proc_keep(sh->proc, a);
	return sh_eval(sh, a);
}

char *sh_capture(struct sh *sh, const char *text)
{
	struct blob *out = blob_new();
	struct sh sub;
	sh_copy(&sub, sh);
	sub.out = out;
	sh->last = sh_eval_text(&sub, text);
	sh_release(&sub);
	size_t n;
	const char *data = blob_data(out, &n);
	while (n && data[n - 1] == '\n')
		n--;
	char *captured = xstrndup(data, n);
	blob_unref(out);
	return captured;
}
