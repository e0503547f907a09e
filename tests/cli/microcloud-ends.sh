#!/bin/sh
# SPDX-License-Identifier: ISC
# Every way out of a MicroCloud's upgrade while the election timers of OVN are long for all members:
# cancel, failure, kill -9 with resume and with cancel. They are what they were, noout is gone, and no
# later job takes the long ones for what they were. The lab ends with a violation where one is left.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

long() { # both databases are so long
	[ "$(count election-timer)" -ge 8 ]
}
at_micro02() { # it is in the middle of microovn
	events refresh-begin | grep -q '^micro02 microovn'
}
begin() { # JOB: in the background, until micro02 refreshes microovn
	"$PROG" --state "$S" upgrade --to $TO --name "$1" --set ask=no --set snapshots=no --yes \
		>"$TMP/up" 2>&1 &
	follower=$!
	wait_for 90 at_micro02 || fail "micro02 has not come to microovn: $(cat "$TMP/up")"
	long || fail 'the timers are not long'
	ssh_to micro02 sudo -n cat /var/lib/hitless-election-timers && shown 'nb 1000' && shown 'sb 1000'
}
idle() { # snapd, everywhere
	for m in 1 2 3; do
		ssh_to micro0$m 'snap changes' && ! grep -q ' Doing ' "$TMP/out" || return 1
	done
}
timers() { # what they are now, and whether something is left on a member
	for m in 1 2 3; do
		ssh_to micro0$m sudo -n microovn.ovn-appctl \
			-t /var/snap/microovn/common/run/ovn/ovnnb_db.ctl cluster/status OVN_Northbound
		shown "Election timer: $1"
		ssh_to micro0$m sudo -n microovn.ovn-appctl \
			-t /var/snap/microovn/common/run/ovn/ovnsb_db.ctl cluster/status OVN_Southbound
		shown "Election timer: $1"
		[ "$1" -gt 1000 ] || ! ssh_to micro0$m sudo -n ls /var/lib/hitless-election-timers ||
			fail "micro0$m: what the timers were is still kept there"
	done
}
die() { # JOB: its process is killed, and who followed it before that: nobody starts another one
	p=$(process "$1")
	kill -9 $follower
	[ -n "$p" ] && kill -9 "$p" || fail 'no process to kill'
	wait $follower
}

# Cancel in the middle
cloud 3 cancel
begin all
expect 0 cancel all
wait $follower
timers 1000
expect 0 show all --device micro03 && shown 'Put the election timers back'
# ... and nobody is "not touched" who had microceph upgraded
expect 0 show all
shown 'cancelled: 0 done, 0 failed, 0 rolled back, 0 not touched; stopped on the way: 3 (upgraded so far: hold 3/3, microceph 3/3, timers 3/3'
expect 0 show all --device micro03 && shown 'it has hold, microceph, timers'
judged

# A member fails: the others still need them; when the operator gives up they are put back
cloud 3 fails
expect 0 lab fault --dir "$L" micro02:change-aborts=microovn
expect 4 upgrade --to $TO --name all --set ask=no --set snapshots=no --yes
shown 'snapd undid the refresh'
timers 16000
expect 1 cancel all && shown '0 done, 1 failed'
timers 1000
# ... and who is tried again after that is not refreshed with short ones
refreshed=$(events refresh-begin | grep -c '^micro02 microovn')
expect 0 lab fault --dir "$L" --clear micro02
wait_for 60 idle || fail 'snapd does not end its changes'
"$PROG" --state "$S" retry all micro02 >"$TMP/out" 2>&1 </dev/null
shown 'The election timers of OVN are short again'
[ "$(events refresh-begin | grep -c '^micro02 microovn')" -eq "$refreshed" ] || fail 'refreshed with short timers'
judged

# The process dies, another one goes on
cloud 3 resume
begin all
die all
expect 0 resume all && shown '3 done, 0 failed'
[ "$(events refresh-begin | grep -c '^micro02 microovn')" -eq 1 ] || fail 'micro02: refreshed twice'
timers 1000
judged

# The process dies, and the operator wants no more of it. Until then no other job gets the members
cloud 3 killed
begin all
die all
expect 6 check --to $TO --name other && shown 'micro01 is already being upgraded'
"$PROG" --state "$S" cancel all >"$TMP/out" 2>&1
cancelled() {
	"$PROG" --state "$S" show all 2>/dev/null | grep -q '^Job "all".*: cancelled'
}
wait_for 60 cancelled || fail "not cancelled: $(cat "$TMP/out")"
timers 1000
judged

# They cannot be put back: that is said, and the next job knows what they were
cloud 3 left
begin all
for m in 1 2 3; do expect 0 lab fault --dir "$L" micro0$m:fails=change-election-timer; done
expect 0 cancel all
wait $follower
timers 16000
grep -q 'could not be done' "$TMP/up" || fail "not told: $(tail -3 "$TMP/up")"
expect 0 show all --device micro01 && shown 'still changed on the device: timer-raise'
expect 0 show all && shown 'Left on micro01: "Put the election timers back" could not be done'
[ "$(grep -c 'Left on micro01: "Put the election timers back"' "$TMP/out")" -eq 1 ] || fail "told twice"
for m in 1 2 3; do expect 0 lab fault --dir "$L" --clear micro0$m; done
wait_for 60 idle || fail 'snapd does not end its changes'
rev=$(events refresh-end | sed -n 's/^micro01 microovn \([0-9]*\) .*/\1/p')
next() { # it may meet members that wait for each other
	"$PROG" --state "$S" upgrade --to $TO --name next --set "microovn-revision=$rev" \
		--set ask=no --yes >"$TMP/out" 2>"$TMP/err" </dev/null
}
next
got=$?
shown 'A job before this one raised the election timers of OVN on micro01 and has not put them back'
shown 'nb 1000 sb 1000'
if [ $got -eq 3 ]; then
	for check in ovn-members ovn-schema; do
		"$PROG" --state "$S" waive next $check --reason 'left half way' >/dev/null 2>&1
	done
	next || fail "next: $?"
fi
shown '3 done'
timers 1000
judged

# A member does not answer any more while it is out: noout is taken back by another one, nothing is
# left, and nobody speaks of election timers that nobody has touched yet
out() {
	[ "$(count noout-set)" -gt "$(count noout-unset)" ] &&
		events refresh-begin | grep -q '^micro02 microceph'
}
cloud 3 gone
"$PROG" --state "$S" upgrade --to $TO --name all --set ask=no --set snapshots=no --yes \
	>"$TMP/up" 2>&1 &
follower=$!
wait_for 90 out || fail 'micro02 is not refreshed'
expect 0 lab fault --dir "$L" micro02:unreachable
wait $follower
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind by a member that is gone'
expect 1 cancel all
grep -q 'could not be done' "$TMP/up" "$TMP/out" && fail "something is left: $(tail -3 "$TMP/up")"
judged

# noout of somebody else stays
cloud 3 others
expect 0 lab fault --dir "$L" micro01:noout-set
expect 3 check --to $TO --name all --set ask=no --set snapshots=no
expect 3 waive all ceph-flags --reason 'somebody works on it'
expect 0 waive all ceph-health --reason 'somebody works on it'
expect 0 upgrade --to $TO --name all --set ask=no --set snapshots=no --yes && shown '3 done, 0 failed'
[ "$(count noout-unset)" -eq 0 ] || fail "somebody else's noout was removed"
ssh_to micro01 sudo -n microceph.ceph osd unset noout
"$PROG" lab down --dir "$L" >/dev/null 2>&1
grep violation "$L/lab.log" | grep -v noout-left && fail 'violations'

# Cancel while LXD is refreshed everywhere at once: one that has not got it would leave all blocked
one_has() {
	[ "$(events refresh-begin | grep -c ' lxd ')" -ge 1 ]
}
cloud 3 middle
expect 4 upgrade --to $TO --name all --set snapshots=no --yes
expect 4 answer all 1 go
expect 4 answer all 2 go && shown 'point of no return of lxd'
expect 0 lab fault --dir "$L" micro02:change-busy=lxd
"$PROG" --state "$S" answer all 3 go >"$TMP/up" 2>&1 &
follower=$!
wait_for 90 one_has || fail 'lxd is not refreshed'
expect 0 cancel all
cancelling() {
	"$PROG" --state "$S" show all 2>/dev/null | grep -q 'cancelling'
}
wait_for 60 cancelling || fail 'the cancel is not heard'
expect 0 lab fault --dir "$L" --clear micro02:change-busy
wait $follower
[ "$(events refresh-end | grep -c ' lxd .*Done')" -eq 3 ] || fail "not on all: $(events refresh-end | grep lxd)"
grep -q 'past its point of no return on all devices at once' "$TMP/up" || fail "not said: $(tail -5 "$TMP/up")"
online() {
	ssh_to micro01 sudo -n lxc cluster list && [ "$(grep -c ONLINE "$TMP/out")" -eq 3 ]
}
wait_for 60 online || fail "LXD is not back: $(cat "$TMP/out")"
[ -z "$(events refresh-begin | grep microcloud)" ] || fail 'it went on after the cancel'
judged
finish
