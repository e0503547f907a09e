/* SPDX-License-Identifier: ISC */
/* Spellings of another tool's command line, so that its runbooks work here. */
#ifndef CLI_LCM_H
#define CLI_LCM_H

#include "cli/cli.h"
#include "model/values.h"

struct lcm_words {
	struct values given; /* word -> value, "yes" for a word without one */
	const char *rest;    /* the word that belongs to no other; NULL */
};

int lcm_show_images(struct cli *c, struct lcm_words *w);
int lcm_show_packages(struct cli *c, struct lcm_words *w);
int lcm_show_jobs(struct cli *c, struct lcm_words *w);
int lcm_show_status(struct cli *c, struct lcm_words *w);
int lcm_show_switches(struct cli *c, struct lcm_words *w);
int lcm_show_credentials(struct cli *c, struct lcm_words *w);

#endif
