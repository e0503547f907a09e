/* SPDX-License-Identifier: ISC */
/* Faults of a lab that runs: set, cleared, listed. */
#include "config.h"

#include "cli/lab_control.h"

#include <stdlib.h>
#include <string.h>

static int list(struct cli *c, const char *dir)
{
	struct str rows = {0};
	size_t n;
	if (control_ask(dir, "faults ", &rows, &c->e) != 0) {
		str_release(&rows);
		return cli_fail(c);
	}
	char **lines = str_split(str_text(&rows), "\n", &n);
	cJSON *array = c->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < n; i++) {
		tell(c, "%s", lines[i]);
		if (array)
			cJSON_AddItemToArray(array, cJSON_CreateString(lines[i]));
	}
	if (array)
		put_list(array, "faults");
	else if (n == 0)
		remark(c, _("no faults are set in %s"), dir);
	free(lines);
	str_release(&rows);
	return EXIT_DONE;
}

static int change(struct cli *c, const char *dir, const char *word, const char *spec)
{
	struct str none = {0};
	if (strchr(spec, '\n'))
		return err_set(&c->e, ERR_INPUT, "a fault is one line");
	char *line = xasprintf("%s %s", word, spec);
	int rc = control_ask(dir, line, &none, &c->e);
	free(line);
	str_release(&none);
	return rc;
}

int lab_fault(struct cli *c)
{
	const char *dir = cli_option(c, "--dir");
	bool clear = cli_flag(c, "--clear");
	if (!dir)
		return cli_bad(c, "--dir DIR is missing");
	if (c->n_args == 0 && clear)
		return cli_bad(c, "which faults? DEVICE, DEVICE:FAULT or '*'");
	if (c->n_args == 0)
		return list(c, dir);
	for (int i = 0; i < c->n_args; i++) {
		if (change(c, dir, clear ? "clear" : "fault", c->args[i]) != 0)
			return cli_fail(c);
		tell(c, clear ? _("%s cleared") : _("%s set"), c->args[i]);
	}
	return EXIT_DONE;
}
