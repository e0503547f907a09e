/* SPDX-License-Identifier: ISC */
/* The doctor's checks of what the program stands on: libraries, terminal, locale, procedures. */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/program.h"
#include "model/judge.h"
#include "model/version.h"
#include "run/procedures.h"
#include "transport/ssh.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ASK_MS 3000

/* --- libraries -------------------------------------------------------------------------------- */

/* What the newest fixes need; configure asks for the same when the program is built. */
static const struct {
	const char *name, *least;
} needed[] = {
    {"SQLite", "3.37"},
    {"PCRE2", "10.32"},
    {"ncurses", "6.1"},
};

static void judge_library(struct doctor_finding *f, size_t which, const char *version)
{
	const char *digits = version + strcspn(version, "0123456789");
	char *number = xstrndup(digits, strspn(digits, "0123456789."));
	bool old = !*number || version_compare(number, needed[which].least) < 0;
	doctor_found(
	    f, old ? DOCTOR_ERROR : DOCTOR_OK,
	    xasprintf("%s %s", needed[which].name, *number ? number : "?"),
	    old ? xasprintf(_("update %s to %s or newer"), needed[which].name, needed[which].least)
		: NULL);
	free(number);
}

/* A patched package keeps the version of the library, so the package manager is asked. */
static const struct {
	const char *argv[6];
	const char *patched; /* Debian: the first fixed revision; NULL: the answer names the fix */
} packages[] = {
    {{"dpkg-query", "-W", "-f=${Version}", "libssh-4", NULL}, "0.10.6-0+deb12u3"},
    {{"rpm", "-q", "--changelog", "libssh", NULL}, NULL},
};
#define NAMED_FIX "CVE-2026-59847"

static bool at_least(const char *version, const char *least)
{
	struct str out = {0};
	char *const argv[] = {(char *)"dpkg",  (char *)"--compare-versions",
			      (char *)version, (char *)"ge",
			      (char *)least,   NULL};
	bool yes = program_ask(argv, ASK_MS, &out, NULL) == 0;
	str_release(&out);
	return yes;
}

/* *package (new) is what the package manager says, NULL: no answer. */
static bool package_fixed(char **package)
{
	bool fixed = false;
	*package = NULL;
	for (size_t i = 0; i < LEN(packages) && !*package; i++) {
		struct str out = {0};
		if (program_ask((char *const *)(uintptr_t)packages[i].argv, ASK_MS, &out, NULL) ==
		    0) {
			fixed = packages[i].patched ? at_least(str_text(&out), packages[i].patched)
						    : strstr(str_text(&out), NAMED_FIX) != NULL;
			*package = xstrdup(packages[i].patched ? str_text(&out) : NAMED_FIX);
		}
		str_release(&out);
	}
	return fixed;
}

/* reliability.md 010, 011: GCM tags not verified, and kill(-1) after a fork that failed. */
static void judge_ssh(struct doctor_finding *f)
{
	char *version = ssh_library(), *package = NULL;
	bool new =
	    version_compare(version, "0.12.1") >= 0 ||
	    (version_compare(version, "0.11.5") >= 0 && version_compare(version, "0.12.0") < 0);
	if (new || package_fixed(&package))
		doctor_found(f, DOCTOR_OK,
			     xasprintf("libssh %s%s%s%s", version, package ? " (" : "",
				       package ? package : "", package ? ")" : ""),
			     NULL);
	else
		doctor_found(f, DOCTOR_WARNING,
			     package
				 ? xasprintf(_("libssh %s (package %s) lacks the security fixes "
					       "of 2026 (CVE-2026-59845, -59847)"),
					     version, package)
				 : xasprintf(_("libssh %s may lack the security fixes of 2026 "
					       "(CVE-2026-59845, -59847)"),
					     version),
			     xstrdup(_("update the package of libssh")));
	free(package);
	free(version);
}

void doctor_libraries(const struct doctor *d, struct doctor_finding *f)
{
	judge_ssh(f);
	char *pattern = pattern_library();
	judge_library(f, 0, store_library());
	judge_library(f, 1, pattern);
	if (d->o->terminal)
		judge_library(f, 2, d->o->terminal->library);
	free(pattern);
}

/* --- terminal and locale ---------------------------------------------------------------------- */

static void judge_size(const struct doctor_terminal *t, struct doctor_finding *f)
{
	if (t->width >= 80 && t->height >= 24)
		doctor_found(f, DOCTOR_OK,
			     xasprintf(_("%d columns, %d lines"), t->width, t->height), NULL);
	else
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("%d columns, %d lines"), t->width, t->height),
			     xstrdup(_("make the window at least 80 columns wide and 24 lines high "
				       "(or say so: stty cols 80 rows 24)")));
}

void doctor_screen(const struct doctor *d, struct doctor_finding *f)
{
	const struct doctor_terminal *t = d->o->terminal;
	if (!t || !t->there) {
		doctor_found(f, DOCTOR_OK, xstrdup(_("no terminal here: verbs only")), NULL);
		return;
	}
	if (!t->usable)
		doctor_found(
		    f, DOCTOR_ERROR,
		    xasprintf(_("terminal type \"%s\" cannot show screens"), t->type),
		    xstrdup(_("set TERM to what the terminal is (xterm-256color, vt220, ...), "
			      "or use the verbs")));
	else if (!t->known)
		doctor_found(
		    f, DOCTOR_WARNING,
		    xasprintf(_("terminal type \"%s\" is not known here; %s is spoken"), t->type,
			      t->stand_in),
		    xstrdup(_("install the terminal's description (package ncurses-term) or "
			      "set TERM")));
	else
		doctor_found(f, DOCTOR_OK, xasprintf(_("%s, %d colours"), t->type, t->colours),
			     NULL);
	judge_size(t, f);
}

static const char *locale_name(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < LEN(variables); i++) {
		const char *value = getenv(variables[i]);
		if (value && *value)
			return value;
	}
	return "C";
}

/* Not what the name says: what happens to a letter of three bytes. */
static bool speaks_utf8(locale_t locale)
{
	wchar_t letter = 0;
	mbstate_t state = {0};
	locale_t old = uselocale(locale);
	bool yes = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0 &&
		   mbrtowc(&letter, "\xe2\x94\x80", 3, &state) == 3 && wcwidth(letter) == 1;
	(void)uselocale(old);
	return yes;
}

void doctor_locale(const struct doctor *d, struct doctor_finding *f)
{
	const char *name = locale_name();
	locale_t locale = newlocale(LC_ALL_MASK, "", (locale_t)0);
	(void)d;
	if (!locale) {
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("the locale %s is not on this machine: English and ASCII "
					 "only"),
				       name),
			     xstrdup(_("choose one of 'locale -a' (LANG=C.UTF-8), or have it "
				       "generated")));
		return;
	}
	bool plain = str_eq(name, "C") || str_eq(name, "POSIX");
	if (speaks_utf8(locale))
		doctor_found(f, DOCTOR_OK, xasprintf("%s, UTF-8", name), NULL);
	else
		doctor_found(f, plain ? DOCTOR_OK : DOCTOR_WARNING,
			     xasprintf(_("%s: no UTF-8, so lines and names are shown in %s"), name,
				       nl_langinfo_l(CODESET, locale)),
			     plain ? NULL
				   : xstrdup(_("set LANG to a locale with UTF-8 (C.UTF-8)")));
	freelocale(locale);
}

/* --- procedures ------------------------------------------------------------------------------- */

void doctor_procedures(const struct doctor *d, struct doctor_finding *f)
{
	struct err e = {0};
	char **files = NULL;
	size_t n = 0;
	(void)d;
	if (procedures_files(&files, &e) != 0) {
		doctor_found(f, DOCTOR_ERROR, xstrdup(e.text),
			     xstrdup(_("install hitless again, or set HITLESS_DATA_DIR")));
		return;
	}
	for (; files[n]; n++) {
		struct procedure *p = procedure_load(files[n], &e);
		if (!p)
			doctor_found(f, DOCTOR_ERROR, xstrdup(e.text),
				     xasprintf(_("correct or remove %s"), files[n]));
		procedure_free(p);
	}
	doctor_found(f, DOCTOR_OK, xasprintf(ngettext("%zu can be read", "%zu can be read", n), n),
		     NULL);
	strings_free(files);
}
