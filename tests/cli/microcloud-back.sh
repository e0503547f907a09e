#!/bin/sh
# SPDX-License-Identifier: ISC
# The way back of a MicroCloud's member: as long as another one runs the old revision, and never
# when the data of the new one cannot be read by it. Where there is none, the reason is said.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

old=1271

# micro02 does not come back with the new revision: it goes back to the old one, then all of them
cloud 3 back
expect 0 lab fault --dir "$L" micro02:snap-stays-down=microceph
expect 4 upgrade --to $TO --name all --set ask=no --timeout ceph-services=300 --yes
shown 'Not all monitors and OSDs came back after micro02'
expect 0 lab fault --dir "$L" --clear micro02
expect 4 rollback all micro02
expect 0 show all && shown '1 rolled back'
expect 0 show all --device micro02 && shown 'Revert the snap'
[ "$(revision micro02 microceph)" = $old ] || fail "micro02 runs $(revision micro02 microceph)"
[ "$(revision micro01 microceph)" != $old ] || fail 'micro01 runs the old revision'
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind'
expect 1 cancel all
# who failed is in the way of its group until the operator says that it is well
expect 1 skip all micro02
expect 1 rollback all micro01
[ "$(revision micro01 microceph)" = $old ] || fail "micro01 runs $(revision micro01 microceph)"
[ "$(events revert-begin | grep -c .)" -eq 2 ] || fail "reverted: $(events revert-begin)"
judged

# Once all members have it there is no way back: refused, and nothing is sent
cloud 3 late
expect 0 upgrade --to $TO --name all --set ask=no --yes
expect 2 rollback all micro01
said 'micro01 cannot go back, microcloud is through on 3 of 3 devices'
said 'older revisions can no longer read it'
expect 0 show all && shown 'done: 3 done'
judged

# From the last component: it alone goes back, and what stays of the others is said
cloud 3 parts
expect 0 lab fault --dir "$L" micro02:snap-stays-down=microcloud
expect 4 upgrade --to $TO --name all --set ask=no --set snapshots=no --timeout cloud-services=120 --yes
expect 0 lab fault --dir "$L" --clear micro02
"$PROG" --state "$S" rollback all micro02 >"$TMP/out" 2>"$TMP/err"
said 'Past its point of no return, left as it is on micro02: microceph, microovn, lxd.'
expect 0 show all && shown '; left as it is: microceph, microovn, lxd'
shown '1 rolled back'
judged

# The last one has it, too, but does not come back: its members know that it is too late
cloud 3 last
expect 0 lab fault --dir "$L" micro03:osd-stays-down
expect 4 upgrade --to $TO --name all --set ask=no --timeout ceph-services=300 --yes
expect 4 rollback all micro03
shown 'microceph: no other member runs the old revision any more'
events revert-begin | grep . && fail 'something was reverted'
judged

# Another release of Ceph is never left backwards
cloud 3 track 1.1
expect 0 lab fault --dir "$L" micro02:osd-stays-down
expect 4 upgrade --to $TO --name all --set way=upgrade --set backups=yes --set ask=no \
	--timeout ceph-services=300 --yes
expect 4 rollback all micro02
shown 'its monitor has written its data in the format of another release of Ceph'
events revert-begin | grep . && fail 'something was reverted'
judged
finish
