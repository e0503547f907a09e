/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/sim/faults.h"

const struct row precheck_rows[] = {{0}};
