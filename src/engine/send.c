/* SPDX-License-Identifier: ISC */
/* The values that a command may use, and the request that is made of it. */
#include "config.h"

#include "engine/private.h"

#include "base/utf8.h"
#include "model/version.h"

#include <stdlib.h>
#include <string.h>

#define PEERS_MAX 64

size_t task_peers(struct engine *g, struct task *t, size_t *peers, size_t most)
{
	size_t me = tv(g, t)->device, n = 0;
	const struct group *group = inventory_group(g->view->job->inventory, me);
	for (size_t i = 0; group && i < group->members.n && n < most; i++)
		if (group->members.v[i] != me)
			peers[n++] = group->members.v[i];
	return n;
}

void task_speak_to(struct engine *g, struct task *t, size_t peer)
{
	size_t first;
	if (peer == NO_DEVICE && task_peers(g, t, &first, 1))
		peer = first;
	values_set(&t->builtins, "peer", peer == NO_DEVICE ? "" : jobview_device(g->view, peer));
}

static bool is_peer(const size_t *peers, size_t n, size_t device)
{
	for (size_t i = 0; i < n; i++)
		if (peers[i] == device)
			return true;
	return false;
}

/* Own ports on links to devices outside the redundancy group: what is shut to drain a device. */
static void uplinks(const struct inventory *inv, size_t me, const size_t *peers, size_t n,
                    struct str *out)
{
	for (size_t i = 0; i < inv->links.n; i++) {
		const struct link *l = &inv->links.v[i];
		const char *port = l->a == me ? l->a_port : l->b == me ? l->b_port : NULL;
		if (port && !is_peer(peers, n, l->a == me ? l->b : l->a))
			str_printf(out, "%s%s", out->len ? "\n" : "", port);
	}
}

/* The version that was planned to be left; NULL: there is no plan, or a new one is being made. */
static const char *planned_from(struct engine *g, struct task *t)
{
	const struct plan_device *p =
	    g->view->plan && !t->surveying ? plan_device(g->view->plan, tv(g, t)->device) : NULL;
	return p && p->from && *p->from ? p->from : NULL;
}

/* The version that this kind of image has to have in this pass; NULL: the kind is not wanted. */
static const char *wanted_version(struct engine *g, struct task *t, const struct image_kind *k)
{
	struct task_view *v = tv(g, t);
	const char *version = job_version(g->view->job, v->device), *planned = planned_from(g, t);
	if (k->parameter) {
		version = values_get(&g->view->job->parameters, k->parameter);
		if (!version || !*version)
			return NULL;
	}
	if (v->pass != PASS_ROLLBACK)
		return version;
	const char *now = k->current ? values_get(&v->facts, k->current) : NULL;
	return k->parameter || !planned ? now : planned;
}

const struct image *task_image(struct engine *g, struct task *t, const char *kind)
{
	const struct image_kind *k = procedure_image_kind(g->view->procedure, kind);
	const char *version = k ? wanted_version(g, t, k) : NULL;
	if (!version || !g->world->images)
		return NULL;
	const char *insisted = job_image(g->view->job, tv(g, t)->device);
	struct values need = {0};
	procedure_image_need(k, &tv(g, t)->facts, &need);
	const struct image *image =
	    insisted && str_eq(kind, "os") && tv(g, t)->pass != PASS_ROLLBACK
		? images_insisted(g->world->images, insisted, version, &need)
		: images_match(g->world->images, task_device(g, t)->platform, kind, version,
			       &need);
	values_release(&need);
	return image;
}

static void image_values(struct engine *g, struct task *t, const char *prefix, const char *kind)
{
	static const char *const fields[] = {"name", "path", "sha256", "version"};
	const struct image *image = task_image(g, t, kind);
	if (!image)
		return;
	const char *texts[] = {image->name, image->path, image->sha256, image->version};
	for (size_t i = 0; i < LEN(fields); i++) {
		char *name = xasprintf("%s.%s", prefix, fields[i]);
		values_set(&t->builtins, name, texts[i]);
		free(name);
	}
	char *name = xasprintf("%s.size", prefix);
	values_setf(&t->builtins, name, "%lld", (long long)image->size);
	free(name);
}

/* What others call the devices of the job, by device; NULL where they use its name, or nobody knows. To
 * free; the texts are those of the view. */
static const char **aliases(const struct engine *g)
{
	const struct procedure *p = g->view->procedure;
	const char **list = xcalloc(g->view->job->inventory->devices.n + 1, sizeof(*list));
	for (size_t i = 0; i < p->n_facts; i++)
		for (size_t k = 0; p->facts[i].alias && k < g->view->tasks.n; k++) {
			const struct task_view *v = &g->view->tasks.v[k];
			list[v->device] = values_get(&v->facts, p->facts[i].name);
		}
	return list;
}

/* Who else there is, for what counts the devices of a cluster by their names: "NAME=ROLE" of all
 * of the platform, a blank between; "NAME=ROLE=ALIAS" of those in the job that said that others call
 * them so. Only where the way is cut into components: others need it not. */
static void inventory_values(struct engine *g, struct task *t)
{
	const struct inventory *inventory = g->view->job->inventory;
	const char *platform = task_device(g, t)->platform, **known_as = aliases(g);
	struct str all = {0};
	for (size_t i = 0; i < inventory->devices.n && jobview_method(g->view)->n_components; i++) {
		const struct device *d = &inventory->devices.v[i];
		if (!str_eq(d->platform, platform))
			continue;
		str_printf(&all, "%s%s=%s", all.len ? " " : "", d->name, d->role ? d->role : "");
		if (known_as[i] && *known_as[i])
			str_printf(&all, "=%s", known_as[i]);
	}
	free(known_as);
	values_set(&t->builtins, "inventory", str_text(&all));
	str_release(&all);
}

/* The peers that are not in this job. */
static void outside_values(struct engine *g, struct task *t, const size_t *peers, size_t n)
{
	struct str names = {0};
	for (size_t i = 0; i < n; i++)
		if (!jobview_task(g->view, peers[i]))
			str_printf(&names, "%s%s", names.len ? "\n" : "",
				   jobview_device(g->view, peers[i]));
	values_set(&t->builtins, "peers.outside", str_text(&names));
	str_release(&names);
}

static void device_values(struct engine *g, struct task *t)
{
	const struct device *d = task_device(g, t);
	struct values *b = &t->builtins;
	size_t peers[PEERS_MAX], n = task_peers(g, t, peers, PEERS_MAX);
	const struct group *group = inventory_group(g->view->job->inventory, tv(g, t)->device);
	struct str names = {0}, ports = {0};
	for (size_t i = 0; i < n; i++)
		str_printf(&names, "%s%s", i ? "\n" : "", jobview_device(g->view, peers[i]));
	uplinks(g->view->job->inventory, tv(g, t)->device, peers, n, &ports);
	values_set(b, "device", d->name);
	values_set(b, "address", d->address);
	values_setf(b, "port", "%d", d->port);
	values_set(b, "role", d->role ? d->role : "");
	values_set(b, "platform", d->platform);
	values_set(b, "group", group ? group->name : "");
	values_set(b, "peers", str_text(&names));
	outside_values(g, t, peers, n);
	task_speak_to(g, t, NO_DEVICE);
	values_set(b, "uplinks", str_text(&ports));
	if (g->world->users && g->world->users[tv(g, t)->device])
		values_set(b, "user", g->world->users[tv(g, t)->device]);
	str_release(&names);
	str_release(&ports);
}

static void version_values(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	const char *fact = g->view->procedure->from_fact, *planned = planned_from(g, t);
	const char *from = planned ? planned : fact ? values_get(&v->facts, fact) : NULL;
	const char *to = job_version(g->view->job, v->device);
	bool back = v->pass == PASS_ROLLBACK;
	const char *version = back && from ? from : to, *old = back ? to : from ? from : "";
	values_set(&t->builtins, "version", version);
	values_set(&t->builtins, "version.platform", task_device(g, t)->platform);
	values_set(&t->builtins, "from", old);
	values_setf(&t->builtins, "version.major", "%.*s", (int)strcspn(version, "."), version);
	values_setf(&t->builtins, "from.major", "%.*s", (int)strcspn(old, "."), old);
}

/* The highest number that is kept under this name on a member of its redundancy group, or on itself;
 * "": on none. */
static const char *group_value(struct engine *g, struct task *t, const char *name)
{
	size_t members[PEERS_MAX + 1], n = task_peers(g, t, members, PEERS_MAX);
	const char *best = "";
	members[n++] = tv(g, t)->device;
	for (size_t i = 0; i < n; i++) {
		const struct task_view *v = jobview_task(g->view, members[i]);
		const char *text = v ? values_get(&v->captures, name) : NULL;
		if (text && *text && strspn(text, "0123456789") == strlen(text) &&
		    (!*best || strtoll(text, NULL, 10) > strtoll(best, NULL, 10)))
			best = text;
	}
	return best;
}

static void group_values(struct engine *g, struct task *t)
{
	for (char **name = g->view->procedure->group_values; name && *name; name++) {
		char *full = xasprintf("group.%s", *name);
		values_set(&t->builtins, full, group_value(g, t, *name));
		free(full);
	}
}

void task_builtins(struct engine *g, struct task *t)
{
	struct task_view *v = tv(g, t);
	values_release(&t->builtins);
	device_values(g, t);
	inventory_values(g, t);
	group_values(g, t);
	version_values(g, t);
	image_values(g, t, "image", "os");
	for (size_t i = 0; i < g->view->procedure->n_images; i++) {
		const char *kind = g->view->procedure->images[i].kind;
		char *prefix = xasprintf("image.%s", kind);
		image_values(g, t, prefix, kind);
		free(prefix);
	}
	const char *id = g->world->job_id ? g->world->job_id : "job";
	size_t n = strlen(id);
	values_set(&t->builtins, "job", g->view->job->name);
	values_set(&t->builtins, "method", g->view->job->method);
	values_set(&t->builtins, "kind", g->view->job->kind ? g->view->job->kind : KIND_FULL);
	values_set(&t->builtins, "job.before",
		   g->view->job->before ? g->view->job->before->name : "");
	values_setf(&t->builtins, "attempt", "%d", v->attempt);
	const struct component *turn = jobview_component(g->view, v);
	values_set(&t->builtins, "component", turn ? turn->name : "");
	values_setf(&t->builtins, "component.left", "%zu", jobview_left(g->view, turn, NULL));
	values_set(&t->builtins, "pass", pass_names[v->pass]);
	/* A word that names this attempt on the device: unit names, markers. */
	values_setf(&t->builtins, "token", "%s-%d%c", n > 8 ? id + n - 8 : id, v->attempt,
	            v->pass == PASS_ROLLBACK ? 'r' : 'u');
}

void task_scope(struct engine *g, struct task *t, struct scope *s)
{
	struct task_view *v = tv(g, t);
	*s = (struct scope){.layers = {&t->builtins, &v->captures, &v->facts,
	                               &g->view->job->parameters}};
}

char *task_text(struct engine *g, struct task *t, const char *template, const char *why)
{
	struct scope s;
	struct values extra = {0};
	struct str out = {0};
	task_scope(g, t, &s);
	values_set(&extra, "why", why ? why : "");
	s.layers[5] = &extra;
	if (template && template_expand(template, &s, QUOTE_NONE, &out, NULL) != 0)
		str_puts(&out, template);
	values_release(&extra);
	return str_take(&out);
}

int task_command(struct engine *g, struct task *t, const char *template, char **out, struct err *e)
{
	struct scope s;
	struct str text = {0};
	task_scope(g, t, &s);
	if (template_expand(template, &s, g->view->procedure->language, &text, e) != 0) {
		str_release(&text);
		return -1;
	}
	*out = str_take(&text);
	return 0;
}

struct tr_request *task_request(struct engine *g, struct task *t, enum tr_kind kind, size_t device,
                                char *command, int64_t timeout_ms)
{
	struct tr_request *r = tr_request_new(++g->flights, device, kind);
	r->command = command;
	r->timeout_ms = timeout_ms;
	(void)t;
	return r;
}

void task_send(struct engine *g, struct task *t, enum doing doing, struct tr_request *r)
{
	t->work = WORK_SENT;
	t->doing = doing;
	t->flight = r->id;
	struct effect *x = VEC_ADD(&g->out->list);
	x->kind = EFFECT_REQUEST;
	x->request = r;
	x->device = r->device;
}

void task_sleep(struct engine *g, struct task *t, int64_t ms)
{
	t->work = WORK_SLEEP;
	t->at = g->now + ms;
}

struct answer reply_answer(const struct tr_reply *r)
{
	return (struct answer){.status = r->status,
	                       .out = str_text(&r->out),
	                       .out_len = r->out.len,
	                       .err = str_text(&r->err),
	                       .err_len = r->err.len,
	                       .truncated = r->truncated};
}

/* The beginning and the end matter most; what is cut in between is said. */
static void add_capped(struct str *out, const char *text, size_t n, size_t most)
{
	if (n <= most) {
		utf8_sanitise(out, text, n, UTF8_KEEP_LINES);
		return;
	}
	utf8_sanitise(out, text, most / 2, UTF8_KEEP_LINES);
	str_printf(out, "\n[... %zu bytes ...]\n", n - most);
	utf8_sanitise(out, text + n - most / 2, most / 2, UTF8_KEEP_LINES);
}

char *reply_output(const struct tr_reply *r)
{
	struct str out = {0};
	add_capped(&out, str_text(&r->out), r->out.len, OUTPUT_KEPT);
	if (r->err.len) {
		if (out.len && out.buf[out.len - 1] != '\n')
			str_putc(&out, '\n');
		add_capped(&out, str_text(&r->err), r->err.len, OUTPUT_KEPT);
	}
	return str_take(&out);
}

void reply_tell(struct engine *g, struct task *t, const char *template, const struct tr_reply *r,
		struct str *out)
{
	char *command = NULL, *output = reply_output(r);
	if (task_command(g, t, template, &command, NULL) == 0)
		str_printf(out, "%s%s\n%s", out->len ? "\n" : "", command, output);
	free(command);
	free(output);
}
