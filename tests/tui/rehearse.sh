#!/bin/sh
# SPDX-License-Identifier: ISC
# The rehearsal of a job that waits to be started, on its screen in a real terminal: a fault that is
# named, playing it in the background, the verdict; and a second one that is stopped.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/tui/tmux-lib.sh"

SPEED=100
at_end() {
	term_end
	jobs_end trial
	lab_end
}
lab_begin small --speed "$SPEED" || finish
TMPDIR=$TMP/tmp
export TMPDIR
mkdir "$TMPDIR"
term_begin 80 24 || finish
expect 0 check --to 4.2.0 --name trial
run "clear; TMPDIR=$TMPDIR; export TMPDIR; $PROG --state $S attach trial"
waits_for 'trial'
press :
write_text rehearse
press Enter
waits_for 'Rehearsal of trial' || finish
press f
waits_for 'DEVICE:FAULT'
typed() { # a dialog takes no key in its first moment
	on_screen '│ leaf03:boots-old-image ' && return
	press C-u
	write_text 'leaf03:boots-old-image'
	return 1
}
wait_for "$LIMIT" typed || broken 'the field takes nothing'
press Enter
waits_for 'Faults: leaf03:boots-old-image' || finish
press Enter
waits_for 'did not go well'
waits_for 'Rehearsal of "trial" to 4.2.0 (simulated devices: 6'
press G
waits_for 'Verdict: it came to its end'

# Played well, and the real one would be refused: no clean verdict here, as on the command line
expect 0 credential del default --yes
press f
waits_for 'DEVICE:FAULT'
taken() { # it comes up empty
	on_screen 'Faults: none' && return
	on_screen 'DEVICE:FAULT' && press Enter
	return 1
}
wait_for "$LIMIT" taken || finish
press Enter
waits_for 'It went well, but as things are the real job would be refused'
on_screen 'The rehearsal went well' && broken 'a clean verdict'

# Stopped: nothing of it is left
press Enter
wait_for 60 sh -c "ls -d $TMPDIR/hitless-rehearsal-* 2>/dev/null | grep -qv text" || fail "no second one"
press s
wait_for 60 sh -c "[ -z \"\$(ls $TMPDIR)\" ]" || fail "left behind: $(ls "$TMPDIR")"
grep -c '"event":"reboot"' "$L/lab.log" >/dev/null && fail "a real device was rebooted"
press Q
finish
