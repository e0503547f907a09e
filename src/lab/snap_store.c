/* SPDX-License-Identifier: ISC */
/* What the snap store has: channels and their revisions. */
#include "config.h"

#include "lab/cloud.h"

#include <string.h>

const char *const snap_names[SNAPS] = {"microceph", "microovn", "lxd", "microcloud"};

int snap_find(const char *name)
{
	for (int i = 0; i < SNAPS; i++)
		if (str_eq(snap_names[i], name))
			return i;
	return -1;
}

static const struct snap_rev revisions[] = {
    {SNAP_CEPH, 793, "quincy/stable", "0+git.4a608fc", "2023-12-12", 98, 3, "17.2.6", "quincy",
     NULL, NULL, false},
    {SNAP_CEPH, 1139, "reef/stable", "18.2.4+snapc9f2b08f92", "2024-11-14", 101, 8, "18.2.4",
     "reef", NULL, NULL, false},
    {SNAP_CEPH, 1271, "squid/stable", "19.2.0+snap2fbf0bad05", "2025-02-10", 104, 14, "19.2.0",
     "squid", NULL, NULL, false},
    {SNAP_CEPH, 1601, "squid/stable", "19.2.3+snap0f4a16b7c1", "2026-03-18", 106, 17, "19.2.3",
     "squid", NULL, NULL, false},
    {SNAP_CEPH, 1612, "squid/stable", "19.2.3+snap61c0aa94de", "2026-04-20", 106, 18, "19.2.3",
     "squid", NULL, NULL, true},
    {SNAP_CEPH, 1701, "tentacle/stable", "20.2.1+snap7d1e3ac02f", "2026-04-27", 111, 21, "20.2.1",
     "tentacle", NULL, NULL, false},
    {SNAP_OVN, 395, "22.03/stable", "22.03.3+snap0e23a0e4f5", "2023-12-05", 27, 2, "22.03.3", NULL,
     "6.1.0", "20.21.0", false},
    {SNAP_OVN, 667, "24.03/stable", "24.03.2+snapa2c59c105b", "2025-01-20", 30, 6, "24.03.2", NULL,
     "7.3.0", "20.33.0", false},
    {SNAP_OVN, 905, "24.03/stable", "24.03.6+snap15f04d7c3a", "2026-02-24", 31, 6, "24.03.6", NULL,
     "7.3.0", "20.33.0", false},
    {SNAP_OVN, 917, "24.03/stable", "24.03.6+snapd48e2bb70c", "2026-04-21", 31, 7, "24.03.6", NULL,
     "7.3.0", "20.33.0", true},
    {SNAP_OVN, 960, "26.03/stable", "26.03.0+snap3be9c551d0", "2026-04-30", 33, 9, "26.03.0", NULL,
     "7.16.0", "21.6.0", false},
    {SNAP_LXD, 27049, "latest/stable", "5.20-f3dd836", "2024-02-07", 178, 380, "5.20", NULL, NULL,
     NULL, false},
    {SNAP_LXD, 33110, "5.21/stable", "5.21.3-c5ae129", "2025-04-01", 112, 412, "5.21.3", NULL, NULL,
     NULL, false},
    {SNAP_LXD, 38767, "5.21/stable", "5.21.4-aee7e08", "2026-04-09", 123, 418, "5.21.4", NULL, NULL,
     NULL, false},
    {SNAP_LXD, 38911, "5.21/stable", "5.21.4-7be1f6a", "2026-04-22", 123, 419, "5.21.4", NULL, NULL,
     NULL, true},
    {SNAP_LXD, 38800, "6/stable", "6.5-39c6ebb", "2026-04-12", 125, 455, "6.5", NULL, NULL, NULL,
     false},
    {SNAP_CLOUD, 734, "1/stable", "1.1-04a1c49", "2023-12-13", 17, 1, "1.1", NULL, NULL, NULL,
     false},
    {SNAP_CLOUD, 1144, "2/stable", "2.1.0-3e8b183", "2025-02-26", 19, 4, "2.1.0 LTS", NULL, NULL,
     NULL, false},
    {SNAP_CLOUD, 1390, "2/stable", "2.1.1-9cc07b2", "2026-03-30", 19, 4, "2.1.1 LTS", NULL, NULL,
     NULL, false},
    {SNAP_CLOUD, 1402, "2/stable", "2.1.1-f10b6e3", "2026-04-23", 19, 5, "2.1.1 LTS", NULL, NULL,
     NULL, true},
    {SNAP_CLOUD, 1460, "3/stable", "3.0-51d3aa7", "2026-04-29", 20, 7, "3.0", NULL, NULL, NULL,
     false},
};

/* A MicroCloud version and the revisions that are known to be good with it. */
static const struct {
	const char *version;
	int revs[SNAPS];
} sets[] = {
    {"1.", {793, 395, 27049, 734}},
    {"2.1.0", {1271, 667, 33110, 1144}},
    {"2.", {1601, 905, 38767, 1390}},
    {"3.", {1601, 905, 38800, 1460}},
};

static const struct snap_rev *newest(enum snap_id snap, const char *channel, bool phased)
{
	const struct snap_rev *found = NULL;
	for (size_t i = 0; i < LEN(revisions); i++)
		if (revisions[i].snap == snap && str_eq(revisions[i].channel, channel) &&
		    (phased || !revisions[i].phased))
			found = &revisions[i];
	return found;
}

/* A release that is rolled out bit by bit: by a fault this member is on the other side of it. */
const struct snap_rev *store_offers(struct member *m, enum snap_id snap, const char *channel,
				    bool phased)
{
	struct fault *f = fault_get(m->dev, "store-phased", false);
	bool other = f && (!f->arg || str_eq(f->arg, snap_names[snap]));
	if (other && fault_on(m->dev, "store-phased"))
		phased = !phased;
	return newest(snap, channel, phased);
}

const struct snap_rev *store_revision(enum snap_id snap, int rev)
{
	for (size_t i = 0; i < LEN(revisions); i++)
		if (revisions[i].snap == snap && revisions[i].rev == rev)
			return &revisions[i];
	return NULL;
}

const struct snap_rev *store_of_cloud(enum snap_id snap, const char *version)
{
	for (size_t i = 0; i < LEN(sets); i++)
		if (str_starts(version, sets[i].version))
			return store_revision(snap, sets[i].revs[snap]);
	return store_revision(snap, sets[1].revs[snap]);
}

const char *store_channel(enum snap_id snap, size_t n)
{
	const char *last = NULL;
	for (size_t i = 0; i < LEN(revisions); i++) {
		if (revisions[i].snap != snap || str_eq(revisions[i].channel, last))
			continue;
		last = revisions[i].channel;
		if (n-- == 0)
			return last;
	}
	return NULL;
}
