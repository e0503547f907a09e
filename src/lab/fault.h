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

const struct fault_row *fault_row_at(size_t i); /* of all kinds; NULL behind the last */
/* switch_fault.c, config_fault.c, srx_fault.c, cloud_fault.c, calico_fault.c; each ends with {0} */
extern const struct fault_row switch_fault_rows[], config_fault_rows[], srx_fault_rows[],
    cloud_fault_rows[], host_fault_rows[];
/* Does the fault take this ARG (NULL: none is given), and can it be? -1: e says what it takes. The
 * first word of the help says which kind it is of. */
int fault_arg(const struct fault_row *row, const char *arg, struct err *e);
/* The same of the name of a snap. */
int cloud_fault_arg(const struct fault_row *row, const char *arg, struct err *e);

#endif
