#!/bin/sh
# SPDX-License-Identifier: ISC
# The job and its process: a hold and a retry, kill -9 and resume, Ctrl-C and attach, pause; a
# password is asked for by nobody and stored nowhere.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	p=$(process)
	[ -z "$p" ] || kill -9 "$p" 2>/dev/null
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
process() {
	"$PROG" --state "$S" show t1 2>/dev/null | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p'
}
runs() {
	[ -n "$(process)" ]
}
state_is() {
	"$PROG" --state "$S" --json show t1 | grep -q "\"state\":\"$1\",\"reason\""
}
working_on() { # a step is under way in this phase
	"$PROG" --state "$S" show t1 | grep -q "spine01 .*running .*$1"
}

expect 0 lab up --fabric small --dir "$L" --speed 100 --to 4.2.0 --fault spine01:install-failsx1 ||
	finish
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --password
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
bad '--password-stdin' check --to 4.2.0 --hosts spine01 --name t1

with_password() {
	"$PROG" --state "$S" "$@" --password-stdin <"$L/password" >"$TMP/out" 2>"$TMP/err"
}
with_password upgrade --to 4.2.0 --hosts spine01 --name t1 --yes --set drain-settle=0
[ $? -eq 1 ] || fail "the only device failed, and the job did not"
shown 'FAILED'
bad 'not a device' retry t1 leaf01

# The operator tries again, and goes away with Ctrl-C
"$PROG" --state "$S" retry t1 spine01 --password-stdin <"$L/password" >"$TMP/out" 2>"$TMP/err" &
follower=$!
wait_for 60 working_on Install || fail "no install"
wait_for 60 runs || fail "no process"
kill -INT $follower
wait $follower
[ $? -eq 130 ] || fail "the interrupted follower did not end with 130"
said 'goes on without you'
runs || fail "the job did not go on"

# Power loss, then resume
kill -9 "$(process)"
runs && fail "the process is still there"
expect 4 attach t1 && said 'No process runs this job'

# What it goes on with, or back to, stays; the images in any other version need not
for version in 4.2.0 4.1.1; do
	id=$("$PROG" --state "$S" image list | sed -n "s/^\([0-9a-f]*\) .*$version.*/\1/p")
	expect 6 image del "$id" && said "is in use by the job 't1'"
done
head -c 1000 /dev/zero >"$TMP/cumulus-linux-4.3.0-vx-amd64.bin"
expect 0 image add "$TMP/cumulus-linux-4.3.0-vx-amd64.bin" --unchecked
id=$("$PROG" --state "$S" image list | sed -n "s/^\([0-9a-f]*\) .*4\.3\.0.*/\1/p")
expect 0 image del "$id"

with_password resume t1
[ $? -eq 0 ] || { fail "resume: $?"; cat "$TMP/out" "$TMP/err" >&2; }
n=$(grep -c '"device":"spine01","event":"reboot"' "$L/lab.log")
[ "$n" -eq 1 ] || fail "rebooted $n times"
expect 0 report t1 --format json && shown '"retry"'

# The password is nowhere
password=$(cat "$L/password")
grep -rqF -- "$password" "$S" && fail "the password is in the state directory"
finish
