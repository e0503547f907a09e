#!/bin/sh
# SPDX-License-Identifier: ISC
# Enter and Space alone: in a real terminal of 80x24, from the first screen to the live run. Once by
# `./bootstrap demo`, where nothing at all is typed; once from the home screen of a desk, where only
# what has to be typed is: the name of the job, and the name once more as consent.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/tui/tmux-lib.sh"

SPEED=60
JOB='by two keys'
unset HITLESS_BUILD HITLESS_CONFIGURE # another build is not the one that is tried here
at_end() {
	term_end
	jobs_end "$JOB"
	lab_end
	S=$(demo_dir)/state L=$(demo_dir)/lab
	jobs_end demo
	lab_end
}

# Nothing else is pressed in this test.
forward() { press Enter; }
choose() { press Space; }

# step TITLE: the screen is there, and there all of it that Enter needs
step() { waits_for "hitless  $1" "${2:-$LIMIT}"; }

# From the options to what Enter leads to after them; the checks take their time.
options_to_confirm() {
	step 'Job options' || return
	forward
	step 'Pre-checks' || return
	waits_for 'Passed: Enter shows the plan' 120 || return
	forward
	step 'Plan' || return
	forward
	step 'Confirm'
}

# The script itself, in a tree that is built already.
demo_dir() { echo "$TMP"/hitless-demo-*; }
tree() {
	mkdir -p "$TMP/tree/build" "$TMP/bin"
	cp "$srcdir/bootstrap" "$TMP/tree/"
	touch -d '2 hours ago' "$TMP/tree/configure.ac"
	touch -d '1 hour ago' "$TMP/tree/configure"
	touch "$TMP/tree/build/Makefile" "$TMP/tree/build/config.status"
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$PROG" >"$TMP/tree/build/hitless"
	printf '#!/bin/sh\necho "ii "\n' >"$TMP/bin/dpkg-query"
	printf '#!/bin/sh\n:\n' | tee "$TMP/bin/make" "$TMP/bin/rpm" >"$TMP/bin/autoreconf"
	chmod +x "$TMP/tree/configure" "$TMP/tree/build/hitless" "$TMP"/bin/*
}

demo() {
	tree
	run "clear; PATH=$TMP/bin:\$PATH TMPDIR=$TMP $TMP/tree/bootstrap demo"
	step 'Select devices' || return
	waits_for '12 of 12 selected' || return
	choose # one is taken out, and the next
	choose
	waits_for '10 of 12 selected' || return
	forward
	step 'Review devices' || return
	forward
	step 'Name and version' || return
	waits_for 'Job name *demo' || return
	forward
	options_to_confirm || return
	waits_for 'Enter starts the upgrade' || return
	forward
	step 'Live run' || return
	waits_for '> running' 60 || return
	S=$(demo_dir)/state
	"$PROG" --state "$S" show demo | grep -q '^Process: .*pid' ||
		fail 'the job of the demo does not run'
	press Q
	waits_for 'The job goes on, and the lab as well'
}

desk() {
	S=$TMP/state
	lab_begin small --speed $SPEED || return
	run "clear; $PROG --state $S"
	step 'Home' || return
	forward # the cursor is on "New upgrade job"
	step 'Select devices' || return
	waits_for '0 of 6 selected' || return
	choose
	choose
	choose
	waits_for '3 of 6 selected' || return
	forward
	step 'Review devices' || return
	forward
	step 'Name and version' || return
	press C-u
	write_text "$JOB"
	forward
	options_to_confirm || return
	press C-u
	write_text "$JOB"
	waits_for 'Enter starts the upgrade' || return
	forward
	step 'Live run' || return
	waits_for '> running' 60
}

term_begin 80 24
demo && desk
finish
