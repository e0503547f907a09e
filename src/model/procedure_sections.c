/* SPDX-License-Identifier: ISC */
/* The sections of a procedure but for its steps: software, parameters, facts, checks, stages,
 * errors, snapshot, transfer. */
#include "config.h"

#include "model/builtin.h"
#include "base/i18n.h"
#include "model/procedure_parts.h"

#include <stdlib.h>
#include <string.h>

/* --- parameters --- */

static const char *const parameter_types[] = {"bool", "int", "choice", "text", NULL};

static const struct field parameter_fields[] = {
    NEEDED(struct parameter, name, "name", type_name),
    NEEDED(struct parameter, title, "title", type_text),
    FIELD(struct parameter, help, "help", type_text),
    FIELD(struct parameter, group, "group", type_text),
    FIELD(struct parameter, unit, "unit", type_text),
    FIELD(struct parameter, later, "later", type_flag),
    {"type", &type_choice, offsetof(struct parameter, type), true, parameter_types},
    FIELD(struct parameter, fallback, "default", type_text),
    FIELD(struct parameter, least, "least", type_number),
    FIELD(struct parameter, most, "most", type_number),
    FIELD(struct parameter, choices, "choices", type_texts),
    FIELD(struct parameter, match, "match", type_pattern),
    FIELD(struct parameter, expected, "expected", type_text),
    END_OF_FIELDS,
};

static int check_parameter(struct loader *l, const struct jnode *at, struct parameter *q)
{
	struct jnode member;
	bool range = json_get(at, "least", &member) && json_get(at, "most", &member);
	if (q->type == PARAMETER_INT && (!range || q->least > q->most))
		return json_bad(at, l->e, "an int needs \"least\" and \"most\"");
	if (q->type == PARAMETER_CHOICE && (!q->choices || !q->choices[0]))
		return json_bad(at, l->e, "a choice needs \"choices\"");
	if (q->type == PARAMETER_TEXT && q->match && !q->expected)
		return json_bad(at, l->e, "\"match\" needs \"expected\": what it wants, in words");
	if (!q->fallback && q->type == PARAMETER_INT)
		return json_bad(at, l->e, "an int needs a \"default\"");
	if (!q->fallback)
		q->fallback = xstrdup(q->type == PARAMETER_BOOL     ? "no"
		                      : q->type == PARAMETER_CHOICE ? q->choices[0]
		                                                    : "");
	struct err why = {0};
	char *value = parameter_value(q, q->fallback, &why);
	if (!value)
		return json_bad(at, l->e, "default: %-s", why.text);
	free(q->fallback);
	q->fallback = value;
	return 0;
}

static int read_parameter(struct loader *l, const struct jnode *at, void *out)
{
	if (fields_read(l, parameter_fields, at, out) < 0)
		return -1;
	return check_parameter(l, at, out);
}

int procedure_read_parameters(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list;
	if (!json_get(root, "parameters", &list))
		return 0;
	if (fields_read_list(l, &list, sizeof(*p->parameters), read_parameter,
	                     (void **)&p->parameters, &p->n_parameters) < 0)
		return -1;
	return check_unique(&list, p->parameters, p->n_parameters, sizeof(*p->parameters), l->e);
}

/* --- facts --- */

static const struct field fact_fields[] = {
    NEEDED(struct fact, name, "name", type_name),
    NEEDED(struct fact, command, "command", type_command),
    NEEDED(struct fact, read, "read", type_judge),
    FIELD(struct fact, capture, "capture", type_text),
    FIELD(struct fact, otherwise, "otherwise", type_text),
    FIELD(struct fact, required, "required", type_flag),
    FIELD(struct fact, alias, "alias", type_flag),
    FIELD(struct fact, map, "map", type_values),
    END_OF_FIELDS,
};

static int is_capture(void *ctx, const char *name, struct err *e UNUSED)
{
	return strcmp(ctx, name) == 0;
}

/* The fact's own name; groups of a pattern cannot hold a '-', there it is a '_'. */
static char *default_capture(const struct fact *f)
{
	char *name = xstrdup(f->name);
	if (judge_makes(f->read, is_capture, name, NULL) == 1)
		return name;
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static int read_fact(struct loader *l, const struct jnode *at, void *out)
{
	struct fact *f = out;
	if (fields_read(l, fact_fields, at, f) < 0)
		return -1;
	if (!f->capture)
		f->capture = default_capture(f);
	if (judge_makes(f->read, is_capture, f->capture, l->e) != 1)
		return json_bad(at, l->e, "\"read\" has no capture \"%s\"", f->capture);
	return 0;
}

int procedure_read_facts(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list;
	if (!json_get(root, "facts", &list))
		return 0;
	if (fields_read_list(l, &list, sizeof(*p->facts), read_fact, (void **)&p->facts,
	                     &p->n_facts) < 0)
		return -1;
	return check_unique(&list, p->facts, p->n_facts, sizeof(*p->facts), l->e);
}

/* --- software and images --- */

static int read_scheme(struct loader *l, const struct field *f UNUSED, const struct jnode *at,
		       void *out)
{
	return (*(struct scheme **)out = scheme_new(at, l->e)) ? 0 : -1;
}

static void release_scheme(void *out)
{
	scheme_free(*(struct scheme **)out);
}

static const struct field_type type_scheme = {read_scheme, release_scheme};

/* The versions come first: every judge of the file compares by them. */
static const struct field software_fields[] = {
    FIELD(struct procedure, versions, "versions", type_scheme),
    NEEDED(struct procedure, software, "name", type_text),
    FIELD(struct procedure, vendor, "vendor", type_text),
    NEEDED(struct procedure, from_fact, "from", type_fact),
    FIELD(struct procedure, serial_facts, "serial", type_fact),
    FIELD(struct procedure, path_allowed, "path_allowed", type_judge),
    FIELD(struct procedure, images, "images", type_skip),
    END_OF_FIELDS,
};

int procedure_read_software(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode software, list;
	if (json_need(root, "software", &software, l->e) < 0 ||
	    fields_read(l, software_fields, &software, p) < 0)
		return -1;
	if (!json_get(&software, "images", &list))
		return 0;
	return procedure_read_images(l, &list);
}

/* --- checks --- */

static const char *const severities[] = {"warning", "error", NULL};
static const char *const scopes[] = {"each", "once", "job", NULL};
static const char *const places[] = {"self", "peers", "neighbors", NULL};

static const struct field check_fields[] = {
    NEEDED(struct check, name, "name", type_name),
    NEEDED(struct check, group, "group", type_text),
    NEEDED(struct check, title, "title", type_text),
    CHOICE(struct check, severity, "severity", severities),
    FIELD(struct check, blocks, "blocks", type_judge),
    FIELD(struct check, hitless, "hitless", type_flag),
    CHOICE(struct check, scope, "scope", scopes),
    CHOICE(struct check, on, "on", places),
    FIELD(struct check, when, "when", type_judge),
    FIELD(struct check, builtin, "builtin", type_name),
    FIELD(struct check, arguments, "arguments", type_values),
    FIELD(struct check, command, "command", type_command),
    FIELD(struct check, expect, "expect", type_judge),
    NEEDED(struct check, message, "message", type_message),
    FIELD(struct check, advice, "advice", type_message),
    FIELD(struct check, message_unknown, "message_unknown", type_message),
    FIELD(struct check, advice_unknown, "advice_unknown", type_message),
    FIELD(struct check, advice_wait, "advice_wait", type_message),
    FIELD(struct check, waivable, "waivable", type_flag),
    FIELD(struct check, waivable_unknown, "waivable_unknown", type_flag),
    FIELD(struct check, before, "before", type_flag),
    FIELD(struct check, after, "after", type_flag),
    END_OF_FIELDS,
};

static int bad_name(const struct jnode *at, struct loader *l, const char *what, const char *name,
                    const char *const *known)
{
	const char *near = json_nearest(name, known);
	return json_bad(at, l->e, "there is no %-s \"%s\"%-s", what, name,
			json_hint(near, (char[JSON_HINT]){0}));
}

static bool is_among(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* A check that the engine answers by itself: it has to know it, and what it is told. */
static int check_builtin(struct loader *l, const struct jnode *at, const struct check *c)
{
	struct jnode arguments, argument;
	int b = builtin_number(c->builtin);
	if (b < 0)
		return bad_name(at, l, M_("builtin"), c->builtin, builtin_names);
	if (c->command)
		return json_bad(at, l->e, "\"command\" does not go with \"builtin\"");
	const char *const *known = builtin_arguments((enum builtin)b);
	for (size_t i = 0; i < c->arguments.n; i++) {
		const char *name = c->arguments.v[i].name;
		if (is_among(known, name))
			continue;
		if (!json_get(at, "arguments", &arguments) ||
		    !json_get(&arguments, name, &argument))
			argument = *at;
		return bad_name(&argument, l, M_("argument"), name, known);
	}
	return 0;
}

static int read_check(struct loader *l, const struct jnode *at, void *out)
{
	struct check *c = out;
	c->severity = SEVERITY_ERROR;
	c->before = true;
	if (fields_read(l, check_fields, at, c) < 0)
		return -1;
	if (!c->builtin == !c->expect)
		return json_bad(at, l->e, "needs either \"builtin\" or \"expect\"");
	if (c->blocks && c->severity != SEVERITY_ERROR)
		return json_bad(at, l->e, "\"blocks\" is for a check of severity \"error\"");
	if (c->arguments.n && !c->builtin)
		return json_bad(at, l->e, "\"arguments\" are for a \"builtin\"");
	if (c->command && c->scope == CHECK_JOB)
		return json_bad(at, l->e,
		                "a check of the whole job has no device for its \"command\"");
	return c->builtin ? check_builtin(l, at, c) : 0;
}

int procedure_read_checks(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list;
	if (!json_get(root, "checks", &list))
		return 0;
	if (fields_read_list(l, &list, sizeof(*p->checks), read_check, (void **)&p->checks,
	                     &p->n_checks) < 0)
		return -1;
	return check_unique(&list, p->checks, p->n_checks, sizeof(*p->checks), l->e);
}

/* --- errors --- */

static const struct field error_fields[] = {
    NEEDED(struct error_pattern, match, "match", type_pattern),
    NEEDED(struct error_pattern, kind, "kind", type_name),
    NEEDED(struct error_pattern, message, "message", type_message),
    FIELD(struct error_pattern, cause, "cause", type_message),
    FIELD(struct error_pattern, advice, "advice", type_message),
    FIELD(struct error_pattern, under_way, "under_way", type_flag),
    END_OF_FIELDS,
};

static int read_error(struct loader *l, const struct jnode *at, void *out)
{
	return fields_read(l, error_fields, at, out);
}

int procedure_read_errors(struct loader *l, const struct jnode *root)
{
	struct procedure *p = l->p;
	struct jnode list;
	if (!json_get(root, "errors", &list))
		return 0;
	return fields_read_list(l, &list, sizeof(*p->errors), read_error, (void **)&p->errors,
	                        &p->n_errors);
}

/* --- transfer --- */

static const struct field transfer_fields[] = {
    NEEDED(struct transfer, present, "present", type_command),
    NEEDED(struct transfer, partial, "partial", type_command),
    NEEDED(struct transfer, prefix, "prefix", type_command),
    NEEDED(struct transfer, space, "space", type_command),
    NEEDED(struct transfer, append, "append", type_command),
    NEEDED(struct transfer, discard, "discard", type_command),
    NEEDED(struct transfer, commit, "commit", type_command),
    END_OF_FIELDS,
};

int procedure_read_transfer(struct loader *l, const struct jnode *root)
{
	struct jnode at;
	if (!json_get(root, "transfer", &at))
		return 0;
	return fields_read(l, transfer_fields, &at, &l->p->transfer);
}

/* --- releases --- */

void procedure_release_sections(struct procedure *p)
{
	procedure_release_images(p);
	for (size_t i = 0; i < p->n_parameters; i++)
		procedure_fields_release(parameter_fields, &p->parameters[i]);
	for (size_t i = 0; i < p->n_facts; i++)
		procedure_fields_release(fact_fields, &p->facts[i]);
	for (size_t i = 0; i < p->n_checks; i++)
		procedure_fields_release(check_fields, &p->checks[i]);
	for (size_t i = 0; i < p->n_errors; i++)
		procedure_fields_release(error_fields, &p->errors[i]);
	free(p->parameters);
	free(p->facts);
	free(p->checks);
	free(p->errors);
	procedure_fields_release(software_fields, p);
	procedure_release_stages(p);
	procedure_fields_release(transfer_fields, &p->transfer);
}
