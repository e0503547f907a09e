#!/bin/bash
# SPDX-License-Identifier: ISC
# The `small` fabric is upgraded over real SSH by a process that is killed (SIGKILL) after every single
# journal write of the whole job; each time a new one goes on. At the end all six switches run the
# new version, and the lab's own log shows one reboot each and never both MLAG peers down.
. "${top_srcdir:-.}/tests/crash/lib.sh"

lab_up small
started kill --to 4.2.0
killed_and_done kill 200

for sw in spine01 spine02 leaf01 leaf02 leaf03 leaf04; do
	n=$(grep -c "\"device\":\"$sw\",\"event\":\"reboot\"" "$log")
	test "$n" = 1 || fail "$sw rebooted $n times"
	grep -q "\"device\":\"$sw\",\"event\":\"installed\",\"detail\":\"4.2.0\"" "$log" ||
		fail "$sw was not installed"
done
! grep '"event":"violation"' "$log" || fail "the lab saw a violation"
echo "killed $kills times, at every journal write; one reboot a switch"
