/* SPDX-License-Identifier: ISC */
/*
 * What there is: devices, redundancy groups, links (design section 8, "Inventory"). Loaded whole and
 * checked whole: a mistake anywhere (unknown key, duplicate name or address, a group member that is
 * no device, control or shell characters in a name) refuses the file with file and JSON path.
 */
#ifndef MODEL_INVENTORY_H
#define MODEL_INVENTORY_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define NO_DEVICE ((size_t)-1)

/* Where a device has its role from. By hand beats a file, both beat the rules. */
enum role_source {
	ROLE_FROM_FILE, /* the inventory file, or what it was imported from; also: it has none */
	ROLE_BY_HAND,   /* set (or cleared) here; an import does not change it */
	ROLE_BY_RULE
};

struct pattern;

struct device {
	char *name;       /* path_is_name(), no '_'... see inventory.c */
	char *address;    /* host name or address; no shell characters */
	int port;         /* 22 unless given */
	char *platform;   /* matched with the platforms of procedures */
	char *role;       /* NULL: none */
	enum role_source role_by;
	size_t role_rule; /* ROLE_BY_RULE: number of the rule */
	char *credential; /* "default" unless given */
	char *site;       /* NULL: none */
	char *serial;     /* of the box that is meant; NULL: not known */
	char *model;      /* as the device says it; NULL: not known */
	char **tags;      /* NULL-ended, or NULL */
	bool anchor;      /* not upgraded; must keep a path (design section 7) */
};

/* Gives a role to devices that have none of their own (by hand, or from a file): the first rule that
 * matches. "leaf*": a name with shell-like wildcards; "#rack1": a tag; "~^leaf\\d+$": a pattern. */
struct role_rule {
	char *match;
	char *role; /* NULL: no role, and no later rule is asked */
	struct pattern *pattern; /* of "~..." */
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

struct retired { /* a device that went out of service */
	char *name;
	char *text; /* when, by whom and why, and what to do: for who asks for it */
};

struct inventory {
	VEC(struct device) devices;
	VEC(struct group) groups;
	VEC(struct link) links;
	VEC(struct role_rule) rules; /* in the order they are asked */
	VEC(struct retired) retired; /* not in its file: whoever has the state adds them */
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

/* May a port of a link be called so? */
int inventory_check_port_name(const char *port, struct err *e);

/* What a plan rests on (devices, addresses, roles, groups, links; not how to log in, sites or
 * tags), as 16 hex digits. */
void inventory_fingerprint(const struct inventory *inv, char out[17]);

size_t inventory_find(const struct inventory *inv, const char *name); /* NO_DEVICE if unknown */

/* How many devices name this credential. */
size_t inventory_credential_users(const struct inventory *inv, const char *credential);

struct inventory *inventory_copy(const struct inventory *inv); /* new */

/* Many names at once: an index of the devices by name, good until they change. */
struct inventory_index;
struct inventory_index *inventory_index_new(const struct inventory *inv);
size_t inventory_index_find(const struct inventory_index *x, const char *name);
void inventory_index_free(struct inventory_index *x);

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

/* Set or clear (NULL) one field by name ("role", "address", "port", "credential", "site", "serial",
 * "model", "platform", "anchor"), checked like a loaded one. A role is then one set by hand. */
int inventory_set(struct inventory *inv, size_t d, const char *field, const char *value,
                  struct err *e);

/* "leaf01:swp51 -- spine01:swp1": the same text whichever end is written first. New. */
char *inventory_link_text(const struct inventory *inv, const struct link *l);

/* A rule of roles, put before number `at` (beyond the last: behind all). Checked; a second rule for
 * the same devices is refused. Roles by rule are other ones afterwards, those of the devices' own are
 * not. role NULL: no role. */
int inventory_rule_add(struct inventory *inv, size_t at, const char *match, const char *role,
                       struct err *e);
void inventory_rule_remove(struct inventory *inv, size_t rule);
bool inventory_rule_matches(const struct role_rule *r, const struct device *d);

/* Forget the role that a device has by hand or from a file: the rules decide. */
void inventory_role_by_rules(struct inventory *inv, size_t d);

#endif
