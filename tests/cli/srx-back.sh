#!/bin/sh
# SPDX-License-Identifier: ISC
# Chassis clusters: never both nodes back, and what is nearly done goes forward; errors of the old
# primary and of a secondary that is gone; a cancel in the middle; another branch of the software.
. "${srcdir:-.}/tests/cli/srx-lib.sh"

# the five steps, where the other node is the newer one
first='peer stop-peer now now-peer one set-peer same same-peer groups'
last='moved abort abort-peer boot-peer reboot-peer wait-peer cluster release clean-up'

fabric back

# --- another branch is asked about: waived with a reason; an older version is not
expect 3 check --to 22.4X53-D70 --hosts 'fw1*' --name branch && shown 'another branch or system'
bad '--reason TEXT is missing' waive branch version-path
expect 3 waive branch version-path --reason 'the vendor supports it' # there is no such image, too
shown 'waived      version-path'
expect 3 check --to 21.4R3-S5 --hosts 'fw1*' --name older && shown 'never goes to an older version'
bad 'cannot be waived' waive older version-path --reason 'we want it'

# --- a cancel in the middle: the node that follows is upgraded already, and goes on to the end, also
# when the one that leads is there before it
"$PROG" --state "$S" upgrade --to $TO --hosts 'fw1*' --name cancelled --yes >"$TMP/cancelled" 2>&1 \
	</dev/null &
middle() { [ "$(count fw1-node1 up)" -gt "$ups" ]; }
ups=$(count fw1-node1 up)
wait_for 60 middle || fail 'the secondary is not up'
fault 'fw1-node1:fails=show chassis cluster status'
expect 0 cancel cancelled
wait_for 120 is_state cancelled fw1-node0 done || fail 'the leader is not done first'
mended
wait
is_state cancelled fw1-node0 done || fail 'the leader is not done'
is_state cancelled fw1-node1 done || { fail 'who follows is not done'; cat "$TMP/cancelled" >&2; }

# --- the old primary cannot be installed: the card tells that; back, though group 0 is on hold
fault fw2-node0:install-fails
upgrade install 'fw2*'
shown 'could not be installed on a node of fw2'
expect 3 check --to $TO --hosts 'fw2*' --name two
shown 'fw2-node1 and fw2-node0 do not run the same version: ' && shown 'roll the newer node back by name'
moved=$(sent 'failover redundancy-group 0 node 0')
rollback install fw2-node0
[ "$(sent 'failover redundancy-group 0 node 0')" -eq $((moved + 1)) ] || fail 'tried while it was on hold'
said 'fw2-node1 has the new version: it is rolled back and reboots, alone.'
grep -q 'fw2-node0 *rolled back' "$TMP/out" || { fail 'fw2 is not back'; cat "$TMP/out" >&2; }
[ "$(sent 'software rollback node 1')$(sent 'software rollback node 0')" = 10 ] || fail 'not node 1'
went install fw2-node0 "look gone $first hold move-1 $last"
mended
judged install

# --- the secondary is gone: the one that is left is out of the upgrade, and the console is named
fault fw2-node1:never-returns
upgrade gone 'fw2*'
shown 'error 4.1'
rollback gone fw2-node0
said 'Which node of fw2 has the new version is looked at first'
shown 'of fw2 is gone' && shown 'At the console of fw2-node1'
aborts=$(grep '"device":"fw2-node0"' "$log" | grep -c 'in-service-upgrade abort')
[ "$aborts" -ge 1 ] || fail 'the survivor was not told'
went gone fw2-node0 'look gone leave reach!'
expect 0 lab fault --dir "$L" --clear fw2-node1
back_again() {
	rollback gone fw2-node0
	grep -q 'fw2-node0 *rolled back' "$TMP/out"
}
wait_for 60 back_again || { fail 'not back when it came up'; cat "$TMP/out" >&2; }
went gone fw2-node0 "look gone leave reach $first $last"
judged gone

# --- the old primary does not reboot, not even when it is told to. Back would be both nodes: refused.
# One goes forward by a retry, the other one is rebooted by hand. No second upgrade
fabric forward
fault fw1-node0:primary-stays 'fw1-node0:fails=request system reboot' \
	fw2-node0:primary-stays 'fw2-node0:fails=request system reboot'
upgrade stays 'fw*'
shown 'fw1-node0 refused the reboot' && shown 'fw2-node0 refused the reboot'
mended
rollback stays fw1-node0
shown 'Nothing is rolled back: both nodes of fw1 have' && shown 'Go forward: hitless retry'
[ "$(sent 'software rollback')" -eq 0 ] || fail 'something was rolled back'
went stays fw1-node0 'look gone peer stop-peer now now-peer free free-peer one!'
"$PROG" --state "$S" retry stays fw1-node0 >"$TMP/out" 2>&1 </dev/null
wait_for 60 is_state stays fw1-node0 done || { fail 'fw1 is not forward'; cat "$TMP/out" >&2; }
ups=$(count fw2-node0 up)
on_node 127.66.0.80 'request system reboot'
up_again() { [ "$(count fw2-node0 up)" -gt "$ups" ]; }
wait_for 60 up_again || fail 'not rebooted by hand'
expect 0 retry stays fw2-node0
wait_for 60 is_job stays 'done: 4 done' || { fail 'not done'; "$PROG" --state "$S" show stays >&2; }
[ "$(sent ' in-service-upgrade /var/tmp')" -eq 2 ] || fail 'not one upgrade a cluster'
for device in fw1-node0 fw1-node1 fw2-node0 fw2-node1; do
	[ "$(count $device reboot)" -eq 1 ] || fail "$device: not one reboot"
done
judged forward

# --- a host of virtual machines has a rollback of its own
fabric vmhost --platform srx2300 --from 23.4R1.9 --to $TO
# what its new version does not take is found before anything is installed; one that has no command for
# that goes on: the upgrade itself validates
fault fw1-node0:validate-fails
upgrade invalid 'fw1*'
shown 'The new version does not take the configuration of fw1'
[ "$(sent ' in-service-upgrade /var/tmp')" -eq 0 ] || fail 'not found before'
mended
fault fw1-node1:cold-sync-stuck fw1-node0:no-host-validate
upgrade vmhost 'fw1*'
shown 'error 6.1'
mended
rollback vmhost fw1-node0
grep -q 'fw1-node0 *rolled back' "$TMP/out" || { fail 'a vmhost is not back'; cat "$TMP/out" >&2; }
[ "$(sent 'request vmhost software rollback node 1')" -eq 1 ] || fail 'not by vmhost'
went vmhost fw1-node0 "look gone $first $last"
judged vmhost
finish
