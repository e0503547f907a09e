/* SPDX-License-Identifier: ISC */
#ifndef TUI_FILES_H
#define TUI_FILES_H

#include "base/str.h"

#include <stdint.h>

/* "212 MiB" of so many bytes, appended. */
void file_size_put(int64_t size, struct str *out);

#endif
