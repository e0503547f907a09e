/* SPDX-License-Identifier: ISC */
/* order STATE JOB VERB [DEVICE]: put a command into a job's queue, without starting anything. */
#include "config.h"

#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	struct err e = {0};
	struct store *s = argc >= 4 ? store_open(argv[1], clock_real(), &e) : NULL;
	char *id = s ? store_job_find(s, argv[2], &e) : NULL;
	cJSON *c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "verb", argc >= 4 ? argv[3] : "");
	if (argc > 4)
		cJSON_AddStringToObject(c, "target", argv[4]);
	cJSON_AddStringToObject(c, "who", "test");
	int rc = id && store_command(s, id, c, &e) > 0 ? 0 : 1;
	if (rc)
		fprintf(stderr, "order: %s\n", e.text);
	cJSON_Delete(c);
	free(id);
	if (s)
		store_close(s);
	return rc;
}
