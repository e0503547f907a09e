#!/bin/sh
# SPDX-License-Identifier: ISC
# Instances that leave a member of a MicroCloud and come back: live only, what cannot move live, an
# evacuation and a restore that fail. The lab knows where each instance is, and whether it was stopped.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

home() { # all instances are where they were
	ssh_to micro01 sudo -n lxc list -f csv -c nsL
	for m in 1 2 3; do
		for i in vm web; do shown "$i$m,RUNNING,micro0$m"; done
	done
}

# --- Live only: who has something that cannot is named, and not touched ---------------------------
cloud 3 live
expect 3 check --to $TO --name live --set evacuate=live
shown 'Instances of micro02 cannot move live: unexpected "cannot move live: web2 "'
expect 0 check --to $TO --name stops --set evacuate=yes && not_shown 'cannot move live'
expect 0 lab fault --dir "$L" '*:all-live'
expect 0 check --to $TO --name live --set evacuate=live
# one was made after the checks: LXD would refuse it in the middle
expect 4 upgrade --to $TO --name all --set evacuate=live --hold-after hold --yes
expect 0 lab fault --dir "$L" --clear '*'
expect 4 resume all && shown 'Instances of micro01 cannot move live'
[ -z "$(events evacuate-begin)$(events refresh-begin)" ] || fail 'micro01 was touched'
expect 0 lab fault --dir "$L" '*:all-live'
expect 4 retry all && shown 'point of no return of microceph'
expect 4 answer all 1 go && shown 'point of no return of microovn'
[ "$(events evacuate-begin | grep -c .)" -eq 5 ] || fail "evacuated: $(events evacuate-begin)"
[ "$(events evacuate-action | grep -c ' live-migrate')" -eq 5 ] || fail 'LXD was not told to stop nothing'
[ "$(count instance-migrated)" -eq 20 ] || fail "moved live: $(count instance-migrated)"
[ "$(count instance-down)" -eq 0 ] || fail 'an instance was stopped'
home
expect 1 cancel all
judged

# --- One cannot be moved away: those before it come back, and a retry evacuates again --------------
cloud 3 away
expect 0 lab fault --dir "$L" micro02:evacuate-fails
expect 0 lab fault --dir "$L" micro01:restore-fails # LXD itself mends that the second time
expect 0 lab fault --dir "$L" micro03:restore-failsx99
expect 4 upgrade --to $TO --name all --set evacuate=yes --set ask=no --hold-after microceph --yes
shown 'LXD could not move instance web2 away from micro02: Migration failed'
shown 'lxc move web2 --target MEMBER'
home
events refresh-begin | grep -q '^micro02' && fail 'micro02 was refreshed'
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind'

# --- They cannot come back: what is said, what is typed, and a retry restores again ----------------
expect 4 retry all
[ "$(events evacuate-begin | grep -c '^micro02')" -eq 2 ] || fail 'micro02 was not evacuated again'
shown 'LXD could not bring the instances back to micro03: Cannot create volume'
shown 'type sudo lxc cluster restore micro03'
shown "Do it by hand on the device: sudo lxc cluster restore 'micro03'; when it is not evacuated"
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind'
ssh_to micro01 sudo -n lxc cluster list -f csv && grep -q '^micro03,.*EVACUATED' "$TMP/out" || fail 'micro03 is not evacuated'
expect 0 lab fault --dir "$L" --clear micro03
expect 4 retry all && shown 'microceph is through'
for m in 1 2 3; do
	[ "$(events refresh-begin | grep -c "^micro0$m microceph")" -eq 1 ] || fail "micro0$m: $(events refresh-begin)"
done
home
expect 1 cancel all
judged
finish
