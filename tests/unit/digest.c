/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/digest.h"

#include "base/path.h"

#include <sys/stat.h>

#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void bytes(void **state)
{
	char hex[DIGEST_HEX];
	(void)state;
	digest_bytes("abc", 3, hex);
	assert_string_equal(hex, ABC);
	digest_bytes("", 0, hex);
	assert_string_equal(hex, EMPTY);
	struct digest *d = digest_new();
	digest_add(d, "a", 1);
	digest_add(d, "bc", 2);
	digest_end(d, hex);
	assert_string_equal(hex, ABC);
}

static void file(void **state)
{
	char hex[DIGEST_HEX];
	int64_t size = -1;
	struct err e = {0};
	char *path = make_file("abcdef", 6);
	(void)state;
	assert_int_equal(digest_file(path, 3, hex, &size, NULL, NULL, &e), 0);
	assert_string_equal(hex, ABC);
	assert_int_equal(size, 3);
	assert_int_equal(digest_file(path, -1, hex, &size, NULL, NULL, &e), 0);
	assert_int_equal(size, 6);
	assert_int_equal(digest_file(path, 0, hex, &size, NULL, NULL, &e), 0);
	assert_string_equal(hex, EMPTY);
	assert_int_equal(digest_file(path, 7, hex, &size, NULL, NULL, &e), -1);
	has(e.text, "shorter");
	drop_file(path);
}

static int stop_at(void *ctx, int64_t done)
{
	int64_t *seen = ctx;
	*seen = done;
	return 1;
}

static void cancel(void **state)
{
	char hex[DIGEST_HEX];
	int64_t seen = 0;
	struct err e = {0};
	size_t n = (size_t)1 << 20;
	char *data = xcalloc(n, 1), *path = make_file(data, n);
	(void)state;
	assert_int_equal(digest_file(path, -1, hex, NULL, stop_at, &seen, &e), -1);
	assert_int_equal(e.kind, ERR_CANCELLED);
	assert_true(seen > 0 && seen < (int64_t)n);
	free(data);
	drop_file(path);
}

static void refuse(void **state)
{
	char hex[DIGEST_HEX];
	struct err e = {0};
	char *path = make_file("", 0), *fifo = xasprintf("%s.fifo", path);
	(void)state;
	assert_int_equal(digest_file("/", -1, hex, NULL, NULL, NULL, &e), -1);
	has(e.text, "not a regular file");
	assert_int_equal(digest_file("/nowhere/x", -1, hex, NULL, NULL, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_SYSTEM);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(digest_file(fifo, -1, hex, NULL, NULL, NULL, &e), -1);
	has(e.text, "not a regular file");
	free(fifo);
	drop_file(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes),
	    cmocka_unit_test(file),
	    cmocka_unit_test(cancel),
	    cmocka_unit_test(refuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
