/* SPDX-License-Identifier: ISC */
/* The doctor's checks of the machine: restart, clock, memory, temporary files, random numbers. */
#include "config.h"

#include "run/doctor_parts.h"

#include "base/clock.h"
#include "base/path.h"
#include "run/rehearsal_owner.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#define MEMORY_OWN    ((int64_t)64 << 10)    /* KiB */
#define MEMORY_DEVICE ((int64_t)300)         /* KiB (design: what a connected device may take) */
#define TMP_ROOM      ((int64_t)16 << 20)    /* bytes */
#define CLOCK_FIRST   INT64_C(1767225600000) /* 2026-01-01: this program did not exist before */
#define CLOCK_JUMP_MS 5000
#define CLOCK_SETTING "clock-course"

/* --- restart ---------------------------------------------------------------------------------- */

/* systemd writes down a shutdown that was ordered for later: USEC= and MODE=. */
static void judge_scheduled(const struct doctor *d, struct doctor_finding *f)
{
	struct str text = {0};
	char when[32];
	if (doctor_read(d, "/run/systemd/shutdown/scheduled", &text)) {
		clock_local(doctor_number(str_text(&text), "USEC=") / 1000, when);
		doctor_found(
		    f, DOCTOR_ERROR, xasprintf(_("this machine is to go down at %s"), when),
		    xstrdup(_("'shutdown -c' takes it back; or wait until it is through")));
	}
	str_release(&text);
}

static void judge_marks(const struct doctor *d, struct doctor_finding *f)
{
	static const struct {
		const char *path, *found, *action;
	} marks[] = {
	    {"/run/nologin", N_("logins are closed (/run/nologin): it is going down"),
	     N_("wait until it is through")},
	    {"/etc/nologin", N_("logins are closed (/etc/nologin)"),
	     N_("ask who closed them, and why")},
	    {"/run/reboot-required", N_("updates wait for a restart of this machine"),
	     N_("restart it before the job, not during it")},
	};
	for (size_t i = 0; i < LEN(marks); i++) {
		char *path = doctor_path(d, marks[i].path);
		if (path_exists(path))
			doctor_found(f, DOCTOR_WARNING, xstrdup(_(marks[i].found)),
				     xstrdup(_(marks[i].action)));
		free(path);
	}
}

static bool says_reboot(const char *text)
{
	static const char key[] = "Unattended-Upgrade::Automatic-Reboot \"true\"";
	for (const char *at = strstr(text, key); at; at = strstr(at + 1, key)) {
		const char *line = at;
		while (line > text && line[-1] != '\n')
			line--;
		if (!strstr(line, "//") || strstr(line, "//") > at)
			return true;
	}
	return false;
}

static void judge_unattended(const struct doctor *d, struct doctor_finding *f)
{
	static const char dir[] = "/etc/apt/apt.conf.d";
	char *full = doctor_path(d, dir);
	DIR *list = opendir(full);
	const struct dirent *x;
	while (list && (x = readdir(list))) {
		struct str text = {0};
		char *path = path_join(dir, x->d_name);
		if (x->d_name[0] != '.' && doctor_read(d, path, &text) &&
		    says_reboot(str_text(&text)))
			doctor_found(f, DOCTOR_WARNING,
				     xasprintf(_("updates may restart this machine by themselves "
						 "(%s)"),
					       path),
				     xstrdup(_("see that it does not happen during the job")));
		str_release(&text);
		free(path);
	}
	if (list)
		closedir(list);
	free(full);
}

void doctor_shutdown(const struct doctor *d, struct doctor_finding *f)
{
	struct str text = {0};
	char span[32] = "?";
	if (doctor_read(d, "/proc/uptime", &text))
		clock_span(atoll(str_text(&text)) * 1000, span);
	str_release(&text);
	doctor_found(f, DOCTOR_OK, xasprintf(_("up for %s"), span), NULL);
	judge_scheduled(d, f);
	judge_marks(d, f);
	judge_unattended(d, f);
}

/* --- clock ------------------------------------------------------------------------------------ */

/* Files that were written in the future: the clock has gone back since. */
static void judge_past(const struct doctor *d, int64_t wall, struct doctor_finding *f)
{
	static const char *const names[] = {"hitless.db", "hitless.db-wal", "inventory.json",
					    "hitless.log"};
	for (size_t i = 0; d->state && i < LEN(names); i++) {
		struct stat st;
		char *path = path_join(d->state, names[i]);
		int64_t ahead = stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * 1000 - wall : 0;
		if (ahead > CLOCK_JUMP_MS) {
			char span[32];
			clock_span(ahead, span);
			doctor_found(f, DOCTOR_WARNING,
				     xasprintf(_("%s was written %s in the future"), path, span),
				     xstrdup(_("the clock went back: set it right before a job")));
			i = LEN(names);
		}
		free(path);
	}
}

/* Within one boot, wall time and time since the boot go together, but for somebody who sets the
 * clock. What they were the last time is kept as "<boot id> <difference>". */
static void judge_course(const struct doctor *d, int64_t wall, struct doctor_finding *f)
{
	struct str boot = {0};
	struct err e = {0};
	if (!d->o->store || d->o->root || !doctor_read(d, "/proc/sys/kernel/random/boot_id", &boot))
		return;
	int64_t now = wall - clock_real()->now(clock_real());
	str_cut(&boot, strcspn(str_text(&boot), "\n"));
	char *old = store_setting(d->o->store, CLOCK_SETTING), *fresh;
	fresh = xasprintf("%s %" PRId64, str_text(&boot), now);
	bool same = old && str_starts(old, str_text(&boot)) && strlen(old) > boot.len;
	int64_t jump = same ? now - atoll(old + boot.len) : 0;
	if (jump > CLOCK_JUMP_MS || jump < -CLOCK_JUMP_MS) {
		char span[32];
		clock_span(jump < 0 ? -jump : jump, span);
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(jump < 0 ? _("the clock was set back by %s")
						: _("the clock was set forward by %s"),
				       span),
			     xstrdup(_("times before and after it cannot be compared; see that it "
				       "is right now")));
	}
	if ((!same || jump > CLOCK_JUMP_MS || jump < -CLOCK_JUMP_MS) &&
	    store_setting_set(d->o->store, CLOCK_SETTING, fresh, &e) != 0)
		doctor_found(f, DOCTOR_WARNING, xstrdup(e.text), NULL);
	free(old);
	free(fresh);
	str_release(&boot);
}

void doctor_clock(const struct doctor *d, struct doctor_finding *f)
{
	struct timex t = {.modes = 0};
	int64_t wall = clock_real()->wall(clock_real());
	char when[32];
	int state = adjtimex(&t);
	clock_local(wall, when);
	if (wall < CLOCK_FIRST)
		doctor_found(f, DOCTOR_ERROR, xasprintf(_("the clock says %s"), when),
			     xstrdup(_("set it (timedatectl)")));
	else if (state < 0)
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("%s; cannot ask whether it is synchronised: %s"), when,
				       strerror(errno)),
			     xstrdup(_("see that it is right (timedatectl)")));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_found(
		    f, DOCTOR_WARNING, xasprintf(_("%s; it is not synchronised"), when),
		    xstrdup(_("see that it is right (timedatectl); a window begins and ends "
			      "by it")));
	else
		doctor_found(f, DOCTOR_OK, xasprintf(_("%s, synchronised"), when), NULL);
	judge_past(d, wall, f);
	judge_course(d, wall, f);
}

/* --- memory, temporary files, random numbers -------------------------------------------------- */

void doctor_memory(const struct doctor *d, struct doctor_finding *f)
{
	struct str text = {0};
	int64_t need = MEMORY_OWN + MEMORY_DEVICE * (int64_t)d->devices;
	int64_t there = doctor_read(d, "/proc/meminfo", &text)
			    ? doctor_number(str_text(&text), "MemAvailable:")
			    : -1;
	if (there < 0)
		doctor_found(f, DOCTOR_WARNING, xstrdup(_("the free memory cannot be asked")),
			     xstrdup(_("look at it yourself (free -m)")));
	else
		doctor_found(f, there < need ? DOCTOR_ERROR : DOCTOR_OK,
			     xasprintf(_("%" PRId64 " MiB are free, %" PRId64 " are needed"),
				       there >> 10, need >> 10),
			     there < need ? xstrdup(_("end other programs")) : NULL);
	str_release(&text);
}

/* Bytes on the disk below it. */
static int64_t tree_bytes(const char *dir)
{
	DIR *list = opendir(dir);
	int64_t sum = 0;
	for (const struct dirent *x; list && (x = readdir(list));) {
		struct stat st;
		char *path = path_join(dir, x->d_name);
		bool self = strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0;
		if (!self && lstat(path, &st) == 0)
			sum += (int64_t)st.st_blocks * 512 +
			       (S_ISDIR(st.st_mode) ? tree_bytes(path) : 0);
		free(path);
	}
	if (list)
		closedir(list);
	return sum;
}

/* Of a rehearsal that was killed: nobody uses it, and in memory it takes that of others. */
static void see_left(void *ctx, const char *dir)
{
	doctor_found(ctx, DOCTOR_WARNING,
		     xasprintf(_("%s is left of a rehearsal that was killed: %" PRId64 " KiB"), dir,
			       tree_bytes(dir) >> 10),
		     xstrdup(_("the next 'hitless rehearse' removes it")));
}

void doctor_temporary(const struct doctor *d, struct doctor_finding *f)
{
	struct stat st;
	const char *given = getenv("TMPDIR");
	char *dir = given && *given == '/' ? xstrdup(given) : doctor_path(d, "/tmp");
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || access(dir, W_OK | X_OK) != 0)
		doctor_found(f, DOCTOR_WARNING, xasprintf(_("%s cannot be written"), dir),
			     xstrdup(_("correct it, or set TMPDIR (demo and lab need it)")));
	else if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		doctor_found(f, DOCTOR_WARNING,
			     xasprintf(_("in %s everybody may delete anybody's files"), dir),
			     xasprintf("chmod +t %s", dir));
	else if (path_free_space(dir) < TMP_ROOM)
		doctor_found(
		    f, DOCTOR_WARNING,
		    xasprintf(_("%s has %" PRId64 " MiB left"), dir, path_free_space(dir) >> 20),
		    xstrdup(_("free some, or set TMPDIR (demo and lab need it)")));
	else
		doctor_found(f, DOCTOR_OK, xstrdup(dir), NULL);
	if (given && *given)
		rehearsal_left(given, see_left, f);
	for (const char *const *place = rehearsal_places; *place; place++) {
		char *path = doctor_path(d, *place);
		if (!str_eq(path, given))
			rehearsal_left(path, see_left, f);
		free(path);
	}
	free(dir);
}

void doctor_random(const struct doctor *d, struct doctor_finding *f)
{
	char byte;
	(void)d;
	if (getrandom(&byte, 1, GRND_NONBLOCK) == 1)
		doctor_found(f, DOCTOR_OK, xstrdup(_("there")), NULL);
	else
		doctor_found(f, DOCTOR_ERROR, xstrdup(_("not ready yet: logins would hang")),
			     xstrdup(_("wait; a virtual machine needs virtio-rng")));
}
