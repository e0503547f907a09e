/* SPDX-License-Identifier: ISC */
/*
 * tui: the live screen with a thousand devices that are all worked on. A journal grows as fast as such
 * a job's (each device ends a step every few seconds), the real program follows it on a pty, keys are
 * pressed: how long until a key is on the screen, and how much of a processor the screen takes.
 *
 *	make -C build tests/bench/tui && build/tests/bench/tui [DEVICES [SECONDS]]
 *
 * Run it from the top of the tree or from the build directory.
 */
#include "config.h"

#include "base/path.h"
#include "model/job.h"
#include "model/plan.h"
#include "model/procedure.h"
#include "store/store.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define TICK_MS    100
#define STEP_MS    5000 /* of one step of a device */
#define COPY_TOTAL 400000000
#define ANSWER_MS  5000
#define KEYS_MOST  10000
#define SPINES     8

static void die(const char *what, const struct err *e)
{
	fprintf(stderr, "tui: %s: %s\n", what, e ? e->text : "failed");
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* --- the job ---------------------------------------------------------------------------------- */

static void device_name(size_t i, char name[32])
{
	snprintf(name, 32, i < SPINES ? "spine%02zu" : "leaf%04zu", i < SPINES ? i + 1 : i - SPINES + 1);
}

static struct inventory *make_inventory(size_t n)
{
	struct err e = {0};
	cJSON *root = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(root, "devices");
	cJSON_AddNumberToObject(root, "format", 1);
	for (size_t i = 0; i < n; i++) {
		char name[32], address[32];
		cJSON *d = cJSON_CreateObject();
		device_name(i, name);
		snprintf(address, sizeof(address), "192.0.%zu.%zu", i / 250, 1 + i % 250);
		cJSON_AddStringToObject(d, "name", name);
		cJSON_AddStringToObject(d, "address", address);
		cJSON_AddStringToObject(d, "platform", "cumulus-linux");
		cJSON_AddStringToObject(d, "role", i < SPINES ? "spine" : "leaf");
		cJSON_AddItemToArray(list, d);
	}
	struct inventory *inv = inventory_from_json(root, "bench", &e);
	cJSON_Delete(root);
	if (!inv)
		die("inventory", &e);
	return inv;
}

static struct job *make_job(const struct procedure *p, size_t n)
{
	struct job *j = job_new();
	j->name = xstrdup("bench");
	j->procedure = xstrdup(p->id);
	j->method = xstrdup(p->methods[0].name);
	j->version = xstrdup("4.2.0");
	j->operator = xstrdup("bench");
	j->created = clock_real()->wall(clock_real());
	j->inventory = make_inventory(n);
	for (size_t i = 0; i < n; i++)
		VEC_PUSH(&j->devices, i);
	procedure_defaults(p, &j->parameters);
	return j;
}

static cJSON *make_plan(const struct job *j)
{
	static const char *const names[] = {"spine", "leaf"};
	struct plan *p = plan_new();
	for (size_t k = 0; k < LEN(names); k++) {
		struct plan_stage *stage = VEC_ADD(&p->stages);
		stage->name = xstrdup(names[k]);
		struct plan_batch *batch = VEC_ADD(&stage->batches);
		for (size_t i = k ? SPINES : 0; i < (k ? j->devices.n : SPINES); i++)
			VEC_PUSH(&batch->devices, i);
	}
	for (size_t i = 0; i < j->devices.n; i++) {
		struct plan_device *d = VEC_ADD(&p->devices);
		d->device = i;
		d->from = xstrdup("4.1.1");
		d->to = xstrdup("4.2.0");
		d->estimate_ms = 900000;
	}
	p->estimate_ms = 3600000;
	p->estimate_from = xstrdup("shipped defaults");
	plan_seal(p, j->inventory);
	cJSON *object = plan_to_json(p, j->inventory);
	plan_free(p);
	return object;
}

static void append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n)
{
	struct err e = {0};
	int64_t wall = clock_real()->wall(clock_real());
	for (size_t i = 0; i < n; i++)
		r[i]->wall = wall;
	if (n && store_append(s, job, epoch, r, n, &e) != 0)
		die("append", &e);
	for (size_t i = 0; i < n; i++)
		record_free(r[i]);
}

static char *write_job(struct store *s, const char *procedure, size_t n)
{
	struct err e = {0};
	char *id;
	struct procedure *p = procedure_parse(procedure, strlen(procedure), "procedure", &e);
	if (!p || store_job_new(s, "bench", &id, &e) != 0)
		die("job", &e);
	struct job *j = make_job(p, n);
	struct record *first[3] = {record_new(RECORD_JOB, NULL, NULL),
				   record_new(RECORD_PLAN, NULL, NULL),
				   record_new(RECORD_STATE, NULL, NULL)};
	record_json(first[0], "job", job_to_json(j));
	record_text(first[0], "procedure", procedure);
	record_json(first[1], "plan", make_plan(j));
	record_text(first[2], "state", "running");
	append(s, id, 0, first, LEN(first));
	job_free(j);
	procedure_free(p);
	return id;
}

/* --- the devices ------------------------------------------------------------------------------ */

struct steps {
	const char *const *names;
	size_t n;
};

static struct record *about(enum record_kind kind, size_t device, const char *step)
{
	char name[32];
	device_name(device, name);
	return record_new(kind, name, step);
}

static struct record *intent(size_t device, const char *step)
{
	struct record *r = about(RECORD_INTENT, device, step);
	record_text(r, "pass", "upgrade");
	record_text(r, "title", step);
	record_text(r, "phase", "Copy");
	record_text(r, "word", "copying");
	record_number(r, "attempt", 1);
	return record_number(r, "limit_ms", 600000);
}

static struct record *outcome(size_t device, const char *step)
{
	struct record *r = about(RECORD_OUTCOME, device, step);
	record_text(r, "pass", "upgrade");
	return record_text(r, "result", "done");
}

static struct record *progress(size_t device, const char *step, int64_t done)
{
	struct record *r = about(RECORD_PROGRESS, device, step);
	record_number(r, "done", done);
	return record_number(r, "total", COPY_TOTAL);
}

static void begin_all(struct store *s, const char *job, int64_t epoch, size_t n)
{
	struct record **r = xcalloc(2 * n, sizeof(*r));
	for (size_t i = 0; i < n; i++) {
		r[2 * i] = about(RECORD_BEGIN, i, NULL);
		record_text(r[2 * i], "pass", "upgrade");
		record_number(r[2 * i], "attempt", 1);
		r[2 * i + 1] = intent(i, "stage-image");
	}
	append(s, job, epoch, r, 2 * n);
	free(r);
}

/* One tick: some devices end their step, as many others have copied a tenth more. */
static void work(struct store *s, const char *job, int64_t epoch, size_t n, size_t tick)
{
	size_t some = n * TICK_MS / STEP_MS + 1, k = 0;
	struct record **r = xcalloc(3 * some, sizeof(*r));
	for (size_t i = 0; i < some; i++) {
		size_t ends = (tick * some + i) % n, copies = (ends + n / 2) % n;
		r[k++] = outcome(ends, "stage-image");
		r[k++] = intent(ends, "stage-image");
		r[k++] = progress(copies, "stage-image", (int64_t)(tick % 10 + 1) * COPY_TOTAL / 11);
	}
	append(s, job, epoch, r, k);
	free(r);
}

static void devices(const char *state, const char *job, size_t n)
{
	struct err e = {0};
	struct store *s = store_open(state, clock_real(), &e);
	struct owner *o = s ? store_own(s, job, &e) : NULL;
	if (!o)
		die("owner", &e);
	begin_all(s, job, owner_epoch(o), n);
	for (size_t tick = 0;; tick++) {
		double until = now_ms() + TICK_MS;
		work(s, job, owner_epoch(o), n, tick);
		(void)poll(NULL, 0, until > now_ms() ? (int)(until - now_ms()) : 0);
	}
}

/* --- the screen ------------------------------------------------------------------------------- */

struct screen_line {
	int master;
	pid_t pid;
	size_t bytes;
};

static char *program(void)
{
	static const char *const places[] = {"./hitless", "build/hitless"};
	for (size_t i = 0; i < LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return realpath(places[i], NULL);
	die("no program here: run it in the build directory", NULL);
	return NULL;
}

static void begin_screen(struct screen_line *l, const char *state, int lines, int columns)
{
	struct winsize size = {.ws_row = (unsigned short)lines, .ws_col = (unsigned short)columns};
	char *path = program();
	l->bytes = 0;
	l->pid = forkpty(&l->master, NULL, NULL, &size);
	if (l->pid == 0) {
		(void)setenv("TERM", "xterm-256color", 1);
		execl(path, path, "--state", state, "attach", "bench", (char *)NULL);
		_exit(127);
	}
	free(path);
}

/* Wait for a text; ms, or -1. The end of one block is kept: the text may be torn. */
static double until(struct screen_line *l, const char *text, int limit_ms)
{
	double start = now_ms();
	char block[65536 + 64];
	size_t kept = 0;
	while (now_ms() - start < limit_ms) {
		struct pollfd fd = {.fd = l->master, .events = POLLIN};
		if (poll(&fd, 1, 100) <= 0)
			continue;
		ssize_t n = read(l->master, block + kept, 65536);
		if (n <= 0)
			return -1;
		l->bytes += (size_t)n;
		block[kept + (size_t)n] = '\0';
		if (memmem(block, kept + (size_t)n, text, strlen(text)))
			return now_ms() - start;
		size_t all = kept + (size_t)n;
		kept = all < 32 ? all : 32;
		memmove(block, block + all - kept, kept);
	}
	return -1;
}

static double cpu_ms(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, kernel = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f))
		die("stat", NULL);
	fclose(f);
	const char *at = strrchr(text, ')');
	if (!at || sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			  &kernel) != 2)
		die("stat", NULL);
	return (double)(user + kernel) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

static int in_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* --- what is pressed -------------------------------------------------------------------------- */

/* Keys, and a text that is on the screen when they have been taken; ms, or -1. */
static double answer(struct screen_line *l, const char *keys, const char *text)
{
	if (write(l->master, keys, strlen(keys)) != (ssize_t)strlen(keys))
		return -1;
	return until(l, text, ANSWER_MS);
}

static bool send_keys(struct screen_line *l, const char *keys)
{
	return write(l->master, keys, strlen(keys)) == (ssize_t)strlen(keys);
}

/* A letter that is nowhere else on the screen is typed into the command line, and taken away. */
static double press_command(struct screen_line *l, size_t turn)
{
	(void)turn;
	double ms = answer(l, "Z", "Z");
	return send_keys(l, "\025") ? ms : -1;
}

/* The cursor goes to the other end: a name is drawn that was not there. As a map only the line
 * below it changes, as a list all rows do. */
static double press_cursor(struct screen_line *l, size_t turn)
{
	return turn % 2 ? answer(l, "g", "spine0") : answer(l, "G", "leaf09");
}

/* A letter more of the filter: all devices are looked at for it. */
static double press_filter(struct screen_line *l, size_t turn)
{
	char key[2] = {"leaf"[turn % 4], '\0'};
	if (turn % 4 == 0 && (!send_keys(l, "\025") || until(l, "\1", 150) > 0))
		return -1;
	return answer(l, key, key);
}

static const struct kind {
	const char *name, *before, *after; /* keys before the first one and behind the last one */
	double (*press)(struct screen_line *l, size_t turn);
} kinds[] = {
    {"command line", ":", "\033", press_command},
    {"cursor, map", "g", "g", press_cursor},
    {"cursor, list", "mg", "gm", press_cursor},
    {"live filter", "/", "\033", press_filter},
};

struct measured {
	double *ms;
	size_t n;
	double wall, cpu, bytes;
};

static void measure_kind(struct screen_line *l, const struct kind *k, double seconds,
			 struct measured *m)
{
	if (!send_keys(l, k->before))
		die("a key was not taken", NULL);
	(void)until(l, "\1", 2000); /* what is not there: the first pictures are over */
	double start = now_ms(), cpu = cpu_ms(l->pid);
	size_t bytes = l->bytes;
	for (m->n = 0; now_ms() - start < seconds * 1000 && m->n < KEYS_MOST; m->n++) {
		m->ms[m->n] = k->press(l, m->n);
		if (m->ms[m->n] < 0)
			die(k->name, NULL);
		(void)until(l, "\1", 150); /* keys as a person presses them */
	}
	m->wall = now_ms() - start;
	m->cpu = cpu_ms(l->pid) - cpu;
	m->bytes = (double)(l->bytes - bytes);
	if (!send_keys(l, k->after))
		die("a key was not taken", NULL);
	(void)until(l, "\1", 500);
	qsort(m->ms, m->n, sizeof(m->ms[0]), in_order);
}

static void measure(const char *state, int lines, int columns, double seconds)
{
	struct screen_line l;
	struct measured m = {.ms = xcalloc(KEYS_MOST, sizeof(*m.ms))};
	begin_screen(&l, state, lines, columns);
	double opened = until(&l, "leaf", 20000);
	if (opened < 0)
		die("the screen does not come", NULL);
	printf("%dx%d: opened in %.0f ms\n", columns, lines, opened);
	for (size_t i = 0; i < LEN(kinds); i++) {
		measure_kind(&l, &kinds[i], seconds, &m);
		printf("%-14s %5zu %8.1f %8.1f %8.1f %8.1f %9.0f\n", kinds[i].name, m.n,
		       m.ms[m.n / 2], m.ms[m.n * 99 / 100], m.ms[m.n - 1], m.cpu * 100 / m.wall,
		       m.bytes * 1000 / m.wall);
	}
	free(m.ms);
	(void)kill(l.pid, SIGTERM);
	(void)close(l.master);
	(void)waitpid(l.pid, NULL, 0);
}

static char *procedure_text(void)
{
	static const char *const places[] = {"src/procedures/cumulus-linux.json",
					     "../src/procedures/cumulus-linux.json"};
	struct err e = {0};
	struct str text = {0};
	for (size_t i = 0; i < LEN(places); i++)
		if (path_read(places[i], (size_t)4 << 20, &text, &e) == 0)
			return str_take(&text);
	die("procedure", &e);
	return NULL;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atol(argv[1]) : 1000;
	double seconds = argc > 2 ? atof(argv[2]) : 20;
	char state[] = "/tmp/hitless-bench-XXXXXX";
	struct err e = {0};
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* a run takes minutes: into a pipe, too, line by line */
	char *procedure = procedure_text();
	struct store *s = mkdtemp(state) ? store_open(state, clock_real(), &e) : NULL;
	if (!s || n <= SPINES)
		die("state", &e);
	char *job = write_job(s, procedure, n);
	store_close(s);
	pid_t generator = fork();
	if (generator == 0) {
		devices(state, job, n);
		_exit(0);
	}
	printf("%zu devices, %zu records a second\n", n, 3 * (n * TICK_MS / STEP_MS + 1) * 1000 / TICK_MS);
	printf("%-14s %5s %8s %8s %8s %8s %9s\n", "key of", "keys", "median", "99/100", "worst ms",
	       "CPU %", "bytes/s");
	measure(state, 24, 80, seconds);
	measure(state, 60, 200, seconds);
	(void)kill(generator, SIGTERM);
	(void)waitpid(generator, NULL, 0);
	if (path_remove_tree(state, &e) != 0)
		die("cleaning", &e);
	free(job);
	free(procedure);
	return 0;
}
