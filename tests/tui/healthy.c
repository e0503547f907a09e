/* SPDX-License-Identifier: ISC */
/*
 * For pictures that are the same on every machine: the doctor really looks, and what it found is then
 * replaced by what it found once on another machine: all well but two things. Linked with --wrap.
 */
#include "config.h"

#include "base/err.h"
#include "run/doctor.h"

static const struct {
	const char *id;
	enum doctor_level level;
	const char *evidence, *action;
} once[] = {
    {"libraries", DOCTOR_OK, "ncurses 6.4, libssh 0.10.6, SQLite 3.45.1, PCRE2 10.42", NULL},
    {"space", DOCTOR_WARNING, "9 GiB free in /var/lib/hitless, 12 GiB are wanted for 3 images",
     "Remove images that no job needs: hitless image del ID"},
    {"clock", DOCTOR_ERROR, "the clock went back 41m between two looks",
     "Start a time service: systemctl enable --now chrony"},
};

static void replace(struct doctor_finding *f, enum doctor_level level, const char *evidence,
		    const char *action)
{
	f->level = level;
	str_clear(&f->evidence);
	str_clear(&f->action);
	str_puts(&f->evidence, evidence);
	str_puts(&f->action, action);
}

void __real_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out);
void __wrap_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out);
void __wrap_doctor_examine(const struct doctor_options *o, bool quick, struct doctor_findings *out)
{
	__real_doctor_examine(o, quick, out);
	for (size_t i = 0; i < out->n; i++) {
		replace(&out->v[i], DOCTOR_OK, "1", NULL);
		for (size_t k = 0; k < LEN(once); k++)
			if (str_eq(out->v[i].id, once[k].id))
				replace(&out->v[i], once[k].level, once[k].evidence, once[k].action);
	}
}
