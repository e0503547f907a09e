#!/bin/sh
# SPDX-License-Identifier: ISC
# Two jobs at the same time keep each other's rules: a switch whose MLAG peer is in another running
# job is refused, and so is the second spine of two; a switch that is on the version is left alone.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	for name in leaf spine; do
		p=$("$PROG" --state "$S" show $name 2>/dev/null | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p')
		[ -z "$p" ] || kill "$p" 2>/dev/null
	done
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
working() {
	"$PROG" --state "$S" show "$1" 2>/dev/null | head -n 1 | grep -q '): running'
}

expect 0 lab up --fabric small --dir "$L" --speed 60 --to 4.2.0 || finish
expect 0 setting set clock-speed 60
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done

# The first one is slow until the others have been refused, however long that takes.
pair() { # NAME FIRST SECOND
	"$PROG" --state "$S" upgrade --name "$1" --to 4.2.0 --hosts "$2" --yes >"$TMP/$1.out" 2>&1 </dev/null &
	first=$!
	wait_for 60 working "$1" || fail "$1 does not start"
	expect 0 lab fault --dir "$L" "$2:slow=20"
	"$PROG" --state "$S" upgrade --name "$1-2" --to 4.2.0 --hosts "$3" --yes >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
	[ $got -ne 0 ] || fail "$3 was upgraded while $2 was"
	expect 6 check --name "$1-3" --to 4.2.0 --hosts "$2" && shown 'already being upgraded'
	working "$1" || fail "$1 ran no longer"
	expect 0 lab fault --dir "$L" --clear "$2:slow"
	wait $first || fail "$1: $(tail -n 5 "$TMP/$1.out")"
}
pair leaf leaf01 leaf02
pair spine spine01 spine02
! grep '"event":"violation"' "$L/lab.log" || fail "the lab saw a violation"
n=$(grep -c '"event":"reboot"' "$L/lab.log")
[ "$n" -eq 2 ] || fail "two switches, $n reboots"

expect 0 upgrade --name again --to 4.2.0 --hosts leaf01 --yes
n=$(grep -c '"event":"reboot"' "$L/lab.log")
[ "$n" -eq 2 ] || fail "a switch that was on the version was installed again"
finish
