/* SPDX-License-Identifier: ISC */
/* Keys as people name them: "Enter", "Space", "^L", "PgDn", "r". */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum key_code { /* above all of Unicode; below: the character itself, ^A to ^Z are 1 to 26 */
		KEY_CODES = 0x200000,
		K_UP,
		K_DOWN,
		K_LEFT,
		K_RIGHT,
		K_PAGE_UP,
		K_PAGE_DOWN,
		K_HOME,
		K_END,
		K_INSERT,
		K_DELETE,
		K_BACKSPACE,
		K_ENTER,
		K_ESC,
		K_TAB,
		K_BACKTAB,
		K_F1,
		K_F12 = K_F1 + 11,
		K_RESIZE, /* not pressed by anybody: the window has another size */
	};

#define K_PASTED 0x400000 /* added to a character that was pasted, not typed: never a command */

typedef int32_t keycode;

#define K_CTRL(letter) ((keycode)((letter)&31))

/* "Enter", "^L", "x"; text has room for 16 bytes. */
void key_text(keycode key, char text[16]);

/* The key of a name; -1: there is none. */
keycode key_parse(const char *name);

/* Is this key in a list of names: "Enter l Right"? */
bool key_in(const char *names, keycode key);

/* The first name of a list, as the footer shows it; text has room for 16 bytes. */
void key_first(const char *names, char text[16]);

/* Something to put into a text: a character that is no control character. */
bool key_is_text(keycode key);

#endif
