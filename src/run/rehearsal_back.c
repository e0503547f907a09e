/* SPDX-License-Identifier: ISC */
/* What a rehearsal tells of the way back, and of the faults; and the operator's own addresses. */
#include "config.h"

#include "run/rehearsal.h"

#include "base/i18n.h"
#include "base/str.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/rehearsal_dark.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- the way back ----------------------------------------------------------------------------- */

struct back {
	int64_t longest, from, to;
	const char *device; /* of the longest */
	size_t went, stayed; /* of those that ran the new version */
	const char *why;     /* of one that stayed */
};

/* It was done, and was told to go back: what goes back after a failure may have changed nothing. */
static bool went(const struct task_view *t)
{
	return t->state == TASK_ROLLED_BACK && t->by_order;
}

static int last_attempt(const struct task_view *t)
{
	int last = 0;
	for (size_t i = 0; i < t->steps.n; i++)
		if (t->steps.v[i].pass == PASS_ROLLBACK)
			last = t->steps.v[i].attempt;
	return last;
}

/* From its first step of the last such pass to its last. */
static void measure(struct back *b, const struct jobview *v, const struct task_view *t)
{
	int64_t first = 0, last = 0;
	int attempt = last_attempt(t);
	for (size_t i = 0; i < t->steps.n; i++) {
		const struct step_view *s = &t->steps.v[i];
		if (s->pass != PASS_ROLLBACK || s->attempt != attempt || !s->ended)
			continue;
		first = first ? first : s->started;
		last = s->ended;
	}
	b->from = !b->from || first < b->from ? first : b->from;
	b->to = last > b->to ? last : b->to;
	if (b->device && last - first <= b->longest)
		return;
	b->longest = last - first;
	b->device = jobview_device(v, t->device);
}

static const char *why_not(const struct jobview *v, const struct task_view *t)
{
	return t->message && t->state == TASK_FAILED ? said(v, t->message)
	       : t->reason			     ? said(v, t->reason)
						     : NULL;
}

void rehearsal_rollback(const struct rehearsal_input *in, bool all, const char *why, cJSON *to)
{
	const struct jobview *v = in->view;
	const struct plan *p = in->plan ? in->plan : v->plan;
	struct back b = {0};
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct task_view *t = &v->tasks.v[i];
		if (went(t)) {
			b.went++;
			measure(&b, v, t);
		} else if (t->state == TASK_DONE || t->by_order) {
			b.stayed++;
			b.why = why_not(v, t) ? why_not(v, t) : b.why;
		}
	}
	if (!b.went || !p) {
		json_put_text(to, "rollback_why",
			      b.why && *b.why ? b.why
			      : why	      ? why
			      : b.stayed      ? _("no device was told to go back")
					      : _("no device runs the new version"));
		return;
	}
	bool measured = all && !b.stayed;
	cJSON *o = cJSON_CreateObject();
	json_put_text(o, "device", b.device);
	json_put_number(o, "one_ms", b.longest);
	json_put_number(o, "all_ms",
			measured ? b.to - b.from : b.longest * (int64_t)plan_batches(p));
	json_put_flag(o, "all_measured", measured);
	json_put(to, "rollback", o);
}

/* --- faults ----------------------------------------------------------------------------------- */

/* "leaf01:upload-cut=50@installx2" names the device and how the fault's name begins. */
static bool came(const cJSON *faults, const char *spec)
{
	size_t device = strcspn(spec, ":"), name = 0;
	const char *text = spec + device + (spec[device] == ':');
	const cJSON *at;
	name = strcspn(text, "=@");
	cJSON_ArrayForEach(at, faults)
	{
		const char *who = json_text(at, "device"), *what = json_text(at, "fault");
		size_t known = what ? strcspn(what, "=") : 0;
		bool here = who && (strncmp(spec, "*:", 2) == 0 ||
				    (strlen(who) == device && strncmp(who, spec, device) == 0));
		/* "refusedx3" has its count right behind the name */
		if (here && what &&
		    (strncmp(what, text, name) == 0 ||
		     (known < name && strncmp(what, text, known) == 0 && text[known] == 'x')))
			return true;
	}
	return false;
}

int rehearsal_faults(const struct rehearsal_input *in, char *const *specs, cJSON *to, struct err *e)
{
	cJSON *now = cJSON_CreateObject(), *missed = cJSON_CreateArray();
	int rc = dark_put(in->view->job->inventory, in->lab_log, now, e);
	cJSON *faults = cJSON_DetachItemFromObjectCaseSensitive(now, "faults");
	for (size_t i = 0; rc == 0 && specs && specs[i]; i++)
		if (!came(faults, specs[i]))
			json_append(missed, cJSON_CreateString(specs[i]));
	cJSON_Delete(now);
	if (rc != 0) {
		cJSON_Delete(missed);
		return -1;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(to, "faults");
	json_put(to, "faults", faults);
	json_put(to, "faults_missed", missed);
	return 0;
}

/* --- addresses -------------------------------------------------------------------------------- */

#define PORT " port " /* as programs say it */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == ':';
}

/* Of a word, without a port or a full stop behind it: how long the address is. */
static size_t address_length(const char *word, size_t n)
{
	const char *colon = memchr(word, ':', n);
	if (colon && !memchr(colon + 1, ':', n - (size_t)(colon + 1 - word)))
		n = (size_t)(colon - word);
	while (n && (word[n - 1] == '.' || word[n - 1] == ':'))
		n--;
	return n;
}

/* NULL: it is no address of one device. */
static const struct device *own_device(const char *word, size_t n, const struct inventory *from,
			       const struct inventory *to)
{
	const struct device *found = NULL;
	for (size_t i = 0; i < from->devices.n; i++) {
		const char *address = from->devices.v[i].address;
		if (!address || strlen(address) != n || strncmp(address, word, n) != 0)
			continue;
		size_t own = inventory_find(to, from->devices.v[i].name);
		if (found || own == NO_DEVICE)
			return NULL;
		found = &to->devices.v[own];
	}
	return found && found->address ? found : NULL;
}

/* " port 4711" behind an address: how long that is; 0: it is not there. */
static size_t port_length(const char *at)
{
	size_t n = strncmp(at, PORT, strlen(PORT)) == 0 ? strspn(at + strlen(PORT), "0123456789") : 0;
	return n ? n + strlen(PORT) : 0;
}

static void exchange_item(cJSON *item, const struct inventory *from, const struct inventory *to)
{
	struct str out = {0};
	for (const char *at = item->valuestring; *at;) {
		size_t word = 0;
		while (in_word(at[word]))
			word++;
		size_t n = address_length(at, word);
		const struct device *own = n ? own_device(at, n, from, to) : NULL;
		size_t port = own && n == word ? port_length(at + n) : 0;
		if (own)
			str_puts(&out, own->address);
		else
			str_add(&out, at, n);
		word = word ? word : 1;
		str_add(&out, at + n, word - n);
		at += word + port;
		if (port)
			str_printf(&out, PORT "%d", own->port ? own->port : 22);
	}
	(void)cJSON_SetValuestring(item, str_text(&out));
	str_release(&out);
}

void rehearsal_addresses(cJSON *in, const struct inventory *from, const struct inventory *to)
{
	for (cJSON *at = in ? in->child : NULL; at; at = at->next) {
		if (cJSON_IsString(at))
			exchange_item(at, from, to);
		rehearsal_addresses(at, from, to);
	}
}
