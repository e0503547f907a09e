#!/bin/sh
# SPDX-License-Identifier: ISC
# The terminal goes away while a job is followed: killed with a SIGHUP, killed with the SIGHUP
# ignored by the parent, and frozen (nobody reads it any more). The follower ends (or waits, when it
# is frozen) without burning CPU, and the job goes on to its end without it.
. "${srcdir:-.}/tests/cli/lib.sh"

command -v script >/dev/null || { echo "no script(1) here"; exit 77; }
L=$TMP/lab
at_end() {
	[ -z "$terminal" ] || kill -CONT $terminal 2>/dev/null
	[ -z "$terminal" ] || kill -9 $terminal 2>/dev/null
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
terminal=

state_of() {
	"$PROG" --state "$S" show "$1" 2>/dev/null | head -n 1 | grep -q "): $2"
}
followers() { # processes that follow a job on a terminal
	pgrep -f -- "--state $S upgrade --name $1 " | while read -r p; do
		[ "$(ps -o comm= -p "$p")" != hitless ] || echo "$p"
	done
}
nobody_follows() { [ -z "$(followers "$1")" ]; }
ticks() { # CPU time that a process has used, in clock ticks
	awk '{print $14 + $15}' "/proc/$1/stat" 2>/dev/null || echo 0
}

expect 0 lab up --fabric small --dir "$L" --speed 60 --to 4.2.0 || finish
expect 0 setting set clock-speed 60
grep -m1 "\"port\"" "$L/inventory.json" | tr -dc 0-9 >"$TMP/port"
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done

# start NAME DEVICE WRAPPER: follow an upgrade in a terminal of its own
start() {
	script -qfc "$3 $PROG --state $S upgrade --name $1 --to 4.2.0 --hosts $2 --yes" "$TMP/typescript" \
		</dev/null >/dev/null 2>&1 &
	terminal=$!
	wait_for 60 state_of "$1" running || fail "$1 does not start"
}

goes_on() { # NAME HOW
	wait_for 60 nobody_follows "$1" || fail "$2: the follower is still there: $(followers "$1")"
	wait_for 60 state_of "$1" done || fail "$2: the job did not come to its end"
}

start hup spine01 ""
kill -9 $terminal
goes_on hup "terminal killed"

start nohup spine02 "trap '' HUP; exec"
kill -9 $terminal
goes_on nohup "terminal killed, SIGHUP ignored"

# Frozen: the job does not wait for whoever follows it, and the follower does not burn CPU.
start frozen leaf01 ""
kill -STOP $terminal
wait_for 60 state_of frozen done || fail "frozen terminal: the job did not come to its end"
for p in $(followers frozen); do
	used=$(ticks "$p")
	[ "$used" -lt 200 ] || fail "frozen terminal: the follower used $used ticks of CPU"
done
n=$(grep -c '"event":"reboot"' "$L/lab.log")
[ "$n" -eq 3 ] || fail "three switches, $n reboots"
# A process that is killed between its last record and giving its devices back leaves their locks: the
# rows are put back as they were then. They are nobody's, and the next job says that it takes them.
if command -v python3 >/dev/null; then
	python3 - "$S/hitless.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
number, address = db.execute("SELECT number, 'address 127.66.0.21:' || ? FROM jobs WHERE name = 'hup'",
    [open(sys.argv[1].rsplit("/", 2)[0] + "/port").read().strip()]).fetchone()
db.execute("INSERT INTO device_locks (identity, name, job, since) VALUES (?, 'spine01', ?, 1)",
    [address, number])
db.commit()
PYTHON
	expect 0 locks && shown 'nobody: the job is over, the next one takes it'
	expect 0 locks --json && shown '"left":true'
	expect 0 upgrade --name next --to 4.2.0 --hosts spine01 --set reinstall=yes --yes
	shown "are taken over: spine01 ('hup')"
	given_back() { ! "$PROG" --state "$S" locks | grep -q spine01; }
	wait_for 60 given_back || fail "the next job keeps the device"
fi
# The state directory goes away: nothing can be written down, so nothing more is done, and both say why
expect 0 lab fault --dir "$L" leaf02:install-hangs
"$PROG" --state "$S" upgrade --name lost --to 4.2.0 --hosts leaf02 --yes >"$TMP/out" 2>"$TMP/err" \
	</dev/null &
follower=$!
working() {
	"$PROG" --state "$S" show lost 2>/dev/null | grep -q '^leaf02 .*running .*Install'
}
wait_for 60 working || fail "the job does not come to the install"
p=$("$PROG" --state "$S" show lost | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p')
mv "$S" "$TMP/moved"
wait $follower
[ $? -eq 2 ] || fail "the follower did not fail"
said 'hitless.db was removed, or another one is in its place'
over() { [ ! -e "/proc/$p" ]; }
wait_for 60 over || fail "the process of the job is still there"
[ -e "$S" ] && fail "the state directory was made again"
grep -q 'stopped: .*hitless.db was removed' "$TMP/moved/hitless.log" || fail "the log does not say why"
mv "$TMP/moved" "$S"
expect 4 attach lost && said 'No process runs this job'
finish
