/* SPDX-License-Identifier: ISC */
#include "help.h"

#include "model/template.h"

#include <stdio.h>

#define HOSTILE "it's $(reboot) `x` \"q\" \\ ; & | > < * ? ~ # ! -rf \xc3\xa4"

static void fill(struct values *v)
{
	values_set(v, "x", HOSTILE);
	values_set(v, "list", "a\nb c\nit's");
	values_set(v, "empty", "");
	values_set(v, "version", "4.2.1~3");
	values_set(v, "esc", "a\x1b[31m");
	values_set(v, "c1",
	           "a\xc2\x9b"
	           "31m");
	values_set(v, "latin", "\xe4");
	values_set(v, "file.tar-1_x", "f");
}

static void expands(enum quoting quoting, const char *text, const char *wanted)
{
	struct values v = {0};
	struct str out = {0};
	struct err e = {0};
	fill(&v);
	struct scope s = {{&v}};
	str_puts(&out, ">");
	if (template_expand(text, &s, quoting, &out, &e) < 0)
		fail_msg("%s: %s", text, e.text);
	assert_string_equal(out.buf + 1, wanted);
	str_release(&out);
	values_release(&v);
}

static void refuses(enum quoting quoting, const char *text, const char *part)
{
	struct values v = {0};
	struct str out = {0};
	struct err e = {0};
	fill(&v);
	struct scope s = {{&v}};
	str_puts(&out, "kept");
	if (template_expand(text, &s, quoting, &out, &e) == 0)
		fail_msg("%s became %s", text, out.buf);
	assert_string_equal(out.buf, "kept");
	has(e.text, part);
	str_release(&out);
	values_release(&v);
}

static void shell(void **state)
{
	(void)state;
	expands(QUOTE_SH, "put ${version}", "put '4.2.1~3'");
	expands(QUOTE_SH, "a ${list*} b", "a 'a' 'b c' 'it'\\''s' b");
	expands(QUOTE_SH, "a ${empty} ${empty*} b", "a ''  b");
	expands(QUOTE_SH, "echo $$ $HOME $(id) $1", "echo $ $HOME $(id) $1");
	expands(QUOTE_SH, "awk '{print $1}' ${version}", "awk '{print $1}' '4.2.1~3'");
	expands(QUOTE_SH, "x=\"$(cat ${version})\"; y", "x=\"$(cat '4.2.1~3')\"; y");
	expands(QUOTE_SH, "mv ${version}.part ${file.tar-1_x}", "mv '4.2.1~3'.part 'f'");
	expands(QUOTE_SH, "echo \"a\\\"b\" ${version}", "echo \"a\\\"b\" '4.2.1~3'");
	expands(QUOTE_SH, "a # don't\nb ${version}", "a # don't\nb '4.2.1~3'");
	expands(QUOTE_SH, "a\\'b ${version}", "a\\'b '4.2.1~3'");
}

/* Every place where a quoted word would not stay one word. */
static void shell_refuses(void **state)
{
	static const char *const rows[] = {
	    "echo '${version}'",
	    "echo \"${version}\"",
	    "echo \"a $(cat \"${version}\")\"",
	    "echo `cat ${version}`",
	    "echo \"`cat ${version}`\"",
	    "echo \"`cat \"${version}\"`\"",
	    "cat <<END\n${version}\nEND",
	    "# ${version}",
	    "echo \\${version}",
	    "echo $$${version}",
	    "echo $'a\\'b' ${version}",
	    "echo $((1 + ${version}))",
	    "echo \"$(case a in a) echo \"${version}\";; esac)\"",
	    "echo \"$(case a in a) echo x;; esac)\" ${version}",
	    "# don't\necho '${version}'",
	    "sh -c '${version}'",
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		refuses(QUOTE_SH, rows[i], "may not stand");
	refuses(QUOTE_SH, "echo 'a", "not closed");
	refuses(QUOTE_SH, "echo $(a", "not closed");
	refuses(QUOTE_SH, "echo ${nothing}", "${nothing} has no value");
	refuses(QUOTE_SH, "echo ${esc}", "control characters");
	refuses(QUOTE_SH, "echo ${c1}", "control characters");
	refuses(QUOTE_SH, "echo ${list}", "control characters");
	refuses(QUOTE_SH, "echo ${latin}", "UTF-8");
	refuses(QUOTE_SH, "echo ${", "expected ${name}");
	refuses(QUOTE_SH, "echo ${version", "expected ${name}");
	refuses(QUOTE_SH, "echo ${VAR}", "expected ${name}");
	refuses(QUOTE_SH, "echo ${}", "expected ${name}");
	refuses(QUOTE_SH, "echo ${a:-b}", "expected ${name}");
}

static void cli(void **state)
{
	static const char *const hostile[] = {"a b",  "a;b",  "a|b",  "a?",  "a>b",
	                                      "a!b",  "a#b",  "a\"b", "a'b", "a\\b",
	                                      "a\tb", "a\nb", "a$b",  "a`b", "\xc3\xa4"};
	(void)state;
	expands(QUOTE_CLI, "request add ${file.tar-1_x}/x", "request add f/x");
	refuses(QUOTE_CLI, "request add ${version}", "~");
	for (size_t i = 0; i < LEN(hostile); i++) {
		struct values v = {0};
		struct str out = {0};
		values_set(&v, "h", hostile[i]);
		struct scope s = {{&v}};
		if (template_expand("show ${h}", &s, QUOTE_CLI, &out, NULL) == 0)
			fail_msg("let through: %s", hostile[i]);
		str_release(&out);
		values_release(&v);
	}
	refuses(QUOTE_CLI, "show ${empty} all", "is empty");
	/* what is let through ends no quotes */
	expands(QUOTE_CLI, "run \"cat ${file.tar-1_x}\"", "run \"cat f\"");
	refuses(QUOTE_CLI, "show \"${version}\"", "~");
	refuses(QUOTE_CLI, "show '${file.tar-1_x}'", "may not stand");
}

static int see(void *ctx, const char *name, struct err *e)
{
	(void)e;
	str_printf(ctx, "%s ", name);
	return strcmp(name, "stop") == 0 ? 7 : 0;
}

static void each(void **state)
{
	struct str out = {0};
	struct err e = {0};
	(void)state;
	expands(QUOTE_SH, "a${each list} <${it}>${end} ${version}", "a <'a'> <'b c'> <'it'\\''s'> '4.2.1~3'");
	expands(QUOTE_CLI, "edit;${each file.tar-1_x} set ${it} x;${end} end", "edit; set f x; end");
	expands(QUOTE_CLI, "a${each empty} ${it}${end} b", "a b");
	expands(QUOTE_NONE, "${each list}(${it})${end}", "(a)(b c)(it's)");
	refuses(QUOTE_CLI, "a${each list} ${it};${end}", "holds ' '");
	refuses(QUOTE_SH, "a${each gone} ${it}${end}", "${each gone} has no value");
	refuses(QUOTE_SH, "a ${it}", "${it} has no value");
	assert_int_equal(template_names("${each a}${it}${b}${end}", QUOTE_SH, see, &out, &e), 0);
	assert_string_equal(str_text(&out), "a b ");
	assert_int_equal(template_names("${each a}${it}", QUOTE_SH, see, &out, &e), -1);
	has(e.text, "without ${end}");
	assert_int_equal(template_names("${it}${end}", QUOTE_SH, see, &out, &e), -1);
	has(e.text, "${end} without");
	assert_int_equal(template_names("${each a}${each b}${end}${end}", QUOTE_SH, see, &out, &e), -1);
	has(e.text, "inside of another");
	str_release(&out);
}

static void people(void **state)
{
	(void)state;
	expands(QUOTE_NONE, "to ${version}: \"${nothing}\"", "to 4.2.1~3: \"?\"");
	expands(QUOTE_NONE, "${list}", "a, b c, it's");
	expands(QUOTE_NONE, "${esc}", "a<U+001B>[31m");
	expands(QUOTE_NONE, "it's $$5", "it's $5");
	refuses(QUOTE_NONE, "${a b}", "expected ${name}");
	expands(QUOTE_RAW, "/tmp/${x}", "/tmp/" HOSTILE);
	expands(QUOTE_RAW, "${list}", "a\nb c\nit's");
	refuses(QUOTE_RAW, "/tmp/${nothing}", "has no value");
}

static void names(void **state)
{
	struct str out = {0};
	struct err e = {0};
	(void)state;
	assert_int_equal(template_names("${a} ${b.c*} $$ ${a}", QUOTE_SH, see, &out, &e), 0);
	assert_string_equal(str_text(&out), "a b.c a ");
	assert_int_equal(template_names("${a} ${stop} ${b}", QUOTE_NONE, see, &out, &e), 7);
	assert_int_equal(template_names("'${a}'", QUOTE_NONE, see, &out, &e), 0);
	assert_int_equal(template_names("'${a}'", QUOTE_SH, see, &out, &e), -1);
	assert_int_equal(template_names("${A}", QUOTE_NONE, see, &out, &e), -1);
	str_release(&out);
}

/* What a real shell makes of it must be the word itself. */
static void round_trip(void **state)
{
	static const char *const words[] = {
	    "",          "a",
	    "a b",       "  lead and trail  ",
	    "it's",      "''",
	    "'",         "\"",
	    "\\",        "\\'",
	    "$(reboot)", "`reboot`",
	    "$HOME",     "${HOME}",
	    "$((1+1))",  "a;b",
	    "a|b&c",     ">x <y",
	    "*",         "?",
	    "[a-z]",     "~root",
	    "#c",        "!x",
	    "-n",        "--",
	    "%s%n",      "a=b",
	    "{a,b}",     "\xc3\xa4\xe2\x82\xac",
	    HOSTILE,
	};
	(void)state;
	for (size_t i = 0; i < LEN(words); i++) {
		struct values v = {0};
		struct str command = {0};
		struct err e = {0};
		values_set(&v, "w", words[i]);
		struct scope s = {{&v}};
		assert_int_equal(template_expand("printf %s ${w}", &s, QUOTE_SH, &command, &e), 0);
		FILE *shell = popen(command.buf, "r");
		char got[200];
		size_t n = fread(got, 1, sizeof(got) - 1, shell);
		got[n] = '\0';
		assert_int_equal(pclose(shell), 0);
		assert_string_equal(got, words[i]);
		str_release(&command);
		values_release(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shell),  cmocka_unit_test(shell_refuses), cmocka_unit_test(cli),
	    cmocka_unit_test(each),
	    cmocka_unit_test(people), cmocka_unit_test(names),         cmocka_unit_test(round_trip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
