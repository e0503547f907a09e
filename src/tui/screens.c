/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/screens.h"

#include "model/jobview.h"

const struct screen *screen_of_job(const struct jobview *v)
{
	if (!v)
		return &screen_history;
	if (v->started)
		return job_state_final(v->state) ? &screen_results : &screen_live;
	return &screen_checks;
}
