/* SPDX-License-Identifier: ISC */
/* Looking for devices in address ranges. */
#include "config.h"

#include "cli/inventory.h"
#include "cli/inventory_ask.h"

#include "base/clock.h"
#include "base/path.h"
#include "cli/runner.h"
#include "model/import.h"
#include "model/json.h"
#include "model/phrases.h"
#include "model/template.h"
#include "model/values.h"
#include "run/discover.h"
#include "run/login.h"
#include "run/portrait.h"
#include "run/secrets.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* --- what is asked ---------------------------------------------------------------------------- */

static int add_file(struct cli *c, struct targets *t, const char *path, int port)
{
	struct import *in = import_load(path, "csv", NULL, &c->e);
	for (size_t i = 0; in && i < in->devices.n; i++) {
		const struct import_device *d = &in->devices.v[i];
		VEC_PUSH(t, ((struct target){.name = d->nameless ? NULL : xstrdup(d->name),
					     .address = xstrdup(d->address ? d->address : d->name),
					     .port = d->port ? d->port : port}));
	}
	import_free(in);
	return in ? 0 : -1;
}

/* A word is a file when there is one of that name. */
static int read_targets(struct cli *c, struct targets *t)
{
	int64_t port = 22;
	int rc = cli_number(c, "--port", 1, 65535, &port);
	for (int i = 0; rc == 0 && i < c->n_args; i++)
		rc = path_exists(c->args[i]) ? add_file(c, t, c->args[i], (int)port)
					     : targets_add(t, c->args[i], (int)port, &c->e);
	if (rc == 0)
		targets_unique(t);
	if (rc == 0 && cli_option(c, "--from"))
		rc = targets_skip(t, cli_option(c, "--from"), &c->e);
	return rc;
}

/* How many, and how long it may take: the rate is the least, and where nobody answers
 * each connection takes all of its patience. */
static void say_duration(struct cli *c, const struct targets *t, const struct pace *pace)
{
	char least[LONG_SPAN], most[LONG_SPAN], answer[32];
	uint64_t all = targets_count(t), at_once = (uint64_t)pace->at_once;
	double n = (double)all, rate = pace->per_second,
	       silent = (double)((all + at_once - 1) / at_once) * (double)pace->patience_ms / 1000,
	       slow = silent > n / rate ? silent : n / rate;
	clock_span(portrait_patience(pace), answer);
	if (n < 2)
		return;
	long_span(n / rate, least);
	long_span(slow, most);
	remark(
	    c,
	    _("%.0f addresses take %s at %d a second, up to %s where nobody answers (%d at once, "
	      "%d s each: --rate, --at-once, --timeout), and %s more where a device lets us in and "
	      "then does not answer; Ctrl-C ends it and keeps what was found"),
	    n, least, pace->per_second, most, pace->at_once, (int)(pace->patience_ms / 1000),
	    answer);
}

/* --- the result ------------------------------------------------------------------------------- */

static void put_row(struct table *t, const struct found *f)
{
	if (f->port == 22)
		table_cell(t, f->address);
	else
		table_cellf(t, "%s port %d", f->address, f->port);
	table_cell(t, found_word(f->class));
	table_cell(t, f->name ? f->name : f->wanted);
	table_cell(t, f->platform);
	table_cell(t, f->version);
	table_cell(t, f->serial);
	table_cell(t, f->why ? f->why : f->class == FOUND_NEW_KEY ? f->fingerprint : NULL);
}

static void put_table(struct cli *c, const struct discovery *d)
{
	static const char *const titles[] = {N_("ADDRESS"),  N_("RESULT"),  N_("NAME"),
					     N_("PLATFORM"), N_("VERSION"), N_("SERIAL"),
					     N_("DETAIL")};
	bool all = cli_flag(c, "--all");
	struct table t;
	struct str text = {0};
	size_t rows = 0;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < d->n; i++)
		if (all || found_is_row(&d->v[i])) {
			put_row(&t, &d->v[i]);
			rows++;
		}
	table_text(&t, &text);
	if (rows) /* a head alone tells nobody anything */
		fputs(str_text(&text), stdout);
	str_release(&text);
}

static void put_counts(struct cli *c, const struct discovery *d)
{
	struct str line = {0};
	for (size_t i = 0; i < FOUND_KINDS; i++)
		if (d->count[i])
			str_printf(&line, "%s%zu %s", line.len ? ", " : "", d->count[i],
				   found_word((enum found_class)i));
	tell(c, _("%zu addresses: %s"), d->addresses, str_text(&line));
	str_release(&line);
}

/* What --all leaves out. */
static size_t not_listed(const struct discovery *d)
{
	size_t rows = 0;
	for (size_t i = 0; i < d->n; i++)
		rows += d->v[i].class == FOUND_NO_ANSWER;
	return d->count[FOUND_NO_ANSWER] - rows;
}

/* e: what ended it before its time; NULL: nothing. */
static void put_result(struct cli *c, const struct discovery *d, const struct str *notes,
		       const struct inventory_changes *changes, const struct err *e)
{
	if (c->json) {
		cJSON *o = json_object_new("discovery"), *counts = cJSON_CreateObject();
		for (size_t i = 0; i < FOUND_KINDS; i++)
			json_put_number(counts, found_names[i], (int64_t)d->count[i]);
		json_put_number(o, "addresses", (int64_t)d->addresses);
		json_put(o, "counts", counts);
		json_put_text(o, "next", d->next);
		json_put(o, "results", discovery_json(d, cli_flag(c, "--all")));
		json_put(o, "notes", notes_json(notes));
		json_put(o, "changes", inventory_changes_json(changes));
		if (e) {
			cJSON *why = cJSON_CreateObject();
			json_put_text(why, "kind", err_kind_name(e->kind));
			json_put_text(why, "message", e->text);
			json_put(o, "error", why);
		}
		put_json(o, false);
		return;
	}
	put_table(c, d);
	put_notes(c, notes);
	put_changes(c, changes);
	put_counts(c, d);
	if (cli_flag(c, "--all") && not_listed(d))
		remark(c, _("%zu more where nobody answers are not listed"), not_listed(d));
}

/* --- doing it --------------------------------------------------------------------------------- */

static void put_new_keys(struct cli *c, const struct discovery *d)
{
	static const char *const titles[] = {N_("ADDRESS"), N_("FINGERPRINT")};
	struct table t;
	if (c->json)
		return;
	table_head(&t, LEN(titles), titles);
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].class == FOUND_NEW_KEY) {
			table_cell(&t, d->v[i].address);
			table_cell(&t, d->v[i].fingerprint);
		}
	table_print(&t, stderr);
}

static bool approved(struct cli *c, const struct discovery *d)
{
	char answer[16];
	if (cli_flag(c, "--accept"))
		return true;
	if (!c->in_tty || c->json)
		return false;
	put_new_keys(c, d);
	fputs(_("Compare these with what you know. Add all new keys? Type yes: "), stderr);
	return fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0;
}

/* The credentials to try, one after the other: an inventory of them makes their secrets be asked
 * for. */
static int collect_secrets(struct cli *c)
{
	struct inventory *inv = inventory_new();
	size_t at = 0, n = 0, numbers[16];
	const char *name;
	struct credentials list;
	int rc = cli_credentials(c, &list);
	while (rc == 0 && n < LEN(numbers) &&
	       ((name = cli_next(c, "--credential", &at)) || n == 0)) {
		struct device *d = VEC_ADD(&inv->devices);
		d->credential = xstrdup(name ? name : "default");
		if (!credentials_find(&list, d->credential))
			rc = err_set(&c->e, ERR_INPUT,
				     _("there is no credential \"%s\": hitless credential add %s "
				       "--user USER ..."),
				     d->credential, d->credential);
		numbers[n] = n;
		n++;
	}
	if (rc == 0)
		rc = secrets_collect_for(c, inv, numbers, n);
	credentials_release(&list);
	inventory_free(inv);
	return rc;
}

/* It may have been refused in earlier runs, too. */
static void warn_refused(struct cli *c, const char *credential)
{
	char *warning = login_warning(c->store, credential);
	if (warning)
		remark(c, "%s", warning);
	free(warning);
}

static void say_earlier(struct cli *c, const struct discovery *d, const char *credential)
{
	if (d->before)
		remark(c,
		       ngettext("%zu address refused %s in an earlier search, and it is still the same: "
				"it is not tried there; --again does",
				"%zu addresses refused %s in an earlier search, and it is still the "
				"same: it is not tried there; --again does",
				d->before),
		       d->before, credential);
}

static int ask_all(struct cli *c, struct discovery *d, const struct procedures *list,
		   const struct pace *pace)
{
	struct keyring *k = secrets_keyring(c->store, c->secrets, &c->e);
	const char *name = cli_option(c, "--credential") ? NULL : "default";
	size_t at = 0;
	int rc = k ? 0 : -1;
	while (rc == 0 && discover_some_left(d) &&
	       (name || (name = cli_next(c, "--credential", &at)))) {
		struct asking a;
		asking_begin(&a, c, _("asking the devices"));
		rc = discover_ask(c->store, d, k, name, cli_flag(c, "--again"), list, pace,
				  asking_progress, &a, &c->e);
		rc = asking_end(&a, rc);
		warn_refused(c, name);
		say_earlier(c, d, name);
		if (!cli_option(c, "--credential"))
			break;
		name = NULL;
	}
	keyring_free(k);
	return rc;
}

/* Who answers at all? *stopped: by Ctrl-C; then those who answered until then are still asked. */
static int knock(struct cli *c, const struct targets *targets, const struct pace *pace,
		 struct discovery *d, struct err *stopped)
{
	struct asking a;
	say_duration(c, targets, pace);
	asking_begin(&a, c, _("asking for host keys"));
	int rc = discover_scan(c->store, targets, pace, asking_progress, &a, d, &c->e);
	rc = asking_end(&a, rc);
	if (rc == 0 || c->e.kind != ERR_CANCELLED)
		return rc;
	*stopped = c->e;
	if (a.interrupted != SIGINT)
		return -1;
	c->e = (struct err){0};
	return 0;
}

static int look(struct cli *c, struct discovery *d, const struct procedures *list,
		struct err *stopped)
{
	struct targets targets = {0};
	struct pace pace;
	int rc = read_targets(c, &targets) == 0 && read_pace(c, &pace) == 0 && cli_store(c) &&
			 collect_secrets(c) == 0
		     ? knock(c, &targets, &pace, d, stopped)
		     : -1;
	targets_release(&targets);
	/* who pressed Ctrl-C wants no question */
	if (rc == 0 && d->count[FOUND_NEW_KEY] &&
	    (stopped->kind == ERR_NONE ? approved(c, d) : cli_flag(c, "--accept")))
		rc = discover_accept(c->store, d, &c->e);
	if (rc == 0)
		rc = ask_all(c, d, list, &pace);
	if (rc != 0 && c->e.kind == ERR_CANCELLED && stopped->kind == ERR_NONE)
		*stopped = c->e;
	return rc != 0 && c->e.kind == ERR_CANCELLED ? 0 : rc;
}

static int add_found(struct cli *c, const struct discovery *d, struct str *notes,
		     struct inventory_changes *changes)
{
	char *path = store_path(c->store, "inventory.json");
	bool there = path_exists(path);
	struct inventory *now = there ? desk_inventory(c->store, &c->e) : NULL, *next = NULL;
	free(path);
	if (there && !now)
		return -1;
	if (d->count[FOUND_DEVICE])
		next = discover_add(d, now, notes, &c->e);
	int rc = 0;
	if (next) {
		inventory_compare(now, next, changes);
		rc = desk_inventory_save(c->store, next, &c->e);
		if (rc == 0)
			discover_remember(c->store, d, next);
	}
	inventory_free(now);
	inventory_free(next);
	return rc;
}

/* They showed a host key, and are not reachable all the same. */
static bool silent(const struct discovery *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].class == FOUND_NO_ANSWER && d->v[i].line)
			return true;
	return false;
}

static int status_of_discovery(const struct discovery *d)
{
	return d->count[FOUND_NEW_KEY] ? EXIT_HELD
	       : d->count[FOUND_REFUSED] || d->count[FOUND_NOT_TRIED] ||
			 d->count[FOUND_OTHER_KEY] || silent(d)
		   ? EXIT_UNREACHABLE
		   : EXIT_DONE;
}

static void put_word(struct str *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-_./:,@%+=";
	str_putc(out, ' ');
	if (*word && word[strspn(word, plain)] == '\0') {
		str_puts(out, word);
		return;
	}
	template_quote_sh(out, word);
}

/* The same command from another address on. New. */
static char *same_from(const struct cli *c, const char *from)
{
	struct str out = {0};
	str_puts(&out, "hitless");
	if (c->state_option)
		str_puts(&out, " --state"), put_word(&out, c->state_option);
	str_puts(&out, " inventory discover");
	for (int i = 0; i < c->n_args; i++)
		put_word(&out, c->args[i]);
	for (size_t i = 0; i < c->given.n; i++) {
		const struct given *g = &c->given.v[i];
		if (str_eq(g->option->name, "--from") || str_eq(g->option->name, "--state"))
			continue;
		put_word(&out, g->option->name);
		if (g->option->arg)
			put_word(&out, g->value);
	}
	str_puts(&out, " --from");
	put_word(&out, from);
	return str_take(&out);
}

/* One refusal ends the tries with that credential: which device it was, and how to go on. */
static void put_refused(struct cli *c, const struct discovery *d)
{
	const struct found *next, *f = discover_refused(d, &next);
	if (!f || !d->count[FOUND_NOT_TRIED])
		return;
	remark(c,
	       _("%s port %d refused the credential %s: it was not tried on %zu others. If it is the "
		 "wrong one, mend it ('hitless credential set %s ...', or --credential NAME for another "
		 "one) before you do the same again"),
	       f->address, f->port, f->credential, d->count[FOUND_NOT_TRIED], f->credential);
	if (!next)
		return;
	char *command = same_from(c, next->address);
	remark(c, _("if only that device has another login, leave it out: %s"), command);
	free(command);
}

/* An error in the middle: what was found until then is not lost with it. */
static int fail_with(struct cli *c, const struct discovery *d, const struct str *notes,
		     const struct inventory_changes *changes)
{
	if (!d->n)
		return cli_fail(c);
	put_result(c, d, notes, changes, &c->e);
	remark(c, "hitless: %s", said_err(&c->e).text);
	return (int)status_of(c->e.kind);
}

static int discover(struct cli *c)
{
	struct discovery d = {0};
	struct procedures list = {0};
	struct inventory_changes changes = {0};
	struct str notes = {0};
	char **more = cli_procedures(c);
	struct err stopped = {0};
	int rc =
	    procedures_all(more, &list, &c->e) == 0 && look(c, &d, &list, &stopped) == 0 ? 0 : -1;
	if (rc == 0 && cli_flag(c, "--add"))
		rc = add_found(c, &d, &notes, &changes);
	if (rc == 0)
		put_result(c, &d, &notes, &changes, stopped.kind != ERR_NONE ? &stopped : NULL);
	if (rc == 0 && d.count[FOUND_NEW_KEY])
		remark(c, _("%zu new keys, none added; --accept adds them"),
		       d.count[FOUND_NEW_KEY]);
	if (rc == 0)
		put_refused(c, &d);
	if (rc == 0 && stopped.kind != ERR_NONE)
		remark(c, "hitless: %s", stopped.text);
	if (d.next)
		remark(c, _("the same with --from %s goes on where it was stopped"), d.next);
	rc = rc != 0                    ? fail_with(c, &d, &notes, &changes)
	     : stopped.kind != ERR_NONE ? EXIT_INTERRUPTED
					: status_of_discovery(&d);
	str_release(&notes);
	inventory_changes_release(&changes);
	discovery_release(&d);
	procedures_free(&list);
	strings_free(more);
	return rc;
}

static const struct option discover_options[] = {
    {"--add", NULL, N_("put the devices that are found into the inventory"), false},
    {"--credential", "NAME",
     N_("credential to log in with (default); a second one is tried where "
	"the first was refused"),
     true},
    {"--again", NULL, N_("also log in with a credential where it was refused in an earlier search"),
     false},
    {"--accept", NULL, N_("add new host keys without a question"), false},
    {"--port", "N", N_("port of the devices (22)"), false},
    PACE_OPTIONS,
    {"--from", "ADDRESS",
     N_("leave out the addresses before this one: goes on with a search that was stopped"), false},
    {"--all", NULL, N_("also show the addresses where nobody answers (the first 65536)"), false},
    {"--password-stdin", NULL, N_("read passwords from standard input, one line a credential"),
     false},
    PROCEDURE_OPTION,
    {0},
};

const struct verb verbs_inventory_discover[] = {
    {"inventory discover", "RANGE|CSV...", N_("look for devices at these addresses"),
     discover_options, 1, -1, .run = discover,
     .more = N_(
	 "RANGE: 192.0.2.0/24, 192.0.2.10-19, 192.0.2.24-64,128-190,235, 192.0.2.7-192.0.3.9,\n"
	 "2001:db8::/120, addresses, host names; of a network without its first and last "
	 "address.\n"
	 "CSV: a file with the columns hostname, ip, port in any order.\n"
	 "A range may have any size up to 2^40 addresses (all of IPv4, an IPv6 /88); Ctrl-C ends\n"
	 "the search, and those who answered until then are still asked and added.\n"
	 "\n"
	 "Results: found, already known, decommissioned, incorrect credentials, login not tried,\n"
	 "host key unknown, other host key, OS not supported, not reachable. A credential that\n"
	 "one device refuses is tried on no other one, nor there by later searches (--again: it is)\n"
	 "as long as it is the same; a password that is typed is another one each time. New host\n"
	 "keys are shown and have to be approved. Exit status 4 when keys wait for that, 5 when a\n"
	 "login was refused, or a device let us in and then did not answer.")},
    {0},
};
