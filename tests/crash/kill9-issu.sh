#!/bin/bash
# SPDX-License-Identifier: ISC
# A chassis cluster is upgraded in service by a process that is killed (SIGKILL) after every single
# journal write; each time a new one goes on. The lab's log has to show one in-service upgrade, and
# that its two reboots were the box's own; and of a way back one rollback and one reboot, of one node.
. "${top_srcdir:-.}/tests/crash/lib.sh"

to=23.4R2-S3.9
lab_up srx-pairs
started kill --to $to --hosts 'fw1*'
killed_and_done kill 30
writes=$kills

# The other cluster: its switchover is refused, and the way back is killed at every write.
count() { # words in the log
	grep -c "$1" "$log"
}
"$prog" lab fault --dir "$dir/lab" fw2-node0:issu-failover-fails >/dev/null || fail "fault"
started back --to $to --hosts 'fw2*'
timeout 120 "$crash" --state "$dir/state" run back >/dev/null 2>&1
h show back | grep -q 'error 7.1' || fail "no error 7.1"
"$order" "$dir/state" back rollback fw2-node0 || fail "rollback"
killed back
h show back | grep -q '^Job "back".* 1 rolled back' || fail "not rolled back"
test $kills -gt 10 || fail "only $kills kills of the way back"
test "$(count 'request system software rollback')" = 1 || fail "not one rollback"
test "$(count 'request system software rollback node 1')" = 1 || fail "another node"
test "$(count 'admin: request system reboot node 1')" = 1 || fail "not one reboot of ours"
grep '"event":"reboot","detail":"request system reboot"' "$log" | grep -q fw2-node1 ||
	fail "another node was rebooted"

# Once more: killed while it listens to the upgrade, and while it looks how far that is.
"$order" "$dir/state" back retry fw2-node0 || fail "retry"
for stage in 4 9; do # a third owner that sees nothing new would ask the operator
	"$crash" --state "$dir/state" run back >/dev/null 2>&1 &
	pid=$!
	until test "$(count "\"event\":\"issu-stage\",\"detail\":\"fw2 $stage ")" = 2; do
		kill -0 $pid || fail "it ended before stage $stage"
		sleep 0.05
	done
	kill -9 $pid
	wait $pid 2>/dev/null
done
timeout 120 "$crash" --state "$dir/state" run back >/dev/null 2>&1 || fail "the last run: $?"
h show back | grep -q '^Job "back".*: done: 2 done' || fail "the second try is not done"

! grep '"event":"issu-refused"' "$log" || fail "a second one was asked for"
test "$(count '"event":"issu-start","detail":"fw1 ')" = 1 || fail "fw1: not one upgrade"
test "$(count '"event":"issu-start","detail":"fw2 ')" = 2 || fail "fw2: not one upgrade a job"
while read -r node wanted; do
	n=$(count "\"device\":\"$node\",\"event\":\"reboot\",\"detail\":\"in-service-upgrade")
	test "$n" = "$wanted" || fail "$node rebooted $n times"
	grep -q "\"device\":\"$node\",\"event\":\"installed\",\"detail\":\"$to\"" "$log" ||
		fail "$node was not installed"
done <<'END'
fw1-node0 1
fw1-node1 1
fw2-node0 1
fw2-node1 2
END
test "$(count 'request system reboot"')" = 1 || fail "a reboot was ours"
! grep '"event":"violation"' "$log" || fail "the lab saw a violation"
echo "killed at $writes writes, at $kills of a way back, and in two stages"
