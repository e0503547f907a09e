/* SPDX-License-Identifier: ISC */
/* A real OpenSSH server on loopback for tests: own keys, own configuration, own directory. */
#ifndef TESTS_TRANSPORT_SSHD_H
#define TESTS_TRANSPORT_SSHD_H

#include <stdbool.h>
#include <sys/types.h>

struct sshd {
	char dir[64]; /* of everything; removed by sshd_stop */
	int port;
	pid_t pid;
	char user[64];  /* who may log in: whoever runs the test */
	char key[96];   /* private key that is let in */
	char wrong[96]; /* one that is not */
	char log[96];
	char known[96]; /* known_hosts file with the server's keys */
};

/* NULL: there is no sshd here, or it cannot be run: skip. */
struct sshd *sshd_start(const char *more_config);
void sshd_stop(struct sshd *s);

/* Lines of the server's log that hold this text. */
int sshd_count(const struct sshd *s, const char *text);

/* A file in the directory; static storage for a few names. */
const char *sshd_path(const struct sshd *s, const char *name);
void write_text(const char *path, const char *text);
char *read_text(const char *path); /* new; "" when it is not there */

/* Run a program quietly; its exit status, or -1. */
int run_program(const char *const argv[], const char *out_file);

/* A loopback port that nobody listens on just now. */
int free_port(void);

/* Sleep a moment; false when the time is used up. For loops that wait for a condition. */
bool nap(int *left_ms);

#endif
