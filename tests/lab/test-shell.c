/* SPDX-License-Identifier: ISC */
/* The shell of a device, against what bash and coreutils say. */
#include "config.h"

#include "lab_help.h"

struct line {
	const char *command, *out;
	int status;
};

/* Compared with bash 5.2 and GNU tools, but for what only a switch has; the text of an unknown
 * command is that of the older bash on these systems. */
static const struct line lines[] = {
    {"echo a b", "a b\n", 0},
    {"echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f\n", 0},
    {"x='1  2'; echo $x \"$x\"", "1 2 1  2\n", 0},
    {"echo ${nope:-def} ${HOME} $?", "def /home/cumulus 0\n", 0},
    {"echo $(echo hi; echo there)", "hi there\n", 0},
    {"echo \"$(printf 'a\\nb\\n\\n')\"", "a\nb\n", 0},
    {"echo $((2 + 3 * (4 - 1))) $((7 / 2)) $((7 % 4 == 3 && 1))", "11 3 1\n", 0},
    {"true && echo yes || echo no", "yes\n", 0},
    {"false && echo yes || echo no", "no\n", 0},
    {"! false; echo $?", "0\n", 0},
    {"false; echo $?", "1\n", 0},
    {"(exit 3); echo $?", "3\n", 0},
    {"exit 9; echo never", "", 9},
    {"if [ 3 -gt 2 ]; then echo a; elif true; then echo b; else echo c; fi", "a\n", 0},
    {"if [ -e /nope ]; then echo a; elif [ -d /etc ]; then echo b; fi", "b\n", 0},
    {"for i in 1 2 'x y'; do echo \"<$i>\"; done", "<1>\n<2>\n<x y>\n", 0},
    {"i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done", "1\n3\n", 0},
    {"for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done", "1\n", 0},
    {"case leaf01 in spine*) echo s;; leaf0[12]|x) echo l;; *) echo o;; esac", "l\n", 0},
    {"f() { echo \"$1-$#\"; return 4; }; f a b; echo $?", "a-2\n4\n", 0},
    {"{ echo a; echo b; } | wc -l", "2\n", 0},
    {"echo x > /tmp/t; echo y >> /tmp/t; cat < /tmp/t", "x\ny\n", 0},
    {"cat nope 2>&1", "cat: nope: No such file or directory\n", 1},
    {"cat nope 2>/dev/null; echo $?", "1\n", 0},
    {"{ echo out; echo err >&2; } 2>/dev/null", "out\n", 0},
    {"cat <<EOF\na $HOME\nEOF", "a /home/cumulus\n", 0},
    {"cat <<'EOF'\na $HOME\nEOF\necho after", "a $HOME\nafter\n", 0},
    {"cat <<-EOF | tr a-z A-Z\n\tab\n\tEOF", "AB\n", 0},
    {"echo a # comment", "a\n", 0},
    {"cd /etc && ls lsb-rel*; cd /; pwd; echo $PWD", "lsb-release\n/\n/\n", 0},
    {"sh -c 'echo $0 $1' name arg", "name arg\n", 0},
    {"X=5 sh -c 'echo $X'; echo .$X", "5\n.\n", 0},
    {"set -e; false; echo never", "", 1},
    {"set -e; if false; then :; fi; false || true; echo on", "on\n", 0},
    {"set -o pipefail; false | true; echo $?", "1\n", 0},
    {"printf '%s=%d\\n' a 1 b 2", "a=1\nb=2\n", 0},
    {"printf '%5s|%-5s|%03d\\n' ab cd 7", "   ab|cd   |007\n", 0},
    {"echo a:b:c | cut -d: -f2; echo a:b:c | cut -d: -f1,3", "b\na:c\n", 0},
    {"printf 'b\\na\\nb\\n' | sort | uniq -c", "      1 a\n      2 b\n", 0},
    {"printf '1\\n2\\n3\\n' | head -n 2 | tail -n 1", "2\n", 0},
    {"printf 'abcdef' | head -c 3; echo; printf 'abcdef' | tail -c 2", "abc\nef", 0},
    {"printf 'x 1\\ny 2\\n' | awk '{print $2}'", "1\n2\n", 0},
    {"printf 'x 1\\ny 2\\n' | awk '/y/ {print $1 \"=\" $NF}'", "y=2\n", 0},
    {"printf 'ab\\ncd\\n' | sed -n 's/\\(.\\)d/\\1!/p'", "c!\n", 0},
    {"printf 'a.b.c\\n' | sed 's/\\./-/g'", "a-b-c\n", 0},
    {"printf 'a\\nb\\n' | grep -c .; printf 'a\\n' | grep -q b; echo $?", "2\n1\n", 0},
    {"printf 'x=12,y=7\\n' | grep -oE '[0-9]+'", "12\n7\n", 0},
    {"printf 'aab ab b\\n' | grep -o 'aa*b'", "aab\nab\n", 0},
    {"printf 'x a?b ab\\n' | grep -o 'a\\?b'", "b\nab\n", 0},
    {"printf 'say ab cd\\n' | grep -o 'xx\\|cd'", "cd\n", 0},
    {"printf 'axb ayb\\n' | grep -o 'a[y]b'", "ayb\n", 0},
    {"printf 'a1\\nB2\\n' | grep -io 'b[0-9]'", "B2\n", 0},
    {"printf 'aab  c\\n' | tr -s 'a '", "ab c\n", 0},
    {"printf 'a1b2\\n' | tr -cd '0-9\\n'", "12\n", 0},
    {"printf 'abc\\n' | tr 'a-c' 'x'", "xxx\n", 0},
    {"printf 'aabb\\n' | tr -s 'ab' 'c'", "c\n", 0},
    {"printf abc | sha256sum",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n", 0},
    {"printf abc | base64; printf YWJj | base64 -d", "YWJj\nabc", 0},
    {"v=image.tar.gz; echo ${v%.gz} ${v%%.*} ${v#*.} ${v##*.} ${#v}",
     "image.tar image tar.gz gz 12\n", 0},
    {"foo 2>&1", "bash: foo: command not found\n", 127},
    {"/no/such 2>&1", "bash: /no/such: No such file or directory\n", 127},
    {"if", "", 2},
    {"echo 'open", "", 2},
    {"command -v cl-license && command -v nosuch; echo $?", "/usr/cumulus/bin/cl-license\n1\n", 0},
    {"test -s /etc/passwd -a ! -e /x && echo ok", "ok\n", 0},
    {"[ a = b ]; echo $?; [ 1 -eq x ] 2>/dev/null; echo $?", "1\n2\n", 0},
    {"echo $(( $(echo 4) + 1 )) `echo bq`", "5 bq\n", 0},
    {"timeout 5 sleep 100; echo $?", "124\n", 0},
    {"timeout 5 echo in", "in\n", 0},
    {"mkdir -p /tmp/d/e && touch /tmp/d/e/f && find /tmp/d -type f; rm -r /tmp/d; ls /tmp/d 2>&1",
     "/tmp/d/e/f\nls: cannot access '/tmp/d': No such file or directory\n", 2},
};

static void test_lines(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	for (size_t i = 0; i < LEN(lines); i++) {
		const char *out = run(b, "leaf01", lines[i].command);
		if (strcmp(out, lines[i].out) != 0 || b->r.status != lines[i].status)
			fail_msg("%s\ngave (%d): %s\nerr: %s\nwanted (%d): %s", lines[i].command,
				 b->r.status, out, str_text(&b->r.err), lines[i].status,
				 lines[i].out);
	}
	bench_free(b);
}

/* A command line from outside must end, whatever it is. */
static void test_hostile(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	(void)run(b, "leaf01", "while true; do :; done");
	assert_int_equal(b->r.status, 137);
	(void)run(b, "leaf01", "f() { f; }; f");
	assert_int_not_equal(b->r.status, 0);
	(void)run(b, "leaf01", "f() { sh -c 'echo x' | f; }; f");
	assert_int_not_equal(b->r.status, 0);
	struct str deep = {0};
	for (int i = 0; i < 20000; i++)
		str_puts(&deep, i < 10000 ? "(" : ")");
	(void)run(b, "leaf01", str_text(&deep));
	assert_int_equal(b->r.status, 2);
	str_clear(&deep);
	for (int i = 0; i < 20000; i++)
		str_puts(&deep, "$(");
	(void)run(b, "leaf01", str_text(&deep));
	assert_int_not_equal(b->r.status, 0);
	str_release(&deep);
	assert_out(b, "leaf01", "echo still here", "still here\n");
	bench_free(b);
}

static void test_permissions(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	assert_out(b, "leaf01", "cat /etc/shadow 2>&1", "cat: /etc/shadow: Permission denied\n");
	assert_out(b, "leaf01", "echo x > /etc/x 2>&1; echo $?", "1\n");
	assert_out(b, "leaf01",
		   "sudo sh -c 'echo $SUDO_USER > /etc/x'; cat /etc/x; whoami; sudo whoami",
		   "cumulus\ncumulus\nroot\n");
	assert_out(b, "leaf01", "vtysh -c 'show version' 2>&1 | grep -c denied", "1\n");
	fault(b, "leaf01:sudo-password");
	assert_out(b, "leaf01", "sudo -n true 2>&1", "sudo: a password is required\n");
	assert_int_equal(b->r.status, 1);
	assert_string_equal(
	    run_in(b, "leaf01", "sudo -S -p '' whoami 2>/dev/null", "CumulusLinux!\n", 14),
	    "root\n");
	bench_free(b);
}

/* A file goes in as a stream, comes out the same, and a cut leaves what had arrived. */
static void test_upload(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	size_t n = 3 << 20;
	char *data = xmalloc(n);
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	(void)run_in(b, "leaf01", "cat > big && sha256sum < big > sum", data, n);
	assert_int_equal(b->r.status, 0);
	struct str back = {0};
	assert_int_equal(
	    lab_file_get(b->lab, (size_t)lab_find(b->lab, "leaf01"), "big", &back, NULL), 0);
	assert_int_equal(back.len, n);
	assert_memory_equal(back.buf, data, n);
	str_release(&back);
	struct lab_run *r = lab_run_start(b->lab, (size_t)lab_find(b->lab, "leaf01"), "cumulus",
					  "cat > part", NULL);
	lab_run_feed(r, data, 1000);
	assert_out(b, "leaf01", "stat -c %s part", "1000\n");
	assert_false(lab_run_ended(r));
	lab_run_close(r);
	(void)run_in(b, "leaf01", "cat >> part", data + 1000, n - 1000);
	assert_out(b, "leaf01",
		   "cmp=$(sha256sum < part); [ \"$cmp\" = \"$(cat sum)\" ] && echo same", "same\n");
	fault(b, "leaf01:upload-cut=50%");
	r = lab_run_start(b->lab, (size_t)lab_find(b->lab, "leaf01"), "cumulus", "cat > cut", NULL);
	lab_run_expect(r, (int64_t)n);
	for (size_t at = 0; at < n; at += 65536)
		lab_run_feed(r, data + at, n - at < 65536 ? n - at : 65536);
	assert_true(lab_run_dropped(r));
	lab_run_close(r);
	assert_out(b, "leaf01", "stat -c %s cut", "1572864\n");
	free(data);
	bench_free(b);
}

static void test_tar(void **state)
{
	(void)state;
	struct bench *b = bench_new("small", "4.1.1");
	struct str archive = {0};
	(void)run(b, "leaf01", "sudo tar -C / -czf - etc/network etc/frr etc/nope etc/hostname");
	assert_int_equal(b->r.status, 2);
	assert_has(str_text(&b->r.err), "tar: etc/nope: Cannot stat: No such file or directory\n");
	str_add(&archive, b->r.out.buf, b->r.out.len);
	(void)run(b, "leaf01",
		  "sudo sh -c 'sha256sum /etc/frr/frr.conf /etc/network/interfaces > /tmp/sums; rm "
		  "-r /etc/frr /etc/network'");
	(void)run_in(b, "leaf01", "sudo tar -C / -xzf -", archive.buf, archive.len);
	assert_int_equal(b->r.status, 0);
	assert_out(b, "leaf01", "sudo sha256sum -c /tmp/sums",
		   "/etc/frr/frr.conf: OK\n/etc/network/interfaces: OK\n");
	(void)run_in(b, "leaf01", "sudo tar -C / -xzf -", archive.buf, archive.len / 2);
	assert_int_equal(b->r.status, 2);
	str_release(&archive);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),       cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_permissions), cmocka_unit_test(test_upload),
	    cmocka_unit_test(test_tar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
