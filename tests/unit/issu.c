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
    {"Validation failed\n", "validation", "retry"},
    {"error: ksyncd is not in step\n", "kernel", ""},
    {"error: chassisd: a daemon is not ready\n", "chassisd", ""},
    {"[Aug 27 15:28:17]: ISSU: aborted on request\n", "aborted", ""},
    {"error: Aborting ISSU\n", "aborted", ""},
    {"the box is already out of the ISSU window\n", "primary-reboot", ""},
};

static void each_is_recognised(void **state)
{
	struct err e = {0};
	struct procedure *p = procedure_load(TOP_SRCDIR "/src/procedures/junos-issu.json", &e);
	(void)state;
	assert_non_null(p);
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
	}
	procedure_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_recognised)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
