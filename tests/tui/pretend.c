/* SPDX-License-Identifier: ISC */
/*
 * For pictures that are the same on every machine: what the machine and the network would say.
 * Linked with --wrap for each of these functions, and only when PRETEND is set: other tests drive the
 * same screens against what is really there.
 */
#include "config.h"

#include "base/err.h"
#include "base/i18n.h"
#include "run/contact.h"
#include "run/doctor.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the doctor ------------------------------------------------------------------------------- */

struct once {
	const char *id;
	enum doctor_level level;
	const char *evidence, *action;
};

/* In the words of the doctor itself; NULL: formatted(). */
static const struct once found[] = {
    {"libraries", DOCTOR_OK, "libssh 0.10.6; SQLite 3.45.1; PCRE2 10.42; ncurses 6.4.20240113",
     NULL},
    {"terminal", DOCTOR_OK, "xterm-256color, 80x24", NULL},
    {"locale", DOCTOR_OK, "C.UTF-8, UTF-8", NULL},
    {"state", DOCTOR_OK, "/var/lib/hitless", NULL},
    {"temporary", DOCTOR_OK, "/tmp", NULL},
    {"logout", DOCTOR_OK, N_("a job goes on after the logout"), NULL},
    {"shutdown", DOCTOR_ERROR, NULL,
     N_("'shutdown -c' takes it back; or wait until it is through")},
    {"clock", DOCTOR_WARNING, NULL,
     N_("see that it is right (timedatectl); a window begins and ends by it")},
    {"random", DOCTOR_OK, N_("there"), NULL},
    {"jobs", DOCTOR_OK, N_("none runs"), NULL},
};
static const struct once other = {.evidence = N_("none yet")};

static char *formatted(const char *id)
{
	return str_eq(id, "shutdown")
		   ? xasprintf(_("this machine is to go down at %s"), "2026-11-21 03:00")
		   : xasprintf(_("%s; it is not synchronised"), "2026-11-21 02:04");
}

static void replace(struct doctor_finding *f, const struct once *by)
{
	char *text = by->evidence ? xstrdup(_(by->evidence)) : formatted(by->id);
	f->level = by->level;
	str_clear(&f->evidence);
	str_clear(&f->action);
	str_puts(&f->evidence, text);
	str_puts(&f->action, by->action ? _(by->action) : NULL);
	free(text);
}

/* It really looks, and what it found is then replaced by what it could have found elsewhere: all
 * well but two things. */
void __real_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out);
void __wrap_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out);
void __wrap_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out)
{
	__real_doctor_examine(o, quick, out);
	if (!getenv("PRETEND"))
		return;
	for (size_t i = 0; i < out->n; i++) {
		const struct once *by = &other;
		for (size_t k = 0; k < LEN(found); k++)
			by = str_eq(out->v[i].id, found[k].id) ? &found[k] : by;
		replace(&out->v[i], by);
	}
}

/* --- host keys -------------------------------------------------------------------------------- */

/* Every device asked for shows a key that nobody has seen yet. */
int __real_contacts_scan(struct store *s, const struct inventory *inv, const size_t *devices,
			 size_t n, const struct pace *pace,
			 int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
			 struct contacts *out, struct err *e);
int __wrap_contacts_scan(struct store *s, const struct inventory *inv, const size_t *devices,
			 size_t n, const struct pace *pace,
			 int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
			 struct contacts *out, struct err *e);
int __wrap_contacts_scan(struct store *s, const struct inventory *inv, const size_t *devices,
			 size_t n, const struct pace *pace,
			 int (*progress)(void *ctx, size_t done, size_t total), void *ctx,
			 struct contacts *out, struct err *e)
{
	if (!getenv("PRETEND"))
		return __real_contacts_scan(s, inv, devices, n, pace, progress, ctx, out, e);
	for (size_t i = 0; i < n; i++) {
		struct contact *k = VEC_ADD(out);
		k->device = devices[i];
		k->verdict = KNOWN_NOT;
		(void)snprintf(k->fingerprint, sizeof(k->fingerprint), "SHA256:%043zu", devices[i]);
	}
	out->fresh = n;
	return 0;
}
