/* SPDX-License-Identifier: ISC */
/* Faults: rows of tables; where each one bites is where its name is asked for, or, when it changes
 * files or state by itself, where it arms. The first time it does so on a device the log tells. */
#include "config.h"

#include "lab/fault.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const moments[] = {"start",  "upload", "install",
				      "reboot", "boot",   "post-install"};

const struct fault_row *fault_row_at(size_t i)
{
	static const struct fault_row *const tables[] = {switch_fault_rows, config_fault_rows,
							  srx_fault_rows, cloud_fault_rows,
							  host_fault_rows};
	for (size_t t = 0; t < LEN(tables); t++)
		for (const struct fault_row *row = tables[t]; row->name; row++)
			if (i-- == 0)
				return row;
	return NULL;
}

/* By its name, or the only one that begins so. */
static const struct fault_row *row_find(const char *name, size_t n)
{
	const struct fault_row *found = NULL, *row;
	for (size_t i = 0; n && (row = fault_row_at(i)); i++) {
		if (strncmp(row->name, name, n) != 0)
			continue;
		if (strlen(row->name) == n)
			return row;
		if (found)
			return NULL;
		found = row;
	}
	return found;
}

static void tell(struct device *dev, struct fault *f)
{
	bool told = f->told && f->told[dev->index];
	if (!told || f->left >= 0)
		lab_log(dev->lab, dev, "fault", "%s%s%s", f->row->name, f->arg ? "=" : "",
			f->arg ? f->arg : "");
	if (!f->told)
		f->told = xcalloc(dev->lab->devices.n, sizeof(*f->told));
	f->told[dev->index] = true;
}

/* It lasts, or has changed something just now: it does not come about by being used up. */
static void tell_once(struct device *dev, struct fault *f)
{
	if (!f->told || !f->told[dev->index])
		tell(dev, f);
}

static bool touches(const struct fault *f, size_t device)
{
	return f->device < 0 || f->device == (int)device;
}

static void apply(struct device *dev, struct fault *f)
{
	tell_once(dev, f);
	f->row->apply(dev, f);
}

static void arm(struct lab *lab, struct fault *f)
{
	f->armed = true;
	f->armed_at = lab->now;
	for (size_t i = 0; f->row->apply && i < lab->devices.n; i++)
		if (touches(f, i) && lab->devices.v[i]->phase == PHASE_UP)
			apply(lab->devices.v[i], f);
	lab->dirty = true;
	links_update(lab);
}

/* "...xN" at the end and "@MOMENT" before it; both are cut off the text. */
static int read_tail(char *text, struct fault *f, struct err *e)
{
	char *x = strrchr(text, 'x');
	if (x && x > text && x[1] && !x[1 + strspn(x + 1, "0123456789")] && (x[-1] != '=')) {
		f->left = atoi(x + 1);
		*x = '\0';
	}
	char *at = strrchr(text, '@');
	if (!at)
		return 0;
	for (size_t i = 0; i < LEN(moments); i++) {
		if (strcmp(moments[i], at + 1) == 0) {
			f->moment = i ? moments[i] : NULL;
			*at = '\0';
			return 0;
		}
	}
	return err_set(e, ERR_INPUT,
		       "fault moment \"%s\": not one of start, upload, install, reboot, "
		       "boot, post-install",
		       at + 1);
}

/* "refusedx3" has its count right behind the name. */
static const struct fault_row *row_counted(const char *text, size_t n)
{
	size_t bare = n;
	while (bare && strchr("0123456789", text[bare - 1]))
		bare--;
	return bare && bare < n && text[bare - 1] == 'x' ? row_find(text, bare - 1) : NULL;
}

/* DEVICE, and of FAULT... the row. */
static int read_head(struct lab *lab, const char *spec, struct fault *f, struct err *e)
{
	size_t n = strcspn(spec, ":");
	char *name = xstrndup(spec, n);
	const char *text = spec[n] ? spec + n + 1 : "";
	size_t length = strcspn(text, "=@");
	f->device = strcmp(name, "*") == 0 ? -1 : lab_find(lab, name);
	f->row = row_find(text, length);
	if (!f->row)
		f->row = row_counted(text, length);
	int rc = 0;
	if (f->device < 0 && strcmp(name, "*") != 0)
		rc = err_set(e, ERR_INPUT, "fault \"%s\": no device of that name", spec);
	else if (*text && !f->row)
		rc = err_set(e, ERR_INPUT,
			     "fault \"%s\": no such fault, or more than one begins so", spec);
	free(name);
	return rc;
}

int lab_fault_add(struct lab *lab, const char *spec, struct err *e)
{
	struct fault f = {.device = -1};
	if (read_head(lab, spec, &f, e))
		return -1;
	if (!f.row)
		return err_set(e, ERR_INPUT,
			       "fault \"%s\": DEVICE:FAULT[=ARG][@MOMENT][xCOUNT] expected", spec);
	f.left = f.row->count;
	f.moment = f.row->moment;
	char *text = xstrdup(strchr(spec, ':') + 1);
	int rc = read_tail(text, &f, e);
	const char *eq = strchr(text, '=');
	if (rc == 0)
		rc = fault_arg(f.row, eq ? eq + 1 : NULL, e);
	f.arg = rc == 0 && eq ? xstrdup(eq + 1) : NULL;
	free(text);
	if (rc)
		return -1;
	VEC_PUSH(&lab->faults, f);
	if (!f.moment)
		arm(lab, &lab->faults.v[lab->faults.n - 1]);
	return 0;
}

static void disarm(struct lab *lab, struct fault *f)
{
	for (size_t i = 0; f->armed && i < lab->devices.n; i++) {
		struct device *dev = lab->devices.v[i];
		if (!touches(f, i))
			continue;
		lab_log(lab, dev, "fault-cleared", "%s", f->row->name);
		if (f->row->undo)
			f->row->undo(dev, f);
	}
	fault_release(f);
}

void fault_release(struct fault *f)
{
	free(f->arg);
	free(f->told);
	for (size_t i = 0; i < f->met.n; i++)
		free(f->met.v[i]);
	VEC_RELEASE(&f->met);
}

int lab_fault_clear(struct lab *lab, const char *spec, struct err *e)
{
	struct fault like = {0};
	int cleared = 0;
	if (read_head(lab, spec, &like, e))
		return -1;
	for (size_t i = 0; i < lab->faults.n;) {
		struct fault f = lab->faults.v[i];
		if ((like.row && f.row != like.row) ||
		    (like.device >= 0 && f.device != like.device)) {
			i++;
			continue;
		}
		VEC_REMOVE(&lab->faults, i); /* first: what is undone asks for faults */
		disarm(lab, &f);
		cleared++;
	}
	lab->dirty = true;
	links_update(lab);
	return cleared ? 0 : err_set(e, ERR_INPUT, "fault \"%s\": none is set", spec);
}

static bool in_force(const struct device *dev, const struct fault *f, const char *name)
{
	return f->armed && f->left != 0 && (f->device < 0 || f->device == dev->index) &&
	       strcmp(f->row->name, name) == 0;
}

static void take(struct device *dev, struct fault *f)
{
	tell(dev, f);
	if (f->left > 0)
		f->left--;
}

struct fault *fault_get(struct device *dev, const char *name, bool use)
{
	for (size_t i = 0; i < dev->lab->faults.n; i++) {
		struct fault *f = &dev->lab->faults.v[i];
		if (!in_force(dev, f, name))
			continue;
		if (use)
			take(dev, f);
		else if (f->left < 0)
			tell_once(dev, f);
		return f;
	}
	return NULL;
}

bool fault_on(struct device *dev, const char *name)
{
	struct fault *f = fault_get(dev, name, false);
	if (f)
		tell_once(dev, f);
	return f != NULL;
}

int fault_turn(struct device *dev, const char *name)
{
	struct fault *f = fault_get(dev, name, false);
	if (!f)
		return 0;
	tell_once(dev, f);
	return ++f->turns;
}

bool fault_fire(struct device *dev, const char *name)
{
	return fault_get(dev, name, true) != NULL;
}

bool fault_of_port(const struct device *dev, const char *name, const struct port *p)
{
	for (size_t i = 0; i < dev->lab->faults.n; i++) {
		struct fault *f = &dev->lab->faults.v[i];
		if (!in_force(dev, f, name) || (f->arg && strcmp(f->arg, p->name) != 0))
			continue;
		tell_once(dev->lab->devices.v[dev->index], f);
		return true;
	}
	return false;
}

struct fault *fault_match(struct device *dev, const char *name, const char *text)
{
	for (size_t i = 0; i < dev->lab->faults.n; i++) {
		struct fault *f = &dev->lab->faults.v[i];
		regex_t re;
		if (!in_force(dev, f, name) ||
		    regcomp(&re, f->arg ? f->arg : ".", REG_EXTENDED | REG_NOSUB))
			continue;
		bool hit = regexec(&re, text, 0, NULL, 0) == 0;
		regfree(&re);
		if (!hit)
			continue;
		take(dev, f);
		return f;
	}
	return NULL;
}

int fault_meets(struct device *dev, const char *name, const char *text)
{
	struct fault *f = fault_get(dev, name, false);
	regex_t re;
	int times = 1;
	if (!f || (!f->met.n && regcomp(&re, f->arg ? f->arg : ".", REG_EXTENDED | REG_NOSUB)))
		return 0;
	if (!f->met.n) {
		bool hit = regexec(&re, text, 0, NULL, 0) == 0;
		regfree(&re);
		if (!hit)
			return 0;
	}
	for (size_t i = 0; i < f->met.n; i++)
		times += str_eq(f->met.v[i], text);
	if (times < 3)
		VEC_PUSH(&f->met, xstrdup(text));
	return times;
}

void fault_moment(struct device *dev, const char *moment)
{
	struct lab *lab = dev->lab;
	for (size_t i = 0; i < lab->faults.n; i++) {
		struct fault *f = &lab->faults.v[i];
		if (touches(f, (size_t)dev->index) && !f->armed && f->moment &&
		    strcmp(f->moment, moment) == 0)
			arm(lab, f);
	}
}

void fault_apply(struct device *dev)
{
	for (size_t i = 0; i < dev->lab->faults.n; i++) {
		struct fault *f = &dev->lab->faults.v[i];
		if (touches(f, (size_t)dev->index) && f->armed && f->left < 0 && f->row->apply)
			apply(dev, f);
	}
}
