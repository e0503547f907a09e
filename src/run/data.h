/* SPDX-License-Identifier: ISC */
/* Where the data that comes with the program is: procedures, themes, translations. */
#ifndef RUN_DATA_H
#define RUN_DATA_H

/* The directory of "procedures" or "themes", new: that of $HITLESS_DATA_DIR, that of the source
 * tree when the program runs from its build directory, or the installed one. A $HITLESS_DATA_DIR
 * has to have procedures; without themes, themes come from the next place. */
char *data_dir(const char *what);

/* Where the translations are: $HITLESS_LOCALE_DIR, those of the build tree, the installed ones; new. */
char *data_locale(void);

#endif
