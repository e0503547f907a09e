#!/bin/sh
# SPDX-License-Identifier: ISC
# A rehearsal: the operator's own request on simulated devices, with faults, while his real state and
# the "real" devices (another lab) hear nothing of it; and the lab that is made of a description.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
	"$PROG" lab down --dir "$TMP/own" >/dev/null 2>&1
}
shown() { # the result is one long line
	grep -qF -- "$1" "$TMP/out" || fail "not shown: $1"
}
json() { # the result's member, as text
	tail -n 1 "$TMP/out" | tr -d '\n' | grep -o "\"$1\":[^,]*" | head -n 1 | cut -d: -f2-
}
is() { # MEMBER VALUE
	[ "$(json "$1")" = "$2" ] || fail "$1 is $(json "$1"), not $2"
}
rehearse() { # STATUS OPTIONS...: with --json
	status=$1
	shift
	expect "$status" --json rehearse --to 4.2.0 --name trial --from 4.1.1 "$@"
}

# --- a lab from a description
fabric() { # PLATFORM MEMBERS
	printf '{"format":1,"devices":[{"name":"a1","role":"leaf","platform":"%s","version":"4.0.1",
		"hosts":2},{"name":"a2","role":"leaf","model":"Broadcom","hosts":2},{"name":"s1"}],
		"groups":[{"name":"a1-a2","members":["a1"%s]}],
		"links":[["a1:swp51","s1:eth9"],["a2","s1"]]}' "$1" "$2" >"$TMP/fabric.json"
}
fabric ios ',"a2"'
bad 'does not simulate the platform "ios"' lab up --from "$TMP/fabric.json" --dir "$TMP/own"
fabric cumulus-linux ''
bad 'group a1-a2: two members expected' lab up --from "$TMP/fabric.json" --dir "$TMP/own"
fabric junos ',"a2"'
bad 'group a1-a2: a2 runs another system' lab up --from "$TMP/fabric.json" --dir "$TMP/own"
fabric cumulus-linux ',"a2"'
sed 's/"format":1,/&"to":"newest",/' "$TMP/fabric.json" >"$TMP/no-version.json"
bad 'to "newest": expected x.y.z' lab up --from "$TMP/no-version.json" --dir "$TMP/own"
expect 0 lab up --from "$TMP/fabric.json" --dir "$TMP/own" && shown '3 devices'
tr -d ' \n\t' <"$TMP/own/inventory.json" >"$TMP/inv"
grep -q '"members":\["a1","a2"\]' "$TMP/inv" || fail "the pair is not there"
grep -q '\["a1:swp51","s1:swp60"\]' "$TMP/inv" || fail "a link is not there"
[ "$(grep -o '\["a1:swp6[0-9]","a2:swp6[0-9]"\]' "$TMP/inv" | wc -l)" -eq 2 ] ||
	fail "the pair has no links of its own"
[ -e "$TMP/own/images/cumulus-linux-4.2.0-bcm-amd64.bin" ] || fail "no image for every model"
expect 0 lab down --dir "$TMP/own"

# --- what is real: devices, state, host keys
expect 0 lab up --fabric small --dir "$L" || finish
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
HOME=$TMP/home
TMPDIR=$TMP/tmp
export HOME TMPDIR
mkdir -p "$HOME/.ssh" "$TMPDIR"
echo "example.net ssh-ed25519 AAAA" >"$HOME/.ssh/known_hosts"
picture() { # of everything that must not change
	(cd "$TMP" && find state home -type f ! -name 'hitless.db*' -exec sha256sum {} + | sort -k 2
		"$PROG" --state "$S" --json jobs; "$PROG" --state "$S" --json image list)
}

# --- what the real job would be refused for is said, and is no clean verdict
expect 0 setting set device-limit 1
expect 0 rehearse --to 4.2.0 --name trial --hosts 'spine*' --from 4.1.1 --rollback none
shown '  - the real job would be refused: 2 devices are chosen, a job may have 1'
shown '  - the real job would be refused: spine01 logs in with the credential "default", which is not there'
shown '  - the real job would be refused: no image of 4.2.0 is in your repository'
shown 'Verdict: as things are the real job would be refused, see above; played, this came of it: all'
expect 0 setting set device-limit 50
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
rehearse 0 --hosts leaf01 --rollback none
shown '"would_be_refused":["no image of 4.2.0 is in your repository'
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
picture >"$TMP/before"

# --- all is well
rehearse 0
is verdict '"good"'
is state '"done"'
is most_dark 2
is pushes 0
is batch_count 4
shown '"would_be_refused":[]'
expect 0 --json rehearse --to 4.2.0 --name trial --rollback all
shown '"all_measured":true'
said 'not touched'

# --- two faults: an old system after the reboot, and the jump host dies
rehearse 1 --fault leaf03:boots-old-image --fault job:killed@Install
is verdict '"trouble"'
shown '"device":"leaf03","state":"rolled back"'
shown 'kill -9'
shown '"fault":"boots-old-image"'
shown '"groups_down":[]'
shown '"isolated":[]'
shown '"reboots":[]'

# --- the way back is measured on a device that ran the new version, and never on one that did not
back() { # MEMBER: of the way back
	tail -n 1 "$TMP/out" | grep -o '"rollback":{[^}]*' | grep -o "\"$1\":[^,}]*" | cut -d: -f2
}
rehearse 0 --hosts leaf03,leaf04
real=$(back one_ms)
[ "$real" -gt 120000 ] || fail "the way back takes $real ms"
for fault in boots-old-image install-fails; do
	rehearse 1 --hosts leaf03,leaf04 --fault leaf03:$fault
	[ "$(back device)" = '"leaf04"' ] || fail "$fault: measured on $(back device)"
	[ "$(back one_ms)" -gt $((real / 2)) ] || fail "$fault: the way back takes $(back one_ms) ms"
done
rehearse 1 --hosts leaf03,leaf04 --fault leaf03:boots-old-image --rollback all
[ "$(back all_ms)" -gt $((real / 2)) ] || fail "all of them go back in $(back all_ms) ms"
expect 1 rehearse --to 4.2.0 --name trial --hosts leaf03 --fault leaf03:boots-old-image
shown 'roll back: not measured: no device runs the new version'
expect 0 rehearse --to 4.2.0 --name trial --hosts leaf03 --rollback none
shown 'roll back: not measured: not asked for (--rollback none)'

# --- who fails does so once, also when somebody lets the others go on later
rehearse 1 --fault leaf04:install-fails
[ "$(grep -o '"device":"leaf04","what":"failed"' "$TMP/out" | wc -l)" -eq 1 ] ||
	fail "leaf04 does not fail once"

# It also dies while changes are taken back, which no step of the procedure is
rehearse 1 --fault leaf03:install-fails --fault job:killed@Undo
shown 'kill -9' && not_shown 'was not killed'

# Limits are those of simulated time: each of these would take minutes
rehearse 0 --fault leaf01:upload-stalls --fault leaf02:lldp-lost=swp51 --fault spine01:clock-free
shown '"fault":"upload-stalls"'
shown '"device":"leaf02","fault":"lldp-lost=swp51"'
rehearse 0 --fault leaf04:hangs=ifreload --fault 'spine02:drops-during=systemd-run'
rehearse 1 --fault leaf02:never-returns
shown '"answer":"resume"'
[ "$(json took_ms)" -gt 1800000 ] || fail "nobody waited for the device that did not return"

# --- who would be asked, and who refuses
rehearse 4 --fault leaf02:never-returns --on-hold stop
is verdict '"held"'
rehearse 3 --fault spine01:disk-full
is verdict '"refused"'
bad 'expected one of go-on, retry, stop' rehearse --to 4.2.0 --name trial --on-hold wait
bad 'no device of that name' rehearse --to 4.2.0 --name trial --fault leaf99:refused

# --- faults that cannot be are refused; those that did not come about are named, and not as tried
bad 'spine01 is no device of this job' \
	rehearse --to 4.2.0 --name trial --hosts leaf01 --fault spine01:install-fails
bad 'upload-cut=200: at most 100' rehearse --to 4.2.0 --name trial --fault leaf01:upload-cut=200
bad 'upload-cut=abc: a number is expected' \
	rehearse --to 4.2.0 --name trial --fault leaf01:upload-cut=abc
rehearse 0 --hosts leaf01 --fault leaf01:prefixes-flap=swp99 --fault leaf01:clock-free
shown '"faults_missed":["leaf01:prefixes-flap=swp99"]'
expect 0 rehearse --to 4.2.0 --name trial --hosts leaf01 --fault leaf01:prefixes-flap=swp99
shown 'Faults that did not come about'
shown '1 fault that was asked for did not come about'

# --- what the devices see counts: a cable that is out and a spine that goes down cut one off
rehearse 1 --order leaf,spine --fault leaf04:link-down=swp51@post-install
is verdict '"unsafe"'
grep -q '"isolated":\[{"device":"leaf04"' "$TMP/out" || fail "nobody saw that leaf04 was cut off"

# --- a plan as a file, and the window's time of the day
expect 0 plan --offline --to 4.2.0 --name trial --hosts 'leaf*' --plan-out "$TMP/plan.json"
expect 0 --json rehearse --plan "$TMP/plan.json"
is devices 4
is batch_count 2
expect 0 rehearse --to 4.2.0 --name trial --hosts leaf01 --output "$TMP/text"
shown 'Verdict: all devices were upgraded'
cmp "$TMP/out" "$TMP/text" || fail "the file differs"

# --- two nights: the second window opens by itself, and time runs to it
rehearse 0 --hosts 'spine*' --window 01:00-01:28 --on-hold stop --rollback none
is verdict '"good"'
shown '"text":"waits for the maintenance window'
[ "$(json took_ms)" -gt 80000000 ] || fail "it did not wait for the second window"
[ "$(json waited_ms)" -gt 80000000 ] || fail "the wait counts as work"

# --- a part of the way: only what stands on its own, and the verdict says what it did
expect 0 rehearse --to 4.2.0 --name trial --hosts leaf01 --only stage
shown 'Verdict: on all devices it did only this: copy the image now'
not_shown 'were upgraded'
bad 'Undo, Clean up' rehearse --to 4.2.0 --name trial --fault job:killed@Blah
bad 'no phase of this job; it has ' rehearse --to 4.2.0 --name trial --fault job:killed@Blah
bad 'no phase of this job' rehearse --to 4.2.0 --name trial --only stage --fault job:killed@Install

# --- nothing of it was real, and nothing is left
picture >"$TMP/after"
cmp "$TMP/before" "$TMP/after" || fail "the real state was changed"
if grep -qE '"event":"(login|command|reboot)"' "$L/lab.log"; then fail "a real device was reached"; fi
[ -z "$(ls "$TMPDIR")" ] || fail "something is left in $TMPDIR"
"$PROG" --state "$S" rehearse --to 4.2.0 --name trial --speed 1 >/dev/null 2>&1 </dev/null &
job=$!
wait_for 60 sh -c "ls $TMPDIR/hitless-rehearsal-*/lab/lab.pid" >/dev/null 2>&1 || fail "no lab"
kill -TERM $job
wait $job
[ $? -eq 130 ] || fail "a signal does not end it"
[ -z "$(ls "$TMPDIR")" ] || fail "something is left after a signal"

# --- killed by what nobody can answer: its processes end with it, the next one takes away its directory
"$PROG" --state "$S" rehearse --to 4.2.0 --name trial --speed 1 >/dev/null 2>&1 </dev/null &
job=$!
own() { # the processes of the rehearsal, by its directory on their command lines
	grep -ls "$TMPDIR/[h]itless-rehearsal-" /proc/[0-9]*/cmdline # which is not on its own
}
both() { [ "$(own | wc -l)" -ge 2 ]; }
none() { [ -z "$(own)" ]; }
wait_for 60 both || fail "no lab and no job"
kill -KILL $job
wait $job 2>/dev/null
wait_for 60 none || fail "left running: $(own)"
left=$(ls "$TMPDIR")
[ -n "$left" ] || fail "nothing was left that could be taken away"
"$PROG" --state "$S" --json doctor >"$TMP/out" 2>&1
grep -q "$TMPDIR/$left is left of a rehearsal that was killed: [1-9][0-9]* KiB" "$TMP/out" ||
	fail "the doctor does not name $left"
shown "the next 'hitless rehearse' removes it"
rehearse 0 --hosts leaf01 --rollback none
[ -z "$(ls "$TMPDIR")" ] || fail "$left is still there"
mkdir "$TMPDIR/hitless-rehearsal-other" # nobody's, as far as anybody knows
rehearse 0 --hosts leaf01 --rollback none
[ "$(ls "$TMPDIR")" = hitless-rehearsal-other ] || fail "somebody's directory was taken away"
finish
