/* SPDX-License-Identifier: ISC */
/*
 * What one command on many devices costs the client: CPU per device, wall time, peak memory with
 * all of them connected; or how fast a file is copied. Not a test: run it by hand.
 *
 *   make tests/bench/fanout
 *   tests/bench/fanout --key KEY --endpoints FILE [--count N] [--threads N] [--bare]
 *   tests/bench/fanout --key KEY --endpoints FILE --put FILE
 *
 * FILE holds one "host:port" a line (`hitless lab up` writes an inventory with them; any sshd will
 * do). With --count the list is repeated until there are N. --bare runs a plain libssh loop over
 * the same devices, with the same number of threads, for the ratio. Host keys are scanned first,
 * unless
 * --known names a file; scanning is not counted.
 */
#include "config.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/vec.h"
#include "transport/ssh.h"

#include <getopt.h>
#include <libssh/libssh.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct bench {
	struct tr_endpoint *at;
	size_t n;
	char *key, *user, *command, *known, *put;
	char scanned[64];
	char sha256[DIGEST_HEX]; /* of put, and its size */
	int64_t size;
	int threads;
	bool bare;
	_Atomic size_t next, failed; /* of the bare loop */
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "fanout: %s: %s\n", what, why);
	exit(1);
}

static int64_t now_ms(void)
{
	return clock_real()->now(clock_real());
}

static double cpu_ms(void)
{
	struct rusage r;
	if (getrusage(RUSAGE_SELF, &r) != 0)
		die("getrusage", "failed");
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e3 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e3;
}

/* A line of /proc/self/status, in KiB. */
static long memory_kib(const char *name)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0)
			kib = atol(line + strlen(name) + 1);
	if (f)
		fclose(f);
	return kib;
}

/* --- endpoints -------------------------------------------------------------------------------- */

static void read_endpoints(struct bench *b, const char *path, size_t count)
{
	struct str text = {0};
	struct err e;
	size_t n;
	if (path_read(path, (size_t)16 << 20, &text, &e) != 0)
		die("endpoints", e.text);
	char **lines = str_split(str_text(&text), " \t\r\n", &n);
	if (n == 0)
		die(path, "no host:port in it");
	b->n = count ? count : n;
	b->at = xcalloc(b->n, sizeof(*b->at));
	for (size_t i = 0; i < b->n; i++) {
		const char *line = lines[i % n], *colon = strrchr(line, ':');
		b->at[i].name = xasprintf("device%zu", i);
		b->at[i].address = colon ? xstrndup(line, (size_t)(colon - line)) : xstrdup(line);
		b->at[i].port = colon ? atoi(colon + 1) : 22;
		b->at[i].credential = xstrdup("bench");
	}
	free(lines);
	str_release(&text);
}

static void scan_all(struct bench *b)
{
	struct str known = {0};
	for (size_t i = 0; i < b->n; i++) {
		char fingerprint[64], *line = NULL;
		struct err e;
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++)
			seen = str_eq(b->at[k].address, b->at[i].address) &&
			       b->at[k].port == b->at[i].port;
		if (seen)
			continue;
		if (ssh_scan(NULL, b->at[i].address, b->at[i].port, 10000, fingerprint, &line, &e) != 0)
			die("scan", e.text);
		str_printf(&known, "%s\n", line);
		free(line);
	}
	struct err e;
	strcpy(b->scanned, "/tmp/hitless-bench.XXXXXX");
	int fd = mkstemp(b->scanned);
	if (fd < 0 || path_write(b->scanned, known.buf, known.len, &e) != 0)
		die("scan", "cannot write known_hosts");
	close(fd);
	b->known = b->scanned;
	str_release(&known);
}

/* --- our transport ---------------------------------------------------------------------------- */

static struct tr_reply *wait_reply(struct transport *t)
{
	struct tr_reply *r;
	while (!(r = t->ops->next(t))) {
		struct pollfd p = {.fd = t->ops->fd(t), .events = POLLIN};
		clock_real()->wait(clock_real(), &p, 1, -1);
	}
	return r;
}

static struct tr_request *make_put(const struct bench *b, size_t device)
{
	struct tr_request *r = tr_request_new(device, device, TR_PUT);
	struct tr_copy *c = xcalloc(1, sizeof(*c));
	r->copy = c;
	r->timeout_ms = 600 * 1000;
	c->local = xstrdup(b->put);
	c->size = b->size;
	memcpy(c->sha256, b->sha256, sizeof(c->sha256));
	c->present = xstrdup("false");
	c->partial = xstrdup("echo 0");
	c->prefix = xasprintf("echo %s", c->sha256); /* the transfer alone is measured */
	c->append = xasprintf("cat > /tmp/hitless-bench.put.%zu", device);
	c->discard = xstrdup("true");
	c->commit = xasprintf("rm /tmp/hitless-bench.put.%zu", device);
	return r;
}

static struct tr_request *make_run(const struct bench *b, size_t device)
{
	struct tr_request *r = tr_request_new(device, device, TR_RUN);
	r->command = xstrdup(b->command);
	return r;
}

static size_t one_round(struct bench *b, struct transport *t, int64_t *first)
{
	size_t failed = 0;
	int64_t start = now_ms();
	for (size_t i = 0; i < b->n; i++)
		t->ops->submit(t, b->put ? make_put(b, i) : make_run(b, i));
	for (size_t done = 0; done < b->n;) {
		struct tr_reply *r = wait_reply(t);
		if (r->outcome != TR_PROGRESS) {
			done++;
			if (r->outcome != TR_DONE && failed++ < 3)
				fprintf(stderr, "fanout: %s\n", r->e.text);
			if (*first < 0)
				*first = now_ms() - start;
		}
		tr_reply_free(r);
	}
	return failed;
}

static size_t run_transport(struct bench *b)
{
	struct credential c = {
	    .name = (char *)"bench", .user = b->user, .method = CREDENTIAL_KEY, .key = b->key};
	struct credentials list = {&c, 1, 1};
	struct keyring *k = keyring_new(&list);
	char *const known[] = {b->known, NULL};
	struct ssh_options o = {.endpoints = b->at,
				.n = b->n,
				.keyring = k,
				.known_hosts = known,
				.threads = b->threads};
	struct err e;
	long before = memory_kib("VmRSS");
	struct transport *t = ssh_transport_new(&o, &e);
	if (!t)
		die("transport", e.text);
	int64_t first = -1, start = now_ms();
	double cpu = cpu_ms();
	size_t failed = one_round(b, t, &first);
	printf("connect, log in, run: %.3f CPU ms a device, wall %lld ms\n",
	       (cpu_ms() - cpu) / (double)b->n, (long long)(now_ms() - start));
	printf("all connected: VmRSS %ld KiB, VmHWM %ld KiB, %.0f KiB a device\n",
	       memory_kib("VmRSS"), memory_kib("VmHWM"),
	       (double)(memory_kib("VmRSS") - before) / (double)b->n);
	if (b->put) {
		printf("copy: %.1f MB/s in all\n",
		       (double)b->size * (double)b->n / 1e3 / (double)(now_ms() - start));
	} else {
		start = now_ms();
		cpu = cpu_ms();
		failed += one_round(b, t, &first);
		printf("run again:            %.3f CPU ms a device, wall %lld ms\n",
		       (cpu_ms() - cpu) / (double)b->n, (long long)(now_ms() - start));
	}
	t->ops->free(t);
	keyring_free(k);
	return failed;
}

/* --- a bare libssh loop ----------------------------------------------------------------------- */

/* Connect, check the host key, log in, run; where it stopped, or NULL. */
static const char *bare_steps(const struct bench *b, ssh_session s, ssh_channel *channel,
			      ssh_key key)
{
	char data[4096];
	if (ssh_connect(s) != SSH_OK)
		return "connect";
	if (ssh_session_is_known_server(s) != SSH_KNOWN_HOSTS_OK)
		return "host key";
	if (ssh_userauth_publickey(s, NULL, key) != SSH_AUTH_SUCCESS)
		return "login";
	*channel = ssh_channel_new(s);
	if (!*channel || ssh_channel_open_session(*channel) != SSH_OK)
		return "channel";
	if (ssh_channel_request_exec(*channel, b->command) != SSH_OK)
		return "exec";
	while (ssh_channel_read(*channel, data, sizeof(data), 0) > 0)
		;
	return ssh_channel_get_exit_status(*channel) < 0 ? "exit status" : NULL;
}

static bool bare_one(const struct bench *b, const struct tr_endpoint *at, ssh_key key)
{
	bool no = false;
	ssh_channel channel = NULL;
	ssh_session s = ssh_new();
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(s, SSH_OPTIONS_HOST, at->address);
	ssh_options_set(s, SSH_OPTIONS_PORT, &at->port);
	ssh_options_set(s, SSH_OPTIONS_USER, b->user);
	ssh_options_set(s, SSH_OPTIONS_KNOWNHOSTS, b->known);
	const char *stopped = bare_steps(b, s, &channel, key);
	if (stopped)
		fprintf(stderr, "fanout: %s: %s: %s\n", at->address, stopped, ssh_get_error(s));
	if (channel)
		ssh_channel_free(channel);
	ssh_disconnect(s);
	ssh_free(s);
	return !stopped;
}

static void *bare_thread(void *ctx)
{
	struct bench *b = ctx;
	ssh_key key = NULL;
	if (ssh_pki_import_privkey_file(b->key, NULL, NULL, NULL, &key) != SSH_OK)
		die(b->key, "is no private key");
	for (size_t i; (i = b->next++) < b->n;)
		if (!bare_one(b, &b->at[i], key))
			b->failed++;
	ssh_key_free(key);
	return NULL;
}

static size_t run_bare(struct bench *b)
{
	size_t n = (size_t)b->threads < b->n ? (size_t)b->threads : b->n;
	pthread_t *threads = xcalloc(n, sizeof(*threads));
	int64_t start = now_ms();
	double cpu = cpu_ms();
	for (size_t i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, bare_thread, b) != 0)
			die("thread", "cannot be started");
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("bare libssh loop:     %.3f CPU ms a device, wall %lld ms\n",
	       (cpu_ms() - cpu) / (double)b->n, (long long)(now_ms() - start));
	free(threads);
	return b->failed;
}

/* --- main ------------------------------------------------------------------------------------- */

static void usage(void)
{
	fputs("usage: fanout --key KEY --endpoints FILE [--count N] [--threads N] [--user U]\n"
	      "              [--known FILE] [--command C] [--put FILE] [--bare]\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"key", 1, NULL, 'k'},     {"endpoints", 1, NULL, 'e'}, {"count", 1, NULL, 'n'},
	    {"threads", 1, NULL, 't'}, {"user", 1, NULL, 'u'},      {"known", 1, NULL, 'h'},
	    {"command", 1, NULL, 'c'}, {"put", 1, NULL, 'p'},       {"bare", 0, NULL, 'b'},
	    {NULL, 0, NULL, 0},
	};
	struct passwd *me = getpwuid(getuid());
	struct bench b = {
	    .threads = 64, .command = (char *)"true", .user = me ? me->pw_name : NULL};
	const char *endpoints = NULL;
	size_t count = 0;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'k':
			b.key = optarg;
			break;
		case 'e':
			endpoints = optarg;
			break;
		case 'n':
			count = strtoul(optarg, NULL, 10);
			break;
		case 't':
			b.threads = atoi(optarg);
			break;
		case 'u':
			b.user = optarg;
			break;
		case 'h':
			b.known = optarg;
			break;
		case 'c':
			b.command = optarg;
			break;
		case 'p':
			b.put = optarg;
			break;
		case 'b':
			b.bare = true;
			break;
		default:
			usage();
		}
	}
	if (!b.key || !endpoints || !b.user || b.threads < 1)
		usage();
	signal(SIGPIPE, SIG_IGN);
	read_endpoints(&b, endpoints, count);
	struct err e;
	if (b.put && digest_file(b.put, -1, b.sha256, &b.size, NULL, NULL, &e) != 0)
		die("put", e.text);
	if (!b.known)
		scan_all(&b);
	size_t failed = b.bare ? run_bare(&b) : run_transport(&b);
	if (*b.scanned)
		unlink(b.scanned);
	if (failed)
		fprintf(stderr, "fanout: %zu of %zu failed\n", failed, b.n);
	return failed != 0;
}
