/* SPDX-License-Identifier: ISC */
/* The tree: making, copying, freeing. */
#include "config.h"

#include "lab/shell.h"

#include <stdlib.h>

struct ast *ast_new(enum ast_kind kind)
{
	struct ast *a = xcalloc(1, sizeof(*a));
	a->kind = kind;
	return a;
}

void ast_free(struct ast *a)
{
	if (!a)
		return;
	ast_free(a->left);
	ast_free(a->right);
	ast_free(a->other);
	for (size_t i = 0; i < a->words.n; i++)
		free(a->words.v[i]);
	for (size_t i = 0; i < a->redirects.n; i++)
		free(a->redirects.v[i].word);
	for (size_t i = 0; i < a->arms.n; i++)
		ast_free(a->arms.v[i]);
	VEC_RELEASE(&a->words);
	VEC_RELEASE(&a->redirects);
	VEC_RELEASE(&a->arms);
	free(a);
}

struct ast *ast_copy(const struct ast *a)
{
	if (!a)
		return NULL;
	struct ast *c = ast_new(a->kind);
	c->n_assign = a->n_assign;
	c->left = ast_copy(a->left);
	c->right = ast_copy(a->right);
	c->other = ast_copy(a->other);
	for (size_t i = 0; i < a->words.n; i++)
		VEC_PUSH(&c->words, xstrdup(a->words.v[i]));
	for (size_t i = 0; i < a->redirects.n; i++) {
		VEC_PUSH(&c->redirects, a->redirects.v[i]);
		c->redirects.v[i].word = xstrdup(a->redirects.v[i].word);
	}
	for (size_t i = 0; i < a->arms.n; i++)
		VEC_PUSH(&c->arms, ast_copy(a->arms.v[i]));
	return c;
}
