/* SPDX-License-Identifier: ISC */
/* From a key to an action: dialogs, the ':' line, the widget on the screen, its actions, our own. */
#include "config.h"

#include "tui/app_parts.h"
#include "model/phrases.h"
#include "tui/questions.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/i18n.h"
#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static struct open_screen *top(const struct app *a)
{
	return a->stack.n ? &a->stack.v[a->stack.n - 1] : NULL;
}

/* --- actions ---------------------------------------------------------------------------------- */

static bool replaced(const struct key_action *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].word, word))
			return true;
	return false;
}

const struct key_action *app_actions(const struct app *a, size_t *i)
{
	const struct open_screen *s = top(a);
	const struct key_action *list = s ? s->kind->actions : NULL;
	size_t n = 0;
	while (list && list[n].word)
		n++;
	if (*i < n)
		return &list[(*i)++];
	while (app_own_actions[*i - n].word && replaced(list, n, app_own_actions[*i - n].word))
		(*i)++;
	const struct key_action *k = &app_own_actions[(*i)++ - n];
	return k->word ? k : NULL;
}

bool action_possible(const struct app *a, const struct key_action *k, struct err *why)
{
	const struct open_screen *s = top(a);
	return !k->possible || k->possible(a, s ? s->state : NULL, why);
}

static void act(struct app *a, const struct key_action *k)
{
	struct err why = {0};
	struct open_screen *s = top(a);
	if (!action_possible(a, k, &why))
		app_say(a, ROLE_WARNING, "%s: %s", _(k->label ? k->label : k->help),
			said_err(&why).text);
	else
		k->run(a, s ? s->state : NULL);
}

static bool action_key(struct app *a, keycode key, bool typing)
{
	const struct key_action *k;
	if (typing && key < KEY_CODES && key >= 32)
		return false;
	for (size_t i = 0; (k = app_actions(a, &i));)
		if (key_in(k->keys, key)) {
			act(a, k);
			return true;
		}
	return false;
}

/* --- the ':' line ----------------------------------------------------------------------------- */

/* The beginning of a word will do when there is only one that begins so: ":re" must not resume a job
 * for somebody who meant another word. */
static const struct key_action *named(const struct app *a, const char *word, size_t n, size_t *found)
{
	const struct key_action *k, *only = NULL;
	*found = 0;
	for (size_t i = 0; (k = app_actions(a, &i));) {
		if (strncmp(k->word, word, n) != 0)
			continue;
		*found = strlen(k->word) == n ? 1 : *found + 1;
		only = k;
		if (strlen(k->word) == n)
			break;
	}
	return *found == 1 ? only : NULL;
}

static void run_command(struct app *a)
{
	char *text = xstrdup(line_text(&a->command));
	char *word = text + strspn(text, " ");
	size_t n = strcspn(word, " "), found = 0;
	const struct key_action *k = n ? named(a, word, n, &found) : NULL;
	line_set(&a->command, "");
	a->argument = word + n + strspn(word + n, " ");
	if (k)
		act(a, k);
	else if (found)
		app_say(a, ROLE_WARNING, _("%zu commands begin with \"%.*s\"; type more of it"), found,
			(int)n, word);
	else if (n)
		app_say(a, ROLE_WARNING, _("There is no command \"%.*s\" here; ? lists them all"),
			(int)n, word);
	a->argument = "";
	free(text);
}

static void command_key(struct app *a, keycode key)
{
	if (key == K_ENTER || key == K_ESC) {
		a->commanding = false;
		if (key == K_ENTER)
			run_command(a);
	} else if (key == K_BACKSPACE && a->command.text.len == 0) {
		a->commanding = false;
	} else {
		(void)line_key(&a->command, key);
	}
}

/* --- keys ------------------------------------------------------------------------------------- */

bool app_typing(const struct app *a)
{
	const struct open_screen *s = top(a);
	return a->commanding || (s && screen_typing(s));
}

/* What cannot be seen must not be answered, ordered or started: only the way out is left. */
static void blind_key(struct app *a, keycode key)
{
	if (key == 'q' || key == 'Q')
		app_quit(a, a->status);
}

static void take_key(struct app *a, keycode key)
{
	struct open_screen *s = top(a);
	if (!s)
		return;
	if (key == K_RESIZE) {
		dialog_guard(a); /* perhaps it is seen only now */
		return;
	}
	if (key == K_CTRL('L')) {
		a->redraw = true;
		return;
	}
	if (frame_too_small(a)) {
		blind_key(a, key);
		return;
	}
	if (dialog_has_gone(a))
		return;
	if (dialog_is_open(a)) {
		dialog_key(a, key);
		return;
	}
	if (a->commanding) {
		command_key(a, key);
		return;
	}
	bool typing = app_typing(a);
	if (screen_key(a, s, key))
		return;
	if (!(key & K_PASTED))
		(void)action_key(a, key, typing);
}

/* What was said is read when the next key comes. */
void app_key(struct app *a, keycode key)
{
	unsigned said = a->messages;
	app_changed(a);
	take_key(a, key);
	if (said == a->messages && key != K_RESIZE && key != K_CTRL('L'))
		app_unsay(a);
}

/* --- what works everywhere -------------------------------------------------------------------- */

static void show_help(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_help, NULL);
}

static void begin_command(struct app *a, void *state)
{
	(void)state;
	a->commanding = true;
	line_set(&a->command, "");
}

static void back(struct app *a, void *state)
{
	(void)state;
	app_back(a);
}

static bool not_at_bottom(const struct app *a, const void *state, struct err *why)
{
	(void)state;
	if (a->stack.n > 1)
		return true;
	return err_set(why, ERR_REFUSED, _("this is the first screen; q leaves")), false;
}

static void quit(struct app *a, void *state)
{
	(void)state;
	app_quit(a, a->status);
}

static void redraw(struct app *a, void *state)
{
	(void)state;
	a->redraw = true;
}

static void interrupt(struct app *a, void *state)
{
	(void)state;
	app_say(a, ROLE_INFO, a->job_running
				   ? _("The job goes on without the screen: q leaves, 'x' cancels the job")
				   : _("q leaves"));
}

static void write_picture(struct app *a, void *state)
{
	struct err e = {0};
	struct str text = {0};
	(void)state;
	if (!*a->argument) {
		app_say(a, ROLE_WARNING, _("Give a file: :write FILE"));
		return;
	}
	term_dump(a->term, false, &text);
	if (path_write(a->argument, str_text(&text), text.len, &e) == 0)
		app_say(a, ROLE_OK, _("The screen is written to %s"), a->argument);
	else
		app_fail(a, &e);
	str_release(&text);
}

static void show_rehearsal(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_rehearse, NULL);
}

void app_credentials(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_credentials, NULL);
}

void app_images(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_images, NULL);
}

static void show_inventory(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_inventory, NULL);
}

static void show_history(struct app *a, void *state)
{
	(void)state;
	app_open(a, &screen_history, NULL);
}

const struct key_action app_own_actions[] = {
    {"help", "? ^T F1", N_("Help"), N_("What this screen is for, and all its keys"), show_help,
     NULL},
    {"back", "Esc Backspace", N_("Back"), N_("Back to the screen before; nothing is lost"), back,
     not_at_bottom},
    {"leave", "q ^X F10", N_("Leave"), N_("Leave the screen, or the wizard; jobs go on"), wizard_leave,
     NULL},
    {"quit", "Q", NULL, N_("Leave the program; a running job goes on"), quit, NULL},
    {"answer", "A", NULL, N_("Answer the open question of the job that was put off"),
     questions_answer, questions_possible},
    {"command", ":", NULL, N_("Type a command: the words of this list"), begin_command, NULL},
    {"redraw", "^L", NULL, N_("Draw the whole screen again"), redraw, NULL},
    {"interrupt", "^C", NULL, N_("Say how to leave; it ends nothing"), interrupt, NULL},
    {"write", NULL, NULL, N_("Write the picture as text to a file: :write FILE"), write_picture,
     NULL},
    {"doctor", NULL, NULL, N_("Look for what would stop a job on this machine"), show_doctor, NULL},
    {"theme", NULL, NULL, N_("Choose colours: :theme NAME, or the list of themes"), show_themes,
     NULL},
    {"rehearse", NULL, NULL, N_("Play the job of this screen on simulated devices"), show_rehearsal,
     NULL},
    {"images", NULL, NULL, N_("Files to install: look, add, choose the default"), app_images, NULL},
    {"credentials", NULL, NULL, N_("How to log in to the devices"), app_credentials, NULL},
    {"inventory", NULL, NULL, N_("Devices, groups and links: look, bring in a file"), show_inventory,
     NULL},
    {"history", NULL, NULL, N_("All jobs there ever were"), show_history, NULL},
    {0},
};
