#!/bin/bash
# SPDX-License-Identifier: ISC
# A leaf of a Junos fabric is upgraded by a process that is killed (SIGKILL) after every single journal
# write; each time a new one goes on. The lab's log has to show one install and one reboot of it, and
# what was changed for the time of the upgrade, on it and on its peer, is as it was.
. "${top_srcdir:-.}/tests/crash/lib.sh"

to=23.4R2-S3.9
lab_up junos-clos
started kill --to $to --hosts leaf1
killed_and_done kill 30
count() { # words in the log
	grep -c "$1" "$log"
}
of() { # DEVICE EVENT
	count "\"device\":\"$1\",\"event\":\"$2\""
}
for event in install staged installed reboot; do
	test "$(of leaf1 $event)" = 1 || fail "leaf1: $(of leaf1 $event) times $event"
done
test "$(of leaf1 rollback)" = 0 || fail "leaf1 was rolled back"
test "$(of leaf2 accepts)" = "$(of leaf2 rejects)" || fail "leaf2 is still prepared"
grep '"device":"leaf1","event":"\(un\)*drain"' "$log" | tail -n 1 | grep -q undrain ||
	fail "leaf1 is still drained"
! grep '"event":"violation"' "$log" || fail "the lab saw a violation"
echo "killed at $kills writes"
