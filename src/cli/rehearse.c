/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "cli/rehearse.h"

#include "base/path.h"
#include "cli/lab.h"
#include "model/json.h"
#include "run/desk.h"
#include "run/rehearsal_owner.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* --- what is rehearsed ------------------------------------------------------------------------ */

static int take_job(struct rehearse *r)
{
	r->view = cli_view(r->c, r->c->args[0]);
	if (!r->view)
		return -1;
	r->job = r->view->job;
	r->procedure = r->view->procedure;
	r->plan = r->view->plan;
	return 0;
}

static int take_request(struct rehearse *r)
{
	if (request_read(r->c, REHEARSAL, &r->asked) != 0)
		return -1;
	r->job = r->asked.job;
	r->procedure = r->asked.procedure;
	r->plan = r->asked.plan;
	return 0;
}

static int check_word(struct cli *c, const char *option, const char *const *words)
{
	const char *given = cli_option(c, option);
	struct str list = {0};
	for (size_t i = 0; words[i]; i++) {
		if (!given || strcmp(given, words[i]) == 0) {
			str_release(&list);
			return 0;
		}
		str_printf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	err_set(&c->e, ERR_INPUT, _("%s: expected one of %s, not \"%s\""), option, str_text(&list),
		given);
	str_release(&list);
	return -1;
}

static int check_options(struct cli *c)
{
	static const char *const holds[] = {"go-on", "retry", "stop", NULL};
	static const char *const back[] = {"one", "all", "none", NULL};
	if (check_word(c, "--on-hold", holds) != 0 || check_word(c, "--rollback", back) != 0)
		return -1;
	return cli_store(c) ? 0 : -1;
}

static const struct job_kind *kind_of(const struct rehearse *r)
{
	return r->job->kind ? procedure_kind(procedure_method(r->procedure, r->job->method),
					     r->job->kind)
			    : NULL;
}

/* Simulated devices are as before an upgrade: nothing lies there that an earlier job left. */
static int check_kind(struct rehearse *r)
{
	const struct job_kind *k = kind_of(r);
	if (!k || !k->follows)
		return 0;
	return err_set(&r->c->e, ERR_INPUT,
		       _("a job of kind \"%s\" goes on with what an earlier job left on the "
			 "devices (images, backups, versions), and simulated devices have none of "
			 "it: it cannot be rehearsed; rehearse the whole way, without --only"),
		       k->name);
}

#define KILLED "job:killed@"

/* A phase of these steps? Those that are not in the list yet are put into it. */
static bool find_phase(const struct procedure *p, char *const *steps, const char *phase,
		       struct str *list)
{
	bool found = false;
	for (size_t i = 0; steps && steps[i]; i++) {
		const struct step *s = procedure_step(p, steps[i]);
		if (!s || !s->phase)
			continue;
		found |= strcasecmp(s->phase, phase) == 0;
		if (!strstr(str_text(list), s->phase))
			str_printf(list, "%s%s", list->len ? ", " : "", s->phase);
	}
	return found;
}

/* The engine's own, which no step has: changes are taken back after a failure, or at a good end
 * (engine/undo.c). */
static bool find_undo(const char *phase, struct str *list)
{
	static const char *const own[] = {"Undo", "Clean up"};
	bool found = false;
	for (size_t i = 0; i < LEN(own); i++) {
		found |= strcasecmp(own[i], phase) == 0;
		str_printf(list, "%s%s", list->len ? ", " : "", own[i]);
	}
	return found;
}

static int check_phase(struct rehearse *r, const char *phase)
{
	const struct job_kind *k = kind_of(r);
	const struct method *m = procedure_method(r->procedure, r->job->method);
	struct str list = {0};
	bool there = find_phase(r->procedure, k ? k->steps : m->steps, phase, &list);
	there |= find_phase(r->procedure, k ? k->rollback : m->rollback, phase, &list);
	there |= !k && find_phase(r->procedure, m->followers, phase, &list);
	there |= find_undo(phase, &list);
	int rc = there ? 0
		       : err_set(&r->c->e, ERR_INPUT,
				 _("--fault %s%s: no phase of this job; it has %s"), KILLED, phase,
				 str_text(&list));
	str_release(&list);
	return rc;
}

/* A cable that is out is seen by the devices at both ends; any other fault bites only where the job
 * works. Names that nobody has are left to the lab. */
static int check_device(struct rehearse *r, const char *spec)
{
	char *name = xstrndup(spec, strcspn(spec, ":"));
	size_t device = inventory_find(r->job->inventory, name);
	bool there = device == NO_DEVICE || job_has(r->job, device) ||
		     str_starts(spec + strlen(name), ":link-down");
	int rc = there ? 0
		       : err_set(&r->c->e, ERR_INPUT,
				 _("--fault %s: %s is no device of this job: nothing is done there, "
				   "so the fault cannot come about"),
				 spec, name);
	free(name);
	return rc;
}

static int check_job(struct rehearse *r)
{
	size_t at = 0;
	const char *spec;
	int rc = check_kind(r);
	while (rc == 0 && (spec = cli_next(r->c, "--fault", &at)))
		rc = str_starts(spec, KILLED) ? check_phase(r, spec + strlen(KILLED))
					      : check_device(r, spec);
	return rc;
}

/* What is simulated is not asked for, and would be missing. The number of devices of a job that is
 * there has been accepted. */
static void check_real(struct rehearse *r)
{
	struct err e = {0};
	if (!r->view && desk_check_size(r->c->store, r->job->devices.n, &e) != 0)
		rehearse_refused(r, e.text);
	if (request_credentials(r->c, r->job, true) != 0)
		rehearse_refused(r, r->c->e.text);
	r->c->e = (struct err){0};
}

/* --- the result ------------------------------------------------------------------------------- */

static void put_pushes(struct rehearse *r)
{
	struct err e = {0};
	struct pace *p = pace_sit(r->clock, &e);
	int64_t n = p ? pace_pushes(p) : 0;
	pace_close(p);
	json_put_number(r->out, "pushes", n);
	if (n)
		rehearse_remark(
		    r, _("simulated time had to be pushed on %d times: times may be off"), (int)n);
}

/* One word for whoever runs this: the text is for people, and translated. */
static int put_verdict(struct rehearse *r)
{
	const char *file = cli_option(r->c, "--verdict"), *word = json_text(r->out, "verdict");
	const cJSON *refused = cJSON_GetObjectItemCaseSensitive(r->out, "would_be_refused");
	if (!file)
		return 0;
	if (str_eq(word, "good") && cJSON_GetArraySize(refused))
		word = REHEARSAL_WOULD_BE_REFUSED;
	return path_write(file, word, strlen(word), &r->c->e);
}

static int put_result(struct rehearse *r, int64_t began)
{
	const char *file = cli_option(r->c, "--output");
	put_pushes(r);
	for (size_t i = 0; r->kills && r->kills[i]; i++)
		if (r->kills[i][0] != '\n')
			rehearse_remark(r, _("the process of the job was not killed%s%s: it never "
					     "came so far"),
					r->kills[i][0] ? " @" : "", r->kills[i]);
	json_put(r->out, "timeline", r->timeline);
	json_put(r->out, "holds", r->holds);
	json_put(r->out, "remarks", r->remarks);
	json_put(r->out, "would_be_refused", r->refused);
	r->timeline = r->holds = r->remarks = r->refused = NULL;
	json_put_number(r->out, "wall_ms", clock_real()->now(clock_real()) - began);
	rehearsal_verdict(r->out);
	if (r->played)
		rehearsal_addresses(r->out, r->played->inventory, r->job->inventory);
	char *text = rehearsal_text(r->out);
	if (!r->c->json)
		fputs(text, stdout);
	int rc = file ? path_write(file, text, strlen(text), &r->c->e) : 0;
	free(text);
	if (rc == 0)
		rc = put_verdict(r);
	if (r->keep)
		tell(r->c, _("Everything is kept in %s"), r->dir);
	return rc;
}

static int status_of_verdict(const cJSON *out)
{
	const char *verdict = json_text(out, "verdict");
	return str_eq(verdict, "good")      ? EXIT_DONE
	       : str_eq(verdict, "refused") ? EXIT_REFUSED
	       : str_eq(verdict, "held")    ? EXIT_HELD
					    : EXIT_FAILURES;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Whoever ends us has our processes ended, too. */
static int take_signals(struct rehearse *r)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? err_sys(&r->c->e, "cannot watch for signals") : 0;
}

static void clean_up(struct rehearse *r)
{
	struct err e = {0};
	rehearse_stop(r);
	cli_close(&r->own);
	if (r->lab_runs && lab_stop(r->lab, &e) != 0)
		remark(r->c, "hitless: %s", e.text);
	if (r->clock) {
		pace_remove(r->clock);
		rehearsal_disown(r->clock, r->owner);
	}
	if (r->dir && !r->keep && path_remove_tree(r->dir, &e) != 0)
		remark(r->c, "hitless: %s", e.text);
	if (r->signals >= 0)
		close(r->signals);
}

static void release(struct rehearse *r)
{
	request_release(&r->asked);
	jobview_free(r->view);
	job_free(r->played);
	plan_free(r->played_plan);
	strings_free(r->kills);
	strings_free(r->faults);
	free(r->id);
	free(r->last_hold);
	free(r->dir);
	free(r->lab);
	free(r->state);
	free(r->clock);
	cJSON_Delete(r->out);
	cJSON_Delete(r->timeline);
	cJSON_Delete(r->holds);
	cJSON_Delete(r->remarks);
	cJSON_Delete(r->refused);
}

static int play(struct rehearse *r)
{
	int64_t began = clock_real()->now(clock_real());
	if (check_options(r->c) != 0 || (r->c->n_args ? take_job(r) : take_request(r)) != 0)
		return cli_fail(r->c);
	if (check_job(r) != 0)
		return cli_fail(r->c);
	int rc = take_signals(r);
	check_real(r);
	if (rc == 0)
		rc = rehearse_make(r);
	if (rc == 0) {
		remark(r->c,
		       _("%zu devices are played by simulated ones; real devices, host keys and "
			 "jobs are not touched."),
		       r->job->devices.n);
		rc = rehearse_play(r);
	}
	if (rc == 0)
		rc = put_result(r, began);
	clean_up(r);
	if (rc > 0)
		return rc;
	return rc < 0 ? cli_fail(r->c) : status_of_verdict(r->out);
}

static int rehearse(struct cli *c)
{
	struct rehearse r = {.c = c,
			     .signals = -1,
			     .owner = -1,
			     .out = json_object_new("rehearsal"),
			     .timeline = cJSON_CreateArray(),
			     .holds = cJSON_CreateArray(),
			     .remarks = cJSON_CreateArray(),
			     .refused = cJSON_CreateArray()};
	if (c->json) /* which is never translated; ours is made of what people read */
		(void)setlocale(LC_MESSAGES, "C");
	int rc = play(&r);
	if (c->json && json_text(r.out, "verdict")) {
		put_json(r.out, false);
		r.out = NULL;
	}
	release(&r);
	return rc;
}

static const struct option rehearse_options[] = {
    REQUEST_OPTIONS,
    {"--from", "VERSION", N_("version of the devices of which none is known"), false},
    {"--fault", "SPEC",
     N_("DEVICE:FAULT[=ARG][@MOMENT][xCOUNT], see 'lab list'; job:killed[@PHASE]"), true},
    {"--on-hold", "WHAT", N_("when it would ask: go-on (default), retry once, or stop"), false},
    {"--rollback", "WHAT", N_("take back one device (default), all, or none"), false},
    {"--speed", "N", N_("at most so many times faster than real time (as fast as it goes)"), false},
    {"--fabric-seed", "N", N_("other random numbers for the simulated devices"), false},
    {"--output", "FILE", N_("write the text to this file, too"), false},
    {"--verdict", "FILE", N_("write the verdict to this file, as one word"), false},
    {"--dir", "DIR", N_("keep everything in this new directory"), false},
    {0},
};

const struct verb verbs_rehearse[] = {
    {"rehearse", "[JOB]", N_("play a job on simulated devices, with faults, and say what happens"),
     rehearse_options, 0, 1, .run = rehearse,
     .more = N_("What upgrade would do with the same options, or what the plan of JOB says, is "
		"done on\nsimulated devices that are made of the inventory, over real SSH on this "
		"machine, in a state\ndirectory that is thrown away. Time jumps when everybody "
		"waits, so limits mean what they\nsay. Exit status: 0 all is well, 1 not all "
		"is, 3 the pre-checks refuse, 4 it would wait.\n"
		"It is about what was played: a real job that would be refused as things are (no\n"
		"credential, no image, more devices than device-limit) is played too, and the verdict\n"
		"says so.\n"
		"What goes on with an earlier job (--only activate, verify, rollback) cannot be "
		"rehearsed:\nsimulated devices have nothing of that job.")},
    {0},
};
