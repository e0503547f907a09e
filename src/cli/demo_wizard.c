/* SPDX-License-Identifier: ISC */
/* The demo on screen: a draft of a job that only has to be confirmed. */
#include "config.h"

#include "cli/demo.h"

#include "run/draft.h"

/* What cannot be upgraded is not chosen: anchors. */
static int prepare_draft(struct cli *c, const struct demo_words *w)
{
	struct inventory *inv = cli_inventory(c);
	struct draft *d = inv ? draft_load(c->store, &c->e) : NULL;
	int rc = -1;
	if (d) {
		draft_clear(d);
		draft_text(&d->name, "demo");
		draft_text(&d->version, w->to);
		for (size_t i = 0; i < inv->devices.n; i++)
			if (!inv->devices.v[i].anchor)
				draft_set(d, inv->devices.v[i].name, true);
		rc = draft_save(d, &c->e);
	}
	draft_free(d);
	inventory_free(inv);
	return rc;
}

static int leave(struct cli *c, const struct demo_words *w, int rc)
{
	bool goes_on = store_running_jobs(c->store, NULL) > 0;
	tell(c, _("Everything is kept in %s: hitless --state %s"), w->state, w->state);
	if (goes_on)
		tell(c,
		     _("The job goes on, and the lab as well; at the end hitless lab down --dir %s"),
		     w->lab);
	else
		tell(c, _("No job runs: the simulated switches are switched off."));
	if (goes_on)
		return EXIT_INTERRUPTED; /* the lab stays */
	return rc == EXIT_INTERRUPTED ? EXIT_DONE : rc;
}

int demo_wizard(struct cli *c, const struct demo_words *w)
{
	struct cli own = {.in_tty = c->in_tty,
			  .out_tty = c->out_tty,
			  .screens = c->screens,
			  .state_option = w->state};
	int rc = cli_store(&own) && prepare_draft(&own, w) == 0 ? own.screens(&own, NULL, true)
								 : cli_fail(&own);
	if (own.store)
		rc = leave(&own, w, rc);
	cli_close(&own);
	return rc;
}
