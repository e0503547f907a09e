/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "station.h"

#include "tui/make_job.h"
#include "tui/screens.h"
#include "tui/wizard.h"

#include "base/path.h"
#include "run/desk.h"

#include <stdlib.h>
#include <string.h>

#define INVENTORY                                                                                  \
	"{\"format\":1,\"devices\":[{\"name\":\"leaf01\",\"address\":\"192.0.2.1\","               \
	"\"platform\":\"cumulus-linux\",\"role\":\"leaf\"}]}"

struct station_starts station_starts;

static int no_process(struct app *a, const char *id, unsigned how, struct err *e)
{
	(void)a, (void)id, (void)e;
	station_starts.n++;
	station_starts.how = how;
	return 0;
}

static void take_inventory(struct station *b)
{
	struct err e = {0};
	char *path = path_join(b->f->top, "in.json");
	good(path_write(path, INVENTORY, strlen(INVENTORY), &e), &e);
	struct inventory *inv = inventory_load(path, &e);
	assert_non_null(inv);
	good(desk_inventory_save(b->store, inv, &e), &e);
	inventory_free(inv);
	free(path);
}

int station_setup(void **state)
{
	struct station *b = xcalloc(1, sizeof(*b));
	struct err e = {0};
	void *fixture = NULL;
	if (fixture_setup(&fixture) != 0)
		return -1;
	b->f = fixture;
	b->store = must_open(b->f->dir);
	clock_virtual_init(&b->clock, 1000, 1795226640000);
	b->in = fopen("/dev/null", "re");
	b->out = fopen("/dev/null", "we");
	b->term = term_open(&(struct term_options){.headless = true, .lines = 24, .columns = 80,
						   .type = "vt100", .in = b->in, .out = b->out},
			    &e);
	b->app = b->term ? app_new(b->term, b->store, &b->clock.clock, &e) : NULL;
	if (!b->app)
		return -1;
	station_starts = (struct station_starts){0};
	b->app->start = no_process;
	take_inventory(b);
	app_open(b->app, &screen_text, &(struct text_argument){.title = "a screen"});
	*state = b;
	return 0;
}

int station_teardown(void **state)
{
	struct station *b = *state;
	void *fixture = b->f;
	app_free(b->app);
	term_close(b->term);
	fclose(b->in);
	fclose(b->out);
	store_close(b->store);
	free(b);
	return fixture_teardown(&fixture);
}

void station_append(struct station *b, const char *job, struct record *r)
{
	struct err e = {0};
	struct record *list[] = {r};
	good(store_append(b->store, job, b->epoch, list, 1, &e), &e);
	record_free(r);
}

void station_state(struct station *b, const char *job, const char *state)
{
	station_append(b, job, record_text(record_new(RECORD_STATE, NULL, NULL), "state", state));
}

void station_draft(struct station *b)
{
	draft_set(b->app->draft, "leaf01", true);
	draft_text(&b->app->draft->name, "friday");
	draft_text(&b->app->draft->version, "4.2.0");
}

void station_make(struct station *b)
{
	bool made = make_job(b->app);
	if (!made)
		print_error("%s\n", b->app->message);
	assert_true(made);
}

static void look_for(struct station *b, const char *text, bool there)
{
	struct str picture = {0};
	term_dump(b->term, false, &picture);
	bool found = strstr(str_text(&picture), text) != NULL;
	if (found != there)
		print_error("%s", str_text(&picture));
	str_release(&picture);
	assert_int_equal(found, there);
}

void station_shows(struct station *b, const char *text)
{
	look_for(b, text, true);
}

void station_hides(struct station *b, const char *text)
{
	look_for(b, text, false);
}

const char *station_top(const struct station *b)
{
	return b->app->stack.n ? b->app->stack.v[b->app->stack.n - 1].kind->name : "";
}
