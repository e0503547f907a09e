/* SPDX-License-Identifier: ISC */
/*
 * Inside of the procedure loader. An object of the file is read by a table with one row a member;
 * the same table frees it. What one part says about another (names of values, steps, facts) is
 * noted with its place while reading and looked up when everything is there.
 */
#ifndef MODEL_PROCEDURE_PARTS_H
#define MODEL_PROCEDURE_PARTS_H

#include "model/procedure.h"

enum use_kind { USE_VALUE, USE_FACT, USE_PARAMETER, USE_STEP, USE_CHECK, USE_IMAGE, USE_FILE };

struct use { /* "steps.install.run" speaks of the value "version" */
	enum use_kind kind;
	char *where, *name;
};

struct loader {
	struct procedure *p;
	const char *file;
	struct err *e;
	VEC(struct use) uses;
	VEC(char *) captures; /* made by any judge or pattern */
};

struct field;
struct field_type {
	int (*read)(struct loader *l, const struct field *f, const struct jnode *at, void *out);
	void (*release)(void *out); /* NULL: nothing to free */
};

struct field {
	const char *key;
	const struct field_type *type;
	size_t offset; /* in the struct */
	bool needed;
	const char *const *names; /* TYPE_CHOICE: in the order of the enum */
};

#define FIELD(owner, member, key, type)                                                            \
	{                                                                                          \
		key, &type, offsetof(owner, member), false, NULL                                   \
	}
#define NEEDED(owner, member, key, type)                                                           \
	{                                                                                          \
		key, &type, offsetof(owner, member), true, NULL                                    \
	}
#define CHOICE(owner, member, key, list)                                                           \
	{                                                                                          \
		key, &type_choice, offsetof(owner, member), false, list                            \
	}
#define END_OF_FIELDS                                                                              \
	{                                                                                          \
		NULL, NULL, 0, false, NULL                                                         \
	}

/* Types and what they fill. */
extern const struct field_type type_text;      /* char *: one line, no ${} */
extern const struct field_type type_name;      /* char *: [a-z0-9][a-z0-9-]* */
extern const struct field_type type_file;      /* char *: path_is_name() */
extern const struct field_type type_message;   /* char *: template for people */
extern const struct field_type type_remote;    /* char *: template of a path on the device */
extern const struct field_type type_command;   /* char *: template in the procedure's language */
extern const struct field_type type_judge;     /* struct judge * */
extern const struct field_type type_pattern;   /* struct pattern * */
extern const struct field_type type_flag;      /* bool */
extern const struct field_type type_duration;  /* int64_t ms */
extern const struct field_type type_number;    /* int64_t */
extern const struct field_type type_choice;    /* an enum */
extern const struct field_type type_texts;     /* char **, NULL-ended, no doubles */
extern const struct field_type type_values;    /* struct values */
extern const struct field_type type_fact;      /* char *: name of a fact */
extern const struct field_type type_parameter; /* char *: name of a parameter */
extern const struct field_type type_skip;      /* read by somebody else */

/* Read the members of an object; unknown, missing and wrong ones are errors. */
int fields_read(struct loader *l, const struct field *fields, const struct jnode *object,
                void *out);
void procedure_fields_release(const struct field *fields, void *out);

/* Read an array of objects into a new zeroed array of structs of this size. */
int fields_read_list(struct loader *l, const struct jnode *list, size_t size,
                     int (*read)(struct loader *l, const struct jnode *at, void *out), void **out,
                     size_t *n);

int loader_use(struct loader *l, enum use_kind kind, const struct jnode *at, const char *name);
int loader_pattern(struct loader *l, const struct pattern *p); /* its groups are captures */
int loader_resolve(struct loader *l);
void loader_release(struct loader *l);

/* An error when a name occurs twice in an array of structs whose first member is the name. */
int check_unique(const struct jnode *list, const void *array, size_t n, size_t size, struct err *e);

/* The sections. Each reads its part of the file into l->p; each has its own releases. */
int procedure_read_parameters(struct loader *l, const struct jnode *root);
int procedure_read_facts(struct loader *l, const struct jnode *root);
int procedure_read_software(struct loader *l, const struct jnode *root);
int procedure_read_checks(struct loader *l, const struct jnode *root);
int procedure_read_stages(struct loader *l, const struct jnode *root);
int procedure_read_errors(struct loader *l, const struct jnode *root);
int procedure_read_snapshot(struct loader *l, const struct jnode *root);
int procedure_read_topology(struct loader *l, const struct jnode *root);
int procedure_read_transfer(struct loader *l, const struct jnode *root);
int procedure_read_steps(struct loader *l, const struct jnode *root);
int procedure_read_methods(struct loader *l, const struct jnode *root);
int procedure_read_components(struct loader *l, const struct jnode *root,
			      const struct jnode *method, struct method *m);
void procedure_release_components(struct method *m);
/* A named list of steps of an object, calls replaced: new NULL-ended list, empty if there is none. */
int procedure_read_list(struct loader *l, const struct jnode *root, const struct jnode *object,
			const char *key, char ***out);
/* A changing step occurs once in a list. */
int procedure_check_doubles(struct loader *l, const struct jnode *at, char *const *names);
int procedure_read_images(struct loader *l, const struct jnode *list);
void procedure_release_images(struct procedure *p);
void procedure_release_stages(struct procedure *p);
void procedure_release_sections(struct procedure *p);
void procedure_release_snapshot(struct procedure *p);
void procedure_release_methods(struct procedure *p);
void procedure_release_steps(struct procedure *p);

#endif
