#!/bin/sh
# SPDX-License-Identifier: ISC
# The lab as a process: faults set and cleared while a job runs, what it ships, and its end.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
bad 'no lab answers' lab fault --dir "$L"
expect 0 lab up --fabric small --dir "$L" --speed 200 --to 4.2.0 --fault leaf01:boots-old@installx1 ||
	finish
pid=$(cat "$L/lab.pid")
gone() { # ended, reaped or not
	[ ! -e "/proc/$pid" ] || grep -q '^State:.*Z' "/proc/$pid/status"
}

# Set, listed, cleared
expect 0 lab fault --dir "$L" && shown 'leaf01:boots-old-image@installx1 to come'
bad 'no device of that name' lab fault --dir "$L" leaf99:refused
bad 'more than one begins so' lab fault --dir "$L" leaf01:drops
bad 'none is set' lab fault --dir "$L" --clear spine02
bad 'which faults' lab fault --dir "$L" --clear
expect 0 lab fault --dir "$L" spine01:refused 'spine02:slow=2' && shown 'spine01:refused set'
expect 0 lab fault --dir "$L" --clear spine01 spine02:slow && shown 'spine02:slow cleared'
expect 0 lab fault --dir "$L" --json && shown '"faults":["leaf01:boots-old-image@installx1 to come"]'

# Packages: what runs on the switches and what is newer; the message names what is missing, once
expect 0 setting set clock-speed 200
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin "$L"/images/*_3.3.1-*; do
	expect 0 image add "$image"
done
expect 3 check --to 4.2.0 --hosts leaf04 --name agents --set agent-version=3.3.1
for package in netq-agent netq-apps; do
	[ "$(grep -c "$package 3.3.0" "$TMP/out")" -eq 1 ] || fail "$package 3.3.0: not named once"
done
for image in "$L"/images/*_3.3.0-*; do
	expect 0 image add "$image"
done
expect 0 check --to 4.2.0 --hosts leaf04 --name agents --set agent-version=3.3.1

# Two addresses are mixed up in the inventory: another switch would be upgraded
used=$S S=$TMP/mixed
one=$(tr -d ' \t\n' <"$L/inventory.json" | sed 's/.*"name":"leaf04","address":"\([^"]*\)".*/\1/')
other=$(tr -d ' \t\n' <"$L/inventory.json" | sed 's/.*"name":"spine02","address":"\([^"]*\)".*/\1/')
sed "s/\"$one\"/\"mixed\"/; s/\"$other\"/\"$one\"/; s/\"mixed\"/\"$other\"/" "$L/inventory.json" >"$TMP/mixed.json"
expect 0 inventory import "$TMP/mixed.json"
cp "$used"/credentials.json "$S"
expect 0 setting set clock-speed 200
expect 0 --json host-key scan --accept
expect 3 check --to 4.2.0 --hosts leaf04 --name mixed
shown "The switch at $other calls itself spine02, not leaf04"
S=$used

# One job: leaf03 fails, leaf01 is rolled back, leaf02 goes on after its copy was cut off; the last two
# of these faults come while the job works on others
expect 0 lab fault --dir "$L" leaf02:upload-cut=40%x1
"$PROG" --state "$S" upgrade --to 4.2.0 --hosts 'leaf*' --name three --yes \
	--set agent-version=3.3.1 >"$TMP/job" 2>&1 </dev/null &
job=$!
on_its_way() {
	"$PROG" --state "$S" show three 2>/dev/null | grep -q 'leaf02 .*running'
}
wait_for 60 on_its_way || fail "leaf02 does not begin"
expect 0 lab fault --dir "$L" leaf03:install-fails
wait $job
[ $? -eq 1 ] || { fail "the job did not end with failures"; cat "$TMP/job" >&2; }
expect 0 show three
for line in 'leaf01 .*rolled back' 'leaf02 .*done' 'leaf03 .*failed' 'leaf04 .*done'; do
	grep -q "^$line" "$TMP/out" || { fail "not so: $line"; cat "$TMP/out" >&2; }
done
expect 0 lab fault --dir "$L" && shown 'leaf02:upload-cut=40% used up' && shown 'install-fails used up'
grep -q '"device":"leaf02","event":"dropped"' "$L/lab.log" || fail "the copy was not cut off"
expect 1 retry three leaf03 # the fault was for the first attempt; leaf01 stays rolled back
expect 0 show three && grep -q '^leaf03 .*done' "$TMP/out" || fail "the second attempt failed"
for device in leaf01 leaf02 leaf03 leaf04; do
	n=$(grep -c "\"device\":\"$device\",\"event\":\"reboot\"" "$L/lab.log")
	[ "$n" -eq 1 ] || fail "$device was rebooted $n times"
done
expect 0 lab fault --dir "$L" --clear '*'
expect 0 lab fault --dir "$L" && said 'no faults'

# What these upgrades taught is what a plan goes by, and a rehearsal of the same request
expect 0 --json plan --to 4.2.0 --hosts spine01 --name spine
grep -q '"estimate_from":.*learnt from' "$TMP/out" || fail "the plan knows nothing of what was learnt"
for step in install-unprovisioned wait-boot-new-key apply-nvue check-agent; do # which it will not do
	if grep -q "\"step\":[[:space:]]*\"$step\"" "$TMP/out"; then fail "$step counts"; fi
done
grep -q '"step":[[:space:]]*"install"' "$TMP/out" || fail "install does not count"
expect 0 --json rehearse --to 4.2.0 --hosts spine01 --name spine
grep -q '"estimate_from":"learnt from' "$TMP/out" || fail "the rehearsal knows nothing of what was learnt"

# A demo that cannot begin leaves nothing behind; what an earlier one left is not taken for its own
mkdir "$TMP/tmp"
used=$S S=$TMP/fresh
TMPDIR=$TMP/tmp expect 2 demo --headless --fault nobody:refused && said 'no device of that name'
S=$used
TMPDIR=$TMP/tmp bad "there is something in $S already" demo --headless
[ -z "$(ls "$TMP/tmp")" ] || fail "the demo left something"
mkdir -p "$TMP/demo/state"
"$PROG" demo --headless --dir "$TMP/demo" 2>"$TMP/err" && fail "a demo in what an earlier one left"
said "there is something in $TMP/demo/state already"

# The end: by lab down, which waits for it, and by a signal
expect 0 lab down --dir "$L" && shown 'its process has ended'
wait_for 60 gone || fail "a process is left behind"
expect 0 lab down --dir "$L" && shown 'no lab runs'
expect 0 lab up --fabric small --dir "$L"
pid=$(cat "$L/lab.pid")
kill -TERM "$pid"
wait_for 60 gone || fail "SIGTERM does not end it"
expect 0 lab status --dir "$L" && shown 'not running'
finish
