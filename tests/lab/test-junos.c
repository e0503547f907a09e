/* SPDX-License-Identifier: ISC */
/* Junos devices of the lab: their CLI, their configuration, a package and a reboot. */
#include "config.h"

#include "lab_help.h"

#include "lab/lab.h"
#include "lab/server.h"

#include "base/path.h"

#include <unistd.h>

static struct bench *clos(void)
{
	return bench_new("junos-clos", NULL);
}

static void answers(struct bench *b, const char *device, const char *command, const char *part)
{
	lab_result_release(&b->r);
	(void)lab_exec(b->lab, (size_t)lab_find(b->lab, device), "admin", command, NULL, 0, 1200000,
		       &b->r);
	if (!strstr(str_text(&b->r.out), part))
		fail_msg("%s: %s: no \"%s\" in:\n%s%s", device, command, part,
			 str_text(&b->r.out), str_text(&b->r.err));
}

static void views(void **state)
{
	static const struct {
		const char *command, *part;
	} rows[] = {
		{"show version", "Hostname: leaf1\nModel: qfx5120-48y-8c\nJunos: 21.4R3-S5.4\n"},
		{"show version | display json", "\"junos-version\":[{\"data\":\"21.4R3-S5.4\"}]"},
		{"show version | match \"^junos\" | no-more", "Junos: 21.4R3-S5.4\nJUNOS OS"},
		{"show version | match Host | count", "Count: 1 lines"},
		{"show bgp summary", "Groups: 2 Peers: 4 Down peers: 0"},
		{"show bgp neighbor | display json", "\"peer-state\""},
		{"show system alarms", "No alarms currently active"},
		{"show chassis alarms | display json", "no-active-alarms"},
		{"show chassis fpc pic-status", "PIC 0  Online"},
		{"show chassis routing-engine", "Idle                      88 percent"},
		{"show lacp interfaces ae1", "Collecting distributing"},
		{"show lldp neighbors", "spine2"},
		{"show system storage", "/.mount/var"},
		{"show system commit", "0   "},
		{"show interfaces terse", "et-0/0/51"},
		{"show route summary table default-switch.evpn.0", "active"},
		{"show ethernet-switching table", "entries"},
		{"show configuration protocols bgp group underlay type | display set",
		 "set protocols bgp group underlay type external"},
		{"show configuration protocols bgp", "group underlay {\n    type external;"},
		{"show configuration protocols bgp | display json",
		 "{\"configuration\":{\"protocols\":{\"bgp\":{\"group\":[{\"name\":\"underlay\",\"type\":"
		 "\"external\",\"export\":[\"export-loopback\"]"},
		{"show configuration protocols bgp | display set | match \" export \" | save "
		 "/var/tmp/e.set; file list /var/tmp",
		 "e.set"},
		{"configure; delete protocols bgp group underlay export; load set /var/tmp/e.set; "
		 "show | compare",
		 "load complete\n"},
		{"file list /var/tmp", "/var/tmp:"},
		{"file checksum sha-256 /var/tmp/none", "No such file or directory"},
		{"show nonsense", "error: unknown command: show"},
		{"show version | nonsense", "error: syntax error"},
		{"request system reboot in 9; show system reboot; clear system reboot", "reboot requested"},
		{"start shell command \"echo hi | tr a-z A-Z\"", "HI"},
	};
	struct bench *b = clos();
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++)
		answers(b, "leaf1", rows[i].command, rows[i].part);
	bench_free(b);
}

static void configuration(void **state)
{
	struct bench *b = clos();
	(void)state;
	answers(b, "leaf1", "configure exclusive; set interfaces ae1 disable; show | compare",
		"[edit interfaces ae1]\n+  disable;");
	answers(b, "leaf1", "show configuration interfaces ae1 | display set | count", "Count: 6");
	answers(b, "leaf1",
		"configure; set interfaces ae1 disable; commit comment \"t1\" and-quit",
		"commit complete");
	answers(b, "leaf1", "show system commit", "    t1");
	answers(b, "leaf1", "show interfaces terse | match ae1", "down  down");
	answers(b, "leaf1", "show lacp interfaces ae1", "Detached");
	answers(b, "leaf1", "show system rollback 1 compare 0", "+  disable;");
	answers(b, "leaf1", "configure; rollback 1; commit and-quit", "commit complete");
	answers(b, "leaf1", "show lacp interfaces ae1", "Collecting");
	/* what is named has to be there */
	answers(b, "leaf1", "configure; set protocols bgp group underlay export GONE; commit check",
		"Policy GONE referenced but not defined");
	answers(b, "leaf1", "configure; set nonsense x; commit check", "syntax error");
	/* nobody confirms: it goes back */
	answers(b, "leaf1", "configure; set interfaces ae2 disable; commit confirmed 5 and-quit",
		"automatically rolled back in 5 minutes");
	wait_ms(b, 4 * 60000);
	answers(b, "leaf1", "show lacp interfaces ae2", "Detached");
	wait_ms(b, 70000);
	answers(b, "leaf1", "show lacp interfaces ae2", "Collecting");
	bench_free(b);
}

/* Traffic leaves a switch whose routes nobody prefers, and only such a one. */
static void drain(void **state)
{
	struct bench *b = clos();
	(void)state;
	answers(b, "spine1",
		"configure; set policy-options policy-statement M then as-path-prepend "
		"\"9999 9999 9999\"; "
		"set policy-options policy-statement M then accept; "
		"delete protocols bgp group underlay export; "
		"set protocols bgp group underlay export [ M export-loopback ]; "
		"commit and-quit",
		"commit complete");
	wait_ms(b, 5000);
	answers(b, "spine1", "show interfaces statistics | match Input", "01200 bps");
	answers(b, "spine1",
		"configure; set protocols bgp group overlay export M; commit and-quit",
		"commit complete");
	wait_ms(b, 5000);
	answers(b, "spine1", "show interfaces statistics | match 01200 | count", "Count: 0");
	answers(b, "leaf1", "show bgp summary", "Down peers: 0");
	bench_free(b);
}

static void put_package(struct bench *b, const char *device, const char *version)
{
	char path[] = "/tmp/hitless-junos-XXXXXX";
	struct str text = {0};
	struct err e = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lab_image_write(path, version, "qfx", 100000, &e), 0);
	assert_int_equal(path_read(path, 1 << 20, &text, &e), 0);
	assert_int_equal(lab_file_put(b->lab, (size_t)lab_find(b->lab, device), "/var/tmp/p.tgz",
				      text.buf, text.len, &e),
			 0);
	str_release(&text);
	(void)unlink(path);
}

static void package(void **state)
{
	struct bench *b = clos();
	struct lab_info before, after;
	(void)state;
	lab_info(b->lab, 2, &before);
	char boot[40];
	(void)snprintf(boot, sizeof(boot), "%s", before.boot_id);
	answers(b, "leaf1", "request system software add /var/tmp/p.tgz", "is not found or empty");
	put_package(b, "leaf1", "23.4R2-S3.9");
	answers(b, "leaf1", "file checksum sha-256 /var/tmp/p.tgz", "SHA256 (/var/tmp/p.tgz) = ");
	answers(b, "leaf1", "request system software validate /var/tmp/p.tgz", "Validation succeeded");
	answers(b, "leaf1", "request system software add /var/tmp/p.tgz no-validate",
		"NOTICE: 'pending' set will be activated at next reboot...");
	answers(b, "leaf1", "show version", "Pending: 23.4R2-S3.9");
	answers(b, "leaf1", "request system software add /var/tmp/p.tgz no-validate",
		"There is already an install pending.");
	answers(b, "leaf1", "request system reboot", "Shutdown NOW!");
	wait_ms(b, 60000);
	lab_info(b->lab, 2, &after);
	assert_string_not_equal(after.phase, "up");
	wait_ms(b, 300000);
	answers(b, "leaf1", "show version", "Junos: 23.4R2-S3.9");
	lab_info(b->lab, 2, &after);
	assert_string_not_equal(after.boot_id, boot);
	/* it answers before it forwards */
	wait_ms(b, 120000);
	answers(b, "leaf1", "show chassis fpc pic-status", "PIC 0  Online");
	answers(b, "leaf1", "show bgp summary", "Down peers: 0");
	answers(b, "leaf1", "request system software rollback",
		"Junos version '21.4R3-S5.4' will become active at next reboot");
	bench_free(b);
}

static void faults(void **state)
{
	static const struct {
		const char *fault, *command, *part;
	} rows[] = {
		{"leaf1:system-alarm", "show system alarms", "Major"},
		{"leaf1:chassis-alarm", "show chassis alarms | display json", "Fan Tray"},
		{"leaf1:cpu-busy=5", "show chassis routing-engine | display json", "\"5\""},
		{"leaf1:fpc-busy=99", "show chassis fpc", "99"},
		{"leaf1:fpc-heap=98", "show chassis fpc", "98"},
		{"leaf1:bgp-flaps=6", "show bgp neighbor", "Number of flaps: 6"},
		{"leaf1:bgp-stays-down@start", "show bgp summary", "Down peers: 4"},
		{"leaf1:lacp-down=ae2", "show lacp interfaces ae2", "Detached"},
		{"leaf1:config-open", "configure exclusive", "Users currently editing"},
		{"leaf1:config-open", "show system configuration database usage", "being modified"},
		{"leaf1:commit-fails", "configure; set interfaces ae1 disable; commit", "commit failed"},
		{"leaf1:stale-version=9.9R9", "show version", "Junos: 9.9R9"},
	};
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct bench *b = clos();
		fault(b, rows[i].fault);
		answers(b, "leaf1", rows[i].command, rows[i].part);
		bench_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views),   cmocka_unit_test(configuration),
		cmocka_unit_test(drain),   cmocka_unit_test(package),
		cmocka_unit_test(faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
