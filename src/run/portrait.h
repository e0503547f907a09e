/* SPDX-License-Identifier: ISC */
/* What devices say of themselves and of their neighbours, asked of many at the same time: the facts
 * of their procedure, and on request its topology. Nothing is changed on them. */
#ifndef RUN_PORTRAIT_H
#define RUN_PORTRAIT_H

#include "model/inventory.h"
#include "run/contact.h"
#include "run/procedures.h"
#include "store/store.h"
#include "transport/keyring.h"

enum portrait_state {
	PORTRAIT_NONE,      /* not asked */
	PORTRAIT_DONE,      /* all facts that are needed */
	PORTRAIT_NO_ANSWER, /* no connection, or it was lost */
	PORTRAIT_REFUSED,   /* it refused the login */
	PORTRAIT_NOT_TRIED, /* its credential was refused elsewhere, or cannot be used */
	PORTRAIT_HOST_KEY,  /* unknown, changed or revoked */
	PORTRAIT_STRANGER,  /* no procedure knows this system */
	PORTRAIT_SILENT     /* it was logged in to, and did not answer */
};

struct seen_link {
	char *port, *neighbour, *neighbour_port; /* sanitised; neighbour_port "": not said */
};
struct seen_group {
	char *kind, *id, *own, *peer; /* sanitised, small letters; own and peer "": not said */
};

struct portrait {
	size_t device; /* number of the inventory */
	enum portrait_state state;
	const struct procedure *procedure; /* borrowed; NULL: none knows it */
	struct values facts;
	bool links_known, groups_known; /* it said which there are (perhaps none) */
	VEC(struct seen_link) links;
	VEC(struct seen_group) groups;
	struct err why; /* when it is not done */
};
struct portraits {
	struct portrait *v; /* in the order of the devices asked for */
	size_t n, cap;
};

/*
 * Ask these devices, each with the credential that the inventory names for it; one that was
 * refused is tried on no further device (keyring_strict()). A device whose
 * platform is "" is asked by one procedure after the other until one knows it. progress() as in
 * contact.h; -1 and e when it stops (ERR_CANCELLED) or nothing can be asked at all; what is there
 * until then is in *out. `list` must outlive *out. Release *out in any case.
 */
int portraits_take(struct store *s, const struct inventory *inv, const size_t *devices, size_t n,
		   struct keyring *k, const struct procedures *list, bool topology,
		   const struct pace *pace, int (*progress)(void *ctx, size_t done, size_t total),
		   void *ctx, struct portraits *out, struct err *e);
/* How long a device may take for each answer, at this pace. */
int64_t portrait_patience(const struct pace *pace);
void portraits_release(struct portraits *p);

#endif
