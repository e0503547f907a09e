/* SPDX-License-Identifier: ISC */
/* test EXPRESSION, [ EXPRESSION ] and the simple forms of [[ EXPRESSION ]]. */
#include "config.h"

#include "lab/builtin.h"
#include "lab/command.h"

#include <stdlib.h>
#include <string.h>

struct test {
	struct sh *sh;
	char **at;
	int left;
	bool patterns; /* [[ a == pattern ]] */
	bool failed;   /* not a number: status 2 */
	int depth;
};

static bool test_or(struct test *t);

static bool test_file(struct test *t, char kind, const char *path)
{
	bool dir;
	int64_t size;
	if (!file_exists(t->sh, path, &dir, &size))
		return false;
	char *clean = vfs_clean(t->sh->cwd, path);
	struct node *n = vfs_get(&t->sh->dev->vfs, clean);
	bool yes = true;
	switch (kind) {
	case 'd':
		yes = dir;
		break;
	case 'f':
		yes = !dir;
		break;
	case 's':
		yes = size > 0;
		break;
	case 'x':
		yes = dir || (n && (n->mode & 0111));
		break;
	case 'r':
		yes = !n || vfs_may_read(&t->sh->dev->vfs, n, t->sh->uid);
		break;
	case 'w':
		yes = vfs_may_write(&t->sh->dev->vfs, clean, t->sh->uid);
		break;
	case 'L':
	case 'h':
	case 'b':
	case 'c':
	case 'p':
	case 'S':
		yes = false;
		break;
	default:
		break;
	}
	free(clean);
	return yes;
}

static const struct relation {
	const char *text;
	bool (*holds)(long a, long b);
} relations[];

static bool is_eq(long a, long b)
{
	return a == b;
}
static bool is_ne(long a, long b)
{
	return a != b;
}
static bool is_lt(long a, long b)
{
	return a < b;
}
static bool is_le(long a, long b)
{
	return a <= b;
}
static bool is_gt(long a, long b)
{
	return a > b;
}
static bool is_ge(long a, long b)
{
	return a >= b;
}

static const struct relation relations[] = {
    {"-eq", is_eq}, {"-ne", is_ne}, {"-lt", is_lt}, {"-le", is_le}, {"-gt", is_gt}, {"-ge", is_ge},
};

/* 1 yes, 0 no, -1 no operator. */
static int test_binary(struct test *t, const char *a, const char *op, const char *b)
{
	if (str_eq(op, "=") || str_eq(op, "==") || str_eq(op, "!=")) {
		bool same = t->patterns ? word_match(b, a) : strcmp(a, b) == 0;
		return same == (op[0] != '!');
	}
	if (str_eq(op, "<") || str_eq(op, ">"))
		return op[0] == '<' ? strcmp(a, b) < 0 : strcmp(a, b) > 0;
	for (size_t i = 0; i < LEN(relations); i++) {
		if (strcmp(relations[i].text, op) != 0)
			continue;
		char *end_a, *end_b;
		long x = strtol(a, &end_a, 10), y = strtol(b, &end_b, 10);
		if (*end_a || *end_b || end_a == a || end_b == b) {
			(void)say(t->sh, 2, "bash: [: %s: integer expression expected",
				  *end_a || end_a == a ? a : b);
			t->failed = true;
			return 0;
		}
		return relations[i].holds(x, y);
	}
	return -1;
}

static bool test_primary(struct test *t)
{
	if (t->left <= 0 || ++t->depth > 50)
		return false;
	if (t->left >= 3) {
		int yes = test_binary(t, t->at[0], t->at[1], t->at[2]);
		if (yes >= 0) {
			t->at += 3;
			t->left -= 3;
			return yes;
		}
	}
	const char *word = *t->at++;
	t->left--;
	if (str_eq(word, "!"))
		return !test_primary(t);
	if (str_eq(word, "(") && t->left > 1) {
		bool yes = test_or(t);
		if (t->left > 0) {
			t->at++;
			t->left--;
		}
		return yes;
	}
	if (word[0] == '-' && word[1] && !word[2] && t->left > 0) {
		const char *arg = *t->at++;
		t->left--;
		if (word[1] == 'z')
			return !*arg;
		if (word[1] == 'n')
			return *arg;
		if (word[1] == 't')
			return false;
		return test_file(t, word[1], arg);
	}
	return *word;
}

static bool test_join(struct test *t, const char *op, const char *shell_op)
{
	if (t->left < 1 || (strcmp(*t->at, op) != 0 && strcmp(*t->at, shell_op) != 0))
		return false;
	t->at++;
	t->left--;
	return true;
}

static bool test_and(struct test *t)
{
	bool yes = test_primary(t);
	while (test_join(t, "-a", "&&"))
		yes = test_primary(t) && yes;
	return yes;
}

static bool test_or(struct test *t)
{
	bool yes = test_and(t);
	while (test_join(t, "-o", "||"))
		yes = test_and(t) || yes;
	return yes;
}

int run_test(struct sh *sh, int argc, char **argv)
{
	struct test t = {.sh = sh, .at = argv + 1, .left = argc - 1};
	t.patterns = strcmp(argv[0], "[[") == 0;
	const char *close = t.patterns ? "]]" : argv[0][strlen(argv[0]) - 1] == '[' ? "]" : NULL;
	if (close && (argc < 2 || strcmp(argv[argc - 1], close) != 0))
		return say(sh, 2, "bash: [: missing `%s'", close);
	if (close)
		t.left--;
	bool yes = t.left > 0 && test_or(&t);
	return t.failed ? 2 : yes ? 0 : 1;
}
