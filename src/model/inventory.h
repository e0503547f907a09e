/* SPDX-License-Identifier: ISC */
/*
 * What there is: devices, redundancy groups, links (design section 8, "Inventory"). Loaded whole and
 * checked whole: a mistake anywhere (unknown key, duplicate name or address, a group member that is
 * no device, control or shell characters in a name) refuses the file with file and JSON path.
 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "base/err.h"
#include "base/vec.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define NO_DEVICE ((size_t)-1)

struct device {
	char *name;       /* path_is_name(), no '_'... see inventory.c */
	char *address;    /* host name or address; no shell characters */
	int port;         /* 22 unless given */
	char *platform;   /* matched with the platforms of procedures */
	char *role;       /* NULL: none */
	char *credential; /* "default" unless given */
	char *site;       /* NULL: none */
	char **tags;      /* NULL-ended, or NULL */
	bool anchor;      /* not upgraded; must keep a path (design section 7) */
};

struct group { /* a redundancy group: members must not be down together */
	char *name;
	char *kind;
	VEC(size_t) members; /* device numbers */
};

struct link {
	size_t a, b;            /* device numbers */
	char *a_port, *b_port;  /* may be NULL */
};

struct inventory {
	VEC(struct device) devices;
	VEC(struct group) groups;
	VEC(struct link) links;
};

struct inventory *inventory_new(void);
struct inventory *inventory_load(const char *path, struct err *e);
struct inventory *inventory_from_json(const cJSON *root, const char *file, struct err *e);
cJSON *inventory_to_json(const struct inventory *inv);
int inventory_save(const struct inventory *inv, const char *path, struct err *e);
void inventory_free(struct inventory *inv);

/* An address in the one spelling that all of its spellings share: IPv6 compressed, IPv4 in IPv6 as
 * IPv4, host names in small letters; new. */
char *inventory_address(const char *address);

/* What a plan rests on (devices, addresses, roles, groups, links; not how to log in, sites or
 * tags), as 16 hex digits. */
void inventory_fingerprint(const struct inventory *inv, char out[17]);

size_t inventory_find(const struct inventory *inv, const char *name); /* NO_DEVICE if unknown */

/* The first redundancy group that device d is in; NULL if in none. */
const struct group *inventory_group(const struct inventory *inv, size_t d);

/* Devices chosen by a pattern list "leaf01,spine*,@role,#tag": names, shell-like wildcards, roles and
 * tags, in inventory order, no doubles. An entry that chooses nothing is an error that names it.
 * Appends to the (typed) vector's array: *out is new, *n its length. */
int inventory_select(const struct inventory *inv, const char *patterns, size_t **out, size_t *n,
                     struct err *e);

/* The same, but plain names (no wildcard, role or tag) that are unknown are no error: *missing is
 * a new NULL-ended list of them, NULL when there are none (strings_free()). */
int inventory_pick(const struct inventory *inv, const char *patterns, size_t **out, size_t *n,
                   char ***missing, struct err *e);

/* Set or clear (NULL) one field by name ("role", "address", "port", "credential", "site",
 * "platform", "anchor"), checked like a loaded one. */
int inventory_set(struct inventory *inv, size_t d, const char *field, const char *value,
                  struct err *e);

#endif
