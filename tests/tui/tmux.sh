#!/bin/sh
# SPDX-License-Identifier: ISC
# The whole wizard by keys, in a real terminal of 80x24, against simulated switches: to a job with one
# device that failed, one that was retried and one that was rolled back. On the way the window gets
# another size, the program is suspended, left and attached to again; and however it ends, the terminal
# is as it was.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/tui/tmux-lib.sh"

SPEED=60
JOB='core 7'
at_end() {
	term_end
	jobs_end "$JOB"
	lab_end
}

# What the job says of a device, from outside.
device_is() { "$PROG" --state "$S" show "$JOB" 2>/dev/null | grep -q "^$1 .*  $2 "; }
job_is() { "$PROG" --state "$S" show "$JOB" 2>/dev/null | head -n 1 | grep -q "): $1"; }

# start WORDS...: the program, its process id in $TMP/pid
start() {
	rm -f "$TMP/pid"
	run "clear; stty -a >$TMP/before; sh -c 'echo \$\$ >$TMP/pid; exec $PROG --state $S $*'; echo \"status \$?.\""
	waits_for 'hitless  '
}

# All but the size of the window.
modes_differ() {
	for file in before after; do
		sed 's/rows [0-9]*; columns [0-9]*;//' "$TMP/$file" >"$TMP/$file.modes"
	done
	! diff "$TMP/before.modes" "$TMP/after.modes" >&2
}

# The shell is back in its own screen, with its own modes.
restored() {
	waits_for "$1" || return
	[ "$(tm display -p '#{alternate_on}')" = 0 ] || broken "$2: the other screen is still there"
	press Enter # a key that came after the end is a line of its own
	run "stty -a >$TMP/after; echo modes; clear; echo after the end"
	waits_for '^after the end' || return
	if modes_differ; then fail "$2: the modes of the terminal are other ones"; fi
}

# What the window shows for any size: all of it, or one clear line.
footer_on() { screen | sed -n "$1p" | grep -q '? Help'; }
another_size() {
	tm resize-window -x 60 -y 20
	waits_for 'hitless needs 80x24, this is 60x20'
	tm resize-window -x 120 -y 40
	wait_for "$LIMIT" footer_on 40 || broken 'no footer in line 40'
	tm resize-window -x 80 -y 24
	wait_for "$LIMIT" footer_on 24 || broken 'no footer in line 24'
	waits_for "$1"
}

wizard() {
	start
	waits_for 'hitless  Home' || return
	press n
	waits_for 'hitless  Select devices' || return
	press a
	waits_for '6 of 6 selected'
	press Enter
	waits_for 'hitless  Review devices' || return
	press Enter
	waits_for 'hitless  Name and version' || return
	press C-u
	write_text "$JOB"
	waits_for "Job name *$JOB"
	press Escape
	waits_for 'hitless  Review devices'
	press Enter
	waits_for "Job name *$JOB" # nothing of it is lost
	press Enter
	waits_for 'hitless  Job options' || return
	press Enter
	waits_for 'hitless  Pre-checks' || return
	waits_for 'Passed: Enter shows the plan' || return
	press Enter
	waits_for 'hitless  Plan' || return
	press Enter
	waits_for 'hitless  Confirm' || return
	press C-u
	write_text 'core'
	press Enter
	waits_for 'type exactly'
	press C-u
	write_text "$JOB"
	press Enter
	waits_for 'hitless  Live run'
}

# The line of a device, a key that is meant for it, and the choice in the dialog that asks.
on_device() {
	press /
	write_text "$1"
	press Enter
	waits_for "^> $1 "
	press "$2"
	says_yes "$3" "$4"
	press Escape
}

# The screen of a device, and back.
steps_of() {
	press /
	write_text "$1"
	press Enter
	waits_for "^> $1 "
	press Enter
	waits_for "$2"
	press Escape
	waits_for 'hitless  Live run'
	press Escape
}

# A dialog begins on "No" and takes no key in its first moment.
says_yes() {
	wait_for "$LIMIT" chosen "$1" "$2" || { broken "the dialog does not take $2"; return; }
	press Enter
	gone "\\[>$1<\\]"
}
chosen() {
	on_screen "\\[>$1<\\]" && return
	press "$2"
	return 1
}

# ^Z gives the terminal back, fg shows everything again.
suspend() {
	press C-z
	waits_for 'Stopped\|suspended' || return
	[ "$(tm display -p '#{alternate_on}')" = 0 ] || broken "suspended: the other screen is still there"
	run 'clear; fg; echo "status $?."'
	waits_for 'hitless  Live run'
}

# Out, and in again from another command: the job did not notice. With Q, and when the line is dead.
detach() {
	press Q
	on_again 'status 0\.' 'detached' || return
	kill -s HUP "$(cat "$TMP/pid")"
	on_again 'status 130\.' 'hung up'
}
on_again() {
	restored "$1" "$2" || return
	"$PROG" --state "$S" show "$JOB" | grep -q '^Process: .*pid' || fail "$2: the job ended with the screen"
	start "attach \"$JOB\""
	waits_for 'hitless  Live run'
}

# A dialog takes no key in its first moment.
results_by() {
	on_screen 'hitless  Results' && return
	press "$1"
	return 1
}

upgrade() {
	suspend
	another_size 'spine01'
	detach || return
	wait_for 120 job_is held || { broken "the first failure does not come"; return; }
	wait_for 60 device_is spine02 failed || { broken "spine02 has not failed"; return; }
	waits_for '! failed'
	on_device spine02 t Retry r
	wait_for 120 device_is spine02 done || { broken "spine02 was retried, and is not done"; return; }
	steps_of spine02 'Attempt 1 failed at [A-Z]' # what the step is called, not its name
	wait_for 120 job_is held || { broken "the second failure does not come"; return; }
	waits_for '< rolled back'
	waits_for '! failed'
	press r # it asks: two have failed
	says_yes 'Go on' Tab
	wait_for 180 job_is failed || { broken "the job does not come to its end"; return; }
	waits_for 'The job is over' || return
	wait_for "$LIMIT" results_by Enter || broken 'no results'
	waits_for '< rolled back'
	press c
	waits_for 'hitless  Compare'
	press Escape
	waits_for 'hitless  Results'
	device_is leaf02 'rolled back' || fail "leaf02 is not rolled back"
	device_is leaf04 failed || fail "leaf04 has not failed"
}

killed() { # SIGNAL STATUS
	start "attach \"$JOB\""
	kill -s "$1" "$(cat "$TMP/pid")"
	restored "status $2\\." "$1"
}

# A theme that is broken is named with its line at the start, and the screens come all the same.
choose_theme() {
	waits_for 'hitless  Home'
	press :
	write_text "theme $1"
	press Enter
	waits_for "Theme: $1"
	press Q
	restored 'status 0\.' "theme $1"
}
broken_theme() {
	mkdir -p "$XDG_CONFIG_HOME/hitless/themes"
	cp "$srcdir/themes/mono.theme" "$XDG_CONFIG_HOME/hitless/themes/torn.theme"
	start
	choose_theme torn
	sed -i '3s/.*/nonsense = default/' "$XDG_CONFIG_HOME/hitless/themes/torn.theme"
	start
	waits_for 'torn.theme:3'
	choose_theme dark
}

# An open dialog is no trap: Q leaves, and nothing of what it asked is done.
out_of_dialog() {
	start
	waits_for 'hitless  Home'
	press :
	write_text 'credentials'
	press Enter
	waits_for 'cumulus'
	press d
	waits_for 'Delete the credential'
	waits_for 'Another choice'
	wait_for "$LIMIT" left_by_Q || broken 'Q does not leave a dialog'
	restored 'status 0\.' 'out of a dialog'
	expect 0 credential list && shown default
}
left_by_Q() {
	on_screen 'status [0-9]*\.' && return
	press Q
	return 1
}

# A demo whose terminal goes away leaves nothing behind when no job runs.
demo_gone() {
	demo=$TMP/demo
	run "clear; sh -c 'echo \$\$ >$TMP/pid; exec $PROG demo --fabric small --dir $demo'"
	waits_for 'hitless  Select' 30 || return
	kill -s HUP "$(cat "$TMP/pid")"
	wait_for "$LIMIT" lab_is_gone || {
		broken 'the lab of the demo runs on'
		"$PROG" lab down --dir "$demo/lab" >/dev/null 2>&1
	}
}
lab_is_gone() { ! "$PROG" lab status --dir "$demo/lab" 2>/dev/null | grep -q ', running'; }

lab_begin small --speed $SPEED --fault spine02:install-failsx1 --fault leaf02:boots-old-image \
	--fault leaf04:install-failsx9 || finish
term_begin 80 24
wizard && upgrade
press Q
restored 'status [0-9]*\.' 'left'
out_of_dialog
broken_theme
killed TERM 130
killed ABRT 134
run "$PROG --state $S attach nobody; echo \"status \$?.\""
restored 'status 2\.' 'a job that is not there'
demo_gone
finish
