/* SPDX-License-Identifier: ISC */
/* What is said to the devices of an error card: the same words for all of them, or several. */
#ifndef RUN_CARDS_WORDS_H
#define RUN_CARDS_WORDS_H

#include "model/inventory.h"
#include "run/shape.h"

struct card_variant {
	struct shape shape; /* with other words for the device's own name, address and port */
	char *first;        /* as it was said to the first of them */
	char *device;       /* that one's name */
	size_t n;           /* how many it was said to */
};

struct card_words {
	VEC(struct card_variant) list;
	size_t n; /* devices, also those whose words are not kept */
};

/* What stands for the name and for the address of a device in words about several. */
struct card_others {
	const char *name, *address, *port;
};

/* The text with these words for the device's own name, address and port; new. */
char *card_words_general(const char *text, const struct device *d, const char *name,
			 const struct card_others *o);

/* The text (NULL: nothing was said) to one more device, which is called `label` here; its name is
 * looked for in the text. d and name may be NULL. */
void card_words_add(struct card_words *w, const char *text, const struct device *d,
		    const char *name, const char *label, const struct card_others *o);

/* As one text, new; NULL: nothing was said. Of one device: as it was said. What was said to one of
 * several only stands behind its name; each in a line. */
char *card_words_text(const struct card_words *w);

/* What was said most; the first of those. NULL: nothing. */
const struct card_variant *card_words_most(const struct card_words *w);
void card_words_release(struct card_words *w);

#endif
