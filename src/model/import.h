/* SPDX-License-Identifier: ISC */
/*
 * Inventories from elsewhere. Each format is a row of a table with a reader; all give the same:
 * what the file says of devices, groups and links, and nothing that it does not say. Everything
 * wrong is an error with file and place, and what is left out on purpose is said (notes).
 *
 * A reader takes a file as hostile: names, addresses, roles, tags pass the same checks as those of
 * our own file. Secrets that a file holds (passwords in variables) are never looked at.
 */
#ifndef MODEL_IMPORT_H
#define MODEL_IMPORT_H

#include "model/inventory.h"
#include "model/values.h"

struct import_device {
	char *name;
	char *address;  /* NULL: the file gives none; a new device then has its name as address */
	int port;       /* 0: not given */
	char *platform; /* may be one that no procedure knows; NULL: not given */
	char *role, *site, *credential, *serial, *model; /* NULL: not given */
	char *user;  /* that the file logs in as; NULL: not given */
	char **tags; /* NULL: not given */
	bool anchor, anchor_given;
	bool nameless;  /* the file gives no name: it was made of the address */
	bool mentioned; /* only an end of links: no device of its own unless a platform is named */
	char *wrong;    /* NULL, or what cannot be taken of it: an error when it is not left out */
	char *place;    /* "devices.csv:3", "results[2]": for complaints */
};

struct import_end {
	char *device, *port; /* port may be NULL */
};
struct import_link {
	struct import_end a, b;
};
struct import_group {
	char *name, *kind;
	char **members; /* NULL-ended */
};

/* Why devices of a file are left out, and how many (import_left.c). The detail is the platform, or
 * the status; "" where there is none. */
enum import_cause {
	LEFT_PLATFORM,    /* no procedure knows it */
	LEFT_UNSAID,      /* the file does not say what it is */
	LEFT_INACTIVE,
	LEFT_ADDRESSLESS,
	LEFT_NAMELESS,
	LEFT_LOCAL,
	LEFT_RETIRED,
	LEFT_CAUSES
};
struct import_leaving {
	enum import_cause cause;
	char *detail;
	size_t n;
};
struct import_left {
	struct import_leaving *v;
	size_t n, cap;
	size_t out;      /* all of them */
	size_t doubtful; /* of these, those of whom the file does not say clearly what they are */
	size_t of;       /* devices in the file, those left out among them */
};
void import_left_add(struct import_left *list, enum import_cause cause, const char *detail);
void import_left_copy(struct import_left *to, const struct import_left *from); /* replaces */
/* Are more than half of the file's devices left out for want of a platform? Then something is wrong
 * with the names in the file, or with ours. */
bool import_left_most(const struct import_left *list);
/* "5 of the platform "x", which no procedure knows, 2 decommissioned; what to do"; sorts them. */
void import_left_text(struct import_left *list, struct str *out);
cJSON *import_left_json(const struct import_left *list); /* new */
void import_left_release(struct import_left *list);

struct import {
	const struct import_format *format;
	VEC(struct import_device) devices;
	VEC(struct import_link) links;
	VEC(struct import_group) groups;
	VEC(struct role_rule) rules;
	struct import_left left; /* by the reader; counted only */
	VEC(char *) notes; /* what was left out, and why; one line each */
	bool whole;        /* the file is the whole of an inventory, defaults included */
	bool has_links, has_groups, has_rules; /* the file speaks of them */
};

struct import_words {
	char *const
	    *roles; /* known role names (NULL-ended; NULL: none): a group of that name gives it */
	const struct values *platforms; /* what others call the platforms (procedure.h); NULL: none */
};

struct import_format {
	const char *name;  /* "csv", of --format */
	const char *title; /* "CSV with a header", for people */
	/* Is this text of the format? `root` is the text as JSON, NULL when it is none. */
	bool (*looks)(const char *text, size_t n, const cJSON *root);
	/* Fill *out. `root` as above; file is the name for complaints. */
	int (*read)(const char *text, size_t n, const cJSON *root, const char *file,
		    const struct import_words *words, struct import *out, struct err *e);
};

/* Row i of the table; NULL behind the last. */
const struct import_format *import_format(size_t i);

/* Read a file or pipe ("-": standard input) of at most 16 MiB of UTF-8 in this format (NULL: the one
 * that it looks like). New; NULL and e. */
struct import *import_load(const char *path, const char *format, const struct import_words *words,
			   struct err *e);
struct import *import_parse(const char *text, size_t n, const char *file, const char *format,
			    const struct import_words *words, struct err *e);
void import_free(struct import *in);

/* --- merging ---------------------------------------------------------------------------------- */

struct merge_options {
	bool replace;         /* what the file does not have goes */
	struct import_left *left; /* gets all that are left out, counted; NULL: nobody asks */
	const char *platform; /* for devices whose file gives none; NULL: what the others have */
	bool platform_named;  /* a person named it: devices that are only mentioned are added */
	char *const *known;   /* platforms that there are procedures for; NULL-ended; NULL: all */
	char *const
	    *retired; /* devices that were decommissioned: left out; NULL-ended; NULL: none */
};

/*
 * The inventory that there will be: `now` (NULL: none yet) with what the file says. What the file
 * does not speak of stays as it is: a CSV without links changes no link, a field without a column
 * no field. A role that was set by hand stays (said in the notes). With `replace`, devices that are
 * not in the file go, and of groups, links and rules those that a file that speaks of them does not
 * have. Without, they stay; a link takes the place of others at its ports. New; NULL and e: nothing
 * of it can be used. *notes gets more lines.
 */
struct inventory *import_merge(const struct inventory *now, const struct import *in,
			       const struct merge_options *o, const char *file, struct str *notes,
			       struct err *e);

#endif
