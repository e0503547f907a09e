#!/bin/bash
# SPDX-License-Identifier: ISC
# The `small` fabric is upgraded over real SSH by a process that is killed (SIGKILL) after every single
# journal write of the whole job; each time a new one goes on. At the end all six switches run the
# new version, and the lab's own log shows one reboot each and never both MLAG peers down.
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

"$prog" lab up --fabric small --speed 60 --dir "$dir/lab" >/dev/null || fail "lab up"
h setting set clock-speed 60 >/dev/null || fail "setting"
h inventory import "$dir/lab/inventory.json" >/dev/null || fail "inventory"
cp "$dir/lab/known_hosts" "$dir/state/known_hosts"
h credential add default --user cumulus --key "$dir/lab/id_ed25519" >/dev/null || fail "credential"
for image in "$dir"/lab/images/*.bin; do h image add "$image" >/dev/null || fail "image"; done

h check --name kill --to 4.2.0 --set snapshots=no >"$dir/check.out" || fail "check: $(cat "$dir/check.out")"
"$order" "$dir/state" kill start || fail "start"

# The first write of a process is that it owns the job; the second one is work. A step that makes
# several records (a list of checks) is begun anew by the next process, so that one lives a write
# longer each time until the step is done.
kills=0 at=2
while :; do
	said=$( { HITLESS_KILL_AT=$at timeout 60 "$crash" --state "$dir/state" run kill; } 2>/dev/null)
	rc=$?
	test $rc != 124 || fail "a run took longer than a minute"
	test $rc = 137 || break
	case $said in *outcome*) at=2 ;; *) at=$((at + 1)) ;; esac
	kills=$((kills + 1))
	test $kills -lt 1500 || fail "no end after $kills kills"
done
test $rc = 0 || fail "the last run ended with $rc"
h show kill --json >"$dir/show.json"
grep -q '"state": *"done"' "$dir/show.json" || fail "the job did not end well"
test $kills -gt 200 || fail "only $kills kills: the hook does not work"

for sw in spine01 spine02 leaf01 leaf02 leaf03 leaf04; do
	n=$(grep -c "\"device\":\"$sw\",\"event\":\"reboot\"" "$dir/lab/lab.log")
	test "$n" = 1 || fail "$sw rebooted $n times"
	grep -q "\"device\":\"$sw\",\"event\":\"installed\",\"detail\":\"4.2.0\"" "$dir/lab/lab.log" ||
		fail "$sw was not installed"
done
! grep '"event":"violation"' "$dir/lab/lab.log" || fail "the lab saw a violation"
echo "killed $kills times, at every journal write; one reboot a switch"
