/* SPDX-License-Identifier: ISC */
/* What a fault takes behind its '=': one that it does not understand would never bite. */
#include "config.h"

#include "lab/fault.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

static int is_number(const struct fault_row *row, const char *arg, long long most, struct err *e)
{
	size_t digits = strspn(arg, "0123456789");
	if (digits == 0 || arg[digits] || digits > 15)
		return err_set(e, ERR_INPUT, "fault %s=%s: a number is expected", row->name, arg);
	if (atoll(arg) > most)
		return err_set(e, ERR_INPUT, "fault %s=%s: at most %lld", row->name, arg, most);
	return 0;
}

static int is_percent(const struct fault_row *row, const char *arg, struct err *e)
{
	char *text = xstrdup(arg);
	size_t n = strlen(text);
	if (n && text[n - 1] == '%')
		text[n - 1] = '\0';
	int rc = is_number(row, text, 100, e);
	free(text);
	return rc;
}

static int is_count(const struct fault_row *row, const char *arg, struct err *e)
{
	return is_number(row, arg, 999999999999999, e);
}

static int is_regex(const struct fault_row *row, const char *arg, struct err *e)
{
	regex_t re;
	if (regcomp(&re, arg, REG_EXTENDED | REG_NOSUB) != 0)
		return err_set(e, ERR_INPUT, "fault %s=%s: no regular expression", row->name, arg);
	regfree(&re);
	return 0;
}

static const struct {
	const char *word; /* as the help begins, behind '=' */
	int (*check)(const struct fault_row *row, const char *arg, struct err *e);
} kinds[] = {
    {"N%", is_percent},   {"IDLE", is_percent},  {"CPU", is_percent}, {"HEAP", is_percent},
    {"N", is_count},	  {"BYTES", is_count},	 {"MS", is_count},    {"SECONDS", is_count},
    {"REGEX", is_regex},  {"SNAP", cloud_fault_arg},
};

int fault_arg(const struct fault_row *row, const char *arg, struct err *e)
{
	if (!arg)
		return 0;
	if (*row->help != '=')
		return err_set(e, ERR_INPUT, "fault %s=%s: it takes no argument", row->name, arg);
	if (!*arg)
		return err_set(e, ERR_INPUT, "fault %s=: an argument is expected", row->name);
	size_t n = strcspn(row->help + 1, " ");
	for (size_t i = 0; i < LEN(kinds); i++)
		if (strlen(kinds[i].word) == n && strncmp(kinds[i].word, row->help + 1, n) == 0)
			return kinds[i].check(row, arg, e);
	return 0;
}
