/* SPDX-License-Identifier: ISC */
/* Our known_hosts reader against `ssh-keygen -F`, over generated files. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sshd.h"
#include "transport/known_hosts.h"

#include "base/path.h"
#include "base/vec.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CASES     400
#define LINES_MAX 6

static char dir[64];
static char file[96];
static uint64_t seed;

static unsigned roll(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % n);
}

static char *base64(const void *data, int n)
{
	char *text = xmalloc((size_t)n * 2 + 8);
	EVP_EncodeBlock((unsigned char *)text, data, n);
	return text;
}

/* Public keys that differ in one byte. */
static char *make_key(int number)
{
	unsigned char blob[51] = {0,   0,   0,   11,  's', 's', 'h', '-', 'e', 'd',
				  '2', '5', '5', '1', '9', 0,   0,   0,   32};
	memset(blob + 19, 0x11, 32);
	blob[30] = (unsigned char)number;
	return base64(blob, sizeof(blob));
}

static const char *const hosts[] = {"sw1", "sw2", "sw10", "leaf01.example", "192.0.2.1", "a"};
static const int ports[] = {22, 2222};

static void add_pattern(struct str *s)
{
	static const char *const patterns[] = {
	    "sw1",
	    "sw2",
	    "SW1",
	    "sw*",
	    "sw?",
	    "*",
	    "?",
	    "*.example",
	    "*.*",
	    "192.0.2.?",
	    "s*1",
	    "*1*",
	    "**",
	    "[sw1]:2222",
	    "[*]:2222",
	    "[sw?]:*",
	    "*:2222",
	    "*:22",
	    "[192.0.2.1]:2222",
	    "leaf01.example",
	    "leaf??.*",
	    "a",
	    "",
	    "[sw1]:22",
	};
	if (roll(4) == 0)
		str_putc(s, '!');
	str_puts(s, patterns[roll(LEN(patterns))]);
}

static void add_hashed(struct str *s)
{
	unsigned char salt[20], hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *name = known_hosts_name(hosts[roll(LEN(hosts))], ports[roll(2)]);
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (unsigned char)roll(256);
	assert_non_null(
	    HMAC(EVP_sha1(), salt, sizeof(salt), (unsigned char *)name, strlen(name), hash, &n));
	char *a = base64(salt, sizeof(salt)), *b = base64(hash, (int)n);
	str_printf(s, "|1|%s|%s", a, b);
	free(a);
	free(b);
	free(name);
}

struct line {
	int marker; /* 0 none, 1 @revoked, 2 @cert-authority */
	char *field;
	int key;
};

static void make_line(struct line *l, struct str *text, char *const *keys)
{
	static const char *const markers[] = {"", "@revoked ", "@cert-authority "};
	struct str field = {0};
	l->marker = roll(5) == 0 ? 1 + (int)roll(2) : 0;
	l->key = (int)roll(3);
	if (roll(4) == 0) {
		add_hashed(&field);
	} else {
		for (unsigned n = 1 + roll(3); n; n--) {
			add_pattern(&field);
			if (n > 1)
				str_putc(&field, ',');
		}
	}
	if (field.len == 0)
		str_putc(&field, '*');
	l->field = str_take(&field);
	str_printf(text, "%s%s%sssh-ed25519 %s%s\n", markers[l->marker], l->field,
		   roll(3) ? " " : "  \t", keys[l->key], roll(3) ? "" : " a comment");
}

/* Which lines ssh-keygen finds for the name. */
static void ask_keygen(const char *name, bool found[LINES_MAX])
{
	char *out = xasprintf("%s/out", dir);
	const char *const argv[] = {"ssh-keygen", "-F", name, "-f", file, NULL};
	unlink(out);
	int status = run_program(argv, out);
	char *text = read_text(out);
	memset(found, 0, LINES_MAX * sizeof(*found));
	for (const char *at = text; (at = strstr(at, " found: line ")) != NULL; at++)
		found[atoi(at + 13) - 1] = true;
	if (status != 0 && status != 1)
		fail_msg("ssh-keygen says %d: %s", status, text);
	free(text);
	free(out);
}

static enum known_host expected(const struct line *lines, size_t n, const bool *found,
				const bool *found_plain, int key)
{
	bool match = false, other = false, authority = false, revoked = false;
	for (size_t i = 0; i < n; i++) {
		if (lines[i].marker == 1)
			revoked |= (found[i] || found_plain[i]) && lines[i].key == key;
		else if (found[i] && lines[i].marker == 2)
			authority = true;
		else if (found[i])
			*(lines[i].key == key ? &match : &other) = true;
	}
	return revoked     ? KNOWN_REVOKED
	       : match     ? KNOWN_OK
	       : other     ? KNOWN_CHANGED
	       : authority ? KNOWN_UNSUPPORTED
			   : KNOWN_NOT;
}

static void check_case(char *const *keys, int verdicts[5])
{
	struct line lines[LINES_MAX] = {{0}};
	struct str text = {0};
	bool found[LINES_MAX], plain[LINES_MAX];
	size_t n = 1 + roll(LINES_MAX);
	for (size_t i = 0; i < n; i++)
		make_line(&lines[i], &text, keys);
	write_text(file, text.buf);
	const char *host = hosts[roll(LEN(hosts))];
	int port = ports[roll(2)], key = (int)roll(3);
	char *name = known_hosts_name(host, port);
	ask_keygen(name, found);
	ask_keygen(host, plain);
	for (size_t i = 0; i < n; i++)
		if (known_hosts_match(lines[i].field, strlen(lines[i].field), name) != found[i])
			fail_msg("line '%s', name '%s': ssh-keygen says %d", lines[i].field, name,
				 found[i]);
	char *const paths[] = {file, NULL};
	struct known_hosts *k = known_hosts_new(paths);
	enum known_host verdict;
	struct err e = {0};
	assert_int_equal(known_hosts_check(k, host, port, "ssh-ed25519", keys[key], &verdict, &e),
			 0);
	if (verdict != expected(lines, n, found, plain, key))
		fail_msg("%s, key %d: %d instead of %d in\n%s", name, key, verdict,
			 expected(lines, n, found, plain, key), text.buf);
	verdicts[verdict]++;
	known_hosts_free(k);
	for (size_t i = 0; i < n; i++)
		free(lines[i].field);
	free(name);
	str_release(&text);
}

static void test_against_ssh_keygen(void **state)
{
	(void)state;
	char *keys[3] = {make_key(0), make_key(1), make_key(2)};
	int verdicts[5] = {0};
	seed = 20261121;
	for (int i = 0; i < CASES; i++)
		check_case(keys, verdicts);
	for (int i = 0; i < 5; i++) /* the generator reaches all of them */
		assert_true(verdicts[i] > 5);
	for (int i = 0; i < 3; i++)
		free(keys[i]);
}

static enum known_host ask(const char *text, const char *host, const char *key)
{
	char *const paths[] = {file, NULL};
	enum known_host verdict = KNOWN_OK;
	struct err e = {0};
	write_text(file, text);
	struct known_hosts *k = known_hosts_new(paths);
	int result = known_hosts_check(k, host, 22, "ssh-ed25519", key, &verdict, &e);
	known_hosts_free(k);
	assert_int_equal(result, 0);
	return verdict;
}

static void test_odd_lines(void **state)
{
	(void)state;
	char *key = make_key(0), *text;
	text = xasprintf(
	    "# sw1 ssh-ed25519 %s\n\n  \nsw1\nsw1 ssh-ed25519\n@unknown sw1 ssh-ed25519 %s", key,
	    key);
	assert_int_equal(ask(text, "sw1", key), KNOWN_NOT);
	free(text);
	text = xasprintf("\t sw1 ssh-ed25519 %s\r\n", key); /* no line end at the end, CR, spaces */
	assert_int_equal(ask(text, "SW1", key), KNOWN_OK);
	free(text);
	text = xasprintf("sw1 ssh-rsa %s\n", key); /* the type in front is not the one inside */
	assert_int_equal(ask(text, "sw1", key), KNOWN_CHANGED);
	free(text);
	text = xasprintf("sw1 ssh-ed25519 %.40s\n", key);
	assert_int_equal(ask(text, "sw1", key), KNOWN_CHANGED);
	free(text);
	text = xasprintf("|1|broken ssh-ed25519 %s\n|1|YWJj|YWJj ssh-ed25519 %s\n", key, key);
	assert_int_equal(ask(text, "sw1", key), KNOWN_NOT);
	free(text);
	free(key);
}

static void test_changes_are_seen(void **state)
{
	(void)state;
	char *key = make_key(0), *const paths[] = {file, NULL};
	char *text = xasprintf("sw1 ssh-ed25519 %s\n", key);
	enum known_host verdict;
	struct err e = {0};
	unlink(file);
	struct known_hosts *k = known_hosts_new(paths);
	assert_int_equal(known_hosts_check(k, "sw1", 22, "ssh-ed25519", key, &verdict, &e), 0);
	assert_int_equal(verdict, KNOWN_NOT);
	write_text(file, text);
	assert_int_equal(known_hosts_check(k, "sw1", 22, "ssh-ed25519", key, &verdict, &e), 0);
	assert_int_equal(verdict, KNOWN_OK);
	write_text(file, "");
	assert_int_equal(known_hosts_check(k, "sw1", 22, "ssh-ed25519", key, &verdict, &e), 0);
	assert_int_equal(verdict, KNOWN_NOT);
	assert_int_equal(known_hosts_check(k, "sw1", 22, "ssh-ed25519", "AAAA", &verdict, &e), -1);
	assert_int_equal(e.kind, ERR_HOSTKEY);
	known_hosts_free(k);
	free(text);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_ssh_keygen),
	    cmocka_unit_test(test_odd_lines),
	    cmocka_unit_test(test_changes_are_seen),
	};
	const char *const version[] = {"ssh-keygen", "-?", NULL};
	if (run_program(version, NULL) == 127)
		return 77;
	strcpy(dir, "/tmp/hitless-known.XXXXXX");
	if (!mkdtemp(dir))
		return 99;
	snprintf(file, sizeof(file), "%s/known", dir);
	int failed = cmocka_run_group_tests_name("known-hosts", tests, NULL, NULL);
	struct err e;
	return path_remove_tree(dir, &e) != 0 || failed != 0;
}
