/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/engine/switchmodel.h"

#include "base/str.h"
#include "tests/engine/mutants.h"
#include "tests/engine/talk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHUTDOWN_MS 2000
#define BOOT_MS     45000
#define INSTALL_MS  25000
#define COPY_MS     30000
#define SILENCE_MS  5000

uint64_t switches_draw(struct switches *s)
{
	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	return s->random >> 33;
}

static void set(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

void switches_init(struct switches *s, const struct inventory *inv, const char *release)
{
	s->inventory = inv;
	for (size_t i = 0; i < inv->devices.n; i++) {
		struct box *b = VEC_ADD(&s->box);
		set(b->name, sizeof(b->name), inv->devices.v[i].name);
		set(b->role, sizeof(b->role), inv->devices.v[i].role ? inv->devices.v[i].role : "");
		set(b->release, sizeof(b->release), release);
		b->serial = b->planned_serial = 1000 + (int)i;
		b->boot = b->first_boot = 100 * (int)(i + 1);
		b->shutdown_at = NEVER;
		b->config = true;
	}
}

void switches_release(struct switches *s)
{
	for (size_t i = 0; i < s->box.n; i++) {
		for (size_t k = 0; k < s->box.v[i].rebooted.n; k++)
			free(s->box.v[i].rebooted.v[k]);
		VEC_RELEASE(&s->box.v[i].rebooted);
	}
	VEC_RELEASE(&s->box);
	VEC_RELEASE(&s->forced);
}

struct box *switches_find(struct switches *s, const char *name)
{
	for (size_t i = 0; i < s->box.n; i++)
		if (strcmp(s->box.v[i].name, name) == 0)
			return &s->box.v[i];
	return NULL;
}

void switches_force(struct switches *s, const char *device, const char *command, enum fault fault,
		    int skip, int times)
{
	VEC_PUSH(&s->forced, ((struct forced){device, command, fault, skip, times}));
}

bool switches_up(const struct box *b, int64_t now)
{
	return now >= b->up_at;
}

bool switches_away(const struct box *b, int64_t now)
{
	return b->drained || b->shutdown_at != NEVER || !switches_up(b, now);
}

/* --- time --------------------------------------------------------------------------------- */

static void goes_down(struct switches *s, struct box *b)
{
	int64_t at = b->shutdown_at;
	bool reinstalled = b->staged[0] && !b->ill.boots_old;
	if (!b->drained)
		s->violated(s->ctx, "%s went down with traffic on it", b->name);
	if (!b->staged[0])
		s->violated(s->ctx, "%s went down and nothing was installed well", b->name);
	if (reinstalled)
		set(b->release, sizeof(b->release), b->staged);
	b->config = b->config && !reinstalled;
	b->staged[0] = b->claim[0] = b->install[0] = '\0';
	b->boot++;
	b->shutdown_at = NEVER;
	b->up_at = b->ill.never_returns ? NEVER : at + BOOT_MS;
}

void switches_tick(struct switches *s, int64_t now)
{
	for (size_t i = 0; i < s->box.n; i++) {
		struct box *b = &s->box.v[i];
		if (b->install[0] && now >= b->install_end && !b->install_taken) {
			b->install_taken = true;
			b->install_ok = !b->ill.install_fails;
			if (!b->install_ok)
				b->staged[0] = '\0';
		}
		if (now >= b->shutdown_at)
			goes_down(s, b);
	}
}

void switches_heal(struct switches *s, int64_t now)
{
	switches_tick(s, now);
	for (size_t i = 0; i < s->box.n; i++) {
		struct box *b = &s->box.v[i];
		b->ill = (struct illness){0};
		b->serial = b->planned_serial;
		if (b->up_at == NEVER)
			b->up_at = now + BOOT_MS;
	}
	memset(s->rate, 0, sizeof(s->rate));
	s->forced.n = 0;
}

/* --- what must not happen to boxes -------------------------------------------------------- */

static bool same_group(const struct inventory *inv, size_t a, size_t b)
{
	for (size_t i = 0; i < inv->groups.n; i++) {
		bool has_a = false, has_b = false;
		for (size_t m = 0; m < inv->groups.v[i].members.n; m++) {
			has_a |= inv->groups.v[i].members.v[m] == a;
			has_b |= inv->groups.v[i].members.v[m] == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

/* The box is about to leave the traffic: may it, seen from the fabric? */
static void leaves(struct talk *t)
{
	struct switches *s = t->s;
	size_t me = (size_t)(t->b - s->box.v), role = 0, away = 0;
	for (size_t i = 0; i < s->box.n; i++) {
		struct box *o = &s->box.v[i];
		bool alike = t->b->role[0] && strcmp(o->role, t->b->role) == 0;
		role += alike;
		if (i != me && (o->excused || !switches_away(o, t->now)))
			continue;
		away += alike;
		if (i != me && same_group(s->inventory, me, i))
			s->violated(s->ctx, "%s and %s of one group out of the traffic", t->b->name,
				    o->name);
	}
	for (size_t i = 0; i < s->box.n; i++)
		if (i != me && same_group(s->inventory, me, i) && switches_up(&s->box.v[i], t->now) &&
		    strcmp(s->box.v[i].prepared, t->b->name) != 0)
			s->violated(s->ctx, "%s leaves and %s is not prepared for it", t->b->name,
				    s->box.v[i].name);
	if (away > (role + 1) / 2)
		s->violated(s->ctx, "%zu of %zu %s out of the traffic", away, role, t->b->role);
}

/* --- commands ----------------------------------------------------------------------------- */

static void PRINTF_LIKE(2, 3) say(struct talk *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	str_vprintf(&t->r->out, fmt, ap);
	va_end(ap);
}

static void refuse(struct talk *t, const char *why)
{
	t->r->status = 1;
	str_printf(&t->r->err, "%s\n", why);
}

static const char *word(const struct talk *t, size_t i)
{
	return i < t->n ? t->words[i] : "";
}

static void show_id(struct talk *t)
{
	bool hide = t->s->mutant == MUTANT_DRIFT_HIDDEN;
	say(t, "serial S%d\nhostname %s\nrelease %s\nmodel m1\n",
	    hide ? t->b->planned_serial : t->b->serial, t->b->name, t->b->release);
}

static void show_boot(struct talk *t)
{
	bool lies = t->s->mutant == MUTANT_VERSION_LIE && t->b->boot != t->b->first_boot;
	say(t, "boot b%d\nshutdown %s\nrelease %s\n", t->b->boot,
	    t->b->shutdown_at != NEVER ? "yes" : "no", lies ? t->s->target : t->b->release);
}

static void show_health(struct talk *t)
{
	struct box *b = t->b;
	bool early = b->boot != b->first_boot && t->now < b->up_at + 20000;
	say(t, "health %s\ndrained %s\n",
	    b->ill.stays_broken && b->boot != b->first_boot ? "broken"
	    : early || !b->config                           ? "starting"
							    : "good",
	    b->drained ? "yes" : "no");
}

static void show(struct talk *t)
{
	const char *what = word(t, 1);
	if (strcmp(what, "id") == 0)
		show_id(t);
	else if (strcmp(what, "boot") == 0)
		show_boot(t);
	else if (strcmp(what, "health") == 0)
		show_health(t);
	else if (strcmp(what, "traffic") == 0)
		say(t, t->b->ill.traffic_stuck ? "traffic stuck\n"
		       : t->b->drained         ? "traffic 0\n"
					       : "traffic 90\n");
	else if (strcmp(what, "space") == 0)
		say(t, "{\"free\": 5000}\n");
	else if (strcmp(what, "sessions") == 0)
		say(t, "session one up\nsession two %s\n", t->b->drained ? "down" : "up");
	else if (strcmp(what, "config") == 0)
		say(t, "hostname %s\nserial S%d\n", t->b->name, t->b->serial);
	else
		refuse(t, "what shall I show?");
}

static void claim(struct talk *t)
{
	if (t->b->claim[0] && strcmp(t->b->claim, word(t, 1)) != 0)
		say(t, "taken over from %s\n", t->b->claim);
	set(t->b->claim, sizeof(t->b->claim), word(t, 1));
}

static void unclaim(struct talk *t)
{
	t->b->claim[0] = '\0';
}

static void drain(struct talk *t)
{
	leaves(t);
	t->b->drained = true;
	t->delay += SILENCE_MS;
}

static void undrain(struct talk *t)
{
	if (t->s->mutant != MUTANT_UNDO_LIE)
		t->b->drained = false;
	say(t, "undrained\n");
}

static void install(struct talk *t)
{
	struct box *b = t->b;
	const char *what = word(t, 1), *token = word(t, 2);
	bool known = b->install[0] && strcmp(b->install, token) == 0;
	bool running = b->install[0] && t->now < b->install_end;
	bool lies = t->s->mutant == MUTANT_INSTALL_LIE;
	if (strcmp(what, "start") == 0 && (known || running)) {
		refuse(t, "such a unit is there already");
	} else if (strcmp(what, "start") == 0 && !b->image) {
		refuse(t, "no such image");
	} else if (strcmp(what, "start") == 0) {
		set(b->install, sizeof(b->install), token);
		set(b->staged, sizeof(b->staged), word(t, 3));
		b->install_end = t->now + INSTALL_MS;
		b->install_taken = b->install_ok = false;
	} else if (strcmp(what, "cancel") == 0) {
		b->install[0] = b->staged[0] = '\0';
	} else if (!known) {
		say(t, "state absent\n");
	} else if (running) {
		say(t, "state running\n%d%%\n",
		    (int)(100 - (b->install_end - t->now) * 100 / INSTALL_MS));
	} else {
		say(t, b->install_ok || lies ? "state done\n" : "state failed\nbad signature\n");
	}
}

static void restart(struct talk *t)
{
	struct box *b = t->b;
	for (size_t i = 0; i < b->rebooted.n; i++)
		if (strcmp(b->rebooted.v[i], word(t, 1)) == 0)
			t->s->violated(t->s->ctx, "%s was rebooted twice by %s", b->name,
				       word(t, 1));
	VEC_PUSH(&b->rebooted, xstrdup(word(t, 1)));
	if (b->install[0] && !b->install_taken)
		t->s->violated(t->s->ctx, "%s is rebooted while it installs", b->name);
	if (b->shutdown_at == NEVER)
		b->shutdown_at = t->now + SHUTDOWN_MS;
}

static void apply(struct talk *t)
{
	char want[64];
	snprintf(want, sizeof(want), "hostname %s\n", t->b->name);
	if (strncmp(str_text(&t->q->input), want, strlen(want)) != 0)
		refuse(t, "this is not my configuration");
	else
		t->b->config = true;
}

static void greet(struct talk *t)
{
	say(t, "hello %s\n", word(t, 1));
}

static void prepare(struct talk *t)
{
	set(t->b->prepared, sizeof(t->b->prepared), word(t, 1));
}

static void unprepare(struct talk *t)
{
	if (strcmp(t->b->prepared, word(t, 1)) == 0)
		t->b->prepared[0] = '\0';
	say(t, "free\n");
}

static const struct {
	const char *word;
	bool writes;
	void (*run)(struct talk *t);
} commands[] = {
    {"show", false, show},     {"claim", true, claim},     {"unclaim", true, unclaim},
    {"drain", true, drain},    {"undrain", true, undrain}, {"install", true, install},
    {"reboot", true, restart}, {"apply", true, apply},     {"greet", true, greet},
    {"prepare", true, prepare}, {"unprepare", true, unprepare},
};

/* --- copies ------------------------------------------------------------------------------- */

static void copy_in(struct talk *t, enum fault fault)
{
	const struct tr_copy *c = t->q->copy;
	t->delay += COPY_MS;
	t->r->total = t->r->done = c->size;
	if (fault == FAULT_CORRUPT || fault == FAULT_FULL) {
		t->r->outcome = TR_FAILED;
		t->r->status = -1;
		if (fault == FAULT_CORRUPT)
			err_set(&t->r->e, ERR_CORRUPT, "the hash differs on the device");
		else
			err_set(&t->r->e, ERR_SYSTEM, "disk is full (4711 bytes missing)");
		return;
	}
	if (strstr(c->commit, "/var/"))
		t->b->image = true;
}

static void copy_out(struct talk *t)
{
	show(t);
	FILE *f = t->r->status == 0 ? fopen(t->q->local, "w") : NULL;
	if (!f)
		return;
	fwrite(str_text(&t->r->out), 1, t->r->out.len, f);
	fclose(f);
	digest_bytes(str_text(&t->r->out), t->r->out.len, t->r->sha256);
	t->r->done = (int64_t)t->r->out.len;
}

static bool reads_only(const struct talk *t)
{
	return strcmp(word(t, 0), "install") == 0 && strcmp(word(t, 1), "state") == 0;
}

static void unknown(struct talk *t)
{
	refuse(t, "command not found");
	t->r->status = 127;
}

void talk_serve(struct talk *t, enum fault fault)
{
	bool writes = t->q->kind == TR_PUT;
	void (*run)(struct talk *) = unknown;
	for (size_t i = 0; i < LEN(commands) && t->q->kind == TR_RUN; i++)
		if (strcmp(commands[i].word, word(t, 0)) == 0) {
			run = commands[i].run;
			writes = commands[i].writes && !reads_only(t);
		}
	t->s->arrives(t->s->ctx, t->q, writes);
	t->b->commands++;
	if (fault == FAULT_ERROR)
		refuse(t, "cannot do that now");
	else if (t->q->kind == TR_PUT)
		copy_in(t, fault);
	else if (t->q->kind == TR_GET)
		copy_out(t);
	else
		run(t);
}
