/* SPDX-License-Identifier: ISC */
/* What was said in English is recognised by what it was made from, and said again: single
 * templates, all templates of the program in all languages, messages in messages, and words of
 * strangers. */
#include "config.h"

#include "model/phrases.h"

#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "model/fold_failure.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- single templates ------------------------------------------------------------------------- */

static const struct {
	bool named;
	const char *template, *other, *text, *again; /* again NULL: it is not made from this */
} rows[] = {
    {true, "The disk is full.", "Voll.", "The disk is full.", "Voll."},
    {true, "The disk is full.", "Voll.", "The disk is full", NULL},
    {true, "${device} does not answer: ${x}", "Keine Antwort von ${device}: ${x}",
     "leaf01 does not answer: timed out", "Keine Antwort von leaf01: timed out"},
    {true, "Set ${a} to ${b}.", "${b} wird ${a}.", "Set x to y.", "y wird x."},
    {true, "Set ${a} to ${b}.", "${b} wird ${a}.", "Set x to y", NULL},
    /* the name again, and names that hold words of the template */
    {true, "${a} and ${a}", "${a} + ${a}", "one and one", "one + one"},
    {true, "${a} and ${a}", "${a} + ${a}", "one and two", NULL},
    {true, "From ${a} to ${b}", "Von ${a} nach ${b}", "From A to B to C", "Von A nach B to C"},
    {true, "At the end ${a}", "Am Ende ${a}", "At the end ", "Am Ende "},
    /* the first " of " is not the right one */
    {true, "${a} of ${b} is up", "${b}: ${a}", "2 of 3 of leaf01 is up", "3 of leaf01: 2"},
    /* holes side by side: nobody knows where the one ends; a name that the other lacks */
    {true, "${a}${b} is wrong", "${b}${a}", "xy is wrong", NULL},
    {true, "${a} is wrong", "${b} ist falsch", "x is wrong", NULL},
    /* no hole: an unfinished one is text; a percent sign is text where holes have names */
    {true, "costs ${5", "kostet ${5", "costs ${5", "kostet ${5"},
    {true, "100% of ${a}", "${a}: 100%", "100% of it", "it: 100%"},
    {true, "", "", "x", NULL},
    /* formats: numbers are numbers, places may be told, %% is a percent sign */
    {false, "%zu done, %d failed", "%d fehl, %zu fertig", "3 done, 12 failed", "3 fehl, 12 fertig"},
    {false, "%zu done, %d failed", "%2$d fehl, %1$zu fertig", "3 done, 12 failed",
     "12 fehl, 3 fertig"},
    {false, "%zu done", "%zu fertig", "x done", NULL},
    {false, "%zu done", "%zu fertig", " done", NULL},
    {false, "%zu done", "%zu fertig", "-3 done", "-3 fertig"},
    {false, "%d %% of %s", "%2$s: %1$d %%", "50 % of it", "it: 50 %"},
    {false, "at 0x%02x", "bei 0x%02x", "at 0x0f", "bei 0x0f"},
    {false, "%-16s is there", "da: %-16s", "x is there", "da: x"},
    {false, "%s%s", "%s%s", "xy", NULL},
    {false, "after %.1f s", "nach %.1f s", "after 1.5 s", "nach 1.5 s"},
    /* a value is never a format */
    {false, "%s waits", "%s wartet", "%n%s%9$s waits", "%n%s%9$s wartet"},
    {true, "${a} waits", "${a} wartet", "${b} waits", "${b} wartet"},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		char *again =
		    phrase_again(rows[i].template, rows[i].named, rows[i].other, rows[i].text);
		if (!rows[i].again != !again || (again && strcmp(again, rows[i].again) != 0))
			fail_msg("\"%s\" from \"%s\": \"%s\"", rows[i].text, rows[i].template,
				 again ? again : "(not)");
		free(again);
	}
}

/* A text that fits nearly everywhere does not stop the program. */
static void test_hostile_length(void **state)
{
	char text[4000];
	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(phrase_again("%sa%sa%sa%sa%sa%sb", false, "x", text));
}

/* --- languages -------------------------------------------------------------------------------- */

static void speak(const char *language)
{
	assert_int_equal(setenv("LANGUAGE", language, 1), 0);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8")); /* what was looked up before is forgotten */
}

static void english(void)
{
	assert_int_equal(unsetenv("LANGUAGE"), 0);
	assert_non_null(setlocale(LC_ALL, "C"));
}

/* A format with values put into its holes: "w1", "w2" ...; numbers 11, 12 ...; for a hole with a
 * message `message`. Written a second time here, so that it can contradict the code. */
static char *fill(const char *format, const char *message)
{
	struct str out = {0};
	int n = 0;
	for (const char *at = format; *at; at++) {
		if (*at != '%' || at[1] == '%') {
			at += *at == '%';
			str_putc(&out, *at);
			continue;
		}
		const char *end = at + strcspn(at, "sdiuxcf");
		int number = ++n;
		if (strcspn(at, "$") < (size_t)(end - at))
			number = atoi(at + 1);
		if (end > at + 1 && (strncmp(end - 2, "%-s", 3) == 0 ||
				     strncmp(end - 2, "$-s", 3) == 0))
			str_puts(&out, message);
		else if (*end == 's' || *end == 'c' || *end == 'f')
			str_printf(&out, "w%d", number);
		else
			str_printf(&out, "%d", 10 + number);
		at = end;
	}
	return str_take(&out);
}

static int check_template(const char *template, const char *behind, const char *language)
{
	static const char message[] = "cancelled by the operator";
	char *plain = fill(template, message), *wanted = fill(gettext(template), gettext(message));
	char *text = xasprintf("%s%s%s", plain, *behind ? ": " : "", behind);
	char *other = *behind ? xasprintf(_("%s: %s"), wanted, gettext(behind)) : xstrdup(wanted);
	char *again = said_new(text);
	int bad = strcmp(again, other) != 0;
	if (bad)
		print_error("%s: \"%s\"\n  was to be \"%s\"\n  and is    \"%s\"\n", language, text,
			    other, again);
	free(plain);
	free(wanted);
	free(text);
	free(other);
	free(again);
	return bad;
}

static int check_language(const char *language)
{
	struct messages all = messages_all(), system = messages_system();
	int bad = 0, empty = 0;
	speak(language);
	for (size_t i = 0; i < all.n; i++) {
		if (strcmp(all.v[i], "%s: %s") == 0 || strcmp(all.v[i], "%s; %s") == 0)
			continue; /* joints of messages: nothing in them tells them from names */
		empty += strcmp(gettext(all.v[i]), all.v[i]) == 0;
		bad += check_template(all.v[i], "", language);
	}
	for (size_t i = 0; i < system.n; i++)
		bad += check_template(system.v[i], "No such file or directory", language);
	english();
	if (empty > 20)
		fail_msg("%s: %d messages are not translated", language, empty);
	return bad;
}

static void test_all(void **state)
{
	const char *top = getenv("top_builddir");
	char *path = path_join(top ? top : ".", "locale");
	int languages = 0, bad = 0;
	(void)state;
	assert_true(messages_all().n > 600);
	assert_true(messages_system().n > 40);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		if (d->d_name[0] == '.')
			continue;
		bad += check_language(d->d_name);
		languages++;
	}
	closedir(dir);
	free(path);
	assert_true(languages >= 3);
	assert_int_equal(bad, 0);
}

/* --- messages in messages, words of strangers ------------------------------------------------- */

#define STOPPED "cancelled by the operator"

static const struct {
	const char *text, *again; /* in German; NULL: it stays */
} stories[] = {
    {STOPPED, "vom Bediener abgebrochen"},
    {"leaf01 failed: " STOPPED, "leaf01 gescheitert: vom Bediener abgebrochen"},
    /* three deep */
    {"leaf01 failed: leaf01: \"Reboot\" has not ended within 30s (expected JSON, got nothing)",
     "leaf01 gescheitert: leaf01: \"Reboot\" ist nach 30s nicht zu Ende (JSON erwartet, nichts "
     "erhalten)"},
    /* behind a place, and more than one of them */
    {"inventory.json: devices[3].port: expected true or false",
     "inventory.json: devices[3].port: true oder false erwartet"},
    {"cannot read /x: No such file or directory",
     "/x nicht lesbar: Datei oder Verzeichnis nicht gefunden"},
    {"leaf01: no exit status came back; " STOPPED,
     "leaf01: kein Exit-Status kam zurück; vom Bediener abgebrochen"},
    /* a device that talks like us: its words stay, whatever it says */
    {"expected \"up\" for state, got \"" STOPPED "\"",
     "\"up\" erwartet für state, erhalten: \"" STOPPED "\""},
    {"unexpected \"x; " STOPPED "\"", "unerwartet: \"x; " STOPPED "\""},
    {"hash differs on the device: exit status 1: " STOPPED,
     "Prüfsumme auf dem Gerät weicht ab: Exit-Status 1: " STOPPED},
    {"hash differs on the device: exit status 1: x; " STOPPED,
     "Prüfsumme auf dem Gerät weicht ab: Exit-Status 1: x; " STOPPED},
    /* two of them, and one that holds both of its own */
    {"leaf01 is not as planned: release was \"a\" when planned and is \"b\" now; serial was \"c\" "
     "when planned and is \"d\" now",
     "leaf01 ist nicht wie geplant: release war bei der Planung \"a\" und ist jetzt \"b\"; serial "
     "war bei der Planung \"c\" und ist jetzt \"d\""},
    {STOPPED "; then the way back failed: " STOPPED,
     "vom Bediener abgebrochen; dann scheiterte der Rückweg: vom Bediener abgebrochen"},
    {"leaf01 is down. Then the way back failed: " STOPPED,
     "leaf01 is down. Dann scheiterte der Rückweg: vom Bediener abgebrochen"},
    {"%s failed: %s", "%s gescheitert: %s"},
    /* a job that is called like a state */
    {"type its name: ready", NULL},
    {"leaf01 failed: ready", "leaf01 gescheitert: bereit"},
    /* nothing of ours */
    {"leaf01 did something odd", NULL},
    {"leaf01", NULL},
    {": ", NULL},
    {"; ", NULL},
    {"a: b: c: d; e; f: g", NULL},
    {"canceled by the operator", NULL},
};

static void test_stories(void **state)
{
	int bad = 0;
	(void)state;
	speak("de");
	for (size_t i = 0; i < LEN(stories); i++) {
		const char *wanted = stories[i].again ? stories[i].again : stories[i].text;
		char *again = said_new(stories[i].text);
		if (strcmp(again, wanted) != 0) {
			print_error("\"%s\"\n  was to be \"%s\"\n  and is    \"%s\"\n",
				    stories[i].text, wanted, again);
			bad++;
		}
		free(again);
	}
	english();
	assert_int_equal(bad, 0);
}

/* Many places and lists in one text: it is left alone in time. */
static void test_hostile_places(void **state)
{
	struct str text = {0};
	(void)state;
	speak("de");
	while (text.len < 4000)
		str_puts(&text, "leaf01: x failed: " STOPPED "; ");
	char *again = said_new(str_text(&text));
	assert_non_null(again);
	free(again);
	char *once = xstrdup(str_text(&text));
	str_puts(&text, once); /* longer than any message */
	free(once);
	again = said_new(str_text(&text));
	assert_string_equal(again, str_text(&text));
	free(again);
	str_release(&text);
	english();
}

/* An error is made again with its kind, a view gives the same text again. */
static void test_err_and_view(void **state)
{
	struct jobview *v = jobview_new();
	struct err e = {0};
	(void)state;
	speak("de");
	err_set(&e, ERR_CANCELLED, "%s", STOPPED);
	assert_string_equal(said_err(&e).text, "vom Bediener abgebrochen");
	assert_int_equal(said_err(&e).kind, ERR_CANCELLED);
	const char *once = said(v, STOPPED);
	assert_string_equal(once, "vom Bediener abgebrochen");
	assert_ptr_equal(said(v, STOPPED), once);
	assert_null(said(v, NULL));
	english();
	jobview_free(v);
}

/* Two failures are told in one text, whatever the first of them ends with. */
static void test_two_failures(void **state)
{
	static const struct {
		const char *first, *second, *both;
	} pairs[] = {
	    {"it is down.", "no answer", "it is down. Then the way back failed: no answer"},
	    {"it is down", "no answer", "it is down; then the way back failed: no answer"},
	    {"wait...", "no", "wait...; then the way back failed: no"},
	    {"it is down.", "it is down.",
	     "it is down. Then the way back failed in the same way."},
	    {"it is down", "it is down", "it is down; then the way back failed in the same way"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(pairs); i++) {
		struct task_view t = {.pass = PASS_UPGRADE};
		cJSON *there = cJSON_CreateObject(), *back = cJSON_CreateObject();
		cJSON_AddStringToObject(there, "message", pairs[i].first);
		cJSON_AddStringToObject(back, "message", pairs[i].second);
		fold_failure(&t, "install", there);
		t.pass = PASS_ROLLBACK;
		fold_failure(&t, "back", back);
		assert_string_equal(t.message, pairs[i].both);
		free(t.message);
		free(t.failed_step);
		free(t.cause), free(t.advice), free(t.error_kind);
		cJSON_Delete(there);
		cJSON_Delete(back);
	}
}

/* Without a catalogue everything stays as it is. */
static void test_english(void **state)
{
	struct jobview *v = jobview_new();
	(void)state;
	assert_null(said(v, NULL));
	assert_string_equal(said(v, "leaf01 does not answer"), "leaf01 does not answer");
	assert_string_equal(said(v, STOPPED), STOPPED);
	jobview_free(v);
}

static int begin(void **state)
{
	const char *top = getenv("top_builddir");
	char *path = xasprintf("%s%s/locale", top && *top == '/' ? "" : "./", top ? top : ".");
	char *whole = realpath(path, NULL);
	(void)state;
	bool good = whole && bindtextdomain(PACKAGE, whole) && textdomain(PACKAGE) &&
		    bind_textdomain_codeset(PACKAGE, "UTF-8");
	free(path);
	free(whole);
	return good ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),         cmocka_unit_test(test_hostile_length),
	    cmocka_unit_test(test_english),      cmocka_unit_test(test_all),
	    cmocka_unit_test(test_stories),      cmocka_unit_test(test_hostile_places),
	    cmocka_unit_test(test_err_and_view), cmocka_unit_test(test_two_failures),
	};
	return cmocka_run_group_tests_name("phrases", tests, begin, NULL);
}
