/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tui/app_parts.h"

#include "base/i18n.h"

struct list *screen_list(const struct open_screen *s)
{
	return s && s->kind->list ? (struct list *)((char *)s->state + s->kind->list - 1) : NULL;
}

void screen_fit(struct app *a, const struct open_screen *s, int height, int width)
{
	struct list *l = screen_list(s);
	if (s->kind->fit)
		s->kind->fit(a, s->state, height, width);
	else if (l)
		list_fit(l, height - s->kind->head - s->kind->foot);
}

static void draw_list(const struct app *a, const struct open_screen *s, const struct canvas *c)
{
	const struct list *l = screen_list(s);
	struct canvas body = canvas_part(c, s->kind->head, 0, c->h - s->kind->head - s->kind->foot,
					 c->w);
	if (s->kind->draw_head)
		s->kind->draw_head(a, s->state, c);
	list_draw(l, &body);
	if (list_shown(l) == 0 && s->kind->empty)
		(void)canvas_label(&body, 1, 2, -1, ROLE_DIM, _(s->kind->empty));
}

void screen_draw(const struct app *a, const struct open_screen *s, const struct canvas *c)
{
	if (s->kind->draw)
		s->kind->draw(a, s->state, c);
	else if (screen_list(s))
		draw_list(a, s, c);
}

bool screen_key(struct app *a, const struct open_screen *s, keycode key)
{
	struct list *l = screen_list(s);
	if (s->kind->key)
		return s->kind->key(a, s->state, key);
	return l && list_key(l, key);
}

bool screen_typing(const struct open_screen *s)
{
	const struct list *l = screen_list(s);
	if (s->kind->typing)
		return s->kind->typing(s->state);
	return l && l->filtering;
}

void screen_detail(const struct open_screen *s, int width, struct str *out)
{
	const struct list *l = screen_list(s);
	if (l && !s->kind->whole)
		list_put_cut(l, width, out);
}
