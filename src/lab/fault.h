/* SPDX-License-Identifier: ISC */
/* A kind of fault: a row of a table. */
#ifndef LAB_FAULT_H
#define LAB_FAULT_H

#include "lab/device.h"

struct fault_row {
	const char *name;
	int count;          /* default: -1 for ever */
	const char *moment; /* default moment; NULL: from the start */
	const char *help;
	void (*apply)(struct device *dev, struct fault *f); /* when it arms, and at each boot */
	void (*undo)(struct device *dev, struct fault *f);  /* when it is cleared; NULL: nothing */
};

extern const struct fault_row srx_fault_rows[]; /* srx_fault.c; ends with {0} */

#endif
