#!/bin/sh
# SPDX-License-Identifier: ISC
# The test run of the wizard, as often as wanted: a health parameter fails, one goes back and changes it,
# it passes; back again, "abort" off, and the job goes on and says that it is not hitless, and why. On
# simulated devices over SSH, with the real process of the job. Run in the build directory.
. "${srcdir:-.}/tests/cli/lib.sh"

jobs_end() { # the processes that we began
	for job in again 'again (1)' 'again (2)'; do
		p=$("$PROG" --state "$S" show "$job" 2>/dev/null |
			sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p')
		[ -z "$p" ] || kill "$p" 2>/dev/null
	done
}
at_end() {
	jobs_end
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
lab_up junos-clos --fault leaf3:cpu-busy=59 || finish
lab_images
LC_ALL=C.UTF-8
STILL_FROM=0
export STILL_FROM

# drive TEXT: the script on standard input leads to no error
drive() {
	cat >"$TMP/script"
	STILL_FROM=$((STILL_FROM + 100))
	tests/tui/drive --state "$S" --out "$TMP" --wall "$(date +%s)000" --processes --uncut \
		"$TMP/script" >"$TMP/out" 2>&1 || {
		fail "$1"
		cat "$TMP/out" >&2
	}
}

# It fails; the parameter is changed; it passes
drive 'changed and run again' <<'EOF'
open home
key n
until Select devices
key /
type leaf3
key Enter Space Enter
until Review devices
key Enter
until Name and version
key ^U
type again
key Enter
until Job options
key Enter
until Refused
expect ! 1 error
expect The routing engine of leaf3 is less than 60 % idle
key Esc
until Job options
key Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down
cursor Least idle CPU of the routing engine
key ^U
type 59
key Enter
until Passed
expect ! 0 errors  ! 0 warnings
dump passed
key Enter
until Plan (6/7)
expect hitless: yes
EOF

# Left and entered again: where it was, with what was typed; now it warns, and the job goes on
drive 'abort off, and on' <<'EOF'
open home
key n
until Pre-checks (5/7)
until Passed
key Esc
until Job options
key Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down Down
cursor Least idle CPU of the routing engine
expect 59
key ^U
type 60
key Up Up Up Up Up Up Up Up Up Up Up Up
cursor Abort on health check failure
key Space
key Enter
until ! 1 warning
until Passed
key Enter
expect The job may start
key Enter
until Pre-checks (5/7)
key Enter
until Plan (6/7)
expect not hitless: 1 of 1 devices
dump not-hitless
key Enter
until Confirm
expect ! not hitless: 1 of 1 devices. The routing engine of leaf3 is less than 60 %
key ^U
type again
key Enter
until Live run
until not hitless
expect ! leaf3
EOF
is_done() { "$PROG" --state "$S" show again 2>/dev/null | head -n 1 | grep -q '): done'; }
wait_for 60 is_done || { fail 'it did not come to its end'; "$PROG" --state "$S" show again >&2; }

drive 'told in the end' <<'EOF'
follow again
open results
until not hitless: 1 of 1 devices
EOF
# one of the test runs was refused, one passed and was left, one went
expect 0 jobs
said=$(sed -n 's/^again[ ()0-9]* \([a-z]*\) .*/\1/p' "$TMP/out" | tr '\n' ' ')
[ "$said" = 'refused cancelled done ' ] || fail "jobs: $said"
[ "$(grep -c '"device":"leaf3","event":"reboot"' "$L/lab.log")" -eq 1 ] || fail 'not one reboot'
finish
