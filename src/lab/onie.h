/* SPDX-License-Identifier: ISC */
/* Installer images, and what ONIE does with a staged one. */
#ifndef LAB_ONIE_H
#define LAB_ONIE_H

#include "lab/device.h"

#define STAGED_IMAGE "/var/lib/cumulus/installer/onie-installer"
#define STAGED_ZTP   "/var/lib/cumulus/installer/onie-installer.ztp"
#define ZTP_SCRIPT   "/var/lib/cumulus/ztp/ztp-script"

struct image_head {
	char release[32], arch[16], switch_arch[32], sha256[65];
	int64_t min_disk, payload_at; /* where the payload begins */
};

/* Read the head of an installer; -1: it is none (why says so). */
int image_read(const struct blob *image, struct image_head *head, const char **why);
/* Does the payload have the sum that the head gives? */
bool image_intact(const struct blob *image, const struct image_head *head);
/* Write a look-alike of so many bytes. */
void image_make(struct str *out, const char *version, const struct platform *p, size_t size);

void onie_cancel(struct device *dev);
void onie_install_now(struct device *dev); /* the staged image becomes the system */

#endif
