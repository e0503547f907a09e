/* SPDX-License-Identifier: ISC */
/* What a chassis cluster says when an in-service upgrade fails, word for word where it is known:
 * the shipped procedure recognises each and says what to do. */
#include "help.h"

#include "model/judge.h"
#include "model/procedure.h"

#include <string.h>

#define BACK "hitless rollback '${job}' ${device}" /* the five steps, in their order */

static const struct {
	const char *said, *kind, *advice;
} rows[] = {
    {"warning: ISSU in progress\n", "in-progress", "abort"},
    {"error: [Oct  6 12:30:16]: Reboot secondary node failed (error-code: 4.1)\n\n"
     "       error: [Oct  6 12:30:16]: ISSU Aborted! Backup node maybe in inconsistent state, "
     "Please restore backup node\n"
     "       [Oct  6 12:30:16]: ISSU aborted. But, both nodes are in ISSU window.\n",
     "secondary-reboot", BACK},
    {"[Oct  3 14:00:46]: timeout waiting for secondary node node1 to sync(error-code: 6.1)\n"
     "        Chassis control process started, pid 36707 \n\n"
     "       error: [Oct  3 14:00:46]: ISSU Aborted! Backup node has been upgraded, Please "
     "restore backup node \n",
     "cold-sync", BACK},
    {"[Aug 27 15:28:17]: Failing over all redundancy-groups to node0\n"
     "ISSU: Preparing for Switchover\n"
     "error: remote rg1 priority zero, abort failover.\n"
     "[Aug 27 15:28:17]: failover all RGs to node node0 failed (error-code: 7.1)\n"
     "error: [Aug 27 15:28:17]: ISSU Aborted!\n",
     "switchover", BACK},
    {"error: [Aug 27 15:28:17]: something else (error-code: 5.2)\n", "issu-code", BACK},
    {"[Aug 27 15:28:17]: ISSU aborted. But, both nodes are in ISSU window.\n", "stranded", BACK},
    {"[Aug 17 17:06:23]: 'reboot' keyword must be specified. Aborting ISSU\n", "keyword",
     "does not know this release"},
    {"error: please start it on the primary node\n", "wrong-node", ""},
    {"ERROR: package: /var/tmp/nonexistent.tgz is not found or empty\n", "image-missing", "Retry"},
    {"ERROR: insufficient space on /var\n", "space", ""},
    {"mgd: error: configuration check-out failed\n", "validation", "retry"},
    {"[edit security]\n  'policies'\n    Policy is out of sync between RE and PFE node1.fpc0.\n"
     "    Please resync before commit.\nerror: configuration check-out failed\n",
     "policies", "request security policies resync on ${device}"},
    {"Validation failed\n", "validation", "retry"},
    {"error: ksyncd is not in step\n", "kernel", ""},
    {"error: chassisd: a daemon is not ready\n", "chassisd", ""},
    {"[Aug 27 15:28:17]: ISSU: aborted on request\n", "aborted", ""},
    {"error: Aborting ISSU\n", "aborted", ""},
    {"the box is already out of the ISSU window\n", "primary-reboot", "by hand"},
    {"Reboot failure on the primary node\n", "primary-reboot", "by hand"},
    {"ERROR: verification of package junos-srx failed\n", "image-corrupt", "image add"},
    {"ERROR: Package junos-vsrx is not supported on this platform\n", "image-platform", ""},
    {"error: CPU utilization of 85% is too high\n", "cpu", "quieter"},
    {"error: redundancy-group 1 priority of node1 is 0\n", "group-state", "Mend"},
    {"error: failover of redundancy-group 1 to node0 failed\n", "group-failover", "cluster status"},
    {"error: 22.4R1 is not later than 23.4R1\n", "downgrade", "later version"},
    {"error: command is not valid on the srx300\n", "not-supported", "KB17947"},
    {"ERROR: junos-srx fails requirements check\n", "install", BACK},
    {"error: configuration database modified\n", "lock", "commit or leave"},
    {"[Aug 27 15:28:17]: ISSU aborted\n", "aborted", BACK},
};

static void each_is_recognised(void **state)
{
	struct err e = {0};
	struct procedure *p = procedure_load(TOP_SRCDIR "/src/procedures/junos-issu.json", &e);
	(void)state;
	assert_non_null(p);
	bool met[64] = {false};
	assert_in_range(p->n_errors, LEN(rows) / 2, LEN(met));
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct error_pattern *found = NULL;
		for (size_t k = 0; k < p->n_errors && !found; k++)
			if (pattern_match(p->errors[k].match, rows[i].said, strlen(rows[i].said),
					  NULL) == VERDICT_YES)
				found = &p->errors[k];
		if (!found)
			fail_msg("not recognised: %s", rows[i].said);
		if (strcmp(found->kind, rows[i].kind) != 0)
			fail_msg("%s instead of %s: %s", found->kind, rows[i].kind, rows[i].said);
		if (!found->message || !found->advice || !*found->advice ||
		    !strstr(found->advice, rows[i].advice))
			fail_msg("%s: the advice is %s", found->kind, found->advice);
		met[found - p->errors] = true;
		/* while somebody's upgrade goes on, nothing is taken from under it */
		assert_int_equal(found->under_way, strcmp(found->kind, "in-progress") == 0);
	}
	for (size_t k = 0; k < p->n_errors; k++)
		if (!met[k])
			fail_msg("nobody says what means %s (row %zu)", p->errors[k].kind, k + 1);
	procedure_free(p);
}

/* --- ten stages ----------------------------------------------------------------------------- */

/* What is said, one line after the other, and the word that is shown from then on; NULL: the same. */
struct line {
	const char *said, *word;
};

static const struct line issu_lines[] = {
    {"Chassis ISSU Check Done\n", NULL},
    {"ISSU: failover all redundancy-groups 1...n to primary node\n", "gathering"},
    {"Initiated manual failover for all redundancy-groups to node0\n", NULL},
    {"ISSU: Validating Image\n", "validating"},
    {"ISSU: Preparing Backup RE\n", "kernel"},
    {"Pushing bundle to node1\n", "peer copy"},
    {"Finished upgrading secondary node node1\nBackup upgrade done\n", "peer new"},
    {"[Aug 27 15:18:17]: Rebooting Secondary Node\n", "peer boots"},
    {"ISSU: Backup RE Prepare Done\n", NULL},
    {"[Aug 27 15:18:18]: Waiting for node1 to reboot.\n", NULL},
    {"[Aug 27 15:24:17]: node1 booted up.\n", "peer syncs"},
    {"[Aug 27 15:24:18]: Waiting for node1 to become secondary\n", NULL},
    {"[Aug 27 15:27:17]: node1 became secondary.\n", "peer ready"},
    {"Initiating Chassis In-Service-Upgrade\nChassis ISSU Started\nISSU: Preparing Daemons\n",
     "daemons"},
    {"ISSU: Daemons Ready for ISSU\n", NULL},
    {"ISSU: Starting Upgrade for FRUs\n", "card state"},
    {"[Aug 27 15:28:10]: Waiting for node1 to be ready for failover\n", "card boots"},
    {"[Aug 27 15:28:17]: Secondary node1 ready for failover.\n", "ready"},
    {"[Aug 27 15:28:17]: Failing over all redundancy-groups to node1\n", "switchover"},
    {"ISSU: Preparing for Switchover\n", NULL},
    {"[Aug 27 15:28:20]: node1 took over all redundancy groups\n", "installing"},
    {"Exiting in-service-upgrade window\n", "rebooting"},
    {"System going down IMMEDIATELY\n", NULL},
    {NULL, NULL},
};

/* A real one of a branch device, 12.1X46-D55.3. */
static const struct line icu_lines[] = {
    {"ISSU: Validating package\n", "validating"},
    {"WARNING: in-service-upgrade shall reboot both the nodes\n", NULL},
    {"ISSU: start downloading software package on secondary node\n", "peer copy"},
    {"Pushing bundle to node1\n", NULL},
    {"JUNOS 12.1X46-D55.3 will become active at next reboot\n", NULL},
    {"ISSU: finished upgrading on secondary node node1\n", "peer new"},
    {"ISSU: start upgrading software package on primary node\n", "installing"},
    {"JUNOS 12.1X46-D55.3 will become active at next reboot\n", NULL},
    {"ISSU: failover all redundancy-groups 1...n to primary node\n", "gathering"},
    {"Initiated manual failover for all redundancy-groups to node0\n", NULL},
    {"ISSU: rebooting Secondary Node\n", "peer boots"},
    {"ISSU: Waiting for secondary node node1 to reboot.\nISSU: node 1 came up\n", NULL},
    {"ISSU: secondary node node1 booted up.\n", "peer up"},
    {"System going down IMMEDIATELY\n", "rebooting"},
    {NULL, NULL},
};

/* As engine/marks.c does it. */
static void told(const struct step *s, const struct line *line)
{
	size_t seen = 0, met = 0;
	int64_t percent = 0;
	for (; line->said; line++) {
		size_t before = seen;
		for (size_t i = seen; i < s->n_marks; i++)
			if (pattern_match(s->marks[i].match, line->said, strlen(line->said), NULL) ==
			    VERDICT_YES)
				seen = i + 1;
		if (seen == before && line->word)
			fail_msg("%s: nothing new is seen in: %s", s->name, line->said);
		if (seen == before)
			continue;
		if (!line->word || strcmp(s->marks[seen - 1].state, line->word) != 0)
			fail_msg("%s: \"%s\" is seen in: %s", s->name, s->marks[seen - 1].state, line->said);
		if (s->marks[seen - 1].percent <= percent)
			fail_msg("%s: \"%s\" goes back", s->name, line->word);
		percent = s->marks[seen - 1].percent;
		met++;
	}
	assert_int_equal(met, s->n_marks); /* none is there for nothing */
}

static void stages_are_told(void **state)
{
	struct err e = {0};
	struct procedure *p = procedure_load(TOP_SRCDIR "/src/procedures/junos-issu.json", &e);
	(void)state;
	assert_non_null(p);
	told(procedure_step(p, "issu"), issu_lines);
	told(procedure_step(p, "icu"), icu_lines);
	procedure_free(p);
}

/* --- never both nodes ----------------------------------------------------------------------- */

static bool names_node(const char *command, const char *words)
{
	const char *at = strstr(command, words);
	return !at || (strstr(at, " node ${node") && !strstr(at, "node all"));
}

/* Without a node both would go: no command rolls back or reboots without one. */
static void nodes_are_named(void **state)
{
	struct err e = {0};
	struct procedure *p = procedure_load(TOP_SRCDIR "/src/procedures/junos-issu.json", &e);
	size_t seen = 0;
	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < p->n_steps; i++) {
		const char *command = p->steps[i].command;
		if (!command)
			continue;
		seen += strstr(command, " rollback") || strstr(command, " reboot ");
		if (!names_node(command, "software rollback") || !names_node(command, "${host} reboot"))
			fail_msg("%s: %s", p->steps[i].name, command);
	}
	assert_in_range(seen, 5, 20);
	procedure_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_recognised),
	    cmocka_unit_test(stages_are_told),
	    cmocka_unit_test(nodes_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
