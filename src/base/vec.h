/* SPDX-License-Identifier: ISC */
/*
 * Typed growing arrays: `VEC(int) v = {0}; VEC_PUSH(&v, 3); v.v[0]; v.n; VEC_RELEASE(&v)`.
 * The elements are the caller's: VEC_RELEASE frees only the array.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/mem.h"

#include <stdlib.h>

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n, cap;                                                                     \
	}

#define VEC_RESERVE_ONE(vec)                                                                       \
	((vec)->n < (vec)->cap                                                                     \
	     ? (void)0                                                                             \
	     : (void)((vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8,                                \
	              (vec)->v = xrealloc((vec)->v, (vec)->cap, sizeof(*(vec)->v))))

#define VEC_PUSH(vec, value) (VEC_RESERVE_ONE(vec), (void)((vec)->v[(vec)->n++] = (value)))

/* A new zeroed element at the end; gives its address, good until the next push. */
#define VEC_ADD(vec)                                                                               \
	(VEC_RESERVE_ONE(vec), (vec)->n++,                                                         \
	 memset(&(vec)->v[(vec)->n - 1], 0, sizeof(*(vec)->v)), &(vec)->v[(vec)->n - 1])

/* Take element i out; the others keep their order. */
#define VEC_REMOVE(vec, i)                                                                         \
	((void)memmove(&(vec)->v[i], &(vec)->v[(i) + 1],                                           \
	               ((vec)->n - (i)-1) * sizeof(*(vec)->v)),                                    \
	 (void)(vec)->n--)

#define VEC_RELEASE(vec)                                                                           \
	(free((vec)->v), (vec)->v = NULL, (void)((vec)->n = (vec)->cap = 0))

#endif
