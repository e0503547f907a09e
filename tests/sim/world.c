/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/sim/world.h"

#include "base/path.h"
#include "tests/sim/labimage.h"
#include "model/procedure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WALL_BASE 1795000000000 /* any day will do */
#define IMAGE_BYTES 20000
#define CRASHES_MAX 400

void sim_broken(struct sim *s, const char *fmt, ...)
{
	if (s->problem[0])
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->problem, sizeof(s->problem), fmt, ap);
	va_end(ap);
}

/* --- crashes ------------------------------------------------------------------------------------------ */

static struct {
	int at, count;
	bool before;
} crash;
void (*sim_on_crash)(void);

int __real_store_append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                        struct err *e);
int __wrap_store_append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                        struct err *e);

int __wrap_store_append(struct store *s, const char *job, int64_t epoch, struct record **r, size_t n,
                        struct err *e)
{
	bool now = ++crash.count == crash.at;
	if (now && crash.before)
		return err_set(e, ERR_CANCELLED, "simulated crash before record");
	int rc = __real_store_append(s, job, epoch, r, n, e);
	if (now && sim_on_crash)
		sim_on_crash();
	return now && rc == 0 ? err_set(e, ERR_CANCELLED, "simulated crash after record") : rc;
}

void sim_crash_at(int n, bool before)
{
	crash.at = n;
	crash.count = 0;
	crash.before = before;
}

int sim_appends(void)
{
	return crash.count;
}

/* --- rules that hold at every moment ------------------------------------------------------------------- */

static void on_reboot(struct sim *s, size_t d)
{
	s->reboots[d]++;
	if (!s->reboot_command[d]) {
		sim_broken(s, "device %zu rebooted without an order of ours", d);
		return;
	}
	char *order = xasprintf("%zu %s", d, s->reboot_command[d]);
	for (size_t i = 0; i < s->reboot_commands.n; i++)
		if (strcmp(s->reboot_commands.v[i], order) == 0)
			sim_broken(s, "rebooted twice by the same attempt: device %s", order);
	VEC_PUSH(&s->reboot_commands, order);
}

static void lab_says(void *ctx, int64_t t, const char *device, const char *event,
                     const char *detail)
{
	struct sim *s = ctx;
	int d = s->lab && *device ? lab_find(s->lab, device) : -1;
	if (s->o.saw)
		s->o.saw(s, device, event, detail);
	if (getenv("SIM_TRACE"))
		fprintf(stderr, "%10lld %-8s %-12s %.150s\n", (long long)t, device, event, detail);
	if (strcmp(event, "violation") == 0)
		sim_broken(s, "the lab saw: %s (at %lld)", detail, (long long)t);
	if (strcmp(event, "reboot") == 0 && d >= 0)
		on_reboot(s, (size_t)d);
}

static bool changes_device(const char *command)
{
	static const char *const marks[] = {
	    "ip link set", "systemctl reboot", "systemd-run",   "clagctl priority",
	    "-xpzf",       "cl-license -i",    "ifreload",      "hostnamectl set",
	};
	for (size_t i = 0; i < LEN(marks); i++)
		if (strstr(command, marks[i]))
			return true;
	return false;
}

/* A changing command may only go out under an open, durable intent that shows this very command. */
static void on_sent(void *ctx, size_t device, const struct tr_request *r)
{
	struct sim *s = ctx;
	if (r->kind != TR_RUN || !changes_device(r->command))
		return;
	if (strstr(r->command, "systemctl reboot")) {
		free(s->reboot_command[device]);
		s->reboot_command[device] = xstrdup(r->command);
	}
	const struct jobview *v = runner_view(s->runner);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		for (size_t k = 0; t->device == device && k < t->steps.n; k++)
			if (!t->steps.v[k].result && t->steps.v[k].changes &&
			    t->steps.v[k].command &&
			    strcmp(t->steps.v[k].command, r->command) == 0)
				return;
	}
	sim_broken(s, "sent without an intent: %.200s", r->command);
}

/* --- the world -------------------------------------------------------------------------------------------- */

static void add_devices(struct sim *s, cJSON *root)
{
	cJSON *devices = cJSON_AddArrayToObject(root, "devices");
	for (size_t i = 0; i < lab_count(s->lab); i++) {
		struct lab_info info;
		lab_info(s->lab, i, &info);
		cJSON *d = cJSON_CreateObject();
		cJSON_AddStringToObject(d, "name", info.name);
		cJSON_AddStringToObject(d, "address", info.address);
		cJSON_AddStringToObject(d, "platform", info.system);
		if (info.role && *info.role)
			cJSON_AddStringToObject(d, "role", info.role);
		cJSON_AddItemToArray(devices, d);
		if (i >= SIM_DEVICES)
			continue;
		s->boot_ids[i] = xstrdup(info.boot_id);
		s->host_keys[i] = xstrdup(info.host_key);
	}
}

static void add_member(cJSON *groups, const struct lab_info *info)
{
	cJSON *g, *members;
	cJSON_ArrayForEach(g, groups)
	{
		if (str_eq(json_text(g, "name"), info->group))
			break;
	}
	if (!g) {
		g = cJSON_CreateObject();
		cJSON_AddStringToObject(g, "name", info->group);
		cJSON_AddStringToObject(g, "kind", info->group_kind);
		(void)cJSON_AddArrayToObject(g, "members");
		cJSON_AddItemToArray(groups, g);
	}
	members = cJSON_GetObjectItemCaseSensitive(g, "members");
	cJSON_AddItemToArray(members, cJSON_CreateString(info->name));
}

static void add_groups(struct sim *s, cJSON *root)
{
	cJSON *groups = cJSON_AddArrayToObject(root, "groups");
	for (size_t i = 0; i < lab_count(s->lab); i++) {
		struct lab_info info;
		lab_info(s->lab, i, &info);
		if (*info.group)
			add_member(groups, &info);
	}
}

static void add_links(struct sim *s, cJSON *root)
{
	cJSON *links = cJSON_AddArrayToObject(root, "links");
	for (size_t i = 0; i < lab_links(s->lab); i++) {
		struct lab_link l;
		struct lab_info a, b;
		char text[128];
		lab_link(s->lab, i, &l);
		cJSON *pair = cJSON_CreateArray();
		lab_info(s->lab, l.a, &a);
		snprintf(text, sizeof(text), "%s:%s", a.name, l.a_port);
		cJSON_AddItemToArray(pair, cJSON_CreateString(text));
		lab_info(s->lab, l.b, &b);
		snprintf(text, sizeof(text), "%s:%s", b.name, l.b_port);
		cJSON_AddItemToArray(pair, cJSON_CreateString(text));
		cJSON_AddItemToArray(links, pair);
	}
}

static int make_inventory(struct sim *s, struct err *e)
{
	if (lab_count(s->lab) > SIM_DEVICES)
		return err_set(e, ERR_INPUT, "more than %d devices", SIM_DEVICES);
	cJSON *root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "format", 1);
	add_devices(s, root);
	add_groups(s, root);
	add_links(s, root);
	s->inventory = inventory_from_json(root, "lab", e);
	cJSON_Delete(root);
	return s->inventory ? 0 : -1;
}

int sim_add_image(struct sim *s, const char *kind, const char *name, const char *version,
                  const char *fits, struct err *e)
{
	struct str data = {0};
	char path[] = "/tmp/hitless-sim-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0)
		return err_sys(e, "mkstemp");
	close(fd);
	sim_image(&data, version, s->o.platform ? s->o.platform : "vx",
	          s->o.image_bytes ? s->o.image_bytes : IMAGE_BYTES);
	str_printf(&data, "\n%s", name); /* two kinds are never the same bytes */
	if (strcmp(kind, "os") == 0)
		data.len -= strlen(name) + 1;
	int rc = path_write(path, data.buf, data.len, e);
	str_release(&data);
	struct image image = {.kind = xstrdup(kind),
	                      .name = xstrdup(name),
	                      .version = xstrdup(version),
	                      .platform = xstrdup("cumulus-linux")};
	bool known;
	size_t n;
	char **pairs = str_split(fits, " ", &n);
	for (size_t i = 0; i < n; i++) {
		char *eq = strchr(pairs[i], '=');
		*eq = '\0';
		values_set(&image.fits, pairs[i], eq + 1);
	}
	free(pairs);
	if (rc == 0)
		rc = store_image_add(s->store, path, &image, &known, NULL, NULL, e);
	image_release(&image);
	unlink(path);
	return rc;
}

static int add_image(struct sim *s, const char *version, struct err *e)
{
	static const char *const platforms[][3] = {{"vx", "vx", "asic=VX cpu=x86_64"},
	                                           {"broadcom", "bcm", "asic=Broadcom cpu=x86_64"},
	                                           {"mellanox", "mlx", "asic=Mellanox cpu=x86_64"}};
	char name[96];
	for (size_t i = 0; i < LEN(platforms); i++) {
		if (strcmp(platforms[i][0], s->o.platform ? s->o.platform : "vx") != 0)
			continue;
		snprintf(name, sizeof(name), "cumulus-linux-%s-%s-amd64.bin", version,
		         platforms[i][1]);
		return sim_add_image(s, "os", name, version, platforms[i][2], e);
	}
	return err_set(e, ERR_INPUT, "no platform %s", s->o.platform);
}

static const char *or_sim(const char *name)
{
	return name ? name : "sim";
}

static struct job *make_job(struct sim *s, const struct procedure *p)
{
	struct job *j = job_new();
	j->name = xstrdup(or_sim(s->o.name));
	j->procedure = xstrdup(p->id);
	j->method = xstrdup(s->o.method ? s->o.method : p->methods[0].name);
	j->version = xstrdup(s->o.to);
	j->operator = xstrdup(or_sim(s->o.operator));
	j->created = s->clock.clock.wall(&s->clock.clock);
	j->inventory = s->inventory;
	s->inventory = NULL;
	for (size_t i = 0; i < j->inventory->devices.n; i++)
		VEC_PUSH(&j->devices, i);
	procedure_defaults(p, &j->parameters);
	for (size_t i = 0; s->o.parameters[i]; i++) {
		const char *eq = strchr(s->o.parameters[i], '=');
		char *name = xstrndup(s->o.parameters[i], (size_t)(eq - s->o.parameters[i]));
		values_set(&j->parameters, name, eq + 1);
		free(name);
	}
	for (int i = 0; s->o.on_failure && on_failure_names[i]; i++)
		if (strcmp(on_failure_names[i], s->o.on_failure) == 0)
			j->on_failure = (enum on_failure)i;
	return j;
}

static int make_record(struct sim *s, struct err *e)
{
	struct procedure *p =
	    procedure_parse(s->o.procedure, strlen(s->o.procedure), "procedure", e);
	if (!p)
		return -1;
	struct job *j = make_job(s, p);
	int rc = s->o.prepare ? s->o.prepare(s, j, e) : 0;
	struct record *r = record_new(RECORD_JOB, NULL, NULL);
	record_json(r, "job", job_to_json(j));
	record_text(r, "procedure", s->o.procedure);
	if (rc == 0)
		rc = store_job_new(s->store, j->name, &s->job, e);
	if (rc == 0)
		rc = store_append(s->store, s->job, 0, &r, 1, e);
	record_free(r);
	job_free(j);
	procedure_free(p);
	return rc;
}

static int open_parts(struct sim *s, struct err *e)
{
	struct lab_options lo = {.fabric = s->o.fabric,
	                         .size = s->o.size,
	                         .from_version = s->o.from,
	                         .platform = s->o.platform,
	                         .seed = s->o.seed,
	                         .log = lab_says,
	                         .log_ctx = s};
	s->lab = lab_new(&lo, e);
	if (!s->lab)
		return -1;
	lab_advance(s->lab, s->clock.ms);
	if (make_inventory(s, e) != 0) /* before the faults: it says how things should be */
		return -1;
	for (size_t i = 0; s->o.lab_faults && s->o.lab_faults[i]; i++)
		if (lab_fault_add(s->lab, s->o.lab_faults[i], e) != 0)
			return -1;
	s->store = store_open(s->o.state_dir ? s->o.state_dir : ":memory:", &s->clock.clock, e);
	if (!s->store || (!s->o.no_image && add_image(s, s->o.to, e) != 0) ||
	    (!s->o.no_old_image && add_image(s, s->o.from, e) != 0))
		return -1;
	return make_record(s, e);
}

int sim_open(struct sim *s, const struct sim_options *o)
{
	struct err e = {0};
	memset(s, 0, sizeof(*s));
	s->o = *o;
	sim_crash_at(0, false);
	clock_virtual_init(&s->clock, 600000, (s->o.wall ? s->o.wall : WALL_BASE) - 600000);
	if (open_parts(s, &e) == 0)
		return 0;
	sim_broken(s, "cannot begin: %s", e.text);
	return -1;
}

void sim_close(struct sim *s)
{
	sim_stop(s);
	if (s->o.cleanup)
		s->o.cleanup(s);
	if (s->store)
		store_close(s->store);
	lab_free(s->lab);
	inventory_free(s->inventory);
	free(s->job);
	for (int i = 0; i < SIM_DEVICES; i++)
		free(s->boot_ids[i]), free(s->host_keys[i]), free(s->reboot_command[i]);
	for (size_t i = 0; i < s->reboot_commands.n; i++)
		free(s->reboot_commands.v[i]);
	VEC_RELEASE(&s->reboot_commands);
}

static const char *known_key(void *ctx, size_t device)
{
	return ((struct sim *)ctx)->host_keys[device];
}

static struct transport *connect_lab(void *ctx, const struct jobview *v, struct err *e)
{
	struct sim *s = ctx;
	(void)v, (void)e;
	struct labway_options o = {.lab = s->lab,
	                           .clock = &s->clock.clock,
	                           .seed = s->o.seed + (uint64_t)s->crashes,
	                           .faults = s->o.faults,
	                           .copy_ms = s->o.copy_ms,
	                           .breaker = s->o.breaker,
	                           .ctx = s,
	                           .known_key = known_key,
	                           .sent = on_sent};
	s->way = labway_new(&o);
	return s->way;
}

static const char *user_of(void *ctx, const struct device *d)
{
	const struct sim *s = ctx;
	struct lab_info info;
	(void)d;
	lab_info(s->lab, 0, &info);
	return s->o.no_credentials ? NULL : info.user;
}

static int64_t due(void *ctx)
{
	struct sim *s = ctx;
	if (s->o.waits && s->runner)
		s->o.waits(s);
	return labway_due(s->way);
}

int sim_start(struct sim *s)
{
	struct err e = {0};
	struct runner_options o = {.store = s->store,
	                           .clock = &s->clock.clock,
	                           .job = s->job,
	                           .connect = connect_lab,
	                           .user = user_of,
	                           .due = due,
	                           .ctx = s,
	                           .job_limit = s->o.job_limit,
	                           .stop_fd = -1};
	s->runner = runner_open(&o, &e);
	if (!s->runner && e.kind != ERR_CANCELLED)
		sim_broken(s, "cannot open the job: %s", e.text);
	return s->runner ? 0 : -1;
}

void sim_stop(struct sim *s)
{
	runner_close(s->runner);
	s->runner = NULL;
}

enum runner_end sim_run(struct sim *s)
{
	struct err e = {0};
	for (;;) {
		if (s->crashes > CRASHES_MAX)
			sim_broken(s, "it starts again and again");
		if (s->problem[0])
			return RUNNER_BROKEN;
		if (!s->runner && sim_start(s) != 0) {
			s->crashes++;
			continue;
		}
		enum runner_end end = runner_run(s->runner, &e);
		if (end != RUNNER_BROKEN)
			return end;
		if (e.kind != ERR_CANCELLED)
			sim_broken(s, "the runner stopped: %s", e.text);
		sim_stop(s);
		s->crashes++;
		sim_crash_at(0, false);
		if (s->after_crash)
			s->after_crash(s->crashes);
	}
}

int sim_command(struct sim *s, const char *verb, const char *target, const char *text)
{
	struct err e = {0};
	cJSON *c = cJSON_CreateObject();
	cJSON_AddStringToObject(c, "verb", verb);
	if (target)
		cJSON_AddStringToObject(c, "target", target);
	if (text)
		cJSON_AddStringToObject(c, "text", text);
	cJSON_AddStringToObject(c, "who", or_sim(s->o.operator));
	int64_t n = store_command(s->store, s->job, c, &e);
	cJSON_Delete(c);
	s->clock.ms += 1000; /* the runner looks for commands once a second */
	return n < 0 ? -1 : 0;
}

void sim_check_end(struct sim *s)
{
	const struct jobview *v = runner_view(s->runner);
	if (v->state == JOB_REFUSED)
		return;
	if (!job_state_final(v->state))
		sim_broken(s, "the job ended as %s", job_state_name(v->state));
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		struct lab_info info;
		lab_info(s->lab, t->device, &info);
		if (!task_state_final(t->state))
			sim_broken(s, "%s ended as %s", info.name, task_state_name(t->state));
		if (t->state != TASK_DONE)
			continue;
		if (strcmp(info.version, s->o.to) != 0)
			sim_broken(s, "%s is done and runs %s", info.name, info.version);
		if (t->device < SIM_DEVICES && strcmp(info.boot_id, s->boot_ids[t->device]) == 0)
			sim_broken(s, "%s is done and never booted", info.name);
		if (t->open.n)
			sim_broken(s, "%s is done and %s is still open", info.name,
			           t->open.v[0].step);
	}
}

void sim_explain(struct sim *s)
{
	const struct jobview *v = s->runner ? runner_view(s->runner) : NULL;
	if (!v)
		return;
	fprintf(stderr, "job %s: %s\n", job_state_name(v->state), v->reason ? v->reason : "");
	for (size_t i = 0; i < v->checks.n; i++) {
		const struct check_view *c = &v->checks.v[i];
		if (strcmp(c->status, "passed") != 0)
			fprintf(stderr, "  check %s %s %s: %s\n    %.300s\n", c->status, c->check,
			        jobview_device(v, c->device), c->message ? c->message : "",
			        c->output ? c->output : "");
	}
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		fprintf(stderr, "  %s %s attempt %d at %s: %s (%s)\n",
		        jobview_device(v, t->device), task_state_name(t->state), t->attempt,
		        t->step ? t->step : "-", t->message ? t->message : "",
		        t->cause ? t->cause : "");
		for (size_t k = 0; getenv("SIM_STEPS") && k < t->steps.n; k++)
			fprintf(stderr, "    %s %s %d: %s %.200s | %.300s\n",
			        pass_names[t->steps.v[k].pass], t->steps.v[k].step,
			        t->steps.v[k].attempt,
			        t->steps.v[k].result ? t->steps.v[k].result : "-",
			        t->steps.v[k].message ? t->steps.v[k].message : "",
			        t->steps.v[k].output ? t->steps.v[k].output : "");
	}
	for (size_t i = 0; i < v->notes.n; i++)
		fprintf(stderr, "  note %s\n", v->notes.v[i].text);
}
