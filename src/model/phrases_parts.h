/* SPDX-License-Identifier: ISC */
/* A template taken to pieces; shared by phrases.c and phrases_match.c only. */
#ifndef MODEL_PHRASES_PARTS_H
#define MODEL_PHRASES_PARTS_H

#include <stdbool.h>
#include <stddef.h>

enum style {
	STYLE_FORMAT, /* of printf: the program's messages */
	STYLE_SYSTEM, /* the same, with ": " and a text of the system behind it */
	STYLE_NAMED   /* ${name}: a procedure's */
};

enum hole {
	HOLE_NONE, /* letters */
	HOLE_TEXT, /* foreign: a name, a device's words */
	HOLE_NUMBER,
	HOLE_MESSAGE, /* a message of ours */
	HOLE_BAD      /* not understood: the template recognises nothing */
};

enum { PIECES_MOST = 40 };

struct piece {
	enum hole hole;
	const char *text; /* letters, or the name of a hole */
	size_t n;
	size_t value; /* which value a hole of a format takes, from 0 */
};

struct pieces {
	struct piece v[PIECES_MOST];
	size_t n, marks; /* marks: characters outside of the holes that are not blank */
	bool bad;        /* holes side by side, or too many: nobody knows where one ends */
};

struct filling {
	const char *text;
	size_t n;
};

void pieces_of(const char *template, enum style style, struct pieces *out);

/* Was `text` made from these? Then values[i] is what stands in the hole at pieces i. */
bool pieces_match(const struct pieces *p, const char *text, struct filling *values);

/* The piece of p with the value that this hole of a translation takes; NULL: there is none. */
const struct piece *piece_for(const struct pieces *p, const struct piece *hole);

#endif
