/* SPDX-License-Identifier: ISC */
/* Faults as they are listed: all that there are, and those that were added. */
#include "config.h"

#include "lab/fault.h"

bool lab_fault_help(size_t i, const char **name, const char **text)
{
	const struct fault_row *row = fault_row_at(i);
	*name = row ? row->name : NULL;
	*text = row ? row->help : NULL;
	return row != NULL;
}

bool lab_fault_show(const struct lab *lab, size_t i, struct str *out)
{
	if (i >= lab->faults.n)
		return false;
	const struct fault *f = &lab->faults.v[i];
	str_printf(out, "%s:%s%s%s", f->device < 0 ? "*" : lab->devices.v[f->device]->name,
		   f->row->name, f->arg ? "=" : "", f->arg ? f->arg : "");
	if (f->moment)
		str_printf(out, "@%s", f->moment);
	if (f->left > 0)
		str_printf(out, "x%d", f->left);
	str_puts(out, f->left == 0 ? " used up" : f->armed ? " in force" : " to come");
	return true;
}
