/* SPDX-License-Identifier: ISC */
/* Packages: look-alikes of a signed archive, with what an install reads of it. */
#ifndef LAB_JUNOS_IMAGE_H
#define LAB_JUNOS_IMAGE_H

#include "lab/device.h"

struct junos_image {
	char version[40], family[24], sha256[65];
};

/* Its Junos runs on a VM host, which is upgraded with it. */
bool junos_vmhost(const struct platform *p);
/* -1: it is none, or it is damaged (why says so). */
int junos_image_read(const struct blob *b, struct junos_image *image, const char **why);
/* Write one of so many bytes. */
void junos_image_make(struct str *out, const char *version, const struct platform *p, size_t size);

#endif
