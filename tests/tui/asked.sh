#!/bin/sh
# SPDX-License-Identifier: ISC
# The screens that ask devices, on simulated ones over SSH: discover, learn, check. Run in the build
# directory.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() { # the job waits for its start, in a process of its own
	job=$("$PROG" --state "$S" --json jobs 2>/dev/null | sed -n 's/.*"id":"\([a-z0-9_]*\)".*/\1/p')
	pid=$("$PROG" --state "$S" show "$job" 2>/dev/null |
		sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p')
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" || finish
port=$(grep -m1 '"port"' "$L/inventory.json" | tr -dc 0-9)
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
LC_ALL=C.UTF-8
drive_processes=

# drive TEXT: the script on standard input leads to no error
drive() {
	cat >"$TMP/script"
	tests/tui/drive --state "$S" --out "$TMP" --uncut $drive_processes "$TMP/script" >"$TMP/out" 2>&1 || {
		fail "$1"
		cat "$TMP/out" >&2
	}
}

# First contact: keys are approved, then they are found and added
drive discover <<EOF
open discover
key :
type search 127.66.0.10-25 port $port
key Enter
until New host keys
pass 400
expect never seen are added (6)
key Left Enter
until 6 found
expect leaf01
key a
until 6 devices added
expect 6 devices added
EOF
expect 0 inventory list && shown 'leaf01' && shown '4.1.1'

# What the devices see is shown first, then taken over; a second time nothing is left
drive learn <<EOF
open inventory
key e
until What the devices see
pass 400
expect + leaf01-02  mlag leaf01 leaf02
key Left Enter
until 2 redundancy groups, 12 links
expect 2 redundancy groups, 12 links
key e
until nothing changes
expect nothing changes
pass 400
key Enter
EOF

# Contradictions, after a cable was pulled; a refused login is no contradiction and no second try
expect 0 inventory role-rule add 'leaf*' leaf
expect 0 inventory role-rule add 'spine*' spine
drive agree <<EOF
open inventory
key c
until File and network say the same.
expect File and network say the same.
EOF
expect 0 lab fault --dir "$L" leaf02:link-down=swp51
drive differ <<EOF
open inventory
key c
until Contradictions
expect seen by neither end: leaf02:swp51
EOF
expect 0 lab fault --dir "$L" --clear '*'
expect 0 lab fault --dir "$L" '*:wrong-password'
n=$(grep -c '"event":"login-refused"' "$L/lab.log")
drive refused <<EOF
open inventory
key e
until What the devices see
expect was not asked
expect nothing changes
EOF
[ $(($(grep -c '"event":"login-refused"' "$L/lab.log") - n)) -eq 1 ] || fail "more than one refused login"
expect 0 lab fault --dir "$L" --clear '*'

# What an address refused in an earlier search is tried there again when somebody says so
expect 0 lab fault --dir "$L" '*:wrong-password'
S0=$S S=$TMP/other
mkdir -m 700 "$S" && cp "$S0/known_hosts" "$S0/credentials.json" "$S/"
n=$(grep -c '"event":"login-refused"' "$L/lab.log")
drive once <<EOF
open discover
key :
type search 127.66.0.11 port $port
key Enter
until incorrect credentials
key t
expect nobody refused the login in an earlier search
EOF
expect 0 lab fault --dir "$L" --clear '*'
drive again <<EOF
open discover
key :
type search 127.66.0.11 port $port
key Enter
until 1 address refused default in an earlier search
key t
until 1 found
EOF
[ $(($(grep -c '"event":"login-refused"' "$L/lab.log") - n)) -eq 1 ] || fail "not one refused login"
S=$S0

# The password of one credential holds up nobody else: without it the others are checked, and it is
# asked for again when the checks are. A login that was refused is not tried again because it came.
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
expect 0 credential add typed --user "$(cat "$L/user")" --password
expect 0 inventory set leaf01 credential typed
expect 0 credential add other --user nobody --key "$L/id_ed25519"
expect 0 inventory set leaf03 credential other
n=$(grep -c '"event":"login-refused"' "$L/lab.log")
drive_processes=--processes
drive password <<EOF
open select
key a Enter
until Review devices
key Enter
until Name and version
key Enter
until Job options
key Enter
until Password
until leaf01 waits for the password of credential typed
expect The other devices are checked
uncut
until Cannot log in to leaf03
pass 400
key Tab Enter
expect check again (r) asks for it
until Refused
uncut
key r
until Password
until Cannot log in to leaf03
pass 400
type $(cat "$L/password")
key Enter
until passed    leaf01
until Refused
expect ! 1 error
expect Cannot log in to leaf03
EOF
# Twice for the two times a person asked; without the password no login, and with it one
[ $(($(grep -c '"event":"login-refused"' "$L/lab.log") - n)) -eq 2 ] || fail "a refused login was tried again"
[ "$(grep '"device":"leaf01"' "$L/lab.log" | grep -c '"event":"login".*password')" -eq 1 ] ||
	fail "not one login to leaf01 by password"
finish
