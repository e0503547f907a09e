/* SPDX-License-Identifier: ISC */
/* Checks that need no device: the engine answers them from the plan, the facts and the world. Their
 * names and those of their arguments, once for who reads procedures and who answers. */
#ifndef MODEL_BUILTIN_H
#define MODEL_BUILTIN_H

/* id, name, names of its arguments (all may be left out) */
#define BUILTINS(X)                                                                                \
	X(ISOLATION, "isolation", NULL)                                                            \
	X(IMAGE_MISSING, "image-missing", "kind")                                                  \
	X(RESTORATION_MISSING, "restoration-image-missing", "kind")                                \
	X(SAME_VERSION, "same-version", NULL)                                                      \
	X(VERSION_PATH, "version-path", NULL)                                                      \
	X(CREDENTIALS_MISSING, "credentials-missing", NULL)                                        \
	X(NOT_IN_INVENTORY, "not-in-inventory", NULL)                                              \
	X(UNREACHABLE, "unreachable", NULL)                                                        \
	X(LOGIN_REFUSED, "login-refused", NULL)                                                    \
	X(HOST_KEY_UNKNOWN, "host-key-unknown", NULL)                                              \
	X(HOST_KEY_CHANGED, "host-key-changed", NULL)                                              \
	X(TOO_MANY_JOBS, "too-many-jobs", NULL)                                                    \
	X(BUSY, "busy", NULL)                                                                      \
	X(PREVIOUS_FAILURE, "previous-failure", "phase")                                           \
	X(PEER_MISSING, "peer-missing", "pair")                                                    \
	X(NOT_SUPPORTED, "not-supported", NULL)                                                    \
	X(SNAPSHOT_MISSING, "snapshot-missing", NULL)                                              \
	X(SNAPSHOT_DIFFERS, "snapshot-differs", "element")                                              \
	X(AS_BEFORE, "as-before", NULL)

enum builtin {
#define X(id, name, argument) BUILTIN_##id,
	BUILTINS(X)
#undef X
	    BUILTIN_COUNT
};

extern const char *const builtin_names[BUILTIN_COUNT + 1]; /* NULL-ended */

int builtin_number(const char *name);               /* -1: there is no such check */
const char *const *builtin_arguments(enum builtin b); /* names, NULL-ended */

#endif
