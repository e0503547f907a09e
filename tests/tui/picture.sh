#!/bin/sh
# SPDX-License-Identifier: ISC
# The picture of the live screen for README: a real job on simulated switches, in a real terminal, as
# SVG. Not a test:
#
#   cd build && srcdir=.. ../tests/tui/picture.sh FILE.svg [COLUMNS LINES]
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/tui/tmux-lib.sh"

out=${1:?which file?} columns=${2:-100} lines=${3:-30} SPEED=${SPEED:-60}
at_end() {
	term_end
	jobs_end core
	lab_end
}

# Halfway: some are through, an image is on its way to the next ones.
worth_a_picture() {
	[ "$(screen | grep -c '+ done')" -ge 4 ] && [ "$(screen | grep -c '> ')" -ge 2 ] &&
		screen | grep -q '\[=*>'
}

lab_begin reference --speed "$SPEED" || finish
"$PROG" --state "$S" upgrade --name core --to 4.2.0 --yes >"$TMP/job" 2>&1 </dev/null &
working() { "$PROG" --state "$S" show core 2>/dev/null | head -n 1 | grep -q '): running'; }
wait_for 60 working || { cat "$TMP/job" >&2; fail "the job does not start"; finish; }
term_begin "$columns" "$lines"
run "clear; exec '$PROG' --state '$S' attach core"
waits_for 'spine01' || finish
wait_for 120 worth_a_picture || broken "nothing worth a picture came"
tm capture-pane -e -p | LC_ALL=C awk -v columns="$columns" -v lines="$lines" \
	-v title="hitless: a running upgrade" -f "$srcdir/tests/tui/picture.awk" >"$TMP/svg" &&
	cp "$TMP/svg" "$out"
finish
