/* SPDX-License-Identifier: ISC */
/* snap save, saved, export-snapshot: the data of a snap as it is now. */
#include "config.h"

#include "lab/snap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAVE_MS = 6000, SAVED_BYTES = 2 << 20 };

static void age(int64_t ms, char text[24])
{
	int64_t s = ms / 1000;
	if (s < 60)
		(void)snprintf(text, 24, "%llds", (long long)s);
	else if (s < 3600)
		(void)snprintf(text, 24, "%lldm", (long long)(s / 60));
	else
		(void)snprintf(text, 24, "%lldh", (long long)(s / 3600));
}

static void print_saves(struct sh *sh, int set)
{
	static const char *const head[] = {"Set", "Snap", "Age", "Version", "Rev", "Size", "Notes"};
	const struct member *m = sh->dev->member;
	struct lab_table t = {.columns = LEN(head)};
	char text[24];
	for (size_t i = 0; i < LEN(head); i++)
		lab_table_add(&t, "%s", head[i]);
	for (size_t i = 0; i < m->saves.n; i++) {
		const struct snap_save *s = &m->saves.v[i];
		if (set >= 0 && s->set != set)
			continue;
		age(sh->lab->now - s->at, text);
		lab_table_add(&t, "%d", s->set);
		lab_table_add(&t, "%s", snap_names[s->snap]);
		lab_table_add(&t, "%s", text);
		lab_table_add(&t, "%s", s->rev->version);
		lab_table_add(&t, "%d", s->rev->rev);
		lab_table_add(&t, "2.10MB");
		lab_table_add(&t, "-");
	}
	lab_table_print(&t, TABLE_TABS, sh->out);
}

int snap_save(struct sh *sh, int argc, char **argv)
{
	struct member *m = sh->dev->member;
	if (sh->uid)
		return say(sh, 1, "error: access denied (try with sudo)");
	for (int i = 2; i < argc; i++)
		if (snap_find(argv[i]) < 0)
			return say(sh, 1, "error: snap \"%s\" is not installed", argv[i]);
	if (vfs_free(&m->dev->vfs) < SAVED_BYTES)
		return say(
		    sh, 1,
		    "error: cannot perform the following tasks:\n- Save data of snap \"%s\" in "
		    "snapshot set #1 (write /var/lib/snapd/snapshots: no space left on device)",
		    argc > 2 ? argv[2] : "lxd");
	if (!proc_sleep(sh->proc, SAVE_MS))
		return 137;
	int set = m->saves.n ? m->saves.v[m->saves.n - 1].set + 1 : 1;
	for (int s = 0; s < SNAPS; s++) {
		bool named = argc == 2;
		for (int i = 2; i < argc; i++)
			named |= str_eq(argv[i], snap_names[s]);
		if (named)
			VEC_PUSH(&m->saves, ((struct snap_save){.set = set,
								.snap = (enum snap_id)s,
								.rev = m->snaps[s].rev,
								.at = sh->lab->now}));
	}
	lab_log(sh->lab, sh->dev, "saved", "set %d", set);
	print_saves(sh, set);
	return 0;
}

int snap_saved(struct sh *sh, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (sh->uid)
		return say(sh, 1, "error: access denied (try with sudo)");
	if (!sh->dev->member->saves.n)
		return say(sh, 0, "No snapshots found.");
	print_saves(sh, -1);
	return 0;
}

int snap_export(struct sh *sh, int argc, char **argv)
{
	const struct member *m = sh->dev->member;
	int set = argc > 2 ? atoi(argv[2]) : -1;
	bool found = false;
	for (size_t i = 0; i < m->saves.n; i++)
		found |= m->saves.v[i].set == set;
	if (argc < 4)
		return say(sh, 1,
			   "error: the required arguments `<id>` and `<filename>` were not "
			   "provided");
	if (!found)
		return say(sh, 1,
			   "error: cannot export snapshot %s: no snapshot set with the given id",
			   argv[2]);
	struct blob *data = blob_new();
	blob_printf(data, "snapshot set %d of %s\n", set, sh->dev->name);
	bool ok = file_write(sh, argv[3], data, false, "error");
	blob_unref(data);
	if (ok)
		blob_printf(sh->out, "Exported snapshot #%d into \"%s\"\n", set, argv[3]);
	return ok ? 0 : 1;
}
