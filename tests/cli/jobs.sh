#!/bin/sh
# SPDX-License-Identifier: ISC
# Five jobs at once, a sixth refused; a device asked for twice, also from another state directory,
# refused with the name of who has it; a job that was killed lets go of the machine.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
T=$TMP/other # of another team on the same machine
process() { # STATE JOB
	"$PROG" --state "$1" show "$2" 2>/dev/null | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p'
}
at_end() {
	for job in spine01 leaf01 leaf03 border01 fw1 spine02 late theirs; do
		for state in "$S" "$T"; do
			p=$(process "$state" $job)
			[ -z "$p" ] || kill "$p" 2>/dev/null
		done
	done
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
desk() { # STATE
	"$PROG" --state "$1" setting set clock-speed 60 >/dev/null &&
		"$PROG" --state "$1" inventory import "$L/inventory.json" >/dev/null &&
		cp "$L/known_hosts" "$1/known_hosts" &&
		"$PROG" --state "$1" credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519" >/dev/null
	for image in "$L"/images/*.bin; do
		"$PROG" --state "$1" image add "$image" >/dev/null || fail "cannot add $image"
	done
}
# begun STATE DEVICE NAME: a job that has begun, holds its device and waits for a night long after this one
begun() {
	"$PROG" --state "$1" upgrade --name "$3" --to 4.2.0 --hosts "$2" --yes \
		--window '2126-01-01 01:00-05:00' >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
}
free() { ! kill -0 "$1" 2>/dev/null; }

expect 0 lab up --fabric reference --dir "$L" --speed 60 --to 4.2.0 || finish
desk "$S"
desk "$T"

for device in spine01 leaf01 leaf03 border01 fw1; do
	begun "$S" $device $device
	[ $got -eq 0 ] || fail "$device does not wait for its window: status $got: $(tail -n 3 "$TMP/out" "$TMP/err")"
	grep -q 'waits for the maintenance window, which opens 2126-01-01 01:00' "$TMP/out" || fail "$device does not say what it waits for"
	[ -n "$(process "$S" $device)" ] || fail "nobody runs $device"
done

# the sixth, also when its pre-checks were made before
expect 3 upgrade --name spine02 --to 4.2.0 --hosts spine02 --yes
shown 'Total number of jobs 6 exceeded Max jobs supported 5'
expect 0 setting set job-limit 6
expect 0 check --name late --to 4.2.0 --hosts spine02
expect 0 setting set job-limit 5
p=$(process "$S" late) && [ -z "$p" ] || wait_for 60 free "$p" || fail "a check has still a process"

# one device asked for twice
expect 0 locks
shown leaf01
shown "pid $(process "$S" leaf01)"
expect 0 locks --json
shown '"identity":"serial '
expect 0 setting set job-limit 0
expect 6 upgrade --name again --to 4.2.0 --hosts leaf01 --yes
shown 'already being upgraded'
shown "job 'leaf01'"

# the same from another state directory: the kernel says who it is
begun "$T" leaf01 theirs
[ $got -eq 6 ] || fail "another state directory got the device: status $got"
shown "job 'leaf01'"
shown "pid $(process "$S" leaf01)"

# nobody is away before that night: it is said when that is
begun "$S" spine02 spines
[ $got -eq 0 ] || fail "spine02 does not wait for its window: status $got"
expect 6 upgrade --name third --to 4.2.0 --hosts spine03 --yes
grep -q 'spine03 waits: 2 of role spine are away or will be, at most 2 may be (the job "[a-z0-9]*" waits for its window, which opens 2126-01-01 01:00' \
	"$TMP/out" "$TMP/err" || { fail "it does not say why"; cat "$TMP/out" "$TMP/err" >&2; }

# killed: the machine is free at once, its own state directory is not
p=$(process "$S" leaf01)
kill -9 "$p"
wait_for 60 free "$p" || fail "it is still there"
expect 6 upgrade --name again --to 4.2.0 --hosts leaf01 --yes
shown "no process runs it: resume or cancel it"
expect 0 locks
shown "no process"
begun "$T" leaf01 theirs
[ $got -eq 0 ] || fail "the device is not free: status $got: $(tail -n 5 "$TMP/out" "$TMP/err")"
# and who comes back finds it taken
expect 6 resume leaf01
said "job 'theirs'"
p=$(process "$T" theirs)
kill "$p"
wait_for 60 free "$p" || fail "it does not end"
expect 1 cancel leaf01
expect 0 locks
not_shown "no process"

# an order for a process that ends without having seen it is carried out all the same, by another one
if command -v python3 >/dev/null; then
	queued() {
		[ "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM commands").fetchone()[0])' "$S/hitless.db")" -eq 1 ]
	}
	p=$(process "$S" leaf03)
	kill -STOP "$p"
	"$PROG" --state "$S" cancel leaf03 >"$TMP/cancel" 2>&1 </dev/null &
	teller=$!
	wait_for 60 queued || fail 'the order is not queued'
	kill -9 "$p"
	wait $teller
	[ $? -eq 1 ] || fail "the order was not followed to its end: $(cat "$TMP/cancel")"
	expect 0 show leaf03
	shown 'cancelled'
fi

# not more devices than a job may have
expect 0 setting set device-limit 3
bad '12 devices are chosen, a job may have 3' check --name all --to 4.2.0
finish
