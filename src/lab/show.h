/* SPDX-License-Identifier: ISC */
/* Views that more than one command prints. */
#ifndef LAB_SHOW_H
#define LAB_SHOW_H

#include "lab/device.h"

#include <cjson/cJSON.h>

void show_json(struct blob *out, cJSON *root); /* takes root; prints it with a line end */

cJSON *show_clag_json(const struct device *dev); /* new */
cJSON *show_bgp_json(const struct device *dev);  /* new; {} without BGP */
void show_bgp_text(const struct device *dev, struct blob *out);
cJSON *show_lldp_json(const struct device *dev, bool json0);
void show_lldp_text(const struct device *dev, const char *port, struct blob *out); /* NULL: all */

int run_net(struct sh *sh, int argc, char **argv); /* NCLU: cmd_nclu.c */
int run_nv(struct sh *sh, int argc, char **argv);  /* NVUE */

int run_lldpctl(struct sh *sh, int argc, char **argv);

#endif
