/* SPDX-License-Identifier: ISC */
/* What an upgrade of a device would need, told before anybody asks the device: from what it said the
 * last time. The pre-checks decide; this only spares a round. */
#ifndef RUN_FORECAST_H
#define RUN_FORECAST_H

#include "base/str.h"
#include "model/procedure.h"
#include "store/store.h"

enum forecast {
	FORECAST_READY,   /* all is there */
	FORECAST_ASK,     /* not known until the device is asked */
	FORECAST_SAME,    /* it runs this version already */
	FORECAST_PATH,    /* the procedure does not go that way */
	FORECAST_MISSING, /* an image */
};

struct forecast_input { /* all borrowed */
	const struct procedure *procedure;
	const struct method *method;
	const char *platform, *version;
	const struct values *parameters; /* where they differ from the defaults */
	const struct images *images;
};

/* `known` may be NULL. Appends the reason to why, in words for people (nothing when ready). */
enum forecast forecast_device(const struct forecast_input *in, const struct known_device *known,
			      struct str *why);

#endif
