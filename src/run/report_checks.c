/* SPDX-License-Identifier: ISC */
/* Checks before and after, what was waived, and the snapshots compared. */
#include "config.h"

#include "run/report_parts.h"

#include "base/i18n.h"
#include "model/json.h"
#include "model/phrases.h"
#include "run/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- checks ----------------------------------------------------------------------------------- */

static const struct {
	const char *status, *style, *word;
	char mark;
} statuses[] = {
    {"failed", "failed", N_("failed"), '!'},   {"unknown", "held", N_("unknown"), '?'},
    {"warning", "held", N_("warning"), '!'},   {"waived", "held", N_("waived"), '='},
    {"passed", "done", N_("passed"), '+'},     {"skipped", "skipped", N_("skipped"), '-'},
};

static bool is_quiet(const cJSON *k)
{
	return !json_text(k, "waived_by") && (str_eq(page_text(k, "status"), "passed") ||
					      str_eq(page_text(k, "status"), "skipped"));
}

static void put_status(struct page *p, const cJSON *k)
{
	size_t i = 0;
	while (i + 1 < LEN(statuses) && !str_eq(statuses[i].status, page_text(k, "status")))
		i++;
	html_begin(&p->h, "td");
	page_state(p, statuses[i].style, statuses[i].mark, _(statuses[i].word));
	html_end(&p->h);
}

static void put_waiver(struct page *p, const cJSON *k)
{
	if (json_text(k, "waived_by"))
		html_putf(&p->h, "p", "cause", _("waived by %s: %s"), page_text(k, "waived_by"),
			  page_text(k, "waive_reason"));
	else if (json_text(k, "action") && !is_quiet(k))
		html_putf(&p->h, "p", "action", "-> %s", said(p->v, page_text(k, "action")));
}

static void put_proof(struct page *p, const cJSON *k)
{
	const char *command = json_text(k, "command"), *output = json_text(k, "output");
	if (!command && !output)
		return;
	html_begin(&p->h, "details");
	html_put(&p->h, "summary", NULL, _("Evidence"));
	if (command)
		html_putf(&p->h, "pre", "command", "$ %s", command);
	if (output && *output)
		html_put(&p->h, "pre", "output", output);
	html_end(&p->h);
}

static void put_check(struct page *p, const cJSON *k)
{
	const char *message = json_text(k, "message"), *title = json_text(k, "title");
	html_begin(&p->h, "tr");
	put_status(p, k);
	html_put(&p->h, "td", NULL, page_text(k, "device"));
	html_put(&p->h, "td", NULL, translated(page_text(k, "group")));
	html_begin(&p->h, "td");
	html_text(&p->h, message && !is_quiet(k) ? said(p->v, message)
			 : title                 ? translated(title)
						 : page_text(k, "check"));
	put_waiver(p, k);
	if (!is_quiet(k))
		put_proof(p, k);
	html_end(&p->h);
	html_end(&p->h);
}

static size_t put_rows(struct page *p, const char *when, bool quiet)
{
	static const char *const titles[] = {N_("Result"), N_("Device"), NC_("checks", "Group"),
					     N_("Check"), NULL};
	const cJSON *k;
	size_t n = 0;
	cJSON_ArrayForEach(k, page_list(p, "checks"))
	{
		if (!str_eq(page_text(k, "when"), when) || is_quiet(k) != quiet)
			continue;
		if (n++ == 0)
			page_table(p, NULL, titles);
		put_check(p, k);
	}
	if (n)
		page_table_end(p);
	return n;
}

static size_t count_quiet(const struct page *p, const char *when)
{
	const cJSON *k;
	size_t n = 0;
	cJSON_ArrayForEach(k, page_list(p, "checks"))
	    n += str_eq(page_text(k, "when"), when) && is_quiet(k);
	return n;
}

static void put_checks(struct page *p, const char *when, const char *title)
{
	size_t quiet = count_quiet(p, when);
	html_put(&p->h, "h3", NULL, title);
	if (put_rows(p, when, false) == 0)
		html_put(&p->h, "p", "empty",
			 quiet ? _("All of them passed.") : _("None was made."));
	if (quiet == 0)
		return;
	html_begin(&p->h, "details");
	html_putf(&p->h, "summary", NULL, _("Passed or not needed: %zu"), quiet);
	(void)put_rows(p, when, true);
	html_end(&p->h);
}

void page_checks(struct page *p)
{
	page_head(p, "checks", _("Checks"));
	put_checks(p, "before", _("Before the upgrade"));
	put_checks(p, "after", _("After the upgrade"));
	html_end(&p->h);
}

/* --- snapshots -------------------------------------------------------------------------------- */

static void put_row(struct page *p, const char *sign, const cJSON *row)
{
	const cJSON *field;
	if (!row)
		return;
	html_begin(&p->h, "div");
	html_attr(&p->h, "class", "row");
	html_put(&p->h, "b", NULL, sign);
	cJSON_ArrayForEach(field, row)
	{
		char *text = json_leaf(field);
		html_textf(&p->h, " %s=%s", field->string ? field->string : "", text);
		free(text);
	}
	html_end(&p->h);
}

static bool is_real(const cJSON *d)
{
	return str_eq(page_text(d, "class"), "real");
}

static void put_difference(struct page *p, const cJSON *d)
{
	static const struct {
		const char *change, *style, *word;
		char mark;
	} kinds[] = {{"added", "done", N_("added"), '+'},
		     {"removed", "failed", N_("removed"), '-'},
		     {"changed", "held", N_("changed"), '~'}};
	size_t i = 0;
	while (i + 1 < LEN(kinds) && !str_eq(kinds[i].change, page_text(d, "change")))
		i++;
	html_begin(&p->h, "tr");
	html_put(&p->h, "td", NULL, page_text(d, "device"));
	html_put(&p->h, "td", NULL, translated(page_text(d, "element")));
	html_begin(&p->h, "td");
	page_state(p, kinds[i].style, kinds[i].mark, _(kinds[i].word));
	html_end(&p->h);
	html_begin(&p->h, "td");
	if (!is_real(d))
		html_putf(&p->h, "div", NULL, "%s: %s", translated(page_text(d, "class")),
			  said(p->v, page_text(d, "why")));
	html_put(&p->h, "code", NULL, page_text(d, "key"));
	put_row(p, "-", cJSON_GetObjectItemCaseSensitive(d, "before"));
	put_row(p, "+", cJSON_GetObjectItemCaseSensitive(d, "after"));
	html_end(&p->h);
	html_end(&p->h);
}

static size_t count_real(const cJSON *list)
{
	const cJSON *d;
	size_t n = 0;
	cJSON_ArrayForEach(d, list) n += is_real(d);
	return n;
}

static void put_class(struct page *p, const cJSON *list, bool real)
{
	static const char *const titles[] = {N_("Device"), N_("Element"), N_("Change"), N_("Key"),
					     NULL};
	const cJSON *d;
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(d, list)
	{
		if (is_real(d) == real)
			put_difference(p, d);
	}
	page_table_end(p);
}

static size_t count_result(const cJSON *taken, const char *result)
{
	const cJSON *t;
	size_t n = 0;
	cJSON_ArrayForEach(t, taken) n += str_eq(page_text(t, "result"), result);
	return n;
}

/* Those of which both sides are there. */
static size_t count_compared(const cJSON *taken)
{
	return count_result(taken, "same") + count_result(taken, "folded") +
	       count_result(taken, "differs");
}

/* What nobody can say anything about comes first: it is never "no difference". */
static void put_gaps(struct page *p, const cJSON *taken)
{
	size_t missing = count_result(taken, "missing"), awaited = count_result(taken, "awaited");
	if (missing)
		html_putf(&p->h, "p", "failed",
			  ngettext("! %zu snapshot is missing: nobody can say whether this element "
				   "is as it was.",
				   "! %zu snapshots are missing: nobody can say whether these "
				   "elements are as they were.",
				   missing),
			  missing);
	if (awaited)
		html_putf(&p->h, "p", "empty",
			  ngettext("%zu snapshot is still to come: its device is not through.",
				   "%zu snapshots are still to come: their devices are not through.",
				   awaited),
			  awaited);
}

/* What nobody can explain is shown; what the job itself makes, what came back and what changes all
 * the time is counted, and folded away. */
static void put_differences(struct page *p, const cJSON *list, const cJSON *taken)
{
	size_t all = (size_t)cJSON_GetArraySize(list), real = count_real(list);
	size_t compared = count_compared(taken), total = (size_t)cJSON_GetArraySize(taken);
	put_gaps(p, taken);
	if (real)
		put_class(p, list, true);
	else if (!compared)
		html_put(&p->h, "p", "empty", _("Nothing was compared."));
	else if (compared == total)
		html_put(&p->h, "p", "empty", _("No difference between before and after."));
	else
		html_putf(&p->h, "p", "empty",
			  _("What was compared is as it was: %zu of %zu elements."), compared,
			  total);
	if (real == all)
		return;
	html_begin(&p->h, "details");
	html_putf(&p->h, "summary", NULL, _("Expected, come back by itself, or noise: %zu"), all - real);
	put_class(p, list, false);
	html_end(&p->h);
}

static void put_rows_of(struct page *p, const cJSON *taken, const char *side)
{
	int64_t n = json_number(taken, side, -1);
	if (n < 0 && str_eq(page_text(taken, "result"), "awaited"))
		html_put(&p->h, "td", "number", _("not yet"));
	else if (n < 0)
		html_putf(&p->h, "td", "number failed", "! %s", _("not taken"));
	else
		html_putf(&p->h, "td", "number", "%" PRId64, n);
}

static void put_taken(struct page *p, const cJSON *list)
{
	static const char *const titles[] = {N_("Device"), N_("Element"), N_("Before"), N_("After"),
					     NULL};
	const cJSON *t;
	html_begin(&p->h, "details");
	html_putf(&p->h, "summary", NULL, _("Compared: %zu of %d elements"), count_compared(list),
		  cJSON_GetArraySize(list));
	page_table(p, NULL, titles);
	cJSON_ArrayForEach(t, list)
	{
		html_begin(&p->h, "tr");
		html_put(&p->h, "td", NULL, page_text(t, "device"));
		html_put(&p->h, "td", NULL, translated(page_text(t, "element")));
		put_rows_of(p, t, "before");
		put_rows_of(p, t, "after");
		html_end(&p->h);
	}
	page_table_end(p);
	html_end(&p->h);
}

void page_snapshots(struct page *p)
{
	const cJSON *s = page_list(p, "snapshots");
	const cJSON *taken = cJSON_GetObjectItemCaseSensitive(s, "taken");
	page_head(p, "snapshots", _("Snapshots, before and after"));
	if (cJSON_GetArraySize(taken)) {
		put_differences(p, cJSON_GetObjectItemCaseSensitive(s, "differences"), taken);
		put_taken(p, taken);
	} else {
		html_put(&p->h, "p", "empty", _("No snapshot was taken."));
	}
	html_end(&p->h);
}
