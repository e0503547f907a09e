/* SPDX-License-Identifier: ISC */
/* The lab's server by itself, for tests with real SSH clients: labd DIR [option=value]... Ends when
 * its standard input does. Options: fabric size from platform speed port image fault version. */
#include "config.h"

#include "lab/server.h"

#include "base/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	struct lab_server_options server;
	const char *faults[32], *versions[8];
	size_t n_faults, n_versions, image_size;
};

static int set(struct settings *s, char *arg)
{
	char *value = strchr(arg, '=');
	if (!value)
		return -1;
	*value++ = '\0';
	if (str_eq(arg, "fabric"))
		s->server.lab.fabric = value;
	else if (str_eq(arg, "size"))
		s->server.lab.size = atoi(value);
	else if (str_eq(arg, "from"))
		s->server.lab.from_version = value;
	else if (str_eq(arg, "platform"))
		s->server.lab.platform = value;
	else if (str_eq(arg, "speed"))
		s->server.speed = atof(value);
	else if (str_eq(arg, "port"))
		s->server.port = atoi(value);
	else if (str_eq(arg, "image"))
		s->image_size = strtoul(value, NULL, 10);
	else if (str_eq(arg, "fault") && s->n_faults + 1 < LEN(s->faults))
		s->faults[s->n_faults++] = value;
	else if (str_eq(arg, "version") && s->n_versions + 1 < LEN(s->versions))
		s->versions[s->n_versions++] = value;
	else
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct settings s = {0};
	struct err e = {0};
	if (argc < 2)
		return 2;
	s.server.faults = s.faults;
	for (int i = 2; i < argc; i++)
		if (set(&s, argv[i]))
			return fprintf(stderr, "labd: %s?\n", argv[i]), 2;
	s.server.lab.image_size = (int64_t)s.image_size;
	if (path_make_dirs(argv[1], &e))
		return fprintf(stderr, "labd: %s\n", e.text), 1;
	char *log = path_join(argv[1], "lab.log");
	s.server.log_path = log;
	struct lab_server *server = lab_server_start(&s.server, &e);
	free(log);
	if (!server)
		return fprintf(stderr, "labd: %s\n", e.text), 1;
	struct lab *lab = lab_server_lock(server);
	int rc = lab_files_write(lab, argv[1], lab_server_port(server),
				 s.n_versions ? s.versions : NULL, s.image_size, &e);
	lab_server_unlock(server);
	if (rc == 0 && printf("%d\n", lab_server_port(server)) > 0 && fflush(stdout) == 0) {
		char line[1024];
		while (fgets(line, sizeof(line), stdin)) {
			line[strcspn(line, "\n")] = '\0';
			lab = lab_server_lock(server);
			if (lab_fault_add(lab, line, &e))
				fprintf(stderr, "labd: %s\n", e.text);
			lab_server_unlock(server);
		}
	} else {
		fprintf(stderr, "labd: %s\n", e.text);
	}
	lab_server_free(server);
	return rc ? 1 : 0;
}
