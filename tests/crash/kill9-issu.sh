#!/bin/bash
# SPDX-License-Identifier: ISC
# A chassis cluster is upgraded in service by a process that is killed (SIGKILL) after every single
# journal write; each time a new one goes on. The lab's log has to show one in-service upgrade, and
# that its two reboots were the box's own; and of a way back one rollback and one reboot, of one node.
set -u

prog=${top_builddir:-.}/hitless
crash=${top_builddir:-.}/tests/crash/hitless-crash
order=${top_builddir:-.}/tests/crash/order
HITLESS_DATA_DIR=$(cd "${top_srcdir:-.}/src" && pwd)
export HITLESS_DATA_DIR
dir=$(mktemp -d)

end() {
	local rc=$?
	"$prog" lab down --dir "$dir/lab" >/dev/null 2>&1
	if test $rc != 0 && test $rc != 77; then
		"$prog" --state "$dir/state" show kill 2>&1 | tail -n 40
		tail -n 15 "$dir/state/hitless.log"
	fi
	rm -rf "$dir"
	exit $rc
}
trap end EXIT
h() { "$prog" --state "$dir/state" "$@"; }
fail() { echo "FAIL: $*"; exit 1; }

"$prog" lab up --fabric srx-pairs --speed 60 --dir "$dir/lab" >/dev/null || fail "lab up"
h setting set clock-speed 60 >/dev/null || fail "setting"
h inventory import "$dir/lab/inventory.json" >/dev/null || fail "inventory"
cp "$dir/lab/known_hosts" "$dir/state/known_hosts"
h credential add default --user "$(cat "$dir/lab/user")" --key "$dir/lab/id_ed25519" >/dev/null ||
	fail "credential"
for image in "$dir"/lab/images/*; do h image add "$image" >/dev/null || fail "image"; done
to=23.4R2-S3.9
h check --name kill --to $to --hosts 'fw1*' --set snapshots=no >"$dir/check.out" ||
	fail "check: $(cat "$dir/check.out")"
"$order" "$dir/state" kill start || fail "start"

# Run a job to its end, killed at every write. As in kill9.sh: the second write of a process is work; a
# step that makes several records lives a write longer each time until it is done.
killed() { # job; gives $rc of the last run and $kills
	local said at=2
	kills=0
	while :; do
		said=$( { HITLESS_KILL_AT=$at timeout 120 "$crash" --state "$dir/state" run "$1"; } \
			2>/dev/null)
		rc=$?
		test $rc != 124 || fail "a run took longer than two minutes"
		test $rc = 137 || break
		case $said in *outcome*) at=2 ;; *) at=$((at + 1)) ;; esac
		kills=$((kills + 1))
		test $kills -lt 1000 || fail "no end after $kills kills"
	done
}
killed kill
test "$rc" = 0 || fail "the last run ended with $rc"
h show kill --json >"$dir/show.json"
grep -q '"state": *"done"' "$dir/show.json" || fail "the job did not end well"
test $kills -gt 30 || fail "only $kills kills: the hook does not work"
writes=$kills

log=$dir/lab/lab.log

# The other cluster: its switchover is refused, and the way back is killed at every write.
count() { # words in the log
	grep -c "$1" "$log"
}
"$prog" lab fault --dir "$dir/lab" fw2-node0:issu-failover-fails >/dev/null || fail "fault"
h check --name back --to $to --hosts 'fw2*' --set snapshots=no >"$dir/check.out" ||
	fail "check: $(cat "$dir/check.out")"
"$order" "$dir/state" back start || fail "start"
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
