/* SPDX-License-Identifier: ISC */
/* Chassis clusters of the lab: redundancy groups, and an in-service upgrade with all its faults. */
#include "config.h"

#include "lab_help.h"

#include "lab/server.h"

#include "base/path.h"

#include <unistd.h>

#define FROM  "22.4R3-S2.11"
#define TO    "23.4R2-S3.9"
#define IMAGE "/var/tmp/p.tgz"
#define ISSU  "request system software in-service-upgrade " IMAGE " reboot"
enum { MINUTE = 60000, HOURS_2 = 120 * MINUTE };

static struct bench *pairs(const char *platform, const char *version)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	struct lab_options o = {.fabric = "srx-pairs",
				.platform = platform,
				.from_version = version,
				.seed = 7,
				.log = bench_log,
				.log_ctx = b};
	b->lab = lab_new(&o, &e);
	if (!b->lab)
		fail_msg("%s", e.text);
	return b;
}

static const char *say(struct bench *b, const char *device, const char *command)
{
	lab_result_release(&b->r);
	(void)lab_exec(b->lab, (size_t)lab_find(b->lab, device), "admin", command, NULL, 0, HOURS_2,
		       &b->r);
	return str_text(&b->r.out);
}

static void answers(struct bench *b, const char *device, const char *command, const char *part)
{
	if (!strstr(say(b, device, command), part))
		fail_msg("%s: %s: no \"%s\" in:\n%s", device, command, part, str_text(&b->r.out));
}

static void put_image(struct bench *b, const char *device, const char *platform,
		      const char *version)
{
	char path[] = "/tmp/hitless-srx-XXXXXX";
	struct str text = {0};
	struct err e = {0};
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(lab_image_write(path, version, platform, 100000, &e), 0);
	assert_int_equal(path_read(path, 1 << 20, &text, &e), 0);
	assert_int_equal(
	    lab_file_put(b->lab, (size_t)lab_find(b->lab, device), IMAGE, text.buf, text.len, &e),
	    0);
	str_release(&text);
	(void)unlink(path);
}

/* The parts are there, one behind the other. */
static void in_order(const char *text, const char *const *parts)
{
	for (const char *at = text; *parts; parts++) {
		const char *hit = strstr(at, *parts);
		if (!hit)
			fail_msg("\"%s\" is not there, or not in its place: %s", *parts, text);
		at = hit;
	}
}

static void no_violation(struct bench *b)
{
	if (happened(b, " violation "))
		fail_msg("violation: %s", str_text(&b->events));
}

/* The session tells ten stages and ends with the node; both nodes are new, and traffic never ends.
 */
static void upgrade(void **state)
{
	static const char *const said[] = {
	    "Chassis ISSU Check Done\n",
	    "Initiated manual failover for all redundancy-groups to node0\n",
	    "ISSU: Validating Image\n",
	    "Validation succeeded\n",
	    "ISSU: Preparing Backup RE\n",
	    "Finished upgrading secondary node node1\n",
	    "]: Rebooting Secondary Node\n",
	    "]: node1 became secondary.\n",
	    "ISSU: Preparing Daemons\n",
	    "ISSU: Starting Upgrade for FRUs\n",
	    "]: Secondary node1 ready for failover.\n",
	    "]: Failing over all redundancy-groups to node1\n",
	    "ISSU: Preparing for Switchover\n",
	    "*** FINAL System shutdown message from admin@fw1-node0 ***\n\n"
	    "System going down IMMEDIATELY\n",
	    NULL,
	};
	static const char *const done[] = {"fw1-node0 issu-start fw1 " FROM " -> " TO
					   " from node0\n",
					   "fw1-node0 issu-stage fw1 1 ",
					   "fw1-node0 issu-stage fw1 4 ",
					   "fw1-node1 reboot in-service-upgrade\n",
					   "fw1-node1 installed " TO "\n",
					   "fw1-node0 issu-stage fw1 9 ",
					   "fw1-node1 failover fw1 redundancy-group 0 to node1",
					   "fw1-node0 issu-stage fw1 10 ",
					   "fw1-node0 reboot in-service-upgrade\n",
					   "fw1-node0 issu-end fw1 done\n",
					   "fw1-node0 installed " TO "\n",
					   NULL};
	struct bench *b = pairs("srx1500", FROM);
	(void)state;
	put_image(b, "fw1-node0", "srx1500", TO);
	in_order(say(b, "fw1-node0", ISSU), said);
	assert_true(b->r.dropped);
	wait_ms(b, 20 * MINUTE);
	in_order(str_text(&b->events), done);
	no_violation(b);
	answers(b, "fw1-node1", "show version",
		"node0:\n-------------------------------------------"
		"-------------------------------\nHostname: fw1-node0\nModel: srx1500\nJunos: " TO);
	answers(b, "fw1-node1", "show version | match ^Junos: | count", "Count: 2 lines");
	answers(b, "fw1-node1", "show chassis cluster status",
		"Redundancy group: 0 , Failover count: 2\n"
		"node0  200      secondary            no      no       None           \n"
		"node1  100      primary              no      no       None           \n");
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(upgrade),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
