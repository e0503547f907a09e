/* SPDX-License-Identifier: ISC */
/* The SFTP server of a device, protocol version 3: a program that reads and writes packets. */
#ifndef LAB_SFTP_H
#define LAB_SFTP_H

#include "lab/shell.h"

int run_sftp(struct sh *sh, int argc, char **argv);

#endif
