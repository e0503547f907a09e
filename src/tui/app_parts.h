/* SPDX-License-Identifier: ISC */
/* Inside of the app, for app*.c and frame.c. */
#ifndef TUI_APP_PARTS_H
#define TUI_APP_PARTS_H

#include "tui/app.h"

void app_follow_tick(struct app *a);

/* The message line is empty again: at once, or when what it says is no news any more. */
void app_unsay(struct app *a);
void app_unsay_old(struct app *a);

/* screen.c: what a screen does itself, or its list does for it. */
struct list *screen_list(const struct open_screen *s); /* NULL: it is no table */
void screen_fit(struct app *a, const struct open_screen *s, int height, int width);
void screen_draw(const struct app *a, const struct open_screen *s, const struct canvas *c);
bool screen_key(struct app *a, const struct open_screen *s, keycode key);
bool screen_typing(const struct open_screen *s);
/* What of the row under the cursor is cut on a screen so wide, in full; nothing: nothing is. */
void screen_detail(const struct open_screen *s, int width, struct str *out);

/* :theme NAME, or the screen of themes. */
void show_themes(struct app *a, void *state);
void show_doctor(struct app *a, void *state);

/* Can it be done now; *why says why not. */
bool action_possible(const struct app *a, const struct key_action *k, struct err *why);

#define FRAME_LINES 3 /* title, message, footer */
#define LEAST_LINES 24
#define LEAST_COLUMNS 80

/* The body between title and message. */
struct canvas frame_body(const struct app *a);
bool frame_too_small(const struct app *a);
void frame_draw(const struct app *a, const struct canvas *all);

#endif
