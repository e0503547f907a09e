#!/bin/sh
# SPDX-License-Identifier: ISC
# A member of a MicroCloud that is dead, and that nobody has thought of: what the operator does about
# it, and that the work goes on after it. Before the upgrade it is taken out of the cluster; when a
# database waits for it nobody can be taken out any more, but by way of the old revision.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

upgrade() { # STATUS NAME
	expect "$1" upgrade --to $TO --name "$2" --set ask=no --set snapshots=no --timeout ceph-online=180 --yes
}
storage_well() {
	ssh_to micro01 sudo -n microceph.ceph health && grep -q HEALTH_OK "$TMP/out"
}
members_well() {
	ssh_to micro01 sudo -n timeout 30 microceph cluster list && ! grep -qE 'UPGRAD|UNREACHABLE' "$TMP/out"
}

cloud 3 before
expect 0 lab fault --dir "$L" micro02:forgotten-member=micro09
upgrade 3 all && shown 'unexpected "not in the group: micro09"' && shown 'microcloud remove NAME'
ssh_to micro01 sudo -n microcloud remove micro09 && fail 'a dead member was asked'
ssh_to micro01 sudo -n microcloud remove micro09 --force || fail "not removed: $(cat "$TMP/err")"
for snap in microceph microovn microcloud; do
	events member-removed | grep -q "^micro01 $snap micro09" || fail "$snap still knows it"
done
upgrade 0 all && shown '3 done, 0 failed'
judged

# the check was waived: the database waits, and so does everybody
cloud 3 waits
expect 0 lab fault --dir "$L" micro02:forgotten-member=micro09
upgrade 3 all
expect 0 waive all members --reason 'it comes back'
upgrade 1 all && shown 'unexpected "member micro09 NEEDS UPGRADE"'
shown 'While it waits no member can be removed'
ssh_to micro01 sudo -n microceph cluster remove micro09 --force && fail 'it was removed'
grep -q 'Database is waiting for an upgrade: 1 cluster members' "$TMP/err" || fail "said: $(cat "$TMP/err")"
events schema | grep microceph && fail 'the database was converted'
[ -z "$(events refresh-begin | grep -v microceph)" ] || fail 'the next component was begun'
# the way that is advised: all back to the revision before, then it can be removed; a new job ends well
for m in 1 2 3; do
	ssh_to micro0$m sudo -n snap revert microceph || fail "micro0$m: $(cat "$TMP/err")"
	wait_for 60 storage_well || fail "not well: $(cat "$TMP/out")"
done
wait_for 60 members_well || fail "not well: $(cat "$TMP/out")"
ssh_to micro03 sudo -n microcloud remove micro09 --force || fail "not removed: $(cat "$TMP/err")"
upgrade 0 again && shown '3 done, 0 failed'
grep -q '"event":"schema","detail":"microceph' "$L/lab.log" || fail 'the database was not converted'
judged
finish
