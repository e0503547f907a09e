#!/bin/bash
# SPDX-License-Identifier: ISC
# A chassis cluster is upgraded in service by a process that is killed (SIGKILL) after every single
# journal write; each time a new one goes on. The lab's log has to show one in-service upgrade, and
# that its two reboots were the box's own.
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

# As in kill9.sh: the second write of a process is work; a step that makes several records lives a
# write longer each time until it is done.
kills=0 at=2
while :; do
	said=$( { HITLESS_KILL_AT=$at timeout 120 "$crash" --state "$dir/state" run kill; } 2>/dev/null)
	rc=$?
	test $rc != 124 || fail "a run took longer than two minutes"
	test $rc = 137 || break
	case $said in *outcome*) at=2 ;; *) at=$((at + 1)) ;; esac
	kills=$((kills + 1))
	test $kills -lt 1000 || fail "no end after $kills kills"
done
test "$rc" = 0 || fail "the last run ended with $rc"
h show kill --json >"$dir/show.json"
grep -q '"state": *"done"' "$dir/show.json" || fail "the job did not end well"
test $kills -gt 30 || fail "only $kills kills: the hook does not work"

log=$dir/lab/lab.log

# The other cluster: killed while it listens to the upgrade, and while it looks how far that is.
h check --name stages --to $to --hosts 'fw2*' --set snapshots=no >"$dir/check.out" ||
	fail "check: $(cat "$dir/check.out")"
"$order" "$dir/state" stages start || fail "start"
for stage in 4 9; do # a third owner that sees nothing new would ask the operator
	"$crash" --state "$dir/state" run stages >/dev/null 2>&1 &
	pid=$!
	until grep -q "\"event\":\"issu-stage\",\"detail\":\"fw2 $stage " "$log"; do
		kill -0 $pid || fail "it ended before stage $stage"
		sleep 0.05
	done
	kill -9 $pid
	wait $pid 2>/dev/null
done
timeout 120 "$crash" --state "$dir/state" run stages >/dev/null 2>&1 || fail "the last run: $?"
h show stages | grep -q '^Job "stages".*: done: 2 done' || fail "stages is not done"

! grep '"event":"issu-refused"' "$log" || fail "a second one was asked for"
for f in fw1 fw2; do
	n=$(grep -c "\"event\":\"issu-start\",\"detail\":\"$f " "$log")
	test "$n" = 1 || fail "$f: $n in-service upgrades"
	for node in $f-node0 $f-node1; do
		n=$(grep -c "\"device\":\"$node\",\"event\":\"reboot\"" "$log")
		test "$n" = 1 || fail "$node rebooted $n times"
		grep -q "\"device\":\"$node\",\"event\":\"installed\",\"detail\":\"$to\"" "$log" ||
			fail "$node was not installed"
	done
done
! grep '"event":"reboot"' "$log" | grep -v in-service-upgrade || fail "a reboot was ours"
! grep '"event":"violation"' "$log" || fail "the lab saw a violation"
echo "killed at $kills writes, and in two stages; one upgrade a cluster, no reboot of ours"
