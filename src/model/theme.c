/* SPDX-License-Identifier: ISC */
/* The roles, and the theme that needs no file. */
#include "config.h"

#include "model/theme.h"

const struct theme_role_row theme_roles[THEME_ROLES] = {
    [ROLE_TEXT] = {"text", ROLE_TEXT, 0},
    [ROLE_TITLE] = {"title", ROLE_TEXT, THEME_BOLD},
    [ROLE_HEADER] = {"header", ROLE_TEXT, THEME_BOLD},
    [ROLE_FOOTER] = {"footer", ROLE_TEXT, 0},
    [ROLE_KEY] = {"key", ROLE_FOOTER, THEME_BOLD},
    [ROLE_KEY_DISABLED] = {"key.disabled", ROLE_DIM, 0},
    [ROLE_BORDER] = {"border", ROLE_TEXT, 0},
    [ROLE_DIM] = {"dim", ROLE_TEXT, 0},
    [ROLE_SELECTION] = {"selection", ROLE_TEXT, THEME_REVERSE},
    [ROLE_MARKED] = {"marked", ROLE_TEXT, THEME_BOLD},
    [ROLE_FIELD] = {"field", ROLE_TEXT, THEME_UNDERLINE},
    [ROLE_FIELD_FOCUS] = {"field.focus", ROLE_SELECTION, 0},
    [ROLE_BUTTON] = {"button", ROLE_TEXT, 0},
    [ROLE_BUTTON_FOCUS] = {"button.focus", ROLE_SELECTION, 0},
    [ROLE_ERROR] = {"error", ROLE_TEXT, THEME_BOLD},
    [ROLE_WARNING] = {"warning", ROLE_TEXT, THEME_BOLD},
    [ROLE_OK] = {"ok", ROLE_TEXT, 0},
    [ROLE_INFO] = {"info", ROLE_TEXT, 0},
    [ROLE_STATE_PENDING] = {"state.pending", ROLE_DIM, 0},
    [ROLE_STATE_RUNNING] = {"state.running", ROLE_INFO, 0},
    [ROLE_STATE_DONE] = {"state.done", ROLE_OK, 0},
    [ROLE_STATE_FAILED] = {"state.failed", ROLE_ERROR, 0},
    [ROLE_STATE_HELD] = {"state.held", ROLE_WARNING, 0},
    [ROLE_STATE_UNKNOWN] = {"state.unknown", ROLE_WARNING, 0},
    [ROLE_STATE_SKIPPED] = {"state.skipped", ROLE_DIM, 0},
    [ROLE_STATE_ROLLEDBACK] = {"state.rolledback", ROLE_WARNING, 0},
    [ROLE_BAR] = {"bar", ROLE_TEXT, 0},
    [ROLE_BAR_DONE] = {"bar.done", ROLE_BAR, THEME_REVERSE},
    [ROLE_MATCH] = {"match", ROLE_TEXT, THEME_UNDERLINE},
    [ROLE_HELP] = {"help", ROLE_TEXT, 0},
    [ROLE_DIALOG] = {"dialog", ROLE_TEXT, 0},
    [ROLE_DIALOG_BORDER] = {"dialog.border", ROLE_BORDER, 0},
    [ROLE_STAGE] = {"stage", ROLE_TEXT, 0},
    [ROLE_STAGE_ACTIVE] = {"stage.active", ROLE_STAGE, THEME_BOLD},
};

#define OWN {THEME_DEFAULT, THEME_DEFAULT, THEME_DEFAULT, THEME_DEFAULT}
#define PLAIN(attrs) {OWN, OWN, attrs}

/* What an empty file gives. */
static const struct theme plain = {
    .name = "plain",
    .styles =
        {
            [ROLE_TEXT] = PLAIN(0),
            [ROLE_TITLE] = PLAIN(THEME_BOLD),
            [ROLE_HEADER] = PLAIN(THEME_BOLD),
            [ROLE_FOOTER] = PLAIN(0),
            [ROLE_KEY] = PLAIN(THEME_BOLD),
            [ROLE_KEY_DISABLED] = PLAIN(0),
            [ROLE_BORDER] = PLAIN(0),
            [ROLE_DIM] = PLAIN(0),
            [ROLE_SELECTION] = PLAIN(THEME_REVERSE),
            [ROLE_MARKED] = PLAIN(THEME_BOLD),
            [ROLE_FIELD] = PLAIN(THEME_UNDERLINE),
            [ROLE_FIELD_FOCUS] = PLAIN(THEME_REVERSE),
            [ROLE_BUTTON] = PLAIN(0),
            [ROLE_BUTTON_FOCUS] = PLAIN(THEME_REVERSE),
            [ROLE_ERROR] = PLAIN(THEME_BOLD),
            [ROLE_WARNING] = PLAIN(THEME_BOLD),
            [ROLE_OK] = PLAIN(0),
            [ROLE_INFO] = PLAIN(0),
            [ROLE_STATE_PENDING] = PLAIN(0),
            [ROLE_STATE_RUNNING] = PLAIN(0),
            [ROLE_STATE_DONE] = PLAIN(0),
            [ROLE_STATE_FAILED] = PLAIN(THEME_BOLD),
            [ROLE_STATE_HELD] = PLAIN(THEME_BOLD),
            [ROLE_STATE_UNKNOWN] = PLAIN(THEME_BOLD),
            [ROLE_STATE_SKIPPED] = PLAIN(0),
            [ROLE_STATE_ROLLEDBACK] = PLAIN(THEME_BOLD),
            [ROLE_BAR] = PLAIN(0),
            [ROLE_BAR_DONE] = PLAIN(THEME_REVERSE),
            [ROLE_MATCH] = PLAIN(THEME_UNDERLINE),
            [ROLE_HELP] = PLAIN(0),
            [ROLE_DIALOG] = PLAIN(0),
            [ROLE_DIALOG_BORDER] = PLAIN(0),
            [ROLE_STAGE] = PLAIN(0),
            [ROLE_STAGE_ACTIVE] = PLAIN(THEME_BOLD),
        },
};

const struct theme *theme_plain(void)
{
	return &plain;
}

struct theme_style theme_style(const struct theme *t, enum theme_role role)
{
	return t->styles[role < THEME_ROLES ? role : ROLE_TEXT];
}
