/* SPDX-License-Identifier: ISC */
/* Bytes of a keyboard through a pty, on terminals whose descriptions know many keys, few or none. */
#include "config.h"

#include "tui/canvas.h"
#include "tui/term.h"

#include "base/str.h"

#include <locale.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const types[] = {"vt100", "vt220", "rxvt", "xterm-256color", "screen", "tmux"};

/* What the bytes press (a "rxvt" has no size of its own to do without a real terminal), as the names of the keys: "Esc j". */
static char *pressed(const char *type, const char *bytes)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct err e = {0};
	struct str names = {0};
	int master, slave;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	FILE *in = fdopen(slave, "r"), *out = fdopen(dup(slave), "w");
	struct terminal *t = term_open(&(struct term_options){.in = in, .out = out, .type = type,
							      .lines = 24, .columns = 80,
							      .headless = true},
				       &e);
	if (!t)
		fail_msg("%s: %s", type, e.text);
	assert_int_equal(write(master, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	for (keycode key; (key = term_key(t)) > 0;) {
		char text[16];
		if (key == K_RESIZE)
			continue;
		key_text(key & ~K_PASTED, text);
		str_printf(&names, "%s%s%s", names.len ? " " : "", key & K_PASTED ? "+" : "", text);
	}
	term_close(t);
	(void)fclose(in), (void)fclose(out), (void)close(master);
	return str_take(&names);
}

static void check_on(const char *type, const char *bytes, const char *wanted)
{
	char *got = pressed(type, bytes);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s: ESC%s presses \"%s\", not \"%s\"", type, bytes + 1, got, wanted);
	free(got);
}

static void check(const char *bytes, const char *wanted)
{
	for (size_t i = 0; i < LEN(types); i++)
		check_on(types[i], bytes, wanted);
}

static void test_common_keys_on_any_terminal(void **state)
{
	(void)state;
	check("\033[A\033OB\033OC\033[D", "Up Down Right Left");
	check("\033[H\033OH\033[1~\033[7~", "Home Home Home Home");
	check("\033[F\033OF\033[4~\033[8~", "End End End End");
	check("\033[2~\033[3~\033[5~\033[6~", "Ins Del PgUp PgDn");
	check("\033[Zj", "S-Tab j");
	check("\033OP\033[11~\033[[A", "F1 F1 F1");
}

/* Their last bytes are no keys of ours, and nothing goes back. */
static void test_unknown_sequences_press_nothing(void **state)
{
	(void)state;
	check("\033[Ij", "j");              /* the window has the focus */
	check("\033[Oj", "j");              /* and has it no more */
	check("\033[1;5Cj", "j");           /* Ctrl-Right, or none */
	check("\033[27;5;9~j", "j");
	check("\033[?1;2cj", "j");
	check("\033[1 qj", "j");            /* an intermediate byte */
	check("\033O5Cj", "j");
	check("\033[99~\033[98~j", "j");
}

static void test_escape_alone(void **state)
{
	(void)state;
	check("\033", "Esc");
	check("\033j", "Esc j");
	check("\033\033", "Esc Esc");
	check("\033[", "");                 /* broken off */
	check("\033[12\033[A", "Up");       /* broken off by the next */
}

static void test_paste(void **state)
{
	(void)state;
	check("\033[200~q\033[3~\033[IQ\033[201~j", "+q +Q j");
}

/* What is sent at the end to a terminal with a footer in its last line; new. */
static char *farewell(const char *type)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct err e = {0};
	int master, slave;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	FILE *in = fdopen(slave, "r"), *out = tmpfile();
	struct terminal *t = term_open(&(struct term_options){.in = in, .out = out, .type = type,
							      .lines = 24, .columns = 80,
							      .headless = true},
				       &e);
	if (!t)
		fail_msg("%s: %s", type, e.text);
	struct canvas all = canvas_all(t);
	term_clear(t);
	(void)canvas_text(&all, 23, 0, -1, ROLE_TEXT, "q Leave");
	term_show(t);
	assert_int_equal(fflush(out), 0);
	off_t before = lseek(fileno(out), 0, SEEK_END);
	assert_true(before > 0);
	term_close(t);
	assert_int_equal(fflush(out), 0);
	char got[4096];
	ssize_t n = pread(fileno(out), got, sizeof(got) - 1, before);
	got[n > 0 ? n : 0] = '\0';
	(void)fclose(in), (void)fclose(out), (void)close(master);
	return xstrdup(got);
}

/* Without a second screen the prompt would stand on the footer. */
static void test_footer_is_taken_away(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		bool erased;
	} rows[] = {{"vt220", true}, {"vt100", true}, {"xterm-256color", false}};
	for (size_t i = 0; i < LEN(rows); i++) {
		char *got = farewell(rows[i].type);
		bool erased = strstr(got, "\033[K") || strstr(got, "\033[J");
		if (erased != rows[i].erased)
			fail_msg("%s: %s", rows[i].type, got + 1);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_common_keys_on_any_terminal),
	    cmocka_unit_test(test_unknown_sequences_press_nothing),
	    cmocka_unit_test(test_escape_alone),
	    cmocka_unit_test(test_paste),
	    cmocka_unit_test(test_footer_is_taken_away),
	};
	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
