/* SPDX-License-Identifier: ISC */
/* Files to and from a device. A copy that was cut is simply asked for again: the transport goes on
 * where the partial file on the device ends, after comparing what is there. */
#include "config.h"

#include "engine/private.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 5000

static char *keep_path(struct engine *g, struct task *t, const char *file)
{
	return xasprintf("%s/%s/%s", g->world->keep_dir, task_name(g, t), file);
}

/* Where the bytes come from: an image, or a file kept with the job. 0, or -1 and e. */
static int source(struct engine *g, struct task *t, const struct step *s, struct tr_copy *c,
                  struct err *e)
{
	if (s->image) {
		const struct image *image = task_image(g, t, s->image);
		if (!image)
			return err_set(e, ERR_INPUT, "there is no %s image for %s that fits", s->image,
			               task_name(g, t));
		c->local = xstrdup(image->path);
		c->size = image->size;
		memcpy(c->sha256, image->sha256, sizeof(c->sha256));
		return 0;
	}
	char *sum = xasprintf("file.%s", s->file), *size = xasprintf("file.%s.size", s->file);
	const char *hex = values_get(&tv(g, t)->captures, sum);
	const char *bytes = values_get(&tv(g, t)->captures, size);
	int rc = 0;
	if (!hex || strlen(hex) != DIGEST_HEX - 1 || !bytes) {
		rc = err_set(e, ERR_INPUT, "the file %s of %s was never kept", s->file,
		             task_name(g, t));
	} else {
		c->local = keep_path(g, t, s->file);
		c->size = strtoll(bytes, NULL, 10);
		memcpy(c->sha256, hex, sizeof(c->sha256));
	}
	free(sum), free(size);
	return rc;
}

static int expand(struct engine *g, struct task *t, const char *file, const char *template,
                  char **out, struct err *e)
{
	struct scope scope;
	struct values extra = {0};
	struct str text = {0};
	task_scope(g, t, &scope);
	values_set(&extra, "file", file);
	scope.layers[5] = &extra;
	int rc = template_expand(template, &scope, g->view->procedure->language, &text, e);
	values_release(&extra);
	*out = str_take(&text);
	return rc;
}

static int commands(struct engine *g, struct task *t, const struct step *s, struct tr_copy *c,
                    struct err *e)
{
	const struct transfer *m = &g->view->procedure->transfer;
	const struct {
		const char *template;
		char **out;
	} list[] = {
	    {m->present, &c->present}, {m->partial, &c->partial}, {m->prefix, &c->prefix},
	    {m->space, &c->space},     {m->append, &c->append},   {m->discard, &c->discard},
	    {m->commit, &c->commit},
	};
	struct scope scope;
	struct str to = {0};
	task_scope(g, t, &scope);
	int rc = template_expand(s->to, &scope, QUOTE_NONE, &to, e);
	for (size_t i = 0; rc == 0 && i < LEN(list); i++)
		rc = expand(g, t, str_text(&to), list[i].template, list[i].out, e);
	str_release(&to);
	return rc;
}

void put_start(struct engine *g, struct task *t, const struct step *s)
{
	struct err e = {0};
	struct tr_copy *c = xcalloc(1, sizeof(*c));
	if (source(g, t, s, c, &e) != 0 || commands(g, t, s, c, &e) != 0) {
		tr_copy_free(c);
		task_step_failed(g, t, NULL, e.text);
		return;
	}
	struct tr_request *r =
	    task_request(g, t, TR_PUT, tv(g, t)->device, NULL, task_left(g, t, s));
	r->copy = c;
	r->accept_key = xstrdup(values_get(&tv(g, t)->captures, "host-key"));
	t->runs++;
	task_send(g, t, DOING_STEP, r);
}

void put_reply(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r)
{
	if (r->outcome == TR_DONE) {
		task_step_done(g, t, r, NULL);
	} else if (r->outcome == TR_FAILED && (t->runs > s->retries || r->e.kind != ERR_CORRUPT ||
	                                       !task_may_repeat(g, t))) {
		task_step_failed(g, t, r, r->e.text);
	} else if (r->outcome == TR_FAILED) {
		task_pause(g, t, s, AGAIN_MS);
	} else {
		if (r->outcome == TR_NOT_SENT)
			t->runs--;
		task_retry(g, t, s, r);
	}
}

void get_start(struct engine *g, struct task *t, const struct step *s)
{
	struct err e = {0};
	char *command;
	if (task_command(g, t, s->command, &command, &e) != 0) {
		task_step_failed(g, t, NULL, e.text);
		return;
	}
	struct tr_request *r =
	    task_request(g, t, TR_GET, tv(g, t)->device, command, task_left(g, t, s));
	r->local = keep_path(g, t, s->file);
	r->accept_key = xstrdup(values_get(&tv(g, t)->captures, "host-key"));
	t->runs++;
	task_send(g, t, DOING_STEP, r);
}

static void kept(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r)
{
	struct values captures = {0};
	char *sum = xasprintf("file.%s", s->file), *size = xasprintf("file.%s.size", s->file);
	values_set(&captures, sum, r->sha256);
	values_setf(&captures, size, "%lld", (long long)r->done);
	task_step_done(g, t, r, &captures);
	values_release(&captures);
	free(sum), free(size);
}

void get_reply(struct engine *g, struct task *t, const struct step *s, const struct tr_reply *r)
{
	if (r->outcome == TR_DONE && r->status == 0) {
		kept(g, t, s, r);
	} else if (r->outcome == TR_DONE) {
		char *why = xasprintf(M_("exit status %d"), r->status);
		task_step_failed(g, t, r, why);
		free(why);
	} else if (r->outcome == TR_FAILED) {
		task_step_failed(g, t, r, r->e.text);
	} else {
		task_retry(g, t, s, r);
	}
}

void copy_progress(struct engine *g, struct task *t, const struct tr_reply *r)
{
	int64_t tenth = r->total > 0 ? r->done * 10 / r->total : 0;
	bool step = tenth > t->shown;
	if (!step && g->now - t->shown_at < COPY_TOLD_MS)
		return;
	t->shown = step ? tenth : t->shown;
	t->shown_at = g->now;
	struct record *p = record_new(RECORD_PROGRESS, task_name(g, t), tv(g, t)->step);
	if (!step)
		record_flag(p, "between", true); /* no line in a log */
	record_number(p, "done", r->done);
	emit(g, record_number(p, "total", r->total));
}
