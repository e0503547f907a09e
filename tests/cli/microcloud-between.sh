#!/bin/sh
# SPDX-License-Identifier: ISC
# A cancel while members have LXD of different revisions, which leaves all of them blocked: they are
# brought to one revision all the same, and nothing after that is begun.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

to_lxd() { # OPTION...: until the question before LXD; micro03 is to get another revision
	expect 4 upgrade --to $TO --name all --set snapshots=no --yes "$@"
	expect 4 answer all 1 go
	expect 4 answer all 2 go && shown 'point of no return of lxd'
	expect 0 lab fault --dir "$L" micro03:store-phased=lxd
}
lxd_online() {
	ssh_to micro01 sudo -n timeout 30 lxc cluster list && [ "$(grep -c ONLINE "$TMP/out")" -eq 3 ]
}
whole() { # LXD is whole, and that was all
	[ "$(revision micro01 lxd)" = "$(revision micro03 lxd)" ] ||
		fail "micro01 has $(revision micro01 lxd) of LXD, micro03 $(revision micro03 lxd)"
	wait_for 60 lxd_online || fail "LXD is not back: $(cat "$TMP/out")"
	[ "$(events refresh-begin | grep -c ' lxd ')" -eq 4 ] || fail "lxd: $(events refresh-begin | grep lxd)"
	[ -z "$(events refresh-begin | grep microcloud)" ] || fail 'it went on after the cancel'
	expect 0 show all && shown 'cancelled: 0 done, 0 failed'
	shown 'lxd 3/3, lxd-alike 3/3'
	judged
}

# exactly between the two
cloud 3 between
to_lxd --hold-after lxd
expect 4 answer all 3 go && shown 'stage 10 (lxd) is over: held as asked'
[ "$(revision micro01 lxd)" != "$(revision micro03 lxd)" ] || fail 'all members got the same revision'
expect 1 cancel all
shown 'lxd is past its point of no return on all devices at once; it is brought to its end'
whole

# while the last one is still refreshed, and then the process dies when the last one is being pinned
one_has() {
	[ "$(events refresh-begin | grep -c ' lxd ')" -ge 1 ]
}
pinned() {
	[ "$(events refresh-begin | grep -c ' lxd ')" -eq 4 ]
}
cloud 3 dies
to_lxd
expect 0 lab fault --dir "$L" micro03:change-busy=lxd
"$PROG" --state "$S" answer all 3 go >"$TMP/up" 2>&1 &
follower=$!
wait_for 90 one_has || fail 'lxd is not refreshed'
expect 0 cancel all
expect 0 lab fault --dir "$L" --clear micro03:change-busy
wait_for 90 pinned || fail 'micro03 is not brought to the revision of the others'
p=$(process all)
kill -9 $follower
[ -n "$p" ] && kill -9 "$p" || fail 'no process to kill'
wait $follower
"$PROG" --state "$S" resume all >"$TMP/up" 2>&1 </dev/null
whole
finish
