/* SPDX-License-Identifier: ISC */
/*
 * The lab: a fabric of simulated switches, as a model. It reads no clock, opens no socket and
 * starts no thread: lab time (milliseconds) comes in with every call, so that the SSH server
 * (server.h) and a simulation under a virtual clock drive the very same devices. Not thread-safe:
 * the caller holds one lock around everything.
 *
 * A command line that a client sends is run by a small POSIX shell over the device's own file
 * system. It may take lab time, wait for its input, or never answer: so it is a *run* that is
 * started here, goes on inside lab_advance(), and is asked for its result.
 *
 * What a real Cumulus Linux does is the measure, not what is convenient for a client.
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

struct lab;
struct lab_run;

struct lab_options {
	const char *fabric;       /* "reference" (default), ...: fabric.c */
	int size;                 /* devices: "clos" 3..2000, "microcloud" 1..8, "calico" 4..200 */
	const char *from_file;    /* a description (fabric.h) instead of a fabric; NULL: none */
	const char *from_version; /* default "4.1.1" */
	const char *to_version;   /* what mirrors of packages have; NULL: the release after from_version */
	const char *platform;     /* that of the fabric unless said: factory.c */
	const char *password;     /* of user cumulus; default "CumulusLinux!" */
	int64_t image_size;       /* of the images that are uploaded (for upload-cut); 0: 4 MiB */
	int64_t copy_rate;        /* bytes of its input that a command reads in a second; 0: any */
	uint64_t seed;            /* the same seed: the same lab, to the byte */
	/* Called for everything that happens; device is "" for the fabric. May be NULL. */
	void (*log)(void *ctx, int64_t t, const char *device, const char *event,
		    const char *detail);
	void *log_ctx;
	/* Called when a run has new output or has ended, from inside any call. May be NULL. */
	void (*wake)(void *ctx, struct lab_run *run, void *run_ctx);
	void *wake_ctx;
};

/* Row i of the fabrics that there are, its text still to be translated; false behind the last one. */
bool lab_fabric_help(size_t i, const char **name, const char **text);

/* What a fabric is upgraded to when nobody says otherwise. */
const char *lab_default_to(const char *fabric); /* NULL: the default fabric */
const char *lab_default_from(const char *fabric);

/* What the lab simulates of a system ("cumulus-linux", "junos", ...: lab_info). */
struct lab_system {
	const char *user;         /* who logs in */
	const char *from_version; /* what a device runs when nobody says otherwise */
	const char *group;        /* what devices can be to each other: mlag, esi, cluster */
	bool pair;                /* such a group has two members, never more */
	bool cables;              /* it has links to other devices */
};
bool lab_system(const char *name, struct lab_system *out); /* false: nothing */
/* Is there such hardware of it? By any of its names: name, ASIC, product, family of the system. */
bool lab_model(const char *system, const char *model);

struct lab *lab_new(const struct lab_options *o, struct err *e); /* NULL: e says why */
void lab_free(struct lab *lab); /* every run of it is closed before */

/* Let everything happen that is due up to now_ms. Time never goes back: an older now does nothing.
 */
void lab_advance(struct lab *lab, int64_t now_ms);
int64_t lab_next(const struct lab *lab); /* when the next thing is due; -1: nothing is */
int64_t lab_now(const struct lab *lab);
/* Another number: what lab_tcp() or lab_info() say of some device may have changed. */
uint64_t lab_changes(const struct lab *lab);

/* Serial numbers and MAC addresses with this number in them: two labs on one machine are different
 * boxes. */
void lab_serials(struct lab *lab, int number);
size_t lab_count(const struct lab *lab);
int lab_find(const struct lab *lab, const char *name); /* -1: no such device */

struct lab_info {
	const char *name, *address, *role, *group, *hostname, *version, *boot_id;
	const char *phase;       /* up stopping down onie booting dead */
	const char *tags;        /* words, a blank between, or "" */
	const char *system, *group_kind; /* cumulus-linux, junos, junos-srx, microcloud; mlag, esi, cluster */
	const char *user;                /* who logs in */
	int peer;                /* MLAG peer, -1 none */
	unsigned connection_gen; /* changes when all connections of the device are cut */
	bool ztp_running;        /* up, but its ZTP script has not ended */
	bool serving;            /* forwards traffic of its hosts and neighbours */
	char host_key[64];       /* "SHA256:..." of what a client is shown now; "" when none */
};
/* Everything borrowed, good until the next call that changes the lab. */
void lab_info(const struct lab *lab, size_t device, struct lab_info *info);

/* As in lab_info, for who asks often. */
unsigned lab_connection_gen(const struct lab *lab, size_t device);

/* What a TCP connection to the SSH port meets. */
enum lab_tcp { LAB_OPEN, LAB_REFUSED, LAB_NO_ROUTE, LAB_SILENT };
enum lab_tcp lab_tcp(struct lab *lab, size_t device);
/* A session begins: may say "cut it right away" (false). */
bool lab_connect(struct lab *lab, size_t device);
/* OpenSSH private key text of the key that the SSH server of the device shows now. Borrowed. */
const char *lab_host_key(struct lab *lab, size_t device);
/* What is sent before the login ("" for nothing). */
void lab_banner(struct lab *lab, size_t device, struct str *out);

bool lab_login_password(struct lab *lab, size_t device, const char *user, const char *password);
/* base64 is the second word of an authorized_keys line. A probe asks whether the key would do: no
 * login yet, no event, no fault used up. */
bool lab_login_key(struct lab *lab, size_t device, const char *user, const char *base64,
		   bool probe);
/* True: the account must change its password first (exec is refused with the text of sshd). */
bool lab_login_expired(struct lab *lab, size_t device, const char *user);
/* Change it, as the dialogue on a terminal does; false: the old password is wrong. */
bool lab_change_password(struct lab *lab, size_t device, const char *user, const char *old,
			 const char *new_password);

struct lab_result {
	int status;       /* exit status; 128+n when a signal ended it */
	bool dropped;     /* no status came: the connection was cut */
	int64_t takes_ms; /* lab time from start to answer */
	struct str out, err;
};
void lab_result_release(struct lab_result *r);

/*
 * Start a command. Its standard input is open until lab_run_eof(). Output is taken with
 * lab_run_output() as it comes, or at the end with lab_run_result().
 */
struct lab_run *lab_run_start(struct lab *lab, size_t device, const char *user, const char *command,
			      void *run_ctx);
void lab_run_feed(struct lab_run *run, const void *data, size_t n);
void lab_run_eof(struct lab_run *run);
/* Tell how many bytes the client means to send (scp, sftp and tests know): for upload-cut=N%. */
void lab_run_expect(struct lab_run *run, int64_t bytes);
bool lab_run_ended(const struct lab_run *run);
bool lab_run_waits(const struct lab_run *run); /* for its standard input */
bool lab_run_dropped(const struct lab_run *run);
int lab_run_status(const struct lab_run *run);
/* Take what is there of standard output (error: which 2), at most limit bytes; appended to out. */
size_t lab_run_output(struct lab_run *run, int which, size_t limit, struct str *out);
/* All that is left of the output; the run has ended. */
void lab_run_result(struct lab_run *run, struct lab_result *r);
/* What a terminal session runs from its login on; NULL: a shell whose lines are commands. */
const char *lab_session(const struct lab *lab, size_t device);
/* Forget the run. If it goes on, it does so without a reader, as a process whose ssh is gone. */
void lab_run_close(struct lab_run *run);

/* For tests: start, feed, and advance the lab's own time until it answers, is dropped, or limit_ms
 * of lab time have passed (false: it hangs). */
bool lab_exec(struct lab *lab, size_t device, const char *user, const char *command, const void *in,
	      size_t n, int64_t limit_ms, struct lab_result *r);

/* Files, as scp and sftp see them. -1: errno-like text in e. */
int lab_file_put(struct lab *lab, size_t device, const char *path, const void *data, size_t n,
		 struct err *e);
int lab_file_get(struct lab *lab, size_t device, const char *path, struct str *out, struct err *e);

/*
 * Faults: "DEVICE:FAULT[=ARG][@MOMENT][xCOUNT]"; DEVICE "*" is every device, FAULT a name or
 * the beginning of one. xCOUNT: so many times, then no more (x1: the first attempt only).
 */
int lab_fault_add(struct lab *lab, const char *spec, struct err *e);
/* End those of "DEVICE", "DEVICE:FAULT" or "*"; what keeps a device broken is mended, what a fault has
 * done once stays done. -1: none of them is set. */
int lab_fault_clear(struct lab *lab, const char *spec, struct err *e);
/* Append fault i of those that were added: its text and how it stands; false behind the last. */
bool lab_fault_show(const struct lab *lab, size_t i, struct str *out);
/* Row i of all there are; false behind the last one. */
bool lab_fault_help(size_t i, const char **name, const char **text);

/* The operator's key, accepted by every device of the fabric at the start. Borrowed. */
const char *lab_operator_key(const struct lab *lab);        /* OpenSSH private key */
const char *lab_operator_public_key(const struct lab *lab); /* one line */
const char *lab_password(const struct lab *lab);

/* The public host key line of a device as of now: "ssh-ed25519 AAAA...". Borrowed. */
const char *lab_host_public_key(struct lab *lab, size_t device);

struct lab_link {
	size_t a, b; /* devices */
	const char *a_port, *b_port;
};
size_t lab_links(const struct lab *lab);
void lab_link(const struct lab *lab, size_t i, struct lab_link *link);

/* How many commands that a client waits for stand still until lab time goes on. */
size_t lab_held(const struct lab *lab);

#endif
