/* SPDX-License-Identifier: ISC */
/*
 * Patterns on hostile text: bytes, not characters (so that no input is "invalid"), with limits far
 * below pcre2's own, under which one line can cost seconds. No JIT: it counts its limits otherwise.
 */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "model/judge.h"

#include <string.h>

#define MATCH_LIMIT  100000
#define DEPTH_LIMIT  5000
#define HEAP_LIMIT   4096     /* KiB */
#define WORK_LIMIT   20000000 /* steps of one search: about a second */
#define CAPTURE_MOST 65536    /* bytes */

struct pattern {
	pcre2_code *code;
	char *regex;
};

/* Our values have lower-case names; a group that could never be read is a mistake. */
static int check_groups(const struct pattern *p, struct err *e)
{
	uint32_t n, size;
	PCRE2_SPTR table;
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < n; i++) {
		const char *name = (const char *)table + i * size + 2;
		if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
			return err_set(e, ERR_INPUT, "group name \"%s\": only a-z, 0-9 and _",
			               name);
	}
	return 0;
}

static pcre2_code *compile(const char *regex, uint32_t options, int *error, size_t *at)
{
	pcre2_compile_context *ctx = pcre2_compile_context_create(NULL);
	if (!ctx)
		return NULL;
	pcre2_set_newline(ctx, PCRE2_NEWLINE_ANYCRLF); /* some devices send CR LF */
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, options, error, at, ctx);
	pcre2_compile_context_free(ctx);
	return code;
}

struct pattern *pattern_new(const char *regex, bool ignore_case, struct err *e)
{
	uint32_t options = PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF |
	                   PCRE2_NEVER_UCP | PCRE2_DUPNAMES | PCRE2_AUTO_CALLOUT |
	                   (ignore_case ? PCRE2_CASELESS : 0);
	int error = PCRE2_ERROR_NOMEMORY;
	size_t at = 0;
	pcre2_code *code = compile(regex, options, &error, &at);
	if (!code) {
		PCRE2_UCHAR text[160] = "?";
		pcre2_get_error_message(error, text, sizeof(text));
		err_set(e, ERR_INPUT, "pattern \"%s\": %-s (at character %zu)", regex,
			(const char *)text, at + 1);
		return NULL;
	}
	struct pattern *p = xcalloc(1, sizeof(*p));
	p->code = code;
	p->regex = xstrdup(regex);
	if (check_groups(p, e) == 0)
		return p;
	pattern_free(p);
	return NULL;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	free(p->regex);
	free(p);
}

const char *pattern_regex(const struct pattern *p)
{
	return p->regex;
}

int pattern_groups(const struct pattern *p, int (*see)(void *, const char *, struct err *),
                   void *ctx, struct err *e)
{
	uint32_t n, size;
	PCRE2_SPTR table;
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &table);
	int stop = 0;
	for (uint32_t i = 0; i < n && !stop; i++)
		stop = see(ctx, (const char *)table + i * size + 2, e);
	return stop;
}

static void capture(struct values *captures, const char *name, const char *text, size_t n)
{
	char *copy = text_from_bytes(text, n < CAPTURE_MOST ? n : CAPTURE_MOST);
	values_set(captures, name, copy);
	free(copy);
}

static void capture_groups(const struct pattern *p, const char *text, pcre2_match_data *found,
                           struct values *captures)
{
	uint32_t n, size;
	PCRE2_SPTR table;
	const size_t *ends = pcre2_get_ovector_pointer(found);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &table);
	for (uint32_t i = 0; i < n; i++, table += size) {
		size_t group = (size_t)table[0] << 8 | table[1];
		size_t from = ends[2 * group], to = ends[2 * group + 1];
		if (from != PCRE2_UNSET && to >= from)
			capture(captures, (const char *)table + 2, text + from, to - from);
	}
}

/*
 * The limits of pcre2 count anew at every place where a match may start: \S+x takes half a minute
 * on one line of 64 KiB and stays below them. So all steps of a search are counted together, here:
 * a step for each item that is tried, and more for text that was run over to get there.
 */
struct work {
	int64_t left;
	size_t last;
};

static int count_work(pcre2_callout_block *at, void *data)
{
	struct work *w = data;
	size_t now = at->current_position;
	w->left -= 1 + (int64_t)(now > w->last ? (now - w->last) / 16 : 0);
	w->last = now;
	return w->left < 0 ? PCRE2_ERROR_CALLOUT : 0;
}

static pcre2_match_context *limits(struct work *w)
{
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);
	if (!ctx)
		return NULL;
	pcre2_set_match_limit(ctx, MATCH_LIMIT);
	pcre2_set_depth_limit(ctx, DEPTH_LIMIT);
	pcre2_set_heap_limit(ctx, HEAP_LIMIT);
	pcre2_set_callout(ctx, count_work, w);
	return ctx;
}

enum verdict pattern_find(const struct pattern *p, const char *text, size_t n,
                          struct values *captures, size_t *from, size_t *to)
{
	struct work w = {.left = WORK_LIMIT};
	pcre2_match_context *ctx = limits(&w);
	pcre2_match_data *found = pcre2_match_data_create_from_pattern(p->code, NULL);
	int rc = PCRE2_ERROR_NOMEMORY;
	if (ctx && found)
		rc = pcre2_match(p->code, (PCRE2_SPTR)(text ? text : ""), n, 0, 0, found, ctx);
	if (rc > 0) {
		const size_t *ends = pcre2_get_ovector_pointer(found);
		*from = ends[0];
		*to = ends[1] > ends[0] ? ends[1] : ends[0];
		if (captures)
			capture_groups(p, text ? text : "", found, captures);
	}
	pcre2_match_data_free(found);
	pcre2_match_context_free(ctx);
	if (rc == PCRE2_ERROR_NOMATCH)
		return VERDICT_NO;
	return rc > 0 ? VERDICT_YES : VERDICT_UNKNOWN; /* a limit: nobody knows */
}

enum verdict pattern_match(const struct pattern *p, const char *text, size_t n,
                           struct values *captures)
{
	size_t from, to;
	return pattern_find(p, text, n, captures, &from, &to);
}

char *pattern_library(void)
{
	char text[64] = "";
	if (pcre2_config(PCRE2_CONFIG_VERSION, text) < 0)
		return xstrdup("?");
	text[strcspn(text, " ")] = '\0';
	return xstrdup(text);
}
