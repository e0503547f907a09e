/* SPDX-License-Identifier: ISC */
/* Command lines from standard input ("device command...") against a lab under virtual time. */
#include "config.h"

#include "lab/lab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_event(void *ctx, int64_t t, const char *device, const char *event,
		      const char *detail)
{
	(void)ctx;
	fprintf(stderr, "[%8" PRId64 "] %s %s: %s\n", t, device, event, detail);
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct lab_options o = {
	    .fabric = argc > 1 ? argv[1] : "reference", .seed = 1, .log = say_event};
	o.from_version = argc > 2 ? argv[2] : NULL;
	o.size = argc > 3 ? atoi(argv[3]) : 0;
	struct lab *lab = lab_new(&o, &e);
	if (!lab) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	char line[8192];
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		char *space = strchr(line, ' ');
		if (!space)
			continue;
		*space++ = '\0';
		if (strcmp(line, "+") == 0) {
			lab_advance(lab, lab_now(lab) + atoll(space));
			continue;
		}
		if (strcmp(line, "!") == 0) {
			if (lab_fault_add(lab, space, &e))
				fprintf(stderr, "%s\n", e.text);
			continue;
		}
		int dev = lab_find(lab, line);
		if (dev < 0)
			continue;
		struct lab_result r;
		struct lab_info info;
		lab_info(lab, (size_t)dev, &info);
		bool done = lab_exec(lab, (size_t)dev, info.user, space, NULL, 0, 600000, &r);
		printf("%s", str_text(&r.out));
		printf("--- err: %s--- %s status %d%s after %" PRId64 " ms\n", str_text(&r.err),
		       done ? "" : "HANGS", r.status, r.dropped ? " DROPPED" : "", r.takes_ms);
		lab_result_release(&r);
	}
	lab_free(lab);
	return 0;
}
