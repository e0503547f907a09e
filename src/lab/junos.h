/* SPDX-License-Identifier: ISC */
/* A device that runs Junos: what it knows beside ports, links and files. */
#ifndef LAB_JUNOS_H
#define LAB_JUNOS_H

#include "lab/device.h"
#include "lab/junos_config.h"

#include <cjson/cJSON.h>

struct jcommit {
	struct jconf conf;
	char *user, *comment;
	int64_t at; /* lab time */
};

struct junos {
	VEC(struct jcommit) commits; /* newest first: rollback 0, 1, ... */
	struct jconf candidate;
	const struct proc *editor; /* who has the database for itself; NULL: nobody */
	char *pending;             /* version that the next boot starts; NULL: as it is */
	char *other;               /* version on the other side, for rollback; NULL: none */
	int64_t confirm_at;        /* `commit confirmed`: goes back then; -1 */
	int64_t reboot_at;         /* scheduled; -1 */
	struct blob *install_log;
	bool rejects; /* routes in maintenance are turned down, before anything else is looked at */
	bool adding; /* request system software add runs */
	char *adding_file;
};

/* One session of the CLI: what an exec request or a login runs. */
struct jcli {
	struct sh *sh;
	struct device *dev;
	struct junos *j;
	struct blob *out; /* of the command, before its pipes */
	bool configuring, exclusive, leaves, interactive;
	bool set; /* "| display set" */
};

extern const struct system junos_system;

#define JUNOS_SESSION "cli interactive"

/* --- junos.c: life ---------------------------------------------------------------------------- */
int junos_run(struct sh *sh, const char *command);
void junos_commit(struct device *dev, const struct jconf *conf, const char *user,
		  const char *comment);
void junos_apply(struct device *dev); /* what was committed is what ports and protocols do */
void junos_set(struct jconf *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What a fabric that runs has been given: this configuration, and the operator's key. */
void junos_first_commit(struct device *dev, const struct jconf *conf);

/* Ask on a terminal; without one the answer is yes, as for a script. */
bool junos_ask(struct jcli *c, const char *question);

/* --- junos_edit.c: configuration mode --------------------------------------------------------- */
void junos_configure(struct jcli *c, const char *line);
bool junos_edit(struct jcli *c, const char *line); /* false: no such command */
void junos_leave(struct jcli *c);

/* --- junos_show.c, junos_software.c: operational mode. false: no such command ------------------ */
bool junos_show(struct jcli *c, const char *line, bool json);
bool junos_request(struct jcli *c, const char *line);
bool junos_word(const char *line, const char *word); /* is it one of the words of the line? */
/* On the screen and in the log of installs. */
void junos_note(struct jcli *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The package of a command line: it is there, whole, and for this box. NULL: said why. */
struct junos_image;
struct node *junos_package(struct jcli *c, const char *line, struct junos_image *image);
bool junos_validate(struct jcli *c); /* takes its time; false: said why */
bool junos_file(struct jcli *c, const char *line);

/* --- JSON as Junos writes it: every element a list, every text {"data": "..."} ------------------ */
cJSON *jnode(cJSON *parent, const char *name); /* a new element in the list of this name */
void jleaf(cJSON *node, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void jseconds(cJSON *node, const char *name, int64_t seconds, const char *text);

#endif
