/* SPDX-License-Identifier: ISC */
/* Screens behind the one of the credentials. */
#ifndef TUI_CREDENTIAL_H
#define TUI_CREDENTIAL_H

#include "tui/screen.h"

extern const struct screen screen_credential_form; /* const char *: its name; NULL: a new one */
extern const struct screen screen_credential_try;  /* const char *: its name */

#endif
