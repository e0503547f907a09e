#!/bin/sh
# SPDX-License-Identifier: ISC
# The change of snapd that a refresh has begun is judged, and no other one: a refresh that was undone
# while nobody looked is not done because a later change of the snap went well.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

begun() {
	events refresh-begin | grep -q '^micro02 microceph'
}
changes() { # STATUS: there is a change of microceph with it on micro02
	ssh_to micro02 'snap changes microceph' && grep -qE "^[0-9]+ +$1 " "$TMP/out"
}
quiet() { # ... and none under way
	ssh_to micro02 'snap changes microceph' && ! grep -qE '^[0-9]+ +(Do|Doing|Undo|Undoing) ' "$TMP/out"
}
cloud 3 undone
expect 0 lab fault --dir "$L" micro02:change-aborts=microceph
expect 0 lab fault --dir "$L" 'micro02:hangs=id=.[0-9]+.; snap list' # nobody follows the change before the end
"$PROG" --state "$S" upgrade --to $TO --name all --set ask=no --set snapshots=no --yes \
	>"$TMP/up" 2>&1 &
follower=$!
wait_for 60 begun || fail 'micro02 is not refreshed'
p=$(process all)
kill -9 $follower
[ -n "$p" ] && kill -9 "$p" || fail 'no process to kill'
wait $follower
expect 0 lab fault --dir "$L" --clear micro02:hangs
wait_for 60 quiet
changes Error || fail "the refresh was not undone: $(cat "$TMP/out")"
expect 0 lab fault --dir "$L" micro02:change-busy=microceph
expect 0 lab fault --dir "$L" --clear micro02:change-busy
wait_for 60 quiet
changes Done || fail "no change after it: $(cat "$TMP/out")"
expect 4 resume all && shown 'snapd undid the refresh'
events refresh-begin | grep -q '^micro03' && fail 'the next member was begun'
expect 0 lab fault --dir "$L" --clear micro02
expect 0 retry all && shown '3 done, 0 failed'
judged
finish
