#!/bin/sh
# SPDX-License-Identifier: ISC
# A member of a MicroCloud is gone when the job has come to a component: nothing else is refreshed
# there, until it is back and the operator says so. The lab ends with a violation where a majority is lost.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

refreshed() { # COMPONENT: by how many
	events refresh-begin | grep -c " $1 "
}
idle() {
	for m in 1 2 3; do
		ssh_to micro0$m 'snap changes' && ! grep -q ' Doing ' "$TMP/out" || return 1
	done
}
refused() { # COMPONENT TEXT, when the job is at it: shown, and nobody has it refreshed
	shown "$2"
	[ "$(refreshed "$1")" -eq 0 ] || fail "$1 was refreshed: $(events refresh-begin)"
	expect 0 lab fault --dir "$L" --clear micro03
	wait_for 60 idle
}
cloud 3 quorum
expect 4 upgrade --to $TO --name all --set snapshots=no --timeout ovn-others=60 \
	--timeout cloud-ready=60 --timeout lxd-ready=90 --yes
shown 'point of no return of microceph'
expect 0 lab fault --dir "$L" micro03:daemon-down=microovn
expect 4 answer all 1 go
refused microovn 'silent: nb, a server for'
expect 0 lab fault --dir "$L" 'micro03:fails=microovn cluster list'
expect 4 retry all
refused microovn 'Another member of microovn is not well, so that micro01 is not refreshed'
expect 4 retry all && shown 'point of no return of microovn'
expect 4 answer all 2 go && shown 'point of no return of lxd'
expect 0 lab fault --dir "$L" micro03:daemon-down=lxd
expect 1 answer all 3 go
refused lxd 'Another member of LXD is not well, so that micro01 is not refreshed'
expect 0 lab fault --dir "$L" micro03:daemon-down=microcloud
expect 4 retry all
[ "$(refreshed lxd)" -eq 3 ] || fail 'lxd was not refreshed'
refused microcloud 'Another member of microcloud is not well, so that micro01 is not refreshed'
expect 4 retry all && shown 'point of no return of microcloud'
expect 0 answer all 4 go && shown '3 done, 0 failed'
judged
finish
